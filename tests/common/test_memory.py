"""Networks that no memory holds are refused by the parameters that make them large."""

import numpy as np
import pytest

import skmlp
from skmlp.common import memory
from skmlp.common.memory import check_memory, machine_memory
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import multilayer_perceptron

KINDS = [getattr(skmlp, name) for name in skmlp.__all__ if "MLP" in name]
NETWORK = multilayer_perceptron(3, (5,), 1, ACTIVATIONS["relu"])


def test_the_memory_of_the_machine(monkeypatch):
    assert machine_memory() > 2**20
    monkeypatch.delattr(memory.os, "sysconf")
    assert machine_memory() == np.inf


def test_weights_and_units_are_counted(monkeypatch):
    needed = 8 * (2 * NETWORK.n_parameters + 10 * (5 + 1))
    monkeypatch.setattr(memory, "machine_memory", lambda: needed)
    check_memory([NETWORK], 10, 8, "sizes")
    monkeypatch.setattr(memory, "machine_memory", lambda: needed - 1)
    with pytest.raises(ValueError, match=r"^sizes must give a network that fits"):
        check_memory([NETWORK], 10, 8, "sizes")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [10**12, 2**63 - 1])
def test_absurd_sizes_are_refused_by_name(kind, size):
    X, y = np.arange(20.0)[:, None], np.arange(20) % 2
    model = kind(hidden_layer_sizes=(size, size))
    with pytest.raises(ValueError, match=r"^hidden_layer_sizes=.* and the machine has"):
        model.fit(X, y)
    assert not hasattr(model, "n_features_in_")
