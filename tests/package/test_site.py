"""The extensions of the documentation site, without building it."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document

import skmlp

ROOT = Path(__file__).parents[2]


def extension(name):
    path = ROOT / "docs" / "_extensions" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_a_page_loads_from_outside_is_found(tmp_path):
    (tmp_path / "page.html").write_text(
        '<a href="https://a.org">text</a> <img alt="" src="https://b.org/b.png"/>'
        '<script src="//c.org/c.js"></script> <script src="own.js"></script>'
        '<link rel="icon" href="http://d.org/d.ico"><link href="own.css">'
    )
    (tmp_path / "own.css").write_text(
        '@import url("https://e.org/e.css"); url(own.png)'
    )
    found = " ".join(what for _, what in extension("offline").outside(tmp_path))
    assert [name for name in "abcde" if f"//{name}.org" in found] == list("bcde")


def test_links_to_source_lead_to_the_definition():
    sources = extension("sources")
    path = ROOT / "skmlp" / "core" / "layers.py"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert "class Dense" in lines[sources.line_of(path, "Dense") - 1]
    forward = sources.line_of(path, "Dense.forward")
    assert "def forward" in lines[forward - 1]
    assert forward > sources.line_of(path, "Dense")
    assert sources.line_of(path, "layers.py") == 1


def test_the_reference_leads_to_the_source_of_inherited_methods():
    sources = extension("sources")
    name = {"module": "skmlp", "fullname": "MLPClassifier.fit"}
    page, _, line = sources.source_of_name("py", name).partition("#line-")
    assert page == "../source/skmlp/mlp/base.html"
    source = (Path(skmlp.__file__).parent / "mlp" / "base.py").read_text("utf-8")
    assert "@with_callbacks" in source.splitlines()[int(line) - 1]


def test_references_of_inherited_docstrings_become_text():
    lines = ["See :ref:`the guide <routing>`, arXiv:1412.6980, docs/backprop.md."]
    extension("docstrings").change(None, "method", "get_params", None, None, lines)
    assert lines == [
        "See the guide, `arXiv:1412.6980 <https://arxiv.org/abs/1412.6980>`__, "
        ":doc:`docs/backprop.md </backprop>`."
    ]


def test_a_picture_is_followed_by_that_for_dark_pages(tmp_path):
    (tmp_path / "a_dark.svg").touch()
    document = new_document("page")
    document += [nodes.image(uri=name, alt="text") for name in ("a.svg", "b.svg")]
    document.settings.env = SimpleNamespace(
        docname="page", relfn2path=lambda name, page: (name, str(tmp_path / name))
    )
    extension("pictures").BothPictures(document).apply()
    found = [(node["uri"], node["classes"]) for node in document.findall(nodes.image)]
    assert found == [
        ("a.svg", ["only-light"]),
        ("a_dark.svg", ["only-dark"]),
        ("b.svg", []),
    ]


@pytest.mark.parametrize("name", ["network", "folds", "schedules"])
def test_the_script_of_the_pictures_draws(name, monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.syspath_prepend(ROOT)
    figure = getattr(importlib.import_module("docs.pictures"), name)()
    assert figure.axes
    pyplot.close(figure)
