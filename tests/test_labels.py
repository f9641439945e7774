import numpy as np
import pytest
from sklearn.preprocessing import LabelBinarizer

from skmlp._labels import binarize, named

Y = [
    np.array([2, 0, 2, 5]),
    np.array([True, False, True]),
    np.array(["b", "a", "c", "a"]),
    np.array(["b", "a", "c", "a"], dtype=object),
    np.array([1.0, -1.0, 1.0]),
    np.array([7, 7, 7]),
    np.array([[1, 0, 1], [0, 1, 1]]),
]


@pytest.mark.parametrize("y", Y, ids=str)
def test_binarize_is_what_scikit_learn_makes_of_it(y):
    binarizer, indicator = binarize(y)
    expected = LabelBinarizer().fit(y)
    assert binarizer.y_type_ == expected.y_type_
    np.testing.assert_array_equal(binarizer.classes_, expected.classes_)
    np.testing.assert_array_equal(
        np.asarray(indicator).reshape(len(y), -1), expected.transform(y)
    )
    np.testing.assert_array_equal(binarizer.transform(y), expected.transform(y))
    np.testing.assert_array_equal(
        binarizer.inverse_transform(expected.transform(y)),
        expected.inverse_transform(expected.transform(y)),
    )


def test_named_adds_name_allowed_and_given():
    with (
        pytest.raises(
            TypeError, match=r"y must be good\. Got list of shape \(2,\): bad"
        ),
        named("y", "good", [1, 2]),
    ):
        raise TypeError("bad")
