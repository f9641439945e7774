"""Multilayer perceptrons for scikit-learn, on a backprop core written in NumPy.

The names are imported when they are first used: `python -m skmlp --help` needs none.
"""

from typing import TYPE_CHECKING

from ._version import __version__ as __version__

if TYPE_CHECKING:
    from ._display import LossCurveDisplay
    from ._interval_display import PredictionIntervalDisplay
    from ._show_versions import show_versions
    from .command.loaded_model import LoadedModel
    from .estimators import (
        MLPClassifier,
        MLPRegressor,
        TabularMLPClassifier,
        TabularMLPRegressor,
    )
    from .loading import load
    from .reporting import report
    from .stored import trusted_types
    from .tabular.encoder import TableEncoder
else:
    _HOMES = {
        "LoadedModel": "command.loaded_model",
        "LossCurveDisplay": "_display",
        "MLPClassifier": "estimators",
        "MLPRegressor": "estimators",
        "PredictionIntervalDisplay": "_interval_display",
        "TabularMLPClassifier": "estimators",
        "TabularMLPRegressor": "estimators",
        "load": "loading",
        "report": "reporting",
        "show_versions": "_show_versions",
        "trusted_types": "stored",
        "TableEncoder": "tabular.encoder",
    }
    _MODULES = (
        *("common", "core", "estimators", "explain", "export", "mlp", "stored"),
        *("tabular",),
    )

    def __getattr__(name):
        from importlib import import_module

        if name in _HOMES:
            found = getattr(import_module(f".{_HOMES[name]}", __name__), name)
        elif name in _MODULES:
            found = import_module(f".{name}", __name__)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        # The next use finds it without a call.
        globals()[name] = found
        return found

    def __dir__():
        return sorted({*globals(), *_HOMES, *_MODULES})


__all__ = [
    "LoadedModel",
    "LossCurveDisplay",
    "MLPClassifier",
    "MLPRegressor",
    "PredictionIntervalDisplay",
    "TableEncoder",
    "TabularMLPClassifier",
    "TabularMLPRegressor",
    "load",
    "report",
    "show_versions",
    "trusted_types",
]
