"""Cash flows by conservation of money; rates of return by published examples, identities and bisection."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodels import annualise, cash_flows, irr, is_conventional, money_multiple, npv, peak_draw
from sibmodels.cashflows import _bisect, _ends, _nearest_root, _newton

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


def roots_between(flows, low, high):
    """How many different roots y of exact flows lie in (low, high]; no high is infinity. By Sturm's theorem."""

    def trimmed(poly):  # highest power last
        while poly and poly[-1] == 0:
            poly = poly[:-1]
        return poly

    def rest(one, other):  # of the division of polynomials
        one = list(one)
        while len(one) >= len(other):
            factor = one[-1] / other[-1]
            for place in range(1, len(other) + 1):
                one[-place] -= factor * other[-place]
            one.pop()
        return trimmed(one)

    poly = trimmed([Fraction(flow) for flow in flows])
    while poly and poly[0] == 0:  # y = 0 is no rate
        poly = poly[1:]
    chain = [poly, trimmed([power * part for power, part in enumerate(poly)][1:])]
    while chain[-1]:
        chain.append([-part for part in rest(chain[-2], chain[-1])])

    def changes(at):
        values = [
            (part[-1] if at is None else sum(one * at**power for power, one in enumerate(part)))
            for part in chain
            if part
        ]
        signs = [value > 0 for value in values if value]
        return sum(one != other for one, other in itertools.pairwise(signs))

    return changes(low) - changes(high)


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

    def test_no_zero_is_printed_as_less_than_nothing(self):
        flows = cash_flows([100, 0], [0, 100]).to_numpy()
        assert not np.signbit(flows[flows == 0]).any()

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
        assert not cash_flows([100, 0], [0, 160], guarantee=30)["guarantor"].any()

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
            (dict(costs=[1], payments=[1], committed=-3), "committed is -3; it must be at least 0"),
            (dict(costs=[1], payments=[1], distribute="as recieved"), "did you mean 'as received'"),
            (dict(costs=[[1, 2], [1]], payments=[1, 2]), "costs have 2 numbers in row 0 and 1 numbers in row 1"),
            (dict(costs=[1, 2], payments=[[1, 2], 3]), "payments have 2 numbers in row 0 and one number in row 1"),
            (dict(costs=[[1, 2]], payments=[[1, 2]] * 2), "as many rows"),
            (dict(costs=[1, 2], payments=[[1, 2, 3]] * 2), "same length"),
            (dict(costs=[[[1]]], payments=[[[1]]]), "same length"),
            (dict(costs=np.empty((0, 3)), payments=np.empty((0, 3))), "same length"),
        ],
    )
    def test_bad_input(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            cash_flows(**arguments)


contracts = st.integers(1, 10).flatmap(
    lambda periods: st.tuples(
        *[st.lists(numbers, min_size=periods, max_size=periods) for numbers in (money, st.floats(-1e6, 1e6))]
    )
)
terms = st.fixed_dictionaries(
    dict(
        fee=money,
        guarantee=money,
        lag=st.integers(0, 3),
        distribute=st.sampled_from(["at the end", "as received"]),
        committed=st.none() | money,
    )
)


class TestDistributionAndCommitment:
    @pytest.mark.parametrize(
        ("invested", "as_paid", "at_cap"),
        [(26.20, 10.14, 20.55), (31.15, -4.52, 6.39), (31.54, -5.48, 5.47)],
    )
    def test_kobes_yearly_rates_computed_from_the_investors_own_dates(self, invested, as_paid, at_cap):
        """Quarters: investment in thirds at 0, 1, 2; 26.2 million yen at 5 and the rest at 13."""
        for total, rate in ((29.43, as_paid), (34.06, at_cap)):
            costs, payments = np.zeros(14), np.zeros(14)
            costs[:3] = invested / 3
            payments[5], payments[13] = 26.2, total - 26.2
            investor = cash_flows(costs, payments, distribute="as received", committed=invested)["investor"]
            assert investor.tolist() == pytest.approx([*[-invested / 3] * 3, 0, 0, 26.2, *[0] * 7, total - 26.2])
            assert round(100 * annualise(irr(investor), 4), 2) == rate

    @given(contracts, terms)
    def test_money_is_conserved_and_investors_lose_no_more_than_they_committed(self, contract, terms):
        costs, payments = contract
        flows = cash_flows(costs, payments, **terms)
        size = 1 + sum(costs) + sum(map(abs, payments))
        assert flows.sum(axis=1).abs().max() <= 1e-12 * size
        assert -1e-9 * size <= flows["intermediary"].cumsum().min()  # it never lends
        assert flows["intermediary"].sum() <= terms["fee"] + 1e-9 * size
        assert (flows["provider"] >= 0).all()
        if terms["committed"] is not None:
            put_in = -flows["investor"].clip(upper=0).sum()
            assert put_in <= terms["committed"] * (1 + 1e-12)
            assert flows["investor"].sum() >= -terms["committed"] * (1 + 1e-12)

    @given(contracts, money, money, st.integers(0, 3))
    def test_passing_money_on_earlier_changes_when_investors_are_paid_and_not_how_much(
        self, contract, fee, guarantee, lag
    ):
        costs, payments = contract[0], np.abs(contract[1])
        late, early = (
            cash_flows(costs, payments, fee=fee, guarantee=guarantee, lag=lag, distribute=when)
            for when in ("at the end", "as received")
        )
        size = 1 + sum(costs) + sum(payments)
        assert np.abs(early.sum() - late.sum()).max() <= 1e-9 * size
        assert (early["investor"].cumsum() >= late["investor"].cumsum() - 1e-9 * size).all()

    def test_the_intermediary_keeps_the_fee_and_the_costs_still_due(self):
        flows = cash_flows([100, 30, 0, 0], [150, 0, 0, 20], fee=8, distribute="as received")
        assert flows["investor"].tolist() == [12, 0, 0, 20]  # 150 - 100, less 30 still due and a fee of 8
        assert flows["intermediary"].tolist() == [38, -30, 0, 0]

    def test_what_was_passed_on_is_not_called_back_but_costs_are_drawn(self):
        flows = cash_flows([0, 0], [50, -20], distribute="as received")
        assert flows["investor"].tolist() == [50, -20]
        assert cash_flows([0, 0], [50, -20])["investor"].tolist() == [0, 30]

    def test_the_service_stops_before_the_first_period_whose_cost_cannot_be_met(self):
        flows = cash_flows([100, 100, 100, 0], [60, 60, 60, 500], lag=1, committed=150)
        assert flows["provider"].tolist() == [100, 100, 0, 0, 0]  # 140 put in after two; a third needs 40 more
        assert flows["payer"].tolist() == [0, -60, -60, 0, 0]  # earned in the second, received in the third
        assert flows["investor"].tolist() == [-100, -40, 0, 0, 60]

    def test_after_the_stop_no_costs_are_due_so_the_rest_is_passed_on(self):
        flows = cash_flows([100, 100, 100], [60, 60, 60], lag=1, committed=150, distribute="as received")
        assert flows["investor"].tolist() == [-100, -40, 60, 0]

    def test_a_payment_of_the_period_itself_helps_to_pay_for_it(self):
        assert cash_flows([100, 100], [60, 60], committed=80)["provider"].tolist() == [100, 100]
        assert cash_flows([100, 100], [60, 60], committed=79)["provider"].tolist() == [100, 0]
        assert cash_flows([100], [100], committed=0)["provider"].tolist() == [100]
        assert not cash_flows([100], [99], committed=0).to_numpy().any()
        assert not cash_flows([100], [0], committed=99.5).to_numpy().any()

    def test_a_commitment_of_just_the_costs_pays_them_all_whatever_the_rounding(self):
        assert cash_flows([0.1] * 10, [0] * 10, committed=1)["provider"].tolist() == pytest.approx([0.1] * 10)
        assert cash_flows([0.1] * 3, [0] * 3, committed=0.3)["provider"].tolist() == pytest.approx([0.1] * 3)

    def test_what_investors_owe_the_payer_is_paid_as_far_as_there_is_money(self):
        flows = cash_flows([10, 0], [0, -5], committed=12)
        assert flows["payer"].tolist() == [0, 2]
        assert flows["investor"].tolist() == [-10, -2]

    def test_rounding_moves_no_money_and_adds_no_change_of_sign(self):
        costs, payments = [106_000 / 3] * 10 + [0], [0] * 4 + [141_250, 0, 262_500, 0, 0, 0, 1]
        investor = cash_flows(costs, payments, distribute="as received")["investor"]
        assert (abs(investor) >= 1)[investor != 0].all()
        assert is_conventional(investor)

    @pytest.mark.parametrize("distribute", ["at the end", "as received"])
    @pytest.mark.parametrize("committed", [None, 60])
    def test_each_scenario_is_the_single_call(self, distribute, committed):
        rng = np.random.default_rng(3)
        costs, payments = rng.uniform(0, 20, (40, 6)), rng.normal(10, 20, (40, 6))
        terms = dict(fee=5, guarantee=9, lag=2, distribute=distribute, committed=committed)
        many = cash_flows(costs, payments, **terms)
        assert many.index.names == ["scenario", "period"]
        for scenario in range(40):
            alone = cash_flows(costs[scenario], payments[scenario], **terms)
            assert many.loc[scenario].equals(alone)
        one_cost = cash_flows(costs[0], payments, **terms)
        assert one_cost.equals(cash_flows(np.tile(costs[0], (40, 1)), payments, **terms))
        one_payment = cash_flows(costs, payments[0], **terms)
        assert one_payment.equals(cash_flows(costs, np.tile(payments[0], (40, 1)), **terms))


class TestIrr:
    @pytest.mark.parametrize(
        ("rates", "nearest"),
        [
            ((0.1, 0.2), 0.1),
            ((0.1, 0.15), 0.1),
            ((-0.3, 0.5, 2.0), -0.3),
            ((0.25, -0.25), 0.25),
            ((0.25, -0.25 - 1e-11), 0.25),  # as near but for rounding
            ((0.25, -0.25 + 1e-11), 0.25),
            ((0.04, 0.9, 3.0, -0.6), 0.04),
            ((9.0, -3.0), 9.0),  # no rate is below -1
        ],
    )
    def test_the_last_resort_finds_the_nearest_of_known_roots(self, rates, nearest):
        """Flows multiplied out of their discount factors; the way that is left when every quick one has failed."""
        flows = np.polynomial.polynomial.polyfromroots([1 / (1 + rate) for rate in rates])
        for unit in (1, -1e6, 1e-9, 1e-200):
            assert _nearest_root(unit * flows) == pytest.approx(nearest, abs=1e-12)
            assert _nearest_root(unit * np.append(0, flows)) == pytest.approx(nearest, abs=1e-12)
        for least in (1e-310, 1e-101):  # over so small a flow the others are too large for a float, or for digits
            assert _nearest_root(np.append(flows, least)) == pytest.approx(nearest, abs=1e-12)

    def test_the_last_resort_has_no_root_where_there_is_none(self):
        assert math.isnan(_nearest_root(np.array([1.0, -1.0, 1.0])))
        assert math.isnan(_nearest_root(np.array([1 + 1e-10, -2.0, 1.0])))  # nearly touches

    @pytest.mark.parametrize("unit", [1.0, 1e9, 1e-9])
    def test_the_last_resort_gives_zero_where_flows_add_up_to_it(self, unit):
        assert _nearest_root(unit * np.array([-100, 230, -130])) == 0
        assert _nearest_root(unit * np.array([0.1] * 10 + [-2.0] + [0.1] * 10)) == 0  # but for rounding

    @pytest.mark.parametrize("y", [0.3, 0.8, 1.5])
    def test_the_last_resort_gives_every_digit(self, y):
        """Roots of the companion matrix that are small beside others lose some; each is polished."""
        for large in (1e6, 1e8, 1e10, 1e12):
            flows = np.polynomial.polynomial.polyfromroots([y, -large, -3 * large, -7 * large, -1 / large])
            assert _nearest_root(flows) == pytest.approx(1 / y - 1, abs=1.5e-15)

    def test_the_last_resort_finds_roots_that_touch(self):
        for y in (0.001, 0.03, 30, 1000):
            assert _nearest_root(np.array([y * y, -2 * y, 1])) == pytest.approx(1 / y - 1, rel=1e-7)
        for rate in (-0.5, 0.3, 3.0):
            y = 1 / (1 + rate)
            flows = np.polynomial.polynomial.polyfromroots([y, 1.001 * y, 1.002 * y])
            assert abs(np.polynomial.polynomial.polyval(1 / (1 + _nearest_root(flows)), flows)) < 1e-15 * max(1, y**3)

    def test_what_the_last_resort_returns_solves_flows_of_any_sizes(self):
        """Where sizes differ by 10^100 many roots of the companion matrix are none."""
        rng = np.random.default_rng(1)
        solved = 0
        for _ in range(150):
            flows = rng.choice([-1, 1], 28) * 10.0 ** rng.uniform(-50, 50, 28)
            rate = _nearest_root(flows)
            assert not rate < -1
            if -0.999 < rate < 1e3:
                y, solved = 1 / (1 + rate), solved + 1
                size = np.polynomial.polynomial.polyval(y, np.abs(flows))
                assert abs(np.polynomial.polynomial.polyval(y, flows)) < 1e-6 * size
        assert solved > 10

    def test_the_ends_of_marks_are_where_they_begin_and_stop(self):
        marks = np.array([[False, True, False, True], [True, True, False, False], [False, True, False, False]])
        first, last = _ends(marks)
        assert (first.tolist(), last.tolist()) == ([2, 1, 4, 1], [2, 3, 0, 1])

    @pytest.mark.parametrize("periods", [126, 127, 128, 129])
    def test_as_many_periods_as_the_smallest_integers_count(self, periods):
        assert irr([-1, *[0] * (periods - 2), 2.0]) == pytest.approx(2 ** (1 / (periods - 1)) - 1)

    @pytest.mark.parametrize("lent", [1, -1, 1e-3, -1e-3])
    @pytest.mark.parametrize("rate", [-0.9, -0.3, -0.01, 0.02, 0.3, 2.0, 40.0, 3000.0])
    def test_conventional_flows_by_newton_s_method_and_by_bisection(self, rate, lent):
        """A level payment of 1 for some periods, and one payment at the end: both in closed form.

        Newton's method starts where it need not go far, unless one side is ten thousand times the other.
        """
        rows = []
        for periods in (2, 5, 40):
            level, end = np.ones(41), np.zeros(41)
            level[0], level[periods + 1 :] = -((1 - (1 + rate) ** -periods) / rate), 0
            end[0], end[periods] = -((1 + rate) ** -periods), 1
            rows += [lent * level, lent * end]
        found, done = _newton(np.array(rows).T)
        near = [1e-4 < -row[row * lent < 0].sum() / row[row * lent > 0].sum() < 1e4 for row in rows]
        assert done[near].all()
        assert 1 + found[done] == pytest.approx(1 + rate, rel=1e-12)
        assert [1 + _bisect(row) for row in rows] == pytest.approx([1 + rate] * len(rows), rel=1e-12)

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
        alone = np.array([irr(row) for row in flows[:1000]])
        np.testing.assert_allclose(together[:1000], alone, rtol=0, atol=1e-9)

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

    def test_conventional_is_said_of_each_row(self):
        rows = np.array([[-100, 0, 110], [-100, 230, -132], [0, 5, 5], [1, 0, -1]])
        assert is_conventional(rows).tolist() == is_conventional(rows.T, axis=0).tolist() == [True, False, False, True]
        assert not is_conventional([5])

    @given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=10))
    def test_conventional_counts_sign_changes(self, flows):
        signs = [flow > 0 for flow in flows if flow != 0]
        changes = sum(a != b for a, b in itertools.pairwise(signs))
        assert bool(is_conventional(flows)) == (changes == 1)

    @given(st.lists(st.integers(-9, 9), min_size=2, max_size=8))
    def test_no_root_is_nearer_by_sturm_s_exact_count(self, flows):
        """In fractions: how many roots lie nearer to zero than the rate found, or anywhere where none was."""
        rate = irr(flows)
        if math.isnan(rate):
            assert not any(flows) or roots_between(flows, Fraction(0), None) == 0
        elif rate > -1 and abs(rate) > 1e-6:
            near = Fraction(abs(rate)) * (1 - Fraction(1, 10**6))
            high = 1 / (1 - near) if near < 1 else None
            assert roots_between(flows, 1 / (1 + near), high) == 0
            near = Fraction(abs(rate)) * (1 + Fraction(1, 10**6))
            assert roots_between(flows, 1 / (1 + near), 1 / (1 - near) if near < 1 else None) >= 1

    @settings(max_examples=40)
    @given(st.integers(1, 10**6), st.sampled_from([0.25, 0.5, 0.75]))
    def test_of_two_rates_as_near_the_positive_whatever_the_unit(self, unit, rate):
        flows = np.poly([1 / (1 + rate), 1 / (1 - rate)])[::-1]
        flows = np.round(flows * (1 - rate**2) * 16) * unit  # whole numbers
        for row in (flows, -flows, [*flows, 0], [0, *flows]):
            assert irr(row) == pytest.approx(rate, abs=1e-9)

    @pytest.mark.parametrize("rate", [-0.6, -0.2, 0.05, 0.3, 2.0])
    @pytest.mark.parametrize("gap", [1e-3, 1e-5, 1e-7])
    def test_roots_that_nearly_touch_touch_or_miss(self, rate, gap):
        near, far = sorted((rate, rate + gap), key=abs)
        two = np.poly([1 / (1 + near), 1 / (1 + far)])[::-1]
        third = np.convolve(two, [1.0, 0.0, 1.0])  # no real root more
        for flows in (two, -two, third):
            rounding = 1e-13 / gap  # how far a coefficient's last digit moves a root
            assert irr(flows) == pytest.approx(near, abs=1e-9 + rounding)
        y = 1 / (1 + rate)
        size = y**2
        assert irr([size, -2 * y, 1]) == pytest.approx(rate, abs=1e-6)
        assert math.isnan(irr([size * (1 + gap), -2 * y, 1]))

    @pytest.mark.parametrize("rate", [-0.01, 0.002, 0.03])
    def test_a_row_of_1200_flows_of_mixed_sign(self, rate):
        """Flows built from one root and a factor that is above 0 wherever y is."""
        rng = np.random.default_rng(4)
        flows = np.convolve(rng.uniform(0.5, 1.5, 1199), [1.0, -(1 + rate)])
        assert (np.diff(np.sign(flows)) != 0).sum() > 300
        assert irr(flows) == pytest.approx(rate, abs=1e-9)
        assert irr(flows[::-1]) == pytest.approx(1 / (1 + rate) - 1, abs=1e-9)

    def test_the_largest_and_the_smallest_numbers(self):
        with np.errstate(all="raise"):
            for unit in (1e308, 1e200, 1.0, 1e-200, 1e-300):
                assert irr(np.array([-1, 1.5, 1.5, -1]) * unit) == pytest.approx(-0.5)
                assert irr(np.array([-1, -1, 1.7, 1.7]) * unit) == pytest.approx(0.30384048104)
            assert irr([[-1e308, 1.2e308], [-1, 1.1]]).tolist() == pytest.approx([0.2, 0.1])
        assert irr([-1e308, -1e308, 1e199]) == pytest.approx(-1)

    @settings(max_examples=40)
    @given(st.lists(st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=5), min_size=2, max_size=9))
    def test_mixed_signs_together_are_each_row_alone(self, rows):
        np.testing.assert_allclose(irr(rows), [irr(row) for row in rows], rtol=1e-9, atol=1e-9)

    @pytest.mark.parametrize("flows", [[-100 + 5j, 110], np.array([-100 + 5j, 110]), [-(10**400), 11 * 10**399]])
    def test_what_is_no_real_number_of_a_float_s_size(self, flows):
        with pytest.raises(ValueError, match=r"flows (is .*real numbers|holds a number beyond 1.8e\+308)"):
            irr(flows)

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

    def test_all_that_can_be_lost_is_lost_in_any_period(self):
        assert annualise(-1, 4) == -1
        with pytest.raises(ValueError, match=r"rate is -1.01; it must be at least -1"):
            annualise(-1.01, 4)
        with pytest.raises(ValueError, match="periods_per_year is 0; it must be greater than 0"):
            annualise(0.1, 0)

    @given(st.floats(-0.5, 0.5), st.integers(1, 12))
    def test_annualise_round_trip(self, rate, periods):
        assert (1 + annualise(rate, periods)) ** (1 / periods) - 1 == pytest.approx(rate, abs=1e-9)

    def test_multiple_and_peak_draw(self):
        flows = [-40, -100, 30, 180]
        assert money_multiple(flows) == 1.5
        assert money_multiple([-0.5, 1.0]) == 2
        assert peak_draw(flows) == 140
        assert peak_draw([5, 5]) == 0
        assert math.isnan(money_multiple([5, 5]))
        assert money_multiple([flows, [-100, 0, 0, 50]]).tolist() == [1.5, 0.5]


@given(st.integers(0, 18), st.integers(1, 48), st.floats(0.01, 1), st.floats(0, 2))
def test_pay_at_risk_that_waits_takes_that_share_of_the_wait(lag, months, share, result):
    """Own money where a fee pays for a cost of 1 a month, but for a share that is paid by result after `lag` months."""
    work = np.concatenate([np.ones(months), np.zeros(lag)])
    own = cash_flows(share * work, share * result * work, lag=lag, distribute="as received")["investor"]
    waiting = min(lag, months)
    short = max(1 - result, 0) * (months - waiting)
    assert math.isclose(peak_draw(own), share * (waiting + short), rel_tol=1e-9, abs_tol=1e-9)
    assert math.isclose(own.sum(), share * months * (result - 1), rel_tol=1e-9, abs_tol=1e-9)
