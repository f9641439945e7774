import sys
import unicodedata
import xml.dom.minidom

import pytest

from skmlp.common.printable import printable


@pytest.mark.parametrize(
    "text", ["", "a", "größe 日本", "=1+1", "a\\b", "$x$", "<b>&", "😀"]
)
def test_what_is_printable_stays(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", r"\x1b[2J"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\0\x7f\x9b", r"\x00\x7f\x9b"),
        ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
        ("\u202e\u2066", r"\u202e\u2066"),
        ("\udc80\ud800", r"\udc80\ud800"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_is_not_printable_is_escaped_as_in_repr(text, shown):
    assert printable(text) == shown
    assert printable(text) == repr(text)[1:-1]


def test_no_character_controls_a_terminal_or_breaks_xml():
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    shown = printable(every)
    kinds = {unicodedata.category(one) for one in shown}
    assert kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"} == set()
    escaped = shown.replace("&", "&amp;").replace("<", "&lt;")
    text = xml.dom.minidom.parseString(f"<a>{escaped}</a>".encode())
    assert text.documentElement.firstChild is not None
