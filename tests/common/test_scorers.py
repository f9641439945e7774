"""The score of a model by a scorer of scikit-learn."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier

from skmlp.common.checks import GivenRows
from skmlp.common.scorers import score_by

X, Y = np.zeros((4, 1)), np.array([0, 0, 0, 1])
MODEL = DummyClassifier().fit(X, Y)


def test_names_callables_and_the_score_method():
    rows = GivenRows(X, Y)
    assert score_by(None, MODEL, rows) == score_by("accuracy", MODEL, rows) == 0.75
    assert score_by(lambda model, X, y: len(X), MODEL, rows) == 4.0
    weighted = GivenRows(X, Y, np.array([1, 0, 0, 1]))
    assert score_by("accuracy", MODEL, weighted) == 0.5


@pytest.mark.parametrize("bad", [np.nan, np.inf, None, "1", [1.0], 1j])
def test_a_score_is_a_finite_number(bad):
    with pytest.raises(ValueError, match=r"scoring must give a finite number.* Got"):
        score_by(lambda model, X, y: bad, MODEL, GivenRows(X, Y))


def test_an_error_says_where_it_comes_from():
    with pytest.raises(ZeroDivisionError) as caught:
        score_by(lambda model, X, y: 1 // 0, MODEL, GivenRows(X, Y))
    assert "on the 4 rows." in caught.value.__notes__[0]
