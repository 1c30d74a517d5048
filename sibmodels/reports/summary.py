"""The first sheet of a report's workbook: the result looked at, what it comes to, year by year, and charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from sibmodels.casefile import CaseFile
from sibmodels.casefile.layout import title
from sibmodels.casefile.sheets import COLOURS, font, head_row, put_text, set_widths, sheet_name, styles
from sibmodels.messages import head, say
from sibmodels.reports.tables import ends, scenarios

if TYPE_CHECKING:  # loaded where it is used: not everybody has it
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["MONEY", "SHARE", "Summary"]

MONEY, SHARE = "#,##0.00", "0.00%"
TOP = 7
COLUMNS = ("paid", "investors gain", "return a year", "most they have out")
PALETTE = ("0072B2", "D55E00", "009E73", "CC79A7", "E69F00", "56B4E9", "444444")
DASHES = ("solid", "dash", "sysDot", "dashDot")  # with the colours they tell 28 lines apart
HIGH, WIDE, ROWS = 7.6, 17.0, 16  # of a chart, in centimetres; rows of the sheet that it covers
AT = "H"  # the column where charts begin


def _here() -> str:
    """This sheet as formulas call it."""
    return sheet_name(title("summary"))


class Summary:
    """The sheet: a result to choose, and for formulas of other sheets what is expected if it is chosen."""

    def __init__(self, book: Workbook, case: CaseFile, called: dict[tuple[str, str], str], live: bool) -> None:
        self.case, self.ends, self.live = case, list(ends(case)), live
        self.sheet: Worksheet = book.create_sheet(title("summary"), 0)
        book.active = 0
        for other in book.worksheets[1:]:
            other.sheet_view.tabSelected = False
        self.charts, self.table = 0, scenarios(case)
        self.above: list[tuple[str, str, str]] = []
        set_widths(self.sheet, (46, *[16] * 5, 2))
        payers = len(case.contract().by_payer(case.of_contract(case.performance())))
        self.row = TOP + payers + (12 if live else 9)  # below the figures, which come when there are formulas for them
        self._results()
        self.expected = self._expected(called)
        self._choice()

    def choose(self, values: Sequence[float | None]) -> str:
        """A formula for a value that each result has: what `sibmodels` computed when this was written."""
        shown = [f'"{say("terms.none")}"' if value is None else repr(float(value)) for value in values]
        return shown[0] if len(set(shown)) == 1 else f"CHOOSE({_here()}!$B$5,{','.join(shown)})"

    def _choice(self) -> None:
        """The cell in which a result is chosen."""
        from openpyxl.worksheet.datavalidation import DataValidation

        sheet, (_, wrap, fills) = self.sheet, styles()
        put_text(sheet["A1"], self.case.about.name)
        sheet["A1"].font = font(14, bold=True)
        put_text(sheet["A2"], say("book.summary" if self.live else "book.summary_part", money=self.case.money))
        sheet.merge_cells("A2:F2")
        sheet["A2"].alignment = wrap
        sheet.row_dimensions[2].height = 40
        put_text(sheet["A4"], say("book.result"))
        put_text(sheet["B4"], head("as expected"))
        sheet["A4"].font = sheet["B4"].font = font(bold=True)
        sheet.merge_cells("B4:C4")
        for cell in (sheet["B4"], sheet["C4"]):
            cell.fill = fills["input"]
        put_text(sheet["A5"], say("book.number"))
        sheet["B5"].value = f"=MATCH(B4,A{self.first}:A{self.first + len(self.ends) - 1},0)"
        sheet["A5"].font = sheet["B5"].font = font(8, color=COLOURS["key"])
        rule = DataValidation("list", f"$A${self.first}:$A${self.first + len(self.ends) - 1}", showErrorMessage=True)
        rule.promptTitle, rule.prompt, rule.showInputMessage = say("book.result"), say("book.choose"), True
        rule.errorTitle, rule.error = say("book.result"), say("template.choose")
        rule.add("B4")
        sheet.add_data_validation(rule)

    def _called(self, name: str) -> str:
        """What a column is called: what is paid for all who are served has another name."""
        stops = name == "paid" and "share served" in self.table
        return head("Paid as the service stops" if stops else name[:1].upper() + name[1:])

    def _results(self) -> None:
        """Each result, as `sibmodels` computed it."""
        table = self.table
        columns = [name for name in COLUMNS if name in table]
        put_text(self.sheet.cell(self.row, 1), say("book.written"))
        self.sheet.cell(self.row, 1).font = font(8, color="404040")
        head_row(self.sheet, self.row + 1, [head("If"), *(self._called(name) for name in columns)], numbers=2)
        self.first = self.row + 2
        for row, (name, values) in enumerate(table.iterrows(), start=self.first):
            put_text(self.sheet.cell(row, 1), head(str(name)))
            for column, key in enumerate(columns, start=2):
                cell, value = self.sheet.cell(row, column), values[key]
                if pd.isna(value):
                    put_text(cell, say("terms.none"))
                    continue
                cell.value, cell.number_format = round(float(value), 6), SHARE if key == "return a year" else MONEY
        self.row = self.first + len(table) + 1
        if "investors gain" in columns:
            last = self.first + len(table) - 1
            self._bars(say("book.chart_results", money=self.case.money), (2, 3), self.first, last)

    def _expected(self, called: dict[tuple[str, str], str]) -> dict[int, str]:
        """What is expected of each outcome if the result is chosen: by number, the cell."""
        asked = [(n, one) for n, one in enumerate(self.case.outcome, start=1) if one.expected is not None]
        if not asked:
            return {}
        heads = ("Outcome", "Expected", "Low", "High")
        head_row(self.sheet, self.row, [*map(head, heads), say("book.used")], numbers=2)
        found = {}
        for row, (number, one) in enumerate(asked, start=self.row + 1):
            cells = [called[f"outcome {number}", key] for key in ("expected", "expected low", "expected high")]
            self.sheet.cell(row, 1).value = f"={called[f'outcome {number}', 'name']}"
            self.sheet.cell(row, 2).value = f"={cells[0]}"
            for column, cell in enumerate(cells[1:], start=3):
                self.sheet.cell(row, column).value = f'=IF(ISNUMBER({cell}),{cell},"")'
            low, high = (f"IF(ISNUMBER({end}{row}),{end}{row},B{row})" for end in "CD")
            ways = {"nobody succeeds": "0", "low end of what is expected": low, "as expected": f"B{row}"}
            ways |= {"high end of what is expected": high, "everybody succeeds": "1"}
            self.sheet.cell(row, 5).value = f"=CHOOSE({_here()}!$B$5,{','.join(ways[name] for name in self.ends)})"
            for column in range(2, 6):
                self.sheet.cell(row, column).number_format = "0.0%" if one.unit != "score" else "0.######"
            found[number] = f"{_here()}!$E${row}"
        self.row += len(asked) + 2
        return found

    def flows(self, labels: Sequence[str], forms: Sequence[str]) -> None:
        """The figures that stand above the cash flow, one below the other."""
        flow, rows = sheet_name(title("cash_flow")), enumerate(zip(labels, forms, strict=True), start=1)
        self.above = [(head(what), f"{flow}!B{n}", form) for n, (what, form) in rows]

    def figures(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """What the result comes to: label, formula, format."""
        head_row(self.sheet, TOP, [say("book.comes_to"), head("Value")], numbers=2)
        for row, (what, formula, form) in enumerate([*rows, *(self.above or self._computed())], start=TOP + 1):
            put_text(self.sheet.cell(row, 1), what)
            self.sheet.cell(row, 2).value, self.sheet.cell(row, 2).number_format = f"={formula}", form

    def _computed(self) -> list[tuple[str, str, str]]:
        """Figures of a cash flow that no formula gives, as they were computed for each result."""
        if self.live or "investors gain" not in self.table:
            return []
        owed = any(one.owed for one in self.case.tranche)
        labels = {name: head(name[:1].upper() + name[1:]) for name in COLUMNS} | {"paid": say("book.with_owed")}
        form = {"return a year": SHARE}
        return [
            (
                labels[name],
                self.choose([None if pd.isna(one) else one for one in self.table[name]]),
                form.get(name, MONEY),
            )
            for name in COLUMNS
            if name != "paid" or owed
        ]

    def years(
        self, months: Sequence[str], when: str, payer: str, provider: str, investors: Sequence[str], first: int
    ) -> None:
        """Payments, costs and investors' money by calendar year, of the columns of the cash flow."""
        flow, last = sheet_name(title("cash_flow")), first + len(months) - 1
        heads = [head("Year"), say("book.payments"), say("book.costs"), say("book.investors")]
        head_row(self.sheet, self.row, heads, numbers=2)
        start = self.row + 1
        for row, year in enumerate(range(int(months[0][:4]), int(months[-1][:4]) + 1), start=start):
            put_text(self.sheet.cell(row, 1), year)
            in_year = f"(LEFT({flow}!${when}${first}:${when}${last},4)=$A{row})"

            def added(column: str, in_year: str = in_year) -> str:
                return f"SUMPRODUCT({in_year}*{flow}!{column}${first}:{column}${last})"

            formulas = (f"-{added(payer)}", added(provider), "+".join(map(added, investors)))
            for column, formula in enumerate(formulas, start=2):
                self.sheet.cell(row, column).value = f"={formula}"
                self.sheet.cell(row, column).number_format = MONEY
            self.row = row
        self._bars(say("book.chart_years", money=self.case.money), (2, 3, 4), start, self.row)
        self.row += 2

    def _bars(self, title: str, columns: Sequence[int], first: int, last: int) -> None:
        """Columns beside each other, of rows with their names in the first column and titles above."""
        from openpyxl.chart import BarChart, Reference

        chart = BarChart()
        chart.type, chart.gapWidth = "col", 60
        for column in columns:
            data = Reference(self.sheet, min_col=column, min_row=first - 1, max_row=last)
            chart.add_data(data, titles_from_data=True)
        chart.set_categories(Reference(self.sheet, min_col=1, min_row=first, max_row=last))
        for series, colour in zip(chart.series, PALETTE, strict=False):
            series.graphicalProperties.solidFill = colour
            series.invertIfNegative = False
        self._put(chart, title)
        chart.y_axis.number_format, chart.x_axis.tickLblPos = "#,##0", "low"

    def curves(self, sheet: Worksheet, count: int, last: int) -> None:
        """What each outcome pays as the share of people who succeed rises: a line each."""
        from openpyxl.chart import Reference, ScatterChart, Series

        chart = ScatterChart()
        chart.style, chart.scatterStyle = 13, "lineMarker"
        shares = Reference(sheet, min_col=1, min_row=2, max_row=last)
        for n in range(min(count, len(PALETTE) * len(DASHES))):
            paid = Reference(sheet, min_col=n + 2, min_row=1, max_row=last)
            line = Series(paid, shares, title_from_data=True)
            line.marker.symbol, line.smooth = "none", False
            line.graphicalProperties.line.solidFill = PALETTE[n % len(PALETTE)]
            line.graphicalProperties.line.dashStyle = DASHES[n // len(PALETTE)]
            line.graphicalProperties.line.width = 22_000
            chart.series.append(line)
        self._put(chart, say("book.chart_curves", money=self.case.money))
        chart.x_axis.scaling.min, chart.x_axis.scaling.max = 0, 1
        chart.x_axis.number_format, chart.y_axis.number_format = "0%", "#,##0"
        chart.x_axis.title = head("Share of people who succeed")
        chart.x_axis.majorGridlines, chart.x_axis.tickLblPos = None, "low"

    def _put(self, chart: Any, title: str) -> None:
        chart.title, chart.height, chart.width = title, HIGH, WIDE
        chart.legend.position = "b"
        chart.x_axis.delete = chart.y_axis.delete = False
        chart.title.tx.rich.p[0].pPr = _small()
        chart.y_axis.majorGridlines.spPr = _thin()
        self.sheet.add_chart(chart, f"{AT}{2 + ROWS * self.charts}")
        self.charts += 1


def _small() -> Any:
    from openpyxl.drawing.text import CharacterProperties, ParagraphProperties

    return ParagraphProperties(defRPr=CharacterProperties(sz=1100, b=True))


def _thin() -> Any:
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.drawing.line import LineProperties

    return GraphicalProperties(ln=LineProperties(solidFill="DDDDDD"))
