"""From X to the scores of the network, and to the prediction of its head."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from ..common.checks import check_precision
from ..common.errors import argument, plain_type
from ..common.frames import as_frame, without_dictionaries
from ..common.values import check_plain, culprit, with_mask
from ..core._types import Array
from ..core.heads import Head
from ..core.network import Network

SMALL_X = 2**16
"""Up to this many entries, the checks of X cost more than a look at its values."""


def is_plain(X: Any) -> bool:
    """Whether X is a small array of finite numbers, which needs no further checks."""
    return bool(
        type(X) is np.ndarray
        and X.dtype in (np.float64, np.float32)
        and X.ndim == 2
        and 0 < X.size <= SMALL_X
        and np.isfinite(X).all()
    )


class PredictionMixin:
    """The scores and the head's predictions, for classifiers and regressors."""

    _network: Network
    _head: Head
    _theta: Array
    _numeric_target: ClassVar[bool]

    def _scores(self, X: Any) -> Array:
        """The top layer's scores s for unchecked rows, (n_samples, n_scores)."""
        rows = self._rows(X)
        return self._network.scores(self._theta, rows)

    def _rows(self, X: Any) -> Any:
        """Unchecked rows to predict as an array or a sparse matrix."""
        if not self._is_plain(X):
            check_is_fitted(self)
            X = self._checked(X)
        check_precision(X, self._theta.dtype)
        return X

    def _checked(self, X: Any, dtype: Any = "numeric", *, reset: bool = False) -> Any:
        """X by scikit-learn's checks, which `reset` or compare the names of features."""
        plain = is_plain(X) and (dtype == "numeric" or X.dtype in np.atleast_1d(dtype))
        if not plain:
            X = with_mask(without_dictionaries(as_frame(X)))
        with argument("X"), self._remedy(X):
            if not plain:
                check_plain(X)
            X = validate_data(
                self,
                X,
                reset=reset,
                skip_check_array=plain,
                accept_sparse="csr",
                dtype=dtype,
            )
            # scikit-learn does not convert all objects of a frame, such as text.
            if X.dtype == object:
                X = np.array([[float(value) for value in row] for row in X])
            return X

    @contextmanager
    def _remedy(self, X: Any) -> Iterator[None]:
        """Add to errors about text or missing values which estimator takes them."""
        try:
            yield
        except (TypeError, ValueError) as error:
            if not re.search("NaN|NAType|masked|could not convert", str(error)):
                raise
            first, _, rest = str(error).partition("\n")
            found = culprit(X) if "could not convert" in first else ""
            other = "Regressor" if self._numeric_target else "Classifier"
            remedy = f"{found}TabularMLP{other} takes text and missing values."
            message = f"{first.rstrip('.')}. {remedy}\n{rest}"
            raise plain_type(error)(message.strip()) from None

    def _is_plain(self, X: Any) -> bool:
        """Whether X is certain to pass the checks, those of a fitted model included.

        For one row those checks take several times as long as the network.
        """
        return (
            "_theta" in vars(self)
            and "feature_names_in_" not in vars(self)
            and is_plain(X)
            and bool(X.shape[1] == vars(self).get("n_features_in_"))
        )

    def _head_prediction(self, X: Any) -> Array:
        """The head's prediction for unchecked rows, with targets on the second axis."""
        scores = self._scores(X)
        return self._head.prediction(scores)
