import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
)
from sklearn.metrics import log_loss, make_scorer, mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale

from skmlp import MLPClassifier, MLPRegressor
from skmlp.core.batches import Dataset
from skmlp.core.objective import Objective
from skmlp.mlp.early_stopping import ValidationScorer, check_used
from tests.helpers import partial_fit

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

X, Y = load_breast_cancer(return_X_y=True)
X = scale(X)
LABELS = np.array(["benign", "malign"])[Y]
W = np.random.RandomState(0).uniform(size=len(Y))
X_D, Y_D = load_diabetes(return_X_y=True)
X_D, Y_D = scale(X_D), scale(Y_D)
STOCHASTIC = pytest.mark.parametrize("solver", ["sgd", "adam"])


def rows_of(kind):
    return (X, LABELS, W) if kind is MLPClassifier else (X_D, Y_D, W[: len(Y_D)])


def parts(kind):
    return train_test_split(*rows_of(kind), random_state=0)


def stopping(kind, **parameters):
    defaults = {"hidden_layer_sizes": (8,), "max_iter": 8, "random_state": 0}
    return kind(early_stopping=True, **{**defaults, **parameters})


@pytest.mark.parametrize("weighted", [False, True])
def test_given_rows_are_scored_and_all_others_trained_on(kind, weighted):
    x, x_val, y, y_val, w, w_val = parts(kind)
    w, w_val = (w, w_val) if weighted else (None, None)
    model = stopping(kind).fit(
        x, y, w, X_val=x_val, y_val=y_val, sample_weight_val=w_val
    )
    assert model.best_validation_score_ == pytest.approx(
        model.score(x_val, y_val, w_val)
    )
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert model.validation_scores_.index(max(model.validation_scores_)) + 1 == (
        model.best_iter_
    )
    until_best = kind(
        hidden_layer_sizes=8, max_iter=model.best_iter_, random_state=0
    ).fit(x, y, w)
    for ours, plain in zip(model.coefs_, until_best.coefs_, strict=True):
        np.testing.assert_array_equal(ours, plain)
    assert model.t_ == len(x) * model.n_iter_


def test_the_validation_loss_is_the_log_loss_of_true_labels():
    x, x_val, y, y_val, _, w_val = parts(MLPClassifier)
    model = stopping(MLPClassifier, scoring="loss", alpha=10.0, label_smoothing=0.2)
    model.fit(x, y, X_val=x_val, y_val=y_val, sample_weight_val=w_val)
    expected = log_loss(y_val, model.predict_proba(x_val), sample_weight=w_val)
    history = model.history_
    assert history["validation_loss"][model.best_iter_ - 1] == pytest.approx(expected)
    assert model.best_validation_score_ == pytest.approx(-expected)
    np.testing.assert_array_equal(
        model.validation_scores_, -np.array(history["validation_loss"])
    )
    assert model.validation_scores_ == history["validation_score"]


@pytest.mark.parametrize("given", [False, True])
@pytest.mark.parametrize(
    ("kind", "scoring"),
    [
        (MLPClassifier, "roc_auc"),
        (MLPClassifier, "neg_log_loss"),
        (MLPClassifier, "balanced_accuracy"),
        (MLPRegressor, "neg_mean_absolute_error"),
        (MLPRegressor, make_scorer(mean_absolute_error, greater_is_better=False)),
        (MLPRegressor, lambda model, X, y: -np.abs(model.predict(X) - y).max()),
    ],
)
def test_any_scorer_decides(kind, scoring, given):
    from sklearn.metrics import check_scoring

    x, x_val, y, y_val, _, _ = parts(kind)
    frame = pd.DataFrame(x, columns=[f"f{i}" for i in range(x.shape[1])])
    model = stopping(kind, scoring=scoring)
    if given:
        frame_val = pd.DataFrame(x_val, columns=frame.columns)
        model.fit(frame, y, X_val=frame_val, y_val=y_val)
        score = check_scoring(model, scoring)(model, frame_val, y_val)
        assert model.best_validation_score_ == pytest.approx(score, rel=1e-12)
    else:
        model.fit(frame, y)
    assert len(model.validation_scores_) == model.n_iter_
    assert model.best_validation_score_ == max(model.validation_scores_)


def test_a_scorer_sees_the_same_rows_of_the_split_as_the_score_method():
    plain = stopping(MLPClassifier).fit(X, LABELS)
    error_context = stopping(MLPClassifier, scoring="accuracy").fit(X, LABELS)
    assert plain.validation_scores_ == error_context.validation_scores_
    np.testing.assert_array_equal(plain.coefs_[0], error_context.coefs_[0])


def test_a_scorer_gets_the_weights_if_there_are_any():
    seen = []

    def scorer(model, X, y, sample_weight=None):
        seen.append(sample_weight)
        return 1.0

    stopping(MLPRegressor, scoring=scorer, max_iter=1).fit(X_D, Y_D)
    assert seen == [None]
    x, x_val, y, y_val, _, w_val = parts(MLPRegressor)
    model = stopping(MLPRegressor, scoring=scorer, max_iter=1)
    model.fit(x, y, X_val=x_val, y_val=y_val, sample_weight_val=w_val)
    np.testing.assert_array_equal(seen[1], w_val)


@pytest.mark.parametrize("bad", [np.nan, np.inf, "1", None, np.ones(2), {"a": 1.0}])
def test_a_scorer_that_gives_no_number_is_an_error(bad):
    model = stopping(MLPRegressor, scoring=lambda model, X, y: bad)
    with pytest.raises(ValueError, match="scoring must give a finite number"):
        model.fit(X_D, Y_D)
    assert not hasattr(model, "history_")


@pytest.mark.parametrize("wrap", [sparse.csr_matrix, np.float32, pd.DataFrame])
def test_given_rows_may_be_of_another_kind(kind, wrap):
    x, x_val, y, y_val, _, _ = parts(kind)
    model = stopping(kind).fit(x, y, X_val=wrap(x_val), y_val=list(y_val))
    plain = stopping(kind).fit(x, y, X_val=x_val, y_val=y_val)
    np.testing.assert_allclose(
        model.validation_scores_, plain.validation_scores_, rtol=1e-5
    )


def test_validation_rows_may_lack_a_class_and_have_several_labels():
    model = stopping(MLPClassifier)
    model.fit(X, LABELS, X_val=X[LABELS == "benign"], y_val=LABELS[LABELS == "benign"])
    assert model.best_validation_score_ > 0.5
    Z = np.column_stack([Y, 1 - Y])
    model = stopping(MLPClassifier).fit(X, Z, X_val=X[:50], y_val=Z[:50])
    assert model.best_validation_score_ == model.score(X[:50], Z[:50])
    Z = np.column_stack([Y_D, -Y_D])
    model = stopping(MLPRegressor).fit(X_D, Z, X_val=X_D[:50], y_val=Z[:50])
    assert model.best_validation_score_ == pytest.approx(model.score(X_D[:50], Z[:50]))


BAD_ROWS = {
    "X_val.*30 features": (X[:5, :4], LABELS[:5]),
    "X_val.*NaN": (np.where(X[:5] > 0, np.nan, X[:5]), LABELS[:5]),
    "X_val.*2D": (X[0], LABELS[:5]),
    "y_val.*5 rows": (X[:5], LABELS[:4]),
    "y_val.*classes not in": (X[:2], ["benign", "unheard"]),
    "y_val.*NaN": (X[:2], [1.0, np.nan]),
    "y_val.*": (X[:2], [[0, 1], [1, 0]]),
}


@pytest.mark.parametrize("message", BAD_ROWS)
def test_bad_rows_are_refused_by_name(message):
    x_val, y_val = BAD_ROWS[message]
    model = stopping(MLPClassifier)
    with pytest.raises(ValueError, match=f"(?s){message}"):
        model.fit(X, LABELS, X_val=x_val, y_val=y_val)
    assert not hasattr(model, "n_features_in_")


@pytest.mark.parametrize(
    ("y_val", "message"),
    [
        (["a", "b"], "y_val must be .*real numbers"),
        ([1.0, np.inf], "y_val must be .*infinity"),
        ([[1.0, 2.0], [3.0, 4.0]], "y_val must be .*1 outputs"),
        ([-1.0, 1.0], "y_val must be .*>= 0"),
    ],
)
def test_bad_targets_are_refused_by_name(y_val, message):
    model = stopping(MLPRegressor, loss="poisson")
    with pytest.raises((ValueError, TypeError), match=f"(?s){message}"):
        model.fit(X_D, np.abs(Y_D), X_val=X_D[:2], y_val=y_val)


@pytest.mark.parametrize("w", [-np.ones(5), np.zeros(5), np.ones(4), ["a"] * 5])
def test_bad_weights_are_refused_by_name(w):
    with pytest.raises((ValueError, TypeError), match="sample_weight_val must"):
        stopping(MLPRegressor).fit(
            X_D, Y_D, X_val=X_D[:5], y_val=Y_D[:5], sample_weight_val=w
        )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"X_val": X_D[:5]}, "Got X_val without y_val"),
        ({"y_val": Y_D[:5]}, "Got y_val without X_val"),
        ({"sample_weight_val": W[:5]}, "Got sample_weight_val without X_val"),
        ({"y_val": 1, "sample_weight_val": 1}, "y_val and sample_weight_val without"),
    ],
)
def test_rows_are_given_whole_or_not_at_all(arguments, message):
    with pytest.raises(ValueError, match=message):
        stopping(MLPRegressor).fit(X_D, Y_D, **arguments)


def test_rows_without_early_stopping_are_refused():
    with pytest.raises(ValueError, match=r"X_val and y_val must be None with early_st"):
        MLPRegressor().fit(X_D, Y_D, X_val=X_D[:5], y_val=Y_D[:5])
    check_used(None, {"solver": "adam", "early_stopping": False})


def test_patience_without_end_only_watches():
    x, x_val, y, y_val, _, _ = parts(MLPRegressor)
    model = stopping(MLPRegressor, n_iter_no_change=np.inf, max_iter=60)
    model.fit(x, y, X_val=x_val, y_val=y_val)
    assert model.n_iter_ == 60


def test_a_prediction_that_is_not_finite_has_no_score():
    model = MLPRegressor(max_iter=1).fit(X_D, Y_D)
    objective = Objective(model._network, model._head)
    validate = ValidationScorer(objective, Dataset(X_D, Y_D[:, None]), None)
    assert np.isnan(validate(np.full_like(model._theta, np.nan))).all()
    found = validate(model._theta)
    assert found.score == -found.loss


def test_warm_starts_continue_with_the_same_order_of_rows():
    x, x_val, y, y_val, _, _ = parts(MLPRegressor)
    model = stopping(MLPRegressor, warm_start=True, max_iter=2)
    for n in (1, 2):
        model.fit(x, y, X_val=x_val, y_val=y_val)
        assert len(model.validation_scores_) == len(model.history_["loss"]) == 2 * n
    assert len(model._state.order) == len(x)
    assert 2 < model.best_iter_ <= 4


def test_numbers_in_an_array_of_objects_are_targets_as_in_y():
    x, x_val, y, y_val, _, _ = parts(MLPRegressor)
    plain = stopping(MLPRegressor).fit(x, y, X_val=x_val, y_val=y_val)
    model = stopping(MLPRegressor)
    model.fit(x, y.astype(object), X_val=x_val, y_val=y_val.astype(object))
    assert model.validation_scores_ == plain.validation_scores_


def test_a_row_alone_has_no_r2_but_a_loss():
    one = {"X_val": X_D[:1], "y_val": Y_D[:1]}
    with pytest.raises(ValueError, match="X_val must have at least 2 rows"):
        stopping(MLPRegressor).fit(X_D, Y_D, **one)
    model = stopping(MLPRegressor, scoring="loss").fit(X_D, Y_D, **one)
    error = model.predict(X_D[:1]) - Y_D[:1]
    assert model.best_validation_score_ == pytest.approx(-(error[0] ** 2) / 2)


def test_labels_are_no_indicator_and_an_indicator_is_no_labels():
    y = np.arange(len(X)) % 3
    indicator = np.eye(3, dtype=int)[y]
    with pytest.raises(ValueError, match="(?s)y_val must be .*an indicator of several"):
        stopping(MLPClassifier).fit(X, indicator, X_val=X, y_val=y)
    with pytest.raises(ValueError, match="(?s)y_val must be .*a label for each row"):
        stopping(MLPClassifier).fit(X, y, X_val=X, y_val=indicator)
    for first, then in ((y, indicator), (indicator, y)):
        model = MLPClassifier(max_iter=2, warm_start=True).fit(X, first)
        before = model.predict_proba(X)
        for again in (model.fit, model.partial_fit):
            with pytest.raises(ValueError, match="like the earlier y. Got shape"):
                again(X, then)
        np.testing.assert_array_equal(model.predict_proba(X), before)


@pytest.mark.parametrize(
    ("kind", "scoring", "error", "weighted"),
    [
        (MLPRegressor, "neg_max_error", TypeError, True),
        (MLPRegressor, "accuracy", ValueError, False),
        (MLPClassifier, "r2", ValueError, False),
        (MLPClassifier, lambda model, X, y: 1 // 0, ZeroDivisionError, False),
    ],
)
def test_an_error_of_the_scorer_says_where_it_comes_from(
    kind, scoring, error, weighted
):
    x, y, w = rows_of(kind)
    model = stopping(kind).fit(x, y)
    before = model.predict(x)
    with pytest.raises(error) as caught:
        model.set_params(scoring=scoring).fit(x, y, w if weighted else None)
    (note,) = caught.value.__notes__
    assert f"scoring={scoring!r}" in note
    assert ("with weights" in note) is weighted
    np.testing.assert_array_equal(model.predict(x), before)


@STOCHASTIC
def test_switching_early_stopping_off_and_on(make, data, solver):
    X, y = data
    model = make(solver=solver, max_iter=5, warm_start=True, early_stopping=True)
    model.fit(X, y)
    assert model.best_loss_ is None
    assert len(model.validation_scores_) == 5
    model.set_params(early_stopping=False).fit(X, y)
    assert model.validation_scores_ is model.best_validation_score_ is None
    assert np.isfinite(model.best_loss_)
    partial_fit(model, X[:54], y[:54])
    model.set_params(early_stopping=True).fit(X, y)
    assert len(model.validation_scores_) == 5
    assert len(model.loss_curve_) == 16


def test_verbose_prints_the_validation_score(make, data, capsys):
    make(max_iter=3, verbose=True, early_stopping=True).fit(*data)
    assert capsys.readouterr().out.count("validation score = ") == 3


@pytest.mark.parametrize(
    ("n_rows", "fraction"), [(2, 0.1), (10, 0.1), (3, 0.99), (150, 0.0)]
)
def test_a_validation_split_too_small(kind, n_rows, fraction):
    y = np.arange(n_rows) % 2
    model = kind(early_stopping=True, validation_fraction=fraction)
    with pytest.raises(ValueError) as caught:
        model.fit(X[:n_rows], y)
    message = str(caught.value)
    assert f"validation_fraction={fraction}" in message
    assert "early_stopping" in message or "The validation set is too small" in message


def test_lbfgs_trains_on_all_rows_without_early_stopping(make, data):
    plain = make(solver="lbfgs").fit(*data)
    model = make(solver="lbfgs", early_stopping=True, validation_fraction=0.5)
    with pytest.warns(UserWarning, match="early_stopping=True") as caught:
        model.fit(*data)
    [warning] = [one for one in caught if "early_stopping" in str(one.message)]
    assert warning.filename == __file__
    message = str(warning.message)
    assert message.startswith("early_stopping=True has no effect with solver='lbfgs'")
    assert "all rows without early stopping" in message
    np.testing.assert_array_equal(model._theta, plain._theta)
    assert model.loss_curve_ == plain.loss_curve_
    assert vars(model).keys() == vars(plain).keys()
    for name in ("validation_scores_", "best_validation_score_", "best_iter_"):
        assert getattr(model, name) is None


def test_lbfgs_refuses_what_scikit_learn_does_not_have(make, data):
    X, y = data
    model = make(solver="lbfgs", early_stopping=True)
    with pytest.raises(ValueError, match=r"X_val and y_val .* with solver='lbfgs'"):
        model.fit(X, y, X_val=X[:5], y_val=y[:5])
    model.set_params(early_stopping=False)
    with pytest.raises(ValueError, match=r"solver='lbfgs'.* and solver='adam' or"):
        model.fit(X, y, X_val=X[:5], y_val=y[:5])
    model.set_params(early_stopping=True, scoring="loss")
    with pytest.raises(ValueError, match=r"scoring must be None with solver='lbfgs'"):
        model.fit(X, y)


def test_early_stopping_is_refused_where_it_cannot_be(make, data):
    with pytest.raises(ValueError, match="does not support early_stopping=True"):
        partial_fit(make(early_stopping=True), *data)
