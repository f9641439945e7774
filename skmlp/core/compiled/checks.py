"""Checks of a program before C runs it.

What is checked are the structs, as C reads them, against the arrays: whatever a network, a
data set or a stored model holds, C reads and writes inside the arrays.
"""

from numbers import Real
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .._types import Array, Features
from ..batches import Dataset
from ..layers import DROPOUT_STEPS
from .library import Library
from .structs import (
    CATEGORIES,
    DENSE,
    DROPOUT,
    N_KINDS,
    NARROW,
    PARAMETRIC,
    PARTS,
    PERIODIC,
    PIECEWISE,
    SCALE,
    UNCHANGED,
    Operation,
    Program,
)

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
    X: Features
    theta: Array
    work: Array
    training: bool
    shuffled: bool


class RecordedTraining(Recorded, Protocol):
    """With the gradient, the targets and the head."""

    data: Dataset
    grad: Array
    levels: NDArray[Any]
    double: tuple[NDArray[Any], ...]


def check(recording: Recorded) -> None:
    """Raise NotCompiled unless all that `forward` reads and writes is inside the arrays."""
    p, dtype = recording.program, recording.dtype
    check_theta(recording.theta, recording)
    check_vector(recording.work, dtype, recording.work.size)
    fits = [
        0 < p.batch_size == recording.n_rows <= LARGEST_INT,
        *_rows_fit(recording),
        *_layers_fit(recording),
    ]
    if not all(fits):
        raise NotCompiled("the layers do not fit each other, theta or the rows")


def check_theta(theta: Array, recording: Recorded) -> None:
    """Raise NotCompiled unless C can read theta and, in training, write it."""
    p, training = recording.program, recording.training
    check_vector(theta, recording.dtype, p.n_parameters, writeable=training)


def check_training(recording: RecordedTraining) -> None:
    """The same for what training reads and writes in addition."""
    p = recording.program
    check_vector(recording.grad, recording.dtype, p.n_parameters)
    fits = [
        0 <= p.n_weights <= p.n_parameters,
        0 <= p.optimizer < len(recording.library.codes["optimizers"]),
        0 <= p.t < LARGEST_COUNT,
        *_targets_fit(recording),
        *_head_fits(recording),
    ]
    size = recording.work.size
    widths = [o.n_in for o in [*recording.operations][1:] if o.kind not in PARTS]
    fits += [_inside(at, p.batch_size * n, size) for n in widths for at in p.dh]
    if not all(fits):
        raise NotCompiled("the gradients or the targets do not fit")


def _rows_fit(recording: Recorded) -> list[bool]:
    """Whether the program describes X, and the copy of a batch fits into work."""
    p, X = recording.program, recording.X
    itemsize, copied = recording.dtype.itemsize, recording.shuffled or not p.in_place
    size = recording.work.size
    return [
        (p.n_rows, p.n_features) == X.shape,
        (p.row_stride * itemsize, p.column_stride * itemsize) == X.strides,
        p.in_place == X.flags.c_contiguous,
        _inside(p.x_rows, p.batch_size * p.n_features, size)
        if copied
        else p.x_rows == 0,
    ]


def _targets_fit(recording: RecordedTraining) -> list[bool]:
    """Whether the program describes y, and copies of y and w fit into work."""
    p, size = recording.program, recording.work.size
    copies = (p.y_rows, p.n_targets), (p.w_rows, 1)
    return [
        (p.n_rows, p.n_targets) == recording.data.y.shape,
        *(
            _inside(at, p.batch_size * n, size) if recording.shuffled else at == 0
            for at, n in copies
        ),
    ]


def _layers_fit(recording: Recorded) -> list[bool]:
    """Whether each layer reads what the one below writes, inside the arrays."""
    p, operations = recording.program, [*recording.operations]
    n_activations = len(recording.library.codes["activations"])
    fits = [p.n_operations == len(operations)]
    for o in operations:
        fits += [0 < n <= LARGEST_INT for n in (o.n_in, o.n_out, o.n_in + o.n_out)]
        fits += [0 <= o.activation <= n_activations]
        fits += _operation_fits(recording, o)
    n_parts = sum(o.kind in PARTS for o in operations)
    inputs, others = operations[: n_parts or 1], operations[n_parts or 1 :]
    first, last = operations[0], operations[-1]
    width, below = sum(o.n_out for o in inputs), first.h
    fits.append(sum(o.n_in for o in inputs) == p.n_features)
    if n_parts:
        fits += _parts_fit(inputs, width)
    for o in others:
        fits += [o.n_in == width, o.h_prev == below, o.kind not in PARTS]
        width, below = o.n_out, o.h
    # The loss and its gradient take the place of the scores.
    fits += [first.kind in (DENSE, *PARTS), first.h_prev == 0]
    fits += [last.kind == DENSE, last.activation == n_activations]
    return [*fits, last.n_out == p.n_scores]


def _parts_fit(parts: list[Operation], width: int) -> list[bool]:
    """Whether the parts read the columns of x, and write the columns of one buffer."""
    fits, column, h = [], 0, parts[0].h
    for o in parts:
        fits += [o.kind in PARTS, o.width == width, o.h_prev == 0]
        fits += [o.column == column, o.h == h]
        column, h = column + o.n_in, h + o.n_out
    return fits


def _operation_fits(recording: Recorded, o: Operation) -> list[bool]:
    """Whether the parameters and buffers of an operation lie inside their arrays."""
    p, size = recording.program, recording.work.size
    parameters, buffers, others = _used(recording, o)
    n_rows, width = p.batch_size, o.width if o.kind in PARTS else o.n_out
    # A part ends with its own columns of the last row.
    buffers["h"] = n_rows * width - (width - o.n_out)
    return [
        0 <= o.kind < N_KINDS,
        *(
            _inside(getattr(o, name), n, p.n_parameters)
            for name, n in parameters.items()
        ),
        *(_inside(getattr(o, name), n, size) for name, n in buffers.items()),
        *(0 < getattr(o, name) <= LARGEST_INT for name in others & {*COUNTS}),
        *(getattr(o, name) == 0 for name in FIELDS - {*parameters, *buffers, *others}),
        *_sizes_fit(o),
    ]


COUNTS = ("n_frequencies", "n_bins", "n_categories")
FIELDS = {
    *("activation", "W", "b", "q", "w", "c", "t", "column", "width", "s", "Wt"),
    *("memory", "factors", "cut", *COUNTS),
}
"""The fields that only some kinds use."""


def _used(
    recording: Recorded, o: Operation
) -> tuple[dict[str, int], dict[str, int], set[str]]:
    """The parameters and the buffers of an operation, with their sizes; other fields."""
    units, matrix = recording.program.batch_size * o.n_out, o.n_in * o.n_out
    if o.kind == DENSE:
        narrow = {"Wt": matrix} if o.n_out <= NARROW else {}
        return {"W": matrix, "b": o.n_out}, {"s": units, **narrow}, {"activation"}
    if o.kind == DROPOUT:
        return {}, {"s": units, "factors": units}, {"cut"}
    if o.kind == SCALE:
        return {"q": o.n_out}, {}, set()
    if o.kind == PARAMETRIC:
        slopes = {"memory": units} if recording.training else {}
        return {"q": o.n_out}, {"s": units, **slopes}, {"activation"}
    part = {"column", "width"}
    if o.kind == CATEGORIES:
        return {"W": o.n_categories * o.n_out}, {}, {*part, "n_categories"}
    if o.kind == UNCHANGED:
        return {}, {}, part
    n_each = o.n_out // max(o.n_in, 1) - 1
    if o.kind == PIECEWISE:
        n_knots = o.n_in * (o.n_bins + 1)
        sizes = {"t": n_knots, "W": o.n_in * o.n_bins * n_each, "b": o.n_in * n_each}
        return sizes, {"memory": (o.n_bins + 1) * n_each}, {*part, "n_bins"}
    n_waves = o.n_in * o.n_frequencies
    arrays = 2 * (2 + n_each) * o.n_frequencies
    memory = {"memory": arrays} if recording.training else {}
    waves = {"w": n_waves, "c": n_waves, "W": n_waves * n_each, "b": o.n_in * n_each}
    return waves, memory, {*part, "n_frequencies"}


def _sizes_fit(o: Operation) -> list[bool]:
    """Whether the numbers of inputs and outputs are possible for the kind."""
    if o.kind == DENSE:
        return []
    if o.kind in (PERIODIC, PIECEWISE):
        n_each, rest = divmod(o.n_out, max(o.n_in, 1))
        return [rest == 0, 0 < n_each - 1 <= NARROW]
    if o.kind == CATEGORIES:
        return [o.n_in == 1]
    return [o.n_in == o.n_out, 0 <= o.cut < DROPOUT_STEPS]


def _head_fits(recording: RecordedTraining) -> list[bool]:
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


def check_vector(array: Any, dtype: Any, size: int, *, writeable: bool = True) -> None:
    """Raise NotCompiled unless C can read and write the array as a vector."""
    if not (
        isinstance(array, np.ndarray)
        and array.dtype == dtype
        and array.shape == (size,)
        and array.flags.c_contiguous
        and array.flags.aligned
        and (array.flags.writeable or not writeable)
    ):
        raise NotCompiled("theta or a moment is no vector of that length and precision")


def check_rows(X: Array, dtype: Any) -> None:
    """Raise NotCompiled unless C can read the rows of X."""
    if X.ndim != 2 or not len(X):
        raise NotCompiled("X is no matrix of rows")
    if X.dtype != dtype:
        raise NotCompiled(f"X is {X.dtype}, theta is {dtype}")
    if any(stride % dtype.itemsize for stride in X.strides) or not X.flags.aligned:
        raise NotCompiled("the entries of X are not aligned")


def check_data(data: Dataset, dtype: Any) -> None:
    """Raise NotCompiled unless C can read y and w: y may be in double precision."""
    n_rows, y, w = data.X.shape[0], data.y, data.w
    if y.ndim != 2 or len(y) != n_rows:
        raise NotCompiled("y is no matrix of the rows of X")
    if w is not None and w.shape != (n_rows,):
        raise NotCompiled("w is no vector of all rows")
    if y.dtype not in (dtype, np.dtype("f8")):
        raise NotCompiled(f"y is {y.dtype}, theta is {dtype}")
    if w is not None and w.dtype != dtype:
        raise NotCompiled(f"the weights are {w.dtype}, theta is {dtype}")
    if not all(array is None or array.flags.aligned for array in (y, w)):
        raise NotCompiled("y or the weights are not aligned")
