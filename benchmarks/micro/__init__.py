"""Each optimisation compared with its plain version: equality, then time."""

from functools import partial

import numpy as np

from benchmarks.comparisons import Case, repeats
from benchmarks.timing import take_turns

from .speedups import speedups


def cases(quick):
    number, n_repeats = (20, repeats(quick)) if quick else (1000, 11)
    for dtype in ("float64", "float32"):
        for what, fast, plain in speedups(dtype):
            job = partial(_rows, what, fast, plain, dtype, number, n_repeats)
            yield Case(f"{what}/{dtype}", job)


def _rows(what, fast, plain, dtype, number, n_repeats):
    check_equal(fast, plain, dtype)
    calls = {"fast": fast, "plain": plain}
    for turn in take_turns(calls, n_repeats, number):
        for each in turn:
            yield {
                "what": what,
                "dtype": dtype,
                "version": each.name,
                "repeat": each.repeat,
                "seconds": each.seconds,
            }


def check_equal(fast, plain, dtype) -> None:
    """Raise AssertionError unless both return the same up to rounding."""
    a, b = fast(), plain()
    pairs = zip(a, b, strict=True) if isinstance(a, tuple | list) else [(a, b)]
    for x, z in pairs:
        np.testing.assert_allclose(x, z, rtol=0, atol=200 * np.finfo(dtype).eps)
