"""Exercises as a question bank of Moodle: one XML file, a category for each chapter.

A number becomes a numerical question, a word a choice, several parts one question with embedded answers ("Cloze"),
an open one an essay with the model answer for whoever grades. Right answers, how exactly they count, and what is said
of known mistakes come from where the checks of the student edition have them. The format is Moodle's own
(https://docs.moodle.org/en/Moodle_XML_format); its import takes the first answer that fits.
"""

from __future__ import annotations

import html
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree as ET

import nbformat
from markdown_it import MarkdownIt
from pybtex.database import parse_file

from casebook import editions
from sibmodels.messages import say
from sibmodels.teach.judging import ROUNDED, Part, judged

LEAST = 0.001  # below it a wrong answer is as good as nothing, whatever it was meant to be
BANK = "An executable casebook of social impact bonds"


def questions(root: Path) -> str:
    """Every exercise of the book as the text of an XML file."""
    quiz, notes = ET.Element("quiz"), editions.notes(root)
    cited = parse_file(str(root / "book/references.bib"), bib_format="bibtex").entries
    for name, path in editions.chapters(root).items():
        notebook = nbformat.read(path, as_version=4)
        if editions.tasks(notebook) is None:
            continue
        chapter = re.search(r"^# (.+)$", notebook.cells[0].source, flags=re.M)[1]
        category = ET.SubElement(quiz, "question", type="category")
        place = f"$course$/top/{BANK}/{chapter.replace('/', '//')}"
        ET.SubElement(ET.SubElement(category, "category"), "text").text = place
        for number, text in editions.exercises(notebook).items():
            question = _question(notebook, notes[name], number, page(text, cited), cited)
            small = page(editions.small(notes[name], number).strip().strip("*"), cited, inline=True)
            where = f"From the chapter <em>{html.escape(chapter, quote=False)}</em>, exercise {number}. {small}"
            question.find("questiontext/text").text += f"<p><small>{where.strip()}</small></p>"
            title = editions.title(name, number)
            _text(question, "name", title, at=0)
            ET.SubElement(question, "idnumber").text = f"sib-{title.replace(' ', '-')}"
            quiz.append(question)
    ET.indent(quiz)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(quiz, encoding="unicode") + "\n"


def _question(notebook, about: dict, number: int, text: str, cited) -> ET.Element:
    """One exercise, without its name and place."""
    check = about["checks"].get(str(number))
    if check is None:
        model = page(about["answers"][str(number)], cited)
        return _essay(text, model, code=editions.runs(editions.solutions(notebook).get(number, "")))
    parts = editions.parts(notebook, about, number)
    exact = editions.asked(parts)
    text += f"<p>Give {page(check['ask'], cited, inline=True)}{f' ({exact})' if exact else ''}.</p>"
    if len(parts) > 1:
        return _cloze(text, parts)
    return _choice(text, parts[0]) if parts[0].words else _numerical(text, parts[0])


def _essay(text: str, model: str, code: bool) -> ET.Element:
    question = _head("essay", text)
    settings = {"responseformat": "editor", "responserequired": "1", "responsefieldlines": "15"}
    for key, value in (settings | {"attachments": "1" if code else "0"}).items():
        ET.SubElement(question, key).text = value
    _text(question, "graderinfo", model, form="html")
    return question


def _numerical(text: str, part: Part) -> ET.Element:
    question = _head("numerical", text)
    for value, tolerance, fraction, says in answers([part], 0):
        answer = _answer(question, _number(value), fraction, says)
        ET.SubElement(answer, "tolerance").text = _number(tolerance)
    _answer(question, "*", 0, say("exercises.look"))
    for key, value in {"unitgradingtype": "0", "showunits": "3"}.items():  # the unit stands in the question
        ET.SubElement(question, key).text = value
    return question


def _choice(text: str, part: Part) -> ET.Element:
    question = _head("multichoice", text)
    for key, value in {"single": "true", "shuffleanswers": "true", "answernumbering": "none"}.items():
        ET.SubElement(question, key).text = value
    for word in part.words:
        (verdict,) = judged([part], word)
        _answer(question, word, 100 * verdict.right, verdict.says)
    return question


def _cloze(text: str, parts: list[Part]) -> ET.Element:
    blanks = []
    for place, part in enumerate(parts):
        if part.words:
            kind, given = "MCS", []  # a menu, in any order
            for word in part.words:
                (verdict,) = judged([part], word)
                given.append(f"{'=' * verdict.right}{_embedded(word)}#{_embedded(verdict.says)}")
        else:
            kind = "NUMERICAL"
            given = [
                f"{'=' * (fraction == 100)}{_number(value)}:{_number(tolerance)}#{_embedded(says)}"
                for value, tolerance, fraction, says in answers(parts, place)
            ]
            given.append(f"*#{_embedded(say('exercises.look'))}")
        blanks.append(f"<li>{{1:{kind}:{'~'.join(given)}}}</li>")
    return _head("cloze", f"{text}<ol>{''.join(blanks)}</ol>")


def answers(parts: list[Part], place: int) -> list[tuple[float, float, int, str]]:
    """A number's answers in order: the right one, then known mistakes. Value, tolerance, per cent, what is said."""
    part = parts[place]
    right = float(part.value)
    rough = 0.0 if part.is_whole else ROUNDED
    tried = [(float(wrong), max(part.tolerance, rough * abs(wrong))) for wrong, _ in part.slips]
    tried += [(float(other.value), other.tolerance) for other in parts if not other.words]
    tried += [(-right, part.tolerance)]
    tried += [(right * times, ROUNDED * abs(right * times)) for times in (100, 0.01, 1000, 0.001, 1e6, 1e-6)]
    tried += [(round(right, fewer), 0.0) for fewer in range((part.places or 0) - 1, -1, -1)]
    told = [(right, part.tolerance, 100, "")]
    for value, tolerance in tried:
        verdict = judged(parts, [value if other == place else one.value for other, one in enumerate(parts)])[place]
        if verdict.known and abs(value) >= LEAST and value not in [known[0] for known in told]:
            told.append((value, tolerance, 0, verdict.says))
    return told


def _head(kind: str, text: str) -> ET.Element:
    question = ET.Element("question", type=kind)
    _text(question, "questiontext", text, form="html")
    _text(question, "generalfeedback", "", form="html")
    ET.SubElement(question, "penalty").text = "0.3333333"
    ET.SubElement(question, "hidden").text = "0"
    if kind != "cloze":  # whose grade is the sum of its blanks'
        ET.SubElement(question, "defaultgrade").text = "1"
    return question


def _answer(question: ET.Element, text: str, fraction: int, says: str) -> ET.Element:
    kind = "html" if question.get("type") == "multichoice" else "moodle_auto_format"
    answer = ET.SubElement(question, "answer", fraction=str(fraction), format=kind)
    ET.SubElement(answer, "text").text = html.escape(text) if kind == "html" else text
    _text(answer, "feedback", html.escape(says, quote=False), form="html")
    return answer


def _text(parent: ET.Element, tag: str, text: str, form: str = "", at: int | None = None) -> None:
    one = ET.Element(tag, {"format": form} if form else {})
    ET.SubElement(one, "text").text = text
    parent.insert(len(parent) if at is None else at, one)


def _number(value: float) -> str:
    return f"{value:.10g}"


def _embedded(text: str) -> str:
    """Text in an embedded answer: the signs that end an answer are written as entities, which Moodle decodes."""
    return re.sub(r"[&<>\"'~#{}\\]", lambda sign: f"&#{ord(sign[0])};", text)


def page(text: str, cited, inline: bool = False) -> str:
    """Markdown of an exercise as plain HTML, with citations as author and year and formulas as letters."""

    def citation(match: re.Match) -> str:
        people = [" ".join(one.last_names).strip("{}") for one in cited[match[1]].persons["author"]]
        return f"{people[0] if len(people) == 1 else ' and '.join(people[:2])} ({cited[match[1]].fields['year']})"

    text = re.sub(r"\{cite\}`([^`]+)`", citation, text)
    text = re.sub(r"\[([^\]]+)\]\((?!https://)[^)]*\)", r"\1", text)  # a place in the book, which Moodle has not
    if role := re.search(r"\{[\w:-]+\}`[^`]*`", text):
        raise ValueError(f"{role[0]} is no plain text; write it out in the exercise")
    formulas: list[str] = []

    def put_aside(match: re.Match) -> str:
        formulas.append(formula(match[1]))
        return f"FORMULA{len(formulas) - 1}."

    text = re.sub(r"\$([^$]+)\$", put_aside, text)
    reader = MarkdownIt("commonmark").enable("table")
    made = reader.renderInline(text) if inline else reader.render(text).strip()
    return re.sub(r"FORMULA(\d+)\.", lambda match: formulas[int(match[1])], made)


def formula(tex: str) -> str:
    """A short formula in plain HTML: letters in italics, Greek ones as they are written.

    >>> formula(r"k = -0.3"), formula("\\\\delta = 1/(2-\\\\cos\\\\theta)")
    ('<i>k</i> = −0.3', '<i>δ</i> = 1/(2−cos <i>θ</i>)')
    """
    if re.search(r"[\^_{}]|\\(?![a-z])|\\frac|\\sqrt", tex):
        raise ValueError(f"{tex} is no short formula; write it in words in the exercise")

    def sign(match: re.Match) -> str:
        if not match[1]:
            return f"<i>{match[2]}</i>"
        try:
            return f"<i>{unicodedata.lookup(f'GREEK SMALL LETTER {match[1].upper()}')}</i>"
        except KeyError:
            return f"{match[1]} "  # a function, as cos

    return re.sub(r"\\([a-z]+)|([A-Za-z])", sign, tex).replace("-", "−")
