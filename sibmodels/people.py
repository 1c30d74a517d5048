"""What is measured of people, and rate cards paid person by person.

A `Metric` is the one number that a payment schedule looks at: a result, or a sum of products of results,
perhaps set against another. A `Card` pays for what each person reaches, up to a cap a person.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from sibmodels import _arguments as check
from sibmodels._arguments import Floats

__all__ = ["Card", "Line", "Metric"]

COMPARISONS = ("difference", "fall")
_MANY, _FEWER = 1024, 256  # amounts of a law kept apart: of one scenario, and of many at once
_NEARLY = 1e-9  # undoes binary fractions such as 0.0845; and rounding in sums of shares


@dataclass(frozen=True)
class Metric:
    """The number that a schedule looks at.

    Parameters
    ----------
    of : str or sequence of products
        A result's name; or products to add up, each a list of names and numbers.
    against : float or str, optional
        A number or a result to set it against.
    compare : {"difference", "fall"}, optional
        ``difference`` takes `against` away; ``fall`` is 1 - ours / theirs.
    rounded : float, optional
        Round to multiples of this, half away from zero, as contracts do; 0 does not round.

    Examples
    --------
    >>> Metric("ours", "theirs", "fall", rounded=0.001)({"ours": 142, "theirs": 155}).round(6)
    np.float64(0.084)
    >>> Metric([[0.8, "learning"], [0.2, "enrolment"]])({"learning": 1.5, "enrolment": 1.0}).round(6)
    np.float64(1.4)
    """

    of: str | Sequence[Sequence[str | float]]
    against: float | str | None = None
    compare: str = "difference"
    rounded: float = 0.0

    def __post_init__(self) -> None:
        check.one_of(self.compare, COMPARISONS, "compare")
        check.number(self.rounded, "rounded", low=0)
        if not self.of or not all(self.products):
            raise ValueError(f"of is {self.of!r}; the name of a result, or lists of names and numbers, is needed")

    @property
    def products(self) -> tuple[tuple[str | float, ...], ...]:
        """The products that are added up."""
        return ((self.of,),) if isinstance(self.of, str) else tuple(tuple(row) for row in self.of)

    def __call__(self, results: Mapping[str, Any]) -> Floats:
        """The number, for results by name, each a number or one a scenario."""

        def value(term: str | float) -> Floats:
            if isinstance(term, str):
                check.one_of(term, results, "result", KeyError)
                term = results[term]
            return np.asarray(term, dtype=float)

        figure = np.asarray(sum(math.prod(map(value, row)) for row in self.products))
        if self.against is not None:
            theirs = value(self.against)
            if self.compare == "fall" and (theirs == 0).any():
                raise ValueError(f"against {self.against!r} is 0; a fall is a share of what it falls from")
            figure = figure - theirs if self.compare == "difference" else 1 - figure / theirs
        if self.rounded:
            figure = np.sign(figure) * np.floor(np.abs(figure) / self.rounded + 0.5 + _NEARLY) * self.rounded
        return np.asarray(figure + 0.0)[()]


@dataclass(frozen=True)
class Line:
    """A line of a rate card.

    Parameters
    ----------
    name : str
    price : float
        Paid for each person who reaches it.
    expected : float
        Share of all people who reach it, not of those who could.
    after : str, optional
        Only those who reached that line can reach this one.
    instead_of : str, optional
        Only those who did not reach that line can; both are right after the same line, or after none.
    low, high : float, optional
        Range that the expected share may lie in.
    """

    name: str
    price: float
    expected: float
    after: str | None = None
    instead_of: str | None = None
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        check.number(self.price, f"price of {self.name!r}", low=0)
        check.number(self.expected, f"expected of {self.name!r}", low=0, high=1)
        if (self.low is None) != (self.high is None):
            raise ValueError(f"line {self.name!r} has one end of its range; give low and high, or neither")
        if self.low is not None and self.high is not None and not 0 <= self.low <= self.expected <= self.high <= 1:
            raise ValueError(
                f"line {self.name!r} expects {self.expected:g}, from {self.low:g} to {self.high:g}; "
                "0 <= low <= expected <= high <= 1 is needed"
            )


@dataclass(frozen=True)
class Card:
    """A rate card paid person by person in the order of its lines, which use up the cap a person.

    Who reaches a line reached the one it is `after`, and none that it is `instead_of`; lines that nothing
    links are independent.

    Parameters
    ----------
    lines : sequence of Line
        A line stands below those that it refers to.
    person_cap : float, optional
        The most that is paid for one person.

    Examples
    --------
    >>> card = Card([Line("a", 1, 0.5), Line("b", 1, 0.5), Line("c", 1, 0.5)], person_cap=2)
    >>> card.expected().round(6).tolist()
    [0.5, 0.5, 0.375]
    """

    lines: Sequence[Line]
    person_cap: float = math.inf

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(self.lines))
        if not self.lines:
            raise ValueError("lines are empty; at least one is needed")
        if self.person_cap != math.inf:
            check.number(self.person_cap, "person_cap", above=0)
        above: dict[str | None, Line] = {}
        for line in self.lines:
            if line.name in above:
                raise ValueError(f"line {line.name!r} is there twice; give each its own name")
            for key in ("after", "instead_of"):
                other = getattr(line, key)
                if other is not None and other not in above:
                    raise ValueError(f"line {line.name!r} is {key} {other!r}, which does not stand above it")
            if line.instead_of is not None and above[line.instead_of].after != line.after:
                raise ValueError(
                    f"line {line.name!r} is instead_of {line.instead_of!r}, which is after "
                    f"{above[line.instead_of].after!r} and not {line.after!r}; rivals are after the same line"
                )
            above[line.name] = line
        for parent, reached in ((None, 1.0), *((line.name, line.expected) for line in self.lines)):
            for rivals in self._rivals(parent):
                total = sum(line.expected for line in rivals)
                if total > reached + _NEARLY:
                    names = " and ".join(repr(line.name) for line in rivals)
                    of = "everybody" if parent is None else f"the {reached:g} who reach {parent!r}"
                    raise ValueError(f"{names} are reached by {total:g}, more than {of}; lower expected")

    def _rivals(self, parent: str | None) -> Iterator[list[Line]]:
        """The lines right after `parent`, in sets of which a person reaches at most one."""
        following = [line for line in self.lines if line.after == parent]
        sets: dict[str, list[Line]] = {}
        for line in following:  # who is instead of a rival is in its set
            first = next((name for name, lines in sets.items() if line.instead_of in {one.name for one in lines}), None)
            sets.setdefault(first or line.name, []).append(line)
        yield from sets.values()

    @property
    def most(self) -> float:
        """The most that one person can earn."""

        def after(parent: str | None) -> float:
            return sum(max(line.price + after(line.name) for line in rivals) for rivals in self._rivals(parent))

        return min(after(None), self.person_cap)

    def least(self, people: int) -> float:
        """The least that a group earns if as many as expected reach each line: the same people reach them all.

        >>> Card([Line("a", 6, 0.5), Line("b", 6, 0.5)], person_cap=8).least(10)
        40.0
        """
        counts = [round(line.expected * check.whole(people, "people")) for line in self.lines]
        reached = np.arange(people)[:, None] < counts
        return float(np.minimum(reached @ [line.price for line in self.lines], self.person_cap).sum())

    def cap_at(self, people: int, paid: float) -> float:
        """The cap a person at which the least that a group earns is `paid`; infinite where it is less without one.

        >>> round(Card([Line("a", 6, 0.5), Line("b", 6, 0.5)]).cap_at(10, 40), 6)
        8.0
        """
        low, high = 0.0, sum(line.price for line in self.lines)
        if replace(self, person_cap=math.inf).least(people) <= paid:
            return math.inf
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if replace(self, person_cap=middle).least(people) < paid else (low, middle)
        return high

    def law(self) -> Floats:
        """Amounts that one person may earn, in order, and their probabilities, shape (2, amounts): exact.

        Where prices are so odd that there are thousands of amounts, neighbours are taken together at their mean.
        """
        law = self._law(self.chances()[:, None], len(self.lines), _MANY)
        return np.array([sorted(law), [law[amount].item() for amount in sorted(law)]])

    def _law(self, chances: Floats, count: int, most: int) -> dict[float, Floats]:
        """How likely each amount is that the first lines may pay one person, folded at the cap, by scenario."""
        part = dict(zip((line.name for line in self.lines), chances, strict=True))
        price = {line.name: line.price * (n < count) for n, line in enumerate(self.lines)}

        def after(parent: str | None) -> dict[float, Floats]:
            """Of those who reached `parent`, what they earn after it."""
            law = {0.0: np.ones(chances.shape[1])}
            for rivals in self._rivals(parent):
                left = np.ones(chances.shape[1])
                some: dict[float, Any] = {}
                for line in rivals:
                    here = left * part[line.name]
                    left = left - here
                    for amount, share in after(line.name).items():
                        at = min(round(amount + price[line.name], 6), self.person_cap)
                        some[at] = some.get(at, 0.0) + here * share
                some[0.0] = some.get(0.0, 0.0) + left
                law = _thinned(_added(law, some, self.person_cap), most)
            return law

        return after(None)

    def expected(self) -> pd.Series:
        """Expected payment a person by line, after the cap: exact."""
        chances, sums = self.chances()[:, None], []
        for count in range(1, len(self.lines) + 1):
            sums.append(sum(amount * share.item() for amount, share in self._law(chances, count, _MANY).items()))
        return pd.Series(np.diff(sums, prepend=0.0), pd.Index([line.name for line in self.lines], name="line"))

    @property
    def mean(self) -> float:
        """Expected payment a person, after the cap: the sum of `expected`, for less work.

        >>> Card([Line("a", 6, 0.5), Line("b", 6, 0.5)], person_cap=8).mean
        5.0
        """
        amounts, chances = self.law()
        return float(amounts @ chances)

    def moments(self, chances: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of what one person earns, for `chances` of shape (lines, scenarios)."""
        law = self._law(chances, len(self.lines), _FEWER)
        mean = sum(amount * share for amount, share in law.items())
        square = sum(amount**2 * share for amount, share in law.items())
        return np.asarray(mean), np.maximum(square - np.square(mean), 0.0)

    def chances(self) -> Floats:
        """Each line's share of those who could reach it."""
        expected, could = np.array([line.expected for line in self.lines]), self.could()
        part = np.divide(expected, could, out=np.zeros_like(could), where=could > _NEARLY)
        return np.asarray(np.minimum(part, 1.0))

    def could(self) -> Floats:
        """The share of all people who could reach each line: who reached what it is after, and none of its rivals."""
        found: dict[str, float] = {}
        for parent, reached in ((None, 1.0), *((line.name, line.expected) for line in self.lines)):
            for rivals in self._rivals(parent):
                left = reached
                for line in rivals:
                    found[line.name] = left
                    left -= line.expected
        return np.array([found[line.name] for line in self.lines])

    def moved(self, name: str, expected: float) -> Card:
        """The card with one line's expected share changed; of those who then could, as many reach each other line.

        Lines whose expected share changes lose their range.

        >>> card = Card([Line("job", 1, 0.5), Line("kept", 1, 0.3, after="job")])
        >>> [line.expected for line in card.moved("job", 0.4).lines]
        [0.4, 0.24]
        """
        names = [line.name for line in self.lines]
        check.one_of(name, names, "line")
        part, could = dict(zip(names, self.chances().tolist(), strict=True)), self.could()[names.index(name)]
        part[name] = (
            min(check.number(expected, "expected", low=0, high=1) / float(could), 1.0) if could > _NEARLY else 0.0
        )
        reached: dict[str | None, float] = {None: 1.0}
        for parent in (None, *names):
            for rivals in self._rivals(parent):
                left = reached[parent]
                for line in rivals:
                    reached[line.name] = left * part[line.name]
                    left -= reached[line.name]
        lines = [
            line
            if abs(reached[line.name] - line.expected) <= _NEARLY
            else replace(line, expected=round(reached[line.name], 12), low=None, high=None)
            for line in self.lines
        ]
        return replace(self, lines=lines)

    def draw(
        self,
        people: int,
        scenarios: int,
        seed: int | np.random.Generator = 0,
        chances: Floats | None = None,
    ) -> Floats:
        """What a group earns by line, shape (scenarios, lines), its people drawn one by one where the cap needs it.

        Parameters
        ----------
        chances : array_like, shape (lines, scenarios), optional
            `chances` in each scenario, where the true rates differ.
        """
        rng = check.generator(seed)
        people, scenarios = check.whole(people, "people", 0), check.whole(scenarios, "scenarios")
        given = self.chances()[:, None] if chances is None else check.numbers(chances, "chances")
        given = np.broadcast_to(given, (len(self.lines), scenarios))
        if self.person_cap >= sum(line.price for line in self.lines):
            return self._counted(rng, people, scenarios, given)
        paid, size = np.empty((scenarios, len(self.lines))), max(2_000_000 // max(people, 1), 1)
        for start in range(0, scenarios, size):  # few at a time, so that they stay in a processor's cache
            paid[start : start + size] = self._drawn(rng, people, given[:, start : start + size])
        return paid

    def _counted(self, rng: np.random.Generator, people: int, scenarios: int, chances: Floats) -> Floats:
        """Without a cap a person, how many reach each line is enough."""
        reached: dict[str | None, Any] = {None: np.full(scenarios, people)}
        left: dict[str, Any] = {}  # of those who could, who reached none of the rivals so far
        paid = []
        for line, chance, first in zip(self.lines, chances, self._firsts(), strict=True):
            could = left.get(first, reached[line.after])
            reached[line.name] = rng.binomial(could, chance)
            left[first] = could - reached[line.name]
            paid.append(line.price * reached[line.name])
        return np.stack(paid, axis=-1).astype(float)

    def _drawn(self, rng: np.random.Generator, people: int, chances: Floats) -> Floats:
        """Each person's way down the card."""
        shape = (chances.shape[1], people)
        reached: dict[str | None, Any] = {None: np.ones(shape, dtype=bool)}
        left: dict[str, Any] = {}
        earned, paid = np.zeros(shape, dtype=np.float32), []
        for line, chance, first in zip(self.lines, chances, self._firsts(), strict=True):
            could = left.get(first, reached[line.after])
            reached[line.name] = could & (rng.random(shape, dtype=np.float32) < chance[:, None])
            left[first] = could & ~reached[line.name]
            pay = np.minimum(line.price * reached[line.name], np.float32(self.person_cap) - earned, dtype=np.float32)
            earned += pay
            paid.append(pay.sum(axis=1, dtype=float))
        return np.stack(paid, axis=-1)

    def _firsts(self) -> list[str]:
        """The first of each line's rivals, itself where it has none."""
        firsts: dict[str, str] = {}
        for parent in (None, *(line.name for line in self.lines)):
            for rivals in self._rivals(parent):
                firsts |= dict.fromkeys((line.name for line in rivals), rivals[0].name)
        return [firsts[line.name] for line in self.lines]


def _added(one: dict[float, Floats], other: dict[float, Floats], cap: float) -> dict[float, Floats]:
    """The law of a sum of two amounts that are independent, folded at the cap."""
    law: dict[float, Floats] = {}
    for amount, share in one.items():
        for more, part in other.items():
            at = min(round(amount + more, 6), cap)
            law[at] = law[at] + share * part if at in law else share * part
    return law


def _thinned(law: dict[float, Floats], most: int) -> dict[float, Floats]:
    """A law of no more amounts than `most`: neighbours together, at their mean."""
    if len(law) <= most:
        return law
    amounts, width, thin = sorted(law), -(-len(law) // most), {}
    for start in range(0, len(amounts), width):
        near = amounts[start : start + width]
        whole = sum(law[amount] for amount in near)
        weight = [float(law[amount].mean()) for amount in near]
        mean = sum(w * amount for w, amount in zip(weight, near, strict=True)) / sum(weight) if sum(weight) else near[0]
        thin[mean] = np.asarray(whole)
    return thin
