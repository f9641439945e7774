"""Checkpoints: a file from which a fit goes on after its process has ended."""

import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np
import scipy
from numpy.lib.format import read_array, write_array
from scipy.sparse import issparse
from threadpoolctl import threadpool_info

from .._version import __version__
from ..core.snapshots import Tree, taken
from .errors import LIBRARIES, InvalidParameterError, shown, warn
from .files import replacing, try_to_replace

HEADER = "checkpoint.json"
FORMAT = "skmlp checkpoint 1"

FORM = {"facts": dict, "about": dict, "seconds": float, "parts": list}
"""The parts of a file, and their types."""

SECONDS, SHARE = 10.0, 50.0
"""A file is written at most that often, and takes at most 1/50 of the time."""

LONGEST = 80
"""The most characters of two values in a message."""

DEEPEST = 12
"""How deep the parts of objects are compared."""

NOT_COMPARED = ("n_jobs", "verbose", "store_oof")
"""Parameters that do not change what training finds."""

Facts = Mapping[str, str]
"""What a fit depends on: a text for each name."""


class Checkpoint:
    """The file of a fit, for one part of it after another, each with a number.

    `facts` must be those of the fit that wrote the file. `about` may differ: the result is
    then the same only to rounding.
    """

    def __init__(self, path: Path, facts: Facts, about: Facts):
        self.path, self.facts, self.about = path, facts, about
        self.parts: list[dict[str, Tree]] = []
        self.seconds_before = 0.0
        if path.exists():
            found = read(path)
            self._check(found)
            self.parts, self.seconds_before = found["parts"], found["seconds"]
        self._start = self._last = perf_counter()
        self._cost = 0.0

    def part(self, number: int) -> "CheckpointPart":
        """The keeper of a part of the fit."""
        return CheckpointPart(self, number)

    def write(self, number: int, parts: dict[str, Any]) -> None:
        """Write the file, with these values in that part."""
        start = perf_counter()
        self.parts[number:] = [{name: taken(one) for name, one in parts.items()}]
        seconds = self.seconds_before + start - self._start
        content = {"facts": dict(self.facts), "about": dict(self.about)}
        try:
            with replacing(self.path) as file:
                write(file, {**content, "seconds": seconds, "parts": self.parts})
        except OSError as error:
            warn(
                f"The checkpoint {str(self.path)!r} could not be written: "
                f"{error.strerror or error}. Training goes on."
            )
        self._last = perf_counter()
        self._cost = self._last - start

    @property
    def is_due(self) -> bool:
        """Whether it is time to write the file again."""
        return perf_counter() - self._last >= max(SECONDS, SHARE * self._cost)

    def _check(self, found: Mapping[str, Any]) -> None:
        """Raise ValueError if the file is of another fit; warn if versions differ."""
        differing = _differences(found["facts"], self.facts)
        if differing:
            raise ValueError(
                "checkpoint must be a new file, or that of the same fit. Got "
                f"{str(self.path)!r}, of a fit with {'; '.join(differing)}. Give another "
                "path, or delete the file to start again."
            )
        if others := _differences(found["about"], self.about):
            warn(
                f"The checkpoint {str(self.path)!r} was written with {'; '.join(others)}. "
                "The result can differ in rounding from that of one process."
            )


class CheckpointPart:
    """The keeper of a part of a fit."""

    def __init__(self, checkpoint: Checkpoint, number: int):
        self.checkpoint, self.number = checkpoint, number

    def kept(self) -> dict[str, Tree]:
        parts = self.checkpoint.parts
        return parts[self.number] if self.number < len(parts) else {}

    def keep(self, parts: dict[str, Any], *, done: bool = False) -> None:
        if done or self.checkpoint.is_due:
            self.checkpoint.write(self.number, parts)


def checked_path(path: Any, random_state: Any) -> Path | None:
    """The path of a checkpoint that can be written; None if none is given.

    Raises
    ------
    ValueError
        If it cannot be written, or `random_state` is None.
    TypeError
        If it is no path.
    """
    if path is None:
        return None
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"checkpoint must be a path or None. Got {shown(path)}.")
    if random_state is None:
        raise InvalidParameterError(
            "random_state must be an int or a RandomState with checkpoint: another "
            "process must draw the same numbers. Got None."
        )
    # Code of the user may change the folder while training.
    found = Path(os.path.abspath(path))
    with _named(found):
        try_to_replace(found)
        if found.exists() and not found.is_file():
            raise OSError("this is no regular file")
    if found.exists():
        read(found)
    return found


def facts_of(settings: Mapping[str, Any], data: Mapping[str, Any]) -> Facts:
    """What a fit depends on, from its parameters and its data."""
    compared = {
        name: value for name, value in settings.items() if name not in NOT_COMPARED
    }
    return {name: described(value) for name, value in {**compared, **data}.items()}


def environment() -> Facts:
    """What rounding depends on: versions, the path of training and the BLAS kernel."""
    # The first fit imports the compiled steps.
    from ..core.compiled.library import status

    modules = {"numpy": np, "scipy": scipy}
    versions = {name: str(module.__version__) for name, module in modules.items()}
    kernels = [str(one.get("architecture")) for one in threadpool_info()]
    return {
        "skmlp": __version__,
        **versions,
        "training steps": status(),
        "kernel": ", ".join(sorted(set(kernels) - {"None"})),
    }


def described(value: Any, depth: int = 0) -> str:
    """A text that differs where values differ, and is the same in other processes."""
    if depth > DEEPEST:
        return f"{type(value).__module__}.{type(value).__qualname__}"
    if value is None or isinstance(value, bool | int | float | str | bytes):
        return repr(value)
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, np.ndarray) and value.dtype != object:
        data = np.ascontiguousarray(value).tobytes()
        return f"{value.dtype} {value.shape} {_digest(data)}"
    if issparse(value):
        value = [value.shape, value.data, value.indices, value.indptr]
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(described(one, depth + 1) for one in value))}}}"
    if isinstance(value, dict):
        value = list(value.items())
    if isinstance(value, list | tuple | np.ndarray):
        return f"({', '.join(described(one, depth + 1) for one in value)})"
    name = f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    if isinstance(value, ModuleType | BuiltinFunctionType | np.ufunc):
        return f"{name} {value.__name__}"
    inner = _parts_of_function(value) if callable(value) else None
    if isinstance(value, type):
        inner = _methods(value)
    elif inner is None:
        name, inner = type(value).__qualname__, [type(value), *_state(value)]
    return f"{name} {described(inner, depth + 1)}"


def _parts_of_function(value: Any) -> list[Any] | None:
    """What the result of a function depends on; None for other callables."""
    if isinstance(value, partial):
        return [value.func, value.args, value.keywords]
    if isinstance(value, MethodType):
        return [value.__func__, value.__self__]
    if not isinstance(value, FunctionType):
        return None
    cells = [cell.cell_contents for cell in value.__closure__ or ()]
    return [
        *_parts_of_code(value.__code__),
        value.__defaults__,
        value.__kwdefaults__,
        cells,
    ]


def _parts_of_code(code: CodeType) -> list[Any]:
    """What a function does; functions within it are among its constants."""
    consts = [
        _parts_of_code(one) if isinstance(one, CodeType) else one
        for one in code.co_consts
    ]
    return [code.co_code, code.co_names, consts]


def _methods(kind: type) -> list[Any]:
    """The functions of a class of the user."""
    if kind.__module__.partition(".")[0] in LIBRARIES:
        return []
    return [one for one in vars(kind).values() if isinstance(one, FunctionType)]


def _state(value: Any) -> list[Any]:
    """What an object holds; nothing for a generator, a file and the like."""
    try:
        reduced = value.__reduce_ex__(2)
    except Exception:
        # Any class can refuse to be copied, in its own way.
        return []
    return [reduced] if isinstance(reduced, str) else list(reduced[1:3])


def _digest(data: Any) -> str:
    return blake2b(data, digest_size=16).hexdigest()


def _differences(before: Facts, now: Facts) -> list[str]:
    """What differs, with its value before and now where it is short."""
    found = []
    for name in dict.fromkeys([*before, *now]):
        old, new = before.get(name, "none"), now.get(name, "none")
        if old == new:
            continue
        short = len(old) + len(new) < LONGEST
        found.append(f"{name}={old} instead of {new}" if short else f"different {name}")
    return found


def write(file: Any, content: Mapping[str, Any]) -> None:
    """Write a tree: a ZIP file with its plain values as JSON, and its arrays."""
    arrays: list[Any] = []

    def plain(tree: Tree) -> Any:
        if isinstance(tree, np.ndarray):
            arrays.append(tree)
            return {"array": len(arrays) - 1}
        if isinstance(tree, dict):
            return {name: plain(one) for name, one in tree.items()}
        return [plain(one) for one in tree] if isinstance(tree, list) else tree

    header = json.dumps({"format": FORMAT, "content": plain(content)})
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(HEADER, header)
        for number, array in enumerate(arrays):
            with archive.open(f"{number}.npy", "w", force_zip64=True) as entry:
                write_array(entry, array, allow_pickle=False)


def read(path: Path) -> dict[str, Any]:
    """The tree in a file; raises ValueError if it is no checkpoint or damaged."""
    with _named(path), zipfile.ZipFile(path) as archive:
        header = json.loads(archive.read(HEADER))
        if header["format"] != FORMAT:
            raise ValueError(f"its format is {shown(header['format'])}, not {FORMAT!r}")

        def full(tree: Any) -> Tree:
            if isinstance(tree, dict) and set(tree) == {"array"}:
                with archive.open(f"{int(tree['array'])}.npy") as entry:
                    return read_array(entry, allow_pickle=False)
            if isinstance(tree, dict):
                return {name: full(one) for name, one in tree.items()}
            return [full(one) for one in tree] if isinstance(tree, list) else tree

        found: dict[str, Any] = full(header["content"])
        for name, kind in FORM.items():
            if not isinstance(found[name], kind):
                raise ValueError(f"{name} is {shown(found[name])}")
        return found


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Name the file in errors of reading and writing it."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise ValueError(
            "checkpoint must be a file that can be written, in a folder that exists. Got "
            f"{str(path)!r}: {reason}."
        ) from error
    except Exception as error:
        # A damaged file can raise any error.
        raise ValueError(
            "checkpoint must be a new file, or one that fit has written. Got "
            f"{str(path)!r}, which is none or is damaged: {error}."
        ) from error
