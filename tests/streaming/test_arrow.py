import sys

import pyarrow
import pyarrow.compute
import pytest

from skmlp import TabularMLPRegressor
from skmlp.streaming.arrow import arrow


def test_modules():
    assert arrow() is pyarrow
    assert arrow("compute") is pyarrow.compute


def test_without_pyarrow(monkeypatch, write):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"needs pyarrow.*skmlp\[stream\]"):
        arrow()
    path = write("a.csv", "x,y\n1,2\n")
    with pytest.raises(ImportError, match="needs pyarrow"):
        TabularMLPRegressor().fit(path, y="y")
