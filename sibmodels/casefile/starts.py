"""Where a case file can start: the book's four cases, or a project of INDIGO."""

from __future__ import annotations

import difflib

import pandas as pd

from sibmodels import cases
from sibmodels.casefile.model import CaseFile
from sibmodels.casefile.problems import build
from sibmodels.casefile.sections import month_number, month_text

__all__ = ["example", "from_indigo"]


def example(name: str) -> CaseFile:
    """One of the book's four cases as a case file, from the tables of ``data/``.

    What nobody published is left out, or is an assumption with its range. Yokohama's outcomes are
    measured and not paid for, so it has no contract.

    Examples
    --------
    >>> example("yokohama").paid
    ()
    >>> example("uk-provider-led").assumptions()["key"].tolist()[:2]
    ['uncertainty.sureness', 'uncertainty.rho']
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
        end = month_text(month_number(start) + int(float(facts["term"])) - 1)
        rate = _assumed(name, "sib_rate")
        measures = ["learning", "lifestyle", "relations"]
        return tables | {
            "timing": {"start": start, "end": end},
            "outcome": [{"name": one, "schedule": "none", "expected": rate} for one in measures],
            "cost": [{"name": "Operating cost", "amount": float(facts["operating_cost"])}],
        }
    terms = cases.table("contracts", name)
    if not (terms["unit"] == "share").any():  # else the maximum is not published
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
        "distribute": "as received",  # the interim payment was passed on to the funders
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
    from sibmodels import indigo

    projects = indigo.shipped().projects
    if identifier not in projects.index:
        raise KeyError(_unknown(identifier, projects["name"]))
    row = projects.loc[identifier]
    known: dict = {"case": {"name": " ".join(row["name"].split())}}
    missing = []

    def take(section: str, key: str, value, what: str) -> None:
        if value is None or value == "" or pd.isna(value):
            missing.append(f"{section}.{key}: INDIGO does not say {what}")
        else:
            known.setdefault(section, {})[key] = value.item() if hasattr(value, "item") else value

    take("case", "country", row["country"], "which")
    take("case", "sector", row["sector"], "which")
    paid_in, put_in = row["max_outcome_currency"], row["investment_currency"]
    currency = paid_in if isinstance(paid_in, str) and paid_in else put_in
    take("case", "currency", currency, "which")
    people = None if pd.isna(row["target_users"]) else int(row["target_users"])
    take("cohort", "people", people, "how many are aimed at")
    start = row["service_start"] if isinstance(row["service_start"], str) and len(row["service_start"]) >= 7 else None
    if start:
        missing.append(f"timing: the service started in {start[:7]} by INDIGO, which has no end")
    else:
        missing.append("timing: INDIGO has no month of start and no end")
    same = put_in == currency
    take("investment", "amount", row["investment"] if same else None, f"how much, in {currency or 'its currency'}")
    if not same and not pd.isna(row["investment"]):
        missing.append(f"investment: {row['investment']:,.0f} {put_in} is in another currency and was not converted")
    take("contract", "cap", row["max_outcome_payment"], "what can be paid at most")
    missing.append("outcome: names, rules, targets and expected performance are not in the book's extract")
    missing.append("cost: not in the book's extract")
    missing.append("stakeholder: not in the book's extract")
    return known, missing


def _unknown(given: str, names: pd.Series) -> str:
    """No project of that ID: those whose name has the words, or the nearest ID."""
    found = names[names.str.casefold().str.contains(given.strip().casefold(), regex=False)]
    if given.strip() and len(found):
        shown = "; ".join(f"{identifier} {' '.join(name.split())}" for identifier, name in found.head(10).items())
        more = f"; and {len(found) - 10} more" if len(found) > 10 else ""
        return f"{given!r} is no ID of INDIGO; give the ID of one of these: {shown}{more}"
    near = difflib.get_close_matches(given.strip().upper(), names.index, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return f"INDIGO project {given!r} is unknown{hint}; give an ID, or a word of the name to see which there are"
