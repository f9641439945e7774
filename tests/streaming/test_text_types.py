import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from skmlp.common.missing import MISSING
from skmlp.streaming.text_types import TextTypes, are_plain, trimmed, without_missing

VALUES = {
    "bool": ["true", "False", "TRUE"],
    "int64": ["1", "-2", "0", str(2**63 - 1)],
    "double": ["1.5", "+3", "-2e3", ".5", "0.25", "-0.5", str(2**63), "1e-300", " 7 "],
    "timestamp[us]": ["2024-01-31", "1999-12-31T23:59:59", "2000-01-01 12:00:00.5"],
}
TEXTS = {
    "codes": ["12", "007"],
    "signed codes": ["1.5", "-01"],
    "words": ["x", "1"],
    "not a number": ["1", "NAN"],
    "a number and a date": ["2", "2024-01-31"],
    "a number and a boolean": ["1", "true"],
    "no date": ["2024-02-31"],
    "hexadecimal": ["0x10"],
    "lengths": ["5 km", "6 km"],
    "a mark for no value": ["1.5", "2.25", "?"],
}


def types_of(blocks, text=()):
    """The types of a column after these blocks of texts."""
    types = TextTypes(["a"], text)
    tables = [pa.table({"a": pa.array(block, pa.string())}) for block in blocks]
    for one in tables:
        types.add(one)
    types.check("file")
    found = pa.concat_tables([types.typed(one, "file") for one in tables])
    return found.column("a")


def cuts(values):
    """The values in one block, in two, and each in its own."""
    return [values], [values[:1], values[1:]], [[one] for one in values]


@pytest.mark.parametrize("kind", VALUES)
def test_kinds(kind):
    for blocks in cuts([None, *VALUES[kind], None]):
        found = types_of(blocks)
        assert str(found.type) == kind
        expected = pd.Series(VALUES[kind])
        if kind == "bool":
            expected = expected.str.lower() == "true"
        elif kind == "timestamp[us]":
            expected = pd.to_datetime(expected, format="ISO8601")
        else:
            expected = expected.astype(kind.replace("double", "float"))
        assert found.drop_null().to_pylist() == expected.tolist()
        assert found.to_pylist()[0] is None


@pytest.mark.parametrize("case", TEXTS)
def test_texts(case):
    for blocks in (*cuts(TEXTS[case]), *cuts(TEXTS[case][::-1])):
        assert sorted(types_of(blocks).to_pylist()) == sorted(TEXTS[case])


def test_integers_and_then_numbers():
    blocks = [["1"] * 200, ["2"] * 200 + ["2.5"]]
    assert types_of(blocks).to_pylist() == [1.0] * 200 + [2.0] * 200 + [2.5]


def test_infinite_numbers_are_numbers_for_an_error_later():
    assert types_of([["1", "inf"], ["-Infinity"]]).to_pylist() == [1, np.inf, -np.inf]


@pytest.mark.parametrize("text", [(), ("a",)])
def test_no_values(text):
    found = types_of([[None, None], [None]], text)
    assert found.null_count == 3
    assert str(found.type) == ("string" if text else "double")


def test_columns_that_stay_text():
    assert types_of([["1", "2"]], ["a"]).to_pylist() == ["1", "2"]


@pytest.mark.parametrize(
    "values",
    [["1,5", "2"], ["1,234.5"], ["5%", "6"], ["$3", "4"], ["1 000", "1"], ["1.000.000"]],
)
def test_numbers_in_other_forms_are_refused(values):
    for blocks in cuts(values):
        with pytest.raises(ValueError, match="X must have numbers with a decimal point"):
            types_of(blocks)


def test_a_few_numbers_in_other_forms_are_text():
    values = ["1,5", "a", "b", "c"]
    assert types_of([values]).to_pylist() == values


@pytest.mark.parametrize("kind", ["int64", "double", "timestamp[us]"])
def test_other_values_when_read_again(kind):
    types = TextTypes(["a"], ())
    types.add(pa.table({"a": VALUES[kind]}))
    with pytest.raises(ValueError, match="must stay the same.*column 'a' of file"):
        types.typed(pa.table({"a": ["x"]}), "file")


def test_missing_values():
    words = sorted(MISSING)
    padded = [f" {one} " for one in words]
    column = pa.chunked_array([words, padded, ["x", " y ", "none", "Ünter den "]])
    expected = [None] * 2 * len(words) + ["x", "y ", "none", "Ünter den "]
    assert without_missing(column).to_pylist() == expected
    plain = pa.chunked_array([["a", "b"], []], pa.string())
    assert without_missing(plain) is plain


def test_plain_texts_have_no_blanks():
    for letter in (*map(chr, range(1, 300)), "\u2003", "\u3000"):
        column = pa.chunked_array([[], ["a", letter]], pa.string())
        if are_plain(column):
            assert letter.strip() == letter
        assert trimmed(column).to_pylist() == ["a", letter.strip()]
