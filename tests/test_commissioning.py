"""Commissioning: bills and risks against draws, the break-even uplift against the table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels.commissioning import Service, break_even_uplift, compare

money = st.floats(1, 1e6)
shares = st.floats(0, 2)


@given(money, shares, shares, st.floats(1, 1e4))
def test_at_the_break_even_uplift_an_outcome_costs_what_a_grant_pays(cost, overhead, investor_return, outcomes):
    transaction = overhead * cost
    uplift = break_even_uplift(cost, transaction, investor_return)
    table = compare(Service(cost, 0, outcomes, 0), transaction, investor_return, uplift)
    assert table.loc["SIB", "cost_per_outcome"] == pytest.approx(table.loc["grant", "cost_per_outcome"])
    cheaper = compare(Service(cost, 0, outcomes, 0), transaction, investor_return, uplift + 0.1)
    assert cheaper.loc["SIB", "cost_per_outcome"] < cheaper.loc["grant", "cost_per_outcome"]


def test_bills_and_risks_are_what_draws_show():
    service = Service(cost=100.0, cost_sd=8.0, outcomes=50.0, outcomes_sd=10.0, volume_sd=0.1)
    table = compare(service, transaction=10.0, investor_return=0.2)
    rng = np.random.default_rng(1)
    cost, outcomes, volume = rng.normal(100, 8, 400_000), rng.normal(50, 10, 400_000), rng.normal(1, 0.1, 400_000)
    price = table.loc["SIB", "expected_bill"] / 50
    money = {  # payer, provider, investor; the provider of a fee meets its cost, a SIB's is paid it
        "in-house": (cost, 0 * cost, 0 * cost),
        "grant": (100 + 0 * cost, 100 - cost, 0 * cost),
        "fee for service": (100 * volume, 100 * volume - cost, 0 * cost),
        "SIB": (price * outcomes, 0 * cost, price * outcomes - cost - 10),
    }
    for name, flows in money.items():
        variances = np.array([np.var(flow) for flow in flows])
        assert table.loc[name, "expected_bill"] == pytest.approx(flows[0].mean(), rel=0.005)
        assert table.loc[name, "bill_sd"] == pytest.approx(flows[0].std(), rel=0.02, abs=1e-9)
        assert table.loc[name, ["payer", "provider", "investor"]].to_numpy(float) == pytest.approx(
            variances / variances.sum(), abs=0.01
        )


@given(money, shares, money, shares, st.floats(0, 0.5))
def test_shares_of_risk_add_up_where_there_is_any(cost, spread, outcomes, doubt, volume):
    table = compare(Service(cost, spread * cost, outcomes, doubt * outcomes, volume), 0.1 * cost, 0.1)
    total = table[["payer", "provider", "investor"]].sum(axis=1)
    assert all(value == pytest.approx(1) or value == 0 for value in total)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Service(0, 1, 1, 1), "cost is 0"),
        (lambda: Service(1, -1, 1, 1), "cost_sd is -1"),
        (lambda: Service(1, 1, 0, 1), "outcomes is 0"),
        (lambda: compare(Service(1, 1, 1, 1), -1, 0), "transaction is -1"),
        (lambda: compare(Service(1, 1, 1, 1), 0, 0, uplift=-1), "uplift is -1"),
        (lambda: break_even_uplift(0, 1, 0), "cost is 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
