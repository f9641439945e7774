import numpy as np
import pandas as pd
import pytest

from skmlp.tabular.encoder import TableEncoder
from skmlp.tabular.totals import Totals

RNG = np.random.RandomState(0)
N = 300
TOWNS = np.array([f"t{i}" for i in RNG.randint(20, size=N)])
FRAME = pd.DataFrame(
    {
        "x": RNG.randn(N),
        "code": RNG.randint(1000, size=N),
        "town": TOWNS,
        "word": RNG.choice(["a", "b", "c"], N),
        "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(N), "D"),
    }
)
Y = RNG.randn(N) + (TOWNS < "t2")


def totals_of(frame, **changes):
    """The totals of a frame, with other labels of some columns."""
    labels = {name: frame[name].value_counts().to_dict() for name in ("town", "word")}
    return Totals(len(frame), labels | changes)


def encoder(totals, frame=FRAME, **parameters):
    found = TableEncoder(**parameters)
    return found, found._fit_rows(frame, Y[: len(frame)], totals)[0]


@pytest.mark.parametrize("parameters", [{}, {"min_frequency": 15}])
def test_totals_of_the_same_rows_change_nothing(parameters):
    found, numbers = encoder(totals_of(FRAME), **parameters)
    expected, others = encoder(None, **parameters)
    np.testing.assert_array_equal(numbers, others)
    assert found.cardinalities_ == expected.cardinalities_
    assert [*found.get_feature_names_out()] == [*expected.get_feature_names_out()]


def test_labels_that_a_sample_does_not_have():
    more = {"town": {"new": 5, "t0": 100}, "word": {"d": 1}}
    totals = totals_of(FRAME, **more)._replace(n_rows=10**5)
    found, _ = encoder(totals)
    new = FRAME[:2].assign(word=["d", "a"], town=["new", "newer"])
    (word, town) = (
        [*found.get_feature_names_out()].index(name)
        for name in ("word_d", "town_number")
    )
    assert found.transform(new)[:, word].tolist() == [1, 0]
    assert found.transform(new)[:, town].tolist() == [1, 0]


def test_rare_labels_by_the_rows_of_the_table():
    counts = {f"t{i}": 100 for i in range(20)} | {"t3": 2, "new": 3, "news": 10}
    found, _ = encoder(totals_of(FRAME, town=counts), min_frequency=10)
    one = found._columns[2]
    assert set(one.rare) == {"t3", "new"}
    assert "news" in one.labels


def test_missing_values_that_a_sample_does_not_have():
    totals = totals_of(FRAME)._replace(missing=frozenset(FRAME.columns))
    found, numbers = encoder(totals, column_kinds={"code": "code"})
    names = [*found.get_feature_names_out()]
    for name in ("x", "code", "day"):
        assert not numbers[:, names.index(f"{name}_missing")].any()
    new = FRAME[:1].assign(x=np.nan, code=np.nan, day=pd.NaT)
    encoded = found.transform(new)[0]
    for name in ("x", "code", "day"):
        assert encoded[names.index(f"{name}_missing")] == 1
    assert not any(name.startswith("word_missing") for name in names)
