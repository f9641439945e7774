"""skmlp.load: a model that the command saved, for the rows of a program."""

from os import PathLike, fspath
from pathlib import Path
from typing import Literal

from .command.io import optional
from .command.loaded_model import ON_ERROR, LoadedModel
from .command.models import load_model
from .command.text import UserError
from .common.constraints import OneOf, check_parameter
from .common.errors import InvalidParameterError


def load(
    path: str | PathLike[str],
    *,
    on_error: Literal["raise", "missing"] = "raise",
    trust_pickle: bool = False,
) -> LoadedModel:
    """Load a model that `python -m skmlp TABLE --save MODEL` saved.

    Parameters
    ----------
    path : str or path-like
        The file: .skops, .pkl, .pickle or .joblib.
    on_error : {"raise", "missing"}, default="raise"
        What happens with a value that cannot be read as the model needs it, such as text in
        a column of numbers, and with a column that a row does not have. "raise": an error,
        of this row alone in `LoadedModel.answers`. "missing": the value counts as missing,
        with a warning or, in `answers`, a note.
    trust_pickle : bool, default=False
        Whether a file that is not .skops may be loaded. Such a file can run any code.

    Returns
    -------
    LoadedModel
        The model.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ImportError
        If a package is missing that the file needs: skops or pandas.
    ValueError
        If a parameter is invalid, or the file has no model that can be loaded.

    See Also
    --------
    LoadedModel : What a loaded model does.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from skmlp import TabularMLPClassifier, load
    >>> from skmlp.command.models import SavedModel, save_model
    >>> X = pd.DataFrame({"age": [20, 60] * 100})
    >>> estimator = TabularMLPClassifier(n_estimators=1, random_state=0)
    >>> estimator = estimator.fit(X, ["yes", "no"] * 100)
    >>> saved = SavedModel(estimator, "churn", {"age": "number"})
    >>> path = Path(tempfile.mkdtemp()) / "model.pkl"
    >>> save_model(path, saved)  # as python -m skmlp does
    >>> load(path, trust_pickle=True).answer({"age": 20})["prediction"]
    'yes'
    """
    file = Path(fspath(path))
    check_parameter("load", "on_error", on_error, OneOf(ON_ERROR))
    if not file.exists():
        raise FileNotFoundError(f"There is no file {str(file)!r}.")
    if file.suffix.lower() != ".skops" and not trust_pickle:
        raise InvalidParameterError(
            f"path must be a .skops file, or trust_pickle=True: a file {file.suffix!r} can "
            f"run any code when it is loaded. Got {str(file)!r}."
        )
    try:
        saved = load_model(file, trust_pickle=trust_pickle)
        optional("pandas")
    except UserError as error:
        cause = error.__cause__ or error.__context__
        kind = ImportError if isinstance(cause, ImportError) else ValueError
        raise kind(str(error)) from None
    return LoadedModel(saved, on_error)
