"""Text files without quotes, which pyarrow reads many times faster than `Rows` does.

The whole text is in memory while it is read, beside the frame.
"""

import codecs
import zlib
from typing import Any

from .io import optional
from .text import UserError

BYTES_AT_A_TIME = 2**24


def plain_frame(lines: Any, separator: str, header: list[str], names: list[str]) -> Any:
    """The frame of texts of a file; None where `Rows` might read it otherwise.

    Parameters
    ----------
    lines : io.TextIOWrapper
        The file, at any place; it stays there.
    separator : str
        A character.
    header : list of str
        The fields of the first line.
    names : list of str
        The names of columns.
    """
    is_utf8 = codecs.lookup(lines.encoding).name in ("utf-8", "utf-8-sig")
    if not is_utf8 or separator == " " or len(header) == 1:
        return None
    file, place = lines.buffer, lines.buffer.tell()
    try:
        file.seek(0)
        data = file.read()
        start = start_of_rows(data, separator, header)
        return as_read(data, start, separator, names) if start else None
    except (UserError, OSError, EOFError, ValueError, zlib.error):
        # `Rows` or its file says what is wrong.
        return None
    finally:
        file.seek(place)


def start_of_rows(data: bytes, separator: str, header: list[str]) -> int:
    """Where the rows of a text begin; 0 if one of them may not be plain."""
    first = separator.join(header).encode()
    start = len(first) + len(codecs.BOM_UTF8) * data.startswith(codecs.BOM_UTF8)
    if data[:start].removeprefix(codecs.BOM_UTF8) != first:
        return 0
    starts = (b"\n", b"\r", b" ", codecs.BOM_UTF8, first)
    odd = [b'"', b"\0", separator.encode() + b" ", *(b"\n" + one for one in starts)]
    if any(one in data for one in odd) or data.count(b"\r") != data.count(b"\r\n"):
        return 0
    ends = [one for one in (b"\n", b"\r\n") if data.startswith(one, start)]
    return start + len(ends[0]) if ends else 0


def as_read(data: bytes, start: int, separator: str, names: list[str]) -> Any:
    """The frame of the rows from a place on; raises ValueError if their fields differ."""
    arrow, csv = optional("pyarrow"), optional("pyarrow.csv")
    table = csv.read_csv(
        arrow.BufferReader(arrow.py_buffer(data).slice(start)),
        csv.ReadOptions(column_names=names, block_size=BYTES_AT_A_TIME),
        csv.ParseOptions(
            delimiter=separator, quote_char=False, ignore_empty_lines=False
        ),
        csv.ConvertOptions(column_types=dict.fromkeys(names, arrow.large_string())),
    )
    return table.to_pandas()
