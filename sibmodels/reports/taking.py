"""The report's part on what it would take: terms for the return that investors want, other prices, other results."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from sibmodels.casefile import CaseFile
from sibmodels.messages import head, say
from sibmodels.reports.comparing import price_grid
from sibmodels.reports.solving import (
    Lever,
    UnsolvedError,
    at_head,
    figure_words,
    levers,
    now_words,
    rate_words,
    returned,
    solve,
    written,
)
from sibmodels.reports.tables import flowing

__all__ = ["grids", "needed", "said", "solvable"]

TARGETS = 3  # where there are more, the command solves for each
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


def needed(case: CaseFile) -> pd.DataFrame:
    """What each term would have to be, the others as they are, for the return that investors want.

    Columns ``today``, ``as expected`` (for the wanted return at the performance expected) and ``on average`` (for that
    return over the draws; for prices alone), in words; index ``what``.
    """
    rows = {}
    for lever in _asked(case):
        row = {"today": now_words(case, lever)}
        row["as expected"] = _answer(case, lever, False)
        row["on average"] = _answer(case, lever, True) if lever.name == "price" else ""
        rows[at_head(lever)] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("what")


def _answer(case: CaseFile, lever: Lever, average: bool) -> str:
    count = max(min(_CELLS // len(case.periods()), 1000), 50)
    rough = dataclasses.replace(lever, grid=lever.grid[:: lever.grid.size // GRID])
    try:
        found = solve(case, rough, _aim(case), average=average, count=count)
    except UnsolvedError as error:
        if error.reached is None:
            return say("solve.any")
        return say("solve.not_alone", reached=figure_words("return", error.reached))
    if average and lever.unit == "times":  # of few draws
        return say("solve.about", factor=found.value)
    more = say("solve.and_others", count=len(found.others)) if found.others else ""
    return written(case, found.lever, found.value) + more


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
