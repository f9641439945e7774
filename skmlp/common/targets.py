"""The target hooks: what classifiers and regressors do differently with targets."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from ..core._types import Array
from ..core.heads import Head
from .parameters import Settings


class TargetHooks(ABC):
    """The hooks that the target mixins of `skmlp.estimators` implement."""

    _numeric_target: ClassVar[bool]
    """Whether targets are numbers."""

    @abstractmethod
    def _learn_target(self, y: Any, names: Any) -> tuple[Any, Any]:
        """`y` with a label for each row, and `y` as numbers, (n,) or (n, n_outputs).

        A classifier learns its classes. `names` are those of the columns of y, or None.
        """

    @abstractmethod
    def _encode_target(
        self, y: Any, *, all_classes: bool, names: Any = None
    ) -> tuple[Any, Any]:
        """`y` with the labels as fit learnt them, and `y` as numbers.

        If `all_classes`, each class must occur. `names` are those of the columns of y.
        """

    @abstractmethod
    def _is_certain(self) -> bool:
        """Whether y has a single class, which needs no training."""

    @abstractmethod
    def _choose_head(self, settings: Settings) -> Head:
        """The head for the encoded target."""

    @abstractmethod
    def _strata(self, y: Array) -> Any:
        """The class numbers of encoded targets, to stratify by; None for a plain split."""
