"""Constructor parameters: an entry for each, with default, constraint and documentation."""

import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from numbers import Real
from typing import Any, TypeVar

import numpy as np

from .constraints import Constraint, as_sequence, check_parameter
from .errors import InvalidParameterError


def listed(registry: Mapping[str, Any]) -> str:
    """A line for each entry of a registry: the first one of its docstring."""
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
    """Another parameter and its values with which alone a value has an effect."""


def validate(estimator: Any) -> None:
    """Check the value of every parameter of the documented class, by its table."""
    owner, table = type(estimator).__name__, estimator._parameter_table
    for name in estimator._parameter_names:
        value = getattr(estimator, name)
        check_parameter(owner, name, value, table[name].constraint)


Class = TypeVar("Class", bound=Any)


def documented(cls: Class, table: Mapping[str, Parameter], attributes: str) -> Class:
    """Note a class's parameters, and fill {parameters} and {attributes} in its docstring.

    `table` has an entry for each of them. A subclass may have further parameters of its
    own.
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
            doc = f"{doc} Needs {needed}, and is refused without."
        doc = textwrap.indent(doc, "    ")
        default = f"default={parameter.default!r}"
        entries.append(f"{name} : {parameter.constraint.type}, {default}\n{doc}")
    text = inspect.cleandoc(cls.__doc__)
    text = text.replace("{parameters}", "\n".join(entries))
    cls.__doc__ = text.replace("{attributes}", attributes.strip()) + "\n"
    return cls


def check_needs(estimator: Any) -> None:
    """Raise where a parameter was set that has no effect with the others."""
    for name in estimator._parameter_names:
        parameter, value = estimator._parameter_table[name], getattr(estimator, name)
        if parameter.needs is None or _same(value, parameter.default):
            continue
        other, values = parameter.needs
        given = getattr(estimator, other)
        if not any(_same(given, allowed) for allowed in values):
            needed = " or ".join(map(repr, values))
            raise InvalidParameterError(
                f"{name} must be {parameter.default!r} unless {other}={needed}, as it has "
                f"no effect. Got {name}={value!r} with {other}={given!r}."
            )


def _same(value: Any, other: Any) -> bool:
    """Whether two values of parameters are equal; arrays are never."""
    return value is other or (np.ndim(value) == 0 and bool(value == other))


def loss_in_words(estimator: Any) -> str:
    """The loss and the parameters that it uses, for messages."""
    words = [f"loss={estimator.loss!r}"]
    for name in estimator._parameter_names:
        other, values = estimator._parameter_table[name].needs or ("", ())
        if other == "loss" and any(_same(estimator.loss, value) for value in values):
            words.append(f"{name}={getattr(estimator, name)!r}")
    return " and ".join(words)


def check_decay(estimator: Any) -> None:
    """Raise where weight decay would turn the weights round."""
    if estimator.learning_rate_init * estimator.weight_decay >= 1:
        raise InvalidParameterError(
            "weight_decay must be below 1 / learning_rate_init, or a step would turn the "
            f"weights round. Got weight_decay={estimator.weight_decay} and "
            f"learning_rate_init={estimator.learning_rate_init}."
        )


def with_settings(spec: Any, estimator: Any) -> Any:
    """The description with those of its fields set that are the estimator's parameters.

    So a setting of a head, an optimiser or a schedule is declared once, as its field.
    """
    names = {field.name for field in fields(spec)} & set(estimator._parameter_names)
    return replace(spec, **{name: _plain(getattr(estimator, name)) for name in names})


def _plain(value: Any) -> Any:
    """A number as a float, a sequence of numbers as a tuple of floats."""
    one_each = as_sequence(value)
    if one_each is not None:
        return tuple(map(_plain, one_each))
    return float(value) if isinstance(value, Real) else value


def by_name(registry: Mapping[str, Any], value: Any) -> Any:
    """The entry of that name; an object of the user's own is what it is."""
    return registry[value] if isinstance(value, str) else value
