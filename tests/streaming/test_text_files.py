"""Text files: separators, quotes, broken rows."""

import gzip
import io

import pandas as pd
import pytest

from skmlp.streaming import text_files
from skmlp.streaming.sources import source_of


def written(folder, text, name="a.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


PLAIN = {
    "comma": ("a,b\n1,2\n", ","),
    "semicolon": ("a;b,c;d\n1;2;3\n", ";"),
    "equal": ("a;b,c\n1;2,x\n", ";"),
    "tab": ("a\tb\n1\t2\n", "\t"),
    "bar": ("a|b\n1|2\n", "|"),
    "quoted header": ('"a;;;1",b,c\n1,2,3\n', ","),
    "lines in the header": ('"a\nx",b\n1,2\n', ","),
    "blank lines": ("\n\na,b\n\n1,2\n\n\n3,4\n\n", ","),
    "carriage returns": ("a,b\r\n1,2\r\n\r\n3,4", ","),
    "no end": ("a,b\n1,2", ","),
    "mark": ('\ufeff"a,c",b\n1,2\n', ","),
    "quotes": ('a,b\n"x ""y"" z","1,5\n\n2"\n"p\r\nq",";"\n', ","),
    "quotes within": ('a,b\nx "y" z,5" pipe\n', ","),
    "end in a quote": ('a,b\n1,"x\n"\n', ","),
    "empty quotes": ('a,b\n"",x\n1,""\n', ","),
}


@pytest.mark.parametrize("name", ["a.csv", "a.txt.gz"])
@pytest.mark.parametrize("kind", PLAIN)
def test_pandas_reads_the_same(tmp_path, kind, name):
    text, separator = PLAIN[kind]
    table = source_of(written(tmp_path, text, name)).table()
    expected = pd.read_csv(io.StringIO(text.removeprefix("\ufeff")), sep=separator)
    assert table.column_names == [*expected]
    found = [None if pd.isna(one) else one for one in expected.to_numpy().ravel()]
    assert [one for row in table.to_pylist() for one in row.values()] == found


def test_one_column(tmp_path):
    path = written(tmp_path, 'a\n1\n""\nNA\n3')
    assert source_of(path).table()["a"].to_pylist() == [1, None, None, 3]
    written(tmp_path, "a\n1\n\n3\n")
    with pytest.raises(ValueError, match="it has a blank line; in one column"):
        source_of(path).table()


def test_names(tmp_path):
    path = written(tmp_path, ", b ,\n0,1,2\n")
    assert source_of(path).columns == ["b", "column 3"]
    assert source_of(path).table(["b"])["b"].to_pylist() == [1]
    with pytest.raises(ValueError, match="with different names.*'a' twice"):
        source_of(written(tmp_path, "a,b,a \n1,2,3\n"))


def test_quotes_with_lines_at_the_ends_of_blocks(tmp_path, monkeypatch):
    lines = ["x\n" * (i % 5) for i in range(300)]
    rows = "".join(f'{i},"{one}"\n' for i, one in enumerate(lines))
    path = written(tmp_path, "a,b\n" + rows)
    expected = pd.read_csv(path)
    for size in (40, 97, 1000):
        monkeypatch.setattr(text_files, "BLOCK_BYTES", size)
        table = source_of(path).table()
        assert table["a"].to_pylist() == expected["a"].tolist()
        assert (
            table["b"].fill_null("-").to_pylist() == expected["b"].fillna("-").tolist()
        )


def test_types_are_those_of_all_files(tmp_path):
    one, other = written(tmp_path, "a,b\n1,x\n", "1.csv"), tmp_path / "2.csv"
    other.write_text("a,b\n1.5,2\n")
    table = source_of([one, other]).table()
    assert table.to_pydict() == {"a": [1.0, 1.5], "b": ["x", "2"]}
    assert str(source_of(one).table()["a"].type) == "int64"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n\n3,4,5\n", r"row 3 \(.*\) has 3 fields instead of 2: '3,4,5'"),
        ("a,b\n1,2\n3\n", r"row 3 \(.*\) has 1 fields instead of 2"),
        ('a,b\n"1\n2",2\n3,4,5\n', r"row 3 \("),
        ('a,b\n1,"2\n3,4\n5,6\n', "a quote that does not end"),
        ('a,b\n"1,2\n3,4\n', "a quote that does not end"),
        ('a,b\n1,"' + "x" * 400 + "\n", "a quote that does not end"),
        ('a,b\n1, "2"\n', "column 'b' has a space before a quote"),
        (b"a,b\n1,\xe9\n", "not text in UTF-8"),
        (b"a,\xe9\n1,2\n", "not text in UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "not text in UTF-8"),
        (b"PAR1" + bytes(100), "not text in UTF-8"),
        (
            gzip.compress(b"a,b\n1,2\n", mtime=0),
            "it is a gzip file, the name of which must",
        ),
        ("a,b\n", "at least one row"),
        ("a,b", "at least one row"),
        ("\n\n", "no column"),
    ],
    ids=lambda one: repr(one)[:30],
)
def test_what_cannot_be_read(tmp_path, monkeypatch, text, message):
    monkeypatch.setattr(text_files, "BLOCK_BYTES", 200)
    path = written(tmp_path, text)
    with pytest.raises(ValueError, match=message) as caught:
        source_of(path).table()
    assert str(caught.value).startswith("X must have")
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "part", [slice(0, -30), slice(0, 30), slice(12, None)], ids=str
)
def test_damaged_gzip_files(tmp_path, part):
    path = tmp_path / "a.csv.gz"
    rows = "".join(f"{i * 7919 % 1000},{i}\n" for i in range(3000))
    path.write_bytes(gzip.compress(f"a,b\n{rows}".encode())[part])
    with pytest.raises(
        ValueError, match="X must have files that can be read"
    ) as caught:
        source_of(path).table()
    assert str(path) in str(caught.value)
