"""The whole book as one PDF, made from the pages of the site and printed by Chromium."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
from pathlib import Path

from pypdf import PdfReader
from sphinx.errors import SphinxError

from casebook import bound
from sibmodels.reports import printing

TABLE = re.compile(r"<table([^>]*)>\s*<caption>(.*?)</caption>\s*<thead>(.*?)</thead>(.*?)</table>", re.DOTALL)
LONG = 14  # rows; a table with fewer moves to the next page as a whole


class BrowserError(SphinxError):
    category = "No browser"


def chromium() -> str | None:
    """The browser that prints, or None where there is none; an error where CHROMIUM misleads."""
    named = os.environ.get("CHROMIUM")
    if named and not shutil.which(named):
        raise BrowserError(f"CHROMIUM names {named}, which is no program: name a Chromium that is there, or unset it")
    return printing.chromium()


def write(app, texts: dict[str, str], target: Path) -> None:
    """Printed twice: the first print tells on which page each chapter begins."""
    page, styles, part = one_page(app, texts), _styles(app), target.with_suffix(".part")
    numbers = starts(printed(page, styles, part))
    page = re.sub(r'(<span data-page="([^"]+)">)000', lambda cell: f"{cell[1]}{numbers[cell[2]]}", page)
    described(printed(page, styles, part), bound.about(app), bound.parts(app)).replace(target)


def _styles(app) -> str:
    """What the page looks like; fonts by their place in the site; each chapter's title at the head of its pages."""
    fonts = (Path(app.outdir) / "_static/fonts").resolve().as_uri()
    sheets = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("bound.css", "pdf.css"))
    heads = "".join(
        f"#{name} {{ page: {name}; }} @page {name} {{ @top-left {{ content: {json.dumps(_short(title))}; "
        'font: 8.5pt "Casebook Sans", sans-serif; color: #586069; } }\n'
        for _, group in bound.parts(app)
        for name, title in group
    )
    return sheets.replace("url(fonts/", f"url({fonts}/") + heads


def _short(title: str) -> str:
    """The first words of a title.

    >>> _short("Kobe: paid for guidance by telephone"), _short("What is paid and what is valued")
    ('Kobe', 'What is paid and what is valued')
    """
    return title.partition(": ")[0]


def one_page(app, texts: dict[str, str]) -> str:
    """Every page of the book in reading order as one, with a cover and contents."""
    book, lines = bound.about(app), []
    for caption, group in bound.parts(app):
        lines += [f'<li class="part">{html.escape(caption)}</li>'] if caption else []
        lines += [
            f'<li><a href="#{name}">{html.escape(title)}</a><span data-page="{name}">000</span></li>'
            for name, title in group
        ]
    chapters = "".join(
        f'<section class="chapter" id="{name}">{TABLE.sub(_headed, text)}</section>' for name, text in texts.items()
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(book["title"])}</title></head>'
        f'<body><div class="front">{bound.cover(book)}</div>'
        f'<section class="contents"><h1>Contents</h1><ul>{"".join(lines)}</ul></section>{chapters}</body></html>'
    )


def _headed(table: re.Match) -> str:
    """As a row of its head a caption stays with its rows, and comes again with them on the next page.

    >>> TABLE.sub(_headed, "<table><caption>C</caption><thead><tr><th>A</th></tr></thead></table>")
    '<table class="short"><thead><tr class="caption"><th colspan="1">C</th></tr><tr><th>A</th></tr></thead></table>'
    """
    attributes, caption, head, rest = table.groups()
    if rest.count("<tr") < LONG:
        attributes = attributes.replace('class="', 'class="short ') if "class=" in attributes else ' class="short"'
    row = f'<tr class="caption"><th colspan="{head.count("<th")}">{caption}</th></tr>'
    return f"<table{attributes}><thead>{row}{head}</thead>{rest}</table>"


FIT = """document.fonts.ready.then(() => document.querySelectorAll("table").forEach(table => {
  for (let size = 8; size > 5 && table.offsetWidth > table.parentNode.clientWidth + 1; size -= 0.5) {
    table.style.fontSize = size - 0.5 + "pt";
  }
}));"""  # a table with many columns in smaller letters, before it would be cut


def printed(page: str, styles: str, target: Path) -> Path:
    text = page.replace("</head>", f"<style>{styles}</style></head>", 1)
    text = text.replace("</body>", f"<script>{FIT}</script></body>")
    return printing.printed(text, target, chromium(), "--generate-pdf-document-outline")


def described(target: Path, book: dict, parts: list) -> Path:
    """The file says who wrote it, what about, and when; its bookmarks are the contents, whole as they were written.

    Appended, as the format allows: to write the whole file anew takes ten seconds.
    """
    data = target.read_bytes()
    end = data[data.rindex(b"trailer") :].decode("latin-1")
    size, root, info, start = (
        int(re.search(pattern, end)[1])
        for pattern in (r"/Size (\d+)", r"/Root (\d+)", r"/Info (\d+)", r"startxref\s+(\d+)")
    )
    said = {
        "Title": book["title"],
        "Author": ", ".join(book["authors"]),
        "Subject": f"{book['edition']}, {book['date']}. {book['licence']}",
        "Keywords": ", ".join(book["subjects"]),
        "CreationDate": f"D:{book['date'].replace('-', '')}",
    }
    objects = {info: "<< " + " ".join(f"/{key} {_words(value)}" for key, value in said.items()) + " >>"}
    top = re.search(rb"/Outlines (\d+) 0 R", data)
    if top:
        objects |= _bookmarks(int(top[1]), size, parts)
    new, table = b"", b"xref\n"
    for number, content in objects.items():
        table += f"{number} 1\n{len(data) + len(new):010} 00000 n \n".encode()
        new += f"{number} 0 obj\n{content}\nendobj\n".encode()
    size = max(size, *(number + 1 for number in objects))
    trailer = f"trailer\n<< /Size {size} /Root {root} 0 R /Info {info} 0 R /Prev {start} >>\n"
    target.write_bytes(data + new + table + f"{trailer}startxref\n{len(data) + len(new)}\n%%EOF\n".encode())
    return target


def _words(text: str) -> str:
    return f"<FEFF{text.encode('utf-16-be').hex()}>"


def _bookmarks(top: int, free: int, parts: list) -> dict[int, str]:
    """The parts and their chapters, in place of the browser's own, which runs the lines of a long title together."""
    tree = []  # title, place, chapters below it
    for caption, group in parts:
        chapters = [(title, name, []) for name, title in group]
        tree += [(caption, group[0][0], chapters)] if caption else chapters
    objects: dict[int, str] = {}

    def write(level: list, parent: int, free: int) -> tuple[int, int, int]:
        numbers, free = list(range(free, free + len(level))), free + len(level)
        for i, (title, place, below) in enumerate(level):
            ways = f"/Title {_words(title)} /Parent {parent} 0 R /Dest /{place}"
            ways += f" /Prev {numbers[i - 1]} 0 R" if i else ""
            ways += f" /Next {numbers[i + 1]} 0 R" if i + 1 < len(level) else ""
            if below:
                first, last, free = write(below, numbers[i], free)
                ways += f" /First {first} 0 R /Last {last} 0 R /Count {len(below)}"
            objects[numbers[i]] = f"<< {ways} >>"
        return numbers[0], numbers[-1], free

    first, last, _ = write(tree, top, free)
    objects[top] = f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {len(objects)} >>"
    return objects


def starts(target: Path) -> dict[str, int]:
    """The page on which each place that a link names stands."""
    reader = PdfReader(target)
    return {
        name.lstrip("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }
