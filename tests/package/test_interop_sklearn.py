"""In the hands of scikit-learn's own tools: searches, ensembles, selectors, routing."""

import numpy as np
import pytest
import sklearn
from scipy import sparse
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import (
    load_diabetes,
    load_iris,
    load_wine,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFE, SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    train_test_split,
    validation_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, scale

from skmlp import MLPClassifier, MLPRegressor
from tests.helpers import ADAM, CANCER, FOLDS, enough, full_batch, wine_or_diabetes

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

VERSION = tuple(map(int, sklearn.__version__.split(".")[:2]))
CALIBRATIONS = ["sigmoid", "isotonic", *(["temperature"] if VERSION >= (1, 8) else [])]


def mixed_frame(kind):
    """The diabetes table with sex and decade of life as words."""
    X, y = load_diabetes(return_X_y=True, as_frame=True, scaled=False)
    X["sex"] = X["sex"].map({1.0: "f", 2.0: "m"})
    X["decade"] = (X.pop("age") // 10).astype(int).astype(str)
    return X, (y > y.median() if kind is MLPClassifier else scale(y))


def columns(**encoding):
    return ColumnTransformer(
        [
            ("words", OneHotEncoder(handle_unknown="ignore", **encoding), WORDS),
            ("numbers", StandardScaler(), ["bmi", "bp", "s5"]),
        ],
        sparse_threshold=1.0,
    )


WORDS = ["sex", "decade"]


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
def test_columns_of_all_sorts_in_a_pipeline(kind, output):
    X, y = mixed_frame(kind)
    model = make_pipeline(columns(sparse_output=False), full_batch(kind))
    model.set_output(transform=output).fit(X, y)
    numbers = columns(sparse_output=False).fit_transform(X)
    by_hand = full_batch(kind).fit(numbers, y)
    np.testing.assert_array_equal(model.predict(X), by_hand.predict(numbers))
    names = model[:-1].get_feature_names_out()
    assert {"words__sex_m", "words__decade_5", "numbers__bmi"} <= set(names)
    if output == "default":
        assert not hasattr(model[-1], "feature_names_in_")
    else:
        np.testing.assert_array_equal(model[-1].feature_names_in_, names)


def test_columns_of_all_sorts_generalise_and_may_be_sparse(kind):
    X, y = mixed_frame(kind)
    scores = cross_val_score(make_pipeline(columns(), full_batch(kind)), X, y, cv=FOLDS)
    assert scores.mean() > (0.7 if kind is MLPClassifier else 0.4)
    thin = columns().fit_transform(X)
    assert sparse.issparse(thin)
    dense = full_batch(kind, tol=0.0).fit(thin.toarray(), y)
    np.testing.assert_allclose(
        full_batch(kind, tol=0.0).fit(thin, y).coefs_[0], dense.coefs_[0], atol=1e-4
    )


def test_a_grid_over_architectures_and_schedules_in_two_processes(kind):
    X, y = wine_or_diabetes(kind)
    model = make_pipeline(StandardScaler(), full_batch(kind, **ADAM))
    name = kind.__name__.lower()
    grids = [
        {"activation": ["selu", ["tanh", "relu"]], "hidden_layer_sizes": [(8, 6)]},
        {"hidden_layer_sizes": [6], "n_hidden_layers": [1, 2], "dropout": [0.0, 0.2]},
        {"learning_rate": ["constant", "cosine"]},
    ]
    grids = [{f"{name}__{key}": grid[key] for key in grid} for grid in grids]
    search = GridSearchCV(model, grids, cv=FOLDS).fit(X, y)
    in_two = GridSearchCV(model, grids, cv=FOLDS, n_jobs=2).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    np.testing.assert_allclose(in_two.cv_results_["mean_test_score"], scores)
    assert len(set(scores)) > 1
    assert scores.max() > enough(kind)
    by_hand = clone(model).set_params(**search.best_params_).fit(X, y)
    np.testing.assert_array_equal(search.predict(X), by_hand.predict(X))


@pytest.mark.parametrize("resource", ["n_samples", "max_iter"])
def test_a_halving_search(kind, resource):
    X, y = wine_or_diabetes(kind)
    most = len(y) if resource == "n_samples" else 36
    search = HalvingGridSearchCV(
        full_batch(kind, **ADAM),
        {"alpha": [1e-3, 1.0, 1e6], "hidden_layer_sizes": [4, 8, 16]},
        resource=resource,
        max_resources=most,
        min_resources=most // 9,
        cv=FOLDS,
        random_state=0,
    ).fit(X, y)
    assert search.n_candidates_ == [9, 3, 1]
    assert search.n_resources_ == [most // 9 * n for n in (1, 3, 9)]
    assert search.best_params_["alpha"] < 1e6
    assert search.best_score_ > enough(kind) - 0.05
    if resource == "max_iter":
        assert search.best_estimator_.n_iter_ == most


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        (MLPClassifier, "predict"),
        (MLPClassifier, "predict_proba"),
        (MLPClassifier, "decision_function"),
        (MLPRegressor, "predict"),
    ],
)
def test_predictions_of_folds_are_those_by_hand(kind, method):
    X, y = wine_or_diabetes(kind)
    found = cross_val_predict(full_batch(kind), X, y, cv=FOLDS, method=method)
    for train, test in FOLDS.split(X):
        by_hand = getattr(full_batch(kind).fit(X[train], y[train]), method)(X[test])
        np.testing.assert_array_equal(found[test], by_hand)


def test_weights_are_routed_to_fits_and_scores_of_folds(kind):
    X, y = wine_or_diabetes(kind)
    w = np.random.RandomState(0).exponential(size=len(y))
    with sklearn.config_context(enable_metadata_routing=True):
        model = full_batch(kind).set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=True)
        found = cross_validate(model, X, y, cv=FOLDS, params={"sample_weight": w})
    by_hand = [
        full_batch(kind)
        .fit(X[train], y[train], w[train])
        .score(X[test], y[test], w[test])
        for train, test in FOLDS.split(X)
    ]
    np.testing.assert_array_equal(found["test_score"], by_hand)
    unweighted = cross_val_score(full_batch(kind), X, y, cv=FOLDS)
    assert not np.array_equal(unweighted, by_hand)


@pytest.mark.parametrize("method", CALIBRATIONS)
@pytest.mark.parametrize("frozen", [False, True])
def test_calibration_makes_a_model_too_sure_of_itself_less_so(method, frozen):
    X, y = scale(CANCER[0]), CANCER[1]
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.4, random_state=0)
    X, X_more, y, y_more = train_test_split(X, y, test_size=0.4, random_state=0)
    sure = full_batch(MLPClassifier, alpha=0, max_iter=300, tol=1e-8).fit(X, y)
    if frozen:
        calibrated = CalibratedClassifierCV(FrozenEstimator(sure), method=method)
        calibrated.fit(X_more, y_more)
    else:
        calibrated = CalibratedClassifierCV(clone(sure), method=method, cv=3).fit(X, y)
    loss = log_loss(y_test, calibrated.predict_proba(X_test))
    assert loss < log_loss(y_test, sure.predict_proba(X_test))
    if method == "temperature" and frozen:
        np.testing.assert_array_equal(calibrated.predict(X_test), sure.predict(X_test))


def test_elimination_by_the_weights_of_the_first_layer_drops_noise(kind):
    X, y = wine_or_diabetes(kind)
    noise = np.random.RandomState(0).randn(len(X), 4)
    selector = RFE(
        full_batch(kind, alpha=10.0, activation="tanh"),
        n_features_to_select=4,
        step=2,
        importance_getter=lambda model: np.linalg.norm(model.coefs_[0], axis=1),
    ).fit(np.hstack([X, noise]), y)
    assert not selector.support_[-4:].any()
    assert selector.score(np.hstack([X, noise]), y) > enough(kind)


def test_selection_of_features_one_by_one():
    X, y = load_iris(return_X_y=True)
    selector = SequentialFeatureSelector(
        full_batch(MLPClassifier), n_features_to_select=1, cv=FOLDS
    ).fit(scale(X), y)
    (best,) = selector.get_support(indices=True)
    alone = [
        cross_val_score(full_batch(MLPClassifier), scale(X)[:, [j]], y, cv=FOLDS).mean()
        for j in range(4)
    ]
    assert alone[best] == max(alone) > 0.9


def test_permutation_finds_what_matters_in_diabetes():
    X, y = wine_or_diabetes(MLPRegressor)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    model = full_batch(MLPRegressor, alpha=20.0).fit(X, y)
    found = permutation_importance(model, X_test, y_test, n_repeats=5, random_state=0)
    names = np.array(load_diabetes().feature_names)
    best = names[np.argsort(found.importances_mean)[-3:]]
    assert {"bmi", "s5"} <= set(best)


def test_partial_dependence_is_the_mean_over_the_rows(kind):
    X, y = (
        (scale(CANCER[0])[:, :6], CANCER[1])
        if kind is MLPClassifier
        else wine_or_diabetes(kind)
    )
    model = full_batch(kind).fit(X, y)
    found = partial_dependence(model, X, [2], grid_resolution=5)
    for value, mean in zip(found["grid_values"][0], found["average"][0], strict=True):
        there = X.copy()
        there[:, 2] = value
        if kind is MLPClassifier:
            by_hand = model.predict_proba(there)[:, 1].mean()
        else:
            by_hand = model.predict(there).mean()
        assert mean == pytest.approx(by_hand)


@pytest.mark.parametrize("incremental", [False, True])
def test_more_rows_score_better(kind, incremental):
    X, y = wine_or_diabetes(kind)
    settings = {} if not incremental else {**ADAM, "learning_rate_init": 0.1}
    sizes, train, test = learning_curve(
        full_batch(kind, batch_size=10, **settings),
        X,
        y,
        train_sizes=[0.15, 0.4, 1.0],
        cv=FOLDS,
        exploit_incremental_learning=incremental,
    )
    assert list(sizes) == sorted(sizes)
    assert test.mean(axis=1)[-1] > test.mean(axis=1)[0] + 0.01
    assert train.shape == test.shape == (3, 3)


def test_a_penalty_without_measure_leaves_a_constant(kind):
    X, y = wine_or_diabetes(kind)
    _, test = validation_curve(
        full_batch(kind), X, y, param_name="alpha", param_range=[1.0, 1e6], cv=FOLDS
    )
    assert test[0].mean() > enough(kind)
    constant = 0.45 if kind is MLPClassifier else 0.01
    assert test[1].mean() < constant


def test_a_target_scaled_on_the_way_in_and_out():
    X, y = load_diabetes(return_X_y=True)
    X = scale(X)
    net = full_batch(MLPRegressor)
    model = TransformedTargetRegressor(net, transformer=StandardScaler()).fit(X, y)
    by_hand = clone(net).fit(X, (y - y.mean()) / y.std()).predict(X)
    np.testing.assert_allclose(model.predict(X), by_hand * y.std() + y.mean())
    assert cross_val_score(model, X, y, cv=FOLDS).mean() > enough(MLPRegressor)


def test_a_threshold_tuned_for_a_rare_class():
    X, y = scale(CANCER[0])[:, [4, 8, 9]], CANCER[1]
    rows = np.flatnonzero((y == 1) | (np.arange(len(y)) % 4 == 0))
    X, X_test, y, y_test = train_test_split(
        X[rows], y[rows], test_size=0.5, stratify=y[rows], random_state=0
    )
    net = full_batch(MLPClassifier)
    tuned = TunedThresholdClassifierCV(net, scoring="balanced_accuracy", cv=3)
    found = tuned.fit(X, y).predict(X_test)
    probability = clone(net).fit(X, y).predict_proba(X_test)[:, 1]
    np.testing.assert_array_equal(found, probability >= tuned.best_threshold_)
    untuned = balanced_accuracy_score(y_test, probability > 0.5)
    assert balanced_accuracy_score(y_test, found) > untuned + 0.02


def test_a_frame_keeps_its_names_from_search_to_prediction():
    X, y = load_wine(return_X_y=True, as_frame=True)
    model = make_pipeline(
        StandardScaler().set_output(transform="pandas"), full_batch(MLPClassifier)
    )
    search = GridSearchCV(model, {"mlpclassifier__alpha": [1.0, 3.0]}, cv=3)
    search.fit(X, y)
    np.testing.assert_array_equal(
        search.best_estimator_[-1].feature_names_in_, X.columns
    )
    with pytest.raises(ValueError, match="feature names"):
        search.predict(X[X.columns[::-1]])
