"""README and docs: code runs, links resolve, docstrings follow numpydoc."""

import importlib
import inspect
import re
import tomllib
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from numpydoc.validate import validate

import skmlp
from skmlp.core.heads import REGRESSION_HEADS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
ANY, EMPTY = str(Any), str(inspect.Parameter.empty)
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def public_objects():
    for name in skmlp.__all__:
        yield f"skmlp.{name}"
        for base in getattr(getattr(skmlp, name), "__mro__", ()):
            for member in vars(base) if base.__module__.startswith("skmlp") else ():
                is_method = callable(getattr(getattr(skmlp, name), member, None))
                if is_method and not re.match(r"_|set_.*_request$", member):
                    yield f"skmlp.{name}.{member}"


@PAGE
def test_code_blocks_run(page, tmp_path, monkeypatch):
    # Code may write files.
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
    namespace = {"__name__": page.stem}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for block in blocks:
            for package in ("skops.io", "onnx", "onnxruntime", "skl2onnx"):
                if re.search(rf"(import|from) {package.split('.')[0]}\b", block):
                    pytest.importorskip(package)
            exec(compile(block, str(page), "exec"), namespace)


@PAGE
def test_links_to_files_resolve(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def anchors(page):
    """The anchors of a page's headings, by GitHub's rule."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    headings = [line.lower() for line in re.findall(r"^#+ (.*)$", text, re.M)]
    return {re.sub(r"[^\w\- ]", "", line).replace(" ", "-") for line in headings}


@PAGE
def test_links_to_sections_resolve(page):
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", text):
        if not target.startswith("http"):
            there = page.parent / target if target else page
            assert anchor in anchors(there), f"{page.name} links to {target}#{anchor}"


@PAGE
def test_links_to_functions_name_functions(page):
    text = page.read_text(encoding="utf-8")
    for name, path in re.findall(r"\[`([\w.]+)`\]\([./]+/(skmlp/[\w/]+)\.py\)", text):
        if path.startswith("skmlp/dask/") and not find_spec("distributed"):
            text = (ROOT / f"{path}.py").read_text(encoding="utf-8")
            assert re.search(rf"^(class|def) {name}\b", text, re.M)
            continue
        target = importlib.import_module(path.replace("/", "."))
        for part in name.split("."):
            target = getattr(target, part)


def test_pictures_are_described_and_drawn_for_light_and_dark_pages():
    shown = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for description, target in re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text):
            assert len(description.split()) >= 10, f"{page.name} shows {target}"
            path = (page.parent / target).resolve()
            shown |= {path.name, f"{path.stem}_dark{path.suffix}"}
    assert shown == {path.name for path in (ROOT / "docs" / "images").iterdir()}


def test_every_public_name_has_a_page():
    pages = {path.stem for path in (ROOT / "docs" / "reference").glob("*.md")}
    assert pages == {
        *(*skmlp.__all__, "explain", "export", "index", "own_objects", "types"),
    }


def test_the_names_of_types_are_explained():
    source = (ROOT / "skmlp" / "common" / "_types.py").read_text(encoding="utf-8")
    text = (ROOT / "docs" / "reference" / "types.md").read_text(encoding="utf-8")
    names = re.findall(r"^(\w+) = ", source, re.M)
    assert [name for name in names if f"`{name}`" not in text] == []
    assert len(names) >= 10


def test_every_page_is_in_a_table_of_contents():
    listed = {ROOT / "README.md", ROOT / "docs" / "index.md"}
    for page in PAGES:
        trees = re.findall(r"```{toctree}\n(.*?)```", page.read_text("utf-8"), re.S)
        for entry in re.findall(r"^[\w./]+$", "\n".join(trees), re.M):
            listed.add((page.parent / f"{entry}.md").resolve())
    assert set(PAGES) - listed == set()


@pytest.mark.parametrize(
    ("page", "heading"),
    [
        ("docs/which_model.md", "## Compared with other models"),
        ("README.md", "## How accurate it is on tables"),
    ],
)
def test_the_numbers_to_choose_a_model_by_are_those_of_the_benchmark(page, heading):
    measured = (ROOT / "docs" / "tabular_benchmarks.md").read_text(encoding="utf-8")
    summary = measured.partition("### All tables")[2].partition("###")[0]
    shown = (ROOT / page).read_text(encoding="utf-8").partition(heading)[2]
    columns = shown.partition("\n## ")[0].partition("\n\n| what")[0]
    rows = re.findall(r"^\| ([^|]+?) \| ([\d.| ]+) \|$", columns, re.M)
    assert len(rows) >= 5
    for name, numbers in rows:
        line = re.search(rf"^\| {re.escape(name)} \|.*$", summary, re.M)[0]
        assert set(numbers.split(" | ")) <= set(line.split(" | "))


def test_the_changelog_begins_with_this_version():
    text = (ROOT / "docs" / "changelog.md").read_text(encoding="utf-8")
    newest = re.search(r"^## .*?(\d+\.\d+\.\d+)", text, re.M)[1]
    assert newest == skmlp.__version__.partition(".dev")[0]


def test_every_equation_of_the_core_is_linked_from_the_derivation():
    text = (ROOT / "docs" / "backprop.md").read_text(encoding="utf-8")
    for module in ("activations", "layers", "heads", "objective", "optimizers"):
        assert f"skmlp/core/{module}.py" in text


@pytest.mark.parametrize("name", REGRESSION_HEADS)
def test_every_loss_is_on_the_pages_about_losses(name):
    for names in (
        ["backprop"],
        ["coming_from", "differences_from_scikit_learn"],
        ["how_to/regression_losses", "how_to/quantiles"],
    ):
        pages = [(ROOT / "docs" / f"{one}.md").read_text("utf-8") for one in names]
        text = " ".join(pages).lower().replace("_", " ")
        assert name.replace("_", " ") in text, f"{names[0]}.md has no {name}"


@pytest.mark.parametrize("name", list(public_objects()))
def test_docstrings_follow_numpydoc(name):
    off = set(CONFIG["tool"]["numpydoc_validation"]["checks"]) - {"all"}
    if name.endswith(".fit"):
        off.add("EX01")  # the example of the class calls it
    errors = [error for error in validate(name)["errors"] if error[0] not in off]
    assert errors == []


def test_the_tree_of_the_architecture_has_every_module():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tree = re.search(r"```\nskmlp/\n(.*?)```", text, re.S)[1]
    named, folders = set(), []
    for line in tree.splitlines():
        name, depth = line.split()[0], len(line) - len(line.lstrip())
        folders = folders[: depth // 2 - 1]
        if name.endswith("/"):
            folders.append(name)
        elif folders:
            named.add("".join([*folders, name]))
        else:
            named.update(re.findall(r"\w+\.py", line))
    modules = {
        path.relative_to(ROOT / "skmlp").as_posix()
        for path in (ROOT / "skmlp").rglob("*.py")
        if path.name != "__init__.py" or path.parent.name == "skmlp"
    }
    assert named == modules


@pytest.mark.parametrize("name", list(public_objects()))
def test_signatures_have_types(name):
    found = skmlp
    for part in name.split(".")[1:]:
        found = getattr(found, part)
    if found.__doc__ and found.__module__.startswith("skmlp"):
        signature = inspect.signature(found)
        types = {one.name: one.annotation for one in signature.parameters.values()}
        types = {key: str(kind) for key, kind in types.items() if key != "kwargs"}
        untyped = [key for key, kind in types.items() if kind in ("Any", ANY, EMPTY)]
        assert set(untyped) <= {"self"}
        assert inspect.isclass(found) or str(signature.return_annotation) != EMPTY
