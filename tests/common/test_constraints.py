from fractions import Fraction

import numpy as np
import pytest
from sklearn.model_selection import KFold

from skmlp.common.constraints import (
    Boolean,
    ClassWeight,
    Integer,
    Interval,
    NameOrObject,
    OneOf,
    OneOrOneEach,
    RandomState,
    Scoring,
    Sizes,
    Splits,
    Verbosity,
    check_parameter,
)
from skmlp.common.errors import InvalidParameterError, shown

HALF = Fraction(1, 2)
ACCEPTED = [
    (OneOf(("a", "b")), ["a", "b"], ["c", 1, None, ["a"]]),
    (OneOf(("a",), (None,)), ["a", None], ["None", 0, False]),
    (Boolean(), [True, False, np.True_], [1, 0, "yes", None]),
    (Integer(1), [1, np.int64(3), 2**63 - 1], [0, 1.0, True, "1", None, 2**63]),
    (Integer(1, high=9), [1, np.uint8(9)], [10, 10**5000]),
    (Integer(1, ("auto", np.inf)), ["auto", np.inf, np.float64(np.inf)], ["car", 2.5]),
    (Integer(1, (None,)), [1, None], [0, "None", 1.5, [1]]),
    (
        OneOrOneEach(NameOrObject(("a", "b"), ("numerator", "denominator")), "layer"),
        ["a", HALF, ["a", "b"], ("a", HALF), [], np.array(["a", "b"])],
        ["c", b"a", None, ["a", "c"], [["a"]], {"a"}, Fraction, 0.5, np.array("a")],
    ),
    (
        Interval(0),
        [0, 0.5, np.float32(3), np.int8(2)],
        [-1, np.inf, np.nan, True, "0", 10**400],
    ),
    (Interval(0, ends="()"), [1e-300], [0, -0.0]),
    (Interval(0, 1), [0, 0.999], [1, 1.0, -1e-9]),
    (Interval(0, 1, "[]"), [0, 1], [1.001]),
    (Interval(0, ends="[]"), [np.inf], [np.nan]),
    (
        Sizes(),
        [5, (), [], (3, 4), [np.int64(2)], np.array([1, 2]), range(1, 3)],
        [0, -1, 2.0, True, "5", b"5", None, (3, 0), [2.5], {3}, np.array([[1.0]])],
    ),
    (Sizes(), [[1] * 999], [10**5000, (3, 2**63), [1] * 1000]),
    (
        RandomState(),
        [None, 0, np.int64(7), np.random.RandomState(0), np.random],
        [-1, 2**32, 0.5, "0", True, np.random.default_rng(0)],
    ),
    (
        ClassWeight(),
        [None, "balanced", {}, {0: 1, "a": np.float32(0.5)}, [{0: 0}, {1: 2}], ({},)],
        ["even", 1, {0: -1}, {0: np.nan}, {0: "1"}, {0: True}, [{}, None], {1}, ["a"]],
    ),
    (
        Scoring(),
        [None, "loss", "roc_auc", max],
        ["lost", int, 1, ["accuracy"]],
    ),
    (Scoring(own=()), [None, "r2"], ["loss"]),
    (
        Splits(),
        [None, 2, np.int64(9), KFold(), [([0], [1])], iter([])],
        [1, 0, True, 2.0, "3", b"3", KFold, {0: 1}, 2**63],
    ),
    (Verbosity(), [True, False, 0, 10], [-1, "yes", None, 1.0]),
]


@pytest.mark.parametrize(
    ("constraint", "value"),
    [(constraint, value) for constraint, good, _ in ACCEPTED for value in good],
)
def test_accepted(constraint, value):
    check_parameter("Model", "knob", value, constraint)


@pytest.mark.parametrize(
    ("constraint", "value"),
    [(constraint, value) for constraint, _, bad in ACCEPTED for value in bad],
    ids=lambda value: shown(value).partition(" at 0x")[0],
)
def test_refused_with_name_what_is_allowed_and_what_came(constraint, value):
    with pytest.raises(InvalidParameterError) as caught:
        check_parameter("Model", "knob", value, constraint)
    message = str(caught.value)
    assert "'knob' parameter of Model" in message
    assert constraint.allowed in message
    assert f"Got {shown(value)}" in message
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, TypeError)
