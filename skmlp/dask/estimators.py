"""The estimators for clusters: `fit` on the workers, predictions by partition."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar, Self

import dask
import numpy as np
import pandas as pd
from distributed import Client, get_client
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ..common._types import PathLike
from ..common.callbacks import CallbackSupport
from ..estimators import (
    MLPClassifier,
    MLPRegressor,
    TabularMLPClassifier,
    TabularMLPRegressor,
)
from ..streaming.fitting import silent
from .cluster import Cluster
from .partitions import is_list, partitions_of
from .tables import ClusterTable

WITHOUT = "n_jobs"
"""The parameter that says how many cores of this machine train."""


def parameters_of(local: type) -> Callable[..., None]:
    """The constructor with the parameters of a local estimator, but n_jobs."""
    whole = inspect.signature(local.__init__)  # type: ignore[misc]
    kept = [one for one in whole.parameters.values() if one.name != WITHOUT]
    signature = whole.replace(parameters=kept)

    def init(self: Any, *args: Any, **params: Any) -> None:
        given = signature.bind(self, *args, **params)
        given.apply_defaults()
        vars(self).update({k: v for k, v in given.arguments.items() if k != "self"})

    init.__signature__ = signature  # type: ignore[attr-defined]
    init.__name__ = "__init__"
    return init


class DaskMLP(CallbackSupport, BaseEstimator):
    """What the estimators for clusters share; `local_` is the fitted local estimator.

    Callbacks are those of the local estimator, in this process.
    """

    _local: ClassVar[Any]
    _client: Client | None = None
    verbose: Any

    @property
    def client(self) -> Client:
        """The client of the cluster; by default the current one."""
        return self._client or get_client()

    @client.setter
    def client(self, client: Client | None) -> None:
        self._client = client

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        checkpoint: PathLike | None = None,
    ) -> Self:
        """Fit the model on the workers of the cluster.

        Parameters
        ----------
        X : collection of Dask, list of delayed, frame or array
            The table, of shape (n_samples, n_features): a DataFrame, or an Array
            with chunks of rows. A delayed object is a partition, a frame or an array. A
            table in memory is one partition.
        y : collection of Dask, list of delayed, or array-like
            The target, in the same partitions.
        sample_weight : collection of Dask, list of delayed, or array-like, default=None
            Weights of the rows, >= 0 and not all zero.
        checkpoint : str or path, default=None
            A file that fit writes while it trains. If this process or the cluster ends
            before fit does, the same call goes on from the file.

        Returns
        -------
        Self
            The fitted estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is invalid, the partitions do not fit together, or
            one has other values when it is read again.
        TypeError
            If X or y is no collection, frame or array.
        RuntimeError
            If there is no worker, workers have other versions than this process, or they
            die too often.

        Examples
        --------
        >>> import dask.dataframe as dd
        >>> import pandas as pd
        >>> from distributed import Client
        >>> from skmlp.dask import DaskTabularMLPRegressor
        >>> frame = pd.DataFrame({"area": range(20, 220), "city": ["Bonn", "Ulm"] * 100})
        >>> table = dd.from_pandas(frame.assign(rent=9 * frame["area"]), npartitions=2)
        >>> X, y = table[["area", "city"]], table["rent"]
        >>> model = DaskTabularMLPRegressor(n_estimators=1, random_state=0)
        >>> with Client(processes=False, dashboard_address=None):
        ...     score = model.fit(X, y).score(X, y)
        >>> bool(score > 0.9)
        True
        """
        local = self._local(**self.get_params(deep=False))
        callbacks = vars(self).get("_skl_callbacks")
        if callbacks:
            local.set_callbacks(*callbacks)
        cluster = Cluster(self.client, print if self.verbose else silent)
        parts = partitions_of(X, y, sample_weight, cluster.value)
        table = ClusterTable(cluster, parts)
        self.local_ = local.fit(table, table.names.targets, checkpoint=checkpoint)
        # Predictions of one row show their type and their columns.
        self._row = table.rows.X[:1]
        return self

    def predict(self, X: Any) -> Any:
        """Predict by partition, lazily for a collection of Dask, with its index.

        Parameters
        ----------
        X : collection of Dask, list of delayed, frame or array
            The table, with the columns of fit.

        Returns
        -------
        dask Series, DataFrame or Array, list of delayed, or ndarray
            The predictions: a class or a number for each row.

        Examples
        --------
        >>> import dask.array as da
        >>> import numpy as np
        >>> from distributed import Client
        >>> from skmlp.dask import DaskMLPClassifier
        >>> X = da.from_array(np.linspace(-1, 1, 200)[:, None], chunks=100)
        >>> model = DaskMLPClassifier((5,), solver="lbfgs", random_state=0)
        >>> with Client(processes=False, dashboard_address=None):
        ...     labels = model.fit(X, X[:, 0] > 0).predict(X).compute()
        >>> labels[[0, -1]].tolist()
        [False, True]
        """
        return self._predicted(X, "predict")

    def to_local(self) -> Any:
        """The fitted estimator without Dask, such as a TabularMLPClassifier.

        Examples
        --------
        >>> import numpy as np
        >>> from distributed import Client
        >>> from skmlp.dask import DaskMLPRegressor
        >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 10.0, 20.0])
        >>> model = DaskMLPRegressor(hidden_layer_sizes=(), solver="lbfgs")
        >>> with Client(processes=False, dashboard_address=None):
        ...     local = model.fit(X, y).to_local()
        >>> type(local).__name__
        'MLPRegressor'
        """
        check_is_fitted(self)
        return self.local_

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The score of the local estimator: the accuracy, or R2.

        Parameters
        ----------
        X : collection of Dask, list of delayed, frame or array
            The table, with the columns of fit.
        y : collection of Dask, list of delayed, or array-like
            The target.
        sample_weight : collection of Dask, list of delayed, or array-like, default=None
            Weights of the rows.

        Returns
        -------
        float
            The score.

        Examples
        --------
        >>> import numpy as np
        >>> from distributed import Client
        >>> from skmlp.dask import DaskMLPRegressor
        >>> X, y = np.array([[0.0], [1.0], [2.0]]), np.array([0.0, 10.0, 20.0])
        >>> model = DaskMLPRegressor(hidden_layer_sizes=(), solver="lbfgs")
        >>> with Client(processes=False, dashboard_address=None):
        ...     score = model.fit(X, y).score(X, y)
        >>> round(score, 3)
        1.0
        """
        given = [X, y] if sample_weight is None else [X, y, sample_weight]
        score: float = self.to_local().score(*map(joined, dask.compute(*given)))
        return score

    def _predicted(self, X: Any, method: str) -> Any:
        model = self.to_local()
        listed = is_list(X)
        if not hasattr(X, "to_delayed") and not listed:
            return getattr(model, method)(X)
        shape = getattr(model, method)(self._row)[:0]
        parts = dask.delayed(model), method, shape
        if listed:
            return [dask.delayed(predicted)(one, *parts) for one in X]
        if hasattr(X, "map_partitions"):
            meta = with_index(shape, pd.DataFrame(), model, method)
            return X.map_partitions(predicted, *parts, meta=meta)
        width: dict[str, Any] = {"drop_axis": 1}
        if shape.ndim > 1:
            width = {"chunks": (X.chunks[0], shape.shape[1:])}
        return X.map_blocks(predicted, *parts, dtype=shape.dtype, meta=shape, **width)

    def __getstate__(self) -> dict[str, Any]:
        # A client belongs to a process.
        return {k: v for k, v in super().__getstate__().items() if k != "_client"}

    def __sklearn_tags__(self) -> Any:
        return self._local().__sklearn_tags__()

    def __getattr__(self, name: str) -> Any:
        # Fitted attributes are those of the local estimator.
        if name.endswith("_") and not name.startswith("_") and "local_" in vars(self):
            return getattr(self.local_, name)
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}.")


class DaskClassifier(DaskMLP):
    """A classifier, with probabilities."""

    def predict_proba(self, X: Any) -> Any:
        """Predict probabilities of the classes by partition.

        Parameters
        ----------
        X : collection of Dask, list of delayed, frame or array
            The table, with the columns of fit.

        Returns
        -------
        dask DataFrame or Array, list of delayed, or ndarray
            The probability of each class, of shape (n_samples, n_classes).

        Examples
        --------
        >>> import dask.array as da
        >>> import numpy as np
        >>> from distributed import Client
        >>> from skmlp.dask import DaskMLPClassifier
        >>> X = da.from_array(np.linspace(-1, 1, 200)[:, None], chunks=100)
        >>> model = DaskMLPClassifier((5,), solver="lbfgs", random_state=0)
        >>> with Client(processes=False, dashboard_address=None):
        ...     probability = model.fit(X, X[:, 0] > 0).predict_proba(X).compute()
        >>> probability[0].round(2).tolist()
        [1.0, 0.0]
        """
        return self._predicted(X, "predict_proba")


def joined(given: Any) -> Any:
    """The rows of all partitions of what was a list of delayed."""
    if not isinstance(given, list) or not hasattr(given[0], "shape"):
        return given
    return pd.concat(given) if hasattr(given[0], "iloc") else np.concatenate(given)


def predicted(X: Any, model: Any, method: str, shape: Any) -> Any:
    """The predictions of a partition; `shape` are those of no rows."""
    found = getattr(model, method)(X) if len(X) else shape
    return with_index(found, X, model, method) if hasattr(X, "iloc") else found


def with_index(found: Any, X: Any, model: Any, method: str) -> Any:
    """Predictions as a series or a frame with the index of X."""
    if found.ndim == 1:
        return pd.Series(found, index=X.index)
    classes = getattr(model, "classes_", None)
    named = method == "predict_proba" and isinstance(classes, np.ndarray)
    return pd.DataFrame(found, index=X.index, columns=classes if named else None)


class DaskMLPClassifier(DaskClassifier):
    """`MLPClassifier` for tables on a cluster of Dask."""

    _local = MLPClassifier
    __init__ = parameters_of(MLPClassifier)


class DaskMLPRegressor(DaskMLP):
    """`MLPRegressor` for tables on a cluster of Dask."""

    _local = MLPRegressor
    __init__ = parameters_of(MLPRegressor)


class DaskTabularMLPClassifier(DaskClassifier):
    """`TabularMLPClassifier` for tables on a cluster of Dask."""

    _local = TabularMLPClassifier
    __init__ = parameters_of(TabularMLPClassifier)


class DaskTabularMLPRegressor(DaskMLP):
    """`TabularMLPRegressor` for tables on a cluster of Dask."""

    _local = TabularMLPRegressor
    __init__ = parameters_of(TabularMLPRegressor)
