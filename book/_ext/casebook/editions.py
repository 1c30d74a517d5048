"""One source, four editions of each chapter: reader, student, solutions, instructor.

A chapter is written once, with its solutions in one folded cell in which each exercise begins with a comment
``# 2: ...``. What only teaching needs stands in ``book/teach/notes.toml``. `book/editions.py` writes them all.
"""

from __future__ import annotations

import json
import re
import textwrap
import tomllib
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy

import sibmodels
from casebook.chapters import pages
from casebook.words import word
from sibmodels import cases, tables
from sibmodels.teach.exercises import seal
from sibmodels.teach.judging import Part

EDITIONS = ("reader", "student", "solutions", "instructor")
NUMBER = re.compile(r"(?<![\w.,])-?\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
TRUTH = {"yes": "True", "no": "False"}  # how a solution prints them
NO_EXERCISES = {"index", "assumptions", "checks", "data", "seminar-laptop"}  # about the book, or tasks of their own


def chapters(root: Path) -> dict[str, Path]:
    """Every notebook by its name below ``book/``."""
    paths = (path for path in pages(root) if path.suffix == ".ipynb")
    return {path.relative_to(root / "book").with_suffix("").as_posix(): path for path in paths}


def notes(root: Path) -> dict[str, dict]:
    return tomllib.loads((root / "book/teach/notes.toml").read_text(encoding="utf-8"))


def tasks(notebook) -> tuple[int, int] | None:
    """Where the list of exercises and its solutions stand; None for a page without exercises."""
    listed = [i for i, cell in enumerate(notebook.cells) if re.search(r"^## Exercises$", cell.source, flags=re.M)]
    if not listed:
        return None
    after = [
        i for i, cell in enumerate(notebook.cells) if i > listed[0] and "hide-cell" in cell.metadata.get("tags", [])
    ]
    if not after:
        raise ValueError("the chapter has exercises and no cell tagged hide-cell with their solutions")
    return listed[0], after[0]


def exercises(notebook) -> dict[int, str]:
    """The text of each exercise by its number."""
    text = notebook.cells[tasks(notebook)[0]].source.partition("## Exercises\n")[2]
    found = re.findall(r"^(\d+)\. (.+?)(?=^\d+\. |\Z)", text, flags=re.M | re.S)
    return {int(number): words.strip() for number, words in found}


def solutions(notebook) -> dict[int, str]:
    """The code of each solution by the number of its exercise; 0 for what comes before the first."""
    source = notebook.cells[tasks(notebook)[1]].source
    pieces = re.split(r"^(?=# \d+: )", source, flags=re.M)
    found = {0: pieces[0].strip()} if pieces[0].strip() else {}
    for piece in pieces[1:]:
        found[int(re.match(r"# (\d+)", piece)[1])] = piece.strip()
    return found


def answer(notebook, check: dict) -> list[str]:
    """The numbers and words that answer an exercise, as the chapter's stored solution prints them."""
    cell = notebook.cells[tasks(notebook)[1]]
    lines = "".join(output.get("text", "") for output in cell.outputs).splitlines()
    words = {TRUTH.get(word, word): word for word in check.get("words", [])}
    choice = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    number = rf"{NUMBER.pattern}(?: ?%)?"  # with its %, which tells an amount from a count
    part = re.compile(rf"(?<!\w)(?:{choice})(?!\w)|{number}" if words else number)
    found = [match for line in check["lines"] for match in part.findall(lines[line - 1])]
    chosen = [found[place] for place in check["pick"]] if "pick" in check else found
    if not chosen:
        raise ValueError(f"no answer on lines {check['lines']} of the solution's output")
    return [words[text] if text in words else text.replace(",", "").replace(" ", "") for text in chosen]


def parts(notebook, about: dict, number: int) -> list[Part]:
    """The right parts of a checked exercise's answer, with their exactness and known mistakes.

    A number printed without decimals is whole and exact, unless a % follows it or ``places`` says otherwise.
    """
    check = about["checks"][str(number)]
    found = answer(notebook, check)
    places = about.get("places", {}).get(str(number))
    kinds = places if isinstance(places, list) else [places] * len(found)
    if len(kinds) != len(found):
        raise ValueError(f"exercise {number}: places has {len(kinds)} entries for {len(found)} parts")
    slips = [[] for _ in found]
    for slip in about.get("slips", {}).get(str(number), []):
        slips[slip.get("part", 1) - 1].append((given(slip["gives"], found, check), slip["says"]))
    made = []
    for text, kind, wrong in zip(found, kinds, slips, strict=True):
        if text in check.get("words", ()):
            made.append(Part(text, words=tuple(check["words"]), slips=tuple(wrong)))
        else:
            whole = kind == "whole" or (kind is None and not decimals(text) and not text.endswith("%"))
            exact = decimals(text) if kind is None else kind
            within = check.get("within")
            value = float(text.removesuffix("%"))
            made.append(Part(value, None if whole or within else exact, within, (), tuple(wrong)))
    return made


def given(formula: str | float, right: list[str], check: dict) -> float | str:
    """What a known mistake gives: one of the words, a number, or a formula of the right parts and the package."""
    if formula in check.get("words", ()) or not isinstance(formula, str):
        return formula
    names = {chr(ord("a") + place): float(text.removesuffix("%")) for place, text in enumerate(right) if _number(text)}
    return float(eval(formula, {"sib": sibmodels, "np": numpy, "tables": tables, "cases": cases, **names}))


def _number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text.removesuffix("%")))


def decimals(number: str) -> int:
    return len(number.removesuffix("%").partition(".")[2])


def asked(kinds: list[Part]) -> str:
    """How exactly an answer is asked for, in a few words."""
    numbers = [part.asked for part in kinds if not part.words]
    return ", ".join(numbers if len(set(numbers)) > 1 else numbers[:1])


def title(name: str, number: int) -> str:
    return f"{name.rpartition('/')[2]} {number}"


KEPT = '''\
    # Your answer to exercise {number} in words, in place of the dots. It is open:
    # nothing checks it
    from sibmodels import exercises

    answer_{number} = """
    ...
    """
    exercises.keep("{title}", answer_{number})'''
LAST = """\
## To hand in

Put your name or number, in quotes, in place of the dots. The cell writes all answers that the cells
above have seen into one file beside this notebook; other chapters' notebooks in the same folder add theirs.

*Checks spare your eyes and keep no secret: the right answers stand packed in their cells. What counts is what you hand
in.*
"""
HAND_IN = """\
    from sibmodels import exercises

    exercises.hand_in(...)"""


@dataclass(frozen=True)
class Work:
    """What a student finds for one exercise: its text as Markdown, a cell to work in, and one that checks it."""

    text: str
    blank: str
    check: str | None  # the cell's code; None where a question is open
    kept: str | None  # the code of a cell for an open question's words; None where it is checked
    runs: bool  # whether it asks for code; if not, the cell to work in is the one for words


def small(about: dict, number: int, *more: str) -> str:
    """What stands small below an exercise: how hard it is, and what it needs."""
    said = [word("work.level", level=about["level"][number - 1]) if "level" in about else ""]
    needs = about["needs"][number - 1] if "needs" in about else ""
    said += [word("work.needs", needs=needs) if needs else "", *more]
    return f"\n\n   *{' '.join(filter(None, said))}*" if any(said) else ""


def work(notebook, name: str, about: dict) -> dict[int, Work]:
    """Each exercise of a chapter as a student finds it, by its number.

    Parameters
    ----------
    notebook : NotebookNode
        The chapter, with its outputs stored.
    name : str
        Its name below ``book/``.
    about : dict
        What ``notes.toml`` says of it.
    """
    code, checks = solutions(notebook), about.get("checks", {})
    found = {}
    for number, words in exercises(notebook).items():
        check, test, kept, asks = checks.get(str(number)), None, None, True
        if check:
            right = parts(notebook, about, number)
            exact = f" ({exact})" if (exact := asked(right)) else ""
            lines = [word("work.begin", number=number, ask=check["ask"], exact=exact)]
            lines += [word("work.choose", words=", ".join(check["words"]))] if "words" in check else []
            blank = "\n".join([*map(_comment, lines), f"answer_{number} = ..."])
            packed = "\n".join(textwrap.wrap(seal(right), 76))
            test = f'exercises.check({title(name, number)!r}, answer_{number}, """\n{packed}\n""")'
            test = f"from sibmodels import exercises\n\n{test}"
        else:
            asks = runs(code.get(number, ""))
            kept = textwrap.dedent(KEPT).format(number=number, title=title(name, number))
            blank = f"# {word('work.open', number=number)}" if asks else kept
        found[number] = Work(f"{number}. {words}{small(about, number)}", blank, test, kept, asks)
    return found


def edition(notebook, name: str, which: str, about: dict):
    """One edition of a chapter, as a notebook.

    Parameters
    ----------
    notebook : NotebookNode
        The chapter, with its outputs stored.
    name : str
        Its name below ``book/``.
    which : str
        One of `EDITIONS`.
    about : dict
        What ``notes.toml`` says of it.
    """
    if which not in EDITIONS:
        raise ValueError(f"edition {which!r} is unknown; it must be one of: {', '.join(EDITIONS)}")
    place = tasks(notebook)
    result = nbformat.from_dict(notebook)
    if which == "reader" or place is None:
        return result
    listed, solved = place
    before, heading, _ = result.cells[listed].source.partition("## Exercises\n")
    cells = [*result.cells[:listed], _text(before + heading)]
    if which == "student":
        cells += _student(notebook, name, about)
    else:
        cells += _solved(notebook, about, timed=which == "instructor")
    # what stands between the list and its solutions, and after them, stays
    cells += [*result.cells[listed + 1 : solved], *result.cells[solved + 1 :]]
    if which == "student":
        cells += [_text(LAST), _code(textwrap.dedent(HAND_IN), "hand-in")]
    if which == "instructor":
        cells.insert(1, _text(instructions(about)))
    for number, cell in enumerate(cells, start=1):
        cell.id = f"{which[:2]}{number:02d}"
        if cell.cell_type == "code":
            cell.execution_count = None
    result.cells = cells
    return result


def _student(notebook, name: str, about: dict) -> list:
    """Each exercise with a cell to work in and one that checks it; an open question is called so."""
    cells = []
    for one in work(notebook, name, about).values():
        cells += [_text(one.text), _code(one.blank, "blank")]
        if one.check is not None:
            cells.append(_code(one.check, "check"))
        elif one.runs:
            cells.append(_code(one.kept, "words"))
    return cells


def _solved(notebook, about: dict, timed: bool) -> list:
    """Each exercise with its solution, and a model answer where an answer is words."""
    code, answers = solutions(notebook), about.get("answers", {})
    cells = []
    for number, words in exercises(notebook).items():
        minutes = [f"Takes about {about['minutes'][number - 1]} minutes."] if timed else []
        cells.append(_text(f"{number}. {words}{small(about, number, *minutes)}"))
        if number == 1 and 0 in code:
            cells.append(_code(code[0], "solution"))
        if number in code:
            cells.append(_code(code[number], "solution"))
        if str(number) in answers:
            cells.append(_text(f"**A model answer.** {answers[str(number)]}", "solution"))
    return cells


def instructions(about: dict) -> str:
    """What an instructor wants to know of a chapter, as Markdown."""
    minutes = about["minutes"]
    each = ", ".join(map(str, minutes[:-1])) + f" and {minutes[-1]}"
    lines = [
        f"**In class.** The exercises take about {each} minutes, {sum(minutes)} in all.",
        "",
        "**Common mistakes.**",
        "",
    ]
    lines += [f"- {mistake}" for mistake in about["mistakes"]]
    lines += ["", "**To discuss.**", "", *(f"- {prompt}" for prompt in about["prompts"])]
    return "\n".join(lines)


def model_answers(about: dict) -> str:
    """The answers that are words, as Markdown."""
    lines = [f"- *Exercise {number}.* {words}" for number, words in about.get("answers", {}).items()]
    head = "**Model answers.** Those that are numbers or single words are in the solutions."
    return "\n".join([head, "", *lines]) if lines else ""


def _comment(words: str) -> str:
    """Words as a comment of lines that a cell shows whole."""
    return textwrap.fill(words, 80, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def runs(code: str) -> bool:
    """Whether a solution is code, and not words in comments."""
    return any(line.strip() and not line.startswith("#") for line in code.splitlines())


def _text(source: str, *tags: str):
    return nbformat.v4.new_markdown_cell(source.strip(), metadata={"tags": list(tags)} if tags else {})


def _code(source: str, *tags: str):
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


ANSWERS = """# The right answers, for the teacher: python -m sibmodels mark FOLDER --answers answers.toml
# An open question has no parts. `slips` are known mistakes: what they give, and what is said of them.

book = "{book}"
"""


def answer_key(root: Path) -> str:
    """The right answers to every exercise as TOML, from the chapters' stored solutions."""
    about = notes(root)
    made = [ANSWERS.format(book=sibmodels.__version__)]
    for name, path in chapters(root).items():
        notebook = nbformat.read(path, as_version=4)
        for number in exercises(notebook) if tasks(notebook) else ():
            check = about[name]["checks"].get(str(number))
            rows = [part.row() for part in parts(notebook, about[name], number)] if check else []
            lines = [f"  {{ {', '.join(f'{key} = {_toml(value)}' for key, value in row.items())} }}," for row in rows]
            made.append(f"[exercises.{_toml(title(name, number))}]")
            made += [f"ask = {_toml(check['ask'])}"] if check else []
            made += ["parts = [", *lines, "]", ""] if rows else ["parts = []", ""]
    return "\n".join(made)


def _toml(value) -> str:
    """Texts, numbers and lists of them, which TOML writes as JSON does."""
    return json.dumps(value, ensure_ascii=False)


def build(root: Path, which: str) -> dict[str, str]:
    """Every chapter in one edition: the text of a notebook by its file's name."""
    about = notes(root)
    made = {}
    for name, path in chapters(root).items():
        notebook = nbformat.read(path, as_version=4)
        made[path.name] = nbformat.writes(edition(notebook, name, which, about.get(name, {}))) + "\n"
    return made
