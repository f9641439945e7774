"""Messages of errors, and where warnings point."""

import warnings

import pytest

from skmlp import MLPClassifier
from skmlp.common.errors import error_context
from tests.helpers import X, Y


def test_named_adds_name_allowed_and_given():
    with (
        pytest.raises(
            TypeError, match=r"y must be good\. Got list of shape \(2,\): bad"
        ),
        error_context("y", "good", [1, 2]),
    ):
        raise TypeError("bad")


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


def test_warnings_point_at_the_caller(make, data):
    for solver in ("adam", "lbfgs"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            make(solver=solver, max_iter=2).fit(*data)
        assert {warning.filename for warning in caught} == {__file__}
