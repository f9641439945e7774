"""Numbers in texts: decimal marks, thousands separators, units, and what is no number."""

import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import compress
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from ..common.missing import CURRENCIES
from .text import counted, quoted

MARKS = ".,"
"""What can be a decimal mark or separate thousands."""

SPACES = " \u00a0\u2007\u2009\u202f"
APOSTROPHES = "'\u2019"
BLANKS = "\0\t\n\v\f\r\ufeff\u3000" + SPACES
MINUS = "\u2212"
ANSWERS = ("true", "false", "yes", "no", "t", "f", "y", "n")
N_SHOWN = 5


class Number(NamedTuple):
    """A number in a text: as Python writes it, and how the text writes it."""

    plain: str
    separator: str = ""
    unit: str = ""
    is_code: bool = False


class Texts(NamedTuple):
    """Some texts of a column: the most frequent ones, how many differ, in how many rows."""

    first: tuple[str, ...] = ()
    n_texts: int = 0
    n_rows: int = 0

    def quoted(self) -> str:
        """The first texts in quotes."""
        more = f" and {self.n_texts - N_SHOWN} more" if self.n_texts > N_SHOWN else ""
        return quoted(self.first) + more


class Numbers(NamedTuple):
    """A column of texts, read with one decimal mark.

    `values` are the numbers of all rows, None unless each text is a number that NumPy has.
    `strays` are the texts that are no such number, `codes` the integers that begin with 0.
    """

    decimal: str
    n: int
    separator: str = ""
    unit: str = ""
    strays: Texts = Texts()
    codes: Texts = Texts()
    values: Any = None
    example: str = ""

    @property
    def n_numbers(self) -> int:
        """The number of rows with a number."""
        return self.n - self.strays.n_rows

    @property
    def is_mostly_numbers(self) -> bool:
        """Whether at least half of the rows have a number."""
        return 2 * self.n_numbers >= self.n > 0


@lru_cache
def pattern(decimal: str, separators: str) -> re.Pattern[str]:
    """The form of a number, with a sign and a unit before or after it."""
    d, sign, unit = re.escape(decimal), f"[-+{MINUS}]", r"[A-Z]{3}|[^\w\s]"
    thousands = rf"[1-9][0-9]{{0,2}}(?P<t>[{re.escape(separators)}])[0-9]{{3}}"
    thousands += "(?:(?P=t)[0-9]{3})*"
    return re.compile(
        rf"(?P<sign>{sign}?)(?:(?P<before>{unit})\s*)??(?P<inner>{sign}?)"
        rf"(?:(?P<infinite>(?i:inf|infinity))|"
        rf"(?:(?P<whole>[0-9]+|{thousands})|(?={d}[0-9]))"
        rf"(?P<fraction>{d}[0-9]*)?(?P<exponent>[eE][-+]?[0-9]+)?)"
        rf"(?:\s*(?P<after>{unit}))?"
    )


def number_in(value: Any, decimal: str, separators: str) -> Number | None:
    """The number in a text, None if it has another form; numbers stay what they are."""
    if isinstance(value, Real):
        exact = int(value) if isinstance(value, Integral) else float(value)
        return Number(repr(exact))
    found = pattern(decimal, separators).fullmatch(str(value).strip(BLANKS))
    if not found or (found["sign"] and found["inner"]):
        return None
    if found["before"] and found["after"]:
        return None
    unit = found["before"] or found["after"] or ""
    if unit and (found["infinite"] or not is_unit(unit)):
        return None
    separator, whole = found["t"] or "", found["whole"] or ""
    if separator and found["exponent"]:
        return None
    fraction, exponent = found["fraction"] or "", found["exponent"] or ""
    plain = (found["sign"] + found["inner"]).replace(MINUS, "-")
    plain += found["infinite"] or whole.replace(separator, "")
    plain += fraction.replace(decimal, ".") + exponent
    is_code = len(whole) > 1 and whole[0] == "0" and not fraction and not exponent
    return Number(plain, one_of_a_kind(separator), unit, is_code)


def is_unit(text: str) -> bool:
    """Whether a text is a sign of percent or of a currency."""
    if len(text) > 1:
        return text in CURRENCIES
    return text in "%\u2030" or unicodedata.category(text) == "Sc"


def one_of_a_kind(separator: str) -> str:
    """The same text for all apostrophes, and for all spaces that do not end a line."""
    if separator in APOSTROPHES:
        return separator and "'"
    return "\u00a0" if separator in SPACES[1:] else separator


def read(texts: Sequence[Any], counts: Any, decimal: str, separators: str) -> Numbers:
    """How distinct texts, with their numbers of rows, read as numbers.

    `values` has one number for each text.
    """
    numbers = [number_in(text, decimal, separators) for text in texts]
    found = [(one, n) for one, n in zip(numbers, counts, strict=True) if one]
    unit = most_common((one.unit, n) for one, n in found)
    separator = most_common((one.separator, n) for one, n in found if one.separator)
    alike = {"", separator}
    if separator.isspace() and any(one.separator == " " for one, _ in found):
        separator, alike = " ", {"", *SPACES}
    fits = [
        one is not None and one.unit == unit and one.separator in alike
        for one in numbers
    ]
    strays = chosen(texts, counts, [not one for one in fits])
    codes = chosen(texts, counts, [one is not None and one.is_code for one in numbers])
    complete = not strays.n_rows and not codes.n_rows
    values = as_numbers([one.plain for one, _ in found]) if complete else None
    # The longest number, with a separator if one has it.
    pairs = compress(zip(numbers, map(str, texts), strict=True), fits)
    sizes = [(bool(one and one.separator), len(text), text) for one, text in pairs]
    example = max(sizes, default=(False, 0, ""))[2]
    n = int(np.sum(counts))
    return Numbers(decimal, n, separator, unit, strays, codes, values, example)


def most_common(counted_texts: Iterable[tuple[str, int]]) -> str:
    """The text with the largest sum of its numbers; '' if there is none."""
    total: Counter[str] = Counter()
    for text, n in counted_texts:
        total[text] += int(n)
    return max(total, key=lambda text: total[text], default="")


def chosen(texts: Sequence[Any], counts: Any, which: Sequence[bool]) -> Texts:
    """The chosen ones of distinct texts with their numbers of rows."""
    pairs = [*compress(zip(texts, counts, strict=True), which)]
    # The others are not kept: there may be as many as rows.
    first = sorted(pairs, key=lambda pair: -pair[1])[:N_SHOWN]
    names = tuple(str(text) for text, _ in first)
    return Texts(names, len(pairs), int(sum(n for _, n in pairs)))


def as_numbers(plain: Sequence[str]) -> Any:
    """Numbers in Python's form as int64, uint64 or float64; None if none holds them."""
    if not all(text.lstrip("+-").isdecimal() for text in plain):
        return np.array([float(text) for text in plain])
    if max(map(len, plain)) > len("-18446744073709551615"):
        return None
    return as_integers([int(text) for text in plain])


def as_integers(values: Sequence[int]) -> Any:
    """Integers as int64 or uint64; None if neither holds them."""
    for dtype in (np.int64, np.uint64):
        if np.iinfo(dtype).min <= min(values) and max(values) <= np.iinfo(dtype).max:
            return np.array(values, dtype=dtype)
    return None


def fault(readings: Sequence[Numbers], decimal: str = "") -> str:
    """Why a column of texts is not numbers, and which option reads it.

    `decimal` is the decimal mark of the table, if it is known.
    """
    best = max(readings, key=lambda one: (one.n_numbers, one.decimal == decimal))
    if best.codes.n_rows:
        verb = "begins" if best.codes.n_rows == 1 else "begin"
        return f"{of_rows(best.codes, best)} {verb} with 0: {best.codes.quoted()}"
    if best.strays.n_rows:
        return fault_of_strays(best)
    if best.values is None:
        return f"no type of 64 bits holds its integers, such as {best.example!r}"
    if not best.separator and not set(best.example) & set(MARKS):
        return "its numbers are text"
    option = f"--decimal {best.decimal}"
    if best.separator:
        option = f"--thousands {shlex.quote(best.separator)}"
    return f"its numbers have another form, such as {best.example!r}; {option} reads it"


def fault_of_strays(reading: Numbers) -> str:
    """Which texts are no numbers as the others are, and how to read them."""
    strays = reading.strays
    verb = "is no number" if strays.n_rows == 1 else "are no numbers"
    found = f"{of_rows(strays, reading)} {verb}"
    if any(map(is_number, strays.first)):
        found += f" with {reading.unit!r}" if reading.unit else " in the form of others"
        return f"{found}: {strays.quoted()}"
    found += f": {strays.quoted()}"
    are_marks = strays.n_texts <= N_SHOWN and not have_meaning(strays.first)
    if not reading.is_mostly_numbers or not are_marks:
        return found
    it = "it" if strays.n_texts == 1 else "them"
    return f"{found}; {missing_option(strays.first)} reads {it} as missing"


def have_meaning(texts: Iterable[str]) -> bool:
    """Whether a text has digits, such as '10 or more', or is an answer, such as yes."""
    return any(re.search("[0-9]", one) or one.casefold() in ANSWERS for one in texts)


def of_rows(texts: Texts, reading: Numbers) -> str:
    """Such as '3 of 80 values'."""
    return f"{texts.n_rows:,} of {counted(reading.n, 'value')}"


def is_number(text: str) -> bool:
    """Whether a text is a number in any form."""
    every = SPACES + APOSTROPHES
    return any(
        number_in(text, mark, MARKS.replace(mark, "") + every) is not None
        for mark in MARKS
    )


def missing_option(words: Sequence[str]) -> str:
    """The option that reads words as missing values."""
    dashed = [word for word in words if word[:1] == "-" and word != "-"]
    plain = [word for word in words if word not in dashed]
    parts = [f"--missing={shlex.quote(word)}" for word in dashed]
    return " ".join([f"--missing {shlex.join(plain)}"] * bool(plain) + parts)
