"""Fits of files that end early: out of time, interrupted, killed, or with an error."""

from collections import namedtuple

import numpy as np
import pytest
from sklearn.base import clone

from skmlp import TabularMLPClassifier, TabularMLPRegressor
from skmlp.common import checkpoints
from skmlp.streaming import rows_file
from skmlp.streaming.blocks import MemberBlocks
from skmlp.streaming.rows_file import RowsFile
from tests.package.test_going_on import killed_after
from tests.streaming.tables import (
    FEATURES,
    KINDS,
    QUICK,
    TARGETS,
    fitted,
    fitted_sample,
    path_of,
    state_of,
    stream,
    table,
)

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

FRAME = table()
X = FRAME[FEATURES]
Usage = namedtuple("Usage", "free")


def test_a_time_limit(tmp_path, monkeypatch):
    stream(monkeypatch)
    path = path_of(FRAME, tmp_path, "y")
    found = fitted(TabularMLPRegressor, path, max_time=1, max_iter=10**6)
    assert found.seconds_["total"] < 10


@KINDS
def test_an_interrupt_keeps_the_members(kind, tmp_path, monkeypatch):
    stream(monkeypatch)

    def of_epoch(self, number, known=MemberBlocks.of_epoch):
        if number == 1:
            raise KeyboardInterrupt
        return known(self, number)

    monkeypatch.setattr(MemberBlocks, "of_epoch", of_epoch)
    with pytest.warns(UserWarning, match="interrupted"):
        found = fitted(kind, path_of(FRAME, tmp_path, TARGETS[kind]), max_iter=5)
    assert found.n_estimators_ == 2
    assert found.n_iter_ == 1
    assert np.isfinite(
        found.predict_proba(X) if kind is TabularMLPClassifier else 0
    ).all()


@KINDS
def test_a_killed_fit_goes_on(kind, tmp_path, monkeypatch):
    stream(monkeypatch)
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "SHARE", 0.0)
    path, saved = path_of(FRAME, tmp_path, TARGETS[kind]), tmp_path / "fit"
    whole = fitted(kind, path, max_iter=4)
    for n in (1, 2):
        with killed_after(n):
            fitted(kind, path, max_iter=4, checkpoint=saved)
    found = fitted(kind, path, max_iter=4, checkpoint=saved)
    np.testing.assert_equal(state_of(found), state_of(whole))
    other = FRAME.copy()
    other.loc[np.setdiff1d(np.arange(600), fitted_sample(path, kind))[0], "n"] += 1
    path_of(other, tmp_path, TARGETS[kind])
    with pytest.raises(ValueError, match="of a fit with .*other rows"):
        fitted(kind, path, max_iter=4, checkpoint=saved)


def broken(self):
    raise ValueError("broken")


FAILURES = {
    "no room": (rows_file.shutil, "disk_usage", lambda one: Usage(0), "must have room"),
    "no end": (RowsFile, "check_full", broken, "broken"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_after_an_error_nothing_is_left(case, tmp_path, monkeypatch):
    stream(monkeypatch)
    path = path_of(FRAME, tmp_path, "y")
    folder, files = tmp_path / "rows", []
    folder.mkdir()
    first = RowsFile.__init__

    def noted(self, *arguments):
        first(self, *arguments)
        files.append(self._file)

    monkeypatch.setattr(RowsFile, "__init__", noted)
    model = clone(TabularMLPRegressor(**QUICK))
    where, name, value, message = FAILURES[case]
    with monkeypatch.context() as patch:
        patch.setattr(where, name, value)
        with pytest.raises(ValueError, match=message):
            model.fit(path, "y", temp_folder=folder)
    assert not hasattr(model, "encoder_")
    model.fit(path, "y", temp_folder=folder)
    assert files
    assert all(file.closed for file in files)
    assert not [*folder.iterdir()]
