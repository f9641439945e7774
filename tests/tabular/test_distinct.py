import numpy as np
import pandas as pd
import pytest

from skmlp.common.values import is_missing
from skmlp.tabular.columns import columns_of
from skmlp.tabular.distinct import FEW, by_place, distinct, rows_as_list

WORDS = ["b", None, "a", "b"]
NUMBERS = [2.5, np.nan, -1.0, 2.5]
WHOLE = [2**62 + 1, None, 3, 2**62]
COLUMNS = {
    "array": np.array(NUMBERS),
    "float32": np.array([0.1, np.nan, 2, 0.1], np.float32),
    "integers": np.array([3, 1, 3, -2]),
    "booleans": np.array([True, False, True]),
    "text array": np.array(["b", "a", "b"]),
    "objects": np.array([*WORDS, np.nan, pd.NA, pd.NaT, np.str_("a")], object),
    "series": pd.Series(NUMBERS),
    "float32 series": pd.Series(NUMBERS, dtype=np.float32),
    "text": pd.Series(WORDS, dtype="str" if pd.__version__ >= "3" else "string"),
    "string": pd.Series(WORDS, dtype="string"),
    "object series": pd.Series(WORDS, dtype=object),
    "nullable": pd.Series(pd.array(WHOLE, "Int64")),
    "nullable booleans": pd.Series(pd.array([True, None, False], "boolean")),
    "category": pd.Series(pd.Categorical(WORDS, ["c", "b", "a"])),
    "numbered category": pd.Series(pd.Categorical([5, 3, None, 5])),
}


@pytest.mark.parametrize("n", [1, FEW])
@pytest.mark.parametrize("series", COLUMNS.values(), ids=COLUMNS)
def test_the_values_of_the_rows(series, n):
    tile = (
        np.tile
        if isinstance(series, np.ndarray)
        else lambda one, n: pd.concat([one] * n)
    )
    found = distinct(tile(series, n))
    rows = [None if is_missing(one) else one for one in rows_as_list(series)]
    expected = rows * n
    values = by_place([*found.values, None], found.places).tolist()
    assert values == expected
    assert (
        list(map(type, values)) == list(map(type, expected)) or series.dtype == object
    )
    assert set(found.values) == {one for one in rows if one is not None}
    assert found.classes == {type(one) for one in rows if one is not None}


def test_equal_values_of_several_classes():
    found = distinct(np.array([1, True, 1.0, 2], object))
    assert found.values == [1, 2]
    assert found.places.tolist() == [0, 0, 0, 1]
    assert found.classes == {int, bool, float}
    with pytest.raises(TypeError, match="Got numbers in 2 rows, complex in 1 row: "):
        columns_of(np.array([[1], [2], [1 + 0j]], object), None)


def test_values_without_a_hash():
    with pytest.raises(TypeError, match="unhashable"):
        distinct(np.array([[1], "a", None, 2], object))


def test_categories_that_are_no_text_go_by_their_text_if_any_is_there():
    days = pd.Categorical([pd.Timestamp("2020-01-01"), None])
    assert distinct(pd.Series(days)).values == ["2020-01-01 00:00:00"]
    mixed = pd.Series(pd.Categorical([1, (2,)]))
    assert distinct(mixed[:1]).values == ["1"]
