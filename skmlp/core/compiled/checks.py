"""Checks of a program before C runs it.

What is checked are the structs, as C reads them, against the arrays: whatever a network, a
data set or a stored model holds, C reads and writes inside the arrays.
"""

from numbers import Real
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .._types import Array
from ..batches import Dataset
from ..layers import DROPOUT_STEPS
from .library import Library
from .structs import DENSE, DROPOUT, NARROW, Operation, Program

LARGEST_INT = 2**31 - 1
"""BLAS counts rows and columns in 32 bits."""

LARGEST_COUNT = 2**53
"""Steps up to this number are counted exactly, also as floats."""


class NotCompiled(ValueError):  # noqa: N818
    """Why a fit runs in NumPy."""


def number(value: Any) -> float:
    """A number as a float. Raises NotCompiled for others, such as one for each unit."""
    if type(value) is not float and not isinstance(value, Real):
        raise NotCompiled(f"a setting is no number but {value!r}")
    return float(value)


def count(value: int) -> int:
    """A number of rows or units. Raises NotCompiled if BLAS cannot count so many."""
    if not 0 < value <= LARGEST_INT:
        raise NotCompiled(f"a layer or a batch has the size {value}")
    return int(value)


class Recorded(Protocol):
    """A program with its operations, and the arrays whose addresses it holds."""

    library: Library
    dtype: np.dtype[Any]
    n_rows: int
    program: Program
    operations: Any
    data: Dataset
    theta: Array
    grad: Array
    work: Array
    levels: NDArray[Any]
    double: tuple[NDArray[Any], ...]
    shuffled: bool


def check(recording: Recorded) -> None:
    """Raise NotCompiled unless all that C reads and writes lies inside the arrays."""
    p, dtype = recording.program, recording.dtype
    for vector in (recording.theta, recording.grad):
        check_vector(vector, dtype, p.n_parameters)
    check_vector(recording.work, dtype, recording.work.size)
    n_optimizers = len(recording.library.codes["optimizers"])
    fits = [
        0 < p.batch_size == recording.n_rows <= LARGEST_INT,
        0 <= p.n_weights <= p.n_parameters,
        0 <= p.optimizer < n_optimizers,
        0 <= p.t < LARGEST_COUNT,
        *_rows_fit(recording),
        *_layers_fit(recording),
        *_head_fits(recording),
    ]
    if not all(fits):
        raise NotCompiled("the layers do not fit each other, theta or the data")


def _rows_fit(recording: Recorded) -> list[bool]:
    """Whether the program describes X and y, and the copies of a batch fit into work."""
    p, X, y = recording.program, recording.data.X, recording.data.y
    itemsize, shuffled = recording.dtype.itemsize, recording.shuffled
    copies = (
        (p.x_rows, p.n_features, shuffled or not p.in_place),
        (p.y_rows, p.n_targets, shuffled),
        (p.w_rows, 1, shuffled),
    )
    return [
        (p.n_rows, p.n_features) == X.shape,
        (p.n_rows, p.n_targets) == y.shape,
        (p.row_stride * itemsize, p.column_stride * itemsize) == X.strides,
        p.in_place == X.flags.c_contiguous,
        *(
            _inside(at, p.batch_size * n, recording.work.size) if used else at == 0
            for at, n, used in copies
        ),
    ]


def _layers_fit(recording: Recorded) -> list[bool]:
    """Whether each layer reads what the one below writes, inside the arrays."""
    p, operations = recording.program, [*recording.operations]
    n_activations = len(recording.library.codes["activations"])
    fits, width = [p.n_operations == len(operations)], p.n_features
    size = recording.work.size
    for below, o in zip([None, *operations], operations, strict=False):
        fits += [o.n_in == width, 0 < o.n_in <= LARGEST_INT, 0 < o.n_out <= LARGEST_INT]
        fits += [0 <= o.activation <= n_activations]
        fits += _operation_fits(p, o, size)
        fits.append(o.h_prev == (below.h if below else 0))
        if below:
            fits += [_inside(at, p.batch_size * o.n_in, size) for at in p.dh]
        width = o.n_out
    first, last = operations[0], operations[-1]
    # The loss and its gradient take the place of the scores.
    fits += [first.kind == last.kind == DENSE, last.activation == n_activations]
    return [*fits, last.n_out == p.n_scores]


def _operation_fits(p: Program, o: Operation, size: int) -> list[bool]:
    """Whether the parameters and buffers of an operation lie inside their arrays."""
    fits = [_inside(at, p.batch_size * o.n_out, size) for at in (o.s, o.h)]
    if o.kind == DROPOUT:
        fits += [_inside(o.factors, p.batch_size * o.n_out, size), o.n_in == o.n_out]
        return [*fits, o.W == o.b == o.Wt == 0, 0 <= o.cut < DROPOUT_STEPS]
    n_weights, narrow = o.n_in * o.n_out, o.n_out <= NARROW
    fits += [_inside(o.W, n_weights, p.n_parameters), o.kind == DENSE]
    fits.append(_inside(o.Wt, n_weights, size) if narrow else o.Wt == 0)
    return [*fits, _inside(o.b, o.n_out, p.n_parameters), o.factors == o.cut == 0]


def _head_fits(recording: Recorded) -> list[bool]:
    """Whether the head reads and writes as many scores, targets and levels as there are."""
    p, size = recording.program, recording.work.size
    names = dict(enumerate(recording.library.codes["heads"]))
    n_each = {"quantile": p.n_levels, "gaussian": 2}.get(names.get(p.head, ""), 1)
    in_double = recording.data.y.dtype != recording.dtype
    return [
        p.head in names,
        p.n_scores == n_each * p.n_targets,
        p.n_levels == recording.levels.size,
        p.use_factor in (0, 1),
        _inside(p.losses, p.batch_size * p.n_scores, size),
        in_double == bool(p.double_scores) == bool(p.double_losses),
        all(p.batch_size * p.n_scores <= one.size for one in recording.double),
    ]


def _inside(offset: int, length: int, size: int) -> bool:
    return 0 <= offset <= size - length


def check_vector(array: Any, dtype: Any, size: int) -> None:
    """Raise NotCompiled unless C can read and write the array as a vector."""
    if not (
        isinstance(array, np.ndarray)
        and array.dtype == dtype
        and array.shape == (size,)
        and array.flags.c_contiguous
        and array.flags.aligned
        and array.flags.writeable
    ):
        raise NotCompiled("theta or a moment is no vector of that length and precision")


def check_data(data: Dataset, dtype: Any) -> None:
    """Raise NotCompiled unless C can read X, y and w: y may be in double precision."""
    X, y, w = data
    n_rows = X.shape[0]
    if X.ndim != 2 or y.ndim != 2 or len(y) != n_rows or not n_rows:
        raise NotCompiled("X and y are no matrices of the same rows")
    if w is not None and w.shape != (n_rows,):
        raise NotCompiled("w is no vector of all rows")
    if X.dtype != dtype or y.dtype not in (dtype, np.dtype("f8")):
        raise NotCompiled(f"X is {X.dtype} and y is {y.dtype}, theta is {dtype}")
    if w is not None and w.dtype != dtype:
        raise NotCompiled(f"the weights are {w.dtype}, theta is {dtype}")
    if any(stride % dtype.itemsize for stride in X.strides):
        raise NotCompiled("the entries of X are not aligned")
    if not all(array is None or array.flags.aligned for array in data):
        raise NotCompiled("X, y or the weights are not aligned")
