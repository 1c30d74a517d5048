"""Case files as workbooks: written, read back, and refused cell by cell."""

import datetime
import io
import re
import subprocess
import sys
import zipfile
from dataclasses import fields

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from sibmodels import casefile, cases, workbook
from sibmodels.casefile import CaseFileError
from sibmodels.casefile.layout import ID
from sibmodels.casefile.sheets import put_text
from tests.casefiles import HARBOUR
from tests.casefiles import cases as random_cases


@pytest.fixture
def harbour(tmp_path):
    path = tmp_path / "my.xlsx"
    workbook.write(casefile.loads(HARBOUR), path)
    return path


def ids(book) -> dict:
    """The cell of each small grey name."""
    every = (one for sheet in book for row in sheet.iter_rows() for one in row)
    return {one.value: one for one in every if isinstance(one.value, str) and ID.fullmatch(one.value)}


def found(book, section: str, key: str):
    """The cell of a key: ``case``, ``name``; ``outcome 2``, ``expected:low``; ``outcome 1``, ``payers: City``."""
    at, (head, _, number) = ids(book), section.partition(" ")
    if head in casefile.SINGLE:
        one = at[f"{head}.{key}"]
        return one.parent.cell(one.row, one.column - 5)
    if one := at.get(f"{head}.{key}"):
        return one.parent.cell(one.row + int(number), one.column)
    listed, what = re.fullmatch(r"(\w+)(?: ?\d*: | )(.+)", key).groups()
    name, of = found(book, section, "name").value, at[f"{head}.{listed}:of"]
    rows = [row for row in range(of.row + 1, of.parent.max_row + 1) if of.parent.cell(row, of.column).value == name]
    if listed == "payers":
        share = at[f"{head}.payers:share"]
        names = [of.parent.cell(row, share.column - 1).value for row in rows]
        return of.parent.cell(rows[names.index(what)], share.column)
    part = "month" if listed == "measured" else what
    row = rows[int(re.search(r"\d+", key)[0]) - 1]
    return of.parent.cell(row, at[f"{head}.{listed}:{part}"].column)


def cell(path, section: str, key: str) -> str:
    """Where a key is, as messages say it."""
    one = found(openpyxl.load_workbook(path), section, key)
    return f"{one.parent.title}!{one.coordinate}"


TYPED = [(150000, "at the end"), (60000, "as received")]  # commitments that end the service early


def put(path, section: str, key: str, value) -> str:
    book = openpyxl.load_workbook(path)
    one = found(book, section, key)
    one.value = value
    book.save(path)
    return f"{one.parent.title}!{one.coordinate}"


def problems(path) -> list[str]:
    with pytest.raises(CaseFileError) as caught:
        casefile.read(path)
    return [str(problem) for problem in caught.value.problems]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


@pytest.mark.parametrize("name", [*cases.names(), *casefile.contracts()])
def test_the_book_s_cases_and_signed_contracts_survive_a_workbook(tmp_path, name):
    """As a file and in memory, as a browser has it; a report's in `test_language`."""
    case, held = casefile.example(name), io.BytesIO()
    workbook.write_template(held, casefile.raw(case))
    (tmp_path / "my.xlsx").write_bytes(held.getvalue())
    again = casefile.read(tmp_path / "my.xlsx")
    assert again == case
    if again.paid and name in cases.names():
        assert again.contract() == cases.contract(name)


def grown(outcomes: int, points: int) -> casefile.CaseFile:
    """A case with many outcomes of many points."""
    one = "[[outcome]]\nname = {name!r}\nschedule = {rule!r}\nexpected = 0.4\nfloor = 0.05\npoints = {points}\n"
    pairs = [[n / points, 10 * n + 0.5] for n in range(points)]
    parts = [one.format(name=f"outcome {n}", rule=("linear", "step")[n % 2], points=pairs) for n in range(outcomes)]
    return casefile.loads(HARBOUR[: HARBOUR.index("[[outcome]]")].replace("cap = 480000", "") + "\n".join(parts))


def test_formulas_and_drop_downs_stay_as_short_as_excel_takes_them(tmp_path):
    case = grown(12, 50)
    workbook.write(case, tmp_path / "my.xlsx")
    book = openpyxl.load_workbook(tmp_path / "my.xlsx")
    formulas = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(formulas) > 200
    assert max(map(len, formulas)) < 2000  # of 8,192
    for sheet in book:
        assert len(sheet.title) <= 31
        for rule in sheet.data_validations.dataValidation:
            assert len(rule.formula1 or "") <= 255
            assert len(rule.prompt or "") <= 255
            assert len(rule.error or "") <= 225
            assert len(rule.promptTitle or "") <= 32
    assert casefile.read(tmp_path / "my.xlsx") == case


def test_every_choice_has_a_drop_down_and_every_key_a_word_when_it_is_chosen(tmp_path):
    workbook.write_template(tmp_path / "my.xlsx")
    book, listed, told = openpyxl.load_workbook(tmp_path / "my.xlsx"), set(), set()
    for name, one in ids(book).items():
        section, key = name.split(":")[0].split(".")
        beside = section in casefile.SINGLE
        at = one.parent.cell(one.row, one.column - 5) if beside else one.parent.cell(one.row + 1, one.column)
        rules = [rule for rule in one.parent.data_validations.dataValidation if at.coordinate in rule.cells]
        listed |= {name for rule in rules if rule.type == "list"}
        told |= {(section, key) for rule in rules if rule.prompt}
    about = {(section, one.name): one.metadata for section, kind in casefile.SECTIONS.items() for one in fields(kind)}
    chosen = ("choice", "country", "currency", "flag", "name")
    shown = {at: one for at, one in about.items() if not (one.get("more") and at[0] in casefile.SINGLE)}
    assert {".".join(at) for at, one in shown.items() if one["kind"] in chosen} <= listed
    assert {name for name in ids(book) if name.endswith(":of")} <= listed
    assert told >= set(shown)


def test_sheets_print_on_a4_as_wide_as_the_page_and_rare_ones_are_put_away(tmp_path):
    workbook.write_template(tmp_path / "my.xlsx")
    book = openpyxl.load_workbook(tmp_path / "my.xlsx")
    for sheet in book:
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (9, 1)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
    shown = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    assert shown == ["Inputs", "Outcomes", "Outcome lists", "Costs", "Stakeholders", "Savings"]
    assert book["Outcomes"].column_dimensions[ids(book)["outcome.spread"].column_letter].hidden


def test_a_second_outcome_is_a_second_row_and_lists_may_leave_the_name_to_the_row_above(harbour):
    """Also where somebody has moved a column, renamed a sheet, or typed months as dates."""
    book = openpyxl.load_workbook(harbour)
    at, sheet = ids(book), book["Outcomes"]
    row = at["outcome.name"].row + 5
    for key, value in (
        ("name", "housed"),
        ("schedule", "threshold"),
        ("target", 0.5),
        ("payment", 9),
        ("expected", 0.6),
    ):
        sheet.cell(row, at[f"outcome.{key}"].column).value = value
    lists, month = book["Outcome lists"], at["outcome.measured:month"]
    first = next(n for n in range(7, 99) if lists.cell(n, month.column - 1).value is None)
    for n, (name, when) in enumerate((("HOUSED", datetime.date(2028, 3, 31)), (None, "2029-03")), start=first):
        lists.cell(n, month.column - 1).value, lists.cell(n, month.column).value = name, when
    sheet.title = "What we pay for"
    sheet.insert_cols(2)
    book.save(harbour)
    case = casefile.read(harbour)
    assert [one.name for one in case.outcome][3:] == ["wellbeing", "housed"]
    assert case.outcome[4].measured == ("2028-03", "2029-03")


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("outcome.points:payment", None, "outcome.3.points: has one of result and payment; fill in the other"),
        ("outcome.points:of", "dept", "outcome.points: 'dept' is no outcome of this workbook; choose one of in work, "),
        ("outcome.payers:share", None, "outcome.1.payers: 'Town council' has no share; write it, 1 if it is all"),
        ("outcome.payers:name", None, "outcome.1.payers: has a share and no name"),
        ("outcome.payers:name", "Ministry", "outcome.1.payers: is there twice"),
        ("outcome.payers:share", "6割", "outcome.1.payers: Town council: '6割' is text; write a share without"),
        ("outcome.measured:month", "soon", "outcome.1.measured: 'soon' is no month; write year-month, as 2027-04"),
        ("outcome.measured:of", None, "outcome.measured: is of no outcome; choose one of in work, qualified"),
        ("cost.amount", "320k", "cost.1.amount: value '320k' is text; write the amount alone: 320000"),
        ("stakeholder.values:weight", "much", "stakeholder.1.values: in work: 'much' is text; write a number"),
    ],
)
def test_damage_in_a_table_is_named_by_sheet_row_and_column(harbour, key, value, says):
    book = openpyxl.load_workbook(harbour)
    one = ids(book)[key]
    place = one.parent.cell(one.row + 1, one.column)
    place.value = value
    book.save(harbour)
    said = [one for one in problems(harbour) if says in one]
    assert said, problems(harbour)
    twice = "twice" in says  # is said of the second
    assert f"my.xlsx, {one.parent.title}!{one.column_letter}{place.row + twice}: " in said[0]


def test_a_sheet_without_its_names_is_told_so(harbour):
    book = openpyxl.load_workbook(harbour)
    book["Costs"].delete_rows(ids(book)["cost.name"].row)
    book.save(harbour)
    assert "Costs: sheet: has none of the small grey names" in problems(harbour)[0]


def test_a_template_filled_in_is_a_case(tmp_path):
    path = tmp_path / "my.xlsx"
    workbook.write_template(path)
    asked = problems(path)
    assert [re.search(r": ([\w.]+): is ", one)[1] for one in asked] == [
        "case.name", "case.currency", "cohort.people", "outcome",
    ]  # fmt: skip
    for one, key in zip(asked, ("name", "currency", "people"), strict=False):
        assert f"{cell(path, 'cohort' if key == 'people' else 'case', key)}: " in one
    assert "Outcomes!A6: " in asked[-1]
    put(path, "outcome 1", "target", 0.5)
    begun = problems(path)[3:]
    assert [re.search(r": ([\w.]+): is ", one)[1] for one in begun] == [
        "outcome.1.name", "outcome.1.schedule", "outcome.1.expected",
    ]  # fmt: skip
    assert f"{cell(path, 'outcome 1', 'schedule')}: " in begun[1]
    book = openpyxl.load_workbook(path)
    for section, key, value in (
        ("case", "name", "Invented"), ("case", "currency", "EUR"), ("cohort", "people", 40),
        ("outcome 1", "name", "=at home"), ("outcome 1", "schedule", "threshold"), ("outcome 1", "target", 0.5),
        ("outcome 1", "payment", 1000), ("outcome 1", "expected", 0.6),
    ):  # fmt: skip
        place = found(book, section, key)
        put_text(place, value) if isinstance(value, str) else setattr(place, "value", value)
    book.save(path)
    case = casefile.read(path)
    assert case.contract().total({"=at home": 0.5}) == 1000
    assert (case.cost, case.stakeholder) == ((), ())


def test_text_that_begins_like_a_formula_stays_text(tmp_path):
    case = casefile.loads(HARBOUR.replace('"in work"', '"=1+1"').replace("Town council", "@SUM(1)"))
    workbook.write(case, tmp_path / "my.xlsx")
    book = openpyxl.load_workbook(tmp_path / "my.xlsx")
    for one in (found(book, "outcome 1", "name"), book["Outcome lists"]["E6"]):
        assert (one.data_type, one.quotePrefix) == ("s", True)  # and is text when somebody has edited it
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
    said = [one for one in problems(harbour) if says in one]
    assert said, problems(harbour)
    assert f"my.xlsx, {place if ':' not in key else cell(harbour, section, 'payers: Town council')}: " in said[0]


def test_broken_formulas_are_named_each_once(harbour):
    """As a spreadsheet program leaves them: the formula, and the error that it gave."""
    places = [put(harbour, "cohort", "people", "=1/0"), put(harbour, "cost 1", "amount", "=NOSUCH(1)")]
    with zipfile.ZipFile(harbour) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    titles = openpyxl.load_workbook(harbour).sheetnames
    for place, error in zip(places, ("#DIV/0!", "#NAME?"), strict=True):
        title, at = place.split("!")
        part = f"xl/worksheets/sheet{titles.index(title) + 1}.xml"
        sheet, count = re.subn(
            rf'<c r="{at}"([^>]*)><f>([^<]*)</f><v ?/></c>',
            rf'<c r="{at}"\1 t="e"><f>\2</f><v>{error}</v></c>',
            parts[part].decode(),
        )
        assert count == 1
        parts[part] = sheet.encode()
    with zipfile.ZipFile(harbour, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    first, second = problems(harbour)
    assert f"{places[0]}: =1/0: gives the error #DIV/0!" in first
    assert f"{places[1]}: =NOSUCH(1): gives the error #NAME?" in second


def test_a_column_of_an_unknown_key_is_named(harbour):
    book = openpyxl.load_workbook(harbour)
    at = ids(book)
    at["cohort.people"].value = "cohort.peple"
    target = at["outcome.target"]
    target.value = "outcome.taget"
    place = target.parent.cell(target.row + 1, target.column).coordinate
    book.save(harbour)
    said = "\n".join(problems(harbour))
    assert "cohort.peple: is no known key; did you mean 'people'?" in said
    assert f"Outcomes!{place}: outcome.1.taget: is no known key; did you mean 'target'?" in said


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
    wrong = {("case", "name"): None, ("timing", "end"): "令和12年3月", ("outcome 1", "target"): "4割"}
    wrong |= {("cohort", "people"): "about 200", ("outcome 3", "expected"): None, ("case", "place"): 7}
    places = {put(path, section, key, value) for (section, key), value in wrong.items()}
    asked = problems(path)
    assert {re.search(r"\w+!\w+", one)[0] for one in asked} == places
    said = "\n".join(asked)
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
    places = [put(harbour, "outcome 1", "expected:low", "2割"), put(harbour, "outcome 1", "expected:high", 50)]
    low, high = problems(harbour)
    assert f"{places[0]}: outcome.1.expected: low '2割' is text; write a share without the sign: 0.2" in low
    assert f"{places[1]}: outcome.1.expected: high 50 is not allowed; for 50 % write 0.5" in high


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
    said = [one for one in problems(harbour) if says in one]
    assert said
    assert f"{place}: " in said[0] or key == "measured 2"
