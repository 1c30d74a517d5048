"""The report's part on what it would take: terms for the return that investors want, other prices, other results."""

from __future__ import annotations

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
from sibmodels.reports.tables import amount, flowing

__all__ = ["grids", "needed", "said", "solvable"]

TARGETS = 3  # as many are solved for in a report; the command solves for any
_CELLS = 60_000  # draws by periods of an average here: the command takes all draws


def solvable(case: CaseFile) -> bool:
    """Whether investors' return can be solved for."""
    return flowing(case) and case.in_money and bool(_asked(case))


def _asked(case: CaseFile) -> list[Lever]:
    """The levers of a report: the price of everything, targets, and the cap, where there is one."""
    known = levers(case)
    targets = [one for name, one in known.items() if name.startswith("target")][:TARGETS]
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
    count = max(min(_CELLS // len(case.periods()), 2000), 50)
    try:
        found = solve(case, lever.name, _aim(case), average=average, count=count)
    except UnsolvedError as error:
        if error.reached is None:
            return say("solve.any")
        return say("solve.not_alone", reached=figure_words("return", error.reached))
    if average and lever.unit == "times":  # of few draws
        return say("solve.about", factor=found.value)
    more = say("solve.and_others", count=len(found.others)) if found.others else ""
    return written(case, found.lever, found.value) + more


def grids(case: CaseFile) -> list[tuple[str, pd.DataFrame]]:
    """What is paid and what investors earn, in words, by price (columns) and result (rows), each with its caption."""
    table = price_grid(case)
    texts = _cells(case, table)
    made = []
    for what, caption in (
        ("paid", say("solve.grid_paid", money=case.money)),
        ("return", say("solve.grid_return")),
    ):
        if what == "return" and not (flowing(case) and case.in_money):
            continue
        wide = texts.pivot(index="result", columns="price", values=what)
        wide = wide.loc[texts["result"].drop_duplicates(), texts["price"].drop_duplicates()]
        wide.index.name, wide.columns.name = "result", None
        made.append((caption, wide))
    return made


def _cells(case: CaseFile, table: pd.DataFrame) -> pd.DataFrame:
    """The grid in words."""
    return pd.DataFrame(
        {
            "price": [say("solve.price_times", factor=price) for price in table["price"]],
            "result": [_result(result) for result in table["result"]],
            "paid": [amount(case, paid) for paid in table["paid"]],
            "return": [rate_words(rate) for rate in table["return"]],
        }
    )


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
    cells = _cells(case, table).assign(gap=(table["return"] - _aim(case)).clip(-1, 1).fillna(-1.0))
    return [
        lambda: charts.heat(
            cells,
            "price",
            "result",
            "gap",
            words="return",
            axes=(say("solve.axis_price"), say("solve.axis_result")),
            title=title,
            description=say("report.table_has", title=title, rest=say("solve.every_cell")),
        )
    ]
