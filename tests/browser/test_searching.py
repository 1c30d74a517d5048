"""Search: what people ask, and what they should be shown; as one types, by keyboard, from a folder, without scripts."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import SITE

GLOSSARY = "book/reference/glossary.html#term-"
KOBE = "book/cases/kobe.html"
YOKOHAMA = "book/cases/yokohama.html"
# what is asked, and where the first result must lead
FIRST = {
    "kobe payment": f"{KOBE}#the-contract-as-a-model",
    "Kobe payments": f"{KOBE}#the-contract-as-a-model",
    "what is a SIB": GLOSSARY + "social-impact-bond",
    "what is a social impact bond?": GLOSSARY + "social-impact-bond",
    "socail impact bond": GLOSSARY + "social-impact-bond",
    "SIB": GLOSSARY + "social-impact-bond",
    "PFS": GLOSSARY + "pay-for-success",
    "成果連動型": GLOSSARY + "pay-for-success",
    "outcome payer": GLOSSARY + "outcome-payer",
    "commissioner": GLOSSARY + "commissioner",
    "行政": GLOSSARY + "commissioner",
    "評価機関": GLOSSARY + "evaluator",
    "deadwieght": GLOSSARY + "deadweight",
    "IRR": GLOSSARY + "internal-rate-of-return",
    "神戸": KOBE,
    "神戸市": KOBE,
    "横浜": YOKOHAMA,
    "横浜の事例": YOKOHAMA,
    "yokohoma": YOKOHAMA,
    "dialisis": KOBE,
    "kidneys": KOBE,
    "exercises kobe": f"{KOBE}#exercises",
    "negotiation game": "book/teach/negotiation.html",
    "Peterborough": "book/bonds/british-bonds.html#peterborough-collaboration-and-a-group-that-was-never-served",
    "rough sleepers": "book/bonds/british-bonds.html",
    "Innovation Fund": "book/bonds/british-funds.html",
    "price list": GLOSSARY + "rate-card",
    "risk": "book/framing/npm.html",
}
SOME = ["2017", "評価", "令和", "Carter 2018", "31,540,000", "31540000"]


def results(page, query: str) -> list[str]:
    """Where the results of a query lead, the first first."""
    page.locator("#search-results").evaluate("list => list.replaceChildren()")
    page.locator("#words").fill(query)
    page.locator("#search-results li, #search-progress:has-text('No results')").first.wait_for()
    links = page.locator("#search-results li > a").evaluate_all("links => links.map(link => link.href)")
    return [link.partition("/below/")[2] for link in links]


def test_what_people_ask_is_found_first(visit):
    page = visit("search.html")
    found = {query: results(page, query)[:1] for query in FIRST}
    assert found == {query: [address] for query, address in FIRST.items()}
    assert all(results(page, query) for query in SOME)
    assert results(page, "xyzzyx") == []
    assert page.faults == []


def test_every_word_of_a_query_is_marked_and_a_definition_stands_first(visit):
    page = visit("search.html?q=what is a SIB")
    first = page.locator("#search-results li").first
    expect(first).to_have_class("term")
    expect(first.locator(".where")).to_have_text("Definition")
    expect(first.locator(".context")).to_contain_text("investors pay for a social service in advance")
    expect(first.locator("mark", has_text="SIB").first).to_be_visible()
    page.locator("#words").fill("31,540,000")
    expect(page.locator(".context mark").first).to_have_text("31,540,000")
    assert page.url.endswith("?q=31%2C540%2C000")


def test_search_is_worked_by_keyboard_and_says_how_many(visit):
    page = visit("search.html?q=dialysis")
    status = page.locator("#search-progress")
    expect(status).to_have_text(re.compile(r"^\d+ results$"))
    assert status.get_attribute("role") == "status"
    page.locator("#words").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#search-results li > a").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#search-results li > a").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#words")).to_be_focused()


def test_the_box_in_the_masthead_offers_places_as_one_types(visit):
    page = visit(KOBE)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("/")
    box = page.locator("#q")
    expect(box).to_be_focused()
    expect(box).to_have_role("combobox")
    page.keyboard.type("outcome payer")
    first = page.get_by_role("option").first
    expect(first).to_contain_text("outcome payer")
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".masthead [role=status]")).to_have_text(re.compile("^[0-9]+ results"))
    page.keyboard.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "found-0")
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(box).to_have_value("outcome payer")
    page.keyboard.type("s")
    expect(first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{GLOSSARY}outcome-payer")
    assert [url for url in asked if url.endswith("search-index.js")] != []
    assert page.faults == []


@pytest.mark.parametrize("width", [320, 1280])
def test_the_list_fits_the_window(visit, width):
    page = visit(KOBE, width=width)
    page.locator("#q").press_sequentially("payer")
    box = page.locator(".found")
    expect(box).to_be_visible()
    edges = box.evaluate("box => [box.getBoundingClientRect().left, box.getBoundingClientRect().right]")
    assert edges[0] >= 0
    assert edges[1] <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_search_works_from_a_folder(visit):
    page = visit("search.html?q=神戸", root=SITE.as_uri())
    expect(page.locator("#search-results li > a").first).to_have_attribute(
        "href", re.compile(r"book/cases/kobe\.html$")
    )
    assert page.faults == []


def test_without_scripts_the_page_says_where_else_to_look(visit):
    page = visit("search.html", java_script_enabled=False)
    page.locator("main").get_by_role("link", name="The glossary").click()
    assert page.url.endswith("glossary.html")


def test_results_come_while_one_types(visit):
    page = visit("search.html")
    results(page, "kobe")
    page.evaluate("new Promise(done => setTimeout(done, 100))")
    times = page.evaluate(
        """async queries => {
          const field = document.getElementById("words"), times = {};
          for (const query of [...queries, ...queries, ...queries]) {
            const start = performance.now();
            field.value = query;
            const list = document.getElementById("search-results");
            const changed = new Promise(done => new MutationObserver(done).observe(list, { childList: true }));
            field.dispatchEvent(new Event("input"));
            await changed;
            times[query] = Math.min(performance.now() - start, times[query] || 1e6);
          }
          return times;
        }""",
        ["outcome payer", "evaluatoin", "成果連動型", "what is a social impact bond", "p"],
    )
    assert max(times.values()) < 250  # the best of three: a busy machine needs the room
