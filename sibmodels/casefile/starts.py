"""Where a case file can start: the book's four cases, published contracts, or a project of INDIGO."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, TypeAlias

import pandas as pd

from sibmodels import _arguments as check
from sibmodels import cases, tables
from sibmodels.casefile.model import CaseFile
from sibmodels.casefile.problems import build
from sibmodels.casefile.reading import loads
from sibmodels.casefile.sections import Raw, month_number, month_text
from sibmodels.messages import say
from sibmodels.rules import RULES
from sibmodels.tables import rows as rows_of

__all__ = ["contracts", "example", "from_indigo", "published"]


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


def from_indigo(identifier: str) -> tuple[dict[str, Any], list[str]]:
    """What INDIGO knows of a project, as tables of a case file, and what it does not.

    >>> known, missing = from_indigo("INDIGO-POJ-0042")
    >>> known["case"]["currency"], known["cohort"], len(missing)
    ('JPY', {'people': 100}, 5)
    """
    from sibmodels import indigo

    projects = indigo.shipped().projects
    if identifier not in projects.index:
        raise KeyError(_unknown(identifier, projects["name"]))
    row = projects.loc[[identifier]].iloc[0]
    known: dict[str, Any] = {"case": {"name": " ".join(row["name"].split())}}
    missing: list[str] = []

    def take(section: str, key: str, value: Any, what: str, **fields: object) -> None:
        if value is None or value == "" or pd.isna(value):
            missing.append(f"{section}.{key}: " + say(f"indigo.{what}", **fields))
        else:
            known.setdefault(section, {})[key] = value.item() if hasattr(value, "item") else value

    take("case", "country", row["country"], "not_which")
    take("case", "sector", row["sector"], "not_which")
    paid_in, put_in = row["max_outcome_currency"], row["investment_currency"]
    currency = paid_in if isinstance(paid_in, str) and paid_in else put_in
    take("case", "currency", currency, "not_which")
    people = None if pd.isna(row["target_users"]) else int(row["target_users"])
    take("cohort", "people", people, "not_how_many")
    start = row["service_start"] if isinstance(row["service_start"], str) and len(row["service_start"]) >= 7 else None
    if start:
        missing.append("timing: " + say("indigo.no_end", start=start[:7]))
    else:
        missing.append("timing: " + say("indigo.no_dates"))
    same = put_in == currency
    amount = row["investment"] if same else None
    take("investment", "amount", amount, "not_how_much", currency=currency or say("indigo.its_currency"))
    if not same and not pd.isna(row["investment"]):
        missing.append("investment: " + say("indigo.not_converted", amount=row["investment"], currency=put_in))
    take("contract", "maximum", row["max_outcome_payment"], "not_most")
    missing.append("outcome: " + say("indigo.no_outcomes"))
    missing.append("cost: " + say("indigo.not_there"))
    missing.append("stakeholder: " + say("indigo.not_there"))
    return known, missing


def _unknown(given: str, names: pd.Series[str]) -> str:
    """No project of that ID: those whose name has the words, or the nearest ID."""
    found = names[names.str.casefold().str.contains(given.strip().casefold(), regex=False)]
    if given.strip() and len(found):
        shown = "; ".join(f"{identifier} {' '.join(name.split())}" for identifier, name in found.head(10).items())
        more = say("indigo.more", count=len(found) - 10) if len(found) > 10 else ""
        return say("indigo.no_id", given=given, shown=shown, more=more)
    near = difflib.get_close_matches(given.strip().upper(), names.index, n=1)
    hint = say("indigo.near", near=near[0]) if near else ""
    return say("indigo.unknown", given=given, hint=hint)
