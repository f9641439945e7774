"""Training call by call."""

import pickle
from itertools import islice

import numpy as np
import pandas as pd
import pytest

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.core.batches import Dataset
from skmlp.core.network import thetas_of
from skmlp.core.objective import Objective
from skmlp.core.optimizers import Adam
from skmlp.core.schedules import Constant
from skmlp.core.training import Patience, TrainingConfig, TrainingState, epochs
from skmlp.tabular.incremental import folds_by_keys
from skmlp.tabular.search import BETA_2
from skmlp.tabular.target_statistics import FOLDS

KINDS = (TabularMLPClassifier, TabularMLPRegressor)
SMALL = {
    "hidden_layer_sizes": (8,),
    "n_estimators": 3,
    "learning_rate_init": 0.01,
    "random_state": 0,
    "preset": None,
}


def problem(kind, n=400, n_labels=5):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    codes = rng.integers(0, n_labels, n)
    table["label"] = [f"L{one}" for one in codes]
    s = table["a"] * 2 + rng.normal(size=n_labels)[codes] + rng.normal(size=n) * 0.1
    y = np.where(s > 0, "yes", "no") if kind is TabularMLPClassifier else s.to_numpy()
    return table, y


def call(model, X, y, **more):
    """A call of partial_fit; a classifier gets its classes in the first one."""
    if isinstance(model, TabularMLPClassifier) and not hasattr(model, "classes_"):
        more = {"classes": ["no", "yes"], **more}
    return model.partial_fit(X, y, **more)


def test_folds_by_keys_are_about_equal_and_go_with_the_rows():
    rng = np.random.RandomState(0)
    keys = rng.randint(2**62, size=80_000).astype(np.uint64)
    folds, order = folds_by_keys(keys), rng.permutation(len(keys))
    assert np.all(abs(np.bincount(folds, minlength=FOLDS) - 10_000) < 500)
    np.testing.assert_array_equal(folds_by_keys(keys[order]), folds[order])
    np.testing.assert_array_equal(folds_by_keys(keys[:100]), folds[:100])
    # Equal rows are in several folds.
    equal = folds_by_keys(np.zeros(800, np.uint64))
    assert np.all(abs(np.bincount(equal, minlength=FOLDS) - 100) < 40)


@pytest.mark.parametrize("kind", KINDS)
def test_calls_with_the_same_rows_are_epochs_at_a_constant_rate(kind):
    X, y = problem(kind)
    model = call(kind(**SMALL), X, y)
    for _ in range(2):
        call(model, X, y)
    # The same, written out for each network.
    rows = model.encoder_.transform(X)
    _, encoded = model._encode_target(y, all_classes=False)
    target = np.asarray(encoded, float).reshape(len(X), -1)
    data = Dataset(rows, *model._training_target(target, None, target))
    folds = folds_by_keys(model.encoder_._keys_of(X))
    seeds = np.random.RandomState(0).randint(2**31, size=3)
    for i, (network, theta) in enumerate(thetas_of(model._networks, model._theta)):
        rng = np.random.RandomState(seeds[i])
        some = rng.permutation(len(X))[:1024]
        known = network.initialize(rng, np.float32, rows[some])
        config = TrainingConfig(
            Objective(network, model._head, use_factor=True),
            Constant(),
            0.01,
            64,
            weight_decay=model.weight_decay,
        )
        state = TrainingState(Adam(beta_2=BETA_2), Patience(0.0, np.inf), rng)
        training = np.flatnonzero(folds != i)
        for _ in islice(epochs(config, known, state, data, training), 3):
            state.order = None
        np.testing.assert_array_equal(theta, known)


@pytest.mark.parametrize("kind", KINDS)
def test_calls_learn_and_go_on_after_pickling(kind):
    X, y = problem(kind, n_labels=150, n=2000)
    model = kind(**SMALL)
    for n in range(1, 16):
        call(model, X, y)
        assert model.n_iter_ == n
    assert model.score(X, y) > 0.85
    assert model.history_["validation_loss"][-1] < model.history_["validation_loss"][0]
    assert set(model.seconds_) == {"encode", "train", "total"}
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(call(copied, X, y)._theta, call(model, X, y)._theta)


@pytest.mark.parametrize("kind", KINDS)
def test_a_label_does_not_show_a_row_its_own_target(kind):
    # Each label has two rows with random targets, so nothing can be learnt.
    rng = np.random.default_rng(1)
    n = 1200
    X = pd.DataFrame(
        {"label": [f"L{i // 2}" for i in range(n)], "x": rng.normal(size=n)}
    )
    y = rng.normal(size=n)
    if kind is TabularMLPClassifier:
        y = np.where(y > 0, "yes", "no")
    model = kind(**{**SMALL, "n_estimators": FOLDS})
    for i in range(8):
        # Also if the rows come in another order each time.
        order = rng.permutation(n) if i % 2 else np.arange(n)
        call(model, X.iloc[order], y[order])
    chance = np.log(2) if kind is TabularMLPClassifier else 0.5
    assert model.history_["loss"][-1] > 0.9 * chance


@pytest.mark.parametrize("kind", KINDS)
def test_it_continues_after_fit_and_fit_begins_again(kind):
    X, y = problem(kind)
    model = kind(**SMALL, max_iter=5).fit(X, y)
    before, n_networks = model._theta.copy(), len(model._networks)
    call(model, X, y)
    assert not np.array_equal(model._theta, before)
    assert len(model._networks) == n_networks
    assert model.n_iter_ == 6
    np.testing.assert_array_equal(model.fit(X, y)._theta, before)
    assert "_incremental" not in vars(model)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_without_weight_are_as_if_absent(kind):
    X, y = problem(kind)
    w = np.ones(len(X))
    w[300:] = 0
    one, other = kind(**SMALL), kind(**SMALL)
    for _ in range(2):
        call(one, X, y, sample_weight=w)
        call(other, X[:300], y[:300], sample_weight=w[:300])
    np.testing.assert_array_equal(one._theta, other._theta)


def test_later_targets_extend_the_range_of_predictions():
    X, y = problem(TabularMLPRegressor)
    model = TabularMLPRegressor(**SMALL).partial_fit(X, y)
    assert model.predict(X).max() <= y.max()
    for _ in range(30):
        model.partial_fit(X, y + 100)
    assert model.predict(X).min() > y.max()


def test_several_targets_and_several_labels():
    X, y = problem(TabularMLPRegressor)
    model = TabularMLPRegressor(**SMALL).partial_fit(X, np.column_stack([y, -y]))
    assert model.predict(X).shape == (len(X), 2)
    indicator = np.column_stack([y > 0, y > 1]).astype(int)
    several = TabularMLPClassifier(**SMALL)
    several.partial_fit(X, indicator, classes=[0, 1]).partial_fit(X, indicator)
    assert several.predict(X).shape == (len(X), 2)


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_a_later_call_can_have_few_rows(kind, n):
    X, y = problem(kind)
    model = call(kind(**SMALL), X, y)
    call(model, X[:n], y[:n])
    assert model.n_iter_ == 2
    assert np.isfinite(model._theta).all()


@pytest.mark.parametrize("kind", KINDS)
def test_errors_leave_the_model_as_it_was(kind):
    X, y = problem(kind)
    model = call(kind(**SMALL), X, y)
    theta, known = model._theta.copy(), model.n_iter_
    with pytest.raises(ValueError, match="feature names should match"):
        call(model, X[["a", "b"]], y)
    with pytest.raises(TypeError, match="must hold numbers"):
        call(model, X.assign(a="text"), y)
    with pytest.raises(ValueError, match="missing|NaN"):
        call(model, X, np.where(np.arange(len(y)) == 3, None, y.astype(object)))
    model.set_params(learning_rate_init=1e30)
    with pytest.raises(ValueError, match="diverged|weight_decay"):
        call(model, X, y)
    model.set_params(learning_rate_init=0.01)
    np.testing.assert_array_equal(model._theta, theta)
    assert model.n_iter_ == known


def test_classes_are_given_once():
    X, y = problem(TabularMLPClassifier)
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        TabularMLPClassifier(**SMALL).partial_fit(X, y)
    model = TabularMLPClassifier(**SMALL)
    model.partial_fit(X, y, classes=["maybe", "no", "yes"])
    assert model.predict_proba(X).shape == (len(X), 3)
    with pytest.raises(ValueError, match="unknown|must"):
        model.partial_fit(X, np.where(y == "no", "other", y))
    with pytest.raises(ValueError, match="as in the previous call"):
        model.partial_fit(X, y, classes=["no", "yes"])
    model.set_params(class_weight="balanced")
    with pytest.raises(ValueError, match="does not support class_weight='balanced'"):
        model.partial_fit(X, y)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_can_be_an_array_or_a_list(kind):
    X, y = problem(kind)
    numbers = X[["a", "b", "c"]].to_numpy()
    one, other = kind(**SMALL), kind(**SMALL)
    for _ in range(2):
        call(one, numbers, y)
        call(other, numbers.tolist(), list(y))
    np.testing.assert_array_equal(one._theta, other._theta)


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_continue_is_refused(kind, tmp_path):
    X, y = problem(kind, n=2000, n_labels=150)
    with pytest.raises(ValueError, match="cannot continue this fit"):
        call(kind(**SMALL, max_iter=1).fit(X, y), X, y)
    call(kind(**SMALL, max_iter=1, min_frequency=1).fit(X, y), X, y)
    with pytest.raises(TypeError, match="must be a frame or an array in partial_fit"):
        call(kind(**SMALL), str(tmp_path), y)


def test_the_number_of_targets_stays():
    X, y = problem(TabularMLPRegressor)
    two = np.column_stack([y, y])
    for first, second in ((two, y), (y, two)):
        model = TabularMLPRegressor(**SMALL).partial_fit(X, first)
        with pytest.raises(ValueError, match="outputs, as in the previous call"):
            model.partial_fit(X, second)
