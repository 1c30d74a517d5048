"""Who gets picked: a crowd before a door with few places, and three ways to pay the one who opens it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from casebook.plays.frame import Choice, Play, Term, Terms, plain
from casebook.words import word
from sibmodels import cases, selection

PEOPLE = 60
WORLDS = ("hard", "anybody", "near")
RULES = ("per success", "per impact", "rate card in bands")
TERMS = {
    "places": Term(5, 55, 1, 20),
    "price": Term(1, 6, 0.1, 2, only=("rate card in bands",)),
}


def _assumed(key: str) -> float:
    return float(cases.assumption("general", f"paid_{key}").value)


@lru_cache
def data() -> dict[str, Any]:
    """The crowd: each one's chance without the service, and what it adds where these or those gain most."""
    top, most = (_assumed(key) for key in ("baseline_most", "gain_most"))
    # spread evenly, so that no corner of the crowd is a chance of drawing
    chance = top * (np.arange(PEOPLE) + 0.5) / PEOPLE
    luck = (np.arange(1, PEOPLE + 1) * (np.sqrt(5) - 1) / 2) % 1
    gains = {"hard": most * (1 - chance) * luck, "anybody": most / 2 * luck, "near": most * chance * luck}
    return {
        "chance": chance.tolist(),
        "gain": {world: gain.tolist() for world, gain in gains.items()},
        "cut": _assumed("cut"),
    }


def settled(terms: Terms) -> dict[str, dict[str, float]]:
    """By rule, and by lot: successes expected, those that the service causes, and those that come anyway."""
    known = data()
    chance, gain = np.array(known["chance"]), np.array(known["gain"][terms["who"]])
    table = selection(chance, gain, int(terms["places"]), (terms["price"], 1.0), known["cut"])
    share = terms["places"] / PEOPLE
    lot = {"impact": gain.sum() * share, "deadweight": chance.sum() * share}
    found = {rule: {key: float(table.at[rule, key]) for key in lot} for rule in RULES}
    return {**found, "by lot": {key: float(value) for key, value in lot.items()}}


def said(terms: Terms) -> tuple[str, str]:
    """What the chosen rule brings, beside a lottery and the best there is."""
    sums = settled(terms)
    here, lot, best = sums[terms["rule"]], sums["by lot"]["impact"], sums["per impact"]["impact"]
    caused, anyway = here["impact"], here["deadweight"]
    given = {"places": int(terms["places"]), "people": PEOPLE, "successes": plain(caused + anyway)}
    verdict = word("play.js.picked_verdict", **given, caused=plain(caused))
    return verdict, word("play.js.picked_how", anyway=plain(anyway), lot=plain(lot), best=plain(best))


def rows(terms: Terms) -> list[list[str]]:
    """Every rule, and a lottery."""
    table = [[word(f"play.js.picked_{head}") for head in ("paid", "successes", "caused", "anyway")]]
    for rule, sums in settled(terms).items():
        words = word(f"play.js.picked_row_{rule}")
        caused, anyway = sums["impact"], sums["deadweight"]
        table.append([words, plain(caused + anyway), plain(caused), plain(anyway)])
    return table


PLAY = Play(
    "picked",
    TERMS,
    {
        "rule": Choice(RULES, "per success"),
        "who": Choice(WORLDS, "hard"),
    },
    said,
    rows,
    data=data,
)
