"""Results compared with the targets, and the ratios below 1."""

from textwrap import fill

from benchmarks.problems import TEXT, WIDE

from .prose import TARGETS, WHY
from .statistics import (
    SHAPES,
    geometric_mean,
    grouped,
    median,
    of_dense,
    ratios,
    seconds,
)
from .tables import memory_ratios, micro_ratios, table

STOCHASTIC = [(s, d) for s in ("adam", "sgd") for d in ("float64", "float32")]
LBFGS = [("lbfgs", "float64"), ("lbfgs", "float32")]


def _all(found, settings, peer, *problems):
    """The median ratios of the dense problems, for all settings."""
    return [
        value
        for solver, dtype in settings
        for name, value in of_dense(found, solver, dtype, peer).items()
        if name in (problems or SHAPES)
    ]


def against_targets(results, found) -> str:
    """One line for each target whose kind was run."""
    lines = [
        line
        for part in (_training_lines(found), _other_lines(results, found))
        for line in part
    ]
    header = ["", "measured", "target", "met"]
    rows = []
    for what, value, kind, at_most in lines:
        target = TARGETS[kind]
        met = value <= target if at_most else value >= target
        sign = "at most" if at_most else "at least"
        rows.append(
            [what, f"{value:.3g}", f"{sign} {target:g}", "yes" if met else "no"]
        )
    return table(header, rows)


def _training_lines(found):
    """(text, value, key in TARGETS, whether the target is an upper limit)."""
    wanted = [
        (
            "training, scikit-learn / skmlp, mean",
            "scikit-learn",
            "scikit-learn",
            STOCHASTIC,
        ),
        ("training, torch / skmlp, mean", "torch", "torch", STOCHASTIC),
        ("training, floor / skmlp, mean", "floor", "floor", STOCHASTIC),
        ("L-BFGS, scikit-learn / skmlp, mean", "lbfgs", "scikit-learn", LBFGS),
    ]
    for what, kind, peer, settings in wanted:
        if values := _all(found, settings, peer):
            yield what, geometric_mean(values), kind, False
    for name in WIDE:
        if values := _all(found, STOCHASTIC, "floor", name):
            yield f"`{name}`, floor / skmlp", geometric_mean(values), name, False
    if values := _all(found, STOCHASTIC, "scikit-learn"):
        yield "training, scikit-learn / skmlp, lowest", min(values), "worst", False
    if values := _all(found, LBFGS, "scikit-learn"):
        yield "L-BFGS, scikit-learn / skmlp, lowest", min(values), "lbfgs worst", False


def _other_lines(results, found):
    text = [
        by_peer["scikit-learn"].median
        for (problem, _, _), by_peer in found.items()
        if problem == TEXT.name
    ]
    if text:
        yield "sparse text, scikit-learn / skmlp, lowest", min(text), "sparse", False
    predictions = _predictions(results["prediction"])
    for what, kind, n_rows in [
        ("prediction of one row, scikit-learn / skmlp, lowest", "one row", "1"),
        (
            "prediction of a million rows, scikit-learn / skmlp, lowest",
            "million rows",
            "1000000",
        ),
    ]:
        values = [r.median for (n, _, _), r in predictions.items() if n == n_rows]
        if values:
            yield what, min(values), kind, False
    searches = [
        ratio.median
        for (task, _), ratio in _selections(results["selection"]).items()
        if task == "grid_search"
    ]
    if searches:
        yield (
            "GridSearchCV, scikit-learn / skmlp, lowest",
            min(searches),
            "grid search",
            False,
        )
    peaks = [ours / theirs for _, _, ours, theirs in memory_ratios(results["memory"])]
    if peaks:
        yield "memory of fit, skmlp / scikit-learn, largest", max(peaks), "memory", True
    if imports := results["imports"]:
        milliseconds = 1e3 * median(imports, lambda row: float(row["skmlp"]))
        yield "import, milliseconds", milliseconds, "import", True


def _predictions(rows):
    return {
        key: ratios(group, seconds)["scikit-learn"]
        for key, group in grouped(rows, "rows", "method", "dtype").items()
    }


def _selections(rows):
    return {
        key: ratios(group, seconds)["scikit-learn"]
        for key, group in grouped(rows, "task", "data").items()
    }


def losses(results, found) -> str:
    """Tables of all ratios below 1, by reason; '' if there are none."""
    lines = [
        [kind, name, f"{ratio:.2f}", _reason(kind, name)]
        for kind, name, ratio in _all_ratios(results, found)
        # The page shows two digits; a ratio shown as 1.00 does not count.
        if round(ratio, 2) < 1
    ]
    return _by_reason(lines) if lines else ""


def _reason(kind, name) -> str:
    for (of_kind, part), reason in WHY.items():
        if of_kind == kind and part in name:
            return reason
    return ""


def _by_reason(lines) -> str:
    """A table and a paragraph for each reason."""
    parts = []
    for reason in dict.fromkeys(line[3] for line in lines):
        rows = [
            [f"{kind}: {name}", ratio]
            for kind, name, ratio, its_reason in lines
            if its_reason == reason
        ]
        parts += [table(["", "ratio"], rows), fill(reason, 88)]
    return "\n\n".join(part for part in parts if part)


def _all_ratios(results, found):
    """(kind, name, ratio) of all comparisons with another library."""
    for key, by_peer in found.items():
        for peer, ratio in by_peer.items():
            if peer != "floor":
                yield "training", "/".join((*key, peer)), ratio.median
    for key, ratio in _predictions(results["prediction"]).items():
        yield "prediction", "/".join(key), ratio.median
    for key, group in grouped(results["prediction"], "rows", "method", "dtype").items():
        peaks = {row["library"]: float(row["peak_bytes"]) for row in group}
        yield (
            "prediction",
            "/".join(key) + "/memory",
            peaks["scikit-learn"] / peaks["skmlp"],
        )
    for key, ratio in _selections(results["selection"]).items():
        yield "selection", "/".join(key), ratio.median
    for problem, what, ours, theirs in memory_ratios(results["memory"]):
        yield "memory", f"{problem}, {what}", theirs / ours
    for key, group in grouped(results["threads"], "threads", "busy", "problem").items():
        n_threads, busy, problem = key
        ratio = ratios(group, lambda row: float(row["step_seconds"]))["scikit-learn"]
        state = "busy" if busy == "1" else "quiet"
        yield "threads", f"{problem}, {n_threads} threads, {state}", ratio.median
    for key, ratio in micro_ratios(results["micro"]).items():
        yield "micro", ", ".join(key), ratio.median
