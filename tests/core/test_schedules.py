import math

import numpy as np
import pytest

from skmlp.core import schedules
from skmlp.core.schedules import (
    SCHEDULES,
    Adaptive,
    ByFunction,
    Constant,
    Cosine,
    InverseScaling,
    OneCycle,
)


@pytest.mark.parametrize("schedule", [kind() for kind in SCHEDULES.values()])
def test_training_starts_at_the_initial_rate(schedule):
    start = schedule.start if isinstance(schedule, OneCycle) else 1
    assert schedule.factor(0, 0) == pytest.approx(start)


@pytest.mark.parametrize("n_seen", [0, 100, 12345])
def test_constant(n_seen):
    assert Constant().factor(n_seen, 3) == 1
    assert not Constant().cuts(0.1)


@pytest.mark.parametrize("power_t", [0.0, 0.25, 0.5, 2.0])
def test_inverse_scaling(power_t):
    schedule = InverseScaling(power_t)
    assert schedule.factor(99, 3) == pytest.approx(100.0**-power_t)
    assert not schedule.cuts(0.1)


def test_adaptive_divides_by_5_at_each_plateau_down_to_the_least_rate():
    schedule, rate, n_cuts = Adaptive(), 1.0, 0
    while schedule.cuts(rate):
        n_cuts += 1
        rate = schedule.factor(123, n_cuts)
    assert n_cuts == 9
    assert rate == pytest.approx(5.0**-9)
    assert rate <= 1e-6 < 5 * rate


@pytest.mark.parametrize("kind", SCHEDULES.values())
def test_factors_lie_between_0_and_1(kind):
    factors = [kind().factor(100, 1, t) for t in np.linspace(0, 1, 1001)]
    assert min(factors) >= 0
    assert max(factors) <= 1
    if not kind.each_step:
        assert len(set(factors)) == 1


def test_cosine_falls_from_1_to_0():
    factors = [Cosine().factor(0, 0, t) for t in (0, 0.25, 0.5, 0.75, 1)]
    root = math.sqrt(2) / 4
    np.testing.assert_allclose(factors, [1, 0.5 + root, 0.5, 0.5 - root, 0], atol=1e-15)


def test_one_cycle_rises_and_falls():
    factors = [OneCycle().factor(0, 0, t) for t in (0, 0.15, 0.3, 0.65, 1)]
    np.testing.assert_allclose(factors, [0.04, 0.52, 1, 0.5, 0], atol=1e-15)


def test_a_function_of_progress():
    schedule = ByFunction(lambda t: 1 - t)
    assert [schedule.factor(7, 3, t) for t in (0, 0.25, 1)] == [1, 0.75, 0]
    assert schedule.each_step
    assert not schedule.for_sgd_only
    assert not schedule.cuts(1.0)


@pytest.mark.parametrize("value", [-0.1, math.inf, math.nan, "1", None, 1j])
def test_a_function_that_gives_no_factor(value):
    with pytest.raises(ValueError, match=r"learning_rate must be .*for t=0.5"):
        ByFunction(lambda t: value).factor(0, 0, 0.5)


def test_an_error_of_the_function_says_whose_it_is():
    with pytest.raises(ZeroDivisionError) as caught:
        ByFunction(lambda t: 1 / t).factor(0, 0, 0.0)
    assert caught.value.__notes__ == ["Raised by the function learning_rate for t=0."]


def test_segments_of_a_schedule_follow_one_another():
    segment, ends = schedules.ScheduleSegment(Cosine()), []
    for n_left in (4, 3, 2, 1):
        segment = segment.next(n_left)
        ends.append((segment.start, segment.stop))
        middle = Cosine().factor(0, 0, (segment.start + segment.stop) / 2)
        assert segment.factor(0, 0, 0.5) == pytest.approx(middle, abs=1e-15)
    np.testing.assert_allclose(ends, [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)])
