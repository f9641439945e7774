"""Links to source files and examples lead to pages of the site.

A page links to a module as a file, `[`Dense.forward`](../skmlp/core/layers.py)`, so that
the link works on a code host too. On the site it leads to the line of the definition, in a
page with the source. A link to an example, or to their folder, leads to the gallery. A
public name in code, `MLPClassifier`, becomes a link to its reference.
"""

import ast
import inspect
from importlib import import_module
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

import skmlp

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "skmlp"
EXAMPLES = ROOT / "docs" / "examples"
LINKS = addnodes.download_reference | addnodes.pending_xref
LINKED = LINKS | nodes.reference | nodes.title


def page_of(path):
    """The page of a source file."""
    return f"source/{path.relative_to(ROOT).with_suffix('').as_posix()}"


def line_of(path, name):
    """The line where a class, a function, a method or a constant is defined, or 1."""
    found = ast.parse(path.read_text(encoding="utf-8"))
    for part in name.split("."):
        found = next((node for node in found.body if part in names_of(node)), None)
        if found is None:
            return 1
    return found.lineno


def names_of(node):
    """The names that a statement defines."""
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return [getattr(node, "name", None), *(getattr(one, "id", None) for one in targets)]


def source_of_name(domain, info):
    """The source of a documented name, as linkcode asks for it from `reference/`."""
    found = import_module(info["module"])
    for part in info["fullname"].split("."):
        found = inspect.unwrap(getattr(found, part))
    try:
        found = getattr(found, "fget", found)
        path, line = inspect.getsourcefile(found), inspect.getsourcelines(found)[1]
    except TypeError:
        return None
    if not Path(path).is_relative_to(PACKAGE):
        return None
    return f"../{page_of(Path(path))}.html#line-{line}"


class SourceLinks(SphinxTransform):
    """Changes links that MyST found to be files, or did not find."""

    default_priority = 500

    def apply(self, **kwargs):
        """Replace the links of a page."""
        for node in list(self.document.findall(lambda node: isinstance(node, LINKS))):
            if node["reftype"] == "myst":
                _, name = self.env.relfn2path(node["reftarget"], self.env.docname)
                path = Path(name)
                if path.suffix == ".py" and path.is_relative_to(PACKAGE):
                    line = line_of(path, node.astext())
                    node.replace_self(link(node, "source", page_of(path), line=line))
                elif path == EXAMPLES or path.parent == EXAMPLES:
                    page = "index" if path == EXAMPLES else path.stem
                    found = f"/auto_examples/{page}"
                    node.replace_self(link(node, "doc", found, refdomain="std"))


def is_within(node, kinds):
    """Whether a node is below one of these kinds."""
    return node is not None and (
        isinstance(node, kinds) or is_within(node.parent, kinds)
    )


class NameLinks(SphinxTransform):
    """Links the public names in the text of a page to the reference."""

    default_priority = SourceLinks.default_priority + 1

    def apply(self, **kwargs):
        """Make the names of a page links."""
        for node in list(self.document.findall(nodes.literal)):
            if node.astext() in skmlp.__all__ and not is_within(node, LINKED):
                target = addnodes.pending_xref(
                    refdomain="py",
                    reftype="obj",
                    reftarget=f"skmlp.{node.astext()}",
                    refdoc=self.env.docname,
                )
                node.replace_self(target)
                target += node


def link(node, kind, target, **attributes):
    """A link to another target with the text of the node."""
    attributes = {"refdomain": "", "refexplicit": True, **attributes}
    return addnodes.pending_xref(
        "",
        *node.children,
        reftype=kind,
        reftarget=target,
        refdoc=node["refdoc"],
        **attributes,
    )


def resolve(app, env, node, content):
    """The link to a page of source, seen from the page of the node."""
    if node["reftype"] != "source":
        return None
    page = app.builder.get_relative_uri(node["refdoc"], node["reftarget"])
    uri = f"{page}#line-{node['line']}"
    return nodes.reference("", "", content, internal=True, refuri=uri)


def pages(app):
    """A page for each module of the package."""
    if app.builder.format != "html":
        return
    for path in sorted(PACKAGE.rglob("*.py")):
        title = path.relative_to(ROOT).as_posix()
        code = app.builder.highlighter.highlight_block(
            path.read_text(encoding="utf-8"), "python", lineanchors="line"
        )
        body = f"<h1>{title}</h1>\n{code}"
        yield page_of(path), {"title": title, "body": body, "parents": []}, "page.html"


def setup(app):
    """Register the extension."""
    app.add_transform(SourceLinks)
    app.add_transform(NameLinks)
    app.connect("missing-reference", resolve)
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
