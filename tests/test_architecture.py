"""The rules of docs/architecture.md that a program can check."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import skmlp
from skmlp._files import OPTIONAL

PACKAGE = Path(skmlp.__file__).parent
CORE = (
    "_types",
    "_blas",
    "activations",
    "initializers",
    "layers",
    "scaling",
    "embeddings",
    "heads",
    "batches",
    "network",
    "objective",
    "schedules",
    "optimizers",
    "training",
    "lbfgs",
    "tabular",
)
OUTER = (
    "_version",
    "_validation",
    "_parameters",
    "_combinations",
    "_threads",
    "_fitted",
    "_inspection",
    "_labels",
    "_persistence",
    "_assembly",
    "_holdout",
    "_learning",
    "_callbacks",
    "_base",
    "_table",
    "_encoder",
    "_members",
    "_tabular_parameters",
    "_base_tabular",
    "estimators",
    "_display",
    "__init__",
    "_files",
    "_question",
    "_report",
    "_picture",
    "_command",
    "_demo",
    "__main__",
)
MODULES = sorted(PACKAGE.rglob("*.py"))
ALLOWED_IN_CORE = {"numpy", "scipy", *sys.stdlib_module_names}
ALLOWED = {
    *ALLOWED_IN_CORE,
    "sklearn",
    "skmlp",
    "joblib",
    "threadpoolctl",
    "matplotlib",
}


def imports(path):
    """(module, names, level) of every import statement in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, [], 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", [alias.name for alias in node.names], node.level


def test_every_module_has_a_place_in_the_order():
    core = {path.stem for path in (PACKAGE / "core").glob("*.py")} - {"__init__"}
    outer = {path.stem for path in PACKAGE.glob("*.py")} | {"estimators"}
    assert core == set(CORE)
    assert outer == set(OUTER)


@pytest.mark.parametrize("name", CORE)
def test_core_modules_import_only_what_comes_before_them(name):
    for module, _, level in imports(PACKAGE / "core" / f"{name}.py"):
        if level:
            assert level == 1
            assert module in CORE[: CORE.index(name)], f"{name} imports {module}"


@pytest.mark.parametrize("name", OUTER)
def test_outer_modules_import_the_core_and_what_comes_before_them(name):
    package = PACKAGE / name
    paths = package.glob("*.py") if package.is_dir() else [PACKAGE / f"{name}.py"]
    for path in paths:
        for module, names, level in imports(path):
            inside = level == 1 and package.is_dir()
            if not level or inside or module.startswith("core"):
                continue
            for target in [module] if module else names:
                assert target in OUTER[: OUTER.index(name)], f"{path} imports {target}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_third_parties(path):
    allowed = ALLOWED_IN_CORE if path.parent.name == "core" else ALLOWED
    for module, names, level in imports(path):
        if level == 0:
            assert module.split(".")[0] in allowed
            private = [part for part in [*module.split("."), *names] if part[0] == "_"]
            assert private == [], f"{path.name} imports private {private}"


def test_optional_packages_are_loaded_in_one_place_and_in_the_extra_of_the_command():
    assert [path.name for path in MODULES if "importlib" in path.read_text()] == [
        "_files.py"
    ]
    text = (PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    extra = re.search(r"^command = \[(.*)\]$", text, re.M)[1]
    packages = {name.split(".")[0] for name in OPTIONAL}
    extra = extra.replace("skmlp[plot]", "matplotlib")
    assert packages == set(re.findall(r"[a-z]+", extra))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_functions_and_files_are_of_a_readable_length(path):
    source = path.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 500
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name != "__init__":
            start = node.lineno
            if ast.get_docstring(node):
                start = node.body[0].end_lineno
            assert node.end_lineno - start <= 42, f"{path.name}: {node.name}"


def test_inheritance_is_one_level_deep_and_overrides_nothing():
    from skmlp._base import BaseMLP
    from skmlp._base_tabular import BaseTabularMLP

    for kind, base in (
        (skmlp.MLPClassifier, BaseMLP),
        (skmlp.MLPRegressor, BaseMLP),
        (skmlp.TabularMLPClassifier, BaseTabularMLP),
        (skmlp.TabularMLPRegressor, BaseTabularMLP),
    ):
        overridden = {
            name
            for name in vars(kind)
            if callable(getattr(base, name, None))
            and name in vars(base)
            and not getattr(vars(base)[name], "__isabstractmethod__", False)
        }
        hooks = {"__sklearn_tags__", "__doc__", "__module__"}
        # scikit-learn adds the set_..._request methods by itself.
        generated = {name for name in overridden if re.match("set_.*_request", name)}
        assert overridden - hooks - generated == set()


def test_importing_the_package_loads_nothing_beyond_its_dependencies():
    code = (
        "import sys, sklearn.neural_network, sklearn.model_selection\n"
        "before = set(sys.modules)\n"
        "import skmlp\n"
        "print(*{m.split('.')[0] for m in set(sys.modules) - before})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert set(result.stdout.split()) <= ALLOWED


def test_every_module_has_a_test_file():
    tests = {path.stem for path in Path(__file__).parent.glob("test_*.py")}
    modules = {path.stem.strip("_") for path in MODULES} - {"init", "types"}
    modules -= {"version"}  # in test_persistence
    modules -= {"classifier", "regressor", "classes", "targets"}  # in test_estimators
    assert {f"test_{name}" for name in modules} <= tests
