"""A call that raises leaves the estimator as it was."""

import numpy as np
import pytest

from tests.helpers import parameters_of, partial_fit, same, snapshot

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
BAD_CALLS = {
    "parameter": lambda m, X, y: m.set_params(alpha=-1).fit(X, y),
    "rows": lambda m, X, y: m.fit(X[:-1], y),
    "nan": lambda m, X, y: m.fit(np.where(X > 2, np.nan, X), y),
    "weights": lambda m, X, y: m.fit(X, y, sample_weight=-np.ones(60)),
    "width": lambda m, X, y: m.fit(X[:, :2], y, sample_weight=np.zeros(60)),
    "y": lambda m, X, y: m.fit(X, np.where(X[:, 0] > 2, np.nan, X[:, 0])),
    "divergence": lambda m, X, y: m.set_params(
        solver="sgd", learning_rate_init=1e300, max_iter=3
    ).fit(1e5 * X, y),
    "partial divergence": lambda m, X, y: [
        partial_fit(m.set_params(solver="sgd", learning_rate_init=1e300), 1e9 * X, y)
        for _ in range(3)
    ],
}


@pytest.mark.parametrize("warm_start", [False, True])
@pytest.mark.parametrize("name", BAD_CALLS)
def test_a_call_that_raises_leaves_the_estimator_as_it_was(
    make, data, warm_start, name
):
    model = make(max_iter=3, warm_start=warm_start).fit(*data)
    before, parameters = snapshot(model), model.get_params()
    if name == "partial divergence":
        # The first of the three calls may end in huge but finite weights.
        before = None
    with pytest.raises(ValueError):
        BAD_CALLS[name](model, *data)
    model.set_params(**parameters)
    if before is not None:
        assert snapshot(model) == before
    assert np.isfinite(parameters_of(model)).all()


def test_a_failed_partial_fit_leaves_no_trace_in_later_ones(make, data):
    X, y = data
    a, b = (partial_fit(make(solver="sgd"), *data) for _ in range(2))
    with pytest.raises(ValueError, match="diverged|non-finite"):
        partial_fit(a.set_params(learning_rate_init=1e300), 1e200 * X, y)
    a.set_params(learning_rate_init=1e-3)
    for model in (a, b):
        partial_fit(model, *data)
    assert same(a, b)


def test_a_first_fit_that_raises_leaves_the_estimator_unfitted(make, data):
    X, _ = data
    model = make()
    before = snapshot(model)
    with pytest.raises(ValueError):
        model.fit(X, np.full(60, np.nan))
    assert snapshot(model) == before
    assert not hasattr(model, "n_features_in_")
