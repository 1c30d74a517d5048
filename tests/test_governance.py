"""Governance: closed forms for the index and ranks, published alphas for agreement."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import agreement, index, rank_robustness, tables

NAN = np.nan
# Krippendorff's reliability data: 4 observers, 12 units (Computing Krippendorff's alpha-reliability, 2011)
KRIPPENDORFF = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
    [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
]


def coding(scores):
    """Scores as a list of rows, a case each."""
    return pd.DataFrame(
        [(f"case {i}", f"dim {j}", score) for i, row in enumerate(scores) for j, score in enumerate(row)],
        columns=["case", "dimension", "score"],
    )


tables_of_scores = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(st.floats(-1, 1), min_size=width, max_size=width), min_size=2, max_size=5)
)


@given(tables_of_scores)
def test_equal_weights_are_the_mean(scores):
    result = index(coding(scores))
    assert result.is_monotonic_increasing
    for i, row in enumerate(scores):
        assert result[f"case {i}"] == pytest.approx(np.mean(row), abs=1e-12)


@given(tables_of_scores, st.floats(0.1, 100))
def test_only_proportions_of_weights_matter(scores, factor):
    weights = {f"dim {j}": 1.0 + j for j in range(len(scores[0]))}
    scaled = {name: factor * weight for name, weight in weights.items()}
    pd.testing.assert_series_equal(index(coding(scores), weights), index(coding(scores), scaled))


def test_all_weight_on_one_dimension_is_that_dimension():
    assert index(coding([[1, -1], [-0.5, 0]]), {"dim 0": 1, "dim 1": 0}).to_dict() == {"case 1": -0.5, "case 0": 1}


def test_rank_probability_has_a_closed_form_for_two_dimensions():
    """With weights (w, 1-w), w uniform: case 0 scores w, case 1 scores a constant c; P(w < c) = c."""
    ranks = rank_robustness(coding([[1, 0], [0.3, 0.3]]), draws=100_000, seed=1)
    assert ranks.loc["case 0", 1] == pytest.approx(0.3, abs=0.01)


def test_who_ranks_highest_has_a_closed_form_where_one_dimension_alone_speaks_against():
    """Dirichlet(1) weights are exponentials over their sum: P(a E0 > sum of b_i E_i) = product of a/(a + b_i)."""
    scores = tables.read("governance").rename(columns={"value": "score"})
    wide = scores.pivot(index="dimension", columns="case", values="score")
    lead = wide["yokohama"] - wide["uk-commissioner-led"]
    against = -lead[lead < 0].iloc[0]
    assert (lead < 0).sum() == 1
    exact = np.prod(against / (against + lead[lead > 0]))
    ranks = rank_robustness(scores, draws=200_000, seed=5)
    assert 1 - ranks.loc["yokohama", 4] == pytest.approx(exact, abs=0.003)


@given(tables_of_scores)
def test_ranks_are_distributions_over_cases_and_ranks(scores):
    ranks = rank_robustness(coding(scores), draws=50)
    np.testing.assert_allclose(ranks.sum(axis=0), 1)
    np.testing.assert_allclose(ranks.sum(axis=1), 1)


def test_same_seed_same_ranks():
    scores = tables.read("governance").rename(columns={"value": "score"})
    pd.testing.assert_frame_equal(rank_robustness(scores, seed=3), rank_robustness(scores, seed=3))


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_published_alphas(level, alpha):
    assert agreement(KRIPPENDORFF, level) == pytest.approx(alpha, abs=5e-4)


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=12).filter(lambda units: len(set(units)) > 1), st.integers(2, 5)
)
def test_identical_coders_agree(units, coders):
    assert agreement([units] * coders) == pytest.approx(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: index(coding([[2.0, 0]])), "score holds 2"),
        (lambda: index(coding([[0.5, 0]]), {"dim 0": 1}), r"missing \['dim 1'\]"),
        (lambda: index(coding([[0.5, 0]]), {"dim 0": 0, "dim 1": 0}), "not all 0"),
        (lambda: index(coding([[0.5, 0]]), {"dim 0": -1, "dim 1": 2}), "at least 0"),
        (lambda: index(coding([[0.5, 0], [1, 1]]).iloc[:-1]), "no score for case 1/dim 1"),
        (lambda: index(pd.concat([coding([[0.5]])] * 2)), r"scores \('case 0', 'dim 0'\) twice"),
        (lambda: index(coding([[0.5]]).drop(columns="score")), r"lacks the columns \['score'\]"),
        (lambda: rank_robustness(coding([[0.5]]), draws=0), "draws is 0"),
        (lambda: agreement([[1, 2, 3]]), "at least two"),
        (lambda: agreement([[1, 1], [1, 1]]), "nothing varies"),
        (lambda: agreement([[1, NAN], [NAN, 1]]), "no unit that two coders coded"),
        (lambda: agreement([[1, np.inf], [1, 2]]), "codings holds inf"),
        (lambda: rank_robustness(coding([[0.5]]), seed=None), "seed is None"),
        (lambda: agreement([[1, 2], [1, 2]], "cardinal"), "nominal, ordinal, interval, ratio"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
