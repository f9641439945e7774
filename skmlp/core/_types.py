"""Names for the kinds of arrays that the core passes around."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
"""A float array; every array of one fit has the same precision."""

Rows = NDArray[np.intp]
"""Row numbers."""

Features = Any
"""X: a float array (n, d), or a SciPy CSR matrix or array of that shape."""

Bits = np.random.SFC64
"""A stream of random bits, 64 at a call: what is drawn anew in each training step."""
