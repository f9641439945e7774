"""The sections of a report, from the verdict to the code that uses the model."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from ..common.values import is_missing
from . import figures
from .content import Cell, Code, Items, Picture, Section, Table, Text, number, percent
from .evidence import GUESSING, Evidence, Influence
from .influence import N_CURVES, Curve, curves, influence
from .scores import ACCURACY, FEW, MAE, R2, comparisons, in_words, warning
from .svg import Drawings

MOST_COLUMNS, MOST_CLASSES, WORST = 60, 12, 10
"""The most columns and classes in tables, and the number of the worst rows."""

LEVEL, LEAST_INSIDE = "90 %", 0.8
"""The coverage of intervals, and the least part of the rows without a caution."""

LONGEST = 80
"""The most characters of a name."""

WORST_COLUMNS = 6
"""The columns of the worst rows."""

Rows = list[list[str | Cell]]

LOOKED_AT = 10_000
"""The most rows in which missing values are counted."""


def sections(evidence: Evidence) -> Iterator[Section]:
    """The sections, in their order."""
    drawings = Drawings()
    yield verdict(evidence)
    yield data(evidence)
    judge = quality_of_numbers if evidence.ours.classes is None else quality_of_classes
    yield Section("quality", "How good it is", [*judge(evidence, drawings)])
    found = evidence.influence or influence(evidence)
    order = found.order if found else []
    yield Section("columns", "What matters", [*matters(evidence, found, drawings)])
    training = [*learning(evidence, drawings)]
    if training:
        yield Section("training", "Training", training)
    yield Section("worst", "Worst rows", [worst(evidence, order)])
    yield Section("cost", "Cost", [cost(evidence)])
    if evidence.use:
        yield Section("use", "Use the model", [Code(evidence.use)])


def summary(evidence: Evidence) -> list[str]:
    """The verdict: how good the model is, and whether it is better than others."""
    ours, n = evidence.ours, len(evidence.y)
    scores, ends = ours.scores(), evidence.intervals[0]
    constant = next(one for one in evidence.judged if one.name == evidence.constant)
    base = constant.scores()
    if ours.classes is not None:
        low, high = ends[ACCURACY]
        first = (
            f"{ours.name} is right in {percent(scores[ACCURACY])} of {n:,} test rows "
            f"(95 % interval: {percent(low)} to {percent(high)}); {constant.name}: "
            f"{percent(base[ACCURACY])}."
        )
    else:
        low, high = ends[MAE]
        first = (
            f"{ours.name} is off by {number(scores[MAE])} on average in {n:,} test rows "
            f"(95 % interval: {number(low)} to {number(high)}); {constant.name}: "
            f"{number(base[MAE])}.{of_variance(scores[R2])}"
        )
    found = comparisons({one.name: one.losses for one in evidence.judged})
    second = f"By the losses of these rows it is {in_words(found)}."
    return [*warning(ours.name, found), first, second, *cautions(evidence)]


def of_variance(r2: float) -> str:
    """A sentence on the variance that is explained, if there is one."""
    if r2 > 0:
        return f" It explains {percent(r2)} of the variance."
    return f" It explains nothing of the variance (R2 {number(r2)})." * (r2 == r2)


def cautions(evidence: Evidence) -> Iterator[str]:
    """Sentences on what makes the scores less sure, or the model."""
    ours = evidence.ours
    if ours.classes is None:
        if evidence.inside is not None and evidence.inside < LEAST_INSIDE:
            share = percent(evidence.inside)
            yield (
                f"Only {share} of the rows are in their {LEVEL} interval; they are not "
                "like the rows of fit."
            )
        return
    classes, counts = np.unique(ours.y, return_counts=True)
    few = [
        f"{label} ({n})"
        for label, n in zip(classes, counts, strict=True)
        if n < FEW <= len(ours.y) / 2
    ]
    if few and len(classes) <= MOST_CLASSES:
        yield f"Classes with few test rows: {', '.join(few)}."
    n_unknown = int((~np.isin(ours.y, ours.classes)).sum())
    if n_unknown:
        yield f"{n_unknown:,} rows are of classes that the model does not know."
    elif ours.probability is not None and (n := int((ours.of_true == 0).sum())):
        yield f"It gives the true class the probability 0 in {n:,} rows."


def verdict(evidence: Evidence) -> Section:
    """The verdict, and the scores of the model and of others."""
    rows = []
    names = list(evidence.ours.scores())
    for one, ends in zip(evidence.judged, evidence.intervals, strict=True):
        scores = one.scores()
        cells = [
            f"{number(scores.get(name, np.nan))}{between(ends.get(name))}"
            for name in names
        ]
        rows.append([one.name, *cells])
    caption = "Scores on the test rows, with 95 % intervals"
    if evidence.constant == GUESSING:
        caption += (
            "; guessing knows the mean, or how frequent classes are, of these rows"
        )
    table = Table(caption, ["model", *names], rows)
    return Section("verdict", "Verdict", [Text(" ".join(summary(evidence))), table])


def between(ends: tuple[float, float] | None) -> str:
    """The ends of an interval, if there is one."""
    return "" if ends is None else f" ({number(ends[0])} to {number(ends[1])})"


def data(evidence: Evidence) -> Section:
    """What the model was trained on, and the columns."""
    parts: list[Any] = []
    facts = [*evidence.facts.items(), ("test rows", f"{len(evidence.y):,}")]
    parts.append(Items([f"{name}: {value}" for name, value in facts]))
    if evidence.notes:
        parts.append(Items(list(evidence.notes)))
    kinds = getattr(evidence.final, "column_kinds_", {}) if evidence.is_tabular else {}
    places = range(len(evidence.columns))[:MOST_COLUMNS]
    some = np.linspace(0, len(evidence.y) - 1, min(len(evidence.y), LOOKED_AT))
    values = evidence.values(some.astype(int))
    rows = []
    for i in places:
        name, column = evidence.columns[i], values[i]
        there = [one for one in column if not is_missing(one)]
        kind = kinds.get(name)
        missing = percent(1 - len(there) / len(column))
        example = ", ".join(
            dict.fromkeys(figures.shortened(one, 20) for one in there[:3])
        )
        described = [kind.kind, kind.reason] if kind else []
        rows.append([figures.shortened(name, LONGEST), *described, missing, example])
    more = ["used as", "because"] if kinds else []
    n = len(evidence.columns)
    caption = f"{n:,} column{'s' * (n != 1)}"
    if len(evidence.columns) > MOST_COLUMNS:
        caption += f", of which these are the first {MOST_COLUMNS}"
    head = ["column", *more, "missing", "examples"]
    parts.append(Table(caption, head, rows, is_text=True))
    return Section("data", "What it has learned from", parts)


def quality_of_numbers(evidence: Evidence, drawings: Drawings) -> Iterator[Any]:
    """Figures of the predictions of a regressor."""
    ours, band, inside = evidence.ours, evidence.band, ""
    if evidence.inside is not None:
        inside = (
            f" {percent(evidence.inside)} of the rows are in their {LEVEL} interval."
        )
    svg = drawings.svg(
        lambda axes: figures.predictions(axes, ours, band), "Truth by prediction"
    )
    yield Picture(svg, f"Truth by prediction.{inside}")
    svg = drawings.svg(
        lambda axes: figures.residuals(axes, ours), "Errors by prediction"
    )
    yield Picture(svg, "Truth minus prediction.")
    sizes = np.abs(ours.y - ours.predicted)
    levels = (0.5, 0.8, 0.9, 0.95, 0.99)
    rows = [[percent(level), number(np.quantile(sizes, level))] for level in levels]
    yield Table("Sizes of errors", ["of the rows", "are off by at most"], rows)


def quality_of_classes(evidence: Evidence, drawings: Drawings) -> Iterator[Any]:
    """Figures and scores of the predictions of a classifier."""
    if evidence.event is not None:
        name, occurred, probability = evidence.event
        if 0 < occurred.sum() < len(occurred):
            for title, draw in (
                ("ROC curve", figures.roc),
                ("Precision and recall", figures.precision_recall),
                ("Calibration", figures.calibration),
            ):
                drawn = partial(draw, occurred=occurred, probability=probability)
                svg = drawings.svg(drawn, f"{title}: {name}")
                yield Picture(svg, f"{title}. The event: {name}.")
    yield by_class(evidence)
    yield confusion(evidence)


def frequent(evidence: Evidence) -> list[Any]:
    """The most frequent classes of the test rows, in the order of the classes."""
    classes, counts = np.unique(evidence.y, return_counts=True)
    most = np.argsort(-counts, kind="stable")[:MOST_CLASSES]
    return list(classes[np.sort(most)].tolist())


def by_class(evidence: Evidence) -> Table:
    """Precision, recall and F1 of classes."""
    ours, labels = evidence.ours, frequent(evidence)
    found = precision_recall_fscore_support(
        ours.y, ours.predicted, labels=labels, zero_division=np.nan
    )
    rows: Rows = [
        [str(label), *(Cell(number(one), one) for one in scores[:3]), f"{scores[3]:,}"]
        for label, *scores in zip(labels, *found, strict=True)
    ]
    head = ["class", "precision", "recall", "F1", "rows"]
    return Table(of_classes("Scores by class", evidence), head, rows)


def confusion(evidence: Evidence) -> Table:
    """Which classes are taken for which."""
    ours, labels = evidence.ours, frequent(evidence)
    counts = confusion_matrix(ours.y, ours.predicted, labels=labels)
    sums = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    rows: Rows = [
        [f"is {label}", *(Cell(f"{n:,}", n / total) for n in row)]
        for label, row, (total,) in zip(labels, counts, sums, strict=True)
    ]
    head = ["", *(f"predicted {label}" for label in labels)]
    caption = of_classes("Confusion matrix: rows of each class by prediction", evidence)
    return Table(caption, head, rows, shaded=True)


def of_classes(what: str, evidence: Evidence) -> str:
    """A caption that says if not all classes are there."""
    n = len(np.unique(evidence.y))
    return what if n <= MOST_CLASSES else f"{what}, the {MOST_CLASSES} largest of {n:,}"


def matters(
    evidence: Evidence, found: Influence | None, drawings: Drawings
) -> Iterator[Any]:
    """Importances of columns, and partial dependence of the first ones."""
    if found is None:
        yield Text(
            "There are none: they would take too long, or the score is not finite."
        )
        return
    order = found.order[:15]
    largest = max(found.mean[order[0]], 1e-12) if order else 1.0
    rows: Rows = [
        [
            figures.shortened(evidence.columns[i], LONGEST),
            Cell(number(found.mean[i]), float(np.clip(found.mean[i] / largest, 0, 1))),
            number(found.std[i]),
        ]
        for i in order
    ]
    caption = (
        "Permutation importance: how much worse the score is if a column is shuffled"
    )
    yield Table(caption, ["column", found.what, "std"], rows)
    n, known = len(evidence.columns), int(np.isfinite(found.mean).sum())
    if known < n:
        yield Text(f"{known:,} of {n:,} columns were measured in the time for it.")
    drawn = curves(evidence, order[:N_CURVES])
    values = [value for one in drawn for value in one.lines.ravel()]
    for one in drawn:
        yield picture_of(one, (min(values), max(values)), drawings)


def picture_of(curve: Curve, ends: tuple[float, float], drawings: Drawings) -> Picture:
    """The partial dependence of a column as a figure; `ends` are those of all columns."""
    column, margin = str(curve.column), 0.05 * (ends[1] - ends[0]) or 1.0

    def draw(axes: Any) -> None:
        figures.dependence(axes, curve.grid, curve.lines, curve.outputs)
        axes.set_ylim(ends[0] - margin, ends[1] + margin)
        axes.set_xlabel(figures.shortened(column, 40))

    what = f"Mean prediction with each value of {column} in all rows"
    return Picture(drawings.svg(draw, what), f"{what}: {', '.join(curve.outputs)}.")


def learning(evidence: Evidence, drawings: Drawings) -> Iterator[Any]:
    """The losses of training."""
    history = getattr(evidence.final, "history_", None)
    if not isinstance(history, dict) or not history.get("loss"):
        return
    networks = getattr(evidence.final, "network_histories_", [])
    svg = drawings.svg(
        lambda axes: figures.losses(axes, history, networks), "Losses by epoch"
    )
    each = "; thin lines: each network" if networks else ""
    yield Picture(svg, f"Loss of training and validation rows by epoch{each}.")


def worst(evidence: Evidence, order: Sequence[int]) -> Table:
    """The test rows with the largest losses."""
    ours = evidence.ours
    rows = np.argsort(-ours.losses, kind="stable")[:WORST]
    places = (order or range(len(evidence.columns)))[:WORST_COLUMNS]
    values = evidence.values(rows)
    index = getattr(evidence.X, "index", np.arange(len(evidence.y)))
    ids = {} if evidence.ids is None else dict(evidence.ids.items())
    lines = []
    for n, row in enumerate(rows):
        # Not as numbers, which would be rounded.
        own = [figures.shortened(str(one.iloc[row]), 24) for one in ids.values()]
        shown = [figures.shortened(values[i][n], 24) for i in places]
        truth, predicted = evidence.y[row], ours.predicted[row]
        if ours.classes is None:
            both = [number(truth), number(predicted)]
        else:
            both = [str(truth), str(predicted)]
        lines.append([str(index[row]), *own, *both, number(ours.losses[row]), *shown])
    what = "squared error" if ours.classes is None else "loss"
    names = [figures.shortened(evidence.columns[i], LONGEST) for i in places]
    named = [figures.shortened(name, LONGEST) for name in ids]
    head = ["row", *named, "truth", "prediction", what, *names]
    what = "The test rows that are predicted worst"
    return Table(what, head, lines, is_text=True)


def cost(evidence: Evidence) -> Table:
    """What training and predictions take."""
    found = dict(evidence.costs)
    seconds = getattr(evidence.final, "seconds_", None)
    if not found and isinstance(seconds, dict):
        found["fit seconds"] = number(seconds["total"])
    start = perf_counter()
    evidence.model.predict(evidence.X)
    per_row = 1000 * (perf_counter() - start) / len(evidence.y)
    found["milliseconds per row, if all test rows are predicted at once"] = number(
        per_row
    )
    parameters = getattr(evidence.final, "n_parameters_", None)
    if parameters is not None:
        found["weights and biases"] = f"{parameters:,}"
    try:
        size = len(pickle.dumps(evidence.model))
    except Exception:
        # Objects of others may not be stored.
        size = 0
    if size:
        found["megabytes of the stored model"] = number(size / 1e6)
    return Table("What it takes", ["", "value"], [[a, b] for a, b in found.items()])
