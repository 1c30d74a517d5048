"""Decks of slides: a question before each answer, titles true of a picture that stands still, scores last, notes."""

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from casebook import editions, slides

import sibmodels as sib
from sibmodels import cases, tables

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build/html"
ASKS = slides.asked(ROOT)
each_deck = pytest.mark.parametrize("name", slides.DECKS)


def sections(name: str) -> list:
    path = SITE / f"slides/{name.rpartition('/')[2]}.html"
    assert path.is_file(), f"there is no {path.name}: run `make book` first (`make test` does)"
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select("main > section")


def charts(name: str) -> dict[str, str]:
    """The charts of a chapter by their names, each as it is stored."""
    cells = nbformat.read(ROOT / "book" / f"{name}.ipynb", as_version=4).cells
    return {cell.metadata["name"]: str(cell.outputs) for cell in cells if "altair-viz-" in str(cell.get("outputs", ""))}


@each_deck
def test_each_chart_comes_behind_a_question_of_its_own(name):
    asked = {key: ask for key, ask in ASKS[name].items() if isinstance(ask, str)}
    assert asked.keys() == charts(name).keys()
    assert all(ask.endswith("?") and len(ask.split()) <= 45 for ask in asked.values())
    shown = [section.select_one(".ask") for section in sections(name) if section.figure]
    assert sorted(ask.text for ask in shown) == sorted(asked.values())
    for ask in shown:
        assert ask.find_next_sibling().get("class") == ["answer"]


@each_deck
def test_the_numbers_of_a_question_are_the_chapter_s(name):
    chapter = nbformat.read(ROOT / "book" / f"{name}.ipynb", as_version=4)
    known = str([[cell.source, cell.get("outputs", "")] for cell in chapter.cells])
    for ask in ASKS[name].values():
        for number in re.findall(r"\d+(?:[.,]\d+)*", ask if isinstance(ask, str) else ""):
            assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d])", known), (number, ask)


@each_deck
def test_no_title_or_label_speaks_of_what_a_slide_does_not_have(name):
    for section in sections(name):
        for said in section.select("h1, h2, svg text"):
            assert not re.search(r"(?i)slider|\b(click|drag|your own|at this)", said.text), said.text


def test_a_title_for_a_still_picture_is_true_of_it():
    """Half of the weight on relations is the same weight for all six: so the picture of the lens is drawn."""
    index = sib.index(tables.read("governance").rename(columns={"value": "score"}))
    title = ASKS["framing/npg"]["still"]["relations-weight"]
    assert title == (
        f"With half of the weight on relations, {cases.label(index.idxmax())} stands highest "
        f"and {cases.label(index.idxmin())} lowest"
    )


@each_deck
def test_the_book_s_scores_come_last_and_behind_a_question(name):
    found = sections(name)
    heads = [section.find(["h1", "h2"]).text for section in found]
    first = heads.index("Score first") if "Score first" in heads else len(heads)
    words = re.compile(r"(?i)\b(score|index|rank under|give a rank|alpha|coded from)")
    for section in found[:first]:
        for said in section.select("th, caption"):
            assert not words.search(said.text), said.text
    assert all(section.table or section.figure for section in found[first + 1 :])
    scored = [text for text in charts(name).values() if re.search(r'"(?:score|index)\\?"', text)]
    assert len(scored) == sum(section.figure is not None for section in found[first + 1 :])
    coded = name in {"framing/npm", "framing/npg"} or name.startswith("cases/")
    assert (first < len(heads) - 1) == coded


@each_deck
def test_a_speaker_has_notes(name):
    claims = tables.read("claims").query("page == @name and place == 'chart'")
    said = {section.h2.text: section for section in sections(name) if section.figure}
    for section in said.values():
        assert section.figure["aria-label"][:60] in section.select_one(".speaker").text
    for row in claims.itertuples():
        if row.text in said and isinstance(row.unit, str):
            assert row.unit in said[row.text].select_one(".speaker").text
    discussed = [section for section in sections(name) if section.find(["h1", "h2"]).text == "To discuss"]
    about = editions.notes(ROOT)[name]
    assert len(discussed) == len(about["prompts"])
    for section in discussed:
        assert re.sub(r"[*]", "", slides.plain(about["mistakes"][0]))[:40] in section.select_one(".speaker").text


def test_a_chart_without_a_question_is_named():
    chapter = nbformat.read(ROOT / "book/framing/npg.ipynb", as_version=4)
    with pytest.raises(ValueError, match="framing/npg has no question for its chart 'relations-weight'"):
        slides.deck(chapter, "framing/npg", editions.notes(ROOT)["framing/npg"], {}, ASKS["scores"])
