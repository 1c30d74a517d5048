"""Published results: what must match does, and what is printed as a mismatch is one."""

import pytest

from sibmodels import replay, tables

RESULTS = replay()


@pytest.mark.parametrize("result", RESULTS.index)
def test_matches_where_its_tier_says_so(result):
    row = RESULTS.loc[result]
    assert row["matches"] == (row["tier"] != "mismatch"), row.to_dict()


def test_a_wrong_published_figure_would_not_match():
    rows = tables.read("published_results").query("result == 'kobe-renal'")
    assert not replay(rows.assign(value=rows["value"] + 10_000))["matches"].item()


def test_a_new_case_is_one_row():
    row = tables.read("published_results").query("rule == 'rate_card'").iloc[[0]]
    row = row.assign(result="made up", performance=7, target=float("nan"), payment=100.0, value=700.0, precision=0.5)
    assert replay(row).loc["made up", "model"] == 700


def test_every_tier_is_there():
    assert set(RESULTS["tier"]) == {"independent", "identity", "inferred", "mismatch"}


def test_independent_is_no_flattering_word():
    """A division of numbers printed together proves only arithmetic, and a fitted rule hardly more."""
    rows = tables.read("published_results").set_index("result")
    division = rows["rule"].isin(["sroi", "ratio", "reduction"])
    assert (rows["tier"] == "identity").equals(division)
    fitted = rows["note"].str.contains("because it fits|general knowledge") | (rows["rule"] == "contract")
    assert set(rows.loc[fitted, "tier"]) == {"inferred"}
