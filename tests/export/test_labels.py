"""Columns of labels as nodes, against `Labelled`."""

from decimal import Decimal

import numpy as np
import pytest

from skmlp.export import labels
from skmlp.export.graph import DOUBLE, INT64, STRING
from skmlp.tabular.columns import LABELS, Column
from skmlp.tabular.labelled import Labelled

CASES = {
    "texts": (["b", "a", "é", "日本"], ["new", "a ", "A"]),
    "two texts": (["yes", "no"], ["maybe"]),
    "one text": (["a"], ["b"]),
    "empty text": (["", "a", "b"], ["c"]),
    "integers": ([3, -7, 0, 12], [4, 2.5, 1e300]),
    "floats": ([0.5, 2.0, -1e300, 1e16], [0.25, 3, 1e16 + 2]),
    "booleans": ([False, True], [2]),
    "decimals": ([Decimal("1.5"), Decimal(2)], [3]),
    "large integers": ([2**53 + 1, 2**53, -(2**62), 5], [6, 2**53 - 1]),
}


def column(values):
    """A column of labels and missing values (None)."""
    different = [one for one in dict.fromkeys(values) if one is not None]
    places = [-1 if one is None else different.index(one) for one in values]
    return Column("c", LABELS, np.array(places), different)


def as_input(one, values):
    kind = labels.type_of("c", one)
    missing = labels.missing_of(one, kind)
    given = [missing if value is None else value for value in values]
    dtype = {STRING: object, INT64: np.int64, DOUBLE: np.float64}[kind]
    return np.array(given, dtype)[:, None]


@pytest.mark.parametrize("max_one_hot", [0, 8])
@pytest.mark.parametrize("with_rare", [False, True])
@pytest.mark.parametrize("case", CASES)
def test_encoded_labels(case, max_one_hot, with_rare):
    from skmlp.export.graph import IR_VERSION, ML, ML_OPSET, OPSET, Graph, graph_proto

    from .runs import onnx, ort

    known, new = CASES[case]
    one = Labelled.fit(known, max_one_hot)
    if with_rare:
        one = one.without_rare(np.arange(len(one.labels)), 1)
    if with_rare and one.as_numbers:
        effects = np.random.RandomState(0).randn(len(known) + 2, 2)
        one = Labelled(one.labels, True, one.rare, effects.astype(np.float32))
    values = [*known, *new, None]
    graph = Graph()
    x = graph.add_input("x", labels.type_of("c", one), (1,))
    codes = labels.codes(graph, "c", one, x)
    table = labels.table_of(one)
    found = graph("Gather", table, codes, axis=0)
    graph.add_output("codes", codes, INT64, ())
    graph.add_output("encoded", found, 1, table.shape[1:])
    opsets = [
        onnx.helper.make_opsetid("", OPSET),
        onnx.helper.make_opsetid(ML, ML_OPSET),
    ]
    proto = onnx.helper.make_model(
        graph_proto(graph, "g"), opset_imports=opsets, ir_version=IR_VERSION
    )
    run = ort.InferenceSession(
        proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    codes, encoded = run.run(None, {"x": as_input(one, values)})
    np.testing.assert_array_equal(codes, one.codes_for_effects(column(values)))
    np.testing.assert_array_equal(encoded, one.transform(column(values)))


def test_types():
    kinds = {
        case: labels.type_of("c", Labelled.fit(known, 8))
        for case, (known, _) in CASES.items()
    }
    assert kinds["large integers"] == INT64
    assert {kind for case, kind in kinds.items() if "text" in case} == {STRING}
    assert {kinds[case] for case in ("integers", "floats", "booleans", "decimals")} == {
        DOUBLE
    }


def test_a_missing_text_is_none_of_the_labels():
    one = Labelled.fit(["", "<missing>", "a"], 8)
    assert labels.missing_of(one, STRING) == "<<missing>>"
    assert labels.missing_of(Labelled.fit(["", "a"], 8), STRING) == "<missing>"
    assert labels.missing_of(Labelled.fit(["a"], 8), STRING) == ""


@pytest.mark.parametrize(
    ("known", "match"),
    [
        ([2**53 + 1, 0.5], "or larger integers, in column 'c'"),
        ([2**64, 1], "or larger integers, in column 'c'"),
        ([-(2**63), 1], "or larger integers, in column 'c'"),
        ([b"a", b"b"], "bytes.*in column 'c'"),
    ],
)
def test_labels_that_no_type_has_are_refused(known, match):
    with pytest.raises(NotImplementedError, match=match):
        labels.type_of("c", Labelled.fit(known, 8))


def test_half_a_character_is_refused():
    with pytest.raises(NotImplementedError, match="UTF-8 can write.*in column 'c'"):
        labels.encoded("c", "\ud800")
