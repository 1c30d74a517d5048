"""A chart as a figure: caption, text alternative, the data as a table and as CSV.

The build makes its figures here, and so does a page that a reader runs: nothing but the standard library.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable
from copy import deepcopy
from urllib.parse import quote

WIDE, NARROW = 672, 340  # the measure of the page, and what a phone leaves
HEIGHT = r'<svg[^>]* height="([\d.]+)"'
MARK = 'class="vega-figure"'


def figure(spec: dict, picture: Callable[[str, dict, int], str]) -> str:
    """The HTML figure of a Vega-Lite specification; `picture` draws a shape of it as SVG, or leaves it to the page."""
    title, description, datasets = spec.pop("title"), spec["description"], spec.pop("datasets", {})
    shapes = {"wide": spec, "narrow": narrowed(spec)}
    pictures = drawn(shapes, datasets, picture)
    live = json.dumps({"datasets": datasets, **shapes}, separators=(",", ":")).replace("<", "\\u003c")
    sliders = [parameter for parameter in spec.get("params", []) if "bind" in parameter]
    places = [f"--{shape}: {re.search(HEIGHT, svg)[1]}px" for shape, svg in pictures.items() if svg]
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


def drawn(shapes: dict[str, dict], datasets: dict, picture: Callable[[str, dict, int], str]) -> dict[str, str]:
    """The pictures of a chart, wide and narrow."""
    return {
        shape: picture(shape, {**shapes[shape], "datasets": datasets}, width)
        for shape, width in (("wide", WIDE), ("narrow", NARROW))
    }


def _start(sliders: list[dict]) -> dict:
    """Where sliders that choose among rows stand at first, by column."""
    values = [parameter["value"][0] for parameter in sliders if isinstance(parameter.get("value"), list)]
    return {column: value for pair in values for column, value in pair.items()}


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
