"""Columns that alone predict the target are named, and no others."""

from datetime import time

import numpy as np
import pytest

from skmlp.command import evaluation
from skmlp.command.leaks import (
    MAX_ROWS,
    chosen_rows,
    explained,
    notes_on_leaks,
    outcome,
)
from skmlp.command.task import infer_task

pandas = pytest.importorskip("pandas")

N = 400
RNG = np.random.RandomState(0)
AMOUNT = np.exp(3 * RNG.randn(N))
SICK = RNG.uniform(size=N) < 0.4
LEVEL = RNG.randint(4, size=N)
DAY = pandas.Timestamp("2024-01-01")


def notes(y, target="y", **columns):
    frame = pandas.DataFrame({"x": RNG.randn(N), **columns, target: y})
    task = infer_task(frame, target, "auto")
    rows = evaluation.split(task, 0.25, 0)
    return notes_on_leaks(rows, task.columns, target)


LEAKS = {
    "another unit": (AMOUNT, 2.54 * AMOUNT + 3),
    "falling": (AMOUNT, 1 / AMOUNT),
    "large numbers": (AMOUNT, 1e300 * AMOUNT / AMOUNT.max()),
    "noise": (AMOUNT, AMOUNT * np.exp(0.02 * RNG.randn(N))),
    "date": (AMOUNT, DAY + pandas.to_timedelta(np.log(AMOUNT) * 1e5, unit="s")),
    "time of day": (SICK, [time(9 + 8 * one, i % 60) for i, one in enumerate(SICK)]),
    "threshold": (SICK, RNG.uniform(size=N) + SICK),
    "label of numbers": (np.round(LEVEL + 0.5, 1), np.array([*"dacb"])[LEVEL]),
    "label of classes": (np.array([*"dacb"])[LEVEL], np.array([*"pqrs"])[LEVEL]),
    "code": (np.array([*"dacb"])[LEVEL], (LEVEL * 7) % 5),
    "few classes of many values": (SICK, np.where(SICK, RNG.randint(99, size=N), -1)),
}


@pytest.mark.parametrize("case", LEAKS)
def test_columns_that_predict_the_target(case):
    y, leak = LEAKS[case]
    (note,) = notes(y, **{"a b": leak})
    assert note.startswith("'a b' alone predicts y almost perfectly (")
    assert note.endswith("--drop 'a b'")


@pytest.mark.parametrize("value", [1.5, "paid", DAY], ids=["number", "text", "date"])
@pytest.mark.parametrize("y", [SICK, SICK * 2 + RNG.uniform(size=N)], ids=["c", "r"])
def test_missing_values_that_predict_the_target(value, y):
    rare = np.where(np.arange(N) % 3 == 0, 0, 1)
    other = pandas.Series([value] * N, dtype=object).where(rare == 1, None)
    column = pandas.Series([value] * N, dtype=object).where(SICK, None)
    found = notes(y, paid=column, other=other)
    assert [one.partition(" predicts")[0] for one in found] == (
        ["whether 'paid' is missing"] if y is SICK else []
    )


@pytest.mark.parametrize(
    ("y", "column"),
    [
        (SICK, SICK + RNG.randn(N)),
        (AMOUNT, AMOUNT * np.exp(RNG.randn(N))),
        (SICK, np.where(RNG.uniform(size=N) < 0.1, ~SICK, SICK)),
        (np.arange(N) < 8, RNG.randn(N)),
        (np.arange(N) < 4, np.arange(N) < 4),
        (SICK, [f"{i} {one}" for i, one in enumerate(SICK)]),
        (np.arange(N) % 100, RNG.randint(3, size=N)),
    ],
    ids=["shift", "noise", "mistakes", "rare", "too rare", "texts", "many classes"],
)
def test_columns_that_are_no_leaks(y, column):
    assert notes(y, other=column) == []


def test_a_rare_class_is_found_by_its_leak_alone():
    y = np.zeros(20_000, dtype=int)
    y[::200] = 1
    frame = pandas.DataFrame({"x": RNG.randn(len(y)), "leak": y * 3.5, "y": y})
    task = infer_task(frame, "y", "auto")
    rows = evaluation.split(task, 0.25, 0)
    chosen = chosen_rows(rows)
    assert len(set(chosen)) == len(chosen) == MAX_ROWS
    assert rows.y_train[chosen].sum() == rows.y_train.sum() == 75
    (note,) = notes_on_leaks(rows, task.columns, "y")
    assert note.startswith("'leak' alone")


def test_the_share_that_is_explained():
    y = outcome("regression", AMOUNT)
    assert sorted(y) == [*range(1, N + 1)]
    assert outcome("regression", [3.0, 1.0, 3.0]).tolist() == [2.5, 1, 2.5]
    exact = explained(pandas.Series(AMOUNT), "number", y, "regression")
    assert exact == (False, pytest.approx(1, abs=1e-2))
    nothing = pandas.Series([None] * N, dtype=float)
    assert explained(nothing, "number", y, "regression")[1] < 0.1
    assert outcome("classification", ["b", "a", "b"]).tolist() == [1, 0, 1]
