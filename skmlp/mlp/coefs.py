"""`coefs_` and `intercepts_`: views of the flat parameter vector theta.

The estimator stores one flat vector. The attributes are lists of writable views of it,
made at each access, because a stored view does not survive pickling or copying.
"""

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from ..core._types import Array
from ..core.network import Network


class ParameterList(list[Any]):
    """A list of views; assigning an element writes into its view.

    Copies, pickles and concatenations are plain lists. An operation that would change the
    number or the order of the elements raises a TypeError.
    """

    def __init__(self, name: str, views: list[Any]):
        super().__init__(views)
        self._name = name

    def __setitem__(self, index: Any, value: Any) -> None:
        targets = self[index] if isinstance(index, slice) else [self[index]]
        values = value if isinstance(index, slice) else [value]
        write_arrays(self._name, targets, values)

    def _refuse(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(
            f"{self._name} has one array for each layer above the input, {len(self)} in "
            "all, and their number and order cannot change. Write into its elements or "
            "assign to them."
        )

    append = extend = insert = pop = remove = clear = sort = reverse = _refuse
    __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce__(self) -> Any:
        return list, ([np.array(view) for view in self],)


def write_arrays(name: str, targets: list[Any], values: Any) -> None:
    """Copy the values into the target arrays; if one is wrong, copy none."""
    arrays = check_arrays_like(name, values, [target.shape for target in targets])
    for target, array in zip(targets, arrays, strict=True):
        target[...] = array


class FittedNetwork(Protocol):
    """An estimator that may be fitted."""

    _network: Network
    _theta: Array

    def __sklearn_is_fitted__(self) -> bool: ...


class ParametersOfLayers:
    """The descriptor behind `coefs_` and `intercepts_`.

    On a fitted estimator, reading gives views of the flat vector, and assigning copies
    into it. Before fit the attribute is absent, unless it was assigned: partial_fit and a
    warm start begin with the assigned arrays.
    """

    def __init__(self, parameter: str):
        self.parameter = parameter

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, model: Any, owner: type) -> Any:
        if model is None:
            return self
        if model.__sklearn_is_fitted__():
            return ParameterList(self.name, self._views(model))
        if self.name in vars(model):
            return vars(model)[self.name]
        raise AttributeError(
            f"{owner.__name__} has no {self.name} before it is fitted."
        )

    def __set__(self, model: FittedNetwork, value: Any) -> None:
        if model.__sklearn_is_fitted__():
            write_arrays(self.name, self._views(model), value)
        else:
            model.__dict__[self.name] = value

    def _views(self, model: FittedNetwork) -> list[Any]:
        views = model._network.views(model._theta)
        return [params[self.parameter] for params in views.layers]


def theta_of(network: Network, coefs: Any, intercepts: Any, dtype: Any) -> Array:
    """A flat vector with copies of the arrays, a W and a b for each layer."""
    theta = np.empty(network.n_parameters, dtype)
    layers = network.views(theta).layers
    write_arrays("coefs_", [params["W"] for params in layers], coefs)
    write_arrays("intercepts_", [params["b"] for params in layers], intercepts)
    return theta


def check_arrays_like(name: str, values: Any, shapes: list[tuple[int, ...]]) -> Any:
    """Copies of the values as arrays of numbers, one for each of the shapes.

    Raises
    ------
    ValueError
        If there are more or fewer values than shapes, or one has another shape.
    """
    if not isinstance(values, Iterable):
        raise TypeError(f"{name} must be given a list of arrays. Got {values!r}.")
    arrays = [np.array(value) for value in values]
    if len(arrays) != len(shapes):
        raise ValueError(
            f"{name} must be given {len(shapes)} arrays, one for each layer above the "
            f"input. Got {len(arrays)}."
        )
    for i, (array, shape) in enumerate(zip(arrays, shapes, strict=True)):
        if array.shape != shape or array.dtype.kind not in "biuf":
            raise ValueError(
                f"Array {i} for {name} must be numbers of shape {shape}. "
                f"Got shape {array.shape} and dtype {array.dtype}."
            )
    return arrays
