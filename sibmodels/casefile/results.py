"""Results as a table of their own, CSV or a workbook, as they are kept where they come in."""

from __future__ import annotations

import csv
import dataclasses
import difflib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sibmodels import files
from sibmodels.casefile.actuals import amiss, planned
from sibmodels.casefile.lay import Written
from sibmodels.casefile.model import CaseFile
from sibmodels.casefile.problems import CaseFileError, Checker, Problem, problem, too_large
from sibmodels.casefile.sections import MOST, Actual, Key
from sibmodels.messages import listed

__all__ = ["COLUMNS", "blank", "with_results"]

COLUMNS = {
    "outcome": "of",
    "month": "on",
    "result": "result",
    "group": "group",
    "people": "people",
    "comparison": "comparison",
    "paid": "paid",
}
"""What the columns of a table of results are called, and the keys of ``[[actual]]`` that they hold."""
NEEDED = ("outcome", "month", "result")
LARGEST = 1_000_000  # bytes
ROWS = 2_000


def with_results(case: CaseFile, path: str | Path) -> CaseFile:
    """The case with the results of a table besides its own; `CaseFileError` with every problem, its row and column."""
    path = Path(path)
    if path.stat().st_size > LARGEST:
        raise CaseFileError([too_large(path, LARGEST)])
    raw = path.read_bytes()
    problems: list[Problem] = []
    rows = _workbook(path) if raw.startswith(b"PK") else _text(raw, path.name, problems)
    found = _table(rows, path.name, problems)

    def place(at: Key) -> str:
        row = int(at[1]) if at[0] == "actual" and len(at) > 1 else 0
        return f"{path.name}, row {found[row - 1][0]}" if row > 0 else path.name

    check = Checker(place, problems, frozenset(), cells=True)
    made: list[dict[str, Any]] = []
    for start in range(0, len(found), MOST):  # a list in a case file has an end, a table of results may be long
        for number, (_, item) in enumerate(found[start : start + MOST], start=start + 1):
            made.append(check.table(item, ("actual", number), Actual))
    if not problems:
        before = len(case.actual)
        both = dataclasses.replace(case, actual=(*case.actual, *(Actual(**item) for item in made)))
        for at, message, fields in amiss(both):
            here = (at[0], int(at[1]) - before, *at[2:]) if at[0] == "actual" else at
            if fields.get("first", 0) > before:
                message, fields["first"] = f"{message}_in_cells", found[fields["first"] - before - 1][0]
            problems.append(problem(place(here), ".".join(map(str, at)), message, **fields))
        if not problems:
            return both
    columns = {key: column for column, key in COLUMNS.items()}
    raise CaseFileError(dataclasses.replace(one, key=columns.get(_last(one.key), _last(one.key))) for one in problems)


def _last(key: str) -> str:
    return key.rpartition(".")[2]


def blank(case: CaseFile) -> str:
    """A table of results to fill in, as CSV: a row for each result and month that the plan knows.

    >>> from sibmodels.casefile import example
    >>> print(blank(example("kobe")).splitlines()[1])
    completion,2018-10,,,,,
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in sorted(planned(case), key=lambda one: one.on):
        given = {"of": row.of, "on": row.on, "group": row.group}
        writer.writerow([given.get(key, "") for key in COLUMNS.values()])
    return text.getvalue()


def _text(raw: bytes, name: str, problems: list[Problem]) -> list[list[Any]]:
    """The rows of a CSV, whatever separates its columns."""
    text, error = files.decoded(raw)
    if error is not None:
        line = raw[: error.start].count(b"\n") + 1
        byte = f"byte 0x{raw[error.start]:02X}" if error.start < len(raw) else "its end"
        problems.append(
            problem(f"{name}, row {line}", "encoding", "encoding", byte=byte, encoding=error.encoding.upper())
        )
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    first = lines.partition("\n")[0]
    separator = max((",", ";", "\t"), key=first.count)
    return [list(map(_number, row)) for row in csv.reader(io.StringIO(lines), delimiter=separator)]


def _workbook(path: Path) -> list[list[Any]]:
    """The rows of a workbook's first sheet."""
    from sibmodels.casefile.sheets import excel

    try:
        book = excel().load_workbook(path, data_only=True, read_only=True)
        sheet = book.worksheets[0]
        rows = [list(row) for row in sheet.iter_rows(values_only=True, max_row=ROWS + 2, max_col=50)]
        book.close()
    except ModuleNotFoundError:
        raise
    except Exception as error:  # whatever a damaged file makes the reader say
        raise CaseFileError([problem(path.name, "file", "book_damaged", said=type(error).__name__)]) from error
    return rows


def _table(rows: Iterable[list[Any]], name: str, problems: list[Problem]) -> list[tuple[int, dict[str, Any]]]:
    """Each row that holds something below the names of the columns: its number, and what it has by key."""
    numbered = [(n, row) for n, row in enumerate(rows, start=1) if any(_full(cell) for cell in row)]
    if not numbered:
        problems.append(problem(name, "file", "results_empty", known=listed(COLUMNS)))
        return []
    first, head = numbered[0]
    heads = [str(cell if cell is not None else "").strip().casefold() for cell in head]
    back = {key: column for column, key in COLUMNS.items()}
    heads = [back.get(one, one) for one in heads]
    for one in heads:
        if one and one not in COLUMNS and one not in ("note", "notes"):
            near = difflib.get_close_matches(one, COLUMNS, n=1)
            message = "results_column_near" if near else "results_column"
            fields = {"near": near[0]} if near else {"known": listed([*COLUMNS, "note"])}
            problems.append(problem(f"{name}, row {first}", one, message, **fields))
    if missing := [one for one in NEEDED if one not in heads]:
        problems.append(problem(f"{name}, row {first}", missing[0], "results_no_column", known=listed(COLUMNS)))
        return []
    if len(numbered) > ROWS:
        problems.append(problem(name, "file", "book_rows", count=len(numbered), most=ROWS))
        return []
    found = []
    for number, row in numbered[1:]:
        cells = {COLUMNS[one]: cell for one, cell in zip(heads, row, strict=False) if one in COLUMNS and _full(cell)}
        if cells:
            found.append((number, cells))
    return found


def _full(cell: object) -> bool:
    return cell is not None and str(cell).strip() != ""


def _number(cell: str) -> Any:
    """A number that is written as one; other text stays."""
    text = cell.strip()
    try:
        float(text)
    except ValueError:
        return text
    whole = text.lstrip("-").isdigit()
    return text if not text.isascii() or "_" in text else int(text) if whole else Written(text)
