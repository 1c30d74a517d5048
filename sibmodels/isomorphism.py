"""Isomorphism: how diverse a field is, and whether imitation and pressure would make it so."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sibmodels import _arguments as check
from sibmodels._arguments import Floats, Seed

__all__ = [
    "expected_kinds",
    "fit_polya",
    "fit_theta",
    "hill_coverage",
    "hill_interval",
    "hill_number",
    "imitation",
    "likeness",
    "permutation_test",
]


def hill_number(counts: ArrayLike, order: float) -> float:
    """Diversity as an effective number of kinds, after Hill (1973).

    (sum of p^order)^(1 / (1 - order)); the exponential of entropy at order 1. Order 0 counts kinds, 1
    weighs them by their share, 2 mostly by the largest; as the order grows it tends to 1 / the largest share.

    Parameters
    ----------
    counts : array_like
        Of each kind, or their shares: numbers of at least 0, not all 0.
    order : float
        At least 0.

    Returns
    -------
    float
        Kinds: as many as, equally common, would be as diverse.

    Examples
    --------
    >>> hill_number([5, 5, 5, 5], 2), hill_number([9, 1], 0), round(hill_number([3, 3, 4], 1_000), 4)
    (4.0, 2.0, 2.5023)
    """
    return float(_hill(_counts(counts), check.number(order, "order", low=0)))


def _hill(counts: Floats, order: float) -> Floats:
    """Hill numbers of many fields at once: kinds on the last axis, each field's counts not all 0."""
    p = counts / counts.max(axis=-1, keepdims=True)
    p = p / p.sum(axis=-1, keepdims=True)
    seen, away = p > 0, order - 1
    logs = np.log(np.where(seen, p, 1.0))
    entropy: Floats
    if away == 0:
        entropy = -(p * logs).sum(axis=-1)
    elif abs(away) < 0.5:  # the sum of p^order is nearly 1: what it differs by is summed by itself
        entropy = -np.log1p((p * np.expm1(away * logs)).sum(axis=-1)) / away
    else:
        most = np.log(p.max(axis=-1))  # taken out, so that no power of a share is too small to be seen
        powers = np.where(seen, np.exp(min(order, 1e300) * (logs - most[..., None]).clip(max=0.0)), 0.0)
        entropy = -most * (order / away) - np.log(powers.sum(axis=-1)) / away
    return np.exp(entropy)


def hill_interval(
    counts: ArrayLike, order: float, level: float = 0.95, draws: int = 2_000, *, seed: Seed = 0
) -> tuple[float, float]:
    """Interval of the diversity of the field that the projects were drawn from, which is more than they show.

    A sample misses rare kinds, so its own Hill number lies low, and so do samples drawn from it anew: a
    plain bootstrap misses the truth on one side only. Here the estimate is corrected (at order 1 by Miller
    and Madow's (kinds - 1) / 2n, added to the entropy; at order 2 without bias for the sum of squared
    shares) and its error is that of samples drawn from the counts with *one more project, of a kind not
    seen*. The interval is estimate * exp(+- z * standard deviation of the logarithm).

    Parameters
    ----------
    counts : array_like
        Projects of each kind, whole numbers, at least 20 in all.
    order : {0, 1, 2}
        At 0 it is from the kinds seen to infinity: how many kinds there are has no upper limit that
        counts could give.
    level : float, optional
        Above 0 and below 1.
    draws : int, optional
        At least 2.
    seed : int or numpy.random.Generator, optional

    Returns
    -------
    (low, high) : tuple of float
        Kinds.

    Raises
    ------
    ValueError
        Also for fewer than 20 projects, and at order 2 where no kind was seen twice.

    Notes
    -----
    `hill_coverage` simulates how often it holds. At 95 % and order 1, of samples of 20, 30 and 88: with the
    shares of INDIGO's eight sectors 0.96, 0.95, 0.96; eight even kinds 0.99, 0.99, 1.00; shares that halve
    0.90, 0.92, 0.94; but two large kinds with six of a sixtieth each 0.86, 0.81, 0.92, since small samples
    then see hardly anything but the two. Chao, Wang and Jost's (2013) estimate in place of Miller and
    Madow's changed these by at most 0.04, in either direction. Left out: projects that copy each other, as waves of one
    programme do, which tell less than so many drawn one by one: counted twice each, 0.67 and 0.83 of 30
    and 88 at INDIGO's shares.

    Examples
    --------
    >>> [round(end, 1) for end in hill_interval([20, 20], 1)]
    [1.7, 2.4]
    """
    counts = _counts(counts)
    level = _level(level)
    if (counts != np.floor(counts)).any():
        raise ValueError(f"counts are {counts.tolist()}; whole numbers of projects are needed")
    if counts.sum() < 20:
        raise ValueError(f"counts sum to {counts.sum():g}; below 20 no interval held its level when it was simulated")
    if _ORDERS.index(_order(order)) == 0:
        return float((counts > 0).sum()), math.inf
    if order == 2 and counts.max() < 2:
        raise ValueError("counts hold no kind twice; at order 2 nothing then limits diversity from above")
    low, high = _hill_intervals(
        counts[None, :], order, level, check.whole(draws, "draws", low=2), check.generator(seed)
    )
    return float(low[0]), float(high[0])


def hill_coverage(
    shares: ArrayLike,
    n: int,
    order: float = 1,
    level: float = 0.95,
    *,
    fields: int = 1_000,
    draws: int = 200,
    seed: Seed = 0,
    counted: int = 1,
) -> tuple[float, float, float]:
    """How often `hill_interval` holds the truth: fields of `n` projects are drawn from known shares.

    Parameters
    ----------
    shares : array_like
        Of each kind in the field; counts will do.
    n : int
        Projects in each sample, at least 20.
    order : {1, 2}
    level : float, optional
        As `hill_interval` takes it.
    fields : int, optional
        Samples drawn; the error of a coverage of 0.95 is about 0.22 / sqrt(fields).
    draws : int, optional
        For each interval.
    seed : int or numpy.random.Generator, optional
    counted : int, optional
        How often each project drawn is counted, as the waves of a programme are: a divisor of `n`.

    Returns
    -------
    (held, too_low, too_high) : tuple of float
        Shares of the samples whose interval holds the truth, lies wholly below it, lies wholly above it.

    Examples
    --------
    >>> held, too_low, too_high = hill_coverage([4, 3, 2, 1], 50, fields=200)
    >>> held > 0.9, round(held + too_low + too_high, 9)
    (True, 1.0)
    """
    shares, n = _counts(shares), check.whole(n, "n", low=20)
    level, rng = _level(level), check.generator(seed)
    if _order(order) == 0:
        raise ValueError("order is 0; its interval has no upper end, so that it cannot miss")
    counted = check.whole(counted, "counted")
    if n % counted:
        raise ValueError(f"counted is {counted}; it must divide n, which is {n}")
    truth = hill_number(shares, order)
    samples = counted * rng.multinomial(n // counted, shares / shares.sum(), size=check.whole(fields, "fields"))
    low, high = _hill_intervals(samples, order, level, check.whole(draws, "draws", low=2), rng)
    below, above = float((high < truth * (1 - 1e-12)).mean()), float((low > truth * (1 + 1e-12)).mean())
    return 1 - below - above, below, above


_ORDERS = (0, 1, 2)


def _order(order: float) -> float:
    if order not in _ORDERS:
        raise ValueError(f"order is {order!r}; it must be 0, 1 or 2, for which the interval's coverage was simulated")
    return order


def _level(level: float) -> float:
    level = check.number(level, "level", above=0)
    if level >= 1:
        raise ValueError(f"level is {level:g}; it must lie between 0 and 1")
    return level


def _counts(counts: ArrayLike) -> Floats:
    counts = check.numbers(counts, "counts")
    if counts.ndim != 1 or (counts < 0).any() or not (counts > 0).any():
        raise ValueError(f"counts are {counts.tolist()}; a list of numbers of at least 0, not all 0, is needed")
    return counts


def _hill_intervals(
    samples: np.ndarray, order: float, level: float, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Both ends for each sample: `samples` has shape (samples, kinds), all of one size."""
    wider = np.pad(samples, ((0, 0), (0, 1)), constant_values=1).astype(float)  # one more, of a kind not seen
    shares = wider / wider.sum(axis=1, keepdims=True)
    again = rng.multinomial(int(samples[0].sum()), shares, size=(draws, len(samples)))
    error = NormalDist().inv_cdf((1 + level) / 2) * _log_hill(again, order).std(axis=0, ddof=1)
    centre = _log_hill(samples, order)
    return np.exp(np.maximum(centre - error, 0.0)), np.exp(centre + error)


def _log_hill(samples: np.ndarray, order: float) -> Floats:
    """Logarithm of the corrected estimate; kinds on the last axis."""
    n: Floats = samples.sum(axis=-1)
    if order == 2:
        pairs: Floats = (samples * (samples - 1.0)).sum(axis=-1)
        return np.log(n * (n - 1)) - np.log(np.maximum(pairs, 2.0))
    entropy: Floats = np.log(n) - (samples * np.log(np.maximum(samples, 1))).sum(axis=-1) / n
    kinds: Floats = (samples > 0).sum(axis=-1)
    return entropy + (kinds - 1) / (2 * n)


def expected_kinds(theta: float, n: int) -> float:
    """Kinds to be expected among `n` contracts of a Hoppe urn: the sum of theta / (theta + i - 1).

    Parameters
    ----------
    theta : float
        Inventiveness, above 0.
    n : int

    Returns
    -------
    float

    Examples
    --------
    >>> expected_kinds(1.0, 3).__round__(4)
    1.8333
    """
    theta, n = check.number(theta, "theta", above=0), check.whole(n, "n")
    return float((theta / (theta + np.arange(n))).sum())


def fit_theta(kinds: int, n: int) -> float:
    """The theta at which `kinds` among `n` is what is expected: Ewens' maximum likelihood estimate (1972).

    Parameters
    ----------
    kinds, n : int
        Kinds seen, and contracts.

    Returns
    -------
    float
        Above 0.

    Raises
    ------
    ValueError
        For 1 kind (the estimate would be 0) and for as many kinds as contracts (infinite).

    Examples
    --------
    >>> round(fit_theta(6, 40), 3)
    1.715
    """
    kinds, n = check.whole(kinds, "kinds"), check.whole(n, "n")
    if not 1 < kinds < n:
        raise ValueError(f"kinds are {kinds} of n = {n}; the estimate needs more than 1 and fewer than n")
    low, high = -30.0, 30.0  # of log theta
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if expected_kinds(math.exp(middle), n) < kinds else (low, middle)
    return math.exp((low + high) / 2)


def fit_polya(counts: ArrayLike, kinds: int) -> float:
    """The total A of a Polya urn on a closed list of `kinds` that makes `counts` likeliest.

    The urn begins with A / kinds balls of each kind, and each contract adds one of its own: so the next is
    of kind j with probability (A / kinds + contracts of kind j) / (A + contracts so far). The counts are
    then Dirichlet-multinomial. Small A is much copying, large A none. On a closed list, such as a codebook
    of sectors, `fit_theta` would take the end of the list for the end of invention.

    Parameters
    ----------
    counts : array_like
        Contracts of each kind, whole numbers; kinds not seen may be left out.
    kinds : int
        In the list, at least 2.

    Returns
    -------
    float
        A, in contracts: as many as the urn begins with.

    Raises
    ------
    ValueError
        Where the likelihood has no highest point: for contracts of one kind (A would be 0), and for counts
        as even as lots would make them, or more so, such as equal ones (A would be infinite).

    Notes
    -----
    The likelihood has one peak at most (Levin and Reeds 1977); it is found where its derivative,
    sum over kinds of sum over i < x of 1 / (A + kinds i), less sum over i < n of 1 / (A + i), is 0. Left
    out: that some kinds may be favoured from the start; here all begin alike.

    Examples
    --------
    Four of one kind and one of the other: 1 / (A + 1) + 3 / (A + 3) = 6 / (A + 6), so A = (3 + sqrt 45) / 2.

    >>> round(fit_polya([4, 1], 2), 3)
    4.854
    """
    counts, kinds = _counts(counts), check.whole(kinds, "kinds", low=2)
    if (counts != np.floor(counts)).any():
        raise ValueError(f"counts are {counts.tolist()}; whole numbers of contracts are needed")
    seen = counts[counts > 0]
    if len(seen) > kinds:
        raise ValueError(f"kinds is {kinds}, but counts hold {len(seen)}; the list must have them all")
    if len(seen) == 1:
        raise ValueError("counts hold one kind; the likelihood is highest at a total of 0, and two kinds are needed")
    n = seen.sum()
    if kinds * (seen * (seen - 1)).sum() <= n * (n - 1):
        raise ValueError(
            f"counts are {counts.tolist()}: of {kinds} kinds no more uneven than lots would make them; the likelihood "
            "rises without end with the total"
        )
    drawn = np.arange(n)
    again = np.concatenate([kinds * np.arange(count) for count in seen])

    # of the log likelihood, times the total; each term less 1, so that large ones last
    def slope(total: float) -> float:
        return float((drawn / (total + drawn)).sum() - (again / (total + again)).sum())

    low, high = -30.0, 30.0  # of log A
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(math.exp(middle)) > 0 else (low, middle)
    return math.exp((low + high) / 2)


def imitation(
    n: int, theta: float, kappa: float = 0.0, draws: int = 1_000, seed: Seed = 0, *, kinds: int | None = None
) -> pd.DataFrame:
    """Fields that grow by imitation, and by pressure.

    A new contract takes the funder's favoured kind with probability `kappa` (coercive pressure, after
    DiMaggio and Powell 1983). Otherwise it copies a past contract drawn at random, but with probability
    theta / (theta + contracts so far) it is fresh: of a new kind (a Hoppe urn, 1984) or, where the list is
    closed, of one of its `kinds` drawn evenly, seen or not (a Polya urn, the one that `fit_polya` fits).

    Parameters
    ----------
    n : int
        Contracts in each field.
    theta : float
        Inventiveness, above 0.
    kappa : float
        In [0, 1].
    draws : int, optional
    seed : int or numpy.random.Generator, optional
    kinds : int, optional
        Length of a closed list; None for one without end.

    Returns
    -------
    DataFrame
        A row a draw: ``kinds``, ``largest`` and ``favoured`` (shares of all contracts), ``hill_2``.

    Examples
    --------
    >>> fields = imitation(3, theta=1.0, draws=4_000, seed=1)
    >>> round(float(fields["kinds"].mean()), 1), expected_kinds(1.0, 3).__round__(1)
    (1.8, 1.8)
    """
    n, draws = check.whole(n, "n"), check.whole(draws, "draws")
    theta, kappa = check.number(theta, "theta", above=0), check.number(kappa, "kappa", 0, 1)
    kinds = None if kinds is None else check.whole(kinds, "kinds")
    rng = check.generator(seed)
    # 0 is the favoured kind; on an open list others are numbered by arrival
    kind = np.zeros((draws, n), dtype=np.int64)
    for i in range(n):
        fresh = rng.random(draws) < theta / (theta + i)
        copied = kind[np.arange(draws), rng.integers(0, max(i, 1), draws)] if i else np.zeros(draws, dtype=np.int64)
        invented = i + 1 if kinds is None else rng.integers(0, kinds, draws)
        kind[:, i] = np.where(rng.random(draws) < kappa, 0, np.where(fresh, invented, copied))
    counts = np.stack([np.bincount(row, minlength=kinds or n + 1) for row in kind])
    shares = counts / n
    return pd.DataFrame(
        {
            "kinds": (counts > 0).sum(axis=1),
            "largest": shares.max(axis=1),
            "favoured": shares[:, 0],
            "hill_2": 1 / (shares**2).sum(axis=1),
        }
    )


def permutation_test(
    kinds: ArrayLike, later: ArrayLike, order: float = 1.0, draws: int = 2_000, seed: Seed = 0
) -> tuple[float, float]:
    """Whether diversity fell from an earlier to a later period, against "no change".

    Parameters
    ----------
    kinds : array_like of str
        The kind of each project.
    later : array_like of bool
        Whether it belongs to the later period.
    order : float, optional
        Of the Hill number, from 0 to 100.
    draws : int, optional
    seed : int or numpy.random.Generator, optional

    Returns
    -------
    (fall, p_value) : tuple of float
        Earlier less later Hill number, each of as many projects as the smaller period has (the larger
        one would count more kinds merely by being larger); and the share of shuffles of the periods
        that fall at least as much, one-sided, the data themselves counted as one.

    Notes
    -----
    The larger period is thinned as by Hurlbert (1971), without drawing: its sum of p^order, at order 1 its
    entropy, is what is expected of a sample of the smaller size. The project is the unit: where several
    belong to one programme and share their kind, falls are found that are none.

    Examples
    --------
    >>> kinds, later = ["a", "b", "c", "d", "a", "a", "a", "a"], [False] * 4 + [True] * 4
    >>> fall, p_value = permutation_test(kinds, later)
    >>> round(fall, 6), p_value < 0.1
    (3.0, True)
    """
    order = check.number(order, "order", low=0, high=100)
    _, codes = np.unique(np.asarray(kinds, dtype=str), return_inverse=True)
    later = np.asarray(later, dtype=bool)
    if later.shape != codes.shape or codes.ndim != 1:
        raise ValueError(f"kinds has shape {codes.shape} and later {later.shape}; two lists of one length are needed")
    sizes = int((~later).sum()), int(later.sum())
    if min(sizes) < 2:
        raise ValueError("later leaves fewer than two projects in a period; at least two are needed in each")
    whole = np.bincount(codes)
    seen = np.bincount(codes[~later], minlength=len(whole))
    # to shuffle the periods is to draw the earlier one from all projects
    shuffled = check.generator(seed).multivariate_hypergeometric(whole, sizes[0], size=check.whole(draws, "draws"))
    early = np.vstack([seen, shuffled])
    falls = _thinned(early, sizes[0], min(sizes), order) - _thinned(whole - early, sizes[1], min(sizes), order)
    return float(falls[0]), float((falls >= falls[0] - 1e-12).mean())


def _thinned(counts: NDArray[np.int64], n: int, size: int, order: float) -> Floats:
    """Hill number expected of `size` of `n` projects, from the expected sum; kinds on the last axis."""
    away, share = order - 1, np.arange(1, size + 1) / size
    parts = -share * np.log(share) if away == 0 else share * np.expm1(away * np.log(share))
    logs = np.concatenate([[0.0], np.log(np.arange(1, n + 1)).cumsum()])  # of factorials
    expected = np.zeros(n + 1)  # of each kind's part, by its count
    for count in np.unique(counts[counts > 0]):
        x = np.arange(max(1, size - n + count), min(count, size) + 1)  # how many of them a sample may hold
        chance = logs[count] - logs[x] - logs[count - x] + logs[n - count] - logs[size - x] - logs[n - count - size + x]
        chance += logs[size] + logs[n - size] - logs[n]
        expected[count] = np.exp(chance) @ parts[x - 1]
    total: Floats = expected[counts].sum(axis=-1)
    return np.exp(total if away == 0 else -np.log1p(total) / away)


def likeness(kinds: ArrayLike, groups: ArrayLike, draws: int = 1_000, seed: Seed = 0) -> tuple[float, float, float]:
    """Whether projects of one group, such as a country, are more alike than projects of different groups.

    Parameters
    ----------
    kinds : array_like of str
        The kind of each project.
    groups : array_like of str
        The group it belongs to.
    draws : int, optional
    seed : int or numpy.random.Generator, optional

    Returns
    -------
    (within, between, p_value) : tuple of float
        The share of pairs of one kind, among pairs of one group and among pairs of two; and the share of
        shuffles of the kinds whose `within` is at least as high, the data themselves counted as one.

    Notes
    -----
    Every pair counts once, so a large group weighs by the square of its size. Left out: why they are alike.

    Examples
    --------
    >>> within, between, p_value = likeness(["a", "a", "b", "b"], ["x", "x", "y", "y"])
    >>> within, between, round(p_value, 1)
    (1.0, 0.0, 0.3)
    """
    (_, kind), (_, group) = (
        np.unique(np.asarray(labels, dtype=str), return_inverse=True) for labels in (kinds, groups)
    )
    if kind.shape != group.shape or kind.ndim != 1:
        raise ValueError(f"kinds has shape {kind.shape} and groups {group.shape}; two lists of one length are needed")
    sizes = np.bincount(group)
    inside, pairs = _pairs(sizes), _pairs(np.array([len(group)]))
    if not 0 < inside < pairs:
        raise ValueError("groups are all of one project, or one; pairs within a group and between two are needed")
    alike = _pairs(np.bincount(kind))
    rng = check.generator(seed)

    def within(labels: np.ndarray) -> float:
        return _pairs(np.bincount(group * (labels.max() + 1) + labels))

    seen = within(kind)
    shuffled = [within(rng.permutation(kind)) for _ in range(check.whole(draws, "draws"))]
    p_value = (1 + sum(value >= seen for value in shuffled)) / (len(shuffled) + 1)
    return float(seen / inside), float((alike - seen) / (pairs - inside)), p_value


def _pairs(counts: np.ndarray) -> int:
    return int((counts * (counts - 1) // 2).sum())
