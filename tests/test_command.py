"""`python -m sibmodels`, called as people call it: what it writes, what it says, and its exit codes."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sibmodels import casefile
from sibmodels.__main__ import main
from tests.casefiles import HARBOUR

DONE, WRONG, USAGE, UNABLE = 0, 1, 2, 3


@pytest.fixture
def run(tmp_path):
    def run(*arguments, code=DONE, **environment):
        command = [sys.executable, "-m", "sibmodels", *map(str, arguments)]
        given = {**os.environ, "PYTHONIOENCODING": "utf-8", **environment}  # not what a system writes to pipes in
        result = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", env=given)
        assert result.returncode == code, result.stdout + result.stderr
        assert "Traceback" not in result.stderr
        return result.stdout + result.stderr

    return run


@pytest.fixture
def harbour(tmp_path):
    (tmp_path / "my.toml").write_text(HARBOUR, encoding="utf-8")
    return tmp_path


def files(folder) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_from_nothing_to_a_report(run, tmp_path):
    said = run("new", "my")
    assert "python -m sibmodels check my.toml" in said
    said = run("check", "my.toml", code=WRONG)
    assert "my.toml:9: case.name: is not filled in" in said
    assert "6 problems" in said
    (tmp_path / "my.toml").write_text(HARBOUR, encoding="utf-8")
    said = run("check", "my.toml")
    assert "no problem found" in said
    assert "Not in the file: No baseline for debt, wellbeing" in said
    run("report", "my.toml", "--xlsx")
    assert files(tmp_path) == {"my.toml", "my-report.html", "my-report.ipynb", "my-report.xlsx"}
    assert casefile.read(tmp_path / "my-report.xlsx") == casefile.loads(HARBOUR)


def test_a_workbook_is_a_case_file_too(run, tmp_path):
    run("new", "kobe", "--xlsx", "--like", "kobe")
    assert casefile.read(tmp_path / "kobe.xlsx") == casefile.example("kobe")
    assert "no problem found" in run("check", "kobe.xlsx")
    run("report", "kobe.xlsx")
    assert "Kobe diabetic nephropathy SIB" in (tmp_path / "kobe-report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["yokohama", "kobe", "uk-commissioner-led", "uk-provider-led"])
def test_the_book_s_cases_are_examples(run, tmp_path, name):
    run("new", name, "--like", name)
    assert casefile.read(tmp_path / f"{name}.toml") == casefile.example(name)


def test_indigo(run, tmp_path):
    run("new", "my", "--indigo", "INDIGO-POJ-0042")
    text = (tmp_path / "my.toml").read_text(encoding="utf-8")
    assert 'name = "Kobe City SIB for Preventing Severe Diabetic Nephropathy"' in text
    assert "# cost: INDIGO does not say" in text
    said = run("new", "other", "--indigo", "INDIGO-POJ-9", code=UNABLE)
    assert "Nothing was written: INDIGO project 'INDIGO-POJ-9' is unknown (did you mean" in said
    run("new", "sheet", "--indigo", "INDIGO-POJ-0042", "--xlsx")
    assert files(tmp_path) == {"my.toml", "sheet.xlsx"}
    said = run("new", "other", "--indigo", "INDIGO-POJ-0042", "--download", "nowhere", code=UNABLE)
    assert "Nothing was written: nowhere: no such folder or zip file; the publisher's download is needed" in said
    assert "--download needs --indigo" in run("new", "other", "--download", "nowhere", code=UNABLE)
    assert files(tmp_path) == {"my.toml", "sheet.xlsx"}


def test_nothing_is_overwritten_unless_forced(run, harbour):
    said = run("new", "my", code=UNABLE)
    assert "my.toml: is there already; --force" in said
    assert (harbour / "my.toml").read_text(encoding="utf-8") == HARBOUR
    (harbour / "my-report.ipynb").write_text("mine", encoding="utf-8")
    said = run("report", "my.toml", code=UNABLE)
    assert "my-report.ipynb: is there already" in said
    assert files(harbour) == {"my.toml", "my-report.ipynb"}  # not half a report
    run("report", "my.toml", "--force")
    assert (harbour / "my-report.ipynb").read_text(encoding="utf-8") != "mine"


def test_a_case_file_with_problems_writes_nothing(run, harbour):
    (harbour / "my.toml").write_text(HARBOUR.replace("0.6, ", "0.55, ").replace("= 40000", "= -1"), encoding="utf-8")
    said = run("report", "my.toml", "--xlsx", code=WRONG)
    assert "the shares sum to 0.95" in said
    assert "cost.2.amount: -1 is not allowed" in said
    assert "Nothing was written: 2 problems." in said
    assert files(harbour) == {"my.toml"}


def test_what_is_not_there(run, harbour):
    assert "no.toml: No such file or directory; look at the name" in run("check", "no.toml", code=UNABLE)
    assert "make it first" in run("report", "my.toml", "--out", "nowhere", code=UNABLE)
    run("report", ".", code=UNABLE)
    assert files(harbour) == {"my.toml"}


def test_what_to_do_next_is_said_for_any_name(run, tmp_path):
    assert 'python -m sibmodels check "my 港.toml"' in run("new", "my 港")
    assert 'then: python -m sibmodels check "my 港.toml"' in run("check", "my 港.toml", code=WRONG)
    (tmp_path / "my 港.toml").write_text(HARBOUR, encoding="utf-8")
    assert 'Next: python -m sibmodels report "my 港.toml"' in run("check", "my 港.toml")
    assert "Open my 港-report.html in a browser" in run("report", "my 港.toml")
    run("check", "my 港.toml", PYTHONIOENCODING="ascii")  # a terminal that cannot show the name


def test_the_ending_asked_for_replaces_the_other(run, tmp_path):
    run("new", "my.toml", "--xlsx")
    run("new", "other.XLSX")
    run("new", "v1.2")
    assert files(tmp_path) == {"my.xlsx", "other.xlsx", "v1.2.toml"}


def test_no_chromium_no_pdf_and_nothing_half_written(run, harbour):
    said = run("report", "my.toml", "--pdf", code=UNABLE, CHROMIUM=str(harbour / "no-such-browser"))
    assert "print the HTML report from your browser" in said
    assert files(harbour) == {"my.toml"}


@pytest.mark.parametrize(
    "arguments", [(), ("report",), ("check", "a", "b"), ("new", "x", "--like", "kobe", "--indigo", "y")]
)
def test_called_wrongly(run, arguments):
    assert "usage: python -m sibmodels" in run(*arguments, code=USAGE)


def test_an_unknown_case_says_which_there_are(run, tmp_path):
    assert "did you mean 'kobe'?" in run("new", "x", "--like", "kobo", code=UNABLE)
    assert not files(tmp_path)


def test_help_names_the_exit_codes(run):
    assert "1 the case file has problems" in " ".join(run("--help").split())


def test_a_name_is_needed(run, tmp_path):
    for name in ("", ".toml", "folder/", " .xlsx"):
        assert "names no file; write a name" in run("new", name, code=USAGE)
    assert not files(tmp_path)


def test_an_interruption_is_said_and_nothing_is_left(harbour, monkeypatch, capsys):
    def interrupted(case, **given):
        raise KeyboardInterrupt

    monkeypatch.setattr("sibmodels.reports.html", interrupted)
    assert main(["report", str(harbour / "my.toml")]) == 130
    assert capsys.readouterr().err == "Nothing was written: interrupted.\n"
    assert files(harbour) == {"my.toml"}


@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.ENOSPC, "make room on the disk"), (errno.EROFS, "choose a folder that you may write")]
)
def test_a_disk_that_is_full_or_only_read_is_named_with_the_file_that_was_to_be(
    harbour, monkeypatch, capsys, number, remedy
):
    def full(self, *text, **how):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_text", full)
    assert main(["report", str(harbour / "my.toml")]) == UNABLE
    said = capsys.readouterr().err
    assert f"Nothing was written: {harbour / 'my-report.html'}: {os.strerror(number)}; {remedy}" in said
    assert files(harbour) == {"my.toml"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_what_cannot_be_said_was_written_all_the_same(harbour):
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "sibmodels", "new", "other"]
        result = subprocess.run(command, cwd=harbour, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (result.returncode, files(harbour)) == (UNABLE, {"my.toml", "other.toml"})
    assert result.stderr.startswith("The files were written. What was to be said of them cannot be: ")


@pytest.mark.skipif(os.name == "nt", reason="no pipes of this kind")
def test_who_reads_no_further_is_no_error(harbour):
    piped = f"{sys.executable} -u -m sibmodels check {harbour / 'my.toml'} | true; echo ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", piped], capture_output=True, text=True)
    assert (result.stdout.strip(), result.stderr) == ("0", "")
