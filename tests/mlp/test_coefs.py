import copy
import pickle

import numpy as np
import pytest

from skmlp import MLPClassifier, MLPRegressor
from skmlp.mlp.coefs import check_arrays_like

X = np.random.RandomState(0).randn(30, 3)
Y = X @ [1.0, 2.0, -1.0]


def fitted(**parameters):
    return MLPRegressor(
        hidden_layer_sizes=(4,),
        solver="lbfgs",
        max_iter=500,
        random_state=0,
        **parameters,
    ).fit(X, Y)


@pytest.mark.parametrize("name", ["coefs_", "intercepts_"])
def test_absent_before_fit(name):
    model = MLPClassifier()
    assert not hasattr(model, name)
    with pytest.raises(AttributeError, match=f"no {name} before"):
        getattr(model, name)


def test_lists_of_arrays_with_the_shapes_of_the_layers():
    model = fitted()
    assert isinstance(model.coefs_, list)
    assert [w.shape for w in model.coefs_] == [(3, 4), (4, 1)]
    assert [b.shape for b in model.intercepts_] == [(4,), (1,)]
    assert isinstance(model.coefs_ + model.intercepts_, list)


@pytest.mark.parametrize("name", ["coefs_", "intercepts_"])
@pytest.mark.parametrize("way", ["in place", "element", "negative", "slice", "list"])
def test_writing_changes_predictions(name, way):
    model = fitted()
    values = [np.array(a) for a in getattr(model, name)]
    values[-1] = values[-1] + 1
    before = model.predict(X)
    if way == "in place":
        getattr(model, name)[-1][...] += 1
    elif way == "element":
        getattr(model, name)[1] = values[-1]
    elif way == "negative":
        getattr(model, name)[-1] = values[-1]
    elif way == "slice":
        getattr(model, name)[1:] = values[1:]
    else:
        setattr(model, name, values)
    assert not np.allclose(model.predict(X), before)
    hidden = np.maximum(X @ model.coefs_[0] + model.intercepts_[0], 0)
    expected = hidden @ model.coefs_[1] + model.intercepts_[1]
    np.testing.assert_allclose(model.predict(X), expected.ravel())
    for stored, value in zip(getattr(model, name), values, strict=True):
        np.testing.assert_array_equal(stored, value)


def test_assigned_arrays_are_copied():
    model, new = fitted(), np.ones((4, 1))
    model.coefs_[1] = new
    new[:] = 5
    np.testing.assert_array_equal(model.coefs_[1], 1)


@pytest.mark.parametrize(
    "value", [np.ones((4, 3)), np.ones(12), 0, [["a"] * 4] * 3, None]
)
def test_a_wrong_element_is_refused_and_nothing_changes(value):
    model = fitted()
    before = model.predict(X)
    with pytest.raises(ValueError, match="coefs_"):
        model.coefs_[0] = value
    with pytest.raises(ValueError, match="coefs_"):
        model.coefs_ = [model.coefs_[0] + 1, value]
    with pytest.raises(ValueError, match="coefs_"):
        model.coefs_[:] = [np.ones((3, 4))]
    np.testing.assert_array_equal(model.predict(X), before)


def test_an_index_too_large_is_an_index_error():
    with pytest.raises(IndexError):
        fitted().coefs_[2] = np.ones((4, 1))


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.append(1),
        lambda a: a.extend([1]),
        lambda a: a.insert(0, 1),
        lambda a: a.pop(),
        lambda a: a.clear(),
        lambda a: a.reverse(),
        lambda a: a.sort(),
        lambda a: a.remove(1),
        lambda a: a.__delitem__(0),
        lambda a: a.__iadd__([1]),
        lambda a: a.__imul__(2),
    ],
)
def test_number_and_order_of_elements_cannot_change(change):
    model = fitted()
    with pytest.raises(TypeError, match="number and order cannot change"):
        change(model.coefs_)
    assert len(model.coefs_) == 2


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v)), list],
)
def test_copies_are_plain_lists(duplicate):
    model = fitted()
    other = duplicate(model.coefs_)
    assert type(other) is list
    for a, b in zip(other, model.coefs_, strict=True):
        np.testing.assert_array_equal(a, b)
    other.append("anything")


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))]
)
def test_a_copied_estimator_has_parameters_of_its_own(duplicate):
    model = fitted()
    other, before = duplicate(model), model.predict(X)
    np.testing.assert_array_equal(other.predict(X), before)
    other.coefs_[0][...] = 0
    np.testing.assert_array_equal(model.predict(X), before)
    assert not np.allclose(other.predict(X), before)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["sgd", "lbfgs"])
def test_assigned_before_fit_they_are_where_training_starts(solver):
    source = fitted()
    model = MLPRegressor(
        hidden_layer_sizes=(4,),
        solver=solver,
        warm_start=True,
        max_iter=1,
        learning_rate_init=1e-12,
    )
    model.coefs_ = [0, 0]
    model.coefs_[0], model.coefs_[1] = source.coefs_
    model.intercepts_ = list(source.intercepts_)
    if solver == "sgd":
        model.partial_fit(X, Y)
    else:
        model.fit(X, Y)
    np.testing.assert_allclose(model.predict(X), source.predict(X), atol=0.01)


def test_assigned_before_fit_with_a_wrong_shape_is_refused():
    model = MLPRegressor(hidden_layer_sizes=(4,), warm_start=True)
    model.coefs_ = [np.ones((3, 5)), np.ones((5, 1))]
    model.intercepts_ = [np.ones(5), np.ones(1)]
    with pytest.raises(ValueError, match="coefs_"):
        model.fit(X, Y)
    del model.__dict__["intercepts_"]
    model.coefs_ = [np.ones((3, 4)), np.ones((4, 1))]
    with pytest.raises(ValueError, match="intercepts_ must be given 2 arrays"):
        model.fit(X, Y)


def test_class_access_gives_the_descriptor():
    assert MLPRegressor.coefs_.name == "coefs_"


def test_arrays_like():
    value = np.ones((2, 3))
    (checked,) = check_arrays_like("coefs_", [value], [(2, 3)])
    np.testing.assert_array_equal(checked, value)
    assert not np.shares_memory(checked, value)


@pytest.mark.parametrize(
    "values", [[], [np.ones((3, 2))], [np.ones((2, 3))] * 2, [[["a"] * 3] * 2]]
)
def test_arrays_unlike(values):
    with pytest.raises(ValueError, match="coefs_"):
        check_arrays_like("coefs_", values, [(2, 3)])


def test_no_list_at_all():
    with pytest.raises(TypeError, match="coefs_ must be given a list of arrays. Got 5"):
        check_arrays_like("coefs_", 5, [(2, 3)])
