"""The contract to play with, as the build writes it; what its script computes is tested in the browser."""

import pytest
from bs4 import BeautifulSoup
from casebook import contractplay as play

START = {name: term.start for name, term in play.TERMS.items()}


def test_every_control_has_its_label_and_says_its_value():
    form = BeautifulSoup(play.html("price", START, "A contract"), "html.parser").form
    controls = form.find_all(["input", "select"])
    assert {control["name"] for control in controls} == {"rule", *play.TERMS}
    for control in controls:
        assert form.find("label", attrs={"for": control["id"]}).text
    assert form.select_one("#play-target").parent.has_attr("hidden")
    assert not form.select_one("#play-price").parent.has_attr("hidden")
    assert form.output.strong.text == play.said("price", START)[0]


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
