"""Checkpoints: files that hold a fit, and refuse another one."""

import itertools
import zipfile
from decimal import Decimal
from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.metrics import make_scorer
from sklearn.model_selection import KFold

from skmlp.common import checkpoints
from skmlp.common.checkpoints import (
    HEADER,
    Checkpoint,
    checked_path,
    described,
    environment,
    facts_of,
    read,
)
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.history import Record, StopReason

FACTS = {"alpha": "0.1", "X": "float64 (3, 2) " + "0" * 32}
PARTS = {
    "theta": np.arange(3, dtype=np.float32),
    "empty": np.zeros((0, 2)),
    "records": [Record(1.0, np.nan, 0.1, np.inf, 1e-300, 0.5)],
    "reason": StopReason.MAX_EPOCHS,
    "best": None,
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "fit.checkpoint"


def opened(path, facts=FACTS, about=None):
    return Checkpoint(path, facts, {"numpy": "2"} if about is None else about)


def test_a_file_holds_the_parts(path):
    assert opened(path).part(0).kept() == {}
    opened(path).part(0).keep(PARTS, done=True)
    kept = opened(path).part(0).kept()
    assert set(kept) == set(PARTS)
    for name in ("theta", "empty"):
        assert kept[name].dtype == PARTS[name].dtype
        np.testing.assert_array_equal(kept[name], PARTS[name])
    assert repr(kept["records"][0]["values"]) == repr(list(PARTS["records"][0]))
    assert opened(path).part(1).kept() == {}


def test_a_later_part_keeps_the_earlier_ones(path):
    one = opened(path)
    one.part(0).keep({"n": 0}, done=True)
    one.part(1).keep({"n": 1}, done=True)
    again = opened(path)
    assert [again.part(n).kept() for n in range(3)] == [{"n": 0}, {"n": 1}, {}]
    again.part(0).keep({"n": 5}, done=True)
    assert opened(path).part(1).kept() == {}


def test_seconds_add_up(path):
    opened(path).part(0).keep({}, done=True)
    first = opened(path)
    first.part(0).keep({}, done=True)
    assert opened(path).seconds_before > first.seconds_before > 0


def test_how_often_it_is_written(path, monkeypatch):
    clock = itertools.count(step=3.0)
    monkeypatch.setattr(checkpoints, "perf_counter", lambda: next(clock))
    one, written = opened(path), []
    for n in range(8):
        one.part(0).keep({"n": n})
        written += [read(path)["parts"][0]["n"]] if path.exists() else []
    # A write takes 3 seconds here, so the next one is due after 50 times as many.
    assert written == [2] * 6 or written == [3] * 5
    one.part(0).keep({"n": 9}, done=True)
    assert read(path)["parts"][0]["n"] == 9


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({**FACTS, "alpha": "0.2"}, "alpha=0.1 instead of 0.2"),
        ({**FACTS, "X": "float64 (3, 2) " + "1" * 32}, "different X"),
        ({"X": FACTS["X"]}, "alpha=0.1 instead of none"),
        ({**FACTS, "groups": "'a'"}, "groups=none instead of 'a'"),
    ],
)
def test_another_fit_is_refused_by_name(path, facts, message):
    opened(path).part(0).keep({}, done=True)
    with pytest.raises(ValueError, match=message) as caught:
        opened(path, facts)
    assert str(path) in str(caught.value)


def test_another_environment_is_a_warning(path, recwarn):
    opened(path).part(0).keep({"n": 1}, done=True)
    assert opened(path, about={"numpy": "3"}).part(0).kept() == {"n": 1}
    (warning,) = recwarn
    assert "numpy=2 instead of 3" in str(warning.message)
    assert set(environment()) >= {"skmlp", "numpy", "scipy", "training steps"}


def damaged(path):
    """The bytes of files that are no checkpoint."""
    opened(path).part(0).keep(PARTS, done=True)
    whole = path.read_bytes()
    yield b""
    yield b"text"
    yield whole[: len(whole) // 2]
    yield whole.replace(b"skmlp checkpoint 1", b"skmlp checkpoint 9")
    for header in ("[]", "{}", '{"format": "skmlp checkpoint 1", "content": {}}'):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(HEADER, header)
        yield path.read_bytes()


def test_damaged_files_are_refused(path):
    for content in [*damaged(path)]:
        path.write_bytes(content)
        with pytest.raises(ValueError, match="checkpoint must be a new file"):
            checked_path(path, 0)


@pytest.mark.parametrize("name", checkpoints.FORM)
def test_parts_of_another_type_are_refused(path, name):
    opened(path).part(0).keep({}, done=True)
    with path.open("wb") as file:
        content = {key: kind() for key, kind in checkpoints.FORM.items()}
        checkpoints.write(file, {**content, name: None})
    with pytest.raises(ValueError, match="which is none or is damaged"):
        checked_path(path, 0)


def test_a_disk_that_is_full_does_not_end_the_fit(path, monkeypatch):
    one = opened(path)
    one.part(0).keep({"n": 0}, done=True)

    def full(*args):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "write", full)
        with pytest.warns(
            UserWarning, match=r"No space left on device\. Training goes"
        ):
            one.part(0).keep({"n": 1}, done=True)
    assert opened(path).part(0).kept() == {"n": 0}
    one.part(0).keep({"n": 2}, done=True)
    assert opened(path).part(0).kept() == {"n": 2}


def test_a_relative_path_stays_where_it_was(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = checked_path("fit", 0)
    monkeypatch.chdir("/")
    assert found == tmp_path / "fit"


def test_arrays_of_objects_are_not_read(path):
    opened(path).part(0).keep({"theta": np.zeros(2)}, done=True)
    with zipfile.ZipFile(path) as archive:
        header = archive.read(HEADER)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(HEADER, header)
        with archive.open("0.npy", "w") as file:
            np.lib.format.write_array(file, np.array([{}]), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle"):
        read(path)


def test_paths_that_are_none(tmp_path):
    assert checked_path(None, None) is None
    assert checked_path(str(tmp_path / "a"), 0) == tmp_path / "a"
    with pytest.raises(TypeError, match=r"checkpoint must be a path or None\. Got 3"):
        checked_path(3, 0)
    with pytest.raises(ValueError, match="random_state must be an int"):
        checked_path(tmp_path / "a", None)
    for wrong in (tmp_path, tmp_path / "no" / "a"):
        with pytest.raises(ValueError, match="in a folder that exists") as caught:
            checked_path(wrong, 0)
        assert str(wrong) in str(caught.value)


class Own:
    def __init__(self, a):
        self.a = a

    def method(self, t):
        return t


class Loss:
    def method(self, t):
        return 2 * t


def closed(a):
    return lambda t: t * a


VALUES = [
    *(None, True, 1, 1.5, "a", (1, 2), (1, (2,)), {"a": 1}, {"a": 2}),
    *(np.zeros(2), np.zeros(2, np.float32), np.zeros((1, 2)), np.ones(2)),
    *(csr_array(np.eye(2)), csr_array(np.eye(2) * 2), csr_array(np.eye(3))),
    *(np.array(["a", None], object), np.array(["a", "b"], object)),
    *(np.random.RandomState(0), np.random.RandomState(1)),
    *(KFold(3), KFold(4), Own(1), Own(2), Own(Own(1)), np.sin, np.cos),
    *(ACTIVATIONS["relu"], ACTIVATIONS["tanh"], lambda t: t, lambda t: 1 - t),
    *(lambda t: 1 - 0.1 * t, lambda t: 1 - 0.9 * t, lambda t: np.cos(t)),
    *(lambda t: np.exp(t), lambda t, a=1: t, lambda t, a=2: t, closed(1), closed(2)),
    *(partial(closed, 1), partial(closed, 2), Own(1).method, Own(2).method),
    *(range(3), range(4), {1, 2}, {1, 3}, b"a", b"b", Decimal(1), Decimal(2)),
    *(np.random.default_rng(0), np.random.default_rng(1), np, np.random),
    *(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]}), Own, Loss, len, min),
]


def test_different_values_have_different_texts():
    texts = [described(value) for value in VALUES]
    assert len(set(texts)) == len(VALUES)
    assert not any(" at 0x" in text for text in texts)


def cyclic():
    found = []
    found.append(found)
    return Own(found)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Own(KFold(3)),
        lambda: np.arange(3.0)[::-1],
        lambda: (i for i in range(3)),
        lambda: np.random,
        lambda: Own(np),
        lambda: {"a", "b", "c"},
        lambda: make_scorer(min, greater_is_better=False),
        lambda: closed(3),
        cyclic,
    ],
)
def test_equal_values_have_equal_texts(make):
    assert described(make()) == described(make())


def test_a_view_is_described_as_its_values():
    assert described(np.arange(6)[::2]) == described(np.array([0, 2, 4]))


def test_parameters_that_change_nothing_are_not_compared():
    settings = {"alpha": 0.1, "n_jobs": 2, "verbose": True, "store_oof": False}
    assert facts_of(settings, {"X": 1}) == {"alpha": "0.1", "X": "1"}
