"""Options that name columns: ids, numbers, categories."""

import argparse
import io
import re

import numpy as np
import pytest

from skmlp.command.column_options import check_column_options, column_kinds, unused
from skmlp.command.models import load_model
from skmlp.command.task import infer_task
from skmlp.command.text import UserError
from tests.command.conftest import N, command

pandas = pytest.importorskip("pandas")

pytestmark = pytest.mark.usefixtures("bare")


def options(**given):
    none = {"drop": [], "ids": [], "categorical": [], "numbers": [], "group": None}
    return argparse.Namespace(**{"target": "y", **none, **given})


FRAME = pandas.DataFrame({"a": [1], "b": [1], "y": [1]})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ids": ["y"]}, "--id: column 'y' is the target."),
        ({"ids": ["a"], "drop": ["a"]}, "--id: column 'a' is dropped."),
        ({"ids": ["c"]}, "The table has no column 'c'."),
        ({"numbers": ["c"]}, "The table has no column 'c'."),
        ({"numbers": ["y"]}, "--numbers: column 'y' is the target."),
        ({"numbers": ["a"], "drop": ["a"]}, "--numbers: column 'a' is dropped."),
        ({"numbers": ["a"], "ids": ["a"]}, "--numbers: column 'a' is an id."),
        (
            {"numbers": ["a"], "categorical": ["a"]},
            "--numbers: column 'a' is categorical.",
        ),
        ({"numbers": ["a"], "group": "a"}, "--numbers: column 'a' has the groups."),
        ({"categorical": ["a"], "ids": ["a"]}, "--categorical: column 'a' is an id."),
    ],
)
def test_options_that_do_not_fit_together(given, message):
    with pytest.raises(UserError, match=re.escape(message)):
        check_column_options(options(**given), FRAME)


def test_options_that_fit_together():
    given = options(ids=["a"], drop=["c"], numbers=["b", "c"])
    check_column_options(options(ids=["a"], numbers=["b"]), FRAME)
    assert unused(given) == ["c", "a"]
    assert unused(options(ids=["a"], drop=["c"], group="a")) == ["c", "a"]
    task = argparse.Namespace(columns={"b": "number"})
    assert column_kinds(given, task) == {"b": "number"}
    assert column_kinds(options(), task) is None


CODE = np.arange(40) % 5
NUMBERS = {
    "category": pandas.Series(CODE).astype("category"),
    "large": pandas.Series(2**60 + 100 * CODE),
    "plain": pandas.Series(CODE),
    "missing": pandas.Series(CODE).where(CODE > 0).astype("category"),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_that_look_like_categories(case):
    frame = pandas.DataFrame({"n": NUMBERS[case], "y": CODE + 0.5})
    task = infer_task(frame, "y", "auto", numbers=["n"])
    assert task.columns == {"n": "number"}
    assert task.X["n"].dtype == float
    assert task.X["n"].isna().sum() == (8 if case == "missing" else 0)
    if case != "plain":
        assert infer_task(frame, "y", "auto").columns != task.columns


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([*"abcd"] * 10, "must hold numbers: 40 of 40 values are no numbers: 'a', 'b'"),
        (
            pandas.Series([*"abcd"] * 10).astype("category"),
            "must hold numbers: 40 of 40 values are no numbers: 'a', 'b'",
        ),
        (["2024-01-01"] * 40, "must hold numbers. Got dates, such as '2024-01-01'"),
    ],
)
def test_columns_that_hold_no_numbers(values, message):
    frame = pandas.DataFrame({"n": values, "y": CODE + 0.5})
    with pytest.raises(UserError, match=f"^--numbers: column 'n' {message}"):
        infer_task(frame, "y", "auto", numbers=["n"])


@pytest.mark.parametrize("in_blocks", [False, True])
def test_ids_and_numbers_of_the_command(in_blocks, birds, large, tmp_path, capsys):
    path, model = tmp_path / "birds.csv", tmp_path / "m.pkl"
    code = np.repeat(np.arange(10), N // 10)
    ring = [f"{i:04}" for i in range(N)]
    y = (code * 7) % 10 + birds["wing"].fillna(0)
    birds.assign(ring=ring, nest=10**17 + np.arange(N), code=code, y=y).to_csv(
        path, index=False
    )
    names = ["--id", "ring", "nest", "--numbers", "code", "--categories", "island"]
    with large(in_blocks):
        assert command(path, "--target", "y", *names, "--save", model) == 0
        assert "integers that are codes" not in capsys.readouterr().out
        saved = load_model(model, trust_pickle=True)
        assert saved.ids == ("ring", "nest")
        assert saved.columns.keys() == {
            *("species", "island", "seen", "wing", "mass", "code")
        }
        kind = saved.model.column_kinds_["code"]
        assert kind == ("number", "column_kinds says so")
        assert command("predict", "--trust-pickle", model, path) == 0
        out, err = capsys.readouterr()
        found = pandas.read_csv(io.StringIO(out), dtype={"ring": str})
        assert list(found) == ["ring", "nest", "y"]
        assert found["ring"].tolist() == ring
        assert found["nest"].tolist() == (10**17 + np.arange(N)).tolist()
        assert "ring" not in err
        birds.assign(code=code).drop(columns="ring").to_csv(path, index=False)
        assert command("predict", "--trust-pickle", model, path) == 0
        out, err = capsys.readouterr()
        assert out.startswith("y\n")
        assert "the table has no id 'ring', 'nest', which --id of the training n" in err
