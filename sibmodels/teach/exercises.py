"""Answers to exercises, checked without being given away: the student edition of the book uses it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Any

__all__ = ["check", "seal"]

Kind = int | Sequence[str]  # the decimals that a number counts to, -1 for tens, or the words to choose from


def seal(exercise: str, value: float | str, kind: Kind) -> str:
    """A fingerprint of one part of an answer: a number, rounded, or a word.

    Parameters
    ----------
    exercise : str
        The exercise that it answers, so that equal answers look different.
    value : float or str
    kind : int or sequence of str
        To how many decimals a number counts, -1 for tens, or the words that a word is chosen from.

    Returns
    -------
    str

    Examples
    --------
    >>> seal("kobe 2", 27.86, 2) == seal("kobe 2", 27.8601, 2)
    True
    >>> seal("replays 4", " Inferred", ["inferred", "mismatch"]) == seal("replays 4", "inferred", ["inferred"])
    True
    """
    text = f"{exercise}: {round(float(value) * 10**kind) if isinstance(kind, int) else _plain(value)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check(exercise: str, answer: object, sealed: Sequence[tuple[str, Kind]]) -> None:
    """Say whether an answer is right; an answer of ``...`` is one not given yet.

    Parameters
    ----------
    exercise : str
    answer : number, word, a list of them, or ``...``
        In the order that the exercise asks for. Words count in capitals or not; True and False are yes and no.
    sealed : sequence of (fingerprint, decimals or words to choose from)
        One for each part. The last place of a number may be off by one, for rounding.

    Raises
    ------
    ValueError
        Where the answer is not as many numbers and words as are asked for, or none of the words.
    AssertionError
        Where a part is wrong; says which.

    Examples
    --------
    >>> check("kobe 2", ..., [(seal("kobe 2", 27.86, 2), 2)])
    kobe 2: not yet. Put 1 number in place of ... and run this cell again.
    >>> check("kobe 2", 27.86, [(seal("kobe 2", 27.86, 2), 2)])
    kobe 2: right.
    >>> choice = ["inferred", "mismatch"]
    >>> check("replays 4", "inferred", [(seal("replays 4", "inferred", choice), choice)])
    replays 4: right.
    """
    needed = _needed([kind for _, kind in sealed])
    if answer is ...:
        print(f"{exercise}: not yet. Put {needed} in place of ... and run this cell again.")
        return
    parts = _parts(answer)
    numbers = [_number(part) for part, (_, kind) in zip(parts, sealed, strict=False) if isinstance(kind, int)]
    if len(parts) != len(sealed) or not all(map(math.isfinite, numbers)):
        raise ValueError(f"{exercise}: the answer is {answer!r}; {needed} in the order of the exercise are needed")
    for place, (part, (fingerprint, kind)) in enumerate(zip(parts, sealed, strict=True), start=1):
        near: list[float] | list[str]
        if isinstance(kind, int):
            near = [_number(part) + step * 10.0**-kind for step in (0, -1, 1)]
            shown = f"{near[0]:g}"
            least = f"{kind} decimal{'s' * (kind != 1)}" if kind >= 0 else f"about {10**-kind}"
            hint = f"It counts to {least}: look at the unit and at the sign, then at what is held constant."
        else:
            word = _word(part)
            near = [word]
            shown, hint = repr(part), "Look again at what the exercise compares."
            if word not in map(_plain, kind):
                raise ValueError(f"{exercise}: {shown} is none of the words to choose from: {', '.join(kind)}")
        if fingerprint not in {seal(exercise, value, kind) for value in near}:
            which = f"part {place} of {len(sealed)}, {shown}," if len(sealed) > 1 else shown
            raise AssertionError(f"{exercise}: {which} is not it. {hint}")
    print(f"{exercise}: right.")


def _parts(answer: Any) -> list[Any]:
    """An answer's parts: one thing, or what a list, a tuple, an array or a column holds."""
    answer = answer.tolist() if hasattr(answer, "tolist") else answer
    return [part for item in answer for part in _parts(item)] if isinstance(answer, list | tuple) else [answer]


def _number(part: Any) -> float:
    """A part as a number; NaN for what is none."""
    try:
        return math.nan if isinstance(part, str | bool) else float(part)
    except (TypeError, ValueError):
        return math.nan


def _word(part: object) -> str:
    return _plain({True: "yes", False: "no"}[part] if isinstance(part, bool) else part)


def _plain(word: object) -> str:
    return " ".join(str(word).split()).casefold()


def _needed(kinds: Sequence[Kind]) -> str:
    """What an answer is made of: 2 numbers; 1 number and 1 word."""
    count = sum(isinstance(kind, int) for kind in kinds)
    counts = {"number": count, "word": len(kinds) - count}
    return " and ".join(f"{n} {what}{'s' * (n > 1)}" for what, n in counts.items() if n)
