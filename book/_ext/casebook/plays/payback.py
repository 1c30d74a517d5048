"""Did Kobe pay back: dialysis avoided, year by year, beside what the city paid."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from casebook.plays.frame import Choice, Play, Term, Terms, plain
from sibmodels import cases, cohort_model, discount_factors, savings

STATES = ["micro", "macro", "raised", "dialysis", "dead"]
YEARS = 30
SHOWN = (5, 10, 20, 30)
STAGES = {
    "mix": "as the chapter assumes",
    "micro": "all early, with microalbuminuria",
    "macro": "all later, with macroalbuminuria",
    "raised": "all late, with raised creatinine",
}
TERMS = {
    "effect": Term("Progression prevented while the effect lasts", 0, 80, 1, 20, "\u00a0%"),
    "lasting": Term("Years that the effect lasts", 1, 30, 1, 5),
    "horizon": Term("Years that are counted", 1, 30, 1, 30),
}


@lru_cache
def data() -> dict[str, Any]:
    """What the chapter's model rests on: yearly shares, who starts where, and sums in million JPY."""
    assumed = cases.table("assumptions", "kobe").set_index("key")["value"]
    mix = {"macro": assumed["start_macro"], "raised": assumed["start_raised"]}
    mix = {"micro": 1 - sum(mix.values()), **mix}
    return {
        "steps": {state: float(assumed[f"progress_{state}"]) for state in STATES[:3]},
        "deaths": {state: float(assumed[f"death_{state}"]) for state in STATES[:4]},
        "mix": {state: float(share) for state, share in mix.items()},
        "discount": float(assumed["discount"]),
        "served": cases.fact("kobe", "served"),
        "dialysis": cases.fact("kobe", "dialysis_cost") / 1e6,
        "paid": cases.fact("kobe", "paid_total") / 1e6,
        "contract": cases.fact("kobe", "term") / 12,
    }


def _transitions(effect: float) -> pd.DataFrame:
    known, steps = data(), pd.DataFrame(0.0, STATES, STATES)
    for here, there in pairwise(STATES[:4]):
        steps.loc[here, there] = known["steps"][here] * (1 - effect)
    for here in STATES[:4]:
        steps.loc[here, "dead"] = known["deaths"][here]
    return steps + np.diag(1 - steps.sum(axis=1))


def _bill(effect: float, lasting: int, stage: str) -> pd.DataFrame:
    """Dialysis by year, the mean of its start and its end, discounted."""
    known = data()
    share = known["mix"] if stage == "mix" else {stage: 1.0}
    start = {state: known["served"] * part for state, part in share.items()}
    first = cohort_model(_transitions(effect), start, lasting, {"dialysis": known["dialysis"]})
    then = first[STATES].iloc[-1]
    rest = cohort_model(_transitions(0), then, YEARS - lasting, {"dialysis": known["dialysis"]})
    cost = pd.concat([first[:-1], rest], ignore_index=True)[["cost"]].rolling(2).mean().shift(-1)[:YEARS]
    return cost.rename_axis("year").mul(discount_factors(YEARS - 1, known["discount"]), axis=0)


def settled(terms: Terms) -> dict[str, Any]:
    """Saved so far by the end of each year, and within the contract; million JPY, discounted."""
    stage = terms["stage"]
    treated = _bill(terms["effect"] / 100, int(terms["lasting"]), stage)
    saved = savings(_bill(0, 1, stage), treated, data()["contract"])
    return {"so far": [float(value) for value in saved["cumulative"]], "inside": float(saved["inside"].sum())}


def said(terms: Terms) -> tuple[str, str]:
    """Whether what was paid comes back within the years counted, and what the contract saw of it."""
    found, paid, horizon = settled(terms), data()["paid"], int(terms["horizon"])
    saved = found["so far"][:horizon]
    back = next((year for year, sum_ in enumerate(saved, start=1) if sum_ >= paid - 1e-9), None)
    years = f"{horizon} year" + "s" * (horizon > 1)
    if back is None:
        verdict = f"It does not pay back in {years}: {plain(saved[-1])} of the {plain(paid)} million yen are saved."
    else:
        verdict = f"It pays back in year {back}; after {years} {plain(saved[-1])} million yen are saved, "
        verdict += f"{plain(paid)} were paid."
    how = f"Within the contract’s 33 months {plain(found['inside'])} million are saved. "
    how += "Only dialysis is counted, discounted."
    return verdict, how


def rows(terms: Terms) -> list[list[str]]:
    """What is saved by when."""
    found, paid = settled(terms), data()["paid"]
    dates = {"33 months, the contract": found["inside"]}
    dates |= {f"{year} years": found["so far"][year - 1] for year in SHOWN}
    table = [["Within", "Saved, million JPY", "Of what was paid, %"]]
    return table + [[words, plain(value), plain(100 * value / paid)] for words, value in dates.items()]


PLAY = Play("payback", TERMS, {"stage": Choice("Patients at the start", STAGES, "mix")}, said, rows, data=data)
