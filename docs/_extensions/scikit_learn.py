"""Docstrings that the estimators inherit from scikit-learn.

They refer to pages of its site, which this site does not load.
"""

import re

ROLE = re.compile(r":(?:ref|term|doc|class|func|meth|mod):`~?([^`<]+?)(?: <[^`]*>)?`")


def as_text(app, what, name, obj, options, lines):
    """Replace references to labels and terms of scikit-learn by their text."""
    lines[:] = ROLE.sub(r"\1", "\n".join(lines)).splitlines()


def setup(app):
    """Register the extension."""
    app.connect("autodoc-process-docstring", as_text)
    return {"parallel_read_safe": True}
