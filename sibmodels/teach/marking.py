"""A class is marked: the files that students hand in, against answers that stay with the teacher.

The models are `judging`'s; here are files as classes hand them in. Whatever can be taken is, whatever cannot is
named, and nothing is lost: an answer to an exercise that nobody knows stays in the marks, unmarked.
"""

from __future__ import annotations

import json
import tomllib
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sibmodels.files import decoded
from sibmodels.messages import say
from sibmodels.teach.exercises import MARKER, fingerprint, shown
from sibmodels.teach.judging import Part, Verdict, judged

__all__ = ["AnswerKey", "Handed", "Marks", "mark", "read_folder", "read_key", "sentences"]

MOST = 5_000_000  # bytes of a file
IGNORED = ("Thumbs.db", "desktop.ini")  # beside those that begin with a point: what systems leave in folders


@dataclass(frozen=True)
class AnswerKey:
    """The right answers, by exercise; no parts for an open question."""

    book: str
    parts: dict[str, list[Part]]


@dataclass(frozen=True)
class Handed:
    """What one student handed in."""

    student: str
    files: tuple[str, ...]
    answers: dict[str, dict[str, Any]]
    book: str = ""
    origins: frozenset[str] = frozenset()  # of the files: a copy has its original's


@dataclass(frozen=True)
class Marks:
    """A class's marks.

    Attributes
    ----------
    parts : DataFrame
        A row for each part of each answer: ``student``, ``exercise``, ``part`` (from 1), ``given``, ``right`` (1, 0,
        or empty where nothing is marked), ``says`` (what was done, where that is known).
    students : DataFrame
        A row for each student: ``student``, ``files``, ``exercises`` answered, ``parts`` marked, ``right`` of them,
        ``share`` of all parts of all exercises that the class answered, and ``open`` questions answered.
    exercises : DataFrame
        A row for each part of each exercise: how many ``answered``, the share ``right``, the commonest wrong answer
        (``commonest``), how many gave it (``times``) and what it ``says``.
    notes : list of str
        What a teacher should know of the files.
    """

    parts: pd.DataFrame
    students: pd.DataFrame
    exercises: pd.DataFrame
    notes: list[str] = field(default_factory=list)


def read_key(path: str | Path) -> AnswerKey:
    """The answers, from the file in the instructor's edition.

    Raises
    ------
    ValueError
        Where it is no file of answers.
    """
    text = decoded(Path(path).read_bytes())[0]
    try:
        held = tomllib.loads(text)
        parts = {name: [Part.of(row) for row in one["parts"]] for name, one in held["exercises"].items()}
        return AnswerKey(str(held["book"]), parts)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(say("marks.no_key", path=path)) from error


def mark(folder: str | Path, key: AnswerKey) -> Marks:
    """Mark what a class handed in.

    Parameters
    ----------
    folder : path
        A folder with folders in it or not, or a zip file as a learning platform gives it.
    key : AnswerKey
    """
    handed, notes = read_folder(folder)
    rows = []
    for one in handed:
        if one.book and one.book != key.book:
            notes.append(say("marks.other_book", student=one.student, theirs=one.book, ours=key.book))
        unknown = [name for name in one.answers if name not in key.parts]
        if unknown:
            notes.append(say("marks.unknown", student=one.student, exercises=", ".join(sorted(unknown))))
        changed = [name for name in one.answers if _changed(one.answers[name], key.parts.get(name))]
        if changed:
            notes.append(say("marks.changed", student=one.student, exercises=", ".join(sorted(changed))))
        for name in sorted(one.answers, key=_natural):
            rows += [(one.student, name, *row) for row in _rows(one.answers[name].get("answer"), key.parts.get(name))]
    columns = ["student", "exercise", "part", "given", "right", "says"]
    parts = pd.DataFrame(rows, columns=columns).astype({"part": "Int64", "right": "Int64"})
    return Marks(parts, _students(handed, parts, key), _exercises(parts), notes)


def sentences(marks: Marks, least: int = 5) -> list[str]:
    """How a class did, in a few lines: in all, and the parts that were least often right."""
    marked = marks.parts["right"].dropna()
    answers = int(marks.students["exercises"].sum())
    right = 100 * float(marked.astype(float).mean()) if len(marked) else 0.0
    said = [say("marks.class", students=len(marks.students), answers=answers, right=right)]
    hard = marks.exercises[marks.exercises["right"] < 1]
    hard = hard.sort_values(["right", "answered"], ascending=[True, False], kind="stable")
    hard = hard.drop_duplicates("exercise").head(least)
    said += [say("marks.hardest")] if len(hard) else []
    for row in hard.to_dict("records"):
        common = say("marks.common", times=row["times"], given=row["commonest"], says=row["says"]).rstrip()
        right, count = 100 * row["right"], row["answered"]
        where = {"exercise": row["exercise"], "part": row["part"]}
        said.append(say("marks.exercise", right=right, answered=count, common=common, **where))
    return said


def _rows(answer: Any, parts: list[Part] | None) -> Iterator[tuple[int | None, str, int | None, str]]:
    """Part, given, right, says: of one answer."""
    given = answer if isinstance(answer, list) else [answer]
    if not parts:  # open, or of no exercise that is known
        yield None, _safe("; ".join(map(_text, given))), None, ""
        return
    found = judged(parts, given)
    if isinstance(found, str):
        found = [Verdict(False, found, True)] * len(parts)
        given = ["; ".join(map(_text, given))] * len(parts)
    for place, (one, verdict) in enumerate(zip(given, found, strict=True), start=1):
        yield place, _safe(_text(one)), int(verdict.right), verdict.says if verdict.known else ""


def _text(part: Any) -> str:
    return part if isinstance(part, str) else shown(part)


def _safe(text: str) -> str:
    """Text that a spreadsheet takes for no formula; numbers stay numbers."""
    try:
        float(text)
    except ValueError:
        return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
    return text


def _changed(answer: Mapping[str, Any], parts: list[Part] | None) -> bool:
    """Whether an answer was checked against others than these."""
    return bool(parts and answer.get("check") and answer["check"] != fingerprint(parts))


def _students(handed: list[Handed], parts: pd.DataFrame, key: AnswerKey) -> pd.DataFrame:
    asked = sum(len(key.parts.get(name, [])) for name in parts["exercise"].unique())
    rows = []
    for one in handed:
        own = parts[parts["student"] == one.student]
        marked = own["right"].notna()
        right = int(own["right"].sum())
        is_open = sum(not key.parts.get(name, [None]) for name in one.answers)
        share = round(right / asked, 4) if asked else float("nan")
        rows.append((one.student, "; ".join(one.files), len(one.answers), int(marked.sum()), right, share, is_open))
    columns = ["student", "files", "exercises", "parts", "right", "share", "open"]
    return pd.DataFrame(rows, columns=columns)


def _exercises(parts: pd.DataFrame) -> pd.DataFrame:
    rows = []
    marked = parts[parts["right"].notna()]
    for (exercise, part), own in marked.groupby(["exercise", "part"]):
        wrong = own[own["right"] == 0]
        common, times = ("", 0) if wrong.empty else next(iter(wrong["given"].value_counts().items()))
        says = "" if wrong.empty else wrong.loc[wrong["given"] == common, "says"].iloc[0]
        rows.append((exercise, part, len(own), round(float(own["right"].mean()), 4), common, times, says))
    columns = ["exercise", "part", "answered", "right", "commonest", "times", "says"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["exercise", "part"], key=lambda column: column.map(_natural), ignore_index=True)


def _natural(value: Any) -> Any:
    """Exercise 10 after exercise 9."""
    name, _, number = str(value).rpartition(" ")
    return (name, int(number)) if number.isdigit() else (str(value), 0)


def read_folder(folder: str | Path) -> tuple[list[Handed], list[str]]:
    """What each student handed in, and what a teacher should know of the files.

    Files of one name are one student's if one is a copy of the other, or if they have no exercise in common, as those
    of two notebooks may; the latest answer to an exercise counts. Otherwise two students have one name, and are told
    apart by their files' names.

    Raises
    ------
    FileNotFoundError, ValueError
        Where there is no such folder, or nothing in it that was handed in.
    """
    folder = Path(folder)
    if not folder.exists():
        raise FileNotFoundError(2, say("marks.not_there"), str(folder))
    found, notes = [], []
    for name, raw in _files(folder):
        try:
            one, note = _read(name, raw)
        except ValueError as error:
            notes.append(say("marks.skipped", file=name, why=error))
            continue
        found.append(one)
        notes += [say("marks.note", file=name, note=note)] if note else []
    if not found:
        raise ValueError(say("marks.none", folder=folder, notes=" ".join(notes)))
    return _together(found, notes)


def _files(folder: Path) -> Iterator[tuple[str, bytes | None]]:
    """Each file that may have been handed in, by its path below the folder; None for one that is too large."""
    if zipfile.is_zipfile(folder):
        with zipfile.ZipFile(folder) as archive:
            for entry in archive.infolist():
                if not entry.is_dir() and not _is_litter(entry.filename):
                    yield entry.filename, archive.read(entry) if entry.file_size <= MOST else None
        return
    for path in sorted(path for path in [folder, *folder.rglob("*")] if path.is_file()):
        name = path.relative_to(folder).as_posix() if path != folder else path.name
        if _is_litter(name):
            continue
        if zipfile.is_zipfile(path):
            yield from ((f"{name}/{inner}", raw) for inner, raw in _files(path))
        else:
            yield name, path.read_bytes() if path.stat().st_size <= MOST else None


def _is_litter(name: str) -> bool:
    parts = name.split("/")
    return parts[-1] in IGNORED or any(part.startswith((".", "__MACOSX")) for part in parts)


def _read(name: str, raw: bytes | None) -> tuple[Handed, str]:
    """One file, and a note where not all of it could be read; its name and ending do not matter."""
    if raw is None:
        raise ValueError(say("marks.large"))
    if not raw.strip():
        raise ValueError(say("marks.empty"))
    text = decoded(raw)[0]
    note = ""
    try:
        held = json.loads(text)
    except ValueError:
        held = _salvaged(text)
        note = say("marks.salvaged", count=len(held["answers"])) if held else ""
    if isinstance(held, dict) and "cells" in held:
        raise ValueError(say("marks.notebook"))
    if not isinstance(held, dict) or held.get("what") != MARKER or not isinstance(held.get("answers"), dict):
        raise ValueError(say("marks.foreign"))
    answers = {str(key): value for key, value in held["answers"].items() if isinstance(value, dict)}
    if len(answers) < len(held["answers"]):
        note = say("marks.salvaged", count=len(answers))
    student = " ".join(unicodedata.normalize("NFKC", str(held.get("name", ""))).split())
    if not student:
        student, note = Path(name).name.partition(".")[0], say("marks.nameless")
    origin = frozenset([str(held["file"])]) if held.get("file") else frozenset()
    return Handed(_safe(student), (name,), answers, str(held.get("book", "")), origin), note


def _salvaged(text: str) -> dict[str, Any] | None:
    """The lines of a damaged file that are whole: a line holds one answer."""
    if MARKER not in text:
        return None
    held: dict[str, Any] = {"answers": {}}
    for line in text.splitlines():
        try:
            (pair,) = json.loads("{" + line.strip().rstrip(",") + "}").items()
        except ValueError:
            continue
        if isinstance(pair[1], dict):
            held["answers"][pair[0]] = pair[1]
        else:
            held[pair[0]] = pair[1]
    return held


def _together(found: list[Handed], notes: list[str]) -> tuple[list[Handed], list[str]]:
    """One entry for each student, by name."""
    by_name: dict[str, list[Handed]] = {}
    for one in found:
        mine = by_name.setdefault(one.student.casefold(), [])
        for place, other in enumerate(mine):
            if one.origins & other.origins or not one.answers.keys() & other.answers.keys():
                mine[place] = _joined(other, one)
                notes.append(say("marks.joined", student=other.student, files=", ".join(mine[place].files)))
                break
        else:
            mine.append(one)
    handed = []
    for mine in by_name.values():
        if len(mine) > 1:
            notes.append(say("marks.namesakes", student=mine[0].student, files=", ".join(one.files[0] for one in mine)))
        for one in mine:
            name = f"{one.student} ({one.files[0]})" if len(mine) > 1 else one.student
            handed.append(Handed(name, one.files, one.answers, one.book, one.origins))
    for place, one in enumerate(handed):
        for other in handed[:place]:
            if one.origins & other.origins:
                notes.append(say("marks.copy", student=one.student, other=other.student))
    return sorted(handed, key=lambda one: one.student.casefold()), notes


def _joined(one: Handed, other: Handed) -> Handed:
    """Two files of one student: of each exercise the latest answer."""
    answers = dict(one.answers)
    for name, given in other.answers.items():
        if name not in answers or str(answers[name].get("when", "")) <= str(given.get("when", "")):
            answers[name] = given
    return Handed(one.student, one.files + other.files, answers, max(one.book, other.book), one.origins | other.origins)
