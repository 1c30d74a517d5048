"""What it would take: closed forms, every answer put back through its file, and what has no answer."""

import dataclasses
import math

import numpy as np
import pytest

import sibmodels as sib
from sibmodels import casefile, reports
from sibmodels.__main__ import main
from sibmodels.casefile.sections import Figure
from sibmodels.reports import UnsolvedError, chance_not_to_lose, levers, returned, solve, taking
from tests.casefiles import HARBOUR

# 100 spent in year 0, 20 people, 80 % expected to succeed, paid for in year 3
PLAIN = """\
[case]
name = "Plain"
currency = "GBP"

[cohort]
people = 20

[timing]
start = "2027-01"
end = "2030-12"
period = "year"

[[outcome]]
name = "job"
schedule = "proportional"
target = 0.8
payment = 110
expected = 0.8
measured = ["2030-06"]

[[cost]]
name = "Service"
amount = 100
end = "2027-12"
"""
PIECES = PLAIN.replace('"proportional"\ntarget = 0.8\npayment = 110', '"rate card"\nprice = 7\nunit = "people"')
FULL = 1.05**3
USAGE = 2  # argparse's exit code


def plain(text=PLAIN, **changes):
    for old, new in changes.items():
        text = text.replace(old.replace("_", " "), new)
    return casefile.loads(text)


def back(solved):
    """The case found, as its file has it, and what investors earn by its flows."""
    case = casefile.loads(casefile.dumps(solved.case))
    assert case == solved.case
    rate = sib.irr(case.flows()["investor"])
    return (1 + rate) ** (12 / casefile.PERIODS[case.timing.period]) - 1


# closed forms


def test_the_price_is_cost_grown_at_the_wanted_return():
    found = solve(plain(), "price", 0.05)
    assert found.value == pytest.approx(sib.success_payment(100, 0.05, 3, 1.0)[0], rel=1e-8)
    assert found.lever.now == 110
    assert back(found) == pytest.approx(0.05, abs=1e-8)
    assert found.reached >= 0.05


def test_a_piece_s_price_is_that_of_the_pricing_model():
    found = solve(plain(PIECES), "price", 0.05)
    assert found.value == pytest.approx(sib.price([100, 0, 0, 0], [0, 0, 0, 16], 0.05), rel=1e-8)


def test_a_target_and_a_cap():
    higher = plain().replace("outcome.1.payment", 130)
    target = solve(higher, "target", 0.05)
    assert target.value == pytest.approx(0.8 * 130 / (100 * FULL), rel=1e-8)
    assert back(target) == pytest.approx(0.05, abs=1e-8)
    cap = solve(higher, "cap", 0.05)
    assert cap.lever.now is None
    assert cap.value == pytest.approx(100 * FULL, rel=1e-8)
    assert back(cap) == pytest.approx(0.05, abs=1e-8)


def test_a_size_with_a_cost_that_stays():
    """F + v N is spent and p e N is paid: N = k F / (p e - k v), and one person less is not enough."""
    text = PIECES + '\n[[cost]]\nname = "Office"\namount = 60\nend = "2027-12"\n'
    case = casefile.loads(text.replace("price = 7", "price = 10"))
    whole = math.ceil(FULL * 60 / (10 * 0.8 - FULL * 5))
    found = solve(case, "size", 0.05, fixed=["Office"])
    assert found.value == whole == found.case.cohort.people.value
    assert found.reached > 0.05 > returned(found.lever.moved(whole - 1))
    assert [item.amount.value for item in found.case.cost] == [5 * whole, 60]
    with pytest.raises(UnsolvedError, match="'Offices' is no cost of this case; its costs are: Service, Office"):
        solve(case, "size", 0.05, fixed=["Offices"])
    with pytest.raises(UnsolvedError, match="People served: nothing from"):
        solve(case, "size", 0.2)  # all costs grow, so that no size helps


def test_on_average_is_the_return_of_mean_flows():
    case = plain(PIECES)
    found = solve(case, "price", 0.05, average=True)
    people = case.draws(10_000)["job"].mean()
    assert found.value == pytest.approx(100 * FULL / people, rel=1e-7)
    assert returned(found.case, average=True) == pytest.approx(0.05, abs=1e-7)


def test_all_or_nothing_on_average_is_paid_as_if_by_chance():
    """Investors of a threshold who want 5 % expected earn more whenever it is met."""
    case = plain(proportional="threshold").replace("outcome.1.target", 0.7)
    chance = float((case.draws(10_000)["job"] >= 0.7).mean())
    payment, headline = sib.success_payment(100, 0.05, 3, chance)
    found = solve(case, "price", 0.05, average=True)
    assert found.value == pytest.approx(payment, rel=1e-7)
    assert returned(found.case) == pytest.approx(headline, abs=1e-7)


def test_a_chance_is_counted_over_the_draws():
    case = plain(PIECES)
    found = solve(case, "price", chance=0.9, count=2000)
    lost = 100 / found.value  # as many people must succeed
    jobs = case.draws(2000)["job"]
    assert (jobs >= lost - 1e-3).mean() >= 0.9 > (jobs >= lost + 1).mean()
    assert found.reached == pytest.approx(chance_not_to_lose(found.case, 2000), abs=0)
    assert chance_not_to_lose(found.lever.moved(found.value * 0.999), 2000) < 0.9


def test_weights_become_payments_that_sum_to_what_they_did():
    text = PLAIN.replace("payment = 110", "weight = 0.75").replace("[case]", "[contract]\nmaximum = 120\n\n[case]")
    second = '\n[[outcome]]\nname = "home"\nschedule = "proportional"\ntarget = 1\nweight = 0.25\nexpected = 1\n'
    case = casefile.loads(text.replace("\n[[cost]]", second + "\n[[cost]]"))
    assert {name: lever.now for name, lever in levers(case).items() if "price" in name} == {
        "price": 1, "price: job": 90, "price: home": 30
    }  # fmt: skip
    one, both = solve(case, "price: job", 0.05), solve(case, "price", 0.05)
    assert one.value == pytest.approx(100 * FULL - 30, rel=1e-8)
    assert [measure.payment.value for measure in both.case.outcome] == pytest.approx([75 * FULL, 25 * FULL], rel=1e-8)
    assert back(one) == pytest.approx(0.05, abs=1e-8)


def test_ranges_move_with_their_value():
    found = solve(plain(**{"amount = 100": "amount = { value = 100, low = 80, high = 150 }"}), "size", -0.5)
    cost = found.case.cost[0].amount
    assert (cost.low, cost.high) == pytest.approx((0.8 * cost.value, 1.5 * cost.value))


# the book's cases and the published contracts

KOBE = casefile.example("kobe")
HARBOUR_CASE = casefile.loads(HARBOUR)
ASKED = {
    "aspire-adelaide": "price: convictions",
    "denver": "price",
    "educate-girls": "price",
    "fair-chance": "cap",
    "hachioji": "price: second examination",
    "innovation-fund": "price",
    "peterborough": "price: all cohorts",
    "rikers-able": "price",
    "ways-to-wellness": "price: cost a head",
}
NO_PRICE = ("benevolent-society", "newpin")  # paid whatever happens, and coupons


@pytest.mark.parametrize("name", [*ASKED, *NO_PRICE, "dc-water"])
def test_published_contracts(name):
    case = casefile.example(name)
    if name in NO_PRICE:
        with pytest.raises(UnsolvedError, match="no outcome is paid for by its result here"):
            solve(case, "price", 0.05)
        with pytest.raises(
            UnsolvedError, match=r"everything from .* gives a return of 5.0 % a year, as expected, or more"
        ):
            solve(case, "cap", 0.05)
    elif name == "dc-water":  # a bond: what is paid by results is a small part
        with pytest.raises(UnsolvedError, match=r"the best is 3.5 %"):
            solve(case, "price", 0.05)
    else:
        assert back(solve(case, ASKED[name], 0.05)) == pytest.approx(0.05, abs=1e-7)


def test_every_published_contract_is_asked():
    assert {*ASKED, *NO_PRICE, "dc-water"} == set(casefile.contracts())


@pytest.mark.parametrize("what", ["price", "price: completion", "price: renal", "target: renal"])
def test_kobe(what):
    found = solve(KOBE, what)  # 5 %, which the file says investors want
    assert found.wanted == 0.05
    assert back(found) == pytest.approx(0.05, abs=1e-8)


def test_where_there_are_several_answers_the_smallest_is_given_and_the_others_are_named():
    """A very high price of the last outcome uses up the cap, so that the same sum comes later."""
    found = solve(KOBE, "price: renal")
    near = dataclasses.replace(found.lever, grid=found.lever.grid[::3])
    assert solve(KOBE, near).value == pytest.approx(found.value)
    assert len(found.others) == 1
    assert found.value < found.others[0]
    for value, beyond in ((found.value, 1.01), (found.others[0], 0.99)):
        assert returned(found.lever.moved(value)) == pytest.approx(0.05, abs=1e-7)
        assert returned(found.lever.moved(beyond * value)) > 0.05


@pytest.mark.parametrize("name", ["yokohama", "uk-provider-led", "uk-commissioner-led"])
def test_cases_without_dated_money_say_what_they_lack(name):
    case = casefile.example(name)
    with pytest.raises(UnsolvedError, match=r"give timing.start, timing.end, a \[\[cost\]\]"):
        solve(case, next(iter(levers(case))), 0.05)
    assert not taking.solvable(case)


def test_harbour_put_back_for_a_chance():
    found = solve(HARBOUR_CASE, "price: in work", chance=0.8, count=1000)
    assert chance_not_to_lose(casefile.loads(casefile.dumps(found.case)), 1000) >= 0.8
    assert chance_not_to_lose(found.lever.moved(0.999 * found.value), 1000) < 0.8


# what has no answer


def test_the_best_there_is_and_what_is_in_the_way():
    case = plain().replace("outcome.1.payment", 115)
    capped = dataclasses.replace(case, terms=dataclasses.replace(case.terms, cap=Figure(112.0)))
    with pytest.raises(UnsolvedError, match=r"Price: nothing .* the best is 3.8 %, at .*: the contract's cap") as told:
        solve(capped, "price", 0.05)
    assert told.value.reached == pytest.approx(1.12 ** (1 / 3) - 1)
    poor = plain().replace("outcome.1.payment", 115)
    poor = dataclasses.replace(poor, investment=dataclasses.replace(poor.investment, amount=Figure(50.0)))
    with pytest.raises(UnsolvedError, match="there is no return"):
        solve(poor, "price", 0.05)
    with pytest.raises(UnsolvedError, match=r"Target: nothing .* ask for less, lower the costs"):
        solve(case, "target", 0.05)
    with pytest.raises(UnsolvedError, match=r"Target: everything from 0.1 % to 100 % gives"):
        solve(case.replace("outcome.1.payment", 1000), "target", 0.05)


def test_money_that_does_not_suffice_is_named():
    """The second year is not served, and half of what is expected reaches no target."""
    text = PLAIN.replace("proportional", "threshold").replace("[[cost]]", "[investment]\namount = 100\n\n[[cost]]")
    text += '\n[[cost]]\nname = "More"\namount = 100\nstart = "2028-01"\nend = "2028-12"\n'
    with pytest.raises(UnsolvedError, match=r"raise investment\.amount"):
        solve(casefile.loads(text), "price", 0.05)
    enough = casefile.loads(text.replace("amount = 100\n\n", "amount = 200\n\n"))
    assert solve(enough, "price", 0.05).value == pytest.approx(100 * FULL + 100 * 1.05**2, rel=1e-8)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (dict(what="price: jobs", wanted=0.05), "'price: jobs' cannot be moved in this case; it must be one of: price"),
        (dict(what="price"), "no return is wanted: give one, or investment.wanted"),
        (dict(what="price", wanted=0.05, chance=0.5), "give one of the two"),
        (dict(what="price", chance=0.5, average=True), "give one of the two"),
        (dict(what="price", chance=80), "chance is 80; it must be above 0 and below 1"),
        (dict(what="price", wanted=-1), "wanted is -1; it must be greater than -1"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_asked(given, said):
    with pytest.raises(ValueError, match=said):
        solve(plain(), **given)


def test_nothing_put_in_is_more_than_any_return():
    case = plain(**{"2030-06": "2027-01"}).replace("outcome.1.payment", 150)
    assert returned(case) == math.inf
    assert solve(case, "price", 0.05).value == pytest.approx(100, rel=1e-6)  # from there on they put nothing in


# two cases side by side


def test_what_differs_is_marked_and_what_it_comes_to_is_each_case_s():
    dearer = KOBE.replace("outcome.1.payment", 9_000_000)
    both = reports.compare_terms(KOBE, dearer)
    assert both.terms.index[both.terms["differs"]].tolist() == ["Outcome: completion"]
    first, second = both.results.columns
    assert (first, second) == (f"{KOBE.about.name} (1)", f"{KOBE.about.name} (2)")
    for case, name in ((KOBE, first), (dearer, second)):
        ends, drawn = reports.scenarios(case), reports.draws(case)
        row = both.results[name]
        assert row["paid as expected"] == ends["paid"]["as expected"]
        assert row["return as expected"] == pytest.approx(ends["return a year"]["as expected"])
        assert row["most they have out"] == ends["most they have out"]["as expected"]
        assert row["paid on average"] == drawn["total_payment"].mean()
        assert row["paid: low end (5 %)"] == np.quantile(drawn["total_payment"], 0.05)
        assert row["chance to lose"] == pytest.approx((drawn["investor"] < -0.005).mean())
        assert row["most that is paid"] == case.most_paid()
    same = reports.compare_terms(KOBE, KOBE)
    assert not same.terms["differs"].any()
    assert same.results.iloc[:, 0].equals(same.results.iloc[:, 1])


def test_terms_that_only_one_has_stand_where_it_has_them():
    both = reports.compare_terms(KOBE, casefile.example("newpin"))
    terms = both.terms.index.tolist()
    assert terms.index("Outcome: restored") == terms.index("Outcome: live group") + 1
    assert (both.terms["differs"] == (both.terms.iloc[:, 0] != both.terms.iloc[:, 1])).all()
    assert both.terms.index.is_unique
    assert len(terms) == len(
        {*reports.term_sheet(KOBE)["term"], *reports.term_sheet(casefile.example("newpin"))["term"]}
    )
    assert both.results.loc["most that is paid"].tolist()[0] == 34_060_000
    unpaid = reports.compare_terms(KOBE, casefile.example("yokohama"))
    assert unpaid.results.iloc[:, 1].isna().all()
    assert set(unpaid.shown.iloc[:, 1]) == {"not known"}


# prices and results


def test_a_grid_is_each_case_by_itself():
    table = reports.price_grid(HARBOUR_CASE, [0.9, 1.0], [0.5, 1.0]).set_index(["price", "result"])
    here = reports.scenarios(HARBOUR_CASE).loc["as expected"]
    assert table.loc[(1.0, 1.0), "paid"] == pytest.approx(here["paid"])
    assert table.loc[(1.0, 1.0), "return"] == pytest.approx(here["return a year"])
    worse = HARBOUR_CASE
    for number, one in enumerate(worse.outcome, 1):
        worse = worse.replace(f"outcome.{number}.expected", one.expected.value / 2)
    cheap = levers(worse)["price"].moved(0.9)
    assert table.loc[(0.9, 0.5), "return"] == pytest.approx(returned(cheap))
    assert table.loc[(0.9, 0.5), "paid"] == pytest.approx(reports.scenarios(cheap).loc["as expected", "paid"])


def test_better_is_fewer_days_in_jail():
    table = reports.price_grid(casefile.example("denver"), [1], [0.9, 1, 1.1])
    assert table["return"].is_monotonic_increasing
    assert table["paid"].is_monotonic_increasing


def test_results_beyond_everybody_are_left_out():
    table = reports.price_grid(plain(), [1, 2], [0.5, 1, 1.2, 1.3])
    assert table["result"].tolist() == [0.5, 1, 1.2] * 2
    assert table["paid"].tolist() == pytest.approx([55, 110, 110, 110, 220, 220])
    assert reports.price_grid(casefile.example("newpin")).empty
    card = casefile.example("fair-chance")
    assert reports.price_grid(card, [1], [0.5])["paid"].iloc[0] < reports.price_grid(card, [1], [1])["paid"].iloc[0]


@pytest.mark.parametrize(("prices", "results"), [([0], [1]), ([1], [2]), ([1], [0]), ([], [1]), (1, [1])])
def test_a_grid_of_nothing_is_said(prices, results):
    with pytest.raises(ValueError, match="a list of numbers above 0"):
        reports.price_grid(plain(), prices, results)


# in the report, and on the command line


def test_the_report_s_part_has_what_solve_finds():
    page = reports.html(KOBE, pictures=False).replace("\u00a0", " ")
    part = page[page.index(">What it would take</h2>") :]
    part = part[: part.index("<h2", 10)]
    assert f"{solve(KOBE, 'price').value:.4g} x" in part
    assert f"{100 * solve(KOBE, 'target: renal').value:.4g} %" in part
    assert "not by this alone: 2.8 % at best" in part
    assert "Investors want 5.0 % a year. At the performance expected they get 2.8 %" in part
    for rate in reports.price_grid(KOBE)["return"]:
        assert f"{100 * rate + 0.0:.1f} %" in part
    assert "What it would take" not in reports.html(casefile.example("newpin"), pictures=False) or taking.solvable(
        casefile.example("newpin")
    )


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "b.toml").write_text(PLAIN.replace("payment = 110", "payment = 120"), encoding="utf-8")

    def typed(line, code=0):
        if code == USAGE:
            with pytest.raises(SystemExit):
                main(line.split("|"))
        else:
            assert main(line.split("|")) == code
        told = capsys.readouterr()
        return told.out + told.err

    return typed


def test_solve_as_people_call_it(typed, tmp_path):
    assert '--for "target": 80 %' in typed("solve|a.toml")
    for share in ("5%", "5 %", "0.05"):
        said = typed(f"solve|a.toml|--for|price|--return|{share}")
        assert "Price: GBP 115.76; now GBP 110.00." in said
        assert "gives a return of 5.0 % a year, as expected" in said
    assert "5.0 % on average" in typed("solve|a.toml|--for|price|--return|5%|--average")
    assert "a chance of 81 % not to lose; just beside it there is less than 80 %" in typed(
        "solve|a.toml|--for|price|--chance|80%"
    )
    said = typed("solve|a.toml|--for|price|--return|5%|--out|found")
    assert "Wrote found.toml" in said
    assert casefile.read(tmp_path / "found.toml").outcome[0].payment.value == pytest.approx(100 * FULL, rel=1e-8)
    assert "Nothing was written: found.toml: is there already" in typed(
        "solve|a.toml|--for|price|--return|5%|--out|found", 3
    )


def test_solve_says_what_is_wrong(typed):
    assert typed("solve|a.toml|--for|price", 1) == "no return is wanted: give one, or investment.wanted in the file.\n"
    said = typed("solve|a.toml|--for|target|--return|5%|--out|x", 1)
    assert said.startswith("Nothing was written: Target: nothing from 0.1 % to 100 %")
    assert "'5' is no share; write per cent with its sign, as 5%" in typed("solve|a.toml|--for|price|--return|5", 2)
    assert "'all' is no share" in typed("solve|a.toml|--for|price|--chance|all", 2)
    typed("solve|a.toml|--for|price|--return|5%|--chance|0.5", 2)
    assert "look at the name" in typed("solve|none.toml", 3)


def test_compare_as_people_call_it(typed, tmp_path):
    said = typed("compare|a.toml|b.toml")
    assert "A: Plain (a.toml)\nB: Plain (b.toml)" in said
    assert "  Outcome: job\n    A: GBP 110," in said
    assert "    B: GBP 120," in said
    assert "The same in both: Project" in said
    assert "No term differs." in typed("compare|a.toml|a.toml")
    (tmp_path / "b.toml").write_text(PLAIN.replace("GBP", "EUR").replace("target = 0.8", ""), encoding="utf-8")
    assert "then: python -m sibmodels check b.toml" in typed("compare|a.toml|b.toml", 1)
    (tmp_path / "b.toml").write_text(PLAIN.replace("GBP", "EUR"), encoding="utf-8")
    assert "different currencies, GBP and EUR" in typed("compare|a.toml|b.toml")
