"""Workbooks of published contracts, recalculated by LibreOffice: the same numbers to a penny. `make test-office`."""

import os
import shutil
import subprocess

import openpyxl
import pytest

from sibmodels import casefile, workbook

PENNY = 0.005
NAMES = casefile.contracts()


@pytest.fixture(scope="module")
def calculated(tmp_path_factory):
    office = os.environ.get("SOFFICE") or shutil.which("soffice")
    assert office, "no LibreOffice: install Debian's libreoffice-calc, or name it in SOFFICE"
    home = tmp_path_factory.mktemp("office")
    for name in NAMES:
        workbook.write(casefile.example(name), home / f"{name}.xlsx")
    command = [office, f"-env:UserInstallation={(home / 'profile').as_uri()}", "--headless", "--convert-to", "xlsx"]
    command += ["--outdir", home / "out", *sorted(home.glob("*.xlsx"))]
    subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=300)
    return home / "out"


@pytest.mark.parametrize("name", NAMES)
def test_payments_and_checks(calculated, name):
    case, book = casefile.example(name), openpyxl.load_workbook(calculated / f"{name}.xlsx", data_only=True)
    reached, earned = case.performance(), case.contract().payments(case.of_contract(case.performance()))["payment"]
    rows = list(book["Payments"].iter_rows(values_only=True))
    for row, line in zip(rows[1:], case.lines(), strict=False):
        assert row[0] == line.name
        assert row[2] == pytest.approx(float(reached[line.name]), rel=1e-9, abs=1e-9)
        assert row[3] == pytest.approx(earned[line.name], abs=PENNY)
    checks = list(book["Checks"].iter_rows(values_only=True))[1:]
    differences = [row[3] for row in checks if row[3] is not None]
    assert differences
    assert differences == pytest.approx([0] * len(differences), abs=PENNY)
    assert not [row for row in checks if row[1] == "DOES NOT HOLD"]


@pytest.mark.parametrize("name", [name for name in NAMES if casefile.example(name).tranche])
def test_what_no_formula_says_is_called_so_and_sums_to_nothing(calculated, name):
    book = openpyxl.load_workbook(calculated / f"{name}.xlsx", data_only=True)
    rows = list(book["Cash flow"].iter_rows(values_only=True))
    assert "no formula" in rows[0][0]
    for row in rows[3:]:
        assert sum(row[1:]) == pytest.approx(0, abs=PENNY)
