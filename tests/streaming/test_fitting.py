"""Tables in files that are larger than memory, as if: `fit` and predictions."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest

from skmlp import MLPClassifier, TabularMLPClassifier, TabularMLPRegressor
from skmlp.core.batches import Dataset
from skmlp.streaming import sources
from skmlp.streaming.fitting import fold_sums
from skmlp.tabular.target_statistics import LabelledRows
from tests.streaming.tables import (
    FEATURES,
    KINDS,
    QUICK,
    TARGETS,
    fitted,
    fitted_sample,
    path_of,
    state_of,
    stored,
    stream,
    table,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FRAME = table()
X = FRAME[FEATURES]


@KINDS
@pytest.mark.parametrize("sample", [len(FRAME), 10**5])
@pytest.mark.parametrize("w", [None, "w"])
def test_a_table_that_is_its_own_sample_is_fitted_as_in_memory(
    kind, sample, w, tmp_path, monkeypatch
):
    frame = FRAME.assign(w=FRAME["w"] + 1)
    more = [w] if w else []
    path = path_of(frame, tmp_path, TARGETS[kind], *more)
    weights = frame[w] if w else None
    expected = kind(**QUICK).fit(X, FRAME[TARGETS[kind]], sample_weight=weights)
    for block in (97, 10**5):
        stream(monkeypatch, sample=sample, block=block)
        found = fitted(kind, path, sample_weight=w)
        np.testing.assert_equal(state_of(found), state_of(expected))
        np.testing.assert_array_equal(found.predict(X), expected.predict(X))
    monkeypatch.undo()
    small = fitted(kind, path, sample_weight=w)
    np.testing.assert_equal(state_of(small), state_of(expected))


@KINDS
def test_blocks_of_the_file_and_jobs_do_not_matter(kind, tmp_path, monkeypatch):
    path = path_of(FRAME, tmp_path, TARGETS[kind])
    states = []
    for jobs in (1, 2):
        stream(monkeypatch)
        found = fitted(kind, path, n_jobs=jobs)
        states.append(state_of(found))
    np.testing.assert_equal(*states)


@KINDS
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_predictions_of_files_are_those_of_frames(kind, name, tmp_path, monkeypatch):
    stream(monkeypatch)
    path = path_of(FRAME, tmp_path, TARGETS[kind], name=name)
    found = fitted(kind, path)
    monkeypatch.setattr(sources, "BLOCK_ROWS", 97)
    # The file has more columns than fit, in another order.
    other = stored(FRAME[FRAME.columns[::-1]], tmp_path / f"other-{name}")
    methods = ["predict", "predict_proba"]
    for method in methods[: 1 + hasattr(kind, "predict_proba")]:
        expected = getattr(found, method)(X)
        files = pyarrow.dataset.dataset(other, format=name[2:])
        for source in (path, str(other), [other], files):
            np.testing.assert_array_equal(getattr(found, method)(source), expected)
        batches = [*found.predict_batches(other, method=method)]
        assert [len(one) for one in batches[:-1]] == [97] * 6
        np.testing.assert_array_equal(np.concatenate(batches), expected)
    y = FRAME[TARGETS[kind]]
    assert found.score(other, y) == found.score(X, y)
    assert found.score(other, TARGETS[kind]) == found.score(X, y)
    assert found.score(other, [TARGETS[kind]]) == found.score(X, y)
    assert found.score(other, list(y)) == found.score(X, y)
    with pytest.raises(ValueError, match="method must be the name of a method"):
        found.predict_batches(other, method="fit")


@KINDS
@pytest.mark.parametrize("order", ["target", "town"])
def test_sorted_tables_are_learnt_as_shuffled_ones(kind, order, tmp_path, monkeypatch):
    frame, new = table(3000), table(1000, seed=0)[FEATURES]
    truth = table(1000, seed=0)[TARGETS[kind]]
    by = TARGETS[kind] if order == "target" else "town"
    scores = []
    for rows in (frame.sample(frac=1, random_state=0), frame.sort_values(by)):
        stream(monkeypatch, sample=500, block=256, piece=200)
        path = path_of(rows, tmp_path, TARGETS[kind])
        scores.append(fitted(kind, path, max_iter=8).score(new, truth))
    assert min(scores) > (0.75 if kind is TabularMLPClassifier else 0.7)
    assert scores[1] == pytest.approx(scores[0], abs=0.05)


def test_rows_outside_of_the_sample_count(tmp_path, monkeypatch):
    stream(monkeypatch, sample=100, block=1000, piece=200)
    frame = table(3000)
    path = path_of(frame, tmp_path, "y")
    score = fitted(TabularMLPRegressor, path, max_iter=6).score(X, FRAME["y"])
    few = frame.sample(100, random_state=0)
    model = TabularMLPRegressor(**{**QUICK, "max_iter": 6})
    alone = model.fit(few[FEATURES], few["y"]).score(X, FRAME["y"])
    assert score > alone + 0.1


def test_labels_outside_of_the_sample_have_codes_and_effects(tmp_path, monkeypatch):
    stream(monkeypatch, sample=200, block=1000, piece=200)
    frame = table(3000)
    sample = fitted_sample(path_of(frame, tmp_path, "y"))
    rows = np.setdiff1d(np.arange(len(frame)), sample)[:200]
    frame.loc[rows, "town"] = "new"
    # Not the highest targets, which would be in the sample.
    frame.loc[rows, "y"] = 6 + frame.loc[rows, "y"] / 10
    path = path_of(frame, tmp_path, "y")
    assert "new" not in set(frame["town"][fitted_sample(path)])
    found = fitted(TabularMLPRegressor, path, max_iter=5)
    one = found.encoder_._columns[3]
    assert "new" in (*one.labels, *one.rare)
    effects = one.effects[1 + sorted([*one.labels, *one.rare]).index("new")]
    assert effects[0] > np.median(one.effects[:, 0]) + 0.5
    new = X.assign(town="new")
    assert (found.predict(new) - found.predict(X)).mean() > 1


def test_missing_values_outside_of_the_sample(tmp_path, monkeypatch):
    stream(monkeypatch)
    frame = FRAME.assign(x=FRAME["x"].fillna(0), day=FRAME["day"])
    path = path_of(frame, tmp_path, "y")
    others = np.setdiff1d(np.arange(len(frame)), fitted_sample(path))[:3]
    frame.loc[others, ["x", "n"]] = np.nan
    frame.loc[others, "day"] = pd.NaT
    frame.loc[others, "word"] = None
    found = fitted(TabularMLPRegressor, path_of(frame, tmp_path, "y"))
    names = found.encoder_.get_feature_names_out()
    assert {"x_missing", "n_missing", "day_missing"} <= {*names}
    assert np.isfinite(found.predict(frame[FEATURES])).all()


@KINDS
def test_few_rows_with_weight(kind, tmp_path, monkeypatch):
    """All of them are in the sample, and there are no others."""
    stream(monkeypatch)
    frame = FRAME.assign(w=(FRAME.index < 120).astype(int))
    path = path_of(frame, tmp_path, TARGETS[kind], "w")
    found = fitted(kind, path, sample_weight="w", max_iter=10)
    expected = kind(**{**QUICK, "max_iter": 10})
    expected.fit(X, FRAME[TARGETS[kind]], sample_weight=frame["w"])
    y = FRAME[TARGETS[kind]]
    assert found.score(X, y) == pytest.approx(expected.score(X, y), abs=0.2)


@KINDS
def test_weights(kind, tmp_path, monkeypatch):
    stream(monkeypatch)
    path = path_of(FRAME, tmp_path, TARGETS[kind], "w")
    weighted = fitted(kind, path, sample_weight="w")
    assert "w" not in weighted.feature_names_in_
    # Rows without weight are as if they were not there.
    kept = FRAME[FRAME["w"] > 0]
    stream(monkeypatch, sample=10**5)
    whole = fitted(kind, path, sample_weight="w")
    expected = kind(**QUICK).fit(kept[FEATURES], kept[TARGETS[kind]], kept["w"])
    np.testing.assert_array_equal(whole._theta, expected._theta)


def test_several_targets(tmp_path, monkeypatch):
    stream(monkeypatch)
    frame = FRAME.assign(z=2 * FRAME["n"] + 1, a=FRAME["y"] > 3, b=FRAME["flag"])
    path = path_of(frame, tmp_path, "y", "z")
    found = fitted(TabularMLPRegressor, path, ["y", "z"], max_iter=4)
    assert found.predict(path).shape == (len(frame), 2)
    names = [*FEATURES, "a", "y"]
    path = stored(frame.astype({"a": int})[names].assign(b=1 - frame["b"]), path)
    found = fitted(TabularMLPClassifier, path, ["a", "b"])
    assert found.predict(path).shape == (len(frame), 2)


def test_text_that_looks_like_numbers(tmp_path, monkeypatch):
    stream(monkeypatch)
    frame = FRAME.assign(word=np.where(FRAME["flag"], "1", FRAME["word"]))
    found = fitted(TabularMLPRegressor, path_of(frame, tmp_path, "y", name="a.csv"))
    new = X.assign(word="1", town="17")
    path = stored(new, tmp_path / "new.csv")
    assert pd.read_csv(path)["word"].dtype.kind == "i"
    np.testing.assert_array_equal(found.predict(path), found.predict(new))


def test_epochs_of_a_part_of_the_rows(tmp_path, monkeypatch):
    stream(monkeypatch, epoch=200)
    path = path_of(FRAME, tmp_path, "y")
    found = fitted(TabularMLPRegressor, path, max_iter="auto")
    assert found.score(X, FRAME["y"]) > 0.7


def test_what_needs_all_rows_in_memory(tmp_path):
    path = path_of(FRAME, tmp_path, "y")
    model = TabularMLPRegressor(cv=3, **QUICK)
    with pytest.raises(ValueError, match="cv must be None if X is a path"):
        model.fit(path, "y")
    with pytest.raises(ValueError, match="cv and groups must be None"):
        model.fit(path, "y", groups=FRAME["n"])


@pytest.mark.parametrize("small", [True, False])
def test_wrong_tables(small, tmp_path, monkeypatch):
    if not small:
        stream(monkeypatch)
    path = path_of(FRAME, tmp_path, "kind")
    with pytest.raises((TypeError, ValueError), match="y must"):
        fitted(TabularMLPRegressor, path, "kind")
    infinite = FRAME.copy()
    infinite.loc[7, "x"] = np.inf
    for name in ("a.csv", "a.parquet"):
        path = path_of(infinite, tmp_path, "y", name=name)
        with pytest.raises(
            ValueError, match="finite numbers.* column 'x'|'x' of X must hold finite"
        ):
            fitted(TabularMLPRegressor, path)


def test_types_of_other_writers(tmp_path, monkeypatch):
    """Categories, missing numbers as NaN, large texts and short floats."""
    stream(monkeypatch)
    found = pa.Table.from_pandas(FRAME[[*FEATURES, "y"]], preserve_index=False)
    columns = {name: found.column(name) for name in found.column_names}
    columns["word"] = columns["word"].dictionary_encode()
    columns["town"] = columns["town"].cast(pa.large_string())
    columns["x"] = pa.array(FRAME["x"].to_numpy(), from_pandas=False)
    columns["n"] = columns["n"].cast(pa.float32())
    path = tmp_path / "a.parquet"
    pa.parquet.write_table(pa.table(columns), path)
    other = fitted(TabularMLPRegressor, path)
    plain = fitted(TabularMLPRegressor, path_of(FRAME, tmp_path, "y", name="b.parquet"))
    np.testing.assert_equal(state_of(other), state_of(plain))


def test_labels_of_text_that_look_like_numbers_in_another_file(tmp_path):
    frame = FRAME.assign(kind=np.where(FRAME["x"] > 1, "x", FRAME["n"] % 2))
    path = path_of(frame, tmp_path, "kind", name="a.csv")
    found = fitted(TabularMLPClassifier, path)
    some = frame[frame["kind"] != "x"]
    other = path_of(some, tmp_path, "kind", name="b.csv")
    assert pd.read_csv(other)["kind"].dtype.kind == "i"
    assert found.score(other, "kind") == found.score(some[FEATURES], some["kind"])


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_an_index_without_a_name_is_no_feature(name, tmp_path):
    frame = FRAME[[*FEATURES, "y"]]
    path = tmp_path / name
    kept = frame[100:]
    kept.to_csv(path) if name == "a.csv" else kept.to_parquet(path)
    found = fitted(TabularMLPRegressor, path)
    assert found.feature_names_in_.tolist() == FEATURES
    assert len(found.predict(path)) == len(kept)


@pytest.mark.parametrize("method", [None, "predict_batches", "fit"])
def test_methods_that_do_not_predict(method, tmp_path):
    path = path_of(FRAME, tmp_path, "y")
    with pytest.raises(ValueError, match="method must be the name of a method"):
        fitted(TabularMLPRegressor, path).predict_batches(path, method=method)


@pytest.mark.parametrize("kind", [MLPClassifier, TabularMLPClassifier])
def test_soft_labels(kind, tmp_path, monkeypatch):
    stream(monkeypatch, sample=100)
    rng = np.random.RandomState(0)
    X = rng.randn(600, 2)
    soft = np.exp(2 * X @ rng.randn(2, 3))
    soft /= soft.sum(axis=1, keepdims=True)
    path = stored(
        pd.DataFrame(np.hstack([X, soft]), columns=[*"xyabc"]), tmp_path / "a.parquet"
    )
    few = {"n_estimators": 2} if kind is TabularMLPClassifier else {}
    model = kind(hidden_layer_sizes=(8,), max_iter=20, random_state=0, **few)
    if kind is MLPClassifier:
        model.set_params(solver="lbfgs")
    model.fit(path, [*"cab"])
    assert model.classes_.tolist() == [*"abc"]
    rows = pd.DataFrame(X, columns=[*"xy"])
    score = model.score(rows, pd.DataFrame(soft, columns=[*"abc"]))
    assert model.score(path, [*"abc"]) == model.score(path, [*"bca"]) == score > 0.8
    error = np.abs(model.predict_proba(path) - soft).mean()
    assert error < np.abs(soft.mean(axis=0) - soft).mean() / 2


@KINDS
def test_intervals_and_sets_by_the_rows_of_the_sample(kind, tmp_path, monkeypatch):
    stream(monkeypatch, sample=400, block=512, piece=200)
    path = path_of(table(1500), tmp_path, TARGETS[kind])
    model = fitted(kind, path, n_estimators=5, max_iter=6)
    with pytest.raises(AttributeError, match="has no oof_prediction_"):
        _ = model.oof_prediction_
    assert 400 <= model._calibration.n_rows < 410
    new = table(800, seed=1)
    y = new[TARGETS[kind]].to_numpy()
    name = "predict_interval" if kind is TabularMLPRegressor else "predict_set"
    found = getattr(model, name)(new[FEATURES])
    if name == "predict_interval":
        inside = (found[:, 0] <= y) & (found[:, 1] >= y)
    else:
        inside = found[np.arange(len(y)), np.searchsorted(model.classes_, y)]
    assert 0.85 < inside.mean() < 0.95
    file = stored(new, tmp_path / "new.parquet")
    np.testing.assert_array_equal(getattr(model, name)(file), found)


def test_what_sums_effects_holds_no_rows():
    """Tasks of a cluster get it for each piece."""
    rng, n = np.random.RandomState(0), 500
    Z, y = rng.randn(n, 2).astype(np.float32), rng.randn(n, 1)
    labelled = LabelledRows.of(rng.randint(5, size=(1, n)), (5,), Z, y, 2)
    held = []
    stored = SimpleNamespace(map=lambda function: held.append(function) or [])
    data = Dataset(Z, y)
    rows = SimpleNamespace(data=data)
    fold_sums(SimpleNamespace(training=data, rows=rows), labelled, stored)
    cells = [one.cell_contents for one in held[0].func.__closure__]
    assert max(np.size(one) for one in cells) < n
    assert not any(isinstance(one, LabelledRows) for one in cells)
