"""A case as its file has it, and the models that follow from it: its contract, its costs, its cash flows."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sibmodels import capital, cashflows, simulation
from sibmodels._arguments import Floats
from sibmodels.casefile.sections import (
    LISTS,
    NOT_GIVEN,
    PERIODS,
    SECTIONS,
    SINGLE,
    About,
    Actual,
    Break,
    Cohort,
    Cost,
    Figure,
    Group,
    Investment,
    Key,
    Measure,
    Payer,
    Saving,
    Stakeholder,
    Terms,
    Timing,
    Tranche,
    Uncertainty,
    keys,
    month_number,
    month_text,
)
from sibmodels.contracts import Contract, Outcome, PaymentSchedule, use_up
from sibmodels.messages import in_its_language, listed, month_said, say
from sibmodels.people import Card, Line, Metric
from sibmodels.rules import RULES

__all__ = ["CaseFile", "raw"]

ATTRIBUTES = {"case": "about", "contract": "terms", "break": "breaks"}
"""What a section is called in a `CaseFile`, where not as in the file."""


COMPARISON = "comparison"
WAYS = (False, True)  # of the people served, and of those compared with


@dataclass(frozen=True)
class Paid:
    """What a contract pays for by one figure: an outcome, or an outcome in one of the groups."""

    name: str
    measure: Measure
    group: Group | None = None


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
    group: tuple[Group, ...] = ()
    tranche: tuple[Tranche, ...] = ()
    breaks: tuple[Break, ...] = ()
    payer: Payer = field(default_factory=Payer)
    saving: tuple[Saving, ...] = ()
    actual: tuple[Actual, ...] = ()

    @property
    def language(self) -> str:
        """The language of what is said of this case; "" where its file names none."""
        return self.about.language

    @property
    def paid(self) -> tuple[Measure, ...]:
        """The outcomes that are paid for."""
        return tuple(measure for measure in self.outcome if measure.schedule != "none")

    @property
    def in_money(self) -> bool:
        """Whether payments are in money; per cent of a maximum that the file does not have, if not."""
        return self.terms.maximum is not None or all(one.weight is None for one in self.paid)

    @property
    @in_its_language
    def money(self) -> str:
        """What payments are in: the currency, or per cent."""
        return self.about.currency if self.in_money else say("terms.in_per_cent")

    @property
    def committed(self) -> float | None:
        """What investors commit in all; None where there is no limit."""
        if self.tranche:
            return sum(one.amount.value for one in self.tranche)
        return None if self.investment.amount is None else self.investment.amount.value

    @property
    def compared(self) -> bool:
        """Whether there is a comparison group."""
        return self.cohort.comparison is not None or any(one.comparison is not None for one in self.group)

    @property
    def has_calendar(self) -> bool:
        """Whether cash flows can be dated."""
        return bool(self.timing.start and self.timing.end)

    def contract(self) -> Contract:
        """The outcomes contract; an error where nothing is paid by results."""
        if not self.paid:
            raise ValueError(f"{self.about.name!r} pays for no outcome: every schedule is 'none'; there is no contract")
        terms = self.terms
        lines = self.lines()
        return Contract(
            self.about.name,
            self.about.currency,
            [
                Outcome(
                    line.name,
                    self._schedule(line.measure, line.group),
                    self.paying(line.measure),
                    None if line.measure.target is None else line.measure.target.value,
                    line.measure.unit if plain(line.measure) and not line.measure.card else "",
                    tuple(other.name for other in lines if other.measure.name == line.measure.instead_of),
                )
                for line in lines
            ],
            terms.fixed_payment.value,
            None if terms.cap is None else terms.cap.value,
        )

    def lines(self) -> list[Paid]:
        """What is paid for by one figure each: an outcome that is paid by group is there once a group."""
        return [
            Paid(f"{one.name}: {group.name}" if group else one.name, one, group)
            for one in self.paid
            for group in (self.group if one.groups == "each" and self.group else (None,))
        ]

    def most_paid(self) -> float:
        """The most that can be paid in all, by those who are measured; infinite where the contract sets no limit."""
        contract = self.contract()
        if contract.max_payment == math.inf:
            return math.inf
        earned = {}
        for line, one in zip(self.lines(), contract.outcomes, strict=True):
            reach = self._reach(line)
            earned[one.name] = one.schedule.max_payment if reach == math.inf else one.schedule.most(reach)
        return contract.most(earned)

    def people_of(self, one: Measure, group: Group | None = None) -> int:
        """People on whom an outcome is measured in a group, or in all of them."""
        return int(sum(figure.value for _, figure in self._sizes(one, group)))

    def most_people(self, one: Measure, group: Group | None = None) -> int:
        """As many as they may be: `people_of` at the high end of its range."""
        return int(sum(figure.value if figure.high is None else figure.high for _, figure in self._sizes(one, group)))

    def _sizes(self, one: Measure, group: Group | None = None) -> list[tuple[str, Figure]]:
        """The figures that say on how many people an outcome is measured, each with its key."""
        groups = [each for each in self.group if group in (None, each)]
        if groups:
            return [(f"group.{1 + self.group.index(each)}.people", each.people) for each in groups]
        if one.measured_on:
            return [(f"outcome.{1 + self.outcome.index(one)}.measured_on", one.measured_on)]
        return [("cohort.people", self.cohort.people)]

    def _reach(self, line: Paid) -> float:
        """The highest figure that an outcome can have: all people; a score, a difference or a card has no such end."""
        one = line.measure
        if one.card or not plain(one) or one.unit == "score":
            return math.inf
        return 1.0 if one.unit == "share" else self.most_people(one, line.group)

    def outlook(self) -> dict[str, tuple[float, float]]:
        """Expected performance of what is paid for, as `simulate` takes it."""
        return {one.name: (one.expected.value, self.uncertainty.sureness.value) for one in self.paid if one.expected}

    def measured_on(self, one: Measure) -> int:
        """People or events on whom an outcome is measured."""
        return int((one.measured_on or self.cohort.people).value)

    def performance(self, share: float | None = None) -> dict[str, Any]:
        """The figures that payment looks at: as expected, or with `share` of people succeeding."""
        return self.figures({name: self._expected(one, share) for name, one in self.results().items()})

    @staticmethod
    def _expected(one: simulation.Result | simulation.CardResult, share: float | None) -> float:
        if isinstance(one, simulation.CardResult):
            return one.people * (one.card.mean if share is None else share * one.card.most)
        rate = one.mean if share is None or one.comparison or one.spread is not None else share
        return rate * (one.people if one.is_count else 1)

    def results(self) -> dict[str, simulation.Result | simulation.CardResult]:
        """What is to be measured, and drawn: every result that a payment, a coupon or a break looks at."""
        asked = dict.fromkeys(base for line in self.lines() for base in self.bases(line.measure))
        asked |= dict.fromkeys(base for one in self.outcome if self._looked_at(one.name) for base in self.bases(one))
        compared = {base for one in self.outcome if COMPARISON in against(one) for base in self.bases(one)}
        found: dict[str, simulation.Result | simulation.CardResult] = {}
        for name in asked:
            for group in self.group or (None,):
                found[_key(name, group)] = self._result(self._named(name), group)
                if name in compared:
                    found[_key(name, group, True)] = self._compared(self._named(name), group)
        return found

    def _result(self, one: Measure, group: Group | None) -> simulation.Result | simulation.CardResult:
        people = self.people_of(one, group)
        sureness = self.uncertainty.sureness.value
        if one.card:
            return simulation.CardResult(self.card(one), people, sureness)
        mean = 0.0 if one.expected is None else one.expected.value
        mean = mean if group is None else group.expected.get(one.name, mean)
        spread = None if one.unit != "score" else 0.0 if one.spread is None else one.spread.value
        is_count = one.unit in ("people", "count") and plain(one)
        return simulation.Result(mean, people, sureness, is_count, spread, within=range_of(one.expected, mean, spread))

    def _compared(self, one: Measure, group: Group | None) -> simulation.Result:
        """The comparison group of an outcome: at its baseline, with the luck of its own people."""
        people = group.comparison if group and group.comparison else self.cohort.comparison
        if people is None or one.baseline is None:
            raise ValueError(f"{one.name!r} has no comparison group, or no baseline for it")
        spread = (one.spread.value if one.spread else 0.0) if one.unit == "score" else None
        base = one.baseline.value
        return simulation.Result(
            base, int(people.value), spread=spread, comparison=True, within=range_of(one.baseline, base, spread)
        )

    def measured_by(self, result: str) -> tuple[Measure, Group | None]:
        """The outcome that a result of `results` is of, and the group."""
        keys = {
            _key(one.name, group, way): (one, group)
            for one in self.outcome
            for group in self.group or (None,)
            for way in WAYS
        }
        return keys[result]

    def card(self, one: Measure) -> Card:
        """An outcome's rate card of several lines."""
        return Card(one.card, np.inf if one.person_cap is None else one.person_cap.value)

    def _named(self, name: str) -> Measure:
        return next(one for one in self.outcome if one.name == name)

    def bases(self, one: Measure) -> list[str]:
        """The outcomes with results of their own that an outcome's figure comes from."""
        if one.schedule == "fixed":
            return []
        named = [part for row in products(one) for part in row if isinstance(part, str)]
        named += [part for part in against(one) if isinstance(part, str) and part != COMPARISON]
        found = [[name] if name == one.name else self.bases(self._named(name)) for name in named]
        return list(dict.fromkeys(base for bases in found for base in bases))

    def figures(self, results: Mapping[str, Any] | pd.DataFrame) -> dict[str, Any]:
        """The figure of everything that is paid for, and of what a coupon or a break looks at, from `results`."""
        found = {line.name: self._figure(line.measure, line.group, results) for line in self.lines()}
        for one in self.outcome:
            if one.name not in found and self._looked_at(one.name):
                found[one.name] = self._figure(one, None, results)
        return found

    def _looked_at(self, name: str) -> bool:
        """Whether a coupon, a redemption, a break or what something is worth goes by an outcome."""
        terms = [getattr(one, key) for one in self.tranche for key in TERMS]
        named = [*(one.of for one in self.breaks), *(one.of for one in self.saving)]
        return name in named or any(isinstance(term, Mapping) and term.get("of") == name for term in terms)

    def _figure(self, one: Measure, group: Group | None, results: Mapping[str, Any] | pd.DataFrame) -> Any:
        """What an outcome's schedule looks at, in one group or in all."""
        if one.schedule == "fixed":
            return 0.0
        if plain(one):
            return self._pooled(one, group, results)
        names = {part for row in products(one) for part in row if isinstance(part, str)}
        other = self._dated(one.against, self._last(one, group))
        values = {name: self._value(name, one, group, results) for name in names}
        if other == COMPARISON:
            (base,) = self.bases(one)
            values[COMPARISON] = self._pooled(self._named(base), group, results, compared=True)
        elif isinstance(other, str):
            values[other] = self._value(other, one, group, results)
        figure = Metric(products(one), other, one.compare, one.rounded.value if one.rounded else 0.0)(values)
        if one.unit in ("people", "count"):
            return np.maximum(figure * self.people_of(one, group), 0.0)
        return figure

    def _value(self, name: str, asking: Measure, group: Group | None, results: Mapping[str, Any] | pd.DataFrame) -> Any:
        """A number that a figure is made of: an outcome's own result, or another outcome's figure."""
        other = self._named(name)
        return self._pooled(other, group, results) if name == asking.name else self._figure(other, group, results)

    def _pooled(
        self, one: Measure, group: Group | None, results: Mapping[str, Any] | pd.DataFrame, compared: bool = False
    ) -> Any:
        """A result of one group, or of all of them weighed by people; counts and money are added up."""
        if group is not None or not self.group:
            return results[_key(one.name, group, compared)]
        values = [results[_key(one.name, each, compared)] for each in self.group]
        if one.card or (one.unit in ("people", "count") and plain(one)):
            return sum(values)
        people = [(each.comparison if compared and each.comparison else each.people).value for each in self.group]
        return sum(size * value for size, value in zip(people, values, strict=True)) / sum(people)

    def draws(self, draws: int = 10_000, seed: int = 0) -> pd.DataFrame:
        """Simulated figures of everything that is paid for, and ``total_payment`` if everybody is served.

        What has a range is drawn from it, by `simulation.within`: 90 % of the draws lie inside. The range of an
        expectation is of the true rate or score; what is measured has the luck of so many people besides. Costs and
        numbers of people with a range have a column each, called by its key (``cost.1.amount``). Outcomes move
        together by rho; costs and people are independent of them and of each other. More or fewer people scale counts
        and what cards earn; luck, and what groups weigh, stay as with the number expected.
        """
        results, sizes = self.results(), self.doubts(draws, seed)
        rho = self.uncertainty.rho.value if len(results) > 1 else 0.0
        drawn: Any = simulation.measure(results, draws, rho=rho, seed=seed) if results else {}
        for name, one in results.items():
            if isinstance(one, simulation.CardResult):
                drawn[name] *= self._size(sizes, *self.measured_by(name))
            elif one.is_count:
                drawn[name] = np.rint(drawn[name] * self._size(sizes, *self.measured_by(name)))
        figures = self.figures(drawn)
        for line in self.lines():
            if line.measure.unit in ("people", "count") and not plain(line.measure):
                figures[line.name] = figures[line.name] * self._size(sizes, line.measure, line.group)
        table = pd.DataFrame(figures, index=pd.RangeIndex(draws))
        return table.assign(total_payment=self.total(table), **sizes)

    def doubts(self, draws: int = 10_000, seed: int = 0) -> dict[str, Floats]:
        """Draws of costs and of numbers of people that have a range, by key."""
        found: dict[str, Floats] = {}
        for number, (path, figure) in enumerate(figures(self)):
            key = ".".join(map(str, path))
            if path[0] == "cost" and not self.has_calendar:
                continue
            if figure.low is not None and figure.high is not None and path[-1] in DOUBTED.get(str(path[0]), ()):
                score = np.random.default_rng([seed, number]).standard_normal(draws)
                drawn = np.maximum(simulation.within(score, figure.value, figure.low, figure.high), 0.0)
                found[key] = drawn if path[0] == "cost" else np.maximum(np.rint(drawn), 1.0)
        return found

    def _size(self, sizes: Mapping[str, Floats], one: Measure, group: Group | None) -> Any:
        """How many times as many people as expected there are, in each draw."""
        asked = self._sizes(one, group)
        return sum(sizes.get(key, figure.value) for key, figure in asked) / sum(figure.value for _, figure in asked)

    def total(self, figures: Mapping[str, Any] | pd.DataFrame) -> Any:
        """What is paid in all if everybody is served, after every cap."""
        if self.terms.year_cap is None or not self.has_calendar:
            return self.contract().total(self.of_contract(figures))
        paid = self._earned(figures).sum(axis=1)
        return paid if np.ndim(figures[self.lines()[0].name]) else float(paid[0])

    def of_contract(self, figures: Mapping[str, Any] | pd.DataFrame) -> Any:
        """Of the figures, those that something is paid for."""
        names = [line.name for line in self.lines()]
        return figures[names] if isinstance(figures, pd.DataFrame) else {name: figures[name] for name in names}

    def paying(self, one: Measure) -> dict[str, float]:
        """Each payer's share of all that an outcome pays; where shares change, weighed by when it is paid."""
        if not by_date(one.payers):
            return dict(one.payers)
        months = one.measured or (self.timing.end,)
        found: dict[str, float] = {}
        for month, part in zip(months, self._parts(one, months), strict=True):
            for name, share in self._dated(one.payers, month).items():
                found[name] = found.get(name, 0.0) + part * share
        return {name: share / sum(found.values()) for name, share in found.items()}

    @staticmethod
    def _parts(one: Measure, months: tuple[str, ...]) -> tuple[float, ...]:
        return one.parts if len(one.parts) == len(months) else (1 / len(months),) * len(months)

    @staticmethod
    def _dated(term: Any, month: str) -> Any:
        """The value of a term in a month."""
        if not by_date(term):
            return term
        return term[max((start for start in term if start <= month), default=min(term))]

    def undated(self, one: Measure) -> bool:
        """Whether the file has no month in which an outcome is measured, so that the last is taken."""
        grouped = [group.measured for group in self.group] if one.groups == "each" else []
        return not one.measured and not (grouped and all(grouped))

    def _last(self, one: Measure, group: Group | None) -> str:
        """The month in which an outcome's figure is taken: the last in which it is measured."""
        return max((group.measured if group else ()) or one.measured or (self.timing.end,))

    def periods(self) -> list[str]:
        """The first month of each period, without those that a lag adds."""
        if not self.has_calendar:
            raise ValueError("timing.start and timing.end are missing; cash flows need both")
        step, first = PERIODS[self.timing.period], month_number(self.timing.start)
        return [month_text(first + step * n) for n in range((month_number(self.timing.end) - first) // step + 1)]

    def costs(self, drawn: Mapping[str, Any] | pd.DataFrame | None = None) -> Floats:
        """Cost due in each period: each item spread evenly over its periods; by scenario where `drawn` has costs."""
        given = {} if drawn is None else drawn
        keys = [f"cost.{number}.amount" for number in range(1, len(self.cost) + 1)]
        amounts = [
            np.asarray(given.get(key, item.amount.value), dtype=float)
            for key, item in zip(keys, self.cost, strict=True)
        ]
        due = np.zeros((*np.broadcast_shapes(*(amount.shape for amount in amounts)), len(self.periods())))
        for item, amount in zip(self.cost, amounts, strict=True):
            first = self._period(item.start or self.timing.start)
            last = self._period(item.end or self.timing.end)
            due[..., first : last + 1] += amount[..., None] / (last - first + 1)
        return due

    def payment_shares(self) -> dict[str, Floats]:
        """For each paid outcome, and the fixed payment: which share falls into which period."""
        shares, periods, parts = {}, len(self.periods()), {}
        dated = {}
        for line in self.lines():
            months = (line.group.measured if line.group else ()) or line.measure.measured or (self.timing.end,)
            dated[line.name], parts[line.name] = months, self._parts(line.measure, months)
        if self.terms.fixed_payment.value:
            dated["fixed payment"] = self.terms.fixed_paid or (self.timing.start,)
        for name, months in dated.items():
            shares[name] = np.zeros(periods)
            for month, part in zip(months, parts.get(name, (1 / len(months),) * len(months)), strict=True):
                shares[name][self._period(month)] += part
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
        """`flows` of many results, a mapping or table of performance by outcome; index ``scenario``, ``period``.

        Costs are as expected, or as columns of the table have them that are called by a cost's key.
        """
        if self.tranche:
            flows = self.waterfall(performance)
            names = [one.name for one in self.tranche]
            return flows.assign(investor=flows[names].sum(axis=1))[list(cashflows.PARTIES)]
        costs, payments = self.costs(performance), self._earned(performance)
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

    def waterfall(self, performance: Mapping[str, Any] | pd.DataFrame) -> pd.DataFrame:
        """Who pays whom, by tranche, in many results, by `sibmodels.waterfall`; index ``scenario``, ``period``."""
        costs, payments, lag = self.costs(performance), self._earned(performance), int(self.timing.lag.value)
        periods = costs.shape[-1] + lag
        breaks = [capital.Break(one.of, one.below.value, self._period(one.on), one.redemption) for one in self.breaks]
        ends, redemption = capital.ended(breaks, {one.of: performance[one.of] for one in breaks}, periods)
        ends, redemption = (np.broadcast_to(given, len(payments)) for given in (ends, redemption))
        layers = [self._layer(one, performance, periods) for one in self.tranche]
        terms: dict[str, Any] = {"fee": self.investment.fee.value, "lag": lag, "ends": ends, "redemption": redemption}
        flows = capital.waterfall(costs, payments, layers, **terms)
        share = _met(flows, (costs * (np.arange(costs.shape[-1]) <= ends[:, None])).sum(axis=1))
        if (share < 1).any():
            flows = capital.waterfall(costs, payments, layers, unserved=self._earned(performance, share), **terms)
        return flows

    def surplus(self, one: Tranche) -> float:
        """A tranche's share of what is left: if nothing is said all of it where it is alone, and nothing is owed."""
        alone = len(self.tranche) == 1 and not one.owed
        return float(alone) if one.surplus is None else one.surplus

    def _layer(self, one: Tranche, performance: Mapping[str, Any] | pd.DataFrame, periods: int) -> capital.Tranche:
        """A tranche with its rates a period, in each scenario."""
        step, first = PERIODS[self.timing.period], month_number(self.timing.start)
        months = [month_text(first + step * n) for n in range(periods)]

        def over(key: str, default: float) -> Floats:
            """By scenario and period, either of which may be one."""
            term = getattr(one, key)
            if isinstance(term, Mapping) and "of" in term:
                result = np.atleast_1d(np.asarray(performance[term["of"]], dtype=float))
                return np.asarray(scale_of(term)(result))[:, None]
            return np.array([[default if term is None else float(self._dated(term, month)) for month in months]])

        coupon = np.maximum(over("coupon", 0.0), over("coupon_least", -np.inf)) * step / 12
        redemption = over("redemption", 1.0)
        cap = np.inf if one.return_cap is None else (1 + one.return_cap.value) ** (step / 12) - 1
        return capital.Tranche(
            one.name,
            one.amount.value,
            one.drawn,
            np.broadcast_to(coupon, (len(coupon), periods)),
            np.broadcast_to(redemption, (len(redemption), periods)),
            one.distribute,
            one.owed,
            one.protected or 0.0,
            self.surplus(one),
            cap,
        )

    def _earned(self, performance: Mapping[str, Any] | pd.DataFrame, share: Floats | None = None) -> Floats:
        """Payment earned in each period, a row a scenario: if all are served, or, after the stop, by that share."""
        contract, dated = self.contract(), self.payment_shares()
        reached = {name: np.atleast_1d(np.asarray(performance[name], dtype=float)) for name in contract.names}
        full = contract.earned(reached)
        fixed = {"fixed payment": contract.fixed_payment} if "fixed payment" in dated else {}
        if share is None:
            earned = full | fixed
        else:
            earned = contract.earned({name: share * value for name, value in reached.items()})
            earned |= {line.name: np.zeros(1) for line in self.lines() if line.measure.schedule == "fixed"}
        if self.terms.cap_cuts == "latest first" or self.terms.year_cap is not None:
            due = sum(np.multiply.outer(amount, dated[name]) for name, amount in earned.items())
            return self._capped(np.asarray(due))
        total = sum(full.values()) + contract.fixed_payment
        paid = total if contract.cap is None else np.minimum(total, contract.cap)
        scale = np.divide(paid, total, out=np.ones_like(total), where=paid < total)
        return np.asarray(sum(np.multiply.outer(scale * amount, dated[name]) for name, amount in earned.items()))

    def _capped(self, due: Floats) -> Floats:
        """Payments by period, no more than the caps: year by year, then in all."""
        latest = self.terms.cap_cuts == "latest first"

        def under(part: Floats, cap: float) -> Floats:
            if latest:
                return use_up(part, cap)
            whole = part.sum(axis=1, keepdims=True)
            return np.asarray(part * np.divide(cap, whole, out=np.ones_like(whole), where=whole > cap))

        if self.terms.year_cap is not None:
            years = PERIODS[self.timing.period] * np.arange(due.shape[1]) // 12
            parts = [under(due[:, years == year], self.terms.year_cap.value) for year in range(years.max() + 1)]
            due = np.concatenate(parts, axis=1)
        return due if self.terms.cap is None else under(due, self.terms.cap.value)

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
        changed: dict[str, Any]
        if section in LISTS:
            items, at = list(part), int(rest[0]) - 1
            fields: dict[str, Any] = {rest[1]: figure}
            if "card" in rest:
                card = Card(items[at].card)
                fields = {"card": tuple(card.moved(card.lines[int(rest[2]) - 1].name, float(value)).lines)}
            items[at] = dataclasses.replace(items[at], **fields)
            changed = {name: tuple(items)}
        else:
            changed = {name: dataclasses.replace(part, **{rest[0]: figure})}
        return dataclasses.replace(self, **changed)

    def fixed_shared(self) -> str:
        """By which rule payers share the fixed payment, in words; nothing where there is none, or one payer."""
        if not self.terms.fixed_payment.value or not self.paid:
            return ""
        contract = self.contract()
        shares = {name: share for name, share in contract.fixed_shares().items() if share}
        if len(shares) < 2:
            return ""
        payers = listed(say("terms.payer_share", name=name, share=100 * share) for name, share in shares.items())
        return say(f"terms.fixed_{'by_most' if contract.weighed else 'alike'}", payers=payers)

    @in_its_language
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
        if shared := self.fixed_shared():
            found.append(say("gaps.no_fixed_payer", shared=shared))
        if self.has_calendar and (undated := [one for one in self.paid if self.undated(one)]):
            names = listed(one.name for one in undated)
            found.append(say("gaps.no_measured", names=names, month=month_said(self.timing.end)))
        without = [one.name for one in self.outcome if one.baseline is None and one.expected is not None]
        if without:
            found.append(say("gaps.no_baseline", names=listed(without)))
        if not self.compared:
            found.append(say("gaps.no_comparison"))
        if self.committed is None:
            found.append(say("gaps.no_amount"))
        elif self.paid and self.cost and self.has_calendar:
            costs, performance = self.costs(), self.performance()
            if (share := float(served(self.settled(performance), costs)[0])) < 1:
                what = "[[tranche]]" if self.tranche else "investment.amount"
                message = "gaps.money_short" if share else "gaps.money_none"
                found.append(say(message, what=what, amount=self.committed, share=100 * share))
        told = [one.name for one in self.outcome if one.baseline is not None or one.against is not None]
        whole = [one.name for one in self.saving if one.deadweight is None and one.of not in told]
        if whole:
            found.append(say("gaps.no_deadweight", names=listed(whole)))
        if not any(one.values for one in self.stakeholder):
            found.append(say("gaps.no_values"))
        return found

    @in_its_language
    def notes(
        self,
        called: Callable[[str], str] = str,
        written: Callable[[str, float], str] = lambda _, value: f"{value:.10g}",
    ) -> list[str]:
        """What ranges do not do: sides that are never used, because the value is their end, and sureness not asked.

        Figures are called by their keys, or as `called` and `written` say.
        """
        found = []
        for path, figure in figures(self):
            drawn = path[-1] in (*DOUBTED.get(str(path[0]), ()), "expected")
            if drawn and figure.low is not None and figure.high is not None and figure.low < figure.high:
                ends = {"lowest": figure.low, "highest": figure.high}
                key, value = ".".join(map(str, path)), figure.value
                said = {"key": called(key), "value": written(key, value)}
                found += [say(f"notes.{end}", **said) for end, at in ends.items() if at == value]
        if self.paid and not self.by_sureness and self.uncertainty.sureness.note != NOT_GIVEN:
            found.append(say("notes.sureness"))
        return found

    @property
    def by_sureness(self) -> bool:
        """Whether an expectation without a range is drawn as sure as `uncertainty.sureness` says."""
        return any(
            (isinstance(one, simulation.CardResult) and any(line.low is None for line in one.card.lines))
            or (isinstance(one, simulation.Result) and one.within is None and math.isfinite(one.concentration))
            for one in self.results().values()
        )

    def _period(self, month: str) -> int:
        return (month_number(month) - month_number(self.timing.start)) // PERIODS[self.timing.period]

    def _schedule(self, one: Measure, group: Group | None = None) -> PaymentSchedule:
        if one.card:  # what people earn by it is its figure
            most = self.most_people(one, group) * self.card(one).most
            most = most if one.cap is None else min(most, one.cap.value)
            return PaymentSchedule([(0.0, 0.0), (most, most)])
        figures = {key: getattr(one, key) for key in ("target", "floor", "price", "cap")}
        terms: dict[str, Any] = {key: figure.value for key, figure in figures.items() if figure is not None}
        terms |= {"points": one.points, "count": one.unit in ("people", "count")}
        most = self.terms.maximum.value if self.terms.maximum else 100.0
        if one.weight is not None:
            terms["amount"] = one.weight * most
        elif one.payment is not None:
            terms["amount"] = one.payment.value
        return RULES[one.schedule].make(terms)


TERMS = ("coupon", "coupon_least", "redemption")
"""The terms of a tranche that may go by a result."""


DOUBTED = {"cost": ("amount",), "cohort": ("people",), "group": ("people",), "outcome": ("measured_on",)}
"""Figures, besides expectations and baselines, that are drawn where they have a range; other terms are agreed on."""


def range_of(figure: Figure | None, mean: float, spread: float | None) -> tuple[float, float] | None:
    """The range of what is expected, as far from a group's own expectation; of a share, from 0 to 1."""
    if figure is None or figure.low is None or figure.high is None:
        return None
    low, high = (mean + end - figure.value for end in (figure.low, figure.high))
    return (low, high) if spread is not None else (min(max(low, 0.0), 1.0), min(max(high, 0.0), 1.0))


def plain(one: Measure) -> bool:
    """Whether an outcome's figure is its own result."""
    return one.of is None and one.against is None and one.rounded is None


def scale_of(term: Mapping[str, Any]) -> PaymentSchedule:
    """The schedule of a rate or share that goes by a result."""
    floor = term.get("floor", -math.inf)
    if "step" in term:
        return PaymentSchedule(term["step"], "step", floor)
    return PaymentSchedule(term["linear"], floor=floor)


def by_date(term: Any) -> bool:
    """Whether a term's value depends on the month."""
    return isinstance(term, Mapping) and bool(term) and all(re.fullmatch(r"\d{4}-\d\d", str(key)) for key in term)


def _key(name: str, group: Group | None, compared: bool = False) -> str:
    """What a result is called in draws."""
    return name + (f": {group.name}" if group else "") + (" (comparison)" if compared else "")


def products(one: Measure) -> tuple[tuple[str | float, ...], ...]:
    """What an outcome's figure adds up: its own result, where it says nothing else."""
    return ((one.of or one.name,),) if one.of is None or isinstance(one.of, str) else one.of


def against(one: Measure) -> list[Any]:
    """Everything that an outcome is set against, at one time or another."""
    return list(one.against.values()) if by_date(one.against) else [one.against] * (one.against is not None)


def served(flows: pd.DataFrame, costs: Floats) -> Floats:
    """The share of the costs that is met in each scenario of `CaseFile.settled`; 1 where there are no costs."""
    return _met(flows, costs.sum(axis=-1))


def _met(flows: pd.DataFrame, planned: Floats) -> Floats:
    """The share of what was planned that the provider got, in each scenario."""
    met = flows["provider"].to_numpy().reshape(-1, len(flows.index.unique("period"))).sum(axis=1)
    planned = np.broadcast_to(planned, met.shape)
    share = np.divide(met, planned, out=np.ones_like(met), where=planned > 0)
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
            for number, line in enumerate(getattr(item, "card", ()), start=1):
                yield (*path, "card", number, "expected"), Figure(line.expected, line.low, line.high)


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
    made |= {name: [section(item) for item in getattr(case, ATTRIBUTES.get(name, name))] for name in LISTS}
    return {name: part for name, part in made.items() if part}


def _plain(value: object) -> object:
    if isinstance(value, Figure):
        if not value.assumed and not value.note and not value.stated:
            return value.value
        given = {"value": value.value, "low": value.low, "high": value.high, "note": value.note}
        given |= dict(zip(("value", "low", "high", "in"), value.stated, strict=False))
        return {key: part for key, part in given.items() if part not in (None, "")}
    if isinstance(value, Line):
        shown = dataclasses.asdict(value)
        return {key: part for key, part in shown.items() if part is not None}
    if isinstance(value, tuple):
        return [list(item) if isinstance(item, tuple) else _plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value
