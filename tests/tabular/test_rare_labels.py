import numpy as np
import pytest
from scipy.sparse import csr_array

from skmlp.tabular.rare_labels import (
    MOST_NEEDED,
    left_by_linear,
    rows_needed_in,
    target_numbers,
)


def drawn(deviation, n=4000, n_labels=200):
    """Codes, and targets whose labels have that standard deviation, the noise 1."""
    rng = np.random.RandomState(0)
    codes = rng.randint(1, n_labels + 1, n)
    effects = deviation * rng.standard_normal(n_labels + 1)
    return codes, (effects[codes] + rng.standard_normal(n))[:, None]


def needed(codes, y, Z=None):
    Z = np.zeros((len(y), 0)) if Z is None else Z
    first, second = rows_needed_in(np.array([codes, codes]), Z, y)
    assert first == second
    return first


@pytest.mark.parametrize("deviation", [0.3, 0.5, 2])
def test_the_noise_divided_by_what_labels_say(deviation):
    codes, y = drawn(deviation)
    assert needed(codes, y) == pytest.approx(deviation**-2, rel=0.25)


def test_labels_that_say_nothing_need_most():
    codes, y = drawn(0)
    rng = np.random.RandomState(1)
    assert needed(codes, y) == MOST_NEEDED
    assert needed(rng.permutation(drawn(2)[0]), drawn(2)[1]) > 20
    assert needed(codes, np.ones((len(codes), 1))) == MOST_NEEDED
    each = np.arange(1, len(y) + 1)
    assert needed(each, y) == MOST_NEEDED


def test_few_labels_are_all_kept():
    codes, y = drawn(0, n_labels=100)
    assert needed(codes, y) == 1
    assert needed(0 * codes, y) == 1


def test_scales_and_missing_labels_do_not_matter():
    codes, y = drawn(0.5)
    expected = needed(codes, y)
    for factor in (1e-300, 1e200):
        assert needed(codes, factor * y) == pytest.approx(expected)
    with_missing = np.r_[codes, np.zeros(500, int)]
    more = np.r_[y, np.full((500, 1), 1e9)]
    assert needed(with_missing, more) == pytest.approx(expected)
    same = np.hstack([y, 7 * y - 3, np.zeros_like(y)])
    assert needed(codes, same) == pytest.approx(expected)


def test_noise_is_what_other_columns_leave():
    codes, y = drawn(0.5)
    Z = 10 * np.random.RandomState(1).standard_normal((len(y), 2))
    noisy = y + Z.sum(axis=1, keepdims=True)
    assert needed(codes, noisy) == MOST_NEEDED
    assert needed(codes, noisy, Z) == pytest.approx(4, rel=0.25)
    # What labels say counts, also if other columns say it too.
    assert needed(codes, y, y) < 1e-3
    np.testing.assert_allclose(left_by_linear(Z, noisy).mean(), 0, atol=1e-6)


def test_targets_are_numbers_or_classes():
    assert target_numbers([3, 1], 2).tolist() == [[3], [1]]
    assert target_numbers(["b", "a"], 2).tolist() == [[0, 1], [1, 0]]
    assert target_numbers([["b", "x"], ["a", "x"]], 2).shape == (2, 3)
    indicator = np.array([[0, 1], [1, 1]])
    assert target_numbers(csr_array(indicator), 2).tolist() == indicator.tolist()


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "min_frequency='auto' needs y in fit. Got None"),
        ([1.0, np.nan, 2.0], "NaN"),
        ([1.0, 2.0], "2"),
    ],
)
def test_bad_targets(y, message):
    with pytest.raises(ValueError, match=message):
        target_numbers(y, 3)
