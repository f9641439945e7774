"""The layers of tables in C against NumPy: training, scores, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import ColumnLayout
from skmlp.core.compiled import compiled_scores
from skmlp.core.compiled.library import library
from skmlp.core.lbfgs import NumpyObjective
from skmlp.core.compiled.runner import CompiledObjective
from tests.core.compiled.problems import (
    ALL_HEADS,
    TOLERANCE,
    check_same,
    table_problem,
)

pytestmark = pytest.mark.skipif(library() is None, reason="no library was built")

PRECISIONS = pytest.mark.parametrize("dtype", ["f8", "f4"])
LAYOUTS = {
    "all": None,
    "numbers": ColumnLayout(3, 0, ()),
    "one number": ColumnLayout(1, 0, ()),
    "unchanged": ColumnLayout(0, 2, ()),
    "codes": ColumnLayout(0, 0, (5, 4)),
    "numbers and codes": ColumnLayout(2, 0, (5,)),
}


@PRECISIONS
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations(activation, dtype):
    check_same(*table_problem(dtype, activation=activation))


@PRECISIONS
@pytest.mark.parametrize("head", ALL_HEADS)
def test_heads(head, dtype):
    check_same(*table_problem(dtype, head=head))


@PRECISIONS
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout, dtype):
    check_same(*table_problem(dtype, layout=LAYOUTS[layout]))


@PRECISIONS
@pytest.mark.parametrize("n_frequencies", [0, 1, 16, 33])
def test_frequencies(n_frequencies, dtype):
    check_same(*table_problem(dtype, n_frequencies=n_frequencies, dropout=0.0))
