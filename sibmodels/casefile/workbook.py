"""The sheet ``Inputs`` of a workbook: a case file, one row a key, to fill in and to read back. Needs openpyxl."""

from __future__ import annotations

import dataclasses
import datetime
import re
import tomllib
import zipfile
from pathlib import Path

from sibmodels.casefile.model import CaseFile, by_date
from sibmodels.casefile.problems import CaseFileError, Problem, build, too_large
from sibmodels.casefile.sections import LISTS, MORE, MOST, SECTIONS, STRUCTURED
from sibmodels.casefile.writing import FURTHER, literal

__all__ = ["read", "write_template"]

LARGEST = 5_000_000  # bytes of a workbook; unpacked, ten times that
SHEET = "Inputs"
HEADER = ("Section", "Key", "Value", "Low", "High", "Note", "Meaning")


def excel():
    """openpyxl, or what to install."""
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "workbooks need openpyxl, which is not installed; install it with: pip install 'sibmodels[excel]'"
        ) from None
    return openpyxl


def read(path: str | Path) -> CaseFile:
    """The case on the sheet ``Inputs`` of a workbook; `CaseFileError` with every problem and its cell."""
    path = Path(path)
    if path.stat().st_size > LARGEST:
        raise CaseFileError([too_large(path, LARGEST)])
    problems: list[Problem] = []
    formulas, values = _sheets(path)
    raw: dict = {}
    places: dict[tuple, str] = {}
    numbers: dict[tuple[str, int], int] = {}  # items are counted as they come, whatever number they bear
    for row in range(_first(formulas, path.name), formulas.max_row + 1):
        cells = [_content(formulas.cell(row, n), values.cell(row, n), path.name, problems) for n in range(1, 7)]
        section, key = (str(cell).strip() if cell is not None else "" for cell in cells[:2])
        here = f"{path.name}, {SHEET}!A{row}"
        if not section and not key and any(cell is not None for cell in cells[2:6]):
            problems.append(Problem(here, f"row {row}", "has a value and no key", "name section and key, or clear it"))
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
        name = _put(table, key, _structured(SECTIONS.get(head), key, cells[2:6], here, problems))
        cell = f"{path.name}, {SHEET}!C{row}"
        if name in (None, ""):
            continue
        if (*base, name) in places and name == key:
            problems.append(Problem(cell, ".".join(map(str, (*base, key))), "is there twice", "clear one of the two"))
        places.setdefault((*base, name), cell)
    for head in (name for name in LISTS if name != "outcome"):  # blocks that nobody filled in
        filled = [any(value != "" for value in item.values()) for item in raw.get(head, [])]
        if not all(filled):
            kept = [n for n, full in enumerate(filled, start=1) if full]
            raw[head] = [raw[head][n - 1] for n in kept]
            moved = {old: new for new, old in enumerate(kept, start=1)}
            places = {
                ((head, moved[at[1]], *at[2:]) if at[0] == head and len(at) > 1 else at): cell
                for at, cell in places.items()
                if not (at[0] == head and len(at) > 1 and at[1] not in moved)
            }

    def place(at: tuple) -> str:
        while at and at not in places:
            at = at[:-1]
        return places.get(at, f"{path.name}, {SHEET}")

    # what a broken cell held is not also missing
    cells_broken = {problem.place for problem in problems}
    broken = {at for at, cell in places.items() if cell in cells_broken}
    return build(raw, place, problems, broken, cells=True)


def _sheets(path: Path):
    """The sheet of inputs twice: with its formulas, and with what they last gave."""
    openpyxl = excel()
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > 10 * LARGEST:
            what = f"unpacks to {unpacked / 1e6:.0f} MB"
            raise CaseFileError([Problem(path.name, "file", what, f"at most {LARGEST / 1e5:g} MB is read")])
        books = [openpyxl.load_workbook(path, data_only=given) for given in (False, True)]
    except CaseFileError:
        raise
    except OSError:
        raise
    except Exception as error:  # whatever a damaged file makes the reader say
        remedy = "open it in a spreadsheet program and save it as .xlsx"
        what = f"is no workbook ({type(error).__name__})"
        raise CaseFileError([Problem(path.name, "file", what, remedy)]) from error
    if SHEET not in books[0].sheetnames:
        what = f"has the sheets {', '.join(books[0].sheetnames)}"
        remedy = f"a sheet {SHEET!r} is needed: start from `python -m sibmodels new NAME --xlsx`"
        raise CaseFileError([Problem(path.name, "sheet", what, remedy)])
    if books[0][SHEET].max_row > 20_000:
        what = f"has {books[0][SHEET].max_row} rows"
        raise CaseFileError([Problem(path.name, SHEET, what, "at most 20000 are read: delete the empty ones")])
    return books[0][SHEET], books[1][SHEET]


def _first(sheet, name: str) -> int:
    """The row below the heading."""
    for row in range(1, min(sheet.max_row, 100) + 1):
        if (sheet.cell(row, 1).value, sheet.cell(row, 2).value) == HEADER[:2]:
            return row + 1
    remedy = f"a row with {', '.join(HEADER)} is needed above the inputs"
    raise CaseFileError([Problem(f"{name}, {SHEET}", "heading", "was not found", remedy)])


def _content(cell, value, name: str, problems: list[Problem]):
    """What a cell holds; a formula that is broken or was never calculated is a problem."""
    place = f"{name}, {SHEET}!{cell.coordinate}"
    found = value.value
    if value.data_type == "e":
        remedy = "mend the formula, or type the number"
        problems.append(Problem(place, str(cell.value), f"gives the error {found}", remedy))
        return None
    if cell.data_type == "f" and found is None:
        remedy = "open the workbook in a spreadsheet program and save it, or type the number"
        problems.append(Problem(place, str(cell.value), "is a formula that was never calculated", remedy))
        return None
    if isinstance(found, datetime.datetime):
        return found.date()
    return found.strip() if isinstance(found, str) else found


def _structured(kind: type | None, key: str, cells: list, here: str, problems: list[Problem]) -> list:
    """The cells of a row, its value read as TOML where it is a list or has names: { "2027-04" = 0.05 }."""
    fields = {one.name: one.metadata["kind"] for one in dataclasses.fields(kind)} if kind else {}
    value = cells[0]
    if fields.get(re.sub(r" \d+$", "", key)) not in STRUCTURED or not str(value).lstrip().startswith(("[", "{")):
        return cells
    try:
        return [tomllib.loads(f"value = {value}")["value"], *cells[1:]]
    except tomllib.TOMLDecodeError as error:
        remedy = "close every quote and bracket; the column Meaning shows the form"
        problems.append(Problem(here.replace("!A", "!C"), key, f"cannot be read ({error})", remedy))
        return [None, *cells[1:]]


def _put(table: dict, key: str, cells: list) -> str | None:
    """Put a row into its section; returns the key as the schema has it, or None where the row is blank."""
    value, low, high, note = cells
    listed = re.fullmatch(r"(measured|fixed_paid)(?: (\d+))?", key)
    pair = re.fullmatch(r"points (\d+): (performance|payment)", key)
    dated = re.fullmatch(r"payers (\d{4}-\d\d): ?(.*)", key, flags=re.S)
    line = re.fullmatch(r"card (\d+)", key)
    foreign = re.fullmatch(r"(\w+) \(([A-Z]{3})\)", key)
    named = re.fullmatch(r"(payers|values): ?(.*)", key, flags=re.S)
    if value is None and low is None and high is None:
        several = listed or pair or named or dated or line or foreign
        if not several:
            table.setdefault(key, "")
        return None if several else key
    if dated:
        table.setdefault("payers", {}).setdefault(dated[1], {})[dated[2]] = value
        return "payers"
    if line:
        table.setdefault("card", []).append(value)
        return "card"
    if foreign:
        given = {"value": value, "low": low, "high": high, "note": note, "in": foreign[2]}
        table[foreign[1]] = {part: content for part, content in given.items() if content is not None}
        return foreign[1]
    if listed:
        table.setdefault(listed[1], []).append(value)
        return listed[1]
    if pair:
        points = table.setdefault("points", [])
        while len(points) < min(int(pair[1]), MOST + 1):
            points.append([None, None])
        if 0 < int(pair[1]) <= MOST + 1:
            points[int(pair[1]) - 1][pair[2] == "payment"] = value
        return "points"
    if named:
        table.setdefault(named[1], {})[named[2]] = value
        return named[1]
    given = {"value": value, "low": low, "high": high, "note": note}
    ranged = {part: content for part, content in given.items() if content is not None}
    table[key] = value if set(ranged) == {"value"} else ranged
    if set(ranged) == {"value", "note"} and not isinstance(value, int | float):
        table[key] = value  # a remark beside a text
    return key


def write_template(path: str | Path, given: dict | None = None, notes=()) -> None:
    """An empty case file as a workbook, with what is known already."""
    book = excel().Workbook()
    given = {key: {} for key in SECTIONS} | (given or {})
    given |= {name: given[name] or ([] if name in MORE else [{}]) for name in LISTS}
    notes = ["Fill in the column Value (yellow); an assumption has Low and High as well.", *notes]
    notes.append("For a second outcome, cost or stakeholder, copy its rows and number them on: outcome 2.")
    notes.append(FURTHER)
    inputs_sheet(book, given, notes)
    book.save(path)


def put_text(cell, text) -> None:
    """Text that stays text, whatever sign it begins with."""
    cell.value = str(text)
    cell.data_type = "s"


def styles():
    """Bold, wrapped, and the fills of headings and inputs."""
    from openpyxl.styles import Alignment, Font, PatternFill

    fills = {name: PatternFill("solid", fgColor=colour) for name, colour in (("head", "E7E2D8"), ("input", "FFF6CC"))}
    return Font(bold=True), Alignment(wrap_text=True, vertical="top"), fills


def head_row(sheet, row: int, titles) -> None:
    """A row of titles."""
    bold, wrap, fills = styles()
    for column, title in enumerate(titles, start=1):
        cell = sheet.cell(row, column)
        put_text(cell, title)
        cell.font, cell.alignment, cell.fill = bold, wrap, fills["head"]


def set_widths(sheet, widths) -> None:
    """Widths of the columns from the first."""
    from openpyxl.utils import get_column_letter

    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def inputs_sheet(book, tables: dict, notes) -> dict[tuple[str, str], str]:
    """The sheet of inputs; returns how formulas call each value: by its cell's name, where it has one."""
    from openpyxl.workbook.defined_name import DefinedName

    _, _, fills = styles()
    sheet = book.active
    sheet.title = SHEET
    for row, note in enumerate(notes, start=1):
        put_text(sheet.cell(row, 1), note)
    first = len(notes) + 2
    head_row(sheet, first, HEADER)
    sheet.freeze_panes = sheet.cell(first + 1, 3)
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


def _rows(tables: dict):
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
                meaning = about["about"] + (f" ({', '.join(about['allowed'])})" if "allowed" in about else "")
                meaning += ", needed" if about["needed"] else ""
                if about["kind"] == "months":
                    months = value or [None]
                    for n, month in enumerate(months, start=1):
                        yield head, one.name + (f" {n}" if n > 1 else ""), month, meaning
                elif about["kind"] == "points":
                    for n, pair in enumerate(value or [(None, None)], start=1):
                        for part, content in zip(("performance", "payment"), pair, strict=True):
                            yield head, f"points {n}: {part}", content, meaning
                elif about["kind"] == "payers" and by_date(value):
                    for month, payers in value.items():
                        for name, part in payers.items():
                            yield head, f"payers {month}: {name}", part, meaning
                elif about["kind"] == "card":
                    form = ' { name = "job", price = 500, expected = 0.4, after = "...", instead_of = "..." }'
                    for n, line in enumerate(value, start=1):
                        yield head, f"card {n}", literal(line), meaning + form
                elif about["kind"] in STRUCTURED and isinstance(value, list | dict):
                    yield head, one.name, literal(value), f"{meaning}, as {literal(about['sample'])}"
                elif isinstance(value, dict) and "in" in value:
                    yield head, f"{one.name} ({value['in']})", value, meaning
                elif about["kind"] in ("shares", "payers", "weights"):
                    default = about["default"] or {"name of an outcome": None}
                    for name, part in (value or default).items():
                        yield head, f"{one.name}: {name}", part, meaning
                else:
                    yield head, one.name, value, meaning
