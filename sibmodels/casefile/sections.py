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

from sibmodels import capital, cashflows, people
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


def _key(kind: str, about: str, needed: bool = False, sample: object = "", **limits: Any) -> Any:
    """A key of the schema: its kind, what it means, and what is allowed."""
    texts = ("text", "choice", "month", "country", "currency", "name")
    default = limits.pop("default", "" if kind in texts else None)
    metadata = {"kind": kind, "about": about, "needed": needed, "sample": sample, "default": default, **limits}
    if needed and "unless" not in limits:
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
    rates: Mapping[str, float] = _key(
        "rates",
        'what one of another currency is worth in this one; an amount then may say { value = 1000, in = "CHF" }',
        sample={"CHF": 0.88},
        default={},
        more=True,
    )


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
    year_cap: Figure | None = _key(
        "money", "most that is paid in each year, counted from timing.start", sample=200000, above=0, more=True
    )
    cap_cuts: str = _key(
        "choice",
        "what a cap takes away: a part of every payment, or the latest payments",
        sample="latest first",
        allowed=CUTS,
        default="in proportion",
        more=True,
    )


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
        "share of people, number of people, count of events, or score: a mean over people of a score or amount",
        sample="share",
        allowed=("share", "people", "count", "score"),
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
    payers: Mapping[str, Any] = _key(
        "payers",
        "who pays which share; by date where that changes",
        sample={"City": 0.7, "Ministry": 0.3},
        default={"outcome payer": 1.0},
    )
    expected: Figure = _key(
        "result",
        "share of people (or events) expected to succeed, or mean score",
        True,
        {"value": 0.35, "low": 0.2, "high": 0.5},
        unless=("of", "card"),
    )
    baseline: Figure | None = _key("result", "share that would succeed without it, or mean score", sample=0.2)
    measured: tuple[str, ...] = _key(
        "months", "when it is measured, in equal parts; the last month if left out", sample=["2029-03"], default=()
    )
    measured_on: Figure | None = _key(
        "whole", "people or events measured, if not cohort.people", sample=200, low=1, high=CROWD
    )
    parts: tuple[float, ...] = _key(
        "parts", "which part is paid at each month of measured, if not equal parts", sample=[1], default=(), more=True
    )
    spread: Figure | None = _key(
        "number", "standard deviation of the score among people", sample=0.8, low=0, ranged=False, more=True
    )
    of: Any = _key(
        "of",
        "paid by other outcomes' results: a name, or products to add up",
        sample=[[0.8, "in work"], [0.2, "in work"]],
        more=True,
    )
    against: Any = _key(
        "against",
        'set against a number, an outcome, or "comparison": the comparison group, at the baseline; by date where reset',
        sample=0.2,
        more=True,
    )
    compare: str = _key(
        "choice",
        "difference, or fall: 1 - ours / theirs",
        sample="difference",
        allowed=people.COMPARISONS,
        default="difference",
        more=True,
    )
    rounded: Figure | None = _key(
        "number", "the figure is rounded to multiples of this", sample=0.01, above=0, ranged=False, more=True
    )
    groups: str = _key(
        "choice",
        "paid by the result of all groups together, or of each by itself",
        sample="pooled",
        allowed=GROUPS,
        default="pooled",
        more=True,
    )
    instead_of: str = _key(
        "name", "an outcome: this pays what it earns less what that one has paid", sample="in work", more=True
    )
    card: tuple[people.Line, ...] = _key(
        "card",
        "rate card of several lines, paid person by person; expected is the share of all people who reach a line",
        sample=[
            {"name": "job", "price": 500, "expected": 0.4},
            {"name": "13 weeks", "price": 3000, "expected": 0.25, "after": "job"},
        ],
        default=(),
        more=True,
    )
    person_cap: Figure | None = _key(
        "money", "card: most that is paid for one person", sample=3000, above=0, ranged=False, more=True
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


@dataclass(frozen=True, kw_only=True)
class Group:
    """People who are measured together: a cohort, a site, a year."""

    name: str = _key("text", "short name", True, "first year")
    people: Figure = _key("whole", "people in it", True, 100, low=1)
    comparison: Figure | None = _key("whole", "people in its comparison group", sample=100, low=1)
    expected: Mapping[str, float] = _key(
        "numbers", "by outcome, what is expected of this group, if not the same", sample={"in work": 0.3}, default={}
    )
    measured: tuple[str, ...] = _key(
        "months", "when this group is measured, if not when the outcome is", sample=["2028-09"], default=()
    )


@dataclass(frozen=True, kw_only=True)
class Tranche:
    """A layer of capital, the most senior first; with one or more, [investment] has only the fee and what is wanted."""

    name: str = _key("text", "short name", True, "senior loan")
    amount: Figure = _key("money", "most that it puts in", True, 250000, low=0)
    drawn: str = _key("choice", "when", sample="as needed", allowed=capital.DRAWN, default="as needed")
    coupon: Any = _key(
        "term",
        "rate a year on principal outstanding: a number, by date, or by a result",
        sample={"of": "in work", "step": [[0.2, 0.02], [0.4, 0.05]]},
        low=-1,
        high=10,
    )
    coupon_least: Any = _key("term", "least coupon, perhaps by date", sample=0.01, low=0, high=10)
    redemption: Any = _key(
        "term", "share of principal due at the end: a number, by date, or by a result; 1 if left out", sample=1, high=1
    )
    distribute: str = _key(
        "choice",
        "when it gets principal and surplus",
        sample="as received",
        allowed=cashflows.DISTRIBUTIONS,
        default="at the end",
    )
    owed: bool = _key(
        "flag", "whether the payer owes coupon and redemption, as with a bond", sample=True, default=False
    )
    protected: float | None = _key(
        "share", "share of principal up to which a guarantor makes it good", sample=0.5, ranged=False
    )
    surplus: float | None = _key(
        "share",
        "share of what is left when all principal is paid; all of it if alone and not owed",
        sample=1,
        ranged=False,
    )
    return_cap: Figure | None = _key("number", "no surplus beyond this return a year", sample=0.15, low=0, high=10)


@dataclass(frozen=True, kw_only=True)
class Break:
    """The end before its time: in that month, if a result is below the trigger."""

    of: str = _key("name", "the outcome that is looked at", True, "in work")
    below: Figure = _key("number", "the trigger, in the outcome's unit", True, 0.1)
    on: str = _key("month", "the month", True, "2028-09")
    redemption: float | None = _key(
        "share", "share of principal then due; what each tranche says if left out", sample=0.75, ranged=False
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
LISTS = {
    "outcome": Measure,
    "cost": Cost,
    "stakeholder": Stakeholder,
    "group": Group,
    "tranche": Tranche,
    "break": Break,
}
"""Sections that may repeat."""
MORE = ("group", "tranche", "break")
"""Sections, and with them keys marked `more`, that most contracts do without: no template asks for them."""
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
    "result": "share, 0 to 1 (0.6 for 60 %); any number for a score",
    "payers": "names and shares that sum to 1",
    "name": "name of an outcome",
    "of": "name of an outcome, or lists of names and numbers",
    "against": 'number, name of an outcome, "comparison"; or by month',
    "parts": "shares that sum to 1",
    "card": "lines { name, price, expected, after, instead_of }",
    "numbers": "names of outcomes and numbers",
    "rates": "currencies and rates above 0",
    "term": "number; numbers by month; or { of, step or linear, floor }",
    "flag": "true or false",
    "weights": "names and weights of at least 0",
    "points": "pairs [performance, payment], performance rising",
}
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
