"""Names and settings: what C knows is in the registries, and which entries it lacks."""

import pytest

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.compiled.library import library
from skmlp.core.compiled.names import NAMES, levels_of, setting_of
from skmlp.core.heads import HEADS, Gaussian, Huber, Quantile
from skmlp.core.optimizers import OPTIMIZERS

IN_NUMPY = {"activations": set(), "heads": set(), "optimizers": set()}
"""The names of the entries without a twin in C: NumPy trains them. A new entry is added
here or gets its twin."""


@pytest.mark.skipif(library() is None, reason="no library was built")
@pytest.mark.parametrize("kind", ["activations", "heads", "optimizers"])
def test_every_other_entry_of_the_registries_has_a_twin(kind):
    registry = {"activations": ACTIVATIONS, "heads": HEADS, "optimizers": OPTIMIZERS}
    known = set(library().codes[kind])
    assert set(registry[kind]) - known == IN_NUMPY[kind]
    assert known <= set(registry[kind]) == set(NAMES[kind].values())


def test_settings():
    assert setting_of(ACTIVATIONS["leaky_relu"]) == 0.01
    assert setting_of(Huber(0.3)) == 0.3
    assert setting_of(Gaussian(0.25)) == 0.25
    assert setting_of(ACTIVATIONS["relu"]) == setting_of(None) == 0
    assert levels_of(Quantile(0.2)) == (0.2,)
    assert levels_of(Quantile((0.2, 0.7))) == (0.2, 0.7)
    assert levels_of(Huber()) == (0.0,)
