"""Results as they came against the plan: what can be claimed, what differs, and what is still to earn."""

from __future__ import annotations

import dataclasses
import math
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sibmodels import cashflows
from sibmodels._arguments import Floats
from sibmodels.casefile import CaseFile
from sibmodels.casefile.actuals import FIXED, adds_up, capped, due, latest, learned
from sibmodels.casefile.sections import month_number, month_text
from sibmodels.contracts import Outcome
from sibmodels.messages import head, in_its_language, listed, month_said, say
from sibmodels.reports.tables import _annual, amount, flowing, owing

__all__ = ["CLAIM_FORMS", "claim", "claims_by_date", "needed_payment", "results", "statement", "to_come"]

CLAIM_FORMS = dict.fromkeys(
    ("plan", "earned", "difference", "claim", "claimed in all", "paid", "planned so far", "claimed before"), "{:,.0f}"
)
CLAIM_FORMS |= dict.fromkeys(("claim now", "in all", "still planned", "expected now", "at most"), "{:,.0f}")
CLAIM_FORMS |= dict.fromkeys(("planned", "result", "still needed"), "{:,.4g}")
"""How a page writes the numbers of these tables, by column."""


@in_its_language
def results(case: CaseFile, on: str | None = None) -> pd.DataFrame:
    """Results and what they earn, date by date, beside the plan; before caps on the whole contract.

    Returns
    -------
    DataFrame
        Index ``outcome``, `sibmodels.casefile.actuals.due` to the month `on` (that of the latest result, if None):
        ``month``, ``planned`` and ``result`` (the figure that the schedule looks at; what is new, where it adds up),
        ``plan`` and ``earned`` (money) and ``difference``, missing where no result is known.
    """
    table = due(case, _on(case, on))
    table = table[(table["month"] <= _on(case, on))].drop(columns="part")
    return table.assign(difference=table["earned"] - table["plan"]).set_index("outcome")


@in_its_language
def claims_by_date(case: CaseFile, on: str | None = None) -> pd.DataFrame:
    """What was earned by date, and what can be claimed of it, after caps.

    Returns
    -------
    DataFrame
        Index ``month``, each in which something falls due: ``plan``, ``claim`` (what is new), ``claimed in all``,
        ``difference`` (claimed in all, less planned so far) and ``paid`` (what the file says was paid). Money.

    Notes
    -----
    Claims add up: to the month of any date they sum to what the results to that month earn. Coupons and principal that
    a payer owes on a tranche are no claims by results and are not in it.

    Examples
    --------
    What was paid in Kobe, from the three results as they came:

    >>> from sibmodels import casefile
    >>> from sibmodels.casefile.sections import Actual, Figure
    >>> known = (("completion", "2018-10", 1.0), ("lifestyle", "2018-10", 0.95), ("renal", "2020-03", 0.329))
    >>> rows = tuple(Actual(of=of, on=on, result=Figure(result)) for of, on, result in known)
    >>> claims_by_date(dataclasses.replace(casefile.example("kobe"), actual=rows))["claim"].round(-4).tolist()
    [26200000.0, 3230000.0]
    """
    on = _on(case, on)
    table = _claimed(case, on)
    plan = table.assign(plan=capped(case, table["month"], table["plan"])).groupby("month")["plan"].sum()
    made = table.groupby("month")["claim"].sum()
    paid = pd.Series({row.on: 0.0 for row in case.actual if row.on <= on}, dtype=float)
    for row in case.actual:
        if row.on <= on and row.paid is not None:
            paid[row.on] += row.paid.value
    months = sorted(month for month in {*plan.index, *made.index, *paid.index} if month <= on)
    found = pd.DataFrame({"plan": plan, "claim": made, "paid": paid}, index=months).fillna(0.0)
    found["claimed in all"] = found["claim"].cumsum()
    found["difference"] = found["claimed in all"] - found["plan"].cumsum()
    return found.rename_axis("month")[["plan", "claim", "claimed in all", "difference", "paid"]]


@in_its_language
def claim(case: CaseFile, on: str | None = None) -> pd.DataFrame:
    """The claim: by payer, what can be claimed now, less what was claimed before.

    Now is the latest month to `on` in which something was earned. Index ``payer``, and a last row for all; columns
    ``in all``, ``claimed before``, ``claim now`` and ``planned so far``. Money.
    """
    on = _on(case, on)
    shares = _by_payer(case, due(case, on).assign(amount=lambda table: table["plan"]), on)
    now, before = _by_payer(case, _claimed(case, on), on), _by_payer(case, _claimed(case, _before(case, on)), on)
    rows = {name: (now[name], before[name], now[name] - before[name], shares[name]) for name in now}
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["in all", "claimed before", "claim now", "planned so far"]
    )
    table.loc[head("all together")] = table.sum()
    return table.rename_axis("payer")


@dataclass(frozen=True)
class Remaining:
    """What is still to come of one thing that is paid for, in money before caps, by month."""

    outcome: str
    months: tuple[str, ...]
    plan: Floats
    now: Floats
    most: Floats
    needed: float
    top: Floats
    """Of the most, what comes on top of what the outcomes that it stands instead of can earn."""


def to_come(case: CaseFile, on: str | None = None) -> pd.DataFrame:
    """What is still to earn after a month, by outcome and, after caps, in all.

    Returns
    -------
    DataFrame
        Index ``outcome``, and a last row for all after caps. ``earned``; ``still planned``, if what remains comes as
        the plan has it; ``expected now``, if it comes as the results so far make one expect (`learned`: the plan's
        expectation weighed by its sureness, results by the people measured); ``at most``; and ``still needed``, the
        least figure on every date that remains (or how many more, where they add up) that makes up for the plan:
        missing where no result can.
    """
    on = _on(case, on)
    table = _claimed(case, on)
    left = _left(case, table, on)
    earned = table.groupby("outcome")["earned"].sum()
    rows = {
        one.name: (earned[one.name], rest.plan.sum(), rest.now.sum(), rest.most.sum(), rest.needed)
        for one, rest in zip(_outcomes(case), left, strict=True)
    }
    if case.terms.fixed_payment.value:
        fixed = table[table["outcome"] == FIXED]
        rest = fixed.loc[fixed["earned"].isna(), "plan"].sum()
        rows[FIXED] = (fixed["earned"].sum(), rest, rest, rest, np.nan)
    names = ["earned", "still planned", "expected now", "at most", "still needed"]
    found = pd.DataFrame.from_dict(rows, orient="index", columns=names)
    so_far = table["claim"].sum()
    whole = [_by_period(case, table, left, which).sum() - so_far for which in ("plan", "now", "top")]
    found.loc[head("all together, after caps")] = [so_far, *whole, np.nan]
    return found.rename_axis("outcome")


def needed_payment(case: CaseFile, on: str | None = None) -> tuple[float, float]:
    """What must still be paid for investors to get the return they want, in the proportions still planned.

    Returns
    -------
    needed, got : float
        Money, missing where nothing that can still be earned suffices; and the return a year if what remains comes as
        expected now. Both missing where there are no dated flows, or no return is wanted.

    Notes
    -----
    Costs are as planned. The return is the internal rate on what investors pay in and get back, as in `CaseFile.flows`.
    """
    on, wanted = _on(case, on), case.investment.wanted
    if not flowing(case) or wanted is None:
        return np.nan, np.nan
    table = _claimed(case, on)
    left = _left(case, table, on)
    so_far, now, most = (_by_period(case, table, left, which) for which in ("", "now", "top"))
    rest, highest = most - so_far, (most - so_far).sum()
    figures = case.figures(learned(case, on))

    def rate(payments: Floats) -> float:
        running = _Running(**{f.name: getattr(case, f.name) for f in dataclasses.fields(CaseFile)}, due=tuple(payments))
        return _annual(case, cashflows.irr(running.settled(figures)["investor"].to_numpy()))

    got = rate(now)
    if not math.isfinite(highest):
        return np.nan, got
    if not rate(most) >= wanted.value:
        return np.nan, got
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if rate(so_far + middle * rest) >= wanted.value else (middle, high)
    return high * highest, got


@dataclass(frozen=True)
class _Running(CaseFile):
    """A case whose payments are what was earned, and what is taken to come."""

    due: tuple[float, ...] = ()

    def _earned(self, performance: Any, share: Floats | None = None) -> Floats:
        return np.array([self.due])


# parts


def _on(case: CaseFile, on: str | None) -> str:
    return latest(case) if on is None else on


def _outcomes(case: CaseFile) -> tuple[Outcome, ...]:
    return tuple(case.contract().outcomes)


def _claimed(case: CaseFile, on: str) -> pd.DataFrame:
    """Every date with what is earned by results to a month, and claimed of it after caps."""
    table = due(case, on)
    return table.assign(claim=capped(case, table["month"], table["earned"]))


def _before(case: CaseFile, on: str) -> str:
    """The month before the latest in which something was earned."""
    table = due(case, on)
    months = table.loc[table["earned"].notna(), "month"]
    return month_text(month_number(months.max()) - 1) if len(months) else on


def _by_payer(case: CaseFile, table: pd.DataFrame, on: str) -> dict[str, float]:
    """Who owes what of claims (or of amounts, after caps), by each payer's share in its month."""
    lines = {line.name: line.measure for line in case.lines()}
    if "claim" not in table:
        table = table.assign(claim=capped(case, table["month"], table["plan"]))
    found = dict.fromkeys((name for one in case.paid for name in case.paying(one)), 0.0)
    for row in table[table["month"] <= on].to_dict("records"):
        measure = lines.get(row["outcome"])
        payers = case.contract().fixed_shares() if measure is None else case._dated(measure.payers, row["month"])
        for name, share in payers.items():
            found[name] += share * row["claim"]
    return found


def _left(case: CaseFile, table: pd.DataFrame, on: str) -> list[Remaining]:
    """What is still to come of each outcome, in their order."""
    earned, found = table.groupby("outcome")["earned"].sum(), dict[str, Remaining]()
    for outcome in _outcomes(case):
        others = [found[name] for name in outcome.instead_of]
        paid = [earned[one.outcome] + np.array([0.0, one.now.sum(), one.most.sum()]) for one in others]
        before = np.sum(paid, axis=0) if paid else np.zeros(3)
        rows = table[table["outcome"] == outcome.name]
        found[outcome.name] = _remaining(case, outcome, rows, on, before)
    return list(found.values())


def _remaining(case: CaseFile, outcome: Outcome, table: pd.DataFrame, on: str, before: Floats) -> Remaining:
    """What is still to come of an outcome: as planned, as expected now and at most.

    `before` is what the outcomes that it stands instead of have earned, with what they may earn now and at most.
    """
    (line,) = (line for line in case.lines() if line.name == outcome.name)
    expected, reach = case.figures(learned(case, on))[line.name], case._reach(line)
    best = outcome.schedule.max_payment if math.isinf(reach) else outcome.schedule.most(reach)
    earned, plan = table["earned"].sum(), table["plan"].sum()
    if adds_up(line.measure):
        so_far, planned = table["result"].sum(), table["planned"].sum()
        ahead = table[table["month"] > on]
        part = ahead["part"].sum()
        months, open_ = tuple(ahead["month"]) if part else (case.timing.end,), on < case.timing.end
        spread = (ahead["part"] / part).to_numpy() if part else np.ones(1)
        paid = float(outcome.payment(so_far))
        comes = {"plan": planned * part, "now": float(expected) * part}
        more = {key: max(float(outcome.payment(so_far + count)) - paid, 0.0) for key, count in comes.items()}
        more["now"] = max(more["now"] - before[1], 0.0)
        more["most"] = best - paid if open_ else 0.0  # whenever they come
        more["top"] = max(more["most"] - before[2], 0.0)
        needed = _least(outcome, float(outcome.payment(planned)), so_far, reach) - so_far if open_ else np.nan
        left = {key: value * spread if value else np.zeros(len(spread)) for key, value in more.items()}
        needed = max(needed, 0.0)
        return Remaining(line.name, months, left["plan"], left["now"], left["most"], needed, left["top"])
    ahead = table[table["earned"].isna()]
    parts = ahead["part"].to_numpy(dtype=float)
    months, whole = tuple(ahead["month"]), ahead["plan"].to_numpy(dtype=float)
    if line.measure.schedule == "fixed":
        return Remaining(line.name, months, whole, whole, whole, np.nan, whole)
    now = parts * max(float(outcome.payment(expected)) - before[1], 0.0 if len(outcome.instead_of) else -np.inf)
    needed = np.nan
    if parts.sum():
        needed = _least(outcome, (plan - earned) / parts.sum() + before[0], 0.0, reach)
    most = parts * best if best else parts * 0.0
    return Remaining(line.name, months, whole, now, most, needed, np.maximum(most - before[2], 0.0))


def _least(outcome: Outcome, payment: float, low: float, high: float) -> float:
    """The least performance from `low` on that earns a payment; missing where none does."""
    schedule = outcome.schedule
    turns = [x for x, _ in schedule.points]
    if math.isinf(high):
        high = max(turns)
        if schedule.unlimited:
            high = max(high, 2 * payment / max(schedule(turns[-1] + 1.0) - schedule(turns[-1]), 1e-9))
    low = min([low, *turns]) if not low and min(turns) < 0 else low
    grid = np.unique([*np.linspace(low, high, 501), *(x for x in (*turns, schedule.floor) if low <= x <= high)])
    enough = np.flatnonzero(schedule(grid) >= payment - 1e-9 * (1 + abs(payment)))
    if not len(enough):
        return float("nan")
    right = float(grid[enough[0]])
    left = float(grid[max(enough[0] - 1, 0)])
    for _ in range(60):
        middle = (left + right) / 2
        reached = float(schedule(middle)) >= payment - 1e-9 * (1 + abs(payment))
        left, right = (left, middle) if reached else (middle, right)
    return right


def _by_period(case: CaseFile, table: pd.DataFrame, left: list[Remaining], which: str) -> Floats:
    """Payments by period after caps: what was earned and, if `which` says so, what may come."""
    months, amounts = list(table["month"]), list(table["earned"].fillna(0.0))
    for rest in left if which else ():
        months += rest.months
        amounts += list(getattr(rest, which))
    fixed = table[(table["outcome"] == FIXED) & table["earned"].isna()] if which else table[:0]
    months += list(fixed["month"])
    amounts += list(fixed["plan"])
    if np.isinf(amounts).any() and case.terms.cap is None:
        return np.full(len(case.periods()), np.inf)
    limited = np.minimum(amounts, 1e15)
    after = capped(case, pd.Series(months, dtype=str), pd.Series(limited, dtype=float))
    found = np.zeros(len(case.periods()))
    np.add.at(found, [case._period(month) for month in months], after)
    return found


# what is said


@in_its_language
def statement(case: CaseFile, on: str | None = None) -> list[str]:
    """The claim in sentences: how much now, how it stands to the plan, and what is still to earn."""
    on = _on(case, on)
    table, rest = claim(case, on), to_come(case, on)
    whole, left = table.iloc[-1], rest.iloc[-1]
    late = whole["in all"] - whole["planned so far"]
    fields = {"now": amount(case, whole["claim now"]), "before": amount(case, whole["claimed before"])}
    said = [say("claims.now", month=month_said(on), all=amount(case, whole["in all"]), **fields)]
    share = 100 * abs(late) / whole["planned so far"] if whole["planned so far"] else 0.0
    behind = "claims.as_planned" if abs(late) < 0.5 else "claims.below" if late < 0 else "claims.above"
    planned = amount(case, whole["planned so far"])
    said.append(say(behind, planned=planned, difference=amount(case, abs(late)), share=share))
    most = say("claims.no_limit") if math.isinf(left["at most"]) else amount(case, left["at most"])
    plan, now = amount(case, left["still planned"]), amount(case, left["expected now"])
    nothing = not left[["still planned", "expected now", "at most"]].any()
    said.append(say("claims.nothing_left") if nothing else say("claims.to_come", plan=plan, now=now, most=most))
    needed, got = needed_payment(case, on)
    if math.isfinite(got) and case.investment.wanted is not None:
        wanted = 100 * case.investment.wanted.value
        message = "claims.return" if math.isfinite(needed) else "claims.no_return"
        said.append(say(message, wanted=wanted, got=100 * got, needed=amount(case, needed if needed > 0 else 0.0)))
    paid = claims_by_date(case, on)["paid"].sum()
    if any(row.paid is not None for row in case.actual):
        said.append(say("claims.paid", paid=amount(case, paid), open=amount(case, whole["in all"] - paid)))
    table = due(case, on)
    missing = table[(table["month"] <= on) & table["earned"].isna()]
    missing = missing[~missing["outcome"].isin([line.name for line in case.lines() if adds_up(line.measure)])]
    if len(missing):
        pairs = zip(missing["outcome"], missing["month"], strict=True)
        named = listed(f"{say('language.quoted', name=name)} {month_said(month)}" for name, month in pairs)
        said.append(say("claims.missing", named=named))
    if owing(case):
        said.append(say("claims.besides"))
    if any(one.person_cap for one in case.paid) and any(
        row.of not in [o.name for o in case.outcome] for row in case.actual
    ):
        said.append(say("claims.person_cap"))
    return said


@in_its_language
def part(case: CaseFile, on: str | None = None) -> tuple[str, list[str], list[Any], list[Any]]:
    """The part of a report: its heading, sentences, tables with caption and forms, and charts."""
    on, money = _on(case, on), case.money
    found = [(claim(case, on), say("claims.claim", month=month_said(on), money=money), CLAIM_FORMS)]
    by_date = claims_by_date(case, on)
    if not by_date["paid"].any():
        by_date = by_date.drop(columns="paid")
    found.append((by_date, say("claims.by_date", money=money), CLAIM_FORMS))
    own = {FIXED: head(FIXED)}
    found.append((results(case, on).rename(index=own), say("claims.results", money=money), CLAIM_FORMS))
    rest = to_come(case, on).dropna(axis=1, how="all").rename(index=own)
    found.append((rest, say("claims.still", money=money), CLAIM_FORMS))
    return "Results and claims", statement(case, on), [table for table in found if len(table[0])], []


def plain_text(table: pd.DataFrame, forms: dict[str, str]) -> str:
    """A table for a terminal: columns as wide as they must be, numbers as a page writes them."""
    table = table.reset_index()
    lines: list[list[str]] = [[] for _ in range(len(table) + 1)]
    for name in table.columns:
        cells = [head(str(name)), *(_cell(value, forms.get(str(name), "{}")) for value in table[name])]
        cells = [head(str(name)), *map(month_said, cells[1:])] if name == "month" else cells
        width, text = max(map(_width, cells)), table[name].map(lambda value: isinstance(value, str)).all()
        for line, cell in zip(lines, cells, strict=True):
            space = " " * (width - _width(cell))
            line.append(cell + space if text else space + cell)
    return "\n".join("  ".join(line).rstrip() for line in lines)


def _width(text: str) -> int:
    """The columns that a text takes in a terminal: Japanese signs take two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def _cell(value: Any, form: str) -> str:
    return value if isinstance(value, str) else "" if pd.isna(value) else form.format(value + 0.0)
