"""What a reader can search: every section, term, source and fact of the site, as one file that ``search.js`` loads.

The file is a script and no JSON, because a page in a folder may load the one and not the other. Other names of terms
and pages stand in ``book/reference/names.toml``; those that the glossary itself gives are read from it.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from docutils import nodes
from sphinx.errors import SphinxError

from casebook.answers import FOLDED
from casebook.pages import contents
from casebook.tongues import sources

FILE = "search-index.js"
NAMES = "book/reference/names.toml"
GLOSSARY = "book/reference/glossary"
RAW = {"book/reference/tables"}  # whole tables: each is found by its name, its rows by the filter above them
# what players of the game must not stumble on: such a page is found by its title
SEALED = ("book/teach/roles/", "book/teach/negotiation-debrief")
# what no reader looks for in words: pictures, code, formulas, the numbers behind a chart, and sentences said elsewhere
GONE = re.compile(
    r'<(script|svg|pre|form)\b.*?</\1>|<details class="folded">.*?</summary>|<div class="vega-data.*?</div>'
    r'|<details class="findings">.*?</details>|<p class="admonition-title">(?:This |この).*?</p>'
    r'|<div class="math.*?</div>'
    r'|<div class="live-bar".*?</div>',
    re.DOTALL,
)
# of a figure: its title and description, not what there is to download and how to cite it
FIGURE = re.compile(
    r'(<figure class="vega-figure".*?)<details><summary>.*?</summary>(<p>.*?</p>).*?</figure>', re.DOTALL
)
BREAKS = {"p", "li", "dd", "dt", "figcaption", "summary", "div", "br"}


@dataclass
class Entry:
    """What a result leads to: a section, or a term, a row or a reference with an address of its own."""

    place: str
    kind: str  # section, term, row or reference
    heading: str = ""
    names: list[str] = field(default_factory=list)
    text: str = ""


class Reader(HTMLParser):
    """The entries of an article.

    >>> reader = Reader()
    >>> reader.feed('<section id="a"><h1>Kobe</h1><p>A city.</p><table><tr><td>cap</td><td>7</td></tr></table>')
    >>> [(entry.place, entry.heading, entry.text.split()) for entry in reader.entries]
    [('a', 'Kobe', ['A', 'city.', 'cap', '·', '7', '·'])]
    """

    def __init__(self):
        super().__init__()
        self.entries: list[Entry] = []
        self.sections: list[str] = []
        self.section: Entry | None = None  # what goes on after a row or a reference
        self.now: Entry | None = None
        self.heading = self.japanese = self.skipped = ""  # the tag within which text is one

    def begin(self, place: str, kind: str) -> None:
        self.now = Entry(place, kind)
        self.entries.append(self.now)

    def handle_starttag(self, tag, attrs):
        at = dict(attrs)
        name = at.get("id") or ""
        if tag == "section":
            self.sections.append(name)
        elif re.fullmatch("h[1-4]", tag):
            self.begin(name or (self.sections[-1] if self.sections else ""), "section")
            self.section, self.heading = self.now, tag
        elif tag == "dt" and name.startswith("term-"):
            self.begin(name, "term")
            self.heading = tag
        elif tag == "tr" and name:
            self.begin(name, "row")
        elif tag == "th" and self.now and self.now.kind == "row":
            self.heading = tag
        elif tag == "li" and name and self.now and self.now.kind in ("section", "reference"):
            self.begin(name, "reference")
        elif tag == "a" and "headerlink" in (at.get("class") or ""):
            self.skipped = tag
        elif at.get("lang") == "ja" and self.now and self.now.kind == "term":
            self.now.names.append("")
            self.japanese = tag

    def handle_endtag(self, tag):
        if tag == "section":
            self.sections.pop()
        if self.now is None:
            return
        if tag in ("td", "th", "caption"):
            self.now.text += " · " if not self.heading else ""
        elif tag in BREAKS:
            self.now.text += " "
        for kept in ("heading", "japanese", "skipped"):
            if getattr(self, kept) == tag:
                setattr(self, kept, "")
        if (tag, self.now.kind) in (("tr", "row"), ("ul", "reference"), ("dl", "term")):
            self.now = self.section

    def handle_data(self, data):
        if self.now is None or self.skipped:
            return
        if self.japanese:
            self.now.names[-1] += data
        if self.heading:
            self.now.heading += data
        else:
            self.now.text += data


def entries(body: str) -> list[Entry]:
    """What can be found on a page, each with its words on one line."""
    reader = Reader()
    reader.feed(GONE.sub(" ", FOLDED.sub(" ", FIGURE.sub(r"\1\2</figure>", body))))  # a search gives no answer away
    for entry in reader.entries:
        entry.heading = " ".join(entry.heading.split())
        entry.text = re.sub(r"(?: ·)+(?= ·|$)| (?=[,.;:)])", "", " ".join(entry.text.split()).removeprefix("· "))
        if entry.kind == "term" and (short := re.search(r"\bShort: (\w+)", entry.text)):
            entry.names.append(short[1])
        if entry.kind == "reference":
            entry.heading = entry.text if len(entry.text) < 90 else entry.text[:90].rsplit(" ", 1)[0] + " …"
    return reader.entries


def names(root: Path) -> dict:
    """Other names of terms and of places, and words that mean the same."""
    return tomllib.loads((root / NAMES).read_text(encoding="utf-8"))


def index(site: Path, parts: list[tuple[str, list[str]]], other: dict) -> dict:
    """Pages, what is on each, and what means the same; `parts` are the contents, `other` the names that people use."""
    pages, found, places = [], [], dict(other["places"])
    for part, docnames in parts:
        for docname in docnames:
            body = re.search(r"<article>(.*)</article>", (site / f"{docname}.html").read_text(encoding="utf-8"), re.S)
            here = [entry for entry in entries(body[1]) if entry.kind != "row" or docname not in RAW]
            if docname.startswith(SEALED):
                here = [Entry(here[0].place, here[0].kind, here[0].heading)]
            for entry in here:
                place = "#" + entry.place if entry is not here[0] else ""
                entry.names += places.pop(docname.removeprefix("book/") + place, [])
            pages.append([here[0].heading, f"{docname}.html", part])
            found += [(len(pages) - 1, entry) for entry in here]
    terms = {entry.place: entry for _, entry in found if entry.kind == "term"}
    known = {name: terms.get(f"term-{nodes.make_id(name)}") for name in other["terms"]}
    for unknown in [*(name for name, entry in known.items() if entry is None), *places]:
        raise SphinxError(
            f"{NAMES}: {unknown!r} is neither a term of the glossary nor a page, or a section, of the book"
        )
    for name, more in other["terms"].items():
        known[name].names += [word for word in [name, *more] if word not in (*known[name].names, known[name].heading)]
    same = [[entry.heading, *entry.names] for entry in terms.values() if entry.names]
    same += other["same"]
    kinds = ["section", "term", "row", "reference"]
    rows = [[page, e.place, kinds.index(e.kind), e.heading, e.names, e.text] for page, e in found]
    return {"pages": pages, "entries": rows, "same": same}


def write(app, error) -> None:
    if error or app.builder.format != "html":
        return
    site, root = Path(app.outdir), Path(app.srcdir)
    parts = [("", [app.config.root_doc]), *contents(app.env)]
    other, here = names(root), {name.removeprefix("book/") for name in app.env.found_docs}
    away = {name.removeprefix("book/") for name in sources(root)} - here  # in this language
    other["places"] = {place: more for place, more in other["places"].items() if place.partition("#")[0] not in away}
    text = json.dumps(index(site, parts, other), ensure_ascii=False, separators=(",", ":"))
    (site / FILE).write_text(f"window.casebookIndex = {text};\n", encoding="utf-8")


def _no_other(app) -> None:
    """Sphinx's own index is not made; the page is."""
    app.builder.search = False


def _page(app):
    yield "search", {}, "search.html"


def setup(app):
    app.connect("builder-inited", _no_other)
    app.add_js_file("search.js", loading_method="defer")


def files(app):
    app.connect("html-collect-pages", _page)
    app.connect("build-finished", write, priority=650)  # before `takeaway` packs the site
