import numpy as np
import pytest

from skmlp.tabular.column_encoders import Group, Labelled, Numeric
from skmlp.tabular.columns import LABELS, NUMBERS, Column

VALUES = np.array([3.0, 1.0, np.nan, 2.0, 5.0, 4.0])
LETTERS = np.array(["b", None, "a", "c"], dtype=object)


def test_groups_come_in_order():
    assert list(Group) == sorted(Group)
    names = ["SCALED", "QUANTILE", "MISSING", "ONE_HOT", "CODE"]
    assert [group.name for group in Group] == names


def test_statistics_of_numbers():
    column = Numeric.fit(VALUES, True)
    assert (column.center, column.scale, column.mean) == (3.0, 0.5, 3.0)
    assert column.has_missing
    np.testing.assert_allclose(column.quantiles, [1, 2, 3, 3, 4, 5])
    assert column.groups == [Group.SCALED, Group.QUANTILE, Group.MISSING]
    assert column.names("x") == ["x", "x_quantile", "x_missing"]
    scaled, quantile, missing = column.transform(VALUES)
    z = (np.nan_to_num(VALUES, nan=3) - 3) / 2
    np.testing.assert_allclose(scaled, z / np.sqrt(1 + (z / 3) ** 2))
    np.testing.assert_array_equal(quantile.argsort()[[0, -1]], [1, 4])
    np.testing.assert_array_equal(missing, np.isnan(VALUES))


@pytest.mark.parametrize("values", [np.full(3, 7.0), np.full(3, np.nan)])
def test_a_column_of_one_value_or_none_becomes_zero(values):
    column = Numeric.fit(values, True)
    assert column.groups == [Group.SCALED]
    (scaled,) = column.transform(values + 1)
    np.testing.assert_array_equal(scaled, np.zeros(3))
    assert column.has_values == (not np.isnan(values).any())


def test_many_labels_become_codes():
    column = Labelled.fit(LETTERS, 2)
    assert column.labels == ("a", "b", "c")
    assert column.groups == [Group.CODE]
    (codes,) = column.transform(np.array(["c", "new", None, "a"], dtype=object))
    assert codes.tolist() == [3, 0, 0, 1]


def test_few_labels_become_columns():
    column = Labelled.fit(LETTERS, 3)
    assert column.groups == [Group.ONE_HOT] * 3
    assert column.names("x") == ["x_a", "x_b", "x_c"]
    found = np.transpose(column.transform(LETTERS)).astype(int).tolist()
    assert found == [[0, 1, 0], [0, 0, 0], [1, 0, 0], [0, 0, 1]]
    two = Labelled.fit(LETTERS[:3], 3)
    assert two.groups == [Group.ONE_HOT]
    assert two.transform(LETTERS)[0].tolist() == [1, 0, -1, 0]


def test_a_column_must_be_of_the_kind_of_fit():
    numbers, letters = Numeric.fit(VALUES, True), Labelled.fit(LETTERS, 8)
    with pytest.raises(TypeError, match="Column 'x' of X must hold numbers.*Got 'b'"):
        numbers.values_of(Column("x", LABELS, LETTERS))
    with pytest.raises(TypeError, match="Column 'x' of X must hold text.*Got 3.0"):
        letters.values_of(Column("x", NUMBERS, VALUES))
    coded = Labelled.fit(np.array([1.0, 2.0], dtype=object), 8)
    assert coded.values_of(Column("x", NUMBERS, VALUES))[1:3] == [1.0, None]
    empty = Column("x", LABELS, np.array([None, None]))
    assert np.isnan(numbers.values_of(empty)).all()
