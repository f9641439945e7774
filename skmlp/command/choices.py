"""What the options of the command can be. The parser needs no more than this module."""

from dataclasses import dataclass

CLASSIFICATION, REGRESSION = "classification", "regression"
MODELS = (".skops", ".pkl", ".pickle", ".joblib")
"""The endings of model files."""

PLOTS = (".png", ".svg", ".pdf", ".jpg")
"""The endings of plot files."""

OUTPUTS = (".csv", ".csv.gz", ".parquet")
"""The endings of files with predictions."""

COVERAGE, N_REASONS = 0.9, 3
"""The coverage of intervals, and the number of columns that explain a prediction."""

REPORTS = (".html", ".htm")
"""The endings of report files."""

PRESETS = ("fast", "default", "best")
"""The presets of the training."""

TEST = 0.25
"""The fraction of test rows."""


@dataclass(frozen=True)
class Reading:
    """How a table is written; None: it is found in the file.

    `default_decimal` is the decimal mark if no column of the file shows it.
    """

    separator: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    thousands: str | None = None
    missing: tuple[str, ...] = ()
    sheet: str | None = None
    default_decimal: str = "."
