"""Governance: where cases stand between New Public Management (-1) and New Public Governance (+1)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sibmodels import _checks as check

__all__ = ["agreement", "index", "rank_robustness"]

LEVELS = ("nominal", "ordinal", "interval", "ratio")


def index(coding: pd.DataFrame, weights: Mapping[str, float] | None = None) -> pd.Series:
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
        Index ``case``, from the most NPM-like to the most NPG-like.

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
    return (scores @ (vector / vector.sum())).rename("index").sort_values(kind="stable")


def rank_robustness(coding: pd.DataFrame, draws: int = 10_000, seed: int | np.random.Generator = 0) -> pd.DataFrame:
    """How often each case takes each rank when the weights are drawn evenly from all that are possible.

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


def agreement(codings, level: str = "ordinal") -> float:
    """Krippendorff's alpha: 1 for identical coders, about 0 for chance (Hayes & Krippendorff 2007).

    Parameters
    ----------
    codings : array_like, shape (coders, units)
        NaN where a coder left a unit out: the one place in this package where NaN is an answer.
    level : {"ordinal", "nominal", "interval", "ratio"}

    Examples
    --------
    >>> agreement([[1, 2, 3, 3], [1, 2, 3, 3]])
    1.0
    """
    check.one_of(level, LEVELS, "level")
    table = np.asarray(codings, dtype=float)
    check.numbers(np.where(np.isnan(table), 0.0, table), "codings")
    if table.ndim != 2 or len(table) < 2:
        raise ValueError(f"codings have shape {table.shape}; a row a coder, at least two, is needed")
    if not (np.isfinite(table).sum(axis=0) >= 2).any():
        raise ValueError("codings have no unit that two coders coded; at least one is needed")
    if len(np.unique(table[np.isfinite(table)])) == 1:
        raise ValueError("codings hold one value only; agreement is undefined where nothing varies")
    import krippendorff  # loaded where it is used

    return float(krippendorff.alpha(reliability_data=table, level_of_measurement=level))


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
        where = [f"{case}/{dimension}" for case, dimension in scores.isna().stack().loc[lambda s: s].index]
        raise ValueError(f"coding has no score for {', '.join(where)}; every case needs every dimension")
    values = check.numbers(scores.to_numpy(), "score")
    if (np.abs(values) > 1).any():
        raise ValueError(f"score holds {values[np.abs(values) > 1].flat[0]:g}; it must lie between -1 and 1")
    return scores.astype(float)
