"""TableEncoder: a table of numbers and categories as numbers that a network learns well."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy.special import ndtri
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from ..common.constraints import Boolean, CategoricalFeatures, Integer, check_parameter
from ..core.architectures import ColumnLayout
from .columns import NUMBERS, Column, as_table, columns_of, is_frame, mask_of

ROWS_PER_QUANTILE, FEWEST, MOST = 30, 10, 1000
"""How many quantiles describe a column: one in so many rows, within these limits."""

SMALLEST = float(np.finfo(np.float64).tiny)
"""Values within less than that are equal: its inverse is finite."""

FAR = 1e9
"""Scaled numbers are cut to at most this, which smooth clipping brings to 3 anyway."""

LIMIT = 3.5
"""Normal quantiles are cut to at most this, beyond which one row in 4,000 lies."""


@dataclass(frozen=True, eq=False)
class Numeric:
    """A column of numbers: centred, scaled, and smoothly clipped to (-3, 3).

    The centre is the median and the scale the interquartile range, or half the range
    where that is 0; x becomes z / sqrt(1 + (z / 3)^2). A missing value is taken for the
    mean, and where fit saw one, a column of its own says where. With `quantiles` of the
    column, another one has the normal quantile of the share of rows below x; where all
    rows are equal there is none, as what comes later would be beyond all that was seen.
    """

    center: float
    scale: float
    mean: float
    has_missing: bool
    quantiles: Any = None
    has_values: bool = True

    @classmethod
    def of(cls, values: Any, with_quantiles: bool) -> "Numeric":
        """Learn the numbers of a column; those of an empty one are 0."""
        seen = values[~np.isnan(values)]
        has_missing = len(seen) < len(values)
        if len(seen) == 0:
            return cls(0.0, 0.0, 0.0, False, has_values=False)
        low, first, median, third, high = np.quantile(seen, [0, 0.25, 0.5, 0.75, 1])
        width = third - first if third > first else high / 2 - low / 2
        scale = 1 / width if width > SMALLEST else 0.0
        mean, quantiles = float((seen / len(seen)).sum()), None
        if with_quantiles and scale:
            n = min(max(len(values) // ROWS_PER_QUANTILE, FEWEST), MOST, len(values))
            filled = np.where(np.isnan(values), mean, values)
            quantiles = np.quantile(filled, np.linspace(0, 1, max(n, 2)))
        return cls(float(median), float(scale), mean, has_missing, quantiles)

    def values_of(self, column: Column) -> Any:
        """The values of a column, which has to hold numbers; NaN where one is missing."""
        if column.kind == NUMBERS:
            return column.values
        other = _first(column.values)
        if other is not None and self.has_values:
            raise _of_another_kind(column, "numbers", other)
        return np.full(len(column.values), np.nan)

    def transform(self, values: Any) -> list[Any]:
        missing = np.isnan(values)
        filled = np.where(missing, self.mean, values)
        with np.errstate(over="ignore"):
            z = np.clip((filled - self.center) * self.scale, -FAR, FAR)
        columns = [z / np.sqrt(1 + (z / 3) ** 2)]
        if self.quantiles is not None:
            columns.append(self._normal_quantile(filled))
        return [*columns, missing] if self.has_missing else columns

    def _normal_quantile(self, values: Any) -> Any:
        """The quantile of a normal distribution that as many rows lie below."""
        q = self.quantiles
        shares = np.linspace(0, 1, len(q))
        # Where rows are equal, the share below them and the share up to them.
        below = 1 - np.interp(-values, -q[::-1], shares)
        up_to = np.interp(values, q, shares)
        with np.errstate(divide="ignore"):
            return np.clip(ndtri((below + up_to) / 2), -LIMIT, LIMIT)

    def names(self, name: str) -> list[str]:
        more = [f"{name}_missing"] if self.has_missing else []
        return [name, *([] if self.quantiles is None else [f"{name}_quantile"]), *more]

    @property
    def groups(self) -> list[int]:
        """To which group of the columns that come out each of these belongs."""
        return [0, *([] if self.quantiles is None else [1]), *[2] * self.has_missing]


@dataclass(frozen=True)
class Labelled:
    """A column of labels: a column for each label, or one with their numbers.

    Two labels are -1 and 1 in one column. Up to a number of labels there is a column of
    0 and 1 for each, where a missing or unseen label is all zeros. Of more, their
    numbers from 1 on, and 0 for a missing or unseen one.
    """

    labels: tuple[Any, ...]
    as_numbers: bool

    @classmethod
    def of(cls, values: Any, max_one_hot: int) -> "Labelled":
        labels = {value for value in values if value is not None}
        return cls(tuple(sorted(labels)), len(labels) > max_one_hot)

    @property
    def has_values(self) -> bool:
        return bool(self.labels)

    @property
    def groups(self) -> list[int]:
        """To which group of the columns that come out each of these belongs."""
        return [4] if self.as_numbers else [3] * len(self.names(""))

    def values_of(self, column: Column) -> Any:
        """The labels of a column, of the kind that was seen; None where one is missing."""
        values = column.values
        if column.kind == NUMBERS:
            values = [None if value != value else value for value in values.tolist()]
        one = _first(values)
        if (
            self.labels
            and one is not None
            and _is_text(one) != _is_text(self.labels[0])
        ):
            kind = "text" if _is_text(self.labels[0]) else "numbers"
            raise _of_another_kind(column, kind, one)
        return values

    def codes(self, values: Any) -> Any:
        """The number of each label, 0 for one that is missing or unseen."""
        number = {label: i for i, label in enumerate(self.labels, start=1)}
        return np.array([number.get(value, 0) for value in values])

    def transform(self, values: Any) -> list[Any]:
        codes = self.codes(values)
        if self.as_numbers:
            return [codes]
        if len(self.labels) == 2:
            return [np.array([0, -1, 1])[codes]]
        return [codes == i for i in range(1, len(self.labels) + 1)]

    def names(self, name: str) -> list[str]:
        if self.as_numbers:
            return [f"{name}_number"]
        if len(self.labels) == 2:
            return [f"{name}_{self.labels[1]}"]
        return [f"{name}_{label}" for label in self.labels]


def _first(values: Any) -> Any:
    """The first that is not missing."""
    return next((value for value in values if value is not None), None)


def _is_text(label: Any) -> bool:
    return isinstance(label, str | bytes)


def _of_another_kind(column: Column, kind: str, got: Any) -> TypeError:
    return TypeError(
        f"Column {column.name!r} of X must hold {kind}, as it did in fit. Got {got!r}."
    )


class TableEncoder(TransformerMixin, BaseEstimator):
    """Turn a table of numbers and categories into numbers that a network learns well.

    Numbers are centred by the median, scaled by the interquartile range and clipped
    smoothly, so that no heavy tail reaches the network; and they come a second time as
    normal quantiles, which spread what lies close together. Categories become columns of
    0 and 1, or numbers for an embedding. Anything may be missing.

    Parameters
    ----------
    categorical_features : 'from_dtype' or array-like, default='from_dtype'
        Which columns hold categories: those of type category, text or object with text,
        or a mask, or numbers or names of columns.
    max_one_hot : int, default=8
        Up to how many labels a column becomes a column for each; with more it becomes
        one column of their numbers, from 1 on, and 0 for missing and unseen ones.
    quantiles : bool, default=True
        Whether numbers come a second time, as normal quantiles.

    Attributes
    ----------
    n_features_in_ : int
        The number of columns seen in fit.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Their names, where X is a frame whose names are all strings.
    cardinalities_ : list of int
        For each column of numbers of labels, the last ones that come out, how many
        numbers there are, 0 included.
    n_numbers_ : int
        How many of the columns that come out, the first ones, are numbers, scaled or
        quantiles.

    References
    ----------
    Holzmueller, Grinsztajn and Steinwart, "Better by default: strong pre-tuned MLPs and
    boosted trees on tabular data", arXiv:2407.04491.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmlp import TableEncoder
    >>> table = pd.DataFrame({"age": [31, 45, None], "city": ["Bonn", "Ulm", "Bonn"]})
    >>> encoder = TableEncoder().fit(table)
    >>> encoder.get_feature_names_out().tolist()
    ['age', 'age_quantile', 'age_missing', 'city_Ulm']
    >>> encoder.transform(table).shape
    (3, 4)
    """

    def __init__(
        self,
        *,
        categorical_features: Any = "from_dtype",
        max_one_hot: int = 8,
        quantiles: bool = True,
    ):
        self.categorical_features = categorical_features
        self.max_one_hot = max_one_hot
        self.quantiles = quantiles

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn scales and labels.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The table.
        y : None
            Not used.

        Returns
        -------
        Self
            The fitted encoder.
        """
        owner = type(self).__name__
        check_parameter(
            owner,
            "categorical_features",
            self.categorical_features,
            CategoricalFeatures(),
        )
        check_parameter(owner, "max_one_hot", self.max_one_hot, Integer(0))
        check_parameter(owner, "quantiles", self.quantiles, Boolean())
        X = as_table(X)
        names = list(X.columns) if is_frame(X) else list(range(X.shape[1]))
        self._mask = mask_of(self.categorical_features, names)
        columns = list(columns_of(X, self._mask))
        self._columns = [self._learn(column) for column in columns]
        self.n_features_in_ = len(columns)
        self.__dict__.pop("feature_names_in_", None)
        if is_frame(X) and all(isinstance(name, str) for name in names):
            self.feature_names_in_ = np.array(names, dtype=object)
        labelled = [one for one in self._columns if isinstance(one, Labelled)]
        groups = [group for one in self._columns for group in one.groups]
        self.n_numbers_ = groups.count(0) + groups.count(1)
        self.cardinalities_ = [len(x.labels) + 1 for x in labelled if x.as_numbers]
        return self

    def _learn(self, column: Column) -> Any:
        if column.kind == NUMBERS:
            return Numeric.of(column.values, bool(self.quantiles))
        return Labelled.of(column.values, int(self.max_one_hot))

    def transform(self, X: Any) -> Any:
        """Turn a table into numbers.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            A table with the columns of the one in fit.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
            In single precision: scaled numbers, the quantiles, where numbers were
            missing, labels as columns, and numbers of labels, in this order.
        """
        check_is_fitted(self)
        columns = list(columns_of(self._in_order(as_table(X)), self._mask))
        groups: tuple[list[Any], ...] = ([], [], [], [], [])
        for one, column in zip(self._columns, columns, strict=True):
            parts = one.transform(one.values_of(column))
            for group, part in zip(one.groups, parts, strict=True):
                groups[group].append(part)
        n_rows = len(columns[0].values)
        out = np.empty((n_rows, sum(map(len, groups))), np.float32)
        for i, part in enumerate(part for group in groups for part in group):
            out[:, i] = part
        return out

    def _in_order(self, X: Any) -> Any:
        """The table with the columns in the order of fit."""
        names = vars(self).get("feature_names_in_")
        if is_frame(X) and names is not None:
            missing = [name for name in names if name not in list(X.columns)]
            extra = [name for name in X.columns if name not in list(names)]
            if missing or extra:
                raise ValueError(
                    f"X must have the columns of fit, {list(names)}. Got a table without "
                    f"{missing}, and with {extra} besides."
                )
            return X[list(names)]
        if X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {X.shape[1]} features, but {type(self).__name__} is "
                f"expecting {self.n_features_in_} features as input"
            )
        return X

    @property
    def layout(self) -> ColumnLayout:
        """The columns that come out."""
        n_out = len(self.get_feature_names_out())
        n_plain = n_out - self.n_numbers_ - len(self.cardinalities_)
        return ColumnLayout(self.n_numbers_, n_plain, tuple(self.cardinalities_))

    @property
    def is_empty(self) -> bool:
        """Whether no column had a value in fit."""
        return not any(one.has_values for one in self._columns)

    def get_feature_names_out(self, input_features: Any = None) -> Any:
        """Name the columns that come out.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the columns that go in; None is those seen in fit, or x0, x1, ...

        Returns
        -------
        ndarray of str
            The names. One that comes twice gets an underscore.

        Raises
        ------
        ValueError
            If `input_features` are not the names seen in fit, or not as many.
        """
        check_is_fitted(self)
        given = self._names_in(input_features)
        groups: tuple[list[str], ...] = ([], [], [], [], [])
        taken: set[str] = set()
        for one, name in zip(self._columns, given, strict=True):
            for group, out in zip(one.groups, one.names(name), strict=True):
                while out in taken:
                    out += "_"
                taken.add(out)
                groups[group].append(out)
        return np.array([name for group in groups for name in group], dtype=object)

    def _names_in(self, input_features: Any) -> list[Any]:
        """The names of the columns that go in, as asked for or as seen in fit."""
        seen = vars(self).get("feature_names_in_")
        if input_features is None:
            return (
                [f"x{i}" for i in range(self.n_features_in_)] if seen is None else seen
            )
        if seen is not None and list(input_features) != list(seen):
            raise ValueError(
                "input_features is not equal to feature_names_in_: it must be "
                f"{list(seen)}. Got {list(input_features)}."
            )
        if len(input_features) != self.n_features_in_:
            raise ValueError(
                "input_features should have length equal to number of features, "
                f"{self.n_features_in_}. Got {len(input_features)}."
            )
        return list(input_features)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags
