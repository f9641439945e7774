"""Results compared with the targets, and the ratios below 1."""

from benchmarks.problems import SMALL_BATCH, TEXT, WIDE

from .prose import AVX2_TARGETS, TARGETS, WHY
from .statistics import (
    IN_NUMPY,
    OURS,
    SHAPES,
    geometric_mean,
    grouped,
    median,
    of_dense,
    ratios,
    seconds,
    table_ratios,
)
from .tables import has_avx512, memory_ratios, micro_ratios, paragraph, table

STOCHASTIC = [(s, d) for s in ("adam", "sgd") for d in ("float64", "float32")]
LBFGS = [("lbfgs", "float64"), ("lbfgs", "float32")]


def all_of(found, settings, peer, *problems):
    """The median ratios of the dense problems, for all settings."""
    return [
        value
        for solver, dtype in settings
        for name, value in of_dense(found, solver, dtype, peer).items()
        if name in (problems or SHAPES)
    ]


def against_targets(results, found, facts) -> str:
    """One line for each target whose kind was run."""
    targets = TARGETS | ({} if has_avx512(facts) else AVX2_TARGETS)
    rows = []
    for part in (_training_lines(found), _other_lines(results, found[OURS])):
        for what, value, kind, at_most in part:
            target, stretch = targets[kind]
            met = value <= target if at_most else value >= target
            sign = "at most" if at_most else "at least"
            wanted = f"{sign} {target:g}" + (f" ({stretch:g})" if stretch else "")
            rows.append([what, f"{value:.3g}", wanted, "yes" if met else "no"])
    return table(["", "measured", "target", "met"], rows)


def _training_lines(found):
    """(text, value, key in TARGETS, whether the target is an upper limit)."""
    ours, in_numpy = found[OURS], found[IN_NUMPY]
    means = [
        ("training", "scikit-learn", ours, STOCHASTIC, "scikit-learn"),
        ("training", "torch", ours, STOCHASTIC, "torch"),
        ("training", "floor", ours, STOCHASTIC, "floor"),
        ("L-BFGS", "scikit-learn", ours, LBFGS, "lbfgs"),
        ("training in NumPy", "scikit-learn", in_numpy, STOCHASTIC, "NumPy"),
    ]
    for what, peer, ratios_, settings, kind in means:
        if values := all_of(ratios_, settings, peer):
            yield f"{what}, {peer} / skmlp, mean", geometric_mean(values), kind, False
    if values := all_of(ours, STOCHASTIC, "scikit-learn", SMALL_BATCH):
        mean = geometric_mean(values)
        yield f"`{SMALL_BATCH}`, scikit-learn / skmlp, mean", mean, SMALL_BATCH, False
    for name in WIDE:
        if values := all_of(ours, STOCHASTIC, "floor", name):
            yield f"`{name}`, floor / skmlp", geometric_mean(values), name, False
    if values := _against_floor_or_scikit_learn(ours):
        what = "every shape, of the smaller of the floor and 1.7 x scikit-learn, lowest"
        yield what, min(values), "every shape", False
    if values := all_of(ours, STOCHASTIC, "scikit-learn"):
        yield "training, scikit-learn / skmlp, lowest", min(values), "worst", False
    if values := all_of(ours, LBFGS, "scikit-learn"):
        yield "L-BFGS, scikit-learn / skmlp, lowest", min(values), "lbfgs worst", False


def _against_floor_or_scikit_learn(found):
    """The speed of each dense problem over that of the floor or of 1.7 x scikit-learn.

    Of these two speeds the smaller one counts.
    """
    return [
        max(peers["floor"].median, peers["scikit-learn"].median / 1.7)
        for (problem, *setting), peers in found.items()
        if problem in SHAPES and tuple(setting) in STOCHASTIC and "floor" in peers
    ]


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
    if searches := grid_searches(results["selection"]):
        yield (
            "GridSearchCV, scikit-learn / skmlp, lowest",
            min(searches),
            "grid search",
            False,
        )
    peaks = [ours / theirs for _, _, ours, theirs in memory_ratios(results["memory"])]
    if peaks:
        yield "memory of fit, skmlp / scikit-learn, largest", max(peaks), "memory", True
    if fits := [row for row in results["overhead"] if row["library"] == OURS]:
        times = [median(part, seconds) for part in grouped(fits, "label").values()]
        milliseconds = 1e3 * geometric_mean(times)
        yield "a fit without its epochs, milliseconds", milliseconds, "overhead", True
    if imports := results["imports"]:
        milliseconds = 1e3 * median(imports, lambda row: float(row["skmlp"]))
        yield "import, milliseconds", milliseconds, "import", True


def _predictions(rows):
    return {
        key: ratios(group, seconds)["scikit-learn"]
        for key, group in grouped(rows, "rows", "method", "dtype").items()
    }


def predictions(rows) -> list[float]:
    """The median ratio to scikit-learn of each prediction."""
    return [ratio.median for ratio in _predictions(rows).values()]


def _selections(rows, path=OURS):
    return {
        key: ratios(group, seconds, ours=path)["scikit-learn"]
        for key, group in grouped(rows, "task", "data").items()
    }


def grid_searches(rows, path=OURS) -> list[float]:
    """The median ratio to scikit-learn of each GridSearchCV."""
    return [
        ratio.median
        for (task, _), ratio in _selections(rows, path).items()
        if task == "grid_search"
    ]


def of_tables(rows, what, peer) -> list[float]:
    """The median ratio to a peer of each case of the tabular estimators of that name."""
    return [
        by_peer[peer].median
        for label, by_peer in table_ratios(rows).items()
        if label.startswith(what)
    ]


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
        parts += [table(["", "ratio"], rows), paragraph(reason)]
    return "\n\n".join(part for part in parts if part)


def _all_ratios(results, found):
    """(kind, name, ratio) of all comparisons with another library."""
    for path, kind in ((OURS, "training"), (IN_NUMPY, "training in NumPy")):
        for key, by_peer in found[path].items():
            for peer, ratio in by_peer.items():
                if peer not in ("floor", "limit", OURS):
                    yield kind, "/".join((*key, peer)), ratio.median
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
    for label, by_peer in table_ratios(results["tables"]).items():
        for peer, ratio in by_peer.items():
            yield "tables", f"{label}/{peer}", ratio.median
    for problem, what, ours, theirs in memory_ratios(results["memory"]):
        yield "memory", f"{problem}, {what}", theirs / ours
    for key, group in grouped(results["threads"], "threads", "busy", "problem").items():
        n_threads, busy, problem = key
        ratio = ratios(group, lambda row: float(row["step_seconds"]))["scikit-learn"]
        state = "busy" if busy == "1" else "quiet"
        yield "threads", f"{problem}, {n_threads} threads, {state}", ratio.median
    for key, ratio in micro_ratios(results["micro"]).items():
        yield "micro", ", ".join(key), ratio.median
