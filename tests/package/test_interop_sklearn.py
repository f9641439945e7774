"""In the hands of scikit-learn's own tools: searches, ensembles, selectors, routing."""

import numpy as np
import pytest
import sklearn
from scipy import sparse
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_iris,
    load_linnerud,
    load_wine,
)
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.feature_selection import RFE, SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, balanced_accuracy_score, log_loss, r2_score
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    train_test_split,
    validation_curve,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    RegressorChain,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler, scale
from sklearn.semi_supervised import SelfTrainingClassifier

from skmlp import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

BOTH = pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
VERSION = tuple(map(int, sklearn.__version__.split(".")[:2]))
CALIBRATIONS = ["sigmoid", "isotonic", *(["temperature"] if VERSION >= (1, 8) else [])]
WINE = load_wine(return_X_y=True)
CANCER = load_breast_cancer(return_X_y=True)
DIABETES = load_diabetes(return_X_y=True)
FOLDS = KFold(3, shuffle=True, random_state=0)


def data(kind):
    """Three classes of wine, or the target of diabetes; all columns scaled."""
    if kind is MLPClassifier:
        return scale(WINE[0]), np.array(["red", "rosé", "white"])[WINE[1]]
    return scale(DIABETES[0]), scale(DIABETES[1])


def make(kind, **parameters):
    settings = {"hidden_layer_sizes": (6,), "alpha": 3.0, "random_state": 0}
    return kind(**{**settings, "solver": "lbfgs", "max_iter": 60, **parameters})


def enough(kind):
    """A score that takes a trained model; a constant has 0.4 and 0."""
    return 0.9 if kind is MLPClassifier else 0.3


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


@BOTH
@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
def test_columns_of_all_sorts_in_a_pipeline(kind, output):
    X, y = mixed_frame(kind)
    model = make_pipeline(columns(sparse_output=False), make(kind))
    model.set_output(transform=output).fit(X, y)
    numbers = columns(sparse_output=False).fit_transform(X)
    by_hand = make(kind).fit(numbers, y)
    np.testing.assert_array_equal(model.predict(X), by_hand.predict(numbers))
    names = model[:-1].get_feature_names_out()
    assert {"words__sex_m", "words__decade_5", "numbers__bmi"} <= set(names)
    if output == "default":
        assert not hasattr(model[-1], "feature_names_in_")
    else:
        np.testing.assert_array_equal(model[-1].feature_names_in_, names)


@BOTH
def test_columns_of_all_sorts_generalise_and_may_be_sparse(kind):
    X, y = mixed_frame(kind)
    scores = cross_val_score(make_pipeline(columns(), make(kind)), X, y, cv=FOLDS)
    assert scores.mean() > (0.7 if kind is MLPClassifier else 0.4)
    thin = columns().fit_transform(X)
    assert sparse.issparse(thin)
    dense = make(kind, tol=0.0).fit(thin.toarray(), y)
    np.testing.assert_allclose(
        make(kind, tol=0.0).fit(thin, y).coefs_[0], dense.coefs_[0], atol=1e-4
    )


ADAM = {"solver": "adam", "learning_rate_init": 0.02, "max_iter": 40, "alpha": 1e-3}


@BOTH
def test_a_grid_over_architectures_and_schedules_in_two_processes(kind):
    X, y = data(kind)
    model = make_pipeline(StandardScaler(), make(kind, **ADAM))
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


@BOTH
@pytest.mark.parametrize("resource", ["n_samples", "max_iter"])
def test_a_halving_search(kind, resource):
    X, y = data(kind)
    most = len(y) if resource == "n_samples" else 36
    search = HalvingGridSearchCV(
        make(kind, **ADAM),
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
    X, y = data(kind)
    found = cross_val_predict(make(kind), X, y, cv=FOLDS, method=method)
    for train, test in FOLDS.split(X):
        by_hand = getattr(make(kind).fit(X[train], y[train]), method)(X[test])
        np.testing.assert_array_equal(found[test], by_hand)


@BOTH
def test_weights_are_routed_to_fits_and_scores_of_folds(kind):
    X, y = data(kind)
    w = np.random.RandomState(0).exponential(size=len(y))
    with sklearn.config_context(enable_metadata_routing=True):
        model = make(kind).set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=True)
        found = cross_validate(model, X, y, cv=FOLDS, params={"sample_weight": w})
    by_hand = [
        make(kind).fit(X[train], y[train], w[train]).score(X[test], y[test], w[test])
        for train, test in FOLDS.split(X)
    ]
    np.testing.assert_array_equal(found["test_score"], by_hand)
    unweighted = cross_val_score(make(kind), X, y, cv=FOLDS)
    assert not np.array_equal(unweighted, by_hand)


@pytest.mark.parametrize("method", CALIBRATIONS)
@pytest.mark.parametrize("frozen", [False, True])
def test_calibration_makes_a_model_too_sure_of_itself_less_so(method, frozen):
    X, y = scale(CANCER[0]), CANCER[1]
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.4, random_state=0)
    X, X_more, y, y_more = train_test_split(X, y, test_size=0.4, random_state=0)
    sure = make(MLPClassifier, alpha=0, max_iter=300, tol=1e-8).fit(X, y)
    if frozen:
        calibrated = CalibratedClassifierCV(FrozenEstimator(sure), method=method)
        calibrated.fit(X_more, y_more)
    else:
        calibrated = CalibratedClassifierCV(clone(sure), method=method, cv=3).fit(X, y)
    loss = log_loss(y_test, calibrated.predict_proba(X_test))
    assert loss < log_loss(y_test, sure.predict_proba(X_test))
    if method == "temperature" and frozen:
        np.testing.assert_array_equal(calibrated.predict(X_test), sure.predict(X_test))


def test_a_frozen_estimator_is_not_trained_again():
    X, y = data(MLPRegressor)
    model = make(MLPRegressor).fit(X, y)
    frozen = clone(FrozenEstimator(model)).fit(X, -y)
    np.testing.assert_array_equal(frozen.predict(X), model.predict(X))


@BOTH
def test_votes_are_means(kind):
    X, y = data(kind)
    nets = [(f"net {seed}", make(kind, random_state=seed)) for seed in range(3)]
    members = [net.fit(X, y) for _, net in nets]
    if kind is MLPClassifier:
        votes = VotingClassifier(nets, voting="soft").fit(X, y).predict_proba(X)
        by_hand = [member.predict_proba(X) for member in members]
    else:
        votes = VotingRegressor(nets).fit(X, y).predict(X)
        by_hand = [member.predict(X) for member in members]
    np.testing.assert_allclose(votes, np.mean(by_hand, axis=0), rtol=1e-12)


@BOTH
def test_a_stack_learns_from_predictions_of_folds(kind):
    X, y = data(kind)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    nets = [(activation, make(kind, activation=activation)) for activation in ACTIVE]
    if kind is MLPClassifier:
        final, stack_of, method = (
            LogisticRegression(),
            StackingClassifier,
            "predict_proba",
        )
    else:
        final, stack_of, method = Ridge(), StackingRegressor, "predict"
    stack = stack_of(nets, final, cv=FOLDS).fit(X, y)
    assert stack.score(X_test, y_test) > enough(kind)
    predicted = [
        cross_val_predict(net, X, y, cv=FOLDS, method=method).reshape(len(X), -1)
        for _, net in nets
    ]
    by_hand = clone(final).fit(np.hstack(predicted), y)
    np.testing.assert_allclose(stack.final_estimator_.coef_, by_hand.coef_, rtol=1e-6)


ACTIVE = ["tanh", "relu"]


def test_bagging_is_the_mean_of_its_members():
    X, y = data(MLPRegressor)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    net = make(MLPRegressor, alpha=0.1, random_state=None)
    bag = BaggingRegressor(net, 8, random_state=0).fit(X, y)
    members = [member.predict(X_test) for member in bag.estimators_]
    np.testing.assert_allclose(bag.predict(X_test), np.mean(members, axis=0))
    alone = np.mean([r2_score(y_test, member) for member in members])
    assert bag.score(X_test, y_test) > alone + 0.05


def test_boosting_a_classifier_hands_weights_on():
    X, y = scale(CANCER[0])[:, :5], CANCER[1]
    net = make(MLPClassifier, hidden_layer_sizes=2, alpha=0.0, max_iter=10)
    boost = AdaBoostClassifier(net, n_estimators=3, random_state=0).fit(X, y)
    w = np.full(len(y), 1 / len(y))
    for member, weight in zip(boost.estimators_, boost.estimator_weights_, strict=True):
        by_hand = clone(member).fit(X, y, w)
        np.testing.assert_allclose(member.coefs_[0], by_hand.coefs_[0], rtol=1e-6)
        w *= np.exp(weight * (member.predict(X) != y))
        w /= w.sum()
    assert boost.score(X, y) > accuracy_score(y, np.ones_like(y)) + 0.25


def test_boosting_a_regressor_predicts_a_median_of_its_members():
    X, y = data(MLPRegressor)
    boost = AdaBoostRegressor(make(MLPRegressor), n_estimators=4, random_state=0)
    found = cross_val_score(boost, X, y, cv=FOLDS)
    assert found.mean() > enough(MLPRegressor)
    boost.fit(X, y)
    members = np.array([member.predict(X) for member in boost.estimators_])
    assert (members == boost.predict(X)).any(axis=0).all()


def test_one_classifier_for_each_output():
    X = scale(CANCER[0])
    labels = np.column_stack([CANCER[1], X[:, 0] > 0, X[:, 1] > 0]).astype(int)
    found = MultiOutputClassifier(make(MLPClassifier)).fit(X, labels).predict(X)
    for column, label in zip(found.T, labels.T, strict=True):
        by_hand = make(MLPClassifier).fit(X, label).predict(X)
        np.testing.assert_array_equal(column, by_hand)


def test_a_chain_of_classifiers_sees_the_labels_before():
    X = scale(CANCER[0])
    labels = np.column_stack([CANCER[1], X[:, 0] > 0, X[:, 1] > 0]).astype(int)
    chain = ClassifierChain(make(MLPClassifier), order=[2, 0, 1]).fit(X[:, 2:], labels)
    seen = X[:, 2:]
    for label, link in zip([2, 0, 1], chain.estimators_, strict=True):
        by_hand = make(MLPClassifier).fit(seen, labels[:, label])
        np.testing.assert_array_equal(link.coefs_[0], by_hand.coefs_[0])
        seen = np.column_stack([seen, labels[:, label]])
    assert (chain.predict(X[:, 2:]) == labels).mean() > 0.95


def test_a_chain_of_regressors_sees_the_targets_before():
    X, Y = (scale(part) for part in load_linnerud(return_X_y=True))
    net = make(MLPRegressor, alpha=0.1)
    chain = RegressorChain(net, order=[1, 2, 0]).fit(X, Y)
    seen = X
    for target, link in zip([1, 2, 0], chain.estimators_, strict=True):
        by_hand = clone(net).fit(seen, Y[:, target])
        np.testing.assert_array_equal(link.coefs_[0], by_hand.coefs_[0])
        seen = np.column_stack([seen, Y[:, target]])
    assert r2_score(Y, chain.predict(X)) > 0.5


def test_one_against_the_rest():
    X, y = data(MLPClassifier)
    found = OneVsRestClassifier(make(MLPClassifier)).fit(X, y)
    assert found.score(X, y) > 0.95
    for name, member in zip(found.classes_, found.estimators_, strict=True):
        by_hand = make(MLPClassifier).fit(X, (y == name).astype(int))
        np.testing.assert_array_equal(member.predict(X), by_hand.predict(X))


@BOTH
def test_elimination_by_the_weights_of_the_first_layer_drops_noise(kind):
    X, y = data(kind)
    noise = np.random.RandomState(0).randn(len(X), 4)
    selector = RFE(
        make(kind, alpha=10.0, activation="tanh"),
        n_features_to_select=4,
        step=2,
        importance_getter=lambda model: np.linalg.norm(model.coefs_[0], axis=1),
    ).fit(np.hstack([X, noise]), y)
    assert not selector.support_[-4:].any()
    assert selector.score(np.hstack([X, noise]), y) > enough(kind)


def test_selection_of_features_one_by_one():
    X, y = load_iris(return_X_y=True)
    selector = SequentialFeatureSelector(
        make(MLPClassifier), n_features_to_select=1, cv=FOLDS
    ).fit(scale(X), y)
    (best,) = selector.get_support(indices=True)
    alone = [
        cross_val_score(make(MLPClassifier), scale(X)[:, [j]], y, cv=FOLDS).mean()
        for j in range(4)
    ]
    assert alone[best] == max(alone) > 0.9


def test_permutation_finds_what_matters_in_diabetes():
    X, y = data(MLPRegressor)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    model = make(MLPRegressor, alpha=20.0).fit(X, y)
    found = permutation_importance(model, X_test, y_test, n_repeats=5, random_state=0)
    names = np.array(load_diabetes().feature_names)
    best = names[np.argsort(found.importances_mean)[-3:]]
    assert {"bmi", "s5"} <= set(best)


@BOTH
def test_partial_dependence_is_the_mean_over_the_rows(kind):
    X, y = (scale(CANCER[0])[:, :6], CANCER[1]) if kind is MLPClassifier else data(kind)
    model = make(kind).fit(X, y)
    found = partial_dependence(model, X, [2], grid_resolution=5)
    for value, mean in zip(found["grid_values"][0], found["average"][0], strict=True):
        there = X.copy()
        there[:, 2] = value
        if kind is MLPClassifier:
            by_hand = model.predict_proba(there)[:, 1].mean()
        else:
            by_hand = model.predict(there).mean()
        assert mean == pytest.approx(by_hand)


@BOTH
@pytest.mark.parametrize("incremental", [False, True])
def test_more_rows_score_better(kind, incremental):
    X, y = data(kind)
    settings = {} if not incremental else {**ADAM, "learning_rate_init": 0.1}
    sizes, train, test = learning_curve(
        make(kind, batch_size=10, **settings),
        X,
        y,
        train_sizes=[0.15, 0.4, 1.0],
        cv=FOLDS,
        exploit_incremental_learning=incremental,
    )
    assert list(sizes) == sorted(sizes)
    assert test.mean(axis=1)[-1] > test.mean(axis=1)[0] + 0.01
    assert train.shape == test.shape == (3, 3)


@BOTH
def test_a_penalty_without_measure_leaves_a_constant(kind):
    X, y = data(kind)
    _, test = validation_curve(
        make(kind), X, y, param_name="alpha", param_range=[1.0, 1e6], cv=FOLDS
    )
    assert test[0].mean() > enough(kind)
    constant = 0.45 if kind is MLPClassifier else 0.01
    assert test[1].mean() < constant


def test_a_target_scaled_on_the_way_in_and_out():
    X, y = scale(DIABETES[0]), DIABETES[1]
    net = make(MLPRegressor)
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
    net = make(MLPClassifier)
    tuned = TunedThresholdClassifierCV(net, scoring="balanced_accuracy", cv=3)
    found = tuned.fit(X, y).predict(X_test)
    probability = clone(net).fit(X, y).predict_proba(X_test)[:, 1]
    np.testing.assert_array_equal(found, probability >= tuned.best_threshold_)
    untuned = balanced_accuracy_score(y_test, probability > 0.5)
    assert balanced_accuracy_score(y_test, found) > untuned + 0.02


def test_learning_from_its_own_labels():
    X, y = scale(CANCER[0]), CANCER[1]
    known = np.arange(len(y)) % 19 == 0
    model = SelfTrainingClassifier(make(MLPClassifier), threshold=0.9)
    model.fit(X, np.where(known, y, -1))
    np.testing.assert_array_equal(model.transduction_[known], y[known])
    assert (model.labeled_iter_ > 0).sum() > 300
    assert model.score(X[~known], y[~known]) > 0.9
    used = model.labeled_iter_ >= 0
    by_hand = make(MLPClassifier).fit(X[used], model.transduction_[used])
    np.testing.assert_array_equal(model.predict_proba(X), by_hand.predict_proba(X))


STOPPING = {"early_stopping": True, **ADAM}


def rows_to_validate(kind):
    X, y = WINE if kind is MLPClassifier else (DIABETES[0], scale(DIABETES[1]))
    w = np.random.RandomState(0).uniform(0.5, 2, len(y))
    return train_test_split(X, y, w, random_state=0)


@BOTH
@pytest.mark.parametrize("weighted", [False, True])
def test_validation_rows_pass_through_a_pipeline(kind, weighted):
    X, X_val, y, y_val, w, w_val = rows_to_validate(kind)
    weights = {"sample_weight": w, "sample_weight_val": w_val} if weighted else {}
    names = ["X_val", "y_val", *weights]
    with sklearn.config_context(enable_metadata_routing=True):
        net = make(kind, **STOPPING).set_fit_request(**dict.fromkeys(names, True))
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        model = Pipeline([("scale", scaler), ("net", net)], transform_input=["X_val"])
        model.fit(X, y, X_val=X_val, y_val=y_val, **weights)
    scaler = StandardScaler().fit(X)
    by_hand = make(kind, **STOPPING)
    by_hand.fit(
        scaler.transform(X),
        y,
        X_val=scaler.transform(X_val),
        y_val=y_val,
        **weights,
    )
    assert model["net"].validation_scores_ == by_hand.validation_scores_
    np.testing.assert_array_equal(
        model.predict(X_val), by_hand.predict(scaler.transform(X_val))
    )
    best = model["net"].best_validation_score_
    assert best == pytest.approx(
        model.score(X_val, y_val, *([w_val] if weighted else []))
    )
    assert best > enough(kind)
    as_they_are = make(kind, **STOPPING)
    as_they_are.fit(scaler.transform(X), y, X_val=X_val, y_val=y_val, **weights)
    assert as_they_are.validation_scores_ != by_hand.validation_scores_


@BOTH
def test_validation_rows_pass_through_a_search(kind):
    X, X_val, y, y_val, _, _ = rows_to_validate(kind)
    with sklearn.config_context(enable_metadata_routing=True):
        net = make(kind, **STOPPING).set_fit_request(X_val=True, y_val=True)
        model = Pipeline(
            [("scale", StandardScaler()), ("net", net)], transform_input=["X_val"]
        )
        search = GridSearchCV(model, {"net__alpha": [1e-3, 1.0]}, cv=FOLDS)
        search.fit(X, y, X_val=X_val, y_val=y_val)
    best = search.best_estimator_
    assert best.score(X_val, y_val) == pytest.approx(best["net"].best_validation_score_)
    assert search.best_score_ > enough(kind) - 0.05


def monitor_of(kind):
    callback = pytest.importorskip("sklearn.callback")
    scoring = "neg_log_loss" if kind is MLPClassifier else "r2"
    return callback.ScoringMonitor(scoring=scoring), scoring


def scores_seen(monitor, scoring):
    """The scores of the iterations, in their order, by the fit they are part of."""
    fits = {}
    for row in monitor.get_logs().data:
        if row["task_name"] == "iteration":
            fits.setdefault(row["parent_task_id_path"], []).append(row[scoring])
    return fits


@BOTH
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_monitor_sees_the_model_of_each_iteration(kind, solver):
    X, y = data(kind)
    monitor, scoring = monitor_of(kind)
    model = make(kind, solver=solver, max_iter=6).set_callbacks(monitor).fit(X, y)
    ((scores),) = scores_seen(monitor, scoring).values()
    for n_iter in (1, 3, 6):
        there = make(kind, solver=solver, max_iter=n_iter).fit(X, y)
        by_hand = sklearn.metrics.get_scorer(scoring)(there, X, y)
        assert scores[n_iter - 1] == pytest.approx(by_hand, rel=1e-9)
    assert scores[5] > scores[0]
    np.testing.assert_array_equal(model.predict(X), there.predict(X))


@BOTH
def test_a_monitor_in_a_pipeline_sees_transformed_rows(kind):
    X, y = data(kind)
    monitor, scoring = monitor_of(kind)
    alone, _ = monitor_of(kind)
    net = make(kind, **ADAM)
    pipe = make_pipeline(StandardScaler(), clone(net).set_callbacks(monitor))
    pipe.fit(X * 7 + 3, y)
    net.set_callbacks(alone).fit(StandardScaler().fit_transform(X * 7 + 3), y)
    (found,) = scores_seen(monitor, scoring).values()
    (by_hand,) = scores_seen(alone, scoring).values()
    assert len(found) == 40
    assert found == by_hand


@BOTH
@pytest.mark.parametrize("n_jobs", [None, 2])
def test_a_monitor_in_a_search_sees_each_fit(kind, n_jobs):
    X, y = data(kind)
    monitor, scoring = monitor_of(kind)
    net = make(kind, max_iter=5).set_callbacks(monitor)
    grid = {"alpha": [0.1, 1.0]}
    search = GridSearchCV(net, grid, cv=FOLDS, n_jobs=n_jobs).fit(X, y)
    fits = scores_seen(monitor, scoring)
    assert [len(scores) for scores in fits.values()] == [5] * (2 * 3 + 1)
    refit = sklearn.metrics.get_scorer(scoring)(search.best_estimator_, X, y)
    assert refit in [scores[-1] for scores in fits.values()]


class Stop:
    """A callback that stops each fit after so many iterations."""

    def __init__(self, after):
        self.after = after

    def setup(self, estimator, context):
        """Nothing to set up."""

    teardown = on_fit_task_begin = setup

    def on_fit_task_end(self, estimator, context):
        return context.task_name == "iteration" and context.task_id + 1 == self.after


@BOTH
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_callback_stops_the_net_in_pipelines_and_searches(kind, solver):
    pytest.importorskip("sklearn.callback")
    X, y = data(kind)
    net = make(kind, solver=solver, max_iter=30).set_callbacks(Stop(4))
    pipe = make_pipeline(StandardScaler(), net)
    search = GridSearchCV(pipe, {f"{kind.__name__.lower()}__alpha": [0.1, 1]}, cv=FOLDS)
    search.fit(X, y)
    assert search.best_estimator_[-1].n_iter_ == 4
    there = clone(search.best_estimator_)
    there[-1].set_callbacks().set_params(max_iter=4)
    np.testing.assert_array_equal(search.predict(X), there.fit(X, y).predict(X))


def test_a_frame_keeps_its_names_from_search_to_prediction():
    X, y = load_wine(return_X_y=True, as_frame=True)
    model = make_pipeline(
        StandardScaler().set_output(transform="pandas"), make(MLPClassifier)
    )
    search = GridSearchCV(model, {"mlpclassifier__alpha": [1.0, 3.0]}, cv=3)
    search.fit(X, y)
    np.testing.assert_array_equal(
        search.best_estimator_[-1].feature_names_in_, X.columns
    )
    with pytest.raises(ValueError, match="feature names"):
        search.predict(X[X.columns[::-1]])
