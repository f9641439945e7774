import numpy as np
import pandas as pd
import pytest

from skmlp import TableEncoder
from skmlp.tabular.codes import (
    MOST,
    MOST_ROWS,
    Coded,
    Smooth,
    additive_residuals,
    are_codes,
    as_labels,
    evidence,
    may_be_codes,
)
from skmlp.tabular.column_encoders import Group
from skmlp.tabular.columns import NUMBERS, Column

RNG = np.random.RandomState(0)
N = 3000
CODE = RNG.randint(0, 30, N).astype(float)
OF_CODE = RNG.standard_normal(30)[CODE.astype(int)]
NOISE = RNG.standard_normal(N)


def column(values):
    return Column("x", NUMBERS, np.asarray(values, float))


def standard(y):
    return ((y - y.mean()) / y.std())[:, None]


def test_codes_are_integers_with_rows_for_each():
    assert may_be_codes(column([*CODE, np.nan]))
    assert not may_be_codes(column(CODE + 0.5))
    assert not may_be_codes(column(CODE % 2))
    assert not may_be_codes(column(np.arange(N)))
    assert not may_be_codes(column([*[1] * N, *range(20)]))
    assert not may_be_codes(column(np.arange(N) % (MOST + 1)))
    assert not may_be_codes(column([np.nan] * 3))
    assert not may_be_codes(Column("x", "labels", np.zeros(N, int), ["a"]))


FUNCTIONS = {
    "linear": CODE,
    "quadratic": (CODE - 9) ** 2,
    "nothing": np.zeros(N),
    "noise that grows": CODE * NOISE,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_smooth_functions_are_no_codes(name):
    y = standard(FUNCTIONS[name] + 10 * NOISE)
    assert are_codes([column(CODE)], [True], y) == [False]


def test_no_codes_without_values_in_the_rows_that_decide():
    values = np.tile([np.nan, 1.0, np.nan, 2.0, np.nan, 3.0], MOST_ROWS // 3 + 1)
    encoder = TableEncoder().fit(values[:, None], np.nan_to_num(values))
    assert encoder.column_kinds_[0].kind == "number"


def test_labels_with_their_own_means_are_codes():
    others = [column(RNG.randint(0, 9, N)), column(NOISE)]
    y = standard(OF_CODE + RNG.standard_normal(N))
    assert are_codes([column(CODE), *others], [True, True, False], y) == [
        True,
        False,
        False,
    ]
    assert are_codes([column(CODE), *others], [False] * 3, y) == [False] * 3
    missing = np.where(RNG.rand(N) < 0.2, np.nan, CODE)
    assert are_codes([column(missing)], [True], y) == [True]


def test_evidence_estimates_the_variance_between_labels():
    sizes = RNG.randint(2, 200, 400)
    places = np.repeat(np.arange(400), sizes)
    effects = 0.5 * RNG.standard_normal(400)
    y = (effects[places] + RNG.standard_normal(len(places)))[:, None]
    certainty, gain = evidence(places, sizes, y)
    shrunken = 0.25 * 0.25 / (0.25 + 1 / sizes)
    expected = sizes @ shrunken / len(places) / 1.25
    assert gain == pytest.approx(expected, rel=0.2)
    assert certainty > 20


def test_without_effects_the_certainty_is_a_normal_number():
    # The noise of each label has another variance.
    places = np.repeat(np.arange(40), 25)
    found = [
        evidence(
            places, np.full(40, 25), ((1 + places) * RNG.standard_normal(1000))[:, None]
        )
        for _ in range(300)
    ]
    certainties = np.array([certainty for certainty, _ in found])
    # The certainty is at least 0: half of a normal distribution.
    assert certainties.max() < 4.5
    assert (certainties > 1.64).mean() < 0.12


def test_smooth_functions_are_those_of_a_regression():
    x = RNG.standard_normal(500)
    y = np.column_stack([np.sin(x), x])
    left = Smooth.through(x).residuals(y)
    np.testing.assert_allclose(left[:, 1], 0, atol=1e-3)
    assert left[:, 0].std() < 0.2 * y[:, 0].std()
    both = np.sin(2 * NOISE) + np.abs(RNG.standard_normal(N))
    assert additive_residuals([NOISE], both[:, None]).std() < 0.8 * both.std()


def test_encoded_as_number_and_label():
    X = pd.DataFrame({"shop": np.where(RNG.rand(N) < 0.1, np.nan, CODE)})
    encoder = TableEncoder(column_kinds={"shop": "code"}).fit(X)
    (one,) = encoder._columns
    assert isinstance(one, Coded)
    groups = [Group.SCALED, Group.QUANTILE, Group.MISSING, Group.CODE]
    assert one.groups == groups
    names = ["shop", "shop_quantile", "shop_missing", "shop_number"]
    assert encoder.get_feature_names_out().tolist() == names
    number = TableEncoder().fit_transform(X)
    label = TableEncoder(categorical_features=[0]).fit_transform(X)
    np.testing.assert_array_equal(encoder.transform(X), np.hstack([number, label]))
    new = pd.DataFrame({"shop": [3.0, 99.0, np.nan, 2.5]})
    assert encoder.transform(new)[:, -1].tolist() == [4, 0, 0, 0]


@pytest.mark.parametrize("dtype", ["Int64", "float32", "category", "int8"])
def test_types_of_integers(dtype):
    values = pd.Series(CODE.astype(int))
    X = pd.DataFrame({"shop": values.astype(dtype)})
    fitted = TableEncoder(column_kinds={"shop": "code"}).fit(
        pd.DataFrame({"shop": values})
    )
    expected = fitted.transform(pd.DataFrame({"shop": values}))
    np.testing.assert_array_equal(fitted.transform(X), expected)


def test_few_codes_are_one_hot():
    X = pd.DataFrame({"kind": [1, 2, 3, 1]})
    encoder = TableEncoder(column_kinds={"kind": "code"}, quantiles=False).fit(X)
    names = ["kind", "kind_1", "kind_2", "kind_3"]
    assert encoder.get_feature_names_out().tolist() == names


def test_labels_of_numbers():
    found = as_labels(column([3, np.nan, 1, 3, 2.5]))
    assert found.labels == [1, 2.5, 3]
    assert found.values.tolist() == [2, -1, 0, 2, 1]


def test_found_with_the_target_only():
    X = pd.DataFrame({"shop": CODE, "noise": NOISE})
    y = OF_CODE + RNG.standard_normal(N)
    found = TableEncoder().fit(X, y)
    assert [one.kind for one in found.column_kinds_.values()] == ["code", "number"]
    for encoder in (
        TableEncoder().fit(X),
        TableEncoder(categorical_features=None).fit(X, y),
        TableEncoder(column_kinds={"shop": "number"}).fit(X, y),
        TableEncoder().fit(X, NOISE),
    ):
        assert [one.kind for one in encoder.column_kinds_.values()] == ["number"] * 2
