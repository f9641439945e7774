"""In scikit-learn's ensembles, chains and models of several outputs."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import (
    load_linnerud,
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
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score
from sklearn.model_selection import (
    cross_val_predict,
    cross_val_score,
    train_test_split,
)
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    RegressorChain,
)
from sklearn.preprocessing import scale
from sklearn.semi_supervised import SelfTrainingClassifier

from skmlp import MLPClassifier, MLPRegressor
from tests.helpers import CANCER, FOLDS, enough, full_batch, wine_or_diabetes

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_a_frozen_estimator_is_not_trained_again():
    X, y = wine_or_diabetes(MLPRegressor)
    model = full_batch(MLPRegressor).fit(X, y)
    frozen = clone(FrozenEstimator(model)).fit(X, -y)
    np.testing.assert_array_equal(frozen.predict(X), model.predict(X))


def test_votes_are_means(kind):
    X, y = wine_or_diabetes(kind)
    nets = [(f"net {seed}", full_batch(kind, random_state=seed)) for seed in range(3)]
    members = [net.fit(X, y) for _, net in nets]
    if kind is MLPClassifier:
        votes = VotingClassifier(nets, voting="soft").fit(X, y).predict_proba(X)
        by_hand = [member.predict_proba(X) for member in members]
    else:
        votes = VotingRegressor(nets).fit(X, y).predict(X)
        by_hand = [member.predict(X) for member in members]
    np.testing.assert_allclose(votes, np.mean(by_hand, axis=0), rtol=1e-12)


def test_a_stack_learns_from_predictions_of_folds(kind):
    X, y = wine_or_diabetes(kind)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    nets = [
        (activation, full_batch(kind, activation=activation)) for activation in ACTIVE
    ]
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
    X, y = wine_or_diabetes(MLPRegressor)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0)
    net = full_batch(MLPRegressor, alpha=0.1, random_state=None)
    bag = BaggingRegressor(net, 8, random_state=0).fit(X, y)
    members = [member.predict(X_test) for member in bag.estimators_]
    np.testing.assert_allclose(bag.predict(X_test), np.mean(members, axis=0))
    alone = np.mean([r2_score(y_test, member) for member in members])
    assert bag.score(X_test, y_test) > alone + 0.05


def test_boosting_a_classifier_hands_weights_on():
    X, y = scale(CANCER[0])[:, :5], CANCER[1]
    net = full_batch(MLPClassifier, hidden_layer_sizes=2, alpha=0.0, max_iter=10)
    boost = AdaBoostClassifier(net, n_estimators=3, random_state=0).fit(X, y)
    w = np.full(len(y), 1 / len(y))
    for member, weight in zip(boost.estimators_, boost.estimator_weights_, strict=True):
        by_hand = clone(member).fit(X, y, w)
        np.testing.assert_allclose(member.coefs_[0], by_hand.coefs_[0], rtol=1e-6)
        w *= np.exp(weight * (member.predict(X) != y))
        w /= w.sum()
    assert boost.score(X, y) > accuracy_score(y, np.ones_like(y)) + 0.25


def test_boosting_a_regressor_predicts_a_median_of_its_members():
    X, y = wine_or_diabetes(MLPRegressor)
    boost = AdaBoostRegressor(full_batch(MLPRegressor), n_estimators=4, random_state=0)
    found = cross_val_score(boost, X, y, cv=FOLDS)
    assert found.mean() > enough(MLPRegressor)
    boost.fit(X, y)
    members = np.array([member.predict(X) for member in boost.estimators_])
    assert (members == boost.predict(X)).any(axis=0).all()


def test_one_classifier_for_each_output():
    X = scale(CANCER[0])
    labels = np.column_stack([CANCER[1], X[:, 0] > 0, X[:, 1] > 0]).astype(int)
    found = MultiOutputClassifier(full_batch(MLPClassifier)).fit(X, labels).predict(X)
    for column, label in zip(found.T, labels.T, strict=True):
        by_hand = full_batch(MLPClassifier).fit(X, label).predict(X)
        np.testing.assert_array_equal(column, by_hand)


def test_a_chain_of_classifiers_sees_the_labels_before():
    X = scale(CANCER[0])
    labels = np.column_stack([CANCER[1], X[:, 0] > 0, X[:, 1] > 0]).astype(int)
    chain = ClassifierChain(full_batch(MLPClassifier), order=[2, 0, 1]).fit(
        X[:, 2:], labels
    )
    seen = X[:, 2:]
    for label, link in zip([2, 0, 1], chain.estimators_, strict=True):
        by_hand = full_batch(MLPClassifier).fit(seen, labels[:, label])
        np.testing.assert_array_equal(link.coefs_[0], by_hand.coefs_[0])
        seen = np.column_stack([seen, labels[:, label]])
    assert (chain.predict(X[:, 2:]) == labels).mean() > 0.95


def test_a_chain_of_regressors_sees_the_targets_before():
    X, Y = (scale(part) for part in load_linnerud(return_X_y=True))
    net = full_batch(MLPRegressor, alpha=0.1)
    chain = RegressorChain(net, order=[1, 2, 0]).fit(X, Y)
    seen = X
    for target, link in zip([1, 2, 0], chain.estimators_, strict=True):
        by_hand = clone(net).fit(seen, Y[:, target])
        np.testing.assert_array_equal(link.coefs_[0], by_hand.coefs_[0])
        seen = np.column_stack([seen, Y[:, target]])
    assert r2_score(Y, chain.predict(X)) > 0.5


def test_one_against_the_rest():
    X, y = wine_or_diabetes(MLPClassifier)
    found = OneVsRestClassifier(full_batch(MLPClassifier)).fit(X, y)
    assert found.score(X, y) > 0.95
    for name, member in zip(found.classes_, found.estimators_, strict=True):
        by_hand = full_batch(MLPClassifier).fit(X, (y == name).astype(int))
        np.testing.assert_array_equal(member.predict(X), by_hand.predict(X))


def test_learning_from_its_own_labels():
    X, y = scale(CANCER[0]), CANCER[1]
    known = np.arange(len(y)) % 19 == 0
    model = SelfTrainingClassifier(full_batch(MLPClassifier), threshold=0.9)
    model.fit(X, np.where(known, y, -1))
    np.testing.assert_array_equal(model.transduction_[known], y[known])
    assert (model.labeled_iter_ > 0).sum() > 300
    assert model.score(X[~known], y[~known]) > 0.9
    used = model.labeled_iter_ >= 0
    by_hand = full_batch(MLPClassifier).fit(X[used], model.transduction_[used])
    np.testing.assert_array_equal(model.predict_proba(X), by_hand.predict_proba(X))
