"""Quantities that no key forbids and that make no sense together: what cannot be reached, what cannot be earned."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from sibmodels.casefile.lay import fold
from sibmodels.casefile.sections import Figure, Key, Raw

__all__ = ["nonsense"]

Found: TypeAlias = tuple[Key, str, dict[str, Any]]  # a path, a message and its fields
NEAR = 0.8  # how like each other two names are of which one may be a slip


def nonsense(parts: Raw) -> Iterator[Found]:
    """The path, message and fields of each thing in a case's parts that is silent nonsense."""
    people = parts["cohort"].get("people")
    for number, one in enumerate(parts["outcome"], start=1):
        if one.get("schedule", "none") == "none" or ("unit" not in one and "expected" not in one):
            continue
        reach = one.get("measured_on") or people
        for key, message, fields in _unreachable(one, reach and _most(reach)):
            yield ("outcome", number, key), message, fields
    yield from _too_much(parts)
    yield from _payers(parts["outcome"])
    yield from _slips(parts)


def _unreachable(one: Raw, people: float | None) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What of an outcome's rule lies where no performance is, in its unit."""
    unit, points = one.get("unit", "share"), one.get("points", ())
    if "of" in one or "against" in one:  # a difference, a fall or a sum has other bounds than its unit
        return
    if unit == "share":
        for n, (x, _) in enumerate(points, start=1):
            if x > 1:
                yield "points", "no_share", {"value": x, "share": x / 100, "part": n}
                return
            if x < 0:
                yield "points", "negative_share", {"value": x, "part": n}
                return
        return
    if unit not in ("people", "count") or not people:
        return
    for key in ("target", "floor"):
        figure = one.get(key)
        if figure and 0 < _most(figure) < 1:
            share = _most(figure)
            yield key, "less_than_one", {"value": share, "count": share * people, "people": people}
        elif figure and _most(figure) > people:
            yield key, "unreachable", {"value": _most(figure), "people": people}
    if points and 0 < points[-1][0] <= 1 and any(0 < x < 1 for x, _ in points):
        yield "points", "less_than_one", {"value": points[-1][0], "count": points[-1][0] * people, "people": people}
    earning = [x for x, payment in points if payment]
    if earning and earning[0] > people and len(points) == len(earning):
        yield "points", "unreachable", {"value": earning[0], "people": people}


def _too_much(parts: Raw) -> Iterator[Found]:
    """A fee or a guarantee beyond all the money there is."""
    costs = [one.get("amount") for one in parts["cost"]]
    payments = [paid for one in parts["outcome"] if (paid := _payment(one, parts)) is not None]
    if None in costs or len(payments) < len(parts["outcome"]) or not costs:
        return
    money = sum(map(_most, costs)) + sum(payments) + _most(parts["contract"].get("fixed_payment"))
    for key in ("fee", "guarantee"):
        figure = parts["investment"].get(key)
        if figure and figure.value > money:
            yield ("investment", key), "beyond_all_money", {"value": figure.value, "money": money}


def _payment(one: Raw, parts: Raw) -> float | None:
    """The most that an outcome can earn; None where its terms do not say."""
    if one.get("schedule") == "none":
        return 0.0
    if one.get("schedule") == "rate card":
        people, price = one.get("measured_on") or parts["cohort"].get("people"), one.get("price")
        return _most(people) * _most(price) if people and price else None
    if one.get("points"):
        return float(max(abs(payment) for _, payment in one["points"]))
    if one.get("weight") is not None:
        return float(one["weight"]) * _most(parts["contract"].get("maximum")) or None
    return _most(one.get("payment")) or None


def _payers(outcomes: list[dict[str, Any]]) -> Iterator[Found]:
    """A payer whose name is written in two ways would be two payers."""
    there: dict[str, str] = {}
    for number, one in enumerate(outcomes, start=1):
        for name in one.get("payers", ()):
            if (other := there.setdefault(fold(name), name)) != name:
                yield ("outcome", number, "payers"), "twice_folded", {"label": name, "other": other, "part": name}


def _slips(parts: Raw) -> Iterator[Found]:
    """A value that is nearly, and not quite, the name of an outcome would be something that nobody pays for."""
    names = [one["name"] for one in parts["outcome"] if one.get("name")]
    for number, one in enumerate(parts["stakeholder"], start=1):
        for valued in one.get("values", ()):
            near = "" if valued in names else _near(valued, names)
            if near:
                yield ("stakeholder", number, "values"), "value_near", {"value": valued, "near": near, "part": valued}


def _near(given: str, names: list[str]) -> str:
    """The name that was probably meant; not one that differs by a number, for that tells outcomes apart."""
    folded = {fold(name): name for name in reversed(names) if re.findall(r"\d+", name) == re.findall(r"\d+", given)}
    found = difflib.get_close_matches(fold(given), folded, n=1, cutoff=NEAR)
    return folded[found[0]] if found else ""


def _most(figure: Figure | None) -> float:
    """The high end of a figure, or its value; 0 for none."""
    if figure is None:
        return 0.0
    return figure.value if figure.high is None else figure.high
