"""What it would take: the price, target, cap or size of a contract at which a wanted figure is reached.

A lever is a term that moves while every other stays as the case file has it; `solve` finds where, by
`sibmodels.pricing.crossings`. Each answer is a case, so that whoever doubts it can put it back.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sibmodels import _arguments as check
from sibmodels import cashflows, display
from sibmodels._arguments import Floats
from sibmodels.casefile import PERIODS, CaseFile, Figure
from sibmodels.casefile.sections import CROWD, Measure
from sibmodels.messages import in_its_language, listed, percent, say
from sibmodels.pricing import crossings
from sibmodels.reports.tables import DRAWS, draws, flowing
from sibmodels.rules import RULES

__all__ = ["Lever", "Solved", "UnsolvedError", "chance_not_to_lose", "levers", "returned", "solve"]

STEPS = 37  # of a grid; every third doubles
FACTORS = np.geomspace(1 / 64, 64, STEPS)
_CELLS = 500_000  # draws by periods settled at once
CLOSE = {"return": 1e-9, "average": 1e-8, "chance": 1e-5}  # of the value; draws take time, and a chance moves in steps
_PENNY = 0.005  # who loses less has lost nothing


@dataclass(frozen=True)
class Lever:
    """A term that can be moved.

    Attributes
    ----------
    name : str
        As `solve` takes it.
    unit : str
        What its values are in: ``money``, ``times`` (today's), ``share``, ``people`` or ``score``.
    now : float or None
        What the case file has; None where it has none.
    grid : ndarray
        Where it is looked for, rising.
    moved : function
        The case with another value.
    """

    name: str
    unit: str
    now: float | None
    grid: Floats
    moved: Callable[[float], CaseFile]


@dataclass(frozen=True)
class Solved:
    """An answer of `solve`.

    Attributes
    ----------
    lever : Lever
        What was moved.
    value : float
        Where what is wanted is reached: the smallest such value.
    goal : str
        What was wanted: ``return``, ``average`` or ``chance``.
    wanted, reached : float
        The figure wanted, and the figure of `case`: the same, or more where the figure jumps.
    others : tuple of float
        Further values, where the figure comes to what is wanted, or leaves it, more than once.
    case : CaseFile
        The case with that value.
    """

    lever: Lever
    value: float
    goal: str
    wanted: float
    reached: float
    others: tuple[float, ...]
    case: CaseFile


class UnsolvedError(ValueError):
    """No value of a lever is the one that was asked for; `best` and `reached` are the nearest, if there is any.

    `remedy` says what is in the way.
    """

    def __init__(self, message: str, best: float | None = None, reached: float | None = None, remedy: str = "") -> None:
        super().__init__(message)
        self.best, self.reached, self.remedy = best, reached, remedy


def returned(case: CaseFile, average: bool = False, count: int = DRAWS) -> float:
    """Investors' return a year: at the performance expected, or of what they pay and get on average over the draws.

    The two differ: the first is earned if everything goes as expected, the second is what may be expected. Infinite
    where investors put nothing in and get something; NaN where no rate solves it.

    >>> from sibmodels.casefile import example
    >>> round(returned(example("kobe")), 4)
    0.0279
    """
    _needs_flows(case)
    flows = _mean_flows(case, count) if average else case.settled(case.performance())["investor"].to_numpy()
    rate = cashflows.irr(flows)
    if math.isfinite(rate):
        return float(cashflows.annualise(rate, 12 / PERIODS[case.timing.period]))
    return math.inf if flows.min() >= 0 and flows.max() > 0 else math.nan


def _mean_flows(case: CaseFile, count: int) -> Floats:
    """What investors pay and get in each period, on average over the draws."""
    drawn = case.draws(count)
    size = max(_CELLS // len(case.periods()), 1)
    sums = 0.0
    for start in range(0, len(drawn), size):
        some = drawn[start : start + size]
        sums = sums + case.settled(some)["investor"].to_numpy().reshape(len(some), -1).sum(axis=0)
    return np.asarray(sums / len(drawn))


def chance_not_to_lose(case: CaseFile, count: int = DRAWS) -> float:
    """In which share of the draws investors get back at least what they put in."""
    _needs_flows(case)
    return float((draws(case, count)["investor"] >= -_PENNY).mean())


def _needs_flows(case: CaseFile) -> None:
    if not flowing(case):
        raise UnsolvedError(say("solve.no_flows"))
    if not case.in_money:
        raise UnsolvedError(say("solve.no_money"))


@in_its_language
def levers(case: CaseFile, fixed: Iterable[str] = ()) -> dict[str, Lever]:
    """What can be moved in a case, by name.

    ``price`` is what is paid for results: of the one outcome that is paid for them, or of all in proportion, and
    ``price: NAME`` of one of several. ``target`` and ``target: NAME`` are what earns a payment in full. ``cap`` is the
    most that the contract pays. ``size`` is how many people are served: costs, but for those named in `fixed`, and with
    them what investors commit, grow as people do; comparison groups, and the terms, do not.

    Caps stay where they are when prices move, and prices when caps do.
    """
    fixed = list(fixed)
    costs = [item.name for item in case.cost]
    for name in fixed:
        if name not in costs:
            raise UnsolvedError(say("solve.no_such_cost", name=name, known=listed(costs)))
    found = [*_prices(case), *_targets(case), _cap(case)] if case.paid else []
    return {one.name: one for one in [*found, _size(case, fixed)]}


def _prices(case: CaseFile) -> list[Lever]:
    """Of every outcome that is paid for results, and of all of them."""
    numbers = [n for n, one in enumerate(case.outcome) if one.schedule not in ("none", "fixed")]
    found = []
    for n in numbers:
        now, unit = price_of(case, case.outcome[n])
        name = "price" if len(numbers) == 1 else f"price: {case.outcome[n].name}"
        found.append(Lever(name, unit, now, now * FACTORS, partial(_repriced, case, [n], now)))
    if len(numbers) > 1:
        found.insert(0, Lever("price", "times", 1.0, FACTORS, partial(_repriced, case, numbers, 1.0)))
    return found


def price_of(case: CaseFile, one: Measure) -> tuple[float, str]:
    """What a result earns at most, or a piece, and what that is in."""
    most = case.terms.maximum.value if case.terms.maximum else 100.0
    paid = (one.price, one.payment, Figure(one.weight * most) if one.weight else None)
    figure = next((figure.value for figure in paid if figure is not None and figure.value), 0.0)
    figure = figure or max((abs(y) for _, y in one.points), default=0.0)
    return (figure, "money") if figure and not one.card else (1.0, "times")


def _repriced(case: CaseFile, numbers: list[int], now: float, value: float) -> CaseFile:
    """What some outcomes pay, times value / now. Weights become payments: shares of a maximum hang together."""
    items, terms, factor = list(case.outcome), case.terms, value / now
    if terms.maximum is not None:
        most = terms.maximum.value
        items = [
            one
            if one.weight is None
            else dataclasses.replace(one, weight=None, payment=_times(Figure(one.weight), most))
            for one in items
        ]
        terms = dataclasses.replace(terms, maximum=None)
    for n in numbers:
        one = items[n]
        changed: dict[str, Any] = {
            key: _times(figure, factor) for key in ("price", "payment") if (figure := getattr(one, key)) is not None
        }
        changed["points"] = tuple((x, _kept(factor * y)) for x, y in one.points)
        changed["card"] = tuple(dataclasses.replace(line, price=_kept(factor * line.price)) for line in one.card)
        items[n] = dataclasses.replace(one, **changed)
    return dataclasses.replace(case, outcome=tuple(items), terms=terms)


def _targets(case: CaseFile) -> list[Lever]:
    """Of every outcome that a target pays for in full."""
    named = {n: one for n, one in enumerate(case.outcome) if one.schedule in RULES and _has_target(one)}
    found = []
    for n, one in named.items():
        assert one.target is not None
        now = one.target.value
        unit = {"share": "share", "score": "score"}.get(one.unit, "people")
        grid = now * FACTORS
        if unit != "score":
            whole = 1.0 if unit == "share" else float(case.people_of(one))
            least = one.floor.value if one.floor else 0.0
            tiny = min(whole / 1000, 1.0)
            grid = np.unique(np.clip(np.append(np.linspace(least, whole, STEPS), now), tiny, None))
        name = "target" if len(named) == 1 else f"target: {one.name}"
        found.append(Lever(name, unit, now, grid, partial(_retargeted, case, n)))
    return found


def _has_target(one: Measure) -> bool:
    return "target" in RULES[one.schedule].needs and one.target is not None


def _retargeted(case: CaseFile, number: int, value: float) -> CaseFile:
    items = list(case.outcome)
    items[number] = dataclasses.replace(items[number], target=Figure(_kept(value)))
    return dataclasses.replace(case, outcome=tuple(items))


def _cap(case: CaseFile) -> Lever:
    """The most that the contract pays; from its fixed payment to all that results can earn."""
    free = _capped(case, None)
    most = free.most_paid()
    most = most if math.isfinite(most) else 10 * max(free.total(free.performance()), 1.0)
    least = max(case.terms.fixed_payment.value, most / 1000)
    now = None if case.terms.cap is None else case.terms.cap.value
    grid = np.unique(np.append(np.linspace(least, max(most, 2 * least), STEPS), now or least))
    return Lever("cap", "money", now, grid, partial(_capped, case))


def _capped(case: CaseFile, value: float | None) -> CaseFile:
    cap = None if value is None else Figure(_kept(value))
    return dataclasses.replace(case, terms=dataclasses.replace(case.terms, cap=cap))


def _size(case: CaseFile, fixed: list[str]) -> Lever:
    now = case.cohort.people.value
    grid = np.unique(np.clip(np.round(now * np.append(FACTORS, 1.0)), 1, CROWD))
    return Lever("size", "people", now, grid, partial(_resized, case, fixed))


def _resized(case: CaseFile, fixed: list[str], value: float) -> CaseFile:
    """A case with about as many people in all, in proportion in each group."""
    factor = max(round(value), 1) / case.cohort.people.value
    costs = tuple(
        item if item.name in fixed else dataclasses.replace(item, amount=_times(item.amount, factor))
        for item in case.cost
    )
    before, after = (sum(item.amount.value for item in items) for items in (case.cost, costs))
    needed = after / before if before else 1.0
    invested = case.investment.amount
    return dataclasses.replace(
        case,
        cost=costs,
        cohort=dataclasses.replace(case.cohort, people=_people(case.cohort.people, factor)),
        outcome=tuple(
            one if one.measured_on is None else dataclasses.replace(one, measured_on=_people(one.measured_on, factor))
            for one in case.outcome
        ),
        group=tuple(dataclasses.replace(one, people=_people(one.people, factor)) for one in case.group),
        investment=dataclasses.replace(case.investment, amount=invested and _times(invested, needed)),
        tranche=tuple(dataclasses.replace(one, amount=_times(one.amount, needed)) for one in case.tranche),
    )


def _kept(value: float) -> float:
    """A number as a case file keeps it."""
    return float(f"{value:.15g}")


def _times(figure: Figure, factor: float) -> Figure:
    """A figure with its range, times a factor."""
    return _each(figure, lambda value: _kept(factor * value))


def _people(figure: Figure, factor: float) -> Figure:
    """The same, in whole people, at least one."""
    return _each(figure, lambda value: float(max(round(factor * value), 1)))


def _each(figure: Figure, changed: Callable[[float], float]) -> Figure:
    low, high = (None if end is None else changed(end) for end in (figure.low, figure.high))
    return Figure(changed(figure.value), low, high, figure.note)


@in_its_language
def solve(
    case: CaseFile,
    what: str | Lever,
    wanted: float | None = None,
    *,
    chance: float | None = None,
    average: bool = False,
    fixed: Iterable[str] = (),
    count: int = DRAWS,
) -> Solved:
    """The value of one term at which investors get a wanted return, or a wanted chance not to lose.

    Parameters
    ----------
    what : str or Lever
        The term: ``price``, ``target``, ``cap`` or ``size``; with its outcome, as in ``price: in work``, where there
        are several (`levers` has them). Or one of the levers, perhaps with a grid of your own.
    wanted : float, optional
        Return a year, at the performance expected; if None, the file's ``investment.wanted``.
    chance : float, optional
        Instead of a return: the share of the draws in which investors are to lose nothing, above 0 and below 1.
    average : bool, optional
        The return is to be that of what investors pay and get on average over the draws.
    fixed : iterable of str, optional
        For ``size``: costs that stay as they are when people are more.
    count : int, optional
        Draws, for a chance or an average.

    Raises
    ------
    UnsolvedError
        No value gives what is wanted, or every value does; a term that the case does not have; no dated cash flows.

    Notes
    -----
    A grid is looked along, from a 64th of today's value to 64 times it, or over all that a target or cap can be, and
    each place where the figure comes to what is wanted is closed in on. Draws are the same at every value, so that a
    chance moves in steps of one draw.

    Examples
    --------
    >>> from sibmodels.casefile import example
    >>> found = solve(example("kobe"), "price: completion", 0.03)
    >>> round(found.value), round(returned(found.case), 9)
    (7929130, 0.03)
    """
    lever = what if isinstance(what, Lever) else _lever(case, what, fixed)
    goal, aim = _goal(case, wanted, chance, average)
    _needs_flows(case)
    figure = _figure(goal, count)
    places, figures = crossings(lambda value: figure(lever.moved(value)), aim, lever.grid, CLOSE[goal])
    if not places:
        raise _unsolved(case, lever, goal, aim, figures, partial(_remedy, case, lever.name, fixed, aim, figure))
    found = [float(round(place)) for place in places] if lever.name == "size" else places
    solved = lever.moved(found[0])
    return Solved(lever, found[0], goal, aim, figure(solved), tuple(found[1:]), solved)


def _lever(case: CaseFile, what: str, fixed: Iterable[str]) -> Lever:
    known = levers(case, fixed)
    if what in known:
        return known[what]
    if what == "price":
        raise UnsolvedError(say("solve.no_price", known=listed(known)))
    raise UnsolvedError(say("solve.unknown", what=what, known=listed(known)))


def _goal(case: CaseFile, wanted: float | None, chance: float | None, average: bool) -> tuple[str, float]:
    """What is wanted, and how much of it."""
    if chance is not None:
        if wanted is not None or average:
            raise UnsolvedError(say("solve.two_goals"))
        if not 0 < check.number(chance, "chance") < 1:
            raise UnsolvedError(say("solve.no_chance", chance=chance))
        return "chance", float(chance)
    if wanted is None and case.investment.wanted is None:
        raise UnsolvedError(say("solve.nothing_wanted"))
    aim = case.investment.wanted.value if wanted is None and case.investment.wanted else wanted
    return "average" if average else "return", check.number(aim or 0.0, "wanted", above=-1)


def _figure(goal: str, count: int) -> Callable[[CaseFile], float]:
    if goal == "chance":
        return lambda case: chance_not_to_lose(case, count)
    return lambda case: returned(case, goal == "average", count)


def _unsolved(
    case: CaseFile, lever: Lever, goal: str, aim: float, figures: Floats, remedy: Callable[[], str]
) -> UnsolvedError:
    """Why a lever gives no answer: nothing gives what is wanted, with the best there is, or everything does."""
    name, low, high = at_head(lever), written(case, lever, lever.grid[0]), written(case, lever, lever.grid[-1])
    fields = {"name": name, "low": low, "high": high, "wanted": goal_words(goal, aim)}
    if np.isnan(figures).all():
        return UnsolvedError(say("solve.no_figure", **fields))
    nearest = figures >= np.nanmax(figures) - 1e-9  # to what is wanted; of those alike the one nearest today's
    away = np.abs(lever.grid - (lever.grid[-1] if lever.now is None else lever.now))
    place = int(np.argmin(np.where(nearest, away, np.inf)))
    if figures[place] >= aim:
        return UnsolvedError(say("solve.always", **fields))
    best = float(lever.grid[place])
    fields |= {"best": written(case, lever, best), "reached": figure_words(goal, figures[place])}
    mended = remedy()
    return UnsolvedError(say("solve.never", **fields, remedy=mended), best, float(figures[place]), mended)


def _remedy(case: CaseFile, what: str, fixed: Iterable[str], aim: float, figure: Callable[[CaseFile], float]) -> str:
    """Which other term is in the way, in words: without it the lever would do."""
    capped = [one.name for one in case.paid if one.cap is not None]
    uncapped = tuple(dataclasses.replace(one, cap=None) for one in case.outcome)
    terms = dataclasses.replace(case.terms, cap=None, year_cap=None)
    freed = {
        "cap": dataclasses.replace(case, terms=terms),
        "own_cap": dataclasses.replace(case, outcome=uncapped) if capped else case,
        "amount": dataclasses.replace(case, investment=dataclasses.replace(case.investment, amount=None)),
    }
    for name, free in freed.items():
        if free != case and what != name:
            lever = levers(free, fixed)[what]
            if any(figure(lever.moved(float(value))) >= aim for value in lever.grid[::4]):
                return say(f"solve.mend_{name}", names=listed(say("language.quoted", name=one) for one in capped))
    return say("solve.mend_cost")


def named(lever: Lever) -> str:
    """What a lever is called in a sentence."""
    what, colon, outcome = lever.name.partition(": ")
    return say(f"solve.of_{what}", name=outcome) if colon else say(f"solve.alone_{what}")


def at_head(lever: Lever) -> str:
    """What a lever is called at the head of a sentence or a row."""
    name = named(lever)
    return name[:1].upper() + name[1:]


@in_its_language
def written(case: CaseFile, lever: Lever, value: float) -> str:
    """A lever's value as people write it, with as many digits as give what was wanted."""
    if lever.unit == "money":
        return f"{case.about.currency} {value:,.0f}" if abs(value) >= 1000 else f"{case.about.currency} {value:,.2f}"
    if lever.unit == "times":
        return say("solve.times", factor=value)
    return f"{value:,.0f}" if lever.name == "size" else display.number(float(f"{value:.4g}"), lever.unit == "share")


@in_its_language
def now_words(case: CaseFile, lever: Lever) -> str:
    """What a lever is today."""
    return say("solve.as_it_is") if lever.unit == "times" or lever.now is None else written(case, lever, lever.now)


@in_its_language
def sentences(case: CaseFile, found: Solved) -> list[str]:
    """An answer in sentences: the value, that it was put back, what else it does, and what stays."""
    lever = found.lever
    if lever.unit == "times":
        said = [say("solve.answer_times", name=at_head(lever), factor=found.value)]
    else:
        value, now = written(case, lever, found.value), now_words(case, lever)
        said = [say("solve.answer", name=at_head(lever), value=value, now=now)]
    more = found.reached - found.wanted > (0.005 if found.goal == "chance" else 1e-6)
    fields = {"reached": goal_words(found.goal, found.reached), "wanted": figure_words(found.goal, found.wanted)}
    said.append(say("solve.put_back_more", **fields) if more else say("solve.put_back", reached=fields["reached"]))
    if found.others:
        said.append(say("solve.turns", others=listed(written(case, lever, other) for other in found.others)))
    expected, average = rate_words(returned(found.case)), rate_words(returned(found.case, average=True))
    lost = chance_words(1 - chance_not_to_lose(found.case))
    return [*said, say("solve.three", expected=expected, average=average, share=lost), say("solve.rest")]


def goal_words(goal: str, aim: float) -> str:
    """What is wanted, in words."""
    return say(f"solve.goal_{goal}", figure=figure_words(goal, aim))


def figure_words(goal: str, value: float) -> str:
    """A return or a chance, in per cent."""
    return chance_words(value) if goal == "chance" else rate_words(value)


def rate_words(value: float, digits: int = 1) -> str:
    """A return a year, in per cent."""
    if math.isfinite(value):
        return percent(f"{round(100 * value, digits) + 0.0:.{digits}f}")
    return say("solve.none_put_in" if value > 0 else "solve.none")


def chance_words(value: float) -> str:
    """A chance, in per cent."""
    return percent(f"{100 * value:.0f}")
