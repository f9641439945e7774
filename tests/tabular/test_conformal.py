"""Scores of rows: ranks, bands, and how much smaller errors of more networks are."""

import numpy as np
import pytest

from skmlp.tabular import conformal
from skmlp.tabular.conformal import (
    Band,
    Calibration,
    Conformity,
    check_coverage,
    shrinkage,
)
from skmlp.tabular.prediction import Known

RNG = np.random.RandomState(0)


@pytest.mark.parametrize("n_rows", [9, 10, 19, 99, 100, 101, 1000])
@pytest.mark.parametrize("coverage", [0.1, 0.5, 0.8, 0.9])
def test_a_new_row_is_below_the_bound_with_the_coverage(coverage, n_rows):
    # Of n + 1 rows in random order, the last has each rank with the same probability.
    calibration = Calibration.of(np.arange(1.0, n_rows + 1)[:, None])
    (bound,) = calibration.bound(coverage)
    assert bound / (n_rows + 1) >= coverage - 1e-9
    assert (bound - 1) / (n_rows + 1) < coverage


@pytest.mark.parametrize("n_rows", [10, 57, 1000, 12345])
def test_a_part_of_the_scores_has_bounds_that_are_not_smaller(n_rows, monkeypatch):
    scores = RNG.randn(n_rows, 2)
    whole = Calibration.of(scores)
    monkeypatch.setattr(conformal, "MOST_SCORES", 50)
    part = Calibration.of(scores)
    assert part.scores.shape == (min(n_rows, 50), 2)
    ordered = np.sort(scores, axis=0)
    for coverage in (0.05, 0.3, 0.8, 0.85):
        found, exact = part.bound(coverage), whole.bound(coverage)
        assert (found >= exact).all()
        # At most a 50th of the rows lies between.
        assert ((ordered >= exact) & (ordered < found)).sum(axis=0).max() <= n_rows / 50


@pytest.mark.parametrize(
    ("coverage", "needed"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99)]
)
def test_how_many_rows_a_coverage_needs(coverage, needed):
    scores = np.zeros((needed, 1))
    Calibration.of(scores).bound(coverage)
    if needed > 1:
        message = f"at least {needed} rows that networks held out. fit had {needed - 1}"
        with pytest.raises(ValueError, match=message):
            Calibration.of(scores[1:]).bound(coverage)


@pytest.mark.parametrize(
    "coverage", [0, 1, -0.1, 1.5, np.nan, "0.9", True, None, [0.9]]
)
@pytest.mark.parametrize("error", [ValueError, TypeError])
def test_bad_coverage(coverage, error):
    with pytest.raises(error, match=r"coverage must be a number in \(0, 1\). Got "):
        check_coverage(coverage)


def test_targets_with_a_score_are_those_of_the_band():
    low = RNG.randn(50, 2)
    band = Band(low, low + RNG.rand(50, 2), 0.1 + RNG.rand(50, 2))
    again = Band.of(band.stacked())
    y = 3 * RNG.randn(50, 2)
    scores = band.scores(y)
    np.testing.assert_array_equal(scores, again.scores(y))
    for score in (-0.1, 0.0, 0.5, 2.0):
        ends = band.widened(np.full(2, score))
        inside = (ends[..., 0] <= y) & (y <= ends[..., 1])
        assert (inside == (scores <= score)).all() or score < 0
    # The ends never cross.
    ends = band.widened(np.full(2, -100.0))
    np.testing.assert_allclose(ends[..., 0], ends[..., 1])
    np.testing.assert_allclose(ends[..., 0], (band.low + band.high) / 2)


@pytest.mark.parametrize("n_networks", [1, 2, 8])
@pytest.mark.parametrize("n_held", [1, 2])
def test_the_mean_of_more_networks_has_smaller_errors(n_networks, n_held):
    # Networks with independent errors, noise in the target.
    n_rows, noise, difference = 40_000, 1.0, 0.7
    own = difference * RNG.randn(n_rows, 1, max(n_networks, n_held))
    y = noise * RNG.randn(n_rows, 1)
    errors = y - own[..., :n_held].mean(axis=-1)
    everyone = own[..., :n_networks]
    all_errors = y - everyone.mean(axis=-1)
    rows = np.arange(n_rows)
    parts = [Known(rows, np.zeros(0)) for _ in range(n_held)]
    found = shrinkage(errors, everyone.var(axis=-1), parts, (1.0,) * n_networks)
    expected = all_errors.std() / errors.std() if n_networks > n_held else 1.0
    np.testing.assert_allclose(found, [expected], rtol=0.03)


def test_networks_that_differ_more_than_they_err():
    parts = [Known(np.arange(10), np.zeros(0))]
    found = shrinkage(np.ones((10, 1)), np.full((5, 1), 1e6), parts, (1.0,) * 4)
    # Half of the squared error counts as theirs, of which the mean of four has a quarter.
    np.testing.assert_allclose(found, [np.sqrt(1 - 0.5 * 0.75)])
    np.testing.assert_array_equal(
        shrinkage(np.zeros((10, 1)), np.zeros((5, 1)), parts, (1.0,) * 4), [1]
    )


def test_scores_come_nearer_to_their_center():
    scores = RNG.randn(20, 2)
    found = Conformity(scores, scores, scores.mean(axis=0)).nearer(np.array([0.5, 1.0]))
    np.testing.assert_allclose(found.mean(axis=0), scores.mean(axis=0))
    np.testing.assert_allclose(found.std(axis=0), scores.std(axis=0) * [0.5, 1])
    np.testing.assert_allclose(Conformity(scores).nearer(0.5), scores / 2)


def test_single_rows_do_not_decide():
    parts = [Known(np.arange(200), np.zeros(0))]
    errors, variance = RNG.randn(200, 1), np.full((200, 1), 0.2)
    expected = shrinkage(errors, variance, parts, (1.0,) * 8)
    variance[0] = 1e9
    found = shrinkage(errors, variance, parts, (1.0,) * 8)
    np.testing.assert_allclose(found, expected, rtol=1e-3)


@pytest.mark.parametrize(
    "scores",
    [
        *(np.zeros((3, 1)), np.zeros(4), np.full((4, 1), np.nan), np.zeros((4, 2))),
        *([[0.0]] * 4, np.zeros((4, 1), int), np.array([[0.0], [3], [2], [1]])),
    ],
    ids=str,
)
def test_scores_of_a_file_must_fit(scores):
    Calibration(np.zeros((4, 1)), 4).check_sizes(1)
    with pytest.raises(ValueError, match="the number of scores"):
        Calibration(np.zeros((1, 1)), True).check_sizes(1)
    with pytest.raises(ValueError, match="the scores of rows"):
        Calibration(scores, 4).check_sizes(1)
