"""What a case file comes to: a page, a notebook, a workbook with live formulas, and the tables behind them."""

from sibmodels.reports.chapter import notebook
from sibmodels.reports.page import html
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
    "alignment",
    "caps",
    "cards",
    "curves",
    "draws",
    "evaluated",
    "flows",
    "html",
    "lucks",
    "notebook",
    "pulls",
    "rates",
    "risk",
    "scenarios",
    "sensitivity",
    "steps",
    "term_sheet",
    "tranches",
    "world",
]
