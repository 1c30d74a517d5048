"""The rate cards in print: whole, in order, and the same as in the case files."""

import pytest

import sibmodels as sib
from sibmodels import casefile, cases, tables

PRICES = tables.read("prices")
CARDS = list(dict.fromkeys(PRICES["card"]))


@pytest.mark.parametrize("card", CARDS)
def test_a_line_stands_below_what_it_comes_after(card):
    lines = PRICES[PRICES["card"] == card]["line"].tolist()
    for row in PRICES[PRICES["card"] == card].itertuples():
        assert not row.after or lines.index(row.after) < lines.index(row.line), row.line


def test_no_more_reach_a_line_than_the_one_before_it_or_a_note_says_so():
    reached = PRICES.set_index(["card", "line"])["reached"]
    after = PRICES[(PRICES["after"] != "") & PRICES["reached"].notna()]
    odd = after[[row.reached > reached[row.card, row.after] for row in after.itertuples()]]
    assert len(odd) == 3
    assert (odd["note"] != "").all()
    assert (PRICES["reached"].dropna() <= PRICES["people"].dropna()).all()


@pytest.mark.parametrize(
    ("card", "name"), [("Fair Chance Fund", "fair-chance"), ("Innovation Fund, round 1", "innovation-fund")]
)
def test_the_case_files_have_the_same_prices(card, name):
    (outcome,) = [one for one in casefile.raw(casefile.example(name))["outcome"] if "card" in one]
    assert [line["price"] for line in outcome["card"]] == PRICES[PRICES["card"] == card]["value"].tolist()


def test_what_is_counted_twice_agrees():
    assert set(PRICES.loc[PRICES["card"] == "Fair Chance Fund", "people"]) == {cases.fact("uk", "fcf_people")}
    sums = PRICES.groupby("card")["value"].sum()
    for card, cap in (("Innovation Fund, round 1", "if_cap_1"), ("Innovation Fund, round 2", "if_cap_2")):
        assert cases.fact("uk", cap) < sums[card]
    # the year in a home, and what London's minister counts as avoided, by hand
    fund = PRICES[PRICES["card"] == "Fair Chance Fund"].set_index("line")
    paid = sib.price_to_reach(fund["value"].to_dict(), fund["after"].to_dict())
    assert paid["home 12 months"] == 500 + 3 * 1500
    assert paid["job 26 weeks"] == 500 + 4500 + 3500
