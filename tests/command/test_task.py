"""The task of a table: tasks inferred, kinds of columns, and tables without a task."""

import re
from datetime import time, timedelta
from decimal import Decimal

import numpy as np
import pytest

from skmlp.command.choices import CLASSIFICATION, REGRESSION
from skmlp.command.dates import DATE
from skmlp.command.kinds import LABEL, NUMBER, as_kinds
from skmlp.command.task import infer_task
from skmlp.command.text import UserError

pandas = pytest.importorskip("pandas")

N = 24
NUMBERS = [1.5 * i for i in range(N)]
ABC = [*"abc"] * 8


def frame(**columns):
    return pandas.DataFrame({"x": [i % 5 for i in range(N)], **columns})


def infer(y, kind_of_task="auto", drop=(), **columns):
    return infer_task(frame(y=y, **columns), "y", kind_of_task, list(drop))


@pytest.mark.parametrize(
    ("y", "note", "kind"),
    [
        (ABC, "y: classification, because it is text with 3 different values", "U"),
        ([True, False] * 12, "y: classification, because it is boolean", "b"),
        (
            [0, 1, 2] * 8,
            "y: classification, because it has only 3 different integers",
            "i",
        ),
        (
            [0.0, 1.0] * 12,
            "y: classification, because it has only 2 different int",
            "i",
        ),
        (
            list(range(N)),
            "y: regression, because it has 24 different integers (or set --task cl",
            "f",
        ),
        (
            [*range(6)] * 4,
            "y: regression, because it has 6 different integers (or set --task",
            "f",
        ),
        (
            [0.5, 1.5] * 12,
            "y: regression, because it has 2 different numbers, not all integers",
            "f",
        ),
    ],
)
def test_the_task_is_inferred(y, note, kind):
    task = infer(y)
    assert task.notes[0].startswith(note)
    assert task.kind == (CLASSIFICATION if "classification," in note else REGRESSION)
    assert task.y.dtype.kind == kind
    assert task.y.tolist() == y
    assert list(task.X) == ["x"]
    assert task.columns == {"x": NUMBER}


def test_categories_are_classes_and_missing_values_do_not_change_them():
    y = pandas.Series([3, 1] * 12).astype("category")
    assert infer(y).y.tolist() == ["3", "1"] * 12
    assert infer([*[True, False] * 11, None, None]).y.tolist() == [True, False] * 11
    task = infer([*[1, 2] * 11, None, np.nan])
    assert task.y.tolist() == [1, 2] * 11
    assert task.y.dtype.kind == "i"
    assert task.notes[1] == "dropped, y is missing: 2 rows"
    assert task.X.shape == (22, 1)


def test_the_task_can_be_told():
    task = infer([0, 1, 2] * 8, "regression")
    assert (task.y.dtype.kind, task.kind) == ("f", REGRESSION)
    assert task.notes == ["y: regression, as --task says"]
    task = infer([0.5, 1.5] * 12, "classification")
    assert task.y.tolist() == ["0.5", "1.5"] * 12


@pytest.mark.parametrize(
    ("y", "kind_of_task", "message"),
    [
        ([None] * N, "auto", "Column 'y', the target, has no values."),
        (
            [7] * N,
            "auto",
            "Column 'y', the target, has the same value in every row: 7.",
        ),
        (
            ["a"] * N,
            "auto",
            "Column 'y', the target, has the same value in every row: a.",
        ),
        (
            [*"abab", *[None] * 20],
            "auto",
            "At least 20 rows with a y are needed. Got 4.",
        ),
        (
            [f"{i} km" for i in range(N)],
            "auto",
            "has numbers with other text, such as ",
        ),
        (NUMBERS, "classification", "'3.0'; is it an identifier? Or set --task regr"),
        ([f"#{i}" for i in range(N)], "auto", "one row each, such as '#0', '#1', '#2'"),
        (
            ABC,
            "regression",
            "for a regression: 24 of 24 values are no numbers: 'a', 'b', 'c'.",
        ),
        ([*NUMBERS[1:], np.inf], "auto", "'y', the target, has infinite values."),
        (
            pandas.date_range("2024-01-01", periods=N),
            "auto",
            "or classes. Got dates, such as 2024-01-01 00:00:00; make numbers of them.",
        ),
        (
            [f"{i}.12.2024" for i in range(1, N + 1)],
            "auto",
            "Got dates, such as 1.12.20",
        ),
        (
            [time(i % 24, 30) for i in range(N)],
            "auto",
            "Got times of day, such as 00:30",
        ),
        ([[1, 2]] * N, "auto", "must hold numbers or classes. Got other values, such"),
        (["a", "a\0"] * 12, "auto", r"the character NUL in 'a\x00'; remove it."),
    ],
)
def test_targets_with_mistakes(y, kind_of_task, message):
    with pytest.raises(UserError, match=re.escape(message)):
        infer(y, kind_of_task)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Y", "The table has no column 'Y'. Do you mean 'y'?"),
        ("prize", "The table has no column 'prize'. Do you mean 'price'?"),
        ("qqq", "The table has no column 'qqq'. It has 'x', 'price', 'y'."),
    ],
)
def test_names_that_are_not_there(name, message):
    table = frame(price=NUMBERS, y=ABC)
    with pytest.raises(UserError, match=re.escape(message)):
        infer_task(table, name, "auto", [])
    with pytest.raises(UserError, match=re.escape(message)):
        infer_task(table, "y", "auto", [name])


def test_dropped_columns():
    assert list(infer(ABC, drop=["x"], z=NUMBERS).X) == ["z"]
    with pytest.raises(UserError, match="'y' is the target and cannot be dropped"):
        infer(ABC, drop=["y"])
    with pytest.raises(UserError, match="No column is left to train on"):
        infer(ABC, drop=["x"])


def test_a_class_with_one_row_cannot_be_judged():
    task = infer([*"aaabb" * 4, *"bbcd"])
    assert task.kind == CLASSIFICATION
    assert task.notes[1] == (
        "classes with one row, which is a training row, so they cannot be judged: "
        "'c', 'd'; merge them with other classes, or remove their rows"
    )
    assert len(infer(ABC).notes) == 1


def test_notes_on_dates():
    task = infer(
        ABC,
        german=[f"{i + 1}.12.2024" for i in range(N)],
        at=[f"{i}:30" for i in range(N)],
        took=[timedelta(hours=i % 5) for i in range(N)],
        either=[f"1/{1 + i % 9}/2024" for i in range(N)],
        once=[*["31.12.2024"] * 12, *["later"] * 12],
    )
    assert task.columns["german"] == "date day.month.year"
    assert task.notes[1:] == [
        "read as dates such as 31.12.2024: 'german'",
        "read as times of day: 'at'",
        "read as durations: 'took'",
        "looks like dates, used as text: 'either' (day and month of '1/1/2024' may be "
        "exchanged; write dates as 2024-12-31)",
        "looks like dates, used as text: 'once' ('later' cannot be read; write dates as "
        "2024-12-31)",
    ]


def test_columns_no_model_can_use_are_named_together():
    with pytest.raises(
        UserError,
        match=re.escape("'l', 'd' hold other values; drop them with --drop l d"),
    ):
        infer(ABC, l=[[1]] * N, d=[1j] * N)


def test_columns_without_information_are_dropped():
    task = infer(
        ABC,
        empty=[None] * N,
        same=["s"] * N,
        some=[*[None] * 23, 1.0],
        row=range(5, 5 + N),
        label=[f"#{i}" for i in range(N)],
        day=[f"2024-01-{i + 1:02}" for i in range(N)],
    )
    assert list(task.X) == ["x", "some", "day"]
    assert task.columns == {"x": NUMBER, "some": NUMBER, "day": DATE}
    assert task.notes[1:] == [
        "dropped, constant: 'same'",
        "dropped, different text in each row: 'label'",
        "dropped, empty: 'empty'",
        "dropped, row number: 'row'",
        "read as dates: 'day'",
    ]


def test_texts_of_several_words_are_kept():
    notes = [f"a note on row {i}" for i in range(120)]
    table = pandas.DataFrame({"note": notes, "id": [f"#{i}" for i in range(120)]})
    task = infer_task(table.assign(y=ABC * 5), "y", "auto", [])
    assert list(task.X) == ["note"]
    assert task.notes[1] == "dropped, different text in each row: 'id'"


def test_no_column_is_left_and_why():
    table = pandas.DataFrame({"a": [1] * N, "b": [None] * N, "y": ABC})
    with pytest.raises(UserError, match="on .*constant: 'a'; dropped, empty: 'b'"):
        infer_task(table, "y", "auto", [])


def test_a_note_on_text_with_many_values():
    amounts = [f"{i % 60} km" for i in range(180)]
    table = pandas.DataFrame({"way": amounts, "y": NUMBERS[:18] * 10})
    assert infer_task(table, "y", "auto", []).notes[1:] == [
        "text with many different values, few rows each: 'way'"
    ]


def test_a_note_on_possible_identifiers():
    order = np.random.RandomState(0).permutation(200)
    table = pandas.DataFrame({"id": order, "x": order % 7, "y": order % 2})
    task = infer_task(table, "y", "auto", [])
    assert list(task.X) == ["id", "x"]
    assert task.notes[1] == (
        "warning: a different integer in each row, perhaps an identifier: 'id' (if so, "
        "--id id)"
    )


BIG = 2**60
DIGITS = [f"{1.7 * i:.3f}" for i in range(1, N)]


@pytest.mark.parametrize(
    ("y", "dtype"),
    [
        ([2**53 + 1 + 2 * (i % 3) for i in range(N)], "int64"),
        ([2**64 - 1 - i % 2 for i in range(N)], "uint64"),
        (pandas.array([BIG + i % 2 for i in range(N)], dtype="Int64"), "int64"),
        (pandas.Series([BIG + i % 2 for i in range(N)], dtype=object), "int64"),
        (
            pandas.Series([Decimal(BIG + i % 2) for i in range(N)], dtype=object),
            "int64",
        ),
        (pandas.Series([2**70 + i % 2 for i in range(N)], dtype=object), "<U22"),
        ([1e300, 2e300] * 12, "<U6"),
    ],
)
def test_labels_are_exact(y, dtype):
    task = infer(y)
    assert task.kind == CLASSIFICATION
    assert task.y.dtype == dtype
    convert = str if dtype[0] == "<" else int
    assert task.y.tolist() == [convert(value) for value in pandas.Series(y)]


def test_large_integers_as_numbers_of_a_regression():
    with pytest.raises(UserError, match=f"differ less than .*, such as {BIG}; set"):
        infer([BIG + i % 2 for i in range(N)], "regression")
    assert infer([BIG * (1 + i % 2) for i in range(N)], "regression").kind == REGRESSION


def test_integers_that_are_one_in_double_precision_are_labels():
    codes = [BIG + i % 3 for i in range(N)]
    task = infer(ABC, code=codes, large=[BIG * (i % 5) for i in range(N)])
    assert task.columns == {"x": NUMBER, "code": LABEL, "large": NUMBER}
    assert task.X["code"].tolist() == [*map(str, codes)]
    assert task.notes[1] == (
        "integers that double precision cannot tell apart, used as text: 'code'"
    )
    predicted = as_kinds(pandas.DataFrame({"code": codes}), {"code": LABEL})
    assert predicted["code"].tolist() == task.X["code"].tolist()


@pytest.mark.parametrize(
    ("y", "kind_of_task", "message"),
    [
        (
            [*DIGITS, "?"],
            "auto",
            "1 of 24 values is no number: '?'; --missing '?' reads",
        ),
        ([*DIGITS, "?"], "regression", "regression: 1 of 24 values is no number: '?'"),
        (
            [*map(float, DIGITS), "?"],
            "auto",
            "has numbers as text: 1 of 24 values is no",
        ),
        ([f"1 {i:03}" for i in range(N)], "auto", "--thousands ' ' reads it."),
        ([f"{i:03}" for i in range(N)], "regression", "24 of 24 values begin with 0:"),
        (
            pandas.Categorical([1, 2] * 12),
            "regression",
            "must hold numbers for a regression: its type is category.",
        ),
    ],
)
def test_targets_that_are_nearly_numbers(y, kind_of_task, message):
    with pytest.raises(UserError, match=re.escape(message)):
        infer(y, kind_of_task)


def test_few_texts_and_codes_are_classes():
    assert infer(["1", "2", "3", "?"] * 6).y.tolist() == ["1", "2", "3", "?"] * 6
    assert infer(["007", "8"] * 12).kind == CLASSIFICATION
    assert infer(DIGITS[:12] * 2, "classification").y[0] == "1.700"


def test_numbers_that_are_categories():
    days = pandas.date_range("2024-01-01", periods=N)
    table = frame(y=ABC, zip=[1, 2, 3] * 8, size=[1.5, 2, None] * 8, day=days)
    task = infer_task(table, "y", "auto", categorical=["zip", "size"])
    kinds = {"x": NUMBER, "zip": LABEL, "size": LABEL, "day": DATE}
    assert task.columns == kinds
    assert task.X["zip"].tolist() == ["1", "2", "3"] * 8
    for name, message in [
        ("day", "'day' must hold numbers or text. Got dates"),
        ("y", "'y' is the target"),
        ("w", "no column 'w'"),
    ]:
        with pytest.raises(UserError, match=message):
            infer_task(table, "y", "auto", categorical=[name])
    with pytest.raises(UserError, match="'zip' is dropped"):
        infer_task(table, "y", "auto", ["zip"], ["zip"])
