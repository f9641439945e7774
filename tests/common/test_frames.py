import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from skmlp import MLPClassifier, TableEncoder, TabularMLPClassifier, TabularMLPRegressor
from skmlp.common import frames
from skmlp.common.frames import (
    as_frame,
    dtypes_of,
    is_frame,
    names_of,
    rows_of,
    series_of,
    some_of,
    with_columns,
    without_dictionaries,
)
from skmlp.mlp.base import BaseMLP

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FRAME = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "b": [8, 7, 6, 5, 4, 3]})
Y = [0, 1, 0, 1, 0, 1]
SMALL = {"random_state": 0, "max_iter": 1}
MODELS = {
    "encoder": TableEncoder(),
    "tabular classes": TabularMLPClassifier(n_estimators=1, **SMALL),
    "tabular numbers": TabularMLPRegressor(n_estimators=1, **SMALL),
    "classes": MLPClassifier(**SMALL),
}


def arrow(frame):
    pytest.importorskip("narwhals")
    return pytest.importorskip("pyarrow").Table.from_pandas(frame, preserve_index=False)


def duck(frame):
    pytest.importorskip("narwhals")
    return pytest.importorskip("duckdb").from_arrow(arrow(frame))


def lazy(frame):
    pytest.importorskip("narwhals")
    return pytest.importorskip("polars").from_pandas(frame).lazy()


class Stream:
    """A table that has nothing but the Arrow stream interface."""

    def __init__(self, frame):
        self.table = arrow(frame)

    def __arrow_c_stream__(self, requested_schema=None):
        return self.table.__arrow_c_stream__(requested_schema)


def of_narwhals(frame):
    return pytest.importorskip("narwhals").from_native(frame)


OTHERS = {
    "arrow": arrow,
    "batch": lambda frame: arrow(frame).to_batches()[0],
    "reader": lambda frame: arrow(frame).to_reader(),
    "stream": Stream,
    "duckdb": duck,
    "polars": lambda frame: lazy(frame).collect(),
    "lazy": lazy,
    "narwhals": of_narwhals,
    "narwhals of arrow": lambda frame: of_narwhals(arrow(frame)),
    "narwhals lazy": lambda frame: of_narwhals(lazy(frame)),
}
EVERY_FRAME = pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
EVERY_MODEL = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def output(model, X):
    return (model.transform if hasattr(model, "transform") else model.predict)(X)


@EVERY_FRAME
def test_a_frame_of_another_library_becomes_one_that_is_read(other):
    frame = as_frame(other(FRAME))
    assert is_frame(frame)
    assert frame.shape == (6, 2)
    assert names_of(frame) == ["a", "b"]
    assert [str(dtype).lower() for dtype in dtypes_of(frame)][1] == "int64"
    assert [list(one.to_list()) for one in series_of(frame)] == [
        [1, 2, 3, 4, 5, 6],
        [8, 7, 6, 5, 4, 3],
    ]
    turned = with_columns(rows_of(frame, np.array([3, 0])), ["b", "a"])
    assert names_of(turned) == ["b", "a"]
    assert [list(one.to_list()) for one in series_of(turned)] == [[5, 8], [4, 1]]


@EVERY_FRAME
@EVERY_MODEL
def test_every_frame_has_its_names(model, other):
    fit = model.fit(other(FRAME), Y)
    assert fit.feature_names_in_.tolist() == ["a", "b"]
    found, plain = output(fit, FRAME), fit.fit(FRAME, Y)
    np.testing.assert_array_equal(found, output(plain, FRAME))
    np.testing.assert_array_equal(found, output(plain, other(FRAME)))
    turned = other(FRAME[["b", "a"]])
    if isinstance(model, TableEncoder):
        np.testing.assert_array_equal(output(plain, turned), found)
    else:
        with pytest.raises(
            ValueError, match="^X is.*\n?.*same order as they were in fit"
        ):
            output(plain, turned)


@pytest.mark.filterwarnings("ignore:1 of 2 classes have a single row")
@pytest.mark.parametrize("other", [arrow, lazy, duck])
@EVERY_MODEL
def test_validation_rows_and_parts_of_the_data_are_frames_too(model, other):
    turned = FRAME[["b", "a"]]
    if isinstance(model, BaseMLP):
        model.partial_fit(other(FRAME), Y, classes=[0, 1])
        with pytest.raises(ValueError, match="same order as they were in fit"):
            model.partial_fit(other(turned), Y)
    elif not isinstance(model, TableEncoder):
        model.fit(FRAME, Y, X_val=other(FRAME), y_val=Y)
        with pytest.raises(ValueError, match="X_val must be rows.*"):
            model.fit(FRAME, Y, X_val=other(turned), y_val=Y)
        weights = [1, 1, 0, 1, 1, 1]
        plain = model.fit(FRAME, Y, weights).predict(FRAME)
        np.testing.assert_array_equal(
            model.fit(other(FRAME), Y, weights).predict(FRAME), plain
        )


@EVERY_MODEL
def test_without_narwhals_a_frame_is_refused_with_the_remedy(model, monkeypatch):
    table = pytest.importorskip("polars").DataFrame(FRAME.to_dict("list")).lazy()
    for name in [name for name in sys.modules if name.partition(".")[0] == "narwhals"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        TypeError, match="Got polars.*not installed. Convert it.*narwhals"
    ):
        model.fit(table, Y)


class Unknown:
    """A frame that no library reads."""

    columns, shape = ("a", "b"), (4, 2)

    def __array__(self, dtype=None, copy=None):
        return FRAME.to_numpy(dtype)


@EVERY_MODEL
def test_a_frame_that_narwhals_does_not_know_is_refused(model):
    with pytest.raises(TypeError, match="Got .*Unknown.*Convert it"):
        model.fit(Unknown(), Y)


@EVERY_MODEL
def test_a_column_of_arrow_is_no_table(model):
    with pytest.raises(
        TypeError, match="X must be an array.*Got pyarrow.*ChunkedArray"
    ):
        model.fit(arrow(FRAME)["a"], Y)


@EVERY_MODEL
def test_names_that_scikit_learn_would_not_see(model, monkeypatch):
    monkeypatch.setattr(frames, "READS_NARWHALS", False)
    monkeypatch.setattr(frames, "_converted", lambda *given: SimpleNamespace())
    with pytest.raises(
        TypeError, match="scikit-learn before 1.9 does not see its names"
    ):
        model.fit(Unknown(), Y)


def test_columns_with_the_same_name_in_a_table_of_arrow():
    pytest.importorskip("narwhals")
    pa = pytest.importorskip("pyarrow")
    table = pa.table([[1, 2, 3, 4]] * 2, names=["a", "a"])
    for model in MODELS.values():
        with pytest.raises(ValueError, match="'a'"):
            model.fit(table, Y)


@pytest.mark.parametrize(
    "X", [FRAME.to_numpy(), FRAME.to_numpy().tolist(), FRAME["a"], "text", None]
)
def test_what_is_no_frame_stays_as_it_is(X):
    assert as_frame(X) is X
    assert without_dictionaries(X) is X
    assert not is_frame(X)


def test_missing_values_of_a_dictionary_are_missing():
    pytest.importorskip("narwhals")
    pa = pytest.importorskip("pyarrow")
    coded = pa.array([5, None, 7, 5]).dictionary_encode()
    table = pa.table({"a": coded, "b": [1.0, 2.0, 3.0, 4.0]})
    found = np.asarray(without_dictionaries(table))
    np.testing.assert_array_equal(found, [[5, 1], [np.nan, 2], [7, 3], [5, 4]])
    with pytest.raises(ValueError, match="NaN. TabularMLPClassifier takes"):
        MODELS["classes"].fit(table, Y)


def test_long_lists_of_names_are_cut():
    assert some_of("ab") == "['a', 'b']"
    assert some_of(range(10_000), 3) == "[0, 1, 2] and 9,997 more"
