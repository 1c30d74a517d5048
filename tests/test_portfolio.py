"""Portfolio: the variance of a mean, by its matrix and by drawing shocks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import portfolio_sd, shared_shock


@given(st.floats(0, 100), st.integers(1, 60), st.floats(0, 1))
def test_it_is_the_variance_of_a_mean_of_correlated_things(sd, contracts, rho):
    covariance = sd**2 * (rho + (1 - rho) * np.eye(contracts))
    assert portfolio_sd(sd, contracts, rho) == pytest.approx(np.sqrt(covariance.mean()), abs=1e-7)


def test_numbers_cure_what_is_not_shared_and_nothing_else():
    assert portfolio_sd(10, 1, 0.4) == pytest.approx(10)
    assert portfolio_sd(10, 100) == pytest.approx(1)
    assert portfolio_sd(10, 10**9, 0.25) == pytest.approx(5)


def test_a_shock_to_all_as_it_is_drawn():
    rng = np.random.default_rng(7)
    struck = rng.random((200_000, 1)) < 0.05
    results = 10 * rng.normal(size=(200_000, 8)) - 40 * struck
    sd, rho = shared_shock(10, 0.05, 40)
    assert results.std() == pytest.approx(sd, rel=0.01)
    assert np.corrcoef(results.T)[0, 1:].mean() == pytest.approx(rho, abs=0.01)
    assert results.mean(axis=1).std() == pytest.approx(portfolio_sd(sd, 8, rho), rel=0.01)


@given(st.floats(0, 100), st.floats(0, 1))
def test_without_a_shock_nothing_is_shared(sd, chance):
    assert shared_shock(sd, chance, 0) == (pytest.approx(sd), 0)
    assert shared_shock(0, 0.5, 2) == (1, 1)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: portfolio_sd(1, 0), "contracts is 0; it must be at least 1"),
        (lambda: portfolio_sd(1, 2, 1.5), "rho is 1.5; it must be at least 0 and at most 1"),
        (lambda: shared_shock(1, 2, 1), "chance is 2; it must be at least 0 and at most 1"),
        (lambda: shared_shock(1, 0.5, -1), "loss is -1; it must be at least 0"),
    ],
)
def test_what_is_not_allowed_is_said(call, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        call()
