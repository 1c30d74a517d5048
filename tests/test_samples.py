"""An interval for a median covers as often as it says, whatever the population, and misses on both sides alike."""

import numpy as np
import pytest

from sibmodels import median_interval


@pytest.mark.parametrize(
    "population",
    [
        lambda rng, shape: rng.standard_normal(shape),
        lambda rng, shape: rng.exponential(size=shape) - np.log(2),
        lambda rng, shape: rng.standard_cauchy(shape),
    ],
    ids=["normal", "exponential", "cauchy"],
)
@pytest.mark.parametrize(("n", "coverage"), [(6, 0.96875), (15, 0.96484375), (29, 0.97588)])
def test_coverage(population, n, coverage):
    draws = population(np.random.default_rng(7), (2_000, n))
    found = np.array([median_interval(row) for row in draws])
    assert found[0, 2] == pytest.approx(coverage, abs=1e-5)
    above, below = (found[:, 0] > 0).mean(), (found[:, 1] < 0).mean()
    assert above + below == pytest.approx(1 - coverage, abs=0.016)  # five standard errors
    assert above == pytest.approx(below, abs=0.016)


def test_printed_ranks():
    """Ranks 9 and 21 of 29, as tables of the sign test have them (8 or fewer of 29: 1.2 %)."""
    assert median_interval(range(1, 30))[:2] == (9, 21)


def test_one_value_more_than_the_level_allows_is_refused():
    with pytest.raises(ValueError, match=r"values are 5; an interval at the level 0.95 needs more"):
        median_interval([1, 2, 3, 4, 5])
    with pytest.raises(ValueError, match="values holds nan"):
        median_interval([1, 2, float("nan")])


def test_ties_only_widen_the_coverage():
    draws = np.random.default_rng(3).integers(0, 3, (2_000, 29))
    found = np.array([median_interval(row) for row in draws])
    assert ((found[:, 0] <= 1) & (found[:, 1] >= 1)).mean() >= 0.97588 - 0.012
