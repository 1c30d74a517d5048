"""Reading a case file from its path or its text."""

from __future__ import annotations

from pathlib import Path

from sibmodels.casefile import text as toml
from sibmodels.casefile.model import CaseFile
from sibmodels.casefile.problems import CaseFileError, Problem, build, too_large
from sibmodels.casefile.sections import SECTIONS, Key

__all__ = ["loads", "read"]

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
        from sibmodels.casefile import workbook

        return workbook.read(path)
    for sign, what in FOREIGN.items():
        if raw.startswith(sign):
            remedy = f"{START}, or save this one as text or as .xlsx"
            raise CaseFileError([Problem(path.name, "file", f"is {what}", remedy)])
    if len(raw) > LARGEST:
        raise CaseFileError([too_large(path, LARGEST)])
    text, problems = toml.decoded(raw, path.name)
    if "\0" in text:
        raise CaseFileError([Problem(path.name, "file", "is no text", f"{START}, or save this one as text")])
    return _load(text, path.name, problems)


def loads(text: str, name: str = "text") -> CaseFile:
    """Read a case file from its text; `name` stands for the file in messages."""
    return _load(text, name, [])


def _load(text: str, name: str, problems: list[Problem]) -> CaseFile:
    raw, broken, lines = toml.tables(text, name, problems)
    if () not in broken and not SECTIONS.keys() & raw.keys():
        what = "has no section of a case file, such as [case]" if text.strip() else "is empty"
        raise CaseFileError([Problem(name, "file", what, f"{START}, and fill that in")])

    def place(path: Key) -> str:
        while path and path not in lines:
            path = path[:-1]
        return f"{name}:{lines[path]}" if path else name

    return build(raw, place, problems, broken)
