"""Commissioning: the same service in-house, by grant, by fee for service, and by SIB."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sibmodels import _arguments as check

__all__ = ["Service", "break_even_uplift", "compare"]

PARTIES = ("payer", "provider", "investor")


@dataclass(frozen=True)
class Service:
    """One service, however it is bought.

    Parameters
    ----------
    cost : float
        Expected cost, in one currency; above 0.
    cost_sd : float
        Standard deviation of the cost at the planned volume.
    outcomes : float
        Outcomes expected; above 0.
    outcomes_sd : float
        Their standard deviation.
    volume_sd : float, optional
        Standard deviation of the volume of activity, as a share of what was planned.
    variable_share : float, optional
        Share of the cost that moves with the volume, in [0, 1]: 0 where staff and rooms are paid for
        whoever comes, 1 where every visit costs the same again.
    """

    cost: float
    cost_sd: float
    outcomes: float
    outcomes_sd: float
    volume_sd: float = 0.0
    variable_share: float = 0.0

    def __post_init__(self) -> None:
        for name in ("cost", "outcomes"):
            check.number(getattr(self, name), name, above=0)
        for name in ("cost_sd", "outcomes_sd", "volume_sd"):
            check.number(getattr(self, name), name, low=0)
        check.number(self.variable_share, "variable_share", 0, 1)


def compare(
    service: Service,
    transaction: float,
    investor_return: float,
    uplift: float = 0.0,
    *,
    worth: float = 1.0,
    lag: float = 0.0,
    discount: float = 0.0,
) -> pd.DataFrame:
    """Expected bill, cost per outcome, what is left to the payer, and who bears the risk, four ways.

    - ``in-house``: the payer meets the cost as it turns out.
    - ``grant``: a fixed sum; the provider meets what the cost turns out beyond it.
    - ``fee for service``: a price for each unit of activity; the bill follows the volume.
    - ``SIB``: a price for each outcome, set so that investors can expect their return; the bill follows
      the outcomes, and so does what investors get.

    Parameters
    ----------
    service : Service
    transaction : float
        What setting up and running the SIB costs beyond the service, as a present value; at least 0.
    investor_return : float
        Expected return over the life of the contract, as a share of the cost; at least 0.
    uplift : float, optional
        By what share a SIB raises the outcomes; above -1. The price of an outcome is agreed with it in
        view, so it lowers the cost of an outcome and leaves the expected bill as it is.
    worth : float, optional
        What the outcomes expected without uplift are worth to the payer, as a multiple of the cost; above
        0. By default an outcome is worth what a grant pays for it.
    lag, discount : float, optional
        Years by which a SIB pays later than the other three, and the payer's discount rate a year.

    Returns
    -------
    DataFrame
        Index ``arrangement``; present values in the service's currency: ``expected_bill``, ``bill_sd``,
        ``outcomes``, ``cost_per_outcome``, ``left`` (worth of the outcomes less the bill, expected), the
        standard deviation of each one's net position, ``payer_sd``, ``provider_sd``, ``investor_sd``, and of
        the sum of the three, ``together_sd``; and ``payer``, ``provider``, ``investor``: each one's share of
        the three variances of net positions.

    Notes
    -----
    Net positions: the payer has the worth of the outcomes less its bill, provider and investor what they
    are paid less what they meet. A payment is what one has and another lacks: it moves risk between
    columns and adds nothing to ``together_sd``. Cost, volume and outcomes vary independently; with an
    uplift, outcomes keep their spread as a share of what is expected. Left out: that more activity may
    bring more outcomes, that a provider may fail, and risk that falls on the people served.

    Examples
    --------
    >>> service = Service(cost=100.0, cost_sd=10.0, outcomes=50.0, outcomes_sd=10.0)
    >>> table = compare(service, transaction=15.0, investor_return=0.25, worth=1.5)
    >>> table["expected_bill"].to_dict()
    {'in-house': 100.0, 'grant': 100.0, 'fee for service': 100.0, 'SIB': 140.0}
    >>> table.loc["SIB", ["payer_sd", "investor_sd", "together_sd"]].round(1).to_dict()
    {'payer_sd': 2.0, 'investor_sd': 29.7, 'together_sd': 31.6}
    """
    transaction = check.number(transaction, "transaction", low=0)
    premium = _premium(investor_return, lag, discount)
    uplift = check.number(uplift, "uplift", above=-1)
    value = check.number(worth, "worth", above=0) * service.cost / service.outcomes
    outcomes = service.outcomes * (1 + uplift)
    bill = service.cost * (1 + premium) + transaction
    price = bill / outcomes
    # what each surprise does to each party's net position, in standard deviations: cost, volume, outcomes
    cost = np.array([service.cost_sd, service.variable_share * service.cost * service.volume_sd, 0.0])
    fee = np.array([0.0, service.cost * service.volume_sd, 0.0])
    benefit, none = np.array([0.0, 0.0, service.outcomes_sd]), np.zeros(3)
    more = (1 + uplift) * benefit
    rows = {  # expected bill, outcomes, the bill, and what payer, provider and investor have
        "in-house": (service.cost, service.outcomes, cost, value * benefit - cost, none, none),
        "grant": (service.cost, service.outcomes, none, value * benefit, -cost, none),
        "fee for service": (service.cost, service.outcomes, fee, value * benefit - fee, fee - cost, none),
        "SIB": (bill, outcomes, price * more, (value - price) * more, none, price * more - cost),
    }
    table = pd.DataFrame.from_dict({name: _row(value, *row) for name, row in rows.items()}, orient="index")
    return table.rename_axis("arrangement")


def _row(value: float, bill: float, outcomes: float, moves: np.ndarray, *positions: np.ndarray) -> dict[str, float]:
    """One arrangement, from its expected bill and outcomes and what each surprise moves."""
    spreads = [float(np.linalg.norm(position)) for position in positions]
    total = sum(spread**2 for spread in spreads) or 1.0
    return {
        "expected_bill": bill,
        "bill_sd": float(np.linalg.norm(moves)),
        "outcomes": outcomes,
        "cost_per_outcome": bill / outcomes,
        "left": value * outcomes - bill,
        **{f"{party}_sd": spread for party, spread in zip(PARTIES, spreads, strict=True)},
        "together_sd": float(np.linalg.norm(sum(positions))),
        **{party: spread**2 / total for party, spread in zip(PARTIES, spreads, strict=True)},
    }


def break_even_uplift(
    cost: float,
    transaction: float,
    investor_return: float,
    *,
    lag: float = 0.0,
    discount: float = 0.0,
    worth: float | None = None,
) -> float:
    """By what share a SIB must raise outcomes for the payer to be as well off as with a grant.

    The premium over a grant, as a share of the cost, is (1 + return) / (1 + discount)**lag - 1 +
    transaction / cost. Two rules follow, for two choices:

    - *per outcome* (`worth` None): where the grant can be made larger at the same cost an outcome, the
      premium would have bought that many more outcomes. The uplift must be as large as the premium.
    - *for the same people* (`worth` given): where no more can be served, the premium would have stayed in
      the till. The uplift must be worth it: premium / worth.

    Parameters
    ----------
    cost : float
        Expected cost of the service; above 0.
    transaction : float
        What setting up and running the SIB costs beyond that, as a present value; at least 0.
    investor_return : float
        Expected return over the life of the contract, as a share of the cost; at least 0.
    lag : float, optional
        Years by which the payer pays later than it would pay a grant; at least 0.
    discount : float, optional
        The payer's discount rate a year; above -1.
    worth : float, optional
        What the outcomes expected are worth to the payer, as a multiple of the cost; above 0.

    Returns
    -------
    float
        A share; below 0 where the payer's discount rate is so high that paying later is a saving.

    Notes
    -----
    The price is agreed with the uplift in view. Left out: outcomes that come later under one arrangement,
    risk, and grants that get dearer as they grow (then the truth lies between the rules).

    Examples
    --------
    >>> break_even_uplift(cost=100.0, transaction=15.0, investor_return=0.10)
    0.25
    >>> round(break_even_uplift(100.0, 20.0, 0.1025, lag=2, discount=0.035), 4)
    0.2292
    >>> round(break_even_uplift(100.0, 20.0, 0.1025, lag=2, discount=0.035, worth=1.5), 4)
    0.1528
    """
    cost = check.number(cost, "cost", above=0)
    overhead = check.number(transaction, "transaction", low=0) / cost
    premium = _premium(investor_return, lag, discount) + overhead
    return premium if worth is None else premium / check.number(worth, "worth", above=0)


def _premium(investor_return: float, lag: float, discount: float) -> float:
    """What repaying 1 and the return, `lag` years later, is worth now beyond 1."""
    gain = check.number(investor_return, "investor_return", low=0)
    years, rate = check.number(lag, "lag", low=0), check.number(discount, "discount", above=-1)
    waited = math.expm1(-years * math.log1p(rate))  # 1 / (1 + rate)**years - 1, which may not overflow
    return gain + (1 + gain) * waited
