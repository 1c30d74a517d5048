"""Pages keep their address: ``book/addresses.txt`` lists them all, and where those that moved now are."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from casebook import tongues
from casebook.pages import reading_order
from sibmodels import messages


def read(srcdir) -> dict[str, str]:
    """Each address of the book, and where it leads: to itself, or after ``->`` to where the page moved.

    Lines that begin with # are comments.
    """
    lines = (Path(srcdir) / "book/addresses.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("->") for line in lines if line.strip() and not line.startswith("#"))
    return {parts[0].strip(): parts[-1].strip() for parts in pairs}


def redirect(here: str, target: str) -> str:
    """A page that leads on, for readers with scripts and without."""
    way = "../" * here.count("/") + target
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>This page has moved</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<meta http-equiv="refresh" content="0; url={escape(way)}"></head>'
        f'<body><main><h1>This page has moved</h1><p><a href="{escape(way)}">Go to the page</a></p></main></body>'
        "</html>\n"
    )


def rooted(page: str, base: str) -> str:
    """A page whose links begin at the site's root: it may be shown at any address below.

    >>> rooted('<a href="book/x.html"><a href="#top"><a href="https://example.org/"><script src="_static/x.js">', "/b/")
    '<a href="/b/book/x.html"><a href="#top"><a href="https://example.org/"><script src="/b/_static/x.js">'
    """
    return re.sub(r'\b(href|src|action)="(?![a-z]+:|[#/"])', rf'\1="{base}', page)


def _missing(app):
    """The page for an address that is none; a server shows it at whatever address was asked for."""
    yield "404", {"title": "This page is not here"}, "404.html"


def _twins(base: str, name: str) -> list[tuple[str, str]]:
    """The folder of a page in each language that has it, and, where several do, how a sitemap says that of each."""
    every = {messages.ENGLISH: ""} | {
        language: f"{language}/" for language in tongues.languages() if name in tongues.pages()
    }
    said = "".join(
        f'<xhtml:link rel="alternate" hreflang="{language}" href="{base}{folder}{name}.html"/>'
        for language, folder in every.items()
    )
    return [(folder, said if len(every) > 1 else "") for folder in every.values()]


def _finish(app, error) -> None:
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    moved = {old: new for old, new in read(app.srcdir).items() if old != new}
    for old, new in moved.items():
        (site / old).parent.mkdir(parents=True, exist_ok=True)
        (site / old).write_text(redirect(old, new), encoding="utf-8")
    if app.config.html_baseurl:
        missing = site / "404.html"
        missing.write_text(rooted(missing.read_text(encoding="utf-8"), urlsplit(app.config.html_baseurl).path), "utf-8")
    # before the book is published, its sitemap names the address at which `make serve` shows it
    base = app.config.html_baseurl or "http://127.0.0.1:8000/"
    urls = "".join(
        f"<url><loc>{base}{folder}{app.builder.get_target_uri(name)}</loc>{twins}</url>\n"
        for name in reading_order(app.env)
        for folder, twins in _twins(base, name)
    )
    (site / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
        f"{urls}</urlset>\n",
        encoding="utf-8",
    )
    (site / "robots.txt").write_text(f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n", encoding="utf-8")


def files(app):
    app.connect("html-collect-pages", _missing)
    app.connect("build-finished", _finish, priority=600)
