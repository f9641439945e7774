"""Training in C and in NumPy: the same to rounding, and each continues the other.

How far rounding may move the weights: a difference of 1e-16 in one step grows with each
further step, a relu or the sign of an absolute error can change its side, and Adam turns a
gradient that is all rounding into a step. In 250 of these configurations the largest
difference was 2.4e-15 of the largest weight in double precision and 8e-7 in single
precision. The tests allow TOLERANCE, for other BLAS kernels and rarer cases.
"""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmlp import MLPClassifier, MLPRegressor
from skmlp.core.compiled import compiled_objective, compiled_runner
from skmlp.core.compiled.library import library
from skmlp.core.heads import REGRESSION_HEADS
from tests.core.compiled.problems import ACTIVATIONS_IN_C, with_twin
from tests.helpers import in_numpy, interrupt_at, parameters_of, snapshot

pytestmark = [
    pytest.mark.skipif(library() is None, reason="no library was built"),
    pytest.mark.filterwarnings("ignore"),
]
TOLERANCE = {np.float64: 1e-11, np.float32: 1e-4}
"""Relative to the largest weight, after a few epochs."""

N_ROWS = 61
RNG = np.random.RandomState(0)
X = RNG.randn(N_ROWS, 4)
Y = np.exp(0.5 * X[:, :2]) + 0.1
LABELS = {
    "two classes": (X[:, 0] > 0).astype(int),
    "three classes": (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5),
    "labels": (X[:, :3] > 0.2).astype(int),
}
W = RNG.uniform(0.2, 2, N_ROWS)
LOSSES = sorted(with_twin("heads", REGRESSION_HEADS))
SCHEDULES = {
    "adam": ["constant", "cosine", "one_cycle"],
    "sgd": ["constant", "invscaling", "adaptive", "cosine", "one_cycle"],
}


@contextmanager
def in_c():
    """Train in C, and fail if NumPy would do it."""

    def certain(function):
        def chosen(*arguments):
            found = function(*arguments)
            assert found is not None
            return found

        return chosen

    with (
        mock.patch("skmlp.core.training.compiled_runner", certain(compiled_runner)),
        mock.patch("skmlp.core.lbfgs.compiled_objective", certain(compiled_objective)),
    ):
        yield


@st.composite
def common(draw):
    """Parameters that reach training, for both classes."""
    hidden = draw(st.sampled_from([(), (5,), (6, 4)]))
    names = st.sampled_from(sorted(ACTIVATIONS_IN_C))
    solver = draw(st.sampled_from(["adam", "sgd", "lbfgs"]))
    found = {
        "hidden_layer_sizes": hidden,
        "activation": [draw(names) for _ in hidden] or draw(names),
        "solver": solver,
        "alpha": draw(st.sampled_from([0.0, 1e-3, 1.0])),
        "max_iter": draw(st.integers(1, 4)),
        "random_state": draw(st.integers(0, 5)),
    }
    if solver == "lbfgs":
        return found
    found |= {
        "learning_rate": draw(st.sampled_from(SCHEDULES[solver])),
        "learning_rate_init": draw(st.sampled_from([1e-3, 1e-2])),
        "batch_size": draw(st.sampled_from([1, 7, 16, N_ROWS, 500])),
        "shuffle": draw(st.booleans()),
        "dropout": [draw(st.sampled_from([0.0, 0.3])) for _ in hidden],
        "weight_decay": draw(st.sampled_from([0.0, 0.1])),
        "max_grad_norm": draw(st.sampled_from([None, 0.5])),
        "early_stopping": draw(st.booleans()),
        "nesterovs_momentum": draw(st.booleans()),
        "beta_1": draw(st.sampled_from([0.9, 0.5])),
    }
    return found


@st.composite
def fits(draw):
    """A model, y and weights."""
    parameters, w = draw(common()), draw(st.sampled_from([None, W, W * (W > 0.6)]))
    if draw(st.booleans()):
        y = LABELS[draw(st.sampled_from(sorted(LABELS)))]
        if y.ndim == 1:
            weights = draw(st.sampled_from([None, "balanced"]))
            parameters["class_weight"] = weights
        parameters["label_smoothing"] = draw(st.sampled_from([0.0, 0.1]))
        return MLPClassifier(**parameters), y, w
    loss = draw(st.sampled_from(LOSSES))
    more = {"quantile": {"quantile": draw(st.sampled_from([0.3, (0.1, 0.8)]))}}
    more["huber"] = {"huber_delta": draw(st.sampled_from([1.0, 0.2]))}
    y = Y if draw(st.booleans()) else Y[:, 0]
    return MLPRegressor(loss=loss, **parameters, **more.get(loss, {})), y, w


def distance(ours, expected):
    """The largest difference of the weights, relative to the largest weight."""
    a, b = (parameters_of(model).astype(float) for model in (ours, expected))
    return np.abs(a - b).max() / np.abs(b).max()


@pytest.mark.parametrize("dtype", TOLERANCE, ids=lambda dtype: dtype.__name__)
@given(case=fits())
def test_both_paths_agree(dtype, case):
    model, y, w = case
    expected = copy.deepcopy(model)
    try:
        with in_numpy():
            expected.fit(X.astype(dtype), y, w)
    except ValueError as error:
        with pytest.raises(ValueError, match=str(error)[:20]), in_c():
            model.fit(X.astype(dtype), y, w)
        return
    with in_c():
        model.fit(X.astype(dtype), y, w)
    assert distance(model, expected) <= TOLERANCE[dtype]
    assert (model.n_iter_, model.t_) == (expected.n_iter_, expected.t_)
    np.testing.assert_allclose(
        model.loss_curve_, expected.loss_curve_, rtol=10 * TOLERANCE[dtype]
    )


MODELS = [
    MLPClassifier(hidden_layer_sizes=(6, 4), dropout=0.2, weight_decay=0.1),
    MLPClassifier(solver="sgd", learning_rate="adaptive", hidden_layer_sizes=(5,)),
    MLPRegressor(loss="gaussian", activation="gelu", hidden_layer_sizes=(6,)),
    MLPRegressor(solver="sgd", nesterovs_momentum=False, hidden_layer_sizes=(6,)),
]


def of(model, **more):
    """The model with common parameters, and its y."""
    y = LABELS["three classes"] if isinstance(model, MLPClassifier) else Y[:, 0]
    model = copy.deepcopy(model)
    defaults = {"random_state": 0, "batch_size": 10, "max_iter": 4}
    return model.set_params(**defaults, **more), y


def partly(model, y):
    """Two partial fits."""
    classes = {"classes": [0, 1, 2]} if isinstance(model, MLPClassifier) else {}
    return model.partial_fit(X, y, **classes).partial_fit(X, y)


def warmly(model, y):
    """A fit; with warm_start it continues."""
    return model.set_params(warm_start=True).fit(X, y)


def stored(model):
    """The model, pickled and loaded."""
    return pickle.loads(pickle.dumps(model))


PATHS = {"C": in_c, "NumPy": in_numpy}


@pytest.mark.parametrize("steps", [partly, warmly])
@pytest.mark.parametrize("model", MODELS, ids=range(len(MODELS)))
def test_training_continues_on_the_other_path(model, steps):
    ends = {}
    for first, begin in PATHS.items():
        for second, go_on in PATHS.items():
            one, y = of(model)
            with begin():
                one = stored(steps(one, y))
            with go_on():
                ends[first, second] = steps(one, y)
    for end in ends.values():
        assert distance(end, ends["NumPy", "NumPy"]) <= 1e-9
        assert end.n_iter_ == ends["NumPy", "NumPy"].n_iter_


@pytest.mark.parametrize("model", MODELS, ids=range(len(MODELS)))
def test_training_continues_after_an_interrupt(model, monkeypatch):
    ends = []
    for begin, go_on in ((in_c, in_numpy), (in_numpy, in_c)):
        one, y = of(model)
        with monkeypatch.context() as patched, begin():
            # In the third epoch of seven steps.
            interrupt_at(17, patched)
            warmly(one, y)
        assert one.n_iter_ == 2
        with go_on():
            ends.append(warmly(stored(one), y))
    assert distance(*ends) <= 1e-9


@pytest.mark.parametrize("model", MODELS, ids=range(len(MODELS)))
def test_a_stored_file_knows_nothing_of_the_path(model):
    skops_io = pytest.importorskip("skops.io")
    found = []
    for path in PATHS.values():
        one, y = of(model)
        with path():
            warmly(one, y)
        # Seconds and rounding differ; kinds and names of all that is stored do not.
        schema = skops_io.dumps(one)
        assert b"compiled" not in schema
        assert b"compiled" not in pickle.dumps(one)
        found.append({name: type(value) for name, value in vars(one._state).items()})
        found[-1] |= {name: type(value) for name, value in vars(one).items()}
        optimizer = vars(one._state.optimizer)
        found[-1] |= {
            name: (type(value), getattr(value, "dtype", None), np.shape(value))
            for name, value in optimizer.items()
        }
    assert found[0] == found[1]


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("model", MODELS, ids=range(len(MODELS)))
def test_the_same_fit_has_the_same_bits(model, path):
    one, y = of(model)
    with path():
        expected = parameters_of(one.fit(X, y))
        for shift in (1, 3):
            # The same rows at another address.
            memory = np.empty(X.size + shift)
            there = memory[shift:].reshape(X.shape)
            there[:] = X
            again, _ = of(model)
            np.testing.assert_array_equal(parameters_of(again.fit(there, y)), expected)


def test_fits_in_threads_do_not_disturb_each_other():
    def trained(seed):
        model, y = of(MODELS[0], activation="gelu")
        return parameters_of(model.set_params(random_state=seed).fit(X, y))

    expected = [*map(trained, range(6))]
    with ThreadPoolExecutor(3) as pool:
        for ours, alone in zip(pool.map(trained, range(6)), expected, strict=True):
            np.testing.assert_array_equal(ours, alone)


# A state that a file or a callback may have changed.

VALUES = [
    *(None, -1, 0, 1.5, np.nan, 2**53, 2**62, 2**63, 10**30, "1", [], [0.0]),
    *(np.zeros(0), np.zeros(3), np.zeros((2, 2)), np.full(500, np.nan)),
    *(np.arange(N_ROWS) + 10, np.arange(N_ROWS) - 10, np.full(N_ROWS, 2**62)),
    *(np.full(N_ROWS, -1), np.full(N_ROWS, np.nan), np.arange(N_ROWS) * 1.0),
    np.full(N_ROWS, 2**64 - 1, np.uint64),
]
PLACES = {
    "state": ("optimizer", "order", "n_seen", "n_cuts", "n_epochs", "patience", "rng"),
    "adam": ("t", "m", "v", "decay_1", "decay_2", "beta_1", "epsilon"),
    "sgd": ("velocity", "momentum"),
    "theta": ("_theta",),
}


def owner_of(model, place):
    """The object with the attributes of PLACES."""
    if place == "theta":
        return model
    return model._state if place == "state" else model._state.optimizer


def odd(value):
    """The value, and for a vector others of the same length."""
    yield from VALUES
    if isinstance(value, np.ndarray):
        for dtype in ("f4", ">f8", "g", "i8", "?", "c16", "O"):
            yield value.astype(dtype)
        yield from (value[:-1], np.append(value, value), value[::-1], value[None])
        yield np.broadcast_to(value.dtype.type(0), value.shape)
        yield value.tolist()


@pytest.mark.parametrize("go_on", [partly, warmly])
@pytest.mark.parametrize(
    ("place", "name"),
    [(place, name) for place, all_ in PLACES.items() for name in all_],
)
def test_an_odd_state_trains_or_raises(place, name, go_on):
    solver = "sgd" if place == "sgd" else "adam"
    model, y = of(MODELS[2], solver=solver)
    warmly(model, y)
    trained = 0
    for value in odd(getattr(owner_of(model, place), name)):
        changed = copy.deepcopy(model)
        setattr(owner_of(changed, place), name, value)
        before = snapshot(changed)
        try:
            go_on(changed, y)
        except Exception:
            # An error leaves the model as it was, and C inside its arrays.
            assert snapshot(changed) == before
        else:
            trained += 1
    assert trained < len(VALUES) + 12
