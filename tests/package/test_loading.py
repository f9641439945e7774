"""skmlp.load: files of earlier releases, and bad arguments."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from skmlp import load
from skmlp.command import io, models

pandas = pytest.importorskip("pandas")
DATA = Path(__file__).parents[1] / "data"
FILES = [*sorted(DATA.glob("*/command/*.pkl")), *sorted(DATA.glob("*/command/*.skops"))]


def rows_of(frame):
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


@pytest.mark.parametrize(
    "path", FILES, ids=lambda path: f"{path.parts[-3]}-{path.name}"
)
def test_models_of_releases_load(path):
    if path.suffix == ".skops":
        pytest.importorskip("skops")
    model = load(path, trust_pickle=True)
    table = pandas.read_csv(path.with_name("table.csv"))
    wanted = pandas.read_csv(path.with_suffix(".csv"))[model.target]
    found = model.predict(rows_of(table))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = model.predict(table)
    np.testing.assert_array_equal(found, again)
    if wanted.dtype.kind == "f":
        np.testing.assert_allclose(found, wanted, rtol=1e-5)
    else:
        assert found.tolist() == wanted.tolist()


def test_bad_arguments(tmp_path, monkeypatch):
    path = tmp_path / "model.pkl"
    with pytest.raises(FileNotFoundError, match="no file"):
        load(path)
    path.write_bytes(b"x")
    with pytest.raises(ValueError, match="trust_pickle"):
        load(path)
    with pytest.raises(ValueError, match="not a model"):
        load(path, trust_pickle=True)
    with pytest.raises(ValueError, match=r"'on_error' .* must be .* Got 'ignore'"):
        load(path, on_error="ignore")
    with pytest.raises(ValueError, match="must end in"):
        load(path.rename(tmp_path / "model.txt"), trust_pickle=True)
    monkeypatch.setattr(models, "optional", without_skops)
    skops = tmp_path / "model.skops"
    skops.write_bytes(b"x")
    with pytest.raises(ImportError, match="is not installed"):
        load(skops)


def without_skops(name):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(io.OPTIONAL, "no.such_module", "It")
        return io.optional("no.such_module" if name.startswith("skops") else name)
