"""Reports: what they compute, against the modules that compute it, and what the page is made of."""

import html
import json
import re
import sys
from html import unescape

import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from nbclient import NotebookClient

import sibmodels as sib
from sibmodels import casefile, reports
from tests.casefiles import HARBOUR, RIVERSIDE
from tests.casefiles import cases as random_cases

CASES = {"harbour": casefile.loads(HARBOUR)} | {name: casefile.example(name) for name in sib.cases.names()}


@pytest.fixture(scope="module", params=list(CASES))
def case(request):
    return CASES[request.param]


@settings(max_examples=25)
@given(random_cases)
def test_investors_over_all_draws_are_what_cash_flows_says_of_each(case):
    if not case.paid:
        return
    drawn = reports.draws(case, draws=5)
    for _, row in drawn.iterrows():
        flows = case.flows(dict(row))
        scale = max(abs(flows).to_numpy().max(), 1)
        assert row["investor"] == pytest.approx(flows["investor"].sum(), abs=1e-9 * scale)
        assert row["guarantor"] == pytest.approx(flows["guarantor"].sum(), abs=1e-9 * scale)


@pytest.mark.parametrize("distribute", ["at the end", "as received"])
def test_draws_in_which_the_money_is_used_up_are_what_flows_says_of_each(distribute):
    text = HARBOUR.replace("amount = 300000", f'amount = 150000\ndistribute = "{distribute}"')
    case = casefile.loads(text)
    drawn = reports.draws(case, draws=60)
    short = drawn["share served"] < 1
    assert 0 < short.sum() < len(drawn)
    for _, row in drawn.iterrows():
        flows = case.flows(dict(row))
        assert row["investor"] == pytest.approx(flows["investor"].sum(), abs=1e-6)
        assert row["total_payment"] == pytest.approx(-flows["payer"].sum(), abs=1e-6)
        assert row["share served"] == pytest.approx(flows["provider"].sum() / case.costs(dict(row)).sum())
    assert drawn["investor"].min() >= -150_000
    table = reports.risk(case, drawn)
    payers = table[table.index.str.startswith("payer")]
    assert -payers["mean"].sum() == pytest.approx(drawn["total_payment"].mean())


def test_the_page_says_when_investors_are_paid_and_whether_their_money_suffices():
    said = [
        html.unescape(reports.html(casefile.loads(text), pictures=False)).replace("\u00a0", " ")
        for text in (
            HARBOUR,
            HARBOUR.replace("amount = 300000", 'amount = 150000\ndistribute = "as received"'),
        )
    ]
    assert 'investment.distribute is "at the end"' in said[0]
    assert "no more than the GBP 300,000 committed, which suffices in all five results" in said[0]
    assert "share served" not in said[0].lower()
    assert 'investment.distribute is "as received"' in said[1]
    assert "It does not suffice in two of the five results" in said[1]
    assert "of the results what investors commit does not suffice, and the service stops early" in said[1]


def test_what_is_paid_without_effect_stops_with_the_service():
    kobe = casefile.example("kobe")
    text = casefile.dumps(kobe).replace('schedule = "proportional"', 'schedule = "proportional"\nbaseline = 0.25', 2)
    short = casefile.loads(text.replace("amount = 31150000", "amount = 20000000"))
    assert all(one.baseline is not None for one in short.paid)
    page = html.unescape(reports.html(short, pictures=False)).replace("\u00a0", " ")
    # two of three periods of the service are met, 56 % of all costs: a quarter of that share succeeds
    met = 26.2e6 * 2 / 3 / 31.15e6
    paid = 7.86e6 * 0.25 * met * (1 / 0.8 + 1 / 0.75 + 1 / 0.8)
    assert f"JPY {paid:,.0f} would be paid all the same, though the service would stop for want of money" in page
    assert "Money for the whole service: investment.amount, 20000000, meets 56 % of the costs" in page
    nothing = casefile.loads(text.replace("amount = 31150000", "amount = 0"))
    page = html.unescape(reports.html(nothing, pictures=False)).replace("\u00a0", " ")
    assert "nobody is served" in page
    assert "it pays JPY 0;" in page
    assert "JPY -0" not in page


def test_scenarios_are_the_contract_s():
    case = CASES["harbour"]
    table = reports.scenarios(case)
    assert table.loc["as expected", "paid"] == case.contract().total(case.performance())
    low = {"in work": 0.2, "qualified": 30.0, "debt": 0.4}
    assert table.loc["low end of what is expected", "paid"] == pytest.approx(case.contract().total(low))
    assert table["paid"].is_monotonic_increasing
    gain = case.flows()["investor"].sum()
    assert table.loc["as expected", "investors gain"] == pytest.approx(gain)


def test_kobe_as_it_went_loses_what_the_book_says():
    case = CASES["kobe"]
    achieved = sib.cases.performance("kobe")
    paid = sib.cases.contract("kobe").total(achieved)
    assert case.flows(achieved)["investor"].sum() == pytest.approx(paid - case.costs().sum())


def test_shares_of_risk_sum_to_one_on_each_side_and_payers_pay_the_mean():
    case = CASES["harbour"]
    drawn = reports.draws(case)
    table = reports.risk(case, drawn)
    paying = table.index.str.startswith("payer")
    payers, others = table[paying], table[~paying]
    for side in (payers, others):
        assert side["share of its side's risk"].sum() == pytest.approx(1)
    assert -payers["mean"].sum() == pytest.approx(drawn["total_payment"].mean())


def test_evaluation_is_the_evaluation_module_s():
    row = reports.evaluated(CASES["harbour"]).loc["in work"]
    wrong, missed = sib.payment_errors(200, 0.22, 0.35 - 0.22, 0.4 - 0.22)
    assert (row["target met without effect"], row["target missed though it works"]) == (wrong, missed)
    assert row["smallest rise shown"] == sib.minimum_detectable_effect(150, 0.22)  # the smaller group


def test_what_is_paid_without_effect_is_what_the_contract_pays_at_the_baseline():
    case = casefile.loads(HARBOUR.replace("expected = 0.4", "expected = 0.4\nbaseline = 0.1"))
    table = reports.evaluated(case)["paid without effect"]
    at_baseline = {"in work": 0.22, "qualified": 0.05 * 200, "debt": 0.1}
    earned = case.contract().payments(at_baseline)["payment"]
    assert {name: table[name] for name in at_baseline} == pytest.approx(earned[list(at_baseline)].to_dict())
    assert np.isnan(table["wellbeing"])
    whole = case.contract().total(at_baseline)
    assert f"GBP {whole:,.0f} would be paid all the same, the fixed payment included" in brief(case)


def brief(case) -> str:
    page = reports.html(case, pictures=False).replace("\u00a0", " ")
    return html.unescape(page.partition("In brief</h2>")[2].partition("<h2")[0])


def test_in_brief_the_numbers_are_those_of_the_tables():
    case = CASES["harbour"]
    said, drawn, ends = brief(case), reports.draws(case), reports.scenarios(case)
    assert f"at most GBP {case.contract().max_payment:,.0f}" in said
    assert f"it pays GBP {ends.loc['as expected', 'paid']:,.0f}" in said
    assert f"simulated results, GBP {drawn['total_payment'].mean():,.0f}" in said
    assert f"in {100 * (drawn['investor'] < -0.005).mean():.0f} % of them they lose money" in said
    assert "“in work” and “qualified”, if everybody is served, would still earn GBP 180,000" in said
    assert "for “debt” the file has no baseline" in said
    assert "could well miss an effect as large as expected in “in work”" in said
    assert f"{len(case.assumptions())} of the figures are assumptions" in said
    assert "2 of them not the file's own" in said
    wants = brief(casefile.loads(HARBOUR.replace("guarantee = 20000", "wanted = 0.05")))
    assert "Investors want 5.0 % a year; as expected they get" in wants


def test_the_first_three_sentences_say_what_is_paid_who_loses_and_what_moves_it():
    case = CASES["harbour"]
    page = html.unescape(reports.html(case, pictures=False)).replace("\u00a0", " ")
    lead = re.findall(r'<p class="lead">(.*?)</p>', page)
    paid, gained, moved = lead
    drawn, years = reports.draws(case), -case.flows()["payer"]
    years = years.groupby(years.index.str[:4].to_numpy()).sum()
    assert f"from 2027 to 2030, most in {years.idxmax()} (GBP {years.max():,.0f})" in paid
    low, high = np.quantile(drawn["total_payment"], [0.05, 0.95])
    assert f"nine times in ten GBP {low:,.0f} to GBP {high:,.0f}" in paid
    low, high = np.quantile(drawn["investor"], [0.05, 0.95])
    assert f"what they gain is GBP {low:,.0f} to GBP {high:,.0f}" in gained
    least, loses, most = (
        int(number)
        for number in re.search(r"in (\d+) % of them they lose money \((\d+) % to (\d+) %", gained).group(2, 1, 3)
    )
    assert least <= loses <= most
    first = reports.sensitivity(case).iloc[0]
    assert f"“{first['label']}”: over its range, 20 % to 50 %, it comes to GBP {first['least']:,.0f}" in moved
    assert "size: A4" in page


@pytest.mark.parametrize("sureness", [0.5, 10, 300])
def test_a_bracket_never_excludes_its_own_figure(sureness):
    """The chance of a loss need not rise or fall all the way as expectations get surer."""
    text = HARBOUR.replace(", low = 0.2, high = 0.5", "").replace(", low = 0.15, high = 0.5", "")
    text += f"\n[uncertainty]\nsureness = {{ value = {sureness}, low = 0.1, high = 1000 }}\n"
    found = re.search(r"in (\d+) % of them they lose money \((\d+) % to (\d+) %", brief(casefile.loads(text)))
    loses, least, most = map(int, found.groups())
    assert least <= loses <= most


def test_the_payment_table_has_each_schedule_s_own_points():
    """A line from 79 to 87 % is nothing in steps of a tenth."""
    points = "points = [[0.79, 1745000], [0.87, 4880000]]\nfloor = 0.79"
    case = casefile.loads(HARBOUR.replace("points = [[0.1, -5000], [0.3, 20000], [0.6, 80000]]", points))
    table = reports.curves(case, own=True)
    debt = table[table["outcome"] == "debt"].round({"performance": 12}).set_index("performance")["payment"]
    assert {0.1, 0.79, 0.87} <= set(debt.index)
    assert debt[[0.7, 0.79, 0.8, 0.87, 0.9]].tolist() == pytest.approx([0, 1745000, 2136875, 4880000, 4880000])
    assert table.groupby("outcome")["performance"].nunique().nunique() == 1  # one table holds them all
    own = reports.own_points(case)
    assert own[own["outcome"] == "debt"]["performance"].tolist() == [0.4, 0.79, 0.87]


def test_a_count_has_reached_its_own_point():
    """11 of 3,119 is a share that rounding may put just below 11."""
    text = HARBOUR.replace(
        'schedule = "rate card"\nprice = 1500\ncap = 120000', 'schedule = "threshold"\ntarget = 11\npayment = 7'
    )
    case = casefile.loads(text.replace('name = "qualified"', 'name = "qualified"\nmeasured_on = 3119'))
    own = reports.own_points(case)
    assert own[own["outcome"] == "qualified"]["payment"].tolist() == [7, 7]


def test_many_outcomes_are_panels_by_name_and_a_table_by_point():
    one = '[[outcome]]\nname = "<{}>"\nschedule = "threshold"\ntarget = 0.{}\npayment = 9\nexpected = 0.3\n'
    head, _, rest = HARBOUR.partition("[[outcome]]")
    many = "".join(one.format(number, number) for number in range(1, 8))
    page = reports.html(
        casefile.loads(head.replace("cap = 480000", "") + many + "[[cost]]" + rest.partition("[[cost]]")[2])
    )
    panels = re.findall(r"<div><b>(.*?)</b><svg.*?<polyline.*?<circle", page)
    assert panels == [f"&lt;{number}&gt;" for number in range(1, 8)]
    assert page.count("dasharray") <= 6  # rules of other charts; no outcome is told by its dashes
    assert "each schedule&#x27;s own points and as expected" in page


def test_a_maximum_that_nobody_published_is_no_hundred_pounds():
    case = CASES["uk-commissioner-led"]
    page = reports.html(case)
    assert not re.search(r"GBP\s\d{1,3}(?![\d,])", page)
    assert "% of the maximum" in brief(case)
    assert "most that is paid" not in set(reports.world(case)["measure"])
    terms = reports.term_sheet(case).set_index("term")["value"]
    assert terms["Most that is paid"] == "not known: payments are per cent of it"
    assert terms["Outcome: demand"].startswith("80 % of the maximum, in proportion, all of it at 60 % of people")
    assert terms["Investment committed"] == "GBP 1,750,000"


def test_nothing_paid_nothing_said_of_payments():
    said = brief(CASES["yokohama"])
    assert "there is no contract here" in said
    assert "There is no comparison group" in said
    assert "3 of the figures are assumptions" in said  # sureness and correlation move nothing here


def test_incentives():
    table = reports.pulls(CASES["harbour"])
    assert table.loc["in work", "one success more earns"] == pytest.approx(300000 / 0.4 / 200)
    assert table.loc["qualified", "one success more earns"] == pytest.approx(1500)
    assert table["share of the most paid"].sum() == pytest.approx(1)
    aligned = reports.alignment(CASES["harbour"])
    assert aligned.loc["Participants", "valued and not paid for"] == "wellbeing"
    assert 0 < aligned.loc["Participants", "degrees"] < 90


def test_sensitivity_moves_one_assumption_at_a_time():
    case = CASES["harbour"]
    table = reports.sensitivity(case)
    low = case.replace("cost.1.amount", 290000).flows()["investor"].sum()
    assert table.loc["cost.1.amount", "result_low"] == pytest.approx(low)
    assert "outcome.4.expected" not in table.index  # not paid for: it moves nothing


def test_the_world_is_counted_within_one_currency():
    table = reports.world(CASES["harbour"]).set_index("measure")
    projects = sib.indigo.shipped().projects
    pounds = projects.loc[projects["max_outcome_currency"] == "GBP", "max_outcome_payment"].dropna()
    most = table.loc["most that is paid"]
    assert most["with figures"] == len(pounds)
    assert most["smaller"] == pytest.approx((pounds < 480000).mean())
    assert table.loc["projects in the same country", "with figures"] == (projects["country"] == "GB").sum()


def test_the_page_asks_nothing_of_anybody(case):
    page = reports.html(case)
    asked = re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')>\s]*)""", page)
    assert [address for address in asked if not address.startswith("#")] == []
    marks = re.findall(r'\bid="([^"]*)"', page)
    assert len(marks) == len(set(marks))
    assert {address[1:] for address in asked} <= set(marks)
    assert "<script" not in page
    assert "nan" not in re.sub(r"<[^>]*>", " ", page).lower().split()
    assert page.count("<h1>") == 1
    for heading in ("Term sheet", "What the evaluation could show", "among the world"):
        assert heading in page
    if case.paid:
        assert page.count("<svg") >= 3
        assert page.count('role="img" aria-label="') == page.count("<figure>") == page.count("<svg") / 2
        for heading in ("Payments against", "Cash flows", "Simulated", "Who bears the risk", "Incentives"):
            assert heading in page
    said = unescape(page).replace("\u00a0", " ")
    for gap in case.gaps():
        assert gap.replace("\u00a0", " ") in said


def test_the_largest_case_file_has_a_report():
    one = (
        '[[outcome]]\nname = "{}"\nschedule = "threshold"\ntarget = 0.4\npayment = 9\nexpected = 0.3\nbaseline = 0.3\n'
    )
    head, _, rest = HARBOUR.partition("[[outcome]]")
    many = "".join(one.format(number) for number in range(casefile.MOST))
    months = head.replace('end = "2030-03"', 'end = "2077-03"\nperiod = "month"').replace("fixed_payment = 60000", "")
    page = reports.html(casefile.loads(months + many + "[[cost]]" + rest.partition("[[cost]]")[2]))
    assert "No more is expected than would happen without the service in “0”, “1”" in html.unescape(page)


def test_names_are_text_and_not_markup():
    text = HARBOUR.replace("Town council", "<script>alert(1)</script>").replace("Coaching", "A & B <i>")
    page = reports.html(casefile.loads(text))
    assert "<script" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;" in page


def test_the_picture_of_prices_and_results_says_how_many_leave_too_little():
    kobe = casefile.example("kobe")
    table = reports.price_grid(kobe)
    few = int((table["return"] < 0.05).sum())
    said = f"Of {len(table)} pairs of price and result, {few} leave investors below 5.0 % a year"
    assert said in reports.html(kobe, pictures=True).replace("\u00a0", " ")


def test_without_vl_convert_there_are_tables_and_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    page = reports.html(CASES["harbour"])
    assert "tables and no charts, because vl-convert-python is not installed" in page
    assert "<svg" not in page
    assert page.count("<table") >= 8


@pytest.mark.parametrize("name", ["harbour", "kobe", "yokohama"])
def test_the_notebook_runs(name, tmp_path):
    book = nbformat.reads(json.dumps(reports.notebook(CASES[name])), as_version=4)
    nbformat.validate(book)
    NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [cell for cell in book.cells if cell.cell_type == "code" and cell.outputs]
    assert len(outputs) >= (8 if CASES[name].paid else 3)


@settings(max_examples=5)
@given(random_cases)
def test_any_case_has_a_report_and_a_notebook_that_holds_it(case):
    assert reports.html(case, pictures=True).endswith("</html>\n")
    cells = reports.notebook(case)["cells"]
    held: dict = {}
    exec(cells[1]["source"] + "\n" + cells[2]["source"], held)
    assert held["case"] == case
    assert np.isfinite(reports.evaluated(case)["people"]).all()


# where money runs out even as expected


def page_of(case):
    return html.unescape(reports.html(case, pictures=False)).replace("\u00a0", " ")


def dated(months='["2028-03", "2029-03", "2030-03"]'):
    return casefile.loads(RIVERSIDE.replace("high = 0.72 }", f"high = 0.72 }}\nmeasured = {months}"))


def test_the_service_that_stops_as_expected_is_said_first():
    """By hand: three quarters of 108 families earn 81 x 1,500, and 60,000 is fixed; of all, min(162,000; 150,000)."""
    case = casefile.loads(RIVERSIDE)
    page = page_of(case)
    first = page[page.index(">In brief</h2>") :].split("</p>")[0]
    assert "75 % of it is served, as the GBP 120,000 committed" in first
    assert "do not meet the costs of GBP 240,000. As the service stops, GBP 181,500 is paid" in first
    assert "if everybody were served, it would be GBP 210,000" in first
    assert "outcome.measured is missing for together: measuring is taken to be in the last month, 2030-03" in page
    assert "measured 2030-03, the last month, as the file names none" in page
    assert "and with everybody served" in page
    # by how much a lower price earns more: money runs out sooner, and the cap was reached anyway
    assert "A lower price can earn investors more. 25 % better: 41.9 % a year at 0.8 x, and 32.4 % at 0.9 x" in page
    assert "GBP 96," in page  # 1.07 x 90,000
    assert "what is committed just meets them" not in page
    table = reports.scenarios(case).loc["as expected"]
    assert (table["paid"], table["paid if everybody is served"], table["share served"]) == (181_500, 210_000, 0.75)


def test_dates_of_measuring_that_are_given_let_all_be_served():
    case = dated()
    page = page_of(case)
    assert reports.scenarios(case).loc["as expected", "paid"] == 210_000
    assert "the service cannot be paid for in full" not in page
    assert "outcome.measured is missing" not in page
    assert "measured 2028-03, 2029-03, 2030-03" in page
    assert "at best; the cap of “together” is in the way, so raise it" in page
