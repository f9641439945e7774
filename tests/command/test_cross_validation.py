"""Cross-validation in the command: folds, mean scores, the model that is saved."""

import re
import warnings

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

import skmlp
from skmlp.command import cli, evaluation
from skmlp.command.choices import CLASSIFICATION, REGRESSION
from skmlp.command.cross_validation import Score, folds_of, mean_of
from skmlp.command.evaluation import SECONDS
from skmlp.command.fitting import INTERRUPTED
from skmlp.command.models import load_model
from skmlp.command.tables import read_table
from skmlp.command.task import infer_task
from skmlp.command.text import UserError
from tests.command.conftest import command
from tests.command.large_tables import FRAME, stored
from tests.command.test_splits import GROUPS, make, marked

pandas = pytest.importorskip("pandas")

N = len(GROUPS)


@pytest.fixture
def seen(monkeypatch, quick):
    """The models of skmlp with their rows, for a report without importances."""
    found, inner = [], evaluation.fit

    def fit(model, rows):
        if isinstance(model, evaluation.TabularMLP):
            found.append((model, rows))
        return inner(model, rows)

    def peers(task, seed):
        return {"mean": DummyRegressor()} if task.kind == REGRESSION else {}

    monkeypatch.setattr(evaluation, "fit", fit)
    monkeypatch.setattr(evaluation, "peers", peers)
    monkeypatch.setattr(cli, "explain", lambda *_: None)
    return found


def loaded(path):
    return load_model(path, trust_pickle=True).model


@pytest.mark.parametrize("kind", [REGRESSION, CLASSIFICATION])
@pytest.mark.parametrize("by", ["row", "group"])
def test_each_row_is_in_the_test_of_one_fold(by, kind):
    task, marks = marked("group", GROUPS, kind)
    folds = folds_of(task, marks if by == "group" else None, 4, 0)
    assert len(folds) == 4
    tests = [rows.X_test.index for rows in folds]
    assert sorted(np.concatenate(tests)) == list(range(N))
    for rows, test in zip(folds, tests, strict=True):
        assert set(rows.X_train.index) == set(range(N)) - set(test)
        assert len(test) == pytest.approx(N / 4, abs=4)
        assert (rows.groups is not None) == (by == "group")
        if by == "group":
            assert not set(GROUPS[test]) & set(GROUPS[rows.X_train.index])
        if kind == CLASSIFICATION:
            assert np.sum(rows.y_test == "high") == pytest.approx(
                np.sum(task.y == "high") / 4, abs=1 if by == "row" else 4
            )
    other = [rows.X_test.index for rows in folds_of(task, None, 4, 1)]
    assert not np.array_equal(other[0], tests[0])


def test_folds_in_time_are_tested_by_training_on_the_rows_before():
    times = np.random.RandomState(0).randint(30, size=N)
    task, marks = marked("time", times)
    sizes = []
    for rows in folds_of(task, marks, 4, 0):
        train, test = (times[X.index] for X in (rows.X_train, rows.X_test))
        assert train.max() < test.min()
        assert all(train[a].max() < train[b].min() for a, b in rows.folds)
        sizes.append(len(train))
    np.testing.assert_allclose(sizes, N * np.arange(1, 5) / 5, atol=4)


MISTAKES = {
    "rows": (None, N + 1, rf"--cv must be at most the number of rows, which is {N}"),
    "groups": (
        ("group", GROUPS % 4),
        5,
        "at most the number of groups, which is 4. Got",
    ),
    "held out": (
        ("group", GROUPS % 3),
        2,
        r"fold \d of 2: --group: column 'mark' must have at least 2 different groups: to",
    ),
    "times": (
        ("time", np.arange(N) // 30),
        4,
        "--cv must be at most 3 for column 'mark'",
    ),
    "first": (
        ("time", np.arange(N) // 30),
        3,
        "--cv 3: fold 1 of 3: --time: column 'mark' must have at least 2 different times",
    ),
}


@pytest.mark.parametrize(("by", "n_folds", "message"), MISTAKES.values(), ids=MISTAKES)
def test_too_few_for_the_folds(by, n_folds, message):
    task, marks = marked(*by) if by else (make()[1], None)
    with pytest.raises(UserError, match=message):
        folds_of(task, marks, n_folds, 0).notes()


def test_a_class_with_one_row_is_not_judged():
    _, task = make(CLASSIFICATION)
    task.y[7] = "once"
    folds = folds_of(task, None, 4, 0)
    (note,) = folds.notes()
    assert re.match(
        r"fold \d of 4: test rows left out, .*: 1 row, 'once' \(1 row\)$", note
    )
    assert sum(len(rows.y_test) for rows in folds) == N - 1


def test_means_are_of_scores_that_all_folds_have():
    one = Score({"accuracy": 0.5, "AUC": 0.7, SECONDS: 1.0}, np.zeros(3))
    other = Score({"accuracy": 0.8, SECONDS: 2.0}, np.ones(2))
    found = mean_of([one, other])
    expected = {"accuracy": 0.65, "accuracy std": 0.3 / 2**0.5, SECONDS: 1.5}
    assert found.scores == pytest.approx(expected)
    assert found.losses.tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    "split", [[], ["--group", "island"], ["--time", "seen"]], ids=str
)
def test_the_report_has_means_and_the_file_a_model_of_all_rows(
    split, birds, tmp_path, seen, capsys
):
    csv = stored(birds.assign(island=[*"ABCDEF"] * 20), tmp_path / "a.csv")
    path = tmp_path / "m.pkl"
    options = ["--cv", 3, *split, "--save", path]
    assert command(csv, "--target", "mass", *options) == 0
    out = capsys.readouterr().out
    assert "\n116 rows in 3 folds; " in out
    line = (
        f"\nsaved: {path}, a TabularMLPRegressor trained on all 116 rows; the scores are "
        "of those trained on the folds\n"
    )
    assert line in out
    assert "the training on all" not in out
    (final, all_rows), *folds = seen
    assert len(folds) == 3
    assert len(all_rows.y_train) == 116
    scores = {"TabularMLPRegressor": [], "mean": []}
    for _, rows in folds:
        again = skmlp.TabularMLPRegressor(random_state=0, cv=rows.folds)
        again.fit(rows.X_train, rows.y_train, groups=rows.groups)
        mean = np.full(len(rows.y_test), rows.y_train.mean())
        for name, p in zip(scores, (again.predict(rows.X_test), mean), strict=True):
            y = rows.y_test
            rmse = mean_squared_error(y, p) ** 0.5
            scores[name].append([rmse, mean_absolute_error(y, p), r2_score(y, p)])
    heads = "RMSE  RMSE std      MAE  MAE std       R2  R2 std  fit seconds"
    assert re.search(r"\nmeans of 3 folds +" + re.sub(" +", " +", heads), out)
    for name, each in scores.items():
        printed = re.search(rf"\n{name} +(-?\d.*)\n", out)[1].split()[:-1]
        expected = np.array([np.mean(each, axis=0), np.std(each, axis=0, ddof=1)])
        np.testing.assert_allclose(
            np.array(printed, float), expected.T.ravel(), atol=1e-3
        )
    n_tested = sum(len(rows.y_test) for _, rows in folds)
    assert f", by the losses of {n_tested} test rows.\n" in out
    assert (n_tested == 116) == (split[:1] != ["--time"])
    X = all_rows.X_train
    np.testing.assert_array_equal(loaded(path).predict(X), final.predict(X))


def test_the_saved_model_is_that_of_all_rows(csv, tmp_path, seen):
    path = tmp_path / "m.pkl"
    assert command(csv, "--target", "species", "--cv", 2, "--save", path) == 0
    task = infer_task(read_table(csv).frame, "species", "auto")
    model = skmlp.TabularMLPClassifier(random_state=0).fit(task.X, task.y)
    found = loaded(path).predict_proba(task.X)
    np.testing.assert_allclose(found, model.predict_proba(task.X), rtol=1e-5)


@pytest.mark.parametrize(("saved", "n_fits"), [(False, 2), (True, 3)])
def test_all_fits_share_the_time(saved, n_fits, csv, tmp_path, seen, capsys):
    plot = tmp_path / "a.svg"
    options = ["--plot", plot, *(["--save", tmp_path / "m.pkl"] if saved else [])]
    given = ["--target", "mass", "--cv", 2, "--max-time", 6]
    assert command(csv, *given, *options) == 0
    assert [model.max_time for model, _ in seen] == [6 / n_fits] * n_fits
    assert f"\nplot: {plot}, of fold 2\n" in capsys.readouterr().out
    assert plot.stat().st_size > 1000


@pytest.mark.parametrize("interrupted", [1, 2])
def test_ctrl_c_ends_the_command(interrupted, csv, tmp_path, monkeypatch, seen, capsys):
    inner = evaluation.fit

    def fit(model, rows):
        seconds = inner(model, rows)
        if len(seen) == interrupted:
            warnings.warn(INTERRUPTED, stacklevel=2)
        return seconds

    monkeypatch.setattr(evaluation, "fit", fit)
    path = tmp_path / "m.pkl"
    assert command(csv, "--target", "mass", "--cv", 2, "--save", path) == 130
    assert capsys.readouterr().err == "skmlp: interrupted\n"
    assert path.exists() == (interrupted == 2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--test", "0.2"], "--cv and --test must not be set together: "),
        (["--test-file", "b.csv"], "--cv and --test-file must not be set together: "),
        (
            ["--save", "m.pkl", "--no-refit"],
            "--no-refit must be without --cv, or without",
        ),
        (["--refit"], "--refit must be with --save MODEL: "),
    ],
)
def test_options_with_mistakes(options, message, csv, capsys):
    assert command(csv, "--target", "mass", "--cv", 3, *options) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"skmlp: {message}")
    assert err.count("\n") == 1


def test_a_large_table_is_refused(tmp_path, large, capsys):
    with large():
        path = stored(FRAME, tmp_path / "a.csv")
        assert command(path, "--target", "y", "--cv", 3) == 2
    assert "--cv: files of 100 MB or more are read in blocks" in capsys.readouterr().err


def test_importances_are_of_the_last_fold(csv, bare, capsys):
    assert command(csv, "--target", "mass", "--cv", 2) == 0
    out = capsys.readouterr().out
    assert re.search(r"\nshuffled column, fold 2 +drop in R2 ", out)
    assert "\nseconds of the fit, fold 2: " in out
