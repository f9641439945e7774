"""The types of columns of texts: those that the command gives them."""

import itertools

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from skmlp.command.tables import read_table
from skmlp.common.missing import MISSING
from skmlp.streaming import text_types
from skmlp.streaming.sources import source_of
from skmlp.streaming.text_types import ColumnOfTexts, typed

LIMITS = ["9223372036854775807", "9223372036854775808", "18446744073709551616"]
KINDS = {
    "int64": (["1", "-2"], ["0", "-0"], ["+3", " 4 "], [LIMITS[0]], ["\u22125", "6"]),
    "uint64": (LIMITS[:2], [LIMITS[1], "0"]),
    "double": (
        *(["1.5", "2"], ["1e5"], ["-2E-3", ".5", "5."], [LIMITS[2], "0.5"]),
        *(["00.5"], ["+1.5", "\u00a01.5"], [LIMITS[1], "-1", "1.0"], ["0.0", "-0.0"]),
    ),
    "bool": (["True", "FALSE"], ["true"], [" true", "false "]),
    "timestamp[us]": (
        ["2024-01-05", "1969-12-31"],
        ["2024-01-05 10:11", "2024-01-05T10:11:12.5"],
    ),
    "timestamp[us, tz=UTC]": (["2024-01-05T10:11:12Z", "2024-01-05 10:11:12+02:00"],),
    "string": (
        *(["a", "1"], ["007", "8"], ["007", "1.5"], ["-00", "1"], ["0x1F", "2"]),
        *([LIMITS[2]], [LIMITS[1], "-1"], ["true", "1"], ["true", "yes"], ["1_0"]),
        *(["2024-01-05", "1"], ["2024-01-05", "2024-01-05T10:11:12Z"], ["--5"]),
        *(["2024-01-05 10"], ["2024-01-05 "], ["2024-01-05", "2024-1-6"]),
        *(["inf", "a"], ["na\u00efve "], ["2024-02-30"], ["1 200", "3"], ["++5"]),
    ),
}
CASES = [(kind, texts) for kind, several in KINDS.items() for texts in several]
AS_PANDAS = {"double": "float64", "string": "str"}


def type_by_blocks(blocks):
    column = ColumnOfTexts()
    for block in blocks:
        column.add(pa.array(block, pa.string()))
    return column.kind, str(typed(pa.array([None], pa.string()), column.kind).type)


@pytest.mark.parametrize(("kind", "texts"), CASES, ids=str)
def test_the_type_is_the_same_in_any_blocks_and_any_order(kind, texts):
    for order in itertools.permutations(texts):
        for blocks in ([[*order]], [[one] for one in order], [[None], [*order], []]):
            assert type_by_blocks(blocks)[1] == kind


@pytest.mark.parametrize(("kind", "texts"), CASES, ids=str)
def test_the_command_reads_the_same(tmp_path, kind, texts):
    path = tmp_path / "a.csv"
    rows = [f'"{one}","x{i}"' for i, one in enumerate([*texts, texts[0]])]
    path.write_text("\n".join(["a,b", *rows]) + "\n", "utf-8")
    values = source_of(path).table(["a"]).column("a")
    other = read_table(path).frame["a"]
    assert str(values.type) == kind
    if kind.startswith("timestamp"):
        # The command finds dates later.
        utc = [pd.Timestamp(one) for one in other]
        assert [pd.Timestamp(one) for one in values.to_pylist()] == utc
        return
    assert str(other.dtype) == AS_PANDAS.get(kind, kind)
    # The command keeps spaces within quotes, which pandas and polars do not write.
    found = [one.strip() if kind == "string" else one for one in other.tolist()]
    theirs = [one.strip() if kind == "string" else one for one in values.to_pylist()]
    assert found == theirs


def random_texts(rng, n):
    """Texts of one or two kinds, some missing."""
    makers = [
        lambda: str(rng.randint(-20, 20)),
        lambda: repr(rng.normal()),
        lambda: f"{rng.randint(100):03d}",
        lambda: rng.choice(["True", "false"]),
        lambda: f"2024-{rng.randint(1, 13):02d}-01",
        lambda: rng.choice(["a", "b c", "\u00e9", "1;2"]),
        lambda: str(2**63 + rng.randint(5)),
        lambda: str(10**20 + rng.randint(5)),
    ]
    some = [makers[rng.randint(len(makers))] for _ in range(rng.randint(1, 3))]
    missing = ["", "NA", " nan", "None"]
    return [
        rng.choice(missing) if rng.rand() < 0.2 else some[rng.randint(len(some))]()
        for _ in range(n)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_random_tables_are_read_as_by_the_command(tmp_path, seed, monkeypatch):
    monkeypatch.setattr("skmlp.streaming.text_files.BLOCK_BYTES", 400)
    rng = np.random.RandomState(seed)
    frame = pd.DataFrame({f"c{i}": random_texts(rng, 40) for i in range(12)})
    path = tmp_path / "a.tsv"
    frame.to_csv(path, index=False, sep="\t")
    read, expected = source_of(path).table(), read_table(path).frame
    for name in frame:
        missing = expected[name].isna()
        assert read[name].is_null().to_pylist() == missing.tolist()
        found, known = read[name].drop_null().to_pylist(), expected[name][~missing]
        dated = str(read[name].type).startswith("timestamp")
        assert found == [pd.Timestamp(one) if dated else one for one in known]


@pytest.mark.parametrize(
    "texts",
    [
        *(["1,5", "2,5"], ["1,5", "2"], ["1.234,5"], ["1,234", "5", "6", "7"]),
        *(["5 %", "10%"], ["$5", "-$6.5"], ["5 EUR", "USD 6"], ["1'000", "5"]),
        *(["1\u00a0000"], ["1.000.000"], ["1.5", "inf"], ["a", "b", "1,5", "2,5"]),
    ],
    ids=str,
)
def test_numbers_in_other_forms_are_refused(tmp_path, texts):
    path = tmp_path / "a.csv"
    path.write_text("a;b\n" + "".join(f"{one};x\n" for one in texts), "utf-8")
    with pytest.raises(ValueError, match="X must have finite numbers") as caught:
        source_of(path).table()
    assert "'a'" in str(caught.value)
    assert str(path) in str(caught.value)
    example = next(one for one in texts if one not in ("2", "5", "1.5", "a", "b"))
    assert repr(example) in str(caught.value)
    assert source_of(path, text=["a"]).table()["a"].to_pylist() == texts
    assert source_of(path).table(["b"]).num_rows == len(texts)


@pytest.mark.parametrize(
    "texts",
    [
        *(["12", "14a", "14,16"], ["1,2,3", "4,5,6"], ["192.168.0.1", "10.0.0.1"]),
        *(
            ["1.2.2024", "3.4.2024"],
            ["747 MAX", "12 ABC"],
            ["007", "08", "12%"],
            ["10:30"],
        ),
        *(["a", "b", "1,5"], ["-"], ["1 200", "3 400"]),
    ],
    ids=str,
)
def test_other_texts_are_text(tmp_path, texts):
    path = tmp_path / "a.csv"
    path.write_text("a;b\n" + "".join(f"{one};x\n" for one in texts), "utf-8")
    assert source_of(path).table()["a"].to_pylist() == texts


def test_a_late_text_makes_the_column_text():
    column = ColumnOfTexts()
    column.add(pa.array([str(i) for i in range(5000)]))
    column.add(pa.array(["1,234"]))
    with pytest.raises(ValueError, match="'1,234'"):
        column.check("a", "b.csv", "X")
    column.add(pa.array([f"a{i}" for i in range(5000)]))
    assert len(column.sample) >= text_types.N_SAMPLED
    assert column.kind == text_types.TEXT
    column.check("a", "b.csv", "X")


def test_words_for_missing_values_are_counted():
    column = ColumnOfTexts(MISSING | {"?"})
    column.add(pa.array(["1", "NA", None, " ? ", "NA"]))
    column.add(pa.array(["?", "2", "null "]))
    assert column.words == {"NA": 2, "?": 2, "null": 1}
    assert column.kind == "integers"


@pytest.mark.parametrize("block", [["7", "x", "8", "y", "x", "z", "w"], ["1e400", "2"]])
def test_texts_that_are_no_numbers_are_kept(block):
    column = ColumnOfTexts()
    for texts in (["1", "2.5"], block, ["later"]):
        column.add(pa.array(texts))
    assert column.kind == text_types.TEXT
    assert column.odd == (["x", "y", "z"] if "x" in block else ["1e400"])


@pytest.mark.parametrize(
    "kind", ["integers", "numbers", "dates", "booleans", "large integers"]
)
def test_values_of_another_kind_are_refused(kind):
    with pytest.raises(ValueError):
        typed(pa.array(["a", None]), kind)


def test_blanks():
    texts = ["", " ", "  a", "a ", "\u3000b", "NA ", "\tnull", None, "\u00e9"]
    known = [one for one in texts if one]
    assert [text_types.has_blanks(pa.array([one])) for one in known] == [
        *[True] * len(known)
    ]
    assert not text_types.has_blanks(pa.array(["a b", None, "c"]))
    assert not text_types.has_blanks(pa.array([None], pa.string()))
    found = text_types.cleaned(pa.array(texts).slice(1), MISSING).to_pylist()
    assert found == [None, "a", "a ", "\u3000b", None, None, None, "\u00e9"]
