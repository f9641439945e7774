"""The fitted state: `coefs_` and `intercepts_`, and its way back after an error.

The estimator stores one flat vector; these are lists of writable views of it, made when
asked for, since a stored view would not survive pickling or copying.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np


class ParameterList(list[Any]):
    """A list of views; assigning an element writes into its view.

    Copies, pickles and concatenations are plain lists. What would change the number or
    the order of the elements is a TypeError: the network has the layers it has.
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
    """Copy the values into the target arrays, all of them or, if one is wrong, none."""
    arrays = check_arrays_like(name, values, [target.shape for target in targets])
    for target, array in zip(targets, arrays, strict=True):
        target[...] = array


class ParametersOfLayers:
    """The descriptor behind `coefs_` and `intercepts_`.

    On a fitted estimator it gives views of the flat vector and copies what is assigned.
    Before fit the attribute is absent, unless it was assigned: then those arrays are
    what partial_fit or a warm start begins with.
    """

    def __init__(self, parameter: str):
        self.parameter = parameter

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, estimator: Any, owner: type) -> Any:
        if estimator is None:
            return self
        if estimator.__sklearn_is_fitted__():
            return ParameterList(self.name, self._views(estimator))
        if self.name in vars(estimator):
            return vars(estimator)[self.name]
        raise AttributeError(
            f"{owner.__name__} has no {self.name} before it is fitted."
        )

    def __set__(self, estimator: Any, value: Any) -> None:
        if estimator.__sklearn_is_fitted__():
            write_arrays(self.name, self._views(estimator), value)
        else:
            estimator.__dict__[self.name] = value

    def _views(self, estimator: Any) -> list[Any]:
        views = estimator._network.views(estimator._theta)
        return [params[self.parameter] for params in views.layers]


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
