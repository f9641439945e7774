"""Figures in a page: colours of the page, ids of their own, a text for readers."""

import re
from xml.etree import ElementTree

import pytest

pytest.importorskip("matplotlib")

from skmlp.reporting.svg import INK, SERIES, Drawings, in_page


def drawn(axes):
    axes.plot([1, 2, 3], [3, 1, 2], "o-", color=SERIES[0], label="$a$ <b>")
    axes.axhline(2, color=INK)
    axes.legend()


def test_ids_differ_and_links_have_targets():
    drawings = Drawings()
    texts = [drawings.svg(drawn, "what it shows") for _ in range(2)]
    ids = [set(re.findall(r' id="([^"]+)"', text)) for text in texts]
    assert ids[0]
    assert not ids[0] & ids[1]
    for text, own in zip(texts, ids, strict=True):
        links = re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', text)
        assert {a or b for a, b in links} == own


def test_the_element_stands_alone():
    text = Drawings().svg(drawn, 'a "label" & more')
    root = ElementTree.fromstring(text)
    assert root.tag == "svg"
    assert root.get("aria-label") == 'a "label" & more'
    assert {"width", "height"}.isdisjoint(root.attrib)
    assert not list(root.iter("style"))
    assert not list(root.iter("metadata"))
    assert "http" not in text
    # Text is text, and no formula.
    assert "$a$ &lt;b&gt;" in text


def test_colours_are_those_of_the_page():
    text = Drawings().svg(drawn, "label")
    assert "var(--series-1)" in text
    assert "currentColor" in text
    assert INK not in text
    assert SERIES[0] not in text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("#abc", "#f-abc"),
        ("url(#abc)", "url(#f-abc)"),
        (f"fill: {INK}; stroke: #ff0000", "fill: currentColor; stroke: #ff0000"),
        ("plain", "plain"),
    ],
)
def test_values_of_attributes(value, expected):
    assert in_page(value, "f-") == expected
