"""What a fitted estimator shows in a notebook, below scikit-learn's parameters."""

from collections import Counter
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from sklearn.utils import estimator_html_repr

MOST_NAMES = 8
"""The names of columns or classes that are listed."""

MOST_LETTERS = 60
"""The letters of a name."""

STYLE = (
    "font-family: monospace; margin: 0.5em 0; border: 1px solid currentColor; "
    "border-radius: 0.25em; padding: 0.3em 0.6em; display: inline-block"
)
"""Colours are those of the notebook, light or dark."""


class FittedHTMLMixin:
    """Adds what fit has found to the HTML of an estimator in a notebook."""

    def _html_repr(self) -> str:
        html: str = estimator_html_repr(self)
        fitted = getattr(self, "__sklearn_is_fitted__", None)
        return html + summary(self) if fitted is not None and fitted() else html


def summary(model: Any) -> str:
    """A table of what a fitted model has, as HTML that needs no script."""
    rows = []
    for name, heading, shown in FACTS:
        value = getattr(model, name, None)
        if value is not None and (text := shown(value)):
            cell = "style='text-align: left; padding: 0 0.8em 0 0'"
            rows.append(
                f"<tr><th {cell}>{heading}</th><td {cell}>{escape(text)}</td></tr>"
            )
    title = escape(type(model).__name__)
    return (
        f'<details open class="skmlp-fitted" style="{STYLE}">'
        f"<summary>{title}, fitted</summary><table>{''.join(rows)}</table></details>"
    )


def listed(names: Any) -> str:
    """The first of some names, and how many there are."""
    texts = [short(one) for one in list(names)[:MOST_NAMES]]
    more = len(names) - len(texts)
    return ", ".join(texts) + (f", and {more:,} more" if more > 0 else "")


def short(name: Any) -> str:
    """A name, of a long one the first letters."""
    text = str(name)
    return text if len(text) <= MOST_LETTERS else text[:MOST_LETTERS] + "..."


def number(value: Any) -> str:
    """A whole number with commas, or four digits of another one."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def span(values: Any) -> str:
    """One number, or the smallest and the largest of several."""
    if not isinstance(values, list):
        return number(values)
    if not values:
        return ""
    low, high = min(values), max(values)
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def kinds(found: Mapping[Any, Any]) -> str:
    """How many columns there are of each kind, and the names of the first."""
    counts = Counter(one.kind for one in found.values())
    return "; ".join(
        f"{n:,} {kind} ({listed([name for name in found if found[name].kind == kind])})"
        for kind, n in counts.most_common()
    )


def seconds(found: Mapping[str, float]) -> str:
    """The seconds of each stage."""
    return ", ".join(f"{stage} {time:.2f}" for stage, time in found.items())


def classes(found: Any) -> str:
    """The classes; of several labels a list of lists."""
    return listed(found.tolist() if hasattr(found, "tolist") else found)


FACTS: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
    ("n_features_in_", "columns", number),
    ("column_kinds_", "kinds of columns", kinds),
    ("classes_", "classes", classes),
    ("n_outputs_", "outputs", number),
    ("n_estimators_", "networks", number),
    ("n_layers_", "layers", number),
    ("n_parameters_", "weights and biases", number),
    ("n_iter_", "epochs", number),
    ("best_iter_", "best epoch", span),
    ("loss_", "loss", number),
    ("best_loss_", "best loss", number),
    ("best_validation_score_", "best validation score", number),
    ("oof_score_", "out-of-fold score", number),
    ("seconds_", "seconds", seconds),
)
"""Attributes of fitted estimators in the order of the table, headings and formats."""
