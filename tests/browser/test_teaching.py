"""The coding form, as a class uses it."""

import pandas as pd
import pytest
from playwright.sync_api import expect


def form(page, sheet="blind"):
    if sheet == "evidence":
        page.locator("details.coding-evidence > summary").press("Enter")
    return page.locator(f"form.coding[data-sheet={sheet}]")


@pytest.mark.parametrize("sheet", ["blind", "evidence"])
def test_the_form_saves_a_sheet_that_the_package_reads(visit, sheet, tmp_path):
    import sibmodels as sib

    page = visit("book/teach/coding-lab.html")
    here = form(page, sheet)
    here.get_by_label("Your name").fill("Ann / 1")
    unit = here.locator(".unit[data-case=kobe][data-dimension=value]")
    assert unit.locator(".evidence").count() == (sheet == "evidence")
    unit.get_by_label("Score").select_option("-0.5")
    unit.get_by_label("Why").fill('savings, "first"')
    with page.expect_download() as download:
        here.get_by_role("button", name="Save my sheet as CSV").click()
    assert download.value.suggested_filename == "Ann  1.csv"
    download.value.save_as(tmp_path / "Ann.csv")
    read = sib.read_codings(tmp_path).set_index(["case", "dimension"])
    assert read.loc[("kobe", "value"), "score"] == -0.5
    assert read.loc[("kobe", "value"), "why"] == 'savings, "first"'
    assert read["score"].notna().sum() == 1
    assert set(read["sheet"]) == {sheet}
    assert len(read) == 24
    expect(here.locator("[role=status]")).to_contain_text("with 1 of 24 scores")
    page.reload()
    expect(form(page, sheet).locator(".unit[data-case=kobe][data-dimension=value] select")).to_have_value("-0.5")
    other = page.locator(f"form.coding:not([data-sheet={sheet}]) .unit[data-case=kobe][data-dimension=value] select")
    expect(other).to_have_value("")
    assert page.faults == []


def test_an_empty_form_is_not_saved(visit):
    page = visit("book/teach/coding-lab.html")
    here = form(page)
    here.get_by_role("button", name="Save my sheet as CSV").press("Enter")
    expect(here.locator("[role=status]")).to_contain_text("No score yet")
    expect(here.locator("select").first).to_be_focused()


def test_the_form_is_emptied_for_the_next_person_only_after_a_question(visit):
    page = visit("book/teach/coding-lab.html")
    here = form(page)
    score = here.locator("select").first
    score.select_option("1")
    page.once("dialog", lambda dialog: dialog.dismiss())
    here.get_by_role("button", name="Empty the form").click()
    expect(score).to_have_value("1")
    page.once("dialog", lambda dialog: dialog.accept())
    here.get_by_role("button", name="Empty the form").press("Enter")
    expect(score).to_have_value("")
    expect(here.locator("[role=status]")).to_contain_text("empty")
    page.reload()
    expect(score).to_have_value("")


def test_without_scripts_the_form_says_so(visit):
    page = visit("book/teach/coding-lab.html", java_script_enabled=False)
    expect(page.get_by_role("button", name="Save my sheet").first).to_be_hidden()
    assert "use the sheet above" in page.locator("form.coding").first.inner_text()


OPEN = "[...document.querySelectorAll('details.answers')].map(fold => fold.open)"


def test_scores_open_at_one_key_and_close_again(visit):
    page = visit("book/framing/npg.html")
    assert not any(page.evaluate(OPEN))
    folds = page.locator("details.answers")
    expect(page.get_by_role("table", name="The coding")).to_be_hidden()
    folds.nth(1).locator("> summary").press("Enter")
    assert page.evaluate(OPEN) == [False, *[True] * (folds.count() - 1)]
    page.locator('#figure-relations-weight[data-ready="true"]').wait_for(timeout=20_000)
    folds.nth(1).locator("> summary").press("Enter")
    assert page.evaluate(OPEN)[:3] == [False, False, True]
    page.reload()
    assert not any(page.evaluate(OPEN)), "the next reader at this computer finds them closed"
    assert page.faults == []


def test_a_link_to_what_is_folded_opens_it(visit):
    page = visit("book/across/governance.html#figure-own-weights")
    expect(page.locator("#figure-own-weights")).to_be_in_viewport()
    assert sum(page.evaluate(OPEN)) == 1


def test_scores_open_without_scripts(visit):
    page = visit("book/cases/kobe.html", java_script_enabled=False)
    table = page.locator("details.answers table")
    expect(table).to_be_hidden()
    page.locator("details.answers > summary").click()
    expect(table).to_be_visible()


def test_the_blank_sheet_downloads(visit, tmp_path):
    page = visit("book/teach/coding-lab.html")
    with page.expect_download() as download:
        page.get_by_role("link", name="coding-sheet.csv").click()
    download.value.save_as(tmp_path / "sheet.csv")
    assert len(pd.read_csv(tmp_path / "sheet.csv")) == 24
