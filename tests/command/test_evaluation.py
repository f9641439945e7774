"""Models compared: test rows, scores, the verdict."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import log_loss, r2_score, roc_auc_score

from skmlp import TableEncoder
from skmlp.command.choices import CLASSIFICATION, REGRESSION
from skmlp.command.evaluation import (
    TrainTestSplit,
    fit,
    judged,
    peers,
    scores,
    split,
    tabular_mlp,
    verdict,
)
from skmlp.command.importances import Shuffle, importances
from skmlp.command.kinds import NUMBER, TEXT
from skmlp.command.task import Task, infer_task
from skmlp.command.text import UserError

pandas = pytest.importorskip("pandas")

N = 200
RNG = np.random.RandomState(0)
A, B = RNG.normal(size=N), RNG.choice(["u", "v", "w"], size=N)
Y = 3 * A + (B == "u") + 0.1 * RNG.normal(size=N)


def make(kind, n_classes=2, missing=True):
    """A task with the informative columns a and b, and c of noise."""
    X = pandas.DataFrame({"a": A, "b": pandas.Series(B, dtype=object)})
    X["c"] = RNG.normal(size=N)
    if missing:
        X.loc[::7, "a"] = np.nan
        X["b"] = X["b"].where(np.arange(N) % 9 > 0, None)
    y = np.digitize(Y, np.quantile(Y, np.linspace(0, 1, n_classes + 1)[1:-1]))
    columns = {"a": NUMBER, "b": TEXT, "c": NUMBER}
    return Task(kind, X, y if kind == CLASSIFICATION else Y, "y", columns)


def test_the_split_is_stratified():
    task = make(CLASSIFICATION, 4)
    rows = split(task, 0.25, 0)
    counts = [np.sum(rows.y_test == k) for k in range(4)]
    assert sorted(counts) == [12, 12, 13, 13]
    assert len(rows.X_train) == len(rows.y_train) == 150
    assert not set(rows.X_train.index) & set(rows.X_test.index)
    again, other = split(task, 0.25, 0), split(task, 0.25, 1)
    assert again.X_test.equals(rows.X_test)
    assert not other.X_test.equals(rows.X_test)
    assert len(split(make(REGRESSION), 0.1, 0).y_test) == 20


@pytest.mark.parametrize(
    ("kind", "fraction"),
    [
        (CLASSIFICATION, 0.005),
        (CLASSIFICATION, 0.995),
        (REGRESSION, 1e-3),
        (REGRESSION, 0.999),
    ],
)
def test_too_few_rows_on_one_side(kind, fraction):
    with pytest.raises(
        UserError, match=f"--test {fraction:g} of 200 rows leaves too few"
    ) as caught:
        split(make(kind, 3), fraction, 0)
    assert ("classes" in str(caught.value)) == (kind == CLASSIFICATION)


@pytest.mark.parametrize("kind", [REGRESSION, CLASSIFICATION])
def test_peers_learn_from_text_and_columns_with_missing_values(kind):
    task = make(kind)
    rows = split(task, 0.25, 0)
    found = {}
    for name, model in peers(task, 0).items():
        assert fit(model, rows) > 0
        found[name] = scores(model, rows)
    score = "AUC" if kind == CLASSIFICATION else "R2"
    trees, linear, baseline = found.values()
    assert min(trees[score], linear[score]) > 0.6
    assert baseline[score] == pytest.approx(
        0.5 if kind == CLASSIFICATION else 0, abs=0.05
    )


def test_peers_with_columns_of_one_kind_with_many_labels_or_none():
    many = pandas.Series([f"#{i % 80}" for i in range(600)], dtype=object)
    y = many.str.len().to_numpy() % 2
    empty = pandas.Series([None] * 600, dtype=object)
    for X in (
        pandas.DataFrame({"t": many, "e": empty}),
        pandas.DataFrame({"n": np.arange(600.0)}),
    ):
        columns = dict.fromkeys(X, TEXT if "t" in X else NUMBER)
        task = Task(CLASSIFICATION, X, y, "y", columns)
        for model in peers(task, 0).values():
            fit(model, split(task, 0.25, 0))


def test_labels_that_training_has_not_seen():
    task = make(CLASSIFICATION)
    rows = split(task, 0.25, 0)
    X = rows.X_test.copy()
    X["b"] = "unseen"
    for model in peers(task, 0).values():
        fit(model, rows)
        assert np.isfinite(model.predict_proba(X)).all()


def test_scores_of_classes():
    rows = split(make(CLASSIFICATION, missing=False), 0.25, 0)
    rows = replace(rows, X_train=rows.X_train[["a"]], X_test=rows.X_test[["a"]])
    model = LogisticRegression().fit(rows.X_train, rows.y_train)
    probabilities = model.predict_proba(rows.X_test)
    assert scores(model, rows) == {
        "log-loss": log_loss(rows.y_test, probabilities),
        "accuracy": model.score(rows.X_test, rows.y_test),
        "AUC": roc_auc_score(rows.y_test, probabilities[:, 1]),
    }


def test_several_classes_have_no_auc_and_the_test_rows_may_lack_one():
    rows = split(make(CLASSIFICATION, 3, missing=False), 0.25, 0)
    chosen = rows.y_test < 2
    rows = replace(
        rows,
        X_train=rows.X_train[["a"]],
        X_test=rows.X_test[["a"]][chosen],
        y_test=rows.y_test[chosen],
    )
    model = LogisticRegression().fit(rows.X_train, rows.y_train)
    assert list(scores(model, rows)) == ["log-loss", "accuracy"]
    found = importances(Shuffle(model, rows, 0)).largest
    assert list(found) == ["a"]
    assert found["a"]["increase in log-loss"] > 0.1


def test_no_auc_if_the_test_rows_have_one_class():
    X, y = np.arange(8.0).reshape(-1, 1), np.array([0, 1] * 4)
    model = LogisticRegression().fit(X, y)
    found = scores(model, TrainTestSplit(CLASSIFICATION, X, X[::2], y, y[::2]))
    assert list(found) == ["log-loss", "accuracy"]


def test_scores_of_numbers():
    rows = split(make(REGRESSION, missing=False), 0.25, 0)
    rows = replace(rows, X_train=rows.X_train[["a"]], X_test=rows.X_test[["a"]])
    model = LinearRegression().fit(rows.X_train, rows.y_train)
    errors = model.predict(rows.X_test) - rows.y_test
    found = scores(model, rows)
    assert found["RMSE"] == pytest.approx(np.mean(errors**2) ** 0.5)
    assert found["MAE"] == pytest.approx(np.abs(errors).mean())
    assert found["R2"] == r2_score(rows.y_test, model.predict(rows.X_test))


def test_the_row_of_a_class_with_one_row_is_a_training_row():
    task = make(CLASSIFICATION, 3)
    others = split(task, 0.25, 0)
    task.y = np.append(task.y, [7, 8])
    task.X = pandas.concat([task.X, task.X[:2]], ignore_index=True)
    rows = split(task, 0.25, 0)
    assert rows.y_train[-2:].tolist() == [7, 8]
    assert rows.y_test.tolist() == others.y_test.tolist()
    assert rows.X_test.equals(others.X_test)


@pytest.mark.parametrize("kind", [REGRESSION, CLASSIFICATION])
def test_losses_of_the_rows_have_the_mean_of_the_score(kind):
    rows = split(make(kind, 3, missing=False), 0.25, 0)
    for model in peers(make(kind, 3), 0).values():
        fit(model, rows)
        found = scores(model, rows)
        score = found["log-loss"] if kind == CLASSIFICATION else found["RMSE"] ** 2
        assert judged("", model, rows).losses.mean() == pytest.approx(score)


@pytest.mark.parametrize(
    ("gains", "words"),
    [
        ({"trees": 1.0, "guess": 2.0}, "MLP is better than trees and guess"),
        (
            {"trees": 0.1, "guess": 2.0},
            "MLP is not clearly better than trees, better th",
        ),
        ({"trees": 0.0, "guess": -0.1}, "MLP is no better than trees and guess"),
        (
            {"trees": -1.0, "guess": 0.0},
            "trees predicts better than MLP here. MLP is worse than trees, no",
        ),
    ],
)
def test_the_verdict(gains, words):
    ours = np.ones(16)
    # The standard error of the difference of the rows is 0.1 sqrt(16 / 15).
    noise = 0.4 * np.array([1, -1] * 8)
    losses = {name: ours + gain + noise for name, gain in gains.items()}
    found = verdict({"MLP": ours, **losses})
    assert found.startswith(words)
    assert found.endswith(", by the losses of 16 test rows.")


def test_the_tabular_estimator_and_peers_get_dates():
    days = pandas.date_range("2024-01-01", periods=48, freq="10D")
    frame = pandas.DataFrame({"y": np.arange(48.0) % 9, "day": days.astype(str)})
    task = infer_task(frame, "y", REGRESSION, [])
    model = tabular_mlp(REGRESSION, 0).set_params(n_estimators=1, max_iter=1)
    encoder = model.fit(task.X, task.y).encoder_
    by_hand = TableEncoder().fit(pandas.DataFrame({"day": days}))
    found = encoder.get_feature_names_out().tolist()
    assert found == by_hand.get_feature_names_out().tolist()
    assert "day_monday" in found
    np.testing.assert_array_equal(
        encoder.transform(task.X), by_hand.transform(pandas.DataFrame({"day": days}))
    )
    for peer in peers(task, 0).values():
        assert len(peer.fit(task.X, task.y).predict(task.X)) == 48
