"""Checks that the pages load nothing from outside the site."""

import re
from pathlib import Path

from sphinx.errors import SphinxError

LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*?
        \b(?:src|srcset|data)\s*=\s*["']?(?:https?:)?//[^"'>\s]+
      | <link\b[^>]*?\bhref\s*=\s*["']?(?:https?:)?//[^"'>\s]+""",
    re.VERBOSE | re.IGNORECASE,
)
IN_STYLES = re.compile(r"(?:url\(\s*|@import\s+)[\"']?(?:https?:)?//[^\"')\s]+", re.I)


def outside(folder):
    """(file, reference) of what the pages and styles load from outside."""
    for pattern, suffix in ((LOADED, "html"), (IN_STYLES, "css"), (IN_STYLES, "html")):
        for path in sorted(Path(folder).rglob(f"*.{suffix}")):
            for found in pattern.findall(path.read_text(encoding="utf-8")):
                yield path.relative_to(folder).as_posix(), found


def check(app, exception):
    """Raise if a page loads something from outside."""
    if exception is None and app.builder.format == "html":
        found = [f"{path}: {what}" for path, what in outside(app.outdir)]
        if found:
            raise SphinxError("Loaded from outside the site:\n" + "\n".join(found))


def setup(app):
    """Register the extension."""
    app.connect("build-finished", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
