"""Stored models: the classes that they consist of, and a reader for .skops files.

A .skops file names classes and says how to build objects. The reader checks each node of
the file before skops sees it, so that nothing is called or imported but the classes of
`trusted_types`. docs/security.md says what this promises.
"""

from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

import numpy as np

from .common.labels import Labels
from .common.schema import RefusedError, check_file
from .core.activations import ACTIVATIONS
from .core.embeddings import Categories, Columns, Periodic
from .core.heads import HEADS, Gaussian
from .core.initializers import DataDriven, GlorotUniform, Zeros
from .core.layers import Dense, Dropout
from .core.network import Network
from .core.optimizers import OPTIMIZERS
from .core.piecewise import PiecewiseLinear
from .core.scaling import ParametricActivation, Scale
from .core.training import Patience, TrainingState
from .estimators import (
    MLPClassifier,
    MLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from .estimators.tabular_regressor import TargetScale
from .tabular.codes import Coded
from .tabular.column_encoders import Numeric
from .tabular.conformal import Calibration
from .tabular.dates import Dated
from .tabular.encoder import TableEncoder
from .tabular.labelled import Labelled
from .tabular.repeated_rows import Repeated
from .tabular.texts import Text

ESTIMATORS = (MLPClassifier, MLPRegressor, TabularMLPClassifier, TabularMLPRegressor)
LAYERS = (
    *(Dense, Dropout, Scale, ParametricActivation),
    *(Periodic, PiecewiseLinear, Categories, Columns),
)
CLASSES = (
    *ESTIMATORS,
    *(TableEncoder, Labelled, Numeric, Dated, Text, Coded, Repeated),
    *(TargetScale, Labels, Calibration),
    *(Network, *LAYERS, GlorotUniform, DataDriven, Zeros),
    *dict.fromkeys(type(one) for one in (*ACTIVATIONS.values(), *HEADS.values())),
    *(TrainingState, Patience, *OPTIMIZERS.values()),
)
"""The classes of stored models. Building an object of them runs no code of the file."""

MOVED: dict[str, tuple[type, ...]] = {
    "skmlp._encoder": (TableEncoder, Labelled, Numeric),
    "skmlp._labels": (Labels,),
}
"""Modules of earlier releases, whose names stored models have."""

EARLIER: dict[type, tuple[str, ...]] = {Gaussian: ("out_activation", "y_allowed")}
"""Fields that classes had in earlier releases."""

TRUSTED: dict[str, type] = {
    **{f"{one.__module__}.{one.__qualname__}": one for one in CLASSES},
    **{f"{old}.{one.__qualname__}": one for old, some in MOVED.items() for one in some},
}

MAX_MESSAGE, MAX_LABEL, MAX_LABELS = 300, 10_000, 100_000
"""The most characters of a message and of a class label, and the most labels."""


def trusted_types() -> list[str]:
    """Get the names of the classes that stored models consist of.

    Pass them as `trusted` to `skops.io.load`, for models of this package alone. The list is
    fixed: it contains classes only, and building an object of them runs no code of the
    file. A name that begins with "skmlp." and is not in the list is not to be trusted.

    Returns
    -------
    list of str
        The names, with the module.

    See Also
    --------
    MLPClassifier : One of the estimators that can be stored.

    Examples
    --------
    >>> from skmlp import trusted_types
    >>> "skmlp.estimators.classifier.MLPClassifier" in trusted_types()
    True
    """
    return sorted(TRUSTED)


def read_skops(data: bytes) -> Any:
    """The content of a .skops file, without running code that it brings.

    Parameters
    ----------
    data : bytes
        The file. A compressed one may expand to 4 MB; skops does not compress.

    Returns
    -------
    object
        The content; `check_model` says whether a model in it is consistent.

    Raises
    ------
    ImportError
        If skops is not installed.
    ValueError
        If the file is damaged, or has something else than a model consists of.
    """
    from skops.io import load

    try:
        return load(check_file(data, ATTRIBUTES), trusted=trusted_types())
    except RefusedError as error:
        raise ValueError(str(error)[:MAX_MESSAGE]) from None
    except Exception as error:
        # A damaged file can raise any error in zipfile, json, NumPy and skops.
        why = f"{type(error).__name__}: {error}"[:MAX_MESSAGE]
        raise ValueError(f"it is damaged ({why})") from None


def _is_attribute(kind: type, name: str) -> bool:
    """Whether objects of the class store it; no attribute hides one of the class."""
    if is_dataclass(kind):
        names = {field.name for field in fields(kind)}
        return name in names or name in EARLIER.get(kind, ())
    return name in ("coefs_", "intercepts_") or not hasattr(kind, name)


ATTRIBUTES = {name: partial(_is_attribute, kind) for name, kind in TRUSTED.items()}
"""For each class, whether its objects store an attribute of a name."""


def check_model(model: Any) -> None:
    """Raise ValueError unless this is a fitted estimator of which all parts fit together.

    Files can be well-formed and wrong: this check comes before anything uses the sizes.
    """
    if type(model) not in ESTIMATORS:
        raise ValueError(f"it has no estimator of skmlp but {type(model).__name__}")
    if not model.__sklearn_is_fitted__():
        raise ValueError("its estimator is not fitted")
    try:
        _check_fields(model, set())
        _check_names(model)
        model._check_sizes()
        if isinstance(model, TabularMLPRegressor):
            model._scale.check_sizes(model.n_outputs_)
        if isinstance(model, MLPClassifier | TabularMLPClassifier):
            _check_labels(model.classes_, model.n_outputs_)
            _check_labels(model._labels.classes, model.n_outputs_)
        if isinstance(model, TabularMLPClassifier | TabularMLPRegressor):
            _check_names(model.encoder_)
            if _names(model) != _names(model.encoder_):
                raise ValueError("the encoder has other names of features")
    except Exception as error:
        # Whatever an attribute of the wrong type raises.
        why = str(error)[:MAX_MESSAGE]
        raise ValueError(f"its parts do not fit together ({why})") from None


def _check_fields(part: Any, seen: set[int]) -> None:
    """Raise TypeError if a field of a dataclass that is a number or text is not one."""
    if id(part) in seen:
        return
    seen.add(id(part))
    if isinstance(part, list | tuple):
        parts: Any = part
    elif isinstance(part, dict):
        parts = part.values()
    elif type(part) in CLASSES:
        parts = vars(part).values()
    else:
        return
    if is_dataclass(part):
        for field in fields(part):
            value = getattr(part, field.name)
            if field.type in KINDS and not isinstance(value, KINDS[field.type]):
                name = f"{type(part).__name__}.{field.name}"
                raise TypeError(f"{name} is {type(value).__name__}")
    for one in parts:
        _check_fields(one, seen)


def _check_names(owner: Any) -> None:
    """Raise ValueError unless the names of features are text, one for each feature."""
    names = vars(owner).get("feature_names_in_")
    if names is not None and (
        np.shape(names) != (owner.n_features_in_,)
        or not all(isinstance(name, str) for name in names)
    ):
        raise ValueError("the names of features are not one text for each feature")


def _names(owner: Any) -> Any:
    """The names of features seen in fit, or None."""
    names = vars(owner).get("feature_names_in_")
    return names if names is None else names.tolist()


def _check_labels(classes: Any, n_outputs: int) -> None:
    """Raise ValueError unless there are as many labels, short and different, as outputs."""
    labels = classes.tolist()
    wanted = {n_outputs, 2} if n_outputs == 1 else {n_outputs}
    if classes.ndim != 1 or len(labels) not in wanted or n_outputs > MAX_LABELS:
        raise ValueError(f"it has labels of shape {classes.shape}")
    for label in labels:
        if not isinstance(label, str | int | float) or len(str(label)) > MAX_LABEL:
            raise ValueError(f"a label is no number and no text of {MAX_LABEL} letters")
        str(label).encode()
    if len(set(labels)) < len(labels):
        raise ValueError("two labels are equal")


KINDS: dict[Any, Any] = {
    int: int | np.integer,
    float: int | float | np.integer | np.floating,
    bool: bool | np.bool_,
    str: str,
}
"""For the types of fields, the types of their values."""
