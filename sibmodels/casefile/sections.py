# ruff: noqa: RUF009 -- _key is dataclasses.field with what is allowed
"""The schema of a case file: its sections as dataclasses, each key with what it means and what is allowed.

The template, the checks, the workbook and the page that documents case files are made from it. A number
written alone is a fact; written ``{ value = 0.6, low = 0.4, high = 0.7 }`` it is an assumption with its
range.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pandas as pd

from sibmodels import cashflows
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
PRICED = ("target", *AMOUNTS, "floor", "price", "cap", "points")


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


def _key(kind: str, about: str, needed: bool = False, sample: object = "", **limits: Any) -> Any:
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

    people: Figure = _key("whole", "people served", True, 200, low=1, high=CROWD)
    comparison: Figure | None = _key(
        "whole", "people in a comparison group, if there is one", sample=200, low=1, high=CROWD
    )
    about: str = _key("text", "who they are and how they are chosen", sample="adults out of work for two years")


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The calendar of cash flows; without start and end there are none."""

    start: str = _key("month", "first month, as year-month", sample="2027-04")
    end: str = _key("month", "last month in which something costs or is measured", sample="2030-03")
    period: str = _key("choice", "step of the cash flows", sample="quarter", allowed=tuple(PERIODS), default="quarter")
    lag: Figure = _key(
        "whole", "periods from measuring to being paid", sample=1, low=0, high=120, ranged=False, default=Figure(0.0)
    )


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is paid in all."""

    maximum: Figure | None = _key(
        "money",
        "what the outcomes' weights are shares of; left out, payments are per cent of it",
        sample=600000,
        above=0,
    )
    fixed_payment: Figure = _key("money", "paid whatever the results", sample=50000, low=0, default=Figure(0.0))
    fixed_paid: tuple[str, ...] = _key(
        "months", "when the fixed payment falls due; the first month if left out", sample=["2027-04"], default=()
    )
    cap: Figure | None = _key("money", "most that is paid in all, fixed payment included", sample=600000, above=0)


@dataclass(frozen=True, kw_only=True)
class Investment:
    """Who puts up the money, and what stands between."""

    amount: Figure | None = _key(
        "money",
        "what investors commit; they put in no more, and the service stops when it is used up",
        sample=350000,
        low=0,
    )
    wanted: Figure | None = _key("number", "return a year that investors want", sample=0.05, above=-1, high=1)
    fee: Figure = _key("money", "what the intermediary keeps at the end", sample=15000, low=0, default=Figure(0.0))
    guarantee: Figure = _key("money", "most of a loss that a guarantor bears", sample=0, low=0, default=Figure(0.0))
    distribute: str = _key(
        "choice",
        "when investors get what fee and costs still due do not need",
        sample="as received",
        allowed=cashflows.DISTRIBUTIONS,
        default="at the end",
    )


@dataclass(frozen=True, kw_only=True)
class Uncertainty:
    """How sure the expectations are."""

    sureness: Figure = _key(
        "number",
        "as if each expectation were learned from this many people",
        sample={"value": 10, "low": 3, "high": 50},
        low=0.01,
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
    schedule: str = _key("choice", "how it is paid for", True, "proportional", allowed=SCHEDULES)
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
    measured_on: Figure | None = _key(
        "whole", "people or events measured, if not cohort.people", sample=200, low=1, high=CROWD
    )


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
"""Sections that a case file has once, by name."""
LISTS = {"outcome": Measure, "cost": Cost, "stakeholder": Stakeholder}
"""Sections that may repeat."""
SECTIONS = SINGLE | LISTS
"""Every section of a case file."""
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


def keys(kind: type) -> list[str]:
    """The keys of a section."""
    return [one.name for one in dataclasses.fields(kind)]


def month_number(month: str) -> int:
    """Months since the year 0, of year-month."""
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def month_text(number: int) -> str:
    """Year-month of the months since the year 0."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
