"""A luck machine: what a number of people earns by all or nothing, and in proportion, when draws differ."""

from __future__ import annotations

from math import comb

import numpy as np

from casebook.plays.frame import Play, Term, Terms, plain
from casebook.words import word
from sibmodels import PaymentSchedule

MOST = 100  # what each rule pays at the target
TERMS = {
    "people": Term(10, 400, 10, 30),
    "chance": Term(0, 100, 1, 55, "\u00a0%"),
    "target": Term(5, 100, 1, 60, "\u00a0%"),
    "draw": Term(1, 999, 1, 2, again=True),
}
RULES = {"all or nothing": PaymentSchedule.threshold, "in proportion": PaymentSchedule.proportional}


def uniform(seed: int, count: int) -> list[float]:
    """Numbers from 0 to 1 by mulberry32, which a script can make again."""
    drawn, state = [], (seed * 2654435761) & 0xFFFFFFFF
    for _ in range(count):
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        mixed = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
        mixed ^= (mixed + ((mixed ^ (mixed >> 7)) * (mixed | 61) & 0xFFFFFFFF)) & 0xFFFFFFFF
        drawn.append(((mixed ^ (mixed >> 14)) & 0xFFFFFFFF) / 2**32)
    return drawn


def reached(terms: Terms) -> int:
    """How many succeed in this draw; a higher chance never has fewer."""
    return sum(number * 100 < terms["chance"] for number in uniform(int(terms["draw"]), int(terms["people"])))


def settled(terms: Terms) -> dict[str, dict[str, float]]:
    """By rule: what this draw pays, the mean and spread of all draws, and how often nothing, and all, is paid."""
    people, chance = int(terms["people"]), terms["chance"] / 100
    counts = np.arange(people + 1)
    often = np.array([comb(people, k) * chance**k * (1 - chance) ** (people - k) for k in range(people + 1)])
    found = {}
    for name, rule in RULES.items():
        paid = np.asarray(rule(terms["target"] / 100, MOST)(counts / people))
        mean = float(often @ paid)
        found[name] = {
            "now": float(paid[reached(terms)]),
            "mean": mean,
            "spread": float(np.sqrt(max(often @ (paid - mean) ** 2, 0.0))),
            "nothing": float(100 * often[paid <= 1e-9].sum()),
            "all": float(100 * often[paid >= MOST - 1e-9].sum()),
        }
    return found


def said(terms: Terms) -> tuple[str, str]:
    """What this draw pays, and what luck does to either rule."""
    people, count, sums = int(terms["people"]), reached(terms), settled(terms)
    cliff, slope = sums["all or nothing"], sums["in proportion"]
    now = {"cliff": plain(cliff["now"]), "slope": plain(slope["now"])}
    verdict = word("play.js.luck_verdict", count=count, people=people, **now)
    pairs = (("cliff", cliff), ("slope", slope))
    given = {f"{rule}_{key}": plain(value) for rule, found in pairs for key, value in found.items()}
    return verdict, word("play.js.luck_how", **given)


def rows(terms: Terms) -> list[list[str]]:
    """Both rules side by side."""
    sums = settled(terms)
    table = [[word("play.js.luck_head"), *(word(f"play.js.luck_head_{rule}") for rule in RULES)]]
    keys = ("now", "mean", "spread", "nothing", "all")
    return table + [[word(f"play.js.luck_{key}"), *(plain(sums[rule][key]) for rule in RULES)] for key in keys]


PLAY = Play("luck", TERMS, {}, said, rows)
