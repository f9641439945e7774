"""Columns of numbers as nodes, against `encode_numbers`."""

import numpy as np
import pytest

from skmlp.export.numbers import Numbers, encode, lines_of
from skmlp.tabular.column_encoders import Numeric
from skmlp.tabular.scaling import encode_numbers

RNG = np.random.RandomState(0)
COLUMNS = {
    "normal": RNG.randn(200),
    "many": RNG.randn(20_000),
    "integers": RNG.randint(0, 9, 200) * 1.0,
    "two": RNG.randint(0, 2, 200) * 1.0,
    "constant": np.full(200, 1e308),
    "zeros": np.zeros(200),
    "gaps": np.where(RNG.rand(200) < 0.3, np.nan, RNG.randn(200)),
    "empty": np.full(200, np.nan),
    "skewed": np.exp(5 * RNG.randn(200)),
    "wide": RNG.choice([-1.7e308, 1.7e308, 0, 1e300], 200),
    "half": np.linspace(-0.9, 0.9, 200) * 1e308,
    "tiny": RNG.randn(200) * 1e-310,
    "smallest": RNG.randint(0, 50, 200) * 5e-324,
    "all sizes": np.exp(np.linspace(-700, 700, 200)),
}


def compare(names, quantiles, x):
    from .runs import run_graph

    columns = [Numeric.fit(COLUMNS[name], quantiles) for name in names]
    width = sum(len(one.groups) for one in columns)
    expected = np.empty((len(x), width), np.float32)
    encode_numbers(columns, list(x.T), expected)
    given = [Numbers(*both) for both in zip(names, columns, strict=True)]

    def build(graph, name):
        return graph.concat(encode(graph, name, given), 1)

    np.testing.assert_array_equal(run_graph(build, x), expected)


def others(values):
    """Numbers of a column, near and far ones, and a missing one."""
    seen = values[~np.isnan(values)][:100]
    ends = [0.0, -0.0, 1e-300, 5e-324, 1.0, -1.0, 1e308, -1.7e308, np.nan]
    with np.errstate(over="ignore"):
        near = np.nextafter(seen[:20], np.inf)
    found = np.concatenate([seen, near, seen / 2, -seen, ends])
    return np.where(np.isinf(found), 0, found)


@pytest.mark.parametrize("quantiles", [True, False])
@pytest.mark.parametrize("name", COLUMNS)
def test_encoded_numbers(name, quantiles):
    compare([name], quantiles, others(COLUMNS[name])[:, None])


def test_columns_together():
    x = np.column_stack([others(RNG.randn(100))] * len(COLUMNS))
    compare(list(COLUMNS), True, x)


def test_infinite_numbers_are_the_largest_ones():
    from .runs import run_graph

    column = [Numbers("x", Numeric.fit(COLUMNS["normal"], True))]
    x = np.array([[np.inf], [-np.inf], [1.7e308], [-1.7e308]])
    found = run_graph(lambda g, name: g.concat(encode(g, name, column), 1), x)
    np.testing.assert_array_equal(found[:2], found[2:])


def test_numbers_of_all_sizes_at_once_are_refused():
    values = np.concatenate([np.arange(199) * 5e-324, [1.0]])
    with pytest.raises(NotImplementedError, match="quantiles of column 'odd'"):
        lines_of(Numbers("odd", Numeric.fit(values, True)))
