"""Checks of what real contracts say beyond an outcome and its price: groups, figures, cards, dates, capital.

Mixed into `problems.Checker`, whose `note` says what is wrong and what would mend it.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sibmodels.casefile.model import COMPARISON, TERMS, by_date
from sibmodels.casefile.sections import MOST, PERIODS, Figure, Key, Raw, month_number
from sibmodels.casefile.writing import literal
from sibmodels.cashflows import PARTIES
from sibmodels.messages import listed
from sibmodels.people import Card, Line

__all__ = ["Language"]

LINE: dict[str, dict[str, Any]] = {
    "name": {"kind": "text", "needed": True},
    "price": {"kind": "money", "needed": True, "ranged": False},
    "expected": {"kind": "share", "needed": True, "ranged": False},
    "after": {"kind": "text", "needed": False},
    "instead_of": {"kind": "text", "needed": False},
    "low": {"kind": "share", "needed": False, "ranged": False},
    "high": {"kind": "share", "needed": False, "ranged": False},
}


class Language:
    """Kinds of values, and rules about several keys, for the keys that most contracts do without."""

    if TYPE_CHECKING:  # what `problems.Checker` has
        note: Callable[..., None]
        number: Callable[..., float | None]
        figure: Callable[..., Any]
        unknown: Callable[..., None]
        _text: Callable[..., Any]
        _shares: Callable[..., Any]
        _points: Callable[..., Any]
        problems: list[Any]
        cells: bool
    rates: Mapping[str, float] = {}  # what one of another currency is worth

    # kinds

    def _name(self, value: Any, about: Raw, path: Key) -> Any:
        return self._text(value, about, path)

    def _result(self, value: Any, about: Raw, path: Key) -> Any:
        return self.figure(value, {**about, "kind": "share"}, path)

    def _flag(self, value: Any, about: Raw, path: Key) -> bool | None:
        if isinstance(value, bool):
            return value
        said = {"true": True, "yes": True, "false": False, "no": False}.get(str(value).strip().lower())
        if said is None or not self.cells:
            self.note(path, "no_flag", value=value)
            return None
        return said

    def _payers(self, value: Any, about: Raw, path: Key) -> Any:
        if not by_date(value):
            return self._shares(value, about, path)
        made = {month: self._shares(part, about, path) for month, part in value.items()}
        return None if None in made.values() else made

    def _of(self, value: Any, about: Raw, path: Key) -> Any:
        if isinstance(value, str):
            return self._text(value, about, path)
        rows = isinstance(value, list) and value and all(isinstance(row, list) and row for row in value)
        if not rows or len(value) > MOST or not all(self._factor(part) for row in value for part in row):
            self.note(path, "no_products", sample=literal(about["sample"]))
            return None
        return tuple(tuple(part if isinstance(part, str) else float(part) for part in row) for row in value)

    @staticmethod
    def _factor(value: Any) -> bool:
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        return bool(value.strip()) if isinstance(value, str) else numeric and abs(value) < 1e15

    def _against(self, value: Any, about: Raw, path: Key) -> Any:
        if isinstance(value, Mapping):
            return self._by_date(value, path, lambda part: self._against(part, about, path))
        if isinstance(value, str):
            return self._text(value, about, path)
        return self.number(value, {"kind": "number"}, path)

    def _by_date(self, value: Raw, path: Key, read: Callable[[Any], Any]) -> dict[str, Any] | None:
        """A term that changes: by month."""
        if not by_date(value):
            odd = next((key for key in value if not by_date({key: 0})), "no month")
            self.note(path, "no_month_key", value=odd)
            return None
        made = {month: read(part) for month, part in sorted(value.items())}
        return None if None in made.values() else made

    def _parts(self, value: Any, about: Raw, path: Key) -> tuple[float, ...] | None:
        items = value if isinstance(value, list) else [value]
        read = [self.number(part, {"kind": "share"}, path) for part in items]
        made = [part for part in read if part is not None]
        if len(made) < len(read):
            return None
        if abs(sum(made) - 1) > 1e-9:
            self.note(path, "parts_sum", total=sum(made), rest=1 - sum(made))
            return None
        return tuple(made)

    def _numbers(self, value: Any, about: Raw, path: Key) -> dict[str, float] | None:
        return self._mapped(value, about, path, {"kind": "number"})

    def _rates(self, value: Any, about: Raw, path: Key) -> dict[str, float] | None:
        made = self._mapped(value, about, path, {"kind": "number", "above": 0.0})
        if made is not None and (odd := [code for code in made if not re.fullmatch("[A-Z]{3}", code)]):
            self.note(path, "no_currency", value=odd[0])
            return None
        self.rates = made or {}
        return made

    def _mapped(self, value: Any, about: Raw, path: Key, limits: Raw) -> dict[str, float] | None:
        if not isinstance(value, Mapping):
            self.note(path, "no_names", sample=literal(about["sample"]))
            return None
        read = {str(name): self.number(part, limits, path, f"{name}: ") for name, part in value.items()}
        made = {name: part for name, part in read.items() if part is not None}
        return made if len(made) == len(read) else None

    def _term(self, value: Any, about: Raw, path: Key) -> Any:
        """A rate or share: a number, numbers by month, or by a result."""
        limits = {"kind": "number", "low": about.get("low", 0.0), "high": about["high"]}
        if not isinstance(value, Mapping):
            return self.number(value, limits, path)
        if "of" not in value:
            return self._by_date(value, path, lambda part: self.number(part, limits, path))
        for key in value:
            if key not in ("of", "step", "linear", "floor"):
                self.unknown((*path, key), key, ["of", "step", "linear", "floor"])
                return None
        kinds = [key for key in ("step", "linear") if key in value]
        if len(kinds) != 1:
            self.note(path, "no_scale")
            return None
        name = self._text(value["of"], about, path)
        points = self._points(value[kinds[0]], {"sample": [[0.2, 0.02], [0.4, 0.05]]}, path)
        if name is None or points is None:
            return None
        made = [self.number(y, limits, path) for _, y in points]
        floor = {"floor": self.number(value["floor"], {"kind": "number"}, path)} if "floor" in value else {}
        return None if None in (*made, *floor.values()) else {"of": name, kinds[0]: points, **floor}

    def _card(self, value: Any, about: Raw, path: Key) -> tuple[Line, ...] | None:
        if not isinstance(value, list) or not value or not all(isinstance(one, Mapping) for one in value):
            self.note(path, "no_lines", sample=literal(about["sample"]).replace("\n", ""))
            return None
        if len(value) > MOST:
            self.note(path, "too_many_items", count=len(value), most=MOST)
            return None
        lines, before = [], len(self.problems)
        for number, one in enumerate(value, start=1):
            for key in one:
                if key not in LINE:
                    self.unknown((*path, number, key), key, list(LINE))
            parts: dict[str, Any] = {}
            for key, limits in LINE.items():
                if one.get(key) in (None, ""):
                    if limits["needed"]:
                        self.note((*path, number, key), "line_incomplete")
                    continue
                read = self._text if limits["kind"] == "text" else self.number
                parts[key] = read(one[key], limits, (*path, number, key))
            lines.append(parts)
        if len(self.problems) > before:
            return None
        try:
            made = tuple(Line(**parts) for parts in lines)
            Card(made)
        except ValueError as error:
            self.note(path, "no_card", error=str(error).partition("; ")[0])
            return None
        return made

    def exchanged(self, value: Raw, about: Raw, path: Key) -> Figure | None:
        """An amount in another currency, at the file's rate."""
        code = value["in"]
        if code not in self.rates:
            self.note(path, "no_rate", code=str(code), known=listed(self.rates) or "none")
            return None
        ends = ("value", "low", "high")
        read = {key: self.number(value[key], {"kind": "money"}, path, f"{key} ") for key in ends if key in value}
        numbers = {key: number for key, number in read.items() if number is not None}
        if len(numbers) < len(read):
            return None
        inside = {key: number * self.rates[code] for key, number in numbers.items()}
        rest = {key: part for key, part in value.items() if key not in (*ends, "in")}
        figure: Figure | None = self.figure(rest | inside, about, path)
        if figure is None:
            return None
        return dataclasses.replace(figure, stated=(*(numbers.get(key) for key in ends), code))

    # rules about several keys

    def language(self, parts: Raw) -> None:
        """What the keys of this module demand of others; looks only at what was right by itself."""
        outcomes = {one["name"]: (n, one) for n, one in enumerate(parts["outcome"], start=1) if one.get("name")}
        self._references(parts, outcomes)
        if self.problems:
            return  # what follows takes references for right
        if self._circles(outcomes):
            return
        for number, one in outcomes.values():
            self._measured(one, ("outcome", number), parts, outcomes)
        for number, one in enumerate(parts["group"], start=1):
            for name in one.get("expected", {}):
                if name not in outcomes:
                    self._unnamed(("group", number, "expected"), name, outcomes)
        self._capital(parts, outcomes)
        if parts["contract"].get("year_cap") and not parts["timing"].get("start"):
            self.note(("timing", "start"), "year_cap_undated")

    def _unnamed(self, path: Key, name: str, outcomes: Raw) -> None:
        self.note(path, "no_such_outcome", value=name, known=listed(outcomes) or "none")

    def _references(self, parts: Raw, outcomes: Raw) -> None:
        """Every name of an outcome is one."""
        asked: list[tuple[Key, str]] = []
        for number, one in enumerate(parts["outcome"], start=1):
            for key, names in (("of", _named(one.get("of"))), ("against", _named(one.get("against")))):
                known = {COMPARISON} if key == "against" else set()
                asked += [(("outcome", number, key), name) for name in names if name not in known]
            if "instead_of" in one:
                asked.append((("outcome", number, "instead_of"), one["instead_of"]))
        for number, one in enumerate(parts["tranche"], start=1):
            terms = [(key, one.get(key)) for key in TERMS]
            asked += [(("tranche", number, key), t["of"]) for key, t in terms if isinstance(t, Mapping) and "of" in t]
        asked += [(("break", n, "of"), one["of"]) for n, one in enumerate(parts["break"], start=1) if "of" in one]
        for path, name in asked:
            if name not in outcomes:
                self._unnamed(path, name, outcomes)

    def _circles(self, outcomes: Raw) -> bool:
        """Whether an outcome hangs on itself."""
        needs = {
            name: {*_named(one.get("of")), *_named(one.get("against"))} - {COMPARISON, name}
            for name, (_, one) in outcomes.items()
        }
        left = dict(needs)
        while free := [name for name, others in left.items() if not others & left.keys()]:
            for name in free:
                del left[name]
        for name in left:
            self.note(("outcome", outcomes[name][0], "of"), "circle", value=name)
        order = list(outcomes)
        for name, (number, one) in outcomes.items():
            other = one.get("instead_of")
            if other and order.index(other) >= order.index(name):
                self.note(("outcome", number, "instead_of"), "not_above", value=other)
        return bool(left)

    def _measured(self, one: Raw, path: Key, parts: Raw, outcomes: Raw) -> None:
        """What an outcome's figure demands."""
        unit, own = one.get("unit", "share"), "of" not in one and "card" not in one and one.get("schedule") != "fixed"
        months = one.get("measured", ()) or tuple(filter(None, [parts["timing"].get("end")]))
        if not own and "expected" in one and one.get("schedule") != "fixed":
            used = "of" if "of" in one else "card"
            self.note((*path, "expected"), "unused_beside", other=used)
        if unit == "score" and own and "spread" not in one:
            self.note((*path, "spread"), "no_spread")
        if "spread" in one and unit != "score":
            self.note((*path, "spread"), "spread_unused", unit=unit)
        if "person_cap" in one and "card" not in one:
            self.note((*path, "person_cap"), "no_card_to_cap")
        if "parts" in one and len(one["parts"]) != len(months):
            self.note((*path, "parts"), "parts_count", count=len(one["parts"]), months=len(months))
        if one.get("groups") == "each" and not parts["group"]:
            self.note((*path, "groups"), "no_groups")
        self._starts((*path, "payers"), one.get("payers"), months[:1])
        self._set_against(one, path, months, parts, outcomes)

    def _starts(self, path: Key, term: Any, months: Sequence[str]) -> None:
        """A dated term has a value from the first month on that needs one."""
        if by_date(term) and months and min(term) > min(months):
            self.note(path, "late_start", first=min(term), needed=min(months))

    def _set_against(self, one: Raw, path: Key, months: tuple[str, ...], parts: Raw, outcomes: Raw) -> None:
        against = one.get("against")
        if against is None:
            if one.get("compare") == "fall":
                self.note((*path, "compare"), "fall_from_nothing")
            return
        self._starts((*path, "against"), against, months[:1])
        if by_date(against) and any(min(months, default="") < start <= max(months, default="") for start in against):
            self.note((*path, "against"), "reset_between")
        base = _base(one, outcomes)
        figures = [*against.values()] if by_date(against) else [against]
        for other in figures:
            if one.get("compare") == "fall" and other == 0:
                self.note((*path, "against"), "fall_from_zero")
            elif isinstance(other, float) and base.get("unit", "share") == "share" and not 0 <= other <= 1:
                self.note((*path, "against"), "share_against", value=other, share=other / 100)
            elif other == COMPARISON:
                self._compared(base, path, parts)
            elif isinstance(other, str):
                theirs = outcomes[other][1].get("unit", "share")
                ours = base.get("unit", "share")
                if ("share" in (ours, theirs)) and ours != theirs and not {"of"} & outcomes[other][1].keys():
                    self.note((*path, "against"), "units_against", ours=ours, theirs=theirs)

    def _compared(self, base: Raw, path: Key, parts: Raw) -> None:
        """A comparison group needs its size and what is expected of it."""
        if "of" in base or "card" in base:
            self.note((*path, "against"), "products_compared")
            return
        if "baseline" not in base:
            name = base.get("name")
            self.note((*path, "against"), "no_baseline", value=name)
        elif base["baseline"].value == 0 and base.get("compare") == "fall":
            self.note((*path, "against"), "fall_from_zero")
        groups = parts["group"]
        if not parts["cohort"].get("comparison") and not (groups and all("comparison" in one for one in groups)):
            self.note((*path, "against"), "no_comparison")

    def _capital(self, parts: Raw, outcomes: Raw) -> None:
        layers, invested, timing = parts["tranche"], parts["investment"], parts["timing"]
        start, end = timing.get("start"), timing.get("end")
        for number, one in enumerate(parts["break"], start=1):
            month = one.get("on")
            step = PERIODS[timing.get("period", "quarter")]
            if not layers:
                self.note(("break", number), "break_without_capital")
            if month and start and end and not start <= month < end:
                self.note(("break", number, "on"), "outside_calendar", month=month, start=start, end=end)
            elif month and start and end and _same_period(month, end, start, step):
                self.note(("break", number, "on"), "break_at_the_end", month=month)
        if not layers:
            return
        if not any(one.get("schedule", "none") != "none" for _, one in outcomes.values()):
            self.note(("tranche", 1), "nothing_paid")
        for key in ("start", "end"):
            if not timing.get(key) and not any(problem.key == f"timing.{key}" for problem in self.problems):
                self.note(("timing", key), "undated_capital")
        for key in ("amount", "guarantee", "distribute"):
            if key in invested and getattr(invested[key], "value", True):
                self.note(("investment", key), "beside_tranche")
        shares = [one.get("surplus") for one in layers]
        if len(layers) > 1 and not any(share is not None for share in shares):
            self.note(("tranche", 1, "surplus"), "no_surplus")
        total = sum(share or 0.0 for share in shares)
        if total > 1 + 1e-9:
            self.note(("tranche", 1, "surplus"), "surplus_above_one", total=total)
        for number, one in enumerate(layers, start=1):
            if one.get("name") in PARTIES:
                self.note(("tranche", number, "name"), "party", label=one["name"], parties=listed(PARTIES))
            for key in TERMS:
                self._starts(("tranche", number, key), one.get(key), (start,) if start else ())
            highest = max((*_numbers_of(one.get("coupon")), *_numbers_of(one.get("coupon_least"))), default=0.0)
            cap = one.get("return_cap")
            if cap is not None and highest > cap.value:
                self.note(("tranche", number, "coupon"), "coupon_above_cap", value=highest, cap=cap.value)


def _named(term: Any) -> list[str]:
    """The outcomes that a term names."""
    if isinstance(term, str):
        return [term]
    if isinstance(term, Mapping):
        return [name for part in term.values() for name in _named(part)]
    return [part for row in term for part in row if isinstance(part, str)] if isinstance(term, tuple) else []


def _base(one: Raw, outcomes: Raw) -> Raw:
    """The outcome whose own result a figure is, as far as it is one outcome's."""
    while isinstance(one.get("of"), str) and one["of"] != one.get("name"):
        one = outcomes[one["of"]][1]
    return one


def _numbers_of(term: Any) -> Iterator[float]:
    """Every number that a term may be."""
    if isinstance(term, Mapping):
        points = term.get("step", term.get("linear"))
        yield from (y for _, y in points) if points else (value for value in term.values())
    elif term is not None and math.isfinite(term):
        yield term


def _same_period(one: str, other: str, start: str, step: int) -> bool:
    first = month_number(start)
    return (month_number(one) - first) // step == (month_number(other) - first) // step
