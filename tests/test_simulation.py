"""Simulation against the beta-binomial's closed forms, exact limits and bit-for-bit repetition."""

import math
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from distributed import Client, LocalCluster
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodels import Contract, Outcome, PaymentSchedule, breakeven, cases, distribution, simulate, tornado
from sibmodels.simulation import _beta_scores

DRAWS = 200_000


def one(schedule=None, unit="share"):
    return Contract("one", "GBP", [Outcome("x", schedule or PaymentSchedule.proportional(1, 100), unit=unit)])


def two(unit="share"):
    outcomes = [Outcome(name, PaymentSchedule.proportional(1, 50), unit=unit) for name in "xy"]
    return Contract("two", "GBP", outcomes)


@pytest.mark.parametrize(
    ("mean", "concentration", "cohort"), [(0.3, 10, 30), (0.9, 2, 100), (0.05, 0.5, 430), (0.5, 200, 9000)]
)
def test_moments_of_the_beta_binomial(mean, concentration, cohort):
    """Mean m; variance m(1-m)/n (1 + (n-1)/(c+1)). Tolerance: five standard errors."""
    x = simulate(one(), {"x": (mean, concentration)}, cohort, draws=DRAWS, seed=1)["x"]
    variance = mean * (1 - mean) / cohort * (1 + (cohort - 1) / (concentration + 1))
    assert x.mean() == pytest.approx(mean, abs=5 * math.sqrt(variance / DRAWS))
    fourth = ((x - x.mean()) ** 4).mean()
    assert x.var() == pytest.approx(variance, abs=5 * math.sqrt(fourth / DRAWS))


def test_probabilities_of_the_beta_binomial():
    """P(k) = C(n,k) B(k+a, n-k+b) / B(a,b), for every k."""
    n, a, b = 6, 1.2, 1.8

    def log_beta(p, q):
        return math.lgamma(p) + math.lgamma(q) - math.lgamma(p + q)

    exact = [math.comb(n, k) * math.exp(log_beta(k + a, n - k + b) - log_beta(a, b)) for k in range(n + 1)]
    x = simulate(one(unit="people"), {"x": (a / (a + b), a + b)}, n, draws=DRAWS, seed=2)["x"]
    seen = np.bincount(x.astype(int), minlength=n + 1) / DRAWS
    assert sum(exact) == pytest.approx(1)
    np.testing.assert_allclose(seen, exact, atol=5 * math.sqrt(0.25 / DRAWS))


@pytest.mark.parametrize(("a", "b"), [(1, 1), (0.5, 0.5), (2, 1), (1, 3)])
def test_quantiles_of_betas_with_a_closed_form(a, b):
    """Beta(1,1) is uniform, Beta(1/2,1/2) the arcsine law, Beta(2,1) and Beta(1,3) are powers."""
    inverse = {
        (1, 1): lambda u: u,
        (0.5, 0.5): lambda u: np.sin(np.pi * u / 2) ** 2,
        (2, 1): lambda u: np.sqrt(u),
        (1, 3): lambda u: 1 - (1 - u) ** (1 / 3),
    }[a, b]
    scores, logits = _beta_scores(a, b)
    grid = np.linspace(-4, 4, 801)
    u = np.array([0.5 * math.erfc(-z / math.sqrt(2)) for z in grid])
    rate = 1 / (1 + np.exp(-np.interp(grid, scores, logits)))
    np.testing.assert_allclose(rate, inverse(u), rtol=3e-5)


@pytest.mark.parametrize(
    ("a", "b", "below", "above"),
    [
        (0.5, 0.5, lambda x, y: 2 / np.pi * np.arcsin(np.sqrt(x)), lambda x, y: 2 / np.pi * np.arcsin(np.sqrt(y))),
        (2, 1, lambda x, y: x**2, lambda x, y: y * (1 + x)),
        (1, 3, lambda x, y: x * (1 + y + y**2), lambda x, y: y**3),
    ],
)
def test_nodes_are_exact_into_both_tails(a, b, below, above):
    """The chances below and above the rate x = 1 - y of each node; the outermost are below 1e-18."""
    scores, logits = _beta_scores(a, b)
    x, y = 1 / (1 + np.exp(-logits)), 1 / (1 + np.exp(logits))
    low, high = ([0.5 * math.erfc(sign * z / math.sqrt(2)) for z in scores] for sign in (-1, 1))
    np.testing.assert_allclose(np.where(x < y, low, high), np.where(x < y, below(x, y), above(x, y)), rtol=1e-7)
    assert max(low[0], high[-1]) < 1e-18


@pytest.mark.parametrize(
    ("mean", "concentration"), [(0.3, 7000), (0.001, 10), (0.001, 1), (1e-5, 10), (0.9999, 3), (0.5, 1e6)]
)
def test_rare_and_sure_outlooks_keep_their_mean(mean, concentration):
    """The mean of the quantile function over normal scores, by the midpoint rule over many ranks."""
    scores, logits = _beta_scores(mean * concentration, (1 - mean) * concentration)
    edges = np.linspace(-9, 9, 400_001)
    weight = np.diff([0.5 * math.erfc(-z / math.sqrt(2)) for z in edges])
    middle = (edges[:-1] + edges[1:]) / 2
    rate = 1 / (1 + np.exp(-np.interp(middle, scores, logits)))
    assert (rate * weight).sum() == pytest.approx(mean, rel=1e-3)


@pytest.mark.parametrize("mean", [0.3, 0.9])
def test_a_very_sure_outlook_is_a_normal(mean):
    scores, logits = _beta_scores(mean * 1e10, (1 - mean) * 1e10)
    rate = 1 / (1 + np.exp(-np.interp([-3, -1, 0, 1, 3], scores, logits)))
    assert (rate - mean) / math.sqrt(mean * (1 - mean) / 1e10) == pytest.approx([-3, -1, 0, 1, 3], abs=1e-3)


def test_a_rate_card_counts_people():
    card = Contract("card", "GBP", [Outcome("job", PaymentSchedule.rate_card(500.0))])
    draws = simulate(card, {"job": (0.5, math.inf)}, 100, draws=2_000, seed=8)
    assert draws["job"].mean() == pytest.approx(50, abs=1)
    assert (draws["total_payment"] == 500 * draws["job"]).all()


def test_chunks_do_not_repeat_each_other():
    draws = simulate(one(), {"x": (0.5, 5)}, 1000, draws=200_000, seed=9)["x"].to_numpy()
    assert not (draws[:100_000] == draws[100_000:]).all()


def test_large_seeds_differ():
    near = [simulate(one(), {"x": (0.5, 5)}, 1000, draws=50, seed=seed) for seed in (2**53, 2**53 + 1)]
    assert not near[0].equals(near[1])


def test_infinite_concentration_leaves_only_the_luck_of_the_cohort():
    x = simulate(one(), {"x": (0.3, math.inf)}, 50, draws=DRAWS, seed=3)["x"]
    assert x.var() == pytest.approx(0.3 * 0.7 / 50, rel=0.02)


@pytest.mark.parametrize("mean", [0.0, 1.0])
def test_certain_outcomes_are_certain(mean):
    x = simulate(one(), {"x": (mean, 5)}, 50, draws=100)["x"]
    assert (x == mean).all()


def test_threshold_payment_has_the_binomial_probability():
    """A trigger of 50 % with 30 people and a known rate of 0.4: P(X >= 15)."""
    exact = sum(math.comb(30, k) * 0.4**k * 0.6 ** (30 - k) for k in range(15, 31))
    paid = simulate(one(PaymentSchedule.threshold(0.5, 100)), {"x": (0.4, math.inf)}, 30, draws=DRAWS, seed=4)
    assert paid["total_payment"].mean() / 100 == pytest.approx(exact, abs=5 * math.sqrt(exact / DRAWS))


@pytest.mark.parametrize("rho", [-0.5, 0.0, 0.6, 1.0])
def test_copula_has_the_rank_correlation_of_a_normal(rho):
    """Spearman's rho of a Gaussian copula is 6/pi asin(rho/2); a huge cohort shows the true rates."""
    draws = simulate(two(), {"x": (0.5, 4), "y": (0.3, 6)}, 10**9, draws=50_000, rho=rho, seed=5)
    assert draws["x"].rank().corr(draws["y"].rank()) == pytest.approx(6 / math.pi * math.asin(rho / 2), abs=0.02)


def test_matrix_and_number_agree():
    outlook = {"x": (0.5, 4), "y": (0.3, 6)}
    number = simulate(two(), outlook, 30, draws=500, rho=0.4)
    matrix = simulate(two(), outlook, 30, draws=500, rho=[[1, 0.4], [0.4, 1]])
    pd.testing.assert_frame_equal(number, matrix)


def test_total_is_the_contract_on_each_draw():
    contract = cases.contract("kobe")
    draws = simulate(contract, cases.outlook("kobe"), 100, draws=1000, rho=0.3, seed=6)
    np.testing.assert_array_equal(draws["total_payment"], contract.total(draws[contract.names]))


@settings(max_examples=10)
@given(st.integers(0, 2**40), st.integers(1, 400))
def test_same_seed_same_result_other_seed_another(seed, draws):
    def run(value):
        return simulate(one(), {"x": (0.5, 5)}, 1000, draws=draws, seed=value)

    pd.testing.assert_frame_equal(run(seed), run(seed))
    pd.testing.assert_frame_equal(run(np.random.default_rng(seed)), run(np.random.default_rng(seed)))
    if draws > 5:
        assert not run(seed).equals(run(seed + 1))


@contextmanager
def dask_pool(workers):
    """The executor of a Dask cluster on this machine."""
    cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, processes=False)
    with cluster, Client(cluster) as client:
        yield client.get_executor()


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor, dask_pool])
def test_executor_gives_the_same_bits(pool):
    contract, outlook = cases.contract("uk-provider-led"), cases.outlook("uk-provider-led")
    arguments = dict(cohort=9000, draws=250_001, rho=0.3, seed=7)
    alone = simulate(contract, outlook, **arguments)
    with pool(2) as executor:
        together = simulate(contract, outlook, **arguments, executor=executor)
    pd.testing.assert_frame_equal(alone, together, check_exact=True)


def test_without_a_word_outcomes_vary_independently_and_draws_repeat():
    outlook = {"x": (0.5, 4), "y": (0.3, 6)}
    pd.testing.assert_frame_equal(simulate(two(), outlook, 30), simulate(two(), outlook, 30, 10_000, rho=0.0, seed=0))


@pytest.mark.parametrize(("names", "lowest"), [("xy", "-1"), ("xyz", "-0.5"), ("vwxyz", "-0.25")])
def test_one_number_may_be_as_low_as_so_many_outcomes_can_all_be_opposed(names, lowest):
    """The lowest eigenvalue of the matrix with rho off the diagonal, 1 + (n - 1) rho, is at least 0."""
    contract = Contract("n", "GBP", [Outcome(name, PaymentSchedule.proportional(1, 50)) for name in names])
    outlook = dict.fromkeys(names, (0.5, 5))
    simulate(contract, outlook, 30, draws=1, rho=float(lowest))
    with pytest.raises(ValueError, match=f"no correlation of {len(names)} outcomes.* between {lowest} and 1,"):
        simulate(contract, outlook, 30, draws=1, rho=float(lowest) - 0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(outlook={"y": (0.5, 5)}), r"outlook: missing \['x'\]"),
        (dict(outlook={"x": (1.5, 5)}), "mean of 'x' is 1.5"),
        (dict(outlook={"x": (0.5, 0)}), "concentration of 'x' is 0"),
        (dict(outlook={"x": (math.nan, 5)}), "mean of 'x' holds nan"),
        (dict(cohort=0), "cohort of 'x' is 0"),
        (dict(cohort=2.5), "whole number"),
        (dict(cohort={"y": 3}), r"cohort: missing \['x'\]"),
        (dict(draws=0), "draws is 0"),
        (dict(rho=1.5), "rho is 1.5"),
        (dict(rho=[[1, 0.5]]), "symmetric"),
        (dict(seed=-1), "seed is -1"),
        (dict(seed=None), "seed is None"),
        (dict(outlook={"x": 0.5}), "a pair"),
    ],
)
def test_bad_input(arguments, message):
    good = dict(outlook={"x": (0.5, 5)}, cohort=30)
    contract = two() if arguments.get("rho") == 1.5 else one()
    if contract.names == ["x", "y"]:
        good["outlook"] = {"x": (0.5, 5), "y": (0.5, 5)}
    with pytest.raises(ValueError, match=message):
        simulate(contract, **good | arguments)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.integers(1, 40))
def test_distribution_shares_sum_to_one_and_cover_the_values(values, bins):
    table = distribution(values, bins)
    assert len(table) == bins
    assert table["share"].sum() == pytest.approx(1)
    assert table["low"].iloc[0] <= min(values) <= max(values) <= table["high"].iloc[-1]


def test_tornado_sorts_by_swing_and_keeps_signs():
    table = tornado(lambda a, b: 2 * a - 5 * b, {"a": 1, "b": 1}, {"a": (0, 2), "b": (0, 2)})
    assert table.index.tolist() == ["b", "a"]
    assert table.columns.tolist() == ["low", "high", "result_low", "result_high", "swing"]
    assert table.loc["b", ["result_low", "result_high", "swing"]].tolist() == [2, -8, 10]
    with pytest.raises(ValueError, match="'c' is unknown"):
        tornado(lambda a: a, {"a": 1}, {"c": (0, 1)})


def test_a_result_that_rises_and_falls_keeps_its_own_figure_in_its_range():
    row = tornado(lambda a: a * (1 - a), {"a": 0.5}, {"a": (0.0, 0.9)}, between=1).iloc[0]
    assert row[["result_low", "result_high", "least", "most", "swing"]].tolist() == pytest.approx(
        [0, 0.09, 0, 0.25, 0.25]
    )
    row = tornado(lambda a: abs(a - 0.25), {"a": 0.1}, {"a": (0.0, 1.0)}, between=3).iloc[0]
    assert row["least"] == 0  # at a quarter of the range, between base and high end
    row = tornado(lambda a: abs(a - 0.75), {"a": 0.1}, {"a": (0.0, 1.0)}, between=3).iloc[0]
    assert row["least"] == 0  # the last between
    with pytest.raises(ValueError, match="between is -1"):
        tornado(lambda a: a, {"a": 1}, {"a": (0, 2)}, between=-1)


@given(st.floats(-100, 100), st.floats(0.1, 50))
def test_breakeven_inverts_a_line(intercept, slope):
    x = breakeven(lambda x: intercept + slope * x, "x", (-2000, 2000), target=7)
    assert intercept + slope * x == pytest.approx(7, abs=1e-6)


@pytest.mark.parametrize(
    ("function", "bracket", "root", "most"),
    [
        (lambda x: 2 * x - 0.6, (0, 1), 0.3, 4),
        (lambda x: x * x * x - 2, (0, 2), 2 ** (1 / 3), 9),
        (lambda x: 2 - x * x * x, (0, 2), 2 ** (1 / 3), 9),
        (lambda x: math.cos(x) - x, (0, 1), 0.7390851332151607, 8),
        (lambda x: 1 / x - 3, (1e-6, 1), 1 / 3, 11),
        (lambda x: math.exp(x) - 2, (-4, 4), math.log(2), 11),
        (lambda x: x**9 - 1e-4, (0, 1), 1e-4 ** (1 / 9), 13),
        (lambda x: math.atan(x - 5), (-100, 1000), 5.0, 17),
        (lambda x: 1.0 if x >= 0.3 else -1.0, (0, 1), 0.3, 53),
        (lambda x: 1.0 if x >= -0.3 else -1.0, (-1, 1), -0.3, 54),
        (lambda x: 1.0 if x >= 3e-20 else -1.0, (0, 1), 3e-20, 116),
    ],
)
def test_breakeven_is_exact_to_the_last_digits_in_few_steps(function, bracket, root, most):
    """Steps, which give no method a hint, are halved as often as floats have digits; the rest takes a fifth of that."""
    asked = []
    assert breakeven(lambda x: asked.append(x) or function(x), "x", bracket) == pytest.approx(root, rel=2e-15, abs=0)
    assert len(asked) <= most


def test_breakeven_sees_the_smallest_results_cross():
    """Their product is 0 in floats."""
    for sign in (1, -1):
        assert breakeven(lambda x, sign=sign: sign * 1e-200 * (x - 0.3), "x", (0, 1)) == pytest.approx(0.3)
        assert breakeven(lambda x, sign=sign: sign * (x - 0.3), "x", (0, 1)) == pytest.approx(0.3)


def test_breakeven_says_when_nothing_crosses():
    with pytest.raises(ValueError, match=r"x from 0 to 1 gives 1 to 2, which does not cross 5"):
        breakeven(lambda x: 1 + x, "x", (0, 1), target=5)
    with pytest.raises(ValueError, match="does not cross 0"):  # nearly there at both ends is not across
        breakeven(lambda x: 0.1 + x * (1 - x), "x", (0, 1), target=0)
    assert breakeven(lambda x: x, "x", (0, 1), target=1) == 1
    with pytest.raises(ValueError, match=r"result at x = 0.5 holds nan"):
        breakeven(lambda x: x if x in (0.0, 1.0) else math.nan, "x", (0, 1), target=0.3)
    with pytest.raises(ValueError, match="result at a = 2 holds nan"):
        tornado(lambda a: math.nan if a == 2 else a, {"a": 1}, {"a": (0, 2)})
