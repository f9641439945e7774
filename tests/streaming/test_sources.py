import gzip

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest

from skmlp.streaming import sources
from skmlp.streaming.sources import checksum, size_of, source_of
from tests.streaming.tables import stored, table

FRAME = table(40)
TEXT = FRAME.to_csv(index=False)
FORMS = {
    "comma.csv": TEXT,
    "semicolon.csv": FRAME.to_csv(index=False, sep=";"),
    "tab.tsv": FRAME.to_csv(index=False, sep="\t"),
    "bar.txt": FRAME.to_csv(index=False, sep="|"),
    "quoted.csv": FRAME.to_csv(index=False, quoting=1),
    "zipped.csv.gz": gzip.compress(TEXT.encode()),
    "UPPER.CSV.GZ": gzip.compress(TEXT.encode()),
    "bom.csv": TEXT.encode("utf-8-sig"),
    "windows.csv": TEXT.replace("\n", "\r\n"),
    "blank lines.csv": TEXT.replace("\n", "\n\n"),
    "words.csv": "a,b,c\n NA,None,x y\n#N/A,2,<NA>\nnan,-3.5e2,'q'\n",
    "quotes.csv": 'a,"b, c"\n"x\ny",1\n"say ""no""",2\n',
    "empty column.csv": "a,b,c\n1,,x\n2,NA,y\n",
}


def read(path):
    """A text file as pandas reads it."""
    separator = {".tsv": "\t", ".txt": "|"}.get(path.suffix.lower(), ",")
    separator = ";" if "semicolon" in path.name else separator
    options = {"sep": separator, "encoding": "utf-8-sig", "skipinitialspace": True}
    if path.suffix.lower() == ".gz":
        options["compression"] = "gzip"
    frame = pd.read_csv(path, **options)
    return frame.assign(day=pd.to_datetime(frame["day"])) if "day" in frame else frame


def same(found, expected):
    """Check that a table of pyarrow has the values of a frame."""
    found = found.replace_schema_metadata(None).to_pandas()
    for name in expected:
        if found[name].dtype.kind == "M":
            found[name] = found[name].astype("datetime64[us]")
            expected = expected.assign(**{name: expected[name].astype("M8[us]")})
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


@pytest.mark.parametrize("block", [7, 1000])
@pytest.mark.parametrize("name", FORMS)
def test_text_files_as_pandas_reads_them(name, block, write, monkeypatch):
    monkeypatch.setattr(sources, "BLOCK_ROWS", block)
    path = write(name, FORMS[name])
    source, expected = source_of(path), read(path)
    same(source.table(), expected)
    sizes = [one.num_rows for one in source.blocks()]
    assert sum(sizes) == len(expected)
    assert all(size == block for size in sizes[:-1])


def test_blanks_around_values(write):
    found = source_of(write("a.csv", " a ,b\n 1 ,  x y  \n\u2003,2 \n")).table()
    assert found.to_pylist() == [{"a": 1, "b": "x y  "}, {"a": None, "b": "2 "}]


@pytest.mark.parametrize("bytes_read", [300, 2**20])
def test_types_hold_for_all_blocks_and_files(bytes_read, write, monkeypatch):
    monkeypatch.setattr(sources, "TEXT_BYTES", bytes_read)
    first = "".join(f"{i},{i},true,2024-01-{1 + i % 9:02},{i}\n" for i in range(99))
    write("1.csv", "a,b,c,d,e\n" + first)
    path = write("2.csv", "b;e;d;a;c\n2.5;x;;;yes\n")
    found = source_of(path.parent).table()
    types = {one.name: str(one.type) for one in found.schema}
    assert types == {
        "a": "int64",
        "b": "double",
        "c": "string",
        "d": "timestamp[us]",
        "e": "string",
    }
    assert found.num_rows == 100
    assert found.slice(99).to_pylist() == [
        {"a": None, "b": 2.5, "c": "yes", "d": None, "e": "x"}
    ]


def test_columns_in_the_order_asked_for(write):
    source = source_of(write("a.csv", "a,b,c\n1,2,3\n"), text=["c"])
    assert source.table(["c", "a"]).to_pylist() == [{"c": "3", "a": 1}]
    with pytest.raises(ValueError, match=r"must have the columns \['d'\].*without"):
        source.table(["d"])


def test_columns_that_are_not_asked_for_are_not_looked_at(write):
    source = source_of(write("a.csv", 'a,b\n1,"1,5"\n2,"2,5"\n'))
    assert source.table(["a"]).num_rows == 2
    with pytest.raises(ValueError, match=r"decimal point.*Got '1,5' in column 'b'"):
        source.table()


@pytest.mark.parametrize("kind", ["path", "paths", "folder", "dataset"])
def test_parquet(kind, tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BLOCK_ROWS", 9)
    frame = FRAME.assign(word=FRAME["word"].astype("category"))
    # An index without a name is no column.
    paths = [
        stored(part, tmp_path / f"{i}.parquet")
        for i, part in enumerate((frame[::2], frame[1::2]))
    ]
    X = {"path": paths[0], "paths": [*map(str, paths)], "folder": tmp_path}
    X["dataset"] = pyarrow.dataset.dataset(paths)
    parts = [frame[::2]] if kind == "path" else [frame[::2], frame[1::2]]
    expected = pd.concat(parts).reset_index(drop=True)
    source = source_of(X[kind])
    assert source.columns == list(frame)
    same(source.table(), expected)
    sizes = [one.num_rows for one in source.blocks()]
    assert all(size == 9 for size in sizes[:-1])
    assert sum(sizes) == len(expected)


def test_parquet_files_of_other_types_and_orders(tmp_path):
    one = pa.table({"a": [1, 2], "b": ["x", None]})
    other = pa.table({"b": ["z"], "a": [0.5]})
    for i, part in enumerate((one, other)):
        pyarrow.parquet.write_table(part, tmp_path / f"{i}.parquet")
    found = source_of(tmp_path).table()
    assert found.to_pydict() == {"a": [1, 2, 0.5], "b": ["x", None, "z"]}


def test_sizes(tmp_path):
    path = stored(FRAME, tmp_path / "a.parquet")
    data = pyarrow.parquet.ParquetFile(path).metadata
    groups = [data.row_group(i).total_byte_size for i in range(data.num_row_groups)]
    dataset = pyarrow.dataset.dataset(path)
    assert size_of(dataset) in (sum(groups), path.stat().st_size)
    assert size_of(pyarrow.dataset.dataset(pa.table({"a": [1]}))) == 0
    path = stored(FRAME, tmp_path / "a.csv")
    assert source_of(path).n_bytes == path.stat().st_size


BAD = {
    "no such file": ({}, "a.csv", "path of a file that can be read.*No such file"),
    "empty file": ({"a.csv": ""}, "a.csv", "file with rows. Got .*empty"),
    "no rows": ({"a.csv": "a,b\n"}, "a.csv", "at least one row"),
    "empty line": ({"a.csv": "\n1,2\n"}, "a.csv", "first line is empty"),
    "other ending": ({"a.xlsx": "a"}, "a.xlsx", "ends in .parquet, .csv"),
    "no files": ({}, ".", "folder with .parquet or .csv or .tsv files"),
    "both": ({"a.csv": "a\n1\n", "b.parquet": "?"}, ".", "files of one kind"),
    "broken row": ({"a.csv": "a,b\n1,2\n1,2,3\n"}, ".", "row 3 has 3 fields .* of 2"),
    "short row": ({"a.csv": "a,b\n1,2\n\n1\n"}, ".", "has 1 fields instead of 2"),
    "bytes": ({"a.csv": b"a,b\n\xff\xfe,2\n"}, ".", "tables that can be read.*utf-8"),
    "header": ({"a.csv": b"\xff\xfe,b\n1,2\n"}, ".", "can be read.*decode"),
    "no parquet": ({"a.parquet": "nothing"}, ".", "can be read.*a.parquet"),
    "no gzip": ({"a.csv.gz": "a,b\n1,2\n"}, ".", "can be read.*gzip"),
    "cut gzip": (
        {"a.csv.gz": gzip.compress(TEXT.encode())[:-20]},
        ".",
        "tables that can be read",
    ),
    "twice": ({"a.csv": "a,a\n1,2\n"}, ".", "different names.*'a' twice"),
    "twice later": (
        {"a.csv": "a,b\n1,2\n", "b.csv": "a,b,b\n1,2,3\n"},
        ".",
        "different names.*'b' twice",
    ),
    "missing": (
        {"a.csv": "a,b\n1,2\n", "b.csv": "a\n1\n"},
        ".",
        r"same columns in all files. Got .*b.csv' without \['b'\], unlike .*a.csv",
    ),
    "extra": (
        {"a.csv": "a\n1\n", "b.csv": "a,c\n1,2\n"},
        ".",
        r"b.csv' with \['c'\], unlike",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_files_that_cannot_be_read(case, write, tmp_path):
    files, name, message = BAD[case]
    for one, content in files.items():
        write(one, content)
    with pytest.raises(ValueError, match=message) as caught:
        source_of(tmp_path / name).table()
    assert str(caught.value).startswith("X must")


def test_parquet_files_that_do_not_fit(tmp_path):
    for i, values in enumerate(([1, 2], ["a", "b"])):
        pyarrow.parquet.write_table(pa.table({"a": values}), tmp_path / f"{i}.parquet")
    with pytest.raises(ValueError, match=r"same types in all files. Got .*1.parquet"):
        source_of(tmp_path)
    pyarrow.parquet.write_table(pa.table({"b": [1]}), tmp_path / "1.parquet")
    with pytest.raises(ValueError, match=r"1.parquet' without \['a'\]"):
        source_of(tmp_path)


@pytest.mark.parametrize("block", [64, 7])
def test_checksums_do_not_depend_on_chunks(block):
    whole = pa.Table.from_pandas(table(100), preserve_index=False)
    found = checksum(whole)
    parts = [whole.slice(i, block) for i in range(0, 100, block)]
    assert checksum(pa.concat_tables(parts)) == found
    padded = pa.concat_tables([whole.slice(90), whole]).slice(10)
    assert checksum(padded) == found
    other = table(100)
    other.loc[50, "n"] += 1
    assert checksum(pa.Table.from_pandas(other, preserve_index=False)) != found
    assert checksum(whole.rename_columns([*"abcdefghi"])) != found


def test_checksums_ignore_what_lies_under_missing_values():
    mask = np.array([False, True, False])
    one, other = (
        pa.Array.from_buffers(
            pa.float64(), 3, [pa.py_buffer(b"\x05"), pa.py_buffer(np.array(values))]
        )
        for values in ([1.0, 2.0, 3.0], [1.0, 9.0, 3.0])
    )
    assert one.equals(other)
    assert one.is_null().to_pylist() == mask.tolist()
    tables = [pa.table({"a": values}) for values in (one, other)]
    assert checksum(tables[0]) == checksum(tables[1])
