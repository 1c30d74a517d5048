# ruff: noqa: RUF009 -- _key is dataclasses.field with what is allowed
"""Case files: one contract, filled in by whoever has it on the desk, as TOML.

A case file holds what a person knows or assumes of one SIB. A number written alone is a fact; written
``{ value = 0.6, low = 0.4, high = 0.7 }`` it is an assumption with its range. The dataclasses below are
the schema: the template, the checks, the workbook and the page that documents them are made from them.

Reading lists every problem at once, each with its line, its key and a remedy, and never returns half
of a case. Figures are kept to 15 significant digits, as spreadsheets keep them.
"""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import itertools
import json
import math
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from sibmodels import cases, cashflows
from sibmodels.contracts import RESERVED, Contract, Outcome, PaymentSchedule

__all__ = [
    "CaseFile",
    "CaseFileError",
    "Figure",
    "Problem",
    "dumps",
    "example",
    "from_indigo",
    "loads",
    "read",
    "schema",
    "template",
]

LARGEST = 1_000_000  # bytes of a case file
LONGEST = 600  # periods
MOST = 50  # items of one kind
SECTORS = (
    "Agriculture and environment",
    "Child and family welfare",
    "Criminal justice",
    "Education",
    "Employment and training",
    "Health",
    "Homelessness",
    "Poverty reduction",
)
PERIODS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
SCHEDULES = {  # kind: the keys it needs, and those it may have
    "threshold": (("target",), ()),
    "proportional": (("target",), ("floor",)),
    "rate card": (("price",), ("target", "cap")),
    "linear": (("points",), ("target",)),
    "step": (("points",), ("target",)),
    "none": ((), ("target",)),
}
RULES = ("target", "payment", "weight", "floor", "price", "cap", "points")


@dataclass(frozen=True)
class Figure:
    """A number and, where it is an assumption, the range it may lie in."""

    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""

    @property
    def assumed(self) -> bool:
        """Whether this is an assumption."""
        return self.low is not None

    def __float__(self) -> float:
        return self.value


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a case file: where, in what, and what would mend it."""

    place: str
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place}: {self.key}: {self.what}; {self.remedy}"


class CaseFileError(ValueError):
    """Everything that is wrong with a case file, in ``problems``."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def _key(kind: str, about: str, needed: bool = False, sample: object = "", **limits):
    """A key of the schema: its kind, what it means, and what is allowed."""
    default = limits.pop("default", "" if kind in ("text", "choice", "month", "country", "currency") else None)
    metadata = {"kind": kind, "about": about, "needed": needed, "sample": sample, "default": default, **limits}
    if needed:
        return field(metadata=metadata)
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class About:
    """What it is, where, in which money."""

    name: str = _key("text", "what the project is called", True, "Harbour Town back to work (invented)")
    place: str = _key("text", "where the service is given", sample="Harbour Town")
    country: str = _key("country", "country, two letters (ISO 3166)", sample="GB")
    sector: str = _key("choice", "policy sector, as INDIGO names it", sample="Employment and training", allowed=SECTORS)
    currency: str = _key("currency", "currency of every amount, three letters (ISO 4217)", True, "GBP")
    about: str = _key("text", "need and service, in a sentence or two", sample="Coaching for people long out of work")


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Who is served, and with whom they are compared."""

    people: Figure = _key("whole", "people served", True, 200, low=1)
    comparison: Figure | None = _key("whole", "people in a comparison group, if there is one", sample=200, low=1)
    about: str = _key("text", "who they are and how they are chosen", sample="adults out of work for two years")


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The calendar of cash flows; without start and end there are none."""

    start: str = _key("month", "first month, as year-month in quotes", sample="2027-04")
    end: str = _key("month", "last month in which something costs or is measured", sample="2030-03")
    period: str = _key("choice", "step of the cash flows", sample="quarter", allowed=tuple(PERIODS), default="quarter")
    lag: Figure = _key(
        "whole", "periods from measuring to being paid", sample=1, low=0, high=120, ranged=False, default=Figure(0.0)
    )


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is paid in all."""

    maximum: Figure | None = _key("money", "what the outcomes' weights are shares of", sample=600000, above=0)
    fixed_payment: Figure = _key("money", "paid whatever the results", sample=50000, low=0, default=Figure(0.0))
    fixed_paid: tuple[str, ...] = _key(
        "months", "when the fixed payment falls due; the first month if left out", sample=["2027-04"], default=()
    )
    cap: Figure | None = _key("money", "most that is paid in all, fixed payment included", sample=600000, above=0)


@dataclass(frozen=True, kw_only=True)
class Investment:
    """Who puts up the money, and what stands between."""

    amount: Figure | None = _key("money", "what investors commit", sample=350000, low=0)
    wanted: Figure | None = _key("number", "return a year that investors want", sample=0.05, above=-1, high=10)
    fee: Figure = _key("money", "what the intermediary keeps at the end", sample=15000, low=0, default=Figure(0.0))
    guarantee: Figure = _key("money", "most of a loss that a guarantor bears", sample=0, low=0, default=Figure(0.0))


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """How sure the expectations are."""

    sureness: Figure = _key(
        "number",
        "as if each expectation were learned from this many people",
        sample={"value": 10, "low": 3, "high": 50},
        above=0,
        high=1e6,
        default=Figure(10.0, 3.0, 50.0, "not given: as for the book's cases"),
    )
    rho: Figure = _key(
        "number",
        "correlation between outcomes: do they succeed together?",
        sample={"value": 0.3, "low": 0, "high": 0.8},
        low=-1,
        high=1,
        default=Figure(0.3, 0.0, 0.8, "not given: as for the book's cases"),
    )


@dataclass(frozen=True, kw_only=True)
class Measure:
    """An outcome that is measured, and how it is paid for."""

    name: str = _key("text", "short name", True, "in work")
    unit: str = _key(
        "choice",
        "share of people, number of people, or count of events",
        sample="share",
        allowed=("share", "people", "count"),
        default="share",
    )
    schedule: str = _key("choice", "how it is paid for", True, "proportional", allowed=tuple(SCHEDULES))
    target: Figure | None = _key("number", "performance at which all is paid, or aimed at", sample=0.4, above=0)
    payment: Figure | None = _key("money", "paid at the target (or give a weight)", sample=400000, low=0)
    weight: float | None = _key("share", "share of contract.maximum instead of a payment", sample=0.8, ranged=False)
    floor: Figure | None = _key("number", "performance below which nothing is paid", sample=0.1, low=0)
    price: Figure | None = _key("money", "rate card: paid for each", sample=2500, above=0)
    cap: Figure | None = _key("money", "rate card: most that is paid", sample=300000, above=0)
    points: tuple[tuple[float, float], ...] = _key(
        "points", "linear or step: pairs of performance and payment", sample=[[0.2, 0], [0.6, 300000]], default=()
    )
    payers: Mapping[str, float] = _key(
        "shares",
        "who pays which share",
        sample={"City": 0.7, "Ministry": 0.3},
        default={"outcome payer": 1.0},
    )
    expected: Figure = _key(
        "share", "share of people (or events) expected to succeed", True, {"value": 0.35, "low": 0.2, "high": 0.5}
    )
    baseline: Figure | None = _key("share", "share that would succeed without it", sample=0.2)
    measured: tuple[str, ...] = _key(
        "months", "when it is measured, in equal parts; the last month if left out", sample=["2029-03"], default=()
    )
    measured_on: Figure | None = _key("whole", "people or events measured, if not cohort.people", sample=200, low=1)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What the service and its management cost, spread evenly over its months."""

    name: str = _key("text", "what it is for", True, "Coaching")
    amount: Figure = _key("money", "in all", True, 320000, low=0)
    start: str = _key("month", "first month; timing.start if left out", sample="2027-04")
    end: str = _key("month", "last month; timing.end if left out", sample="2029-03")


@dataclass(frozen=True, kw_only=True)
class Stakeholder:
    """Who takes part, and what they value."""

    name: str = _key("text", "who", True, "Participants")
    role: str = _key("text", "commissioner, provider, investor, evaluator, service users ...", sample="service users")
    values: Mapping[str, float] = _key(
        "weights",
        "what they value, in proportion; names of outcomes, or of what is not paid for",
        sample={"in work": 1, "less debt": 1},
        default={},
    )


SINGLE = {
    "case": About,
    "cohort": Cohort,
    "timing": Timing,
    "contract": Terms,
    "investment": Investment,
    "uncertainty": Uncertainty,
}
LISTS = {"outcome": Measure, "cost": Cost, "stakeholder": Stakeholder}
SECTIONS = SINGLE | LISTS
KINDS = {
    "text": "text",
    "choice": "one of",
    "country": "two capital letters",
    "currency": "three capital letters",
    "month": 'month, as "2027-04"',
    "months": 'months, as ["2028-03", "2029-03"]',
    "whole": "whole number",
    "number": "number",
    "money": "amount",
    "share": "share, 0 to 1 (0.6 for 60 %)",
    "shares": "names and shares that sum to 1",
    "weights": "names and weights of at least 0",
    "points": "pairs [performance, payment], performance rising",
}
FIGURES = ("whole", "number", "money", "share")


@dataclass(frozen=True)
class CaseFile:
    """One SIB, as its case file has it.

    Examples
    --------
    >>> kobe = example("kobe")
    >>> kobe.contract() == cases.contract("kobe")
    True
    >>> loads(dumps(kobe)) == kobe
    True
    """

    case: About
    cohort: Cohort
    outcome: tuple[Measure, ...]
    timing: Timing = Timing()
    contract_terms: Terms = Terms()
    investment: Investment = Investment()
    uncertainty: Uncertainty = Uncertainty()
    cost: tuple[Cost, ...] = ()
    stakeholder: tuple[Stakeholder, ...] = ()

    @property
    def paid(self) -> tuple[Measure, ...]:
        """The outcomes that are paid for."""
        return tuple(measure for measure in self.outcome if measure.schedule != "none")

    @property
    def has_calendar(self) -> bool:
        """Whether cash flows can be dated."""
        return bool(self.timing.start and self.timing.end)

    def contract(self) -> Contract:
        """The outcomes contract; an error where nothing is paid by results."""
        if not self.paid:
            raise ValueError(f"{self.case.name!r} pays for no outcome: every schedule is 'none'; there is no contract")
        terms = self.contract_terms
        return Contract(
            self.case.name,
            self.case.currency,
            [
                Outcome(
                    one.name,
                    self._schedule(one),
                    dict(one.payers),
                    None if one.target is None else one.target.value,
                    one.unit,
                )
                for one in self.paid
            ],
            terms.fixed_payment.value,
            None if terms.cap is None else terms.cap.value,
        )

    def outlook(self) -> dict[str, tuple[float, float]]:
        """Expected performance of what is paid for, as `simulate` takes it."""
        return {one.name: (one.expected.value, self.uncertainty.sureness.value) for one in self.paid}

    def measured_on(self, one: Measure) -> int:
        """People or events on whom an outcome is measured."""
        return int((one.measured_on or self.cohort.people).value)

    def performance(self, share: float | None = None) -> dict[str, float]:
        """Performance of what is paid for, in its unit: as expected, or with `share` of people succeeding."""
        rates = {one.name: one.expected.value if share is None else share for one in self.paid}
        return {one.name: rates[one.name] * (1 if one.unit == "share" else self.measured_on(one)) for one in self.paid}

    def periods(self) -> list[str]:
        """The first month of each period, without those that a lag adds."""
        if not self.has_calendar:
            raise ValueError("timing.start and timing.end are missing; cash flows need both")
        step, first = PERIODS[self.timing.period], _month_number(self.timing.start)
        return [_month_text(first + step * n) for n in range((_month_number(self.timing.end) - first) // step + 1)]

    def costs(self) -> np.ndarray:
        """Cost due in each period: each item spread evenly over its periods."""
        due = np.zeros(len(self.periods()))
        for item in self.cost:
            first = self._period(item.start or self.timing.start)
            last = self._period(item.end or self.timing.end)
            due[first : last + 1] += item.amount.value / (last - first + 1)
        return due

    def payment_shares(self) -> dict[str, np.ndarray]:
        """For each paid outcome, and the fixed payment: which share falls into which period."""
        shares = {}
        dated = {one.name: one.measured or (self.timing.end,) for one in self.paid}
        if self.contract_terms.fixed_payment.value:
            dated["fixed payment"] = self.contract_terms.fixed_paid or (self.timing.start,)
        for name, months in dated.items():
            shares[name] = np.zeros(len(self.periods()))
            for month in months:
                shares[name][self._period(month)] += 1 / len(months)
        return shares

    def payments(self, performance: Mapping[str, float] | None = None) -> np.ndarray:
        """Payment earned in each period; where the cap binds, every payment shrinks in proportion."""
        contract, performance = self.contract(), self.performance() if performance is None else performance
        earned = contract.payments(performance)["payment"]
        total = contract.total(performance)
        scale = total / earned.sum() if total < earned.sum() else 1.0
        return scale * sum(earned[name] * shares for name, shares in self.payment_shares().items())

    def flows(self, performance: Mapping[str, float] | None = None) -> pd.DataFrame:
        """Who pays whom in each period, by `sibmodels.cash_flows`; index ``period`` is its first month."""
        flows = cashflows.cash_flows(
            self.costs(),
            self.payments(performance),
            fee=self.investment.fee.value,
            guarantee=self.investment.guarantee.value,
            lag=int(self.timing.lag.value),
        )
        step, first = PERIODS[self.timing.period], _month_number(self.timing.start)
        return flows.set_axis(pd.Index([_month_text(first + step * n) for n in range(len(flows))], name="period"))

    def assumptions(self) -> pd.DataFrame:
        """Every figure with a range: ``key``, ``value``, ``low``, ``high``, ``note``."""
        rows = [
            (".".join(map(str, path)), figure.value, figure.low, figure.high, figure.note)
            for path, figure in _figures(self)
            if figure.assumed
        ]
        return pd.DataFrame(rows, columns=["key", "value", "low", "high", "note"])

    def replace(self, key: str, value: float) -> CaseFile:
        """The same case with one figure changed; `key` as `assumptions` names it.

        >>> example("kobe").replace("outcome.1.expected", 0.5).outlook()["completion"]
        (0.5, 10.0)
        """
        known = {".".join(map(str, path)): figure for path, figure in _figures(self)}
        if key not in known:
            raise KeyError(f"key {key!r} is no figure of this case; there are {', '.join(known)}")
        figure = dataclasses.replace(known[key], value=float(value), low=None, high=None)
        section, *rest = key.split(".")
        name = "contract_terms" if section == "contract" else section
        part = getattr(self, name)
        if section in LISTS:
            items = list(part)
            items[int(rest[0]) - 1] = dataclasses.replace(items[int(rest[0]) - 1], **{rest[1]: figure})
            return dataclasses.replace(self, **{name: tuple(items)})
        return dataclasses.replace(self, **{name: dataclasses.replace(part, **{rest[0]: figure})})

    def gaps(self) -> list[str]:
        """What is not in the file, and what therefore cannot be said."""
        found = []
        if not self.paid:
            found.append("No outcome is paid for: there is no contract to model, only measures and costs.")
        if not self.has_calendar:
            found.append("timing.start or timing.end is missing: there are no dated cash flows and no return.")
        if not self.cost:
            found.append("No [[cost]] is given: nothing can be said of investors' return or risk.")
        without = [one.name for one in self.outcome if one.baseline is None]
        if without:
            found.append(f"No baseline for {', '.join(without)}: how often noise is paid for cannot be said.")
        if self.cohort.comparison is None:
            found.append("No comparison group: what the service adds is measured against a belief.")
        if self.investment.amount is None:
            found.append("investment.amount is missing: whether the money suffices cannot be checked.")
        if not any(one.values for one in self.stakeholder):
            found.append("No [[stakeholder]] has values: what is paid cannot be set beside what is valued.")
        return found

    def _period(self, month: str) -> int:
        return (_month_number(month) - _month_number(self.timing.start)) // PERIODS[self.timing.period]

    def _schedule(self, one: Measure) -> PaymentSchedule:
        if one.schedule == "rate card":
            return PaymentSchedule.rate_card(one.price.value, None if one.cap is None else one.cap.value)
        if one.schedule in ("linear", "step"):
            return PaymentSchedule(one.points, one.schedule, is_count=one.unit != "share")
        amount = one.payment.value if one.weight is None else one.weight * self.contract_terms.maximum.value
        if one.schedule == "threshold":
            return PaymentSchedule.threshold(one.target.value, amount)
        return PaymentSchedule.proportional(one.target.value, amount, one.floor.value if one.floor else 0.0)


def schema() -> pd.DataFrame:
    """Every key of a case file: section, key, kind, whether it is needed, and what it means.

    >>> schema().query("section == 'cohort'")["key"].tolist()
    ['people', 'comparison', 'about']
    """
    rows = []
    for section, kind in SECTIONS.items():
        for one in dataclasses.fields(kind):
            about = one.metadata
            form = KINDS[about["kind"]]
            form += " " + ", ".join(about["allowed"]) if "allowed" in about else ""
            limit = "".join(
                f", {word} {about[name]:g}"
                for name, word in (("above", "above"), ("low", "at least"), ("high", "at most"))
                if name in about and about["kind"] in FIGURES
            )
            ranged = about["kind"] in FIGURES and about.get("ranged", True)
            rows.append((section, one.name, form + limit, about["needed"], ranged, about["about"]))
    return pd.DataFrame(rows, columns=["section", "key", "kind", "needed", "range", "meaning"])


# reading


def read(path: str | Path) -> CaseFile:
    """Read a case file, TOML or a filled-in workbook (.xlsx).

    Raises
    ------
    CaseFileError
        With every problem at once.
    OSError
        Where the file cannot be read.
    """
    path = Path(path)
    if path.suffix.lower() == ".xlsx":
        from sibmodels import workbook

        return workbook.read(path)
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise CaseFileError([_too_large(path, LARGEST)])
    text, problems = _decoded(raw, path.name)
    return _load(text, path.name, problems)


def loads(text: str, name: str = "text") -> CaseFile:
    """Read a case file from its text; `name` stands for the file in messages."""
    return _load(text, name, [])


def _too_large(path: Path, most: int) -> Problem:
    size = path.stat().st_size / 1e6
    return Problem(
        path.name, "file", f"{size:.1f} MB", f"at most {most / 1e6:g} MB is read: is this the case file you meant?"
    )


def _load(text: str, name: str, problems: list[Problem]) -> CaseFile:
    raw, broken, lines = _toml(text, name, problems)

    def place(path: tuple) -> str:
        while path and path not in lines:
            path = path[:-1]
        return f"{name}:{lines[path]}" if path else name

    return build(raw, place, problems, broken)


def _decoded(raw: bytes, name: str) -> tuple[str, list[Problem]]:
    """Text of UTF-8 or UTF-16; other bytes are a problem, read as Western European to go on."""
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if encoding == "utf-8-sig" and b"\0" in raw[:200]:  # UTF-16 without its mark
        encoding = "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
    try:
        return raw.decode(encoding), []
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        byte = f"byte 0x{raw[error.start]:02X}" if error.start < len(raw) else "its end"
        problem = Problem(
            f"{name}:{line}",
            "encoding",
            f"{byte} is no {encoding.upper().removesuffix('-SIG')}",
            "save the file as UTF-8",
        )
        return raw.decode("cp1252", errors="replace"), [problem]


_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")
_ASSIGNED = re.compile(r"""\s*("[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]+)\s*=(.*)""")
_HEADER = re.compile(r"""\s*(\[\[?)\s*([\w .'"-]*?)\s*\]*\s*(?:#.*)?$""")


def _toml(text: str, name: str, problems: list[Problem]) -> tuple[dict, set[tuple], dict[tuple, int]]:
    """The tables, the keys on lines that are no TOML, and the line of each key.

    TOML's reader stops at the first mistake. So a line with one is noted, taken out, and read on.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    broken: set[tuple] = set()
    for _ in range(MOST):
        try:
            return tomllib.loads("\n".join(lines)), broken, _places(lines)
        except tomllib.TOMLDecodeError as error:
            found = _LINE.search(str(error))
            number = min(int(found[1]), len(lines)) if found else len(lines)
            first = _opening(lines, number, str(error))
            said = str(error).split(" (at")[0]
            line = lines[first - 1]
            problems.append(Problem(f"{name}:{first}", _shown(line), _said(said), _remedy(line)))
            head, assigned = _HEADER.match(line), _ASSIGNED.match(line)
            if not head:  # whatever a line says that names no key, it may have meant any
                broken.add((*_section(lines, first), assigned[1].strip("\"'") if assigned else "*"))
            mended = f"[{head[2]}]" if head else ""
            if head and head[2] in LISTS:
                mended = f"[[{head[2]}]]"
            if mended == line or (not mended and not line.strip()):  # nothing left to take out here
                break
            lines[first - 1] = mended
            if number > first:
                lines[first : number - 1] = [""] * (number - 1 - first)
        except (
            RecursionError,
            ValueError,
        ) as error:  # brackets in brackets without end, numbers of thousands of digits
            what = f"cannot be read ({str(error)[:60]})"
            problems.append(Problem(name, "file", what, "take out what is no case file's"))
            break
    problems.append(Problem(name, "file", "the rest was not read", "mend what is named above and check again"))
    return {}, {()}, {}


def _opening(lines: list[str], number: int, error: str) -> int:
    """Where a mistake begins: for a bracket never closed, the line that opened it."""
    if re.search(r"[Uu]nclosed|[Uu]nterminated|end of document", error):
        for start in range(number, 0, -1):
            assigned = _ASSIGNED.match(lines[start - 1])
            if assigned and re.match(r"""\s*(\[|\{|\"{3}|'{3})""", assigned[2]):
                return start
    while number > 1 and not lines[number - 1].strip():
        number -= 1
    return number


def _section(lines: list[str], number: int) -> tuple:
    """The table that a line stands in, as a path."""
    counts: dict[str, int] = {}
    path: tuple = ()
    for line in lines[: number - 1]:
        head = _HEADER.match(line) if line.lstrip().startswith("[") else None
        if head:
            key = head[2].strip("\"' ")
            counts[key] = counts.get(key, 0) + 1
            path = (key, counts[key]) if head[1] == "[[" else (key,)
    return path


def _places(lines: list[str]) -> dict[tuple, int]:
    """The line of each section and key of a file that is TOML."""
    found: dict[tuple, int] = {}
    counts: dict[str, int] = {}
    path: tuple = ()
    within, depth = "", 0  # a text of several lines, a list of several lines
    for number, line in enumerate(lines, start=1):
        if within:
            within = "" if within in line else within
            continue
        bare = re.sub(r"""(?<!")"(?!"")(?:[^"\\]|\\.)*"|(?<!')'(?!'')[^']*'""", '""', line).partition("#")[0]
        if depth == 0:
            head, assigned = _HEADER.match(line) if bare.lstrip().startswith("[") else None, _ASSIGNED.match(line)
            if head:
                key = head[2].strip("\"' ")
                counts[key] = counts.get(key, 0) + 1
                path = (key, counts[key]) if head[1] == "[[" else (key,)
                found.setdefault((key,), number)
                found.setdefault(path, number)
                continue
            if assigned:
                found.setdefault((*path, assigned[1].strip("\"'")), number)
        for quotes in ('"""', "'''"):
            if bare.count(quotes) % 2:
                within = quotes
        depth += bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")
    return found


def _shown(line: str) -> str:
    assigned = _ASSIGNED.match(line)
    return assigned[1] if assigned else repr(line.strip()[:40])


def _said(error: str) -> str:
    return f"cannot be read ({error[:1].lower()}{error[1:]})"


def _remedy(line: str) -> str:
    """What probably happened on a line that is no TOML."""
    assigned = _ASSIGNED.match(line)
    value = (assigned[2] if assigned else line).partition("#")[0].strip()
    if re.fullmatch(r"-?[\d.]+\s*(%|per ?cent)", value):
        return f"write a share without the sign: {float(value.split('%')[0].split('p')[0]) / 100:g}"
    if re.fullmatch(r"-?\d+,\d{1,2}", value):
        return f"write a point for the decimals: {value.replace(',', '.')}"
    if re.fullmatch(r"-?\d{1,3}([, ]\d{3})+(\.\d+)?", value):
        return f"write the number without separators: {value.replace(',', '').replace(' ', '')}"
    if re.fullmatch(r"\d{4}-\d{2}", value):
        return f'put the month in quotes: "{value}"'
    if re.fullmatch(r"[£$€¥]\s*[\d,. ]+|[\d,. ]+\s*[£$€¥]", value):
        return f"write the amount alone: {re.sub(r'[^0-9.]', '', value)}; the currency is case.currency"
    if not value:
        return 'write a value, or "" to leave it open'
    if assigned and re.match(r"[^\W\d_]", value) and value not in ("true", "false"):
        return f"put text in quotes: {json.dumps(value, ensure_ascii=False)}"
    if not assigned and not line.lstrip().startswith("["):
        return "write key = value, or put # before a comment"
    return "close every quote and bracket, and give each key once in its section"


# checking


def build(raw: Mapping, place: Callable[[tuple], str], problems: list[Problem], broken=frozenset()) -> CaseFile:
    """The case of tables as TOML has them; `CaseFileError` with every problem of the file.

    Parameters
    ----------
    place : function
        From the path of a key to where it stands.
    problems : list of Problem
        What is known to be wrong already.
    broken : set of paths
        Keys known to be wrong already, not to be called missing.
    """
    check = _Checker(place, problems, broken)
    for key in raw:
        if key not in SECTIONS:
            check.unknown((key,), key, list(SECTIONS), "section")
    parts = {name: check.table(raw.get(name, {}), (name,), kind) for name, kind in SINGLE.items()}
    lists = {name: check.items(raw.get(name, []), name, kind) for name, kind in LISTS.items()}
    check.across(parts, lists)
    if not problems:
        case = CaseFile(
            parts["case"],
            parts["cohort"],
            lists["outcome"],
            parts["timing"],
            parts["contract"],
            parts["investment"],
            parts["uncertainty"],
            lists["cost"],
            lists["stakeholder"],
        )
        try:
            if case.paid:
                case.contract()
        except ValueError as error:
            problems.append(Problem(place(("contract",)), "contract", str(error), "change what it names"))
        else:
            return case
    raise CaseFileError(sorted(problems, key=lambda problem: _order(problem.place)))


def _order(place: str) -> tuple:
    """Problems are listed down the file."""
    numbers = re.findall(r"\d+", place.rpartition(":")[2] if ":" in place else place.rpartition("!")[2])
    return (int(numbers[-1]) if numbers else 0,)


class _Checker:
    """Turns raw values into a case's parts and notes every problem on the way."""

    def __init__(self, place, problems, broken):
        self.place, self.problems, self.broken = place, problems, broken

    def note(self, path: tuple, what: str, remedy: str) -> None:
        key = ".".join(map(str, path)) or "file"
        self.problems.append(Problem(self.place(path), key, what, remedy))

    def unknown(self, path: tuple, key: str, known: list[str], what: str = "key") -> None:
        near = difflib.get_close_matches(str(key).lower(), known, n=1)
        homes = [name for name, kind in SECTIONS.items() if key in _keys(kind) and what == "key"]
        if near:
            remedy = f"did you mean {near[0]!r}?"
        elif homes:
            remedy = f"it belongs in {' or '.join(f'[{name}]' for name in homes)}"
        else:
            remedy = f"allowed here: {', '.join(known)}"
        self.note(path, f"is no known {what}", remedy)

    def items(self, raw, name: str, kind: type) -> tuple:
        if not isinstance(raw, list) or not all(isinstance(item, Mapping) for item in raw):
            self.note((name,), "is not a list of sections", f"head each with [[{name}]], in double brackets")
            return ()
        if len(raw) > MOST:
            self.note((name,), f"there are {len(raw)}", f"at most {MOST} are allowed")
            return ()
        if name == "outcome" and not raw and not self.hidden((name,)):
            self.note((name,), "is missing", "add an [[outcome]] with its name, schedule and expected performance")
        made = [self.table(item, (name, number), kind) for number, item in enumerate(raw, start=1)]
        names = [item.get("name") if isinstance(item, dict) else item.name for item in made]
        for number, label in enumerate(names, start=1):
            if label and label in names[: number - 1]:
                self.note((name, number, "name"), f"{label!r} is there twice", "give each its own name")
            if name == "outcome" and label in RESERVED:
                self.note((name, number, "name"), f"{label!r} is kept for totals", "choose another name")
        return tuple(made)

    def hidden(self, path: tuple) -> bool:
        return () in self.broken or path in self.broken or (*path[:-1], "*") in self.broken

    def table(self, raw, path: tuple, kind: type):
        """The section as its dataclass, or the dict of what was right in it where something was not."""
        before = len(self.problems)
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
                if about["needed"] and not self.hidden(here):
                    state = "is not filled in" if key in raw else "is missing"
                    self.note(here, state, f"{about['about']}, e.g. {key} = {_literal(about['sample'])}")
                continue
            made = self.value(value, about, here)
            if made is not None:
                values[key] = made
        return values if len(self.problems) > before or self.lost(path) else kind(**values)

    def lost(self, path: tuple) -> bool:
        return any(broken[: len(path)] == path or not broken for broken in self.broken)

    def value(self, value, about: Mapping, path: tuple):
        return getattr(self, f"_{about['kind']}", self.figure)(value, about, path)

    def _text(self, value, about, path) -> str | None:
        if not isinstance(value, str):
            self.note(path, f"{value!r} is not text", "put it in quotes")
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
        self.note(path, f"{value!r} is no {what}", f"write {count} capital letters, as in the list of ISO")
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
        self.note(path, f"{value!r} is no month", 'write year-month in quotes, as "2027-04"')
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
            remedy = _remedy(f"x = {value}") if _is_numberish(value) else "write a number"
            self.note(path, f"{what}{value!r} is text", f"{remedy}, without quotes")
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
            self.note(path, f"{what}{value:g} is not allowed", remedy)
            return None
        if about["kind"] == "whole" and value != int(value):
            self.note(path, f"{what}{value:g} is not whole", "write a whole number")
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
            self.note(path, "has no value", "write { value = ..., low = ..., high = ... }")
        elif ("low" in given) != ("high" in given):
            self.note(path, "has one end of a range", "give both low and high, or neither")
        elif "low" in given and not given["low"] <= given["value"] <= given["high"]:
            self.note(
                path, "the value {value:g} is outside {low:g} to {high:g}".format(**given), "low <= value <= high"
            )
        else:
            return Figure(given["value"], given.get("low"), given.get("high"), note)
        return None

    def _named(self, value, about, path, high: float) -> dict[str, float] | None:
        if not isinstance(value, Mapping) or not value:
            self.note(path, f"{value!r} names nobody", f"write {_literal(about['sample'])}")
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
            self.note(path, "are not pairs", f"write {_literal(about['sample'])}, at most {MOST} pairs")
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

    def across(self, parts: dict, lists: dict) -> None:
        """What one key demands of another; looks only at keys that were right by themselves."""
        got = {name: _given(part) for name, part in parts.items()}
        for number, one in enumerate(lists["outcome"], start=1):
            self.rule(_given(one), ("outcome", number))
        self.weighed([_given(one) for one in lists["outcome"]], got["contract"])
        self.calendar(got["timing"], got["contract"], lists)
        fixed, cap = got["contract"].get("fixed_payment"), got["contract"].get("cap")
        if fixed and cap and fixed.value > cap.value:
            self.note(("contract", "cap"), f"{cap.value:g} is below the fixed payment", "raise it, or take it out")
        paid = [one for one in lists["outcome"] if _given(one).get("schedule", "none") != "none"]
        rho = got["uncertainty"].get("rho")
        if rho and len(paid) > 1 and rho.value < -1 / (len(paid) - 1):
            least = -1 / (len(paid) - 1)
            remedy = f"{len(paid)} outcomes allow {least:.3g} or more"
            self.note(("uncertainty", "rho"), f"{rho.value:g} is impossible", remedy)

    def rule(self, one: dict, path: tuple) -> None:
        """Whether an outcome has what its schedule needs, and nothing that its schedule ignores."""
        schedule = one.get("schedule")
        if schedule is None:
            return
        needed, optional = SCHEDULES[schedule]
        amounts = ("payment", "weight") if schedule in ("threshold", "proportional") else ()
        for key in needed:
            if not one.get(key) and not self.seen((*path, key)):
                self.note((*path, key), "is missing", f"schedule {schedule!r} needs it")
        if amounts and not any(key in one or self.seen((*path, key)) for key in amounts):
            self.note((*path, "payment"), "is missing", f"schedule {schedule!r} needs a payment or a weight")
        if "payment" in one and "weight" in one and amounts:
            self.note((*path, "weight"), "stands beside a payment", "give one of the two")
        for key in RULES:
            if one.get(key) is not None and one.get(key) != () and key not in (*needed, *optional, *amounts):
                self.note((*path, key), f"is not used by schedule {schedule!r}", "take it out, or change the schedule")
        target, floor, unit = one.get("target"), one.get("floor"), one.get("unit", "share")
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
        if schedule == "rate card" and unit == "share":
            self.note((*path, "unit"), "'share' cannot be priced by the piece", 'set unit = "people" or "count"')
        if unit != "share" and any(pair[0] < 0 for pair in one.get("points") or ()):
            self.note((*path, "points"), "a count below 0", "begin at 0 or above")

    def seen(self, path: tuple) -> bool:
        """Whether something was already said of this key."""
        return self.hidden(path) or any(problem.key == ".".join(map(str, path)) for problem in self.problems)

    def weighed(self, measures: list[dict], terms: dict) -> None:
        weights = {n: one["weight"] for n, one in enumerate(measures, start=1) if one.get("weight") is not None}
        if not weights:
            return
        if terms.get("maximum") is None and not self.seen(("contract", "maximum")):
            self.note(("contract", "maximum"), "is missing", "weights are shares of it")
        if any(self.seen(("outcome", n, "weight")) for n in range(1, len(measures) + 1)):
            return
        if abs(sum(weights.values()) - 1) > 1e-9:
            total = sum(weights.values())
            self.note(
                ("outcome", max(weights), "weight"),
                f"the outcomes' weights sum to {100 * total:.6g} %",
                f"they must sum to 1: {1 - total:+.4g} is to be placed",
            )

    def calendar(self, timing: dict, terms: dict, lists: dict) -> None:
        start, end = timing.get("start"), timing.get("end")
        dated = [(("contract", "fixed_paid"), month) for month in terms.get("fixed_paid", ())]
        for number, one in enumerate(lists["outcome"], start=1):
            dated += [(("outcome", number, "measured"), month) for month in _given(one).get("measured", ())]
        for number, one in enumerate(lists["cost"], start=1):
            ends = [_given(one).get(key) for key in ("start", "end")]
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
        count = (_month_number(end) - _month_number(start)) // step + 1
        if count > LONGEST:
            self.note(("timing", "end"), f"{count} periods", f"at most {LONGEST}: take a longer period")
        for path, month in dated:
            if not start <= month <= end:
                self.note(path, f"{month} is outside {start} to {end}", "change it, or timing.start or timing.end")


def _keys(kind: type) -> list[str]:
    return [one.name for one in dataclasses.fields(kind)]


def _given(part) -> dict:
    """What is known of a section, be it whole or not."""
    values = part if isinstance(part, dict) else {one: getattr(part, one) for one in _keys(type(part))}
    return {key: value for key, value in values.items() if value is not None}


def _is_numberish(text: str) -> bool:
    return bool(re.fullmatch(r"[\s£$€¥]*-?[\d., ]+\s*(%|per ?cent)?[\s£$€¥]*", text))


def _month_number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _month_text(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _figures(case: CaseFile):
    """Every figure of a case with its path."""
    for section, kind in SECTIONS.items():
        part = getattr(case, "contract_terms" if section == "contract" else section)
        items = [((section,), part)] if section in SINGLE else [((section, n), one) for n, one in enumerate(part, 1)]
        for path, item in items:
            for key in _keys(kind):
                value = getattr(item, key)
                if isinstance(value, Figure):
                    yield (*path, key), value


# writing


def raw(case: CaseFile) -> dict:
    """The case as tables of plain values, without what was left out."""

    def section(part) -> dict:
        shown = {}
        for one in dataclasses.fields(part):
            value, default = getattr(part, one.name), one.metadata["default"]
            if value is None or (not one.metadata["needed"] and value == default):
                continue
            shown[one.name] = _plain(value)
        return shown

    made = {name: section(getattr(case, "contract_terms" if name == "contract" else name)) for name in SINGLE}
    made |= {name: [section(item) for item in getattr(case, name)] for name in LISTS}
    return {name: part for name, part in made.items() if part}


def _plain(value):
    if isinstance(value, Figure):
        if not value.assumed and not value.note:
            return value.value
        given = {"value": value.value, "low": value.low, "high": value.high, "note": value.note}
        return {key: part for key, part in given.items() if part not in (None, "")}
    if isinstance(value, tuple):
        return [list(item) if isinstance(item, tuple) else item for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def dumps(case: CaseFile) -> str:
    """The case as the text of a case file.

    >>> print(dumps(example("uk-commissioner-led")).split("[contract]")[1].split("[")[0].strip())
    maximum = { value = 100, low = 100, high = 100, note = "Most that is paid" }
    """
    return _text_of(raw(case), explain=False)


def template(given: Mapping | None = None, notes: Sequence[str] = ()) -> str:
    """A case file to fill in: every key with its meaning, needed ones open, the others behind a #.

    Parameters
    ----------
    given : mapping, optional
        What is known already, as tables.
    notes : sequence of str, optional
        Comments for the top.
    """
    head = [
        "A case file of sibmodels. Lines that begin with # are comments.",
        'Fill in what stands between empty quotes ""; take the # away from what else you know.',
        "A number alone is a fact. An assumption has its range: { value = 0.35, low = 0.2, high = 0.5 }.",
        "Then: python -m sibmodels check THIS-FILE, and python -m sibmodels report THIS-FILE",
    ]
    lines = [f"# {line}" for line in [*head, *([""] if notes else []), *notes]]
    return "\n".join(line.rstrip() for line in lines) + "\n\n" + _text_of(given or {}, explain=True)


def _text_of(tables: Mapping, explain: bool) -> str:
    parts = []
    for section, kind in SECTIONS.items():
        items = tables.get(section, [{}] if explain else None)
        if items is None:
            continue
        for number, item in enumerate(items if isinstance(items, list) else [items]):
            head = f"[[{section}]]" if section in LISTS else f"[{section}]"
            optional = explain and section in LISTS and section != "outcome" and not item
            lines = [f"# {kind.__doc__.splitlines()[0]}"] if explain and not number else []
            if explain and section in LISTS and not number:
                lines[0] += f" Repeat {head} for each."
            lines.append(f"# {head}" if optional else head)
            for one in dataclasses.fields(kind):
                about = one.metadata
                if one.name in item:
                    lines.append(f"{one.name} = {_literal(item[one.name])}")
                elif explain:
                    open_ = about["needed"] and not optional
                    mark = "" if open_ else "# "
                    value = '""' if open_ else _literal(about["sample"])
                    also = f", e.g. {_literal(about['sample'])}" if open_ else ""
                    also += f" ({', '.join(about['allowed'])})" if "allowed" in about else ""
                    lines.append(f"{mark}{one.name} = {value}  # {about['about']}{also}")
            parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _literal(value) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
    if isinstance(value, Mapping):
        named = [
            f"{key if re.fullmatch(r'[A-Za-z0-9_-]+', key) else _literal(key)} = {_literal(part)}"
            for key, part in value.items()
        ]
        return "{ " + ", ".join(named) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return str(value)


# what the book knows, as case files


def example(name: str) -> CaseFile:
    """One of the book's four cases as a case file, from the tables of ``data/``.

    What nobody published is left out, or is an assumption with its range. Yokohama's outcomes are
    measured and not paid for, so it has no contract.

    Examples
    --------
    >>> example("yokohama").paid
    ()
    >>> example("uk-provider-led").assumptions()["key"].tolist()[:2]
    ['contract.maximum', 'uncertainty.sureness']
    """
    place, problems = (lambda path: f"data, case {name!r}"), []
    return build(_example(name), place, problems)


def _example(name: str) -> dict:
    about = cases._case(name)
    facts = cases.table("facts", name)
    facts = facts.drop_duplicates("key").set_index("key")["value"]
    tables: dict = {
        "case": {
            "name": about["label"],
            "place": facts["location"],
            "country": {"Japan": "JP", "United Kingdom": "GB"}[about["country"]],
            "sector": {"education": "Education"}.get(facts["policy_area"], "Health"),
            "currency": about["currency"],
        },
        "cohort": {"people": int(float(facts.get("served", facts["cohort"]))), "about": facts["need"]},
        "stakeholder": [
            {"name": row.stakeholder, "role": row.value} for row in cases.table("stakeholders", name).itertuples()
        ],
    }
    if name == "yokohama":
        start = facts["start"]
        end = _month_text(_month_number(start) + int(float(facts["term"])) - 1)
        rate = _assumed(name, "sib_rate")
        measures = ["learning", "lifestyle", "relations"]
        return tables | {
            "timing": {"start": start, "end": end},
            "outcome": [{"name": one, "schedule": "none", "expected": rate} for one in measures],
            "cost": [{"name": "Operating cost", "amount": float(facts["operating_cost"])}],
        }
    terms = cases.table("contracts", name)
    if (terms["unit"] == "share").any():
        tables["contract"] = {"maximum": _assumed(name, "maximum")}
    else:
        tables["contract"] = {
            key: float(terms.loc[terms["schedule"] == kind, "value"].iloc[0])
            for kind, key in (("fixed", "fixed_payment"), ("cap", "cap"))
        }
    tables["uncertainty"] = {"sureness": _assumed(name, "concentration"), "rho": _assumed(name, "rho")}
    tables["outcome"] = [
        {
            "name": row.outcome,
            "unit": row.metric,
            "schedule": row.schedule,
            "target": row.target,
            ("weight" if row.unit == "share" else "payment"): row.value,
            "payers": cases._payers(name, row.outcome),
            "expected": _assumed(name, f"mean_{row.outcome}"),
        }
        for row in terms[~terms["schedule"].isin(["fixed", "cap"])].itertuples()
    ]
    if name == "kobe":
        _kobe(tables, facts)
    else:
        tables["investment"] = {"amount": float(facts["investment"])}
    return tables


def _kobe(tables: dict, facts: pd.Series) -> None:
    """Kobe's calendar and costs, the only ones of a SIB here that are published."""
    events = cases.table("timelines", "kobe")
    interim = events.loc[events["value"].str.startswith("Interim payment"), "start"].iloc[0][:7]
    sizes = cases.table("facts", "kobe").query("key == 'investment'").set_index("label")["value"].astype(float)
    tables["timing"] = {"start": facts["start"], "end": facts["end"]}
    tables["contract"]["fixed_paid"] = [interim]
    for one in tables["outcome"]:
        one["measured"] = [facts["end"] if one["name"] == "renal" else interim]
    tables["outcome"][-1]["baseline"] = _assumed("kobe", "payer_baseline")
    tables["cost"] = [
        {"name": "Service", "amount": sizes["Size, the service only"], "end": facts["service_end"]},
        {"name": "Evaluation", "amount": float(facts["evaluation_cost"]), "start": facts["evaluation_start"]},
    ]
    tables["investment"] = {
        "amount": sizes["Size, with the evaluation"],
        "wanted": float(facts["return_offered"]),
    }


def _assumed(name: str, key: str) -> dict:
    row = cases.table("assumptions", name).set_index("key").loc[key]
    return {"value": float(row["value"]), "low": float(row["low"]), "high": float(row["high"]), "note": row["label"]}


def from_indigo(identifier: str) -> tuple[dict, list[str]]:
    """What INDIGO knows of a project, as tables of a case file, and what it does not.

    >>> known, missing = from_indigo("INDIGO-POJ-0042")
    >>> known["case"]["currency"], known["cohort"], len(missing)
    ('JPY', {'people': 100}, 5)
    """
    from sibmodels import _checks, indigo

    projects = indigo.shipped().projects
    _checks.one_of(identifier, projects.index, "INDIGO project", KeyError)
    row = projects.loc[identifier]
    known: dict = {"case": {"name": " ".join(row["name"].split())}}
    missing = []

    def take(section: str, key: str, value, what: str) -> None:
        if value is None or value == "" or pd.isna(value):
            missing.append(f"{section}.{key}: INDIGO has no {what}")
        else:
            known.setdefault(section, {})[key] = value.item() if hasattr(value, "item") else value

    take("case", "country", row["country"], "country")
    take("case", "sector", row["sector"], "sector")
    paid_in, put_in = row["max_outcome_currency"], row["investment_currency"]
    currency = paid_in if isinstance(paid_in, str) and paid_in else put_in
    take("case", "currency", currency, "currency")
    people = None if pd.isna(row["target_users"]) else int(row["target_users"])
    take("cohort", "people", people, "number of people aimed at")
    start = row["service_start"] if isinstance(row["service_start"], str) and len(row["service_start"]) >= 7 else None
    if start:
        missing.append(f"timing: the service started in {start[:7]} by INDIGO, which has no end")
    else:
        missing.append("timing: INDIGO has no month of start and no end")
    same = put_in == currency
    take("investment", "amount", row["investment"] if same else None, f"investment in {currency or 'its currency'}")
    if not same and not pd.isna(row["investment"]):
        missing.append(f"investment: {row['investment']:,.0f} {put_in} is in another currency and was not converted")
    take("contract", "cap", row["max_outcome_payment"], "most that can be paid")
    missing.append("outcome: names, rules, targets and expected performance are not in the book's extract")
    missing.append("cost: not in the book's extract")
    missing.append("stakeholder: not in the book's extract")
    return known, missing
