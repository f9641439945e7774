"""Texts of the command: counts, quoted names, tables of numbers."""

from skmlp.command.text import as_table, counted, numbers, one_line, quoted, reason


def test_lists_and_messages_are_short():
    assert counted(1, "row") == "1 row"
    assert counted(1000, "row") == "1,000 rows"
    assert quoted(["a", 1]) == "'a', '1'"
    assert quoted("abcd", most=2) == "'a', 'b' and 2 more"
    assert quoted(["x" * 1000]) == f"'{'x' * 200}...'"
    assert one_line(ValueError("a.\nb")) == "a"
    assert one_line(KeyError()) == "KeyError"


def test_the_table():
    rows = {"a": {"R2": 0.51234, "RMSE": 12345.678}, "long": {"R2": -3, "RMSE": 1}}
    assert as_table(rows, "model").splitlines() == [
        "model       R2      RMSE",
        "a       0.5123  12,345.7",
        "long   -3.0000       1.0",
    ]
    assert numbers([0.00123456, 0]) == ["0.001235", "0.000000"]
    assert numbers([-2e-9, 0]) == ["-2.0e-09", "0.0e+00"]
    assert numbers([0.00123456, 0], places=2) == ["0.00", "0.00"]
    assert numbers([1.23456, 9], places=2) == ["1.23", "9.00"]


def test_the_reason_of_an_error_of_a_file():
    assert reason(PermissionError(13, "Permission denied", "a")) == "Permission denied"
    assert reason(OSError()) == "OSError"
    assert reason(ValueError("embedded null byte")) == "embedded null byte"


def test_names_in_a_table_are_printable():
    rows = {"a\x1b\nb": {"R2": 0.5}, "c": {"R2": 0.25}}
    assert as_table(rows, "x").splitlines() == [
        "x             R2",
        r"a\x1b\nb  0.5000",
        "c         0.2500",
    ]
