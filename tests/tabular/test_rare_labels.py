import numpy as np
import pytest
from scipy.sparse import csr_array

from skmlp.tabular.rare_labels import (
    MOST_NEEDED,
    MOST_OUTPUTS,
    rows_needed,
    target_numbers,
)


def drawn(deviation, n=4000, n_labels=200):
    """Codes, and targets whose labels have that standard deviation, the noise 1."""
    rng = np.random.RandomState(0)
    codes = rng.randint(1, n_labels + 1, n)
    effects = deviation * rng.standard_normal(n_labels + 1)
    return codes, (effects[codes] + rng.standard_normal(n))[:, None]


@pytest.mark.parametrize("deviation", [0.3, 0.5, 2])
def test_the_noise_divided_by_what_labels_say(deviation):
    codes, y = drawn(deviation)
    found = rows_needed(codes, y)
    assert found == pytest.approx(deviation**-2, rel=0.25)
    same = np.hstack([y, 7 * y - 3, np.zeros_like(y)])
    assert rows_needed(codes, same) == pytest.approx(found)


def test_labels_that_say_nothing_need_most():
    codes, y = drawn(0)
    assert rows_needed(codes, y) > 100
    assert rows_needed(codes, np.ones((len(codes), 1))) == MOST_NEEDED
    assert rows_needed(np.arange(len(y)), y) == MOST_NEEDED
    assert rows_needed(0 * codes, y) == MOST_NEEDED


def test_targets_are_numbers_or_classes():
    assert target_numbers([3, 1], 2).tolist() == [[3], [1]]
    assert target_numbers(["b", "a"], 2).tolist() == [[1], [0]]
    assert target_numbers([["b", "x"], ["a", "x"]], 2).shape == (2, 2)
    indicator = np.array([[0, 1], [1, 1]])
    assert target_numbers(csr_array(indicator), 2).tolist() == indicator.tolist()


def test_many_columns_of_the_target_are_those_that_vary_most():
    n = MOST_OUTPUTS + 5
    y = np.random.RandomState(0).standard_normal((1000, n)) * np.arange(n)
    np.testing.assert_array_equal(target_numbers(y, 1000), y[:, :4:-1])
    classes = [f"c{i}" for i in np.random.RandomState(0).randint(n, size=1000)]
    assert target_numbers(classes, 1000).shape == (1000, MOST_OUTPUTS)


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
