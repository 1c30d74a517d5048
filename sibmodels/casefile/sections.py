# ruff: noqa: RUF009 -- _key is dataclasses.field with what is allowed
"""The schema of a case file: its sections as dataclasses, each key with what is allowed.

The template, the checks, the workbook and the page that documents case files are made from it; what each key
means is in the catalogue of messages. A number written alone is a fact; written ``{ value = 0.6, low = 0.4,
high = 0.7 }`` it is an assumption with its range.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pandas as pd

from sibmodels import capital, cashflows, people
from sibmodels.messages import languages, listed, say
from sibmodels.rules import RULES

__all__ = ["LISTS", "PERIODS", "SCHEDULES", "SECTIONS", "SINGLE", "Figure", "schema"]

Key: TypeAlias = tuple[str | int, ...]  # the path of a key: section, number of the item from 1, key
Raw: TypeAlias = Mapping[str, Any]  # a table as TOML has it

LONGEST = 600  # periods
MOST = 50
"""Items of one kind that a case file may have."""
LARGEST = 1e13  # of any amount: no contract pays ten trillion
SMALLEST = {"money": 1e-3, "share": 1e-6}  # of what is not 0
TINY = 1e-9  # of any other number that is not 0
CROWD = 10_000_000  # people
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
"""INDIGO's policy sectors."""
PERIODS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
"""How long a period of the calendar may be, in months."""
SCHEDULES = (*RULES, "none")
"""By which rule an outcome may be paid for; ``none`` is measured and not paid for."""
AMOUNTS = ("payment", "weight")  # the two ways to write a rule's amount
PRICED = ("target", *AMOUNTS, "floor", "price", "cap", "points", "card", "person_cap")
CUTS = ("in proportion", "latest first")
GROUPS = ("pooled", "each")
NOT_GIVEN = "not given: as for the book's cases"  # the note of what this program assumes


@dataclass(frozen=True)
class Figure:
    """A number and, where it is an assumption, the range it may lie in."""

    value: float
    low: float | None = None
    high: float | None = None
    note: str = ""
    stated: tuple[Any, ...] = ()
    """In another currency: value, low and high as the file has them, the currency, and its rate."""

    @property
    def assumed(self) -> bool:
        """Whether this is an assumption."""
        return self.low is not None

    def __float__(self) -> float:
        return self.value


def _key(kind: str, needed: bool = False, sample: object = "", **limits: Any) -> Any:
    """A key of the schema: its kind and what is allowed; `meaning` has what it means."""
    texts = ("text", "choice", "month", "country", "currency", "name")
    default = limits.pop("default", "" if kind in texts else None)
    metadata = {"kind": kind, "needed": needed, "sample": sample, "default": default, **limits}
    if needed and "unless" not in limits:
        return field(metadata=metadata)
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class About:
    """What it is, where, in which money."""

    name: str = _key("text", True, "Harbour Town back to work (invented)")
    place: str = _key("text", sample="Harbour Town")
    country: str = _key("country", sample="GB")
    sector: str = _key("choice", sample="Employment and training", allowed=SECTORS)
    currency: str = _key("currency", True, "GBP")
    about: str = _key("text", sample="Coaching for people long out of work")
    language: str = _key("choice", sample="en", allowed=languages())
    rates: Mapping[str, float] = _key("rates", sample={"CHF": 0.88}, default={}, more=True)


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Who is served, and with whom they are compared."""

    people: Figure = _key("whole", True, 200, low=1, high=CROWD)
    comparison: Figure | None = _key("whole", sample=200, low=1, high=CROWD)
    about: str = _key("text", sample="adults out of work for two years")


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The calendar of cash flows; without start and end there are none."""

    start: str = _key("month", sample="2027-04")
    end: str = _key("month", sample="2030-03")
    period: str = _key("choice", sample="quarter", allowed=tuple(PERIODS), default="quarter")
    lag: Figure = _key("whole", sample=1, low=0, high=120, ranged=False, default=Figure(0.0))


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is paid in all."""

    maximum: Figure | None = _key("money", sample=600000, above=0)
    fixed_payment: Figure = _key("money", sample=50000, low=0, default=Figure(0.0))
    fixed_paid: tuple[str, ...] = _key("months", sample=["2027-04"], default=())
    cap: Figure | None = _key("money", sample=600000, above=0)
    year_cap: Figure | None = _key("money", sample=200000, above=0, more=True)
    cap_cuts: str = _key("choice", sample="latest first", allowed=CUTS, default="in proportion", more=True)


@dataclass(frozen=True, kw_only=True)
class Investment:
    """Who puts up the money, and what stands between."""

    amount: Figure | None = _key("money", sample=350000, low=0)
    wanted: Figure | None = _key("number", sample=0.05, above=-1, high=1)
    fee: Figure = _key("money", sample=15000, low=0, default=Figure(0.0))
    guarantee: Figure = _key("money", sample=0, low=0, default=Figure(0.0))
    distribute: str = _key("choice", sample="as received", allowed=cashflows.DISTRIBUTIONS, default="at the end")


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """How sure the expectations are."""

    sureness: Figure = _key(
        "number",
        sample={"value": 10, "low": 3, "high": 50},
        low=0.01,
        high=1e6,
        default=Figure(10.0, 3.0, 50.0, NOT_GIVEN),
    )
    rho: Figure = _key(
        "number",
        sample={"value": 0.3, "low": 0, "high": 0.8},
        low=-1,
        high=1,
        default=Figure(0.3, 0.0, 0.8, NOT_GIVEN),
    )


@dataclass(frozen=True, kw_only=True)
class Measure:
    """An outcome that is measured, and how it is paid for."""

    name: str = _key("text", True, "in work")
    unit: str = _key("choice", sample="share", allowed=("share", "people", "count", "score"), default="share")
    schedule: str = _key("choice", True, "proportional", allowed=SCHEDULES)
    target: Figure | None = _key("number", sample=0.4, above=0)
    payment: Figure | None = _key("money", sample=400000, low=0)
    weight: float | None = _key("share", sample=0.8, ranged=False)
    floor: Figure | None = _key("number", sample=0.1, low=0)
    price: Figure | None = _key("money", sample=2500, above=0)
    cap: Figure | None = _key("money", sample=300000, above=0)
    points: tuple[tuple[float, float], ...] = _key("points", sample=[[0.2, 0], [0.6, 300000]], default=())
    payers: Mapping[str, Any] = _key("payers", sample={"City": 0.7, "Ministry": 0.3}, default={"outcome payer": 1.0})
    expected: Figure = _key("result", True, {"value": 0.35, "low": 0.2, "high": 0.5}, unless=("of", "card"))
    baseline: Figure | None = _key("result", sample=0.2)
    measured: tuple[str, ...] = _key("months", sample=["2029-03"], default=())
    measured_on: Figure | None = _key("whole", sample=200, low=1, high=CROWD)
    parts: tuple[float, ...] = _key("parts", sample=[1], default=(), more=True)
    spread: Figure | None = _key("number", sample=0.8, low=0, ranged=False, more=True)
    of: Any = _key("of", sample=[[0.8, "in work"], [0.2, "in work"]], more=True)
    against: Any = _key("against", sample=0.2, more=True)
    compare: str = _key("choice", sample="difference", allowed=people.COMPARISONS, default="difference", more=True)
    rounded: Figure | None = _key("number", sample=0.01, above=0, ranged=False, more=True)
    groups: str = _key("choice", sample="pooled", allowed=GROUPS, default="pooled", more=True)
    instead_of: str = _key("name", sample="in work", more=True)
    card: tuple[people.Line, ...] = _key(
        "card",
        sample=[
            {"name": "job", "price": 500, "expected": 0.4},
            {"name": "13 weeks", "price": 3000, "expected": 0.25, "after": "job"},
        ],
        default=(),
        more=True,
    )
    person_cap: Figure | None = _key("money", sample=3000, above=0, ranged=False, more=True)


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What the service and its management cost, spread evenly over its months."""

    name: str = _key("text", True, "Coaching")
    amount: Figure = _key("money", True, 320000, low=0)
    start: str = _key("month", sample="2027-04")
    end: str = _key("month", sample="2029-03")


@dataclass(frozen=True, kw_only=True)
class Stakeholder:
    """Who takes part, and what they value."""

    name: str = _key("text", True, "Participants")
    role: str = _key("text", sample="service users")
    values: Mapping[str, float] = _key("weights", sample={"in work": 1, "less debt": 1}, default={})


@dataclass(frozen=True, kw_only=True)
class Group:
    """People who are measured together: a cohort, a site, a year."""

    name: str = _key("text", True, "first year")
    people: Figure = _key("whole", True, 100, low=1)
    comparison: Figure | None = _key("whole", sample=100, low=1)
    expected: Mapping[str, float] = _key("numbers", sample={"in work": 0.3}, default={})
    measured: tuple[str, ...] = _key("months", sample=["2028-09"], default=())


@dataclass(frozen=True, kw_only=True)
class Tranche:
    """A layer of capital, the most senior first; with one or more, [investment] has only the fee and what is wanted."""

    name: str = _key("text", True, "senior loan")
    amount: Figure = _key("money", True, 250000, low=0)
    drawn: str = _key("choice", sample="as needed", allowed=capital.DRAWN, default="as needed")
    coupon: Any = _key("term", sample={"of": "in work", "step": [[0.2, 0.02], [0.4, 0.05]]}, low=-1, high=10)
    coupon_least: Any = _key("term", sample=0.01, low=0, high=10)
    redemption: Any = _key("term", sample=1, high=1)
    distribute: str = _key("choice", sample="as received", allowed=cashflows.DISTRIBUTIONS, default="at the end")
    owed: bool = _key("flag", sample=True, default=False)
    protected: float | None = _key("share", sample=0.5, ranged=False)
    surplus: float | None = _key("share", sample=1, ranged=False)
    return_cap: Figure | None = _key("number", sample=0.15, low=0, high=10)


@dataclass(frozen=True, kw_only=True)
class Break:
    """The end before its time: in that month, if a result is below the trigger."""

    of: str = _key("name", True, "in work")
    below: Figure = _key("number", True, 0.1)
    on: str = _key("month", True, "2028-09")
    redemption: float | None = _key("share", sample=0.75, ranged=False)


# what it is worth to payers, and what came of it

KINDS = ("cashable", "non-cashable", "social")


@dataclass(frozen=True, kw_only=True)
class Payer:
    """How payers count what outcomes are worth."""

    discount: Figure | None = _key("share", sample=0.035)
    optimism: Figure = _key("share", sample={"value": 0.1, "low": 0, "high": 0.25}, default=Figure(0.0))


@dataclass(frozen=True, kw_only=True)
class Saving:
    """What one more of an outcome is worth, and to whom."""

    name: str = _key("text", True, "benefits no longer paid")
    of: str = _key("name", True, "in work")
    to: str = _key("text", True, "Ministry")
    amount: Figure = _key("money", True, {"value": 4000, "low": 2500, "high": 6000}, low=-LARGEST)
    kind: str = _key("choice", sample="cashable", allowed=KINDS, default="non-cashable")
    after: Figure = _key("whole", sample=3, low=0, high=600, ranged=False, default=Figure(0.0))
    lasts: Figure = _key("number", sample={"value": 3, "low": 1, "high": 5}, above=0, high=100, default=Figure(1.0))
    drop_off: Figure = _key("share", sample={"value": 0.3, "low": 0.1, "high": 0.5}, default=Figure(0.0))
    deadweight: Figure | None = _key("share", sample={"value": 0.4, "low": 0.3, "high": 0.6})
    attribution: Figure = _key("share", sample={"value": 0.2, "low": 0, "high": 0.4}, default=Figure(0.0))
    displacement: Figure = _key("share", sample={"value": 0.1, "low": 0, "high": 0.2}, default=Figure(0.0))


@dataclass(frozen=True, kw_only=True)
class Actual:
    """A result as it came, and what was paid."""

    of: str = _key("name", True, "in work")
    on: str = _key("month", True, "2028-09")
    result: Figure = _key("number", True, 0.31, ranged=False)
    group: str = _key("text", sample="first year")
    people: Figure | None = _key("whole", sample=180, low=1, high=CROWD, ranged=False)
    comparison: Figure | None = _key("number", sample=0.22, ranged=False)
    paid: Figure | None = _key("money", sample=116250, ranged=False)


SINGLE = {
    "case": About,
    "cohort": Cohort,
    "timing": Timing,
    "contract": Terms,
    "investment": Investment,
    "uncertainty": Uncertainty,
    "payer": Payer,
}
"""Sections that a case file has once, by name."""
LISTS = {
    "outcome": Measure,
    "cost": Cost,
    "stakeholder": Stakeholder,
    "group": Group,
    "tranche": Tranche,
    "break": Break,
    "saving": Saving,
    "actual": Actual,
}
"""Sections that may repeat."""
MORE = ("group", "tranche", "break", "actual")
"""Sections, and with them keys marked `more`, that most contracts do without: no template asks for them."""
SECTIONS = SINGLE | LISTS
"""Every section of a case file."""
FIGURES = ("whole", "number", "money", "share", "result")
STRUCTURED = ("of", "against", "parts", "card", "numbers", "rates", "term")
"""Kinds that a workbook has in one cell, or a cell a line, as TOML writes them."""


def schema() -> pd.DataFrame:
    """Every key of a case file: section, key, kind, whether it is needed, and what it means.

    >>> schema().query("section == 'cohort'")["key"].tolist()
    ['people', 'comparison', 'about']
    """
    rows = []
    for section, kind in SECTIONS.items():
        for one in dataclasses.fields(kind):
            about = one.metadata
            form = say(f"kinds.{about['kind']}")
            form += " " + listed(map(option, about["allowed"])) if "allowed" in about else ""
            limit = "".join(
                say(f"template.{name}", number=about[name])
                for name in ("above", "low", "high")
                if name in about and about["kind"] in FIGURES
            )
            ranged = about["kind"] in FIGURES and about.get("ranged", True)
            rows.append((section, one.name, form + limit, about["needed"], ranged, meaning(section, one.name)))
    return pd.DataFrame(rows, columns=["section", "key", "kind", "needed", "range", "meaning"])


def meaning(section: str, key: str) -> str:
    """What a key means.

    >>> meaning("cohort", "people")
    'people served'
    """
    return say(f"keys.{section}.{key}")


def option(value: str) -> str:
    """What a choice is called, in a language other than that of its key with the key; "" is none.

    >>> option("rate card")
    'rate card'
    """
    return say(f"options.{value}") if value else ""


def keys(kind: type) -> list[str]:
    """The keys of a section."""
    return [one.name for one in dataclasses.fields(kind)]


def month_number(month: str) -> int:
    """Months since the year 0, of year-month."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def month_text(number: int) -> str:
    """Year-month of the months since the year 0."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
