"""The check of a .skops file before skops reads it.

skops builds what the schema of the file says. The check knows the few kinds of nodes that a
model consists of, and reads them by the rules of skops. It refuses all else.
"""

import io
import json
import warnings
from collections.abc import Callable, Mapping
from math import prod
from typing import Any, NoReturn
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np

SCALARS = {"builtins.str", "builtins.int", "builtins.float", "builtins.bool"} | {
    f"numpy.{one.__name__}" for one in set(np.sctypeDict.values()) if one is not np.void
}
"""Types of the keys of dicts, and of single numbers."""

RANDOM_STATE = "numpy.random.mtrand.RandomState"
PROTOCOL = 2
MAX_EXPANDED = 2**22
"""The most bytes that a compressed archive may expand to."""

MAX_DEPTH = 60
"""Nodes within nodes; a model has about 15."""

MAX_NODES, MAX_OBJECTS, MAX_KEYS = 500_000, 50_000, 10_000
"""The most nodes, references included, objects, and keys of a dict that are no text."""


class RefusedError(Exception):
    """The file has something that no stored model has."""


def _refuse(why: str) -> NoReturn:
    raise RefusedError(why)


def check_file(
    data: bytes, attributes: Mapping[str, Callable[[str], bool]]
) -> io.BytesIO:
    """Raise RefusedError if a file has something else than a model consists of.

    `attributes` has for the name of each class whether its objects store an attribute of a
    name. A damaged file raises other errors of zipfile, json and NumPy. Returns the file
    that was checked, which is not compressed.
    """
    file = _uncompressed(data)
    with ZipFile(file) as archive, warnings.catch_warnings():
        # NumPy warns of arrays with the header of an old release.
        warnings.simplefilter("error")
        schema = json.loads(archive.read("schema.json"))
        if schema.get("protocol") is not PROTOCOL:
            _refuse(f"it has no protocol {PROTOCOL} of skops")
        if not isinstance(schema.get("_skops_version", ""), str):
            _refuse("its version of skops is no text")
        _Checker(archive, attributes).check(schema)
    return file


def _uncompressed(data: bytes) -> io.BytesIO:
    """The archive without compression, in which members are as long as it says.

    A member can expand to more than the directory says. zipfile stops there only if it is
    asked for so many bytes, and skops asks for all.
    """
    file = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as archive, ZipFile(file, "w") as plain:
        _check_archive(archive, len(data))
        for member in archive.infolist():
            with archive.open(member) as content:
                plain.writestr(member.filename, content.read(member.file_size))
    return file


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
    """Checks each node of the schema: its kind, its class, its parts and their sizes.

    A node with the id of an earlier one stands for it. `sizes` has the number of nodes
    within each node, where every such reference counts: skops visits them all.
    """

    def __init__(
        self, archive: ZipFile, attributes: Mapping[str, Callable[[str], bool]]
    ):
        self.archive = archive
        self.attributes = attributes
        self.seen: dict[int, Any] = {}
        self.sizes: dict[int, int] = {}
        self.files: set[str] = set()
        self.n_objects = 0

    def check(self, node: Any, depth: int = 0) -> Any:
        """Refuse a node that no stored model has; return the node that skops takes."""
        if not isinstance(node, dict) or depth > MAX_DEPTH:
            _refuse("its schema is not one of a model")
        taken = self.resolve(node)
        loader, name = taken.get("__loader__"), _name(taken)
        if not isinstance(loader, str) or loader not in CHECKS:
            _refuse(f"it contains {name!r} by {loader!r}, which no model of skmlp has")
        if taken is node:
            method, known = CHECKS[loader]
            _need(taken.keys() <= {*FIELDS, *known}, name)
            size = 1 + sum(
                self.size(part) for part in method(self, node, name, depth + 1)
            )
            if size > MAX_NODES:
                _refuse(f"it has more than {MAX_NODES:,} parts")
            self.sizes[id(node)] = size
        return taken

    def size(self, node: Any) -> int:
        """The number of nodes within a checked node."""
        if id(node) not in self.sizes:
            _refuse("a part contains itself")
        return self.sizes[id(node)]

    def resolve(self, node: Any) -> Any:
        """The node that skops takes: the first one with the id, in the order of reading."""
        key = node.get("__id__")
        if not isinstance(key, int | None):
            _refuse("an id is no integer")
        return self.seen.setdefault(key, node) if key else node

    def object(self, node: Any, name: str, depth: int) -> list[Any]:
        self.n_objects += 1
        if name not in self.attributes:
            _refuse(
                f"it contains {name!r}, which is not one of the classes of a model of "
                "skmlp (skmlp.trusted_types)"
            )
        if self.n_objects > MAX_OBJECTS:
            _refuse(f"it has more than {MAX_OBJECTS:,} objects")
        if node.get("content") is None:
            return []
        content = self.check(node["content"], depth)
        if _is_null(content):
            return []
        if content["__loader__"] != "DictNode":
            _refuse(f"the attributes of {name} are no dict")
        for attribute in content["content"]:
            if not self.attributes[name](attribute):
                _refuse(f"{name} has no attribute {attribute!r} to store")
        return [content]

    def dict(self, node: Any, name: str, depth: int) -> list[Any]:
        _need(name == "builtins.dict", name)
        keys = self.resolve(node["key_types"])
        _need(keys["__loader__"] == "ListNode" and _name(keys) == "builtins.list", name)
        kinds = list(map(self.resolve, keys["content"]))
        for kind in kinds:
            if kind["__loader__"] != "TypeNode" or _name(kind) not in SCALARS:
                _refuse(f"the keys of a dict are {_name(kind)!r}")
            _need(kind.keys() <= {*FIELDS}, name)
        _need(len(kinds) == len(node["content"]), name)
        # Equal hashes of many numbers would take a time that is quadratic.
        if len(kinds) > MAX_KEYS and any(_name(one) != "builtins.str" for one in kinds):
            _refuse(f"a dict has more than {MAX_KEYS:,} keys that are no text")
        return [self.check(value, depth) for value in node["content"].values()]

    def sequence(self, node: Any, name: str, depth: int) -> list[Any]:
        kinds = {"ListNode": "builtins.list", "TupleNode": "builtins.tuple"}
        _need(name == kinds[node["__loader__"]], name)
        return [self.check(value, depth) for value in node["content"]]

    def json(self, node: Any, name: str, depth: int) -> list[Any]:
        _need(name == "builtins.str" and isinstance(node["content"], str), name)
        value = json.loads(node["content"])
        _need(value is None or isinstance(value, str | int | float), name)
        return []

    def array(self, node: Any, name: str, depth: int) -> list[Any]:
        if node["type"] == "numpy":
            self.numbers(node["file"], name)
            _need("content" not in node, name)
            return []
        _need(node["type"] == "json" and name == "numpy.ndarray", name)
        items = [self.check(value, depth) for value in node["content"]]
        for item in items:
            _need(item["__loader__"] == "JsonNode" or _name(item) in SCALARS, name)
        shape = self.check(node["shape"], depth)
        _need(shape["__loader__"] == "TupleNode" and len(shape["content"]) == 1, name)
        return [*items, shape]

    def numbers(self, file: str, name: str) -> None:
        """Refuse an array in a member that another one uses, or of the wrong shape."""
        _need(file not in self.files, name)
        self.files.add(file)
        with self.archive.open(file) as content:
            shape = _checked_shape(content, self.archive.getinfo(file).file_size)
        _need(name == "numpy.ndarray" or (name in SCALARS and shape == ()), name)

    def random_state(self, node: Any, name: str, depth: int) -> list[Any]:
        _need(name == RANDOM_STATE, name)
        content = self.check(node["content"], depth)
        _need(content["__loader__"] == "DictNode", name)
        state = self.resolve(content["content"]["state"])
        _need(state["__loader__"] == "DictNode", name)
        position = self.resolve(state["content"]["pos"])
        _need(position["__loader__"] == "JsonNode", name)
        # NumPy does not check it, and would read beyond its state.
        _need(json.loads(position["content"]) in range(625), name)
        return [content]


Check = Callable[[_Checker, Any, str, int], list[Any]]
CHECKS: dict[str, tuple[Check, tuple[str, ...]]] = {
    "ObjectNode": (_Checker.object, ("content",)),
    "DictNode": (_Checker.dict, ("content", "key_types")),
    "ListNode": (_Checker.sequence, ("content",)),
    "TupleNode": (_Checker.sequence, ("content",)),
    "JsonNode": (_Checker.json, ("content", "is_json")),
    "NdArrayNode": (_Checker.array, ("content", "type", "file", "shape")),
    "RandomStateNode": (_Checker.random_state, ("content",)),
}
"""The kinds of nodes of a model: the check, which returns the parts, and the fields."""

FIELDS = (
    "__class__",
    "__module__",
    "__loader__",
    "__id__",
    "protocol",
    "_skops_version",
)
"""The fields that a node of any kind may have."""


def _checked_shape(file: Any, size: int) -> tuple[int, ...]:
    """The shape of an array whose header fits the size of its file."""
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    else:
        shape, _, dtype = np.lib.format.read_array_header_2_0(file)
    lengths = range(MAX_NODES) if 0 in shape else range(size + 1)
    if dtype.kind not in "biufUS" or not dtype.itemsize:
        _refuse(f"it has an array of {dtype}")
    if not all(n in lengths for n in shape):
        _refuse(f"it has an array of shape {shape}")
    n_bytes = prod(shape) * dtype.itemsize
    if n_bytes != size - file.tell():
        _refuse(f"an array of {n_bytes:,} bytes has {size - file.tell():,}")
    return tuple(shape)


def _name(node: Mapping[str, Any]) -> str:
    """The class of a node, with its module."""
    return f"{node.get('__module__')}.{node.get('__class__')}"


def _need(condition: bool, name: str) -> None:
    if not condition:
        _refuse(f"a part of the class {name!r} is not as skops writes it")


def _is_null(node: Mapping[str, Any]) -> bool:
    return node.get("__loader__") == "JsonNode" and node.get("content") == "null"
