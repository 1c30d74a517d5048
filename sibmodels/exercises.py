"""Answers to exercises, checked without being given away: the student edition of the book uses it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np

__all__ = ["check", "seal"]


def seal(exercise: str, value: float, decimals: int) -> str:
    """A fingerprint of one number of an answer, rounded.

    Parameters
    ----------
    exercise : str
        The exercise that the number answers, so that equal numbers look different.
    value : float
    decimals : int
        To how many places it counts.

    Examples
    --------
    >>> seal("kobe 2", 27.86, 2) == seal("kobe 2", 27.8601, 2)
    True
    """
    text = f"{exercise}: {round(float(value) * 10**decimals)}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check(exercise: str, answer, sealed: Sequence[tuple[str, int]]) -> None:
    """Say whether an answer is right; an answer of ``...`` is one not given yet.

    Parameters
    ----------
    exercise : str
    answer : number, list of numbers or ``...``
        In the order that the exercise asks for.
    sealed : sequence of (fingerprint, decimals)
        One for each number. The last place may be off by one, for rounding.

    Raises
    ------
    ValueError
        Where the answer is not numbers, or not as many as are asked for.
    AssertionError
        Where a number is wrong; says which.

    Examples
    --------
    >>> check("kobe 2", ..., [(seal("kobe 2", 27.86, 2), 2)])
    kobe 2: not yet. Put 1 number in place of ... and run this cell again.
    >>> check("kobe 2", 27.86, [(seal("kobe 2", 27.86, 2), 2)])
    kobe 2: right.
    """
    count = f"{len(sealed)} number{'s' * (len(sealed) > 1)}"
    if answer is ...:
        print(f"{exercise}: not yet. Put {count} in place of ... and run this cell again.")
        return
    if isinstance(answer, str | bool):
        raise ValueError(f"{exercise}: the answer is {answer!r}; {count} in the order of the exercise are needed")
    try:
        values = np.atleast_1d(np.asarray(answer, dtype=float)).ravel().tolist()
    except (TypeError, ValueError):
        raise ValueError(
            f"{exercise}: the answer is {answer!r}; {count} in the order of the exercise are needed"
        ) from None
    if len(values) != len(sealed) or not all(map(math.isfinite, values)):
        raise ValueError(f"{exercise}: the answer holds {values}; {count} in the order of the exercise are needed")
    for place, (value, (fingerprint, decimals)) in enumerate(zip(values, sealed, strict=True), start=1):
        near = (value + step * 10.0**-decimals for step in (0, -1, 1))
        if fingerprint not in {seal(exercise, number, decimals) for number in near}:
            which = f"number {place} of {len(sealed)}, {value:g}," if len(sealed) > 1 else f"{value:g}"
            raise AssertionError(
                f"{exercise}: {which} is not it. It counts to {decimals} decimals: look at the unit and at the sign, "
                "then at what is held constant."
            )
    print(f"{exercise}: right.")
