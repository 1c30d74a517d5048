"""Ranges drive the draws: what a range is worth in people, and that draws lie where a case file says."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import CardResult, Line, Result, casefile, cases, concentration_for, measure, people, reports, within
from tests.casefiles import HARBOUR
from tests.test_language import BASE, outcome

EVERY = [*cases.names(), *casefile.contracts()]
CROWD = 10_000_000  # people among whom luck is nothing


def beta_mass(a: int, b: int, low: float, high: float) -> float:
    """Mass of a Beta(a, b) between two shares: a sum of binomial chances, exact."""

    def below(share: float) -> float:
        n = a + b - 1
        return sum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(a, n + 1))

    return below(high) - below(low)


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [
        (1, 1, 0.05, 0.95),
        (2, 3, 0.1, 0.8),
        (30, 10, 0.6, 0.9),
        (3, 57, 0.0, 0.1),
        (17, 3, 0.7, 1.0),
        (82, 18, 0.8, 0.9),
    ],
)
def test_concentration_of_a_range_is_that_of_the_beta_it_came_from(a, b, low, high):
    level = beta_mass(a, b, low, high)
    assert concentration_for(a / (a + b), low, high, level) == pytest.approx(a + b, rel=1e-7)


def test_concentration_of_a_narrow_range_is_the_normal_s():
    side = 1e-4
    assert concentration_for(0.3, 0.3 - side, 0.3 + side) == pytest.approx(0.21 * (1.6448536 / side) ** 2, rel=1e-6)


def test_concentration_with_the_mean_at_its_end_is_the_unsure_beta_that_leaves_so_much_at_0():
    a = 1 / 3  # the mass of a Beta(a, 1) below x is x to the power of a; its mean is a / (a + 1)
    assert concentration_for(0.25, 0.0, 0.25, 0.25**a) == pytest.approx(4 / 3, rel=1e-7)

    assert concentration_for(0.75, 0.75, 1.0, 0.25**a) == pytest.approx(4 / 3, rel=1e-7)


def test_a_level_that_few_betas_have_less_of_is_found():
    """Their mass falls below it between two crossings that lie close together, and rises again."""
    assert concentration_for(1 / 3, 0.0, 0.41, 0.41**0.5) == pytest.approx(1.5, rel=1e-7)


def test_concentration_below_1_is_found():
    """Half of the arcsine law, Beta(1/2, 1/2), lies between the squared sines of 1/8 and 3/8 of pi."""
    low, high = (math.sin(math.pi * part / 8) ** 2 for part in (1, 3))
    assert concentration_for(0.5, low, high, 0.5) == pytest.approx(1, rel=1e-7)


@pytest.mark.parametrize(("below", "above"), [(1e-5, 0.2), (0.2, 1e-5)])
def test_the_short_side_of_a_range_decides(below, above):
    """A tenth beyond it, and nothing beyond the other: 1.2816 normal deviations."""
    found = concentration_for(0.3, 0.3 - below, 0.3 + above)
    assert found == pytest.approx(0.21 * (1.2815516 / 1e-5) ** 2, rel=1e-4)


@pytest.mark.parametrize(
    ("mean", "low", "high", "level"), [(0.05, 0.0, 0.2, 0.93), (0.2, 0.15, 0.5, 0.9), (0.5, 0.4, 1, 0.6)]
)
def test_concentration_is_the_largest(mean, low, high, level):
    """Surer betas, at whole numbers where their mass is exact, hold more than the level."""
    found = concentration_for(mean, low, high, level)
    unit = round(1 / mean) if mean < 0.5 else 2
    for size in range(math.ceil(found / unit), math.ceil(found / unit) + 40):
        a = round(mean * size * unit)
        assert a + (size * unit - a) >= found
        assert beta_mass(a, size * unit - a, low, high) >= level - 1e-9


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((0.5, 0.6, 0.7), "mean 0.5; low < high is needed, and a mean from low to high"),
        ((0.5, 0.7, 0.3), "goes from 0.7 to 0.3; low comes first"),
        ((0.5, 0.5, 0.5), "low < high is needed"),
        ((0.5, -0.1, 0.9), "low of range is -0.1"),
        ((0.5, 0.1, 1.9), "high of range is 1.9"),
        ((0, 0, 0.5), "mean is 0"),
        ((1, 0.5, 1), "neither is 1"),
        ((0.5, 0.1, 0.9, 1), "neither is 1"),
        ((0.5, 0.1, 0.9, 0), "level is 0"),
        ((0.5, 0, 1), "every one has more; give a narrower range"),
        ((0.05, 0, 0.5), "every one has more; give a narrower range"),
        ((0.9, 0.7, 0.9), "every one has less; put the mean further inside"),
        ((math.nan, 0.7, 0.9), "mean"),
    ],
)
def test_concentration_that_cannot_be_is_said(arguments, says):
    with pytest.raises(ValueError, match=says):
        concentration_for(*arguments)


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3).map(sorted))
def test_a_range_has_its_ends_at_5_and_95_per_cent_and_its_value_in_the_middle(given_range):
    low, value, high = given_range
    drawn = within([-1.6448536269514722, 0.0, 1.6448536269514722], value, low, high)
    assert drawn == pytest.approx([low, value, high], abs=1e-9 * (1 + high - low))


def test_draws_between_go_straight_on_each_side():
    scores = 1.6448536269514722 * np.array([-2, -0.5, 0.0, 0.5, 2])
    assert within(scores, 0.5, 0.3, 0.6) == pytest.approx([0.1, 0.4, 0.5, 0.55, 0.7], abs=1e-12)
    assert within(scores, 0.5, 0.5, 0.5).tolist() == [0.5] * 5


def test_a_value_outside_its_range_is_said():
    with pytest.raises(ValueError, match=r"value is 0\.5"):
        within([0.0], 0.5, 0.6, 0.7)
    with pytest.raises(ValueError, match="low comes first"):
        within([0.0], 0.5, 0.7, 0.6)
    with pytest.raises(ValueError, match=r"high of range of 'x' is 1.5"):
        measure({"x": Result(0.5, 10, within=(0.4, 1.5))}, 10)


@pytest.mark.parametrize("name", EVERY)
def test_nine_draws_of_ten_lie_where_the_file_says(name):
    """Without the luck of people: the typed range is of the true rate, its ends at 5 and 95 %."""
    case = casefile.example(name)
    results = {
        key: dataclasses.replace(one, people=CROWD)
        for key, one in case.results().items()
        if isinstance(one, Result) and one.within
    }
    drawn = measure(results, 20_000, rho=case.uncertainty.rho.value * (len(results) > 1), seed=1) if results else {}
    asked = {key: (one.mean, *one.within, one.people if one.is_count else 1) for key, one in results.items()}
    asked |= {
        key: (row.value, row.low, row.high, 1)
        for key, row in case.assumptions().set_index("key").iterrows()
        if key.endswith(".amount") and key.startswith("cost")
    }
    drawn = dict(drawn) | case.doubts(20_000, 1)
    assert drawn.keys() == asked.keys()
    for key, (value, low, high, unit) in asked.items():
        side = max(high - low, 1e-9) * unit
        found = np.quantile(drawn[key], [0.05, 0.5, 0.95])
        assert found == pytest.approx(np.array([low, value, high]) * unit, abs=0.03 * side), key


def test_what_is_measured_has_the_luck_of_so_many_people_besides():
    doubt, luck = 0.06 / 1.6448536, math.sqrt(0.82 * 0.18 / 50)
    few, many = (measure({"x": Result(0.82, n, within=(0.76, 0.88))}, 100_000)["x"].std() for n in (50, CROWD))
    assert many == pytest.approx(doubt, rel=0.01)
    assert few == pytest.approx(math.hypot(doubt * math.sqrt(1 - 1 / 50), luck), rel=0.02)


def test_a_target_that_the_whole_range_clears_is_seldom_missed():
    """82 %, from 77 to 88: a threshold at 77 % that pays the costs twice over is missed in one draw of twenty."""
    text = BASE.replace("people = 100", f"people = {CROWD}").replace('"proportional"', '"threshold"')
    text = text.replace("target = 0.5", "target = 0.77").replace(
        "expected = 0.4", "expected = { value = 0.82, low = 0.77, high = 0.88 }"
    )
    lost = reports.draws(casefile.loads(text))["investor"] < 0
    assert lost.mean() == pytest.approx(0.05, abs=0.01)


def test_sureness_counts_only_where_there_is_no_range():
    kobe = casefile.example("kobe")
    assert not kobe.by_sureness
    assert kobe.draws(100).equals(kobe.replace("uncertainty.sureness", 1000).draws(100))
    assert "uncertainty.sureness is not used: every expectation has a range of its own." in kobe.notes()
    harbour = casefile.loads(HARBOUR)
    assert harbour.by_sureness
    surer = harbour.replace("uncertainty.sureness", 1000).draws(4000)
    assert surer["debt"].std() < 0.5 * harbour.draws(4000)["debt"].std()
    assert surer["in work"].equals(harbour.draws(4000)["in work"])


COSTS = "amount = { value = 120, low = 100, high = 180 }"


@pytest.mark.parametrize("capital", ["", '[[tranche]]\nname = "loan"\namount = 150\n', "[investment]\namount = 110\n"])
def test_draws_with_costs_are_what_flows_says_of_each(capital):
    text = BASE.replace("amount = 120", COSTS).replace(
        "expected = 0.4", "expected = { value = 0.4, low = 0.2, high = 0.5 }"
    )
    case = casefile.loads(text + capital)
    drawn = reports.draws(case, 40)
    assert drawn["cost.1.amount"].nunique() == 40
    for _, row in drawn.iterrows():
        one = case.replace("cost.1.amount", row["cost.1.amount"])
        flows = one.flows({"in work": row["in work"]})
        gain = flows["investor"].sum()
        assert row["investor"] == pytest.approx(gain, abs=1e-9)
        assert row["share served"] == pytest.approx(flows["provider"].sum() / one.costs().sum())


def test_costs_move_by_themselves_and_results_together():
    case = casefile.loads(HARBOUR.replace("expected = 0.4", "expected = { value = 0.4, low = 0.3, high = 0.5 }"))
    drawn = case.replace("cohort.people", 1e6).replace("uncertainty.rho", 0.6).draws(20_000)
    together = drawn[["in work", "debt", "cost.1.amount"]].corr()
    assert together.loc["in work", "debt"] == pytest.approx(0.6, abs=0.02)
    assert together.loc["cost.1.amount", ["in work", "debt"]].abs().max() < 0.02


def test_referrals_scale_what_is_counted_and_no_share():
    people_range = "people = { value = 200, low = 100, high = 240 }"
    case = casefile.loads(HARBOUR.replace("people = 200", people_range))
    drawn, certain = case.draws(20_000), casefile.loads(HARBOUR).draws(20_000)
    assert drawn["in work"].equals(certain["in work"])
    assert np.quantile(drawn["cohort.people"], [0.05, 0.5, 0.95]) == pytest.approx([100, 200, 240], abs=3)
    scaled = certain["qualified"] * drawn["cohort.people"] / 200
    assert (drawn["qualified"] - scaled).abs().max() <= 0.5
    assert case.most_people(case.outcome[1]) == 240


CARD = (
    '[{ name = "job", price = 500, expected = 0.5%s }, { name = "kept", price = 900, expected = 0.3, after = "job" }]'
)


def test_lines_of_a_card_are_drawn_from_their_ranges():
    card = people.Card([Line("job", 1.0, 0.5, low=0.3, high=0.6), Line("kept", 0.0, 0.3, after="job")])
    drawn = measure({"x": CardResult(card, CROWD)}, 20_000)["x"] / CROWD
    assert np.quantile(drawn, [0.05, 0.5, 0.95]) == pytest.approx([0.3, 0.5, 0.6], abs=0.005)
    card = people.Card([Line("job", 0.0, 0.5), Line("kept", 1.0, 0.3, after="job", low=0.25, high=0.4)])
    drawn = measure({"x": CardResult(card, CROWD)}, 20_000)["x"] / CROWD
    assert np.quantile(drawn, [0.05, 0.5, 0.95]) == pytest.approx([0.25, 0.3, 0.4], abs=0.005)


def test_draws_beyond_what_can_be_are_cut():
    scores = 1.6448536269514722 * np.array([-3, -1, 0, 1, 3])
    share, score = (Result(0.5, 10, spread=spread, within=(0.3, 0.9)).truth()(scores) for spread in (None, 1.0))
    assert share == pytest.approx([0, 0.3, 0.5, 0.9, 1], abs=1e-12)
    assert score == pytest.approx([-0.1, 0.3, 0.5, 0.9, 1.7], abs=1e-12)
    nobody = Line("nobody", 1.0, 0.0)
    drawn = measure({"x": CardResult(people.Card([Line("job", 1.0, 0.95, low=0.8, high=1.0), nobody]), CROWD)}, 2_000)
    assert drawn["x"].max() <= CROWD * (1 + 1e-9)  # all reach the one line, and nobody the other
    after_none = Line("kept", 1.0, 0.0, after="nobody", low=0.0, high=0.0)
    for crowd in (10, CROWD):
        assert (measure({"x": CardResult(people.Card([nobody, after_none]), crowd)}, 20)["x"] == 0).all()


def test_moving_a_line_keeps_who_reaches_the_others_of_those_who_could():
    lines = [
        Line("job", 1.0, 0.5, low=0.3, high=0.6),
        Line("kept", 1.0, 0.3, after="job"),
        Line("study", 1.0, 0.2, instead_of="job"),
        Line("home", 1.0, 0.7),
    ]
    card = people.Card(lines)
    moved = card.moved("job", 0.75)
    assert [line.expected for line in moved.lines] == pytest.approx([0.75, 0.45, 0.1, 0.7])
    assert moved.chances()[1:] == pytest.approx(card.chances()[1:])
    assert card.moved("job", 0.5) == card
    with pytest.raises(ValueError, match="line 'jbo' is unknown"):
        card.moved("jbo", 0.5)


def test_what_moves_most_may_be_a_line_of_a_card():
    keys = {"schedule": '"rate card"', "points": "", "unit": '"people"'}
    case = casefile.loads(BASE + outcome(card=CARD % ", low = 0.3, high = 0.6", **keys))
    table = reports.sensitivity(case)
    earned = [100 * (500 + 900 * 0.6) * job for job in (0.3, 0.6)]
    gains = [earned_by + 160 - 120 for earned_by in earned]
    assert table.loc["outcome.2.card.1.expected", ["result_low", "result_high"]].tolist() == pytest.approx(gains)
    assert table.loc["outcome.2.card.1.expected", "label"] == "job: expected"


def test_a_card_s_ranges_are_read_and_written_and_what_is_wrong_is_said():
    keys = {"schedule": '"rate card"', "points": "", "unit": '"people"'}
    case = casefile.loads(BASE + outcome(card=CARD % ", low = 0.3, high = 0.6", **keys))
    assert case.outcome[1].card[0].low == 0.3
    assert casefile.loads(casefile.dumps(case)) == case
    assert casefile.loads(BASE + outcome(card=CARD % "", **keys)).outcome[1].card[0].low is None
    for wrong, says in (
        (", low = 0.3", "one end of its range"),
        (", low = 0.6, high = 0.7", "expects 0.5, from 0.6 to 0.7"),
    ):
        with pytest.raises(casefile.CaseFileError, match=says):
            casefile.loads(BASE + outcome(card=CARD % wrong, **keys))


def test_a_group_s_own_expectation_is_as_sure_as_the_outcome_s():
    groups = '[[group]]\nname = "a"\npeople = 50\nexpected = { "in work" = 0.9 }\n[[group]]\nname = "b"\npeople = 50\n'
    text = BASE.replace("expected = 0.4", "expected = { value = 0.4, low = 0.2, high = 0.55 }") + groups
    results = casefile.loads(text).results()
    assert results["in work: a"].within == pytest.approx((0.7, 1.0))
    assert results["in work: b"].within == pytest.approx((0.2, 0.55))


def test_a_comparison_group_is_drawn_from_the_range_of_its_baseline_and_no_effect_pays_for_no_doubt():
    keys = {"name": '"gain"', "of": '"in work"', "against": '"comparison"', "points": "[[-1, -100], [1, 100]]"}
    text = BASE.replace("baseline = 0.2", "baseline = { value = 0.2, low = 0.1, high = 0.3 }") + outcome(**keys)
    case = casefile.loads(text)
    assert case.results()["in work (comparison)"].within == pytest.approx((0.1, 0.3))
    nothing = reports.tables.unchanged(case, 40_000)["gain"]
    assert nothing.std() == pytest.approx(math.sqrt(0.16 / 100 + 0.16 / 80), rel=0.03)


@pytest.mark.parametrize(("end", "word"), [("low = 0.35, high = 0.5", "below"), ("low = 0.2, high = 0.35", "above")])
def test_a_side_of_a_range_that_is_never_used_is_said(end, word):
    case = casefile.loads(HARBOUR.replace("low = 0.2, high = 0.5", end))
    (note,) = case.notes()
    assert note.startswith("outcome.1.expected: 0.35 is the")
    assert f"no draw lies {word} it and half" in note
    drawn = case.results()["in work"].truth()(np.random.default_rng(1).standard_normal(10_000))
    assert np.mean(drawn == 0.35) == pytest.approx(0.5, abs=0.02)
    assert casefile.loads(HARBOUR).notes() == []
