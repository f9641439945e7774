import inspect

import numpy as np
import pytest
from scipy import stats
from scipy.special import huber

from skmlp.core.heads import (
    CLASSIFICATION_HEADS,
    HEADS,
    IN_UNITS_OF_Y,
    REGRESSION_HEADS,
    Gaussian,
    Huber,
    Quantile,
)

LEVELS = (0.1, 0.4, 0.5, 0.95)
OTHER_SETTINGS = {
    "huber of 0.3": Huber(huber_delta=0.3),
    "quantile of 0.2": Quantile(quantile=0.2),
    "quantiles": Quantile(quantile=LEVELS),
    "one quantile": Quantile(quantile=(0.7,)),
    "gaussian, beta 1": Gaussian(beta=1.0),
}
"""Heads with other settings than the defaults, tested like those of the registries."""
TESTED = {**HEADS, **OTHER_SETTINGS}
CASES = [
    (name, n) for name in TESTED for n in ((1, 3) if name != "softmax" else (2, 3))
]
CANONICAL = ("squared_error", "poisson", "sigmoid", "softmax")
"""Likelihoods with their canonical link: dLoss/ds is minus the error."""

FINITE_AT = {"poisson": [-1], "gamma": [1]}
"""The signs of large scores at which the loss is finite, if it is not so at both."""


def targets(name, n_rows, n_outputs, seed=0):
    """Targets that the head allows."""
    rng = np.random.RandomState(seed)
    real = rng.randn(n_rows, n_outputs)
    return {
        "squared_error": real,
        "poisson": rng.poisson(2.0, (n_rows, n_outputs)).astype(float),
        "gamma": rng.gamma(2.0, 1.5, (n_rows, n_outputs)),
        "absolute_error": real,
        "huber": real,
        "quantile": real,
        "gaussian": real,
        "sigmoid": rng.randint(0, 2, (n_rows, n_outputs)).astype(float),
        "softmax": np.eye(n_outputs)[rng.randint(n_outputs, size=n_rows)],
        **dict.fromkeys(OTHER_SETTINGS, real),
    }[name]


def scores(name, n_rows, n_outputs, seed=1):
    """Scores for that number of targets."""
    n_scores = TESTED[name].n_scores(n_outputs)
    return np.random.RandomState(seed).randn(n_rows, n_scores)


def pinball(y, s, levels):
    """The pinball loss of each row; the scores of a target are adjacent."""
    loss = 0
    for i, level in enumerate(levels):
        above = y - s[:, i :: len(levels)]
        loss = loss + np.where(above > 0, level * above, (1 - level) * -above)
    return loss.sum(axis=1)


def reference(name, y, s):
    """An independent loss of each row, mostly from the distribution of the head."""
    n = y.shape[1]
    return {
        "squared_error": lambda: -stats.norm(s).logpdf(y) - np.log(2 * np.pi) / 2,
        "sigmoid": lambda: -stats.bernoulli(1 / (1 + np.exp(-s))).logpmf(y),
        "poisson": lambda: (
            poisson_log(y, np.where(y > 0, y, 1e-300)) - poisson_log(y, np.exp(s))
        ),
        "softmax": lambda: (
            -np.log(np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)) * y
        ),
        # The shape of the distribution is only a factor, like sigma of squared errors.
        "gamma": lambda: (gamma_log(y, y) - gamma_log(y, np.exp(s))) / 2,
        "absolute_error": lambda: -stats.laplace(s).logpdf(y) - np.log(2),
        "huber": lambda: huber(1.0, y - s),
        "huber of 0.3": lambda: huber(0.3, y - s),
        "quantile": lambda: pinball(y, s, [0.5])[:, None],
        "quantile of 0.2": lambda: pinball(y, s, [0.2])[:, None],
        "one quantile": lambda: pinball(y, s, [0.7])[:, None],
        "quantiles": lambda: pinball(y, s, LEVELS)[:, None],
        **dict.fromkeys(
            ("gaussian", "gaussian, beta 1"),
            lambda: -stats.norm(s[:, :n], np.exp(s[:, n:])).logpdf(y),
        ),
    }[name]().sum(axis=1)


def poisson_log(y, mean):
    return stats.poisson(mean).logpmf(y)


def gamma_log(y, mean):
    return stats.gamma(2.0, scale=mean / 2.0).logpdf(y)


def test_registries():
    assert HEADS == {**REGRESSION_HEADS, **CLASSIFICATION_HEADS}


@pytest.mark.parametrize(("name", "n"), CASES)
def test_loss_is_that_of_an_independent_formula(name, n):
    y, s = targets(name, 50, n), 2 * scores(name, 50, n)
    loss, _ = TESTED[name].loss_and_gradient(y, s)
    assert loss.shape == (50,)
    np.testing.assert_allclose(loss, reference(name, y, s), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("name", "n"), CASES)
def test_gradient_is_that_of_the_loss(name, n):
    head, step = TESTED[name], 1e-6
    y, s = targets(name, 20, n), scores(name, 20, n)
    direction = np.random.RandomState(2).randn(*s.shape)
    up, down = (head.loss_and_gradient(y, s + d * direction)[0] for d in (step, -step))
    _, ds = head.loss_and_gradient(y, s)
    assert ds.shape == s.shape
    np.testing.assert_allclose(
        np.sum(ds * direction, axis=1), (up - down) / (2 * step), rtol=1e-6, atol=1e-8
    )


@pytest.mark.parametrize(
    ("name", "n"), [case for case in CASES if case[0] in CANONICAL]
)
def test_gradient_is_minus_the_error(name, n):
    y, s = targets(name, 20, n), scores(name, 20, n)
    _, ds = HEADS[name].loss_and_gradient(y, s)
    np.testing.assert_allclose(
        ds, -(y - HEADS[name].prediction(s)), rtol=1e-14, atol=1e-15
    )


@pytest.mark.parametrize(("name", "n"), CASES)
def test_scores_and_targets_are_not_changed(name, n):
    y, s = targets(name, 20, n), scores(name, 20, n)
    before, y_before, head = s.copy(), y.copy(), TESTED[name]
    _, ds = head.loss_and_gradient(y, s)
    assert not np.shares_memory(ds, s)
    head.prediction(s)
    for more in ("std", "factor"):
        getattr(head, more, np.copy)(s)
    np.testing.assert_array_equal(s, before)
    np.testing.assert_array_equal(y, y_before)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("name", "n"), CASES)
def test_precision_and_shapes(name, n, dtype):
    head = TESTED[name]
    y, s = targets(name, 20, n).astype(dtype), scores(name, 20, n).astype(dtype)
    loss, ds = head.loss_and_gradient(y, s)
    prediction = head.prediction(s)
    assert prediction.shape[:2] == y.shape
    assert loss.dtype == ds.dtype == prediction.dtype == dtype
    for more, shape in (("std", y.shape), ("factor", s.shape)):
        if hasattr(head, more):
            values = getattr(head, more)(s)
            assert values.shape == shape
            assert values.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", [*REGRESSION_HEADS, *OTHER_SETTINGS])
def test_large_scores(name, dtype):
    head = TESTED[name]
    for sign in FINITE_AT.get(name, [-1, 1]):
        s = np.full((20, head.n_scores(1)), sign * 1e6, dtype)
        loss, ds = head.loss_and_gradient(targets(name, 20, 1).astype(dtype), s)
        assert np.isfinite(loss).all()
        assert np.isfinite(ds).all()
        for more in ("std", "factor"):
            values = getattr(head, more, np.ones_like)(s)
            assert (np.isfinite(values) & (values > 0)).all()


@pytest.mark.parametrize("name", REGRESSION_HEADS)
def test_losses_that_change_with_the_unit_of_y(name):
    """In another unit each score has a gradient that is larger by one factor, or none."""
    head = REGRESSION_HEADS[name]
    y, s = targets(name, 50, 1), 2 * scores(name, 50, 1)
    is_log = np.full(s.shape[1], head.out_activation == "exp")
    if name == "gaussian":
        is_log[1] = True
    other = np.where(is_log, s + np.log(7.0), s * 7.0)
    (_, ds), (_, other_ds) = (
        head.loss_and_gradient(*one) for one in ((y, s), (7 * y, other))
    )
    factor = np.abs(other_ds).sum(axis=0) / np.abs(ds).sum(axis=0)
    same = np.allclose(other_ds, factor * ds, rtol=1e-9, atol=1e-12)
    assert same != (name in IN_UNITS_OF_Y)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gamma_predictions_are_positive(dtype):
    assert HEADS["gamma"].prediction(np.array([[-1e4]], dtype)) > 0


def test_the_deviance_of_a_perfect_prediction_is_zero():
    y = targets("gamma", 50, 3)
    loss, ds = HEADS["gamma"].loss_and_gradient(y, np.log(y))
    np.testing.assert_allclose(loss, 0, atol=1e-15)
    np.testing.assert_allclose(ds, 0, atol=1e-15)


def test_an_error_of_zero_has_no_gradient():
    for name in ("absolute_error", "quantile", "quantile of 0.2", "quantiles"):
        s = np.zeros((1, TESTED[name].n_scores(1)))
        loss, ds = TESTED[name].loss_and_gradient(np.zeros((1, 1)), s)
        assert not loss.any()
        assert not ds.any()


@pytest.mark.parametrize("n", [1, 3])
def test_sorting_quantiles_never_increases_the_loss(n):
    head = TESTED["quantiles"]
    y, s = targets("quantiles", 200, n), scores("quantiles", 200, n)
    ordered = head.prediction(s)
    assert ordered.shape == (200, n, 4)
    assert (np.diff(ordered, axis=-1) >= 0).all()
    np.testing.assert_array_equal(ordered[:, 0], np.sort(s[:, :4], axis=1))
    before, _ = head.loss_and_gradient(y, s)
    after, _ = head.loss_and_gradient(y, ordered.reshape(s.shape))
    assert (after <= before + 1e-12).all()
    assert (after < before - 0.1).any()


def test_settings_of_quantiles():
    assert Quantile(quantile=0.3).levels == (0.3,)
    assert Quantile(quantile=(0.3,)).levels == (0.3,)
    assert Quantile(quantile=(0.3, 0.6)).n_scores(3) == 6
    assert Quantile(quantile=0.3).n_scores(3) == 3


@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0])
def test_factor_of_gaussian_is_a_power_of_sigma(beta):
    s, head = scores("gaussian", 20, 3), Gaussian(beta=beta)
    expected = head.std(s) ** (2 * beta)
    np.testing.assert_allclose(head.factor(s), np.hstack([expected, expected]))


def test_sigma_is_clipped_in_loss_and_gradient():
    head, y = HEADS["gaussian"], np.array([[1.0]])
    far, further = np.array([[1.0, -200.0]]), np.array([[1.0, -300.0]])
    assert head.std(far) == head.std(further) > 0
    assert head.loss_and_gradient(y, far)[0] == head.loss_and_gradient(y, further)[0]
    np.testing.assert_array_equal(head.loss_and_gradient(y, far)[1], 0)


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


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("name", "n"), CASES)
def test_targets_in_range(name, n, wrong):
    head, y = TESTED[name], targets(name, 20, n)
    assert head.in_range(y)
    y[3, 0] = wrong
    assert not head.in_range(y)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("poisson", [[-0.5]]),
        ("gamma", [[0.0]]),
        ("gamma", [[-0.5]]),
        ("sigmoid", [[1.5]]),
        ("sigmoid", [[-1.0]]),
        ("softmax", [[0.5, 0.4]]),
        ("softmax", [[2.0, -1.0]]),
    ],
)
def test_targets_out_of_range(name, wrong):
    assert not HEADS[name].in_range(np.array(wrong))


@pytest.mark.parametrize("name", REGRESSION_HEADS)
def test_the_first_line_is_a_sentence_for_the_list_of_losses(name):
    line = inspect.getdoc(REGRESSION_HEADS[name]).splitlines()[0]
    assert line.endswith(".")
    assert "predictions" in line or "mean" in line
