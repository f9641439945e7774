"""A program with any wrong field, and any wrong array, is refused before C sees it."""

import ctypes as c
from fractions import Fraction

import numpy as np
import pytest

from skmlp.core.architectures import Numbers
from skmlp.core.batches import Dataset
from skmlp.core.compiled import compiled_objective, compiled_runner
from skmlp.core.compiled.checks import (
    LARGEST_COUNT,
    NotCompiled,
    check,
    check_training,
    number,
)
from skmlp.core.compiled.library import library
from skmlp.core.compiled.program import Recording, ScoresRecording
from skmlp.core.compiled.structs import (
    CATEGORIES,
    N_KINDS,
    PERIODIC,
    PIECEWISE,
    Operation,
    Program,
)
from skmlp.core.layers import DROPOUT_STEPS
from skmlp.core.optimizers import Adam
from tests.core.compiled.problems import N_ROWS, NUMBERS, fit, problem, table_problem

pytestmark = pytest.mark.skipif(library() is None, reason="no library was built")

N_RECORDED = 12
"""The rows of a batch; no buffer of these problems then has padding at its end."""


def recording(name):
    """A recording of each form: what is copied, which head, y in double precision."""
    head = {"quantiles": "three quantiles", "gaussian": "gaussian"}.get(name, "softmax")
    dtype = "f4" if name == "y in double precision" else "f8"
    dropout = (0.5, 0.2) if name == "dropout" else ()
    if name.startswith("table"):
        numbers = Numbers(n_bins=5) if "bins" in name else NUMBERS
        settings, theta, data = table_problem(dtype, numbers=numbers)
    else:
        settings, theta, data = problem(head, "gelu", dtype, dropout=dropout)
    if name == "y in double precision":
        data = data._replace(y=data.y.astype("f8"))
    if name in ("columns", "table by columns"):
        data = data._replace(X=np.asfortranarray(data.X))
    shuffled = name in ("shuffled", "dropout", "quantiles", "table")
    made = Recording(
        library(), settings.objective, theta, data, N_RECORDED, shuffled=shuffled
    )
    made.record_optimizer(Adam())
    return made


RECORDINGS = (
    *("shuffled", "dropout", "quantiles", "gaussian", "in place", "columns"),
    *("y in double precision", "table", "table by columns", "table with bins"),
)


def scores_recording(name):
    """A recording for scores."""
    numbers = Numbers(n_bins=5) if "bins" in name else NUMBERS
    settings, theta, data = (
        table_problem(numbers=numbers) if "table" in name else problem()
    )
    network = settings.objective.network
    X = np.asfortranarray(data.X) if "columns" in name else data.X
    return ScoresRecording(library(), network, theta, X, N_RECORDED)


def integers(struct):
    """The names of the integers of a struct."""
    return [name for name, kind in struct._fields_ if kind is c.c_int64]


def beyond(made, name):
    """A value of a field of the program that is one too large."""
    p, size, codes = made.program, made.work.size, made.library.codes
    lengths = {"x_rows": p.n_features, "y_rows": p.n_targets, "w_rows": 1}
    lengths["losses"] = p.n_scores
    if name in lengths:
        return size - N_RECORDED * lengths[name] + 1
    return {
        "n_weights": p.n_parameters + 1,
        "in_place": 2,
        "use_factor": 2,
        "head": len(codes["heads"]),
        "optimizer": len(codes["optimizers"]),
        "t": LARGEST_COUNT,
    }.get(name, getattr(p, name) + 1)


def beyond_of_operation(made, operation, name):
    """A value of a field of the operation that is one too large."""
    o, n_units = operation, N_RECORDED * operation.n_out
    n_theta, n_work = made.theta.size, made.work.size
    matrix, biases, n_waves = o.n_in * o.n_out, o.n_out, o.n_in * o.n_frequencies
    n_knots, memory = o.n_in * (o.n_bins + 1), n_units
    if o.kind == CATEGORIES:
        matrix = o.n_categories * o.n_out
    if o.kind == PERIODIC:
        biases = o.n_out - o.n_in
        matrix, memory = biases * o.n_frequencies, 2 * 5 * o.n_frequencies
    if o.kind == PIECEWISE:
        biases = o.n_out - o.n_in
        matrix, memory = biases * o.n_bins, (o.n_bins + 1) * biases // o.n_in
    return {
        "kind": N_KINDS,
        "activation": len(made.library.codes["activations"]) + 1,
        "W": n_theta - matrix + 1,
        "b": n_theta - biases + 1,
        "q": n_theta - o.n_out + 1,
        **dict.fromkeys(("w", "c"), n_theta - n_waves + 1),
        "t": n_theta - n_knots + 1,
        "h_prev": n_work - N_RECORDED * o.n_in + 1,
        **dict.fromkeys(("s", "h", "factors"), n_work - n_units + 1),
        "Wt": n_work - o.n_in * o.n_out + 1,
        "memory": n_work - memory + 1,
        "cut": DROPOUT_STEPS,
        # With one frequency, bin or category more, it reads the next parameters.
        **dict.fromkeys(("n_frequencies", "n_bins", "n_categories"), 2**31),
    }.get(name, getattr(o, name) + 1)


def refused(made):
    """Whether the check refuses the recording."""
    try:
        check(made)
        if isinstance(made, Recording):
            check_training(made)
    except NotCompiled:
        return True
    return False


FAR = (-1, -(2**31), -(2**62), -(2**63), 2**31, 2**32 + 1, 2**53, 2**62, 2**63 - 1)


@pytest.mark.parametrize("form", RECORDINGS)
def test_wrong_fields_of_the_program(form):
    made = recording(form)
    accepted = []
    for name in integers(Program):
        right = getattr(made.program, name)
        for wrong in (*FAR, beyond(made, name)):
            if name == "t" and 0 <= wrong < LARGEST_COUNT:
                continue
            setattr(made.program, name, wrong)
            accepted += [] if refused(made) else [(name, wrong)]
        setattr(made.program, name, right)
    for turn in (0, 1):
        right = made.program.dh[turn]
        for wrong in (*FAR, made.work.size - N_RECORDED * 9 + 1):
            made.program.dh[turn] = wrong
            accepted += [] if refused(made) else [("dh", wrong)]
        made.program.dh[turn] = right
    assert accepted == []
    assert not refused(made)


READ_FOR_SCORES = (
    *("n_operations", "batch_size", "n_parameters", "n_rows", "n_features"),
    *("row_stride", "column_stride", "in_place", "x_rows", "n_scores"),
)
SCORES = ("plain", "plain by columns", "table", "table by columns", "table with bins")


@pytest.mark.parametrize("form", SCORES)
def test_wrong_fields_of_a_program_for_scores(form):
    made = scores_recording(form)
    accepted = []
    for name in READ_FOR_SCORES:
        right = getattr(made.program, name)
        for wrong in (*FAR, beyond(made, name)):
            setattr(made.program, name, wrong)
            accepted += [] if refused(made) else [(name, wrong)]
        setattr(made.program, name, right)
    assert accepted == []
    assert not refused(made)


@pytest.mark.parametrize("form", [*RECORDINGS, *(f"scores, {one}" for one in SCORES)])
def test_wrong_fields_of_the_operations(form):
    kind, _, rest = form.partition(", ")
    made = scores_recording(rest) if kind == "scores" else recording(form)
    accepted = []
    for i, operation in enumerate(made.operations):
        for name in integers(Operation):
            right = getattr(operation, name)
            for wrong in (*FAR, beyond_of_operation(made, operation, name)):
                setattr(operation, name, wrong)
                accepted += [] if refused(made) else [(i, name, wrong)]
            setattr(operation, name, right)
    assert accepted == []
    assert not refused(made)


def test_every_other_head_is_refused_where_it_would_read_or_write_more():
    for form in ("shuffled", "quantiles", "gaussian"):
        made = recording(form)
        p, codes = made.program, made.library.codes["heads"]
        accepted = set()
        for name, code in codes.items():
            p.head = code
            accepted |= set() if refused(made) else {name}
        one_score = {*codes} - {"quantile", "gaussian"}
        own = {"quantiles": {"quantile"}, "gaussian": {"gaussian"}}
        # One level: a quantile head then has one score for each target, too.
        assert accepted == own.get(form, one_score | {"quantile"})


def test_double_buffers_belong_to_targets_in_double_precision():
    made = recording("y in double precision")
    for name in ("double_scores", "double_losses"):
        right = getattr(made.program, name)
        setattr(made.program, name, None)
        assert refused(made)
        setattr(made.program, name, right)
    made.double = made.double[0][:-1], made.double[1]
    assert refused(made)
    other = recording("in place")
    other.program.double_scores = other.program.double_losses = other.program.work
    assert refused(other)


@pytest.mark.parametrize("name", ["theta", "grad", "work"])
def test_the_vectors_of_a_recording(name):
    made = recording("shuffled")
    right = getattr(made, name)
    right[:] = 0
    for wrong in (right.astype("f4"), right[:-9], right[::2], right.reshape(1, -1)):
        setattr(made, name, wrong)
        assert refused(made), wrong.shape
    read_only = right.copy()
    read_only.flags.writeable = False
    setattr(made, name, read_only)
    assert refused(made)
    setattr(made, name, right)
    assert not refused(made)


def moved(a):
    """The array at an address that is no multiple of its itemsize."""
    there = np.empty(a.nbytes + 1, "u1")[1:].view(a.dtype).reshape(a.shape)
    there[...] = a
    assert not there.flags.aligned
    return there


def between_others(a):
    """The array as a field of larger records: strides are no multiples of 8."""
    records = np.zeros(a.shape, [("value", a.dtype), ("more", "u1")])
    records["value"] = a
    return records["value"]


def read_only(a):
    """A copy that cannot be written to."""
    a = a.copy()
    a.flags.writeable = False
    return a


WRONG = {
    "theta": [
        *(read_only, moved, between_others),
        lambda a: a.astype("f4"),
        lambda a: a.astype(">f8"),
        lambda a: a.astype("g"),
        lambda a: a[:-1],
        lambda a: np.append(a, 0.0),
        lambda a: np.repeat(a, 2)[::2],
        lambda a: a[::-1],
        lambda a: a[None],
    ],
    "X": [
        *(moved, between_others),
        lambda a: a.astype("f4"),
        lambda a: a.astype(">f8"),
        lambda a: a.astype("i8"),
        lambda a: a.astype("O"),
        lambda a: a[:, :-1],
        lambda a: np.hstack([a, a]),
        lambda a: a[:-1],
        lambda a: np.vstack([a, a]),
        lambda a: a[:, 0],
        lambda a: a[None],
        lambda a: a[:, :0],
        lambda a: a[:0],
    ],
    "y": [
        *(moved, between_others),
        lambda a: a.astype("f4"),
        lambda a: a.astype(">f8"),
        lambda a: a.astype("i8"),
        lambda a: a[:, :-1],
        lambda a: a[:, :0],
        lambda a: np.hstack([a, a]),
        lambda a: a[:-1],
        lambda a: np.vstack([a, a]),
        lambda a: a[:, 0],
        lambda a: a[None],
    ],
    "w": [
        *(moved, between_others),
        lambda a: a.astype("f4"),
        lambda a: a.astype("i8"),
        lambda a: a[:-1],
        lambda a: np.append(a, a),
        lambda a: a[:, None],
        lambda a: np.float64(1.0),
    ],
}
RIGHT_ALL_THE_SAME = {("y", 1), ("w", 1)}
"""Wrong arrays that are copied: y and the weights with gaps."""


def outcome(settings, theta, data):
    """The parameters after training, or the class of the error."""
    try:
        return fit(settings, theta, data, Adam())
    except Exception as error:
        return type(error)


@pytest.mark.parametrize(
    ("name", "i"), [(name, i) for name, all_ in WRONG.items() for i in range(len(all_))]
)
def test_numpy_trains_or_refuses_wrong_arrays(name, i, monkeypatch):
    def wrong():
        settings, theta, data = problem(w=np.ones(N_ROWS))
        arrays = {"theta": theta, **data._asdict()}
        arrays[name] = WRONG[name][i](arrays[name])
        return settings, arrays.pop("theta"), Dataset(**arrays)

    settings, theta, data = wrong()
    compiled = compiled_runner(settings, theta, Adam(), data)
    right = (name, i) in RIGHT_ALL_THE_SAME
    assert (compiled is not None) == right
    if name in ("X", "y"):
        found = compiled_objective(settings.objective, theta, data)
        assert (found is not None) == right
    ours = outcome(*wrong())
    monkeypatch.setattr("skmlp.core.training.compiled_runner", lambda *_: None)
    expected = outcome(*wrong())
    if isinstance(expected, type):
        assert ours is expected
    else:
        # NumPy takes a theta that is too long; the network has no gradient for its end.
        n = settings.objective.network.n_parameters
        np.testing.assert_allclose(ours[..., :n], expected[..., :n], rtol=1e-12)


def test_numbers():
    assert [number(one) for one in (2, 0.5, np.float32(0.5), Fraction(1, 4), True)] == [
        *(2.0, 0.5, 0.5, 0.25, 1.0)
    ]
    for wrong in ("1", None, 1j, np.array(1.0), np.ones(2), [1.0]):
        with pytest.raises(NotCompiled, match="a setting is no number"):
            number(wrong)
