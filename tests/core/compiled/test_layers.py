"""The layers of tables in C against NumPy: training, scores, and what is refused."""

import numpy as np
import pytest

from skmlp.core.activations import ACTIVATIONS
from skmlp.core.architectures import ColumnLayout, Numbers, tabular_network
from skmlp.core.compiled import compiled_scores
from skmlp.core.compiled.checks import NotCompiled
from skmlp.core.compiled.layers import RECORDERS
from skmlp.core.compiled.library import library
from skmlp.core.compiled.program import ScoresRecording
from skmlp.core.compiled.runner import CompiledObjective
from skmlp.core.compiled.structs import (
    CATEGORIES,
    DENSE,
    PARAMETRIC,
    PERIODIC,
    PIECEWISE,
    SCALE,
    UNCHANGED,
)
from skmlp.core.embeddings import Columns, Periodic
from skmlp.core.layers import Dense
from skmlp.core.lbfgs import NumpyObjective
from skmlp.core.network import Network
from skmlp.core.scaling import Scale
from tests.core.compiled.problems import (
    ACTIVATIONS_IN_C,
    ALL_HEADS,
    N_ROWS,
    NUMBERS,
    PRECISIONS,
    TOLERANCE,
    W,
    check_same,
    table_problem,
)
from tests.core.test_architectures import moves

pytestmark = pytest.mark.skipif(library() is None, reason="no library was built")


FEATURES = pytest.mark.parametrize(
    "numbers", [Numbers(n_frequencies=5, frequency_std=0.5), Numbers(n_bins=6)]
)


class Own(Periodic):
    """A user's own part of the input layer."""


LAYOUTS = {
    "all": None,
    "numbers": ColumnLayout(3, 0, ()),
    "one number": ColumnLayout(1, 0, ()),
    "unchanged": ColumnLayout(0, 2, ()),
    "codes": ColumnLayout(0, 0, (5, 4)),
    "numbers and codes": ColumnLayout(2, 0, (5,)),
}


@PRECISIONS
@pytest.mark.parametrize("activation", ACTIVATIONS_IN_C)
def test_activations(activation, dtype):
    check_same(*table_problem(dtype, activation=activation))


@PRECISIONS
@pytest.mark.parametrize("head", ALL_HEADS)
def test_heads(head, dtype):
    check_same(*table_problem(dtype, head=head))


@PRECISIONS
@pytest.mark.parametrize("layout", LAYOUTS)
@FEATURES
def test_layouts(numbers, layout, dtype):
    check_same(*table_problem(dtype, layout=LAYOUTS[layout], numbers=numbers))


@PRECISIONS
@pytest.mark.parametrize(
    "numbers",
    [Numbers(), *(Numbers(0, n, 0.3) for n in (1, 16, 33)), *map(Numbers, (1, 2, 40))],
)
def test_features_of_numbers(numbers, dtype):
    check_same(*table_problem(dtype, numbers=numbers, dropout=0.0))


@PRECISIONS
@pytest.mark.parametrize(
    "more", [{"weight_decay": 0.5, "max_grad_norm": 0.3}, {"w": W}]
)
def test_settings(more, dtype):
    check_same(*table_problem(dtype, **more))


@pytest.mark.parametrize("by_columns", [False, True])
@pytest.mark.parametrize("block_rows", [7, 512])
@FEATURES
def test_the_objective_by_differences(numbers, block_rows, by_columns, monkeypatch):
    monkeypatch.setattr("skmlp.core.compiled.runner.BLOCK_ROWS", block_rows)
    settings, theta, data = table_problem(dropout=0.0, numbers=numbers, w=W)
    if by_columns:
        data = data._replace(X=np.asfortranarray(data.X))
    compiled = CompiledObjective(library(), settings.objective, theta, data)
    value, grad = compiled(theta)
    has_gradient = moves(settings.objective.network, np.random) != 0
    step, slopes = 1e-6, np.zeros_like(theta)
    for i in np.flatnonzero(has_gradient):
        moved = theta.copy()
        moved[i] += step
        above, _ = compiled(moved)
        moved[i] -= 2 * step
        slopes[i] = (above - compiled(moved)[0]) / (2 * step)
    compiled(theta)
    np.testing.assert_allclose(grad, slopes, atol=1e-8, rtol=1e-6)
    expected = NumpyObjective(settings.objective, theta, data)(theta)
    assert value == pytest.approx(expected[0], rel=1e-13)
    np.testing.assert_allclose(grad, expected[1], atol=1e-14, rtol=1e-10)


@PRECISIONS
@pytest.mark.parametrize("layout", LAYOUTS)
@FEATURES
def test_scores(numbers, layout, dtype):
    settings, theta, data = table_problem(
        dtype, layout=LAYOUTS[layout], numbers=numbers
    )
    network = settings.objective.network
    theta_double, rows = theta.astype("f8"), data.X.astype("f8")
    # Buffers for training have angles in double precision.
    work = network.workspace(N_ROWS, rows.dtype, training=True)
    expected = network.forward(network.views(theta_double), rows, work.buffers(N_ROWS))
    for X in (data.X, np.asfortranarray(data.X), np.repeat(data.X, 2, axis=1)[:, ::2]):
        found = compiled_scores(network, theta, X)(theta)
        assert found.dtype == dtype
        tolerance = TOLERANCE[dtype] * np.abs(expected).max()
        np.testing.assert_allclose(found, expected, atol=tolerance, rtol=0)


@PRECISIONS
@pytest.mark.parametrize("width", [1, 5, 29, 64])
@FEATURES
def test_the_scores_of_a_row_do_not_depend_on_other_rows(numbers, width, dtype):
    rng = np.random.RandomState(0)
    network = tabular_network(
        ColumnLayout(9, 0, (4,)),
        (width, 37, 6),
        ACTIVATIONS["gelu"],
        numbers=numbers,
        dropout=0.0,
    )
    X = np.column_stack([rng.randn(700, 9), rng.randint(4, size=700)]).astype(dtype)
    theta = rng.standard_normal(network.n_parameters).astype(dtype)
    all_rows = compiled_scores(network, theta, X)(theta)
    assert np.ptp(all_rows, axis=0).min() > 0
    for n in (1, 2, 3, 5, 8, 33, 64, 511, 512, 513):
        rows = rng.permutation(700)[:n]
        some = compiled_scores(network, theta, X[rows])(theta)
        np.testing.assert_array_equal(some, all_rows[rows])


def test_each_network_has_its_parameters():
    settings, theta, data = table_problem("f4")
    network = settings.objective.network
    scores = compiled_scores(network, theta, data.X)
    other = np.flip(theta).copy()
    other.flags.writeable = False
    for one in (theta, other, theta):
        fresh = compiled_scores(network, one, data.X)(one)
        np.testing.assert_array_equal(scores(one), fresh)
    for wrong in (theta[:-1], theta.astype("f8"), np.repeat(theta, 2)[::2]):
        with pytest.raises(NotCompiled):
            scores(wrong)


def test_codes_that_are_no_category_read_the_nearest_one():
    """As np.take with mode="clip"; NaN reads the first."""
    settings, theta, data = table_problem("f8")
    network, X = settings.objective.network, data.X[:6].copy()
    codes = [-np.inf, -3, 4.9, 5, 1e300, np.nan]
    X[:, 5], expected = codes, X.copy()
    expected[:, 5] = [0, 0, 4, 4, 4, 0]
    scores = [compiled_scores(network, theta, rows)(theta) for rows in (X, expected)]
    np.testing.assert_array_equal(*scores)


def test_turns_of_any_size():
    """Periodic features stay bounded, and follow NumPy's where a turn has digits."""
    layer = Columns(((1, Periodic(1, 1, 1)),))
    network = Network((layer, Dense(2, 1)))
    theta = np.zeros(network.n_parameters)
    places = {name: where for _, name, where, _ in network.locations}
    theta[places["0.w"]] = theta[places["0.W"]] = 1
    theta[places["W"]] = [1, 0]
    x = np.r_[np.linspace(-3, 3, 49), 10.0 ** np.arange(0, 300, 7), -1e9, 2.0**52]
    found = compiled_scores(network, theta, x[:, None])(theta)[:, 0]
    assert (np.abs(found) <= 1).all()
    near = np.abs(x) <= 3
    np.testing.assert_allclose(found[near], np.cos(2 * np.pi * x[near]), atol=1e-14)
    whole = np.abs(x) == np.round(np.abs(x))
    np.testing.assert_allclose(found[whole], 1, atol=1e-15)
    theta[places["0.w"]] = np.nan
    assert np.isnan(compiled_scores(network, theta, x[:, None])(theta)).all()


def five_outputs():
    return Columns(((3, Periodic(3, 4, 5)), (4, None)))


@pytest.mark.parametrize(
    "first",
    [
        five_outputs(),
        Columns(((3, Scale(3)), (4, None))),
        Columns(((2, Periodic(3, 4, 3)), (4, None))),
        Columns(((3, Periodic(3, 4, 3)), (3, None))),
        Columns(((7, Own(7)),)),
        Scale(7),
    ],
    ids=range(6),
)
def test_other_input_layers_are_refused(first):
    _, _, data = table_problem()
    network = Network((first, Dense(first.n_out, 3)))
    theta = np.zeros(network.n_parameters)
    assert compiled_scores(network, theta, data.X) is None


def test_columns_are_the_input_layer():
    columns = Columns(((3, Periodic(3, 4, 3)), (4, None)))
    network = Network((Dense(7, 7), columns, Dense(columns.n_out, 3)))
    theta, X = np.zeros(network.n_parameters), np.zeros((5, 7))
    assert compiled_scores(network, theta, X) is None


def test_a_network_of_another_class_is_refused():
    class OwnNetwork(Network):
        """A user's own network."""

    settings, theta, data = table_problem()
    network = OwnNetwork(settings.objective.network.layers)
    assert compiled_scores(network, theta, data.X) is None


@pytest.mark.parametrize(
    ("numbers", "kind"), [(NUMBERS, PERIODIC), (Numbers(n_bins=3), PIECEWISE)]
)
def test_every_layer_is_recorded(numbers, kind):
    settings, theta, data = table_problem(numbers=numbers)
    network = settings.objective.network
    made = ScoresRecording(library(), network, theta, data.X, 5)
    kinds = [o.kind for o in made.operations]
    hidden = [DENSE, PARAMETRIC]
    inputs = [kind, UNCHANGED, CATEGORIES, CATEGORIES]
    assert kinds == [*inputs, SCALE, *hidden, *hidden, DENSE]
    assert {type(layer) for layer in network.layers} == {*RECORDERS}
    widths = [o.n_out for o in made.operations[:4]]
    assert [o.column for o in made.operations[:4]] == [0, 3, 5, 6]
    assert [o.h for o in made.operations[:4]] == np.cumsum([0, *widths[:3]]).tolist()
