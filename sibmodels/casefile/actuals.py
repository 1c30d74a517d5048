"""Results as they come: what a contract pays for them by its own rules, and what makes no sense among them.

On each date on which an outcome is measured its result of that date earns that date's part of the payment. What is
counted one by one, by a rate card, is added up as it comes, in any month. Caps are used up in time.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from sibmodels._arguments import Floats
from sibmodels.casefile.model import COMPARISON, CaseFile, Paid, _key, against, plain
from sibmodels.casefile.sections import Actual, Figure, Group, Key, Measure
from sibmodels.contracts import Outcome
from sibmodels.messages import listed
from sibmodels.simulation import CardResult

__all__ = ["adds_up", "amiss", "capped", "due", "latest", "learned", "months_of", "planned"]

COUNTED = ("people", "count")
FIXED = "fixed payment"


def adds_up(one: Measure) -> bool:
    """Whether results are counted one by one and paid by a rate card, in whatever month they come."""
    return bool(one.card) or (plain(one) and one.unit in COUNTED and one.schedule == "rate card")


def months_of(case: CaseFile, one: Measure, group: Group | None) -> tuple[str, ...]:
    """The months in which the contract measures an outcome."""
    return (group.measured if group else ()) or one.measured or (case.timing.end,)


def latest(case: CaseFile) -> str:
    """The month of the latest result; an error where there is none."""
    if not case.actual:
        raise ValueError(f"{case.about.name!r} has no results; give them as [[actual]], or in a table of their own")
    return max(one.on for one in case.actual)


# what makes no sense


def amiss(case: CaseFile) -> Iterator[tuple[Key, str, dict[str, Any]]]:
    """The path, message and fields of each result that cannot be."""
    if not case.actual:
        return
    if not case.has_calendar:
        for key in ("start", "end"):
            if not getattr(case.timing, key):
                yield ("timing", key), "undated_actual", {}
        return
    there: dict[tuple[str, str, str], int] = {}
    lines = {line.name: one for one in case.outcome for line in one.card}
    own = {one.name: one for one in case.outcome if plain(one) and one.schedule != "fixed"}
    own |= {one.name: one for one in case.outcome if case.bases(one) and one.name in case.bases(one)}
    compared = {base for one in case.outcome if COMPARISON in against(one) for base in case.bases(one)}
    for number, row in enumerate(case.actual, start=1):
        at = ("actual", number)
        measure = own.get(row.of, lines.get(row.of))
        if measure is None:
            known = listed(map(repr, [*own, *lines]))
            computed = any(one.name == row.of for one in case.outcome)
            yield (*at, "of"), "actual_computed" if computed else "no_such_outcome", {"value": row.of, "known": known}
            continue
        groups = {one.name: one for one in case.group}
        if case.group and row.group not in groups:
            message = "no_such_group" if row.group else "group_missing"
            yield (*at, "group"), message, {"value": row.group, "known": listed(map(repr, groups))}
            continue
        if row.group and not case.group:
            yield (*at, "group"), "group_unused", {"value": row.group}
            continue
        yield from _when(case, row, at, measure, groups.get(row.group))
        same = (row.of, row.group, row.on)
        if (first := there.setdefault(same, number)) != number:
            yield (*at, "on"), "actual_twice", {"value": row.of, "month": row.on, "first": first}
        yield from _which(case, row, at, measure, groups.get(row.group), row.of in compared)


def _when(case: CaseFile, row: Actual, at: Key, one: Measure, group: Group | None) -> Iterator[Any]:
    start, end = case.timing.start, case.timing.end
    if not start <= row.on <= end:
        yield (*at, "on"), "outside_calendar", {"month": row.on, "start": start, "end": end}
    elif one.schedule != "none" and not adds_up(one) and row.on not in (months := months_of(case, one, group)):
        yield (*at, "on"), "not_measured_then", {"value": row.of, "month": row.on, "months": listed(months)}


def _which(case: CaseFile, row: Actual, at: Key, one: Measure, group: Group | None, compared: bool) -> Iterator[Any]:
    """Whether a result is one that the outcome can have."""
    people, line = case.people_of(one, group), row.of != one.name
    for key in ("result", "comparison"):
        figure = getattr(row, key)
        if figure is None:
            continue
        value, of = figure.value, {"value": figure.value, "of": row.of}
        if one.unit == "share" and not one.card and not 0 <= value <= 1:
            yield (*at, key), "result_no_share" if value > 0 else "result_below", {**of, "share": value / 100}
        elif (line or one.card or one.unit in COUNTED) and value < 0:
            yield (*at, key), "result_below", of
    if (line or (one.unit == "people" and plain(one))) and row.result.value >= 0:
        so_far = [each for each in case.actual if (each.of, each.group) == (row.of, row.group) and each.on <= row.on]
        count = sum(each.result.value for each in so_far)
        if count > people + 1e-6:
            yield (*at, "result"), "result_beyond", {"of": row.of, "count": count, "people": people}
    if row.people is not None and row.people.value > people:
        yield (*at, "people"), "more_than_served", {"value": row.people.value, "people": people}
    if compared and row.comparison is None:
        yield (*at, "comparison"), "comparison_missing", {"of": row.of}
    elif row.comparison is not None and not compared:
        yield (*at, "comparison"), "comparison_unused", {"of": row.of}


# what is earned


def due(case: CaseFile, on: str) -> pd.DataFrame:
    """Every date on which something is paid for: as planned, and by the results to a month.

    Returns
    -------
    DataFrame
        Columns ``outcome`` (as the contract has it), ``month``, ``part`` (of the payment), ``planned`` and ``result``
        (the figure that the schedule looks at; new ones where they add up), ``plan`` and ``earned`` (money, before
        caps on the whole contract). ``result`` and ``earned`` are missing where no result is known.
    """
    terms, expected = {one.name: one for one in case.contract().outcomes}, case.performance()
    whole = case.contract().earned(case.of_contract(expected))
    rows: list[dict[str, Any]] = []
    for line in case.lines():
        plan, figure = float(whole[line.name]), float(expected[line.name])
        months = months_of(case, line.measure, line.group)
        parts = dict(zip(months, case._parts(line.measure, months), strict=True))
        made = _added(case, line, terms[line.name], on, rows) if adds_up(line.measure) else {}
        since, adding = "", adds_up(line.measure)
        for month in sorted({*parts, *made}):
            part = parts.get(month, 0.0)
            row = {"outcome": line.name, "month": month, "part": part, "plan": part * plan}
            row |= {"planned": part * figure if adding else figure, "result": np.nan, "earned": np.nan}
            if line.measure.schedule == "fixed":
                row |= {"planned": np.nan, "earned": part * plan if month <= on else np.nan}
            elif adding:
                row |= made.get(month, {})
            elif month <= on and (found := _figure(case, line, month, since, part)) is not None:
                before = _others(terms[line.name], month, rows)
                earned = max(float(terms[line.name].payment(found)) - before, 0.0) if before else None
                earned = float(terms[line.name].payment(found)) if earned is None else earned
                row |= {"result": found, "earned": part * earned}
            rows.append(row)
            since = month
    if case.terms.fixed_payment.value:
        dated = case.terms.fixed_paid or (case.timing.start,)
        for month in dated:
            paid, part = case.terms.fixed_payment.value / len(dated), 1 / len(dated)
            row = {"outcome": FIXED, "month": month, "part": part, "plan": paid, "planned": np.nan, "result": np.nan}
            rows.append(row | {"earned": paid if month <= on else np.nan})
    return pd.DataFrame(rows, columns=["outcome", "month", "part", "planned", "result", "plan", "earned"])


def _rows(case: CaseFile, of: str, group: Group | None, on: str) -> list[Actual]:
    """Results of an outcome that are known in a month, the earliest first."""
    name = group.name if group else ""
    return sorted((one for one in case.actual if (one.of, one.group) == (of, name) and one.on <= on), key=_month)


def _month(one: Actual) -> str:
    return one.on


def _added(
    case: CaseFile, line: Paid, outcome: Outcome, on: str, others: list[dict[str, Any]]
) -> dict[str, dict[str, float]]:
    """What results that add up earn as they come, by month."""
    one, found = line.measure, {}
    groups = (line.group,) if line.group else (case.group or (None,))
    prices = {one.name: 1.0} | {each.name: each.price for each in one.card}
    rows = [(row, prices[of]) for of in prices for group in groups for row in _rows(case, of, group, on)]
    total, so_far = 0.0, 0.0
    for month in sorted({row.on for row, _ in rows}):
        new = sum(price * row.result.value for row, price in rows if row.on == month)
        total += new
        paid = float(outcome.payment(total))
        if outcome.instead_of:
            gone = [
                each["earned"] for each in others if each["outcome"] in outcome.instead_of and each["month"] <= month
            ]
            paid = max(paid - np.nansum(gone), 0.0)
        found[month] = {"result": new, "earned": paid - so_far}
        so_far = paid
    return found


def _others(outcome: Outcome, month: str, rows: list[dict[str, Any]]) -> float:
    """What the outcomes that one stands instead of have earned by a month, as of their whole payment."""
    found = 0.0
    for name in outcome.instead_of:
        known = [row for row in rows if row["outcome"] == name and row["month"] <= month and row["earned"] >= 0]
        part = sum(row["part"] for row in known)
        found += sum(row["earned"] for row in known) / part if part else 0.0
    return found


def _figure(case: CaseFile, line: Paid, month: str, since: str, part: float) -> float | None:
    """What the schedule of a line looks at in a month, by the results known; None where one is missing."""
    one, fresh, found = line.measure, False, {}
    for name in case.bases(one):
        base = case._named(name)
        for group in (line.group,) if line.group else (case.group or (None,)):
            rows = _rows(case, name, group, month)
            if not rows:
                return None
            last = rows[-1]
            fresh = fresh or last.on > since
            value = last.result.value
            if base.unit in COUNTED and plain(base):  # counts are of what is new
                value = sum(row.result.value for row in rows if row.on > since or name != one.name)
                value = value / part if name == one.name else value
            found[_key(name, group)] = value
            if last.comparison is not None:
                found[_key(name, group, True)] = last.comparison.value
            if last.people is not None:
                case = _sized(case, (one.name, name), group, last.people)
    return float(case._figure(one, line.group, found)) if fresh else None


def _sized(case: CaseFile, names: tuple[str, ...], group: Group | None, people: Figure) -> CaseFile:
    """The case with as many people as were measured."""
    if group is not None:
        groups = [dataclasses.replace(one, people=people) if one.name == group.name else one for one in case.group]
        return dataclasses.replace(case, group=tuple(groups))
    outcomes = [dataclasses.replace(one, measured_on=people) if one.name in names else one for one in case.outcome]
    return dataclasses.replace(case, outcome=tuple(outcomes))


def capped(case: CaseFile, months: pd.Series[str], amounts: pd.Series[float]) -> Floats:
    """Amounts after the contract's caps, which are used up in time, period by period."""
    place = np.array([case._period(month) for month in months], dtype=int)
    given = np.nan_to_num(amounts.to_numpy(dtype=float))
    total = np.zeros(len(case.periods()))
    np.add.at(total, place, given)
    terms = dataclasses.replace(case.terms, cap_cuts="latest first")
    left = dataclasses.replace(case, terms=terms)._capped(total[None, :])[0]
    return np.asarray(given * np.divide(left, total, out=np.ones_like(total), where=total != 0)[place])


# what is expected now


def planned(case: CaseFile) -> tuple[Actual, ...]:
    """The results that the plan expects, on their dates, as if they had come."""
    found: dict[tuple[str, str, str], Actual] = {}
    results = case.results()
    measured = [(line.measure, line.group) for line in case.lines()]
    measured += [(one, None) for one in case.outcome if case._looked_at(one.name)]
    for one, group in measured:
        for name in case.bases(one):
            base = case._named(name)
            for each in (group,) if group else (case.group or (None,)):
                months = months_of(case, base if name == one.name or base.schedule != "none" else one, each)
                result = results[_key(name, each)]
                value = case._expected(result, None)
                counts = base.card or (base.unit in COUNTED and plain(base))
                other = results.get(_key(name, each, True))
                theirs = None if other is None else Figure(case._expected(other, None))
                for month, part in zip(months, case._parts(base, months), strict=True):
                    key = (name, each.name if each else "", month)
                    reached = Figure(part * value if counts else value)
                    found[key] = Actual(of=name, on=month, result=reached, group=key[1], comparison=theirs)
    return tuple(found.values())


def learned(case: CaseFile, on: str) -> dict[str, float]:
    """Results as they are expected now: the plan's, learned from as many people as it is sure of, and those measured.

    For each result with mean m and concentration s, and n people measured at a rate of r: (s m + n r) / (s + n).
    """
    results, found = case.results(), {}
    named = {
        _key(one.name, group, way): (one, group, way)
        for one in case.outcome
        for group in case.group or (None,)
        for way in (False, True)
    }
    for name, result in results.items():
        one, group, way = named[name]
        people = case.people_of(one, group)
        mean = result.card.mean if isinstance(result, CardResult) else result.mean
        sure = results[_key(one.name, group)].concentration if way else result.concentration
        reached, weight = _observed(case, one, group, on, way, people)
        rate = mean if not weight or math.isinf(sure) else (sure * mean + weight * reached) / (sure + weight)
        counts = isinstance(result, CardResult) or result.is_count
        found[name] = rate * people if counts else rate
    return found


def _observed(
    case: CaseFile, one: Measure, group: Group | None, on: str, way: bool, people: int
) -> tuple[float, float]:
    """The rate that was measured to a month, and on how many people."""
    if one.card or (one.unit in COUNTED and plain(one)):
        months = months_of(case, one, group)
        part = sum(part for month, part in zip(months, case._parts(one, months), strict=True) if month <= on)
        prices = {one.name: 1.0} | {each.name: each.price for each in one.card}
        known = [prices[of] * row.result.value for of in prices for row in _rows(case, of, group, on)]
        return (sum(known) / (people * part), people * part) if part and known else (0.0, 0.0)
    rows = [(row.comparison if way else row.result, row) for row in _rows(case, one.name, group, on)]
    months = months_of(case, one, group)
    weights = [row.people.value if row.people else people / max(len(months), 1) for _, row in rows]
    if not rows:
        return 0.0, 0.0
    mean = sum(w * figure.value for w, (figure, _) in zip(weights, rows, strict=True) if figure) / sum(weights)
    return mean, min(sum(weights), people)
