"""The command on tables: training, the report, models and predictions."""

import functools
import io
import re
import subprocess
import sys
import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

import skmlp
from skmlp.command.models import load_model
from tests.command.conftest import N, command

pandas = pytest.importorskip("pandas")

SCORES = {"species": ["log-loss", "accuracy"], "mass": ["RMSE", "MAE", "R2"]}
TITLES = {
    "species": "TabularMLPClassifier",
    "mass": "TabularMLPRegressor",
}

pytestmark = pytest.mark.usefixtures("quick")


@pytest.mark.parametrize("target", list(SCORES))
def test_the_report(target, csv, capsys):
    assert command(csv, "--target", target) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith(f"{csv}: 120 rows, 6 columns\n{target}: ")
    assert "dropped, different text in each row: 'ring'\n" in out
    assert "read as dates: 'seen'\n" in out
    assert ("\ndropped, mass is missing: 4 rows\n" in out) == (target == "mass")
    text = "1 text column\n" if target == "species" else "2 text columns\n"
    n_numeric = 3 if target == "species" else 2
    assert f" test rows; {n_numeric} numeric columns, {text}" in out
    heads = re.search(r"\non the test rows +(.*)\n", out)[1]
    assert re.split("  +", heads) == [*SCORES[target], "fit seconds"]
    for name in (TITLES[target], "HistGradientBoosting"):
        assert re.search(rf"\n{name}( +-?[\d.]+)+\n", out)
    assert re.search(
        r"\nshuffled column +(increase in log-loss|drop in R2) +std\n", out
    )
    assert re.search(r"\nseconds of the fit: [a-z]+ [\d.]+", out)


def test_the_same_seed_is_the_same_report(csv, capsys):
    reports = []
    for seed in (0, 0, 1):
        assert command(csv, "--target", "mass", "--seed", seed) == 0
        out = capsys.readouterr().out
        reports.append(re.search(r"\nTabularMLPRegressor +(-?\d\S* +\S+ +\S+)", out)[1])
    assert reports[0] == reports[1] != reports[2]


def test_a_saved_model_predicts_as_it_was_evaluated(csv, birds, tmp_path, capsys):
    model = tmp_path / "model.pkl"
    plot = tmp_path / "a.svg"
    options = ["--save", model, "--plot", plot, "--drop", "seen", "--test", "0.5"]
    assert command(csv, "--target", "species", *options) == 0
    out = capsys.readouterr().out
    saved = f"saved: {model}, the TabularMLPClassifier of this report, trained on the "
    assert f"\n{saved}60 training rows\nplot: {plot}\n\n" in out
    assert re.search(
        "\n.*TabularMLPClassifier is .* by the losses of 60 test rows", out
    )
    assert plot.stat().st_size > 1000
    saved = load_model(model, trust_pickle=True)
    assert saved.target == "species"
    assert saved.columns == {"island": "text", "wing": "number", "mass": "number"}

    new = tmp_path / "new.csv"
    birds[["wing", "species", "mass", "island", "ring"]].to_csv(new, index=False)
    assert command("predict", "--trust-pickle", model, new) == 0
    out, err = capsys.readouterr()
    assert err == "skmlp: ignored columns 'species', 'ring'\n"
    found = pandas.read_csv(io.StringIO(out))
    names = ["probability_auk", "probability_gull", "probability_tern"]
    assert list(found) == ["species", *names]
    assert len(found) == N
    probabilities = found[names].to_numpy()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)
    predicted = np.array(["auk", "gull", "tern"])[probabilities.argmax(axis=1)]
    assert found["species"].tolist() == predicted.tolist()


def test_numbers_are_predicted_from_other_kinds_of_files(csv, birds, tmp_path, capsys):
    pytest.importorskip("pyarrow", exc_type=ImportError)
    pytest.importorskip("skops.io")
    model = tmp_path / "model.skops"
    assert command(csv, "--target", "mass", "--save", model) == 0
    features = birds.drop(columns=["ring", "mass"])
    dated = features.assign(seen=pandas.to_datetime(features["seen"]))
    dated.to_parquet(tmp_path / "a.parquet")
    features.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    features.to_csv(tmp_path / "a.csv", index=False, sep=";", decimal=",")
    capsys.readouterr()
    outs = []
    for ending in ("parquet", "tsv", "csv"):
        assert (
            command("predict", "--trust-pickle", model, tmp_path / f"a.{ending}") == 0
        )
        out, err = capsys.readouterr()
        assert err == ""
        outs.append(out)
    assert outs[0] == outs[1] == outs[2]
    assert outs[0].startswith("mass\n")
    assert len(outs[0].splitlines()) == N + 1


def test_notes_on_the_table_are_lines(csv, tmp_path, capsys):
    csv.write_text(csv.read_text().replace("\nR003,", "\n\nR003,"))
    model, note = tmp_path / "m.pkl", "blank lines between rows, skipped: 1, the first "
    assert command(csv, "--target", "mass", "--save", model) == 0
    assert f" columns\n{note}in line 5\n" in capsys.readouterr().out
    assert command("predict", "--trust-pickle", model, csv) == 0
    assert f"skmlp: {note}in line 5\n" in capsys.readouterr().err


def test_labels_of_digits_stay_text(tmp_path, capsys):
    codes = ["07", "8", "b1", "7"] * 20
    table = pandas.DataFrame({"code": codes, "y": [int(c == "07") for c in codes]})
    table.to_csv(tmp_path / "a.csv", index=False)
    assert (
        command(tmp_path / "a.csv", "--target", "y", "--save", tmp_path / "m.pkl") == 0
    )
    capsys.readouterr()
    found = []
    for rows in (["b1", "07", "7"], ["07", "7"]):
        new = tmp_path / "new.csv"
        new.write_text("\n".join(["code", *rows]) + "\n", encoding="utf-8")
        assert command("predict", "--trust-pickle", tmp_path / "m.pkl", new) == 0
        out = capsys.readouterr().out
        found.append(pandas.read_csv(io.StringIO(out))["probability_1"].to_numpy())
    np.testing.assert_allclose(found[0][1:], found[1], rtol=1e-5)
    assert found[1][0] > found[1][1]


def assert_a_line(message, capsys, *arguments):
    assert command(*arguments) == 2
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert err.startswith("skmlp: ")
    assert message in err
    return out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Which column to predict? Set --target to one of: 'ring', 'species', "),
        (["--target", "Mas"], "The table has no column 'Mas'. Do you mean 'mass'?"),
        (["--target", "mass", "--drop", "w"], "The table has no column 'w'."),
        (["--target", "mass", "--save", "a.h5"], "a model must end in one of .skops"),
        (["--target", "mass", "--plot", "a.gif"], "a plot must end in one of .png"),
        (["--target", "mass", "--save", "no/a.pkl"], "the folder no does not exist."),
        (["--target", "species", "--test", "0.01"], "--test 0.01 of 120 rows leaves"),
        (
            ["--target", "ring"],
            "'ring', the target, has classes with one row each, such as 'R0",
        ),
        (
            ["--target", "island", "--task", "regression"],
            "84 of 84 values are no numbers: ",
        ),
    ],
)
def test_requests_with_mistakes(arguments, message, csv, capsys):
    assert_a_line(message, capsys, csv, *arguments)


def test_files_with_mistakes(csv, tmp_path, capsys):
    assert_a_line("no such file", capsys, tmp_path / "a.csv", "--target", "x")
    assert_a_line(
        "no such file", capsys, "predict", "--trust-pickle", tmp_path / "a.pkl", csv
    )
    (tmp_path / "a.pkl").write_bytes(b"x")
    assert_a_line(
        "this is not a model",
        capsys,
        "predict",
        "--trust-pickle",
        tmp_path / "a.pkl",
        csv,
    )


def test_new_rows_with_mistakes(csv, birds, tmp_path, capsys):
    model, new = tmp_path / "m.pkl", tmp_path / "new.csv"
    assert command(csv, "--target", "mass", "--save", model) == 0
    capsys.readouterr()
    birds[["wing", "seen"]].to_csv(new, index=False)
    message = "the model needs columns 'species', 'island'."
    assert assert_a_line(message, capsys, "predict", "--trust-pickle", model, new) == ""
    birds.assign(wing="long")[["wing", "seen", "species", "island"]].to_csv(
        new, index=False
    )
    message = "'wing' must hold numbers as in training: 120 of 120 values are"
    assert assert_a_line(message, capsys, "predict", "--trust-pickle", model, new) == ""


def test_a_fit_that_fails_is_a_line(csv, monkeypatch, capsys):
    class Refuses(skmlp.MLPRegressor):
        def fit(self, X, y):
            raise ValueError("not\nthis")

    monkeypatch.setattr(skmlp, "TabularMLPRegressor", lambda **_: Refuses())
    assert_a_line(
        "Refuses cannot train on this table: not.", capsys, csv, "--target", "mass"
    )


def test_a_peer_that_fails_has_no_row(csv, monkeypatch, capsys):
    def fail(self, X, y):
        raise ValueError("not\nthis")

    monkeypatch.setattr("sklearn.linear_model.Ridge.fit", fail)
    assert command(csv, "--target", "mass") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "\nRidge failed: not\n" in out
    assert out.count("Ridge") == 1
    assert "\nbaseline (mean) " in out


def test_warnings_are_lines_of_the_report(csv, monkeypatch, capsys):
    inner = skmlp.TabularMLPRegressor

    class Warns(inner.func if isinstance(inner, functools.partial) else inner):
        def fit(self, X, y):
            warnings.warn("strange.\nvery", UserWarning, stacklevel=2)
            warnings.warn("too short", ConvergenceWarning, stacklevel=2)
            return super().fit(X, y)

    kind = functools.partial(Warns, n_estimators=2, max_iter=3)
    monkeypatch.setattr(skmlp, "TabularMLPRegressor", kind)
    assert command(csv, "--target", "mass") == 0
    out, err = capsys.readouterr()
    assert (out.count("\nWarns: strange\n"), err) == (1, "")
    assert "too short" not in out


def test_an_interrupt(csv, monkeypatch, capsys):
    def press_ctrl_c(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(skmlp, "TabularMLPRegressor", press_ctrl_c)
    assert command(csv, "--target", "mass") == 130
    assert capsys.readouterr().err == "skmlp: interrupted\n"


@pytest.mark.parametrize("package", ["pandas", "matplotlib.figure", "skops.io"])
def test_what_is_not_installed_is_a_line(package, csv, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, package, None)
    outputs = ["--save", "a.skops"] if package == "skops.io" else ["--plot", "a.png"]
    assert_a_line("section Install", capsys, csv, "--target", "mass", *outputs)


def test_progress_on_a_terminal(csv, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert command(csv, "--target", "mass") == 0
    assert "fitting TabularMLPRegressor ..." in capsys.readouterr().err


def start(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "skmlp", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_predict_stops_if_the_output_is_closed(csv, tmp_path):
    model = tmp_path / "m.pkl"
    assert command(csv, "--target", "mass", "--save", model) == 0
    big = pandas.concat([pandas.read_csv(csv)] * 100)
    big.to_csv(tmp_path / "big.csv", index=False)
    with start("predict", "--trust-pickle", model, tmp_path / "big.csv") as process:
        assert process.stdout.readline() == "mass\n"
        process.stdout.close()
        ignored, message = process.stderr.read().splitlines()
        assert ignored == "skmlp: ignored columns 'ring', 'mass'"
        assert message == "skmlp: stopped, the output was closed"
        assert process.wait() == 1


@pytest.mark.parametrize("saved", [False, True])
def test_training_with_a_closed_output_goes_on_for_a_model_only(saved, csv, tmp_path):
    model = tmp_path / "m.pkl"
    options = ["--save", model] if saved else []
    with start(csv, "--target", "mass", "--max-time", "0.1", *options) as process:
        assert process.stdout.readline().endswith("120 rows, 6 columns\n")
        process.stdout.close()
        message = "skmlp: stopped, the output was closed\n"
        assert process.stderr.read() == message
        assert process.wait() == 1
    assert model.exists() == saved


def test_kinds_of_columns_are_named(tmp_path, capsys):
    rng = np.random.RandomState(0)
    shop, day = rng.randint(0, 12, 600), rng.randint(0, 100, 600)
    y = 3 * rng.standard_normal(12)[shop] + rng.standard_normal(600)
    path, model = tmp_path / "sales.csv", tmp_path / "m.pkl"
    pandas.DataFrame({"shop": shop, "day": day, "y": y}).to_csv(path, index=False)
    assert command(path, "--target", "y") == 0
    out = capsys.readouterr().out
    codes = "integers that are codes, used as numbers and categories"
    codes += " (--numbers for numbers)"
    assert f"{codes}: 'shop'\n" in out
    assert "integers used as numbers (--categorical for categories): 'day'\n" in out
    options = ["--categorical", "shop", "day", "--save", model]
    assert command(path, "--target", "y", *options) == 0
    out = capsys.readouterr().out
    assert "2 text columns" in out
    assert "used as numbers" not in out
    assert command("predict", "--trust-pickle", model, path) == 0
    assert len(capsys.readouterr().out.splitlines()) == 601
