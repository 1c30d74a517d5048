"""Governance: where cases stand between New Public Management (-1) and New Public Governance (+1)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sibmodels import _arguments as check
from sibmodels._arguments import Floats, Seed

__all__ = [
    "agreement",
    "agreement_coverage",
    "agreement_interval",
    "index",
    "rank_robustness",
]

LEVELS = ("nominal", "ordinal", "interval", "ratio")


def index(coding: pd.DataFrame, weights: Mapping[str, float] | None = None) -> pd.Series[float]:
    """Each case's weighted mean score.

    Parameters
    ----------
    coding : DataFrame
        Columns ``case``, ``dimension``, ``score`` in [-1, 1]: one score for every case and dimension.
    weights : mapping of dimension to float, optional
        At least 0, not all 0; only their proportions matter. Equal if None.

    Returns
    -------
    Series
        Index ``case``, from the most NPM-like to the most NPG-like, to 12 decimals; tied cases in the order of
        their names.

    Notes
    -----
    Left out: that a scale may not be additive at all. A weighted mean assumes that collaboration can
    make up for, say, a missing voice of users.

    Examples
    --------
    >>> coding = pd.DataFrame({"case": ["a", "a", "b", "b"], "dimension": ["x", "y"] * 2, "score": [1, 0, -1, 1]})
    >>> index(coding, {"x": 3, "y": 1}).to_dict()
    {'b': -0.5, 'a': 0.75}
    """
    scores = _scores(coding)
    if weights is None:
        weights = dict.fromkeys(scores.columns, 1.0)
    check.same_keys(weights.keys(), scores.columns, "weights", "the coding's dimensions")
    vector = check.numbers([weights[name] for name in scores.columns], "weights")
    if (vector < 0).any() or vector.sum() == 0:
        raise ValueError(f"weights are {dict(weights)}; they must be at least 0, and not all 0")
    mean: pd.Series[float] = (scores * (vector / vector.sum())).sum(axis=1)
    # a tie is a tie on every machine, however it rounds
    return mean.round(12).rename("index").sort_values(kind="stable")


def rank_robustness(coding: pd.DataFrame, draws: int = 10_000, seed: Seed = 0) -> pd.DataFrame:
    """How often each case takes each rank when the weights are drawn evenly from all that are possible.

    Parameters
    ----------
    coding : DataFrame
        As `index` takes it.
    draws : int, optional
    seed : int or numpy.random.Generator, optional

    Returns
    -------
    DataFrame
        Index ``case``, columns ``1, 2, ...`` (1 is the most NPM-like): the share of `draws` of Dirichlet(1)
        weights. Rows sum to 1. Tied cases share the rank numbers they tie for in the order of their names.

    Examples
    --------
    >>> coding = pd.DataFrame({"case": ["a", "a", "b", "b"], "dimension": ["x", "y"] * 2, "score": [-1, 0, 0, 1]})
    >>> rank_robustness(coding, draws=100).loc["a"].tolist()
    [1.0, 0.0]
    """
    scores = _scores(coding)
    rng = check.generator(seed)
    weights = rng.dirichlet(np.ones(scores.shape[1]), size=check.whole(draws, "draws"))
    order = (scores.to_numpy() @ weights.T).argsort(axis=0, kind="stable")  # (rank, draw) -> case
    counts = np.stack([np.bincount(row, minlength=len(scores)) for row in order], axis=1)
    ranks = pd.RangeIndex(1, len(scores) + 1, name="rank")
    return pd.DataFrame(counts / weights.shape[0], index=scores.index, columns=ranks)


def agreement(codings: ArrayLike, level: str = "ordinal") -> float:
    """Krippendorff's alpha: 1 for identical coders, about 0 for chance (Hayes & Krippendorff 2007).

    alpha = 1 - D_o / D_e: the squared distance between two values of one unit by different coders, on
    average, over that of any two of the values that can be paired. Distances: nominal 1 for different;
    interval a - b; ratio (a - b) / (a + b); ordinal the number of values from a to b, its ends counted half.

    Parameters
    ----------
    codings : array_like, shape (coders, units)
        NaN, None or an empty text where a coder left a unit out: the one place in this package where NaN is
        an answer. Words will do at the nominal level.
    level : {"ordinal", "nominal", "interval", "ratio"}

    Returns
    -------
    float
        At most 1.

    Raises
    ------
    ValueError
        Also where what two coders share does not vary, and for a ratio scale with values below 0.

    Examples
    --------
    >>> agreement([[1, 2, 3, 3], [1, 2, 3, 3]])
    1.0
    >>> agreement([["A", "B"], ["B", "A"]], "nominal")
    -0.5
    """
    pairs, values = _pairs_of_values(codings, level)
    return float(_alphas(pairs.sum(axis=0)[None], values, level)[0])


def agreement_interval(
    codings: ArrayLike,
    level: str = "ordinal",
    draws: int = 1_000,
    seed: Seed = 0,
    *,
    coverage: float = 0.95,
    clusters: ArrayLike | None = None,
) -> tuple[float, float]:
    """Bootstrap interval of Krippendorff's alpha: units, or whole clusters of them, are drawn anew.

    alpha -+ t s sqrt(k / (k - 1)), cut at -1 and 1: s is the standard deviation of alpha over the draws, k the
    number of things drawn, and t Student's quantile with k - 1 degrees of freedom, without which few
    clusters promise too much.

    Parameters
    ----------
    codings : array_like, shape (coders, units)
        As `agreement` takes them.
    level : {"ordinal", "nominal", "interval", "ratio"}
    draws : int, optional
    seed : int or numpy.random.Generator, optional
    coverage : float, optional
        How often the interval should hold the alpha of all units that might have been coded.
    clusters : array_like, optional
        The cluster of each unit, such as the case that it belongs to. Units of one cluster, read in one
        text by one coder, are not independent: they are drawn together. None draws each unit by itself.

    Returns
    -------
    (low, high) : tuple of float

    Raises
    ------
    ValueError
        Also for fewer than two units, or clusters, that two coders coded.

    Notes
    -----
    It says how far alpha hangs on the units coded; other coders would move it too, and two coders of the
    same class are not independent. A draw in which nothing varies has no alpha and is left out. Not the
    bootstrap of Hayes and Krippendorff (2007), who draw pairs of values; the plain quantiles of the draws
    held the truth in 65 % of classes where 95 was promised, with four clusters. `agreement_coverage`
    simulates this one.

    Examples
    --------
    >>> agreement_interval([[1, 2, 3, 3, 1, 2], [1, 2, 3, 3, 1, 2]], draws=20)
    (1.0, 1.0)
    """
    pairs, values = _pairs_of_values(codings, level)
    alpha = _alphas(pairs.sum(axis=0)[None], values, level)[0]
    coverage = check.number(coverage, "coverage", above=0)
    if coverage >= 1:
        raise ValueError(f"coverage is {coverage:g}; it must lie between 0 and 1")
    whole = _clustered(pairs, clusters)
    size, draws = len(whole), check.whole(draws, "draws", low=2)
    chosen = check.generator(seed).integers(size, size=(draws, size))
    again = np.tensordot(np.stack([np.bincount(row, minlength=size) for row in chosen]), whole, axes=1)
    again = again[(again.sum(axis=2) > 0).sum(axis=1) > 1]
    if len(again) < 2:
        raise ValueError("no draw holds two different values; an interval needs more units")
    error = _alphas(again, values, level).std(ddof=1) * math.sqrt(size / (size - 1))
    error *= _t_score((1 + coverage) / 2, size - 1)
    return float(max(alpha - error, -1.0)), float(min(alpha + error, 1.0))


def agreement_coverage(
    clusters: int = 4,
    units: int = 6,
    coders: int = 8,
    *,
    spread: float = 0.6,
    error: float = 0.4,
    shared: float = 0.5,
    coverage: float = 0.95,
    classes: int = 200,
    draws: int = 200,
    seed: Seed = 0,
) -> pd.DataFrame:
    """How often `agreement_interval` holds alpha, for classes that score on the scale of this book.

    A unit's score is a part of its cluster plus a part of its own, each normal with standard deviation
    `spread`. A coder's reading adds an error with standard deviation `error`, of whose variance the part
    `shared` is the same for all units of a cluster. Readings go to the nearest of -1, -0.5, 0, 0.5, 1.

    Parameters
    ----------
    clusters, units, coders : int
        Clusters, units in each, and coders, as a class has them.
    spread, error : float
        Standard deviations, in points of the scale.
    shared : float
        In [0, 1].
    coverage : float
        Of the interval, as in `agreement_interval`.
    classes : int
        Classes simulated; the truth is the ordinal alpha of a class with 2,000 clusters.
    draws : int
        For each interval.
    seed : int or numpy.random.Generator

    Returns
    -------
    DataFrame
        Index ``drawn`` (unit, cluster): what the bootstrap draws. Columns ``held``, ``too_low`` and
        ``too_high``: shares of the classes whose interval holds the truth, or lies wholly below or above it.

    Examples
    --------
    >>> held = agreement_coverage(classes=50)["held"]
    >>> bool(held["cluster"] > held["unit"])
    True
    """
    clusters, units = check.whole(clusters, "clusters", low=2), check.whole(units, "units")
    coders, classes = check.whole(coders, "coders", low=2), check.whole(classes, "classes")
    spread, error = check.number(spread, "spread", above=0), check.number(error, "error", above=0)
    shared, rng = check.number(shared, "shared", 0, 1), check.generator(seed)

    def scores(many: int) -> Floats:
        truth = spread * (rng.normal(size=(many, 1)) + rng.normal(size=(many, units)))
        common = math.sqrt(shared) * rng.normal(size=(coders, many, 1))
        read = truth + error * (common + math.sqrt(1 - shared) * rng.normal(size=(coders, many, units)))
        steps: Floats = np.round(2 * read) / 2
        return steps.clip(-1, 1).reshape(coders, -1)

    truth, rows = agreement(scores(2_000)), []
    for _ in range(classes):
        codings = scores(clusters)
        for drawn, of in (("unit", None), ("cluster", np.repeat(np.arange(clusters), units))):
            low, high = agreement_interval(codings, draws=draws, seed=rng, coverage=coverage, clusters=of)
            rows.append((drawn, low <= truth <= high, high < truth, truth < low))
    table = pd.DataFrame(rows, columns=["drawn", "held", "too_low", "too_high"])
    return table.groupby("drawn", sort=False).mean()


def _clustered(pairs: Floats, clusters: ArrayLike | None) -> Floats:
    """Tables of coincidences added up by cluster; units that only one coder coded say nothing and go."""
    labels = np.arange(len(pairs)) if clusters is None else np.asarray(clusters, dtype=str)
    if labels.shape != (len(pairs),):
        raise ValueError(f"clusters have shape {labels.shape}; one for each of the {len(pairs)} units is needed")
    coded = pairs.any(axis=(1, 2))
    names, at = np.unique(labels[coded], return_inverse=True)
    if len(names) < 2:
        what = "unit" if clusters is None else "cluster"
        raise ValueError(f"codings have one {what} that two coders coded; an interval needs at least two")
    whole = np.zeros((len(names), *pairs.shape[1:]))
    np.add.at(whole, at, pairs[coded])
    return whole


def _t_score(p: float, df: int) -> float:
    """Quantile of Student's t for p of at least 0.5, from its closed form for whole degrees of freedom."""

    def between(angle: float) -> float:  # P(-t < T < t) at t = sqrt(df) tan(angle), Abramowitz and Stegun 26.7.3-4
        square, term = math.cos(angle) ** 2, 1.0
        total = 1.0 if df > 1 else 0.0
        for i in range(3 if df % 2 else 2, df - 1, 2):
            term *= (i - 1) / i * square
            total += term
        if df % 2 == 0:
            return math.sin(angle) * total
        return 2 / math.pi * (angle + math.sin(angle) * math.cos(angle) * total)

    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if between(middle) < 2 * p - 1 else (low, middle)
    return math.sqrt(df) * math.tan((low + high) / 2)


def _pairs_of_values(codings: ArrayLike, level: str) -> tuple[Floats, np.ndarray]:
    """For each unit, how often values i and j meet in it, by different coders, each unit weighing as its values.

    Returns the pairs, of shape (units, values, values), and the values, sorted.
    """
    check.one_of(level, LEVELS, "level")
    table = np.asarray(codings, dtype=object)
    if table.ndim != 2 or len(table) < 2:
        raise ValueError(f"codings have shape {table.shape}; at least two coders, a row each, are needed")
    blank = np.array([[_blank(cell) for cell in row] for row in table], dtype=bool).reshape(table.shape)
    if level == "nominal" and any(isinstance(cell, str) for cell in table[~blank]):
        table = np.where(blank, "", table).astype(str)
    else:
        table = check.numbers(np.where(blank, 0.0, table).tolist(), "codings")
    if level == "ratio" and (table[~blank] < 0).any():
        raise ValueError(f"codings hold {table[~blank].min():g}; a ratio scale begins at 0")
    values = np.unique(table[~blank])
    counts = ((table[:, :, None] == values) & ~blank[:, :, None]).sum(axis=0).astype(float)  # (units, values)
    coders = counts.sum(axis=1)
    if not (coders >= 2).any():
        raise ValueError("codings have no unit that two coders coded; at least one is needed")
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(len(values))
    return np.where(coders >= 2, 1 / np.maximum(coders - 1, 1), 0.0)[:, None, None] * pairs, values


def _blank(cell: object) -> bool:
    return cell is None or cell == "" or cell != cell


def _alphas(pairs: Floats, values: np.ndarray, level: str) -> Floats:
    """Alpha of each table of coincidences in `pairs`, of shape (tables, values, values)."""
    totals = pairs.sum(axis=2)
    if ((totals > 0).sum(axis=1) < 2).any():
        raise ValueError(
            "codings hold one value only where two coders share a unit; agreement is undefined where nothing varies"
        )
    if level == "nominal":
        distance = 1.0 - np.eye(len(values))
    elif level == "interval":
        distance = (values[:, None] - values) ** 2
    elif level == "ratio":
        sums = values[:, None] + values
        distance = np.divide(values[:, None] - values, sums, out=np.zeros_like(sums), where=sums > 0) ** 2
    else:
        middle = totals.cumsum(axis=1) - totals / 2  # of each value's place in the row of all
        distance = (middle[:, :, None] - middle[:, None, :]) ** 2
    met: Floats = (pairs * distance).sum(axis=(1, 2))
    chance: Floats = (totals[:, :, None] * totals[:, None, :] * distance).sum(axis=(1, 2)) / (totals.sum(axis=1) - 1)
    return 1.0 - met / chance


def _scores(coding: pd.DataFrame) -> pd.DataFrame:
    """Case by dimension; every cell once, every score in [-1, 1]."""
    absent = [name for name in ("case", "dimension", "score") if name not in coding.columns]
    if absent:
        raise ValueError(f"coding lacks the columns {absent}; it needs case, dimension and score")
    twice = coding.duplicated(["case", "dimension"])
    if twice.any():
        raise ValueError(f"coding scores {tuple(coding.loc[twice, ['case', 'dimension']].iloc[0])} twice")
    scores = coding.pivot(index="case", columns="dimension", values="score")
    if scores.isna().any().any():
        gaps = np.argwhere(scores.isna().to_numpy())
        where = [f"{scores.index[case]}/{scores.columns[dimension]}" for case, dimension in gaps]
        raise ValueError(f"coding has no score for {', '.join(where)}; every case needs every dimension")
    values = check.numbers(scores.to_numpy(), "score")
    if (np.abs(values) > 1).any():
        raise ValueError(f"score holds {values[np.abs(values) > 1].flat[0]:g}; it must lie between -1 and 1")
    return scores.astype(float)
