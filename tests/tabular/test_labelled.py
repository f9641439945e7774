from dataclasses import replace

import numpy as np
import pytest

from skmlp.tabular.column_encoders import Group, Numeric
from skmlp.tabular.columns import LABELS, Column
from skmlp.tabular.distinct import distinct
from skmlp.tabular.labelled import Labelled

VALUES = np.array([3.0, 1.0, np.nan, 2.0, 5.0, 4.0])
LETTERS = np.array(["b", None, "a", "c"], dtype=object)


def labels(values):
    """A column of labels."""
    found = distinct(values)
    return Column("x", LABELS, found.places, found.values)


def test_many_labels_become_codes():
    column = Labelled.fit(["b", "a", "c"], 2)
    assert column.labels == ("a", "b", "c")
    assert column.groups == [Group.CODE]
    found = column.transform(labels(np.array(["c", "new", None, "a"], dtype=object)))
    assert found.tolist() == [[3], [0], [0], [1]]


def test_few_labels_become_columns():
    column = Labelled.fit(["b", "a", "c"], 3)
    assert column.groups == [Group.ONE_HOT] * 3
    assert column.names("x") == ["x_a", "x_b", "x_c"]
    found = column.transform(labels(LETTERS)).tolist()
    assert found == [[0, 1, 0], [0, 0, 0], [1, 0, 0], [0, 0, 1]]
    two = Labelled.fit(["b", "a"], 3)
    assert two.groups == [Group.ONE_HOT]
    assert two.transform(labels(LETTERS)).ravel().tolist() == [1, 0, -1, 0]


def test_a_column_must_be_of_the_kind_of_fit():
    numbers, letters = Numeric.fit(VALUES, True), Labelled.fit(["a", "b"], 8)
    with pytest.raises(
        TypeError, match="Column 'x' of X must hold numbers.*3 rows: 'b'"
    ):
        numbers.values_of(labels(LETTERS))
    coded = np.array([1, 2.0, None], dtype=object)
    with pytest.raises(TypeError, match="must hold text.*Got numbers in 2 rows: 1"):
        letters.codes(labels(coded))
    found = numbers.values_of(labels(coded))
    np.testing.assert_array_equal(found, [1, 2, np.nan])
    empty = labels(np.array([None, None]))
    assert np.isnan(numbers.values_of(empty)).all()
    assert letters.codes(empty) == []


def test_unseen_labels():
    one = Labelled.fit(["a", "b"], 8)
    column = labels(np.array(["b", "c", None, "C", "c"], object))
    assert one.unseen(column) == ["c", "C", "c"]
    column = labels(np.array([1.0, 2.0**53]))
    assert Labelled.fit([1, 2**53 + 1], 8).unseen(column) == [2.0**53]


def test_rare_labels_have_the_code_of_unseen_ones():
    column = labels(np.array(["b", "c", None, "b", "a"], object))
    one = Labelled.fit(column.labels, 2)
    assert one.codes_of_rows(column).tolist() == [2, 3, 0, 2, 1]
    one = one.without_rare(np.bincount(one.codes_of_rows(column))[1:], 1.5)
    assert (one.labels, one.rare) == (("b",), ("a", "c"))
    assert one.transform(column).tolist() == [[1], [0], [0], [1], [0]]
    one.check_sizes()
    assert one.unseen(labels(np.array(["a", "d", "b"], object))) == ["d"]
    none = one.without_rare(np.zeros(len(one.labels)), 9)
    assert none.has_values
    assert none.groups == [Group.CODE]
    assert not none.transform(column).any()
    with pytest.raises(TypeError, match="must hold text"):
        none.codes(labels(np.array([1.0, 2.0])))
    with pytest.raises(ValueError, match="not different"):
        replace(one, rare=("b",)).check_sizes()


def test_effects_of_labels():
    column = labels(np.array(["b", "c", None, "b", "a", "d"], object))
    kept = Labelled(("b",), True, rare=("a", "c"))
    table = np.arange(5, dtype=np.float32)[:, None] + [0, 10]
    one = replace(kept, effects=table.astype(np.float32))
    assert one.codes_for_effects(column).tolist() == [2, 3, 4, 2, 1, 0]
    assert one.groups == [Group.EFFECT, Group.EFFECT, Group.CODE]
    assert one.names("x") == ["x_effect", "x_rows", "x_number"]
    expected = [[2, 12, 1], [3, 13, 0], [4, 14, 0], [2, 12, 1], [1, 11, 0], [0, 10, 0]]
    assert one.transform(column).tolist() == expected
    one.check_sizes()
    for wrong in (table, one.effects[1:], one.effects[:, 0], [[1.0, 2.0]]):
        with pytest.raises(ValueError, match="effects of a column are not those"):
            replace(one, effects=wrong).check_sizes()
