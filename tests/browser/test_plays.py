"""Figures to play with: each script says, on a grid, what the models say; terms are kept in the address."""

import random

import pytest
from casebook.plays import PLAYS
from playwright.sync_api import expect

PAGES = {
    "contract": "book/index.html",
    "luck": "book/framing/outcomes-contract.html",
    "payback": "book/cases/kobe.html",
    "grant": "book/across/commissioning.html",
    "picked": "book/across/paid-and-valued.html",
}


def somewhere(play, draw: random.Random) -> dict:
    terms = {
        name: round(term.low + term.step * draw.randint(0, round((term.high - term.low) / term.step)), 2)
        for name, term in play.terms.items()
    }
    return terms | {name: draw.choice(list(choice.options)) for name, choice in play.choices.items()}


@pytest.mark.parametrize("name", PLAYS)
def test_the_script_says_what_the_models_say(visit, name):
    """On a grid drawn at random, with the ends of every term."""
    play, draw, page = PLAYS[name], random.Random(20), visit(PAGES[name])
    grid = [somewhere(play, draw) for _ in range(60)]
    start = play.start()
    grid += [start | {key: end} for key, term in play.terms.items() for end in (term.low, term.high)]
    told = page.evaluate(
        """([name, grid]) => {
          const data = document.querySelector(`form[data-play="${name}"] script`);
          const given = data && JSON.parse(data.textContent), play = casebookPlays[name];
          return grid.map((terms) => [play.say(terms, given), play.rows(terms, given)]);
        }""",
        [name, grid],
    )
    for terms, (said, rows) in zip(grid, told, strict=True):
        assert (said, rows) == (list(play.said(terms)), play.rows(terms)), terms
    assert page.faults == []


@pytest.mark.parametrize("name", [name for name in PLAYS if name != "contract"])
def test_a_picture_is_drawn_and_terms_are_kept_in_the_address(visit, name):
    play, page = PLAYS[name], visit(PAGES[name], width=390)
    form = page.locator(f'form[data-play="{name}"]')
    assert form.locator(".play-picture > *").count() > 3
    assert form.locator(".play-picture").get_attribute("aria-label")
    key = next(key for key, term in play.terms.items() if not term.again)
    slider = page.locator(f"#play-{name}-{key}")
    slider.focus()
    page.keyboard.press("End")
    high = play.start() | {key: play.terms[key].high}
    expect(form.locator("output strong")).to_have_text(play.said(high)[0])
    assert page.url.endswith(f"#{name}={key}:{play.terms[key].high:g}")
    again = visit(f"{PAGES[name]}#{name}={key}:{play.terms[key].high:g},nobody:3,{key}:-1")
    expect(again.locator(f'form[data-play="{name}"] output strong')).to_have_text(play.said(high)[0])
    expect(again.locator(f'form[data-play="{name}"] .play-note')).to_contain_text("nobody:3")
    form.get_by_role("button", name="Start again").click()
    expect(form.locator("output strong")).to_have_text(play.said(play.start())[0])
    assert "#" not in page.url


def test_luck_is_drawn_again(visit):
    page = visit(PAGES["luck"])
    form, seen = page.locator('form[data-play="luck"]'), set()
    for _ in range(6):
        form.get_by_role("button", name="Draw again").click()
        seen.add(form.locator("output strong").inner_text())
    assert len(seen) > 2
    assert page.url.endswith("#luck=draw:8")
