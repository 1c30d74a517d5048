"""What a case file says an outcome is worth: what makes no sense, and how many units of an outcome there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from sibmodels.casefile.lay import fold
from sibmodels.casefile.sections import PERIODS, Key, Measure, Raw, Saving, month_number
from sibmodels.cashflows import PARTIES
from sibmodels.messages import listed

if TYPE_CHECKING:
    from sibmodels._arguments import Floats
    from sibmodels.casefile.model import CaseFile

__all__ = ["Units", "horizon", "units", "worthless"]

OTHERS = {fold(name) for name in (*PARTIES, "investors")} - {"payer"}
"""Whose money a table has beside that of payers."""


class Units(NamedTuple):
    """How many units of an outcome come at which dates, over what would have come anyway."""

    months: tuple[str, ...]
    parts: tuple[float, ...]
    reached: Floats
    """In each scenario, all dates together."""
    anyway: float
    """Of them without the service, where a baseline says it."""


def worthless(parts: Raw) -> Iterator[tuple[Key, str, dict[str, Any]]]:
    """The path, message and fields of each thing in what a file says of savings that makes no sense."""
    savings = parts["saving"]
    if not savings:
        return
    outcomes = {one["name"]: one for one in parts["outcome"] if one.get("name")}
    lines = {line.name: name for name, one in outcomes.items() for line in one.get("card", ())}
    payers = {fold(name): name for one in parts["outcome"] for name in _payers(one.get("payers", {}))}
    for key in ("start", "end"):
        if not parts["timing"].get(key):
            yield ("timing", key), "undated_saving", {}
    weighed = any(one.get("weight") is not None for one in parts["outcome"])
    if weighed and parts["contract"].get("maximum") is None:
        yield ("contract", "maximum"), "maximum_missing", {"other": "[[saving]]"}
    for number, one in enumerate(savings, start=1):
        name, body = one.get("of"), one.get("to")
        known = listed(map(repr, [*outcomes, *lines]))
        if name is None:
            continue
        if name not in outcomes and name not in lines:
            yield ("saving", number, "of"), "no_such_outcome", {"value": name, "known": known}
        elif name in outcomes and outcomes[name].get("card"):
            said = listed(repr(line.name) for line in outcomes[name]["card"])
            yield ("saving", number, "of"), "saving_of_card", {"value": name, "known": said}
        elif name in outcomes and outcomes[name].get("schedule") == "fixed":
            yield ("saving", number, "of"), "saving_of_charge", {"value": name}
        if body is None:
            continue
        if fold(body) in OTHERS:
            yield ("saving", number, "to"), "party", {"label": body, "parties": listed(sorted(OTHERS))}
        elif (other := payers.setdefault(fold(body), body)) != body:
            yield ("saving", number, "to"), "twice_folded", {"label": body, "other": other}


def _payers(term: Mapping[str, Any]) -> list[str]:
    """The names in a share of payers, which may change by date."""
    return [name for key, part in term.items() for name in (part if isinstance(part, Mapping) else [key])]


def units(case: CaseFile, one: Saving, figures: Mapping[str, Any] | pd.DataFrame) -> list[Units]:
    """How many units of its outcome a saving counts, at `figures` as `CaseFile.figures` has them.

    A unit is a person or event that succeeds; of a score, one point for one person; of a fall, one fewer than the
    others had for each person. Of a line of a rate card there are as many as expected, in proportion to what the card
    earns. Of an outcome paid by group there is an item a group.
    """
    card = next((each for each in case.outcome if one.of in [line.name for line in each.card]), None)
    measure = next((each for each in case.outcome if each.name == one.of), card)
    if measure is None:
        raise ValueError(f"{one.of!r} is no outcome of {case.about.name!r}")
    paid = [line for line in case.lines() if line.measure.name == measure.name]
    found = []
    for name, group in [(line.name, line.group) for line in paid] or [(measure.name, None)]:
        months = (group.measured if group else ()) or measure.measured or (case.timing.end,)
        people, figure = case.people_of(measure, group), np.atleast_1d(np.asarray(figures[name], dtype=float))
        anyway = 0.0
        if measure is card:
            (line,) = (line for line in measure.card if line.name == one.of)
            whole = people * case.card(measure).mean
            reached = line.expected * people * (figure / whole if whole else np.ones_like(figure))
        else:
            reached = figure * _size(case, measure, name, people)
            if one.deadweight is None and measure.baseline is not None and measure.against is None:
                anyway = measure.baseline.value * people
        found.append(Units(months, case._parts(measure, months), reached, anyway))
    return found


def _size(case: CaseFile, measure: Measure, name: str, people: int) -> float:
    """By what an outcome's figure is multiplied to be a number of units."""
    if measure.unit in ("people", "count"):
        return 1.0
    if measure.compare != "fall" or measure.against is None:
        return float(people)
    (base,) = case.bases(measure)[:1]
    other = case._dated(measure.against, max(measure.measured or (case.timing.end,)))
    if other == "comparison":
        baseline = next(each.baseline for each in case.outcome if each.name == base)
        other = 0.0 if baseline is None else baseline.value
    elif isinstance(other, str):
        other = float(case.performance()[other]) if other in case.performance() else 0.0
    return people * float(other)


def horizon(case: CaseFile) -> int:
    """How many years, from the start of the contract, hold every payment and everything that is worth something."""
    first = month_number(case.timing.start)
    last = len(case.periods()) + int(case.timing.lag.value)
    months: list[float] = [last * PERIODS[case.timing.period]]
    for one in case.saving:
        lasts = one.lasts.value if one.lasts.high is None else one.lasts.high
        ends = [month_number(month) - first for each in units(case, one, case.performance()) for month in each.months]
        months.append(max(ends) + int(one.after.value) + 12 * lasts)
    return int(np.ceil(max(months) / 12))
