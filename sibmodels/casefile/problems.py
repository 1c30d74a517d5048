"""Checks of a case file: every problem at once, each with its place, its key and a remedy."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sibmodels._arguments import ProblemsError
from sibmodels.casefile.language import Language
from sibmodels.casefile.model import ATTRIBUTES, CaseFile
from sibmodels.casefile.sections import (
    AMOUNTS,
    LISTS,
    LONGEST,
    MOST,
    PERIODS,
    PRICED,
    SECTIONS,
    SINGLE,
    Figure,
    keys,
    month_number,
)
from sibmodels.casefile.writing import literal
from sibmodels.contracts import RESERVED
from sibmodels.rules import RULES

__all__ = ["CaseFileError", "Checker", "Problem", "build", "meant", "too_large"]


TAKEN = (*RESERVED, "investor", "guarantor", "share served")  # columns of simulated results


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a case file: where, in what, and what would mend it."""

    place: str
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.key}: {self.what}; {self.remedy}"


class CaseFileError(ProblemsError):
    """Everything that is wrong with a case file, in ``problems``, each a `Problem`."""


def too_large(path: Path, most: int) -> Problem:
    """A file that is no case file, by its size."""
    size = path.stat().st_size / 1e6
    return Problem(
        path.name, "file", f"{size:.1f} MB", f"at most {most / 1e6:g} MB is read: is this the case file you meant?"
    )


def build(
    raw: Mapping, place: Callable[[tuple], str], problems: list[Problem], broken=frozenset(), cells: bool = False
) -> CaseFile:
    """The case of tables as TOML has them; `CaseFileError` with every problem of the file.

    Parameters
    ----------
    place : function
        From the path of a key to where it stands.
    problems : list of Problem
        What is known to be wrong already.
    broken : set of paths
        Keys known to be wrong already, not to be called missing.
    cells : bool, optional
        Whether keys stand in the cells of a workbook, where remedies have no quotes and braces.
    """
    check = Checker(place, problems, broken, cells)
    for key in raw:
        if key not in SECTIONS:
            check.unknown((key,), key, list(SECTIONS), "section")
    parts = {name: check.table(raw.get(name, {}), (name,), kind) for name, kind in SINGLE.items()}
    parts |= {name: check.items(raw.get(name, []), name, kind) for name, kind in LISTS.items()}
    check.across(parts)
    if not problems:
        made = {name: kind(**parts[name]) for name, kind in SINGLE.items()}
        made |= {name: tuple(kind(**item) for item in parts[name]) for name, kind in LISTS.items()}
        case = CaseFile(**{ATTRIBUTES.get(name, name): part for name, part in made.items()})
        try:
            if case.paid:
                case.contract()
        except ValueError as error:
            problems.append(Problem(place(("contract",)), "contract", str(error), "change what it names"))
        else:
            return case
    raise CaseFileError(sorted(problems, key=_order))


def _order(problem: Problem) -> tuple:
    """Problems are listed down the file, those of the whole of it last."""
    place = problem.place
    numbers = re.findall(r"\d+", place.rpartition(":")[2] if ":" in place else place.rpartition("!")[2])
    return problem.key == "file", int(numbers[-1]) if numbers else 0


class Checker(Language):
    """Turns raw values into a case's parts and notes every problem on the way."""

    def __init__(self, place, problems, broken, cells=False):
        self.place, self.problems, self.broken, self.cells = place, problems, broken, cells

    def note(self, path: tuple, what: str, remedy: str) -> None:
        key = ".".join(map(str, path)) or "file"
        self.problems.append(Problem(self.place(path), key, what, remedy))

    def unknown(self, path: tuple, key: str, known: list[str], what: str = "key") -> None:
        near = difflib.get_close_matches(str(key).lower(), known, n=1)
        homes = [name for name, kind in SECTIONS.items() if key in keys(kind) and what == "key"]
        if near:
            remedy = f"did you mean {near[0]!r}?"
        elif homes:
            remedy = f"it belongs in {' or '.join(f'[{name}]' for name in homes)}"
        else:
            remedy = f"allowed here: {', '.join(known)}"
        self.note(path, f"is no known {what}", remedy)

    def items(self, raw, name: str, kind: type) -> list[dict]:
        if not isinstance(raw, list) or not all(isinstance(item, Mapping) for item in raw):
            self.note((name,), "is not a list of sections", f"head each with [[{name}]], in double brackets")
            return []
        if len(raw) > MOST:
            self.note((name,), f"there are {len(raw)}", f"at most {MOST} are allowed")
            return []
        if name == "outcome" and not raw and not self.hidden((name,)):
            self.note((name,), "is missing", "add an [[outcome]] with its name, schedule and expected performance")
        made = [self.table(item, (name, number), kind) for number, item in enumerate(raw, start=1)]
        names = [item.get("name") for item in made]
        for number, label in enumerate(names, start=1):
            if label and label in names[: number - 1]:
                self.note((name, number, "name"), f"{label!r} is there twice", "give each its own name")
            if name == "outcome" and label in TAKEN:
                self.note((name, number, "name"), f"{label!r} is kept for totals", "choose another name")
        return made

    def hidden(self, path: tuple) -> bool:
        return () in self.broken or path in self.broken or (*path[:-1], "*") in self.broken

    def table(self, raw, path: tuple, kind: type) -> dict:
        """What is right in a section."""
        if not isinstance(raw, Mapping):
            self.note(path, "is not a section", f"head it with [{path[0]}]")
            return {}
        fields = {one.name: one.metadata for one in dataclasses.fields(kind)}
        for key in raw:
            if key not in fields:
                self.unknown((*path, key), key, list(fields))
        values = {}
        for key, about in fields.items():
            value = raw.get(key)
            here = (*path, key)
            if value is None or (isinstance(value, str) and not value.strip()):
                if about["needed"] and not self.hidden(here) and not excused(raw, about):
                    state = "is not filled in" if key in raw else "is missing"
                    self.note(here, state, f"{about['about']}, e.g. {self.sample(key, about['sample'])}")
                continue
            if about["kind"] == "result" and raw.get("unit") == "score":
                about = {**about, "kind": "number"}
            made = self.value(value, about, here)
            if made is not None:
                values[key] = made
        return values

    def sample(self, key: str, sample) -> str:
        if not self.cells:
            return f"{key} = {literal(sample)}"
        if isinstance(sample, Mapping) and "value" in sample:
            return f"{sample['value']} under Value, {sample['low']} under Low, {sample['high']} under High"
        return str(sample)

    def value(self, value, about: Mapping, path: tuple):
        if about["kind"] == "money" and isinstance(value, Mapping) and "in" in value:
            return self.exchanged(value, about, path)
        return getattr(self, f"_{about['kind']}", self.figure)(value, about, path)

    def _text(self, value, about, path) -> str | None:
        if not isinstance(value, str):
            self.note(
                path, f"{value!r} is not text", "begin it with an apostrophe" if self.cells else "put it in quotes"
            )
            return None
        text = " ".join(value.split())
        bad = [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs") or sign in "\ufffe\uffff"]
        if bad:
            self.note(path, f"holds the sign U+{ord(bad[0]):04X}, which no page can show", "take it out")
        elif len(text) > 2000:
            self.note(path, f"is {len(text)} signs long", "at most 2000 are allowed")
        else:
            return text
        return None

    def _choice(self, value, about, path) -> str | None:
        if isinstance(value, str) and value.strip() in about["allowed"]:
            return value.strip()
        near = difflib.get_close_matches(str(value).strip().lower(), [one.lower() for one in about["allowed"]], n=1)
        match = [one for one in about["allowed"] if near and one.lower() == near[0]]
        hint = f"did you mean {match[0]!r}? " if match else ""
        self.note(path, f"{value!r} is not known", f"{hint}allowed: {', '.join(about['allowed'])}")
        return None

    def _letters(self, value, path, count: int, what: str) -> str | None:
        if isinstance(value, str) and re.fullmatch(f"[A-Z]{{{count}}}", value.strip()):
            return value.strip()
        capitals = str(value).strip().upper()
        known = capitals if re.fullmatch(f"[A-Z]{{{count}}}", capitals) else {2: "GB", 3: "GBP"}[count]
        self.note(path, f"{value!r} is no {what}", f"write {count} capital letters, such as {known} (the codes of ISO)")
        return None

    def _country(self, value, about, path) -> str | None:
        return self._letters(value, path, 2, "country")

    def _currency(self, value, about, path) -> str | None:
        return self._letters(value, path, 3, "currency")

    def _month(self, value, about, path) -> str | None:
        if isinstance(value, datetime.date):
            value = f"{value.year:04d}-{value.month:02d}"
        if isinstance(value, str) and re.fullmatch(r"(19|20|21)\d\d-(0[1-9]|1[0-2])(-\d\d)?", value.strip()):
            return value.strip()[:7]
        remedy = "write year-month, as 2027-04" if self.cells else 'write year-month in quotes, as "2027-04"'
        self.note(path, f"{value!r} is no month", remedy)
        return None

    def _months(self, value, about, path) -> tuple[str, ...] | None:
        items = value if isinstance(value, list) else [value]
        if len(items) > LONGEST:
            self.note(path, f"there are {len(items)} months", f"at most {LONGEST} are allowed")
            return None
        months = [self._month(item, about, path) for item in items]
        if None in months:
            return None
        if sorted(set(months)) != months:
            self.note(path, f"{', '.join(months)} are not in order", "list each month once, the earliest first")
            return None
        return tuple(months)

    def number(self, value, about, path, what: str = "") -> float | None:
        """One finite number within its limits."""
        if isinstance(value, str):
            remedy = meant(value.strip()) or "write a number"
            self.note(path, f"{what}{value!r} is text", remedy if self.cells else f"{remedy}, without quotes")
            return None
        huge = isinstance(value, int) and abs(value) > 1e15  # too large to be a float, perhaps
        if huge or isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.note(path, f"{what}{value!r} is no number", "write a number, with a point for decimals")
            return None
        low = about.get("low", 0.0 if about["kind"] in ("share", "money") else -math.inf)
        high = about.get("high", 1.0 if about["kind"] == "share" else 1e15)
        above = about.get("above", -math.inf)
        if not (low <= value <= high and value > above):
            if about["kind"] == "share" and 1 < value <= 100:
                remedy = f"for {value:g} % write {value / 100:g}"
            else:
                least = f"more than {above:g}" if above > -math.inf else f"at least {low:g}"
                remedy = f"it must be {least}" + (f" and at most {high:g}" if high < 1e15 else "")
            self.note(path, f"{what}{value:.10g} is not allowed", remedy)
            return None
        if about["kind"] == "whole" and value != int(value):
            self.note(path, f"{what}{value:.10g} is not whole", "write a whole number")
            return None
        return float(f"{value:.15g}")

    def figure(self, value, about, path):
        ranged = about.get("ranged", True)
        if not isinstance(value, Mapping):
            number = self.number(value, about, path)
            bare = about["kind"] == "share" and not ranged
            return number if number is None or bare else Figure(number)
        if not ranged:
            self.note(path, "has a range, which cannot be used here", "write one number")
            return None
        before = len(self.problems)
        for key in value:
            if key not in ("value", "low", "high", "note"):
                self.unknown((*path, key), key, ["value", "low", "high", "note"])
        given = {}
        for key in ("value", "low", "high"):
            if key in value and value[key] != "":
                given[key] = self.number(value[key], about, path, f"{key} ")
        note = self._text(value.get("note", ""), about, path)
        if len(self.problems) > before:
            return None
        if "value" not in given and self.hidden(path):
            return None
        if "value" not in given:
            ways = "fill in Value as well" if self.cells else "write { value = ..., low = ..., high = ... }"
            self.note(path, "has no value", ways)
        elif ("low" in given) != ("high" in given):
            self.note(path, "has one end of a range", "give both low and high, or neither")
        elif "low" in given and not given["low"] <= given["value"] <= given["high"]:
            ends = "the value {value:.10g} is outside {low:.10g} to {high:.10g}".format(**given)
            self.note(path, ends, "low <= value <= high")
        else:
            return Figure(given["value"], given.get("low"), given.get("high"), note)
        return None

    def _named(self, value, about, path, high: float) -> dict[str, float] | None:
        if not isinstance(value, Mapping) or not value:
            self.note(path, f"{value!r} names nobody", f"write {literal(about['sample'])}")
            return None
        limits = {"kind": "number", "low": 0.0, "high": high}
        parts = {}
        for name, part in value.items():
            label = self._text(str(name), about, path)
            number = self.number(part, limits if high > 1 else {"kind": "share"}, path, f"{name}: ")
            if label is None or number is None:
                return None
            if not label:
                self.note(path, "has an empty name", "give it a name")
                return None
            parts[label] = number
        return parts

    def _shares(self, value, about, path) -> dict[str, float] | None:
        parts = self._named(value, about, path, 1.0)
        if parts is not None and abs(sum(parts.values()) - 1) > 1e-9:
            total = sum(parts.values())
            self.note(path, f"the shares sum to {total:.10g}", f"they must sum to 1: {1 - total:+.4g} is to be placed")
            return None
        return parts

    def _weights(self, value, about, path) -> dict[str, float] | None:
        parts = self._named(value, about, path, 1e15)
        if parts is not None and not sum(parts.values()):
            self.note(path, "every weight is 0", "give at least one above 0, or leave values out")
            return None
        return parts

    def _points(self, value, about, path) -> tuple[tuple[float, float], ...] | None:
        pairs = isinstance(value, list) and value and all(isinstance(one, list) and len(one) == 2 for one in value)
        if not pairs or len(value) > MOST:
            self.note(path, "are not pairs", f"write {literal(about['sample'])}, at most {MOST} pairs")
            return None
        limits = {"kind": "number", "low": -1e15}
        made = [tuple(self.number(part, limits, path, "points: ") for part in pair) for pair in value]
        if any(None in pair for pair in made):
            return None
        if any(before[0] >= after[0] for before, after in itertools.pairwise(made)):
            self.note(path, "performance does not rise from pair to pair", "list pairs with performance rising")
            return None
        return tuple(made)

    # rules about several keys

    def across(self, parts: Mapping) -> None:
        """What one key demands of another; looks only at keys that were right by themselves."""
        terms, outcomes = parts["contract"], parts["outcome"]
        for number, one in enumerate(outcomes, start=1):
            self.rule(one, ("outcome", number))
        self.weighed(outcomes, terms, parts["investment"], parts["cost"])
        self.calendar(parts["timing"], terms, outcomes, parts["cost"])
        fixed, cap = terms.get("fixed_payment"), terms.get("cap")
        if fixed and cap and fixed.value > cap.value:
            self.note(("contract", "cap"), f"{cap.value:g} is below the fixed payment", "raise it, or take it out")
        count, rho = len(paid(outcomes)), parts["uncertainty"].get("rho")
        if rho and count > 1 and rho.value < -1 / (count - 1):
            remedy = f"{count} outcomes allow {-1 / (count - 1):.3g} or more"
            self.note(("uncertainty", "rho"), f"{rho.value:g} is impossible", remedy)
        self.language(parts)

    def rule(self, one: dict, path: tuple) -> None:
        """Whether an outcome has what its schedule needs, and nothing that its schedule ignores."""
        schedule = one.get("schedule")
        if schedule is None:
            return
        rule = RULES.get(schedule)
        needed, optional = (rule.needs, rule.may) if rule else ((), ("target",))
        if schedule == "rate card" and "card" in one:
            needed, optional = ("card",), ("target", "cap", "person_cap")
        amounts = AMOUNTS if "amount" in needed else ()
        for key in needed:
            if key != "amount" and not one.get(key) and not self.seen((*path, key)):
                self.note((*path, key), "is missing", f"schedule {schedule!r} needs it")
        if amounts and not any(key in one or self.seen((*path, key)) for key in amounts):
            self.note((*path, "payment"), "is missing", f"schedule {schedule!r} needs a payment or a weight")
        if "payment" in one and "weight" in one and amounts:
            self.note((*path, "weight"), "stands beside a payment", "give one of the two")
        for key in PRICED:
            if one.get(key) is not None and one.get(key) != () and key not in (*needed, *optional, *amounts):
                self.note((*path, key), f"is not used by schedule {schedule!r}", "take it out, or change the schedule")
        target, floor = one.get("target"), one.get("floor")
        unit = one.get("unit", "" if self.seen((*path, "unit")) else "share")
        for key, figure in (("target", target), ("floor", floor)):
            most = figure and (figure.high if figure.assumed else figure.value)
            if figure and unit == "share" and most > 1:
                remedy = f'for {most:g} % write {most / 100:g}, or set unit = "people"'
                self.note((*path, key), f"{most:g} is no share", remedy)
        if (
            target
            and floor
            and (floor.high if floor.assumed else floor.value) > (target.low if target.assumed else target.value)
        ):
            self.note((*path, "floor"), "lies above the target", "lower it, or raise the target")
        if rule and rule.counts and unit == "share" and "card" not in one:
            self.note((*path, "unit"), "'share' cannot be priced by the piece", 'set unit = "people" or "count"')
        if unit in ("people", "count") and any(pair[0] < 0 for pair in one.get("points") or ()):
            self.note((*path, "points"), "a count below 0", "begin at 0 or above")

    def seen(self, path: tuple) -> bool:
        """Whether something was already said of this key."""
        return self.hidden(path) or any(problem.key == ".".join(map(str, path)) for problem in self.problems)

    def weighed(self, measures: list[dict], terms: dict, investment: dict, costs: list[dict]) -> None:
        weights = {n: one["weight"] for n, one in enumerate(measures, start=1) if one.get("weight") is not None}
        if not weights:
            return
        in_money = [f"contract.{key}" for key in ("fixed_payment", "cap") if terms.get(key)]
        in_money += [f"investment.{key}" for key in ("fee", "guarantee") if investment.get(key)]
        in_money += ["a [[cost]]"] * bool(costs) + ["another outcome's payment"] * (len(weights) < len(paid(measures)))
        if in_money and terms.get("maximum") is None and not self.seen(("contract", "maximum")):
            remedy = f"weights are shares of it, and {in_money[0]} is in money: give it too"
            self.note(("contract", "maximum"), "is missing", remedy)
        if any(self.seen(("outcome", n, "weight")) for n in range(1, len(measures) + 1)):
            return
        if abs(sum(weights.values()) - 1) > 1e-9:
            total = sum(weights.values())
            self.note(
                ("outcome", max(weights), "weight"),
                f"the outcomes' weights sum to {100 * total:.6g} %",
                f"they must sum to 1: {1 - total:+.4g} is to be placed",
            )

    def calendar(self, timing: dict, terms: dict, outcomes: list[dict], costs: list[dict]) -> None:
        start, end = timing.get("start"), timing.get("end")
        dated = [(("contract", "fixed_paid"), month) for month in terms.get("fixed_paid", ())]
        for number, one in enumerate(outcomes, start=1):
            dated += [(("outcome", number, "measured"), month) for month in one.get("measured", ())]
        for number, one in enumerate(costs, start=1):
            ends = [one.get(key) for key in ("start", "end")]
            dated += [(("cost", number, key), m) for key, m in zip(("start", "end"), ends, strict=True) if m]
            if all(ends) and ends[0] > ends[1]:
                self.note(("cost", number, "end"), f"{ends[1]} is before its start, {ends[0]}", "put them in order")
        bad = [key for key in ("start", "end") if self.seen(("timing", key))]
        for key, month in (("start", start), ("end", end)):
            if not month and not bad and (dated or start or end):
                self.note(("timing", key), "is missing", "dates elsewhere need timing.start and timing.end")
        if not (start and end):
            return
        if start > end:
            self.note(("timing", "end"), f"{end} is before the start, {start}", "put them in order")
            return
        step = PERIODS.get(timing.get("period", "quarter"), 1)
        count = (month_number(end) - month_number(start)) // step + 1
        if count > LONGEST:
            self.note(("timing", "end"), f"{count} periods", f"at most {LONGEST}: take a longer period")
        for path, month in dated:
            if not start <= month <= end:
                self.note(path, f"{month} is outside {start} to {end}", "change it, or timing.start or timing.end")


def excused(raw: Mapping, about: Mapping) -> bool:
    """Whether a needed key is not, because another stands in its place."""
    return any(raw.get(key) for key in about.get("unless", ())) or (
        "unless" in about and raw.get("schedule") == "fixed"
    )


def paid(measures: list[dict]) -> list[dict]:
    """The outcomes that are paid for."""
    return [one for one in measures if one.get("schedule", "none") != "none"]


TIMES = {"": 1, "k": 1e3, "m": 1e6, "million": 1e6, "万": 1e4, "億": 1e8}
MONEY = re.compile(
    r"(?P<before>[£$€¥]|[A-Z]{3}\b)?\s*(?P<digits>\d[\d,. ]*?)\s*"
    r"(?P<times>k|m|million|万|億)?\s*(?P<after>[£$€¥円]|[A-Z]{3})?",
    re.IGNORECASE,
)


def meant(value: str) -> str:
    """What would mend a number as people write it, and TOML does not; nothing if it is none.

    >>> meant("40 %"), meant("1,500"), meant("£1.2m"), meant("２００")
    ('write a share without the sign: 0.4', 'write the number without separators: 1500', \
'write the amount alone: 1200000; the currency is case.currency', 'write plain digits: 200')
    """
    plain = unicodedata.normalize("NFKC", value)
    if re.fullmatch(r"-?[\d.]+\s*(%|per ?cent)", plain):
        return f"write a share without the sign: {float(re.match(r'-?[0-9.]+', plain)[0]) / 100:g}"
    if re.fullmatch(r"-?\d+,\d{1,2}", plain):
        return f"write a point for the decimals: {plain.replace(',', '.')}"
    if re.fullmatch(r"-?\d{1,3}([, ]\d{3})+(\.\d+)?", plain):
        return f"write the number without separators: {plain.replace(',', '').replace(' ', '')}"
    money = MONEY.fullmatch(plain)
    if money and (money["before"] or money["times"] or money["after"]):
        digits = re.sub("[, ]", "", money["digits"])
        if re.fullmatch(r"\d+(\.\d+)?", digits):
            amount = float(digits) * TIMES[(money["times"] or "").lower()]
            return f"write the amount alone: {amount:.15g}; the currency is case.currency"
    if plain != value and re.fullmatch(r"-?\d+(\.\d+)?", plain):
        return f"write plain digits: {plain}"
    return ""
