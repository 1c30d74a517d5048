"""Options: what a right to stop or to reset is worth, where what it turns on is not known yet."""

from __future__ import annotations

import math
from statistics import NormalDist

import pandas as pd

from sibmodels import _arguments as check

__all__ = ["exit_option", "expected_shortfall", "rebasing"]

_NORMAL = NormalDist()
_FAR = 40.0  # standard deviations, beyond which a normal tail is 0 in double precision


def expected_shortfall(mean: float, sd: float, level: float = 0.0) -> float:
    """By how much something normal falls short of a level, on average, nothing counted where it does not.

    E[max(level - X, 0)] = sd (phi(z) - z Phi(-z)), with z = (mean - level) / sd: the normal loss, which
    prices an option under a normal law (Bachelier).

    Parameters
    ----------
    mean : float
    sd : float
        At least 0.
    level : float, optional

    Returns
    -------
    float
        At least 0, in the unit of the mean.

    Examples
    --------
    >>> round(expected_shortfall(0.0, 1.0), 4), expected_shortfall(2.0, 0.0, level=5.0)
    (0.3989, 3.0)
    """
    distance = check.number(mean, "mean") - check.number(level, "level")
    sd = check.number(sd, "sd", low=0)
    if sd == 0:
        return max(-distance, 0.0)
    z = distance / sd
    if z > _FAR:  # so far below the mean lies nothing; and infinity times 0 is no number
        return 0.0
    return max(sd * (_NORMAL.pdf(z) - z * _NORMAL.cdf(-z)), 0.0)


def exit_option(mean: float, sd: float, cost: float = 0.0) -> float:
    """What a payer's right to end a contract early is worth to it, on the day of signing.

    By the day on which it can stop, the payer will know what the rest is worth to it, V, outcomes less
    payments. It goes on if V is at least -cost, and gets E[max(V, -cost)]; without the right it gets E[V].
    The right is worth the difference, E[max(-cost - V, 0)].

    Parameters
    ----------
    mean, sd : float
        Of V, as seen on the day of signing: normal, in one currency, discounted to the day of the choice. The
        standard deviation is what will have been *learned* by then, and not all that is uncertain.
    cost : float, optional
        Of leaving, for the payer: compensation, and what finding another service costs; at least 0.

    Returns
    -------
    float
        At least 0; it goes to 0 as the cost grows and as less is learned.

    Notes
    -----
    Whoever grants the right loses at least as much: it is a transfer, but for what stopping saves. Left out:
    people in the service on that day, effort that flags before it, and later days.

    Examples
    --------
    >>> [round(exit_option(10, 20, cost), 2) for cost in (0, 20, 200)]
    [3.96, 0.59, 0.0]
    """
    return expected_shortfall(mean, sd, -check.number(cost, "cost", low=0))


def rebasing(pay: float, drift_sd: float, band: float, drift: float = 0.0) -> pd.DataFrame:
    """What a drifting baseline does to a bill, with and without a clause that re-bases it.

    Pay follows the distance from a baseline that was fixed at signing. By the day of the count it has
    drifted by D, in the provider's favour above 0, so that the payer owes pay D that nobody brought about. A
    clause takes out what lies beyond a band: D becomes min(D, band), max(D, -band), or both.

    Parameters
    ----------
    pay : float
        For a unit of the outcome, at least 0.
    drift_sd : float
        Standard deviation of the drift, as seen on the day of signing; at least 0.
    band : float
        Up to which neither side may ask for anything; at least 0.
    drift : float, optional
        The drift expected.

    Returns
    -------
    DataFrame
        Index ``clause``: ``none``, ``payer may re-base``, ``provider may re-base``, ``both may``; in the
        currency of `pay`: ``mean`` and ``sd`` of what drift adds to the bill, and ``worth``, what the clause
        is worth to the payer: what the mean falls by.

    Notes
    -----
    The drift is normal and agreed on by both. A right of one side is a price, a right of both takes risk from
    both. Left out: what measuring drift costs, and that a comparison group would do it every time.

    Examples
    --------
    >>> rebasing(pay=100, drift_sd=2, band=1).round(1)["worth"].tolist()
    [0.0, 39.6, -39.6, 0.0]
    """
    pay, band = check.number(pay, "pay", low=0), check.number(band, "band", low=0)
    sd, drift = check.number(drift_sd, "drift_sd", low=0), check.number(drift, "drift")
    clauses = {
        "none": (-math.inf, math.inf),
        "payer may re-base": (-math.inf, band),
        "provider may re-base": (-band, math.inf),
        "both may": (-band, band),
    }
    rows = {name: _clipped(drift, sd, *limits) for name, limits in clauses.items()}
    worth = [pay * (drift - mean) for mean, _ in rows.values()]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["mean", "sd"]) * pay
    return table.assign(worth=worth).rename_axis("clause")


def _clipped(mean: float, sd: float, low: float, high: float) -> tuple[float, float]:
    """Mean and standard deviation of a normal that is held between two limits."""
    if sd == 0:
        return min(max(mean, low), high), 0.0
    first, second = (sum(_moment(mean, sd, low, high, power)) for power in (1, 2))
    return first, math.sqrt(max(second - first**2, 0.0))


def _moment(mean: float, sd: float, low: float, high: float, power: int) -> tuple[float, float, float]:
    """E[X^power] of a normal held between limits: below them, above them, and in between."""
    a, b = (low - mean) / sd, (high - mean) / sd
    below = low**power * _NORMAL.cdf(a) if math.isfinite(low) else 0.0
    above = high**power * _NORMAL.cdf(-b) if math.isfinite(high) else 0.0
    mass, slope = _NORMAL.cdf(b) - _NORMAL.cdf(a), _NORMAL.pdf(a) - _NORMAL.pdf(b)
    if power == 1:
        return below, above, mean * mass + sd * slope
    edges = (a * _NORMAL.pdf(a) if math.isfinite(a) else 0.0) - (b * _NORMAL.pdf(b) if math.isfinite(b) else 0.0)
    return below, above, (mean**2 + sd**2) * mass + 2 * mean * sd * slope + sd**2 * edges
