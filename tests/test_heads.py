import numpy as np
import pytest
from scipy import stats

from skmlp.core.heads import CLASSIFICATION_HEADS, HEADS, REGRESSION_HEADS

CASES = [(name, n) for name in HEADS for n in ((1, 3) if name != "softmax" else (2, 3))]


def targets(name, n_rows, n_outputs, seed=0):
    """Targets a head takes."""
    rng = np.random.RandomState(seed)
    return {
        "squared_error": rng.randn(n_rows, n_outputs),
        "poisson": rng.poisson(2.0, (n_rows, n_outputs)).astype(float),
        "sigmoid": rng.randint(0, 2, (n_rows, n_outputs)).astype(float),
        "softmax": np.eye(n_outputs)[rng.randint(n_outputs, size=n_rows)],
    }[name]


def negative_log_likelihood(name, y, s):
    """An independent loss of each row, from the distribution behind the head."""
    if name == "squared_error":
        return -stats.norm(s).logpdf(y).sum(axis=1) - y.shape[1] * np.log(2 * np.pi) / 2
    if name == "sigmoid":
        return -stats.bernoulli(1 / (1 + np.exp(-s))).logpmf(y).sum(axis=1)
    if name == "poisson":
        best = -stats.poisson(np.where(y > 0, y, 1e-300)).logpmf(y)
        return (-stats.poisson(np.exp(s)).logpmf(y) - best).sum(axis=1)
    p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
    return -np.log(p[y.astype(bool)])


def test_registries():
    assert HEADS == {**REGRESSION_HEADS, **CLASSIFICATION_HEADS}


@pytest.mark.parametrize(("name", "n"), CASES)
def test_loss_is_the_negative_log_likelihood(name, n):
    y, s = targets(name, 50, n), 2 * np.random.RandomState(1).randn(50, n)
    loss, _ = HEADS[name].loss_and_gradient(y, s)
    assert loss.shape == (50,)
    np.testing.assert_allclose(
        loss, negative_log_likelihood(name, y, s), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(("name", "n"), CASES)
def test_gradient_is_that_of_the_loss(name, n):
    head, step = HEADS[name], 1e-6
    y, s = targets(name, 20, n), np.random.RandomState(1).randn(20, n)
    direction = np.random.RandomState(2).randn(20, n)
    up, down = (head.loss_and_gradient(y, s + d * direction)[0] for d in (step, -step))
    _, ds = head.loss_and_gradient(y, s)
    np.testing.assert_allclose(
        np.sum(ds * direction, axis=1), (up - down) / (2 * step), rtol=1e-6, atol=1e-9
    )


@pytest.mark.parametrize(("name", "n"), CASES)
def test_gradient_is_minus_the_error(name, n):
    y, s = targets(name, 20, n), np.random.RandomState(1).randn(20, n)
    _, ds = HEADS[name].loss_and_gradient(y, s)
    assert ds.shape == s.shape
    np.testing.assert_allclose(
        ds, -(y - HEADS[name].prediction(s)), rtol=1e-14, atol=1e-15
    )


@pytest.mark.parametrize(("name", "n"), CASES)
def test_scores_are_left_alone(name, n):
    y, s = targets(name, 20, n), np.random.RandomState(1).randn(20, n)
    before = s.copy()
    HEADS[name].loss_and_gradient(y, s)
    HEADS[name].prediction(s)
    np.testing.assert_array_equal(s, before)


@pytest.mark.parametrize("name", CLASSIFICATION_HEADS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_saturated_scores(name, dtype):
    head = HEADS[name]
    s = np.array([[800.0, -800.0], [-40.0, 40.0]], dtype)
    y = np.array([[0.0, 1.0], [1.0, 0.0]], dtype)
    loss, ds = head.loss_and_gradient(y, s)
    p, log_p = head.prediction(s), head.log_prediction(s)
    assert loss.dtype == ds.dtype == p.dtype == log_p.dtype == dtype
    np.testing.assert_allclose(loss, [1600, 80], rtol=1e-6)
    np.testing.assert_allclose(ds, [[1, -1], [-1, 1]], atol=1e-6)
    assert (p > 0).all()
    lowest = {"sigmoid": [-800, -40], "softmax": [-1600, -80]}[name]
    np.testing.assert_allclose(log_p.min(axis=1), lowest, rtol=1e-6)


@pytest.mark.parametrize("name", CLASSIFICATION_HEADS)
def test_log_prediction_is_the_logarithm_of_the_prediction(name):
    s = 5 * np.random.RandomState(0).randn(50, 3)
    np.testing.assert_allclose(
        HEADS[name].log_prediction(s), np.log(HEADS[name].prediction(s)), atol=1e-14
    )


@pytest.mark.parametrize(("name", "n"), CASES)
def test_targets_in_range(name, n):
    head, y = HEADS[name], targets(name, 20, n)
    assert head.in_range(y)
    y[3, 0] = np.nan
    assert not head.in_range(y)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("squared_error", [[np.inf]]),
        ("poisson", [[-0.5]]),
        ("sigmoid", [[1.5]]),
        ("sigmoid", [[-1.0]]),
        ("softmax", [[0.5, 0.4]]),
        ("softmax", [[2.0, -1.0]]),
    ],
)
def test_targets_out_of_range(name, wrong):
    assert not HEADS[name].in_range(np.array(wrong))
