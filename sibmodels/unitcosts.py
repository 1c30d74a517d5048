"""Unit costs: what one outcome comes to, along a rate card, beside what would have been, under volume and top-up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sibmodels import _arguments as check
from sibmodels._arguments import Floats

__all__ = ["break_even_volume", "decided_by_top_up", "price_per_extra", "price_to_reach", "top_up"]


def price_to_reach(prices: Mapping[str, float], after: Mapping[str, str]) -> pd.Series[float]:
    """What a rate card pays for one person who reaches a line, with all the lines that come before it.

    Parameters
    ----------
    prices : mapping of line to price
        In one currency, at least 0.
    after : mapping of line to line
        The line before each; lines without one are left out, or have an empty name.

    Returns
    -------
    Series
        Index ``line``: the prices of the line and of all before it, added up.

    Raises
    ------
    ValueError
        A price below 0, a line that is not on the card, lines that come after each other in a circle.

    Notes
    -----
    Left out: caps for each person, and whether a payer counts all of the lines before as reached.

    Examples
    --------
    >>> price_to_reach({"moved in": 500, "3 months": 1500, "6 months": 1500},
    ...                {"3 months": "moved in", "6 months": "3 months"}).tolist()
    [500.0, 2000.0, 3500.0]
    """
    own = {line: check.number(price, f"price of {line!r}", low=0) for line, price in prices.items()}
    before = {line: other for line, other in after.items() if other}
    for line in [*before, *before.values()]:
        check.one_of(line, own, "line")
    paid = {}
    for line in own:
        chain = [line]
        while (earlier := before.get(chain[-1])) is not None:
            if earlier in chain:
                raise ValueError(f"after: {' after '.join([*chain, earlier])} is a circle")
            chain.append(earlier)
        paid[line] = sum(own[one] for one in chain)
    return pd.Series(paid, name="price", dtype=float).rename_axis("line")


@overload
def price_per_extra(price: float, reached: float, anyway: float) -> float: ...
@overload
def price_per_extra(price: ArrayLike, reached: ArrayLike, anyway: ArrayLike) -> float | Floats: ...
def price_per_extra(price: ArrayLike, reached: ArrayLike, anyway: ArrayLike) -> float | Floats:
    """What a payer pays for each outcome that would not have been without the service.

    Everybody who reaches an outcome is paid for, so the price of those who would not have is
    price * reached / (reached - anyway).

    Parameters
    ----------
    price : float or array_like
        Paid for each who reaches the outcome; at least 0.
    reached, anyway : float or array_like
        Shares of the people who reach it with the service, and who would have without it, in [0, 1].

    Returns
    -------
    float or ndarray
        In the price's currency; infinite where the service adds nothing or takes away.

    Notes
    -----
    `anyway` is what a comparison group estimates, with an error that is larger, in proportion, the nearer the two
    shares are. Left out: outcomes that last, or are reached by, people outside the group.

    Examples
    --------
    >>> round(price_per_extra(5000.0, 0.6, 0.4), 6)
    15000.0
    >>> price_per_extra(5000.0, 0.59, 0.75)
    inf
    """
    paid = check.numbers(price, "price")
    if (paid < 0).any():
        raise ValueError(f"price is {price!r}; it must be at least 0")
    both = [check.numbers(share, name) for share, name in ((reached, "reached"), (anyway, "anyway"))]
    for share, name in zip(both, ("reached", "anyway"), strict=True):
        if ((share < 0) | (share > 1)).any():
            raise ValueError(f"{name} is {share.tolist()}; a share between 0 and 1 is needed")
    paid, share, without = np.broadcast_arrays(paid, *both)
    extra = share - without
    result = np.divide(paid * share, extra, out=np.full(extra.shape, np.inf), where=extra > 0)
    return result if result.ndim else float(result)


def break_even_volume(fixed_share: float, multiple: float) -> float:
    """Share of the people planned for from which payments meet costs.

    With x times the people planned, costs are fixed_share + (1 - fixed_share) x of those planned and payments
    multiple * x: they meet at fixed_share / (multiple - 1 + fixed_share).

    Parameters
    ----------
    fixed_share : float
        Share of the planned cost that is due whoever comes, in [0, 1].
    multiple : float
        Payments expected at the planned volume, as a multiple of its cost; above 0.

    Returns
    -------
    float
        A share of the plan; above 1 where the plan itself makes a loss, infinite where no volume would do.

    Notes
    -----
    Left out: success that changes with the volume, and staff who can be sent elsewhere.

    Examples
    --------
    >>> round(break_even_volume(fixed_share=0.5, multiple=1.2), 4)
    0.7143
    """
    fixed = check.number(fixed_share, "fixed_share", 0, 1)
    margin = check.number(multiple, "multiple", above=0) - 1 + fixed  # of each person served, over what each costs
    if fixed == 0 <= margin:
        return 0.0
    return fixed / margin if margin > 0 else float("inf")


def top_up(share: float, additional: ArrayLike) -> pd.DataFrame:
    """What a top-up brings, if it decides only a part of the contracts that it is paid in.

    In a contract that it decides, the fund's `share` comes with 1 - share of local money that would not have been
    spent so. In one that would have been signed anyway it brings nothing, and its share of local money is free
    for something else.

    Parameters
    ----------
    share : float
        Share of outcome payments that the fund pays, above 0 and at most 1.
    additional : float or array_like
        Share of the fund's contracts, by money, that would not have been signed without it, in [0, 1].

    Returns
    -------
    DataFrame
        A row for each value of `additional`. For each pound of the fund: ``outcomes``, what is paid for outcomes
        that would not have been bought, additional / share; ``local money drawn in``, that less the pound itself,
        below 0 where the fund pushes more local money out than it draws in; and ``local money set free``,
        1 - additional.

    Notes
    -----
    At additional = share the fund might as well have bought the outcomes alone. What local money that is set free
    buys is not counted; whoever counts it as worth itself finds that the transfer cancels, and that only the
    contracts that the fund decides matter, by what they are worth beyond their price.

    Examples
    --------
    >>> top_up(0.2, [1.0, 0.2, 0.0]).round(6).values.tolist()
    [[5.0, 4.0, 0.0], [1.0, 0.0, 0.8], [0.0, -1.0, 1.0]]
    """
    part = check.number(share, "share", 0, 1, above=0)
    decided = np.atleast_1d(check.numbers(additional, "additional"))
    if ((decided < 0) | (decided > 1)).any():
        raise ValueError(f"additional is {decided.tolist()}; shares between 0 and 1 are needed")
    return pd.DataFrame(
        {
            "outcomes": decided / part,
            "local money drawn in": decided / part - 1,
            "local money set free": 1 - decided,
        },
        index=pd.Index(decided, name="additional"),
    )


def decided_by_top_up(share: float, low: float, high: float) -> float:
    """Share of the contracts signed that a top-up decides, where local benefits are spread evenly.

    A local payer signs if its benefit is at least what it pays: 1 alone, 1 - share with the top-up. Of those who
    sign with it, those between 1 - share and 1 would not have without.

    Parameters
    ----------
    share : float
        Share of outcome payments that the fund pays, in [0, 1].
    low, high : float
        Least and greatest local benefit of a contract, as a multiple of all that is paid for its outcomes;
        0 <= low < high, and high above 1 - share, so that somebody signs.

    Returns
    -------
    float
        In [0, 1]: what `top_up` calls ``additional``.

    Notes
    -----
    Contracts of one size. Left out: what a fund teaches, and local payers who name a benefit that suits it.

    Examples
    --------
    >>> round(decided_by_top_up(0.2, 0.5, 1.5), 4), decided_by_top_up(0.2, 0.7, 1.0)
    (0.2857, 1.0)
    """
    part, least = check.number(share, "share", 0, 1), check.number(low, "low", low=0)
    most = check.number(high, "high", above=max(least, 1 - part))
    asked = max(1 - part, least)  # the least benefit with which anybody signs
    return (min(1.0, most) - min(1.0, asked)) / (most - asked)
