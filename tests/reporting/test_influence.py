"""Importances and partial dependence of models of all kinds."""

import numpy as np
import pytest
from sklearn.inspection import permutation_importance

from skmlp.explain import partial_dependence
from skmlp.reporting import influence as module
from skmlp.reporting.influence import curves, influence, outputs_of, score

from .conftest import CASES, kinds


@pytest.mark.parametrize("name", CASES)
def test_importances_of_all_columns(name, evidence):
    one = evidence(name)
    found = influence(one)
    assert len(found.mean) == len(found.std) == len(one.columns)
    order = found.order
    assert sorted(order) == list(np.flatnonzero(np.isfinite(found.mean)))
    assert (np.diff(found.mean[order]) <= 0).all()
    words = {"no probability": "increase in errors"}
    fall = words.get(name, "increase in log-loss") if kinds()[name] else "drop in R2"
    assert found.what == fall


def test_they_are_those_of_scikit_learn(evidence):
    one = evidence("line")
    found = influence(one)
    some = np.random.RandomState(0).permutation(len(one.y))
    expected = permutation_importance(
        *(one.model, one.X[some], one.y[some]),
        scoring=score,
        n_repeats=module.REPEATS,
        random_state=0,
    )
    np.testing.assert_allclose(found.mean, expected.importances_mean)


def test_slow_models_have_none(evidence, monkeypatch):
    times = iter([0.0, 1e6])
    monkeypatch.setattr(module, "perf_counter", lambda: next(times))
    assert influence(evidence("line")) is None


def test_curves_of_our_models_are_partial_dependence(evidence):
    one = evidence("regression")
    found = curves(one, range(4))
    assert [curve.column for curve in found] == list(one.X.columns)
    some = np.random.RandomState(0).permutation(len(one.y))
    rows = one.X.iloc[some]
    for curve in found:
        expected = partial_dependence(one.model, rows, curve.column, n_points=20)
        assert list(curve.grid) == list(expected.grid_values)
        np.testing.assert_allclose(curve.lines, expected.average)


@pytest.mark.parametrize("name", ["array", "trees", "line"])
def test_curves_of_other_models(name, evidence):
    one = evidence(name)
    found = curves(one, [0, 1])
    assert [curve.column for curve in found] == one.columns[:2]
    for curve in found:
        assert curve.lines.shape == (len(curve.grid), len(curve.outputs))
        if kinds()[name]:
            np.testing.assert_allclose(curve.lines.sum(axis=1), 1)


def test_which_outputs_are_shown(evidence):
    assert outputs_of(evidence("line")) == (["rent <$>"], [0])
    one = evidence("two classes")
    assert outputs_of(one) == ([str(one.ours.classes[1])], [1])
    names, places = outputs_of(evidence("trees"))
    assert sorted(places) == [0, 1, 2]
    assert names == [str(place) for place in places]
