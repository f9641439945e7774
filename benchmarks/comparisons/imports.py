"""The time to import an estimator of skmlp after scikit-learn's have been imported.

`import skmlp` alone loads nothing: names are loaded when they are used.
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
print(between - start, perf_counter() - between)
"""


def cases(quick):
    yield Case("import", partial(_rows, 3 if quick else 15))


def _rows(n_repeats):
    command = [sys.executable, "-c", SCRIPT]
    # The first import compiles and reads from disk.
    subprocess.run(command, check=True, capture_output=True)
    for repeat in range(n_repeats):
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        scikit_learn, skmlp = map(float, done.stdout.split())
        yield {"repeat": repeat, "scikit_learn": scikit_learn, "skmlp": skmlp}
