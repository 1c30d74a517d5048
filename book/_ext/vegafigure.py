"""Altair charts as figures: a static SVG at once, a live chart when it scrolls into view, no other host.

A chart's title becomes the figure's caption (so that it wraps on a phone), its description the text
alternative, and its data a table and a CSV file one click away.
"""

from __future__ import annotations

import csv
import html
import io
import json
from base64 import b64encode
from pathlib import Path

import vl_convert
from docutils import nodes
from myst_nb.core import render

STATIC_WIDTH = 660
MARK = 'class="vega-figure"'


class VegaFigure:
    """A myst-nb renderer for the HTML that Altair leaves in a notebook."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer, data, inline):
        if inline or data.mime_type != "text/html" or "altair-viz-" not in data.content:
            return None
        start = data.content.rindex("\n  })(") + len("\n  })(")
        spec, _ = json.JSONDecoder().raw_decode(data.content, start)
        return [nodes.raw(text=figure(spec), format="html")]


def figure(spec: dict) -> str:
    """The HTML figure of a Vega-Lite specification."""
    title, description = spec.pop("title"), spec["description"]
    static = vl_convert.vegalite_to_svg({**spec, "width": STATIC_WIDTH})
    # one text alternative for the whole figure; what Vega labels inside would be read out mark by mark
    live = json.dumps(spec, separators=(",", ":")).replace("<", "\\u003c")
    data = "".join(_data(rows) for rows in spec.get("datasets", {}).values())
    return (
        f"<figure {MARK}>\n<figcaption>{html.escape(title)}</figcaption>\n"
        f'<div class="vega-view" role="img" aria-label="{html.escape(description)}">{static}</div>\n'
        f'<script type="application/json">{live}</script>\n'
        f"<details><summary>Description and data</summary><p>{html.escape(description)}</p>{data}</details>\n</figure>"
    )


def _data(rows: list[dict]) -> str:
    columns = list(rows[0])
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    link = "data:text/csv;base64," + b64encode(text.getvalue().encode()).decode()
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in columns)
    body = "\n".join("<tr>" + "".join(f"<td>{_cell(row[name])}</td>" for name in columns) + "</tr>" for row in rows)
    return (
        f'<div class="vega-data" tabindex="0" role="region" aria-label="Data of the chart"><table>'
        f"<caption>Data of the chart</caption><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
        f'<p><a download="chart-data.csv" href="{link}">These data as CSV</a></p>'
    )


def _cell(value) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else html.escape(str(value))


def _assets(app) -> None:
    """The Vega bundle beside the book's own scripts: loaded from the page's own site, when a chart is near."""
    if app.builder.format == "html":
        folder = Path(app.doctreedir).parent / "vega"
        folder.mkdir(parents=True, exist_ok=True)
        # in a function of its own: the bundle and Sphinx's scripts both declare `_`
        bundle = "(function(){" + vl_convert.javascript_bundle() + "\n})();"
        (folder / "vega-bundle.js").write_text(bundle, encoding="utf-8")
        app.config.html_extra_path.append(str(folder))


def _page(app, pagename, templatename, context, doctree) -> None:
    if MARK in (context.get("body") or ""):
        bundle = context["pathto"]("vega-bundle.js", resource=True)
        app.add_js_file("vegafigure.js", loading_method="defer", priority=900, **{"data-bundle": bundle})


def setup(app):
    plugins = render.load_mime_renders()
    if VegaFigure not in plugins:
        plugins.append(VegaFigure)
    app.connect("builder-inited", _assets)
    app.connect("html-page-context", _page)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
