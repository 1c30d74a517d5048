"""Case files: one contract, filled in by whoever has it on the desk, as TOML.

A case file holds what a person knows or assumes of one SIB. Reading lists every problem at once, each with
its line, its key and a remedy, and never returns half of a case. Figures are kept to 15 significant
digits, as spreadsheets keep them.

The parts, a module each: `caseschema` (the keys), `casetoml` (text with lines), `casechecks` (what is
wrong), `casemodel` (the case and its models), `casetemplate` (writing), `casestarts` (what the book knows).
"""

from __future__ import annotations

from pathlib import Path

from sibmodels import casetoml
from sibmodels.casechecks import CaseFileError, Problem, build
from sibmodels.casemodel import CaseFile, raw
from sibmodels.caseschema import LISTS, MOST, PERIODS, SCHEDULES, SECTIONS, SECTORS, SINGLE, Figure, schema
from sibmodels.casestarts import example, from_indigo
from sibmodels.casetemplate import dumps, template

__all__ = [
    "LISTS",
    "MOST",
    "PERIODS",
    "SCHEDULES",
    "SECTIONS",
    "SECTORS",
    "SINGLE",
    "CaseFile",
    "CaseFileError",
    "Figure",
    "Problem",
    "build",
    "dumps",
    "example",
    "from_indigo",
    "loads",
    "raw",
    "read",
    "schema",
    "template",
]

LARGEST = 1_000_000  # bytes of a case file
START = "start a case file with `python -m sibmodels new NAME`"
ZIPPED = b"PK\x03\x04"  # how a workbook begins
FOREIGN = {
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Office file",
    b"{\\rtf": "rich text",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}  # by how they begin


def read(path: str | Path) -> CaseFile:
    """Read a case file, TOML or a filled-in workbook (.xlsx).

    Raises
    ------
    CaseFileError
        With every problem at once.
    OSError
        Where the file cannot be read.
    """
    path = Path(path)
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if path.suffix.lower() == ".xlsx" or raw.startswith(ZIPPED):
        from sibmodels import workbook

        return workbook.read(path)
    for sign, what in FOREIGN.items():
        if raw.startswith(sign):
            remedy = f"{START}, or save this one as text or as .xlsx"
            raise CaseFileError([Problem(path.name, "file", f"is {what}", remedy)])
    if len(raw) > LARGEST:
        raise CaseFileError([too_large(path, LARGEST)])
    text, problems = casetoml.decoded(raw, path.name)
    if "\0" in text:
        raise CaseFileError([Problem(path.name, "file", "is no text", f"{START}, or save this one as text")])
    return _load(text, path.name, problems)


def loads(text: str, name: str = "text") -> CaseFile:
    """Read a case file from its text; `name` stands for the file in messages."""
    return _load(text, name, [])


def too_large(path: Path, most: int) -> Problem:
    """A file that is no case file, by its size."""
    size = path.stat().st_size / 1e6
    return Problem(
        path.name, "file", f"{size:.1f} MB", f"at most {most / 1e6:g} MB is read: is this the case file you meant?"
    )


def _load(text: str, name: str, problems: list[Problem]) -> CaseFile:
    raw, broken, lines = casetoml.tables(text, name, problems)
    if () not in broken and not SECTIONS.keys() & raw.keys():
        what = "has no section of a case file, such as [case]" if text.strip() else "is empty"
        raise CaseFileError([Problem(name, "file", what, f"{START}, and fill that in")])

    def place(path: tuple) -> str:
        while path and path not in lines:
            path = path[:-1]
        return f"{name}:{lines[path]}" if path else name

    return build(raw, place, problems, broken)
