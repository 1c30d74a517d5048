"""Every headline result says what five questions say of it, stands where it is said to, and is shown by something."""

import ast
import functools
import json
import re
from pathlib import Path

import nbformat
import pytest

from sibmodels import display, findings, tables

ROOT = Path(__file__).parents[1]
CLAIMS = tables.read("claims")
PARTS = ("framing", "countries", "cases", "bonds", "across")
CHAPTERS = sorted(
    ["index", *(f"{part}/{path.stem}" for part in PARTS for path in (ROOT / "book" / part).glob("*.ipynb"))]
)
each_claim = pytest.mark.parametrize("row", list(CLAIMS.itertuples()), ids=CLAIMS["claim"].tolist())


@functools.cache
def notebook(page: str):
    return nbformat.read(ROOT / f"book/{page}.ipynb", as_version=4)


def plain(text: str) -> str:
    """Text without markup: roles, links, emphasis and line breaks."""
    text = re.sub(r"\{cite(?::\w)?\}`[^`]*`", "", text)
    text = re.sub(r"\{\w+\}`([^`<]*?)(?: <[^`>]*>)?`", r"\1", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(?<!\w)[*_]+(?=\S)|(?<=\S)[*_]+(?!\w)|`", "", text)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" (?=[.,;:)])", "", text).strip()


@functools.cache
def titles(page: str) -> tuple[str, ...]:
    """The titles of a page's charts, from their stored specifications."""
    found = []
    for cell in notebook(page).cells:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get("text/html", "")
            if "altair-viz-" in text:
                spec, _ = json.JSONDecoder().raw_decode(text, text.rindex("\n  })(") + len("\n  })("))
                found.append(plain(spec["title"]))
    return tuple(found)


@functools.cache
def said(page: str) -> str:
    """What a page says: its prose, what its cells print, the titles of its charts."""
    texts = [*titles(page)]
    for cell in notebook(page).cells:
        texts += [cell.source] if cell.cell_type == "markdown" else []
        for output in cell.get("outputs", []):
            texts.append(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
    return plain("\n".join(texts))


def untold(claims, chapters) -> list[str]:
    """Titles of charts that no row of the table has a part of."""
    missing = []
    for page in chapters:
        rows = claims[(claims["page"] == page) & (claims["place"] == "chart")]
        told = [plain(text) for text in rows["text"]]
        missing += [f"{page}: {title}" for title in titles(page) if not any(text in title for text in told)]
    return missing


@each_claim
def test_the_text_stands_on_its_page(row):
    text = plain(row.text)
    where = " | ".join(titles(row.page)) if row.place == "chart" else said(row.page)
    assert text in where, f"{row.page} does not say: {text}"
    assert 25 <= len(row.text) <= 90


@each_claim
def test_at_least_one_question_is_answered_and_briefly(row):
    answers = [getattr(row, question) for question in display.QUESTIONS]
    assert any(answers), "none of the five questions is answered"
    assert all(len(answer.split()) <= 25 for answer in answers)


@each_claim
def test_what_shows_it_exists(row):
    cells = {cell.id for cell in notebook(row.page).cells if cell.cell_type == "code"}
    for proof in row.proof.split("; "):
        if proof.startswith("cell "):
            assert f"c{proof.removeprefix('cell ')}" in cells, f"{row.page} has no code in {proof}"
        else:
            file, *_, name = proof.split("::")
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, proof


def test_every_chart_has_its_row():
    missing = untold(CLAIMS, CHAPTERS)
    assert not missing, "charts whose titles are no rows of claims.csv:\n" + "\n".join(missing)


def test_every_chapter_has_rows():
    assert set(CLAIMS["page"]) >= set(CHAPTERS)


def test_the_landing_page_says_what_its_cell_prints():
    page = notebook("index")
    prose = plain("\n".join(cell.source for cell in page.cells if cell.cell_type == "markdown"))
    (hidden,) = [cell for cell in page.cells if "remove-cell" in cell.metadata.get("tags", [])]
    printed = hidden.outputs[0].text.splitlines()
    assert len(printed) >= 8
    assert [line for line in printed if line not in prose] == []


def test_a_wrong_sentence_and_a_chart_without_a_row_are_noticed():
    row = CLAIMS[CLAIMS["place"] == "chart"].iloc[0]
    assert plain(row["text"]) in said(row["page"])
    assert plain(row["text"].replace("e", "o")) not in said(row["page"])
    without = CLAIMS[CLAIMS["claim"] != row["claim"]]
    assert any(row["text"] in title for title in untold(without, [row["page"]]))


def test_markup_is_taken_off_and_words_are_kept():
    assert plain("A {term}`proxies <proxy>` of **two** [links](a/b) {cite}`x2018`.") == "A proxies of two links."
    assert plain("`promised_cap` at 3 * 4\nand _one_") == "promised_cap at 3 * 4 and one"


def test_the_list_has_each_result_once_and_escapes_it():
    rows = CLAIMS.head(2).assign(text=["<one> result", "two"], page="index")
    shown = findings(rows, {"index": "The first page"})
    assert repr(shown).count("result") == 2
    assert "&lt;one&gt; result" in shown._repr_html_()
    with pytest.raises(ValueError, match="table has results of index; its pages must be among: cases/kobe"):
        findings(rows, {"cases/kobe": "Kobe"})
