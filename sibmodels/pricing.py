"""What an outcome must be paid: from cost, chance, time and the return that is wanted.

A price is fair at a rate where what is paid is worth, at that rate, what the service costs. Rates are fractions per
period, or a year where an argument is in years. `crossings` finds where any figure reaches what is wanted; a contract
of a case file is solved with it by `sibmodels.reports.solve`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike

from sibmodels import _arguments as check
from sibmodels._arguments import Floats
from sibmodels.cashflows import Row, Rows, npv

__all__ = ["crossings", "price", "success_payment"]


@overload
def price(costs: Row, outcomes: Row, rate: float, lag: float = 0) -> float: ...
@overload
def price(costs: Rows, outcomes: Rows, rate: float, lag: float = 0) -> Floats: ...
@overload
def price(costs: ArrayLike, outcomes: ArrayLike, rate: ArrayLike, lag: float = 0) -> Any: ...
def price(costs: ArrayLike, outcomes: ArrayLike, rate: ArrayLike, lag: float = 0) -> Any:
    """The price an outcome at which the payments are worth what the service costs, at a rate.

    It is the sum of c_t v^t over the sum of n_t v^(t + lag), v = 1 / (1 + rate), with costs c and outcomes n of period
    t: cost per outcome, with both discounted. Whoever pays the costs and gets the price earns the rate.

    Parameters
    ----------
    costs : array_like
        Money spent in each period, along the last axis; at least 0.
    outcomes : array_like
        Outcomes expected in each period, of as many periods; at least 0, and some above 0.
    rate : float or array_like
        Wanted per period, above -1; broadcasts against the rows.
    lag : float, optional
        Periods between an outcome and its payment; at least 0.

    Returns
    -------
    float or ndarray
        Money an outcome, one number for each row and each rate.

    Raises
    ------
    ValueError
        Numbers of periods that differ, a cost, an outcome or a lag below 0, no outcome at all, a rate of -1 or less.

    Notes
    -----
    Exact where outcomes are paid one by one, without a cap, and costs and payments meet at this rate. Left out: what
    luck does to caps, floors and steps, fees, and money that lies idle between a receipt and the next cost.

    Examples
    --------
    100 now, and 10 outcomes in a year that are paid for a year later, at 10 % a year: 121 for 10.

    >>> round(price([100, 0], [0, 10], 0.1, lag=1), 9)
    12.1
    >>> price([100, 100], [0, 50], 0.0)
    4.0
    """
    spent, reached = _of_periods(costs, "costs"), _of_periods(outcomes, "outcomes")
    if spent.shape[-1] != reached.shape[-1]:
        raise ValueError(
            f"costs have {spent.shape[-1]} periods and outcomes {reached.shape[-1]}; both need as many, one a period"
        )
    if not reached.any(axis=-1).all():
        raise ValueError("outcomes are all 0; without an outcome none has a price")
    later = check.number(lag, "lag", low=0)
    paid = npv(rate, reached) * (1.0 + check.numbers(rate, "rate")) ** -later
    found = npv(rate, spent) / paid
    return found if np.ndim(found) else float(found)


def _of_periods(values: ArrayLike, name: str) -> Floats:
    """Numbers of at least 0, by period along the last axis."""
    check.same_lengths(values, name)
    array = check.numbers(values, name)
    if not array.ndim or not array.size:
        raise ValueError(f"{name} have shape {array.shape}; a list with one number a period is needed")
    if (array < 0).any():
        raise ValueError(f"{name} hold {array.min():g}; each is at least 0")
    return array


@overload
def success_payment(cost: float, rate: float, years: float, chance: float) -> tuple[float, float]: ...
@overload
def success_payment(cost: ArrayLike, rate: ArrayLike, years: ArrayLike, chance: ArrayLike) -> tuple[Any, Any]: ...
def success_payment(cost: ArrayLike, rate: ArrayLike, years: ArrayLike, chance: ArrayLike) -> tuple[Any, Any]:
    """What is paid on success, for an expected return, where failure pays nothing: C (1 + r)^T / chance.

    Parameters
    ----------
    cost : float or array_like
        Money put in at the start; above 0.
    rate : float or array_like
        The return that is to be expected, a year, above -1.
    years : float or array_like
        From putting in the money to payment; above 0.
    chance : float or array_like
        Of success; above 0 and at most 1.

    Returns
    -------
    payment, headline_return : float or ndarray
        What success is paid, and the yearly return that whoever succeeds has earned: (1 + r) chance^(-1 / T) - 1.

    Raises
    ------
    ValueError
        An argument outside what is allowed.

    Notes
    -----
    The expected payment, chance x payment, is C (1 + r)^T. Left out: a price of risk beyond the expected return, and
    success in parts.

    Examples
    --------
    Four chances in five, three years, 5 % expected a year: who succeeds has earned 13.1 %.

    >>> payment, headline = success_payment(1.0, 0.05, 3, 0.8)
    >>> round(payment, 3), round(headline, 3)
    (1.447, 0.131)
    """
    above = _above(cost, "cost", 0), _above(rate, "rate", -1), _above(years, "years", 0), _above(chance, "chance", 0)
    cost, rate, years, chance = np.broadcast_arrays(*above)
    if (chance > 1).any():
        raise ValueError(f"chance is {chance.max():g}; it must be greater than 0 and at most 1")
    payment = cost * (1.0 + rate) ** years / chance
    headline = (1.0 + rate) * chance ** (-1.0 / years) - 1.0
    return (payment, headline) if payment.ndim else (float(payment), float(headline))


def _above(value: ArrayLike, name: str, limit: float) -> Floats:
    array = check.numbers(value, name)
    if (array <= limit).any():
        raise ValueError(f"{name} is {array.min():g}; it must be greater than {limit:g}")
    return array


def crossings(
    figure: Callable[[float], float], wanted: float, grid: ArrayLike, tolerance: float = 1e-12
) -> tuple[list[float], Floats]:
    """Where a figure comes to what is wanted, or falls below it again, however often: a look along a grid, then halves.

    Parameters
    ----------
    figure : function
        Of one number; NaN counts as below what is wanted.
    wanted : float
        In the unit of the figure.
    grid : array_like
        At least two numbers, rising. What goes up and down again between two of them is not seen.
    tolerance : float, optional
        How close to a crossing to come, as a share of its own size.

    Returns
    -------
    places : list of float
        Rising. At each the figure is at least what is wanted, and on one side, by no more than `tolerance` away, it is
        below: where the figure jumps, more than wanted may be reached.
    figures : ndarray
        The figure at each point of the grid.

    Examples
    --------
    >>> places, _ = crossings(lambda x: x * (4 - x), 3, [0, 2, 5])
    >>> [round(place, 9) for place in places]
    [1.0, 3.0]
    """
    points = check.numbers(grid, "grid")
    if points.ndim != 1 or len(points) < 2 or (np.diff(points) <= 0).any():
        raise ValueError(f"grid is {grid!r}; a list of at least two rising numbers is needed")
    figures = np.array([figure(float(point)) for point in points])
    met = figures >= wanted
    places = []
    for n in np.flatnonzero(met[1:] != met[:-1]):
        inside, outside = (points[n + 1], points[n]) if met[n + 1] else (points[n], points[n + 1])
        while abs(inside - outside) > tolerance * max(abs(inside), abs(outside)):
            middle = 0.5 * (inside + outside)
            if middle in (inside, outside):
                break
            inside, outside = (middle, outside) if figure(float(middle)) >= wanted else (inside, middle)
        places.append(float(inside))
    return places, figures
