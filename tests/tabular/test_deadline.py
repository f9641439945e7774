"""The clock of a fit."""

import warnings
from math import inf

import pytest

from skmlp.tabular import deadline
from skmlp.tabular.deadline import Deadline


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 10.0

    monkeypatch.setattr(deadline, "perf_counter", lambda: Clock.now)
    return Clock


def test_seconds_left(clock):
    limit = Deadline()
    limit.set(3)
    assert limit.is_set
    assert limit.left() == 3
    clock.now += 5
    assert limit.left() == -2


def test_no_limit(clock):
    limit = Deadline()
    limit.set(None)
    clock.now += 5
    assert not limit.is_set
    assert limit.left() == inf


def test_laps_follow_one_another(clock):
    limit = Deadline()
    clock.now += 1
    limit.set(100)
    limit.lap("encode")
    clock.now += 2
    limit.lap("train")
    assert limit.seconds == {"encode": 1, "train": 2}
    assert limit.left() == 97


def test_a_limit_that_is_over_before_training(clock):
    limit = Deadline()
    limit.set(3)
    clock.now += 2
    limit.lap("encode")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        limit.warn_if_over()
        Deadline().warn_if_over()
    clock.now += 2
    limit.lap("encode")
    with pytest.warns(
        UserWarning, match="max_time=3 was over.* took 2 seconds.*few rows"
    ):
        limit.warn_if_over()
