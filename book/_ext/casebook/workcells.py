"""A cell to work in under each exercise of a page, and a button that checks it in the page's own Python.

What stands in a cell, and what checks it, is what the student edition has (`editions.work`). ``workcells.js`` in the
theme runs it with the page's live cells; where the site has none, the exercises are text alone.
"""

from __future__ import annotations

import re
import textwrap
from html import escape
from pathlib import Path

import nbformat

from casebook import editions

LIST = re.compile(r'(<section id="exercises">.*?<ol class="arabic simple">)(.*?)(\n</ol>)', re.S)
HELP = (
    '<p class="work-help" id="work-help">Each exercise has a cell to work in. Its button runs your code, with what of '
    "the chapter it rests on, and says whether the answer is right. What you type stays in this browser.</p>"
)
CELL = """
<div class="work" data-exercise="{number}"{check}>
<textarea class="work-code" rows="{rows}" aria-label="Your work for exercise {number}" aria-describedby="work-help" \
spellcheck="false" autocapitalize="off" autocomplete="off">{blank}</textarea>
<div class="live-row"><button type="button" class="work-go" aria-label="{go} exercise {number}">{go}</button>\
<button type="button" class="work-stop" aria-label="Stop exercise {number}" hidden>Stop</button>\
<button type="button" class="work-reset" aria-label="Reset exercise {number}" hidden>Reset</button>\
<span class="work-progress" hidden></span></div>
<div class="work-out"></div>
<div class="work-said" role="status"></div>
</div>
"""
WIDE = 72  # characters in a line of a blank


def cell(number: int, work: editions.Work) -> str:
    """The cell of one exercise as HTML; nothing where its answer is words."""
    if not work.runs:
        return ""
    blank = "\n".join(map(_wrapped, work.blank.splitlines()))
    if work.check is None:
        blank += "\n"  # room to begin in
    check = f' data-check="{escape(work.check)}"' if work.check is not None else ""
    go = "Run" if work.check is None else "Check"
    return CELL.format(number=number, check=check, go=go, rows=blank.count("\n") + 1, blank=escape(blank))


def _wrapped(line: str) -> str:
    if not line.startswith("#"):
        return line
    return textwrap.fill(line, WIDE, subsequent_indent="# ", break_long_words=False, break_on_hyphens=False)


def placed(body: str, works: dict[int, editions.Work]) -> str:
    """A page's HTML with a cell below each of its exercises."""
    found = LIST.search(body)
    items = found[2].split("</li>") if found else []
    if len(items) != len(works) + 1:
        raise ValueError(f"the page lists {max(len(items) - 1, 0)} exercises, its chapter has {len(works)}")
    cells = [item + cell(number, work) for item, (number, work) in zip(items, works.items(), strict=False)]
    head = found[1].replace("<ol", f"{HELP}\n<ol")
    return body[: found.start()] + head + "</li>".join([*cells, items[-1]]) + body[found.end(2) :]


def _page(app, pagename, templatename, context, doctree) -> None:
    body = context.get("body") or ""
    source = Path(app.srcdir) / f"{pagename}.ipynb"
    if 'class="live-bar"' not in body or not source.is_file():
        return
    notebook = nbformat.read(source, as_version=4)
    if editions.tasks(notebook) is None:
        return
    name = pagename.removeprefix("book/")
    about = editions.notes(Path(app.srcdir))[name]
    context["body"] = placed(body, editions.work(notebook, name, about))
    app.add_js_file("workcells.js", loading_method="defer", priority=930)


def setup(app):
    app.connect("html-page-context", _page, priority=610)  # after `live` has put its bar
