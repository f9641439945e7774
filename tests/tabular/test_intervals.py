"""predict_interval and predict_set: coverage in new rows, units, and what is refused."""

import pickle

import numpy as np
import pandas as pd
import pytest

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.tabular.parameters import LOSSES

RNG = np.random.RandomState(0)
N, FIT = 6000, 1000
X = pd.DataFrame({"a": RNG.uniform(-1, 1, N), "b": RNG.choice([*"xy"], N)})
MEAN = (30 + 10 * np.sin(3 * X["a"])).to_numpy()
STD = np.where(X["b"] == "x", 1.0, 4.0)
Y = MEAN + STD * RNG.randn(N)
LABEL = np.array(["low", "mid", "high"])[np.digitize(Y, [27, 33])]
SMALL = {
    "n_estimators": 5,
    "hidden_layer_sizes": (16, 16),
    "max_iter": 8,
    "random_state": 0,
}


def fitted(y=Y, **parameters):
    return TabularMLPRegressor(**{**SMALL, **parameters}).fit(X[:FIT], y[:FIT])


def covered(ends, y):
    return (ends[..., 0] <= y) & (y <= ends[..., 1])


@pytest.mark.parametrize("loss", LOSSES)
def test_intervals_have_their_coverage_in_new_rows(loss):
    levels = {"quantile": (0.3, 0.7)} if loss == "quantile" else {}
    model = fitted(loss=loss, **levels)
    widths = []
    for coverage in (0.5, 0.8, 0.95):
        ends = model.predict_interval(X[FIT:], coverage)
        assert ends.shape == (N - FIT, 2)
        found = covered(ends, Y[FIT:]).mean()
        assert coverage - 0.05 < found < coverage + 0.05
        widths.append(np.diff(ends).mean())
    assert widths[0] < widths[1] < widths[2]


def test_the_default_is_the_prediction_plus_and_minus_a_distance():
    model = fitted(store_oof=True)
    ends = model.predict_interval(X[FIT:])
    np.testing.assert_allclose(ends.mean(axis=1), model.predict(X[FIT:]), rtol=1e-12)
    distance = np.diff(ends)[0, 0] / 2
    np.testing.assert_allclose(np.diff(ends) / 2, distance)
    np.testing.assert_array_equal(ends, model.predict_interval(X[FIT:], 0.9))
    errors = np.sort(np.abs(Y[:FIT] - model.oof_prediction_))
    # The 901st of 1000, a little smaller as five networks are better than one.
    assert 0.8 < distance / errors[900] < 1


def test_standard_deviations_make_intervals_wider_where_noise_is_larger():
    model = fitted(loss="gaussian", max_iter=30)
    ends, small = model.predict_interval(X[FIT:]), STD[FIT:] == 1
    width = np.diff(ends)[:, 0]
    assert width[~small].mean() > 2 * width[small].mean()
    for part in (small, ~small):
        assert 0.85 < covered(ends[part], Y[FIT:][part]).mean() < 0.96


@pytest.mark.parametrize("unit", [1e-300, 1.0, 1e300])
def test_several_targets_in_any_units(unit):
    y = np.column_stack([Y, -unit * MEAN])
    model = fitted(y)
    ends = model.predict_interval(X[FIT:])
    assert ends.shape == (N - FIT, 2, 2)
    first = covered(ends[:, 0], y[FIT:, 0]).mean()
    assert 0.87 < first < 0.95
    assert covered(ends[:, 1], y[FIT:, 1]).mean() > 0.87
    width = np.diff(ends)[..., 0].mean(axis=0)
    assert 0 < width[1] / unit < width[0]


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_an_end_that_the_loss_does_not_allow_is_0(loss):
    y = np.exp(X["a"]) * RNG.gamma(1.0, 1.0, N) + 1e-9
    ends = fitted(y.to_numpy(), loss=loss).predict_interval(X[FIT:], 0.95)
    assert ends.min() == 0


@pytest.mark.parametrize(
    "parameters", [{}, {"preset": "best", "max_iter": 2}, {"n_estimators": 1}]
)
def test_files_and_stored_models_have_the_same_intervals(parameters, tmp_path):
    pytest.importorskip("pyarrow")
    model = fitted(**parameters)
    again = pickle.loads(pickle.dumps(model))
    path = tmp_path / "table.parquet"
    X[:50].to_parquet(path)
    expected = model.predict_interval(X[:50])
    np.testing.assert_array_equal(again.predict_interval(X[:50]), expected)
    np.testing.assert_allclose(model.predict_interval(path), expected, rtol=1e-6)
    assert "_oof_prediction" not in vars(again)


@pytest.mark.parametrize("labels", [LABEL, LABEL == "mid"], ids=["three", "two"])
def test_sets_have_their_coverage_in_new_rows(labels):
    model = TabularMLPClassifier(**SMALL).fit(X[:FIT], labels[:FIT])
    probability = model.predict_proba(X[FIT:])
    truth = model.classes_ == labels[FIT:, None]
    assert model.score(X[FIT:], labels[FIT:]) < 0.89
    sizes = []
    for coverage in (0.9, 0.97):
        sets = model.predict_set(X[FIT:], coverage)
        assert sets.dtype == bool
        assert sets.shape == probability.shape
        assert coverage - 0.03 < (sets & truth).sum() / len(sets) < coverage + 0.04
        # Classes in the set are more probable than those that are not.
        least = np.where(sets, probability, 2).min()
        most = np.where(sets, -1, probability).max()
        assert least >= most
        assert sets[np.arange(len(sets)), probability.argmax(axis=1)].all()
        sizes.append(sets.sum(axis=1).mean())
    assert 1 < sizes[0] < sizes[1] < sets.shape[1]
    # Never empty, also where the coverage is below the accuracy.
    assert model.predict_set(X[FIT:], 0.05).sum(axis=1).tolist() == [1] * (N - FIT)


@pytest.mark.filterwarnings("ignore:y has a single class")
def test_a_single_class_is_the_set():
    model = TabularMLPClassifier(**SMALL).fit(X[:FIT], ["one"] * FIT)
    assert model.predict_set(X[:3]).tolist() == [[True]] * 3


SOME = X[:60], Y[:60]
REFUSED = {
    "X_val": lambda: TabularMLPRegressor(**SMALL).fit(*SOME, X_val=X[:9], y_val=Y[:9]),
    "partial_fit": lambda: TabularMLPRegressor(**SMALL).partial_fit(*SOME),
    "partial_fit after fit": lambda: fitted().partial_fit(*SOME),
}


@pytest.mark.parametrize("case", REFUSED)
def test_models_that_cannot_tell_say_why(case):
    with pytest.raises(
        ValueError, match="This TabularMLPRegressor cannot tell how far"
    ):
        REFUSED[case]().predict_interval(X[:3])


def test_several_labels_have_no_set():
    y = np.column_stack([Y[:60] > 30, MEAN[:60] > 30])
    model = TabularMLPClassifier(**SMALL).fit(X[:60], y)
    with pytest.raises(ValueError, match="fit had several labels"):
        model.predict_set(X[:3])


def test_a_single_quantile_is_no_middle():
    model = fitted(loss="quantile", quantile=0.9, max_iter=1)
    with pytest.raises(ValueError, match="quantile=0.5, or several.*had quantile=0.9"):
        model.predict_interval(X[:3])
    assert fitted(loss="quantile", max_iter=1).predict_interval(X[:3]).shape == (3, 2)


@pytest.mark.parametrize("seed", range(3))
def test_standard_deviations_that_are_tiny_in_some_rows(seed):
    rng = np.random.RandomState(seed)
    table = rng.randn(2400, 4)
    y = table[:, 0] + rng.randn(2400) * np.exp(2 * table[:, 1])
    model = TabularMLPRegressor("gaussian", **{**SMALL, "n_estimators": 8})
    ends = model.fit(table[:400], y[:400]).predict_interval(table[400:])
    assert covered(ends, y[400:]).mean() > 0.84


@pytest.mark.parametrize("coverage", [0, 1, 2.5, "a", None, True])
def test_bad_coverage(coverage):
    with pytest.raises(ValueError, match=r"coverage must be a number in \(0, 1\)"):
        fitted(max_iter=1).predict_interval(X[:3], coverage)
    with pytest.raises(ValueError, match="needs at least 9999 rows that networks held"):
        fitted(max_iter=1).predict_interval(X[:3], 0.9999)
