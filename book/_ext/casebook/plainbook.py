"""Pages of the book as notebooks that need nothing of it: plain Markdown, pictures in place of what a site draws.

Whoever reads in JupyterLab, VS Code or Colab has no roles and no directives. Here citations become author and year
with the reference, terms lead to their definition, cards become quotations, tables and plans Markdown, charts
pictures; a link leads to a file of the pack, to the site if its address is known, or is words.
"""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit

import nbformat
import yaml
from docutils.languages import get_language
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from docutils.utils import new_document
from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from pybtex.backends.markdown import Backend
from pybtex.database import parse_file
from pybtex.plugin import find_plugin

from casebook import chapters, charted, datatables, editions, reference
from casebook.figure import slug
from casebook.made import Made
from casebook.plays import PLAYS
from sibmodels import charts, tables

# a role or other words in backticks; a link, in Markdown or in HTML
INLINE = re.compile(
    r"(?:\{(?P<role>[\w:+-]+)\})?(?P<ticks>`+)(?P<code>.+?)(?P=ticks)(?!`)"
    r"|(?<!!)\[(?P<words>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<to>[^()\s]+)\)"
    r'|<a href="(?P<href>[^"]+)"[^>]*>(?P<label>.*?)</a>',
    flags=re.S,
)
LINK = re.compile(r"\[(.*)\]\((.*)\)", flags=re.S)
STRONG = re.compile(r"</?strong>")
FENCE = re.compile(r"\{([\w-]+)\}\s*(.*)")
ACTIVE = re.compile(r"<(form|input|button|script|svg|details)\b")  # HTML that is more than text
OPTION = re.compile(r":([\w-]+):\s*(.*)")
FOUND = "The book's scores: open after coding yourself"
HIDDEN = {"hide-cell", "answers"}  # tags of cells that are folded as on the site
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
OFFLINE = "from sibmodels import charts\n\ncharts.offline()  # draw every chart here, without a network"
# pages that are for teachers alone: not in the pack, but in the instructor's part
TEACHERS = {"teach/instructor", "teach/seminar"}
INSTEAD = {  # of pages that are tables, or about the site
    "start": "START-HERE.txt",
    "reference/facts": "data/facts.csv",
    "reference/sources": "reference/bibliography.ipynb",
    "reference/statements": "data/statements.csv",
    "reference/tables": "data/README.md",
    "reference/changes": "data/changes.csv",
}
CELL = "cell-id="  # what JupyterLab and nbconvert call the place of a cell; it is found before a page is drawn
LONG = 90  # letters of an address
SITE_ONLY = {*INSTEAD, "reference/runs", *TEACHERS}


class References(Backend):
    """References in Markdown, with a backslash only where Markdown would read a sign."""

    def format_str(self, text: str) -> str:
        return re.sub(r"([\\*_`\[\]<>])", r"\\\1", text)

    def format_href(self, url: str, text: str, external: bool = False) -> str:
        """A long address is shown by its beginning: it would not break, and nobody reads it."""
        return f"[{text if len(text) < LONG else urlsplit(url).netloc + '/…'}]({url})"


@dataclass(frozen=True)
class Page:
    """A page while it is written: its name below ``book/``, its place in the pack, what it cites."""

    name: str
    path: str
    cited: set[str] = field(default_factory=set)
    entries: list[str] = field(default_factory=list)  # in their order, each a cell that others lead to

    def to(self, path: str) -> str:
        """The way from here to another file of the pack.

        >>> Page("cases/kobe", "chapters/kobe.ipynb").to("chapters/npg.ipynb")
        'npg.ipynb'
        """
        return os.path.relpath(path, os.path.dirname(self.path) or ".").replace(os.sep, "/")


@dataclass(frozen=True)
class Plain:
    """Writes the pages of a book as plain notebooks.

    Parameters
    ----------
    root : Path
        The book's own folder.
    site : str
        The address where it is published, if any: what the pack does not have leads there.
    files : set of str
        What else is in the pack, such as ``coding-sheet.csv`` and ``slides/kobe.html``.
    """

    root: Path
    site: str = ""
    files: frozenset[str] = frozenset()

    # ---------------------------------------------------------------- which pages, and where

    @cached_property
    def sources(self) -> dict[str, Path]:
        """The file of each page by its name below ``book/``: first those of the contents, in their order."""
        paths = chapters.pages(self.root)
        found = {path.relative_to(self.root / "book").with_suffix("").as_posix(): path for path in paths}
        order = {name: found[name] for _, names in self.parts for name in names}
        return order | found

    @cached_property
    def parts(self) -> list[tuple[str, list[str]]]:
        """The contents of the book: caption and names of each part."""
        toc = yaml.safe_load((self.root / "_toc.yml").read_text(encoding="utf-8"))
        parts = [(part.get("caption", ""), [one["file"] for one in part["chapters"]]) for part in toc["parts"]]
        parts[0] = (parts[0][0], [toc["root"], *parts[0][1]])
        return [(caption, [name.removeprefix("book/") for name in names]) for caption, names in parts]

    def edited(self, name: str) -> bool:
        """Whether a page is a chapter with exercises, of which there are editions."""
        return name in self._edited

    @cached_property
    def _edited(self) -> set[str]:
        notebooks = {name: path for name, path in self.sources.items() if path.suffix == ".ipynb"}
        return {name for name, path in notebooks.items() if '"## Exercises' in path.read_text(encoding="utf-8")}

    def place(self, name: str, edition: str = "chapters") -> str:
        """Where a page stands in the pack."""
        if name in INSTEAD:
            return INSTEAD[name]
        folder, _, last = name.rpartition("/")
        if name in TEACHERS or self.edited(name):
            return f"{'instructor' if name in TEACHERS else edition}/{last}.ipynb"
        return f"{folder if folder.startswith('teach') else 'reference'}/{last}.ipynb"

    def pages(self) -> list[str]:
        """The pages without exercises that the pack has: all but the instructor's, and those about the site."""
        return [name for name in self.sources if name not in SITE_ONLY and not self.edited(name)]

    # ---------------------------------------------------------------- notebooks

    def edition(self, name: str, which: str, folder: str):
        """A chapter in one edition, as `editions.edition` makes it, in plain Markdown."""
        made = editions.edition(self._notebook(name), name, which, self.notes.get(name, {}))
        return self._finished(made, Page(name, self.place(name, folder)))

    def page(self, name: str):
        """A page without exercises; of one that is text, each section is a cell."""
        page = Page(name, self.place(name))
        if self.sources[name].suffix == ".ipynb":
            return self._finished(copy.deepcopy(self._notebook(name)), page)
        return self.text(self.sources[name].read_text(encoding="utf-8"), page)

    def text(self, source: str, page: Page):
        """Text as a notebook."""
        markdown = self.markdown(source, page)
        return self._ended(_sections(markdown, ("h2", "h3") if page.entries else ("h2",)), page)

    @cached_property
    def notes(self) -> dict[str, dict]:
        return editions.notes(self.root)

    def _notebook(self, name: str):
        """A chapter with its charts as pictures."""
        if name not in self._read:
            self._read[name] = nbformat.read(self.sources[name], as_version=4)
            for cell in self._read[name].cells:
                for output in cell.get("outputs", []):
                    charted.redraw(output)
        return self._read[name]

    @cached_property
    def _read(self) -> dict[str, nbformat.NotebookNode]:
        return {}

    def _finished(self, notebook, page: Page):
        drawn = False
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = self.markdown(cell.source, page)
                continue
            for output in cell.outputs:
                drawn |= charts.VEGA_LITE in output.get("data", {})
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
            tags = set(cell.metadata.get("tags", []))
            if "answers" in tags and page.path.startswith("student/"):  # whoever runs it sees them
                cell.outputs = []
            if HIDDEN & tags:
                cell.metadata["jupyter"] = {"source_hidden": True, "outputs_hidden": True}
        if drawn:
            first = next(place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code")
            notebook.cells.insert(first, nbformat.v4.new_code_cell(OFFLINE, metadata={"tags": ["offline"]}))
        return self._ended(notebook, page)

    def _ended(self, notebook, page: Page):
        notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
        if page.cited and page.name != "reference/bibliography":
            works = [f"- {self.works[key]}" for key in sorted(page.cited, key=lambda key: self.labels[key].casefold())]
            notebook.cells.append(nbformat.v4.new_markdown_cell("\n".join(["## Works cited", "", *works])))
        there = {"Contents": "contents", "Glossary": "reference/glossary", "Bibliography": "reference/bibliography"}
        ways = " · ".join(f"[{words}]({page.to(path)}.ipynb)" for words, path in there.items())
        notebook.cells.append(nbformat.v4.new_markdown_cell(ways))
        return _named(notebook, page.entries)

    # ---------------------------------------------------------------- Markdown

    def markdown(self, source: str, page: Page) -> str:
        """MyST as Markdown: directives by what they stand for, roles and links within the text."""
        lines, done, at = source.splitlines(), [], 0
        for token in PARSER.parse(source):
            if token.level or not token.map or token.nesting < 0:
                continue
            first, end = token.map
            done += lines[at:first]
            if token.type in ("fence", "colon_fence"):
                found = FENCE.fullmatch(token.info.strip())
                done.append(
                    self._directive(*found.groups(), token.content, page) if found else "\n".join(lines[first:end])
                )
            elif token.type == "code_block":
                done += lines[first:end]
            else:
                done.append(self._inline("\n".join(lines[first:end]), page, html=token.type == "html_block"))
            at = end
        return re.sub(r"\n{3,}", "\n\n", "\n".join([*done, *lines[at:]])).strip("\n")

    def _inline(self, text: str, page: Page, html: bool = False) -> str:
        def written(found: re.Match) -> str:
            if found["role"]:
                return self._role(found["role"], " ".join(found["code"].split()), page)
            if found["ticks"]:
                return found[0]
            words = found["words"] if found["to"] else found["label"] if html else STRONG.sub("**", found["label"])
            link = self.link(self._inline(words or "", page), found["to"] or found["href"], page)
            return LINK.sub(r'<a href="\2">\1</a>', link) if html else link

        text = re.sub(r"<details[^>]*><summary>(.*?)</summary>", r"**\1**", text).replace("</details>", "")
        text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
        return INLINE.sub(written, text)

    def _role(self, role: str, text: str, page: Page) -> str:
        if role in ("cite", "cite:p", "cite:t"):
            keys = [key.strip() for key in text.split(",")]
            page.cited.update(keys)
            bibliography = page.to("reference/bibliography.ipynb")
            links = [f"[{self.labels[key]}]({bibliography}#{CELL}{key})" for key in keys]
            return " and ".join(links) if role == "cite:t" else f"({'; '.join(links)})"
        if role == "term":
            words, _, term = text.removesuffix(">").partition(" <")
            place = self.terms[(term or words).casefold()]
            return f"[{words}]({page.to('reference/glossary.ipynb')}#{CELL}{place})"
        raise ValueError(f"{page.name}: the role {role!r} has no plain form; give it one in plainbook.py")

    def link(self, words: str, to: str, page: Page) -> str:
        """A link to what the pack has; else to the site, if its address is known; else words."""
        if re.match(r"(https?|mailto):", to):
            return f"[{words}]({to})"
        target, _, anchor = to.partition("#")
        here = Path("/book") / page.name
        absolute = _normal((here.parent / target if target else here).as_posix())
        if absolute.startswith(("/downloads/", "/slides/")):
            name = absolute.removeprefix("/downloads/").removeprefix("/")
            return f"[{words}]({page.to(name)})" if name in self.files else self._elsewhere(words, absolute, anchor)
        name = re.sub(r"\.(html|md|ipynb)$", "", absolute.removeprefix("/book/"))
        if name not in self.sources:
            raise ValueError(f"{page.name}: the link to {to} leads to no page")
        words = words or self.title(name)
        if name in SITE_ONLY - set(INSTEAD):
            return self._elsewhere(words, f"/book/{name}.html", anchor)
        folder = page.path.partition("/")[0] if self.edited(page.name) else "chapters"
        place = page.to(self.place(name, folder)) if name != page.name else ""
        heading = self.anchors(name).get(anchor) if anchor and name not in INSTEAD else None
        place += f"#{_id(heading)}" if heading else ""
        return f"[{words}]({place})" if place else words

    def _elsewhere(self, words: str, address: str, anchor: str) -> str:
        if not self.site:
            return words
        return f"[{words}]({self.site.rstrip('/')}{address}{'#' + anchor if anchor else ''})"

    def title(self, name: str) -> str:
        return self.anchors(name)[""]

    def anchors(self, name: str) -> dict[str, str]:
        """The heading of each place that a link can name: a section, or the one that a chart stands in."""
        if name not in self._anchors:
            found: dict[str, str] = {}
            last = ""
            path = self.sources[name]
            cells = (
                nbformat.read(path, as_version=4).cells
                if path.suffix == ".ipynb"
                else [nbformat.v4.new_markdown_cell(path.read_text(encoding="utf-8"))]
            )
            for cell in cells:
                if cell.cell_type == "markdown":
                    for heading in re.findall(r"^#+ (.+)$", cell.source, flags=re.M):
                        last = heading.strip()
                        found.setdefault("", last)
                        found[slug(last)] = last
                elif "name" in cell.metadata:
                    found[f"figure-{cell.metadata['name']}"] = last
            self._anchors[name] = found
        return self._anchors[name]

    @cached_property
    def _anchors(self) -> dict[str, dict[str, str]]:
        return {}

    # ---------------------------------------------------------------- what directives stand for

    def _directive(self, name: str, argument: str, content: str, page: Page) -> str:
        lines, options = content.splitlines(), {}
        while lines and (found := OPTION.fullmatch(lines[0])):
            options[found[1]] = found[2]
            del lines[0]
        body = "\n".join(lines).strip("\n")
        if name in WRITTEN:
            return WRITTEN[name](self, argument, options, body, page)
        made = _made(name, argument, options, body)
        text = made and made.text(self.root)
        if made and text is None and not ACTIVE.search(html := made.html(self.root)):
            text = re.sub(r' id="[^"]*"|\n(?=\n)', "", html)  # a blank line would end it
        return self.markdown(text, page) if text else self._on_site("This part", page)

    def _admonition(self, title: str, options: dict, body: str, page: Page) -> str:
        lines = [f"**{self._inline(title, page)}**", "", *self.markdown(body, page).splitlines()]
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def _table(self, caption: str, options: dict, body: str, page: Page) -> str:
        return (
            f"*{self._inline(caption, page)}*\n\n{self.markdown(body, page)}" if caption else self.markdown(body, page)
        )

    def _list_table(self, caption: str, options: dict, body: str, page: Page) -> str:
        rows = [re.split(r"\n? +- ", row) for row in re.split(r"^\* - ", body, flags=re.M)[1:]]
        cells = [[" ".join(cell.split()) for cell in row] for row in rows]
        lines = [f"| {' | '.join(row)} |" for row in cells]
        return self._table(caption, options, "\n".join([lines[0], "|---" * len(cells[0]) + "|", *lines[1:]]), page)

    def _container(self, title: str, options: dict, body: str, page: Page) -> str:
        return f"\n{self.markdown(body, page)}\n"

    def _answers(self, summary: str, options: dict, body: str, page: Page) -> str:
        """Closed until it is opened."""
        return f"<details><summary>{summary or FOUND}</summary>\n\n{self.markdown(body, page)}\n\n</details>"

    def _play(self, argument: str, options: dict, body: str, page: Page) -> str:
        """What a figure to play with says before anybody moves it, and where it moves."""
        name, _, title = argument.partition(" ")
        play = PLAYS[name]
        terms = play.start() | {key: text if key in play.choices else float(text) for key, text in options.items()}
        verdict, how = play.said(terms)
        head, *rows = play.rows(terms)
        lines = [_row(head), "|---" * len(head) + "|", *map(_row, rows)]
        sliders = self._elsewhere("On the book's site", f"/book/{page.name}.html", name)
        # no quotation: not every viewer has tables in one
        return "\n".join(
            [f"**{title}** {verdict} {how}", "", *lines, "", f"*{sliders} sliders move what this rests on.*"]
        )

    def _on_site(self, what: str, page: Page) -> str:
        site = self._elsewhere("the book's site", f"/book/{page.name}.html", "")
        return f"*{what} stands on {site}.*"

    def _own_form(self, argument: str, options: dict, body: str, page: Page) -> str:
        return self._on_site("A form that asks for a contract's terms and makes the report", page)

    def _coding_form(self, argument: str, options: dict, body: str, page: Page) -> str:
        sheet = "coding-sheet.csv" if argument == "evidence" else "coding-sheet-blind.csv"
        return f"{self._on_site('A form that makes the sheet', page)} Here, fill in [{sheet}]({page.to(sheet)})."

    def _packages(self, argument: str, options: dict, body: str, page: Page) -> str:
        return self._on_site("The list, with licences,", page)

    def _files(self, argument: str, options: dict, body: str, page: Page) -> str:
        rows = [
            f"| [{name}.csv]({page.to(f'data/{name}.csv')}) | {resource['title']} | {len(tables.read(name)):,} |"
            for name, resource in datatables.package().items()
        ]
        return "\n".join(["| File | What it holds | Rows |", "|---|---|---:|", *rows])

    def _glossary(self, argument: str, options: dict, body: str, page: Page) -> str:
        entries = dict(_entries(body))
        page.entries.extend(self.terms[term.casefold()] for term in entries)
        return "\n\n".join(f"### {term}\n\n{self.markdown(words, page)}" for term, words in entries.items())

    def _bibliography(self, argument: str, options: dict, body: str, page: Page) -> str:
        interest = tables.read("sources").set_index("key")["interest"].fillna("")
        said = {key: re.sub(r" *\[[^]]*\]", "", words) for key, words in interest.items()}
        said = {key: f" *Interest: {words}.*" if words else "" for key, words in said.items()}
        page.entries.extend(sorted(self.works, key=lambda key: self.labels[key].casefold()))
        return "\n\n".join(f"### {self.labels[key]}\n\n{self.works[key]}{said[key]}" for key in page.entries)

    def _reference(self, argument: str, options: dict, body: str, page: Page) -> str:
        """The package name by name, each as `help` has it."""
        parts = []
        for module in reference.PAGES[argument].split():
            parts.append(f"## {module}")
            for name in (one for one in reference.everything(self.root) if one.module == module):
                parts.append(f"### {name.call}\n\n```text\n{name.signature}\n\n{name.doc}\n```")
                parts += [f"**{part.call}**\n\n```text\n{part.signature}\n\n{part.doc}\n```" for part in name.parts]
        return "\n\n".join(parts)

    # ---------------------------------------------------------------- what roles lead to

    @cached_property
    def labels(self) -> dict[str, str]:
        """Author and year of each source by its key."""
        return tables.read("sources").set_index("key")["label"].to_dict()

    @cached_property
    def works(self) -> dict[str, str]:
        """The full reference of each source by its key, in Markdown."""
        known = parse_file(str(self.root / "book/references.bib"))
        style = find_plugin("pybtex.style.formatting", "plain")()
        return {
            entry.key: " ".join(entry.text.render(References()).split()) for entry in style.format_bibliography(known)
        }

    @cached_property
    def terms(self) -> dict[str, str]:
        """The name of each term's cell in the glossary, by the term in small letters."""
        text = (self.root / "book/reference/glossary.md").read_text(encoding="utf-8")
        body = re.search(r"^```\{glossary\}\n(.*?)^```", text, flags=re.M | re.S)[1]
        return {term.casefold(): slug(term) for term, _ in _entries(body)}

    # ---------------------------------------------------------------- the first page

    def contents(self):
        """The notebook that leads to everything in the pack."""
        lines = ["# Contents of the course pack", ""]
        lines += ["Every chapter is here three times: to read, to work in, and with a cell for each solution.", ""]
        for caption, names in self.parts:
            rows = [self._listed(name) for name in names if name not in SITE_ONLY]
            if rows:
                lines += [f"## {caption or 'The book in short'}", "", *rows, ""]
        rest = [name for name in self.pages() if not any(name in names for _, names in self.parts)]
        lines += ["## Also", "", *map(self._listed, rest), ""] if rest else []
        other = [
            name for name in self.files if "/" not in name or (name.startswith("slides/") and name.endswith(".html"))
        ]
        lines += ["## Files", "", *(f"- [{name}]({quote(name)})" for name in sorted(other))]
        lines += ["- [data](data/README.md): every table of the book", "- `print/`: what is taught from, to print"]
        return _named(_sections("\n".join(lines)))

    def _listed(self, name: str) -> str:
        if not self.edited(name):
            return f"- [{self.title(name)}]({self.place(name)})"
        links = [f"[{words}]({self.place(name, words)})" for words in ("student", "solutions")]
        return f"- [{self.title(name)}]({self.place(name)}) · {' · '.join(links)}"


WRITTEN: dict[str, Callable[..., str]] = {
    "admonition": Plain._admonition,
    "table": Plain._table,
    "list-table": Plain._list_table,
    "container": Plain._container,
    "answers": Plain._answers,
    "play": Plain._play,
    "own-form": Plain._own_form,
    "coding-form": Plain._coding_form,
    "live-table": Plain._packages,
    "data-files": Plain._files,
    "glossary": Plain._glossary,
    "bibliography": Plain._bibliography,
    "reference": Plain._reference,
}
PARSER = MarkdownIt("commonmark").enable("table").disable("inline").use(colon_fence_plugin)  # blocks are enough


def _made(name: str, argument: str, options: dict, body: str) -> Made | None:
    """The directive of a name, without a page around it, if it is made from the book's own files."""
    kind, _ = directives.directive(name, get_language("en"), new_document(""))
    if kind is None or not issubclass(kind, Made):
        return None
    made = object.__new__(kind)
    made.name, made.arguments, made.options = name, [argument] if argument else [], options
    made.content = StringList(body.splitlines(), name)
    return made


def _entries(body: str) -> Iterator[tuple[str, str]]:
    """The terms of a glossary and their definitions."""
    for entry in re.split(r"\n(?=\S)", body.strip("\n")):
        term, _, words = entry.partition("\n")
        yield term.strip(), re.sub(r"^ {1,4}", "", words, flags=re.M).strip()


def _id(heading: str) -> str:
    """A heading's place, as JupyterLab and nbconvert name it.

    >>> _id("What `cap` does, *at last*")
    'What-cap-does,-at-last'
    """
    return quote(re.sub(r"[`*]", "", heading).replace(" ", "-"), safe="-,.:;()&'!+/")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _normal(path: str) -> str:
    """
    >>> _normal("/book/cases/../framing/npm")
    '/book/framing/npm'
    """
    parts: list[str] = []
    for part in path.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _sections(text: str, tags: tuple[str, ...] = ("h2",)):
    """Text as a notebook, a section a cell."""
    starts = [token.map[0] for token in PARSER.parse(text) if token.type == "heading_open" and token.tag in tags]
    lines, ends = text.splitlines(), [*starts, None]
    pieces = [lines[first:last] for first, last in zip([0, *starts], ends, strict=True)]
    cells = [nbformat.v4.new_markdown_cell("\n".join(piece).strip()) for piece in pieces]
    return nbformat.v4.new_notebook(cells=[cell for cell in cells if cell.source])


def _named(notebook, entries: list[str] = ()):
    """With what is the same whenever it is written: names of cells, and the kernel."""
    notebook.metadata, names = METADATA, iter(entries)
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = next(names, f"p{number:02d}") if cell.source.startswith("### ") else f"p{number:02d}"
    return notebook


def written(notebook) -> bytes:
    """A notebook as a file: in one line, for charts have many numbers."""
    return (json.dumps(notebook, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def printed(notebook, title: str, name: str = "") -> bytes:
    """A page of text as HTML for paper: any browser opens it, and links are words.

    What is cut and filled in looks as on the site: the style sheet's part about it comes along, and the name of
    the page is the class that it speaks of.
    """
    text = "\n\n".join(cell.source for cell in notebook.cells[:-1])  # the last leads to other files
    body = re.sub(r"</?a\b[^>]*>", "", MarkdownIt("commonmark").enable("table").render(text))
    rules = (Path(__file__).parents[2] / "_theme/casebook/static/casebook.css_t").read_text(encoding="utf-8")
    held = re.search(r"/\* what a class holds in its hands.*?(?=/\* search \*/)", rules, flags=re.S)[0]
    return SHEET.format(title=escape(title), body=body, held=held, name=name.rpartition("/")[2]).encode()


SHEET = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ --muted: #767b81; --ink: #1f2328; --sans: system-ui, sans-serif }}
body {{ max-width: 42rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 Georgia, serif; color: #1f2328 }}
h1, h2, h3, th {{ font-family: system-ui, sans-serif; line-height: 1.25; break-after: avoid }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ padding: .3rem .6rem; border-bottom: 1px solid #ccc; text-align: left; vertical-align: top }}
tr, li, blockquote {{ break-inside: avoid }}
blockquote {{ margin: 1rem 0; padding-left: 1rem; border-left: 4px solid #ccc }}
@page {{ size: A4; margin: 16mm 18mm }}
@media print {{
  body {{ margin: 0; padding: 0; max-width: none; font-size: 10.5pt; line-height: 1.45 }}
  h1 + blockquote {{ display: none }}
}}
{held}</style></head><body class="{name}"><main><article><section>
{body}</section></article></main></body></html>
"""
