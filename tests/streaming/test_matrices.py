"""Files as X of the MLPs."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from skmlp import MLPClassifier, MLPRegressor
from tests.streaming.tables import stored, stream

KINDS = {MLPRegressor: "y", MLPClassifier: "kind"}
QUICK = {"hidden_layer_sizes": (16,), "max_iter": 20, "random_state": 0}
FEATURES = ["a", "b", "n"]

pytestmark = pytest.mark.filterwarnings("ignore:Stochastic Optimizer")


def numbers(n_rows=600):
    rng = np.random.RandomState(0)
    table = pd.DataFrame(rng.randn(n_rows, 2), columns=["a", "b"])
    table["n"] = rng.randint(3, size=n_rows)
    table["y"] = table["a"] * 2 + table["b"] * table["n"] + rng.randn(n_rows) * 0.1
    table["kind"] = np.where(table["y"] > 0, "high", "low")
    table["w"] = rng.randint(3, size=n_rows)
    return table


def file_for(kind, folder, table, ending=".parquet", **more):
    """A file with the features and the target of a kind of estimator."""
    names = [*FEATURES, KINDS[kind], *more.get("others", [])]
    return stored(table[names], folder / f"table{ending}")


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@pytest.mark.parametrize("kind", KINDS)
def test_small_files_are_fitted_as_frames(tmp_path, kind, ending):
    table = numbers()
    path = file_for(kind, tmp_path, table, ending)
    one = kind(**QUICK).fit(path, KINDS[kind])
    other = kind(**QUICK).fit(table[FEATURES], table[KINDS[kind]])
    np.testing.assert_allclose(one._theta, other._theta, rtol=1e-9)
    assert one.feature_names_in_.tolist() == FEATURES


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_large_files_are_learnt_in_single_precision(
    monkeypatch, tmp_path, kind, early_stopping
):
    stream(monkeypatch)
    # Sorted by the target, which must not matter.
    table = numbers().sort_values("y")
    path = file_for(kind, tmp_path, table)
    model = kind(**QUICK, early_stopping=early_stopping, learning_rate_init=0.02)
    model.fit(path, KINDS[kind])
    assert model._theta.dtype == np.float32
    assert model.score(path, KINDS[kind]) > 0.85
    assert model.score(table[FEATURES], table[KINDS[kind]]) > 0.85
    n_rows = 600 - 16 * early_stopping
    assert model.t_ == model.n_iter_ * n_rows


@pytest.mark.parametrize("kind", KINDS)
def test_predictions_of_files_are_those_of_frames(monkeypatch, tmp_path, kind):
    table = numbers()
    path = file_for(kind, tmp_path, table)
    model = kind(**QUICK).fit(path, KINDS[kind])
    stream(monkeypatch, block=100)
    expected = model.predict(table[FEATURES])
    np.testing.assert_array_equal(model.predict(path), expected)
    parts = list(model.predict_batches(path))
    assert [len(part) for part in parts] == [100] * 6
    np.testing.assert_array_equal(np.concatenate(parts), expected)
    with pytest.raises(ValueError, match="method must be the name"):
        model.predict_batches(path, method="score")


@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_those_of_a_column(monkeypatch, tmp_path, kind):
    stream(monkeypatch)
    table = numbers()
    path = file_for(kind, tmp_path, table, others=["w"])
    model = kind(**QUICK).fit(path, KINDS[kind], sample_weight="w")
    assert model.feature_names_in_.tolist() == FEATURES
    n_others = (table["w"] > 0).sum()
    assert n_others <= model.t_ / model.n_iter_ <= len(table)


# The gradient has single precision.
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
@pytest.mark.parametrize("weights", [None, "w"])
@pytest.mark.parametrize("kind", KINDS)
def test_lbfgs_finds_the_minimum_of_all_rows(monkeypatch, tmp_path, kind, weights):
    table = numbers().sort_values("y")
    path = file_for(kind, tmp_path, table, others=["w"][: bool(weights)])
    model = kind(hidden_layer_sizes=(), solver="lbfgs", alpha=1.0, tol=1e-6)
    w = None if weights is None else table["w"]
    expected = clone(model).fit(table[FEATURES], table[KINDS[kind]], w)
    stream(monkeypatch)
    model.fit(path, KINDS[kind], weights)
    assert model._theta.dtype == np.float32
    np.testing.assert_allclose(model._theta, expected._theta, rtol=2e-3, atol=1e-3)
    assert model.loss_ == pytest.approx(expected.loss_, rel=1e-5)
    assert model.n_iter_ < 50


@pytest.mark.parametrize("kind", KINDS)
def test_what_needs_all_rows_is_refused(monkeypatch, tmp_path, kind):
    stream(monkeypatch)
    table = numbers()
    path = file_for(kind, tmp_path, table)
    for parameters in ({"shuffle": False}, {"warm_start": True}):
        (name,) = parameters
        with pytest.raises(ValueError, match=f"{name} must be"):
            kind(**QUICK, **parameters).fit(path, KINDS[kind])
    X_val, y_val = table[FEATURES][:9], table[KINDS[kind]][:9]
    with pytest.raises(ValueError, match="X_val must be None if X is a path"):
        kind(**QUICK, early_stopping=True).fit(
            path, KINDS[kind], X_val=X_val, y_val=y_val
        )


@pytest.mark.parametrize(
    ("values", "error", "text"),
    [
        (np.where(np.arange(600) == 7, np.nan, 1.0), ValueError, "in which some"),
        (["text"] * 600, TypeError, "columns of numbers"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_other_values_than_numbers_are_refused(
    monkeypatch, tmp_path, kind, values, error, text
):
    stream(monkeypatch)
    path = file_for(kind, tmp_path, numbers().assign(b=values))
    with pytest.raises(error, match=f"{text}.*'b'|'b'.*{text}"):
        kind(**QUICK).fit(path, KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_goes_on_from_a_checkpoint(monkeypatch, tmp_path, kind):
    stream(monkeypatch)
    path = file_for(kind, tmp_path, numbers())
    whole = kind(**QUICK).fit(path, KINDS[kind])
    monkeypatch.setattr("skmlp.common.checkpoints.SECONDS", 0.0)
    monkeypatch.setattr("skmlp.common.checkpoints.SHARE", 0.0)
    file, n_epochs = tmp_path / "fit.ckpt", []

    def stopping(self, theta):
        n_epochs.append(1)
        if len(n_epochs) == 5:
            raise SystemError("killed")
        return False

    with monkeypatch.context() as patch:
        patch.setattr("skmlp.core.history.Progress.end", stopping)
        with pytest.raises(SystemError):
            kind(**QUICK).fit(path, KINDS[kind], checkpoint=file)
    again = kind(**QUICK).fit(path, KINDS[kind], checkpoint=file)
    np.testing.assert_array_equal(again._theta, whole._theta)
    other = numbers()
    other.loc[599, "a"] += 1
    changed = file_for(kind, tmp_path, other)
    with pytest.raises(ValueError, match="checkpoint must be a new file"):
        kind(**QUICK).fit(changed, KINDS[kind], checkpoint=file)
