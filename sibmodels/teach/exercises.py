"""Answers to exercises: checked as they are given, and handed in as one file.

What a check compares with stands packed in its own cell, so that a notebook works alone. That spares eyes, and
keeps no secret: whoever wants to can unpack it, as whoever wants to can open the solutions. No grade rests on it;
a class is marked from what it hands in (`sibmodels.teach.marking`), with answers that stay with the teacher.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import hashlib
import json
import math
import numbers
import re
import reprlib
import unicodedata
import uuid
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import sibmodels
from sibmodels.files import decoded, write_all
from sibmodels.messages import say
from sibmodels.teach.judging import Part, flat, judged, needed

__all__ = ["MARKER", "check", "fingerprint", "hand_in", "keep", "seal", "unseal"]

MARKER = "answers to the casebook"
"""By which a file of answers is known."""

_given: dict[str, dict[str, Any]] = {}  # this session's, by exercise


def seal(parts: Iterable[Part]) -> str:
    """The parts of an answer, packed so that nobody reads them by accident.

    Examples
    --------
    >>> unseal(seal([Part(27.86, 2)]))
    [Part(value=27.86, places=2, within=None, words=(), slips=())]
    """
    text = json.dumps([part.row() for part in parts], ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def unseal(sealed: str) -> list[Part]:
    """What `seal` packed; spaces and ends of lines do not matter.

    Raises
    ------
    ValueError
        Where it is not whole.
    """
    try:
        rows = json.loads(zlib.decompress(base64.b64decode("".join(sealed.split()), validate=True)))
        return [Part.of(row) for row in rows]
    except (binascii.Error, zlib.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(say("exercises.damaged")) from error


def fingerprint(parts: Iterable[Part]) -> str:
    """By which two versions of an exercise's answer are told apart; known mistakes do not count."""
    rows = [{key: value for key, value in part.row().items() if key != "slips"} for part in parts]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:8]


def check(exercise: str, answer: object, sealed: str) -> None:
    """Say whether an answer is right, and where it is not, what may have been done; never stops a notebook.

    Parameters
    ----------
    exercise : str
    answer : number, word, a list of them, or ``...``
        In the order that the exercise asks for; ``...`` is one not given yet. Words count in capitals or not; True
        and False are yes and no. Counts, years and thresholds count exactly, amounts to half of the place asked for.
    sealed : str
        What `seal` gave: the right parts, and known mistakes.

    Examples
    --------
    >>> sealed = seal([Part(0.2, 2, slips=((0.25, "That is the part over the rest."),)), Part(20.0)])
    >>> check("uk 4", ..., sealed)
    uk 4: not yet. Put 2 numbers in place of ... and run this cell again.
    >>> check("uk 4", [0.25, 19.5], sealed)
    uk 4: 0 of 2 parts right.
      Part 1, 0.25: not right. That is the part over the rest.
      Part 2, 19.5: not right. A whole number is asked for.
    >>> check("uk 4", [0.2, 20], sealed)
    uk 4: right.
    """
    try:
        parts = unseal(sealed)
    except ValueError as error:
        print(f"{exercise}: {error}")
        return
    if answer is ...:
        print(say("exercises.not_yet", exercise=exercise, needed=needed(parts)))
        return
    answers = flat(answer)
    _remember(exercise, answers, fingerprint(parts))
    found = judged(parts, answers)
    if isinstance(found, str):
        print(say("exercises.wrong", exercise=exercise, says=found))
    elif all(one.right for one in found):
        print(say("exercises.right", exercise=exercise))
    elif len(found) == 1:
        print(say("exercises.one_wrong", exercise=exercise, given=shown(answers[0]), says=found[0].says))
    else:
        counts = {"right": sum(one.right for one in found), "count": len(found)}
        why = {one.says for one in found if not one.right}
        if len(why) == 1 and (why == {say("exercises.order")} or not counts["right"]):  # one mistake, told once
            print(say("exercises.some_why", exercise=exercise, says=why.pop(), **counts))
            return
        print(say("exercises.some", exercise=exercise, **counts))
        for place, (given, one) in enumerate(zip(answers, found, strict=True), start=1):
            key = "exercises.part_right" if one.right else "exercises.part_wrong"
            print("  " + say(key, part=place, given=shown(given), says=one.says))


def keep(exercise: str, answer: object) -> None:
    """Keep the answer to an open question, which nothing checks, for `hand_in`.

    Examples
    --------
    >>> keep("uk 5", "...")
    uk 5: not yet. Write your answer and run this cell again.
    """
    if answer is ... or (isinstance(answer, str) and answer.strip() in ("", "...")):
        print(say("exercises.open_not_yet", exercise=exercise))
        return
    _remember(exercise, [answer.strip()] if isinstance(answer, str) else flat(answer), "")
    print(say("exercises.kept", exercise=exercise))


def hand_in(name: object, folder: str | Path = ".") -> None:
    """Write every answer that was checked or kept into one file to hand in; what it held before stays in it.

    Parameters
    ----------
    name : str or int
        The name or number by which a teacher knows the student; ``...`` is none yet.
    folder : path, optional
        Where the file is, the folder of the notebook unless given.
    """
    known = " ".join(unicodedata.normalize("NFC", str(name)).split())
    if name is ... or known in ("", "..."):
        print(say("exercises.no_name"))
        return
    path, before = _file(Path(folder), known)
    answers = dict(before.get("answers", {}))
    for exercise, given in _given.items():
        if str(answers.get(exercise, {}).get("when", "")) <= given["when"]:
            answers[exercise] = given
    if not answers:
        print(say("exercises.nothing"))
        return
    chapters = sorted({exercise.rpartition(" ")[0] for exercise in answers})
    head = {
        "what": MARKER,
        "name": known,
        "file": before.get("file") or uuid.uuid4().hex[:12],
        "book": sibmodels.__version__,
        "chapters": chapters,
    }
    text = _text(head, answers)
    try:
        write_all({path: lambda draft: draft.write_bytes(text.encode("utf-8", "replace"))}, replace=True)
    except OSError as error:
        print(say("exercises.unwritten", path=path, error=error.strerror or error))
        return
    print(say("exercises.handed_in", path=path, count=len(answers), chapters=", ".join(chapters)))


def _text(head: dict[str, Any], answers: dict[str, dict[str, Any]]) -> str:
    """The file's text, a line for each answer, so that a damaged file still has those before the damage."""

    def line(key: str, value: object) -> str:
        return f"{json.dumps(key, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"

    lines = [line(exercise, answers[exercise]) for exercise in sorted(answers)]
    heads = [line(key, value) for key, value in head.items()]
    return "{\n" + ",\n".join([*heads, '"answers": {\n' + ",\n".join(lines) + "\n}"]) + "\n}\n"


def _file(folder: Path, name: str) -> tuple[Path, dict[str, Any]]:
    """The file of a name and what it holds; another, if that one is of somebody else, or cannot be read."""
    safe = "-".join(re.findall(r"\w+", name))[:60]
    if re.sub(r"[\s\w-]", "", name) or len(name) > 60:  # signs that a file's name may not have: told apart otherwise
        safe += f"-{hashlib.sha256(name.encode()).hexdigest()[:4]}"
    for number in range(1, 1000):
        path = folder / f"handed-in-{safe}{f'-{number}' if number > 1 else ''}.json"
        if not path.exists():
            break
        try:
            held = json.loads(decoded(path.read_bytes())[0])
            if held["what"] == MARKER and held["name"].casefold() == name.casefold():
                return path, {**held, "answers": dict(held["answers"])}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return path, {}


def _remember(exercise: str, answers: Sequence[Any], key: str) -> None:
    when = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    parts = [_raw(part) for part in answers]
    _given[exercise] = {"answer": parts[0] if len(parts) == 1 else parts, "when": when, "check": key}


def _raw(part: Any) -> Any:
    """A part as JSON has it; what it has not as Python shows it."""
    if part is None or isinstance(part, bool | str | int):
        return part
    if isinstance(part, numbers.Real) and math.isfinite(part):
        return float(part)
    return reprlib.repr(part)


def shown(part: Any) -> str:
    """A part of an answer as it is said back."""
    return f"{part:.10g}" if isinstance(part, float) else reprlib.repr(part)
