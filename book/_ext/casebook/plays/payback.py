"""Did Kobe pay back: dialysis avoided, year by year, beside what the city paid."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from casebook.plays.frame import Choice, Play, Term, Terms, plain
from casebook.words import counted, word
from sibmodels import cases, cohort_model, discount_factors, savings

STATES = ["micro", "macro", "raised", "dialysis", "dead"]
YEARS = 30
SHOWN = (5, 10, 20, 30)
STAGES = ("mix", "micro", "macro", "raised")
TERMS = {
    "effect": Term(0, 80, 1, 20, "\u00a0%"),
    "lasting": Term(1, 30, 1, 5),
    "horizon": Term(1, 30, 1, 30),
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
    given = {"years": counted("play.js.payback_years", horizon), "saved": plain(saved[-1]), "paid": plain(paid)}
    verdict = word(f"play.js.payback_{'never' if back is None else 'back'}", back=back, **given)
    return verdict, word("play.js.payback_how", inside=plain(found["inside"]))


def rows(terms: Terms) -> list[list[str]]:
    """What is saved by when."""
    found, paid = settled(terms), data()["paid"]
    dates = {word("play.js.payback_contract"): found["inside"]}
    dates |= {counted("play.js.payback_years", year): found["so far"][year - 1] for year in SHOWN}
    table = [[word(f"play.js.payback_{head}") for head in ("within", "saved", "share")]]
    return table + [[words, plain(value), plain(100 * value / paid)] for words, value in dates.items()]


PLAY = Play("payback", TERMS, {"stage": Choice(STAGES, "mix")}, said, rows, data=data)
