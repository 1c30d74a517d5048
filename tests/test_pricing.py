"""Pricing: closed forms, cash flows that give the rate back, draws of success, and where a figure is reached."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sibmodels as sib
from sibmodels.pricing import crossings, price, success_payment

rates = st.floats(-0.2, 0.5)
chances = st.floats(0.05, 1.0)


def test_a_price_is_cost_per_outcome_with_both_discounted():
    # 60 now and 60 in a year; 6 outcomes after a year, 6 after two, at 20 %: 60 + 50 over 5 + 4 1/6
    assert price([60, 60, 0], [0, 6, 6], 0.2) == pytest.approx(110 / (5 + 6 / 1.44), rel=1e-14)
    assert price([100], [4], 0.5) == 25  # no time passes
    assert price([100], [4], 0.5, lag=1) == pytest.approx(37.5)
    assert price([100], [4], 0.21, lag=0.5) == pytest.approx(27.5)
    assert price([0, 0], [1, 1], 0.1) == 0


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 50)), min_size=1, max_size=8), rates, st.integers(0, 4))
def test_paying_the_price_gives_the_rate_back(periods, rate, lag):
    costs, outcomes = map(np.array, zip((100, 0), *periods, (0, 10), strict=True))
    paid = np.append(np.zeros(lag), price(costs, outcomes, rate, lag) * outcomes)
    spent = np.append(costs, np.zeros(lag))
    assert sib.npv(rate, paid - spent) == pytest.approx(0, abs=1e-9 * (1 + sib.npv(rate, spent)))


def test_the_price_in_cash_flows_earns_investors_the_rate():
    """Investors who pay every cost before the first payment comes earn the rate at which it was priced."""
    costs, outcomes = np.array([50.0, 30, 0, 0]), np.array([0, 0, 8.0, 12])
    paid = price(costs, outcomes, 0.07, lag=1) * outcomes
    flows = sib.cash_flows(costs, paid, lag=1, distribute="as received")
    assert sib.irr(flows["investor"]) == pytest.approx(0.07, abs=1e-12)


def test_rows_and_rates_are_as_one_by_one():
    costs, outcomes = np.array([[100, 0, 0], [50, 60, 0]]), np.array([[0, 5, 5], [1, 2, 9]])
    rows = [price(c.tolist(), n.tolist(), 0.05) for c, n in zip(costs, outcomes, strict=True)]
    assert price(costs, outcomes, 0.05).tolist() == rows
    each = [price(c.tolist(), n.tolist(), r) for c, n, r in zip(costs, outcomes, (0.05, 0.2), strict=True)]
    assert price(costs, outcomes, [0.05, 0.2]).tolist() == pytest.approx(each)
    assert price([100, 0], [0, 5], np.array([0.0, 0.1])).tolist() == pytest.approx([20, 22])
    assert isinstance(price([100, 0], [0, 5], 0.1), float)


@given(rates, st.integers(0, 3))
def test_a_price_goes_with_the_unit_of_money_and_of_outcomes(rate, lag):
    base = price([10, 5, 0], [0, 1, 3], rate, lag)
    assert price([1000, 500, 0], [0, 2, 6], rate, lag) == pytest.approx(50 * base)
    assert price([10, 5, 0], [0, 1, 3], rate, lag + 1) == pytest.approx((1 + rate) * base)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (([1, 2], [1], 0.1), "costs have 2 periods and outcomes 1"),
        (([-1], [1], 0.1), "costs hold -1; each is at least 0"),
        (([1], [-1], 0.1), "outcomes hold -1"),
        (([1, 1], [0, 0], 0.1), "outcomes are all 0"),
        (([[1, 1], [1, 1]], [[0, 1], [0, 0]], 0.1), "outcomes are all 0"),
        ((1, [1], 0.1), "a list with one number a period is needed"),
        (([], [], 0.1), "a list with one number a period is needed"),
        (([1], [1], -1), "rate is -1; it must be greater than -1"),
        (([1], [1], 0.1, -1), "lag is -1; it must be at least 0"),
        (([1, "2"], [1, 1], 0.1), "numbers are needed"),
        (([1], [math.nan], 0.1), "only finite numbers"),
        (([[1, 2], [1]], [1, 1], 0.1), "each row needs as many numbers"),
    ],
)
def test_what_has_no_price_is_said(arguments, said):
    with pytest.raises(ValueError, match=said):
        price(*arguments)


def test_thirteen_per_cent_on_success_is_five_expected():
    payment, headline = success_payment(100.0, 0.05, 3, 0.8)
    assert payment == pytest.approx(144.703125, rel=1e-14)
    assert headline == pytest.approx(1.44703125 ** (1 / 3) - 1, rel=1e-12)
    assert success_payment(7.0, 0.1, 2, 1.0) == pytest.approx((8.47, 0.1))
    assert isinstance(payment, float)
    assert isinstance(headline, float)


@given(st.floats(1, 1e6), rates, st.floats(0.25, 10), chances)
def test_what_success_is_paid_is_worth_the_cost_before_it_is_known(cost, rate, years, chance):
    payment, headline = success_payment(cost, rate, years, chance)
    assert chance * payment / (1 + rate) ** years == pytest.approx(cost)
    assert cost * (1 + headline) ** years == pytest.approx(payment)


def test_over_draws_of_success_investors_earn_the_expected_rate():
    payment, _ = success_payment(100.0, 0.05, 3, 0.8)
    success = np.random.default_rng(1).random(400_000) < 0.8
    mean = payment * success.mean()  # its standard error: 144.7 x 0.4 / 632 = 0.092
    assert mean == pytest.approx(100 * 1.05**3, abs=4 * 0.092)


def test_success_takes_arrays():
    payment, headline = success_payment([100, 200], 0.05, 3, [0.8, 1.0])
    assert payment.tolist() == pytest.approx([144.703125, 231.525])
    assert headline.tolist() == pytest.approx([1.05 * 1.25 ** (1 / 3) - 1, 0.05])
    payment, headline = success_payment([100, 200], 0.0, 1, 0.5)
    assert payment.tolist() == [200, 400]
    assert headline.tolist() == [1, 1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((0, 0.05, 3, 0.8), "cost is 0; it must be greater than 0"),
        ((1, -1, 3, 0.8), "rate is -1; it must be greater than -1"),
        ((1, 0.05, 0, 0.8), "years is 0; it must be greater than 0"),
        ((1, 0.05, 3, 0), "chance is 0; it must be greater than 0"),
        ((1, 0.05, 3, 80), "chance is 80; it must be greater than 0 and at most 1"),
        ((1, 0.05, 3, [0.5, 1.1]), "chance is 1.1"),
        (("1", 0.05, 3, 0.8), "cost is '1'; numbers are needed"),
    ],
)
def test_no_success_is_said(arguments, said):
    with pytest.raises(ValueError, match=said):
        success_payment(*arguments)


def test_crossings_of_a_curve_that_turns():
    places, figures = crossings(math.sin, 0.5, np.linspace(0, 10, 30))
    assert places == pytest.approx([math.pi / 6, 5 * math.pi / 6, 13 * math.pi / 6, 17 * math.pi / 6], rel=1e-11)
    assert all(math.sin(place) >= 0.5 for place in places)
    assert figures[0] == 0
    assert len(figures) == 30


def test_where_a_figure_jumps_the_place_is_on_the_side_that_has_what_is_wanted():
    assert crossings(lambda x: float(x > 1 / 3), 0.5, [0, 1], 1e-6)[0] == pytest.approx([1 / 3], rel=2e-6)
    assert crossings(lambda x: float(x > 1 / 3), 0.5, [0, 1], 1e-6)[0][0] > 1 / 3
    down = crossings(lambda x: float(x < 1 / 3), 0.5, [0, 1], 1e-6)[0][0]
    assert 1 / 3 * (1 - 2e-6) < down < 1 / 3
    assert crossings(lambda x: math.nan if x < 0.5 else 1.0, 1.0, [0, 1])[0] == pytest.approx([0.5])
    assert crossings(lambda x: x, 0.0, [-1, 0, 1])[0] == pytest.approx([0.0], abs=1e-300)
    assert crossings(lambda x: x, 5.0, [0, 1])[0] == []


def test_no_more_looks_than_halves_need():
    asked = []
    crossings(lambda x: asked.append(x) or x, 1.1, [1, 2], 2**-10)
    assert len(asked) == 2 + 10
    assert crossings(lambda x: x, 1.5, [1, 2], 0.0)[0] == [1.5]  # as close as floats are
    asked.clear()
    crossings(lambda x: asked.append(x) or x, 1.9, [1, 2], 0.25)
    assert asked == [1, 2, 1.5]  # from 1.5 to 2 is a quarter of 2, and near enough


@pytest.mark.parametrize("grid", [[1], [1, 1], [2, 1], 3.0, [[1, 2]]])
def test_a_grid_rises(grid):
    with pytest.raises(ValueError, match="at least two rising numbers"):
        crossings(lambda x: x, 0, grid)
