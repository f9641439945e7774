"""The encoder of tables as nodes, against `TableEncoder.transform`."""

import numpy as np
import pandas as pd
import pytest

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
