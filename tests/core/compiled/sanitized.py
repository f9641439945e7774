"""Runs tests on a library with address and undefined-behaviour sanitizers.

`python -m tests.core.compiled.sanitized` builds it with gcc, in a temporary folder, and
runs these tests on it, in a process of their own. The matrix products are written out in
gemm.c, so that the sanitizer sees them too.
"""

import ctypes as c
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
TESTS = [
    str(HERE),
    str(HERE.parents[1] / "mlp" / "test_compiled.py"),
    str(HERE.parents[1] / "package" / "test_fuzz_stored.py"),
]
PRODUCTS = "products.bin"


def run_tests(folder: Path) -> int:
    """Run the tests on the library in the folder; return pytest's exit code."""
    import pytest

    from skmlp.core.compiled import library as module

    module.PATH = folder / module.LIBRARY
    load = module.load

    def load_with_products(path):
        found = load(path)
        products = c.CDLL(str(folder / PRODUCTS))
        for name in ("dgemm", "sgemm"):
            function = c.cast(getattr(products, name), c.c_void_p)
            setattr(found.blas, name, function.value)
        return found

    module.load = load_with_products
    assert module.library() is not None, module.status()
    chosen = "not test_mutated_files or test_mutated_files_train"
    options = ["-q", "-n=0", "-p", "no:cacheprovider", "-k", chosen]
    return int(pytest.main([*options, *TESTS]))


def main() -> int:
    """Build the library, and run the tests with the sanitizer loaded first."""
    from skmlp.core.compiled import build

    found = ["gcc", "-print-file-name=libasan.so"]
    sanitizer = subprocess.run(found, capture_output=True, text=True, check=True)
    with TemporaryDirectory() as folder:
        flags, levels = build.SANITIZED, ("base",)
        build.build(Path(folder, build.LIBRARY), ["gcc"], flags=flags, levels=levels)
        products = [
            "-fPIC",
            "-shared",
            str(HERE / "gemm.c"),
            "-o",
            f"{folder}/{PRODUCTS}",
        ]
        subprocess.run(["gcc", *flags, *products], check=True)
        environment = os.environ | {
            "LD_PRELOAD": sanitizer.stdout.strip(),
            "ASAN_OPTIONS": "detect_leaks=0",
            # Structs of ctypes get memory of their own, which the sanitizer guards.
            "PYTHONMALLOC": "malloc",
        }
        command = [sys.executable, "-m", "tests.core.compiled.sanitized", folder]
        return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(run_tests(Path(sys.argv[1])) if sys.argv[1:] else main())
