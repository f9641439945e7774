"""Paths, and optional packages, and the messages about those that are not there."""

import sys

import pytest

from skmlp.command import io
from skmlp.command.io import (
    check_different,
    check_writable,
    optional,
)
from skmlp.command.text import UserError


@pytest.mark.parametrize("name", list(io.OPTIONAL))
def test_a_package_that_is_not_installed(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    package = name.partition(".")[0]
    with pytest.raises(
        UserError, match=rf"^[A-Z].* needs {package}, which is not .*Install"
    ):
        optional(name)


def test_a_package_that_cannot_be_imported(monkeypatch):
    def fail(name):
        raise ImportError("it needs another NumPy.\nSo it is.")

    monkeypatch.setattr(io.importlib, "import_module", fail)
    with pytest.raises(
        UserError, match=r"cannot be imported \(it needs another NumPy\)\. "
    ):
        optional("openpyxl")


@pytest.mark.parametrize("error", [ValueError, AttributeError, OSError, SystemError])
def test_a_package_that_breaks(error, monkeypatch):
    def fail(name):
        raise error("another NumPy")

    monkeypatch.setattr(io.importlib, "import_module", fail)
    with pytest.raises(UserError, match=r"which cannot be imported \(another NumPy\)"):
        optional("pandas")


def test_paths_that_are_one_file(tmp_path):
    check_different({"a": tmp_path / "a", "b": tmp_path / "b"})
    with pytest.raises(UserError, match="a: c and a are the same file"):
        check_different({"a": tmp_path / "a", "c": tmp_path / "x" / ".." / "a"})


def test_paths_to_write(tmp_path):
    assert check_writable(tmp_path / "a.PNG", [".png"], "a plot") == ".png"
    with pytest.raises(UserError, match="a plot must end in one of .png, .pdf"):
        check_writable(tmp_path / "a.gif", [".png", ".pdf"], "a plot")
    with pytest.raises(UserError, match="the folder .*nowhere does not exist"):
        check_writable(tmp_path / "nowhere" / "a.png", [".png"], "a plot")
    (tmp_path / "b.png").mkdir()
    with pytest.raises(UserError, match="is a folder"):
        check_writable(tmp_path / "b.png", [".png"], "a plot")
