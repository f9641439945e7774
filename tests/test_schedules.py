import pytest

from skmlp.core.schedules import SCHEDULES, Adaptive, Constant, InverseScaling, OneCycle


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


def test_adaptive_takes_a_fifth_at_each_stall_down_to_the_least_rate():
    schedule, rate, n_cuts = Adaptive(), 1.0, 0
    while schedule.cuts(rate):
        n_cuts += 1
        rate = schedule.factor(123, n_cuts)
    assert n_cuts == 9
    assert rate == pytest.approx(5.0**-9)
    assert rate <= 1e-6 < 5 * rate
