"""What is known of the four cases, and what is assumed about them, from the tables of ``data/``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sibmodels import _arguments as check
from sibmodels import tables
from sibmodels.contracts import Contract, Outcome, PaymentSchedule
from sibmodels.rules import RULES

__all__ = [
    "Assumption",
    "assumption",
    "colours",
    "contract",
    "fact",
    "label",
    "names",
    "outlook",
    "performance",
    "table",
    "terms",
]


@dataclass(frozen=True)
class Assumption:
    """A number that nobody published: its central value, its range and its unit."""

    value: float
    low: float
    high: float
    unit: str


def names() -> list[str]:
    """The cases' identifiers.

    >>> names()
    ['yokohama', 'kobe', 'uk-commissioner-led', 'uk-provider-led']
    """
    return tables.read("cases")["case"].tolist()


def label(case: str, short: bool = True) -> str:
    """A case's name for charts and tables.

    >>> label("uk-provider-led")
    'UK provider-led'
    """
    return str(_case(case)["short" if short else "label"])


def colours(paper: str = "light") -> dict[str, str]:
    """What marks each case in charts and pages, on ``light`` or ``dark`` paper, as #rrggbb.

    >>> colours()["kobe"], colours("dark")["kobe"]
    ('#d55e00', '#f58a3c')
    """
    column = {"light": "colour", "dark": "dark"}[check.one_of(paper, ("light", "dark"), "paper")]
    return dict(tables.read("cases").set_index("case")[column])


def table(name: str, case: str) -> pd.DataFrame:
    """The rows of a table that are about one case; see `tables.names` for the tables.

    >>> table("contracts", "kobe")["outcome"].tolist()
    ['fixed payment', 'completion', 'lifestyle', 'renal', 'cap']
    """
    return _table(name, case)


def _table(name: str, case: str, *key: str) -> pd.DataFrame:
    rows = tables.read(name, about=(case, *key))
    if "case" not in rows.columns:
        raise ValueError(f"table {name!r} is not about cases; read it with tables.read")
    check.one_of(case, list(dict.fromkeys([*names(), *rows["case"]])), "case", KeyError)
    return rows[rows["case"] == case].drop(columns="case").reset_index(drop=True)


def fact(case: str, key: str, source: str | None = None) -> float | str:
    """One fact: a number, or text where its unit is text or date.

    Raises
    ------
    KeyError
        Where there is no such fact, or where sources disagree and `source` names none of them.

    Examples
    --------
    >>> fact("kobe", "served"), fact("kobe", "start")
    (105.0, '2017-07')
    >>> fact("kobe", "investment", source="tsukamoto2019")
    31540000.0
    """
    facts = table("facts", case)
    rows = facts[facts["key"] == key]
    if rows.empty:
        check.one_of(key, dict.fromkeys(facts["key"]), f"facts.csv, case {case!r}: key", KeyError)
    if source is not None:
        check.one_of(source, rows["source"], f"facts.csv, case {case!r}, key {key!r}: source", KeyError)
        rows = rows[rows["source"] == source]
    if rows["value"].nunique() > 1:
        found = ", ".join(f"{row.value} ({row.source})" for row in rows.itertuples())
        raise KeyError(f"facts.csv, case {case!r}: sources disagree on {key!r}: {found}; name one as source")
    row = rows.iloc[0]
    return row["value"] if row["unit"] in tables.NOT_A_NUMBER else float(row["value"])


def assumption(case: str, key: str) -> Assumption:
    """An assumption about a case, with its range.

    >>> assumption("kobe", "rho")
    Assumption(value=0.3, low=0.0, high=0.8, unit='share')
    """
    rows = _table("assumptions", case, key)
    check.one_of(key, rows["key"], f"assumptions.csv, case {case!r}: key", KeyError)
    row = rows[rows["key"] == key].iloc[0]
    return Assumption(float(row["value"]), float(row["low"]), float(row["high"]), row["unit"])


def contract(case: str) -> Contract:
    """A case's outcomes contract, built from ``contracts.csv`` and ``payers.csv``.

    Where only shares of the payment are published, amounts are for every 100 of the maximum (the
    assumption ``maximum``). A target that is not published is the assumption ``target_`` and the outcome.

    Examples
    --------
    >>> contract("kobe").max_payment
    34060000.0
    >>> contract("uk-provider-led").weights().to_dict()
    {'secondary care': 0.6, 'primary care': 0.15, 'social care': 0.125, 'wellbeing': 0.125}
    """
    info, agreed = _case(case), terms(case)
    if agreed.empty:
        having = dict.fromkeys(tables.read("contracts")["case"])
        raise ValueError(f"{info['short']} has no outcomes contract; the cases with one are {', '.join(having)}")
    foreign = sorted(set(agreed["currency"]) - {"", info["currency"]})
    if foreign:
        raise ValueError(f"contracts.csv, case {case!r}: currency {foreign} beside {info['currency']}; one is allowed")
    if (agreed["unit"] == "share").any():
        agreed["value"] *= assumption(case, "maximum").value
    single = {kind: agreed.loc[agreed["schedule"] == kind, "value"] for kind in ("fixed", "cap")}
    outcomes = [
        Outcome(term.outcome, _schedule(term), _payers(case, term.outcome), term.target, term.metric)
        for term in tables.rows(agreed)
        if term.schedule not in single
    ]
    cap = None if single["cap"].empty else float(single["cap"].iloc[0])
    return Contract(info["label"], info["currency"], outcomes, float(single["fixed"].sum()), cap)


def terms(case: str) -> pd.DataFrame:
    """What a case's contract says, outcome by outcome: ``contracts.csv``, its unpublished targets from the assumptions.

    >>> terms("uk-commissioner-led")[["outcome", "target"]].values.tolist()
    [['demand', 0.6], ['wellbeing', 0.6]]
    """
    agreed = table("contracts", case)
    for term in tables.rows(agreed):
        if math.isnan(term.target) and term.schedule in RULES and "target" in RULES[term.schedule].needs:
            agreed.loc[term.Index, "target"] = assumption(case, f"target_{term.outcome}").value
    return agreed


def performance(case: str) -> dict[str, float]:
    """What a case achieved, by outcome; published for Kobe only.

    >>> performance("kobe")
    {'completion': 1.0, 'lifestyle': 0.95, 'renal': 0.329}
    """
    rows = table("results", case)
    if rows.empty:
        having = ", ".join(dict.fromkeys(tables.read("results")["case"]))
        raise ValueError(f"results.csv has no row for {case!r}: no results are published; there are some for {having}")
    return dict(zip(rows["outcome"], rows["value"], strict=True))


def outlook(case: str) -> dict[str, tuple[float, float]]:
    """Assumed performance by outcome, as `simulate` takes it: (mean, concentration).

    >>> outlook("uk-commissioner-led")
    {'demand': (0.5, 10.0), 'wellbeing': (0.5, 10.0)}
    """
    concentration = assumption(case, "concentration").value
    return {name: (assumption(case, f"mean_{name}").value, concentration) for name in contract(case).names}


def _case(case: str) -> pd.Series[str]:
    check.one_of(case, names(), "case", KeyError)
    rows = tables.read("cases")
    return rows[rows["case"] == case].iloc[0]


def _payers(case: str, outcome: str) -> dict[str, float]:
    rows = table("payers", case)
    rows = rows[rows["outcome"] == outcome]
    if rows.empty:
        raise ValueError(f"payers.csv has no row for case {case!r} and outcome {outcome!r}; at least one is needed")
    return dict(zip(rows["payer"], rows["value"], strict=True))


def _schedule(term: Any) -> PaymentSchedule:
    """The payment schedule of a row that has a rule's name and its numbers; `value` is its amount or its price."""
    terms = {"target": term.target, "floor": term.floor, "amount": term.value, "price": term.value}
    return RULES[term.schedule].make({key: value for key, value in terms.items() if not pd.isna(value)})
