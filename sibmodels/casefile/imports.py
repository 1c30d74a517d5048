"""A case file from a project of INDIGO: what the world's data set knows of it, and what it does not."""

from __future__ import annotations

import difflib
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from sibmodels.casefile.lay import fold
from sibmodels.casefile.problems import TAKEN
from sibmodels.casefile.sections import MOST, month_number, month_text
from sibmodels.indigo import Indigo, columns, shipped
from sibmodels.indigo import read as read_download
from sibmodels.messages import say
from sibmodels.tables import rows

__all__ = ["from_indigo"]

LONGEST_NAME = 48  # of an outcome, so that charts can show it


def from_indigo(identifier: str, download: str | Path | None = None) -> tuple[dict[str, Any], list[str]]:
    """What INDIGO knows of a project, as tables of a case file, and what it does not.

    Parameters
    ----------
    identifier : str
        Of the project, such as ``INDIGO-POJ-0042``.
    download : str or Path, optional
        Folder or zip file of the publisher's download; else the book's own extract, which has no
        metrics, prices and results.

    Returns
    -------
    known : dict
        Tables as a case file has them. An amount that INDIGO gives as a range is its middle, with the
        range; of dates the end of the whole project before that of the service, what happened before what
        was planned. What one outcome is paid makes it a rate card. Nothing is guessed: no outcome gets an
        expectation, because INDIGO has targets of people and results, and no expectations.
    notes : list of str
        What is not there, and where each figure that could be read otherwise is from.

    Raises
    ------
    KeyError
        For an unknown project; the message has those whose name holds the words, or the nearest ID.
    FileNotFoundError, ValueError
        As `sibmodels.indigo.read`, for what is no such download.

    Examples
    --------
    >>> known, notes = from_indigo("INDIGO-POJ-0042")
    >>> known["case"]["currency"], known["cohort"], known["timing"]
    ('JPY', {'people': 100}, {'start': '2017-07'})
    >>> notes[0]
    'timing.end: INDIGO has no date on which it ends, and no duration'
    """
    world = shipped() if download is None else read_download(download)
    if identifier not in world.projects.index:
        raise KeyError(_unknown(identifier, world.projects["name"]))
    row = {str(key): None if _empty(value) else value for key, value in world.projects.loc[identifier].items()}
    made = _Import(identifier, row, world, extract=download is None)
    for part in (made.about, made.people, made.calendar, made.money, made.outcomes, made.paid):
        part()
    for section in ("cost", "stakeholder"):
        made.note(section, "not_there")
    return made.known, made.notes


@dataclass(frozen=True)
class _Import:
    """One project on its way into a case file."""

    identifier: str
    row: dict[str, Any]
    world: Indigo
    extract: bool  # the book's own, which has no words of the publisher's
    known: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def currency(self) -> str | None:
        """The currency of what is paid, else of what is invested."""
        given: str | None = self.row["max_outcome_currency"] or self.row["investment_currency"]
        return given

    def note(self, place: str, what: str, **fields: object) -> None:
        self.notes.append(f"{place}: " + say(f"indigo.{what}", **fields))

    def put(self, section: str, key: str, value: Any) -> None:
        self.known.setdefault(section, {})[key] = value

    def about(self) -> None:
        """Name, country, sector, currency."""
        for key in ("name", "country", "sector"):
            if self.row[key] is None:
                self.note(f"case.{key}", "not_which")
            else:
                self.put("case", key, " ".join(self.row[key].split()))
        if self.currency is None:
            self.note("case.currency", "not_which")
        else:
            self.put("case", "currency", self.currency)

    def people(self) -> None:
        """As many as were aimed at; how many were reached is said."""
        aimed, reached = (
            None if self.row[key] is None else int(self.row[key]) for key in ("target_users", "actual_users")
        )
        if aimed is None and reached is None:
            self.note("cohort.people", "not_how_many")
            return
        self.put("cohort", "people", reached if aimed is None else aimed)
        if aimed is None:
            self.note("cohort.people", "only_reached", reached=reached)
        elif reached is not None:
            self.note("cohort.people", "also_reached", reached=reached, aimed=aimed)

    def calendar(self) -> None:
        """From the service's start to the end of the project."""
        start, end = self.row["service_start"], next((key for key in columns.ENDS if self.row[key]), None)
        months = next((key for key in ("months", "months_planned") if self.row[key]), None)
        if start is None:
            self.note("timing.start", "no_start")
        else:
            first = columns.month(start, "01")
            self.put("timing", "start", first)
            if len(start) == 4:
                self.note("timing.start", "only_year", year=start)
        if end is not None:
            last = columns.month(self.row[end], "12")
            if start is not None and month_number(last) < month_number(first):
                self.note("timing.end", "end_before_start", end=last)
                return
            self.put("timing", "end", last)
            self.note("timing.end", f"end_{end}")
            if len(self.row[end]) == 4:
                self.note("timing.end", "only_year", year=self.row[end])
        elif start is not None and months is not None:
            self.put("timing", "end", month_text(month_number(first) + round(self.row[months]) - 1))
            self.note("timing.end", f"end_{months}", months=self.row[months])
        else:
            self.note("timing.end", "no_end")

    def money(self) -> None:
        """What is invested, and the most that outcomes can be paid; nothing is converted."""
        invested, low, high = (self.row[key] for key in ("investment", "investment_min", "investment_max"))
        given = self.row["investment_currency"]
        amounts = [amount for amount in (invested, low, high) if amount is not None]
        if not amounts:
            self.note("investment.amount", "not_how_much")
        elif given != self.currency:
            self.note("investment.amount", "not_converted", amount=amounts[0], currency=given)
        elif invested is not None:
            self.put("investment", "amount", _plain(invested))
        elif low is not None and high is not None and low < high:
            ranged = {"value": _plain((low + high) / 2), "low": _plain(low), "high": _plain(high)}
            self.put("investment", "amount", ranged)
            self.note("investment.amount", "middle")
        else:
            self.note("investment.amount", "one_end", amount=amounts[0], currency=given)
        most = self.row["max_outcome_payment"]
        if most is None:
            self.note("contract", "not_most")
        else:
            prices = self._prices()
            key = "maximum" if prices is None or prices.empty else "cap"
            self.put("contract", key, _plain(most))
            self.note(f"contract.{key}", "most_of_outcomes")

    def outcomes(self) -> None:
        """What is measured, by name; with its price where there is one."""
        metrics = self._of(self.world.metrics)
        if metrics is None:
            self.note("outcome", "no_outcomes" if self.extract else "no_metrics_file", file=columns.METRICS)
            return
        if metrics.empty:
            self.note("outcome", "no_metrics")
            return
        if len(metrics) > MOST:
            self.note("outcome", "too_many", count=len(metrics), most=MOST)
        names = _names(metrics["definition"].head(MOST))
        prices, items = self._prices(), []
        for number, (metric, name) in enumerate(zip(rows(metrics.head(MOST)), names, strict=True), start=1):
            item: dict[str, Any] = {"name": name}
            if not pd.isna(metric.target_users):
                self.note(f"outcome.{number}", "target_people", name=name, people=int(metric.target_users))
            price = None if prices is None else prices[prices["metric"] == metric.metric]
            if price is not None and len(price):
                one = price.iloc[0]
                if len(price) > 1:
                    self.note(f"outcome.{number}.price", "prices", name=name, count=len(price))
                elif one["currency"] == self.currency and one["price"] > 0:
                    item |= {"unit": "people", "schedule": "rate card", "price": _plain(one["price"])}
                    if one["most"] and not pd.isna(one["most"]):
                        item["cap"] = _plain(one["most"])
                else:
                    self.note(f"outcome.{number}.price", "not_converted", amount=one["price"], currency=one["currency"])
            items.append(item)
        self.known["outcome"] = items
        if prices is None:
            self.note("outcome", "no_prices_file", file=columns.PRICES)
        elif prices.empty:
            self.note("outcome", "no_prices")
        self.note("outcome", "no_expectations")
        self._results(dict(zip(metrics["metric"], names, strict=False)))

    def _results(self, names: dict[str, str]) -> None:
        """The latest number reached of each, as a note: a result is no expectation."""
        results = self._of(self.world.results)
        if results is None:
            return
        reached = results.assign(reached=results["positive"].fillna(results["achieved"]).astype(float))
        for metric, part in reached.dropna(subset="reached").sort_values("end", kind="stable").groupby("metric"):
            last = part.iloc[-1]
            of = "" if pd.isna(last["engaged"]) else say("indigo.of_engaged", engaged=last["engaged"])
            by = say("indigo.by", end=last["end"]) if last["end"] else ""
            earlier = say("indigo.earlier", count=len(part) - 1) if len(part) > 1 else ""
            name = names.get(str(metric), str(metric))
            self.note("result", "reached", name=name, reached=last["reached"], of=of, by=by, earlier=earlier)

    def paid(self) -> None:
        """What has been paid, as notes."""
        if self.row["paid"] is not None:
            self.note("paid", "paid_in_all", amount=self.row["paid"], currency=self.row["paid_currency"])
        payments = self.world.payments[self.world.payments["project_id"] == self.identifier]
        for (kind, plan, currency), part in payments.groupby(["kind", "plan", "currency"]):
            what = {"kind": kind, "plan": f" ({plan})" if plan else "", "currency": currency}
            self.note("paid", "payments", **what, amount=part["amount"].sum(), count=len(part))

    def _prices(self) -> pd.DataFrame | None:
        return self._of(self.world.prices)

    def _of(self, table: pd.DataFrame | None) -> pd.DataFrame | None:
        return None if table is None else table[table["project_id"] == self.identifier]


def _names(definitions: pd.Series[str]) -> list[str]:
    """Short names, no two of them alike, from the first sentence of each definition."""
    names: list[str] = []
    taken = set(TAKEN)
    for definition in definitions:
        first = definition.split(". ")[0].split("\n")[0].strip(" .:;-") or definition
        short = textwrap.shorten(first, LONGEST_NAME, placeholder=" …") or "outcome"
        name, number = short, 1
        while fold(name) in taken:
            number += 1
            name = f"{short} {number}"
        taken.add(fold(name))
        names.append(name)
    return names


def _plain(number: float) -> float:
    """A whole number without a fraction."""
    return int(number) if float(number).is_integer() else float(number)


def _empty(value: Any) -> bool:
    return bool(pd.isna(value)) or value == ""


def _unknown(given: str, names: pd.Series[str]) -> str:
    """No project of that ID: those whose name has the words, or the nearest ID."""
    found = names[names.str.casefold().str.contains(given.strip().casefold(), regex=False)]
    if given.strip() and len(found):
        shown = say("language.semicolon").join(
            f"{identifier} {' '.join(name.split())}" for identifier, name in found.head(10).items()
        )
        more = say("indigo.more", count=len(found) - 10) if len(found) > 10 else ""
        return say("indigo.no_id", given=given, shown=shown, more=more)
    near = difflib.get_close_matches(given.strip().upper(), names.index, n=1)
    hint = say("indigo.near", near=near[0]) if near else ""
    return say("indigo.unknown", given=given, hint=hint)
