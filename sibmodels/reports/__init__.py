"""What a case file comes to: a page, a notebook, a workbook with live formulas, and the tables behind them."""

from sibmodels.reports.chapter import notebook
from sibmodels.reports.comparing import Comparison, compare_terms, price_grid
from sibmodels.reports.page import html
from sibmodels.reports.solving import Lever, Solved, UnsolvedError, chance_not_to_lose, levers, returned, solve
from sibmodels.reports.tables import (
    FORMATS,
    alignment,
    caps,
    cards,
    curves,
    draws,
    evaluated,
    flows,
    lucks,
    pulls,
    rates,
    risk,
    scenarios,
    sensitivity,
    steps,
    term_sheet,
    tranches,
    world,
)

__all__ = [
    "FORMATS",
    "Comparison",
    "Lever",
    "Solved",
    "UnsolvedError",
    "alignment",
    "caps",
    "cards",
    "chance_not_to_lose",
    "compare_terms",
    "curves",
    "draws",
    "evaluated",
    "flows",
    "html",
    "levers",
    "lucks",
    "notebook",
    "price_grid",
    "pulls",
    "rates",
    "returned",
    "risk",
    "scenarios",
    "sensitivity",
    "solve",
    "steps",
    "term_sheet",
    "tranches",
    "world",
]
