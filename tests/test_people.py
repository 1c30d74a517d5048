"""Figures of groups and rate cards: closed forms, and draws beside what is exact."""

import itertools
import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodels import Card, CardResult, Line, Metric, PaymentSchedule, Result, capped_expectation, measure

share = st.integers(0, 100).map(lambda n: n / 100)


@given(share)
def test_three_prices_of_one_under_a_cap_of_two(q):
    """3q - q^3: the third of three is paid to nobody."""
    assert capped_expectation([1, 1, 1], [q, q, q], 2) == pytest.approx(3 * q - q**3, abs=1e-12)
    card = Card([Line(name, 1, q) for name in "abc"], 2)
    assert card.expected().sum() == pytest.approx(3 * q - q**3, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 9), share), min_size=1, max_size=6), st.integers(0, 30))
def test_a_capped_expectation_is_the_sum_over_every_way(pairs, cap):
    prices, chances = zip(*pairs, strict=True)
    ways = sum(
        min(sum(price for price, hit in zip(prices, way, strict=True) if hit), cap)
        * math.prod(chance if hit else 1 - chance for chance, hit in zip(chances, way, strict=True))
        for way in itertools.product([True, False], repeat=len(pairs))
    )
    assert capped_expectation(prices, chances, cap) == pytest.approx(ways, abs=1e-9)


def test_what_is_no_expectation():
    with pytest.raises(ValueError, match="one of each an outcome"):
        capped_expectation([1, 2], [0.5], 3)
    with pytest.raises(ValueError, match="one of each an outcome"):
        capped_expectation([[1, 2]], [[0.5, 0.5]], 3)
    with pytest.raises(ValueError, match="chances lie between 0 and 1"):
        capped_expectation([1], [1.5], 3)
    with pytest.raises(ValueError, match="cap is -1"):
        capped_expectation([1], [0.5], -1)


@st.composite
def cards(draw):
    """A random card: chains, rivals and lines that nothing links."""
    lines, reached = [], {None: 1.0}
    for n in range(draw(st.integers(1, 6))):
        parent = draw(st.sampled_from(list(reached)))
        rival = draw(st.sampled_from([None, *(line for line in lines if line.after == parent)]))
        taken = 0.0
        if rival:  # the whole set of rivals shares what reached the parent
            card = Card(lines)
            taken = next(sum(one.expected for one in rivals) for rivals in card._rivals(parent) if rival in rivals)
        expected = max(reached[parent] - taken, 0.0) * draw(share)
        price = draw(st.integers(0, 20))
        lines.append(Line(f"line {n}", price, expected, parent, rival.name if rival else None))
        reached[f"line {n}"] = expected
    return lines


@given(cards())
def test_without_a_cap_a_card_is_worth_price_times_share(lines):
    prices = [line.price * line.expected for line in lines]
    assert Card(lines).expected().tolist() == pytest.approx(prices, abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(cards(), st.integers(1, 40), st.integers(0, 2**32))
def test_drawn_people_earn_what_is_exact(lines, cap, seed):
    card = Card(lines, cap)
    drawn = card.draw(20, 4_000, seed)
    exact, error = 20 * card.expected(), drawn.std(axis=0) / math.sqrt(4_000)
    assert (np.abs(drawn.mean(axis=0) - exact) <= 6 * error + 1e-4).all()
    assert drawn.sum(axis=1).max() <= 20 * card.most + 1e-3
    amounts, chances = card.law()
    assert chances.sum() == pytest.approx(1)
    assert amounts.max() <= cap


def test_the_two_ways_of_drawing_agree():
    """Counts where no cap is needed, people where one is: a cap that never binds must not matter."""
    lines = [Line("in", 5, 0.8), Line("part", 3, 0.2, "in"), Line("full", 4, 0.5, "in", "part"), Line("free", 1, 0.3)]
    counted = Card(lines).draw(50, 20_000, 1)
    drawn = Card(lines, 12.5).draw(50, 20_000, 2)  # nobody can earn more than 10
    assert drawn.mean(axis=0) == pytest.approx(counted.mean(axis=0), rel=0.01)
    assert np.cov(drawn.T) == pytest.approx(np.cov(counted.T), rel=0.15, abs=2.0)


@given(share)
def test_people_who_all_reach_or_do_not_earn_the_least_of_price_and_cap(reached):
    """A chain in which each goes on with certainty: what one earns is min(cap, sum of prices), or nothing."""
    chain = [Line("a", 2, reached), Line("b", 3, reached, "a"), Line("c", 4, reached, "b")]
    assert Card(chain, 6).expected().sum() == pytest.approx(reached * 6)
    assert Card(chain, 60).expected().sum() == pytest.approx(reached * 9)


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([("a", 1, 0.3), ("b", 1, 0.4, "a")], "'b' are reached by 0.4, more than the 0.3 who reach 'a'"),
        ([("a", 1, 0.6), ("b", 1, 0.5, None, "a")], "'a' and 'b' are reached by 1.1, more than everybody"),
        ([("a", 1, 0.6, "b"), ("b", 1, 0.7)], "'a' is after 'b', which does not stand above it"),
        ([("a", 1, 0.6), ("a", 1, 0.7)], "'a' is there twice"),
        ([("a", 1, 0.6), ("b", 1, 0.5, "a"), ("c", 1, 0.1, None, "b")], "rivals are after the same line"),
        ([], "lines are empty"),
    ],
)
def test_what_is_no_card(lines, says):
    with pytest.raises(ValueError, match=says):
        Card([Line(*line) for line in lines])


def test_a_difference_of_two_shares_has_the_luck_of_both():
    """Var = pq / n + rs / m; and where nothing changed, a threshold t pays with chance Phi(-t / SE)."""
    drawn = measure({"ours": Result(0.5, 200), "theirs": Result(0.5, 300)}, draws=200_000, seed=3)
    gain = Metric("ours", "theirs")(drawn)
    error = math.sqrt(0.25 / 200 + 0.25 / 300)
    assert gain.std() == pytest.approx(error, rel=0.01)
    paid = PaymentSchedule.threshold(0.0501, 1.0)(gain).mean()
    assert paid == pytest.approx(NormalDist().cdf(-0.0501 / error), abs=0.01)


def test_a_score_s_mean_has_the_spread_of_its_people():
    drawn = measure({"score": Result(1.2, 400, spread=0.8)}, draws=50_000, seed=4)["score"]
    assert drawn.mean() == pytest.approx(1.2, abs=1e-3)
    assert drawn.std() == pytest.approx(0.8 / 20, rel=0.02)
    unsure = measure({"score": Result(1.2, 400, 10, spread=0.8)}, draws=50_000, seed=4)["score"]
    assert unsure.std() == pytest.approx(0.8 * math.sqrt(1 / 400 + 1 / 10), rel=0.02)


def test_a_card_s_chances_are_unsure_and_its_mean_is_not_moved():
    card = Card([Line("in", 500, 0.6), Line("stay", 1500, 0.4, "in")])
    sure, unsure = (
        measure({"card": CardResult(card, 100, sureness)}, draws=20_000, seed=5)["card"] for sureness in (math.inf, 10)
    )
    exact = 100 * card.expected().sum()
    assert sure.mean() == pytest.approx(exact, rel=0.01)
    assert unsure.mean() == pytest.approx(exact, rel=0.01)
    assert unsure.std() > 2 * sure.std()


def test_a_figure_is_rounded_half_away_from_zero():
    rounded = Metric("x", rounded=0.01)
    assert rounded({"x": [0.085, 0.075, -0.085, 0.0849]}).tolist() == pytest.approx([0.09, 0.08, -0.09, 0.08])
    assert Metric("x", rounded=0.001)({"x": 0.0845}) == pytest.approx(0.085)


@pytest.mark.parametrize(
    ("metric", "says"),
    [
        (lambda: Metric([]), "of is"),
        (lambda: Metric("a", compare="ratio"), "compare 'ratio' is unknown"),
        (lambda: Metric("a", 0, "fall")({"a": 1}), "a fall is a share of what it falls from"),
        (lambda: Metric("a")({"b": 1}), "result 'a' is unknown"),
        (lambda: Result(0.5, 0).drawer("x"), "cohort of 'x' is 0"),
        (lambda: Result(1.5, 10).drawer("x"), "mean of 'x' is 1.5"),
    ],
)
def test_what_is_no_figure(metric, says):
    with pytest.raises((ValueError, KeyError), match=says):
        metric()


def test_the_luck_of_many_is_that_of_people_drawn_one_by_one():
    """Above a hundred people the sum is taken as normal: its mean and spread are the card's own."""
    card = Card([Line("in", 5, 0.8), Line("part", 3, 0.2, "in"), Line("full", 4, 0.5, "in", "part")], 8)
    drawn = card.draw(150, 20_000, 6).sum(axis=1)
    normal = measure({"card": CardResult(card, 150)}, draws=20_000, seed=7)["card"]
    mean, variance = card.moments(card.chances()[:, None])
    amounts, shares = card.law()
    assert mean.item() == pytest.approx(amounts @ shares)
    assert variance.item() == pytest.approx(amounts**2 @ shares - (amounts @ shares) ** 2)
    for moment in (np.mean, np.std):
        assert moment(normal) == pytest.approx(moment(drawn), rel=0.02)


@given(cards(), st.integers(1, 40))
def test_the_least_is_what_comonotone_people_earn(lines, cap):
    """No arrangement of as many people earns less, and with equal chances it is the sum of min(cap, .)."""
    card = Card(lines, cap)
    counts = [round(line.expected * 30) for line in lines]
    by_hand = sum(min(cap, sum(one.price for one, n in zip(lines, counts, strict=True) if k < n)) for k in range(30))
    assert card.least(30) == pytest.approx(by_hand)


def test_a_card_of_odd_prices_is_quick_and_nearly_exact():
    """Fourteen prices to the penny have sixteen thousand sums: neighbours are taken together."""
    rng = np.random.default_rng(0)
    prices = rng.uniform(100, 3_000, 14).round(2)
    lines = [Line(str(n), price, 0.3) for n, price in enumerate(prices)]
    assert Card(lines).expected().sum() == pytest.approx(0.3 * prices.sum())
    card = Card(lines, 5_000)
    drawn = card.draw(200, 2_000, 8).sum(axis=1)
    assert 200 * card.expected().sum() == pytest.approx(drawn.mean(), rel=0.005)


def test_what_succeeds_together_moves_together_scores_too():
    results = {"share": Result(0.5, 200, 10), "score": Result(1.2, 400, 10, spread=0.8)}
    assert measure(results, 20_000, rho=0.9, seed=1).corr().iloc[0, 1] > 0.7
    assert abs(measure(results, 20_000).corr().iloc[0, 1]) < 0.03
    assert measure(results, 5).equals(measure(results, 5, rho=0.0, seed=0))


def test_a_line_that_all_or_none_reach_is_sure_however_little_is_known():
    card = Card([Line("all", 3.0, 1.0), Line("none", 5.0, 0.0)])
    for people in (40, 400):
        assert set(measure({"card": CardResult(card, people, 10)}, 50)["card"].round(9)) == {3.0 * people}


def test_what_is_not_known_of_a_line_is_as_wide_as_its_beta():
    card, people, concentration = Card([Line("job", 1.0, 0.5)]), 10_000, 10
    drawn = measure({"card": CardResult(card, people, concentration)}, 20_000, seed=2)["card"] / people
    assert drawn.std() == pytest.approx(math.sqrt(0.25 / (concentration + 1) + 0.25 / people), rel=0.03)


def test_up_to_a_hundred_people_are_drawn_one_by_one():
    card = Card([Line("job", 1.0, 0.5)])
    few, more = (measure({"card": CardResult(card, people)}, 500)["card"] for people in (100, 101))
    assert (few == few.round()).all()
    assert not (more == more.round()).any()


def test_next_to_nothing_is_not_rounded_up():
    card = Card([Line("rare", 1e-3, 1e-3)])
    assert measure({"card": CardResult(card, 150)}, 500)["card"].max() < 1
