"""The hooks that every public estimator fills in, by one mixin for each task."""

import numpy as np
import pytest
from sklearn.base import is_classifier

import skmlp
from skmlp.common.targets import TargetHooks
from skmlp.core.heads import CLASSIFICATION_HEADS, REGRESSION_HEADS
from skmlp.estimators._classification import ClassifierTargets
from skmlp.estimators._regression import RegressorTargets

KINDS = [getattr(skmlp, name) for name in skmlp.__all__ if "MLP" in name]


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_come_from_the_mixin_of_the_task(kind):
    mixin = ClassifierTargets if is_classifier(kind()) else RegressorTargets
    for name in TargetHooks.__abstractmethods__:
        assert getattr(kind, name) is getattr(mixin, name)
    assert kind._numeric_target is (mixin is RegressorTargets)


@pytest.mark.parametrize("kind", KINDS)
def test_targets_of_fit_are_encoded_again_alike(kind):
    model, y = kind(), np.array([2, 0, 2, 1, 1, 0])
    given, learnt = model._learn_target(y, None)
    np.testing.assert_array_equal(given, y)
    given, encoded = model._encode_target(y, all_classes=True)
    np.testing.assert_array_equal(given, y)
    np.testing.assert_array_equal(encoded, learnt)
    _, part = model._encode_target(y[:2], all_classes=False)
    np.testing.assert_array_equal(part, learnt[:2])
    heads = CLASSIFICATION_HEADS if is_classifier(model) else REGRESSION_HEADS
    assert type(model._choose_head(model._settings())) in map(type, heads.values())
    if not is_classifier(model):
        assert model._strata(y) is None
        return
    np.testing.assert_array_equal(model._strata(learnt), y)
    with pytest.raises(ValueError, match="the same classes as in the previous call"):
        model._encode_target(y[:2], all_classes=True)
