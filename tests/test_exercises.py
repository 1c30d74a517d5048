"""Checks of answers: exact where a count is asked for, kind where one is wrong, and never in the way."""

import decimal
import fractions
import math
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from casebook import editions
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodels.teach.exercises import check, fingerprint, seal, unseal
from sibmodels.teach.judging import Part, judged

ROOT = Path(__file__).parents[1]
NOTES = editions.notes(ROOT)


@pytest.fixture
def said(capsys):
    def of(answer, *parts):
        check("x", answer, seal(parts))
        return capsys.readouterr().out

    return of


@given(st.floats(-1e6, 1e6), st.integers(-1, 4), st.floats(-0.49, 0.49))
def test_an_amount_counts_to_half_of_its_place(value, places, off):
    part = Part(round(value, places), places)
    unit = 10.0**-places
    assert part.is_right(part.value + off * unit)
    assert not part.is_right(part.value + (0.51 + abs(off)) * unit)


@given(st.integers(-3000, 3000), st.floats(-0.99, 0.99))
def test_a_count_or_a_year_counts_exactly(value, off):
    assert Part(float(value)).is_right(value)
    assert not Part(float(value)).is_right(value + 1)
    assert Part(float(value)).is_right(value + off) == (abs(off) < 1e-9 * max(1, abs(value)))


@given(st.floats(-1e4, 1e4), st.integers(1, 4))
def test_a_right_number_that_is_not_rounded_passes(value, places):
    assert Part(round(value, places), places).is_right(value)


# tried as a student would, and once accepted: the exercise, what is wrong, what is right, and a word of what is said
WRONG = [
    ("across/governance", 1, [2, 2, 2, 2, 2, 2], [1, 1, 2, 1, 1, 1], ""),
    ("countries/japan", 1, [2017, 2022], [2016, 2021], ""),
    ("cases/yokohama", 4, 19, 20, ""),
    ("cases/yokohama", 4, 19.8, 20, "whole number"),
    ("cases/yokohama", 4, 21, 20, ""),
    ("countries/uk", 4, [0.25, 2.67], [0.20, 2.67], "central money over the local"),
    ("countries/uk", 4, [20, 2.67], [0.2, 8 / 3], "per cent where a share"),
    ("countries/uk", 4, [0.2, 4], [0.2, 2.667], "All local money counts as new"),
    ("across/design", 3, [0.5, 0.8], [0.5, 0.73], ""),
    ("across/design", 3, [0.55, 0.73], [0.5, 0.73], ""),
    ("countries/building-blocks", 1, [7, 4], [8, 3], ""),
    ("countries/building-blocks", 1, [3, 8], [8, 3], "another order"),
    ("across/promised-and-paid", 2, [0.98, 3], [0.98, 2], ""),
    ("across/governance", 2, 5, 6, ""),
    ("framing/between-organisations", 2, 0.55, 0.5, ""),
    ("framing/between-organisations", 2, 0.4, 0.5, ""),
    ("framing/npg", 1, [0.2, 0.5, 0.2, 0.5], [1 / 6, 0.5, 1 / 6, 0.5], "right as far as it goes; give 2 decimals"),
    ("framing/npm", 1, 0.33, 0.3, ""),
    ("cases/kobe", 1, [3.93, 7.86, 8.84], [3.93, 7.86, 7.86], "goes on above the target"),
    ("cases/kobe", 1, [3_930_000, 7_860_000, 7_860_000], [3.93, 7.86, 7.86], "1,000,000 times too large"),
    ("countries/building-blocks", 4, 7.6, -7.6, "other sign"),
    ("across/alike", 3, [95, 5, 0], [46, 54, 0], ""),
    ("across/replays", 4, "identity", "Inferred", "what the exercise compares"),
    ("countries/japan", 4, ["yes", "no"], [False, True], "another order"),
]


@pytest.mark.parametrize(("name", "number", "wrong", "right", "word"), WRONG)
def test_what_is_wrong_is_refused_and_what_is_right_accepted(name, number, wrong, right, word, capsys):
    notebook = nbformat.read(ROOT / f"book/{name}.ipynb", as_version=4)
    code = editions.work(notebook, name, NOTES[name])[number].check
    exec(code, {f"answer_{number}": wrong})
    out = capsys.readouterr().out
    assert not out.splitlines()[0].endswith(": right.")
    assert word in out
    exec(code, {f"answer_{number}": right})
    assert capsys.readouterr().out.endswith(": right.\n")


@pytest.mark.parametrize(
    ("answer", "part", "sentence"),
    [
        (0.6525, Part(65.25, 2), "It is 100 times too small: a share where per cent are asked for?"),
        (65, Part(0.65, 2), "It is 100 times too large: per cent where a share is asked for?"),
        (27_860, Part(27.86, 2), "It is 1,000 times too large"),
        (0.02786, Part(27.86, 2), "It is 1,000 times too small"),
        (-7.6, Part(7.6, 1), "It has the other sign."),
        (27.9, Part(27.86, 2), "It is right as far as it goes; give 2 decimals."),
        (28, Part(27.86, 2), "It is right as far as it goes; give 2 decimals."),
        (27.85, Part(27.86, 2), "It is one off in the last place: round only at the end."),
        (20.5, Part(20.0), "A whole number is asked for."),
        (19, Part(20.0), "Look at the unit and the sign"),
        (0, Part(0.3, 2), "Look at the unit and the sign"),
        ("27.86", Part(27.86, 2), "It stands in quotes; write a number without them."),
        (True, Part(1.0), "It is no number."),
        (None, Part(1.0), "It is no number."),
        (math.nan, Part(1.0), "It is no number."),
        (math.inf, Part(1.0), "It is no number."),
        (1j, Part(1.0), "It is no number."),
        (10**400, Part(1.0), "It is no number."),
        (print, Part(1.0), "It is no number."),
        ("Osaka", Part("Kobe", words=("Kobe", "Tenri")), "Choose one of: Kobe, Tenri."),
        (3, Part("Kobe", words=("Kobe", "Tenri")), "Choose one of: Kobe, Tenri."),
        ("Tenri", Part("Kobe", words=("Kobe", "Tenri")), "Look again at what the exercise compares."),
        ("tenri", Part("Kobe", words=("Kobe", "Tenri"), slips=(("Tenri", "That is older."),)), "That is older."),
        (12, Part(41.5, within=10), "Look at the unit"),
        ([1, 250], Part(1250.0), "It needs 1 number; 2 came."),
        ([], Part(1250.0), "It needs 1 number; 0 came."),
    ],
)
def test_a_wrong_part_hears_what_was_done(answer, part, sentence, said):
    out = said(answer, part)
    assert out.startswith("x")
    assert "not right" in out
    assert sentence in out
    assert out.count("\n") == 1


def test_each_part_has_its_line(said):
    assert said([3, 2, "Kobe"], Part(1.0), Part(2.0), Part("Kobe", words=("Kobe", "Tenri"))) == (
        "x: 2 of 3 parts right.\n"
        "  Part 1, 3: not right. Look at the unit and the sign, then at what is held constant.\n"
        "  Part 2, 2: right.\n"
        "  Part 3, 'Kobe': right.\n"
    )
    assert said([3, 1], Part(1.0), Part(2.0)).count("\n") == 3
    assert said([2, 1], Part(1.0), Part(2.0)) == "x: 0 of 2 parts right. All parts are there, in another order.\n"
    assert said([-1, -2], Part(1.0), Part(2.0)) == "x: 0 of 2 parts right. It has the other sign.\n"
    assert "Part 1, 2: not right. That is what part 2 asks for." in said([2, 2], Part(1.0), Part(2.0))


@pytest.mark.parametrize(
    "answer",
    [
        (1.5, 2),
        np.array([1.5, 2]),
        pd.Series([1.5, 2.0]),
        pd.DataFrame({"a": [1.5], "b": [2]}),
        [np.float64(1.5), np.int64(2)],
        [[1.5], [2]],
        {"a": 1.5, "b": 2},
        [fractions.Fraction(3, 2), decimal.Decimal(2)],
        (each for each in (1.5, 2)),
    ],
)
def test_an_answer_may_come_in_many_forms(answer, said):
    assert said(answer, Part(1.5, 1), Part(2.0)) == "x: right.\n"


def test_a_word_passes_in_any_dress(said):
    words = ("Kobe", "UK provider-led", "yes", "no")
    assert said("  uk Provider-led", Part("UK provider-led", words=words)) == "x: right.\n"
    for yes in (True, np.True_, "Yes"):
        assert said(yes, Part("yes", words=words)) == "x: right.\n"


def test_an_answer_by_simulation_may_have_another_seed_s_luck():
    for seed in range(5):
        assert Part(41.5, within=10).is_right(np.random.default_rng(seed).binomial(200, 0.42) / 2)  # in per cent
    assert not Part(41.5, within=10).is_right(95)  # what the interval promises


def test_no_answer_yet_is_said(said):
    assert said(..., Part(1.5, 1), Part("no", words=("yes", "no"))).startswith("x: not yet. Put 1 number and 1 word")


def test_a_check_that_was_cut_says_so(capsys):
    packed = seal([Part(1.5, 1)])
    for broken in (packed[:-4], packed[4:], "", "no base at all", "AAAA"):
        check("x", 1.5, broken)
        assert capsys.readouterr().out == "x: this check is damaged. Take it from a fresh copy of the notebook.\n"


@given(st.lists(st.builds(Part, st.floats(allow_nan=False, allow_infinity=False), st.integers(-1, 5)), max_size=5))
def test_what_is_packed_comes_out_and_is_not_read_by_accident(parts):
    packed = seal(parts)
    assert unseal("\n".join(packed)) == parts
    assert "value" not in packed


def test_a_fingerprint_tells_answers_apart_and_not_what_is_said_of_mistakes():
    assert fingerprint([Part(1.0, slips=((2.0, "Twice."),))]) == fingerprint([Part(1.0)])
    assert len({fingerprint([part]) for part in (Part(1.0), Part(2.0), Part(1.0, 0), Part(1.0, within=1))}) == 4


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.complex_numbers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
        max_leaves=6,
    )
)
@settings(max_examples=40, deadline=None)
def test_no_answer_stops_a_notebook(answer):
    parts = [Part(1.0, 2), Part(20.0), Part("no", words=("yes", "no"))]
    for asked in (parts[:1], parts[1:2], parts[2:], parts):
        check("x", answer, seal(asked))
        found = judged(asked, answer)
        assert isinstance(found, str) or len(found) == len(asked)
