"""The choices are those that the rest of the command knows."""

import ast
from pathlib import Path

from skmlp.command import choices, evaluation
from skmlp.command.parser import parse
from skmlp.tabular import presets


def test_they_need_nothing_but_the_standard_library():
    tree = ast.parse(Path(choices.__file__).read_text(encoding="utf-8"))
    kinds = (ast.Import, ast.ImportFrom)
    found = [ast.unparse(node) for node in tree.body if isinstance(node, kinds)]
    assert found == ["from dataclasses import dataclass"]


def test_each_task_is_an_option_and_has_models():
    tasks = {choices.CLASSIFICATION, choices.REGRESSION}
    assert set(evaluation.TREES) == tasks
    for task in tasks:
        assert parse(["a.csv", "--task", task]).task == task


def test_presets_are_those_of_the_estimators():
    assert set(choices.PRESETS) == set(presets.NAMES)
    assert parse(["a.csv"]).preset in choices.PRESETS
