import functools
from copy import copy, deepcopy
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

import numpy as np
import pytest

from skmlp.core import runners, training
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import multilayer_perceptron, with_dropout
from skmlp.core.batches import Dataset
from skmlp.core.heads import HEADS
from skmlp.core.history import Progress, StopReason, Validation
from skmlp.core.objective import Objective
from skmlp.core.optimizers import SGD, Adam
from skmlp.core.runners import StepSums
from skmlp.core.schedules import Adaptive, ByFunction, Constant, Cosine, InverseScaling
from skmlp.core.snapshots import taken
from skmlp.core.training import (
    Patience,
    TrainingConfig,
    TrainingSplit,
    TrainingState,
    epochs,
    epochs_of_blocks,
    train,
    train_blocks,
)


def problem(n_rows=50, w=None, **config):
    rng = np.random.RandomState(0)
    X = rng.randn(n_rows, 3)
    data = Dataset(X, np.sin(X @ [[1.0], [2.0], [-1.0]]), w)
    network = multilayer_perceptron(3, (6,), 1, ACTIVATIONS["tanh"])
    theta = network.initialize(rng, np.float64)
    objective = Objective(network, HEADS["squared_error"], 1e-3)
    defaults = {
        "schedule": Constant(),
        "learning_rate": 0.01,
        "batch_size": 8,
        "max_epochs": 10,
    }
    return TrainingConfig(objective, **{**defaults, **config}), theta, data


def state(optimizer=None, tol=0.0, n_iter_no_change=np.inf, seed=1):
    patience = Patience(tol, n_iter_no_change)
    return TrainingState(optimizer or Adam(), patience, np.random.RandomState(seed))


def fit(config, theta, here, data, validate=None, log=None, monitor=None):
    split = TrainingSplit(data, validate=validate)
    return train(config, theta, here, split, Progress(log, monitor))


def plain_epochs(config, theta, data, optimizer, seed, n_epochs):
    """Mini-batch training written out: the reference for `epochs`."""
    network, rng = config.objective.network, np.random.RandomState(seed)
    order, losses = np.arange(data.n_rows), []
    for _ in range(n_epochs):
        if config.shuffle:
            permutation = np.arange(data.n_rows)
            rng.shuffle(permutation)
            order = order[permutation]
        total = 0.0
        for start in range(0, data.n_rows, config.batch_size):
            rows = order[start : start + config.batch_size]
            grad = np.empty_like(theta)
            work = network.workspace(len(rows), theta.dtype, training=True)
            value = config.objective.evaluate(
                network.views(theta), [data.take(rows)], network.views(grad), work
            )
            optimizer.step(theta, grad, config.learning_rate)
            total += value * len(rows)
        losses.append(total / data.n_rows)
    return losses


@pytest.mark.parametrize("gathered", [1, 20, 1024])
@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("batch_size", [1, 8, 50])
def test_epochs_are_plain_mini_batch_training(
    monkeypatch, batch_size, shuffle, gathered
):
    monkeypatch.setattr(runners, "COPIED_ROWS", gathered)
    config, theta, data = problem(batch_size=batch_size, shuffle=shuffle)
    expected = theta.copy()
    losses = plain_epochs(config, expected, data, Adam(), 1, 3)
    generator = epochs(config, theta, state(), data)
    np.testing.assert_allclose(
        [next(generator).loss for _ in range(3)], losses, rtol=1e-12
    )
    np.testing.assert_allclose(theta, expected, rtol=1e-12)


@pytest.mark.parametrize("shuffle", [True, False])
def test_training_on_some_rows_is_training_on_a_dataset_of_them(shuffle):
    config, theta, data = problem(shuffle=shuffle)
    rows = np.arange(0, 50, 2)
    there, part = theta.copy(), data.take(rows)
    some, alone = state(), state()
    by_rows = epochs(config, theta, some, data, rows)
    by_copy = epochs(config, there, alone, part)
    for _ in range(2):
        assert next(by_rows).loss == pytest.approx(next(by_copy).loss, rel=1e-12)
    np.testing.assert_allclose(theta, there, rtol=1e-12)
    assert some.n_seen == 50
    if shuffle:
        np.testing.assert_array_equal(some.order, alone.order)
        np.testing.assert_array_equal(np.sort(some.order), np.arange(25))
    else:
        assert some.order is None


def test_a_batch_without_weight_is_no_step_and_no_loss():
    w = np.ones(50)
    w[16:24] = 0
    config, theta, data = problem(w=w, shuffle=False)
    there = theta.copy()
    kept = np.flatnonzero(w)
    unweighted = data.take(kept)._replace(w=None)
    with_gap, without = state(), state()
    loss = next(epochs(config, theta, with_gap, data)).loss
    expected = next(epochs(config, there, without, unweighted)).loss
    assert loss == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(theta, there, rtol=1e-12)
    assert (with_gap.n_seen, without.n_seen) == (50, 42)
    assert with_gap.optimizer.t == without.optimizer.t == 6


def test_inverse_scaling_goes_by_rows_seen():
    config, theta, data = problem(schedule=InverseScaling(0.5), learning_rate=1.0)
    here = state(SGD())
    generator = epochs(config, theta, here, data)
    rates = []
    for _ in range(3):
        rates.append(config.rate(here))
        next(generator)
    np.testing.assert_allclose(rates, [1, 51**-0.5, 101**-0.5])


def test_epochs_in_parts_are_epochs_in_one():
    config, theta, data = problem()
    there, one, parts = theta.copy(), state(), state()
    fit(config, theta, one, data)
    for n in (1, 4, 5):
        fit(replace(config, max_epochs=n), there, parts, data)
    np.testing.assert_array_equal(theta, there)


def test_patience():
    patience = Patience(tol=0.1, n_iter_no_change=2)
    values = [1.0, 0.95, 0.9, 0.95, 0.95, 0.95]
    # 0.9 is an improvement by exactly tol on 1.0, but not on 0.95.
    assert [patience.update(v) for v in values] == [False] * 3 + [True] * 3
    assert patience.best == 0.9
    patience = Patience(tol=0.0, n_iter_no_change=1)
    assert [patience.update(v) for v in [1.0, 1.0, 0.5, 0.6, 0.7]] == [
        False,
        False,
        False,
        False,
        True,
    ]


def test_stops_on_a_plateau_of_the_loss():
    config, theta, data = problem()
    lines = []
    run = fit(config, theta, state(tol=1e9, n_iter_no_change=3), data, log=lines.append)
    assert run.stop_reason is StopReason.CONVERGED
    assert len(run.losses) == 5
    assert lines[-1].startswith("Training loss did not improve more than tol=")
    assert lines[-1].endswith("Stopping.")


def test_adaptive_cuts_then_stops():
    config, theta, data = problem(
        schedule=Adaptive(), learning_rate=1e-4, max_epochs=100, shuffle=False
    )
    here, lines = state(SGD(), tol=1e9, n_iter_no_change=1), []
    run = fit(config, theta, here, data, log=lines.append)
    assert run.stop_reason is StopReason.CONVERGED
    assert here.n_cuts == 3
    assert config.rate(here) == pytest.approx(1e-4 / 125)
    cuts = [line for line in lines if "Setting learning rate to" in line]
    assert len(cuts) == 3


def test_after_a_cut_the_reference_is_reset():
    config, _, _ = problem(schedule=Adaptive())
    here = state(SGD())
    here.patience = Patience(0.0, 2, best=0.001, count=3)
    assert training.on_plateau(config, here, Progress(), validated=False)
    assert (here.patience.best, here.patience.count) == (np.inf, 0)


def test_the_score_decides_if_there_is_one():
    config, theta, data = problem()
    scores = iter([0.1, 0.5, 0.3, 0.4, 0.2, 0.9])
    seen, lines = [], []

    def validate(theta):
        seen.append(theta.copy())
        return Validation(next(scores), 2.0)

    here = state(n_iter_no_change=2)
    run = fit(config, theta, here, data, validate=validate, log=lines.append)
    assert run.stop_reason is StopReason.CONVERGED
    assert run.scores == [0.1, 0.5, 0.3, 0.4, 0.2]
    assert run.best_score == 0.5
    np.testing.assert_array_equal(run.best, seen[1])
    assert not np.array_equal(run.best, theta)
    assert run.best_epoch == 2
    assert "validation loss = 2.00000000, validation score = 0.500000" in lines[1]
    assert lines[-1].startswith("Validation score did not improve")


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("validated", [False, True])
def test_divergence_ends_training_at_its_epoch(validated):
    config, theta, data = problem(learning_rate=1e200)
    validate = (lambda theta: Validation(1.0, 1.0)) if validated else None
    run = fit(config, theta, state(SGD()), data, validate=validate)
    assert run.stop_reason is StopReason.DIVERGED
    assert len(run.losses) < 10
    assert not np.isfinite(theta).all()
    if validated:
        assert np.isnan(run.scores[-1])
        assert isinstance(run.scores[-1], float)


def test_a_score_that_is_no_number_is_divergence():
    config, theta, data = problem()
    scores = iter([Validation(0.5, 0.5), Validation(np.nan, np.nan)])
    here = state()
    run = fit(config, theta, here, data, validate=lambda t: next(scores))
    assert run.stop_reason is StopReason.DIVERGED
    assert len(run.scores) == 2
    assert run.best_score == 0.5


def test_an_interrupt_is_an_outcome():
    config, theta, data = problem()
    before = theta.copy()

    def interrupt(line):
        raise KeyboardInterrupt

    run = fit(config, theta, state(), data, log=interrupt)
    assert run.stop_reason is StopReason.INTERRUPTED
    assert len(run.losses) == 1
    assert not np.array_equal(theta, before)


def test_an_interrupt_is_raised_if_the_progress_says_so():
    config, theta, data = problem()
    error = KeyboardInterrupt()

    def interrupt(line):
        raise error

    progress = Progress(interrupt, stop_on_interrupt=False)
    with pytest.raises(KeyboardInterrupt) as caught:
        train(config, theta, state(), TrainingSplit(data), progress)
    assert caught.value is error


def test_progress_goes_from_0_to_1_in_equal_steps():
    seen = []
    config, theta, data = problem(schedule=ByFunction(lambda t: seen.append(t) or 1.0))
    fit(config, theta, state(), data)
    in_steps = np.unique(seen)
    assert len(in_steps) == 10 * 7
    np.testing.assert_allclose(in_steps, np.arange(70) / 70, atol=1e-12)


def test_a_schedule_in_parts_is_the_schedule_in_one_and_starts_over():
    config, theta, data = problem(schedule=Cosine(), learning_rate=0.1)
    there, one, parts = theta.copy(), state(), state()
    run = fit(config, theta, one, data)
    config = replace(config, max_epochs=1, schedule_epochs=10)
    rates = [
        fit(config, there, parts, data).records[0].learning_rate for _ in range(10)
    ]
    np.testing.assert_array_equal(theta, there)
    assert rates == [record.learning_rate for record in run.records]
    assert rates == sorted(rates, reverse=True)
    again = fit(config, there, parts, data)
    assert again.records[0].learning_rate == rates[0]


@pytest.mark.parametrize("optimizer", [SGD(0.0), Adam()])
def test_weight_decay_shrinks_weights_and_not_biases(optimizer):
    config, theta, data = problem(batch_size=50, weight_decay=0.5, shuffle=False)
    there = theta.copy()
    n_weights = config.objective.network.n_weights
    decayed = there.copy()
    decayed[:n_weights] *= 1 - 0.01 * 0.5
    next(epochs(config, theta, state(copy(optimizer)), data))
    plain = replace(config, weight_decay=0.0)
    step = there.copy()
    next(epochs(plain, step, state(copy(optimizer)), data))
    np.testing.assert_allclose(theta, decayed + (step - there), rtol=1e-12, atol=1e-15)


def test_a_long_gradient_is_shortened_and_a_short_one_is_not():
    config, theta, data = problem(batch_size=50, shuffle=False, learning_rate=1.0)
    start, plain = theta.copy(), theta.copy()
    epoch = next(epochs(config, plain, state(SGD(0.0)), data))
    gradient = start - plain
    assert epoch.gradient_norm == pytest.approx(np.linalg.norm(gradient), rel=1e-12)
    for most in (0.5 * epoch.gradient_norm, 2 * epoch.gradient_norm):
        there = start.copy()
        clipped = replace(config, max_grad_norm=most)
        same = next(epochs(clipped, there, state(SGD(0.0)), data))
        assert same.gradient_norm == epoch.gradient_norm
        np.testing.assert_allclose(
            start - there, gradient * min(1, most / epoch.gradient_norm), rtol=1e-10
        )


class Watcher:
    def __init__(self, stop_after):
        self.calls, self.stop_after = [], stop_after

    def on_iteration_begin(self, theta):
        self.calls.append(("begins", theta.copy()))

    def on_iteration_end(self, theta, record=None):
        self.calls.append(("ends", theta.copy()))
        return len(self.calls) >= 2 * self.stop_after


def test_a_monitor_is_told_of_each_epoch_and_can_stop():
    config, theta, data = problem()
    start, watcher = theta.copy(), Watcher(3)
    run = fit(config, theta, state(), data, monitor=watcher)
    assert run.stop_reason is StopReason.STOPPED
    assert len(run.records) == 3
    assert [what for what, _ in watcher.calls] == ["begins", "ends"] * 3
    np.testing.assert_array_equal(watcher.calls[0][1], start)
    np.testing.assert_array_equal(watcher.calls[1][1], watcher.calls[2][1])
    np.testing.assert_array_equal(watcher.calls[-1][1], theta)


def test_a_split_counts_the_rows_to_train_on():
    _, _, table = problem()
    assert training.TrainingSplit(table).n_rows == 50
    assert training.TrainingSplit(table, np.arange(20)).n_rows == 20


@pytest.mark.parametrize("schedule", [Constant(), Cosine()])
def test_weight_decay_leaves_a_positive_factor(schedule):
    config, _, _ = problem(schedule=schedule, learning_rate=0.5, weight_decay=1.9)
    assert config.rates(state(), 3).max() == 0.5
    with pytest.raises(
        ValueError,
        match=r"weight_decay times the learning rate must be below 1 .* 1\.5\.$",
    ):
        replace(config, weight_decay=3.0).rates(state(), 3)


def test_dropped_units_follow_from_the_seed():
    config, start, data = problem()
    network = with_dropout(config.objective.network, [0.5])
    config = replace(config, objective=replace(config.objective, network=network))
    ends = []
    for seed in (1, 1, 2):
        ends.append(start.copy())
        loss = next(epochs(config, ends[-1], state(seed=seed), data)).loss
        assert np.isfinite(loss)
    np.testing.assert_array_equal(ends[0], ends[1])
    assert not np.array_equal(ends[0], ends[2])


def test_the_settings_for_another_network():
    config, _, _ = problem()
    other = multilayer_perceptron(2, (3,), 1, ACTIVATIONS["relu"])
    changed = config.of_network(other)
    assert changed.objective.network is other
    assert changed.objective.head is config.objective.head
    assert replace(changed, objective=config.objective) == config


class Memory:
    """A keeper that keeps a copy of each snapshot."""

    def __init__(self):
        self.trees = []

    def kept(self):
        return deepcopy(self.trees[-1]) if self.trees else {}

    def keep(self, parts, *, done=False):
        self.trees.append(deepcopy({k: taken(v) for k, v in parts.items()}))
        self.done = done


def test_training_goes_on_from_a_snapshot():
    def run(keeper, **progress):
        config, theta, data = problem(max_epochs=6)
        split = TrainingSplit(data)
        found = train(config, theta, state(), split, Progress(**progress), keeper)
        return theta, found

    memory, lines = Memory(), []
    theta, whole = run(memory)
    assert len(memory.trees) == 6
    assert memory.done
    memory.trees = memory.trees[:2]
    other, found = run(memory, log=lines.append)
    np.testing.assert_array_equal(other, theta)
    assert found.losses == whole.losses
    assert lines[0] == "Going on after epoch 2."
    assert len(lines) == 5
    again, found = run(memory)
    np.testing.assert_array_equal(again, theta)
    assert found.losses == whole.losses
    assert len(memory.trees) == 6


class SomeRows(NamedTuple):
    """A block of a data set."""

    data: Dataset
    rows: slice

    @property
    def n_rows(self):
        return self.rows.stop - self.rows.start

    def load(self):
        return self.data.take(self.rows)


class InTurn(NamedTuple):
    """Blocks of which each epoch has some, in turn."""

    blocks: list
    n_of_epoch: int

    @property
    def n_rows(self):
        return sum(one.n_rows for one in self.blocks[: self.n_of_epoch])

    def of_epoch(self, number):
        n = len(self.blocks)
        first = number * self.n_of_epoch
        return [self.blocks[(first + i) % n] for i in range(self.n_of_epoch)]


def test_one_block_is_trained_on_like_its_rows():
    config, theta, data = problem(schedule=Cosine())
    other, here, there = theta.copy(), state(), state()
    blocks = InTurn([SomeRows(data, slice(0, 50))], 1)
    known = epochs(config, theta, here, data)
    found = epochs_of_blocks(config, other, there, blocks)
    for _ in range(3):
        assert next(known) == next(found)
        # Each epoch shuffles the rows as they are in the block, not as in the last epoch.
        here.order = None
    np.testing.assert_array_equal(theta, other)
    assert (here.n_seen, here.n_epochs) == (there.n_seen, there.n_epochs) == (150, 3)


def test_blocks_have_the_rates_and_the_rows_of_a_whole_epoch():
    config, start, data = problem(48, schedule=Cosine(), shuffle=False, max_epochs=2)
    blocks = InTurn([SomeRows(data, slice(0, 24)), SomeRows(data, slice(24, 48))], 2)
    ends = []
    for make in (
        lambda *parts: epochs(*parts, data),
        lambda *parts: epochs_of_blocks(*parts, blocks),
    ):
        ends.append((start.copy(), state()))
        stats = list(islice(make(config, *ends[-1]), 2))
        ends[-1] += (stats,)
    # The batches are the same, as 24 rows are three batches.
    np.testing.assert_allclose(ends[0][0], ends[1][0], rtol=1e-10)
    np.testing.assert_allclose(ends[0][2], ends[1][2], rtol=1e-10)


class Elsewhere(InTurn):
    """Blocks that train copies of what they get."""

    held_out = None
    n_calls = 0

    def train(self, config, theta, state, parts):
        self.n_calls += 1
        there, other = theta.copy(), deepcopy(state)
        each = [train_blocks(config, there, other, [part]) for part in parts]
        theta[...] = there
        vars(state).update(vars(other))
        sums = functools.reduce(StepSums.plus, (one for one, _ in each))
        return sums, each[-1][1]


def test_blocks_elsewhere_train_as_those_here():
    ends = []
    for kind in (InTurn, Elsewhere):
        config, theta, data = problem(max_epochs=3)
        blocks = kind([SomeRows(data, slice(i, i + 10)) for i in range(0, 50, 10)], 3)
        run = train(config, theta, state(), TrainingSplit(data, blocks=blocks))
        ends.append((theta, run.records))
    assert blocks.n_calls == 3
    np.testing.assert_array_equal(ends[0][0], ends[1][0])
    for one, other in zip(ends[0][1], ends[1][1], strict=True):
        np.testing.assert_allclose(one._replace(seconds=0), other._replace(seconds=0))


def test_an_epoch_can_have_some_of_the_blocks():
    config, theta, data = problem(max_epochs=4)
    blocks = InTurn([SomeRows(data, slice(i, i + 10)) for i in range(0, 50, 10)], 2)
    split = TrainingSplit(data, blocks=blocks)
    assert split.n_rows == 20
    here = state()
    run = train(config, theta, here, split)
    assert here.n_seen == 80
    assert len(run.records) == 4


def test_training_on_blocks_goes_on_from_a_snapshot():
    def run(keeper):
        config, theta, data = problem(max_epochs=5)
        blocks = InTurn([SomeRows(data, slice(i, i + 10)) for i in range(0, 50, 10)], 3)
        found = train(
            config,
            theta,
            state(),
            TrainingSplit(data, blocks=blocks),
            keeper=keeper,
        )
        return theta, found.losses

    memory = Memory()
    theta, losses = run(memory)
    memory.trees = memory.trees[:3]
    other, again = run(memory)
    np.testing.assert_array_equal(other, theta)
    assert again == losses
