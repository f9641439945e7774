"""The members' folds: made here, of groups, and by splitters."""

import warnings

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    PredefinedSplit,
    RepeatedKFold,
    StratifiedGroupKFold,
    TimeSeriesSplit,
    cross_validate,
)
from sklearn.pipeline import make_pipeline

from skmlp import TabularMLPRegressor
from skmlp.core.batches import Dataset
from skmlp.tabular.folds import (
    FitRows,
    Fold,
    judges_of,
    make_folds,
    member_folds,
    read_groups,
)


@pytest.mark.parametrize("n_members", [1, 3, 8, 11])
@pytest.mark.parametrize("n_rows", [2, 7, 100])
def test_folds(n_rows, n_members):
    folds = make_folds(n_rows, n_members, None, np.random.RandomState(0))
    assert len(folds) == n_members
    for fold in folds:
        both = np.sort(np.concatenate(fold))
        np.testing.assert_array_equal(both, np.arange(n_rows))
        assert min(map(len, fold)) > 0
    first = np.concatenate([fold.validation for fold in folds[: min(8, n_rows)]])
    assert len(np.unique(first)) == len(first)


def test_folds_are_stratified_and_depend_on_the_seed():
    strata = np.repeat([0, 1, 2], [80, 16, 4])
    rng = np.random.RandomState(0)
    folds = make_folds(100, 8, strata, rng)
    counts = np.array([np.bincount(strata[s.validation], minlength=3) for s in folds])
    assert (counts.min(0) >= [10, 2, 0]).all()
    assert (counts.max(0) <= [10, 2, 1]).all()
    assert (np.bincount(strata[folds[0].training]) > 0).all()
    other = make_folds(100, 8, strata, rng)
    assert not np.array_equal(folds[0].validation, other[0].validation)


def test_groups_stay_together_in_folds_of_even_size():
    rng = np.random.RandomState(0)
    groups = rng.randint(40, size=400)
    strata = (groups % 4 == 0).astype(int)
    folds = make_folds(400, 12, strata, rng, None, np.unique(groups, False, True)[1])
    assert len(folds) == 12
    for fold in folds:
        assert not np.intersect1d(groups[fold.training], groups[fold.validation]).size
        assert np.sort(np.concatenate(fold)).tolist() == list(range(400))
        assert 35 <= len(fold.validation) <= 65
        assert 0.1 < strata[fold.validation].mean() < 0.4
    held = np.concatenate([fold.validation for fold in folds[:8]])
    assert len(np.unique(held)) == 400
    assert not np.array_equal(folds[0].validation, folds[8].validation)


def test_no_fold_of_groups_is_empty_and_few_groups_make_few_folds():
    groups = np.repeat(np.arange(6), [90, 5, 2, 1, 1, 1])
    strata = np.repeat([0, 1], [95, 5])
    rng = np.random.RandomState(0)
    folds = make_folds(100, 6, strata, rng, None, groups)
    assert sorted(len(fold.validation) for fold in folds) == [1, 1, 1, 2, 5, 90]
    folds = make_folds(4, 3, None, rng, None, np.array([0, 1, 1, 1]))
    assert [len(fold.validation) for fold in folds[:2]] in ([1, 3], [3, 1])


def test_judges_hold_out_nothing_but_rows_that_one_may_know():
    folds = make_folds(30, 6, None, np.random.RandomState(0), 5)
    assert judges_of(folds)[0] == [1, 2, 3, 4]
    assert all(i not in one for i, one in enumerate(judges_of(folds)))
    in_time = [Fold(*split) for split in TimeSeriesSplit(4).split(np.zeros(20))]
    assert judges_of(in_time) == [[], [0], [0, 1], [0, 1, 2]]
    same = make_folds(30, 1, None, np.random.RandomState(0)) * 2
    assert judges_of(same) == [[], []]


def fit_rows(numbers=None, groups=None, n=12):
    numbers = np.arange(n) if numbers is None else np.array(numbers)
    data = Dataset(np.zeros((len(numbers), 1), np.float32), np.zeros((len(numbers), 1)))
    y = np.arange(n) % 2
    return FitRows(data, np.zeros((n, 1)), y, numbers, groups)


def folds_of(cv, n_members=3, strata=None, **rows):
    rng = np.random.RandomState(0)
    return member_folds(fit_rows(**rows), cv, n_members, strata, rng)


@pytest.mark.parametrize(
    ("cv", "groups"),
    [
        (KFold(3), None),
        (TimeSeriesSplit(3), None),
        (PredefinedSplit(np.arange(12) % 4 - 1), np.arange(12) % 4),
        (RepeatedKFold(n_splits=2, n_repeats=2, random_state=0), None),
        (GroupKFold(3), np.arange(12) // 3),
        (StratifiedGroupKFold(3), np.arange(12) // 2),
        (LeaveOneGroupOut(), np.array(list("aabbccddeeff"))),
    ],
)
def test_splitters_of_scikit_learn(cv, groups):
    folds = folds_of(cv, 5, groups=groups)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The groups parameter is ignored")
        splits = list(cv.split(np.zeros(12), np.arange(12) % 2, groups))
    for i, fold in enumerate(folds):
        for found, expected in zip(fold, splits[i % len(splits)], strict=True):
            np.testing.assert_array_equal(found, expected)


def test_pairs_of_rows_are_those_of_the_table():
    pairs = (([0, 1, 2, 3], [4, 5]), (np.arange(6), np.arange(6, 12)))
    folds = folds_of(iter(pairs), numbers=[1, 2, 5, 9])
    assert [part.tolist() for part in folds[0]] == [[0, 1], [2]]
    assert [part.tolist() for part in folds[1]] == [[0, 1, 2], [3]]
    assert folds[2] is folds[0]


def test_an_int_is_the_number_of_folds():
    folds = folds_of(4, 5, np.arange(12) % 2)
    assert [len(fold.validation) for fold in folds] == [3] * 5
    folds = folds_of(3, groups=np.arange(12) // 4)
    assert sorted(fold.validation[0] for fold in folds) == [0, 4, 8]


@pytest.mark.parametrize(
    ("cv", "rows", "message"),
    [
        ([], {}, r"cv must have at least one split. Got \[\]"),
        ([([], [1])], {}, "split 1 of cv must have training rows. Got none"),
        ([([0], [])], {}, "split 1 of cv must have validation rows. Got none"),
        ([([0], [1]), ([0, 1], [1])], {}, "split 2 of cv must have no row in both"),
        ([([0, 12], [1])], {}, "training rows from 0 to 11. Got rows from 0 to 12"),
        ([([0], [-1])], {}, "validation rows from 0 to 11. Got rows from -1 to -1"),
        ([([0.0], [1])], {}, "an array of row numbers, which are int. Got float64"),
        ([([[0]], [1])], {}, r"an array of row numbers, .* of shape \(1, 1\)"),
        ([3], {}, "split 1 of cv must be a pair of training and validation row"),
        ([([0], [1], [2])], {}, "split 1 of cv must be a pair"),
        ([([0], [5])], {"numbers": [0, 1]}, "have a validation row with a positive"),
        (KFold(13), {}, "cv must be None, an int .*n_splits=13 greater than"),
        (GroupKFold(3), {}, "cv must be None.*'groups' parameter should not be None"),
        (
            GroupKFold(7),
            {"groups": np.arange(12) // 4},
            "cv must be None, an int .*greater than the number of groups: 3",
        ),
        (
            KFold(3),
            {"groups": np.arange(12) % 2},
            r"split 1 of cv must keep the rows of a group .* such as .*KFold\(",
        ),
        (5, {"groups": np.arange(12) // 4}, "number of groups .* is 3. Got 5"),
        (13, {}, "number of rows with a positive weight, which is 12. Got 13"),
        (None, {"groups": np.zeros(12)}, "groups must have at least 2 different"),
    ],
)
def test_splits_that_are_refused(cv, rows, message):
    with pytest.raises((ValueError, TypeError), match=message):
        folds_of(cv, **rows)


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (np.arange(11), r"groups must have shape \(12,\), .* Got shape \(11,\)"),
        (np.zeros((12, 2)), r"groups must have shape \(12,\)"),
        ([None, *"abcdefghijk"], "groups must have a value for each row"),
        (np.r_[np.nan, np.arange(11.0)], "groups must have a value for each row"),
        (["a", *range(11)], "groups must be labels of one kind"),
    ],
)
def test_groups_that_are_refused(groups, message):
    with pytest.raises((ValueError, TypeError), match=message):
        read_groups(groups, 12, object())


def test_groups_of_any_container():
    expected = ["a", "b"] * 6
    categories = pd.Series(expected, dtype="category")
    for groups in (expected, pd.Series(expected), categories, np.array(expected)):
        assert read_groups(groups, 12, object()).tolist() == expected
    assert read_groups(None, 12, object()) is None


def test_groups_are_routed():
    rng = np.random.RandomState(0)
    X, y, groups = rng.randn(60, 2), rng.randn(60), np.arange(60) // 5
    model = TabularMLPRegressor(n_estimators=2, hidden_layer_sizes=(4,), max_iter=1)
    with sklearn.config_context(enable_metadata_routing=True):
        model.set_fit_request(groups=True)
        found = cross_validate(
            make_pipeline(model),
            X,
            y,
            params={"groups": groups},
            cv=GroupKFold(2),
            return_estimator=True,
        )
    for one, held in zip(found["estimator"], (0, 1), strict=True):
        rows = list(GroupKFold(2).split(X, y, groups))[held][0]
        missing = np.isnan(one[-1].oof_prediction_)
        for group in np.unique(groups[rows]):
            assert len(set(missing[groups[rows] == group])) == 1


def test_a_part_of_a_fold_is_spread_over_its_rows():
    def part(rows, fraction):
        return Fold(rows, np.arange(2)).part(fraction).training.tolist()

    assert part(np.arange(10, 20), 0.3) == [10, 13, 16]
    assert part(np.arange(4), 0.0) == [0]
    assert part(np.arange(4), 1.0) == [0, 1, 2, 3]
