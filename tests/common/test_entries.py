from dataclasses import replace

import pytest

from skmlp.common import entries
from skmlp.common.constraints import Boolean, OneOf
from skmlp.common.entries import WIDTH, with_paragraph, with_sentences
from skmlp.common.parameters import Parameter
from skmlp.mlp.parameters import ATTRIBUTES, PARAMETERS
from skmlp.tabular.parameters import ATTRIBUTES as ATTRIBUTES_OF_TABLES
from skmlp.tabular.parameters import OF_CLASSIFIER, OF_REGRESSOR

SHARED = {
    name.lower(): entry
    for name, entry in vars(entries).items()
    if isinstance(entry, Parameter)
}
ENTRY = Parameter(True, Boolean(), "One sentence.", ("loss", ("huber",)))


def test_there_are_shared_entries():
    assert {"activation", "dropout", "class_weight", "quantile"} <= set(SHARED)


@pytest.mark.parametrize("name", SHARED)
def test_both_families_begin_with_the_shared_text(name):
    entry, words = SHARED[name], SHARED[name].doc.split()
    tables = [PARAMETERS, *(t for t in (OF_CLASSIFIER, OF_REGRESSOR) if name in t)]
    assert len(tables) > 1
    for table in tables:
        assert table[name].doc.split()[: len(words)] == words
        assert table[name].constraint.accepts(entry.default)


def test_both_families_have_the_shared_attributes():
    for text in (entries.HISTORY, entries.FITTED):
        assert text.strip() in ATTRIBUTES
        assert text.strip() in ATTRIBUTES_OF_TABLES


def test_sentences_continue_the_paragraph():
    found = with_sentences(ENTRY, "\n    Another one.\n", default=False)
    assert found == replace(ENTRY, doc="One sentence. Another one.", default=False)
    lines = with_sentences(ENTRY, "many words " * 30).doc.splitlines()
    assert len(lines) == 5
    assert max(map(len, lines)) <= WIDTH


def test_a_paragraph_follows_a_blank_line():
    found = with_paragraph(ENTRY, "\n    Another\n    one.\n", needs=None)
    assert found == replace(ENTRY, doc="One sentence.\n\nAnother\none.", needs=None)


def test_a_loss_is_one_of_those_listed():
    heads = {"even": Boolean(), "odd": OneOf(("a",))}
    entry = entries.loss(heads, OneOf(("squared_error", *heads)))
    assert entry.constraint.accepts(entry.default)
    assert "- 'even': True or False.\n- 'odd': One of several names." in entry.doc
