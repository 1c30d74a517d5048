"""Executable models of social impact bonds.

The models, an idea each: `contracts` (what is paid), `people` (figures of groups, rate cards), `cashflows`
(when, and with what return), `capital` (in layers), `simulation` (how sure), `value` (SROI, savings),
`evaluation` (what can be shown), `incentives` (what is asked of a provider), `relations` (what a promise can
hold), `commissioning` (SIB or not), `pricing` (what an outcome must be paid), `unitcosts` (what one comes to),
`portfolio` (many contracts), `options` (rights to stop and reset), `governance` and `networks` (who decides, who
is tied to whom), `isomorphism` (do fields grow alike), `samples` (what few can show).
The evidence: `tables` (the data), `cases` (the four cases), `replays` (models beside published results),
`indigo` (the world's bonds). What is shown: `charts` draws and never computes, `display` writes tables.
A SIB of your own: `casefile` (the file), `reports` (what it comes to), also as `python -m sibmodels`.
For classes: `teach`.

Nothing is loaded before it is used: importing the package costs next to nothing, and only what draws
loads Altair.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what the table below says, for those who read types
    from sibmodels.capital import *
    from sibmodels.cashflows import *
    from sibmodels.commissioning import *
    from sibmodels.contracts import *
    from sibmodels.display import *
    from sibmodels.evaluation import *
    from sibmodels.governance import *
    from sibmodels.incentives import *
    from sibmodels.isomorphism import *
    from sibmodels.networks import *
    from sibmodels.options import *
    from sibmodels.people import *
    from sibmodels.portfolio import *
    from sibmodels.pricing import *
    from sibmodels.relations import *
    from sibmodels.replays import *
    from sibmodels.samples import *
    from sibmodels.simulation import *
    from sibmodels.teach.coding import *
    from sibmodels.unitcosts import *
    from sibmodels.value import *

__version__ = "0.2.0"

_HOME = {
    "capital": ("Break", "Tranche", "ended", "waterfall"),
    "cashflows": ("annualise", "cash_flows", "irr", "is_conventional", "money_multiple", "npv", "peak_draw"),
    "commissioning": ("Service", "break_even_uplift", "compare"),
    "contracts": ("Contract", "Dated", "Outcome", "PaymentSchedule", "capped_expectation", "use_up"),
    "display": ("claims", "findings", "show"),
    "evaluation": (
        "Doughnut",
        "contract_mde",
        "contract_power",
        "doughnut",
        "doughnut_trial",
        "minimum_detectable_effect",
        "payment_errors",
        "power",
        "regression_to_the_mean",
        "sample_size",
        "value_of_information",
    ),
    "governance": (
        "agreement",
        "agreement_coverage",
        "agreement_interval",
        "index",
        "rank_robustness",
    ),
    "incentives": (
        "alignment",
        "best_pay",
        "coproduction",
        "effort",
        "motivated_effort",
        "optimal_weights",
        "selection",
    ),
    "isomorphism": (
        "expected_kinds",
        "fit_polya",
        "fit_theta",
        "hill_coverage",
        "hill_interval",
        "hill_number",
        "imitation",
        "likeness",
        "permutation_test",
    ),
    "networks": (
        "centralization",
        "density",
        "design_bounds",
        "design_concentration",
        "design_roles",
        "known_ties",
        "reciprocity",
        "stakeholder_network",
        "tie_table",
    ),
    "options": ("exit_option", "expected_shortfall", "rebasing"),
    "people": ("Card", "Line", "Metric"),
    "portfolio": ("portfolio_sd", "shared_shock"),
    "relations": ("kept_promise", "least_patience", "patience", "patience_needed"),
    "pricing": ("crossings", "price", "success_payment"),
    "replays": ("replay",),
    "samples": ("median_interval",),
    "simulation": (
        "CardResult",
        "Result",
        "breakeven",
        "concentration_for",
        "distribution",
        "measure",
        "simulate",
        "tornado",
        "within",
    ),
    "teach.coding": ("coding_sheet", "compare_codings", "read_codings"),
    "unitcosts": ("break_even_volume", "decided_by_top_up", "price_per_extra", "price_to_reach", "top_up"),
    "value": ("SROI", "cohort_model", "discount_factors", "lasting", "savings", "sroi"),
}
"""Where each public name lives."""

_MODULES = {name: name for name in ("casefile", "cases", "charts", "indigo", "reports", "tables", "teach", *_HOME)} | {
    "exercises": "teach.exercises",
    "judging": "teach.judging",
    "marking": "teach.marking",
    "negotiation": "teach.negotiation",
    "workbook": "reports.workbook",
}
"""Where each module lives that one may ask the package for."""

__all__ = sorted(
    ["cases", "exercises", "indigo", "negotiation", "tables", *(name for names in _HOME.values() for name in names)]
)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"sibmodels.{_MODULES[name]}")
    for module, names in _HOME.items():
        if name in names:
            return getattr(import_module(f"sibmodels.{module}"), name)
    raise AttributeError(f"module 'sibmodels' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_MODULES, "__version__"})
