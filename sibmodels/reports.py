"""What a case file comes to: a report in one HTML file, and a chapter as a notebook.

Each function takes a `CaseFile` and returns a table; `html` and `notebook` put them together.
Everything is computed by the other modules; here it is only asked for and put in words.
"""

from __future__ import annotations

import html as _html
import json
import math

import numpy as np
import pandas as pd

from sibmodels import casefile, cashflows, display, evaluation, incentives, indigo, simulation
from sibmodels.casefile import PERIODS, CaseFile

__all__ = [
    "alignment",
    "curves",
    "draws",
    "evaluated",
    "flows",
    "html",
    "notebook",
    "pulls",
    "risk",
    "scenarios",
    "sensitivity",
    "term_sheet",
    "world",
]

DRAWS = 10_000


def term_sheet(case: CaseFile) -> pd.DataFrame:
    """The terms in words: columns ``term`` and ``value``; assumptions with their ranges.

    >>> from sibmodels.casefile import example
    >>> term_sheet(example("kobe")).set_index("term")["value"]["Most that is paid"]
    'JPY 34,060,000'
    """
    about, terms, money = case.case, case.contract_terms, case.case.currency
    rows = [("Project", about.name), ("Place", ", ".join(filter(None, (about.place, about.country))))]
    rows += [("Sector", about.sector), ("Need and service", about.about)]
    rows += [("People served", _words(case.cohort.people)), ("Who they are", case.cohort.about)]
    rows += [("Comparison group", _words(case.cohort.comparison) or "none")]
    if case.has_calendar:
        rows.append(("Runs", f"{case.timing.start} to {case.timing.end}"))
    if case.timing.lag.value:
        rows.append(("Payment follows measurement by", f"{case.timing.lag.value:g} x {case.timing.period}"))
    rows += [(f"Outcome: {one.name}", _terms(case, one)) for one in case.outcome]
    if terms.fixed_payment.value:
        rows.append(("Paid whatever the results", _words(terms.fixed_payment, money)))
    if case.paid:
        most = case.contract().max_payment
        rows.append(("Most that is paid", f"{money} {most:,.0f}" if math.isfinite(most) else "no limit"))
    rows += [(f"Cost: {item.name}", _words(item.amount, money)) for item in case.cost]
    rows += [("Investment committed", _words(case.investment.amount, money))]
    if case.investment.wanted is not None:
        rows.append(("Return that investors want", f"{100 * case.investment.wanted.value:.3g} % a year"))
    for label, figure in (("Intermediary's fee", case.investment.fee), ("Guarantee", case.investment.guarantee)):
        rows += [(label, _words(figure, money))] if figure.value else []
    rows += [(one.role[:1].upper() + one.role[1:] if one.role else "Stakeholder", one.name) for one in case.stakeholder]
    return pd.DataFrame([row for row in rows if row[1]], columns=["term", "value"])


def curves(case: CaseFile, steps: int = 11) -> pd.DataFrame:
    """Payment as the share of people who succeed rises: ``outcome``, ``performance`` (that share), ``payment``."""
    grid = np.linspace(0.0, 1.0, steps)
    parts = []
    for one, outcome in zip(case.paid, case.contract().outcomes, strict=True):
        people = 1 if one.unit == "share" else case.measured_on(one)
        parts.append(
            pd.DataFrame({"outcome": one.name, "performance": grid, "payment": outcome.payment(grid * people)})
        )
    return pd.concat(parts, ignore_index=True)


def scenarios(case: CaseFile) -> pd.DataFrame:
    """Payment, and what investors get, if nobody succeeds, at both ends of what is expected, and if all do."""
    ends = {
        "nobody succeeds": case.performance(0.0),
        "low end of what is expected": _at(case, "low"),
        "as expected": case.performance(),
        "high end of what is expected": _at(case, "high"),
        "everybody succeeds": case.performance(1.0),
    }
    rows = {}
    for name, performance in ends.items():
        rows[name] = {"paid": case.contract().total(performance)}
        if _flowing(case):
            out = case.flows(performance)["investor"].to_numpy()
            rows[name] |= {
                "investors gain": out.sum(),
                "return a year": _annual(case, cashflows.irr(out)),
                "most they have out": float(cashflows.peak_draw(out)),
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("if")


def flows(case: CaseFile) -> pd.DataFrame:
    """Who pays whom in each period, at the performance expected; `CaseFile.flows`."""
    return case.flows()


def draws(case: CaseFile, draws: int = DRAWS, seed: int = 0) -> pd.DataFrame:
    """Simulated performance and payment, by `simulate`; with a calendar and costs, what investors get.

    Returns
    -------
    DataFrame
        A row a draw: the outcomes, ``total_payment`` and, where there are cash flows, ``investor`` (gain)
        and ``guarantor`` (what it pays).
    """
    people = {one.name: case.measured_on(one) for one in case.paid}
    rho = case.uncertainty.rho.value if len(case.paid) > 1 else 0.0
    table = simulation.simulate(case.contract(), case.outlook(), people, draws, rho, seed)
    if _flowing(case):
        gains, support = _investors(case, table)
        table = table.assign(investor=gains, guarantor=-support)
    return table


def risk(case: CaseFile, drawn: pd.DataFrame | None = None) -> pd.DataFrame:
    """Who bears the risk: by party, the mean of its money over the draws, its spread and its ends.

    The payer's money goes out, so it is negative; the last column is each one's share of the variances
    of what payers pay in all, investors get and a guarantor pays.
    The provider is paid its costs as planned, so that here it bears no risk: cost overruns are left out.
    """
    drawn = draws(case) if drawn is None else drawn
    parties = {f"payer: {name}": -paid for name, paid in case.contract().by_payer(drawn[_names(case)]).items()}
    if "investor" in drawn:
        parties |= {"investors": drawn["investor"], "guarantor": drawn["guarantor"], "provider": drawn["investor"] * 0}
    table = pd.DataFrame(
        {name: [money.mean(), money.std(ddof=0), *np.quantile(money, [0.05, 0.95])] for name, money in parties.items()},
        index=["mean", "spread", "bad end (5 %)", "good end (95 %)"],
    ).T.rename_axis("party")
    # payers move together: each bears its part of the variance of what they pay in all
    together = -drawn["total_payment"]
    variance = table["spread"] ** 2
    for name in table.index[table.index.str.startswith("payer: ")]:
        variance[name] = np.cov(parties[name], together, ddof=0)[0, 1]
    table["share of risk"] = variance / variance.sum() if variance.sum() else 0.0
    kept = [not name.startswith("guarantor") or case.investment.guarantee.value > 0 for name in table.index]
    return table[kept]


def evaluated(case: CaseFile) -> pd.DataFrame:
    """What the evaluation could show: by outcome, the smallest rise shown, and how often payment errs.

    ``smallest rise shown`` is for two groups of the cohort's size, or of the comparison group's where that
    is smaller, at a power of 80 % and 5 % error. ``paid without effect`` and ``unpaid though it works``
    are the chances of reaching the target at the baseline, and of missing it at what is expected.
    """
    rows = {}
    for one in case.outcome:
        people, row = case.measured_on(one), {}
        row["people"] = people
        row["baseline"] = np.nan if one.baseline is None else one.baseline.value
        row["expected"] = one.expected.value
        if one.baseline is not None:
            group = min(people, int(case.cohort.comparison.value)) if case.cohort.comparison else people
            try:
                row["smallest rise shown"] = evaluation.minimum_detectable_effect(group, one.baseline.value)
            except ValueError:
                row["smallest rise shown"] = np.nan  # so few people that no rise would show
            if one.target is not None and one.schedule != "none":
                target = one.target.value / (1 if one.unit == "share" else people)
                # a count beyond every person's is never reached
                trigger = float(np.clip(target - one.baseline.value, -1, 1))
                rise = one.expected.value - one.baseline.value
                wrong, missed = evaluation.payment_errors(people, one.baseline.value, rise, trigger)
                row |= {"target met without effect": wrong, "target missed though it works": missed}
        rows[one.name] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("outcome")


def pulls(case: CaseFile) -> pd.DataFrame:
    """What the contract asks of a provider: each outcome's share of the most paid, and what one success more earns."""
    outcomes = case.contract().outcomes
    most = np.array([outcome.schedule.max_payment for outcome in outcomes])
    share = most / most.sum() if np.isfinite(most).all() and most.sum() > 0 else np.full(len(most), np.nan)
    rows = {}
    for one, outcome, part in zip(case.paid, outcomes, share, strict=True):
        people = case.measured_on(one)
        unit = 1 / people if one.unit == "share" else 1.0
        here = case.performance()[one.name]
        more = min(here + unit, 1.0) if one.unit == "share" else here + unit
        rows[one.name] = {
            "share of the most paid": part,
            "one success more earns": float(outcome.payment(more) - outcome.payment(here)),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("outcome")


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
                "valued and not paid for": ", ".join(unpaid) or "nothing",
            }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["degrees", "valued and not paid for"])
    return table.rename_axis("stakeholder")


def sensitivity(case: CaseFile) -> pd.DataFrame:
    """What the answer hangs on: `tornado` over every assumption, for what investors gain, or else what is paid.

    Results are at the performance expected. Sureness and correlation spread results and do not move them.
    """
    given = case.assumptions().set_index("key")
    given = given[(given["low"] < given["high"]) & ~given.index.str.startswith("uncertainty.")]
    rows = {key: row for key, row in given.iterrows() if _answers(case, key, row)}

    def result(**values: float) -> float:
        changed = case
        for key, value in values.items():
            changed = changed.replace(key, value) if value != rows[key]["value"] else changed
        return _answer(changed)

    table = simulation.tornado(
        result,
        {key: row["value"] for key, row in rows.items()},
        {key: (row["low"], row["high"]) for key, row in rows.items()},
    )
    labels = {key: _label(case, key) for key in table.index}
    return table.assign(label=[labels[key] for key in table.index])


def world(case: CaseFile) -> pd.DataFrame:
    """Where the case stands among the world's SIBs (`indigo.shipped`).

    Columns ``measure``, ``here``, ``with figures`` (how many have the figure) and ``smaller``.
    Amounts are compared within one currency only, never converted. ``smaller`` is the share of those with
    a figure that lie below.
    """
    projects = indigo.shipped().projects
    about, rows = case.case, []
    if about.country:
        count = int((projects["country"] == about.country).sum())
        rows.append(("projects in the same country", about.country, count, np.nan))
    if about.sector:
        rows.append(
            ("projects in the same sector", about.sector, int((projects["sector"] == about.sector).sum()), np.nan)
        )
    compared = [("people served", case.cohort.people.value, projects["target_users"], "")]
    if case.paid and math.isfinite(case.contract().max_payment):
        same = projects["max_outcome_currency"] == about.currency
        compared.append(
            (
                "most that is paid",
                case.contract().max_payment,
                projects.loc[same, "max_outcome_payment"],
                about.currency,
            )
        )
    if case.investment.amount is not None:
        same = projects["investment_currency"] == about.currency
        compared.append(("investment", case.investment.amount.value, projects.loc[same, "investment"], about.currency))
    for measure, value, others, currency in compared:
        others = others.dropna().astype(float)
        smaller = float((others < value).mean()) if len(others) else np.nan
        rows.append((measure, f"{currency} {value:,.0f}".strip(), len(others), smaller))
    return pd.DataFrame(rows, columns=["measure", "here", "with figures", "smaller"])


# parts


def _names(case: CaseFile) -> list[str]:
    return [one.name for one in case.paid]


def _flowing(case: CaseFile) -> bool:
    return case.has_calendar and bool(case.cost) and bool(case.paid)


def _annual(case: CaseFile, rate: float) -> float:
    if not math.isfinite(rate):
        return float("nan")
    return float(cashflows.annualise(rate, 12 / PERIODS[case.timing.period]))


def _at(case: CaseFile, end: str) -> dict[str, float]:
    """Performance with every expectation at one end of its range."""
    for number, one in enumerate(case.outcome, start=1):
        if one.expected.assumed:
            case = case.replace(f"outcome.{number}.expected", getattr(one.expected, end))
    return case.performance()


def _investors(case: CaseFile, drawn: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Investors' gain and the guarantor's payment in every draw: `cash_flows` for all draws at once."""
    contract, shares, costs = case.contract(), case.payment_shares(), case.costs()
    earned = {outcome.name: outcome.payment(drawn[outcome.name].to_numpy()) for outcome in contract.outcomes}
    earned["fixed payment"] = np.full(len(drawn), contract.fixed_payment)
    total = sum(earned.values())
    paid = drawn["total_payment"].to_numpy()
    scale = np.divide(paid, total, out=np.ones_like(total), where=paid < total)
    lag = int(case.timing.lag.value)
    costs = np.pad(costs, (0, lag))
    held, drawn_in = np.zeros(len(drawn)), np.zeros(len(drawn))
    for period, cost in enumerate(costs):
        due = period - lag
        for name, part in shares.items():
            if due >= 0 and part[due]:
                held = held + scale * earned[name] * part[due]
        held = held - cost
        draw = np.maximum(-held, 0.0)
        held, drawn_in = held + draw, drawn_in + draw
    gain = held - np.minimum(case.investment.fee.value, held) - drawn_in
    support = np.minimum(case.investment.guarantee.value, np.maximum(-gain, 0.0))
    return gain + support, support


def _answer(case: CaseFile) -> float:
    if _flowing(case):
        return float(case.flows()["investor"].sum())
    return float(case.contract().total(case.performance()))


def _answers(case: CaseFile, key: str, row: pd.Series) -> bool:
    """Whether an assumption moves the answer at all."""
    return any(_answer(case.replace(key, row[end])) != _answer(case) for end in ("low", "high"))


def _label(case: CaseFile, key: str) -> str:
    section, *rest = key.split(".")
    if section in casefile.LISTS:
        return f"{getattr(case, section)[int(rest[0]) - 1].name}: {rest[1]}"
    return " ".join([section, *rest])


def _words(figure, currency: str = "") -> str:
    """A figure as people write it, with its range."""
    if figure is None:
        return ""
    text = f"{currency} {figure.value:,.10g}".strip()
    return text + (f" (assumed: {figure.low:,.10g} to {figure.high:,.10g})" if figure.assumed else "")


def _terms(case: CaseFile, one) -> str:
    """An outcome's rule in words."""
    money = case.case.currency
    unit = "share of people" if one.unit == "share" else one.unit
    paid = (
        ""
        if one.schedule == "none"
        else f"; paid by {', '.join(f'{n} ({100 * s:.4g} %)' for n, s in one.payers.items())}"
    )
    expected = f"; expected {_words(one.expected)} of people"
    if one.schedule == "none":
        return f"measured and not paid for ({unit}){expected}"
    if one.schedule == "rate card":
        rule = f"{_words(one.price, money)} for each" + (f", at most {_words(one.cap, money)}" if one.cap else "")
    elif one.schedule in ("linear", "step"):
        pairs = ", ".join(f"{money} {y:,.10g} at {x:,.10g}" for x, y in one.points)
        rule = f"{one.schedule}: {pairs}"
    else:
        amount = case.contract().outcomes[_names(case).index(one.name)].schedule.max_payment
        floor = f", nothing below {_words(one.floor)}" if one.floor else ""
        how = "all of it from" if one.schedule == "threshold" else "in proportion, all of it at"
        rule = f"{money} {amount:,.10g}, {how} {_words(one.target)}{floor}"
    return f"{rule} ({unit}){expected}{paid}"


# the report


def _parts(case: CaseFile):
    """The report's parts: title, sentences, tables and charts (functions, drawn only when wanted)."""
    money = case.case.currency
    yield "Term sheet", [], [display.show(term_sheet(case), "The terms, as the case file has them.")], []
    if case.paid:
        yield from _modelled(case, money)
    tables = [display.show(evaluated(case), "What the numbers could show.", _FORMS)]
    sentences = [
        "The smallest rise shown compares two groups of this size at 80 % power and 5 % error. The last two "
        "columns are chances of meeting the target with no effect at all, and of missing it at what is expected. "
        "A baseline that is wrong is in neither, and no number of people helps against that."
    ]
    yield "What the evaluation could show", sentences, tables, []
    if case.paid:
        tables = [
            display.show(
                pulls(case),
                "What the contract rewards, at the performance expected.",
                {"share of the most paid": "{:.1%}", "one success more earns": "{:,.0f}"},
            )
        ]
        aligned = alignment(case)
        if len(aligned):
            tables.append(display.show(aligned, "Degrees between paid and valued (90: nothing in common).", "{:.0f}"))
        sentences = (
            ["An angle depends on how outcomes are listed; compare angles within this case only."]
            if len(aligned)
            else []
        )
        yield "Incentives", sentences, tables, []
    caption = "Among the projects of INDIGO's extract of December 2025 that have the figure; no amount is converted."
    table = display.show(world(case), caption, {"with figures": "{:,.0f}", "smaller": "{:.0%}"})
    yield "Where it stands among the world's SIBs", [], [table], []
    assumed = case.assumptions()
    if len(assumed):
        assumed = assumed.assign(key=[_label(case, key) for key in assumed["key"]])
        yield "What is assumed", [], [display.show(assumed, "Every figure with a range.", "{:,.10g}")], []
    yield "What is not in the file", case.gaps() or ["Nothing that this report asks for."], [], []


_FORMS = {"people": "{:,.0f}"} | dict.fromkeys(
    ("baseline", "expected", "smallest rise shown", "target met without effect", "target missed though it works"),
    "{:.1%}",
)
_MONEYS = {"return a year": "{:.1%}", "share of risk": "{:.0%}"} | dict.fromkeys(
    ("paid", "investors gain", "most they have out", "mean", "spread", "bad end (5 %)", "good end (95 %)"), "{:,.0f}"
)


def _modelled(case: CaseFile, money: str):
    from sibmodels import charts

    line, paid = curves(case, 401), case.contract().total(case.performance())
    wide = curves(case).pivot(index="performance", columns="outcome", values="payment")[_names(case)]
    wide.index.name = "share of people"
    forms = dict.fromkeys(wide.columns, "{:,.0f}") | {"share of people": "{:.0%}"}
    title = f"As expected, {money} {paid:,.0f} is paid"
    yield (
        "Payments against performance",
        [],
        [display.show(wide, f"Payment, {money}, as the share of people who succeed rises.", forms)],
        [lambda: charts.payment_curves(line, money, title, f"{title}; the table has every line's numbers.")],
    )
    ends = scenarios(case)
    tables, drawn_charts, sentences = [display.show(ends, f"Five results, {money}.", _MONEYS)], [], []
    if _flowing(case):
        table = case.flows()
        out = table["investor"]
        gain = f"As expected, investors {'gain' if out.sum() >= 0 else 'lose'} {money} {abs(out.sum()):,.0f}"
        bars = pd.DataFrame({"period": out.index, "flow": out.to_numpy()})
        bars["direction"] = np.where(bars["flow"] < 0, "paid out", "received")
        tables.append(display.show(table, f"Who pays whom, {money}; money that leaves is negative.", "{:,.0f}"))
        drawn_charts.append(
            lambda: charts.cash_flow_bars(bars, money, gain, f"{gain}; the table has every period's flows.")
        )
        amount, most = case.investment.amount, float(ends["most they have out"].max())
        if amount is not None and most > amount.value + 0.005:
            sentences.append(
                f"The {money} {amount.value:,.0f} committed does not suffice: up to {money} {most:,.0f} is needed."
            )
    else:
        sentences.append("Without dates and costs there are payments and no cash flows.")
    yield "Cash flows", sentences, tables, drawn_charts
    drawn = draws(case)
    names = [*_names(case), "total_payment", *(["investor"] if "investor" in drawn else [])]
    spread = drawn[names].quantile([0.05, 0.25, 0.5, 0.75, 0.95])
    spread.index = pd.Index([f"{100 * end:.0f} % of draws are below" for end in spread.index], name="how often")
    shares = {one.name: "{:.1%}" for one in case.paid if one.unit == "share"}
    low, high = np.quantile(drawn["total_payment"], [0.05, 0.95])
    found = f"Nine draws in ten pay {money} {low:,.0f} to {high:,.0f}"
    bins = simulation.distribution(drawn["total_payment"])
    forms = dict.fromkeys(names, "{:,.0f}")
    tables = [display.show(spread, f"Of {len(drawn):,} draws; payments in {money}.", forms | shares)]
    if "investor" in drawn:
        loss = float((drawn["investor"] < 0).mean())
        sentences = [f"Investors lose money in {100 * loss:.0f} % of the draws."]
    else:
        sentences = []
    axis = f"Paid in all, {money}"
    chart = [lambda: charts.histogram(bins, found, f"{found}.", axis, {"as expected": paid})]
    yield "Simulated outcomes", [f"{found}.", *sentences], tables, chart
    tables = [display.show(risk(case, drawn), f"Each party's money over the draws, {money}.", _MONEYS)]
    hangs = sensitivity(case)
    drawn_charts = []
    if len(hangs):
        what = "what investors gain" if _flowing(case) else "what is paid"
        moved = f"{hangs['label'].iloc[0]} moves {what} most"
        base = _answer(case)
        drawn_charts = [
            lambda: charts.tornado_bars(
                hangs, base, f"{what}, {money}".capitalize(), moved, f"{moved}; the table has the rest."
            )
        ]
        shown = hangs.set_index("label")[["low", "high", "result_low", "result_high"]].rename_axis("assumption")
        forms = {"low": "{:,.10g}", "high": "{:,.10g}", "result_low": "{:,.0f}", "result_high": "{:,.0f}"}
        tables.append(display.show(shown, f"How far each assumption alone moves {what}, {money}.", forms))
    sentences = (
        ["The provider is paid its costs as planned; that they may overrun is left out."] if _flowing(case) else []
    )
    yield "Who bears the risk", sentences, tables, drawn_charts


_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1f2328, #e3e1dc); --paper: light-dark(#fdfcfa, #16181b);
  --line: light-dark(#dedad2, #34383e); --muted: light-dark(#586069, #a4abb3); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 58rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline: 3px solid; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; color: var(--muted); padding-bottom: 0.4rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.8rem 0.3rem 0; border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
tbody th { font-weight: normal; }
figure { margin: 1rem 0; } figcaption { font-weight: 600; }
figure svg { max-width: 100%; height: auto; display: block; overflow: visible; }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 9.5pt; }
  .scroll { overflow: visible; } table { font-size: 8pt; }
  tr, figure { break-inside: avoid; } h2 { break-after: avoid; } }
"""


def html(case: CaseFile, pictures: bool | None = None) -> str:
    """The report as one HTML page that asks nothing of anybody else.

    Parameters
    ----------
    pictures : bool, optional
        Draw the charts; if None, where vl-convert is installed. Without them the tables say the same.
    """
    draw = _drawer() if pictures in (None, True) else None
    title = _html.escape(case.case.name)
    body = [f"<h1>{title}</h1>", "<p>A report of sibmodels from a case file. Assumptions are marked as such.</p>"]
    if draw is None:
        body.append("<p>This report has tables and no charts, because vl-convert-python is not installed.</p>")
    for heading, sentences, tables, drawn in _parts(case):
        body.append(f"<h2>{_html.escape(heading)}</h2>")
        body += [f"<p>{_html.escape(sentence)}</p>" for sentence in sentences]
        body += [draw(chart()) for chart in drawn] if draw else []
        for table in tables:
            label = _html.escape(table.caption, quote=True)
            body.append(
                f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">{table._repr_html_()}</div>'
            )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body><main>\n"
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )


def _drawer():
    """A function from a chart to a figure of HTML, or None where nothing can draw."""
    try:
        import vl_convert
    except ModuleNotFoundError:
        return None

    def figure(chart) -> str:
        spec = chart.to_dict() | {"width": 640}
        spec["config"]["font"] = "Liberation Sans, Arial, Helvetica, sans-serif"  # as wide where drawn as where read
        title = _html.escape(spec.pop("title"))  # as a caption it wraps
        label = _html.escape(spec["description"], quote=True)
        svg = vl_convert.vegalite_to_svg(json.dumps(spec))
        # one text alternative for the whole; what Vega labels inside would be read out mark by mark
        return f'<figure><figcaption>{title}</figcaption><div role="img" aria-label="{label}">{svg}</div></figure>'

    return figure


def notebook(case: CaseFile) -> dict:
    """The report as a chapter, a notebook (nbformat 4) that holds the case file and runs by itself."""
    text = casefile.dumps(case)
    cells = [
        ("markdown", f"# {case.case.name}\n\nA chapter from a case file. Change a figure in it and run all cells.")
    ]
    cells.append(("code", "import sibmodels as sib\nfrom sibmodels import casefile, charts, reports"))
    cells.append(("code", f"case = casefile.loads({_quoted(text)})\nmoney = case.case.currency"))
    for heading, sources in _CELLS:
        if heading in _PAID and not case.paid:
            continue
        cells.append(("markdown", f"## {heading}"))
        cells += [("code", source) for source, needs in sources if needs(case)]
    lines = "\n".join(f"- {gap}" for gap in case.gaps()) or "Nothing that this chapter asks for."
    cells.append(("markdown", f"## What we don't know\n\n{lines}"))
    made = []
    for number, (kind, source) in enumerate(cells, start=1):
        cell = {"cell_type": kind, "id": f"c{number:02d}", "metadata": {}, "source": source}
        made.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _quoted(text: str) -> str:
    """Text as Python source that keeps its lines."""
    if "'''" in text or "\\" in text or text.endswith("'"):
        lines = "\n".join(f"    {line!r}" for line in text.splitlines(keepends=True))
        return f"\n{lines}\n"
    return f"'''\n{text}'''"


def _always(case: CaseFile) -> bool:
    return True


_PAID = ("Payments against performance", "Cash flows", "Simulated outcomes", "Who bears the risk", "Incentives")
_CELLS = [
    ("Term sheet", [('sib.show(reports.term_sheet(case), "The terms.")', _always)]),
    (
        "Payments against performance",
        [
            (
                "charts.payment_curves(\n    reports.curves(case, 101),\n    money,\n"
                '    title="What each outcome pays",\n'
                '    description="Payment against the share of people who succeed.",\n)',
                _always,
            )
        ],
    ),
    (
        "Cash flows",
        [
            ('sib.show(reports.scenarios(case), f"Five results, {money}.", "{:,.4g}")', _always),
            ('sib.show(reports.flows(case), f"Who pays whom, {money}.", "{:,.0f}")', _flowing),
        ],
    ),
    (
        "Simulated outcomes",
        [
            (
                'drawn = reports.draws(case)\nsib.show(drawn.describe().rename_axis("what"), "Draws.", "{:,.4g}")',
                _always,
            ),
            (
                'charts.histogram(\n    sib.distribution(drawn["total_payment"]),\n    title="What may be paid",\n'
                '    description="How often a total payment falls where.",\n    axis=f"Paid in all, {money}",\n)',
                _always,
            ),
        ],
    ),
    (
        "Who bears the risk",
        [
            ('sib.show(reports.risk(case, drawn), f"Each party\'s money, {money}.", "{:,.4g}")', _always),
            (
                'sib.show(reports.sensitivity(case), "What the answer hangs on.", "{:,.4g}")',
                lambda case: len(sensitivity(case)) > 0,
            ),
        ],
    ),
    (
        "What the evaluation could show",
        [('sib.show(reports.evaluated(case), "What could be shown.", "{:.3g}")', _always)],
    ),
    (
        "Incentives",
        [
            ('sib.show(reports.pulls(case), "What the contract rewards.", "{:,.3g}")', _always),
            ('sib.show(reports.alignment(case), "Paid and valued.", "{:.0f}")', lambda case: len(alignment(case)) > 0),
        ],
    ),
    (
        "Where it stands among the world's SIBs",
        [('sib.show(reports.world(case), "Among the world\'s SIBs.", "{:.3g}")', _always)],
    ),
]
