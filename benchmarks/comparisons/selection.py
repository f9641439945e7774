"""Model selection: GridSearchCV and cross_val_score on a Pipeline."""

from functools import partial

import numpy as np
import sklearn.neural_network
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skmlp
from benchmarks.libraries.skmlp_numpy import NAME as IN_NUMPY
from benchmarks.libraries.skmlp_numpy import in_numpy
from benchmarks.timing import take_turns

from . import PATHS, Case, repeats

DATA = {"digits": load_digits, "breast_cancer": load_breast_cancer}
LIBRARIES = {"skmlp": skmlp, "scikit-learn": sklearn.neural_network}
GRID = {
    "mlpclassifier__hidden_layer_sizes": [(100,), (50, 20)],
    "mlpclassifier__alpha": [1e-4, 1e-1],
    "mlpclassifier__learning_rate_init": [1e-3, 1e-2],
}


def cases(quick):
    epochs = 2 if quick else 30
    for name in DATA:
        for what in (grid_search, cross_validation):
            label = f"{what.__name__}/{name}"
            yield Case(label, partial(_rows, what, name, epochs, repeats(quick)))


def pipeline(library, epochs):
    mlp = library.MLPClassifier(max_iter=epochs, random_state=0)
    return make_pipeline(StandardScaler(), mlp)


def grid_search(library, epochs, X, y):
    """Eight candidates with five folds, then a fit on all rows."""
    search = GridSearchCV(pipeline(library, epochs), GRID, cv=5).fit(X, y)
    return search.cv_results_["mean_test_score"]


def cross_validation(library, epochs, X, y):
    """Five folds."""
    return cross_val_score(pipeline(library, 2 * epochs), X, y, cv=5)


def _rows(what, name, epochs, n_repeats):
    X, y = DATA[name](return_X_y=True)
    calls = {
        library: partial(what, module, epochs, X, y)
        for library, module in LIBRARIES.items()
    }
    calls[IN_NUMPY] = in_numpy()(calls["skmlp"])
    for turn in take_turns(calls, n_repeats):
        scores = {each.name: each.result for each in turn}
        for path in PATHS:
            np.testing.assert_allclose(
                scores[path], scores["scikit-learn"], rtol=0, atol=1e-12
            )
        for each in turn:
            yield {
                "task": what.__name__,
                "data": name,
                "library": each.name,
                "repeat": each.repeat,
                "seconds": each.seconds,
                "best_score": each.result.max(),
            }
