"""A search of the game's term sheets: what a table could sign, and what would come of it for each seat.

`make test` has a seeded sample; `make prove` searches at length (`tests/prove/test_bargaining.py`).
"""

from dataclasses import dataclass, replace

import numpy as np

from sibmodels.teach import negotiation as game

DRAWS, SEED = 200, 7
STEPS = (0.02, 0.08, 0.25)  # how far a change of a term goes, in parts of its range


@dataclass(frozen=True)
class Deal:
    """A sheet and the points of each seat on average, with the hours of a provider that does its best for itself."""

    sheet: game.TermSheet
    points: np.ndarray

    @property
    def lowest(self) -> float:
        return float(self.points.min())


def deal(sheet, draws=DRAWS, seed=SEED) -> Deal:
    return Deal(sheet, game.odds(sheet, draws, seed)["points"].to_numpy())


def sheet(values, evaluation) -> game.TermSheet:
    """A valid sheet near some values."""
    terms = game._terms()
    kept = dict(zip(terms.index, np.clip(values, terms["low"], terms["high"]), strict=True))
    kept["places"] = round(kept["places"])
    kept["fixed"] = min(kept["fixed"], kept["cap"])
    kept["pay_wellbeing"] = max(kept["pay_wellbeing"], 1.0)  # something is paid for results
    return game.TermSheet("Searched", **kept, evaluation=str(evaluation))


def anywhere(rng) -> game.TermSheet:
    """Any valid sheet: what a table might write without a thought."""
    terms = game._terms()
    return sheet(rng.uniform(terms["low"], terms["high"]), rng.choice(game.EVALUATIONS))


def near(one, rng) -> game.TermSheet:
    """A sheet that differs in about a third of its terms."""
    terms = game._terms()
    values = np.array([getattr(one, term) for term in terms.index])
    moved = rng.normal(0, 1, len(values)) * (terms["high"] - terms["low"]) * rng.choice(STEPS)
    evaluation = one.evaluation if rng.random() < 0.93 else rng.choice(game.EVALUATIONS)
    return sheet(values + (rng.random(len(values)) < 0.35) * moved, evaluation)


def climb(start, rng, steps, goal) -> list[Deal]:
    """Every deal seen on the way up: changes are kept that do not lower the goal."""
    best, seen = start, [start]
    for _ in range(steps):
        tried = deal(near(best.sheet, rng))
        seen.append(tried)
        if goal(tried) >= goal(best):
            best = tried
    return seen


def bargained(rng, climbs, steps, starts=15) -> list[Deal]:
    """The deals that tables come by which look after the seat that has least, in several attempts."""
    seen = []
    for _ in range(climbs):
        start = max((deal(anywhere(rng)) for _ in range(starts)), key=lambda one: one.lowest)
        seen += climb(start, rng, steps, lambda one: one.lowest + 0.02 * one.points.sum())
    return seen


def certain(one) -> bool:
    """Whether the payment is all but certain: the cap takes something in every world, or hardly anything moves it."""
    worlds = game.play(one.sheet, DRAWS, SEED)
    return bool(worlds["capped"].all() or worlds["paid"].std() < 0.03 * worlds["paid"].mean())


def grants(rng, number) -> list[Deal]:
    """Contracts in name only: what is paid hardly hangs on results, for it is fixed or the cap always binds."""
    made = []
    for place in range(number):
        one = anywhere(rng)
        if place % 2:
            one = replace(one, fixed=rng.uniform(100_000, 150_000), pay_work=1.0, pay_wellbeing=1.0, cap=300_000)
        else:
            one = replace(one, cap=max(one.fixed, 100_000.0), pay_work=10_000.0, pay_wellbeing=5_000.0)
        made.append(deal(one))
    return made


def frontier(deals) -> list[Deal]:
    """Deals to which no other is as good for every seat and better for one."""
    points = np.array([one.points for one in deals])
    kept = []
    for place, mine in enumerate(points):
        better = (points >= mine).all(axis=1) & (points > mine).any(axis=1)
        if not better.any():
            kept.append(deals[place])
    return kept
