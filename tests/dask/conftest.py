"""Clusters in this process, in which small tables are larger than their sample."""

import pytest

pytest.importorskip("distributed")

from distributed import Client, LocalCluster

from skmlp.dask import links, tables
from skmlp.streaming import rows_file, summary


@pytest.fixture(scope="session")
def session_client():
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=False,
            dashboard_address=":0",
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


@pytest.fixture
def client(session_client, monkeypatch):
    """A client of workers in this process, for which 80 rows are the sample."""
    monkeypatch.setattr(summary, "SAMPLE_ROWS", 80)
    monkeypatch.setattr(rows_file, "PIECE_ROWS", 30)
    monkeypatch.setattr(tables, "MIXED", 3)
    monkeypatch.setattr(links, "LINK_BYTES", 4000)
    return session_client
