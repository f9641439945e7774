"""The form of numbers in texts, and the messages about texts that are none."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from skmlp.command.number_texts import (
    Number,
    as_integers,
    as_numbers,
    fault,
    is_unit,
    missing_option,
    number_in,
    read,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", Number("1")),
        (" -1.50 ", Number("-1.50")),
        ("1,234.5", Number("1234.5", ",")),
        ("1\u2009234", Number("1234", "\u00a0")),
        ("1 234", Number("1234", " ")),
        ("1\u2019234", Number("1234", "'")),
        ("-\u00a35", Number("-5", "", "\u00a3")),
        ("5 %", Number("5", "", "%")),
        ("007", Number("007", is_code=True)),
        ("007.5", Number("007.5")),
        ("0.123", Number("0.123")),
        ("+Inf", Number("+Inf")),
        (7, Number("7")),
        (np.float64(0.1), Number("0.1")),
        (Decimal("2.5"), Number("2.5")),
        (Fraction(1, 2), Number("0.5")),
    ],
)
def test_numbers_in_texts(text, number):
    assert number_in(text, ".", ", \u2009'\u2019") == number


ODD = [
    *["", ".", "-", "1.2.3", "+-5", "0,123", "1234,567", "1,234e5", "$5$", "$inf"],
    *["5 kg", "XYZ 5", "1_0", "0x1", "\u0663", "nan", "1,234\u2009567"],
]


@pytest.mark.parametrize("text", ODD)
def test_other_texts(text):
    assert number_in(text, ".", ",\u2009") is None


def test_units():
    assert all(map(is_unit, ["%", "\u2030", "$", "\u20ac", "\u20b9", "EUR", "CHF"]))
    assert not any(map(is_unit, ["#", "+", "KGS", "eur", "EU"]))


def test_numbers_of_each_type():
    assert as_numbers(["1", "-2"]).dtype == np.int64
    assert as_numbers([str(2**64 - 1), "0"]).dtype == np.uint64
    assert as_numbers(["1", "2.5"]).dtype == np.float64
    assert as_numbers([str(2**64)]) is None
    assert as_numbers(["-1", str(2**63)]) is None
    assert as_numbers(["9" * 5000]) is None
    assert as_integers([-(2**63), 2**63 - 1]).tolist() == [-(2**63), 2**63 - 1]


def test_a_reading_counts_rows():
    reading = read(["5", "6", "?", "-"], [3, 2, 1, 4], ".", ",")
    assert (reading.n, reading.n_numbers, reading.values) == (10, 5, None)
    assert reading.strays == (("-", "?"), 2, 5)
    assert reading.is_mostly_numbers
    assert fault([reading]) == (
        "5 of 10 values are no numbers: '-', '?'; --missing - '?' reads them as missing"
    )


def test_the_option_for_missing_values_can_be_copied():
    assert missing_option(["?", "a b"]) == "--missing '?' 'a b'"
    assert missing_option(["--"]) == "--missing=--"
