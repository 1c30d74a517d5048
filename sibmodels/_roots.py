"""Of the rates that solve flows of any signs the one nearest zero, for many rows of flows at once.

Rates r from 0 up are sought as y = 1 / (1 + r), those below zero as y = 1 + r in the flows in reverse: either
way y lies between 0 and 1, and no power of it overflows. Three steps, each for what the one before left open:

1. *Look* (`looked`). The value at a few rates shows where it changes sign, and the change nearest zero is closed
   in on. It is the answer where a bound proves that no other root is as near.
2. *Search* (`searched`). The rates that near are halved until each piece is proved to hold no root, or one.
3. *Turn* (`_turned`). A piece that holds out has roots that nearly touch, and a value that turns between them: at
   the turn it touches zero, has crossed it, or does not reach it.

What is still open then is for the caller. The bound is Descartes' rule of signs, on the series of the value over
(1 - y / high)^2 (1 - low / y)^2: that is above 0 between low and high, so both have the same roots there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sibmodels._arguments import Floats

_Places: TypeAlias = NDArray[np.intp]
_Flags: TypeAlias = NDArray[np.bool_]
_Pieces: TypeAlias = tuple[_Places, Floats, Floats]  # side, low, high
_Single: TypeAlias = tuple[_Places, Floats, Floats, _Flags]  # and whether the value is above 0 at low

_UP = [0, 0.043, 0.091, 0.157, 0.253, 0.412, 0.673, 0.951, 1.63, 4.9, 97]  # not round, so that few of them are roots
_MIRRORED = 7  # how many are looked at below zero too
_LOOKED = np.concatenate([-np.array(_UP[_MIRRORED:0:-1]), _UP])
_AT = np.where(_LOOKED < 0, 1 - np.abs(_LOOKED), 1 / (1 + np.abs(_LOOKED)))
_NEAREST = np.argsort(np.maximum(np.abs(_LOOKED[1:]), np.abs(_LOOKED[:-1])), kind="stable")  # pieces between them
_SCORE = (len(_NEAREST) - np.argsort(_NEAREST)).astype(np.int8)[:, None]  # of each piece: the nearest has most
_CELLS, _ROWS = 100_000, 256  # flows taken together, so that they stay in a core's cache; but never fewer rows
_STEPS, _MANY_STEPS = 5, 60  # of Newton's method: where most rows converge, and where all should
_HALVINGS = 12
_NOTHING = 1e-12  # of the flows' sizes: a value so small is rounding
_CLOSE = 1e-8  # of y; a Newton step this small leaves an error of about its square
_PUT_BACK = 1e-9  # of the flows' sizes: the most that may be left of a root put back
_TIE = 1e-9  # two rates as far from zero but for so little: the positive one


def blocks(places: _Places, periods: int) -> Iterator[_Places]:
    """Some rows at a time."""
    size = max(_CELLS // periods, _ROWS)
    return (places[start : start + size] for start in range(0, len(places), size))


def looked(rows: Floats) -> tuple[Floats, Floats]:
    """Step 1: rates, and for those without proof how far from zero there can be a nearer one (else NaN)."""
    flows = _by_period(rows)
    periods, column = np.arange(len(flows)), np.arange(len(rows))
    powers = _AT[:, None] ** np.where(_LOOKED[:, None] < 0, periods[::-1], periods)
    values = np.einsum("lt,tc->lc", powers, flows)  # not `@`, whose order of sums depends on the machine
    changed = ((values[1:] > 0) != (values[:-1] > 0)) * _SCORE
    best = changed.max(axis=0)
    piece = _NEAREST[len(_NEAREST) - np.maximum(best, 1)]
    below = piece < _MIRRORED
    ends = _AT[piece], _AT[piece + 1]
    at_ends = values[piece, column], values[piece + 1, column]
    start = ends[0] - at_ends[0] * (ends[1] - ends[0]) / (at_ends[1] - at_ends[0])
    rising = np.where(below, *at_ends) > 0  # whether the value is above 0 at the lower y
    y, found = _newton(np.where(below, flows[::-1], flows), np.minimum(*ends), np.maximum(*ends), start, rising, _STEPS)
    zero = np.abs(values[_MIRRORED]) <= _NOTHING * np.abs(flows).sum(axis=0)
    rates = np.where(zero, 0.0, np.where(below, y - 1, 1 / y - 1))
    # beyond the root by a little, so that it and one as far on the other side of zero are within
    reach = np.where(found & (best > 0), np.maximum(1.01 * np.abs(rates), 1e-3), np.inf)
    count, _ = _bound(flows, 1 / (1 + reach), np.maximum(1 - reach, 0))
    none, one = count == 0, (count == 1) & (reach < np.inf)
    return np.where(none & ~zero, np.nan, rates), np.where(zero | none | one, np.nan, reach)


def searched(rows: Floats, reach: Floats) -> tuple[Floats, _Flags]:
    """Steps 2 and 3: the rates nearest zero, NaN where none is within `reach`, and which rows stay open."""
    count = len(rows)
    flows = _by_period(rows)
    sides = np.hstack([flows, flows[::-1]])  # a column for each row's rates from zero up, then for those below
    # y = 0 is no root, so that flows of 0 at the beginning take a trace of the first that is none
    begin = (sides != 0).argmax(axis=0)
    trace = 1e-300 * np.sign(sides[begin, np.arange(2 * count)])
    sides = np.where(np.arange(len(sides))[:, None] < begin, trace, sides)

    single, held_out = _isolated(sides, reach)
    more, touching, open_sides = _turned(sides, held_out)
    side, low, high, rising = (np.concatenate(parts) for parts in zip(*single, *more, strict=True))
    y, found = _newton(sides[:, side], low, high, 0.5 * (low + high), rising, _MANY_STEPS)
    still_open = np.isin(np.arange(count), np.concatenate([open_sides, side[~found]]) % count)

    side, y = np.append(side, touching[0]), np.append(y, touching[1])
    rate = np.where(side < count, 1 / y - 1, y - 1)
    order = np.argsort(-np.abs(rate) * np.where(rate < 0, 1 + _TIE, 1), kind="stable")
    rates = np.full(count, np.nan)
    rates[side[order] % count] = rate[order]  # the last written is the nearest
    return rates, still_open


def _isolated(sides: Floats, reach: Floats) -> tuple[list[_Single], _Pieces]:
    """Pieces (side, low, high, whether the value is above 0 at low) with one root each, and those that hold out."""
    count, single = len(reach), []
    side, reach = np.arange(2 * count), reach.copy()
    low, high = np.append(1 / (1 + reach), np.maximum(1 - reach, 0)), np.ones(2 * count)
    for _ in range(_HALVINGS):
        wide = 1e-3 * (high - low)  # pieces overlap, so that no root is at an end of every piece that has it
        start, end = np.maximum(low - wide, 0), high + wide
        roots, rising = _bound_between(sides[:, side], start, end)
        one = roots == 1
        single.append((side[one], start[one], end[one], rising[one]))
        np.minimum.at(reach, side[one] % count, _far(side, start, count)[one])  # what is farther does not matter
        several = (roots > 1) & (_far(side, high, count) <= reach[side % count])
        side, start, middle, end = side[several], start[several], 0.5 * (low + high)[several], end[several]
        held_out = side, start, end
        low, high = np.append(low[several], middle), np.append(middle, high[several])
        side = np.tile(side, 2)
    return single, held_out


def _turned(sides: Floats, pieces: _Pieces) -> tuple[list[_Single], tuple[_Places, Floats], _Places]:
    """Pieces with one root each, roots (side, y) that touch zero, and the sides where neither could be told."""
    side, low, high = pieces
    slopes = sides[1:, side] * np.arange(1, len(sides))[:, None]
    turns, rising = _bound_between(slopes.copy(), low, high)
    turn, sure = _newton(slopes, low, high, 0.5 * (low + high), rising, _MANY_STEPS)
    (first, _), (value, size), (last, _) = (_put_back(sides[:, side], y) for y in (low, turn, high))
    odd = (first > 0) != (last > 0)
    turns_once = (turns == 1) & sure
    known = turns_once | (turns == 0)
    rounding = 2 * np.finfo(float).eps * len(sides) * size  # of Horner's rule
    touches = turns_once & ~odd & (np.abs(value) <= rounding)
    crosses = turns_once & ~odd & ~touches & ((value > 0) != (first > 0))
    found = ((odd & known, low, high, first), (crosses, low, turn, first), (crosses, turn, high, value))
    single = [(side[some], start[some], end[some], at[some] > 0) for some, start, end, at in found]
    return single, (side[touches], turn[touches]), side[~known]


def _bound_between(flows: Floats, low: Floats, high: Floats) -> tuple[_Places, _Flags]:
    """`_bound` between y of `low` and `high`, in y / high. Spoils the flows."""
    flows *= high ** np.arange(len(flows))[:, None]
    return _bound(flows, low / high, np.ones_like(low))


def _bound(flows: Floats, low: Floats, up: Floats) -> tuple[_Places, _Flags]:
    """At most how many roots lie between y of `low` and 1 / `up` (even or odd as they are); whether f(low) > 0.

    A running sum divides by a factor of the series; each end goes on for ever, with the sign of `last`, of `first`.
    Spoils the flows.
    """
    term, ratio = np.empty_like(low), low * up
    rest = 1 / (1 - ratio)
    _run(flows, up, term)
    last = flows[-1].copy()
    _run(flows, up, term)
    flows[-1] = rest * (flows[-1] + last * ratio * rest)  # with all that follows the last period
    _run(flows[::-1], low, term)
    first = flows[0] > 0
    flows[-1] = rest * (flows[-1] + last * ratio * rest**2)
    _run(flows[::-1], low, term)
    positive = flows > 0
    changes = np.count_nonzero(positive[1:] != positive[:-1], axis=0)
    return changes + (first != positive[0]) + (positive[-1] != (last > 0)), first


def _run(flows: Floats, factor: Floats, term: Floats) -> None:
    """Running sums in place: each flow gets `factor` times the sum before it."""
    for before, flow in itertools.pairwise(flows):
        flow += np.multiply(before, factor, out=term)


def _newton(flows: Floats, low: Floats, high: Floats, y: Floats, rising: _Flags, steps: int) -> tuple[Floats, _Flags]:
    """The root between `low`, where the value is above 0 if `rising`, and `high`; and whether it is one, put back."""
    value, slope = np.empty_like(y), np.empty_like(y)
    close = np.zeros(y.shape, dtype=bool)
    for _ in range(steps):
        value[:], slope[:] = flows[-1], 0.0
        for flow in flows[-2::-1]:  # Horner's rule for the value and its derivative together
            slope *= y
            slope += value
            value *= y
            value += flow
        before = (value > 0) == rising
        low, high = np.where(before, y, low), np.where(before, high, y)
        new = y - value / slope
        close = np.abs(new - y) <= _CLOSE * y
        y = np.where(close | ((new >= low) & (new <= high)), new, 0.5 * (low + high))
        if close.all():
            break
    value, size = _put_back(flows, y)
    return y, close & (np.abs(value) <= _PUT_BACK * size)


def _put_back(flows: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The value at y, and the sum of the sizes of what it is the sum of."""
    value, size = flows[-1].copy(), np.abs(flows[-1])
    for flow in flows[-2::-1]:
        value *= y
        value += flow
        size *= y
        size += np.abs(flow)
    return value, size


def _far(side: _Places, y: Floats, count: int) -> Floats:
    """How far from zero the rate of a y is."""
    return np.where(side < count, 1 / y - 1, 1 - y)


def _by_period(rows: Floats) -> Floats:
    """Flows, period by row, over the largest of each row."""
    flows = np.ascontiguousarray(rows.T)
    largest: Floats = np.maximum(flows.max(axis=0), -flows.min(axis=0))
    return flows / largest
