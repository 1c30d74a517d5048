"""Relations: a promise that no court enforces, kept for the sake of working together again."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike

from sibmodels import _arguments as check
from sibmodels._arguments import Floats

__all__ = ["kept_promise", "least_patience", "patience", "patience_needed"]


@overload
def patience_needed(alignment: float, bonus: float = ..., *, beside: bool = ...) -> float: ...
@overload
def patience_needed(alignment: ArrayLike, bonus: ArrayLike = ..., *, beside: bool = ...) -> Any: ...
def patience_needed(alignment: ArrayLike, bonus: ArrayLike = 1.0, *, beside: bool = False) -> Any:
    """How much the next contract must weigh for a promised bonus to be kept, after Baker, Gibbons & Murphy (1994).

    What is valued comes about, or not, with a chance g'e: e is the provider's work at a cost of e'e / 2, g has
    length 1, and success is worth 1 to the payer. A court sees another measure, at an angle theta to g. A
    *formal* contract alone pays s for it, draws e = s f, and is best at s = cos theta, where it leaves
    S0 = cos^2 theta / 2 of the 1/2 that is best for all. A *promise* to pay b on success draws e = b g and
    leaves b - b^2 / 2. On success the payer can keep b and lose the provider's trust: from then on the formal
    contract is all there is. With k = d / (1 - d), where the next contract weighs d of this one, the promise
    is kept if

        b <= k (b - b^2 / 2 - S0),

    that is, from d = b / (2 b - b^2 / 2 - S0) on. For the bonus that is best for all, b = 1, this is
    2 / (2 + sin^2 theta).

    Parameters
    ----------
    alignment : float or array_like
        cos theta, in [0, 1]: `alignment` of what the formal contract pays for and what is valued. 0 also
        where there is no formal contract to fall back upon.
    bonus : float or array_like, optional
        b, above 0 and at most 1, in units of what success is worth.
    beside : bool, optional
        Whether the formal contract goes on beside the promise, as weak as is then best, s = (1 - b) cos theta.
        What is left is then S0 + (b - b^2 / 2) sin^2 theta, and the promise is kept from
        d = 2 / (2 + (2 - b) sin^2 theta) on: the same for b = 1, less for a smaller bonus.

    Returns
    -------
    float, or ndarray for arrays
        d, in (1/2, 1]. 1 where no patience is enough: the promise brings no more than the formal contract.

    Notes
    -----
    The better the formal contract, the less is lost by breaking the promise, and the more patience it takes.
    Left out: a provider who breaks faith, a good name with others, trust that comes back, and promises that
    nobody would break, for whatever reason.

    Examples
    --------
    >>> round(patience_needed(0.0), 4), round(patience_needed(0.9703), 3)
    (0.6667, 0.972)
    >>> round(patience_needed(0.6, bonus=0.6), 4), round(patience_needed(0.6, bonus=0.6, beside=True), 4)
    (0.7143, 0.6906)
    """
    a, b = _aligned(alignment), check.numbers(bonus, "bonus")
    if (b <= 0).any() or (b > 1).any():
        raise ValueError(f"bonus is {bonus!r}; it must be greater than 0 and at most 1")
    gain = (1 - a**2) * (b - b**2 / 2) if beside else b - b**2 / 2 - a**2 / 2
    return _shaped(b / (b + np.maximum(gain, 0.0)))


@overload
def least_patience(alignment: float, *, beside: bool = ...) -> float: ...
@overload
def least_patience(alignment: ArrayLike, *, beside: bool = ...) -> Any: ...
def least_patience(alignment: ArrayLike, *, beside: bool = False) -> Any:
    """The patience from which any promise at all can be kept, however small.

    The least of `patience_needed` over all bonuses. In the formal contract's place it is
    1 / (2 - cos theta), at the bonus b = cos theta; beside the formal contract 1 / (2 - cos^2 theta), for a bonus
    near 0. In between only the two together can be kept up: the written contract then helps the promise.

    Parameters
    ----------
    alignment : float or array_like
    beside : bool, optional
        Both as `patience_needed` takes them.

    Returns
    -------
    float, or ndarray for arrays
        In [1/2, 1]; with a bonus that goes to 0 a limit, which itself is not enough.

    Examples
    --------
    >>> least_patience(0.5).__round__(3), least_patience(0.5, beside=True).__round__(3)
    (0.667, 0.571)
    """
    a = _aligned(alignment)
    return _shaped(1 / (2 - (a**2 if beside else a)))


def kept_promise(patience: ArrayLike, alignment: ArrayLike, *, beside: bool = False) -> tuple[Floats, Floats]:
    """The largest bonus that is kept at a patience, and how much of the value it brings.

    Parameters
    ----------
    patience : float or array_like
        d, at least 0 and below 1: what the next contract weighs beside this one.
    alignment : float or array_like
    beside : bool, optional
        Both as `patience_needed` takes them.

    Returns
    -------
    (bonus, value) : tuple of ndarray
        b, in [0, 1], 0 where none is kept; and value less the cost of the work, as a share of the most there
        can be. Without a promise that is cos^2 theta, what the formal contract brings.

    Notes
    -----
    b is the larger root of b = k (b - b^2 / 2 - S0), at most 1; beside the formal contract it is
    2 - 2 / (k sin^2 theta). It leaves out what `patience_needed` leaves out.

    Examples
    --------
    A contract made better, at the same patience: the promise breaks, and less is achieved.

    >>> [float(value.round(2)) for value in kept_promise(0.7, [0.3, 0.7])[1]]
    [1.0, 0.49]
    """
    d, a = check.numbers(patience, "patience"), _aligned(alignment)
    if (d < 0).any() or (d >= 1).any():
        raise ValueError(f"patience is {patience!r}; it must be at least 0 and below 1")
    d, a = np.broadcast_arrays(d, a)
    # both formulas times d, so that nothing is divided by 0
    impatience, off = 1 - d, 1 - a**2
    if beside:
        bonus = np.divide(2 * (d * off - impatience), d * off, out=np.zeros(d.shape), where=d * off > impatience)
    else:
        room = (d - impatience) ** 2 - d**2 * a**2
        kept = d - impatience >= d * a
        root = d - impatience + np.sqrt(np.maximum(room, 0.0))
        bonus = np.divide(root, d, out=np.zeros(d.shape), where=kept)
    bonus = np.minimum(bonus, 1.0)
    promised = 2 * bonus - bonus**2
    return bonus, a**2 + off * promised if beside else np.where(bonus > 0, promised, a**2)


def patience(years: float, rate: float, renewal: float = 1.0, *, reviews: int = 1) -> float:
    """What the future weighs beside a promise that falls due: its chance to come, discounted.

    With one promise a term it is d = renewal / (1 + rate)^years. With several, each on an equal part of the
    work, the last of a term is the hardest to keep, for all that follows hangs on renewal. It sees
    k = renewal sum(v^j, j = 1 .. n) / (1 - renewal v^n), v = (1 + rate)^(-years / n), times what one review
    is worth; d is k / (1 + k), as `patience_needed` counts it.

    Parameters
    ----------
    years : float
        Of one contract, at least 0.
    rate : float
        The payer's discount rate a year, above 0 where renewal is certain.
    renewal : float, optional
        The chance that another contract follows, in [0, 1].
    reviews : int, optional
        n: how often in a contract a promise falls due, at equal distances, the last at its end.

    Returns
    -------
    float
        d, from 0 to 1.

    Notes
    -----
    Every further contract is as long and as likely as this one. Left out: growth of what is at stake, and a
    payer whose officials change before a promise falls due.

    Examples
    --------
    Six years at 3.5 %: renewal certain; as likely as not; the same with a review each year.

    >>> round(patience(6, 0.035), 3), round(patience(6, 0.035, 0.5), 3), round(patience(6, 0.035, 0.5, reviews=6), 3)
    (0.814, 0.407, 0.818)
    """
    years, rate = check.number(years, "years", low=0), check.number(rate, "rate", above=-1)
    chance, n = check.number(renewal, "renewal", 0, 1), check.whole(reviews, "reviews")
    step = (1 + rate) ** (-years / n)
    rest = 1 - chance * step**n
    if rest <= 0:
        raise ValueError(f"renewal is {chance:g} and rate {rate:g} over {years:g} years; the future must weigh less")
    ahead = chance * sum(step**j for j in range(1, n + 1))
    return float(ahead / (ahead + rest))


def _aligned(alignment: ArrayLike) -> Floats:
    array = check.numbers(alignment, "alignment")
    if (array < 0).any() or (array > 1).any():
        raise ValueError(f"alignment is {alignment!r}; it must lie between 0 and 1")
    return array


def _shaped(values: Floats) -> Any:
    return float(values) if values.ndim == 0 else values
