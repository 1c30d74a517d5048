"""A case file as a workbook, to fill in and to read back: a sheet of single keys, and tables with a row an item.

Places are found by their ids, the small grey names beside or above them, so rows and columns may be moved,
and sheets renamed. What stands on other sheets, such as a report's formulas, is passed over. Needs openpyxl.
"""

from __future__ import annotations

import datetime
import re
import tomllib
import warnings
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sibmodels.casefile import oldbook, plain
from sibmodels.casefile.lay import fold
from sibmodels.casefile.layout import ID, LISTED, RANGE, TABLES, figure, kinds, label, tab, tabs, title
from sibmodels.casefile.model import CaseFile
from sibmodels.casefile.problems import CaseFileError, Problem, build, problem, too_large
from sibmodels.casefile.sections import LISTS, MORE, SECTIONS, SINGLE, Key, Raw
from sibmodels.casefile.sheets import excel, fit, inputs, new_book
from sibmodels.casefile.writing import in_language
from sibmodels.messages import file_in, listed, say

if TYPE_CHECKING:  # loaded where it is used: not everybody has it
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

AnyCell = Any  # openpyxl's types tell cells from merged ones, which nothing here needs
At = tuple[int, int]  # row, column

__all__ = ["read", "write_template"]

LARGEST = 5_000_000  # bytes of a workbook; unpacked, ten times that
ROWS = 20_000
WORDS = ("text", "choice", "country", "currency", "month", "name")  # kinds that no brackets begin
_WORKSHEET = re.compile(r"xl/worksheets/[^/]*\.xml$")


def write_template(to: str | Path | IO[bytes], given: Raw | None = None, notes: Iterable[str] = ()) -> None:
    """An empty case file as a workbook, with what is known already.

    Parameters
    ----------
    to : str, path or binary file
        Where to write, such as `io.BytesIO`.
    given : mapping, optional
        What is known already, as tables.
    notes : sequence of str, optional
        Remarks for the top.
    """
    given = given or {}
    case = given.get("case") or {}
    with file_in(case.get("language", "")):
        _template(in_language(given), notes).save(to)


def _template(given: Raw, notes: Iterable[str]) -> Workbook:
    book = new_book()
    hidden = listed(tab(section) for section in MORE if not given.get(section))
    more = [say("template.more_sheets", sheets=hidden)] if hidden else []
    inputs(book, given, say("template.title"), [say("template.cells"), say("template.then"), *more, *notes])
    fit(book)
    return book


def read(path: str | Path) -> CaseFile:
    """The case that a workbook holds; `CaseFileError` with every problem and its cell."""
    path = Path(path)
    if path.stat().st_size > LARGEST:
        raise CaseFileError([too_large(path, LARGEST)])
    formulas, values = _opened(path)
    with file_in(_language(formulas)):
        return _case(path, formulas, values)


def _language(book: Workbook) -> str:
    """The language that a workbook names for itself: it stands four cells before its id."""
    for sheet in book.worksheets:
        for cells in sheet.iter_rows(max_row=min(sheet.max_row, 300), values_only=True):
            if "case.language" in cells:
                return str(cells[max(cells.index("case.language") - 5, 0)] or "")
    return ""


def _case(path: Path, formulas: Workbook, values: Workbook) -> CaseFile:
    reader = Reader(path.name)
    grids = [Grid(path.name, sheet, values[sheet.title], reader.problems) for sheet in formulas.worksheets]
    reader.fill(grids)

    def place(at: Key) -> str:
        while at and at not in reader.places:
            at = at[:-1]
        return reader.places.get(at, f"{path.name}, {title('inputs')}")

    # what a broken cell held is not also missing
    cells_broken = {problem.place for problem in reader.problems}
    broken = {at for at, cell in reader.places.items() if cell in cells_broken}
    return build(plain.taken(reader.raw), place, reader.problems, broken, cells=True)


def _opened(path: Path) -> tuple[Workbook, Workbook]:
    """The workbook twice: with its formulas, and with what they last gave."""
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
                raise no("book_rows", title("inputs"), count=rows, most=ROWS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl does not know: charts, lists, extensions
            books = [openpyxl.load_workbook(path, data_only=given) for given in (False, True)]
    except (CaseFileError, OSError):
        raise
    except Exception as error:  # whatever a damaged file makes the reader say
        raise no("book_damaged", said=type(error).__name__) from error
    if (most := max((sheet.max_row for sheet in books[0].worksheets), default=0)) > ROWS:
        raise no("book_rows", title("inputs"), count=most, most=ROWS)
    return books[0], books[1]


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


class Grid:
    """A sheet's cells, what they hold and where they are; what is broken is noted as it is read."""

    def __init__(self, name: str, formulas: Worksheet, values: Worksheet, problems: list[Problem]) -> None:
        self.name, self.title, self.problems = name, formulas.title, problems
        self.formulas, self.values, self.last = formulas, values, formulas.max_row
        ids = (
            ((row, column), match)
            for row, cells in enumerate(formulas.iter_rows(max_row=min(self.last, 300), values_only=True), start=1)
            for column, value in enumerate(cells, start=1)
            if isinstance(value, str) and (match := ID.fullmatch(value.strip())) and match[1] in SECTIONS
        )
        self.ids: dict[At, tuple[str, str, str]] = {at: (one[1], one[2], one[3] or "") for at, one in ids}

    def plain(self, row: int, column: int) -> Any:
        return self.formulas.cell(row, column).value

    def place(self, row: int, column: int) -> str:
        return f"{self.name}, {self.title}!{self.formulas.cell(row, column).coordinate}"

    def get(self, row: int, column: int) -> Any:
        """What a cell holds, nothing if it is empty; a formula that is broken or was never calculated is a problem."""
        cell, value = self.formulas.cell(row, column), self.values.cell(row, column)
        found, message, fields = value.value, "", {}
        if value.data_type == "e":
            message, fields = "formula_error", {"error": found}
        elif cell.data_type == "f" and found is None:
            message = "formula_open"
        if message:
            self.problems.append(problem(self.place(row, column), str(cell.value), message, **fields))
            return None
        if isinstance(found, datetime.datetime):
            return found.date()
        return (found.strip() or None) if isinstance(found, str) else found


class Reader:
    """Collects what sheets hold as tables, and the cell of each key."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.raw: dict[str, Any] = {}
        self.places: dict[Key, str] = {}
        self.problems: list[Problem] = []

    def fill(self, grids: list[Grid]) -> None:
        """Read every sheet that has something of a case file."""
        inputs = tabs(lambda: [title("inputs")])
        old = next((grid for grid in grids if grid.title in inputs and oldbook.first_row(grid)), None)
        filled = [grid for grid in grids if grid.ids]
        if not old and not filled:
            titles = [grid.title for grid in grids]
            if there := next((one for one in titles if one in inputs), ""):
                raise CaseFileError([problem(f"{self.name}, {there}", "heading", "no_heading")])
            fields = {"sheets": listed(titles), "sheet": title("inputs")}
            raise CaseFileError([problem(self.name, "sheet", "no_sheet", **fields)])
        if old:
            oldbook.read_rows(self, old, oldbook.first_row(old))
        ours = tabs(lambda: [tab(section, of) for section in LISTS for of in ("", LISTED)])
        for grid in grids:
            if grid.title in ours and not grid.ids:
                self.problem(f"{self.name}, {grid.title}", "sheet", "ids_gone")
        tables = [(grid, *table) for grid in filled for table in self._tables(grid)]
        for grid in filled:
            self._single(grid)
        for grid, top, section, columns in tables:
            if section in LISTS and not isinstance(columns, dict):
                self._items(grid, top, section, columns)
        for grid, top, section, columns in tables:
            if isinstance(columns, dict):
                self._list(grid, top, section, columns)

    def problem(self, place: str, key: str, message: str, **fields: object) -> None:
        self.problems.append(problem(place, key, message, **fields))

    def table(self, base: Key, place: str) -> dict[str, Any]:
        """The table of a section, or of an item of it, which begins at a place."""
        self.places.setdefault(base[:1], place)
        self.places.setdefault(base, place)
        if len(base) == 1:
            made: dict[str, Any] = self.raw.setdefault(str(base[0]), {})
            return made
        items = self.raw.setdefault(str(base[0]), [])
        while len(items) < int(base[1]):
            items.append({})
        item: dict[str, Any] = items[int(base[1]) - 1]
        return item

    def structured(self, section: str, key: str, value: Any, place: str) -> Any:
        """A text read as TOML where it is a list or has names: { "2027-04" = 0.05 }."""
        kind = kinds(section).get(key, "text") if section in SECTIONS else "text"
        if kind in WORDS or not isinstance(value, str) or not value.startswith(("[", "{")):
            return value
        try:
            return tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError as error:
            self.problem(place, key, "unread_cell", error=error)
            return None

    # single keys, whose ids stand beside them

    def _single(self, grid: Grid) -> None:
        for (row, column), (section, key, part) in grid.ids.items():
            if section not in SINGLE or column < 6:
                continue
            cells = {end: (row, column - 5 + n) for n, end in enumerate(("value", "low", "high", "note"))}
            table, cell = self.table((section,), grid.place(row, column - 5)), grid.place(*cells["value"])
            given = {end: grid.get(*at) for end, at in cells.items()}
            given["value"] = self.structured(section, key, given["value"], cell)
            if kinds(section).get(key) == "months":
                self._month(table, (section, key), given["value"], cell)
                continue
            if table.get(key, "") != "":
                self.problem(cell, f"{section}.{key}", "row_twice")
            table[key] = figure(given | ({"in": part} if part else {}))
            self.places |= {(section, key, end): grid.place(*at) for end, at in cells.items()}
            self.places[section, key] = cell

    def _month(self, table: dict[str, Any], path: Key, value: Any, cell: str) -> None:
        if value is None:
            self.places.setdefault(path, cell)
            return
        months = table.setdefault(str(path[-1]), [])
        if not months:
            self.places[path] = cell
        months.append(value)
        self.places[(*path, len(months))] = cell

    # tables, whose ids stand above them

    @staticmethod
    def _tables(grid: Grid) -> Iterable[tuple[int, str, Any]]:
        """Each table's row of ids and section: the columns of items, or, of a list, by key and part."""
        top = max((row for row, _ in grid.ids), default=0)
        across = {at[1]: one for at, one in sorted(grid.ids.items()) if at[0] == top and one[0] in LISTS}
        items: dict[str, list[tuple[int, str, str]]] = {}
        lists: list[tuple[str, dict[tuple[str, str], int]]] = []
        for column, (section, key, part) in across.items():
            if part == "of":
                lists.append((section, {}))
            listed = lists and lists[-1][0] == section
            kind = kinds(section).get(key, "")
            if listed and (kind in TABLES or (kind == "parts" and ("measured", "of") in lists[-1][1])):
                lists[-1][1][key, part] = column
            else:
                items.setdefault(section, []).append((column, key, part))
        return [(top, section, found) for section, found in [*items.items(), *lists]]

    def _items(self, grid: Grid, top: int, section: str, columns: list[tuple[int, str, str]]) -> None:
        """A section's items: every row in which something stands."""
        self.places.setdefault((section,), grid.place(top + 1, columns[0][0]))
        for row in range(top + 1, grid.last + 1):
            if all(grid.plain(row, column) in (None, "") for column, _, _ in columns):
                continue
            base = (section, len(self.raw.get(section, [])) + 1)
            table = self.table(base, grid.place(row, columns[0][0]))
            given: dict[str, dict[str, Any]] = {}
            for column, key, part in columns:
                place, end = grid.place(row, column), part or "value"
                value = grid.get(row, column)
                value = value if part else self.structured(section, key, value, place)  # a note may begin with {
                if end != "value" and end not in RANGE:
                    self.problem(grid.place(top, column), f"{section}.{key}", "part_unknown", part=part)
                    continue
                given.setdefault(key, {})[end] = value
                self.places[(*base, key, end)] = place
                if not part:
                    self.places[(*base, key)] = place
            table |= {key: figure(ends) for key, ends in given.items()}

    def _list(self, grid: Grid, top: int, section: str, columns: dict[tuple[str, str], int]) -> None:
        """A key that is a list: a row for each of what it lists, of the item that is named or was named above."""
        (key, _), of = next(iter(columns.items()))
        named: Any = None
        path: Key
        for row in range(top + 1, grid.last + 1):
            named = grid.get(row, of) or named
            given = {at: grid.get(row, column) for at, column in columns.items() if at != (key, "of")}
            if all(value is None for value in given.values()):
                continue
            number = self._number(section, named, grid.place(row, of), key)
            if not number:
                continue
            places = {at: grid.place(row, column) for at, column in columns.items()}
            table = self.table((section, number), grid.place(row, of))
            path = (section, number, key)
            parts = {part: value for (one, part), value in given.items() if one == key}
            cells = {part: place for (one, part), place in places.items() if one == key}
            kind = kinds(section)[key]
            if kind == "months":
                self._month(table, path, parts.get("month"), cells["month"])
                if (share := given.get(("parts", ""))) is not None:
                    table.setdefault("parts", []).append(share)
                    self.places.setdefault((section, number, "parts"), places["parts", ""])
            elif kind == "points":
                self._point(table, path, parts, cells)
            elif kind == "card":
                line = {part: value for part, value in parts.items() if value is not None}
                table.setdefault(key, []).append(line)
                self.places.setdefault(path, cells["name"])
                self.places |= {(*path, len(table[key]), part): cell for part, cell in cells.items()}
            else:
                self._share(table, path, parts, cells)

    def _number(self, section: str, named: Any, place: str, key: str) -> int:
        """The number of the item of that name; 0, and a problem, where there is none."""
        items = self.raw.get(section, [])
        names: dict[str, int] = {str(item.get("name", "")): n for n, item in reversed(list(enumerate(items, start=1)))}
        if named is None and len(items) == 1:
            return 1
        if str(named) in names:
            return names[str(named)]
        folded = [n for name, n in names.items() if named is not None and fold(name) == fold(str(named))]
        if len(folded) == 1:
            return folded[0]
        fields = {
            "section": label(section).lower(),
            "known": listed(filter(None, reversed(names))) or say("terms.none"),
        }
        if named is None:
            self.problem(place, f"{section}.{key}", "item_open", **fields)
        else:
            self.problem(place, f"{section}.{key}", "item_unknown", value=str(named), **fields)
        return 0

    def _point(self, table: dict[str, Any], path: Key, parts: Raw, cells: dict[str, str]) -> None:
        open_ = [part for part in ("performance", "payment") if parts.get(part) is None]
        if open_:
            self.problem(cells[open_[0]], ".".join(map(str, path)), "point_open")
            return
        points = table.setdefault("points", [])
        points.append([parts["performance"], parts["payment"]])
        self.places.setdefault(path, cells["performance"])
        self.places[(*path, len(points))] = cells["performance"]

    def _share(self, table: dict[str, Any], path: Key, parts: dict[str, Any], cells: dict[str, str]) -> None:
        """A name and its share, perhaps from a month on."""
        key, section = str(path[-1]), str(path[0])
        last = TABLES[kinds(section)[key]][1]
        name, share, since = parts.get("name"), parts.get(last), parts.get("since")
        shown = ".".join(map(str, path))
        self.places.setdefault(path, cells[last])
        if name is None or share is None:
            part, message = ("name", "name_open") if name is None else (last, "share_open")
            self.problem(cells[part], shown, message, name=name)
            return
        found = table.setdefault(key, {})
        dated = [isinstance(part, dict) for part in found.values()]
        if dated and (since is not None) != dated[0]:
            self.problem(cells.get("since", cells[last]), shown, "since_open")
            return
        if since is not None:
            since = since.isoformat()[:7] if isinstance(since, datetime.date) else str(since)
            found = found.setdefault(since, {})
        if str(name) in found:
            self.problem(cells["name"], shown, "row_twice")
            return
        found[str(name)] = share
        self.places[(*path, str(name))] = cells[last]
