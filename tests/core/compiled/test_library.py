"""Each reason for which the library is not used, and that NumPy then trains."""

import numpy as np
import pytest
from scipy.linalg import cython_blas

from skmlp.core.compiled import compiled_runner
from skmlp.core.compiled import library as module
from skmlp.core.compiled.library import PATH, SWITCH, blas_kernel, library, load, status
from skmlp.core.compiled.structs import SIZES
from skmlp.core.optimizers import Adam
from tests.core.compiled.problems import fit, problem

BUILT = pytest.mark.skipif(not PATH.exists(), reason="no library was built")


@pytest.fixture
def anew(monkeypatch):
    """The library is loaded anew, in the test and after it, and is not switched off."""
    monkeypatch.delenv(SWITCH, raising=False)
    module._loaded.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    module._loaded.cache_clear()


def check_numpy_trains(reason):
    """Check the status, and that a fit runs."""
    assert library() is None
    assert reason in status()
    assert status().startswith("NumPy: ")
    settings, theta, data = problem()
    assert compiled_runner(settings, theta, Adam(), data) is None
    after = fit(settings, theta.copy(), data, Adam())
    assert np.isfinite(after).all()
    assert not np.array_equal(after, theta)


@BUILT
def test_the_library_is_used(anew):
    assert status().startswith("compiled, ")
    assert f"kernel {library().kernel}" in status()
    assert library().level in status()
    assert library() is library()
    settings, theta, data = problem()
    assert compiled_runner(settings, theta, Adam(), data) is not None


def test_switched_off(anew):
    anew.setenv(SWITCH, "0")
    check_numpy_trains("SKMLP_COMPILED=0 is set")


@BUILT
@pytest.mark.parametrize("value", ["1", "", "no"])
def test_any_other_value_does_not_switch_it_off(anew, value):
    anew.setenv(SWITCH, value)
    assert library() is not None


def test_no_library(anew, tmp_path):
    anew.setattr(module, "PATH", tmp_path / "library")
    check_numpy_trains("no library was built")


def test_a_file_that_is_no_library(anew, tmp_path):
    (tmp_path / "library").write_bytes(b"text")
    anew.setattr(module, "PATH", tmp_path / "library")
    check_numpy_trains("the library cannot be loaded")


def test_another_library(anew):
    anew.setattr(module, "PATH", type(PATH)(cython_blas.__file__))
    check_numpy_trains("the library cannot be loaded")


@BUILT
def test_other_sources(anew):
    anew.setattr(module, "sources_hash", lambda: "another")
    check_numpy_trains("the library is from other sources; install skmlp again")


@BUILT
@pytest.mark.parametrize("i", range(len(SIZES)))
def test_structs_of_another_size(anew, i):
    anew.setattr(module, "SIZES", [*SIZES[:i], SIZES[i] + 8, *SIZES[i + 1 :]])
    check_numpy_trains("the library is from other sources")


@BUILT
@pytest.mark.parametrize("name", ["dgemm", "sgemm"])
@pytest.mark.parametrize("other", ["ddot", "dgemm", "sgemm", "zgemm", None])
def test_products_of_another_signature(anew, name, other):
    if name == other:
        return
    functions = cython_blas.__pyx_capi__
    if other is None:
        anew.delitem(functions, name)
    else:
        anew.setitem(functions, name, functions[other])
    check_numpy_trains(f"SciPy's {name} has an unknown signature")


@BUILT
def test_a_missing_file_is_not_loaded(anew, tmp_path):
    with pytest.raises(module.Unusable, match="no library was built"):
        load(tmp_path / "library")


def test_a_blas_that_does_not_say_its_kernel(anew, tmp_path):
    (tmp_path / "blas").write_bytes(b"")
    anew.setattr(cython_blas, "__file__", str(tmp_path / "blas"))
    assert blas_kernel() == ""
    anew.setattr(cython_blas, "__file__", np.random.mtrand.__file__)
    assert blas_kernel() == ""
