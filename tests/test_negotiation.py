"""The game: seats for any class, term sheets that say what is wrong, and money that adds up."""

from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodels import cashflows, negotiation, tables
from sibmodels.teach.negotiation import ROLES, TermSheet, debrief, dry_run, odds, play, read_sheet, read_sheets, seats


def sheet(**changes):
    return TermSheet(**{"name": "Test", **dry_run(), "evaluation": "count", **changes})


def filled(**changes):
    """A term sheet as a table would fill it in: the blank one, a value after each sign."""
    values = {**dry_run(), "name": '"Table 1"', "evaluation": '"count"', **changes}
    lines = []
    for line in negotiation.blank_sheet().splitlines():
        key = line.partition("=")[0].strip()
        lines.append(f"{key} = {values[key]}" if key in values else line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 11, 30, 33, 101])
def test_a_class_of_any_size_sits_down(size):
    names = [f"student {i}" for i in range(size)]
    table = seats(names)
    assert set(table["player"]) == set(names)
    assert all(set(group["role"]) == set(ROLES) for _, group in table.groupby("table"))
    if size >= len(ROLES):
        assert table["player"].is_unique
        assert table.groupby("table").size().between(4, 7).all()
        assert table.groupby(["table", "role"]).size().max() <= 2


@pytest.mark.parametrize("evaluation", negotiation.EVALUATIONS)
@pytest.mark.parametrize("size", [3, 9])
def test_a_dry_run_with_every_role(size, evaluation, tmp_path):
    """From the seats to the debrief, as a class does it."""
    hands = seats([f"student {i}" for i in range(size)])
    for number, players in hands.groupby("table"):
        for role in ROLES:
            assert (players["role"] == role).any()
            assert len(negotiation.secrets(role)) >= 2  # each role knows and wants something
        path = tmp_path / f"table-{number}.toml"
        path.write_text(filled(evaluation=f'"{evaluation}"'), encoding="utf-8")
        signed = read_sheet(path)
        world = play(signed, seed=2026).iloc[0]
        result = debrief(signed, world)
        assert set(result["role"]) == set(ROLES)
        assert result["met"].dtype == bool
        chances = odds(signed, draws=40)
        assert list(chances.index) == list(ROLES)
        assert chances["all aims met"].between(0, 1).all()
        assert world[["more_in_work", "better"]].notna().all()


terms = st.fixed_dictionaries(
    {
        "people": st.integers(60, 160),
        "hours": st.floats(10, 60),
        "price": st.floats(500, 4000),
        "fixed": st.floats(0, 50_000),
        "pay_work": st.floats(0, 15_000),
        "pay_wellbeing": st.floats(1, 10_000),
        "cap": st.floats(50_000, 1_000_000),
        "fee": st.floats(0, 100_000),
        "guarantee": st.floats(0, 200_000),
        "evaluation": st.sampled_from(negotiation.EVALUATIONS),
    }
)


@settings(max_examples=30)
@given(terms, st.integers(0, 1000))
def test_no_money_comes_from_nowhere(changes, seed):
    """What the four and the guarantor gain is what the commissioner's money and the service's cost leave."""
    signed = sheet(**changes)
    worlds = play(signed, draws=5, seed=seed)
    assert (worlds["paid"] <= signed.cap + 1e-6).all()
    assert (worlds["paid"] >= signed.fixed - 1e-6).all()
    assert (worlds["guaranteed"] <= signed.guarantee + 1e-6).all()
    assert worlds[["work", "wellbeing", "work_anyway"]].to_numpy().max() <= signed.people
    rows = tables.read("game").set_index(["role", "key"])["value"]
    own = signed.people * (rows["provider", "cost_person"] + rows["provider", "cost_hour"] * signed.hours)
    compared = rows["everybody", "evaluation_cost"] * (signed.evaluation == "compare")
    bonus = rows["intermediary", "compare_bonus"] * (signed.evaluation == "compare")
    kept = worlds["investor"] + worlds["provider"] + worlds["intermediary"] + worlds["guaranteed"]
    kept += rows["intermediary", "own_cost"] - bonus + own + compared
    np.testing.assert_allclose(kept, worlds["paid"] + worlds["guaranteed"], atol=1e-4)


def test_one_world_by_hand():
    """The cash flows of a small deal, written out."""
    signed = sheet(fee=10_000, guarantee=0, price=1_000, people=100, fixed=20_000)
    world = play(signed, seed=3).iloc[0]
    earned = min(world["work"] * signed.pay_work + world["wellbeing"] * signed.pay_wellbeing + 20_000, signed.cap)
    assert world["paid"] == pytest.approx(earned)
    flows = [10_000 - 50_000, 10_000 + (earned - 20_000) / 2 - 50_000, (earned - 20_000) / 2]
    held = max(flows[1], 0)
    investor = [flows[0], min(flows[1], 0), held + flows[2] - 10_000]
    assert world["investor"] == pytest.approx(sum(investor))
    assert world["return"] == pytest.approx(float(cashflows.irr(investor)))
    assert world["put_in"] == pytest.approx(40_000)


def test_hours_follow_prices_as_far_as_pay_hangs_on_results():
    assert sheet(fixed=0, pay_work=1, pay_wellbeing=0).work_share() == 1
    assert sheet(fixed=0, pay_work=2, pay_wellbeing=2).work_share() == pytest.approx(0.5)
    mission = tables.read("game").set_index(["role", "key"]).loc[("provider", "mission"), "value"]
    small = sheet(fixed=300_000, cap=300_000, pay_work=0.01, pay_wellbeing=0).work_share()
    assert small == pytest.approx(mission, abs=1e-4)


def test_users_get_more_of_what_is_paid_for_and_of_longer_support():
    def mean(**changes):
        return play(sheet(fixed=0, **changes), draws=2_000)[["more_in_work", "better"]].mean()

    work, wellbeing = mean(pay_wellbeing=0), mean(pay_work=0)
    assert work["more_in_work"] > wellbeing["more_in_work"] + 10
    assert wellbeing["better"] > work["better"] + 10
    assert (mean(hours=60) > mean(hours=15) + 3).all()


def test_comparing_moves_risk_to_the_investor_and_costs_the_commissioner_less():
    counted, compared = (play(sheet(evaluation=how), draws=500) for how in negotiation.EVALUATIONS)
    pd.testing.assert_series_equal(counted["more_in_work"], compared["more_in_work"])  # the same worlds
    assert (compared["paid"] <= counted["paid"]).all()
    assert compared["investor"].mean() < counted["investor"].mean()


def test_the_dry_run_can_be_bettered_for_all_four():
    """There is a deal in which every role expects to meet its aims: the game can be won."""
    fair = sheet(people=100, hours=32, price=1_760, pay_work=2_300, pay_wellbeing=1_700, fixed=50_000, fee=20_000)
    assert odds(fair, draws=200)["all aims met"].min() > 0.7


def test_the_sums_on_the_role_sheets_lead_where_the_game_does():
    """Each role sheet names a sum to do by hand before the talk; the model must agree with it."""
    number = tables.read("game").set_index(["role", "key"])["value"]
    people, hours = 90, 34
    lowest = number["provider", "cost_person"] + number["provider", "cost_hour"] * hours
    lowest += number["provider", "margin"] / people
    signed = sheet(people=people, hours=hours, price=lowest, fixed=0, pay_work=2_600, pay_wellbeing=2_600)
    worlds = play(signed, draws=2_000, seed=5)
    assert worlds["provider"].to_numpy() == pytest.approx(number["provider", "margin"])
    # half of the hours on each: the square root of the half, times the gain, on top of what comes anyway
    for name in ("work", "wellbeing"):
        rate = number["everybody", f"base_{name}"]
        rate += number["intermediary", f"gain_{name}"] * np.sqrt(0.5 * hours / number["everybody", "full_hours"])
        assert worlds[name].mean() / people == pytest.approx(rate, abs=0.01)
    # the gain that two years ask for is enough, and one of less than a year's return never is
    least = number["investor", "return"]
    enough = worlds["investor"] >= ((1 + least) ** 2 - 1) * worlds["put_in"]
    short = worlds["investor"] < least * worlds["put_in"]
    assert enough.any()
    assert short.any()
    assert (worlds.loc[enough, "return"] >= least - 1e-9).all()
    assert (worlds.loc[short, "return"] < least).all()


def test_a_blank_sheet_lists_every_term_with_its_line(tmp_path):
    path = tmp_path / "blank.toml"
    path.write_text(negotiation.blank_sheet(), encoding="utf-8")
    with pytest.raises(ValueError, match="blank") as caught:
        read_sheet(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(dry_run()) + 1
    assert lines[0].startswith("blank.toml, line 5: people has no value yet; a number from 60 to 160 is needed")
    assert 'evaluation has no value yet; "count" or "compare"' in lines[-1]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (filled(people=20, price='"2,000"'), ["line 5: people is 20;", "price is '2,000'; a number from 500"]),
        (filled(evaluation='"maybe"'), ['evaluation is \'maybe\'; "count" or "compare"']),
        (filled(fixed=320_000), ["fixed is 320,000, more than the cap of 300,000"]),
        (filled(pay_work=0, pay_wellbeing=0), ["nothing is paid for results"]),
        (filled(people=100.5), ["people is 100.5; a whole number"]),
        (filled() + "pay_wrok = 3\n", ["term 'pay_wrok' is unknown (did you mean 'pay_work'?)"]),
        (filled(fee="nan"), ["fee is nan"]),
        (filled(cap="true"), ["cap is True; a number"]),
        (filled(name="7"), ['name is 7; a word in "quotes"']),
        (
            "people = 100 people\nname = “Table 1”\ncap = 340,000\nfee = £20000\n",
            [
                "line 1: people is 100 people; a bare number (340000)",
                "line 3: cap is 340,000;",
                "line 4: fee is £20000;",
                "hours has no value yet",
            ],
        ),
        (filled() + "people = 90\n", ["people is there twice, first in line 5"]),
        (filled() + "we agreed in good spirit\n", ["term 'we agreed in good spirit' is unknown"]),
        ("", ["people has no value yet", "evaluation has no value yet"]),
    ],
)
def test_a_bad_sheet_is_refused_with_every_problem(text, messages, tmp_path):
    path = tmp_path / "sheet.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="sheet") as caught:
        read_sheet(path)
    assert [message for message in messages if message not in str(caught.value)] == []


def test_the_sheets_of_a_class_are_read_together_with_every_problem_at_once(tmp_path):
    for table, text in {
        "a.toml": filled(name='"Table 1"'),
        "b.TOML": filled(name='"Table 2"', people=99),
        "notes.txt": "",
    }.items():
        (tmp_path / table).write_text(text, encoding="utf-8")
    assert [sheet.people for sheet in read_sheets(tmp_path)] == [100, 99]
    (tmp_path / "c.toml").write_text(filled(people=5, fee=-1), encoding="utf-8")
    (tmp_path / "d.toml").write_text(filled(name='"Table 2"'), encoding="utf-8")
    with pytest.raises(ValueError, match=r"c.toml, line 5: people is 5") as caught:
        read_sheets(tmp_path)
    assert "c.toml, line 26: fee is -1" in str(caught.value)
    assert "d.toml: a table named 'Table 2' is there already, in b.TOML" in str(caught.value)


def test_a_folder_without_sheets_says_what_it_holds(tmp_path):
    (tmp_path / "minutes.txt").touch()
    with pytest.raises(ValueError, match=r"holds minutes.txt; a file that ends in .toml is needed"):
        read_sheets(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        read_sheets(tmp_path / "none")


# terms that a role should not have signed, whatever the world
TO_LEAVE = {
    "commissioner": dict(cap=380_000),
    "provider": dict(price=1_500),
    "investor": dict(price=3_900, people=140),
    "intermediary": dict(fee=10_000),
}


def test_the_notebook_tells_a_class_who_should_have_left(tmp_path, monkeypatch):
    """A class of five tables that all count: four sign what ruins one role each, the last does not."""
    book = nbformat.read(Path(__file__).parents[1] / "book/teach/negotiation.ipynb", as_version=4)
    (tmp_path / "term-sheets").mkdir()
    for name, changes in {**TO_LEAVE, "nobody": {}}.items():
        text = filled(name=f'"Table {name}"', **changes)
        (tmp_path / f"term-sheets/{name}.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    taught = {}
    code = [cell.source for cell in book.cells if cell.cell_type == "code"]
    exec("\n".join(code[:-1]), taught)  # without the solutions
    chances = taught["chances"].set_index(["table", "role"])
    for role in ROLES:
        assert chances.loc[(f"Table {role}", role), "all aims met"] == 0
        assert chances.loc[(f"Table {role}", role), "should have left"]
    assert not chances.loc["Table nobody", "should have left"].any()


def test_files_that_are_no_term_sheets(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        read_sheet(tmp_path / "none.toml")
    (tmp_path / "large.toml").write_bytes(b"#" * 100_001)
    with pytest.raises(ValueError, match="100,001 bytes"):
        read_sheet(tmp_path / "large.toml")


def test_other_bad_input():
    with pytest.raises(ValueError, match="each name once"):
        seats(["Ann", "Ann"])
    with pytest.raises(ValueError, match="at least one"):
        seats([])
    with pytest.raises(ValueError, match="role 'banker' is unknown"):
        negotiation.secrets("banker")
    with pytest.raises(ValueError, match="draws is 0"):
        play(sheet(), draws=0)
    with pytest.raises(ValueError, match="people is 5"):
        sheet(people=5)
