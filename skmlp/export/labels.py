"""Columns of labels as nodes: the code of each label, and the columns that it becomes."""

from typing import Any

import numpy as np

from ..common.values import kinds_in
from ..tabular.labelled import Labelled
from .functions import LARGEST, count_below, looked_up
from .graph import DOUBLE, INT64, ML, STRING, Graph

EXACT = 2**53
"""Double precision has all integers up to this one."""

NO_LABEL = "<missing>"
"""What a missing text is where the empty text is a label, with more < and > if needed."""


def every_label(one: Labelled) -> list[Any]:
    """The labels in the order of the codes of effects, from 1."""
    return sorted((*one.labels, *one.rare))


def type_of(name: Any, one: Labelled) -> int:
    """The type of the input that holds the labels exactly."""
    labels = every_label(one)
    kinds = kinds_in(labels).keys()
    if kinds <= {"text"}:
        return STRING
    if kinds != {"numbers"}:
        raise NotImplementedError(
            f"to_onnx can export labels that are text or numbers. Got {kinds} in column "
            f"{name!r}: decode them."
        )
    if all(float(label) == label and _is_exact(label) for label in labels):
        return DOUBLE
    ends = np.iinfo(np.int64)
    if all(label == int(label) and ends.min < label <= ends.max for label in labels):
        return INT64
    raise NotImplementedError(
        f"to_onnx can export integers of 64 bits or floats as labels. Got both, or larger "
        f"integers, in column {name!r}: make texts of them."
    )


def _is_exact(label: Any) -> bool:
    """Whether no other integer is the same number in double precision."""
    return isinstance(label, float | np.floating) or abs(label) <= EXACT


def missing_of(one: Labelled, kind: int) -> str | int | None:
    """What a missing value is in an input of texts or integers; None for NaN."""
    if kind == DOUBLE:
        return None
    labels = set(every_label(one))
    if kind == INT64:
        return int(np.iinfo(np.int64).min)
    text = ""
    while text in labels:
        text = f"<{text}>" if text else NO_LABEL
    return text


def codes(graph: Graph, name: Any, one: Labelled, x: str) -> str:
    """The codes of the rows (n,), as `Labelled.codes_for_effects` has them.

    x is (n, 1): 0 is an unseen label, then come labels in order, then missing ones.
    """
    kind, labels = type_of(name, one), every_label(one)
    n = len(labels)
    if kind == DOUBLE:
        return graph.squeeze(_codes_of_numbers(graph, [*map(float, labels)], x), 1)
    keys = [*labels, missing_of(one, kind)]
    numbers = list(range(1, n + 2))
    if kind == STRING:
        keys = [encoded(name, label) for label in keys]
        given = {"keys_strings": keys, "values_int64s": numbers, "default_int64": 0}
        return graph("LabelEncoder", graph.squeeze(x, 1), domain=ML, **given)
    # The operator has integers as keys for floats or texts only.
    return graph.squeeze(_codes_of_integers(graph, [*map(int, keys)], x), 1)


def encoded(name: Any, label: str) -> str:
    """A label; NotImplementedError if a file of ONNX cannot hold it."""
    try:
        label.encode()
    except UnicodeEncodeError:
        raise NotImplementedError(
            f"to_onnx can export labels that UTF-8 can write. Got {label!r} in column "
            f"{name!r}."
        ) from None
    return label


def _codes_of_numbers(graph: Graph, labels: list[float], x: str) -> str:
    """The codes of numbers, (n, 1): the last label <= x, if it is equal to x."""
    near = graph("Clip", x, np.float64(-LARGEST), np.float64(LARGEST))
    counts = count_below(graph, near, [np.array(labels)])
    found = looked_up(graph, counts, [np.array([np.nan, *labels])])
    known = graph("Where", graph("Equal", found, x), counts, np.int64(0))
    return graph("Where", graph("IsNaN", x), np.int64(len(labels) + 1), known)


def _codes_of_integers(graph: Graph, keys: list[int], x: str) -> str:
    """The codes of large integers, (n, 1), the last one that of a missing one."""
    table, numbers = np.array(keys), np.arange(1, len(keys) + 1)
    order = np.argsort(table)
    same = graph.cast(graph("Equal", x, table[order]), INT64)
    return graph.sum(graph("Mul", same, numbers[order]), 1, keepdims=True)


def table_of(one: Labelled) -> Any:
    """The columns that each code becomes, (n_labels + 2, n_columns), float32."""
    n, labels = len(one.labels), every_label(one)
    code = {label: i for i, label in enumerate(one.labels, start=1)}
    rows = np.array([0, *(code.get(label, 0) for label in labels), 0])
    if one.as_numbers:
        plain: Any = np.arange(n + 1)[:, None]
    elif n == 2:
        plain = np.array([[0], [-1], [1]])
    else:
        plain = np.eye(n + 1, n, -1)
    table = plain.astype(np.float32)[rows]
    return table if one.effects is None else np.hstack([one.effects, table])
