"""The report of each kind of model, as a user gets it."""

import re
import sys
from html.parser import HTMLParser

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import Ridge
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

pytest.importorskip("matplotlib")
pytest.importorskip("jinja2")

import skmlp
from skmlp.reporting import Report

from .conftest import CASES, kinds

VOID = {"meta", "br", "link", "use", "path"}


class Page(HTMLParser):
    """Ids, headings, texts and links of a page whose elements are closed in order."""

    def __init__(self, html):
        super().__init__()
        self.open, self.ids, self.headings, self.links = [], [], [], []
        self.texts = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found["href"])
        if tag == "svg":
            assert found["aria-label"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        if "id" in dict(attributes):
            self.ids.append(dict(attributes)["id"])

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("h1", "h2"):
            self.headings.append(data)
        self.texts.append(data)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", CASES)
def test_a_page_of_each_kind_of_model(name, fitted):
    model, X, y = fitted[name]
    others = {"<prior>": DummyClassifier().fit(X, y)} if kinds()[name] else None
    found = skmlp.report(model, X, y, others=others, max_time=2)
    assert isinstance(found, Report)
    page = Page(found.html)
    assert len(found.html) < 1_000_000
    assert len(set(page.ids)) == len(page.ids)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    sections = ["Verdict", "What it has learned from", "How good it is", "What matters"]
    assert page.headings[1:5] == sections
    assert page.headings[-2:] == ["Worst rows", "Cost"]
    text = " ".join(page.texts)
    assert found.verdict in text
    assert repr(found) == f"<Report: {found.verdict}>"
    assert ("<prior>" if others else "guessing") in found.verdict
    # No text of the data is markup, and nothing comes from elsewhere.
    assert not re.search(r"<(b|i|prior)>", found.html)
    assert not re.search(r"(src|href)=\"(?!#)", found.html)
    assert "@import" not in found.html
    if name in ("two classes", "regression"):
        assert "<b>town</b>" in text
        assert "Training" in page.headings
        assert "category" in text


def test_a_better_model_is_named_first(fitted):
    model, X, y = fitted["line"]
    better = Ridge(alpha=1e-9).fit(X, y)
    found = skmlp.report(model, X, y, others={"Ridge": better})
    assert found.verdict.startswith("Ridge predicts better than LinearRegression here.")


def test_two_classes_without_probabilities(fitted):
    _, X, y = fitted["trees"]
    found = skmlp.report(LinearSVC().fit(X, y == 1), X, y == 1)
    assert "decision function of True" in found.html


def test_what_makes_scores_less_sure_is_said(fitted):
    _, X, y = fitted["trees"]
    y = y.astype(str).to_numpy()
    few = np.sort(
        np.concatenate([np.flatnonzero(y == "0"), [*np.flatnonzero(y == "1")[:3]]])
    )
    known = DecisionTreeClassifier(random_state=0).fit(X.iloc[few], y[few])
    rows = X.iloc[few], y[few]
    assert "Classes with few test rows: 1 (3)." in skmlp.report(known, *rows).verdict
    rest = np.flatnonzero(y == "2")
    found = skmlp.report(known, X, y).verdict
    assert f"{len(rest)} rows are of classes that the model does not know." in found
    stump = DecisionTreeClassifier(max_depth=1).fit(X, np.where(y == "2", "1", y))
    wrong = np.where(np.arange(len(y)) == np.flatnonzero(y == "0")[0], "1", y)
    wrong = np.where(wrong == "2", "1", wrong)
    found = skmlp.report(stump, X, wrong).verdict
    assert "It gives the true class the probability 0 in 1 rows." in found


def test_it_is_saved_and_shown(fitted, tmp_path):
    found = skmlp.report(*fitted["line"])
    path = tmp_path / "report.html"
    found.save(path)
    found.save(str(path))
    assert path.read_text(encoding="utf-8") == found.html
    assert "srcdoc=" in found._repr_html_()
    assert "<main>" not in found._repr_html_()


def test_the_same_seed_gives_the_same_verdict_and_figures(fitted):
    one, other = (skmlp.report(*fitted["line"]).html for _ in range(2))
    cut = [
        text[text.index("<main>") : text.index('id="cost"')] for text in (one, other)
    ]
    assert cut[0] == cut[1]


def test_what_is_refused(fitted, monkeypatch):
    model, X, y = fitted["trees"]
    report = skmlp.report
    with pytest.raises(
        TypeError, match="model must be a fitted classifier or regressor"
    ):
        report(KMeans().fit(X), X, y)
    with pytest.raises(ValueError, match="is not fitted yet"):
        report(Ridge(), X, y)
    with pytest.raises(ValueError, match="at least 2 rows. Got 1"):
        report(model, X[:1], y[:1])
    with pytest.raises(ValueError, match="y_test must have classes of the model"):
        report(model, X, np.full(len(y), "other"))
    with pytest.raises(ValueError, match="'max_time' parameter of report"):
        report(model, X, y, max_time=0)
    with pytest.raises(ValueError, match="inconsistent|rows|samples"):
        report(model, X, y[:-1])
    with pytest.raises(ValueError, match="y_test must have one target"):
        report(model, X, np.column_stack([y, y]))
    with pytest.raises(TypeError, match="others must be a dict of models by name"):
        report(model, X, y, others=[model])
    with pytest.raises(ValueError, match="not fitted") as caught:
        report(model, X, y, others={"mine": LinearSVC()})
    assert "the model 'mine' of the report" in caught.value.__notes__[0]
    line, A, b = fitted["line"]
    with pytest.raises(TypeError, match="y_test"):
        report(line, A, b.astype(str))
    with pytest.raises(ValueError, match="y_test"):
        report(line, A, np.full(len(b), np.nan))
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match="A report needs jinja2. Install it"):
        report(model, X, y)
