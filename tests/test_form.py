"""A case file as a form: every key has its field, what is typed is the case, and what is wrong has its place."""

import base64
import datetime
import io
import json
from dataclasses import fields
from pathlib import Path

import openpyxl
import pytest
from bs4 import BeautifulSoup
from casebook import formwork, ownform
from hypothesis import given, settings

from sibmodels import casefile, reports
from sibmodels.casefile import form, workbook
from tests.casefiles import HARBOUR, cases

PAGE = Path(__file__).parents[1] / "book/practice/your-own.ipynb"
CASE = casefile.loads(HARBOUR)
TYPED = form.entries(casefile.raw(CASE))
EXAMPLES = {name: casefile.example(name) for name in ("kobe", "yokohama", *casefile.contracts())}


def page(typed=None) -> BeautifulSoup:
    """The form; blanks for further items are read like the others."""
    return BeautifulSoup(form.html(typed or {}, {"TOML": "a.toml"}).replace("template>", "div>"), "html.parser")


def test_every_key_of_the_schema_has_a_field_that_says_what_it_means_and_where_its_faults_are_said():
    found = page()
    for section, kind in casefile.SECTIONS.items():
        box = found.select_one(f'[data-section="{section}"]')
        where = f"own.{section}.0" if section in casefile.LISTS else f"own.{section}"
        for one in fields(kind):
            at = f"{where}.{one.name}"
            assert box.find(id=at), at
            assert box.find(id=f"{at}-error") is not None
            assert form.meaning(section, one.name) in box.find(id=f"{at}-hint").text


def test_every_control_has_a_name_and_what_describes_it_is_there():
    found = page(TYPED)
    ids = [tag["id"] for tag in found.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for control in found.select("form input, form select, form textarea"):
        named = found.find("label", attrs={"for": control["id"]}) or found.find(id=control.get("aria-labelledby"))
        assert named or control.get("aria-label"), control
        for one in control.get("aria-describedby", "").split():
            assert one in ids, one
    assert all(button.get_text(strip=True) for button in found.select("button"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_stands_in_the_form_is_the_case(name):
    case = EXAMPLES[name]
    assert form.checked(form.entries(casefile.raw(case))) == (case, ())


@settings(max_examples=60, deadline=None)
@given(cases)
def test_any_case_goes_into_the_form_and_comes_out_the_same(case):
    typed = json.loads(json.dumps(form.entries(casefile.raw(case))))
    assert form.checked(typed) == (case, ())


@pytest.mark.parametrize(
    ("changed", "at", "said"),
    [
        ({"cohort": {"people": "about 300"}}, "own.cohort.people", "write a number: 300"),
        ({"timing": {"start": "2018-13", "end": "2030-03"}}, "own.timing.start", "is no month"),
        ({"investment": {"wanted": {"value": "5"}}}, "own.investment.wanted", "for 5 % write 0.05"),
        ({"case": {"name": "x", "currency": "pounds"}}, "own.case.currency", "did you mean 'GBP'"),
        ({"investment": {"amount": {"value": "300.000"}}}, "own.investment.amount", "write 300000 if the point"),
    ],
)
def test_what_is_wrong_stands_at_its_field(changed, at, said):
    _, problems = form.checked(TYPED | changed)
    assert [one.place for one in problems] == [at]
    assert said in f"{problems[0].what}; {problems[0].remedy}"
    assert page(TYPED).find(id=at)


@pytest.mark.parametrize(
    ("changed", "at", "said"),
    [
        ({"unit": "people", "target": {"value": "5000"}}, "own.outcome.1.target", "cannot be reached"),
        ({"payers": [["Town council", "0.6"], ["Ministry", "0.35"]]}, "own.outcome.1.payers", "sum to 0.95"),
        ({"payers": [["City", "0.6"], ["City", "0.4"]]}, "own.outcome.1.payers", "there twice"),
        ({"measured": "2028-09, 2029-19"}, "own.outcome.1.measured.2", "is no month"),
        ({"against": "{ oops"}, "own.outcome.1.against", "close every quote"),
        ({"expected": {"value": "0.3", "low": "0.4", "high": "0.5"}}, "own.outcome.1.expected", "outside 0.4 to 0.5"),
    ],
)
def test_what_is_wrong_with_an_outcome_stands_at_its_field(changed, at, said):
    first = {key: value for key, value in TYPED["outcome"][0].items() if key != "floor"} | changed
    _, problems = form.checked(TYPED | {"outcome": [first, *TYPED["outcome"][1:]]})
    assert [one.place for one in problems] == [at]
    assert said in f"{problems[0].what}; {problems[0].remedy}"


def test_nothing_typed_lacks_what_a_template_lacks():
    _, problems = form.checked({"outcome": [{}]})
    with pytest.raises(casefile.CaseFileError) as raised:
        casefile.loads(casefile.template(), "template.toml")
    assert [one.key for one in problems] == [one.key for one in raised.value.problems]


def test_fields_that_a_rule_does_not_use_are_marked():
    used = {one["data-key"]: one["data-for"].split() for one in page().select("[data-for]")}
    assert used["price"] == ["rate-card"]
    assert used["floor"] == ["proportional", "linear", "step"]
    assert "fixed" not in used["expected"]
    assert "expected" in used


# --- what Python does for it in the page


def ask(what: str, asked: object) -> dict:
    return json.loads(formwork.answer(what, json.dumps(asked)))


def read(html: str) -> list[str]:
    """Every sentence and every cell of a report."""
    main = BeautifulSoup(html, "html.parser").main
    return [tag.get_text() for tag in main.select("h2, p, li, caption, th, td, figcaption")]


def test_the_report_is_the_command_s_with_places_for_its_pictures():
    made, own = ask("report", TYPED), reports.html(CASE)
    assert read(made["html"]) == read(own)
    assert made["html"].count("data-picture") == len(made["pictures"]) == own.count("<svg") > 4
    assert {spec["width"] for spec in made["pictures"]} == {672, 330}


def test_a_report_of_what_is_wrong_is_what_is_wrong():
    assert ask("report", {"outcome": [{}]}) == ask("workbook", {"outcome": [{}]}) == ask("check", {"outcome": [{}]})
    assert len(ask("check", {"outcome": [{}]})["problems"]) == 6
    assert ask("check", TYPED) == {"problems": []}


def test_a_case_file_is_saved_and_opened_finished_or_not():
    unfinished = {"case": {"name": 'A "name"'}, "outcome": [{"name": "in work", "target": {"value": "about 40"}}]}
    for typed in (TYPED, unfinished):
        text = ask("toml", typed)["text"]
        again = ask("open", {"name": "a.toml", "base64": base64.b64encode(text.encode()).decode()})
        assert again == {"typed": typed, "lines": []}


def test_a_workbook_is_saved_and_opened():
    saved = ask("workbook", TYPED)["base64"]
    assert form.checked(ask("open", {"name": "a.xlsx", "base64": saved})["typed"]) == (CASE, ())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.toml", b"", "is empty"),
        ("a.pdf", b"%PDF-1.7", "a PDF"),
        ("a.xlsx", b"[case]", "no workbook"),
        ("a.xlsx", b"PK\x03\x04", "damaged"),
        ("../../etc/a.toml", b"text", "has no section"),
    ],
)
def test_what_is_no_case_file_is_said(name, content, said):
    answer = ask("open", {"name": name, "base64": base64.b64encode(content).decode()})
    assert "typed" not in answer
    assert said in json.dumps(answer)


def test_a_file_with_one_bad_line_opens_with_the_rest_of_it():
    text = HARBOUR.replace("people = 200", "people = 200 people")
    answer = ask("open", {"name": "a.toml", "base64": base64.b64encode(text.encode()).decode()})
    assert answer["typed"]["cohort"] == {"comparison": {"value": "150"}}
    assert answer["lines"][0].startswith("a.toml:9, ")


def test_a_workbook_s_faults_are_a_line_each_with_its_sheet_cell_and_the_name_of_the_field(tmp_path):
    path = tmp_path / "a.xlsx"
    workbook.write_template(path)
    lines = ask("open", {"name": "a.xlsx", "base64": base64.b64encode(path.read_bytes()).decode()})["lines"]
    assert len(lines) == 4  # a name, a currency, people, an outcome
    assert lines[0].startswith("Inputs!B")
    assert ", Name: is" in lines[0]
    assert not [line for line in lines if "case." in line or "a.xlsx" in line]


# --- numbers and months as people type them


TAKEN = [
    ("150,000", 150000), ("£1,500", 1500), ("1 500", 1500), ("£ 1,500.50", 1500.5), ("1,500 GBP", 1500),
    ("1'234'567", 1234567), ("-£2,000", -2000), ("1\u202f500", 1500), ("£900", 900),
]  # fmt: skip


@pytest.mark.parametrize(("text", "number"), TAKEN)
def test_an_amount_as_people_type_it_is_the_number(text, number):
    typed = {"case": {"currency": "GBP"}, "saving": [{"amount": {"value": text, "low": text}}]}
    raw, broken = form.tables(typed, [])
    assert raw["saving"][0]["amount"] == {"value": number, "low": number}
    assert form.tables(form.entries(raw), []) == (raw, broken)


@pytest.mark.parametrize(
    "text", ["1,5", "1,50", "1,50,000", "15,00", "1,500 000", "1,500,00", "0,500", "$1,500", "€5", "6%", "1500 pounds"]
)
def test_an_amount_that_could_mean_two_things_is_refused(text):
    case, problems = form.checked(TYPED | {"investment": {"amount": {"value": text}}})
    assert case is None
    assert [one.place for one in problems] == ["own.investment.amount"]


def test_a_point_in_thousands_is_still_asked_about():
    _, problems = form.checked(TYPED | {"investment": {"amount": {"value": "£300.000"}}})
    assert "write 300000 if the point" in problems[0].remedy


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("March 2029", "2029-03"), ("mar 2029", "2029-03"), ("Sept. 2029", "2029-09"), ("03/2029", "2029-03"),
        ("3.2029", "2029-03"), ("2029-3", "2029-03"), ("2029/12", "2029-12"), ("2029-03", "2029-03"),
    ],
)  # fmt: skip
def test_a_month_as_people_write_it_is_year_and_month(text, month):
    raw, _ = form.tables({"timing": {"start": text}, "outcome": [{"measured": f"{text}, 2031-01"}]}, [])
    assert raw == {"timing": {"start": month}, "outcome": [{"measured": [month, "2031-01"]}]}


@pytest.mark.parametrize("text", ["13/2029", "0/2029", "03/29", "3/4/2029", "2029", "Marchy 2029", "Ma 2029", "March"])
def test_what_is_no_month_is_refused(text):
    case, problems = form.checked(TYPED | {"timing": TYPED["timing"] | {"start": text}})
    assert case is None
    assert "own.timing.start" in [one.place for one in problems]


def test_words_of_the_form_call_fields_by_their_labels():
    outcome = TYPED["outcome"][0] | {"measured": "2040-01"}
    _, problems = form.checked(TYPED | {"outcome": [outcome, *TYPED["outcome"][1:]]})
    assert "change it, or “First month” or “Last month”" in problems[0].remedy


def test_what_outcomes_are_worth_is_a_step_before_those_that_few_need():
    steps = [one["data-step"] for one in page().select("[data-step]")]
    assert steps.index("worth") < steps.index("further")
    inside = page().select_one('[data-step="worth"]')
    assert [one["data-section"] for one in inside.select("[data-section]")] == ["payer", "saving"]


def test_an_error_of_the_program_is_a_sentence(monkeypatch):
    monkeypatch.setitem(formwork.WORK, "check", lambda typed: 1 / 0)
    assert ask("check", {}) == {
        "failed": "The report could not be made (ZeroDivisionError: division by zero). Your entries are kept."
    }


# --- the directive


def test_the_form_begins_with_the_case_file_of_its_chapter():
    raw = ownform.example(PAGE, "c02")
    assert casefile.build(raw, lambda path: "", []).about.name == "Harbour Town back to work (invented)"
    with pytest.raises(ValueError, match="no cell 'c99'"):
        ownform.example(PAGE, "c99")


def test_who_bears_the_fixed_payment_is_said_where_the_file_leaves_it_open():
    """Of 150,000 and 90,000 at most, a fund with 20 % of the second has 7.5 %."""
    paid = {"schedule": "proportional", "target": {"value": "0.7"}, "expected": {"value": "0.6"}}
    together = paid | {"name": "together", "payment": {"value": "150,000"}, "payers": [["Council", "1"]]}
    there = paid | {"name": "there", "payment": {"value": "90,000"}, "payers": [["Council", "80%"], ["Fund", "20%"]]}
    start = {"case": {"name": "R", "currency": "GBP"}, "cohort": {"people": {"value": "180"}}}
    fixed = start | {"contract": {"fixed_payment": {"value": "£60,000"}}}
    case, problems = form.checked(fixed | {"outcome": [together, there]})
    assert problems == ()
    said = "shared as payers share the most that all outcomes can pay (Council 92.5 %, Fund 7.5 %)"
    assert f"Who pays the fixed payment is not in the file: it is {said}." in case.gaps()
    terms = reports.tables.term_sheet(case).set_index("term")["value"]
    assert terms["Paid whatever the results"] == f"GBP 60,000, {said}"
    one, _ = form.checked(fixed | {"outcome": [together]})
    assert one.fixed_shared() == ""


def test_the_empty_workbook_is_the_same_whenever_it_is_made(tmp_path):
    made = []
    for day in (1, 2):
        workbook.write_template(saved := io.BytesIO())
        book = openpyxl.load_workbook(saved)
        book.properties.created = datetime.datetime(2026, 1, day)
        book.save(saved := io.BytesIO())
        made.append(saved.getvalue())
    assert made[0] != made[1]
    assert ownform.undated(made[0]) == ownform.undated(made[1])
    (tmp_path / "my.xlsx").write_bytes(ownform.undated(made[0]))
    assert openpyxl.load_workbook(tmp_path / "my.xlsx").sheetnames == book.sheetnames
