"""Executable models of social impact bonds.

Flat modules, one idea each: `cases` (what is known), `contracts` (what is paid), `cashflows` (when, and
with what return), `simulation` (how sure), `value` (SROI, savings), `evaluation` (what can be shown),
`incentives` (what is asked of a provider), `commissioning` (SIB or not), `governance` and `networks` (who
decides, who is tied to whom), `isomorphism` (do fields grow alike), `replays` (models beside published
results). `charts` draws and never computes.
"""

from sibmodels import cases, tables
from sibmodels.cashflows import annualise, cash_flows, irr, is_conventional, money_multiple, npv, peak_draw
from sibmodels.commissioning import Service, break_even_uplift, compare
from sibmodels.contracts import Contract, Outcome, PaymentSchedule
from sibmodels.display import claims, show
from sibmodels.evaluation import (
    Doughnut,
    doughnut,
    doughnut_trial,
    minimum_detectable_effect,
    payment_errors,
    power,
    regression_to_the_mean,
    sample_size,
)
from sibmodels.governance import agreement, index, rank_robustness
from sibmodels.incentives import alignment, effort, optimal_weights, selection
from sibmodels.isomorphism import (
    expected_kinds,
    fit_theta,
    hill_interval,
    hill_number,
    imitation,
    permutation_test,
)
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
from sibmodels.value import SROI, cohort_model, discount_factors, savings, sroi

__version__ = "0.1.0"

__all__ = [
    "SROI",
    "Contract",
    "Doughnut",
    "Outcome",
    "PaymentSchedule",
    "Service",
    "agreement",
    "alignment",
    "annualise",
    "break_even_uplift",
    "breakeven",
    "cases",
    "cash_flows",
    "centralization",
    "claims",
    "cohort_model",
    "compare",
    "density",
    "design_concentration",
    "discount_factors",
    "distribution",
    "doughnut",
    "doughnut_trial",
    "effort",
    "expected_kinds",
    "fit_theta",
    "hill_interval",
    "hill_number",
    "imitation",
    "index",
    "irr",
    "is_conventional",
    "minimum_detectable_effect",
    "money_multiple",
    "npv",
    "optimal_weights",
    "payment_errors",
    "peak_draw",
    "permutation_test",
    "power",
    "rank_robustness",
    "reciprocity",
    "regression_to_the_mean",
    "replay",
    "sample_size",
    "savings",
    "selection",
    "show",
    "simulate",
    "sroi",
    "stakeholder_network",
    "tables",
    "tie_table",
    "tornado",
]
