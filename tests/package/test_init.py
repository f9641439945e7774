"""The public names, each imported at its first use."""

import ast
import copy
import doctest
import inspect
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import skmlp

MODULES = (
    *("common", "core", "estimators", "explain", "export", "mlp", "stored", "tabular"),
)
NAMES = (*skmlp.__all__, *MODULES, "__version__")


def loaded_by(*steps):
    """The modules that a new process has imported after each step of some code."""
    code = "".join(f"{step}\nimport sys; print(*sys.modules)\n" for step in steps)
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [set(line.split()) for line in done.stdout.splitlines()]


def test_the_package_itself_loads_nothing():
    (loaded,) = loaded_by("import skmlp; skmlp.__version__; dir(skmlp)")
    assert {name for name in loaded if name.startswith("skmlp")} == {
        "skmlp",
        "skmlp._version",
    }
    assert "numpy" not in loaded


def test_a_name_loads_what_it_needs():
    names = ", ".join(f"skmlp.{name}" for name in NAMES)
    one, other, star, every = loaded_by(
        "import skmlp; skmlp.MLPClassifier",
        "from skmlp import TabularMLPRegressor",
        "from skmlp import *; LossCurveDisplay",
        f"[{names}]",
    )
    assert "skmlp.estimators.classifier" in one
    assert "skmlp._display" not in other
    assert "skmlp._display" in star
    assert "skmlp.stored" in every


def test_type_checkers_see_the_modules_from_which_the_names_are_loaded():
    tree = ast.parse(Path(skmlp.__file__).read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    assert ast.unparse(block.test) == "TYPE_CHECKING"
    seen = {name.name: one.module for one in block.body for name in one.names}
    assert seen == skmlp._HOMES
    assert sorted(seen) == sorted(skmlp.__all__)
    assert skmlp._MODULES == MODULES


def test_dir_has_all_names():
    assert set(NAMES) <= set(dir(skmlp))
    assert dir(skmlp) == sorted(dir(skmlp))
    # Reading the members imports modules, which become names too.
    names = set(dir(skmlp))
    assert {name for name, _ in inspect.getmembers(skmlp)} == names


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_found_once(name):
    assert getattr(skmlp, name) is getattr(skmlp, name)
    assert vars(skmlp)[name] is getattr(skmlp, name)


def test_an_unknown_name():
    for name in ("nonsense", "_nonsense", "__wrapped__"):
        with pytest.raises(AttributeError) as caught:
            getattr(skmlp, name)
        assert str(caught.value) == f"module 'skmlp' has no attribute '{name}'"
    with pytest.raises(ImportError, match="cannot import name 'nonsense'"):
        from skmlp import nonsense  # noqa: F401


@pytest.mark.parametrize("name", skmlp.__all__)
def test_what_reads_modules_by_their_names(name):
    found = getattr(skmlp, name)
    assert inspect.getmodule(found).__name__.startswith("skmlp.")
    assert pickle.loads(pickle.dumps(found)) is copy.deepcopy(found) is found
    assert f"class {name}" in inspect.getsource(found) or f"def {name}" in (
        inspect.getsource(found)
    )
    assert doctest.DocTestFinder().find(found, name)
