"""Pictures for light and for dark pages.

A page names `NAME.svg`, so a file viewer shows it. Where `NAME_dark.svg` is beside it, the
site shows that one instead while its theme is dark.
"""

from pathlib import Path

from docutils import nodes
from sphinx.transforms import SphinxTransform


def dark(name):
    """The name of the file for dark pages."""
    path = Path(name)
    return path.with_stem(f"{path.stem}_dark").as_posix()


class BothPictures(SphinxTransform):
    """Adds the picture for dark pages after that for light ones."""

    default_priority = 500

    def apply(self, **kwargs):
        """Add the pictures of a page."""
        for node in list(self.document.findall(nodes.image)):
            _, path = self.env.relfn2path(node["uri"], self.env.docname)
            if Path(dark(path)).exists():
                other = node.deepcopy()
                other["uri"] = dark(node["uri"])
                node["classes"].append("only-light")
                other["classes"].append("only-dark")
                node.parent.insert(node.parent.index(node) + 1, other)


def setup(app):
    """Register the extension."""
    app.add_transform(BothPictures)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
