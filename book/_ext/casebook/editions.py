"""One source, four editions of each chapter: reader, student, solutions, instructor.

A chapter is written once, with its solutions in one folded cell in which each exercise begins with a comment
``# 2: ...``. What only teaching needs stands in ``book/teach/notes.toml``. `book/editions.py` writes them all.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import nbformat

from casebook.chapters import pages
from sibmodels.teach.exercises import seal

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
    part = re.compile(rf"(?<!\w)(?:{choice})(?!\w)|{NUMBER.pattern}" if words else NUMBER.pattern)
    found = [match for line in check["lines"] for match in part.findall(lines[line - 1])]
    chosen = [found[place] for place in check["pick"]] if "pick" in check else found
    if not chosen:
        raise ValueError(f"no answer on lines {check['lines']} of the solution's output")
    return [words[text] if text in words else text.replace(",", "") for text in chosen]


def sealed(name: str, number: int, answers: list[str], check: dict) -> list[tuple[str, int | list[str]]]:
    """Fingerprints of an answer's parts, each with the decimals of a number or the words to choose from."""
    words = check.get("words", ())
    kinds = [list(words) if text in words else check.get("places", decimals(text)) for text in answers]
    return [(seal(title(name, number), text, kind), kind) for text, kind in zip(answers, kinds, strict=True)]


def decimals(number: str) -> int:
    return len(number.partition(".")[2])


def title(name: str, number: int) -> str:
    return f"{name.rpartition('/')[2]} {number}"


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
    if which == "instructor":
        cells.insert(1, _text(instructions(about)))
    for number, cell in enumerate(cells, start=1):
        cell.id = f"{which[:2]}{number:02d}"
        if cell.cell_type == "code":
            cell.execution_count = None
    result.cells = cells
    return result


def _student(notebook, name: str, about: dict) -> list:
    """Each exercise with a blank and a cell that checks it; an open question is called so."""
    code, checks = solutions(notebook), about.get("checks", {})
    cells = []
    for number, words in exercises(notebook).items():
        cells.append(_text(f"{number}. {words}"))
        check = checks.get(str(number))
        if check:
            parts = sealed(name, number, answer(notebook, check), check)
            blank = f"# Your work for exercise {number}. Then give: {check['ask']}"
            if "words" in check:
                blank += "\n# Words to choose from, in quotes: " + ", ".join(check["words"])
            test = f"exercises.check({title(name, number)!r}, answer_{number}, {parts})"
            cells.append(_code(f"{blank}\nanswer_{number} = ...", "blank"))
            cells.append(_code(f"from sibmodels import exercises\n\n{test}", "check"))
        elif _runs(code.get(number, "")):
            cells.append(_code(f"# Your work for exercise {number}. It is open: nothing checks it", "blank"))
        else:
            cells.append(_text(f"*Your answer to exercise {number}, which is open: nothing checks it:*", "blank"))
    return cells


def _solved(notebook, about: dict, timed: bool) -> list:
    """Each exercise with its solution, and a model answer where an answer is words."""
    code, answers = solutions(notebook), about.get("answers", {})
    cells = []
    for number, words in exercises(notebook).items():
        minutes = f" *({about['minutes'][number - 1]} minutes)*" if timed else ""
        cells.append(_text(f"{number}. {words}{minutes}"))
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


def _runs(code: str) -> bool:
    return any(line.strip() and not line.startswith("#") for line in code.splitlines())


def _text(source: str, *tags: str):
    return nbformat.v4.new_markdown_cell(source.strip(), metadata={"tags": list(tags)} if tags else {})


def _code(source: str, *tags: str):
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


def build(root: Path, which: str) -> dict[str, str]:
    """Every chapter in one edition: the text of a notebook by its file's name."""
    about = notes(root)
    made = {}
    for name, path in chapters(root).items():
        notebook = nbformat.read(path, as_version=4)
        made[path.name] = nbformat.writes(edition(notebook, name, which, about.get(name, {}))) + "\n"
    return made
