"""A model that the command saved, for the rows of a program."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._version import __version__
from ..common._types import Predictions, TableLike
from ..common.constraints import OneOf, check_parameter
from ..common.frames import as_frame, is_frame
from .given_rows import GivenRows, RowReader, as_json, batches, rows_in
from .models import Classifier, SavedModel
from .predictor import Predicted, Predictor, check_coverage, check_has, labels_of
from .text import counted

ROWS_AT_A_TIME, MOST_LABELS = 1_000, 100
"""The rows that `answers` predicts together, and the labels of a column in the schema."""

ON_ERROR = ("raise", "missing")
"""What can happen with bad values."""

Rows = TableLike | Mapping[str, Any] | str | bytes
"""A frame, a row as a dict, an iterable of them, or JSON."""


class LoadedModel:
    """A model that the command saved, for the rows of a program.

    Values are read as the command reads them in tables: numbers and
    booleans also from texts, dates as the training table wrote them or as 2024-12-31,
    labels by their text. None, NaN and the empty text are missing. Threads may share it.

    Parameters
    ----------
    saved : SavedModel
        What a file has; `load` reads it.
    on_error : {"raise", "missing"}, default="raise"
        What happens with bad values, as in `load`.

    Attributes
    ----------
    estimator : TabularMLPClassifier or TabularMLPRegressor
        The model.
    target : str
        The name of what is predicted.
    columns : dict
        For each column of the model its kind: "number", "text", "label" (a number used as
        text), "time", "duration", or a kind of dates.
    ids : tuple of str
        Columns that answers keep: those of --id.
    on_error : {"raise", "missing"}
        What happens with bad values; it can be changed.

    See Also
    --------
    load : Load one from a file.

    Examples
    --------
    >>> import pandas as pd
    >>> from skmlp import LoadedModel, TabularMLPRegressor
    >>> from skmlp.command.models import SavedModel
    >>> X = pd.DataFrame({"age": [20, 60] * 100})
    >>> estimator = TabularMLPRegressor(n_estimators=1).fit(X, [1.0, 2.0] * 100)
    >>> LoadedModel(SavedModel(estimator, "cost", {"age": "number"}))
    <LoadedModel: TabularMLPRegressor for 'cost', 1 column>
    """

    def __init__(self, saved: SavedModel, on_error: str = "raise"):
        self._saved = saved
        self.estimator: Any = saved.model
        self.target, self.columns = saved.target, dict(saved.columns)
        self.ids = tuple(saved.ids)
        self.on_error = on_error
        self._predictor = Predictor(saved)
        self._labels = labels_of(saved)
        known = {name: frozenset(labels) for name, labels in self._labels.items()}
        self._reader = RowReader(self.columns, self.ids, known, saved.decimal)

    @property
    def on_error(self) -> str:
        """What happens with bad values: "raise" or "missing"."""
        return self._on_error

    @on_error.setter
    def on_error(self, given: str) -> None:
        check_parameter("LoadedModel", "on_error", given, OneOf(ON_ERROR))
        self._on_error = given

    def __repr__(self) -> str:
        name = type(self.estimator).__name__
        columns = counted(len(self.columns), "column")
        return f"<LoadedModel: {name} for {self.target!r}, {columns}>"

    def predict(self, rows: Rows) -> Predictions:
        """Predict the target of rows.

        Parameters
        ----------
        rows : frame, dict, iterable of dicts, str or bytes
            A frame, a row as a dict, several, or JSON with one or several.

        Returns
        -------
        ndarray of shape (n_rows,)
            The predictions, as those of the estimator.

        Raises
        ------
        ValueError
            If a value or a row cannot be read, and `on_error` is "raise"; it names the
            first of them. If something is no row, or no JSON, also otherwise.
        TypeError
            If `rows` is nothing of the above.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import LoadedModel, TabularMLPClassifier
        >>> from skmlp.command.models import SavedModel
        >>> X = pd.DataFrame({"age": [20, 60] * 100})
        >>> estimator = TabularMLPClassifier(n_estimators=1).fit(X, ["yes", "no"] * 100)
        >>> model = LoadedModel(SavedModel(estimator, "churn", {"age": "number"}))
        >>> model.predict([{"age": 20}, {"age": "60"}]).tolist()
        ['yes', 'no']
        """
        found: Predictions = self._whole(rows).predict()
        return found

    def predict_proba(self, rows: Rows) -> Predictions:
        """Predict the probability of each class.

        Parameters
        ----------
        rows : frame, dict, iterable of dicts, str or bytes
            As in `predict`.

        Returns
        -------
        ndarray of shape (n_rows, n_classes)
            The probabilities, in the order of `estimator.classes_`.

        Raises
        ------
        AttributeError, ValueError
            If the model is a regressor; as in `predict`.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import LoadedModel, TabularMLPClassifier
        >>> from skmlp.command.models import SavedModel
        >>> X = pd.DataFrame({"age": [20, 60] * 100})
        >>> estimator = TabularMLPClassifier(n_estimators=1).fit(X, ["yes", "no"] * 100)
        >>> model = LoadedModel(SavedModel(estimator, "churn", {"age": "number"}))
        >>> model.predict_proba({"age": 20}).argmax(axis=1).tolist()
        [1]
        """
        found: Predictions = self._method("predict_proba", rows)
        return found

    def predict_interval(self, rows: Rows, coverage: float = 0.9) -> Predictions:
        """Predict intervals that have the true value with a given probability.

        Parameters
        ----------
        rows : frame, dict, iterable of dicts, str or bytes
            As in `predict`.
        coverage : float, default=0.9
            The probability.

        Returns
        -------
        ndarray of shape (n_rows, 2)
            The lower and the upper end.

        Raises
        ------
        AttributeError, ValueError
            If the model has no intervals or `coverage` is out of range; as in `predict`.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import LoadedModel, TabularMLPRegressor
        >>> from skmlp.command.models import SavedModel
        >>> X = pd.DataFrame({"age": [20, 60] * 100})
        >>> estimator = TabularMLPRegressor(n_estimators=1).fit(X, [1.0, 2.0] * 100)
        >>> model = LoadedModel(SavedModel(estimator, "cost", {"age": "number"}))
        >>> model.predict_interval({"age": 20}).shape
        (1, 2)
        """
        found: Predictions = self._method("predict_interval", rows, coverage=coverage)
        return found

    def predict_set(self, rows: Rows, coverage: float = 0.9) -> Predictions:
        """Predict sets of classes that have the true one with a given probability.

        Parameters
        ----------
        rows : frame, dict, iterable of dicts, str or bytes
            As in `predict`.
        coverage : float, default=0.9
            The probability.

        Returns
        -------
        ndarray of bool of shape (n_rows, n_classes)
            Which classes are in the set, in the order of `estimator.classes_`.

        Raises
        ------
        AttributeError, ValueError
            If the model has no sets or `coverage` is out of range; as in `predict`.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import LoadedModel, TabularMLPClassifier
        >>> from skmlp.command.models import SavedModel
        >>> X = pd.DataFrame({"age": [20, 60] * 100})
        >>> estimator = TabularMLPClassifier(n_estimators=1).fit(X, ["yes", "no"] * 100)
        >>> model = LoadedModel(SavedModel(estimator, "churn", {"age": "number"}))
        >>> model.predict_set({"age": 20}).tolist()
        [[False, True]]
        """
        found: Predictions = self._method("predict_set", rows, coverage=coverage)
        return found

    def answer(
        self, row: Mapping[str, Any] | str | bytes, *, coverage: float | None = None
    ) -> dict[str, Any]:
        """Answer one row, as JSON can hold it.

        Parameters
        ----------
        row : dict, str or bytes
            The row, or JSON with it.
        coverage : float, default=None
            As in `answers`.

        Returns
        -------
        dict
            The answer, as in `answers`.

        Raises
        ------
        ValueError, AttributeError
            As in `answers`.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import LoadedModel, TabularMLPClassifier
        >>> from skmlp.command.models import SavedModel
        >>> X = pd.DataFrame({"age": [20, 60] * 100})
        >>> estimator = TabularMLPClassifier(n_estimators=1).fit(X, ["yes", "no"] * 100)
        >>> model = LoadedModel(SavedModel(estimator, "churn", {"age": "number"}))
        >>> model.answer('{"age": 20}')["prediction"]
        'yes'
        """
        (found,) = self.answers([row], coverage=coverage)
        return found

    def answers(
        self, rows: Rows | Iterable[Any], *, coverage: float | None = None
    ) -> Iterator[dict[str, Any]]:
        """Answer rows one by one; a bad row has an error and takes nothing from others.

        Parameters
        ----------
        rows : iterable of dicts or JSON, frame, dict, str or bytes
            The rows. Of an iterable, 1,000 are read at a time: a file with a JSON object in
            each line can be of any size.
        coverage : float, default=None
            The probability that an interval or a set has the true value. None: answers have
            neither.

        Yields
        ------
        dict
            With "prediction"; "probabilities" by class; "interval" or "set" if `coverage`
            is given; "ids"; "notes", a list of texts, if there is something to know.
            Or with "error", a text, instead of a prediction.

        Raises
        ------
        ValueError
            If `coverage` is out of range, or a text is no JSON.
        TypeError
            If `rows` is nothing of the above.
        AttributeError
            If the model has no intervals or sets, and `coverage` is given.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import LoadedModel, TabularMLPClassifier
        >>> from skmlp.command.models import SavedModel
        >>> X = pd.DataFrame({"age": [20, 60] * 100})
        >>> estimator = TabularMLPClassifier(n_estimators=1).fit(X, ["yes", "no"] * 100)
        >>> model = LoadedModel(SavedModel(estimator, "churn", {"age": "number"}))
        >>> rows = [{"age": 20}, {"age": "young"}]
        >>> [one.get("error") for one in model.answers(rows)]
        [None, "column 'age' must hold numbers; got 'young'"]
        """
        if coverage is not None:
            check_coverage(self.estimator, coverage)
        if is_frame(rows := as_frame(rows, "rows")):
            yield from self._answers(self._reader.read_frame(rows), coverage)
            return
        for some in batches(rows_in(rows), ROWS_AT_A_TIME):
            yield from self._answers(self._reader.read_rows(some), coverage)

    def schema(self) -> dict[str, Any]:
        """Describe what rows have, as JSON can hold it.

        Returns
        -------
        dict
            "target"; "task", "classification" or "regression"; "classes"; "columns", a list
            with the name and the kind of each, and its labels if there are at most 100;
            "ids"; "model", the name of the class; "skmlp", the version that loaded it.

        Examples
        --------
        >>> import pandas as pd
        >>> from skmlp import LoadedModel, TabularMLPClassifier
        >>> from skmlp.command.models import SavedModel
        >>> X = pd.DataFrame({"age": [20, 60] * 100})
        >>> estimator = TabularMLPClassifier(n_estimators=1).fit(X, ["yes", "no"] * 100)
        >>> model = LoadedModel(SavedModel(estimator, "churn", {"age": "number"}))
        >>> model.schema()["columns"]
        [{'name': 'age', 'kind': 'number'}]
        """
        columns: list[dict[str, Any]] = []
        for name, kind in self.columns.items():
            columns.append({"name": name, "kind": kind})
            if len(self._labels.get(name, ())) in range(1, MOST_LABELS + 1):
                columns[-1]["labels"] = list(self._labels[name])
        task = {"task": "regression"}
        if isinstance(self.estimator, Classifier):
            classes = self.estimator.classes_.tolist()
            task = {"task": "classification", "classes": classes}
        return {
            "target": self.target,
            **task,
            "columns": columns,
            "ids": list(self.ids),
            "model": type(self.estimator).__name__,
            "skmlp": __version__,
        }

    def _method(self, name: str, rows: Any, **options: Any) -> Any:
        """The result of a method of the estimator for all rows."""
        check_has(self.estimator, name)
        return self._whole(rows).call(name, **options)

    def _whole(self, rows: Any) -> Predicted:
        """All rows for the estimator; bad ones are an error or a warning."""
        given = self._reader.read(rows)
        if given.n_rows == 0:
            raise ValueError("rows must have at least one row. Got none.")
        if given.faults and (given.unusable or self.on_error == "raise"):
            raise ValueError(f"rows must all be good. Got {given.summary()}")
        if given.faults:
            text = f"values were read as missing: {given.summary()}"
            warnings.warn(text, UserWarning, stacklevel=3)
        return self._predictor(given.columns)

    def _answers(
        self, given: GivenRows, coverage: float | None
    ) -> Iterator[dict[str, Any]]:
        """The answers for some rows, in their order."""
        refused = given.faults if self.on_error == "raise" else given.unusable
        good = [i for i in range(given.n_rows) if i not in refused]
        predicted = self._predictor(given.take(good)) if good else None
        answers = predicted.answers(coverage) if predicted else iter(())
        for i in range(given.n_rows):
            notes = list(given.notes.get(i, ()))
            if i in refused:
                found: dict[str, Any] = {"error": "; ".join(given.faults[i])}
            else:
                found = next(answers)
                faults = given.faults.get(i, ())
                notes = [*(f"{one}; read as missing" for one in faults), *notes]
            if given.ids:
                found["ids"] = {
                    name: as_json(values[i]) for name, values in given.ids.items()
                }
            if notes:
                found["notes"] = notes
            yield found
