"""Where a case file can start: the book's four cases, or published contracts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import pandas as pd

from sibmodels import _arguments as check
from sibmodels import cases, tables
from sibmodels.casefile.model import CaseFile
from sibmodels.casefile.problems import build
from sibmodels.casefile.reading import loads
from sibmodels.casefile.sections import Raw, month_number, month_text
from sibmodels.rules import RULES
from sibmodels.tables import rows as rows_of

__all__ = ["contracts", "example", "published"]


def contracts() -> list[str]:
    """The published contracts that ``data/contracts`` has as case files, by name.

    >>> "newpin" in contracts()
    True
    """
    return sorted(path.stem for path in (tables.folder() / "contracts").glob("*.toml"))


def published(name: str) -> str:
    """The text of a published contract's case file, its sources in comments."""
    check.one_of(name, contracts(), "contract", KeyError)
    return (tables.folder() / "contracts" / f"{name}.toml").read_text(encoding="utf-8")


Facts: TypeAlias = Mapping[str, str]  # by key


def example(name: str) -> CaseFile:
    """One of the book's four cases as a case file, from the tables of ``data/``, or a published contract.

    What nobody published is left out, or is an assumption with its range. Yokohama's outcomes are
    measured and not paid for, so it has no contract.

    Examples
    --------
    >>> example("yokohama").paid
    ()
    >>> example("uk-provider-led").assumptions()["key"].tolist()[:2]
    ['uncertainty.sureness', 'uncertainty.rho']
    """
    if name in contracts():
        return loads(published(name), f"{name}.toml")
    check.one_of(name, [*cases.names(), *contracts()], "case", KeyError)
    return build(_example(name), lambda path: f"data, case {name!r}", [])


def _example(name: str) -> dict[str, Any]:
    about = cases._case(name)
    rows = cases.table("facts", name)
    facts: Facts = dict(zip(*(rows.drop_duplicates("key")[column] for column in ("key", "value")), strict=True))
    assumed = {row.key: _ranged(row) for row in rows_of(cases.table("assumptions", name))}
    terms = cases.terms(name)
    single = {kind: terms[terms["schedule"] == kind] for kind in ("fixed", "cap")}
    known: dict[str, Any] = {
        "case": {
            "name": about["label"],
            "place": facts["location"],
            "country": about["iso"],
            "sector": about["sector"],
            "currency": about["currency"],
        },
        "cohort": {"people": int(float(facts.get("served", facts["cohort"]))), "about": facts["need"]},
        "timing": _calendar(facts),
        "contract": {},
        "investment": _investment(rows, facts),
        "uncertainty": {key: assumed.get(given) for key, given in (("sureness", "concentration"), ("rho", "rho"))},
        "outcome": [_outcome(name, row, assumed) for row in rows_of(terms[~terms["schedule"].isin(list(single))])],
        "cost": _costs(rows, facts),
        "stakeholder": [
            {"name": row.stakeholder, "role": row.value} for row in rows_of(cases.table("stakeholders", name))
        ],
    }
    if not (terms["unit"] == "share").any():  # else the maximum is not published
        for kind, key in (("fixed", "fixed_payment"), ("cap", "cap")):
            known["contract"] |= dict.fromkeys([key] * len(single[kind]), single[kind]["value"].sum())
        known["contract"]["fixed_paid"] = sorted(set(single["fixed"]["due"]) - {""}) or None
    if terms.empty:  # measured and not paid for
        sought = [value for key, value in facts.items() if key.startswith("outcome_sought")]
        known["outcome"] = [{"name": one, "schedule": "none", "expected": assumed["sib_rate"]} for one in sought]
    return {
        section: {key: value for key, value in part.items() if value is not None} if isinstance(part, dict) else part
        for section, part in known.items()
        if part
    }


def _calendar(facts: Facts) -> Raw:
    """From the start to the end of the term, where both are known to the month."""
    if "start" not in facts or "term" not in facts:
        return {}
    return {"start": facts["start"], "end": month_text(month_number(facts["start"]) + int(float(facts["term"])) - 1)}


def _outcome(name: str, row: Any, assumed: Raw) -> Raw:
    """An outcome that is paid for; `value` is its amount, its share of the maximum or its price."""
    rule = RULES[row.schedule]
    given = {"target": row.target, "floor": row.floor}
    given |= {"amount": row.value, "price": row.value, "weight": row.value}
    needed = ["weight" if key == "amount" and row.unit == "share" else key for key in (*rule.needs, *rule.may)]
    priced = {"payment" if key == "amount" else key: given[key] for key in needed if key in given}
    return {
        "name": row.outcome,
        "unit": row.metric,
        "schedule": row.schedule,
        **{key: value for key, value in priced.items() if not pd.isna(value)},
        "payers": cases._payers(name, row.outcome),
        "expected": assumed[f"mean_{row.outcome}"],
        **({"baseline": assumed[f"baseline_{row.outcome}"]} if f"baseline_{row.outcome}" in assumed else {}),
        **({"measured": [row.due]} if row.due else {}),
    }


def _investment(rows: pd.DataFrame, facts: Facts) -> Raw:
    """What investors committed, where more than one size is in print with the evaluation."""
    sizes = rows[rows["key"] == "investment"].set_index("label")["value"].astype(float)
    if sizes.empty:
        return {}
    return {
        "amount": sizes.get("Size, with the evaluation", sizes.iloc[0]),
        "wanted": float(facts["return_offered"]) if "return_offered" in facts else None,
        # an interim payment was passed on to the funders
        "distribute": "as received" if "interim_payment" in facts else None,
    }


def _costs(rows: pd.DataFrame, facts: Facts) -> list[Raw]:
    """What the service and its evaluation cost, with their months, where these are in print."""
    service = rows[(rows["label"] == "Size, the service only") | (rows["key"] == "operating_cost")]
    costs: list[dict[str, Any]] = [
        {"name": row.label if row.key == "operating_cost" else "Service", "amount": float(row.value)}
        for row in rows_of(service)
    ]
    for cost in costs:
        cost |= {"end": facts["service_end"]} if "service_end" in facts else {}
    if "evaluation_cost" in facts:
        start = {"start": facts["evaluation_start"]} if "evaluation_start" in facts else {}
        costs.append({"name": "Evaluation", "amount": float(facts["evaluation_cost"]), **start})
    return [*costs]


def _ranged(row: Any) -> Raw:
    return {"value": row.value, "low": row.low, "high": row.high, "note": row.label}
