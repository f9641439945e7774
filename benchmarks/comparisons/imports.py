"""The time to import an estimator of skmlp after scikit-learn's have been imported.

`import skmlp` alone loads nothing: names are loaded when they are used. The first fit loads
the library with the compiled steps.
"""

import subprocess
import sys
from functools import partial

from . import Case

SCRIPT = """
from time import perf_counter
start = perf_counter()
import sklearn.model_selection, sklearn.neural_network
import sklearn.pipeline, sklearn.preprocessing
between = perf_counter()
from skmlp import MLPClassifier
imported = perf_counter()
from skmlp.core.compiled.library import library
library()
print(between - start, imported - between, perf_counter() - imported)
"""


def cases(quick):
    yield Case("import", partial(_rows, 3 if quick else 15))


def _rows(n_repeats):
    command = [sys.executable, "-c", SCRIPT]
    # The first import compiles and reads from disk.
    subprocess.run(command, check=True, capture_output=True)
    for repeat in range(n_repeats):
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        names = "scikit_learn", "skmlp", "library"
        seconds = map(float, done.stdout.split())
        yield {"repeat": repeat, **dict(zip(names, seconds, strict=True))}
