"""A case as its file has it, and the models that follow from it: its contract, its costs, its cash flows."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sibmodels import cashflows
from sibmodels._arguments import Floats
from sibmodels.casefile.sections import (
    LISTS,
    PERIODS,
    SECTIONS,
    SINGLE,
    About,
    Cohort,
    Cost,
    Figure,
    Investment,
    Key,
    Measure,
    Stakeholder,
    Terms,
    Timing,
    Uncertainty,
    keys,
    month_number,
    month_text,
)
from sibmodels.contracts import Contract, Outcome, PaymentSchedule
from sibmodels.messages import say
from sibmodels.rules import RULES

__all__ = ["CaseFile", "raw"]

ATTRIBUTES = {"case": "about", "contract": "terms"}
"""What a section is called in a `CaseFile`, where not as in the file."""


@dataclass(frozen=True)
class CaseFile:
    """One SIB, as its case file has it.

    Examples
    --------
    >>> from sibmodels.casefile import dumps, example, loads
    >>> kobe = example("kobe")
    >>> kobe.contract().max_payment
    34060000.0
    >>> loads(dumps(kobe)) == kobe
    True
    """

    about: About
    cohort: Cohort
    outcome: tuple[Measure, ...]
    timing: Timing = field(default_factory=Timing)
    terms: Terms = field(default_factory=Terms)
    investment: Investment = field(default_factory=Investment)
    uncertainty: Uncertainty = field(default_factory=Uncertainty)
    cost: tuple[Cost, ...] = ()
    stakeholder: tuple[Stakeholder, ...] = ()

    @property
    def paid(self) -> tuple[Measure, ...]:
        """The outcomes that are paid for."""
        return tuple(measure for measure in self.outcome if measure.schedule != "none")

    @property
    def in_money(self) -> bool:
        """Whether payments are in money; per cent of a maximum that the file does not have, if not."""
        return self.terms.maximum is not None or all(one.weight is None for one in self.paid)

    @property
    def money(self) -> str:
        """What payments are in: the currency, or per cent."""
        return self.about.currency if self.in_money else "% of the maximum"

    @property
    def has_calendar(self) -> bool:
        """Whether cash flows can be dated."""
        return bool(self.timing.start and self.timing.end)

    def contract(self) -> Contract:
        """The outcomes contract; an error where nothing is paid by results."""
        if not self.paid:
            raise ValueError(f"{self.about.name!r} pays for no outcome: every schedule is 'none'; there is no contract")
        terms = self.terms
        return Contract(
            self.about.name,
            self.about.currency,
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

    def most_paid(self) -> float:
        """The most that can be paid in all, by those who are measured; infinite where the contract sets no limit."""
        contract = self.contract()
        if contract.max_payment == math.inf:
            return math.inf
        reach = {one.name: 1.0 if one.unit == "share" else self.measured_on(one) for one in self.paid}
        most = sum(one.schedule.most(reach[one.name]) for one in contract.outcomes) + contract.fixed_payment
        return most if contract.cap is None else min(most, contract.cap)

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
        step, first = PERIODS[self.timing.period], month_number(self.timing.start)
        return [month_text(first + step * n) for n in range((month_number(self.timing.end) - first) // step + 1)]

    def costs(self) -> Floats:
        """Cost due in each period: each item spread evenly over its periods."""
        due = np.zeros(len(self.periods()))
        for item in self.cost:
            first = self._period(item.start or self.timing.start)
            last = self._period(item.end or self.timing.end)
            due[first : last + 1] += item.amount.value / (last - first + 1)
        return due

    def payment_shares(self) -> dict[str, Floats]:
        """For each paid outcome, and the fixed payment: which share falls into which period."""
        shares, periods = {}, len(self.periods())
        dated = {one.name: one.measured or (self.timing.end,) for one in self.paid}
        if self.terms.fixed_payment.value:
            dated["fixed payment"] = self.terms.fixed_paid or (self.timing.start,)
        for name, months in dated.items():
            shares[name] = np.zeros(periods)
            for month in months:
                shares[name][self._period(month)] += 1 / len(months)
        return shares

    def payments(self, performance: Mapping[str, float] | None = None) -> Floats:
        """Payment earned in each period if all are served; where the cap binds, every payment shrinks in proportion."""
        earned: Floats = self._earned(self.performance() if performance is None else performance)[0]
        return earned

    def flows(self, performance: Mapping[str, float] | None = None) -> pd.DataFrame:
        """Who pays whom in each period, by `sibmodels.cash_flows`; index ``period`` is its first month.

        Investors put in no more than ``investment.amount``, where the file has it. Where that does not suffice,
        the service stops; of what is measured later, the share of the costs met is taken to succeed, and a
        fixed payment that falls due later is not paid.
        """
        flows = self.settled(self.performance() if performance is None else performance).droplevel("scenario")
        step, first = PERIODS[self.timing.period], month_number(self.timing.start)
        return flows.set_axis(pd.Index([month_text(first + step * n) for n in range(len(flows))], name="period"))

    def settled(self, performance: Mapping[str, Any] | pd.DataFrame) -> pd.DataFrame:
        """`flows` of many results, a mapping or table of performance by outcome; index ``scenario``, ``period``."""
        costs, payments = self.costs(), self._earned(performance)
        committed = self.investment.amount
        terms: dict[str, Any] = {
            "fee": self.investment.fee.value,
            "guarantee": self.investment.guarantee.value,
            "lag": int(self.timing.lag.value),
            "distribute": self.investment.distribute,
            "committed": None if committed is None else committed.value,
        }
        flows = cashflows.cash_flows(costs, payments, **terms)
        share = served(flows, costs)
        if (share < 1).any():
            unserved = self._earned(performance, share)
            flows = cashflows.settled(costs, payments, unserved, **terms)
        return flows

    def _earned(self, performance: Mapping[str, Any] | pd.DataFrame, share: Floats | None = None) -> Floats:
        """Payment earned in each period, a row a scenario: if all are served, or, after the stop, by that share."""
        contract, dated = self.contract(), self.payment_shares()
        reached = {name: np.atleast_1d(np.asarray(performance[name], dtype=float)) for name in contract.names}
        full = {one.name: one.payment(reached[one.name]) for one in contract.outcomes}
        whole = sum(full.values()) + contract.fixed_payment
        paid = whole if contract.cap is None else np.minimum(whole, contract.cap)
        scale = np.divide(paid, whole, out=np.ones_like(whole), where=paid < whole)
        if share is None:
            earned = full | ({"fixed payment": contract.fixed_payment} if "fixed payment" in dated else {})
        else:
            earned = {one.name: one.payment(share * reached[one.name]) for one in contract.outcomes}
        total = sum(np.multiply.outer(scale * amount, dated[name]) for name, amount in earned.items())
        return np.asarray(total)

    def assumptions(self) -> pd.DataFrame:
        """Every figure with a range: ``key``, ``value``, ``low``, ``high``, ``note``."""
        rows = [
            (".".join(map(str, path)), figure.value, figure.low, figure.high, figure.note)
            for path, figure in figures(self)
            if figure.assumed
        ]
        return pd.DataFrame(rows, columns=["key", "value", "low", "high", "note"])

    def replace(self, key: str, value: float) -> CaseFile:
        """The same case with one figure changed; `key` as `assumptions` names it.

        >>> from sibmodels.casefile import example
        >>> example("kobe").replace("outcome.1.expected", 0.5).outlook()["completion"]
        (0.5, 10.0)
        """
        known = {".".join(map(str, path)): figure for path, figure in figures(self)}
        if key not in known:
            raise KeyError(f"key {key!r} is no figure of this case; there are {', '.join(known)}")
        figure = dataclasses.replace(known[key], value=float(value), low=None, high=None)
        section, *rest = key.split(".")
        name = ATTRIBUTES.get(section, section)
        part = getattr(self, name)
        if section in LISTS:
            items = list(part)
            items[int(rest[0]) - 1] = dataclasses.replace(items[int(rest[0]) - 1], **{rest[1]: figure})
            changed: dict[str, Any] = {name: tuple(items)}
        else:
            changed = {name: dataclasses.replace(part, **{rest[0]: figure})}
        return dataclasses.replace(self, **changed)

    def gaps(self) -> list[str]:
        """What is not in the file, and what therefore cannot be said."""
        found = []
        if not self.paid:
            found.append(say("gaps.no_outcome"))
        if not self.in_money:
            found.append(say("gaps.no_maximum"))
        if not self.has_calendar:
            found.append(say("gaps.no_calendar"))
        if not self.cost:
            found.append(say("gaps.no_cost"))
        without = [one.name for one in self.outcome if one.baseline is None]
        if without:
            found.append(say("gaps.no_baseline", names=", ".join(without)))
        if self.cohort.comparison is None:
            found.append(say("gaps.no_comparison"))
        if self.investment.amount is None:
            found.append(say("gaps.no_amount"))
        elif self.paid and self.cost and self.has_calendar:
            costs, performance = self.costs(), self.performance()
            if (share := float(served(self.settled(performance), costs)[0])) < 1:
                message, amount = "gaps.money_short" if share else "gaps.money_none", self.investment.amount.value
                found.append(say(message, amount=amount, share=100 * share))
        if not any(one.values for one in self.stakeholder):
            found.append(say("gaps.no_values"))
        return found

    def _period(self, month: str) -> int:
        return (month_number(month) - month_number(self.timing.start)) // PERIODS[self.timing.period]

    def _schedule(self, one: Measure) -> PaymentSchedule:
        figures = {key: getattr(one, key) for key in ("target", "floor", "price", "cap")}
        terms: dict[str, Any] = {key: figure.value for key, figure in figures.items() if figure is not None}
        terms |= {"points": one.points, "count": one.unit != "share"}
        most = self.terms.maximum.value if self.terms.maximum else 100.0
        if one.weight is not None:
            terms["amount"] = one.weight * most
        elif one.payment is not None:
            terms["amount"] = one.payment.value
        return RULES[one.schedule].make(terms)


def served(flows: pd.DataFrame, costs: Floats) -> Floats:
    """The share of the costs that is met in each scenario of `CaseFile.settled`; 1 where there are no costs."""
    whole = costs.sum()
    periods = len(flows.index.unique("period"))
    met = flows["provider"].to_numpy().reshape(-1, periods).sum(axis=1)
    share = met / whole if whole else np.ones_like(met)
    return np.where(share > 1 - 1e-9, 1.0, share)


def figures(case: CaseFile) -> Iterator[tuple[Key, Figure]]:
    """Every figure of a case with its path."""
    for section, kind in SECTIONS.items():
        part = getattr(case, ATTRIBUTES.get(section, section))
        items = [((section,), part)] if section in SINGLE else [((section, n), one) for n, one in enumerate(part, 1)]
        for path, item in items:
            for key in keys(kind):
                value = getattr(item, key)
                if isinstance(value, Figure):
                    yield (*path, key), value


def raw(case: CaseFile) -> dict[str, Any]:
    """The case as tables of plain values, without what was left out."""

    def section(part: Any) -> dict[str, Any]:
        shown = {}
        for one in dataclasses.fields(part):
            value, default = getattr(part, one.name), one.metadata["default"]
            if value is None or (not one.metadata["needed"] and value == default):
                continue
            shown[one.name] = _plain(value)
        return shown

    made: dict[str, Any] = {name: section(getattr(case, ATTRIBUTES.get(name, name))) for name in SINGLE}
    made |= {name: [section(item) for item in getattr(case, name)] for name in LISTS}
    return {name: part for name, part in made.items() if part}


def _plain(value: object) -> object:
    if isinstance(value, Figure):
        if not value.assumed and not value.note:
            return value.value
        given = {"value": value.value, "low": value.low, "high": value.high, "note": value.note}
        return {key: part for key, part in given.items() if part not in (None, "")}
    if isinstance(value, tuple):
        return [list(item) if isinstance(item, tuple) else item for item in value]
    return dict(value) if isinstance(value, Mapping) else value
