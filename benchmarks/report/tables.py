"""The Markdown tables of docs/benchmarks.md."""

from benchmarks.problems import TEXT

from .statistics import (
    SHAPES,
    exponent,
    geometric_mean,
    grouped,
    growth,
    median,
    of_dense,
    ratios,
    seconds,
    seconds_per_round,
)

PEERS = ("scikit-learn", "torch", "skorch", "floor")
SOLVERS, DTYPES = ("adam", "sgd", "lbfgs"), ("float64", "float32")


def table(header, rows, n_text=1) -> str:
    """A Markdown table; columns after the first `n_text` are numbers, aligned right."""
    rule = ["---" if i < n_text else "---:" for i in range(len(header))]
    lines = [header, rule, *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def machine(facts) -> str:
    return table(["", ""], [[name, value] for name, value in facts.items()], 2)


def means(found) -> str:
    """Geometric means of the ratios over the dense problems."""
    rows = []
    for solver in SOLVERS:
        for dtype in DTYPES:
            values = [of_dense(found, solver, dtype, peer).values() for peer in PEERS]
            cells = [f"{geometric_mean(v):.2f}" if v else "" for v in values]
            rows.append([f"{solver}, {dtype}", *cells])
    return table(["", *PEERS], rows)


def shapes() -> str:
    lines = [[f"`{name}`", shape] for name, shape in SHAPES.items()]
    return table(["problem", "shape"], lines, 2)


def training(rows, found, solver, dtype) -> str:
    """The dense problems, for a solver and a dtype."""
    groups = grouped(rows, "problem", "solver", "dtype")
    lines = []
    for name in SHAPES:
        key = (name, solver, dtype)
        if key in groups:
            lines.append([f"`{name}`", *_training_cells(groups[key], found[key])])
    peers = PEERS if solver != "lbfgs" else ("scikit-learn", "torch", "floor")
    used = [i for i, peer in enumerate(PEERS) if peer in peers]
    lines = [[line[0], *[line[1 + i] for i in used], *line[-2:]] for line in lines]
    return table(["problem", *peers, "ms", "difference"], lines)


def _training_cells(group, by_peer):
    ours = [row for row in group if row["library"] == "skmlp"]
    difference = max(float(row["difference"]) for row in ours)
    cells = [by_peer.get(peer, "") for peer in PEERS]
    return [*cells, f"{1e3 * median(ours, seconds_per_round):.2f}", f"{difference:.0e}"]


def sparse(rows) -> str:
    lines = []
    for (dtype,), group in grouped(
        [row for row in rows if row["problem"] == TEXT.name], "dtype"
    ).items():
        ours = [row for row in group if row["library"] == "skmlp"]
        ratio = ratios(group, seconds_per_round)["scikit-learn"]
        time = f"{1e3 * median(ours, seconds_per_round):.0f}"
        lines.append([dtype, ratio, time, f"{float(group[0]['difference']):.0e}"])
    return table(["", "scikit-learn", "ms", "difference"], lines)


def prediction(rows) -> str:
    lines = []
    for key, group in grouped(rows, "rows", "method", "dtype").items():
        n_rows, method, dtype = key
        ours, theirs = (
            [row for row in group if row["library"] == library]
            for library in ("skmlp", "scikit-learn")
        )
        megabytes = [
            f"{float(part[0]['peak_bytes']) / 1e6:.2f}" for part in (ours, theirs)
        ]
        ratio = ratios(group, seconds)["scikit-learn"]
        time = f"{1e3 * median(ours, seconds):.3g}"
        lines.append(
            [f"{int(n_rows):,}", f"{method}, {dtype}", ratio, time, *megabytes]
        )
    header = ["rows", "", "scikit-learn", "ms", "MB, skmlp", "MB, scikit-learn"]
    return table(header, lines, 2)


def selection(rows) -> str:
    lines = []
    for (task, data), group in grouped(rows, "task", "data").items():
        ours = [row for row in group if row["library"] == "skmlp"]
        ratio = ratios(group, seconds)["scikit-learn"]
        score = f"{float(ours[0]['best_score']):.4f}"
        name = f"{task.replace('_', ' ')}, {data}"
        lines.append([name, ratio, f"{median(ours, seconds):.2f}", score])
    return table(["", "scikit-learn", "seconds", "best score"], lines)


def memory_ratios(rows) -> list[tuple[str, str, float, float]]:
    """Problem, settings, and the peaks of skmlp and scikit-learn."""
    found = []
    for key, group in grouped(rows, "problem", "solver", "dtype", "label").items():
        problem, solver, dtype, _ = key
        peaks = {row["library"]: float(row["peak_bytes"]) for row in group}
        stops = ", early stopping" if group[0]["early_stopping"] == "1" else ""
        what = f"{solver}, {dtype}{stops}"
        found.append((problem, what, peaks["skmlp"], peaks["scikit-learn"]))
    return found


def memory(rows) -> str:
    lines = [
        [
            f"`{problem}`",
            what,
            f"{ours / 1e6:.2f}",
            f"{theirs / 1e6:.2f}",
            f"{theirs / ours:.2f}",
        ]
        for problem, what, ours, theirs in memory_ratios(rows)
    ]
    return table(["problem", "", "skmlp", "scikit-learn", "ratio"], lines, 2)


def threads(rows) -> str:
    settings = [("1", "0"), ("2", "0"), ("1", "1"), ("2", "1")]
    lines = []
    for (problem, library), group in grouped(rows, "problem", "library").items():
        parts = grouped(group, "threads", "busy")
        steps = [
            f"{1e3 * median(parts[setting], lambda row: float(row['step_seconds'])):.2f}"
            for setting in settings
        ]
        lines.append([f"`{problem}`, {library}", *steps])
    header = ["", "1, quiet", "2, quiet", "1, busy", "2, busy"]
    return table(header, lines)


def calibration(rows) -> str:
    lines = []
    for key, group in grouped(rows, "products", "rows", "width", "dtype").items():
        products, n_rows, width, dtype = key
        gains = [
            median(part, lambda row: float(row["gain"]))
            for part in grouped(group, "busy").values()
        ]
        quiet = [row for row in group if row["busy"] == "0"]
        time = f"{1e3 * median(quiet, lambda row: float(row['step_seconds'])):.2f}"
        size = f"{int(products) / 1e6:.1f}"
        shape = f"{n_rows} rows, {width} units, {dtype}"
        lines.append([shape, size, time, *[f"{gain:.2f}" for gain in gains]])
    return table(["", "millions", "ms", "gain, quiet", "gain, busy"], lines)


def exponents(rows) -> str:
    curves = growth(rows)
    lines = []
    for axis in dict.fromkeys(axis for axis, _ in curves):
        sizes, ours = curves[axis, "skmlp"]
        powers = [f"{exponent(*curves[axis, name]):.2f}" for name in ("skmlp", "floor")]
        times = [f"{1e3 * time:.2f}" for time in (ours[0], ours[-1])]
        powers.append(f"{exponent(sizes[-2:], ours[-2:]):.2f}")
        lines.append([axis, f"{sizes[0]} to {sizes[-1]}", " to ".join(times), *powers])
    header = ["", "sizes", "ms", "skmlp", "floor", "skmlp, largest sizes"]
    return table(header, lines)


def micro_ratios(rows):
    """(optimisation, dtype) -> ratios of the plain version to the fast one."""
    return {
        key: ratios(group, seconds, "version", "fast")["plain"]
        for key, group in grouped(rows, "what", "dtype").items()
    }


def micro(rows) -> str:
    found = micro_ratios(rows)
    lines = [
        [what, *[found.get((what, dtype), "") for dtype in DTYPES]]
        for what in dict.fromkeys(what for what, _ in found)
    ]
    return table(["", *DTYPES], lines)


def gains(rows) -> str:
    """Test losses without a change and with it, over seeds."""
    lines = []
    for key, group in grouped(rows, "change", "data", "settings", "name").items():
        change, data, settings, name = key
        pairs = [(float(row["before"]), float(row["after"])) for row in group]
        ratios = [after / before for before, after in pairs if after / before > 0]
        wins = sum(ratio < 1 for ratio in ratios)
        unscaled = ", y not scaled" if name.endswith("as it is") else ""
        lines.append(
            [
                f"`{change}`",
                f"{data}{unscaled}{settings and f'; {settings}'}",
                *[_mean_of_trained(values) for values in zip(*pairs, strict=True)],
                f"{geometric_mean(ratios):.2f}" if ratios else "",
                f"{min(ratios):.2f} to {max(ratios):.2f}" if ratios else "",
                f"{wins} of {len(ratios)}" if ratios else "",
            ]
        )
    header = ["change", "data", "without", "with", "ratio", "range", "better"]
    return table(header, lines, 2)


def _mean_of_trained(losses) -> str:
    """The mean loss of the seeds that did not diverge, and how many did."""
    trained = [loss for loss in losses if loss == loss]
    diverged = len(losses) - len(trained)
    words = [f"{sum(trained) / len(trained):.4f}"] if trained else []
    return ", ".join(words + ([f"{diverged} diverged"] if diverged else []))
