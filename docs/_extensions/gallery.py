"""The state in which each example runs."""

import warnings

FILTERS = warnings.filters[:]


def strict(config, name, when):
    """Make warnings errors while an example runs."""
    warnings.filters[:] = FILTERS
    if when == "before":
        warnings.simplefilter("error")
