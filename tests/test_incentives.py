"""Incentives: the one-task closed form, first-order conditions by brute force, selection by enumeration."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sibmodels import cases
from sibmodels.incentives import (
    alignment,
    best_pay,
    coproduction,
    effort,
    motivated_effort,
    optimal_weights,
    selection,
)

positive = st.floats(0.1, 10)


@given(positive, positive, positive, positive, st.floats(0, 5))
def test_one_task_has_its_closed_form(benefit, cost, signal, noise, risk):
    """b = f g / c / (f^2 / c + r s^2); 1 / (1 + r c s^2) for g = f = 1."""
    weight = optimal_weights([benefit], [[cost]], [[signal]], [[noise]], risk)
    assert weight[0] == pytest.approx(signal * benefit / cost / (signal**2 / cost + risk * noise))
    one = optimal_weights([1], [[cost]], [[1]], [[noise]], risk)
    assert one[0] == pytest.approx(1 / (1 + risk * cost * noise))


def problem(seed, tasks=3, signals=2):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(tasks, tasks))
    spread = rng.normal(size=(signals, signals))
    return (
        rng.uniform(0, 2, tasks),
        root @ root.T + np.eye(tasks),
        rng.normal(size=(signals, tasks)),
        spread @ spread.T + 0.1 * np.eye(signals),
    )


@given(st.integers(0, 10_000), st.floats(0.1, 3))
def test_no_other_weights_make_the_surplus_larger(seed, risk):
    """The optimum maximises g'e - e'Ce/2 - r b'Sb/2 at the effort that the weights call for."""
    benefit, cost, signal, noise = problem(seed)

    def surplus(weights):
        e = effort(weights, cost, signal)
        return benefit @ e - e @ cost @ e / 2 - risk * weights @ noise @ weights / 2

    best = optimal_weights(benefit, cost, signal, noise, risk)
    rng = np.random.default_rng(seed + 1)
    for _ in range(10):
        assert surplus(best) >= surplus(best + rng.normal(0, 0.3, 2)) - 1e-9


@given(st.integers(0, 10_000))
def test_effort_is_the_agents_best_answer(seed):
    _, cost, signal, _ = problem(seed)
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=2)

    def gain(e):
        return weights @ signal @ e - e @ cost @ e / 2

    best = effort(weights, cost, signal)
    for _ in range(10):
        assert gain(best) >= gain(best + rng.normal(0, 0.3, 3)) - 1e-9


def test_without_risk_every_signalled_task_is_paid_what_it_is_worth():
    weights = optimal_weights([2.0, 3.0], np.eye(2), np.eye(2), np.eye(2), risk_aversion=0)
    assert weights.tolist() == pytest.approx([2.0, 3.0])


vectors = arrays(float, 4, elements=st.floats(0.1, 10))


@given(vectors, vectors, positive)
def test_alignment_is_a_cosine(paid, valued, scale):
    value = alignment(paid, valued)
    assert 0 < value <= 1
    assert alignment(valued, paid) == pytest.approx(value)
    assert alignment(scale * paid, valued) == pytest.approx(value)
    assert alignment(paid, paid) == pytest.approx(1)
    assert value == pytest.approx(math.cos(math.acos(min(value, 1))))


def test_alignment_is_never_beyond_one_by_rounding():
    """1.2, 0.3 and 0.7: the product of the vector with itself over its length squared is above 1 by a rounding."""
    assert alignment([1.2, 0.3, 0.7], [1.2, 0.3, 0.7]) == 1
    assert alignment([1.2, 0.3, 0.7], [-1.2, -0.3, -0.7]) == -1


def test_alignment_by_name():
    assert alignment({"a": 1}, {"b": 1}) == 0
    assert alignment({"a": 3, "b": 4}, {"b": 1}) == pytest.approx(0.8)


def test_the_square_is_the_value_in_reach_for_marginal_pay_and_not_for_shares():
    """A search over how strong to make a contract's pay; what one more share of people earns, by difference."""
    contract = cases.contract("uk-provider-led")
    start = dict.fromkeys(contract.names, 0.1)
    step = {name: contract.total(start | {name: 0.2}) - contract.total(start) for name in contract.names}
    pay, value = np.array(list(step.values())), np.array([0.0, 0.0, 1.0, 2.0])
    assert step["secondary care"] / step["wellbeing"] == pytest.approx(7.2)
    done = np.linspace(0, 1, 100_001)[:, None] * pay / np.linalg.norm(pay) * np.linalg.norm(value)
    reached = (done @ value - (done**2).sum(axis=1) / 2).max() / (value @ value / 2)
    assert alignment(pay, value) ** 2 == pytest.approx(reached, rel=1e-6)
    assert abs(alignment(contract.weights(), dict(zip(contract.names, value, strict=True))) ** 2 - reached) > 0.01


chances = st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 0.5)), min_size=2, max_size=7)


@given(chances, st.integers(1, 2))
def test_no_other_choice_pays_the_provider_more(people, places):
    baseline, gain = map(np.array, zip(*people, strict=True))
    table = selection(baseline, gain, places, prices=(2.0, 1.0), cut=0.25)
    price = np.where(baseline < 0.25, 2.0, 1.0)
    worth = {"per success": baseline + gain, "per impact": gain, "rate card in bands": (baseline + gain) * price}
    for rule, pay in worth.items():
        best = max(sum(pay[list(group)]) for group in itertools.combinations(range(len(pay)), places))
        assert table.loc[rule, "payment"] == pytest.approx(best)
    assert table["successes"].to_numpy() == pytest.approx((table["impact"] + table["deadweight"]).to_numpy())
    assert table["impact"].max() == pytest.approx(table.loc["per impact", "impact"])
    assert table["successes"].max() == pytest.approx(table.loc["per success", "successes"])


def test_one_price_is_pay_per_success_and_a_place_for_everybody_leaves_nobody_to_pick():
    baseline, gain = [0.5, 0.3, 0.6], [0.2, 0.5, 0.0]
    table = selection(baseline, gain, places=1)
    assert table.loc["rate card in bands"].tolist() == table.loc["per success"].tolist()
    everybody = selection(baseline, gain, places=3)[["successes", "impact", "deadweight"]]
    assert everybody.to_numpy() == pytest.approx(np.tile([2.1, 0.7, 1.4], (3, 1)))


def test_hard_to_help_is_whose_baseline_is_below_the_cut():
    bands = selection([0.5, 0.49], [0.0, 0.0], places=1, prices=(3.0, 1.0)).loc["rate card in bands"]
    assert (bands["payment"], bands["deadweight"]) == pytest.approx((1.47, 0.49))
    alone = selection([0.5], [0.0], places=1, prices=(3.0, 1.0)).loc["rate card in bands"]
    assert alone["payment"] == 0.5


def test_what_is_beyond_its_bound_by_rounding_alone_is_let_through():
    assert selection([1 + 1e-12], [0.0], 1).loc["per success", "successes"] == 1 + 1e-12
    assert optimal_weights([1], [[1.0]], [[1]], [[-1e-12]], 1) == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: optimal_weights([1], [[0.0]], [[1]], [[1]], 1), "cost is not positive definite"),
        (lambda: optimal_weights([1, 1], [[1.0]], [[1]], [[1]], 1), "do not fit signal"),
        (lambda: optimal_weights([1], [[1.0]], [[1]], [[-1.0]], 1), "noise has a negative eigenvalue"),
        (lambda: optimal_weights([1], [[1.0]], [[1], [1]], np.zeros((2, 2)), 1), "repeat each other"),
        (lambda: optimal_weights([1], [[1.0]], [[1]], [[1]], -1), "risk_aversion is -1"),
        (lambda: effort([1], [[1.0, 2.0], [0.0, 1.0]], [[1, 1]]), "cost has shape .*symmetric"),
        (lambda: effort([1], np.ones((1, 2)), [[1, 1]]), r"cost has shape \(1, 2\); a symmetric"),
        (lambda: effort([1, 2], np.eye(2), [[1, 1]]), "do not fit signal"),
        (lambda: alignment([0, 0], [1, 1]), "all 0"),
        (lambda: alignment([1], [1, 1]), "same length"),
        (lambda: alignment({"a": 1}, [1]), "both by name"),
        (lambda: selection([0.9], [0.1], 1, cut=1.5), "cut is 1.5; it must be at least 0 and at most 1"),
        (lambda: selection([0.9], [0.2], 1), r"baseline \+ gain holds"),
        (lambda: selection([0.1, 0.2], [0.1, 0.1], 3), "places are 3; there are 2 people"),
        (lambda: selection([0.1, 0.2], [0.1], 1), "one length"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("b", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("v", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("k", [-0.6, 0.0, 0.6])
def test_coproduction_is_each_one_s_best_answer_to_the_other(b, v, k):
    e, u, y = coproduction(b, v, k)
    tries = np.linspace(0, 4, 4001)
    assert tries[np.argmax(b * (tries + u + k * tries * u) - tries**2 / 2)] == pytest.approx(e, abs=1e-3)
    assert tries[np.argmax(v * (e + tries + k * e * tries) - tries**2 / 2)] == pytest.approx(u, abs=1e-3)
    assert y == pytest.approx(e + u + k * e * u)


def test_pay_moves_the_users_the_way_of_the_synergy():
    pay = np.linspace(0, 1, 50)
    for k in (-0.5, 0.0, 0.5):
        users = coproduction(pay, 0.5, k)[1]
        assert (np.sign(np.diff(users).round(12)) == np.sign(k)).all()
    # paid and valued in full, and alike: each works 1 / (1 - k), the most that is worth while for all together
    assert coproduction(1, 1, 0.5)[:2] == pytest.approx((2, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((1.2, 0.5, 0), "pay is 1.2"), ((1, -0.5, 0), "own_value is -0.5"), ((1, 0.5, 1), "synergy is 1.0.*excluded")],
)
def test_coproduction_refuses_what_has_no_answer(arguments, message):
    with pytest.raises(ValueError, match=message):
        coproduction(*arguments)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 5))
def test_work_is_the_best_answer_to_pay_and_motive(pay, motivation, crowding):
    """e maximises (b + what is left of m) e - e^2 / 2."""
    work = float(motivated_effort(pay, motivation, crowding))
    worth = pay + motivation * max(0, 1 - crowding * pay)
    grid = np.linspace(0, 2, 2_001)
    assert worth * work - work**2 / 2 >= (worth * grid - grid**2 / 2).max() - 1e-9
    assert float(motivated_effort(pay, motivation)) == pytest.approx(pay + motivation)


def test_pay_lowers_the_work_only_if_it_takes_more_of_the_motive_than_it_adds():
    assert (np.diff(motivated_effort(np.linspace(0, 1, 50), 0.5, 1.9)) > 0).all()
    falling = motivated_effort(np.linspace(0, 0.25, 50), 0.5, 4.0)
    assert (np.diff(falling) < 0).all()
    assert motivated_effort([0.25, 0.5, 1], 0.5, 4.0).tolist() == [0.25, 0.5, 1.0]


@given(st.floats(0, 1), st.floats(0, 5), st.floats(0, 3))
def test_no_other_pay_leaves_more(motivation, crowding, risk):
    grid = np.linspace(0, 1, 2_001)

    def left(pay):
        work = motivated_effort(pay, motivation, crowding)
        return work - work**2 / 2 - risk * np.square(pay) / 2

    best = best_pay(motivation, crowding, risk)
    assert 0 <= best <= 1
    assert left(best) >= left(grid).max() - 1e-9


@given(st.floats(0, 1), st.floats(0.01, 3))
def test_without_crowding_out_motive_stands_in_for_pay(motivation, risk):
    assert best_pay(motivation, risk=risk) == pytest.approx((1 - motivation) / (1 + risk))
    assert best_pay(0.0, risk=risk) == pytest.approx(optimal_weights([1], [[1]], [[1]], [[1]], risk)[0])


def test_crowding_out_makes_pay_all_or_nothing():
    """The best pay jumps: none while there is a motive to lose, then in full."""
    pays = [best_pay(motivation, 4.0, 0.25) for motivation in (0.3, 0.5, 0.7, 0.9)]
    assert set(pays) == {0.0, 0.8}
    assert pays == sorted(pays, reverse=True)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: motivated_effort(1.5, 0.5), "pay is 1.5; it must lie between 0 and 1"),
        (lambda: motivated_effort(0.5, -1), "motivation is -1.0; it must lie between 0 and 1"),
        (lambda: motivated_effort(0.5, 0.5, -1), "crowding is -1.0; it must be at least 0"),
        (lambda: best_pay(0.5, -1), "crowding is -1; it must be at least 0"),
        (lambda: best_pay(2), "motivation is 2; it must be at least 0 and at most 1"),
        (lambda: best_pay(0.5, risk=-1), "risk is -1; it must be at least 0"),
    ],
)
def test_what_work_and_pay_cannot_be_is_said(call, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        call()
