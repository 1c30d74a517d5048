"""The payer's case: what outcomes are worth, to whom and when, beside what is paid for them."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest

from sibmodels import casefile, cases, reports
from sibmodels.casefile.savings import horizon, units
from sibmodels.reports import payers, workbook
from sibmodels.value import discount_factors, sroi
from tests.casefiles import HARBOUR

SAVINGS = """
[payer]
discount = 0.05

[[saving]]
name = "benefits"
of = "in work"
to = "Ministry"
amount = { value = 4000, low = 2500, high = 6000 }
kind = "cashable"
after = 6
lasts = 3
drop_off = 0.3
attribution = 0.2

[[saving]]
name = "tax on wages"
of = "qualified"
to = "Ministry"
amount = 900
lasts = 2
deadweight = 0.5

[[saving]]
name = "a better life"
of = "wellbeing"
to = "Participants"
amount = 500
kind = "social"
deadweight = 0.4
"""
CASE = casefile.loads(HARBOUR + SAVINGS)
DATED = {
    name: case
    for name in [*casefile.contracts(), *cases.names()]
    if (case := casefile.example(name)).paid and case.has_calendar
} | {"harbour": CASE}


def one_saving(of: str, to: str) -> str:
    return f'\n[[saving]]\nname = "s"\nof = "{of}"\nto = "{to}"\namount = 1\n'


def without(text: str, *lines: str) -> casefile.CaseFile:
    for line in lines:
        assert line in text
        text = text.replace(line, "")
    return casefile.loads(text)


# what outcomes are worth


def test_a_saving_by_hand():
    """26 more in work than without it: at the two dates on which they are measured, half of them each."""
    (first, *_) = units(CASE, CASE.saving[0], CASE.performance())
    assert first.reached.tolist() == [70]
    assert first.anyway == pytest.approx(44)
    table = reports.worth_by_year(CASE).query("saving == 'benefits'").set_index("year")["value"]
    unit = 26 * 4000 * 0.8 / 2
    # from 2029-03 (a month of year 2) and from 2030-03 (a month of year 3)
    one = np.array([0, 1 / 12, 11 / 12 + 0.7 / 12, 0.7 * 11 / 12 + 0.49 / 12, 0.49 * 11 / 12])
    expected = unit * (np.append(one, 0) + np.append(0, one))
    assert table.to_numpy()[: len(expected)] == pytest.approx(expected)
    assert table.index[0] == "2027-04"
    assert table.to_numpy()[len(expected) :].sum() == 0


def test_it_is_worth_what_sroi_says():
    """A saving that begins with a year is a line of a value map."""
    text = HARBOUR.replace('measured = ["2028-09", "2029-09"]', 'measured = ["2029-04"]')
    case = casefile.loads(text + SAVINGS.replace("after = 6\n", "deadweight = 0.25\n"))
    row = {"outcome": "in work", "stakeholder": "Ministry", "quantity": 70, "proxy": 4000, "duration": 3}
    row |= {"deadweight": 0.25, "displacement": 0, "attribution": 0.2, "drop_off": 0.3}
    expected = sroi(pd.DataFrame([row]), 1, 0.05, first_year=2).present_value
    found = reports.worth_by_year(case).query("saving == 'benefits'")["present value"].sum()
    assert found == pytest.approx(expected)


def test_what_would_have_come_anyway_counts_once():
    """A baseline is the deadweight, unless the saving has its own; where neither is there, the file says so."""
    own = casefile.loads(HARBOUR + SAVINGS.replace("drop_off", "deadweight = 0.5\ndrop_off"))
    (one,) = units(own, own.saving[0], own.performance())
    assert one.anyway == 0
    assert not [gap for gap in CASE.gaps() if "deadweight" in gap]
    gap = [gap for gap in without(HARBOUR + SAVINGS, "deadweight = 0.4\n").gaps() if "deadweight" in gap]
    assert gap
    assert "a better life" in gap[0]


def test_optimism_and_the_shares_multiply():
    plain = reports.worth_by_year(CASE)["value"].sum()
    less = casefile.loads(HARBOUR + SAVINGS.replace("discount = 0.05", "discount = 0.05\noptimism = 0.25"))
    assert reports.worth_by_year(less)["value"].sum() == pytest.approx(0.75 * plain)
    lost = casefile.loads(HARBOUR + SAVINGS.replace("attribution = 0.2", "attribution = 0.2\ndisplacement = 0.5"))
    before, after = (reports.worth_by_year(one).groupby("saving")["value"].sum() for one in (CASE, lost))
    assert after["benefits"] == pytest.approx(before["benefits"] / 2)
    assert after["tax on wages"] == pytest.approx(before["tax on wages"])


def test_a_fall_is_counted_in_events():
    """Reconvictions that did not happen: of each cohort, people times what the two groups differ by."""
    text = (
        casefile.published("peterborough")
        + '\n[[saving]]\nname = "court"\nof = "reconvictions"\nto = "MoJ"\namount = 1\n'
    )
    case = casefile.loads(text)
    found = [float(one.reached[0]) for one in units(case, case.saving[0], case.performance())]
    assert found == pytest.approx([936 * 0.13, 866 * 0.15], rel=0.01)  # falls are rounded to a thousandth


def test_a_line_of_a_rate_card_is_counted_by_people():
    text = (
        casefile.published("fair-chance")
        + '\n[[saving]]\nname = "rough sleeping"\nof = "12 months"\nto = "City"\namount = 1\n'
    )
    case = casefile.loads(text)
    (one,) = units(case, case.saving[0], case.performance())
    assert one.reached[0] == pytest.approx(106)
    (half,) = units(case, case.saving[0], {"rate card": case.performance()["rate card"] / 2})
    assert half.reached[0] == pytest.approx(53)


def test_nothing_is_worth_more_than_is_served():
    """Where the money is used up, those who are not served are worth nothing either."""
    short = casefile.loads((HARBOUR + SAVINGS).replace("amount = 300000", "amount = 60000"))
    flows = short.settled(short.performance())
    share = float(casefile.model.served(flows, short.costs())[0])
    assert 0 < share < 1
    assert reports.worth_by_year(short)["value"].sum() == pytest.approx(
        share * reports.worth_by_year(CASE)["value"].sum()
    )


# discounting


def test_both_sides_are_discounted_alike():
    flat = casefile.loads(HARBOUR + SAVINGS.replace("0.05", "0"))
    table = reports.worth(flat)
    assert table["paid"].iloc[-1] == pytest.approx(-flat.flows()["payer"].sum())
    assert table["value"].iloc[-1] == pytest.approx(reports.worth_by_year(flat)["value"].sum())
    factors = discount_factors(horizon(CASE) - 1, 0.05).to_numpy()
    yearly = reports.exposure(CASE)["expected"].to_numpy()
    assert reports.worth(CASE)["paid"].iloc[-1] == pytest.approx(yearly @ factors[: len(yearly)])


def test_without_a_rate_it_is_the_green_books():
    book = without(HARBOUR + SAVINGS, "discount = 0.05\n")
    given = casefile.loads(HARBOUR + SAVINGS.replace("0.05", "0.035"))
    assert reports.worth_by_year(book)["present value"].to_numpy() == pytest.approx(
        reports.worth_by_year(given)["present value"].to_numpy()
    )
    assert "Green Book" in payers.part(book, reports.draws(book, 500))[1][0]


# who pays, by year


@pytest.mark.parametrize("name", DATED)
def test_what_payers_pay_by_year_is_what_flows_out(name):
    case = DATED[name]
    drawn = reports.draws(case, 400)
    by_payer = payers._paid_by_year(case, drawn).sum(axis=2).sum(axis=0)
    paid = drawn["total_payment"] if not reports.tables.flowing(case) else -_out(case, drawn)
    assert by_payer == pytest.approx(np.asarray(paid), rel=1e-6, abs=1e-3)
    yearly = reports.exposure(case, drawn)
    if "most" in yearly:
        assert (yearly["most"] >= yearly["95 % of draws below"] - 1e-6).all()
        assert (yearly["most"] >= yearly["expected"] - 1e-6).all()


def _out(case, drawn):
    return case.settled(drawn)["payer"].to_numpy().reshape(len(drawn), -1).sum(axis=1)


def test_shares_that_change_are_paid_as_of_their_date():
    """Ways to Wellness: the commissioning group pays 30 % of wellbeing for three years, and all of it for four."""
    case = DATED["ways-to-wellness"]
    whole = case.contract().earned(case.performance())
    paid = payers._earned_by(case, case.performance())[:, 0].sum(axis=1)
    found = dict(zip(payers._payers(case), paid, strict=True))
    assert found["Cabinet Office and Lottery"] == pytest.approx(0.7 * 3 / 7 * whole["wellbeing"])
    assert sum(found.values()) == pytest.approx(sum(whole.values()))


def test_the_most_of_a_year_counts_what_stands_instead_once():
    table = reports.exposure(DATED["peterborough"], reports.draws(DATED["peterborough"], 200))
    assert table["most"].to_dict()["2016-09"] == pytest.approx(5_700_000)


@pytest.mark.parametrize("name", DATED)
def test_a_transfer_is_there_once(name):
    """What all bodies have is the value less what the service costs: payments cancel."""
    case = DATED[name]
    if not reports.tables.flowing(case):
        return
    table, factors = reports.bodies(case), payers._factors(case)
    flows = case.settled(case.performance())
    cost = payers._yearly(case, flows["provider"].to_numpy()[None, :])[0] @ factors
    assert table["money"].iloc[-1] == pytest.approx(-cost, rel=1e-9, abs=1e-6)
    assert table["net"].iloc[-1] == pytest.approx(table["net"].iloc[:-1].sum())
    if case.saving:
        assert table["net"].iloc[-1] == pytest.approx(reports.worth_by_year(case)["present value"].sum() - cost)


# break-even


def test_a_break_even_put_back_leaves_nothing():
    table = reports.break_even(CASE)
    for number, (name, row) in enumerate(table.iterrows(), start=1):
        changed = CASE.replace(f"saving.{number}.amount", row["must be worth"])
        assert reports.by_result(changed).loc["as expected", "net"] == pytest.approx(0, abs=1e-6), name


def test_what_others_suffice_for_needs_nothing():
    rich = CASE.replace("saving.1.amount", 1e6)
    assert reports.break_even(rich)["must be worth"].tolist()[1:] == [0, 0]


def test_results_at_which_it_is_worth_it():
    table = reports.by_result(CASE)
    assert table.loc["as expected", "net"] == pytest.approx(reports.worth(CASE)["net"].iloc[-1])
    assert (table["value"].diff().dropna() >= 0).all()


# ranges


def test_the_range_is_the_files_own():
    """What is expected lies between the ends; twice the amount is twice the range, and a range of its own widens it."""
    table = reports.worth(CASE)
    assert table.index.tolist() == ["cashable", "with non-cashable", "with social"]
    assert (table["low"] <= table["value for each 1 paid"]).all()
    assert (table["value for each 1 paid"] <= table["high"]).all()
    doubled = reports.worth(CASE.replace("saving.1.amount", 4000))  # no range
    twice = reports.worth(CASE.replace("saving.1.amount", 8000))
    assert twice.loc["cashable", ["low", "high"]].to_numpy(float) == pytest.approx(
        2 * doubled.loc["cashable", ["low", "high"]].to_numpy(float)
    )
    assert doubled.loc["cashable", "high"] < table.loc["cashable", "high"]


def test_a_triangle_has_its_own_mean():
    figure, rng = CASE.saving[0].amount, np.random.default_rng(1)
    assert payers._drawn(figure, rng, 200_000).mean() == pytest.approx((2500 + 4000 + 6000) / 3, rel=0.002)


def test_what_moves_it_most_comes_first():
    table = reports.switches(CASE)
    assert {"saving.1.amount", "outcome.1.expected", "outcome.1.baseline"} <= set(table.index)
    assert table["swing"].is_monotonic_decreasing
    for key, row in table.iterrows():
        assert payers._net(CASE.replace(key, row["low"])) == pytest.approx(row["result_low"])


# the file


def test_it_is_read_back_from_text_and_from_a_workbook(tmp_path):
    assert casefile.loads(casefile.dumps(CASE)) == CASE
    workbook.write(CASE, tmp_path / "case.xlsx")
    assert casefile.read(tmp_path / "case.xlsx") == CASE


def test_the_report_and_the_notebook_have_it():
    page = reports.html(CASE, pictures=False)
    assert "The payer's case" in page.replace("&#x27;", "'")
    assert "benefits" in page
    cells = "".join(cell["source"] for cell in reports.notebook(CASE)["cells"])
    assert "reports.worth(case, drawn)" in cells
    assert "reports.worth(" not in "".join(cell["source"] for cell in reports.notebook(DATED["kobe"])["cells"])
    row = reports.term_sheet(CASE).set_index("term")["value"]["Worth: benefits"]
    assert "GBP 4,000 (assumed: 2,500 to 6,000) a year for each of “in work”, to Ministry, cashable" in row


def test_a_file_without_savings_has_its_exposure():
    heading, said, tables, charts = payers.part(DATED["kobe"], reports.draws(DATED["kobe"], 500))
    assert heading == "The payer's case"
    assert "cannot be said" in said[0]
    assert len(tables) == 1
    assert not charts
    assert tables[0][0]["expected"].sum() == pytest.approx(DATED["kobe"].payments().sum())


@pytest.mark.parametrize(
    ("more", "key", "says"),
    [
        ('of = "rate card"\nto = "City"', "saving.1.of", "'12 months'"),
        ('of = "job"\nto = "guarantor"', "saving.1.to", "party"),
        ('of = "job"\nto = "dclg"', "saving.1.to", "alike"),
    ],
)
def test_a_saving_of_a_card(more, key, says):
    text = casefile.published("fair-chance") + f'\n[[saving]]\nname = "s"\namount = 1\n{more}\n'
    with pytest.raises(casefile.CaseFileError) as error:
        casefile.loads(text)
    assert [one.key for one in error.value.problems] == [key]
    assert says in str(error.value)


def test_a_saving_of_what_happens_anyway():
    text = (
        casefile.published("aspire-adelaide")
        + '\n[[saving]]\nname = "s"\namount = 1\nof = "standing charge"\nto = "SA"\n'
    )
    with pytest.raises(casefile.CaseFileError, match="whatever happens"):
        casefile.loads(text)


def test_a_saving_needs_dates_and_money():
    text = casefile.dumps(casefile.example("uk-commissioner-led")) + one_saving("demand", "NHS")
    with pytest.raises(casefile.CaseFileError) as error:
        casefile.loads(text)
    assert {one.key for one in error.value.problems} == {"timing.start", "timing.end", "contract.maximum"}


def test_years_end_where_the_last_value_does():
    assert horizon(CASE) == math.ceil((29 + 6 + 36) / 12)
    longer = dataclasses.replace(CASE, saving=(dataclasses.replace(CASE.saving[0], lasts=casefile.Figure(1, 1, 30)),))
    assert horizon(longer) == math.ceil((29 + 6 + 360) / 12)
