"""What a report of a defect needs: versions, BLAS, and which path training takes."""

import os
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from threadpoolctl import threadpool_info

from ._version import __version__
from .core.activations import ACTIVATIONS
from .core.architectures import ColumnLayout, Numbers, tabular_network
from .core.compiled.layers import RECORDERS
from .core.compiled.library import SWITCH, Library, library, status
from .core.heads import HEADS
from .core.optimizers import OPTIMIZERS

REQUIRED = ("numpy", "scipy", "scikit-learn", "joblib", "threadpoolctl")
OPTIONAL = (
    "matplotlib",
    "jinja2",
    "skops",
    "pandas",
    "polars",
    "pyarrow",
    "narwhals",
    "openpyxl",
    "onnx",
    "onnxruntime",
    "skl2onnx",
)
"""Packages that are listed only where they are installed."""

VARIABLES = (
    SWITCH,
    "OPENBLAS_CORETYPE",
    "OPENBLAS_L2_SIZE",
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
)
"""The environment variables that change the path, the kernel or the threads."""

REGISTRIES: dict[str, dict[str, Any]] = {
    "activations": ACTIVATIONS,
    "heads": HEADS,
    "optimizers": OPTIMIZERS,
}


def show_versions() -> None:
    """Print versions, the BLAS libraries and which path training takes, and why.

    A report of a defect should have this output.

    Examples
    --------
    >>> import skmlp
    >>> skmlp.show_versions()  # doctest: +ELLIPSIS
    System:
             python: ...
    """
    parts: dict[str, Mapping[str, str | None]] = {
        "System": {
            "python": sys.version.replace("\n", " "),
            "executable": sys.executable,
            "machine": platform.platform(),
        },
        "Packages": _packages(),
        "Training": _training(),
        "Threads": _threads(),
        "Environment": {name: os.environ.get(name) for name in VARIABLES},
    }
    for heading, facts in parts.items():
        lines = [f"{name:>15}: {fact}" for name, fact in facts.items() if fact]
        if lines:
            print(f"{heading}:", *lines, sep="\n", end="\n\n")


def _packages() -> dict[str, str | None]:
    """The version of each package; None for those that are not needed and not there."""
    found: dict[str, str | None] = {"skmlp": __version__}
    found |= {name: _version(name) or "not installed" for name in REQUIRED}
    return found | {name: _version(name) for name in OPTIONAL}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _training() -> dict[str, str]:
    """Which path the steps of training take, and what takes the other one."""
    found = library()
    facts = {"steps": status()}
    return facts | {"in NumPy": "; ".join(in_numpy(found))} if found else facts


def in_numpy(found: Library) -> list[str]:
    """What trains in NumPy although the library is used."""
    names = [
        f"{name}, of the {kind}"
        for kind, registry in REGISTRIES.items()
        for name in registry
        if name not in found.codes[kind]
    ]
    if layers := ", ".join(_layers_without_twin()):
        names.append(f"TabularMLPClassifier and TabularMLPRegressor ({layers})")
    return [*names, "sparse X", "losses and activations of your own"]


def _layers_without_twin() -> list[str]:
    """The classes of layers of the tabular estimators that are not recorded."""
    columns = ColumnLayout(n_numbers=1, n_plain=1, cardinalities=(2,))
    network = tabular_network(
        columns,
        (1, 1),
        ACTIVATIONS["relu"],
        numbers=Numbers(n_frequencies=1),
        dropout=0.5,
    )
    kinds = dict.fromkeys(type(layer) for layer in network.layers)
    return [kind.__name__ for kind in kinds if kind not in RECORDERS]


def _threads() -> dict[str, str]:
    """Each library with threads: its version, its kernel, its number of threads."""
    found = {}
    for one in threadpool_info():
        kernel = one.get("architecture")
        words = [one["internal_api"], one["version"], kernel and f"kernel {kernel}"]
        n_threads = one["num_threads"]
        threads = "1 thread" if n_threads == 1 else f"{n_threads} threads"
        name = " ".join(word for word in words if word)
        found[one["filepath"]] = f"{name}, {threads}"
    return {
        f"{i}": f"{text}, {path}" for i, (path, text) in enumerate(found.items(), 1)
    }
