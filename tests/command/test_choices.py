"""The choices are those that the rest of the command knows."""

import ast
from pathlib import Path

from skmlp.command import choices, evaluation
from skmlp.command.parser import parse


def test_they_need_no_import():
    tree = ast.parse(Path(choices.__file__).read_text(encoding="utf-8"))
    kinds = {type(node) for node in tree.body}
    assert kinds & {ast.Import, ast.ImportFrom} == set()


def test_each_task_is_an_option_and_has_models():
    tasks = {choices.CLASSIFICATION, choices.REGRESSION}
    assert set(evaluation.TREES) == tasks
    for task in tasks:
        assert parse(["a.csv", "--task", task]).task == task
