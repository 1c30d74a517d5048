"""The kit of the seminar on paper: one page is one page, and a card holds its words."""

import io

import pytest
from pypdf import PdfReader

SHEETS = {"seminar-handout": 1, "seminar-paper": 1, "seminar-cards": 3}


@pytest.mark.parametrize("name", SHEETS)
def test_it_prints_on_as_many_a4_as_it_says(visit, name):
    page = visit(f"book/teach/{name}.html")
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert len(printed) == SHEETS[name]
    for sheet in printed:
        assert (round(float(sheet.mediabox.width)), round(float(sheet.mediabox.height))) in {(595, 842), (594, 842)}
    assert page.faults == []


def test_no_card_is_cut_off_by_its_edge(visit):
    page = visit("book/teach/seminar-cards.html")
    page.emulate_media(media="print")
    cut = """() => [...document.querySelectorAll(".kit-card")].filter(card => card.scrollHeight > card.clientHeight + 1)
      .map(card => card.innerText.slice(0, 40))"""
    assert page.evaluate(cut) == []
    assert page.locator(".kit-card").count() == 9
