"""What classifiers and regressors do differently with targets; both families call it."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from ..core._types import Array
from ..core.heads import Head
from .parameters import Settings


class TargetHooks(ABC):
    """The hooks that the target mixins of `skmlp.estimators` fill in."""

    _numeric_target: ClassVar[bool]
    """Whether targets are numbers."""

    @abstractmethod
    def _learn_target(self, y: Any) -> Any:
        """`y` as numbers, (n,) or (n, n_outputs); a classifier learns its classes."""

    @abstractmethod
    def _encode_target(self, y: Any, *, all_classes: bool) -> Any:
        """`y` as numbers, by the classes learnt; if `all_classes`, each must occur."""

    @abstractmethod
    def _choose_head(self, settings: Settings) -> Head:
        """The head for the target just encoded."""

    @abstractmethod
    def _strata(self, y: Array) -> Any:
        """The class numbers of encoded targets, to stratify by; None for a plain split."""
