"""Rows of programs: values of each kind, bad values, and things that are no rows."""

import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pytest

from skmlp.command.dates import DATED, DURATION, EXAMPLES, TIME
from skmlp.command.given_rows import BadJSONError, RowReader, as_json, batches, rows_in
from skmlp.command.kinds import as_kind
from skmlp.command.models import KINDS
from skmlp.common.missing import MISSING

pandas = pytest.importorskip("pandas")

GOOD = {
    "number": [1, 2.5, True, np.float32(0.5), np.int8(3), Decimal("1.5"), "2.5", " 7 "],
    "text": ["a", "Ulm ", 3, 4.0, 2.5, True, np.int64(7), np.str_("b")],
    "label": ["1", 1, 1.0, True, "true", "x", " 2.0 "],
    **{
        kind: [text, "2024-12-31", date(2024, 12, 31)]
        for kind, text in EXAMPLES.items()
    },
    TIME: [EXAMPLES[TIME], time(1, 2, 3)],
    DURATION: [timedelta(days=1, seconds=5)],
}
"""Values of each kind that a row may have."""

BAD = {
    "number": [
        "abc",
        "1,5",
        "12 %",
        "007",
        [1],
        {},
        b"1",
        np.inf,
        "inf",
        10**400,
        "1 2",
    ],
    "text": [[1], {}, b"a", 1j],
    "label": [[1], {}, b"a", 1j],
    **{kind: ["abc", 5, [1], "2024-02-30", "31 December"] for kind in EXAMPLES},
    DURATION: ["1 day", 5, [1]],
}
"""Values of each kind that no row may have."""


class Odd:
    """A value of which nothing can be asked."""

    def __repr__(self):
        raise RuntimeError

    __eq__ = __hash__ = __str__ = __repr__


def deep():
    found = []
    for _ in range(100_000):
        found = [found]
    return found


ODD = {
    "huge": 10**5000,
    "deep": deep(),
    "odd": Odd(),
    "duration of NumPy": np.timedelta64(5, "ns"),
}

NOT_THERE = [
    " ",
    "\u00a0",
    " NA ",
    None,
    float("nan"),
    np.nan,
    pandas.NA,
    pandas.NaT,
    *sorted(MISSING),
]


def test_each_kind_has_values():
    assert set(KINDS) == GOOD.keys() == BAD.keys()


def reader(kind, **options):
    options = {"ids": (), "labels": {}, "decimal": ".", **options}
    return RowReader({"x": kind}, **options)


def values_of(found):
    return list(found.columns["x"])


@pytest.mark.parametrize("kind", KINDS)
def test_good_values_are_those_that_the_command_reads(kind):
    given = GOOD[kind]
    found = reader(kind).read_rows([{"x": one} for one in given])
    assert not found.faults
    if kind == "number":
        assert values_of(found) == [1, 2.5, 1, 0.5, 3, 1.5, 2.5, 7]
    elif kind in DATED:
        read = as_kind(pandas.Series(values_of(found), name="x", dtype=object), kind)
        wanted = as_kind(pandas.Series(given, name="x", dtype=object), kind)
        assert list(read) == list(wanted)
    else:
        wanted = as_kind(pandas.Series(given, name="x", dtype=object), kind)
        assert values_of(found) == list(wanted)


@pytest.mark.parametrize(
    ("kind", "value"), [(kind, one) for kind, values in BAD.items() for one in values]
)
def test_a_bad_value_is_a_fault_of_its_row(kind, value):
    good = GOOD[kind][0]
    found = reader(kind).read_rows([{"x": good}, {"x": value}, {"x": good}])
    assert found.faults.keys() == {1}
    assert "column 'x' must hold" in found.faults[1][0]
    assert repr(value)[:50] in found.faults[1][0]
    first, other, last = values_of(found)
    assert first == last
    assert other is None or np.isnan(other)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", ODD)
def test_a_value_of_which_nothing_can_be_asked(kind, value):
    if (kind, value) == ("duration", "duration of NumPy"):
        return
    good = GOOD[kind][0]
    found = reader(kind).read_rows([{"x": good}, {"x": ODD[value]}, {"x": good}])
    assert found.faults.keys() == {1}
    assert len(found.faults[1][0]) < 400


def test_the_longest_durations():
    found = reader("duration").read_rows([{"x": timedelta.max}, {"x": timedelta(9)}])
    assert found.faults.keys() == {0}


def test_a_column_twice_in_a_frame():
    frame = pandas.DataFrame([[1, 2]], columns=["x", "x"])
    with pytest.raises(ValueError, match="'x' are there twice"):
        reader("number").read_frame(frame)


def test_labels_are_compared_as_they_are_first():
    known = frozenset(["1.50", "1.5"])
    found = reader("label", labels={"x": known}, decimal=",").read_rows(
        [{"x": "1.50"}, {"x": Decimal("1.50")}, {"x": "1,5"}, {"x": 1.5}]
    )
    assert values_of(found) == ["1.50", "1.50", "1.5", "1.5"]
    assert not found.notes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", NOT_THERE, ids=repr)
def test_missing_values_are_no_faults(kind, value):
    found = reader(kind).read_rows([{"x": value}])
    assert not found.faults
    assert pandas.isna(values_of(found)[0])


def test_a_word_for_missing_values_can_be_a_label():
    found = reader("text", labels={"x": frozenset(["NA", "b"])}).read_rows(
        [{"x": "NA"}, {"x": "null"}]
    )
    assert values_of(found) == ["NA", None]


def test_numbers_in_texts_have_the_decimal_mark_of_training():
    found = reader("number", decimal=",").read_rows(
        [{"x": "1,5"}, {"x": "1.5"}, {"x": 1.5}]
    )
    assert found.faults.keys() == {1}
    assert values_of(found)[::2] == [1.5, 1.5]


def test_labels_that_training_has_not_seen_are_noted():
    found = reader("text", labels={"x": frozenset("ab")}).read_rows(
        [{"x": "a"}, {"x": "zz"}, {"x": None}]
    )
    assert not found.faults
    assert found.notes == {1: ["column 'x': 'zz' was not in training, read as missing"]}


def test_columns_that_are_not_there_and_others():
    read = RowReader({"a": "number", "b": "text"}, ("id",), {}, ".").read_rows
    found = read([{"a": 1, "b": "x", "id": 7}, {"a": 1, "c": 2}, {"a": 1, "b": "x"}])
    assert found.faults == {1: ["the row has no 'b'"]}
    assert found.notes == {1: ["ignored columns 'c'"]}
    assert found.ids == {"id": [7, None, None]}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (5, "must be an object"),
        (None, "must be an object"),
        ([1, 2], "must be an object"),
        ("[1, 2]", "must be an object"),
        ("{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        ('{"x": 1, "x": 2}', "two values for 'x'"),
        ("[" * 100_000, "not JSON"),
        (json.dumps({"x": 1})[:-1] + ', "a": 2' * 30_000 + "}", "two values for 'a'"),
    ],
)
def test_what_is_no_row(row, why):
    found = reader("number").read_rows([row, {"x": 1}, '{"x": 2}'])
    assert found.unusable == found.faults.keys() == {0}
    assert why in found.faults[0][0]
    assert values_of(found)[1:] == [1, 2]


def test_rows_in():
    row = {"x": 1}
    assert list(rows_in(row)) == [row]
    assert list(rows_in([row, row])) == [row, row]
    assert list(rows_in('[{"x": 1}]')) == list(rows_in(b'{"x": 1}')) == [row]
    with pytest.raises(TypeError, match=r"rows must be .* Got int"):
        rows_in(5)
    with pytest.raises(TypeError, match="JSON with a text"):
        rows_in('"x"')
    with pytest.raises(BadJSONError, match="not JSON"):
        rows_in("x")
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_frames(library):
    pytest.importorskip(library)
    frame = pandas.DataFrame({"a": [1.0, np.inf, np.nan], "b": ["x", None, "z"]})
    frame["when"] = pandas.Series([datetime(2024, 1, 2), None, datetime(2024, 1, 3)])
    if library == "polars":
        import polars

        given = polars.DataFrame(
            {"a": [1.0, np.inf, None], "b": ["x", None, "z"], "when": frame.when}
        )
    elif library == "pyarrow":
        import pyarrow

        given = pyarrow.Table.from_pandas(frame)
    else:
        given = frame
    read = RowReader({"b": "text", "a": "number", "when": "date"}, ("b",), {}, ".")
    found = read.read_frame(given)
    assert found.faults.keys() == {1}
    assert found.columns["b"] == ["x", None, "z"]
    assert found.ids == {"b": ["x", None, "z"]}
    np.testing.assert_array_equal(found.columns["a"], [1, np.nan, np.nan])
    assert [one and one.day for one in found.columns["when"]] == [2, None, 3]
    assert not found.notes
    other = RowReader({"c": "text", "a": "number"}, (), {}, ".").read_frame(given)
    assert other.faults[0] == ["the row has no 'c'"]
    assert other.notes[2] == ["ignored columns 'b', 'when'"]
    assert other.columns["c"] == [None] * 3


def test_taken_rows():
    found = RowReader({"a": "number", "b": "text"}, (), {}, ".").read_rows(
        [{"a": i, "b": str(i)} for i in range(3)]
    )
    taken = found.take([2, 0])
    assert taken["a"].tolist() == [2, 0]
    assert taken["b"] == ["2", "0"]
    assert found.take([0, 1, 2]) is found.columns


def test_a_summary_names_the_first_bad_rows():
    found = reader("number").read_rows([{"x": "a"}] * 7)
    text = found.summary()
    assert text.startswith("row 0: column 'x' must hold numbers; got 'a'. row 1: ")
    assert text.endswith(
        "row 4: column 'x' must hold numbers; got 'a', and 2 more bad rows."
    )


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (np.int64(3), 3),
        (np.float64("nan"), None),
        (float("inf"), None),
        (1.5, 1.5),
        (True, True),
        ("a", "a"),
        (None, None),
        (date(2024, 1, 2), "2024-01-02"),
        ("\ud800", "\\ud800"),
        ([1], "[1]"),
    ],
)
def test_values_for_json(value, wanted):
    found = as_json(value)
    assert found == wanted
    assert type(found) is type(wanted)
