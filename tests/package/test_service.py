"""The example of a service: requests, bad ones, and a model file that is replaced."""

import importlib.util
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from skmlp.command.models import load_model, save_model

pytest.importorskip("pandas")
pytest.importorskip("fastapi")
pytest.importorskip("httpx")
pytest.importorskip("skops")
uvicorn = pytest.importorskip("uvicorn")
testclient = pytest.importorskip("fastapi.testclient")

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "service.py"
OLD = ROOT / "tests" / "data" / "0.3.0" / "command"


@pytest.fixture(scope="module")
def service():
    spec = importlib.util.spec_from_file_location("service", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def served(service, tmp_path, monkeypatch):
    """A model in a file of its own, looked at often."""
    monkeypatch.setattr(service, "SECONDS", 0.02)
    path = tmp_path / "model.skops"
    path.write_bytes((OLD / "level.skops").read_bytes())
    return service.Served(path)


@pytest.fixture
def client(service, served):
    with testclient.TestClient(service.application(served)) as found:
        yield found


@pytest.fixture(scope="module")
def rows():
    import pandas

    table = pandas.read_csv(OLD / "table.csv")
    return json.loads(table.to_json(orient="records"))


def test_health_and_schema(client, served):
    assert client.get("/health").json()["status"] == "ok"
    assert client.get("/schema").json() == json.loads(json.dumps(served.model.schema()))


def test_a_row_and_several(client, served, rows):
    row = {name: rows[0][name] for name in served.model.columns}
    one = client.post("/predict", json=row).json()
    assert one == json.loads(json.dumps(served.model.answer(row)))
    several = client.post("/predict", json=[row, 5, {**row, "other": 1}, {}])
    assert several.status_code == 200
    first, second, third, fourth = several.json()
    assert first == one
    assert "must be an object" in second["error"]
    assert third["notes"] == ["ignored columns 'other'"]
    assert "has no" in fourth["error"]
    for code in ("utf-8-sig", "utf-16"):
        body = json.dumps(row).encode(code)
        assert client.post("/predict", content=body).json() == one


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("{", 422),
        ("5", 422),
        ('"text"', 422),
        ("", 422),
        (b"\xff\xff", 422),
        ("[" * 100_000, 422),
        (b" " * 6_000_000, 413),
        ("[" + "1," * 20_000 + "1]", 413),
    ],
    ids=lambda one: str(one)[:8],
)
def test_bodies_that_are_no_rows(content, status, client):
    found = client.post("/predict", content=content)
    assert found.status_code == status
    assert len(found.text) < 500


def test_a_body_without_a_length(client):
    found = client.post("/predict", content=(b" " * 10**6 for _ in range(7)))
    assert found.status_code == 413


def test_coverage(client, served, rows):
    row = {name: rows[0][name] for name in served.model.columns}
    # Models of 0.3 have no intervals.
    found = client.post("/predict", params={"coverage": 0.9}, json=row)
    assert found.status_code == 422
    assert client.post("/predict", params={"coverage": 2}, json=row).status_code == 422


def test_a_model_is_replaced(client, served, tmp_path):
    assert served.model.target == "level"
    new = tmp_path / "new.skops"
    save_model(new, load_model(OLD / "rent.skops"))
    new.replace(served.path)
    wait_until(lambda: client.get("/schema").json()["target"] == "rent")
    served.path.write_bytes(b"damaged")
    wait_until(lambda: "fault" in client.get("/health").json())
    assert client.get("/schema").json()["target"] == "rent"
    os.remove(served.path)
    wait_until(lambda: "FileNotFound" in client.get("/health").json().get("fault", ""))
    assert client.get("/schema").json()["target"] == "rent"
    served.path.write_bytes((OLD / "level.skops").read_bytes())
    wait_until(lambda: client.get("/schema").json()["target"] == "level")
    wait_until(lambda: "fault" not in client.get("/health").json())


def wait_until(holds):
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_many_clients(client, served, rows):
    rows = [{name: row[name] for name in served.model.columns} for row in rows]
    wanted = [json.loads(json.dumps(served.model.answer(row))) for row in rows]

    def ask(i):
        found = client.post("/predict", json=[rows[i], "bad"]).json()
        assert "error" in found[1]
        return found[0]

    with ThreadPoolExecutor(16) as pool:
        places = [*range(len(rows))] * 3
        assert [*pool.map(ask, places)] == [wanted[i] for i in places]


def test_the_command(service, served, monkeypatch):
    ran = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: ran.update(options))
    service.main([str(served.path), "--port", "9", "--on-error", "missing"])
    assert ran["port"] == 9
    assert ran["host"] == "127.0.0.1"
    with pytest.raises(FileNotFoundError):
        service.main([str(served.path) + "x"])
