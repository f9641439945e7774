"""Models in files, and what the command needs from a model."""

import pickle
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ..common.files import replacing
from .io import check_exists, ending, optional
from .text import UserError, one_line, quoted

MODELS = (".skops", ".pkl", ".pickle", ".joblib")


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
    """A model, the name of its target, and its columns with their kinds."""

    model: Model
    target: str
    columns: dict[str, str]


def save_model(path: Path, saved: SavedModel) -> None:
    """Write a model as skops or as a pickle, by the ending of the file name."""
    content = {field: getattr(saved, field) for field in SavedModel.__annotations__}
    try:
        with replacing(path) as file:
            if path.suffix.lower() == ".skops":
                optional("skops.io").dump(content, file)
            else:
                pickle.dump(content, file)
    except OSError as error:
        raise UserError(f"{path}: {one_line(error)}.") from None


def load_model(path: Path) -> SavedModel:
    """Read a model that `save_model` wrote.

    Loading a pickle can run any code; a skops file with types of other packages is
    refused.
    """
    suffix = ending(path, MODELS, "a model")
    check_exists(path)
    skops = optional("skops.io") if suffix == ".skops" else None
    try:
        content = _load_skops(skops, path) if skops else pickle.loads(path.read_bytes())
    except UserError:
        raise
    except Exception as error:
        # A broken or foreign file can raise any error.
        raise UserError(
            f"{path}: this is not a model that can be loaded ({one_line(error)})."
        ) from None
    try:
        return SavedModel(**content)
    except TypeError:
        raise UserError(
            f"{path}: this is not a model that python -m skmlp has saved."
        ) from None


def _load_skops(skops: Any, path: Path) -> Any:
    names = skops.get_untrusted_types(file=path)
    others = [name for name in names if not re.match(r"skmlp\.", name)]
    if others:
        raise UserError(
            f"{path}: not loaded, because types of other packages could run any code: "
            f"{quoted(others)}."
        )
    return skops.load(path, trusted=names)
