"""A fit that was killed goes on from its checkpoint, to the same bits."""

import pickle
import subprocess
import sys
import time
from contextlib import contextmanager
from unittest import mock

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.model_selection import KFold

from skmlp import (
    MLPClassifier,
    MLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from skmlp.common import checkpoints
from skmlp.common.checkpoints import Checkpoint, read

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
RNG = np.random.RandomState(0)
X = RNG.randn(120, 4)
NUMBERS = X[:, 0] * X[:, 1] + 0.1 * RNG.randn(120)
CODES = (NUMBERS > 0).astype(int)
GIVEN = {"X_val": X[:30], "y_val": NUMBERS[:30]}
SMALL = {"hidden_layer_sizes": (5,), "max_iter": 12, "random_state": 0}
FAST = {**SMALL, "max_iter": 5, "n_estimators": 3}

CASES = {
    "mlp": (MLPClassifier(**SMALL), X, CODES, {}),
    "dropout": (MLPClassifier(dropout=0.2, **SMALL), X, CODES, {}),
    "sparse": (MLPRegressor(**SMALL), csr_array(X), NUMBERS, {}),
    "sgd": (
        MLPRegressor(solver="sgd", learning_rate="adaptive", **SMALL),
        X,
        NUMBERS,
        {},
    ),
    "early": (MLPClassifier(early_stopping=True, **SMALL), X, CODES, {}),
    "given": (MLPRegressor(early_stopping=True, **SMALL), X, NUMBERS, GIVEN),
    "lbfgs": (MLPRegressor(solver="lbfgs", **SMALL), X, NUMBERS, {}),
    "lbfgs32": (
        MLPRegressor(solver="lbfgs", **SMALL),
        X.astype(np.float32),
        NUMBERS,
        {},
    ),
    "tabular": (TabularMLPClassifier(**FAST), X, CODES, {}),
    "tabular weights": (
        TabularMLPRegressor(**FAST),
        X,
        NUMBERS,
        {"sample_weight": np.arange(120) % 3},
    ),
    "tabular given": (TabularMLPRegressor(**FAST), X, NUMBERS, GIVEN),
    "tabular groups": (
        TabularMLPClassifier(**FAST),
        X,
        CODES,
        {"groups": np.arange(120) // 10},
    ),
    "best": (
        TabularMLPRegressor(preset="best", **FAST),
        X,
        NUMBERS,
        {},
    ),
    "jobs": (TabularMLPRegressor(n_jobs=2, **FAST), X, NUMBERS, {}),
    "time": (TabularMLPRegressor(max_time=600, **FAST), X, NUMBERS, {}),
}
"""Estimator, X, y, and further arguments of fit."""


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture(autouse=True)
def every_epoch(monkeypatch):
    """Write a file after each epoch."""
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)
    monkeypatch.setattr(checkpoints, "SHARE", 0.0)


@contextmanager
def killed_after(n):
    """End the block as a kill would, once the n-th file is written."""
    write, left = Checkpoint.write, iter(range(n - 1))

    def write_and_end(self, *args):
        write(self, *args)
        if next(left, None) is None:
            raise Killed

    with (
        mock.patch.object(Checkpoint, "write", write_and_end),
        pytest.raises(Killed),
    ):
        yield


def state_of(model):
    """What fit found, without the seconds."""
    history = {k: v for k, v in model.history_.items() if k != "seconds"}
    return model._theta.tobytes(), model.n_iter_, history


def fitted(case, path=None, **changes):
    model, X, y, given = CASES[case]
    return clone(model).set_params(**changes).fit(X, y, **given, checkpoint=path)


@pytest.mark.parametrize("case", CASES)
def test_the_same_bits(case, tmp_path):
    path = tmp_path / "fit"
    for n in (1, 2, 1):
        with killed_after(n):
            fitted(case, path)
    whole, found, again = fitted(case), fitted(case, path), fitted(case, path)
    np.testing.assert_equal(state_of(found), state_of(whole))
    np.testing.assert_equal(state_of(again), state_of(whole))


@pytest.mark.parametrize("case", ["tabular", "best"])
def test_another_number_of_jobs_goes_on(case, tmp_path):
    with killed_after(2):
        fitted(case, tmp_path / "fit")
    found = fitted(case, tmp_path / "fit", n_jobs=2)
    np.testing.assert_equal(state_of(found), state_of(fitted(case)))


def test_other_labels_of_classes_are_refused(tmp_path):
    for model in (MLPClassifier(**SMALL), TabularMLPClassifier(**FAST)):
        path = tmp_path / type(model).__name__
        with killed_after(1):
            clone(model).fit(X, CODES, checkpoint=path)
        with pytest.raises(ValueError, match="of a fit with .*labels"):
            clone(model).fit(X, CODES + 1, checkpoint=path)


@pytest.mark.parametrize("n_splits", [3, 4])
def test_other_folds_are_refused(n_splits, tmp_path):
    model = TabularMLPRegressor(**FAST)
    splits = [
        list(KFold(n, shuffle=True, random_state=n).split(X)) for n in (3, n_splits)
    ]
    splits[1] = splits[1][::-1]
    with killed_after(1):
        clone(model).set_params(cv=iter(splits[0])).fit(
            X, NUMBERS, checkpoint=tmp_path / "fit"
        )
    again = clone(model).set_params(cv=(one for one in splits[1]))
    with pytest.raises(ValueError, match="cv"):
        again.fit(X, NUMBERS, checkpoint=tmp_path / "fit")


def test_a_finished_fit_does_not_warn_of_its_time(tmp_path, recwarn):
    for _ in range(2):
        fitted("time", tmp_path / "fit", max_time=0.5, max_iter=10_000)
    assert not [one for one in recwarn if "max_time" in str(one.message)]


def test_warm_start_goes_on(tmp_path):
    model, X, y, _ = CASES["mlp"]
    models = [clone(model).set_params(warm_start=True).fit(X, y) for _ in range(3)]
    whole, killed, found = models
    with killed_after(4):
        killed.fit(X, y, checkpoint=tmp_path / "fit")
    np.testing.assert_equal(
        state_of(found.fit(X, y, checkpoint=tmp_path / "fit")),
        state_of(whole.fit(X, y)),
    )
    with pytest.raises(ValueError, match="different parameters before training"):
        found.fit(X, y, checkpoint=tmp_path / "fit")


def test_the_time_of_the_first_process_counts(tmp_path):
    with killed_after(3):
        fitted("time", tmp_path / "fit")
    before = read(tmp_path / "fit")["seconds"]
    fitted("time", tmp_path / "fit")
    assert read(tmp_path / "fit")["seconds"] > before > 0


OTHERS = {
    "X": lambda X, y: (X + (np.arange(4) == np.arange(len(X))[:, None]), y),
    "rows": lambda X, y: (X[:-1], y[:-1]),
    "y": lambda X, y: (X, np.roll(y, 1)),
}


@pytest.mark.parametrize("change", OTHERS)
@pytest.mark.parametrize("case", ["mlp", "lbfgs", "tabular", "best"])
def test_other_data_are_refused(case, change, tmp_path):
    with killed_after(1):
        fitted(case, tmp_path / "fit")
    model, X, y, _ = CASES[case]
    model = clone(model)
    X, y = OTHERS[change](X, y)
    before = (tmp_path / "fit").read_bytes()
    with pytest.raises(ValueError, match="of a fit with .*different (X|y)"):
        model.fit(X, y, checkpoint=tmp_path / "fit")
    assert not hasattr(model, "n_iter_")
    assert (tmp_path / "fit").read_bytes() == before


@pytest.mark.parametrize("case", ["mlp", "lbfgs", "tabular"])
@pytest.mark.parametrize("changes", [{"random_state": 1}, {"hidden_layer_sizes": 7}])
def test_other_parameters_are_refused(case, changes, tmp_path):
    with killed_after(1):
        fitted(case, tmp_path / "fit")
    (name,) = changes
    with pytest.raises(ValueError, match=f"{name}=.* instead of {changes[name]}"):
        fitted(case, tmp_path / "fit", **changes)


@pytest.mark.parametrize("case", ["mlp", "lbfgs", "tabular"])
def test_wrong_paths_are_errors_before_training(case, tmp_path):
    with pytest.raises(ValueError, match="random_state must be an int"):
        fitted(case, tmp_path / "fit", random_state=None)
    with pytest.raises(ValueError, match="checkpoint must be a file"):
        fitted(case, tmp_path)
    with pytest.raises(TypeError, match="checkpoint must be a path or None"):
        fitted(case, 3)
    assert not any(tmp_path.iterdir())


def test_a_generator_of_the_user_goes_on(tmp_path):
    def seeded(path=None):
        rng = np.random.RandomState(5)
        return fitted("mlp", path, random_state=rng), rng

    with killed_after(3):
        seeded(tmp_path / "fit")
    (whole, one), (found, other) = seeded(), seeded(tmp_path / "fit")
    np.testing.assert_equal(state_of(found), state_of(whole))
    assert one.rand() == other.rand()


SCRIPT = """
import pickle, sys
from skmlp.common import checkpoints

checkpoints.SECONDS = checkpoints.SHARE = 0.0
with open(sys.argv[1], "rb") as file:
    model, X, y = pickle.load(file)
print("begin", flush=True)
model.fit(X, y, checkpoint=sys.argv[2])
print(model._theta.tobytes().hex())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_processes(tmp_path):
    X = np.random.RandomState(0).randn(400, 5)
    model = TabularMLPRegressor(max_iter=12, n_estimators=3, random_state=0)
    call = model, X, X[:, 0] * X[:, 1]
    (tmp_path / "call").write_bytes(pickle.dumps(call))
    paths = [str(tmp_path / name) for name in ("call", "fit")]

    def start():
        command = [sys.executable, "-c", SCRIPT, *paths]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    for seconds in (0.1, 0.2):
        with start() as process:
            process.stdout.readline()
            time.sleep(seconds)
            process.kill()
    with start() as process:
        found = process.communicate()[0].split()[1]
    assert found == model.fit(*call[1:])._theta.tobytes().hex()
    assert (tmp_path / "fit").exists()
