"""Training state, rollback, warm starts and partial fits of both estimators."""

import copy
import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError

from skmlp import MLPClassifier, MLPRegressor
from skmlp.core import training
from skmlp.core.history import Validation
from skmlp.core.optimizers import Adam
from skmlp.mlp import base
from skmlp.mlp.early_stopping import ValidationScorer

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.RandomState(0)
X = rng.randn(60, 4)
Y = {
    MLPClassifier: (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5),
    MLPRegressor: np.sin(X[:, 0]) + X[:, 1],
}
BOTH = pytest.mark.parametrize("kind", list(Y))
SOLVERS = pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
STOCHASTIC = pytest.mark.parametrize("solver", ["sgd", "adam"])


def make(kind, **parameters):
    defaults = {"hidden_layer_sizes": (5,), "random_state": 0, "batch_size": 16}
    if parameters.get("solver") == "lbfgs":
        del defaults["batch_size"]
    return kind(**{**defaults, **parameters})


def partial_fit(model, X, y, **arguments):
    if isinstance(model, MLPClassifier):
        arguments["classes"] = [0, 1, 2]
    return model.partial_fit(X, y, **arguments)


def parameters_of(model):
    return np.concatenate([a.ravel() for a in model.coefs_ + model.intercepts_])


def same(a, b):
    return np.array_equal(parameters_of(a), parameters_of(b))


def snapshot(model):
    return pickle.dumps(copy.deepcopy(vars(model)))


@BOTH
@SOLVERS
def test_fitting_twice_with_one_seed_gives_the_same_bits(kind, solver):
    a, b = (make(kind, solver=solver, max_iter=20).fit(X, Y[kind]) for _ in range(2))
    assert same(a, b)
    assert same(a, a.fit(X, Y[kind]))
    assert a.loss_curve_ == b.loss_curve_


@BOTH
@STOCHASTIC
@pytest.mark.parametrize("learning_rate", ["constant", "invscaling", "adaptive"])
def test_partial_fits_are_the_epochs_of_one_fit(kind, solver, learning_rate):
    settings = {"solver": solver, "learning_rate": learning_rate}
    whole = make(kind, max_iter=7, **settings).fit(X, Y[kind])
    parts = make(kind, **settings)
    for _ in range(7):
        partial_fit(parts, X, Y[kind])
    assert same(whole, parts)
    assert parts.n_iter_ == whole.n_iter_ == 7
    assert parts.t_ == whole.t_ == 7 * 60
    assert parts.loss_curve_ == whole.loss_curve_
    assert parts.best_loss_ == whole.best_loss_


@BOTH
@STOCHASTIC
@pytest.mark.parametrize("learning_rate", ["constant", "invscaling"])
def test_warm_started_fits_are_one_long_fit(kind, solver, learning_rate):
    settings = {"solver": solver, "learning_rate": learning_rate}
    whole = make(kind, max_iter=10, **settings).fit(X, Y[kind])
    parts = make(kind, max_iter=5, warm_start=True, **settings)
    parts.fit(X, Y[kind]).fit(X, Y[kind])
    assert same(whole, parts)
    assert parts.n_iter_ == 5
    assert parts.t_ == 10 * 60
    assert parts.loss_curve_ == whole.loss_curve_


@BOTH
@STOCHASTIC
@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_a_copy_goes_on_like_the_original(kind, solver, duplicate):
    model = partial_fit(make(kind, solver=solver), X, Y[kind])
    other = duplicate(model)
    for _ in range(3):
        partial_fit(model, X, Y[kind])
        partial_fit(other, X, Y[kind])
    assert same(model, other)


@BOTH
def test_a_partial_fit_on_other_rows_starts_from_their_order(kind):
    model = make(kind)
    partial_fit(model, X, Y[kind])
    partial_fit(model, X[:20], Y[kind][:20])
    partial_fit(model, X[:40], Y[kind][:40])
    assert model.t_ == 120
    assert model.n_iter_ == 3
    assert np.isfinite(parameters_of(model)).all()


@BOTH
def test_the_state_is_kept_only_while_training_can_go_on(kind):
    assert make(kind, max_iter=3).fit(X, Y[kind])._state is None
    assert make(kind, max_iter=3, warm_start=True).fit(X, Y[kind])._state is not None
    assert partial_fit(make(kind), X, Y[kind])._state is not None
    model = make(kind, max_iter=3, warm_start=True).fit(X, Y[kind])
    model.set_params(solver="lbfgs", batch_size="auto").fit(X, Y[kind])
    assert model._state is None


@BOTH
@SOLVERS
def test_a_pickle_is_little_more_than_the_weights(kind, solver):
    model = make(kind, solver=solver, hidden_layer_sizes=(300, 200), max_iter=2)
    model.fit(X, Y[kind])
    assert len(pickle.dumps(model)) < 1.1 * parameters_of(model).nbytes + 20_000


@BOTH
def test_changed_optimizer_settings_take_effect(kind):
    model = partial_fit(make(kind), X, Y[kind])
    model.set_params(beta_1=0.5)
    partial_fit(model, X, Y[kind])
    assert model._state.optimizer == Adam(0.5)
    assert model._state.optimizer.t == 4
    model.set_params(learning_rate_init=0.01)
    partial_fit(model, X, Y[kind])
    assert model._state.optimizer.t == 8


@BOTH
def test_partial_fit_after_fit_goes_on_with_the_weights(kind):
    model = make(kind, max_iter=20).fit(X, Y[kind])
    before = parameters_of(model)
    partial_fit(model, X, Y[kind])
    assert 0 < np.abs(parameters_of(model) - before).max() < 0.1
    assert model.n_iter_ == 21


@BOTH
@SOLVERS
def test_warm_start_goes_on_with_the_weights(kind, solver):
    model = make(kind, solver=solver, max_iter=50).fit(X, Y[kind])
    before = model.loss_
    model.set_params(warm_start=True, max_iter=3).fit(X, Y[kind])
    assert model.loss_ < before * 1.05
    assert len(model.loss_curve_) == 53


@BOTH
def test_warm_start_with_other_layers_is_refused(kind):
    model = make(kind, max_iter=2, warm_start=True).fit(X, Y[kind])
    before = snapshot(model)
    model.set_params(hidden_layer_sizes=(6,))
    with pytest.raises(ValueError, match=r"hidden_layer_sizes must be \(5,\).*\(6,\)"):
        model.fit(X, Y[kind])
    model.set_params(hidden_layer_sizes=(5,))
    assert snapshot(model) == before


@BOTH
def test_warm_start_with_more_layers_is_refused(kind):
    model = make(kind, max_iter=2, warm_start=True).fit(X, Y[kind])
    model.set_params(hidden_layer_sizes=5, n_hidden_layers=2)
    message = (
        r"must be \(5,\).* Got \(5, 5\), of hidden_layer_sizes=5 and n_hidden_.*=2"
    )
    with pytest.raises(ValueError, match=message):
        model.fit(X, Y[kind])
    model.set_params(n_hidden_layers=1).fit(X, Y[kind])
    assert len(model.loss_curve_) == 4


@BOTH
@STOCHASTIC
def test_partial_fits_with_an_activation_for_each_layer(kind, solver):
    settings = {
        "hidden_layer_sizes": 5,
        "n_hidden_layers": 3,
        "activation": ["mish", "gelu", "logistic"],
        "solver": solver,
    }
    whole = make(kind, max_iter=4, **settings).fit(X, Y[kind])
    parts = make(kind, **settings)
    for _ in range(4):
        parts = pickle.loads(pickle.dumps(partial_fit(parts, X, Y[kind])))
    assert same(whole, parts)


def test_warm_start_with_another_number_of_outputs_is_refused():
    model = make(MLPRegressor, max_iter=2, warm_start=True).fit(X, Y[MLPRegressor])
    with pytest.raises(ValueError, match="y must have 1 outputs.*Got 2"):
        model.fit(X, X[:, :2])


def test_a_changed_loss_shows():
    model = make(MLPRegressor, max_iter=2, warm_start=True).fit(X, np.abs(X[:, 0]))
    assert model.out_activation_ == "identity"
    model.set_params(loss="poisson").fit(X, np.abs(X[:, 0]))
    assert model.out_activation_ == "exp"


@BOTH
@STOCHASTIC
def test_switching_early_stopping_off_and_on(kind, solver):
    model = make(kind, solver=solver, max_iter=5, warm_start=True, early_stopping=True)
    model.fit(X, Y[kind])
    assert model.best_loss_ is None
    assert len(model.validation_scores_) == 5
    model.set_params(early_stopping=False).fit(X, Y[kind])
    assert model.validation_scores_ is model.best_validation_score_ is None
    assert np.isfinite(model.best_loss_)
    partial_fit(model, X[:54], Y[kind][:54])
    model.set_params(early_stopping=True).fit(X, Y[kind])
    assert len(model.validation_scores_) == 5
    assert len(model.loss_curve_) == 16


@BOTH
@STOCHASTIC
def test_an_interrupt_keeps_the_weights_and_can_go_on(kind, solver, monkeypatch):
    whole = make(kind, solver=solver, max_iter=8).fit(X, Y[kind])
    generate, n = training.epochs, 3

    def interrupted(*arguments):
        for i, loss in enumerate(generate(*arguments)):
            yield loss
            if i + 1 == n:
                raise KeyboardInterrupt

    model = make(kind, solver=solver, max_iter=8)
    monkeypatch.setattr(training, "epochs", interrupted)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.fit(X, Y[kind])
    monkeypatch.undo()
    assert model.n_iter_ == 3
    for _ in range(5):
        partial_fit(model, X, Y[kind])
    assert same(model, whole)


@BOTH
def test_an_interrupt_with_early_stopping_keeps_the_best_weights(kind, monkeypatch):
    scores, seen = iter([0.1, 0.7, 0.3]), []

    def score(self, theta):
        seen.append(theta.copy())
        value = next(scores, None)
        if value is None:
            raise KeyboardInterrupt
        return Validation(value, 0.0)

    monkeypatch.setattr(ValidationScorer, "__call__", score)
    model = make(kind, early_stopping=True)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(X, Y[kind])
    np.testing.assert_array_equal(model._theta, seen[1])
    assert model.best_validation_score_ == 0.7


@BOTH
@SOLVERS
def test_an_interrupt_before_the_first_iteration(kind, solver, monkeypatch):
    from skmlp.core.objective import Objective

    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(Objective, "evaluate", interrupt)
    with pytest.warns(UserWarning, match="interrupted"):
        model = make(kind, solver=solver).fit(X, Y[kind])
    assert model.loss_curve_ == []
    assert np.isnan(model.loss_)
    assert len(model.predict(X)) == 60


BAD_CALLS = {
    "parameter": lambda m, X, y: m.set_params(alpha=-1).fit(X, y),
    "rows": lambda m, X, y: m.fit(X[:-1], y),
    "nan": lambda m, X, y: m.fit(np.where(X > 2, np.nan, X), y),
    "weights": lambda m, X, y: m.fit(X, y, sample_weight=-np.ones(60)),
    "width": lambda m, X, y: m.fit(X[:, :2], y, sample_weight=np.zeros(60)),
    "y": lambda m, X, y: m.fit(X, np.where(X[:, 0] > 2, np.nan, X[:, 0])),
    "divergence": lambda m, X, y: m.set_params(
        solver="sgd", learning_rate_init=1e300, max_iter=3
    ).fit(1e5 * X, y),
    "partial divergence": lambda m, X, y: [
        partial_fit(m.set_params(solver="sgd", learning_rate_init=1e300), 1e9 * X, y)
        for _ in range(3)
    ],
}


@BOTH
@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("name", BAD_CALLS)
def test_a_call_that_raises_leaves_the_estimator_as_it_was(kind, warm_start, name):
    model = make(kind, max_iter=3, warm_start=warm_start).fit(X, Y[kind])
    before, parameters = snapshot(model), model.get_params()
    if name == "partial divergence":
        # The first of the three calls may end in huge but finite weights.
        before = None
    with pytest.raises(ValueError):
        BAD_CALLS[name](model, X, Y[kind])
    model.set_params(**parameters)
    if before is not None:
        assert snapshot(model) == before
    assert np.isfinite(parameters_of(model)).all()


@BOTH
def test_a_failed_partial_fit_leaves_no_trace_in_later_ones(kind):
    a, b = (partial_fit(make(kind, solver="sgd"), X, Y[kind]) for _ in range(2))
    with pytest.raises(ValueError, match="diverged|non-finite"):
        partial_fit(a.set_params(learning_rate_init=1e300), 1e200 * X, Y[kind])
    a.set_params(learning_rate_init=1e-3)
    for model in (a, b):
        partial_fit(model, X, Y[kind])
    assert same(a, b)


@BOTH
def test_a_first_fit_that_raises_leaves_the_estimator_unfitted(kind):
    model = make(kind)
    before = snapshot(model)
    with pytest.raises(ValueError):
        model.fit(X, np.full(60, np.nan))
    assert snapshot(model) == before
    assert not hasattr(model, "n_features_in_")


@BOTH
def test_clone_is_unfitted(kind):
    model = make(kind, max_iter=2).fit(X, Y[kind])
    assert not hasattr(clone(model), "coefs_")


@BOTH
@SOLVERS
@pytest.mark.parametrize("verbose", [True, 2, False])
def test_verbose_prints_each_iteration(kind, solver, verbose, capsys):
    make(kind, solver=solver, max_iter=4, verbose=verbose).fit(X, Y[kind])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == (4 if verbose else 0)
    assert all(line.startswith("Iteration ") for line in lines)


@BOTH
def test_verbose_prints_the_validation_score(kind, capsys):
    make(kind, max_iter=3, verbose=True, early_stopping=True).fit(X, Y[kind])
    assert capsys.readouterr().out.count("validation score = ") == 3


@BOTH
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_too_few_iterations_are_warned_of(kind, solver):
    with pytest.warns(ConvergenceWarning, match=r"iteration|max_iter"):
        make(kind, solver=solver, max_iter=2).fit(X, Y[kind])


@BOTH
def test_warnings_point_at_the_caller(kind):
    for solver in ("adam", "lbfgs"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            make(kind, solver=solver, max_iter=2).fit(X, Y[kind])
        assert {warning.filename for warning in caught} == {__file__}


@BOTH
def test_a_batch_larger_than_the_data_is_clipped_with_a_warning(kind):
    with pytest.warns(UserWarning, match="Got `batch_size` less than 1 or larger"):
        clipped = make(kind, batch_size=61, max_iter=2).fit(X, Y[kind])
    assert same(clipped, make(kind, batch_size=60, max_iter=2).fit(X, Y[kind]))


@BOTH
def test_attributes_after_fit(kind):
    model = make(kind, hidden_layer_sizes=(5, 3), max_iter=4).fit(X, Y[kind])
    assert model.n_layers_ == 4
    assert model.n_outputs_ == (3 if kind is MLPClassifier else 1)
    assert model.n_features_in_ == 4
    assert model.n_iter_ == len(model.loss_curve_) == 4
    assert model.loss_ == model.loss_curve_[-1]
    assert model.best_loss_ == min(model.loss_curve_)
    assert model.t_ == 240
    assert model.validation_scores_ is model.best_validation_score_ is None
    assert model.out_activation_ == ("softmax" if kind is MLPClassifier else "identity")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_few_plain_rows_skip_checks_that_would_pass_them(dtype, monkeypatch):
    rows, y = X[:30].astype(dtype), X[:30, 0]
    model = MLPRegressor(solver="lbfgs", max_iter=5000, random_state=0).fit(rows, y)
    monkeypatch.setattr(base, "FEW_ENTRIES", 0)
    checked = model.predict(rows)
    monkeypatch.undo()
    monkeypatch.setattr(base, "validate_data", None)
    np.testing.assert_array_equal(model.predict(rows), checked)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda X: X[0],
        lambda X: X[:, :3],
        lambda X: X[:0],
        lambda X: np.where(X > 1, np.nan, X),
        lambda X: np.where(X > 1, np.inf, X),
        lambda X: X.astype(str).astype(object) + "a",
        lambda X: X + 1j,
    ],
)
def test_rows_that_are_not_plain_are_refused_as_ever(spoil):
    rows, y = X[:30], X[:30, 0]
    model = MLPRegressor(solver="lbfgs", max_iter=5000, random_state=0).fit(rows, y)
    with pytest.raises(ValueError):
        model.predict(spoil(rows))
    with pytest.raises(NotFittedError):
        MLPRegressor().predict(rows)
