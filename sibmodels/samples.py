"""What a small sample can show: an interval that needs no distribution."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from sibmodels import _arguments as check

__all__ = ["MedianInterval", "median_interval"]


class MedianInterval(NamedTuple):
    """An interval for a median, and how often such intervals hold it; what `median_interval` returns."""

    low: float
    high: float
    coverage: float


def median_interval(values: ArrayLike, level: float = 0.95) -> MedianInterval:
    """The interval for a population's median between two of the values in order.

    Parameters
    ----------
    values : array_like
        Independent draws from one population, in any unit; at least six at a level of 95 %.
    level : float, optional
        The least chance that the interval holds the median.

    Returns
    -------
    MedianInterval
        ``low`` and ``high``, the k-th smallest and k-th largest value with the largest k that keeps the
        level, and ``coverage``, the chance itself, which is exact for a population without ties and at
        least this much for any.

    Raises
    ------
    ValueError
        Where there are too few values for the level.

    Notes
    -----
    The interval misses on the low side when fewer than k of n draws fall below the median, which has the
    chance of fewer than k heads in n tosses; the high side is the same. Left out: whatever the draws
    have in common, which no interval from one sample can see.

    Examples
    --------
    >>> median_interval([1, 2, 3, 4, 5, 9])
    MedianInterval(low=1.0, high=9.0, coverage=0.96875)
    """
    ordered = np.sort(check.numbers(values, "values").ravel())
    level = check.number(level, "level", low=0, high=1)
    n = ordered.size
    missed = np.cumsum([math.comb(n, heads) for heads in range(n // 2)]) / 2**n  # on one side, for k = 1, 2, ...
    kept = np.flatnonzero(1 - 2 * missed >= level)
    if not kept.size:
        raise ValueError(f"values are {n}; an interval at the level {level:g} needs more")
    k = int(kept[-1])
    return MedianInterval(float(ordered[k]), float(ordered[-1 - k]), float(1 - 2 * missed[k]))
