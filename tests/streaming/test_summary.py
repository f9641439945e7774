from functools import reduce
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from skmlp.streaming import summary
from skmlp.streaming.summary import Summary, keys_of, label_columns, summarise
from tests.streaming.tables import table

FRAME = table(400, seed=1)
TABLE = pa.Table.from_pandas(FRAME, preserve_index=False)
LABELLED = ("word", "town", "n", "x")
TARGETS = {"numbers": {"y": True, "n": True}, "classes": {"kind": False}}


def parts_of(ends, targets, labelled=LABELLED):
    """The summaries of the parts of the table between these rows."""
    return [
        summarise(TABLE.slice(a, b - a), np.arange(a, b), labelled, targets)
        for a, b in pairwise(ends)
    ]


def content(found):
    """What a summary says."""
    rows, numbers = found.sample()
    labels = {name: sorted(found.labels_of(name).items()) for name in LABELLED}
    return rows.to_pylist(), numbers.tolist(), found.n_rows, labels, found.missing


@pytest.mark.parametrize("n", [5, 60, 400])
@pytest.mark.parametrize("targets", TARGETS.values(), ids=TARGETS)
def test_any_partition_in_any_order(targets, n, monkeypatch):
    monkeypatch.setattr(summary, "SAMPLE_ROWS", n)
    whole = content(reduce(Summary.merge, parts_of([0, 400], targets), Summary()))
    rng = np.random.RandomState(0)
    for _ in range(5):
        ends = [0, *np.sort(rng.choice(np.arange(1, 400), 6, replace=False)), 400]
        parts = parts_of(ends, targets)
        left = [parts[i] for i in rng.permutation(len(parts))]
        # Neighbours merge at random places: any order, and any brackets.
        while len(left) > 1:
            i = rng.randint(len(left) - 1)
            left[i : i + 2] = [Summary().merge(left[i]).merge(left[i + 1])]
        assert repr(content(left[0])) == repr(whole)


def test_the_sample_has_the_smallest_keys_and_the_ends(monkeypatch):
    monkeypatch.setattr(summary, "SAMPLE_ROWS", 50)
    found = Summary()
    for one in parts_of(range(0, 401, 40), {"y": True}):
        found.merge(one)
    rows, numbers = found.sample()
    smallest = np.argsort(keys_of(np.arange(400)))[:50]
    order = np.argsort(FRAME["y"])
    assert numbers.tolist() == sorted({*smallest, *order[:2], *order[-2:]})
    expected = FRAME.iloc[numbers].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows.to_pandas(), expected)
    assert found.missing == {"x"}
    for name in LABELLED:
        counts = FRAME[name].value_counts().to_dict()
        assert found.labels_of(name) == counts


def test_two_rows_of_each_class(monkeypatch):
    monkeypatch.setattr(summary, "SAMPLE_ROWS", 1)
    found = reduce(Summary.merge, parts_of(range(0, 401, 20), {"town": False}))
    _, numbers = found.sample()
    expected = FRAME.groupby("town").head(2).index
    smallest = np.argmin(keys_of(np.arange(400)))
    assert numbers.tolist() == sorted({*expected, smallest})


def test_rows_of_ends_do_not_keep_their_blocks():
    one = pa.table({"kind": ["a"] * 10**5})
    found = Summary().merge(summarise(one, np.arange(10**5), (), {"kind": False}))
    (ends,) = found.ends.values()
    rows = [end.row for end in ends]
    assert [end.number for end in ends] == [0, 1]
    assert sum(row.get_total_buffer_size() for row in rows) < 1000


def test_keys_are_as_if_at_random():
    keys = keys_of(np.arange(10**5))
    assert len(set(keys.tolist())) == 10**5
    shares = np.bincount((keys >> np.uint64(60)).astype(int), minlength=16) / 10**5
    np.testing.assert_allclose(shares, 1 / 16, rtol=0.05)


def test_missing_values_have_no_label():
    columns = {
        "nan": pa.array([1.0, np.nan, 1.0, None], from_pandas=False),
        "text": pa.array(["a", None, "a", "b"]),
        "dictionary": pa.array(["a", None, "b", "a"]).dictionary_encode(),
        "full": pa.array([1, 2, 3, 4]),
    }
    one = summarise(pa.table(columns), np.arange(4), columns, {})
    assert one.missing == {"nan", "text", "dictionary"}
    assert one.labels_of("nan") == {1.0: 2}
    assert one.labels_of("text") == {"a": 2, "b": 1}
    assert one.labels_of("dictionary") == {"a": 2, "b": 1}


def test_the_most_frequent_labels(monkeypatch):
    monkeypatch.setattr(summary, "MOST_LABELS", 30)
    found = reduce(Summary.merge, parts_of(range(0, 401, 50), {"y": True}))
    assert len(found.labels_of("town")) == 30
    counts = FRAME["town"].value_counts()
    assert set(found.labels_of("word")) == {"one", "two", "three"}
    assert max(found.labels_of("town").values()) == counts.max()


def test_columns_of_labels():
    text = pa.array(["a"])
    columns = {"text": text, "large": text.cast(pa.large_string()), "number": [1]}
    columns |= {"dictionary": text.dictionary_encode(), "bytes": [b"a"], "other": [2]}
    schema = pa.table(columns).schema
    expected = ["text", "large", "dictionary", "bytes", "other"]
    assert label_columns(schema, ["other"]) == expected
