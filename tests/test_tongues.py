"""Other languages: every passage and word of a page is said, with its numbers; pages are twins of the English ones."""

import re
import runpy
from collections import Counter

import pytest
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup
from casebook import faithful, figure, outputs, tongues

ROOT = tongues.ROOT
PRINTED = runpy.run_path(str(ROOT / "book/translate.py"))["words"]
SITE = ROOT / "_build/html"


PAGES = [page for language in tongues.languages() for page in (f"{language}/{name}" for name in tongues.pages())]
CATALOGUES = sorted((ROOT / "book/locale").rglob("*.po"))
LATIN = re.compile(r"[A-Za-z][a-z]+(?:[ -][A-Za-z][a-z]+){4,}")  # five words in a row: a passage, and no name


def soup(address: str) -> BeautifulSoup:
    return BeautifulSoup((SITE / f"{address}.html").read_text(encoding="utf-8"), "html.parser")


def messages(path):
    with path.open("rb") as file:
        return [one for one in read_po(file) if one.id]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_everything_is_said_and_keeps_numbers_links_and_fields(path):
    unsaid = [one.id for one in messages(path) if not one.string or one.fuzzy]
    faults = {one.id: faithful.faults(one.id, one.string, one.context or "") for one in messages(path)}
    assert unsaid == []
    assert {words: found for words, found in faults.items() if found} == {}


def test_a_language_has_every_page():
    for language in tongues.languages():
        folder = ROOT / f"book/locale/{language}/LC_MESSAGES"
        have = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("book/**/*.po")}
        assert have == set(tongues.pages())


def read(article) -> str:
    """The words of an article: not its code, formulas, pictures, nor what the site adds below it."""
    for away in article.select(
        "script, style, svg, math, pre, code, form, .live-bar, .work, .own, .play, .used, .hands, .notes, .vega-data,"
        " a.headerlink, .ways, .folded > summary, [hidden]"
    ):
        away.decompose()
    return article.get_text(" ", strip=True)


def numbers(text: str) -> Counter:
    return Counter(number.rstrip(",") for number in outputs.NUMBER.findall(text))


@pytest.mark.parametrize("address", PAGES)
def test_every_number_of_a_page_is_its_twins(address):
    twin = address.partition("/")[2]
    theirs, ours = read(soup(twin).article), read(soup(address).article)
    assert numbers(theirs) - numbers(ours) == Counter(), "numbers that the translation lost"
    new = numbers(ours) - numbers(theirs)
    assert set(new) <= set().union(*faithful.WORDS.values()), "numbers that only the translation has"


@pytest.mark.parametrize("address", PAGES)
def test_what_is_not_of_the_language_says_so(address):
    page = soup(address)
    language = address.partition("/")[0]
    assert page.html["lang"] == language
    for text in page.body.find_all(string=LATIN):
        if text.find_parent(["script", "style", "pre", "code", "math", "svg", "textarea"]):
            continue
        marked = next(one["lang"] for one in text.parents if one.get("lang"))
        assert marked != language, text


@pytest.mark.parametrize("address", PAGES)
def test_no_passage_is_stale(address):
    """A passage that changed in English is not said, stands in English, and is marked: there is none."""
    found = soup(address).article.select(":is(p, td, th, h1, h2, h3, li, caption)[lang=en]:not(.apa, .citations *)")
    assert [one.get_text() for one in found] == []


@pytest.mark.parametrize("address", PAGES)
def test_no_word_of_a_chart_a_table_or_a_printed_line_is_stale(address):
    """What a chapter's cells print today is in the catalogue: in a chart, what is not said could not be marked."""
    language, _, page = address.partition("/")
    said = tongues.catalogue(language, page)
    assert [words for words in PRINTED(page.removeprefix("book/")) if words not in said] == []


@pytest.mark.parametrize("address", PAGES)
def test_twins_know_each_other_and_have_the_same_places(address):
    language, _, twin = address.partition("/")
    here, there = soup(address), soup(twin)
    for page, own in ((here, address), (there, twin)):
        ways = {link["hreflang"]: link["href"] for link in page.select('link[rel="alternate"][hreflang]')}
        assert set(ways) >= {"en", language}
        for code, href in ways.items():
            target = (SITE / own).parent.joinpath(href).resolve()
            assert target == (SITE / (twin if code == "en" else address)).with_suffix(".html").resolve()
    places = [{one["id"] for one in page.article.select("section[id], dt[id], figure[id]")} for page in (here, there)]
    assert places[0] == places[1]


@pytest.mark.parametrize("address", PAGES)
def test_each_source_of_a_table_is_linked_as_in_its_twin(address):
    ways = [
        [link["href"].partition("#")[2] for link in soup(page).select('td a[href*="#sources-"]')]
        for page in (address, address.partition("/")[2])
    ]
    assert ways[0] == ways[1]


@pytest.mark.parametrize("address", PAGES)
def test_what_a_page_leads_to_is_there(address):
    """Pages and files, and the place in them."""
    page = SITE / f"{address}.html"
    for link in soup(address).select("[href], [src]"):
        href, _, place = (link.get("href") or link["src"]).partition("#")
        href = href.partition("?")[0]
        if re.match(r"[a-z]+:", href):
            continue
        target = (page.parent / href).resolve() if href else page
        assert target.is_file(), href
        if place and target.suffix == ".html":
            assert f'id="{place}"' in target.read_text(encoding="utf-8"), f"{href}#{place}"


def test_a_chart_in_japanese_has_its_own_numbers_and_no_titles_that_the_english_lacks():
    axis = {"format": "~s", "labelExpr": "replace(datum.label, '%', '\\u00a0%')"}
    spec = {
        "config": {"legend": {"title": None}},
        "encoding": {
            "x": {"field": "paid", "axis": axis},
            "color": {"field": "case", "legend": {"columns": 2}},
            "tooltip": [{"field": "paid", "format": ",.3~s"}],
        },
        "usermeta": {"sliders": [["20\xa0%", "30 %"]]},
        "datasets": {"data": [{"case": "Kobe", "paid": 7_860_000}]},
    }
    said = outputs.chart(spec, outputs.speaker({"Kobe": "神戸市", "paid": "支払額", "case": "事例"}))
    assert said["encoding"]["x"]["title"] == "支払額"
    assert said["encoding"]["x"]["axis"]["labelExpr"] == outputs.COUNTED
    assert "title" not in said["encoding"]["color"]
    assert said["encoding"]["tooltip"][0]["format"] == ",.0f"
    assert said["usermeta"]["sliders"] == [["20%", "30%"]]
    assert said["datasets"]["data"] == [{"case": "神戸市", "paid": 7_860_000}]


def test_a_slider_s_table_goes_by_the_slider_s_name():
    slider = {"name": "slider", "value": [{"share": 0.2}], "bind": {"min": 0, "max": 1, "step": 0.1, "name": "割合"}}
    made = figure.figure(
        {"title": "t", "description": "d", "params": [slider], "datasets": {"a": [{"share": 0.2, "y": 1}]}},
        lambda shape, spec, width: "",
    )
    assert "割合: 0.2" in made
    assert "share: " not in made
