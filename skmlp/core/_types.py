"""Names for the types that the core passes around."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
"""A float array; all arrays of one fit have the same precision."""

Params = dict[str, Array]
"""The parameters of one layer by name, or their gradients."""

Rows = NDArray[np.intp]
"""Row numbers."""

Features = Any
"""X: a float array (n, d), or a SciPy CSR matrix or array of that shape."""

Rng = np.random.SFC64
"""The random generator of the training steps, which draws 64 bits at a time."""
