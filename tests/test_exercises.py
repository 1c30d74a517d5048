"""Answers are checked without being given away."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels.teach.exercises import check, seal


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_the_right_answer_passes_and_one_further_off_does_not(value, decimals):
    value = round(value, decimals)
    sealed = [(seal("x", value, decimals), decimals)]
    check("x", value, sealed)
    check("x", [value + 10.0**-decimals], sealed)
    with pytest.raises(AssertionError, match="is not it"):
        check("x", value + 3 * 10.0**-decimals, sealed)


@pytest.mark.parametrize("seed", range(5))
def test_an_answer_by_simulation_may_have_another_seed_s_luck(seed):
    within = np.random.default_rng(seed).binomial(200, 0.42) / 2  # of 200 draws, in per cent
    sealed = [(seal("x", 41.5, -1), -1)]
    check("x", within, sealed)
    with pytest.raises(AssertionError, match="counts to about 10"):
        check("x", 95, sealed)  # what the interval promises


def test_no_answer_yet_is_said_and_is_no_error(capsys):
    check("kobe 2", ..., [("0" * 16, 2)])
    assert capsys.readouterr().out.startswith("kobe 2: not yet")


def test_the_same_number_is_sealed_differently_for_another_exercise():
    assert seal("kobe 1", 1, 0) != seal("kobe 2", 1, 0)


def test_which_of_several_numbers_is_wrong():
    sealed = [(seal("x", value, 1), 1) for value in (1.5, 2.5)]
    check("x", (1.5, 2.5), sealed)
    with pytest.raises(AssertionError, match="part 2 of 2, 9"):
        check("x", (1.5, 9), sealed)


@pytest.mark.parametrize("answer", ["1.5", True, [1, 2], None, math.nan, [[1, 2], [3]], math.inf])
def test_what_is_no_answer(answer):
    with pytest.raises(ValueError, match="1 number in the order"):
        check("x", answer, [(seal("x", 1.5, 1), 1)])


WORDS = ["Kobe", "UK provider-led", "Yokohama"]


def chosen(*words):
    return [(seal("x", word, WORDS), WORDS) for word in words]


def test_a_word_passes_in_any_dress_and_another_word_does_not():
    check("x", "  uk Provider-led", chosen("UK provider-led"))
    with pytest.raises(AssertionError, match="x: 'Kobe' is not it"):
        check("x", "Kobe", chosen("Yokohama"))


def test_an_order_is_checked_place_by_place():
    check("x", ("Yokohama", "Kobe"), chosen("Yokohama", "Kobe"))
    with pytest.raises(AssertionError, match="part 1 of 2, 'Kobe', is not it"):
        check("x", ["Kobe", "Yokohama"], chosen("Yokohama", "Kobe"))


@pytest.mark.parametrize(("answer", "right"), [(True, True), ("Yes", True), (np.True_, True), (False, False)])
def test_true_and_false_are_yes_and_no(answer, right):
    yes = [(seal("x", "yes", ["yes", "no"]), ["yes", "no"])]
    if right:
        check("x", answer, yes)
    else:
        with pytest.raises(AssertionError, match="False is not it"):
            check("x", answer, yes)


@pytest.mark.parametrize("answer", ["Osaka", 3, None])
def test_what_is_no_choice_hears_the_choices(answer):
    with pytest.raises(ValueError, match="none of the words to choose from: Kobe, UK provider-led, Yokohama"):
        check("x", answer, chosen("Kobe"))


def test_a_short_table_of_words_and_numbers(capsys):
    sealed = [*chosen("Kobe"), (seal("x", 1.5, 1), 1)]
    check("x", [["Kobe", 1.5]], sealed)
    check("x", ..., sealed)
    assert "Put 1 number and 1 word in place of" in capsys.readouterr().out
    with pytest.raises(ValueError, match="1 number and 1 word in the order"):
        check("x", [1.5, "Kobe"], sealed)
