"""Isomorphism: urns against their closed forms, diversity against known values, a test tested under its null."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels.isomorphism import (
    expected_kinds,
    fit_polya,
    fit_theta,
    hill_coverage,
    hill_interval,
    hill_number,
    imitation,
    likeness,
    permutation_test,
)

counts = st.lists(st.just(0) | st.integers(0, 50), min_size=1, max_size=8).filter(any)


@given(st.integers(1, 20), st.integers(1, 50), st.floats(0, 5))
def test_equal_kinds_count_as_many_as_they_are(kinds, each, order):
    assert hill_number([each] * kinds, order) == pytest.approx(kinds)


@given(counts)
def test_hill_numbers_fall_with_order_and_have_their_classical_forms(values):
    p = np.array([value for value in values if value]) / sum(values)
    orders = [hill_number(values, order) for order in (0, 1, 2)]
    assert orders == pytest.approx([len(p), math.exp(-(p * np.log(p)).sum()), 1 / (p**2).sum()])
    assert orders[0] >= orders[1] - 1e-9 >= orders[2] - 2e-9


@given(counts)
def test_order_one_is_the_limit_of_its_neighbours(values):
    assert hill_number(values, 1) == pytest.approx(hill_number(values, 1 + 1e-6), rel=1e-4)


@given(counts, st.floats(1e-14, 1e-9))
def test_order_one_is_met_from_both_sides(values, step):
    """dD / dq at 1 is -D Var(log p) / 2: the nearest orders differ from 1 by no more than that."""
    p = np.array([value for value in values if value]) / sum(values)
    exact = hill_number(values, 1)
    slope = exact * (p @ np.log(p) ** 2 - (p @ np.log(p)) ** 2) / 2
    for order in (1 - step, 1 + step):
        assert hill_number(values, order) == pytest.approx(exact + (1 - order) * slope, rel=1e-13, abs=1e-12)


@pytest.mark.parametrize(
    ("values", "order", "exact"),
    [
        ([3, 3, 4], 1000, 0.4 ** (1000 / -999) * (1 + 2 * 0.75**1000) ** (-1 / 999)),
        ([1] * 1000, 200, 1000),
        ([1] * 1000, 107, 1000),
        ([1] * 100_000, 2.4, 100_000),
        ([1e308, 1e308], 1.3, 2),
        ([1e-300, 1e-300, 2e-300], 2, 16 / 6),
        ([9, 5, 1], 1e308, 15 / 9),
        ([9, 5, 1, 0], 1e308, 15 / 9),
        ([4, 0, 4], 3, 2),
    ],
)
def test_high_orders_and_large_counts_lose_nothing(values, order, exact):
    assert hill_number(values, order) == pytest.approx(exact, rel=1e-12)


INDIGO = np.array([96, 55, 51, 47, 38, 19, 11, 3])  # the sectors of the world's 320 projects


@pytest.mark.parametrize(("n", "least"), [(30, 0.88), (88, 0.91)])
def test_interval_holds_the_diversity_of_indigos_sectors(n, least):
    """With two standard errors of a simulation of 1,000 to spare; the whole of it is in tests/prove."""
    held, below, above = hill_coverage(INDIGO, n, fields=1_000, seed=3)
    assert held - 2 * math.sqrt(held * (1 - held) / 1_000) > least
    assert max(below, above) < 0.06  # no side has all the misses that a plain bootstrap had, of a quarter


def test_projects_counted_twice_tell_less_than_they_seem_to():
    once, twice = (hill_coverage(INDIGO, 88, fields=500, seed=4, counted=counted)[0] for counted in (1, 2))
    assert twice < once - 0.05


def test_coverage_counts_what_the_interval_gives_one_by_one():
    rng = np.random.default_rng(1)
    shares, missed = np.array([0.5, 0.3, 0.2]), np.zeros(2)
    truth = hill_number(shares, 2)
    for seed in range(200):
        low, high = hill_interval(rng.multinomial(60, shares), 2, draws=200, seed=seed)
        missed += high < truth, low > truth
    held, below, above = hill_coverage(shares, 60, order=2, fields=2_000, seed=2)
    assert 1 - missed.sum() / 200 == pytest.approx(held, abs=0.05)
    assert missed / 200 == pytest.approx([below, above], abs=0.05)


@given(st.lists(st.integers(0, 60), min_size=2, max_size=8).filter(lambda x: sum(x) >= 20), st.sampled_from([1, 2]))
def test_interval_is_wider_for_a_higher_level_and_the_same_for_a_kind_with_none(values, order):
    low, high = hill_interval(values, order, draws=50)
    assert 1 <= low < high
    wider = hill_interval(values, order, level=0.99, draws=50)
    assert wider[0] <= low
    assert high < wider[1]
    assert hill_interval([*values, 0], order, draws=300) == pytest.approx(
        hill_interval(values, order, draws=300), rel=0.2
    )


@pytest.mark.parametrize("values", [[20, 10, 5, 1, 0], [15, 5], [2] * 10, [2] + [1] * 18])
@pytest.mark.parametrize("order", [1, 2])
def test_the_middle_of_an_interval_is_the_corrected_estimate(values, order):
    """Of the logarithm: Miller and Madow's entropy; n (n - 1) over the sum of x (x - 1)."""
    n, x = sum(values), np.array([value for value in values if value])
    entropy = -(x / n * np.log(x / n)).sum() + (len(x) - 1) / (2 * n)
    low, high = hill_interval(values, order, draws=20)
    assert math.sqrt(low * high) == pytest.approx({1: math.exp(entropy), 2: n * (n - 1) / (x * (x - 1)).sum()}[order])


def test_the_width_of_an_interval_is_that_of_two_samples_with_one_more_kind():
    """Of two logarithms a and b the standard deviation is |a - b| / sqrt 2; the same seed draws the same samples."""
    low, high = hill_interval([20, 10], 2, draws=2, seed=5)
    again = np.random.default_rng(np.random.SeedSequence(5)).multinomial(30, np.array([20, 10, 1]) / 31, size=(2, 1))
    a, b = np.log([30 * 29 / (x * (x - 1)).sum() for x in again[:, 0]])
    assert math.log(high / low) / 2 == pytest.approx(1.959964 * abs(a - b) / math.sqrt(2), rel=1e-6)


def test_one_kind_is_held_by_every_interval():
    """Both ends may be the truth itself: two samples of the one kind alone leave no width."""
    for order in (1, 2):
        assert hill_coverage([5], 20, order, draws=2, fields=200) == (1, 0, 0)


def test_an_interval_of_a_low_level_misses_on_both_sides():
    held, below, above = hill_coverage([5, 3, 2], 200, level=0.1, fields=500)
    assert held == pytest.approx(0.1, abs=0.06)
    assert min(below, above) > 0.3


def test_counts_give_no_upper_limit_to_the_number_of_kinds():
    assert hill_interval([20, 5, 0, 1], 0) == (3.0, math.inf)


@pytest.mark.parametrize(("theta", "n"), [(0.5, 10), (1.0, 40), (5.0, 25)])
def test_hoppe_urn_has_the_expected_number_of_kinds(theta, n):
    draws = 40_000
    kinds = imitation(n, theta, draws=draws, seed=2)["kinds"]
    # kinds are a sum of independent indicators: the variance is known as well
    p = theta / (theta + np.arange(n))
    error = math.sqrt((p * (1 - p)).sum() / draws)
    assert kinds.mean() == pytest.approx(expected_kinds(theta, n), abs=5 * error)
    assert kinds.var() == pytest.approx((p * (1 - p)).sum(), rel=0.05)


def test_two_contracts_are_alike_with_a_known_chance():
    """The second copies the first with probability 1 / (1 + theta)."""
    fields = imitation(2, theta=3.0, draws=40_000, seed=3)
    assert (fields["kinds"] == 1).mean() == pytest.approx(0.25, abs=0.011)


@pytest.mark.parametrize("k", range(1, 5))
def test_a_kind_of_a_polya_urn_is_evenly_spread(k):
    """Theta 1: the first kind's later copies are a Polya urn (1, 1, +1), so its count is uniform on 1 .. n."""
    n, draws = 4, 60_000
    rng = np.random.default_rng(4)
    copies = np.ones(draws)
    for i in range(1, n):
        copies += rng.random(draws) < copies / (1 + i)
    assert (copies == k).mean() == pytest.approx(1 / n, abs=0.01)
    largest = imitation(n, 1.0, draws=draws, seed=5)["largest"]
    assert (largest == 1).mean() == pytest.approx(1 / n, abs=0.01)


def test_pressure_has_its_limits():
    """With kappa 1 all is favoured; the favoured share of a field is at least kappa on average."""
    assert (imitation(10, 2.0, kappa=1.0, draws=50)["favoured"] == 1).all()
    assert (imitation(10, 2.0, kappa=0.0, draws=50)["favoured"] == 0).all()
    some = imitation(60, 2.0, kappa=0.3, draws=2_000, seed=6)
    assert some["favoured"].mean() > 0.3
    assert some["hill_2"].mean() < imitation(60, 2.0, draws=2_000, seed=6)["hill_2"].mean()


def test_a_polya_urn_is_fitted_at_its_closed_form():
    """Counts 4 and 1: 1 / (A + 1) + 3 / (A + 3) = 6 / (A + 6), hence A^2 - 3 A - 9 = 0."""
    assert fit_polya([4, 1], 2) == pytest.approx((3 + math.sqrt(45)) / 2, rel=1e-12)
    assert fit_polya([0, 4, 1], 2) == fit_polya([1, 4], 2)


@given(st.lists(st.integers(0, 40), min_size=2, max_size=6), st.integers(0, 3))
def test_a_fitted_urn_is_likelier_than_its_neighbours(values, unseen):
    kinds, values = len(values) + unseen, [value for value in values if value]
    n = sum(values)

    def likelihood(total):
        each = total / kinds
        rises = sum(math.lgamma(each + value) - math.lgamma(each) for value in values)
        return math.lgamma(total) - math.lgamma(total + n) + rises

    try:
        total = fit_polya(values, kinds)
    except ValueError:
        flat = kinds * sum(value * (value - 1) for value in values) <= n * (n - 1)
        assert len(values) < 2 or flat
        return
    if total < 1e4:  # beyond, the likelihood is too flat for lgamma's digits
        assert likelihood(total) >= max(likelihood(total * 0.98), likelihood(total * 1.02)) - 1e-12


def test_a_fit_finds_the_total_that_made_the_fields():
    rng = np.random.default_rng(8)
    found = [fit_polya(rng.multinomial(300, rng.dirichlet([0.5] * 40)), 40) for _ in range(40)]
    assert np.median(found) == pytest.approx(20, rel=0.12)


def test_an_urn_on_a_closed_list_is_dirichlet_multinomial():
    """Two contracts agree with chance (1 + theta / kinds) / (1 + theta); kinds are equally likely to be absent."""
    fields = imitation(2, theta=3.0, draws=40_000, seed=3, kinds=4)
    assert (fields["kinds"] == 1).mean() == pytest.approx((1 + 3 / 4) / 4, abs=0.012)
    rng = np.random.default_rng(9)
    n, total, kinds = 30, 4.0, 8
    direct = rng.multinomial(n, rng.dirichlet([total / kinds] * kinds, size=20_000)) / n
    grown = imitation(n, total, draws=20_000, seed=10, kinds=kinds)
    assert grown["hill_2"].mean() == pytest.approx((1 / (direct**2).sum(axis=1)).mean(), rel=0.01)
    assert grown["kinds"].mean() == pytest.approx((direct > 0).sum(axis=1).mean(), rel=0.01)
    assert grown["favoured"].mean() == pytest.approx(1 / kinds, abs=0.005)
    assert grown["kinds"].max() <= kinds


def test_effective_kinds_of_a_field_are_counted_once():
    """Contracts of three kinds, once each, are three effective kinds; of one kind, one."""
    assert imitation(3, 1e9, draws=5)["hill_2"].tolist() == pytest.approx([3.0] * 5)
    assert imitation(3, 1e-9, draws=5)["hill_2"].tolist() == pytest.approx([1.0] * 5)


@given(st.integers(2, 60), st.data())
def test_fit_and_expectation_are_inverse(n, data):
    kinds = data.draw(st.integers(2, n - 1)) if n > 2 else None
    if kinds:
        assert expected_kinds(fit_theta(kinds, n), n) == pytest.approx(kinds, rel=1e-9)


def test_p_values_are_even_under_no_change():
    rng = np.random.default_rng(7)
    values = []
    for seed in range(200):
        kinds = rng.choice(list("abcd"), 24)
        values.append(permutation_test(kinds, rng.random(24) < 0.5, draws=60, seed=seed)[1])
    for level in (0.1, 0.25, 0.5, 0.75):
        assert np.mean(np.array(values) <= level) == pytest.approx(level, abs=0.11)


@given(st.lists(st.integers(0, 4), min_size=5, max_size=14), st.integers(2, 4), st.sampled_from([0, 0.5, 1, 2, 3]))
def test_a_thinned_field_is_the_mean_over_all_its_samples(kinds, size, order):
    """Every subset of the larger period, one by one: kinds, entropy and sums of powers on average."""
    earlier = list(range(size))  # all different: `size` effective kinds
    later = [False] * size + [True] * len(kinds)
    shares = [np.unique(part, return_counts=True)[1] / size for part in itertools.combinations(kinds, size)]
    if order == 1:
        mean = np.exp(np.mean([-(p * np.log(p)).sum() for p in shares]))
    else:
        mean = np.mean([(p**order).sum() for p in shares]) ** (1 / (1 - order))
    assert permutation_test(earlier + kinds, later, order, draws=1)[0] == pytest.approx(size - mean)


def test_a_p_value_is_the_share_of_all_shuffles():
    kinds, later = list("aabbccdaaa"), np.array([False] * 4 + [True] * 6)
    fall, p_value = permutation_test(kinds, later, draws=40_000, seed=3)
    falls = []
    for early in itertools.combinations(range(10), 4):
        mask = ~np.isin(np.arange(10), early)
        falls.append(permutation_test(kinds, mask, draws=1)[0])
    assert p_value == pytest.approx(np.mean(np.array(falls) >= fall - 1e-12), abs=0.01)


def test_a_real_narrowing_is_found_and_a_widening_is_not():
    kinds = list("abcdefgh") * 2 + ["a"] * 16
    later = [False] * 16 + [True] * 16
    assert permutation_test(kinds, later, draws=300)[1] < 0.01
    assert permutation_test(kinds, [not x for x in later], draws=300)[1] > 0.9


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), min_size=4, max_size=25))
def test_likeness_counts_pairs(projects):
    kinds, groups = zip(*projects, strict=True)
    alike = {True: [], False: []}
    for (kind, group), (other, elsewhere) in itertools.combinations(projects, 2):
        alike[group == elsewhere].append(kind == other)
    if alike[True] and alike[False]:
        within, between, _ = likeness(kinds, groups, draws=1)
        assert (within, between) == pytest.approx((np.mean(alike[True]), np.mean(alike[False])))


def test_likeness_of_the_fewest_projects_and_of_one_kind():
    """One pair within and two between; all alike, every shuffle is as alike as the data."""
    assert likeness(["a", "a", "b"], ["x", "x", "y"], draws=1)[:2] == (1, 0)
    assert likeness(["a", "a", "a"], ["x", "x", "y"], draws=9) == (1, 1, 1)


@pytest.mark.parametrize(
    ("call", "arguments", "said"),
    [
        (hill_interval, ([20, 10], 1), dict(seed=0, level=0.95, draws=2_000)),
        (hill_coverage, ([2, 1], 20), dict(seed=0, order=1, level=0.95, fields=1_000, draws=200, counted=1)),
        (permutation_test, (["a", "b", "b", "c"] * 3, [True, False, False] * 4), dict(seed=0, order=1, draws=2_000)),
        (likeness, (list("aabbbccacbab"), list("xxyyzzxyzxyz")), dict(seed=0, draws=1_000)),
    ],
)
def test_what_is_not_said_has_its_documented_value(call, arguments, said):
    assert call(*arguments) == call(*arguments, **said)


def test_urns_repeat_themselves():
    assert imitation(9, 2.0).equals(imitation(9, 2.0, kappa=0, draws=1_000, seed=0))


def test_likeness_is_found_where_groups_specialise_and_not_where_they_do_not():
    assert likeness(["a"] * 10 + ["b"] * 10, ["x"] * 10 + ["y"] * 10)[2] < 0.01
    rng = np.random.default_rng(3)
    values = [likeness(rng.choice(list("abc"), 30), ["x", "y"] * 15, draws=60, seed=seed)[2] for seed in range(200)]
    assert 0.05 <= np.mean(np.array(values) <= 0.25) <= 0.36


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: likeness(["a", "b"], ["x"]), "one length"),
        (lambda: likeness(["a", "b"], ["x", "y"]), "pairs within a group"),
        (lambda: likeness(["a", "b"], ["x", "x"]), "pairs within a group"),
        (lambda: hill_number([], 1), "not all 0"),
        (lambda: hill_number([0, 0], 1), "not all 0"),
        (lambda: hill_interval([20, 9], 1, draws=1), "draws is 1; it must be at least 2"),
        (lambda: hill_coverage([2, 1], 20, draws=1), "draws is 1; it must be at least 2"),
        (lambda: hill_number([1, -1], 1), "at least 0"),
        (lambda: hill_number([1], -1), "order is -1"),
        (lambda: expected_kinds(0, 5), "theta is 0"),
        (lambda: fit_theta(5, 5), "fewer than n"),
        (lambda: fit_theta(1, 5), "more than 1"),
        (lambda: imitation(5, 1.0, kappa=1.5), "kappa is 1.5"),
        (lambda: imitation(0, 1.0), "n is 0"),
        (lambda: imitation(5, 1.0, kinds=0), "kinds is 0"),
        (lambda: hill_interval([10, 9], 1), "counts sum to 19; below 20"),
        (lambda: hill_interval([20.5, 9], 1), "whole numbers of projects"),
        (lambda: hill_interval([20, 9], 1.5), "order is 1.5; it must be 0, 1 or 2"),
        (lambda: hill_interval([20, 9], 1, level=1), "level is 1"),
        (lambda: hill_interval([1] * 30, 2), "no kind twice"),
        (lambda: hill_coverage([1, 1], 19), "n is 19"),
        (lambda: hill_coverage([1, 1], 30, order=0), "order is 0"),
        (lambda: hill_coverage([1, 1], 31, counted=2), "counted is 2; it must divide n, which is 31"),
        (lambda: fit_polya([5, 0], 2), "one kind"),
        (lambda: fit_polya([5, 3], 1), "kinds is 1"),
        (lambda: fit_polya([5, 3, 2], 2), "counts hold 3"),
        (lambda: fit_polya([5, 5], 2), "rises without end"),
        (lambda: fit_polya([3, 1], 2), "rises without end"),  # just as uneven as lots would make them
        (lambda: fit_polya([1, 1, 1], 8), "rises without end"),
        (lambda: fit_polya([1.5, 4], 2), "whole numbers"),
        (lambda: permutation_test(["a", "b"], [True]), "one length"),
        (lambda: permutation_test(["a", "b", "c"], [True, True, False]), "fewer than two"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
