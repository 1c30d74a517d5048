"""HTML that a screen reader, a keyboard and a narrow page can use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.writers.html5 import HTML5Translator

from casebook.fitting import fitted, together
from casebook.words import word
from sibmodels import display

LONG = 90  # letters


def html_table(caption: str, head: Iterable[str], rows: Iterable[Sequence[str]], ids=(), kind: str = "") -> str:
    """A table of HTML cells that scrolls in a box; `ids` name rows, `kind` marks all columns but the first."""
    rows = [list(cells) for cells in rows]
    marks = ["", *(kind or _long(column) for column in zip(*(cells[1:] for cells in rows), strict=True))]
    return f'<div class="scroll">{display.html_table(caption, list(head), rows, marks=marks, ids=list(ids))}</div>\n'


def _long(column: Iterable[str]) -> str:
    """A column of long cells says so: in a narrow one a row would be as high as its longest cell."""
    return "long" if any(len(re.sub("<[^>]*>", "", cell)) > LONG for cell in column) else ""


class Markup(HTML5Translator):
    """Sphinx's own HTML, but for tables that scroll in a box and say what their headers head."""

    def visit_table(self, node):
        self.body.append('<div class="scroll">')
        super().visit_table(node)

    def depart_table(self, node):
        super().depart_table(node)
        self.body.append("</div>\n")

    def visit_entry(self, node):
        super().visit_entry(node)
        if self.body[-1].startswith("<th"):
            scope = "col" if isinstance(node.parent.parent, nodes.thead) else "row"
            self.body[-1] = self.body[-1].replace("<th", f'<th scope="{scope}"', 1)

    # a plain list: the roles that docutils gives a bibliography are deprecated
    def visit_citation(self, node):
        if not isinstance(node.previous_sibling(), nodes.citation):
            self.body.append('<ul class="citations">\n')
        self.body.append(self.starttag(node, "li"))

    def depart_citation(self, node):
        self.body.append("</li>\n")
        if not isinstance(node.next_node(descend=False, siblings=True), nodes.citation):
            self.body.append("</ul>\n")

    def visit_label(self, node):
        if isinstance(node.parent, nodes.citation):  # cited by author and year: a label would only confuse
            raise nodes.SkipNode
        super().visit_label(node)

    def add_permalink_ref(self, node, title):
        # for the mouse; the keyboard has the same places in the contents of the page
        if node["ids"] and self.builder.add_permalinks:
            self.body.append(
                f'<a class="headerlink" href="#{node["ids"][0]}" title="{escape(title)}"'
                ' aria-hidden="true" tabindex="-1">#</a>'
            )


class Fold(SphinxPostTransform):
    """Code is there for those who ask: each cell's is folded above what it gives, unless all of the cell is.

    A cell tagged ``keep-input`` is the text of its page, such as a case file to read, and stays open.
    """

    default_priority = 198  # before myst-nb folds what a tag asks for
    formats = ("html",)

    def run(self, **kwargs):
        for cell in self.document.findall(nodes.container):
            kept = cell.get("hide_mode") or "tag_keep-input" in cell["classes"]
            if cell.get("nb_element") == "cell_code" and cell.children and not kept:
                cell["hide_mode"], cell["prompt_show"], cell["prompt_hide"] = "input", "", ""


def _open(self, node):
    whole = "above-input" in node["classes"] and len(node.children) > 1
    self.body.append(f'<details class="{"solution" if whole else "folded"}">\n<summary>')
    self.body.append(word("fold.solution") if whole else _asked(node))
    self.body.append("</summary>\n")


def _asked(node) -> str:
    """What a fold answers: how a chart is drawn, how a table is computed, or what later cells need."""
    if "charts." in node.astext():
        return word("fold.chart")
    return word("fold.computed" if len(node.parent.children) > 1 else "fold.step")


def _close(self, node):
    self.body.append("</details>\n")


def _page(app, pagename, templatename, context, doctree) -> None:
    if "body" in context:
        context["body"] = together(fitted(context["body"]))


def _folds(app, pagename, templatename, context, doctree) -> None:
    """A page with folded code has the switch that opens it."""
    context["folds"] = '<details class="folded">' in (context.get("body") or "")
    if context["folds"]:
        app.add_js_file("showcode.js", loading_method="defer", priority=800)


def _no_numbers(app, config) -> None:
    """Captions say what is shown, and nothing refers to a table by number; Jupyter Book's LaTeX part numbers them."""
    config.numfig = False


def setup(app):
    app.connect("html-page-context", _folds)
    app.connect("html-page-context", _page, priority=950)  # when the rest is written
    app.connect("config-inited", _no_numbers, priority=900)
    app.set_translator("html", Markup)
    app.add_post_transform(Fold)
    app.add_node(HideCodeCellNode, override=True, html=(_open, _close))
