"""Portfolio: what holding many contracts does to risk, and what it cannot do against a shock to all."""

from __future__ import annotations

import math

from sibmodels import _arguments as check

__all__ = ["portfolio_sd", "shared_shock"]


def portfolio_sd(sd: float, contracts: int, rho: float = 0.0) -> float:
    """Standard deviation of the mean result of contracts that are alike.

    Var(mean) = sd^2 (rho + (1 - rho) / k): the part that they do not share shrinks with their number, the
    part that they share stays.

    Parameters
    ----------
    sd : float
        Of one contract's result, at least 0.
    contracts : int
        k, all of one size.
    rho : float, optional
        Correlation of any two, in [0, 1].

    Returns
    -------
    float
        In the unit of `sd`; not below sd sqrt(rho), however many they are.

    Notes
    -----
    Left out: contracts of unequal size, correlation that differs from pair to pair or rises in bad times.

    Examples
    --------
    >>> [round(portfolio_sd(10, k, rho=0.1), 2) for k in (1, 10, 1_000)]
    [10.0, 4.36, 3.18]
    """
    sd, k = check.number(sd, "sd", low=0), check.whole(contracts, "contracts")
    rho = check.number(rho, "rho", 0, 1)
    return sd * math.sqrt(rho + (1 - rho) / k)


def shared_shock(sd: float, chance: float, loss: float) -> tuple[float, float]:
    """The standard deviation and the correlation that a shock brings to contracts otherwise unrelated.

    With a chance q every contract loses `loss` at once, such as in a pandemic, or when a ministry ends a
    programme. Its variance is q (1 - q) loss^2, beside the contract's own sd^2, and the correlation of two is
    the share of it in the sum.

    Parameters
    ----------
    sd : float
        Of one contract's result without the shock, at least 0.
    chance : float
        q, in [0, 1].
    loss : float
        Of each contract, at least 0.

    Returns
    -------
    (sd, rho) : tuple of float
        As `portfolio_sd` takes them; rho is 0 where nothing varies.

    Notes
    -----
    A correlation holds the shock's variance and not its shape: with many contracts nearly all of the risk is
    one bad day. Left out: contracts that a shock hits unequally, and payers who then relent.

    Examples
    --------
    >>> [round(value, 3) for value in shared_shock(10, 0.05, 40)]
    [13.266, 0.432]
    """
    sd, loss = check.number(sd, "sd", low=0), check.number(loss, "loss", low=0)
    q = check.number(chance, "chance", 0, 1)
    shared = q * (1 - q) * loss**2
    total = sd**2 + shared
    return math.sqrt(total), shared / total if total else 0.0
