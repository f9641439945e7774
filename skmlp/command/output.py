"""Standard output and error of the command, and the exit code of its work."""

import os
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from typing import Any

from ..common.printable import printable
from .text import UserError, one_line, reason


class OutputError(Exception):
    """Standard output cannot be written: it is closed, or its disk is full."""


class Stream:
    """A text stream that escapes what is not printable and records that it failed.

    A `strict` stream also raises OutputError then.
    """

    def __init__(self, inner: Any, strict: bool):
        self.inner = inner
        self.strict = strict
        # Python sets a stream to None if it is closed from the start.
        is_closed = inner is None or getattr(inner, "closed", False)
        self.fault: Exception | None = BrokenPipeError() if is_closed else None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def isatty(self) -> bool:
        """Whether this is a terminal."""
        return self.fault is None and bool(self.inner.isatty())

    def write(self, text: str) -> int:
        """Write lines of text."""
        self._write_text("\n".join(map(printable, text.split("\n"))))
        return len(text)

    def write_data(self, text: str) -> None:
        """Write text as it is, in UTF-8 whatever the locale."""
        self.flush()
        buffer = getattr(self.inner, "buffer", None)
        if buffer is None:
            self._try(lambda: self.inner.write(text))
        else:
            data = text.encode("utf-8", "backslashreplace")
            self._try(lambda: _write_all(buffer, data))

    def overwrite(self, text: str) -> None:
        """Write text on a terminal that the next output overwrites."""
        if self.isatty():
            self._write_text(f"\r{text:<60}\r")
            self.flush()

    def flush(self) -> None:
        """Write what is buffered."""
        self._try(lambda: self.inner.flush())

    def keep_going(self) -> None:
        """Raise no more errors: there is work to do that does not need this stream."""
        self.strict = False

    def _write_text(self, text: str) -> None:
        encoding = getattr(self.inner, "encoding", None) or "utf-8"
        known = text.encode(encoding, "backslashreplace").decode(encoding)
        self._try(lambda: self.inner.write(known))

    def _try(self, action: Callable[[], object]) -> None:
        if self.fault is None:
            try:
                action()
            except (OSError, ValueError) as error:
                self.fault = error
                _discard(self.inner)
        if self.fault is not None and self.strict:
            raise OutputError


def _write_all(buffer: Any, data: bytes) -> None:
    """Write bytes; without a buffer a file may take only some of them at a time."""
    while data:
        written = buffer.write(data)
        if not written:
            raise OSError("it takes no more data")
        data = data[written:]


def _discard(stream: Any) -> None:
    """Let the rest of a stream go nowhere; Python would raise an error at exit."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)


def complain(message: str) -> None:
    """Print a line to standard error."""
    print(f"skmlp: {printable(message)}", file=sys.stderr, flush=True)


def show_progress(what: str) -> None:
    """Print a line on a terminal that the next output overwrites."""
    stream: Any = sys.stderr
    stream.overwrite(what)


def attempt(work: Callable[[], int | None]) -> int:
    """The exit code of work; what it could not do is a line on standard error."""
    try:
        return work() or 0
    except UserError as fault:
        complain(str(fault))
        return 2
    except OSError as error:
        complain(f"{error.filename or 'a file'}: {reason(error)}.")
        return 2
    except MemoryError as error:
        complain(f"the memory is full ({one_line(error)}).")
    except RecursionError as error:
        complain(f"stopped ({one_line(error)}).")
    return 1


def guarded(work: Callable[[Stream], int]) -> int:
    """The exit code of work, with standard output and error that escape and never raise.

    Parameters
    ----------
    work : callable
        Gets standard output and returns an exit code.

    Returns
    -------
    int
        The exit code: 2 for a UserError, 130 for Ctrl-C, 1 if standard output is closed
        or for any other error.
    """
    output = Stream(sys.stdout, strict=True)
    streams: tuple[Any, Any] = output, Stream(sys.stderr, strict=False)
    with (
        redirect_stdout(streams[0]),
        redirect_stderr(streams[1]),
        warnings.catch_warnings(),
    ):
        warnings.showwarning = _show_warning
        code = _exit_code(lambda: work(output))
        with suppress(OutputError):
            output.flush()
        if output.fault and not code:
            complain(f"stopped, {_why(output.fault)}")
            code = 1
    return code


def _exit_code(work: Callable[[], int]) -> int:
    try:
        return attempt(work)
    except OutputError:
        return 0
    except KeyboardInterrupt:
        complain("interrupted")
        return 130
    except SystemExit as stop:
        # argparse has printed the help or an error.
        return int(stop.code or 0)
    except Exception:
        traceback.print_exc()
        return 1


def _why(fault: Exception) -> str:
    if isinstance(fault, BrokenPipeError):
        return "the output was closed"
    return f"the output cannot be written ({reason(fault)})"


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    complain(one_line(message))
