"""show_versions: what a report of a defect needs."""

import os
import subprocess
import sys

import numpy as np
import pytest
import scipy
import sklearn

import skmlp
from skmlp import _show_versions as module
from skmlp.command.io import OPTIONAL
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.compiled.library import Library, status
from skmlp.core.heads import HEADS
from skmlp.core.layers import Dense
from skmlp.core.optimizers import OPTIMIZERS

KNOWN = {
    kind: dict.fromkeys(registry, 0)
    for kind, registry in [
        ("activations", ACTIVATIONS),
        ("heads", HEADS),
        ("optimizers", OPTIMIZERS),
    ]
}


def library_with(codes):
    return Library({}, {}, {}, None, codes, "avx2", "a compiler", "Haswell")


def shown(capsys):
    """The facts by name, as they are printed."""
    skmlp.show_versions()
    lines = capsys.readouterr().out.splitlines()
    return dict(map(str.strip, line.split(": ", 1)) for line in lines if ": " in line)


def test_versions_of_the_packages(capsys):
    facts = shown(capsys)
    assert facts["skmlp"] == skmlp.__version__
    assert facts["numpy"] == np.__version__
    assert facts["scipy"] == scipy.__version__
    assert facts["scikit-learn"] == sklearn.__version__
    assert facts["executable"] == sys.executable


def test_a_package_that_is_not_installed(monkeypatch, capsys):
    monkeypatch.setattr(module, "OPTIONAL", ("a-package-that-is-nowhere",))
    monkeypatch.setattr(module, "REQUIRED", ("another-package-that-is-nowhere",))
    facts = shown(capsys)
    assert "a-package-that-is-nowhere" not in facts
    assert facts["another-package-that-is-nowhere"] == "not installed"


def test_all_optional_packages_are_listed():
    assert {name.split(".")[0] for name in OPTIONAL} < set(module.OPTIONAL)


def test_the_path_of_training(monkeypatch, capsys):
    assert shown(capsys)["steps"] == status()
    monkeypatch.setattr(module, "library", lambda: None)
    assert "in NumPy" not in shown(capsys)
    monkeypatch.setattr(module, "library", lambda: library_with(KNOWN))
    assert "sparse X" in shown(capsys)["in NumPy"]


def test_the_switch_is_a_reason():
    code = "import skmlp; skmlp.show_versions()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "SKMLP_COMPILED": "0"},
    )
    assert "steps: NumPy: SKMLP_COMPILED=0 is set\n" in done.stdout
    assert "\n SKMLP_COMPILED: 0\n" in done.stdout


@pytest.mark.parametrize("kind", KNOWN)
def test_entries_without_a_twin_are_found(kind):
    name = next(iter(KNOWN[kind]))
    without = {**KNOWN, kind: {n: 0 for n in KNOWN[kind] if n != name}}
    expected = [f"{name}, of the {kind}", *module.in_numpy(library_with(KNOWN))]
    assert module.in_numpy(library_with(without)) == expected


def test_layers_without_a_twin_are_found(monkeypatch):
    def of_tables():
        return [
            text for text in module.in_numpy(library_with(KNOWN)) if "Tabular" in text
        ]

    monkeypatch.setattr(module, "RECORDERS", {})
    assert "Dense" in of_tables()[0]
    monkeypatch.setattr(module, "RECORDERS", {Dense: None})
    assert "Dense" not in of_tables()[0]
    assert "Columns" in of_tables()[0]
    monkeypatch.setattr(module, "_layers_without_twin", list)
    assert of_tables() == []


def test_the_blas_libraries_and_their_threads(monkeypatch, capsys):
    blas = {"internal_api": "openblas", "version": "0.3.30", "architecture": "Haswell"}
    others = {"internal_api": "openmp", "version": None}
    monkeypatch.setattr(
        module,
        "threadpool_info",
        lambda: [
            blas | {"filepath": "/one.so", "num_threads": 1},
            others | {"filepath": "/two.so", "num_threads": 2},
        ],
    )
    facts = shown(capsys)
    assert facts["1"] == "openblas 0.3.30 kernel Haswell, 1 thread, /one.so"
    assert facts["2"] == "openmp, 2 threads, /two.so"
