"""Settings and fixtures of all tests.

One BLAS thread: the products here are small, and threads would compete for the cores.
"""

import os

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

os.environ.setdefault("MPLBACKEND", "Agg")

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from skmlp import MLPClassifier, MLPRegressor  # noqa: E402
from tests.helpers import X, Y  # noqa: E402

# The same examples in each run, fewer with sanitizers; a campaign draws many others.
GENERATED = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
    ],
}
settings.register_profile("ci", max_examples=40, derandomize=True, **GENERATED)
settings.register_profile("few", max_examples=15, derandomize=True, **GENERATED)
settings.register_profile("campaign", max_examples=2500, **GENERATED)
settings.load_profile("ci")


@pytest.fixture(params=[MLPClassifier, MLPRegressor], ids=lambda kind: kind.__name__)
def kind(request):
    """Each of the two classes."""
    return request.param


@pytest.fixture
def data(kind):
    """60 rows of 4 columns, with three classes or a smooth target."""
    return X, Y[kind]


@pytest.fixture
def make(kind):
    """Makes models of the class: small, quick, and the same in each run."""

    def make(**parameters):
        settings = {
            "hidden_layer_sizes": (5,),
            "max_iter": 6,
            "batch_size": 16,
            "random_state": 0,
            **parameters,
        }
        if settings.get("solver") == "lbfgs":
            settings["batch_size"] = parameters.get("batch_size", "auto")
        return kind(**settings)

    return make


@pytest.fixture
def write(tmp_path):
    """Write text or bytes to a file in a temporary folder; return its path."""

    def write(name, content):
        path = tmp_path / name
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(data)
        return path

    return write
