"""Every number in the prose of a chapter is in `data/` or comes out of a cell of that chapter."""

import re
from pathlib import Path

import nbformat
import pytest

from sibmodels import tables

ROOT = Path(__file__).parents[1]
CHAPTERS = sorted((ROOT / "book").glob("**/*.ipynb"))

NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d,]*(?:\.\d+)?(?![\w])")
# What is no claim: dates, links, code, formulas, citations, headings, list numbers, names of sources' parts
NO_CLAIM = [
    r"\$\$.*?\$\$|\$[^$\n]*\$",
    r"\{cite(?::t|:p)?\}`[^`]*`",
    r"`[^`]*`",
    r"\]\([^)]*\)",
    r"^#+ .*$",
    r"^\s*\d+\.\s",
    r"\b\d+(?:st|nd|rd|th)\b",
    r"\b(?:19|20)\d\d(?:[-–/]\d\d(?:\d\d)?)?\b",  # years, and years such as 2017-20
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)\b",
]
EXCEPTIONS = {  # numbers that are part of a name or of a way of speaking
    "FY2017-20",
    "100 pounds",  # amounts for every 100 of a maximum that is not published
    "95 %",  # the level of a confidence interval
    "A performance of 45 where 0.45 is meant",  # an example of a slip
}


def prose(notebook) -> str:
    """Markdown cells without what makes no claim; text inside directives is kept."""
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"^(```+|:::+).*$", "", text, flags=re.M)
    for exception in EXCEPTIONS:
        text = text.replace(exception, " ")
    for pattern in NO_CLAIM:
        text = re.sub(pattern, " ", text, flags=re.M | re.S if "$$" in pattern else re.M)
    return text


def known_numbers(notebook) -> set[float]:
    """Every number in the tables' cells and in what the chapter prints."""
    texts = []
    for name in tables.names():
        # an extract has so many numbers that some would match any; the three others are sentences of the pages
        if name.startswith("indigo_") or name in ("claims", "changes", "statements"):
            continue
        table = tables.read(name)
        texts += [
            " ".join(map(str, row)) for row in table.drop(columns="source", errors="ignore").itertuples(index=False)
        ]
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            texts.append(output.get("text", "") or output.get("data", {}).get("text/plain", ""))
    found = set()
    for text in texts:
        found |= {abs(value(token)) for token in NUMBER.findall(text)}
    return found


def value(token: str) -> float:
    return float(token.replace(",", "").replace("−", "-").rstrip("."))


def is_known(token: str, after: str, known: set[float]) -> bool:
    """Whether a known number, in the unit the prose gives it, rounds to what the prose prints."""
    printed = abs(value(token))
    half = 0.5 * 10 ** -len(token.partition(".")[2]) * (1 + 1e-9)
    # "between 27.18 and 34.06 million": the unit may follow the next number
    units = {"million": 1e6, "thousand": 1e3, "%": 0.01, "per cent": 0.01, "percentage point": 0.01}
    scales = {1.0} | {unit for word, unit in units.items() if word in after}
    return any(abs(number / scale - printed) <= half for number in known for scale in scales)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_number_in_prose_is_data_or_output(path):
    notebook = nbformat.read(path, as_version=4)
    known = known_numbers(notebook)
    unknown = []
    text = prose(notebook)
    checked = 0
    for match in NUMBER.finditer(text):
        after = re.split(r"[.;:] ", text[match.end() : match.end() + 40])[0]
        checked += 1
        if not is_known(match.group(), after, known):
            unknown.append(text[max(match.start() - 40, 0) : match.end() + 20].replace("\n", " "))
    assert checked >= (10 if path.parent.name in ("cases", "framing", "across") else 1), (
        "the chapter's prose holds hardly a number: is the test still reading it?"
    )
    assert not unknown, "numbers that are neither in data/ nor printed by the chapter:\n" + "\n".join(unknown)


def test_an_invented_number_is_caught():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("It served 104.7319 people, and 32.9 %.")])
    known = known_numbers(notebook)
    assert not is_known("104.7319", "people", known)
    assert is_known("32.9", "%", known)
    assert is_known("31.54", "million", known)
    assert not is_known("31.57", "million", known)
