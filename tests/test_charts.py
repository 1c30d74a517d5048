"""Charts: they draw what they are given, say what it is, and compute nothing."""

import ast
import itertools
import json
import re
import textwrap
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import vl_convert

import sibmodels as sib
from sibmodels import cases, charts, tables

ROOT = Path(__file__).parents[1]
WORDS = dict(title="A finding", description="What it shows")


def sliders(spec):
    return [parameter for parameter in spec["params"] if "bind" in parameter]


def data_of(chart):
    return list(chart.to_dict()["datasets"].values())


def test_one_module_imports_altair_and_it_imports_no_model():
    importers = {}
    for path in (ROOT / "sibmodels").rglob("*.py"):
        names = set()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        tree.body = [
            node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
        ]
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        importers[path.stem] = names
    assert {name for name, names in importers.items() if "altair" in names} == {"charts"}
    models = {"cashflows", "contracts", "governance", "networks", "replays", "simulation", "value"}
    assert not {name for name in importers["charts"] if name.split(".")[-1] in models}


def test_payment_curves_hold_the_model_s_numbers():
    contract = cases.contract("kobe")
    curves = contract.curves(steps=5)
    marks = contract.payments(cases.performance("kobe")).drop("fixed payment").reset_index()
    drawn = data_of(charts.payment_curves(curves, "JPY", marks=marks, **WORDS))
    assert curves.to_dict("records") in drawn
    assert marks.to_dict("records") in drawn


@pytest.mark.parametrize(
    "chart",
    [
        lambda: charts.histogram(sib.distribution([1, 2, 3]), axis="x", marks={"m": 2}, **WORDS),
        lambda: charts.tie_flow(sib.tie_table(sib.stakeholder_network("kobe")), **WORDS),
        lambda: charts.dots(pd.DataFrame({"a": ["x"], "b": [1.0], "c": ["y"]}), "b", "a", "c", axis="b", **WORDS),
        lambda: charts.tornado_bars(
            sib.tornado(lambda a: a, {"a": 1}, {"a": (0, 2)}).assign(label="A"), 1.0, axis="x", **WORDS
        ),
        lambda: charts.cash_flow_bars(
            pd.DataFrame({"period": ["1"], "flow": [1.0], "direction": ["in"]}), "GBP", **WORDS
        ),
        lambda: charts.index_slider(
            pd.DataFrame({"case": cases.names() * 2, "index": [0.1] * 8, "w": [0.0] * 4 + [0.5] * 4}),
            "w", 0.5, axis="x", **WORDS,
        ),
        lambda: charts.network_dots(
            pd.DataFrame({"case": cases.names(), "ties": "all", "value": 0.5}), axis="x", **WORDS
        ),
        lambda: charts.weight_sliders(
            pd.DataFrame({"case": cases.names(), "dimension": "Design", "score": 0.5}), axis="x", **WORDS
        ),
        lambda: charts.intervals(
            pd.DataFrame({"a": ["x", "y"], "c": ["k", "k"], "value": [1, 2], "low": [0, 1], "high": [2, 3]}),
            "a", "c", axis="b", **WORDS,
        ),
        lambda: charts.slider_lines(
            pd.DataFrame({"x": [0, 1] * 2, "y": [0, 1] * 2, "c": ["k"] * 4, "s": [0.0, 0.0, 1.0, 1.0]}),
            "x", "y", "c", slider="s", start=1.0, axes=("X", "Y"), **WORDS,
        ),
    ],
)  # fmt: skip
def test_every_chart_has_a_title_a_description_and_the_page_s_width(chart):
    spec = chart().to_dict()
    assert (spec["title"], spec["description"], spec["width"]) == ("A finding", "What it shows", "container")
    assert spec["height"] >= 120
    assert all(rows for rows in data_of(chart()))


def test_a_slider_starts_where_it_is_told_and_steps_over_the_grid():
    table = pd.DataFrame({"x": [0.0, 0.0, 0.0], "y": [1.0, 2.0, 3.0], "c": "k", "s": [0.0, 0.25, 0.5]})
    spec = charts.slider_lines(table, "x", "y", "c", slider="s", start=0.25, axes=("X", "Y"), reads="{:.0%}", **WORDS)
    spec = spec.to_dict()
    (parameter,) = sliders(spec)
    assert spec["usermeta"]["sliders"] == [["0 %", "25 %", "50 %"]]
    assert parameter["value"] == [{"s": 0.25}]
    bind = parameter["bind"]
    assert (bind["min"], bind["max"], bind["step"], bind["input"]) == (0.0, 0.5, 0.25, "range")


@pytest.mark.parametrize("weights", [[1] * 6, [0, 1, 0, 0, 3.5, 0], [4, 0.5, 1, 2, 0, 3]])
def test_sliders_for_weights_draw_the_model_s_index(weights):
    """The one chart that computes, rendered: its bars are `governance.index` at the weights that are set."""
    coding = tables.read("governance").rename(columns={"value": "score"})
    spec = charts.weight_sliders(coding, axis="Index", **WORDS).to_dict()
    names = list(dict.fromkeys(coding["dimension"]))
    for parameter, name, weight in zip(sliders(spec), names, weights, strict=True):
        assert parameter["bind"]["name"] == f"{name}: weight "
        assert parameter["value"] == 1
        parameter["value"] = weight
    svg = vl_convert.vegalite_to_svg({**spec, "width": 660})
    marks = re.findall(r'"Index: ([^;]+); case: ([^;]+);', svg)
    drawn = {case: float(value.replace("−", "-")) for value, case in marks}
    expected = sib.index(coding, dict(zip(names, weights, strict=True))).rename(cases.label)
    assert drawn == pytest.approx(expected.to_dict(), abs=1e-9)


def test_sliders_for_weights_all_at_nought_draw_no_bar():
    coding = tables.read("governance").rename(columns={"value": "score"})
    spec = charts.weight_sliders(coding, axis="Index", **WORDS).to_dict()
    for parameter in sliders(spec):
        parameter["value"] = 0
    assert "; case: " not in vl_convert.vegalite_to_svg({**spec, "width": 660})


def test_a_chart_without_words_is_refused():
    with pytest.raises(ValueError, match="title and description are needed"):
        charts.histogram(sib.distribution([1, 2]), axis="x", title="T", description=" ")


def test_every_case_has_its_colour():
    assert list(charts.CASE_COLOURS) == cases.names()
    assert len(set(charts.CASE_COLOURS.values())) == len(cases.names())


def test_every_chart_in_the_book_has_a_description_of_its_own():
    descriptions = []
    for path in sorted((ROOT / "book").glob("**/*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            for output in cell.get("outputs", []):
                text = output.get("data", {}).get("text/html", "")
                if "altair-viz-" in text:
                    start = text.rindex("\n  })(") + len("\n  })(")
                    spec, _ = json.JSONDecoder().raw_decode(text, start)
                    descriptions.append(spec["description"])
                    assert len(spec["description"]) > 60, (path.name, cell.id)
    assert len(descriptions) >= 10
    assert len(set(descriptions)) == len(descriptions)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_colours_stand_out_on_light_and_dark_paper_and_a_case_s_colour_means_nothing_else():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    others = {*charts.SERIES, *charts.KIND_COLOURS.values(), *charts.TIE_COLOURS.values(), charts.GREY}
    assert not others & set(charts.CASE_COLOURS.values())
    assert set(charts.DARK) == {*others, *charts.CASE_COLOURS.values()}, (
        "sibmodels/charts.py: DARK has each colour once"
    )
    for colour, dark in charts.DARK.items():
        assert contrast(colour, "#fdfcfa") > 3
        assert contrast(dark, "#16181b") > 4.5


def test_cases_keep_their_colour_in_any_chart():
    table = pd.DataFrame({"x": [0, 1], "y": [1, 2], "who": [cases.label("kobe"), cases.label("yokohama")]})
    drawn = charts.lines(table, "x", "y", "who", axes=("x", "y"), **WORDS).to_dict()
    scale = drawn["layer"][0]["encoding"]["color"]["scale"]
    assert scale["range"] == [charts.CASE_COLOURS["kobe"], charts.CASE_COLOURS["yokohama"]]
    named = charts.lines(table.assign(who=["a", "b"]), "x", "y", "who", axes=("x", "y"), **WORDS).to_dict()
    assert named["layer"][0]["encoding"]["color"]["scale"]["range"] == charts.SERIES[:2]


def test_yearly_stacks_its_counts_and_keeps_years_without_any():
    table = pd.DataFrame({"year": [2010, 2011] * 2, "starts": [1, 0, 2, 0], "country": ["a", "a", "b", "b"]})
    spec = charts.yearly(table, "starts", "country", axis="Starts", **WORDS).to_dict()
    assert table.to_dict("records") in list(spec["datasets"].values())
    svg = vl_convert.vegalite_to_svg({**spec, "width": 400})
    assert svg.count(">a</text>") == 1  # one legend
    assert ">2011</text>" in svg
    assert svg.count('aria-roledescription="bar"') == 2  # and no bar of no height


@pytest.fixture(scope="module")
def drawn_lines():
    """Four lines that end on each other, at the top: the names have to move."""
    rows = [(x, 10 - 0.01 * i if x else 0, f"line {i}, which has a long name") for i in range(4) for x in (0, 1)]
    table = pd.DataFrame(rows, columns=["x", "y", "who"])
    return charts.lines(table, "x", "y", "who", axes=("X", "Y"), **WORDS).to_dict()


@pytest.mark.parametrize("width", [charts.WIDE, charts.NARROW])
def test_names_at_the_ends_of_lines_stand_apart_within_the_picture(drawn_lines, width):
    spec = drawn_lines if width == charts.WIDE else charts.narrowed(drawn_lines)
    svg = vl_convert.vegalite_to_svg({**spec, "width": width})
    names = re.findall(r'transform="translate\(([\d.]+),([\d.]+)\)"[^>]*>(?:<tspan>)?(line \d[^<]*)', svg)
    lines = [len(textwrap.wrap(f"{name}", 100)) for *_, name in names]
    tops = sorted(float(y) for _, y, _ in names)
    assert len(tops) == 4 == len(lines)
    rows = 2 if width == charts.WIDE else 3
    gaps = [after - before for before, after in itertools.pairwise(tops)]
    assert min(gaps) >= charts.LINE * min(rows, 2) - 0.1
    assert tops[0] >= 0
    assert tops[-1] <= charts.HEIGHT


def test_ties_are_arrows_from_each_giver_in_one_block():
    graph = sib.stakeholder_network("kobe")
    drawn = charts.tie_flow(sib.tie_table(graph), **WORDS)
    (rows,) = data_of(drawn)
    assert sorted((row["from"], row["to"], row["kind"], row["what"]) for row in rows) == sorted(
        (giver, receiver, tie["kind"], tie["what"]) for giver, receiver, tie in graph.edges(data=True)
    )
    givers = [row["from"] for row in rows]
    assert len([giver for giver, _ in itertools.groupby(givers)]) == len(set(givers))
    spec = drawn.to_dict()
    for shape in (spec, charts.narrowed(spec)):
        svg = vl_convert.vegalite_to_svg({**shape, "width": 400})
        assert svg.count('aria-roledescription="point"') == len(rows)  # the heads of the arrows


def test_every_chart_in_the_book_has_a_name_that_lasts():
    """The figure's address ends in it: of the cell, not of its number or its title, which change."""
    for path in sorted((ROOT / "book").glob("**/*.ipynb")):
        names = [
            cell.metadata.get("name", "")
            for cell in nbformat.read(path, as_version=4).cells
            if any("altair-viz-" in output.get("data", {}).get("text/html", "") for output in cell.get("outputs", []))
        ]
        assert len(set(names)) == len(names), path
        assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", name) for name in names), (
            f"{path}: every cell with a chart needs a name of its own in its metadata, in small letters and hyphens; "
            f"it has {names}"
        )
