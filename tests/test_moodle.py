"""The question bank, read as Moodle's import reads it: what is right passes, what is known to be wrong is told so.

The grammar of embedded answers is Moodle's own, as its import has it: an answer ends at a ~, # or } that no backslash
or & stands before, what is said of it at a ~ or }; entities are decoded afterwards; the first answer that fits counts.
"""

import html
import math
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import nbformat
import pytest
from bs4 import BeautifulSoup
from casebook import editions, moodle

ROOT = Path(__file__).parents[1]
NOTES = editions.notes(ROOT)
TEXT = moodle.questions(ROOT)
BANK = ET.fromstring(TEXT)
PARTS = {
    editions.title(name, int(number)): editions.parts(nbformat.read(path, as_version=4), NOTES[name], int(number))
    for name, path in editions.chapters(ROOT).items()
    for number in NOTES.get(name, {}).get("checks", {})
}
NUMBER = r"-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
BLANK = re.compile(r"\{(\d*):([A-Z_]+):(.+?)(?<!\\)\}", re.S)
ONE = re.compile(r"~?(=|%-?\d+%)?(.+?(?<!\\|&)(?=[~#}]|$))(?:#(.*?(?<!\\)(?=[~}]|$)))?", re.S)


def asked() -> dict[str, ET.Element]:
    return {one.findtext("name/text"): one for one in BANK if one.get("type") != "category"}


def read(question: ET.Element) -> list[list[tuple[str, float, float, str]]]:
    """Each part's answers: text, tolerance, fraction from 0 to 1, what is said."""
    if question.get("type") != "cloze":
        return [
            [
                (
                    html.unescape(one.findtext("text")),
                    float(one.findtext("tolerance", "0")),
                    float(one.get("fraction")) / 100,
                    html.unescape(one.findtext("feedback/text") or ""),
                )
                for one in question.findall("answer")
            ]
        ]
    found = []
    for _, kind, inside in BLANK.findall(question.findtext("questiontext/text")):
        part = []
        for fraction, answer, says in ONE.findall(inside):
            text, _, tolerance = answer.partition(":") if kind == "NUMERICAL" else (html.unescape(answer), "", "")
            assert kind != "NUMERICAL" or text == "*" or re.fullmatch(NUMBER, text), answer
            part.append((text, float(tolerance or 0), float(fraction == "="), html.unescape(says)))
        found.append(part)
    return found


def graded(answers, given) -> tuple[float, str]:
    """What a learner gets: the first answer that fits."""
    for text, tolerance, fraction, says in answers:
        if isinstance(given, str):
            if text == given:
                return fraction, says
        elif text == "*" or abs(float(text) - given) <= tolerance + 1e-9 * max(1, abs(given)):
            return fraction, says
    return 0.0, ""


def test_every_exercise_is_a_question_of_its_chapter():
    listed = [editions.title(name, number + 1) for name in NOTES for number in range(len(NOTES[name]["minutes"]))]
    assert sorted(asked()) == sorted(listed)
    identifiers = [one.findtext("idnumber") for one in asked().values()]
    assert len(set(identifiers)) == len(identifiers)
    categories = [one.findtext("category/text") for one in BANK if one.get("type") == "category"]
    assert len(set(categories)) == len(categories) == len(NOTES)
    assert all(one.startswith("$course$/top/An executable casebook of social impact bonds/") for one in categories)


def test_the_kind_of_a_question_is_that_of_its_answer():
    for name, question in asked().items():
        parts = PARTS.get(name)
        kind = question.get("type")
        if parts is None:
            assert kind == "essay"
            assert question.findtext("graderinfo/text").startswith("<p>")
        else:
            assert kind == ("cloze" if len(parts) > 1 else "multichoice" if parts[0].words else "numerical"), name


@pytest.mark.parametrize("name", PARTS)
def test_what_is_right_here_is_right_there_and_what_is_wrong_is_not(name):
    read_back = read(asked()[name])
    assert len(read_back) == len(PARTS[name])
    for part, answers in zip(PARTS[name], read_back, strict=True):
        assert [fraction for _, _, fraction, _ in answers].count(1.0) == 1
        if part.words:
            assert {text: fraction for text, _, fraction, _ in answers} == {
                word: float(word == part.value) for word in part.words
            }
            assert all(says for _, _, fraction, says in answers if not fraction)
            continue
        assert answers[0][:3] == (f"{part.value:.10g}", pytest.approx(part.tolerance), 1.0)
        assert answers[-1][0] == "*"
        edge = part.tolerance
        for given in (part.value, part.value - 0.99 * edge, part.value + 0.99 * edge):
            assert graded(answers, given)[0] == 1
        more = 1.02 * edge + 1e-6 * max(1, abs(part.value))
        for given in (part.value - more, part.value + more, part.value + 3 * edge + 1):
            assert graded(answers, given)[0] == 0
        for wrong, says in part.slips:
            assert graded(answers, float(wrong)) == (0.0, says)


def test_mistakes_that_any_number_may_have_are_told():
    (answers,) = read(asked()["kobe 3"])
    (right,) = PARTS["kobe 3"]
    assert "a share where per cent" in graded(answers, right.value / 100)[1]
    assert "1,000,000 times too large" in graded(answers, right.value * 1e6)[1]
    assert "other sign" in graded(answers, -right.value)[1]
    assert "right as far as it goes" in graded(answers, round(right.value, 1))[1]
    assert "Look at the unit" in graded(answers, right.value * 3)[1]


def test_texts_are_plain_html_without_what_only_the_book_reads():
    for name, question in asked().items():
        text = question.findtext("questiontext/text")
        page = BeautifulSoup(text, "html.parser")
        tags = {"p", "em", "strong", "code", "small", "ol", "li", "a", "i"}
        assert {tag.name for tag in page.find_all()} <= tags, name
        words = re.sub(r"\{\d:[A-Z_]+:.*?\}", "", page.get_text(), flags=re.S)
        assert not re.search(r"[$`{}\\]|\*\w", words), (name, words)
        assert all(link["href"].startswith("https://") for link in page.find_all("a"))


def test_signs_that_end_an_answer_come_through():
    odd, says = "b ~#{}\\=\"'<&", "Not ~ # } { \\ \" ' = 5 % & <."
    part = moodle.Part("a", words=("a", odd), slips=((odd, says),))
    question = moodle._cloze("<p>Which?</p>", [part, part])
    for answers in read(question):
        assert answers == [("a", 0.0, 1.0, ""), (odd, 0.0, 0.0, says)]


def test_a_formula_that_needs_more_than_letters_is_refused():
    assert moodle.formula("k = -0.3") == "<i>k</i> = −0.3"
    assert moodle.formula(r"\delta = 1/(2-\cos\theta)") == "<i>δ</i> = 1/(2−cos <i>θ</i>)"
    for tex in (r"\frac{1}{2}", "x^2", "x_1"):
        with pytest.raises(ValueError, match="no short formula"):
            moodle.formula(tex)
    assert moodle.page("See [Kobe](../cases/kobe), [it](https://x.org).", {}, inline=True) == (
        'See Kobe, <a href="https://x.org">it</a>.'
    )
    with pytest.raises(ValueError, match="write it out in the exercise"):
        moodle.page("See {term}`outcome payer`.", {})


def test_numbers_are_finite():
    for question in asked().values():
        for answers in read(question):
            numbers = [float(text) for text, *_ in answers if re.fullmatch(NUMBER, text)]
            assert all(map(math.isfinite, numbers))
