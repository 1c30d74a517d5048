"""Unit costs: closed forms, identities, and what the functions refuse."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sibmodels as sib

shares = st.floats(0.01, 1.0)


def test_a_line_costs_itself_and_what_comes_before_it():
    prices = {"a": 5, "b": 7, "c": 11, "alone": 2}
    paid = sib.price_to_reach(prices, {"c": "b", "b": "a", "alone": ""})
    assert paid.to_dict() == {"a": 5, "b": 12, "c": 23, "alone": 2}
    assert sib.price_to_reach(prices, {}).to_dict() == prices


@pytest.mark.parametrize(
    ("after", "says"),
    [({"a": "b", "b": "a"}, "a after b after a is a circle"), ({"a": "z"}, "line 'z' is unknown")],
)
def test_cards_that_make_no_sense_are_refused(after, says):
    with pytest.raises(ValueError, match=says):
        sib.price_to_reach({"a": 1, "b": 1}, after)


def test_a_price_below_zero_is_refused():
    with pytest.raises(ValueError, match="price of 'a' is -1; it must be at least 0"):
        sib.price_to_reach({"a": -1}, {})


@given(st.floats(1, 1e6), shares, shares)
def test_extra_outcomes_at_their_price_are_the_whole_bill(price, reached, without):
    anyway = reached * without * 0.99
    each = sib.price_per_extra(price, reached, anyway)
    assert each * (reached - anyway) == pytest.approx(price * reached)
    assert each >= price


def test_the_price_of_an_extra_outcome_takes_arrays_and_is_infinite_where_there_is_none():
    assert sib.price_per_extra(100, 0.5, [0.0, 0.25, 0.5, 0.6]).tolist() == [100, 200, math.inf, math.inf]
    assert sib.price_per_extra(100.0, 0.0, 0.0) == math.inf
    assert sib.price_per_extra([0.0, 0.5], 0.5, 0.25).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("given_", "says"),
    [((-1, 0.5, 0), "price is -1"), ((1, 1.5, 0), "reached is 1.5"), ((1, 0.5, -0.1), "anyway is -0.1")],
)
def test_prices_and_shares_out_of_range_are_refused(given_, says):
    with pytest.raises(ValueError, match=says):
        sib.price_per_extra(*given_)


@given(st.floats(0, 1), st.floats(0.5, 3))
def test_at_the_break_even_volume_payments_meet_costs(fixed, multiple):
    x = sib.break_even_volume(fixed, multiple)
    if math.isfinite(x) and x < 1e6:
        assert multiple * x == pytest.approx(fixed + (1 - fixed) * x, abs=1e-6)


def test_the_break_even_volume_at_its_ends():
    assert sib.break_even_volume(0.7, 1.0) == pytest.approx(1)  # a plan without profit needs all of its people
    assert sib.break_even_volume(1.0, 2.0) == pytest.approx(0.5)
    assert sib.break_even_volume(0.0, 1.2) == 0
    assert sib.break_even_volume(0.0, 0.9) == math.inf  # each person loses
    assert sib.break_even_volume(0.25, 0.5) == math.inf
    with pytest.raises(ValueError, match="multiple is 0"):
        sib.break_even_volume(0.2, 0)
    with pytest.raises(ValueError, match=r"fixed_share is 1\.5; it must be at least 0 and at most 1"):
        sib.break_even_volume(1.5, 2.0)


@given(shares, st.floats(0, 1))
def test_what_a_top_up_brings_is_its_own_pound_and_the_local_money(share, additional):
    row = sib.top_up(share, additional).iloc[0]
    # by contract: decided ones bring 1 - share of local money, others set the fund's share of it free
    local = (additional * (1 - share) - (1 - additional) * share) / share
    assert row["local money drawn in"] == pytest.approx(local)
    assert row["outcomes"] == pytest.approx(1 + local)
    assert row["local money set free"] == pytest.approx((1 - additional) * share / share)


def test_a_top_up_that_decides_its_own_share_draws_nothing_in():
    assert sib.top_up(0.15, 0.15)["local money drawn in"].iloc[0] == pytest.approx(0)
    for share, additional, says in (
        (0, 0.5, "share is 0; it must be greater than 0 and at most 1"),
        (1.5, 0.5, r"share is 1\.5; it must be greater than 0 and at most 1"),
        (0.2, 1.2, "additional is"),
    ):
        with pytest.raises(ValueError, match=says):
            sib.top_up(share, additional)


@given(st.floats(0, 0.9), st.floats(0, 0.95), st.floats(1.05, 3))
def test_the_share_decided_is_that_of_a_fine_count(share, low, high):
    benefit = low + (high - low) * (np.arange(20_000) + 0.5) / 20_000
    signs, alone = benefit >= 1 - share, benefit >= 1
    counted = 1 - alone.sum() / signs.sum()
    assert sib.decided_by_top_up(share, low, high) == pytest.approx(counted, abs=2e-3)


def test_what_a_top_up_decides_at_its_ends():
    assert sib.decided_by_top_up(0.0, 0.5, 1.5) == 0
    assert sib.decided_by_top_up(0.2, 1.1, 1.5) == 0  # all would have signed
    assert sib.decided_by_top_up(0.2, 0.5, 0.9) == 1  # none would have
    with pytest.raises(ValueError, match=r"high is 0\.7; it must be greater than 0\.8"):
        sib.decided_by_top_up(0.2, 0.5, 0.7)
    with pytest.raises(ValueError, match=r"share is 1\.5; it must be at least 0 and at most 1"):
        sib.decided_by_top_up(1.5, 0.5, 1.5)
