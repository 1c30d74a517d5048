"""Reading a case file from its path or its text."""

from __future__ import annotations

import re
from pathlib import Path

from sibmodels.casefile import text as toml
from sibmodels.casefile.model import CaseFile
from sibmodels.casefile.problems import CaseFileError, Problem, build, problem, too_large
from sibmodels.casefile.sections import SECTIONS, Key
from sibmodels.messages import file_in, languages, say

__all__ = ["loads", "read"]

LARGEST = 1_000_000  # bytes of a case file
ZIPPED = b"PK\x03\x04"  # how a workbook begins
FOREIGN = {
    b"%PDF": "a_pdf",
    b"{\\rtf": "rich_text",
    b"\x89PNG": "a_picture",
    b"\xff\xd8\xff": "a_picture",
}  # by how they begin
OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # also a workbook with a password
LOCKED = "EncryptedPackage".encode("utf-16-le")


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
    if raw.startswith(OLD_OFFICE):
        raise CaseFileError([problem(path.name, "file", "book_locked" if LOCKED in path.read_bytes() else "book_old")])
    named = path.suffix.lower() == ".xlsx"
    if raw.startswith(ZIPPED) or (named and len(raw) > LARGEST):
        from sibmodels.casefile import workbook

        return workbook.read(path)
    for sign, what in FOREIGN.items():
        if raw.startswith(sign):
            raise CaseFileError([problem(path.name, "file", "file_foreign", what=say(f"files.{what}"))])
    if len(raw) > LARGEST:
        raise CaseFileError([too_large(path, LARGEST)])
    text, problems = toml.decoded(raw, path.name)
    if named:
        message = "book_text" if any(f"[{name}]" in text for name in SECTIONS) else "book_none"
        raise CaseFileError([problem(path.name, "file", message)])
    if "\0" in text:
        raise CaseFileError([problem(path.name, "file", "file_no_text")])
    return _load(text, path.name, problems)


def loads(text: str, name: str = "text") -> CaseFile:
    """Read a case file from its text; `name` stands for the file in messages."""
    return _load(text, name, [])


def _load(text: str, name: str, problems: list[Problem]) -> CaseFile:
    with file_in(_language(text)):
        return _built(text, name, problems)


def _language(text: str) -> str:
    """The language that a text names for itself, right or wrong in the rest."""
    found = re.search(rf"""^\s*language\s*=\s*["']({"|".join(languages())})["']""", text, re.MULTILINE)
    return found[1] if found else ""


def _built(text: str, name: str, problems: list[Problem]) -> CaseFile:
    raw, broken, lines = toml.tables(text, name, problems)
    if () not in broken and not SECTIONS.keys() & raw.keys():
        raise CaseFileError([problem(name, "file", "file_no_section" if text.strip() else "file_empty")])

    def place(path: Key) -> str:
        while path and path not in lines:
            path = path[:-1]
        return f"{name}:{lines[path]}" if path else name

    return build(raw, place, problems, broken)
