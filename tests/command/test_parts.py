"""Names of columns, from headers that may be odd; parts of one table."""

import pytest

from skmlp.command.choices import Reading
from skmlp.command.parts import as_names, joined, typed_table
from skmlp.command.text import UserError

pandas = pytest.importorskip("pandas")


@pytest.mark.parametrize(
    ("header", "note"),
    [
        ("", []),
        ("c,1990,1991", []),
        ("5.1,3.5,x", ["the header looks like a row of values: '5.1', '3.5', 'x'"]),
        ("x,2.5", ["the header looks like a row of values: 'x', '2.5'"]),
        ("5,6", ["the header looks like a row of values: '5', '6'"]),
        ("x,2024", []),
        ("#x,y", ["the header begins with '#': '#x', 'y'"]),
        (",x", []),
        ("x,", ["columns without a name, called 'column 2'"]),
    ],
)
def test_odd_headers_have_a_note(header, note):
    cells = header.split(",") if header else ["a"]
    names, notes = as_names(cells)
    assert names == [cell or f"column {i}" for i, cell in enumerate(cells, start=1)]
    assert notes == note


def test_values_as_a_header_and_equal_names():
    message = (
        "called '3.5'. The first line must be a header; it looks like a row of val"
    )
    with pytest.raises(UserError, match=message):
        as_names(["5.1", "3.5", "3.5"])


def test_many_equal_names_have_a_short_message():
    with pytest.raises(UserError, match="'c7' and 4992 more.") as caught:
        as_names([f"c{i // 2}" for i in range(10_000)])
    assert len(str(caught.value)) < 120


def test_columns_of_parts_have_the_order_of_the_first():
    one, other = (pandas.DataFrame(columns) for columns in ({"a": [1], "b": [2]},) * 2)
    both = joined([one, other[["b", "a"]]])
    assert both.to_dict("list") == {"a": [1, 1], "b": [2, 2]}
    assert both.index.tolist() == [0, 1]
    assert joined([one]) is one


def test_texts_are_numbers_only_if_those_of_all_rows_are():
    frame = pandas.DataFrame({"a": ["1", "2"], "b": ["1", "x"], "c": ["1", "2"]})
    table = typed_table(frame, ["a note"], Reading(), frozenset("c"))
    assert table.frame["a"].tolist() == [1, 2]
    assert table.frame["b"].tolist() == ["1", "x"]
    assert table.frame["c"].tolist() == ["1", "2"]
    assert table.notes[0] == "a note"
    with pytest.raises(UserError, match="no rows"):
        typed_table(frame[:0], [], Reading(), None)
