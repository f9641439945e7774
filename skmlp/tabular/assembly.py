"""The encoded columns of a table side by side: their order, layout and names."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, chain
from typing import Any

import numpy as np

from ..common.frames import is_frame, names_of, some_of, with_columns
from ..core.architectures import ColumnLayout
from .column_encoders import ColumnEncoder, Group
from .columns import Column
from .scaling import encode_numbers


def layout_of(encoders: Sequence[ColumnEncoder]) -> ColumnLayout:
    """The numbers of encoded columns: numeric, unchanged, and codes."""
    groups = [group for one in encoders for group in one.groups]
    n_numbers = sum(group in (Group.SCALED, Group.QUANTILE) for group in groups)
    sizes = tuple(size for one in encoders for size in one.cardinalities)
    return ColumnLayout(n_numbers, len(groups) - n_numbers - len(sizes), sizes)


def encode(encoders: Sequence[ColumnEncoder], columns: Sequence[Column]) -> Any:
    """The encoded columns, float32, in the order of their groups."""
    widths = [len(one.groups) for one in encoders]
    out = np.empty((len(columns[0].values), sum(widths)), np.float32)
    pairs = list(zip(encoders, columns, strict=True))
    numbers = [number for one in encoders for number in one.numbers]
    values = [x for one, column in pairs for x in one.numbers_of(column)]
    encode_numbers(numbers, values, out)
    for (one, column), every in zip(pairs, places_of(encoders), strict=True):
        both = zip(every, one.groups, strict=True)
        places = [place for place, group in both if group > Group.MISSING]
        if places:
            out[:, places] = one.transform(column)
    return out


def places_of(encoders: Sequence[ColumnEncoder]) -> Iterator[list[int]]:
    """For each encoder, where its columns come."""
    groups = [one.groups for one in encoders]
    sizes = Counter(chain.from_iterable(groups))
    ends = accumulate(sizes[group] for group in Group)
    following = {
        group: end - sizes[group] for group, end in zip(Group, ends, strict=True)
    }
    for own in groups:
        places = []
        for group in own:
            places.append(following[group])
            following[group] += 1
        yield places


def check_stored(columns: Any, mask: Any, reasons: Any, n_features: int) -> None:
    """Raise ValueError unless lists from a file have an entry for each column."""
    known = all(isinstance(one, ColumnEncoder) for one in columns)
    if not known or len(columns) != n_features:
        raise ValueError(f"the encoder does not have {n_features} columns")
    if mask is not None and len(mask) != n_features:
        raise ValueError(f"the encoder has a mask of {len(mask)} columns")
    if list(map(type, reasons)) != [str] * n_features:
        raise ValueError(f"the encoder does not have {n_features} reasons")


def in_order(X: Any, names: Any, n_features: int, owner: str) -> Any:
    """A table with its columns in the order of fit; `names` are those of fit, or None."""
    if is_frame(X) and names is not None:
        names, given = names.tolist(), names_of(X)
        known, there = set(names), set(given)
        missing = [name for name in names if name not in there]
        extra = [name for name in given if name not in known]
        if missing or extra:
            raise ValueError(
                f"X must have the columns of fit, {some_of(names)}. Got a table "
                f"without {some_of(missing)}, and with {some_of(extra)} in addition."
            )
        return X if names == given else with_columns(X, names)
    if X.shape[1] != n_features:
        raise ValueError(
            f"X has {X.shape[1]} features, but {owner} is "
            f"expecting {n_features} features as input"
        )
    return X


def names_in(input_features: Any, seen: Any, n_features: int) -> list[Any]:
    """The names of the input columns, as given or as seen in fit."""
    if input_features is None:
        return [f"x{i}" for i in range(n_features)] if seen is None else list(seen)
    given = list(input_features)
    if seen is not None and given != list(seen):
        raise ValueError(
            "input_features is not equal to feature_names_in_: it must be "
            f"{some_of(seen)}. Got {some_of(given)}."
        )
    if len(given) != n_features:
        raise ValueError(
            "input_features should have length equal to number of features, "
            f"{n_features}. Got {len(given)}."
        )
    return given


def different_names(
    encoders: Sequence[ColumnEncoder], given: Sequence[Any]
) -> list[str]:
    """The names of encoded columns in the order of their groups, by those of columns.

    If a name occurs again, an underscore is added to it.
    """
    groups: dict[Group, list[str]] = {group: [] for group in Group}
    # The number of underscores to begin with, for each name that was given before.
    taken: dict[str, int] = {}
    for one, name in zip(encoders, given, strict=True):
        for group, out in zip(one.groups, one.names(name), strict=True):
            base, n = out, taken.get(out, 0)
            while out in taken:
                n += 1
                out = base + "_" * n
            taken[base], taken[out] = n, 0
            groups[group].append(out)
    return list(chain.from_iterable(groups.values()))
