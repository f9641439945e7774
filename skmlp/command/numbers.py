"""Columns of raw texts as typed columns."""

from collections.abc import Iterable
from typing import Any

from .io import optional

WORDS = ("", "NA", "N/A", "NaN", "nan", "None", "null", "NULL", "n/a", "<NA>", "#N/A")


def typed(
    frame: Any,
    decimal: str | None,
    thousands: str | None,
    missing: Iterable[str],
    text: Iterable[str],
) -> tuple[Any, list[str]]:
    """The frame with numbers where all texts of a column are numbers, and notes."""
    pandas = optional("pandas")
    columns = {}
    for name in frame.columns:
        series = frame[name]
        series = series.where(~series.isin([*WORDS, *missing]), None)
        if name not in text:
            words = series
            if thousands:
                words = words.str.replace(thousands, "", regex=False)
            if decimal == ",":
                words = words.str.replace(",", ".", regex=False)
            numbers = pandas.to_numeric(words, errors="coerce")
            if numbers.notna().equals(series.notna()):
                series = numbers
        columns[name] = series
    return pandas.DataFrame(columns, index=frame.index), []
