"""TableEncoder: encodes tables of numbers, categories, dates and texts for a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from .._persistence import VersionedStateMixin
from ..common._types import Categorical, TableLike, TargetLike
from ..common.constraints import check_parameter
from ..common.frames import is_frame, names_of
from ..common.rollback import RollbackMixin
from ..core._types import Array
from ..core.architectures import ColumnLayout
from .assembly import (
    check_stored,
    different_names,
    encode,
    in_order,
    layout_of,
    names_in,
)
from .column_encoders import ColumnEncoder
from .columns import Column, as_table, columns_of
from .kinds import (
    CONSTRAINTS,
    Choice,
    ColumnKind,
    kind_of_encoder,
    with_all_labels,
)
from .labelled import Labelled
from .rare_labels import target_numbers
from .repeated_rows import ROW, Repeated, column_of_rows, repeated_rows
from .target_statistics import (
    LabelledRows,
    codes_for_effects,
    with_effects,
    with_tables,
    without_rare,
)
from .texts import Text
from .totals import Totals


class TableEncoder(VersionedStateMixin, RollbackMixin, TransformerMixin, BaseEstimator):
    """Encode a table of numbers, categories, dates and texts for a neural network.

    Numbers are centred by the median, scaled by the interquartile range and smoothly
    clipped, so that outliers stay within (-3, 3). Further columns have their normal
    quantiles, which separate numbers that are close together. Categories are one-hot
    encoded, or become integer codes for an embedding. Dates, durations and times of day
    become seconds, which are numbers, and dates also the parts that their range supports:
    hour, weekday, day of the year. Texts, which differ in most rows and have several words,
    become 30 components of n-grams of letters. All columns may have missing values.

    With y in fit, integers are also encoded as labels where the target shows that they are
    codes, and texts that say too little about the target are categories.

    Parameters
    ----------
    categorical_features : 'from_dtype', array-like or None, default='from_dtype'
        The columns of categories: a boolean mask, or indices or names of columns.
        'from_dtype' means those of type category, text, or object with text; None means
        no column.
    column_kinds : dict or None, default=None
        The kinds of some columns, by name or index: 'number', 'category', 'code' (a number
        and a category at once) or 'text'. It comes before `categorical_features`.
    max_one_hot : int, default=8
        Columns with up to this many labels are one-hot encoded. Columns with more labels
        become one column of codes, which count from 1; missing and unseen labels are 0.
    quantiles : bool, default=True
        Whether to add normal quantiles of the numbers.
    min_frequency : int or 'auto', default=1
        Labels with fewer rows get the code 0, in columns of codes. 'auto' is 1 for columns
        with up to 100 labels. Columns with more labels get further columns, which hold the
        effect of each label on y and its number of rows. There, labels have a code from 30
        rows on, times the squared ratio of the variance of y that a linear model leaves to
        that explained, or times the number of labels divided by that of rows if it is more.
        Whole rows have effects, too, if many are equal and have close targets.

    Attributes
    ----------
    column_kinds_ : dict of ColumnKind
        For each column what it was taken as, `kind`, and the `reason`.
    n_features_in_ : int
        The number of columns seen in fit.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        The names of these columns; only if X is a frame and all names are strings.
    n_numbers_ : int
        The number of output columns that are scaled numbers or quantiles. They come first.
    cardinalities_ : list of int
        For each column of codes, the number of codes, including 0. They come last.

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
        categorical_features: Categorical | None = "from_dtype",
        column_kinds: Mapping[str | int, str] | None = None,
        max_one_hot: int = 8,
        quantiles: bool = True,
        min_frequency: int | str = 1,
    ):
        self.categorical_features = categorical_features
        self.column_kinds = column_kinds
        self.max_one_hot = max_one_hot
        self.quantiles = quantiles
        self.min_frequency = min_frequency

    def fit(self, X: TableLike, y: TargetLike | None = None) -> Self:
        """Learn the scales and labels of a table.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The table: a frame of any library that narwhals reads, or an array.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            The target, for `min_frequency='auto'` only: numbers, or class labels as text.
            Up to 10 columns of numbers or classes have effects, those that vary most.

        Returns
        -------
        Self
            The fitted encoder.

        Raises
        ------
        ValueError
            If a parameter is invalid, X is empty or has an infinite number, or y is needed
            and missing or invalid. The encoder then stays as it was before the call.
        TypeError
            If X is sparse, or a column has values of other types or of mixed types.
        """
        with self._unchanged_on_error():
            self._fit(X, y)
        return self

    def fit_transform(self, X: TableLike, y: TargetLike | None = None) -> Array:
        """Learn the scales and labels of a table, and encode it.

        The result is the same as of fit followed by transform, except for effects of labels
        (`min_frequency='auto'`): those of a row are learnt from other rows, in eight folds.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            The table.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            The target, as in `fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
            The encoded table, with the columns that `transform` returns.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import TableEncoder
        >>> table = pd.DataFrame({"city": ["Bonn", "Ulm", None], "age": [31, 45, 38]})
        >>> TableEncoder(quantiles=False).fit_transform(table).shape
        (3, 2)
        """
        with self._unchanged_on_error():
            encoded, rows = self._fit_rows(X, y)
            if rows is not None:
                every = np.arange(len(encoded))
                encoded[:, rows.place] = rows.cross_fitted(every, every[:0])
            return encoded

    def _fit_rows(
        self, X: Any, y: Any, totals: Totals | None = None
    ) -> tuple[Array, LabelledRows | None]:
        """Learn scales and labels; return the encoded table, and what effects came from.

        `totals` are those of the table of which X is a sample.
        """
        columns, rows = self._fit(X, y, totals)
        return encode(self._encoders, columns), rows

    def _fit(
        self, X: Any, y: Any, totals: Totals | None = None
    ) -> tuple[list[Column], LabelledRows | None]:
        """Learn scales and labels; return the columns of the table, and labelled rows."""
        for name, constraint in CONSTRAINTS.items():
            check_parameter(type(self).__name__, name, getattr(self, name), constraint)
        X = as_table(X)
        names = names_of(X) if is_frame(X) else list(range(X.shape[1]))
        choice = Choice.of(self.get_params(deep=False), names)
        self._mask = choice.mask
        columns = with_all_labels(columns_of(X, choice.categorical), totals)
        self._columns, self._repeated = choice.encoders(columns, totals), []
        least: Any = self.min_frequency
        if y is not None or least == "auto":
            y = target_numbers(y, X.shape[0])
            self._columns = choice.without_useless_texts(self._columns, columns, y)
            self._columns = choice.with_codes(self._columns, columns, y)
        self._reasons = choice.reasons(self._columns, columns)
        if least == "auto":
            if not totals:
                self._repeated = repeated_rows(self._columns, columns, y)
            columns = self._with_rows(columns)
            encoders, rows = with_effects(self._encoders, columns, y, totals)
            n = len(self._columns)
            self._columns, self._repeated = encoders[:n], encoders[n:]
        else:
            rows = None
            self._columns = without_rare(self._columns, columns, least, totals)
        self._set_attributes(X, names)
        return columns, rows

    def _set_attributes(self, X: Any, names: Sequence[Any]) -> None:
        """Set the fitted attributes, by the table and its encoders."""
        self.n_features_in_ = X.shape[1]
        self.__dict__.pop("feature_names_in_", None)
        if is_frame(X) and all(isinstance(name, str) for name in names):
            self.feature_names_in_ = np.array(names, dtype=object)
        layout = self.layout
        self.n_numbers_ = layout.n_numbers
        self.cardinalities_ = list(layout.cardinalities)

    def transform(self, X: TableLike) -> Array:
        """Encode a table.

        Parameters
        ----------
        X : array-like or frame of shape (n_samples, n_features)
            A table with the columns seen in fit.

        Returns
        -------
        ndarray of shape (n_samples, n_features_out)
            The encoded columns, float32, in this order: scaled numbers, quantiles,
            indicators of missing numbers, parts of dates and texts, one-hot columns,
            effects and numbers of rows of labels, and codes.

        Raises
        ------
        ValueError
            If X has other columns than in fit, or an infinite number.
        TypeError
            If a column has text, numbers or dates instead of what fit has seen.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import TableEncoder
        >>> table = pd.DataFrame({"city": ["Bonn", "Ulm", None], "age": [31, 45, 38]})
        >>> encoder = TableEncoder(quantiles=False).fit(table)
        >>> new = pd.DataFrame({"city": ["Ulm", "Mainz"], "age": [38, 38]})
        >>> encoder.transform(new).tolist()
        [[0.0, 1.0], [0.0, 0.0]]
        """
        check_is_fitted(self, "_columns")
        return encode(self._encoders, self._read(X))

    def _read(self, X: Any) -> list[Column]:
        """The columns of another table, and that of whole rows if they repeat.

        What had labels in fit has them again. So integers and decimals are compared with
        the labels as they are, not as floats.
        """
        given = [None] * len(self._columns) if self._mask is None else self._mask
        labelled = [isinstance(one, Labelled | Text) for one in self._columns]
        mask = [a or b for a, b in zip(labelled, given, strict=True)]
        names = vars(self).get("feature_names_in_")
        X = in_order(as_table(X), names, self.n_features_in_, type(self).__name__)
        return self._with_rows(columns_of(X, mask))

    def _with_codes(self, X: Any) -> tuple[Array, list[Any]]:
        """The encoded table, and the codes of labels that have effects."""
        columns = self._read(X)
        codes = codes_for_effects(self._encoders, columns)
        return encode(self._encoders, columns), codes

    @property
    def _encoders(self) -> list[ColumnEncoder]:
        """The encoders of the columns, and that of whole rows if they repeat."""
        return [*self._columns, *vars(self).get("_repeated", [])]

    def _with_rows(self, columns: list[Column]) -> list[Column]:
        """The columns, and that of whole rows if they repeat."""
        if not vars(self).get("_repeated"):
            return columns
        return [*columns, column_of_rows(self._columns, columns)]

    def _unseen(self, X: Any) -> dict[Any, list[Any]]:
        """The labels of each column that were not in fit, which count as missing."""
        return {
            column.name: one.unseen(column)
            for one, column in zip(self._encoders, self._read(X), strict=True)
            if isinstance(one, Labelled)
        }

    def _keys_of(self, X: Any) -> Any:
        """A key of 64 bits for each row, equal for equal rows."""
        columns = self._read(X)[: len(self._columns)]
        return column_of_rows(self._columns, columns).values

    def _put_effects(self, tables: Sequence[Any]) -> None:
        """Replace the effects of labels, in the order of the codes of `_with_codes`."""
        self._columns = with_tables(self._columns, tables)

    def _check_sizes(self, n_features: int) -> None:
        """Raise ValueError if attributes that were loaded from a file contradict."""
        if self.n_features_in_ != n_features:
            raise ValueError(f"the encoder does not have {n_features} columns")
        reasons = vars(self).get("_reasons", [""] * n_features)
        check_stored(self._columns, self._mask, reasons, n_features)
        layout, stored = self.layout, (self.n_numbers_, list(self.cardinalities_))
        if stored != (layout.n_numbers, list(layout.cardinalities)):
            raise ValueError("the layout of the encoder is not that of its columns")
        repeated = vars(self).get("_repeated", [])
        if list(map(type, repeated)) not in ([], [Repeated]):
            raise ValueError("the encoder has more than one column of whole rows")
        for one in self._encoders:
            one.check_sizes()

    @property
    def column_kinds_(self) -> dict[Any, ColumnKind]:
        check_is_fitted(self, "_columns")
        names = vars(self).get("feature_names_in_", range(self.n_features_in_))
        reasons = vars(self).get("_reasons", [""] * len(self._columns))
        kinds = map(kind_of_encoder, self._columns)
        return dict(zip(names, map(ColumnKind, kinds, reasons), strict=True))

    @property
    def is_empty(self) -> bool:
        """Whether no column had a value in fit."""
        return not any(one.has_values for one in self._columns)

    @property
    def layout(self) -> ColumnLayout:
        """The numbers of encoded columns: numeric, unchanged, and codes."""
        return layout_of(self._encoders)

    def get_feature_names_out(
        self, input_features: Sequence[str] | None = None
    ) -> NDArray[np.object_]:
        """Get the names of the encoded columns.

        Parameters
        ----------
        input_features : array-like of str, default=None
            Names of the input columns. None: those seen in fit, or x0, x1, ...

        Returns
        -------
        ndarray of str
            The names. If a name occurs again, an underscore is added to it.

        Raises
        ------
        ValueError
            If `input_features` are not the names seen in fit, or their number is wrong.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import TableEncoder
        >>> table = pd.DataFrame({"city": ["Bonn", "Ulm", None], "age": [31, 45, 38]})
        >>> TableEncoder(quantiles=False).fit(table).get_feature_names_out().tolist()
        ['age', 'city_Ulm']
        """
        check_is_fitted(self)
        seen = vars(self).get("feature_names_in_")
        given = names_in(input_features, seen, self.n_features_in_)
        names = different_names(self._encoders, [*given, ROW][: len(self._encoders)])
        return np.array(names, dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = []
        return tags
