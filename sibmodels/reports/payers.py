"""The payer's case: what outcomes are worth, to whom and when, beside what is paid for them.

Years are counted from the start of the contract, and everything is discounted to it by one rate, what is paid and what
it is worth alike. Left out: what payers spend on procuring and managing the contract; that what is measured has luck
in it which is worth nothing; taxes; and every value that the file does not name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from sibmodels import tables
from sibmodels._arguments import Floats
from sibmodels.casefile import PERIODS, CaseFile, Figure
from sibmodels.casefile.model import served
from sibmodels.casefile.savings import horizon, units
from sibmodels.casefile.sections import KINDS, Saving, month_number, month_text
from sibmodels.messages import head, in_its_language, say
from sibmodels.reports.tables import amount, draws, ends, flowing, owing, swings
from sibmodels.value import discount_factors, lasting

__all__ = ["VALUE_FORMS", "bodies", "break_even", "by_result", "exposure", "switches", "worth", "worth_by_year"]

Figures: TypeAlias = Mapping[str, Any] | pd.DataFrame
_BLOCK = 500_000  # draws by periods settled at once
VALUE_FORMS = dict.fromkeys(("value", "paid", "net", "money", "expected", "most", "95 % of draws below"), "{:,.0f}")
VALUE_FORMS |= dict.fromkeys(("cashable", "non-cashable", "social", "worth", "is worth", "must be worth"), "{:,.0f}")
VALUE_FORMS |= dict.fromkeys(("value for each 1 paid", "low", "high"), "{:,.2f}") | {"draws worth it": "{:.0%}"}
VALUE_FORMS |= {"part that would do": "{:.0%}"}
"""How a page writes the numbers of these tables, by column."""


WIDER = {"non-cashable": "with non-cashable", "social": "with social"}
"""What it is called to count one kind more."""
SHOWN = {"value": "worth"}
"""Columns whose word a page has another name for elsewhere: a value is a figure, and here what something is worth."""


def counts(case: CaseFile) -> bool:
    """Whether the file says what something is worth, and what is paid and when."""
    return bool(case.saving and case.paid and case.has_calendar and case.in_money)


def worth_by_year(case: CaseFile, performance: Figures | None = None) -> pd.DataFrame:
    """What each saving is worth in each year, as expected or at a performance.

    Returns
    -------
    DataFrame
        Columns ``saving``, ``outcome``, ``to``, ``kind``, ``year`` (its first month), ``value`` and ``present value``
        (at the start of the contract).

    Notes
    -----
    With quantity x of an outcome over what would have come anyway, a year's worth w that falls into year t and the
    shares of `sroi`: x * amount * (1 - deadweight) * (1 - displacement) * (1 - attribution) * (1 - optimism) * w. The
    deadweight of an outcome with a baseline is the baseline, unless the saving has its own.

    Examples
    --------
    >>> from sibmodels import casefile
    >>> text = casefile.dumps(casefile.example("kobe")) + '''
    ... [[saving]]
    ... name = "medical costs"
    ... of = "renal"
    ... to = "Kobe City"
    ... amount = 100000
    ... lasts = 2
    ... deadweight = 0
    ... '''
    >>> worth_by_year(casefile.loads(text))["value"].round().tolist()[2:]
    [2100000.0, 6300000.0, 4200000.0]
    """
    factors = _factors(case)
    performance = case.performance() if performance is None else performance
    share = _served(case, performance)
    rows: list[tuple[Any, ...]] = []
    for one in case.saving:
        by_year = (_values(case, one, performance) * share[:, None])[0]
        for year, value, factor in zip(_years(case), by_year, factors, strict=True):
            rows.append((one.name, one.of, one.to, one.kind, year, value, value * factor))
    return pd.DataFrame(rows, columns=["saving", "outcome", "to", "kind", "year", "value", "present value"])


@in_its_language
def worth(case: CaseFile, drawn: pd.DataFrame | None = None) -> pd.DataFrame:
    """What is paid and what it is worth, discounted, by how widely one counts.

    Returns
    -------
    DataFrame
        Index ``counted``: cashable savings, with those that free no money, with social value. Columns ``value``,
        ``paid``, ``net`` and ``value for each 1 paid`` (benefit-cost ratio) as expected; ``low`` and ``high``, between
        which nine draws of ten have that ratio; ``draws worth it``, the share of draws in which value is no less
        than what is paid.

    Notes
    -----
    Results are drawn as `CaseFile.draws` does, and each figure of a saving, each baseline and the optimism by itself
    from a triangle over its range. The discount rate is not drawn.
    """
    drawn = draws(case) if drawn is None else drawn
    paid = _spent(case, case.performance())
    spent = _paid_by_year(case, drawn).sum(axis=0) @ _factors(case)
    expected, simulated = _by_kind(case, case.performance()), _by_kind(case, drawn, np.random.default_rng(0))
    rows: dict[str, tuple[float, ...]] = {}
    value, values = 0.0, np.zeros(len(drawn))
    for kind in KINDS:
        if kind not in expected:
            continue
        value, values = value + float(expected[kind][0]), values + simulated[kind]
        ratio = np.divide(values, spent, out=np.where(values > 0, np.inf, 0.0), where=spent > 0)
        low, high = np.quantile(ratio, [0.05, 0.95], method="nearest")
        name = WIDER[kind] if rows else kind
        each = value / paid if paid > 0 else np.nan
        rows[name] = (value, paid, value - paid, each, low, high, (values >= spent).mean())
    names = ["value", "paid", "net", "value for each 1 paid", "low", "high", "draws worth it"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("counted")


def exposure(case: CaseFile, drawn: pd.DataFrame | None = None) -> pd.DataFrame:
    """What payers pay in each year, when it arrives: ``expected``, ``most`` and ``95 % of draws below``; undiscounted.

    ``most`` is what the results of that year could earn at most, under the caps of a year and of the contract; left out
    where a tranche is owed more, or there is no limit. The years' columns but ``expected`` do not add up: no one result
    is the worst of every year. Index ``year`` (its first month).
    """
    drawn = draws(case) if drawn is None else drawn
    table = pd.DataFrame({"expected": _paid_by_year(case, case.performance())[:, 0].sum(axis=0)})
    most = _most_by_year(case)
    if most is not None and not owing(case):
        table["most"] = most
    table["95 % of draws below"] = np.quantile(_paid_by_year(case, drawn).sum(axis=0), 0.95, axis=0)
    table = table.set_axis(pd.Index(_years(case), name="year"))
    last = max(int(np.flatnonzero(table.to_numpy().any(axis=1)).max(initial=0)), 0)
    return table.iloc[: last + 1]


@in_its_language
def bodies(case: CaseFile) -> pd.DataFrame:
    """Whose value and whose money: each body's position as expected, discounted; what one pays another gets.

    Returns
    -------
    DataFrame
        Index ``body``: payers, bodies that something is worth to and, where there are cash flows, those who finance it
        (investors, intermediary and guarantor together) and the sum. Columns ``money`` (received, less paid), one for
        each kind of value, and ``net``. Money sums to what the service costs, below 0: what one of them pays another
        gets, and only that leaves them.
    """
    factors, performance = _factors(case), case.performance()
    paid = _paid_by_year(case, performance)[:, 0] @ factors
    kinds = [kind for kind in KINDS if any(one.kind == kind for one in case.saving)]
    names = list(dict.fromkeys([*_payers(case), *(one.to for one in case.saving)]))
    table = pd.DataFrame(0.0, index=names, columns=["money", *kinds])
    for name, sum_ in zip(_payers(case), paid, strict=True):
        table.loc[name, "money"] -= sum_
    for row in tables.rows(worth_by_year(case)):
        table.loc[row.to, row.kind] += row[-1]
    if flowing(case):
        flows = case.settled(performance)[["investor", "intermediary", "guarantor"]].sum(axis=1)
        money = _yearly(case, flows.to_numpy()[None, :])[0] @ factors
        table.loc[head("those who finance it")] = [money, *(0.0 for _ in kinds)]
        table.loc[head("all together")] = table.sum()
    return table.assign(net=table.sum(axis=1)).rename_axis("body")


@in_its_language
def break_even(case: CaseFile) -> pd.DataFrame:
    """What one more of an outcome must be worth, for all value to be what is paid, the other savings as they are.

    Returns
    -------
    DataFrame
        Index ``saving``: ``is worth`` (its amount, a unit a year), ``must be worth``, 0 where the others suffice by
        themselves, and ``part that would do``, the first over the second turned round: the switching value.
    """
    paid = _spent(case, case.performance())
    each = worth_by_year(case).groupby("saving", sort=False)["present value"].sum()
    rows = {}
    for one in case.saving:
        value, others = each[one.name], each.sum() - each[one.name]
        part = max(paid - others, 0.0) / value if value > 0 else np.nan
        rows[one.name] = (one.amount.value, one.amount.value * part, part)
    names = ["is worth", "must be worth", "part that would do"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("saving")


def by_result(case: CaseFile) -> pd.DataFrame:
    """Value, payment and net, discounted, at the results of `scenarios`; index ``if``."""
    rows = {}
    for name, performance in ends(case).items():
        paid = _spent(case, performance)
        value = sum(float(part[0]) for part in _by_kind(case, performance).values())
        rows[name] = (value, paid, value - paid)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "paid", "net"]).rename_axis("if")


@in_its_language
def switches(case: CaseFile) -> pd.DataFrame:
    """What the net value hangs on: `tornado` over every assumption that moves it (`swings`)."""
    return swings(case, _net)


# parts


def _spent(case: CaseFile, performance: Figures) -> float:
    """What is paid in all at one performance, discounted."""
    return float(_paid_by_year(case, performance)[:, 0].sum(axis=0) @ _factors(case))


def _net(case: CaseFile) -> float:
    """Value less what is paid, as expected and discounted."""
    expected = case.performance()
    return sum(float(part[0]) for part in _by_kind(case, expected).values()) - _spent(case, expected)


def _years(case: CaseFile) -> list[str]:
    first = month_number(case.timing.start)
    return [month_text(first + 12 * year) for year in range(horizon(case))]


def _factors(case: CaseFile) -> Floats:
    """What money of each year is worth at the start; by the Green Book's rates where the file has none."""
    rate, years = case.payer.discount, horizon(case) - 1
    return np.asarray((discount_factors(years) if rate is None else discount_factors(years, rate.value)).to_numpy())


def _drawn(figure: Figure | None, rng: np.random.Generator | None, count: int) -> Floats:
    """A figure, or draws of it from a triangle over its range."""
    if figure is None:
        return np.zeros(1)
    if rng is None or figure.low is None or figure.high is None or figure.low == figure.high:
        return np.array([figure.value])
    return rng.triangular(figure.low, figure.value, figure.high, count)


def _values(case: CaseFile, one: Saving, figures: Figures, rng: np.random.Generator | None = None) -> Floats:
    """What a saving is worth in each scenario and year, if everybody is served."""
    years, first, made = horizon(case), month_number(case.timing.start), units(case, one, figures)
    count = max(len(each.reached) for each in made)
    unit: Any = _drawn(one.amount, rng, count)
    for share in (one.deadweight, one.displacement, one.attribution, case.payer.optimism):
        unit = unit * (1 - _drawn(share, rng, count))
    lasts, drop = _drawn(one.lasts, rng, count), _drawn(one.drop_off, rng, count)
    baseline = next((each.baseline for each in case.outcome if each.name == one.of), None)
    anyway = _drawn(baseline, rng, count) / baseline.value if baseline and baseline.value else np.ones(1)
    found = np.zeros((count, years))
    for each in made:
        dated = zip(each.months, each.parts, strict=True)
        begins = [(month_number(month) - first + int(one.after.value), part) for month, part in dated]
        profile = sum(part * lasting(begin, lasts, drop, years=years) for begin, part in begins)
        found += ((each.reached - each.anyway * anyway) * unit)[:, None] * profile
    return found


def _by_kind(case: CaseFile, figures: Figures, rng: np.random.Generator | None = None) -> dict[str, Floats]:
    """Present value in each scenario, by kind."""
    factors, share = _factors(case), _served(case, figures)
    found: dict[str, Floats] = {}
    for one in case.saving:
        found[one.kind] = found.get(one.kind, 0.0) + _values(case, one, figures, rng) @ factors * share
    return found


def _served(case: CaseFile, figures: Figures) -> Floats:
    """The share served before the money is used up, in each scenario."""
    if isinstance(figures, pd.DataFrame) and "share served" in figures:
        return np.asarray(figures["share served"], dtype=float)
    if not flowing(case) or isinstance(figures, pd.DataFrame):
        return np.ones(1)
    return served(case.settled(figures), case.costs())


def _payers(case: CaseFile) -> list[str]:
    return list(dict.fromkeys(name for one in case.paid for name in case.paying(one)))


def _earned_by(case: CaseFile, figures: Figures) -> Floats:
    """What each payer owes for results in each scenario and period, after the caps: payers by scenarios by periods."""
    contract, dated, payers = case.contract(), case.payment_shares(), _payers(case)
    full = contract.earned(case.of_contract(figures))
    count = max(np.size(amount_) for amount_ in full.values())
    owed = np.zeros((len(payers), count, len(case.periods())))
    for line in case.lines():
        months = (line.group.measured if line.group else ()) or line.measure.measured or (case.timing.end,)
        for month, part_ in zip(months, case._parts(line.measure, months), strict=True):
            for name, share in case._dated(line.measure.payers, month).items():
                owed[payers.index(name), :, case._period(month)] += part_ * share * np.asarray(full[line.name])
    for name, share in contract.fixed_shares().items():
        owed[payers.index(name)] += share * contract.fixed_payment * dated.get("fixed payment", 0.0)
    total, after = owed.sum(axis=0), case._earned(figures)
    return np.asarray(owed * np.divide(after, total, out=np.ones_like(total), where=total != 0))


def _paid_by_year(case: CaseFile, figures: Figures) -> Floats:
    """What each payer pays in each scenario and year, when it arrives: payers by scenarios by years."""
    if not isinstance(figures, pd.DataFrame):
        return _paid(case, figures)
    size = max(_BLOCK // len(case.periods()), 1)
    return np.concatenate(
        [_paid(case, figures[start : start + size]) for start in range(0, len(figures), size)], axis=1
    )


def _paid(case: CaseFile, figures: Figures) -> Floats:
    owed, lag = _earned_by(case, figures), int(case.timing.lag.value)
    owed = np.concatenate([np.zeros((*owed.shape[:2], lag)), owed], axis=2)
    if flowing(case):
        shares = np.array([case.contract().fixed_shares()[name] for name in _payers(case)])
        out = -case.settled(figures)["payer"].to_numpy().reshape(owed.shape[1], -1)
        total = owed.sum(axis=0)
        owed = owed * np.divide(out, total, out=np.zeros_like(total), where=total != 0)
        owed = owed + shares[:, None, None] * np.where(total == 0, out, 0.0)  # what is owed besides, or comes back
    return np.stack([_yearly(case, each) for each in owed])


def _yearly(case: CaseFile, by_period: Floats) -> Floats:
    """Sums by year of what falls into periods: scenarios by years."""
    found = np.zeros((len(by_period), horizon(case)))
    year = PERIODS[case.timing.period] * np.arange(by_period.shape[1]) // 12
    np.add.at(found.T, year, by_period.T)
    return found


def _most_by_year(case: CaseFile) -> Floats | None:
    """What can be paid in each year at most; None where there is no limit."""
    dated, late = case.payment_shares(), np.zeros(int(case.timing.lag.value))
    both = (case.terms.cap, None if len(late) else case.terms.year_cap)  # what is earned in one year comes in two
    limits = [figure.value for figure in both if figure is not None]

    def by_year(most: float, name: str) -> Floats:
        return np.asarray(_yearly(case, np.concatenate([late, most * dated[name]])[None, :])[0])

    fixed = case.terms.fixed_payment.value
    found = {"fixed payment": by_year(fixed, "fixed payment")} if fixed else {}
    for line, outcome in zip(case.lines(), case.contract().outcomes, strict=True):
        reach = case._reach(line)
        most = outcome.schedule.max_payment if math.isinf(reach) else outcome.schedule.most(reach)
        if math.isinf(most) and not limits:
            return None
        due = by_year(min(most, 1e15), line.name)
        for other in outcome.instead_of:  # what it has paid is not paid again
            due = np.maximum(due - found[other], 0.0)
        found[line.name] = due
    return np.asarray(np.minimum(np.sum(list(found.values()), axis=0), min(limits, default=np.inf)))


# the part of the report


@in_its_language
def part(case: CaseFile, drawn: pd.DataFrame) -> tuple[str, list[str], list[Any], list[Any]]:
    """The part of a report: its heading, sentences, tables with caption and forms, and charts."""
    money, yearly = case.money, exposure(case, drawn)
    said = [say("payers.no_worth")]
    found: list[tuple[pd.DataFrame, str, str | dict[str, str]]] = []
    pictures: list[Any] = []
    if counts(case):
        whole = worth(case, drawn)
        said = [_sentence(case, whole), *_cash(case), say("payers.transfer")]
        found.append((whole.rename(columns=SHOWN), say("payers.worth", money=money), VALUE_FORMS))
        by_year = worth_by_year(case).pivot_table(index="year", columns="to", values="value", aggfunc="sum", sort=False)
        found.append((by_year, say("payers.by_year", money=money), "{:,.0f}"))
        found.append((bodies(case), say("payers.bodies", money=money), "{:,.0f}"))
        found.append((by_result(case).rename(columns=SHOWN), say("payers.by_result", money=money), VALUE_FORMS))
        found.append((break_even(case), say("payers.break_even", money=money), VALUE_FORMS))
        hangs = switches(case)
        if len(hangs):
            ends = hangs[["result_low", "result_high"]]
            ends = ends.rename(columns={"result_low": "at its low end", "result_high": "at its high end"})
            ends = ends.set_axis(pd.Index(hangs["label"], name="assumption"))
            found.append((ends, say("payers.switches", money=money, net=whole["net"].iloc[-1]), "{:,.0f}"))
        pictures = [lambda: _picture(case)]
    said += [say("payers.exposure")] + [say("payers.no_most")] * ("most" not in yearly)
    found.append((yearly, say("payers.exposure_by_year", money=money), "{:,.0f}"))
    return "The payer's case", said, found, pictures


def _sentence(case: CaseFile, whole: pd.DataFrame) -> str:
    """What the case comes to."""
    last = whole.iloc[-1]
    fields = {"value": amount(case, last["value"]), "paid": amount(case, last["paid"])}
    fields |= {"ratio": last["value for each 1 paid"], "low": last["low"], "high": last["high"]}
    return say("payers.comes_to", **fields, share=100 * last["draws worth it"], rate=_rate(case))


def _rate(case: CaseFile) -> str:
    if case.payer.discount is None:
        return say("payers.green_book")
    return say("payers.rate", rate=100 * case.payer.discount.value)


def _cash(case: CaseFile) -> list[str]:
    """How much of the value is money, to those who pay, and in time."""
    table, paid = worth_by_year(case), _spent(case, case.performance())
    cash = table[table["kind"] == "cashable"]
    own, whole = (part_["present value"].sum() for part_ in (cash[cash["to"].isin(_payers(case))], cash))
    said = []
    if paid > 0:
        fields = {"value": amount(case, whole), "own": amount(case, own), "share": 100 * own / paid}
        said.append(say("payers.cashable", **fields) if whole else say("payers.no_cash"))
    late = table.loc[table["year"] > case.timing.end, "value"].sum()
    in_all = table["value"].sum()
    return [*said, say("payers.late", share=100 * late / in_all)] if 0 < late < in_all * 1.01 else said


def _picture(case: CaseFile) -> Any:
    """What has been paid and what it has been worth by the end of each year, discounted."""
    from sibmodels import charts

    factors, years = _factors(case), np.arange(horizon(case) + 1)
    paid = np.cumsum(_paid_by_year(case, case.performance())[:, 0].sum(axis=0) * factors)
    value = np.cumsum(worth_by_year(case).groupby("year")["present value"].sum().to_numpy())
    lines = {head("paid"): paid, head("worth"): value}
    made = {name: np.concatenate([[0.0], sums]) for name, sums in lines.items()}
    table = pd.concat([pd.DataFrame({"year": years, "sum": sums, "what": name}) for name, sums in made.items()])
    passed = [year for year in range(len(paid)) if (value[year:] >= paid[year:]).all()]
    title = say("payers.passes", year=passed[0] + 1) if passed else say("payers.never")
    described = say("report.table_has", title=title, rest=say("payers.rest"))
    axes = (say("payers.years"), say("payers.sum", money=case.money))
    return charts.lines(table, "year", "sum", "what", title=title, description=described, axes=axes, form=("d", "~s"))
