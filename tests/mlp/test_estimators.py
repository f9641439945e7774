"""Both classes as scikit-learn and its users see them."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import sklearn
import sklearn.neural_network
from scipy import sparse
from sklearn.datasets import (
    make_multilabel_classification,
)
from sklearn.exceptions import (
    DataConversionWarning,
    NotFittedError,
)
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import get_tags

from skmlp import MLPClassifier, MLPRegressor
from skmlp.estimators._classification import accuracy
from tests.helpers import iris, trained

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_in_a_pipeline_and_a_grid_search(kind):
    X, y = iris()
    model = make_pipeline(StandardScaler(), kind(solver="lbfgs", random_state=0))
    prefix = kind.__name__.lower()
    grid = {f"{prefix}__alpha": [0.1, 10.0], f"{prefix}__hidden_layer_sizes": [3, (4,)]}
    rows = np.random.RandomState(0).permutation(150)
    search = GridSearchCV(model, grid, cv=3).fit(X[rows], y[rows])
    assert search.score(X, y) > 0.9
    assert cross_val_score(model, X[rows], y[rows], cv=3).mean() > 0.85


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


def test_sample_weights_of_one_change_nothing(kind):
    X, y = iris()
    plain = trained(kind)
    weighted = kind(max_iter=5, random_state=0).fit(X, y, np.ones(150))
    np.testing.assert_allclose(weighted.coefs_[0], plain.coefs_[0], rtol=1e-10)


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


def test_many_threads_predict_what_one_does(kind):
    model = trained(kind, hidden_layer_sizes=(30, 20))
    parts = [np.random.RandomState(i).randn(500, 4) for i in range(40)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(model.predict, parts))
    for X, prediction in zip(parts, together, strict=True):
        np.testing.assert_array_equal(prediction, model.predict(X))


def test_a_pickle_predicts_the_same(kind):
    model = trained(kind)
    X, _ = iris()
    np.testing.assert_array_equal(
        pickle.loads(pickle.dumps(model)).predict(X), model.predict(X)
    )


def test_html_repr_does_not_link_to_scikit_learn_s_estimators(kind):
    for model in (kind(), trained(kind)):
        html = model._repr_html_()
        assert kind.__name__ in html
        assert f"generated/sklearn.neural_network.{kind.__name__}" not in html


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


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_not_fitted(kind, method):
    if hasattr(kind, method):
        with pytest.raises(NotFittedError, match=kind.__name__):
            getattr(kind(), method)([[1.0]])


def test_a_subclass_may_have_parameters_of_its_own(kind, data):
    class Focal(kind):
        def __init__(self, gamma="strong", loss="squared_error", max_iter=5):
            super().__init__(max_iter=max_iter)
            self.gamma = gamma
            self.loss = loss

    Focal().fit(*data)
    assert Focal().get_params()["gamma"] == "strong"


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


@pytest.mark.parametrize("shape", [(20,), (20, 3)])
@pytest.mark.parametrize("dtype", [None, np.float32, np.float64])
def test_accuracy_is_that_of_scikit_learn(shape, dtype):
    rng = np.random.RandomState(0)
    y, predicted = rng.randint(2, size=(2, *shape))
    w = None if dtype is None else rng.rand(20).astype(dtype)
    assert accuracy(y, predicted, w) == accuracy_score(y, predicted, sample_weight=w)
