"""Training steps in C: the same results as in NumPy, to rounding, in less time."""
