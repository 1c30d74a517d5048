"""Relations: a promise that no court enforces, kept for the sake of working together again."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike

from sibmodels import _arguments as check
from sibmodels._arguments import Floats

__all__ = ["kept_promise", "least_patience", "patience", "patience_needed"]


@overload
def patience_needed(
    alignment: float, bonus: float = ..., *, beside: bool = ..., adds: float = ..., anyway: float | None = ...
) -> float: ...
@overload
def patience_needed(
    alignment: ArrayLike, bonus: ArrayLike = ..., *, beside: bool = ..., adds: float = ..., anyway: float | None = ...
) -> Any: ...
def patience_needed(
    alignment: ArrayLike,
    bonus: ArrayLike = 1.0,
    *,
    beside: bool = False,
    adds: float = 1.0,
    anyway: float | None = None,
) -> Any:
    """How much the next contract must weigh for a promised bonus to be kept, after Baker, Gibbons & Murphy (1994).

    What is valued comes about, or not, with a chance g'e: e is the provider's work at a cost of e'e / 2, g has
    length 1, and success is worth 1 to the payer. A court sees another measure, at an angle theta to g. A
    *formal* contract alone pays s for it, draws e = s f, and is best at s = cos theta, where it leaves
    S0 = cos^2 theta / 2 of the 1/2 that is best for all. A *promise* to pay b on success draws e = b g and
    leaves b - b^2 / 2. On success the payer can keep b and lose the provider's trust: from then on the formal
    contract is all there is. With k = d / (1 - d), where the next contract weighs d of this one, the promise
    is kept if

        b D <= k (b - b^2 / 2 - S0),

    where D successes fall due for each that the best work adds. If *one event* decides, which the best work
    makes certain, D = 1, and for the bonus that is best for all, b = 1, this is d = 2 / (2 + sin^2 theta); if
    that work adds only a chance h, D = 1 / h. With a bonus on *each of many people*, all due together, only
    those who succeed fall due: with a share q who would succeed anyway D = q / h + b, for no more.

    Parameters
    ----------
    alignment : float or array_like
        cos theta, in [0, 1]: `alignment` of what the formal contract pays for and what is valued. 0 also
        where there is no formal contract to fall back upon.
    bonus : float or array_like, optional
        b, above 0 and at most 1, in units of what success is worth.
    beside : bool, optional
        Whether the formal contract goes on beside the promise, as weak as is then best, s = (1 - b) cos theta.
        What is left is then S0 + (b - b^2 / 2) sin^2 theta. One event that the best work makes certain takes
        d = 2 / (2 + (2 - b) sin^2 theta): the same for b = 1, less for a smaller bonus. Of many people those
        fall due, too, whom the contract helps: D = q / h + cos^2 theta + b sin^2 theta.
    adds : float, optional
        h, above 0 and at most 1: how much the work that is best for all adds to the chance of success.
        What is valued keeps its worth, whatever h is: a success is worth 1 / h, and the bonus on it b / h.
    anyway : float, optional
        q, in [0, 1 - h], for a bonus on each of many people; none where one event decides.

    Returns
    -------
    float, or ndarray for arrays
        d, above 0 and at most 1. 1 where no patience is enough: the promise brings no more than the contract.

    Notes
    -----
    The better the formal contract, the less is lost by breaking the promise, and the more patience it takes.
    Left out: a provider who breaks faith, a good name with others, trust that comes back, and promises that
    nobody would break, for whatever reason; with many people, also the luck in how many succeed.

    Examples
    --------
    >>> round(patience_needed(0.0), 4), round(patience_needed(0.9703), 3)
    (0.6667, 0.972)
    >>> round(patience_needed(0.6, bonus=0.6), 4), round(patience_needed(0.6, bonus=0.6, beside=True), 4)
    (0.7143, 0.6906)

    An event that the best work makes as likely as not; a bonus on each of many.

    >>> round(patience_needed(0.0, adds=0.5), 4), round(patience_needed(0.0, bonus=0.5, anyway=0.0), 4)
    (0.8, 0.4)
    """
    a, b = _aligned(alignment), check.numbers(bonus, "bonus")
    if (b <= 0).any() or (b > 1).any():
        raise ValueError(f"bonus is {bonus!r}; it must be greater than 0 and at most 1")
    gain = (1 - a**2) * (b - b**2 / 2) if beside else b - b**2 / 2 - a**2 / 2
    fixed, each = _due(adds, anyway)
    saved = b * (fixed + each * (b + (1 - b) * a**2 if beside else b))
    return _shaped(saved / (saved + np.maximum(gain, 0.0)))


@overload
def least_patience(alignment: float, *, beside: bool = ..., adds: float = ..., anyway: float | None = ...) -> float: ...
@overload
def least_patience(
    alignment: ArrayLike, *, beside: bool = ..., adds: float = ..., anyway: float | None = ...
) -> Any: ...
def least_patience(
    alignment: ArrayLike, *, beside: bool = False, adds: float = 1.0, anyway: float | None = None
) -> Any:
    """The patience from which any promise at all can be kept, however small.

    The least of `patience_needed` over all bonuses. For one event, made certain, it is 1 / (2 - cos theta) in the
    formal contract's place, at the bonus b = cos theta; beside the formal contract 1 / (2 - cos^2 theta), for a
    bonus near 0. In between only the two together can be kept up: the written contract then helps the promise.
    With a bonus on each of many, nobody helped anyway, beside the contract it is cos^2 theta.

    Parameters
    ----------
    alignment : float or array_like
    beside : bool, optional
    adds, anyway : float, optional
        All as `patience_needed` takes them.

    Returns
    -------
    float, or ndarray for arrays
        In [0, 1]; with a bonus that goes to 0 a limit, which itself is not enough.

    Examples
    --------
    >>> least_patience(0.5).__round__(3), least_patience(0.5, beside=True).__round__(3)
    (0.667, 0.571)
    """
    a = _aligned(alignment)
    fixed, each = _due(adds, anyway)
    off, near = 1 - a**2, fixed + each * a**2
    # k sin^2: what falls due for a bonus near 0, or where the two roots of `kept_promise` are one
    due = near if beside else near + np.sqrt(near**2 - fixed**2 * off)
    return _shaped(due / (due + off))


def kept_promise(
    patience: ArrayLike,
    alignment: ArrayLike,
    *,
    beside: bool = False,
    adds: float = 1.0,
    anyway: float | None = None,
) -> tuple[Floats, Floats]:
    """The largest bonus that is kept at a patience, and how much of the value it brings.

    Parameters
    ----------
    patience : float or array_like
        d, at least 0 and below 1: what the next contract weighs beside this one.
    alignment : float or array_like
    beside : bool, optional
    adds, anyway : float, optional
        All as `patience_needed` takes them.

    Returns
    -------
    (bonus, value) : tuple of ndarray
        b, in [0, 1], 0 where none is kept; and value less the cost of the work, as a share of the most there
        can be. Without a promise that is cos^2 theta, what the formal contract brings.

    Notes
    -----
    b is the larger root of b D = k (b - b^2 / 2 - S0), at most 1. Beside the formal contract it is
    2 - 2 D / (k sin^2 theta) for one event, and for many people
    (k sin^2 theta - cos^2 theta - q / h) / ((1 + k / 2) sin^2 theta). It leaves out what `patience_needed` does.

    Examples
    --------
    A contract made better, at the same patience: the promise breaks, and less is achieved.

    >>> [float(value.round(2)) for value in kept_promise(0.7, [0.3, 0.7])[1]]
    [1.0, 0.49]

    Where the next contract weighs less than half: one event, and each of many people.

    >>> [float(kept_promise(0.45, 0.0, anyway=anyway)[1].round(2)) for anyway in (None, 0.0)]
    [0.0, 0.82]
    """
    d, a = check.numbers(patience, "patience"), _aligned(alignment)
    if (d < 0).any() or (d >= 1).any():
        raise ValueError(f"patience is {patience!r}; it must be at least 0 and below 1")
    d, a = np.broadcast_arrays(d, a)
    fixed, each = _due(adds, anyway)
    # both formulas times 1 - d, so that nothing is divided by 0
    impatience, off = 1 - d, 1 - a**2
    slope = 2 * each * impatience + d
    if beside:
        room = d * off - impatience * (fixed + each * a**2)
        bonus = np.divide(2 * room, slope * off, out=np.zeros(d.shape), where=room > 0)
    else:
        half = d - fixed * impatience
        kept = half >= a * np.sqrt(slope * d)
        root = half + np.sqrt(np.maximum(half**2 - slope * d * a**2, 0.0))
        bonus = np.divide(root, slope, out=np.zeros(d.shape), where=kept)
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


def _due(adds: float, anyway: float | None) -> tuple[float, int]:
    """Successes due for each that the best work adds: so many in any case, and whether each that work brings."""
    adds = check.number(adds, "adds", above=0, high=1)
    if anyway is None:
        return 1 / adds, 0
    return check.number(anyway, "anyway", 0, 1 - adds + 1e-12) / adds, 1


def _aligned(alignment: ArrayLike) -> Floats:
    array = check.numbers(alignment, "alignment")
    if (array < 0).any() or (array > 1).any():
        raise ValueError(f"alignment is {alignment!r}; it must lie between 0 and 1")
    return array


def _shaped(values: Floats) -> Any:
    return float(values) if values.ndim == 0 else values
