"""Case files as workbooks: to fill in, and to audit, with live formulas.

The sheet ``Inputs`` is the case file, one row a key, and is read back. The other sheets hold formulas on
its named cells, so that a changed input changes every result; ``Checks`` sets them beside what
`sibmodels` computed. Needs openpyxl.
"""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import re
import zipfile
from pathlib import Path

from sibmodels import casefile, cashflows
from sibmodels.casefile import LISTS, PERIODS, SECTIONS, CaseFile, CaseFileError, Problem

__all__ = ["read", "write", "write_template"]

LARGEST = 5_000_000  # bytes of a workbook; unpacked, ten times that
SHEET = "Inputs"
HEADER = ("Section", "Key", "Value", "Low", "High", "Note", "Meaning")
MONEY, SHARE = "#,##0.00", "0.00%"


def _openpyxl():
    try:
        import openpyxl
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "workbooks need openpyxl, which is not installed; install it with: pip install 'sibmodels[excel]'"
        ) from None
    return openpyxl


# reading


def read(path: str | Path) -> CaseFile:
    """The case on the sheet ``Inputs`` of a workbook; `CaseFileError` with every problem and its cell."""
    path = Path(path)
    if path.stat().st_size > LARGEST:
        raise CaseFileError([casefile.too_large(path, LARGEST)])
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
        name = _put(table, key, cells[2:6])
        cell = f"{path.name}, {SHEET}!C{row}"
        if name in (None, ""):
            continue
        if (*base, name) in places and name == key:
            problems.append(Problem(cell, ".".join(map(str, (*base, key))), "is there twice", "clear one of the two"))
        places.setdefault((*base, name), cell)
    for head in ("cost", "stakeholder"):  # blocks that nobody filled in
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
    return casefile.build(raw, place, problems, broken, cells=True)


def _sheets(path: Path):
    """The sheet of inputs twice: with its formulas, and with what they last gave."""
    openpyxl = _openpyxl()
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


def _put(table: dict, key: str, cells: list) -> str | None:
    """Put a row into its section; returns the key as the schema has it, or None where the row is blank."""
    value, low, high, note = cells
    listed = re.fullmatch(r"(measured|fixed_paid)(?: (\d+))?", key)
    pair = re.fullmatch(r"points (\d+): (performance|payment)", key)
    named = re.fullmatch(r"(payers|values): ?(.*)", key, flags=re.S)
    if value is None and low is None and high is None:
        if not (listed or pair or named):
            table.setdefault(key, "")
        return key if not (listed or pair or named) else None
    if listed:
        table.setdefault(listed[1], []).append(value)
        return listed[1]
    if pair:
        points = table.setdefault("points", [])
        while len(points) < min(int(pair[1]), casefile.MOST + 1):
            points.append([None, None])
        if 0 < int(pair[1]) <= casefile.MOST + 1:
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


# writing


def write_template(path: str | Path, given: dict | None = None, notes=()) -> None:
    """An empty case file as a workbook, with what is known already."""
    book = _openpyxl().Workbook()
    given = {key: {} for key in SECTIONS} | (given or {})
    given |= {name: given[name] or [{}] for name in LISTS}
    notes = ["Fill in the column Value (yellow); an assumption has Low and High as well.", *notes]
    notes.append("For a second outcome, cost or stakeholder, copy its rows and number them on: outcome 2.")
    _inputs(book, given, notes)
    book.save(path)


def write(case: CaseFile, path: str | Path) -> None:
    """The case with live formulas: inputs, payments, curves, cash flow, checks."""
    book = _openpyxl().Workbook()
    tables = {name: [] if name in LISTS else {} for name in SECTIONS} | casefile.raw(case)
    tables["timing"].setdefault("period", case.timing.period)
    notes = [
        "Change a yellow cell and every sheet follows. For other outcomes, other rules or more periods,",
        "change the cells, save, and run `python -m sibmodels report` on this workbook.",
    ]
    model = _Model(book, case, _inputs(book, tables, notes))
    if case.paid:
        model.payments()
        model.curves()
        if case.has_calendar and case.cost:
            model.cash_flow()
    model.finish()
    book.save(path)


def _text(cell, text) -> None:
    """Text that stays text, whatever sign it begins with."""
    cell.value = str(text)
    cell.data_type = "s"


def _styles():
    from openpyxl.styles import Alignment, Font, PatternFill

    fills = {name: PatternFill("solid", fgColor=colour) for name, colour in (("head", "E7E2D8"), ("input", "FFF6CC"))}
    return Font(bold=True), Alignment(wrap_text=True, vertical="top"), fills


def _head(sheet, row: int, titles) -> None:
    bold, wrap, fills = _styles()
    for column, title in enumerate(titles, start=1):
        cell = sheet.cell(row, column)
        _text(cell, title)
        cell.font, cell.alignment, cell.fill = bold, wrap, fills["head"]


def _widths(sheet, widths) -> None:
    from openpyxl.utils import get_column_letter

    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width


def _inputs(book, tables: dict, notes) -> dict[tuple[str, str], str]:
    """The sheet of inputs; returns how formulas call each value: by its cell's name, where it has one."""
    from openpyxl.workbook.defined_name import DefinedName

    _, _, fills = _styles()
    sheet = book.active
    sheet.title = SHEET
    for row, note in enumerate(notes, start=1):
        _text(sheet.cell(row, 1), note)
    first = len(notes) + 2
    _head(sheet, first, HEADER)
    sheet.freeze_panes = sheet.cell(first + 1, 3)
    _widths(sheet, (14, 26, 30, 12, 12, 32, 70))
    called = {}
    for row, (section, key, value, about) in enumerate(_rows(tables), start=first + 1):
        _text(sheet.cell(row, 1), section)
        _text(sheet.cell(row, 2), key)
        _text(sheet.cell(row, 7), about)
        parts = value if isinstance(value, dict) else {"value": value}
        for column, part in enumerate(("value", "low", "high", "note"), start=3):
            cell, content = sheet.cell(row, column), parts.get(part)
            cell.fill = fills["input"]
            if isinstance(content, str):
                if content:
                    _text(cell, content)
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
                elif about["kind"] in ("shares", "weights"):
                    default = about["default"] or {"name of an outcome": None}
                    for name, part in (value or default).items():
                        yield head, f"{one.name}: {name}", part, meaning
                else:
                    yield head, one.name, value, meaning


class _Model:
    """The sheets of formulas. Each refers to cells of ``Inputs`` by name, and to those before it."""

    def __init__(self, book, case: CaseFile, called: dict):
        self.book, self.case, self.called = book, case, called
        self.checks: list[tuple[str, str, float | None]] = []  # what, its formula, what sibmodels computed

    def at(self, number: int, key: str) -> str:
        return self.called[f"outcome {number}", key]

    def sheet(self, title: str, head, widths, row: int = 1):
        sheet = self.book.create_sheet(title)
        _head(sheet, row, head)
        _widths(sheet, widths)
        return sheet

    def paid(self):
        """The paid outcomes with their numbers in the file."""
        return [(n, one) for n, one in enumerate(self.case.outcome, start=1) if one.schedule != "none"]

    def rule(self, number: int, performance: str) -> str:
        """The payment rule of an outcome, as a formula of the cell that holds its performance."""
        one, x = self.case.outcome[number - 1], performance
        if one.schedule == "rate card":
            earned = f"{x}*{self.at(number, 'price')}"
            return earned if one.cap is None else f"MIN({earned},{self.at(number, 'cap')})"
        if one.schedule in ("linear", "step"):
            return self._points(number, x)
        target = self.at(number, "target")
        if one.schedule == "threshold":
            return f"IF({x}>={target},{self._amount(number)},0)"
        return f"IF({x}<{self.at(number, 'floor')},0,MIN({x}/{target},1)*{self._amount(number)})"

    def most(self, number: int) -> str:
        """The most that an outcome can earn, as a formula; text where there is no limit."""
        one = self.case.outcome[number - 1]
        if one.schedule == "rate card":
            return '"no limit"' if one.cap is None else self.at(number, "cap")
        if one.schedule in ("linear", "step"):
            amounts = [self.at(number, f"points {n}: payment") for n in range(1, len(one.points) + 1)]
            return f"MAX({','.join(amounts + (['0'] if one.schedule == 'step' else []))})"
        return self._amount(number)

    def _amount(self, number: int) -> str:
        if self.case.outcome[number - 1].weight is None:
            return self.at(number, "payment")
        most = self.called["contract", "maximum"]
        return f"{self.at(number, 'weight')}*" + (most if self.case.in_money else f'IF({most}="",100,{most})')

    def _points(self, number: int, x: str) -> str:
        one = self.case.outcome[number - 1]
        count = range(1, len(one.points) + 1)
        points = [[self.at(number, f"points {n}: {part}") for part in ("performance", "payment")] for n in count]
        formula = points[-1][1]
        for (x0, y0), (x1, y1) in reversed(list(itertools.pairwise(points))):
            between = y0 if one.schedule == "step" else f"{y0}+({x}-{x0})*({y1}-{y0})/({x1}-{x0})"
            formula = f"IF({x}<{x1},{between},{formula})"
        below = "0" if one.schedule == "step" else points[0][1]
        return f"IF({x}<{points[0][0]},{below},{formula})"

    def people(self, number: int) -> str:
        """By what a share of people is multiplied to be a performance."""
        one = self.case.outcome[number - 1]
        if one.unit == "share":
            return "1"
        return self.called["cohort", "people"] if one.measured_on is None else self.at(number, "measured_on")

    def payments(self) -> None:
        """What each outcome earns at the performance expected, or typed over it, and who pays."""
        head = ["Outcome", "Unit", "Performance (type over it)", "Earned", "Paid, after the cap", "Most"]
        flowing = self.case.has_calendar and self.case.cost
        head += ["Performance of the share served", "Paid for the share served"] if flowing else []
        sheet = self.sheet("Payments", head, (30, 10, 18, 18, 18, 18, 18, 18))
        _, _, fills = _styles()
        self.lines = {}  # the row of each outcome, and of the fixed payment
        for row, (number, one) in enumerate(self.paid(), start=2):
            self.lines[one.name] = row
            sheet.cell(row, 1).value = f"={self.at(number, 'name')}"
            _text(sheet.cell(row, 2), one.unit)
            sheet.cell(row, 3).value = f"={self.at(number, 'expected')}*{self.people(number)}"
            sheet.cell(row, 3).fill = fills["input"]
            sheet.cell(row, 3).number_format = SHARE if one.unit == "share" else MONEY
            sheet.cell(row, 4).value = f"={self.rule(number, f'C{row}')}"
            sheet.cell(row, 6).value = f"={self.most(number)}"
            if flowing:  # where the service stops, and it is measured later
                sheet.cell(row, 7).value = f"=C{row}*'Cash flow'!$B$7"
                sheet.cell(row, 7).number_format = sheet.cell(row, 3).number_format
        last = len(self.lines) + 1
        fixed, total, scale = last + 1, last + 2, last + 3
        self.lines["fixed payment"] = fixed
        _text(sheet.cell(fixed, 1), "Fixed payment")
        sheet.cell(fixed, 4).value = f"=0+{self.called['contract', 'fixed_payment']}"
        _text(sheet.cell(total, 1), "Total")
        sheet.cell(total, 4).value = f"=SUM(D2:D{fixed})"
        sheet.cell(total, 5).value = f"=SUM(E2:E{fixed})"
        cap = self.called["contract", "cap"]
        _text(sheet.cell(scale, 1), "Share of it that the cap lets through")
        sheet.cell(scale, 4).value = f"=IF(N({cap})=0,1,IF(D{total}>{cap},{cap}/D{total},1))"
        for row in range(2, fixed + 1):
            sheet.cell(row, 5).value = f"=D{row}*$D${scale}"
        if flowing:
            for row, (number, _) in enumerate(self.paid(), start=2):
                sheet.cell(row, 8).value = f"=({self.rule(number, f'G{row}')})*$D${scale}"
            sheet.cell(fixed, 8).value = "=0"
        for row in range(2, total + 1):
            for column in (4, 5, 6, 8):
                sheet.cell(row, column).number_format = MONEY
        sheet.cell(scale, 4).number_format = SHARE
        self._payers(sheet, scale + 2, last, fixed)
        self.checks.append(("Paid in all", f"Payments!E{total}", self.case.contract().total(self.case.performance())))

    def _payers(self, sheet, row: int, last: int, fixed: int) -> None:
        """Who pays: shares of each outcome, and the fixed payment as maximum payments are shared."""
        _head(sheet, row, ("Payer", "Pays"))
        limits = [outcome.schedule.max_payment for outcome in self.case.contract().outcomes]
        weighed = all(limit < float("inf") for limit in limits) and sum(limits) > 0
        parts: dict[str, list[str]] = {}
        for number, one in self.paid():
            line = self.lines[one.name]
            weight = f"F{line}/SUM(F$2:F${last})" if weighed else f"1/{len(limits)}"
            for name in one.payers:
                share = self.at(number, f"payers: {name}")
                parts.setdefault(name, []).append(f"{share}*(E{line}+E{fixed}*{weight})")
        computed = self.case.contract().by_payer(self.case.performance())
        for at, (name, terms) in enumerate(parts.items(), start=row + 1):
            _text(sheet.cell(at, 1), name)
            sheet.cell(at, 2).value = "=" + "+".join(terms)
            sheet.cell(at, 2).number_format = MONEY
            self.checks.append((f"Paid by {name}", f"Payments!B{at}", float(computed[name])))

    def curves(self) -> None:
        """What each outcome pays as the share of people rises."""
        names = [one.name for _, one in self.paid()]
        sheet = self.sheet("Curves", ("Share of people who succeed", *names), (18, *[18] * len(names)))
        for row in range(2, 23):
            sheet.cell(row, 1).value = (row - 2) / 20
            sheet.cell(row, 1).number_format = "0%"
            for column, (number, _) in enumerate(self.paid(), start=2):
                cell = sheet.cell(row, column)
                cell.value = f"={self.rule(number, f'($A{row}*{self.people(number)})')}"
                cell.number_format = MONEY

    def cash_flow(self) -> None:
        """Who pays whom in each period."""
        from openpyxl.utils import get_column_letter as letter

        case = self.case
        calendar = self._calendar()
        costs, paid = list(case.cost), [one.name for _, one in self.paid()] + ["fixed payment"]
        head = ["Period", "First month", *(f"Cost: {item.name}" for item in costs), "Cost in all"]
        head += [f"Falls due: {name}" for name in paid]
        plan = ("Earned", "Received", "Drawn from investors", "Held after")
        head += [f"{name}, if all is served" for name in plan] + ["Served (1 or 0)"]
        head += [*(f"Earned: {name}" for name in paid), "Earned in all", "Received", "Held before"]
        head += ["Drawn from investors", "Passed on to investors", "Held after"]
        head += ["Payer", "Provider", "Intermediary", "Investor", "Guarantor", "Sum (must be 0)", "Investor, added up"]
        c = {name: letter(n) for n, name in enumerate(head, start=1)}
        first_cost, first_due = 3, 4 + len(costs)
        first_paid = first_due + len(paid) + len(plan) + 1
        top = 9  # the summary stands above
        sheet = self.sheet("Cash flow", head, [8, 12] + [16] * (len(head) - 2), row=top)
        lag, periods = int(case.timing.lag.value), len(case.periods())
        begin, end = top + 1, top + periods + lag
        terms = {key: self.called["investment", key] for key in ("amount", "fee", "guarantee", "distribute")}
        as_received = f'{terms["distribute"]}="as received"'
        limit = f'IF({terms["amount"]}="",1E+99,{terms["amount"]})'
        money = range(3, len(head) + 1)
        for row in range(begin, end + 1):
            here = {name: f"{column}{row}" for name, column in c.items()}
            before = {name: f"{column}{row - 1}" if row > begin else "0" for name, column in c.items()}

            def above(name: str, row=row) -> str:  # that far down, and no further: nothing may depend on itself
                return f"SUM({c[name]}${begin}:{c[name]}{row - 1})" if row > begin else "0"

            def lagged(name: str, row=row) -> str:
                at = f"A{row}-{self.called['timing', 'lag']}"
                return f"=IF({at}>=1,INDEX({c[name]}${begin}:{c[name]}{row},{at}),0)"

            sheet.cell(row, 1).value = row - top
            month = f"(Calendar!$C$2+(A{row}-1)*Calendar!$C$3)"
            sheet.cell(row, 2).value = f'=INT({month}/12)&"-"&RIGHT("0"&(MOD({month},12)+1),2)'
            for n, _ in enumerate(costs, start=1):
                start, stop = calendar[f"cost {n} start"], calendar[f"cost {n} end"]
                amount = self.called[f"cost {n}", "amount"]
                cell = sheet.cell(row, first_cost + n - 1)
                cell.value = f"=IF(AND(A{row}>={start},A{row}<={stop}),{amount}/({stop}-{start}+1),0)"
            cost_ends = [letter(first_cost), letter(first_cost + len(costs) - 1)]
            cost = here["Cost in all"]
            cells = {"Cost in all": f"=SUM({cost_ends[0]}{row}:{cost_ends[1]}{row})"}
            for n, name in enumerate(paid):
                dates, line = calendar[name], self.lines[name]
                hits = "+".join(f"(A{row}={date})" for date in dates)
                due = sheet.cell(row, first_due + n)
                due.value = f"=({hits})/{len(dates)}"
                earned = f"IF({here['Served (1 or 0)']}=1,Payments!$E${line},Payments!$H${line})"
                sheet.cell(row, first_paid + n).value = f"={due.coordinate}*{earned}"
            ends = [letter(first_paid), letter(first_paid + len(paid) - 1)]
            every = [f"{letter(first_due + n)}{row}*Payments!$E${self.lines[name]}" for n, name in enumerate(paid)]
            still_due = f"SUM({c['Cost in all']}{row + 1}:{c['Cost in all']}${end})" if row < end else "0"
            kept = f"N({terms['fee']})+IF({here['Served (1 or 0)']}=1,{still_due},0)"
            got, drawn, held = (here[f"{name}, if all is served"] for name in plan[1:])
            was = before["Held after, if all is served"]
            left = f"({limit}-{above('Drawn from investors, if all is served')})"
            cells |= {
                "Earned, if all is served": "=" + "+".join(every),
                "Received, if all is served": lagged("Earned, if all is served"),
                "Drawn from investors, if all is served": f"=MIN(MAX({cost}-{was}-{got},0),{left})",
                "Held after, if all is served": (
                    f"=MIN(MAX({was}+{got}-{cost}+{drawn},0),IF({as_received},N({terms['fee']})+{still_due},1E+99))"
                ),
                "Served (1 or 0)": (
                    f"=IF(AND({before['Served (1 or 0)'] if row > begin else 1}=1,"
                    f"{cost}<={was}+MAX({got},0)+{left}+0.000001),1,0)"
                ),
            }
            received, drawn, held = here["Received"], here["Drawn from investors"], here["Held before"]
            passed, met, investor = here["Passed on to investors"], here["Provider"], here["Investor"]
            rest = f"MAX({held}+{drawn},0)"
            on = f"MAX({rest}-({kept}),0)"
            cells |= {
                "Earned in all": f"=SUM({ends[0]}{row}:{ends[1]}{row})",
                "Received": lagged("Earned in all"),
                "Held before": f"={before['Held after']}+{received}-{met}",
                "Drawn from investors": f"=MIN(MAX(-{held},0),{limit}-{above('Drawn from investors')})",
                "Passed on to investors": f"={on}" if row == end else f"=IF({as_received},{on},0)",
                "Held after": f"={rest}-{passed}",
                "Payer": f"=-{received}-IF({received}<0,MAX(-{held}-{drawn},0),0)",
                "Provider": f"={cost}*{here['Served (1 or 0)']}",
                "Investor": f"={passed}-{drawn}" + ("+$B$6" if row == end else ""),
                "Guarantor": "=-$B$6" if row == end else "=0",
                "Intermediary": f"=-{here['Payer']}-{met}-{investor}-{here['Guarantor']}",
                "Investor, added up": f"=SUM({c['Investor']}${begin}:{investor})",
            }
            parties = [here[name] for name in ("Payer", "Provider", "Intermediary", "Investor", "Guarantor")]
            cells["Sum (must be 0)"] = "=ROUND(" + "+".join(parties) + ",6)"
            for name, formula in cells.items():
                sheet[here[name]].value = formula
            for column in money:
                sheet.cell(row, column).number_format = MONEY
            for n in range(first_due, first_due + len(paid)):
                sheet.cell(row, n).number_format = SHARE
            sheet[here["Served (1 or 0)"]].number_format = "0"

        def whole(name: str) -> str:
            return f"{c[name]}{begin}:{c[name]}{end}"

        investor, added, cost = whole("Investor"), whole("Investor, added up"), whole("Cost in all")
        back = f'SUMIF({investor},">0")/-SUMIF({investor},"<0")'
        # near enough for a spreadsheet's IRR to find it: the multiple over the time from money out to money in
        times = f"A{begin}:A{end}"
        when = [f'SUMPRODUCT(({investor}{sign}0)*{investor}*{times})/SUMIF({investor},"{sign}0")' for sign in "><"]
        guess = f"({back})^(1/({when[0]}-{when[1]}))-1"
        loss = f"SUM({whole('Drawn from investors')})-SUM({whole('Passed on to investors')})"
        summary = [
            ("Investors' return a year", f'=IFERROR((1+IRR({investor},{guess}))^(12/Calendar!$C$3)-1,"none")', SHARE),
            (
                "Money back for each unit put in",
                f'=IFERROR({back},"none")',
                "0.0000",
            ),
            ("Most that investors have out", f"=MAX(-MIN({added}),0)", MONEY),
            ("Passed on to investors", f"=SUM({whole('Passed on to investors')})", MONEY),
            ("Fee, as far as there is money", f"={c['Held after']}{end}", MONEY),
            ("Guarantor makes good", f"=MIN(N({terms['guarantee']}),MAX({loss},0))", MONEY),
            (
                "Share of the costs met before the money is used up",
                f"=IF(SUM({cost})=0,1,SUM({whole('Provider')})/SUM({cost}))",
                SHARE,
            ),
        ]
        for row, (label, formula, form) in enumerate(summary, start=1):
            _text(sheet.cell(row, 1), label)
            sheet.cell(row, 2).value, sheet.cell(row, 2).number_format = formula, form
        sheet.freeze_panes = sheet.cell(begin, 3)
        flows = case.flows()
        out = flows["investor"].to_numpy()
        every = PERIODS[case.timing.period]
        rate = cashflows.irr(out)
        annual = float(cashflows.annualise(rate, 12 / every)) if rate == rate and rate > -1 else None
        self.checks += [
            ("Investors' return a year", "'Cash flow'!B1", annual),
            ("Most that investors have out", "'Cash flow'!B3", float(cashflows.peak_draw(out))),
            *(
                (
                    f"{party} in all",
                    f"SUM('Cash flow'!{c[party]}{begin}:{c[party]}{end})",
                    float(flows[party.lower()].sum()),
                )
                for party in ("Payer", "Provider", "Intermediary", "Investor", "Guarantor")
            ),
        ]
        sums = f"'Cash flow'!{c['Sum (must be 0)']}{begin}:{c['Sum (must be 0)']}{end}"
        cost = f"SUM('Cash flow'!{c['Cost in all']}{begin}:{c['Cost in all']}{end})"
        amounts = "+".join(self.called[f"cost {n}", "amount"] for n in range(1, len(costs) + 1))
        planned = c["Received, if all is served"]
        got = f"SUM('Cash flow'!{planned}{begin}:{planned}{end})"
        self.rules = [
            ("What one pays another gets, in every period", f"SUMPRODUCT(ABS({sums}))=0"),
            ("Every cost falls into the calendar", f"ABS({cost}-({amounts}))<0.005"),
            ("Every payment falls into the calendar", f"ABS({got}-Payments!E{self.lines['fixed payment'] + 1})<0.005"),
        ]

    def _calendar(self) -> dict:
        """The number of the period of every date: its own sheet, so that it can be followed."""
        sheet = self.sheet("Calendar", ("What", "Month", "Number"), (34, 14, 14))
        start, end = self.called["timing", "start"], self.called["timing", "end"]
        count = "(VALUE(LEFT({0},4))*12+VALUE(MID({0},6,2))-1)"
        step = self.called["timing", "period"]
        steps = f'=IF({step}="month",1,IF({step}="quarter",3,IF({step}="half-year",6,12)))'
        for row, what, month, number in (
            (2, "First month, counted from year 0", f"={start}", "=" + count.format("B2")),
            (3, "Months in a period", f"={step}", steps),
        ):
            _text(sheet.cell(row, 1), what)
            sheet.cell(row, 2).value, sheet.cell(row, 3).value = month, number
        found: dict = {}

        def add(what: str, month: str, otherwise: str) -> str:
            row = sheet.max_row + 1
            _text(sheet.cell(row, 1), what)
            sheet.cell(row, 2).value = f'=IF({month}="",{otherwise},{month})'
            sheet.cell(row, 3).value = f"=INT(({count.format(f'B{row}')}-$C$2)/$C$3)+1"
            return f"Calendar!$C${row}"

        for n, item in enumerate(self.case.cost, start=1):
            for key, otherwise in (("start", start), ("end", end)):
                cell = self.called[f"cost {n}", key]
                found[f"cost {n} {key}"] = add(f"{item.name}, {key}", cell, otherwise)
        for number, one in self.paid():
            months = [
                self.at(number, f"measured{f' {n}' if n > 1 else ''}") for n in range(1, len(one.measured or "x") + 1)
            ]
            found[one.name] = [add(f"{one.name}, measured", month, end) for month in months]
        dates = range(1, len(self.case.contract_terms.fixed_paid or "x") + 1)
        months = [self.called["contract", f"fixed_paid{f' {n}' if n > 1 else ''}"] for n in dates]
        found["fixed payment"] = [add("fixed payment", month, start) for month in months]
        return found

    def finish(self) -> None:
        """The sheet of checks: what must hold, and what sibmodels computed from the same inputs."""
        head = ("Check", "This workbook", "sibmodels, when this was written", "Difference")
        sheet = self.sheet("Checks", head, (46, 24, 32, 18))
        if not self.case.paid:
            _text(sheet.cell(2, 1), "No outcome is paid for by results: there is nothing to compute.")
        row = 1
        for row, (what, formula, value) in enumerate(self.checks, start=2):
            _text(sheet.cell(row, 1), what)
            sheet.cell(row, 2).value = f"={formula}"
            form = "0.000000%" if "return" in what else MONEY
            if value is None:
                _text(sheet.cell(row, 3), "none")
            else:
                sheet.cell(row, 3).value = value
                sheet.cell(row, 4).value = f'=IFERROR(B{row}-C{row},"differs")'
            for column in (2, 3, 4):
                sheet.cell(row, column).number_format = form
        for at, (what, formula) in enumerate(getattr(self, "rules", []), start=row + 2):
            _text(sheet.cell(at, 1), what)
            sheet.cell(at, 2).value = f'=IF({formula},"holds","DOES NOT HOLD")'
        for one in self.book:
            one.page_setup.orientation = "landscape"
            one.page_setup.fitToHeight = 0
            one.sheet_properties.pageSetUpPr.fitToPage = True
