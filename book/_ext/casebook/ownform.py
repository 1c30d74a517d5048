"""A SIB of one's own, modelled in the page: a form, and below it the report.

``{own-form} name`` puts it into a page; `name` is the cell of the same page whose text in three double quotes is the
case file to start from. `sibmodels.casefile.form` makes the fields from the schema of a case file; ``ownform.js`` fills
and keeps them, and asks the page's Python (`formwork`) for checks, report and files.
"""

from __future__ import annotations

import io
import json
import re
import tomllib
import zipfile
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from sibmodels import casefile
from sibmodels.casefile import form, workbook

MARK = 'class="own"'
TEMPLATES = {"TOML": "my-sib.toml", "Excel": "my-sib.xlsx"}
START = re.compile(r'^text = """\n(.*?)"""', re.DOTALL | re.MULTILINE)


def example(source: Path, cell: str) -> dict:
    """The tables of the case file that a cell of a notebook holds as text."""
    cells = json.loads(source.read_text(encoding="utf-8"))["cells"]
    found = [START.search("".join(one["source"])) for one in cells if one.get("id") == cell]
    if not found or not found[0]:
        raise ValueError(f'{source.name} has no cell {cell!r} with text = """...""", which the form starts from')
    return tomllib.loads(found[0][1])


class Directive(SphinxDirective):
    """``{own-form} name-of-a-cell``: the form, to start from the case file in that cell of this page."""

    required_arguments = 1

    def run(self):
        try:
            raw = example(Path(self.env.doc2path(self.env.docname)), self.arguments[0])
        except (ValueError, tomllib.TOMLDecodeError) as error:
            raise self.error(f"own-form: {error}") from error
        folder = "../" * self.env.docname.count("/") + "downloads/"
        files = {kind: folder + name for kind, name in TEMPLATES.items()}
        return [nodes.raw("", form.html(form.entries(raw), files), format="html")]


def _page(app, pagename, templatename, context, doctree) -> None:
    if MARK in (context.get("body") or ""):
        app.add_js_file("ownform.js", loading_method="defer")


def _templates(app) -> None:
    """The empty case file, as text and as a workbook, beside the other downloads."""
    if app.builder.format != "html":
        return
    folder = Path(app.doctreedir).parent / "downloads" / "downloads"
    (folder / TEMPLATES["TOML"]).write_text(casefile.template(), encoding="utf-8")
    workbook.write_template(saved := io.BytesIO())
    (folder / TEMPLATES["Excel"]).write_bytes(undated(saved.getvalue()))


def undated(book: bytes) -> bytes:
    """A workbook without the moment at which it was saved, so that the same commit gives the same bytes."""
    with zipfile.ZipFile(io.BytesIO(book)) as saved, zipfile.ZipFile(again := io.BytesIO(), "w") as kept:
        for name in saved.namelist():
            content = re.sub(rb"<dcterms:(created|modified) .*?</dcterms:\1>", b"", saved.read(name))
            kept.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return again.getvalue()


def setup(app):
    app.connect("html-page-context", _page, priority=650)  # after `live`, whose Python its script asks
    app.add_directive("own-form", Directive)


def files(app):
    app.connect("builder-inited", _templates, priority=550)  # after `takeaway` made the folder
