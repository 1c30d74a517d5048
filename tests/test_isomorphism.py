"""Isomorphism: urns against their closed forms, diversity against known values, a test tested under its null."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels.isomorphism import (
    expected_kinds,
    fit_theta,
    hill_interval,
    hill_number,
    imitation,
    likeness,
    permutation_test,
)

counts = st.lists(st.integers(0, 50), min_size=1, max_size=8).filter(any)


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


def test_interval_holds_most_values_of_a_large_field():
    rng = np.random.default_rng(1)
    truth, held = hill_number([5, 3, 2], 2), 0
    for seed in range(60):
        low, high = hill_interval(rng.multinomial(400, [0.5, 0.3, 0.2]), 2, draws=300, seed=seed)
        held += low <= truth <= high
    assert held >= 50


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
        (lambda: hill_number([1, -1], 1), "at least 0"),
        (lambda: hill_number([1], -1), "order is -1"),
        (lambda: expected_kinds(0, 5), "theta is 0"),
        (lambda: fit_theta(5, 5), "fewer than n"),
        (lambda: imitation(5, 1.0, kappa=1.5), "kappa is 1.5"),
        (lambda: imitation(0, 1.0), "n is 0"),
        (lambda: permutation_test(["a", "b"], [True]), "one length"),
        (lambda: permutation_test(["a", "b", "c"], [True, True, False]), "fewer than two"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
