"""The figures to play with, as the build writes them; what their scripts compute is tested in the browser."""

import pytest
from bs4 import BeautifulSoup
from casebook.plays import PLAYS, grant, luck, payback, picked
from casebook.plays import contract as play

from sibmodels import cases

START = {name: term.start for name, term in play.TERMS.items()}


def form_of(name, **changed):
    terms = PLAYS[name].start() | changed
    return BeautifulSoup(PLAYS[name].html(terms, "A title"), "html.parser").form, terms


@pytest.mark.parametrize("name", PLAYS)
def test_every_control_has_its_label_and_the_words_are_those_of_the_start(name):
    form, terms = form_of(name)
    controls = form.find_all(["input", "select"])
    assert {control["name"] for control in controls} == set(terms)
    for control in controls:
        assert control["type" if control.name == "input" else "name"] == "hidden" or form.find(
            "label", attrs={"for": control["id"]}
        )
    assert (form.output.strong.text, form.output.span.text) == PLAYS[name].said(terms)
    shown = [[cell.text for cell in row.find_all(["th", "td"])] for row in form.find_all("tr")]
    assert shown == PLAYS[name].rows(terms)


def test_a_term_that_a_rule_does_not_have_is_hidden():
    form, _ = form_of("contract", rule="price")
    assert form.select_one("#play-contract-target").parent.has_attr("hidden")
    assert not form.select_one("#play-contract-price").parent.has_attr("hidden")
    form, _ = form_of("picked")
    assert form.select_one("#play-picked-price").parent.has_attr("hidden")
    form, _ = form_of("picked", rule="rate card in bands")
    assert not form.select_one("#play-picked-price").parent.has_attr("hidden")


@pytest.mark.parametrize("name", PLAYS)
def test_there_are_as_many_numbers_whatever_the_terms(name):
    """The script puts its own into the cells that the build made."""
    play = PLAYS[name]
    shapes = set()
    for end in ("low", "high"):
        for choice in range(2):
            terms = {key: getattr(term, end) for key, term in play.terms.items()}
            terms |= {key: list(one.options)[-choice] for key, one in play.choices.items()}
            shapes.add(tuple(len(row) for row in play.rows(terms)))
    assert len(shapes) == 1


@pytest.mark.parametrize(
    ("rule", "changed", "words"),
    [
        ("threshold", {"result": 79}, ("lose 65.", "break even at a result of 80\u00a0%")),
        ("threshold", {"result": 80}, ("gain 10.", "75 for results")),
        ("floor", {"result": 39}, ("lose 65.", "0 for results")),
        ("steps", {"result": 40}, ("lose 27.5.", "37.5 for results")),
        ("price", {"price": 2, "result": 50}, ("gain 10.", "75 for results")),
        ("proportional", {"most": 60}, ("lose", "No result would pay them back")),
        ("proportional", {"fixed": 100}, ("gain", "They bear no risk")),
        ("proportional", {"fixed": 25, "result": 100}, ("put in 100 and get back 100", "the bill")),
        ("proportional", {"share": 20}, ("lose 8.7", "the first payer bears 73 of it, the second 18.3")),
    ],
)
def test_who_pays_what_in_words(rule, changed, words):
    said = play.said(rule, START | changed)
    for part, text in zip(words, said, strict=True):
        assert part.lower() in text.lower()


# the others, by numbers that are known otherwise


def test_luck_by_hand():
    """Of two coins one or both fall well in three draws of four: the least people that the slider has are ten."""
    sums = luck.settled({"people": 10, "chance": 50, "target": 10, "draw": 1})
    assert sums["all or nothing"]["mean"] == pytest.approx(100 * (1 - 2**-10))
    assert sums["in proportion"]["mean"] == pytest.approx(100 * (1 - 2**-10))
    sure = luck.settled({"people": 10, "chance": 100, "target": 100, "draw": 1})
    assert sure["in proportion"] == {"now": 100, "mean": 100, "spread": 0, "nothing": 0, "all": 100}
    # the slope to 100 % is the share itself: its mean is the chance, its spread that of a share
    plain = luck.settled({"people": 40, "chance": 30, "target": 100, "draw": 3})["in proportion"]
    assert plain["mean"] == pytest.approx(30)
    assert plain["spread"] == pytest.approx(100 * (0.3 * 0.7 / 40) ** 0.5)


def test_draws_differ_and_are_as_likely_as_they_should_be():
    counts = [luck.reached({"people": 400, "chance": 55, "draw": draw}) for draw in range(1, 200)]
    assert len(set(counts)) > 30
    assert sum(counts) / len(counts) == pytest.approx(220, abs=3 * (400 * 0.55 * 0.45 / 199) ** 0.5)


def test_the_payback_is_the_chapter_s():
    """What Kobe's chapter prints: saved within the contract, in thirty years, and the effect that repays."""
    start = PLAYS["payback"].start()
    found = payback.settled(start)
    assert (round(found["inside"], 1), round(found["so far"][-1], 1)) == (1.9, 16.1)
    assert payback.settled(start | {"effect": 36})["so far"][-1] < cases.fact("kobe", "paid_total") / 1e6
    assert payback.settled(start | {"effect": 38})["so far"][-1] > cases.fact("kobe", "paid_total") / 1e6
    assert "pays back in year" in payback.said(start | {"effect": 38})[0]
    assert payback.said(start | {"effect": 0})[0].startswith("It does not pay back in 30 years: 0 of")


def test_the_break_evens_are_the_chapter_s():
    start = PLAYS["grant"].start()
    found = grant.settled(start)
    assert (round(found["larger"], 2), round(found["same"], 2)) == (22.92, 15.28)
    verdicts = {(22.9, 1.5): "for the same people", (23, 1.5): "by both rules", (15, 1.5): "the grant is better"}
    verdicts[30, 0.5] = "beats a larger grant; for the same people"
    for (uplift, worth), words in verdicts.items():
        assert words in grant.said(start | {"uplift": uplift, "worth": worth})[0]


def test_who_is_picked_by_hand():
    """Paid for what it adds, nobody picks better; paid by success, the first picked are those likeliest to succeed."""
    for who in picked.WORLDS:
        terms = PLAYS["picked"].start() | {"who": who}
        sums = picked.settled(terms)
        assert all(sums["per impact"]["impact"] >= one["impact"] - 1e-9 for one in sums.values())
        assert sums["per success"]["impact"] + sums["per success"]["deadweight"] == pytest.approx(
            max(one["impact"] + one["deadweight"] for one in sums.values())
        )
    # a price like the others' is payment for each success
    same = picked.settled(PLAYS["picked"].start() | {"price": 1})
    assert same["rate card in bands"] == same["per success"]
