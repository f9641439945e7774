"""What `fit` needs of a table of which only a sample is in memory."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..common.checks import GivenRows
from ..core.batches import Blocks
from .folds import Fold
from .member_rows import OwnColumns
from .totals import Totals


class PartialBlocks(Blocks, Protocol):
    """Blocks of which a fraction can be used."""

    def part(self, fraction: float) -> Blocks: ...


class MoreRows(Protocol):
    """The rows of a table of which only a sample is in memory."""

    @property
    def n_rows(self) -> int:
        """The number of rows of the table."""

    def own_columns(self, folds: Sequence[Fold]) -> list[OwnColumns]:
        """The columns of the sample that only the member of each fold has."""

    def blocks(
        self, folds: Sequence[Fold], seeds: Sequence[int], n_rows: int
    ) -> list[PartialBlocks]:
        """For each fold all rows but the held-out ones; an epoch has about `n_rows`."""

    def close(self) -> None:
        """Remove what is stored."""

    def facts(self) -> Mapping[str, Any]:
        """What training depends on beside the sample."""


class TableOfFiles(Protocol):
    """A table in files: rows in memory, and totals if these are a sample only."""

    @property
    def rows(self) -> GivenRows: ...

    @property
    def totals(self) -> Totals | None: ...
