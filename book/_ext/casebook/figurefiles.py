"""What a reader takes along of a figure: its picture as SVG and PNG, with title and source, and how to cite it.

The files stand beside the pages, in ``figures/``, and weigh nothing until somebody asks for one.
"""

from __future__ import annotations

import functools
import hashlib
import html
import itertools
import json
import re
import shutil
import struct
import zlib
from pathlib import Path
from urllib.parse import unquote

import vl_convert

from casebook.figure import FILES, MARK, WIDE, settings
from casebook.pages import cite
from casebook.vegafigure import KEPT, picture
from casebook.words import word
from sibmodels.charts import wrapped

FIGURE = re.compile(
    rf'<figure {MARK} id="figure-(?P<name>[\w-]+)".*?<figcaption>(?P<title>.*?)<a .*?'
    rf'<script type="application/json">(?P<live>.*?)</script>.*?(?P<place>{FILES})',
    re.S,
)
FONT = "Casebook Sans, sans-serif"
INK, MUTED, PAPER, EDGE = "#1f2328", "#586069", "#ffffff", 20


def sheet(title: str, description: str, chart: str, notes: list[str]) -> str:
    """A chart's SVG with its title above and its source below, on white, so that it can stand anywhere."""
    size = [float(number) for number in re.search(r'width="([\d.]+)" height="([\d.]+)"', chart).groups()]
    heads = wrapped(title, 82)
    foot = [line for note in notes for line in wrapped(note, 112)]
    top, width = EDGE + 22 * len(heads) + 8, size[0] + 2 * EDGE
    end = top + size[1] + 26
    lines = [_line(text, EDGE + 15 + 22 * i, 17, INK, ' font-weight="600"') for i, text in enumerate(heads)]
    lines += [_line(text, end + 16 * i, 12, MUTED) for i, text in enumerate(foot)]
    height = end + 16 * len(foot) + EDGE / 2
    inner = re.sub(r"^.*?<svg", f'<svg x="{EDGE}" y="{top}"', chart, count=1, flags=re.S).replace("currentColor", INK)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width:g}" '
        f'height="{height:g}" viewBox="0 0 {width:g} {height:g}" font-family="{FONT}">'
        f"<title>{html.escape(title)}</title><desc>{html.escape(description)}</desc>"
        f'<rect width="100%" height="100%" fill="{PAPER}"/>{"".join(lines)}{inner}</svg>'
    )


def _line(text: str, y: float, size: int, colour: str, more: str = "") -> str:
    return f'<text x="{EDGE}" y="{y:g}" font-size="{size}" fill="{colour}"{more}>{html.escape(text)}</text>'


DATA = re.compile(r'href="data:text/csv;charset=utf-8,([^"]*)"')


def files(svg: str, stem: Path) -> None:
    """The sheet as SVG and, at twice its size, as PNG; drawn once."""
    kept = KEPT / f"{hashlib.sha256(svg.encode()).hexdigest()[:24]}.png"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(packed(vl_convert.svg_to_png(svg, scale=2)))
    stem.parent.mkdir(parents=True, exist_ok=True)
    stem.with_suffix(".svg").write_text(svg, encoding="utf-8")
    stem.with_suffix(".png").write_bytes(kept.read_bytes())


def packed(png: bytes) -> bytes:
    """The same picture in a third of the bytes: what draws it packs it quickly, not tightly."""
    parts, at, pixels = [], 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        content = png[at + 8 : at + 8 + length]
        if kind == b"IDAT":
            pixels += content
        else:
            parts.append((kind, content))
        at += 12 + length
    parts.insert(-1, (b"IDAT", zlib.compress(zlib.decompress(pixels), 9)))
    return png[:8] + b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in parts
    )


def _table(app, context, stem: str, number, found: re.Match) -> str:
    """The data of a chart as a file beside its pictures, so that the page need not carry them twice."""
    name = f"{stem}{'-' * bool(count := next(number))}{count or ''}.csv"
    (Path(app.outdir) / name).write_text(unquote(html.unescape(found[1])), encoding="utf-8", newline="")
    return f'href="{context["pathto"](name, resource=True)}"'


def _page(app, pagename, templatename, context, doctree) -> None:
    page = pagename.removeprefix("book/").replace("/", "-")
    shutil.rmtree(Path(app.outdir) / "figures" / page, ignore_errors=True)  # what an earlier build left
    if doctree is None or FILES not in (context.get("body") or ""):
        return
    book, chapter = context["book"], context["plain_title"]

    def filled(found: re.Match) -> str:
        name, spec = found["name"], json.loads(found["live"])
        title = html.unescape(re.sub(r"<[^>]+>", "", found["title"]))
        address = f"{context['pageurl']}#figure-{name}" if context["pageurl"] else ""
        notes = [f"{label}: {text}." for label, text in settings(spec["wide"]).items()]
        notes += [word("figure.from", chapter=chapter, book=book["title"], version=book["version"]), address]
        chart = picture("wide", {**spec["wide"], "datasets": spec["datasets"]}, WIDE)
        stem = f"figures/{page}/{name}"
        files(sheet(title, spec["wide"]["description"], chart, notes), Path(app.outdir) / stem)
        links = [
            f'<a download="{page}-{name}.{kind}" href="{context["pathto"](f"{stem}.{kind}", resource=True)}">'
            f"{word('figure.picture', kind=kind.upper())}</a>"
            for kind in ("svg", "png")
        ]
        rows = functools.partial(_table, app, context, stem, itertools.count())
        said = cite(book, "", html.escape(word("figure.titled", title=title, chapter=chapter)), address)["apa"]
        text = (
            f'<p>{" · ".join(links)} · <a href="#figure-{name}">{word("figure.link")}</a></p>'
            f'<p class="vega-cite">{word("figure.cite", said=said)}</p>'
        )
        return DATA.sub(rows, found[0].removesuffix(FILES)) + text

    context["body"] = FIGURE.sub(filled, context["body"])


def setup(app):
    app.connect("html-page-context", _page, priority=905)  # after what the page itself is called and where it is
