"""Case files as workbooks: written, read back, and refused cell by cell."""

import re
import subprocess
import sys
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from sibmodels import casefile, cases, workbook
from sibmodels.casefile import CaseFileError
from sibmodels.casefile.workbook import put_text
from tests.casefiles import HARBOUR
from tests.casefiles import cases as random_cases


@pytest.fixture
def harbour(tmp_path):
    path = tmp_path / "my.xlsx"
    workbook.write(casefile.loads(HARBOUR), path)
    return path


def cell(path, section: str, key: str) -> str:
    sheet = openpyxl.load_workbook(path)["Inputs"]
    for row in sheet.iter_rows():
        if (row[0].value, row[1].value) == (section, key):
            return row[2].coordinate
    raise AssertionError(f"no row {section} {key}")


TYPED = [(150000, "at the end"), (60000, "as received")]  # commitments that end the service early


def put(path, section: str, key: str, value) -> str:
    place, book = cell(path, section, key), openpyxl.load_workbook(path)
    book["Inputs"][place].value = value
    book.save(path)
    return place


def problems(path) -> list[str]:
    with pytest.raises(CaseFileError) as caught:
        casefile.read(path)
    return [str(problem) for problem in caught.value.problems]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(random_cases)
def test_random_cases_survive_a_workbook(tmp_path, case):
    path = tmp_path / "my.xlsx"
    for write in (workbook.write, lambda case, path: workbook.write_template(path, casefile.raw(case))):
        write(case, path)
        again = casefile.read(path)
        assert again == case
        if case.paid:
            assert again.contract() == case.contract()
            assert (again.payments() == case.payments()).all()


@pytest.mark.parametrize("name", ["yokohama", "kobe", "uk-commissioner-led", "uk-provider-led"])
def test_the_book_s_cases_survive_a_workbook(tmp_path, name):
    workbook.write(casefile.example(name), tmp_path / "my.xlsx")
    again = casefile.read(tmp_path / "my.xlsx")
    assert again == casefile.example(name)
    if again.paid:
        assert again.contract() == cases.contract(name)


def test_a_template_filled_in_is_a_case(tmp_path):
    path = tmp_path / "my.xlsx"
    workbook.write_template(path)
    found = problems(path)
    assert [re.search(r": ([\w.]+): is not filled in", one)[1] for one in found] == [
        "case.name", "case.currency", "cohort.people", "outcome.1.name", "outcome.1.schedule", "outcome.1.expected",
    ]  # fmt: skip
    for one, key in zip(found, ("name", "currency", "people"), strict=False):
        section = "cohort" if key == "people" else "case"
        assert f"Inputs!{cell(path, section, key)}: " in one
    for section, key, value in (
        ("case", "name", "Invented"), ("case", "currency", "EUR"), ("cohort", "people", 40),
        ("outcome 1", "name", "=at home"), ("outcome 1", "schedule", "threshold"), ("outcome 1", "target", 0.5),
        ("outcome 1", "payment", 1000), ("outcome 1", "expected", 0.6),
    ):  # fmt: skip
        place, book = cell(path, section, key), openpyxl.load_workbook(path)
        put_text(book["Inputs"][place], value) if isinstance(value, str) else None
        if not isinstance(value, str):
            book["Inputs"][place].value = value
        book.save(path)
    case = casefile.read(path)
    assert case.contract().total({"=at home": 0.5}) == 1000
    assert (case.cost, case.stakeholder) == ((), ())


def test_text_that_begins_like_a_formula_stays_text(tmp_path):
    case = casefile.loads(HARBOUR.replace('"in work"', '"=1+1"').replace("Town council", "@SUM(1)"))
    workbook.write(case, tmp_path / "my.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "my.xlsx")["Inputs"]
    assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert casefile.read(tmp_path / "my.xlsx") == case


def test_inputs_have_names_and_results_are_formulas(harbour):
    book = openpyxl.load_workbook(harbour)
    assert {"outcome_1_target", "cohort_people", "timing_lag", "cost_2_amount"} <= set(book.defined_names)
    constants = [
        cell.coordinate
        for row in book["Payments"].iter_rows(min_row=2)
        for cell in row
        if isinstance(cell.value, int | float)
    ]
    assert not constants  # every number on the sheet is computed from the inputs
    assert "outcome_1_target" in book["Payments"]["D2"].value


@pytest.mark.parametrize(("committed", "when"), TYPED)
def test_a_smaller_commitment_typed_in_bounds_what_investors_lose(harbour, committed, when):
    """What the workbook's own formulas then give is asked of LibreOffice, in ``tests/office``."""
    put(harbour, "investment", "amount", committed)
    put(harbour, "investment", "distribute", when)
    flows = casefile.read(harbour).flows()
    assert 0 < -flows["investor"].clip(upper=0).sum() <= committed + 1e-6


@pytest.mark.parametrize(
    ("section", "key", "value", "says"),
    [
        ("investment", "distribute", "as it comes", "investment.distribute: 'as it comes'"),
        ("cohort", "people", -1, "cohort.people: -1 is not allowed"),
        ("cohort", "people", "two hundred", "cohort.people: 'two hundred' is text"),
        ("cohort", "people", None, "cohort.people: is not filled in"),
        ("outcome 1", "target", 40, "outcome.1.target: 40 is no share"),
        ("outcome 1", "payers: Ministry", 0.35, "outcome.1.payers: the shares sum to 0.95"),
        ("outcome 1", "schedule", "propotional", "did you mean 'proportional'?"),
        ("timing", "end", "2020-01", "timing.end: 2020-01 is before the start"),
        ("cohort", "people", "=100*2", "is a formula that was never calculated"),
    ],
)
def test_each_mistake_is_named_with_its_cell(harbour, section, key, value, says):
    place = put(harbour, section, key, value)
    found = [one for one in problems(harbour) if says in one]
    assert found, problems(harbour)
    assert (
        f"my.xlsx, Inputs!{place if ':' not in key else cell(harbour, section, 'payers: Town council')}: " in found[0]
    )


def test_broken_formulas_are_named_each_once(harbour):
    """As a spreadsheet program leaves them: the formula, and the error that it gave."""
    places = [put(harbour, "cohort", "people", "=1/0"), put(harbour, "cost 1", "amount", "=NOSUCH(1)")]
    with zipfile.ZipFile(harbour) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for place, error in zip(places, ("#DIV/0!", "#NAME?"), strict=True):
        sheet, count = re.subn(
            rf'<c r="{place}"([^>]*)><f>([^<]*)</f><v ?/></c>',
            rf'<c r="{place}"\1 t="e"><f>\2</f><v>{error}</v></c>',
            sheet,
        )
        assert count == 1
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    with zipfile.ZipFile(harbour, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    first, second = problems(harbour)
    assert f"Inputs!{places[0]}: =1/0: gives the error #DIV/0!" in first
    assert f"Inputs!{places[1]}: =NOSUCH(1): gives the error #NAME?" in second


def test_unknown_rows_and_stray_values(harbour):
    book = openpyxl.load_workbook(harbour)
    sheet = book["Inputs"]
    last = sheet.max_row
    for number, row in enumerate([("cohort", "peple", 3), ("nowhere", "x", 1), (None, None, 7)], start=last + 1):
        for column, value in enumerate(row, start=1):
            sheet.cell(number, column).value = value
    book.save(harbour)
    found = "\n".join(problems(harbour))
    assert f"Inputs!C{last + 1}: cohort.peple: is no known key; did you mean 'people'?" in found
    assert "nowhere: is no known section" in found
    assert f"row {last + 3}: has a value and no key" in found


def test_what_is_no_workbook_says_so(tmp_path):
    path = tmp_path / "my.xlsx"
    path.write_bytes(HARBOUR.encode())
    assert problems(path) == ["my.xlsx: file: is text, and no workbook; give its name the ending .toml"]
    openpyxl.Workbook().save(path)
    assert "a sheet 'Inputs' is needed" in problems(path)[0]
    book = openpyxl.Workbook()
    book.active.title = "Inputs"
    book.save(path)
    assert "heading: was not found" in problems(path)[0]


def test_large_files_are_not_read(tmp_path):
    path = tmp_path / "my.xlsx"
    with path.open("wb") as file:
        file.truncate(40_000_000)
    assert "40.0 MB; at most 5 MB" in problems(path)[0]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 60_000_000)
    assert path.stat().st_size < 1_000_000
    assert "unpacks to 60 MB; at most 50 MB" in problems(path)[0]


def test_without_openpyxl_the_error_says_what_to_install(tmp_path):
    code = (
        "import sys; sys.modules['openpyxl'] = None\n"
        "from sibmodels.__main__ import main; sys.exit(main(['new', 'x', '--xlsx']))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 3
    assert "pip install 'sibmodels[excel]'" in run.stderr
    assert not list(tmp_path.iterdir())


def test_remedies_are_for_cells_and_not_for_text(tmp_path):
    path = tmp_path / "my.xlsx"
    workbook.write(casefile.loads(HARBOUR), path)
    wrong = {("case", "name"): None, ("timing", "end"): "03/2030", ("outcome 1", "target"): "40 %"}
    wrong |= {("cohort", "people"): "about 200", ("outcome 3", "expected"): None, ("case", "place"): 7}
    places = {put(path, section, key, value) for (section, key), value in wrong.items()}
    found = problems(path)
    assert {re.search(r"Inputs!(\w+)", one)[1] for one in found} == places
    said = "\n".join(found)
    for remedy in (
        "e.g. Harbour Town back to work (invented)",
        "write 2030-03",
        "write a share without the sign: 0.4",
        "'about 200' is text; write a number",
        "e.g. 0.35, low 0.2, high 0.5",
        "begin it with an apostrophe",
    ):
        assert remedy in said
    assert "quotes" not in said
    assert "{" not in said


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"xl/workbook.xml": "<workbook xmlns='http://purl.oclc.org/ooxml/spreadsheetml/main'/>"}, "without Strict"),
        ({"xl/workbook.bin": ""}, "binary workbook"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "OpenDocument"),
        ({"word/document.xml": ""}, "is a Word document"),
        ({"readme.txt": ""}, "holds no workbook"),
        ({"xl/workbook.xml": "", "xl/worksheets/sheet1.xml": "<row/>" * 20_001}, "has 20001 rows; at most 20000"),
    ],
)
def test_other_archives_are_told_for_what_they_are(tmp_path, parts, says):
    path = tmp_path / "my.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    (problem,) = problems(path)
    assert says in problem


def test_old_and_locked_workbooks_are_told_apart(tmp_path):
    path, old = tmp_path / "my.xlsx", b"\xd0\xcf\x11\xe0" + bytes(500)
    path.write_bytes(old)
    assert "save it as .xlsx" in problems(path)[0]
    path.write_bytes(old + "EncryptedPackage".encode("utf-16-le"))
    assert "take the password off" in problems(path)[0]


def test_the_ends_of_a_range_are_named_by_their_own_cells(harbour):
    book = openpyxl.load_workbook(harbour)
    row = re.search(r"\d+", cell(harbour, "outcome 1", "expected"))[0]
    book["Inputs"][f"D{row}"].value, book["Inputs"][f"E{row}"].value = "20 %", 50
    book.save(harbour)
    low, high = problems(harbour)
    assert f"Inputs!D{row}: outcome.1.expected: low '20 %' is text; write a share without the sign: 0.2" in low
    assert f"Inputs!E{row}: outcome.1.expected: high 50 is not allowed; for 50 % write 0.5" in high


@pytest.mark.parametrize(
    ("section", "key", "value", "says"),
    [
        ("case", "country", "UK", "did you mean 'GB'?"),
        ("timing", "start", "令和9年4月", "write 2027-04"),
        ("outcome 2", "name", "In Work", "pass for one name"),
        ("outcome 2", "payers: Ministry", 0.4, "the shares sum to 1.4"),
        ("outcome 3", "points 3: performance", 60, "for 60 % write 0.6"),
        ("investment", "fee", 1e9, "more than all costs and payments"),
        ("outcome 3", "expected", 1e-300, "as good as nothing"),
    ],
)
def test_nonsense_in_cells_is_named(harbour, section, key, value, says):
    if key.startswith("payers"):
        key, says = "measured 2", "in order"
        value = "2028-01"
    place = put(harbour, section, key, value)
    found = [one for one in problems(harbour) if says in one]
    assert found
    assert key == "measured 2" or f"Inputs!{place}: " in found[0]
