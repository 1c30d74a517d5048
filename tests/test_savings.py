"""Discounting and fiscal savings: published factors, closed forms of Markov cohorts, money inside a contract."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels.value import GREEN_BOOK, cohort_model, discount_factors, savings

STATES = ["well", "ill", "dead"]


def steps(ill=0.1, dead=0.2):
    return pd.DataFrame([[1 - ill, ill, 0], [0, 1 - dead, dead], [0, 0, 1]], STATES, STATES, dtype=float)


def renamed(*names):
    return steps().set_axis(names, axis=0).set_axis(names, axis=1)


@pytest.mark.parametrize(("year", "factor"), [(10, 0.7089), (30, 0.3563), (31, 0.3459), (50, 0.1973), (75, 0.0942)])
def test_published_factors_of_the_green_book(year, factor):
    assert round(discount_factors(75)[year], 4) == factor


@given(st.floats(-0.5, 1), st.integers(0, 60))
def test_one_rate_is_a_power(rate, years):
    np.testing.assert_allclose(discount_factors(years, rate), (1 + rate) ** -np.arange(years + 1.0))


def test_factors_fall_by_the_published_rates_to_the_end():
    """TAG, April 2026: 0-30, 31-75, 76-125, 126-200, 201-300 and from 301 years."""
    table = [(30, 0.035), (45, 0.03), (50, 0.025), (75, 0.02), (100, 0.015), (50, 0.01)]
    factors, ends = discount_factors(350), np.cumsum([years for years, _ in table])
    np.testing.assert_allclose(factors[ends], np.cumprod([(1 + rate) ** -years for years, rate in table]))
    assert factors[[125, 126, 200, 201, 301]].round(6).tolist() == [0.027411, 0.026873, 0.006207, 0.006116, 0.001387]


def test_factors_multiply_year_by_year():
    factors = discount_factors(350)
    rates = [rate for (first, rate), (last, _) in zip(GREEN_BOOK, [*GREEN_BOOK[1:], (351, 0)], strict=True)
             for _ in range(first, last)]  # fmt: skip
    np.testing.assert_allclose(factors.iloc[1:].to_numpy() / factors.iloc[:-1].to_numpy(), 1 / (1 + np.array(rates)))


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 30))
def test_cohort_follows_its_closed_form_and_loses_nobody(ill, dead, years):
    table = cohort_model(steps(ill, dead), {"well": 100}, years, {"ill": 3.0})
    year = table.index.to_numpy()
    np.testing.assert_allclose(table["well"], 100 * (1 - ill) ** year.astype(float), atol=1e-9)
    np.testing.assert_allclose(table[STATES].sum(axis=1), 100)
    np.testing.assert_allclose(table["cost"], 3 * table["ill"])
    brute = np.array([np.linalg.matrix_power(steps(ill, dead).to_numpy(), int(t))[0] * 100 for t in year])
    np.testing.assert_allclose(table[STATES], brute, atol=1e-9)


@given(st.floats(0, 20), st.floats(0, 1))
def test_savings_inside_are_a_part_of_savings(horizon, cashable):
    before = cohort_model(steps(0.2), {"well": 100}, 15, {"ill": 5.0})
    after = cohort_model(steps(0.1), {"well": 100}, 15, {"ill": 5.0})
    table = savings(before, after, horizon, cashable)
    gross = (before["cost"] - after["cost"]).sum()
    assert table["saving"].sum() == pytest.approx(cashable * gross)
    if horizon >= 16:
        assert table["inside"].sum() == pytest.approx(table["saving"].sum())
    if horizon == 0:
        assert table["inside"].sum() == 0


def test_a_contract_of_33_months_counts_two_years_and_three_quarters():
    flat = pd.DataFrame({"cost": [0.0, 10, 20, 30]}).rename_axis("year")
    table = savings(flat, 0 * flat, horizon=33 / 12)
    assert table["inside"].tolist() == [0, 10, 15, 0]
    assert table["share_inside"].iloc[-1] == pytest.approx(25 / 60)


def test_no_effect_saves_nothing():
    same = cohort_model(steps(), {"well": 10}, 5, {"ill": 1.0})
    table = savings(same, same, 3)
    assert (table[["saving", "inside"]] == 0).all(axis=None)
    assert table["share_inside"].isna().all()


def test_today_counts_in_full():
    assert discount_factors(0).tolist() == [1]
    assert cohort_model(steps(), {"well": 100, "ill": 0.5}, 0, {"ill": 2}).iloc[0].tolist() == [100, 0.5, 0, 1]


def test_savings_by_hand():
    """Avoided: 1, 0 and 4, all of it cashable or half or none, in a contract of the first year."""
    before, after = (pd.DataFrame({"cost": cost}).rename_axis("year") for cost in ([6.0, 5.0, 9.0], [5.0, 5.0, 5.0]))
    for cashable in (1.0, 0.5):
        table = savings(before, after, 1, cashable)
        assert table["saving"].tolist() == [cashable, 0, 4 * cashable]
        assert table["cumulative"].tolist() == [cashable, cashable, 5 * cashable]
        assert table["share_inside"].tolist() == [1, 1, 0.2]
    assert not savings(before, after, 1, 0.0)["saving"].any()
    assert savings(before, after, 0)["share_inside"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: discount_factors(5, [(2, 0.03)]), "must begin with 1"),
        (lambda: discount_factors(5, [(1, 0.03), (4, 0.02), (3, 0.01)]), "and increase"),
        (lambda: discount_factors(5, -1), "rate of schedule is -1; it must be greater than -1"),
        (lambda: discount_factors(-1), "years is -1; it must be at least 0"),
        (lambda: cohort_model(steps(dead=1.5), {"well": 1}, 2, {}), r"rows \['ill'\] are not probabilities"),
        (lambda: cohort_model(steps(), {"well": 1}, -1, {}), "years is -1; it must be at least 0"),
        (lambda: cohort_model(steps().assign(well=0.95), {"well": 1}, 2, {}), r"transition rows .* sum to 1"),
        (lambda: cohort_model(renamed("well", "cost", "dead"), {"well": 1}, 2, {}), "none be 'cost'"),
        (lambda: cohort_model(renamed("A", "A", "dead"), {"A": 1}, 2, {}), "names must differ"),
        (lambda: cohort_model(steps().iloc[:2], {"well": 1}, 2, {}), "must be the same"),
        (lambda: cohort_model(steps(), {"sick": 1}, 2, {}), r"start has the states \['sick'\]"),
        (lambda: cohort_model(steps(), {"well": -1}, 2, {}), "start holds -1"),
        (lambda: cohort_model(steps(), {"well": 1}, 2, {"ill": np.nan}), "costs holds nan"),
        (lambda: savings(pd.DataFrame({"x": [1]}), pd.DataFrame({"cost": [1]}), 1), "baseline has no column 'cost'"),
        (lambda: savings(pd.DataFrame({"cost": [1]}), pd.DataFrame({"cost": [1, 2]}), 1), "different years"),
        (
            lambda: savings(pd.DataFrame({"cost": [1]}), pd.DataFrame({"cost": [1]}), 1, cashable=2),
            "cashable.*at most 1",
        ),
        (lambda: savings(pd.DataFrame({"cost": [1]}), pd.DataFrame({"cost": [1]}), -1), "horizon is -1.*at least 0"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
