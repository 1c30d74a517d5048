"""Executable models of social impact bonds.

Flat modules, one idea each: `cases` (what is known), `contracts` (what is paid), `cashflows` (when, and
with what return), `simulation` (how sure), `value` (SROI), `governance` and `networks` (who decides, who
is tied to whom), `replays` (models beside published results). `charts` draws and never computes.
"""

from sibmodels import cases, tables
from sibmodels.cashflows import annualise, cash_flows, irr, is_conventional, money_multiple, npv, peak_draw
from sibmodels.contracts import Contract, Outcome, PaymentSchedule
from sibmodels.display import claims, show
from sibmodels.governance import agreement, index, rank_robustness
from sibmodels.networks import (
    centralization,
    density,
    design_concentration,
    reciprocity,
    stakeholder_network,
    tie_table,
)
from sibmodels.replays import replay
from sibmodels.simulation import breakeven, distribution, simulate, tornado
from sibmodels.value import SROI, sroi

__version__ = "0.1.0"

__all__ = [
    "SROI",
    "Contract",
    "Outcome",
    "PaymentSchedule",
    "agreement",
    "annualise",
    "breakeven",
    "cases",
    "cash_flows",
    "centralization",
    "claims",
    "density",
    "design_concentration",
    "distribution",
    "index",
    "irr",
    "is_conventional",
    "money_multiple",
    "npv",
    "peak_draw",
    "rank_robustness",
    "reciprocity",
    "replay",
    "show",
    "simulate",
    "sroi",
    "stakeholder_network",
    "tables",
    "tie_table",
    "tornado",
]
