"""Quotes of text files: each field in quotes must begin and end with one.

pyarrow takes all rows up to the next quote for a part of a field, wherever that is. So a
quote that does not end would swallow rows without an error.
"""

from __future__ import annotations

from typing import Any

import numpy as np

QUOTE, LINE_ENDS, MARK = 0x22, (0x0A, 0x0D), b"\xef\xbb\xbf"
"""Bytes: a quote, ends of lines, and the mark at the start of UTF-8."""

WRONG = (
    "it has a quote that does not end a field which begins with one; quotes in such a "
    "field must be written twice"
)


class CheckedQuotes:
    """A binary file whose quotes are checked while it is read, in the form of RFC 4180.

    A quote at the start of a field begins it. The next one ends the field, unless it is
    written twice. Quotes in a field that does not begin with one are its text.
    """

    def __init__(self, file: Any, separator: str):
        self.file = file
        self.ends = (ord(separator), *LINE_ENDS)
        self.is_start, self.closed = True, False
        # The start of the file is like that of a line.
        self.last, self.inside, self.has_ended = LINE_ENDS[0], False, False

    def read(self, size: int = -1) -> bytes:
        """The next bytes; raises ValueError for a quote in another place."""
        data: bytes = self.file.read(size)
        if data:
            self._check(np.frombuffer(data, np.uint8))
        elif self.inside:
            raise ValueError("it has a quote that does not end")
        return data

    def close(self) -> None:
        """Close the file."""
        self.file.close()
        self.closed = True

    def _check(self, data: Any) -> None:
        """Check some bytes, of which `last` is the one before."""
        if self.has_ended and data[0] not in (*self.ends, QUOTE):
            raise ValueError(WRONG)
        places = np.flatnonzero(data == QUOTE)
        # A quote before these bytes that is text doubles none.
        is_text = self.last == QUOTE and not self.has_ended
        before = np.where(places == 0, 0 if is_text else self.last, data[places - 1])
        if self.is_start and data[: len(MARK)].tobytes() == MARK:
            before[places == len(MARK)] = LINE_ENDS[0]
        # The byte after a quote at the end says whether it is written twice.
        if self._are_plain(data, places, before):
            self.inside ^= len(places) % 2 == 1
            self.has_ended = data[-1] == QUOTE and not self.inside
        else:
            self.has_ended = self._check_each(data, places.tolist(), before.tolist())
        self.last, self.is_start = int(data[-1]), False

    def _are_plain(self, data: Any, places: Any, before: Any) -> bool:
        """Whether the quotes begin and end fields in turn; doubled ones do both."""
        begins = (np.arange(len(places)) + self.inside) % 2 == 0
        after = data[places[~begins & (places < len(data) - 1)] + 1]
        near = np.append(before[begins], after)
        return bool(np.isin(near, (*self.ends, QUOTE)).all())

    def _check_each(self, data: Any, places: list[int], before: list[int]) -> bool:
        """Check one quote after the other; return whether the last byte ends a field."""
        second = -1
        for place, last in zip(places, before, strict=True):
            if place == second:
                continue
            if not self.inside:
                doubled = place == 0 and self.has_ended
                self.inside = doubled or last in self.ends
            elif place + 1 == len(data):
                self.inside = False
                return True
            elif data[place + 1] in self.ends:
                self.inside = False
            elif data[place + 1] == QUOTE:
                second = place + 1
            else:
                raise ValueError(WRONG)
        return False
