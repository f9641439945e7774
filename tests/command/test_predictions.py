"""Predictions of saved models as CSV, for tables in memory and for large ones."""

import numpy as np
import pytest

from skmlp.command import predictions
from skmlp.command.models import SavedModel
from skmlp.command.output_files import csv_of, is_plain
from skmlp.command.outputs import Outputs
from skmlp.command.predictions import in_parts
from skmlp.command.tables import read_table
from tests.command.conftest import N, command

pandas = pytest.importorskip("pandas")

pytestmark = pytest.mark.usefixtures("quick")

LABELS = {
    "plain": "a",
    "comma": 'a,"b"',
    "semicolon": "a;b",
    "pipe": "a|b",
    "line of a separator": "sep=#",
    "tab": "a\tb",
    "line": "a\nb",
    "return": "a\rb",
    "both": "a\r\nb",
    "spaces": " a ",
    "mark of utf8": "\ufeffa",
    "other letters": "größe 日本",
}


class Numbers:
    """A model that predicts the first column."""

    def fit(self, X, y):
        return self

    def predict(self, X):
        return X.iloc[:, 0].to_numpy(float)


class Texts(Numbers):
    """A model that predicts one of two labels."""

    def __init__(self, label):
        self.classes_ = np.array([label, "other"], dtype=object)

    def predict(self, X):
        return self.classes_[X.iloc[:, 0].astype(int) % 2]

    def predict_proba(self, X):
        return np.linspace(0, 1, 2 * len(X)).reshape(-1, 2)


FRAME = pandas.DataFrame({"x": np.arange(25.0)})


def printed(model, target):
    outputs = Outputs(SavedModel(model, target, {"x": "number"}))
    parts = enumerate(in_parts(outputs, FRAME, FRAME))
    return "".join(csv_of(one, outputs, header=i == 0) for i, one in parts)


@pytest.mark.parametrize("label", LABELS.values(), ids=list(LABELS))
@pytest.mark.parametrize("place", ["value", "name"])
def test_printed_predictions_can_be_read(label, place, write):
    model = Texts(label) if place == "value" else Numbers()
    name = label if place == "name" else "y"
    again = read_table(write("a.csv", printed(model, name))).frame
    assert again.columns[0] == name.strip()
    assert again.shape == (25, 3 if place == "value" else 1)
    assert again.iloc[:, 0].tolist() == model.predict(FRAME).tolist()
    assert is_plain(label) == (label in ("a", 'a,"b"', LABELS["other letters"]))


@pytest.mark.parametrize(("n_rows", "n_cells"), [(10, 10**6), (10**6, 10)])
def test_predictions_are_printed_in_blocks(n_rows, n_cells, monkeypatch):
    whole = printed(Numbers(), "y")
    seen = []

    def predict(self, X):
        seen.append(len(X))
        return X.iloc[:, 0].to_numpy(float)

    monkeypatch.setattr(Numbers, "predict", predict)
    monkeypatch.setattr("skmlp.command.predictions.ROWS_AT_A_TIME", n_rows)
    monkeypatch.setattr("skmlp.command.predictions.CELLS_AT_A_TIME", n_cells)
    assert printed(Numbers(), "y") == whole
    assert seen == [10, 10, 5]


def test_a_model_that_cannot_predict_is_a_line(csv, tmp_path, capsys, monkeypatch):
    model = tmp_path / "m.pkl"
    assert command(csv, "--target", "mass", "--save", model) == 0
    capsys.readouterr()

    def fail(*_):
        raise IndexError("too\nshort")

    monkeypatch.setattr("skmlp.command.outputs.predictions_of", fail)
    assert command("predict", "--trust-pickle", model, csv) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == f"skmlp: {model}: this model cannot predict the rows of {csv} (too)."


@pytest.mark.parametrize("label", ["a", "a_", 2**53 + 1])
def test_a_target_with_the_name_of_a_probability(label, tmp_path, capsys):
    target = f"probability_{label}"
    other = f"{label}_" if isinstance(label, str) else 3
    x = np.random.RandomState(0).randn(60)
    frame = pandas.DataFrame({"x": x, target: [label if v > 0 else other for v in x]})
    table, model = tmp_path / "a.csv", tmp_path / "m.pkl"
    frame.to_csv(table, index=False)
    assert command(table, "--target", target, "--save", model) == 0
    capsys.readouterr()
    assert command("predict", "--trust-pickle", model, table) == 0
    (tmp_path / "p.csv").write_text(capsys.readouterr().out)
    again = read_table(tmp_path / "p.csv").frame
    assert again.columns[0] == target
    assert again.shape == (60, 3)
    assert set(again[target]) <= {label, other}
    np.testing.assert_allclose(again.iloc[:, 1:].sum(axis=1), 1, rtol=1e-5)


def test_predict_names_labels_that_the_training_table_does_not_have(
    birds, tmp_path, csv, capsys
):
    model = tmp_path / "m.pkl"
    assert command(csv, "--target", "mass", "--drop", "seen", "--save", model) == 0
    capsys.readouterr()
    new = birds.assign(island=birds["island"].fillna("Z").str.lower())[:20]
    new.to_csv(tmp_path / "new.csv", index=False)
    predict = ["predict", "--trust-pickle", model, tmp_path / "new.csv"]
    assert command(*predict) == 0
    err = capsys.readouterr().err
    assert (
        "the training table does not have, read as missing: 'island' (20 of 20" in err
    )
    birds.to_csv(tmp_path / "new.csv", index=False)
    assert command(*predict) == 0
    assert "does not have" not in capsys.readouterr().err


@pytest.fixture
def model(csv, tmp_path, bare, capsys):
    """A model of birds."""
    path = tmp_path / "m.pkl"
    assert command(csv, "--target", "species", "--drop", "ring", "--save", path) == 0
    capsys.readouterr()
    return path


def predicted(capsys, model, *tables):
    """The output of predict, and its lines on standard error."""
    assert command("predict", "--trust-pickle", model, *tables) == 0
    return capsys.readouterr()


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_blocks_of_large_files_have_the_predictions_of_the_whole(
    kind, model, birds, tmp_path, large, capsys
):
    whole = birds.assign(island=birds["island"].fillna("Z"))
    paths = [tmp_path / f"{name}.{kind}" for name in "abc"]
    parts = [whole, whole[:50], whole[50:]]
    for path, frame in zip(paths, parts, strict=True):
        if kind == "parquet":
            frame.to_parquet(path)
        else:
            frame.to_csv(path, index=False)
    with large(False):
        expected = predicted(capsys, model, paths[0])
    with large():
        assert predicted(capsys, model, paths[0]) == expected
        assert predicted(capsys, model, *paths[1:]) == expected
    assert len(expected.out.splitlines()) == N + 1
    assert "ignored columns 'ring', 'species'" in expected.err
    assert "'island' (" in expected.err


def test_text_is_text_in_large_files(tmp_path, large, capsys, bare):
    rng = np.random.RandomState(0)
    code = rng.choice(["007", "7", "x"], 200)
    frame = pandas.DataFrame({"code": code, "n": rng.randn(200)})
    frame["y"] = frame["n"] + 3 * (code == "007")
    train, new, model = (tmp_path / name for name in ("a.csv", "b.csv", "m.pkl"))
    frame.to_csv(train, index=False)
    assert command(train, "--target", "y", "--save", model) == 0
    frame[frame["code"] != "x"].to_csv(new, index=False)
    capsys.readouterr()
    with large(False):
        expected = predicted(capsys, model, new)
    with large():
        assert predicted(capsys, model, new) == expected


def test_large_files_that_are_not_in_blocks_are_read_as_a_whole(
    model, birds, tmp_path, large, capsys
):
    path = tmp_path / "new.csv"
    birds.to_csv(path, index=False, sep=";", decimal=",")
    expected = predicted(capsys, model, path)
    with large():
        found = predicted(capsys, model, path)
        assert "skmlp: read as a whole, which needs memory: " in found.err
        assert found.out == expected.out
        assert command("predict", "--trust-pickle", model, path, "--decimal", ",") == 0
        assert "needs memory: --decimal is set" in capsys.readouterr().err


@pytest.mark.parametrize("other", ["1.234,51", "1,50"])
def test_other_columns_show_the_form_of_numbers_of_large_files(
    other, tmp_path, large, capsys, bare
):
    kg = np.arange(200) / 64
    train, new, model = (tmp_path / name for name in ("a.csv", "b.csv", "m.pkl"))
    pandas.DataFrame({"kg": kg, "y": kg * 2}).to_csv(train, index=False)
    assert command(train, "--target", "y", "--save", model) == 0
    new.write_text("kg;u\n" + f"1.500;{other}\n" * 100)
    found = []
    for in_blocks in (False, True):
        capsys.readouterr()
        with large(in_blocks):
            code = command("predict", "--trust-pickle", model, new)
        found.append((code, capsys.readouterr().out))
    assert found[0] == found[1]


def test_faults_of_large_files(model, birds, tmp_path, large, capsys, monkeypatch):
    path = tmp_path / "new.parquet"
    with large():
        birds.drop(columns=["wing"]).to_parquet(path)
        assert command("predict", "--trust-pickle", model, path) == 2
        line = f"skmlp: {path}: the model needs columns 'wing'."
        assert capsys.readouterr().err.splitlines() == [line]
        birds.assign(wing=birds["island"]).to_parquet(path)
        assert command("predict", "--trust-pickle", model, path) == 2
        assert "Column 'wing' must hold numbers" in capsys.readouterr().err

        def blocks(self, columns=None):
            yield real(self, columns).__next__()
            raise ValueError("X must have files that can be read.")

        birds.to_parquet(path)
        source = predictions.way_of([path], predictions.Reading()).source
        real = type(source).blocks
        monkeypatch.setattr(type(source), "blocks", blocks)
        assert command("predict", "--trust-pickle", model, path) == 2
        out, err = capsys.readouterr()
        assert len(out.splitlines()) == 41
        assert f"skmlp: {path}: X must have files that can be read." in err
