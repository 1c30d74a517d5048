"""Checks of a case file: every problem at once, each with its place, its key and a remedy."""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import itertools
import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from sibmodels import messages
from sibmodels._arguments import ProblemsError
from sibmodels.casefile.actuals import amiss
from sibmodels.casefile.language import Language
from sibmodels.casefile.lay import Written, code_meant, fold, meant, month_meant
from sibmodels.casefile.model import ATTRIBUTES, CaseFile
from sibmodels.casefile.savings import worthless
from sibmodels.casefile.sections import (
    AMOUNTS,
    LARGEST,
    LISTS,
    LONGEST,
    MOST,
    PERIODS,
    PRICED,
    SECTIONS,
    SINGLE,
    SMALLEST,
    TINY,
    Figure,
    Key,
    Raw,
    keys,
    meaning,
    month_number,
)
from sibmodels.casefile.sense import nonsense
from sibmodels.casefile.writing import literal
from sibmodels.contracts import RESERVED
from sibmodels.rules import RULES

__all__ = ["CaseFileError", "Checker", "Problem", "build", "problem", "too_large"]


Made: TypeAlias = dict[str, Any]  # what is right in a section

_COLUMNS = """
    investor, investors, guarantor, payer, provider, intermediary, total, performance, period, scenario, outcome,
    payment, share served, share of people, how often, draw, index
"""
TAKEN = {
    fold(name) for name in (*RESERVED, *_COLUMNS.split(","))
}  # columns of the tables in which outcomes are columns
EARLIEST, LATEST = "1990", "2099"  # years


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a case file: where, in what, and what would mend it."""

    place: str
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return messages.say("language.problem", **dataclasses.asdict(self))


class CaseFileError(ProblemsError):
    """Everything that is wrong with a case file, in ``problems``, each a `Problem`."""

    problems: tuple[Problem, ...]

    def __init__(self, problems: Iterable[Problem]) -> None:
        super().__init__(problems)
        self.language = messages.language()  # in which they are said


def problem(place: str, key: str, message: str, **fields: object) -> Problem:
    """A problem in the words of the catalogue."""
    return Problem(place, key, *messages.halves(f"check.{message}", **fields))


def too_large(path: Path, most: int) -> Problem:
    """A file that is no case file, by its size."""
    size = max(path.stat().st_size, most + 1) / 1e6  # a pipe has no size
    return problem(path.name, "file", "file_large", size=size, most=most / 1e6)


def build(
    raw: Raw,
    place: Callable[[Key], str],
    problems: list[Problem],
    broken: Collection[Key] = frozenset(),
    cells: bool = False,
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
    parts: dict[str, Any] = {name: check.table(raw.get(name, {}), (name,), kind) for name, kind in SINGLE.items()}
    parts |= {name: check.items(raw.get(name, []), name, kind) for name, kind in LISTS.items()}
    check.across(parts)
    if not problems:
        for item in parts["outcome"]:
            item.setdefault("payers", {messages.say("terms.outcome_payer"): 1.0})  # who is not named
        made: dict[str, Any] = {name: kind(**parts[name]) for name, kind in SINGLE.items()}
        made |= {name: tuple(kind(**item) for item in parts[name]) for name, kind in LISTS.items()}
        case = CaseFile(**{ATTRIBUTES.get(name, name): part for name, part in made.items()})
        try:
            if case.paid:
                case.contract()
        except ValueError as error:
            problems.append(problem(place(("contract",)), "contract", "contract_refused", error=error))
        else:
            problems += [problem(place(at), ".".join(map(str, at)), said, **fields) for at, said, fields in amiss(case)]
            if not problems:
                return case
    listed: list[Problem] = sorted(problems, key=_order)
    raise CaseFileError(listed)


def _order(problem: Problem) -> tuple[bool, int, int]:
    """Problems are listed down the file, in a workbook sheet by sheet, those of the whole of it last."""
    place = problem.place
    numbers = re.findall(r"\d+", place.rpartition(":")[2] if ":" in place else place.rpartition("!")[2])
    title = place.rpartition(", ")[2].partition("!")[0].lower() if "!" in place else ""
    sheet = next((n for n, section in enumerate(LISTS, start=1) if title.startswith(section)), 0)
    return problem.key == "file", sheet, int(numbers[-1]) if numbers else 0


class Checker(Language):
    """Turns raw values into a case's parts and notes every problem on the way."""

    def __init__(
        self, place: Callable[[Key], str], problems: list[Problem], broken: Collection[Key], cells: bool = False
    ) -> None:
        self.place, self.problems, self.broken, self.cells = place, problems, broken, cells

    def note(self, path: Key, message: str, part: str | int | None = None, **fields: object) -> None:
        """Note a problem, in the words of the catalogue; `part` is what of the key it is, where that has a place."""
        key = ".".join(map(str, path)) or "file"
        if self.cells and messages.known(f"check.{message}_in_cells"):
            message += "_in_cells"
        self.problems.append(problem(self.place(path if part is None else (*path, part)), key, message, **fields))

    def unknown(self, path: Key, key: str, known: list[str], what: str = "key") -> None:
        near = difflib.get_close_matches(str(key).lower(), known, n=1)
        homes = [name for name, kind in SECTIONS.items() if key in keys(kind) and what == "key"]
        if near:
            self.note(path, f"unknown_{what}_near", near=near[0])
        elif homes:
            self.note(path, "unknown_key_elsewhere", homes=" / ".join(f"[{name}]" for name in homes))
        else:
            self.note(path, f"unknown_{what}", known=messages.listed(known))

    def items(self, raw: object, name: str, kind: type) -> list[Made]:
        if not isinstance(raw, list) or not all(isinstance(item, Mapping) for item in raw):
            self.note((name,), "single_brackets", section=name)
            return []
        if len(raw) > MOST:
            self.note((name,), "too_many_items", count=len(raw), most=MOST)
            return []
        if name == "outcome" and not raw and not self.hidden((name,)):
            self.note((name,), "no_outcome")
        made = [self.table(item, (name, number), kind) for number, item in enumerate(raw, start=1)]
        self.names(made, name)
        return made

    def names(self, made: list[Made], section: str) -> None:
        """Whether names differ as tables tell them apart, and from the columns that tables have anyway."""
        there: dict[str, str] = {}
        for number, item in enumerate(made, start=1):
            label = item.get("name")
            if not label:
                continue
            path, folded = (section, number, "name"), fold(label)
            if folded not in there:
                there[folded] = label
            elif there[folded] == label:
                self.note(path, "twice", label=label)
            else:
                self.note(path, "twice_folded", label=label, other=there[folded])
            if section == "outcome" and folded in TAKEN:
                self.note(path, "reserved", label=label)

    def hidden(self, path: Key) -> bool:
        return () in self.broken or path in self.broken or (*path[:-1], "*") in self.broken

    def table(self, raw: object, path: Key, kind: type) -> Made:
        """What is right in a section."""
        if not isinstance(raw, Mapping):
            self.note(path, "no_section", section=path[0])
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
                    sample = self.sample(key, about["sample"])
                    self.note(
                        here, "open" if key in raw else "missing", about=meaning(str(path[0]), key), sample=sample
                    )
                continue
            scored = about["kind"] == "result" and raw.get("unit") == "score"
            made = self.value(value, {**about, "kind": "number"} if scored else about, here)
            if made is not None:
                values[key] = made
        return values

    def sample(self, key: str, sample: object) -> str:
        if not self.cells:
            return f"{key} = {literal(sample)}"
        if isinstance(sample, Mapping) and "value" in sample:
            return messages.say("check.sample_in_cells", **sample)
        return str(sample)

    def value(self, value: object, about: Raw, path: Key) -> Any:
        if about["kind"] == "money" and isinstance(value, Mapping) and "in" in value:
            return self.exchanged(value, about, path)
        return getattr(self, f"_{about['kind']}", self.figure)(value, about, path)

    def _text(self, value: object, about: Raw, path: Key, part: str | int | None = None) -> str | None:
        if not isinstance(value, str):
            self.note(path, "no_text", value=_shown(value))
            return None
        text = " ".join(value.split())
        bad = [sign for sign in text if unicodedata.category(sign) in ("Cc", "Cs") or sign in "\ufffe\uffff"]
        if bad:
            self.note(path, "bad_sign", part, code=ord(bad[0]))
        elif len(text) > 2000:
            self.note(path, "long_text", part, count=len(text))
        else:
            return text
        return None

    def _choice(self, value: object, about: Raw, path: Key) -> str | None:
        if isinstance(value, str) and value.strip() in about["allowed"]:
            return value.strip()
        near = difflib.get_close_matches(str(value).strip().lower(), [one.lower() for one in about["allowed"]], n=1)
        match = [one for one in about["allowed"] if near and one.lower() == near[0]]
        allowed = messages.listed(about["allowed"])
        if match:
            self.note(path, "unknown_choice_near", value=_shown(value), near=match[0], allowed=allowed)
        else:
            self.note(path, "unknown_choice", value=_shown(value), allowed=allowed)
        return None

    def _code(self, value: object, path: Key, kind: str) -> str | None:
        """A country's or a currency's code, by the lists of ISO."""
        near = code_meant(value, kind)
        if isinstance(value, str) and near == value.strip():
            return near
        if near:
            self.note(path, f"no_{kind}_near", value=_shown(value), near=near)
        else:
            self.note(path, f"no_{kind}", value=_shown(value))
        return None

    def _country(self, value: object, about: Raw, path: Key) -> str | None:
        return self._code(value, path, "country")

    def _currency(self, value: object, about: Raw, path: Key) -> str | None:
        return self._code(value, path, "currency")

    def _month(self, value: object, about: Raw, path: Key, part: int | None = None) -> str | None:
        if isinstance(value, datetime.date):
            value = value.isoformat()[:10]
        text = value.strip() if isinstance(value, str) else _shown(value)
        if isinstance(value, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])(-\d\d)?", text) and _is_day(text):
            if EARLIEST <= text[:4] <= LATEST:
                return text[:7]
            self.note(path, "far_month", part, value=text, low=EARLIEST, high=LATEST)
        elif remedy := month_meant(text):
            self.note(path, "month_meant", part, value=text, remedy=remedy)
        else:
            self.note(path, "no_month", part, value=text)
        return None

    def _months(self, value: object, about: Raw, path: Key) -> tuple[str, ...] | None:
        items = value if isinstance(value, list) else [value]
        if len(items) > LONGEST:
            self.note(path, "too_many_months", count=len(items), most=LONGEST)
            return None
        read = [self._month(item, about, path, number) for number, item in enumerate(items, start=1)]
        months = [month for month in read if month is not None]
        if len(months) < len(items):
            return None
        if sorted(set(months)) != months:
            self.note(path, "months_unordered", months=messages.listed(months))
            return None
        return tuple(months)

    def number(
        self, value: object, about: Raw, path: Key, what: str = "", part: str | int | None = None
    ) -> float | None:
        """One finite number within its limits."""
        if isinstance(value, str):
            remedy = meant(value) or messages.say("lay.number")
            self.note(path, "text_for_number", part, what=what, value=value, remedy=remedy)
            return None
        huge = isinstance(value, int) and abs(value) > 1e300  # too large to be a float
        if isinstance(value, bool) or not isinstance(value, int | float) or not (huge or math.isfinite(value)):
            self.note(path, "no_number", part, what=what, value=_shown(value))
            return None
        kind = about["kind"]
        written = value.written if isinstance(value, Written) else ""
        if kind in ("money", "whole") and re.fullmatch(r"-?[1-9]\d{0,2}\.\d\d0", written):
            whole = written.replace(".", "")
            self.note(path, "thousands_or_decimals", part, what=what, value=written, whole=whole, point=value)
            return None
        low = about.get("low", 0.0 if kind in ("share", "money") else -LARGEST)
        high = about.get("high", 1.0 if kind == "share" else LARGEST)
        above = about.get("above", -math.inf)
        fields = {"what": what, "value": messages.say("check.huge") if huge else f"{value:.10g}"}
        if huge or not (low <= value <= high and value > above):
            lowest, word = (above, "above") if above > -math.inf else (low, "at_least")
            allowed = messages.say(f"check.{word}", low=f"{lowest:.10g}", high=f"{high:.15g}")
            if high == 1 and not huge and 1.05 < value <= 100:  # what is nearer to 1 was meant to be 1
                self.note(path, "per_cent", part, **fields, share=f"{value / 100:.10g}", allowed=allowed)
            else:
                self.note(path, "outside", part, **fields, allowed=allowed)
        elif kind == "whole" and value != int(value):
            self.note(path, "not_whole", part, **fields)
        elif value and abs(value) < SMALLEST.get(kind, TINY):
            self.note(path, "tiny", part, **fields)
        else:
            return float(f"{value:.15g}")
        return None

    def figure(self, value: object, about: Raw, path: Key) -> Figure | float | None:
        ranged = about.get("ranged", True)
        if not isinstance(value, Mapping):
            number = self.number(value, about, path)
            bare = about["kind"] == "share" and not ranged
            return number if number is None or bare else Figure(number)
        if not ranged:
            self.note(path, "range_unused")
            return None
        before = len(self.problems)
        for key in value:
            if key not in ("value", "low", "high", "note"):
                self.unknown((*path, key), key, ["value", "low", "high", "note"])
        given: dict[str, float] = {}
        for key in ("value", "low", "high"):
            number = self.number(value[key], about, path, f"{key} ", key) if value.get(key, "") != "" else None
            if number is not None:
                given[key] = number
        note = self._text(value.get("note", ""), about, path, "note")
        if len(self.problems) > before or note is None:
            return None
        if "value" not in given and self.hidden(path):
            return None
        if "value" not in given:
            self.note(path, "no_value")
        elif ("low" in given) != ("high" in given):
            self.note(path, "one_end")
        elif "low" in given and not given["low"] <= given["value"] <= given["high"]:
            self.note(path, "outside_range", None, **given)
        else:
            return Figure(given["value"], given.get("low"), given.get("high"), note)
        return None

    def _named(self, value: object, about: Raw, path: Key, high: float) -> dict[str, float] | None:
        if not isinstance(value, Mapping) or not value:
            self.note(path, "names_nobody", value=_shown(value), sample=literal(about["sample"]))
            return None
        limits = {"kind": "number", "low": 0.0, "high": high}
        parts: dict[str, float] = {}
        there: dict[str, str] = {}
        for name, part in value.items():
            label = self._text(str(name), about, path, name)
            number = self.number(part, limits if high > 1 else {"kind": "share"}, path, f"{name}: ", name)
            if label is None or number is None:
                return None
            if not label:
                self.note(path, "empty_name", name)
                return None
            if (other := there.setdefault(fold(label), label)) != label or label in parts:
                self.note(path, "twice_folded", name, label=label, other=other)
                return None
            parts[label] = number
        return parts

    def _shares(self, value: object, about: Raw, path: Key) -> dict[str, float] | None:
        parts = self._named(value, about, path, 1.0)
        if parts is not None and abs(sum(parts.values()) - 1) > 1e-9:
            total = sum(parts.values())
            self.note(path, "shares_sum", total=total, rest=1 - total)
            return None
        return parts

    def _weights(self, value: object, about: Raw, path: Key) -> dict[str, float] | None:
        parts = self._named(value, about, path, LARGEST)
        if parts is not None and not sum(parts.values()):
            self.note(path, "no_weight")
            return None
        return parts

    def _points(self, value: object, about: Raw, path: Key) -> tuple[tuple[float, float], ...] | None:
        pairs = value if isinstance(value, list) else []
        wrong = any(not isinstance(one, list) or len(one) != 2 for one in pairs)
        if not pairs or wrong or len(pairs) > MOST:
            self.note(path, "no_pairs", sample=literal(about["sample"]), most=MOST)
            return None
        limits = {"kind": "number", "low": -LARGEST}
        made = []
        for n, pair in enumerate(pairs, start=1):
            x, y = (self.number(part, limits, path, "points: ", n) for part in pair)
            if x is not None and y is not None:
                made.append((x, y))
        if len(made) < len(pairs):
            return None
        for n, (before, after) in enumerate(itertools.pairwise(made), start=2):
            if before[0] >= after[0]:
                self.note(path, "points_fall", n)
                return None
        return tuple(made)

    # rules about several keys

    def across(self, parts: Raw) -> None:
        """What one key demands of another; looks only at keys that were right by themselves."""
        terms, outcomes = parts["contract"], parts["outcome"]
        for number, one in enumerate(outcomes, start=1):
            self.rule(one, ("outcome", number))
        self.weighed(outcomes, terms, parts["investment"], parts["cost"])
        self.calendar(parts["timing"], terms, outcomes, parts["cost"])
        fixed, cap = terms.get("fixed_payment"), terms.get("cap")
        if fixed and cap and fixed.value > cap.value:
            self.note(("contract", "cap"), "cap_below_fixed", cap=cap.value)
        count, rho = len(paid(outcomes)), parts["uncertainty"].get("rho")
        if rho and count > 1 and rho.value < -1 / (count - 1):
            self.note(("uncertainty", "rho"), "rho_impossible", rho=rho.value, count=count, low=-1 / (count - 1))
        for path, message, fields in (*nonsense(parts), *worthless(parts)):
            if not self.seen(path):
                self.note(path, message, **fields)
        self.language(parts)

    def rule(self, one: Made, path: Key) -> None:
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
                self.note((*path, key), "schedule_needs", schedule=schedule)
        if amounts and not any(key in one or self.seen((*path, key)) for key in amounts):
            self.note((*path, "payment"), "schedule_needs_amount", schedule=schedule)
        if "payment" in one and "weight" in one and amounts:
            self.note((*path, "weight"), "two_amounts")
        for key in PRICED:
            if one.get(key) is not None and one.get(key) != () and key not in (*needed, *optional, *amounts):
                self.note((*path, key), "schedule_ignores", schedule=schedule)
        target, floor = one.get("target"), one.get("floor")
        unit = one.get("unit", "" if self.seen((*path, "unit")) else "share")
        for key, figure in (("target", target), ("floor", floor)):
            most = _end(figure, "high")
            if unit == "share" and most > 1:
                self.note((*path, key), "no_share", value=most, share=most / 100)
        if target and floor and _end(floor, "high") > _end(target, "low"):
            self.note((*path, "floor"), "floor_above_target")
        if rule and rule.counts and unit == "share" and "card" not in one:
            self.note((*path, "unit"), "share_by_the_piece")
        if unit in ("people", "count") and any(pair[0] < 0 for pair in one.get("points") or ()):
            self.note((*path, "points"), "negative_count")

    def seen(self, path: Key) -> bool:
        """Whether something was already said of this key."""
        return self.hidden(path) or any(problem.key == ".".join(map(str, path)) for problem in self.problems)

    def weighed(self, measures: list[Made], terms: Made, investment: Made, costs: list[Made]) -> None:
        weights = {n: one["weight"] for n, one in enumerate(measures, start=1) if one.get("weight") is not None}
        if not weights:
            return
        in_money = [f"contract.{key}" for key in ("fixed_payment", "cap") if terms.get(key)]
        in_money += [f"investment.{key}" for key in ("fee", "guarantee") if investment.get(key)]
        in_money += ["[[cost]]"] * bool(costs) + ["outcome.payment"] * (len(weights) < len(paid(measures)))
        if in_money and terms.get("maximum") is None and not self.seen(("contract", "maximum")):
            self.note(("contract", "maximum"), "maximum_missing", other=in_money[0])
        if any(self.seen(("outcome", n, "weight")) for n in range(1, len(measures) + 1)):
            return
        if abs(sum(weights.values()) - 1) > 1e-9:
            total = sum(weights.values())
            self.note(("outcome", max(weights), "weight"), "weights_sum", total=100 * total, rest=1 - total)

    def calendar(self, timing: Made, terms: Made, outcomes: list[Made], costs: list[Made]) -> None:
        start, end = timing.get("start"), timing.get("end")
        dated: list[tuple[Key, int | None, str]] = [
            (("contract", "fixed_paid"), n, month) for n, month in enumerate(terms.get("fixed_paid", ()), 1)
        ]
        for number, one in enumerate(outcomes, start=1):
            dated += [(("outcome", number, "measured"), n, month) for n, month in enumerate(one.get("measured", ()), 1)]
        for number, one in enumerate(costs, start=1):
            first, last = one.get("start", ""), one.get("end", "")
            dated += [(("cost", number, key), None, month) for key, month in (("start", first), ("end", last)) if month]
            if first and last and first > last:
                self.note(("cost", number, "end"), "cost_end_first", start=first, end=last)
        bad = [key for key in ("start", "end") if self.seen(("timing", key)) or self.seen(("timing",))]
        for key, month in (("start", start), ("end", end)):
            if not month and not bad and (dated or start or end):
                self.note(("timing", key), "no_calendar")
        if not (start and end):
            return
        if start > end:
            self.note(("timing", "end"), "end_first", start=start, end=end)
            return
        step = PERIODS.get(timing.get("period", "quarter"), 1)
        count = (month_number(end) - month_number(start)) // step + 1
        if count > LONGEST:
            self.note(("timing", "end"), "too_long", count=count, most=LONGEST)
        for path, part, month in dated:
            if not start <= month <= end:
                self.note(path, "outside_calendar", part, month=month, start=start, end=end)


def excused(raw: Raw, about: Raw) -> bool:
    """Whether a needed key is not, because another stands in its place."""
    return any(raw.get(key) for key in about.get("unless", ())) or (
        "unless" in about and raw.get("schedule") == "fixed"
    )


def _shown(value: object) -> str:
    """A value as people write it: no Python, and not too much of it."""
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    plain = repr if isinstance(value, str) else str if isinstance(value, float) else literal
    text = plain(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        return False
    return True


def _end(figure: Figure | None, end: str) -> float:
    """One end of a figure's range, or the figure; 0 for none."""
    if figure is None:
        return 0.0
    return float(getattr(figure, end) if figure.assumed else figure.value)


def paid(measures: list[Made]) -> list[Made]:
    """The outcomes that are paid for."""
    return [one for one in measures if one.get("schedule", "none") != "none"]
