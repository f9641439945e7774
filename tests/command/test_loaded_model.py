"""Models of the command for rows of programs."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from skmlp import load
from skmlp.command.kinds import as_kinds
from tests.command.conftest import command, quick  # noqa: F401

pandas = pytest.importorskip("pandas")
PICKLES = {"trust_pickle": True}

TRAINED = {}
"""The files of models that a test has trained, by target and options."""

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture(scope="module")
def birds():
    """A table with numbers, texts, dates, missing values and an id."""
    rng = np.random.RandomState(1)
    n = 120
    kind = rng.randint(3, size=n)
    frame = pandas.DataFrame(
        {
            "ring": [f"R{i:03}" for i in range(n)],
            "species": np.array(["auk", "gull", "tern"])[kind],
            "island": np.where(rng.rand(n) < 0.3, None, rng.choice([*"ABC"], n)),
            "seen": [f"2024-05-{1 + i % 28:02}" for i in rng.randint(28, size=n)],
            "wing": 20 + 5.0 * kind + rng.normal(size=n),
            "mass": 100 + 30 * kind + 5 * rng.normal(size=n),
        }
    )
    frame.loc[::11, "wing"] = np.nan
    return frame


@pytest.fixture
def bird_models(tmp_path, birds, monkeypatch):
    """The path of a model for a target, trained by the command."""

    csv = tmp_path / "birds.csv"
    birds.to_csv(csv, index=False)

    def train(target, *options):
        path = tmp_path / f"{target}.pkl"
        if (target, options) in TRAINED:
            path.write_bytes(TRAINED[target, options])
            return path
        monkeypatch.setattr("skmlp.command.cli.report", lambda *_: None)
        arguments = [csv, "--target", target, "--save", path, "--no-refit", *options]
        assert command(*arguments) == 0
        TRAINED[target, options] = path.read_bytes()
        return path

    return train


def rows_of(frame):
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [dict(row) for row in rows]


@pytest.mark.parametrize("target", ["species", "mass"])
def test_rows_have_the_predictions_of_the_command(target, bird_models, birds, tmp_path):
    path, csv = bird_models(target, "--id", "ring"), tmp_path / "birds.csv"
    out = tmp_path / "predictions.csv"
    assert command("predict", path, csv, "--trust-pickle", "--output", out) == 0
    wanted = pandas.read_csv(out)
    model = load(path, **PICKLES)
    rows = rows_of(birds.drop(columns=target))
    texts = pandas.read_csv(csv, dtype=str, keep_default_na=False)
    given = {
        "dicts": rows,
        "JSON": json.dumps(rows),
        "lines": [json.dumps(row) for row in rows],
        "frame": birds.drop(columns=target),
        "texts": texts.drop(columns=target).to_dict("records"),
    }
    for name, some in given.items():
        found = list(model.answers(some))
        assert [one["ids"]["ring"] for one in found] == wanted["ring"].tolist(), name
        predicted = [one["prediction"] for one in found]
        if target == "species":
            assert predicted == wanted["species"].tolist(), name
            np.testing.assert_allclose(
                [one["probabilities"]["auk"] for one in found],
                wanted["probability_auk"],
                rtol=1e-6,
            )
        else:
            np.testing.assert_allclose(predicted, wanted["mass"], rtol=1e-6)
        assert json.loads(json.dumps(found, allow_nan=False)) == found


BAD = {
    "text": {"wing": "long"},
    "infinite": {"wing": float("inf")},
    "list": {"island": ["A"]},
    "date": {"seen": "yesterday"},
    "missing column": {"wing": ...},
}


def bad_row(row, changes):
    row = {**row, **changes}
    return {name: value for name, value in row.items() if value is not ...}


@pytest.mark.parametrize("change", BAD)
def test_a_bad_row_takes_nothing_from_the_others(change, bird_models, birds):
    model = load(bird_models("species"), **PICKLES)
    rows = rows_of(birds[[*model.columns]])[:6]
    wanted = list(model.answers(rows))
    assert all("prediction" in one for one in wanted)
    bad = [*rows[:2], bad_row(rows[2], BAD[change]), *rows[3:]]
    found = list(model.answers(bad))
    assert found[:2] + found[3:] == wanted[:2] + wanted[3:]
    (name,) = BAD[change]
    assert found[2].keys() == {"error"}
    assert name in found[2]["error"]
    with pytest.raises(ValueError, match=f"row 2: .*'{name}'"):
        model.predict(bad)

    model.on_error = "missing"
    found = list(model.answers(bad))
    assert found[:2] + found[3:] == wanted[:2] + wanted[3:]
    gap = model.answer({**rows[2], name: None})
    assert found[2]["probabilities"] == gap["probabilities"]
    assert "read as missing" in found[2]["notes"][0]
    with pytest.warns(UserWarning, match=f"read as missing: row 2: .*'{name}'"):
        predicted = model.predict(bad)
    assert predicted.tolist() == [one["prediction"] for one in found]


@pytest.mark.parametrize("on_error", ["raise", "missing"])
def test_what_is_no_row_is_always_an_error(on_error, bird_models, birds):
    model = load(bird_models("mass"), on_error=on_error, **PICKLES)
    row = rows_of(birds[[*model.columns]])[5]
    found = list(model.answers([5, row, "{"]))
    assert [list(one) for one in found] == [["error"], ["prediction"], ["error"]]
    with pytest.raises(ValueError, match="row 0: a row must be an object"):
        model.predict([5, row])
    with pytest.raises(ValueError, match="at least one row"):
        model.predict([])
    assert list(model.answers([])) == []


def test_unknown_columns_and_labels_are_noted(bird_models, birds):
    model = load(bird_models("mass"), **PICKLES)
    row = {**rows_of(birds)[5], "island": "Z"}
    notes = model.answer(row)["notes"]
    assert notes[0] == "ignored columns 'ring', 'mass'"
    assert notes[1] == "column 'island': 'Z' was not in training, read as missing"


@pytest.mark.parametrize(
    ("target", "method", "key"),
    [("species", "predict_set", "set"), ("mass", "predict_interval", "interval")],
)
def test_intervals_and_sets(target, method, key, bird_models, birds):
    model = load(bird_models(target), **PICKLES)
    other = {"predict_set": "predict_interval"}.get(method, "predict_set")
    rows = rows_of(birds.drop(columns=target))
    wanted = getattr(model, method)(rows, coverage=0.8)
    X = as_kinds(birds, model.columns)
    alone = getattr(model.estimator, method)(X, coverage=0.8)
    np.testing.assert_array_equal(wanted, alone)
    found = [one[key] for one in model.answers(rows, coverage=0.8)]
    if key == "set":
        classes = model.estimator.classes_
        assert found == [classes[one].tolist() for one in wanted]
    else:
        np.testing.assert_array_equal(found, wanted)
    with pytest.raises(AttributeError, match=f"has no {other}"):
        getattr(model, other)(rows)
    for some in (rows, [], [5]):
        with pytest.raises(ValueError, match="coverage"):
            list(model.answers(some, coverage=2))
    with pytest.raises(ValueError, match=r"'on_error' .* Got 'rais'"):
        model.on_error = "rais"


def test_a_frame_without_a_column(bird_models, birds):
    model = load(bird_models("mass"), on_error="missing", **PICKLES)
    frame = birds[["species", "island", "seen"]]
    with pytest.warns(UserWarning, match="has no 'wing'"):
        found = model.predict(frame)
    wanted = model.predict(frame.assign(wing=np.nan))
    np.testing.assert_array_equal(found, wanted)


def test_the_schema(bird_models):
    model = load(bird_models("species", "--id", "ring"), **PICKLES)
    found = json.loads(json.dumps(model.schema()))
    assert found["target"] == "species"
    assert found["task"] == "classification"
    assert found["classes"] == ["auk", "gull", "tern"]
    assert found["ids"] == ["ring"]
    island = {"name": "island", "kind": "text", "labels": ["A", "B", "C"]}
    assert island in found["columns"]
    assert [one["name"] for one in found["columns"]] == [*model.columns]
    assert "species" in repr(model)


def test_answers_are_streamed(bird_models, birds):
    model = load(bird_models("mass"), **PICKLES)
    row = rows_of(birds)[5]

    def endless():
        while True:
            yield row

    answers = model.answers(endless())
    assert next(answers) == next(answers) == model.answer(row)


def test_threads_share_a_model(bird_models, birds):
    model = load(bird_models("species"), **PICKLES)
    rows = rows_of(birds.drop(columns="species")) * 4
    wanted = [model.answer(row) for row in rows]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(model.answer, rows)) == wanted
