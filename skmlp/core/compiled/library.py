"""Loads the compiled library, if it is there, current and fits SciPy's BLAS.

`library()` returns it, or None. `status()` says which path training takes, and why.
"""

import ctypes as c
import os
import re
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.linalg import cython_blas

from .build import LIBRARY, sources_hash
from .structs import SIZES, Blas, Program, Sums

PATH = Path(__file__).parent / LIBRARY

SWITCH = "SKMLP_COMPILED"
"""The environment variable that turns the library off if it is "0"."""

GEMM_SIGNATURE = re.compile(
    r"void \(char \*, char \*, int \*, int \*, int \*, (?P<real>\w+) \*, (?P=real) \*, "
    r"int \*, (?P=real) \*, int \*, (?P=real) \*, (?P=real) \*, int \*\)"
)
REAL_NAMES = {"dgemm": ("double", "cython_blas_d"), "sgemm": ("float", "cython_blas_s")}

PIECES = {"SkylakeX": 10**6, "Cooperlake": 10**6, "SapphireRapids": 10**6}
"""For each kernel of OpenBLAS that has it: the m n k up to which it does not copy."""


class Unusable(Exception):  # noqa: N818
    """Why the library is not used."""


@dataclass(frozen=True)
class Library:
    """The functions of the library by precision, and the codes of what it knows."""

    train: dict[Any, Any]
    evaluate: dict[Any, Any]
    scores: dict[Any, Any]
    blas: Blas
    codes: dict[str, dict[str, int]]
    level: str
    compiler: str
    kernel: str


def library() -> Library | None:
    """The library, or None where NumPy does the work."""
    return _loaded()[0]


def status() -> str:
    """Which path training takes, and why."""
    return _loaded()[1]


@cache
def _loaded() -> tuple[Library | None, str]:
    try:
        found = load(PATH)
    except Unusable as reason:
        return None, f"NumPy: {reason}"
    blas = f"SciPy's BLAS, kernel {found.kernel or 'unknown'}"
    return found, f"compiled, {found.level} instructions, by {found.compiler}; {blas}"


def load(path: Path) -> Library:
    """The library in that file; raises Unusable with the reason if it must not be used."""
    if os.environ.get(SWITCH) == "0":
        raise Unusable(f"{SWITCH}=0 is set")
    if not path.exists():
        raise Unusable(
            "no library was built: no C compiler was found, or SKMLP_BUILD=never"
        )
    try:
        _check_whole(path)
        loaded = c.CDLL(str(path))
        built_from = _text(loaded, "skmlp_sources")
        sizes = (c.c_int64 * len(SIZES)).in_dll(loaded, "skmlp_sizes")
    except (OSError, ValueError, AttributeError) as error:
        raise Unusable(
            f"the library cannot be loaded; is it for another platform? {error}"
        ) from error
    if built_from != sources_hash() or [*sizes] != SIZES:
        again = "install skmlp again (in a checkout: pip install -e .)"
        raise Unusable(f"the library is from other sources; {again}")
    loaded.skmlp_level.restype = c.c_char_p
    level = loaded.skmlp_level().decode()
    kernel = blas_kernel()
    products = [_gemm(name) for name in ("dgemm", "sgemm")]
    return Library(
        _functions(loaded, "train", level, c.c_int64, _TRAIN),
        _functions(loaded, "evaluate", level, c.c_double, _EVALUATE),
        _functions(loaded, "scores", level, None, (c.POINTER(Program), c.c_void_p)),
        Blas(*products, PIECES.get(kernel, 0)),
        {
            kind: {
                name: i for i, name in enumerate(_text(loaded, f"skmlp_{kind}").split())
            }
            for kind in ("activations", "heads", "optimizers")
        },
        level,
        _text(loaded, "skmlp_compiler"),
        kernel,
    )


def _check_whole(path: Path) -> None:
    """Raise if the end of an ELF file is missing: loading it could end the process.

    Its last part is the table that its header names. Other systems check it themselves.
    """
    with path.open("rb") as file:
        header = file.read(64)
    if header[:5] == b"\x7fELF\x02" and len(header) == 64:
        table, size, count = struct.unpack_from("=40xQ10xHH", header)
        if path.stat().st_size < table + size * count:
            raise Unusable("the end of the library is missing; install skmlp again")


_EVALUATE = (c.POINTER(Program), c.POINTER(Blas))
_TRAIN = (*_EVALUATE, c.c_void_p, c.c_int64, c.c_int64, c.c_void_p, c.POINTER(Sums))


def _functions(
    loaded: c.CDLL, name: str, level: str, returns: Any, takes: tuple[Any, ...]
) -> dict[Any, Any]:
    functions = {}
    for dtype in ("f8", "f4"):
        function = getattr(loaded, f"skmlp_{name}_{dtype}_{level}")
        function.restype, function.argtypes = returns, takes
        functions[np.dtype(dtype)] = function
    return functions


def _text(loaded: c.CDLL, name: str) -> str:
    """A text that the library exports."""
    return c.string_at(c.addressof(c.c_char.in_dll(loaded, name))).decode()


def _gemm(name: str) -> int:
    """The address of a matrix product in SciPy's BLAS."""
    capsule = cython_blas.__pyx_capi__.get(name)
    get_name, get_pointer = (
        c.pythonapi.PyCapsule_GetName,
        c.pythonapi.PyCapsule_GetPointer,
    )
    get_name.restype, get_name.argtypes = c.c_char_p, (c.py_object,)
    get_pointer.restype, get_pointer.argtypes = c.c_void_p, (c.py_object, c.c_char_p)
    signature = get_name(capsule) if capsule is not None else b""
    match = GEMM_SIGNATURE.fullmatch((signature or b"").decode())
    if not match or not match["real"].endswith(REAL_NAMES[name]):
        raise Unusable(f"SciPy's {name} has an unknown signature: {signature!r}")
    return int(get_pointer(capsule, signature))


def blas_kernel() -> str:
    """The kernel that SciPy's OpenBLAS uses; empty if it does not say."""
    try:
        loaded = c.CDLL(cython_blas.__file__)
    except OSError:
        return ""
    for prefix in ("scipy_", ""):
        function = getattr(loaded, f"{prefix}openblas_get_corename", None)
        if function is not None:
            function.restype = c.c_char_p
            return str(function().decode())
    return ""
