"""What is right in an answer, and which known mistake a wrong one is: for checks and for marks alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sibmodels.messages import say

__all__ = ["Part", "Verdict", "flat", "judged"]

NOISE = 1e-12  # of floating point, relative
SOLVED = 1e-9  # relative: of a whole number that a solver found
UNITS = (  # how many times too small or too large, and what is said of it: per cent, thousands, millions
    (100.0, "exercises.share_small", "exercises.share_large"),
    (1e3, "exercises.unit_small", "exercises.unit_large"),
    (1e6, "exercises.unit_small", "exercises.unit_large"),
)
ROUNDED = 0.005  # relative: what a known mistake gives is computed from printed numbers
COARSE = 0.01  # how far, relative, a number in another unit may be off and still be known


@dataclass(frozen=True)
class Part:
    """One number or word of an answer, as it is right.

    Parameters
    ----------
    value : float or str
    places : int, optional
        To how many decimals a number counts, -1 for tens: within half of that place. None for a whole number, which
        counts exactly.
    within : float, optional
        How far luck may move it either way, in place of half a place.
    words : sequence of str, optional
        What a word is chosen from; none for a number.
    slips : sequence of (float or str, str), optional
        Known mistakes: what they give, and a sentence that says what was done.

    Examples
    --------
    >>> Part(20.0).is_right(20), Part(20.0).is_right(19.6), Part(27.86, 2).is_right(27.8634)
    (True, False, True)
    """

    value: float | str
    places: int | None = None
    within: float | None = None
    words: tuple[str, ...] = ()
    slips: tuple[tuple[float | str, str], ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Part:
        """A part from what `row` gave."""
        slips = tuple((given, says) for given, says in row.get("slips", ()))
        return cls(row["value"], row.get("places"), row.get("within"), tuple(row.get("words", ())), slips)

    def row(self) -> dict[str, Any]:
        """What it says, without what is left out: for files."""
        known: dict[str, Any] = {"value": self.value, "places": self.places, "within": self.within}
        known |= {"words": [*self.words], "slips": [list(slip) for slip in self.slips]}
        return {key: value for key, value in known.items() if value not in (None, [])}

    def is_right(self, given: Any) -> bool:
        """Whether an answer's part is right."""
        if self.words:
            return _plain(given) == _plain(self.value)
        return self._near(_number(given), float(self.value))

    def slip(self, given: Any) -> str | None:
        """The sentence of the known mistake that a wrong part is."""
        if self.words:
            return next((says for wrong, says in self.slips if _plain(wrong) == _plain(given)), None)
        number, near = _number(given), 0.0 if self.is_whole else ROUNDED
        return next((says for wrong, says in self.slips if self._near(number, float(wrong), near)), None)

    def _near(self, number: float, value: float, near: float = 0.0) -> bool:
        noise = SOLVED if self.is_whole else NOISE
        return abs(number - value) <= max(self.tolerance, near * abs(value)) + noise * max(1.0, abs(value))

    @property
    def is_whole(self) -> bool:
        """Whether it is a whole number, which counts exactly."""
        return not self.words and self.places is None and self.within is None

    @property
    def tolerance(self) -> float:
        """How far a number may be off: half of the place asked for, or what luck moves; 0 for a whole number."""
        if self.within is not None:
            return self.within
        return 0.0 if self.places is None or self.words else 0.5 * 10.0**-self.places

    @property
    def asked(self) -> str:
        """What is asked for: a word, a whole number, or how many decimals."""
        if self.words:
            return say("exercises.word")
        if self.within is not None:
            return say("exercises.luck", within=self.within)
        if self.places is None:
            return say("exercises.whole")
        if self.places == 0:
            return say("exercises.no_decimals")
        if self.places < 0:
            return say("exercises.rounded", unit=10**-self.places)
        return say("exercises.decimals", places=self.places, s="" if self.places == 1 else "s")


@dataclass(frozen=True)
class Verdict:
    """Whether a part of an answer is right; where it is not, a sentence that helps, and whether it names a mistake."""

    right: bool
    says: str = ""
    known: bool = False


def judged(parts: Sequence[Part], answer: object) -> list[Verdict] | str:
    """Each part of an answer; or a sentence, where it has not as many parts as are asked for.

    Examples
    --------
    >>> judged([Part(0.2, 2)], 0.2)
    [Verdict(right=True, says='', known=False)]
    >>> judged([Part(0.2, 2)], 20)[0].says
    'It is 100 times too large: per cent where a share is asked for?'
    """
    given = flat(answer)
    if len(given) != len(parts):
        key = "exercises.count" if len(parts) == 1 else "exercises.counts"
        says = say(key, given=len(given), needed=needed(parts))
        return say("exercises.too_many", says=says) if len(given) > len(parts) else says
    right = [part.is_right(one) for part, one in zip(parts, given, strict=True)]
    if not all(right) and _shuffled(parts, given):
        return [Verdict(ok) if ok else Verdict(False, say("exercises.order"), True) for ok in right]
    return [
        Verdict(True) if ok else _wrong(parts, place, one)
        for place, (one, ok) in enumerate(zip(given, right, strict=True))
    ]


def _shuffled(parts: Sequence[Part], given: Sequence[Any]) -> bool:
    """Whether all parts are there, each once, in another order than is asked for."""
    left = list(given)
    for part in parts:
        found = next((place for place, one in enumerate(left) if part.is_right(one)), None)
        if found is None:
            return False
        del left[found]
    return True


def _wrong(parts: Sequence[Part], place: int, given: Any) -> Verdict:
    """What can be said of a part that is wrong."""
    part = parts[place]
    if part.words:
        if _plain(given) not in map(_plain, part.words):
            return Verdict(False, say("exercises.no_choice", choices=", ".join(part.words)))
        says = part.slip(given)
        return Verdict(False, says or say("exercises.compare"), bool(says))
    if isinstance(given, str):
        return Verdict(False, say("exercises.quotes"))
    number, right = _number(given), float(part.value)
    if not math.isfinite(number):
        return Verdict(False, say("exercises.no_number"))
    says = part.slip(number) or _elsewhere(parts, place, number) or _known(part, number, right)
    if says:
        return Verdict(False, says, True)
    if part.is_whole and not _is_whole(number):
        return Verdict(False, say("exercises.fraction"))
    return Verdict(False, say("exercises.look"))


def _elsewhere(parts: Sequence[Part], place: int, number: float) -> str | None:
    """The part whose number stands in the place of another."""
    for other, part in enumerate(parts):
        if other != place and not part.words and part.within is None and number and part.is_right(number):
            return say("exercises.elsewhere", part=other + 1)
    return None


def _known(part: Part, number: float, right: float) -> str | None:
    """Mistakes that any number may have: sign, unit, rounding."""
    if right and part.is_right(-number):
        return say("exercises.sign")
    near = max(part.tolerance, COARSE * abs(right))
    for times, small, large in UNITS if right and number else ():
        if abs(number * times - right) <= near:
            return say(small, times=times)
        if abs(number / times - right) <= near:
            return say(large, times=times)
    if part.places is None or part.within is not None:
        return None
    unit = 10.0**-part.places
    decimals = max(0, -int(Decimal(repr(number)).normalize().as_tuple().exponent))
    if decimals < part.places and number and abs(number - right) <= 0.5 * 10.0**-decimals * (1 + NOISE):
        return say("exercises.coarse", needed=part.asked)
    if abs(number - right) <= 1.5 * unit * (1 + NOISE) and unit <= 0.1 * abs(right):
        return say("exercises.close")
    return None


def flat(answer: Any) -> list[Any]:
    """An answer's parts: one thing, or what a list, a tuple, an array, a column or a dictionary's values hold."""
    if hasattr(answer, "to_numpy"):
        answer = answer.to_numpy()
    answer = answer.tolist() if hasattr(answer, "tolist") else answer
    if isinstance(answer, dict):
        answer = answer.values()
    if isinstance(answer, Iterable) and not isinstance(answer, str | bytes):
        return [part for item in answer for part in flat(item)]
    return [answer]


def needed(parts: Iterable[Part]) -> str:
    """What an answer is made of: 2 numbers; 1 number and 1 word."""
    words = [bool(part.words) for part in parts]
    counts = {"number": words.count(False), "word": words.count(True)}
    said = [say(f"exercises.needed_{what}{'s' * (n > 1)}", count=n) for what, n in counts.items() if n]
    return say("exercises.both", first=said[0], second=said[1]) if len(said) > 1 else said[0]


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) <= SOLVED * max(1.0, abs(number))


def _number(part: Any) -> float:
    """A part as a number; NaN for what is none."""
    try:
        return math.nan if isinstance(part, str | bool) else float(part)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _plain(word: object) -> str:
    """A word in any dress; True and False are yes and no."""
    return " ".join(({True: "yes", False: "no"}[word] if isinstance(word, bool) else str(word)).split()).casefold()
