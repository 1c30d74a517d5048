"""A case file as a workbook to audit, with live formulas.

The sheets to fill in are the case file, and are read back. The others hold formulas on their named cells, so
that a changed input, or another result chosen on ``Summary``, changes every figure; ``Checks`` sets them
beside what `sibmodels` computed. Needs openpyxl.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pandas as pd

from sibmodels import cashflows
from sibmodels.casefile import LISTS, PERIODS, SECTIONS, CaseFile
from sibmodels.casefile.layout import title
from sibmodels.casefile.model import COMPARISON, Paid, by_date, plain, products, raw
from sibmodels.casefile.sections import Measure
from sibmodels.casefile.sheets import (
    fit,
    head_row,
    inputs,
    month_form,
    new_book,
    put_text,
    set_widths,
    sheet_name,
    styles,
)
from sibmodels.casefile.workbook import read, write_template
from sibmodels.casefile.writing import in_language
from sibmodels.messages import head, in_its_language, listed, say
from sibmodels.reports.summary import MONEY, SHARE, Summary
from sibmodels.reports.tables import by_share, ends, flowing, outcomes
from sibmodels.rules import RULES

if TYPE_CHECKING:  # loaded where it is used: not everybody has it
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["read", "write", "write_template"]

RETURN = "Investors' return a year"
PARTIES = ("Payer", "Provider", "Intermediary", "Investor", "Guarantor")


@in_its_language
def write(case: CaseFile, to: str | Path | IO[bytes]) -> None:
    """The case with live formulas: summary, inputs, payments, curves, cash flow, checks.

    Parameters
    ----------
    to : str, path or binary file
        Where to write, such as `io.BytesIO`.
    """
    book = new_book()
    tables = {name: [] if name in LISTS else {} for name in SECTIONS} | dict(in_language(raw(case)))
    tables["timing"].setdefault("period", case.timing.period)
    notes = [say("book.follow_1"), say("book.follow_2")]
    model = _Model(book, case, inputs(book, tables, case.about.name, notes, unused=list(LISTS)))
    if case.paid:
        model.summary = Summary(book, case, model.called, model.live)
        model.payments()
        model.curves()
        if model.live:
            model.cash_flow()
        elif flowing(case):
            model.computed_flow()
    model.finish()
    book.save(to)


class _Model:
    """The sheets of formulas. Each refers to cells of ``Inputs`` by name, and to those before it."""

    def __init__(self, book: Workbook, case: CaseFile, called: dict[tuple[str, str], str]) -> None:
        self.book, self.case, self.called = book, case, called
        self.checks: list[tuple[str, str, list[float | None]]] = []  # what, its formula, by result what it should be
        self.results = list(ends(case).values()) if case.paid else []
        self.summary: Summary
        self.sheets = {name: sheet_name(title(name)) for name in ("payments", "cash_flow", "calendar")}  # in formulas
        terms = case.terms
        plain = not case.tranche and terms.year_cap is None and terms.cap_cuts == "in proportion"
        plain = plain and not case.group and not any(one.parts or one.instead_of for one in case.paid)
        self.live = plain and case.has_calendar and bool(case.cost)  # whether the flows can be formulas

    def at(self, number: int, key: str) -> str:
        return self.called[f"outcome {number}", key]

    def sheet(self, name: str, heads: Iterable[str], widths: Iterable[float], row: int = 1) -> Worksheet:
        sheet: Worksheet = self.book.create_sheet(title(name))
        set_widths(sheet, widths)
        head_row(sheet, row, heads, numbers=3)
        return sheet

    def paid(self) -> list[tuple[int, Paid]]:
        """What is paid for, with the numbers of its outcomes in the file."""
        numbers = {one.name: n for n, one in enumerate(self.case.outcome, start=1)}
        return [(numbers[line.measure.name], line) for line in self.case.lines()]

    def figure(self, one: Measure) -> str | None:
        """The figure that an outcome's schedule looks at, as expected, as a formula; None where none can say it."""
        numbers = {each.name: n for n, each in enumerate(self.case.outcome, start=1)}
        number = numbers[one.name]
        if one.schedule == "fixed":
            return "0"
        if one.card or self.case.group or by_date(one.against):
            return None
        if plain(one):
            return self.summary.expected[number] + (f"*{self.people(number)}" if one.unit != "score" else "")

        def term(part: str | float) -> str:
            if not isinstance(part, str):
                return f"{part!r}"
            other = self.case.outcome[numbers[part] - 1]
            return self.summary.expected[number] if part == one.name else f"({self.figure(other)})"

        names = [part for row in products(one) for part in row if isinstance(part, str) and part != one.name]
        if any(self.figure(self.case.outcome[numbers[name] - 1]) is None for name in names):
            return None
        made = "+".join("*".join(map(term, row)) for row in products(one))
        if one.against is not None:
            if one.against == COMPARISON:
                base = self.case.bases(one)[0]
                theirs = self.at(numbers[base], "baseline")
            else:
                theirs = term(one.against) if isinstance(one.against, str) else self.at(number, "against")
            made = f"({made})-{theirs}" if one.compare == "difference" else f"1-({made})/{theirs}"
        if one.rounded:
            step = self.at(number, "rounded")
            made = f"ROUND(({made})/{step},0)*{step}"
        return f"MAX(({made})*{self.people(number)},0)" if one.unit in ("people", "count") else made

    def rule(self, number: int, performance: str) -> str:
        """The payment rule of an outcome, as a formula of the cell that holds its performance."""
        if self.case.outcome[number - 1].card:  # what people earn by it is its figure
            return performance
        return RULES[self.case.outcome[number - 1].schedule].formula(performance, self._cells(number))

    def most(self, number: int) -> str:
        """The most that an outcome can earn, as a formula; text where there is no limit."""
        if self.case.outcome[number - 1].card:
            lines = [outcome for line, outcome in outcomes(self.case) if line.measure.name == self._name(number)]
            return f"{lines[0].schedule.max_payment!r}"
        return RULES[self.case.outcome[number - 1].schedule].most(self._cells(number))

    def _name(self, number: int) -> str:
        return self.case.outcome[number - 1].name

    def _cells(self, number: int) -> dict[str, Any]:
        """What each term of an outcome's rule is called in formulas."""
        one, parts = self.case.outcome[number - 1], ("performance", "payment")
        cells: dict[str, Any] = {key: self.at(number, key) for key in ("target", "floor", "price", "cap")}
        if one.points:
            ends = [[self.at(number, f"points {n}: {part}") for part in parts] for n in (1, len(one.points))]
            cells["points"] = tuple(f"{first}:{last.rpartition('!')[2]}" for first, last in zip(*ends, strict=True))
        if one.weight is None:
            return cells | {"amount": self.at(number, "payment")}
        most = self.called["contract", "maximum"]
        most = most if self.case.in_money else f'IF({most}="",100,{most})'
        return cells | {"amount": f"{self.at(number, 'weight')}*{most}"}

    def people(self, number: int) -> str:
        """By what a share of people is multiplied to be a performance."""
        one = self.case.outcome[number - 1]
        if one.unit == "share":
            return "1"
        return self.called["cohort", "people"] if one.measured_on is None else self.at(number, "measured_on")

    def payments(self) -> None:
        """What each outcome earns at the performance expected, or typed over it, and who pays."""
        heads = ["Outcome", "Unit", "Performance (type over it)", "Earned", "Paid, after the cap", "Most"]
        flowing = self.live
        heads += ["Performance of the share served", "Paid for the share served"] if flowing else []
        sheet = self.sheet("payments", map(head, heads), (36, 16, 18, 18, 18, 18, 18, 18))
        _, _, fills = styles()
        self.lines = {}  # the row of each outcome, and of the fixed payment
        computed = []
        for row, (number, line) in enumerate(self.paid(), start=2):
            one, formula = line.measure, self.figure(line.measure)
            self.lines[line.name] = row
            if line.group is None:
                sheet.cell(row, 1).value = f"={self.at(number, 'name')}"
            else:
                put_text(sheet.cell(row, 1), line.name)
            put_text(sheet.cell(row, 2), one.unit)
            reached = [float(one[line.name]) for one in self.results]
            sheet.cell(row, 3).value = f"={self.summary.choose(reached) if formula is None else formula}"
            computed += [line.name] * (formula is None)
            sheet.cell(row, 3).fill = fills["input"]
            sheet.cell(row, 3).number_format = SHARE if one.unit == "share" and not one.card else MONEY
            earned = self.rule(number, f"C{row}")
            others = [f"D{self.lines[other]}" for other in self._paid_before(one)]
            sheet.cell(row, 4).value = f"=MAX({earned}-{'-'.join(others)},0)" if others else f"={earned}"
            sheet.cell(row, 6).value = f"={self.most(number)}"
            if flowing:  # where the service stops, and it is measured later
                sheet.cell(row, 7).value = f"=C{row}*{self.sheets['cash_flow']}!$B$7"
                sheet.cell(row, 7).number_format = sheet.cell(row, 3).number_format
        if computed:
            put_text(sheet.cell(len(self.lines) + 20, 1), say("book.computed_figures", names=listed(computed)))
        last = len(self.lines) + 1
        fixed, total, scale = last + 1, last + 2, last + 3
        self.lines["fixed payment"] = fixed
        put_text(sheet.cell(fixed, 1), head("Fixed payment"))
        sheet.cell(fixed, 4).value = f"=0+{self.called['contract', 'fixed_payment']}"
        put_text(sheet.cell(total, 1), head("Total"))
        sheet.cell(total, 4).value = f"=SUM(D2:D{fixed})"
        sheet.cell(total, 5).value = f"=SUM(E2:E{fixed})"
        cap = self.called["contract", "cap"]
        put_text(sheet.cell(scale, 1), head("Share of it that the cap lets through"))
        sheet.cell(scale, 4).value = f"=IF(N({cap})=0,1,IF(D{total}>{cap},{cap}/D{total},1))"
        for row in range(2, fixed + 1):
            sheet.cell(row, 5).value = f"=D{row}*$D${scale}"
        if flowing:
            for row, (number, line) in enumerate(self.paid(), start=2):
                rule = "0" if line.measure.schedule == "fixed" else self.rule(number, f"G{row}")
                sheet.cell(row, 8).value = f"=({rule})*$D${scale}"
            sheet.cell(fixed, 8).value = "=0"
        for row in range(2, total + 1):
            for column in (4, 5, 6, 8):
                sheet.cell(row, column).number_format = MONEY
        sheet.cell(scale, 4).number_format = SHARE
        self._payers(sheet, scale + 2, last, fixed)
        if self.case.terms.year_cap is None:
            totals = [float(self.case.total(one)) for one in self.results]
            self.checks.append(("Paid in all", f"{self.sheets['payments']}!E{total}", [*totals]))

    def _paid_before(self, one: Measure) -> list[str]:
        """What has been paid already where an outcome is instead of another."""
        return [line.name for line in self.case.lines() if line.measure.name == one.instead_of]

    def _payers(self, sheet: Worksheet, row: int, last: int, fixed: int) -> None:
        """Who pays: shares of each outcome, and the fixed payment as maximum payments are shared."""
        head_row(sheet, row, (head("Payer"), head("Pays")))
        limits = [outcome.schedule.max_payment for outcome in self.case.contract().outcomes]
        weighed = all(limit < float("inf") for limit in limits) and sum(limits) > 0
        parts: dict[str, list[str]] = {}
        for number, paid in self.paid():
            line = self.lines[paid.name]
            weight = f"F{line}/SUM(F$2:F${last})" if weighed else f"1/{len(limits)}"
            for name, part in self.case.paying(paid.measure).items():
                dated = by_date(paid.measure.payers)  # then weighed by when it is paid
                share = f"{part!r}" if dated else self.at(number, f"payers: {name}")
                parts.setdefault(name, []).append(f"{share}*(E{line}+E{fixed}*{weight})")
        contract = self.case.contract()
        computed = [contract.by_payer(self.case.of_contract(one)) for one in self.results]
        for at, (name, terms) in enumerate(parts.items(), start=row + 1):
            put_text(sheet.cell(at, 1), name)
            sheet.cell(at, 2).value = "=" + "+".join(terms)
            sheet.cell(at, 2).number_format = MONEY
            paid_by: list[float | None] = [float(one[name]) for one in computed]
            self.checks.append((say("book.paid_by", name=name), f"{self.sheets['payments']}!B{at}", paid_by))

    def curves(self) -> None:
        """What each outcome pays as the share of people rises."""
        lines = [(number, line) for number, line in self.paid() if by_share(line.measure) and line.group is None]
        if not lines:
            return
        names = [line.name for _, line in lines]
        sheet = self.sheet("curves", (head("Share of people who succeed"), *names), (18, *[18] * len(names)))
        grid = {n / 20 for n in range(21)}  # and the points that the rules have themselves
        for _, line in lines:
            people = 1.0 if line.measure.unit == "share" else self.case.people_of(line.measure)
            own = {figure.value for figure in (line.measure.target, line.measure.floor) if figure is not None}
            grid |= {round(x / people, 6) for x in own | {x for x, _ in line.measure.points} if 0 <= x / people <= 1}
        last = 1 + len(grid)
        for row, share in enumerate(sorted(grid), start=2):
            sheet.cell(row, 1).value, sheet.cell(row, 1).number_format = share, "0.0%"
            for column, (number, _) in enumerate(lines, start=2):
                cell = sheet.cell(row, column)
                cell.value = f"={self.rule(number, f'($A{row}*{self.people(number)})')}"
                cell.number_format = MONEY
        self.summary.curves(sheet, len(names), last)

    def computed_flow(self) -> None:
        """Who pays whom where no formula says it: as sibmodels computed it when this was written."""
        from openpyxl.utils import get_column_letter

        flows = self.case.flows()
        if self.case.tranche:
            flows = self.case.waterfall(self.case.performance()).droplevel("scenario").set_axis(flows.index)
        sheet = self.sheet("cash_flow", map(head, ("Period", *flows.columns)), (14, *[18] * flows.shape[1]), row=3)
        put_text(sheet.cell(1, 1), say("book.computed"))
        for row, (period, values) in enumerate(flows.iterrows(), start=4):
            put_text(sheet.cell(row, 1), period)
            for column, value in enumerate(values, start=2):
                sheet.cell(row, column).value = round(float(value), 6)
                sheet.cell(row, column).number_format = MONEY
        at = {name: get_column_letter(n) for n, name in enumerate(flows.columns, start=2)}
        investors = [at[one.name] for one in self.case.tranche] or [at["investor"]]
        months = [str(month) for month in flows.index]
        self.summary.years(months, "A", at["payer"], at["provider"], investors, 4)

    def cash_flow(self) -> None:
        """Who pays whom in each period."""
        from openpyxl.utils import get_column_letter as letter

        case = self.case
        calendar = self._calendar()
        costs, paid = list(case.cost), [line.name for _, line in self.paid()] + ["fixed payment"]
        plan = ("Earned", "Received", "Drawn from investors", "Held after")
        heads = _titled("Period", "First month")
        heads += [("", say("book.cost", name=item.name)) for item in costs] + _titled("Cost in all")
        heads += [("", say("book.falls_due", name=head(name))) for name in paid]
        heads += _titled(*(f"{name}, if all is served" for name in plan), "Served (1 or 0)")
        heads += [("", say("book.earned", name=head(name))) for name in paid]
        heads += _titled("Earned in all", "Received", "Held before", "Drawn from investors", "Passed on to investors")
        heads += _titled("Held after", *PARTIES, "Sum (must be 0)", "Investor, added up")
        c = {name: letter(n) for n, (name, _) in enumerate(heads, start=1)}
        first_cost, first_due = 3, 4 + len(costs)
        first_paid = first_due + len(paid) + len(plan) + 1
        top = 9  # the summary stands above
        sheet = self.sheet("cash_flow", [said for _, said in heads], [8, 16] + [16] * (len(heads) - 2), row=top)
        lag, periods = int(case.timing.lag.value), len(case.periods())
        begin, end = top + 1, top + periods + lag
        terms = {key: self.called["investment", key] for key in ("amount", "fee", "guarantee", "distribute")}
        as_received = f'{terms["distribute"]}="as received"'
        limit = f'IF({terms["amount"]}="",1E+99,{terms["amount"]})'
        money = range(3, len(heads) + 1)
        for row in range(begin, end + 1):
            here = {name: f"{column}{row}" for name, column in c.items()}
            before = {name: f"{column}{row - 1}" if row > begin else "0" for name, column in c.items()}

            def above(name: str, row: int = row) -> str:  # that far down, and no further: nothing may depend on itself
                return f"SUM({c[name]}${begin}:{c[name]}{row - 1})" if row > begin else "0"

            def lagged(name: str, row: int = row) -> str:
                at = f"A{row}-{self.called['timing', 'lag']}"
                return f"=IF({at}>=1,INDEX({c[name]}${begin}:{c[name]}{row},{at}),0)"

            sheet.cell(row, 1).value = row - top
            month = f"({self.sheets['calendar']}!$C$2+(A{row}-1)*{self.sheets['calendar']}!$C$3)"
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
                pays = self.sheets["payments"]
                earned = f"IF({here['Served (1 or 0)']}=1,{pays}!$E${line},{pays}!$H${line})"
                sheet.cell(row, first_paid + n).value = f"={due.coordinate}*{earned}"
            ends = [letter(first_paid), letter(first_paid + len(paid) - 1)]
            every = [
                f"{letter(first_due + n)}{row}*{self.sheets['payments']}!$E${self.lines[name]}"
                for n, name in enumerate(paid)
            ]
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
            parties = [here[name] for name in PARTIES]
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
        rate = "1/0"
        for near in (-0.9, -0.8, -0.5, -0.2, guess):  # where most is lost, it is found from below; not under -100 %
            found = f"IRR({investor},{near})"
            rate = f"IFERROR(IF({found}>-1,{found},1/0),{rate})"
        loss = f"SUM({whole('Drawn from investors')})-SUM({whole('Passed on to investors')})"
        none = say("terms.none")
        summary = [
            (RETURN, f'=IFERROR((1+{rate})^(12/{self.sheets["calendar"]}!$C$3)-1,"{none}")', SHARE),
            (
                "Money back for each unit put in",
                f'=IFERROR({back},"{none}")',
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
            put_text(sheet.cell(row, 3), head(label))  # beside its figure, where there is room for it
            sheet.cell(row, 2).value, sheet.cell(row, 2).number_format = formula, form
        sheet.freeze_panes = sheet.cell(begin, 3).coordinate
        settled = [case.settled(one) for one in self.results]
        peaks = [float(cashflows.peak_draw(flows["investor"].to_numpy())) for flows in settled]
        sums: dict[str, list[float | None]] = {
            party: [float(flows[party.lower()].sum()) for flows in settled] for party in PARTIES
        }
        self.checks += [
            (RETURN, f"{self.sheets['cash_flow']}!B1", [self._annual(flows) for flows in settled]),
            ("Most that investors have out", f"{self.sheets['cash_flow']}!B3", [*peaks]),
            *(
                (
                    say("book.in_all", party=head(party)),
                    f"SUM({self.sheets['cash_flow']}!{c[party]}{begin}:{c[party]}{end})",
                    values,
                )
                for party, values in sums.items()
            ),
        ]
        months = [str(month) for month in case.flows().index]
        self.summary.years(months, "B", c["Payer"], c["Provider"], [c["Investor"]], begin)
        self.summary.flows([label for label, _, _ in summary], [form for _, _, form in summary])
        zeros = f"{self.sheets['cash_flow']}!{c['Sum (must be 0)']}{begin}:{c['Sum (must be 0)']}{end}"
        cost = f"SUM({self.sheets['cash_flow']}!{c['Cost in all']}{begin}:{c['Cost in all']}{end})"
        amounts = "+".join(self.called[f"cost {n}", "amount"] for n in range(1, len(costs) + 1))
        planned = c["Received, if all is served"]
        got = f"SUM({self.sheets['cash_flow']}!{planned}{begin}:{planned}{end})"
        self.rules = [
            ("What one pays another gets, in every period", f"SUMPRODUCT(ABS({zeros}))=0"),
            ("Every cost falls into the calendar", f"ABS({cost}-({amounts}))<0.005"),
            (
                "Every payment falls into the calendar",
                f"ABS({got}-{self.sheets['payments']}!E{self.lines['fixed payment'] + 1})<0.005",
            ),
        ]

    def _annual(self, flows: pd.DataFrame) -> float | None:
        """Investors' return a year, if there is one."""
        rate = cashflows.irr(flows["investor"].to_numpy())
        step = 12 / PERIODS[self.case.timing.period]
        return float(cashflows.annualise(rate, step)) if rate == rate and rate > -1 else None

    def _calendar(self) -> dict[str, Any]:
        """The number of the period of every date: its own sheet, so that it can be followed."""
        sheet = self.sheet("calendar", map(head, ("What", "Month", "Number")), (34, 14, 14))
        start, end = self.called["timing", "start"], self.called["timing", "end"]
        # months are dates where this was written or somebody typed one, and text where a program left it so
        count = "IF(ISNUMBER({0}),YEAR({0})*12+MONTH({0})-1,VALUE(LEFT({0},4))*12+VALUE(MID({0},6,2))-1)"
        step = self.called["timing", "period"]
        steps = f'=IF({step}="month",1,IF({step}="quarter",3,IF({step}="half-year",6,12)))'
        for row, what, month, counted in (
            (2, "First month, counted from year 0", f"={start}", "=" + count.format("B2")),
            (3, "Months in a period", f"={step}", steps),
        ):
            put_text(sheet.cell(row, 1), head(what))
            sheet.cell(row, 2).value, sheet.cell(row, 3).value = month, counted
        sheet.cell(2, 2).number_format = month_form()
        found: dict[str, Any] = {}

        def add(what: str, month: str, otherwise: str) -> str:
            row = sheet.max_row + 1
            put_text(sheet.cell(row, 1), what)
            sheet.cell(row, 2).value, sheet.cell(row, 2).number_format = (
                f'=IF({month}="",{otherwise},{month})',
                month_form(),
            )
            sheet.cell(row, 3).value = f"=INT(({count.format(f'B{row}')}-$C$2)/$C$3)+1"
            return f"{self.sheets['calendar']}!$C${row}"

        for number, item in enumerate(self.case.cost, start=1):
            for key, otherwise in (("start", start), ("end", end)):
                cell = self.called[f"cost {number}", key]
                found[f"cost {number} {key}"] = add(say(f"book.cost_{key}", name=item.name), cell, otherwise)
        for number, line in self.paid():
            one, last = line.measure, len(line.measure.measured or "x")
            months = [self.at(number, f"measured{f' {n}' if n > 1 else ''}") for n in range(1, last + 1)]
            found[line.name] = [add(say("book.measured", name=one.name), month, end) for month in months]
        dates = range(1, len(self.case.terms.fixed_paid or "x") + 1)
        months = [self.called["contract", f"fixed_paid{f' {n}' if n > 1 else ''}"] for n in dates]
        found["fixed payment"] = [add(head("fixed payment"), month, start) for month in months]
        return found

    def finish(self) -> None:
        """The sheet of checks: what must hold, and what sibmodels computed from the same inputs."""
        heads = ("Check", "This workbook", "sibmodels, when this was written", "Difference")
        sheet = self.sheet("checks", map(head, heads), (46, 24, 32, 18))
        if not self.case.paid:
            put_text(sheet.cell(2, 1), say("book.nothing"))
        row = 1
        for row, (what, formula, values) in enumerate(self.checks, start=2):
            put_text(sheet.cell(row, 1), head(what))
            sheet.cell(row, 2).value = f"={formula}"
            sheet.cell(row, 3).value = f"={self.summary.choose(values)}"
            differs = say("book.differs")
            differ = f'IFERROR(B{row}-C{row},IF(B{row}=C{row},0,"{differs}"))'  # both may be words: no return
            sheet.cell(row, 4).value = f"={differ}"
            for column in (2, 3, 4):
                sheet.cell(row, column).number_format = "0.000000%" if what == RETURN else MONEY
        for at, (what, formula) in enumerate(getattr(self, "rules", []), start=row + 2):
            put_text(sheet.cell(at, 1), head(what))
            sheet.cell(at, 2).value = f'=IF({formula},"{say("book.holds")}","{say("book.does_not_hold")}")'
        if self.case.paid:
            rows = [
                (head(what), at, MONEY) for what, at, _ in self.checks if at.startswith(f"{self.sheets['payments']}!")
            ]
            paid = say("book.in_all", party=head("Payer"))
            stops = head("paid, less where the service stops")
            self.summary.figures([*rows, *((stops, f"-{at}", MONEY) for what, at, _ in self.checks if what == paid)])
        fit(self.book)
        if self.case.paid:
            self.summary.sheet.page_setup.fitToHeight = 1
        if title("cash_flow") in self.book.sheetnames:
            flow = self.book[title("cash_flow")]
            flow.page_setup.fitToWidth = -(-flow.max_column // 12)  # pages beside each other, not one too small to read
            flow.print_title_cols = "A:B"


def _titled(*names: str) -> list[tuple[str, str]]:
    """Columns with what they are called on the sheet."""
    return [(name, head(name)) for name in names]
