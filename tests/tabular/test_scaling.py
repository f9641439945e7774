import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, lists, one_of, sampled_from
from scipy.special import ndtri

from skmlp import TableEncoder
from skmlp.tabular import scaling
from skmlp.tabular.column_encoders import Numeric, difference, interpolate
from skmlp.tabular.scaling import FAR, LIMIT, encode_numbers

LARGEST, TINY, ULP = np.finfo(np.float64).max, 5e-324, np.spacing(1.0)
RNG = np.random.RandomState(0)
N = 700
COLUMNS = {
    "normal": RNG.randn(N),
    "skewed": np.exp(9 * RNG.randn(N)),
    "ties": RNG.randint(0, 5, N),
    "mostly zero": np.where(RNG.rand(N) < 0.6, 0, 10.0 ** RNG.uniform(-306, 0, N)),
    "two places": np.r_[RNG.randn(N // 2), 1e6 + RNG.randn(N - N // 2)],
    "neighbours": 1 + ULP * RNG.randint(0, 40, N),
    "ties among neighbours": 1 + ULP * np.maximum(RNG.randint(-40, 40, N), 0),
    "constant": np.full(N, 7.0),
    "huge": RNG.choice([-1e308, 1.7e308, -LARGEST, LARGEST], N),
    "subnormal": TINY * RNG.randint(0, 9, N),
    "subnormal and not": np.where(RNG.rand(N) < 0.5, TINY, RNG.randn(N)),
    "large integers": RNG.randint(2**53, 2**62, N),
    "lowest, often": np.where(RNG.rand(N) < 0.5, -LARGEST, -1e308 * RNG.rand(N)),
    "missing": np.where(RNG.rand(N) < 0.2, np.nan, RNG.randn(N)),
    "all missing": np.full(N, np.nan),
    "bool": RNG.rand(N) < 0.3,
    "float32": RNG.randn(N).astype(np.float32),
}
MATRIX = np.array([one.astype(np.float64) for one in COLUMNS.values()])
NEW = [-LARGEST, -1.0, -TINY, 0.0, TINY, 1e-310, 0.5, LARGEST, np.nan]


def plain(one, x):
    """The columns of a column of numbers by the plain formulas."""
    missing = np.isnan(x)
    x = np.where(missing, one.mean, x)
    distance, factor = difference(x, one.center)
    with np.errstate(over="ignore"):
        z = np.clip(distance * one.scale * factor, -FAR, FAR)
    columns = [z / np.sqrt(1 + (z / 3) ** 2)]
    if one.quantiles is not None:
        q, levels = one.quantiles, np.linspace(0, 1, len(one.quantiles))
        below = 1 - interpolate(-x, -q[::-1], levels)
        fraction = np.clip((below + interpolate(x, q, levels)) / 2, 0, 1)
        with np.errstate(divide="ignore"):
            columns.append(np.clip(ndtri(fraction), -LIMIT, LIMIT))
    return [*columns, missing] if one.has_missing else columns


def encoded(columns, values):
    """The encoded columns of a table, (n_rows, n_columns)."""
    n_columns = sum(len(one.groups) for one in columns)
    out = np.full((len(values[0]), n_columns), np.nan, np.float32)
    encode_numbers(columns, values, out)
    return out


def check_formula(values, new):
    one = Numeric.fit(values, True)
    q = values if one.quantiles is None else one.quantiles
    with np.errstate(over="ignore"):
        near = [np.nextafter(q, end) for end in (-np.inf, np.inf)]
    x = np.concatenate([values, q, *near, q[1:] / 2 + q[:-1] / 2, new])
    x = x[~np.isinf(x)]
    found = encoded([one], [x])
    expected = np.transpose(plain(one, x)).astype(np.float32)
    np.testing.assert_allclose(found, expected, rtol=1.2e-7, atol=1e-12)


@pytest.mark.parametrize("name", COLUMNS)
def test_the_encoding_is_that_of_the_plain_formulas(name):
    check_formula(COLUMNS[name].astype(np.float64), NEW)


FINITE = floats(allow_nan=False, allow_infinity=False)
SOME = one_of(FINITE, sampled_from([*NEW[:-1], 1.0, 1 + ULP, 1 - ULP / 2]))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(lists(SOME, min_size=1, max_size=20), lists(SOME, max_size=9))
def test_any_column_has_the_encoding_of_the_plain_formulas(values, new):
    check_formula(np.array(values), new)


@pytest.fixture
def columns():
    return [Numeric.fit(one, True) for one in MATRIX]


@pytest.mark.parametrize(
    ("rows", "values", "few"),
    [(50, 1, 0), (300, 700, 256), (97, 1000, 0), (999, 10**6, 999)],
)
def test_the_size_of_blocks_does_not_change_a_bit(
    columns, rows, values, few, monkeypatch
):
    expected = encoded(columns, MATRIX)
    for name, value in {"ROWS": rows, "VALUES": values, "FEW": few}.items():
        monkeypatch.setattr(scaling, name, value)
    np.testing.assert_array_equal(encoded(columns, MATRIX), expected)


def test_a_row_does_not_depend_on_its_neighbours(columns):
    expected = encoded(columns, MATRIX)
    for rows in ([3], [5, 2], RNG.permutation(N)):
        np.testing.assert_array_equal(encoded(columns, MATRIX[:, rows]), expected[rows])


def test_the_parts_come_in_order(columns):
    found = encoded(columns, MATRIX)
    parts = [plain(one, x) for one, x in zip(columns, MATRIX, strict=True)]
    scaled = [part[0] for part in parts]
    both = list(zip(columns, parts, strict=True))
    smooth = [part[1] for one, part in both if one.quantiles is not None]
    marked = [part[-1] for one, part in both if one.has_missing]
    expected = np.transpose([*scaled, *smooth, *marked])
    np.testing.assert_allclose(found, expected, rtol=1.2e-7, atol=1e-12)


def test_the_values_given_stay_as_they_are():
    X = np.where(RNG.rand(40, 3) < 0.2, np.nan, RNG.randn(40, 3))
    before = X.copy()
    encoder = TableEncoder().fit(X)
    assert encoder.transform(X).shape == (40, 9)
    np.testing.assert_array_equal(X, before)
