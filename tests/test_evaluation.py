"""Evaluation: closed forms against simulation and brute force, published sizes, round trips."""

import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sibmodels.evaluation import (
    CELLS,
    contract_mde,
    contract_power,
    doughnut,
    doughnut_trial,
    minimum_detectable_effect,
    payment_errors,
    power,
    regression_to_the_mean,
    sample_size,
    value_of_information,
)
from sibmodels.options import expected_shortfall

rates = st.floats(0.01, 0.99)


def test_published_sample_size():
    """50 % against 45 % at 80 % power: 1,562 unpooled (the pooled formula gives 1,565)."""
    assert sample_size(0.50, 0.45) == sample_size(0.45, 0.50) == 1562


@given(rates, rates, st.floats(0.5, 0.99), st.floats(0.001, 0.2))
def test_size_and_power_are_inverse(p0, p1, wanted, alpha):
    assume(abs(p0 - p1) > 0.01)
    n = sample_size(p0, p1, wanted, alpha)
    assert power(n, p0, p1, alpha) >= wanted - 1e-9
    if n > 1:
        assert power(n - 1, p0, p1, alpha) <= wanted + 1e-9


@given(st.integers(20, 5000), st.floats(0.05, 0.6))
def test_detectable_effect_and_size_are_inverse(n, p0):
    try:
        effect = minimum_detectable_effect(n, p0)
    except ValueError:
        assert n < 200
        return
    assert power(n, p0, p0 + effect) == pytest.approx(0.8, abs=1e-9)


def test_rates_that_leave_no_doubt_need_one_person_and_show_what_is_so():
    assert sample_size(0, 1) == sample_size(1, 0) == 1
    assert power(5, 0, 1) == power(5, 1, 0) == 1
    assert power(5, 0, 0) == power(5, 1, 1) == 0


@pytest.mark.parametrize("n", [5, 10, 25])
def test_a_rise_to_everybody_is_the_largest_that_can_be_shown(n):
    """No spread is left at a rate of 1: n d^2 = s^2 p0 (1 - p0) at d = 1 - p0, hence p0 = n / (n + s^2)."""
    squared = (NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.8)) ** 2
    assert minimum_detectable_effect(n, n / (n + squared)) == pytest.approx(squared / (n + squared), rel=1e-12)
    with pytest.raises(ValueError, match=f"n is {n}: no rise"):
        minimum_detectable_effect(n, 1.001 * n / (n + squared))


def test_power_is_what_trials_show():
    rng = np.random.default_rng(1)
    n, p0, p1, draws = 400, 0.5, 0.6, 40_000
    a, b = rng.binomial(n, p0, draws) / n, rng.binomial(n, p1, draws) / n
    z = (b - a) / np.sqrt((a * (1 - a) + b * (1 - b)) / n)
    assert (np.abs(z) > 1.959964).mean() == pytest.approx(power(n, p0, p1), abs=0.01)


@pytest.mark.parametrize("chance", [0.01, 0.025])
def test_a_power_below_chance_has_no_effect_to_it(chance):
    """The two normal scores would add up to a number below 0, whose square passes for an effect."""
    for call in (
        lambda: minimum_detectable_effect(100, 0.5, power=chance),
        lambda: sample_size(0.5, 0.6, power=chance),
        lambda: contract_mde(8, 430, power=chance),
    ):
        with pytest.raises(ValueError, match="less than what chance gives"):
            call()


def test_a_power_of_just_chance_has_no_effect_to_it():
    """One tail of a two-sided test at 0.5 is 0.25: the two scores add up to 0."""
    with pytest.raises(ValueError, match=r"power is 0.25, less than what chance gives at alpha 0.5"):
        contract_mde(8, 430, alpha=0.5, power=0.25)


def test_power_of_contracts_at_the_numbers_of_two_cases():
    """By hand: SE = sqrt(2 (tau^2 + 64 / people)); Phi(1 / SE - 1.96)."""
    shown = [[round(100 * contract_power(1, 8, people, 1, tau)) for tau in (0, 0.5, 1)] for people in (430, 9_000)]
    assert shown == [[45, 20, 10], [100, 29, 10]]
    assert contract_mde(8, 430, 1, 1.0) == pytest.approx(2.801585 * math.sqrt(2 * (1 + 64 / 430)), rel=1e-6)
    assert contract_mde(8, 430, 29, 1.0) == pytest.approx(0.7886, abs=5e-5)


@given(st.floats(0.5, 20), st.integers(1, 10_000), st.integers(1, 40), st.floats(0, 5), st.floats(0.1, 0.99))
def test_detectable_difference_and_power_of_contracts_are_inverse(sd, people, contracts, between, wanted):
    effect = contract_mde(sd, people, contracts, between, power=wanted)
    assert contract_power(effect, sd, people, contracts, between) == pytest.approx(wanted, abs=1e-9)
    assert contract_power(-effect, sd, people, contracts, between) == pytest.approx(wanted, abs=1e-9)


@given(st.integers(1, 500), st.integers(1, 500))
def test_without_spread_between_contracts_only_the_people_in_all_count(people, contracts):
    assert contract_mde(8, people, contracts) == pytest.approx(contract_mde(8, people * contracts), rel=1e-12)


def test_no_number_of_people_gets_below_the_spread_between_contracts():
    assert contract_mde(8, 10**9, 1, 1.0) == pytest.approx(2.801585 * math.sqrt(2), rel=1e-6)


def test_power_of_contracts_is_what_trials_of_people_in_contracts_show():
    rng = np.random.default_rng(4)
    people, contracts, between, sd, draws = 20, 6, 1.5, 4, 20_000
    luck = rng.normal(0, between, (2, draws, contracts)) + rng.normal(0, sd / math.sqrt(people), (2, draws, contracts))
    luck[1] += 3
    difference = luck[1].mean(axis=1) - luck[0].mean(axis=1)
    error = math.sqrt(2 * (between**2 + sd**2 / people) / contracts)
    shown = (difference / error > 1.959964).mean()
    assert contract_power(3, sd, people, contracts, between) == pytest.approx(shown, abs=0.012)


def brute_force_errors(n, baseline, effect, trigger, comparison_n):
    """Every pair of counts, one by one, in exact fractions where it matters."""

    def pmf(count, total, p):
        return math.comb(total, count) * p**count * (1 - p) ** (total - count)

    def paid(rate):
        others = [(baseline, 1.0)]
        if comparison_n:
            others = [(y / comparison_n, pmf(y, comparison_n, baseline)) for y in range(comparison_n + 1)]
        return sum(
            chance * pmf(x, n, rate)
            for x, (other, chance) in itertools.product(range(n + 1), others)
            if x / n - other >= trigger - 1e-9
        )

    return paid(baseline), 1 - paid(baseline + effect)


@given(st.integers(1, 20), st.sampled_from([0.0, 0.1, 0.3, 0.5]), st.sampled_from([0.0, 0.2, 0.5]),
       st.sampled_from([-0.1, 0.0, 0.05, 0.1, 0.25, 0.5]), st.none() | st.integers(1, 15))  # fmt: skip
def test_payment_errors_are_the_sum_over_all_counts(n, baseline, effect, trigger, comparison_n):
    exact = brute_force_errors(n, baseline, effect, trigger, comparison_n)
    assert payment_errors(n, baseline, effect, trigger, comparison_n) == pytest.approx(exact, abs=1e-9)


def test_payment_errors_of_the_largest_case_are_exact():
    """9,000 against 9,000: near the normal law, which the exact sum must meet."""
    wrong, missed = payment_errors(9000, 0.3, 0.01, 0.005, 9000)
    deviation = math.sqrt(2 * 0.3 * 0.7 / 9000)
    normal = 0.5 * math.erfc(0.005 / deviation / math.sqrt(2))
    assert wrong == pytest.approx(normal, abs=0.005)
    assert 0 < missed < 0.5


def test_what_is_sure_is_never_missed_and_no_chance_is_above_one():
    assert payment_errors(10, 0.5, 0.5, 0.4)[1] == 0  # all succeed
    assert payment_errors(6, 0.4, 0.0, -1) == (1, 0)  # any count will do; the chances add up to a little more than 1
    assert payment_errors(6, 0.4, 0.0, 1) == (0, 1)


def test_errors_fall_as_cohorts_grow():
    errors = [payment_errors(n, 0.4, 0.2, 0.1) for n in (10, 100, 1000)]
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize(("shape", "rate", "at_least"), [(0.5, 1.0, 1), (2.0, 0.5, 4), (5.0, 5.0, 3), (0.2, 0.1, 8)])
def test_regression_to_the_mean_is_what_people_drawn_show(shape, rate, at_least):
    rng = np.random.default_rng(2)
    means = rng.gamma(shape, 1 / rate, 2_000_000)
    first, second = rng.poisson(means), rng.poisson(means)
    chosen = first >= at_least
    fall = 1 - second[chosen].mean() / first[chosen].mean()
    assert regression_to_the_mean(shape, rate, at_least) == pytest.approx(fall, abs=0.01)


@given(st.floats(0.1, 20), st.floats(0.1, 20), st.integers(0, 4))
def test_regression_to_the_mean_has_its_limits(shape, rate, at_least):
    """Nobody left out: no fall. Otherwise a fall, but never of everything."""
    fall = regression_to_the_mean(shape, rate, at_least)
    assert 0 <= fall < 1
    assert (fall == 0) == (at_least == 0)


def test_regression_to_the_mean_of_those_seen_once_has_a_short_form():
    """Given Y1 >= 1: E[Y1] = m / (1 - p0), E[Y2] = (m - p0 shape / (rate + 1)) / (1 - p0)."""
    shape, rate = 0.7, 0.4
    p0 = (rate / (rate + 1)) ** shape
    mean = shape / rate
    fall = 1 - (mean - p0 * shape / (rate + 1)) / mean
    assert regression_to_the_mean(shape, rate, 1) == pytest.approx(fall, rel=1e-12)


def test_small_chances_keep_their_digits():
    """Nobody of 200 succeeds at a rate of 0.9: 0.1^200, not 1 less something near 1."""
    assert payment_errors(200, 0.0, 0.9, 1 / 200)[1] == pytest.approx(1e-200, rel=1e-9)
    shape, rate = 16.0, 0.125
    p0 = (rate / (rate + 1)) ** shape  # 5e-16: the fall is p0 rate / (rate + 1), to first order
    assert regression_to_the_mean(shape, rate, 1) == pytest.approx(p0 * rate / (rate + 1), rel=1e-9)


cells = st.tuples(*[st.floats(-100, 100)] * 4)


@given(cells, st.floats(-10, 10))
def test_doughnut_adds_up(means, trend):
    result = doughnut(dict(zip(CELLS, means, strict=True)), trend)
    usual, _, _, both = means
    assert result.jam + result.dough + result.interaction == pytest.approx(both - usual, abs=1e-9)
    estimate = result.designs["estimate"]
    assert estimate["before and after"] - estimate["SIB against business as usual"] == pytest.approx(trend, abs=1e-9)
    assert estimate["SIB against the same service by grant"] == pytest.approx(
        result.dough + result.interaction, abs=1e-9
    )


@given(st.floats(-10, 10), st.floats(-10, 10), st.floats(-10, 10))
def test_factorial_sees_both_effects_when_they_do_not_interact(base, jam, dough):
    means = dict(zip(CELLS, (base, base + dough, base + jam, base + jam + dough), strict=True))
    designs = doughnut(means).designs
    assert designs.loc["factorial: effect of the service", "off_jam"] == pytest.approx(0, abs=1e-9)
    assert designs.loc["factorial: effect of the arrangement", "off_dough"] == pytest.approx(0, abs=1e-9)


def test_simulated_designs_centre_on_what_they_estimate_with_the_spread_of_their_groups():
    means = dict(zip(CELLS, (10, 11, 14, 17), strict=True))
    exact = doughnut(means, trend=2).designs["estimate"]
    trial = doughnut_trial(means, n=50, sd=4, trend=2, draws=100_000, seed=3)
    np.testing.assert_allclose(trial.mean(), exact, atol=0.02)
    one = 4 / math.sqrt(50)
    spread = [one * math.sqrt(2)] * 3 + [one] * 2
    np.testing.assert_allclose(trial.std(), spread, rtol=0.02)
    assert trial.equals(doughnut_trial(means, n=50, sd=4, trend=2, draws=100_000, seed=3))


def test_designs_of_one_trial_share_its_luck():
    """All are differences of the same five means, each with a variance v: what they have in common is exact."""
    means = dict(zip(CELLS, (10, 11, 14, 17), strict=True))
    trial = doughnut_trial(means, n=50, sd=4, draws=20_000, seed=3)
    _, usual, _, service, arrangement = (trial[design] for design in trial)
    assert (service + arrangement).to_numpy() == pytest.approx(usual.to_numpy(), abs=1e-12)
    expected = [[2, 1, 1, 0.5, 0.5], [1, 2, 1, 1, 1], [1, 1, 2, 0, 1], [0.5, 1, 0, 1, 0], [0.5, 1, 1, 0, 1]]
    assert np.cov(trial.T) / (16 / 50) == pytest.approx(np.array(expected), abs=0.06)


def test_without_a_trend_before_and_after_is_business_as_usual_and_a_trial_repeats_itself():
    means = dict(zip(CELLS, (10, 11, 14, 17), strict=True))
    estimate = doughnut(means).designs["estimate"]
    assert estimate["before and after"] == estimate["SIB against business as usual"] == 7
    assert doughnut_trial(means, 10, 1, draws=3).equals(doughnut_trial(means, 10, 1, trend=0, draws=3, seed=0))


def test_contracts_have_luck_of_their_own_in_a_simulated_trial():
    means = dict(zip(CELLS, (10, 11, 14, 17), strict=True))
    trial = doughnut_trial(means, 400, 8, draws=50_000, seed=5, contracts=3, between_sd=2)
    spread = math.sqrt(2 * (4 + 64 / 400) / 3)
    assert trial["SIB against the same service by grant"].std() == pytest.approx(spread, rel=0.02)
    assert trial["factorial: effect of the arrangement"].std() == pytest.approx(spread / math.sqrt(2), rel=0.02)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: contract_power(1, 0, 430), "sd is 0"),
        (lambda: contract_power(1, 8, 0), "people is 0"),
        (lambda: contract_power(1, 8, 430, 0), "contracts is 0"),
        (lambda: contract_mde(8, 430, between_sd=-1), "between_sd is -1"),
        (lambda: contract_mde(8, 430, alpha=1), "alpha is 1"),
        (lambda: sample_size(0.5, 0.5), "must differ"),
        (lambda: sample_size(1.5, 0.5), "p0 is 1.5"),
        (lambda: sample_size(0.5, 0.4, power=1), "power is 1"),
        (lambda: sample_size(0.5, 0.4, alpha=0), "alpha is 0"),
        (lambda: power(0, 0.5, 0.4), "n is 0"),
        (lambda: minimum_detectable_effect(3, 0.9), "more people are needed"),
        (lambda: payment_errors(100, 0.8, 0.3, 0.1), r"baseline \+ effect is 1.1"),
        *(
            (lambda values=values: payment_errors(10, *values), f"{name} is {far}; .* at least -1 and at most 1")
            for far in (-1.5, 1.5)
            for name, values in (("effect", (0.5, far, 0.1)), ("trigger", (0.5, 0.1, far)))
        ),
        (lambda: payment_errors(100, 0.8, 0.1, math.nan), "trigger holds nan"),
        (lambda: payment_errors(100, 0.8, 0.1, 0.1, 0), "comparison_n is 0"),
        (lambda: regression_to_the_mean(0, 1, 1), "shape is 0"),
        (lambda: regression_to_the_mean(1, 1, -1), "at_least is -1"),
        (lambda: regression_to_the_mean(1, 100, 60), "hardly anybody"),
        (lambda: doughnut({"new service, SIB": 1}), r"means: missing \['usual service, usual arrangement'"),
        (lambda: doughnut_trial(dict.fromkeys(CELLS, 1), n=10, sd=0), "sd is 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("people", "alone", "compared"), [(10, 0.1475, 0.078), (100, 0.346, 0.306), (9_000, 0.395, 0.394)]
)
def test_what_an_evaluation_is_worth_at_three_sizes(people, alone, compared):
    assert value_of_information(1, 2, 8, people) == pytest.approx(alone, abs=0.0006)
    assert value_of_information(1, 2, 8, people, comparison=True) == pytest.approx(compared, abs=0.0006)


@pytest.mark.parametrize(
    ("mean", "comparison", "between"), [(1.0, False, 0.0), (-1.0, True, 0.0), (0.5, True, 1.0), (0.0, False, 2.0)]
)
def test_an_evaluation_is_worth_what_decisions_gain_by_it(mean, comparison, between):
    """Draw the truth, evaluate, decide by what is then believed; against deciding at once."""
    rng, draws, prior, sd, people = np.random.default_rng(11), 400_000, 2.0, 8.0, 50
    truth = rng.normal(mean, prior, draws)
    groups = 2 if comparison else 1
    error = np.sqrt(groups * (between**2 + sd**2 / people))
    measured = truth + error * rng.normal(size=draws)
    believed = (mean / prior**2 + measured / error**2) / (1 / prior**2 + 1 / error**2)
    gained = np.where(believed > 0, truth, 0).mean() - max(mean, 0)
    worth = value_of_information(mean, prior, sd, people, comparison=comparison, between_sd=between)
    assert worth == pytest.approx(gained, abs=0.02)


@given(st.floats(-5, 5), st.floats(0, 5), st.floats(0.1, 20), st.integers(1, 5_000), st.floats(0, 5))
def test_an_evaluation_is_worth_less_than_knowing_and_more_the_larger(mean, prior, sd, people, between):
    worth = value_of_information(mean, prior, sd, people, between_sd=between)
    assert 0 <= worth <= expected_shortfall(abs(mean), prior) + 1e-12
    assert value_of_information(mean, prior, sd, 2 * people, between_sd=between) >= worth - 1e-12
    assert value_of_information(mean, prior, sd, people, between_sd=between + 1) <= worth + 1e-12
    assert value_of_information(-mean, prior, sd, people, between_sd=between) == pytest.approx(worth)
    assert value_of_information(mean, prior, sd, people, comparison=True, between_sd=between) <= worth + 1e-12


def test_nobody_pays_to_learn_what_is_known():
    assert value_of_information(1, 0, 8, 100) == 0
    with pytest.raises(ValueError, match="prior_sd is -1; it must be at least 0"):
        value_of_information(1, -1, 8, 100)
