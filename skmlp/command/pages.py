"""The report as a page."""

import argparse
import shlex
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..common.printable import printable
from ..reporting.evidence import Evidence, Influence
from ..reporting.report import report_on
from .evaluation import SECONDS, TabularMLP, TrainTestSplit
from .fitting import INTERRUPTED, Spent
from .importances import Importances
from .models import Model
from .output import show_progress
from .parser import program
from .task import Task

MOST_NAMES = 8
"""The most names of files."""


class Trial(NamedTuple):
    """A fitted model, its fit, and the rows that judge it.

    `notes` are on the table and on the rows. `again` says whether all rows train next.
    `ids` are the columns that name the rows of the table, or None.
    """

    model: TabularMLP
    spent: Spent
    task: Task
    rows: TrainTestSplit
    notes: list[str]
    again: bool
    ids: Any = None

    @property
    def name(self) -> str:
        """The name of the model in the report."""
        return type(self.model).__name__


class Peer(NamedTuple):
    """A fitted model to compare with, and the seconds of its fit."""

    model: Model
    seconds: float


def write_page(
    arguments: argparse.Namespace,
    trial: Trial,
    peers: Mapping[str, Peer],
    found: Importances,
    n_train: int,
) -> None:
    """Write the page of a report."""
    show_progress("writing the report ...")
    times = {
        trial.name: trial.spent.seconds,
        **{a: b.seconds for a, b in peers.items()},
    }
    task, rows = trial.task, trial.rows
    names = ", ".join(path.name for path in arguments.tables[:MOST_NAMES])
    facts = {"table": names, "training rows": f"{n_train:,}"}
    if trial.spent.interrupted:
        trial.notes.append(INTERRUPTED)
    elif trial.again:
        facts["model file"] = (
            "the model of this report, trained on the training rows; after this report the "
            "command trains one on all rows, and replaces the file if that succeeds"
        )
    evidence = Evidence(
        trial.model,
        rows.X_test,
        rows.y_test,
        target=task.target,
        others={name: one.model for name, one in peers.items()},
        facts=facts,
        notes=trial.notes,
        costs={f"{SECONDS}: {name}": f"{time:.2f}" for name, time in times.items()},
        use=use_of(arguments),
        influence=influence_of(found, list(rows.X_test.columns)),
        seed=arguments.seed,
        ids=None if trial.ids is None else trial.ids.loc[rows.X_test.index],
    )
    try:
        report_on(evidence).save(arguments.report)
    finally:
        show_progress("")
    print(printable(f"report: {arguments.report}"), flush=True)


def influence_of(found: Importances, names: Sequence[str]) -> Influence:
    """The importances that are printed, by the places of columns."""
    values = np.full((len(names), 2), np.nan)
    for i, name in enumerate(names):
        if name in found.every:
            values[i] = np.mean(found.every[name]), np.std(found.every[name])
    return Influence(found.what, *values.T)


def use_of(arguments: argparse.Namespace) -> str:
    """How to predict with the model; or how to save it, by the same command."""
    if arguments.save:
        path = str(arguments.save)
        trust = "" if path.lower().endswith(".skops") else "trust_pickle=True"
        of_pickle = " --trust-pickle" if trust else ""
        load = ", ".join([repr(path), *([trust] if trust else [])])
        return (
            f"{program()} predict {shlex.quote(path)} new_rows.csv{of_pickle} "
            "> predictions.csv\n\n"
            "# In Python, for rows as dicts, JSON or a frame\n"
            f"import skmlp\n\nanswers = skmlp.load({load}).answers(rows)"
        )
    return f"{program()} {shlex.join(arguments.argv)} --save model.skops"
