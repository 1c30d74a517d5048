"""Commissioning: the same service in-house, by grant, by fee for service, and by SIB."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sibmodels import _checks as check

__all__ = ["Service", "break_even_uplift", "compare"]


@dataclass(frozen=True)
class Service:
    """One service, however it is bought.

    Parameters
    ----------
    cost : float
        Expected cost, in one currency; above 0.
    cost_sd : float
        Standard deviation of the cost.
    outcomes : float
        Outcomes expected; above 0.
    outcomes_sd : float
        Their standard deviation.
    volume_sd : float, optional
        Standard deviation of the volume of activity, as a share of what was planned.
    """

    cost: float
    cost_sd: float
    outcomes: float
    outcomes_sd: float
    volume_sd: float = 0.0

    def __post_init__(self):
        for name in ("cost", "outcomes"):
            check.number(getattr(self, name), name, above=0)
        for name in ("cost_sd", "outcomes_sd", "volume_sd"):
            check.number(getattr(self, name), name, low=0)


def compare(service: Service, transaction: float, investor_return: float, uplift: float = 0.0) -> pd.DataFrame:
    """Expected bill, its spread, cost per outcome, and who bears the risk, under four arrangements.

    - ``in-house``: the payer meets the cost as it turns out.
    - ``grant``: a fixed sum; the provider meets what the cost turns out beyond it.
    - ``fee for service``: a price for each unit of activity; the bill follows the volume.
    - ``SIB``: a price for each outcome, set so that investors can expect their return; the bill follows
      the outcomes, and so does what investors get.

    Parameters
    ----------
    service : Service
    transaction : float
        What setting up and running the SIB costs beyond the service; at least 0.
    investor_return : float
        Expected return over the life of the contract, as a share of the cost; at least 0.
    uplift : float, optional
        By what share a SIB raises the outcomes; above -1. The price of an outcome is agreed with it in
        view, so it lowers the cost of an outcome and leaves the expected bill as it is.

    Returns
    -------
    DataFrame
        Index ``arrangement``; ``expected_bill``, ``bill_sd``, ``outcomes``, ``cost_per_outcome``,
        and ``payer``, ``provider``, ``investor``: each one's share of the variance of everybody's money.

    Notes
    -----
    Money is conserved: the payer's bill goes to provider and investor, who meet the cost. Variances are
    added as if cost, volume and outcomes were independent. Left out: that a payer may value an outcome
    for itself, and that a bill which falls when a service fails is worth more than its mean says.

    Examples
    --------
    >>> service = Service(cost=100.0, cost_sd=10.0, outcomes=50.0, outcomes_sd=10.0)
    >>> compare(service, transaction=15.0, investor_return=0.25)["expected_bill"].to_dict()
    {'in-house': 100.0, 'grant': 100.0, 'fee for service': 100.0, 'SIB': 140.0}
    """
    transaction = check.number(transaction, "transaction", low=0)
    investor_return = check.number(investor_return, "investor_return", low=0)
    uplift = check.number(uplift, "uplift", above=-1)
    outcomes = service.outcomes * (1 + uplift)
    bill = service.cost * (1 + investor_return) + transaction
    by_outcomes = bill * service.outcomes_sd / service.outcomes  # the price times the spread of outcomes
    by_volume = service.cost * service.volume_sd
    rows = {  # expected bill, its variance, outcomes, variances of payer, provider and investor
        "in-house": (service.cost, service.cost_sd**2, service.outcomes, service.cost_sd**2, 0.0, 0.0),
        "grant": (service.cost, 0.0, service.outcomes, 0.0, service.cost_sd**2, 0.0),
        "fee for service": (
            service.cost, by_volume**2, service.outcomes, by_volume**2, by_volume**2 + service.cost_sd**2, 0.0
        ),
        "SIB": (bill, by_outcomes**2, outcomes, by_outcomes**2, 0.0, by_outcomes**2 + service.cost_sd**2),
    }  # fmt: skip
    columns = ["expected_bill", "variance", "outcomes", "payer", "provider", "investor"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("arrangement")
    parties = ["payer", "provider", "investor"]
    total = table[parties].sum(axis=1)
    table[parties] = table[parties].div(total.where(total > 0, 1.0), axis=0)
    table.insert(1, "bill_sd", table.pop("variance") ** 0.5)
    table.insert(3, "cost_per_outcome", table["expected_bill"] / table["outcomes"])
    return table


def break_even_uplift(cost: float, transaction: float, investor_return: float) -> float:
    """By what share a SIB must raise outcomes to cost the same per outcome as a grant.

    A grant pays cost / outcomes for each; a SIB (cost (1 + return) + transaction) / (outcomes (1 + uplift)).
    They are equal at uplift = return + transaction / cost, whatever the number of outcomes.

    >>> break_even_uplift(cost=100.0, transaction=15.0, investor_return=0.10)
    0.25
    """
    cost = check.number(cost, "cost", above=0)
    return (
        check.number(investor_return, "investor_return", low=0) + check.number(transaction, "transaction", low=0) / cost
    )
