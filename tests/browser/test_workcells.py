"""Work cells under the exercises: quiet until asked, then the chapter's own Python and the student edition's check."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from casebook import editions
from playwright.sync_api import expect

from .conftest import SITE
from .test_every_page import RULES
from .test_live import KOBE, LONG, ROOT

NOTES = editions.notes(ROOT)


@pytest.mark.parametrize("name", [name for name, about in NOTES.items() if about["checks"]])
def test_every_checked_exercise_has_its_cell_in_the_built_page(name):
    page = (SITE / f"book/{name}.html").read_text(encoding="utf-8")
    checked = re.findall(r'<div class="work" data-exercise="(\d+)" data-check="from sibmodels import exercises', page)
    assert checked == sorted(NOTES[name]["checks"])
    assert "workcells.js" in page


def work(page, number: int):
    return page.locator(f'.work[data-exercise="{number}"]')


def said(page, number: int):
    return work(page, number).get_by_role("status")


def test_answers_in_kobe_are_told_right_from_wrong_and_survive_a_reload(visit):
    page = visit(KOBE, width=390)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload(wait_until="networkidle")
    field = page.get_by_role("textbox", name="Your work for exercise 1")
    field.fill("answer_1 = [3.93, 7.86, 8.84]")
    assert [url for url in asked if "/live/" in url or "editor" in url] == []  # typing loads nothing
    field.press("Shift+Enter")
    expect(said(page, 1)).to_contain_text("Python loads first")
    expect(said(page, 1)).to_contain_text("kobe 1: 2 of 3 parts right", timeout=LONG)
    expect(said(page, 1)).to_contain_text("goes on above the target")
    assert page.locator(".cell[data-live]").count() == 0  # plain numbers rest on no cell

    second = page.get_by_role("textbox", name="Your work for exercise 1")  # by now the page's editor
    second.fill("answer_1 = [float(renal.payment(p)) / 1e6 for p in (0.4, 0.8, 0.9)]")
    page.get_by_role("button", name="Check exercise 1").click()
    expect(said(page, 1)).to_have_text(re.compile(r"\s*kobe 1: right\.\s*"), timeout=LONG)
    ran = page.locator(".cell[data-live=ok]").count()
    assert 1 <= ran < page.locator(".cell:has(.cell_input)").count() / 2  # what it rests on, and no more

    page.get_by_role("textbox", name="Your work for exercise 3").fill("most = 1 / 0")
    page.get_by_role("button", name="Check exercise 3").click()
    expect(said(page, 3)).to_contain_text("stopped with an error", timeout=LONG)
    expect(work(page, 3).locator(".live-error")).to_contain_text("ZeroDivisionError")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        found = Axe().run(page, context="#exercises", options=RULES).response["violations"]
        assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.faults == []

    page.reload()
    expect(page.get_by_role("textbox", name="Your work for exercise 3")).to_have_value("most = 1 / 0")
    page.get_by_role("button", name="Reset exercise 3").click()
    page.reload()
    expect(page.get_by_role("textbox", name="Your work for exercise 3")).to_have_value(re.compile(r"answer_3 = \.\.\."))


def test_an_endless_loop_is_stopped_where_it_was_started(visit):
    page = visit(KOBE)
    page.get_by_role("textbox", name="Your work for exercise 2").fill("while True:\n    pass")
    page.get_by_role("button", name="Check exercise 2").click()
    expect(work(page, 2)).to_have_attribute("data-running", "true", timeout=LONG)
    page.get_by_role("button", name="Stop exercise 2").click()
    expect(said(page, 2)).to_contain_text("Stopped")
    expect(page.get_by_role("button", name="Check exercise 2")).to_be_focused()
    expect(page.get_by_role("button", name="Stop exercise 2")).to_be_hidden()
    assert page.faults == []


def test_without_scripts_and_on_paper_the_exercises_are_text_alone(visit):
    page = visit(KOBE, java_script_enabled=False)
    assert page.locator(".work:visible").count() == 0
    expect(page.locator("#exercises ol > li").first).to_be_visible()
    page = visit(KOBE)
    page.emulate_media(media="print")
    assert page.locator(".work:visible, .work-help:visible").count() == 0
