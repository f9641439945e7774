"""What is recorded: the layers, and buffers that do not overlap."""

from dataclasses import replace

import numpy as np
import pytest

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.compiled.checks import NotCompiled
from skmlp.core.compiled.library import library
from skmlp.core.compiled.program import ALIGNMENT, Recording
from skmlp.core.compiled.structs import DENSE, DROPOUT
from skmlp.core.heads import Gaussian, Quantile
from skmlp.core.layers import Dense, Dropout
from skmlp.core.optimizers import SGD, Adam
from tests.core.compiled.problems import problem, with_layers

pytestmark = pytest.mark.skipif(library() is None, reason="no library was built")


def recorded(n_rows=5, *, shuffled=True, **more):
    settings, theta, data = problem(**more)
    if not shuffled:
        data = data._replace(X=np.asfortranarray(data.X))
    return Recording(
        library(), settings.objective, theta, data, n_rows, shuffled=shuffled
    )


def test_operations():
    settings, _, _ = problem(activation="gelu", dropout=(0.25, 0.0))
    network, made = (
        settings.objective.network,
        recorded(activation="gelu", dropout=(0.25, 0.0)),
    )
    codes = library().codes["activations"]
    assert [o.kind for o in made.operations] == [DENSE, DROPOUT, DENSE, DENSE]
    places = [0, None, 6 * 9, 6 * 9 + 9 * 7]
    for o, layer, W in zip(made.operations, network.layers, places, strict=True):
        assert (o.n_in, o.n_out) == (layer.n_in, layer.n_out)
        if isinstance(layer, Dense):
            assert o.W == W
            top = layer is network.layers[-1]
            assert o.activation == (len(codes) if top else codes["gelu"])
            assert (o.s == o.h) == top
        else:
            assert (o.cut, o.setting) == (2**14, 4 / 3)
    assert [o.b for o in made.operations if o.kind == DENSE] == [
        *(network.n_weights, network.n_weights + 9, network.n_weights + 16)
    ]


@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("n_rows", [1, 5, 16])
@pytest.mark.parametrize("shuffled", [True, False])
@pytest.mark.parametrize(
    "more", [{"activation": "mish", "dropout": (0.1, 0.2)}, {"hidden": ()}], ids=repr
)
def test_buffers_do_not_overlap(more, shuffled, n_rows, dtype):
    made = recorded(n_rows, shuffled=shuffled, dtype=dtype, **more)
    p, widest = made.program, max((o.n_in for o in [*made.operations][1:]), default=0)
    buffers = [(p.losses, p.n_scores), *((at, widest) for at in {*p.dh})]
    buffers.append((p.x_rows, p.n_features))
    if shuffled:
        buffers += [(p.y_rows, p.n_targets), (p.w_rows, 1)]
    for o in made.operations:
        own = {o.s, o.h, o.factors} if o.kind == DROPOUT else {o.s, o.h}
        buffers += [(at, o.n_out) for at in own]
    end = 0
    for at, width in sorted(buffers):
        assert at >= end
        assert at * made.dtype.itemsize % ALIGNMENT == 0
        end = at + n_rows * width
    assert end <= made.work.size < end + ALIGNMENT


def test_optimizers():
    made = recorded()
    made.record_optimizer(sgd := SGD(0.7))
    assert made.program.optimizer == library().codes["optimizers"]["sgd"]
    assert made.program.beta_1 == 0.7
    assert made.program.moment_1 == made.program.moment_2 == sgd.velocity.ctypes.data
    made = recorded()
    made.record_optimizer(adam := Adam(0.8, 0.95, 1e-4, t=3))
    p = made.program
    assert (p.beta_1, p.beta_2, p.epsilon, p.t) == (0.8, 0.95, 1e-4, 3)
    assert (p.moment_1, p.moment_2) == (adam.m.ctypes.data, adam.v.ctypes.data)


def changed_layer(place, **more):
    return lambda i, layer: replace(layer, **more) if i == place else layer


@pytest.mark.parametrize(
    "change",
    [
        changed_layer(0, n_in=7),
        changed_layer(0, n_out=8),
        changed_layer(1, n_in=2**40),
        changed_layer(2, n_out=4),
        changed_layer(2, n_out=0),
        changed_layer(1, n_out=-7),
        # Sizes that are right modulo 2^64, as C would see them.
        changed_layer(0, n_in=6 + 2**64),
        lambda i, layer: replace(layer, activation=ACTIVATIONS["relu"]),
        lambda i, layer: Dropout(layer.n_out, 0.5) if i == 1 else layer,
        lambda i, layer: Dropout(6, 0.5) if i == 0 else layer,
        lambda i, layer: Dropout(9, 1.5) if i == 1 else layer,
        lambda i, layer: Dropout(9, -1.0) if i == 1 else layer,
    ],
    ids=range(12),
)
def test_layers_that_do_not_fit_are_refused(change):
    settings, theta, data = problem()
    settings = with_layers(settings, change)
    with pytest.raises(NotCompiled):
        Recording(library(), settings.objective, theta, data, 5, shuffled=True)


@pytest.mark.parametrize(
    "head",
    [Quantile(((0.1, 0.2), (0.3, 0.4))), Quantile("0.5"), Gaussian("1")],
    ids=repr,
)
def test_odd_settings_of_heads_are_refused(head):
    settings, theta, data = problem("three quantiles")
    objective = replace(settings.objective, head=head)
    with pytest.raises(NotCompiled):
        Recording(library(), objective, theta, data, 5, shuffled=True)
