"""Names for the types in public signatures.

The modules of the estimators postpone the evaluation of annotations, so that `help` shows
these names and not what they stand for.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike as ArrayLike
from numpy.typing import NDArray

from ..core.activations import Activation


class Frame(Protocol):
    """A frame of pandas, polars, pyarrow, or another library that narwhals reads."""

    @property
    def columns(self) -> Any: ...


class ArrowStream(Protocol):
    """An object with the Arrow stream interface."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...


class Sparse(Protocol):
    """A sparse matrix or array of SciPy."""

    def tocsr(self) -> Any: ...


class Splitter(Protocol):
    """A splitter of scikit-learn, such as GroupKFold or TimeSeriesSplit."""

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Any: ...


PathLike = str | os.PathLike[str]
"""The path of a file."""


class ArrowDataset(Protocol):
    """A `pyarrow.dataset.Dataset`."""

    def to_batches(self, **options: Any) -> Any: ...


SourceLike = PathLike | Sequence[PathLike] | ArrowDataset
"""A table in files: a path, a list of paths, or a dataset."""

TableLike = ArrayLike | Frame | ArrowStream | SourceLike
"""X of the tabular estimators: a table with numbers, text and missing values."""

MatrixLike = TableLike | Sparse
"""X of the MLPs: numbers."""

TargetLike = ArrayLike | Frame | ArrowStream | Sparse
"""y: labels, numbers, or an indicator of several labels."""

Predictions = NDArray[Any]
"""An array with an entry or a row for each row of X."""

LayerSizes = int | Sequence[int] | NDArray[np.integer[Any]]
"""The number of units of each hidden layer."""

ActivationLike = str | Activation
"""An activation by name, or an object of the user."""

ScheduleLike = str | Callable[[float], float]
"""A schedule by name, or a function of the training progress."""

ClassWeight = Literal["balanced"] | Mapping[Any, float] | Sequence[Mapping[Any, float]]
"""Weights by class label; a sequence has one mapping for each of several labels."""

ScoringLike = str | Callable[[Any, Any, Any], float]
"""A scorer by name, or a callable with the arguments estimator, X and y."""

SplitsLike = int | Splitter | Iterable[tuple[ArrayLike, ArrayLike]]
"""A number of folds, a splitter, or pairs of training and validation row numbers."""

Levels = float | Sequence[float] | NDArray[np.floating[Any]]
"""One quantile or several."""

Categorical = Literal["from_dtype"] | ArrayLike
"""Which columns are categorical."""


Seed = int | np.random.RandomState
"""A random state."""
