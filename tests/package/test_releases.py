"""Files of releases: this code reads them all, and they hold what its models hold."""

import pickle
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import issparse
from sklearn.base import clone

import skmlp
from skmlp._persistence import VERSION, VersionedStateMixin, order
from skmlp.stored import check_model, read_skops
from tests.data.make import models, rows_of
from tests.helpers import check_same, dense

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
DATA = Path(__file__).parent.parent / "data"
FILES = sorted(
    path.relative_to(DATA).as_posix()
    for kind in ("pickle", "skops")
    for path in DATA.glob(f"*/*.{kind}")
)
RELEASES = sorted({file.partition("/")[0] for file in FILES}, key=order)
MADE_SINCE = set()
"""Names of models that tests/data/make.py makes only since the newest release."""

ATTRIBUTES_SINCE: dict[str, set[str]] = {}
"""Attributes since the newest release, by the first word of a model's name. Older models
get them by default."""

OF_A_FIT = {
    "0.4.0": {
        *("_oof_prediction", "_oof_score", "_calibration"),
        *("_reasons", "_repeated", "settings_", "network_histories_"),
    }
}
"""Attributes that models get in fit since a release, and models of older ones do not."""

NOT_STORED = {"_oof_prediction"}
"""Attributes of a fit that a file does not have, unless `store_oof=True`."""

REPLACED: set[str] = set()
"""Attributes of the newest release that its models do not get any more."""

LEFT_OVER = {
    "SquaredError": {"out_activation", "y_allowed"},
    "TableEncoder": {"_kinds"},
}
"""Attributes by class that older models keep and nothing reads."""


def test_the_newest_release_has_a_file_of_each_model():
    newest = RELEASES[-1]
    if ".dev" in skmlp.__version__:
        assert order(newest) < order(skmlp.__version__)
    else:
        assert newest == skmlp.__version__, "tests/data/make.py writes its files."
        assert not MADE_SINCE
        assert not ATTRIBUTES_SINCE
        assert all(order(release) <= order(newest) for release in OF_A_FIT)
    names = {name for name, _, _ in models()} - MADE_SINCE
    for suffix in (".pickle", ".skops"):
        files = [Path(file) for file in FILES if file.endswith(suffix)]
        found = {file.stem for file in files if file.parts[0] == newest}
        assert found == names
    arrays = np.load(DATA / newest / "predictions.npz")
    assert names <= set(arrays)


def load(file):
    path = DATA / file
    if path.suffix == ".pickle":
        return pickle.loads(path.read_bytes())
    pytest.importorskip("skops.io")
    return read_skops(path.read_bytes())


# It kept an object of scikit-learn, which complains.
OF_0_1_0 = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.InconsistentVersionWarning"
)


def each_of(files):
    return pytest.mark.parametrize(
        "file",
        [
            pytest.param(file, marks=OF_0_1_0 if file.startswith("0.1.0") else ())
            for file in files
        ],
    )


def trained_again(model, file):
    """A model with the same parameters, trained on the same rows."""
    X, y = data_of(file)
    if Path(file).stem == "partial_fit":
        return clone(model).partial_fit(X, y, classes=np.unique(y))
    if "tabular" in file and is_older(file, "0.4.0"):
        # As in releases that had no bins and no presets.
        return clone(model).set_params(n_bins=0, preset=None).fit(X, y)
    return clone(model).fit(X, y)


def data_of(file):
    arrays = np.load((DATA / file).parent / "predictions.npz")
    name = Path(file).stem
    X = rows_of(name) if name.startswith("table") else arrays["X"]
    return X, arrays[f"{name} y"]


def is_older(file, release):
    """Whether a file is of an earlier release than this one."""
    return order(file.partition("/")[0]) < order(release)


def not_there(file):
    """The attributes of fit that a model of a file does not have."""
    later = [names for release, names in OF_A_FIT.items() if is_older(file, release)]
    return set().union(*later)


@each_of(FILES)
def test_a_file_of_a_release_predicts_what_it_did(file):
    model, name = load(file), Path(file).stem
    arrays = np.load((DATA / file).parent / "predictions.npz")
    X, expected = data_of(file)[0], arrays[name]
    prediction = model.predict(X)
    assert issparse(prediction) == name.endswith("sparse")
    # These are in single precision, which rounds as the BLAS likes.
    rtol = 1e-4 if name.startswith("tab") else 1e-9
    if expected.dtype.kind == "f":
        np.testing.assert_allclose(prediction, expected, rtol=rtol)
    else:
        np.testing.assert_array_equal(dense(prediction), expected)
    if f"{name} probability" in arrays:
        probability = arrays[f"{name} probability"]
        np.testing.assert_allclose(model.predict_proba(X), probability, rtol=rtol)


@each_of([file for file in FILES if file.endswith("skops")])
def test_the_parts_of_a_file_of_a_release_fit_together(file):
    check_model(load(file))


def objects_in(value, path="model"):
    """(path, class, names of attributes) of each object of the package in a value."""
    if isinstance(value, dict):
        parts = value
    elif isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        parts = dict(enumerate(value))
    elif type(value).__module__.startswith("skmlp."):
        names = [field.name for field in fields(value)] if is_dataclass(value) else ()
        names = names or getattr(value, "_fields", None) or sorted(vars(value))
        parts = {name: getattr(value, name) for name in names}
        yield path, type(value).__name__, tuple(names)
    else:
        return
    for name, part in parts.items():
        yield from objects_in(part, f"{path}.{name}")


@each_of(FILES)
def test_a_file_of_a_release_has_the_parameters_and_attributes_of_now(file):
    model = load(file)
    fresh = clone(model)
    assert vars(type(model)(**model.get_params())).keys() == vars(fresh).keys()
    assert repr(fresh) == repr(model)
    fresh = trained_again(model, file)
    gone = not_there(file) | NOT_STORED
    assert vars(model).keys() == vars(fresh).keys() - gone
    for name in gone:
        vars(fresh).pop(name, None)
    found, expected = list(objects_in(model)), list(objects_in(fresh))
    assert [one[:2] for one in found] == [one[:2] for one in expected]
    for (_, kind, names), (_, _, needed) in zip(found, expected, strict=True):
        assert set(names) - set(needed) <= LEFT_OVER.get(kind, set())
        assert set(needed) - gone <= set(names)
    other = pickle.loads(pickle.dumps(model))
    check_same(model, other, data_of(file)[0])
    assert list(objects_in(other)) == list(objects_in(model))


@each_of([file for file in FILES if file.startswith(f"{RELEASES[-1]}/")])
def test_the_newest_release_stored_the_attributes_of_now(file, monkeypatch):
    fresh, states = trained_again(load(file), file), []
    monkeypatch.setattr(
        VersionedStateMixin, "__setstate__", lambda self, state: states.append(state)
    )
    load(file)
    assert states[-1][VERSION] == RELEASES[-1]
    kind = Path(file).stem.partition("_")[0]
    since = ATTRIBUTES_SINCE.get(kind, set()) | NOT_STORED
    stored = states[-1].keys() - {VERSION}
    if kind == "tabular":
        stored -= REPLACED
    assert stored == vars(fresh).keys() - since


@each_of([file for file in FILES if "/tab" not in file])
def test_a_file_of_a_release_trains_on(file):
    model, (X, y) = load(file), data_of(file)
    going_on = model.warm_start or Path(file).stem == "partial_fit"
    assert (model._state is not None) == going_on
    n_before = len(model.loss_curve_)
    if model.solver != "lbfgs" and not model.early_stopping:
        model.partial_fit(X, y)
        n_before += 1
        assert len(model.loss_curve_) == n_before
    model.set_params(warm_start=True).fit(X, y)
    lengths = {len(column) for column in model.history_.values()}
    assert lengths == {len(model.loss_curve_)}
    assert len(model.loss_curve_) > n_before
    assert np.isfinite(model.loss_)


@OF_0_1_0
def test_what_0_1_0_did_not_have_is_made_of_what_it_had():
    model = load("0.1.0/multiclass.pickle")
    scores = model.validation_scores_
    assert model.best_iter_ == scores.index(max(scores)) + 1
    assert model.history_["validation_score"] == scores
    assert model.history_["loss"] == model.loss_curve_
    assert np.isnan(model.history_["seconds"]).all()
    model = load("0.1.0/warm_start.pickle")
    assert model.best_iter_ is None
    assert np.isnan(model.history_["validation_score"]).all()
