"""What a case file comes to, as tables: its terms, payments, flows, draws, risks, and what they could show.

Each function takes a `CaseFile` and returns a table; everything is computed by the other modules, and only
asked for here. `sibmodels.reports.page` puts them on a page.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sibmodels import cashflows, display, evaluation, incentives, indigo, simulation, tables
from sibmodels.casefile import LISTS, PERIODS, SECTIONS, CaseFile, Figure
from sibmodels.casefile.model import (
    ATTRIBUTES,
    COMPARISON,
    TERMS,
    Paid,
    by_date,
    plain,
    products,
    range_of,
    scale_of,
    served,
)
from sibmodels.casefile.sections import Break, Group, Measure, Saving, Tranche
from sibmodels.contracts import Outcome
from sibmodels.messages import head, in_its_language, listed, month_said, percent, say
from sibmodels.people import Card, Line
from sibmodels.rules import words

__all__ = [
    "DRAWS",
    "FORMATS",
    "alignment",
    "caps",
    "cards",
    "curves",
    "draws",
    "evaluated",
    "flows",
    "lucks",
    "own_points",
    "pulls",
    "ranges",
    "rates",
    "risk",
    "scenarios",
    "sensitivity",
    "steps",
    "swings",
    "term_sheet",
    "tranches",
    "world",
]

DRAWS = 10_000
_CELLS = 500_000  # draws by periods settled at once, so that long contracts fit a small memory
FORMATS = {
    "return a year": "{:.1%}",
    "share of its side's risk": "{:.0%}",
    "share of the most paid": "{:.1%}",
    "share served": "{:.0%}",
    "spread by luck": "{:.4g}",
    "some is paid": "{:.0%}",
    "with figures": "{:,.0f}",
    "smaller": "{:.0%}",
}
FORMATS |= dict.fromkeys(("paid", "paid if everybody is served", "paid as the service stops"), "{:,.0f}")
FORMATS |= dict.fromkeys(("investors gain", "most they have out", "mean", "spread"), "{:,.0f}")
FORMATS |= dict.fromkeys(("bad end (5 %)", "good end (95 %)", "people", "paid without effect"), "{:,.0f}")
FORMATS |= {"one success more earns": "{:,.0f}"}
FORMATS |= dict.fromkeys(
    ("baseline", "expected", "smallest rise shown", "target met without effect", "target missed though it works"),
    "{:.1%}",
)
"""How a page writes the numbers of these tables, by column."""


@in_its_language
def term_sheet(case: CaseFile) -> pd.DataFrame:
    """The terms in words: columns ``term`` and ``value``; assumptions with their ranges.

    >>> from sibmodels.casefile import example
    >>> term_sheet(example("kobe")).set_index("term")["value"]["Most that is paid"]
    'JPY 34,060,000'
    """
    about, terms, currency = case.about, case.terms, case.about.currency
    rows = [("Project", about.name), ("Place", listed(filter(None, (about.place, about.country))))]
    rows += [("Sector", about.sector), ("Need and service", about.about)]
    rows += [("People served", _words(case.cohort.people)), ("Who they are", case.cohort.about)]
    rows += [("Comparison group", _words(case.cohort.comparison) or "" if case.compared else say("terms.none"))]
    if case.has_calendar:
        rows.append(("Runs", say("terms.runs", start=month_said(case.timing.start), end=month_said(case.timing.end))))
    if case.timing.lag.value:
        periods = case.timing.period + "s" * (case.timing.lag.value != 1)
        lag = say("terms.lag", count=case.timing.lag.value, periods=say(f"choices.{periods}"))
        rows.append(("Payment follows measurement by", lag))
    exchange = {code: say("terms.exchange", currency=currency, rate=rate) for code, rate in about.rates.items()}
    rows += [(say("terms.rate_of", name=code), said) for code, said in exchange.items()]
    rows += [(say("terms.group_of", name=one.name), _group(one)) for one in case.group]
    rows += [(say("terms.outcome_of", name=one.name), _terms(case, one)) for one in case.outcome]
    if terms.fixed_payment.value:
        said = _words(terms.fixed_payment, currency)
        shared = case.fixed_shared()
        rows.append(("Paid whatever the results", say("terms.shared", amount=said, shared=shared) if shared else said))
    if case.paid:
        most = case.most_paid()
        limit = amount(case, most) if math.isfinite(most) else say("terms.no_limit")
        limit += owing(case)
        rows.append(("Most that is paid", limit if case.in_money else say("terms.most_not_known")))
    rows.append(("Most that is paid in a year", _words(terms.year_cap, currency)))
    if terms.cap or terms.year_cap:
        rows.append(("A cap takes away", say(f"terms.cut_{terms.cap_cuts}")))
    rows += [(say("terms.cost_of", name=item.name), _words(item.amount, currency)) for item in case.cost]
    rows += [("Investment committed", _words(case.investment.amount, currency))]
    rows += [(say("terms.tranche_of", name=one.name), _tranche(case, one)) for one in case.tranche]
    rows += [("Ends early", _break(case, one)) for one in case.breaks]
    if case.investment.wanted is not None:
        wanted = say("terms.a_year", rate=100 * case.investment.wanted.value)
        rows.append(("Return that investors want", wanted))
    for what, figure in (("Intermediary's fee", case.investment.fee), ("Guarantee", case.investment.guarantee)):
        rows += [(what, _words(figure, currency))] if figure.value else []
    if flowing(case) and not case.tranche:
        rows.append(("Investors are paid", say(f"choices.{case.investment.distribute}")))
    rows += [(say("terms.saving_of", name=one.name), _saving(case, one)) for one in case.saving]
    rows += [(one.role[:1].upper() + one.role[1:] if one.role else "Stakeholder", one.name) for one in case.stakeholder]
    return pd.DataFrame([(head(term), said) for term, said in rows if said], columns=["term", "value"])


def curves(case: CaseFile, steps: int = 11, own: bool = False) -> pd.DataFrame:
    """Payment as the share of people who succeed rises: ``outcome``, ``performance`` (that share), ``payment``.

    In equal steps; with `own` also at the points at which any of the schedules turns or jumps.
    """
    grid = np.linspace(0.0, 1.0, steps)
    if own:
        grid = _apart(np.array([*grid, *own_points(case)["performance"]]))
    return _paid_at(case, lambda line, outcome: grid)


def own_points(case: CaseFile) -> pd.DataFrame:
    """`curves` at the points of each schedule by itself, its target and its floor, and at what is expected."""
    here = case.performance()

    def turns(line: Paid, outcome: Outcome) -> np.ndarray:
        one, unit = line.measure, _unit(case, line)
        points = outcome.schedule.points[: None if not outcome.schedule.unlimited else -1]
        at = [x for x, _ in points] + [figure.value for figure in (one.target, one.floor) if figure]
        shares = np.array([*at, here[line.name]]) / unit
        return _apart(shares[(shares >= 0) & (shares <= 1)])

    return _paid_at(case, turns)


def _paid_at(case: CaseFile, grid: Callable[[Paid, Outcome], np.ndarray]) -> pd.DataFrame:
    """What each outcome that pays by the share of people pays at some shares."""
    parts = [pd.DataFrame(columns=["outcome", "performance", "payment"])]
    for line, outcome in outcomes(case):
        if by_share(line.measure):
            at = grid(line, outcome)
            people = _unit(case, line)
            paid = outcome.payment(at if people == 1 else np.round(at * people, 6))  # 11 of 3,119 are 11
            parts.append(pd.DataFrame({"outcome": line.name, "performance": at, "payment": paid}))
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _apart(shares: np.ndarray) -> np.ndarray:
    """Shares in order, each once: of two that differ by rounding the higher, which has reached its point."""
    shares = np.sort(shares)
    return np.asarray(shares[np.append(np.diff(shares) > 1e-9, True)])


def _unit(case: CaseFile, line: Paid) -> int:
    """What a share of 1 is in an outcome's unit."""
    return 1 if line.measure.unit == "share" else case.people_of(line.measure, line.group)


@in_its_language
def steps(case: CaseFile) -> pd.DataFrame:
    """What is paid by figures that are no share of people: at the points of each schedule, and as expected.

    Columns ``figure`` and ``payment``, index ``outcome``; a fixed payment and a rate card of several lines are not in.
    """
    rows, expected = [], case.performance()
    for line, outcome in outcomes(case):
        one = line.measure
        if by_share(one) or one.card or one.schedule == "fixed":
            continue
        at = {x for x, _ in outcome.schedule.points}
        at |= {figure.value for figure in (one.floor, one.target) if figure} | {float(expected[line.name])}
        rows += [(line.name, x, float(outcome.payment(x))) for x in sorted(at)]
    return pd.DataFrame(rows, columns=["outcome", "figure", "payment"]).set_index("outcome")


@in_its_language
def cards(case: CaseFile) -> pd.DataFrame:
    """Rate cards of several lines, paid person by person: exact expectations.

    Columns ``price``, ``expected`` (share of all people who reach the line), ``price x people`` and ``after the cap a
    person``, in money for all people; index ``line``.
    """
    rows = []
    for line, _ in outcomes(case):
        one = line.measure
        if not one.card:
            continue
        people = case.people_of(one, line.group)
        paid = case.card(one).expected()
        rows += [
            (each.name, each.price, each.expected, each.price * each.expected * people, people * part)
            for each, part in zip(one.card, paid, strict=True)
        ]
    names = ["line", "price", "expected", "price x people", "after the cap a person"]
    return pd.DataFrame(rows, columns=names).set_index("line")


@in_its_language
def caps(case: CaseFile, caps: Sequence[float]) -> pd.DataFrame:
    """What the first rate card of several lines earns by cap a person: ``expected``, exact, and ``least``.

    ``least`` is what as many people as expected earn where the same people reach every line: with the counts alone
    nobody can say less. Index ``cap a person``.
    """
    line = next(line for line in case.lines() if line.measure.card)
    people, rows = case.people_of(line.measure, line.group), []
    for cap in caps:
        card = Card(line.measure.card, cap)
        rows.append((cap, people * card.mean, card.least(people)))
    return pd.DataFrame(rows, columns=["cap a person", "expected", "least"]).set_index("cap a person")


@in_its_language
def rates(case: CaseFile) -> pd.DataFrame:
    """What each tranche is due by the result that its terms go by, where they turn and as expected.

    Columns ``by``, ``result``, ``coupon`` (a year; the least that dates allow is not in it) and ``principal due`` (a
    share), index ``tranche``; tranches whose terms go by no result are not in.
    """
    rows, expected = [], case.performance()
    for one in case.tranche:
        scales = {key: term for key in TERMS if isinstance(term := getattr(one, key), Mapping) and "of" in term}
        for name in dict.fromkeys(term["of"] for term in scales.values()):
            terms = {key: term for key, term in scales.items() if term["of"] == name}
            at = {x for term in terms.values() for x, _ in term.get("step", term.get("linear"))}
            at |= {term["floor"] for term in terms.values() if "floor" in term}
            for x in sorted({*at, float(expected[name])}):
                due = {key: float(scale_of(term)(x)) for key, term in terms.items()}
                rows.append((one.name, name, x, due.get("coupon", np.nan), due.get("redemption", np.nan)))
    return pd.DataFrame(rows, columns=["tranche", "by", "result", "coupon", "principal due"]).set_index("tranche")


@in_its_language
def tranches(case: CaseFile) -> pd.DataFrame:
    """Who bears what by layer of capital: at both ends of what is expected and as expected.

    Columns ``if``, ``puts in``, ``gets``, ``gains`` and ``return a year``; index ``tranche``.
    """
    rows = []
    for one in case.tranche:
        for name, performance in ends(case).items():
            flow = case.waterfall(performance)[one.name].to_numpy()
            out, back = -np.minimum(flow, 0).sum(), np.maximum(flow, 0).sum()
            rows.append((one.name, name, out, back, back - out, _annual(case, cashflows.irr(flow))))
    names = ["tranche", "if", "puts in", "gets", "gains", "return a year"]
    return pd.DataFrame(rows, columns=names).set_index("tranche")


@in_its_language
def scenarios(case: CaseFile) -> pd.DataFrame:
    """Payment, and what investors get, if nobody succeeds, at both ends of what is expected, and if all do.

    Where the money that investors commit is used up in one of them, a column ``share served`` says how much of
    the costs was met before the service stopped, and ``paid if everybody is served`` what would be paid if it did not.
    """
    rows = {}
    for name, performance in ends(case).items():
        rows[name] = {"paid": case.total(performance)}
        if flowing(case):
            flows = case.settled(performance)
            out, share = flows["investor"].to_numpy(), served(flows, case.costs())[0]
            rows[name] |= {
                "paid": float(_paid(flows, np.array([rows[name]["paid"]]))[0]),
                "paid if everybody is served": rows[name]["paid"],
                "investors gain": out.sum(),
                "return a year": _annual(case, cashflows.irr(out)),
                "most they have out": float(cashflows.peak_draw(out)),
                "share served": share,
            }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("if")
    whole = flowing(case) and (table["share served"] == 1).all()
    return table.drop(columns=["share served", "paid if everybody is served"]) if whole else table


def flows(case: CaseFile) -> pd.DataFrame:
    """Who pays whom in each period, at the performance expected; `CaseFile.flows`."""
    return case.flows()


def draws(case: CaseFile, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """Simulated performance and payment, by `simulate`; with a calendar and costs, what investors get.

    Returns
    -------
    DataFrame
        A row a draw: the outcomes as they come if all are served, ``total_payment`` and, where there are cash
        flows, ``investor`` (gain), ``tranche: NAME`` (of each, if there are any), ``guarantor`` (what it pays) and
        ``share served``, below 1 where investors'
        commitment is used up and the service stops: then less is paid than the outcomes would have earned.
    """
    table = case.draws(draws, seed)
    if flowing(case):
        size = max(_CELLS // len(case.periods()), 1)
        blocks = [_settled(case, table[start : start + size]) for start in range(0, len(table), size)]
        table = pd.concat(blocks, ignore_index=True)
    return table


@in_its_language
def ranges(case: CaseFile, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """Whatever is drawn from a range: how sure the range is, and what is measured.

    Columns ``figure``, ``low`` and ``high`` (5 and 95 % of the draws of the true rate, score, cost or number of
    people), ``measured low`` and ``measured high`` (the same of what is measured, with the luck of people; of a count,
    a share of its people) and ``as sure as`` (`concentration_for`; NaN where it is no share, or no beta has such a
    range); index is what is drawn.
    """
    rows = {}
    for name, one in case.results().items():
        if isinstance(one, simulation.Result) and one.within is not None:
            low, high = one.within
            seen = simulation.measure({name: dataclasses.replace(one, is_count=False)}, draws, seed=seed)[name]
            sure = math.nan
            if one.spread is None:
                with contextlib.suppress(ValueError):
                    sure = simulation.concentration_for(one.mean, low, high)
            rows[name] = (one.mean, low, high, *np.quantile(seen, [0.05, 0.95]), sure)
    given = case.assumptions().set_index("key")
    for key in case.doubts(1):
        row = given.loc[key]
        rows[label(case, key)] = (row["value"], row["low"], row["high"], math.nan, math.nan, math.nan)
    names = ["figure", "low", "high", "measured low", "measured high", "as sure as"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("what")


def risk(case: CaseFile, drawn: pd.DataFrame | None = None) -> pd.DataFrame:
    """Who bears the risk: by party, the mean of its money over the draws, its spread and its ends.

    The payer's money goes out, so it is negative. What payers pay, investors and a guarantor get: one sum, seen
    from two sides. So the last column divides the variance of each side's money among those of that side, and sums
    to 1 on each: the risk is there once. Where the service stops, what payers save is shared among them in proportion.
    The provider is paid its costs as planned, so that here it bears no risk: cost overruns are left out.
    """
    drawn = draws(case) if drawn is None else drawn
    contract, together = case.contract(), drawn["total_payment"].to_numpy()
    reached = case.of_contract(drawn)
    full = contract.total(reached)
    part = np.divide(together, full, out=np.ones_like(together), where=full != 0)
    beyond = np.where(full == 0, together, 0.0)  # coupons that a payer owes, where no outcome earns anything
    shares = contract.fixed_shares()
    parties = {
        f"payer: {name}": -paid * part - beyond * shares[name] for name, paid in contract.by_payer(reached).items()
    }
    if "investor" in drawn:
        layers = {str(name): drawn[name] for name in drawn if str(name).startswith("tranche: ")}
        parties |= layers or {"investors": drawn["investor"]}
        parties |= {"guarantor": drawn["guarantor"], "provider": drawn["investor"] * 0}
    table = pd.DataFrame(
        {name: [money.mean(), money.std(ddof=0), *np.quantile(money, [0.05, 0.95])] for name, money in parties.items()},
        index=["mean", "spread", "bad end (5 %)", "good end (95 %)"],
    ).T.rename_axis("party")
    # those of one side move together: each bears its part of the variance of what all of them have
    pays = table.index.str.startswith("payer: ")
    for side in (table.index[pays], table.index[~pays]):
        total = sum(parties[name] for name in side)
        whole = np.var(total)
        for name in side:
            borne = np.cov(parties[name], total, ddof=0)[0, 1] / whole if whole else 0.0
            table.loc[name, "share of its side's risk"] = borne
    guaranteed = case.investment.guarantee.value > 0 or any(one.protected for one in case.tranche)
    kept = [not name.startswith("guarantor") or guaranteed for name in table.index]
    return table[kept]


@in_its_language
def evaluated(case: CaseFile) -> pd.DataFrame:
    """What the evaluation could show: by outcome, the smallest rise shown, and how often payment errs.

    ``smallest rise shown`` is for two groups of the cohort's size, or of the comparison group's where that
    is smaller, at a power of 80 % and 5 % error. ``paid without effect`` is what the outcome earns at its
    baseline, the cap left aside. ``target met without effect`` and ``target missed though it works`` are
    the chances of reaching the target at the baseline, and of missing it at what is expected.
    """
    rows, rules = {}, dict(zip(named(case), case.contract().outcomes if case.paid else (), strict=True))
    for one in case.outcome:
        if one.expected is None or not plain(one) or one.unit == "score":
            continue
        people = case.measured_on(one)
        row: dict[str, float] = {"people": people}
        row["baseline"] = np.nan if one.baseline is None else one.baseline.value
        row["expected"] = one.expected.value
        if one.baseline is not None:
            group = min(people, int(case.cohort.comparison.value)) if case.cohort.comparison else people
            try:
                row["smallest rise shown"] = evaluation.minimum_detectable_effect(group, one.baseline.value)
            except ValueError:
                row["smallest rise shown"] = np.nan  # so few people that no rise would show
            if one.name in rules:
                unit = 1 if one.unit == "share" else people
                row["paid without effect"] = float(rules[one.name].payment(one.baseline.value * unit))
            if one.target is not None and one.schedule != "none":
                target = one.target.value / (1 if one.unit == "share" else people)
                # a count beyond every person's is never reached
                trigger = float(np.clip(target - one.baseline.value, -1, 1))
                rise = one.expected.value - one.baseline.value
                wrong, missed = evaluation.payment_errors(people, one.baseline.value, rise, trigger)
                row |= {"target met without effect": wrong, "target missed though it works": missed}
        rows[one.name] = row
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("outcome")
    return table if len(table) else pd.DataFrame({"people": pd.Series(dtype=float)}).rename_axis("outcome")


@in_its_language
def pulls(case: CaseFile) -> pd.DataFrame:
    """What the contract asks of a provider: each outcome's share of the most paid, and what one success more earns.

    At the performance expected, with everybody served.
    """
    most: dict[str, float] = {}
    for line, outcome in outcomes(case):
        most[line.measure.name] = most.get(line.measure.name, 0.0) + outcome.schedule.max_payment
    whole = sum(most.values())
    rows, here = {}, case.performance()
    for line, outcome in outcomes(case):
        one = line.measure
        if one.name in rows:
            continue
        share = most[one.name] / whole if math.isfinite(whole) and whole > 0 else np.nan
        rows[one.name] = {"share of the most paid": share, "one success more earns": np.nan}
        if by_share(one):
            people = case.people_of(one, line.group)
            now = here[line.name]
            more = min(now + 1 / people, 1.0) if one.unit == "share" else now + 1.0
            rows[one.name]["one success more earns"] = float(outcome.payment(more) - outcome.payment(now))
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("outcome")


@in_its_language
def alignment(case: CaseFile) -> pd.DataFrame:
    """How far what is paid for is from what each stakeholder values: degrees, 0 the same and 90 nothing in common."""
    paid = pulls(case)["share of the most paid"]
    if paid.isna().any():
        return pd.DataFrame(columns=["degrees", "valued and not paid for"]).rename_axis("stakeholder")
    rows = {}
    for one in case.stakeholder:
        if one.values:
            cosine = incentives.alignment(paid.to_dict(), dict(one.values))
            unpaid = [name for name in one.values if name not in paid.index]
            rows[one.name] = {
                "degrees": math.degrees(math.acos(min(cosine, 1.0))),
                "valued and not paid for": listed(unpaid) or say("terms.nothing"),
            }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["degrees", "valued and not paid for"])
    return table.rename_axis("stakeholder")


@in_its_language
def sensitivity(case: CaseFile) -> pd.DataFrame:
    """What the answer hangs on: `swings`, for what investors gain, or else what is paid."""
    return swings(case, answer)


def swings(case: CaseFile, result: Callable[[CaseFile], float]) -> pd.DataFrame:
    """What a result of a case file hangs on: `tornado` over every assumption with a range that moves it.

    Columns as `tornado` has them, and ``label``. The result is at the performance expected: sureness and
    correlation spread it and do not move it, so that they are left out.
    """
    given = case.assumptions()
    given = given[(given["low"] < given["high"]) & ~given["key"].str.startswith("uncertainty.")]
    rows = {row.key: row for row in tables.rows(given)}

    def changed(**values: float) -> float:
        other = case
        for key, value in values.items():
            other = other.replace(key, value) if value != rows[key].value else other
        return result(other)

    table = simulation.tornado(
        changed,
        {key: row.value for key, row in rows.items()},
        {key: (row.low, row.high) for key, row in rows.items()},
        between=7,
    )
    table = table[table["swing"] > 0]
    return table.assign(label=[label(case, key) for key in table.index])


@in_its_language
def world(case: CaseFile) -> pd.DataFrame:
    """Where the case stands among the world's SIBs (`indigo.shipped`).

    Columns ``measure``, ``here``, ``with figures`` (how many have the figure) and ``smaller``.
    Amounts are compared within one currency only, never converted. ``smaller`` is the share of those with
    a figure that lie below.
    """
    projects = indigo.shipped().projects
    about, rows = case.about, []
    if about.country:
        count = int((projects["country"] == about.country).sum())
        rows.append(("projects in the same country", about.country, count, np.nan))
    if about.sector:
        rows.append(
            ("projects in the same sector", about.sector, int((projects["sector"] == about.sector).sum()), np.nan)
        )
    compared = [("people served", case.cohort.people.value, projects["target_users"], "")]
    if case.paid and case.in_money and math.isfinite(case.most_paid()):
        same = projects["max_outcome_currency"] == about.currency
        compared.append(
            (
                "most that is paid",
                case.most_paid(),
                projects.loc[same, "max_outcome_payment"],
                about.currency,
            )
        )
    if case.committed is not None:
        same = projects["investment_currency"] == about.currency
        compared.append(("investment", case.committed, projects.loc[same, "investment"], about.currency))
    for measure, value, others, currency in compared:
        others = others.dropna().astype(float)
        smaller = float((others < value).mean()) if len(others) else np.nan
        rows.append((measure, f"{currency} {value:,.0f}".strip(), len(others), smaller))
    return pd.DataFrame(rows, columns=["measure", "here", "with figures", "smaller"])


# parts


def named(case: CaseFile) -> list[str]:
    """The names of what is paid for by one figure each."""
    return [line.name for line in case.lines()]


def outcomes(case: CaseFile) -> list[tuple[Paid, Outcome]]:
    """What is paid for, with its terms in the contract."""
    return list(zip(case.lines(), case.contract().outcomes, strict=True)) if case.paid else []


def owing(case: CaseFile) -> str:
    """What the payer owes besides payment for outcomes, in words."""
    owed = [one.name for one in case.tranche if one.owed]
    return say("report.besides_owed", names=listed(owed)) if owed else ""


def by_share(one: Measure) -> bool:
    """Whether an outcome pays by the share of people who succeed."""
    return plain(one) and one.unit != "score" and not one.card and one.schedule != "fixed"


def unchanged(case: CaseFile, draws: int = DRAWS, seed: int = 0, sure: bool = False) -> pd.DataFrame | None:
    """Draws in which everybody does as without the service; None where a result has no baseline.

    Columns as those of `CaseFile.draws`. With `sure` the baselines are known, so that only the luck of groups is left.
    """
    results: dict[str, simulation.Result] = {}
    everything = case.results()
    for name, one in everything.items():
        base, _ = case.measured_by(name)
        if not isinstance(one, simulation.Result) or base.baseline is None:
            return None
        # whatever the rate is without the service, a comparison group has it too
        known = sure or one.comparison or f"{name} (comparison)" in everything
        mean, sure_as = base.baseline.value, math.inf if known else one.concentration
        given = None if known else range_of(base.baseline, mean, one.spread)
        results[name] = dataclasses.replace(one, mean=mean, concentration=sure_as, within=given)
    rho = case.uncertainty.rho.value if len(results) > 1 else 0.0
    drawn: Any = simulation.measure(results, draws, rho=rho, seed=seed) if results else {}
    table = pd.DataFrame(case.figures(drawn), index=pd.RangeIndex(draws))
    return table.assign(total_payment=case.total(table))


@in_its_language
def lucks(case: CaseFile) -> pd.DataFrame:
    """What luck does to figures that come of more than one result, if nothing changes and baselines are known.

    Columns ``spread by luck`` (its standard deviation), ``some is paid`` (how often) and ``paid without effect`` (on
    average), index ``outcome``. A threshold t pays with the chance Phi(-t / spread).
    """
    rows, drawn = {}, unchanged(case, sure=True) if case.paid else None
    for line, outcome in outcomes(case) if drawn is not None else ():
        if plain(line.measure) or line.measure.schedule == "fixed" or drawn is None:
            continue
        figure = drawn[line.name]
        paid = outcome.payment(figure)
        rows[line.name] = (figure.std(), (paid > 0).mean(), paid.mean())
    names = ["spread by luck", "some is paid", "paid without effect"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("outcome")


def ends(case: CaseFile) -> dict[str, dict[str, Any]]:
    """Performance in five cases; a score has no end at which everybody succeeds, so that three are left."""
    found: dict[str, dict[str, Any]] = {
        "nobody succeeds": case.performance(0.0),
        "low end of what is expected": _at(case, "low"),
        "as expected": case.performance(),
        "high end of what is expected": _at(case, "high"),
        "everybody succeeds": case.performance(1.0),
    }
    scored = any(one.unit == "score" for one in case.outcome)
    return dict(list(found.items())[1:4]) if scored else found


def flowing(case: CaseFile) -> bool:
    """Whether there are dated cash flows, and investors' gain."""
    return case.has_calendar and bool(case.cost) and bool(case.paid)


def _annual(case: CaseFile, rate: float) -> float:
    if not math.isfinite(rate):
        return float("nan")
    return float(cashflows.annualise(rate, 12 / PERIODS[case.timing.period]))


def _at(case: CaseFile, end: str) -> dict[str, float]:
    """Performance with every expectation at one end of its range."""
    for number, one in enumerate(case.outcome, start=1):
        if one.expected is not None and one.expected.assumed:
            case = case.replace(f"outcome.{number}.expected", getattr(one.expected, end))
    return case.performance()


def _settled(case: CaseFile, drawn: pd.DataFrame) -> pd.DataFrame:
    """Draws with what is paid, what investors gain and a guarantor pays, and how much of the costs was met."""
    flows = case.settled(drawn)
    sums = flows[["investor", "guarantor"]].to_numpy().reshape(len(drawn), -1, 2).sum(axis=1) + 0.0
    layers = {}
    if case.tranche:
        names = [one.name for one in case.tranche]
        gains = case.waterfall(drawn)[names].to_numpy().reshape(len(drawn), -1, len(names)).sum(axis=1)
        layers = {f"tranche: {name}": gain for name, gain in zip(names, gains.T, strict=True)}
    return drawn.assign(
        total_payment=_paid(flows, drawn["total_payment"].to_numpy()),
        investor=sums[:, 0],
        **layers,
        guarantor=sums[:, 1],
        **{"share served": served(flows, case.costs(drawn))},
    )


def expected_payment(case: CaseFile) -> float:
    """What is paid at the performance expected; less than the contract says where the service stops."""
    return payment_at(case, case.performance())


def payment_at(case: CaseFile, performance: Mapping[str, float]) -> float:
    """What is paid at a performance, in each outcome's unit; less than is earned where the service stops."""
    paid = case.total(performance)
    return float(_paid(case.settled(performance), np.array([paid]))[0]) if flowing(case) else paid


def _paid(flows: pd.DataFrame, earned: np.ndarray) -> np.ndarray:
    """What is paid in each scenario: what was earned, or less where the service stopped or the money ran out."""
    paid = -flows["payer"].to_numpy().reshape(len(earned), -1).sum(axis=1)
    return np.where(np.abs(paid - earned) <= 1e-9 * (1 + np.abs(earned)), earned, paid)  # rounding moves no draw


def share_served(case: CaseFile) -> float:
    """How much of the costs is met at the performance expected; below 1 the service stops."""
    return float(served(case.settled(case.performance()), case.costs())[0]) if flowing(case) else 1.0


def answer(case: CaseFile) -> float:
    """What investors gain at the performance expected, or else what is paid."""
    if flowing(case):
        return float(case.flows()["investor"].sum())
    return float(case.total(case.performance()))


@in_its_language
def label(case: CaseFile, key: str) -> str:
    """What a key of `CaseFile.assumptions` is called in a report."""
    section, *rest = key.split(".")
    if section in LISTS:
        item = getattr(case, ATTRIBUTES.get(section, section))[int(rest[0]) - 1]
        name = getattr(item, "name", None) or head(section)
        if "card" in rest:
            name = item.card[int(rest[2]) - 1].name
        return say("terms.label", name=name, what=head(rest[-1].replace("_", " ")))
    known = {"uncertainty.sureness": "sureness, in people", "uncertainty.rho": "correlation of outcomes"}
    if key in known:
        return head(known[key])
    return say("terms.label", name=head(section), what=head(rest[0].replace("_", " ")))


@in_its_language
def shown(case: CaseFile, key: str, value: float) -> str:
    """A figure as people write it: a share in per cent.

    >>> from sibmodels.casefile import example
    >>> shown(example("kobe"), "outcome.1.expected", 0.85), shown(example("kobe"), "uncertainty.sureness", 10)
    ('85 %', '10')
    """
    section, *rest = key.split(".")
    fields = {one.name: one.metadata["kind"] for one in dataclasses.fields(SECTIONS[section])}
    of_people = section == "outcome" and rest[-1] in ("target", "floor")
    score = section == "outcome" and case.outcome[int(rest[0]) - 1].unit == "score"
    of_share = fields[rest[-1]] in ("share", "result") and not score
    if of_share or (of_people and case.outcome[int(rest[0]) - 1].unit == "share"):
        return display.number(value, share=True)
    return display.number(value)


@in_its_language
def amount(case: CaseFile, value: float) -> str:
    """A payment as people write it, in money or in per cent of the most that is paid."""
    value = value + 0.0 if abs(value) >= 0.5 or not case.in_money else 0.0  # no "-0"
    return f"{case.about.currency} {value:,.0f}" if case.in_money else say("terms.of_maximum", share=f"{value:,.3g}")


def _words(figure: Figure | None, currency: str = "", share: bool = False) -> str:
    """A figure as people write it, with its range."""
    if figure is None:
        return ""

    def text(value: float) -> str:
        return display.number(value, share)

    said = f"{currency} {text(figure.value)}".strip()
    if figure.stated:
        said = say("terms.stated", figure=said, currency=figure.stated[-1], amount=figure.stated[0])
    if figure.low is None or figure.high is None:
        return said
    return say("terms.assumed", figure=said, low=text(figure.low), high=text(figure.high))


def _terms(case: CaseFile, one: Measure) -> str:
    """An outcome's rule in words."""
    said = _measured(one)
    if case.has_calendar and one.measured:
        said.append(say("terms.measured_on", months=listed(map(month_said, one.measured))))
    elif case.has_calendar and one in case.paid and case.undated(one):
        said.append(say("terms.measured_last", month=month_said(case.timing.end)))
    if one.schedule == "none":
        return say("language.semicolon").join([say("terms.unpaid"), *said])
    if one.groups == "each":
        said.append(say("terms.each_group"))
    if one.instead_of:
        said.append(say("terms.less_paid", name=one.instead_of))
    if one.parts:
        said.append(say("terms.parts", parts=listed(display.number(part, share=True) for part in one.parts)))
    said.append(say("terms.paid_by", payers=_paid_by(one)))
    return say("language.semicolon").join([_rule(case, one), *said])


def _measured(one: Measure) -> list[str]:
    """What is expected of an outcome, and what its schedule looks at."""
    said, score = [], one.unit == "score"
    if one.expected is not None:
        expected = _words(one.expected, share=not score)
        said.append(say("terms.expected", figure=expected if score else say("terms.in_share", figure=expected)))
    if one.spread is not None:
        said.append(say("terms.spread", number=one.spread.value))
    if one.baseline is not None:
        said.append(say("terms.baseline", figure=_words(one.baseline, share=not score)))
    return said if plain(one) else [*said, say("terms.by", figure=_figure(one))]


def _rule(case: CaseFile, one: Measure) -> str:
    """What is paid for an outcome, in words."""
    currency, share = case.about.currency, one.unit == "share"
    if one.card:
        most = say("terms.person_cap", most=_words(one.person_cap, currency)) if one.person_cap else ""
        return say("terms.card", lines=listed(_line(line, currency) for line in one.card), most=most)

    def counted(figure: str) -> str:
        of = one.unit in ("people", "count") or (share and plain(one))
        return say(f"terms.in_{one.unit}", figure=figure) if of and figure else figure

    outcome = next(outcome for line, outcome in outcomes(case) if line.measure.name == one.name)
    pairs = [
        say("terms.point", amount=f"{currency} {display.number(y)}", at=display.number(x, share)) for x, y in one.points
    ]
    paid = display.number(outcome.schedule.max_payment)
    said_of = {
        "amount": f"{currency} {paid}" if case.in_money else say("terms.of_maximum", share=paid),
        "target": counted(_words(one.target, share=share)),
        "floor": _words(one.floor, share=share),
        "price": _words(one.price, currency),
        "cap": _words(one.cap, currency),
        "points": counted(listed(pairs)),
        "unit": say(f"choices.{one.unit}"),
    }
    return words(one.schedule, {key: said for key, said in said_of.items() if said})


def _paid_by(one: Measure) -> str:
    def shares(payers: Mapping[str, Any]) -> str:
        return listed(f"{name} ({percent(f'{100 * part:.4g}')})" for name, part in payers.items())

    if by_date(one.payers):
        dated = one.payers.items()
        return say("language.semicolon").join(_since(shares(payers), since) for since, payers in dated)
    return shares(one.payers)


def _figure(one: Measure) -> str:
    """What an outcome's schedule looks at, in words."""

    def factor(part: str | float) -> str:
        return say("language.quoted", name=part) if isinstance(part, str) else display.number(part)

    figure = " + ".join(" x ".join(map(factor, row)) for row in products(one))
    if one.against is not None:
        said = one.against if by_date(one.against) else {"": one.against}
        named = {
            month: say("terms.comparison") if other == COMPARISON else factor(other) for month, other in said.items()
        }
        others = [_since(other, since) if since else other for since, other in named.items()]
        figure = say(f"terms.against_{one.compare}", figure=figure, others=listed(others))
    return say("terms.rounded", figure=figure, step=one.rounded.value) if one.rounded else figure


def _line(line: Line, currency: str) -> str:
    links = say("terms.after", name=line.after) if line.after else ""
    links += say("terms.instead_of", name=line.instead_of) if line.instead_of else ""
    price = f"{currency} {display.number(line.price)}"
    return say("terms.line", name=line.name, links=links, price=price, share=100 * line.expected)


def _group(one: Group) -> str:
    said = [say("terms.people", count=one.people.value)]
    if one.comparison:
        said.append(say("terms.compared", count=one.comparison.value))
    said += [say("terms.group_expected", name=name, number=value) for name, value in one.expected.items()]
    said += [say("terms.measured", months=listed(map(month_said, one.measured)))] if one.measured else []
    return listed(said)


def _since(figure: str, month: str) -> str:
    return say("terms.from", figure=figure, month=month_said(month))


def _rate(case: CaseFile, term: Any) -> str:
    """A rate or a share of a tranche, in words."""
    if isinstance(term, Mapping) and "of" in term:
        share = next(one.unit for one in case.outcome if one.name == term["of"]) == "share"

        def at(x: float) -> str:
            return display.number(x, share)

        kind = "step" if "step" in term else "linear"
        pairs = listed(say("terms.point", amount=display.number(y, share=True), at=at(x)) for x, y in term[kind])
        below = say("rules.floor", floor=at(term["floor"])) if "floor" in term else ""
        return say(f"terms.rate_{kind}", name=term["of"], pairs=pairs, floor=below)
    if isinstance(term, Mapping):
        dated = term.items()
        return listed(
            say("terms.from", figure=display.number(value, share=True), month=month_said(since))
            for since, value in dated
        )
    return display.number(term, share=True)


def _tranche(case: CaseFile, one: Tranche) -> str:
    amount = _words(one.amount, case.about.currency)
    said = [say("terms.drawn", amount=amount, when=say(f"choices.{one.drawn}"))]
    said += [
        say(f"terms.tranche_{key}", rate=_rate(case, term)) for key in TERMS if (term := getattr(one, key)) is not None
    ]
    said += [say("terms.owed")] if one.owed else []
    said += [say("terms.protected", share=100 * one.protected)] if one.protected else []
    share = case.surplus(one)
    said += [say("terms.surplus", share=100 * share)] if share else []
    said += [say("terms.return_cap", rate=100 * one.return_cap.value)] if one.return_cap else []
    return say("language.semicolon").join([*said, say("terms.distributed", when=say(f"choices.{one.distribute}"))])


def _saving(case: CaseFile, one: Saving) -> str:
    """What an outcome is worth, in words."""
    terms = say("terms.saving_after", months=one.after.value) if one.after.value else ""
    terms += say("terms.saving_lasts", years=_words(one.lasts))
    for key in ("drop_off", "deadweight", "attribution", "displacement"):
        figure = getattr(one, key)
        if figure is not None and figure.value:
            terms += say(f"terms.saving_{key}", share=_words(figure, share=True))
    fields = {"amount": _words(one.amount, case.about.currency), "of": one.of, "to": one.to, "kind": head(one.kind)}
    return say("terms.saving", **fields, terms=terms)


def _break(case: CaseFile, one: Break) -> str:
    unit = next(each.unit for each in case.outcome if each.name == one.of)
    due = "" if one.redemption is None else say("terms.break_due", share=100 * one.redemption)
    below = _words(one.below, share=unit == "share")
    return say("terms.break", month=month_said(one.on), name=one.of, below=below, due=due)
