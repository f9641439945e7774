"""Snapshots: what goes into a tree comes back, in the same objects."""

from copy import deepcopy
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from skmlp.core.history import Record, StopReason
from skmlp.core.optimizers import OPTIMIZERS
from skmlp.core.schedules import Cosine, ScheduleSegment
from skmlp.core.snapshots import NOT_KEPT, put_all_back, put_back, taken
from skmlp.core.training import Patience, TrainingState


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 3, 0.1, np.inf, "text", []),
        *([1, [2.5, None]], {"a": [1], "b": {"c": "d"}}),
        *(StopReason.CONVERGED, [Record(1.0, 2.0, 3.0, 4.0, 5.0, 6.0)]),
    ],
    ids=str,
)
def test_plain_values_come_back(value):
    current = {"a": [], "b": {"c": 1}} if isinstance(value, dict) else None
    found = put_back(taken(value), current)
    assert found == value
    assert type(found) is type(value)


def test_numbers_of_numpy_are_plain():
    assert taken(np.float64(0.1)) == 0.1
    assert type(taken(np.int64(3))) is int


def test_values_are_put_into_what_is_there():
    array, numbers, names = np.zeros(3, np.float32), [1.0], {"a": [0]}
    tree = taken(
        {"x": np.arange(3, dtype=np.float32), "y": [2.0, 3.0], "z": {"a": [9]}}
    )
    parts = {"x": array, "y": numbers, "z": names}
    assert put_back(tree, parts) is parts
    assert array.tolist() == [0, 1, 2]
    assert numbers == [2.0, 3.0]
    assert names == {"a": [9]}
    assert parts["x"] is array


@pytest.mark.parametrize(
    "other", [np.zeros(4), np.zeros(3, np.float32)], ids=["n", "t"]
)
def test_arrays_of_another_form_are_refused(other):
    with pytest.raises(ValueError, match="stands for one of shape"):
        put_back(taken(other), np.zeros(3))


def test_objects_of_another_form_are_refused():
    with pytest.raises(ValueError, match="Patience does not have"):
        put_back(taken(ScheduleSegment(Cosine(), 0.1, 0.2)), Patience(0.0, 1.0))


def test_a_frozen_object_is_replaced():
    before = ScheduleSegment(Cosine())
    assert put_back(taken(replace(before, start=0.25)), before).start == 0.25
    assert before.start == 0.0


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_from_the_state(name):
    def new():
        rng = np.random.RandomState(3)
        return TrainingState(OPTIMIZERS[name](), Patience(0.1, 4), rng)

    def steps(state, theta):
        for _ in range(3):
            state.shuffle(5)
            grad = theta * state.rng.rand(4) + state.order[:4]
            state.optimizer.step(theta, grad, 0.1)
            state.patience.update(float(theta.sum()))

    theta, state = np.arange(4.0), new()
    steps(state, theta)
    tree = deepcopy(taken({"theta": theta, "state": state}))
    other = {"theta": np.empty(4), "state": new()}
    put_back(tree, other)
    for pair in ((state, theta), (other["state"], other["theta"])):
        steps(*pair)
    np.testing.assert_array_equal(theta, other["theta"])
    np.testing.assert_array_equal(state.order, other["state"].order)
    assert state.patience == other["state"].patience


def test_a_generator_stays_the_same_object():
    rng, other = np.random.RandomState(1), np.random.RandomState(2)
    rng.randn(3)
    assert put_back(taken(rng), other) is other
    assert other.randn(4).tolist() == rng.randn(4).tolist()


def test_parts_have_names():
    @dataclass
    class Counter:
        n: int = 0
        seen: list[int] = field(default_factory=list)

    counter = Counter()
    found = put_all_back({"counter": taken(Counter(3, [1, 2]))}, {"counter": counter})
    assert found == {"counter": counter}
    assert (counter.n, counter.seen) == (3, [1, 2])


@pytest.mark.parametrize(
    "tree", [{}, {"b": 1}, {"a": {"kind": "no", "values": {}}}, {"a": {}}], ids=str
)
def test_parts_of_another_form_are_refused(tree):
    with pytest.raises(ValueError, match="checkpoint must be a file of this version"):
        put_all_back(tree, {"a": Patience(0.0, 1.0)})


def test_nothing_is_kept_without_a_file():
    NOT_KEPT.keep({"theta": np.zeros(2)}, done=True)
    assert NOT_KEPT.kept() == {}
