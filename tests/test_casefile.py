"""Case files: what is read, what is refused and with what words, and what they share with the book's data."""

import contextlib
import dataclasses
import re

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from sibmodels import casefile, cases
from sibmodels.casefile import CaseFileError, Figure
from sibmodels.casefile.problems import Checker
from sibmodels.casefile.writing import literal
from tests.casefiles import HARBOUR
from tests.casefiles import cases as random_cases


def problems(text: str) -> list[str]:
    with pytest.raises(CaseFileError) as caught:
        casefile.loads(text, "my.toml")
    return [str(problem) for problem in caught.value.problems]


def changed(old: str, new: str) -> str:
    assert HARBOUR.count(old) == 1, old
    return HARBOUR.replace(old, new)


def line(part: str, text: str = HARBOUR) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize("case", ["kobe", "uk-commissioner-led", "uk-provider-led"])
def test_a_case_file_of_the_book_s_cases_is_their_contract(case):
    read = casefile.loads(casefile.dumps(casefile.example(case)))
    assert read.contract() == cases.contract(case)
    assert read.outlook() == cases.outlook(case)
    everything = dict.fromkeys(read.contract().names, 0.37)
    assert read.contract().payments(everything).equals(cases.contract(case).payments(everything))


def test_kobe_s_case_file_pays_what_kobe_paid():
    read, achieved = casefile.loads(casefile.dumps(casefile.example("kobe"))), cases.performance("kobe")
    assert read.contract().payments(achieved).equals(cases.contract("kobe").payments(achieved))
    assert read.flows(achieved)["payer"].sum() == -cases.contract("kobe").total(achieved)
    assert read.costs().sum() == read.investment.amount.value


def test_yokohama_pays_for_no_outcome():
    read = casefile.example("yokohama")
    assert [one.schedule for one in read.outcome] == ["none"] * 3
    assert read.costs().sum() == cases.fact("yokohama", "operating_cost")
    with pytest.raises(ValueError, match="pays for no outcome"):
        read.contract()


def test_what_is_a_fact_and_what_is_assumed():
    case = casefile.loads(HARBOUR)
    assert case.cohort.people == Figure(200.0)
    assert case.outcome[0].expected == Figure(0.35, 0.2, 0.5, "the two like it that we know")
    assumed = case.assumptions()["key"].tolist()
    assert "outcome.1.expected" in assumed
    assert "cohort.people" not in assumed


def test_replace_changes_one_figure_and_nothing_else():
    case = casefile.loads(HARBOUR)
    other = case.replace("cost.1.amount", 1.0)
    assert other.cost[0].amount == Figure(1.0)
    assert other.replace("cost.1.amount", 320000).costs() == pytest.approx(case.costs())
    assert other.outcome == case.outcome
    with pytest.raises(KeyError, match=r"cost\.3\.amount"):
        case.replace("cost.3.amount", 1.0)


def test_flows_add_up():
    case = casefile.loads(HARBOUR)
    flows = case.flows()
    assert flows.index[0] == "2027-04"
    assert flows.index[-1] == "2030-04"  # the lag adds a quarter
    assert abs(flows.sum(axis=1)).max() < 1e-6
    assert flows["provider"].sum() == pytest.approx(360000)
    assert -flows["payer"].sum() == pytest.approx(case.contract().total(case.performance()))


def lasting(**changes) -> casefile.CaseFile:
    """A service of 100 a year for two years; the result is measured in the third, and nine in ten succeed."""
    made = {
        "case": {"name": "Invented", "currency": "GBP"},
        "cohort": {"people": 100},
        "timing": {"start": "2027-01", "end": "2029-12", "period": "year"},
        "outcome": [{"name": "in work", "schedule": "proportional", "target": 1.0, "payment": 200, "expected": 0.9}],
        "cost": [{"name": "service", "amount": 200, "end": "2028-12"}],
    }
    for path, value in changes.items():
        section, _, key = path.partition("_")
        made.setdefault(section, {})[key] = value
    return casefile.build(made, lambda path: "test", [])


def test_a_file_without_distribute_means_what_it_meant():
    old = lasting()
    assert old.investment.distribute == "at the end"
    assert lasting(investment_distribute="at the end") == old
    early = lasting(investment_distribute="as received", contract_fixed_payment=150)
    assert early.flows()["investor"].tolist() == pytest.approx([0, -50, 180])
    early = lasting(investment_distribute="as received", contract_fixed_payment=250, investment_fee=10)
    assert early.flows()["investor"].tolist() == pytest.approx([40, 0, 180])
    late = lasting(contract_fixed_payment=250, investment_fee=10)
    assert late.flows()["investor"].tolist() == pytest.approx([0, 0, 220])


def test_the_service_stops_when_the_commitment_is_used_up_and_later_results_shrink():
    assert lasting(investment_amount=200).flows()["investor"].tolist() == pytest.approx([-100, -100, 180])
    half = lasting(investment_amount=150).flows()
    assert half["provider"].tolist() == [100, 0, 0]  # the second year's 100 cannot be met in full
    assert half["payer"].tolist() == pytest.approx([0, 0, -90])  # half of the people who would have found work
    assert half["investor"].tolist() == pytest.approx([-100, 0, 90])


def test_after_the_stop_no_fixed_payment_falls_due_and_the_rest_arrives_by_its_lag():
    terms = {"contract_fixed_payment": 60, "contract_fixed_paid": ["2027-01", "2028-01"], "timing_lag": 1}
    assert lasting(investment_amount=170, **terms).flows()["payer"].tolist() == pytest.approx([0, -30, -30, -180])
    short = lasting(investment_amount=160, **terms).flows()
    assert short["payer"].tolist() == pytest.approx([0, -30, 0, -90])
    assert short["investor"].tolist() == pytest.approx([-100, 0, 0, 120])


@settings(max_examples=40)
@given(random_cases, st.floats(0, 1), st.sampled_from(["at the end", "as received"]))
def test_investors_never_put_in_more_than_they_committed(case, share, distribute):
    if not case.paid:
        return
    committed = share * case.costs().sum()
    terms = dataclasses.replace(case.investment, amount=casefile.Figure(committed), distribute=distribute)
    flows = dataclasses.replace(case, investment=terms).flows()
    size = 1 + abs(flows).to_numpy().max()
    assert -flows["investor"].clip(upper=0).sum() <= committed + 1e-9 * size
    assert abs(flows.sum(axis=1)).max() <= 1e-9 * size


def test_a_cap_shrinks_every_payment_alike():
    case = casefile.loads(HARBOUR)
    full = case.performance(1.0)
    assert case.payments(full).sum() == pytest.approx(480000)
    free = casefile.loads(changed("cap = 480000\n", ""))
    assert case.payments(full) == pytest.approx(free.payments(full) * 480000 / free.payments(full).sum())


@settings(max_examples=40)
@given(random_cases)
def test_random_cases_survive_toml(case):
    again = casefile.loads(casefile.dumps(case))
    assert again == case
    explained = casefile.loads(casefile.template(casefile.raw(case)))
    assert explained == case
    if case.paid:
        assert again.contract() == case.contract()
        assert np.array_equal(again.payments(), case.payments())
        assert abs(case.flows().sum(axis=1)).max() < 1e-3


@given(st.text(max_size=300))
def test_any_text_is_a_case_or_a_list_of_problems(text):
    with contextlib.suppress(CaseFileError):
        casefile.loads(text)


@settings(max_examples=100)
@given(st.data())
def test_a_damaged_case_file_gives_problems_with_lines_and_no_crash(data):
    start = data.draw(st.integers(0, len(HARBOUR)))
    end = data.draw(st.integers(start, min(start + 40, len(HARBOUR))))
    text = HARBOUR[:start] + data.draw(st.text("[]{}=\"'#,.\n0a%-", max_size=5)) + HARBOUR[end:]
    listed = ()
    try:
        casefile.loads(text, "my.toml")
    except CaseFileError as error:
        listed = error.problems
    lines = text.count("\n") + 1
    for problem in listed:
        found = re.fullmatch(r"my\.toml(?::(\d+))?", problem.place)
        assert found
        assert int(found[1] or 1) <= lines
        assert problem.what
        assert problem.remedy


# bad input


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("people = 200", "peple = 200", "cohort.peple", "did you mean 'people'?"),
        ("people = 200", "people = -3", "cohort.people", "at least 1"),
        ("people = 200", "people = 2.5", "cohort.people", "whole"),
        ("people = 200", 'people = "200"', "cohort.people", "without quotes"),
        ("people = 200", "people = true", "cohort.people", "no number"),
        ("people = 200", "people = nan", "cohort.people", "no number"),
        ("people = 200", 'people = ""', "cohort.people", "not filled in"),
        ("people = 200\n", "", "cohort.people", "is missing"),
        ("people = 200", "people = { value = 200, low = 250, high = 300 }", "cohort.people", "outside 250 to 300"),
        ("people = 200", "people = { value = 200, low = 100 }", "cohort.people", "one end of a range"),
        ("people = 200", "people = { worth = 200 }", "cohort.people.worth", "allowed here: value, low"),
        ("[cohort]", "[cohorts]", "cohorts", "did you mean 'cohort'?"),
        ('currency = "GBP"', 'currency = "pounds"', "case.currency", "3 capital letters"),
        ('currency = "GBP"', 'currency = "gbp"', "case.currency", "did you mean 'GBP'?"),
        ('sector = "Employment and training"', 'sector = "employment"', "case.sector", "allowed: "),
        ('country = "GB"', 'country = "UK!"', "case.country", "2 capital letters"),
        ("target = 0.4", "target = 40", "outcome.1.target", "for 40 % write 0.4"),
        ("target = 0.4\n", "", "outcome.1.target", "needs it"),
        ("floor = 0.15", "floor = 0.5", "outcome.1.floor", "above the target"),
        ("baseline = 0.05", "baseline = 5", "outcome.2.baseline", "for 5 % write 0.05"),
        ("payment = 300000", "payment = -300000", "outcome.1.payment", "at least 0"),
        ("payment = 300000", 'payment = "£300,000"', "outcome.1.payment", "300000"),
        ('"Ministry" = 0.4', '"Ministry" = 0.35', "outcome.1.payers", "sum to 0.95"),
        ('schedule = "rate card"', 'schedule = "rate-card"', "outcome.2.schedule", "did you mean 'rate card'?"),
        ('unit = "people"\n', "", "outcome.2.unit", "priced by the piece"),
        ("price = 1500", "price = 1500\ntarget = 3\nfloor = 2", "outcome.2.floor", "not used by schedule"),
        ('name = "qualified"', 'name = "in work"', "outcome.2.name", "there twice"),
        ('name = "qualified"', 'name = "fixed payment"', "outcome.2.name", "kept for a column"),
        ("[0.3, 20000]", "[0.05, 20000]", "outcome.3.points", "does not rise"),
        ("[0.3, 20000]", "[0.3]", "outcome.3.points", "not pairs"),
        ('end = "2030-03"', 'end = "2026-03"', "timing.end", "before the start"),
        ('end = "2030-03"\n', "", "timing.end", "is missing"),
        ('end = "2029-09"', 'end = "2031-09"', "cost.1.end", "outside 2027-04 to 2030-03"),
        ('measured = ["2028-03", "2029-03"]', 'measured = ["2029-03", "2028-03"]', "outcome.2.measured", "in order"),
        ('measured = ["2028-03", "2029-03"]', 'measured = "March"', "outcome.2.measured", "no month"),
        ("cap = 480000", "cap = 1000", "contract.cap", "below the fixed payment"),
        ("amount = 40000", "amount = -40000", "cost.2.amount", "at least 0"),
        ('"wellbeing" = 2', '"wellbeing" = -2', "stakeholder.1.values", "at least 0"),
        ("[[cost]]\nname = \"Management", "[[costs]]\nname = \"Management", "costs", "did you mean 'cost'?"),
        ("guarantee = 20000", "guarantee = 20000\nlag = 2", "investment.lag", "it belongs in [timing]"),
        ("lag = 1", "lag = 1\n\n[uncertainty]\nrho = -0.9", "uncertainty.rho", "-0.5 or more"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_line_and_a_remedy(old, new, key, says):
    text = changed(old, new)
    found = [one for one in problems(text) if f": {key}: " in one]
    assert found, problems(text)
    assert any(says in one for one in found), found
    number = int(re.match(r"my\.toml:(\d+): ", found[0])[1])
    section = "[" + key.split(".")[0]
    assert number >= line(section, text)
    if new and key.split(".")[-1] in text.splitlines()[number - 1]:
        return
    assert text.splitlines()[number - 1].startswith("["), text.splitlines()[number - 1]  # a missing key: its section


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("target = 0.4", "target = 40 %", "write a share without the sign: 0.4"),
        ("target = 0.4", "target = 0,4", "write a point for the decimals: 0.4"),
        ("payment = 300000", "payment = 300,000", "without separators: 300000"),
        ("payment = 300000", "payment = £300,000", "write the amount alone: 300000"),
        ('start = "2027-04"', "start = 2027-04", 'put the month in quotes: "2027-04"'),
        ('currency = "GBP"', "currency = GBP", 'put text in quotes: "GBP"'),
        ("people = 200", "people =", "to leave it open"),
        ("people = 200", "two hundred people", "write key = value"),
        ("people = 200", "people = 200\npeople = 300", "give each key once"),
        ('name = "in work"', 'name = "in work', "close every quote"),
        ("people = 200", "people = ２００", "write plain digits: 200"),
        ("amount = 40000", "amount = 4万円", "write the amount alone: 40000"),
        ("amount = 300000", "amount = £0.3m", "write the amount alone: 300000"),
        ('country = "GB"', "country = “GB”", "write straight quotes"),
        ("people = 200", "people = 200;", "take out the semicolon"),
    ],
)
def test_what_is_no_toml_is_named_with_a_remedy_and_nothing_else_is(old, new, says):
    text = changed(old, new)
    (problem,) = problems(text)
    number = line(new.splitlines()[-1], text)
    assert problem.startswith(f"my.toml:{number}: ")
    assert says in problem


def test_every_problem_is_listed_at_once_down_the_file():
    text = changed('currency = "GBP"', "currency = GBP").replace("people = 200", "peple = 200")
    text = text.replace("payment = 300000", "payment = 30 %").replace("amount = 40000", "amount = -1")
    found = problems(text)
    assert len(found) == 5  # the last but one: cohort.people is missing
    numbers = [int(re.match(r"my\.toml:(\d+)", one)[1]) for one in found]
    assert numbers == sorted(numbers)


def test_weights_of_95_per_cent():
    text = casefile.dumps(casefile.example("uk-commissioner-led"))
    (problem,) = problems(text.replace("weight = 0.2", "weight = 0.15"))
    assert "the outcomes' weights sum to 95 %" in problem
    assert "+0.05 is to be placed" in problem


@pytest.mark.parametrize(
    "money",
    [
        "[contract]\ncap = 90\n",
        "[contract]\nfixed_payment = 90\n",
        "[investment]\nfee = 90\n",
        '[[cost]]\nname = "Coaching"\namount = 90\n',
        '[[outcome]]\nname = "more"\nschedule = "threshold"\ntarget = 0.5\npayment = 5\nexpected = 0.5\n',
    ],
)
def test_a_maximum_left_out_is_per_cent_as_long_as_nothing_is_in_money(money):
    text = casefile.dumps(casefile.example("uk-commissioner-led"))
    text = re.sub(r"\[investment\]\n.*\n", "", text)
    case = casefile.loads(text)
    assert case.contract().max_payment == 100
    assert case.money == "% of the maximum"
    assert any("payments are per cent of it" in gap for gap in case.gaps())
    (missing,) = problems(text + "\n" + money)
    assert "contract.maximum: is missing" in missing
    assert "is in money: give it too" in missing
    assert casefile.loads(text + "\n[contract]\nmaximum = 500\n").money == "GBP"


def test_a_half_filled_template_lists_what_is_open_and_where():
    text = casefile.template()
    found = problems(text)
    assert [re.search(r": (\S+): is not filled in", one)[1] for one in found] == [
        "case.name", "case.currency", "cohort.people", "outcome.1.name", "outcome.1.schedule", "outcome.1.expected",
    ]  # fmt: skip
    for one in found:
        number, key = re.match(r"my\.toml:(\d+): [\w.]*?(\w+):", one).groups()
        assert text.splitlines()[int(number) - 1].startswith(f'{key} = ""')


def test_the_template_with_its_own_samples_is_a_case():
    text = casefile.template()
    for section in casefile.SECTIONS.values():
        for one in dataclasses.fields(section):
            sample = literal(one.metadata["sample"])
            text = text.replace(f'\n{one.name} = ""', f"\n{one.name} = {sample}", 1) if one.metadata["needed"] else text
    text = text.replace("# target = ", "target = ").replace("# payment = ", "payment = ")
    case = casefile.loads(text)
    assert case.about.name == "Harbour Town back to work (invented)"
    assert case.contract().max_payment == 400000


def test_every_sample_of_the_schema_is_allowed():
    for section, kind in casefile.SECTIONS.items():
        for one in dataclasses.fields(kind):
            found = []
            checker = Checker(lambda path: "here", found, set())
            assert checker.value(one.metadata["sample"], one.metadata, (section, one.name)) is not None
            assert not found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_that_say_what_they_are_are_read(tmp_path, encoding):
    path = tmp_path / "my.toml"
    path.write_bytes(changed("Harbour Town", "Åhus hamn 港町").encode(encoding))
    assert casefile.read(path).about.name.startswith("Åhus hamn 港町")


def test_latin_1_is_refused_with_its_place_and_the_rest_is_still_checked(tmp_path):
    path = tmp_path / "my.toml"
    path.write_bytes(changed("Harbour Town", "Åhus").replace("people = 200", "people = 0").encode("latin-1"))
    with pytest.raises(CaseFileError) as caught:
        casefile.read(path)
    first, second = map(str, caught.value.problems)
    assert first.startswith("my.toml:3: encoding: byte 0xC5 is no UTF-8; save the file as UTF-8 (an editor's")
    assert "cohort.people" in second


def test_japanese_of_windows_is_refused_by_its_encoding_alone(tmp_path):
    path = tmp_path / "my.toml"
    path.write_bytes(changed("Harbour Town", "港町の表").encode("cp932"))  # the last sign ends in a backslash
    with pytest.raises(CaseFileError) as caught:
        casefile.read(path)
    assert [problem.key for problem in caught.value.problems] == ["encoding"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty; start a case file with"),
        (b"Dear all,\nthe term sheet is attached.\n", "has no section of a case file"),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF; start a case file with"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an old Office file"),
        (bytes(range(256)), "is no text"),
        (b"PK\x03\x04 and no more", "is a damaged workbook"),
    ],
)
def test_what_is_no_case_file_at_all_is_told_in_one_sentence(tmp_path, content, says):
    path = tmp_path / "my.toml"
    path.write_bytes(content)
    with pytest.raises(CaseFileError) as caught:
        casefile.read(path)
    (problem,) = map(str, caught.value.problems)
    assert problem.startswith("my.toml: file: ")
    assert says in problem


def test_headings_in_single_brackets_are_each_named_and_the_rest_is_read():
    text = HARBOUR.replace("[[cost]]", "[cost]").replace("amount = 40000", "amount = -1")
    found = problems(text)
    assert [one.partition(";")[0] for one in found] == [
        f"my.toml:{line('[cost]', text)}: cost: is not a list of sections",
        f"my.toml:{text[: text.rindex('[cost]')].count(chr(10)) + 1}: cost: is not a list of sections",
        f"my.toml:{line('amount = -1', text)}: cost.2.amount: -1 is not allowed",
    ]


def test_a_wrong_unit_is_one_problem():
    (problem,) = problems(changed('unit = "people"', 'unit = "persons"'))
    assert "allowed: share, people, count" in problem


def test_windows_line_ends_keep_their_numbers(tmp_path):
    path = tmp_path / "my.toml"
    path.write_bytes(changed("people = 200", "people = 0").replace("\n", "\r\n").encode())
    with pytest.raises(CaseFileError, match=rf"my\.toml:{line('people = 200')}: cohort\.people"):
        casefile.read(path)


def test_a_file_of_40_mb_is_not_read(tmp_path):
    path = tmp_path / "my.toml"
    with path.open("wb") as file:
        file.truncate(40_000_000)
    with pytest.raises(CaseFileError, match=r"my\.toml: file: 40\.0 MB; at most 1 MB"):
        casefile.read(path)


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000, "9" * 400, "1e400", "-inf", "2027-13-45", "{" * 300])
def test_absurd_values_are_problems_and_no_crash(value):
    assert problems(changed("people = 200", f"people = {value}"))


def test_texts_over_lines_and_lists_over_lines_do_not_shift_the_numbers():
    text = changed('country = "GB"', 'about = """\npeople = 1\n[cohort]\n"""\ncountry = "GB"')
    text = text.replace('measured = ["2028-03", "2029-03"]', 'measured = [\n  "2028-03", # [\n  "2029-03",\n]')
    text = text.replace("amount = 40000", "amount = -1")
    (problem,) = problems(text)
    assert problem.startswith(f"my.toml:{line('amount = -1', text)}: cost.2.amount")


def test_sectors_are_indigo_s():
    from sibmodels import indigo

    assert set(casefile.SECTORS) <= set(indigo.shipped().projects["sector"])
