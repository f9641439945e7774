"""The types of columns of texts, decided over all blocks of a table.

A column has the first of KINDS that all its texts have, and else stays text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from ..common.missing import BOOLEANS, MISSING
from .arrow import arrow

N_SAMPLED = 100
"""So many texts are tried first, as a conversion that fails is slow."""

CODE = r"^[-+]?0[0-9xX]"
"""Digits that begin with 0: a code, such as 007 or 0x1f, not a number."""

OTHER_NUMBER = (
    r"^[-+]?[$€£]?[0-9]{1,3}((,[0-9]{3})+|(\.[0-9]{3}){2,}|([' ][0-9]{3})+)?"
    r"([.,][0-9]+)?[ ]?[%$€£]?$"
)
"""Numbers with a decimal comma, separators or a unit, and plain ones."""

PLAIN_NUMBER = r"^[-+]?[0-9]+(\.[0-9]+)?$"
"""Those of them that are read."""

FEWEST_NUMBERS = 0.5
"""From this fraction of such numbers on, a column of texts is refused."""


class Kind(NamedTuple):
    """A kind of texts, the type of its values, and whether texts have it."""

    name: str
    type: Callable[[], Any]
    fits: Callable[[Any], bool]


def are_booleans(texts: Any) -> bool:
    """Whether all texts are booleans."""
    words, functions = arrow().array([*BOOLEANS], texts.type), arrow("compute")
    each = (texts.slice(0, N_SAMPLED), texts)
    return all(functions.all(functions.is_in(one, words)).as_py() for one in each)


def are_integers(texts: Any) -> bool:
    """Whether all texts are integers of 64 bits, none with zeros before."""
    return converted(texts, arrow().int64()) is not None and not has_codes(texts)


def are_numbers(texts: Any) -> bool:
    """Whether all texts are numbers, also infinite ones, none with zeros before."""
    numbers = converted(texts, arrow().float64())
    if numbers is None or has_codes(texts):
        return False
    return not arrow("compute").any(arrow("compute").is_nan(numbers)).as_py()


def are_dates(texts: Any) -> bool:
    """Whether all texts are dates in the form of ISO 8601, with a time or without."""
    return converted(texts, arrow().timestamp("us")) is not None


def converted(texts: Any, dtype: Any) -> Any:
    """The texts as values of a type; None if some cannot be converted."""
    try:
        texts.slice(0, N_SAMPLED).cast(dtype)
        return texts.cast(dtype)
    except ValueError:
        return None


def has_codes(texts: Any) -> bool:
    """Whether a text has the form of CODE."""
    functions = arrow("compute")
    some = texts
    # Patterns take long, and most numbers do not begin like this.
    for begins in (("0", "-0", "+0"), ("0.", "-0.")):
        each = [functions.starts_with(some, one) for one in begins]
        found = reduce(functions.or_, each)
        some = some.filter(found if begins[0] == "0" else functions.invert(found))
    return bool(functions.any(functions.match_substring_regex(some, CODE)).as_py())


KINDS = (
    Kind("booleans", lambda: arrow().bool_(), are_booleans),
    Kind("integers", lambda: arrow().int64(), are_integers),
    Kind("numbers", lambda: arrow().float64(), are_numbers),
    Kind("dates", lambda: arrow().timestamp("us"), are_dates),
)
"""The kinds, from the most special one on."""


class TextTypes:
    """What the texts of columns can be, by all blocks so far.

    Columns of `text` stay text.
    """

    def __init__(self, columns: Iterable[str], text: Iterable[str]):
        known = set(text)
        self.possible: dict[str, tuple[Kind, ...]] = {
            name: () if name in known else KINDS for name in columns
        }
        self.refused: dict[str, tuple[str, float]] = {}
        self.has_values: set[str] = set()

    def add(self, table: Any) -> None:
        """Take the texts of a block into account; missing ones are null."""
        for name, kinds in self.possible.items():
            texts = table.column(name).drop_null() if kinds else ()
            if not len(texts):
                continue
            self.has_values.add(name)
            bare = trimmed(texts).combine_chunks()
            self.possible[name] = tuple(one for one in kinds if one.fits(bare))
            if not self.possible[name]:
                self._look_for_numbers(name, bare)

    def _look_for_numbers(self, name: str, texts: Any) -> None:
        """Note how many of the texts that end other kinds are numbers in another form."""
        functions = arrow("compute")
        other = functions.and_not(
            functions.match_substring_regex(texts, OTHER_NUMBER),
            functions.match_substring_regex(texts, PLAIN_NUMBER),
        )
        plain = texts.filter(functions.invert(other))
        n_other = functions.sum(other).as_py() or 0
        n_plain = sum(
            functions.match_substring_regex(plain, r"^[-+]?[0-9]").to_pylist()
        )
        if n_other and n_other + n_plain >= FEWEST_NUMBERS * len(texts):
            example = texts.filter(other)[0].as_py()
            self.refused[name] = (example, n_other / len(texts))

    def check(self, where: str) -> None:
        """Raise ValueError if a column has numbers in a form that is not read."""
        for name, (example, _) in self.refused.items():
            raise ValueError(
                f"X must have numbers with a decimal point, and without units and "
                f"separators of thousands. Got {example!r} in column {name!r} of {where}: "
                "read the file with `pandas.read_csv`, which has options for them, or "
                "write it as parquet."
            )

    def typed(self, table: Any, where: str) -> Any:
        """A block of texts with the types of the columns."""
        columns = [
            self._typed(name, table.column(name), where) for name in table.column_names
        ]
        return arrow().table(columns, names=table.column_names)

    def _typed(self, name: str, texts: Any, where: str) -> Any:
        if not self.possible[name]:
            return texts
        if name not in self.has_values:
            return texts.cast(arrow().float64())
        kind, bare = self.possible[name][0], trimmed(texts)
        if kind.name == "booleans":
            words = arrow().array([one for one, value in BOOLEANS.items() if value])
            is_true = arrow("compute").is_in(bare, words)
            return arrow("compute").if_else(bare.is_null(), None, is_true)
        try:
            return bare.cast(kind.type())
        except ValueError as error:
            raise ValueError(
                f"X must stay the same while it is read. Got other values in column "
                f"{name!r} of {where}, which had {kind.name} before: {error}."
            ) from None


def without_missing(texts: Any) -> Any:
    """Texts without blanks before them; those that mean a missing value are null."""
    functions = arrow("compute")
    missing = functions.is_in(trimmed(texts), arrow().array([*MISSING], texts.type))
    if not are_plain(texts):
        texts = functions.utf8_ltrim(texts, " ")
    has_some = functions.any(missing).as_py()
    return functions.if_else(missing, None, texts) if has_some else texts


def trimmed(texts: Any) -> Any:
    """Texts without blanks before and after them."""
    return texts if are_plain(texts) else arrow("compute").utf8_trim_whitespace(texts)


def are_plain(texts: Any) -> bool:
    """Whether texts have no blanks: all bytes are printable ASCII. It takes little time."""
    for chunk in texts.chunks:
        data = chunk.buffers()[2]
        # Unsigned bytes below "!" become large ones.
        if data and (np.frombuffer(data, np.uint8) - np.uint8(33) > 93).any():
            return False
    return True
