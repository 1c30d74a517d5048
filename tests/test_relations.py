"""Relations: closed forms, and the repeated game worked out by search, without the formulas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sibmodels as sib
from sibmodels import kept_promise, least_patience, patience, patience_needed

shares = st.floats(0, 1)
GRID = np.linspace(0, 1, 2_001)


@pytest.mark.parametrize(("alignment", "needed"), [(0, 2 / 3), (0.9703, 0.97157), (1, 1.0), (0.8, 2 / 2.36)])
def test_the_best_bonus_has_its_closed_form(alignment, needed):
    assert patience_needed(alignment) == pytest.approx(needed, abs=1e-5)
    assert patience_needed(alignment, beside=True) == pytest.approx(needed, abs=1e-5)


def left(pay, bonus, alignment):
    """Value less cost where a measure at an angle earns `pay` and success `bonus`: effort, worked out in the plane."""
    goal, measure = np.array([1.0, 0.0]), np.array([alignment, np.sqrt(1 - alignment**2)])
    work = np.multiply.outer(pay, measure) + np.multiply.outer(bonus, goal)
    return work @ goal - (work**2).sum(axis=-1) / 2


@st.composite
def events(draw):
    """What the best work adds; and who would succeed anyway, or None where one event decides."""
    adds = draw(st.floats(0.1, 1))
    return {"adds": adds, "anyway": draw(st.none() | st.floats(0, 1 - adds))}


@given(shares, st.floats(0.01, 1), st.booleans(), events())
def test_the_promise_is_kept_from_that_patience_on_and_not_before(alignment, bonus, beside, event):
    """Keeping what is due today against what is lost for ever, discounted: no formula of the module is used."""
    pays = GRID if beside else np.zeros(1)
    all_left = left(pays, bonus, alignment)
    best, alone = all_left.max(), left(GRID, 0.0, alignment).max()
    work = bonus + pays[all_left.argmax()] * alignment  # of it, towards the goal
    succeed = 1 if event["anyway"] is None else event["anyway"] + event["adds"] * work
    due = succeed * bonus / event["adds"]  # a success is worth 1 / adds
    needed = patience_needed(alignment, bonus, beside=beside, **event)
    for weight, kept in ((needed - 0.005, False), (needed + 0.005, True)):
        if 0 < weight < 1:
            lost = weight / (1 - weight) * (best - alone)
            assert (due <= lost) == kept or abs(due - lost) < 1e-3


@given(shares, st.booleans(), events())
def test_no_bonus_needs_less_than_the_least(alignment, beside, event):
    needed = patience_needed(alignment, GRID[1:], beside=beside, **event)
    least = least_patience(alignment, beside=beside, **event)
    assert needed.min() >= least - 1e-12
    assert needed.min() <= least + 0.002  # and some bonus comes near it


def test_the_least_is_at_a_bonus_as_large_as_the_alignment():
    for alignment in (0.2, 0.5, 0.9):
        assert patience_needed(alignment, alignment) == pytest.approx(1 / (2 - alignment))
        assert least_patience(alignment) == pytest.approx(1 / (2 - alignment))
        assert least_patience(alignment, beside=True) == pytest.approx(1 / (2 - alignment**2))


@given(shares, shares, st.booleans())
def test_the_better_the_formal_contract_the_more_patience(one, other, beside):
    worse, better = sorted((one, other))
    assert patience_needed(worse) <= patience_needed(better) + 1e-15
    assert least_patience(worse, beside=beside) <= least_patience(better, beside=beside) + 1e-15


@given(st.floats(0, 0.999), shares, st.booleans(), events())
def test_the_bonus_kept_is_the_largest_that_its_patience_allows(weight, alignment, beside, event):
    """Round trip: what `kept_promise` keeps `patience_needed` allows, and a little more it does not."""
    bonus, value = (float(part) for part in kept_promise(weight, alignment, beside=beside, **event))
    assert alignment**2 - 1e-12 <= value <= 1 + 1e-12
    if bonus > 1e-6:
        assert patience_needed(alignment, bonus, beside=beside, **event) <= weight + 1e-6
    if bonus < 0.99:
        more = np.linspace(bonus + 0.005, 1, 50)
        assert (patience_needed(alignment, more, beside=beside, **event) > weight - 1e-9).all()


def test_one_event_and_each_of_many_have_their_closed_forms():
    """At k = 1: nothing on one event, two thirds on each of many, less for those who succeed anyway."""
    assert float(kept_promise(0.5, 0.0)[0]) == 0
    assert float(kept_promise(0.5, 0.0, anyway=0.0)[0]) == pytest.approx(2 / 3)
    assert float(kept_promise(0.5, 0.0, adds=0.75, anyway=0.25)[0]) == pytest.approx((1 - 1 / 3) / 1.5)
    assert float(kept_promise(0.5, 0.6, beside=True, anyway=0.0)[0]) == pytest.approx((0.64 - 0.36) / (1.5 * 0.64))
    # the best bonus on an event that the best work makes as likely as not
    assert patience_needed([0.0, 0.8], adds=0.5).tolist() == pytest.approx([0.8, 4 / 4.36])
    # where everybody is paid for success, all who succeed fall due at the best bonus, as with one sure event
    assert patience_needed(0.8, anyway=0.0) == patience_needed(0.8)
    assert least_patience([0.0, 0.6], beside=True, anyway=0.0).tolist() == pytest.approx([0, 0.36])
    # a better contract can achieve less here, too: at k = 3 all there can be up to sin^2 = 2/3
    _, value = kept_promise(0.75, [0.5, 0.8, 0.9], beside=True, anyway=0.0)
    bonus = (3 * 0.36 - 0.64) / (2.5 * 0.36)
    assert value.tolist() == pytest.approx([1, 0.64 + 0.36 * (2 * bonus - bonus**2), 0.81])


@given(st.floats(0, 0.99), st.floats(0, 1))
def test_value_is_that_of_the_work_it_draws(weight, alignment):
    for beside in (False, True):
        bonus, value = (float(part) for part in kept_promise(weight, alignment, beside=beside))
        pays = GRID if beside or bonus == 0 else np.zeros(1)
        assert value == pytest.approx(2 * left(pays, bonus, alignment).max(), abs=1e-6)


def test_a_better_written_contract_can_achieve_less():
    """At a patience of 0.75, so k = 3: all there can be up to sin^2 = 2/3, then less, then all again."""
    alignments = np.array([0.5, np.sqrt(1 / 3) - 1e-9, 0.7, 0.8, 1.0])
    _, value = kept_promise(0.75, alignments, beside=True)
    bonus = 2 - 2 / (3 * 0.36)  # at 0.8
    assert value == pytest.approx([1, 1, value[2], 0.64 + 0.36 * (2 * bonus - bonus**2), 1])
    assert value[3] < value[2] < 1
    _, instead = kept_promise(0.75, [0.5, 0.7])
    assert instead.tolist() == pytest.approx([1, 0.49])


def test_just_enough_patience_is_enough():
    """At k = 3 and an alignment of 2/3 the two roots are one, at a bonus as large as the alignment."""
    bonus, value = kept_promise(0.75, 2 / 3)
    assert (float(bonus), float(value)) == (pytest.approx(2 / 3), pytest.approx(8 / 9))


def test_the_two_together_hold_where_neither_does():
    """Baker, Gibbons & Murphy's complements: between the two thresholds only both together keep a promise."""
    between = (least_patience(0.5, beside=True) + least_patience(0.5)) / 2
    assert float(kept_promise(between, 0.5)[0]) == 0
    assert float(kept_promise(between, 0.5, beside=True)[0]) > 0


@given(st.floats(0.1, 10), st.floats(0.001, 0.2), st.floats(0, 0.95), st.integers(1, 8))
def test_patience_weighs_every_review_to_come(years, rate, renewal, reviews):
    """Contract after contract, review after review, each by its chance and its date; k = d / (1 - d) of it."""
    ahead = 0.0
    for contract in range(1, 400):
        for review in range(1, reviews + 1):
            date = (contract - 1 + review / reviews) * years
            ahead += renewal**contract * (1 + rate) ** -date
    weight = patience(years, rate, renewal, reviews=reviews)
    assert weight == pytest.approx(ahead / (1 + ahead), abs=1e-6)


def test_patience_with_one_promise_a_term_and_with_many():
    assert patience(2, 0.1, 0.5) == pytest.approx(0.5 / 1.21)
    assert patience(6, 0.035, 0.0, reviews=6) == 0
    # where renewal is certain nothing but the distance counts
    assert patience(6, 0.035, reviews=6) == pytest.approx(1 / 1.035)
    # a payer that does not discount sees n reviews of the next contract and p of those after
    assert patience(6, 0.0, 0.5, reviews=6) == pytest.approx(6 / 7)


def test_a_bonus_on_those_beyond_what_the_contract_brings_is_kept_at_any_angle():
    """The chapter's b = 2 d / (2 - d), from b <= k (1 - b / 2): what is saved is what is lost."""
    bonus, weight = 2 * 0.45 / (2 - 0.45), 0.45
    for alignment in (0.0, 0.5, 0.97):
        chance = bonus * (1 - alignment**2)  # beyond the contract's cos^2
        lost = left((1 - bonus) * alignment, bonus, alignment) - left(alignment, 0.0, alignment)
        assert bonus * chance == pytest.approx(weight / (1 - weight) * lost)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: patience_needed(1.2), "alignment is 1.2; it must lie between 0 and 1"),
        (lambda: patience_needed(0.5, 0), "bonus is 0; it must be greater than 0 and at most 1"),
        (lambda: patience_needed(0.5, adds=0), "adds is 0; it must be greater than 0 and at most 1"),
        (lambda: least_patience(0.5, adds=0.5, anyway=0.6), "anyway is 0.6; it must be at least 0 and at most 0.5"),
        (lambda: kept_promise(1, 0.5), "patience is 1; it must be at least 0 and below 1"),
        (lambda: patience(-1, 0.05), "years is -1; it must be at least 0"),
        (lambda: patience(1, 0.05, 1.5), "renewal is 1.5; it must be at least 0 and at most 1"),
        (lambda: patience(1, 0.05, reviews=0), "reviews is 0; it must be at least 1"),
        (lambda: patience(2, 0), "renewal is 1 and rate 0 over 2 years; the future must weigh less"),
        (lambda: least_patience("x"), "alignment is 'x'; numbers are needed"),
    ],
)
def test_what_is_not_allowed_is_said(call, said):
    with pytest.raises(ValueError, match=f"^{said}$"):
        call()


def test_one_number_gives_one_number_and_several_an_array():
    assert isinstance(sib.patience_needed(0.5), float)
    assert sib.patience_needed([0.0, 0.5]).shape == (2,)
    assert sib.patience_needed([[0.0], [0.5]], [0.5, 1.0]).shape == (2, 2)
    assert [part.shape for part in kept_promise([[0.6], [0.7]], [0.1, 0.2, 0.3])] == [(2, 3), (2, 3)]
