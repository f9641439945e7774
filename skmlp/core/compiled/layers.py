"""Records a layer as operations. `RECORDERS` has one function for each class of layer."""

from collections.abc import Callable
from typing import Any, Protocol

from ..activations import Activation
from ..embeddings import Categories, Columns, Periodic
from ..layers import DROPOUT_STEPS, Dense, Dropout
from ..piecewise import PiecewiseLinear
from ..scaling import ParametricActivation, Scale
from .checks import NotCompiled, count, number
from .names import setting_of
from .structs import (
    CATEGORIES,
    DENSE,
    DROPOUT,
    NARROW,
    PARAMETRIC,
    PERIODIC,
    PIECEWISE,
    SCALE,
    UNCHANGED,
    Operation,
)

Places = dict[str, int]
"""The offset of each parameter of a layer in theta."""


class Memory(Protocol):
    """What a recorder needs from the recording."""

    training: bool

    def buffer(self, n_columns: int) -> int: ...

    def memory(self, size: int) -> int: ...

    def activation_code(self, activation: Activation | None) -> int: ...


def _dense(recording: Memory, layer: Dense, places: Places) -> list[Operation]:
    n_out = count(layer.n_out)
    s = h = recording.buffer(n_out)
    if layer.activation is not None and layer.activation.keeps_s:
        h = recording.buffer(n_out)
    narrow = layer.n_out <= NARROW
    return [
        Operation(
            kind=DENSE,
            activation=recording.activation_code(layer.activation),
            n_in=count(layer.n_in),
            n_out=n_out,
            W=places["W"],
            b=places["b"],
            s=s,
            h=h,
            Wt=recording.memory(layer.n_in * layer.n_out) if narrow else 0,
            gain=number(layer.gain),
            bias_gain=number(layer.bias_gain),
            setting=setting_of(layer.activation),
        )
    ]


def _dropout(recording: Memory, layer: Dropout, places: Places) -> list[Operation]:
    n_in, n_out = count(layer.n_in), count(layer.n_out)
    if not recording.training:
        return []
    cut = min(round(layer.p * DROPOUT_STEPS), DROPOUT_STEPS - 1)
    h = recording.buffer(n_out)
    return [
        Operation(
            kind=DROPOUT,
            n_in=n_in,
            n_out=n_out,
            s=h,
            h=h,
            factors=recording.buffer(n_out),
            cut=cut,
            setting=DROPOUT_STEPS / (DROPOUT_STEPS - cut),
        )
    ]


def _scale(recording: Memory, layer: Scale, places: Places) -> list[Operation]:
    n, h = count(layer.n_units), recording.buffer(layer.n_units)
    q, gain = places["scale"], number(layer.gain)
    return [Operation(kind=SCALE, n_in=n, n_out=n, q=q, h=h, gain=gain)]


def _parametric(
    recording: Memory, layer: ParametricActivation, places: Places
) -> list[Operation]:
    n = count(layer.n_units)
    return [
        Operation(
            kind=PARAMETRIC,
            activation=recording.activation_code(layer.activation),
            n_in=n,
            n_out=n,
            q=places["mix"],
            s=recording.buffer(n),
            h=recording.buffer(n),
            memory=recording.buffer(n) if recording.training else 0,
            gain=number(layer.gain),
            setting=setting_of(layer.activation),
        )
    ]


def _columns(recording: Memory, layer: Columns, places: Places) -> list[Operation]:
    """One operation for each part; they write into the same rows of h."""
    width = count(layer.n_out)
    h, operations = recording.buffer(width), []
    for i, part, columns, outputs in layer.each():
        record, n_columns = PARTS.get(type(part)), columns.stop - columns.start
        if record is None or (part and part.n_in != n_columns):
            raise NotCompiled(f"{part!r}, of columns, has no compiled twin")
        own = layer.own(places, i, part) if part else {}
        operation = record(recording, part, own)
        operation.n_in = count(n_columns)
        operation.n_out = count(outputs.stop - outputs.start)
        operation.column, operation.width = columns.start, width
        operation.h = h + outputs.start
        operations.append(operation)
    return operations


def _periodic(recording: Memory, part: Periodic, places: Places) -> Operation:
    n_frequencies, n_arrays = count(part.n_frequencies), 2 * (2 + count(part.n_outputs))
    return Operation(
        kind=PERIODIC,
        **places,
        n_frequencies=n_frequencies,
        memory=recording.memory(n_arrays * n_frequencies) if recording.training else 0,
        gain=number(part.gain),
    )


def _piecewise(recording: Memory, part: PiecewiseLinear, places: Places) -> Operation:
    n_bins = count(part.n_bins)
    return Operation(
        kind=PIECEWISE,
        **places,
        n_bins=n_bins,
        memory=recording.memory((n_bins + 1) * count(part.n_outputs)),
        gain=number(part.gain),
    )


def _categories(recording: Memory, part: Categories, places: Places) -> Operation:
    return Operation(kind=CATEGORIES, **places, n_categories=count(part.n_categories))


def _unchanged(recording: Memory, part: None, places: Places) -> Operation:
    return Operation(kind=UNCHANGED)


PARTS: dict[type, Callable[[Any, Any, Places], Operation]] = {
    Periodic: _periodic,
    PiecewiseLinear: _piecewise,
    Categories: _categories,
    type(None): _unchanged,
}
"""For each class of the parts of `Columns`."""

RECORDERS: dict[type, Callable[[Any, Any, Places], list[Operation]]] = {
    Dense: _dense,
    Dropout: _dropout,
    Scale: _scale,
    ParametricActivation: _parametric,
    Columns: _columns,
}
