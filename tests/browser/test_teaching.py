"""The coding form, as a class uses it."""

import pandas as pd
from playwright.sync_api import expect


def test_the_form_saves_a_sheet_that_the_package_reads(visit, tmp_path):
    import sibmodels as sib

    page = visit("book/teach/coding-lab.html")
    page.get_by_label("Your name").fill("Ann / 1")
    unit = page.locator(".unit[data-case=kobe][data-dimension=value]")
    unit.get_by_label("Score").select_option("-0.5")
    unit.get_by_label("Why").fill('savings, "first"')
    with page.expect_download() as download:
        page.get_by_role("button", name="Save my sheet as CSV").click()
    assert download.value.suggested_filename == "Ann  1.csv"
    download.value.save_as(tmp_path / "Ann.csv")
    read = sib.read_codings(tmp_path).set_index(["case", "dimension"])
    assert read.loc[("kobe", "value"), "score"] == -0.5
    assert read.loc[("kobe", "value"), "why"] == 'savings, "first"'
    assert read["score"].notna().sum() == 1
    assert len(read) == 24
    expect(page.locator("form.coding [role=status]")).to_contain_text("with 1 of 24 scores")
    page.reload()
    expect(unit.get_by_label("Score")).to_have_value("-0.5")
    assert page.faults == []


def test_an_empty_form_is_not_saved(visit):
    page = visit("book/teach/coding-lab.html")
    page.get_by_role("button", name="Save my sheet as CSV").press("Enter")
    expect(page.locator("form.coding [role=status]")).to_contain_text("No score yet")
    expect(page.locator("form.coding select").first).to_be_focused()


def test_the_form_is_emptied_for_the_next_person_only_after_a_question(visit):
    page = visit("book/teach/coding-lab.html")
    score = page.locator("form.coding select").first
    score.select_option("1")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Empty the form").click()
    expect(score).to_have_value("1")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Empty the form").press("Enter")
    expect(score).to_have_value("")
    expect(page.locator("form.coding [role=status]")).to_contain_text("empty")
    page.reload()
    expect(score).to_have_value("")


def test_without_scripts_the_form_says_so(visit):
    page = visit("book/teach/coding-lab.html", java_script_enabled=False)
    expect(page.get_by_role("button", name="Save my sheet")).to_be_hidden()
    assert "use the sheet above" in page.locator("form.coding").inner_text()


def test_the_blank_sheet_downloads(visit, tmp_path):
    page = visit("book/teach/coding-lab.html")
    with page.expect_download() as download:
        page.get_by_role("link", name="coding-sheet.csv").click()
    download.value.save_as(tmp_path / "sheet.csv")
    assert len(pd.read_csv(tmp_path / "sheet.csv")) == 24
