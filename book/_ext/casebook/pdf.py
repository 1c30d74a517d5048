"""The whole book as one PDF, made from the pages of the site and printed by Chromium."""

from __future__ import annotations

import hashlib
import html
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from pypdf import PdfReader
from sphinx.errors import SphinxError

from casebook.pages import citation, contents, reading_order

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
FLAGS += ["--no-pdf-header-footer", "--generate-pdf-document-outline"]


class BrowserError(SphinxError):
    category = "No browser"


def chromium() -> str | None:
    """The browser that prints: CHROMIUM, or Debian's; None where there is none, an error where CHROMIUM misleads."""
    named = os.environ.get("CHROMIUM")
    if named and not shutil.which(named):
        raise BrowserError(f"CHROMIUM names {named}, which is no program: name a Chromium that is there, or unset it")
    return named or shutil.which("chromium")


def write(app, target: Path) -> None:
    """Print the book, unless the same pages were printed before."""
    site = Path(app.outdir)
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in [site / "_static/casebook.css", *_files(app, site)]:
        digest.update(path.read_bytes())
    kept = Path(app.doctreedir).parent / "pdf" / f"{digest.hexdigest()[:16]}.pdf"
    if not kept.is_file():
        shutil.rmtree(kept.parent, ignore_errors=True)
        kept.parent.mkdir(parents=True)
        page = one_page(app, site)
        # printed twice: the first print tells on which page each chapter begins
        numbers = starts(printed(page, kept.with_suffix(".part")))
        for cell in page.select("[data-page]"):
            cell.string = str(numbers[cell["data-page"]])
        printed(page, kept.with_suffix(".part")).replace(kept)
    shutil.copy(kept, target)


def _files(app, site: Path) -> dict[Path, str]:
    """The page of each chapter in reading order, and the name that its ids begin with."""
    return {(site / f"{name}.html").resolve(): name.replace("/", "-") for name in reading_order(app.env)}


def one_page(app, site: Path) -> BeautifulSoup:
    """Every page of the book in reading order as one, with a title page and contents; links lead inside."""
    book, parts = citation(app.srcdir), contents(app.env)
    keys = _files(app, site)
    bodies = "".join(_chapter(path, keys) for path in keys)
    lines = [_line(app, app.config.root_doc)]
    for caption, group in parts:
        lines += [f'<li class="part">{html.escape(caption)}</li>'] if caption else []
        lines += [_line(app, name) for name in group]
    authors = ", ".join(author["name"] for author in book["authors"])
    return BeautifulSoup(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(book["title"])}</title>'
        f'<link rel="stylesheet" href="{(site / "_static/casebook.css").resolve().as_uri()}"></head><body>'
        f'<section class="cover"><h1>{html.escape(book["title"])}</h1><p>{html.escape(authors)}</p>'
        f"<p>Version {book['version']}, {book['date-released']}. "
        "Text and tables under CC BY 4.0, code under BSD-3-Clause.</p>"
        f'<h2>Contents</h2><ul class="contents">{"".join(lines)}</ul></section>{bodies}</body></html>',
        "html.parser",
    )


def _line(app, name: str) -> str:
    key, title = name.replace("/", "-"), html.escape(app.env.titles[name].astext())
    return f'<li><a href="#{key}">{title}</a><span data-page="{key}"></span></li>'


def _chapter(path: Path, keys: dict[Path, str]) -> str:
    """A page's text as a section; ids and links carry the page's name, so that they stay apart."""
    article = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select_one("main article")
    for gone in article.select(".headerlink, .vega-narrow, script, .vega-figure details, details.folded"):
        gone.decompose()
    for table in article.select(".data-table"):  # hundreds of rows, to be looked up and not to be read
        table.replace_with(
            BeautifulSoup("<p>The table stands on the site, and in the course pack as a file.</p>", "html.parser")
        )
    for solution in article.select("details"):
        solution["open"] = ""
    for tag in article.find_all(id=True):
        tag["id"] = f"{keys[path]}--{tag['id']}"
    for link in article.find_all("a", href=True):
        parts = urlsplit(link["href"])
        if parts.scheme:
            continue
        page = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        if page in keys:
            inside = parts.fragment and not parts.fragment.startswith(("facts-", "sources-", "table-"))  # rows left out
            link["href"] = "#" + keys[page] + (f"--{unquote(parts.fragment)}" if inside else "")
        else:
            link.unwrap()  # a file to download
    return f'<section class="chapter" id="{keys[path]}">{article.decode_contents()}</section>'


def printed(page: BeautifulSoup, target: Path) -> Path:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "book.html"
        source.write_text(str(page), encoding="utf-8")
        command = [chromium(), *FLAGS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", source.as_uri()]
        run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if run.returncode or not target.is_file():
        raise RuntimeError(f"{command[0]} printed no PDF; what it said:\n{run.stderr[-2000:]}")
    return target


def starts(target: Path) -> dict[str, int]:
    """The page on which each place that a link names stands."""
    reader = PdfReader(target)
    return {
        name.lstrip("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def setup(app):
    """Nothing to register: `takeaway` calls this module."""
