"""Published results replayed: the models run on what was put in print, beside what was paid."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from sibmodels import cases, tables
from sibmodels.contracts import PaymentSchedule
from sibmodels.value import VALUE_MAP_COLUMNS, sroi

__all__ = ["replay"]


def replay(rows: pd.DataFrame | None = None) -> pd.DataFrame:
    """Run every row of ``published_results.csv`` by its rule.

    Parameters
    ----------
    rows : DataFrame, optional
        Rows in that table's columns; the whole table if None.

    Returns
    -------
    DataFrame
        Index ``result``; columns ``label``, ``tier``, ``published``, ``model``, ``difference`` and
        ``matches`` (a difference of at most the half digit that printing rounds away).

    Examples
    --------
    >>> replay().loc["yokohama-fy2019", ["published", "model", "matches"]].to_dict()
    {'published': 2.07, 'model': 2.066, 'matches': True}
    """
    rows = tables.read("published_results") if rows is None else rows
    model = pd.Series([RULES[row.rule](row) for row in rows.itertuples()], index=rows.index, dtype=float)
    digits = model.round(3)  # further than anything was printed
    table = pd.DataFrame(
        {
            "label": rows["label"],
            "tier": rows["tier"],
            "published": rows["value"],
            "model": digits,
            "difference": (digits - rows["value"]).round(3),
            "matches": (model - rows["value"]).abs() <= rows["precision"] * (1 + 1e-9),
        }
    )
    return table.set_index(pd.Index(rows["result"], name="result"))


def _sroi(row) -> float:
    """SROI of a total benefit that was published net of what the value map's shares take away."""
    whole = dict.fromkeys(VALUE_MAP_COLUMNS, 0.0) | {
        "outcome": row.label,
        "stakeholder": "all",
        "quantity": 1,
        "proxy": row.performance,
        "duration": 1,
    }
    return sroi(pd.DataFrame([whole]), inputs=row.target, rate=0.0).ratio


def _contract(row) -> float:
    return cases.contract(row.case).total(cases.performance(row.case))


RULES: dict[str, Callable] = {
    "sroi": _sroi,
    "ratio": lambda row: row.performance / row.target,
    "reduction": lambda row: 1 - row.performance / row.target,
    "threshold": lambda row: PaymentSchedule.threshold(row.target, row.payment)(row.performance),
    "proportional": lambda row: PaymentSchedule.proportional(row.target, row.payment)(row.performance),
    "rate_card": lambda row: PaymentSchedule.rate_card(row.payment, None if pd.isna(row.target) else row.target)(
        row.performance
    ),
    "contract": _contract,
}
"""How each rule of ``published_results.csv`` computes a result from its row."""
