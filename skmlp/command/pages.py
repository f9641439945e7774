"""The report as a page."""

import argparse
import shlex
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..common.printable import printable
from ..reporting.evidence import Evidence
from ..reporting.report import report_on
from . import importances
from .evaluation import SECONDS, TabularMLP, TrainTestSplit
from .models import Model
from .output import show_progress
from .parser import program
from .refit import is_wanted
from .tables import names_of
from .task import Task


class Trial(NamedTuple):
    """A fitted model, the seconds of its fit, and the rows that judge it.

    `notes` are on the table and on the rows.
    """

    model: TabularMLP
    seconds: float
    task: Task
    rows: TrainTestSplit
    notes: Sequence[str]

    @property
    def name(self) -> str:
        """The name of the model in the report."""
        return type(self.model).__name__


class Peer(NamedTuple):
    """A fitted model to compare with, and the seconds of its fit."""

    model: Model
    seconds: float


def write_page(
    arguments: argparse.Namespace, trial: Trial, peers: Mapping[str, Peer], n_train: int
) -> None:
    """Write the page of a report."""
    show_progress("writing the report ...")
    times = {trial.name: trial.seconds, **{a: b.seconds for a, b in peers.items()}}
    task, rows = trial.task, trial.rows
    facts = {"table": names_of(arguments.tables), "training rows": f"{n_train:,}"}
    if is_wanted(arguments):
        facts["model file"] = (
            "trained again on all rows after this report; the scores are of the model of "
            "the training rows"
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
        max_time=importances.time_limit(trial.model.max_time),
        seed=arguments.seed,
    )
    try:
        report_on(evidence).save(arguments.report)
    finally:
        show_progress("")
    print(printable(f"report: {arguments.report}"), flush=True)


def use_of(arguments: argparse.Namespace) -> str:
    """How to predict with the model; or how to save it."""
    if arguments.save:
        model = shlex.quote(str(arguments.save))
        return f"{program()} predict {model} new_rows.csv > predictions.csv"
    tables = shlex.join(map(str, arguments.tables))
    target = shlex.quote(arguments.target)
    return f"{program()} {tables} --target {target} --save model.skops"
