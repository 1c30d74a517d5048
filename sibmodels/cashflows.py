"""Cash flows of an outcomes contract, and their return.

Sign convention: money leaving a party is negative. Rates are fractions per period.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias, overload

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from sibmodels import _arguments as check
from sibmodels import _roots
from sibmodels._arguments import Floats

__all__ = ["PARTIES", "annualise", "cash_flows", "irr", "is_conventional", "money_multiple", "npv", "peak_draw"]

PARTIES = ("payer", "provider", "intermediary", "investor", "guarantor")
"""Who pays and is paid; the columns of `cash_flows`."""
DISTRIBUTIONS = ("at the end", "as received")

# one course of events, of which a function makes one number, and several; what arrays make hangs on their shape
Row: TypeAlias = "Sequence[float] | pd.Series[Any]"
Rows: TypeAlias = Sequence[Sequence[float]]


def cash_flows(
    costs: ArrayLike,
    payments: ArrayLike,
    *,
    fee: float = 0.0,
    guarantee: float = 0.0,
    lag: int = 0,
    distribute: str = "at the end",
    committed: float | None = None,
) -> pd.DataFrame:
    """Who pays whom in each period, in one course of events or in many at once.

    In each period what was earned `lag` periods ago arrives, the service's cost is paid from what the
    intermediary holds, then from a draw on investors, and what `distribute` says is passed on to them.

    Parameters
    ----------
    costs : array_like, shape (periods,) or (scenarios, periods)
        Service cost due in each period, paid to the provider; at least 0.
    payments : array_like, shape (periods,) or (scenarios, periods)
        Outcome payment earned in each period; negative where investors owe the payer. Where only one of
        the two has scenarios, the other is the same in all.
    fee : float, optional
        Amount that the intermediary keeps at the end, as far as there is money left.
    guarantee : float, optional
        The most that a guarantor pays, at the end, to make investors' loss good.
    lag : int, optional
        Periods between earning an outcome payment and receiving it.
    distribute : {"at the end", "as received"}, optional
        When investors are paid. "at the end": the intermediary holds what is received and not needed until
        the last period. "as received": after each period's cost it keeps at most the fee and the costs still
        due, and passes on the rest, profit included; what is passed on is not called back.
    committed : float, optional
        The most that investors put in, over all periods; None is no limit. The first period whose cost cannot
        be met in full, from what is held, what arrives in it and what investors have yet to put in, is not
        served and the service stops before it. Payments of that period and of later ones are dropped; what was
        earned before is kept and arrives by its lag. What investors owe the payer they pay as far as there is
        money, after the period's cost; the rest lapses.

    Returns
    -------
    DataFrame
        Index ``period``, or ``scenario`` and ``period``; a column for each of `PARTIES`; each row sums to 0.

    Raises
    ------
    ValueError
        Shapes that do not fit, a cost, fee, guarantee or commitment below 0, an unknown `distribute`.

    Notes
    -----
    Left out: interest on money held, default, tax. No money is kept back for payments that turn negative later.

    Examples
    --------
    A service of 100 a year for two years; 60 arrives at the end of the first and 180 of the third.

    >>> cash_flows([100, 100, 0], [60, 0, 180])[["payer", "provider", "investor"]].values.tolist()
    [[-60.0, 100.0, -40.0], [0.0, 100.0, -100.0], [-180.0, 0.0, 180.0]]

    130 earned in the second year is passed on when it comes, or held to the end.

    >>> cash_flows([100, 0, 0], [0, 130, 20], distribute="as received")["investor"].tolist()
    [-100.0, 130.0, 20.0]
    >>> cash_flows([100, 0, 0], [0, 130, 20])["investor"].tolist()
    [-100.0, 0.0, 150.0]

    Investors who put in at most 105 pay for one year; the next, which 90 and their last 5 do not meet, is not served.

    >>> cash_flows([100, 100], [90, 90], lag=1, committed=105)["investor"].tolist()
    [-100.0, 0.0, 90.0]
    """
    return settled(costs, payments, fee=fee, guarantee=guarantee, lag=lag, distribute=distribute, committed=committed)


def settled(
    costs: ArrayLike,
    payments: ArrayLike,
    unserved: ArrayLike = 0.0,
    *,
    fee: float,
    guarantee: float,
    lag: int,
    distribute: str,
    committed: float | None,
) -> pd.DataFrame:
    """`cash_flows`, with what is paid in periods that are not served: results of those served before."""
    due, earned, single = _scenarios(costs, payments)
    fee, guarantee = check.number(fee, "fee", low=0), check.number(guarantee, "guarantee", low=0)
    lag = check.whole(lag, "lag", low=0)
    check.one_of(distribute, DISTRIBUTIONS, "distribute")
    limit = np.inf if committed is None else check.number(committed, "committed", low=0)
    kept = np.broadcast_to(np.asarray(unserved, dtype=float), due.shape)

    parties = _waterfall(due.T, earned.T, kept.T, fee, guarantee, lag, distribute == "as received", limit)
    scenarios, periods = len(due), due.shape[1] + lag
    index: pd.Index[Any] = pd.RangeIndex(periods, name="period")
    if not single:
        index = pd.MultiIndex.from_product([pd.RangeIndex(scenarios), index], names=["scenario", "period"])
    return pd.DataFrame({party: flows.T.reshape(-1) for party, flows in parties.items()}, index=index)


def _scenarios(costs: ArrayLike, payments: ArrayLike) -> tuple[Floats, Floats, bool]:
    """Costs and payments as tables of scenarios by periods, and whether there is but one, given as a list."""
    for name, value in (("costs", costs), ("payments", payments)):
        check.same_lengths(value, name)
    costs, payments = both = check.numbers(costs, "costs"), check.numbers(payments, "payments")
    lengths = [array.shape[-1:] for array in both]
    counts = {len(array) for array in both if array.ndim == 2}
    if lengths[0] != lengths[1] or max(costs.ndim, payments.ndim) > 2 or len(counts) > 1 or not costs.size:
        raise ValueError(
            f"costs have shape {costs.shape} and payments {payments.shape}; both must be lists of the same length, "
            "one number a period, or tables with as many rows (one a scenario) and as many columns (one a period)"
        )
    if (costs < 0).any():
        raise ValueError(f"costs hold {costs.min():g}; a cost is at least 0")
    shape = (*(counts or {1}), costs.shape[-1])
    return np.broadcast_to(costs, shape), np.broadcast_to(payments, shape), not counts


def _waterfall(
    costs: Floats,
    payments: Floats,
    unserved: Floats,
    fee: float,
    guarantee: float,
    lag: int,
    as_received: bool,
    committed: float,
) -> dict[str, Floats]:
    """`cash_flows` of each party, period by scenario, of costs and payments of that shape."""
    nothing = np.zeros((lag, costs.shape[1]))
    rounding = 1e-12 * (costs + np.abs(payments)).sum(axis=0)  # so little is not drawn, passed on or missing
    costs, payments = np.vstack([costs, nothing]), np.vstack([payments, nothing])
    due = np.cumsum(costs[::-1], axis=0)[::-1] - costs  # after each period
    flows = {party: np.zeros(costs.shape) for party in PARTIES}
    served = np.ones(costs.shape, dtype=bool)
    going, held, gain = served[0], np.zeros(costs.shape[1]), np.zeros(costs.shape[1])
    left = np.full(costs.shape[1], committed)
    for period, cost in enumerate(costs):
        earned = period - lag
        arriving = np.where(served[earned], payments[earned], unserved[earned]) if earned >= 0 else np.zeros_like(cost)
        money = held + np.maximum(arriving, 0.0) + left
        going = served[period] = going & (cost <= money + rounding)
        if lag == 0:  # what it earns if served helps to pay for it
            arriving = np.where(going, arriving, unserved[earned])
        cost = np.where(going, np.minimum(cost, money), 0.0)
        balance = held + arriving - cost
        draw = np.where(-balance > rounding, np.minimum(-balance, left), 0.0)
        arriving = np.where(arriving < 0, arriving + np.maximum(-balance - draw, 0.0), arriving)
        left, held = left - draw, np.maximum(balance, 0.0)
        passed_on = np.zeros_like(cost)
        if as_received or period == len(costs) - 1:
            spare = held - fee - np.where(going, due[period], 0.0)
            passed_on = np.where(spare > rounding, spare, 0.0)
        held, gain = held - passed_on, gain + passed_on - draw
        flows["payer"][period], flows["provider"][period] = -arriving, cost
        flows["investor"][period] = passed_on - draw
    support = np.minimum(guarantee, np.maximum(-gain, 0.0))
    flows["investor"][-1] += support
    flows["guarantor"][-1] = -support
    # the intermediary stands between the others, so its flow is what makes the row balance
    flows["intermediary"] = -(flows["payer"] + flows["provider"] + flows["investor"] + flows["guarantor"])
    return {party: values + 0.0 for party, values in flows.items()}  # no -0.0 in a printed table


@overload
def npv(rate: float, flows: Row, axis: int = -1) -> float: ...
@overload
def npv(rate: float, flows: Rows, axis: int = -1) -> Floats: ...
@overload
def npv(rate: ArrayLike, flows: ArrayLike, axis: int = -1) -> Any: ...
def npv(rate: ArrayLike, flows: ArrayLike, axis: int = -1) -> Any:
    """Net present value: flow t is divided by (1 + rate)**t, so the first is not discounted.

    Parameters
    ----------
    rate : float or array_like
        Per period, above -1; broadcasts against the flows without `axis`.
    flows : array_like
        Money by period along `axis`.

    Returns
    -------
    float or ndarray
        Money, one number for each row of flows and each rate.

    Raises
    ------
    ValueError
        A rate of -1 or less, flows that are no finite real numbers.

    Examples
    --------
    >>> npv(0.10, [-100, 0, 121]).round(9) + 0.0
    np.float64(0.0)
    """
    flows = np.moveaxis(_flows(flows), axis, 0)
    rate = check.numbers(rate, "rate")
    if (rate <= -1).any():
        raise ValueError(f"rate is {rate.min():g}; it must be greater than -1")
    factor = 1.0 / (1.0 + rate)
    value = np.zeros_like(factor)
    for flow in flows[::-1]:  # Horner's rule
        value = value * factor + flow
    return value


@overload
def is_conventional(flows: Row, axis: int = -1) -> bool: ...
@overload
def is_conventional(flows: Rows, axis: int = -1) -> NDArray[np.bool_]: ...
@overload
def is_conventional(flows: ArrayLike, axis: int = -1) -> Any: ...
def is_conventional(flows: ArrayLike, axis: int = -1) -> Any:
    """True where the flows change sign exactly once: then there is exactly one internal rate of return.

    Parameters
    ----------
    flows : array_like
        Money by period along `axis`; a period without money is no change of sign.

    Returns
    -------
    bool or ndarray of bool
        One for each row of flows.

    Examples
    --------
    >>> bool(is_conventional([-100, 60, 60])), bool(is_conventional([-100, 230, -132]))
    (True, False)
    """
    flows = np.moveaxis(_flows(flows), axis, 0)
    changes, last = np.zeros(flows.shape[1:], dtype=np.int64), np.zeros_like(flows[0])
    for flow in flows:
        sign = np.sign(flow)
        changes += sign * last < 0
        last = np.where(sign == 0, last, sign)
    return changes == 1


@overload
def irr(flows: Row, axis: int = -1) -> float: ...
@overload
def irr(flows: Rows, axis: int = -1) -> Floats: ...
@overload
def irr(flows: ArrayLike, axis: int = -1) -> Any: ...
def irr(flows: ArrayLike, axis: int = -1) -> Any:
    """Internal rate of return per period: the rate at which `npv` is zero.

    Parameters
    ----------
    flows : array_like
        Money by period along `axis`, any number of leading dimensions.

    Returns
    -------
    float or ndarray
        Fraction per period, above -1. Where several rates solve it, the one nearest zero, of two as near the
        positive (`is_conventional` says whether there can be several). -1.0 where money went out and nothing
        came back; NaN where there is no rate (nothing went out, or no rate solves it); infinite where
        it is too large for a float.

    Raises
    ------
    ValueError
        Flows that are no finite real numbers.

    Notes
    -----
    Conventional rows by Newton's method in the discount factor 1 / (1 + rate), on blocks of rows that fit a
    processor's cache, and by bisection where that does not converge. Other rows by a look at a few rates,
    with a proof by signs that no root is nearer (`sibmodels._roots`); the few that stay open, one by one, as
    the roots of a polynomial, which is far slower. Every root is put back. Of two rates as far from zero the
    positive one is taken, whatever the unit of money.

    Examples
    --------
    >>> round(irr([-100, 0, 0, 115]), 6)
    0.04769
    >>> irr([-100, 0, 0, 0])
    -1.0
    >>> [round(r, 9) for r in irr([[-100, 110, 0], [-100, 230, -132]]).tolist()]
    [0.1, 0.1]
    """
    flows = np.moveaxis(_flows(flows), axis, -1)
    rows = _within(flows.reshape(-1, flows.shape[-1]))
    rates, reach = np.empty(len(rows)), np.empty(len(rows))
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        rates[block], reach[block] = _irr_block(rows[block])
    for some in _roots.blocks(np.flatnonzero(~np.isnan(reach)), rows.shape[1]):  # few, so together
        rates[some] = _searched(rows[some], reach[some])
    return rates.reshape(flows.shape[:-1]) if flows.ndim > 1 else float(rates[0])


@overload
def money_multiple(flows: Row, axis: int = -1) -> float: ...
@overload
def money_multiple(flows: Rows, axis: int = -1) -> Floats: ...
@overload
def money_multiple(flows: ArrayLike, axis: int = -1) -> Any: ...
def money_multiple(flows: ArrayLike, axis: int = -1) -> Any:
    """Money received over money paid out; NaN where nothing was paid out.

    Parameters
    ----------
    flows : array_like
        Money by period along `axis`, negative where it is paid out.

    Returns
    -------
    float or ndarray
        A ratio, one for each row of flows: 1.15 where 115 came back on 100.

    Examples
    --------
    >>> money_multiple([-100, 40, 75])
    np.float64(1.15)
    """
    flows = _flows(flows)
    out = -np.minimum(flows, 0).sum(axis=axis)
    received = np.maximum(flows, 0).sum(axis=axis)
    return np.divide(received, out, out=np.full_like(out, np.nan), where=out > 0) + 0.0


@overload
def peak_draw(flows: Row, axis: int = -1) -> float: ...
@overload
def peak_draw(flows: Rows, axis: int = -1) -> Floats: ...
@overload
def peak_draw(flows: ArrayLike, axis: int = -1) -> Any: ...
def peak_draw(flows: ArrayLike, axis: int = -1) -> Any:
    """The most money a party has out at any time, as a positive number.

    Parameters
    ----------
    flows : array_like
        Money by period along `axis`, negative where it is paid out.

    Returns
    -------
    float or ndarray
        Money, one number for each row of flows; 0 where the party never has any out.

    Examples
    --------
    >>> peak_draw([-40, -100, 180])
    np.float64(140.0)
    """
    lowest = np.cumsum(_flows(flows), axis=axis).min(axis=axis)
    return np.maximum(-lowest, 0.0)


@overload
def annualise(rate: float, periods_per_year: float) -> float: ...
@overload
def annualise(rate: ArrayLike, periods_per_year: float) -> Any: ...
def annualise(rate: ArrayLike, periods_per_year: float) -> Any:
    """Annual rate that compounds to `rate` per period.

    Parameters
    ----------
    rate : float or array_like
        A share per period, at least -1.
    periods_per_year : float
        Above 0.

    Returns
    -------
    float or ndarray
        A share per year.

    Examples
    --------
    >>> round(float(annualise(0.01, 12)), 6)
    0.126825
    """
    rate = check.numbers(rate, "rate")
    if (rate < -1).any():
        raise ValueError(f"rate is {rate.min():g}; it must be at least -1")
    return (1.0 + rate) ** check.number(periods_per_year, "periods_per_year", above=0) - 1.0


def _flows(flows: ArrayLike) -> Floats:
    flows = check.numbers(flows, "flows")
    if flows.ndim == 0 or not flows.size:
        raise ValueError(f"flows have shape {flows.shape}; a list with one number a period is needed")
    return flows


_BLOCK = 8192  # rows solved together: one period of them takes 64 kB, which stays in a core's cache
_NEWTON_STEPS = 12
_TOLERANCE = 1e-8  # of the discount factor; a step this small leaves an error of about its square


def _within(rows: Floats) -> Floats:
    """Rows whose sums and products are no larger than a float can be: where some are huge, each times a power of 2."""
    if max(rows.max(), -rows.min()) < 1e200:
        return rows
    _, power = np.frexp(np.abs(rows).max(axis=1))
    scaled: Floats = np.ldexp(rows, -np.maximum(power, 0)[:, None])
    return scaled


def _irr_block(rows: Floats) -> tuple[Floats, Floats]:
    """Rates of a few thousand rows; where one is not decided, how far from zero a nearer one can be (else NaN)."""
    flows = np.ascontiguousarray(rows.T)  # period by row: what follows passes over one period at a time
    first_in, last_in = _ends(flows > 0)
    first_out, last_out = _ends(flows < 0)
    some_in, some_out = last_in > 0, last_out > 0
    simple = some_in & some_out & ((last_out < first_in) | (last_in < first_out))
    rates, reach = np.where(some_out & ~some_in, -1.0, np.nan), np.full(len(rows), np.nan)
    if simple.any():
        rates[simple], done = _newton(flows if simple.all() else np.ascontiguousarray(flows[:, simple]))
        for row in np.flatnonzero(simple)[~done]:
            rates[row] = _bisect(rows[row])
    with np.errstate(all="ignore"):  # what overflows fails its proof and is solved another way
        for some in _roots.blocks(np.flatnonzero(some_in & some_out & ~simple), rows.shape[1]):
            rates[some], reach[some] = _roots.looked(rows[some])
    return rates, reach


def _searched(rows: Floats, reach: Floats) -> Floats:
    """Rates of rows that a look did not decide."""
    with np.errstate(all="ignore"):
        rates, still_open = _roots.searched(rows, reach)
    for row in np.flatnonzero(still_open):
        rates[row] = _nearest_root(rows[row])
    return rates


def _ends(marks: NDArray[np.bool_]) -> tuple[NDArray[np.signedinteger], NDArray[np.signedinteger]]:
    """The first and the last marked period of each column, counted from 1; beyond the end and 0 where none is."""
    periods = len(marks)
    count = np.arange(1, periods + 1, dtype=np.int8 if periods < 127 else np.int32)[:, None]
    return periods + 1 - (marks * count[::-1]).max(axis=0), (marks * count).max(axis=0)


def _newton(flows: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Rates of conventional flows (period by row) by Newton's method in the discount factor, and which converged.

    The start is one Newton step, from a rate of 0, on log(value in / value out) as a function of
    log(1 + rate): nearly a straight line, so the start is close.
    """
    time = np.arange(len(flows), dtype=float)
    gains = np.maximum(flows, 0.0)
    value_in, moment_in = gains.sum(axis=0), time @ gains
    value_out, moment_out = value_in - flows.sum(axis=0), moment_in - time @ flows
    with np.errstate(all="ignore"):  # rows that overflow do not converge, and are solved by bisection
        factor = np.exp(-np.log(value_in / value_out) / (moment_in / value_in - moment_out / value_out))
        value, slope = np.empty_like(factor), np.empty_like(factor)
        for _ in range(_NEWTON_STEPS):
            value[:] = flows[-1]
            slope[:] = 0.0
            for flow in flows[-2::-1]:  # Horner's rule for the value and its derivative together
                slope *= factor
                slope += value
                value *= factor
                value += flow
            step = value / slope
            factor -= step
            done = np.abs(step) <= _TOLERANCE * factor
            if done.all():
                break
        return 1.0 / factor - 1.0, done & (factor > 0) & np.isfinite(factor)


def _bisect(flows: Floats) -> float:
    """The one rate of a conventional row, by bisection on log(1 + rate), safe for rates near -1 or huge."""
    time = np.arange(len(flows))

    def balance(x: float) -> float:  # sign of the npv, scaled so that nothing overflows
        present = np.log(np.abs(flows), where=flows != 0, out=np.full(len(flows), -np.inf)) - x * time
        return float((np.sign(flows) * np.exp(present - present.max())).sum())

    low, high = -1.0, 1.0
    while balance(low) * balance(high) > 0:
        low, high = 2 * low, 2 * high
    rising = balance(high) > 0
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if (balance(middle) > 0) == rising else (middle, high)
    with np.errstate(over="ignore"):  # a rate too large for a float is infinite
        return float(np.expm1(0.5 * (low + high)))


def _nearest_root(flows: Floats) -> float:
    """Of all real rates above -1 that solve a row with several sign changes, the one nearest zero."""
    if abs(flows.sum()) <= 1e-12 * np.abs(flows).sum():
        return 0.0
    # a last flow too small to matter would overflow the companion matrix
    last = np.flatnonzero(np.abs(flows) > 1e-100 * np.abs(flows).max())[-1]
    value = np.polynomial.Polynomial(flows[: last + 1])
    slope, size = value.deriv(), np.polynomial.Polynomial(np.abs(value.coef))
    best = np.nan
    with np.errstate(all="ignore"):  # steps that overflow are not taken
        for root in map(complex, value.roots()):  # in the discount factor
            factor = root.real
            if factor <= 0 or abs(root.imag) > 1e-6 * abs(root):
                continue
            for _ in range(20):  # polish; a double root has no slope and is left as it is
                step = float(value(factor) / slope(factor))
                if not step < factor or not abs(value(factor - step)) < abs(value(factor)):
                    break
                factor -= step
            rate = 1.0 / factor - 1.0
            nearer = abs(rate) * (1 + 1e-9 * float(np.sign(best - rate))) < abs(best)  # of two as near the positive
            if abs(value(factor)) <= 1e-9 * size(factor) and (nearer or np.isnan(best)):
                best = rate
    return best
