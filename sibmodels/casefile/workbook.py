"""The sheet ``Inputs`` of a workbook: a case file, one row a key, to fill in and to read back. Needs openpyxl."""

from __future__ import annotations

import dataclasses
import datetime
import re
import tomllib
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sibmodels.casefile.model import CaseFile, by_date
from sibmodels.casefile.problems import CaseFileError, Problem, build, problem, too_large
from sibmodels.casefile.sections import LISTS, MORE, MOST, SECTIONS, STRUCTURED, Key, Raw, meaning
from sibmodels.casefile.writing import literal
from sibmodels.messages import head as titled
from sibmodels.messages import say

if TYPE_CHECKING:  # loaded where it is used: not everybody has it
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.worksheet import Worksheet

AnyCell = Any  # openpyxl's types tell cells from merged ones, which nothing here needs

__all__ = ["read", "write_template"]

LARGEST = 5_000_000  # bytes of a workbook; unpacked, ten times that
ROWS = 20_000
SHEET = "Inputs"
_WORKSHEET = re.compile(r"xl/worksheets/[^/]*\.xml$")
HEADER = ("Section", "Key", "Value", "Low", "High", "Note", "Meaning")


def excel() -> ModuleType:
    """openpyxl, or what to install."""
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise ModuleNotFoundError(say("command.no_openpyxl")) from None
    return openpyxl


def read(path: str | Path) -> CaseFile:
    """The case on the sheet ``Inputs`` of a workbook; `CaseFileError` with every problem and its cell."""
    path = Path(path)
    if path.stat().st_size > LARGEST:
        raise CaseFileError([too_large(path, LARGEST)])
    problems: list[Problem] = []
    formulas, values = _sheets(path)
    raw: dict[str, Any] = {}
    places: dict[Key, str] = {}
    base: Key
    numbers: dict[tuple[str, int], int] = {}  # items are counted as they come, whatever number they bear
    for row in range(_first(formulas, path.name), formulas.max_row + 1):
        cells = [_content(formulas.cell(row, n), values.cell(row, n), path.name, problems) for n in range(1, 7)]
        section, key = (str(cell).strip() if cell is not None else "" for cell in cells[:2])
        here = f"{path.name}, {SHEET}!A{row}"
        if not section and not key and any(cell is not None for cell in cells[2:6]):
            problems.append(problem(here, f"row {row}", "value_without_key"))
        if not section or not key:
            continue
        head, _, number = section.partition(" ")
        if head in LISTS:
            item = numbers.setdefault(
                (head, int(number) if number.isdigit() else 1), 1 + sum(name == head for name, _ in numbers)
            )
            items = raw.setdefault(head, [])
            if len(items) < item:
                items.append({})
            table, base = items[item - 1], (head, item)
        else:
            table, base = raw.setdefault(head, {}), (head,)
        places.setdefault((head,), here)
        places.setdefault(base, here)
        name, part = _put(table, key, _structured(SECTIONS.get(head), key, cells[2:6], here, problems))
        if not name:
            continue
        column = dict(zip("CDEF", ("value", "low", "high", "note"), strict=True))
        cell = f"{path.name}, {SHEET}!C{row}"
        if (*base, name) in places and name == key:
            problems.append(problem(cell, ".".join(map(str, (*base, key))), "row_twice"))
        places.setdefault((*base, name), cell)
        if part is not None:
            places.setdefault((*base, name, part), cell)
        else:
            places |= {(*base, name, end): f"{path.name}, {SHEET}!{letter}{row}" for letter, end in column.items()}
    for head in (name for name in LISTS if name != "outcome"):  # blocks that nobody filled in
        filled = [any(value != "" for value in item.values()) for item in raw.get(head, [])]
        if not all(filled):
            kept = [n for n, full in enumerate(filled, start=1) if full]
            raw[head] = [raw[head][n - 1] for n in kept]
            moved: dict[str | int, int] = {old: new for new, old in enumerate(kept, start=1)}
            places = {
                ((head, moved[at[1]], *at[2:]) if at[0] == head and len(at) > 1 else at): cell
                for at, cell in places.items()
                if not (at[0] == head and len(at) > 1 and at[1] not in moved)
            }

    def place(at: Key) -> str:
        while at and at not in places:
            at = at[:-1]
        return places.get(at, f"{path.name}, {SHEET}")

    # what a broken cell held is not also missing
    cells_broken = {problem.place for problem in problems}
    broken = {at for at, cell in places.items() if cell in cells_broken}
    return build(raw, place, problems, broken, cells=True)


def _sheets(path: Path) -> tuple[Worksheet, Worksheet]:
    """The sheet of inputs twice: with its formulas, and with what they last gave."""
    openpyxl = excel()

    def no(message: str, key: str = "file", **fields: object) -> CaseFileError:
        return CaseFileError([problem(path.name, key, message, **fields)])

    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
            if unpacked > 10 * LARGEST:
                raise no("book_unpacks", size=unpacked / 1e6, most=LARGEST / 1e5)
            if found := _other(packed):
                raise no(found)
            rows = max(
                [packed.read(name).count(b"<row") for name in packed.namelist() if _WORKSHEET.search(name)] or [0]
            )
            if rows > ROWS:  # before they are made cells, which takes long
                raise no("book_rows", SHEET, count=rows, most=ROWS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl does not know: charts, lists, extensions
            books = [openpyxl.load_workbook(path, data_only=given) for given in (False, True)]
    except (CaseFileError, OSError):
        raise
    except Exception as error:  # whatever a damaged file makes the reader say
        raise no("book_damaged", said=type(error).__name__) from error
    if SHEET not in books[0].sheetnames:
        raise no("no_sheet", "sheet", sheets=", ".join(books[0].sheetnames), sheet=SHEET)
    if books[0][SHEET].max_row > ROWS:
        raise no("book_rows", SHEET, count=books[0][SHEET].max_row, most=ROWS)
    return books[0][SHEET], books[1][SHEET]


def _other(packed: zipfile.ZipFile) -> str:
    """What a zip archive is, where it is no workbook that can be read: the key of the message."""
    names = packed.namelist()
    if "xl/workbook.bin" in names:
        return "book_binary"
    if "mimetype" in names and b"opendocument" in packed.read("mimetype"):
        return "book_opendocument"
    if any(name.startswith("word/") for name in names):
        return "book_word"
    if "xl/workbook.xml" not in names:
        return "book_zip"
    return "book_strict" if b"purl.oclc.org/ooxml" in packed.read("xl/workbook.xml") else ""


def _first(sheet: Worksheet, name: str) -> int:
    """The row below the heading."""
    for row in range(1, min(sheet.max_row, 100) + 1):
        if (sheet.cell(row, 1).value, sheet.cell(row, 2).value) == HEADER[:2]:
            return row + 1
    raise CaseFileError([problem(f"{name}, {SHEET}", "heading", "no_heading", header=", ".join(HEADER))])


def _content(cell: AnyCell, value: AnyCell, name: str, problems: list[Problem]) -> Any:
    """What a cell holds; a formula that is broken or was never calculated is a problem."""
    place = f"{name}, {SHEET}!{cell.coordinate}"
    found = value.value
    if value.data_type == "e":
        problems.append(problem(place, str(cell.value), "formula_error", error=found))
        return None
    if cell.data_type == "f" and found is None:
        problems.append(problem(place, str(cell.value), "formula_open"))
        return None
    if isinstance(found, datetime.datetime):
        return found.date()
    return found.strip() if isinstance(found, str) else found


def _structured(kind: type | None, key: str, cells: list[Any], here: str, problems: list[Problem]) -> list[Any]:
    """The cells of a row, its value read as TOML where it is a list or has names: { "2027-04" = 0.05 }."""
    fields = {one.name: one.metadata["kind"] for one in dataclasses.fields(kind)} if kind else {}
    value = cells[0]
    if fields.get(re.sub(r" \d+$", "", key)) not in STRUCTURED or not str(value).lstrip().startswith(("[", "{")):
        return cells
    try:
        return [tomllib.loads(f"value = {value}")["value"], *cells[1:]]
    except tomllib.TOMLDecodeError as error:
        problems.append(problem(here.replace("!A", "!C"), key, "unread_cell", error=error))
        return [None, *cells[1:]]


def _put(table: dict[str, Any], key: str, cells: list[Any]) -> tuple[str | None, str | int | None]:
    """Put a row into its section; the key as the schema has it, and what part of it, or nothing for a blank row."""
    value, low, high, note = cells
    listed = re.fullmatch(r"(measured|fixed_paid)(?: (\d+))?", key)
    pair = re.fullmatch(r"points (\d+): (performance|payment)", key)
    dated = re.fullmatch(r"payers (\d{4}-\d\d): ?(.*)", key, flags=re.S)
    line = re.fullmatch(r"card (\d+)", key)
    foreign = re.fullmatch(r"(\w+) \(([A-Z]{3})\)", key)
    named = re.fullmatch(r"(payers|values): ?(.*)", key, flags=re.S)
    if value is None and low is None and high is None:
        if listed or pair or named or dated or line or foreign:
            return None, None
        table.setdefault(key, "")
        return key, None
    if dated:
        table.setdefault("payers", {}).setdefault(dated[1], {})[dated[2]] = value
        return "payers", None
    if line:
        table.setdefault("card", []).append(value)
        return "card", int(line[1])
    if foreign:
        given = {"value": value, "low": low, "high": high, "note": note, "in": foreign[2]}
        table[foreign[1]] = {part: content for part, content in given.items() if content is not None}
        return foreign[1], None
    if listed:
        table.setdefault(listed[1], []).append(value)
        return listed[1], len(table[listed[1]])
    if pair:
        points = table.setdefault("points", [])
        while len(points) < min(int(pair[1]), MOST + 1):
            points.append([None, None])
        if 0 < int(pair[1]) <= MOST + 1:
            points[int(pair[1]) - 1][pair[2] == "payment"] = value
        return "points", int(pair[1])
    if named:
        table.setdefault(named[1], {})[named[2]] = value
        return named[1], named[2]
    given = {"value": value, "low": low, "high": high, "note": note}
    ranged = {part: content for part, content in given.items() if content is not None}
    table[key] = value if set(ranged) == {"value"} else ranged
    if set(ranged) == {"value", "note"} and not isinstance(value, int | float):
        table[key] = value  # a remark beside a text
    return key, None


def write_template(path: str | Path, given: Raw | None = None, notes: Iterable[str] = ()) -> None:
    """An empty case file as a workbook, with what is known already."""
    book = excel().Workbook()
    tables = {key: {} for key in SECTIONS} | dict(given or {})
    tables |= {name: tables[name] or ([] if name in MORE else [{}]) for name in LISTS}
    notes = [say("template.cells"), *notes, say("template.copy"), say("template.further")]
    inputs_sheet(book, tables, notes)
    book.save(path)


def put_text(cell: AnyCell, text: object) -> None:
    """Text that stays text, whatever sign it begins with."""
    cell.value = str(text)
    cell.data_type = "s"


def styles() -> tuple[Font, Alignment, dict[str, PatternFill]]:
    """Bold, wrapped, and the fills of headings and inputs."""
    from openpyxl.styles import Alignment, Font, PatternFill

    fills = {name: PatternFill("solid", fgColor=colour) for name, colour in (("head", "E7E2D8"), ("input", "FFF6CC"))}
    return Font(bold=True), Alignment(wrap_text=True, vertical="top"), fills


def head_row(sheet: Worksheet, row: int, titles: Iterable[object]) -> None:
    """A row of titles."""
    bold, wrap, fills = styles()
    for column, title in enumerate(titles, start=1):
        cell = sheet.cell(row, column)
        put_text(cell, title)
        cell.font, cell.alignment, cell.fill = bold, wrap, fills["head"]


def set_widths(sheet: Worksheet, widths: Iterable[float]) -> None:
    """Widths of the columns from the first."""
    from openpyxl.utils import get_column_letter

    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def inputs_sheet(book: Workbook, tables: Raw, notes: Sequence[str]) -> dict[tuple[str, str], str]:
    """The sheet of inputs; returns how formulas call each value: by its cell's name, where it has one."""
    from openpyxl.workbook.defined_name import DefinedName

    _, _, fills = styles()
    sheet = book.worksheets[0]
    sheet.title = SHEET
    for row, note in enumerate(notes, start=1):
        put_text(sheet.cell(row, 1), note)
    first = len(notes) + 2
    head_row(sheet, first, [*HEADER[:2], *map(titled, HEADER[2:])])  # the first two are looked for when it is read
    sheet.freeze_panes = sheet.cell(first + 1, 3).coordinate
    set_widths(sheet, (14, 26, 30, 12, 12, 32, 70))
    called = {}
    for row, (section, key, value, about) in enumerate(_rows(tables), start=first + 1):
        put_text(sheet.cell(row, 1), section)
        put_text(sheet.cell(row, 2), key)
        put_text(sheet.cell(row, 7), about)
        parts = value if isinstance(value, dict) else {"value": value}
        for column, part in enumerate(("value", "low", "high", "note"), start=3):
            cell, content = sheet.cell(row, column), parts.get(part)
            cell.fill = fills["input"]
            if isinstance(content, str):
                if content:
                    put_text(cell, content)
            else:
                cell.value = content
        called[section, key] = f"{SHEET}!$C${row}"
        if ":" not in key:
            name = re.sub(r"\W", "_", f"{section}_{key}")
            book.defined_names[name] = DefinedName(name, attr_text=called[section, key])
            called[section, key] = name
    return called


def _rows(tables: Raw) -> Iterator[tuple[str, str, Any, str]]:
    """Every row of the inputs: section, key, value, meaning."""
    for section, kind in SECTIONS.items():
        items = tables.get(section, {})
        listed = section in LISTS
        for number, item in enumerate(items if listed else [items], start=1):
            head = f"{section} {number}" if listed else section
            for one in dataclasses.fields(kind):
                value, about = item.get(one.name), one.metadata
                if value is None and (about.get("more") or any(item.get(key) for key in about.get("unless", ()))):
                    continue
                said = meaning(section, one.name) + (f" ({', '.join(about['allowed'])})" if "allowed" in about else "")
                said += say("template.needed") if about["needed"] else ""
                if about["kind"] == "months":
                    months = value or [None]
                    for n, month in enumerate(months, start=1):
                        yield head, one.name + (f" {n}" if n > 1 else ""), month, said
                elif about["kind"] == "points":
                    for n, pair in enumerate(value or [(None, None)], start=1):
                        for part, content in zip(("performance", "payment"), pair, strict=True):
                            yield head, f"points {n}: {part}", content, said
                elif about["kind"] == "payers" and by_date(value):
                    for month, payers in value.items():
                        for name, part in payers.items():
                            yield head, f"payers {month}: {name}", part, said
                elif about["kind"] == "card":
                    form = say("template.card", said=said)
                    for n, line in enumerate(value, start=1):
                        yield head, f"card {n}", literal(line), form
                elif about["kind"] in STRUCTURED and isinstance(value, list | dict):
                    yield head, one.name, literal(value), say("template.as", said=said, sample=literal(about["sample"]))
                elif isinstance(value, dict) and "in" in value:
                    yield head, f"{one.name} ({value['in']})", value, said
                elif about["kind"] in ("shares", "payers", "weights"):
                    default = about["default"] or {say("template.outcome_name"): None}
                    for name, part in (value or default).items():
                        yield head, f"{one.name}: {name}", part, said
                else:
                    yield head, one.name, value, said
