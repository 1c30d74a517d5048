"""A cell to work in under each exercise of a page, and a button that checks it in the page's own Python.

What stands in a cell, and what checks it, is what the student edition has (`editions.work`). ``workcells.js`` in the
theme runs it with the page's live cells; where the site has none, the exercises are text alone.
"""

from __future__ import annotations

import functools
import re
from html import escape
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt

from casebook import editions, tongues
from casebook.words import word

LIST = re.compile(r'(<section id="exercises">.*?<ol class="arabic simple">)(.*?)(\n</ol>)', re.S)
HELP = '<p class="work-help" id="work-help">{said}</p>'
CELL = """
<div class="work" data-exercise="{number}"{check}>
<textarea class="work-code" rows="{rows}" aria-label="{label}" aria-describedby="work-help" \
spellcheck="false" autocapitalize="off" autocomplete="off">{blank}</textarea>
<div class="live-row"><button type="button" class="work-go" aria-label="{go_of}">{go}</button>\
<button type="button" class="work-stop" aria-label="{stop_of}" hidden>{stop}</button>\
<button type="button" class="work-reset" aria-label="{reset_of}" hidden>{reset}</button>\
<span class="work-progress" hidden></span></div>
<div class="work-out"></div>
<div class="work-said" role="status"></div>
</div>
"""


def unwrapped(blank: str) -> str:
    """Comments that a notebook breaks into lines, in one each: a page breaks them where it is narrow."""
    choose = re.escape(word("work.choose", words="").strip())
    return re.sub(rf"\n# (?!{choose})", " ", blank)


def cell(number: int, work: editions.Work) -> str:
    """The cell of one exercise as HTML; nothing where its answer is words."""
    if not work.runs:
        return ""
    blank = unwrapped(work.blank) + "\n" * (work.check is None)  # room to begin in
    check = f' data-check="{escape(work.check)}"' if work.check is not None else ""
    said = {"go": word("work.run" if work.check is None else "work.check")}
    said |= {name: word(f"work.{name}") for name in ("stop", "reset")}
    said |= {f"{name}_of": word("work.of", what=what, number=number) for name, what in said.items()}
    label = word("work.label", number=number)
    rows = blank.count("\n") + 1
    return CELL.format(number=number, check=check, label=label, rows=rows, blank=escape(blank), **said)


def small(about: dict, number: int) -> str:
    """What stands small below an exercise, as HTML: how hard it is and what it needs."""
    said = editions.small(about, number).strip().strip("*")
    said = re.sub(r"\]\((?!https?:)([\w./-]+)\)", r"](\1.html)", said)
    return f'\n<p class="work-needs">{MarkdownIt().renderInline(said)}</p>' if said else ""


def placed(body: str, works: dict[int, editions.Work], about: dict, live: bool = True) -> str:
    """A page's HTML with what each exercise needs, and, where cells can run, a cell to work in, below it."""
    found = LIST.search(body)
    items = found[2].split("</li>") if found else []
    if len(items) != len(works) + 1:
        raise ValueError(f"the page lists {max(len(items) - 1, 0)} exercises, its chapter has {len(works)}")
    below = [small(about, number) + (cell(number, work) if live else "") for number, work in works.items()]
    inside = "</li>".join([*(item + more for item, more in zip(items, below, strict=False)), items[-1]])
    head = found[1].replace("<ol", f"{HELP.format(said=word('work.help'))}\n<ol") if live else found[1]
    return body[: found.start()] + head + inside + body[found.end(2) :]


def _page(app, pagename, templatename, context, doctree) -> None:
    body = context.get("body") or ""
    source = Path(app.srcdir) / f"{pagename}.ipynb"
    if not LIST.search(body) or not source.is_file():
        return
    notebook = nbformat.read(source, as_version=4)
    if editions.tasks(notebook) is None:
        return
    name, live = pagename.removeprefix("book/"), 'class="live-bar"' in body
    about = editions.notes(Path(app.srcdir))[name]
    tell = functools.partial(tongues.told, app.env, pagename)
    checks = {number: check | {"ask": tell(check["ask"])} for number, check in about.get("checks", {}).items()}
    about = about | {"needs": [tell(need) for need in about["needs"]], "checks": checks}
    context["body"] = placed(body, editions.work(notebook, name, about), about, live)
    if live:
        app.add_js_file("workcells.js", loading_method="defer", priority=930)


def setup(app):
    app.connect("html-page-context", _page, priority=610)  # after `live` has put its bar
