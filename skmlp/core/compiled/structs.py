"""The structs of program.h, as ctypes sees them."""

import ctypes as c

DENSE, DROPOUT, SCALE, PARAMETRIC, PERIODIC, PIECEWISE, CATEGORIES, UNCHANGED = range(8)
"""The kinds of operations."""

N_KINDS = 8

PARTS = (PERIODIC, PIECEWISE, CATEGORIES, UNCHANGED)
"""The kinds that are parts of an input layer."""

NARROW = 4
"""The most columns of a W that C transposes, for a product without BLAS; the most outputs
of a periodic or piecewise-linear feature."""


class Operation(c.Structure):
    """A layer, or a part of the input layer.

    Offsets count numbers: W, b, q, w, c and t in theta and grad, the others in work.
    """

    _fields_ = (
        *((name, c.c_int64) for name in ("kind", "activation", "n_in", "n_out")),
        *((name, c.c_int64) for name in ("W", "b", "q", "w", "c")),
        *(
            (name, c.c_int64)
            for name in ("n_frequencies", "t", "n_bins", "n_categories")
        ),
        *((name, c.c_int64) for name in ("column", "width", "h_prev", "s", "h")),
        *((name, c.c_int64) for name in ("Wt", "memory", "factors", "cut")),
        *((name, c.c_double) for name in ("gain", "bias_gain", "setting")),
    )


class Program(c.Structure):
    """A network, its rows, head, penalty and optimiser, and all memory of a fit."""

    _fields_ = (
        ("operations", c.POINTER(Operation)),
        *((n, c.c_int64) for n in ("n_operations", "batch_size")),
        *((n, c.c_int64) for n in ("n_parameters", "n_weights")),
        *((n, c.c_void_p) for n in ("theta", "grad", "work")),
        *((n, c.c_void_p) for n in ("X", "y", "w")),
        *((n, c.c_int64) for n in ("n_rows", "n_features")),
        *((n, c.c_int64) for n in ("row_stride", "column_stride", "n_targets")),
        *((n, c.c_int64) for n in ("in_place", "x_rows", "y_rows", "w_rows")),
        ("dh", c.c_int64 * 2),
        *((n, c.c_int64) for n in ("head", "n_scores", "n_levels", "use_factor")),
        ("levels", c.c_void_p),
        ("head_setting", c.c_double),
        ("losses", c.c_int64),
        *((n, c.c_void_p) for n in ("double_scores", "double_losses")),
        *((n, c.c_double) for n in ("alpha", "weight_decay", "max_norm")),
        *((n, c.c_int64) for n in ("optimizer", "t")),
        *((n, c.c_void_p) for n in ("moment_1", "moment_2")),
        *((n, c.c_double) for n in ("beta_1", "beta_2", "epsilon")),
        *((n, c.c_double) for n in ("decay_1", "decay_2")),
        ("random", c.c_uint64 * 4),
    )


class Sums(c.Structure):
    """What a call of `train` adds up over its steps."""

    _fields_ = (
        ("loss", c.c_double),
        ("gradient_norm", c.c_double),
        ("n_rows", c.c_int64),
        ("n_steps", c.c_int64),
    )


class Blas(c.Structure):
    """The matrix products of BLAS, and the largest that it computes without copies."""

    _fields_ = (
        ("dgemm", c.c_void_p),
        ("sgemm", c.c_void_p),
        ("largest_piece", c.c_int64),
    )


STRUCTS = (Operation, Program, Sums, Blas)
SIZES = [*map(c.sizeof, STRUCTS), NARROW]
"""What the library must have been compiled with."""
