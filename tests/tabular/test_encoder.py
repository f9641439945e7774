import pickle

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, ndtri
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from skmlp import TableEncoder
from skmlp.core.architectures import ColumnLayout
from skmlp.tabular.columns import columns_of
from tests.tabular.test_columns import as_polars, count, wide

TABLE = pd.DataFrame(
    {
        "age": [31.0, 45.0, np.nan, 60.0, 1e9],
        "city": ["Bonn", "Ulm", "Bonn", None, "Kiel"],
        "sex": ["f", "m", None, "f", "m"],
        "same": [1, 1, 1, 1, 1],
        "few": [0, 0, 0, 0, 3],
    }
)


def test_names_and_groups_in_order():
    encoder = TableEncoder(max_one_hot=2, quantiles=False).fit(TABLE)
    names = ["age", "same", "few", "age_missing", "sex_m", "city_number"]
    assert encoder.get_feature_names_out().tolist() == names
    assert encoder.n_numbers_ == 3
    assert encoder.cardinalities_ == [4]
    frame = (
        TableEncoder(max_one_hot=2, quantiles=False)
        .set_output(transform="pandas")
        .fit_transform(TABLE)
    )
    assert list(frame) == names
    assert frame["city_number"].tolist() == [1, 3, 1, 0, 2]
    assert frame["sex_m"].tolist() == [-1, 1, 0, -1, 1]
    assert frame["age_missing"].tolist() == [0, 0, 1, 0, 0]


def test_numbers_are_scaled_and_clipped():
    out = TableEncoder().fit_transform(TABLE)
    assert out.dtype == np.float32
    age = TABLE["age"].to_numpy()
    q1, q2, q3 = np.nanquantile(age, [0.25, 0.5, 0.75])
    z = (age - q2) / (q3 - q1)
    seen = ~np.isnan(z)
    np.testing.assert_allclose(
        out[seen, 0], (z / np.sqrt(1 + (z / 3) ** 2))[seen], rtol=1e-5
    )
    assert (out[:, 1] == 0).all()
    scaled = np.array([0, 0, 0, 0, 2]) / np.sqrt(1 + np.array([0, 0, 0, 0, 2 / 3]) ** 2)
    np.testing.assert_allclose(out[:, 2], scaled, rtol=1e-6)
    assert np.abs(out[:, 0]).max() <= 3


def test_a_column_for_each_label():
    encoder = TableEncoder(quantiles=False).fit(TABLE)
    names = encoder.get_feature_names_out().tolist()
    assert names[4:] == ["city_Bonn", "city_Kiel", "city_Ulm", "sex_m"]
    new = TABLE.assign(city="Rome", sex="x")
    assert (encoder.transform(new)[:, 4:] == 0).all()


def test_columns_are_found_by_name():
    encoder = TableEncoder().fit(TABLE)
    turned = TABLE[list(TABLE)[::-1]]
    np.testing.assert_array_equal(encoder.transform(turned), encoder.transform(TABLE))
    other = as_polars(TABLE)
    np.testing.assert_array_equal(encoder.transform(other), encoder.transform(TABLE))
    with pytest.raises(ValueError, match=r"without \['age'\], and with \['old'\]"):
        encoder.transform(TABLE.rename(columns={"age": "old"}))
    with pytest.raises(
        ValueError, match="X has 2 features, but TableEncoder is expecting"
    ):
        encoder.transform(np.zeros((2, 2)))


def test_missing_where_fit_saw_none_and_the_other_way_round():
    encoder = TableEncoder().fit(TABLE)
    holes = TABLE.astype({"few": float})
    holes.loc[0, "few"] = np.nan
    assert np.isfinite(encoder.transform(holes)).all()
    empty = pd.DataFrame({"x": [np.nan, np.nan], "y": [None, None]})
    assert np.isfinite(TableEncoder().fit_transform(empty)).all()


def test_in_a_pipeline_copied_and_pickled():
    y = [0, 1, 0, 1, 0]
    model = make_pipeline(TableEncoder(), LogisticRegression()).fit(TABLE, y)
    for other in (pickle.loads(pickle.dumps(model)), clone(model).fit(TABLE, y)):
        np.testing.assert_array_equal(other.predict(TABLE), model.predict(TABLE))
    with pytest.raises(NotFittedError):
        TableEncoder().transform(TABLE)


@pytest.mark.parametrize("value", [-1, 2.5, "many", True, None])
def test_max_one_hot_is_checked(value):
    with pytest.raises(ValueError, match="'max_one_hot' parameter of TableEncoder"):
        TableEncoder(max_one_hot=value).fit(TABLE)


@pytest.mark.parametrize("value", [0, 1.5, "few", True, None])
def test_min_frequency_is_checked(value):
    with pytest.raises(ValueError, match="'min_frequency' parameter of TableEncoder"):
        TableEncoder(min_frequency=value).fit(TABLE)


def test_rare_labels_of_many_are_unknown():
    place = np.repeat([f"p{i:02}" for i in range(20)], np.arange(1, 21))
    table = pd.DataFrame({"place": place, "sex": ["f"] + ["m"] * (len(place) - 1)})
    encoder = TableEncoder(min_frequency=5).fit(table)
    assert encoder.cardinalities_ == [17]
    assert encoder.get_feature_names_out().tolist() == ["sex_m", "place_number"]
    codes = encoder.transform(table)[:, 1]
    assert set(codes[place < "p04"]) == {0}
    assert set(codes[place >= "p04"]) == {*range(1, 17)}
    assert encoder._unseen(pd.DataFrame({"place": ["p00", "x"], "sex": "f"})) == {
        "place": ["x"],
        "sex": [],
    }
    # The less labels say about y, the more rows they need.
    place = np.repeat([f"p{i:03}" for i in range(120)], 1 + np.arange(120) % 27)
    table, of_place = pd.DataFrame({"place": place}), place.astype(object) < "p060"
    noise = np.random.RandomState(0).rand(len(place))
    counts = [
        TableEncoder(min_frequency="auto").fit(table, y).cardinalities_[0]
        for y in (of_place.astype(float), np.where(of_place, "a", "b"), noise)
    ]
    assert counts == [111, 111, 1]
    with pytest.raises(ValueError, match="min_frequency='auto' needs y"):
        TableEncoder(min_frequency="auto").fit_transform(table)


def labelled(n=900):
    """150 labels that have effects on y, and missing ones."""
    rng = np.random.RandomState(0)
    code = rng.randint(0, 151, n)
    place = np.array([*(f"p{i:03}" for i in range(150)), None], object)[code]
    y = rng.standard_normal(151)[code] + 0.3 * rng.standard_normal(n)
    return pd.DataFrame({"place": place, "x": np.arange(n) % 9}), y


def test_many_labels_have_effects():
    table, y = labelled()
    encoder = TableEncoder(min_frequency="auto", quantiles=False).fit(table, y)
    names = ["x", "place_effect", "place_rows", "place_number"]
    assert encoder.get_feature_names_out().tolist() == names
    out = encoder.transform(table)
    assert encoder.layout == (1, 2, tuple(encoder.cardinalities_))
    assert np.corrcoef(out[:, 1], y)[0, 1] > 0.9
    # Rare labels have effects, missing ones too, and unseen ones have that of the mean.
    missing, unseen = encoder.transform(pd.DataFrame({"place": [None, "q"], "x": 1}))
    gone = table["place"].isna()
    assert (missing[1:3] == out[gone, 1:3][0]).all()
    assert unseen[2] < out[:, 2].min()
    assert unseen[1] == pytest.approx((out[:, 1] * 1.0).mean(), abs=0.2)
    three = TableEncoder(min_frequency="auto").fit(
        table, np.digitize(y, [-1, 1]).astype(str)
    )
    assert "place_effect_2" in three.get_feature_names_out()
    two = TableEncoder(min_frequency="auto").fit(table, np.where(y > 0, "a", "b"))
    assert "place_effect" in two.get_feature_names_out()
    without = TableEncoder(min_frequency=2).fit(table, y)
    assert "place_effect" not in without.get_feature_names_out()


def test_fit_transform_learns_effects_from_other_rows():
    table, y = labelled()
    encoder = TableEncoder(min_frequency="auto")
    crossed = encoder.fit_transform(table, y)
    plain = encoder.transform(table)
    places = [encoder.get_feature_names_out().tolist().index("place_effect")]
    others = np.delete(np.arange(plain.shape[1]), [*places, places[0] + 1])
    np.testing.assert_array_equal(crossed[:, others], plain[:, others])
    noise = np.random.RandomState(1).permutation(y)
    seen = [
        np.corrcoef(one[:, places[0]], noise)[0, 1]
        for one in (
            encoder.fit(table, noise).transform(table),
            encoder.fit_transform(table, noise),
        )
    ]
    assert seen[1] < 0.1 < seen[0]


def test_numbers_come_again_as_normal_quantiles():
    x = np.exp(3 * np.random.RandomState(0).standard_normal(3000))
    table = pd.DataFrame({"x": x, "n": np.arange(3000) % 3})
    encoder = TableEncoder().fit(table)
    names = encoder.get_feature_names_out().tolist()
    assert names == ["x", "n", "x_quantile", "n_quantile"]
    assert encoder.n_numbers_ == 4
    out = encoder.transform(table)
    ranks = (x.argsort().argsort() + 0.5) / 3000
    np.testing.assert_allclose(ndtr(out[:, 2]), ranks, atol=0.01)
    assert (out[x.argmax(), 2], out[x.argmin(), 2]) == (3.5, -3.5)
    assert len(np.unique(out[:, 3])) == 3
    beyond = encoder.transform(table.assign(x=[-1e6, 1e9] * 1500))
    assert np.unique(beyond[:, 2]).tolist() == [-3.5, 3.5]
    reference = QuantileTransformer(n_quantiles=100, output_distribution="normal")
    expected = np.clip(reference.fit_transform(table), -3.5, 3.5)
    np.testing.assert_allclose(out[:, 2], expected[:, 0], atol=1e-5)
    # scikit-learn takes the least and the largest number for the ends, repeated or not.
    middle = table["n"] == 1
    np.testing.assert_allclose(out[middle, 3], expected[middle, 1], atol=1e-5)
    middles = ndtri([1 / 6, 1 / 2, 5 / 6])
    np.testing.assert_allclose(np.unique(out[:, 3]), middles, atol=0.03)


def test_names_differ_and_are_those_that_were_seen():
    frame = pd.DataFrame({"a": [1, None, 2.0], "a_missing": [0, 1, 0]})
    encoder = TableEncoder(quantiles=False).fit(frame)
    names = ["a", "a_missing_", "a_missing"]
    assert sorted(encoder.get_feature_names_out()) == sorted(names)
    with pytest.raises(ValueError, match="not equal to feature_names_in_"):
        encoder.get_feature_names_out(["a", "b"])
    plain = TableEncoder(quantiles=False).fit(frame.to_numpy())
    assert plain.get_feature_names_out(["u", "v"])[0] == "u"
    with pytest.raises(
        ValueError, match="length equal to number of features, 2. Got 1"
    ):
        plain.get_feature_names_out(["u"])


@pytest.mark.parametrize("scale", [1e-320, 1e-300, 1e150, 1e307])
def test_numbers_of_any_size(scale):
    X = scale * np.linspace(-3, 3, 40)[:, None]
    found = TableEncoder().fit(X[5:35]).transform(X)
    assert np.isfinite(found).all()
    assert (np.diff(found, axis=0) >= 0).all()
    assert found.any() == (scale > 1e-310)


def test_quantiles_is_checked():
    with pytest.raises(ValueError, match="'quantiles' parameter of TableEncoder"):
        TableEncoder(quantiles="no").fit(TABLE)


@pytest.mark.parametrize("output", ["default", "pandas", "polars"])
@pytest.mark.parametrize("X", [TABLE, TABLE[["age", "same"]].to_numpy(), [[1], [2]]])
def test_fit_transform_is_fit_and_transform(X, output):
    encoder = TableEncoder(max_one_hot=2).set_output(transform=output)
    found, expected = encoder.fit_transform(X), clone(encoder).fit(X).transform(X)
    assert type(found) is type(expected)
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))
    assert list(getattr(found, "columns", ())) == list(getattr(expected, "columns", ()))
    np.testing.assert_array_equal(encoder.transform(X), expected)


def test_fit_transform_reads_the_columns_once(monkeypatch):
    read = []

    def columns(X, mask):
        read.append(X)
        return columns_of(X, mask)

    monkeypatch.setattr("skmlp.tabular.encoder.columns_of", columns)
    assert TableEncoder().fit_transform(TABLE).shape == (5, 10)
    assert len(read) == 1


def test_layout_counts_the_columns_in_order():
    encoder = TableEncoder(max_one_hot=2)
    n_columns = encoder.fit_transform(TABLE).shape[1]
    assert encoder.layout == ColumnLayout(5, 2, (4,))
    assert n_columns == 5 + 2 + 1


def test_the_cost_is_linear_in_the_columns():
    for n in (100, 200):
        X = wide(n)
        encoder = TableEncoder(categorical_features=list(X)[::2])
        assert count(lambda: encoder.fit(X)) <= 10 * n  # noqa: B023
        assert count(lambda: encoder.transform(X)) <= 10 * n  # noqa: B023
        turned = X[list(X)[::-1]]
        assert count(lambda: encoder.transform(turned)) <= 20 * n  # noqa: B023
        assert count(encoder.get_feature_names_out) <= 10 * n


def test_messages_about_many_columns_are_short():
    X = wide(300)
    encoder = TableEncoder().fit(X)
    with pytest.raises(ValueError, match="and 295 more. Got a table without") as error:
        encoder.transform(X.add_suffix("!"))
    assert len(str(error.value)) < 400
    with pytest.raises(ValueError, match="not equal to feature_names_in_") as error:
        encoder.get_feature_names_out(list(X)[::-1])
    assert len(str(error.value)) < 400


def codes(encoder, values):
    return encoder.transform(values)[:, 0].astype(int).tolist()


def coded(values):
    """An encoder that numbers the labels of a column."""
    return TableEncoder(categorical_features=[True], max_one_hot=0).fit(values)


LARGE = [[2**53], [2**53 + 1], [7]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([2**53 + 1, 2**53, 7, 8]), [3, 2, 1, 0]),
        (np.array([2.0**53, 7, np.nan]), [2, 1, 0]),
        (pd.array([2**53 + 1, None, 7], dtype="Int64"), [3, 0, 1]),
        (np.array([2**53 + 1, 7, 7.5], dtype=object), [3, 1, 0]),
        (np.array([2**64 - 1, 7], dtype=np.uint64), [0, 1]),
        (pd.Categorical(pd.array([2**53 + 1, None, 7], dtype="Int64")), [3, 0, 1]),
    ],
    ids=["int64", "float64", "Int64", "objects", "uint64", "category"],
)
def test_labels_are_equal_if_they_are_equal_as_numbers(values, expected):
    assert codes(coded(LARGE), pd.DataFrame({"x": values}).to_numpy(object)) == expected
    frame = pd.DataFrame({"x": [row[0] for row in LARGE]})
    assert codes(coded(frame), pd.DataFrame({"x": values})) == expected
    by_type = TableEncoder(max_one_hot=0).fit(frame.astype("category"))
    assert codes(by_type, pd.DataFrame({"x": values})) == expected


def polars_column(values):
    return pytest.importorskip("polars").DataFrame({"x": values})


SHORT = {
    "array": lambda values: values[:, None],
    "column": lambda values: pd.DataFrame({"x": values}),
    "nullable": lambda values: pd.DataFrame({"x": pd.array(values, dtype="Float32")}),
    "category": lambda values: pd.DataFrame({"x": pd.Categorical(values)}),
    "scalars": lambda values: np.array([list(values)], dtype=object).T,
    "polars": polars_column,
}


@pytest.mark.parametrize("make", SHORT.values(), ids=SHORT)
def test_short_floats_are_compared_with_rounded_labels(make):
    X = make(np.array([0.1, 2.5, 0.7], np.float32))
    labels = [[0.1], [2.5], [0.2]]
    fit = pd.DataFrame(labels, columns=["x"]) if hasattr(X, "columns") else labels
    assert codes(coded(fit), X) == [1, 3, 0]
    half = np.array([[0.1], [2.5], [0.7]], np.float16)
    assert codes(coded(labels), half) == [1, 3, 0]


def test_labels_that_a_short_float_does_not_tell_apart():
    encoder = coded([[16777216], [16777217], [3]])
    assert codes(encoder, np.array([[16777217.0]])) == [3]
    message = "Column 0 of X must have a dtype that tells .* apart.*Got float32"
    with pytest.raises(ValueError, match=message):
        encoder.transform(np.array([[3]], np.float32))
    huge = coded([[10**400], [10**500]])
    with pytest.raises(ValueError, match=message):
        huge.transform(np.array([[1]], np.float32))
    assert codes(coded([["a"]]), np.array([[np.nan]], np.float32)) == [0]


@pytest.mark.parametrize(
    ("fit", "new"), [("02139", 2139), (2139, "2139"), ("1", True), (b"a", "a")]
)
def test_text_never_equals_a_number(fit, new):
    encoder = coded(np.array([[fit]], object))
    with pytest.raises(TypeError, match="Column 0 of X must hold .*, as it did in fit"):
        encoder.transform(np.array([[new]], object))
