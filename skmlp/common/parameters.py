"""Constructor parameters: an entry for each, with default, constraint and documentation."""

import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from numbers import Real
from typing import Any, ClassVar, TypeVar

import numpy as np

from .constraints import Constraint, as_sequence, check_parameter
from .errors import InvalidParameterError


def listed(registry: Mapping[str, Any]) -> str:
    """A list item for each entry of a registry: the first line of its docstring."""
    lines = {name: inspect.getdoc(entry) or "" for name, entry in registry.items()}
    return "\n".join(
        f"- {name!r}: {line.splitlines()[0]}" for name, line in lines.items()
    )


@dataclass(frozen=True)
class Parameter:
    """A constructor parameter."""

    default: Any
    constraint: Constraint
    doc: str
    needs: tuple[str, tuple[Any, ...]] | None = None
    """Another parameter and its values with which this parameter has an effect."""


Settings = Mapping[str, Any]
"""Values of constructor parameters by name."""

Table = Mapping[str, Parameter]
"""Entries of constructor parameters by name."""


class ParametersMixin:
    """The constructor parameters of an estimator: their table, and their values."""

    _parameter_table: ClassVar[Table]
    _parameter_names: ClassVar[tuple[str, ...]]

    @classmethod
    def _get_param_names(cls) -> list[str]:
        """The names for scikit-learn, which would read the signature at each call.

        A subclass of the user may have another signature.
        """
        if "_parameter_names" in vars(cls):
            return sorted(cls._parameter_names)
        return super()._get_param_names()  # type: ignore[misc,no-any-return]

    def _settings(self) -> Settings:
        """The values of the constructor parameters by name."""
        return {name: getattr(self, name) for name in self._parameter_names}

    def _checked_settings(self) -> Settings:
        """The settings; InvalidParameterError if the table does not allow a value."""
        owner, settings = type(self).__name__, self._settings()
        for name, value in settings.items():
            constraint = self._parameter_table[name].constraint
            check_parameter(owner, name, value, constraint)
        return settings


Class = TypeVar("Class", bound=Any)


def documented(cls: Class, table: Table, attributes: str) -> Class:
    """Store a class's parameters, and fill {parameters} and {attributes} in its docstring.

    `table` has an entry for each parameter. A subclass may have further parameters.
    """
    cls._parameter_table = table
    cls._parameter_names = tuple(inspect.signature(cls).parameters)
    if cls.__doc__ is None:
        return cls
    entries = []
    for name in cls._parameter_names:
        parameter = table[name]
        doc = textwrap.dedent(parameter.doc).strip()
        if parameter.needs:
            other, values = parameter.needs
            needed = " or ".join(f"{other}={value!r}" for value in values)
            doc = f"{doc}\n\nRequires {needed}; otherwise only the default is allowed."
        doc = textwrap.indent(doc, "    ")
        default = f"default={parameter.default!r}"
        entries.append(f"{name} : {parameter.constraint.type}, {default}\n{doc}")
    text = inspect.cleandoc(cls.__doc__)
    text = text.replace("{parameters}", "\n".join(entries))
    cls.__doc__ = text.replace("{attributes}", attributes.strip()) + "\n"
    return cls


def check_needs(settings: Settings, table: Table) -> None:
    """Raise InvalidParameterError if a parameter is set that has no effect."""
    for name, value in settings.items():
        parameter = table[name]
        if parameter.needs is None or _same(value, parameter.default):
            continue
        other, values = parameter.needs
        given = settings[other]
        if not any(_same(given, allowed) for allowed in values):
            needed = " or ".join(map(repr, values))
            raise InvalidParameterError(
                f"{name} must be {parameter.default!r} unless {other}={needed}: it has no "
                f"effect otherwise. Got {name}={value!r} with {other}={given!r}."
            )


def _same(value: Any, other: Any) -> bool:
    """Whether two values of parameters are equal; arrays never are."""
    return value is other or (np.ndim(value) == 0 and bool(value == other))


def describe_loss(settings: Settings, table: Table) -> str:
    """The loss and the parameters that it uses, for messages."""
    loss = settings["loss"]
    words = [f"loss={loss!r}"]
    for name, value in settings.items():
        other, values = table[name].needs or ("", ())
        if other == "loss" and any(_same(loss, one) for one in values):
            words.append(f"{name}={value!r}")
    return " and ".join(words)


def check_decay(settings: Settings) -> None:
    """Raise InvalidParameterError if a step would change the sign of the weights."""
    rate, decay = settings["learning_rate_init"], settings["weight_decay"]
    if rate * decay >= 1:
        raise InvalidParameterError(
            "weight_decay must be below 1 / learning_rate_init, or a step would change the "
            f"sign of the weights. Got weight_decay={decay} and learning_rate_init={rate}."
        )


Spec = TypeVar("Spec", bound=Any)


def with_settings(spec: Spec, settings: Settings) -> Spec:
    """The spec with its fields set to the constructor parameters of the same names.

    A setting of a head, an optimiser or a schedule is thus declared once, as a field.
    """
    names = {field.name for field in fields(spec)} & settings.keys()
    return replace(spec, **{name: _plain(settings[name]) for name in names})


def _plain(value: Any) -> Any:
    """A number as a float, a sequence of numbers as a tuple of floats."""
    if isinstance(value, Real):
        return float(value)
    one_each = as_sequence(value)
    return value if one_each is None else tuple(map(_plain, one_each))


def by_name(registry: Mapping[str, Any], value: Any) -> Any:
    """The entry with that name; an object of the user is returned unchanged."""
    return registry[value] if isinstance(value, str) else value
