"""Results as they come: what can be claimed, how it stands to the plan, and what is still to earn."""

import dataclasses
import datetime
import math

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodels import casefile, cases, cashflows, reports
from sibmodels.__main__ import main
from sibmodels.casefile import actuals
from sibmodels.casefile.sections import Actual, Figure
from sibmodels.reports import claiming
from tests import casefiles
from tests.casefiles import HARBOUR

CASE = casefile.loads(HARBOUR)
DATED = {
    name: case
    for name in [*casefile.contracts(), *cases.names()]
    if (case := casefile.example(name)).paid and case.has_calendar
} | {"harbour": CASE}
END = "2099-12"


def known(case, *rows, **more):
    """A case with results: outcome, month, result."""
    made = (Actual(of=of, on=on, result=Figure(result), **more) for of, on, result in rows)
    return dataclasses.replace(case, actual=tuple(made))


def by_period(case, on=END):
    table = claiming._claimed(case, on)
    found = np.zeros(len(case.periods()))
    np.add.at(found, [case._period(month) for month in table["month"]], table["claim"])
    return found


# a claim of the plan is the plan


@pytest.mark.parametrize("name", DATED)
def test_results_as_planned_earn_what_was_planned(name):
    case = DATED[name]
    came = dataclasses.replace(case, actual=actuals.planned(case))
    assert not list(actuals.amiss(came))
    assert by_period(came) == pytest.approx(case.payments(), rel=1e-9, abs=1e-3)
    assert reports.claims_by_date(came, END)["difference"].to_numpy() == pytest.approx(0, abs=1e-3)
    assert actuals.learned(came, END) == pytest.approx(actuals.learned(case, END))
    left = reports.to_come(came, END).iloc[-1]
    assert left["still planned"] == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("name", DATED)
def test_before_any_result_all_is_still_to_come(name):
    case = dataclasses.replace(DATED[name], actual=())
    table = reports.to_come(case, "1990-01").iloc[-1]
    assert table["earned"] == 0
    assert table["still planned"] == pytest.approx(case.payments().sum())
    assert table["expected now"] == pytest.approx(case.payments().sum())
    assert table["at most"] == pytest.approx(case.most_paid(), rel=1e-6) or math.isinf(case.most_paid())


@pytest.mark.parametrize("name", DATED)
def test_payers_claims_add_up(name):
    came = dataclasses.replace(DATED[name], actual=actuals.planned(DATED[name]))
    table = reports.claim(came, END)
    assert table["in all"].iloc[:-1].sum() == pytest.approx(table["in all"].iloc[-1])
    assert table["in all"].iloc[-1] == pytest.approx(DATED[name].payments().sum())
    assert (table["claimed before"] + table["claim now"]).to_numpy() == pytest.approx(table["in all"].to_numpy())


def results_of(case, draw):
    """Results that may come of a plan: of each outcome on each of its dates."""
    rows = []
    for row in actuals.planned(case):
        one = next(one for one in case.outcome if one.name == row.of)
        whole = 1.0 if one.unit == "share" else case.people_of(one) / 6
        rows.append(dataclasses.replace(row, result=Figure(draw(st.floats(0, 1)) * whole)))
    return tuple(rows)


@settings(max_examples=25, deadline=None)
@given(casefiles.cases, st.data())
def test_claims_add_up_to_the_final_payment(case, data):
    if not case.paid or any(value < 0 for one in case.paid for _, value in one.points):
        return
    came = dataclasses.replace(case, actual=results_of(case, data.draw))
    whole = claiming._claimed(came, END)["claim"].sum()
    months = sorted({*(row.on for row in came.actual), case.timing.end})
    claimed = [claiming._claimed(came, month)["claim"].sum() for month in months]
    assert np.diff(claimed).min(initial=0) >= -1e-6 * (1 + abs(whole))  # nothing is taken back
    table = reports.claims_by_date(came, END)
    assert table["claim"].sum() == pytest.approx(whole)
    assert claimed[-1] == pytest.approx(whole)
    if case.terms.cap is not None:
        assert whole <= case.terms.cap.value + 1e-6
    # what comes later changes no claim
    for month, sum_ in zip(months, claimed, strict=True):
        early = dataclasses.replace(came, actual=tuple(row for row in came.actual if row.on <= month))
        assert claiming._claimed(early, month)["claim"].sum() == pytest.approx(sum_)


# published, and by hand


def test_kobe_was_paid_what_its_results_claim():
    """Results and payments in print: 26.2 million in October 2018, 3.23 million at the end."""
    results = cases.table("results", "kobe").set_index("outcome")["value"].astype(float)
    facts = cases.table("facts", "kobe").set_index("key")["value"]
    kobe = casefile.example("kobe")
    rows = [(one.name, one.measured[0], results[one.name]) for one in kobe.outcome]
    table = reports.claims_by_date(known(kobe, *rows))
    assert table["claim"].round(-4).tolist() == [float(facts["interim_payment"]), float(facts["paid_renal"])]
    assert table["claimed in all"].iloc[-1] == pytest.approx(float(facts["paid_total"]), rel=2e-4)


def test_peterborough_as_it_came():
    """Falls of 8.4 % and 9.7 % against the matched men: neither cohort reached 10 %, together they passed 7.5 %."""
    case = DATED["peterborough"]
    rows = [("cohort 1", "2014-09", 1.42), ("cohort 2", "2016-09", 1.4)]
    came = [
        Actual(of="reconvictions", on=on, group=group, result=Figure(result), comparison=Figure(1.55))
        for group, on, result in rows
    ]
    case = dataclasses.replace(case, actual=tuple(came))
    table = reports.results(case, END)
    assert table["result"].tolist() == pytest.approx([0.084, 0.097, 0.09], abs=1e-3)
    assert table["earned"].tolist() == [0, 0, 5_700_000]
    assert reports.claim(case, "2016-09").iloc[-1]["in all"] == 0  # all cohorts are counted at the end
    better = dataclasses.replace(came[0], result=Figure(1.39))  # 10.3 %: its cohort pays, and all of them the rest
    case = dataclasses.replace(case, actual=(better, came[1]))
    assert reports.results(case, END)["earned"].tolist() == [2_500_000, 0, 3_200_000]


def test_a_cohort_that_has_no_result_keeps_all_of_them_open():
    case = DATED["peterborough"]
    row = Actual(of="reconvictions", on="2014-09", group="cohort 1", result=Figure(1.3), comparison=Figure(1.55))
    case = dataclasses.replace(case, actual=(row,))
    assert math.isnan(reports.results(case, END)["earned"].iloc[-1])
    assert any("without a result" in said and "all cohorts" in said for said in reports.statement(case, END))


def test_a_rate_card_is_claimed_as_it_comes_up_to_its_cap():
    """1,500 for each qualification, at most 120,000, in whatever month."""
    rows = [("qualified", month, count) for month, count in (("2027-09", 30), ("2028-03", 40), ("2028-06", 20))]
    table = reports.results(known(CASE, *rows)).loc["qualified"].set_index("month")
    assert table["earned"].to_dict() == {"2027-09": 45_000, "2028-03": 60_000, "2028-06": 15_000}
    left = reports.to_come(known(CASE, *rows[:2])).loc["qualified"]
    assert left["at most"] == 15_000


def test_each_date_earns_its_part():
    """In work: half of the payment on each of two dates, in proportion to 40 %, nothing below 15 %."""
    table = reports.results(known(CASE, ("in work", "2028-09", 0.3), ("in work", "2029-09", 0.1)))
    assert table.loc["in work", "earned"].tolist() == pytest.approx([300_000 / 2 * 0.75, 0])


def test_the_cap_of_the_contract_is_used_up_in_time():
    """Cap 480,000: 60,000 fixed, 300,000 and 120,000 by results, 80,000 for debt."""
    rows = [
        ("in work", "2028-09", 0.5),
        ("in work", "2029-09", 0.5),
        ("qualified", "2028-03", 100),
        ("debt", "2030-03", 0.6),
    ]
    table = reports.claims_by_date(known(CASE, *rows))
    assert table["claim"].to_dict() == {"2027-04": 60_000, "2028-03": 120_000, "2028-09": 150_000, "2029-03": 0} | {
        "2029-09": 150_000,
        "2030-03": 0,
    }


def test_a_year_cap_is_used_up_within_its_year():
    case = casefile.loads(HARBOUR.replace("cap = 480000", "year_cap = 150000"))
    rows = [("in work", "2028-09", 0.5), ("qualified", "2028-06", 50), ("qualified", "2029-01", 30)]
    table = reports.claims_by_date(known(case, *rows))["claim"]
    assert table.to_dict() | {"2028-06": 75_000, "2028-09": 75_000, "2029-01": 0} == table.to_dict()


def test_people_measured_are_the_weights_of_groups():
    """Where groups are paid as one, each counts by those who were measured."""
    text = HARBOUR + "".join(f'\n[[group]]\nname = "{name}"\npeople = 100\n' for name in "ab")
    case = casefile.loads(text)
    rows = [
        Actual(of="debt", on="2030-03", group=name, result=Figure(result), people=Figure(people))
        for name, result, people in (("a", 0.6, 90.0), ("b", 0.3, 30.0))
    ]
    table = reports.results(dataclasses.replace(case, actual=tuple(rows)))
    assert table.loc["debt", "result"] == pytest.approx((90 * 0.6 + 30 * 0.3) / 120)


def test_what_was_paid_leaves_the_rest_open():
    came = known(CASE, ("in work", "2028-09", 0.3), paid=Figure(100_000))
    assert reports.claims_by_date(came)["paid"].sum() == 100_000
    assert any("100,000 was paid" in said and "open" in said for said in reports.statement(came))


# what is expected now


def test_results_are_learned_from_by_people():
    """(s m + n r) / (s + n): the plan as sure as of 10 people, and 100 measured (half of 200, on one of two dates)."""
    came = known(CASE, ("in work", "2028-09", 0.5))
    assert actuals.learned(came, "2028-09")["in work"] == pytest.approx((10 * 0.35 + 100 * 0.5) / 110)
    all_ = known(CASE, ("in work", "2028-09", 0.5), people=Figure(180))
    assert actuals.learned(all_, "2028-09")["in work"] == pytest.approx((10 * 0.35 + 180 * 0.5) / 190)
    count = known(CASE, ("qualified", "2028-03", 40))  # of the 100 who count by then
    assert actuals.learned(count, "2028-03")["qualified"] == pytest.approx(200 * (10 * 0.3 + 40) / 110)


def test_what_is_needed_put_back_makes_up_for_the_plan():
    came = known(CASE, ("in work", "2028-09", 0.3))
    needed = reports.to_come(came).loc["in work", "still needed"]
    assert needed == pytest.approx(0.4)  # 262,500 planned, 112,500 earned: the whole of the second half
    rows = [("in work", "2028-09", 0.3), ("in work", "2029-09", needed)]
    assert reports.results(known(CASE, *rows)).loc["in work", "earned"].sum() == pytest.approx(262_500)
    worse = known(CASE, ("in work", "2028-09", 0.25))
    assert math.isnan(reports.to_come(worse).loc["in work", "still needed"])
    cards = known(CASE, ("qualified", "2028-03", 20))
    assert reports.to_come(cards).loc["qualified", "still needed"] == pytest.approx(40)


def test_the_payment_that_is_needed_gives_the_wanted_return():
    case = casefile.loads(HARBOUR.replace("fee = 10000", "fee = 10000\nwanted = 0.15"))
    came = known(case, ("in work", "2028-09", 0.3), ("qualified", "2028-03", 25))
    needed, got = reports.needed_payment(came)
    assert 0 < needed < reports.to_come(came).iloc[-1]["at most"]
    assert got < 0.15
    table = claiming._claimed(came, "2028-09")
    left = claiming._left(came, table, "2028-09")
    so_far, most = (claiming._by_period(came, table, left, which) for which in ("", "top"))
    due = so_far + (most - so_far) * needed / (most - so_far).sum()
    fields = {one.name: getattr(came, one.name) for one in dataclasses.fields(casefile.CaseFile)}
    flows = claiming._Running(**fields, due=tuple(due)).flows()
    rate = cashflows.annualise(cashflows.irr(flows["investor"].to_numpy()), 4)
    assert rate == pytest.approx(0.15, abs=1e-6)


def test_payments_as_planned_give_the_return_as_planned():
    case = casefile.loads(HARBOUR.replace("fee = 10000", "fee = 10000\nwanted = 0.05"))
    got = reports.needed_payment(case, "1990-01")[1]
    assert got == pytest.approx(reports.scenarios(case)["return a year"]["as expected"])
    hopeless = known(case, ("in work", "2028-09", 0.0), ("in work", "2029-09", 0.0), ("qualified", "2028-03", 0))
    assert math.isnan(reports.needed_payment(hopeless, "2030-03")[0])
    assert any("no longer be reached" in said for said in reports.statement(hopeless, "2030-03"))


# a table of results


def test_the_blank_table_filled_in_is_the_plan(tmp_path):
    lines = casefile.blank(CASE).splitlines()
    planned = {(row.of, row.on): row.result.value for row in actuals.planned(CASE)}
    filled = [lines[0]]
    for line in lines[1:]:
        of, on, *rest = line.split(",")
        filled.append(",".join([of, on, repr(planned[of, on]), *rest[1:]]))
    for separator, encoding in ((",", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16")):
        path = tmp_path / "results.csv"
        path.write_text("\n".join(filled).replace(",", separator), encoding=encoding)
        assert sorted(casefile.with_results(CASE, path).actual, key=repr) == sorted(actuals.planned(CASE), key=repr)


def test_a_workbook_of_results(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ("Outcome", "Month", "Result", "People", "Note"),
        ("in work", datetime.date(2028, 9, 30), 0.3, 150, "by phone"),
        (None, None, None, None, None),
        ("qualified", "2028-03", 12, None, None),
    ):
        book.active.append(row)
    book.save(tmp_path / "results.xlsx")
    found = casefile.with_results(CASE, tmp_path / "results.xlsx").actual
    assert [(row.of, row.on, row.result.value) for row in found] == [
        ("in work", "2028-09", 0.3),
        ("qualified", "2028-03", 12),
    ]
    assert found[0].people.value == 150


BAD = {
    "in work,Oct 2028,0.3": ("row 2", "month", "2028-10"),
    "in work,2028-09,30 %": ("row 2", "result", "0.3"),
    "in work,2028-09,30": ("row 2", "result", "0.3"),
    'in work,2028-09,"0,3"': ("row 2", "result", "0.3"),
    "in work,2028-09,": ("row 2", "result", "is missing"),
    "in wrok,2028-09,0.3": ("row 2", "outcome", "'in work'"),
    "in work,2026-09,0.3": ("row 2", "month", "2027-04 to 2030-03"),
    "in work,2028-10,0.3": ("row 2", "month", "2028-09, 2029-09"),
    "in work,2028-09,0.3\nin work,2028-09,0.4": ("row 3", "month", "row 2"),
    "qualified,2028-09,150\n\nqualified,2028-10,60": ("row 4", "result", "210 successes among 200"),
}


@pytest.mark.parametrize("rows", BAD)
def test_a_bad_table_is_said_with_row_and_column(rows, tmp_path):
    place, column, says = BAD[rows]
    (tmp_path / "r.csv").write_text(f"outcome,month,result\n{rows}\n", encoding="utf-8")
    with pytest.raises(casefile.CaseFileError) as error:
        casefile.with_results(CASE, tmp_path / "r.csv")
    (problem,) = error.value.problems
    assert (problem.place, problem.key) == (f"r.csv, {place}", column)
    assert says in str(problem)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "columns outcome"),
        ("outcome,month,results\n", "'result'"),
        ("outcome,month,result,wage\n", "allowed here"),
        ("result\n1\n", "outcome"),
        ("outcome,month,result\n" + "in work,2028-09,0.3\n" * 2100, "at most"),
        (b"outcome,month,result\n\xe9,2028-09,0.3\n", "UTF-8"),
        (b"PK\x03\x04 no workbook", "damaged"),
    ],
    ids=["empty", "near", "unknown", "missing", "long", "bytes", "zip"],
)
def test_a_table_that_is_none(text, says, tmp_path):
    (tmp_path / "r.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(casefile.CaseFileError, match=says):
        casefile.with_results(CASE, tmp_path / "r.csv")


def test_results_of_the_file_and_of_a_table_are_there_once(tmp_path):
    case = known(CASE, ("in work", "2028-09", 0.3))
    (tmp_path / "r.csv").write_text("outcome,month,result\nin work,2028-09,0.4\n", encoding="utf-8")
    with pytest.raises(
        casefile.CaseFileError, match="row 2: month: 'in work' has a result for 2028-09 already, number 1"
    ):
        casefile.with_results(case, tmp_path / "r.csv")


def test_what_a_group_or_a_comparison_needs():
    case = DATED["peterborough"]
    row = Actual(of="reconvictions", on="2014-09", result=Figure(1.3))
    says = {
        "group": dataclasses.replace(case, actual=(row,)),
        "comparison": dataclasses.replace(case, actual=(dataclasses.replace(row, group="cohort 1"),)),
        "of": dataclasses.replace(case, actual=(dataclasses.replace(row, of="all cohorts"),)),
    }
    for key, one in says.items():
        assert [path[-1] for path, _, _ in actuals.amiss(one)] == [key]


# the command, the report


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sibmodels.reports.page._drawer", lambda: None)  # charts are drawn elsewhere
    (tmp_path / "my.toml").write_text(HARBOUR, encoding="utf-8")
    (tmp_path / "r.csv").write_text(
        "outcome,month,result\nin work,2028-09,0.3\nqualified,2028-03,25\n", encoding="utf-8"
    )
    return tmp_path


def test_the_command_says_what_can_be_claimed(files, capsys):
    assert main(["claim", "my.toml", "--actuals", "r.csv", "--on", "2028-06"]) == 0
    said = capsys.readouterr().out
    assert "To 2028-06 the results earn GBP 97,500: GBP 37,500 can be claimed now, and GBP 60,000 could before." in said
    assert "Still to earn: GBP" in said
    assert "The claim of 2028-06, GBP." in said
    assert main(["report", "my.toml", "--actuals", "r.csv"]) == 0
    page = (files / "my-report.html").read_text(encoding="utf-8")
    assert "Results and claims" in page
    assert "To 2028-09 the results earn" in page
    assert main(["check", "my.toml", "--actuals", "r.csv"]) == 0
    assert "report my.toml --actuals r.csv" in capsys.readouterr().out


def test_the_command_without_results_gives_a_table_to_fill_in(files, capsys):
    assert main(["claim", "my.toml"]) == 3
    assert "--blank" in capsys.readouterr().err
    assert main(["claim", "my.toml", "--blank"]) == 0
    assert capsys.readouterr().out.startswith("outcome,month,result")
    (files / "none.toml").write_text(casefile.dumps(casefile.example("yokohama")), encoding="utf-8")
    assert main(["claim", "none.toml"]) == 3
    with pytest.raises(SystemExit):
        main(["claim", "my.toml", "--on", "June"])


def test_the_future_is_no_result(files, capsys, monkeypatch):
    monkeypatch.setattr(
        "sibmodels.__main__.datetime",
        type("", (), {"date": type("", (), {"today": lambda: datetime.date(2028, 5, 1)})}),
    )
    assert main(["claim", "my.toml", "--actuals", "r.csv"]) == 0
    assert "dated after this month: 1, up to 2028-09" in capsys.readouterr().out


def test_it_is_read_back():
    case = known(CASE, ("in work", "2028-09", 0.3), people=Figure(150), paid=Figure(5))
    assert casefile.loads(casefile.dumps(case)) == case


def test_a_bond_says_what_is_no_claim_by_results():
    case = dataclasses.replace(DATED["newpin"], actual=actuals.planned(DATED["newpin"]))
    assert any("tranche" in said for said in reports.statement(case, END))
