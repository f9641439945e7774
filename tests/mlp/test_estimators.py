"""The estimators as scikit-learn and its users see them."""

import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
import sklearn.neural_network
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import (
    load_diabetes,
    load_iris,
    make_classification,
    make_multilabel_classification,
)
from sklearn.exceptions import (
    ConvergenceWarning,
    DataConversionWarning,
    NotFittedError,
)
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmlp import MLPClassifier, MLPRegressor
from skmlp.core.activations import ACTIVATIONS

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

KINDS = (MLPClassifier, MLPRegressor)
BOTH = pytest.mark.parametrize("kind", KINDS)

# Failures that scikit-learn's own MLP shows under the same check.
PARTIAL = "partial_fit does not support early_stopping, as in scikit-learn"
FEW_ROWS = "the check has too few rows for a validation split"
SPLIT = "the rows held out depend on their number, so repeating is not weighting"
EARLY_STOPPING = {
    "check_fit_score_takes_y": PARTIAL,
    "check_n_features_in_after_fitting": PARTIAL,
    "check_estimators_partial_fit_n_features": PARTIAL,
    "check_sample_weight_equivalence_on_dense_data": SPLIT,
    "check_sample_weight_equivalence_on_sparse_data": SPLIT,
    "check_estimators_nan_inf": FEW_ROWS,
    "check_fit2d_1feature": FEW_ROWS,
}
COARSE = "accuracy on the check's 5 validation rows stops training in its first epochs"
OF_KIND = {
    MLPClassifier: {
        "check_classifiers_one_label": FEW_ROWS,
        # With class weights in the score too; scikit-learn's MLP has none to check.
        "check_class_weight_classifiers": COARSE,
    },
    MLPRegressor: {"check_regressors_no_decision_function": FEW_ROWS},
}
SLOW = "plain gradient descent at the default rate is not trained in 100 epochs"


def expected_failures(estimator):
    if not estimator.early_stopping:
        return {}
    expected = {**EARLY_STOPPING, **OF_KIND[type(estimator)]}
    if estimator.solver == "sgd" and isinstance(estimator, MLPClassifier):
        expected["check_classifiers_train"] = SLOW
    return expected


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(
    [
        kind(solver=solver, early_stopping=early_stopping, max_iter=100)
        for kind in KINDS
        for solver in ("adam", "sgd", "lbfgs")
        for early_stopping in (False, True)
        if not (early_stopping and solver == "lbfgs")
    ],
    expected_failed_checks=expected_failures,
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


def iris():
    X, y = load_iris(return_X_y=True)
    return (X - X.mean(axis=0)) / X.std(axis=0), y


def trained(kind, X=None, y=None, **parameters):
    default_X, default_y = iris()
    model = kind(**{"max_iter": 5, "random_state": 0, **parameters})
    return model.fit(default_X if X is None else X, default_y if y is None else y)


@BOTH
def test_in_a_pipeline_and_a_grid_search(kind):
    X, y = iris()
    model = make_pipeline(StandardScaler(), kind(solver="lbfgs", random_state=0))
    prefix = kind.__name__.lower()
    grid = {f"{prefix}__alpha": [0.1, 10.0], f"{prefix}__hidden_layer_sizes": [3, (4,)]}
    rows = np.random.RandomState(0).permutation(150)
    search = GridSearchCV(model, grid, cv=3).fit(X[rows], y[rows])
    assert search.score(X, y) > 0.9
    assert cross_val_score(model, X[rows], y[rows], cv=3).mean() > 0.85


LINEAR = {
    "hidden_layer_sizes": (),
    "solver": "lbfgs",
    "tol": 1e-8,
    "max_iter": 5000,
    "random_state": 0,
}


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("alpha", [0.1, 3.0])
def test_without_hidden_layers_squared_error_is_ridge(alpha, weighted):
    X, y = load_diabetes(return_X_y=True)
    X, y = X / X.std(axis=0), (y - y.mean()) / y.std()
    w = np.random.RandomState(0).uniform(0.5, 2, len(y)) if weighted else None
    ours = MLPRegressor(alpha=alpha, **LINEAR).fit(X, y, w)
    theirs = Ridge(alpha).fit(X, y, w)
    np.testing.assert_allclose(ours.coefs_[0].ravel(), theirs.coef_, atol=1e-3)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-3)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_without_hidden_layers_log_loss_is_logistic_regression(n_classes, weighted):
    X, y = make_classification(
        200, 6, n_informative=4, n_classes=n_classes, random_state=0
    )
    w = np.random.RandomState(0).uniform(0.5, 2, len(y)) if weighted else None
    ours = MLPClassifier(alpha=2.0, **LINEAR).fit(X, y, w)
    theirs = LogisticRegression(C=0.5, tol=1e-8, max_iter=1000).fit(X, y, w)
    np.testing.assert_allclose(ours.coefs_[0].T, theirs.coef_, atol=1e-3)
    np.testing.assert_allclose(
        ours.predict_proba(X), theirs.predict_proba(X), atol=1e-3
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_without_hidden_layers_poisson_is_poisson_regression(weighted):
    rng = np.random.RandomState(0)
    X = rng.randn(300, 3)
    y = rng.poisson(np.exp(X @ [0.5, -0.2, 0.1] + 0.3)).astype(float)
    w = rng.uniform(0.5, 2, 300) if weighted else np.ones(300)
    ours = MLPRegressor("poisson", alpha=3.0, **LINEAR).fit(X, y, w)
    theirs = PoissonRegressor(alpha=3.0 / w.sum(), tol=1e-8).fit(X, y, w)
    np.testing.assert_allclose(ours.coefs_[0].ravel(), theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-4)


FRAMES = [pd.DataFrame, pl.DataFrame]


@BOTH
@pytest.mark.parametrize("frame", FRAMES, ids=["pandas", "polars"])
def test_frames_with_feature_names(kind, frame):
    X, _ = iris()
    names = ["a", "b", "c", "d"]
    table = frame(dict(zip(names, X.T, strict=True)))
    model = trained(kind, table, early_stopping=True)
    np.testing.assert_array_equal(model.feature_names_in_, names)
    np.testing.assert_array_equal(
        model.predict(table), trained(kind, X, early_stopping=True).predict(X)
    )
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame(dict(zip("xbcd", X.T, strict=True))))
    with pytest.raises(ValueError, match="feature names should match|order"):
        model.predict(frame(dict(zip("bacd", X.T, strict=True))))


def test_targets_from_frames():
    X, y = iris()
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    expected = trained(MLPClassifier, X, names).predict(X)
    for target in (
        pd.Series(names),
        pd.Series(names, dtype="category"),
        pl.Series(names),
        list(names),
        names.astype(object),
    ):
        np.testing.assert_array_equal(
            trained(MLPClassifier, X, target).predict(X), expected
        )
    weights = pd.Series(np.ones(150))
    MLPRegressor(max_iter=300, solver="lbfgs").fit(X, pd.Series(y), weights)


@BOTH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "container",
    [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array, sparse.csc_array],
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_is_dense(kind, container, dtype, solver):
    X, _ = iris()
    X = np.where(np.abs(X) < 0.8, 0, X).astype(dtype)
    dense = trained(kind, X, solver=solver)
    thin = trained(kind, container(X), solver=solver)
    tolerance = 1e-8 if dtype == np.float64 else 1e-3
    np.testing.assert_allclose(thin.coefs_[0], dense.coefs_[0], atol=tolerance)
    np.testing.assert_allclose(
        thin.predict(container(X)), thin.predict(X), rtol=tolerance
    )
    assert thin.coefs_[0].dtype == dtype


@BOTH
def test_sparse_stays_sparse(kind):
    wide = sparse.random(300, 50_000, density=1e-4, format="csr", random_state=0)
    model = trained(kind, wide, np.arange(300) % 2, hidden_layer_sizes=2, max_iter=1)
    model.predict(sparse.vstack([wide] * 200, format="csr"))


@BOTH
def test_integers_and_fortran_order_and_lists(kind):
    X, _ = iris()
    whole = (4 * X).astype(int)
    expected = trained(kind, whole.astype(float)).predict(whole)
    for same in (whole, whole.tolist(), np.asfortranarray(whole), whole[:, :]):
        np.testing.assert_allclose(trained(kind, same).predict(same), expected)


def test_binary_multiclass_and_multilabel_shapes():
    X, y = iris()
    binary = trained(MLPClassifier, X, y > 0)
    assert (binary.n_outputs_, binary.out_activation_) == (1, "logistic")
    assert (
        binary.predict_proba(X).shape == binary.predict_log_proba(X).shape == (150, 2)
    )
    multiclass = trained(MLPClassifier, X, y)
    assert (multiclass.n_outputs_, multiclass.out_activation_) == (3, "softmax")
    np.testing.assert_allclose(multiclass.predict_proba(X).sum(axis=1), 1)
    X, labels = make_multilabel_classification(100, n_classes=4, random_state=0)
    for target in (labels, sparse.csr_matrix(labels)):
        multilabel = trained(MLPClassifier, X, target)
        assert (multilabel.n_outputs_, multilabel.out_activation_) == (4, "logistic")
        assert multilabel.predict_proba(X).shape == (100, 4)
        assert multilabel.predict(X).shape == (100, 4)
        np.testing.assert_array_equal(multilabel.classes_, np.arange(4))


def test_regression_shapes():
    X, y = iris()
    assert trained(MLPRegressor, X, y).predict(X).shape == (150,)
    assert trained(MLPRegressor, X, X[:, :3]).predict(X).shape == (150, 3)
    with pytest.warns(DataConversionWarning):
        model = MLPRegressor(solver="lbfgs", max_iter=500).fit(X, y[:, None])
    assert model.predict(X).shape == (150,)


def test_string_labels_come_back():
    X, y = iris()
    names = np.array(["ant", "bee", "cat"])[y]
    model = trained(MLPClassifier, X, names, solver="lbfgs", max_iter=100)
    assert model.score(X, names) > 0.95
    np.testing.assert_array_equal(model.classes_, ["ant", "bee", "cat"])


def test_partial_fit_learns_classes_batch_by_batch():
    X, y = iris()
    names = np.array(["ant", "bee", "cat"])[y]
    model = MLPClassifier(random_state=0, learning_rate_init=0.02)
    for _ in range(40):
        for part in (slice(0, 50), slice(50, 100), slice(100, 150)):
            model.partial_fit(X[part], names[part], classes=["ant", "bee", "cat"])
    assert model.score(X, names) > 0.8


def test_partial_fit_of_several_labels():
    X, labels = make_multilabel_classification(60, n_classes=3, random_state=0)
    model = MLPClassifier(random_state=0)
    model.partial_fit(X, labels, classes=[0, 1, 2]).partial_fit(X, labels)
    assert model.predict(X).shape == (60, 3)
    with pytest.raises(ValueError, match="columns of y"):
        MLPClassifier().partial_fit(X, labels, classes=[0, 1])
    with pytest.raises(ValueError, match="columns of y"):
        MLPClassifier().partial_fit(X, labels, classes=["a", "b", "c"])


@BOTH
def test_sample_weights_of_one_change_nothing(kind):
    X, y = iris()
    plain = trained(kind)
    weighted = kind(max_iter=5, random_state=0).fit(X, y, np.ones(150))
    np.testing.assert_allclose(weighted.coefs_[0], plain.coefs_[0], rtol=1e-10)


@BOTH
def test_sample_weights_are_routed(kind):
    X, y = iris()
    w = np.random.RandomState(0).uniform(size=150)
    with sklearn.config_context(enable_metadata_routing=True):
        model = kind(solver="lbfgs", max_iter=2000, alpha=1)
        model.set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=True)
        scaler = StandardScaler().set_fit_request(sample_weight=True)
        pipe = make_pipeline(scaler, model)
        pipe.fit(X, y, sample_weight=w)
        GridSearchCV(model, {"alpha": [1.0, 10.0]}).fit(X, y, sample_weight=w)
        unrouted = kind(solver="lbfgs", max_iter=2000, alpha=1)
        with pytest.raises(ValueError, match="sample_weight"):
            make_pipeline(unrouted).fit(X, y, sample_weight=w)
    assert hasattr(model, "set_partial_fit_request")


@BOTH
def test_many_threads_predict_what_one_does(kind):
    model = trained(kind, hidden_layer_sizes=(30, 20))
    parts = [np.random.RandomState(i).randn(500, 4) for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(model.predict, parts))
    for X, prediction in zip(parts, together, strict=True):
        np.testing.assert_array_equal(prediction, model.predict(X))


@BOTH
def test_a_pickle_predicts_the_same(kind):
    model = trained(kind)
    X, _ = iris()
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(model)).predict(X), model.predict(X)
    )


@BOTH
def test_html_repr_links_to_documentation(kind):
    name = kind.__name__
    for model in (kind(), trained(kind)):
        html = model._repr_html_()
        assert (
            f'href="https://scikit-learn.org/stable/modules/generated/sklearn.neural_network.{name}.html'
            in html
        )
        assert f"Documentation for {name}" in html


def test_repr_names_what_is_not_default():
    assert repr(MLPRegressor(alpha=1)) == "MLPRegressor(alpha=1)"


def test_tags():
    classifier, regressor = get_tags(MLPClassifier()), get_tags(MLPRegressor())
    assert classifier.estimator_type == "classifier"
    assert classifier.classifier_tags.multi_class
    assert classifier.classifier_tags.multi_label
    assert regressor.estimator_type == "regressor"
    assert regressor.target_tags.multi_output
    assert not regressor.target_tags.positive_only
    assert get_tags(MLPRegressor("poisson")).target_tags.positive_only
    for tags in (classifier, regressor):
        assert tags.input_tags.sparse
        assert not tags.input_tags.allow_nan
        assert tags.target_tags.required


@BOTH
@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_not_fitted(kind, method):
    if hasattr(kind, method):
        with pytest.raises(NotFittedError, match=kind.__name__):
            getattr(kind(), method)([[1.0]])


GOOD_X, GOOD_Y = iris()
NAN = GOOD_X.copy()
NAN[3, 1] = np.nan
BAD_DATA = {
    "empty X": (np.empty((0, 4)), [], r"0 sample"),
    "no features": (np.empty((150, 0)), GOOD_Y, r"0 feature"),
    "flat X": (GOOD_Y, GOOD_Y, "Expected 2D array"),
    "NaN in X": (NAN, GOOD_Y, "X contains NaN"),
    "infinity in X": (
        np.where(np.isnan(NAN), np.inf, NAN),
        GOOD_Y,
        "X contains infinity",
    ),
    "strings in X": (np.full((150, 1), "a"), GOOD_Y, "could not convert"),
    "short y": (GOOD_X, GOOD_Y[:-1], "inconsistent numbers of samples"),
    "y of three axes": (GOOD_X, GOOD_Y.reshape(150, 1, 1), "dim|y should be|y"),
    "NaN in y": (GOOD_X, np.where(GOOD_Y == 1, np.nan, GOOD_Y), "NaN"),
    "infinity in y": (GOOD_X, np.where(GOOD_Y == 1, np.inf, GOOD_Y), "infinity"),
    "no y": (GOOD_X, None, "requires y to be passed"),
}


@BOTH
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", BAD_DATA)
@pytest.mark.parametrize("warm_start", [False, True])
def test_bad_data_is_refused_and_the_model_stays(kind, name, warm_start):
    X, y, message = BAD_DATA[name]
    model = trained(kind, warm_start=warm_start)
    before = pickle.dumps(model)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y)
    assert pickle.dumps(model) == before
    with pytest.raises(ValueError, match=message):
        kind().fit(X, y)


@BOTH
def test_another_number_of_features_is_refused(kind):
    model = trained(kind, warm_start=True)
    for call in (model.predict, lambda X: model.fit(X, GOOD_Y)):
        with pytest.raises(ValueError, match="3 features, but .* is expecting 4"):
            call(GOOD_X[:, :3])


def test_continuous_labels_are_refused():
    with pytest.raises(ValueError, match="Unknown label type"):
        MLPClassifier().fit(GOOD_X, GOOD_X[:, 0])
    with pytest.raises(ValueError, match="[Mm]ultioutput"):
        MLPClassifier().fit(GOOD_X, np.column_stack([GOOD_Y, GOOD_Y]))


def test_words_as_regression_targets_are_refused():
    with pytest.raises(ValueError, match="could not convert|convert"):
        MLPRegressor().fit(GOOD_X, GOOD_Y.astype(str).astype(object) + "x")


@pytest.mark.parametrize(
    "y",
    [
        sparse.csr_matrix(np.ones((150, 2))),
        np.arange(150).astype("m8[s]"),
        np.arange(150).astype("M8[D]"),
        GOOD_Y.astype(str),
    ],
    ids=["sparse", "timedelta", "datetime", "words"],
)
def test_regression_targets_are_dense_numbers(y):
    with pytest.raises((TypeError, ValueError), match="y must be|convert"):
        MLPRegressor().fit(GOOD_X, y)


@pytest.mark.parametrize(
    "y", [np.array([0, "a", None] * 50, object), np.column_stack([GOOD_Y, GOOD_Y])]
)
def test_labels_that_are_none(y):
    with pytest.raises((TypeError, ValueError), match=r"y must be|y contains|y "):
        MLPClassifier().fit(GOOD_X, y)


@pytest.mark.parametrize("classes", [3, "ab", [], None])
def test_classes_that_are_none(classes):
    with pytest.raises(ValueError, match="classes must be"):
        MLPClassifier().partial_fit(GOOD_X, GOOD_Y, classes=classes)


def test_partial_fit_without_y():
    with pytest.raises(ValueError, match="requires y to be passed"):
        MLPClassifier().partial_fit(GOOD_X, None, classes=[0, 1])


@BOTH
def test_a_subclass_may_have_parameters_of_its_own(kind):
    class Focal(kind):
        def __init__(self, gamma="strong", loss="squared_error", max_iter=5):
            super().__init__(max_iter=max_iter)
            self.gamma = gamma
            self.loss = loss

    Focal().fit(GOOD_X, GOOD_Y)
    assert Focal().get_params()["gamma"] == "strong"


@BOTH
def test_numbers_of_every_kind_as_parameters(kind):
    a = trained(kind, early_stopping=True, validation_fraction=0.2)
    b = trained(
        kind,
        early_stopping=True,
        validation_fraction=np.float32(0.2),
        max_iter=np.int64(5),
        alpha=np.float32(1e-4),
        batch_size=np.int16(100),
    )
    assert len(a.validation_scores_) == len(b.validation_scores_) == 5
    trained(kind, solver="sgd", learning_rate="invscaling", power_t=1e6)
    with pytest.raises(ValueError, match="'alpha' parameter"):
        trained(kind, alpha=10**400)


def test_classes_in_partial_fit():
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        MLPClassifier().partial_fit(GOOD_X, GOOD_Y)
    model = MLPClassifier().partial_fit(GOOD_X, GOOD_Y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"classes must be \[0 1 2\].*Got \[0, 1\]"):
        model.partial_fit(GOOD_X, GOOD_Y, classes=[0, 1])
    with pytest.raises(ValueError, match="classes not in `self.classes_`"):
        model.partial_fit(GOOD_X, GOOD_Y + 1)
    with pytest.raises(ValueError, match="classes not in `self.classes_`"):
        MLPClassifier().partial_fit(GOOD_X, GOOD_Y, classes=[0, 1])


def test_classes_in_a_warm_start():
    model = trained(MLPClassifier, warm_start=True)
    with pytest.raises(ValueError, match="same classes as in the previous call"):
        model.fit(GOOD_X, GOOD_Y > 0)


@BOTH
@pytest.mark.parametrize(
    ("n_rows", "fraction"), [(2, 0.1), (10, 0.1), (3, 0.99), (150, 0.0)]
)
def test_a_validation_split_too_small(kind, n_rows, fraction):
    y = np.arange(n_rows) % 2
    model = kind(early_stopping=True, validation_fraction=fraction)
    with pytest.raises(ValueError) as caught:
        model.fit(GOOD_X[:n_rows], y)
    message = str(caught.value)
    assert f"validation_fraction={fraction}" in message
    assert "early_stopping" in message or "The validation set is too small" in message


@BOTH
def test_early_stopping_is_refused_where_it_cannot_be(kind):
    model = kind(early_stopping=True, solver="lbfgs")
    with pytest.raises(ValueError, match="early_stopping must be False.*'lbfgs'"):
        model.fit(GOOD_X, GOOD_Y)
    with pytest.raises(ValueError, match="does not support early_stopping=True"):
        kind(early_stopping=True).partial_fit(
            GOOD_X, GOOD_Y, **({"classes": [0, 1, 2]} if kind is MLPClassifier else {})
        )


@BOTH
def test_bad_weights_are_refused_by_fit_and_partial_fit(kind):
    extra = {"classes": [0, 1, 2]} if kind is MLPClassifier else {}
    for w in (np.zeros(150), -np.ones(150), np.ones(149), np.full(150, np.nan)):
        with pytest.raises(ValueError, match="sample_weight"):
            kind().fit(GOOD_X, GOOD_Y, sample_weight=w)
        with pytest.raises(ValueError, match="sample_weight"):
            kind().partial_fit(GOOD_X, GOOD_Y, sample_weight=w, **extra)


class Cube:
    """An activation of somebody's own."""

    glorot_factor, keeps_s = 6.0, True

    def value(self, s, out):
        return np.multiply(s * s, s, out=out)

    def derivative(self, s, h, out):
        return np.multiply(3 * s, s, out=out)


@pytest.mark.parametrize(
    "activation", [*ACTIVATIONS, Cube(), ["tanh", "gelu"], ("mish", Cube())], ids=repr
)
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_any_activation_learns_and_is_kept(activation, solver):
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (200, 2))
    y = 3 * X[:, 0] ** 2 if activation != "identity" else X[:, 0]
    model = MLPRegressor(
        hidden_layer_sizes=(20, 10),
        activation=activation,
        solver=solver,
        learning_rate_init=0.03,
        max_iter=500,
        tol=1e-6,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, y)
    assert model.score(X, y) > 0.8
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert type(clone(model).activation) is type(activation)


def test_one_activation_is_the_same_for_each_layer():
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, 3), rng.randn(60)
    models = [
        MLPRegressor("squared_error", (5, 4), activation, max_iter=5, random_state=0)
        for activation in ("tanh", ["tanh", "tanh"], [ACTIVATIONS["tanh"], "tanh"])
    ]
    for model in models:
        with pytest.warns(ConvergenceWarning):
            model.fit(X, y)
    for model in models[1:]:
        np.testing.assert_array_equal(model.predict(X), models[0].predict(X))


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        (["tanh"], "one for each of the 2 layers"),
        (["tanh"] * 3, "Got 3"),
        ((), "Got 0"),
        (["tanh", "cubic"], "'activation' parameter of MLPRegressor"),
        (Cube, "'activation' parameter of MLPRegressor"),
        (np.tanh, "'activation' parameter of MLPRegressor"),
    ],
)
def test_bad_activations_are_refused_by_name(activation, message):
    with pytest.raises(ValueError, match=message):
        MLPRegressor("squared_error", (5, 4), activation).fit(
            [[0.0], [1.0]], [0.0, 1.0]
        )


def test_an_array_of_names_is_a_sequence():
    rng = np.random.RandomState(0)
    X, y = rng.randn(60, 3), rng.randn(60)
    names = ["tanh", "elu"]
    models = [
        MLPRegressor("squared_error", (5, 4), activation, max_iter=5, random_state=0)
        for activation in (names, np.array(names))
    ]
    in_list, in_array = (clone(model).fit(X, y).predict(X) for model in models)
    np.testing.assert_array_equal(in_array, in_list)


@BOTH
def test_a_search_over_depth_width_and_activations(kind):
    grid = [
        {"hidden_layer_sizes": [3, 4], "n_hidden_layers": [None, 1, 3]},
        {"hidden_layer_sizes": [(4, 3)], "activation": [["selu", "softplus"], Cube()]},
    ]
    search = GridSearchCV(kind(max_iter=3, random_state=0), grid, cv=2)
    search.fit(GOOD_X, GOOD_Y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    one, alike, three = (
        clone(search.estimator)
        .set_params(hidden_layer_sizes=3, n_hidden_layers=n)
        .fit(GOOD_X, GOOD_Y)
        for n in (None, 1, 3)
    )
    np.testing.assert_array_equal(one.coefs_[0], alike.coefs_[0])
    assert (one.n_layers_, alike.n_layers_, three.n_layers_) == (3, 3, 5)
    assert [W.shape[1] for W in three.coefs_[:-1]] == [3, 3, 3]
