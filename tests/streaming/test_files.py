"""Paths that are tables, and the errors of others."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from skmlp.streaming.files import paths_of
from skmlp.streaming.sources import source_of


def write(path):
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"a": [1], "b": [2]}), path)
    else:
        path.write_text("a,b\n1,2\n")
    return path


def test_a_folder_has_its_files_in_order(tmp_path):
    names = ["b.csv", "a.csv.gz", "C.CSV", ".d.csv", "e.txt", "_SUCCESS"]
    for name in names:
        write(tmp_path / name)
    found = paths_of([tmp_path, str(tmp_path / "e.txt")], "X")
    assert [path.name for path in found] == ["C.CSV", "a.csv.gz", "b.csv", "e.txt"]


@pytest.mark.parametrize(
    ("names", "X", "message"),
    [
        ([], "a.csv", "No such file"),
        ([], "none", "which does not exist"),
        (["a.xlsx"], "a.xlsx", "a file that ends in .parquet, .csv"),
        (["a.xlsx"], ".", "a folder with files that end in"),
        (["a.csv", "b.parquet"], ".", "files of one kind"),
        (["a.csv", "b.parquet"], ["b.parquet", "a.csv"], "files of one kind"),
        (["a.csv"], ["a.csv", "c.csv"], "No such file"),
        (["a.csv"], "a.csv/b.csv", "Not a directory"),
    ],
    ids=str,
)
def test_paths_that_are_no_tables(tmp_path, names, X, message):
    for name in names:
        write(tmp_path / name)
    given = [tmp_path / one for one in X] if isinstance(X, list) else tmp_path / X
    with pytest.raises(ValueError, match=message) as caught:
        source_of(given, name="data")
    assert str(caught.value).startswith("data must")
    assert str(tmp_path) in str(caught.value)


def test_files_that_are_empty_or_may_not_be_read(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.touch()
    with pytest.raises(ValueError, match=r"X must be a file with rows\. Got .*empty"):
        source_of(path)

    def denied(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", denied)
    with pytest.raises(ValueError, match="Permission denied"):
        source_of(path)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_columns_that_differ_are_named(tmp_path, ending):
    write(tmp_path / f"a.{ending}")
    other = tmp_path / f"b.{ending}"
    table = pa.table({"a": [1], "z": [2]})
    if ending == "csv":
        other.write_text("a,z\n1,2\n")
    else:
        pq.write_table(table, other)
    with pytest.raises(ValueError, match=r"without \['b'\]") as caught:
        source_of(tmp_path)
    assert str(other) in str(caught.value)
    table = pa.table({"a": [1], "b": [2], "z": [3]})
    if ending == "csv":
        other.write_text("z,b,a\n1,2,3\n")
    else:
        pq.write_table(table, other)
    with pytest.raises(ValueError, match=r"with \['z'\]"):
        source_of(tmp_path)
