"""The tables of `data/` as pages: every row with an address, what rests on each source, files to download.

``{data-table} facts`` shows a table, ``{data-sources}`` the sources with what rests on them, ``{data-changes}`` what
the first edition said, ``{data-files}`` the files. Tables are plain; where scripts run, ``datatables.js`` adds a box
to filter by.
"""

from __future__ import annotations

import ast
import functools
import json
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from html import escape
from pathlib import Path

import nbformat
import yaml
from bs4 import BeautifulSoup

from casebook import answers, chapters
from casebook.made import Made
from casebook.markup import html_table
from casebook.words import word
from sibmodels import display, tables

MARK = 'class="data-table"'
FOLDER = "downloads/data"
CHOICES = {"case", "confidence", "seen", "model", "kind", "page", "country", "role", "schedule", "identified"}
GIVEN_AWAY = {"landing-ranking", "governance-rank"}  # changes that say what a class is to find
FEW = 8  # rows that need no filter
CLAIM = ("value", "unit", "currency")
SOURCES = "book/reference/sources"
CLAIMED = re.compile(r"<td>([^<]+)(</td><td>(?:stated|published|derived|inferred|assumption)</td></tr>)")
TAG = re.compile(r"<[^>]+>")
CITED = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
JAPANESE = re.compile("[\u3001-\u30ff\u4e00-\u9fff\uff01-\uff5e]+")


@functools.cache
def package() -> dict[str, dict]:
    """The data package's description of each table."""
    described = json.loads((tables.folder() / "datapackage.json").read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in described["resources"]}


def anchor(name: str, row: dict) -> str:
    """The address of a row on its page: the table and the row's key.

    >>> anchor("facts", {"case": "kobe", "key": "cap", "source": "kobecity2020"})
    'facts-kobe-cap-kobecity2020'
    """
    key = package()[name]["schema"].get("primaryKey") or []
    return "-".join([name, *(re.sub(r"[^\w.]+", "-", str(row[part])).strip("-").lower() for part in key)])


def home(name: str) -> str:
    """The page that shows a table, beside the pages that link to it."""
    return f"{name}.html" if name in ("facts", "sources", "changes", "statements") else "tables.html"


# ---------------------------------------------------------------- what rests on what


LENSES = ("digital-era governance", "neo-Weberian state", "service logic", "network governance")
ASKED = dict.fromkeys(LENSES, "framing/more-lenses") | {"no case asks": "across/design"}
"""The chapter that asks a question of observables.csv, where it is not that of the three questions."""


class Uses:
    """Which chapters cite a source, show a row of it, or compute with it; read from the notebooks themselves."""

    def __init__(self, root: Path):
        self.labels = tables.read("sources").set_index("key")["label"].to_dict()
        self.titles: dict[str, str] = {}  # by page; the first words, up to a colon or a question mark
        self.cited, self.shown, self.code = defaultdict(set), defaultdict(set), defaultdict(set)
        seen = tables.read("observables")
        self.evidence = defaultdict(set)
        for row in seen.itertuples():
            for key in row.evidence.split():
                self.evidence[row.case, key].add(ASKED.get(row.question, "across/three-questions"))
        for path in chapters.pages(root):
            page = path.relative_to(root / "book").with_suffix("").as_posix()
            if not page.startswith("teach/roles/"):
                self._read(page, path)

    def _read(self, page: str, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            prose, cells = text, []
        else:
            notebook = nbformat.reads(text, as_version=4)
            prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
            cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.titles[page] = re.split(r":|(?<=[?]) ", re.search(r"^# (.+)$", prose, flags=re.M)[1])[0]
        for group in CITED.findall(prose):
            for key in group.split(","):
                self.cited[key.strip()].add(page)
        for cell in cells:
            self.code[page] |= set(_strings(cell.source))
            for output in cell.outputs:
                self.shown[page] |= set(_claims(output.get("data", {}).get("text/html", "")))

    def chapters(self) -> list[str]:
        """The pages that argue; those of reference list everything."""
        return [page for page in self.titles if not page.startswith("reference/")]

    def of_row(self, row: dict) -> list[str]:
        """The chapters that show a fact in a table, name its key in their code, or take it as evidence."""
        cell = (row["label"], f"{self.labels[row['source']]}, {row['locator']}")
        evidence = self.evidence.get((row["case"], row["key"]), set())
        return [
            page
            for page in self.chapters()
            if cell in self.shown[page] or {row["case"], row["key"]} <= self.code[page] or page in evidence
        ]

    def of_source(self, key: str) -> list[str]:
        """The chapters that cite a source or show a row that rests on it."""
        start = f"{self.labels[key]}, "
        return [
            page
            for page in self.chapters()
            if page in self.cited[key] or any(place.startswith(start) for _, place in self.shown[page])
        ]

    def links(self, pages: list[str]) -> str:
        return ", ".join(map(_to_page, pages))


def _to_page(page: str) -> str:
    return f'<a href="../{page}.html">{page.rpartition("/")[2].replace("-", " ")}</a>'


def _strings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _claims(shown: str) -> Iterator[tuple[str, str]]:
    """The label and the place of each row of a table that `sibmodels.claims` made."""
    if '>Source</th><th scope="col">Confidence</th>' not in shown:
        return
    for row in BeautifulSoup(shown, "html.parser").select("tbody tr"):
        cells = [cell.get_text() for cell in row.find_all(["th", "td"])]
        yield cells[-4], cells[-2]


@functools.cache
def rests_on() -> dict[str, dict[str, list[dict]]]:
    """By source, the rows of every table that name it, by table."""
    found = defaultdict(lambda: defaultdict(list))
    for name in tables.names():
        table = tables.read(name)
        if name != "sources" and "source" in table:
            for row in table.to_dict("records"):
                found[row["source"]][name].append(row)
    return {source: dict(rows) for source, rows in found.items()}


# ---------------------------------------------------------------- HTML


def filtered(name: str, caption: str, head: list[str], rows: list[tuple[str, list[str]]]) -> str:
    """A table with its file to download and, where scripts run, a form to filter by; small ones need none."""
    form = _form(name, head, rows) if len(rows) >= FEW else ""
    table = html_table(caption, map(_title, head), [cells for _, cells in rows], [row for row, _ in rows])
    return f'<div {MARK} id="table-{name}" data-name="{name}"><p>{_link(name)}</p>\n{form}{table}</div>\n'


def _form(name: str, head: list[str], rows: list[tuple[str, list[str]]]) -> str:
    """In the page from the start, so that nothing moves when the script arrives."""
    fields = [f'<label for="{name}-words">Words</label> <input type="search" id="{name}-words">']
    for column, title in enumerate(head):
        values = sorted({TAG.sub("", cells[column]) for _, cells in rows} - {""}) if title in CHOICES else []
        if len(values) > 1:
            key, options = f"{name}-{title}", "".join(f"<option>{value}</option>" for value in values)
            fields.append(
                f'<label for="{key}">{escape(_title(title))}</label> <select id="{key}" data-column="{column}">'
                f'<option value="">all</option>{options}</select>'
            )
    fields.append(
        f'<button type="button">Download the rows shown</button> <span role="status">{len(rows):,} rows</span>'
    )
    return f'<form class="data-filter">{"".join(f"<span>{field}</span>" for field in fields)}</form>\n'


def _title(name: str) -> str:
    return name[:1].upper() + name[1:].replace("_", " ")


def _link(name: str) -> str:
    size = (tables.folder() / f"{name}.csv").stat().st_size
    return f'<a href="../../{FOLDER}/{name}.csv" download>{name}.csv</a> ({max(1, round(size / 1000))}&nbsp;kB)'


def _to_row(name: str, row: dict, text: str) -> str:
    return f'<a href="{home(name)}#{anchor(name, row)}">{escape(text)}</a>'


def whole_table(root: Path, name: str) -> str:
    """Every row of a table: a claim's value as people write it, its source linked, and, of facts, who uses it."""
    table, resource = tables.read(name), package()[name]
    if name == "game":  # what a seat hides from the others stands on its own sheet
        table = table[table["role"].isin(("everybody", "term sheet"))]
    uses = Uses(root) if name == "facts" else None
    labels = tables.read("sources").set_index("key")["label"]
    claim = set(CLAIM) <= set(table.columns)
    fields = [field for field in table.columns if not (claim and field in CLAIM[1:])]
    rows = []
    for row in table.to_dict("records"):
        cells = []
        for field in fields:
            if claim and field == "value":
                cells.append(_marked(escape(display.amount(row["value"], row["unit"], row["currency"]))))
            elif field == "source":
                cells.append(
                    f'<a href="sources.html#sources-{row["source"].lower()}">{escape(labels[row["source"]])}</a>'
                )
            elif field == "page":
                cells.append(_to_page(row[field]))
            else:
                cells.append(_cell(row[field]))
        if uses:  # the label leads, and is the row's address
            cells = [f'<a href="#{anchor(name, row)}">{escape(row["label"])}</a>', cells[0], *cells[3:]]
            cells.append(uses.links(uses.of_row(row)))
        elif name == "statements":  # what is said leads
            _, source, locator, says, *place = cells
            cells = [f'<a href="#{anchor(name, row)}">{says}</a>', *place, source, locator]
        rows.append((anchor(name, row), cells))
    head = {
        "facts": ["fact", "case", *fields[3:], "shown or computed with in"],
        "statements": ["what is said", "page", "words there", "source", "locator"],
    }.get(name, fields)
    return filtered(name, resource["title"] + ".", head, rows)


def _cell(value) -> str:
    if isinstance(value, float):
        return "" if value != value else display.number(value)
    return _marked(_named(escape(value)))


def _marked(text: str) -> str:
    """What is Japanese says so.

    >>> _marked("short: 公社研")
    'short: <span lang="ja">公社研</span>'
    """
    return JAPANESE.sub(lambda run: f'<span lang="ja">{run[0]}</span>', text)


@functools.cache
def _names() -> tuple[re.Pattern, dict[str, str]]:
    labels = dict(zip(*(tables.read("sources")[column] for column in ("key", "label")), strict=True))
    return re.compile(rf"\b({'|'.join(map(re.escape, labels))})\b"), labels


def _named(text: str) -> str:
    """Words that name sources by their keys, with the sources' names and links.

    >>> _named("so too a reader (tsukuba2010)")
    'so too a reader (<a href="sources.html#sources-tsukuba2010">PubMed 20567874 (Tsukuba)</a>)'
    """
    pattern, labels = _names()
    return pattern.sub(
        lambda key: f'<a href="sources.html#sources-{key[0].lower()}">{escape(labels[key[0]])}</a>', text
    )


def sources_table(root: Path) -> str:
    """How much of each source was seen, whose interest it is, and what rests on it."""
    uses, rows = Uses(root), []
    for row in tables.read("sources").to_dict("records"):
        resting = rests_on().get(row["key"], {})
        cells = [
            f'<a href="#{anchor("sources", row)}">{escape(row["label"])}</a>',
            escape(row["seen"]),
            _named(escape(row["interest"])),
            _named(escape(row["note"])),
            "; ".join(_resting(name, found) for name, found in resting.items()),
            uses.links(uses.of_source(row["key"])),
        ]
        rows.append((anchor("sources", row), cells))
    head = ["source", "seen", "interest", "note", "rows that rest on it", "chapters"]
    return filtered("sources", package()["sources"]["title"] + ".", head, rows)


def _resting(name: str, rows: list[dict]) -> str:
    if name != "facts" or len(rows) > 40:
        return f'{len(rows)} in <a href="{home(name)}#{anchor(name, rows[0])}">{name}</a>'
    return ", ".join(_to_row(name, row, row["label"]) for row in rows)


def files_table() -> str:
    """Every file of `data/`, with the page that shows it."""
    rows = [
        [_link(name), escape(resource["title"]), f"{len(tables.read(name)):,}", _seen(name)]
        for name, resource in package().items()
    ]
    caption = "The tables of the book, to read and to take away."
    return html_table(caption, ["File", "What it holds", "Rows", "Page"], rows, [f"file-{name}" for name in package()])


def _seen(name: str) -> str:
    place = home(name) if name == "changes" else f"{home(name)}#table-{name}"
    return "file only" if name.startswith("indigo_") else f'<a href="{place}">see it</a>'


def changes_list(root: Path) -> str:
    """What the first edition said and what stands now, by page in the order of the book."""
    table, titles = tables.read("changes"), Uses(root).titles
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    order = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    parts = []
    for page in (name.removeprefix("book/") for name in order):
        rows = table[table["page"] == page].to_dict("records")
        if rows:
            parts.append(f'<h2 id="{page.replace("/", "-")}"><a href="../{page}.html">{escape(titles[page])}</a></h2>')
            parts += [_change(row) for row in rows]
    return "\n".join(parts)


def _change(row: dict) -> str:
    said = {"Before": row["first"], "Now": row["now"], "Why": row["why"], "Who should care": row["who"]}
    terms = "".join(f"<dt>{name}</dt><dd>{escape(words)}</dd>" for name, words in said.items())
    listed = f'<dl class="change">{terms}</dl>'
    if row["change"] in GIVEN_AWAY:
        listed = f"{answers.MARK}<summary>{word('answers.scores')}</summary>\n<div>\n{listed}\n</div>\n{answers.END}"
    return f'<h3 id="{anchor("changes", row)}">{escape(row["about"])}</h3>\n{listed}'


# ---------------------------------------------------------------- Sphinx


class Table(Made):
    def html(self, root):
        if not self.arguments or self.arguments[0] not in tables.names():
            raise self.error(f"data-table needs one of: {', '.join(tables.names())}")
        return whole_table(root, self.arguments[0])


class Sources(Made):
    def html(self, root):
        return sources_table(root)


class Changes(Made):
    def html(self, root):
        return changes_list(root)


class Files(Made):
    def html(self, root):
        return files_table()


def _page(app, pagename, templatename, context, doctree) -> None:
    body = context.get("body") or ""
    if CLAIMED.search(body):
        to = context["pathto"](SOURCES) if SOURCES in app.env.found_docs else "sources.html"
        context["body"] = linked(body, to)
    if MARK in body:
        app.add_js_file("datatables.js", loading_method="defer", priority=900)


def linked(body: str, to: str, whole: bool = False) -> str:
    """The source in each row of a table of claims leads to what is said of it; with its place in it, if `whole`.

    >>> linked("<td>Kobe City 2020, item (2)</td><td>published</td></tr>", "sources.html")
    '<td><a href="sources.html#sources-kobecity2020">Kobe City 2020</a>, item (2)</td><td>published</td></tr>'
    """
    names = _sources()

    def link(match: re.Match) -> str:
        label = next((label for label in names if match[1].startswith(f"{label}, ")), None)
        if label is None:
            return match[0]
        words, rest = (match[1], "") if whole else (label, match[1][len(label) :])
        return f'<td><a href="{to}#{names[label]}">{words}</a>{rest}{match[2]}'

    return CLAIMED.sub(link, body)


@functools.cache
def _sources() -> dict[str, str]:
    """The address of each source by its label as HTML, the longest first: one label may begin with another."""
    rows = tables.read("sources").to_dict("records")
    return {escape(row["label"]): anchor("sources", row) for row in sorted(rows, key=lambda row: -len(row["label"]))}


def _files(app) -> None:
    """The tables themselves, beside what else a reader takes along."""
    if app.builder.format != "html":
        return
    folder = Path(app.doctreedir).parent / "downloads" / FOLDER
    shutil.copytree(tables.folder(), folder, dirs_exist_ok=True)


def setup(app):
    app.add_directive("data-table", Table)
    app.add_directive("data-sources", Sources)
    app.add_directive("data-changes", Changes)
    app.add_directive("data-files", Files)
    app.connect("html-page-context", _page)


def files(app):
    app.connect("builder-inited", _files, priority=600)  # after `takeaway` has made the folder
