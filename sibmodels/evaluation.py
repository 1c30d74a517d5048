"""Evaluation: what a measured result can show, and what it cannot."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from sibmodels import _arguments as check
from sibmodels._arguments import Floats, Seed
from sibmodels.options import expected_shortfall

__all__ = [
    "CELLS",
    "Doughnut",
    "contract_mde",
    "contract_power",
    "doughnut",
    "doughnut_trial",
    "minimum_detectable_effect",
    "payment_errors",
    "power",
    "regression_to_the_mean",
    "sample_size",
    "value_of_information",
]

CELLS = ("usual service, usual arrangement", "usual service, SIB", "new service, usual arrangement", "new service, SIB")
"""Service by arrangement: what `doughnut` needs a mean of."""


def sample_size(p0: float, p1: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """People needed in each of two groups to tell the rates `p0` and `p1` apart, two-sided.

    n = (z(1 - alpha/2) + z(power))^2 (p0 (1 - p0) + p1 (1 - p1)) / (p1 - p0)^2, rounded up: the normal
    approximation with the variance not pooled, and no correction for continuity. (Pooling the variance
    under the hypothesis of no difference gives a little more: 1,565 in the example.)

    Parameters
    ----------
    p0, p1 : float
        Rates, in [0, 1], that differ.
    power : float, optional
        The chance to show the difference, above 0 and below 1.
    alpha : float, optional
        The chance to show one where there is none.

    Returns
    -------
    int
        People in each of the two groups.

    Notes
    -----
    Left out: clusters, drop-out and repeated looks, all of which need more people.

    Examples
    --------
    >>> sample_size(0.50, 0.45)
    1562
    """
    p0, p1 = (_rate(value, name) for value, name in ((p0, "p0"), (p1, "p1")))
    if p0 == p1:
        raise ValueError(f"p0 and p1 are both {p0:g}; they must differ")
    score = _scores(alpha, power)
    return max(math.ceil(score**2 * (p0 * (1 - p0) + p1 * (1 - p1)) / (p1 - p0) ** 2 - 1e-9), 1)


def power(n: int, p0: float, p1: float, alpha: float = 0.05) -> float:
    """Chance that groups of `n` each show a difference of the rates `p0` and `p1`, two-sided.

    The approximation of `sample_size`, solved for the power.

    Parameters
    ----------
    n : int
        People in each group.
    p0, p1 : float
        Rates, in [0, 1].
    alpha : float, optional
        The chance to show a difference where there is none.

    Returns
    -------
    float
        A chance, in [0, 1].

    Examples
    --------
    >>> round(power(1562, 0.50, 0.45), 3)
    0.8
    """
    n = check.whole(n, "n")
    p0, p1 = (_rate(value, name) for value, name in ((p0, "p0"), (p1, "p1")))
    deviation = math.sqrt((p0 * (1 - p0) + p1 * (1 - p1)) / n)
    if deviation == 0:
        return 1.0 if p0 != p1 else 0.0
    return NormalDist().cdf(abs(p1 - p0) / deviation - _score(1 - _error(alpha, "alpha") / 2))


def minimum_detectable_effect(n: int, p0: float, power: float = 0.8, alpha: float = 0.05) -> float:
    """The smallest rise over the rate `p0` that groups of `n` each would show with this power.

    Parameters
    ----------
    n : int
        People in each group.
    p0 : float
        The rate without the service, in [0, 1].
    power : float, optional
        The chance to show the rise, above 0 and below 1.
    alpha : float, optional
        The chance to show one where there is none.

    Returns
    -------
    float
        A difference of rates: 0.19 is 19 points.

    Examples
    --------
    >>> effect = minimum_detectable_effect(100, 0.5)
    >>> round(effect, 3), sample_size(0.5, 0.5 + effect)
    (0.191, 100)
    """
    n, p0 = check.whole(n, "n"), _rate(p0, "p0")
    score = _scores(alpha, power)
    # n d^2 = score^2 (p0 q0 + (p0 + d)(1 - p0 - d)) is a quadratic in d
    a, b, c = n + score**2, score**2 * (2 * p0 - 1), -2 * score**2 * p0 * (1 - p0)
    effect = (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)
    if p0 + effect > 1:
        raise ValueError(f"n is {n}: no rise from p0 = {p0:g} could be shown; more people are needed")
    return effect


def contract_power(
    effect: float, sd: float, people: int, contracts: int = 1, between_sd: float = 0.0, alpha: float = 0.05
) -> float:
    """Chance that contracts of two arrangements show a difference of their means, two-sided.

    An arrangement, such as a SIB or a grant, is given to a contract and not to a person: everybody in one
    contract shares its staff, its place and its luck. With k contracts an arm and m people in each,
    SE^2 = 2 (between_sd^2 + sd^2 / m) / k, as for trials that draw whole clusters, and the power is
    Phi(abs(effect) / SE - z(1 - alpha/2)), the far tail left out as in `power`.

    Parameters
    ----------
    effect : float
        Difference of the means of the two arrangements, in points of the outcome.
    sd : float
        Standard deviation of one person's outcome within a contract, above 0.
    people : int
        In each contract.
    contracts : int, optional
        In each of the two arms.
    between_sd : float, optional
        Standard deviation between contracts of one arrangement: what would differ if the same
        arrangement were tried again elsewhere.
    alpha : float, optional
        The chance to show a difference where there is none.

    Returns
    -------
    float
        A chance, in [0, 1].

    Notes
    -----
    Both standard deviations are taken as known. With one contract an arm nothing in the data tells
    `between_sd` from the effect, so that the figure is a promise that such a trial could not check. Left
    out as well: arrangements that are chosen and not drawn by lot.

    Examples
    --------
    9,000 people in each of two contracts, first if contracts did not differ, then if they did a little:

    >>> round(contract_power(1, 8, 9_000), 2), round(contract_power(1, 8, 9_000, between_sd=1), 2)
    (1.0, 0.1)
    """
    effect = check.number(effect, "effect")
    error = _contract_error(sd, people, contracts, between_sd)
    return NormalDist().cdf(abs(effect) / error - _score(1 - _error(alpha, "alpha") / 2))


def contract_mde(
    sd: float, people: int, contracts: int = 1, between_sd: float = 0.0, alpha: float = 0.05, power: float = 0.8
) -> float:
    """The smallest difference of two arrangements that so many contracts of each would show with this power.

    `contract_power` solved for the effect, with its other parameters; it leaves out the same.

    Parameters
    ----------
    sd, people, contracts, between_sd, alpha
        As `contract_power` takes them.
    power : float, optional
        The chance to show the difference, above 0 and below 1.

    Returns
    -------
    float
        In points of the outcome.

    Examples
    --------
    More people in a contract hardly help where contracts differ; more contracts do.

    >>> [round(contract_mde(8, people, contracts, 1.0), 2) for people, contracts in ((430, 1), (9_000, 1), (430, 29))]
    [4.25, 3.98, 0.79]
    """
    return _scores(alpha, power) * _contract_error(sd, people, contracts, between_sd)


def payment_errors(
    n: int, baseline: float, effect: float, trigger: float, comparison_n: int | None = None
) -> tuple[float, float]:
    """How often a trigger pays for nothing, and how often it fails a service that works.

    Payment is due when the measured rise over the baseline is at least `trigger`. Without a comparison
    group the baseline is taken as known, and the measured rise is the cohort's rate less the baseline;
    with one, it is the cohort's rate less the comparison group's, whose luck counts as well.

    Parameters
    ----------
    n : int
        People served.
    baseline, effect, trigger : float
        Rates: without the service, the rise it causes, the rise that is paid for.
    comparison_n : int, optional
        People in the comparison group.

    Returns
    -------
    (pay_given_no_effect, no_pay_given_effect) : tuple of float
        Exact, from the binomial distribution.

    Notes
    -----
    Left out: a baseline that is wrong. No number of people helps against that.

    Examples
    --------
    >>> wrong, missed = payment_errors(100, baseline=0.3, effect=0.1, trigger=0.1)
    >>> round(wrong, 3), round(missed, 3)
    (0.021, 0.462)
    """
    n, baseline = check.whole(n, "n"), _rate(baseline, "baseline")
    effect, trigger = check.number(effect, "effect", -1, 1), check.number(trigger, "trigger", -1, 1)
    treated = check.number(baseline + effect, "baseline + effect", 0, 1)

    def chances(rate: float) -> tuple[float, float]:
        counts = _binomial(n, rate)
        # each tail summed from its small end: 1 less the other would lose its digits
        at_least = np.append(counts[::-1].cumsum()[::-1], 0.0)  # P(X >= k), k = 0 .. n + 1
        below = np.append(0.0, counts.cumsum())
        if comparison_n is None:
            compared, chance = np.array([baseline]), np.array([1.0])
        else:
            m = check.whole(comparison_n, "comparison_n")
            compared, chance = np.arange(m + 1) / m, _binomial(m, baseline)
        # the least count that reaches the trigger; a rise equal to it counts as reaching it
        least = np.clip(np.ceil(n * (compared + trigger) - 1e-9), 0, n + 1).astype(int)
        paid, unpaid = (float(min(chance @ tail[least], 1.0)) for tail in (at_least, below))
        return paid, unpaid

    return chances(baseline)[0], chances(treated)[1]


def regression_to_the_mean(shape: float, rate: float, at_least: int) -> float:
    """By how much people chosen for many events last year will have fewer next year, with no service.

    A person's events in a year are Poisson with a mean of their own, the same every year; the means are
    Gamma(`shape`, `rate`) across people. Chosen are those with `at_least` events in one year.

    Parameters
    ----------
    shape, rate : float
        Above 0. The mean is shape / rate; the smaller the shape, the more people differ.
    at_least : int
        At least 0.

    Returns
    -------
    float
        The fall in mean events, as a share: 1 - E[Y2] / E[Y1], given Y1 >= at_least.

    Notes
    -----
    E[Y2 | Y1 = y] = (shape + y) / (rate + 1), and Y1 is negative binomial. Left out: people whose own
    mean changes, as by ageing, recovery or death.

    Examples
    --------
    Everybody chosen: no fall. People who differ little, chosen for a bad year: nearly all of it.

    >>> regression_to_the_mean(1.0, 1.0, 0), round(regression_to_the_mean(50.0, 50.0, 4), 2)
    (0.0, 0.75)
    """
    shape, rate = check.number(shape, "shape", above=0), check.number(rate, "rate", above=0)
    at_least = check.whole(at_least, "at_least", low=0)
    below = np.arange(at_least)
    log_gammas = np.array([math.lgamma(shape + y) - math.lgamma(shape) - math.lgamma(y + 1) for y in below])
    chance = np.exp(log_gammas + shape * math.log(rate / (rate + 1)) - below * math.log(rate + 1))
    chosen = 1.0 - chance.sum()
    if chosen < 1e-12:
        raise ValueError(f"at_least is {at_least}; hardly anybody with a mean of {shape / rate:g} has so many events")
    mean = shape / rate
    first = (mean - (below * chance).sum()) / chosen
    # E[Y1] - E[Y2] = rate (E[Y1] - mean) / (rate + 1), and E[Y1] - mean is due to those left out
    return float(rate / (rate + 1) * ((mean - below) * chance).sum() / chosen / first)


def value_of_information(
    mean: float, prior_sd: float, sd: float, people: int, *, comparison: bool = False, between_sd: float = 0.0
) -> float:
    """What an evaluation is worth to whoever then decides, for each person whom the decision reaches.

    A service is worth V a person, net of its cost, and before the evaluation V is normal with `mean` and
    `prior_sd`. The evaluation measures it with the error se^2 = between_sd^2 + sd^2 / people, twice that with
    a comparison group as large. What will then be believed is normal too, with the standard deviation
    s_r = prior_sd^2 / sqrt(prior_sd^2 + se^2). Afterwards the service is adopted if V is believed to be above
    0, before if `mean` is, and not adopting earns nothing. On average the evaluation gains

        s_r (phi(z) - z Phi(-z)), z = abs(mean) / s_r,

    the expected value of sample information (Raiffa & Schlaifer 1961).

    Parameters
    ----------
    mean, prior_sd : float
        Of V, in money a person; `prior_sd` at least 0.
    sd : float
        Standard deviation of what is measured on one person, in the same unit, above 0.
    people : int
        Measured.
    comparison : bool, optional
        Whether as many people without the service are measured too. Without them the baseline is taken as
        known, which makes the evaluation look worth more than it is.
    between_sd : float, optional
        An error that everybody measured shares and no number of them removes: contracts that differ, or a
        baseline that is off; at least 0.

    Returns
    -------
    float
        Money a person, at least 0. Times the people whom the decision reaches, discounted, it is the most
        that the evaluation may cost.

    Notes
    -----
    Left out: people served while it is waited for, a decision that takes no notice of it (then it is worth
    nothing), and what others learn from it.

    Examples
    --------
    >>> [round(value_of_information(1, 2, 8, people), 4) for people in (10, 100, 9_000)]
    [0.1475, 0.3457, 0.395]
    >>> round(value_of_information(1, 2, 8, 100, comparison=True), 3)
    0.306
    """
    mean, prior = check.number(mean, "mean"), check.number(prior_sd, "prior_sd", low=0)
    error = _contract_error(sd, people, 1, between_sd)  # of a difference of two groups
    if not comparison:
        error /= math.sqrt(2)
    return expected_shortfall(abs(mean), prior**2 / math.hypot(prior, error))


@dataclass(frozen=True)
class Doughnut:
    """Result of `doughnut`: effects of the service (jam) and of the arrangement (dough), and what designs see.

    Attributes
    ----------
    jam : float
        Effect of the new service under the usual arrangement.
    dough : float
        Effect of the SIB on the usual service.
    interaction : float
        What the two do together beyond their sum.
    designs : DataFrame
        Index ``design``; ``estimate`` and ``off_jam``, ``off_dough``: how far it is from each effect.
    """

    jam: float
    dough: float
    interaction: float
    designs: pd.DataFrame


def doughnut(means: Mapping[str, float], trend: float = 0.0) -> Doughnut:
    """What common evaluation designs measure, after the doughnut of Carter & FitzGerald (2018).

    Parameters
    ----------
    means : mapping of str to float
        Mean outcome in each cell of service by arrangement: the keys are `CELLS`.
    trend : float, optional
        Change from before to after that would have come with the usual service and arrangement.

    Returns
    -------
    Doughnut
        In the unit of the means.

    Examples
    --------
    >>> result = doughnut(dict(zip(CELLS, (10, 11, 14, 17))), trend=2)
    >>> result.jam, result.dough, result.interaction
    (4.0, 1.0, 2.0)
    >>> result.designs["estimate"].to_dict()["before and after"]
    9.0
    """
    check.same_keys(means.keys(), CELLS, "means", "the cells")
    usual, sib, new, both = (check.number(means[cell], f"mean of {cell!r}") for cell in CELLS)
    trend = check.number(trend, "trend")
    jam, dough, interaction = new - usual, sib - usual, both - new - sib + usual
    estimates = {
        "before and after": both - usual + trend,
        "SIB against business as usual": both - usual,
        "SIB against the same service by grant": both - new,
        "factorial: effect of the service": (new - usual + both - sib) / 2,
        "factorial: effect of the arrangement": (sib - usual + both - new) / 2,
    }
    designs = pd.DataFrame({"estimate": estimates}).rename_axis("design")
    return Doughnut(
        jam,
        dough,
        interaction,
        designs.assign(off_jam=designs["estimate"] - jam, off_dough=designs["estimate"] - dough),
    )


def doughnut_trial(
    means: Mapping[str, float],
    n: int,
    sd: float,
    trend: float = 0.0,
    draws: int = 10_000,
    seed: Seed = 0,
    *,
    contracts: int = 1,
    between_sd: float = 0.0,
) -> pd.DataFrame:
    """Simulated estimates of every design of `doughnut`, with `contracts` of `n` people in each cell.

    Parameters
    ----------
    means, trend
        As `doughnut` takes them.
    n : int
        People in each contract; the same again, measured earlier, for before and after.
    sd : float
        Standard deviation of one person's outcome within a contract.
    draws : int, optional
    seed : int or numpy.random.Generator, optional
    contracts : int, optional
        In each cell.
    between_sd : float, optional
        Standard deviation between contracts of one cell. At 0 people are the unit: as if a contract had
        no luck of its own.

    Returns
    -------
    DataFrame
        A row a draw, a column a design.

    Examples
    --------
    >>> trial = doughnut_trial(dict(zip(CELLS, (10, 11, 14, 17))), n=100, sd=5, draws=2_000, seed=1)
    >>> trial["SIB against business as usual"].mean().round()
    np.float64(7.0)
    """
    exact = doughnut(means, trend).designs["estimate"]
    deviation = _contract_error(sd, check.whole(n, "n"), contracts, between_sd) / math.sqrt(2)  # of one cell's mean
    noise = check.generator(seed).normal(0.0, deviation, (5, check.whole(draws, "draws")))
    before, usual, sib, new, both = noise
    errors = [both - before, both - usual, both - new, (new - usual + both - sib) / 2, (sib - usual + both - new) / 2]
    return pd.DataFrame({design: exact[design] + error for design, error in zip(exact.index, errors, strict=True)})


def _binomial(n: int, p: float) -> Floats:
    """Probabilities of 0 .. n successes."""
    if p in (0.0, 1.0):
        certain: Floats = np.eye(n + 1)[n if p else 0]
        return certain
    k = np.arange(n + 1)
    factorial = np.concatenate([[0.0], np.log(np.arange(1, n + 1)).cumsum()])
    logs: Floats = factorial[n] - factorial[k] - factorial[n - k] + k * math.log(p) + (n - k) * math.log1p(-p)
    return np.exp(logs)


def _rate(value: float, name: str) -> float:
    return check.number(value, name, low=0, high=1)


def _error(value: float, name: str) -> float:
    value = check.number(value, name, above=0)
    if value >= 1:
        raise ValueError(f"{name} is {value:g}; it must lie between 0 and 1")
    return value


def _score(p: float) -> float:
    return NormalDist().inv_cdf(p)


def _contract_error(sd: float, people: int, contracts: int, between_sd: float) -> float:
    """Standard error of the difference of two arms."""
    sd, between_sd = check.number(sd, "sd", above=0), check.number(between_sd, "between_sd", low=0)
    people, contracts = check.whole(people, "people"), check.whole(contracts, "contracts")
    return math.sqrt(2 * (between_sd**2 + sd**2 / people) / contracts)


def _scores(alpha: float, power: float) -> float:
    """How many standard errors an effect must measure; a sum below 0 would pass for one above it, squared."""
    score = _score(1 - _error(alpha, "alpha") / 2) + _score(_error(power, "power"))
    if score <= 0:
        raise ValueError(f"power is {power:g}, less than what chance gives at alpha {alpha:g}; it must be more")
    return score
