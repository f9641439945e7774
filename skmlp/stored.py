"""Stored models: the classes that they consist of, and a reader for .skops files.

A .skops file names classes and says how to build objects. The reader checks each node of
the file before skops sees it, so that nothing is called or imported but the classes of
`trusted_types`. docs/security.md says what this promises.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from math import prod
from typing import Any, NoReturn
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np

from .common.labels import Labels
from .core.activations import ACTIVATIONS
from .core.embeddings import Categories, Columns, Periodic
from .core.heads import HEADS, Gaussian
from .core.initializers import DataDriven, GlorotUniform, Zeros
from .core.layers import Dense, Dropout
from .core.network import Network
from .core.optimizers import OPTIMIZERS
from .core.scaling import ParametricActivation, Scale
from .core.training import Patience, TrainingState
from .estimators import (
    MLPClassifier,
    MLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from .estimators.tabular_regressor import TargetScale
from .tabular.column_encoders import Labelled, Numeric
from .tabular.encoder import TableEncoder

ESTIMATORS = (MLPClassifier, MLPRegressor, TabularMLPClassifier, TabularMLPRegressor)
LAYERS = (Dense, Dropout, Scale, ParametricActivation, Periodic, Categories, Columns)
CLASSES = (
    *ESTIMATORS,
    *(TableEncoder, Labelled, Numeric, TargetScale, Labels),
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

SCALARS = {"builtins.str", "builtins.int", "builtins.float", "builtins.bool"} | {
    f"numpy.{one.__name__}" for one in set(np.sctypeDict.values()) if one is not np.void
}
"""Types of the keys of dicts, and of single numbers."""

RANDOM_STATE = "numpy.random.mtrand.RandomState"
PROTOCOL = 2
MAX_EXPANDED = 2**24
"""The most bytes that a compressed archive may expand to."""

MAX_DEPTH = 60
"""Nodes within nodes; a model has about 15."""


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
        The file. A compressed one may expand to 16 MB; skops does not compress.

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
    from skops.io import loads

    try:
        with ZipFile(io.BytesIO(data)) as archive:
            _check_archive(archive, len(data))
            schema = json.loads(archive.read("schema.json"))
            if schema.get("protocol") is not PROTOCOL:
                _refuse(f"it has no protocol {PROTOCOL} of skops")
            _Checker(archive).check(schema)
        return loads(data, trusted=trusted_types())
    except _RefusedError as error:
        raise ValueError(str(error)) from None
    except Exception as error:
        # A damaged file can raise any error in zipfile, json, NumPy and skops.
        raise ValueError(f"it is damaged ({type(error).__name__}: {error})") from None


def check_model(model: Any) -> None:
    """Raise ValueError unless this is a fitted estimator of which all parts fit together.

    Files can be well-formed and wrong: this check comes before anything uses the sizes.
    """
    if type(model) not in ESTIMATORS:
        raise ValueError(f"it has no estimator of skmlp but {type(model).__name__}")
    if not model.__sklearn_is_fitted__():
        raise ValueError("its estimator is not fitted")
    try:
        _check_fields(model, 0)
        model._check_sizes()
        if isinstance(model, TabularMLPRegressor):
            model._scale.check_sizes(model.n_outputs_)
    except Exception as error:
        # Whatever an attribute of the wrong type raises.
        raise ValueError(f"its parts do not fit together ({error})") from None


class _RefusedError(Exception):
    """The file has something that no stored model has."""


def _refuse(why: str) -> NoReturn:
    raise _RefusedError(why)


def _check_archive(archive: ZipFile, size: int) -> None:
    """Refuse an archive with duplicate or too large members, before any is read.

    What skops writes is not compressed: the members are as large as the archive.
    """
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(set(names)) < len(names):
        _refuse("a member of the archive occurs twice")
    if any(one.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for one in members):
        _refuse("it is compressed by another method than deflate")
    n_bytes, most = sum(member.file_size for member in members), max(size, MAX_EXPANDED)
    if n_bytes > most:
        _refuse(f"its {size:,} bytes expand to {n_bytes:,}; {most:,} are allowed")


class _Checker:
    """Checks each node of the schema: its kind, its class, its parts and their sizes."""

    def __init__(self, archive: ZipFile):
        self.archive = archive
        self.seen: dict[int, Any] = {}

    def check(self, node: Any, depth: int = 0) -> Any:
        """Refuse a node that no stored model has; return the node that skops takes."""
        if not isinstance(node, dict) or depth > MAX_DEPTH:
            _refuse("its schema is not one of a model")
        taken = self.resolve(node)
        loader, name = taken.get("__loader__"), _name(taken)
        check = CHECKS.get(loader)
        if check is None:
            _refuse(f"it contains {name!r} by {loader!r}, which no model of skmlp has")
        if taken is node:
            check(self, node, name, depth + 1)
        return taken

    def resolve(self, node: Any) -> Any:
        """The node that skops takes: the first one with the id, in the order of reading."""
        key = node.get("__id__")
        if not isinstance(key, int | None):
            _refuse("an id is no integer")
        return self.seen.setdefault(key, node) if key else node

    def object(self, node: Any, name: str, depth: int) -> None:
        if name not in TRUSTED:
            _refuse(
                f"it contains {name!r}, which is not one of the classes of a model of "
                "skmlp (skmlp.trusted_types)"
            )
        if node.get("content") is None:
            return
        content = self.check(node["content"], depth)
        if _is_null(content):
            return
        if content["__loader__"] != "DictNode":
            _refuse(f"the attributes of {name} are no dict")
        for attribute in content["content"]:
            if not _is_attribute(TRUSTED[name], attribute):
                _refuse(f"{name} has no attribute {attribute!r} to store")

    def dict(self, node: Any, name: str, depth: int) -> None:
        _need(name == "builtins.dict", name)
        keys = self.resolve(node["key_types"])
        _need(keys["__loader__"] == "ListNode" and _name(keys) == "builtins.list", name)
        for key in map(self.resolve, keys["content"]):
            if key["__loader__"] != "TypeNode" or _name(key) not in SCALARS:
                _refuse(f"the keys of a dict are {_name(key)!r}")
        _need(len(keys["content"]) == len(node["content"]), name)
        for value in node["content"].values():
            self.check(value, depth)

    def sequence(self, node: Any, name: str, depth: int) -> None:
        kinds = {"ListNode": "builtins.list", "TupleNode": "builtins.tuple"}
        _need(name == kinds[node["__loader__"]], name)
        for value in node["content"]:
            self.check(value, depth)

    def json(self, node: Any, name: str, depth: int) -> None:
        _need(name == "builtins.str" and isinstance(node["content"], str), name)
        value = json.loads(node["content"])
        _need(value is None or isinstance(value, str | int | float), name)

    def array(self, node: Any, name: str, depth: int) -> None:
        if node["type"] == "numpy":
            _need(name == "numpy.ndarray" or name in SCALARS, name)
            with self.archive.open(node["file"]) as file:
                _check_array(file, self.archive.getinfo(node["file"]).file_size)
            return
        _need(node["type"] == "json" and name == "numpy.ndarray", name)
        for value in node["content"]:
            self.check(value, depth)
        self.check(node["shape"], depth)

    def random_state(self, node: Any, name: str, depth: int) -> None:
        _need(name == RANDOM_STATE, name)
        state = self.check(node["content"], depth)
        for key in ("state", "pos"):
            state = self.resolve(state["content"][key])
        position = json.loads(state["content"])
        # NumPy does not check it, and would read beyond its state.
        _need(isinstance(position, int) and 0 <= position <= 624, name)


CHECKS: dict[Any, Callable[[_Checker, Any, str, int], None]] = {
    "ObjectNode": _Checker.object,
    "DictNode": _Checker.dict,
    "ListNode": _Checker.sequence,
    "TupleNode": _Checker.sequence,
    "JsonNode": _Checker.json,
    "NdArrayNode": _Checker.array,
    "RandomStateNode": _Checker.random_state,
}
"""The kinds of nodes of a model, and the check of each."""


def _check_array(file: Any, size: int) -> None:
    """Refuse an array of objects, or one whose header does not fit the size of the file."""
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    else:
        shape, _, dtype = np.lib.format.read_array_header_2_0(file)
    n_bytes = prod(shape) * dtype.itemsize
    if dtype.kind not in "biufUS" or min(shape, default=0) < 0:
        _refuse(f"it has an array of {dtype} and shape {shape}")
    if n_bytes != size - file.tell():
        _refuse(f"an array of {n_bytes:,} bytes has {size - file.tell():,}")


def _name(node: Mapping[str, Any]) -> str:
    """The class of a node, with its module."""
    return f"{node.get('__module__')}.{node.get('__class__')}"


def _need(condition: bool, name: str) -> None:
    if not condition:
        _refuse(f"a part of the class {name!r} is not as skops writes it")


def _is_null(node: Mapping[str, Any]) -> bool:
    return node.get("__loader__") == "JsonNode" and node.get("content") == "null"


def _is_attribute(kind: type, name: str) -> bool:
    """Whether objects of the class store it; no attribute hides one of the class."""
    if is_dataclass(kind):
        names = {field.name for field in fields(kind)}
        return name in names or name in EARLIER.get(kind, ())
    return name in ("coefs_", "intercepts_") or not hasattr(kind, name)


def _check_fields(part: Any, depth: int) -> None:
    """Raise TypeError if a field of a dataclass that is a number or text is not one."""
    if depth > MAX_DEPTH:
        raise TypeError("they are nested too deeply")
    if isinstance(part, list | tuple):
        parts: Any = part
    elif isinstance(part, dict):
        parts = part.values()
    elif type(part) in TRUSTED.values():
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
        _check_fields(one, depth + 1)


KINDS: dict[Any, Any] = {
    int: int | np.integer,
    float: int | float | np.integer | np.floating,
    bool: bool | np.bool_,
    str: str,
}
"""For the types of fields, the types of their values."""
