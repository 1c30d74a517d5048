"""Executable models of social impact bonds.

The models, an idea each: `contracts` (what is paid), `people` (figures of groups, rate cards), `cashflows`
(when, and with what return), `capital` (in layers), `simulation` (how sure), `value` (SROI, savings),
`evaluation` (what can be shown), `incentives` (what is asked of a provider), `commissioning` (SIB or not),
`governance` and `networks` (who decides, who is tied to whom), `isomorphism` (do fields grow alike), `samples`
(what few can show).
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
    from sibmodels.people import *
    from sibmodels.replays import *
    from sibmodels.samples import *
    from sibmodels.simulation import *
    from sibmodels.teach.coding import *
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
    ),
    "governance": (
        "agreement",
        "agreement_coverage",
        "agreement_interval",
        "index",
        "rank_robustness",
    ),
    "incentives": ("alignment", "coproduction", "effort", "optimal_weights", "selection"),
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
    "people": ("Card", "Line", "Metric"),
    "replays": ("replay",),
    "samples": ("median_interval",),
    "simulation": ("CardResult", "Result", "breakeven", "distribution", "measure", "simulate", "tornado"),
    "teach.coding": ("coding_sheet", "compare_codings", "read_codings"),
    "value": ("SROI", "cohort_model", "discount_factors", "lasting", "savings", "sroi"),
}
"""Where each public name lives."""

_MODULES = {name: name for name in ("casefile", "cases", "charts", "indigo", "reports", "tables", "teach", *_HOME)} | {
    "exercises": "teach.exercises",
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
