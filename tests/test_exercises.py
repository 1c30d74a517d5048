"""Answers are checked without being given away."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels.exercises import check, seal


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_the_right_answer_passes_and_one_further_off_does_not(value, decimals):
    value = round(value, decimals)
    sealed = [(seal("x", value, decimals), decimals)]
    check("x", value, sealed)
    check("x", [value + 10.0**-decimals], sealed)
    with pytest.raises(AssertionError, match="is not it"):
        check("x", value + 3 * 10.0**-decimals, sealed)


def test_no_answer_yet_is_said_and_is_no_error(capsys):
    check("kobe 2", ..., [("0" * 16, 2)])
    assert capsys.readouterr().out.startswith("kobe 2: not yet")


def test_the_same_number_is_sealed_differently_for_another_exercise():
    assert seal("kobe 1", 1, 0) != seal("kobe 2", 1, 0)


def test_which_of_several_numbers_is_wrong():
    sealed = [(seal("x", value, 1), 1) for value in (1.5, 2.5)]
    check("x", (1.5, 2.5), sealed)
    with pytest.raises(AssertionError, match="number 2 of 2, 9"):
        check("x", (1.5, 9), sealed)


@pytest.mark.parametrize("answer", ["1.5", True, [1, 2], None, math.nan, [[1, 2], [3]], math.inf])
def test_what_is_no_answer(answer):
    with pytest.raises(ValueError, match="1 number in the order"):
        check("x", answer, [(seal("x", 1.5, 1), 1)])
