"""TabularMLPClassifier: from raw tables to calibrated probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin

from ..common._types import (
    ArrayLike,
    Categorical,
    ClassWeight,
    LayerSizes,
    Predictions,
    ScoringLike,
    Seed,
    SplitsLike,
    TableLike,
    TargetLike,
)
from ..common.checks import GivenRows, check_n_values, check_sample_weight
from ..common.labels import check_repeated, declared_classes, refuse_balanced
from ..common.notebook import FittedHTMLMixin
from ..common.parameters import documented
from ..common.target_values import read_target
from ..core._types import Array
from ..streaming.fitting import TableSources
from ..tabular import presets
from ..tabular.base import BaseTabularMLP
from ..tabular.parameters import ATTRIBUTES, OF_CLASSIFIER
from ..tabular.threshold import best_threshold
from ._classification import ClassifierTargets
from ._conformal import SetMixin


@partial(documented, table=OF_CLASSIFIER, attributes=ATTRIBUTES)
class TabularMLPClassifier(
    FittedHTMLMixin,
    ClassifierTargets,
    SetMixin,
    ClassifierMixin,
    TableSources,
    BaseTabularMLP,
):
    """Ensemble of multilayer perceptrons for classification of raw tables.

    The table may have numbers on any scale, text, categories and missing values. Each of
    several networks has its own validation rows, which select its best epoch. The mean of
    the networks' probabilities is accurate and well calibrated. y may have two classes,
    several classes, or several labels for each row.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The class labels; for several labels, their indices.
    {attributes}

    See Also
    --------
    TabularMLPRegressor : The ensemble for regression.
    MLPClassifier : One network, for scaled and encoded features.
    TableEncoder : The encoder of the table.

    Notes
    -----
    Training is in single precision. docs/tabular.md explains the method and shows the
    effect of each part.

    References
    ----------
    Holzmueller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
    boosted trees on tabular data", arXiv:2407.04491.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmlp import TabularMLPClassifier
    >>> table = pd.DataFrame(
    ...     {
    ...         "age": [22, 38, None, 35, 54, 2, 27, 14] * 10,
    ...         "port": ["S", "C", "S", None, "S", "Q", "S", "C"] * 10,
    ...     }
    ... )
    >>> survived = ["no", "yes", "yes", "yes", "no", "no", "yes", "yes"] * 10
    >>> model = TabularMLPClassifier(n_estimators=2, random_state=0)
    >>> model.fit(table, survived).score(table, survived)
    1.0
    >>> model.predict_proba(table[:2]).shape
    (2, 2)
    """

    def __init__(
        self,
        n_estimators: int = 8,
        hidden_layer_sizes: LayerSizes = (128, 128, 128),
        *,
        preset: str | None = "default",
        activation: str = "selu",
        n_bins: int = 32,
        n_frequencies: int = 16,
        dropout: float = 0.1,
        weight_decay: float = 0.02,
        learning_rate_init: float = 0.04,
        batch_size: int | str = "auto",
        max_iter: int | str = "auto",
        n_iter_no_change: float | str = "auto",
        max_time: float | None = None,
        cv: SplitsLike | None = None,
        scoring: ScoringLike | None = "loss",
        store_oof: bool = False,
        categorical_features: Categorical | None = "from_dtype",
        column_kinds: Mapping[str | int, str] | None = None,
        min_frequency: int | str = "auto",
        class_weight: ClassWeight | None = None,
        n_jobs: int | None = None,
        random_state: Seed | None = None,
        verbose: bool | int = False,
    ):
        self.n_estimators = n_estimators
        self.hidden_layer_sizes = hidden_layer_sizes
        self.preset = preset
        self.activation = activation
        self.n_bins = n_bins
        self.n_frequencies = n_frequencies
        self.dropout = dropout
        self.weight_decay = weight_decay
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.n_iter_no_change = n_iter_no_change
        self.max_time = max_time
        self.cv = cv
        self.scoring = scoring
        self.store_oof = store_oof
        self.categorical_features = categorical_features
        self.column_kinds = column_kinds
        self.min_frequency = min_frequency
        self.class_weight = class_weight
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    _presets = presets.OF_CLASSIFIER
    _frequency_std = 0.3
    _largest_batch = 256

    def _fit_target(self, y: Array, w: Array | None) -> None:
        check_repeated(self._labels, y)

    def _extend_range(self, y: Array) -> None:
        pass

    def partial_fit(
        self,
        X: TableLike,
        y: TargetLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> Self:
        """Train for one epoch on the given rows, at the rate `learning_rate_init`.

        The first call learns the encoder of the table from its rows, which should be a
        fair sample. A row is held out by its values: with the same rows in k calls, the
        networks train for k epochs, each without its held-out rows.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            Rows of a table, as for `fit`.
        y : array-like of shape (n_samples,) or (n_samples, n_classes)
            Class labels, or a multilabel indicator.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows, >= 0 and not all zero. None: each row has weight 1.
        classes : array-like, default=None
            All labels that can occur. Required in the first call.

        Returns
        -------
        Self
            The estimator.

        Raises
        ------
        ValueError
            If a parameter or the data is invalid, if y has an unknown label, if
            class_weight='balanced', or if training diverges. The estimator then stays as
            it was before the call.
        TypeError
            If a column has other values than in the first call.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import TabularMLPClassifier
        >>> table = pd.DataFrame({"port": ["S", "C"] * 100, "fare": range(200)})
        >>> model = TabularMLPClassifier(n_estimators=2, random_state=0)
        >>> model = model.partial_fit(table, ["no", "yes"] * 100, classes=["no", "yes"])
        >>> model.partial_fit(table, ["no", "yes"] * 100).n_iter_
        2
        """
        refuse_balanced(self.class_weight)
        settings = self._checked_settings()
        with self._unchanged_on_error():
            labels = read_target(y, self, numeric=False)
            known = vars(self).get("classes_")
            found = declared_classes(classes, labels, known, self)
            if found is not None:
                self._labels, self.classes_ = found, found.classes
            self._partial_fit(settings, GivenRows(X, y, sample_weight))
        return self

    def _training_target(
        self, y: Array, w: Array | None, fitted: Array
    ) -> tuple[Array, Array | None]:
        y, w = self._with_class_weights(y, w, np.float32, fitted)
        return y.astype(np.float32), w

    def predict(self, X: TableLike) -> Predictions:
        """Predict the class labels of the rows of a table.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            A table with the columns seen in fit, or files with it.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_classes)
            The most probable class of each row. For several labels, an indicator of the
            labels with a probability above 1/2.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import TabularMLPClassifier
        >>> table = pd.DataFrame({"port": ["S", "C"] * 200})
        >>> model = TabularMLPClassifier(n_estimators=1, random_state=0)
        >>> model.fit(table, ["no", "yes"] * 200).predict(table[:2]).tolist()
        ['no', 'yes']
        """
        return self._labels_of(self._mean(X, self._head_prediction))

    def _head_prediction(self, scores: Any) -> Any:
        return self._head.prediction(scores)

    def predict_proba(self, X: TableLike) -> Predictions:
        """Predict the probability of each class.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            A table with the columns seen in fit, or files with it.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            The mean of the networks' probabilities, with columns in the order of
            `classes_`. For several labels, the probability of each label.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import TabularMLPClassifier
        >>> table = pd.DataFrame({"port": ["S", "C"] * 200})
        >>> model = TabularMLPClassifier(n_estimators=1, random_state=0)
        >>> probability = model.fit(table, ["no", "yes"] * 200).predict_proba(table[:2])
        >>> probability.round(1).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
        """
        probability = self._mean(X, lambda s: self._by_class(s, self._head.prediction))
        # If fit saw a single class, its probability is 1.
        ones = np.ones((len(probability), 1))
        return ones if self._is_certain() else probability

    def oof_threshold(
        self,
        y: TargetLike,
        scoring: ScoringLike | None = "balanced_accuracy",
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Choose the decision threshold with the best score out of fold.

        `sklearn.model_selection.FixedThresholdClassifier` predicts with it: the second of
        the two classes where its probability is at least the threshold.

        Parameters
        ----------
        y : array-like of shape (n_samples,)
            The class labels passed to fit.
        scoring : str, callable or None, default="balanced_accuracy"
            The name of a scorer, or a callable ``scorer(estimator, X, y)``, where X are row
            numbers. None is the accuracy.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows for the scorer.

        Returns
        -------
        float
            The threshold. Some 100 thresholds are tried, halfway between probabilities of
            `oof_prediction_`; of several with the best score it is the one nearest to 1/2.

        Raises
        ------
        ValueError
            If fit had not two classes, if y are not labels of these rows, or if the scorer
            gives no finite number.
        AttributeError
            If there is no `oof_prediction_`.

        Examples
        --------
        >>> from sklearn.datasets import load_breast_cancer
        >>> from sklearn.frozen import FrozenEstimator
        >>> from sklearn.model_selection import FixedThresholdClassifier
        >>> from skmlp import TabularMLPClassifier
        >>> X, y = load_breast_cancer(return_X_y=True)
        >>> model = TabularMLPClassifier(5, (16,), max_iter=4, random_state=0).fit(X, y)
        >>> threshold = model.oof_threshold(y, "f1")
        >>> fixed = FixedThresholdClassifier(FrozenEstimator(model), threshold=threshold)
        >>> fixed.fit(X, y).predict(X[:3]).tolist()
        [0, 0, 0]
        """
        probability = self.oof_prediction_
        if len(self.classes_) != 2 or self._labels.kind != "binary":
            raise ValueError(
                "oof_threshold needs a fit to two classes. "
                f"Got {len(self.classes_)} classes of kind {self._labels.kind}."
            )
        labels = read_target(y, self, numeric=False)
        check_n_values(labels, len(probability))
        labels, _ = self._encode_target(labels, all_classes=False)
        w = check_sample_weight(sample_weight, len(labels), np.float64)
        held = np.flatnonzero(np.isfinite(probability[:, 0]))
        rows = GivenRows(held, labels[held], None if w is None else w[held])
        return best_threshold(self.classes_, probability[held], rows, scoring)

    def predict_log_proba(self, X: TableLike) -> Predictions:
        """Predict the logarithm of the probability of each class.

        Parameters
        ----------
        X : frame or array-like of shape (n_samples, n_features)
            A table with the columns seen in fit, or files with it.

        Returns
        -------
        ndarray of shape (n_samples, n_classes)
            The logarithms of the result of `predict_proba`.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import TabularMLPClassifier
        >>> table = pd.DataFrame({"port": ["S", "C"] * 200})
        >>> model = TabularMLPClassifier(n_estimators=1, random_state=0)
        >>> model.fit(table, ["no", "yes"] * 200).predict_log_proba(table[:2]).shape
        (2, 2)
        """
        return np.log(self.predict_proba(X))
