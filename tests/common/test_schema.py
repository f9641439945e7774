"""The check of a .skops file alone; tests/package/test_stored.py tries it with models."""

import contextlib
import io
import json
import struct
import tracemalloc
import warnings
import zipfile
import zlib

import numpy as np
import pytest

from skmlp.common.schema import RefusedError, check_file

NODE = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode"}


def file_of(schema):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("schema.json", json.dumps(schema))
    return file.getvalue()


def test_a_class_is_known_by_its_whole_name():
    attributes = {"a.B": {"x"}.__contains__}
    node = {"__class__": "B", "__module__": "a", "__loader__": "ObjectNode"}
    check_file(file_of({**node, "protocol": 2}), attributes)
    for name in ("B.C", "Bc", "b"):
        with pytest.raises(RefusedError, match=f"contains 'a.{name}', which is not"):
            check_file(file_of({**node, "__class__": name, "protocol": 2}), attributes)


def test_a_field_that_nobody_reads_is_refused():
    with pytest.raises(RefusedError, match="is not as skops writes it"):
        check_file(file_of({**NODE, "content": [], "more": 1, "protocol": 2}), {})


def test_references_count():
    node = {**NODE, "content": [], "__id__": 1}
    for i in range(2, 42):
        node = {**NODE, "__id__": i, "content": [node, {"__id__": i - 1}]}
    with pytest.raises(RefusedError, match="more than 500,000 parts"):
        check_file(file_of({**node, "protocol": 2}), {})


def test_a_part_that_contains_itself_is_refused():
    node = {**NODE, "content": [{"__id__": 1}], "__id__": 1}
    with pytest.raises(RefusedError, match="contains itself"):
        check_file(file_of({**node, "protocol": 2}), {})


def archive_of(members):
    """An archive of (name, what the directory says, more that is compressed after it)."""
    body, directory = b"", b""
    for name, said, more in members:
        compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
        content = b"".join(map(compressor.compress, (said, *more))) + compressor.flush()
        sizes = (zlib.crc32(said), len(content), len(said), len(name), 0)
        versions = (20, 0, zipfile.ZIP_DEFLATED, 0, 0)
        directory += struct.pack("<4sH5H3L2H", b"PK\1\2", 20, *versions, *sizes)
        directory += struct.pack("<3H2L", 0, 0, 0, 0, len(body)) + name
        body += struct.pack("<4s5H3L2H", b"PK\3\4", *versions, *sizes) + name + content
    counts = (0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + struct.pack("<4s4H2LH", b"PK\5\6", *counts)


@pytest.mark.parametrize("larger", [b"schema.json", b"a.npy"])
def test_a_member_that_is_larger_than_the_directory_says(larger):
    array = io.BytesIO()
    np.save(array, np.arange(4.0))
    node = {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode"}
    node |= {"type": "numpy", "file": "a.npy", "protocol": 2}
    members = {b"schema.json": json.dumps(node).encode(), b"a.npy": array.getvalue()}
    more = [bytes(2**20)] * 256
    data = archive_of(
        [(name, said, more * (name == larger)) for name, said in members.items()]
    )
    tracemalloc.start()
    try:
        file = check_file(data, {})
        assert tracemalloc.get_traced_memory()[1] < 2**24
    finally:
        tracemalloc.stop()
    with zipfile.ZipFile(file) as archive:
        assert {name.encode(): archive.read(name) for name in archive.namelist()} == (
            members
        )


def test_a_header_of_python_2_gives_no_warning():
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1L,), }\n"
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(8)
    node = {"__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode"}
    node |= {"type": "numpy", "file": "a.npy", "protocol": 2}
    data = archive_of(
        [(b"schema.json", json.dumps(node).encode(), ()), (b"a.npy", array, ())]
    )
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with contextlib.suppress(UserWarning):  # NumPy before 1.25 reads it in silence
            check_file(data, {})
    assert warned == []
