"""Functions as nodes, against SciPy and NumPy."""

import numpy as np
import pytest
from scipy.special import ndtr, ndtri

from skmlp.export import functions

from .runs import run_graph


def test_normal_quantiles():
    p = np.concatenate([np.linspace(2e-4, 1 - 2e-4, 5001), [0.075, 0.925, 0.5, 1e-9]])
    found = run_graph(functions.normal_quantiles, p[:, None])
    np.testing.assert_allclose(found[:, 0], ndtri(p), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float64, 2e-14), (np.float32, 5e-7)]
)
def test_normal_cdf(dtype, tolerance):
    s = np.concatenate([np.linspace(-45, 45, 3001), [-1e30, 1e30, 1e-30]])
    s = s.astype(dtype)[:, None]
    found = run_graph(lambda graph, x: functions.normal_cdf(graph, x, dtype), s)
    np.testing.assert_allclose(found, ndtr(s), atol=tolerance, rtol=0)
    if dtype is np.float64:
        near = (s > -30) & (s < 0)
        np.testing.assert_allclose(found[near], ndtr(s)[near], rtol=1e-12)


def lines():
    """Lines with a few points and with many, in one call."""
    rng = np.random.RandomState(0)
    xs = [np.unique(rng.randn(n)) for n in (2, 5, 400, 1000)]
    return [(x, np.sort(rng.rand(len(x)))) for x in xs]


@pytest.mark.parametrize("some", [slice(0, 2), slice(0, 4), slice(3, 4)])
def test_interpolated(some):
    chosen = lines()[some]
    rng = np.random.RandomState(1)
    x = np.column_stack(
        [np.concatenate([2 * rng.randn(300), xp[:2], xp[-2:]]) for xp, _ in chosen]
    )
    found = run_graph(
        lambda graph, name: functions.interpolated(graph, name, chosen), x
    )
    expected = [np.interp(one, *line) for one, line in zip(x.T, chosen, strict=True)]
    np.testing.assert_array_equal(found, np.transpose(expected))


def test_steps_to_the_next_number():
    near = [np.nextafter(0.0, end) for end in (-1, 1)]
    line = np.array([-1.0, near[0], 0.0, near[1], 2.0]), np.array([0, 0.2, 0.3, 0.4, 1])
    x = np.array([[-2.0], [-0.5], [0.0], [near[1]], [1.0], [3.0]])
    found = run_graph(
        lambda graph, name: functions.interpolated(graph, name, [line]), x
    )
    np.testing.assert_array_equal(found[:, 0], np.interp(x[:, 0], *line))


@pytest.mark.parametrize("n", [1, functions.FEW, functions.FEW + 1, 49 * 49, 3000])
def test_count_below(n):
    points = np.sort(np.random.RandomState(n).randn(n))
    x = np.concatenate([points[:9], points[-9:], [-9.0, 9.0, np.nan]])[:, None]
    found = run_graph(
        lambda graph, name: functions.count_below(graph, name, [points]), x
    )
    expected = np.searchsorted(points, x[:-1, 0], side="right")
    assert found[:, 0].tolist() == [*expected, 0]
