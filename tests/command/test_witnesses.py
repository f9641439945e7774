"""The rows that a sample must have."""

import numpy as np
import pytest

from skmlp.command.witnesses import Witnesses

arrow = pytest.importorskip("pyarrow", exc_type=ImportError)


def shown(column, target="t", task="auto", n_block=3):
    """The values of the witnesses of a column, in the order of the rows."""
    witnesses = Witnesses(target, task)
    table = arrow.table({target: column})
    numbers = np.arange(table.num_rows)
    for i in range(0, table.num_rows, n_block):
        witnesses.add(table[i : i + n_block], numbers[i : i + n_block])
    ends = [end for every in witnesses.ends().values() for end in every]
    rows = {end.number: end.row[target][0].as_py() for end in ends}
    assert rows == {i: column[i] for i in rows}
    return [rows[i] for i in sorted(rows)], witnesses.has_many_classes


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([1, 1, 1, 1, 2, 2], [1, 2]),
        ([None, None, 1.0, 1.0, float("nan"), 3.0], [None, 1, 3]),
        (["a", "a", None, "b", "c"], ["a", None, "b"]),
        (["2024-01-01"] * 4 + ["2024-01-02", "x"], ["2024-01-01", "2024-01-02", "x"]),
        (["12:30", "12:30", "12:30", "12.30"], ["12:30", "12.30"]),
        ([True, True, True, False], [True, False]),
        ([[1], [2]], []),
    ],
)
def test_columns_show_two_values_a_missing_one_and_a_text_that_is_no_date(
    column, expected
):
    witnesses = Witnesses("t", "auto")
    for i in range(0, len(column), 2):
        rows = column[i : i + 2]
        table = arrow.table({"x": arrow.array(rows, arrow.array(column).type)})
        witnesses.add(
            table.append_column("t", arrow.array([0.5] * len(rows))),
            np.arange(i, i + len(rows)),
        )
    found = {
        end.number: end.row["x"][0].as_py()
        for what, (end, *_) in witnesses.ends().items()
        if what[0] == "x"
    }
    np.testing.assert_array_equal([found[i] for i in sorted(found)], expected)


def test_the_target_shows_its_ends_a_fraction_and_its_classes():
    many = [*range(100, 0, -1), 7.5, *range(200, 300)]
    values, has_many = shown(many)
    assert not has_many
    # So many values that they are no classes.
    assert set(values) == {*range(80, 101), 2, 1, 7.5, 298, 299}
    values, has_many = shown(many, task="classification")
    assert not has_many
    assert sorted(values) == sorted(many)
    assert shown(["a"] * 9 + ["b"]) == (["a", "a", "b"], False)
    assert shown([3, 3, 3, 3, 5, 3, 4]) == ([3, 3, 5, 4], False)


def test_too_many_classes(monkeypatch):
    monkeypatch.setattr("skmlp.command.witnesses.MOST_CLASSES", 3)
    values, has_many = shown([*"aabbccdd"])
    assert has_many
    assert values == ["a", "b"]


def test_too_many_classes_in_blocks_of_few(monkeypatch):
    monkeypatch.setattr("skmlp.command.witnesses.MOST_CLASSES", 3)
    assert shown([*"abcdaaaa"], n_block=4)[1]
