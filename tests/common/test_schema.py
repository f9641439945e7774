"""The check of a .skops file alone; tests/package/test_stored.py tries it with models."""

import io
import json
import zipfile

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
