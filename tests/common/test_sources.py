"""What is a source of a table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pytest

from skmlp.common.sources import is_source


@pytest.mark.parametrize(
    "X", ["a.csv", Path("a"), ["a", Path("b")], ("a",), pa.dataset.dataset([])]
)
def test_paths_and_datasets_are_sources(X):
    assert is_source(X)


@pytest.mark.parametrize(
    "X", [[], (), ["a", 1], [["a"]], np.array(["a"]), pd.DataFrame(), None, 1, b"a"]
)
def test_other_values_are_none(X):
    assert not is_source(X)
