"""The kind of each column: as the user says, or by its type, its values and the target."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from ..common.constraints import (
    Boolean,
    CategoricalFeatures,
    ColumnKinds,
    Constraint,
    Integer,
    as_sequence,
)
from ..common.frames import some_of
from ..common.values import kinds_in
from .assembly import encode, layout_of
from .codes import MOST, MOST_ROWS, Coded, are_codes, may_be_codes
from .column_encoders import ColumnEncoder, Numeric, numbers_in
from .columns import LABELS, NUMBERS, Column
from .dates import Dated
from .labelled import Labelled
from .rare_labels import standardised
from .target_statistics import Linear
from .texts import LEAST_TEXTS, TEXT, WHY_TEXT, Text, is_text, useless_texts
from .totals import Totals

NUMBER, CATEGORY, CODE = "number", "category", "code"
KINDS = (NUMBER, CATEGORY, CODE, TEXT)
"""The kinds that `column_kinds` can give."""

CONSTRAINTS: dict[str, Constraint] = {
    "categorical_features": CategoricalFeatures(),
    "column_kinds": ColumnKinds(KINDS),
    "max_one_hot": Integer(0),
    "quantiles": Boolean(),
    "min_frequency": Integer(1, ("auto",)),
}
"""Constraints of the parameters of an encoder."""

MOST_COLUMNS = 1000
"""With more encoded columns, codes are not looked for: a regression on all takes long."""

UNDECIDED = "integers that may be codes"
"""How the reason begins where fit cannot decide."""

OF_DATES = {"dates": "date", "durations": "duration", "times of day": "time of day"}


class ColumnKind(NamedTuple):
    """What a column was taken as, and why."""

    kind: str
    reason: str


@dataclass(frozen=True)
class Choice:
    """What decides about the encoders of the columns, beside their values.

    `given` has the kinds of `column_kinds`, None where it gives none. `mask` is that of
    `categorical_features`, None for 'from_dtype'.
    """

    given: Sequence[str | None]
    mask: Sequence[bool] | None
    max_one_hot: int
    quantiles: bool

    @classmethod
    def of(cls, parameters: Mapping[str, Any], names: Sequence[Any]) -> "Choice":
        """By the parameters of an encoder, for columns with these names."""
        return cls(
            given_kinds(parameters["column_kinds"], names),
            mask_of(parameters["categorical_features"], names),
            int(parameters["max_one_hot"]),
            bool(parameters["quantiles"]),
        )

    @property
    def categorical(self) -> list[bool | None] | None:
        """For each column, whether it holds categories; None: by its type."""
        if self.mask is None and not any(self.given):
            return None
        mask = [None] * len(self.given) if self.mask is None else self.mask
        both = zip(self.given, mask, strict=True)
        return [kind == CATEGORY or None if kind else one for kind, one in both]

    def encoders(
        self, columns: Sequence[Column], totals: Totals | None = None
    ) -> list[ColumnEncoder]:
        """The encoders of columns by what is given, their types and values.

        `totals` are those of the table of which these are a sample.
        """
        found = [self._encoder(i, one) for i, one in enumerate(columns)]
        return with_missing(found, columns, totals) if totals else found

    def _encoder(self, i: int, column: Column) -> ColumnEncoder:
        kind = self.given[i]
        if kind in (NUMBER, CODE) or (kind is None and column.kind == NUMBERS):
            values = numbers_of(column, str(kind))
            number = Numeric.fit(values, self.quantiles)
            if kind != CODE:
                return number
            column = column._replace(kind=NUMBERS, values=values)
            return Coded.fit(number, column, self.max_one_hot)
        if kind == TEXT:
            check_texts(column)
        if kind == TEXT or (not kind and not self._is_listed(i) and is_text(column)):
            return Text.fit(column)
        if column.kind == LABELS:
            return Labelled.fit(column.labels, self.max_one_hot)
        return Dated.fit(column, self.quantiles)

    def _is_listed(self, i: int) -> bool:
        return self.mask is not None and bool(self.mask[i])

    def with_codes(
        self, encoders: list[ColumnEncoder], columns: Sequence[Column], y: Any
    ) -> list[ColumnEncoder]:
        """The same, with codes for columns that the target shows to be codes."""
        if self.mask is not None:
            return encoders
        found = [
            isinstance(one, Numeric) and not kind and may_be_codes(column)
            for one, column, kind in zip(encoders, columns, self.given, strict=True)
        ]
        layout = layout_of(encoders)
        n_plain = layout.n_numbers + layout.n_plain
        if n_plain > MOST_COLUMNS or not any(found):
            return encoders
        some = slice(None, None, max(1, len(y) // MOST_ROWS))
        rows = [one._replace(values=one.values[some]) for one in columns]
        Z = standardised(encode(encoders, rows)[:, :n_plain])
        y = standardised(y[some])
        found = are_codes(rows, found, y - Z @ Linear(Z).fit(y))
        return [
            Coded.fit(one, column, self.max_one_hot)
            if code and isinstance(one, Numeric)
            else one
            for one, column, code in zip(encoders, columns, found, strict=True)
        ]

    def without_useless_texts(
        self, encoders: list[ColumnEncoder], columns: Sequence[Column], y: Any
    ) -> list[ColumnEncoder]:
        """The same, with labels for texts that say too little about the target."""
        if not any(isinstance(one, Text) for one in encoders):
            return encoders
        useless = set(useless_texts(encoders, columns, y))
        return [
            Labelled.fit(column.labels, self.max_one_hot)
            if i in useless and not self.given[i]
            else one
            for i, (one, column) in enumerate(zip(encoders, columns, strict=True))
        ]

    def reasons(
        self, encoders: Sequence[ColumnEncoder], columns: Sequence[Column]
    ) -> list[str]:
        """Why each column has its encoder."""
        both = zip(encoders, columns, strict=True)
        return [self._reason(i, *one) for i, one in enumerate(both)]

    def _reason(self, i: int, one: ColumnEncoder, column: Column) -> str:
        if self.given[i]:
            return "column_kinds says so"
        if self._is_listed(i):
            return "categorical_features says so"
        if isinstance(one, Coded):
            return f"{len(one.label.labels)} integers, each with its own mean of y"
        if isinstance(one, Text):
            return WHY_TEXT
        if column.kind == NUMBERS:
            return reason_of_numbers(column)
        if column.kind == LABELS:
            return f"{len(column.labels)} labels"
        return column.kind


def with_all_labels(columns: list[Column], totals: Totals | None) -> list[Column]:
    """The columns of a sample, with the labels of the whole table, but for texts."""
    if totals is None:
        return columns
    found = []
    for column in columns:
        known = totals.labels.get(column.name, {})
        if column.kind == LABELS and known and not is_text(column):
            labels = [*column.labels]
            seen = set(labels)
            labels += [label for label in known if label not in seen]
            column = column._replace(labels=labels)
        found.append(column)
    return found


def with_missing(
    encoders: Sequence[ColumnEncoder], columns: Sequence[Column], totals: Totals
) -> list[ColumnEncoder]:
    """The encoders, with indicators of missing values where the table has some."""
    pairs = zip(encoders, columns, strict=True)
    return [
        _with_missing(one) if column.name in totals.missing else one
        for one, column in pairs
    ]


def _with_missing(one: ColumnEncoder) -> ColumnEncoder:
    if isinstance(one, Numeric) and one.has_values:
        return replace(one, has_missing=True)
    if isinstance(one, Coded) and one.number.has_values:
        return replace(one, number=replace(one.number, has_missing=True))
    if isinstance(one, Dated) and one.has_values:
        return replace(one, elapsed=replace(one.elapsed, has_missing=True))
    return one


def mask_of(categorical_features: Any, names: Sequence[Any]) -> Any:
    """For each column, whether it holds categories; None for 'from_dtype'."""
    if isinstance(categorical_features, str):
        return None
    given = list(as_sequence(categorical_features) or ())
    if given and all(isinstance(one, bool | np.bool_) for one in given):
        if len(given) != len(names):
            raise ValueError(
                "categorical_features must be a boolean mask with one entry for each of "
                f"the {len(names)} columns. Got {len(given)}."
            )
        return given
    mask, places = [False] * len(names), places_of(names)
    for one in given:
        mask[place_of(one, places, "categorical_features")] = True
    return mask


def places_of(names: Sequence[Any]) -> dict[Any, int]:
    """The place of each name."""
    return {name: i for i, name in enumerate(names)}


def place_of(one: Any, places: dict[Any, int], parameter: str) -> int:
    """The place of a column that a parameter names, or whose index it gives."""
    place, n = places.get(one, one), len(places)
    if isinstance(place, str):
        raise ValueError(
            f"{parameter} must name columns of X, {some_of(list(places))}. Got {one!r}."
        )
    if not -n <= place < n:
        raise ValueError(
            f"{parameter} must be indices of the {n} columns of X. Got {one!r}."
        )
    return int(place) % n


def given_kinds(
    column_kinds: Mapping[Any, str] | None, names: Sequence[Any]
) -> list[str | None]:
    """The given kind of each column; None where there is none."""
    kinds: list[str | None] = [None] * len(names)
    places = places_of(names)
    for name, kind in (column_kinds or {}).items():
        place = place_of(name, places, "column_kinds")
        if kinds[place] is not None:
            raise ValueError(
                f"column_kinds must have each column once. Got {names[place]!r} again, "
                f"as {name!r}."
            )
        kinds[place] = kind
    return kinds


def kind_of_encoder(one: ColumnEncoder) -> str:
    """The kind of the column of an encoder."""
    if isinstance(one, Dated):
        return OF_DATES[one.kind]
    kinds = {Coded: CODE, Text: TEXT, Labelled: CATEGORY, Numeric: NUMBER}
    return kinds[type(one)]


def numbers_of(column: Column, kind: str) -> Any:
    """The values of a column whose kind needs numbers."""
    if column.is_empty:
        return np.full(len(column.values), np.nan)
    values = numbers_in(column)
    if values is not None:
        return values
    raise ValueError(
        f"column_kinds can be {kind!r} for columns of numbers only. Got "
        f"{column.name!r}, which holds {column.held}."
    )


def check_texts(column: Column) -> None:
    """Raise ValueError unless a column holds enough texts to learn from."""
    if column.kind == LABELS and kinds_in(column.labels).keys() == {"text"}:
        n = len(column.labels)
        if n >= LEAST_TEXTS:
            return
        held = f"{n} of them"
    else:
        held = column.held
    raise ValueError(
        f"column_kinds can be 'text' for columns with {LEAST_TEXTS} different texts or "
        f"more. Got {column.name!r}, which holds {held}."
    )


def reason_of_numbers(column: Column) -> str:
    """Why numbers are a number; how to say otherwise where they may be codes."""
    x = column.values[~np.isnan(column.values)]
    if not len(x):
        return "no values"
    if not (x == np.floor(x)).all():
        return "numbers"
    n = len(np.unique(x))
    if MOST < n <= len(x) / 2:
        return f"{UNDECIDED}, {n} of them: list it in categorical_features if it is one"
    return "integers"
