"""What a case file comes to: a report in one HTML file.

The tables are those of `sibmodels.reports.tables`; here they are put in words, in order, on a page.
`sibmodels.reports.chapter` has the same as a chapter.
"""

from __future__ import annotations

import html as _html
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

import sibmodels
from sibmodels import display, indigo, simulation
from sibmodels.casefile import CaseFile
from sibmodels.casefile.model import by_date, plain
from sibmodels.reports.tables import (
    FORMATS,
    alignment,
    amount,
    answer,
    cards,
    curves,
    draws,
    evaluated,
    expected_payment,
    flowing,
    label,
    outcomes,
    owing,
    payment_at,
    pulls,
    risk,
    scenarios,
    sensitivity,
    shown,
    steps,
    term_sheet,
    tranches,
    unchanged,
    world,
)

__all__ = ["html"]

# title, sentences, tables and charts (functions, drawn only when wanted)
Chart: TypeAlias = Any  # an Altair chart; only `charts` knows Altair
Pictures: TypeAlias = list[Callable[[], Chart]]
Part: TypeAlias = tuple[str, list[str], list[display.Table], Pictures]

LISTED = ("In brief", "What is not in the file")  # parts whose sentences are a list


def _parts(case: CaseFile) -> Iterator[Part]:
    """The report's parts, in order."""
    drawn = draws(case) if case.paid else None
    yield "In brief", _brief(case, drawn), [], []
    yield "Term sheet", [], [display.show(term_sheet(case), "The terms, as the case file has them.")], []
    if drawn is not None:
        yield _payments(case)
        yield _cash(case)
        yield _simulated(case, drawn)
        yield _risk(case, drawn)
    yield _evaluation(case)
    if case.paid:
        yield _incentives(case)
    yield _world(case)
    assumed = _assumed(case)
    if len(assumed):
        yield "What is assumed", [], [display.show(assumed, "Every figure with a range.")], []
    yield "What is not in the file", case.gaps() or ["Nothing that this report asks for."], [], []


def _brief(case: CaseFile, drawn: pd.DataFrame | None) -> list[str]:
    """What to take away in a minute, and what to doubt."""
    if drawn is None:
        said = ["No outcome is paid for: there is no contract here, only what is measured and what it costs."]
    else:
        contract = case.contract()
        most, paid, mean = contract.max_payment, expected_payment(case), drawn["total_payment"].mean()
        limit = f"at most {amount(case, most)}" if np.isfinite(most) else "by results, without a limit"
        if not case.in_money:
            limit = "by results; its maximum is not in the file, so that payments are per cent of it"
        said = [
            f"The contract pays {limit}{owing(case)}. At the performance expected it pays {amount(case, paid)}; "
            f"on average over the simulated results, {amount(case, mean)}. The two differ where floors, caps and "
            f"steps cut luck off on one side only{', or the service stops' * bool(_stopped(drawn))}.",
            _without_effect(case, drawn),
            _investors(case, drawn),
        ]
    said.append(_shown(case))
    count = len(_assumed(case))
    own = sum(note.startswith("not given") for note in _assumed(case)["note"])
    if count:
        said.append(
            f"{count} of the figures {'is an assumption' if count == 1 else 'are assumptions'}, listed near the end"
            + (f"; {own} of them not the file's own but this program's." if own else ".")
        )
    return said


_UNCOMPARED = "There is no comparison group, so that nothing measured can be told from what would have happened anyway"


def _shown(case: CaseFile) -> str:
    """What an evaluation could show, in a sentence."""
    if not case.compared:
        return f"{_UNCOMPARED}."
    table = evaluated(case)
    if "smallest rise shown" not in table:
        return "What a comparison could show cannot be said: the file has no baseline."
    unseen = table.index[table["expected"] - table["baseline"] < table["smallest rise shown"]].tolist()
    if unseen:
        return f"A comparison could well miss an effect as large as expected in {_listed(unseen)}."
    return "A comparison would mostly find effects as large as expected, where there is a baseline."


def _without_effect(case: CaseFile, drawn: pd.DataFrame) -> str:
    """What would be paid if nothing changed, as far as it can be said."""
    special = [one.name for one in case.paid if not plain(one) or one.card or one.schedule == "fixed"]
    known = [one.name for one in case.paid if one.baseline is not None and one.name not in special]
    others = [one.name for one in case.paid if one.name not in (*known, *special)]
    fixed = case.terms.fixed_payment.value
    if special:
        return _unchanged(case, drawn)
    if not known:
        return "What would be paid if the service changed nothing cannot be said: the file has no baseline."
    if others:
        paid = evaluated(case).loc[known, "paid without effect"].sum()
        served = ", if everybody is served," if _stopped(drawn) else ""
        return (
            f"If the service changed nothing, {_listed(known)}{served} would still earn {amount(case, paid)}"
            f"{', besides the fixed payment' * bool(fixed)}; for {_listed(others)} the file has no baseline."
        )
    baselines = {one.name: one.baseline.value for one in case.paid if one.baseline is not None}
    units = {one.name: 1 if one.unit == "share" else case.measured_on(one) for one in case.paid}
    reached = {name: rate * units[name] for name, rate in baselines.items()}
    paid, whole = payment_at(case, reached), ", the fixed payment included" if fixed else ""
    if paid < case.contract().total(reached):
        whole = ", though the service would stop for want of money"
    return f"If the service changed nothing, {amount(case, paid)} would be paid all the same{whole}."


def _unchanged(case: CaseFile, drawn: pd.DataFrame) -> str:
    """What luck alone would be paid, where payment goes by figures of more than one result."""
    lucky = unchanged(case)
    if lucky is None:
        return "What would be paid if the service changed nothing cannot be said: a result has no baseline."
    return (
        f"If the service changed nothing, {amount(case, lucky.mean())} would be paid on average: luck, what falls due "
        f"whatever the results, and what would have been reached anyway; {amount(case, drawn['total_payment'].mean())} "
        "with the service."
    )


def _investors(case: CaseFile, drawn: pd.DataFrame) -> str:
    """What investors may expect, with how far it hangs on how sure the expectations are."""
    if not flowing(case):
        return "What investors gain or lose cannot be said: the file has no dates, or no costs."
    ends, sure = scenarios(case), case.uncertainty.sureness
    best = ends["return a year"].get("everybody succeeds", np.nan)
    gain, mean = ends["investors gain"]["as expected"], drawn["investor"].mean()
    said = f"At the performance expected investors {_gain(case, gain)}; on average over the simulated results they "
    said += f"{_gain(case, mean)}, and in {_percent(_losing(drawn))} of them they lose money"
    if sure.low is not None and sure.high is not None and sure.low < sure.high:
        chances = [_losing(draws(case.replace("uncertainty.sureness", end))) for end in (sure.low, sure.high)]
        said += f" ({_percent(min(chances))} to {_percent(max(chances))}, by how sure the expectations are)"
    if case.investment.wanted is not None:
        got = ends["return a year"]["as expected"]
        said += f". They want {_percent(case.investment.wanted.value, 1)} a year"
        if np.isfinite(got) and np.isfinite(best):
            said += f"; as expected they get {_percent(got, 1)}, and if everybody succeeds {_percent(best, 1)}"
    if short := _stopped(drawn):
        broken = " or the contract is broken off" * bool(case.breaks)
        said += f". In {_percent(short)} of the results what they commit does not suffice{broken}, and the service "
        said += "stops early"
    return said + "."


def _stopped(drawn: pd.DataFrame) -> float:
    """In which share of the draws the service stops, for want of money."""
    return float((drawn["share served"] < 1).mean()) if "share served" in drawn else 0.0


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(f"“{name}”" for name in names[:-1]), f"“{names[-1]}”")))


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f} %"


def _gain(case: CaseFile, value: float) -> str:
    return f"{'gain' if value >= 0 else 'lose'} {amount(case, abs(value))}"


def _losing(drawn: pd.DataFrame) -> float:
    return float((drawn["investor"] < -0.005).mean())


def _assumed(case: CaseFile) -> pd.DataFrame:
    """Every assumption that something in the report hangs on, as people write it."""
    table = case.assumptions()
    if not case.paid:
        table = table[~table["key"].str.startswith("uncertainty.")]
    elif len(case.paid) == 1:
        table = table[table["key"] != "uncertainty.rho"]
    columns = {
        part: [shown(case, key, value) for key, value in zip(table["key"], table[part], strict=True)]
        for part in ("value", "low", "high")
    }
    return pd.DataFrame({"assumption": [label(case, key) for key in table["key"]], **columns, "note": [*table["note"]]})


def _described(title: str, rest: str) -> str:
    """A chart's description, which sends to the table for what a sentence cannot hold."""
    return f"{title}; the table has {rest}."


def _payments(case: CaseFile) -> Part:
    from sibmodels import charts

    money, line = case.money, curves(case, min(401, 4000 // len(case.paid)))  # no more rows than a chart takes
    title = f"As expected, {amount(case, expected_payment(case))} is paid"
    tables, pictures, sentences = [], [], []
    if len(line):
        sentences.append(
            "Each line is one outcome by itself; a cap on the whole contract and a fixed payment are not in it."
        )
        names = list(dict.fromkeys(line["outcome"]))
        wide = curves(case).pivot(index="performance", columns="outcome", values="payment")[names]
        wide.index.name = "share of people"
        forms = dict.fromkeys(wide.columns, "{:,.0f}") | {"share of people": "{:.0%}"}
        tables.append(display.show(wide, f"Payment, {money}, as the share of people who succeed rises.", forms))
        described = _described(title, "every line's numbers")
        pictures = [lambda: charts.payment_curves(line, money, title=title, description=described)]
    if len(by_figure := steps(case)):
        caption = (
            f"Payment, {money}, by figures that are no share of people: where each schedule turns, and as expected."
        )
        tables.append(display.show(by_figure, caption, {"figure": "{:.4g}", "payment": "{:,.0f}"}))
    if len(lines := cards(case)):
        short = 1 - lines["after the cap a person"].sum() / lines["price x people"].sum()
        sentences.append(
            "A rate card of several lines is paid person by person, and its expectation is exact: a cap a person "
            f"takes {_percent(short, 1)} of what the lines would earn."
        )
        forms = {"price": "{:,.0f}", "expected": "{:.1%}"}
        forms |= dict.fromkeys(("price x people", "after the cap a person"), "{:,.0f}")
        tables.append(display.show(lines, f"The rate card, line by line, {money}.", forms))
    due = _due(case)
    if len(due):
        tables.append(display.show(due, f"Payments by date, {money}, as expected, before a lag.", "{:,.0f}"))
    return "Payments against performance", sentences, tables, pictures


def _due(case: CaseFile) -> pd.DataFrame:
    """When payments fall due, where the file has more than the plainest terms."""
    special = case.tranche or case.group or case.terms.year_cap or case.terms.cap_cuts != "in proportion"
    if not case.has_calendar or not (special or any(one.parts or by_date(one.payers) for one in case.paid)):
        return pd.DataFrame()
    months, paid = case.periods(), case.payments()
    table = pd.DataFrame({"paid": paid}, index=pd.Index(months, name="period"))
    return table[table["paid"] != 0]


def _cash(case: CaseFile) -> Part:
    from sibmodels import charts

    money, ends = case.money, scenarios(case)
    count = ("Five", "Three")[len(ends) == 3]
    caption = f"{count} results, {money}. The low and the high end take every expectation at that end at once."
    tables = [display.show(ends, caption, FORMATS)]
    if not flowing(case):
        return "Cash flows", ["Without dates and costs there are payments and no cash flows."], tables, []
    table, committed = case.flows(), case.committed
    out = table["investor"]
    gain = f"As expected, investors {_gain(case, out.sum())}"
    bars = pd.DataFrame({"period": out.index, "flow": out.to_numpy()})
    bars["direction"] = np.where(bars["flow"] < 0, "paid out", "received")
    sentences = [
        f"{_distributed(case)} Their return is the internal rate on what they pay in and get back, so money that is "
        "committed and not called counts for nothing in it. Nothing is discounted.",
    ]
    if committed is not None:
        sentences.append(_commitment(case, ends, committed))
    if case.tranche:
        caption = f"Who bears what, {money}: each tranche, the most senior first."
        forms = dict.fromkeys(("puts in", "gets", "gains"), "{:,.0f}") | {"return a year": "{:.1%}"}
        tables.append(display.show(tranches(case), caption, forms))
        layers = case.waterfall(case.performance()).droplevel("scenario")
        table = layers.set_axis(table.index)
    tables.append(display.show(table, f"Who pays whom, {money}; money that leaves is negative.", "{:,.0f}"))
    picture: Pictures = [
        lambda: charts.cash_flow_bars(bars, money, title=gain, description=_described(gain, "every period's flows"))
    ]
    return "Cash flows", sentences, tables, picture


DISTRIBUTED = {
    "at the end": "What is received is held for later costs; what is left at the end, less the intermediary's fee, is "
    'theirs: the file\'s investment.distribute is "at the end".',
    "as received": "What is received is passed on to them as it comes, profit included, but for the intermediary's fee "
    'and the costs still due: the file\'s investment.distribute is "as received".',
}
"""What the report says of when investors are paid."""


def _distributed(case: CaseFile) -> str:
    """How money reaches investors."""
    if not case.tranche:
        return f"Investors pay in what is missing in each period. {DISTRIBUTED[case.investment.distribute]}"
    return (
        "The capital is in layers. In each period coupons accrue, payers pay, the service is paid, and what the fee "
        "and the costs still due do not need goes to coupon and principal, the senior tranche first; a loss is the "
        "junior's first, and what no tranche takes of a surplus goes back to the payers."
    )


def _commitment(case: CaseFile, ends: pd.DataFrame, committed: float) -> str:
    """Whether what investors commit suffices in the five results."""
    said = f"They put in no more than the {amount(case, committed)} committed"
    if "share served" not in ends:
        return f"{said}, which suffices in all {('five', 'three')[len(ends) == 3]} results."
    short = int((ends["share served"] < 1).sum())
    where = "any" if short == len(ends) else ("one", "two", "three", "four")[short - 1]
    of = ("five", "three")[len(ends) == 3]
    broken = ", or the contract is broken off," * bool(case.breaks)
    return (
        f"{said}. It does not suffice{broken} in {where} of the {of} results: there the service stops before the first "
        "period that cannot be paid in full, and of what is measured later only the share served is taken to succeed."
    )


def _simulated(case: CaseFile, drawn: pd.DataFrame) -> Part:
    from sibmodels import charts

    paid_by = [line.name for line in case.lines() if line.measure.schedule != "fixed"]
    layers = [str(name) for name in drawn if str(name).startswith("tranche: ")]
    columns = [*paid_by, "total_payment", *(["investor"] if "investor" in drawn else []), *layers]
    spread = drawn[columns].quantile([0.05, 0.25, 0.5, 0.75, 0.95])
    spread.index = pd.Index([f"{100 * end:.0f} % of draws are below" for end in spread.index], name="how often")
    shares = {line.name: "{:.1%}" for line in case.lines() if line.measure.unit == "share" and not line.measure.card}
    shares |= {line.name: "{:.3f}" for line in case.lines() if line.measure.unit == "score"}
    low, high = np.quantile(drawn["total_payment"], [0.05, 0.95])
    found = f"Nine draws in ten pay {amount(case, low)} to {amount(case, high)}"
    bins, paid = simulation.distribution(drawn["total_payment"]), expected_payment(case)
    together = f"; outcomes move together (correlation {case.uncertainty.rho.value:g})" if len(case.paid) > 1 else ""
    sentences = [
        f"Each of {len(drawn):,} draws takes a true rate for every outcome, as unsure as if its expectation had been "
        f"learned from {case.uncertainty.sureness.value:g} people, and then the luck of those measured{together}. "
        "People who drop out, errors in measuring and a service that learns are left out.",
        f"{found}.",
    ]
    if "investor" in drawn:
        sentences.append(f"Investors lose money in {_percent(_losing(drawn))} of the draws.")
    forms = dict.fromkeys(columns, "{:,.0f}") | shares
    caption = f"Of {len(drawn):,} draws; payments in {case.money}."
    axis = f"Paid in all, {case.money}"
    marks = {"as expected": paid}
    picture: Pictures = [lambda: charts.histogram(bins, axis=axis, marks=marks, title=found, description=f"{found}.")]
    return "Simulated outcomes", sentences, [display.show(spread, caption, forms)], picture


def _risk(case: CaseFile, drawn: pd.DataFrame) -> Part:
    from sibmodels import charts

    money, hangs = case.money, sensitivity(case)
    what = "what investors gain" if flowing(case) else "what is paid"
    tables = [display.show(risk(case, drawn), f"Each party's money over the draws, {money}.", FORMATS)]
    sentences = [
        "The spread is the standard deviation over the draws. "
        "A payer's bad end is to pay most, which is when most people succeed; an investor's is when few do."
    ]
    if flowing(case):
        sentences.append(
            "What payers save, investors lose: one risk, seen from two sides, so its shares sum to 100 % on each. "
            "The provider is paid its costs as planned, or up to where the service stops; that they may overrun is "
            "left out."
        )
    else:
        sentences.append(
            "Only payers are here, and the shares are theirs: without dates and costs, what investors and the provider "
            "bear cannot be said."
        )
    picture: Pictures = []
    if len(hangs):
        moved = f"The assumption that moves {what} most is {hangs['label'].iloc[0]}"
        axis = f"{what[:1].upper()}{what[1:]}, {money}"
        base = answer(case)
        picture = [
            lambda: charts.tornado_bars(hangs, base, axis, title=moved, description=_described(moved, "the rest"))
        ]
        table = hangs[["result_low", "result_high"]].rename(
            columns={"result_low": "at its low end", "result_high": "at its high end"}
        )
        table.insert(
            0,
            "range",
            [f"{shown(case, str(key), row.low)} to {shown(case, str(key), row.high)}" for key, row in hangs.iterrows()],
        )
        table.index = pd.Index(hangs["label"], name="assumption")
        caption = f"How far each assumption alone moves {what}, {money}; as expected, {base:,.0f}."
        tables.append(display.show(table, caption, "{:,.0f}"))
    return "Who bears the risk", sentences, tables, picture


def _evaluation(case: CaseFile) -> Part:
    table, sentences, such = evaluated(case), [], ""
    if not case.compared:
        such = " in a comparison with as many other people"
        sentences.append(f"{_UNCOMPARED}.")
    if "smallest rise shown" in table:
        sentences.append(
            "The smallest rise shown is the difference between two groups that a test would find four times in five "
            "(80 % power, 5 % error). What is paid without effect is what each outcome earns at its baseline if all "
            "are served. A baseline that is wrong is in none of these figures, and no number of people helps against "
            "that."
        )
        for name, row in table.dropna(subset="smallest rise shown").iterrows():
            rise, least = row["expected"] - row["baseline"], row["smallest rise shown"]
            can = "could well go unseen" if rise < least else "would mostly be seen"
            if rise <= 0:
                sentences.append(f"“{name}”: no more is expected than would happen without the service.")
                continue
            sentences.append(
                f"“{name}”: a rise of {100 * rise:.1f} points is expected, and {100 * least:.1f} or more would show: "
                f"an effect as large as expected {can}{such}."
            )
    else:
        nor = ", nor what is paid without effect" * bool(case.paid)
        sentences.append(f"Without a baseline, what would show cannot be said{nor}.")
    for one in case.paid:
        aim = one.target.value / (1 if one.unit == "share" else case.measured_on(one)) if one.target else 0.0
        if plain(one) and one.expected and one.unit != "score" and one.expected.value < aim:
            still = "; part is paid all the same" if _part(case, one.name) else ""
            sentences.append(
                f"“{one.name}”: {_percent(one.expected.value, 1)} is expected and the target is {_percent(aim, 1)}, "
                f"so that it is more often missed than met even if the service works as expected{still}."
            )
    return (
        "What the evaluation could show",
        sentences,
        [display.show(table.dropna(axis=1, how="all"), "What the numbers could show.", FORMATS)],
        [],
    )


def _part(case: CaseFile, name: str) -> bool:
    """Whether some of an outcome's payment, and not all, is earned at the performance expected."""
    line, outcome = next(pair for pair in outcomes(case) if pair[0].measure.name == name)
    return bool(0 < outcome.schedule(case.performance()[line.name]) < outcome.schedule.max_payment)


def _incentives(case: CaseFile) -> Part:
    rewards, aligned = pulls(case), alignment(case)
    caption = f"What the contract rewards at the performance expected, {case.money}."
    form = "{:,.0f}" if rewards["one success more earns"].max() >= 100 else "{:,.3g}"
    tables = [display.show(rewards, caption, FORMATS | {"one success more earns": form})]
    sentences = []
    still = [str(name) for name, earned in rewards["one success more earns"].items() if not earned]
    if still:
        sentences.append(f"One success more earns nothing in {_listed(still)}, at the performance expected.")
    if len(aligned):
        sentences.append(
            "The angle is between what is paid for and what somebody values. It depends on how outcomes are listed; "
            "compare angles within this case only."
        )
        caption = "Degrees between paid and valued: 0 the same, 90 nothing in common."
        tables.append(display.show(aligned, caption, "{:.0f}"))
    return "Incentives", sentences, tables, []


def _world(case: CaseFile) -> Part:
    table = world(case)
    counts, compared = (table[table["measure"].str.startswith("projects") == kind] for kind in (True, False))
    there = len(indigo.shipped().projects)
    sentences = [
        f"INDIGO's extract of December 2025 has {there:,} projects, perhaps this one among them. Projects choose "
        "whether to share data, so that these are not all impact bonds there are, nor a sample of them."
    ]
    alike = [f"{n:,} are {what.removeprefix('projects ')} ({here})" for what, here, n in counts.to_numpy()[:, :3]]
    if alike:
        sentences.append(f"Of them, {' and '.join(alike)}.")
    few = compared.loc[compared["with figures"] < 20, "measure"].tolist()
    if few:
        sentences.append(f"Of {_listed(few)} there are fewer than 20 to compare with, which says little.")
    caption = "People here are set beside people aimed at there; amounts within one currency, of any year."
    names = {"with figures": "projects with the figure", "smaller": "of them smaller"}
    forms = {"projects with the figure": "{:,.0f}", "of them smaller": "{:.0%}"}
    return (
        "Where it stands among the world's SIBs",
        sentences,
        [display.show(compared.rename(columns=names), caption, forms)],
        [],
    )


_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1f2328, #e3e1dc); --paper: light-dark(#fdfcfa, #16181b);
  --line: light-dark(#dedad2, #34383e); --muted: light-dark(#586069, #a4abb3); --link: light-dark(#2b5f8a, #8ab8e0); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 58rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
a { color: var(--link); }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; line-height: 1.25; }
p, li { max-width: 44rem; } li { margin: 0.3rem 0; }
nav ul { list-style: none; padding: 0; columns: 16rem; } nav li { margin: 0; padding: 0.15rem 0; break-inside: avoid; }
footer { margin-top: 3rem; color: var(--muted); font-size: 0.875em; }
.scroll { overflow-x: auto; margin: 1.5rem 0; } .scroll:focus-visible { outline: 3px solid; }
table { border-collapse: collapse; }
caption { text-align: left; color: var(--muted); padding-bottom: 0.4rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.8rem 0.3rem 0; border-bottom: 1px solid var(--line); }
thead th { vertical-align: bottom; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number, th.number[scope="row"] { white-space: nowrap; }
tbody th { font-weight: normal; min-width: 6.5rem; }
figure { margin: 1.5rem 0; } figcaption { font-weight: 600; margin-bottom: 0.5rem; }
figure svg { max-width: 100%; height: auto; display: block; overflow: visible; }
.narrow { display: none !important; }
@media screen and (max-width: 40rem) {
  .wide { display: none !important; } .narrow { display: block !important; }
  table { font-size: 0.875rem; } td:not(.number) { min-width: 6rem; }
  caption { position: sticky; left: 0; max-width: calc(100vw - 2.5rem); }
  tbody th, thead th:first-child { position: sticky; left: 0; background: var(--paper); }
}
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 9.5pt; }
  nav { display: none; } p, li { max-width: none; orphans: 3; widows: 3; }
  .scroll { overflow: visible; } table { font-size: 8pt; }
  tr, figure { break-inside: avoid; } h2, figcaption, caption { break-after: avoid; } }
"""


def html(case: CaseFile, pictures: bool | None = None) -> str:
    """The report as one HTML page that asks nothing of anybody else.

    Parameters
    ----------
    pictures : bool, optional
        Draw the charts; if None, where vl-convert is installed. Without them the tables say the same.
    """
    draw = _drawer() if pictures in (None, True) else None
    title, headings, body = _html.escape(case.about.name), [], []
    for number, (heading, sentences, tables, charts) in enumerate(_parts(case), start=1):
        headings.append(f'<li><a href="#part-{number}">{_html.escape(heading)}</a></li>')
        body.append(f'<h2 id="part-{number}">{_html.escape(heading)}</h2>')
        tag = "li" if heading in LISTED else "p"
        said = "\n".join(f"<{tag}>{_html.escape(sentence)}</{tag}>" for sentence in sentences)
        body.append(f"<ul>\n{said}\n</ul>" if tag == "li" else said)
        body += [draw(chart()) for chart in charts] if draw else []
        for table in tables:
            name = _html.escape(table.caption, quote=True)
            body.append(
                f'<div class="scroll" role="region" tabindex="0" aria-label="{name}">{table._repr_html_()}</div>'
            )
    told = re.sub(r"(?<=\d) (?=%)|(?<=\b[A-Z]{3}) (?=-?\d)", "\u00a0", "\n".join(body))  # no line ends within an amount
    lost = "" if draw else " It has tables and no charts, because vl-convert-python is not installed."
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{_STYLE}{_on_dark()}</style></head>
<body>
<header>
<h1>{title}</h1>
<p>A report on what a case file says: arithmetic, no forecast and no advice. What is assumed is called so, with its
range.{lost}</p>
</header>
<nav aria-label="Contents"><ul>
{chr(10).join(headings)}
</ul></nav>
<main>
{told}
</main>
<footer>
<p>Made by sibmodels {sibmodels.__version__}. The same case file gives the same report, draw for draw.</p>
</footer>
</body></html>
"""


WIDE, NARROW = 672, 330  # the measure of this page, and what a phone leaves


def _on_dark() -> str:
    """The charts' lighter colours for dark paper."""
    from sibmodels import charts

    return "".join(
        f'figure [{part}="{light}"] {{ {part}: light-dark({light}, {dark}); }}\n'
        for light, dark in charts.DARK.items()
        for part in ("fill", "stroke")
    )


def _drawer() -> Callable[[Chart], str] | None:
    """A function from a chart to a figure of HTML, or None where nothing can draw."""
    try:
        import vl_convert
    except ModuleNotFoundError:
        return None
    from sibmodels import charts

    count = itertools.count(1)

    def picture(spec: dict[str, Any], width: int, shape: str) -> str:
        svg = vl_convert.vegalite_to_svg(json.dumps(spec | {"width": width}))
        svg = re.sub(
            r'(\bid="|url\(#|href="#)', rf"\1picture-{next(count)}-", svg
        )  # ids are the page's, not the picture's
        return svg.replace('class="marks"', f'class="marks {shape}"', 1)

    def figure(chart: Chart) -> str:
        spec = chart.to_dict()
        spec["config"]["font"] = "Liberation Sans, Arial, Helvetica, sans-serif"  # as wide where drawn as where read
        title = _html.escape(spec.pop("title"))  # as a caption it wraps
        words = _html.escape(spec["description"], quote=True)
        drawn = picture(spec, WIDE, "wide") + picture(charts.narrowed(spec), NARROW, "narrow")
        # one text alternative for the whole; what Vega labels inside would be read out mark by mark
        return f'<figure><figcaption>{title}</figcaption><div role="img" aria-label="{words}">{drawn}</div></figure>'

    return figure
