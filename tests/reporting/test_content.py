"""Numbers as text, and the kinds of the parts of sections."""

import pytest

from skmlp.reporting.content import (
    Cell,
    Code,
    Items,
    Picture,
    Table,
    Text,
    number,
    percent,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.1235"),
        (12, "12"),
        (123456.7, "123,457"),
        (-1e-7, "-1e-07"),
        (float("nan"), "-"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


def test_parts_of_all():
    assert percent(0.12345) == "12.3 %"
    assert percent(1) == "100.0 %"


def test_each_part_has_a_kind_of_its_own():
    parts = [Text("a"), Items(["a"]), Code("a"), Table("a", [], []), Picture("a", "b")]
    assert len({part.kind for part in parts}) == len(parts)
    assert Cell("a").share is None
