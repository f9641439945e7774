import copy
import pickle

import numpy as np
import pytest

from skmlp.core.optimizers import SGD, Adam, Nesterov, duplicate

OPTIMIZERS = (SGD(0.9), SGD(0.0), Nesterov(0.9), Adam(0.9, 0.999, 1e-8), Adam(0.0, 0.0))


def textbook(optimizer, theta, grads, rates):
    """The published algorithm, written out of place."""
    v = np.zeros_like(theta)
    m = np.zeros_like(theta)
    for t, (g, rate) in enumerate(zip(grads, rates, strict=True), start=1):
        if isinstance(optimizer, Adam):
            beta_1, beta_2 = optimizer.beta_1, optimizer.beta_2
            m = beta_1 * m + (1 - beta_1) * g
            v = beta_2 * v + (1 - beta_2) * g**2
            correction = np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
            theta = theta - rate * correction * m / (np.sqrt(v) + optimizer.epsilon)
        else:
            v = optimizer.momentum * v - rate * g
            nesterov = isinstance(optimizer, Nesterov)
            theta = theta + (optimizer.momentum * v - rate * g if nesterov else v)
    return theta


def fresh(optimizer):
    return copy.deepcopy(optimizer)


def gradients(n, dtype=np.float64):
    return list(np.random.RandomState(0).randn(n, 5).astype(dtype))


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_steps_are_those_of_the_textbook(optimizer):
    grads = gradients(20)
    rates = np.linspace(0.1, 0.01, 20)
    theta, ours = np.arange(5.0), fresh(optimizer)
    expected = textbook(optimizer, theta.copy(), grads, rates)
    for g, rate in zip(grads, rates, strict=True):
        ours.step(theta, g.copy(), rate)
    np.testing.assert_allclose(theta, expected, rtol=1e-12)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_finds_the_minimum_of_a_quadratic(optimizer):
    theta, ours, target = np.zeros(5), fresh(optimizer), np.arange(5.0) - 2
    for t in range(3000):
        ours.step(theta, theta - target, 0.05 * 0.998**t)
    np.testing.assert_allclose(theta, target, atol=0.01)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_float32_stays_float32(optimizer):
    theta, ours = np.zeros(5, np.float32), fresh(optimizer)
    for g in gradients(3, np.float32):
        ours.step(theta, g, 0.1)
    moments = [value for value in vars(ours).values() if isinstance(value, np.ndarray)]
    assert {array.dtype for array in [theta, *moments]} == {np.dtype(np.float32)}


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
@pytest.mark.parametrize(
    "duplicate", [duplicate, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))]
)
def test_a_copy_has_its_own_state(optimizer, duplicate):
    grads, theta, ours = gradients(6), np.zeros(5), fresh(optimizer)
    for g in grads[:3]:
        ours.step(theta, g.copy(), 0.1)
    other, there = duplicate(ours), theta.copy()
    for g in grads[3:]:
        other.step(there, g.copy(), 0.1)
    for g in grads[3:]:
        ours.step(theta, g.copy(), 0.1)
    np.testing.assert_array_equal(there, theta)


def test_equal_by_settings_not_by_moments():
    used = Adam()
    used.step(np.zeros(2), np.ones(2), 0.1)
    assert used == Adam()
    assert used != Adam(beta_1=0.8)
    assert SGD(0.9) != Nesterov(0.9)
