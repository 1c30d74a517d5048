"""Commissioning: bills and risks against draws, the break-even uplift against the table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels.commissioning import Service, break_even_uplift, compare

money = st.floats(1, 1e6)
shares = st.floats(0, 2)


rates, years = st.floats(-0.05, 0.2), st.floats(0, 10)


@given(money, shares, shares, st.floats(1, 1e4), years, rates)
def test_at_the_break_even_uplift_an_outcome_costs_what_a_grant_pays(
    cost, overhead, investor_return, outcomes, lag, discount
):
    transaction, when = overhead * cost, dict(lag=lag, discount=discount)
    uplift = break_even_uplift(cost, transaction, investor_return, **when)
    if uplift <= -0.99:
        return
    table = compare(Service(cost, 0, outcomes, 0), transaction, investor_return, uplift, **when)
    assert table.loc["SIB", "cost_per_outcome"] == pytest.approx(table.loc["grant", "cost_per_outcome"])
    cheaper = compare(Service(cost, 0, outcomes, 0), transaction, investor_return, uplift + 0.1, **when)
    assert cheaper.loc["SIB", "cost_per_outcome"] < cheaper.loc["grant", "cost_per_outcome"]


@given(money, shares, shares, st.floats(1, 1e4), years, rates, st.floats(0.5, 5))
def test_for_the_same_people_the_uplift_leaves_the_payer_what_a_grant_does(
    cost, overhead, investor_return, outcomes, lag, discount, worth
):
    transaction, when = overhead * cost, dict(lag=lag, discount=discount, worth=worth)
    uplift = break_even_uplift(cost, transaction, investor_return, **when)
    if uplift <= -0.99:
        return
    table = compare(Service(cost, 0, outcomes, 0), transaction, investor_return, uplift, **when)
    assert table.loc["SIB", "left"] == pytest.approx(table.loc["grant", "left"], abs=1e-6 * cost)


def test_break_even_by_hand():
    """Two years at 5 %, a fifth of the cost to arrange, the payer at 3.5 %; half as much worth again."""
    premium = 1.05**2 / 1.035**2 - 1 + 0.2
    assert break_even_uplift(100, 20, 0.1025, lag=2, discount=0.035) == pytest.approx(premium)
    assert break_even_uplift(100, 20, 0.1025, lag=2, discount=0.035, worth=1.5) == pytest.approx(premium / 1.5)
    assert break_even_uplift(100, 20, 0.1025) == pytest.approx(0.3025)
    # an investor content with the payer's own rate asks nothing for time
    assert break_even_uplift(100, 0, 1.035**7 - 1, lag=7, discount=0.035) == pytest.approx(0, abs=1e-12)


@given(st.floats(0.1, 5), shares)
def test_the_rules_agree_where_outcomes_are_worth_what_they_cost(overhead, investor_return):
    rule = break_even_uplift(1, overhead, investor_return)
    assert break_even_uplift(1, overhead, investor_return, worth=1) == rule
    assert break_even_uplift(1, overhead, investor_return, worth=2) == pytest.approx(rule / 2)


@pytest.mark.parametrize("uplift", [0.0, 0.3])
def test_bills_and_net_positions_are_what_draws_show(uplift):
    service = Service(cost=100.0, cost_sd=8.0, outcomes=50.0, outcomes_sd=10.0, volume_sd=0.1, variable_share=0.6)
    table = compare(service, 10.0, 0.2, uplift, worth=1.7, lag=3, discount=0.04)
    rng = np.random.default_rng(1)
    own, outcomes, volume = rng.normal(0, 8, 400_000), rng.normal(50, 10, 400_000), rng.normal(1, 0.1, 400_000)
    cost = 100 * (0.4 + 0.6 * volume) + own
    more, worth = outcomes * (1 + uplift), 1.7 * 100 / 50
    price = (120 / 1.04**3 + 10) / (50 * (1 + uplift))
    none = 0 * cost
    money = {  # the payer's bill; net positions of payer, provider, investor
        "in-house": (cost, worth * outcomes - cost, none, none),
        "grant": (100 + none, worth * outcomes - 100, 100 - cost, none),
        "fee for service": (100 * volume, worth * outcomes - 100 * volume, 100 * volume - cost, none),
        "SIB": (price * more, (worth - price) * more, none, price * more - cost - 10),
    }
    for name, (bill, *positions) in money.items():
        row, spreads = table.loc[name], [np.std(position) for position in positions]
        variances = np.square(spreads)
        assert row["expected_bill"] == pytest.approx(bill.mean(), rel=0.005)
        assert row["bill_sd"] == pytest.approx(bill.std(), rel=0.02, abs=1e-9)
        assert row["left"] == pytest.approx(positions[0].mean(), rel=0.01)
        assert row[["payer_sd", "provider_sd", "investor_sd"]].to_numpy(float) == pytest.approx(
            spreads, rel=0.02, abs=1e-9
        )
        assert row["together_sd"] == pytest.approx(np.std(sum(positions)), rel=0.02)
        assert row[["payer", "provider", "investor"]].to_numpy(float) == pytest.approx(
            variances / variances.sum(), abs=0.01
        )


@given(money, shares, money, shares, st.floats(0, 0.5), st.floats(0, 1), st.floats(0.1, 5))
def test_payments_move_risk_and_make_none(cost, spread, outcomes, doubt, volume, variable, worth):
    """Without uplift what all have together is as uncertain under every arrangement."""
    service = Service(cost, spread * cost, outcomes, doubt * outcomes, volume, variable)
    together = compare(service, 0.1 * cost, 0.1, worth=worth)["together_sd"]
    assert together.to_numpy() == pytest.approx(np.full(4, together["grant"]), abs=1e-9 * cost)


def test_a_sib_takes_the_price_off_the_payers_spread():
    """As long as an outcome is worth its price: payer |w - p| s, against w s under a grant."""
    service = Service(100.0, 0.0, 100.0, 25.0)
    for worth in (1.5, 2.0, 3.0):
        table = compare(service, 20.0, 0.1025, worth=worth)
        assert table.loc["grant", "payer_sd"] - table.loc["SIB", "payer_sd"] == pytest.approx(1.3025 * 25)


@given(money, shares, money, shares, st.floats(0, 0.5))
def test_shares_of_risk_add_up_where_there_is_any(cost, spread, outcomes, doubt, volume):
    table = compare(Service(cost, spread * cost, outcomes, doubt * outcomes, volume), 0.1 * cost, 0.1)
    total = table[["payer", "provider", "investor"]].sum(axis=1)
    assert all(value == pytest.approx(1) or value == 0 for value in total)


def test_what_is_not_said_is_nothing():
    """No spread of volume, none of the cost moving with it, worth what a grant pays, and no wait."""
    table = compare(Service(100, 0, 50, 0), 20, 0.1)
    assert not table[["bill_sd", "together_sd", "payer", "provider", "investor"]].to_numpy().any()
    assert table.loc["grant", "left"] == 0
    assert compare(Service(100, 0, 50, 0, volume_sd=0.1), 20, 0.1).loc["in-house", "bill_sd"] == 0
    for alone in (dict(lag=5), dict(discount=0.1)):  # time without a rate costs nothing, a rate without time neither
        assert compare(Service(100, 0, 50, 0), 20, 0.1, **alone).equals(table)
        assert break_even_uplift(100, 20, 0.1, **alone) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Service(0, 1, 1, 1), "cost is 0"),
        (lambda: Service(1, -1, 1, 1), "cost_sd is -1"),
        (lambda: Service(1, 1, 0, 1), "outcomes is 0"),
        (lambda: compare(Service(1, 1, 1, 1), -1, 0), "transaction is -1"),
        (lambda: compare(Service(1, 1, 1, 1), 0, 0, uplift=-1), "uplift is -1"),
        (lambda: compare(Service(1, 1, 1, 1), 0, 0, worth=0), "worth is 0"),
        (lambda: compare(Service(1, 1, 1, 1), 0, 0, lag=-1), "lag is -1"),
        (lambda: Service(1, 1, 1, 1, variable_share=1.1), "variable_share is 1.1"),
        (lambda: break_even_uplift(0, 1, 0), "cost is 0"),
        (lambda: break_even_uplift(1, 1, 0, worth=0), "worth is 0"),
        (lambda: break_even_uplift(1, 1, 0, worth=-2), "worth is -2"),
        (lambda: break_even_uplift(1, 1, 0, lag=-1), "lag is -1"),
        (lambda: break_even_uplift(1, 1, 0, discount=-1), "discount is -1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
