"""Ensembles: splits, members in step, schedules that end in time."""

from time import perf_counter

import numpy as np
import pytest

import skmlp.tabular.ensemble
from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import tabular_network
from skmlp.core.batches import Dataset
from skmlp.core.heads import HEADS
from skmlp.core.history import StopReason
from skmlp.core.objective import Objective
from skmlp.core.optimizers import Adam
from skmlp.core.schedules import Cosine, ScheduleSegment
from skmlp.core.training import Patience, TrainingConfig
from skmlp.tabular.ensemble import Ensemble, ValidationLoss, _part, split_in_folds

RNG = np.random.RandomState(0)
X = RNG.randn(200, 3).astype(np.float32)
TABLE = Dataset(X, np.sin(2 * X[:, :1]))


def silent(line):
    """Say nothing."""


def make(
    n_members=3,
    max_epochs=4,
    max_time=None,
    patience=np.inf,
    rate=0.05,
    n_jobs=1,
    sizes=(8,),
):
    network = tabular_network(3, 0, [], sizes, 1, ACTIVATIONS["mish"], 2, 0.1, 0.1)
    head, pace = HEADS["squared_error"], ScheduleSegment(Cosine())
    plan = TrainingConfig(
        Objective(network, head),
        pace,
        rate,
        32,
        max_epochs=max_epochs,
        schedule_epochs=1,
    )
    ensemble = Ensemble(
        plan, TABLE, Patience(0.0, patience), Adam, max_time, perf_counter(), n_jobs
    )
    splits = split_in_folds(200, n_members, None, np.random.RandomState(0))
    ensemble.begin(
        splits,
        lambda split: ValidationLoss(network, head, TABLE.take(split.held_out)),
        range(n_members),
    )
    return ensemble, pace


@pytest.mark.parametrize("n_members", [1, 3, 8, 11])
@pytest.mark.parametrize("n_rows", [2, 7, 100])
def test_folds(n_rows, n_members):
    splits = split_in_folds(n_rows, n_members, None, np.random.RandomState(0))
    assert len(splits) == n_members
    for split in splits:
        both = np.sort(np.concatenate(split))
        np.testing.assert_array_equal(both, np.arange(n_rows))
        assert min(map(len, split)) > 0
    first = np.concatenate([split.held_out for split in splits[: min(8, n_rows)]])
    assert len(np.unique(first)) == len(first)


def test_folds_are_stratified_and_depend_on_the_seed():
    strata = np.repeat([0, 1, 2], [80, 16, 4])
    rng = np.random.RandomState(0)
    splits = split_in_folds(100, 8, strata, rng)
    counts = np.array([np.bincount(strata[s.held_out], minlength=3) for s in splits])
    assert (counts.min(0) >= [10, 2, 0]).all()
    assert (counts.max(0) <= [10, 2, 1]).all()
    assert (np.bincount(strata[splits[0].training]) > 0).all()
    other = split_in_folds(100, 8, strata, rng)
    assert not np.array_equal(splits[0].held_out, other[0].held_out)


def test_part():
    assert _part(np.arange(10, 20), 0.3).tolist() == [10, 13, 16]
    assert _part(np.arange(4), 0.0).tolist() == [0]
    assert _part(np.arange(4), 1.0).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("n_jobs", [1, 2, 3])
def test_any_number_of_jobs_gives_the_same(n_jobs):
    results = []
    for n in (1, n_jobs):
        ensemble, pace = make(n_jobs=n)
        ensemble.train(pace, None, silent)
        results.append(ensemble.theta)
        assert len(ensemble.history["loss"]) == 4
    np.testing.assert_array_equal(*results)


def test_networks_too_large_for_a_pipe_train_in_processes():
    results = []
    for n_jobs in (1, 2):
        ensemble, pace = make(
            n_members=2, max_epochs=1, n_jobs=n_jobs, sizes=(512, 512)
        )
        assert ensemble.theta[0].nbytes > 2**20
        ensemble.train(pace, None, silent)
        results.append(ensemble.theta)
    np.testing.assert_array_equal(*results)


def test_a_member_by_itself_is_the_member_in_the_ensemble():
    alone, pace = make(n_members=1)
    alone.train(pace, None, silent)
    several, pace = make(n_members=5)
    several.train(pace, None, silent)
    np.testing.assert_array_equal(alone.theta[0], several.theta[0])
    assert len({theta.tobytes() for theta in several.theta}) == 5


def test_the_best_epoch_of_each_and_the_means_are_kept():
    ensemble, pace = make(max_epochs=6)
    lines = []
    ensemble.train(pace, None, lines.append)
    assert len(lines) == 6
    assert lines[5].startswith("Iteration 6, loss = ")
    for member in ensemble.fitted:
        losses = [record.validation_loss for record in member.run.records]
        assert member.run.best_epoch == np.argmin(losses) + 1
        assert member.validate(member.run.best).loss == min(losses)
    first = [member.run.records[0].loss for member in ensemble.members]
    assert ensemble.history["loss"][0] == pytest.approx(np.mean(first))
    assert ensemble.history["learning_rate"][-1] < 0.05 * 0.1
    assert pace.stop == pytest.approx(1)


def test_the_end_of_patience_hurries_the_schedule():
    ensemble, pace = make(max_epochs=200, patience=3, rate=0.3)
    lines = []
    ensemble.train(pace, None, lines.append)
    losses, n = ensemble.history["validation_loss"], len(lines) - 1
    stalled = next(i for i in range(n) if np.argmin(losses[: i + 1]) == i - 4) + 1
    assert n == stalled + np.ceil(stalled / 2) < 200
    said = f"for more than 3 consecutive epochs. {n - stalled} epochs are left"
    assert said in lines[stalled]
    rates = ensemble.history["learning_rate"]
    assert rates[stalled - 1] > 0.2
    assert rates[-1] < 0.01
    assert pace.stop == pytest.approx(1)
    assert {len(member.run.records) for member in ensemble.members} == {n}


def test_no_hurry_at_the_end_of_the_schedule():
    lines = []
    ensemble, pace = make(max_epochs=6, patience=3, rate=0.3)
    ensemble.train(pace, None, lines.append)
    assert len(lines) == len(ensemble.history["loss"]) == 6


def test_divergence_ends_a_member():
    ensemble, pace = make(rate=1e30)
    ensemble.train(pace, None, silent)
    outcomes = {member.run.outcome for member in ensemble.members}
    assert outcomes == {StopReason.DIVERGED}
    assert ensemble.fitted == []


class Clock:
    """A clock that an epoch of a member moves on by a second."""

    def __init__(self, monkeypatch, seconds=1.0):
        self.now, self.seconds = 0.0, seconds
        monkeypatch.setattr(skmlp.tabular.ensemble, "perf_counter", lambda: self.now)
        plain = skmlp.tabular.ensemble.epochs

        def epochs(plan, theta, state, table):
            n_rows = len(state.order)
            for epoch in plain(plan, theta, state, table):
                self.now += self.seconds * n_rows / 160
                yield epoch

        monkeypatch.setattr(skmlp.tabular.ensemble, "epochs", epochs)
        monkeypatch.setattr(skmlp.tabular.ensemble, "TRIAL_STEPS", 1)
        monkeypatch.setitem(globals(), "perf_counter", lambda: self.now)


@pytest.mark.parametrize(
    ("max_time", "n_members", "n_epochs"),
    [(1000, 3, 50), (61, 3, 20), (19, 3, 6), (9.5, 2, 4), (4.5, 1, 4), (2.5, 1, 3)],
)
def test_the_schedule_ends_in_time(monkeypatch, max_time, n_members, n_epochs):
    clock = Clock(monkeypatch)
    ensemble, pace = make(max_epochs=50, max_time=max_time)
    ensemble.train(pace, None, silent)
    assert clock.now <= max_time
    assert len(ensemble.members) == n_members
    assert abs(len(ensemble.history["loss"]) - n_epochs) <= 2
    assert pace.stop == pytest.approx(1)
    whole = max_time >= 4.5
    assert all((len(m.state.order) == 160) == whole for m in ensemble.members)


def test_processes_have_a_share_of_the_time_each(monkeypatch):
    for max_time, n_jobs, n_members in ((6, 1, 1), (10, 2, 3)):
        Clock(monkeypatch)
        ensemble, _ = make(max_epochs=50, max_time=max_time, n_jobs=2)
        assert (ensemble.n_jobs, len(ensemble.members)) == (n_jobs, n_members)


def test_a_clock_that_speeds_up_or_slows_down(monkeypatch):
    for later in (0.2, 3.0):
        clock = Clock(monkeypatch)
        ensemble, pace = make(max_epochs=50, max_time=60)

        class Change:
            def on_iteration_begin(self, theta):
                """Nothing yet."""

            def on_iteration_end(self, theta, clock=clock, later=later):
                clock.seconds = later
                return False

        ensemble.train(pace, Change(), silent)
        assert clock.now <= 60
        assert pace.stop == pytest.approx(1)


def test_a_monitor_and_an_interrupt_end_training():
    class Monitor:
        def __init__(self, error=None):
            self.calls, self.error = [], error

        def on_iteration_begin(self, theta):
            self.calls.append(theta.shape)

        def on_iteration_end(self, theta):
            if self.error:
                raise self.error
            return len(self.calls) == 2

    ensemble, pace = make()
    ensemble.train(pace, monitor := Monitor(), silent)
    assert ensemble.outcome is StopReason.STOPPED
    assert monitor.calls == [ensemble.theta.shape] * 2
    ensemble, pace = make()
    ensemble.train(pace, Monitor(KeyboardInterrupt()), silent)
    assert ensemble.outcome is StopReason.INTERRUPTED
    assert len(ensemble.fitted) == 3


def test_rows_held_out_are_weighted():
    ensemble, _ = make()
    rows = Dataset(TABLE.X[:4], TABLE.y[:4], np.array([1, 0, 0, 3], np.float32))
    held_out = ValidationLoss(ensemble.network, HEADS["squared_error"], rows)
    theta = ensemble.theta[0]
    errors = (ensemble.network.scores(theta, rows.X) - rows.y)[:, 0] ** 2 / 2
    found = held_out(theta)
    assert found.loss == pytest.approx((errors[0] + 3 * errors[3]) / 4)
    assert found.score == -found.loss
