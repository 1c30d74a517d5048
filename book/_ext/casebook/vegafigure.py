"""Altair charts as figures: a static picture at once, a live chart when a reader reaches for it, no other host.

A chart's title becomes the figure's caption (so that it wraps on a phone), its description the text
alternative, and its data a table and a CSV file one click away. The picture is drawn twice, for a wide
and for a narrow page, so that it can be read, and takes its place, before any script.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from copy import deepcopy
from pathlib import Path
from urllib.parse import quote

import vl_convert
from docutils import nodes
from myst_nb.core import render

WIDE, NARROW = 672, 340  # the measure of the page, and what a phone leaves
HEIGHT = r'<svg[^>]* height="([\d.]+)"'
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


def picture_of(spec: dict) -> tuple[str, str, str]:
    """A chart's title, description and pictures, wide and narrow, for a page without live charts."""
    title, datasets = spec.pop("title"), spec.pop("datasets", {})
    return title, spec["description"], "".join(_pictures({"wide": spec, "narrow": narrowed(spec)}, datasets).values())


def _pictures(shapes: dict[str, dict], datasets: dict) -> dict[str, str]:
    return {
        shape: _picture(shape, {**shapes[shape], "datasets": datasets}, width)
        for shape, width in (("wide", WIDE), ("narrow", NARROW))
    }


def figure(spec: dict) -> str:
    """The HTML figure of a Vega-Lite specification."""
    title, description, datasets = spec.pop("title"), spec["description"], spec.pop("datasets", {})
    shapes = {"wide": spec, "narrow": narrowed(spec)}
    pictures = _pictures(shapes, datasets)
    live = json.dumps({"datasets": datasets, **shapes}, separators=(",", ":")).replace("<", "\\u003c")
    sliders = [parameter for parameter in spec.get("params", []) if "bind" in parameter]
    places = [f"--{shape}: {re.search(HEIGHT, svg)[1]}px" for shape, svg in pictures.items()]
    place = "; ".join([*places, f"--sliders: {len(sliders)}"])
    tables = "".join(_data(rows, _start(sliders)) for rows in datasets.values())
    words = html.escape(description)
    # one text alternative for the whole figure; what Vega labels inside would be read out mark by mark
    return (
        f'<figure {MARK}{" data-live=sliders" * bool(sliders)} style="{place}">\n'
        f"<figcaption>{html.escape(title)}</figcaption>\n"
        f'<div class="vega-view" role="img" aria-label="{words}">{"".join(pictures.values())}</div>\n'
        f'<script type="application/json">{live}</script>\n'
        f"<details><summary>Description and data</summary><p>{words}</p>{tables}</details>\n</figure>"
    )


def _start(sliders: list[dict]) -> dict:
    """Where sliders that choose among rows stand at first, by column."""
    values = [parameter["value"][0] for parameter in sliders if isinstance(parameter.get("value"), list)]
    return {column: value for pair in values for column, value in pair.items()}


def _picture(shape: str, spec: dict, width: int) -> str:
    svg = vl_convert.vegalite_to_svg({**spec, "width": width})
    return svg.replace('class="marks"', f'class="vega-{shape}"', 1)


def narrowed(spec: dict, width: int = NARROW) -> dict:
    """The specification for a narrow page: titles and labels, which do not wrap by themselves, wrapped."""
    line = re.compile(rf"(?:.{{1,{max(14, width // 13)}}}|\S+)(?:\s|$)")

    def visit(node):
        if not isinstance(node, dict | list):
            return
        for key, child in list(node.items() if isinstance(node, dict) else enumerate(node)):
            if key == "x" and isinstance(child, dict) and isinstance(child.get("title"), str):
                child["title"] = [part.strip() for part in line.findall(child["title"])]
            if (
                key == "y"
                and isinstance(child, dict)
                and child.get("type") == "nominal"
                and child.get("axis", {}) is not None
            ):
                words = "replace(datum.label, regexp('(.{1,15})( |$)', 'g'), '$1|')"
                child["axis"] = {**child.get("axis", {}), "labelExpr": f"slice(split({words}, '|'), 0, -1)"}
            if key == "legend" and isinstance(child, dict) and "columns" in child:
                child["columns"] = 1
            visit(child)

    spec = deepcopy(spec)
    visit(spec)
    return spec


def _data(rows: list[dict], start: dict) -> str:
    """The rows as a table and as CSV; where a slider chooses among them, the table holds those shown first."""
    columns = list(rows[0])
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    link = "data:text/csv;charset=utf-8," + quote(text.getvalue(), safe=" ,;:/.()-")
    chosen = {column: value for column, value in start.items() if column in columns}
    shown = [row for row in rows if all(abs(row[column] - value) < 1e-9 for column, value in chosen.items())]
    where = "".join(f", {column} {value:g}" for column, value in chosen.items())
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in columns)
    body = "\n".join("<tr>" + "".join(f"<td>{_cell(row[name])}</td>" for name in columns) + "</tr>" for row in shown)
    all_of_it = "Every position of the slider" if chosen else "These data"
    return (
        f'<div class="vega-data scroll"><table><caption>Data of the chart{html.escape(where)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
        f'<p><a download="chart-data.csv" href="{link}">{all_of_it} as CSV</a></p>'
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
    # text is measured in the font that the page draws it in
    vl_convert.register_font_directory(str(Path(__file__).parent / "fonts"))
    plugins = render.load_mime_renders()
    if VegaFigure not in plugins:
        plugins.append(VegaFigure)
    app.connect("builder-inited", _assets)
    app.connect("html-page-context", _page)
