from types import SimpleNamespace

import numpy as np
import pytest

from skmlp.core.batches import Dataset
from skmlp.streaming.blocks import (
    Layout,
    MemberTables,
    Piece,
    RowsOfTable,
    StoredRows,
)
from skmlp.streaming.rows_file import RowsFile
from skmlp.tabular.folds import Fold
from skmlp.tabular.member_rows import MemberRows, OwnColumns
from skmlp.tabular.target_statistics import FOLDS

N, SAMPLE, PIECES = 200, 60, 10
LAYOUT = Layout(4, 1, 1, 1)
PLACE = slice(1, 3)


def rows(numbers):
    """Encoded rows whose targets are their numbers, and their codes."""
    numbers = np.asarray(numbers, np.float32)
    X = numbers[:, None] + np.arange(4, dtype=np.float32) / 8
    return Dataset(X, numbers[:, None], numbers + 1), [(numbers % 7).astype(int)]


@pytest.fixture
def stored(tmp_path):
    """Rows 60 to 199 in a file."""
    file = RowsFile(tmp_path, N - SAMPLE, LAYOUT.width, PIECES)
    file.add(LAYOUT.joined(*rows(np.arange(SAMPLE, N))))
    file.check_full()
    yield StoredRows(file, LAYOUT, PLACE)
    file.close()


@pytest.fixture
def table(stored):
    """All rows, the first 60 in memory."""
    return RowsOfTable(N, rows(np.arange(SAMPLE))[0], stored, None, [3, 4])


def numbers_in(blocks):
    """The numbers of the rows of blocks."""
    return np.concatenate([one.load().y[:, 0] for one in blocks]).astype(int).tolist()


@pytest.mark.parametrize("layout", [LAYOUT, Layout(4, 0, 2, 0), Layout(3, 2, 1, 1)])
def test_layouts(layout):
    rng = np.random.RandomState(0)
    X, y = rng.randn(5, layout.n_columns), rng.randn(5, layout.n_targets)
    codes = [rng.randint(10**5, size=5) for _ in range(layout.n_codes)]
    w = rng.rand(5) if layout.n_weights else None
    joined = layout.joined(Dataset(X, y, w), codes)
    assert joined.shape == (5, layout.width)
    data, found = layout.split(joined)
    for one, other in zip(data, (X, y, w), strict=True):
        np.testing.assert_equal(one, None if other is None else other.astype("f4"))
        assert one is None or one.flags.c_contiguous
    assert found.tolist() == [one.tolist() for one in codes]


def test_pieces_have_the_effects_of_their_fold(stored):
    effects = [[np.full((7, 2), 100 * f, np.float32)] for f in range(FOLDS)]
    for f in range(FOLDS):
        effects[f][0] += np.arange(7, dtype=np.float32)[:, None]

    class Sums:
        def without(self, held):
            return SimpleNamespace(tables=effects.__getitem__)

    tables, held = MemberTables(Sums()), np.arange(3)
    for i, n in enumerate(stored.file.sizes):
        data = Piece(stored, i, n, tables, held).load()
        numbers = data.y[:, 0]
        expected = rows(numbers)[0].X
        expected[:, PLACE] = (100 * (i % FOLDS) + numbers % 7)[:, None]
        np.testing.assert_array_equal(data.X, expected)
        plain = Piece(stored, i, n).load()
        np.testing.assert_array_equal(plain.X, rows(numbers)[0].X)


@pytest.mark.parametrize("share", [1, 0.3, 0.01])
def test_each_block_once_in_one_pass(table, share):
    fold = Fold(np.arange(0, SAMPLE, 2), np.arange(1, SAMPLE, 2))
    (blocks,) = table.blocks([fold], [5], round(N * share))
    n = len(blocks.every)
    part = min(round(N * share) / (N - SAMPLE / 2), 1)
    assert blocks.n_blocks == max(round(n * part), 1)
    assert blocks.n_rows == pytest.approx((N - SAMPLE / 2) * blocks.n_blocks / n, abs=1)
    epochs = [blocks.of_epoch(i) for i in range(2 * n)]
    taken = [one for epoch in epochs for one in epoch]
    expected = [*range(0, SAMPLE, 2), *range(SAMPLE, N)]
    for turn in range(2):
        assert sorted(numbers_in(taken[turn * n : (turn + 1) * n])) == expected
    first, second = taken[:n], taken[n : 2 * n]
    assert numbers_in(first) != numbers_in(second)
    assert numbers_in(blocks.of_epoch(3)) == numbers_in(epochs[3])


def test_members_have_their_rows_and_orders(table):
    folds = [
        Fold(np.arange(i, SAMPLE, 3), np.arange(SAMPLE - i, SAMPLE)) for i in (1, 2)
    ]
    one, other, again = table.blocks([*folds, folds[0]], [1, 2, 1], N)
    assert numbers_in(one.of_epoch(0)) == numbers_in(again.of_epoch(0))
    assert numbers_in(one.of_epoch(0)) != numbers_in(other.of_epoch(0))
    for blocks, fold in zip((one, other), folds, strict=True):
        found = [i for i in numbers_in(blocks.of_epoch(0)) if i < SAMPLE]
        assert sorted(found) == fold.training.tolist()


def test_members_with_effects(table):
    """The columns of effects come from sums without the held-out rows."""
    calls = []

    class Sums:
        def without(self, held):
            return SimpleNamespace(tables=lambda fold: [np.full((7, 2), len(held))])

        def own_columns(self, training, validation):
            calls.append(len(training))
            return OwnColumns(PLACE, np.full((SAMPLE, 2), -1, np.float32))

    table = RowsOfTable(N, table.sample, table.stored, Sums(), [])
    fold = Fold(np.arange(50), np.arange(50, SAMPLE))
    first, second = table.own_columns([fold, fold])
    assert first is second
    assert calls == [50]
    for blocks in table.blocks([fold, fold], [1, 2], N):
        for one in blocks.of_epoch(0):
            expected = -1 if isinstance(one, MemberRows) else 10
            assert (one.load().X[:, PLACE] == expected).all()
    assert calls == [50]
    # The sample itself stays as it was.
    np.testing.assert_array_equal(table.sample.X, rows(np.arange(SAMPLE))[0].X)


@pytest.mark.parametrize("some", [None, np.arange(5, 20)])
def test_all_blocks(table, some):
    blocks = table.all_blocks(some, np.random.RandomState(0))
    held = range(SAMPLE) if some is None else some
    found = sorted(numbers_in(blocks.of_epoch(0)))
    assert found == [*held, *range(SAMPLE, N)]


@pytest.mark.parametrize("fraction", [1, 0.5, 0.2, 0.05, 1e-6])
def test_parts(table, fraction):
    fold = Fold(np.arange(SAMPLE), np.arange(0))
    (blocks,) = table.blocks([fold], [5], N)
    part = blocks.part(fraction)
    sizes = [one.n_rows for i in range(30) for one in part.of_epoch(i)]
    assert np.mean(sizes) * part.n_blocks == pytest.approx(fraction * N, rel=0.6, abs=1)
    for one in part.of_epoch(0):
        data = one.load()
        assert data.n_rows == one.n_rows == len(data.X) == len(data.w)
        assert set(data.y[:, 0]) <= set(range(N))


def test_blocks_without_rows_are_left_out(tmp_path):
    file = RowsFile(tmp_path, 2, LAYOUT.width, 4)
    file.add(LAYOUT.joined(*rows([0, 1])))
    table = RowsOfTable(2, rows([2])[0], StoredRows(file, LAYOUT, PLACE), None, [])
    every = table.all_blocks(None, np.random.RandomState(0)).every
    assert [one.n_rows for one in every] == [1, 1, 1]
    assert [isinstance(one, Piece) for one in every] == [True, True, False]
    file.close()


def test_facts(table):
    assert table.facts() == {"other rows": [3, 4], "number of rows": N}


def test_few_rows_beside_the_sample(table):
    """Blocks of the sample have many rows, also if the file has few."""
    found = RowsOfTable(N, table.sample, table.stored, None, [])
    every = found.all_blocks(None, np.random.RandomState(0)).every
    assert sum(isinstance(one, MemberRows) for one in every) == 1
