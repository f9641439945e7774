"""Which files are read in blocks; columns, notes and errors are those of the whole."""

import gzip
import re
import shlex

import numpy as np
import pytest

from skmlp.command.blocks import way_of
from skmlp.command.choices import Reading
from skmlp.command.models import load_model
from skmlp.command.text import UserError
from tests.command.conftest import command
from tests.command.large_tables import FRAME, pandas, stored

pytestmark = pytest.mark.usefixtures("quick")

N = 200
WHOLE = "read as a whole, which needs memory: "
X = np.random.RandomState(0).randn(20).round(3)[np.arange(N) % 20]


def report(path, *options, capsys):
    """The exit code, what the report says of the table, and the error."""
    code = command(path, *options)
    out, err = capsys.readouterr()
    return code, re.split(r"\n\S+ training rows?", out)[0].splitlines(), err


def facts(lines):
    """What both ways say."""
    lines = [one for one in lines if "read in blocks" not in one and WHOLE not in one]
    text = "\n".join(one.removesuffix(" (by the sample)") for one in lines)
    # Numbers of different values are those of the sample; lines are not counted.
    text = re.sub(r" \d+ (different )", r" \1", text)
    text = re.sub(r"\d+ of \d+ (values)", r"\1", text)
    return re.sub(r"(header again.*), the first in line \d+", r"\1", text).splitlines()


def check_both_ways(path, tmp_path, large, capsys, *options, sample=60):
    """Train on a file as a whole and in blocks, and predict it both ways.

    Returns the exit code, the lines of the report, and the message of the error.
    """
    found, models = [], []
    for in_blocks in (False, True):
        model = tmp_path / f"{in_blocks}.pkl"
        how = ["--target", "t", "--save", model, *options]
        with large(in_blocks, sample=sample):
            found.append(report(path, *how, capsys=capsys))
        models.append(model)
    whole, blocks = found
    assert whole[0] == blocks[0], (whole, blocks)
    if whole[0]:
        assert whole[2].splitlines()[-1] == blocks[2].splitlines()[-1]
        return whole[0], blocks[1], whole[2]
    assert facts(whole[1]) == facts(blocks[1])
    assert whole[2] == ""
    kinds = [load_model(one, trust_pickle=True).columns for one in models]
    assert kinds[0] == kinds[1]
    words = [one for one in options if one not in ("--drop", "dropped")]
    predictions = []
    for in_blocks in (False, True):
        with large(in_blocks):
            how = ["predict", "--trust-pickle", models[1], path, *words]
            assert command(*how) == 0
        predictions.append(capsys.readouterr())
    assert predictions[0].out == predictions[1].out
    notes = [set(facts(one.err.splitlines())) for one in predictions]
    assert notes[0] == notes[1]
    return 0, blocks[1], ""


def rows(form="{i},{x},{w},{t}"):
    """Rows of a text file."""
    words = np.array([*"abc"])[np.arange(N) % 3]
    each = zip(range(N), X, words, 2 * X, strict=True)
    return "".join(
        form.format(i=i, x=x, w=w, t=round(t, 3)) + "\n" for i, x, w, t in each
    )


DAY = pandas.Timestamp("2024-01-01") + pandas.to_timedelta(np.arange(N) * 7 % 20, "D")


def late(usual, odd):
    """Values with one that differs, beyond a sample."""
    return [odd if i == 157 else one for i, one in enumerate(usual)]


COLUMNS = {
    "hours": DAY.strftime("%Y-%m-%d 00"),
    "blanks": [f"{one} " for one in DAY.strftime("%Y-%m-%d")],
    "iso": DAY.strftime("%Y-%m-%d %H:%M"),
    "german": DAY.strftime("%d.%m.%Y"),
    "iso or text": late(DAY.strftime("%Y-%m-%d"), "soon"),
    "german or text": late(DAY.strftime("%d.%m.%Y"), "soon"),
    "one stray": late(X.astype(str), "oops"),
    "strays": ["-" if i % 50 == 33 else str(i % 9) for i in range(N)],
    "words": [["NA", "na", "b", None, "None"][i % 5] for i in range(N)],
    "constant": [1] * N,
    "almost constant": late([1] * N, 2),
    "empty": [None] * N,
    "almost empty": late([None] * N, 3.5),
    "names": [f"n{i}" for i in range(N)],
    "large": 2**60 + np.arange(N) % 5,
    "codes": late([str(i % 7) for i in range(N)], "007"),
    "booleans": late(["true", "false"] * (N // 2), "maybe"),
    "integers": late(np.arange(N) % 5, 0.5),
}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_columns_are_those_of_the_whole(kind, tmp_path, large, capsys, bare):
    frame = pandas.DataFrame({"x": X} | COLUMNS | {"t": 2 * X})
    path = stored(frame, tmp_path / f"a.{kind}")
    _, lines, _ = check_both_ways(path, tmp_path, large, capsys)
    text = "\n".join(lines)
    assert "\ndropped, constant: 'constant'\n" in text
    assert "\ndropped, empty: 'empty'\n" in text
    if kind == "csv":
        assert "--missing oops reads it as missing" in text
        assert (
            "\nread as missing: 'NA' in 'words' (40), 'None' in 'words' (40)\n" in text
        )


@pytest.mark.parametrize("dtype", ["string_view", "binary_view", "json_"])
def test_columns_of_new_types_are_read(dtype, tmp_path, large, capsys, bare):
    arrow = pytest.importorskip("pyarrow")
    if not hasattr(arrow, dtype):
        pytest.skip("another version of pyarrow")
    words = ['"a"', '"b"'] * (N // 2)
    dtype = getattr(arrow, dtype)()
    plain = arrow.array(
        [one.encode() for one in words] if "bin" in str(dtype) else words
    )
    if isinstance(dtype, arrow.BaseExtensionType):
        column = arrow.ExtensionArray.from_storage(dtype, plain)
    else:
        column = plain.cast(dtype)
    table = arrow.table({"x": X, "dropped": column, "w": column, "t": 2 * X})
    path = tmp_path / "a.parquet"
    arrow.parquet.write_table(table, path)
    code, _, err = check_both_ways(path, tmp_path, large, capsys, "--drop", "dropped")
    assert code == (2 if "binary" in str(dtype) else 0)
    assert "'w' hold other values" in err or not code


TARGETS = {
    "text": late(["a", "b"] * (N // 2), "c"),
    "two rows of a class": ["c" if i in (150, 157) else "ab"[i % 2] for i in range(N)],
    "late class": ["a"] * (N - 5) + ["b"] * 5,
    "late number": [1] * (N - 5) + [2] * 5,
    "few integers, then many": [i % 15 if i < 150 else i for i in range(N)],
    "fraction": late(np.arange(N) % 5, 0.5),
    "infinite": late(np.arange(N) * 1.0, np.inf),
    "names": [f"n{i}" for i in range(N)],
    "missing": late([float("nan")] * 40 + [*np.arange(160) % 3], 7),
}


@pytest.mark.parametrize(
    ("kind", "task"), [("csv", "auto"), ("parquet", "classification")]
)
@pytest.mark.parametrize("y", TARGETS.values(), ids=list(TARGETS))
def test_the_target_is_judged_by_all_rows(y, task, kind, tmp_path, large, capsys, bare):
    path, reports = (
        stored(pandas.DataFrame({"x": X, "t": y}), tmp_path / f"a.{kind}"),
        [],
    )
    for in_blocks in (False, True):
        with large(in_blocks, sample=60):
            found = report(path, "--target", "t", "--task", task, capsys=capsys)
        reports.append(found)
    whole, blocks = reports
    assert whole[0] == blocks[0]
    if whole[0]:
        assert whole[2].splitlines()[-1] == blocks[2].splitlines()[-1]
    assert facts(whole[1]) == facts(blocks[1])


HEADERS = {
    "plain": ("i,x,w,t\n", rows(), 0),
    "sep=": ("sep=;\ni;x;w;t\n", rows("{i};{x};{w};{t}"), 0),
    "comment": ("# a table\ni,x,w,t\n", rows(), 2),
    "unnamed numbers of rows": (",x,w,t\n", rows(), 0),
    "unnamed names of rows": (",x,w,t\n", rows("r{i},{x},{w},{t}"), 0),
    "unnamed column": ("i,,w,t\n", rows(), 0),
    "blanks": ("i , x, w,t\n", rows(), 0),
    "twice": ("x,x,w,t\n", rows(), 2),
    "again": ("w,x,t\n", rows("{w},b{w},{w}") + "w,x,t\n", 0),
    "hash": ("#i,x,w,t\n", rows(), 0),
    "values": ("1,2.5,9,t\n", rows(), 0),
    "in lines": ('i,"x\ny",w,t\n', rows(), 0),
    "blank lines before": ("\n\ni,x,w,t\n", rows(), 0),
    "old ends of lines": ("i,x,w,t\r", rows().replace("\n", "\r"), 0),
    "late NUL": ("i,x,w,t\n", rows() + "1,2,a\0b,3\n", 2),
    "short row": ("i,x,w,t\n", rows() + "1,2\n", 0),
    "long row": ("i,x,w,t\n", rows() + "1,2,3,4,5\n", 2),
    "quote without end": ("i,x,w,t\n", rows() + '1,2,"a,3\n', 2),
    "quote that ends later": (
        "w,x,i,t\n",
        rows("{w},{x},{i},{t}") + '"a,1,2,3\na,2,3,4\n"b",1,2,3\n' + rows(),
        2,
    ),
    "quotes in text": ("i,x,w,t\n", rows('{i},{x},{w} 5",{t}'), 0),
    "quotes not twice": ("i,x,w,t\n", rows('{i},{x},"{w} "a" b",{t}'), 0),
    "currencies": ("i,x,w,t\n", rows("{i},{x} SEK,{w},{t}"), 0),
    "day and month": (
        "i,x,w,t\n",
        rows("{i},08/02/2024,{w},{t}") + "1,13/01/2024,a,3\n",
        0,
    ),
    "decimal commas": ("i;x;w;t\n", rows("{i};0,5;{w};{t}"), 0),
}


@pytest.mark.parametrize(
    ("header", "text", "code"), HEADERS.values(), ids=list(HEADERS)
)
def test_text_files_are_read_as_the_whole(
    header, text, code, tmp_path, large, capsys, bare
):
    path = tmp_path / "a.csv"
    path.write_text(header + text, newline="")
    assert check_both_ways(path, tmp_path, large, capsys)[0] == code


def test_endings_separators_and_words(tmp_path, large, capsys, bare):
    tsv = tmp_path / "a.tsv"
    tsv.write_text("i;x;w;t\n" + rows("{i};{x};{w};{t}"))
    _, lines, _ = check_both_ways(tsv, tmp_path, large, capsys)
    assert f"{WHOLE}the header of a.tsv has another form than its first line" in lines
    zipped = tmp_path / "a.csv.gz"
    zipped.write_bytes(gzip.compress(("i,x,w,t\n" + rows()).encode()))
    check_both_ways(zipped, tmp_path, large, capsys)
    words = tmp_path / "words.csv"
    words.write_text("i,x,w,t\n" + rows() + "1,?,a,3\n2,-, ? ,3\n")
    how = ["--missing", "?", "-"]
    _, lines, _ = check_both_ways(words, tmp_path, large, capsys, *how)
    assert not any(one.startswith(WHOLE) for one in lines)


def test_parquet_files_of_pandas(tmp_path, large, capsys, bare):
    frame = pandas.DataFrame({"x": X, " w ": [*"abcd"] * (N // 4), "t": 2 * X})
    paths = {name: tmp_path / f"{name}.parquet" for name in ("blank", "range", "named")}
    frame.to_parquet(paths["blank"])
    frame = frame.rename(columns={" w ": "w"})
    years = pandas.RangeIndex(1900, 1900 + 2 * N, 2, name="year")
    frame.set_index(years).to_parquet(paths["range"])
    named = frame.set_index(pandas.Index(np.arange(N) * 3 % 100, name="i"))
    named.to_parquet(paths["named"])
    for path, why in zip(
        paths.values(), ("names of", "its index 'year'", ""), strict=True
    ):
        _, lines, _ = check_both_ways(path, tmp_path, large, capsys)
        whole = [one for one in lines if one.startswith(WHOLE)]
        assert bool(whole) == bool(why)
        assert all(one.startswith(WHOLE + why) for one in whole)
    folder = tmp_path / "folder"
    folder.mkdir()
    frame[frame["x"] > 0].to_parquet(folder / "a.parquet")
    frame[frame["x"] <= 0].to_parquet(folder / "b.parquet")
    assert command(folder, "--target", "t") == 0
    assert "200 rows, 3 columns\n" in capsys.readouterr().out


@pytest.mark.parametrize("missing", ["a ", "?"])
def test_words_with_blanks_for_missing_values(missing, tmp_path, large, capsys, bare):
    path = tmp_path / "a.csv"
    odd = "".join(f"1,{missing},a,{i % 3}\n" for i in range(5))
    path.write_text("i,x,w,t\n" + rows() + odd)
    code, lines, _ = check_both_ways(
        path, tmp_path, large, capsys, "--missing", missing
    )
    assert code == 0
    assert not any("used as text" in one for one in lines)
    _, lines, _ = check_both_ways(path, tmp_path, large, capsys)
    (line,) = [one for one in lines if "'x' is used as text" in one]
    assert line.removesuffix(" (by the sample)").endswith(
        f"--missing {shlex.quote(missing)} reads it as missing"
    )


def test_an_integer_with_rare_values_is_no_class(tmp_path, large, capsys, bare):
    y = [i % 15 if i % 20 else 15 + i // 20 for i in range(N)]
    path = stored(pandas.DataFrame({"x": X, "t": y}), tmp_path / "a.parquet")
    _, lines, _ = check_both_ways(path, tmp_path, large, capsys, sample=40)
    assert any(one.startswith("t: regression") for one in lines)


@pytest.mark.parametrize("in_blocks", [False, True])
@pytest.mark.parametrize(
    "values",
    [
        [4.0, None, 7.0, 12.0],
        ["4.0", "7e1", "+7", "12.50"],
        ["true", "false", "True", "FALSE"],
        [2**60, 2**60 + 1, 7, 8],
        ["007", "7", "x", "4.0"],
    ],
    ids=repr,
)
def test_numbers_as_categories_are_the_same_labels_in_new_rows(
    values, in_blocks, tmp_path, large, capsys, bare
):
    frame = pandas.DataFrame(
        {"x": X, "zip": values * (N // 4), "t": [0, 1, 0, 1] * (N // 4)}
    )
    path, model = stored(frame, tmp_path / "a.csv"), tmp_path / "m.pkl"
    with large(in_blocks, sample=60):
        how = ["--target", "t", "--categorical", "zip", "--save", model]
        assert command(path, *how) == 0
        capsys.readouterr()
        assert command("predict", "--trust-pickle", model, path) == 0
    assert "does not have" not in capsys.readouterr().err
    saved = load_model(model, trust_pickle=True)
    assert saved.columns["zip"] in ("label", "text")
    assert (saved.columns["zip"] == "text") == ("x" in values)


@pytest.mark.parametrize("dtype", ["date32", "timestamp", "dictionary"])
def test_files_of_frames_with_types_of_pyarrow(dtype, tmp_path, large, capsys, bare):
    arrow = pytest.importorskip("pyarrow")
    if dtype == "dictionary":
        plain = arrow.array(["a", "b"] * (N // 2)).dictionary_encode()
    else:
        types = {"date32": arrow.date32(), "timestamp": arrow.timestamp("us", "UTC")}
        plain = arrow.array(DAY.to_pydatetime()).cast(types[dtype])
    array = pandas.arrays.ArrowExtensionArray(plain)
    frame = pandas.DataFrame({"x": X, "c": pandas.Series(array), "t": 2 * X})
    path = stored(frame, tmp_path / "a.parquet")
    assert check_both_ways(path, tmp_path, large, capsys)[0] == 0


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_numbers_to_predict_are_checked_before_the_first(
    kind, tmp_path, large, capsys, bare
):
    frame = pandas.DataFrame({"x": X, "w": [*"abcd"] * (N // 4), "t": 2 * X})
    model = tmp_path / "m.pkl"
    assert (
        command(stored(frame, tmp_path / "a.csv"), "--target", "t", "--save", model)
        == 0
    )
    capsys.readouterr()
    path = stored(frame.assign(x=late(X.astype(str), "oops")), tmp_path / f"b.{kind}")
    with large():
        assert command("predict", "--trust-pickle", model, path) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Column 'x' must hold numbers as in training" in err
    if kind == "csv":
        assert ". Got 'oops'; --missing oops reads it as missing.\n" in err
    with large():
        missing = stored(frame.drop(columns="x"), tmp_path / f"c.{kind}")
        assert command("predict", "--trust-pickle", model, missing) == 2
    assert "the model needs columns 'x'" in capsys.readouterr().err


@pytest.mark.parametrize("end", ['1,"b,2\n', "1,2,3,4\n", "1,a\0b,2\n"])
def test_broken_rows_are_found_before_the_first_prediction(
    end, tmp_path, large, capsys, bare
):
    words = "".join(f"1,{'ab'[i % 2]},{i % 2}\n" for i in range(N))
    (tmp_path / "a.csv").write_text("z,w,t\n" + words)
    (tmp_path / "b.csv").write_text("z,w,t\n" + words + end)
    model = tmp_path / "m.pkl"
    how = ["--target", "t", "--drop", "z", "--save", model]
    with large():
        assert command(tmp_path / "a.csv", *how) == 0
        capsys.readouterr()
        assert command("predict", "--trust-pickle", model, tmp_path / "b.csv") == 2
    assert capsys.readouterr().out == ""


def test_too_many_classes(tmp_path, large, capsys, monkeypatch):
    monkeypatch.setattr("skmlp.command.witnesses.MOST_CLASSES", 50)
    frame = pandas.DataFrame({"x": X, "t": [f"n{i % 60}" for i in range(N)]})
    path = stored(frame, tmp_path / "a.parquet")
    with large(sample=100):
        assert command(path, "--target", "t") == 2
    assert "Column 't', the target, must have at most " in capsys.readouterr().err


def test_small_files_and_files_with_options_are_read_as_a_whole(
    tmp_path, large, capsys, bare, monkeypatch
):
    path, table = (stored(FRAME, tmp_path / name) for name in ("a.csv", "a.parquet"))
    assert way_of([path], Reading()) == (None, [])
    (tmp_path / "empty.csv").write_text("")
    with large():
        way = way_of([table], Reading(missing=("?",)))
        assert way == (None, [f"{WHOLE}--missing is set"])
        way = way_of([path], Reading(default_decimal=","))
        assert way == (None, [f"{WHOLE}the training table has decimal commas"])
        assert way_of([tmp_path / "a.xlsx"], Reading()) == (None, [])
        with pytest.raises(UserError, match="the file is empty"):
            way_of([tmp_path / "empty.csv"], Reading())
        comma = tmp_path / "comma.csv"
        FRAME.to_csv(comma, index=False, sep=";", decimal=",")
        assert command(comma, "--target", "y") == 0
        assert f"\n{WHOLE}TABLE must have finite numbers with a decimal point" in (
            capsys.readouterr().out
        )
