"""Payment schedules and contracts against closed forms, published payments and properties."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import Contract, Outcome, PaymentSchedule, cases
from sibmodels.contracts import Dated, use_up

amounts = st.floats(0, 1e8, allow_subnormal=False)
rates = st.floats(0, 1)


@st.composite
def increasing_schedules(draw):
    """Schedules whose payments never fall, with two to six points."""
    size = draw(st.integers(2, 6))
    xs = sorted(draw(st.lists(st.integers(0, 1000), min_size=size, max_size=size, unique=True)))
    ys = sorted(draw(st.lists(amounts, min_size=size, max_size=size)))
    kind = draw(st.sampled_from(["linear", "step"]))
    floor = draw(st.sampled_from([-math.inf, xs[0] / 1000]))
    return PaymentSchedule([(x / 1000, y) for x, y in zip(xs, ys, strict=True)], kind, floor=floor)


@st.composite
def contracts(draw):
    schedules = draw(st.lists(increasing_schedules(), min_size=1, max_size=4))
    shares = draw(st.lists(rates, min_size=len(schedules), max_size=len(schedules)))
    outcomes = [
        Outcome(f"outcome {i}", schedule, {"city": share, "state": 1 - share})
        for i, (schedule, share) in enumerate(zip(schedules, shares, strict=True))
    ]
    cap = draw(st.none() | st.floats(1, 1e8))
    return Contract("drawn", "GBP", outcomes, fixed_payment=draw(amounts), cap=cap)


def performance_of(contract, rate):
    return dict.fromkeys(contract.names, rate)


class TestSchedule:
    def test_linear_interpolates_and_is_flat_outside(self):
        schedule = PaymentSchedule([(1, 10), (3, 30), (4, 20)])
        assert schedule([0, 1, 2, 3, 3.5, 4, 9]).tolist() == [10, 10, 20, 30, 25, 20, 20]

    def test_step_pays_highest_point_reached_and_nothing_below(self):
        schedule = PaymentSchedule([(0.05, 1), (0.10, 4), (0.20, 3)], "step")
        assert schedule([0, 0.0499, 0.05, 0.0999, 0.10, 0.2, 7]).tolist() == [0, 0, 1, 1, 4, 3, 3]

    def test_negative_payments_are_legal(self):
        """DC Water: below the lower tier investors pay the city."""
        schedule = PaymentSchedule([(-1, -3.3), (0.186, 0.0), (0.413, 3.3)], "step")
        assert schedule([0.1, 0.3, 0.5]).tolist() == [-3.3, 0.0, 3.3]

    @given(st.floats(0.01, 1), amounts, rates)
    def test_proportional_is_its_formula(self, target, payment, performance):
        expected = min(payment, payment * performance / target)
        assert PaymentSchedule.proportional(target, payment)(performance) == pytest.approx(expected, abs=1e-6)

    def test_proportional_pays_nothing_below_floor_and_in_full_proportion_at_it(self):
        schedule = PaymentSchedule.proportional(0.8, 100, floor=0.4)
        assert schedule([0.0, 0.399, 0.4, 0.8, 1.0]) == pytest.approx([0, 0, 50, 100, 100])

    @given(st.floats(0.01, 1e5), st.none() | st.floats(1, 1e9), st.integers(0, 10**6))
    def test_rate_card_is_price_times_count_up_to_cap(self, price, cap, count):
        expected = price * count if cap is None else min(price * count, cap)
        assert PaymentSchedule.rate_card(price, cap)(count) == pytest.approx(expected, rel=1e-9)

    def test_without_a_limit_the_last_of_several_segments_goes_on(self):
        schedule = PaymentSchedule([(0, 0), (1, 10), (3, 50)], unlimited=True)
        assert schedule([0.5, 2, 3, 5, 103]).tolist() == [5, 30, 50, 90, 2050]

    def test_rate_card_has_no_limit_without_cap(self):
        assert PaymentSchedule.rate_card(5).max_payment == math.inf
        assert PaymentSchedule.rate_card(5, cap=12).max_payment == 12

    @pytest.mark.parametrize(
        ("schedule", "most"),
        [
            (PaymentSchedule([(0, 5), (1, 3)]), 5),
            (PaymentSchedule([(0, -5), (1, -3)]), -3),
            (PaymentSchedule([(0, -5), (1, -3)], "step"), 0),
            (PaymentSchedule.threshold(0.1, 7), 7),
            (PaymentSchedule.proportional(0.8, 9, floor=0.5), 9),
            (PaymentSchedule([(0, 5), (1, 3)], floor=0.5), 4),
            (PaymentSchedule([(0, -5), (1, -3)], floor=0.5), 0),
            (PaymentSchedule([(0, 5), (1, 5)], unlimited=True), 5),
            (PaymentSchedule([(0, 5), (1, 3)], unlimited=True), 5),
            (PaymentSchedule([(0, 5), (1, 3), (2, 4)], unlimited=True), math.inf),
        ],
    )
    def test_max_payment(self, schedule, most):
        assert schedule.max_payment == most

    @given(increasing_schedules(), rates, rates)
    def test_never_falls_when_increasing_and_never_exceeds_max(self, schedule, a, b):
        low, high = schedule([min(a, b), max(a, b)])
        assert low <= high + 1e-6
        assert high <= schedule.max_payment * (1 + 1e-12)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (dict(points=[(1, 1), (0, 2)]), r"performance 0 follows 1; it must increase"),
            (dict(points=[(1, 1), (1, 2)]), r"performance 1 follows 1"),
            (dict(points=[(0, 1), (2, 1), (1, 2), (3, 3)]), r"performance 1 follows 2"),
            (dict(points=[(0, math.nan)]), r"points holds nan"),
            (dict(points=[1, 2]), r"\(performance, payment\)"),
            (dict(points=[]), r"\(performance, payment\)"),
            (dict(points=[(0, 1)], interpolation="cubic"), r"linear, step"),
            (dict(points=[(0, 1)], unlimited=True), "two points"),
            (dict(points=5), r"\(performance, payment\)"),
            (dict(points=[(0, 1)], floor=math.nan), "floor holds nan"),
        ],
    )
    def test_bad_schedule(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            PaymentSchedule(**arguments)

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: PaymentSchedule.proportional(0, 1), "target is 0"),
            (lambda: PaymentSchedule.proportional(0.5, 1, floor=0.6), "floor is 0.6"),
            (lambda: PaymentSchedule.rate_card(-1), "price is -1"),
            (lambda: PaymentSchedule.rate_card(1, cap=0), "cap is 0"),
            (lambda: PaymentSchedule.rate_card(10)(-1), "a count cannot be negative"),
            (lambda: PaymentSchedule.threshold(0.8, 10)("0.9"), "numbers are needed"),
            (lambda: PaymentSchedule.threshold(0.8, 10)(np.ma.masked_less([0.1, 0.9], 0.5)), "numbers are needed"),
            (lambda: PaymentSchedule.threshold(0.8, 10)(math.nan), "performance holds nan"),
            (lambda: PaymentSchedule.threshold(0.8, 10)("high"), "numbers are needed"),
        ],
    )
    def test_bad_numbers(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()


class TestContract:
    @given(contracts(), rates)
    def test_payers_add_up_to_the_total(self, contract, rate):
        performance = performance_of(contract, rate)
        assert contract.by_payer(performance).sum() == pytest.approx(contract.total(performance), rel=1e-9, abs=1e-6)

    @given(contracts(), rates)
    def test_total_never_exceeds_maximum_and_ignores_order(self, contract, rate):
        performance = performance_of(contract, rate)
        total = contract.total(performance)
        assert total <= contract.max_payment * (1 + 1e-9)
        turned = Contract("turned", "GBP", contract.outcomes[::-1], contract.fixed_payment, contract.cap)
        assert turned.total(performance) == pytest.approx(total, rel=1e-12)

    @given(contracts(), rates)
    def test_rows_of_payments_add_up_before_the_cap(self, contract, rate):
        paid = contract.payments(performance_of(contract, rate))["payment"].sum()
        expected = paid if contract.cap is None else min(paid, contract.cap)
        assert contract.total(performance_of(contract, rate)) == pytest.approx(expected, rel=1e-12)

    @given(contracts(), st.lists(rates, min_size=1, max_size=5))
    def test_arrays_give_what_scalars_give(self, contract, grid):
        together = contract.total(performance_of(contract, np.array(grid)))
        alone = [contract.total(performance_of(contract, rate)) for rate in grid]
        assert together == pytest.approx(alone)
        by_payer = contract.by_payer(performance_of(contract, pd.Series(grid)))
        assert by_payer.sum(axis=1).to_numpy() == pytest.approx(alone, rel=1e-9, abs=1e-6)

    def test_weights_are_shares_of_the_maximum_outcome_payment(self):
        contract = Contract(
            "w",
            "GBP",
            [Outcome("a", PaymentSchedule.threshold(1, 30)), Outcome("b", PaymentSchedule.threshold(1, 10))],
            99,
        )
        assert contract.weights().to_dict() == {"a": 0.75, "b": 0.25}

    def test_fixed_payment_is_a_row_of_its_own(self):
        contract = cases.contract("kobe")
        row = contract.payments(cases.performance("kobe")).loc["fixed payment"]
        assert np.isnan(row["performance"])
        assert row["payment"] == contract.fixed_payment

    def test_fixed_payment_is_shared_like_the_maximum(self):
        outcomes = [
            Outcome("a", PaymentSchedule.threshold(0.5, 60), {"city": 1.0}),
            Outcome("b", PaymentSchedule.threshold(0.5, 40), {"state": 1.0}),
        ]
        contract = Contract("c", "GBP", outcomes, fixed_payment=10)
        assert contract.by_payer({"a": 0, "b": 0}).to_dict() == {"city": 6, "state": 4}

    def test_cap_saves_every_payer_in_proportion(self):
        outcomes = [
            Outcome("a", PaymentSchedule.threshold(0.5, 60), {"city": 1.0}),
            Outcome("b", PaymentSchedule.threshold(0.5, 40), {"state": 1.0}),
        ]
        contract = Contract("c", "GBP", outcomes, cap=50)
        assert contract.by_payer({"a": 1, "b": 1}).to_dict() == {"city": 30, "state": 20}

    def test_scenarios_are_a_second_index_level(self):
        contract = Contract("c", "GBP", [Outcome("a", PaymentSchedule.proportional(1, 10))])
        table = contract.payments({"a": [0.1, 0.2]})
        assert table.index.names == ["outcome", "scenario"]
        assert table["payment"].tolist() == pytest.approx([1, 2])

    def test_curves_hold_the_schedule(self):
        contract = Contract("c", "GBP", [Outcome("a", PaymentSchedule.proportional(0.5, 10))])
        curves = contract.curves(steps=3)
        assert curves["payment"].tolist() == [0, 10, 10]
        assert curves["performance"].tolist() == [0, 0.5, 1]
        assert contract.curves(0.1, 0.3, 2)["payment"].tolist() == pytest.approx([2, 6])
        with pytest.raises(ValueError, match="steps is 1; it must be at least 2"):
            contract.curves(steps=1)

    @pytest.mark.parametrize(
        ("performance", "message"),
        [
            (
                {"completion": 1, "lifestyle": 1},
                r"missing \['renal'\].*outcomes are \['completion', 'lifestyle', 'renal'\]",
            ),
            ({"completion": 1, "lifestyle": 1, "renal": 1, "kidney": 1}, r"unknown \['kidney'\]"),
            ({"completion": 1, "lifestyle": 1, "renal": 32.9}, r"'renal' is 32.9; a share lies between 0 and 1"),
            ({"completion": 1, "lifestyle": 1, "renal": -0.1}, r"'renal' is -0.1"),
            ({"completion": 1, "lifestyle": 1, "renal": math.nan}, r"'renal' holds nan"),
            ({"completion": 1, "lifestyle": 1, "renal": [0.1, math.inf]}, r"'renal' holds inf"),
            ([1, 1, 1], "a mapping from outcome to number"),
        ],
    )
    def test_bad_performance(self, performance, message):
        with pytest.raises(ValueError, match=message):
            cases.contract("kobe").total(performance)

    @pytest.mark.parametrize(
        ("schedule", "unit", "is_count"),
        [
            (PaymentSchedule.rate_card(5), "", True),
            (PaymentSchedule.rate_card(5), "share", False),
            (PaymentSchedule.rate_card(5), "visits", True),
            (PaymentSchedule([(0, 0), (1, 5)]), "", False),
            (PaymentSchedule([(0, 0), (1, 5)]), "points", False),
            (PaymentSchedule([(0, 0), (1, 5)]), "share", False),
            (PaymentSchedule([(0, 0), (1, 5)]), "days", True),
        ],
    )
    def test_a_count_is_told_by_its_unit_or_by_a_rate_card(self, schedule, unit, is_count):
        assert Outcome("a", schedule, unit=unit).is_count == is_count

    def test_a_share_is_nothing_to_all_and_what_is_not_is_named(self):
        outcome = Outcome("a", PaymentSchedule.proportional(1, 10), unit="share")
        assert outcome.payment([0, 0.5, 1]).tolist() == [0, 5, 10]
        for values, bad in (([0, 1, 1.5], "1.5"), ([1, 0, 0.5, -0.1, 2], "-0.1"), ([0.5, 2.5], "2.5")):
            with pytest.raises(ValueError, match=f"performance of 'a' is {bad}; a share lies between 0 and 1"):
                outcome.payment(values)

    def test_count_cannot_be_negative(self):
        outcome = Outcome("placed", PaymentSchedule([(0, 0), (10, 5)]), unit="people")
        with pytest.raises(ValueError, match="a count cannot be negative"):
            outcome.payment(-1)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (dict(currency="pounds"), "ISO 4217"),
            (dict(currency="gbp"), "ISO 4217"),
            (dict(currency="GBPJPY"), "ISO 4217"),
            (dict(currency="£££"), "ISO 4217"),
            (dict(currency=["G", "B", "P"]), "ISO 4217"),
            (dict(outcomes=[]), "at least one is needed"),
            (dict(outcomes=[Outcome("a", PaymentSchedule.threshold(1, 1))] * 2), "names must differ"),
            (dict(cap=0), "cap is 0"),
            (dict(fixed_payment=math.nan), "fixed_payment holds nan"),
            (dict(fixed_payment="10"), "numbers are needed"),
            (dict(outcomes=[Outcome("total_payment", PaymentSchedule.threshold(1, 1))]), "none be"),
        ],
    )
    def test_bad_contract(self, arguments, message):
        good = dict(name="c", currency="GBP", outcomes=[Outcome("a", PaymentSchedule.threshold(1, 1))])
        with pytest.raises(ValueError, match=message):
            Contract(**good | arguments)

    @pytest.mark.parametrize(
        "payers",
        [{"city": 0.5}, {"city": 0.6, "state": 0.5}, {"city": 1.5, "state": -0.5}, {}, {"city": 1 - 1e-8}, ["city"]],
    )
    def test_payer_shares_must_sum_to_one(self, payers):
        with pytest.raises(ValueError, match=r"payers.*'a'"):
            Outcome("a", PaymentSchedule.threshold(1, 1), payers)

    def test_fixed_payment_without_a_finite_maximum_is_shared_evenly_over_outcomes(self):
        outcomes = [
            Outcome("a", PaymentSchedule.rate_card(5), {"city": 1.0}),
            Outcome("b", PaymentSchedule.rate_card(5), {"state": 1.0}),
        ]
        contract = Contract("c", "GBP", outcomes, fixed_payment=10)
        assert contract.by_payer({"a": 0, "b": 2}).to_dict() == {"city": 5, "state": 15}

    @pytest.mark.parametrize("other", [PaymentSchedule.rate_card(5), PaymentSchedule.threshold(1, 0)])
    def test_one_maximum_that_is_no_measure_of_size(self, other):
        """Beside 30: no limit, so that neither has a share; or 0, which is a share."""
        outcomes = [
            Outcome("a", PaymentSchedule.threshold(0.5, 30), {"city": 1.0}),
            Outcome("b", other, {"state": 1.0}),
        ]
        contract = Contract("c", "GBP", outcomes, fixed_payment=10)
        fixed = contract.by_payer({"a": 0, "b": 0}).to_dict()
        if other.max_payment == 0:
            assert contract.weights().tolist() == [1, 0]
            assert fixed == {"city": 10, "state": 0}
        else:
            with pytest.raises(ValueError, match=r"'a': 30.0, 'b': inf.*finite amounts above 0"):
                contract.weights()
            assert fixed == {"city": 5, "state": 5}

    def test_weights_do_not_hang_on_the_unit_of_money(self):
        outcomes = [
            Outcome(who, PaymentSchedule.threshold(1, most), {who: 1}) for who, most in (("a", 0.3), ("b", 0.1))
        ]
        contract = Contract("c", "GBP", outcomes, fixed_payment=8)
        assert contract.weights().tolist() == pytest.approx([0.75, 0.25])
        assert contract.by_payer({"a": 0, "b": 0}).tolist() == pytest.approx([6, 2])

    def test_nothing_to_earn_gives_no_weights_and_an_even_share_of_what_is_fixed(self):
        outcomes = [Outcome(who, PaymentSchedule.threshold(1, 0), {who: 1.0}) for who in ("city", "state")]
        contract = Contract("c", "GBP", outcomes, fixed_payment=10)
        with pytest.raises(ValueError, match="finite amounts above 0"):
            contract.weights()
        assert contract.by_payer({"city": 1, "state": 1}).to_dict() == {"city": 5, "state": 5}

    def test_scenarios_keep_their_labels(self):
        contract = Contract("c", "GBP", [Outcome("a", PaymentSchedule.proportional(1, 10))])
        table = pd.DataFrame({"a": [0.1, 0.2]}, index=["low", "high"])
        assert contract.by_payer(table).index.tolist() == ["low", "high"]
        assert contract.payments(table).loc[("a", "high"), "payment"] == pytest.approx(2)

    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: Outcome("a", 5), "a PaymentSchedule is needed"),
            (lambda: Outcome("a", PaymentSchedule.threshold(1, 1), unit="%"), "give a 'share'"),
        ],
    )
    def test_bad_outcome(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()

    def test_scenarios_of_different_lengths_are_refused(self):
        outcomes = [Outcome(name, PaymentSchedule.proportional(1, 10)) for name in "ab"]
        contract = Contract("c", "GBP", outcomes)
        with pytest.raises(ValueError, match="lists of one length"):
            contract.total({"a": [0.1, 0.2], "b": [0.1, 0.2, 0.3]})
        with pytest.raises(ValueError, match=r"shapes \[\(1, 2\)\]; give numbers, or lists of one length"):
            contract.total({"a": [[0.1, 0.2]], "b": 0.1})
        with pytest.raises(ValueError, match="each outcome may be there once"):
            contract.total(pd.Series([0.1, 0.2, 0.3], index=["a", "b", "b"]))

    def test_weights_need_a_finite_maximum(self):
        contract = Contract("c", "GBP", [Outcome("a", PaymentSchedule.rate_card(5), unit="people")])
        with pytest.raises(ValueError, match="finite"):
            contract.weights()


class TestInsteadOf:
    """An outcome instead of another pays what is left of its own payment: together they pay the larger of the two."""

    @staticmethod
    def signed(each: float, together: float) -> Contract:
        first = Outcome("each", PaymentSchedule.proportional(1, each))
        second = Outcome("together", PaymentSchedule.proportional(1, together), instead_of=("each",))
        return Contract("either", "GBP", [first, second])

    @given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 10), st.integers(0, 10))
    def test_the_larger_is_paid(self, each, together, first, second):
        contract, reached = self.signed(each, together), {"each": first / 10, "together": second / 10}
        larger = max(each * first / 10, together * second / 10)
        assert contract.total(reached) == pytest.approx(larger)
        assert contract.max_payment == max(each, together)
        earned = contract.earned(reached)
        assert list(earned) == ["each", "together"]
        assert earned["together"] == pytest.approx(larger - each * first / 10)


def test_a_term_by_date_has_a_value_from_the_start():
    for values in ({}, {1: 0.5}, {2: 0.5}):
        with pytest.raises(ValueError, match="start"):
            Dated(values)
    assert Dated({0: 1.0, 2: 3.0}).over(4) == [1.0, 1.0, 3.0, 3.0]


def test_a_cap_of_nothing_leaves_nothing():
    assert use_up([1.0, 2.0], 0).tolist() == [0.0, 0.0]
    assert use_up([1.0, 2.0, 3.0], 4).tolist() == [1.0, 2.0, 1.0]


def test_the_most_within_reach_counts_both_ends_of_it():
    falling = PaymentSchedule([(0.0, 5.0), (1.0, 1.0)])
    assert falling.most(1.0) == 5
    assert falling.most(1.0, low=0.5) == 3
    assert falling.most(0.25, low=0.25) == 4
