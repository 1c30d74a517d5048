"""What a source or a term is, beside the words that name it: cards for hover, focus and tap, and a list on paper."""

from __future__ import annotations

import functools
import re
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes
from pybtex.richtext import Text
from sphinx import addnodes

from casebook.datatables import MARK, SOURCES, anchor
from casebook.markup import together
from casebook.words import word
from sibmodels import messages, tables

BIBLIOGRAPHY, GLOSSARY = "book/reference/bibliography", "book/reference/glossary"
MADE_FROM = ("data/sources.csv", "book/references.bib", f"{GLOSSARY}.md")
JAPANESE = re.compile("[\u3040-\u30ff\u4e00-\u9fff]")
LINK = re.compile(r'<a (?:class="[^"]*" )?href="([^"#]*)#([^"]+)"(?: lang="\w+")?(?: title="[^"]*")?>')


class Note:
    """One card: who or what, in few words, and where more is said of it."""

    def __init__(self, name: str, words: str, more: list[tuple[str, str, str]]):
        self.name, self.words = name, words
        self.more = more  # page, place in it, and the words of the link

    def html(self, pathto) -> str:
        more = " · ".join(f'<a href="{pathto(page)}#{place}">{words}</a>' for page, place, words in self.more)
        kind, _, _ = self.name.partition("-")
        return (
            f'<div popover id="note-{self.name}" class="note {kind}">'
            f'<div id="said-{self.name}">{self.words}</div><p class="more">{more}</p></div>'
        )


@functools.cache
def _rows() -> dict[str, dict]:
    return {row["key"]: row for row in tables.read("sources").fillna("").to_dict("records")}


def source(row: dict, title: str, year: str) -> str:
    """Who, when and what; how much of it was seen; whose interest it is.

    >>> row = {"label": "Cox 2011", "seen": "part", "note": "Abstract seen", "interest": "Sells bonds [cox2012]"}
    >>> source(row, "Bonds & us", "2011")
    '<p><strong>Cox 2011.</strong> Bonds &amp; us.</p><p>Seen in part. Abstract seen. Interest: Sells bonds.</p>'
    """
    who = row["label"] if year in row["label"] else word("notes.who", who=row["label"], year=year)
    stop = "" if title.endswith(("?", "!", ".")) else "."
    seen = [word(f"notes.{row['seen']}"), row["note"] and written(row["note"])]
    interest = re.sub(r" *\[[^]]*\]", "", row["interest"])  # which source says so, the full entry tells
    whose = word("notes.interest", interest=written(interest)) if interest else word("notes.no_interest")
    told = word("notes.between").join(word("notes.sentence", said=one) for one in [*seen, whose] if one)
    return f"<p><strong>{word('notes.heading', name=written(who))}</strong> {written(title)}{stop}</p><p>{told}</p>"


def written(text: str) -> str:
    """A text of the tables in its own language, which is said where it is not the page's."""
    own = "ja" if JAPANESE.search(text) else messages.ENGLISH
    return escape(text) if own == messages.language() else f'<span lang="{own}">{escape(text)}</span>'


def sources(env) -> dict[tuple[str, str], Note]:
    """By the place that a link names: in the bibliography, or among the sources."""
    found = {}
    for cited in env.get_domain("cite").citations:
        row, fields = _rows().get(cited.key), cited.entry.fields
        if row is None:
            continue
        here = anchor("sources", row)
        entry = (BIBLIOGRAPHY, cited.citation_id, word("notes.entry"))
        resting = (SOURCES, here, word("notes.resting"))
        words = source(row, str(Text.from_latex(fields["title"])), fields.get("year", ""))
        found[BIBLIOGRAPHY, cited.citation_id] = found[SOURCES, here] = Note(here, words, [entry, resting])
    return found


def terms(env) -> dict[tuple[str, str], Note]:
    """The definition of each term, without the sources that it names."""
    found = {}
    if GLOSSARY not in env.found_docs:
        return found
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        term, definition = item.next_node(nodes.term), item.next_node(nodes.definition)
        name = term["ids"][0]
        text = re.sub(r"\s+([.,;:])", r"\1", " ".join(_plain(definition.next_node(nodes.paragraph)).split()))
        words = f"<p><strong>{word('notes.heading', name=escape(term.astext()))}</strong> {escape(text)}</p>"
        found[GLOSSARY, name] = Note(name, words, [(GLOSSARY, name, word("notes.glossary"))])
    return found


def _plain(node) -> str:
    if isinstance(node, addnodes.pending_xref) and node.get("refdomain") == "cite":
        return ""
    return "".join(map(_plain, node.children)) if node.children else node.astext()


def marked(body: str, found, page: str) -> tuple[str, list[Note]]:
    """The page with its links told apart, and the notes that they need, each once and in their order."""
    used = {}

    def mark(link: re.Match) -> str:
        path = urlsplit(link[1]).path
        target = (Path("/") / page).parent.joinpath(path) if path else Path("/") / page
        name = _normal(target.as_posix()).removeprefix("/").removesuffix(".html")
        note = found.get((name, link[2])) if name != page else None
        if note is None:
            return link[0]
        used[note.name] = note
        whole = re.sub(r' title="[^"]*"', "", link[0])  # the card says it
        return f'{whole[:-1]} aria-describedby="said-{note.name}">'

    return LINK.sub(mark, body), list(used.values())


def _normal(path: str) -> str:
    parts = []
    for part in path.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _page(app, pagename, templatename, context, doctree) -> None:
    body = context.get("body") or ""
    if doctree is None or MARK in body:  # whole tables are looked up, and say it all themselves
        return
    found = _found(app)
    context["body"], used = marked(body, found, pagename)
    if used:
        context["notes"] = together("\n".join(note.html(context["pathto"]) for note in used))
        app.add_js_file("notes.js", loading_method="defer")


def _found(app) -> dict[tuple[str, str], Note]:
    if not hasattr(app, "casebook_notes"):
        app.casebook_notes = sources(app.env) | terms(app.env)
    return app.casebook_notes


def _outdated(app, env, added, changed, removed) -> list[str]:
    """Every page, when what the cards say has changed since the site was written."""
    written = Path(app.outdir) / app.builder.get_target_uri(env.config.root_doc)
    newest = max((Path(app.srcdir) / name).stat().st_mtime for name in MADE_FROM)
    return sorted(env.found_docs) if written.is_file() and written.stat().st_mtime < newest else []


def setup(app):
    app.connect("env-get-outdated", _outdated)
    app.connect("html-page-context", _page, priority=800)  # when the links of the tables are there
