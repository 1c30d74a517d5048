"""Isomorphism: how diverse a field is, and whether imitation and pressure would make it so."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from sibmodels import _checks as check

__all__ = ["expected_kinds", "fit_theta", "hill_interval", "hill_number", "imitation", "likeness", "permutation_test"]


def hill_number(counts, order: float) -> float:
    """Diversity as an effective number of kinds, after Hill (1973).

    (sum of p^order)^(1 / (1 - order)); the exponential of entropy at order 1. Order 0 counts kinds, 1
    weighs them by their share, 2 mostly by the largest.

    >>> hill_number([5, 5, 5, 5], 2), hill_number([9, 1], 0)
    (4.0, 2.0)
    """
    counts = check.numbers(counts, "counts")
    if counts.ndim != 1 or (counts < 0).any() or not counts.sum() > 0:
        raise ValueError(f"counts are {counts.tolist()}; a list of numbers of at least 0, not all 0, is needed")
    order = check.number(order, "order", low=0)
    p = counts[counts > 0] / counts.sum()
    if abs(order - 1) < 1e-9:
        return float(np.exp(-(p * np.log(p)).sum()))
    return float((p**order).sum() ** (1 / (1 - order)))


def hill_interval(counts, order: float, level: float = 0.95, draws: int = 2_000, seed=0) -> tuple[float, float]:
    """Bootstrap interval of a Hill number: the projects drawn again, with replacement.

    A rare kind can only be lost in such a draw, so the interval leans low in small fields.

    >>> low, high = hill_interval([20, 20], 1)
    >>> 1.8 < low <= high <= 2
    True
    """
    counts = check.numbers(counts, "counts")
    hill_number(counts, order)  # checks both
    level = check.number(level, "level", above=0, high=1)
    samples = check.generator(seed).multinomial(
        check.whole(counts.sum(), "sum of counts"), counts / counts.sum(), size=check.whole(draws, "draws")
    )
    values = [hill_number(sample, order) for sample in samples]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def expected_kinds(theta: float, n: int) -> float:
    """Kinds to be expected among `n` contracts of a Hoppe urn: the sum of theta / (theta + i - 1).

    >>> expected_kinds(1.0, 3).__round__(4)
    1.8333
    """
    theta, n = check.number(theta, "theta", above=0), check.whole(n, "n")
    return float((theta / (theta + np.arange(n))).sum())


def fit_theta(kinds: int, n: int) -> float:
    """The theta at which `kinds` among `n` is what is expected: Ewens' maximum likelihood estimate (1972).

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


def imitation(n: int, theta: float, kappa: float = 0.0, draws: int = 1_000, seed=0) -> pd.DataFrame:
    """Fields that grow by imitation, and by pressure.

    A new contract takes the funder's favoured kind with probability `kappa` (coercive pressure, after
    DiMaggio and Powell 1983). Otherwise it is a Hoppe urn (1984): of a new kind with probability
    theta / (theta + contracts so far), else a copy of a past contract drawn at random.

    Parameters
    ----------
    n : int
        Contracts in each field.
    theta : float
        Inventiveness, above 0.
    kappa : float
        In [0, 1].

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
    rng = check.generator(seed)
    kind = np.zeros((draws, n), dtype=np.int64)  # 0 is the favoured kind, others are numbered by arrival
    for i in range(n):
        fresh = rng.random(draws) < theta / (theta + i)
        copied = kind[np.arange(draws), rng.integers(0, max(i, 1), draws)] if i else np.zeros(draws, dtype=np.int64)
        kind[:, i] = np.where(rng.random(draws) < kappa, 0, np.where(fresh, i + 1, copied))
    counts = np.stack([np.bincount(row, minlength=n + 1) for row in kind])
    shares = counts / n
    return pd.DataFrame(
        {
            "kinds": (counts > 0).sum(axis=1),
            "largest": shares.max(axis=1),
            "favoured": shares[:, 0],
            "hill_2": 1 / (shares**2).sum(axis=1),
        }
    )


def permutation_test(kinds, later, order: float = 1.0, draws: int = 2_000, seed=0) -> tuple[float, float]:
    """Whether diversity fell from an earlier to a later period, against "no change".

    Parameters
    ----------
    kinds : array_like of str
        The kind of each project.
    later : array_like of bool
        Whether it belongs to the later period.

    Returns
    -------
    (fall, p_value) : tuple of float
        Earlier less later Hill number, each of as many projects as the smaller period has (the larger
        one would count more kinds merely by being larger); and the share of shuffles of the periods
        that fall at least as much, one-sided, the data themselves counted as one.

    Examples
    --------
    >>> kinds, later = ["a", "b", "c", "d", "a", "a", "a", "a"], [False] * 4 + [True] * 4
    >>> fall, p_value = permutation_test(kinds, later)
    >>> round(fall, 6), p_value < 0.1
    (3.0, True)
    """
    _, codes = np.unique(np.asarray(kinds, dtype=str), return_inverse=True)
    later = np.asarray(later, dtype=bool)
    if later.shape != codes.shape or codes.ndim != 1:
        raise ValueError(f"kinds has shape {codes.shape} and later {later.shape}; two lists of one length are needed")
    size = int(min(later.sum(), (~later).sum()))
    if size < 2:
        raise ValueError("later leaves fewer than two projects in a period; at least two are needed in each")
    rng = check.generator(seed)

    def diversity(group: np.ndarray) -> float:
        if len(group) == size:
            return hill_number(np.bincount(group), order)
        parts = [hill_number(np.bincount(rng.choice(group, size, replace=False)), order) for _ in range(20)]
        return float(np.mean(parts))

    def fall(mask: np.ndarray) -> float:
        return diversity(codes[~mask]) - diversity(codes[mask])

    seen = fall(later)
    shuffled = [fall(rng.permutation(later)) for _ in range(check.whole(draws, "draws"))]
    return seen, (1 + sum(value >= seen - 1e-12 for value in shuffled)) / (len(shuffled) + 1)


def likeness(kinds, groups, draws: int = 1_000, seed=0) -> tuple[float, float, float]:
    """Whether projects of one group, such as a country, are more alike than projects of different groups.

    Parameters
    ----------
    kinds : array_like of str
        The kind of each project.
    groups : array_like of str
        The group it belongs to.

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
