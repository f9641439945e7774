"""What a call of fit or partial_fit has beside its rows."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..common.checks import GivenRows
from .prediction import FLOATS


class FitCall(NamedTuple):
    """The arguments of a call, checked.

    `incremental` says that it is partial_fit. `context` is that of the callbacks, `path`
    the file of the checkpoint. `files` is the table of which the rows are a sample, and
    `temp_folder` the folder for its other rows.
    """

    validation: GivenRows | None = None
    incremental: bool = False
    context: Any = None
    path: Path | None = None
    files: Any = None
    temp_folder: Any = None

    @property
    def has_sample(self) -> bool:
        """Whether the rows are a sample of a table in files."""
        return self.files is not None and self.files.totals is not None

    @property
    def dtypes(self) -> Any:
        """The precisions that the first fit can have."""
        return (np.float32,) if self.has_sample else FLOATS
