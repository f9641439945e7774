from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.common.sources import check_whole, is_source

SOURCES = ["a.csv", Path("a.csv"), ["a.csv"], ("a.csv", Path("b.csv"))]
OTHERS = [None, 3, [], [1.0], [["a", "b"]], ["a", 1], np.zeros((2, 1)), b"a.csv"]


@pytest.mark.parametrize("X", SOURCES, ids=repr)
def test_paths_are_sources(X):
    assert is_source(X)


@pytest.mark.parametrize("X", OTHERS, ids=repr)
def test_all_else_is_none(X):
    assert not is_source(X)
    assert not is_source(pd.DataFrame({"a": [1]}))


def test_datasets_are_sources():
    pytest.importorskip("pyarrow")
    import pyarrow as pa
    import pyarrow.dataset

    table = pa.table({"a": [1]})
    assert is_source(pyarrow.dataset.dataset(table))
    assert not is_source(table)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ((object(), None, None), "X_val"),
        ((None, 5, [1]), "cv and groups"),
    ],
)
def test_what_needs_all_rows_in_memory(given, names):
    check_whole(None, None, None)
    with pytest.raises(ValueError, match=f"^{names} must be None if X is a path"):
        check_whole(*given)


def test_predictions_in_batches(tmp_path):
    pytest.importorskip("pyarrow")
    table = pd.DataFrame({"x": range(100), "y": range(100)})
    table.to_csv(tmp_path / "a.csv", index=False)
    model = TabularMLPRegressor(n_estimators=1, max_iter=1, random_state=0)
    with pytest.raises(NotFittedError):
        model.predict_batches(tmp_path / "a.csv")
    model.fit(tmp_path / "a.csv", y="y")
    (found,) = model.predict_batches(tmp_path / "a.csv")
    np.testing.assert_array_equal(found, model.predict(table[["x"]]))
    for method in ("fit", "predict_proba", "score"):
        with pytest.raises(ValueError, match=f"method must be .* Got '{method}'"):
            model.predict_batches(tmp_path / "a.csv", method=method)
    with pytest.raises(ValueError, match=r"must have the columns \['x'\]"):
        table[["y"]].to_csv(tmp_path / "a.csv", index=False)
        list(model.predict_batches(tmp_path / "a.csv"))


def test_one_column_of_text_is_no_path():
    with pytest.raises(ValueError, match="X must be"):
        TabularMLPClassifier().fit(["a", "b"], y="y")
