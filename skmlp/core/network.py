"""The network: a sequence of layers, and the place of each parameter in theta.

All parameters are one flat vector theta, and their gradient is another. Parameters that
decay come first, those of all layers, then the others. Weight decay and the penalty thus
apply to one slice, and an optimiser or L-BFGS works on two vectors.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse

from ._types import Array, Features, Params, Rng
from .batches import row_blocks
from .embeddings import Columns
from .layers import BufferSpec, Dense, Dropout, Layer

MAX_LAYERS = 1000
"""The most layers of a network in a file; each costs time, and not all have parameters."""

BLOCK_ENTRIES = 2**17
"""The number of entries of the largest buffer for a block of rows; fits in the cache."""


class Views(NamedTuple):
    """A flat vector, its part that decays, and the parameters of each layer, as views.

    Made for one fit or prediction and never stored: pickling turns views into copies.
    """

    flat: Array
    weights: Array
    layers: list[Params]


def thetas_of(
    networks: Sequence["Network"], theta: Array
) -> Iterator[tuple["Network", Array]]:
    """Each network with its parameters, a view: `theta` has those of all, in turn."""
    start = 0
    for network in networks:
        stop = start + network.n_parameters
        yield network, theta[start:stop]
        start = stop


def distinct(networks: Sequence["Network"]) -> list["Network"]:
    """Each object once: those of a kind are often one object."""
    return list({id(network): network for network in networks}.values())


def check_networks(
    networks: Sequence["Network"], n_in: int, n_out: int, n_parameters: int
) -> None:
    """Raise ValueError unless the layers of each fit, and all have that many parameters."""
    sizes = [network.n_parameters for network in networks]
    if min(sizes) < 1 or sum(sizes) != n_parameters:
        raise ValueError(f"the networks do not have {n_parameters} parameters together")
    for network in distinct(networks):
        network.check_sizes(n_in, n_out, network.n_parameters)


class Workspace:
    """The buffers of all layers for batches of up to `n_rows` rows."""

    def __init__(
        self, layers: tuple[Layer, ...], n_rows: int, dtype: Any, *, training: bool
    ):
        # Dense layers write dLoss/dh_prev into two arrays in turn.
        scratch: Any = (None, None)
        if training:
            sizes = [
                n_rows * layer.n_in if i else 0
                for i, layer in enumerate(layers)
                if isinstance(layer, Dense)
            ]
            scratch = [np.empty(max(sizes[i::2], default=0), dtype) for i in (0, 1)]
        full, turn = [], 0
        for i, layer in enumerate(layers):
            full.append(
                layer.make_buffers(
                    BufferSpec(n_rows, dtype, training, i == 0, scratch[turn])
                )
            )
            # The other layers change dLoss/dh in place or have their own arrays.
            turn ^= isinstance(layer, Dense)
        self._by_rows = {n_rows: full}
        self._full = full

    def buffers(self, n_rows: int) -> list[Any]:
        """The buffers of each layer for a batch of exactly `n_rows` rows."""
        found = self._by_rows.get(n_rows)
        if found is None:
            found = [buffers.resized(n_rows) for buffers in self._full]
            self._by_rows[n_rows] = found
        return found


@dataclass(frozen=True)
class Network:
    """x -> h_1 -> ... -> h_L -> s; the top layer gives the scores s."""

    layers: tuple[Layer, ...]

    def __getstate__(self) -> dict[str, Any]:
        """The state to pickle or copy, without cached properties."""
        return {"layers": self.layers}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self)["layers"] = state["layers"]

    @cached_property
    def locations(self) -> list[tuple[int, str, slice, tuple[int, ...]]]:
        """Layer, name, slice of theta and shape of each parameter, in theta's order."""
        entries = [
            (i, name, spec)
            for i, layer in enumerate(self.layers)
            for name, spec in layer.shapes().items()
        ]
        entries.sort(key=lambda entry: not entry[2].decays)
        locations, start = [], 0
        for i, name, spec in entries:
            stop = start + prod(spec.shape)
            locations.append((i, name, slice(start, stop), spec.shape))
            start = stop
        return locations

    @property
    def n_parameters(self) -> int:
        """The number of parameters, the length of theta."""
        return int(self.locations[-1][2].stop)

    def check_sizes(self, n_in: int, n_out: int, n_parameters: int) -> None:
        """Raise ValueError unless the layers fit each other and that many parameters.

        No layer can then be larger than its input and the parameters together.
        """
        if len(self.layers) > MAX_LAYERS:
            raise ValueError(f"the network has {len(self.layers)} layers")
        width = n_in
        for layer in self.layers:
            if isinstance(layer, Columns):
                layer.check_sizes()
            if layer.n_in != width or not 0 < layer.n_out <= n_in + n_parameters:
                raise ValueError(
                    f"a layer has {layer.n_in} inputs and {layer.n_out} outputs, after "
                    f"one of {width} outputs"
                )
            width = layer.n_out
        if (width, self.n_parameters) != (n_out, n_parameters):
            raise ValueError(
                f"the network has {width} outputs and {self.n_parameters} parameters, "
                f"not {n_out} and {n_parameters}"
            )

    @cached_property
    def n_weights(self) -> int:
        """The number of parameters that decay, the first ones of theta."""
        return sum(
            prod(spec.shape)
            for layer in self.layers
            for spec in layer.shapes().values()
            if spec.decays
        )

    def views(self, flat: Array) -> Views:
        """The parameters of each layer by name, as views of `flat`."""
        layers: list[Params] = [{} for _ in self.layers]
        for i, name, where, shape in self.locations:
            layers[i][name] = flat[where].reshape(shape)
        return Views(flat, flat[: self.n_weights], layers)

    def initialize(
        self, rng: np.random.RandomState, dtype: Any, X: Any = None
    ) -> Array:
        """Draw a new theta, layer by layer, starting at the input.

        `X` are rows for layers whose initial parameters depend on data.
        """
        theta = np.empty(self.n_parameters, dtype)
        for layer, params in zip(self.layers, self.views(theta).layers, strict=True):
            layer.initialize(params, rng, X)
            if X is not None:
                buffers = layer.make_buffers(BufferSpec(X.shape[0], dtype))
                X = layer.forward(params, X, buffers)
        return theta

    def workspace(self, n_rows: int, dtype: Any, *, training: bool) -> Workspace:
        """Buffers for batches of up to `n_rows` rows."""
        return Workspace(self.layers, n_rows, dtype, training=training)

    @property
    def has_dropout(self) -> bool:
        """Whether training steps need random numbers."""
        return any(isinstance(layer, Dropout) for layer in self.layers)

    @property
    def block_rows(self) -> int:
        """The number of rows in a block. It bounds the memory for buffers."""
        return max(1, BLOCK_ENTRIES // max(layer.row_entries for layer in self.layers))

    def forward(
        self,
        theta: Views,
        X: Features,
        buffers: list[Any],
        rng: Rng | None = None,
    ) -> Array:
        """The scores s of the rows X, stored in one of the buffers.

        With `rng`, as in a training step, dropout layers drop units.
        """
        h: Any = X
        for layer, params, own in zip(self.layers, theta.layers, buffers, strict=True):
            h = layer.forward(params, h, own, rng)
        return np.asarray(h)

    def backward(
        self,
        theta: Views,
        grad: Views,
        ds: Array,
        buffers: list[Any],
        *,
        add: bool = False,
    ) -> None:
        """From dLoss/ds to dLoss/dtheta, written into `grad` or, with `add`, added to it.

        The last call of `forward` with these buffers must have had the same rows.
        """
        dh: Array | None = ds
        for i in reversed(range(len(self.layers))):
            assert dh is not None
            dh = self.layers[i].backward(
                theta.layers[i],
                grad.layers[i],
                buffers[i],
                dh,
                input_gradient=i > 0,
                add=add,
            )

    def input_gradients(self, flat: Array, X: Features) -> Array:
        """ds_k/dx for all rows of X and all scores, (n, K, d), in blocks of rows.

        Backpropagation of all scores at once, down to the input.
        """
        theta, (n_rows, n_features) = self.views(flat), X.shape
        n_scores = self.layers[-1].n_out
        gradients = np.empty((n_rows, n_scores, n_features), flat.dtype)
        size = max(1, min(n_rows, self.block_rows // n_scores))
        workspace = self.workspace(size, flat.dtype, training=False)
        for rows in row_blocks(n_rows, size):
            block = X[rows].astype(flat.dtype, copy=False)
            buffers = workspace.buffers(block.shape[0])
            self.forward(theta, block, buffers)
            dh = np.eye(n_scores, dtype=flat.dtype)
            for i in reversed(range(len(self.layers))):
                dh = self.layers[i].pull_back(theta.layers[i], buffers[i], dh)
            gradients[rows] = dh
        return gradients

    def scores(self, flat: Array, X: Features) -> Array:
        """The scores of all rows of X, computed in blocks of rows to bound the memory."""
        return self.hidden(flat, X, len(self.layers) - 1)

    def hidden(self, flat: Array, X: Features, layer: int) -> Array:
        """h of one layer for all rows of X, (n, units), in blocks of rows.

        Each call makes its own buffers, so threads may share a network.
        """
        theta, lower = self.views(flat), self
        if layer < len(self.layers) - 1:
            lower = Network(self.layers[: layer + 1])
            theta = theta._replace(layers=theta.layers[: layer + 1])
        n_rows, dtype = X.shape[0], flat.dtype
        size = min(n_rows, self.block_rows)
        if not issparse(X) and X.dtype != dtype:
            size = min(size, max(1, BLOCK_ENTRIES // X.shape[1]))
        workspace = lower.workspace(size, dtype, training=False)
        if size == n_rows:
            X = X.astype(dtype, copy=False)
            return lower.forward(theta, X, workspace.buffers(n_rows))
        h = np.empty((n_rows, lower.layers[-1].n_out), dtype)
        for rows in row_blocks(n_rows, size):
            block = X[rows].astype(dtype, copy=False)
            h[rows] = lower.forward(theta, block, workspace.buffers(block.shape[0]))
        return h
