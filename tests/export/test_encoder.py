"""The encoder of tables as nodes, against `TableEncoder.transform`."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from skmlp import TableEncoder
from skmlp.export.encoder import Tensors
from skmlp.export.graph import DOUBLE, FLOAT, STRING, Graph

from .runs import run_encoder, table, target

TABLE = table(300)
NEW = pd.concat([TABLE, table(100, seed=1)], ignore_index=True)
NEW.loc[:5, ["few", "many", "two"]] = ["new", "other", ""]


@pytest.mark.parametrize("min_frequency", ["auto", 1, 4])
@pytest.mark.parametrize("quantiles", [True, False])
def test_a_table_with_all_kinds(min_frequency, quantiles):
    encoder = TableEncoder(min_frequency=min_frequency, quantiles=quantiles)
    encoder.fit(TABLE, target(TABLE))
    np.testing.assert_array_equal(run_encoder(encoder, NEW), encoder.transform(NEW))


@pytest.mark.parametrize("max_one_hot", [0, 8])
def test_categories_that_are_numbers_and_codes(max_one_hot):
    columns = ["integer", "rounded", "yes", "number"]
    encoder = TableEncoder(
        categorical_features=["rounded", "yes"],
        column_kinds={"integer": "code"},
        max_one_hot=max_one_hot,
    ).fit(TABLE[columns])
    new = NEW[columns].assign(integer=NEW["integer"] + np.arange(len(NEW)) % 2 / 2)
    np.testing.assert_array_equal(run_encoder(encoder, new), encoder.transform(new))


def test_an_array_has_names_for_its_inputs():
    X = np.random.RandomState(0).randn(50, 3)
    encoder = TableEncoder().fit(X)
    np.testing.assert_array_equal(run_encoder(encoder, X), encoder.transform(X))


@pytest.mark.parametrize("name", ["many", "date", "duration", "two"])
def test_a_single_column(name):
    encoder = TableEncoder().fit(TABLE[[name]])
    new = NEW[[name]]
    np.testing.assert_array_equal(run_encoder(encoder, new), encoder.transform(new))


def test_columns_without_values():
    frame = TABLE[["number"]].assign(
        text=pd.Series([None] * 300, dtype=object),
        numbers=np.nan,
        dates=pd.Series([pd.NaT] * 300, dtype="datetime64[ns]"),
    )
    encoder = TableEncoder(categorical_features=["text"]).fit(frame)
    found = run_encoder(encoder, frame)
    np.testing.assert_array_equal(found, encoder.transform(frame))


FINITE = st.floats(allow_nan=False, allow_infinity=False)
MOMENT = st.integers(-60 * 366 * 86_400, 100 * 366 * 86_400)
COLUMNS = {
    "numbers": FINITE | st.none(),
    "some numbers": st.sampled_from([-1e308, -2.5, -0.0, 0.0, 5e-324, 3.0, None]),
    "integers": st.integers(-3, 3),
    "texts": st.sampled_from(["", "a", "b", "é", "<missing>", None]),
    "codes": st.sampled_from([1, 2, 2**53, -7]),
    "dates": MOMENT | st.none(),
}


def as_column(name, values):
    if name == "dates":
        return pd.Series(pd.to_datetime(values, unit="s", errors="coerce"))
    kind = (
        object if name == "texts" else None if name in ("integers", "codes") else float
    )
    return pd.Series(values, dtype=kind)


@st.composite
def tables(draw):
    """A table to fit, and another one with the same columns."""
    names = draw(
        st.lists(st.sampled_from([*COLUMNS]), min_size=1, max_size=4, unique=True)
    )
    sizes = draw(st.integers(2, 30)), draw(st.integers(1, 10))
    return tuple(
        pd.DataFrame(
            {
                name: as_column(
                    name, draw(st.lists(COLUMNS[name], min_size=n, max_size=n))
                )
                for name in names
            }
        )
        for n in sizes
    )


@given(tables(), st.sampled_from([0, 8]))
def test_any_table(both, max_one_hot):
    table, new = both
    categories = [name for name in ("texts", "codes") if name in table]
    encoder = TableEncoder(categorical_features=categories, max_one_hot=max_one_hot)
    encoder.fit(table)
    assume(not encoder.is_empty)
    for rows in (table, new):
        try:
            found = run_encoder(encoder, rows)
        except NotImplementedError as error:
            assert "from very small to very large" in str(error)  # noqa: PT017
            return
        np.testing.assert_array_equal(found, encoder.transform(rows))


def test_columns_of_tensors():
    graph = Graph()
    tensors = Tensors(graph, [("a", FLOAT, 2), ("b", STRING, 1)])
    assert tensors.matrix() is None
    assert tensors.column(2, "c", STRING) == "b"
    assert graph.nodes == []
    tensors.column(1, "d", DOUBLE)
    assert [one.kind for one in graph.nodes] == ["Gather", "Cast"]
    with pytest.raises(TypeError, match="Column 'c' must be an input of type float64"):
        tensors.column(2, "c", DOUBLE)
