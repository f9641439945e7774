"""What the sections say, by the numbers that they show."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from skmlp.reporting import sections as module
from skmlp.reporting.content import Picture, Table
from skmlp.reporting.influence import Influence
from skmlp.reporting.sections import (
    by_class,
    confusion,
    cost,
    data,
    frequent,
    learning,
    matters,
    quality_of_numbers,
    summary,
    verdict,
    worst,
)
from skmlp.reporting.svg import Drawings

from .conftest import CASES, kinds

pytest.importorskip("matplotlib")


def texts(row):
    return [getattr(cell, "text", cell) for cell in row]


@pytest.mark.parametrize("name", CASES)
def test_the_verdict_has_the_scores(name, evidence):
    one = evidence(name)
    scores, ends = one.ours.scores(), one.intervals[0]
    first = " ".join(summary(one))
    if kinds()[name]:
        assert f"{100 * scores['accuracy']:.1f} %" in first
        assert f"{100 * ends['accuracy'][0]:.1f} % to" in first
    else:
        assert f"off by {scores['MAE']:.4g} on average" in first
    table = verdict(one).parts[1]
    assert table.head == ["model", *scores]
    assert [row[0] for row in table.rows] == [each.name for each in one.judged]


def test_data_has_kinds_and_missing_values(evidence):
    one = evidence("regression")
    table = data(one).parts[-1]
    rows = {row[0]: row[1:] for row in table.rows}
    assert list(rows) == list(one.X.columns)
    assert rows["size"][0] == "number"
    assert rows["day"][0] == "date"
    missing = one.X["gap"].isna().mean()
    assert rows["gap"][2] == f"{100 * missing:.1f} %"
    facts, table = data(evidence("trees", facts={"rows": "7"}, notes=["x"])).parts[::2]
    assert facts.texts == ["rows: 7", "test rows: 50"]
    assert table.head == ["column", "missing", "examples"]


def test_scores_by_class_and_confusion_are_those_of_scikit_learn(evidence):
    one = evidence("trees")
    labels = [0, 1, 2]
    assert frequent(one) == labels
    expected = precision_recall_fscore_support(one.y, one.ours.predicted, labels=labels)
    for i, row in enumerate(by_class(one).rows):
        shares = [cell.share for cell in row[1:4]]
        np.testing.assert_allclose(shares, [each[i] for each in expected[:3]])
    counts = confusion_matrix(one.y, one.ours.predicted)
    found = [list(map(int, texts(row)[1:])) for row in confusion(one).rows]
    assert found == counts.tolist()


def test_only_some_of_many_classes(evidence, monkeypatch):
    monkeypatch.setattr(module, "MOST_CLASSES", 2)
    one = evidence("trees")
    counts = np.bincount(one.y)
    assert set(frequent(one)) == set(np.argsort(-counts, kind="stable")[:2])
    assert by_class(one).caption.endswith("the 2 largest of 3")
    assert len(confusion(one).rows) == 2


def test_the_worst_rows_come_first(evidence):
    for name in ("regression", "two classes", "array"):
        one = evidence(name)
        table = worst(one, [1, 0])
        places = np.argsort(-one.ours.losses, kind="stable")[: module.WORST]
        index = getattr(one.X, "index", np.arange(len(one.y)))
        assert [row[0] for row in table.rows] == [str(index[i]) for i in places]
        assert table.head[4:] == [str(one.columns[1]), str(one.columns[0])]
        assert len({len(row) for row in table.rows} | {len(table.head)}) == 1


def test_columns_that_matter(evidence, monkeypatch):
    one = evidence("two classes")
    found = Influence("loss", np.array([0.5, np.nan, 1.0, -0.1]), np.zeros(4))
    table, text, *pictures = matters(one, found, Drawings())
    assert [row[0] for row in table.rows] == ["day", "size", "gap"]
    assert [row[1].share for row in table.rows] == [1, 0.5, 0]
    assert text.text.startswith("3 of 4 columns were measured")
    assert len(pictures) == 3
    assert all(isinstance(one, Picture) for one in pictures)
    (text,) = matters(one, None, Drawings())
    assert "too long" in text.text


def test_learning_curves_only_of_networks(evidence):
    assert len(list(learning(evidence("regression"), Drawings()))) == 1
    assert len(list(learning(evidence("array"), Drawings()))) == 1
    assert list(learning(evidence("line"), Drawings())) == []


def test_errors_of_numbers(evidence):
    one = evidence("regression")
    first, second, table = quality_of_numbers(one, Drawings())
    inside = one.model.predict_interval(one.X)
    share = np.mean((inside[:, 0] <= one.y) & (inside[:, 1] >= one.y))
    assert (
        f"{100 * share:.1f} % of the rows are in their 90 % interval" in first.caption
    )
    assert isinstance(second, Picture)
    sizes = np.abs(one.y - one.ours.predicted)
    assert table.rows[0] == ["50.0 %", f"{np.median(sizes):.4g}"]
    first, *_ = quality_of_numbers(evidence("line"), Drawings())
    assert "interval" not in first.caption


def test_the_cost(evidence):
    rows = dict(cost(evidence("regression", costs={"a": "b"})).rows)
    assert rows["a"] == "b"
    model = evidence("regression").model
    assert rows["weights and biases"] == f"{model.n_parameters_:,}"
    assert float(rows["megabytes of the stored model"]) > 0
    assert isinstance(cost(evidence("line")), Table)
