"""The graph: names, constants, and what ONNX makes of it."""

import numpy as np

from skmlp.export.graph import DOUBLE, STRING, Graph


def test_names_differ_and_are_not_empty():
    graph = Graph(taken=["label"])
    assert [graph.name("label"), graph.name("label"), graph.name("")] == [
        *("label_0", "label_1", "_0"),
    ]


def test_equal_constants_are_stored_once():
    graph = Graph()
    first = graph.array(np.arange(3.0))
    assert graph.array(np.arange(3.0)) == first
    others = [np.arange(3), np.arange(3.0)[:, None], np.array(["0", "1", "2"], object)]
    assert first not in {graph.array(one) for one in others}
    assert len(graph.arrays) == 4


def test_operands_are_tensors_or_arrays():
    graph = Graph()
    x = graph.add_input("x", DOUBLE, (2,))
    y = graph("Add", x, np.float64(1))
    assert graph.nodes[0].inputs == ["x", *graph.arrays]
    assert graph.nodes[0].outputs == [y]


def test_all_columns_in_order_need_no_node():
    graph = Graph()
    assert graph.columns("x", [0, 1], 2) == "x"
    assert graph.columns("x", [1, 0], 2) != "x"
    assert graph.concat(["x"]) == "x"


def test_a_graph_runs():
    from .runs import run_graph

    x = np.arange(6.0).reshape(3, 2)

    def build(graph, name):
        both = graph.concat([name, graph.slice(name, 1, 2)])
        return graph.sum(both, 1, keepdims=True)

    np.testing.assert_array_equal(run_graph(build, x), x.sum(1)[:, None] + x[:, 1:])


def test_texts_are_constants_too():
    from .runs import run_graph

    texts = np.array(["a", "é", ""], object)
    places = np.array([2, 1, 1])
    found = run_graph(lambda graph, x: graph("Gather", texts, x, axis=0), places)
    assert found.tolist() == ["", "é", "é"]
    assert STRING == 8
