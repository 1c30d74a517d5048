"""What the data set says of the world's bonds: how many, what was promised and paid, what looks wrong."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd

from sibmodels import _arguments as check
from sibmodels import tables
from sibmodels.indigo.columns import (
    AMOUNTS,
    COLUMNS,
    DATES,
    ENDS,
    PAYMENTS,
    Loss,
    amount_of,
    month,
)

__all__ = ["Indigo", "counts", "doubts", "promised_and_paid", "years"]

Doubt: TypeAlias = tuple[str, str, float, str]  # project, column, value, why


@dataclass(frozen=True)
class Indigo:
    """The data set as three tidy tables.

    Attributes
    ----------
    projects : DataFrame
        Index ``id``; ``name``, ``country`` (ISO 3166 alpha-2, where the service is delivered, the first
        named), ``sector``, ``stage``, ``start_year`` and ``start_from`` (which of `DATES` gave it),
        ``signed``, ``all_signed``, ``service_start`` (YYYY, YYYY-MM or YYYY-MM-DD), its end: ``service_end``,
        ``months`` it took, ``completed`` (all of the project), each also as ``..._planned`` (or
        ``completion_planned``); ``investment``, or its range ``investment_min`` to ``investment_max``, in
        ``investment_currency``, ``investment_usd``, ``max_outcome_payment`` in ``max_outcome_currency``,
        ``paid`` in all by outcome payers in ``paid_currency``, ``target_users``, ``actual_users``.
    payments : DataFrame
        ``project_id``, ``kind`` (planned or actual), ``plan``, ``start``, ``end``, ``currency``,
        ``amount``, ``covid`` (whether its note names COVID).
    dropped : DataFrame
        Every filled cell of a column we read that is in neither: ``file``, ``row`` (the header is row 1),
        ``column``, ``value``, ``reason``.
    metrics, prices, results : DataFrame or None
        What is measured, what one of it is paid, what came out; by ``project_id`` and ``metric``. None where
        the download has no such file, and in the book's extract, which has no text of the publisher's.
    """

    projects: pd.DataFrame
    payments: pd.DataFrame
    dropped: pd.DataFrame
    metrics: pd.DataFrame | None = None
    prices: pd.DataFrame | None = None
    results: pd.DataFrame | None = None


def years(projects: pd.DataFrame, dated: Sequence[str] = DATES) -> pd.Series[int]:
    """The year of each project by the first of the dates that it has; none where it has none of them.

    Parameters
    ----------
    projects : DataFrame
        As in `Indigo`.
    dated : sequence of str
        Of `DATES`, the preferred first.

    Examples
    --------
    >>> from sibmodels.indigo import shipped
    >>> projects = shipped().projects
    >>> [int(years(projects, [date]).notna().sum()) for date in DATES]
    [294, 236, 40]
    """
    return _dated(projects, dated)[0]


def counts(
    projects: pd.DataFrame,
    by: str = "sector",
    starts: Sequence[int] = (2010, 2015, 2018, 2021),
    dated: Sequence[str] = DATES,
) -> pd.DataFrame:
    """Projects by kind and period.

    Parameters
    ----------
    projects : DataFrame
        As in `Indigo`; a part of it for one country.
    by : str
        A column of text, such as ``sector`` or ``country``.
    starts : sequence of int
        First year of each period, ascending; the last has no end.
    dated : sequence of str
        What dates a project: see `years`.

    Returns
    -------
    DataFrame
        A row a kind, most frequent first; a column a period, then ``undated`` (which counts also what is
        older than the first period) and ``all``.

    Examples
    --------
    >>> from sibmodels.indigo import shipped
    >>> projects = shipped().projects
    >>> counts(projects[projects["country"] == "JP"], starts=(2015, 2018, 2021)).loc["Health"].to_dict()
    {'2015–2017': 2, '2018–2020': 8, '2021 on': 1, 'undated': 0, 'all': 11}
    """
    check.one_of(by, projects.columns, "by", KeyError)
    starts = [check.whole(start, "starts") for start in starts]
    if not starts or starts != sorted(set(starts)):
        raise ValueError(f"starts are {starts}; at least one year is needed, each later than the one before")
    labels = [
        f"{start}–{after - 1}" if after > start + 1 else str(start) for start, after in itertools.pairwise(starts)
    ]
    labels.append(f"{starts[-1]} on")
    year = years(projects, dated)
    period = pd.Series("undated", index=projects.index)
    for start, label in zip(starts, labels, strict=True):
        period[(year >= start).fillna(False).astype(bool)] = label
    table = pd.crosstab(projects[by], period).reindex(columns=[*labels, "undated"], fill_value=0)
    table["all"] = table.sum(axis=1)
    table.columns.name = None
    return table.sort_values("all", ascending=False, kind="stable")


def promised_and_paid(payments: pd.DataFrame) -> pd.DataFrame:
    """What each project's plans promised and what is recorded as paid.

    Parameters
    ----------
    payments : DataFrame
        As in `Indigo`.

    Returns
    -------
    DataFrame
        A row a project: ``currency``; ``plans`` (number), ``replanned`` (more than one); ``first_plan``
        and ``latest_plan`` (all their amounts); ``paid_to`` (end of the last period with an actual
        payment recorded, zero or not); ``first_due`` and ``latest_due`` (amounts of these plans for
        periods that end by then); ``actual`` (all recorded), ``covid`` (of that, noted as COVID claims);
        ``ratio`` (actual over first_due); ``why_not`` (why it has no ratio, else empty).

        Nothing is discounted. A ratio is of those whose payments are published (chosen by them, or asked of
        them by a fund), plans included that were made in haste or mistyped: no success rate.

    Examples
    --------
    >>> from sibmodels.indigo import shipped
    >>> table = promised_and_paid(shipped().payments)
    >>> table["why_not"].value_counts().to_dict()
    {'': 29, 'no plan is published': 4}
    >>> print(table["ratio"].median().round(2))
    1.01
    """
    rows = {project: _compare(group) for project, group in payments.groupby("project_id")}
    columns = ["currency", "plans", "replanned", "first_plan", "latest_plan", "paid_to"]
    columns += ["first_due", "latest_due", "actual", "covid", "ratio", "why_not"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("project_id")


def doubts(world: Indigo) -> pd.DataFrame:
    """Values that are well formed and yet look wrong; they are left as they are.

    Returns
    -------
    DataFrame
        ``project_id``, ``column``, ``value``, ``why``. Two signs are looked for: projects whose payments
        of one kind add up to the same amount, of at least four digits before its zeros (payments that
        were dropped count too), which may be a copy; and an investment in dollars whose rate lies closer
        to the inverse of its currency's median than to the median (four projects at least).

    Examples
    --------
    >>> from sibmodels.indigo import shipped
    >>> doubts(shipped())["project_id"].tolist()
    ['INDIGO-POJ-0135', 'INDIGO-POJ-0136', 'INDIGO-POJ-0285']
    """
    found = [*_same_totals(world), *_inverse_rates(world.projects)]
    return pd.DataFrame(found, columns=["project_id", "column", "value", "why"])


def projects_table(records: list[dict[Any, Any]]) -> pd.DataFrame:
    """Projects by id, with the year each starts."""
    words = ["name", "country", "sector", "stage", "signed", "all_signed", "service_start", *ENDS]
    words += sorted({*AMOUNTS.values()})
    amounts, people = [*AMOUNTS, "investment_usd", "months", "months_planned"], ["target_users", "actual_users"]
    table = pd.DataFrame(records, columns=["id", *words, *amounts, *people]).set_index("id").sort_index()
    table.index = table.index.astype(str)
    table = table.astype(dict.fromkeys(words, str) | dict.fromkeys(amounts, float)).astype(
        dict.fromkeys(people, "Int64")
    )
    table["start_year"], table["start_from"] = _dated(table, DATES)
    order = ["name", "country", "sector", "stage", "start_year", "start_from", "signed", "all_signed", "service_start"]
    order += ["service_end", "service_end_planned", "months", "months_planned", "completed", "completion_planned"]
    order += ["investment", "investment_min", "investment_max", "investment_currency", "investment_usd"]
    order += ["max_outcome_payment", "max_outcome_currency", "paid", "paid_currency"]
    return table[order + people]


def payments_table(records: list[dict[Any, Any]]) -> pd.DataFrame:
    """Payments, planned and actual."""
    words = ["project_id", "kind", "plan", "start", "end", "currency"]
    table = pd.DataFrame(records, columns=[*words, "amount", "covid"])
    return table.astype(dict.fromkeys(words, str) | {"amount": float, "covid": bool})


def terms_table(file: str, records: list[dict[str, Any]]) -> pd.DataFrame:
    """What is measured, paid for or reached, as one of the files of `TERMS` has it."""
    names = ["project_id" if key == "id" else key for key in COLUMNS[file]]
    return pd.DataFrame([{"project_id": record["id"], **record} for record in records], columns=names)


def dropped_table(losses: list[Loss]) -> pd.DataFrame:
    """What could not be used, and why."""
    table = pd.DataFrame(losses, columns=["file", "row", "column", "value", "reason"])
    return table.astype(dict.fromkeys(["file", "column", "value", "reason"], str) | {"row": int})


def _dated(projects: pd.DataFrame, dated: Sequence[str]) -> tuple[pd.Series[int], pd.Series[str]]:
    """The year, and the column that gave it."""
    if isinstance(dated, str) or not len(dated):
        raise ValueError(f"dated is {dated!r}; a list of dates is needed, out of: {', '.join(DATES)}")
    year = pd.Series(pd.NA, index=projects.index, dtype="Int64")
    source = pd.Series("", index=projects.index, dtype=str)
    for column in dated:
        check.one_of(column, DATES, "dated")
        fill = year.isna() & (projects[column] != "")
        year[fill] = projects.loc[fill, column].str[:4].astype("Int64")
        source[fill] = column
    return year, source


def _plan_order(plan: str) -> float | None:
    """Where a plan stands among its project's plans; None if its name does not say."""
    named = {"": 0.0, "original plan": 0.0, "latest plan": math.inf}
    numbered = re.fullmatch(r"plan ?([0-9]+)", plan)
    return float(numbered[1]) if numbered else named.get(plan)


def _compare(group: pd.DataFrame) -> dict[str, Any]:
    """One project's row of `promised_and_paid`."""
    planned, actual = (group[group["kind"] == kind] for kind in ("planned", "actual"))
    plans = sorted(planned["plan"].unique(), key=lambda plan: (_plan_order(plan) or 0, plan))
    due = planned.assign(by=_ends(planned))
    paid_to = max(_ends(actual), default="")
    sums: dict[str, Any] = {
        "currency": "/".join(sorted(group["currency"].unique())),
        "plans": len(plans),
        "replanned": len(plans) > 1,
        "paid_to": paid_to,
        "actual": actual["amount"].sum() if len(actual) else math.nan,
        "covid": actual.loc[actual["covid"], "amount"].sum(),
    }
    for name, plan in (("first", plans[:1]), ("latest", plans[-1:])):
        of_plan = due[due["plan"].isin(plan)]
        sums[f"{name}_plan"] = of_plan["amount"].sum() if plan else math.nan
        sums[f"{name}_due"] = of_plan.loc[of_plan["by"] <= paid_to, "amount"].sum() if plan and paid_to else math.nan
    sums["why_not"] = _why_not(due, actual, plans, sums)
    sums["ratio"] = math.nan if sums["why_not"] else sums["actual"] / sums["first_due"]
    return sums


def _ends(payments: pd.DataFrame) -> list[str]:
    """When each payment's period ends: its start, where the end is not known."""
    return [
        month(end, "12") or month(start, "12") for start, end in zip(payments["start"], payments["end"], strict=True)
    ]


def _why_not(due: pd.DataFrame, actual: pd.DataFrame, plans: list[str], sums: Mapping[str, Any]) -> str:
    order = [_plan_order(plan) for plan in plans]
    if "/" in sums["currency"]:
        return "amounts are in several currencies"
    if actual.empty:
        return "no payment is recorded as made"
    if due.empty:
        return "no plan is published"
    if None in order or len(set(order)) < len(order):
        return "the order of its plans is not known"
    if not sums["paid_to"] or (due.loc[due["plan"] == plans[0], "by"] == "").any():
        return "payments are not dated"
    if not sums["first_due"]:
        return "nothing was planned for the periods that were paid"
    return ""


def _same_totals(world: Indigo) -> list[Doubt]:
    lost = world.dropped[world.dropped["file"] == PAYMENTS]
    lost = lost[~lost["reason"].str.startswith("the same as row")].pivot(index="row", columns="column", values="value")
    lost = lost.reindex(columns=[COLUMNS[PAYMENTS][key] for key in ("id", "amount")]).set_axis(["id", "amount"], axis=1)
    totals = world.payments.groupby(["project_id", "kind", "plan"])["amount"].sum().reset_index()
    found = list(zip(totals["project_id"], totals["amount"], strict=True))
    found += [(key, amount_of(cell)[0]) for key, cell in lost.dropna().itertuples(index=False)]
    carriers: dict[float, list[str]] = {}
    for project, amount in found:
        if amount and len(f"{amount:.2f}".replace(".", "").strip("0")) >= 4:
            carriers.setdefault(amount, []).append(project)
    return [
        (project, "amount", amount, f"the same total as {', '.join(sorted(set(projects) - {project}))}")
        for amount, projects in sorted(carriers.items())
        for project in sorted(set(projects))
        if len(set(projects)) > 1
    ]


def _inverse_rates(projects: pd.DataFrame) -> list[Doubt]:
    known = projects[(projects["investment"] > 0) & (projects["investment_usd"] > 0)]
    known = known.assign(rate=known["investment_usd"] / known["investment"])
    found = []
    for currency, group in known.groupby("investment_currency"):
        usual = group["rate"].median()
        for row in tables.rows(group):
            off, inverse = abs(math.log(row.rate / usual)), abs(math.log(row.rate * usual))
            if len(group) >= 4 and inverse < off > 0.1:  # rates drift by a tenth in a year
                why = f"{row.rate:.2f} USD to 1 {currency}; the median of such projects is {usual:.2f}"
                found.append((row.Index, "investment_usd", row.investment_usd, why))
    return found
