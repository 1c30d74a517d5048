"""The tables of the data: filtered, downloaded, addressed, and whole without scripts."""

import csv

from sibmodels import tables

FACTS = "book/reference/facts.html"


def test_words_and_choices_filter_and_what_is_shown_downloads(visit, tmp_path):
    page = visit(FACTS)
    whole = page.locator(".data-table tbody tr").count()
    assert whole == len(tables.read("facts"))
    page.get_by_label("Case", exact=True).select_option("kobe")
    kobe = page.locator(".data-table tbody tr:visible").count()
    assert kobe == (tables.read("facts")["case"] == "kobe").sum()
    page.get_by_label("Words").fill("dialysis cost")
    shown = page.locator(".data-table tbody tr:visible").count()
    assert 0 < shown < kobe
    assert page.locator(".data-filter [role=status]").inner_text() == f"{shown} of {whole} rows"
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the rows shown").click()
    download.value.save_as(tmp_path / "shown.csv")
    with open(tmp_path / "shown.csv", encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == shown + 1
    assert page.faults == []


def test_an_address_leads_to_its_row_even_when_it_is_filtered_away(visit):
    page = visit(FACTS)
    page.get_by_label("Words").fill("no such words")
    assert page.locator(".data-table tbody tr:visible").count() == 0
    page.evaluate("location.hash = '#facts-kobe-cap-kobecity2020'")
    page.wait_for_selector("#facts-kobe-cap-kobecity2020:visible")


def test_without_scripts_the_table_is_whole_and_offers_no_filter(visit):
    page = visit(FACTS, java_script_enabled=False)
    assert page.locator(".data-table tbody tr:visible").count() == len(tables.read("facts"))
    assert not page.locator(".data-filter").is_visible()
