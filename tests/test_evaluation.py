"""Evaluation: closed forms against simulation and brute force, published sizes, round trips."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sibmodels.evaluation import (
    CELLS,
    doughnut,
    doughnut_trial,
    minimum_detectable_effect,
    payment_errors,
    power,
    regression_to_the_mean,
    sample_size,
)

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


def test_power_is_what_trials_show():
    rng = np.random.default_rng(1)
    n, p0, p1, draws = 400, 0.5, 0.6, 40_000
    a, b = rng.binomial(n, p0, draws) / n, rng.binomial(n, p1, draws) / n
    z = (b - a) / np.sqrt((a * (1 - a) + b * (1 - b)) / n)
    assert (np.abs(z) > 1.959964).mean() == pytest.approx(power(n, p0, p1), abs=0.01)


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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sample_size(0.5, 0.5), "must differ"),
        (lambda: sample_size(1.5, 0.5), "p0 is 1.5"),
        (lambda: sample_size(0.5, 0.4, power=1), "power is 1"),
        (lambda: sample_size(0.5, 0.4, alpha=0), "alpha is 0"),
        (lambda: power(0, 0.5, 0.4), "n is 0"),
        (lambda: minimum_detectable_effect(3, 0.9), "more people are needed"),
        (lambda: payment_errors(100, 0.8, 0.3, 0.1), r"baseline \+ effect is 1.1"),
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
