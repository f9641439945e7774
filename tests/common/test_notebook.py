"""The HTML of fitted estimators in notebooks."""

from html.parser import HTMLParser

import numpy as np
import pytest
from sklearn import config_context
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skmlp import MLPClassifier, MLPRegressor, TabularMLPClassifier
from skmlp.common import notebook
from skmlp.stored import ESTIMATORS
from tests.helpers import LABELS, X, Y

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

QUICK = {"max_iter": 40, "random_state": 0, "hidden_layer_sizes": (3,)}


def fitted(Kind, **options):
    few = {"n_estimators": 2} if Kind.__name__.startswith("Tabular") else {}
    y = Y[MLPClassifier if "Classifier" in Kind.__name__ else MLPRegressor]
    return Kind(**{**QUICK, **few, **options}).fit(X, y)


class Texts(HTMLParser):
    """The texts of HTML, and the tags that are open."""

    def __init__(self):
        super().__init__()
        self.texts, self.open, self.names = [], [], []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.names.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def texts_of(html):
    parser = Texts()
    parser.feed(html)
    assert parser.open == []
    return parser.texts


@pytest.mark.parametrize("Kind", ESTIMATORS)
def test_a_fitted_estimator_shows_what_it_has(Kind):
    model = fitted(Kind)
    html = model._repr_mimebundle_()["text/html"]
    assert notebook.summary(model) in model._repr_html_()
    texts = texts_of(html[html.index('<details open class="skmlp-fitted"') :])
    shown = dict(zip(texts[1::2], texts[2::2], strict=False))
    assert texts[0] == f"{Kind.__name__}, fitted"
    assert shown["columns"] == str(model.n_features_in_)
    assert shown["epochs"] == str(model.n_iter_)
    assert shown["weights and biases"] == f"{model.n_parameters_:,}"
    if hasattr(model, "classes_"):
        assert shown["classes"] == ", ".join(map(str, model.classes_))
    if hasattr(model, "n_estimators_"):
        assert shown["networks"] == "2"
        assert shown["kinds of columns"].startswith(f"{X.shape[1]} number (0, 1, 2")
        assert "total" in shown["seconds"]


@pytest.mark.parametrize("Kind", ESTIMATORS)
def test_others_look_as_in_scikit_learn(Kind):
    assert "skmlp-fitted" not in Kind()._repr_html_()
    model = fitted(Kind)
    with config_context(display="text"):
        assert "text/html" not in model._repr_mimebundle_()
        assert not hasattr(model, "_repr_html_")
    assert Kind.__name__ in make_pipeline(StandardScaler(), model)._repr_html_()


def test_every_attribute_is_shown_of_some_estimator():
    models = [fitted(Kind) for Kind in ESTIMATORS]
    models.append(fitted(MLPClassifier, early_stopping=True))
    for name, heading, _ in notebook.FACTS:
        assert any(hasattr(model, name) for model in models), name
        assert any(f">{heading}<" in notebook.summary(model) for model in models)


def test_names_are_escaped_and_few():
    pandas = pytest.importorskip("pandas")
    names = [f"<b>{i}</b>" + "x" * 100 for i in range(12)]
    table = pandas.DataFrame(np.random.RandomState(0).randn(60, 12), columns=names)
    y = np.array(["<script>", "&"])[np.arange(60) % 2]
    html = TabularMLPClassifier(**QUICK, n_estimators=1).fit(table, y)._repr_html_()
    own = html[html.index('<details open class="skmlp-fitted"') :]
    assert "<script" not in own
    assert "<b>" not in own
    assert "&lt;script&gt;" in own
    assert "and 4 more" in own
    texts_of(own)


def test_several_labels():
    html = MLPClassifier(**QUICK).fit(X, LABELS["multilabel"])._repr_html_()
    assert "skmlp-fitted" in html


@pytest.mark.parametrize(
    ("values", "wanted"),
    [([3, 1, 2], "1 to 3"), ([5, 5], "5"), ([], ""), (7, "7"), (1234, "1,234")],
)
def test_span(values, wanted):
    assert notebook.span(values) == wanted
