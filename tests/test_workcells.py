"""Cells to work in below the exercises of a page: one for each that is checked, run without leaving a trace."""

import asyncio
import json
import re
from html import unescape
from types import SimpleNamespace

import pytest
from casebook import editions, inpage, stale, workcells

from .test_editions import NOTES, ROOT, SOURCES, every_chapter

FOUND = re.compile(r'<div class="work" data-exercise="(\d+)"(?: data-check="([^"]*)")?>\n<textarea[^>]*>([^<]*)<')


def listed(count: int) -> str:
    items = "\n".join(f"<li><p>{number}</p></li>" for number in range(1, count + 1))
    return f'<section id="exercises">\n<h2>Exercises</h2>\n<ol class="arabic simple">\n{items}\n</ol>\n<p>End</p>'


@every_chapter
def test_each_checked_exercise_has_its_cell_with_the_check_of_the_student_s_edition(name):
    works = editions.work(SOURCES[name], name, NOTES[name])
    page = workcells.placed(listed(len(works)), works, NOTES[name])
    found = {int(number): (unescape(check), unescape(text)) for number, check, text in FOUND.findall(page)}
    assert {n for n, (check, _) in found.items() if check} == set(map(int, NOTES[name]["checks"]))
    assert set(found) == {n for n, work in works.items() if work.runs}
    for number, (check, text) in found.items():
        assert check == (works[number].check or "")
        assert text.replace("# ", "").split() == works[number].blank.replace("# ", "").split()
        assert all(
            line.startswith(("# Your work", "# Words to choose", "answer_")) for line in text.splitlines() if line
        )
        compile(text, "blank", "exec")
    for number, item in enumerate(page.split("</li>")[:-1], start=1):  # below its own exercise
        assert f"<p>{number}</p>" in item
        assert (f'data-exercise="{number}"' in item) == (number in found)


@every_chapter
def test_a_page_without_live_cells_says_what_an_exercise_needs_and_has_no_control(name):
    works = editions.work(SOURCES[name], name, NOTES[name])
    page = workcells.placed(listed(len(works)), works, NOTES[name], live=False)
    assert "<textarea" not in page
    assert "<button" not in page
    assert "work-help" not in page
    needs = re.findall(r'<p class="work-needs">(.*?)</p>', page)
    assert len(needs) == len(NOTES[name].get("level", []))
    for said in needs:
        assert re.match(r"Level [123] of 3\.", said)
        assert not re.search(r"[`*]|\]\(", said)


def test_another_number_of_exercises_than_the_chapter_s_stops_the_build():
    name = "cases/kobe"
    works = editions.work(SOURCES[name], name, NOTES[name])
    with pytest.raises(ValueError, match="the page lists 4 exercises, its chapter has 5"):
        workcells.placed(listed(4), works, NOTES[name])
    with pytest.raises(ValueError, match="the page lists 0 exercises"):
        workcells.placed("<p>none</p>", works, NOTES[name])


@pytest.mark.parametrize(("page", "live"), [("book/cases/kobe", True), ("book/cases/kobe", False)])
def test_the_script_comes_only_with_live_cells(page, live):
    scripts = []
    env = SimpleNamespace(config=SimpleNamespace(language="en"))
    app = SimpleNamespace(srcdir=ROOT, env=env, add_js_file=lambda name, **_: scripts.append(name))
    context = {"body": ('<div class="live-bar">' if live else "") + listed(5)}
    workcells._page(app, page, "page.html", context, None)
    assert scripts == ["workcells.js"] * live
    assert ('class="work"' in context["body"]) == live


def test_pages_without_exercises_are_left_alone():
    app = SimpleNamespace(srcdir=ROOT)
    for page in ("book/index", "book/teach/syllabus", "genindex"):
        context = {"body": "<p>text</p>"}
        workcells._page(app, page, "page.html", context, None)
        assert context == {"body": "<p>text</p>"}


CELLS = ["a = 1", "b = a + 1", "c = 5", "def f(x):\n    return x + c", "a = 10", "g = f(b)"]


@pytest.mark.parametrize(
    ("code", "number", "first"),
    [
        ("answer = 3", 7, []),
        ("answer = b", 7, [1, 2]),
        ("answer = f(1)", 7, [3, 4]),  # what a function reads when it is called
        ("answer = g", 7, [1, 2, 3, 4, 6]),
        ("answer = a", 7, [5]),  # as the last cell before left it
        ("answer = a", 5, [1]),  # not what stands below
        ("answer = unknown", 7, []),
        ("answer = (", 7, []),  # the run will say so
    ],
)
def test_a_reader_s_code_waits_for_no_more_cells_than_it_rests_on(code, number, first):
    assert stale.Cells(CELLS).first(code, number) == first


@pytest.fixture
def session():
    sent = []
    session = inpage.Session(lambda output: sent.append(output), CELLS)
    session.names = {"__builtins__": __builtins__}
    session.sent = sent
    yield session
    del __builtins__["display"]


def asked(session, code: str) -> list[int]:
    request = {"values": [], "changed": [], "code": code, "number": len(CELLS) + 1}
    return json.loads(session.ask(json.dumps(request)))["first"]


def printed(session, code: str) -> str:
    """What code of a reader's own prints, and that it came to its end."""
    session.sent.clear()
    assert asyncio.run(session.work(code, len(CELLS) + 1))
    return "".join(output["text"] for output in session.sent)


def test_a_reader_s_code_finds_the_chapter_s_names_and_leaves_every_cell_as_it_was(session):
    for number in asked(session, "answer = g"):
        assert asyncio.run(session.run(CELLS[number - 1], number))
    assert asked(session, "answer = g") == []
    assert printed(session, "b = 100\nanswer = g + b\nprint(answer)") == "107\n"
    assert session.cells.stale == {5}  # what had not run yet, and nothing else
    assert printed(session, "print(answer, b)") == "107 2\n"  # the answer stays, the chapter's name is its own again
    assert not asyncio.run(session.work("1 / 0", 7))
    assert session.sent[-1]["name"] == "ZeroDivisionError"


def test_a_check_tells_right_from_wrong_in_the_page_s_session(session):
    work = editions.work(SOURCES["cases/kobe"], "cases/kobe", NOTES["cases/kobe"])[1]
    for answer, said in (("...", "not yet"), ("[3.93, 7.86, 7.86]", "right"), ("[3.93, 7.86, 8.84]", "not right")):
        assert said in printed(session, f"answer_1 = {answer}") + printed(session, work.check)
