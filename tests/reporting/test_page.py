"""Sections as HTML."""

import re

import pytest

pytest.importorskip("jinja2")

from skmlp.reporting.content import Cell, Code, Items, Picture, Section, Table, Text
from skmlp.reporting.page import page, runs

EVIL = "<script>alert('x')</script> & \"more\""


def test_all_texts_are_escaped():
    table = Table(EVIL, ["", EVIL], [[EVIL, EVIL, Cell(EVIL, 0.25)]])
    shaded = Table(EVIL, [EVIL], [[EVIL, Cell(EVIL, 0.5)]], shaded=True)
    parts = [Text(EVIL), Items([EVIL]), Code(EVIL), table, shaded]
    html = page(
        EVIL, EVIL, [Section("a", EVIL, [*parts, Picture("<svg></svg>", EVIL)])]
    )
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 20
    assert "<svg></svg>" in html
    assert 'style="width: 25.0%"' in html
    assert 'style="--share: 0.500"' in html
    # An empty cell in a head is no heading.
    assert re.search(r"<tr>\s*<td></td>\s*<th", html)


def test_sections_have_addresses():
    html = page("t", "m", [Section("a", "First", []), Section("b", "Second", [])])
    for name, title in (("a", "First"), ("b", "Second")):
        assert f'<a href="#{name}">{title}</a>' in html
        assert f'<section id="{name}"' in html
        assert f'<h2 id="{name}-title">{title}</h2>' in html


def test_pictures_that_follow_each_other_are_side_by_side():
    one, other = Picture("<svg></svg>", "c"), Text("t")
    assert [kind for kind, _ in runs([one, one, other, one])] == [
        *("picture", "text", "picture"),
    ]
    html = page("t", "m", [Section("a", "A", [one, one, other, one])])
    assert html.count('<div class="figures">') == 2
    assert html.count("<figure>") == 3
