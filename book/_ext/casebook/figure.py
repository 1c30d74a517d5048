"""A chart as a figure: caption, text alternative, the data as a table and as CSV, a name that lasts.

The build makes its figures here, and so does a page that a reader runs: nothing beyond the book's package
and the standard library.
"""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable
from urllib.parse import quote

from casebook.words import word
from sibmodels.charts import NARROW, WIDE, narrowed

HEIGHT = r'<svg[^>]* height="([\d.]+)"'
MARK = 'class="vega-figure"'
UNSAFE = re.compile(r"[^ ,;:/.()\w\u0080-\U0010ffff-]")  # in an address
FILES = "<!--files-->"  # where the site puts what it has of a figure: pictures to take along and how to cite it


def figure(spec: dict, picture: Callable[[str, dict, int], str], name: str = "") -> str:
    """The HTML figure of a Vega-Lite specification.

    Parameters
    ----------
    picture : function
        Draws a shape of the chart as SVG, or leaves it to the page.
    name : str
        What the figure's address ends in; made from the title if there is none.
    """
    title, description, datasets = spec.pop("title"), spec["description"], spec.pop("datasets", {})
    name = name or slug(title)
    shapes = {"wide": spec, "narrow": narrowed(spec)}
    pictures = drawn(shapes, datasets, picture)
    # of the narrow shape what differs from the wide one
    other = {key: value for key, value in shapes["narrow"].items() if value != spec.get(key)}
    live = {"datasets": datasets, "wide": spec, "narrow": other}
    text = json.dumps(live, separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    sliders = [parameter for parameter in spec.get("params", []) if "bind" in parameter]
    places = [f"--{shape}: {re.search(HEIGHT, svg)[1]}px" for shape, svg in pictures.items() if svg]
    place = "; ".join([*places, f"--sliders: {len(sliders)}"])
    called = {column: bind for bind, of in zip(settings(spec), sliders, strict=True) for column in _start([of])}
    tables = "".join(_data(rows, name, _start(sliders), settings(spec), called) for rows in datasets.values())
    words = html.escape(description)
    link = f'href="#figure-{name}" title="{word("figure.link")}" aria-hidden="true" tabindex="-1"'
    # one text alternative for the whole figure; what Vega labels inside would be read out mark by mark
    return (
        f'<figure {MARK} id="figure-{name}"{" data-live=sliders" * bool(sliders)} style="{place}">\n'
        f'<figcaption>{html.escape(title)}<a class="headerlink" {link}>#</a></figcaption>\n'
        f'<div class="vega-view" role="img" aria-label="{words}">{"".join(pictures.values())}{_set(spec)}</div>\n'
        f'<script type="application/json">{text}</script>\n'
        f"<details><summary>{word('figure.more')}</summary><p>{words}</p>{tables}{FILES}</details>\n</figure>"
    )


def slug(title: str) -> str:
    """
    >>> slug("It rises & falls, by 5 %")
    'it-rises-falls-by-5'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def drawn(shapes: dict[str, dict], datasets: dict, picture: Callable[[str, dict, int], str]) -> dict[str, str]:
    """The pictures of a chart, wide and narrow."""
    return {
        shape: picture(shape, {**shapes[shape], "datasets": datasets}, width)
        for shape, width in (("wide", WIDE), ("narrow", NARROW))
    }


def settings(spec: dict) -> dict[str, str]:
    """Where the sliders stand at first, by their labels, as it is read: 20 %, not 0.2."""
    sliders = [parameter for parameter in spec.get("params", []) if "bind" in parameter]
    readings = spec.get("usermeta", {}).get("sliders", [])
    first = {}
    for number, parameter in enumerate(sliders):
        bind, value = parameter["bind"], parameter.get("value")
        if isinstance(value, list):
            value = next(iter(value[0].values()))
        step = round((value - bind["min"]) / bind["step"]) if isinstance(value, int | float) and "step" in bind else 0
        first[bind.get("name", parameter["name"])] = readings[number][step] if number < len(readings) else f"{value}"
    return first


def _set(spec: dict) -> str:
    """The sliders' positions in words, for paper and for a page without scripts."""
    words = "; ".join(f"{html.escape(name)}: <span>{html.escape(text)}</span>" for name, text in settings(spec).items())
    return f'<p class="vega-settings">{words}</p>' if words else ""


def _start(sliders: list[dict]) -> dict:
    """Where sliders that choose among rows stand at first, by column."""
    values = [parameter["value"][0] for parameter in sliders if isinstance(parameter.get("value"), list)]
    return {column: value for pair in values for column, value in pair.items()}


def _data(rows: list[dict], name: str, start: dict, read: dict[str, str], called: dict[str, str]) -> str:
    """The rows as a table and as CSV; where a slider chooses among them, the table holds those shown first.

    `read` says where each slider stands, `called` what the slider of a column is called.
    """
    columns = list(rows[0])
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    link = "data:text/csv;charset=utf-8," + UNSAFE.sub(lambda found: quote(found[0]), text.getvalue())
    chosen = {column: value for column, value in start.items() if column in columns}
    shown = [row for row in rows if all(abs(row[column] - value) < 1e-9 for column, value in chosen.items())]
    where = "".join(
        word("figure.where", column=called[column], value=read.get(called[column], value))
        for column, value in chosen.items()
    )
    head = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in columns)
    body = "\n".join("<tr>" + "".join(f"<td>{_cell(row[name])}</td>" for name in columns) + "</tr>" for row in shown)
    return (
        f'<div class="vega-data scroll"><table><caption>{word("figure.data", where=html.escape(where))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
        f'<p><a download="{name}.csv" href="{link}">{word("figure.csv_all" if chosen else "figure.csv")}</a></p>'
    )


def _cell(value) -> str:
    if not isinstance(value, float):
        return html.escape(str(value))
    return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:,.6g}"
