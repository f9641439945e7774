"""Each documented difference from scikit-learn, one test a difference."""

import pickle
import tracemalloc
import warnings

import numpy as np
import pytest
import sklearn.neural_network
from scipy import sparse
from sklearn.datasets import load_iris, make_multilabel_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_sample_weight

from skmlp import MLPClassifier, MLPRegressor
from skmlp.core import training
from skmlp.core.batches import Dataset
from skmlp.core.heads import HEADS
from skmlp.core.history import EpochStats
from tests.helpers import interrupt_at, parameters_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

rng = np.random.RandomState(0)
X = rng.randn(80, 4)
Y = np.sin(X @ [1.0, 2.0, -1.0, 0.5])
LABELS = (Y > 0).astype(int)
CLASSES = LABELS + (Y > 0.7)
STOCHASTIC = pytest.mark.parametrize("solver", ["sgd", "adam"])
DIVERGING = {"solver": "sgd", "learning_rate_init": 1e6, "random_state": 0}
PINNED = (
    "Solver produced non-finite parameter weights. The input data may contain large"
)


def test_multi_output_loss_is_half_the_sum_over_outputs():
    targets = np.column_stack([Y, X[:, 0], X[:, 1] ** 2])
    model = MLPRegressor(solver="lbfgs", alpha=0, max_iter=20, random_state=0)
    model.fit(X, targets)
    error = targets - model.predict(X)
    assert model.loss_ == pytest.approx(0.5 * np.mean(np.sum(error**2, axis=1)))


def test_multi_output_lbfgs_finds_the_minimum_of_its_loss():
    targets = np.column_stack([Y, 5 * X[:, 0] + 1, X[:, 1] ** 2])
    ridge = Ridge(alpha=7.0).fit(X, targets)
    parameters = {"hidden_layer_sizes": (), "solver": "lbfgs", "random_state": 0}
    model = MLPRegressor(alpha=7.0, tol=1e-8, **parameters).fit(X, targets)
    np.testing.assert_allclose(model.coefs_[0].T, ridge.coef_, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(model.intercepts_[0], ridge.intercept_, atol=1e-4)


def test_early_stopping_is_stratified_for_several_classes():
    y = np.repeat([0, 1, 2], [100, 40, 10])
    X = np.random.RandomState(0).randn(150, 3)
    model = MLPClassifier(early_stopping=True, validation_fraction=0.2, max_iter=2)
    seen = []

    class Recording(MLPClassifier):
        def _validation_score(self, prediction, y, w):
            seen.append(y.sum(axis=0))
            return super()._validation_score(prediction, y, w)

    Recording(**model.get_params()).fit(X, y)
    np.testing.assert_array_equal(seen[0], [20, 8, 2])


@pytest.mark.parametrize(
    ("counts", "fraction"), [([30, 30, 1], 0.1), ([10, 5, 5], 0.1), ([4, 4, 4], 0.9)]
)
def test_early_stopping_warns_and_splits_plainly_where_it_cannot_stratify(
    counts, fraction
):
    y = np.repeat([0, 1, 2], counts)
    X = np.random.RandomState(0).randn(len(y), 3)
    parameters = {
        "early_stopping": True,
        "validation_fraction": fraction,
        "max_iter": 5,
        "random_state": 0,
    }
    with pytest.warns(UserWarning, match="not stratified") as caught:
        ours = MLPClassifier(**parameters).fit(X, y)
    assert __file__ in {warning.filename for warning in caught}
    theirs = sklearn.neural_network.MLPClassifier(**parameters).fit(X, y)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-9)


def test_early_stopping_with_one_row_of_a_binary_class_splits_plainly():
    y = np.array(["no"] * 20 + ["yes"])
    parameters = {"early_stopping": True, "max_iter": 3, "random_state": 0}
    with pytest.raises(ValueError, match="least populated class"):
        sklearn.neural_network.MLPClassifier(**parameters).fit(X[:21], y)
    with pytest.warns(UserWarning, match=r"not stratified.* 1 row\(s\) of one class"):
        model = MLPClassifier(**parameters).fit(X[:21], y)
    assert model.classes_.tolist() == ["no", "yes"]


def test_a_diverged_fit_stops_at_its_epoch(capsys):
    model = MLPRegressor(max_iter=150, verbose=True, **DIVERGING)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        with pytest.raises(ValueError, match=PINNED) as caught:
            model.fit(X, Y)
    calls = capsys.readouterr().out.splitlines()
    assert 0 < len(calls) < 20
    message = str(caught.value)
    assert f"epoch {len(calls)}," in message
    assert "learning rate of 1e+06" in message
    assert "lower learning_rate_init" in message


def test_a_diverged_fit_with_early_stopping_keeps_the_best_finite_weights():
    parameters = {**DIVERGING, "learning_rate_init": 3.0, "activation": "identity"}
    model = MLPRegressor(early_stopping=True, max_iter=100, **parameters)
    with pytest.warns(ConvergenceWarning, match=r"diverged in epoch \d+.*are kept"):
        model.fit(X, Y)
    assert model.n_iter_ < 100
    assert np.isnan(model.validation_scores_[-1])
    assert type(model.validation_scores_[-1]) is float
    assert np.isfinite(model.validation_scores_[:-1]).all()
    assert model.best_validation_score_ == max(model.validation_scores_[:-1])
    assert np.isfinite(parameters_of(model)).all()


def test_divergence_before_the_first_finite_score_is_an_error():
    model = MLPRegressor(early_stopping=True, max_iter=5, **DIVERGING)
    with pytest.raises(ValueError, match=PINNED):
        model.fit(1e200 * X, Y)
    assert not hasattr(model, "coefs_")


@pytest.mark.parametrize("parameters", [{}, {"solver": "sgd"}, {"solver": "lbfgs"}])
def test_an_infinite_loss_is_divergence(parameters):
    model = MLPRegressor(random_state=0, **parameters).fit(X, Y)
    before = pickle.dumps(model)
    with pytest.raises(ValueError, match=PINNED):
        model.fit(X, 1e200 * Y)
    assert pickle.dumps(model) == before


@STOCHASTIC
def test_a_batch_of_infinite_loss_costs_one_call(solver):
    model = MLPRegressor(solver=solver, random_state=0).partial_fit(X, Y)
    other = MLPRegressor(solver=solver, random_state=0).partial_fit(X, Y)
    with pytest.raises(ValueError, match="in epoch 2, at a learning rate of 0.001"):
        model.partial_fit(X, 1e200 * Y)
    model.partial_fit(X, Y)
    other.partial_fit(X, Y)
    np.testing.assert_array_equal(parameters_of(model), parameters_of(other))


def test_the_message_names_the_rate_of_the_diverged_epoch():
    model = MLPRegressor(learning_rate="invscaling", batch_size=80, **DIVERGING)
    model.set_params(learning_rate_init=1e300)
    with pytest.raises(ValueError, match=PINNED) as caught:
        model.fit(X, Y)
    rates = {"epoch 1,": 1e300, "epoch 2,": 1e300 / np.sqrt(81)}
    assert any(
        epoch in str(caught.value) and f"rate of {rate:g}" in str(caught.value)
        for epoch, rate in rates.items()
    )


def test_training_can_continue_after_a_divergence_with_early_stopping():
    parameters = {**DIVERGING, "learning_rate_init": 3.0, "activation": "identity"}
    model = MLPRegressor(early_stopping=True, warm_start=True, **parameters)
    with pytest.warns(ConvergenceWarning, match="diverged"):
        model.fit(X, Y)
    assert model._state is None
    model.set_params(learning_rate_init=1e-3).fit(X, Y)
    model.set_params(early_stopping=False).partial_fit(X, Y)
    assert np.abs(parameters_of(model)).max() < 100


def test_lbfgs_after_early_stopping_has_no_validation_scores():
    model = MLPRegressor(early_stopping=True, warm_start=True, max_iter=3).fit(X, Y)
    model.set_params(solver="lbfgs", early_stopping=False).fit(X, Y)
    assert model.validation_scores_ is model.best_validation_score_ is None


def test_lbfgs_that_diverges_is_an_error():
    huge = 1e308 * (np.abs(X) / np.abs(X).max())
    with pytest.raises(ValueError, match=PINNED) as caught:
        MLPRegressor(solver="lbfgs").fit(huge, Y)
    assert "learning_rate_init" not in str(caught.value)


def test_an_interrupted_partial_fit_raises():
    def interrupted(self, *_):
        raise KeyboardInterrupt

    theirs = sklearn.neural_network.MLPRegressor(random_state=0)
    ours = MLPRegressor(random_state=0)
    for model in (theirs, ours):
        model.partial_fit(X, Y)
    theirs._optimizer.update_params = interrupted
    with pytest.warns(UserWarning, match="interrupted"):
        theirs.partial_fit(X, Y)
    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(1, patch)
        with pytest.raises(KeyboardInterrupt):
            ours.partial_fit(X, Y)


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_lbfgs_has_no_partial_fit(kind):
    assert not hasattr(kind(solver="lbfgs"), "partial_fit")
    with pytest.raises(AttributeError) as caught:
        kind(solver="lbfgs").partial_fit(X, LABELS)
    assert "solver='sgd' or 'adam'" in str(caught.value.__cause__)


@STOCHASTIC
def test_partial_fit_and_warm_start_continue_with_one_training_state(solver):
    parameters = {"solver": solver, "batch_size": 10, "random_state": 0}
    whole = MLPRegressor(max_iter=6, **parameters).fit(X, Y)
    parts = MLPRegressor(max_iter=2, warm_start=True, **parameters)
    parts.fit(X, Y).fit(X, Y)
    parts.partial_fit(X, Y).partial_fit(X, Y)
    np.testing.assert_array_equal(parameters_of(whole), parameters_of(parts))


def test_warm_start_with_early_stopping_starts_the_rule_afresh():
    parameters = {"early_stopping": True, "warm_start": True, "random_state": 0}
    model = MLPClassifier(max_iter=40, n_iter_no_change=3, **parameters).fit(X, LABELS)
    stopped_at = model.n_iter_
    kept = model._theta
    model.fit(X, LABELS)
    assert model._theta is not kept
    assert model.n_iter_ > 4
    of_second_fit = model.validation_scores_[stopped_at:]
    assert model.best_validation_score_ == max(of_second_fit)


@pytest.mark.parametrize(
    ("solver", "early_stopping"),
    [("sgd", False), ("sgd", True), ("adam", False), ("adam", True), ("lbfgs", False)],
)
def test_float32_through_and_through(solver, early_stopping):
    parameters = {
        "solver": solver,
        "early_stopping": early_stopping,
        "max_iter": 5,
        "alpha": np.float64(1e-3),
        "learning_rate_init": np.float64(1e-3),
        "momentum": np.float64(0.9),
        "beta_1": np.float64(0.9),
        "tol": np.float64(1e-4),
    }
    X32, w = X.astype(np.float32), np.ones(80)
    regressor = MLPRegressor(**parameters).fit(X32, Y.astype(np.float64), w)
    classifier = MLPClassifier(**parameters).fit(X32, CLASSES, w)
    arrays = [
        *regressor.coefs_,
        *regressor.intercepts_,
        *classifier.coefs_,
        regressor.predict(X32),
        classifier.predict_proba(X32),
        classifier.predict_log_proba(X32),
    ]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_float32_goes_on_in_float32():
    model = MLPRegressor(random_state=0).partial_fit(X.astype(np.float32), Y)
    model.partial_fit(X, Y)
    assert model.coefs_[0].dtype == np.float32
    assert model._state.optimizer.m.dtype == np.float32


def test_a_mini_batch_without_weight_is_skipped():
    w = np.ones(80)
    w[20:40] = 0
    parameters = {"batch_size": 20, "shuffle": False, "max_iter": 3, "random_state": 0}
    gap = MLPRegressor(**parameters).fit(X, Y, sample_weight=w)
    without = MLPRegressor(**parameters).fit(X[w > 0], Y[w > 0])
    np.testing.assert_allclose(parameters_of(gap), parameters_of(without))
    np.testing.assert_allclose(gap.loss_curve_, without.loss_curve_)
    assert (gap.t_, without.t_) == (240, 180)


def test_pickles_carry_no_training_state():
    model = MLPClassifier((200, 100), max_iter=3).fit(X, CLASSES)
    assert len(pickle.dumps(model)) < 1.1 * parameters_of(model).nbytes + 20_000


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_poisson_refuses_negative_targets(solver):
    model = MLPRegressor(loss="poisson", solver=solver)
    with pytest.raises(ValueError, match=r"y must be finite numbers >= 0.*-1"):
        model.fit(X, np.where(Y > 0, 1, -1))


@pytest.mark.parametrize("y", [LABELS, CLASSES], ids=["binary", "multiclass"])
def test_log_probabilities_are_finite(y):
    model = MLPClassifier(solver="lbfgs", alpha=0, random_state=0).fit(X, y)
    log_p = model.predict_log_proba(1e5 * X)
    assert np.isfinite(log_p).all()
    assert log_p.min() < -800
    p = model.predict_proba(1e5 * X)
    assert (p > 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1)


def test_lbfgs_prints_keeps_its_curve_and_warns_of_early_stopping(capsys):
    model = MLPRegressor(solver="lbfgs", verbose=True, max_iter=12).fit(X, Y)
    assert capsys.readouterr().out.count("Iteration ") == model.n_iter_ == 12
    assert len(model.loss_curve_) == 12
    assert model.loss_curve_[-1] == model.loss_ == model.best_loss_
    settings = {"solver": "lbfgs", "max_iter": 12, "random_state": 0}
    settings["early_stopping"] = True
    with pytest.warns(UserWarning, match="early_stopping=True has no effect"):
        ours = MLPRegressor(**settings).fit(X, Y)
    theirs = sklearn.neural_network.MLPRegressor(**settings).fit(X, Y)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-6)


def test_adaptive_resets_the_comparison_after_a_cut(monkeypatch):
    losses = [1.0, 0.1, *np.linspace(0.9, 0.5, 38)]

    def one_lucky_loss(*arguments):
        for loss in losses:
            yield EpochStats(loss, 1.0, 0.1)

    monkeypatch.setattr(training, "epochs", one_lucky_loss)
    model = MLPRegressor(
        solver="sgd",
        learning_rate="adaptive",
        n_iter_no_change=2,
        max_iter=40,
        warm_start=True,
    ).fit(X, Y)
    # Against the lucky loss every epoch is a failure; against the one after the cut,
    # none is.
    assert model._state.n_cuts == 1
    assert model.best_loss_ == 0.1


@pytest.mark.parametrize("wrap", [np.asarray, sparse.csr_matrix])
def test_predict_needs_bounded_memory(wrap):
    model = MLPRegressor(hidden_layer_sizes=(512, 512), max_iter=1)
    model.fit(np.random.RandomState(0).randn(10, 8), np.arange(10.0))
    many = wrap(np.zeros((100_000, 8)))
    tracemalloc.start()
    model.predict(many)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6


def test_lbfgs_needs_bounded_memory():
    X = np.random.RandomState(0).randn(50_000, 4)
    model = MLPRegressor(hidden_layer_sizes=(200,), solver="lbfgs", max_iter=2)
    tracemalloc.start()
    model.fit(X, X[:, 0])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5 * 50_000 * 200 * 8


def test_n_iter_counts_partial_fits():
    model = MLPClassifier(random_state=0)
    for i in range(1, 4):
        model.partial_fit(X, LABELS, classes=[0, 1])
        assert model.n_iter_ == i
    assert len(model.loss_curve_) == 3


def test_partial_fit_with_warm_start_needs_no_class_in_every_batch():
    model = MLPClassifier(warm_start=True, random_state=0)
    model.partial_fit(X, CLASSES, classes=[0, 1, 2])
    model.partial_fit(X[:1], CLASSES[:1])
    assert model.n_iter_ == 2


def test_the_log_loss_is_not_clipped():
    y = np.array([[1.0, 0.0], [0.0, 1.0]])
    s = np.array([[-50.0, 50.0], [50.0, -50.0]])
    for name in ("sigmoid", "softmax"):
        loss, gradient = HEADS[name].loss_and_gradient(y, s)
        np.testing.assert_allclose(loss, [100, 100])
        step = np.array([[1e-4, 0.0], [0.0, 0.0]])
        moved, _ = HEADS[name].loss_and_gradient(y, s + step)
        np.testing.assert_allclose((moved - loss)[0] / 1e-4, gradient[0, 0], rtol=1e-6)


def test_one_class_trains_as_in_scikit_learn():
    for kind in (MLPClassifier, sklearn.neural_network.MLPClassifier):
        model = kind(max_iter=5, random_state=0).fit(X, np.full(80, "only"))
        assert set(model.predict(X)) == {"only"}
        assert model.predict_proba(X).shape == (80, 2)


def test_the_first_class_has_the_probability_of_minus_the_score():
    model = MLPClassifier(solver="lbfgs", alpha=0, random_state=0).fit(X, LABELS)
    p = model.predict_proba(100 * X)
    assert (p > 0).all()
    np.testing.assert_allclose(p[:, 0], 1 - p[:, 1], atol=1e-15)


def test_y_beyond_float32_is_refused():
    with pytest.raises(ValueError, match="y must be finite numbers in float32"):
        MLPRegressor().fit(X.astype(np.float32), 1e300 * Y)


@pytest.mark.parametrize("part", ["training", "validation"])
def test_a_part_of_the_split_without_weight_is_refused(part):
    model = MLPRegressor(early_stopping=True, random_state=0)
    rows = train_test_split(
        np.arange(80), test_size=0.1, random_state=rng_after_initialization()
    )[part == "validation"]
    w = np.ones(80)
    w[rows] = 0
    with pytest.raises(ValueError, match=f"positive weight among the {part} rows"):
        model.fit(X, Y, sample_weight=w)


def rng_after_initialization():
    """The generator of seed 0 once the weights 4 -> 100 -> 1 are drawn."""
    generator = np.random.RandomState(0)
    generator.uniform(size=4 * 100 + 100 + 100 + 1)
    return generator


def test_the_fitted_activation_stays_until_the_next_fit():
    model = MLPRegressor(max_iter=5, random_state=0).fit(X, Y)
    before = model.predict(X)
    np.testing.assert_array_equal(
        model.set_params(activation="tanh").predict(X), before
    )


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_class_weights_are_sample_weights_in_scikit_learn(solver):
    parameters = {"solver": solver, "max_iter": 5, "random_state": 0}
    ours = MLPClassifier(class_weight="balanced", **parameters).fit(X, CLASSES)
    weights = compute_sample_weight("balanced", CLASSES)
    theirs = sklearn.neural_network.MLPClassifier(**parameters)
    theirs.fit(X, CLASSES, sample_weight=weights)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-6)


@pytest.mark.parametrize("activation", ["logistic", "relu"])
def test_a_number_of_layers_of_one_size_is_scikit_learn_s_tuple(activation):
    parameters = {"activation": activation, "max_iter": 5, "random_state": 0}
    ours = MLPRegressor(hidden_layer_sizes=8, n_hidden_layers=3, **parameters)
    theirs = sklearn.neural_network.MLPRegressor(
        hidden_layer_sizes=(8,) * 3, **parameters
    )
    theirs.fit(X, Y)
    assert [W.shape for W in ours.fit(X, Y).coefs_] == [W.shape for W in theirs.coefs_]
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-9)


def test_multilabel_early_stopping_is_not_stratified():
    X, labels = make_multilabel_classification(60, random_state=0)
    parameters = {"early_stopping": True, "max_iter": 5, "random_state": 0}
    ours = MLPClassifier(**parameters).fit(X, labels)
    theirs = sklearn.neural_network.MLPClassifier(**parameters).fit(X, labels)
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-9)


def test_the_validation_score_is_that_of_the_score_method():
    X, y = load_iris(return_X_y=True)
    w = np.random.RandomState(0).uniform(size=150)
    for kind in (MLPClassifier, MLPRegressor):
        model = kind(max_iter=20, random_state=0).fit(X, y)
        target = np.eye(3)[y] if kind is MLPClassifier else y[:, None].astype(float)
        validate = model._scorer(Dataset(X, target, w), y)
        assert validate(model._theta).score == pytest.approx(model.score(X, y, w))
