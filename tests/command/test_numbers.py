"""Texts of tables that are numbers, in every form; and those that are none."""

import io
import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmlp.command.numbers import MISSING, fault_of, typed
from skmlp.command.text import UserError

pandas = pytest.importorskip("pandas")

TEXT = "str" if pandas.__version__ >= "3" else object


def texts(*values):
    return pandas.Series(values, dtype=TEXT)


def read(columns, decimal=None, thousands=None, missing=(), text=None):
    frame = pandas.DataFrame({name: texts(*one) for name, one in columns.items()})
    return typed(frame, decimal, thousands, missing, text)[:2]


def read_one(*values, **options):
    """A column as a list, with None where missing; its dtype, and the notes."""
    frame, notes = read({"x": values}, **options)
    found = [None if pandas.isna(one) else one for one in frame["x"].tolist()]
    return found, str(frame["x"].dtype), notes


@pytest.mark.parametrize(
    ("given", "expected", "dtype"),
    [
        (["1", "-2", "+3"], [1, -2, 3], "int64"),
        (["1", "", "NA", " null "], [1, None, None, None], "Int64"),
        (["1.5", "-.25", "3.", "1e3", "+2E-1"], [1.5, -0.25, 3, 1000, 0.2], "float64"),
        (["1.5", "", "-nan"], [1.5, None, None], "float64"),
        (["3.0", "4.0"], [3, 4], "float64"),
        ([" 1", "2 ", "3\0\0"], [1, 2, 3], "int64"),
        (["inf", "-Infinity", "1"], [np.inf, -np.inf, 1], "float64"),
        (["\u22125", "6"], [-5, 6], "int64"),
        ([str(2**53 + 1), "", "-1"], [2**53 + 1, None, -1], "Int64"),
        ([str(2**63 - 1), str(-(2**63))], [2**63 - 1, -(2**63)], "int64"),
        ([str(2**64 - 1), "0"], [2**64 - 1, 0], "uint64"),
        ([str(2**64 - 1), "", "0"], [2**64 - 1, None, 0], "UInt64"),
        (["True", "FALSE", "true"], [True, False, True], "bool"),
        (["True", "", "False"], [True, None, False], "boolean"),
        (["", "NA"], [None, None], "float64"),
        (["0", "-0", "0.5"], [0, 0, 0.5], "float64"),
    ],
)
def test_plain_numbers(given, expected, dtype):
    assert read_one(*given) == (expected, dtype, [])


@pytest.mark.parametrize(
    "given",
    [
        ["02139", "10001"],
        ["00", "1"],
        ["1.5", "007"],
        ["-05", "3"],
        [str(2**64), "1"],
        ["-1", str(2**63)],
        ["9" * 5000, "1"],
        ["1_000", "2"],
        ["0x10", "2"],
        ["\uff11\uff12", "2"],
        ["1.2.3", "4"],
        ["12,34,567", "1"],
        ["1,234,5", "1"],
        ["1.5", "1,5"],
        ["1,234.5", "1.234,5"],
        ["1'234.5", "1\u00a0234.5"],
        ["5%", "$5"],
        ["5%", "5"],
        ["5 km", "6 km"],
        ["--5", "1"],
        ["1 234", "1"],
        ["1\n2", "3"],
        ["1e", "2"],
        ["True", "yes"],
    ],
)
def test_texts_that_are_no_numbers_stay_as_they_are(given):
    assert read_one(*given)[0] == given
    assert read_one(*given, text=["x"])[0] == given


COMMA, POINT = {"y": ["1,5", "0,5"]}, {"y": ["1.5", "0.5"]}


@pytest.mark.parametrize(
    ("given", "others", "options", "expected"),
    [
        (["1,5", "-2", ",25"], {}, {}, [1.5, -2, 0.25]),
        (["1.050,00", "3"], {}, {}, [1050, 3]),
        (["1.204.000,5"], {}, {}, [1204000.5]),
        (["1,234.50", "1,234,567"], {}, {}, [1234.5, 1234567]),
        (["1,234,567"], POINT, {}, [1234567]),
        (["12,923", "950"], COMMA, {}, [12.923, 950]),
        (["12.923", "950"], POINT, {}, [12.923, 950]),
        (["12.923", "950"], {}, {}, [12.923, 950]),
        (["12.923", "950"], COMMA, {"thousands": "."}, [12923, 950]),
        (["12.923", "950"], COMMA, {"decimal": ","}, [12923, 950]),
        (["12.923", "950"], COMMA, {"decimal": "."}, [12.923, 950]),
        (["12,923", "950"], POINT, {"thousands": ","}, [12923, 950]),
        (["12,923", "950"], {}, {"decimal": ","}, [12.923, 950]),
        (["12,923", "950"], {}, {"thousands": " "}, [12.923, 950]),
        (["12.923"], {"y": ["1.050,25"]}, {}, [12923]),
        (["1 234,5", "1\u00a0234"], {}, {"thousands": " "}, [1234.5, 1234]),
        (["1\u202f234", "5\u00a0678,5"], {}, {}, [1234, 5678.5]),
        (["1'234.5", "1\u2019234"], {}, {}, [1234.5, 1234]),
        (["1_234", "5"], {}, {"thousands": "_"}, [1234, 5]),
        (["1:5", "2"], {}, {"decimal": ":"}, [1.5, 2]),
        (["12%", "5.5 %"], {}, {}, [12, 5.5]),
        (["$1,234.50", "-$5", "$-6"], {}, {}, [1234.5, -5, -6]),
        (["EUR 5", "6 EUR"], {}, {}, [5, 6]),
        (["1.234,50 \u20ac", "7\u20ac"], {}, {}, [1234.5, 7]),
    ],
)
def test_forms(given, others, options, expected):
    columns = {"x": given, **{name: one * len(given) for name, one in others.items()}}
    columns = {name: one[: len(given)] for name, one in columns.items()}
    assert read(columns, **options)[0]["x"].tolist() == expected


@pytest.mark.parametrize("mark", [*".,"])
@pytest.mark.parametrize("proof", [COMMA, POINT, {}])
def test_a_mark_that_can_be_two_things_is_an_error(mark, proof):
    value, longer = f"12{mark}923", "-123456"
    fits = proof == {",": COMMA, ".": POINT}[mark] or (mark == "." and not proof)
    if fits:
        found = read({"x": [value, longer], **proof})[0]["x"].tolist()
        assert found == [12.923, -123456]
        return
    message = (
        f"Column 'x': '{value}' can be 12923 or 12.923. Set --thousands {mark} for the "
        f"first, --decimal {mark} for the second."
    )
    with pytest.raises(UserError, match=f"^{re.escape(message)}$"):
        read({"x": [value, longer], **proof})


def test_columns_of_text_also_show_the_decimal_mark():
    columns = {"x": ["12.923"] * 3, "y": ["1,5", "2,5", "?"]}
    with pytest.raises(UserError, match="Column 'x'"):
        read(columns)
    # A column of numbers shows it better.
    table, _ = read({**columns, "z": ["0.5"] * 3})
    assert table["x"].tolist() == [12.923] * 3


def test_the_options_must_differ():
    with pytest.raises(UserError, match="must differ. Got ',' twice"):
        read({"x": ["1"]}, decimal=",", thousands=",")


@pytest.mark.parametrize(
    ("given", "options", "note"),
    [
        (
            ["1", "2", "?", "?"],
            {},
            "2 of 4 values are no numbers: '?'; --missing '?' reads it as missing",
        ),
        (
            ["1", "2", "3", "-", "--", "n.a."],
            {},
            "3 of 6 values are no numbers: '-', '--', 'n.a.'; "
            "--missing - n.a. --missing=-- reads them as missing",
        ),
        (["1", "2", "3 or more"], {}, "1 of 3 values is no number: '3 or more'"),
        (
            [*"123456", *"abcdef"],
            {},
            "6 of 12 values are no numbers: 'a', 'b', 'c', 'd', 'e' and 1 more",
        ),
        (["02139", "1", "2"], {}, "1 of 3 values begins with 0: '02139'"),
        (["5%", "6%", "7"], {}, "1 of 3 values is no number with '%': '7'"),
        (["0.5", "2.5", "1,5"], {}, "is no number in the form of others: '1,5'"),
        (
            ["-1,5", "2,5"],
            {"decimal": "."},
            "its numbers have another form, such as '-1,5'; --decimal , reads it",
        ),
        (
            ["1 234", "5"],
            {},
            "its numbers have another form, such as '1 234'; --thousands ' ' reads it",
        ),
        ([str(2**64), "1"], {}, f"holds its integers, such as '{2**64}'"),
    ],
)
def test_notes_on_columns_that_are_nearly_numbers(given, options, note):
    found, _, notes = read_one(*given, **options)
    assert found == given
    assert len(notes) == 1
    assert notes[0].startswith("'x' is used as text: ")
    assert note in notes[0]
    assert read_one(*given, text=["x"], **options)[2] == []


def test_the_option_of_a_note_reads_the_column():
    assert read_one("1", "?", "-", missing=["?", "-"]) == ([1, None, None], "Int64", [])
    assert read_one("1 234", "5", thousands=" ")[0] == [1234, 5]


def test_texts_are_no_nearly_numbers():
    assert read_one("a", "b", "1") == (["a", "b", "1"], TEXT_NAME, [])


TEXT_NAME = str(texts("a").dtype)


def test_notes_on_units_and_thousands():
    columns = {"a": ["5%", "6%"], "b": ["7 %", ""], "c": ["$1,234.5", "$1"]}
    assert read(columns)[1] == [
        "numbers without their '%': 'a', 'b'",
        "numbers without their '$': 'c'",
        "',' separates thousands: 'c'",
    ]


def test_many_notes_are_few():
    columns = {f"x{i}": ["1", "2", "?"] for i in range(30)}
    notes = read(columns)[1]
    assert len(notes) == 9
    assert notes[-1] == "22 more columns of numbers and other texts, used as text"
    notes = read({f"x{i}": ["a", "b", "NA"] for i in range(30)})[1]
    assert len(notes) == 1
    assert notes[0].endswith("'NA' in 'x7' (1) and 22 more")


def test_words_for_missing_values_in_text():
    columns = {"c": ["NA", "NA", "DE", "None", ""], "n": ["NA", "1", "2", "", "3"]}
    table, notes = read(columns)
    assert table["c"].isna().tolist() == [True, True, False, True, True]
    assert notes == ["read as missing: 'NA' in 'c' (2), 'None' in 'c' (1)"]
    table, notes = read({"c": ["NA", "?", "DE"]}, missing=["?"], text=["c"])
    assert table["c"].isna().tolist() == [True, True, False]
    assert notes == []


def test_the_words_are_those_of_pandas():
    words = sorted(MISSING)
    frame = pandas.read_csv(io.StringIO("\n".join(["x,y", *(f"{w},1" for w in words)])))
    assert frame["x"].isna().all()
    assert read_one(*words)[0] == [None] * len(words)


def test_columns_of_other_types_stay_as_they_are():
    frame = pandas.DataFrame(
        {
            "i": [1, 2, -999],
            "f": [1.5, -999.0, 2],
            "b": [True, False, True],
            "d": pandas.to_datetime(["2024-01-01"] * 3),
            "c": pandas.Categorical(["1", "2", "1"]),
            "o": pandas.Series([1, None, 2.5], dtype=object),
            "l": pandas.Series([[1], [2], "x"], dtype=object),
            "m": pandas.Series([True, "x", 1], dtype=object),
        }
    )
    table, notes, _ = typed(frame, None, None, [])
    pandas.testing.assert_frame_equal(table, frame)
    assert notes == []
    table, *_ = typed(frame, None, None, ["-999", "?"])
    assert table["i"].tolist()[:2] == [1, 2]
    assert table["i"].dtype == "Int64"
    assert table[["i", "f"]].isna().sum().tolist() == [1, 1]


def test_numbers_and_texts_in_a_column_of_objects():
    values = pandas.Series([1, 2.5, "?", None, 2**60], dtype=object)
    frame = pandas.DataFrame({"x": values})
    table, notes, _ = typed(frame, None, None, [])
    assert table["x"].tolist()[:3] == [1, 2.5, "?"]
    assert "1 of 4 values is no number: '?'; --missing '?' reads it" in notes[0]
    table, notes, _ = typed(frame.drop(index=1), None, None, ["?"])
    assert table["x"].dropna().tolist() == [1, 2**60]
    assert table["x"].dtype == "Int64"
    mixed = pandas.Series([Decimal("1.5"), "1,234,567.5", np.int64(3)], dtype=object)
    table, *_ = typed(pandas.DataFrame({"x": mixed}), None, None, [])
    assert table["x"].tolist() == [1.5, 1234567.5, 3]


def test_the_faults_of_a_column():
    assert fault_of(texts("1", "2", "?")) == (
        "1 of 3 values is no number: '?'; --missing '?' reads it as missing",
        True,
    )
    assert fault_of(texts("a", "b"))[1] is False
    assert fault_of(texts("007", "8"))[1] is False
    assert fault_of(pandas.Series([[1], 2], dtype=object)) == (
        "1 of 2 values is no number: '[1]'",
        True,
    )
    assert "type is category" in fault_of(pandas.Series(["1"]).astype("category"))[0]
    assert fault_of(texts("True", "False")) == ("it has values such as 'True'", False)


DIALECTS = {
    "plain": (".", ""),
    "comma": (",", ""),
    "English": (".", ","),
    "German": (",", "."),
    "Swiss": (".", "'"),
    "French": (",", "\u202f"),
}
AFFIXES = [("", ""), ("$", ""), ("", "%"), ("", " EUR"), ("\u00a3 ", "")]
EXACT = st.one_of(
    st.integers(-(10**7), 10**7),
    st.integers(-(2**65), 2**65),
    st.decimals(-(10**7), 10**7, places=2),
    st.decimals(-2000, 2000, places=3),
)


def written(value, decimal, thousands, affixes):
    """A number in a dialect."""
    text = f"{abs(value):,f}" if isinstance(value, Decimal) else f"{abs(value):,}"
    marks = {",": thousands, ".": decimal}
    text = "".join(marks.get(one, one) for one in text)
    return ("-" if value < 0 else "") + affixes[0] + text + affixes[1]


def expected_of(values):
    """The numbers in double precision, integers exact; None if no type holds them."""
    if any(isinstance(one, Decimal) for one in values):
        return [float(one) for one in values]
    fits = min(values) >= -(2**63) and max(values) < 2**63
    return values if fits or 0 <= min(values) <= max(values) < 2**64 else None


@given(
    dialect=st.sampled_from([*DIALECTS]),
    values=st.lists(EXACT, min_size=1, max_size=6),
    affixes=st.sampled_from(AFFIXES),
    how=st.sampled_from(["options", "another column"]),
)
def test_numbers_of_each_dialect_come_back(dialect, values, affixes, how):
    decimal, thousands = DIALECTS[dialect]
    given = [written(one, decimal, thousands, affixes) for one in values]
    if how == "options":
        table, _ = read({"x": given}, decimal=decimal, thousands=thousands or None)
    else:
        proof = written(Decimal("1234567.25"), decimal, thousands, ("", ""))
        table, _ = read({"x": given, "y": [proof] * len(given)})
    assert table["x"].tolist() == (expected_of(values) or given)


def possible(text):
    """The numbers that a text can mean, by Python's own conversion."""
    text = text.strip().replace("'", "")
    for drop, mark in ((",", "."), (".", ",")):
        plain = re.sub("[%$]", "", text).replace(drop, "").replace(mark, ".")
        if not re.search(r"\s", plain):
            try:
                yield float(plain)
            except ValueError:
                continue


@given(
    columns=st.lists(
        st.lists(st.text("01234567,.-%$ e'", min_size=1), min_size=3, max_size=3),
        min_size=1,
        max_size=3,
    )
)
def test_no_text_becomes_another_number(columns):
    given = {f"x{i}": one for i, one in enumerate(columns)}
    try:
        table, _ = read(given)
    except UserError:
        return
    for name, one in given.items():
        for text, value in zip(one, table[name], strict=True):
            if isinstance(value, str):
                assert value == text
            elif not pandas.isna(value):
                assert float(value) in [*possible(text)]


@pytest.mark.parametrize("decimal", [*".,"])
@pytest.mark.parametrize("thousands", ["", *".,"])
def test_pandas_reads_the_same(decimal, thousands):
    if decimal == thousands:
        return
    rng = np.random.RandomState(0)
    values = [Decimal(int(one)) / 1000 for one in rng.randint(-(10**9), 10**9, 200)]
    given = [written(one, decimal, thousands, ("", "")) for one in values]
    file = io.StringIO("\n".join(["x", *given]))
    frame = pandas.read_csv(
        file,
        sep=";",
        decimal=decimal,
        thousands=thousands or None,
    )
    found = read_one(*given)[0]
    assert found == [float(one) for one in values]
    # Some versions of pandas round the last digit.
    np.testing.assert_allclose(frame["x"], found, rtol=1e-15)


@pytest.mark.parametrize(
    ("texts", "default", "value"),
    [
        (["1.5"], ",", 1.5),
        (["1,5"], ".", 1.5),
        (["15"], ",", 15),
        (["1.050,5"], ".", 1050.5),
        (["1.050"], ".", 1.05),
        (["1.050", "2.5"], ",", 1.05),
    ],
)
def test_the_default_decimal_mark_counts_where_no_column_shows_one(
    texts, default, value
):
    frame = pandas.DataFrame({"x": texts})
    table, _, mark = typed(frame, None, None, [], None, default)
    assert table["x"].tolist()[0] == value
    shown = [one for one in ".," if any(one in text for text in texts)]
    assert mark == (default if not shown else "," if "," in texts[0] else ".")


def test_thousands_are_not_taken_for_decimals_after_training_with_commas():
    frame = pandas.DataFrame({"x": ["1.050"]})
    with pytest.raises(
        UserError, match="'1.050' can be 1050 or 1.050. Set --thousands"
    ):
        typed(frame, None, None, [], None, ",")
    assert typed(frame, None, ".", [], None, ",")[0]["x"].tolist() == [1050]


def test_no_column_is_said_to_be_used_as_text_if_its_kind_is_known():
    frame = pandas.DataFrame({"x": ["1", "2", "?"]})
    assert len(typed(frame, None, None, [])[1]) == 1
    assert typed(frame, None, None, [], [])[1] == []


@pytest.mark.parametrize("stray", ["True", "yes", "N", "false"])
def test_yes_and_no_are_not_suggested_as_missing(stray):
    (note,) = typed(pandas.DataFrame({"x": ["1", "0", "1", stray]}), None, None, [])[1]
    assert note == f"'x' is used as text: 1 of 4 values is no number: '{stray}'"


def test_numbers_that_are_text_in_a_typed_table():
    series = pandas.Series(["1", "2"])
    assert fault_of(series) == ("its numbers are text", True)
