import numpy as np
import pandas as pd
import pytest

pytest.importorskip("distributed")

import dask.dataframe as dd

from skmlp.core.batches import Dataset
from skmlp.dask.cluster import Cluster
from skmlp.dask.partitions import partitions_of
from skmlp.dask.tables import ClusterTable
from skmlp.streaming.blocks import Layout

N = 200
FRAME = pd.DataFrame(
    {"x": np.arange(N) / 8, "word": np.array([*"abcd"])[np.arange(N) % 4]}
)
Y = pd.Series(np.arange(N, dtype=float))


def opened(client, frame=FRAME, y=Y, n=5, w=None):
    lines = []
    parts = [
        None if one is None else dd.from_pandas(one, npartitions=n)
        for one in (frame, y, w)
    ]
    cluster = Cluster(client, lines.append)
    return ClusterTable(cluster, partitions_of(*parts, cluster.value)), lines


def encode(rows):
    """One column, one code, the target."""
    x = rows.X["x"].to_numpy().astype(np.float32)[:, None]
    return Dataset(x, rows.y[:, None].astype(np.float32)), [(rows.y % 7).astype(int)]


@pytest.mark.parametrize("n_partitions", [1, 5, 20])
def test_the_sample_and_the_other_rows_are_all_rows_once(n_partitions, client):
    table, lines = opened(client, n=n_partitions)
    table.read([], numeric=True)
    assert table.totals.n_rows == N
    assert table.totals.labels["word"] == dict.fromkeys("abcd", N // 4)
    assert len(table.numbers) >= 80
    np.testing.assert_array_equal(table.rows.y, table.numbers)
    stored = table.stored(Layout(1, 1, 1, 0), slice(0, 0), encode, None)
    pieces = [one.result() for one in stored.pieces]
    assert [len(one) for one in pieces] == stored.sizes
    rows = np.vstack(pieces)
    assert sorted([*rows[:, 2], *table.rows.y]) == [*range(N)]
    np.testing.assert_array_equal(rows[:, 0], rows[:, 2] / 8)
    np.testing.assert_array_equal(rows[:, 1], rows[:, 2] % 7)
    assert lines[0] == f"Reading {n_partitions} partitions of the table."
    # A piece has rows of several partitions.
    if n_partitions == 5:
        assert np.ptp(pieces[0][:, 2]) > N / 4


def test_the_sample_does_not_depend_on_partitions(client):
    samples = [opened(client, n=n)[0].read([], numeric=True).numbers for n in (1, 7)]
    np.testing.assert_array_equal(*samples)


@pytest.mark.parametrize(
    ("frame", "y", "w", "message"),
    [
        (FRAME, Y.where(Y != 77), None, "y must have a value in each row. .*row 78 of"),
        (FRAME, Y, 0 * Y, "sample_weight must have at least one positive weight"),
        (FRAME, Y, Y - 1, "sample_weight must be a column of finite numbers >= 0"),
        (FRAME[:0], Y[:0], None, "X must have at least one row"),
    ],
)
def test_bad_tables(frame, y, w, message, client):
    table, _ = opened(client, frame, y, w=w)
    with pytest.raises(ValueError, match=message):
        table.read([], numeric=True)


def test_partitions_that_change_are_an_error(client):
    seen = []

    def part(frame):
        seen.append(1)
        return frame.assign(x=np.random.rand(len(frame)))

    X = dd.from_pandas(FRAME, npartitions=2).map_partitions(part, meta=FRAME)
    parts = partitions_of(X, dd.from_pandas(Y, npartitions=2), None, None)
    table = ClusterTable(Cluster(client, print), parts)
    with pytest.raises(ValueError, match="X must stay the same while fit reads it"):
        table.read([], numeric=True)
