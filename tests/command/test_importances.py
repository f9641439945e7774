"""Permutation importances: of all columns, and of the first ones within a time limit."""

import numpy as np
import pytest
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression

from skmlp.command import importances as module
from skmlp.command.choices import CLASSIFICATION, REGRESSION
from skmlp.command.evaluation import TrainTestSplit
from skmlp.command.importances import Shuffle, importances, time_limit
from skmlp.explain import halving

pandas = pytest.importorskip("pandas")

N, D = 200, 20
RNG = np.random.RandomState(0)
X = pandas.DataFrame(RNG.normal(size=(N, D)), columns=[f"c{i}" for i in range(D)])
SUM = X["c3"] + 3 * X["c17"] + 2 * X["c12"]
MODELS = {
    REGRESSION: (LinearRegression(), SUM.to_numpy(), "r2"),
    CLASSIFICATION: (LogisticRegression(), (SUM > 0).to_numpy(), "neg_log_loss"),
}


class Clock:
    """A clock on which each prediction takes a second."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        for one in (module, halving):
            monkeypatch.setattr(one, "perf_counter", lambda: self.now)

    def of(self, score):
        def timed(*args, **kwargs):
            self.now += 1
            return score(*args, **kwargs)

        return timed


@pytest.fixture
def clock(monkeypatch):
    clock = Clock(monkeypatch)
    scores = {
        kind: (what, clock.of(one)) for kind, (what, one) in module.SCORES.items()
    }
    monkeypatch.setattr(module, "SCORES", scores)
    return clock


def shuffled(kind):
    model, y, _ = MODELS[kind]
    return Shuffle(model.fit(X, y), TrainTestSplit(kind, X, X, y, y), 0)


@pytest.mark.parametrize("kind", MODELS)
def test_they_are_those_of_scikit_learn(kind):
    found = importances(shuffled(kind))
    assert found.n_shuffled == D
    assert len(found.largest) == module.N_SHOWN
    model, y, scoring = MODELS[kind]
    theirs = permutation_importance(
        model, X, y, scoring=scoring, n_repeats=5, random_state=0
    ).importances_mean
    order = np.argsort(-theirs)
    assert list(found.largest)[:3] == [f"c{i}" for i in order[:3]]
    what = module.SCORES[kind][0]
    means = [row[what] for row in found.largest.values()]
    assert means == sorted(means, reverse=True)
    np.testing.assert_allclose(means[:3], theirs[order[:3]], rtol=0.5)
    assert found.largest == importances(shuffled(kind)).largest


@pytest.mark.parametrize("kind", MODELS)
def test_with_little_time_the_columns_that_matter_come_first(kind, clock):
    told = []
    found = importances(shuffled(kind), 40, told.append)
    assert clock.now <= 45
    assert set(list(found.largest)[:3]) == {"c3", "c17", "c12"}
    assert 3 <= found.n_shuffled < D
    assert told[0] == f"importances: 1 of {D} columns ..."
    assert told[-1] == ""


@pytest.mark.parametrize("kind", MODELS)
def test_with_no_time_one_column_is_found(kind, clock):
    found = importances(shuffled(kind), 0)
    assert list(found.largest) == ["c17"]
    # Two halves of 20, 10, 5, 3 and 2 columns, the column, and twice all rows.
    assert clock.now <= 2 * 5 + module.REPEATS + 2


def test_all_columns_in_the_time_they_need(clock):
    assert importances(shuffled(REGRESSION), D * module.REPEATS).n_shuffled == D
    assert clock.now == D * module.REPEATS + 2


def test_rows_and_columns_keep_their_types_and_order():
    table = X[["c3", "c17"]].assign(c3=pandas.Categorical([*"ab"] * (N // 2)))
    seen = []

    class Model:
        def predict(self, rows):
            seen.append(rows)
            return rows["c17"].to_numpy()

    y = SUM.to_numpy()
    importances(Shuffle(Model(), TrainTestSplit(REGRESSION, table, table, y, y), 0))
    for rows in seen:
        assert rows.dtypes.equals(table.dtypes)
        assert rows.index.equals(seen[0].index)
    whole, first, second = seen[0], seen[2], seen[-1]
    assert first["c17"].equals(whole["c17"])
    assert not first["c3"].equals(whole["c3"])
    assert second["c3"].equals(whole["c3"])
    assert sorted(second["c17"]) == sorted(whole["c17"])


def test_the_time_limit_is_that_of_the_training_within_limits():
    limits = [time_limit(max_time) for max_time in (None, 0.1, 5, 1000)]
    assert limits == [30, 2, 5, 30]
