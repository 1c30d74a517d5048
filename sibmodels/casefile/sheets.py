"""The sheets that people fill in: single keys down a page, items in rows, lists beside each other. Needs openpyxl."""

from __future__ import annotations

import dataclasses
import datetime
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from types import ModuleType
from typing import TYPE_CHECKING, Any

from sibmodels.casefile.layout import LISTED, Column, items_of, kinds, label, lists, rows, tab
from sibmodels.casefile.layout import title as sheet_title
from sibmodels.casefile.sections import FIGURES, LARGEST, LISTS, MORE, SCHEDULES, SECTIONS, SINGLE, Raw
from sibmodels.casefile.writing import literal
from sibmodels.indigo.columns import COUNTRIES, CURRENCIES
from sibmodels.messages import head as titled
from sibmodels.messages import say
from sibmodels.rules import RULES, pays

if TYPE_CHECKING:  # loaded where it is used: not everybody has it
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.worksheet import Worksheet

AnyCell = Any  # openpyxl's types tell cells from merged ones, which nothing here needs

__all__ = [
    "excel",
    "fit",
    "font",
    "head_row",
    "inputs",
    "month_form",
    "new_book",
    "put_text",
    "set_widths",
    "sheet_name",
    "styles",
]

MONEY, WHOLE_MONEY, PLAIN = "#,##0.00", "#,##0", "0.######"
SPARE, FEW = 12, 5  # rows ready for more, where there are few and where there are many
TOP = 6  # the first row of a table's items: below a title, what to do, labels, meanings and ids
BEYOND = 200  # rows below the yellow ones for which drop-downs and limits hold as well
WIDTHS = {
    **{"text": 24, "item": 22, "name": 20, "choice": 15, "country": 9, "currency": 9, "month": 10, "flag": 8},
    **{"money": 13, "share": 9, "result": 9, "whole": 10, "number": 9},
}
COLOURS = {"head": "E7E2D8", "input": "FFF9DB", "open": "F9C77E", "unused": "D9D9D9", "key": "767676", "line": "BFB8A8"}


def excel() -> ModuleType:
    """openpyxl, or what to install."""
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise ModuleNotFoundError(say("command.no_openpyxl")) from None
    return openpyxl


def new_book() -> Workbook:
    """A workbook in a face that every system has, or has one as wide as."""
    book = excel().Workbook()
    from openpyxl.utils.indexed_list import IndexedList

    book._fonts = IndexedList([font()])  # the first is what cells have that say nothing
    book._named_styles["Normal"].font = font()
    made: Workbook = book
    return made


def font(size: float = 10, bold: bool = False, color: str = "000000") -> Font:
    """The face of every sheet."""
    from openpyxl.styles import Font

    return Font(name=say("language.excel_font"), size=size, bold=bold, color=color)


# cells


def put_text(cell: AnyCell, text: object) -> None:
    """Text that stays text, whatever sign it begins with, also when somebody edits it."""
    cell.value = str(text)
    cell.data_type = "s"
    if str(text)[:1] in ("=", "+", "-", "@", "'"):
        cell.quotePrefix = True


def put(cell: AnyCell, content: Any, kind: str) -> None:
    """A value as people see it: months as dates, yes or no, money with separators; as TOML what no cell can say."""
    if content is None or content == "":
        form = _format(kind, None)
        if form != cell.number_format:
            cell.number_format = form
    elif isinstance(content, bool):
        cell.value = "yes" if content else "no"
    elif isinstance(content, str) and kind == "month" and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", content):
        cell.value, cell.number_format = datetime.date.fromisoformat(f"{content}-01"), month_form()
    elif isinstance(content, Mapping | list | tuple):
        put_text(cell, literal(content))
    elif isinstance(content, str):
        put_text(cell, content)
        cell.number_format = _format(kind, None)
    else:
        cell.value, cell.number_format = content, _format(kind, content)


def month_form() -> str:
    """How cells show a month."""
    return say("language.excel_month")


def _format(kind: str, value: float | None) -> str:
    if kind == "money":
        return MONEY if value is None or value != int(value) else WHOLE_MONEY
    if kind in ("name", "item"):
        return "@"  # what is typed stays as it is typed
    return {"month": month_form(), "whole": WHOLE_MONEY}.get(kind, "General")


def styles() -> tuple[Font, Alignment, dict[str, PatternFill]]:
    """Bold, wrapped, and the fills of headings and inputs."""
    from openpyxl.styles import Alignment, PatternFill

    fills = {name: PatternFill("solid", start_color=code, end_color=code) for name, code in COLOURS.items()}
    return font(bold=True), Alignment(wrap_text=True, vertical="top"), fills


def head_row(sheet: Worksheet, row: int, titles: Iterable[object], first: int = 1, numbers: int = 0) -> None:
    """A row of titles, as high as they need in columns of their width; from column `numbers` on above numbers."""
    bold, wrap, fills = styles()
    right = type(wrap)(wrap_text=True, vertical="top", horizontal="right")
    height = sheet.row_dimensions[row].height or 0
    for column, title in enumerate(titles, start=first):
        cell = sheet.cell(row, column)
        put_text(cell, title)
        cell.font, cell.fill = bold, fills["head"]
        cell.alignment = right if numbers and column >= numbers else wrap
        height = max(height, 13.5 * _lines(str(title), sheet.column_dimensions[_letter(column)].width - 2))
    sheet.row_dimensions[row].height = height


def set_widths(sheet: Worksheet, widths: Iterable[float]) -> None:
    """Widths of the columns from the first."""
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[_letter(column)].width = width


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column))


def sheet_name(title: str) -> str:
    """A sheet as formulas call it.

    >>> sheet_name("Outcomes"), sheet_name("Outcome lists")
    ('Outcomes', "'Outcome lists'")
    """
    return title if re.fullmatch(r"[A-Za-z_]+", title) else f"'{title}'"


def fit(book: Workbook) -> None:
    """Every sheet on paper: A4, as wide as the page, its name and page below."""
    from openpyxl.worksheet.properties import PageSetupProperties

    for one in book.worksheets:
        one.page_setup.paperSize, one.page_setup.orientation = 9, "landscape"
        one.page_setup.fitToWidth, one.page_setup.fitToHeight = 1, 0
        one.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        one.page_margins.left = one.page_margins.right = 0.4
        one.page_margins.top, one.page_margins.bottom, one.page_margins.footer = 0.5, 0.8, 0.4
        foot: Any = one.oddFooter
        foot.left.text, foot.right.text = "&A", "&P / &N"


# what may be typed


class _Rules:
    """Drop-downs and limits, with what a cell says when it is chosen."""

    def __init__(self, book: Workbook, spare: dict[str, str]) -> None:
        self.book, self.names = book, spare  # where the names of each section's items stand

    def of(self, column: Column) -> Any:
        from openpyxl.worksheet.datavalidation import DataValidation

        rule = DataValidation(**self._limits(column), allow_blank=True)
        rule.promptTitle, rule.prompt = column.head[:32], self._prompt(column)[:255]
        rule.showInputMessage = True
        if rule.type:
            rule.showErrorMessage, rule.errorStyle = True, "stop"
            rule.errorTitle, rule.error = column.head[:32], self._error(column)[:225]
        return rule

    def _limits(self, column: Column) -> dict[str, Any]:
        kind, about = column.kind, column.about
        if kind == "choice":
            return {"type": "list", "formula1": '"' + ",".join(about["allowed"]) + '"'}
        if kind == "flag":
            return {"type": "list", "formula1": '"yes,no"'}
        if kind in ("country", "currency"):
            return {"type": "list", "formula1": self._codes(kind)}
        of = "outcome" if kind == "name" else column.section
        if kind in ("item", "name") and of in self.names:
            return {"type": "list", "formula1": self.names[of]}
        if kind in FIGURES and column.part not in ("note", "in"):
            low, high = _ends(column)
            number = {"type": "whole" if kind == "whole" else "decimal"}
            if high < LARGEST:
                return number | {"operator": "between", "formula1": f"{low:.15g}", "formula2": f"{high:.15g}"}
            return number | {"operator": "greaterThanOrEqual", "formula1": f"{low:.15g}"}
        return {}

    def _codes(self, kind: str) -> str:
        choices = sheet_title("choices")
        if choices not in self.book.sheetnames:
            sheet = self.book.create_sheet(choices)
            for column, codes in enumerate((COUNTRIES, CURRENCIES), start=1):
                head_row(sheet, 1, [label("case", "country" if column == 1 else "currency")], column)
                for row, code in enumerate(sorted(codes), start=2):
                    put_text(sheet.cell(row, column), code)
            sheet.sheet_state = "hidden"
        letter, codes = ("A", COUNTRIES) if kind == "country" else ("B", CURRENCIES)
        return f"{sheet_name(choices)}!${letter}$2:${letter}${len(codes) + 1}"

    @staticmethod
    def _prompt(column: Column) -> str:
        kind = {"item": "name", "name": "name"}.get(column.kind, column.kind)
        parts = [column.said]
        if column.kind in FIGURES and column.part != "note":
            parts.append(say(f"kinds.{kind}") + _limits_said(column.about))
        elif column.kind == "month":
            parts.append(say("template.month"))
        elif column.kind == "flag":
            parts.append(say("template.flag"))
        if column.about.get("needed") and not column.part:
            parts.append(say("template.needs"))
        return "; ".join(parts)

    @staticmethod
    def _error(column: Column) -> str:
        if column.kind in FIGURES:
            return say("template.refused", allowed=say(f"kinds.{column.kind}") + _limits_said(column.about))
        return say("template.choose")


def _ends(column: Column) -> tuple[float, float]:
    kind, about = column.kind, column.about
    low = about.get("low", about.get("above", 0.0 if kind in ("share", "money") else -LARGEST))
    return low, about.get("high", 1.0 if kind == "share" else LARGEST)


def _limits_said(about: Raw) -> str:
    names = [name for name in ("above", "low", "high") if name in about and about["kind"] in FIGURES]
    return "".join(say(f"template.{name}", number=about[name]) for name in names if abs(about[name]) < LARGEST)


# sheets


def inputs(
    book: Workbook, tables: Raw, title: str, notes: Sequence[str], unused: Sequence[str] = MORE
) -> dict[tuple[str, str], str]:
    """The sheets to fill in; returns how formulas call each value: by its cell's name, where it has one.

    Sections of `unused` have their sheets hidden where there is nothing of them.
    """
    sheet = book.worksheets[0]
    sheet.title = sheet_title("inputs")
    made = {section: tables.get(section) or [] for section in LISTS}
    names = {}
    for section in LISTS:
        column = next((n for n, one in enumerate(items_of(section, made[section]), 1) if one.key == "name"), None)
        if column:
            letter, last = _letter(column), TOP - 1 + len(made[section]) + SPARE
            names[section] = f"{sheet_name(tab(section))}!${letter}${TOP}:${letter}${last}"
    writer = _Writer(book, _Rules(book, names), unused)
    writer.single(sheet, tables, title, notes)
    for section in LISTS:
        writer.items(section, made[section])
    if (choices := sheet_title("choices")) in book.sheetnames:
        book.move_sheet(choices, len(book.sheetnames))
    return writer.called


class _Writer:
    """Writes the sheets, and keeps where each value is."""

    def __init__(self, book: Workbook, rules: _Rules, unused: Sequence[str]) -> None:
        self.book, self.rules, self.unused = book, rules, unused
        self.called: dict[tuple[str, str], str] = {}
        self.listed: dict[tuple[str, str], str] = {}  # where the items stand that a list is of
        self.bold, self.wrap, self.fills = styles()
        self.looks: dict[bool, Any] = {}
        self.indent = type(self.wrap)(wrap_text=True, vertical="top", horizontal="left", indent=1)

    def call(self, head: str, key: str, sheet: Worksheet, row: int, column: int) -> None:
        """Name the cell of a value."""
        from openpyxl.workbook.defined_name import DefinedName

        place = f"{sheet_name(sheet.title)}!${_letter(column)}${row}"
        self.called[head, key] = place
        if ":" not in key:
            name = re.sub(r"\W", "_", f"{head}_{key}")
            self.book.defined_names[name] = DefinedName(name, attr_text=place)
            self.called[head, key] = name

    def field(self, cell: AnyCell, kind: str) -> None:
        """Mark a cell as one to fill in."""
        words = kind in ("text", "item", "name", "choice", "currency", "country", "flag")
        if words not in self.looks:
            self._look(cell, words)
            self.looks[words] = cell._style
        cell._style = copy(self.looks[words])  # there are thousands, and to look a style up is slow

    def _look(self, cell: AnyCell, words: bool) -> None:
        from openpyxl.styles import Alignment, Border, Side

        line = Side("thin", color=COLOURS["line"])
        cell.fill, cell.border = self.fills["input"], Border(line, line, line, line)
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left" if words else None)

    def key(self, cell: AnyCell, text: str) -> None:
        """The id by which a place is found again."""
        from openpyxl.styles import Alignment

        put_text(cell, text)
        cell.font, cell.alignment = font(7, color=COLOURS["key"]), Alignment(vertical="top", shrink_to_fit=True)

    def title(self, sheet: Worksheet, text: str, notes: Sequence[str], columns: int, width: float) -> int:
        """A title, and what to do below it, as wide as the table; the row after it."""
        put_text(sheet.cell(1, 1), text)
        sheet.cell(1, 1).font = font(14, bold=True)
        for row, note in enumerate(notes, start=2):
            put_text(sheet.cell(row, 1), note)
            sheet.cell(row, 1).alignment = self.wrap
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=columns)
            sheet.row_dimensions[row].height = 13.5 * sum(_lines(part, width) for part in note.split("\n"))
        return len(notes) + 2

    def single(self, sheet: Worksheet, tables: Raw, title: str, notes: Sequence[str]) -> None:
        """The keys that a case has once, a row each."""
        widths = (30, 28, 13, 13, 26, 64, 16)
        set_widths(sheet, widths)
        row = self.title(sheet, title, notes, 6, sum(widths[:6])) + 1
        heads = [say("template.what"), *map(titled, ("Value", "Low", "High", "Note", "Meaning")), say("template.key")]
        head_row(sheet, row, heads)
        sheet.print_title_rows = f"{row}:{row}"
        sheet.freeze_panes = sheet.cell(row + 1, 2).coordinate
        for section in SINGLE:
            row += 1
            put_text(sheet.cell(row, 1), say("template.section", label=label(section), said=say(f"sections.{section}")))
            sheet.cell(row, 1).font = self.bold
            for at in range(1, 8):
                sheet.cell(row, at).fill = self.fills["head"]
            for name, column, parts, about in _single(section, tables.get(section, {})):
                row += 1
                self._line(sheet, row, section, name, column, parts)
                if about["needed"]:
                    sheet.conditional_formatting.add(f"B{row}", _filled(f'$B{row}=""', "open"))
        sheet.print_area = f"A1:F{row}"

    def _line(self, sheet: Worksheet, row: int, section: str, name: str, column: Column, parts: Raw) -> None:
        about = column.about
        again = name.partition(" ")[2]  # a further month of a list
        put_text(sheet.cell(row, 1), say("template.again", label=column.head, number=again) if again else column.head)
        sheet.cell(row, 1).alignment = self.wrap
        said = column.said + (say("template.needed") if about["needed"] else "")
        put_text(sheet.cell(row, 6), said)
        sheet.cell(row, 6).alignment = self.indent
        ranged = column.kind in FIGURES and about.get("ranged", True)
        for at, part in enumerate(("value", "low", "high", "note"), start=2):
            cell, kind = sheet.cell(row, at), "text" if part == "note" else column.kind
            if part == "value" or ranged:
                self.field(cell, kind)
                put(cell, parts.get(part), kind)
                rule = self.rules.of(dataclasses.replace(column, part="" if part == "value" else part, kind=kind))
                rule.add(cell.coordinate)
                sheet.add_data_validation(rule)
        self.key(sheet.cell(row, 7), f"{section}.{column.key}" + (f":{parts['in']}" if "in" in parts else ""))
        self.call(section, name, sheet, row, 2)
        texts = ((said, 64), (str(parts.get("value", "")), 28), (str(parts.get("note", "")), 26))
        sheet.row_dimensions[row].height = 13.5 * max(_lines(text, width) for text, width in texts)

    def items(self, section: str, items: Sequence[Raw]) -> None:
        """A section's items, a row each, and its keys that are lists, beside them or on a sheet of their own."""
        columns, tables = items_of(section, items), list(lists(section, items))
        often = [column for column in columns if not column.rare]
        sheet = self.book.create_sheet(tab(section))
        hidden = section in self.unused and not items
        sheet.sheet_state = "hidden" if hidden else "visible"
        title = say("template.section", label=tab(section), said=say(f"sections.{section}"))
        beside = len(often) <= 7 and bool(tables)
        shown = [column for table in tables for column in table if not table[0].rare]
        count = len(often) + (len(shown) + len(tables) if beside else 0)
        width = sum(_width(column) for column in [*often, *(shown if beside else [])])
        rules = "; ".join(f"{name}: {pays(name).replace('; ', ', ').replace('`', '')}" for name in SCHEDULES)
        ruled = "\n" + say("template.rules", rules=rules) if "schedule" in kinds(section) else ""
        self.title(sheet, title, [say("template.rows") + ruled], max(count, 4), max(width, 60))
        cells = [self._cells(item, columns) for item in items]
        self._heads(sheet, columns, 1, cells)
        last = self._body(sheet, columns, cells, 1)
        for number in range(1, len(items) + 1):
            for at, column in enumerate(columns, start=1):
                key = f"{column.key} {column.part}".strip()
                self.call(f"{section} {number}", key, sheet, TOP - 1 + number, at)
        first_rare = next((n for n, column in enumerate(columns, 1) if column.rare), 0)
        if first_rare:
            _put_away(sheet, range(first_rare, len(columns) + 1))
        wide = [table for table in tables if len(table) > 5]  # a page of its own
        narrow = [table for table in tables if len(table) <= 5]
        for table in [*narrow, *wide]:
            alone = table in wide
            key = table[0].key if alone else ""
            if alone or (not beside and table is narrow[0]):
                where, at = self._second(section, key, [table] if alone else narrow, hidden), 1
            elif table is narrow[0]:
                where, at = sheet, len(columns) + 2
            self._list(where, section, table, items, at)
            at += len(table) + 1
        self._mark(sheet, section, columns, last)
        sheet.freeze_panes = sheet.cell(TOP, 2).coordinate
        sheet.print_title_rows = f"{TOP - 3}:{TOP - 3}"

    def _second(self, section: str, key: str, tables: list[list[Column]], hidden: bool) -> Worksheet:
        """A sheet for lists of a section: one key's, or all that are narrow."""
        sheet: Worksheet = self.book.create_sheet(tab(section, key or LISTED))
        rare = all(table[0].rare for table in tables)
        sheet.sheet_state = "hidden" if hidden or rare else "visible"
        shown = [column for table in tables for column in table if rare or not table[0].rare]
        said = label(section, key) if key else say("template.lists", label=label(section).lower())
        title = say("template.section", label=sheet.title, said=said)
        notes = [say("template.rows_of", label=label(section).lower())]
        self.title(sheet, title, notes, len(shown) + len(tables) - 1, sum(map(_width, shown)))
        sheet.freeze_panes = sheet.cell(TOP, 1).coordinate
        sheet.print_title_rows = f"{TOP - 3}:{TOP - 3}"
        return sheet

    def _list(self, sheet: Worksheet, section: str, table: list[Column], items: Sequence[Raw], at: int) -> None:
        """The table of a key that is a list; returns its last row."""
        found = [(n, rows(table, item)) for n, item in enumerate(items, start=1)]
        bodies = [row for _, made in found for row in made]
        self._heads(sheet, table, at, bodies, table[1].said)
        last = self._body(sheet, table, bodies, at) + BEYOND
        self.listed[section, table[0].key] = f"{sheet_name(sheet.title)}!${_letter(at)}${TOP}:${_letter(at)}${last}"
        row = TOP
        for number, made in found:
            for n, one in enumerate(made, start=1):
                self._called(f"{section} {number}", table, one, n, sheet, row, at)
                row += 1
        rare = [n for n, column in enumerate(table, start=at) if column.rare]
        if rare and sheet.title != tab(section, table[0].key):
            _put_away(sheet, rare)
        sheet.column_dimensions[_letter(at + len(table))].width = 2

    def _called(self, head: str, table: list[Column], row: Raw, n: int, sheet: Worksheet, at: int, first: int) -> None:
        """How formulas call a row of a list: ``payers: City``, ``points 2: payment``, ``measured 2``."""
        key = table[0].key
        for column, one in enumerate(table, start=first):
            if one.key != key or one.part in ("of", "name", "since"):
                continue
            named = row.get(f"{one.section}.{key}:name")
            if named is not None and one.about["kind"] != "card":
                self.call(head, f"{key}: {named}", sheet, at, column)
            elif one.about["kind"] == "points":
                self.call(head, f"{key} {n}: {one.part}", sheet, at, column)
            elif one.about["kind"] == "months":
                self.call(head, key + (f" {n}" if n > 1 else ""), sheet, at, column)

    def _heads(
        self, sheet: Worksheet, columns: Sequence[Column], first: int, contents: Sequence[Raw], caption: str = ""
    ) -> None:
        """What stands above a table: labels, meanings, ids."""
        before = sheet.row_dimensions[TOP - 3].height or 0
        head_row(sheet, TOP - 3, [column.head for column in columns], first)
        sheet.row_dimensions[TOP - 3].height = before
        small = font(8, color="404040")
        for at, column in enumerate(columns, start=first):
            cell = sheet.cell(TOP - 2, at)
            cell.alignment, cell.font = self.wrap, small
            letter = _letter(at)
            sheet.column_dimensions[letter].width = _width(column, [row.get(column.id) for row in contents])
            self.key(sheet.cell(TOP - 1, at), column.id)
            if caption:
                continue
            if column.part not in ("low", "high", "in"):
                put_text(cell, say("template.note") if column.part == "note" else column.said + self._also(column))
        heights = [_lines(column.head, _width(column) - 2) for column in columns if not column.rare]
        self._taller(sheet, TOP - 3, 13.5 * max([1, *heights]))
        if caption:
            width = sum(_width(column) for column in columns if not column.rare)
            put_text(sheet.cell(TOP - 2, first), caption)
            seen = [column for column in columns if not column.rare] or columns
            sheet.merge_cells(start_row=TOP - 2, end_row=TOP - 2, start_column=first, end_column=first + len(seen) - 1)
            if width:
                self._taller(sheet, TOP - 2, 11.5 * _lines(caption, 1.1 * width))
        else:
            texts = [(str(sheet.cell(TOP - 2, at).value or ""), one) for at, one in enumerate(columns, start=first)]
            lines = [_lines(text, 1.05 * _width(one)) for text, one in texts if not one.rare]
            self._taller(sheet, TOP - 2, 11.5 * max(lines))

    @staticmethod
    def _taller(sheet: Worksheet, row: int, height: float) -> None:
        sheet.row_dimensions[row].height = max(height, sheet.row_dimensions[row].height or 0)

    @staticmethod
    def _also(column: Column) -> str:
        return say("template.needed") if column.about.get("needed") and not column.part else ""

    @staticmethod
    def _cells(item: Raw, columns: Sequence[Column]) -> dict[str, Any]:
        """What an item has in each column, by id."""
        found = {}
        for column in columns:
            value = item.get(column.key)
            if isinstance(value, Mapping) and "value" in value:
                found[column.id] = value.get(column.part or "value")
            elif not column.part:
                found[column.id] = value
        return found

    def _body(self, sheet: Worksheet, columns: Sequence[Column], bodies: Sequence[Raw], first: int) -> int:
        """The rows of a table, spare ones below them; what may be typed holds far beyond."""
        last = TOP - 1 + len(bodies) + (SPARE if len(bodies) <= SPARE else FEW)
        for row in range(TOP, last + 1):
            content = bodies[row - TOP] if row - TOP < len(bodies) else {}
            height = 1
            for at, column in enumerate(columns, start=first):
                cell = sheet.cell(row, at)
                self.field(cell, column.kind)
                put(cell, content.get(column.id), column.kind)
                if isinstance(cell.value, str):
                    height = max(height, _lines(cell.value, _width(column) - 1))
            self._taller(sheet, row, 13.5 * height)
        for at, column in enumerate(columns, start=first):
            rule = self.rules.of(column)
            rule.add(f"{_letter(at)}{TOP}:{_letter(at)}{last + BEYOND}")
            sheet.add_data_validation(rule)
        return last

    def _mark(self, sheet: Worksheet, section: str, columns: Sequence[Column], last: int) -> None:
        """Show in each row that is begun what is still open, and what its payment rule does not use."""
        at = {column.key: f"${_letter(n)}{TOP}" for n, column in enumerate(columns, start=1) if not column.part}
        row = f"$A{TOP}:${_letter(len(columns))}{TOP}"

        def mark(key: str, colour: str, *conditions: str) -> None:
            area = f"{at[key]}:{at[key].removesuffix(str(TOP))}{last}".replace("$", "")
            sheet.conditional_formatting.add(area, _filled(f"AND({','.join(conditions)})", colour))

        def without(key: str) -> str:
            """Whether a row has nothing under a key, or in the list of it."""
            of = self.listed.get((section, key))
            return f"COUNTIF({of},{at['name']})=0" if of else f'{at[key]}=""'

        fixed = [f'{at["schedule"]}<>"fixed"'] if "schedule" in at else []
        for column in columns:
            if column.about.get("needed") and not column.part:
                others = [without(key) for key in column.about.get("unless", ())]
                mark(column.key, "open", without(column.key), f"COUNTA({row})>0", *others, *(fixed if others else ()))
        if "schedule" not in at:
            return
        for key in ("target", "payment", "weight", "floor", "price", "cap"):
            term = "amount" if key in ("payment", "weight") else key
            needs = [name for name, one in RULES.items() if term in one.needs]
            uses = [*needs, *(name for name, one in RULES.items() if term in one.may), *["none"] * (key == "target")]
            others = {"payment": ["weight"], "weight": ["payment"], "price": ["card"]}.get(key, [])
            if needs:
                mark(key, "open", _is_one(at["schedule"], needs), *map(without, (key, *others)))
            mark(key, "unused", f'{at["schedule"]}<>""', f"NOT({_is_one(at['schedule'], uses)})")
        counted = [name for name, one in RULES.items() if one.counts]  # no share can be priced by the piece
        mark("unit", "open", _is_one(at["schedule"], counted), _is_one(at["unit"], ("", "share")), without("card"))
        lined = [name for name, one in RULES.items() if "points" in one.needs]
        mark("schedule", "open", _is_one(at["schedule"], lined), without("points"))


def _put_away(sheet: Worksheet, columns: Iterable[int]) -> None:
    """Hide columns behind the + above them."""
    for column in columns:
        one = sheet.column_dimensions[_letter(column)]
        one.outlineLevel, one.hidden = 1, True


def _is_one(cell: str, names: Sequence[str]) -> str:
    return "OR(" + ",".join(f'{cell}="{name}"' for name in names) + ")"


def _filled(formula: str, colour: str) -> Any:
    """A rule that fills a cell where a formula holds."""
    from openpyxl.formatting.rule import Rule
    from openpyxl.styles.differential import DifferentialStyle

    return Rule(type="expression", formula=[formula], dxf=DifferentialStyle(fill=styles()[2][colour]))


def _width(column: Column, contents: Iterable[Any] = ()) -> float:
    """As wide as its kind needs, and as the numbers in it do: no number may show as ###."""
    if column.part == "note":
        return 22
    if column.kind == "choice":
        return min(max(map(len, column.about["allowed"])) + 5, WIDTHS["choice"])
    numbers = [one for one in contents if isinstance(one, int | float) and not isinstance(one, bool)]
    shown = [f"{one:,.2f}" if column.kind == "money" and one != int(one) else f"{one:,.10g}" for one in numbers]
    return max([WIDTHS.get(column.kind, 30), *(len(one) + 2 for one in shown)])


def _lines(text: str, width: float) -> int:
    """Lines that a text takes in a column: wide signs count twice."""
    size = sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)
    return max(1, math.ceil(0.98 * size / max(width, 1)))


def _single(section: str, item: Raw) -> Iterable[tuple[str, Column, Raw, Raw]]:
    """The rows of a section that a case has once: what formulas call it, its column, its content."""
    for one in dataclasses.fields(SECTIONS[section]):
        value, about = item.get(one.name), one.metadata
        if value is None and about.get("more"):
            continue
        column = Column(section, one.name, "", "month" if about["kind"] == "months" else about["kind"], about)
        if about["kind"] == "months":
            for n, month in enumerate([*(value or []), None, None], start=1):
                yield one.name + (f" {n}" if n > 1 else ""), column, {"value": month}, about
        else:
            parts = value if isinstance(value, Mapping) and "value" in value else {"value": value}
            yield one.name, column, parts, about
