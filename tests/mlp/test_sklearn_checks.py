"""scikit-learn's checks of its estimators, on MLPClassifier and MLPRegressor."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from skmlp import MLPClassifier, MLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


# Failures that scikit-learn's own MLP shows under the same check.
PARTIAL = "partial_fit does not support early_stopping, as in scikit-learn"
FEW_ROWS = "the check has too few rows for a validation split"
SPLIT = "the validation rows depend on the number of rows: repeating is not weighting"
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

# Early stopping with sgd is the same code, and lbfgs has none; test_fit has all of them.
SETTINGS = ({}, {"early_stopping": True}, {"solver": "sgd"}, {"solver": "lbfgs"})
EPOCHS = 40  # what the checks of a trained model need


def expected_failures(estimator):
    if not estimator.early_stopping:
        return {}
    return {**EARLY_STOPPING, **OF_KIND[type(estimator)]}


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks(
    [
        kind(**settings, max_iter=EPOCHS)
        for kind in (MLPClassifier, MLPRegressor)
        for settings in SETTINGS
    ]
    + [MLPRegressor(loss, max_iter=EPOCHS) for loss in ("gaussian", "huber")],
    expected_failed_checks=expected_failures,
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)
