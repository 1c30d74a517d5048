"""The report's part on what it would take: terms for the return that investors want, other prices, other results."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pandas as pd

from sibmodels.casefile import CaseFile
from sibmodels.messages import head, in_its_language, say
from sibmodels.reports.comparing import price_grid, with_results
from sibmodels.reports.solving import (
    Lever,
    Solved,
    UnsolvedError,
    at_head,
    chance_words,
    figure_words,
    levers,
    now_words,
    price_of,
    rate_words,
    returned,
    solve,
    written,
)
from sibmodels.reports.tables import flowing, share_served

__all__ = ["amounts", "grids", "needed", "said", "solvable", "tried"]

Tried: TypeAlias = dict[tuple[str, bool], Solved | UnsolvedError]

TARGETS = 3  # where there are more, the command solves for each
LINES = 12  # of a table of prices
GRID = 12  # points or so of a grid: the command looks along a finer one
_CELLS = 20_000  # draws by periods of an average here: the command takes all draws


def solvable(case: CaseFile) -> bool:
    """Whether investors' return can be solved for."""
    return flowing(case) and case.in_money and bool(_asked(case))


def _asked(case: CaseFile) -> list[Lever]:
    """The levers of a report: the price of everything, targets, and the cap, where there is one."""
    known = levers(case)
    targets = [one for name, one in known.items() if name.startswith("target")]
    targets = targets if len(targets) <= TARGETS else []
    cap = [known["cap"]] if "cap" in known and case.terms.cap is not None else []
    return [known["price"], *targets, *cap] if "price" in known else [*targets, *cap]


def _aim(case: CaseFile) -> float:
    """The return that investors want; their money back, if the file does not say."""
    return case.investment.wanted.value if case.investment.wanted else 0.0


def tried(case: CaseFile) -> Tried:
    """What solving for the wanted return gives: by lever, as expected and, for prices alone, on average."""
    found: Tried = {}
    for lever in _asked(case):
        for average in (False, True)[: 1 + (lever.name == "price")]:
            found[lever.name, average] = _solved(case, lever, average)
    return found


def _solved(case: CaseFile, lever: Lever, average: bool) -> Solved | UnsolvedError:
    count = max(min(_CELLS // len(case.periods()), 1000), 50)
    rough = dataclasses.replace(lever, grid=lever.grid[:: lever.grid.size // GRID])
    try:
        return solve(case, rough, _aim(case), average=average, count=count)
    except UnsolvedError as error:
        return error


@in_its_language
def needed(case: CaseFile, found: Tried | None = None) -> pd.DataFrame:
    """What each term would have to be, the others as they are, for the return that investors want.

    Columns ``today``, ``as expected`` (for the wanted return at the performance expected) and ``on average`` (for that
    return over the draws; for prices alone), in words; index ``what``. `found` is what `tried` gave.
    """
    found = tried(case) if found is None else found
    rows = {}
    for lever in _asked(case):
        row = {"today": now_words(case, lever)}
        for average, column in enumerate(("as expected", "on average")):
            answer = found.get((lever.name, bool(average)))
            row[column] = _answer(case, answer, bool(average)) if answer is not None else ""
        rows[at_head(lever)] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("what")


def _answer(case: CaseFile, found: Solved | UnsolvedError, average: bool) -> str:
    if isinstance(found, UnsolvedError):
        if found.reached is None:
            return say("solve.any")
        return say("solve.not_alone", reached=figure_words("return", found.reached), remedy=found.remedy)
    if average and found.lever.unit == "times":  # of few draws
        return say("solve.about", factor=found.value)
    more = say("solve.and_others", count=len(found.others)) if found.others else ""
    return written(case, found.lever, found.value) + more


@in_its_language
def amounts(case: CaseFile, found: Tried | None = None) -> pd.DataFrame:
    """A price that is a multiplier, in money: what each outcome pays today and at the prices found.

    Columns ``paid for`` (each, or in full), ``today``, ``as expected`` and ``on average``, in words; index ``outcome``.
    No rows where the price is an amount by itself, where none was found, or where there are more than a dozen.
    """
    found = tried(case) if found is None else found
    solved = {average: one for (name, average), one in found.items() if name == "price" and isinstance(one, Solved)}
    today, rows = _paying(case), {}
    if any(one.lever.unit == "times" for one in solved.values()) and len(today) <= LINES:
        at = {average: _paying(one.case) for average, one in solved.items()}
        for name, (kind, now) in today.items():
            row = {"paid for": say(f"solve.{kind}"), "today": _amount(case, now)}
            row["as expected"] = _amount(case, at[False][name][1]) if False in at else ""
            mean = f"{at[True][name][1]:.3g}" if True in at else ""  # of few draws
            row["on average"] = say("solve.about_amount", amount=_amount(case, float(mean))) if mean else ""
            rows[name] = row
    columns = ["paid for", "today", "as expected", "on average"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("outcome")


def _paying(case: CaseFile) -> dict[str, tuple[str, float]]:
    """What each outcome, or line of a card, pays by results: each, or in full."""
    paying: dict[str, tuple[str, float]] = {}
    for one in case.paid:
        if one.card:
            paying |= {line.name: ("each", line.price) for line in one.card}
        elif one.schedule != "fixed":
            paying[one.name] = ("in_full" if one.price is None else "each", price_of(case, one)[0])
    return paying


def _amount(case: CaseFile, value: float) -> str:
    return f"{case.about.currency} {value:,.0f}" if abs(value) >= 1000 else f"{case.about.currency} {value:,.2f}"


@in_its_language
def grids(case: CaseFile) -> list[tuple[str, pd.DataFrame]]:
    """What is paid, and in words what investors earn, by price (columns) and result (rows), each with its caption."""
    table = _named(price_grid(case))
    shown = {"paid": table["paid"], "return": table["return"].map(rate_words)}
    captions = {"paid": say("solve.grid_paid", money=case.money), "return": say("solve.grid_return")}
    made = []
    for what, values in shown.items():
        wide = table.assign(shown=values).pivot(index="result", columns="price", values="shown")
        wide = wide.loc[table["result"].drop_duplicates(), table["price"].drop_duplicates()]
        made.append((captions[what], wide.rename_axis(index="result", columns=None)))
    return made


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """The grid with prices and results as they are called."""
    prices = [say("solve.price_times", factor=price) for price in table["price"]]
    return table.assign(price=prices, result=[_result(result) for result in table["result"]])


def _result(factor: float) -> str:
    if factor == 1:
        return head("as expected")
    return say("solve.result_more" if factor > 1 else "solve.result_less", share=100 * abs(factor - 1))


def said(case: CaseFile) -> Iterator[str]:
    """What the tables come to, in sentences."""
    aim = rate_words(_aim(case))
    now, mean = returned(case), returned(case, average=True)
    key = "wanted" if case.investment.wanted else "unwanted"
    yield say(f"solve.said_{key}", aim=aim, now=rate_words(now), mean=rate_words(mean))
    yield say("solve.said_how")
    yield from _lower(case)


def _lower(case: CaseFile) -> Iterator[str]:
    """Where a lower price earns more, as the service stops sooner: the result at which it does so most."""
    table = price_grid(case)
    pairs = [
        (less["return"] - more["return"], less, more)
        for _, rows in table.sort_values("price").groupby("result")
        for less, more in itertools.pairwise(rows.to_dict("records"))
    ]
    falls = [pair for pair in pairs if 0.0005 < pair[0] < math.inf]
    for _, less, more in sorted(falls, key=lambda pair: -pair[0]):
        part, whole = (share_served(_at(case, cell)) for cell in (less, more))
        if part < whole:
            ends = {end: say("solve.price_times", factor=at["price"]) for end, at in (("low", less), ("high", more))}
            rates = {"more": rate_words(less["return"]), "less": rate_words(more["return"])}
            shares = {"part": chance_words(part), "whole": chance_words(whole)}
            result = _result(less["result"])
            yield say("solve.said_lower", result=result[:1].upper() + result[1:], **ends, **rates, **shares)
            return


def _at(case: CaseFile, cell: dict[Any, float]) -> CaseFile:
    """The case of one cell of the grid."""
    priced = levers(case)["price"]
    changed = with_results(priced.moved(cell["price"] * (priced.now or 1.0)), cell["result"])
    assert changed is not None  # or the grid would not have it
    return changed


def pictures(case: CaseFile) -> list[Callable[[], Any]]:
    """The grid of returns as a chart."""
    from sibmodels import charts

    table = price_grid(case)
    lost = ~(table["return"] >= _aim(case))
    title = say("solve.grid_title", few=int(lost.sum()), all=len(table), aim=rate_words(_aim(case)))
    cells = _named(table).assign(
        gap=(table["return"] - _aim(case)).clip(-1, 1).fillna(-1.0),
        said=[rate_words(rate, 0).replace("-", "\N{MINUS SIGN}") for rate in table["return"]],
    )
    return [
        lambda: charts.heat(
            cells,
            "price",
            "result",
            "gap",
            words="said",
            axes=(say("solve.axis_price"), say("solve.axis_result")),
            title=title,
            description=say("report.table_has", title=title, rest=say("solve.every_cell")),
        )
    ]
