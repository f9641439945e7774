"""Texts as components, against scikit-learn's n-grams."""

import importlib
import importlib.util
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

from skmlp import TableEncoder, TabularMLPRegressor
from skmlp.stored import check_model, read_skops
from skmlp.tabular.columns import LABELS, NUMBERS, Column
from skmlp.tabular.texts import (
    BUCKETS,
    FACTOR,
    N_COMPONENTS,
    Text,
    are_texts,
    counts_of,
    is_text,
)

RNG = np.random.RandomState(0)
NOUNS = ["apple", "banana", "cherry", "mango", "olive", "papaya"]
KINDS = RNG.randint(0, len(NOUNS), 120)
TEXTS = [f"Fresh {NOUNS[k]} pie {i}" for i, k in enumerate(KINDS)]
NOISE = [" ".join(RNG.choice(list("abcdefgh"), 7)) + f" no {i}" for i in range(120)]
Y = KINDS + RNG.normal(0, 0.1, 120)


def column(texts, name="t"):
    labels = sorted({one for one in texts if one is not None})
    places = {one: i for i, one in enumerate(labels)} | {None: -1}
    return Column(name, LABELS, np.array([places[one] for one in texts]), labels)


def test_a_type_of_categories_is_one_of_categories():
    texts = pd.Series(TEXTS)
    tables = [pd.DataFrame({"t": texts.astype("category")})]
    if importlib.util.find_spec("polars"):
        polars = importlib.import_module("polars")
        column = polars.Series(TEXTS, dtype=polars.Categorical)
        tables += [polars.DataFrame({"t": column})]
    for table in tables:
        kind = TableEncoder().fit(table).column_kinds_["t"].kind
        assert kind == "category"
        given = TableEncoder(column_kinds={"t": "text"}).fit(table)
        assert given.column_kinds_["t"].kind == "text"
    assert (
        TableEncoder().fit(pd.DataFrame({"t": texts})).column_kinds_["t"].kind == "text"
    )


def test_counts_against_scikit_learn():
    texts = [
        "Fresh  Banana\tpie",
        "  two words",
        "",
        "\u0130\u00df \u5b57\u5b57\u5b57",
        "ab",
    ]
    words = HashingVectorizer(
        analyzer="char_wb", ngram_range=(4, 4), alternate_sign=False, norm=None
    )
    counts = counts_of([*texts, "a b c", "x" * 5000])
    assert counts.shape == (7, BUCKETS)
    sums = counts.sum(axis=1).ravel().tolist()
    assert sums[:5] == np.asarray(words.transform(texts).sum(axis=1)).ravel().tolist()
    # Words of one letter do not count, and 1,000 letters have 999 n-grams with two spaces.
    assert sums[5:] == [0, 999]
    # Different n-grams are mostly in different buckets.
    many = counts_of([f"{i:04}" for i in range(0, 10_000, 50)])
    assert len(np.unique(many.indices)) > 350
    assert counts_of([]).shape == (0, BUCKETS)


def test_hashes_are_those_of_the_formula():
    hashed = 0
    for letter in " ab ":
        hashed = (hashed * int(FACTOR) + ord(letter)) % 2**32
    mixed = (hashed ^ hashed >> 15) * int(FACTOR) % 2**32
    assert counts_of(["AB"]).indices.tolist() == [mixed >> 20]


def test_components_are_those_of_weighted_counts():
    one = Text.fit(column(TEXTS))
    counts = counts_of(sorted(TEXTS))
    tfidf = TfidfTransformer().fit(counts)
    np.testing.assert_allclose(one.weights, tfidf.idf_, rtol=1e-5)
    Z = tfidf.transform(counts) @ one.components + one.offset
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(Z.std(axis=0), 1, atol=1e-3)
    clipped = one.transform(column(sorted(TEXTS)))
    np.testing.assert_allclose(clipped, Z / np.sqrt(1 + (Z / 3) ** 2), atol=1e-4)
    # The order of the rows does not matter, nor what is beside a text.
    again = Text.fit(column(TEXTS[::-1]))
    np.testing.assert_array_equal(again.components, one.components)
    alone = one.transform(column(TEXTS[:1]))
    np.testing.assert_allclose(alone[0], one.transform(column(TEXTS))[0], atol=1e-6)


def test_missing_empty_and_unseen_texts():
    one = Text.fit(column([*TEXTS, None]))
    found = one.transform(column([None, "", "Fresh banana pie", "\ud800 \u5b57"]))
    assert found.shape == (4, N_COMPONENTS + 1) == (4, len(one.names("t")))
    assert found[:, -1].tolist() == [1, 0, 0, 0]
    assert not found[0, :-1].any()
    assert np.isfinite(found).all()
    assert np.ptp(found[1:, :-1], axis=0).max() > 1
    same = Text.fit(column(TEXTS))
    assert same.transform(column([None])).tolist() == [[0] * N_COMPONENTS]
    empty = Column("t", NUMBERS, np.array([np.nan]))
    assert same.transform(empty).tolist() == [[0] * N_COMPONENTS]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (TEXTS, True),
        ([*TEXTS, *TEXTS[:100], None], True),
        (TEXTS * 3, False),
        (TEXTS[:99], False),
        ([one.replace(" ", "") for one in TEXTS], False),
        (list(range(120)), False),
    ],
    ids=["texts", "some repeat", "most repeat", "few", "one word", "numbers"],
)
def test_which_columns_are_texts(texts, expected):
    assert is_text(column(texts)) is expected
    labels = [one for one in dict.fromkeys(texts) if one is not None]
    assert are_texts(labels, len(texts)) is expected
    assert not is_text(Column("x", NUMBERS, np.arange(200.0)))


def test_an_encoder_with_texts():
    table = pd.DataFrame({"t": TEXTS, "city": ["Bonn", "Ulm"] * 60, "x": Y})
    encoder = TableEncoder(quantiles=False).fit(table)
    names = encoder.get_feature_names_out().tolist()
    assert names[:2] == ["x", "t_component_1"]
    assert names[-2:] == [f"t_component_{N_COMPONENTS}", "city_Ulm"]
    assert encoder.transform(table).shape == (120, N_COMPONENTS + 2)
    for wrong in (np.arange(120.0), pd.Categorical([1, 2] * 60)):
        with pytest.raises(
            TypeError, match="Column 't' of X must hold text, as it did"
        ):
            encoder.transform(table.assign(t=wrong))


def test_texts_without_use_are_labels():
    table = pd.DataFrame({"good": TEXTS, "noise": NOISE, "few": list("abc") * 40})
    encoder = TableEncoder(min_frequency="auto").fit(table, Y)
    kinds = [type(one).__name__ for one in encoder._columns]
    assert kinds == ["Text", "Labelled", "Labelled"]
    # A column that says the same makes the text useless.
    kind = pd.Series(KINDS).astype(str)
    encoder = TableEncoder(min_frequency="auto").fit(table.assign(kind=kind), Y)
    assert not any(isinstance(one, Text) for one in encoder._columns)
    encoder = TableEncoder().fit(table)
    assert [isinstance(one, Text) for one in encoder._columns] == [True, True, False]


def test_a_stored_model_with_texts():
    skops_io = pytest.importorskip("skops.io")
    table = pd.DataFrame({"t": TEXTS, "x": Y})
    model = TabularMLPRegressor(
        hidden_layer_sizes=(4,), n_estimators=2, max_iter=2, random_state=0
    ).fit(table[["t"]], Y)
    again = read_skops(skops_io.dumps(model))
    check_model(again)
    np.testing.assert_array_equal(
        again.predict(table[["t"]]), model.predict(table[["t"]])
    )
    one = model.encoder_._columns[0]
    for name in ("weights", "components", "offset"):
        for array in (getattr(one, name)[1:], getattr(one, name).astype(float)):
            with pytest.raises(ValueError, match="a column of texts has an array"):
                replace(one, **{name: array}).check_sizes()
