"""Dates, times of day and durations of columns; how a column of texts writes them."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np

DATE, TIME, DURATION = "date", "time", "duration"
CLOCK = (
    r"(?P<hours>[01]?\d|2[0-3]):(?P<minutes>[0-5]\d)"
    r"(?::(?P<seconds>[0-5]\d(?:\.\d+)?))?"
    r"(?: ?(?P<half>[AaPp])[Mm])?"
)
ZONE = r"(?: ?(?P<zone>Z|UTC|[+-]\d{2}(?::?\d{2}(?::\d{2})?)?))?"
PARTS = {
    "year": r"(?P<year>\d{4})",
    "month": r"(?P<month>0?[1-9]|1[0-2])",
    "day": r"(?P<day>0?[1-9]|[12]\d|3[01])",
}
SAMPLE = {"year": "2024", "month": "12", "day": "31"}
ORDERS = {
    DATE: ("-", ("year", "month", "day")),
    "date year/month/day": ("/", ("year", "month", "day")),
    "date year.month.day": (".", ("year", "month", "day")),
    "date day.month.year": (".", ("day", "month", "year")),
    "date day/month/year": ("/", ("day", "month", "year")),
    "date day-month-year": ("-", ("day", "month", "year")),
    "date month/day/year": ("/", ("month", "day", "year")),
    "date month-day-year": ("-", ("month", "day", "year")),
}
"""The kinds of columns of dates: how a text has the year, the month and the day."""

EXAMPLES = {
    kind: separator.join(SAMPLE[part] for part in order)
    for kind, (separator, order) in ORDERS.items()
} | {TIME: "14:05:00"}
PATTERNS = {
    kind: re.escape(separator).join(PARTS[part] for part in order)
    + f"(?:[T ]{CLOCK}{ZONE})?"
    for kind, (separator, order) in ORDERS.items()
} | {TIME: CLOCK}

DATED = (*EXAMPLES, DURATION)
"""All kinds of columns of dates; no text is a duration."""

LIKE_A_DATE = (
    r"(?:\d{1,2}([./-])\d{1,2}\1(?:\d{2}|\d{4})|\d{4}([./-])\d{1,2}\2\d{1,2}"
    r"|\d{1,2}[. -]+[A-Za-z]{3,9}[., -]+(?:\d{2}|\d{4})"
    r"|[A-Za-z]{3,9}[. ]+\d{1,2},? +\d{4})(?:[T ].*)?"
)
EPOCH = np.datetime64(0, "D")
MICROSECONDS = 86_400e6
"""Those of a day."""

NOT_A_TIME = np.iinfo(np.int64).min
"""NaT as an integer."""


def kinds_of_dates(words: Any) -> list[str]:
    """The kinds that fit every one of the texts, a pandas.Series."""
    if len(words) == 0:
        return []
    found = [
        kind for kind, form in PATTERNS.items() if re.fullmatch(form, words.iloc[0])
    ]
    return [kind for kind in found if not np.isnan(numbers_of(words, kind)).any()]


def why_no_dates(words: Any) -> str:
    """Why different texts that look like dates are none; '' if they do not look like it."""
    if len(words) == 0 or words.str.fullmatch(LIKE_A_DATE).mean() < 0.5:
        return ""
    if kinds_of_dates(words):
        return f"day and month of {words.iloc[0]!r} may be exchanged"
    unread = [words[np.isnan(numbers_of(words, kind))] for kind in ORDERS]
    fewest = min(unread, key=len)
    if len(fewest) == len(words):
        return f"{words.iloc[0]!r} has another form"
    n_others = f" and {len(fewest) - 1} more" if len(fewest) > 1 else ""
    return f"{fewest.iloc[0]!r}{n_others} cannot be read"


def numbers_of(words: Any, kind: str) -> Any:
    """Days since 1970-01-01, or seconds since midnight; NaN for texts of another kind.

    The calendar is NumPy's: all years count, and 2024-02-30 is no date.
    """
    parts = words.str.extract(f"^(?:{PATTERNS[kind]})$")
    seconds = _seconds(parts)
    if kind == TIME:
        return seconds
    year, month, day = (parts[name].to_numpy(float, na_value=np.nan) for name in PARTS)
    known = ~np.isnan(year) & (month >= 1) & (month <= 12)
    months = np.where(known, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    first = months.astype("datetime64[D]")
    length = ((months + 1).astype("datetime64[D]") - first).astype(int)
    known &= (day >= 1) & (day <= length)
    # A date without a time has no seconds to add.
    timed = parts["hours"].notna().to_numpy(bool)
    days = (first - EPOCH).astype(float) + day - 1
    days = days + np.where(timed, (seconds - _offset(parts)) / 86_400, 0)
    return np.where(known, days, np.nan)


def _seconds(parts: Any) -> Any:
    """Seconds since midnight; NaN where there is no time of day."""
    names = ("hours", "minutes", "seconds")
    hours, minutes, seconds = (
        parts[name].to_numpy(float, na_value=np.nan) for name in names
    )
    half = parts["half"].str.lower()
    twelve = half.notna().to_numpy(bool)
    allowed = np.where(twelve, (hours >= 1) & (hours <= 12), hours < 24)
    hours = np.where(twelve, hours % 12 + 12 * (half == "p").to_numpy(bool), hours)
    total = hours * 3600 + minutes * 60 + np.nan_to_num(seconds)
    allowed &= (minutes < 60) & ~(seconds >= 60)
    return np.where(allowed, total, np.nan)


def _offset(parts: Any) -> Any:
    """The seconds by which a zone is ahead of UTC; 0 without a zone."""
    digits = (
        parts["zone"].str.replace(":", "").str.extract(r"^([+-])(\d\d)(\d\d)?(\d\d)?$")
    )
    units = [digits[i].fillna("0").to_numpy(float) for i in (1, 2, 3)]
    sign = np.where((digits[0] == "-").to_numpy(bool), -1, 1)
    return sign * (units[0] * 3600 + units[1] * 60 + units[2])


def kind_of_objects(values: Any) -> str | None:
    """DATE, TIME or DURATION if all values are those of Python, times without a zone."""
    if all(isinstance(value, date) for value in values):
        return DATE
    if all(isinstance(value, timedelta) for value in values):
        return DURATION
    clocks = all(isinstance(value, time) and value.tzinfo is None for value in values)
    return TIME if clocks else None


def as_text(value: Any) -> str:
    """A date or a time of day of Python, or any other value, as a text."""
    return value.isoformat() if isinstance(value, date | time) else str(value)


def as_numbers(series: Any, kind: str) -> Any:
    """The numbers of a column; NaN for missing values and those of another kind.

    Dates as 2024-12-31 are clear in a column of any kind of dates. Durations are seconds.
    """
    if kind == DURATION:
        return _lengths(series)
    if str(series.dtype).startswith("period"):
        series = series.dt.to_timestamp()
    if series.dtype.kind == "M":
        clock = kind == TIME
        return np.full(len(series), np.nan) if clock else days_of_datetimes(series)
    words = series.map(as_text, na_action="ignore").astype(object)
    each = words.dropna().drop_duplicates().astype(object)
    found = numbers_of(each, kind)
    if kind not in (DATE, TIME):
        found = np.where(np.isnan(found), numbers_of(each, DATE), found)
    known = dict(zip(each, found, strict=True))
    return words.map(known).to_numpy(float, na_value=np.nan)


def _lengths(series: Any) -> Any:
    """The seconds of durations; NaN for missing and other values."""
    if series.dtype.kind == "m":
        return series.dt.total_seconds().to_numpy(float, na_value=np.nan)
    found = [
        one.total_seconds() if isinstance(one, timedelta) else np.nan for one in series
    ]
    return np.array(found, float)


def as_dates(series: Any, numbers: Any, kind: str) -> Any:
    """A column as datetime64, timedelta64 or times of day of Python, with NaT or None.

    `numbers` are those of `as_numbers`. Columns of datetime64 stay as they are, with their
    time zone.
    """
    if kind == TIME:
        known = set(numbers[~np.isnan(numbers)].tolist())
        clocks = {one: (datetime.min + timedelta(seconds=one)).time() for one in known}
        return np.array([clocks.get(one) for one in numbers.tolist()], dtype=object)
    if series.dtype.kind == "M":
        return series
    known, found = ~np.isnan(numbers), np.full(len(numbers), NOT_A_TIME)
    unit = MICROSECONDS / 86_400 if kind == DURATION else MICROSECONDS
    found[known] = np.round(numbers[known] * unit).astype(np.int64)
    return found.view("m8[us]" if kind == DURATION else "M8[us]")


def dates_as_numbers(X: Any, kinds: dict[str, str]) -> Any:
    """The table with days for dates, and seconds for times of day and durations."""
    dated = {name: kind for name, kind in kinds.items() if kind in DATED}
    return X.assign(**{name: as_numbers(X[name], kind) for name, kind in dated.items()})


def days_of_datetimes(series: Any) -> Any:
    """The days since 1970-01-01, UTC, of a column of datetime64."""
    if getattr(series.dtype, "tz", None) is not None:
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
    return (series.to_numpy() - EPOCH) / np.timedelta64(1, "D")
