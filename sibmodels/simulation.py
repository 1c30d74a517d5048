"""Uncertainty: draws of performance and payment, and what an answer hangs on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sibmodels import _arguments as check
from sibmodels._arguments import Floats, Seed
from sibmodels.contracts import Contract
from sibmodels.people import Card

__all__ = ["CardResult", "Result", "breakeven", "distribution", "measure", "simulate", "tornado"]

FEW = 100  # people up to whom each is drawn; the luck of more is nearly normal
_Table: TypeAlias = Callable[[Floats], Floats]  # from normal scores to true rates
Drawer: TypeAlias = Callable[[np.random.Generator, Floats], Floats]  # from luck and a normal score to a result

_CHUNK = 100_000  # draws made together: bounds memory, and makes results independent of the executor


def simulate(
    contract: Contract,
    outlook: Mapping[str, tuple[float, float]],
    cohort: int | Mapping[str, int],
    draws: int = 10_000,
    rho: ArrayLike = 0.0,
    seed: Seed = 0,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """Draw what a contract might measure and pay.

    The true rate of outcome i is p_i ~ Beta with the given mean and concentration; what is measured
    in a cohort of n people is Binomial(n, p_i) / n; the count itself where the outcome is one, by its
    unit or because a rate card pays for it. Outcomes move together through a Gaussian copula.

    Parameters
    ----------
    contract : Contract
    outlook : mapping of outcome to (mean, concentration)
        Mean in [0, 1]; concentration above 0 (the beta's a + b), larger for surer; ``math.inf`` fixes
        the true rate at its mean, so that only the luck of a small cohort is left.
    cohort : int or mapping of outcome to int
        How many people each outcome is measured on.
    draws : int, optional
    rho : float or array_like, shape (outcomes, outcomes), optional
        Correlation of the true rates' normal scores: one number for all pairs, or a matrix in the
        order of the contract's outcomes.
    seed : int or numpy.random.Generator, optional
        The same seed gives the same draws, with or without an executor.
    executor : concurrent.futures.Executor, optional
        Chunks of draws are mapped over it.

    Returns
    -------
    DataFrame
        A row a draw: a column an outcome with its measured performance, and ``total_payment``.

    Notes
    -----
    Left out: drop-out from the cohort, error in the measure itself, and a programme that learns.

    Examples
    --------
    >>> from sibmodels import Contract, Outcome, PaymentSchedule
    >>> contract = Contract("One outcome", "GBP", [Outcome("job", PaymentSchedule.threshold(0.5, 100.0))])
    >>> draws = simulate(contract, {"job": (0.5, 20)}, cohort=30, draws=2_000, seed=1)
    >>> draws.columns.tolist(), len(draws), draws["total_payment"].isin([0, 100]).all().item()
    (['job', 'total_payment'], 2000, True)
    """
    names = contract.names
    check.same_keys(outlook.keys(), names, "outlook")
    for name in names:
        if np.shape(outlook[name]) != (2,):
            raise ValueError(f"outlook of {name!r} is {outlook[name]!r}; a pair (mean, concentration) is needed")
    sizes = cohort if isinstance(cohort, Mapping | pd.Series) else dict.fromkeys(names, cohort)
    check.same_keys(sizes.keys(), names, "cohort")
    people = {name: check.whole(sizes[name], f"cohort of {name!r}") for name in names}
    drawn = {
        outcome.name: Result(outlook[outcome.name][0], people[outcome.name], outlook[outcome.name][1], outcome.is_count)
        for outcome in contract.outcomes
    }
    return _run(drawn, draws, rho, seed, executor, contract)


@dataclass(frozen=True)
class Result:
    """What is to be drawn of one group: a share of its people, a count, or with `spread` a mean score.

    Parameters
    ----------
    mean : float
        True rate expected, in [0, 1]; with `spread` the true mean of the score, any number.
    people : int
    concentration : float, optional
        As if `mean` had been learned from so many people; infinite where it is known.
    is_count : bool, optional
        Whether the number of people is the result, not their share.
    spread : float, optional
        Standard deviation of the score among people.
    comparison : bool, optional
        Whether it is a comparison group, whose people the service does not reach.
    """

    mean: float
    people: int
    concentration: float = math.inf
    is_count: bool = False
    spread: float | None = None
    comparison: bool = False

    def drawer(self, name: str) -> Drawer:
        """A function from luck and a normal score to what is measured."""
        people = check.whole(self.people, f"cohort of {name!r}")
        if self.spread is None:
            table = _quantile_table(self.mean, self.concentration, name)
            return partial(_counted, table, people, self.is_count)
        mean, spread = check.number(self.mean, f"mean of {name!r}"), check.number(self.spread, "spread", low=0)
        return partial(_scored, mean, spread / math.sqrt(self.concentration), spread / math.sqrt(people))


@dataclass(frozen=True)
class CardResult:
    """What a group earns by a rate card: up to 100 people drawn one by one, the luck of more taken as normal.

    The true chance of each line, among those who could reach it, is a beta around what the card expects, as if
    learned from `concentration` people; lines are independent in this, and of other results.
    """

    card: Card
    people: int
    concentration: float = math.inf

    def drawer(self, name: str) -> Drawer:
        """A function from luck and a normal score (not used) to what is earned in all."""
        return partial(_carded, self.card, check.whole(self.people, f"cohort of {name!r}"), self.concentration)


def measure(
    results: Mapping[str, Result | CardResult],
    draws: int = 10_000,
    *,
    rho: ArrayLike = 0.0,
    seed: int | np.random.Generator = 0,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """Draw what is measured of groups: `simulate` without a contract, for results of any kind.

    Parameters
    ----------
    results : mapping of str to Result or CardResult
    draws, rho, seed, executor
        As in `simulate`; `rho` in the order of the results.

    Returns
    -------
    DataFrame
        A row a draw, a column a result.

    Examples
    --------
    Two groups without any effect: what their measured shares differ by has luck of both.

    >>> drawn = measure({"ours": Result(0.5, 200), "theirs": Result(0.5, 300)}, draws=20_000)
    >>> round(float((drawn["ours"] - drawn["theirs"]).var() / (0.25 / 200 + 0.25 / 300)), 1)
    1.0
    """
    return _run(dict(results), draws, rho, seed, executor, None)


def _run(
    results: Mapping[str, Result | CardResult],
    draws: int,
    rho: ArrayLike,
    seed: int | np.random.Generator,
    executor: Executor | None,
    contract: Contract | None,
) -> pd.DataFrame:
    draws = check.whole(draws, "draws")
    drawers = {name: one.drawer(name) for name, one in results.items()}
    chunk = partial(_chunk, contract, drawers, _mixing(rho, len(drawers)))
    chunks = [min(_CHUNK, draws - start) for start in range(0, draws, _CHUNK)]
    seeds = check.seed_sequence(seed).spawn(len(chunks))
    columns = [*drawers, *(["total_payment"] if contract else [])]
    result = np.empty((draws, len(columns)))
    start = 0
    for part in (executor.map if executor else map)(chunk, chunks, seeds):
        result[start : start + len(part)] = part
        start += len(part)
    return pd.DataFrame(result, columns=columns)


def distribution(values: ArrayLike, bins: int = 30) -> pd.DataFrame:
    """How often values fall where: a table small enough to draw and to print.

    Parameters
    ----------
    values : array_like
        In any unit, at least one.
    bins : int, optional
        How many, of equal width.

    Returns
    -------
    DataFrame
        Columns ``low`` and ``high`` (the ends of bins of equal width) and ``share``, which sums to 1.

    Examples
    --------
    >>> distribution([0, 1, 1, 4], bins=2)["share"].tolist()
    [0.75, 0.25]
    """
    each = check.numbers(values, "values").ravel()
    if not each.size:
        raise ValueError("values are empty; at least one is needed")
    counts, edges = np.histogram(each, bins=check.whole(bins, "bins"))
    return pd.DataFrame({"low": edges[:-1], "high": edges[1:], "share": counts / each.size})


def tornado(
    function: Callable[..., float], base: Mapping[str, float], ranges: Mapping[str, tuple[float, float]]
) -> pd.DataFrame:
    """One-at-a-time sensitivity: move each argument to the ends of its range, the others at `base`.

    Parameters
    ----------
    function : callable
        Gives one number, and takes the arguments of `base` by name.
    base : mapping of str to float
        Every argument at its best guess.
    ranges : mapping of str to (low, high)
        Of the arguments to be moved.

    Returns
    -------
    DataFrame
        Index ``argument``, the widest swing first; columns ``low``, ``high`` (the range),
        ``result_low``, ``result_high`` (the results there) and ``swing`` (their distance).

    Notes
    -----
    Left out: what arguments do together; where they interact, no one-at-a-time table shows it.

    Examples
    --------
    >>> table = tornado(lambda a, b: a + 10 * b, {"a": 1, "b": 1}, {"a": (0, 3), "b": (0.9, 1.2)})
    >>> table["swing"].round(6).to_dict()
    {'a': 3.0, 'b': 3.0}
    """
    rows = {}
    for argument, (low, high) in ranges.items():
        check.one_of(argument, base, "range for argument")
        results = [_result(function, {**base, argument: end}, argument) for end in (low, high)]
        rows[argument] = (low, high, *results, abs(results[1] - results[0]))
    columns = ["low", "high", "result_low", "result_high", "swing"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("argument")
    return table.sort_values("swing", ascending=False, kind="stable")


def breakeven(
    function: Callable[..., float], argument: str, bracket: tuple[float, float], target: float = 0.0
) -> float:
    """The value of `argument` in `bracket` at which `function` gives `target`, found by narrowing the bracket.

    Parameters
    ----------
    function : callable
        Gives one number, and takes `argument` by name.
    argument : str
    bracket : (low, high)
        Values of the argument whose results lie on two sides of the target.
    target : float, optional
        In the unit of the result.

    Returns
    -------
    float
        In the unit of the argument.

    Raises
    ------
    ValueError
        If the results at the two ends of the bracket lie on the same side of the target.

    Examples
    --------
    >>> round(breakeven(lambda uplift: 200 * uplift - 30, "uplift", (0, 1)), 6)
    0.15
    """
    low, high = (check.number(end, "bracket") for end in bracket)
    at_low, at_high = (_result(function, {argument: end}, argument) - target for end in (low, high))
    for end, gap in ((low, at_low), (high, at_high)):
        if gap == 0:
            return end
    rising = at_high > 0
    if (at_low > 0) == rising:
        raise ValueError(
            f"{argument} from {low:g} to {high:g} gives {at_low + target:g} to {at_high + target:g}, "
            f"which does not cross {target:g}; widen the bracket"
        )
    # Chandrupatla (1997): inverse quadratic steps where they are safe, else bisection; a tenth of the steps
    one, two, at_one, at_two = high, low, at_high, at_low
    share = 0.5
    for _ in range(200):
        new = one + share * (two - one)
        at_new = _result(function, {argument: new}, argument) - target
        if (at_new > 0) == (at_one > 0):
            three, at_three = one, at_one
        else:
            three, two, at_three, at_two = two, one, at_two, at_one
        one, at_one = new, at_new
        best = one if abs(at_one) < abs(at_two) else two
        least = (4 * math.ulp(1.0) * abs(best) + 2 * math.ulp(0.0)) / abs(two - one)
        if at_one == 0 or least > 0.5:
            break
        xi, phi = (one - two) / (three - two), (at_one - at_two) / (at_three - at_two)
        share = 0.5
        if phi**2 < xi and (1 - phi) ** 2 < 1 - xi:
            share = at_one / (at_two - at_one) * at_three / (at_two - at_three)
            share += (three - one) / (two - one) * at_one / (at_three - at_one) * at_two / (at_three - at_two)
        share = min(max(share, least), 1 - least)
    return best


def _result(function: Callable[..., float], arguments: Mapping[str, float], argument: str) -> float:
    return check.number(function(**arguments), f"result at {argument} = {arguments[argument]:g}")


def _chunk(
    contract: Contract | None, drawers: Mapping[str, Drawer], mixing: Floats, size: int, seed: np.random.SeedSequence
) -> Floats:
    """`size` draws of results and, with a contract, the total payment. At module level, so it pickles."""
    rng = np.random.default_rng(seed)
    independent = rng.standard_normal((len(drawers), size))
    measured = {}
    for (name, drawer), weights in zip(drawers.items(), mixing, strict=True):
        # sums of whole rows, not a matrix product: the same bits whatever library multiplies matrices
        score = sum(weight * row for weight, row in zip(weights, independent, strict=True))
        measured[name] = drawer(rng, score)
    return np.column_stack([*measured.values(), *([contract.total(measured)] if contract else [])])


def _counted(table: _Table, people: int, is_count: bool, rng: np.random.Generator, score: Floats) -> Floats:
    count: Floats = rng.binomial(people, table(score)).astype(float)
    return count if is_count else count / people


def _scored(mean: float, unsure: float, luck: float, rng: np.random.Generator, score: Floats) -> Floats:
    return mean + unsure * score + luck * rng.standard_normal(len(score))


def _carded(card: Card, people: int, concentration: float, rng: np.random.Generator, score: Floats) -> Floats:
    chances = np.broadcast_to(card.chances()[:, None], (len(card.lines), len(score)))
    if math.isfinite(concentration):
        sure = (chances <= 0) | (chances >= 1)
        a, b = (np.where(sure, 1.0, part * concentration) for part in (chances, 1 - chances))
        chances = np.where(sure, chances, rng.beta(a, b))
    if people <= FEW:
        return np.asarray(card.draw(people, len(score), rng, chances).sum(axis=1))
    mean, variance = card.moments(chances)
    earned = people * mean + np.sqrt(people * variance) * rng.standard_normal(len(score))
    return np.clip(earned, 0.0, people * card.most)


def _quantile_table(mean: float, concentration: float, name: str) -> _Table:
    """A function from a normal score to the true rate with that rank, for one outcome."""
    mean = check.number(mean, f"mean of {name!r}", low=0, high=1)
    if concentration != math.inf:
        concentration = check.number(concentration, f"concentration of {name!r}", above=0)
    if mean in (0.0, 1.0) or concentration == math.inf:
        return partial(_constant, mean)
    return partial(_interpolate, *_beta_scores(mean * concentration, (1 - mean) * concentration))


def _constant(value: float, score: Floats) -> Floats:
    return np.full_like(score, value)


def _interpolate(scores: Floats, logits: Floats, score: Floats) -> Floats:
    odds: Floats = np.exp(-np.interp(score, scores, logits))  # against
    return 1.0 / (1.0 + odds)


def _beta_scores(a: float, b: float, nodes: int = 8001) -> tuple[Floats, Floats]:
    """Nodes of the map from normal score to logit of a Beta(a, b), which is smooth: lines join them well.

    The beta's density in the logit x is proportional to exp(a x) / (1 + exp(x))**(a + b). It is added
    up from both ends by Simpson's rule, so that neither tail drowns in rounding, and each probability
    becomes a normal score. Nodes stand densely around the mode and ever wider into tails that may be
    long: x = mode + width sinh(u).
    """

    def log_density(x: ArrayLike) -> Floats:
        return a * np.asarray(x) - (a + b) * np.logaddexp(0.0, x)

    mode, width = math.log(a / b), min(1.0, math.sqrt(1 / a + 1 / b))

    def reach(sign: int) -> float:  # how far out in u the density has fallen by exp(-45)
        u = 1.0
        while log_density(mode + sign * width * math.sinh(u)) > log_density(mode) - 45:
            u += 0.5
        return sign * u

    x = mode + width * np.sinh(np.linspace(reach(-1), reach(1), nodes))
    ends, middles = (np.exp(log_density(at) - log_density(mode)) for at in (x, (x[:-1] + x[1:]) / 2))
    pieces = (ends[:-1] + 4 * middles + ends[1:]) * np.diff(x) / 6
    # what lies beyond the ends: exponential tails
    below = np.concatenate([[ends[0] / a], pieces]).cumsum()
    above = np.concatenate([pieces, [ends[-1] / b]])[::-1].cumsum()[::-1]
    whole = below[-1]  # but for a tail of exp(-45)
    score = NormalDist().inv_cdf
    scores = np.array([score(p) if p < 0.5 else -score(q) for p, q in zip(below / whole, above / whole, strict=True)])
    return scores, np.clip(x, -700, 700)  # a rate of exp(-700) is 0 for every cohort


def _mixing(rho: ArrayLike, size: int) -> Floats:
    """Rows of weights that turn independent normal scores into scores with correlation `rho`."""
    rho = check.numbers(rho, "rho")
    if rho.ndim == 0:
        matrix = np.full((size, size), float(rho))
        np.fill_diagonal(matrix, 1.0)
    else:
        matrix = rho
    if matrix.shape != (size, size) or not np.allclose(matrix, matrix.T) or not np.allclose(matrix.diagonal(), 1):
        raise ValueError(
            f"rho is {rho.tolist()}; give one number, or a symmetric {size} x {size} matrix with 1 on its diagonal"
        )
    values, vectors = np.linalg.eigh(matrix)
    if values.min() < -1e-9:
        raise ValueError(
            f"rho is {rho.tolist()}, which is no correlation of {size} outcomes; one number must lie "
            f"between {-1 / (size - 1):.3g} and 1, a matrix must have no negative eigenvalue"
        )
    # the symmetric root: the only one that does not hang on the order and signs of eigenvectors
    root: Floats = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root
