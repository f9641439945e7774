import numpy as np
import pyarrow as pa
import pytest

from skmlp.streaming.names import Names, names_in, values_of, weights_of
from skmlp.streaming.sources import source_of
from tests.streaming.tables import FEATURES, stored, table

FRAME = table()


@pytest.fixture
def source(tmp_path):
    return source_of(stored(FRAME, tmp_path / "a.parquet"))


def test_names(source):
    assert names_in(source, "y", None) == Names(["y"], None, [*FEATURES, "w", "kind"])
    found = names_in(source, ["y", "n"], "w")
    assert found.targets == ["y", "n"]
    assert "n" not in found.features
    assert set(found.all) == set(FRAME)


@pytest.mark.parametrize(
    ("y", "w", "kind", "message"),
    [
        (None, None, TypeError, "y must be the name of a column"),
        ([], None, TypeError, "y must be the name of a column"),
        (np.arange(3), None, TypeError, "y must be the name of a column"),
        ("y", np.arange(3), TypeError, "sample_weight must be the name of a column"),
        ("z", None, ValueError, r"y must name columns of X, .*Got 'z'"),
        (["y", 3], None, ValueError, "y must name columns of X.*Got 3"),
        ("y", "z", ValueError, "sample_weight must name columns of X.*Got 'z'"),
        (list(FRAME), None, ValueError, "X must have a column beside y"),
        (["y", "y"], None, ValueError, "must be different columns. Got 'y' twice"),
        ("y", "y", ValueError, "must be different columns. Got 'y' twice"),
    ],
)
def test_names_that_are_wrong(y, w, kind, message, source):
    with pytest.raises(kind, match=message):
        names_in(source, y, w)


def test_values():
    text = pa.chunked_array([["a", "b"], ["a"]])
    for column in (text, text.dictionary_encode()):
        assert values_of(column).tolist() == ["a", "b", "a"]
    one = pa.table({"w": [1, None, 3]})
    np.testing.assert_array_equal(weights_of(one, "w"), [1, np.nan, 3])
