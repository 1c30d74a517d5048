"""The command: `python -m sibmodels new NAME`, `check FILE`, `report FILE`."""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from sibmodels.files import write_all

DONE, WRONG, USAGE, UNABLE, STOPPED = 0, 1, 2, 3, 130
EPILOG = (
    "Exit codes: 0 done; 1 the case file has problems, nothing written; 2 called wrongly; 3 cannot read or write; "
    "130 interrupted, nothing written."
)

REMEDIES = {
    FileExistsError: "--force replaces what is there, or choose another name",
    FileNotFoundError: "look at the name, and at the folder you are in",
    IsADirectoryError: "name a file",
    NotADirectoryError: "make it first, or name another",
    PermissionError: "close the file in other programs, or choose a folder that you may write to",
    OSError: "choose another folder or a shorter name",
}
BY_NUMBER = {
    errno.ENOSPC: "make room on the disk, or choose another",
    errno.EDQUOT: "make room on the disk, or choose another",
    errno.EFBIG: "make room on the disk, or choose another",
    errno.EROFS: "choose a folder that you may write to",
    errno.EIO: "look at the disk, or choose another",
}

WITHOUT = "leave --pdf out, and print the HTML report from your browser"


class UnableError(Exception):
    """Something outside the case file is in the way; the message says what would help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = _parser().parse_args(arguments)
    undone = "" if given.run is _check else "Nothing was written: "
    try:
        return _run(given, undone)
    except KeyboardInterrupt:
        print(f"{undone}interrupted.".capitalize(), file=sys.stderr)
        return STOPPED


def _run(given: argparse.Namespace, undone: str) -> int:
    """Do what is asked; whatever is in the way is said in one sentence."""
    from sibmodels.casefile import CaseFileError  # after the arguments, so that --help is quick

    try:
        said = given.run(given)
    except CaseFileError as error:
        count = len(error.problems)
        print("\n".join(map(str, error.problems)), file=sys.stderr)
        print(f"{undone}{count} problem{'s' if count > 1 else ''}.", file=sys.stderr)
        print(f"Mend what is named, then: {_command('check', given.file)}", file=sys.stderr)
        return WRONG
    except (UnableError, ModuleNotFoundError) as error:
        print(f"{undone}{error}", file=sys.stderr)
    except KeyError as error:
        print(f"{undone}{error.args[0]}", file=sys.stderr)
    except OSError as error:
        print(f"{undone}{_named(error)}.", file=sys.stderr)
    except MemoryError:
        print(f"{undone}the memory does not suffice; close other programs.", file=sys.stderr)
    else:
        return _print_lines(said, given)
    return UNABLE


def _named(error: OSError) -> str:
    """What the system says, and what would help."""
    what = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    remedy = next(remedy for kind, remedy in REMEDIES.items() if isinstance(error, kind))
    return f"{what}; {BY_NUMBER.get(error.errno or 0, remedy)}"


def _print_lines(lines: Sequence[str], given: argparse.Namespace) -> int:
    """Say what was done; that it was done stays so where nobody reads it."""
    try:
        print("\n".join(lines), flush=True)
    except BrokenPipeError:  # who reads has read enough, as in: check FILE | head -1
        _silence()
    except OSError as error:
        _silence()
        done = "" if given.run is _check else "The files were written. "
        print(f"{done}What was to be said of them cannot be: {error.strerror}.", file=sys.stderr)
        return UNABLE
    return DONE


def _silence() -> None:
    """Nothing more goes to standard output, not even what waits in its buffer."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sibmodels", description="Model your own SIB.", epilog=EPILOG)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    new = commands.add_parser("new", help="write a case file to fill in", epilog=EPILOG)
    new.add_argument(
        "name", metavar="NAME", type=_name, help="name of the file; its ending, .toml or with --xlsx .xlsx, is added"
    )
    new.add_argument("--xlsx", action="store_true", help="as a workbook")
    source = new.add_mutually_exclusive_group()
    source.add_argument(
        "--like", metavar="CASE", help="start from a case of the book, or a published contract: kobe, newpin ..."
    )
    source.add_argument(
        "--indigo",
        metavar="ID",
        help="start from a project of INDIGO: its ID, or a word of its name to see which there are",
    )
    new.set_defaults(run=_new)
    check = commands.add_parser("check", help="list every problem of a case file", epilog=EPILOG)
    check.add_argument("file", metavar="FILE", type=Path, help="case file, .toml or .xlsx")
    check.set_defaults(run=_check)
    report = commands.add_parser("report", help="write a report and a notebook", epilog=EPILOG)
    report.add_argument("file", metavar="FILE", type=Path, help="case file, .toml or .xlsx")
    report.add_argument("--out", metavar="FOLDER", type=Path, help="where to write; the file's own folder if left out")
    report.add_argument("--xlsx", action="store_true", help="also a workbook with live formulas")
    report.add_argument("--pdf", action="store_true", help="also a PDF, printed by Chromium")
    report.set_defaults(run=_report)
    for command in (new, report):
        command.add_argument("--force", action="store_true", help="replace files that are there already")
    return parser


def _command(name: str, path: Path) -> str:
    """A command to type, whatever signs its file's name has."""
    return f"python -m sibmodels {name} " + (f'"{path}"' if re.search(r"[^\w./\\:-]", str(path)) else str(path))


def _name(text: str) -> str:
    """The name of a file to write, which is more than an ending."""
    stem = Path(text).name.removesuffix(".toml").removesuffix(".xlsx")
    if not stem.strip(" .") or text.endswith(("/", os.sep)):
        raise argparse.ArgumentTypeError(f"{text!r} names no file; write a name, such as my-sib")
    return text


def _new(given: argparse.Namespace) -> list[str]:
    from sibmodels import casefile

    stem, dot, ending = given.name.rpartition(".")
    if not dot or ending.lower() not in ("toml", "xlsx"):
        stem, ending = given.name, "toml"
    ending = "xlsx" if given.xlsx else ending.lower()
    name = f"{stem}.{ending}"
    known, notes = None, []
    if given.like is not None:
        known = casefile.raw(casefile.example(given.like))
        notes = ["From the book's tables; what has a range is the book's assumption."]
        if given.like in casefile.contracts():
            notes = [line[2:] for line in casefile.published(given.like).splitlines() if line.startswith("# ")]
    elif given.indigo is not None:
        known, missing = casefile.from_indigo(given.indigo)
        notes = [f"From {given.indigo} in the book's extract of INDIGO (December 2025). Not in it:", *missing]

    def workbook(path: Path) -> None:
        from sibmodels.casefile import workbook

        workbook.write_template(path, known, notes)

    def text(path: Path) -> None:
        published = given.like in casefile.contracts()  # whole, with its sources beside the terms
        filled = casefile.published(given.like) if published else casefile.template(known, notes)
        path.write_text(filled, encoding="utf-8", newline="\n")

    (path,) = write_all({Path(name): workbook if ending == "xlsx" else text}, given.force)
    return [f"Wrote {path}. Fill it in, then: {_command('check', path)}"]


def _check(given: argparse.Namespace) -> list[str]:
    from sibmodels import casefile

    case = casefile.read(given.file)
    gaps = [f"Not in the file: {gap}" for gap in case.gaps()]
    return [f"{given.file}: no problem found.", *gaps, f"Next: {_command('report', given.file)}"]


def _report(given: argparse.Namespace) -> list[str]:
    from sibmodels import casefile, reports

    case = casefile.read(given.file)
    stem = (given.out or given.file.parent) / f"{given.file.stem}-report"
    page = reports.html(case)

    def text(path: Path) -> None:
        path.write_text(page, encoding="utf-8", newline="\n")

    def chapter(path: Path) -> None:
        made = json.dumps(reports.notebook(case), ensure_ascii=False, indent=1)
        path.write_text(made + "\n", encoding="utf-8", newline="\n")

    def workbook(path: Path) -> None:
        from sibmodels.reports import workbook

        workbook.write(case, path)

    files: dict[Path, Callable[[Path], None]] = {Path(f"{stem}.html"): text, Path(f"{stem}.ipynb"): chapter}
    if given.xlsx:
        files[Path(f"{stem}.xlsx")] = workbook
    if given.pdf:
        files[Path(f"{stem}.pdf")] = lambda path: _print(page, path)
    written = [f"Wrote {path}" for path in write_all(files, given.force)]
    return [*written, f"Open {stem}.html in a browser."]


def _print(page: str, target: Path) -> None:
    """The report as a PDF, by the Chromium that CHROMIUM names or that is installed."""
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if not browser:
        raise UnableError(f"no Chromium was found for --pdf; {WITHOUT}.")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "report.html"
        source.write_text(page, encoding="utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"]
        command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        command += [f"--user-data-dir={folder}/profile", f"--print-to-pdf={target.resolve()}", source.as_uri()]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=120)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UnableError(f"{browser} printed no PDF ({error}); {WITHOUT}.") from error
    if run.returncode or not target.is_file():
        raise UnableError(f"{browser} printed no PDF; {WITHOUT}.")


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):  # none where it was closed
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that the terminal cannot show is no reason to stop
    sys.exit(main())
