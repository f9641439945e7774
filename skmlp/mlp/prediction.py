"""From X to the scores of the network, and to the prediction of its head."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from ..common.checks import check_precision
from ..common.errors import argument, plain_type
from ..common.frames import as_frame, without_dictionaries
from ..common.sources import is_source
from ..common.values import check_plain, culprit, with_mask
from ..core._types import Array
from ..core.heads import Head
from ..core.network import Network

SMALL_X = 2**16
"""Up to this many entries, scikit-learn's checks of X cost more than a look at them."""

FLOATS = (np.float64, np.float32)


def is_plain(X: Any, dtypes: Any) -> bool:
    """Whether X is a small array that scikit-learn's `check_array` returns unchanged."""
    return bool(
        type(X) is np.ndarray
        and X.ndim == 2
        and X.dtype in dtypes
        and 0 < X.size <= SMALL_X
        and np.isfinite(X).all()
    )


class PredictionMixin:
    """The scores and the head's predictions, for classifiers and regressors."""

    _network: Network
    _head: Head
    _theta: Array
    _numeric_target: ClassVar[bool]
    _blocks_of: Callable[[Any], Iterator[Any]]

    def _scores(self, X: Any) -> Array:
        """The top layer's scores s for unchecked rows, (n_samples, n_scores)."""
        if is_source(X):
            check_is_fitted(self)
            return np.concatenate([self._scores(one) for one in self._blocks_of(X)])
        rows = self._rows(X)
        return self._network.scores(self._theta, rows)

    def _rows(self, X: Any) -> Any:
        """Unchecked rows to predict as an array or a sparse matrix."""
        if "_theta" not in vars(self):
            check_is_fitted(self)
        X = self._checked(X)
        check_precision(X, self._theta.dtype)
        return X

    def _checked(self, X: Any, dtype: Any = "numeric", *, reset: bool = False) -> Any:
        """X by scikit-learn's checks, which `reset` or compare the names of features.

        `dtype` is a tuple of types, or "numeric".
        """
        dtypes = FLOATS if isinstance(dtype, str) else dtype
        if is_plain(X, dtypes):
            if reset or not self._is_as_in_fit(X):
                validate_data(self, X, reset=reset, skip_check_array=True)
            return X
        X = with_mask(without_dictionaries(as_frame(X)))
        with argument("X"), self._remedy(X):
            check_plain(X)
            X = validate_data(self, X, accept_sparse="csr", dtype=dtype, reset=reset)
            # scikit-learn does not convert all objects of a frame, such as text.
            if X.dtype == object:
                X = np.array([[float(value) for value in row] for row in X])
            return X

    @contextmanager
    def _remedy(self, X: Any) -> Iterator[None]:
        """Say in errors about text or missing values which estimator takes them."""
        try:
            yield
        except (TypeError, ValueError) as error:
            if not re.search("NaN|NAType|masked|could not convert", str(error)):
                raise
            first = str(error).partition("\n")[0]
            found = culprit(X) if "could not convert" in first else ""
            other = "Regressor" if self._numeric_target else "Classifier"
            remedy = f"{found}TabularMLP{other} takes text and missing values."
            raise plain_type(error)(f"{first.rstrip('.')}. {remedy}") from None

    def _is_as_in_fit(self, X: Any) -> bool:
        """Whether an array has the columns of fit, and these had no names."""
        own = vars(self)
        no_names = "_theta" in own and "feature_names_in_" not in own
        return bool(no_names and X.shape[1] == own.get("n_features_in_"))

    def _head_prediction(self, X: Any) -> Array:
        """The head's prediction for unchecked rows, with targets on the second axis."""
        scores = self._scores(X)
        return self._head.prediction(scores)
