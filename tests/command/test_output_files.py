"""Predictions in files: what they hold, block by block, and what failures leave."""

import csv as texts
import gzip
import io
from decimal import Decimal

import numpy as np
import pytest

from skmlp.command.models import SavedModel
from skmlp.command.output_files import csv_of, writing
from skmlp.command.outputs import Outputs
from skmlp.command.text import UserError
from tests.command.conftest import N, command

pandas = pytest.importorskip("pandas")

OUTPUTS = Outputs(SavedModel(None, "y", {}), ["key"])
KEYS = {
    "text": (["007", " x", 'a"b', None], ["007", " x", 'a"b', ""]),
    "integers": ([2**63 - 1, 1, 2, 3], [str(2**63 - 1), "1", "2", "3"]),
    "some": (
        pandas.array([2**60 + 1, None, 2, 3], dtype="Int64"),
        [str(2**60 + 1), "", "2", "3"],
    ),
    "floats": (
        [0.1 + 0.2, 123456789.0, np.nan, 1e-7],
        ["0.30000000000000004", "123456789", "", "0.0000001"],
    ),
    "single": (np.array([0.1, 2, 3, 4], "f4"), ["0.1", "2", "3", "4"]),
    "dates": (pandas.date_range("2024", periods=4), [f"2024-01-0{i}" for i in "1234"]),
    "decimals": ([Decimal("1.50")] * 4, ["1.50"] * 4),
}


@pytest.mark.parametrize("case", KEYS)
def test_ids_are_exact(case):
    values, expected = KEYS[case]
    columns = {"key": values, "y": np.full(4, 1 / 3)}
    text = csv_of(columns, OUTPUTS, header=True)
    rows = list(texts.reader(io.StringIO(text)))
    assert rows[0] == ["key", "y"]
    assert [row[0] for row in rows[1:]] == expected
    assert {row[1] for row in rows[1:]} == {"0.3333333"}


def test_sets_are_texts_in_csv():
    sets = np.empty(2, dtype=object)
    sets[:] = [["a", "b|c"], ["a"]]
    text = csv_of({"y_set": sets}, OUTPUTS, header=True)
    rows = list(texts.reader(io.StringIO(text)))
    assert rows == [["y_set"], ['a|"b|c"'], ["a"]]


@pytest.fixture
def model(birds, csv, quick, tmp_path, capsys):
    path = tmp_path / "m.pkl"
    options = ["--id", "ring", "--save", path, "--drop", "seen"]
    assert command(csv, "--target", "species", *options) == 0
    capsys.readouterr()
    return path


@pytest.mark.parametrize("in_blocks", [False, True])
def test_files_hold_what_is_printed(
    in_blocks, model, csv, birds, large, tmp_path, capsys
):
    parquet = tmp_path / "birds.parquet"
    birds.to_parquet(parquet)
    predict = ["predict", "--trust-pickle", model]
    with large(in_blocks):
        assert command(*predict, csv, "--intervals") == 0
        printed = capsys.readouterr().out
        for name in ("p.csv", "p.csv.gz", "p.parquet"):
            output = ["--output", tmp_path / name]
            for table in (csv, parquet):
                assert command(*predict, table, "--intervals", *output) == 0
                line = f"predictions: {tmp_path / name}, {N} rows\n"
                assert capsys.readouterr().out == line
                if name != "p.parquet":
                    data = (tmp_path / name).read_bytes()
                    data = gzip.decompress(data) if name.endswith("gz") else data
                    assert data.decode() == printed
    found = pandas.read_parquet(tmp_path / "p.parquet")
    again = pandas.read_csv(io.StringIO(printed))
    assert list(found) == list(again)
    assert found["ring"].tolist() == birds["ring"].tolist()
    assert found["species"].tolist() == again["species"].tolist()
    numbers = found.filter(like="probability")
    np.testing.assert_allclose(numbers, again[list(numbers)], rtol=1e-6)
    sets = [next(one) for one in map(set_reader, again["species_set"])]
    assert [list(one) for one in found["species_set"]] == sets


def set_reader(text):
    return texts.reader([text], delimiter="|")


@pytest.mark.parametrize("name", ["p.csv", "p.csv.gz", "p.parquet"])
@pytest.mark.parametrize("fault", [UserError, KeyboardInterrupt, OSError])
def test_a_failure_leaves_no_half_file(name, fault, tmp_path):
    path = tmp_path / name
    for content in (None, b"before"):
        if content:
            path.write_bytes(content)
        with pytest.raises(fault), writing(path, None, OUTPUTS) as write:
            write({"y": np.ones(3)})
            raise fault
        assert [one.name for one in tmp_path.iterdir()] == [name] * bool(content)
        assert not content or path.read_bytes() == content


def test_types_of_parquet_files(tmp_path):
    path = tmp_path / "p.parquet"
    with writing(path, None, OUTPUTS) as write:
        write({"key": [None, None], "y": np.ones(2)})
        write({"key": ["a", None], "y": np.ones(2)})
    assert pandas.read_parquet(path)["key"].tolist()[2] == "a"
    with writing(path, None, OUTPUTS) as write:
        write({"key": ["a", 3, None]})
    assert pandas.read_parquet(path)["key"].tolist()[:2] == ["a", "3"]
    with (
        pytest.raises(UserError, match="later blocks do not fit the first"),
        writing(path, None, OUTPUTS) as write,
    ):
        write({"key": [1]})
        write({"key": ["a"]})
    assert pandas.read_parquet(path)["key"].tolist()[:2] == ["a", "3"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("p.xlsx", "predictions must end in one of .csv, .csv.gz, .parquet."),
        ("none/p.csv", "the folder "),
        ("birds.csv", "--output and the table "),
    ],
)
def test_paths_are_checked_before_the_model_is_read(
    name, message, csv, tmp_path, capsys
):
    output = ["--output", tmp_path / name]
    assert command("predict", tmp_path / "none.skops", csv, *output) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1
