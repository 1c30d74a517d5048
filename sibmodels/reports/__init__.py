"""What a case file comes to: a page, a notebook, a workbook with live formulas, and the tables behind them."""

from sibmodels.reports.chapter import notebook
from sibmodels.reports.page import html
from sibmodels.reports.tables import (
    FORMATS,
    alignment,
    curves,
    draws,
    evaluated,
    flows,
    pulls,
    risk,
    scenarios,
    sensitivity,
    term_sheet,
    world,
)

__all__ = [
    "FORMATS",
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
