"""Four editions of each chapter: nothing is given away, and what is right passes."""

import re
import tomllib
from itertools import combinations
from pathlib import Path

import nbformat
import pytest
from casebook import editions

from sibmodels import tables

ROOT = Path(__file__).parents[1]
CHAPTERS = {
    name: path for name, path in editions.chapters(ROOT).items() if name.rpartition("/")[2] not in editions.NO_EXERCISES
}
NOTES = editions.notes(ROOT)
SOURCES = {name: nbformat.read(path, as_version=4) for name, path in CHAPTERS.items()}
every_chapter = pytest.mark.parametrize("name", CHAPTERS)


def made(name, which):
    return editions.edition(SOURCES[name], name, which, NOTES[name])


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def test_every_chapter_has_notes_and_every_note_a_chapter():
    assert set(NOTES) == set(CHAPTERS)


@every_chapter
def test_chapters_have_three_to_eight_exercises_with_solutions_that_print(name):
    notebook = SOURCES[name]
    listed = editions.exercises(notebook)
    assert 3 <= len(listed) <= 8
    assert list(listed) == list(range(1, len(listed) + 1))
    # graded: from reading what is shown to changing it
    assert listed[1].startswith("*Read.*")
    assert sum(bool(re.match(r"\*(Change|Leave|Add|Bring|Model)", words)) for words in listed.values()) >= 2, name
    solved = editions.solutions(notebook)
    cell = notebook.cells[editions.tasks(notebook)[1]]
    assert cell.outputs
    # each exercise has a solution that runs, or words: a comment in the solutions or a model answer
    about = NOTES[name]
    for number in listed:
        assert number in solved or str(number) in about["answers"], number
    assert set(solved) - {0} <= set(listed)


@every_chapter
def test_notes_say_what_an_instructor_needs(name):
    about, listed = NOTES[name], editions.exercises(SOURCES[name])
    assert len(about["minutes"]) == len(listed)
    assert len(about["mistakes"]) >= 2
    assert len(about["prompts"]) >= 2
    assert set(map(int, about["answers"])) <= set(listed)
    assert set(map(int, about["checks"])) <= set(listed)
    for number, words in listed.items():  # whoever asks for an argument says what a good one looks like
        if re.match(r"\*(Argue|Discuss|Think)", words) and f"{number}" not in about["checks"]:
            assert str(number) in about["answers"], words[:60]


# what asks for an opinion, or for the class's own work
OPEN = re.compile(r"^\*(Argue|Discuss|Think|Your own|Code it yourself|Change who)|would you find")


@every_chapter
def test_an_exercise_without_a_check_is_called_open(name):
    blanks = tagged(made(name, "student"), "blank")
    for number, blank in enumerate(blanks, start=1):
        checked = f"{number}" in NOTES[name]["checks"]
        assert ("nothing checks it" in blank.source) != checked
        assert (f"answer_{number} = ..." in blank.source) == checked
        kept = "\n".join(cell.source for cell in made(name, "student").cells)
        assert (f'exercises.keep("{editions.title(name, number)}", answer_{number})' in kept) != checked
        if not checked:
            assert f"{number}" in NOTES[name]["answers"]
            assert OPEN.search(editions.exercises(SOURCES[name])[number])


@every_chapter
def test_a_choice_offers_words_and_does_not_say_which(name):
    for spec in NOTES[name]["checks"].values():
        if "words" in spec:
            assert len(set(spec["words"])) >= 2
            assert set(editions.answer(SOURCES[name], spec)) & set(spec["words"])


@every_chapter
def test_the_reader_s_edition_is_the_chapter(name):
    assert made(name, "reader") == SOURCES[name]


@every_chapter
def test_the_student_s_edition_gives_nothing_away(name):
    notebook, student = SOURCES[name], made(name, "student")
    nbformat.validate(student)
    text = "\n".join(cell.source for cell in student.cells)
    for number, code in editions.solutions(notebook).items():
        for line in code.splitlines():
            if len(line.strip()) > 25 and line not in "\n".join(
                c.source for c in notebook.cells[:-1] if "hide-cell" not in c.metadata.get("tags", [])
            ):
                assert line not in text, (number, line)
    assert len(tagged(student, "blank")) == len(editions.exercises(notebook))
    assert not tagged(student, "hide-cell")
    for cell in tagged(student, "check"):
        assert not cell.outputs


@every_chapter
def test_the_other_editions_have_every_solution_and_the_instructor_s_every_note(name):
    solved, taught = made(name, "solutions"), made(name, "instructor")
    code = "\n".join(cell.source for cell in tagged(solved, "solution"))
    for part in editions.solutions(SOURCES[name]).values():
        assert part in code
    text = "\n".join(cell.source for cell in taught.cells)
    about = NOTES[name]
    for words in [*about["mistakes"], *about["prompts"], *about["answers"].values()]:
        assert words in text
    assert text.count(" minutes.*") == len(about["minutes"])
    for words in [*about["mistakes"], *about["prompts"]]:
        assert words not in "\n".join(cell.source for cell in solved.cells)
    for edition in (solved, taught):
        nbformat.validate(edition)


CHECKS = [(name, number) for name, about in NOTES.items() for number in about["checks"]]


@pytest.mark.parametrize(("name", "number"), CHECKS, ids=[f"{name} {number}" for name, number in CHECKS])
def test_a_check_passes_what_the_solution_prints_and_nothing_else(name, number, capsys):
    parts = editions.parts(SOURCES[name], NOTES[name], int(number))
    work = editions.work(SOURCES[name], name, NOTES[name])[int(number)]

    def said(answer):
        exec(work.check, {f"answer_{number}": answer})
        return capsys.readouterr().out

    right = [part.value for part in parts]
    assert said(right).endswith(": right.\n")
    assert "not yet" in said(...)
    for place, part in enumerate(parts):
        if part.words:
            others = [word for word in part.words if word != part.value]
        elif part.is_whole:
            others = [part.value - 1, part.value + 1, part.value + 0.4, part.value + 0.5]
        else:
            # rounded rightly it passes, a little more than half of its place away it does not
            assert said([*right[:place], part.value - 0.98 * part.tolerance, *right[place + 1 :]]).endswith("right.\n")
            others = [part.value - 1.02 * part.tolerance, part.value + 1.02 * part.tolerance]
        for other in others:
            out = said([*right[:place], other, *right[place + 1 :]])
            assert not out.startswith(f"{editions.title(name, int(number))}: right."), (place, other)


@every_chapter
def test_how_exactly_a_number_counts_is_not_left_to_a_zero_that_is_not_printed(name):
    """0.2 beside 2.67 may be 0.20, of which 0.25 is no rounding: notes.toml says which."""
    for number, spec in NOTES[name]["checks"].items():
        printed = [one for one in editions.answer(SOURCES[name], spec) if one not in spec.get("words", ())]
        if {editions.decimals(one) for one in printed if abs(float(one.removesuffix("%"))) < 2} >= {1, 2}:
            assert number in NOTES[name].get("places", {}), (name, number, printed)


@every_chapter
def test_known_mistakes_are_wrong_each_in_its_own_way(name):
    """Each slip is told when it is made, is not right, and speaks of an exercise and a part that are there."""
    for number, slips in NOTES[name].get("slips", {}).items():
        parts = editions.parts(SOURCES[name], NOTES[name], int(number))
        assert {slip.get("part", 1) for slip in slips} <= set(range(1, len(parts) + 1))
        for part in parts:
            for wrong, says in part.slips:
                assert not part.is_right(wrong), (number, wrong)
                assert part.slip(wrong) == says, (number, wrong)
                assert re.fullmatch(r"[A-Z].+[.?]", says), says


@every_chapter
def test_level_and_needs_are_said_for_each_exercise_and_shown_in_every_edition(name):
    about = NOTES[name]
    for key in ("level", "needs"):
        assert len(about[key]) == len(about["minutes"]), key
    assert set(about["level"]) <= {1, 2, 3}
    for which in ("student", "solutions", "instructor"):
        text = "\n".join(cell.source for cell in made(name, which).cells)
        for level, needs in zip(about["level"], about["needs"], strict=True):
            assert f"*Level {level} of 3." in text
            assert f"Needs {needs}" in text


def test_what_the_notes_say_of_the_scores_is_so():
    scores = tables.read("governance")
    wide = scores.pivot(index="case", columns="dimension", values="value")
    settled = [((a - b >= 0).all() or (a - b <= 0).all()) for (_, a), (_, b) in combinations(wide.iterrows(), 2)]
    words = ["none", "one", "two", "three", "four", "five", "six"]
    said = f"{words[sum(settled)].capitalize()} of {words[len(settled)]} comparisons hold under every weighting"
    assert any(said in mistake for mistake in NOTES["across/governance"]["mistakes"])
    assert "All stated scores stand at an end" in NOTES["across/governance"]["prompts"][0]
    assert set(scores.loc[scores["confidence"] == "stated", "value"]) == {-1, 1}
    assert "The provider-led SIB, all of whose scores are inferred" in NOTES["teach/coding-lab"]["answers"]["1"]
    assert set(scores.loc[scores["case"] == "uk-provider-led", "confidence"]) == {"inferred"}


def test_an_unknown_edition_is_refused():
    with pytest.raises(ValueError, match="edition 'teacher' is unknown; it must be one of: reader, student"):
        made("cases/kobe", "teacher")


def test_a_chapter_with_exercises_and_no_solutions_is_refused():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("## Exercises\n\n1. *Read.* Do.")])
    with pytest.raises(ValueError, match="no cell tagged hide-cell"):
        editions.tasks(notebook)


MINUTES = re.compile(r"\*\*Takes\*\* (?:about )?(\d+) minutes?(?:, (\d+) if you skip the code)?")


def test_plans_add_up_and_name_chapters_that_exist():
    plans = tomllib.loads((ROOT / "book/teach/plans.toml").read_text(encoding="utf-8"))
    for name, plan in plans.items():
        if name == "pathways":
            continue
        assert sum(session["minutes"] for session in plan["sessions"]) == plan["minutes"], name
        for session in plan["sessions"]:
            assert all(list((ROOT / "book").glob(f"{chapter}.*")) for chapter in session.get("chapters", []))
    assert list(plans["pathways"]) == ["student", "teacher", "commissioner", "provider", "investor", "evaluator"]
    assert len(plans["module"]["sessions"]) == 10
    for path in plans["pathways"].values():
        assert len(path["chapters"]) >= 4
        for chapter in path["chapters"]:
            (file,) = (ROOT / "book").glob(f"{chapter}.*")
            assert MINUTES.search(file.read_text(encoding="utf-8")), chapter
