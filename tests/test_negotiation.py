"""The game: seats for any class, term sheets that say what is wrong, money that adds up, and deals worth finding."""

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodels import cashflows, display, negotiation, tables
from sibmodels.teach.negotiation import (
    ROLES,
    TermSheet,
    burden,
    chosen_hours,
    debrief,
    example,
    odds,
    play,
    points,
    read_sheet,
    read_sheets,
    scores,
    seats,
    secrets,
    settle,
)

from . import bargaining

BOOK = Path(__file__).parents[1] / "book"
NUMBER = tables.read("game").set_index(["role", "key"])["value"]
GOOD = dict(evaluation="compare", pay_work=8_000, share=34, fixed=70_000)  # the example with four terms changed


def sheet(**changes):
    return TermSheet(**{"name": "Test", **example(), "evaluation": "count", **changes})


def filled(**changes):
    """A term sheet as a table would fill it in: the blank one, a value after each sign."""
    values = {**example(), "name": '"Table 1"', "evaluation": '"count"', **changes}
    lines = []
    for line in negotiation.blank_sheet().splitlines():
        key = line.partition("=")[0].strip()
        lines.append(f"{key} = {values[key]}" if key in values else line)
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 30, 33, 101])
def test_a_class_of_any_size_sits_down(size):
    names = [f"student {i}" for i in range(size)]
    table = seats(names)
    assert set(table["player"]) == set(names)
    assert all(set(group["role"]) == set(ROLES) for _, group in table.groupby("table"))
    if size >= 4:
        at = table.groupby("table")["player"].nunique()
        assert at.between(4, 5).all() or size in (6, 7, 11)
        assert at.max() - at.min() <= 1
        assert table.groupby(["table", "role"]).size().max() <= 2
        for _, group in table.groupby("table"):
            if group["player"].nunique() == 4:  # one player has two sheets, which are these
                both = group.groupby("player")["role"].agg(set).loc[lambda roles: roles.map(len) > 1]
                assert both.tolist() == [{"intermediary", "users"}]
            else:
                assert group["player"].is_unique


@pytest.mark.parametrize("evaluation", negotiation.EVALUATIONS)
@pytest.mark.parametrize("size", [3, 9])
def test_a_round_with_every_seat(size, evaluation, tmp_path):
    """From the seats to the debrief, as a class does it."""
    hands = seats([f"student {i}" for i in range(size)])
    slips = {}
    for number, players in hands.groupby("table"):
        for role in ROLES:
            assert (players["role"] == role).any()
            assert len(secrets(role)) >= 4  # each seat knows and wants something
        name = f"Table {number}"
        text = filled(name=f'"{name}"', evaluation=f'"{evaluation}"')
        (tmp_path / f"{number}.toml").write_text(text, encoding="utf-8")
        slips[name] = (10, 5)
    signed = read_sheets(tmp_path)
    for one in signed:
        world = play(one, seed=2026, hours=slips[one.name]).iloc[0]
        result = debrief(one, world)
        assert result.index.tolist() == list(ROLES)
        assert (result["met"] == (result["got"] >= result["bar"])).all()
    table = scores(signed, slips, draws=40)
    assert table.index.tolist() == list(slips)
    np.testing.assert_allclose(table["table"], table[list(ROLES)].sum(axis=1))
    assert [row[row["lowest"]] for _, row in table.iterrows()] == table[list(ROLES)].min(axis=1).tolist()


terms = st.fixed_dictionaries(
    {
        "places": st.integers(0, 60),
        "price": st.floats(400, 1400),
        "share": st.floats(0, 50),
        "fixed": st.floats(0, 100_000),
        "pay_work": st.floats(0, 10_000),
        "pay_wellbeing": st.floats(1, 5_000),
        "cap": st.floats(100_000, 300_000),
        "fee": st.floats(0, 45_000),
        "guarantee": st.floats(0, 60_000),
        "evaluation": st.sampled_from(negotiation.EVALUATIONS),
    }
)


@settings(max_examples=30)
@given(terms, st.integers(0, 1000))
def test_no_money_comes_from_nowhere_and_nobody_is_made_worse_off(changes, seed):
    """What all gain is what the commissioner's money and the service's cost leave; whoever was added is a person."""
    signed = sheet(**changes)
    hours = chosen_hours(signed)
    worlds = play(signed, draws=5, seed=seed, hours=hours)
    paid = worlds["paid"]
    assert paid.between(signed.fixed - 1e-6, signed.cap + 1e-6).all()
    np.testing.assert_allclose(  # the contract of the book pays the same
        paid, signed.contract().total({k: worlds[f"{k}_paid"] for k in signed.contract().names}), atol=1e-6
    )
    compared = NUMBER["everybody", "evaluation_cost"] * (signed.evaluation == "compare")
    assert worlds["put_in"].to_numpy() == pytest.approx(100 * signed.price + compared)  # nobody's return is of nothing
    assert (worlds["guaranteed"] <= signed.guarantee + 1e-6).all()
    flows = settle(signed, worlds["work_paid"], worlds["wellbeing_paid"])
    np.testing.assert_allclose(flows.sum(axis=1), 0, atol=1e-6)
    received = flows.groupby("scenario").sum()
    np.testing.assert_allclose(received["investor"], worlds["gain"], atol=1e-6)
    np.testing.assert_allclose(
        received["provider"], 100 * signed.price + signed.share / 100 * (paid - signed.fixed), atol=1e-6
    )
    assert (received["evaluator"] == compared).all()
    for name, more in (("work", "more_in_work"), ("wellbeing", "better")):
        assert (worlds[more] >= 0).all()
        np.testing.assert_array_equal(worlds[name], worlds[f"{name}_anyway"] + worlds[more])
        assert worlds[name].max() <= 100
    assert worlds["left"].max() <= signed.places
    assert (worlds["far"] <= worlds["more_in_work"] + worlds["better"]).all()
    assert hours[0] + hours[1] <= (100 * signed.price - 30_000 - 700 * signed.places) / 2_000 + 1e-9 or hours == (0, 0)


def test_one_world_by_hand():
    """The results of all seats in one world, written out from what was counted."""
    signed = sheet(fee=10_000, guarantee=5_000, price=900, fixed=20_000, share=20, evaluation="compare", places=30)
    world = play(signed, seed=3, hours=(10, 7.5)).iloc[0]
    earned = world["work_paid"] * signed.pay_work + world["wellbeing_paid"] * signed.pay_wellbeing
    paid = 20_000 + earned
    assert world["paid"] == pytest.approx(paid)
    put_in = 90_000 + 14_000
    left = paid - 0.2 * earned  # of this the fee first, as far as it goes
    loss = put_in - max(left - 10_000, 0)
    gain = -loss + min(5_000, max(loss, 0))
    assert world["gain"] == pytest.approx(gain)
    assert world["return"] == pytest.approx((1 + gain / put_in) ** 0.5 - 1)
    assert world["return"] == pytest.approx(float(cashflows.irr([-put_in, 0, put_in + gain])))
    assert world["investor"] == pytest.approx(gain - (1.03**2 - 1) * put_in - NUMBER["investor", "own_cost"])
    fee = min(left, 10_000) - NUMBER["intermediary", "own_cost"] + NUMBER["intermediary", "compare_bonus"]
    assert world["intermediary"] == pytest.approx(fee - min(5_000, max(loss, 0)))
    intake = 70 * NUMBER["provider", "cost_near"] + 30 * NUMBER["provider", "cost_far"]
    spent = intake + 100 * 17.5 * NUMBER["provider", "cost_hour"]
    added = world["more_in_work"] + world["better"]
    assert world["provider"] == pytest.approx(90_000 + 0.2 * earned - spent + NUMBER["provider", "mission"] * added)
    worth = NUMBER["commissioner", "worth_work"] * world["more_in_work"]
    worth += NUMBER["commissioner", "worth_wellbeing"] * world["better"]
    assert world["commissioner"] == pytest.approx(worth - paid)
    assert world["users"] == added + world["far"] - world["left"]


def test_the_sums_on_the_role_sheets_lead_where_the_game_does():
    """Each sheet names a sum to do by hand before the talk; the model must agree with it."""
    signed = sheet(places=20, price=1_200)
    worlds = play(signed, draws=4_000, seed=5, hours=(10, 20))
    gains = {key: NUMBER["intermediary", f"gain_{key}"] for key in ("near", "far", "wellbeing")}
    # a quarter of the hours, a half of the gain; a half, seven tenths
    counted = 80 * (0.25 + gains["near"] / 2) + 20 * (0.05 + gains["far"] / 2)
    assert worlds["work"].mean() == pytest.approx(counted, abs=0.4)
    assert worlds["wellbeing"].mean() == pytest.approx(100 * (0.15 + 0.707 * gains["wellbeing"]), abs=0.5)
    # what the provider's staff remember, to a person or so, and four tenths more for twice the hours
    assert worlds["more_in_work"].mean() == pytest.approx(NUMBER["provider", "guess_work"], abs=1)
    ten = play(signed, draws=4_000, seed=5, hours=(20, 10))
    assert ten["better"].mean() == pytest.approx(NUMBER["provider", "guess_wellbeing"], abs=1)
    assert ten["more_in_work"].mean() / worlds["more_in_work"].mean() == pytest.approx(2**0.5, abs=0.03)
    # who leaves: half of them without an hour for wellbeing, a quarter with five, none from ten
    left = [play(signed, 4_000, 5, (0, hours))["left"].mean() for hours in (0, 5, 10, 20)]
    assert left == pytest.approx([10, 5, 0, 0], abs=0.2)
    # a bank's interest on what is put in is about 6 in each hundred
    assert (1 + NUMBER["everybody", "bank"]) ** 2 - 1 == pytest.approx(0.06, abs=0.001)


def test_the_walk_away_is_what_the_grant_brings():
    """The grant as a contract that pays for nothing else: what each sheet says of it, and what everybody knows."""
    grant = NUMBER["everybody", "grant"]
    signed = sheet(places=20, price=grant / 100, share=0, fixed=grant, pay_work=0, pay_wellbeing=0.001, fee=0)
    worlds = play(signed, draws=2_000).mean()
    for role, close in {"commissioner": 3_000, "provider": 1_500, "users": 1}.items():
        assert NUMBER[role, "walk_away"] == pytest.approx(worlds[role], abs=close)
    assert NUMBER["everybody", "grant_work"] == pytest.approx(worlds["more_in_work"], abs=0.5)
    assert NUMBER["everybody", "grant_better"] == pytest.approx(worlds["better"], abs=0.5)


@pytest.mark.parametrize("role", ROLES)
def test_points_go_by_steps_from_walk_away_to_bar(role):
    walk_away, bar = NUMBER[role, "walk_away"], NUMBER[role, "bar"]
    step = bar - walk_away
    assert step > 0
    at = walk_away + step * np.array([-5, -1, 0, 1, 2, 3])
    assert points(role, at).tolist() == [-10, -10, 0, 5, 7.5, 8.75]
    many = points(role, np.linspace(walk_away - step, walk_away + 6 * step, 50))
    assert (np.diff(many) > 0).all()
    assert (np.diff(many, 2) < 0).all()  # each further pound is worth less
    assert many.max() < 10


def test_who_signs_beyond_a_limit_has_the_least():
    dear = sheet(price=1_400)
    assert odds(dear, draws=20)["points"]["investor"] == -10
    most = NUMBER["intermediary", "guarantee_most"]
    assert odds(sheet(guarantee=most), draws=20)["points"]["intermediary"] > 0
    assert odds(sheet(guarantee=most + 1), draws=20)["points"]["intermediary"] == -10
    assert debrief(sheet(guarantee=most + 1), play(sheet()).iloc[0])["points"]["intermediary"] == -10


def test_hours_follow_what_the_provider_has_from_them():
    """A share that the cap leaves alone, and prices for what is added, buy hours; certain money buys none for work."""
    shares = [sum(chosen_hours(sheet(**GOOD | {"share": share, "cap": 300_000}))) for share in (0, 10, 25, 40)]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]
    assert chosen_hours(sheet(fixed=150_000, pay_work=1, pay_wellbeing=1, cap=160_000))[0] == 0
    assert chosen_hours(sheet(**GOOD | {"fixed": 100_000, "cap": 100_000}))[0] == 0
    wellbeing = chosen_hours(sheet(**GOOD | {"pay_work": 0, "pay_wellbeing": 5_000, "share": 50}))
    assert wellbeing[1] > wellbeing[0]
    least = 300 + 7 * 20  # of a price that hardly pays for taking people on there is nothing to give
    assert chosen_hours(sheet(price=least, share=50, pay_work=10_000)) == (0, 0)


def test_the_hours_chosen_are_the_best_for_the_provider():
    """Against every other choice in steps of five hours, played one by one."""
    signed = sheet(**GOOD)
    worlds = {
        (work, wellbeing): play(signed, negotiation.THOUGHT, 0, (work, wellbeing))["provider"]
        for work in range(0, 26, 5)
        for wellbeing in range(0, 26 - work, 5)
    }
    best = max(worlds, key=lambda hours: points("provider", worlds[hours]).mean())
    assert chosen_hours(signed) == best


def test_the_first_of_many_worlds_is_the_one():
    pd.testing.assert_series_equal(play(sheet(), 30, seed=9).iloc[0], play(sheet(), seed=9).iloc[0])


def test_comparing_at_the_same_prices_leaves_nobody_a_reason_to_work():
    counted, compared = (odds(sheet(evaluation=how), 500, 2026)["points"] for how in negotiation.EVALUATIONS)
    assert (compared < 5).all()
    assert (compared < counted).all()
    # and what is paid for is what lies above the others, give or take luck
    worlds = play(sheet(**GOOD), 2_000)
    assert (worlds["work_paid"] - worlds["more_in_work"]).mean() == pytest.approx(0, abs=0.3)


@pytest.mark.parametrize("terms", [{}, GOOD])
def test_a_provider_that_gives_no_hours_misses_its_bar(terms):
    idle, best = (odds(sheet(**terms), 500, 2026, hours)["points"]["provider"] for hours in ((0, 0), None))
    assert idle < 5 < best


def test_what_is_lost_in_the_bad_tenth_is_shared_out():
    borne = burden(sheet(**GOOD), draws=500)
    money = borne.drop("users")
    assert money["share"].sum() == pytest.approx(1)
    assert (borne["average"] - borne["bad tenth"]).to_numpy() == pytest.approx(borne["loss"].to_numpy())
    worlds = play(sheet(**GOOD), 500)
    worth = NUMBER["commissioner", "worth_work"] * worlds["more_in_work"]
    worth += NUMBER["commissioner", "worth_wellbeing"] * worlds["better"]
    bad = worlds.loc[worth.sort_values(kind="stable").index[:50]]
    assert borne.loc["investor", "bad tenth"] == pytest.approx(bad["gain"].mean())
    assert borne.loc["users", "bad tenth"] == pytest.approx(bad["users"].mean())
    # paying for what was added moves a part of the loss from the payer to investor and provider
    fixed = burden(replace(sheet(**GOOD), fixed=150_000, pay_work=1, pay_wellbeing=1), draws=500)
    assert borne.loc["payer", "share"] < fixed.loc["payer", "share"]


def test_the_game_can_be_won_and_not_by_a_grant_in_disguise():
    assert odds(sheet(**GOOD), draws=500)["points"].min() > 5
    rng = np.random.default_rng(1)
    assert max(one.lowest for one in bargaining.grants(rng, 20)) < 0


def test_a_small_search_finds_deals_whose_payment_moves():
    """The sample of tests/prove/test_bargaining.py: what tables come by that look after the seat that has least."""
    rng = np.random.default_rng(4)
    start = bargaining.deal(sheet(**GOOD))
    seen = bargaining.climb(start, rng, 60, lambda one: one.lowest)
    signed = [one for one in seen if one.lowest >= 5]
    assert len(signed) > 10
    assert max(one.lowest for one in signed) > start.lowest
    assert not any(bargaining.certain(one) for one in signed[::5])
    guesses = [bargaining.deal(bargaining.anywhere(rng)).lowest for _ in range(60)]
    assert np.mean(np.array(guesses) >= 5) < 0.05


PRIVATE = [row for role in ROLES for row in secrets(role).itertuples()]
PUBLIC = {display.amount(row.value, row.unit, row.currency) for row in secrets("everybody").itertuples()}


def test_the_page_of_the_game_has_no_number_that_a_seat_would_hide():
    """Neither in its words nor in what its cells print; nor has the term sheet."""
    book = nbformat.read(BOOK / "teach/negotiation.ipynb", as_version=4)
    texts = [negotiation.blank_sheet()]
    for cell in book.cells:
        texts.append(cell.source)
        for output in cell.get("outputs", []):
            texts += [output.get("text", ""), *map(str, output.get("data", {}).values())]
    text = re.sub(r"<[^>]+>", " ", "\n".join(texts))
    for row in PRIVATE:
        assert row.label not in text
        figure = f"{row.value:,.0f}" if row.value >= 1_000 else display.amount(row.value, row.unit, row.currency)
        if row.unit in ("money", "share") and row.value and figure not in PUBLIC:
            assert not re.search(rf"(?<![\d,]){re.escape(figure)}(?![\d,])", text), (row.role, row.key)
    assert "debrief(" not in text.replace("negotiation-debrief(", "")  # nothing that would print them


def test_hours_that_the_price_does_not_pay_for_are_cut_both_alike():
    pd.testing.assert_frame_equal(play(sheet(), 20, hours=(20, 30)), play(sheet(), 20, hours=(10.2, 15.3)))


def test_a_blank_sheet_lists_every_term_with_its_line(tmp_path):
    path = tmp_path / "blank.toml"
    path.write_text(negotiation.blank_sheet(), encoding="utf-8")
    with pytest.raises(ValueError, match="blank") as caught:
        read_sheet(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(example()) + 1
    assert lines[0].startswith("blank.toml, line 5: places has no value yet; a number from 0 to 60 is needed")
    assert 'evaluation has no value yet; "count" or "compare"' in lines[-1]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (filled(places=80, price='"1,000"'), ["line 5: places is 80;", "price is '1,000'; a number from 400 to 1,400"]),
        (filled(evaluation='"maybe"'), ['evaluation is \'maybe\'; "count" or "compare"']),
        (filled(fixed=130_000, cap=120_000), ["fixed is 130,000, more than the cap of 120,000"]),
        (filled(pay_work=0, pay_wellbeing=0), ["nothing is paid for results"]),
        (filled(places=10.5), ["places is 10.5; a whole number"]),
        (
            filled(cap=400_000),
            ["line 23: cap is 400000; a number from 100,000 to 300,000 is needed (the most that", "the city's budget)"],
        ),
        (filled() + "pay_wrok = 3\n", ["term 'pay_wrok' is unknown (did you mean 'pay_work'?)"]),
        (filled(fee="nan"), ["fee is nan"]),
        (filled(cap="true"), ["cap is True; a number"]),
        (filled(name="7"), ['name is 7; a word in "quotes"']),
        (
            "places = 20 people\nname = “Table 1”\ncap = 340,000\nfee = £20000\n",
            [
                "line 1: places is 20 people; a bare number (340000)",
                "line 3: cap is 340,000;",
                "line 4: fee is £20000;",
                "price has no value yet",
            ],
        ),
        (filled() + "places = 30\n", ["places is there twice, first in line 5"]),
        (filled() + "we agreed in good spirit\n", ["term 'we agreed in good spirit' is unknown"]),
        ("", ["places has no value yet", "evaluation has no value yet"]),
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
        "b.TOML": filled(name='"Table 2"', places=19),
        "notes.txt": "",
    }.items():
        (tmp_path / table).write_text(text, encoding="utf-8")
    assert [sheet.places for sheet in read_sheets(tmp_path)] == [20, 19]
    (tmp_path / "c.toml").write_text(filled(places=-5, fee=-1), encoding="utf-8")
    (tmp_path / "d.toml").write_text(filled(name='"Table 2"'), encoding="utf-8")
    with pytest.raises(ValueError, match=r"c.toml, line 5: places is -5") as caught:
        read_sheets(tmp_path)
    assert "c.toml, line 26: fee is -1" in str(caught.value)
    assert "d.toml: a table named 'Table 2' is there already, in b.TOML" in str(caught.value)


def test_a_folder_without_sheets_says_what_it_holds(tmp_path):
    (tmp_path / "minutes.txt").touch()
    with pytest.raises(ValueError, match=r"holds minutes.txt; a file that ends in .toml is needed"):
        read_sheets(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        read_sheets(tmp_path / "none")


# four terms of the example changed so that it is good for all, and one more that costs a seat the deal
TO_LEAVE = {
    "commissioner": dict(fixed=150_000, places=0),
    "provider": dict(price=500),
    "investor": dict(fee=45_000, fixed=10_000),
    "intermediary": dict(fee=0),
    "users": dict(pay_work=0, fixed=150_000),
}


def test_the_notebook_tells_a_class_who_should_have_left(tmp_path, monkeypatch):
    """A class of six tables: five sign what ruins one seat each, the last does not; one provider hands in a slip."""
    book = nbformat.read(BOOK / "teach/negotiation-debrief.ipynb", as_version=4)
    (tmp_path / "term-sheets").mkdir()
    for name, changes in {**TO_LEAVE, "nobody": {}}.items():
        values = {**GOOD, **changes, "evaluation": '"compare"', "name": f'"Table {name}"'}
        (tmp_path / f"term-sheets/{name}.toml").write_text(filled(**values), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code = [cell.source for cell in book.cells if cell.cell_type == "code"]
    assert code[0].count("HOURS = {}") == 1
    code[0] = code[0].replace("HOURS = {}", 'HOURS = {"Table nobody": (5, 15)}')
    taught = {}
    exec("\n".join(code[:-1]), taught)  # without the solutions
    points = taught["scores"]
    assert {role: points.loc[f"Table {role}", role] < 0 for role in ROLES} == dict.fromkeys(ROLES, True)
    assert (points.loc["Table nobody", list(ROLES)] > 0).all()
    assert taught["users"].loc["hours for wellbeing", "Table nobody"] == 15


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
    with pytest.raises(ValueError, match="Test: hours is -1; it must be at least 0 and at most 40"):
        play(sheet(), hours=(-1, 30))
    with pytest.raises(ValueError, match="table 'Tset' is unknown"):
        scores([sheet()], {"Tset": (5, 5)})
    with pytest.raises(ValueError, match="places is 61"):
        sheet(places=61)
