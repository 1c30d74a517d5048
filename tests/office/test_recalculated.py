"""The workbooks, recalculated by LibreOffice: the same numbers as sibmodels, to a penny. `make test-office`."""

import itertools
import os
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from sibmodels import casefile, cases, cashflows, messages, workbook
from sibmodels.messages import head
from sibmodels.reports.tables import ends
from tests.casefiles import HARBOUR
from tests.test_workbook import TYPED, grown, put

PENNY = 0.005
PARTIES = ("payer", "provider", "intermediary", "investor", "guarantor")
VARIANTS = {
    "as it is": (),
    "capped, and a guarantor pays": (("value = 0.35", "value = 0.21"), ("guarantee = 20000", "guarantee = 900000")),
    "cap binds": (("value = 0.35", "value = 0.48"), ("cap = 480000", "cap = 300000")),
    "months": (("lag = 1", 'lag = 4\nperiod = "month"'),),
    "half-years, no fee": (("lag = 1", 'lag = 0\nperiod = "half-year"'), ("fee = 10000\n", "")),
    "years, unlimited rate card": (("lag = 1", 'period = "year"'), ("cap = 120000\n", "")),
    "threshold": (
        ('schedule = "proportional"', 'schedule = "threshold"'),
        ("floor = 0.15\n", ""), ("target = 0.4", "target = 0.3"),
    ),
    "steps": (('schedule = "linear"', 'schedule = "step"'),),
    "below the floor": (("value = 0.35, low = 0.2", "value = 0.1, low = 0.1"),),
    "as received": (("guarantee = 20000", 'guarantee = 20000\ndistribute = "as received"'),),
    "the money is used up": (("amount = 300000", "amount = 150000"), ("lag = 1", "lag = 3")),
    "used up, as received": (
        ("amount = 300000", 'amount = 150000\ndistribute = "as received"'), ("lag = 1", "lag = 3"),
    ),
    "used up, no lag": (("amount = 300000", "amount = 20000"), ("lag = 1", "lag = 0")),
}  # fmt: skip


def variant(changes) -> casefile.CaseFile:
    text = HARBOUR
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return casefile.loads(text)


CASES = {name: variant(changes) for name, changes in VARIANTS.items()}
CASES |= {name: casefile.example(name) for name in cases.names()} | {"grown": grown(12, 50)}
SIGNED = casefile.contracts()  # as they were signed: their calendar is computed, and no formula
CASES |= {name: casefile.example(name) for name in SIGNED}
RESULTS = ("nobody succeeds", "low end of what is expected", "high end of what is expected", "everybody succeeds")
CHOSEN = [(name, result) for name in ("as it is", "half-years, no fee", "kobe") for result in RESULTS]
CHOSEN += [("fair-chance", "everybody succeeds"), ("newpin", "low end of what is expected")]
AT = {name: f"{number:02d}" for number, name in enumerate(CASES)}


@pytest.fixture(scope="session")
def calculated(tmp_path_factory) -> Path:
    """Every workbook, opened, calculated and saved by LibreOffice."""
    office = os.environ.get("SOFFICE") or shutil.which("soffice") or shutil.which("libreoffice")
    if not office:
        pytest.exit(
            "no LibreOffice: install Debian's `libreoffice-calc`, or name one: SOFFICE=/path make test-office", 3
        )
    home = tmp_path_factory.mktemp("office")
    for name, case in CASES.items():
        workbook.write(case, home / f"{AT[name]}.xlsx")
    for committed, when in TYPED:
        path = home / f"typed {committed}.xlsx"
        workbook.write(casefile.loads(HARBOUR), path)
        put(path, "investment", "amount", committed)
        put(path, "investment", "distribute", when)
    for language in messages.languages()[1:]:
        with messages.use(language):
            workbook.write(casefile.loads(HARBOUR), home / f"in {language}.xlsx")
    for name, result in CHOSEN:
        book = openpyxl.load_workbook(home / f"{AT[name]}.xlsx")
        book["Summary"]["B4"].value = result
        book.save(home / f"{AT[name]} {result}.xlsx")
    command = [office, f"-env:UserInstallation={(home / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx"]
    command += ["--outdir", home / "out", *sorted(home.glob("*.xlsx"))]
    subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=300)
    return home


def table(sheet, head: str) -> list[dict]:
    """The rows below the heading that begins with `head`."""
    rows = list(sheet.iter_rows(values_only=True))
    start = next(number for number, row in enumerate(rows) if row[0] == head)
    below = itertools.takewhile(lambda row: row[0] is not None, rows[start + 1 :])
    return [dict(zip(rows[start], row, strict=True)) for row in below]


def opened(name: str, calculated: Path):
    return CASES[name], openpyxl.load_workbook(calculated / "out" / f"{AT[name]}.xlsx", data_only=True)


@pytest.fixture(params=[name for name, case in CASES.items() if case.paid and name not in SIGNED])
def both(request, calculated):
    return opened(request.param, calculated)


@pytest.fixture(params=[name for name, case in CASES.items() if case.paid])
def each(request, calculated):
    return opened(request.param, calculated)


@pytest.mark.parametrize("name", SIGNED)
def test_a_signed_contract_pays_what_the_model_pays(name, calculated):
    case, book = opened(name, calculated)
    figures = case.performance()
    total = next(row for row in book["Payments"].iter_rows(values_only=True) if row[0] == "Total")
    assert total[4] == pytest.approx(float(case.contract().total(case.of_contract(figures))), abs=PENNY)
    bears = [row["Pays"] for row in table(book["Payments"], "Payer") if row["Pays"] is not None]  # notes follow
    assert sum(bears) == pytest.approx(total[4], abs=PENNY)
    flows = book["Cash flow"]
    if case.tranche and str(flows["A1"].value).startswith("Computed by sibmodels"):
        rows = table(flows, "Period")
        for party in case.waterfall(figures).columns:
            assert [row[party] for row in rows] == pytest.approx(case.waterfall(figures)[party].tolist(), abs=PENNY)


def test_payments_and_payers(both):
    case, book = both
    contract, performance = case.contract(), case.performance()
    rows = list(book["Payments"].iter_rows(values_only=True))
    earned = contract.payments(performance)["payment"]
    scale = contract.total(performance) / earned.sum()
    for number, one in enumerate(case.paid, start=1):
        name, _, measured, got, paid = rows[number][:5]
        assert name == one.name
        assert measured == pytest.approx(performance[one.name], abs=1e-9)
        assert got == pytest.approx(earned[one.name], abs=PENNY)
        assert paid == pytest.approx(earned[one.name] * scale, abs=PENNY)
    total = next(row for row in rows if row[0] == "Total")
    assert total[4] == pytest.approx(contract.total(performance), abs=PENNY)
    payers = {row["Payer"]: row["Pays"] for row in table(book["Payments"], "Payer")}
    expected = contract.by_payer(performance)
    assert list(payers) == list(expected.index)
    assert list(payers.values()) == pytest.approx(list(expected), abs=PENNY)


def test_curves(both):
    case, book = both
    for row in table(book["Curves"], "Share of people who succeed"):
        performance = case.performance(row["Share of people who succeed"])
        paid = case.contract().payments(performance)["payment"]
        for one in case.paid:
            assert row[one.name] == pytest.approx(paid[one.name], abs=PENNY), row


@pytest.mark.parametrize("committed", [committed for committed, _ in TYPED])
def test_what_is_typed_into_a_workbook_moves_its_cash_flow(calculated, committed):
    """The service stops where the model stops it, from the same sheet."""
    typed = casefile.read(calculated / f"typed {committed}.xlsx").flows()
    book = openpyxl.load_workbook(calculated / "out" / f"typed {committed}.xlsx", data_only=True)
    rows = table(book["Cash flow"], "Period")
    for party in typed.columns:
        assert [row[party.capitalize()] for row in rows] == pytest.approx(typed[party].tolist(), abs=PENNY)


def test_cash_flow_and_return(both):
    case, book = both
    if not (case.has_calendar and case.cost):
        assert "Cash flow" not in book.sheetnames
        return
    sheet, flows = book["Cash flow"], case.flows()
    rows = table(sheet, "Period")
    assert [row["First month"] for row in rows] == list(flows.index)
    for row, (_, right) in zip(rows, flows.iterrows(), strict=True):
        for party in PARTIES:
            assert row[party.capitalize()] == pytest.approx(right[party], abs=PENNY)
        assert row["Sum (must be 0)"] == 0
    out = flows["investor"].to_numpy()
    step = 12 / casefile.PERIODS[case.timing.period]
    if cashflows.is_conventional(out):
        assert sheet["B1"].value == pytest.approx(float(cashflows.annualise(cashflows.irr(out), step)), abs=1e-6)
    else:
        assert sheet["B1"].value == "none"
    assert sheet["B2"].value == pytest.approx(float(cashflows.money_multiple(out)), abs=1e-6)
    assert sheet["B3"].value == pytest.approx(float(cashflows.peak_draw(out)), abs=PENNY)


@pytest.mark.parametrize("language", messages.languages()[1:])
def test_a_workbook_in_another_language_comes_to_the_same(calculated, language):
    """Its sheets have other names, by which its formulas call each other."""
    book = openpyxl.load_workbook(calculated / "out" / f"in {language}.xlsx", data_only=True)
    said = messages.catalogue(language)
    rows = list(book[said["sheets.checks"]].iter_rows(min_row=2, values_only=True))
    assert sum(row[3] is not None for row in rows) > 5
    assert all(abs(row[3]) < PENNY for row in rows if row[3] is not None)
    assert not {said["book.does_not_hold"], said["book.differs"]} & {row[1] for row in rows}
    case = casefile.loads(HARBOUR)
    (total,) = (row[4] for row in book[said["sheets.payments"]].values if row[0] == said["heads.Total"])
    assert total == pytest.approx(case.contract().total(case.performance()), abs=PENNY)
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "e"]


def test_checks_hold_and_nothing_is_an_error(each):
    _, book = each
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "e", f"{sheet.title}!{cell.coordinate}: {cell.value}"
    for row in book["Checks"].iter_rows(min_row=2, values_only=True):
        assert row[1] != "DOES NOT HOLD", row[0]
        assert row[3] is None or abs(row[3]) < PENNY, row  # "differs" is no number and fails here


@pytest.mark.parametrize(("name", "result"), CHOSEN)
def test_another_result_that_is_chosen_moves_every_sheet_to_it(calculated, name, result):
    book = openpyxl.load_workbook(calculated / "out" / f"{AT[name]} {result}.xlsx", data_only=True)
    rows = list(book["Checks"].iter_rows(min_row=2, values_only=True))
    assert [row for row in rows if row[3] is not None]
    for what, _, computed, difference in rows:
        assert difference is None or abs(difference) < PENNY, (what, computed)
    case = CASES[name]
    paid = next(row[2] for row in rows if row[0] == head("Paid in all"))
    assert paid == pytest.approx(float(case.total(ends(case)[result])), abs=PENNY)


def test_the_years_add_up_to_the_cash_flow(calculated):
    case, book = opened("as it is", calculated)
    flows, years = case.flows(), table(book["Summary"], "Year")
    assert [row["Year"] for row in years] == sorted({month[:4] for month in flows.index})
    for row in years:
        year = flows[flows.index.str.startswith(row["Year"])].sum()
        shown = [row[head] for head in ("Payers pay", "Provider gets", "Investors get (or put in)")]
        assert shown == pytest.approx([-year["payer"], year["provider"], year["investor"]], abs=PENNY)


def test_points_are_looked_up_as_the_model_pays_them(calculated):
    """Fifty points in each of twelve outcomes, at every share of the curve."""
    case, book = opened("grown", calculated)
    for row in table(book["Curves"], "Share of people who succeed"):
        paid = case.contract().payments(case.performance(row["Share of people who succeed"]))["payment"]
        for one in case.paid:
            assert row[one.name] == pytest.approx(paid[one.name], abs=PENNY), row


@pytest.mark.parametrize("name", CASES)
def test_what_libreoffice_saved_is_still_the_case_file(calculated, name):
    assert casefile.read(calculated / "out" / f"{AT[name]}.xlsx") == CASES[name]


def test_a_changed_cell_changes_the_results(calculated, tmp_path):
    """What a commissioner does: type over an input, and look at the payments."""
    book = openpyxl.load_workbook(calculated / f"{AT['as it is']}.xlsx")
    title, place = book.defined_names["outcome_1_payment"].attr_text.replace("$", "").split("!")
    book[title][place].value = 200000
    book.save(tmp_path / "changed.xlsx")
    office = os.environ.get("SOFFICE") or shutil.which("soffice") or shutil.which("libreoffice")
    profile = f"-env:UserInstallation={(calculated / 'profile').as_uri()}"
    command = [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", tmp_path / "out"]
    subprocess.run([*map(str, command), str(tmp_path / "changed.xlsx")], check=True, capture_output=True, timeout=120)
    after = openpyxl.load_workbook(tmp_path / "out" / "changed.xlsx", data_only=True)
    total = next(row for row in after["Payments"].iter_rows(values_only=True) if row[0] == "Total")
    case = CASES["as it is"].replace("outcome.1.payment", 200000)
    assert total[4] == pytest.approx(case.contract().total(case.performance()), abs=PENNY)
    assert casefile.read(tmp_path / "out" / "changed.xlsx") == case
