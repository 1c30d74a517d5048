"""Intervals that call themselves 95 %, simulated at full length: minutes of it, so that it runs on request only."""

import numpy as np
import pytest

from sibmodels import agreement_coverage, hill_coverage, indigo
from sibmodels.isomorphism import likeness, permutation_test

EVEN = np.ones(8)
HALVING = 2.0 ** -np.arange(8)
TWO_LARGE = np.array([27, 27, 1, 1, 1, 1, 1, 1])
SIZES = (20, 28, 30, 43, 75, 88, 123)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("n", SIZES)
def test_diversity_at_the_shares_of_indigos_sectors(n, order):
    shares = indigo.shipped().projects["sector"].value_counts()
    held, below, above = hill_coverage(shares, n, order, fields=5_000, draws=300, seed=n)
    assert 0.93 < held < 0.98
    assert max(below, above) < 0.05


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(("shares", "least"), [(EVEN, 0.97), (HALVING, 0.89), (TWO_LARGE, 0.78)])
def test_diversity_at_other_mixes_covers_what_the_docstring_says(shares, least, n):
    """Two large kinds are the worst: small samples see hardly anything else."""
    assert hill_coverage(shares, n, fields=5_000, draws=300, seed=n)[0] > least


@pytest.mark.parametrize("shared", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("clusters", [4, 8, 20])
def test_agreement_by_cluster_holds_what_it_promises(clusters, shared):
    coverage = agreement_coverage(clusters, shared=shared, classes=3_000, draws=500, seed=1)
    assert coverage.loc["cluster", "held"] > 0.93
    assert coverage.loc["cluster", ["too_low", "too_high"]].max() < 0.065


@pytest.mark.parametrize("sizes", [(30, 43), (43, 10), (12, 3)])
def test_a_change_that_is_none_is_found_as_often_as_its_level_says(sizes):
    rng = np.random.default_rng(sum(sizes))
    shares = indigo.shipped().projects["sector"].value_counts(normalize=True).to_numpy()
    later = np.repeat([False, True], sizes)
    p = [
        permutation_test(rng.choice(len(shares), sum(sizes), p=shares), later, draws=99, seed=rng)[1]
        for _ in range(1_000)
    ]
    assert np.mean(np.array(p) <= 0.05) < 0.07


def test_likeness_of_projects_drawn_one_by_one_is_found_as_often_as_its_level_says():
    projects = indigo.shipped().projects
    rng = np.random.default_rng(3)
    p = np.array(
        [
            likeness(rng.permutation(projects["sector"]), projects["country"], draws=99, seed=rng)[2]
            for _ in range(1_000)
        ]
    )
    assert 0.03 < np.mean(p <= 0.05) < 0.07
