"""Published results: what must match does, and what is printed as a mismatch is one."""

import pytest

from sibmodels import replay, tables
from sibmodels.replays import RULES

RESULTS = replay()


@pytest.mark.parametrize("result", RESULTS.index)
def test_matches_where_its_tier_says_so(result):
    row = RESULTS.loc[result]
    assert row["matches"] == (row["tier"] != "mismatch"), row.to_dict()


def test_a_wrong_published_figure_would_not_match():
    rows = tables.read("published_results").query("result == 'kobe-renal'")
    assert not replay(rows.assign(value=rows["value"] + 10_000))["matches"].item()


def test_a_new_case_is_one_row():
    row = tables.read("published_results").query("rule == 'rate card'").iloc[[0]]
    row = row.assign(result="made up", performance=7, target=float("nan"), payment=100.0, value=700.0, precision=0.5)
    assert replay(row).loc["made up", "model"] == 700


def test_every_tier_is_there():
    assert set(RESULTS["tier"]) == {"independent", "trivial", "identity", "inferred", "mismatch"}


def test_independent_is_no_flattering_word():
    """Arithmetic on numbers printed together proves only arithmetic, and a fitted rule hardly more."""
    rows = tables.read("published_results").set_index("result")
    arithmetic = rows["rule"].isin(["sroi", "ratio", "reduction", "difference"])
    assert set(rows.loc[arithmetic, "tier"]) == {"identity"}
    assert set(rows.loc[rows["tier"] == "identity", "rule"]) == set(rows.loc[arithmetic, "rule"]) | {"guarantee"}
    fitted = rows["note"].str.contains(r"fits|general knowledge|is assumed") | (rows["rule"] == "contract")
    assert set(rows.loc[fitted, "tier"]) == {"inferred"}
    nothing = rows["note"].str.contains("entered as 0")
    assert set(rows.loc[nothing, "tier"]) == {"trivial"}


def test_nothing_for_nothing_is_computed():
    """The trivial rows would be paid for the smallest effect that earns anything."""
    rows = tables.read("published_results").query("tier == 'trivial'")
    assert (replay(rows)["model"] == 0).all()
    earned = rows.assign(performance=rows["target"].fillna(0.001))
    assert (replay(earned)["model"] == rows.set_index("result")["payment"]).all()


@pytest.mark.parametrize("result", RESULTS.index[RESULTS.index.str.endswith(("-return", "-drawn", "-irr", "-own"))])
def test_each_rate_of_return_solves_its_equation(result):
    """What went out, compounded at the computed rate, is what came back."""
    rows = tables.read("published_results")
    row = rows[rows["result"] == result].iloc[0]
    rate = RULES[row["rule"]](row)
    match row["rule"]:
        case "return":
            assert row["payment"] * (1 + rate) ** row["target"] == pytest.approx(row["performance"])
        case "drawn_return":
            years = int(row["target"])
            grown = sum(row["payment"] / years * (1 + rate) ** year for year in range(1, years + 1))
            assert grown == pytest.approx(row["performance"])
        case "coupon_irr":
            owed = 1.0
            for _ in range(9):
                owed = owed * (1 + rate / 2) - row["performance"] / 2
            assert owed == pytest.approx(1 + row["payment"])


def test_a_coupon_without_a_premium_is_its_own_return():
    rows = tables.read("published_results").query("rule in ['coupon_irr', 'coupon_sum']")
    assert (replay(rows.assign(payment=0.0, value=0.0343))["matches"]).all()


def test_lines_and_steps_agree_at_the_printed_points_and_nowhere_between():
    rows = tables.read("published_results").query("rule in ['linear', 'step']").iloc[:2]
    assert replay(rows.assign(performance=0.65))["model"].tolist() == [0.12, 0.12]
    assert replay(rows.assign(performance=0.64))["model"].is_unique
