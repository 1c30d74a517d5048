"""Two cases side by side, and one case at other prices and results."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sibmodels import cashflows, display
from sibmodels._arguments import numbers
from sibmodels.casefile import CaseFile, Figure
from sibmodels.messages import head, in_its_language, listed, say
from sibmodels.reports.solving import chance_words, levers, rate_words, returned
from sibmodels.reports.tables import amount, draws, expected_payment, flowing, term_sheet

__all__ = ["Comparison", "compare_terms", "price_grid"]

PRICES = (0.8, 0.9, 1.0, 1.1, 1.2)
RESULTS = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25)
MEASURES = [
    "paid as expected",
    "paid on average",
    "paid: low end (5 %)",
    "paid: high end (95 %)",
    "return as expected",
    "return on average",
    "chance to lose",
    "most they have out",
    "most that is paid",
]


@dataclass(frozen=True)
class Comparison:
    """Two cases side by side.

    Attributes
    ----------
    terms : DataFrame
        Their term sheets, index ``term``: a column for each case, and ``differs``.
    results : DataFrame
        What they come to, index ``measure``: a column of numbers for each case; NaN where a case cannot say.
    shown : DataFrame
        The results in words.
    """

    terms: pd.DataFrame
    results: pd.DataFrame
    shown: pd.DataFrame


@in_its_language
def compare_terms(case_a: CaseFile, case_b: CaseFile) -> Comparison:
    """Two term sheets side by side, with what differs marked, and what each comes to.

    Columns are called as the cases are, with a number where both have one name. The results are what is paid as
    expected, on average over the draws and in the middle nine tenths of them, investors' return as expected and on
    average, their chance to lose, the most they have out, and the most that is paid. Money is in each case's own
    currency and is never converted.

    >>> from sibmodels.casefile import example
    >>> kobe = example("kobe")
    >>> both = compare_terms(kobe, kobe.replace("outcome.1.expected", 0.5))
    >>> both.terms.index[both.terms["differs"]].tolist()
    ['Outcome: completion']
    """
    names = [case_a.about.name, case_b.about.name]
    if names[0] == names[1] or "differs" in names:
        names = [say("compare.numbered", name=name, number=n) for n, name in enumerate(names, 1)]
    sheets = [_joined(term_sheet(case)) for case in (case_a, case_b)]
    order = list(sheets[0])
    for place, term in enumerate(sheets[1]):  # a term that only the second has comes after what is before it there
        if term not in order:
            before = list(sheets[1])[place - 1] if place else None
            order.insert(order.index(before) + 1 if before else 0, term)
    rows = {term: [sheet.get(term, "") for sheet in sheets] for term in order}
    terms = pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("term")
    terms["differs"] = terms[names[0]] != terms[names[1]]
    found = [_results(case) for case in (case_a, case_b)]
    results = pd.DataFrame(dict(zip(names, found, strict=True))).rename_axis("measure")
    said = [
        {what: _said(case, what, value) for what, value in result.items()}
        for case, result in zip((case_a, case_b), found, strict=True)
    ]
    return Comparison(terms, results, pd.DataFrame(dict(zip(names, said, strict=True))).rename_axis("measure"))


def _joined(sheet: pd.DataFrame) -> dict[str, str]:
    """A term sheet by term; what there is more than one of, such as investors, in one row."""
    return {
        str(term): say("language.semicolon").join(rows["value"]) for term, rows in sheet.groupby("term", sort=False)
    }


def _results(case: CaseFile) -> dict[str, float]:
    found = dict.fromkeys(MEASURES, math.nan)
    if not case.paid:
        return found
    drawn = draws(case)
    paid = drawn["total_payment"]
    low, high = np.quantile(paid, [0.05, 0.95])
    figures = [expected_payment(case), float(paid.mean()), float(low), float(high)]
    found |= dict(zip(MEASURES, figures, strict=False))
    found["most that is paid"] = case.most_paid()
    if flowing(case) and case.in_money:
        found["return as expected"], found["return on average"] = returned(case), returned(case, average=True)
        found["chance to lose"] = float((drawn["investor"] < -0.005).mean())
        found["most they have out"] = float(cashflows.peak_draw(case.flows()["investor"]))
    return found


def _said(case: CaseFile, what: str, value: float) -> str:
    if math.isnan(value):
        return say("compare.not_known")
    if what == "chance to lose":
        return chance_words(value)
    if what.startswith("return"):
        return rate_words(value)
    return amount(case, value) if math.isfinite(value) else say("terms.no_limit")


@in_its_language
def sentences(case_a: CaseFile, case_b: CaseFile, both: Comparison, files: tuple[str, str]) -> list[str]:
    """A comparison in lines: what the two come to, the terms that differ, and the names of those that do not."""
    cases, letters = (case_a, case_b), ("A", "B")
    lines = [
        say("compare.named", letter=letter, name=case.about.name, file=file)
        for letter, case, file in zip(letters, cases, files, strict=True)
    ]
    shown = both.shown.set_axis(list(letters), axis=1).rename(index=head).rename_axis(head("measure"))
    lines += ["", *str(display.show(shown, say("compare.results"))).splitlines(), ""]
    currencies = [case.about.currency for case in cases]
    if currencies[0] != currencies[1]:
        lines.append(say("compare.currencies", a=currencies[0], b=currencies[1]))
    differing, alike = both.terms[both.terms["differs"]], both.terms[~both.terms["differs"]]
    lines.append(say("compare.differ" if len(differing) else "compare.no_difference"))
    for term, *values in differing.iloc[:, :2].itertuples():
        said = [value or say("compare.only") for value in values]
        lines += [f"  {term}", *(f"    {letter}: {one}" for letter, one in zip(letters, said, strict=True))]
    if len(alike):
        lines.append(say("compare.alike", terms=listed(alike.index)))
    return lines


@in_its_language
def price_grid(case: CaseFile, prices: Sequence[float] = PRICES, results: Sequence[float] = RESULTS) -> pd.DataFrame:
    """What payers pay and investors earn at other prices and other results.

    Parameters
    ----------
    prices : sequence of float
        Of everything that is paid for results, times today's; above 0. Caps and what is paid whatever happens stay.
    results : sequence of float
        How good everything is beside what the case expects, above 0 and below 2: 1.1 is a tenth more of what earns
        more when there is more of it, and a tenth less of what earns less, such as days in jail. Those at which more
        than all people would succeed are left out.

    Returns
    -------
    DataFrame
        A row for each price and result: ``price``, ``result``, ``paid`` (in all, less where the service stops) and
        ``return`` (investors', a year; NaN without dated cash flows).

    Examples
    --------
    >>> from sibmodels.casefile import example
    >>> price_grid(example("kobe"), [1], [0.5, 1]).round(3).values.tolist()
    [[1.0, 0.5, 21533125.0, -0.3], [1.0, 1.0, 32095000.0, 0.028]]
    """
    prices, results = _given(prices, "prices"), _given(results, "results", 2.0)
    priced = levers(case).get("price")
    rows = []
    for price in prices:
        if priced is None:
            break
        at = priced.moved(price * (priced.now or 1.0))
        for result in results:
            if (reached := with_results(at, result)) is not None:
                rows.append((price, result, *_paid_and_returned(reached)))
    return pd.DataFrame(rows, columns=["price", "result", "paid", "return"], dtype=float)


def _paid_and_returned(case: CaseFile) -> tuple[float, float]:
    """What is paid at the performance expected, and investors' return a year."""
    return expected_payment(case), returned(case) if flowing(case) and case.in_money else math.nan


def _given(values: Sequence[float], name: str, below: float = math.inf) -> list[float]:
    array = numbers(values, name)
    if array.ndim != 1 or not len(array) or (array <= 0).any() or (array >= below).any():
        limit = f" and below {below:g}" if below < math.inf else ""
        raise ValueError(f"{name} are {values!r}; a list of numbers above 0{limit} is needed")
    return sorted(set(array.tolist()))


def with_results(case: CaseFile, factor: float) -> CaseFile | None:
    """A case that expects better or worse of everything; None where that would be more than all people."""
    worse = _falling(case)
    try:
        for number, one in enumerate(case.outcome, start=1):
            times = 2 - factor if one.name in worse else factor
            case = _expecting(case, number, times)
    except OverflowError:
        return None
    return case


def _falling(case: CaseFile) -> set[str]:
    """The outcomes that earn less when there is more of them."""
    free = dataclasses.replace(case, terms=dataclasses.replace(case.terms, cap=None, year_cap=None))

    def earned(number: int, factor: float) -> float:
        changed = _expecting(free, number, factor)
        return float(changed.total(changed.performance()))

    numbered = enumerate(case.outcome, start=1)
    return {one.name for n, one in numbered if one.unit == "score" and earned(n, 1.05) < earned(n, 0.95)}


def _expecting(case: CaseFile, number: int, factor: float) -> CaseFile:
    """A case in which one outcome is expected times a factor, in every group."""
    items = list(case.outcome)
    one = items[number - 1]
    limit = math.inf if one.unit == "score" else 1.0
    changed: dict[str, Any] = {
        "card": tuple(dataclasses.replace(line, expected=_within(factor * line.expected, 1.0)) for line in one.card)
    }
    if one.expected is not None:
        changed["expected"] = Figure(_within(factor * one.expected.value, limit))
    items[number - 1] = dataclasses.replace(one, **changed)
    groups = []
    for group in case.group:
        expected = dict(group.expected)
        if one.name in expected:
            expected[one.name] = _within(factor * expected[one.name], limit)
        groups.append(dataclasses.replace(group, expected=expected))
    return dataclasses.replace(case, outcome=tuple(items), group=tuple(groups))


def _within(value: float, limit: float) -> float:
    if value > limit + 1e-12:
        raise OverflowError
    return min(value, limit)
