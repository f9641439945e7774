"""Plain numbers are read by pyarrow, and as the patterns read them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmlp.command import numbers, plain_numbers
from skmlp.command.numbers import MISSING, Options, typed
from skmlp.command.text import UserError

pandas = pytest.importorskip("pandas")
pytest.importorskip("pyarrow", exc_type=ImportError)

TEXT = "str" if pandas.__version__ >= "3" else object


def texts(*values):
    return pandas.Series(values, dtype=TEXT)


@pytest.mark.parametrize("mark", [*".,"])
def test_a_table_of_plain_numbers_needs_no_pattern(mark, monkeypatch):
    values = np.random.RandomState(0).randn(20, 40)
    frame = pandas.DataFrame(
        {f"c{i}": texts(*map(str, x)) for i, x in enumerate(values.T)}
    ).apply(lambda one: one.str.replace(".", mark))
    monkeypatch.setattr(numbers, "read", None)
    table, notes, found = typed(frame, None, None, [], [])
    np.testing.assert_array_equal(table.to_numpy(), values)
    assert (notes, found) == ([], mark)


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (["1", "-20", "0", "-0"], [1, -20, 0, 0]),
        (["0.5", "-0.5", "0"], [0.5, -0.5, 0]),
        (["+0.5", "+1"], [0.5, 1]),
        (["0.5", "NA", "", None], [0.5]),
        (["0,25", "-10,5"], [0.25, -10.5]),
        (["1.5", *["1.250"] * 200], [1.5, *[1.25] * 200]),
        ([*["1.250"] * 200, "1.5"], [*[1.25] * 200, 1.5]),
        (["1.250"] * 200, None),
        (["1.0", "2.0"], None),
        (["007", "8"], None),
        (["-07", "8"], None),
        (["007", "1.5"], None),
        (["+07", "1.5"], None),
        (["00.5", "1.5"], None),
        (["0x10", "8"], None),
        (["0e5", "1.5"], None),
        (["1.5", "inf"], None),
        (["1.5", "1,5"], None),
        (["+5", "6"], None),
        (["1 ", "6"], None),
        (["18446744073709551615", "1"], None),
        (["NA", ""], None),
        ([], None),
        (["a", "1"], None),
        (["\ud800", "1"], None),
    ],
)
def test_what_is_sure(given, values):
    column = pandas.Series(given, dtype=object)
    found = plain_numbers.plain_numbers(column, MISSING, ".,")
    if values is None:
        assert found is None
    else:
        assert found.missing.tolist() == column.isin([*MISSING, None]).tolist()
        shown = [one for one in ".," if one in "".join(map(str, given))]
        assert [*found.readings] == (shown or [*".,"])
        for one in found.readings.values():
            assert one.values.tolist() == values
            assert one.n == len(values)


def test_part_of_an_array_and_parts_put_together():
    values = [f"{one}.5" for one in range(300)]
    whole = texts("07", *values, "1,5")
    expected = [float(one) for one in values]
    parts = pandas.concat([whole[1:100], whole[100:-1]])
    for part in (whole[1:-1], parts):
        found = plain_numbers.plain_numbers(part, MISSING, ".,")
        assert found.readings["."].values.tolist() == expected


@pytest.mark.parametrize("values", [[1, "2.5"], [2.5, 1], [["2.5"]]])
def test_columns_of_other_values_are_not_read(values):
    column = pandas.Series(values, dtype=object)
    assert plain_numbers.plain_numbers(column, MISSING, ".,") is None


def test_without_pyarrow_nothing_is_read(monkeypatch):
    def missing(name):
        raise UserError(name)

    monkeypatch.setattr(plain_numbers, "optional", missing)
    assert plain_numbers.plain_numbers(texts("1", "2"), MISSING, ".,") is None


PLAIN = st.one_of(
    st.integers(-(2**64), 2**64).map(str),
    st.floats(allow_nan=False).map(repr),
    st.from_regex(r"-?[0-9]{1,3}[.,][0-9]{1,3}", fullmatch=True),
    st.sampled_from(["+5", "007", "-07", "0x10", "0e5", "1e999", "nan", "", " 1"]),
    st.text("01.,-+e", min_size=1, max_size=5),
)


@given(
    given=st.lists(PLAIN, min_size=1, max_size=4),
    mark=st.sampled_from([None, ".", ","]),
)
def test_pyarrow_reads_as_the_patterns_do(given, mark):
    def found():
        column = numbers.column_of(texts(*given), Options(mark))
        values = {
            key: (str(one.values.dtype), one.values.tolist(), one.separator)
            for key, one in column.readings.items()
            if one.values is not None
        }
        return column.missing.tolist(), values

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "plain_numbers", lambda *_: None)
        expected = found()
    assert found() == expected
