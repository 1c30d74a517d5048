"""Cash flows by conservation of money; rates of return by published examples, identities and bisection."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import annualise, cash_flows, irr, is_conventional, money_multiple, npv, peak_draw

money = st.floats(0, 1e6, allow_subnormal=False)


def by_bisection(flows):
    """Scalar reference for conventional flows, written apart from the package's own."""

    def value(rate):
        return sum(flow / (1 + rate) ** t for t, flow in enumerate(flows))

    low, high = -0.999999, 1e6
    for _ in range(300):
        middle = (low + high) / 2
        low, high = (middle, high) if (value(middle) > 0) == (value(low) > 0) else (low, middle)
    return (low + high) / 2


class TestCashFlows:
    @given(
        st.lists(st.tuples(money, st.floats(-1e6, 1e6)), min_size=1, max_size=12),
        money,
        money,
        st.integers(0, 3),
    )
    def test_every_row_conserves_money(self, rows, fee, guarantee, lag):
        costs, payments = zip(*rows, strict=True)
        flows = cash_flows(costs, payments, fee=fee, guarantee=guarantee, lag=lag)
        size = 1 + sum(costs) + sum(map(abs, payments))
        assert flows.sum(axis=1).abs().max() <= 1e-12 * size
        assert flows["provider"].sum() == pytest.approx(sum(costs))
        assert flows["payer"].sum() == pytest.approx(-sum(payments), abs=1e-12 * size)
        assert -1e-9 * size <= flows["intermediary"].sum() <= fee * (1 + 1e-9) + 1e-9 * size
        assert -guarantee * (1 + 1e-9) <= flows["guarantor"].sum() <= 0
        assert len(flows) == len(rows) + lag

    def test_costs_come_from_payments_held_then_from_investors(self):
        flows = cash_flows([100, 50, 50, 50], [0, 80, 0, 200])
        assert flows["investor"].tolist() == [-100, 0, -20, 150]
        assert flows["intermediary"].tolist() == [0, 30, -30, 0]

    def test_lag_moves_payments_and_adds_periods(self):
        flows = cash_flows([100, 0], [130, 0], lag=2)
        assert flows["payer"].tolist() == [0, 0, -130, 0]
        assert flows["investor"].tolist() == [-100, 0, 0, 130]

    def test_fee_is_paid_only_as_far_as_money_is_left(self):
        assert cash_flows([100], [110], fee=4)["intermediary"].sum() == 4
        assert cash_flows([100], [110], fee=40)["intermediary"].sum() == 10
        assert cash_flows([100], [90], fee=4)["intermediary"].sum() == 0

    def test_guarantee_makes_loss_good_and_no_more(self):
        for guarantee, investors in ((0, -40), (30, -10), (90, 0)):
            flows = cash_flows([100, 0], [0, 60], guarantee=guarantee)
            assert flows["investor"].sum() == investors
            assert flows["guarantor"].sum() == -(40 + investors)

    def test_investors_pay_a_negative_payment(self):
        flows = cash_flows([10, 0], [0, -5])
        assert flows["payer"].tolist() == [0, 5]
        assert flows["investor"].tolist() == [-10, -5]

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (dict(costs=[1, 2], payments=[1]), "same length"),
            (dict(costs=[], payments=[]), "same length"),
            (dict(costs=[-1], payments=[1]), "a cost is at least 0"),
            (dict(costs=[math.nan], payments=[1]), "costs holds nan"),
            (dict(costs=[1], payments=[1], fee=-1), "fee is -1"),
            (dict(costs=[1], payments=[1], guarantee=-1), "guarantee is -1"),
            (dict(costs=[1], payments=[1], lag=0.5), "lag is 0.5"),
        ],
    )
    def test_bad_input(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            cash_flows(**arguments)


class TestIrr:
    @pytest.mark.parametrize(
        ("flows", "rate"),
        [  # examples printed in numpy-financial's documentation of irr
            ([-100, 39, 59, 55, 20], 0.28095),
            ([-100, 0, 0, 74], -0.0955),
            ([-100, 100, 0, -7], -0.0833),
            ([-100, 100, 0, 7], 0.06206),
            ([-5, 10.5, 1, -8, 1], 0.0886),
        ],
    )
    def test_published_examples(self, flows, rate):
        assert irr(flows) == pytest.approx(rate, abs=5e-5)

    @given(st.floats(1, 1e6), st.floats(-0.9, 10), st.integers(1, 60))
    def test_bullet_has_a_closed_form(self, paid, rate, periods):
        flows = [-paid, *[0] * (periods - 1), paid * (1 + rate) ** periods]
        assert irr(flows) == pytest.approx(rate, abs=1e-9, rel=1e-9)

    @given(st.lists(st.floats(1, 1e6), min_size=1, max_size=6), st.lists(st.floats(1, 1e6), min_size=1, max_size=20))
    def test_npv_at_irr_is_zero_and_bisection_agrees(self, paid, received):
        flows = np.array([-x for x in paid] + received)
        rate = irr(flows)
        size = npv(rate, np.abs(flows))
        assert abs(npv(rate, flows)) <= 1e-9 * size
        if -0.999 < rate < 1e5:
            assert rate == pytest.approx(by_bisection(flows), abs=1e-9, rel=1e-9)

    @given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=10))
    def test_any_rate_found_solves_it(self, flows):
        rate = irr(flows)
        if -0.999 < rate < math.inf:  # closer to -1, 1 + rate itself has too few digits
            assert abs(npv(rate, flows)) <= 1e-6 * npv(rate, np.abs(flows))

    @given(st.lists(st.integers(-5, 20), min_size=1, max_size=4, unique=True))
    def test_of_several_rates_the_one_nearest_zero(self, tenths):
        """Flows built from the rates that solve them."""
        rates = [tenth / 10 for tenth in tenths]
        flows = np.poly([1 / (1 + rate) for rate in rates])[::-1]
        assert abs(irr(flows)) == pytest.approx(min(map(abs, rates)), abs=1e-6)

    def test_a_rate_of_zero_is_found_exactly_however_often_it_repeats(self):
        for power in range(1, 6):
            assert irr(np.poly([1.0] * power)) == pytest.approx(0, abs=1e-12)

    def test_many_rows_at_once_are_each_row_alone(self):
        rng = np.random.default_rng(1)
        flows = rng.uniform(-50, 100, (5000, 7))
        flows[:, 0] = -200
        flows[::10, 1:] *= -1  # some never come back
        flows[5, :] = 0
        together = irr(flows)
        alone = np.array([irr(row) for row in flows])
        np.testing.assert_allclose(together, alone, rtol=0, atol=1e-9)

    def test_axis_and_leading_dimensions(self):
        flows = np.array([[[-100.0, 110.0], [-100.0, 120.0]], [[-100.0, 130.0], [-100.0, 90.0]]])
        assert irr(flows).round(9).tolist() == [[0.1, 0.2], [0.3, -0.1]]
        assert irr(np.moveaxis(flows, -1, 0), axis=0).round(9).tolist() == [[0.1, 0.2], [0.3, -0.1]]

    def test_no_rate(self):
        assert irr([-100, 0, 0]) == -1.0
        assert irr([-100, -5]) == -1.0
        assert math.isnan(irr([100, 5]))
        assert math.isnan(irr([0, 0]))
        assert math.isnan(irr([100, -150, 100]))  # changes sign twice, no real root

    def test_double_root_and_extremes(self):
        assert irr([-100, 220, -121]) == pytest.approx(0.1, abs=1e-6)
        assert irr([-1e-6, 1e9]) == pytest.approx(1e15 - 1, rel=1e-9)
        assert irr([-1e9, *[0] * 40, 1e-3]) == pytest.approx(1e-12 ** (1 / 41) - 1, abs=1e-9)

    @given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=10))
    def test_conventional_counts_sign_changes(self, flows):
        signs = [flow > 0 for flow in flows if flow != 0]
        changes = sum(a != b for a, b in itertools.pairwise(signs))
        assert bool(is_conventional(flows)) == (changes == 1)

    @pytest.mark.parametrize("flows", [[1, math.nan], [1, math.inf], 5, [], ["a", 1], ["1", "-2"]])
    def test_bad_flows(self, flows):
        with pytest.raises(ValueError, match="flows"):
            irr(flows)


class TestRates:
    @given(st.floats(-0.9, 2), st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=10))
    def test_npv_is_the_sum_of_discounted_flows(self, rate, flows):
        expected = sum(flow / (1 + rate) ** t for t, flow in enumerate(flows))
        size = sum(abs(flow) / (1 + rate) ** t for t, flow in enumerate(flows))
        assert npv(rate, flows) == pytest.approx(expected, abs=1e-9 * (1 + size))

    def test_npv_broadcasts_rates_over_rows(self):
        assert npv([0.0, 0.1], [[-100, 110], [-100, 110]]).round(9).tolist() == [10.0, 0.0]

    def test_npv_needs_a_rate_above_minus_one(self):
        with pytest.raises(ValueError, match="greater than -1"):
            npv(-1, [1, 2])

    @given(st.floats(-0.5, 0.5), st.integers(1, 12))
    def test_annualise_round_trip(self, rate, periods):
        assert (1 + annualise(rate, periods)) ** (1 / periods) - 1 == pytest.approx(rate, abs=1e-9)

    def test_multiple_and_peak_draw(self):
        flows = [-40, -100, 30, 180]
        assert money_multiple(flows) == 1.5
        assert peak_draw(flows) == 140
        assert peak_draw([5, 5]) == 0
        assert math.isnan(money_multiple([5, 5]))
        assert money_multiple([flows, [-100, 0, 0, 50]]).tolist() == [1.5, 0.5]
