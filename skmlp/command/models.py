"""Models in files, and what the command needs from a model."""

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import joblib
from sklearn.base import BaseEstimator

from ..common.files import replacing
from ..stored import check_model, read_skops
from ..tabular.dates import Dated
from .choices import MODELS
from .dates import DATED, as_numbers
from .io import check_exists, ending, optional
from .text import UserError, one_line, reason

KINDS = ("number", "text", "label", *DATED)
"""The kinds of columns of a saved model."""


class Model(Protocol):
    """What the command needs from a model."""

    def fit(self, X: Any, y: Any, /) -> Any:
        """Train on the rows."""

    def predict(self, X: Any, /) -> Any:
        """A prediction for each row."""


@runtime_checkable
class Classifier(Model, Protocol):
    """What the command also needs from a fitted classifier."""

    classes_: Any

    def predict_proba(self, X: Any, /) -> Any:
        """A probability for each row and class."""


@dataclass(frozen=True)
class SavedModel:
    """A model, the name of its target, and its columns with their kinds.

    `decimal` is the decimal mark of the training table, and `ids` are columns that
    predictions keep. Older files have none.
    """

    model: Model
    target: str
    columns: dict[str, str]
    decimal: str = "."
    ids: tuple[str, ...] = ()

    def dates_of_fit(self, X: Any) -> Any:
        """The table with columns of dates as the model had them in fit.

        Models of earlier releases had days and seconds. Dates get a time zone, or lose it.
        """
        encoder = getattr(self.model, "encoder_", None)
        encoders = encoder._columns if encoder else [None] * len(self.columns)
        columns = {}
        for (name, kind), one in zip(self.columns.items(), encoders, strict=True):
            if kind not in DATED:
                continue
            if not isinstance(one, Dated):
                columns[name] = as_numbers(X[name], kind)
            elif X[name].dtype.kind == "M":
                columns[name] = with_zone(X[name], bool(one.zone))
        return X.assign(**columns)


def with_zone(series: Any, wanted: bool) -> Any:
    """A column of datetime64 with a time zone or without, where it is UTC."""
    there = getattr(series.dtype, "tz", None) is not None
    if wanted == there:
        return series
    if wanted:
        return series.dt.tz_localize("UTC")
    return series.dt.tz_convert("UTC").dt.tz_localize(None)


def save_model(path: Path, saved: SavedModel) -> None:
    """Write a model as skops or as a pickle, by the ending of the file name."""
    content = {field: getattr(saved, field) for field in SavedModel.__annotations__}
    if not saved.ids:
        # Earlier releases read a file without it.
        del content["ids"]
    try:
        with replacing(path) as file:
            if path.suffix.lower() == ".skops":
                optional("skops.io").dump(content, file)
            else:
                pickle.dump(content, file)
    except OSError as error:
        raise UserError(f"{path}: {reason(error)}.") from None


def load_model(path: Path, *, trust_pickle: bool = False) -> SavedModel:
    """Read a model that `save_model` wrote.

    A skops file is checked, and runs no code. Loading a pickle can run any code that the
    file brings: it is refused unless `trust_pickle`.
    """
    suffix = ending(path, MODELS, "a model")
    check_exists(path)
    if suffix == ".skops":
        optional("skops.io")
    elif not trust_pickle:
        raise UserError(
            f"{path}: a {suffix} file can run any code when it is loaded. If you trust "
            "its source, set --trust-pickle."
        )
    try:
        # joblib also reads plain pickles.
        skops = suffix == ".skops"
        content = read_skops(path.read_bytes()) if skops else joblib.load(path)
        return as_saved(content)
    except Exception as error:
        # A damaged pickle can raise any error.
        raise UserError(
            f"{path}: this is not a model that can be loaded ({one_line(error)})."
        ) from None


def as_saved(content: Any) -> SavedModel:
    """The saved model of a content; ValueError if it is not one that fits together."""
    fields = SavedModel.__annotations__.keys()
    if isinstance(content, BaseEstimator):
        raise ValueError(
            f"it has a {type(content).__name__} alone, not what python -m skmlp saves; "
            "load it with what has stored it, such as skops or joblib"
        )
    if not isinstance(content, dict) or content.keys() | {"decimal", "ids"} != fields:
        raise ValueError("python -m skmlp has not saved it")
    saved = SavedModel(**content)
    check_model(saved.model)
    kinds = saved.columns.values() if isinstance(saved.columns, dict) else [None]
    if not isinstance(saved.ids, tuple):
        raise ValueError("its ids are not as python -m skmlp saves them")
    names = [saved.target, *saved.columns, *saved.ids]
    known = set(kinds) <= set(KINDS) and saved.decimal in (".", ",")
    if not known or not all(type(name) is str for name in names):
        raise ValueError(
            "its target or its columns are not as python -m skmlp saves them"
        )
    for name in names:
        # CSV in UTF-8 does not hold half a character.
        name.encode()
    n_features: int = vars(saved.model)["n_features_in_"]
    if len(saved.columns) != n_features:
        raise ValueError(f"it has {len(saved.columns)} columns, its model {n_features}")
    return saved
