"""Ctrl-C in fit: whether it ends the training alone, or also the loop that calls fit."""

import sys
from threading import current_thread, main_thread

LOOPS = ("imblearn", "joblib", "mapie", "optuna", "sklearn")
"""Packages that call fit several times: searches, folds, ensembles, trials."""

ONE_FIT = (
    "imblearn.pipeline",
    "sklearn.base",
    "sklearn.callback",
    "sklearn.compose",
    "sklearn.pipeline",
    "sklearn.utils",
)
"""Their modules that call fit once, and pass the fitted model to the user."""


def in_foreign_loop() -> bool:
    """Whether another package calls fit in a loop, or it runs in another thread.

    There an interrupt means the loop, which would go on with a half-trained model.
    """
    if current_thread() is not main_thread():
        return True
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_globals.get("__name__") or ""
        if name.partition(".")[0] in LOOPS and not _fits_once(name):
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


def _fits_once(module: str) -> bool:
    """Whether a module belongs to those of ONE_FIT."""
    return any(module == one or module.startswith(f"{one}.") for one in ONE_FIT)
