"""Inspection of a fitted network: hidden activations, input gradients, its size."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import Any

from sklearn.utils.validation import check_is_fitted

from ..common._types import MatrixLike
from ..core._types import Array
from ..core.network import Network


class InspectionMixin:
    """Methods of both MLPs to inspect the fitted network."""

    _network: Network
    _rows: Callable[[Any], Any]
    _theta: Array

    @property
    def n_parameters_(self) -> int:
        """The number of weights and biases."""
        if "_theta" not in vars(self):
            raise AttributeError(
                f"{type(self).__name__} has no n_parameters_ before it is fitted."
            )
        return int(self._network.n_parameters)

    def hidden_activations(self, X: MatrixLike, layer: int = -1) -> Array:
        """Compute the activations of a hidden layer, for example as features.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        layer : int, default=-1
            The index of the hidden layer: 0 is the first, next to the input; -1 is the
            last.

        Returns
        -------
        ndarray of shape (n_samples, n_units)
            The activations h = r(h_prev W + b), in the precision of the model.

        Raises
        ------
        ValueError
            If there is no such hidden layer.
        TypeError
            If `layer` is not an int.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from skmlp import MLPClassifier
        >>> X, y = load_iris(return_X_y=True)
        >>> model = MLPClassifier((8, 3), solver="lbfgs", max_iter=5000, random_state=0)
        >>> model.fit(X, y).hidden_activations(X).shape
        (150, 3)
        """
        check_is_fitted(self)
        n_hidden = len(self._network.layers) - 1
        if not isinstance(layer, Integral) or isinstance(layer, bool):
            raise TypeError(f"layer must be an int. Got {layer!r}.")
        if not -n_hidden <= layer < n_hidden:
            allowed = (
                f"in [{-n_hidden}, {n_hidden - 1}]"
                if n_hidden
                else "the index of a hidden layer, and this model has none"
            )
            raise ValueError(f"layer must be {allowed}. Got {layer}.")
        X = self._rows(X)
        return self._network.hidden(self._theta, X, int(layer) % n_hidden)

    def input_gradients(self, X: MatrixLike) -> Array:
        """Compute the exact gradients of the scores with respect to the input.

        They show how sensitive a score is to each feature (saliency). The scores are the
        outputs of the top layer. In classification, decision_function returns them. In
        regression they are the predictions, with these exceptions: for loss='poisson' and
        'gamma', the logarithms of the predictions; for loss='gaussian', the means of all
        targets, then the logarithms of their standard deviations; for several quantiles,
        the unsorted quantiles of the first target, then those of the next; for your own
        loss, the scores s that its `prediction` gets (docs/reference/own_objects.md).

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows at which to compute the gradients.

        Returns
        -------
        ndarray of shape (n_samples, n_features) or (n_samples, n_scores, n_features)
            The derivatives d score / d x, in the precision of the model. The axis n_scores
            exists only with several scores.

        References
        ----------
        Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks: visualising
        image classification models and saliency maps", arXiv:1312.6034.

        Examples
        --------
        A model without hidden layers is linear: its gradients are its coefficients.

        >>> import numpy as np
        >>> from sklearn.datasets import load_diabetes
        >>> from skmlp import MLPRegressor
        >>> X, y = load_diabetes(return_X_y=True)
        >>> model = MLPRegressor(
        ...     hidden_layer_sizes=(), solver="lbfgs", max_iter=5000, random_state=0
        ... )
        >>> gradients = model.fit(X, y).input_gradients(X[:2])
        >>> bool(np.allclose(gradients, model.coefs_[0].T))
        True
        """
        check_is_fitted(self)
        X = self._rows(X)
        gradients = self._network.input_gradients(self._theta, X)
        return gradients[:, 0] if gradients.shape[1] == 1 else gradients
