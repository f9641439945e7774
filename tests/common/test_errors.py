"""Messages of errors, and where warnings point."""

import warnings

import numpy as np
import pytest

from skmlp import MLPClassifier
from skmlp.common.errors import argument, error_context, shown
from tests.helpers import X, Y


def test_named_adds_name_allowed_and_given():
    with (
        pytest.raises(
            TypeError, match=r"y must be good\. Got list of shape \(2,\): bad"
        ),
        error_context("y", "good", [1, 2]),
    ):
        raise TypeError("bad")


def test_an_outer_context_replaces_an_inner_one():
    with (
        pytest.raises(
            ValueError, match=r"^z must be better\. Got int of shape \(\): bad$"
        ),
        error_context("z", "better", 1),
        error_context("y", "good", [1, 2]),
    ):
        raise ValueError("bad")


class OwnError(ValueError):
    """An error of a user's own array, which takes other arguments than a message."""

    def __init__(self, row, column):
        super().__init__(row, column)


def test_errors_of_other_types_pass_unchanged():
    error = OwnError(1, 2)
    with pytest.raises(OwnError) as caught, error_context("y", "good", [1, 2]):
        raise error
    assert caught.value is error


@pytest.mark.parametrize("argument", ["X_val", "y_val", "sample_weight", "classes"])
def test_an_error_of_a_users_own_array_passes_unchanged(argument):
    class Array:
        shape = (60, 4)

        def __array__(self, dtype=None, copy=None):
            raise error

    error = OwnError(1, 2)
    model = MLPClassifier((3,), max_iter=1, early_stopping="val" in argument)
    given = {"X_val": X, "y_val": Y[MLPClassifier]} if "val" in argument else {}
    train = model.partial_fit if argument == "classes" else model.fit
    with pytest.raises(OwnError) as caught:
        train(X, Y[MLPClassifier], **{**given, argument: Array()})
    assert caught.value is error


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (ValueError("it is 3"), ValueError, "y is invalid. it is 3"),
        (TypeError("it is 3"), TypeError, "y is invalid. it is 3"),
        (ValueError("Input y has NaN"), ValueError, "Input y has NaN"),
        (ValueError("any"), ValueError, "y is invalid. any"),
        (OverflowError("it is 3"), ValueError, "y is invalid. it is 3"),
        (
            UnicodeDecodeError("utf-8", b"a", 0, 1, "bad"),
            ValueError,
            "y is invalid. 'utf-8' codec can't decode byte 0x61 in position 0: bad",
        ),
    ],
)
def test_errors_of_libraries_get_the_name_of_the_argument(error, kind, message):
    with pytest.raises(kind) as caught, argument("y"):
        raise error
    assert str(caught.value) == message


def test_long_values_are_cut_off():
    assert shown([1, "a"]) == "[1, 'a']"
    assert len(shown("a" * 10**6)) < 300
    assert shown(10**5000) == "a value of type int that is too long to show"


@pytest.mark.parametrize("context", [argument("y"), error_context("y", "good", 1)])
def test_a_long_message_of_a_library_loses_its_middle(context):
    with (
        pytest.raises(ValueError, match="^y .*start a.* \\.\\.\\. .*a end$") as caught,
        context,
    ):
        raise ValueError(f"start {'a' * 10**6} end")
    assert len(str(caught.value)) < 500


def test_an_error_that_names_the_argument_first_passes_unchanged():
    with (
        pytest.raises(TypeError, match=r"^y must be small$"),
        error_context("y", "good", 1),
    ):
        raise TypeError("y must be small")


def test_sums_in_checks_may_overflow():
    with argument("y"):
        assert np.isnan(np.sum([1.7e308, 1.7e308, -1.7e308, -1.7e308, -np.inf]))


def test_warnings_point_at_the_caller(make, data):
    for solver in ("adam", "lbfgs"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            make(solver=solver, max_iter=2).fit(*data)
        assert {warning.filename for warning in caught} == {__file__}


def test_code_without_a_module_can_be_warned(make, data):
    code = compile("model.fit(X, y)", "<code>", "exec")
    with pytest.warns(UserWarning, match="Maximum iterations") as caught:
        exec(code, {"model": make(), "X": data[0], "y": data[1]})
    assert [one.filename for one in caught] == ["<code>"]
