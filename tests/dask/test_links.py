import pickle
from collections.abc import Sequence
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("distributed")

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import multilayer_perceptron
from skmlp.core.batches import BlocksElsewhere, Dataset, parts_of
from skmlp.core.heads import HEADS
from skmlp.core.objective import Objective
from skmlp.core.optimizers import Adam
from skmlp.core.schedules import Cosine
from skmlp.core.training import Patience, TrainingConfig, TrainingState, train_blocks
from skmlp.dask import links
from skmlp.dask.links import (
    BlocksOnWorkers,
    Description,
    Known,
    LoadedPiece,
    NumberedPart,
    RowsThere,
    StoredOnWorkers,
    TableThere,
    windows,
)
from skmlp.streaming.blocks import Layout, MemberBlocks, MemberTables, Piece
from skmlp.tabular.member_rows import MemberRows, OwnColumns

LAYOUT, PLACE = Layout(3, 1, 1, 1), slice(1, 3)
RNG = np.random.RandomState(0)
ROWS = [RNG.randint(4, size=(n, LAYOUT.width)).astype(np.float32) for n in (20, 30, 25)]
SAMPLE = Dataset(*(RNG.randn(40, n).astype(np.float32) for n in (3, 1)), np.ones(40))
TABLES = [np.arange(8, dtype=np.float32).reshape(4, 2)]
EFFECTS = SimpleNamespace(of=lambda held, fold: TABLES)
HELD = np.arange(10)
OWN = OwnColumns(PLACE, np.full((40, 2), 7, np.float32))


class Here:
    """A cluster in which calls are done at once."""

    def __init__(self):
        self.names, self.sent_once = [], []

    def submit(self, what, name, function, *args):
        self.names.append(f"{what}-{name}")
        return function(*args)

    def kept(self, what, name, value):
        self.sent_once.append(what)
        return value

    def result(self, value):
        return value


def blocks():
    """Pieces, of which the last is not whole, and rows of the sample."""
    stored = StoredOnWorkers(Here(), [*ROWS], [20, 30, 25], LAYOUT, PLACE)
    pieces = [Piece(stored, i, n, EFFECTS, HELD) for i, n in enumerate((20, 30, 15))]
    every = [*pieces, MemberRows(SAMPLE, np.arange(10, 40), OWN)]
    return stored, MemberBlocks(every, 0, 4)


def on_workers():
    """The blocks of a network there, and the cluster that does its calls."""
    stored, of_member = blocks()
    table = TableThere(stored, SAMPLE, EFFECTS, count())
    there = BlocksOnWorkers(of_member, table, "member0", HELD, OWN)
    return there, stored.cluster


def plain(part):
    """The block of a part in memory."""
    block = part.block
    if isinstance(block, Piece):
        block = LoadedPiece(ROWS[block.number][: block.n_rows], LAYOUT, PLACE, TABLES)
    return part._replace(block=block)


def problem():
    network = multilayer_perceptron(3, (6,), 1, ACTIVATIONS["tanh"])
    rng = np.random.RandomState(0)
    theta = network.initialize(rng, np.float32)
    objective = Objective(network, HEADS["squared_error"], 1e-3)
    config = TrainingConfig(objective, Cosine(), 0.01, 8, max_epochs=3)
    return config, theta, TrainingState(Adam(), Patience(0.0, np.inf), rng)


@pytest.mark.parametrize("n_bytes", [1, 700, 2**26])
def test_links_are_training_in_this_process(n_bytes, monkeypatch):
    monkeypatch.setattr(links, "LINK_BYTES", n_bytes)
    there, cluster = on_workers()
    assert isinstance(there, BlocksElsewhere)
    assert there.n_rows == 95
    config, theta, state = problem()
    parts = parts_of(there.of_epoch(0))
    before = theta.copy()
    found = there.train(config, theta, state, parts)
    _, other, own = problem()
    expected = train_blocks(config, other, own, [plain(part) for part in parts])
    np.testing.assert_array_equal(theta, other)
    assert not np.array_equal(theta, before)
    assert found[1] == expected[1]
    np.testing.assert_allclose(found[0], expected[0])
    assert own.n_seen == state.n_seen == 95
    names = cluster.names
    assert names[0].startswith("member0-e0-")
    assert len(names) == len(set(names)) == {1: 4, 2**26: 1}.get(n_bytes, len(names))


def test_a_link_changes_nothing_that_it_gets():
    _, of_member = blocks()
    config, theta, state = problem()
    before, drawn = theta.copy(), state.rng.get_state()[1].copy()
    (part, *_) = parts_of(of_member.of_epoch(0))
    one = Description.of(part.block)
    rows = [None if one.piece is None else ROWS[one.piece]]
    training = config, theta, state
    there = [Known([one], HELD, OWN, LAYOUT, PLACE), SAMPLE, EFFECTS]
    some = [NumberedPart(0, part.start, part.stop)]
    first, again = (links.link(training, some, rows, there) for _ in range(2))
    np.testing.assert_array_equal(first.theta, again.theta)
    np.testing.assert_array_equal(theta, before)
    np.testing.assert_array_equal(state.rng.get_state()[1], drawn)


def test_pieces_have_effects_and_their_first_rows():
    _, of_member = blocks()
    each = [Description.of(one) for one in of_member.every]
    there = RowsThere(Known(each, HELD, OWN, LAYOUT, PLACE), SAMPLE, EFFECTS)
    found = there.block(2, ROWS[2])
    assert found.n_rows == 15
    data, codes = LAYOUT.split(ROWS[2][:15])
    np.testing.assert_array_equal(found.load().X[:, PLACE], TABLES[0][codes[0]])
    np.testing.assert_array_equal(found.load().X[:, 0], data.X[:, 0])
    np.testing.assert_array_equal(
        LoadedPiece(ROWS[2], LAYOUT, PLACE, None).load().X, ROWS[2][:, :3]
    )


def test_a_network_is_validated_where_its_blocks_are():
    there, cluster = on_workers()
    expected = MemberRows(SAMPLE, HELD, OWN).load()
    found = there.held_out.value(lambda data, x: (data, x), "theta")
    np.testing.assert_equal(found, (expected, "theta"))
    assert [name.partition("-")[0] for name in cluster.names] == ["validate"]


def test_arrays_of_messages_are_aligned_for_c():
    there = [Known([Description(3, rows=HELD)], HELD, None, LAYOUT, PLACE), SAMPLE]
    x = np.frombuffer(bytes(41), np.float32, 10, 1)
    assert not x.flags.aligned
    for function, *more in ((links.of_block, 0, None), (links.of_held_out,)):
        found = function(lambda data, x: x, *more, [*there, None], x)
        assert found.flags.aligned
        np.testing.assert_array_equal(found, x)


def test_what_workers_know_of_a_network_is_sent_once():
    there, cluster = on_workers()
    config, theta, state = problem()
    for _ in range(2):
        there.train(config, theta, state, parts_of(there.of_epoch(0)))
        there.held_out.value(lambda data, x: None, theta)
    assert cluster.sent_once == ["network"]
    tables = pickle.loads(pickle.dumps(MemberTables("sums")))
    assert tables.sums == "sums"


def test_functions_of_pieces_and_windows(monkeypatch):
    stored, of_member = blocks()
    sums = [*stored.map(lambda data, codes: (data.n_rows, codes.shape))]
    assert sums == [(20, (1, 20)), (30, (1, 30)), (25, (1, 25))]
    assert stored.cluster.sent_once == ["model"]
    parts = parts_of(of_member.every)
    monkeypatch.setattr(links, "LINK_BYTES", 45 * 6 * 4)
    found: Sequence = [[one.block.n_rows for one in some] for some in windows(parts, 6)]
    assert found == [[20, 30], [15, 30]]
    stored.close()
    assert stored.pieces == []
