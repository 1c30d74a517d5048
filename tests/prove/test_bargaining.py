"""What the game rewards, by a long search of its term sheets (`tests/bargaining.py`): no payment that is certain wins.

Prints what it finds: `python -m pytest -s tests/prove/test_bargaining.py`.
"""

from collections import Counter

import numpy as np
import pytest

from sibmodels.teach import negotiation as game

from .. import bargaining

ROLES = list(game.ROLES)
GUESSES = 5_000
OTHER = {  # private numbers that another class might be given
    "dear hours": {("provider", "cost_hour"): 30.0},
    "work is hard to help": {
        ("intermediary", "gain_near"): 0.15,
        ("intermediary", "gain_far"): 0.25,
        ("intermediary", "gain_wellbeing"): 0.75,
    },
    "a small purse": {("investor", "purse"): 90_000.0},
    "users who want more": {("users", "bar"): 48.0},
}


@pytest.fixture(scope="module")
def seen():
    return bargaining.bargained(np.random.default_rng(11), climbs=10, steps=300)


@pytest.fixture(scope="module")
def good(seen):
    """Deals in which no seat has fewer than 5 points."""
    return [one for one in seen if one.lowest >= 5]


def test_payment_that_is_all_but_certain_does_not_win(good):
    certain = np.mean([bargaining.certain(one) for one in good])
    evaluations = Counter(one.sheet.evaluation for one in good)
    print(f"{len(good)} deals good for all, payment all but certain in {certain:.1%}; {dict(evaluations)}")
    assert len(good) > 100
    assert certain < 0.05
    assert set(evaluations) == set(game.EVALUATIONS)
    least = max(one.lowest for one in bargaining.grants(np.random.default_rng(3), 400))
    print(f"grants in disguise: the seat with least has at most {least:.1f} points")
    assert least < 0


def test_a_good_deal_is_there_and_is_not_the_first_guess(good):
    rng = np.random.default_rng(5)
    lowest = np.array([bargaining.deal(bargaining.anywhere(rng), draws=100).lowest for _ in range(GUESSES)])
    print(f"of {GUESSES} sheets at random {np.mean(lowest >= 5):.2%} are good for all, best {lowest.max():.1f}")
    assert 0.0002 < np.mean(lowest >= 5) < 0.05
    assert max(one.lowest for one in good) > 7


def test_seats_have_something_to_divide(good):
    """What is best for one seat, the others kept at their bars, is not best for the rest together."""
    rng = np.random.default_rng(7)
    best = max(good, key=lambda one: one.lowest)
    ends = []
    for role in range(len(ROLES)):
        for others in (0.0, 0.1, 0.3):

            def goal(one, role=role, others=others):
                rest = one.points.sum() - one.points[role]
                return one.points[role] + others * rest + 4 * min(0, one.lowest - 5)

            ends += bargaining.climb(best, rng, 80, goal)
    front = bargaining.frontier([one for one in ends if one.lowest >= 5])
    points = np.array([one.points for one in front])
    rest = points.sum(axis=1, keepdims=True) - points
    together = {role: round(float(np.corrcoef(points[:, i], rest[:, i])[0, 1]), 2) for i, role in enumerate(ROLES)}
    print(f"{len(front)} on the frontier; each seat with the others: {together}")
    for place in range(len(ROLES)):
        mine = points[:, place].argmax()
        assert rest[mine, place] < rest[:, place].max() - 0.3
    assert sum(value < 0 for value in together.values()) >= 3
    # no sheet is the best for every seat
    assert len({int(points[:, place].argmax()) for place in range(len(ROLES))}) > 1


@pytest.mark.parametrize("name", OTHER)
def test_other_private_numbers_call_for_other_deals(name, good, monkeypatch):
    rng = np.random.default_rng(9)
    usual = game._number
    monkeypatch.setattr(game, "_number", lambda role, key: OTHER[name].get((role, key), usual(role, key)))
    kept = [bargaining.deal(one.sheet) for one in good[:: max(len(good) // 50, 1)]]
    share = np.mean([one.lowest >= 5 for one in kept])
    start = max(kept, key=lambda one: one.lowest)
    found = max(bargaining.climb(start, rng, 300, lambda one: one.lowest), key=lambda one: one.lowest)
    print(f"{name}: {share:.0%} of the good deals are good still; found one whose seats have {found.points.round(1)}")
    assert share < 0.6  # most of what was good is good no more
    assert found.lowest > 4
