"""y in every container, with every kind of values, for all four estimators."""

import datetime
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.model_selection import cross_val_score

import skmlp
from skmlp import MLPClassifier, TabularMLPClassifier
from skmlp.common.target_values import as_labels, lacks_value, read_target

try:
    import pyarrow as pa
except ImportError:
    # It is not installed, or does not take this version of NumPy.
    pa = None

KINDS = [getattr(skmlp, name) for name in skmlp.__all__ if "MLP" in name]
CLASSIFIERS = [kind for kind in KINDS if is_classifier(kind())]
REGRESSORS = [kind for kind in KINDS if not is_classifier(kind())]
BIG = 2**53 + 1
X = np.random.RandomState(0).randn(12, 2)

pytestmark = pytest.mark.filterwarnings(
    "ignore:A column-vector y was passed",
    "ignore::sklearn.exceptions.ConvergenceWarning",
)


def make(kind, **parameters):
    model = kind(hidden_layer_sizes=(2,), max_iter=1, random_state=0)
    if "Tabular" in kind.__name__:
        model.set_params(n_estimators=1)
    return model.set_params(**parameters)


MISSING = {
    "list": [1, None, 0, None],
    "list of floats": [1.0, np.nan, 0.0, np.nan],
    "tuple of Decimal": (Decimal(1), Decimal("NaN"), Decimal(0), Decimal("sNaN")),
    "objects": np.array([1, pd.NA, 0, pd.NaT], dtype=object),
    "floats": np.array([1, np.nan, 0, np.nan]),
    "float32": np.array([1, np.nan, 0, np.nan], np.float32),
    "masked": np.ma.array([1, 0, 0, 1], mask=[0, 1, 0, 1]),
    "dates": np.array(["2024-01-01", "NaT"] * 2, "M8[D]"),
    "Int64": pd.Series([1, None, 0, None], dtype="Int64"),
    "Float64": pd.Series([1, None, 0, None], dtype="Float64"),
    "boolean": pd.Series([True, None, False, None], dtype="boolean"),
    "string": pd.Series(["a", None, "b", None], dtype="string"),
    "str": pd.Series(["a", None, "b", None]),
    "category": pd.Series(["a", None, "b", None], dtype="category"),
    "category of ints": pd.Series([1, None, 0, None], dtype="category"),
    "index": pd.Index([1, None, 0, None]),
    "extension array": pd.array([1, None, 0, None], dtype="Int64"),
    "polars": pl.Series([1, None, 0, None]),
    "polars text": pl.Series(["a", None, "b", None]),
    "polars dates": pl.Series([datetime.date(2024, 1, 1), None] * 2),
    "two columns": [[1, 0], [None, 1], [1, 1], [0, None]],
    "two columns of floats": np.array([[1, 0], [np.nan, 1], [1, 1], [0, np.nan]]),
    "masked columns": np.ma.array(np.eye(4, 2, dtype=int), mask=[[0, 0], [1, 0]] * 2),
    "pandas frame": pd.DataFrame({"y": [1, None, 0, None]}),
    "polars frame": pl.DataFrame({"y": [1, None, 0, None]}),
}

if pa:
    MISSING |= {
        "arrow in pandas": pd.Series([1, None, 0, None], dtype="int64[pyarrow]"),
        "arrow": pa.array([1, None, 0, None]),
        "arrow chunks": pa.chunked_array([[1, None], [0, None]]),
        "arrow table": pa.table({"y": [1, None, 0, None]}),
    }


@pytest.mark.parametrize("numeric", [False, True])
@pytest.mark.parametrize("name", MISSING)
def test_missing_values_are_counted_in_every_container(name, numeric):
    with pytest.raises(ValueError) as caught:
        read_target(MISSING[name], None, numeric=numeric)
    assert str(caught.value) == (
        "y must have a value for each row. Input y contains NaN or None: got 2 missing "
        "values in 4 rows."
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_message_about_missing_values_is_that_of_all_estimators(kind):
    message = r"^{} must have a value for each row.* got 1 missing value in 12 rows\.$"
    y = [*[0, 1] * 5, 0, None]
    with pytest.raises(ValueError, match=message.format("y")):
        make(kind).fit(X, y)
    stopping = {} if "Tabular" in kind.__name__ else {"early_stopping": True}
    with pytest.raises(ValueError, match=message.format("y_val")):
        make(kind, **stopping).fit(X, [0, 1] * 6, X_val=X, y_val=y)
    if hasattr(kind, "partial_fit"):
        classes = {"classes": [0, 1]} if kind in CLASSIFIERS else {}
        with pytest.raises(ValueError, match=message.format("y")):
            make(kind).partial_fit(X, y, **classes)


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        (None, True),
        (np.nan, True),
        (np.float32("nan"), True),
        (np.datetime64("NaT"), True),
        (pd.NaT, True),
        (pd.NA, True),
        (np.ma.masked, True),
        (Decimal("sNaN"), True),
        ("nan", False),
        (b"", False),
        (0, False),
        (Decimal("Infinity"), False),
        (np.inf, False),
    ],
)
def test_lacks_value(value, missing):
    assert lacks_value(value) == missing


EXACT = {
    "list": [BIG, BIG + 1, -1],
    "unsigned list": [2**63, 2**63 + 1, 1],
    "largest": [2**64 - 1, 2**64 - 2, 0],
    "objects": np.array([BIG, BIG + 1, -1], dtype=object),
    "int64": np.array([BIG, BIG + 1, -1]),
    "uint64": np.array([2**63, 2**63 + 1, 1], np.uint64),
    "Decimals": [Decimal(BIG), Decimal(BIG + 1), Decimal("-1.00")],
    "Int64": pd.Series([BIG, BIG + 1, -1], dtype="Int64"),
    "UInt64": pd.Series([2**63, 2**63 + 1, 1], dtype="UInt64"),
    "category": pd.Series([BIG, BIG + 1, -1], dtype="category"),
    "polars": pl.Series([BIG, BIG + 1, -1]),
    "polars unsigned": pl.Series([2**63, 2**63 + 1, 1], dtype=pl.UInt64),
    "polars 128 bits": pl.Series([2**63, 2**63 + 1, 1], dtype=pl.Int128),
    "pandas frame": pd.DataFrame({"y": [BIG, BIG + 1, -1]}),
    "polars frame": pl.DataFrame({"y": [BIG, BIG + 1, -1]}),
}

if pa:
    EXACT |= {
        "arrow in pandas": pd.Series([BIG, BIG + 1, -1], dtype="int64[pyarrow]"),
        "arrow": pa.array([BIG, BIG + 1, -1]),
        "arrow table": pa.table({"y": [BIG, BIG + 1, -1]}),
    }


def plain(y):
    """The labels as a list of Python integers."""
    if hasattr(y, "columns"):
        return plain(y["y"])
    for to_list in ("to_list", "to_pylist", "tolist"):
        if hasattr(y, to_list):
            return [int(one) for one in getattr(y, to_list)()]
    return [int(one) for one in y]


@pytest.mark.parametrize("name", EXACT)
def test_integers_stay_exact(name):
    expected = plain(EXACT[name])
    for found in (
        read_target(EXACT[name], None, numeric=False),
        as_labels(EXACT[name]),
    ):
        assert found.dtype.kind in "iu"
        assert found.tolist() == expected


@pytest.mark.parametrize(
    "y",
    [
        [2**63, -1],
        [10**19 * 10, 10**20 + 1],
        np.array([2**64, 0], dtype=object),
        pl.Series([2**64, -1], dtype=pl.Int128),
        [BIG, 0.5],
        [BIG, 1.0],
        [Decimal("0.1"), Decimal(1)],
        [Decimal("1e999999"), Decimal(1)],
        [Fraction(1, 3), 1],
        [10**400, 1.5],
        [10**5000, 1],
    ],
    ids=lambda y: type(y).__name__,
)
def test_numbers_that_no_type_holds_are_refused_with_the_remedy(y):
    with pytest.raises(ValueError, match=r"y must have numbers as labels.*into text"):
        read_target(y, None, numeric=False)


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        ([True, False], "b"),
        (np.array([True, False], dtype=object), "b"),
        ([True, 2], "i"),
        (np.array([1, 2], dtype=object), "i"),
        (np.array([1.0, 2], dtype=object), "f"),
        ([1.0, 2], "f"),
        ([1e300, 2], "f"),
        (["a", "b"], "U"),
        (pd.Series(["a", "b"]), "O"),
        (pd.Series([1, 2], dtype="Int64"), "i"),
        (pd.Series([True, False], dtype="boolean"), "b"),
        (np.ma.array([1, 2]), "i"),
        (pd.date_range("2024", periods=2), "M"),
        (pl.Series([datetime.date(2024, 1, 1)] * 2), "M"),
        (np.array([1, 2], "m8[D]"), "m"),
        ([[1, 0], [0, 1]], "i"),
        (range(2), "i"),
    ],
)
def test_the_type_of_labels(y, kind):
    assert read_target(y, None, numeric=False).dtype.kind == kind


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a", 1], r"numbers \(1 values\) and text \(1 values\)"),
        (np.array(["a", 1], dtype=object), r"numbers .* and text"),
        ([b"a", b"b"], "bytes.*Decode bytes"),
        (np.array([b"a", b"b"]), "bytes.*Decode bytes"),
        ([datetime.date(2024, 1, 1)] * 2, "dates.*into text"),
        ([datetime.time(3)] * 2, "dates.*into text"),
        (pd.Series(pd.period_range("2024", periods=2, freq="D")), "dates.*into text"),
        (pd.date_range("2024", periods=2, tz="UTC"), "dates.*into text"),
        ([1j, 2], "complex"),
        ([{1}, {2}], "set"),
        ([[1], [1, 2]], "y"),
    ],
    ids=str,
)
def test_values_that_are_no_labels(y, message):
    for kind in CLASSIFIERS:
        with pytest.raises((TypeError, ValueError), match=message):
            make(kind).fit(X[:2], y)


DAYS = np.datetime64("2024-01-01") + np.arange(12)
NO_NUMBERS = {
    "text": (["a", "b"] * 6, "take text as labels"),
    "text of numbers": (np.array(["1", "2"] * 6, dtype=object), "shows numbers"),
    "some text": (np.array([1, "2"] * 6, dtype=object), "take text as labels"),
    "pandas text": (pd.Series(["1", "2"] * 6), "take text as labels"),
    "category": (pd.Series(["1", "2"] * 6, dtype="category"), "take text as labels"),
    "polars text": (pl.Series(["1", "2"] * 6), "take text as labels"),
    "bytes": (np.array([b"1", b"2"] * 6), "Decode"),
    "days": (DAYS, "dates and durations into numbers"),
    "nanoseconds": (pd.Series(DAYS), "dates and durations into numbers"),
    "zone": (pd.Series(DAYS).dt.tz_localize("UTC"), "dates and durations into numbers"),
    "objects": (DAYS.astype(object), "dates and durations into numbers"),
    "durations": (DAYS - DAYS[0], "dates and durations into numbers"),
    "periods": (pd.Series(DAYS).dt.to_period("D"), "dates and durations into numbers"),
    "polars days": (pl.Series(DAYS), "dates and durations into numbers"),
    "times": ([datetime.time(3)] * 12, "dates and durations into numbers"),
    "far days": (DAYS - np.timedelta64(10**6, "D"), "dates and durations into numbers"),
    "complex": ([1j] * 12, "complex"),
    "sparse": (sparse.csr_matrix(np.ones((12, 1))), "y"),
}


@pytest.mark.parametrize("kind", REGRESSORS)
@pytest.mark.parametrize("name", NO_NUMBERS)
def test_targets_of_regressors_that_are_no_numbers(kind, name):
    y, remedy = NO_NUMBERS[name]
    start = (
        "" if name == "sparse" else r"^y must be a dense array of real numbers\. Got "
    )
    for call in (make(kind).fit, make(kind).fit(X, X[:, 0]).score):
        with pytest.raises(TypeError, match=f"{start}.*{remedy}"):
            call(X, y)


@pytest.mark.parametrize(
    "y",
    [
        np.array([1, 2.5], dtype=object),
        [Decimal(1), Decimal("2.5")],
        [Fraction(1), 2.5],
        pd.Series([1, 2.5], dtype="Float64"),
        pl.Series([Decimal(1), Decimal("2.5")]),
        np.ma.array([1, 2.5]),
    ],
    ids=lambda y: type(y).__name__,
)
def test_numbers_of_any_type_are_targets_of_regressors(y):
    found = read_target(y, None, numeric=True)
    assert found.dtype == np.float64
    assert found.tolist() == [1, 2.5]


@pytest.mark.parametrize("kind", REGRESSORS)
def test_the_score_of_a_regressor_takes_what_fit_takes(kind):
    model, y = make(kind).fit(X, X[:, 0]), X[:, 0]
    score = model.score(X, y)
    for other in (y[:, None], y.astype(object), [*y], pd.Series(y), pl.Series(y)):
        assert model.score(X, other) == pytest.approx(score, abs=1e-12)
    for missing in ([None] * 12, [np.nan] * 12, [10**400] * 12):
        with pytest.raises(ValueError, match="^y must"):
            model.score(X, missing)


@pytest.mark.parametrize("numeric", [False, True])
def test_booleans_of_numpy_as_objects_are_booleans(numeric):
    given = np.array([np.True_, np.False_], dtype=object)
    found = read_target(given, None, numeric=numeric)
    assert found.dtype == (np.float64 if numeric else bool)
    assert found.tolist() == [True, False]


def test_numbers_too_large_for_a_regressor():
    with pytest.raises(ValueError, match="y must be finite numbers in float64"):
        read_target(np.array([10**400, 1], dtype=object), None, numeric=True)


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (None, ValueError, "requires y to be passed"),
        (3, TypeError, "y is invalid"),
        ({1, 2}, TypeError, "y is invalid"),
        ([], ValueError, "0 sample"),
        (np.zeros((2, 2, 2)), ValueError, "y is invalid.* dim 3"),
        ([1.0, np.inf], ValueError, "y contains infinity"),
    ],
)
def test_y_that_is_no_target(y, error, message):
    for numeric in (False, True):
        with pytest.raises(error, match=message):
            read_target(y, None, numeric=numeric)


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast")
@pytest.mark.parametrize(
    "name", ["list", "unsigned list", "Int64", "polars", "objects"]
)
def test_large_labels_from_fit_to_score(kind, name):
    few = EXACT[name]
    y = [value for value in plain(few) for _ in range(4)]
    if name in ("Int64", "polars"):
        y = type(few)(y, dtype=few.dtype)
    elif name == "objects":
        y = np.array(y, dtype=object)
    model = make(kind).fit(X, y)
    assert model.classes_.tolist() == sorted(plain(few))
    found = model.predict(X)
    right = np.mean([a == b for a, b in zip(found.tolist(), plain(y), strict=True)])
    assert model.score(X, y) == pytest.approx(right)
    assert np.isfinite(cross_val_score(make(kind), X, y, cv=2)).all()


@pytest.mark.parametrize("kind", CLASSIFIERS)
def test_the_score_never_takes_text_for_a_number(kind):
    model = make(kind).fit(X, [0, 1] * 6)
    with pytest.raises(ValueError, match="y must be numbers, like the labels in fit"):
        model.score(X, ["0", "1"] * 6)
    assert model.score(X, np.array([0, 1] * 6, dtype=object)) == model.score(
        X, [0.0, 1.0] * 6
    )
    assert model.score(X, [7] * 12) == 0
    frame = pd.DataFrame({"y": [0, 1] * 6})
    assert model.score(X, frame) == model.score(X, [0, 1] * 6)


SAME = [
    np.array([BIG, 5, -1], dtype=object),
    pd.Series([BIG, 5, -1], dtype="Int64"),
    [BIG, 5, -1],
    [float(BIG - 1), 5.0, -1.0],
]


@pytest.mark.parametrize("kind", CLASSIFIERS)
@pytest.mark.parametrize("y_val", SAME, ids=lambda y: type(y).__name__)
def test_labels_of_another_type_in_validation_rows(kind, y_val):
    y = np.repeat(np.array([BIG, 5, -1]), 4)
    settings = {} if kind is TabularMLPClassifier else {"early_stopping": True}
    model = make(kind, **settings)
    if isinstance(y_val, list) and isinstance(y_val[0], float):
        # The float beside the label is another number.
        with pytest.raises(ValueError, match="classes not in"):
            model.fit(X, y, X_val=X[:3], y_val=y_val)
        y_val = [5.0, -1.0, 5.0]
    model.fit(X, y, X_val=X[:3], y_val=y_val)
    assert model.classes_.tolist() == [-1, 5, BIG]


def test_labels_of_partial_fit_and_of_class_weights_are_exact():
    classes = [2**63, 2**63 + 1, 7]
    y = np.array(classes * 4, np.uint64)
    weight = {2**63: 1.0, 2**63 + 1: 2.0}
    model = make(MLPClassifier, class_weight=weight).partial_fit(X, y, classes=classes)
    assert model.classes_.tolist() == sorted(classes)
    model.partial_fit(X, np.array(classes * 4, dtype=object), classes=classes[::-1])
    for wrong in ([7, 2**63], [float(2**63), 2**63 + 1, 7], ["7"]):
        with pytest.raises(ValueError, match="classes must"):
            model.partial_fit(X, y, classes=wrong)
    with pytest.raises(ValueError, match=r"classes not in.*never equal"):
        model.partial_fit(X, ["7"] * 12)
    with pytest.raises(
        ValueError, match=r"class_weight must be a dict.*which has \['7'\]"
    ):
        make(MLPClassifier, class_weight={"7": 1.0}).fit(X, y)
    with pytest.raises(ValueError, match=r"class_weight must be a dict"):
        make(MLPClassifier, class_weight={float(2**63 + 2**12): 1.0}).fit(X, y)
    with pytest.raises(ValueError, match="classes must have numbers as labels"):
        make(MLPClassifier).partial_fit(X, y, classes=[2**63, -1])
    with pytest.raises(ValueError, match="classes must have a value"):
        make(MLPClassifier).partial_fit(X, y, classes=[1, None])


@pytest.mark.parametrize("library", ["polars", "duckdb"])
def test_lazy_frames_are_read_as_other_frames(library):
    table = pl.DataFrame({"a": [BIG, BIG + 1, -1], "b": [1, 2, 3]})
    lazy = table.lazy()
    if library == "duckdb":
        lazy = pytest.importorskip("duckdb").from_arrow(table.to_arrow())
    pytest.importorskip("narwhals")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = read_target(lazy, object(), numeric=False)
    np.testing.assert_array_equal(values, table.to_numpy())
    assert values.dtype == np.int64


@pytest.mark.parametrize("dtype", ["?", "i1", "u8", "f2", "f4", "f8", ">f8", "g"])
def test_an_array_of_numbers_is_used_as_it_is(dtype):
    y = np.arange(4).astype(dtype)
    for numeric in (True, False):
        assert read_target(y, None, numeric=numeric) is y
