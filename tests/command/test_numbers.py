"""Columns of texts as numbers."""

import pytest

from skmlp.command.numbers import typed

pandas = pytest.importorskip("pandas")


def test_numbers_and_text():
    frame = pandas.DataFrame({"a": ["1", ""], "b": ["x", "1"], "c": ["01", "2"]})
    frame, notes = typed(frame, None, None, (), {"c"})
    assert frame["a"].isna().tolist() == [False, True]
    assert frame["b"].tolist() == ["x", "1"]
    assert frame["c"].tolist() == ["01", "2"]
    assert notes == []
