"""What the site gives to a class: plans that agree with the cards, sheets, slides, the course pack."""

import json
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from casebook import editions, slides, teaching

import sibmodels as sib
from sibmodels import negotiation, tables

from .conftest import outside

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build/html"
CHAPTERS = {
    name: path for name, path in editions.chapters(ROOT).items() if name.rpartition("/")[2] not in editions.NO_EXERCISES
}
CARD = re.compile(r"Takes\s+(?:about )?(\d+) minutes?(?:[^.]*?, (\d+) if you skip the code)?")


def page(address: str) -> BeautifulSoup:
    path = SITE / address
    assert path.is_file(), f"there is no {address}: run `make book` first (`make test` does)"
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def card(address: str) -> tuple[int, int]:
    """Minutes as the page itself says them, with the code and without."""
    found = CARD.search(" ".join(page(address).select_one(".chapter-card").text.split()))
    return int(found[1]), int(found[2] or found[1])


def linked(cell) -> list[str]:
    """The pages that a cell of the syllabus links to; a page links to itself as #."""
    links = [link["href"] for link in cell.find_all("a")]
    return ["book/teach/syllabus.html" if link == "#" else os.path.normpath(f"book/teach/{link}") for link in links]


def tables_of(address: str) -> dict[str, list]:
    """The rows of each table of a page, as cells, by caption."""
    found = page(address).select("main table")
    return {
        (table.select_one(".caption-text") or table.caption).find(string=True).strip(): [
            row.find_all(["th", "td"]) for row in table.select("tbody tr")
        ]
        for table in found
    }


def test_pathways_take_as_long_as_the_cards_of_their_chapters_say():
    shown = tables_of("book/teach/syllabus.html")
    for path in teaching.plans(ROOT)["pathways"].values():
        *steps, total = shown[f"{path['label']}: {path['why']}."]
        times = []
        for step, chapter in zip(steps, path["chapters"], strict=True):
            assert linked(step[1]) == [f"book/{chapter}.html"]
            times.append(card(f"book/{chapter}.html"))
            assert tuple(int(cell.text) for cell in step[2:]) == times[-1]
        assert [int(cell.text) for cell in total[2:]] == [sum(part) for part in zip(*times, strict=True)]


def test_the_module_asks_for_as_much_reading_as_its_chapters_take():
    shown = tables_of("book/teach/syllabus.html")
    rows = shown[teaching.plans(ROOT)["module"]["caption"]]
    assert len(rows) == 10
    for row in rows:
        whole, short = (sum(part) for part in zip(*(card(address) for address in linked(row[2])), strict=True))
        numbers = [int(number) for number in re.findall(r"\d+", row[3].text)]
        assert numbers == ([whole, short] if short < whole else [whole])


@pytest.mark.parametrize("name", ["seminar", "workshop"])
def test_a_plan_s_minutes_add_up(name):
    plan = teaching.plans(ROOT)[name]
    rows = tables_of("book/teach/syllabus.html")[plan["caption"]]
    assert sum(int(row[0].text) for row in rows) == plan["minutes"]


@pytest.mark.parametrize(("plan", "page"), [("game", "negotiation"), ("lab", "coding-lab")])
def test_game_and_lab_fit_into_an_hour(plan, page):
    rows = tables_of(f"book/teach/{page}.html")[teaching.plans(ROOT)[plan]["caption"]]
    assert sum(int(row[0].text) for row in rows) == 60


def test_a_card_without_minutes_is_refused(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book/x.md").write_text("# X\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x.md: the card does not say"):
        teaching.minutes(tmp_path, "x")


@pytest.mark.parametrize("role", negotiation.ROLES)
def test_a_role_sheet_shows_its_own_secrets_and_nobody_else_s(role):
    text = page(f"book/teach/roles/{role}.html").select_one("main article").text
    for other in negotiation.ROLES:
        for label in negotiation.secrets(other)["label"]:
            shared = (negotiation.secrets(role)["label"] == label).any()
            assert (label in text) == (other == role or shared), (other, label)
    # and no number that its table does not give it
    known = {f"{value:g}" for value in negotiation.secrets(role)["value"]}
    items = page(f"book/teach/roles/{role}.html").select("main article ul")[0].find_all("li")
    assert len(items) == len(negotiation.secrets(role))
    assert len(known) >= 1


def test_what_a_seat_hides_stands_on_its_sheet_and_in_the_debrief_only():
    """On every page, every slide and in the search index: no player meets another's numbers on the way to the table."""
    private = {label for role in negotiation.ROLES for label in negotiation.secrets(role)["label"]}
    opened = {f"roles/{role}" for role in negotiation.ROLES} | {"negotiation-debrief"}
    found = set()
    for path in [*SITE.rglob("*.html"), SITE / "search-index.js"]:
        if path.relative_to(SITE).as_posix().startswith("book/teach/") and path.stem in {
            name.rpartition("/")[2] for name in opened
        }:
            continue
        text = unescape(path.read_text(encoding="utf-8"))
        found |= {f"{path.relative_to(SITE)}: {label}" for label in private if label in text}
    assert not found
    entries = json.loads((SITE / "search-index.js").read_text().partition(" = ")[2].rstrip().rstrip(";"))
    pages = [page[1] for page in entries["pages"]]
    for name in opened:  # such a page is found by its title, and says nothing there
        (place,) = (place for place, page in enumerate(pages) if page == f"book/teach/{name}.html")
        (entry,) = (entry for entry in entries["entries"] if entry[0] == place)
        assert entry[3]
        assert not entry[5]


def test_the_instructor_s_page_has_every_chapter_s_notes():
    text = " ".join(page("book/teach/instructor.html").select_one("main").text.split())
    for about in editions.notes(ROOT).values():
        for words in [*about["mistakes"], *about["prompts"], *about["answers"].values()]:
            assert re.sub(r"[*\"]", "", words)[:60] in re.sub(r"[*\"“”]", "", text).replace("’", "'"), words


def test_blank_sheets_are_those_of_the_package(tmp_path):
    for name, content in teaching.sheets().items():
        assert (SITE / "downloads" / name).read_text(encoding="utf-8") == content
    with pytest.raises(ValueError, match="no score yet"):
        sib.read_codings(SITE / "downloads/coding-sheet.csv")
    with pytest.raises(ValueError, match="has no value yet"):
        negotiation.read_sheet(SITE / "downloads/term-sheet.toml")


@pytest.mark.parametrize("name", slides.DECKS)
def test_slides_are_the_chapter_s_own_and_ask_nothing_of_others(name):
    slug = name.rpartition("/")[2]
    deck = page(f"slides/{slug}.html")
    for tag in deck.find_all(["link", "script", "img", "iframe", "source", "video", "audio", "object", "embed"]):
        address = tag.get("href") or tag.get("src")
        assert address, tag
        assert not re.match(r"(?:[a-z]+:)?//", address), address
        assert (SITE / "slides" / address).resolve().is_file(), address
    for text in [*(tag.get("style", "") for tag in deck.find_all(style=True)), *(tag.text for tag in deck("style"))]:
        assert "url(" not in text
    style = re.sub(r"data:font/woff2;base64,[\w+/=]+", "", (SITE / "slides/slides.css").read_text())
    assert "url()" in style  # letters come with the style sheet
    style += (SITE / "slides/slides.js").read_text()
    assert "//" not in re.sub(r"^\s*//.*$", "", style, flags=re.M)
    assert len(deck.select("section")) >= 8
    assert all(section.find(["h1", "h2"]) for section in deck.select("section"))
    # every word and number on a slide is in the chapter or in the notes on it
    chapter = nbformat.read(ROOT / "book" / f"{name}.ipynb", as_version=4)
    source = "\n".join(cell.source for cell in chapter.cells)
    source += "\n".join(str(output.get("data", "")) for cell in chapter.cells for output in cell.get("outputs", []))
    source += "".join(
        (ROOT / "book/teach" / name).read_text(encoding="utf-8") for name in ("notes.toml", "slides.toml")
    )
    for heading in deck.find_all("h2"):
        assert (
            heading.text in {"In brief", "To discuss", "Through two lenses", "Score first"} or heading.text in source
        ), heading.text
    known = set(re.findall(r"\d+(?:[.,]\d+)*", source))
    known |= set(re.findall(r"\d+(?:[.,]\d+)*", " ".join(tables.read("sources")["label"])))
    for words in deck.select(".answer li, .answer > p:not(.aside)"):
        assert set(re.findall(r"\d+(?:[.,]\d+)*", words.text)) <= known, words.text
    charts = sum("altair-viz-" in str(cell.get("outputs", "")) for cell in chapter.cells)
    assert len(deck.select("figure svg.vega-wide")) == charts
    assert all(len(figure["aria-label"]) > 60 for figure in deck.select("figure"))


def test_a_deck_is_made_anew_when_its_chapter_or_its_notes_change_and_not_otherwise(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(slides, "DECKS", ("framing/npg",))
    monkeypatch.setattr(slides, "_page", lambda path, *about: made.append(path) or f"{len(made)} {path.read_text()}")
    made_of = ["book/framing/npg.ipynb", "book/teach/notes.toml", "book/teach/slides.toml", "requirements.txt"]
    for name in made_of:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())

    def written() -> str:
        slides.write(tmp_path, tmp_path / "site", tmp_path / "kept")
        return (tmp_path / "site/npg.html").read_text()

    first = written()
    assert written() == first
    for times, name in enumerate(made_of, start=2):
        path = tmp_path / name
        text = path.read_text().replace("accountable in a network", "answerable in a network")
        path.write_text(text.replace("Count relations", "Weigh relations") + "\n")
        changed = written()
        assert changed.startswith(f"{times} ")
        assert changed.partition(" ")[2] == (tmp_path / "book/framing/npg.ipynb").read_text()
        assert written() == changed
    assert len(list((tmp_path / "kept").iterdir())) == 1


# every notebook in a namespace of its own, but in one process: starting a kernel costs more than most chapters
IN_ONE_PROCESS = """
import pathlib, sys, nbformat
from IPython.core.interactiveshell import InteractiveShell
tags = set(sys.argv[1:])
shell = InteractiveShell.instance()
for path in sorted(pathlib.Path().glob("*.ipynb")):
    shell.reset(new_session=True)
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and (not tags or tags & set(cell.metadata.get("tags", []))):
            shell.run_cell(cell.source).raise_error()
    print("ran", path.stem)
"""


OWN = ("blank", "check", "words", "hand-in")  # cells that only students have


def code(notebook, *without: str) -> str:
    """Every line of a notebook's code in its order, but for cells with certain tags."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    lines = "\n".join(cell.source for cell in cells if not set(without) & set(cell.metadata.get("tags", [])))
    return "\n".join(line for line in lines.splitlines() if line.strip())


@pytest.mark.parametrize("name", CHAPTERS)
def test_editions_run_the_code_of_the_chapter(name):
    """Which test_book runs: so what is proven of a chapter holds for its editions, but for the student's own cells."""
    chapter = nbformat.read(CHAPTERS[name], as_version=4)
    made = {which: editions.edition(chapter, name, which, editions.notes(ROOT)[name]) for which in editions.EDITIONS}
    assert code(made["solutions"]) == code(chapter) == code(made["instructor"])
    assert code(made["student"], *OWN) == code(chapter, "hide-cell")


def test_a_student_s_own_cells_run_before_anything_is_answered(reader, pack):
    run = outside([reader, "-c", IN_ONE_PROCESS, *OWN], pack / "student")
    assert run.returncode == 0, run.stdout[-1500:] + run.stderr[-1500:]
    assert run.stdout.count(": not yet.") == sum(len(about["minutes"]) for about in editions.notes(ROOT).values())


@pytest.mark.parametrize("right", [True, False])
def test_a_student_s_answer_is_checked_in_the_notebook(pack, right, tmp_path):
    """Kobe, exercise 1: the chapter's own solution passes where a student puts it; other numbers stop nothing."""
    chapter = nbformat.read(CHAPTERS["cases/kobe"], as_version=4)
    solution = re.search(r"print\((.+)\)$", editions.solutions(chapter)[1])[1]
    notebook = nbformat.read(pack / "student/kobe.ipynb", as_version=4)
    for cell in notebook.cells:
        if "answer_1 = ..." in cell.source:
            cell.source = cell.source.replace("...", solution if right else f"[1 + x for x in {solution}]")
    nbformat.write(notebook, tmp_path / "mine.ipynb")
    command = [sys.executable, "-m", "jupyter", "execute", "--inplace", "mine.ipynb"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-1500:]
    said = (tmp_path / "mine.ipynb").read_text(encoding="utf-8")
    assert ("kobe 1: right." in said) == right
    assert "kobe 2: not yet." in said


def test_a_sheet_saved_on_an_old_mac_is_read(tmp_path):
    text = sib.coding_sheet().assign(score="0.5").to_csv(index=False)
    (tmp_path / "anna.csv").write_bytes(text.replace("\r\n", "\n").replace("\n", "\r").encode())
    assert len(sib.read_codings(tmp_path / "anna.csv")) == 24
