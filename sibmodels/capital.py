"""Layers of capital: who puts money in, who is paid first, who bears a loss, when a contract ends early.

With one tranche that takes all of the surplus this is `sibmodels.cash_flows`. Sign convention: money leaving a
party is negative. Rates are fractions per period.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sibmodels import _arguments as check
from sibmodels._arguments import Floats
from sibmodels.cashflows import DISTRIBUTIONS, PARTIES, _scenarios
from sibmodels.contracts import Dated

__all__ = ["Break", "Tranche", "ended", "waterfall"]

DRAWN = ("as needed", "up front")
OTHERS = tuple(party for party in PARTIES if party != "investor")


@dataclass(frozen=True)
class Tranche:
    """A layer of capital; tranches are listed from senior to junior.

    Parameters
    ----------
    name : str
    amount : float
        The most that it puts in.
    drawn : {"as needed", "up front"}, optional
        As needed, tranches put in what is missing in proportion to what each has not yet put in.
    coupon : float, Dated or array of shape (scenarios, periods), optional
        Rate on the principal outstanding. What could not be paid is due later, without interest.
    redemption : float, Dated or array, optional
        Share of the principal outstanding that is due at the end.
    distribute : {"at the end", "as received"}, optional
        When it gets principal and surplus; "as received", as `cash_flows` has it, principal first.
    owed : bool, optional
        Whether the payer owes coupon and redemption, as with a bond, and pays them past the intermediary. If not,
        they are paid as far as there is money.
    protected : float, optional
        Share of its principal up to which a guarantor makes it good.
    surplus : float, optional
        Its share of what is left when all principal is paid; what no tranche takes goes back to the payer.
    return_cap : float, optional
        Beyond this return a period it takes no surplus.
    """

    name: str
    amount: float
    drawn: str = "as needed"
    coupon: Any = 0.0
    redemption: Any = 1.0
    distribute: str = "at the end"
    owed: bool = False
    protected: float = 0.0
    surplus: float = 0.0
    return_cap: float = math.inf

    def __post_init__(self) -> None:
        what = f"of tranche {self.name!r}"
        check.number(self.amount, f"amount {what}", low=0)
        check.one_of(self.drawn, DRAWN, f"drawn {what}")
        check.one_of(self.distribute, DISTRIBUTIONS, f"distribute {what}")
        for key in ("protected", "surplus"):
            check.number(getattr(self, key), f"{key} {what}", low=0, high=1)
        if self.return_cap != math.inf:
            check.number(self.return_cap, f"return_cap {what}", low=0)
            if (coupons := _values(self.coupon, f"coupon {what}")).max() > self.return_cap:
                raise ValueError(f"coupon {what} is {coupons.max():g}, above its return_cap, {self.return_cap:g}")
        redemption = _values(self.redemption, f"redemption {what}")
        if redemption.min() < 0 or redemption.max() > 1:
            raise ValueError(f"redemption {what} is {redemption.min():g} to {redemption.max():g}; it lies in 0 to 1")


@dataclass(frozen=True)
class Break:
    """The end of a contract before its time: in that period, if a result is below the trigger.

    Parameters
    ----------
    of : str
        The result that is looked at.
    below : float
    period : int
        The last period, if it is below.
    redemption : float, optional
        The share of principal due then; if None, what each tranche says of that period.
    """

    of: str
    below: float
    period: int
    redemption: float | None = None

    def __post_init__(self) -> None:
        check.number(self.below, f"below of the break by {self.of!r}")
        check.whole(self.period, f"period of the break by {self.of!r}", low=0)
        if self.redemption is not None:
            check.number(self.redemption, f"redemption of the break by {self.of!r}", low=0, high=1)


def ended(breaks: Sequence[Break], results: Mapping[str, Any], periods: int) -> tuple[Floats, Floats]:
    """In each scenario the last period, and the share of principal then due.

    Parameters
    ----------
    breaks : sequence of Break
        The first whose result is below its trigger ends a scenario.
    results : mapping of str to array
        By name, one value a scenario.
    periods : int
        How many the contract has if nothing ends it.

    Returns
    -------
    last : ndarray of int
    redemption : ndarray
        NaN where it is what the tranches say.

    Examples
    --------
    >>> ended([Break("restored", 0.45, 4, redemption=0.75)], {"restored": [0.4, 0.6]}, periods=7)
    (array([4, 6]), array([0.75,  nan]))
    """
    sizes = [np.size(value) for value in results.values()]
    last, due = np.full(max(sizes, default=1), periods - 1), np.full(max(sizes, default=1), np.nan)
    for one in sorted(breaks, key=lambda one: one.period):
        if one.period >= periods:
            raise ValueError(f"the break by {one.of!r} is in period {one.period}; the last is {periods - 1}")
        check.one_of(one.of, results, "result", KeyError)
        now = (np.asarray(results[one.of], dtype=float) < one.below) & (last > one.period)
        last = np.where(now, one.period, last)
        due = np.where(now, np.nan if one.redemption is None else one.redemption, due)
    return last, due


def waterfall(
    costs: ArrayLike,
    payments: ArrayLike,
    tranches: Sequence[Tranche],
    *,
    fee: float = 0.0,
    lag: int = 0,
    ends: ArrayLike | None = None,
    redemption: ArrayLike | None = None,
    unserved: ArrayLike = 0.0,
) -> pd.DataFrame:
    """Who pays whom in each period, the capital in layers.

    In a period coupons accrue; capital is drawn; payers pay, where a sum owed to them comes first; the service is
    paid; and what fee and costs still due do not need goes to coupon and principal, senior first. What a senior is
    due at the end is kept before a junior gets anything. At the end come fee, tranches, guarantor and surplus.

    Parameters
    ----------
    costs, payments, fee, lag
        As in `cash_flows`. The service stops for good before the first cost that cannot be met in full, and what
        would be earned later is not.
    tranches : sequence of Tranche
        From senior to junior.
    ends : array_like of int, optional
        The last period in each scenario, as `ended` has it: no later costs, what was earned by then is paid in it.
    redemption : array_like, optional
        In each scenario the share of principal due at such an end; NaN is what the tranches say.
    unserved : array_like, optional
        What is paid in periods that are not served: results of those served before.

    Returns
    -------
    DataFrame
        Index and signs as in `cash_flows`; a column for the payer, the provider, the intermediary, the guarantor
        and each tranche; each row sums to 0.

    Notes
    -----
    Left out: interest on arrears and on money held, default of the payer, tax.

    Examples
    --------
    A bond of 100 at 5 % whose payer owes everything, for two years.

    >>> bond = Tranche("bond", 100, "up front", coupon=0.05, owed=True)
    >>> waterfall([100, 0, 0], [0, 0, 0], [bond])[["payer", "bond"]].values.tolist()
    [[0.0, -100.0], [-5.0, 5.0], [-105.0, 105.0]]

    Of 120 that a loan of 100 earns, a lender whose return is capped at a tenth takes 110.

    >>> loan = Tranche("loan", 100, surplus=1, return_cap=0.1)
    >>> waterfall([100, 0], [0, 120], [loan])[["payer", "loan"]].round(6).values.tolist()
    [[0.0, -100.0], [-110.0, 110.0]]
    """
    costs, payments, single = _scenarios(costs, payments)
    fee, lag = check.number(fee, "fee", low=0), check.whole(lag, "lag", low=0)
    names = [one.name for one in tranches]
    if not names or len({*names, *PARTIES}) < len(names) + len(PARTIES):
        raise ValueError(f"tranches are named {names}; one is needed, names differ, none is of {', '.join(PARTIES)}")
    if (total := sum(one.surplus for one in tranches)) > 1 + 1e-9:
        raise ValueError(f"the tranches' surplus shares sum to {total:g}; they are at most 1 together")
    scenarios = max(len(costs), *(np.size(given) if given is not None else 1 for given in (ends, redemption)))
    scenarios = max(scenarios, *(_rows(term) for one in tranches for term in (one.coupon, one.redemption)))
    shape, single = (scenarios, costs.shape[1]), single and scenarios == 1
    periods = costs.shape[1] + lag
    due, earned, else_earned = (np.broadcast_to(given, shape).T for given in (costs, payments, unserved))
    flows = _Fall(
        due,
        earned,
        else_earned,
        tranches,
        fee,
        lag,
        np.broadcast_to(periods - 1 if ends is None else np.asarray(ends), scenarios),
        np.broadcast_to(np.nan if redemption is None else np.asarray(redemption, dtype=float), scenarios),
    ).flows()
    index: pd.Index = pd.RangeIndex(periods, name="period")
    if not single:
        index = pd.MultiIndex.from_product([pd.RangeIndex(scenarios), index], names=["scenario", "period"])
    return pd.DataFrame({party: values.T.reshape(-1) for party, values in flows.items()}, index=index)


def _values(term: Any, name: str) -> Floats:
    """Every value that a term takes."""
    return check.numbers(list(term.values.values()) if isinstance(term, Dated) else term, name)


def _rows(term: Any) -> int:
    """How many scenarios a term has."""
    return 1 if isinstance(term, Dated) or np.ndim(term) < 2 else len(term)


class _Fall:
    """One run of the waterfall: arrays are period by scenario, or tranche by scenario."""

    def __init__(
        self,
        costs: Any,
        payments: Any,
        unserved: Any,
        tranches: Sequence[Tranche],
        fee: float,
        lag: int,
        ends: Any,
        due: Any,
    ) -> None:
        nothing = np.zeros((lag, costs.shape[1]))
        self.costs, self.ends, self.due, self.fee, self.lag = np.vstack([costs, nothing]), ends, due, fee, lag
        self.payments, self.unserved = np.vstack([payments, nothing]), np.vstack([unserved, nothing])
        self.tranches, periods, size = tranches, len(self.costs), costs.shape[1]
        self.tiny = 1e-12 * (costs + np.abs(payments)).sum(axis=0)  # so little is not drawn, passed on or missing
        self.live = np.arange(periods)[:, None] <= ends
        self.later = np.cumsum((self.costs * self.live)[::-1], axis=0)[::-1] - self.costs * self.live
        self.served = np.ones((periods, size), dtype=bool)
        self.coupons = [self._grid(one.coupon) for one in tranches]
        self.shares = [self._grid(one.redemption) for one in tranches]
        self.undrawn = np.array([[float(one.amount)] for one in tranches]) * np.ones(size)
        self.drawn, self.principal, self.arrears, self.hurdle, self.gained = np.zeros((5, len(tranches), size))
        self.cash, self.money = np.zeros(size), {name: np.zeros((periods, size)) for name in OTHERS}
        self.money |= {one.name: np.zeros((periods, size)) for one in tranches}

    def _grid(self, term: Any) -> Any:
        """A term by period and scenario."""
        periods, size = self.costs.shape
        values = term.over(periods) if isinstance(term, Dated) else term
        return np.broadcast_to(values, (size, periods)).T

    def flows(self) -> dict[str, Any]:
        going = np.ones(self.costs.shape[1], dtype=bool)
        for period in range(len(self.costs)):
            end = period == self.ends
            self._accrue(period)
            going = self._settle(period, end, going)
            self._share_out(period, end, going)
        self.money["intermediary"] = -np.sum(list(self.money.values()), axis=0)
        return {party: values + 0.0 for party, values in self.money.items()}

    def _accrue(self, period: int) -> None:
        """Coupons on the principal outstanding, and what each would need for its highest return."""
        for n, one in enumerate(self.tranches):
            self.arrears[n] += self.live[period] * self.coupons[n][period] * self.principal[n]
            self.hurdle[n] *= 1 + one.return_cap if math.isfinite(one.return_cap) else 0.0
        if period == 0:
            for n, one in enumerate(self.tranches):
                if one.drawn == "up front":
                    self._draw(n, self.undrawn[n].copy(), period)

    def _draw(self, n: int, call: Any, period: int) -> None:
        self.undrawn[n] -= call
        for kept in (self.drawn, self.principal, self.hurdle):
            kept[n] += call
        self.cash += call
        self.money[self.tranches[n].name][period] -= call

    def _earned(self, period: int, end: Any) -> Any:
        """What arrives: earned a lag ago, and at an end before its time whatever was earned until then."""
        ready = period - self.lag
        arriving = self._of(ready) if ready >= 0 else np.zeros(self.costs.shape[1])
        if self.lag and period < len(self.costs) - 1 and end.any():
            arriving = arriving + end * sum(self._of(past) for past in range(max(ready + 1, 0), period + 1))
        return np.where(self.live[period], arriving, 0.0)

    def _of(self, period: int) -> Any:
        return np.where(self.served[period], self.payments[period], self.unserved[period])

    def _owed(self, period: int, end: Any) -> Any:
        """Coupon and redemption that the payer owes."""
        return sum(
            self.live[period] * self.arrears[n] + end * self._share(n, period, end) * self.principal[n]
            for n, one in enumerate(self.tranches)
            if one.owed
        ) + np.zeros(self.costs.shape[1])

    def _share(self, n: int, period: int, end: Any) -> Any:
        """The share of principal that is due now."""
        return np.where(end & ~np.isnan(self.due), self.due, self.shares[n][period])

    def _settle(self, period: int, end: Any, going: Any) -> Any:
        """Payers pay, capital is drawn, the service is paid or stops."""
        cost, left = self.costs[period] * self.live[period], self.undrawn.sum(axis=0)
        owed = self._owed(period, end)
        arriving = self._earned(period, end)
        money = self.cash + np.maximum(arriving, 0.0) + left
        going = going & (cost <= money + self.tiny)
        if not going.all():
            self.served[period:] &= going  # what it earns if served helps to pay for it
            arriving = self._earned(period, end)
        offset = np.minimum(owed, np.maximum(-arriving, 0.0))  # a sum owed to the payer comes first
        arriving = arriving + offset
        cost = np.where(going, np.minimum(cost, money), 0.0)
        balance = self.cash + arriving - cost
        gap = np.where(-balance > self.tiny, np.clip(-balance, 0.0, left), 0.0)
        if gap.any():
            part = gap / np.where(left > 0, left, 1.0)
            for n in range(len(self.tranches)):
                self._draw(n, part * self.undrawn[n], period)
        paid = np.where(arriving < 0, arriving + np.maximum(-balance - gap, 0.0), arriving)
        self.cash = np.maximum(balance + gap, 0.0)
        self.money["payer"][period], self.money["provider"][period] = -paid, cost
        self._owing(period, end, owed - offset)
        return going

    def _owing(self, period: int, end: Any, amount: Any) -> None:
        """What the payer owes goes to its tranches and not through the pot, the senior first."""
        self.money["payer"][period] -= amount
        self.cash = self.cash + amount
        for n, one in enumerate(self.tranches):
            if one.owed:
                interest = np.minimum(amount, self.arrears[n])
                capital = np.minimum(amount - interest, end * self._share(n, period, end) * self.principal[n])
                self.arrears[n] = 0.0  # what was set off is settled
                self.principal[n] -= capital
                self._pay(n, period, interest + capital)
                amount = amount - interest - capital

    def _share_out(self, period: int, end: Any, going: Any) -> None:
        """Coupon and principal from senior to junior; at the end the guarantor; the surplus; the rest to the payer."""
        spare = self.cash - self.fee - np.where(going & ~end, self.later[period], 0.0)
        spare = np.where(self.live[period] & (spare > self.tiny), spare, 0.0)
        for n, one in enumerate(self.tranches):
            due = 0.0 if one.owed else self.principal[n] * self._share(n, period, end)
            interest = np.minimum(spare, self.arrears[n])
            now = due * (end | (one.distribute == "as received"))
            capital = np.minimum(spare - interest, now)
            kept = np.minimum(spare - interest - capital, np.where(end, 0.0, due - capital))
            support = end * np.maximum(one.protected * self.drawn[n] - self.drawn[n] + self.principal[n] - capital, 0.0)
            self.arrears[n] -= interest
            self.principal[n] -= capital + support
            self._pay(n, period, interest + capital, support)
            spare = spare - interest - capital - kept
        self._surplus(period, end, spare)

    def _pay(self, n: int, period: int, amount: Any, support: Any | float = 0.0) -> None:
        self.cash = self.cash - amount
        self.hurdle[n] -= amount + support
        self.money[self.tranches[n].name][period] += amount + support
        self.money["guarantor"][period] -= support

    def _surplus(self, period: int, end: Any, free: Any) -> None:
        """Each has its share of all the surplus so far, as far as its highest return."""
        so_far = free + self.gained.sum(axis=0)
        left = free
        for n, one in enumerate(self.tranches):
            if not one.surplus:
                continue
            room = np.maximum(self.hurdle[n], 0.0) if math.isfinite(one.return_cap) else np.inf
            gain = np.clip(np.minimum(one.surplus * so_far - self.gained[n], room), 0.0, left)
            gain = gain * (end | (one.distribute == "as received"))
            self.gained[n] += gain
            self._pay(n, period, gain)
            left = left - gain
        back = np.where(end, np.maximum(self.cash - self.fee, 0.0), 0.0)
        self.money["payer"][period] += back
        self.cash = self.cash - back
