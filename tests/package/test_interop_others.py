"""In the hands of libraries that build on scikit-learn; each is there or is skipped."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import balanced_accuracy_score, r2_score
from sklearn.model_selection import (
    GridSearchCV,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

from skmlp import MLPClassifier, MLPRegressor, TabularMLPRegressor
from skmlp.explain import shapley_values
from tests.helpers import FOLDS, full_batch, wine_or_diabetes

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def rare_cancer():
    """Three columns of the breast cancer data, with few of the malign rows."""
    X, y = load_breast_cancer(return_X_y=True)
    rows = np.flatnonzero((y == 1) | (np.arange(len(y)) % 4 == 0))
    return train_test_split(
        X[rows][:, [4, 8, 9]],
        np.array(["malign", "benign"])[y[rows]],
        test_size=0.5,
        stratify=y[rows],
        random_state=0,
    )


@pytest.mark.parametrize("name", ["SMOTE", "RandomOverSampler"])
def test_more_rows_of_a_rare_class(name):
    pytest.importorskip("imblearn")
    from imblearn import over_sampling
    from imblearn.pipeline import make_pipeline as make_sampling_pipeline

    X, X_test, y, y_test = rare_cancer()
    sampler = getattr(over_sampling, name)(random_state=0)
    net = full_batch(MLPClassifier)
    model = make_sampling_pipeline(StandardScaler(), sampler, net).fit(X, y)
    scaler = StandardScaler().fit(X)
    by_hand = clone(net).fit(*clone(sampler).fit_resample(scaler.transform(X), y))
    found = model.predict(X_test)
    np.testing.assert_array_equal(found, by_hand.predict(scaler.transform(X_test)))
    plain = make_pipeline(StandardScaler(), net).fit(X, y).predict(X_test)
    better = balanced_accuracy_score(y_test, found)
    assert better > balanced_accuracy_score(y_test, plain) + 0.05


def test_rows_drawn_again_are_rows_of_more_weight():
    sampling = pytest.importorskip("imblearn.over_sampling")
    X, _, y, _ = rare_cancer()
    X = scale(X)
    sampler = sampling.RandomOverSampler(random_state=0)
    net = full_batch(MLPClassifier, tol=1e-9, max_iter=2000, hidden_layer_sizes=3)
    again = clone(net).fit(*sampler.fit_resample(X, y))
    times = np.bincount(sampler.sample_indices_, minlength=len(y))
    weighted = clone(net).fit(X, y, times)
    assert weighted.loss_ == pytest.approx(again.loss_, rel=1e-6)
    np.testing.assert_allclose(
        weighted.predict_proba(X), again.predict_proba(X), atol=1e-3
    )


def test_a_search_over_the_sampler_and_the_net():
    pytest.importorskip("imblearn")
    from imblearn.over_sampling import SMOTE
    from imblearn.pipeline import Pipeline

    X, X_test, y, y_test = rare_cancer()
    model = Pipeline(
        [
            ("scale", StandardScaler()),
            ("more", SMOTE()),
            ("net", full_batch(MLPClassifier)),
        ]
    )
    grid = {"more": ["passthrough", SMOTE(random_state=0)], "net__alpha": [1.0, 10.0]}
    search = GridSearchCV(model, grid, scoring="balanced_accuracy", cv=3).fit(X, y)
    assert search.best_params_["more"] != "passthrough"
    assert search.score(X_test, y_test) > 0.65


def test_rows_left_out_of_a_regression():
    imblearn = pytest.importorskip("imblearn")
    from imblearn.pipeline import make_pipeline as make_sampling_pipeline

    X, y = wine_or_diabetes(MLPRegressor)
    wrong = np.arange(len(y)) % 10 == 0
    y_wrong = np.where(wrong, 50.0, y)
    sampler = imblearn.FunctionSampler(
        func=lambda X, y: (X[y < 10], y[y < 10]), validate=False
    )
    model = make_sampling_pipeline(sampler, full_batch(MLPRegressor)).fit(X, y_wrong)
    by_hand = full_batch(MLPRegressor).fit(X[~wrong], y[~wrong])
    np.testing.assert_array_equal(model.predict(X), by_hand.predict(X))


def half_and_quarters(kind):
    X, X_rest, y, y_rest = train_test_split(
        *wine_or_diabetes(kind), test_size=0.5, random_state=1
    )
    halves = train_test_split(X_rest, y_rest, test_size=0.5, random_state=1)
    return X, *halves[:2], y, *halves[2:]


def test_split_conformal_intervals_cover():
    mapie = pytest.importorskip("mapie.regression")
    X, X_more, X_test, y, y_more, y_test = half_and_quarters(MLPRegressor)
    net = full_batch(MLPRegressor).fit(X, y)
    conformal = mapie.SplitConformalRegressor(net, confidence_level=0.9)
    points, intervals = conformal.conformalize(X_more, y_more).predict_interval(X_test)
    np.testing.assert_array_equal(points, net.predict(X_test))
    low, high = intervals[:, :, 0].T
    residuals = np.sort(np.abs(y_more - net.predict(X_more)))
    rank = int(np.ceil(0.9 * (len(residuals) + 1)))
    np.testing.assert_allclose((high - low) / 2, residuals[rank - 1])
    assert 0.82 < np.mean((low <= y_test) & (y_test <= high)) < 0.98


def test_cross_conformal_intervals_cover_and_are_narrow():
    mapie = pytest.importorskip("mapie.regression")
    X, X_test, y, y_test = train_test_split(
        *wine_or_diabetes(MLPRegressor), random_state=1
    )
    conformal = mapie.CrossConformalRegressor(
        full_batch(MLPRegressor), confidence_level=0.9, cv=5, random_state=0
    ).fit_conformalize(X, y)
    points, intervals = conformal.predict_interval(X_test)
    assert r2_score(y_test, points) > 0.3
    low, high = intervals[:, :, 0].T
    assert 0.82 < np.mean((low <= y_test) & (y_test <= high)) < 0.98
    assert np.mean(high - low) < 0.95 * (np.quantile(y, 0.95) - np.quantile(y, 0.05))


def test_conformal_sets_of_classes_cover():
    mapie = pytest.importorskip("mapie.classification")
    X, X_more, X_test, y, y_more, y_test = half_and_quarters(MLPClassifier)
    # Two columns only: with all of them every set is a single class.
    X, X_more, X_test = X[:, :2], X_more[:, :2], X_test[:, :2]
    net = full_batch(MLPClassifier).fit(X, y)
    conformal = mapie.SplitConformalClassifier(net, confidence_level=0.9)
    labels, sets = conformal.conformalize(X_more, y_more).predict_set(X_test)
    np.testing.assert_array_equal(labels, net.predict(X_test))
    members = sets[:, :, 0]
    codes = np.searchsorted(net.classes_, y_test)
    assert np.mean(members[np.arange(len(codes)), codes]) > 0.82
    assert 1 < members.sum(axis=1).mean() < 3


def explained(kind, **parameters):
    """A model of five columns and what SHAP says of 20 rows, against 30 others."""
    shap = pytest.importorskip("shap")
    X, y = wine_or_diabetes(kind)
    X = X[:, :5]
    model = full_batch(kind, **parameters).fit(X, y)
    predict = model.predict if kind is MLPRegressor else model.decision_function
    background, rows = X[::6][:30], X[1::6][:20]
    explainer = shap.Explainer(predict, background, seed=0)
    return model, predict, background, rows, explainer(rows)


def test_explanations_add_up_to_the_prediction(kind):
    _, predict, background, rows, found = explained(kind)
    base = np.broadcast_to(found.base_values, predict(rows).shape)
    np.testing.assert_allclose(found.values.sum(axis=1) + base, predict(rows))
    np.testing.assert_allclose(base[0], predict(background).mean(axis=0))


def test_explanations_of_a_linear_model_are_its_coefficients(kind):
    model, _, background, rows, found = explained(kind, hidden_layer_sizes=())
    by_hand = (rows - background.mean(axis=0))[:, :, None] * model.coefs_[0]
    np.testing.assert_allclose(found.values.reshape(by_hand.shape), by_hand, atol=1e-8)


def test_the_kernel_explainer_agrees_with_the_exact_one():
    shap = pytest.importorskip("shap")
    _, predict, background, rows, found = explained(MLPRegressor)
    values = shap.KernelExplainer(predict, background).shap_values(rows, silent=True)
    np.testing.assert_allclose(values, found.values, atol=1e-6)


def test_shapley_values_of_tables_are_those_of_shap():
    shap = pytest.importorskip("shap")
    X, y = wine_or_diabetes(MLPRegressor)
    X = X[:, :5]
    model = TabularMLPRegressor(
        n_estimators=2, hidden_layer_sizes=(16,), max_iter=8, random_state=0
    ).fit(X, y)
    background, rows = X[::6][:20], X[1::6][:8]
    exact = shap.explainers.Exact(model.predict, background)(rows)
    found = shapley_values(
        model, rows, background, n_background=20, n_repeats=30, random_state=0
    )
    np.testing.assert_allclose(found.base_values, exact.base_values[0], rtol=1e-6)
    error = np.abs(found.values - exact.values)
    assert error.max() < 0.03 * np.abs(exact.values).max()
    assert (error < 5 * found.std_errors + 1e-9).mean() > 0.95


def study_of(objective, n_trials, **settings):
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=0, n_startup_trials=4)
    study = optuna.create_study(direction="maximize", sampler=sampler, **settings)
    study.optimize(objective, n_trials=n_trials)
    return study


def suggested(kind, trial):
    """A net of the trial's size, depth, dropout and schedule."""
    n_hidden_layers = trial.suggest_int("n_hidden_layers", 1, 2)
    return full_batch(
        kind,
        solver="adam",
        alpha=1e-3,
        max_iter=30,
        hidden_layer_sizes=trial.suggest_int("hidden_layer_sizes", 4, 32, log=True),
        n_hidden_layers=n_hidden_layers,
        dropout=trial.suggest_float("dropout", 0.0, 0.5),
        learning_rate=trial.suggest_categorical(
            "learning_rate", ["constant", "cosine"]
        ),
        learning_rate_init=trial.suggest_float("rate", 1e-5, 1e-1, log=True),
    )


def test_a_study_of_architectures(kind):
    X, y = wine_or_diabetes(kind)

    def objective(trial):
        return cross_val_score(suggested(kind, trial), X, y, cv=FOLDS).mean()

    study, again = (study_of(objective, 10) for _ in range(2))
    assert [trial.value for trial in again.trials] == [t.value for t in study.trials]
    assert study.best_value > (0.9 if kind is MLPClassifier else 0.3)
    assert study.best_value > np.median([trial.value for trial in study.trials])
    best = suggested(kind, study.best_trial)
    assert cross_val_score(best, X, y, cv=FOLDS).mean() == study.best_value


def parts(kind):
    return train_test_split(*wine_or_diabetes(kind), random_state=0)


def test_a_study_that_prunes_between_epochs(kind):
    optuna = pytest.importorskip("optuna")
    X, X_test, y, y_test = parts(kind)
    classes = {"classes": np.unique(y)} if kind is MLPClassifier else {}

    def objective(trial):
        model = suggested(kind, trial).set_params(learning_rate="constant")
        for epoch in range(20):
            model.partial_fit(X, y, **classes)
            trial.report(model.score(X_test, y_test), epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return model.score(X_test, y_test)

    pruner = optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=4)
    study = study_of(objective, 12, pruner=pruner)
    states = [trial.state for trial in study.trials]
    assert states.count(optuna.trial.TrialState.PRUNED) >= 2
    by_hand = suggested(kind, study.best_trial).set_params(learning_rate="constant")
    by_hand.set_params(max_iter=20, tol=0.0, n_iter_no_change=20).fit(X, y)
    assert by_hand.score(X_test, y_test) == pytest.approx(study.best_value)
    for trial in study.get_trials(states=[optuna.trial.TrialState.PRUNED]):
        assert len(trial.intermediate_values) < 20


def test_a_study_that_prunes_from_a_callback(kind):
    optuna = pytest.importorskip("optuna")
    pytest.importorskip("sklearn.callback")
    X, X_test, y, y_test = parts(kind)
    models = []

    class Pruning:
        def __init__(self, trial):
            self.trial = trial

        def setup(self, estimator, context):
            """Nothing to set up."""

        teardown = on_fit_task_begin = setup

        def on_fit_task_end(self, estimator, context, *, fitted_estimator=None):
            if context.task_name == "iteration":
                score = fitted_estimator.score(X_test, y_test)
                self.trial.report(score, context.task_id)
                if self.trial.should_prune():
                    raise optuna.TrialPruned

    def objective(trial):
        models.append(suggested(kind, trial).set_callbacks(Pruning(trial)))
        return models[-1].fit(X, y).score(X_test, y_test)

    pruner = optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=4)
    study = study_of(objective, 12, pruner=pruner)
    was_pruned = [t.state == optuna.trial.TrialState.PRUNED for t in study.trials]
    assert sum(was_pruned) >= 2
    assert [hasattr(model, "coefs_") for model in models] == [not p for p in was_pruned]


@pytest.mark.parametrize("around", ["nothing", "a pipeline", "a search"])
def test_a_progress_bar_comes_to_its_end(kind, around, capsys, monkeypatch):
    pytest.importorskip("rich")
    callback = pytest.importorskip("sklearn.callback")
    monkeypatch.setenv("COLUMNS", "120")
    X, y = wine_or_diabetes(kind)
    net = full_batch(kind, max_iter=5)
    model = {
        "nothing": net,
        "a pipeline": make_pipeline(StandardScaler(), net),
        "a search": GridSearchCV(net, {"alpha": [0.1, 1.0]}, cv=2),
    }[around]
    plain = clone(model).fit(X, y)
    bar = callback.ProgressBar(max_propagation_depth=None)
    model.set_callbacks(bar).fit(X, y)
    printed = capsys.readouterr().out
    n_bars = {"nothing": 1, "a pipeline": 3, "a search": 7}[around]
    lines = [line for line in printed.splitlines() if line.strip()]
    assert len(lines) == n_bars
    assert all("100%" in line for line in lines)
    np.testing.assert_array_equal(model.predict(X), plain.predict(X))
