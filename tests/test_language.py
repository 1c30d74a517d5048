"""The language of real contracts: what a case file can say beyond an outcome and its price."""

import datetime
import html
import math
import re

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodels import PaymentSchedule, casefile, irr, reports, simulate, workbook
from sibmodels.casefile import CaseFileError

NAMES = casefile.contracts()
BASE = """\
[case]
name = "Invented"
currency = "GBP"
[cohort]
people = 100
comparison = 80
[timing]
start = "2027-01"
end = "2029-12"
period = "year"
[[outcome]]
name = "in work"
schedule = "proportional"
target = 0.5
payment = 200
expected = 0.4
baseline = 0.2
[[cost]]
name = "service"
amount = 120
"""


def problems(text: str) -> str:
    with pytest.raises(CaseFileError) as caught:
        casefile.loads(text, "my.toml")
    return "\n".join(map(str, caught.value.problems))


def outcome(**keys: str) -> str:
    """The text of an outcome that is paid for, with keys written as TOML."""
    written = {"name": '"other"', "schedule": '"linear"', "points": "[[0, 0], [1, 100]]"} | keys
    return "[[outcome]]\n" + "".join(f"{key} = {value}\n" for key, value in written.items() if value)


TRANCHE = '[[tranche]]\nname = "loan"\namount = 100\n'


@pytest.mark.parametrize("name", NAMES)
def test_a_published_contract_is_whole_and_survives_text_and_workbook(name, tmp_path):
    case = casefile.example(name)
    assert casefile.loads(casefile.dumps(case)) == case
    assert casefile.loads(casefile.template(casefile.raw(case))) == case
    workbook.write(case, tmp_path / "my.xlsx")
    assert casefile.read(tmp_path / "my.xlsx") == case
    flows = case.waterfall(case.performance()) if case.tranche else case.flows()
    assert np.abs(flows.sum(axis=1)).max() < 1e-6
    drawn = reports.draws(case, draws=200)
    for one in case.tranche:
        assert drawn[f"tranche: {one.name}"].min() >= -one.amount.value - 1e-6


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_of_a_published_contract_has_a_source_or_is_called_illustrative(name):
    """Each file names its sources on top, and what is not public says so where it stands."""
    text = casefile.published(name)
    head = text[: text.index("[case]")]
    assert "Source" in head
    assert "illustrative" in text.lower() or name == "innovation-fund"


FEATURES = {  # of real contracts: what a file must hold to use it
    "capital up front, coupons": r'drawn = "up front"[\s\S]*coupon = ',
    "a service that stops when money is out": r"\[\[tranche\]\]",
    "cohorts by themselves or together": r'groups = "each"[\s\S]*groups = "pooled"',
    "a comparison group with its luck": r'against = "comparison"',
    "a counterfactual reset": r"against = \{",
    "a cap a person": r"person_cap = ",
    "nested and exclusive outcomes": r"after = [\s\S]*instead_of = ",
    "scores, days, events": r"spread = ",
    "unequal parts": r"parts = \[",
    "payers that change": r"payers = \{ \"",
    "two currencies": r"in = \"",
    "tranches, a cap on the return": r"return_cap = ",
    "first loss": r"protected = ",
    "a rule on two figures": r"of = \[\[",
    "standing charges": r'schedule = "fixed"',
    "an end before its time": r"\[\[break\]\]",
    "a jump at a floor": r"floor = ",
    "caps used up in time": r"cap_cuts = \"latest first\"",
}


@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_is_used_by_a_published_contract(feature):
    assert [name for name in NAMES if re.search(FEATURES[feature], casefile.published(name))]


def told(name: str) -> str:
    page = re.sub(r"<[^>]+>", " ", reports.html(casefile.example(name), pictures=False))
    return re.sub(r"\s+", " ", html.unescape(page))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("newpin", ["coupon by “restored”, along lines: 3 % at 55 %", "if “restored” is below 45 %", "besides coupon"]),
        ("peterborough", ["“reconvictions” as a fall from the comparison group, rounded to 0.001", "for each group"]),
        ("ways-to-wellness", ["Cabinet Office and Lottery (70 %), CCG (30 %) from 2015-04; CCG (100 %) from 2018-04"]),
        ("fair-chance", ["full-time 13 weeks after job instead of part-time 13 weeks GBP 4,500", "17,000 a person"]),
        ("educate-girls", ["CHF 267,731 at the file's rate", "no more than 15 % a year"]),
    ],
)
def test_the_report_says_the_terms_in_words(name, says):
    page = told(name)
    for words in says:
        assert words in page
    assert " nan " not in page.lower()


def returns(name: str, **results: float) -> dict[str, float]:
    """Each tranche's return a period at results by outcome."""
    case = casefile.example(name)
    figures = case.figures({key: results.get(key, case._expected(one, None)) for key, one in case.results().items()})
    flows = case.waterfall(figures)
    return {one.name: irr(flows[one.name]) for one in case.tranche}


def test_replays_of_tranches():
    """What the files' own terms give, beside what was published."""
    assert returns("newpin", restored=0.7)["note"] == pytest.approx(0.15)
    assert returns("newpin", restored=0.616)["note"] == pytest.approx(0.0894, abs=1e-9)
    assert 2 * returns("dc-water")["bond"] == pytest.approx(0.0343)
    for fall, printed in ((0.11, 0.012), (0.12, 0.015), (0.13, 0.019), (0.16, 0.033), (0.2, 0.051)):
        assert returns("rikers-able", **{"fall in days": fall})["Goldman Sachs"] == pytest.approx(printed, abs=5e-4)
    assert returns("educate-girls")["UBS Optimus Foundation"] == pytest.approx(0.15)
    assert returns("peterborough")["investors"] == pytest.approx(0.033, abs=1e-3)  # just over 3 % a year
    assert returns("benevolent-society", reports=0.9) == pytest.approx({"class P": 0.05, "class E": 0.08})
    assert returns("benevolent-society", reports=0.8) == pytest.approx({"class P": 0.06, "class E": 0.105})
    assert returns("benevolent-society", reports=0.745) == pytest.approx({"class P": 0.07, "class E": 0.15})


def test_what_tranches_are_due_by_result():
    table = reports.rates(casefile.example("newpin"))
    due = table.set_index("result")
    assert due["coupon"].to_dict() == pytest.approx(
        {0.0: 0.0, 0.55: 0.03, 0.6: 0.075, 0.61: 0.084, 0.65: 0.12, 0.7: 0.15}
    )
    assert due["principal due"].tolist() == [0.5, 1, 1, 1, 1, 1]
    assert not len(reports.rates(casefile.example("dc-water")))


def test_replays_of_payments():
    hachioji = casefile.example("hachioji")
    paid = hachioji.total({"screened": 0.268, "second examination": 0.821, "early cancers": 0})
    assert paid == pytest.approx(5_401_000, abs=1_000)
    denver = casefile.example("denver").performance() | {"days housed": (258_858 + 41_070) / 363}
    assert casefile.example("denver").total(denver) == pytest.approx(9_638_911.36, abs=2_000)
    rikers = casefile.example("rikers-able")
    assert rikers.waterfall({"fall in days": 0.085})["Goldman Sachs"].sum() == pytest.approx(-2_400_000)
    peterborough = casefile.example("peterborough")
    figures = peterborough.performance()
    assert figures["reconvictions: cohort 1"] == pytest.approx(0.084)
    assert figures["all cohorts"] == pytest.approx(0.09, abs=5e-4)
    payments = peterborough.contract().payments(figures)["payment"]
    assert payments.tolist() == [0, 0, 5_700_000]


def test_a_cap_a_person_explains_aspire_s_payment_only_below_some_cap():
    """1,313,690 was paid: at 17,000 a head the counts cannot earn so little, below about 15,750 they can."""
    case = casefile.example("fair-chance")
    table = reports.caps(case, [15_000, 17_000])
    assert table.loc[17_000, "expected"] == pytest.approx(1_505_641, abs=50)
    assert table["least"].to_dict() == {15_000: 1_287_300, 17_000: 1_350_200}
    assert (table["least"] < table["expected"]).all()
    flip = case.card(case.outcome[0]).cap_at(171, 1_313_690)
    assert flip == pytest.approx(15_741, abs=1)
    assert reports.caps(case, [flip])["least"].item() == pytest.approx(1_313_690, abs=1)


def test_one_tranche_is_the_old_investment():
    """[[tranche]] alone and [investment] say the same, so the flows are the same."""
    for distribute in ("at the end", "as received"):
        old = casefile.loads(BASE + f'[investment]\namount = 100\ndistribute = "{distribute}"\n')
        new = casefile.loads(BASE + TRANCHE + f'distribute = "{distribute}"\n')
        for share in (0.0, 0.2, 0.6):
            figures = old.performance(share)
            assert new.flows(figures).to_numpy() == pytest.approx(old.flows(figures).to_numpy(), abs=1e-9)


def test_old_draws_are_draw_for_draw_what_they_were():
    case = casefile.loads(BASE)
    drawn = simulate(case.contract(), case.outlook(), 100, draws=500, rho=0.0, seed=3)
    assert case.draws(500, 3).equals(drawn)


def test_a_cap_is_used_up_in_time_or_in_proportion():
    paid = outcome(name='"early"', schedule='"fixed"', payment="90", points="", measured='["2027-01"]')
    paid += outcome(name='"late"', schedule='"fixed"', payment="60", points="", measured='["2028-01"]')
    text = BASE.replace("payment = 200", "payment = 1e-3") + paid
    cut = casefile.loads(
        text.replace("[[outcome]]", '[contract]\ncap = 100\ncap_cuts = "latest first"\n[[outcome]]', 1)
    )
    assert cut.payments() == pytest.approx([90, 10, 0], abs=0.01)
    even = casefile.loads(text.replace("[[outcome]]", "[contract]\ncap = 100\n[[outcome]]", 1))
    assert even.payments() == pytest.approx([60, 40, 0], abs=0.01)
    year = casefile.loads(text.replace("[[outcome]]", "[contract]\nyear_cap = 70\n[[outcome]]", 1))
    assert year.payments() == pytest.approx([70, 60, 0], abs=0.01)
    assert year.total(year.performance()) == pytest.approx(130, abs=0.01)


def test_payers_and_parts_change_with_time():
    payers = '{ "2027-01" = { "A" = 0.7, "B" = 0.3 }, "2029-01" = { "B" = 1 } }'
    text = BASE.replace(
        "baseline", f'measured = ["2028-01", "2029-01"]\nparts = [0.75, 0.25]\npayers = {payers}\nbaseline'
    )
    case = casefile.loads(text)
    assert case.payments() == pytest.approx([0, 120, 40])
    assert case.contract().by_payer(case.performance()).to_dict() == pytest.approx({"A": 84, "B": 76})


def test_instead_of_pays_what_the_other_has_not():
    keys = {"name": '"more"', "of": '"in work"', "instead_of": '"in work"', "points": "[[0, 0], [1, 500]]"}
    case = casefile.loads(BASE + outcome(**keys))
    assert case.contract().payments(case.performance())["payment"].tolist() == pytest.approx([160, 40])
    assert case.contract().payments({"in work": 0.1, "more": 0.0})["payment"].tolist() == pytest.approx([40, 0])


def test_a_comparison_group_has_its_own_luck_and_nothing_is_paid_on_average_for_nothing():
    keys = {"name": '"gain"', "of": '"in work"', "against": '"comparison"', "points": "[[-1, -100], [1, 100]]"}
    case = casefile.loads(BASE.replace("expected = 0.4", "expected = 0.2") + outcome(**keys))
    surest = case.replace("uncertainty.sureness", 1e6)
    gain = surest.draws(40_000)["gain"]
    assert gain.mean() == pytest.approx(0, abs=0.002)
    assert gain.std() == pytest.approx(math.sqrt(0.16 / 100 + 0.16 / 80), rel=0.03)
    assert PaymentSchedule([(-1, -100), (1, 100)])(gain).mean() == pytest.approx(0, abs=0.2)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BASE + outcome(of='"work"'), "outcome.2.of: 'work' is no outcome of this file; name one of in work, other"),
        (BASE + outcome(of='"third"') + outcome(name='"third"', of='"other"'), "'other' depends on itself"),
        (
            BASE + outcome(of='"in work"', instead_of='"third"') + outcome(name='"third"', of='"in work"'),
            "put it above",
        ),
        (BASE + outcome(of='"in work"', expected="0.3"), "outcome.2.expected: is not used beside of"),
        (BASE + outcome(unit='"score"', expected="1.4"), "outcome.2.spread: is missing"),
        (BASE + outcome(expected="0.4", spread="1"), "spread: is not used by unit 'share'"),
        (
            BASE + outcome(expected="0.4", against="25"),
            "a share is set against 25; write a share, 0 to 1: for 25 % 0.25",
        ),
        (BASE + outcome(expected="0.4", compare='"fall"'), "is a fall from nothing; say against what"),
        (BASE + outcome(expected="0.4", compare='"fall"', against="0"), "is 0, and a fall is a share"),
        (BASE + outcome(expected="0.4", against='"comparison"'), "'other' has no baseline"),
        (BASE.replace("comparison = 80\n", "") + outcome(of='"in work"', against='"comparison"'), "cohort.comparison"),
        (BASE + outcome(expected="0.4", against='{ "2029-01" = 0.1 }', measured='["2028-01"]'), "has no value before"),
        (BASE + outcome(expected="0.4", groups='"each"'), "there is no [[group]]"),
        (BASE + outcome(expected="0.4", parts="[0.5, 0.4]"), "the parts sum to 0.9; they must sum to 1: +0.1"),
        (BASE + outcome(expected="0.4", parts="[0.5, 0.5]"), "there are 2 for 1 months of measured"),
        (BASE + outcome(expected="0.4", payers='{ "2027-01" = { A = 0.7 } }'), "the shares sum to 0.7"),
        (
            BASE + outcome(schedule='"rate card"', points="", card="[{ name = 'a', price = 5 }]"),
            "card.1.expected: is miss",
        ),
        (
            BASE
            + outcome(
                schedule='"rate card"',
                points="",
                card="[{ name = 'a', price = 5, expected = 0.3 }, "
                "{ name = 'b', price = 5, expected = 0.4, after = 'a' }]",
            ),
            "'b' are reached by 0.4, more than the 0.3 who reach 'a'",
        ),
        (BASE + outcome(expected="0.4", person_cap="5"), "person_cap: is not used by schedule 'linear'"),
        (BASE + TRANCHE + TRANCHE.replace("loan", "note"), "tranche.1.surplus: is missing; of several tranches"),
        (
            BASE + TRANCHE + "surplus = 0.7\n" + TRANCHE.replace("loan", "note") + "surplus = 0.7\n",
            "the shares of the surplus sum to 1.4",
        ),
        (BASE + TRANCHE + "coupon = 0.2\nreturn_cap = 0.1\n", "reaches 0.2, above return_cap, 0.1"),
        (BASE + TRANCHE + "redemption = 1.5\n", "tranche.1.redemption: 1.5 is not allowed"),
        (BASE + TRANCHE + 'coupon = { of = "jobs", step = [[0, 0.1]] }\n', "'jobs' is no outcome"),
        (BASE + TRANCHE + 'coupon = { of = "in work" }\n', "has not one of step and linear"),
        (BASE + TRANCHE + 'coupon = { "2028-01" = 0.1 }\n', "has no value before 2028-01; give one from 2027-01 on"),
        (BASE + TRANCHE + 'coupon = { "in 2028" = 0.1 }\n', "'in 2028' is no month"),
        (BASE + TRANCHE.replace("loan", "guarantor"), "'guarantor' is a party's name"),
        (BASE + TRANCHE + "[investment]\namount = 5\n", "investment.amount: stands beside [[tranche]]"),
        (BASE + TRANCHE + '[[break]]\nof = "in work"\nbelow = 0.1\non = "2031-01"\n', "2031-01 is outside 2027-01 to"),
        (BASE + TRANCHE + '[[break]]\nof = "in work"\nbelow = 0.1\non = "2029-02"\n', "is in the last period"),
        (BASE + TRANCHE + "owed = 1\n", "1 is neither true nor false"),
        (BASE + '[[break]]\nof = "in work"\nbelow = 0.1\non = "2028-01"\n', "has no [[tranche]] to pay back"),
        (BASE + TRANCHE.replace("100", '{ value = 5, in = "CHF" }'), "is in CHF, and case.rates has none"),
        (
            BASE.replace("[[cost]]", '[[group]]\nname = "a"\npeople = 5\nexpected = { jobs = 1 }\n[[cost]]'),
            "'jobs' is no",
        ),
    ],
)
def test_nonsense_is_named_with_its_key_and_what_mends_it(text, says):
    found = problems(text)
    assert says in found, found
    assert re.match(r"my\.toml(:\d+)?: ", found)


ODD = re.findall(
    r"\S+",
    '0 1 -1 0.5 1e9 "" true [] {} [1] "2016-07" "comparison" "restored" "score" "people" "fall" [[0,0],[1,1]] 1e-9 '
    '"each" "pooled" {A=0.5,B=0.5} "fixed" "none" "linear" {of="restored",step=[[0,0.5]]} {"2016-07"=0.5}',
)
KEYS = re.findall(
    r"\w+",
    "of against compare rounded spread groups instead_of parts card person_cap floor target unit schedule expected "
    "baseline measured payers points coupon redemption surplus owed return_cap amount distribute protected on below",
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(NAMES), st.randoms(use_true_random=False))
def test_a_published_contract_that_is_damaged_has_problems_or_a_report(name, luck):
    """A value, a key or a section changed: never a traceback, and what is read again is the same."""
    lines = casefile.published(name).splitlines()
    place = luck.choice([n for n, line in enumerate(lines) if re.match(r"\w+ = ", line)])
    if luck.random() < 0.5:
        lines[place] = lines[place].split(" = ")[0] + " = " + luck.choice(ODD)
    else:
        lines.insert(place + 1, f"{luck.choice(KEYS)} = {luck.choice(ODD)}")
    try:
        case = casefile.loads("\n".join(lines))
    except CaseFileError:
        return
    assert casefile.loads(casefile.dumps(case)) == case
    reports.term_sheet(case)
    case.gaps()
    if case.paid:
        reports.scenarios(case)
        drawn = reports.draws(case, draws=20)
        assert np.isfinite(drawn.to_numpy(dtype=float)).all()
        reports.risk(case, drawn)


def typed(path, tables: dict[str, list[tuple]]) -> None:
    """Rows typed into the tables whose first columns are called so."""
    book = openpyxl.load_workbook(path)
    at = {one.value: one for sheet in book for row in sheet.iter_rows() for one in row if isinstance(one.value, str)}
    for names, rows in tables.items():
        columns = [at[name] for name in names.split()]
        sheet, first = columns[0].parent, columns[0].row + 1
        while any(sheet.cell(first, one.column).value is not None for one in columns):
            first += 1
        for number, row in enumerate(rows, start=first):
            for one, value in zip(columns, row, strict=True):
                sheet.cell(number, one.column).value = value
    book.save(path)


def test_the_new_keys_can_be_filled_in_in_a_workbook(tmp_path):
    path, coupon = tmp_path / "my.xlsx", '{ of = "in work", step = [[0.2, 0.02], [0.4, 0.05]] }'
    workbook.write_template(path, casefile.raw(casefile.loads(BASE)))
    card = "outcome.card:of outcome.card:name outcome.card:price outcome.card:expected outcome.card:after"
    payers = "outcome.payers:of outcome.payers:name outcome.payers:share outcome.payers:since"
    typed(path, {
        "tranche.name tranche.amount tranche.owed tranche.coupon": [("loan", 100, "yes", coupon)],
        "outcome.name outcome.schedule outcome.person_cap": [("card", "rate card", 3000)],
        card: [("card", "job", 500, 0.4, None), (None, "kept", 3000, 0.2, "job")],
        payers: [("card", "A", 1, datetime.datetime(2027, 1, 1))],
        "group.name group.people": [("first", 100)],
    })  # fmt: skip
    case = casefile.read(path)
    assert case.tranche[0].owed
    assert case.tranche[0].coupon == {"of": "in work", "step": ((0.2, 0.02), (0.4, 0.05))}
    assert [line.after for line in case.outcome[1].card] == [None, "job"]
    assert case.outcome[1].payers == {"2027-01": {"A": 1.0}}
    assert case.performance()["card"] == pytest.approx(100 * (0.4 * 500 + 0.2 * 2500))
    typed(path, {
        "outcome.name outcome.schedule outcome.against": [("more", "none", '{ "2027-01" = 0.1')],
        card: [("cart", "late", 10, 0.1, None)],
        payers: [("more", "A", 0.5, None), ("more", "A", 0.5, None), ("more", None, 0.5, None)],
    })  # fmt: skip
    with pytest.raises(CaseFileError) as caught:
        casefile.read(path)
    said = "\n".join(map(str, caught.value.problems))
    assert re.search(r"Outcomes!\w+8: against: cannot be read .*; close every quote and bracket", said)
    assert re.search(r"Outcome card!A8: outcome.card: 'cart' is no outcome .*; choose one of in work, card, more", said)
    assert re.search(r"Outcome lists!\w+: outcome.3.payers: is there twice", said)
    assert re.search(r"Outcome lists!\w+: outcome.3.payers: has a share and no name", said)


def test_workbooks_of_the_older_layout_are_read(tmp_path):
    """Everything in rows of one sheet: section, key, value, low, high, note."""
    rows = [("Fill in the column Value.",), (), ("Section", "Key", "Value", "Low", "High", "Note", "Meaning")]
    rows += [("case", "name", "Old"), ("case", "currency", "GBP"), ("cohort", "people", 100)]
    rows += [("timing", "start", "2027-01"), ("timing", "end", "2029-12"), ("contract", "fixed_paid", None)]
    rows += [("outcome 1", "name", "in work"), ("outcome 1", "schedule", "linear"), ("outcome 1", "weight", None)]
    rows += [("outcome 1", f"points {n}: {part}", value) for n, pair in ((1, (0, 0)), (2, (0.5, 100)))
             for part, value in zip(("performance", "payment"), pair, strict=True)]  # fmt: skip
    rows += [("outcome 1", "payers: City", 0.6), ("outcome 1", "payers: State", 0.4)]
    rows += [("outcome 1", "expected", 0.4, 0.3, 0.5, "a guess"), ("outcome 1", "measured", "2028-12")]
    rows += [("outcome 1", "measured 2", "2029-12"), ("cost 1", "name", None), ("cost 1", "amount", None)]
    rows += [("cost 7", "name", "Staff"), ("cost 7", "amount", 90), ("tranche 1", "name", "loan")]
    rows += [("tranche 1", "amount", 100), ("tranche 1", "coupon", '{ "2027-01" = 0.05 }')]
    book = openpyxl.Workbook()
    book.active.title = "Inputs"
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "my.xlsx")
    case = casefile.read(tmp_path / "my.xlsx")
    (one,), figure = case.outcome, case.outcome[0].expected
    assert (one.points, one.payers, one.measured) == (
        ((0.0, 0.0), (0.5, 100.0)), {"City": 0.6, "State": 0.4}, ("2028-12", "2029-12"),
    )  # fmt: skip
    assert (figure.value, figure.low, figure.high, figure.note) == (0.4, 0.3, 0.5, "a guess")
    assert [item.name for item in case.cost] == ["Staff"]
    assert case.tranche[0].coupon == {"2027-01": 0.05}
    book.active.append(("cost 7", "amount", 91))
    book.active.append((None, None, 7))
    book.save(tmp_path / "my.xlsx")
    with pytest.raises(CaseFileError) as caught:
        casefile.read(tmp_path / "my.xlsx")
    said = "\n".join(map(str, caught.value.problems))
    assert f"Inputs!C{len(rows) + 1}: cost.2.amount: is there twice" in said
    assert f"row {len(rows) + 2}: has a value and no key" in said


def test_money_in_another_currency_is_exchanged_at_the_stated_rate_and_says_so():
    text = BASE.replace('"GBP"', '"GBP"\nrates = { CHF = 0.9 }') + TRANCHE.replace("100", '{ value = 50, in = "CHF" }')
    case = casefile.loads(text)
    assert case.committed == 45
    assert 'in = "CHF"' in casefile.dumps(case)
    terms = reports.term_sheet(case).set_index("term")["value"]
    assert terms["Tranche: loan"].startswith("GBP 45 (CHF 50 at the file's rate)")


def test_after_a_stop_what_is_fixed_is_not_paid_whichever_way_caps_cut():
    fixed = outcome(name='"charge"', schedule='"fixed"', payment="50", points="", measured='["2029-12"]')
    for terms in ('cap_cuts = "latest first"', "year_cap = 1000"):
        text = (
            BASE.replace("[[outcome]]", f"[contract]\n{terms}\n[[outcome]]", 1) + fixed + TRANCHE.replace("100", "50")
        )
        flows = casefile.loads(text).flows()
        assert flows["provider"].sum() == 40  # of 120, in three parts
        assert -flows["payer"].sum() == pytest.approx(200 * 0.4 / 0.5 / 3)
