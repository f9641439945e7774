"""Docstrings on the site.

- Files of the documentation and papers that they name become links.
- What is inherited from scikit-learn refers to its site, which this one does not load: the
  references become text.
- The names of types in signatures become links to the page that explains them.
"""

import re

from sphinx.util.nodes import make_refnode

CHANGES = [
    (r":(?:ref|term|doc|class|func|meth|mod):`~?([^`<]+?)(?: <[^`]*>)?`", r"\1"),
    (r"docs/([\w/]+)\.md", r":doc:`docs/\1.md </\1>`"),
    (r"arXiv:(\d{4}\.\d{5}|\d{4}\.\d{4})", r"`arXiv:\1 <https://arxiv.org/abs/\1>`__"),
]


def change(app, what, name, obj, options, lines):
    """Change the lines of a docstring."""
    text = "\n".join(lines)
    for pattern, replacement in CHANGES:
        text = re.sub(pattern, replacement, text)
    lines[:] = text.splitlines()


def name_types(app, what, name, obj, options, signature, returns):
    """Replace Sphinx's objects for names of types, inside of a union, by the names."""
    return tuple(
        text and re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", text)
        for text in (signature, returns)
    )


def link_types(app, env, node, contnode):
    """The link from the name of a type to its page."""
    if node.get("reftarget") not in app.config.autodoc_type_aliases:
        return None
    return make_refnode(app.builder, node["refdoc"], "reference/types", None, contnode)


def setup(app):
    """Register the extension."""
    app.connect("autodoc-process-docstring", change)
    app.connect("autodoc-process-signature", name_types)
    app.connect("missing-reference", link_types)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
