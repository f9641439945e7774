import numpy as np
import pandas as pd

from skmlp import TableEncoder
from skmlp.core.architectures import ColumnLayout
from skmlp.tabular.assembly import different_names, encode, layout_of
from skmlp.tabular.column_encoders import Group, Numeric
from skmlp.tabular.columns import columns_of
from skmlp.tabular.dates import Dated
from skmlp.tabular.labelled import Labelled

TABLE = pd.DataFrame(
    {
        "code": ["b", "a", None, "c"],
        "few": ["x", "y", "x", None],
        "day": pd.to_datetime(["2024-01-01", "2024-06-05", None, "2025-05-03"]),
        "number": [1.0, np.nan, 3.0, 5.0],
    }
)
COLUMNS = columns_of(TABLE, None)
ENCODERS = [
    Labelled(("a", "b", "c"), as_numbers=True),
    Labelled(("x", "y"), as_numbers=False),
    Dated.fit(COLUMNS[2], with_quantiles=False),
    Numeric.fit(COLUMNS[3].values, with_quantiles=True),
]


def test_groups_in_order():
    names = different_names(ENCODERS, list(TABLE))
    weekdays = [name for name in names if name.endswith("day") and name != "day"]
    assert names == [
        *("day", "day_day_of_year", "number", "number_quantile"),
        *("day_missing", "number_missing"),
        *weekdays,
        *("day_day_of_year_sin", "day_day_of_year_cos", "few_y", "code_number"),
    ]
    assert len(weekdays) == 7
    assert layout_of(ENCODERS) == ColumnLayout(4, 2 + 9 + 1, (4,))


def test_each_column_is_at_the_place_of_its_name():
    out = pd.DataFrame(
        encode(ENCODERS, COLUMNS), columns=different_names(ENCODERS, list(TABLE))
    )
    assert out["code_number"].tolist() == [2, 1, 0, 3]
    assert out["few_y"].tolist() == [-1, 1, -1, 0]
    assert out["day_missing"].tolist() == out["number_missing"][[0, 2, 1, 3]].tolist()
    assert out["day_monday"].tolist() == [1, 0, 0, 0]
    alone = encode(ENCODERS[3:], COLUMNS[3:])
    together = out[["number", "number_quantile", "number_missing"]].to_numpy()
    np.testing.assert_array_equal(together, alone)


def test_encoders_count_their_columns():
    for one, name, column in zip(ENCODERS, TABLE, COLUMNS, strict=True):
        n = len(one.groups)
        assert len(one.names(name)) == n
        n_numbers = sum(len(number.groups) for number in one.numbers)
        assert one.transform(column).shape == (4, n - n_numbers)
        assert len(one.numbers_of(column)) == len(one.numbers)
        assert len(one.cardinalities) == one.groups.count(Group.CODE)


def test_names_that_meet_get_underscores():
    X = pd.DataFrame({"a": [1.0, None], "a_missing": [1.0, None], "a_missing_": [1, 2]})
    names = TableEncoder(quantiles=False).fit(X).get_feature_names_out()
    # What comes first keeps its name; columns go before their own indicators.
    assert names[:3].tolist() == ["a", "a_missing_", "a_missing__"]
    assert names[3:].tolist() == ["a_missing", "a_missing_missing"]
