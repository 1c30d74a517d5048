"""Published results replayed: the models run on what was put in print, beside what was paid."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Protocol

import pandas as pd

from sibmodels import cases, tables
from sibmodels.capital import Tranche, waterfall
from sibmodels.cashflows import cash_flows, irr
from sibmodels.contracts import PaymentSchedule
from sibmodels.rules import RULES as PAYMENT_RULES
from sibmodels.rules import Rule
from sibmodels.value import VALUE_MAP_COLUMNS, sroi

__all__ = ["replay"]


class Row(Protocol):
    """A row of ``published_results.csv``: what its rule reads."""

    case: str
    label: str
    performance: float
    target: float
    payment: float
    points: str


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
    {'published': 2.07, 'model': 2.0661, 'matches': True}
    """
    rows = tables.read("published_results") if rows is None else rows
    model = pd.Series([RULES[row.rule](row) for row in tables.rows(rows)], index=rows.index, dtype=float)
    digits = model.round(5)  # further than anything was printed
    table = pd.DataFrame(
        {
            "label": rows["label"],
            "tier": rows["tier"],
            "published": rows["value"],
            "model": digits,
            "difference": (digits - rows["value"]).round(5),
            "matches": (model - rows["value"]).abs() <= rows["precision"] * (1 + 1e-9),
        }
    )
    return table.set_index(pd.Index(rows["result"], name="result"))


def _sroi(row: Row) -> float:
    """SROI of a total benefit that was published net of what the value map's shares take away."""
    whole = dict.fromkeys(VALUE_MAP_COLUMNS, 0.0) | {
        "outcome": row.label,
        "stakeholder": "all",
        "quantity": 1,
        "proxy": row.performance,
        "duration": 1,
    }
    return sroi(pd.DataFrame([whole]), inputs=row.target, rate=0.0).ratio


def _contract(row: Row) -> float:
    return cases.contract(row.case).total(cases.performance(row.case))


def _paid(rule: Rule, row: Row) -> float:
    """What a payment rule pays; ``payment`` is its amount or its price, ``target`` its target or its cap."""
    pairs = (pair.split(":") for pair in getattr(row, "points", "").split())
    terms = {"target": row.target, "cap": row.target, "amount": row.payment, "price": row.payment, "count": False}
    given = {key: value for key, value in terms.items() if not pd.isna(value)}
    return rule.make(given | {"points": [(float(x), float(y)) for x, y in pairs]})(row.performance)


def _any_effect(row: Row) -> float:
    """The most generous rule that pays only for an effect: all of the payment for any above zero."""
    return PaymentSchedule.threshold(math.ulp(0.0), row.payment)(row.performance)


def _bullet(row: Row) -> float:
    """Return a year on one sum out at the start and one back at the end."""
    return irr([-row.payment, *[0.0] * (int(row.target) - 1), row.performance])


def _drawn(row: Row) -> float:
    """Return a year on a sum that goes out in equal parts at the start of each year and comes back at the end."""
    years = int(row.target)
    return irr([-row.payment / years] * years + [row.performance])


def _coupon_irr(row: Row) -> float:
    """Return a year, twice that of half a year, on 1 with a half-yearly coupon and a premium at the end."""
    coupons = [row.performance / 2] * round(2 * row.target)
    return 2 * irr([-1.0, *coupons[:-1], coupons[-1] + 1 + row.payment])


def _guarantee(row: Row) -> float:
    """What a lender loses: the loan less what the payer pays and a guarantor makes good."""
    flows = cash_flows([row.performance, 0.0], [0.0, row.payment], guarantee=row.target)
    return -float(flows["investor"].sum())


def _protected(row: Row) -> float:
    """What a lender loses if a guarantor makes principal good up to an amount."""
    loan = Tranche("loan", row.performance, protected=row.target / row.performance, surplus=1.0)
    return float(-waterfall([row.performance, 0.0], [0.0, row.payment], [loan])["loan"].sum())


RULES: dict[str, Callable[[Row], float]] = {
    "sroi": _sroi,
    "ratio": lambda row: row.performance / row.target,
    "reduction": lambda row: 1 - row.performance / row.target,
    "difference": lambda row: row.target - row.performance,
    "any_effect": _any_effect,
    **{name: functools.partial(_paid, rule) for name, rule in PAYMENT_RULES.items()},
    "contract": _contract,
    "return": _bullet,
    "drawn_return": _drawn,
    "coupon_irr": _coupon_irr,
    "coupon_sum": lambda row: row.performance + row.payment / row.target,
    "guarantee": _guarantee,
    "protected": _protected,
}
RULES |= {old: RULES[new] for old, new in {"rate_card": "rate card", "steps": "step", "lines": "linear"}.items()}
"""How each rule of ``published_results.csv`` computes a result from its row (three also by their first names)."""
