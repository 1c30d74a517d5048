"""What a case file comes to: a report in one HTML file.

The tables are those of `sibmodels.reports.tables`; here they are put in words, in order, on a page.
`sibmodels.reports.chapter` has the same as a chapter.
"""

from __future__ import annotations

import html as _html
import itertools
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

import sibmodels
from sibmodels import display, indigo, simulation
from sibmodels.casefile import CaseFile
from sibmodels.casefile.model import by_date, plain
from sibmodels.casefile.sections import NOT_GIVEN
from sibmodels.messages import head, in_its_language, language, listed, month_said, percent, say
from sibmodels.reports import claiming, panels, payers, taking
from sibmodels.reports.tables import (
    FORMATS,
    alignment,
    amount,
    answer,
    caps,
    cards,
    curves,
    draws,
    evaluated,
    expected_payment,
    flowing,
    label,
    lucks,
    outcomes,
    owing,
    own_points,
    payment_at,
    pulls,
    ranges,
    rates,
    risk,
    scenarios,
    sensitivity,
    share_served,
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
Picture: TypeAlias = Callable[[dict[str, Any]], str]  # from a chart's specification to an SVG


OWN = ("Outcome", "Tranche", "Stakeholder", "Line", "Saving", "Body", "Payer")
"""Columns of names that a case file gave, which stay."""
MANY = 4  # outcomes; of more nothing is said one by one, and no colour tells them apart
LEAD = 3  # sentences to act on, before those to doubt
FEW = 2_000  # draws where only a range is wanted
LISTED = ("In brief", "What is not in the file")  # parts whose sentences are a list


def _table(
    table: pd.DataFrame, caption: str, forms: str | Mapping[str, str] = "{:,.2f}", own: Collection[str] = ()
) -> display.Table:
    """A table whose columns and rows are called as the catalogue has it; columns that a file named stay, as `own`."""
    made = display.show(table, caption, forms)
    for number, name in enumerate(made.cells.columns):
        if (number == 0 and name not in OWN) or name == "If":
            cells = made.cells.iloc[:, number]
            made.cells.isetitem(number, [_titled(cell) if isinstance(cell, str) else cell for cell in cells])
        elif name == "Month":
            made.cells.isetitem(number, [month_said(str(cell)) for cell in made.cells.iloc[:, number]])
    index = table.index.names if any(table.index.names) else []
    titles = zip([*index, *table.columns], made.cells.columns, strict=True)
    made.cells.columns = pd.Index([title if name in own else _titled(title) for name, title in titles])
    return made


def _titled(name: str) -> str:
    """What a column or a row is called; of several payers or tranches, with which it is; a month as it is read."""
    if re.fullmatch(r"\d{4}-\d\d", name):
        return month_said(name)
    kind, colon, one = name.partition(": ")
    several = colon and kind.lower() in ("payer", "tranche")
    return say("report.one_of", kind=head(kind), name=one) if several else head(name)


def _of(part: tuple[str, list[str], list[Any], Pictures]) -> Part:
    """A part of a module of its own, with its tables made."""
    heading, sentences, tables, pictures = part
    return heading, sentences, [_table(*table) for table in tables], pictures


def _parts(case: CaseFile, on: str | None = None) -> Iterator[Part]:
    """The report's parts, in order."""
    drawn = draws(case) if case.paid else None
    hangs = sensitivity(case) if case.paid else pd.DataFrame()
    yield "In brief", _brief(case, drawn, hangs), [], []
    yield "Term sheet", [], [_table(term_sheet(case), say("report.terms_case_file_has"))], []
    if drawn is not None:
        yield _payments(case)
        yield _cash(case)
        yield _simulated(case, drawn)
        yield _risk(case, drawn, hangs)
        if taking.solvable(case):
            yield _taking(case)
        if case.has_calendar:
            yield _of(payers.part(case, drawn))
            if case.actual:
                yield _of(claiming.part(case, on))
    yield _evaluation(case)
    if case.paid:
        yield _incentives(case)
    yield _world(case)
    assumed = _assumed(case)
    if len(assumed):
        yield "What is assumed", [], [_table(assumed, say("report.every_figure_with_range"))], []
    yield "What is not in the file", case.gaps() or [say("report.nothing_this_report_asks")], [], []


def _brief(case: CaseFile, drawn: pd.DataFrame | None, hangs: pd.DataFrame) -> list[str]:
    """What to act on, in three sentences, and what to doubt."""
    if drawn is None:
        said = [say("report.no_outcome_paid_there")]
    else:
        most, total = case.most_paid(), drawn["total_payment"]
        low, high = np.quantile(total, [0.05, 0.95])
        limit = (
            say("report.most", most=amount(case, most)) if np.isfinite(most) else say("report.results_without_limit")
        )
        if not case.in_money:
            limit = say("report.results_its_maximum_not")
        said = [
            *_stops(case),
            say(
                "report.contract_pays_performance_expected",
                limit=limit + owing(case),
                paid=amount(case, expected_payment(case)),
                when=_when(case),
                mean=amount(case, total.mean()),
                low=amount(case, low),
                high=amount(case, high),
            ),
            _investors(case, drawn),
            *_moved(case, hangs),
            *_wanted(case, drawn),
            _without_effect(case, drawn),
        ]
    said.append(_shown(case))
    count = len(_assumed(case))
    own = sum(note == say("report.not_given") for note in _assumed(case)["note"])
    if count:
        said_of = say("report.one_assumed" if count == 1 else "report.many_assumed", count=count)
        said.append(said_of + say("report.of_them_own", own=own) if own else say("language.sentence", said=said_of))
    return said


def _stops(case: CaseFile) -> list[str]:
    """That the service stops even as expected: how much of it is served, why, and what it would earn in full."""
    share = share_served(case)
    if share == 1:
        return []
    why = say("report.stops_broken")
    if not case.breaks:
        sums = {"committed": amount(case, case.committed or 0.0), "costs": amount(case, case.costs().sum())}
        why = say("report.stops_costs", **sums)
    return [say("report.stops_expected", share=_percent(share), why=why, **_both(case))]


def _both(case: CaseFile) -> dict[str, str]:
    """What is paid as expected, as the service stops and if everybody is served."""
    return {"paid": amount(case, expected_payment(case)), "full": amount(case, case.total(case.performance()))}


def _served(case: CaseFile, caption: str) -> str:
    """A caption, which says that a table is of a service for everybody where the service stops as expected."""
    return say("report.captioned_served", caption=caption) if share_served(case) < 1 else caption


def _just(case: CaseFile) -> bool:
    """Whether what is committed just meets the costs: all is served as expected, and not if costs are 2 % more."""
    more = {f"cost.{number}.amount": 1.02 * item.amount.value for number, item in enumerate(case.cost, start=1)}
    dearer = case
    for key, value in more.items():
        dearer = dearer.replace(key, value)
    return share_served(case) == 1 > share_served(dearer)


def _when(case: CaseFile) -> str:
    """In which years what is expected is paid."""
    if not case.has_calendar:
        return ""
    paid = -case.flows()["payer"] if flowing(case) else pd.Series(case.payments(), case.periods())
    years = paid.clip(lower=0).groupby(paid.index.str[:4].to_numpy()).sum()
    years = years[years > 0.5 * case.in_money]
    if len(years) < 2:
        return say("report.in_one_year", year=years.index[0]) if len(years) else ""
    most = str(years.idxmax())
    return say(
        "report.in_years", first=years.index[0], last=years.index[-1], year=most, amount=amount(case, years[most])
    )


def _moved(case: CaseFile, hangs: pd.DataFrame) -> list[str]:
    """What moves the answer most, and next."""
    if hangs.empty:
        return []
    what = say("report.investors_gain") if flowing(case) else say("report.is_paid")

    def over(row: pd.Series) -> dict[str, str]:
        return {"name": row["label"], "least": amount(case, row["least"]), "most": amount(case, row["most"])}

    first, key = hangs.iloc[0], str(hangs.index[0])
    second = say("report.moved_second", **over(hangs.iloc[1])) if len(hangs) > 1 else ""
    ends = {end: shown(case, key, first[end]) for end in ("low", "high")}
    return [say("report.moved_most", what=what, **over(first), **ends, second=second)]


def _shown(case: CaseFile) -> str:
    """What an evaluation could show, in a sentence."""
    if not case.compared:
        return say("report.uncompared")
    table = evaluated(case)
    if "smallest rise shown" not in table:
        luck = lucks(case)
        if not len(luck):
            return say("report.what_comparison_could_show")
        first = luck.sort_values("some is paid", ascending=False).iloc[0]
        return say("report.luck_pays", name=first.name, chance=_percent(first["some is paid"]))
    unseen = table.index[table["expected"] - table["baseline"] < table["smallest rise shown"]].tolist()
    if unseen:
        return say("report.comparison_could_well_miss", names=_listed(unseen))
    return say("report.comparison_would_mostly_find")


def _without_effect(case: CaseFile, drawn: pd.DataFrame) -> str:
    """What would be paid if nothing changed, as far as it can be said."""
    special = [one.name for one in case.paid if not plain(one) or one.card or one.schedule == "fixed"]
    known = [one.name for one in case.paid if one.baseline is not None and one.name not in special]
    others = [one.name for one in case.paid if one.name not in (*known, *special)]
    fixed = case.terms.fixed_payment.value
    if special:
        return _unchanged(case, drawn)
    if not known:
        return say("report.what_would_paid_if")
    if others:
        paid = evaluated(case).loc[known, "paid without effect"].sum()
        served = say("report.if_everybody_served") if _stopped(drawn) else ""
        return say(
            "report.if_service_changed_nothing",
            names=_listed(known),
            served=served,
            paid=amount(case, paid),
            fixed=say("report.besides_fixed") if fixed else "",
            others=_listed(others),
        )
    baselines = {one.name: one.baseline.value for one in case.paid if one.baseline is not None}
    units = {one.name: 1 if one.unit == "share" else case.measured_on(one) for one in case.paid}
    reached = {name: rate * units[name] for name, rate in baselines.items()}
    paid, whole = payment_at(case, reached), say("report.fixed_payment_included") if fixed else ""
    if paid < case.contract().total(reached):
        whole = say("report.though_service_would_stop")
    return say("report.if_service_changed_nothing_2", paid=amount(case, paid), whole=whole)


def _unchanged(case: CaseFile, drawn: pd.DataFrame) -> str:
    """What luck alone would be paid, where payment goes by figures of more than one result."""
    lucky = unchanged(case)
    if lucky is None:
        return say("report.result_without_baseline")
    mean = amount(case, drawn["total_payment"].mean())
    return say("report.if_service_changed_luck", paid=amount(case, lucky["total_payment"].mean()), mean=mean)


def _investors(case: CaseFile, drawn: pd.DataFrame) -> str:
    """What investors may expect, with how far it hangs on what the ranges leave open."""
    if not flowing(case):
        return say("report.what_investors_gain_or")
    ends, losing = scenarios(case).loc["as expected"].to_dict(), _losing(drawn)
    low, high = np.quantile(drawn["investor"], [0.05, 0.95])
    return say(
        "report.performance_expected_investors_on",
        out=amount(case, ends["most they have out"]),
        gain=_gain(case, ends["investors gain"]),
        mean=_gain(case, drawn["investor"].mean()),
        low=amount(case, low),
        high=amount(case, high),
        share=_percent(losing),
        by_how=_by_how(case, losing),
    )


def _wanted(case: CaseFile, drawn: pd.DataFrame) -> Iterator[str]:
    """What investors want, and how often what they commit does not suffice."""
    if flowing(case) and case.investment.wanted is not None:
        returns = scenarios(case)["return a year"]
        got, best = returns["as expected"], returns.get("everybody succeeds", np.nan)
        want = say("report.they_want_year", wanted=_percent(case.investment.wanted.value, 1))
        if np.isfinite(got) and np.isfinite(best):
            want = say("report.expected_they_get_if", want=want, got=_percent(got, 1), best=_percent(best, 1))
        yield say("language.sentence", said=want)
    if short := _stopped(drawn):
        broken = say("report.or_broken") if case.breaks else ""
        costly = case.costs(drawn).sum(axis=-1) > case.costs().sum()
        over = np.any(costly) and (drawn["share served"][costly] < 1).mean() > 0.9 and _just(case)
        by_costs = say("report.little_over") if over else ""
        yield say("report.results_what_they_commit", share=_percent(short), broken=broken, by_costs=by_costs)


def _by_how(case: CaseFile, losing: float) -> str:
    """How far the chance of a loss hangs on what the ranges leave open: on a grid, for it may rise and fall."""
    several, chances, what = len(case.results()) > 1, [losing], []
    for key, asked in (("sureness", case.by_sureness), ("rho", several)):
        figure = getattr(case.uncertainty, key)
        if asked and figure.low is not None and figure.low < figure.high:
            grid = np.geomspace if key == "sureness" else np.linspace
            for value in grid(figure.low, figure.high, 3):
                chances.append(_losing(draws(case.replace(f"uncertainty.{key}", value), FEW)))
            what.append(say(f"report.by_{key}"))
    if not what:
        return ""
    ends = {"low": _percent(min(chances)), "high": _percent(max(chances))}
    if ends["low"] == ends["high"]:
        return ""
    return say("report.by_how", **ends, what=say("report.and").join(what))


def _stopped(drawn: pd.DataFrame) -> float:
    """In which share of the draws the service stops, for want of money."""
    return float((drawn["share served"] < 1).mean()) if "share served" in drawn else 0.0


def _listed(names: list[str]) -> str:
    named = [say("language.quoted", name=name) for name in names]
    return say("report.and").join(filter(None, (listed(named[:-1]), named[-1])))


def _percent(share: float, digits: int = 0) -> str:
    if digits == 0 and 0 < share < 0.005:
        return say("report.under_one")
    if digits == 0 and 0.995 <= share < 1:
        return say("report.over_99")
    return percent(f"{100 * share:.{digits}f}")


def _gain(case: CaseFile, value: float) -> str:
    return say("report.gain" if value >= 0 else "report.lose", amount=amount(case, abs(value)))


def _losing(drawn: pd.DataFrame) -> float:
    return float((drawn["investor"] < -0.005).mean())


def _assumed(case: CaseFile) -> pd.DataFrame:
    """Every assumption that something in the report hangs on, as people write it."""
    table = case.assumptions()
    if not case.paid:
        table = table[~table["key"].str.startswith("uncertainty.")]
    else:
        moot = {"uncertainty.rho": len(case.paid) == 1, "uncertainty.sureness": not case.by_sureness}
        table = table[[not moot.get(key, False) for key in table["key"]]]
    columns = {
        part: [shown(case, key, value) for key, value in zip(table["key"], table[part], strict=True)]
        for part in ("value", "low", "high")
    }
    notes = [say("report.not_given") if note == NOT_GIVEN else note for note in table["note"]]
    return pd.DataFrame({"assumption": [label(case, key) for key in table["key"]], **columns, "note": notes})


def _described(title: str, rest: str) -> str:
    """A chart's description, which sends to the table for what a sentence cannot hold."""
    return say("report.table_has", title=title, rest=rest)


def _payments(case: CaseFile) -> Part:
    from sibmodels import charts

    money, line = case.money, curves(case, min(401, 4000 // len(case.paid)))  # no more rows than a chart takes
    stops = share_served(case) < 1
    title = say("report.expected_paid_stops" if stops else "report.expected_paid", **_both(case))
    tables, sentences = [], []
    pictures: Pictures = []
    names = list(dict.fromkeys(line["outcome"]))
    described = _described(title, say("report.every_line"))
    if len(names) > MANY:
        sentences.append(say("report.each_panel_one_outcome"))
        tables.append(_by_points(case))
        pictures = [lambda: _panels(case, line, title, described)]
    elif names:
        sentences.append(say("report.each_line_one_outcome"))
        wide = curves(case, own=True).pivot(index="performance", columns="outcome", values="payment")[names]
        wide.index = pd.Index([_share(share) for share in wide.index], name="share of people")
        tables.append(
            _table(wide, _served(case, say("report.payment_share_people_who", money=money)), "{:,.0f}", names)
        )
        pictures = [lambda: charts.payment_curves(line, money, title=title, description=described)]
    if len(by_figure := steps(case)):
        caption = _served(case, say("report.payment_by_figure", money=money))
        tables.append(_table(by_figure, caption, {"figure": "{:.4g}", "payment": "{:,.0f}"}))
    if len(by_result := rates(case)):
        forms = {"result": "{:.4g}", "coupon": "{:.2%}", "principal due": "{:.0%}"}
        tables.append(_table(by_result.dropna(axis=1, how="all"), say("report.rates_by_result"), forms))
    if len(lines := cards(case)):
        short = 1 - lines["after the cap a person"].sum() / lines["price x people"].sum()
        sentences.append(say("report.card_person_by_person", short=_percent(short, 1)))
        forms = {"price": "{:,.0f}", "expected": "{:.1%}"}
        forms |= dict.fromkeys(("price x people", "after the cap a person"), "{:,.0f}")
        tables.append(_table(lines, say("report.card_line_by_line", money=money), forms))
        capped = next(line.measure.person_cap for line in case.lines() if line.measure.card)
        if capped is not None:
            by_cap = caps(case, [capped.value * part for part in (0.7, 0.8, 0.9, 1.0, 1.1)])
            tables.append(_table(by_cap, say("report.card_by_cap", money=money), "{:,.0f}"))
    due = _due(case)
    if len(due):
        tables.append(_table(due, _served(case, say("report.payments_by_date", money=money)), "{:,.0f}"))
    return "Payments against performance", sentences, tables, pictures


def _share(share: float) -> str:
    """A share, with as many digits as it has."""
    return display.number(float(f"{share:.4g}"), share=True)


def _by_points(case: CaseFile) -> display.Table:
    """Of many outcomes: what each pays at its own points, a row a point."""
    table = own_points(case)
    table = pd.DataFrame(
        {"share of people": map(_share, table["performance"]), "payment": table["payment"].to_numpy()},
        index=pd.Index(table["outcome"], name="outcome"),
    )
    return _table(table, _served(case, say("report.payment_own_points", money=case.money)), {"payment": "{:,.0f}"})


def _panels(case: CaseFile, line: pd.DataFrame, title: str, described: str) -> str:
    """Of many outcomes: a picture of each."""
    here, table = case.performance(), own_points(case)
    units = {
        one.name: 1 if one.measure.unit == "share" else case.people_of(one.measure, one.group) for one in case.lines()
    }
    nearest = (table["performance"] - table["outcome"].map({name: here[name] / units[name] for name in units})).abs()
    expected = table.loc[nearest.groupby(table["outcome"]).idxmin()]
    most = line.groupby("outcome")["payment"].max()
    notes = {str(name): say("report.panel", most=amount(case, paid)) for name, paid in most.items()}
    return panels.panels(line, expected, notes, title, described)


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
    caption = say("report.three_results_low_high" if len(ends) == 3 else "report.five_results_low_high", money=money)
    called = {"paid": "paid as the service stops"} if "share served" in ends else {}
    tables = [_table(ends.rename(columns=called), caption, FORMATS)]
    if not flowing(case):
        return "Cash flows", [say("report.without_dates_costs_there")], tables, []
    table, committed = case.flows(), case.committed
    out = table["investor"]
    gain = say("report.expected_investors", gain=_gain(case, out.sum()))
    bars = pd.DataFrame({"period": out.index, "flow": out.to_numpy()})
    bars["direction"] = np.where(bars["flow"] < 0, head("paid out"), head("received"))
    sentences = [
        say("report.investors_in_layers")
        if case.tranche
        else say(
            "report.investors_pay_what_missing", distributed=say(f"report.{DISTRIBUTED[case.investment.distribute]}")
        ),
    ]
    if committed is not None:
        sentences.append(_commitment(case, ends, committed))
    if case.tranche:
        forms = dict.fromkeys(("puts in", "gets", "gains"), "{:,.0f}") | {"return a year": "{:.1%}"}
        tables.append(_table(tranches(case), say("report.who_bears_what", money=money), forms))
        table = case.waterfall(case.performance()).droplevel("scenario").set_axis(table.index)
    layers = [one.name for one in case.tranche]
    tables.append(_table(table, say("report.who_pays_whom_money", money=money), "{:,.0f}", layers))
    picture: Pictures = [
        lambda: charts.cash_flow_bars(bars, money, title=gain, description=_described(gain, say("report.every_period")))
    ]
    return "Cash flows", sentences, tables, picture


DISTRIBUTED = {"at the end": "paid_at_end", "as received": "paid_as_received"}
"""What the report says of when investors are paid."""


def _commitment(case: CaseFile, ends: pd.DataFrame, committed: float) -> str:
    """Whether what investors commit suffices in the five results."""
    said = say("report.they_put_no_more", committed=amount(case, committed))
    three = len(ends) == 3
    if "share served" not in ends:
        return say("report.which_suffices_all_three" if three else "report.which_suffices_all_five", said=said)
    short = int((ends["share served"] < 1).sum())
    where = say(f"report.short_{'all' if short == len(ends) else short}")
    broken = say("report.or_broken") if case.breaks else ""
    message = "report.does_not_suffice_three" if three else "report.does_not_suffice_five"
    return say(message, said=said, where=where, broken=broken)


def _simulated(case: CaseFile, drawn: pd.DataFrame) -> Part:
    from sibmodels import charts

    paid_by = [line.name for line in case.lines() if line.measure.schedule != "fixed"]
    layers = [str(name) for name in drawn if str(name).startswith("tranche: ")]
    columns = [*paid_by, "total_payment", *(["investor"] if "investor" in drawn else []), *layers]
    spread = drawn[columns].quantile([0.05, 0.25, 0.5, 0.75, 0.95])
    spread.index = pd.Index([say("report.draws_below", per_cent=100 * end) for end in spread.index], name="how often")
    shares = {line.name: "{:.1%}" for line in case.lines() if line.measure.unit == "share" and not line.measure.card}
    shares |= {line.name: "{:.3f}" for line in case.lines() if line.measure.unit == "score"}
    low, high = np.quantile(drawn["total_payment"], [0.05, 0.95])
    found = say("report.nine_draws_ten_pay", low=amount(case, low), high=amount(case, high))
    bins, paid = simulation.distribution(drawn["total_payment"]), expected_payment(case)
    together = (
        say("report.outcomes_move_together_correlation", rho=case.uncertainty.rho.value) if len(case.paid) > 1 else ""
    )
    said = say("language.sentence", said=found)
    sentences = [
        say(
            "report.each_draws_takes_true",
            count=len(drawn),
            from_where=_from_where(case),
            together=together,
            costs=say("report.costs_drawn") if case.doubts(1) else "",
        ),
        say(
            "report.mean_differs",
            mean=amount(case, drawn["total_payment"].mean()),
            paid=amount(case, paid),
            stops=say("report.or_stops") if _stopped(drawn) else "",
        ),
        *case.notes(lambda key: label(case, key), lambda key, value: shown(case, key, value)),
        said,
    ]
    if "investor" in drawn:
        sentences.append(say("report.investors_lose_money_draws", share=_percent(_losing(drawn))))
    forms = dict.fromkeys(columns, "{:,.0f}") | shares
    caption = say("report.draws_payments", count=len(drawn), money=case.money)
    axis = say("report.paid_all", money=case.money)
    marks = {head("as expected"): paid}
    picture: Pictures = [lambda: charts.histogram(bins, axis=axis, marks=marks, title=found, description=said)]
    tables = [_table(*_turned(spread, caption, forms), paid_by), *_ranges(case)]
    return "Simulated outcomes", sentences, tables, picture


def _turned(spread: pd.DataFrame, caption: str, forms: dict[str, str]) -> tuple[pd.DataFrame, str, dict[str, str]]:
    """A table of many columns on its side, its numbers as they are written."""
    if len(spread.columns) <= MANY + 3:
        return spread, caption, forms
    written = pd.DataFrame(
        {name: [forms[str(name)].format(value) for value in spread[name]] for name in spread}, spread.index
    )
    return written.T.rename_axis("what is drawn"), caption, {}


def _ranges(case: CaseFile) -> Iterator[display.Table]:
    """What is drawn from ranges, as people write it."""
    table, results = ranges(case), case.results()
    if table.empty:
        return

    def written(name: str, *values: float, digits: int = 10) -> str:
        if np.isnan(values[0]):
            return ""
        one = results.get(name)
        share = isinstance(one, simulation.Result) and one.spread is None
        told = [display.number(float(f"{value:.{digits}g}"), share) for value in values]
        return say("report.from_to", low=told[0], high=told[1]) if len(told) > 1 else told[0]

    said = {}
    for name, row in zip(map(str, table.index), table.to_dict("records"), strict=True):
        sure = row["as sure as"]
        said[name] = (
            written(name, row["figure"]),
            written(name, row["low"], row["high"]),
            written(name, row["measured low"], row["measured high"], digits=3),
            "" if np.isnan(sure) else f"{sure:,.{int(sure < 10)}f}",
        )
    columns = ["figure", "nine draws in ten", "nine in ten of what is measured", "as sure as, people"]
    told = pd.DataFrame.from_dict(said, orient="index", columns=columns).rename_axis("what is drawn")
    told = told.loc[:, (told != "").any()]
    caption = say("report.ranges_drawn")
    yield _table(told, say("report.ranges_worth", caption=caption) if columns[-1] in told else caption)


def _from_where(case: CaseFile) -> str:
    """What the draws of true rates go by."""
    by_range = any(getattr(one, "within", None) for one in case.results().values())
    ranges = say("report.from_ranges")
    if not case.by_sureness:
        return ranges
    sureness = say("report.from_sureness", sureness=case.uncertainty.sureness.value)
    return say("report.from_both", ranges=ranges, sureness=sureness) if by_range else sureness


def _risk(case: CaseFile, drawn: pd.DataFrame, hangs: pd.DataFrame) -> Part:
    from sibmodels import charts

    money = case.money
    what = say("report.investors_gain") if flowing(case) else say("report.is_paid")
    tables = [_table(risk(case, drawn), say("report.each_party_s_money", money=money), FORMATS)]
    sentences = [say("report.spread_standard_deviation_over")]
    if flowing(case):
        sentences.append(say("report.what_payers_save_investors"))
    else:
        sentences.append(say("report.only_payers_here_shares"))
    picture: Pictures = []
    if len(hangs):
        moved = say("report.assumption_moves_most", what=what, name=hangs["label"].iloc[0])
        axis = listed([f"{what[:1].upper()}{what[1:]}", money])
        base, described = answer(case), _described(moved, say("report.the_rest"))
        bars = hangs.assign(result_low=hangs["least"], result_high=hangs["most"])
        picture = [lambda: charts.tornado_bars(bars, base, axis, title=moved, description=described)]
        table = hangs[["result_low", "result_high", "least", "most"]].rename(
            columns={"result_low": "at its low end", "result_high": "at its high end"}
        )
        if (hangs["swing"] - (hangs["result_high"] - hangs["result_low"]).abs()).max() < 0.5 * case.in_money:
            table = table.drop(columns=["least", "most"])  # nothing that rises and falls
        table.insert(
            0,
            "range",
            [
                say("report.range", low=shown(case, str(key), row.low), high=shown(case, str(key), row.high))
                for key, row in hangs.iterrows()
            ],
        )
        table.index = pd.Index(hangs["label"], name="assumption")
        caption = say("report.how_far_each_assumption", what=what, money=money, base=base)
        tables.append(_table(table, caption, "{:,.0f}"))
    return "Who bears the risk", sentences, tables, picture


def _taking(case: CaseFile) -> Part:
    """What it would take; see `sibmodels.reports.taking`."""
    tried = taking.tried(case)
    tables = [_table(taking.needed(case, tried), say("solve.needed"))]
    if len(amounts := taking.amounts(case, tried)):
        tables.append(_table(amounts, say("solve.amounts")))
    tables += [_table(table, caption, "{:,.0f}") for caption, table in taking.grids(case)]
    return "What it would take", list(taking.said(case)), tables, taking.pictures(case)


def _evaluation(case: CaseFile) -> Part:
    table, luck, sentences, such = evaluated(case), lucks(case), [], ""
    if not case.compared:
        such = say("report.comparison_with_many_other")
        sentences.append(say("report.uncompared"))
    if "smallest rise shown" in table:
        sentences.append(say("report.smallest_rise_shown_difference"))
        sentences += _rises(table.dropna(subset="smallest rise shown"), such)
    elif not len(luck):
        nor = say("report.nor_what_paid_without") * bool(case.paid)
        sentences.append(say("report.without_baseline_what_would", nor=nor))
    for name, row in luck.iterrows():
        paid = amount(case, row["paid without effect"])
        chance, spread = _percent(row["some is paid"]), f"{row['spread by luck']:.3g}"
        sentences.append(say("report.paid_by_luck", name=name, chance=chance, paid=paid, spread=spread))
    sentences += _missed(case)
    tables = [_table(table.dropna(axis=1, how="all"), say("report.what_numbers_could_show"), FORMATS)] * bool(
        len(table)
    )
    tables += [_table(luck, say("report.luck_alone", money=case.money), FORMATS)] * bool(len(luck))
    return "What the evaluation could show", sentences, tables, []


def _rises(table: pd.DataFrame, such: str) -> Iterator[str]:
    """Whether an effect as large as expected would show: outcome by outcome, or of many together."""
    rise, least = table["expected"] - table["baseline"], table["smallest rise shown"]
    if len(table) > MANY:
        kinds = {"no_rises": rise <= 0, "rises_unseen": (rise > 0) & (rise < least), "rises_seen": rise >= least}
        for message, which in kinds.items():
            if which.any():
                yield say(f"report.{message}", names=_listed(table.index[which].tolist()), such=such)
        return
    for name in table.index:
        if rise[name] <= 0:
            yield say("report.no_more_expected_than", name=name)
            continue
        can = say("report.could_well_go_unseen" if rise[name] < least[name] else "report.would_mostly_seen")
        points = {"rise": 100 * rise[name], "least": 100 * least[name]}
        yield say("report.rise_points_expected_or", name=name, **points, can=can, such=such)


def _missed(case: CaseFile) -> Iterator[str]:
    """Of which outcomes less is expected than their target: one by one, or of many together."""
    short = {}
    for one in case.paid:
        aim = one.target.value / (1 if one.unit == "share" else case.measured_on(one)) if one.target else 0.0
        if plain(one) and one.expected and one.unit != "score" and one.expected.value < aim:
            short[one.name] = one.expected.value, aim
    if len(short) > MANY:
        yield say("report.missed_targets", names=_listed(list(short)))
        return
    for name, (expected, aim) in short.items():
        still = say("report.part_paid_all_same") if _part(case, name) else ""
        said = {"expected": _percent(expected, 1), "aim": _percent(aim, 1)}
        yield say("report.expected_target_so_more", name=name, **said, still=still)


def _part(case: CaseFile, name: str) -> bool:
    """Whether some of an outcome's payment, and not all, is earned at the performance expected."""
    line, outcome = next(pair for pair in outcomes(case) if pair[0].measure.name == name)
    return bool(0 < outcome.schedule(case.performance()[line.name]) < outcome.schedule.max_payment)


def _incentives(case: CaseFile) -> Part:
    rewards, aligned = pulls(case), alignment(case)
    caption = _served(case, say("report.what_contract_rewards_performance", money=case.money))
    form = "{:,.0f}" if rewards["one success more earns"].max() >= 100 else "{:,.3g}"
    tables = [_table(rewards, caption, FORMATS | {"one success more earns": form})]
    sentences = []
    still = [str(name) for name, earned in rewards["one success more earns"].items() if not earned]
    if still:
        served = say("report.everybody_served") if share_served(case) < 1 else ""
        sentences.append(say("report.one_success_more_earns_2", names=_listed(still), served=served))
    if len(aligned):
        sentences.append(say("report.angle_between_what_paid"))
        caption = say("report.degrees_between_paid_valued")
        tables.append(_table(aligned, caption, "{:.0f}"))
    return "Incentives", sentences, tables, []


def _world(case: CaseFile) -> Part:
    table = world(case)
    counts, compared = (table[table["measure"].str.startswith("projects") == kind] for kind in (True, False))
    there = len(indigo.shipped().projects)
    sentences = [say("report.indigo_s_extract_december", there=there)]
    alike = [say(f"report.alike_{what.split()[-1]}", count=n, here=here) for what, here, n in counts.to_numpy()[:, :3]]
    if alike:
        sentences.append(say("report.of_them", alike=say("report.and").join(alike)))
    few = compared.loc[compared["with figures"] < 20, "measure"].tolist()
    if few:
        sentences.append(say("report.there_fewer_than_compare", names=_listed([head(what) for what in few])))
    caption = say("report.people_here_set_beside")
    names = {"with figures": "projects with the figure", "smaller": "of them smaller"}
    forms = {"projects with the figure": "{:,.0f}", "of them smaller": "{:.0%}"}
    return (
        "Where it stands among the world's SIBs",
        sentences,
        [_table(compared.rename(columns=names), caption, forms)],
        [],
    )


_STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1f2328, #e3e1dc); --paper: light-dark(#fdfcfa, #16181b);
  --line: light-dark(#dedad2, #34383e); --muted: light-dark(#586069, #a4abb3); --link: light-dark(#2b5f8a, #8ab8e0); }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 3rem; max-width: 58rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 FONTS; overflow-wrap: break-word; }
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
.lead { font-size: 1.125rem; max-width: 42rem; }
@page { size: A4; margin: 18mm 16mm; }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 9.5pt; }
  nav { display: none; } .lead { font-size: 11pt; } p, li { max-width: none; orphans: 3; widows: 3; }
  .scroll { overflow: visible; } table { font-size: 8pt; }
  tr, figure { break-inside: avoid; } h2, figcaption, caption { break-after: avoid; } }
"""


@in_its_language
def html(case: CaseFile, pictures: bool | Picture | None = None, on: str | None = None) -> str:
    """The report as one HTML page that asks nothing of anybody else.

    Parameters
    ----------
    pictures : bool or function, optional
        Draw the charts; if None, where vl-convert is installed. Without them the tables say the same. A function
        draws in its place: from the specification of a chart in Vega-Lite to the text of an SVG.
    on : str, optional
        The month to which results are taken to be known; that of the latest, if None.
    """
    draw = _figures(pictures) if callable(pictures) else _drawer() if pictures in (None, True) else None
    title, headings, body = _html.escape(case.about.name), [], []
    for number, (heading, sentences, tables, charts) in enumerate(_parts(case, on), start=1):
        headings.append(f'<li><a href="#part-{number}">{_html.escape(head(heading))}</a></li>')
        body.append(f'<h2 id="part-{number}">{_html.escape(head(heading))}</h2>')
        body.append(_said(heading, sentences))
        body += [made if isinstance(made := chart(), str) else draw(made) for chart in charts] if draw else []
        for table in tables:
            name = _html.escape(table.caption, quote=True)
            body.append(
                f'<div class="scroll" role="region" tabindex="0" aria-label="{name}">{table._repr_html_()}</div>'
            )
    # no line ends within an amount, whatever letters stand beside it
    told = re.sub(r"(?<=\d) (?=%)|(?<=\b[A-Z]{3}) (?=-?\d)", "\u00a0", "\n".join(body), flags=re.ASCII)
    lost = "" if draw else say("report.no_charts")
    spoken, style = language(), _STYLE.replace("FONTS", say("language.page_fonts"))
    return f"""<!DOCTYPE html>
<html lang="{spoken}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{style}{panels.STYLE}{_on_dark()}</style></head>
<body>
<header>
<h1>{title}</h1>
<p>{_html.escape(say("report.preface"))}{_html.escape(lost)}</p>
</header>
<nav aria-label="{_html.escape(say("report.contents"), quote=True)}"><ul>
{chr(10).join(headings)}
</ul></nav>
<main>
{told}
</main>
<footer>
<p>{_html.escape(say("report.made_by", version=sibmodels.__version__))}</p>
</footer>
</body></html>
"""


def _said(heading: str, sentences: list[str]) -> str:
    """A part's sentences: paragraphs, or a list below those to act on."""

    def tagged(tag: str, part: list[str], attribute: str = "") -> str:
        return "\n".join(f"<{tag}{attribute}>{_html.escape(sentence)}</{tag}>" for sentence in part)

    if heading not in LISTED:
        return tagged("p", sentences)
    lead = LEAD if heading == LISTED[0] and len(sentences) > LEAD + 1 else 0
    first, rest = sentences[:lead], sentences[lead:]
    return tagged("p", first, ' class="lead"') + (f"<ul>\n{tagged('li', rest)}\n</ul>" if rest else "")


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
    return _figures(lambda spec: str(vl_convert.vegalite_to_svg(json.dumps(spec))))


def _figures(draw: Picture) -> Callable[[Chart], str]:
    """A function from a chart to a figure of HTML, whose pictures `draw` draws."""
    from sibmodels import charts

    count = itertools.count(1)

    def picture(spec: dict[str, Any], width: int, shape: str) -> str:
        svg = draw(spec | {"width": width})
        svg = re.sub(
            r'(\bid="|url\(#|href="#)', rf"\1picture-{next(count)}-", svg
        )  # ids are the page's, not the picture's
        return svg.replace('class="marks"', f'class="marks {shape}"', 1)

    def figure(chart: Chart) -> str:
        spec = chart.to_dict()
        spec["config"]["font"] = say("language.chart_fonts")  # as wide where drawn as where read
        title = _html.escape(spec.pop("title"))  # as a caption it wraps
        words = _html.escape(spec["description"], quote=True)
        drawn = picture(spec, WIDE, "wide") + picture(charts.narrowed(spec), NARROW, "narrow")
        # one text alternative for the whole; what Vega labels inside would be read out mark by mark
        return f'<figure><figcaption>{title}</figcaption><div role="img" aria-label="{words}">{drawn}</div></figure>'

    return figure
