"""Looking inside a fitted network: hidden features, gradients by the input, its size."""

from numbers import Integral
from typing import Any

from sklearn.utils.validation import check_is_fitted, validate_data


class InspectionMixin:
    """The methods of both estimators that show what the network does."""

    _network: Any
    _theta: Any

    @property
    def n_parameters_(self) -> int:
        """The number of weights and biases."""
        if "_theta" not in vars(self):
            raise AttributeError(
                f"{type(self).__name__} has no n_parameters_ before it is fitted."
            )
        return int(self._network.n_parameters)

    def hidden_activations(self, X: Any, layer: int = -1) -> Any:
        """Compute the activations of a hidden layer, as features for another model.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows.
        layer : int, default=-1
            Which hidden layer, counted from 0, the one next to the input; negative
            numbers count from the last one.

        Returns
        -------
        ndarray of shape (n_samples, n_units)
            The h = r(h_prev W + b) of that layer, in the precision of the model.

        Raises
        ------
        ValueError
            If there is no such hidden layer.
        TypeError
            If `layer` is no int.

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
                else "that of a hidden layer, of which this model has none"
            )
            raise ValueError(f"layer must be {allowed}. Got {layer}.")
        X = validate_data(self, X, accept_sparse="csr", reset=False)
        return self._network.hidden(self._theta, X, int(layer) % n_hidden)

    def input_gradients(self, X: Any) -> Any:
        """Compute gradients of the scores by the input, exact: saliency, sensitivity.

        The scores are what the top layer gives: in classification what decision_function
        returns, in regression what the head makes the prediction of: with most losses
        the prediction itself, with loss='poisson' and 'gamma' its logarithm; with
        loss='gaussian' the means of all targets, then the logarithms of their standard
        deviations; with several quantiles those of the first target, not yet in order,
        then those of the next.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            The rows at which to take them.

        Returns
        -------
        ndarray of shape (n_samples, n_features) or (n_samples, n_scores, n_features)
            The d score / d x, in the precision of the model; of each score where there
            are several.

        References
        ----------
        Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks: visualising
        image classification models and saliency maps", arXiv:1312.6034.

        Examples
        --------
        A model without hidden layers is linear, and its gradients are its coefficients.

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
        X = validate_data(self, X, accept_sparse="csr", reset=False)
        gradients = self._network.input_gradients(self._theta, X)
        return gradients[:, 0] if gradients.shape[1] == 1 else gradients
