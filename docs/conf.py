"""The documentation site: `python -m sphinx -W docs build/site`."""

import sys
from pathlib import Path

import skmlp.common._types

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))
import sources

project = "skmlp"
author = "the skmlp developers"
copyright = author
version = release = skmlp.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.linkcode",
    "sphinx_gallery.gen_gallery",
    "sources",
    "offline",
    "docstrings",
    "pictures",
]
exclude_patterns = ["examples"]
default_role = "py:obj"
highlight_language = "none"  # of code without a language: formulas and trees

# The pages are read as files too: headings have the anchors that code hosts give them.
myst_heading_anchors = 4

autodoc_member_order = "groupwise"
autodoc_typehints = "signature"
autodoc_type_aliases = {
    name: name for name in vars(skmlp.common._types) if name[0] not in "_n"
}
python_maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False

html_theme = "pydata_sphinx_theme"
html_title = f"skmlp {release}"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": html_title},
    "show_prev_next": True,
    "navbar_end": ["theme-switcher"],
    "footer_start": [],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "header_links_before_dropdown": 6,
}

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "auto_examples",
    # A cluster and a service start processes, which a build of pages should not.
    "filename_pattern": r"(?<!cluster)(?<!service)\.py$",
    "within_subsection_order": "FileNameSortKey",
    "reference_url": {"skmlp": None},
    "reset_modules": ("matplotlib", "gallery.strict"),
    "reset_modules_order": "both",
    "show_signature": False,
    "write_computation_times": False,
    "min_reported_time": 1000,
    "download_all_examples": False,
}


linkcode_resolve = sources.source_of_name
