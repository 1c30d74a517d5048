"""The command, `python -m sibmodels`: `new NAME`; `check`, `report`, `solve`, `compare`, `claim` of a file; `mark`."""

from __future__ import annotations

import argparse
import datetime
import errno
import io
import json
import math
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sibmodels.files import write_all
from sibmodels.messages import ENGLISH, file_in, language, languages, listed, month_said, say, use

if TYPE_CHECKING:
    import pandas as pd

DONE, WRONG, USAGE, UNABLE, STOPPED = 0, 1, 2, 3, 130

REMEDIES = {  # what would help, by its message
    FileExistsError: "exists",
    FileNotFoundError: "not_found",
    IsADirectoryError: "folder",
    NotADirectoryError: "no_folder",
    PermissionError: "not_allowed",
    OSError: "system",
}
BY_NUMBER = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EFBIG: "full",
    errno.EROFS: "read_only",
    errno.EIO: "disk",
}


USAGE_SAID = {  # what argparse says, by its own words; what it has besides stays as it is
    "usage: ": "usage",
    "positional arguments": "positional",
    "options": "options",
    "show this help message and exit": "help",
    "%(prog)s: error: %(message)s\n": "error",
    "argument %(argument_name)s: %(message)s": "argument",
    "the following arguments are required: %s": "required",
    "unrecognized arguments: %s": "unrecognized",
    "expected one argument": "one",
    "not allowed with argument %s": "not_with",
    "ambiguous option: %(option)s could match %(matches)s": "ambiguous",
    "ignored explicit argument %r": "ignored",
    "invalid choice: %(value)r (choose from %(choices)s)": "choice",
}


class UnableError(Exception):
    """Something outside the case file is in the way; the message says what would help."""


class NoAnswerError(Exception):
    """A question about a case file that it has no answer to; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    with use(_asked(arguments)), _argparse_speaks():
        given = _parser().parse_args(arguments)
    with use(given.lang):
        undone = say("command.undone") if _writes(given) else ""
        try:
            return _run(given, undone)
        except KeyboardInterrupt:
            print(f"{undone}{say('command.interrupted')}".capitalize(), file=sys.stderr)
            return STOPPED


def _asked(arguments: Sequence[str]) -> str:
    """The language that is asked for, before anything is said; none where it is not there, which is said later."""
    pairs = zip(arguments, [*arguments[1:], ""], strict=False)
    given = [one.partition("=")[2] or after for one, after in pairs if one.partition("=")[0] == "--lang"]
    return given[-1] if given and given[-1] in languages() else ""


@contextmanager
def _argparse_speaks() -> Iterator[None]:
    """argparse says what the catalogue has, in the language that is spoken."""

    def said(text: str) -> str:
        if text not in USAGE_SAID:
            return before(text)
        fields = {found[1] or "what": found[0] for found in re.finditer(r"%(?:\((\w+)\))?[sr]", text)}
        return say(f"usage.{USAGE_SAID[text]}", **fields)

    before: Callable[[str], str] = vars(argparse)["_"]  # gettext, for which it has no catalogue
    setattr(argparse, "_", said)  # noqa: B010 -- no name that types know
    try:
        yield
    finally:
        setattr(argparse, "_", before)  # noqa: B010


def _writes(given: argparse.Namespace) -> bool:
    """Whether files are to be written."""
    return given.run in (_new, _report, _mark) or bool(given.run is _solve and given.out)


def _run(given: argparse.Namespace, undone: str) -> int:
    """Do what is asked; whatever is in the way is said in one sentence."""
    from sibmodels.casefile import CaseFileError  # after the arguments, so that --help is quick

    try:
        said = given.run(given)
    except CaseFileError as error:
        with file_in(error.language):
            _print_problems(error.problems, given)
        return WRONG
    except NoAnswerError as error:
        print(f"{undone}{say('language.sentence', said=error)}", file=sys.stderr)
        return WRONG
    except (UnableError, ModuleNotFoundError) as error:
        print(f"{undone}{error}", file=sys.stderr)
    except KeyError as error:
        print(f"{undone}{error.args[0]}", file=sys.stderr)
    except OSError as error:
        print(f"{undone}{say('language.sentence', said=_named(error))}", file=sys.stderr)
    except MemoryError:
        print(f"{undone}{say('command.memory')}", file=sys.stderr)
    else:
        return _print_lines(said, given)
    return UNABLE


def _print_problems(problems: Sequence[object], given: argparse.Namespace) -> None:
    count = len(problems)
    print("\n".join(map(str, problems)), file=sys.stderr)
    said = say("command.many_problems" if count > 1 else "command.one_problem", count=count)
    print(f"{say('command.undone') if _writes(given) else ''}{said}", file=sys.stderr)
    print(say("command.mend", command=_command("check", given.file, given.actuals)), file=sys.stderr)


def _named(error: OSError) -> str:
    """What the system says, and what would help."""
    what = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    remedy = BY_NUMBER.get(error.errno or 0) or next(key for kind, key in REMEDIES.items() if isinstance(error, kind))
    return f"{what}; " + say(f"command.remedy_{remedy}")


def _print_lines(lines: Sequence[str], given: argparse.Namespace) -> int:
    """Say what was done; that it was done stays so where nobody reads it."""
    try:
        print("\n".join(lines), flush=True)
    except BrokenPipeError:  # who reads has read enough, as in: check FILE | head -1
        _silence()
    except OSError as error:
        _silence()
        done = say("command.were_written") if _writes(given) else ""
        print(done + say("command.unsaid", error=error.strerror), file=sys.stderr)
        return UNABLE
    return DONE


def _silence() -> None:
    """Nothing more goes to standard output, not even what waits in its buffer."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    epilog = say("command.codes")
    parser = argparse.ArgumentParser(prog="python -m sibmodels", description=say("command.description"), epilog=epilog)
    parser.set_defaults(actuals=None)
    parser.add_argument("--lang", metavar="LANGUAGE", type=_lang, default="", help=_lang_help())
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    new = commands.add_parser("new", help=say("command.new"), epilog=epilog)
    new.add_argument("name", metavar="NAME", type=_name, help=say("command.name"))
    new.add_argument("--xlsx", action="store_true", help=say("command.as_workbook"))
    source = new.add_mutually_exclusive_group()
    source.add_argument("--like", metavar="CASE", help=say("command.like"))
    source.add_argument("--indigo", metavar="ID", help=say("command.indigo"))
    new.add_argument("--download", metavar="FOLDER", type=Path, help=say("command.download"))
    new.set_defaults(run=_new)
    check = commands.add_parser("check", help=say("command.check"), epilog=epilog)
    check.add_argument("file", metavar="FILE", type=Path, help=say("command.file"))
    check.set_defaults(run=_check)
    report = commands.add_parser("report", help=say("command.report"), epilog=epilog)
    report.add_argument("file", metavar="FILE", type=Path, help=say("command.file"))
    report.add_argument("--out", metavar="FOLDER", type=Path, help=say("command.out"))
    report.add_argument("--xlsx", action="store_true", help=say("command.also_workbook"))
    report.add_argument("--pdf", action="store_true", help=say("command.pdf"))
    report.set_defaults(run=_report)
    solve = commands.add_parser("solve", help=say("command.solve"), description=say("command.solve"), epilog=epilog)
    solve.add_argument("file", metavar="FILE", type=Path, help=say("command.file"))
    solve.add_argument("--for", metavar="TERM", dest="what", help=say("command.term"))
    wanted = solve.add_mutually_exclusive_group()
    wanted.add_argument("--return", metavar="RATE", dest="wanted", type=_share, help=say("command.wanted"))
    wanted.add_argument("--chance", metavar="SHARE", type=_share, help=say("command.chance"))
    solve.add_argument("--average", action="store_true", help=say("command.average"))
    solve.add_argument("--fixed-cost", metavar="NAME", action="append", default=[], help=say("command.fixed_cost"))
    solve.add_argument("--out", metavar="NAME", type=_name, help=say("command.solved_file"))
    solve.set_defaults(run=_solve)
    compare = commands.add_parser(
        "compare", help=say("command.compare"), description=say("command.compare"), epilog=epilog
    )
    compare.add_argument("first", metavar="A", type=Path, help=say("command.file"))
    compare.add_argument("second", metavar="B", type=Path, help=say("command.file"))
    compare.set_defaults(run=_compare)
    claim = commands.add_parser("claim", help=say("command.claim"), epilog=epilog)
    claim.add_argument("file", metavar="FILE", type=Path, help=say("command.file"))
    claim.add_argument("--blank", action="store_true", help=say("command.blank"))
    claim.set_defaults(run=_claim)
    mark = commands.add_parser("mark", help=say("command.mark"), description=say("command.mark"), epilog=epilog)
    mark.add_argument("folder", metavar="FOLDER", type=Path, help=say("command.mark_folder"))
    mark.add_argument("--answers", metavar="FILE", type=Path, required=True, help=say("command.answers"))
    mark.add_argument("--out", metavar="FILE", type=Path, default=Path("marks.csv"), help=say("command.marks"))
    mark.set_defaults(run=_mark)
    for command in (new, check, report, solve, compare, claim, mark):  # also after the command
        command.add_argument("--lang", metavar="LANGUAGE", type=_lang, default=argparse.SUPPRESS, help=_lang_help())
    for command in (check, report, claim):
        command.add_argument("--actuals", metavar="TABLE", type=Path, help=say("command.actuals"))
    for command in (report, claim):
        command.add_argument("--on", metavar="MONTH", type=_month, help=say("command.on"))
    for command in (new, report, solve, mark):
        command.add_argument("--force", action="store_true", help=say("command.force"))
    return parser


def _command(name: str, path: Path, actuals: Path | None = None) -> str:
    """A command to type, whatever signs its file's name has."""

    def typed(path: Path) -> str:
        return f'"{path}"' if re.search(r"[^\w./\\:-]", str(path)) else str(path)

    return f"python -m sibmodels {name} {typed(path)}" + (f" --actuals {typed(actuals)}" if actuals else "")


def _name(text: str) -> str:
    """The name of a file to write, which is more than an ending."""
    stem = Path(text).name.removesuffix(".toml").removesuffix(".xlsx")
    if not stem.strip(" .") or text.endswith(("/", os.sep)):
        raise argparse.ArgumentTypeError(say("command.no_name", text=text))
    return text


def _share(text: str) -> float:
    """A share or a rate: 0.05, 5% or 5 %; a bare 5 may be either, and is none."""
    number = text.strip().removesuffix("%")
    try:
        value = float(number) / (100 if number != text.strip() else 1)
    except ValueError:
        value = math.nan
    if not -1 < value < (math.inf if number != text.strip() else 1):
        raise argparse.ArgumentTypeError(say("command.no_share", text=text))
    return value


def _lang(text: str) -> str:
    """A language that there is."""
    try:
        with use(text):
            return text
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _lang_help() -> str:
    return say("command.lang", known=listed(languages()))


def _month(text: str) -> str:
    """A month, as 2027-06."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text):
        raise argparse.ArgumentTypeError(say("command.no_month", text=text))
    return text


def _read(given: argparse.Namespace) -> Any:
    """The case, with the results of a table of their own."""
    from sibmodels import casefile

    case = casefile.read(given.file)
    return case if given.actuals is None else casefile.with_results(case, given.actuals)


def _new(given: argparse.Namespace) -> list[str]:
    from sibmodels import casefile

    if given.download is not None and given.indigo is None:
        raise UnableError(say("command.download_of_what"))
    stem, dot, ending = given.name.rpartition(".")
    if not dot or ending.lower() not in ("toml", "xlsx"):
        stem, ending = given.name, "toml"
    ending = "xlsx" if given.xlsx else ending.lower()
    name = f"{stem}.{ending}"
    known, notes = None, []
    if given.like is not None:
        known = casefile.raw(casefile.example(given.like))
        notes = [say("command.from_tables")]
        if given.like in casefile.contracts():
            notes = [line[2:] for line in casefile.published(given.like).splitlines() if line.startswith("# ")]
    elif given.indigo is not None:
        known, missing = _from_indigo(given.indigo, given.download)
        source = "from_indigo" if given.download is None else "from_download"
        notes = [say(f"command.{source}", project=given.indigo, download=given.download), *missing]

    def workbook(path: Path) -> None:
        from sibmodels.casefile import workbook

        workbook.write_template(path, known, notes)

    def text(path: Path) -> None:
        published = given.like in casefile.contracts()  # whole, with its sources beside the terms
        filled = _in_language(casefile.published(given.like)) if published else casefile.template(known, notes)
        _write(path, filled)

    (path,) = write_all({Path(name): workbook if ending == "xlsx" else text}, given.force)
    return [say("command.wrote_case", path=path, command=_command("check", path))]


def _in_language(text: str) -> str:
    """A case file that names the language asked for; its comments stay as they are."""
    own = "" if language() == ENGLISH else f'language = "{language()}"\n'
    return text.replace("\n[case]\n", f"\n[case]\n{own}", 1)


def _from_indigo(identifier: str, download: Path | None) -> tuple[dict[str, Any], list[str]]:
    """A project as INDIGO has it; a download that cannot be read says why."""
    from sibmodels import casefile

    try:
        return casefile.from_indigo(identifier, download)
    except (FileNotFoundError, ValueError) as error:
        raise UnableError(say("language.sentence", said=error)) from error


def _check(given: argparse.Namespace) -> list[str]:
    case = _read(given)
    with file_in(case.language):
        return _checked(case, given)


def _checked(case: Any, given: argparse.Namespace) -> list[str]:
    notes = [say("command.note", note=note) for note in case.notes()]
    gaps = [say("command.gap", gap=gap) for gap in case.gaps()]
    following = say("command.next", command=_command("report", given.file, given.actuals))
    return [say("command.right", file=given.file), *notes, *gaps, following]


def _report(given: argparse.Namespace) -> list[str]:
    case = _read(given)
    with file_in(case.language):
        return _reported(case, given)


def _reported(case: Any, given: argparse.Namespace) -> list[str]:
    from sibmodels import reports

    stem = (given.out or given.file.parent) / f"{given.file.stem}-report"
    page = reports.html(case, on=given.on)

    def text(path: Path) -> None:
        _write(path, page)

    def chapter(path: Path) -> None:
        _write(path, json.dumps(reports.notebook(case), ensure_ascii=False, indent=1) + "\n")

    def workbook(path: Path) -> None:
        from sibmodels.reports import workbook

        workbook.write(case, path)

    files: dict[Path, Callable[[Path], None]] = {Path(f"{stem}.html"): text, Path(f"{stem}.ipynb"): chapter}
    if given.xlsx:
        files[Path(f"{stem}.xlsx")] = workbook
    if given.pdf:
        files[Path(f"{stem}.pdf")] = lambda path: _print(page, path)
    written = [say("command.wrote", path=path) for path in write_all(files, given.force)]
    return [*written, say("command.open", path=f"{stem}.html")]


def _solve(given: argparse.Namespace) -> list[str]:
    from sibmodels import casefile

    case = casefile.read(given.file)
    with file_in(case.language):
        return _solved(case, given)


def _solved(case: Any, given: argparse.Namespace) -> list[str]:
    from sibmodels import casefile, reports
    from sibmodels.reports import solving

    try:
        if given.what is None:
            known = reports.levers(case, given.fixed_cost).values()
            now = [solving.now_words(case, one) for one in known]
            terms = [say("command.can_move", term=one.name, now=said) for one, said in zip(known, now, strict=True)]
            return [say("command.choose_term"), *terms]
        goal = {"chance": given.chance, "average": given.average, "fixed": given.fixed_cost}
        found = reports.solve(case, given.what, given.wanted, **goal)
    except reports.UnsolvedError as error:
        raise NoAnswerError(error) from error
    said = solving.sentences(case, found)
    if given.out is None:
        return [*said, say("command.keep_solved")]
    name = given.out if given.out.endswith(".toml") else f"{given.out}.toml"
    text = casefile.dumps(found.case)
    (path,) = write_all({Path(name): lambda path: _write(path, text)}, given.force)
    return [*said, say("command.wrote", path=path), say("command.next", command=_command("report", path))]


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _compare(given: argparse.Namespace) -> list[str]:
    from sibmodels import casefile, reports
    from sibmodels.reports import comparing

    given.file = given.first  # which is to be mended, where it has a problem
    first = casefile.read(given.file)
    given.file = given.second
    second = casefile.read(given.file)
    with file_in(first.language):
        both = reports.compare_terms(first, second)
        return comparing.sentences(first, second, both, (str(given.first), str(given.second)))


def _claim(given: argparse.Namespace) -> list[str]:
    """What can be claimed by results, in sentences and tables of text."""
    case = _read(given)
    with file_in(case.language):
        return _claimed(case, given)


def _claimed(case: Any, given: argparse.Namespace) -> list[str]:
    from sibmodels import casefile
    from sibmodels.reports import claiming

    if not (case.paid and case.has_calendar):
        raise UnableError(say("command.no_claim", file=given.file))
    if given.blank:
        return [casefile.blank(case).rstrip("\n")]
    if not case.actual:
        blank = _command("claim", given.file) + " --blank"
        raise UnableError(say("command.no_results", file=given.file, command=blank))
    _, said, tables, _ = claiming.part(case, given.on)
    lines = [case.about.name, "", *said]
    ahead = [one.on for one in case.actual if one.on > f"{datetime.date.today():%Y-%m}"]
    lines += [say("command.ahead", count=len(ahead), month=month_said(max(ahead)))] if ahead else []
    for table, caption, forms in tables:
        lines += ["", caption, claiming.plain_text(table, forms)]
    return lines


def _mark(given: argparse.Namespace) -> list[str]:
    """A class's marks in three tables, and in a few sentences."""
    from sibmodels.teach import marking

    try:
        marks = marking.mark(given.folder, marking.read_key(given.answers))
    except ValueError as error:
        raise UnableError(str(error)) from error
    out = given.out if given.out.suffix.lower() == ".csv" else given.out.with_name(f"{given.out.name}.csv")
    tables = {out: marks.parts}
    tables[out.with_name(f"{out.stem}-by-student.csv")] = marks.students
    tables[out.with_name(f"{out.stem}-by-exercise.csv")] = marks.exercises

    def table(path: Path, rows: pd.DataFrame) -> None:
        rows.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")  # so that spreadsheets read names

    written = write_all({path: partial(table, rows=rows) for path, rows in tables.items()}, given.force)
    return [*marks.notes, *marking.sentences(marks), *(say("command.wrote", path=path) for path in written)]


def _print(page: str, target: Path) -> None:
    """The report as a PDF."""
    from sibmodels.reports import printing

    browser = printing.chromium()
    if not browser:
        raise UnableError(say("command.no_browser"))
    try:
        printing.printed(page, target, browser)
    except printing.PrintingError as error:
        if isinstance(error.__cause__, OSError):
            raise UnableError(say("command.no_pdf_because", browser=browser, error=error)) from error
        raise UnableError(say("command.no_pdf", browser=browser)) from error


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):  # none where it was closed
        sys.stdout.reconfigure(errors="backslashreplace")  # a name that the terminal cannot show is no reason to stop
    sys.exit(main())
