"""The second training: on all rows, and the first model stays if it fails."""

from types import SimpleNamespace

import numpy as np
import pytest

import skmlp
from skmlp.command import cli, evaluation
from skmlp.command.fitting import Spent, Training
from skmlp.command.models import load_model
from skmlp.command.refit import First, time_of
from skmlp.command.tables import read_table
from skmlp.command.task import infer_task
from skmlp.tabular.ensemble import Ensemble
from tests.command.conftest import command
from tests.command.large_tables import FRAME, stored

pytest.importorskip("pandas")

pytestmark = pytest.mark.usefixtures("bare")

AGAIN = "\ntraining again on all "


@pytest.fixture(autouse=True)
def fits(monkeypatch):
    """The networks that were fitted, for a report without importances."""
    found, inner = [], evaluation.fit

    def fit(model, rows):
        found.append(model)
        return inner(model, rows)

    monkeypatch.setattr(evaluation, "fit", fit)
    monkeypatch.setattr(cli, "explain", lambda *_: None)
    return found


def loaded(path):
    return load_model(path, trust_pickle=True).model


SPLITS = {
    "at random": [],
    "by group": ["--group", "island"],
    "by time": ["--time", "seen"],
}


@pytest.mark.parametrize("target", ["species", "mass"])
@pytest.mark.parametrize("split", SPLITS)
def test_the_saved_model_is_one_of_all_rows(target, split, birds, tmp_path, capsys):
    path = tmp_path / "m.pkl"
    csv = stored(birds.fillna({"island": "C"}), tmp_path / "birds.csv")
    assert command(csv, "--target", target, *SPLITS[split], "--save", path) == 0
    out = capsys.readouterr().out
    n = birds[target].notna().sum()
    name = type(loaded(path)).__name__
    first = f"\nsaved: {path}, the {name} of this report, trained on the "
    n_train = out.partition(first)[2].split()[0]
    assert f"{AGAIN}{n} rows, about 1 second\n" in out
    assert out.endswith(
        f"\nsaved: {path}, a {name} trained on all {n} rows; the scores above are of the "
        f"one trained on the {n_train} training rows\n"
    )
    frame = read_table(csv).frame
    group = SPLITS[split][1:] if split == "by group" else []
    task = infer_task(frame, target, "auto", group)
    X, y, how = task.X, task.y, {}
    if split == "by group":
        how["groups"] = frame.loc[X.index, "island"].to_numpy(str)
    if split == "by time":
        order = np.argsort(X["seen"], kind="stable")
        X, y = X.iloc[order], y[order]
    model = getattr(skmlp, name)(random_state=0)
    if split == "by time":
        starts = np.flatnonzero(np.diff(X["seen"])) + 1
        nearest = [starts[np.abs(starts - i * len(y)).argmin()] for i in (0.95, 0.9)]
        ends = [len(y), nearest[0]]
        model.set_params(
            cv=[
                (np.arange(a), np.arange(a, b))
                for a, b in zip(nearest, ends, strict=True)
            ]
        )
    model.fit(X, y, **how)
    method = "predict" if target == "mass" else "predict_proba"
    found = getattr(loaded(path), method)(task.X)
    np.testing.assert_allclose(found, getattr(model, method)(task.X), rtol=1e-5)


def test_all_rows_of_a_large_table(tmp_path, large, capsys):
    path, model = stored(FRAME, tmp_path / "a.csv"), tmp_path / "m.pkl"
    seen = []

    def watch(source, *rest):
        seen.append(source)
        return inner(source, *rest)

    from skmlp.command import large as module

    inner = module.TrainingRows.__init__
    with large(sample=80), pytest.MonkeyPatch.context() as patch:
        patch.setattr(module.TrainingRows, "__init__", watch)
        options = ["--target", "y", "--max-time", 9, "--save", model]
        assert command(path, *options) == 0
        n_rows = [source.table().num_rows for source in seen]
    n = FRAME["y"].notna().sum()
    assert n_rows[1] == n > n_rows[0]
    assert f"trained on all {n} rows" in capsys.readouterr().out
    assert loaded(model).max_time == 9


@pytest.mark.parametrize(
    ("options", "n_fits"),
    [
        ([], 1),
        (["--save"], 2),
        (["--save", "--no-refit"], 1),
        (["--save", "--refit"], 2),
    ],
)
def test_when_there_is_a_second_training(options, n_fits, csv, tmp_path, fits, capsys):
    path = tmp_path / "m.pkl"
    options = [
        part for one in options for part in ([one, path] if one == "--save" else [one])
    ]
    assert command(csv, "--target", "mass", *options) == 0
    assert len(fits) == n_fits
    assert (AGAIN in capsys.readouterr().out) == (n_fits == 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "--refit must be with --save MODEL: "),
        (
            ["--save", "m.pkl", "--test-file", "b.csv"],
            "--refit must be without --test-file",
        ),
    ],
)
def test_nothing_to_train_again(options, message, csv, fits, capsys):
    assert command(csv, "--target", "mass", "--refit", *options) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"skmlp: {message}")
    assert err.count("\n") == 1
    assert fits == []


ERRORS = {
    KeyboardInterrupt: (130, "interrupted"),
    MemoryError: (1, "the memory is full "),
}
PLACES = {"fit": (evaluation, "fit"), "save": ("skmlp.command.refit.save_model",)}


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("place", PLACES)
def test_the_first_model_stays(place, error, csv, tmp_path, monkeypatch, fits, capsys):
    def fail(*_):
        raise error

    def plan(*_):
        monkeypatch.setattr(*PLACES[place], fail)

    monkeypatch.setattr(cli, "report", plan)
    path = tmp_path / "m.pkl"
    code, line = ERRORS[error]
    assert command(csv, "--target", "mass", "--save", path) == code
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(
        f"skmlp: {path}: the training on all rows did not end, so the f"
    )
    assert second.startswith(f"skmlp: {line}")
    np.testing.assert_array_equal(loaded(path).oof_score_, fits[0].oof_score_)


@pytest.mark.parametrize("n_epochs", [2, 4])
def test_ctrl_c_in_a_training(n_epochs, csv, tmp_path, monkeypatch, fits, capsys):
    train, calls = Ensemble._train_epoch, []

    def press_ctrl_c(self, workers):
        calls.append(train(self, workers))
        if len(calls) == n_epochs:
            raise KeyboardInterrupt

    monkeypatch.setattr(Ensemble, "_train_epoch", press_ctrl_c)
    path = tmp_path / "m.pkl"
    is_first = n_epochs == 2
    code = command(csv, "--target", "mass", "--save", path)
    out, err = capsys.readouterr()
    assert code == (0 if is_first else 130)
    assert ("no training on all rows, as Ctrl-C ended the first" in out) == is_first
    assert ("the training on all rows did not end" in err) != is_first
    assert len(fits) == (1 if is_first else 2)
    assert loaded(path).oof_score_ == fits[0].oof_score_


@pytest.mark.parametrize(
    ("limit", "time"),
    [(None, "about 20 seconds"), (15, "about 15 seconds"), (5, "about 10 seconds")],
)
def test_about_how_long_it_takes(limit, time):
    saved = SimpleNamespace(model=SimpleNamespace(max_time=limit))
    first = First("m.pkl", saved, Spent(10.0), 100)
    assert time_of(first, Training(None, 200)) == time
