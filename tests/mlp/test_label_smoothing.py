"""Label smoothing of MLPClassifier."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelBinarizer, scale

from skmlp.common.errors import InvalidParameterError
from tests.helpers import CODES, LABELS, X, classifier, parameters_of

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SOLVERS = pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adam"])
TASKS = pytest.mark.parametrize("task", LABELS)


@TASKS
def test_a_linear_model_predicts_the_smoothed_fractions_on_average(task):
    """The gradient by the free biases is the mean error, which is zero at the end."""
    model = classifier(
        hidden_layer_sizes=(), solver="lbfgs", tol=1e-8, max_iter=5000, alpha=1e-2
    )
    y = LABELS[task]
    encoded = LabelBinarizer().fit_transform(y)
    share = (1 - 0.4) * encoded.mean(axis=0) + 0.4 / (3 if task == "multiclass" else 2)
    model.set_params(label_smoothing=0.4).fit(X, y)
    probability = model.predict_proba(X).mean(axis=0)
    np.testing.assert_allclose(probability[-len(share) :], share, atol=1e-5)


@SOLVERS
def test_label_smoothing_lowers_the_confidence_and_keeps_the_accuracy(solver):
    X, y = load_breast_cancer(return_X_y=True)
    parts = train_test_split(scale(X), y, random_state=0)
    X_train, X_test, y_train, y_test = parts
    confidence = []
    for share in (0.0, 0.1, 0.4):
        model = classifier(
            solver=solver,
            label_smoothing=share,
            learning_rate_init=0.01,
            max_iter=200,
            alpha=1e-3,
        ).fit(X_train, y_train)
        assert model.score(X_test, y_test) > 0.94
        confidence.append(model.predict_proba(X_test).max(axis=1).mean())
    assert confidence[0] > confidence[1] + 0.01
    assert confidence[1] > confidence[2] + 0.05
    assert confidence[2] == pytest.approx(0.8, abs=0.1)


@TASKS
def test_no_smoothing_changes_nothing(task):
    y = LABELS[task]
    np.testing.assert_array_equal(
        parameters_of(classifier(label_smoothing=0).fit(X, y)),
        parameters_of(classifier().fit(X, y)),
    )


@pytest.mark.parametrize("share", [1, -0.1, True, "0.1", None, np.nan])
def test_bad_label_smoothing_is_refused_by_name(share):
    with pytest.raises(
        InvalidParameterError, match=r"'label_smoothing' parameter .*\[0, 1\)"
    ):
        classifier(label_smoothing=share).fit(X, CODES)
