"""The types of columns of texts, decided over all blocks of a table.

They are those that the command gives the same texts. Numbers in other forms, which the
command reads, are refused.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np

from ..common.errors import message_of
from ..common.missing import BOOLEANS, CURRENCIES, MISSING, SIGNS_OF_CURRENCIES
from .arrow import arrow

BOOLEAN, INTEGER, UNSIGNED, LONG, NUMBER, DATE, ZONED, TEXT = KINDS = (
    *("booleans", "integers", "large integers", "integers of any length"),
    *("numbers", "dates", "dates with a time zone", "text"),
)
"""The kinds of texts; a column has the first one that all its texts have."""

SPACES = " \u00a0\u2007\u2009\u202f"
BLANKS = "\0\t\n\v\f\r\ufeff\u3000" + SPACES
"""What may stand around a number or a word."""

BLANK, ASCII = 32, 128
PLUS, MINUS, ZERO, LONG_MINUS = b"+-0\xe2"
"""Bytes: those up to BLANK and from ASCII on may begin a blank; signs, and the digit 0."""

CODE = r"^[-+]?0[0-9]+$"
"""An integer that begins with 0: a code, such as 007."""

SIGN = "[-+\u2212]?"
UNIT = f"(?:[%\u2030{SIGNS_OF_CURRENCIES}]|{'|'.join(CURRENCIES)})"
WHOLE = rf"(?:[0-9]+|[1-9][0-9]{{0,2}}(?:[.,'\u2019{SPACES[1:]}][0-9]{{3}})+)"
DECIMAL = rf"{SIGN}(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
PLAIN = re.compile(rf"(?!{SIGN}0[0-9]+$){DECIMAL}")
OTHER = re.compile(
    rf"(?:{SIGN}(?:{UNIT}\s*)?|{UNIT}\s*{SIGN})(?:{WHOLE}(?:[.,][0-9]*)?|[.,][0-9]+)"
    rf"(?:[eE][-+]?[0-9]+)?(?:\s*{UNIT})?"
)
INFINITE = re.compile(rf"{SIGN}(?i:inf|infinity)")
"""Numbers that are read; those with a comma, a separator or a unit; infinite ones."""

ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}.*)?$"
"""Dates, and dates with a time of day; an hour alone is none."""

N_ODD = 3
"""The most examples of texts that are no numbers."""

N_SAMPLED = 1000
"""So many different texts of a column show whether they are numbers in another form."""


@dataclass
class ColumnOfTexts:
    """What the texts of a column can be, by all blocks so far.

    `missing` are words for missing values, and `words` those that it has, with their
    numbers of rows. `sample` has some of the texts if they are neither numbers nor dates,
    and `odd` some that are no number in a column that had only numbers before.
    """

    missing: frozenset[str] = MISSING
    possible: frozenset[str] = frozenset(KINDS)
    has_values: bool = False
    sample: dict[str, None] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)

    def add(self, texts: Any) -> None:
        """Take the texts of a block into account."""
        known = self._without_words(texts.drop_null())
        if len(known) == 0:
            return
        self.has_values = True
        if len(self.possible) > 1:
            trimmed, before = plain(known), self.possible
            self.possible &= kinds_of(known, trimmed, before) | {TEXT}
            if NUMBER in before - self.possible:
                self.odd = no_numbers(known, trimmed)
        if len(self.possible) == 1 and len(self.sample) < N_SAMPLED:
            more = known.unique()[:N_SAMPLED].to_pylist()
            self.sample |= dict.fromkeys(one.strip(BLANKS) for one in more)

    def _without_words(self, texts: Any) -> Any:
        """The texts that are no words for missing values; the others are counted."""
        compute = arrow("compute")
        words = arrow().array([*self.missing], texts.type)
        trimmed, missing = texts, compute.is_in(texts, words)
        if has_blanks(texts):
            trimmed = compute.utf8_trim(texts, characters=BLANKS)
            missing = compute.or_(missing, compute.is_in(trimmed, words))
        if not missing.true_count:
            return texts
        self.words.update(trimmed.filter(missing).to_pylist())
        return texts.filter(compute.invert(missing))

    @property
    def kind(self) -> str:
        """The kind of the column; numbers, all missing, if it has no texts."""
        if not self.has_values and len(self.possible) > 1:
            return NUMBER
        return next(one for one in KINDS if one in self.possible)

    def check(self, column: str, where: str, name: str) -> None:
        """Raise ValueError if the texts are numbers in a form that is not read.

        They are if half of them have such a form, or all are numbers.
        """
        counts = dict.fromkeys((PLAIN, OTHER, INFINITE), 0)
        example, texts = "", dict.fromkeys([*self.sample][:N_SAMPLED] + self.odd)
        for text in texts:
            form = next((one for one in counts if one.fullmatch(text)), None)
            if form is PLAIN and not isfinite(float(text.replace("\u2212", "-"))):
                form = INFINITE
            # A code is not a number.
            if form and not re.match(CODE, text):
                counts[form] += 1
                example = example or (text if form is not PLAIN else "")
        are_all = sum(counts.values()) == len(texts)
        if example and (are_all or 2 * counts[OTHER] >= len(texts)):
            raise ValueError(
                f"{name} must have finite numbers with a decimal point, without units "
                f"and separators of thousands. Got {example!r} in column {column!r} of "
                f"{where!r}; read it with pandas, as by pandas.read_csv(path, "
                "decimal=','), or write it as parquet."
            )


def bytes_of(texts: Any) -> tuple[Any, Any]:
    """The bytes of texts, and where each begins and the last one ends."""
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int32)[texts.offset :][: len(texts) + 1]
    return np.frombuffer(data, np.uint8), places


def has_blanks(texts: Any) -> bool:
    """Whether one of the texts, none of them '', may begin or end with a blank."""
    known = texts.drop_null()
    if len(known) == 0:
        return False
    data, places = bytes_of(known)
    ends = np.concatenate([data[places[:-1]], data[places[1:] - 1]])
    return bool(((ends <= BLANK) | (ends >= ASCII)).any())


def has_nul(texts: Any) -> bool:
    """Whether a text has the character NUL."""
    data, places = bytes_of(texts)
    return bool((data[places[0] : places[-1]] == 0).any())


def cleaned(texts: Any, missing_words: frozenset[str]) -> Any:
    """Texts without spaces before them; null where they mean a missing value."""
    compute = arrow("compute")
    words = arrow().array([*missing_words], texts.type)
    without = compute.utf8_ltrim(texts, characters=" ")
    missing = compute.is_in(compute.utf8_trim(texts, characters=BLANKS), words)
    # A word may end with a blank.
    missing = compute.or_(missing, compute.is_in(without, words))
    return compute.if_else(compute.or_(missing, texts.is_null()), None, without)


def plain(texts: Any) -> Any:
    """Texts without blanks around them, as pyarrow reads numbers: without a plus."""
    compute = arrow("compute")
    if has_blanks(texts):
        texts = compute.utf8_trim(texts, characters=BLANKS)
    known = texts.drop_null()
    if len(known) == 0:
        return texts
    data, places = bytes_of(known)
    first = data[places[:-1]]
    if (first == PLUS).any():
        texts = compute.replace_substring_regex(texts, r"^\+([^-+])", r"\1")
    if (first == LONG_MINUS).any():
        texts = compute.replace_substring_regex(texts, "^\u2212", "-")
    return texts


def no_numbers(given: Any, texts: Any) -> list[str]:
    """Some of the texts that are no finite numbers, or codes, with their blanks."""
    compute, values = arrow("compute"), as_kind(texts, NUMBER)
    if values is None:
        others = compute.invert(compute.match_substring_regex(texts, f"^{DECIMAL}$"))
    else:
        others = compute.invert(compute.is_finite(values))
    others = compute.or_(others, compute.match_substring_regex(texts, CODE))
    return list(given.filter(others).unique()[:N_ODD].to_pylist())


def kinds_of(given: Any, texts: Any, possible: frozenset[str]) -> set[str]:
    """Those of the possible kinds, but for text, that all texts have.

    `given` are the texts with the blanks around them, which no date has.
    """
    if BOOLEAN in possible and texts[0].as_py() in BOOLEANS:
        words = arrow().array([*BOOLEANS], texts.type)
        compute = arrow("compute")
        are_all = compute.all(compute.is_in(texts, words)).as_py()
        return {BOOLEAN} if are_all else set()
    found = kinds_of_numbers(texts, possible) if NUMBER in possible else set()
    if found:
        return found
    dates = {DATE, ZONED} & possible
    if not dates or not matches(given, ISO).all():
        return set()
    return {kind for kind in dates if as_kind(given, kind) is not None}


def kinds_of_numbers(texts: Any, possible: frozenset[str]) -> set[str]:
    """The kinds of numbers that all texts have."""
    compute = arrow("compute")
    if LONG in possible and (values := as_kind(texts, INTEGER)) is not None:
        unsigned = {UNSIGNED} if compute.min(values).as_py() >= 0 else set()
        # pyarrow reads 0x1F, too.
        return set() if has_zeros(texts) else {INTEGER, LONG, NUMBER} | unsigned
    values = as_kind(texts, NUMBER)
    if values is None or not np.isfinite(values.to_numpy()).all():
        return set()
    if has_zeros(texts) and matches(texts, CODE).any():
        return set()
    if LONG not in possible or not matches(texts, "^[-+]?[0-9]+$").all():
        return {NUMBER}
    unsigned = {UNSIGNED} if as_kind(texts, UNSIGNED) is not None else set()
    return {LONG, NUMBER} | unsigned


def has_zeros(texts: Any) -> bool:
    """Whether one of the texts has more after a first 0."""
    data, places = bytes_of(texts)
    first = data[places[:-1]]
    starts = places[:-1] + ((first == MINUS) | (first == PLUS))
    longer = starts + 1 < places[1:]
    return bool((data[starts[longer]] == ZERO).any())


def matches(texts: Any, pattern: str) -> Any:
    """Which of the texts have the form of a pattern."""
    found = arrow("compute").match_substring_regex(texts, pattern)
    return found.to_numpy(zero_copy_only=False)


def type_of(kind: str) -> Any:
    """The type of values of a kind."""
    pyarrow = arrow()
    types = {
        BOOLEAN: pyarrow.bool_(),
        INTEGER: pyarrow.int64(),
        UNSIGNED: pyarrow.uint64(),
        NUMBER: pyarrow.float64(),
        DATE: pyarrow.timestamp("us"),
        ZONED: pyarrow.timestamp("us", "UTC"),
    }
    return types.get(kind, pyarrow.string())


def as_kind(texts: Any, kind: str) -> Any:
    """The values of texts; None if one of them is of another kind."""
    try:
        return texts.cast(type_of(kind))
    except ValueError:
        return None


def typed(texts: Any, kind: str) -> Any:
    """The values of a column of a kind; raises ValueError if a text has another one."""
    if kind in (TEXT, LONG):
        return texts
    texts = plain(texts)
    if kind != BOOLEAN:
        try:
            return texts.cast(type_of(kind))
        except ValueError as error:
            raise ValueError(message_of(error)) from None
    compute, words = arrow("compute"), arrow().array([*BOOLEANS], texts.type)
    places = compute.index_in(texts, words)
    if places.null_count > texts.null_count:
        raise ValueError("a text is no boolean")
    return arrow().array([*BOOLEANS.values()]).take(places)
