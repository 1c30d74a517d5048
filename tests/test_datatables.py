"""The tables as pages: addresses, links, and what is counted from the chapters."""

import re

import pytest
from bs4 import BeautifulSoup
from casebook import datatables

import sibmodels as sib
from sibmodels import tables

from .test_book import ROOT

SHOWN = [name for name in tables.names() if not name.startswith("indigo_") and name != "changes"]


@pytest.fixture(scope="module")
def uses():
    return datatables.Uses(ROOT)


@pytest.mark.parametrize("name", [name for name in SHOWN if name != "sources"])
def test_every_row_has_an_address_of_its_own(name):
    rows = tables.read(name).to_dict("records")
    assert len({datatables.anchor(name, row) for row in rows}) == len(rows)


def test_a_table_shows_every_row_and_links_to_sources_that_are_there():
    page = BeautifulSoup(datatables.whole_table(ROOT, "contracts"), "html.parser")
    sources = BeautifulSoup(datatables.sources_table(ROOT), "html.parser")
    rows = page.select("tbody tr")
    assert len(rows) == len(tables.read("contracts"))
    ids = {row["id"] for row in sources.select("tbody tr")}
    links = [link["href"] for link in page.select("td a")]
    assert len(links) == len(rows)
    assert {link.removeprefix("sources.html#") for link in links} <= ids
    assert page.caption.text


def test_no_source_is_called_by_its_key():
    keys = "|".join(tables.read("sources")["key"])
    for page in (datatables.sources_table(ROOT), datatables.whole_table(ROOT, "facts")):
        words = BeautifulSoup(page, "html.parser").get_text(" ")
        assert not re.findall(rf"\b(?:{keys})\b", words)
    named = BeautifulSoup(datatables._named("before and after [dmrg2020]; [unheard]"), "html.parser")
    assert named.a["href"].endswith("sources.html#sources-dmrg2020")
    assert named.get_text() == "before and after [DM Rim Group 2020]; [unheard]"


def test_what_rests_on_a_source_adds_up_to_the_tables():
    keys = tables.read("sources")["key"]
    resting = datatables.rests_on()
    assert set(resting) <= set(keys)
    assert sum(len(rows.get("facts", [])) for rows in resting.values()) == len(tables.read("facts"))
    assert "rittel1973" not in resting, "a source that was not seen has no row"


def test_a_fact_is_used_where_it_is_shown_or_computed_with(uses):
    cap = tables.read("facts").query("case == 'kobe' and key == 'cap'").to_dict("records")[0]
    assert "cases/kobe" in uses.of_row(cap)
    assert "cases/yokohama" not in uses.of_row(cap)
    assert "countries/uk" in uses.of_source("piru2018")
    assert "cases/kobe" not in uses.of_source("piru2018")


def test_the_source_of_a_claim_in_a_chapter_leads_to_what_is_said_of_it():
    shown = sib.claims(tables.read("facts").query("case == 'kobe'"), "Kobe.")._repr_html_()
    page = BeautifulSoup(datatables.linked(shown, "s.html"), "html.parser")
    rows = page.select("tbody tr")
    plain = BeautifulSoup(shown, "html.parser")
    assert [row.text for row in rows] == [row.text for row in plain.select("tbody tr")]
    assert [len(row.select("a")) for row in rows] == [1] * len(rows)
    keys = tables.read("facts").query("case == 'kobe'")["source"]
    assert [row.a["href"] for row in rows] == [f"s.html#sources-{key}" for key in keys]


def test_every_table_has_a_page_that_shows_it():
    shown = (ROOT / "book/reference/tables.md").read_text(encoding="utf-8")
    own = {"facts", "sources", "changes", "statements"}
    for name in tables.names():
        assert (f"{{data-table}} {name}\n" in shown) == (name not in own and not name.startswith("indigo_")), name


def test_what_a_reader_types_is_escaped():
    assert datatables._cell("<b>") == "&lt;b&gt;"
    assert datatables._cell(float("nan")) == ""
