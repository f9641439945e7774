from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse

from skmlp.common.checks import check_numbers, check_sample_weight
from skmlp.common.constraints import (
    Boolean,
    ClassWeight,
    Integer,
    Interval,
    NameOrObject,
    OneOf,
    OneOrOneEach,
    RandomState,
    Sizes,
    Verbosity,
    check_parameter,
)
from skmlp.common.errors import InvalidParameterError
from skmlp.mlp.coefs import check_arrays_like

HALF = Fraction(1, 2)
ACCEPTED = [
    (OneOf(("a", "b")), ["a", "b"], ["c", 1, None, ["a"]]),
    (Boolean(), [True, False, np.True_], [1, 0, "yes", None]),
    (Integer(1), [1, np.int64(3)], [0, 1.0, True, "1", None]),
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
)
def test_refused_with_name_what_is_allowed_and_what_came(constraint, value):
    with pytest.raises(InvalidParameterError) as caught:
        check_parameter("Model", "knob", value, constraint)
    message = str(caught.value)
    assert "'knob' parameter of Model" in message
    assert constraint.allowed in message
    assert f"Got {value!r}" in message
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, TypeError)


@pytest.mark.parametrize("weights", [[1, 2, 0], np.ones(3, int), 2.0])
def test_sample_weight(weights):
    checked = check_sample_weight(weights, 3, np.float32)
    assert checked.dtype == np.float32
    np.testing.assert_array_equal(checked, np.broadcast_to(weights, 3))
    assert check_sample_weight(None, 3, np.float32) is None


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1, 2], r"shape \(3,\).*Got shape \(2,\)"),
        ([[1], [2], [3]], r"Got shape \(3, 1\)"),
        ([1, -2, 3], "must be >= 0. Got a weight of -2"),
        ([1, np.nan, 3], "sample_weight contains NaN"),
        ([1, np.inf, 3], "sample_weight contains infinity"),
        ([0, 0, 0], "at least one positive weight"),
        (0.0, "at least one positive weight"),
        ("abc", "sample_weight must be None, a number or an array.*Got str"),
        (["a", "b", "c"], "sample_weight must be .*Got list"),
        ({0: 1}, "sample_weight must be .*Got dict"),
        ([1e308, 1e308, 1e308], "sample_weight must have a sum that float64 can hold"),
        ([1e-320, 0, 0], "sample_weight must have a sum that float64 can hold"),
    ],
)
def test_wrong_sample_weight(weights, message):
    with pytest.raises((TypeError, ValueError), match=message):
        check_sample_weight(weights, 3, np.float64)


def test_weights_too_small_for_the_precision():
    with pytest.raises(ValueError, match="a sum that float32 can hold"):
        check_sample_weight([1e-50, 0, 0], 3, np.float32)


def test_arrays_like():
    value = np.ones((2, 3))
    (checked,) = check_arrays_like("coefs_", [value], [(2, 3)])
    np.testing.assert_array_equal(checked, value)
    assert not np.shares_memory(checked, value)


@pytest.mark.parametrize(
    "values", [[], [np.ones((3, 2))], [np.ones((2, 3))] * 2, [[["a"] * 3] * 2]]
)
def test_arrays_unlike(values):
    with pytest.raises(ValueError, match="coefs_"):
        check_arrays_like("coefs_", values, [(2, 3)])


def test_no_list_at_all():
    with pytest.raises(TypeError, match="coefs_ must be given a list of arrays. Got 5"):
        check_arrays_like("coefs_", 5, [(2, 3)])


@pytest.mark.parametrize(
    "y", [np.array(["a"]), np.array([None]), sparse.csr_matrix([[1.0]])]
)
def test_no_numbers(y):
    with pytest.raises(TypeError, match="y must be a dense array of real numbers"):
        check_numbers(y)
