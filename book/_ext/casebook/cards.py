"""The picture that stands for a page where it is shared: its title, on paper, with the colour of its case."""

from __future__ import annotations

import hashlib
from html import escape
from pathlib import Path

import vl_convert

from sibmodels import charts
from sibmodels.charts import CASE_COLOURS

BOOK = "#1f5f8b"


def card(title: str, part: str, book: str, colour: str) -> str:
    """An SVG of 1200 by 630 pixels, the size that the networks ask for."""
    lines = charts.wrapped(title, 27)[:4]
    top = 330 - 44 * (len(lines) - 1)
    text = "".join(
        f'<text x="90" y="{top + 88 * i}" font-size="76">{escape(line)}</text>' for i, line in enumerate(lines)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" font-family="Casebook Sans" fill="#1f2328">'
        f'<rect width="1200" height="630" fill="#fdfcfa"/><rect width="24" height="630" fill="{colour}"/>'
        f'<text x="90" y="120" font-size="34" fill="#586069">{escape(part)}</text>{text}'
        f'<text x="90" y="570" font-size="34" fill="#586069">{escape(book)}</text></svg>'
    )


def _page(app, pagename, templatename, context, doctree) -> None:
    if doctree is None:
        return
    svg = card(context["plain_title"], context["part"], app.config.project, CASE_COLOURS.get(context["slug"], BOOK))
    name = f"{pagename.replace('/', '-')}.png"
    kept = Path(app.doctreedir).parent / "cards" / f"{hashlib.sha256(svg.encode()).hexdigest()[:16]}.png"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(vl_convert.svg_to_png(svg))
    target = Path(app.outdir) / "cards" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(kept.read_bytes())
    base = app.config.html_baseurl
    context["card_url"] = f"{base}cards/{name}" if base else context["pathto"](f"cards/{name}", resource=True)


def files(app):
    app.connect("html-page-context", _page, priority=910)
