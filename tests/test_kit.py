"""What a class holds in its hands: minutes that add up, figures from data, cards of real parties, marks that fit."""

import re
import tomllib
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from casebook import kit, teaching

from sibmodels import cases, tables

from .test_prose import NUMBER, known_numbers, prose, value

ROOT = Path(__file__).parents[1]
TEACH = ROOT / "book/teach"
PLANS = teaching.plans(ROOT)
ASSESSED = tomllib.loads((TEACH / "assessment.toml").read_text(encoding="utf-8"))
KIT = kit.kit(ROOT)


@pytest.mark.parametrize("name", ["seminar", "workshop", "module"])
def test_the_minutes_of_a_session_are_those_of_its_steps(name):
    for session in PLANS[name]["sessions"]:
        if session["what"] != "Break":
            assert sum(step["minutes"] for step in session["steps"]) == session["minutes"], session["what"]
            assert all(step["minutes"] > 0 for step in session["steps"])


@pytest.mark.parametrize(("name", "page"), [("seminar", "seminar"), ("workshop", "workshop"), ("module", "module")])
def test_every_session_stands_on_its_page_once_and_in_order(name, page):
    directive = "week " if name == "module" else f"script {name} "
    text = (TEACH / f"{page}.md").read_text(encoding="utf-8")
    shown = [int(number) for number in re.findall(rf"^```{{{directive.split()[0]}}} (?:{name} )?(\d+)$", text, re.M)]
    worked = [i for i, session in enumerate(PLANS[name]["sessions"], start=1) if session["what"] != "Break"]
    assert shown == worked


def test_a_script_says_the_clock():
    text = "\n".join(kit.script(ROOT, f"seminar {n}") for n in range(1, len(PLANS["seminar"]["sessions"]) + 1))
    clock = [tuple(map(int, pair)) for pair in re.findall(r"^\*\*(\d+) to (\d+): ", text, re.M)]
    assert clock[0][0] == 0
    assert clock[-1][1] == PLANS["seminar"]["minutes"]
    assert all(one[1] == two[0] for one, two in pairwise(clock))
    assert "?." not in text


def test_every_step_of_the_seminar_says_what_is_said_and_done():
    for session in PLANS["seminar"]["sessions"]:
        for step in session["steps"]:
            assert {"say", "do"} <= step.keys(), step["what"]
            assert step.keys() <= {"minutes", "what", *kit.PARTS}, step["what"]


def test_each_party_has_a_card_and_each_card_a_party():
    parties = cases.table("stakeholders", "kobe")["stakeholder"]
    assert sorted(one["stakeholder"] for one in KIT["parties"]) == sorted(parties)
    keys = set(cases.table("facts", "kobe")["key"])
    for one in KIT["parties"]:
        assert len(one["facts"]) == 3
        assert set(one["facts"]) <= keys, one["stakeholder"]
    assert set(KIT["labels"]) <= {key for one in KIT["parties"] for key in one["facts"]}
    for lens in KIT["lenses"]:
        assert len(lens["says"]) == 5
        assert set(lens["sources"]) <= set(tables.read("sources")["key"])


def test_no_figure_of_kit_is_typed():
    """Numbers in cards and scripts come through names; the clock, letters and numbers of exercises apart."""
    spoken = [one[key] for one in KIT["parties"] for key in ("promised", "lose", "ask")]
    spoken += [words for lens in KIT["lenses"] for key in ("says", "argue") for words in lens[key]]
    spoken += [one["says"] for one in KIT["gaps"]]
    steps = [step for session in PLANS["seminar"]["sessions"] for step in session["steps"]]
    spoken += [step[key] for step in steps for key in kit.PARTS if key in step]
    bare = [kit.NAMED.sub("", words).replace("2 x", "") for words in spoken]
    assert [words for words in bare if re.search(r"\d", words)] == []
    with pytest.raises(ValueError, match="figure 'caps' is unknown; there are: anyway"):
        kit.fill("at most {caps}")


def test_answers_are_those_of_a_pencil():
    """By fractions from the printed terms, without a model; the published payments are met."""
    most, fixed, target, result = Fraction("7.86"), Fraction("10.48"), Fraction("0.80"), Fraction("0.329")
    by_hand = {
        "at_try": most * Fraction("0.40") / target,
        "at_result": most * result / target,
        "at_between": most * Fraction("0.50") / target,
        "total": fixed + 2 * most + most * result / target,
        "total_nothing": fixed + 2 * most,
        "bold_most": fixed + most,
        "bold_try": (fixed + most) * Fraction("0.40") / target,
        "bold_renal": (fixed + most) * result / target,
        "bold_between": (fixed + most) * Fraction("0.50") / target,
        "bold_total": 2 * most + (fixed + most) * result / target,
        "less": fixed - fixed * result / target,
        "bold_short": Fraction("31.15") - 2 * most - (fixed + most) * result / target,
        "cheap": most * result,
        "over": fixed + most * (1 / target + Fraction("0.95") / Fraction("0.75") + result / target),
        "free": most * Fraction("0.25") / target,
    }
    known = kit.figures()
    assert {name: known[name] for name in by_hand} == {name: f"{round(float(x), 2):g}" for name, x in by_hand.items()}
    assert known["at_result"] == known["paid_renal"]
    assert known["total"] == known["paid_total"]
    # the example in steps pays the published payment at the published result, and another elsewhere
    assert float(known["step"]) <= float(known["result"])
    assert known["step_between"] == known["at_result"] != known["at_between"]
    assert known["step_target"] == known["most"]


@pytest.mark.parametrize("name", ["seminar-handout", "seminar-paper", "seminar-cards", "seminar-laptop"])
def test_what_students_hold_gives_no_answer_away(name):
    """Neither typed nor through a name; what is asked for stands on the teacher's page alone."""
    (path,) = TEACH.glob(f"{name}.*")
    text = path.read_text(encoding="utf-8")
    text += (TEACH / "cards.toml").read_text(encoding="utf-8") if name == "seminar-cards" else ""
    asked = ["at_result", "at_between", "total", "bold_renal", "bold_between", "bold_total", "paid_renal", "paid_total"]
    for answer in asked:
        assert "{" + answer + "}" not in text, answer
        assert not re.search(rf"(?<![\d.]){re.escape(kit.figures()[answer])}(?![\d])", text), answer


def test_numbers_of_the_pages_are_in_data_or_in_a_plan():
    import nbformat

    known = known_numbers(nbformat.v4.new_notebook()) | {value(text) for text in kit.figures().values()}
    known |= {90, 210, 350, 40}  # minutes, words of the sample, points that pass
    for name in ("seminar", "seminar-handout", "seminar-paper", "seminar-cards", "workshop", "module"):
        text = prose(
            nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell((TEACH / f"{name}.md").read_text())])
        )
        text = re.sub(r"\bminute \d+|\bA\d\b|\b\d+ minutes|100 %", "", text)
        assert [found for found in NUMBER.findall(text) if not is_number_known(found, known)] == [], name


def is_number_known(token: str, known: set[float]) -> bool:
    return abs(value(token)) in known


@pytest.mark.parametrize("name", ["seminar", "workshop", "module"])
def test_each_aim_is_assessed_and_each_piece_has_an_aim(name):
    about = ASSESSED[name]
    assessed = [letter for piece in about["pieces"] for letter in piece["aims"]]
    assert set(assessed) == set(about["aims"])
    assert all(piece["aims"] for piece in about["pieces"])
    shown = kit.aims(ROOT, name)
    assert shown.count("| yes ") == len(assessed)


def test_the_module_s_marks_and_deadlines_fit():
    module, weeks = ASSESSED["module"]["pieces"], PLANS["module"]["sessions"]
    assert sum(piece["share"] for piece in module) == 100
    for piece in module:
        assert f"{piece['words']:,} words" in piece["what"]
        named = [week for week, session in enumerate(weeks, start=1) if f"**{_short(piece)}**" in session["hand_in"]]
        assert named == [min(piece["due"], len(weeks))], piece["name"]
        late = "two weeks after" in weeks[named[0] - 1]["hand_in"]
        assert piece["due"] == named[0] + 2 * late
    assert all(piece["due"] for piece in module)


def _short(piece: dict) -> str:
    return "the " + piece["name"].partition(" ")[2]


def test_rubrics_add_up_and_rise():
    assert set(ASSESSED["rubrics"]) == {"replay", "coding", "paper"}
    for about in ASSESSED["rubrics"].values():
        assert sum(one["levels"][-1][0] for one in about["criteria"]) == 100
        for one in about["criteria"]:
            worth = [points for points, _ in one["levels"]]
            assert len(worth) == 4
            assert worth == sorted(set(worth))
        # whoever passes every criterion passes
        assert (
            sum(one["levels"][1][0] for one in about["criteria"])
            >= 40
            > sum(one["levels"][0][0] for one in about["criteria"])
        )


def test_the_sample_is_called_illustrative_is_as_long_as_it_says_and_is_marked_by_its_rubric():
    text = (TEACH / "module.md").read_text(encoding="utf-8")
    assert "**The answer is illustrative: no student wrote it.**" in text
    answer = text.partition(":class: assumption\n")[2].partition("\n:::")[0]
    assert 320 <= len(kit.fill(answer).split()) <= 400
    rubric, marks = ASSESSED["rubrics"][ASSESSED["sample"]["rubric"]], ASSESSED["sample"]["marks"]
    assert [mark["name"] for mark in marks] == [one["name"] for one in rubric["criteria"]]
    total = sum(one["levels"][mark["level"]][0] for one, mark in zip(rubric["criteria"], marks, strict=True))
    assert f"| In all | {total} of 100 |" in kit.marked(ROOT)


def test_lab_comes_before_the_scores_and_the_game_before_its_page():
    weeks = [session["chapters"] + session.get("optional", []) for session in PLANS["module"]["sessions"]]
    place = {chapter: week for week, chapters in reversed(list(enumerate(weeks))) for chapter in chapters}
    scored = [name for name in place if name.startswith(("cases/", "framing/np", "across/governance"))]
    assert len(scored) == 7
    assert all(place["teach/coding-lab"] < place[name] for name in scored)


def test_figures_carry_no_more_than_they_need():
    """Each figure is used by a card, a script or a page."""
    text = "".join(
        path.read_text(encoding="utf-8") for path in TEACH.glob("*.[tm]*") if path.suffix in (".md", ".toml")
    )
    assert sorted(name for name in kit.figures() if "{" + name + "}" not in text) == []
