"""Ensembles: members in step, schedules that end in time."""

import numpy as np
import pytest

import skmlp.core.training
import skmlp.tabular.ensemble
import skmlp.tabular.members
from skmlp.core.history import NOT_VALIDATED, Progress, StopReason
from skmlp.tabular.ensemble import Ensemble
from tests.tabular.ensembles import DATA, make, trained


def test_a_member_by_itself_is_the_member_in_the_ensemble():
    alone, _ = trained(n_members=1)
    several, _ = trained(n_members=5)
    thetas = [member.theta for member in several.members]
    np.testing.assert_array_equal(alone.theta, thetas[0])
    assert len({theta.tobytes() for theta in thetas}) == 5


def test_the_best_epoch_of_each_and_the_means_are_kept():
    ensemble, lines = trained(max_epochs=6)
    assert len(lines) == 6
    assert lines[5].startswith("Iteration 6, loss = ")
    for member in ensemble.fitted:
        losses = [record.validation_loss for record in member.result.records]
        assert member.result.best_epoch == np.argmin(losses) + 1
        assert member.split.validate(member.result.best).loss == min(losses)
    first = [member.result.records[0].loss for member in ensemble.members]
    assert ensemble.history["loss"][0] == pytest.approx(np.mean(first))
    assert ensemble.history["learning_rate"][-1] < 0.05 * 0.1
    assert ensemble.segment.stop == pytest.approx(1)


def test_others_choose_the_epoch_for_rows_held_out():
    ensemble = make(max_epochs=6, learning_rate=0.5)
    ensemble.judges = [[1, 2], [0], []]
    ensemble.initialize()
    ensemble.train(Progress())
    scores = np.array([member.result.scores for member in ensemble.members])
    curves = [scores[1:].mean(axis=0), scores[0], np.arange(6)]
    for member, curve in zip(ensemble.members, curves, strict=True):
        epoch = int(np.argmax(curve))
        assert member.split.validate(member.judged).score == member.result.scores[epoch]
    assert any(member.judged_score > -np.inf for member in ensemble.members)


def test_a_member_whose_judges_diverge_keeps_its_last_epoch(monkeypatch):
    plain = skmlp.tabular.members.ValidationLoss.__call__
    n_calls = []

    def validate(self, theta):
        n_calls.append(theta)
        return NOT_VALIDATED if len(n_calls) == 2 else plain(self, theta)

    monkeypatch.setattr(skmlp.tabular.members.ValidationLoss, "__call__", validate)
    ensemble = make(n_members=2, max_epochs=3)
    ensemble.judges = [[1], [0]]
    ensemble.initialize()
    ensemble.train(Progress())
    first, second = ensemble.members
    np.testing.assert_array_equal(first.judged, first.theta)
    assert second.judged is None


def test_the_end_of_patience_hurries_the_schedule():
    ensemble, lines = trained(max_epochs=200, patience=3, learning_rate=0.3)
    losses, n = ensemble.history["validation_loss"], len(lines) - 1
    stalled = next(i for i in range(n) if np.argmin(losses[: i + 1]) == i - 4) + 1
    assert n == stalled + np.ceil(stalled / 2) < 200
    said = (
        "for more than 3 consecutive epochs. The learning-rate schedule ends after "
        f"{n - stalled} more epochs."
    )
    assert said in lines[stalled]
    rates = ensemble.history["learning_rate"]
    assert rates[stalled - 1] > 0.2
    assert rates[-1] < 0.01
    assert ensemble.segment.stop == pytest.approx(1)
    assert {len(member.result.records) for member in ensemble.members} == {n}


def test_no_hurry_at_the_end_of_the_schedule():
    ensemble, lines = trained(max_epochs=6, patience=3, learning_rate=0.3)
    assert len(lines) == len(ensemble.history["loss"]) == 6


def test_divergence_ends_a_member():
    ensemble, _ = trained(learning_rate=1e30)
    reasons = {member.result.stop_reason for member in ensemble.members}
    assert reasons == {StopReason.DIVERGED}
    assert ensemble.fitted == []


def test_a_member_must_predict_finite_numbers_for_all_rows(monkeypatch):
    def score(network, theta, data, limit):
        assert theta.dtype == np.float64
        assert data is DATA
        asked.append(theta)
        return len(asked) != 2

    asked = []
    monkeypatch.setattr(skmlp.tabular.ensemble, "scores_within", score)
    ensemble, _ = trained()
    first, second, third = ensemble.members
    assert ensemble.fitted == [first, third]
    assert second.result.stop_reason is StopReason.DIVERGED
    np.testing.assert_array_equal(asked[2], third.result.best)


def test_huge_weights_have_diverged():
    ensemble, _ = trained(max_epochs=1)
    for member in ensemble.members[:2]:
        member.result.best = np.full_like(member.theta, 1e38)
    ensemble._drop_infinite()
    assert len(ensemble.fitted) == 1


class Clock:
    """A clock that an epoch of a member moves on by a second."""

    def __init__(self, monkeypatch, seconds=1.0):
        self.now, self.seconds = 0.0, seconds
        for module in (skmlp.tabular.ensemble, skmlp.tabular.deadline):
            monkeypatch.setattr(module, "perf_counter", lambda: self.now)
        plain = skmlp.core.training.epochs

        def epochs(config, theta, state, data, rows):
            for epoch in plain(config, theta, state, data, rows):
                self.now += self.seconds * len(rows) / 160
                yield epoch

        for module in (skmlp.tabular.ensemble, skmlp.core.training):
            monkeypatch.setattr(module, "epochs", epochs)
        monkeypatch.setattr(skmlp.tabular.ensemble, "TRIAL_STEPS", 1)


@pytest.mark.parametrize(
    ("max_time", "n_members", "n_epochs"),
    [(1000, 3, 50), (61, 3, 20), (19, 3, 6), (9.5, 2, 4), (4.5, 1, 4), (2.5, 1, 3)],
)
def test_the_schedule_ends_in_time(monkeypatch, max_time, n_members, n_epochs):
    clock = Clock(monkeypatch)
    ensemble, _ = trained(max_epochs=50, max_time=max_time)
    assert clock.now <= max_time
    assert len(ensemble.members) == n_members
    assert abs(len(ensemble.history["loss"]) - n_epochs) <= 2
    assert ensemble.segment.stop == pytest.approx(1)
    whole = max_time >= 4.5
    assert all((len(m.split.rows) == 160) == whole for m in ensemble.members)


def test_an_epoch_that_takes_longer_than_expected_ends_with_a_member(monkeypatch):
    clock = Clock(monkeypatch)
    ensemble = make(max_epochs=50, max_time=20)

    class Slow:
        def on_iteration_begin(self, theta):
            """Nothing yet."""

        def on_iteration_end(self, theta):
            clock.seconds = 6.0 if len(ensemble.history["loss"]) > 2 else 1.0
            return False

    ensemble.initialize()
    ensemble.train(Progress(monitor=Slow()))
    n_epochs = [len(one.result.records) for one in ensemble.members]
    n = len(ensemble.history["loss"])
    assert n_epochs[0] == n > n_epochs[-1] == n - 1
    # One member is over time, not three.
    assert 20 <= clock.now < 26
    assert np.isfinite(list(ensemble.history.values())).all()
    assert len(ensemble.fitted) == len(ensemble.members)


def test_each_worker_has_a_fraction_of_the_time(monkeypatch):
    # Processes take longer to start than 6 seconds of training; threads do not.
    cases = (False, 6, 1, 1), (False, 10, 2, 3), (True, 6, 2, 2)
    for in_threads, max_time, n_jobs, n_members in cases:
        monkeypatch.setattr(Ensemble, "_is_compiled", lambda self, x=in_threads: x)
        Clock(monkeypatch)
        ensemble = make(max_epochs=50, max_time=max_time, n_jobs=2)
        ensemble.initialize()
        assert (ensemble.n_jobs, len(ensemble.members)) == (n_jobs, n_members)


def test_a_clock_that_speeds_up_or_slows_down(monkeypatch):
    for later in (0.2, 3.0):
        clock = Clock(monkeypatch)
        ensemble = make(max_epochs=50, max_time=60)

        class Change:
            def on_iteration_begin(self, theta):
                """Nothing yet."""

            def on_iteration_end(self, theta, clock=clock, later=later):
                clock.seconds = later
                return False

        ensemble.initialize()
        ensemble.train(Progress(monitor=Change()))
        assert clock.now <= 60
        assert ensemble.segment.stop == pytest.approx(1)


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

    ensemble = make()
    ensemble.initialize()
    ensemble.train(Progress(monitor=(monitor := Monitor())))
    assert ensemble.stop_reason is StopReason.STOPPED
    assert monitor.calls == [ensemble.theta.shape] * 2
    ensemble = make()
    ensemble.initialize()
    ensemble.train(Progress(monitor=Monitor(KeyboardInterrupt())))
    assert ensemble.stop_reason is StopReason.INTERRUPTED
    assert len(ensemble.fitted) == 3
