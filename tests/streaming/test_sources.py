"""Tables of files and datasets in blocks: those that pandas and the command read."""

import gzip

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from skmlp.command.tables import read_table
from skmlp.common.missing import MISSING
from skmlp.streaming import parquet_files, sources
from skmlp.streaming.sources import checksum, source_of

N = 250
BLOCK = 64


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Blocks of few rows, from parts that fit into them and that do not."""
    monkeypatch.setattr(sources, "BLOCK_ROWS", BLOCK)
    monkeypatch.setattr(parquet_files, "BLOCK_ROWS", BLOCK)
    monkeypatch.setattr("skmlp.streaming.text_files.BLOCK_BYTES", 1500)


def table_of(n=N, seed=0):
    rng = np.random.RandomState(seed)
    return pa.table(
        {
            "x": pa.array(rng.normal(size=n), mask=rng.rand(n) < 0.1),
            "n": rng.randint(0, 1000, n),
            "c": pa.array([f"a {i}" for i in rng.randint(0, 9, n)]),
            "b": pa.array(rng.rand(n) < 0.5, mask=rng.rand(n) < 0.1),
            "d": pa.array(rng.randint(0, 10**9, n)).cast(pa.timestamp("us")),
        }
    )


def text(separator, ending="\n", start=""):
    def write(folder, table):
        name = {"\t": "a.tsv"}.get(separator, "a.csv")
        frame = table.to_pandas()
        written = frame.to_csv(index=False, sep=separator, lineterminator=ending)
        (folder / name).write_bytes((start + written).encode())
        return folder / name

    return write


def zipped(folder, table):
    (folder / "a.csv.gz").write_bytes(
        gzip.compress(text(",")(folder, table).read_bytes())
    )
    return str(folder / "a.csv.gz")


def parquet(rows):
    def write(folder, table):
        pq.write_table(table, folder / "a.parquet", row_group_size=rows)
        return folder / "a.parquet"

    return write


def several(ending, as_list):
    """Files, the columns of which have another order."""

    def write(folder, table):
        folder = folder / "files"
        folder.mkdir()
        for i, start in enumerate(range(0, N, 100)):
            part = table.slice(start, 100)
            part = part.select(part.column_names[::-1]) if i == 1 else part
            if ending == "csv":
                part.to_pandas().to_csv(folder / f"{i}.csv", index=False, sep=",;\t"[i])
            else:
                pq.write_table(part, folder / f"{i}.parquet")
        (folder / ".hidden.csv").write_text("x")
        (folder / "readme.txt").write_text("x")
        files = sorted(folder.glob(f"[0-9].{ending}"))
        return files if as_list else folder

    return write


def dataset(kind):
    def write(folder, table):
        if kind == "memory":
            return ds.dataset(table)
        if kind == "union":
            parts = [ds.dataset(table.slice(0, 90)), ds.dataset(table.slice(90))]
            return ds.dataset(parts)
        if kind == "filtered":
            again = pa.concat_tables([table, table])
            again = again.append_column("keep", pa.array([1] * N + [0] * N))
            return ds.dataset(again).filter(pc.field("keep") == 1)
        ds.write_dataset(table, folder, format=kind)
        return ds.dataset(folder, format=kind)

    return write


SOURCES = {
    "comma": text(","),
    "semicolon": text(";", "\r\n"),
    "tab": text("\t"),
    "bar": text("|", start="\ufeff"),
    "gz": zipped,
    "csv files": several("csv", True),
    "csv folder": several("csv", False),
    "parquet of one group": parquet(N),
    "parquet of small groups": parquet(7),
    "parquet files": several("parquet", True),
    "parquet folder": several("parquet", False),
    **{
        f"dataset {kind}": dataset(kind)
        for kind in ("parquet", "ipc", "csv", "memory", "union", "filtered")
    },
}


@pytest.mark.parametrize("kind", SOURCES)
def test_blocks_are_the_rows_of_the_table(tmp_path, kind):
    table = table_of()
    source = source_of(SOURCES[kind](tmp_path, table))
    assert source.columns[:5] == table.column_names
    names = ["d", "x", "c", "b", "n"]
    expected = table.select(names)
    for _ in range(2):
        blocks = list(source.blocks(names))
        assert [one.num_rows for one in blocks] == [BLOCK] * (N // BLOCK) + [N % BLOCK]
        assert all(column.num_chunks == 1 for one in blocks for column in one.columns)
        found = pa.concat_tables(blocks)
        if kind == "dataset csv":
            found = found.cast(expected.schema)
        assert found.equals(expected)
        if kind != "dataset csv":
            cut = [expected.slice(i, BLOCK) for i in range(0, N, BLOCK)]
            assert [*map(checksum, blocks)] == [*map(checksum, cut)]
    assert source.table(["n"]).equals(table.select(["n"]))
    assert source.table().num_columns == len(source.columns)


@pytest.mark.parametrize("kind", ["comma", "parquet of one group"])
@pytest.mark.parametrize("n", [1, BLOCK, 2 * BLOCK])
def test_no_block_is_empty(tmp_path, kind, n):
    source = source_of(SOURCES[kind](tmp_path, table_of(n)))
    assert [one.num_rows for one in source.blocks()] == [min(n, BLOCK)] * -(-n // BLOCK)


@pytest.mark.parametrize("kind", ["comma", "bar", "gz", "parquet of small groups"])
def test_the_command_reads_the_same(tmp_path, kind):
    path = SOURCES[kind](tmp_path, table_of())
    frame = read_table(type(tmp_path)(path)).frame
    table = source_of(path).table()
    for name in "xncb":
        found = table[name].to_pylist()
        assert found == [None if pd.isna(one) else one for one in frame[name]]


def test_sizes(tmp_path):
    table = table_of()
    path = text(",")(tmp_path, table)
    assert source_of([path, path]).n_bytes == 2 * path.stat().st_size
    path = parquet(100)(tmp_path, table)
    groups = pq.ParquetFile(path).metadata
    size = sum(groups.row_group(i).total_byte_size for i in range(3))
    assert source_of(path).n_bytes == source_of(ds.dataset(path)).n_bytes == size
    assert source_of(ds.dataset(table)).n_bytes == pytest.approx(table.nbytes, rel=0.2)
    half = ds.dataset(path).filter(pc.field("n") < 500)
    assert source_of(half).n_bytes == pytest.approx(table.nbytes / 2, rel=0.3)
    for kind in ("csv", "ipc"):
        folder = tmp_path / kind
        data = dataset(kind)(folder, table)
        (file,) = folder.iterdir()
        assert source_of(data).n_bytes == file.stat().st_size


def test_partitions_of_folders_are_columns(tmp_path):
    table = table_of().append_column("year", pa.array([2023, 2024] * (N // 2)))
    ds.write_dataset(
        table,
        tmp_path,
        format="parquet",
        partitioning=["year"],
        partitioning_flavor="hive",
    )
    data = ds.dataset(tmp_path, partitioning="hive")
    found = source_of(data).table(["n", "year"])
    assert found.equals(data.to_table(columns=["n", "year"]).combine_chunks())
    with pytest.raises(ValueError, match="for folders in it give a pyarrow"):
        source_of(tmp_path)


def test_missing_columns_are_named(tmp_path):
    source = source_of(text(",")(tmp_path, table_of()), name="X_new")
    with pytest.raises(ValueError, match=r"X_new must have the columns \['x', 'z'\]"):
        source.blocks(["x", "z"])


@pytest.mark.parametrize("kind", ["comma", "dataset memory"])
def test_no_rows(tmp_path, kind):
    data = SOURCES[kind](tmp_path, table_of(0))
    with pytest.raises(ValueError, match="X must have at least one row"):
        source_of(data).table()


def test_a_file_that_changes_is_refused(tmp_path):
    path = text(",")(tmp_path, table_of())
    source = source_of(path)
    source.table()
    for line in ("a,1,b,True,2024-01-01", "1,1,b,yes,2024-01-01"):
        path.write_text(f"x,n,c,b,d\n{line}\n")
        with pytest.raises(ValueError, match="must stay the same .* file has changed"):
            source.table()
    path.unlink()
    with pytest.raises(ValueError, match="No such file"):
        source.table()


@pytest.mark.parametrize("X", [1, [], None, pd.DataFrame(), ["a.csv", 1]])
def test_what_is_no_source(X):
    with pytest.raises(
        TypeError, match="X must be a path, a list of paths or a pyarrow"
    ):
        source_of(X)


def varied(n=300):
    """A table with columns of many types."""
    rng = np.random.RandomState(0)
    missing, numbers = rng.rand(n) < 0.2, rng.randint(0, 99, n)
    words = pa.array([f"w{i}" for i in numbers], mask=missing)
    return pa.table(
        {
            "f": pa.array(rng.normal(size=n), mask=missing),
            "b": pa.array(numbers > 50, mask=missing),
            "s": words,
            "c": words.dictionary_encode(),
            "d": pa.array(numbers, mask=missing).cast(pa.decimal128(20, 0)),
            "l": pa.array([[1.5] * (i % 3) if i % 5 else None for i in numbers]),
            "t": pa.array([{"x": int(i)} if i % 7 else None for i in numbers]),
        }
    )


@pytest.mark.parametrize(("start", "stop"), [(0, 5), (3, 77), (13, 14), (1, 300)])
def test_a_checksum_is_of_the_values(start, stop):
    table = varied()
    one = table.slice(start, stop - start)
    fresh = [pa.array(each.to_pylist(), each.type) for each in one.columns]
    others = [
        pa.concat_tables([one.slice(0, 2), one.slice(2)]),
        table.slice(start).slice(0, stop - start).combine_chunks(),
        pa.table(fresh, names=table.column_names).replace_schema_metadata({"a": "b"}),
    ]
    assert {checksum(each) for each in others} == {checksum(one)}


def test_checksums_differ():
    plain = pa.table({"a": [1, 2, 0], "b": ["x", "yz", ""]})
    others = [
        pa.table({"a": [1, 2, None], "b": ["x", "yz", ""]}),
        pa.table({"a": [1, 2, 0], "b": ["x", "yz", None]}),
        pa.table({"a": [1, 2, 0], "b": ["xy", "z", ""]}),
        pa.table({"a": [2, 1, 0], "b": ["x", "yz", ""]}),
        pa.table({"a": [1, 2, 0], "c": ["x", "yz", ""]}),
        plain.set_column(0, "a", plain["a"].cast("float64")),
        plain.set_column(0, "a", plain["a"].cast("uint64")),
        plain.set_column(1, "b", plain["b"].dictionary_encode()),
        plain.slice(0, 2),
    ]
    assert len({checksum(one) for one in [plain, *others]}) == 1 + len(others)


def test_a_survey_reads_all_columns_and_keeps_those_of_text(tmp_path):
    path, rows = tmp_path / "a.csv", []
    path.write_text("a,b,c\n1,2,x\n3,4,NA\na,b,c\n5,?,z\n")
    source = source_of(path, text=["c"], missing=MISSING | {"?"})
    found = source.survey(rows.append)
    assert rows == [4]
    assert source.n_headers == 1
    assert {name: one.odd for name, one in found.items()} == {
        "a": ["a"],
        "b": ["b"],
        "c": ["x", "c", "z"],
    }
    assert found["c"].words == {"NA": 1}
    assert source.table(["b"])["b"].to_pylist() == ["2", "4", "b", None]
    one = tmp_path / "one.csv"
    one.write_text("a\n1\na\n")
    source = source_of(one)
    source.survey(rows.append)
    assert source.n_headers == 0


def test_nul_characters_are_found_by_a_survey(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "x,1\n" * 2000 + "x\0,1\n")
    with pytest.raises(ValueError, match="column 'a' has NUL characters"):
        source_of(path).survey(lambda n_rows: None)


def test_a_first_column_without_a_name_is_one_if_asked_for(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(",x\n7,1\n8,2\n")
    assert source_of(path).columns == ["x"]
    source = source_of(path, index=True)
    assert source.columns == ["column 1", "x"]
    assert source.table()["column 1"].to_pylist() == [7, 8]


@pytest.mark.parametrize("kind", ["string_view", "binary_view"])
def test_views_are_read_as_plain_types(kind, tmp_path):
    if not hasattr(pa, kind):
        pytest.skip("another version of pyarrow")
    plain = pa.array(["a", None, "b"] if kind == "string_view" else [b"a", None, b"b"])
    table = pa.table({"a": plain.cast(getattr(pa, kind)())})
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    for source in (source_of(path), source_of(ds.dataset(table))):
        found = source.table()["a"]
        assert str(found.type) == kind.replace("_view", "").join(["large_", ""])
        assert found.to_pylist() == plain.to_pylist()
        assert found.take(np.array([2])).to_pylist() == plain.to_pylist()[2:]
