"""What a class is to find by itself stands behind a click: the book's scores, and what is said with them.

Text stands in the directive ``answers``, a cell has the tag ``answers``; neighbours are one fold. It is a
``<details>``: closed until a reader opens it, by mouse or keyboard, with or without scripts. ``answers.js`` spares
the second click on a page. Search does not read folded answers; the book as `epub` and `pdf` prints them open.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from casebook.words import word

TAG = "tag_answers"
MARK, END = '<details class="answers">', "</details><!-- answers -->"
FOLDED = re.compile(re.escape(MARK) + r".*?" + re.escape(END), re.DOTALL)


class Answers(nodes.Element):
    """A fold; ``summary`` is what it shows while it is closed."""


class Directive(SphinxDirective):
    """Text behind a click; the argument says what is there, if it is not the book's scores."""

    optional_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        fold = Answers(summary=self.arguments[0] if self.arguments else word("answers.scores"))
        self.state.nested_parse(self.content, self.content_offset, fold)
        return [fold]


class Join(SphinxPostTransform):
    """Cells with the tag are folded, and neighbours joined."""

    default_priority = 197  # before code is folded within them

    def run(self, **kwargs):
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("nb_element") == "cell_code" and TAG in cell["classes"]:
                fold = Answers(summary=word("answers.scores"))
                cell.replace_self(fold)
                fold += cell
        for fold in list(self.document.findall(Answers)):
            before = fold.previous_sibling()
            if isinstance(before, Answers):
                fold.parent.remove(fold)
                before += fold.children


def _open(self, node):
    self.body.append(f"{MARK}<summary>{self.encode(node['summary'])}</summary>\n<div>\n")


def _close(self, node):
    self.body.append(f"</div>\n{END}\n")


def _page(app, pagename, templatename, context, doctree) -> None:
    if MARK in (context.get("body") or ""):
        app.add_js_file("answers.js", loading_method="defer", priority=850)


def setup(app):
    app.add_directive("answers", Directive)
    app.add_node(Answers, html=(_open, _close))
    app.add_post_transform(Join)
    app.connect("html-page-context", _page)
