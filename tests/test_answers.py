"""Scores that a class is to find by itself: on every page of the site behind a click, and in no search result."""

import functools
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from casebook import answers

from sibmodels import cases, tables

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build/html"
PAGES = sorted(path.relative_to(SITE).as_posix() for path in SITE.glob("book/**/*.html"))
CODING = tables.read("governance").pivot(index="case", columns="dimension", values="value").astype(float)
LABELS = tables.read("dimensions").set_index("dimension")["label"]
FOLDED = [
    "book/framing/npg.html",
    "book/framing/npm.html",
    "book/framing/more-lenses.html",
    *(f"book/cases/{case}.html" for case in cases.names()),
    "book/across/governance.html",
    "book/teach/coding-lab.html",
    "book/reference/data.html",
    "book/reference/tables.html",
]
# what says who stands where; "called" is the slides' own word, which is evidence
PLACED = re.compile(
    r"(Kobe|Yokohama|(commissioner|provider)-led)[^.;:]*("
    r"(NPM|NPG) end|most (NPM|NPG)|nearest to NP|most contractual|most collaborative|nearer to NP|highest|lowest"
    r")|(puts? a case below|passes|above|ahead of) (Kobe|Yokohama|the (commissioner|provider)-led)"
)


@functools.cache
def read(address: str) -> str:
    path = SITE / address
    assert path.is_file(), f"there is no {address}: run `make book` first (`make test` does)"
    return path.read_text(encoding="utf-8")


UNSEEN = re.compile(r"<(script|style|template|select|pre|svg)\b.*?</\1>", re.DOTALL)


@functools.cache
def seen(address: str, opened: bool = False) -> str:
    """The words of a page that are seen, or read aloud, before anything is opened."""
    article = re.search(r"<article>.*</article>", read(address), re.DOTALL)
    page = BeautifulSoup(UNSEEN.sub(" ", article[0]) if article else "", "html.parser")
    for fold in page.select(".vega-data" if opened else "details:not([open])"):
        fold.decompose()
    aloud = " ".join(tag["aria-label"] for tag in page.select("[aria-label]"))
    return " ".join(page.get_text(" ").split()).replace("\N{MINUS SIGN}", "-") + " " + aloud


def number(score: float) -> str:
    """A score as a table may print it."""
    whole, sign = f"{abs(score):g}", "-" if score < 0 else ""
    after = "0?" if "." in whole else "(?:[.]0+)?"
    return rf"(?<![\d.-])[+]?{sign}{re.escape(whole)}{after}(?![\d.])"


def listed(text: str) -> set[str]:
    """The cases whose six scores stand in a text: in a row, or each after its dimension's name."""
    found = set()
    for case, scores in CODING.iterrows():
        row = r"\s+".join(number(scores[dimension]) for dimension in LABELS.index)
        each = all(
            re.search(rf"\b({LABELS[dimension]}|{dimension})\b.{{0,40}}?{number(score)}", text, flags=re.I)
            for dimension, score in scores.items()
        )
        if re.search(row, text) or each:
            found.add(case)
    return found


def test_pages_are_there():
    assert len(PAGES) > 40
    assert set(FOLDED) <= set(PAGES)


@pytest.mark.parametrize("address", PAGES)
def test_no_page_lists_a_case_s_scores_before_a_click(address):
    assert listed(seen(address)) == set()
    assert ":::" not in seen(address), "a fold that is none: a directive begins its line"


@pytest.mark.parametrize("address", FOLDED)
def test_the_scores_are_there_after_it(address):
    html = read(address)
    assert answers.MARK in html
    assert "answers.js" in html
    fold = BeautifulSoup(html, "html.parser").select_one("details.answers")
    assert "open" not in fold.attrs
    assert fold.find(True).name == "summary"
    assert fold.summary.text.endswith("open after coding yourself")


@pytest.mark.parametrize(
    ("address", "found"),
    [("book/framing/npg.html", set(cases.names())), *((f"book/cases/{case}.html", {case}) for case in cases.names())],
)
def test_a_page_that_lists_scores_openly_is_noticed(address, found):
    assert listed(seen(address, opened=True)) >= found


@pytest.mark.parametrize("address", PAGES)
def test_no_page_says_who_stands_where_before_a_click(address):
    text = seen(address).partition("Exercises ")[0]
    assert [match.group() for match in PLACED.finditer(text)] == []


def test_a_sentence_that_says_it_openly_is_noticed():
    for text in ("Kobe stands near the NPM end", "none of them puts a case below Kobe", "Yokohama is highest"):
        assert PLACED.search(text), text


def test_the_search_does_not_read_folded_answers():
    index = (SITE / "search-index.js").read_text(encoding="utf-8")
    for case in cases.names():
        page = BeautifulSoup(read(f"book/cases/{case}.html"), "html.parser")
        caption = page.select_one("details.answers caption").get_text(" ", strip=True)
        assert caption not in index
    assert "This model cannot fail" in index, "what is not folded is found"


def letters(text: str) -> str:
    """A text without what a page puts between its letters so that lines break well."""
    return re.sub(r"\W", "", text)


def test_the_dossier_has_no_score_and_no_dimension():
    page = BeautifulSoup(read("book/teach/coding-dossier.html"), "html.parser")
    rows = page.select("article tbody tr")
    assert len(rows) > 100
    assert {row.find(["th", "td"]).text for row in rows}.isdisjoint(LABELS)
    assert listed(seen("book/teach/coding-dossier.html", opened=True)) == set()
    said = tables.read("facts").query("source == 'tsukamoto2019' and confidence == 'stated' and unit == 'text'")
    text = letters(page.article.get_text())
    assert [value for value in said[said["case"].isin(cases.names())]["value"] if letters(value) not in text] == []


def test_text_and_cells_that_stand_together_are_one_fold():
    page = BeautifulSoup(read("book/framing/npg.html"), "html.parser")
    folds = page.select("details.answers")
    assert all("answers" not in (fold.find_next_sibling(True) or {}).get("class", []) for fold in folds)
    assert folds[0].select_one("table")
    assert folds[0].select_one("div > p")
