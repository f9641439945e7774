"""The rules of docs/architecture.md that a program can check."""

import ast
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

import skmlp
from skmlp.command.io import OPTIONAL

PACKAGE = Path(skmlp.__file__).parent
ORDER = {
    "core": (
        "_types",
        "_blas",
        "activations",
        "initializers",
        "layers",
        "scaling",
        "piecewise",
        "embeddings",
        "heads",
        "batches",
        "network",
        "architectures",
        "objective",
        "finite",
        "schedules",
        "optimizers",
        "history",
        "snapshots",
        "runners",
        "compiled.build",
        "compiled.build_hook",
        "compiled.structs",
        "compiled.library",
        "compiled.checks",
        "compiled.names",
        "compiled.layers",
        "compiled.program",
        "compiled.runner",
        "compiled",
        "scoring",
        "training",
        "lbfgs",
    ),
    "common": (
        "_types",
        "errors",
        "frames",
        "missing",
        "values",
        "constraints",
        "parameters",
        "entries",
        "target_values",
        "soft_labels",
        "checks",
        "sources",
        "labels",
        "callbacks",
        "scorers",
        "rollback",
        "targets",
        "threads",
        "interrupts",
        "memory",
        "printable",
        "notebook",
        "files",
        "checkpoints",
        "schema",
    ),
    "mlp": (
        "parameters",
        "combinations",
        "build",
        "early_stopping",
        "fit",
        "coefs",
        "inspection",
        "prediction",
        "call",
        "base",
    ),
    "tabular": (
        "distinct",
        "moments",
        "columns",
        "column_encoders",
        "labelled",
        "codes",
        "dates",
        "scaling",
        "assembly",
        "rare_labels",
        "totals",
        "member_rows",
        "target_statistics",
        "repeated_rows",
        "texts",
        "kinds",
        "encoder",
        "presets",
        "parameters",
        "networks",
        "sizes",
        "deadline",
        "folds",
        "more_rows",
        "members",
        "workers",
        "ensemble",
        "prediction",
        "conformal",
        "out_of_fold",
        "selection",
        "search",
        "incremental",
        "threshold",
        "base",
    ),
    "streaming": (
        "arrow",
        "text_types",
        "quotes",
        "files",
        "parquet_files",
        "text_files",
        "sources",
        "summary",
        "names",
        "rows_file",
        "effects",
        "blocks",
        "large",
        "fitting",
        "matrices",
    ),
    "estimators": (
        "_classification",
        "_regression",
        "_conformal",
        "classifier",
        "regressor",
        "tabular_classifier",
        "tabular_regressor",
        "__init__",
    ),
    "explain": (
        "columns",
        "halving",
        "dependence",
        "gradients",
        "permutation",
        "shapley",
        "__init__",
    ),
    "reporting": (
        "scores",
        "svg",
        "figures",
        "content",
        "evidence",
        "influence",
        "sections",
        "page",
        "report",
        "__init__",
    ),
    "export": (
        "graph",
        "functions",
        "activations",
        "heads",
        "layers",
        "numbers",
        "dates",
        "labels",
        "columns",
        "rows",
        "encoder",
        "models",
        "convert",
        "pipelines",
        "__init__",
    ),
    "dask": (
        "cluster",
        "partitions",
        "links",
        "tables",
        "estimators",
        "__init__",
    ),
    "command": (
        "choices",
        "text",
        "output",
        "io",
        "number_texts",
        "plain_numbers",
        "numbers",
        "textfiles",
        "plain_files",
        "parts",
        "excel_files",
        "tables",
        "dates",
        "kinds",
        "models",
        "task",
        "evaluation",
        "splits",
        "column_options",
        "leaks",
        "split_checks",
        "importances",
        "plots",
        "predict_options",
        "parser",
        "tested_files",
        "blocks",
        "witnesses",
        "training_rows",
        "large",
        "fitting",
        "cautions",
        "cross_validation",
        "refit",
        "pages",
        "reasons",
        "given_rows",
        "predictor",
        "loaded_model",
        "outputs",
        "output_files",
        "predictions",
        "cli",
        "demo",
    ),
}
"""The modules of each folder; each imports from those before it."""

BELOW = {
    "core": (),
    "common": ("core", "_version"),
    "_version": (),
    "_persistence": ("core", "common", "_version"),
    "mlp": ("core", "common", "_persistence"),
    "tabular": ("core", "common", "_persistence"),
    "_labels": ("common",),
    "_encoder": ("tabular",),
    "streaming": ("core", "common", "mlp", "tabular"),
    "estimators": ("core", "common", "mlp", "tabular", "streaming"),
    "explain": ("core", "common", "tabular", "estimators"),
    "reporting": ("_version", "common", "tabular", "estimators", "explain"),
    "export": ("_version", "core", "common", "tabular", "estimators"),
    "dask": ("core", "common", "tabular", "streaming", "estimators"),
    "_display": ("common",),
    "_interval_display": ("_display", "common", "core"),
    "_show_versions": ("core", "_version"),
    "stored": ("core", "common", "tabular", "estimators"),
    "__init__": (
        "_version",
        "tabular",
        "estimators",
        "explain",
        "export",
        "reporting",
        "command",
        "loading",
        "stored",
        "_display",
        "_interval_display",
        "_show_versions",
    ),
    "command": (
        *(
            "__init__",
            "_version",
            "core",
            "common",
            "tabular",
            "streaming",
            "stored",
            "explain",
            "reporting",
        ),
    ),
    "loading": ("common", "command"),
    "__main__": ("command",),
}
"""What each folder, and each module of the root, may import; never the other way."""

MODULES = sorted(PACKAGE.rglob("*.py"))


def name_of(path):
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


ALLOWED_IN_CORE = {"numpy", "scipy", *sys.stdlib_module_names}
ALLOWED = {
    *ALLOWED_IN_CORE,
    "sklearn",
    "skmlp",
    "joblib",
    "threadpoolctl",
    "jinja2",
    "matplotlib",
    "narwhals",
    "skops",
}


def imports(path):
    """(module, names, level) of every import statement in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, [], 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", [alias.name for alias in node.names], node.level


def place_of(path):
    """The folder of a module, or its own name in the root; and its name."""
    inside = path.relative_to(PACKAGE).with_suffix("")
    first, *rest = inside.parts
    return first, ".".join(rest).removesuffix(".__init__") or first


def targets(path):
    """(place, module) of every import from the package itself."""
    here = path.relative_to(PACKAGE).parent.parts
    for module, names, level in imports(path):
        if level == 0:
            if module.split(".")[0] == "skmlp":
                yield [*module.split("."), "__init__"][1], None
            continue
        parts = [*here[: len(here) - (level - 1)], *module.split(".") * bool(module)]
        for full in [parts] if module else [[*parts, name] for name in names]:
            yield full[0], ".".join(full[1:]) or None


def test_every_module_has_a_place():
    for folder, names in ORDER.items():
        found = {place_of(path)[1] for path in (PACKAGE / folder).rglob("*.py")}
        assert {name for name in found if "__init__" not in name} == {
            name for name in names if name != "__init__"
        }
    root = {path.stem for path in PACKAGE.glob("*.py")}
    folders = {
        path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()
    }
    assert root | folders == set(BELOW)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_one_way(path):
    place, name = place_of(path)
    for target, module in targets(path):
        if target != place:
            assert target in BELOW[place], f"{place}/{name} imports {target}"
        elif not name.endswith("__init__"):
            before = ORDER[place][: ORDER[place].index(name)]
            assert module in before, f"{place}/{name} imports {module}"


def test_the_two_families_do_not_know_each_other():
    assert not {"tabular"} & set(BELOW["mlp"])
    assert not {"mlp"} & set(BELOW["tabular"])


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_third_parties(path):
    place = place_of(path)[0]
    allowed = ALLOWED_IN_CORE if place == "core" else ALLOWED
    if place == "dask":
        allowed = allowed | {"dask", "distributed", "pandas", "pyarrow"}
    if place == "export":
        allowed = allowed | {"onnx", "skl2onnx"}
    if name_of(path) == "core/compiled/build_hook":
        allowed = {"hatchling", *sys.stdlib_module_names}
    for module, names, level in imports(path):
        if level == 0 and module != "__future__":
            assert module.split(".")[0] in allowed
            private = [part for part in [*module.split("."), *names] if part[0] == "_"]
            assert private == [], f"{path.name} imports private {private}"


def test_narwhals_is_imported_in_one_place_and_only_for_a_frame():
    lines = [
        (name_of(path), line)
        for path in MODULES
        for line in path.read_text(encoding="utf-8").splitlines()
        if "import narwhals" in line
    ]
    assert {name for name, _ in lines} == {"common/frames"}
    assert all(line.startswith("    ") for _, line in lines)


def test_optional_packages_are_loaded_in_one_place_and_in_the_extra_of_the_command():
    # The package itself loads its own names when they are used.
    found = {name_of(path) for path in MODULES if "importlib" in path.read_text()}
    # Whether the package with a C compiler is there; a module of a package that is not;
    # which versions are installed.
    building = {"core/compiled/build", "core/compiled/build_hook"}
    # pyarrow for files of any size.
    others = {"command/io", "streaming/arrow"}
    assert found == {"__init__", "_show_versions", *building, *others}
    text = (PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    extra = re.search(r"^command = \[(.*)\]$", text, re.M)[1]
    packages = {name.split(".")[0] for name in OPTIONAL}
    others = "matplotlib jinja2 skops pyarrow"
    extra = extra.replace("skmlp[report,store,stream]", others).replace(">=2", "")
    assert packages == set(re.findall(r"[a-z0-9]+", extra))


def functions(path):
    """(class or None, function) for each function of a file, nested ones included."""

    def visit(node, owner):
        for child in ast.iter_child_nodes(node):
            inside = child.name if isinstance(child, ast.ClassDef) else owner
            if isinstance(child, ast.FunctionDef):
                yield owner, child
            yield from visit(child, inside)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), None)


FUNCTIONS = [
    (name_of(path), owner, function)
    for path in MODULES
    for owner, function in functions(path)
]


def n_lines(function):
    """Lines of the body, without the docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def parameters(function):
    """(name, annotation) of each parameter, without self and cls."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one]
    return {
        one.arg: one.annotation and ast.unparse(one.annotation)
        for one in every
        if one.arg not in ("self", "cls")
    }


def test_files_are_of_a_readable_length():
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: n for name, n in lengths.items() if n > 400} == {}


def test_functions_are_of_a_readable_length():
    lengths = {(name, one.name): n_lines(one) for name, _, one in FUNCTIONS}
    assert {place: n for place, n in lengths.items() if n > 40} == {}
    assert statistics.median(lengths.values()) <= 7


PUBLIC = {
    base.__name__
    for name in skmlp.__all__
    for base in getattr(getattr(skmlp, name), "__mro__", ())
    if base.__module__.startswith("skmlp")
}
"""The public classes and those that they inherit from."""


def test_functions_have_at_most_six_parameters():
    # The parameters of an estimator and of its fits are scikit-learn's kind of interface,
    # and so are those of the public functions.
    public = ("__init__", "fit", "partial_fit")
    counts = {
        (name, one.name): len(parameters(one))
        for name, owner, one in FUNCTIONS
        if not (owner in PUBLIC and one.name in public)
        and one.name not in skmlp.explain.__all__
    }
    assert {place: n for place, n in counts.items() if n > 6} == {}


def test_an_estimator_has_a_type():
    # Any would hide which of its parameters and attributes a function reads.
    untyped = [
        (name, one.name)
        for name, _, one in FUNCTIONS
        if parameters(one).get("estimator", "a type") in ("Any", None)
    ]
    assert untyped == []


ALLOWED_TO_ASSIGN = {
    # They train: the parameters and the state change in place, as the docstrings say.
    ("core/training", "_steps"),
    ("core/training", "epochs"),
    ("core/training", "epochs_of_blocks"),
    ("core/training", "on_plateau"),
    ("core/training", "train_blocks"),
    ("core/training", "train_epoch"),
    # It fills objects with a snapshot.
    ("core/snapshots", "_put_back_kind"),
}
"""Functions outside of classes that may change the attributes of their arguments."""


def root(node):
    """The name at the start of a chain of attributes and items, or None."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "vars" and node.args:
        return root(node.args[0])
    return node.id if isinstance(node, ast.Name) else None


def assigned_to(node):
    """The names of objects of which a node assigns an attribute."""
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    for target in targets:
        for one in ast.walk(target) if target else ():
            if isinstance(one, ast.Attribute) and isinstance(one.ctx, ast.Store):
                yield root(one)
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        if called in ("setattr", "delattr"):
            yield root(node.args[0])
        elif re.search(r"^vars\(.*\)\.(clear|pop|setdefault|update)$", called):
            yield root(node.func)


def test_functions_leave_the_attributes_of_their_arguments_alone():
    # Only the methods of a class change its objects, so that one sees where they change.
    found = {
        (name, one.name)
        for name, owner, one in FUNCTIONS
        if owner is None
        for node in ast.walk(one)
        for changed in assigned_to(node)
        if changed in parameters(one)
    }
    assert found == ALLOWED_TO_ASSIGN


def test_inheritance_is_one_level_deep_and_overrides_nothing():
    from skmlp.mlp.base import BaseMLP
    from skmlp.tabular.base import BaseTabularMLP

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
        "from skmlp import *\n"
        "print(*{m.split('.')[0] for m in set(sys.modules) - before})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert set(result.stdout.split()) <= ALLOWED


def test_the_compiled_steps_are_imported_at_the_first_fit():
    code = "import sys, skmlp.estimators; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = {name for name in result.stdout.split() if "skmlp.core.compiled" in name}
    assert loaded == {"skmlp.core.compiled"}


def test_tests_mirror_the_folders():
    tests = Path(__file__).parents[1]
    missing = []
    for path in MODULES:
        place, name = place_of(path)
        *rooms, name = name.split(".")
        folder = Path(place, *rooms) if place in ORDER else Path("package")
        untested = {"__init__", "_types", "_version", "_labels", "_encoder"}
        test = tests / folder / f"test_{name.strip('_')}.py"
        if path.stem not in untested and place != "estimators" and not test.exists():
            missing.append(test.relative_to(tests).as_posix())
    assert missing == []
