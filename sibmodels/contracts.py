"""Outcomes contracts: what is paid for what performance.

Every published payment rule met so far is a function of one performance figure, piecewise linear or
a step: a threshold, proportional to a target, tiers, a coupon scale, a rate card with a cap. One
type, `PaymentSchedule`, covers them all; an `Outcome` says who pays by it, a `Contract` adds them up.

Left out: the time value of money (see `cashflows`), and figures made of several results (see `people`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sibmodels import _arguments as check
from sibmodels._arguments import Floats

__all__ = ["COUNTS", "Contract", "Dated", "Outcome", "PaymentSchedule", "capped_expectation", "use_up"]

COUNTS = ("people", "count", "days")
"""Units in which performance is a count."""

FIXED = "fixed payment"
RESERVED = (FIXED, "total_payment")

# performance of every outcome once, which earns numbers, and in a table with a row a scenario
Figures: TypeAlias = "Mapping[str, float] | pd.Series[Any]"
Performance: TypeAlias = "Mapping[str, ArrayLike] | pd.Series[Any] | pd.DataFrame"


@dataclass(frozen=True)
class Dated:
    """A term that changes: each value holds from its period until the next.

    Parameters
    ----------
    values : mapping of int to value
        By period, from 0 on.

    Examples
    --------
    >>> Dated({0: 0.05, 2: 0.0}).over(4)
    [0.05, 0.05, 0.0, 0.0]
    """

    values: Mapping[int, Any]

    def __post_init__(self) -> None:
        if not self.values or min(self.values) > 0:
            raise ValueError(f"a dated term has values from {sorted(self.values)} on; it needs one at the start, 0")

    def at(self, period: int) -> Any:
        """The value in a period."""
        return self.values[max(start for start in self.values if start <= period)]

    def over(self, periods: int) -> list[Any]:
        """The value in each period."""
        return [self.at(period) for period in range(periods)]


def use_up(amounts: ArrayLike, cap: float, axis: int = -1) -> Floats:
    """What of each amount is paid where a cap is used up in time: later amounts earn what it has left.

    Parameters
    ----------
    amounts : array_like
        In order along `axis`, each at least 0.
    cap : float
        The most that is paid in all.
    axis : int, optional
        Along which time runs.

    Examples
    --------
    >>> use_up([40, 40, 40], cap=100).tolist()
    [40.0, 40.0, 20.0]
    """
    amounts = check.numbers(amounts, "amounts")
    cap = check.number(cap, "cap", low=0)
    return np.diff(np.minimum(np.cumsum(amounts, axis), cap), axis=axis, prepend=0.0)


def capped_expectation(prices: ArrayLike, chances: ArrayLike, cap: float) -> float:
    """Expected payment for one person who reaches each outcome by its own chance, with a cap on the sum: exact.

    Parameters
    ----------
    prices, chances : array_like
        By outcome; outcomes are independent.
    cap : float
        The most that is paid for a person.

    Examples
    --------
    >>> q = 0.3
    >>> round(capped_expectation([1, 1, 1], [q, q, q], 2) - (3 * q - q**3), 12) + 0.0
    0.0
    """
    prices, chances = check.numbers(prices, "prices"), check.numbers(chances, "chances")
    if prices.ndim != 1 or prices.shape != chances.shape:
        raise ValueError(f"prices have shape {prices.shape} and chances {chances.shape}; one of each an outcome")
    if (prices < 0).any() or (chances < 0).any() or (chances > 1).any():
        raise ValueError("prices are at least 0, and chances lie between 0 and 1")
    cap = check.number(cap, "cap", low=0)
    law = {0.0: 1.0}  # what is earned, folded at the cap, and how likely that is
    for price, chance in zip(prices.tolist(), chances.tolist(), strict=True):
        after: dict[float, float] = {}
        for earned, share in law.items():
            for amount, part in ((earned, 1 - chance), (min(round(earned + price, 9), cap), chance)):
                after[amount] = after.get(amount, 0.0) + share * part
        law = after
    return float(sum(min(amount, cap) * share for amount, share in law.items()))


@dataclass(frozen=True)
class PaymentSchedule:
    """Payment as a function of one performance figure.

    Parameters
    ----------
    points : sequence of (performance, payment)
        In strictly increasing order of performance. Payments may fall, and may be negative: then the
        investors pay the outcome payer.
    interpolation : {"linear", "step"}
        ``linear`` interpolates between points and is flat before the first and after the last.
        ``step`` pays the payment of the highest point that is at most the performance, and 0 below
        the first point.
    floor : float, optional
        Below this performance nothing is paid.
    is_count : bool, optional
        Performance is a count, which cannot be negative: a rate card.
    unlimited : bool, optional
        Go on along the last segment instead of staying flat: a rate card without a cap.

    Examples
    --------
    >>> tiers = PaymentSchedule([(0.05, 1_000), (0.10, 4_000)], "step")
    >>> tiers([0.04, 0.05, 0.12]).tolist()
    [0.0, 1000.0, 4000.0]
    >>> PaymentSchedule.proportional(target=0.80, payment=7.86)(0.329).round(2)
    np.float64(3.23)
    """

    points: Sequence[tuple[float, float]]
    interpolation: Literal["linear", "step"] = "linear"
    floor: float = -math.inf
    is_count: bool = False
    unlimited: bool = False

    def __post_init__(self) -> None:
        check.one_of(self.interpolation, ("linear", "step"), "interpolation")
        points = check.numbers(list(self.points) if np.iterable(self.points) else [], "points")
        if self.floor != -math.inf:
            check.number(self.floor, "floor")
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"points are {self.points!r}; a list of (performance, payment) is needed")
        falls = np.flatnonzero(np.diff(points[:, 0]) <= 0)
        if falls.size:
            before, after = points[falls[0] : falls[0] + 2, 0]
            raise ValueError(f"points: performance {after:g} follows {before:g}; it must increase from point to point")
        if self.unlimited and (self.interpolation == "step" or len(points) < 2):
            raise ValueError("unlimited is True; that needs linear interpolation and two points or more")
        object.__setattr__(self, "points", tuple((float(x), float(y)) for x, y in points))

    @classmethod
    def threshold(cls, trigger: float, payment: float) -> PaymentSchedule:
        """All of `payment` from `trigger` on, nothing below it.

        >>> PaymentSchedule.threshold(trigger=0.10, payment=5.0)([0.084, 0.10]).tolist()
        [0.0, 5.0]
        """
        return cls([(trigger, payment)], "step")

    @classmethod
    def proportional(cls, target: float, payment: float, floor: float = 0.0) -> PaymentSchedule:
        """`payment` times performance / `target`: 0 below `floor`, never more than `payment`.

        >>> PaymentSchedule.proportional(target=0.8, payment=100.0, floor=0.2)([0.1, 0.4, 0.9]).tolist()
        [0.0, 50.0, 100.0]
        """
        target = check.number(target, "target", above=0)
        floor = check.number(floor, "floor", low=0, high=target)
        return cls([(0.0, 0.0), (target, payment)], floor=floor)

    @classmethod
    def rate_card(cls, price: float, cap: float | None = None) -> PaymentSchedule:
        """`price` for each outcome counted, up to `cap` in money (no limit if None).

        >>> PaymentSchedule.rate_card(price=15.12)(41_070).round(2)
        np.float64(620978.4)
        >>> PaymentSchedule.rate_card(price=500.0, cap=1_200.0)([2, 3]).tolist()
        [1000.0, 1200.0]
        """
        price = check.number(price, "price", above=0)
        if cap is None:
            return cls([(0.0, 0.0), (1.0, price)], is_count=True, unlimited=True)
        cap = check.number(cap, "cap", above=0)
        return cls([(0.0, 0.0), (cap / price, cap)], is_count=True)

    @overload
    def __call__(self, performance: float) -> float: ...
    @overload
    def __call__(self, performance: Sequence[float] | pd.Series[Any]) -> Floats: ...
    @overload
    def __call__(self, performance: ArrayLike) -> Any: ...
    def __call__(self, performance: ArrayLike) -> Any:
        """Payment for each performance (scalar or array), in the contract's currency."""
        performance = check.numbers(performance, "performance")
        if self.is_count and (performance < 0).any():
            raise ValueError(f"performance is {performance.min():g}; a count cannot be negative")
        x, y = np.array(self.points).T
        if self.interpolation == "step":
            payment = np.concatenate([[0.0], y])[np.searchsorted(x, performance, side="right")]
        else:
            payment = np.interp(performance, x, y)
            if self.unlimited:
                slope = (y[-1] - y[-2]) / (x[-1] - x[-2])
                payment = payment + slope * np.maximum(performance - x[-1], 0.0)
        # + 0.0 turns a NumPy array of no dimensions into a scalar
        return np.where(performance < self.floor, 0.0, payment) + 0.0

    @property
    def max_payment(self) -> float:
        """The most that any performance can earn; infinite for a rate card without a cap."""
        payments = [payment for _, payment in self.points]
        if self.unlimited and payments[-1] > payments[-2]:
            return math.inf
        reachable = [payment for performance, payment in self.points if performance >= self.floor]
        if self.floor > -math.inf:
            reachable += [0.0, float(self(self.floor))]
        return max([*reachable, 0.0] if self.interpolation == "step" else reachable)

    def most(self, high: float, low: float = 0.0) -> float:
        """The most that a performance from `low` to `high` can earn; `max_payment` may be out of reach.

        >>> PaymentSchedule([(0.0, 0.0), (2.0, 100.0)]).most(1.0)
        50.0
        """
        turns = [low, high, self.floor, *(performance for performance, _ in self.points)]
        return float(self([turn for turn in turns if low <= turn <= high]).max())


@dataclass(frozen=True)
class Outcome:
    """One thing that a contract pays for.

    Parameters
    ----------
    name : str
    schedule : PaymentSchedule
    payers : mapping of str to float
        Each outcome payer's share of the payment; the shares sum to 1.
    target : float, optional
        The performance aimed at, in the metric's own unit. For the reader: payment follows `schedule`.
    unit : str, optional
        Unit of performance. A ``share`` must lie in [0, 1] and a count (`COUNTS`) cannot be negative.
    instead_of : sequence of str, optional
        Outcomes listed before it in a contract: this one pays what it earns less what those have paid, at least 0.
    """

    name: str
    schedule: PaymentSchedule
    payers: Mapping[str, float] = field(default_factory=lambda: {"outcome payer": 1.0})
    target: float | None = None
    unit: str = ""
    instead_of: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not isinstance(self.schedule, PaymentSchedule):
            raise ValueError(f"schedule of outcome {self.name!r} is {self.schedule!r}; a PaymentSchedule is needed")
        if self.unit in ("%", "per cent", "percent"):
            raise ValueError(f"unit of outcome {self.name!r} is {self.unit!r}; give a 'share' (0.329 for 32.9 %)")
        if not hasattr(self.payers, "values") or not len(self.payers):
            raise ValueError(f"payers of outcome {self.name!r} are {self.payers!r}; a mapping to shares is needed")
        check.shares(list(self.payers.values()), f"payers' shares of outcome {self.name!r}")

    @property
    def is_count(self) -> bool:
        """Whether performance counts people or events, rather than being a rate or a score."""
        return self.unit in COUNTS or (self.schedule.is_count and self.unit != "share")

    @overload
    def payment(self, performance: float) -> float: ...
    @overload
    def payment(self, performance: Sequence[float] | pd.Series[Any]) -> Floats: ...
    @overload
    def payment(self, performance: ArrayLike) -> Any: ...
    def payment(self, performance: ArrayLike) -> Any:
        """Payment for `performance`, after checking that it makes sense in the outcome's unit."""
        name = f"performance of {self.name!r}"
        performance = check.numbers(performance, name)
        if self.unit == "share" and ((performance < 0) | (performance > 1)).any():
            bad = performance[(performance < 0) | (performance > 1)].flat[0]
            raise ValueError(f"{name} is {bad:g}; a share lies between 0 and 1 (0.329 for 32.9 %)")
        if self.is_count and (performance < 0).any():
            raise ValueError(f"{name} is {performance.min():g}; a count cannot be negative")
        return self.schedule(performance)


@dataclass(frozen=True)
class Contract:
    """An outcomes contract: outcomes, perhaps a fixed payment, perhaps a cap on everything.

    Parameters
    ----------
    name : str
    currency : str
        ISO 4217 code of every amount in the contract.
    outcomes : sequence of Outcome
        With different names.
    fixed_payment : float, optional
        Paid whatever the performance. Outcome payers share it as they share the maximum outcome payment
        (or evenly over outcomes, where that maximum is 0 or has no limit).
    cap : float, optional
        The most that is paid in all, fixed payment included.

    Examples
    --------
    >>> kobe = Contract(
    ...     "Two outcomes", "JPY",
    ...     [Outcome("completion", PaymentSchedule.proportional(0.8, 60.0), {"city": 1.0}),
    ...      Outcome("kidney", PaymentSchedule.proportional(0.8, 40.0), {"city": 0.5, "state": 0.5})],
    ...     fixed_payment=10.0)
    >>> kobe.total({"completion": 1.0, "kidney": 0.4})
    90.0
    >>> kobe.by_payer({"completion": 1.0, "kidney": 0.4}).to_dict()
    {'city': 78.0, 'state': 12.0}
    """

    name: str
    currency: str
    outcomes: Sequence[Outcome]
    fixed_payment: float = 0.0
    cap: float | None = None

    def __post_init__(self) -> None:
        currency = self.currency
        if not (isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isupper()):
            raise ValueError(f"currency is {currency!r}; one ISO 4217 code such as 'GBP' or 'JPY' is needed")
        object.__setattr__(self, "outcomes", tuple(self.outcomes))
        names = self.names
        if not names:
            raise ValueError(f"outcomes of {self.name!r} are empty; at least one is needed")
        if len(set(names)) < len(names) or set(RESERVED) & set(names):
            raise ValueError(f"outcomes are named {names}; names must differ, and none be {' or '.join(RESERVED)}")
        for place, outcome in enumerate(self.outcomes):
            if unknown := [name for name in outcome.instead_of if name not in names[:place]]:
                raise ValueError(f"outcome {outcome.name!r} is instead of {unknown}, which must stand before it")
        object.__setattr__(self, "fixed_payment", check.number(self.fixed_payment, "fixed_payment"))
        if self.cap is not None:
            object.__setattr__(self, "cap", check.number(self.cap, "cap", above=0))

    @property
    def names(self) -> list[str]:
        """The outcomes' names, in order."""
        return [outcome.name for outcome in self.outcomes]

    def payments(self, performance: Performance) -> pd.DataFrame:
        """What each outcome earns, before the aggregate cap.

        Parameters
        ----------
        performance : mapping, Series or DataFrame
            Performance by outcome name, each a number or an array (one value a scenario).

        Returns
        -------
        DataFrame
            Index ``outcome``; columns ``performance`` and ``payment``. A fixed payment is a row of its
            own, without a performance. With arrays the index has a second level, ``scenario``.
        """
        earned, shape = self._earned(performance)
        columns: dict[str, tuple[Floats, Any]] = {
            name: (np.asarray(performance[name], dtype=float), paid) for name, paid in earned.items()
        }
        if self.fixed_payment:
            columns[FIXED] = (np.array(np.nan), np.array(float(self.fixed_payment)))
        if not shape:
            table = pd.DataFrame(
                [(float(x), float(y)) for x, y in columns.values()],
                index=pd.Index(columns, name="outcome"),
                columns=["performance", "payment"],
            )
            return table
        return pd.concat(
            {
                name: pd.DataFrame(
                    {"performance": np.broadcast_to(x, shape), "payment": np.broadcast_to(y, shape)},
                    index=_scenarios(performance),
                )
                for name, (x, y) in columns.items()
            },
            names=["outcome", "scenario"],
        )

    @overload
    def total(self, performance: Figures) -> float: ...
    @overload
    def total(self, performance: pd.DataFrame) -> Floats: ...
    @overload
    def total(self, performance: Performance) -> Any: ...
    def total(self, performance: Performance) -> Any:
        """What is paid in all, after the aggregate cap: a float, or an array over scenarios."""
        earned, shape = self._earned(performance)
        total = sum(earned.values()) + self.fixed_payment
        total = total if self.cap is None else np.minimum(total, self.cap)
        return np.broadcast_to(total, shape).copy() if shape else float(total)

    @property
    def max_payment(self) -> float:
        """The most that can be paid in all."""
        return self.most({outcome.name: outcome.schedule.max_payment for outcome in self.outcomes})

    def most(self, earned: Mapping[str, float]) -> float:
        """The most that can be paid in all if each outcome earns at most this."""
        whole = self.fixed_payment
        for outcome in self.outcomes:
            others = sum(earned[name] for name in outcome.instead_of)  # what they have paid is not paid again
            whole += max(earned[outcome.name] - others, 0.0) if outcome.instead_of else earned[outcome.name]
        return whole if self.cap is None else min(whole, self.cap)

    def weights(self) -> pd.Series[float]:
        """Each outcome's share of the maximum outcome payment (the fixed payment left out); sums to 1."""
        most = pd.Series({outcome.name: outcome.schedule.max_payment for outcome in self.outcomes}, name="weight")
        most.index.name = "outcome"
        if not np.isfinite(most).all() or most.sum() <= 0:
            raise ValueError(f"the maximum payments are {most.to_dict()}; weights need finite amounts above 0")
        return most / most.sum()

    @overload
    def by_payer(self, performance: Figures) -> pd.Series[float]: ...
    @overload
    def by_payer(self, performance: pd.DataFrame) -> pd.DataFrame: ...
    @overload
    def by_payer(self, performance: Performance) -> Any: ...
    def by_payer(self, performance: Performance) -> Any:
        """Who pays what. Sums to `total`: where the cap binds, every payer saves in proportion.

        Returns a Series by payer or, with arrays, a DataFrame with a row a scenario.
        """
        earned, shape = self._earned(performance)
        paid: dict[str, Any] = {}
        for outcome in self.outcomes:
            for payer, share in outcome.payers.items():
                paid[payer] = paid.get(payer, 0.0) + share * earned[outcome.name]
        for payer, share in self.fixed_shares().items():
            paid[payer] = paid[payer] + share * self.fixed_payment
        uncapped = np.asarray(sum(earned.values()) + self.fixed_payment)
        total = np.asarray(self.total(performance))
        # a total of 0 is never above a cap, so nothing is divided by 0
        scale = np.divide(total, uncapped, out=np.ones_like(total), where=total < uncapped)
        if not shape:
            return pd.Series({payer: float(amount * scale) for payer, amount in paid.items()}, name="payment")
        return pd.DataFrame(
            {payer: np.broadcast_to(amount * scale, shape) for payer, amount in paid.items()},
            index=_scenarios(performance),
        )

    def curves(self, low: float = 0.0, high: float = 1.0, steps: int = 101) -> pd.DataFrame:
        """Each outcome's payment over a grid of performance: columns ``outcome``, ``performance``, ``payment``."""
        grid = np.linspace(
            check.number(low, "low"), check.number(high, "high", above=low), check.whole(steps, "steps", 2)
        )
        return pd.concat(
            [
                pd.DataFrame({"outcome": outcome.name, "performance": grid, "payment": outcome.payment(grid)})
                for outcome in self.outcomes
            ],
            ignore_index=True,
        )

    def earned(self, performance: Performance) -> dict[str, Any]:
        """What each outcome earns, before the aggregate cap: a number, or one a scenario."""
        return self._earned(performance)[0]

    @property
    def weighed(self) -> bool:
        """Whether every outcome has a most that it pays, and some outcome one above 0."""
        most = np.array([outcome.schedule.max_payment for outcome in self.outcomes])
        return bool(np.isfinite(most).all() and most.sum() > 0)

    def fixed_shares(self) -> dict[str, float]:
        """Who pays the fixed payment: as outcome payments are shared at their maximum, where there is one."""
        most = np.array([outcome.schedule.max_payment for outcome in self.outcomes])
        weights = most / most.sum() if self.weighed else np.full(most.shape, 1 / most.size)
        shares: dict[str, float] = {}
        for outcome, weight in zip(self.outcomes, weights, strict=True):
            for payer, share in outcome.payers.items():
                shares[payer] = shares.get(payer, 0.0) + float(weight) * share
        return shares

    def _earned(self, performance: Performance) -> tuple[dict[str, Any], tuple[int, ...]]:
        """Payment by outcome, and the shape of the scenarios: () for scalars."""
        if not isinstance(performance, Mapping | pd.Series | pd.DataFrame):
            raise ValueError(f"performance is {performance!r}; a mapping from outcome to number is needed")
        names = list(performance.keys())
        if len(set(names)) < len(names):
            raise ValueError(f"performance names {names}; each outcome may be there once")
        check.same_keys(names, self.names, "performance")
        earned: dict[str, Any] = {}
        for outcome in self.outcomes:
            paid = outcome.payment(performance[outcome.name])
            if outcome.instead_of:
                paid = np.maximum(paid - sum(earned[name] for name in outcome.instead_of), 0.0)
            earned[outcome.name] = paid
        sizes = {np.shape(paid) for paid in earned.values()} - {()}
        if len(sizes) > 1 or any(len(size) > 1 for size in sizes):
            raise ValueError(f"performance has the shapes {sorted(sizes)}; give numbers, or lists of one length")
        return earned, sizes.pop() if sizes else ()


def _scenarios(performance: Performance) -> pd.Index[Any] | None:
    """The scenarios' own labels, where performance is a table with a row each."""
    return performance.index if isinstance(performance, pd.DataFrame) else None
