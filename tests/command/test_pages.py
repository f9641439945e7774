"""The report of the command as a page."""

import re

import numpy as np
import pandas as pd
import pytest

from skmlp.command.pages import use_of
from skmlp.command.parser import parse
from tests.command.conftest import command

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def houses(tmp_path):
    rng = np.random.RandomState(0)
    frame = pd.DataFrame({"<b>x</b>": rng.randn(80), "town": rng.choice([*"abc"], 80)})
    frame["price"] = frame["<b>x</b>"] + 0.1 * rng.randn(80)
    frame["id"] = 7
    path = tmp_path / "houses & co.csv"
    frame.to_csv(path, index=False)
    return path


def test_a_page_beside_the_report(houses, capsys):
    page, model = houses.with_name("page.html"), houses.with_name("model.pkl")
    options = ["--target", "price", "--max-time", "1", "--report", page]
    assert command(houses, *options, "--save", model) == 0
    output, errors = capsys.readouterr()
    assert errors == ""
    assert f"report: {page}\n" in output
    html = page.read_text(encoding="utf-8")
    peers = "HistGradientBoosting", "Ridge", "baseline (mean)"
    notes = (
        "houses &amp; co.csv",
        "dropped, constant",
        "replaces the file if that succeeds",
    )
    for text in (
        *peers,
        *notes,
        "&lt;b&gt;x&lt;/b&gt;",
        "predict",
        "training rows: 60",
    ):
        assert text in html
    assert "guessing:" not in html
    assert "<b>" not in html


def test_the_worst_rows_have_their_ids(houses):
    table = pd.read_csv(houses).assign(**{"house no": [f"H-{i}" for i in range(80)]})
    table.to_csv(houses, index=False)
    page = houses.with_name("page.html")
    options = ["--target", "price", "--max-time", "1", "--report", page]
    assert command(houses, *options, "--id", "house no") == 0
    html = page.read_text(encoding="utf-8")
    worst = html[html.index("Worst rows") :]
    found = re.findall(r">(\d+)</th>\s*<td[^>]*>(H-\d+)</td>", worst)
    assert len(found) > 5
    assert all(f"H-{row}" == name for row, name in found)


def test_without_a_file_of_the_model(houses):
    page = houses.with_name("page.htm")
    options = ["--target", "price", "--max-time", "1", "--report", page]
    assert command(houses, *options) == 0
    html = page.read_text(encoding="utf-8")
    assert "--save model.skops" in html
    assert "replaces the file" not in html


def test_paths_are_checked_before_the_training(houses, capsys):
    for page, message in (
        (houses.with_name("page.txt"), "a report must end in one of .html, .htm"),
        (houses.parent / "none" / "page.html", "does not exist"),
        (houses.with_name("page.html"), "--cv and --report must not be set together"),
    ):
        cv = ["--cv", 3] if "--cv" in message else []
        assert command(houses, "--target", "price", "--report", page, *cv) == 2
        output, errors = capsys.readouterr()
        assert output == ""
        assert message in errors


def test_how_to_use_the_model():
    saved = parse(["a b.csv", "--target", "y", "--save", "a model.skops"])
    use = use_of(saved)
    assert "predict 'a model.skops' new_rows.csv > predictions.csv\n" in use
    assert use.endswith("answers = skmlp.load('a model.skops').answers(rows)")
    pickled = use_of(parse(["a.csv", "--target", "y", "--save", "m.pkl"]))
    assert "new_rows.csv --trust-pickle > " in pickled
    assert "skmlp.load('m.pkl', trust_pickle=True)" in pickled
    options = ["--target", "the y", "--drop", "b", "--group", "c", "--id", "d"]
    other = parse(["a b.csv", *options])
    rest = "'a b.csv' --target 'the y' --drop b --group c --id d --save model.skops"
    assert use_of(other).endswith(rest)
