"""Records of iterations: what they hold and the line that each prints."""

import numpy as np
import pytest

from skmlp.core.history import Progress, Record, StopReason, line_of
from tests.core.test_lbfgs import problem as problem_of_lbfgs
from tests.core.test_lbfgs import run
from tests.core.test_training import fit, problem, state


def test_runs_all_epochs_and_says_so():
    config, theta, data = problem()
    lines = []
    run = fit(config, theta, state(), data, log=lines.append)
    assert run.stop_reason is StopReason.MAX_EPOCHS
    assert len(run.losses) == 10
    assert len(lines) == 10
    for i, (line, record) in enumerate(zip(lines, run.records, strict=True), 1):
        assert line == line_of(i, record)
        assert line.startswith(
            f"Iteration {i}, loss = {record.loss:.8f}, learning rate"
        )
        assert "validation" not in line


def test_records_take_time():
    config, theta, data = problem()
    run = fit(config, theta, state(), data)
    assert all(record.seconds > 0 for record in run.records)
    assert np.isnan([record.validation_loss for record in run.records]).all()


def test_records_have_the_length_of_the_gradient_and_the_time():
    objective, theta, data = problem_of_lbfgs((4,))
    found = run(objective, theta, data, tol=1e-9)
    norms = [record.gradient_norm for record in found.records]
    assert norms[-1] < 1e-3 * norms[0]
    assert all(record.seconds > 0 for record in found.records)
    assert np.isnan([record.learning_rate for record in found.records]).all()


def test_a_line_names_what_the_record_has():
    record = Record(0.5, np.nan, np.nan, np.nan, 1.25, 0.003)
    assert line_of(3, record) == (
        "Iteration 3, loss = 0.50000000, gradient norm = 1.25, 0.003 s"
    )
    record = Record(0.5, 0.75, -0.25, 0.001, 1.25, 0.003)
    assert line_of(3, record) == (
        "Iteration 3, loss = 0.50000000, validation loss = 0.75000000, validation "
        "score = -0.250000, learning rate = 0.001, gradient norm = 1.25, 0.003 s"
    )


@pytest.mark.parametrize(
    ("n_left", "seconds", "lines"),
    [(0, 100, []), (5, 10, []), (6, 20, ["About 2 minutes left."])],
)
def test_the_time_that_is_left(n_left, seconds, lines):
    said = []
    Progress(said.append).say_time_left(n_left, seconds)
    assert said == lines
    Progress().say_time_left(n_left, seconds)
