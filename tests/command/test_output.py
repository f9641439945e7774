"""Streams that escape and record faults, and the exit codes of work."""

import errno
import io
import sys
import warnings

import pytest

from skmlp.command.output import (
    OutputError,
    Stream,
    _write_all,
    attempt,
    complain,
    guarded,
)
from skmlp.command.text import UserError

FULL = OSError(errno.ENOSPC, "No space left on device")


class Broken(io.StringIO):
    """A stream that raises an error in one of its methods."""

    def __init__(self, method, error):
        super().__init__()
        setattr(self, method, self.fail)
        self.error = error

    def fail(self, *_):
        raise self.error


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


BROKEN = {
    "none": lambda: None,
    "closed": closed,
    "full": lambda: Broken("write", FULL),
    "full when flushed": lambda: Broken("flush", FULL),
    "pipe": lambda: Broken("write", BrokenPipeError()),
    "pipe when flushed": lambda: Broken("flush", BrokenPipeError()),
}
"""Streams that cannot be written."""


def test_lines_are_escaped_and_data_is_not():
    inner = io.StringIO()
    stream = Stream(inner, strict=True)
    print("a\x1bb", "c\u202ed\r", file=stream)
    stream.write_data("a\x1bb\r\n")
    assert inner.getvalue() == "a\\x1bb c\\u202ed\\r\na\x1bb\r\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8", "utf-16"])
def test_encodings(encoding):
    buffer = io.BytesIO()
    inner = io.TextIOWrapper(buffer, encoding=encoding, newline="\n")
    stream = Stream(inner, strict=True)
    stream.write("größe\n")
    stream.flush()
    size = len(buffer.getvalue())
    stream.write_data("größe 日本 \udc80\n")
    known = {"ascii": "gr\\xf6\\xdfe\n"}.get(encoding, "größe\n")
    assert buffer.getvalue()[:size].decode(encoding) == known
    assert buffer.getvalue()[size:] == "größe 日本 \\udc80\n".encode()


@pytest.mark.parametrize("make", BROKEN.values(), ids=list(BROKEN))
@pytest.mark.parametrize("write", ["write", "write_data"])
def test_a_strict_stream_raises_once_it_fails(make, write):
    for strict in (True, False):
        stream = Stream(make(), strict)
        try:
            getattr(stream, write)("a")
            stream.flush()
        except OutputError:
            assert strict
        else:
            assert not strict
        assert stream.fault is not None
        assert not stream.isatty()
    strict = Stream(make(), strict=True)
    strict.keep_going()
    strict.write("a")


def test_text_over_which_the_next_is_written_is_for_terminals():
    inner = io.StringIO()
    Stream(inner, strict=True).overwrite("a")
    assert inner.getvalue() == ""
    inner.isatty = lambda: True
    Stream(inner, strict=True).overwrite("a")
    assert inner.getvalue() == f"\r{'a':<60}\r"


def test_bytes_are_written_to_the_end():
    class Slow(io.BytesIO):
        def write(self, data):
            return super().write(data[:3])

    buffer = Slow()
    _write_all(buffer, b"0123456789")
    assert buffer.getvalue() == b"0123456789"
    buffer.write = lambda data: 0
    with pytest.raises(OSError, match="takes no more"):
        _write_all(buffer, b"0")


def raising(error):
    def work(*_):
        raise error

    return work


ERRORS = [
    (UserError("a\nb"), 2, r"a\nb"),
    (
        PermissionError(13, "Permission denied", "a\x1b"),
        2,
        r"a\x1b: Permission denied.",
    ),
    (FULL, 2, "a file: No space left on device."),
    (MemoryError("Unable to allocate"), 1, "the memory is full (Unable to allocate)."),
    (MemoryError(), 1, "the memory is full (MemoryError)."),
    (RecursionError("too deep"), 1, "stopped (too deep)."),
]


@pytest.mark.parametrize(("error", "code", "line"), ERRORS)
@pytest.mark.parametrize("run", [attempt, guarded])
def test_errors_are_lines(error, code, line, run, capsys):
    assert run(raising(error)) == code
    assert capsys.readouterr() == ("", f"skmlp: {line}\n")


def test_an_interrupt_is_a_line(capsys):
    assert guarded(raising(KeyboardInterrupt())) == 130
    assert capsys.readouterr() == ("", "skmlp: interrupted\n")
    with pytest.raises(KeyboardInterrupt):
        attempt(raising(KeyboardInterrupt()))


@pytest.mark.parametrize(("given", "code"), [(None, 0), (0, 0), (2, 2)])
def test_the_exit_of_argparse(given, code):
    assert guarded(raising(SystemExit(given))) == code


def test_an_error_of_the_package_is_a_traceback_without_escape_codes(capsys):
    assert guarded(raising(LookupError("a\x1b"))) == 1
    err = capsys.readouterr().err
    assert err.startswith("Traceback")
    assert err.endswith("LookupError: a\\x1b\n")


def test_warnings_are_lines(capsys):
    def work(_):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("a\x1b\nb", UserWarning, stacklevel=1)
        return 0

    assert guarded(work) == 0
    assert capsys.readouterr() == ("", "skmlp: a\\x1b\n")


@pytest.mark.parametrize("make", BROKEN.values(), ids=list(BROKEN))
def test_a_closed_output_is_a_line_and_ends_the_work(make, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdout", make())
    done = []

    def work(_):
        print("a", flush=True)
        done.append(1)
        return 0

    assert guarded(work) == 1
    assert done == []
    line = capsys.readouterr().err
    assert line.startswith("skmlp: stopped, the output ")
    assert line.count("\n") == 1


def test_another_error_is_told_before_a_closed_output(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)

    def work(output):
        output.keep_going()
        print("a")
        raise UserError("b")

    assert guarded(work) == 2
    assert capsys.readouterr().err == "skmlp: b\n"


@pytest.mark.parametrize("make", BROKEN.values(), ids=list(BROKEN))
def test_a_closed_standard_error_changes_nothing(make, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stderr", make())

    def work(_):
        complain("a")
        print("b")
        return 0

    assert guarded(work) == 0
    assert capsys.readouterr().out == "b\n"


def test_the_streams_are_restored():
    before = sys.stdout, sys.stderr, warnings.showwarning
    guarded(raising(UserError("a")))
    assert (sys.stdout, sys.stderr, warnings.showwarning) == before
