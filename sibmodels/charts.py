"""Charts: from a model's table to an Altair chart. Nothing is computed here.

Every chart has a title that says the finding and a description for those who cannot see it, both given
by the chapter, because only the chapter knows what was found. Colours are safe for colour-blind readers
and keep their meaning throughout: one a case, one a kind of outcome. Text takes the colour of the page
around it, so that charts follow a light or dark theme, and the site has a lighter set of the colours
for dark paper (`DARK`).

A chart has two shapes, for a wide and for a narrow page. What differs is said here, by the parameter
`narrow` or under ``usermeta``; `narrowed` makes the one from the other.
"""

from __future__ import annotations

import base64
import copy
import json
import re
import sys
import textwrap
from typing import Any

import altair as alt
import pandas as pd

from sibmodels import cases
from sibmodels.messages import say

__all__ = [
    "CASE_COLOURS",
    "DARK",
    "cash_flow_bars",
    "dots",
    "governance_dots",
    "heat",
    "histogram",
    "index_slider",
    "intervals",
    "lines",
    "narrowed",
    "network_dots",
    "offline",
    "payment_curves",
    "payment_split",
    "slider_lines",
    "tie_flow",
    "tornado_bars",
    "weight_sliders",
    "yearly",
]

CASE_COLOURS = cases.colours()
KIND_COLOURS = {
    "taking part": "#707070",
    "habits": "#a07c00",
    "health": "#6b4a38",
    "service use": "#6256b0",
    "wellbeing": "#4b8f2b",
}
TIE_COLOURS = {
    "money": "#a07c00",
    "contract": "#707070",
    "service": "#4b8f2b",
    "evaluation": "#6256b0",
    "design": "#6b4a38",
}
INK = "currentColor"
FONT = "Casebook Sans, Casebook Sans as Arial, Casebook Sans as Roboto, system-ui, sans-serif"  # as the site's --sans
# for what is no case: none of the colours above
SERIES = ["#6256b0", "#a07c00", "#6b4a38", "#4b8f2b"]
PLAIN, GREY = SERIES[0], "#707070"
DARK = dict(zip(CASE_COLOURS.values(), cases.colours("dark").values(), strict=True)) | {
    "#6256b0": "#a79cf0",
    "#a07c00": "#dcb53c",
    "#6b4a38": "#c59f8a",
    "#4b8f2b": "#84c95f",
    "#707070": "#a6a6a6",
}
"""The colour that stands for each on dark paper; the style sheet puts it there."""
WIDE, NARROW = 672, 340  # the width of the two shapes, in pixels
DARK_INK = "#1f2328"  # on white, where no page lends its colour
VEGA_LITE = "application/vnd.vegalite.v5+json"  # what JupyterLab draws by itself
SCALE = 1.5  # pixels of a picture for each of the chart
HEIGHT, LINE = 260, 15  # of a chart that has no rows, and of a line of words
LETTERS = 15  # of a row's name in a line, on a narrow page


@alt.theme.register("casebook", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    words: dict[str, Any] = {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
    }
    lines = {"domainColor": INK, "domainOpacity": 0.4, "tickColor": INK, "tickOpacity": 0.4, "gridColor": INK}
    config: Any = {  # Altair's type allows no empty background
        "background": None,
        "font": FONT,
        "view": {"stroke": None},
        "title": {"anchor": "start", "color": INK, "fontSize": 14, "offset": 12},
        "axis": {**words, **lines, "gridOpacity": 0.12, "labelLimit": 220},
        # fewer ticks, none pushed aside at the ends: numbers that touch read as one
        "axisQuantitative": {"labelFlush": False, "labelOverlap": "greedy", "labelSeparation": 10, "tickCount": 6},
        "axisY": {"titleAnchor": "end", "titleAngle": 0, "titleAlign": "left", "titleY": -8, "titleX": 0},
        "legend": {
            "orient": "top",
            "offset": 12,
            "title": None,
            "labelColor": INK,
            "labelFontSize": 13,
            "labelLimit": 260,
        },
        "text": {"color": INK, "fontSize": 13, "lineHeight": LINE},
        "rule": {"color": INK},
    }
    return alt.theme.ThemeConfig(config=config)


def payment_curves(
    curves: pd.DataFrame, currency: str, *, title: str, description: str, marks: pd.DataFrame | None = None
) -> alt.LayerChart:
    """What each outcome pays as its performance rises.

    Parameters
    ----------
    curves : DataFrame
        From `Contract.curves`; performance is a share.
    marks : DataFrame, optional
        Points to mark, with the same columns: what was achieved.
    """
    axes = (say("charts.performance"), say("charts.payment", money=currency))
    layers = _lines(curves, "performance", "payment", "outcome", axes, ("%", "~s"))
    if marks is not None:
        points = layers[0].mark_point(size=110, filled=True, opacity=1).properties(data=marks)
        layers.append(points)
    return _finish(alt.layer(*layers), title, description)


def payment_split(weights: pd.DataFrame, *, title: str, description: str) -> alt.LayerChart:
    """How each contract's maximum outcome payment is divided.

    Parameters
    ----------
    weights : DataFrame
        Columns ``case`` (a name to show), ``outcome``, ``pays for`` and ``share``; a case's shares sum to 1.
    """
    kinds = [kind for kind in KIND_COLOURS if kind in set(weights["pays for"])]
    base = (
        alt.Chart(weights)
        .encode(
            alt.Y("case:N", sort=None, title=None),
            alt.X("share:Q", title="Share of the maximum outcome payment", axis=_numbers("%")).stack(True),
            alt.Order("order:Q"),
            tooltip=["case:N", "outcome:N", "pays for:N", alt.Tooltip("share:Q", format=".1%")],
        )
        .transform_calculate(order=f"indexof({kinds}, datum['pays for'])")
    )
    bar = base.mark_bar(stroke="white", strokeWidth=1).encode(
        color=alt.Color(
            "pays for:N",
            scale=alt.Scale(domain=kinds, range=[KIND_COLOURS[kind] for kind in kinds]),
            legend=_legend(kinds),
        )
    )
    return _finish(bar, title, description, height=_rows(weights["case"], 60))


def cash_flow_bars(flows: pd.DataFrame, currency: str, *, title: str, description: str) -> alt.LayerChart:
    """One party's money by period.

    Parameters
    ----------
    flows : DataFrame
        Columns ``period`` (text, in order), ``flow`` and ``direction``.
    """
    chart = (
        alt.Chart(flows)
        .mark_bar()
        .encode(
            alt.X("period:N", sort=None, title=None, axis=_upright()),
            alt.Y("flow:Q", title=say("charts.flow", money=currency), axis=_numbers("~s")),
            alt.Color("direction:N", sort=None, scale=alt.Scale(range=[GREY, PLAIN]), legend=None),  # the axis says it
            tooltip=["period:N", alt.Tooltip("flow:Q", format=",.0f"), "direction:N"],
        )
    )
    return _finish(chart, title, description)


def histogram(
    distribution: pd.DataFrame, *, title: str, description: str, axis: str, marks: dict[str, float] | None = None
) -> alt.LayerChart:
    """How often a result falls where.

    Parameters
    ----------
    distribution : DataFrame
        From `simulation.distribution`.
    axis : str
        What the horizontal axis shows, with its unit.
    marks : mapping of label to number, optional
        Values to mark with a vertical line.
    """
    room = 1 + 0.09 * len(marks or ())  # above the bars, for the names of the marks
    layers = [
        alt.Chart(distribution)
        .mark_rect(color=PLAIN, stroke="white", strokeWidth=0.5)
        .encode(
            alt.X("low:Q", title=axis, axis=_numbers("~s"), scale=alt.Scale(zero=False, nice=False, padding=8)),
            alt.X2("high:Q"),
            alt.Y(
                "share:Q",
                title=say("charts.share_of_draws"),
                axis=_numbers("%"),
                scale=alt.Scale(domain=[0, room * float(distribution["share"].max())]),
            ),
            alt.Y2(datum=0),
            tooltip=[
                alt.Tooltip("low:Q", format=",.3~s"),
                alt.Tooltip("high:Q", format=",.3~s"),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
    ]
    layers += _marks(marks or {}, float(distribution["low"].min()), float(distribution["high"].max()))
    return _finish(alt.layer(*layers), title, description)


def governance_dots(coding: pd.DataFrame, *, title: str, description: str) -> alt.LayerChart:
    """Scores of cases on the dimensions from NPM (-1) to NPG (+1).

    Parameters
    ----------
    coding : DataFrame
        Columns ``case`` (identifier), ``dimension`` (a name to show), ``score``, ``why``.
    """
    table = coding.assign(case=[cases.label(case) for case in coding["case"]])
    domain = [cases.label(case) for case in CASE_COLOURS if case in set(coding["case"])]
    colours = [colour for case, colour in CASE_COLOURS.items() if case in set(coding["case"])]
    chart = (
        alt.Chart(table)
        .mark_point(size=150, filled=True, opacity=1)
        .encode(
            alt.X(
                "score:Q",
                title="NPM  ←  score  →  NPG",
                scale=alt.Scale(domain=[-1.1, 1.1]),
                axis=alt.Axis(values=[-1, -0.5, 0, 0.5, 1]),
            ),
            alt.Y("dimension:N", sort=None, title=None, axis=alt.Axis(grid=True)),
            alt.Color("case:N", scale=alt.Scale(domain=domain, range=colours), legend=_legend(domain)),
            alt.Shape(
                "case:N",
                scale=alt.Scale(domain=domain, range=["circle", "square", "triangle-up", "diamond"][: len(domain)]),
            ),
            alt.YOffset("case:N", sort=domain),
            tooltip=["case:N", "dimension:N", "score:Q", "why:N"],
        )
    )
    return _finish(chart, title, description, height=_rows(table["dimension"], 54))


def tie_flow(ties: pd.DataFrame, *, title: str, description: str) -> alt.LayerChart:
    """Who gives what to whom: an arrow a tie, from each giver to its receivers, with what is given written on it.

    Parameters
    ----------
    ties : DataFrame
        From `networks.tie_table`.
    """
    each = [what.split(", ") if count > 1 else [what] for what, count in zip(ties["what"], ties["ties"], strict=True)]
    table = ties.drop(columns="ties").assign(what=pd.Series(each, index=ties.index, dtype=object)).explode("what")
    givers = list(dict.fromkeys(table["from"]))
    table = pd.concat([table[table["from"] == giver] for giver in givers], ignore_index=True)
    kinds = [kind for kind in TIE_COLOURS if kind in set(ties["kind"])]
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=kinds, range=[TIE_COLOURS[kind] for kind in kinds]), legend=None
    )
    gap = 0.45  # between givers, in rows
    last = len(table) - 1 + gap * (len(givers) - 1)
    row = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[-0.7, last + 0.7], reverse=True, nice=False, zero=False))
    base = (
        alt.Chart(table)
        .transform_window(number="row_number()")
        .transform_calculate(row=f"datum.number - 1 + {gap} * indexof({json.dumps(givers)}, datum.from)")
        .transform_joinaggregate(first="min(row)", last="max(row)", groupby=["from"])
        .transform_calculate(at="(datum.first + datum.last) / 2")  # a giver stands at the middle of its rows
        .transform_calculate(
            start="narrow ? 0.33 : 0.265",
            end="narrow ? 0.67 : 0.765",
            giver=_words("from", 11, 26),
            receiver=_words("to", 11, 22),
            given="narrow ? datum.kind : datum.kind + ': ' + datum.what",
        )
        .transform_calculate(
            left="datum.start - 0.04", name="datum.start - 0.05", head="datum.end - 0.01", after="datum.end + 0.02"
        )
        .transform_calculate(
            middle="(datum.start + datum.end) / 2",
            gives="datum.at - 0.21 * (length(datum.giver) - 1)",  # the middle of its lines, not the first
            gets="datum.row - 0.21 * (length(datum.receiver) - 1)",
        )
        .encode(row, tooltip=["from:N", "to:N", "kind:N", "what:N"])
    )

    def across(field: str) -> alt.X:
        return alt.X(f"{field}:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))

    at = alt.Y("at:Q", axis=None)
    firsts = base.transform_filter("datum.row === datum.first")
    layers = [
        firsts.mark_rule(strokeWidth=1.5).encode(across("left"), alt.X2("start"), y=at),
        firsts.mark_rule(strokeWidth=1.5).encode(across("start"), alt.Y2("last")),
        firsts.mark_text(align="right", baseline="middle").encode(
            across("name"), alt.Text("giver:N"), y=alt.Y("gives:Q", axis=None)
        ),
        base.mark_rule(strokeWidth=2).encode(across("start"), alt.X2("head"), colour),
        base.mark_point(shape="triangle-right", size=80, filled=True, opacity=1).encode(across("end"), colour),
        base.mark_text(baseline="bottom", dy=-2, fontSize=12).encode(across("middle"), alt.Text("given:N")),
        base.mark_text(align="left", baseline="middle").encode(
            across("after"), alt.Text("receiver:N"), y=alt.Y("gets:Q", axis=None)
        ),
    ]
    return _finish(alt.layer(*layers), title, description, height=(29 * (last + 1.4), 36 * (last + 1.4)))


tie_matrix = tie_flow  # as chapters of the first edition call it


def network_dots(table: pd.DataFrame, *, title: str, description: str, axis: str) -> alt.LayerChart:
    """A measure of the four networks below each other, each once for every way of counting ties.

    Parameters
    ----------
    table : DataFrame
        Columns ``case`` (identifier), ``ties`` (which ties were counted) and ``value``.
    """
    shown = table.assign(case=[cases.label(case) for case in table["case"]])
    domain = [cases.label(case) for case in CASE_COLOURS]
    counted = list(dict.fromkeys(table["ties"]))
    base = alt.Chart(shown).encode(
        alt.X("value:Q", title=axis, scale=alt.Scale(domain=[-0.03, 1.03], nice=False)),
        alt.Y("case:N", sort=None, title=None, axis=alt.Axis(grid=True)),
        alt.Color("case:N", scale=alt.Scale(domain=domain, range=list(CASE_COLOURS.values())), legend=None),
        tooltip=["case:N", "ties:N", alt.Tooltip("value:Q", format=".2f")],
    )
    line = base.mark_line(strokeWidth=2).encode(detail="case:N")
    points = base.mark_point(size=130, filled=True, opacity=1).encode(
        alt.Shape(
            "ties:N",
            sort=None,
            scale=alt.Scale(range=["circle", "diamond", "triangle-up"]),
            legend=_legend(counted, symbolFillColor=INK, symbolStrokeColor=INK),
        )
    )
    return _finish(alt.layer(line, points), title, description, height=_rows(shown["case"], 46))


def tornado_bars(table: pd.DataFrame, base: float, axis: str, *, title: str, description: str) -> alt.LayerChart:
    """How far one assumption at a time moves a result.

    Parameters
    ----------
    table : DataFrame
        From `simulation.tornado`, with a column ``label``.
    base : float
        The result at the central assumptions.
    """
    base_rule = (
        alt.Chart(pd.DataFrame({"central result": [base]}))
        .mark_rule(strokeDash=[4, 3])
        .encode(alt.X("central result:Q"))
    )
    bar = (
        alt.Chart(table)
        .mark_bar(color=PLAIN, height={"band": 0.6})
        .encode(
            alt.X(
                "result_low:Q",
                title=axis,
                axis=_numbers("~s"),
                scale=alt.Scale(zero=False, nice=False, padding=10),
            ),
            alt.X2("result_high:Q"),
            alt.Y("label:N", sort=None, title=None),
            tooltip=[
                "label:N",
                "low:Q",
                "high:Q",
                alt.Tooltip("result_low:Q", format=".2f"),
                alt.Tooltip("result_high:Q", format=".2f"),
            ],
        )
    )
    return _finish(alt.layer(bar, base_rule), title, description, height=_rows(table["label"], 40))


def heat(
    table: pd.DataFrame, x: str, y: str, value: str, *, title: str, description: str, axes: tuple[str, str], words: str
) -> alt.LayerChart:
    """A number for each of two things: darker the farther from 0, in one colour above it and another below.

    Parameters
    ----------
    table : DataFrame
        A row a cell: columns `x` and `y` (texts, in order), `value` and `words` (what the cell says).
    axes : (str, str)
        What x and y are; y's title stands above.
    """
    most = float(table[value].abs().max()) or 1.0
    base = alt.Chart(table).encode(
        alt.X(f"{x}:N", sort=None, title=axes[0], axis=alt.Axis(labelAngle=0, domain=False, ticks=False)),
        alt.Y(f"{y}:N", sort=None, title=axes[1], axis=alt.Axis(domain=False, ticks=False)),
        tooltip=[f"{x}:N", f"{y}:N", f"{words}:N"],
    )
    # words say what a shade does, so that it may be faint; the checks of pictures know it by this
    cell = base.mark_rect(ariaRoleDescription="shade").encode(
        color=alt.condition(alt.datum[value] < 0, alt.value(SERIES[1]), alt.value(PLAIN)),
        opacity=alt.Opacity("strength:Q", scale=alt.Scale(domain=[0, most], range=[0.06, 0.42]), legend=None),
    )
    cell = cell.transform_calculate(strength=f"abs(datum['{value}'])")
    said = base.mark_text().encode(text=f"{words}:N")
    return _finish(alt.layer(cell, said), title, description, height=_rows(table[y], 34))


def dots(
    table: pd.DataFrame, x: str, y: str, colour: str, *, title: str, description: str, axis: str, form: str = "~s"
) -> alt.LayerChart:
    """A few numbers of a few things side by side: `y` down, `x` across, `colour` (and shape) for what."""
    names = list(dict.fromkeys(table[colour]))
    chart = (
        alt.Chart(table)
        .mark_point(size=130, filled=True, opacity=1)
        .encode(
            alt.X(f"{x}:Q", title=axis, axis=_numbers(form), scale=_roomy(table[x])),
            alt.Y(f"{y}:N", sort=None, title=None, axis=alt.Axis(grid=True)),
            *_kinds(colour, names),
            tooltip=[f"{y}:N", f"{colour}:N", alt.Tooltip(f"{x}:Q", format=form)],
        )
    )
    if table.duplicated([y, x]).any() or _close(table, x, y):  # marks that would hide each other, above each other
        chart = chart.encode(alt.YOffset(f"{colour}:N", sort=names))
    return _finish(chart, title, description, height=_rows(table[y], 48))


def intervals(table: pd.DataFrame, y: str, colour: str, *, title: str, description: str, axis: str) -> alt.LayerChart:
    """Numbers with their intervals: `y` down, `colour` (and shape) for what, side by side.

    Parameters
    ----------
    table : DataFrame
        Columns ``value``, ``low`` and ``high``, beside `y` and `colour`.
    """
    names = list(dict.fromkeys(table[colour]))
    scale = _roomy(pd.concat([table["value"], table["low"], table["high"]]))
    base = alt.Chart(table).encode(
        alt.Y(f"{y}:N", sort=None, title=None, axis=alt.Axis(grid=True)),
        alt.YOffset(f"{colour}:N", sort=names),
        tooltip=[f"{y}:N", f"{colour}:N", *(alt.Tooltip(f"{end}:Q", format=".2f") for end in ("value", "low", "high"))],
    )
    rule = base.mark_rule(strokeWidth=1.5).encode(alt.X("low:Q", title=axis, scale=scale), alt.X2("high:Q"))
    point = base.mark_point(size=130, filled=True, opacity=1).encode(
        alt.X("value:Q", title=axis, scale=scale), *_kinds(colour, names)
    )
    return _finish(alt.layer(rule, point), title, description, height=_rows(table[y], 24 * max(len(names), 2)))


def lines(
    table: pd.DataFrame,
    x: str,
    y: str,
    colour: str,
    *,
    title: str,
    description: str,
    axes: tuple[str, str],
    form: tuple[str, str] = ("%", "~s"),
) -> alt.LayerChart:
    """Lines of `y` over `x`, one a value of `colour`, each named at its end; `axes` and `form` are of x and y."""
    return _finish(alt.layer(*_lines(table, x, y, colour, axes, form)), title, description)


def slider_lines(
    table: pd.DataFrame,
    x: str,
    y: str,
    colour: str,
    *,
    slider: str,
    start: float,
    title: str,
    description: str,
    axes: tuple[str, str],
    form: tuple[str, str] = ("%", "~s"),
    marks: dict[str, float] | None = None,
    reads: str = "{:g}",
) -> alt.LayerChart:
    """Lines of `y` over `x` that a slider moves: the table holds them for every value of `slider`.

    Parameters
    ----------
    slider : str
        The column that the reader moves, in equal steps; its name is the slider's label.
    start : float
        The value shown first.
    marks : mapping of label to number, optional
        Values of x to mark with a vertical line.
    reads : str
        How a value of the slider is read, as `str.format` takes it: ``"{:.0%}"``, ``"{:g} children"``.
    """
    choice = _slider(table, slider, start)
    layers = _lines(table, x, y, colour, axes, form, choice)
    layers += _marks(marks or {}, float(table[x].min()), float(table[x].max()))
    chart = alt.layer(*layers).add_params(choice)
    return _finish(chart, title, description, sliders=[_reading(table, slider, reads)])


def index_slider(
    table: pd.DataFrame, slider: str, start: float, *, title: str, description: str, axis: str, reads: str = "{:g}"
) -> alt.LayerChart:
    """Where cases stand between NPM and NPG, as a slider moves the weights.

    Parameters
    ----------
    table : DataFrame
        Columns ``case`` (identifier), ``index`` and `slider`, a row for every case and step.
    """
    shown = table.assign(case=[cases.label(case) for case in table["case"]])
    domain = [cases.label(case) for case in CASE_COLOURS]
    choice = _slider(table, slider, start)
    chart = (
        alt.Chart(shown)
        .mark_bar(height={"band": 0.5})
        .encode(
            alt.X("index:Q", title=axis, scale=alt.Scale(domain=[-1, 1]), axis=alt.Axis(values=[-1, -0.5, 0, 0.5, 1])),
            alt.Y("case:N", sort=domain, title=None),
            alt.Color("case:N", scale=alt.Scale(domain=domain, range=list(CASE_COLOURS.values())), legend=None),
            tooltip=["case:N", alt.Tooltip("index:Q", format=".2f")],
        )
        .add_params(choice)
        .transform_filter(choice)
    )
    return _finish(chart, title, description, height=(180, 180), sliders=[_reading(table, slider, reads)])


def weight_sliders(coding: pd.DataFrame, *, title: str, description: str, axis: str) -> alt.LayerChart:
    """Where cases stand between NPM and NPG, with a slider for the weight of every dimension.

    The weights are the reader's and known to the page alone, so this chart, unlike all others, computes:
    the mean of the scores by the weights that are set, as `governance.index` does.

    Parameters
    ----------
    coding : DataFrame
        Columns ``case`` (identifier), ``dimension`` (a name to show) and ``score``.
    """
    table = coding[["case", "dimension", "score"]].assign(case=[cases.label(case) for case in coding["case"]])
    domain = [cases.label(case) for case in CASE_COLOURS]
    dimensions = list(dict.fromkeys(table["dimension"]))
    weights = [
        alt.param(
            name=f"weight_{number}",
            value=1,
            bind=alt.binding_range(min=0, max=4, step=0.5, name=f"{dimension}: weight "),
        )
        for number, dimension in enumerate(dimensions)
    ]
    chosen = ", ".join(weight.name for weight in weights)
    base = (
        alt.Chart(table)
        .transform_calculate(weight=f"[{chosen}][indexof({json.dumps(dimensions)}, datum.dimension)]")
        .transform_calculate(weighted="datum.weight * datum.score")
        .transform_aggregate(total="sum(weighted)", weights="sum(weight)", groupby=["case"])
        .transform_filter("datum.weights > 0")  # all weights at 0 give no mean, and no bars
        .transform_calculate(index="datum.total / datum.weights")
        .encode(
            alt.X("index:Q", title=axis, scale=alt.Scale(domain=[-1.9, 1.9]), axis=alt.Axis(values=[-1, 0, 1])),
            alt.Y("case:N", sort=domain, title=None),
            tooltip=["case:N", alt.Tooltip("index:Q", format=".2f")],
        )
    )
    bar = base.mark_bar(height={"band": 0.5}).encode(
        alt.Color("case:N", scale=alt.Scale(domain=domain, range=list(CASE_COLOURS.values())), legend=None)
    )
    words = base.encode(alt.Text("index:Q", format="+.2f"))
    above = words.transform_filter("datum.index >= 0").mark_text(align="left", dx=5)
    below = words.transform_filter("datum.index < 0").mark_text(align="right", dx=-5)
    return _finish(alt.layer(bar, above, below).add_params(*weights), title, description, height=(180, 180))


def yearly(table: pd.DataFrame, y: str, colour: str, *, title: str, description: str, axis: str) -> alt.LayerChart:
    """Counts by year as bars, the values of `colour` on top of each other: what began when.

    Parameters
    ----------
    table : DataFrame
        Columns ``year`` (whole numbers, every year of the span), `y` and `colour`.
    """
    names = list(dict.fromkeys(table[colour]))
    bar = (
        alt.Chart(table)
        .mark_bar(stroke="white", strokeWidth=1)
        .encode(
            alt.X("year:O", title=None, axis=_upright(), scale=alt.Scale(domain=sorted(set(table["year"])))),
            alt.Y(f"{y}:Q", title=axis, axis=alt.Axis(format="d", tickMinStep=1)),
            # under the axis: above it, the axis' own title would read as one more entry
            alt.Color(f"{colour}:N", scale=_colours(names), legend=_legend(names, orient="bottom")),
            alt.Order("order:Q"),
            tooltip=["year:O", f"{colour}:N", f"{y}:Q"],
        )
        .transform_filter(f"datum[{json.dumps(y)}] > 0")
        .transform_calculate(order=f"indexof({json.dumps(names)}, datum[{json.dumps(colour)}])")
    )
    return _finish(bar, title, description)


def narrowed(spec: dict[str, Any], width: int = NARROW) -> dict[str, Any]:
    """A chart's specification for a narrow page: what it says of itself for one, and long words in lines."""
    letters = max(14, width // 15)

    def visit(node: Any) -> None:
        if not isinstance(node, dict | list):
            return
        for key, child in list(node.items() if isinstance(node, dict) else enumerate(node)):
            if key == "x" and isinstance(child, dict) and isinstance(child.get("title"), str):
                child["title"] = wrapped(child["title"], letters, break_long_words=False)
            if key == "y" and isinstance(child, dict) and len(_spaced(child.get("title") or "")) > 1.4 * letters:
                child["title"] = wrapped(child["title"], round(1.4 * letters))
                child["axis"] = {**child.get("axis", {}), "titleY": -8 - LINE * (len(child["title"]) - 1)}
            named = key == "y" and isinstance(child, dict) and child.get("type") == "nominal"
            if named and child.get("axis", {}) is not None:
                child["axis"] = {**child.get("axis", {}), **_ROWS}
            visit(child)

    spec = copy.deepcopy(spec)
    visit(spec)
    for parameter in spec.get("params", []):
        if parameter["name"] == "narrow":
            parameter["value"] = True
    return {**spec, **spec.get("usermeta", {}).get("narrow", {})}


# Japanese has no blanks: a line breaks between phrases, and between signs only where a phrase is longer than a line,
# never before a sign that begins no line, nor before the last one. A mark after each sign makes it two letters wide.
_MARK, _BREAK = "\u2060", "\u200b"
_SIGN = "([\u3001-\u30fe\u4e00-\u9fff\uff01-\uff5e])"
_PHRASE = f"(?<=[、）ぁ-ゖ]){_MARK}(?=[ァ-ヶ一-鿿A-Za-z0-9]{_MARK}?[^（「{_MARK}])|{_MARK}(?=[（「])"
_NEVER_FIRST = "[々ー、。」）ぁぃぅぇぉっゃゅょァィゥェォッャュョ]"
_LINE = f"(.{{1,%s}}{_MARK}?)([ {_BREAK}]|$)|(.{{1,%s}}{_MARK}?)(?<={_MARK})(?!{_NEVER_FIRST}|.{_MARK}$)"


def _spaced(text: str) -> str:
    """Words with a mark after each Japanese sign, another where a line had better break."""
    return re.sub(_PHRASE, _BREAK, re.sub(_SIGN, rf"\1{_MARK}", text))


def wrapped(text: str, letters: int, **options: Any) -> list[str]:
    """Words in lines of at most so many letters.

    >>> wrapped("the share paid", 9), wrapped("成果連動の割合", 10)
    (['the share', 'paid'], ['成果連動の', '割合'])
    >>> wrapped("未来工学研究所", 12), wrapped("腎機能低下の抑制", 12)
    (['未来工学研', '究所'], ['腎機能低下の', '抑制'])
    """
    if _spaced(text) == text:
        return textwrap.wrap(text, letters, **options)
    lines = re.sub(_LINE % (letters, letters), r"\1\3|", _spaced(text)).split("|")[:-1]
    return [re.sub(f"[{_MARK}{_BREAK}]", "", line) for line in lines]


def _in_lines(words: str, letters: str) -> str:
    """The same as an expression, of an expression that gives the words."""
    signs = f"replace({words}, regexp('{_SIGN}', 'g'), '$1{_MARK}')"
    spaced = f"replace({signs}, regexp('{_PHRASE}', 'g'), '{_BREAK}')"
    line = _LINE % ((f"' + {letters} + '",) * 2)
    cut = f"replace({spaced}, regexp('{line}', 'g'), '$1$3|')"
    return f"slice(split(replace({cut}, regexp('[{_MARK}{_BREAK}]', 'g'), ''), '|'), 0, -1)"


_LINES = _in_lines("datum.label", str(LETTERS))
_ROWS = {
    "labelExpr": _LINES,
    "labelOffset": {  # the middle of its lines beside the mark, not the first of them
        "condition": [
            {"test": f"length({_LINES}) === {lines}", "value": -LINE / 2 * (lines - 1)} for lines in (2, 3, 4)
        ],
        "value": 0,
    },
}


def offline() -> None:
    """Draw every chart of a notebook without a network from here on.

    Altair's own way is a page that fetches its library from another host. This one leaves the chart itself, which
    JupyterLab and VS Code draw with what they have, and with vl-convert, if it is installed, a picture (PNG) for every
    other viewer. Google Colab has a network and draws no chart itself: there Altair's way stays.

    Examples
    --------
    >>> import altair as alt
    >>> before = alt.renderers.active
    >>> offline()
    >>> alt.renderers.active
    'casebook-offline'
    >>> _ = alt.renderers.enable(before)
    """
    if "google.colab" not in sys.modules:
        alt.renderers.register("casebook-offline", _drawn_here)
        alt.renderers.enable("casebook-offline")


def on_paper(spec: dict[str, Any]) -> dict[str, Any]:
    """A chart's specification for a viewer that is not the book's page: of one width, dark on white, in Vega-Lite 5.

    What the charts use is the same in 5 and 6, and JupyterLab has 5.
    """
    spec = json.loads(json.dumps(spec).replace(f'"{INK}"', f'"{DARK_INK}"'))
    spec["$schema"] = "https://vega.github.io/schema/vega-lite/v5.json"
    title = spec.get("title")
    if isinstance(title, str):
        spec["title"] = {"text": wrapped(title, WIDE // 8), "frame": "bounds"}
    spec["config"] = {**spec.get("config", {}), "background": "white"}
    return {**spec, "width": WIDE, "padding": 8}


def _drawn_here(spec: dict[str, Any], **_options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a notebook stores of a chart, by kind, and what is said of each."""
    paper = on_paper(spec)
    shown: dict[str, Any] = {VEGA_LITE: paper, "text/plain": spec.get("description", "")}
    try:
        import vl_convert
    except ImportError:  # the picture is for viewers that cannot draw
        return shown, {}
    shown["image/png"] = base64.b64encode(vl_convert.vegalite_to_png(paper, scale=SCALE)).decode()
    return shown, {"image/png": {"width": WIDE}}


def _lines(
    table: pd.DataFrame,
    x: str,
    y: str,
    colour: str,
    axes: tuple[str, str],
    form: tuple[str, str],
    choice: Any = None,
) -> list[alt.Chart]:
    """Lines, each with its name beside its end; names that would overlap move apart, with a short line to each."""
    if table.empty:
        raise ValueError("table has no rows; there is nothing to draw")
    names = list(dict.fromkeys(table[colour]))
    low, high = min(float(table[y].min()), 0), max(float(table[y].max()), 0)
    high += 0.04 * (high - low)  # what lies highest is not cut in half
    left, right = float(table[x].min()), float(table[x].max())
    rows = alt.Chart(table) if choice is None else alt.Chart(table).transform_filter(choice)
    base = rows.encode(
        alt.X(
            f"{x}:Q",
            title=axes[0],
            axis=_numbers(form[0]),
            scale=alt.Scale(domain=[left, right + 0.02 * (right - left)], nice=False, zero=False),
        ),
        alt.Y(
            f"{y}:Q",
            title=axes[1],
            axis=_numbers(form[1]),
            scale=alt.Scale(domain=[low, high], nice=False, zero=False),
        ),
        alt.Color(f"{colour}:N", sort=None, scale=_colours(names), legend=None),
        tooltip=[f"{colour}:N", alt.Tooltip(f"{x}:Q", format=form[0]), alt.Tooltip(f"{y}:Q", format=form[1])],
    )
    line = (high - low) * LINE / HEIGHT  # a line of words in the unit of y
    value = f"datum[{json.dumps(y)}]"
    upwards: Any = {"sort": [alt.SortField(y), alt.SortField(colour)], "frame": [None, 0], "ignorePeers": True}
    ends = (
        base.transform_joinaggregate(end=f"max({x})", groupby=[colour])
        .transform_filter(f"datum[{json.dumps(x)}] === datum.end")
        .transform_calculate(words=_words(colour, 13, 22))
        .transform_calculate(tall=f"length(datum.words) * {line}")
        .transform_window(upto="sum(tall)", **upwards)
        .transform_joinaggregate(all="sum(tall)")
        .transform_calculate(own="datum.upto - datum.tall / 2")
        # upwards each as far as it must be from those below; then down again where that leads past the top
        .transform_calculate(free=f"max({value}, {low} + datum.tall / 2) - datum.own")
        .transform_window(pushed="max(free)", **upwards)
        .transform_calculate(place=f"min(datum.pushed, {high} - datum.all) + datum.own")
        .transform_calculate(first=f"datum.place + (datum.tall - {line}) / 2")
    )
    lead = ends.mark_rule(strokeWidth=1, x2Offset=9).encode(x2=alt.value("width"), y2="place:Q")
    name = ends.mark_text(align="left", baseline="middle", dx=12).encode(
        alt.Text("words:N"), y="first:Q", x=alt.value("width"), color=alt.value(INK)
    )
    return [base.mark_line(strokeWidth=2.5), lead, name]


def _marks(marks: dict[str, float], low: float, high: float) -> list[alt.Chart]:
    """Vertical lines between `low` and `high`, each named in a row of its own, on the side that has room."""
    layers = []
    for i, (name, value) in enumerate(marks.items()):
        at = alt.Chart(pd.DataFrame({"mark": [name], "value": [value]})).encode(alt.X("value:Q"))
        right = value < (low + high) / 2 or (0 < i == len(marks) - 1 and value < 0.2 * low + 0.8 * high)
        layers.append(at.mark_rule(strokeWidth=2, strokeDash=[4, 3]))
        name = at.mark_text(align="left" if right else "right", dx=5 if right else -5, dy=2 + 16 * i, baseline="top")
        layers.append(name.encode(alt.Text("mark:N"), y=alt.value(0)))
    return layers


def _words(column: str, narrow: int, wide: int) -> str:
    """The expression that breaks names into lines of so many letters, for a narrow and for a wide page."""
    name, letters = f"datum[{json.dumps(column)}]", f"(narrow ? {narrow} : {wide})"
    return _in_lines(name, letters)


def _kinds(column: str, names: list[str]) -> list[Any]:
    """Colour and shape for what is told apart, with one legend for both."""
    legend = _legend(names)
    return [
        alt.Color(f"{column}:N", sort=None, scale=_colours(names), legend=legend),
        alt.Shape(f"{column}:N", sort=None, scale=alt.Scale(domain=names), legend=legend),
    ]


def _legend(names: list[str], **options: Any) -> alt.Legend | None:
    """One row where there is room beside the names of rows, else equal columns; none for a single name."""
    if len(names) < 2:
        return None
    wide, narrow = (_columns(names, room) for room in (480, 180))
    return alt.Legend(columns=alt.ExprRef(f"narrow ? {narrow} : {wide}"), **options)


def _columns(names: list[str], room: int) -> int:
    if sum(28 + 7 * len(name) for name in names) <= room:
        return len(names)
    fit = room // (28 + 7 * max(map(len, names)))
    return max([many for many in range(1, fit + 1) if len(names) % many == 0], default=1)  # two and one look wrong


def _numbers(form: str) -> alt.Axis:
    """Numbers on an axis as the text writes them: 20 %, and nought without a unit."""
    label = r"replace(datum.label, '%', '\u00a0%')"
    return alt.Axis(format=form, labelExpr=f"datum.value === 0 && test(/^0[kMG]$/, datum.label) ? '0' : {label}")


def _upright() -> alt.Axis:
    """Names of periods stand upright; where there is no room for all, some are left out."""
    return alt.Axis(labelAngle=0, labelOverlap="greedy", labelSeparation=6)


def _roomy(values: pd.Series) -> alt.Scale:
    """From nought, with room at both ends: no mark on the rim or on the names beside it."""
    low, high = min(float(values.min()), 0), max(float(values.max()), 0)
    room = 0.04 * (high - low)
    return alt.Scale(domain=[low - room, high + room], nice=False, zero=False)


def _close(table: pd.DataFrame, x: str, y: str) -> bool:
    """Whether two marks of a row would lie on each other."""
    span = float(table[x].max()) - min(float(table[x].min()), 0)
    gaps = table.sort_values(x).groupby(y)[x].diff()
    return bool((gaps < 0.045 * span).any())


def _rows(names: pd.Series, least: int) -> tuple[float, float]:
    """The height of a chart with a row a name, wide and narrow: no row lower than its words."""
    rows = list(dict.fromkeys(names))
    lines = max(len(wrapped(name, LETTERS, break_long_words=False, break_on_hyphens=False)) for name in rows)
    return least * len(rows), max(least, LINE * lines + 8) * len(rows)


def _colours(names: list[str]) -> alt.Scale:
    """Cases keep their own colour wherever they are; what is no case takes another."""
    of_case = {cases.label(case): colour for case, colour in CASE_COLOURS.items()}
    if not set(names) <= set(of_case):
        return alt.Scale(domain=names, range=[*SERIES, GREY][: len(names)])
    return alt.Scale(domain=names, range=[of_case[name] for name in names])


def _slider(table: pd.DataFrame, column: str, start: float) -> alt.Parameter:
    steps = sorted(table[column].unique())
    bind = alt.binding_range(
        min=float(steps[0]), max=float(steps[-1]), step=round(float(steps[1] - steps[0]), 10), name=column
    )
    return alt.selection_point(name="slider", fields=[column], bind=bind, value=[{column: start}])


def _reading(table: pd.DataFrame, column: str, reads: str) -> list[str]:
    """Every position of a slider as it is read: 20 %, not 0.2; and one minus sign, that of the axes."""
    texts = [reads.format(value) for value in sorted(table[column].unique())]
    return [text.replace("%", " %").replace("-", "\N{MINUS SIGN}") for text in texts]


def _finish(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart,  # as Altair says of `alt.layer`; nothing here has facets
    title: str,
    description: str,
    height: tuple[float, float] | None = None,
    sliders: list[list[str]] | None = None,
) -> alt.LayerChart:
    """Title, description and size, wide and narrow; every chart is as wide as the page around it."""
    if not title.strip() or not description.strip():
        raise ValueError(
            "title and description are needed: what the chart shows, for those who see it and those who do not"
        )
    wide, narrow = (max(round(size), 120) for size in height or (HEIGHT, HEIGHT))
    layered: Any = chart if isinstance(chart, alt.LayerChart) else alt.layer(chart)
    about = {"narrow": {"height": narrow}} | ({"sliders": sliders} if sliders else {})
    finished: alt.LayerChart = layered.add_params(alt.param(name="narrow", value=False)).properties(
        title=title,
        description=description,
        width="container",
        height=wide,
        usermeta=about,
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
    return finished
