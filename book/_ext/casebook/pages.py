"""What the theme needs to know of a page: its place in the book, what it asks, how to cite it."""

from __future__ import annotations

import datetime
import json
import os
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import yaml
from docutils import nodes
from sphinx import addnodes

from casebook.execution import day, run_of
from casebook.plays import PLAYS
from casebook.words import file, word
from sibmodels import charts, messages

SHOWN_SCRIPTS = ("casebook.js", "whereami.js", "search.js", "showcode.js", "codingform.js", "play.js")
SHOWN_SCRIPTS += (
    "answers.js",
    "datatables.js",
    "vegafigure.js",
    "live.js",
    "assume.js",
    "workcells.js",
    "notes.js",
    "ownform.js",
    *(f"play-{name}.js" for name in PLAYS),
)


def contents(env) -> list[tuple[str, list[str]]]:
    """The parts of the book in order: caption (or nothing), and the names of their pages."""
    root = env.get_doctree(env.config.root_doc)
    return [
        (node.get("caption") or "", [name for _, name in node["entries"]]) for node in root.findall(addnodes.toctree)
    ]


def reading_order(env) -> list[str]:
    return [env.config.root_doc, *(name for _, names in contents(env) for name in names)]


def _read(app, doctree) -> None:
    """Keep what a chapter asks and its first words: other pages and search engines show them."""
    about = app.env.metadata[app.env.docname]
    for card in doctree.findall(nodes.admonition):
        if "chapter-card" in card["classes"]:
            asks = re.search(r"\bAsks\s+(.*?)\s*Know first\b", " ".join(card.astext().split()))
            about["asks"] = asks.group(1) if asks else ""
    found = (node for node in doctree.findall(nodes.paragraph) if isinstance(node.parent, nodes.section))
    paragraphs = (" ".join(node.astext().split()) for node in found)
    text = next((text for text in paragraphs if len(text) > 60), "")
    about["description"] = text if len(text) <= 155 else text[:155].rsplit(" ", 1)[0] + " …"


def citation(srcdir) -> dict:
    """The book's own CITATION.cff."""
    return yaml.safe_load((Path(srcdir) / "CITATION.cff").read_text(encoding="utf-8"))


def cite(book: dict, slug: str, title: str, address: str) -> dict[str, str]:
    """A chapter in APA style and in BibTeX; without an address where none is known.

    >>> book = {"title": "Book", "version": "1", "date-released": "2026-01-02", "authors": [{"name": "The authors"}]}
    >>> cite(book, "kobe", "Kobe", "")["apa"]
    'The authors. (2026). Kobe. In <em>Book</em> (Version 1).'
    >>> print(cite(book, "kobe", "Kobe", "https://example.org/kobe.html")["bibtex"])
    @incollection{casebook-kobe,
      author    = {{The authors}},
      title     = {{Kobe}},
      booktitle = {{Book}},
      year      = {2026},
      note      = {Version 1},
      url       = {https://example.org/kobe.html}
    }
    """
    authors = [author.get("name") or f"{author['family-names']}, {author['given-names']}" for author in book["authors"]]
    year = str(book["date-released"])[:4]
    stop = "" if title.endswith("?") else "."
    apa = f"{', & '.join(authors)}. ({year}). {title}{stop} In <em>{book['title']}</em> (Version {book['version']})."
    fields = {
        "author": "{" + " and ".join("{" + author + "}" for author in authors) + "}",
        "title": "{{" + title + "}}",
        "booktitle": "{{" + book["title"] + "}}",
        "year": "{" + year + "}",
        "note": "{Version " + str(book["version"]) + "}",
    }
    if address:
        apa += f" {address}"
        fields["url"] = "{" + address + "}"
    lines = ",\n".join(f"  {name:<9} = {value}" for name, value in fields.items())
    return {"apa": apa, "bibtex": f"@incollection{{casebook-{slug},\n{lines}\n}}"}


def written_out(date) -> str:
    """A date in words.

    >>> written_out("2026-11-05")
    '5 November 2026'
    """
    date = datetime.date.fromisoformat(str(date))
    month = word("page.months").split()[date.month - 1]
    return word("page.date", day=date.day, month=month, year=date.year)


def correction(book: dict, title: str, page: str) -> str:
    """Where a reader reports a mistake on a page: the repository's form for it, if CITATION.cff names a repository.

    >>> correction({"repository-code": "https://github.com/me/book/"}, "Kobe", "book/kobe")
    'https://github.com/me/book/issues/new?title=Correction%3A%20Kobe&body=Page%3A%20book%2Fkobe'
    >>> correction({}, "Kobe", "book/kobe")
    ''
    """
    home = book.get("repository-code", "").rstrip("/")
    if urlsplit(home).netloc not in ("github.com", "codeberg.org"):  # others have forms of their own
        return home
    return f"{home}/issues/new?title={quote('Correction: ' + title, safe='')}&body={quote('Page: ' + page, safe='')}"


def _page(app, pagename, templatename, context, doctree) -> None:
    env, about = app.env, app.env.metadata.get(pagename, {})
    titles = {name: title.astext() for name, title in env.titles.items()}
    context["parts"] = contents(env)
    context["titles"] = titles
    context["part"] = next((caption for caption, names in context["parts"] if pagename in names), "")
    context["folder"], _, context["slug"] = pagename.removeprefix("book/").rpartition("/")
    context["asks"] = {name: data.get("asks", "") for name, data in env.metadata.items()}
    order = reading_order(env)
    place = order.index(pagename) if pagename in order else None
    context["before"] = order[place - 1] if place else None
    context["after"] = order[place + 1] if place is not None and place + 1 < len(order) else None
    shown = (js for js in context.get("script_files", []) if str(js.filename).endswith((file(), *SHOWN_SCRIPTS)))
    context["scripts"] = sorted(shown, key=lambda js: not str(js.filename).endswith(file()))  # words before who speaks
    # the theme's one style sheet; extensions bring others for themes of their own
    context["styles"] = [css for css in context.get("css_files", []) if str(css.filename).endswith("casebook.css")]
    book = context["book"] = citation(app.srcdir)
    context["released"] = written_out(book["date-released"])
    context["correction"] = correction(book, titles.get(pagename, ""), pagename)
    if doctree is None:
        return
    title = titles[pagename]
    address = context["pageurl"] = app.config.html_baseurl and context.get("pageurl")
    context["plain_title"] = title
    context["description"] = about.get("description") or title
    context["cite"] = cite(book, context["slug"], title, address or "")
    ran = run_of(env, pagename)
    context["ran"] = ran and day(ran["mtime"])
    context["notebook"] = Path(env.doc2path(pagename)).name if ran else None
    context["schema"] = json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "Chapter",
            "name": title,
            "description": context["description"],
            "isPartOf": {"@type": "Book", "name": book["title"], "version": book["version"]},
            "author": [{"@type": "Organization", "name": author.get("name", "")} for author in book["authors"]],
            "license": "https://creativecommons.org/licenses/by/4.0/",
            "inLanguage": messages.language(),
            "dateModified": context["ran"] or str(book["date-released"]),
        },
        ensure_ascii=False,
    ).replace("<", "\\u003c")


def unready(book_url: str, repository: str) -> str:
    """What a build for publication lacks, and where to set it (`make publish`); nothing, where it lacks nothing.

    >>> unready("https://example.org/book/", "https://example.org/code")
    ''
    >>> unready("http://localhost:8000", "")
    'to publish, set BOOK_URL (the environment; it is http://localhost:8000) and repository-code (CITATION.cff)'
    """
    lacking = []
    for address, name, place in (
        (book_url, "BOOK_URL", "the environment"),
        (repository, "repository-code", "CITATION.cff"),
    ):
        parts = urlsplit(address)
        host = parts.hostname or ""
        known = parts.scheme in ("http", "https") and "." in host and not host.startswith("127.")
        if not known:
            lacking.append(f"{name} ({place}{f'; it is {address}' if address else ''})")
    return "to publish, set " + " and ".join(lacking) if lacking else ""


def _address(app, config) -> None:
    """Where the book is published, if anywhere: BOOK_URL, so that a workflow can say it."""
    config.html_baseurl = os.environ.get("BOOK_URL", config.html_baseurl)
    if config.html_baseurl and not config.html_baseurl.endswith("/"):
        config.html_baseurl += "/"
    if config.html_baseurl and config.language != messages.ENGLISH:
        config.html_baseurl += f"{config.language}/"


def _outdated(app, env, added, changed, removed) -> list[str]:
    """Every page, when the theme or these extensions changed since the site was written."""
    written = Path(app.outdir) / app.builder.get_target_uri(env.config.root_doc)
    folders = ("_theme", "_ext", "locale")
    sources = (path for folder in folders for path in (Path(app.srcdir) / "book" / folder).rglob("*.*"))
    newest = max(path.stat().st_mtime for path in sources if "__pycache__" not in path.parts and path.suffix != ".mo")
    return sorted(env.found_docs) if written.is_file() and written.stat().st_mtime < newest else []


def _colours(app, config) -> None:
    """What the style sheet, a template, has from data and charts: the colours of cases, and of charts on dark paper."""
    config.html_context |= {"case_colours": charts.CASE_COLOURS, "dark_colours": charts.DARK}


def setup(app):
    app.connect("config-inited", _address)
    app.connect("config-inited", _colours)
    app.connect("env-get-outdated", _outdated)
    app.connect("doctree-read", _read)
    app.connect("html-page-context", _page, priority=900)
    app.add_js_file("casebook.js", loading_method="defer")
    app.add_js_file("whereami.js", loading_method="defer")
