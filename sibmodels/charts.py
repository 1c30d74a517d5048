"""Charts: from a model's table to an Altair chart. Nothing is computed here.

Every chart has a title that says the finding and a description for those who cannot see it, both given
by the chapter, because only the chapter knows what was found. Colours are safe for colour-blind readers
and keep their meaning throughout: one a case, one a kind of outcome. Text takes the colour of the page
around it, so that charts follow a light or dark theme.
"""

from __future__ import annotations

import json

import altair as alt
import pandas as pd

from sibmodels import cases

__all__ = [
    "CASE_COLOURS",
    "cash_flow_bars",
    "dots",
    "governance_dots",
    "histogram",
    "index_slider",
    "intervals",
    "lines",
    "network_dots",
    "payment_curves",
    "payment_split",
    "slider_lines",
    "tie_matrix",
    "tornado_bars",
    "weight_sliders",
    "yearly",
]

CASE_COLOURS = cases.colours()
KIND_COLOURS = {
    "taking part": "#8c8c8c",
    "habits": "#b08d00",
    "health": "#8a6b58",
    "service use": "#7468b8",
    "wellbeing": "#5f9e3a",
}
TIE_COLOURS = {
    "money": "#b08d00",
    "contract": "#8c8c8c",
    "service": "#5f9e3a",
    "evaluation": "#7468b8",
    "design": "#8a6b58",
}
INK = "currentColor"
FONT = "Casebook Sans, system-ui, sans-serif"  # the site's own, and elsewhere the reader's
# for what is no case: none of the colours above
SERIES = ["#7468b8", "#b08d00", "#8a6b58", "#5f9e3a"]
PLAIN, GREY = SERIES[0], "#8c8c8c"


@alt.theme.register("casebook", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    words = {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
    }
    lines = {"domainColor": INK, "domainOpacity": 0.4, "tickColor": INK, "tickOpacity": 0.4, "gridColor": INK}
    return alt.theme.ThemeConfig(
        config={
            "background": None,
            "font": FONT,
            "view": {"stroke": None},
            "title": {"anchor": "start", "color": INK, "fontSize": 14, "offset": 12},
            "axis": {**words, **lines, "gridOpacity": 0.12, "labelLimit": 220},
            "axisY": {"titleAnchor": "end", "titleAngle": 0, "titleAlign": "left", "titleY": -8, "titleX": 0},
            "legend": {
                "orient": "top",
                "offset": 24,
                "title": None,
                "labelColor": INK,
                "labelFontSize": 13,
                "labelLimit": 260,
                "columns": 2,
            },
            "text": {"color": INK, "fontSize": 13},
            "rule": {"color": INK},
        }
    )


def payment_curves(curves: pd.DataFrame, currency: str, title: str, description: str, marks=None) -> alt.LayerChart:
    """What each outcome pays as its performance rises.

    Parameters
    ----------
    curves : DataFrame
        From `Contract.curves`; performance is a share.
    marks : DataFrame, optional
        Points to mark, with the same columns: what was achieved.
    """
    base = alt.Chart(curves).encode(
        alt.X("performance:Q", title="Performance", axis=alt.Axis(format="%")),
        alt.Y("payment:Q", title=f"Payment, {currency}", axis=alt.Axis(format="~s")),
        alt.Color("outcome:N", sort=None, scale=alt.Scale(range=SERIES)),
        alt.StrokeDash("outcome:N", sort=None),
        tooltip=["outcome:N", alt.Tooltip("performance:Q", format=".1%"), alt.Tooltip("payment:Q", format=",.0f")],
    )
    layers = [base.mark_line(strokeWidth=2.5)]
    if marks is not None:
        layers.append(base.mark_point(size=110, filled=True, opacity=1).properties(data=marks))
    return _finish(alt.layer(*layers), title, description)


def payment_split(weights: pd.DataFrame, title: str, description: str) -> alt.LayerChart:
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
            alt.X("share:Q", title="Share of the maximum outcome payment", axis=alt.Axis(format="%")).stack(True),
            alt.Order("order:Q"),
            tooltip=["case:N", "outcome:N", "pays for:N", alt.Tooltip("share:Q", format=".1%")],
        )
        .transform_calculate(order=f"indexof({kinds}, datum['pays for'])")
    )
    bar = base.mark_bar(stroke="white", strokeWidth=1).encode(
        color=alt.Color("pays for:N", scale=alt.Scale(domain=kinds, range=[KIND_COLOURS[kind] for kind in kinds]))
    )
    return _finish(bar, title, description, height=60 * weights["case"].nunique())


def cash_flow_bars(flows: pd.DataFrame, currency: str, title: str, description: str) -> alt.LayerChart:
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
            alt.X("period:N", sort=None, title=None, axis=alt.Axis(labelAngle=-45)),
            alt.Y("flow:Q", title=f"{currency}: paid out below, received above 0", axis=alt.Axis(format="~s")),
            alt.Color("direction:N", sort=None, scale=alt.Scale(range=[GREY, PLAIN])),
            tooltip=["period:N", alt.Tooltip("flow:Q", format=",.0f"), "direction:N"],
        )
    )
    return _finish(chart, title, description)


def histogram(
    distribution: pd.DataFrame, title: str, description: str, axis: str, marks: dict[str, float] | None = None
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
    layers = [
        alt.Chart(distribution)
        .mark_rect(color=PLAIN, stroke="white", strokeWidth=0.5)
        .encode(
            alt.X("low:Q", title=axis, axis=alt.Axis(format="~s"), scale=alt.Scale(zero=False)),
            alt.X2("high:Q"),
            alt.Y("share:Q", title="Share of draws", axis=alt.Axis(format="%")),
            alt.Y2(datum=0),
            tooltip=[
                alt.Tooltip("low:Q", format=",.3~s"),
                alt.Tooltip("high:Q", format=",.3~s"),
                alt.Tooltip("share:Q", format=".1%"),
            ],
        )
    ]
    if marks:
        table = pd.DataFrame({"mark": list(marks), "value": list(marks.values())})
        layers.append(alt.Chart(table).mark_rule(strokeWidth=2, strokeDash=[4, 3]).encode(alt.X("value:Q")))
        for i in range(len(table)):  # the last of several stands on the other side: two may lie close
            right = 0 < i == len(table) - 1
            text = alt.Chart(table.iloc[[i]]).mark_text(
                align="left" if right else "right", dx=5 if right else -5, dy=6, baseline="top"
            )
            layers.append(text.encode(alt.X("value:Q"), alt.Text("mark:N"), y=alt.value(0)))
    return _finish(alt.layer(*layers), title, description)


def governance_dots(coding: pd.DataFrame, title: str, description: str) -> alt.LayerChart:
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
        .mark_point(size=150, filled=True, opacity=0.9)
        .encode(
            alt.X(
                "score:Q",
                title="NPM  ←  score  →  NPG",
                scale=alt.Scale(domain=[-1.1, 1.1]),
                axis=alt.Axis(values=[-1, -0.5, 0, 0.5, 1]),
            ),
            alt.Y("dimension:N", sort=None, title=None, axis=alt.Axis(grid=True)),
            alt.Color("case:N", scale=alt.Scale(domain=domain, range=colours)),
            alt.Shape(
                "case:N",
                scale=alt.Scale(domain=domain, range=["circle", "square", "triangle-up", "diamond"][: len(domain)]),
            ),
            alt.YOffset("case:N", sort=domain),
            tooltip=["case:N", "dimension:N", "score:Q", "why:N"],
        )
    )
    return _finish(chart, title, description, height=54 * table["dimension"].nunique())


def tie_matrix(ties: pd.DataFrame, title: str, description: str) -> alt.LayerChart:
    """Who gives what to whom: givers down, receivers across, a mark a tie.

    Parameters
    ----------
    ties : DataFrame
        From `networks.tie_table`; a larger mark stands for several ties of a kind.
    """
    kinds = [kind for kind in TIE_COLOURS if kind in set(ties["kind"])]
    shapes = {
        "money": "circle",
        "contract": "square",
        "service": "triangle-up",
        "evaluation": "diamond",
        "design": "cross",
    }
    chart = (
        alt.Chart(ties)
        .mark_point(filled=True, opacity=1)
        .encode(
            alt.Y("from:N", sort=None, title="From", axis=alt.Axis(grid=True)),
            alt.X("to:N", sort=None, title="To", axis=alt.Axis(labelAngle=-40, grid=True)),
            alt.XOffset("kind:N", sort=kinds),
            alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[TIE_COLOURS[kind] for kind in kinds])),
            alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=[shapes[kind] for kind in kinds])),
            size=alt.Size("ties:Q", scale=alt.Scale(domain=[1, 3], range=[90, 270]), legend=None),
            tooltip=["from:N", "to:N", "kind:N", "ties:Q", "what:N"],
        )
    )
    return _finish(chart, title, description, height=44 * ties["from"].nunique())


def network_dots(table: pd.DataFrame, title: str, description: str, axis: str) -> alt.LayerChart:
    """Measures of the four networks below each other, each once for every way of counting ties.

    Parameters
    ----------
    table : DataFrame
        Columns ``case`` (identifier), ``measure``, ``ties`` (which ties were counted) and ``value``; a row
        of the chart for every measure and case, in their order.
    """
    shown = table.assign(case=[cases.label(case) for case in table["case"]])
    shown["row"] = shown["measure"] + ": " + shown["case"]
    domain = [cases.label(case) for case in CASE_COLOURS]
    base = alt.Chart(shown).encode(
        alt.X("value:Q", title=axis, scale=alt.Scale(domain=[0, 1])),
        alt.Y("row:N", sort=None, title=None, axis=alt.Axis(grid=True)),
        alt.Color("case:N", scale=alt.Scale(domain=domain, range=list(CASE_COLOURS.values())), legend=None),
        tooltip=["case:N", "measure:N", "ties:N", alt.Tooltip("value:Q", format=".2f")],
    )
    line = base.mark_line(strokeWidth=2, opacity=0.5).encode(detail="row:N")
    points = base.mark_point(size=130, filled=True, opacity=1).encode(
        alt.Shape(
            "ties:N",
            sort=None,
            scale=alt.Scale(range=["circle", "diamond", "triangle-up"]),
            legend=alt.Legend(symbolFillColor=INK, symbolStrokeColor=INK),
        )
    )
    return _finish(alt.layer(line, points), title, description, height=46 * shown["row"].nunique())


def tornado_bars(table: pd.DataFrame, base: float, axis: str, title: str, description: str) -> alt.LayerChart:
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
            alt.X("result_low:Q", title=axis, scale=alt.Scale(zero=False)),
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
    return _finish(alt.layer(bar, base_rule), title, description, height=40 * len(table))


def dots(
    table: pd.DataFrame, x: str, y: str, colour: str, title: str, description: str, axis: str, form: str = "~s"
) -> alt.LayerChart:
    """A few numbers of a few things side by side: `y` down, `x` across, `colour` (and shape) for what."""
    chart = (
        alt.Chart(table)
        .mark_point(size=140, filled=True, opacity=1)
        .encode(
            alt.X(f"{x}:Q", title=axis, axis=alt.Axis(format=form)),
            alt.Y(f"{y}:N", sort=None, title=None, axis=alt.Axis(grid=True, labelPadding=8)),  # a dot may lie on 0
            alt.Color(f"{colour}:N", sort=None, scale=_colours(table[colour])),
            alt.Shape(f"{colour}:N", sort=None),
            tooltip=[f"{y}:N", f"{colour}:N", alt.Tooltip(f"{x}:Q", format=form)],
        )
    )
    return _finish(chart, title, description, height=48 * table[y].nunique())


def intervals(table: pd.DataFrame, y: str, colour: str, title: str, description: str, axis: str) -> alt.LayerChart:
    """Numbers with their intervals: `y` down, `colour` (and shape) for what, side by side.

    Parameters
    ----------
    table : DataFrame
        Columns ``value``, ``low`` and ``high``, beside `y` and `colour`.
    """
    base = alt.Chart(table).encode(
        alt.Y(f"{y}:N", sort=None, title=None, axis=alt.Axis(grid=True)),
        alt.YOffset(f"{colour}:N", sort=list(dict.fromkeys(table[colour]))),
        tooltip=[f"{y}:N", f"{colour}:N", *(alt.Tooltip(f"{end}:Q", format=".2f") for end in ("value", "low", "high"))],
    )
    rule = base.mark_rule(strokeWidth=2, opacity=0.5).encode(alt.X("low:Q", title=axis), alt.X2("high:Q"))
    point = base.mark_point(size=130, filled=True, opacity=1).encode(
        alt.X("value:Q", title=axis),
        alt.Color(f"{colour}:N", sort=None, scale=_colours(table[colour])),
        alt.Shape(f"{colour}:N", sort=None),
    )
    return _finish(alt.layer(rule, point), title, description, height=72 * table[y].nunique())


def lines(
    table: pd.DataFrame,
    x: str,
    y: str,
    colour: str,
    title: str,
    description: str,
    axes: tuple[str, str],
    form: tuple[str, str] = ("%", "~s"),
) -> alt.LayerChart:
    """Lines of `y` over `x`, one a value of `colour`; `axes` and `form` name and format x and y."""
    return _finish(_lines(table, x, y, colour, axes, form), title, description)


def slider_lines(
    table: pd.DataFrame,
    x: str,
    y: str,
    colour: str,
    slider: str,
    start: float,
    title: str,
    description: str,
    axes: tuple[str, str],
    form: tuple[str, str] = ("%", "~s"),
) -> alt.LayerChart:
    """Lines of `y` over `x` that a slider moves: the table holds them for every value of `slider`.

    Parameters
    ----------
    slider : str
        The column that the reader moves, in equal steps; its name is the slider's label.
    start : float
        The value shown first.
    """
    choice = _slider(table, slider, start)
    low, high = float(table[y].min()), float(table[y].max())
    chart = _lines(table, x, y, colour, axes, form, alt.Scale(domain=[min(low, 0), high]))
    return _finish(chart.add_params(choice).transform_filter(choice), title, description)


def index_slider(
    table: pd.DataFrame, slider: str, start: float, title: str, description: str, axis: str
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
            alt.X("index:Q", title=axis, scale=alt.Scale(domain=[-1, 1])),
            alt.Y("case:N", sort=domain, title=None),
            alt.Color("case:N", scale=alt.Scale(domain=domain, range=list(CASE_COLOURS.values())), legend=None),
            tooltip=["case:N", alt.Tooltip("index:Q", format=".2f")],
        )
        .add_params(choice)
        .transform_filter(choice)
    )
    return _finish(chart, title, description, height=180)


def weight_sliders(coding: pd.DataFrame, title: str, description: str, axis: str) -> alt.LayerChart:
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
            alt.X("index:Q", title=axis, scale=alt.Scale(domain=[-1.4, 1.4]), axis=alt.Axis(values=[-1, 0, 1])),
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
    return _finish(alt.layer(bar, above, below).add_params(*weights), title, description, height=180)


def yearly(
    table: pd.DataFrame, y: str, colour: str, title: str, description: str, axis: str, columns: int = 2
) -> alt.LayerChart:
    """Counts by year, one line a value of `colour` (and shape and dash): what began when.

    Parameters
    ----------
    table : DataFrame
        Columns ``year`` (whole numbers, every year of the span for every line), `y` and `colour`.
    """
    names = list(dict.fromkeys(table[colour]))
    legend = alt.Legend(columns=columns)
    base = alt.Chart(table).encode(
        alt.X("year:O", title=None, axis=alt.Axis(labelAngle=-45)),
        alt.Y(f"{y}:Q", title=axis, axis=alt.Axis(format="d")),
        alt.Color(f"{colour}:N", scale=alt.Scale(domain=names, range=SERIES[: len(names)]), legend=legend),
        tooltip=["year:O", f"{colour}:N", f"{y}:Q"],
    )
    line = base.mark_line(strokeWidth=2).encode(alt.StrokeDash(f"{colour}:N", sort=None, legend=None))
    # the same names for shape as for colour, or they would not share a legend
    points = base.mark_point(size=70, filled=True, opacity=1).encode(
        alt.Shape(f"{colour}:N", scale=alt.Scale(domain=names), legend=legend)
    )
    return _finish(alt.layer(line, points), title, description)


def _lines(table, x, y, colour, axes, form, scale=alt.Undefined) -> alt.Chart:
    return (
        alt.Chart(table)
        .mark_line(strokeWidth=2.5)
        .encode(
            alt.X(f"{x}:Q", title=axes[0], axis=alt.Axis(format=form[0])),
            alt.Y(f"{y}:Q", title=axes[1], axis=alt.Axis(format=form[1]), scale=scale),
            alt.Color(f"{colour}:N", sort=None, scale=_colours(table[colour])),
            alt.StrokeDash(f"{colour}:N", sort=None),
            tooltip=[f"{colour}:N", alt.Tooltip(f"{x}:Q", format=form[0]), alt.Tooltip(f"{y}:Q", format=form[1])],
        )
    )


def _colours(values: pd.Series) -> alt.Scale:
    """Cases keep their own colour wherever they are; what is no case takes another."""
    of_case = {cases.label(case): colour for case, colour in CASE_COLOURS.items()}
    names = list(dict.fromkeys(values))
    if not set(names) <= set(of_case):
        return alt.Scale(range=SERIES if len(names) <= len(SERIES) else [*SERIES, GREY])  # no colour for two things
    return alt.Scale(domain=names, range=[of_case[name] for name in names])


def _slider(table: pd.DataFrame, column: str, start: float) -> alt.Parameter:
    steps = sorted(table[column].unique())
    bind = alt.binding_range(
        min=float(steps[0]), max=float(steps[-1]), step=round(float(steps[1] - steps[0]), 10), name=f"{column} "
    )
    return alt.selection_point(name="slider", fields=[column], bind=bind, value=[{column: start}])


def _finish(chart: alt.Chart | alt.LayerChart, title: str, description: str, height: int = 260) -> alt.LayerChart:
    """Title, description and size; every chart is as wide as the page around it."""
    if not title.strip() or not description.strip():
        raise ValueError(
            "title and description are needed: what the chart shows, for those who see it and those who do not"
        )
    layered = chart if isinstance(chart, alt.LayerChart) else alt.layer(chart)
    return layered.properties(
        title=title,
        description=description,
        width="container",
        height=max(height, 120),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )
