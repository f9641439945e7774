"""Options that name columns, checked against the table and against each other."""

import argparse
from typing import Any

from . import splits
from .task import Task, check_name
from .text import UserError

USES = {
    "drop": "is dropped",
    "ids": "is an id",
    "categorical": "is categorical",
    "group": "has the groups",
}
"""What an option says of its columns, by its name among the arguments."""


def check_column_options(arguments: argparse.Namespace, table: Any) -> None:
    """Raise UserError unless --id and --numbers name columns for a single use."""
    for option, others in (
        ("ids", ("drop",)),
        ("numbers", ("drop", "ids", "categorical", "group")),
        ("categorical", ("ids",)),
    ):
        flag = "--id" if option == "ids" else f"--{option}"
        for name in getattr(arguments, option):
            check_name(table, name)
            uses = [USES[one] for one in others if name in named(arguments, one)]
            if name == arguments.target:
                uses.insert(0, "is the target")
            if uses:
                raise UserError(f"{flag}: column {name!r} {uses[0]}.")


def named(arguments: argparse.Namespace, option: str) -> list[str]:
    """The columns that an option names."""
    value = getattr(arguments, option)
    return value if isinstance(value, list) else [value]


def unused(arguments: argparse.Namespace) -> list[str]:
    """The columns that are no features, besides the target."""
    return list(dict.fromkeys([*splits.dropped(arguments), *arguments.ids]))


def column_kinds(arguments: argparse.Namespace, task: Task) -> dict[str, str] | None:
    """The kinds that the options give to columns of the model."""
    names = [name for name in arguments.numbers if name in task.columns]
    return dict.fromkeys(names, "number") or None
