"""Messages of errors, and where warnings point."""

import warnings

import pytest

from skmlp.common.errors import error_context


def test_named_adds_name_allowed_and_given():
    with (
        pytest.raises(
            TypeError, match=r"y must be good\. Got list of shape \(2,\): bad"
        ),
        error_context("y", "good", [1, 2]),
    ):
        raise TypeError("bad")


def test_warnings_point_at_the_caller(make, data):
    for solver in ("adam", "lbfgs"):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            make(solver=solver, max_iter=2).fit(*data)
        assert {warning.filename for warning in caught} == {__file__}
