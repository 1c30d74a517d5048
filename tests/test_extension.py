"""The extension under book/_ext, part by part; what it makes of the whole book is in test_site.py."""

import re
import struct
import zipfile

import altair as alt
import pandas as pd
import pytest
import vl_convert
from bs4 import BeautifulSoup
from casebook import addresses, cards, execution, figure, figurefiles, mathml, pages, takeaway, vegafigure
from docutils import nodes

from sibmodels import charts


@pytest.fixture
def spec():
    table = pd.DataFrame({"x": [0, 1] * 3, "y": range(6), "who": ["a <b>"] * 6, "many": [1, 1, 2, 2, 3, 3]})
    drawn = charts.slider_lines(
        table,
        "x",
        "y",
        "who",
        slider="many",
        start=2,
        title="It rises & falls",
        description="A line that rises.",
        axes=("A long title of x", "y"),
        reads="{:g} people",
    )
    return drawn.to_dict()


def test_a_figure_escapes_its_words_and_shows_what_the_slider_shows_first(spec):
    page = BeautifulSoup(figure.figure(spec, vegafigure.picture), "html.parser")
    assert page.figcaption.text == "It rises & falls#"
    assert page.figure["data-live"] == "sliders"
    assert "--sliders: 1" in page.figure["style"]
    assert page.table.caption.text == "Data of the chart, many: 2 people"
    assert page.select_one(".vega-settings").text == "many: 2 people"
    assert page.figure["id"] == "figure-it-rises-falls"
    assert [row.find_all("td")[1].text for row in page.select("tbody tr")] == ["2", "3"]
    assert page.select_one("tbody td:nth-child(3)").text == "a <b>"
    assert "<b>" not in page.find("script").string


def test_a_narrow_chart_wraps_its_words_and_leaves_the_wide_one_alone(spec):
    before = str(spec)
    table = pd.DataFrame({"x": [0, 1], "y": [1, 2], "who": ["a", "a"]})
    drawn = charts.lines(table, "x", "y", "who", title="T", description="D", axes=("one two three " * 4, "y")).to_dict()
    narrow = charts.narrowed(drawn)
    assert " ".join(narrow["layer"][0]["encoding"]["x"]["title"]) == ("one two three " * 4).strip()
    assert max(map(len, narrow["layer"][0]["encoding"]["x"]["title"])) <= 26
    assert [parameter["value"] for parameter in narrow["params"] if parameter["name"] == "narrow"] == [True]
    assert isinstance(drawn["layer"][0]["encoding"]["x"]["title"], str)
    charts.narrowed(spec)
    assert str(spec) == before


def test_a_picture_to_take_along_has_title_and_source_at_twice_the_size(tmp_path):
    chart = '<svg class="vega-wide" width="672" height="100"><path stroke="currentColor" d="M0,0L9,9"/></svg>'
    svg = figurefiles.sheet("It rises & falls", "A line.", chart, ["many: 2.", "From “Kobe” in: The book, version 1."])
    drawn = BeautifulSoup(svg, "html.parser")
    assert [text.text for text in drawn.find_all("text")] == [
        "It rises & falls",
        "many: 2.",
        "From “Kobe” in: The book, version 1.",
    ]
    assert drawn.title.text == "It rises & falls"
    assert "currentColor" not in svg
    figurefiles.files(svg, tmp_path / "figures/kobe-x")
    png = (tmp_path / "figures/kobe-x.png").read_bytes()
    size = struct.unpack(">II", png[16:24])
    assert size == (2 * float(drawn.svg["width"]), 2 * float(drawn.svg["height"]))
    plain = vl_convert.svg_to_png(re.sub("<text.*?</text>", "", svg), scale=2)
    assert figurefiles.packed(plain) != png  # the words are drawn: a font that is not found would leave them out


def test_a_picture_is_measured_in_the_font_of_the_page():
    """Else labels would be cut or overlap: an unknown font is measured as if every letter were alike."""
    label = alt.Chart(pd.DataFrame({"a": ["illiii"]})).mark_point().encode(alt.Y("a:N", title=None))
    wide = label.encode(alt.Y("b:N", title=None)).properties(data=pd.DataFrame({"b": ["WWMWWW"]}))
    widths = []
    for chart in (label, wide):
        drawn = chart.properties(width=300).configure(font=charts.FONT).to_dict()
        svg = BeautifulSoup(vegafigure.picture("wide", drawn, 300), "html.parser").svg
        widths.append(float(svg["width"]))
    assert widths[1] - widths[0] > 25


def test_formulas_become_mathml_that_carries_its_source():
    shown = BeautifulSoup(mathml._mathml(nodes.math("", r"a < \frac{1}{2}"), "inline"), "html.parser").math
    assert shown["alttext"] == r"a < \frac{1}{2}"
    assert shown.find("mfrac").text == "12"


def test_addresses_say_where_pages_moved(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/addresses.txt").write_text("# a comment\n\na.html\nold/b.html -> new/c.html\n", encoding="utf-8")
    assert addresses.read(tmp_path) == {"a.html": "a.html", "old/b.html": "new/c.html"}
    page = BeautifulSoup(addresses.redirect("old/b.html", "new/c.html"), "html.parser")
    assert page.a["href"] == "../new/c.html"
    assert page.select_one("meta[http-equiv]")["content"] == "0; url=../new/c.html"


def test_the_zip_is_the_same_for_the_same_pages(tmp_path):
    site = tmp_path / "site"
    (site / "_static/fonts").mkdir(parents=True)
    (site / "downloads").mkdir()
    (site / "index.html").write_text("<p>", encoding="utf-8")
    (site / "_static/fonts/source.woff2").write_bytes(b"font")
    (site / "_static/casebook.css").write_text('a { src: url(fonts/source.woff2) format("woff2") }', encoding="utf-8")
    first, second = site / "downloads/one.zip", site / "downloads/two.zip"
    takeaway.pack(site, first)
    takeaway.pack(site, second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        names = ["casebook/README.txt", "casebook/_static/casebook.css", "casebook/index.html"]
        assert sorted(archive.namelist()) == names
        assert b"url(data:font/woff2;base64,Zm9udA==)" in archive.read("casebook/_static/casebook.css")
    assert not list(site.glob("**/*.part"))


def test_a_card_holds_the_title_whole_and_its_colour():
    title = "UK commissioner-led: paid for a fall that was coming anyway?"
    card = BeautifulSoup(cards.card(title, "Cases", "The book & more", "#2b83ba"), "html.parser")
    words = [text.text for text in card.find_all("text")]
    assert " ".join(words[1:-1]) == title
    assert words[-1] == "The book & more"
    assert card.find_all("rect")[1]["fill"] == "#2b83ba"


def test_a_citation_leaves_out_an_address_that_nobody_knows():
    book = {"title": "B", "version": "1", "date-released": "2026-01-02", "authors": [{"name": "X"}]}
    without, known = pages.cite(book, "s", "T", ""), pages.cite(book, "s", "T", "https://example.org/t.html")
    assert "url" not in without["bibtex"]
    assert known["apa"].endswith("https://example.org/t.html")
    assert "url       = {https://example.org/t.html}" in known["bibtex"]


def test_a_day_is_written_as_iso():
    assert execution.day(0) == "1970-01-01"
