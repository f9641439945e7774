"""The Markdown tables and filled paragraphs of docs/benchmarks.md."""

from textwrap import fill

from benchmarks.comparisons.tables import JOBS, TREES
from benchmarks.problems import TEXT
from skmlp.core.compiled.library import PIECES

from .statistics import (
    IN_NUMPY,
    OURS,
    SHAPES,
    exponent,
    geometric_mean,
    grouped,
    growth,
    job_ratios,
    median,
    of_dense,
    ratios,
    seconds,
    seconds_per_round,
    table_ratios,
)

PEERS = {
    OURS: ("scikit-learn", "torch", "skorch", "floor", "limit"),
    IN_NUMPY: ("scikit-learn", "torch", "floor"),
}
"""What each path is compared with."""
SOLVERS, DTYPES = ("adam", "sgd", "lbfgs"), ("float64", "float32")


def paragraph(text) -> str:
    """The text in lines of a readable length."""
    return fill(text, 88, break_on_hyphens=False, break_long_words=False)


def table(header, rows, n_text=1) -> str:
    """A Markdown table; columns after the first `n_text` are numbers, aligned right."""
    rule = ["---" if i < n_text else "---:" for i in range(len(header))]
    lines = [header, rule, *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def has_avx512(facts) -> bool:
    """Whether the kernel of OpenBLAS that was used has AVX-512 instructions."""
    return facts.get("kernel") in PIECES


def machine(facts) -> str:
    return table(["", ""], [[name, value] for name, value in facts.items()], 2)


def of_path(path, what) -> str:
    """The heading of a column: what it is, and the path unless it is the compiled one."""
    return what if path == OURS else f"NumPy: {what}"


def means(found) -> str:
    """Geometric means of the ratios over the dense problems."""
    columns = [(path, peer) for path, peers in PEERS.items() for peer in peers]
    rows = []
    for solver in SOLVERS:
        for dtype in DTYPES:
            values = [
                of_dense(found[path], solver, dtype, peer).values()
                for path, peer in columns
            ]
            cells = [f"{geometric_mean(v):.2f}" if v else "" for v in values]
            rows.append([f"{solver}, {dtype}", *cells])
    return table(["", *[of_path(*column) for column in columns]], rows)


def shapes() -> str:
    lines = [[f"`{name}`", shape] for name, shape in SHAPES.items()]
    return table(["problem", "shape"], lines, 2)


def training(rows, found, solver, dtype) -> str:
    """The dense problems, for a solver and a dtype."""
    groups = grouped(rows, "problem", "solver", "dtype")
    peers = [(OURS, peer) for peer in PEERS[OURS]]
    peers += [(IN_NUMPY, peer) for peer in ("scikit-learn", "floor")]
    if solver == "lbfgs":
        peers.remove((OURS, "skorch"))
    lines = []
    for name in SHAPES:
        key = (name, solver, dtype)
        if key in groups:
            cells = [found[path][key].get(peer, "") for path, peer in peers]
            lines.append([f"`{name}`", *cells, *_times(groups[key])])
    ends = ["ms", "NumPy: ms", "difference", "paths"]
    return table(["problem", *[of_path(*column) for column in peers], *ends], lines)


def _times(group):
    """Milliseconds of both paths, and the largest differences of their weights."""
    times = [
        f"{1e3 * median(part, seconds_per_round):.2f}" if part else ""
        for part in (_of(group, OURS), _of(group, IN_NUMPY))
    ]
    differences = [float(row["difference"]) for row in group if row["difference"]]
    between = [float(row["between_paths"]) for row in group]
    return [*times, f"{max(differences):.0e}", f"{max(between):.0e}"]


def _of(rows, library):
    return [row for row in rows if row["library"] == library]


def sparse(rows) -> str:
    lines = []
    for (dtype,), group in grouped(
        [row for row in rows if row["problem"] == TEXT.name], "dtype"
    ).items():
        ratio = ratios(group, seconds_per_round)["scikit-learn"]
        time, _, difference, _ = _times(group)
        lines.append([dtype, ratio, time, difference])
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
        cells = []
        for path in (OURS, IN_NUMPY):
            ratio = ratios(group, seconds, ours=path)["scikit-learn"]
            cells += [ratio, f"{median(_of(group, path), seconds):.2f}"]
        score = f"{float(_of(group, OURS)[0]['best_score']):.4f}"
        lines.append([f"{task.replace('_', ' ')}, {data}", *cells, score])
    both = [
        of_path(path, what)
        for path in (OURS, IN_NUMPY)
        for what in ("scikit-learn", "seconds")
    ]
    return table(["", *both, "best score"], lines)


def raw_tables(rows) -> str:
    """Raw tables: the ratios of CPU time, and the time of both paths."""
    groups = grouped(rows, "label")
    lines = []
    for label, found in table_ratios(rows).items():
        group = groups[label,]
        what, _, estimator = label.partition("/")
        name = f"fit, {estimator}" if what == "fit" else what
        others = [found.get(peer, "") for peer in (IN_NUMPY, TREES)]
        paths = _of(group, OURS), _of(group, IN_NUMPY)
        times = [_milliseconds(median(part, seconds)) if part else "" for part in paths]
        size = f"{int(group[0]['rows']):,}"
        lines.append([name, size, *others, *times])
    header = ["", "rows", IN_NUMPY, TREES, "ms", "NumPy: ms"]
    return table(header, lines)


def _milliseconds(time) -> str:
    return f"{1e3 * time:,.0f}" if time >= 0.1 else f"{1e3 * time:.3g}"


def jobs(rows) -> str:
    """The time of one job and of two, and their ratio."""
    groups = grouped(rows, "label", "library", "n_jobs")
    lines = []
    for what, ratio in job_ratios(rows).items():
        times = [f"{median(groups[JOBS, what, n], seconds):.2f}" for n in ("1", "2")]
        lines.append([what, ratio, *times])
    return table(["", "ratio", "one job: s", "two jobs: s"], lines)


def overhead(rows) -> str:
    """Milliseconds of a fit without its epochs."""
    libraries = (OURS, IN_NUMPY, "scikit-learn")
    lines = []
    for (problem, dtype), group in grouped(rows, "problem", "dtype").items():
        parts = [_of(group, library) for library in libraries]
        times = [f"{1e3 * median(part, seconds):.2f}" for part in parts]
        lines.append([f"`{problem}`, {dtype}", *times])
    return table(["", *libraries], lines)


def kernels(rows) -> str:
    """Geometric means of the ratios with each kernel."""
    columns = [(OURS, "scikit-learn"), (OURS, "floor")]
    columns += [(IN_NUMPY, "scikit-learn"), (IN_NUMPY, "floor")]
    lines = []
    for (setting, kernel, dtype), group in grouped(
        rows, "setting", "kernel", "dtype"
    ).items():
        problems = grouped(group, "problem").values()
        means = [
            geometric_mean(
                [ratios(one, seconds, ours=path)[peer].median for one in problems]
            )
            for path, peer in columns
        ]
        what = f"{kernel}, {setting}, {dtype}"
        lines.append([what, *[f"{mean:.2f}" for mean in means]])
    return table(["kernel", *[of_path(*column) for column in columns]], lines)


def memory_ratios(rows, path=OURS) -> list[tuple[str, str, float, float]]:
    """Problem, settings, and the peaks of a path of skmlp and of scikit-learn."""
    found = []
    for key, group in grouped(rows, "problem", "solver", "dtype", "label").items():
        problem, solver, dtype, _ = key
        peaks = {row["library"]: float(row["peak_bytes"]) for row in group}
        stops = ", early stopping" if group[0]["early_stopping"] == "1" else ""
        what = f"{solver}, {dtype}{stops}"
        if path in peaks:
            found.append((problem, what, peaks[path], peaks["scikit-learn"]))
    return found


def memory(rows) -> str:
    in_numpy = {
        (problem, what): (f"{ours / 1e6:.2f}", f"{theirs / ours:.2f}")
        for problem, what, ours, theirs in memory_ratios(rows, IN_NUMPY)
    }
    lines = []
    for problem, what, ours, theirs in memory_ratios(rows):
        peak, ratio = in_numpy.get((problem, what), ("", ""))
        megabytes = [f"{ours / 1e6:.2f}", peak, f"{theirs / 1e6:.2f}"]
        lines.append([f"`{problem}`", what, *megabytes, f"{theirs / ours:.2f}", ratio])
    header = ["problem", "", "skmlp", "NumPy", "scikit-learn", "ratio", "NumPy: ratio"]
    return table(header, lines, 2)


def threads(rows) -> str:
    settings = [("1", "0"), ("2", "0"), ("1", "1"), ("2", "1")]
    lines = []
    for (problem, library), group in grouped(rows, "problem", "library").items():
        parts = grouped(group, "threads", "busy")
        steps = [
            f"{1e3 * median(part, lambda row: float(row['step_seconds'])):.2f}"
            if (part := parts.get(setting))
            else ""
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
    libraries = (OURS, IN_NUMPY, "floor")
    lines = []
    for axis in dict.fromkeys(axis for axis, _ in curves):
        sizes, ours = curves[axis, OURS]
        powers = [f"{exponent(*curves[axis, name]):.2f}" for name in libraries]
        times = [f"{1e3 * time:.2f}" for time in (ours[0], ours[-1])]
        powers.append(f"{exponent(sizes[-2:], ours[-2:]):.2f}")
        lines.append([axis, f"{sizes[0]} to {sizes[-1]}", " to ".join(times), *powers])
    header = ["", "sizes", "ms", *libraries, "skmlp, largest sizes"]
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
