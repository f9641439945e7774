"""The compiled path against NumPy's, over the registries, and against formulas."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from skmlp.core import network as networks
from skmlp.core.activations import ACTIVATIONS, LeakyRelu, Relu
from skmlp.core.architectures import multilayer_perceptron
from skmlp.core.batches import Dataset
from skmlp.core.compiled import compiled_objective, compiled_runner
from skmlp.core.compiled import runner as module
from skmlp.core.compiled.library import library
from skmlp.core.compiled.runner import CompiledObjective
from skmlp.core.heads import HEADS, Huber, SquaredError
from skmlp.core.layers import Dense, Dropout
from skmlp.core.lbfgs import LBFGSConfig, NumpyObjective, minimize_lbfgs
from skmlp.core.network import Network
from skmlp.core.objective import Objective
from skmlp.core.optimizers import OPTIMIZERS, SGD, Adam, Nesterov
from skmlp.core.scaling import Scale
from tests.core.compiled.problems import (
    ACTIVATIONS_IN_C,
    ALL_HEADS,
    BATCH_SIZE,
    N_ROWS,
    OPTIMIZERS_IN_C,
    PRECISIONS,
    RUNNERS,
    TOLERANCE,
    W,
    check_same,
    compiled,
    epoch,
    fit,
    problem,
    trained,
    with_layers,
)

pytestmark = pytest.mark.skipif(library() is None, reason="no library was built")

SOME_ZERO = np.where(np.arange(N_ROWS) // BATCH_SIZE % 3 == 1, 0, W)
"""Weights; the second and the fifth batch have none."""


@PRECISIONS
@pytest.mark.parametrize("activation", ACTIVATIONS_IN_C)
def test_activations(activation, dtype):
    check_same(*problem(activation=activation, dtype=dtype))


@PRECISIONS
@pytest.mark.parametrize("head", ALL_HEADS)
def test_heads(head, dtype):
    settings, theta, data = problem(head, dtype=dtype)
    check_same(settings, theta, data)
    objective = replace(settings.objective, use_factor=False)
    check_same(replace(settings, objective=objective), theta, data)


@PRECISIONS
@pytest.mark.parametrize("head", ["squared_error", "softmax", "gaussian"])
def test_weights(head, dtype):
    check_same(*problem(head, dtype=dtype, w=W))


@PRECISIONS
@pytest.mark.parametrize(
    "optimizer",
    [kind() for kind in OPTIMIZERS_IN_C.values()]
    # With these betas the moments take their pending decay several times an epoch.
    + [SGD(0.0), Nesterov(0.5), Adam(0.3, 0.2, 1e-3), Adam(0.0, 0.0)],
    ids=repr,
)
def test_optimizers(optimizer, dtype):
    check_same(*problem(dtype=dtype), optimizer)


@PRECISIONS
@pytest.mark.parametrize(
    "more",
    [
        {"weight_decay": 0.5},
        {"max_grad_norm": 0.05},
        {"max_grad_norm": 0.5, "weight_decay": 3.0, "w": W},
        {"alpha": 0.0},
        {"alpha": 100.0, "w": W},
        {"dropout": (0.3, 0.0)},
        {"dropout": (0.5, 0.99), "activation": "gelu"},
        {"dropout": (1 - 2**-20, 0.2), "hidden": (5, 3)},
        {"hidden": ()},
        {"hidden": (4,)},
        {"hidden": (5, 8, 3, 6, 4)},
        {"batch_size": 1},
        {"batch_size": N_ROWS},
        {"batch_size": 10 * N_ROWS},
        {"head": "squared_error", "activation": LeakyRelu(0.3)},
        {"head": "squared_error", "activation": [ACTIVATIONS["gelu"], Relu()]},
    ],
    ids=repr,
)
def test_settings(more, dtype):
    check_same(*problem(dtype=dtype, **more))


@PRECISIONS
def test_one_score(dtype):
    settings, theta, data = problem("sigmoid", dtype=dtype)
    network = multilayer_perceptron(6, (9,), 1, ACTIVATIONS["relu"])
    theta = network.initialize(np.random.RandomState(0), np.dtype(dtype))
    objective = replace(settings.objective, network=network)
    data = data._replace(y=data.y[:, :1])
    check_same(replace(settings, objective=objective), theta, data)


@PRECISIONS
def test_gains(dtype):
    settings, theta, data = problem(dtype=dtype, activation="mish")
    gains = ((0.5, 2.0), (1.5, 0.1), (3.0, -1.0))
    settings = with_layers(
        settings,
        lambda i, layer: replace(layer, gain=gains[i][0], bias_gain=gains[i][1]),
    )
    check_same(settings, theta, data)


@PRECISIONS
@pytest.mark.parametrize("shuffled", [True, False])
def test_batches_without_weight_make_no_step(shuffled, dtype):
    settings, theta, data = problem(dtype=dtype, w=SOME_ZERO, dropout=(0.1, 0.0))
    check_same(settings, theta, data, shuffled=shuffled)
    rows = slice(BATCH_SIZE, 2 * BATCH_SIZE)
    for kind in RUNNERS:
        after = theta.copy()
        runner = kind(settings, after, Adam(), data)
        sums = runner.run(rows, np.array([0.1]), np.random.SFC64(0))
        assert sums == (0.0, 0.0, 0, 0)
        np.testing.assert_array_equal(after, theta)


@pytest.mark.parametrize(("dtype", "huge"), [("f8", 1e200), ("f4", 1e25)])
@pytest.mark.parametrize("up", [True, False])
def test_gradients_whose_squares_overflow_or_underflow_are_clipped(up, dtype, huge):
    size = huge if up else 1 / huge
    settings, theta, data = problem("squared_error", dtype=dtype, alpha=0.0)
    settings = replace(settings, max_grad_norm=size / 100)
    theta[:] = 0 if up else theta * size
    data = data._replace(y=data.y * data.y.dtype.type(size))
    # One step: the loss of the next one would overflow.
    found = []
    for kind in RUNNERS:
        after = theta.copy()
        runner = kind(settings, after, SGD(0.0), data)
        with np.errstate(all="ignore"):
            sums = runner.run(slice(0, BATCH_SIZE), np.array([0.1]))
        found.append((after, np.array([sums.gradient_norm])))
    for ours, expected in zip(found[1], found[0], strict=True):
        largest = np.abs(expected).max()
        assert 0 < largest < np.inf
        assert np.abs(ours - expected).max() <= TOLERANCE[dtype] * largest
    change = np.linalg.norm((found[1][0] - theta) / (size / 1000))
    assert math.isclose(change, 1, rel_tol=1e-3)


def with_gaps(a):
    """The array as every second row and third column of a larger one."""
    larger = np.full((2 * a.shape[0], 3 * a.shape[1]), np.nan, a.dtype)
    larger[::2, ::3] = a
    return larger[::2, ::3]


LAYOUTS = {
    "by columns": np.asfortranarray,
    "gaps": with_gaps,
    "backwards": lambda a: a[::-1, ::-1].copy()[::-1, ::-1],
    "columns backwards": lambda a: a[:, ::-1].copy()[:, ::-1],
    "wider": lambda a: np.hstack([a, a])[:, : a.shape[1]],
    "same row": lambda a: np.broadcast_to(a[:1], a.shape),
    "same column": lambda a: np.broadcast_to(a[:, :1], a.shape),
}


def objectives(objective, theta, data):
    """J of both paths."""
    return NumpyObjective(objective, theta, data), CompiledObjective(
        library(), objective, theta, data
    )


@pytest.mark.parametrize("shuffled", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout, shuffled, monkeypatch):
    settings, theta, data = problem(w=W)
    change, many = LAYOUTS[layout], np.repeat(W, 2)
    X, y = change(data.X), change(data.y)
    strided = Dataset(X, y, many[::2])
    assert not X.flags.c_contiguous
    plain = trained(compiled, settings, theta, Dataset(X.copy(), y.copy(), W), Adam())
    ours = trained(compiled, settings, theta, strided, Adam())
    np.testing.assert_array_equal(ours[0], plain[0])
    check_same(settings, theta, strided, shuffled=shuffled)
    monkeypatch.setattr(networks, "BLOCK_ENTRIES", 9 * 20)
    for data in (strided, Dataset(X.copy(), y.copy(), W)):
        (value, grad), (our_value, our_grad) = (
            one(theta) for one in objectives(settings.objective, theta, data)
        )
        assert math.isclose(value, our_value, rel_tol=1e-14)
        np.testing.assert_allclose(our_grad, grad, atol=1e-15)


@PRECISIONS
def test_rows_of_a_file(dtype, tmp_path):
    settings, theta, data = problem(dtype=dtype)
    X = np.memmap(tmp_path / "X", dtype, "w+", shape=data.X.shape)
    X[:] = data.X
    X.flush()
    mapped = data._replace(X=np.memmap(tmp_path / "X", dtype, "r", shape=X.shape))
    assert compiled_runner(settings, theta, Adam(), mapped) is not None
    ours, expected = (
        trained(compiled, settings, theta, one, Adam())[0] for one in (mapped, data)
    )
    np.testing.assert_array_equal(ours, expected)


@PRECISIONS
@pytest.mark.parametrize("calls", [1, 3, 20])
def test_an_epoch_in_several_calls_is_the_same_to_the_bit(calls, dtype, monkeypatch):
    settings, theta, data = problem(dtype=dtype, dropout=(0.4, 0.1))
    expected = trained(compiled, settings, theta, data, Adam())
    products = 3 * (6 * 9 + 2 * 9 * 7 + 7 * 3) * BATCH_SIZE
    monkeypatch.setattr(module, "MULTIPLICATIONS_PER_CALL", products * 7 // calls)
    ours = trained(compiled, settings, theta, data, Adam())
    np.testing.assert_array_equal(ours[0], expected[0])
    assert compiled(settings, theta, Adam(), data).rows_per_call <= -(-7 // calls) * 16


@PRECISIONS
def test_products_in_pieces(dtype, monkeypatch):
    # As on processors where BLAS reads small matrices where they are: 27 and 24 rows.
    settings, theta, data = problem(dtype=dtype, batch_size=N_ROWS)
    for largest in (9 * 7 * 27, 6 * 9 * 24):
        monkeypatch.setattr(library().blas, "largest_piece", largest)
        check_same(settings, theta, data)
        both = objectives(settings.objective, theta, data)
        (value, grad), (our_value, our_grad) = (one(theta) for one in both)
        assert math.isclose(value, our_value, rel_tol=TOLERANCE[dtype])
        assert np.abs(our_grad - grad).max() <= TOLERANCE[dtype] * np.abs(grad).max()


@PRECISIONS
def test_the_place_of_the_arrays_does_not_change_a_bit(dtype):
    settings, theta, data = problem(dtype=dtype, w=W, max_grad_norm=0.2)
    moved, found = np.empty(theta.size + 16, dtype), []
    for start in range(16):
        there = moved[start : start + theta.size]
        there[:] = theta
        X = np.empty(data.X.size + 16, dtype)[start : start + data.X.size]
        X = X.reshape(data.X.shape)
        X[:] = data.X
        runner = compiled(settings, there, Adam(), data._replace(X=X))
        sums = epoch(runner, settings, data, 0.02)
        found.append((there.copy(), sums))
    for one, sums in found[1:]:
        np.testing.assert_array_equal(one, found[0][0])
        assert sums == found[0][1]


# What C does not know.


@dataclass(frozen=True)
class Cube:
    """An activation without a compiled twin; it cannot be made without an argument."""

    factor: float
    glorot_factor: float = 6.0
    keeps_s: bool = True

    def value(self, s, out):
        return np.multiply(self.factor, s**3, out=out)

    def derivative(self, s, h, out):
        return np.multiply(3 * self.factor, s**2, out=out)


class HalfRelu(Relu):
    """A subclass of a known activation."""

    def value(self, s, out):
        return np.multiply(np.maximum(s, 0), 0.5, out=out)

    def derivative(self, s, h, out):
        return np.multiply(h > 0, 0.5, out=out)


@dataclass(frozen=True)
class Quartic(SquaredError):
    """A head without a compiled twin, a subclass of a known one."""

    def loss_and_gradient(self, y, s):
        return ((s - y) ** 4).sum(axis=1), 4 * (s - y) ** 3


@dataclass
class Slower(SGD):
    """A subclass of a known optimiser."""

    def step(self, theta, grad, rate):
        super().step(theta, grad, rate / 2)


class Wide(Dense):
    """A subclass of a known layer."""


class Subclass(Objective):
    """A subclass of the objective."""


class OwnScale(Scale):
    """A user's own layer."""


def unknown(name):
    """A problem with one part that C does not know, and an optimiser."""
    optimizer = Adam()
    settings, theta, data = problem("squared_error")
    layers = {
        "layer": lambda i, one: Wide(one.n_in, one.n_out, one.activation),
        "another keeps_s": lambda i, one: replace(
            one, activation=Relu(keeps_s=True) if one.activation else None
        ),
        "a slope for each unit": lambda i, one: replace(
            one,
            activation=LeakyRelu(np.full(one.n_out, 0.1)) if one.activation else None,
        ),
    }
    heads = {
        "head": Quartic(),
        "a delta for each target": Huber(np.array([1.0, 2.0])),
    }
    activations = {"activation": Cube(0.5), "subclass": HalfRelu()}
    if name in activations:
        settings, theta, data = problem("squared_error", activations[name])
    elif name in layers:
        settings = with_layers(settings, layers[name])
    elif name in heads:
        objective = replace(settings.objective, head=heads[name])
        settings = replace(settings, objective=objective)
    elif name == "optimizer":
        optimizer = Slower()
    elif name == "objective":
        objective = settings.objective
        objective = Subclass(objective.network, objective.head, objective.alpha)
        settings = replace(settings, objective=objective)
    elif name == "own scale":
        hidden = settings.objective.network.layers
        network = Network((hidden[0], OwnScale(9, 1.0), *hidden[1:]))
        settings = replace(
            settings, objective=replace(settings.objective, network=network)
        )
        theta = network.initialize(np.random.RandomState(0), np.float64)
    elif name == "sparse X":
        data = data._replace(X=csr_array(data.X))
    elif name == "y in double precision":
        theta, data = theta.astype("f4"), data._replace(X=data.X.astype("f4"))
    elif name == "steps that are no int":
        optimizer = Adam(t=np.int64(3))
    elif name == "too many steps":
        optimizer = Adam(t=2**60)
    else:
        # The second moment stays positive: 1 + g + g^2.
        optimizer.m = optimizer.v = np.full_like(theta, 1e3)
    return settings, theta, data, optimizer


UNKNOWN = [
    *("activation", "subclass", "layer", "another keeps_s", "a slope for each unit"),
    *("head", "a delta for each target", "optimizer"),
    *("objective", "own scale", "sparse X", "y in double precision"),
    *("steps that are no int", "too many steps", "one vector"),
]


@pytest.mark.parametrize("name", UNKNOWN)
def test_numpy_trains_what_has_no_compiled_twin(name, monkeypatch):
    settings, theta, data, optimizer = unknown(name)
    assert compiled_runner(settings, theta, optimizer, data) is None
    settings, theta, data, optimizer = unknown(name)
    ours = fit(settings, theta.copy(), data, optimizer)
    settings, theta, data, optimizer = unknown(name)
    monkeypatch.setattr("skmlp.core.training.compiled_runner", lambda *_: None)
    expected = fit(settings, theta.copy(), data, optimizer)
    np.testing.assert_array_equal(ours, expected)
    assert np.isfinite(ours).all()
    assert not np.array_equal(ours, theta)


def test_new_and_changed_entries_of_the_registries_run_in_numpy(monkeypatch):
    # A new name, and a known name for another class: C would compute something else.
    for registry, new, old, entry in (
        (ACTIVATIONS, "cube", "tanh", Cube(0.5)),
        (HEADS, "quartic", "squared_error", Quartic()),
        (OPTIMIZERS, "slower", "sgd", Slower),
    ):
        monkeypatch.setitem(registry, new, entry)
        monkeypatch.setitem(registry, old, entry)
    monkeypatch.setitem(ALL_HEADS, "quartic", HEADS["quartic"])
    for head, activation, optimizer in (
        ("quartic", "relu", "adam"),
        ("softmax", "cube", "adam"),
        ("softmax", "tanh", "adam"),
        ("softmax", "relu", "slower"),
        ("softmax", "relu", "sgd"),
    ):
        settings, theta, data = problem(head, activation)
        optimizer = OPTIMIZERS[optimizer]()
        assert compiled_runner(settings, theta, optimizer, data) is None
        after = fit(settings, theta.copy(), data, optimizer)
        assert np.isfinite(after).all()
        assert not np.array_equal(after, theta)


def test_an_objective_without_a_compiled_twin_runs_in_numpy():
    for name in ("activation", "head", "layer", "objective", "sparse X"):
        settings, theta, data, _ = unknown(name)
        assert compiled_objective(settings.objective, theta, data) is None
    settings, theta, data = problem("squared_error")
    assert compiled_objective(settings.objective, theta, data) is not None
    assert compiled_objective(settings.objective, theta.astype("g"), data) is None
    # Without random numbers NumPy drops no units.
    settings, theta, data = problem("squared_error", dropout=(0.5, 0.5))
    assert isinstance(settings.objective.network.layers[1], Dropout)
    assert compiled_objective(settings.objective, theta, data) is None


def test_without_the_library_numpy_does_the_work(monkeypatch):
    monkeypatch.setattr("skmlp.core.compiled.library.library", lambda: None)
    settings, theta, data = problem()
    assert compiled_runner(settings, theta, Adam(), data) is None
    assert compiled_objective(settings.objective, theta, data) is None


# What a runner refuses, and what it leaves behind.


OUTSIDE = [
    np.array([N_ROWS]),
    np.array([-1]),
    np.array([2**62]),
    slice(N_ROWS, N_ROWS + 1),
    slice(90, N_ROWS + 5),
    slice(-3, 4),
    slice(2**62, 2**62 + 5),
    slice(2**63 - 2, 2**63 + 2),
]


@pytest.mark.parametrize("rows", OUTSIDE, ids=repr)
def test_row_numbers_are_checked_in_each_call(rows):
    settings, theta, data = problem()
    before, optimizer = theta.copy(), Adam()
    runner = compiled(settings, theta, optimizer, data)
    with pytest.raises(IndexError, match="a row number is not below 103"):
        runner.run(rows, np.full(7, 0.01))
    assert optimizer.t == 0
    np.testing.assert_array_equal(theta, before)


def test_steps_before_a_wrong_row_number_count():
    settings, theta, data = problem()
    runner = compiled(settings, theta, optimizer := Adam(), data)
    rows = np.r_[np.arange(40), -(2**63), 3]
    with pytest.raises(IndexError):
        runner.run(rows, np.full(3, 0.01))
    assert optimizer.t == 2


def test_each_step_needs_a_rate_and_each_call_has_an_end():
    settings, theta, data = problem()
    runner = compiled(settings, theta, Adam(), data)
    before = theta.copy()
    for rows, n_rates in (
        (np.arange(N_ROWS), 6),
        (slice(0, N_ROWS), 6),
        (np.arange(1000) % N_ROWS, 63),
        (slice(0, 1000), 63),
        (slice(0, N_ROWS), 8),
    ):
        with pytest.raises(ValueError, match="learning rate for each|broadcast"):
            runner.run(rows, np.full(n_rates, 0.01))
    assert runner.run(slice(5, 5), np.empty(0)) == (0.0, 0.0, 0, 0)
    assert runner.run(slice(5, 2), np.empty(0)) == (0.0, 0.0, 0, 0)
    np.testing.assert_array_equal(theta, before)


def test_dropout_needs_random_numbers():
    settings, theta, data = problem(dropout=(0.5, 0.0))
    runner = compiled(settings, theta, Adam(), data)
    with pytest.raises(ValueError, match="Dropout needs random numbers"):
        runner.run(slice(0, 5), np.array([0.1]))


@pytest.mark.parametrize("kind", OPTIMIZERS_IN_C.values())
def test_a_replaced_state_is_checked_and_used(kind):
    settings, theta, data = problem(alpha=0.0)
    rows, rates = slice(0, BATCH_SIZE), np.array([0.01])
    names = ("m", "v") if kind is Adam else ("velocity",)
    for name in names:
        for wrong in (
            np.zeros(theta.size - 1),
            np.zeros(theta.size + 1),
            np.zeros(theta.size, "f4"),
            np.zeros(theta.size, ">f8"),
            np.zeros((1, theta.size)),
            np.zeros(2 * theta.size)[::2],
            np.zeros(8 * theta.size + 1, "u1")[1:].view("f8"),
            np.broadcast_to(0.0, theta.shape),
            [0.0] * theta.size,
            theta,
        ):
            optimizer = kind()
            runner = compiled(settings, theta, optimizer, data)
            setattr(optimizer, name, wrong)
            before = theta.copy()
            with pytest.raises(ValueError, match="vector"):
                runner.run(rows, rates)
            np.testing.assert_array_equal(theta, before)
    # Other vectors of the right form are used, such as those of a copy.
    found = []
    for one in RUNNERS:
        after, optimizer = theta.copy(), kind()
        runner = one(settings, after, optimizer, data)
        runner.run(rows, rates)
        for name in names:
            setattr(optimizer, name, np.full_like(theta, 0.25))
        runner.run(rows, rates)
        found.append(after)
    np.testing.assert_allclose(found[1], found[0], rtol=1e-12)


def test_a_replaced_count_is_checked():
    settings, theta, data = problem()
    optimizer = Adam()
    runner = compiled(settings, theta, optimizer, data)
    for wrong in (-1, 2**53, 2**64, 1.0, None, "1"):
        optimizer.t = wrong
        with pytest.raises(ValueError, match="number of steps"):
            runner.run(slice(0, 5), np.array([0.1]))
    optimizer.t, optimizer.decay_1 = 0, "1"
    with pytest.raises(TypeError):
        runner.run(slice(0, 5), np.array([0.1]))


def test_ctrl_c_in_a_call_leaves_the_optimizer_as_it_is_after_its_steps(monkeypatch):
    settings, theta, data = problem()
    rows, rates = slice(0, N_ROWS), np.full(7, 0.01)
    expected, undisturbed = Adam(), theta.copy()
    compiled(settings, undisturbed, expected, data).run(rows, rates)
    runner = compiled(settings, theta, optimizer := Adam(), data)
    train_in_c = runner.train

    def interrupted(*arguments):
        train_in_c(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runner.run(rows, rates)
    np.testing.assert_array_equal(theta, undisturbed)
    assert optimizer.t == expected.t == 7
    assert (optimizer.decay_1, optimizer.decay_2) == (
        expected.decay_1,
        expected.decay_2,
    )


# Values.


def reference(name, s):
    """r(s) and r'(s) in extended precision."""
    s = s.astype(np.longdouble)
    one, e = np.longdouble(1), np.exp(-np.abs(s))
    p = np.where(s < 0, e, one) / (1 + e)
    positive = s > 0
    # erfc is not there in extended precision.
    Phi = np.array([math.erfc(-one / math.sqrt(2)) / 2 for one in s.astype(float)])
    phi = np.exp(-s * s / 2) / np.sqrt(2 * np.longdouble(math.pi))
    softplus = np.maximum(s, 0) + np.log1p(e)
    tanh = np.tanh(softplus)
    scale, both = 1.0507009873554805, 1.0507009873554805 * 1.6732632423543772
    below = np.minimum(s, 0)
    return {
        "identity": (s, one + 0 * s),
        "logistic": (p, p * (1 - p)),
        "tanh": (np.tanh(s), 1 - np.tanh(s) ** 2),
        "relu": (np.maximum(s, 0), 1.0 * positive),
        "leaky_relu": (np.where(positive, s, 0.01 * s), np.where(positive, 1, 0.01)),
        "elu": (np.where(positive, s, np.expm1(below)), np.exp(below)),
        "selu": (
            np.where(positive, scale * s, both * np.expm1(below)),
            np.where(positive, scale, both * np.exp(below)),
        ),
        "gelu": (s * Phi, Phi + s * phi),
        "silu": (s * p, p + s * p * (1 - p)),
        "mish": (s * tanh, tanh + s * (1 - tanh**2) * p),
        "softplus": (softplus, p),
    }[name]


POINTS = np.concatenate(
    [
        np.linspace(-20, 20, 1000),
        np.geomspace(1e-8, 80, 200),
        -np.geomspace(1e-8, 80, 200),
        np.log(2) * (np.arange(-20, 20) + 0.5),
    ]
)


def at_points(activation, points, dtype):
    """r and r' of the compiled activation at points, read from its buffers."""
    # A layer that copies x, and a top layer that adds up: dLoss/ds is r'(s) / n.
    network = Network((Dense(1, 1, activation), Dense(1, 1)))
    head = HEADS["absolute_error"]
    X = points[:, None].astype(dtype)
    y = np.full_like(X, -1e30)
    theta = np.array([1, 1, 0, 0], dtype)
    objective = CompiledObjective(
        library(), Objective(network, head), theta, Dataset(X, y)
    )
    objective(theta)
    recording, n = objective.recording, len(points)
    first, at = recording.operations[0], recording.program.dh[0]
    work = recording.work
    return work[first.h : first.h + n], work[at : at + n] * n


@PRECISIONS
@pytest.mark.parametrize("name", ACTIVATIONS_IN_C)
def test_activations_are_accurate(name, dtype, monkeypatch):
    # The buffers have the values of the last block: all rows are one.
    monkeypatch.setattr(module, "BLOCK_ROWS", len(POINTS))
    points = POINTS.astype(dtype)
    ours = at_points(ACTIVATIONS[name], points, dtype)
    eps = np.finfo(dtype).eps
    for one, expected in zip(ours, reference(name, points), strict=True):
        error = np.abs(one - expected)
        # r' has terms of the size of s that cancel.
        assert (error <= 8 * eps * np.maximum(np.abs(points), 1)).all()
    value, exact = ours[0], reference(name, points)[0]
    if name != "gelu":
        # The tail of gelu loses digits to the rounding of s / sqrt(2).
        assert (np.abs(value - exact) <= 16 * eps * np.abs(exact)).all()


@pytest.mark.parametrize("head", ALL_HEADS)
def test_gradients_are_those_of_the_value(head):
    settings, theta, data = problem(head, activation="silu", w=W)
    objective = replace(settings.objective, use_factor=False)
    J = CompiledObjective(library(), objective, theta, data)
    direction = np.random.RandomState(0).randn(theta.size) / theta.size**0.5
    _, grad = J(theta)
    step = 1e-6
    up, down = J(theta + step * direction)[0], J(theta - step * direction)[0]
    assert math.isclose(grad @ direction, (up - down) / (2 * step), rel_tol=1e-6)


@pytest.mark.parametrize("n_in_a_block", [10, 40, 1000])
@pytest.mark.parametrize("weighted", [True, False])
@PRECISIONS
@pytest.mark.parametrize("head", ALL_HEADS)
def test_objectives(head, dtype, weighted, n_in_a_block, monkeypatch):
    monkeypatch.setattr(networks, "BLOCK_ENTRIES", 9 * n_in_a_block)
    settings, theta, data = problem(head, "gelu", dtype, w=W if weighted else None)
    # L-BFGS has y in double precision.
    data = data._replace(y=data.y.astype("f8") * (1 - 1e-9))
    (value, grad), (our_value, our_grad) = (
        one(theta.astype("f8")) for one in objectives(settings.objective, theta, data)
    )
    tolerance = TOLERANCE[dtype] / 10
    assert math.isclose(our_value, value, rel_tol=tolerance)
    assert our_grad.dtype == np.float64
    assert np.abs(our_grad - grad).max() <= tolerance * np.abs(grad).max()


@PRECISIONS
def test_searches_end_at_the_same_point(dtype, monkeypatch):
    settings, theta, data = problem("squared_error", dtype=dtype, alpha=1.0)
    config, found = LBFGSConfig(settings.objective, 10, 1000, 1e-9), []
    for hidden in (False, True):
        if hidden:
            monkeypatch.setattr("skmlp.core.lbfgs.compiled_objective", lambda *_: None)
        found.append(minimize_lbfgs(config, theta, data))
    ours, expected = found
    assert len(ours.records) == len(expected.records) == 10
    tolerance = 1e-10 if dtype == "f8" else 1e-3
    np.testing.assert_allclose(ours.theta, expected.theta, atol=tolerance)


SPECIAL = [np.nan, np.inf, -np.inf, 1e300, -1e30, 1e-310, 0.0, -0.0, 30.0, -800.0]


def after_one_step(kind, settings, theta, data):
    """Theta, loss and gradient norm after a step of plain gradient descent."""
    after = theta.copy()
    with np.errstate(all="ignore"):
        runner = kind(settings, after, SGD(0.0), data)
        sums = runner.run(slice(0, data.n_rows), np.array([0.01]))
    return np.concatenate([after, [sums.loss, sums.gradient_norm]])


def check_special(settings, theta, data, dtype):
    """Check that a step gives NaN or infinity at the places of NumPy.

    Which of them a sum becomes that overflows depends on its order, and that on the BLAS.
    """
    expected, ours = (after_one_step(kind, settings, theta, data) for kind in RUNNERS)
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(np.isfinite(ours), finite)
    scale = np.abs(expected[finite]).max(initial=1)
    error = np.abs(ours[finite] - expected[finite]).max(initial=0)
    # e^s multiplies the rounding of s by s, here up to several hundred.
    assert error <= 100 * TOLERANCE[dtype] * scale


@PRECISIONS
@pytest.mark.parametrize(
    ("head", "activation"),
    [
        *(("squared_error", one) for one in ACTIVATIONS_IN_C),
        *((h, "relu") for h in ALL_HEADS),
    ],
)
def test_special_values(head, activation, dtype):
    settings, theta, data = problem(head, activation, dtype, hidden=(3,), alpha=0.0)
    few = data.take(slice(0, 3))
    with np.errstate(over="ignore"):
        values = np.array(SPECIAL).astype(dtype)
    for value in values:
        for row in (0, 2):
            one = data.take(slice(row, row + 1))
            X = one.X.copy()
            X[0, row] = value
            check_special(settings, theta, one._replace(X=X), dtype)
        for place in (1, 3 * 6 + 1, theta.size - 1):
            changed = theta.copy()
            changed[place] = value
            check_special(settings, changed, few, dtype)
