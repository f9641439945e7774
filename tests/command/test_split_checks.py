"""Notes on customers, copies and an order in time, which a random split breaks."""

import numpy as np
import pytest

from skmlp.command import evaluation
from skmlp.command.split_checks import are_spread, notes_on_split, share_of_time
from skmlp.command.task import infer_task

pandas = pytest.importorskip("pandas")

N = 1200
RNG = np.random.RandomState(0)
NOISE = RNG.randn(N)


def notes(y=NOISE, **columns):
    frame = pandas.DataFrame({"x": RNG.randn(N), **columns, "y": y})
    task = infer_task(frame, "y", "auto")
    return notes_on_split(evaluation.split(task, 0.25, 0), task.columns, "y")


CUSTOMER = RNG.randint(500, size=N)
CITY = np.array([*"ABCD"])[RNG.randint(4, size=500)][CUSTOMER]
BORN = RNG.randint(20, 90, size=500)[CUSTOMER]


@pytest.mark.parametrize("form", [lambda i: 1000 + i, lambda i: f"C{i * 7919 % 500}"])
def test_rows_of_one_customer(form):
    customer = [form(i) for i in CUSTOMER]
    (note,) = notes(customer=customer, city=CITY)
    assert note.startswith("few rows have the same 'customer', and these are alike: 'c")
    assert "'city' is equal in 100% of their pairs, in " in note
    assert note.endswith("--group customer")
    assert notes(customer=customer) == []
    y = RNG.randint(9, size=500)[CUSTOMER]
    (note,) = notes(y, customer=customer)
    assert "alike: the target y is equal in 100% of" in note


def test_other_integers_are_no_customers():
    income = np.exp(8 + RNG.randn(N)).astype(int) // 10 * 10
    assert notes(income=income, city=CITY, born=BORN) == []
    # Rows that repeat as a whole are copies.
    assert not any("--group" in one for one in notes(amount=CUSTOMER))


def test_numbers_that_are_given_one_after_the_other_are_spread():
    assert are_spread(RNG.randint(10**6, 10**7, 300))
    assert not are_spread(np.exp(RNG.randn(300)))
    assert not are_spread(RNG.standard_normal(300) * 100)


@pytest.mark.parametrize("kind", ["regression", "classification"])
def test_copies_of_rows(kind):
    y = NOISE if kind == "regression" else RNG.randint(2, size=N)
    columns = {"a": RNG.randn(N), "b": RNG.choice([*"xyz", None], N)}
    assert notes(y, **columns) == []
    order = np.where(np.arange(N) < 1100, np.arange(N), np.arange(N) - 1100)
    columns["x"] = np.where(columns["a"] > 1, np.nan, columns["a"])
    (note,) = notes(y[order], **{name: one[order] for name, one in columns.items()})
    found = note.replace(",", "").split()
    # A copy and its row are in different parts in 3 of 8 cases.
    assert found[1:4] == ["of", "300", "test"]
    assert 20 < int(found[0]) < 60
    assert found[12] == found[0]
    assert note.endswith(
        "if these are copies, remove them, because the scores are too good"
    )


def test_rows_of_few_values_are_equal_by_chance():
    few = {"x": RNG.randint(3, size=N), "a": RNG.choice([*"xyz"], N)}
    assert notes(RNG.randint(2, size=N), **few) == []
    assert notes(few["x"] + np.round(NOISE), **few) == []


DAYS = pandas.Timestamp("2024-01-01") + pandas.to_timedelta(
    RNG.permutation(N), unit="D"
)
AGE = (DAYS - DAYS.min()).days.to_numpy()


@pytest.mark.parametrize("zone", [None, "UTC"])
@pytest.mark.parametrize(
    ("y", "warns"),
    [
        (AGE / 400 + NOISE, True),
        (np.sin(AGE / 20) + NOISE, True),
        (np.where(AGE / 600 + NOISE > 1, "late", "early"), True),
        (NOISE, False),
        (np.where(NOISE > 0, "late", "early"), False),
    ],
    ids=["drift", "waves", "classes", "noise", "classes of noise"],
)
def test_targets_that_depend_on_time(y, warns, zone):
    days = DAYS.tz_localize(zone)
    found = notes(y, day=days, other=days[RNG.permutation(N)])
    assert len(found) == warns
    if warns:
        assert found[0].startswith("y depends on the time 'day' (")
        assert found[0].endswith("if you predict the future: --time day")


def test_few_rows_show_no_time():
    frame = pandas.DataFrame({"day": DAYS[:90], "x": NOISE[:90], "y": AGE[:90] * 1.5})
    task = infer_task(frame, "y", "auto")
    rows = evaluation.split(task, 0.25, 0)
    assert notes_on_split(rows, task.columns, "y") == []
    assert share_of_time(np.arange(90.0)[:, None] - 44.5) == 0
    assert share_of_time(np.arange(100.0)[:, None] - 49.5) > 0.9
