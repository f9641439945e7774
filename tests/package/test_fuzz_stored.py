"""Mutated model files: an error of one line, and nothing in them is called.

docs/contributing.md has the command of a longer campaign.
"""

import copy
import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmlp import MLPClassifier
from skmlp.__main__ import main
from skmlp.stored import check_model, read_skops
from tests.helpers import snapshot
from tests.package.test_stored import (
    ARRAYS,
    ATTACKS,
    EXAMPLES,
    LABELS,
    SMALL,
    TABLE,
    X,
    closed,
    fitted,
    nodes,
    opened,
    skops_io,
)

resource = pytest.importorskip("resource")
COLUMNS = {"x": "number", "city": "text", "street": "text"}
# The command predicts from frames, and a model without names would warn.
NAMED = fitted(MLPClassifier(**SMALL), pd.DataFrame(X, columns=["x", "z"]), LABELS)
FILES = [
    skops_io.dumps({"model": model, "target": "y", "columns": columns})
    for model, columns in (
        (NAMED, {"x": "number", "z": "number"}),
        (EXAMPLES["tabular classifier"], COLUMNS),
        (EXAMPLES["tabular regressor"], COLUMNS),
    )
]
VALUES = [
    *("", "x", "builtins", "os", "system", "numpy", "ndarray", "skmlp", "a.npy"),
    *("ObjectNode", "DictNode", "ListNode", "TupleNode", "JsonNode", "NdArrayNode"),
    *("TypeNode", "FunctionNode", "MethodNode", "RandomStateNode", "BytesNode"),
    *("1", "-1", "null", "NaN", "1e999", "true", '"x"', "[]", "{}", "1" * 400),
    *(0, 1, -1, 7, 2**31, 2**63, 10**30, 1.5, True, None),
]
"""Values to put anywhere in a schema."""

WATCHED: list[str] = []
WATCHING = [False]


def watch(event, arguments):
    """An audit hook that records what a reader of data must not do."""
    if WATCHING[0] and event.startswith(
        (
            "exec",
            "import",
            "open",
            "os.",
            "subprocess.",
            "socket.",
            "shutil.",
            "pickle.",
        )
    ):
        WATCHED.append(f"{event} {arguments!r}"[:200])


sys.addaudithook(watch)


def mutate_schema(schema, random):
    """Change one node: a value, an attribute, its place, or its kind."""
    every = list(nodes(schema))
    node = random.choice(every)
    what = random.randrange(6)
    if what == 0:
        node[random.choice(sorted(node))] = random.choice(VALUES)
    elif what == 1:
        del node[random.choice(sorted(node))]
    elif what == 2:
        other = copy.deepcopy(random.choice(every))
        node.clear()
        node.update(other)
    elif what == 3:
        other = copy.deepcopy(ATTACKS[random.choice(sorted(ATTACKS))])
        if isinstance(other, dict):
            node.clear()
            node.update(other)
    elif what == 4:
        numbers = [one for one in every if one.get("__loader__") == "JsonNode"]
        random.choice(numbers)["content"] = json.dumps(random.choice(VALUES))
    else:
        node["__id__"] = random.choice(every).get("__id__")


def mutate_bytes(data, random):
    """Change, remove or repeat some bytes."""
    data = bytearray(data)
    for _ in range(random.randrange(1, 4)):
        start = random.randrange(len(data))
        end = start + random.choice([0, 1, 1, 4, 100])
        data[start:end] = random.choice([b"", b"\0", b"\xff" * 4, data[:9], b"1e9"])
    return bytes(data)


def mutate_member(members, random):
    """Change the array in a member."""
    name = random.choice(sorted(members))
    if random.randrange(2):
        members[name] = ARRAYS[random.choice(sorted(ARRAYS))]
    else:
        members[name] = mutate_bytes(members[name], random)


LEVELS = ("schema", "member", "bytes", "schema and member")


@st.composite
def files(draw, level):
    """A model file with a few mutations at a level."""
    random = draw(st.randoms(use_true_random=False))
    data = draw(st.sampled_from(FILES))
    if level == "bytes":
        return mutate_bytes(data, random)
    schema, members = opened(data)
    if "member" in level:
        mutate_member(members, random)
    if "schema" in level:
        for _ in range(draw(st.integers(1, 3))):
            mutate_schema(schema, random)
    return closed(schema, members)


def use(data):
    """Read a file and check its model; return the error, or None."""
    try:
        content = read_skops(data)
        if isinstance(content, dict) and "model" in content:
            check_model(content["model"])
    except ValueError as error:
        return error
    return None


def predicted(data, folder):
    """The exit code of the command for a file, and its lines on standard error."""
    (folder / "m.skops").write_bytes(data)
    TABLE.assign(z=TABLE["x"]).to_csv(folder / "t.csv", index=False)
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["predict", str(folder / "m.skops"), str(folder / "t.csv")])
    return code, err.getvalue().splitlines()


@pytest.mark.parametrize("data", FILES, ids=["MLP", "classifier", "regressor"])
def test_files_without_a_mutation_predict(data, tmp_path):
    code, lines = predicted(data, tmp_path)
    assert code == 0
    assert all(line.startswith("skmlp: ignored columns") for line in lines)


@pytest.fixture(scope="module", autouse=True)
def imported():
    """What is imported once, for files and errors alike."""
    for data in (*FILES, b"nonsense", FILES[0][:-100], FILES[0].replace(b"1", b"2")):
        use(data)


@pytest.mark.parametrize("level", LEVELS)
@given(data=st.data())
def test_mutated_files(level, data, tmp_path_factory):
    data = data.draw(files(level))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    WATCHED.clear()
    WATCHING[0] = True
    try:
        error = use(data)
    finally:
        WATCHING[0] = False
    assert WATCHED == []
    assert error is None or "\n" not in str(error)
    code, lines = predicted(data, tmp_path_factory.getbasetemp())
    assert code == 2 if error else code in (0, 2)
    assert code == 0 or len(lines) <= 2
    assert not any("Traceback" in line for line in lines)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 2**20, f"{after - before} KiB"


GOING_ON = fitted(MLPClassifier(**SMALL, dropout=0.3, warm_start=True), X, LABELS)
TO_TRAIN = skops_io.dumps(GOING_ON)


@given(random=st.randoms(use_true_random=False))
def test_mutated_files_train_or_raise(random):
    # A changed state that the check of the file takes must not harm a later step.
    schema, members = opened(TO_TRAIN)
    for _ in range(random.randrange(1, 3)):
        if random.randrange(2):
            mutate_member(members, random)
        else:
            numbers = [one for one in nodes(schema) if one["__loader__"] == "JsonNode"]
            random.choice(numbers)["content"] = json.dumps(random.choice(VALUES))
    try:
        model = read_skops(closed(schema, members))
        check_model(model)
    except ValueError:
        return
    for go_on in ("partial_fit", "fit"):
        changed = copy.deepcopy(model)
        before = snapshot(changed)
        try:
            getattr(changed, go_on)(X, LABELS)
        except Exception:
            assert snapshot(changed) == before
