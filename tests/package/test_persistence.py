import copy
import io
import pickle
import re
import subprocess
import sys
from itertools import pairwise

import joblib
import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skmlp
from skmlp import MLPClassifier, MLPRegressor
from skmlp._persistence import VERSION, order
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.heads import REGRESSION_HEADS
from skmlp.core.history import Record
from skmlp.stored import check_model, read_skops
from tests.helpers import check_same, dense

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
rng = np.random.RandomState(0)
X = rng.randn(40, 3)
CODES = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)
SEVERAL = (X > 0).astype(int)
NUMBERS = 0.5 + 0.4 * np.tanh(X)


def classifier(**parameters):
    return MLPClassifier((4,), **{"max_iter": 4, "random_state": 0, **parameters})


def regressor(**parameters):
    settings = {"hidden_layer_sizes": (4,), "max_iter": 4, "random_state": 0}
    return MLPRegressor(**{**settings, **parameters})


SGD = {"solver": "sgd", "warm_start": True}
CASES = {
    "lbfgs": (regressor(solver="lbfgs"), NUMBERS[:, 0]),
    "adam": (regressor(), NUMBERS),
    "binary": (classifier(), np.array(["no", "yes"])[SEVERAL[:, 0]]),
    "multiclass": (classifier(), np.array(["a", "b", "c"])[CODES]),
    "objects": (classifier(), np.array(["a", "b", "c"], dtype=object)[CODES]),
    "bools": (classifier(), CODES > 0),
    "one class": (classifier(), np.full(40, 7)),
    "multilabel": (classifier(), SEVERAL),
    "sparse labels": (classifier(solver="lbfgs"), csr_matrix(SEVERAL)),
    "state of adam": (classifier(warm_start=True), CODES),
    "state of sgd": (regressor(**SGD, nesterovs_momentum=False), NUMBERS[:, 0]),
    "state of nesterov": (regressor(**SGD, learning_rate="adaptive"), NUMBERS[:, 0]),
    "no seed": (regressor(random_state=None, warm_start=True), NUMBERS[:, 0]),
    "generator": (
        regressor(random_state=np.random.RandomState(1), warm_start=True),
        NUMBERS[:, 0],
    ),
    "early stopping": (
        classifier(early_stopping=True, scoring="neg_log_loss", warm_start=True),
        CODES,
    ),
    "weights": (classifier(class_weight={0: 1.0, 2: 2.5}, label_smoothing=0.1), CODES),
    "regularised": (
        regressor(
            dropout=[0.2], weight_decay=0.1, max_grad_norm=1.0, alpha=np.float64(1)
        ),
        NUMBERS[:, 0],
    ),
    "layers": (
        regressor(hidden_layer_sizes=[2, np.int64(3)], activation=["selu", "gelu"]),
        NUMBERS[:, 0],
    ),
    **{
        f"activation {name}": (regressor(activation=name), NUMBERS[:, 0])
        for name in ACTIVATIONS
    },
    **{
        f"loss {name}": (regressor(loss=name), NUMBERS[:, 0])
        for name in REGRESSION_HEADS
    },
}
EACH = pytest.mark.parametrize("case", CASES)


def fitted(case):
    model, y = CASES[case]
    return clone(model).fit(X, y), y


def by_pickle(model, protocol=None):
    return pickle.loads(pickle.dumps(model, protocol))


def by_joblib(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    return joblib.load(file)


def by_skops(model):
    skops_io = pytest.importorskip("skops.io")
    return skops_io.loads(skops_io.dumps(model), trusted=skmlp.trusted_types())


def by_checked_skops(model):
    skops_io = pytest.importorskip("skops.io")
    again = read_skops(skops_io.dumps(model))
    if again.__sklearn_is_fitted__():
        check_model(again)
    return again


WAYS = {
    "pickle": by_pickle,
    "joblib": by_joblib,
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
    "skops": by_skops,
    "checked skops": by_checked_skops,
}
WAY = pytest.mark.parametrize("way", WAYS)


@EACH
@WAY
def test_a_kept_model_is_the_same(case, way):
    model, _ = fitted(case)
    check_same(model, WAYS[way](model), X)


@EACH
@WAY
def test_a_kept_model_trains_on_as_the_model_does(case, way):
    model, y = fitted(case)
    other = WAYS[way](model)
    for one in (model, other):
        if way == "copy":
            one = copy.deepcopy(one)
        if one.solver != "lbfgs" and not one.early_stopping:
            if one._state is None or case == "no seed":
                # A generator begins again in each call, here from one seed.
                one.set_params(random_state=3)
            one.partial_fit(X, y)
        one.fit(X, y)
    if case != "no seed":
        np.testing.assert_array_equal(dense(other.predict(X)), dense(model.predict(X)))


@WAY
def test_in_a_pipeline_and_on_named_columns(way):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(X, columns=["a", "b", "c"])
    model = make_pipeline(StandardScaler().set_output(transform="pandas"), classifier())
    model.fit(table, CODES)
    if way == "checked skops":
        with pytest.raises(ValueError, match=r"contains 'sklearn\.pipeline\.Pipeline'"):
            WAYS[way](model)
        return
    other = WAYS[way](model)
    np.testing.assert_array_equal(other.predict(table), model.predict(table))
    assert list(other[-1].feature_names_in_) == ["a", "b", "c"]


@WAY
def test_before_fit(way):
    model = classifier(alpha=0.5)
    model.coefs_ = [np.ones((3, 4)), np.ones((4, 1))]
    other = WAYS[way](model)
    assert other.get_params() == model.get_params()
    np.testing.assert_equal(other.coefs_, model.coefs_)
    with pytest.raises(NotFittedError):
        other.predict(X)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol(protocol):
    model, _ = fitted("state of adam")
    check_same(model, by_pickle(model, protocol), X)


def test_a_clone_has_the_parameters_alone():
    model, _ = fitted("state of adam")
    assert vars(clone(model)) == vars(classifier(warm_start=True))


def test_a_shallow_copy_shares_the_weights():
    model, _ = fitted("state of adam")
    other = copy.copy(model)
    assert other._theta is model._theta
    assert other._state is model._state
    assert VERSION not in vars(other)


def test_a_state_has_no_objects_of_scikit_learn_and_no_caches():
    for case in ("multilabel", "multiclass", "state of adam"):
        model, _ = fitted(case)
        data = pickle.dumps(model, protocol=4)
        assert b"sklearn" not in data
        assert b"_locations" not in data
        assert b"_skmlp_version" in data


LATER = """
import pickle, sys, types
import skmlp, skmlp._version, skmlp.mlp.base, skmlp._persistence
for module in (skmlp.mlp.base, skmlp._persistence):
    module.__version__ = sys.argv[1]
model = skmlp.MLPRegressor(hidden_layer_sizes=(2,), max_iter=1, random_state=0)
model.fit([[0.0], [1.0]], [0.0, 1.0])
class Unknown: pass
Unknown.__module__ = "skmlp.core.heads"
Unknown.__qualname__ = "Unknown"
skmlp.core.heads.Unknown = Unknown
model._head = Unknown()
sys.stdout.buffer.write(pickle.dumps(model))
"""
REFUSED = (
    rf"from skmlp 99\.1\.0, .* skmlp {re.escape(skmlp.__version__)}, .* >= 99\.1\.0"
)


def test_a_pickle_of_a_later_release_is_refused_whatever_is_in_it():
    command = [sys.executable, "-W", "ignore", "-c", LATER, "99.1.0"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    assert b"Unknown" in data
    with pytest.raises(ValueError, match=REFUSED):
        pickle.loads(data)


@WAY
def test_a_model_of_a_later_release_is_refused(way, monkeypatch):
    model, _ = fitted("binary")
    state = {**model.__getstate__(), VERSION: "99.1.0"}
    monkeypatch.setattr(MLPClassifier, "__getstate__", lambda self: state)
    with pytest.raises(ValueError, match=REFUSED):
        WAYS[way](model)


IN_ORDER = [
    "0",
    "0.1.0.dev1",
    "0.1.0a1.dev2",
    "0.1.0a1",
    "0.1.0a2",
    "0.1.0b1",
    "0.1.0rc1",
    "0.1.0rc10",
    "0.1.0",
    "0.1.0.post1",
    "0.1.1",
    "0.2.0.dev0",
    "0.2",
    "0.9.9",
    "0.10.0",
    "1.0.dev3",
    "1",
    "1.0.1",
    "10.0",
]


def test_versions_are_in_order():
    keys = [order(version) for version in IN_ORDER]
    assert all(a < b for a, b in pairwise(keys))


@pytest.mark.parametrize(
    ("a", "b"),
    [("0.2", "0.2.0"), ("1", "1.0.0"), ("0.2.0+local.1", "0.2.0"), ("0", "0.0")],
)
def test_equal_versions(a, b):
    assert order(a) == order(b)


def test_a_state_without_what_came_later_gets_the_defaults():
    model, y = fitted("early stopping")
    state = {**model.__getstate__(), VERSION: "0.2.0.dev0"}
    best = state.pop("best_iter_")
    for name in ("dropout", "weight_decay"):
        del state[name]
    state["history_"] = {"loss": list(model.loss_curve_)}
    other = MLPClassifier.__new__(MLPClassifier)
    other.__setstate__(state)
    assert (other.dropout, other.weight_decay, other.best_iter_) == (0.0, 0.0, best)
    assert other.history_.keys() == set(Record._fields)
    assert other.history_["validation_score"] == model.validation_scores_
    other.fit(X, y)
    assert {len(column) for column in other.history_.values()} == {8}
