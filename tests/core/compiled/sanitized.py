"""Runs tests on a library with address and undefined-behaviour sanitizers.

`python -m tests.core.compiled.sanitized` builds it with gcc, in a temporary folder, and
runs these tests on it, in a process of their own. The sanitizers see more than in a plain
build: the matrix products are written out in gemm.c, and there are gaps between the
buffers that must not be touched.
"""

import ctypes as c
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
TESTS = [
    *map(
        str,
        (HERE / f"test_{name}.py" for name in ("layers", "program", "runner")),
    ),
    str(HERE.parents[1] / "mlp" / "test_compiled.py"),
    str(HERE.parents[1] / "package" / "test_fuzz_stored.py"),
]
SKIPPED = (
    # The other mutated files do not train. Gaps change the size of an array.
    "(test_mutated_files and not train) or do_not_overlap"
)
PRODUCTS = "products.bin"
GAP = 1024
"""Bytes between buffers. NumPy gives smaller arrays memory that it used before."""


def use_library(folder: Path) -> None:
    """Use the library and the matrix products in the folder."""
    from skmlp.core.compiled import library as module

    module.PATH = folder / module.LIBRARY
    found = module.library()
    assert found is not None, module.status()
    products = c.CDLL(str(folder / PRODUCTS))
    for name in ("dgemm", "sgemm"):
        address = c.cast(getattr(products, name), c.c_void_p)
        setattr(found.blas, name, address.value)


def leave_gaps() -> None:
    """Leave gaps between the buffers of recordings, where an access is an error."""
    from skmlp.core.compiled.program import ScoresRecording

    poison = c.CDLL(None).__asan_poison_memory_region
    poison.argtypes = c.c_void_p, c.c_size_t
    plain_memory, plain_allocate = ScoresRecording.memory, ScoresRecording._allocate

    def memory(self, size):
        offset = plain_memory(self, size)
        self.size += GAP // self.dtype.itemsize
        vars(self).setdefault("gaps", []).append((offset + size, self.size))
        return offset

    def allocate(self):
        plain_allocate(self)
        size = self.dtype.itemsize
        for start, end in vars(self).get("gaps", []):
            poison(self.work.ctypes.data + start * size, (end - start) * size)

    ScoresRecording.memory, ScoresRecording._allocate = memory, allocate


def run_tests(folder: Path) -> int:
    """Run the tests on the library in the folder; return pytest's exit code."""
    import pytest

    use_library(folder)
    leave_gaps()
    # A report goes to standard error, which must not be captured when the process ends.
    options = ["-q", "-n=0", "--capture=sys", "--hypothesis-profile=few"]
    options += ["-p", "no:cacheprovider", "-k", f"not ({SKIPPED})"]
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
            # An abort also shows the line of Python.
            "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1",
            "UBSAN_OPTIONS": "print_stacktrace=1:abort_on_error=1",
            # Structs of ctypes get memory of their own, which the sanitizer guards.
            "PYTHONMALLOC": "malloc",
        }
        command = [sys.executable, "-m", "tests.core.compiled.sanitized", folder]
        return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(run_tests(Path(sys.argv[1])) if sys.argv[1:] else main())
