"""Docstrings on the site.

- Files of the documentation and papers that they name become links.
- What is inherited from scikit-learn refers to its site, which this one does not load: the
  references become text.
"""

import re

CHANGES = [
    (r":(?:ref|term|doc|class|func|meth|mod):`~?([^`<]+?)(?: <[^`]*>)?`", r"\1"),
    (r"docs/(\w+)\.md", r":doc:`docs/\1.md </\1>`"),
    (r"arXiv:(\d{4}\.\d{5}|\d{4}\.\d{4})", r"`arXiv:\1 <https://arxiv.org/abs/\1>`__"),
]


def change(app, what, name, obj, options, lines):
    """Change the lines of a docstring."""
    text = "\n".join(lines)
    for pattern, replacement in CHANGES:
        text = re.sub(pattern, replacement, text)
    lines[:] = text.splitlines()


def setup(app):
    """Register the extension."""
    app.connect("autodoc-process-docstring", change)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
