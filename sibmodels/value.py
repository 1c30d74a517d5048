"""Value: social return on investment (SROI), discounting, and fiscal savings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sibmodels import _arguments as check
from sibmodels._arguments import Floats

__all__ = ["GREEN_BOOK", "SROI", "VALUE_MAP_COLUMNS", "cohort_model", "discount_factors", "lasting", "savings", "sroi"]

GREEN_BOOK = ((1, 0.035), (31, 0.030), (76, 0.025), (126, 0.020), (201, 0.015), (301, 0.010))
"""HM Treasury's social time preference rates: from which year on, at which rate."""

SHARES = ("deadweight", "displacement", "attribution", "drop_off")
VALUE_MAP_COLUMNS = ("outcome", "stakeholder", "quantity", "proxy", "duration", *SHARES)
"""What `sroi` needs of each outcome."""


@dataclass(frozen=True)
class SROI:
    """Result of `sroi`.

    Attributes
    ----------
    ratio : float
        Present value of impact over inputs. (Some publish (present value - inputs) / inputs instead.)
    present_value, inputs : float
        Money, in the value map's one currency.
    table : DataFrame
        A row an outcome: ``outcome``, ``stakeholder``, ``impact`` (in the first year), ``present_value``.
    """

    ratio: float
    present_value: float
    inputs: float
    table: pd.DataFrame


def sroi(value_map: pd.DataFrame, inputs: float, rate: float, *, first_year: float = 0) -> SROI:
    """Social return on investment: what outcomes are worth, less what they are not due to, over inputs.

    Outcome j in year t = 0, 1, ... of its duration is worth::

        quantity * proxy * (1 - deadweight) * (1 - displacement) * (1 - attribution) * (1 - drop_off)**t

    divided by (1 + rate)**(t + first_year), after the SROI Guide (Nicholls, Lawlor, Neitzert & Goodspeed
    2012, stage 5), whose formula divides the first year by 1 + rate already: ``first_year=1``.

    Parameters
    ----------
    value_map : DataFrame
        A row an outcome, with the columns of `VALUE_MAP_COLUMNS`. ``proxy`` is money for one unit of
        ``quantity`` a year; ``duration`` whole years, at least 1; the other four are shares in [0, 1].
        ``deadweight`` would have happened anyway, ``displacement`` is lost elsewhere, ``attribution``
        is due to others, ``drop_off`` is lost each year.
    inputs : float
        What was put in, as a present value in the same currency; above 0.
    rate : float
        Discount rate a year, above -1.
    first_year : float, optional
        By how many years the first year's outcomes follow the inputs. By default they are not discounted,
        as where both fall into one year of account; 1 is the Guide's convention and divides every present
        value, and the ratio, by 1 + rate.

    Returns
    -------
    SROI
        Its ``ratio`` is a number without unit: 1.4 where a value of 1.4 comes of each 1 put in.

    Raises
    ------
    ValueError
        A column that is missing, a share outside [0, 1], more than one currency; names the row.

    Notes
    -----
    Left out: whether a proxy measures what the stakeholder feels, and any outcome that nobody listed.

    Examples
    --------
    >>> row = dict(outcome="Confidence", stakeholder="Pupils", quantity=100, proxy=5_100, duration=2,
    ...            deadweight=0.4, displacement=0.0, attribution=0.3, drop_off=0.3)
    >>> round(sroi(pd.DataFrame([row]), inputs=250_000, rate=0.035).ratio, 3)
    1.436
    >>> round(sroi(pd.DataFrame([row]), inputs=250_000, rate=0.035, first_year=1).ratio, 3)
    1.388
    """
    if not isinstance(value_map, pd.DataFrame):
        raise ValueError(f"value_map is a {type(value_map).__name__}; a DataFrame with a row an outcome is needed")
    inputs = check.number(inputs, "inputs", above=0)
    rate = check.number(rate, "rate", above=-1)
    wait = check.number(first_year, "first_year", low=0)
    absent = [column for column in VALUE_MAP_COLUMNS if column not in value_map.columns]
    if absent:
        raise ValueError(f"value_map lacks the columns {absent}; it needs {list(VALUE_MAP_COLUMNS)}")
    if not len(value_map):
        raise ValueError("value_map is empty; at least one outcome is needed")
    if "currency" in value_map.columns and value_map["currency"].nunique(dropna=False) > 1:
        raise ValueError(
            f"value_map mixes the currencies {sorted(map(str, set(value_map['currency'])))}; one is allowed"
        )
    columns = {name: _column(value_map, name) for name in VALUE_MAP_COLUMNS[2:]}

    impact = columns["quantity"] * columns["proxy"]
    for share in ("deadweight", "displacement", "attribution"):
        impact = impact * (1 - columns[share])
    yearly = (1 - columns["drop_off"]) / (1 + rate)
    years = np.arange(int(columns["duration"].max()))
    lasting = years < columns["duration"][:, None]
    present = impact * np.where(lasting, yearly[:, None] ** years, 0.0).sum(axis=1) / (1 + rate) ** wait
    table = value_map[["outcome", "stakeholder"]].reset_index(drop=True)
    table = table.assign(impact=impact, present_value=present)
    total = float(present.sum())
    return SROI(total / inputs, total, inputs, table)


def discount_factors(years: int, schedule: float | Sequence[tuple[int, float]] = GREEN_BOOK) -> pd.Series[float]:
    """What money of each year is worth today: the running product of 1 / (1 + rate).

    Parameters
    ----------
    years : int
        The last year; year 0 is today and counts in full.
    schedule : float, or sequence of (first year, rate)
        One rate, or rates that change: the UK Green Book's by default, in force for years 1 to 30, 31 to
        75, 76 to 125, 126 to 200, 201 to 300, and from 301.

    Returns
    -------
    Series
        Index ``year``, from 0; each factor is worth of 1.

    Examples
    --------
    >>> discount_factors(75)[[10, 30, 31, 50, 75]].round(4).tolist()
    [0.7089, 0.3563, 0.3459, 0.1973, 0.0942]
    """
    years = check.whole(years, "years", low=0)
    steps = list(schedule) if isinstance(schedule, Sequence) else [(1, schedule)]
    firsts = [check.whole(first, "first year of schedule") for first, _ in steps]
    if firsts != sorted(set(firsts)) or firsts[0] != 1:
        raise ValueError(f"schedule starts in the years {firsts}; they must begin with 1 and increase")
    rates = np.zeros(years + 1)
    for first, rate in steps:
        rates[first:] = check.number(rate, "rate of schedule", above=-1)
    factors = np.cumprod(1 / (1 + rates))
    return pd.Series(factors, index=pd.RangeIndex(years + 1, name="year"), name="factor")


def lasting(begins: int, lasts: ArrayLike, drop_off: ArrayLike = 0.0, *, years: int) -> Floats:
    """How much of a yearly value falls into each year, where it begins within a year and drops off.

    In the t-th year after it began, t = 0, 1, ..., the value runs at (1 - drop_off)**t of its first rate, as in
    `sroi`; what is left of a year when it ends counts in part.

    Parameters
    ----------
    begins : int
        Months from the start of year 0 until the value begins, at least 0.
    lasts : array_like
        Years that it lasts, at least 0; 1.5 is 18 months.
    drop_off : array_like, optional
        Share lost each year, in [0, 1].
    years : int
        How many years to give; what falls beyond them is left out.

    Returns
    -------
    array
        Years' worth of value in the years 0 to ``years`` - 1, along the last axis; before it the shape of `lasts`
        and `drop_off`.

    Examples
    --------
    >>> lasting(0, 3, 0.2, years=4).round(2).tolist()
    [1.0, 0.8, 0.64, 0.0]
    >>> lasting(9, 1.5, years=3).tolist()
    [0.25, 1.0, 0.25]
    """
    begins, years = check.whole(begins, "begins", low=0), check.whole(years, "years")
    length, lost = check.numbers(lasts, "lasts"), check.numbers(drop_off, "drop_off")
    if (length < 0).any():
        raise ValueError(f"lasts is {length.min():g}; it must be at least 0")
    if (lost < 0).any() or (lost > 1).any():
        raise ValueError(f"drop_off holds {lost[(lost < 0) | (lost > 1)].flat[0]:g}; it is a share between 0 and 1")
    length, lost = np.broadcast_arrays(length, lost)
    first, late = divmod(begins, 12)
    found = np.zeros((*length.shape, years))
    for year in range(years):  # counted from when it begins
        months = np.clip(12 * (length - year), 0, 12)
        before = np.minimum(months, 12 - late)  # of its year, what falls into the calendar's
        for place, part in ((first + year, before), (first + year + 1, months - before)):
            if place < years:
                found[..., place] += part / 12 * (1 - lost) ** year
    return found


def cohort_model(
    transition: pd.DataFrame,
    start: Mapping[Any, float] | pd.Series[Any],
    years: int,
    costs: Mapping[Any, float] | pd.Series[Any],
) -> pd.DataFrame:
    """A Markov cohort: how many people are in each state each year, and what that costs.

    Parameters
    ----------
    transition : DataFrame, shape (states, states)
        Yearly probabilities from the state of the row to that of the column; rows sum to 1. No two states
        may share a name, and none be called ``cost``, which is a column of the result.
    start : Series or mapping of state to float
        People in each state in year 0; a state left out has none.
    years : int
        The last year.
    costs : Series or mapping of state to float
        Cost of a person-year in each state, in one currency; 0 for a state left out.

    Returns
    -------
    DataFrame
        Index ``year`` from 0; a column a state, and ``cost`` of the year, undiscounted.

    Notes
    -----
    Left out: age, history (how long somebody has been in a state), and change within a year.

    Examples
    --------
    >>> steps = pd.DataFrame([[0.9, 0.1], [0.0, 1.0]], ["well", "dialysis"], ["well", "dialysis"])
    >>> cohort_model(steps, {"well": 100}, 2, {"dialysis": 5.0})["cost"].round(6).tolist()
    [0.0, 50.0, 95.0]
    """
    states = list(transition.columns)
    if list(transition.index) != states:
        raise ValueError(
            f"transition has the rows {list(transition.index)} and columns {states}; they must be the same"
        )
    if len(set(states)) < len(states) or "cost" in states:
        raise ValueError(f"transition has the states {states}; their names must differ, and none be 'cost'")
    matrix = check.numbers(transition.to_numpy(), "transition")
    wrong = [state for state, row in zip(states, matrix, strict=True) if (row < 0).any() or abs(row.sum() - 1) > 1e-9]
    if wrong:
        raise ValueError(f"transition rows {wrong} are not probabilities that sum to 1")
    people = _by_state(start, states, "start")
    if (people < 0).any():
        raise ValueError(f"start holds {people.min():g}; a number of people is at least 0")
    prices, rows = _by_state(costs, states, "costs"), []
    for _ in range(check.whole(years, "years", low=0) + 1):
        rows.append(people)
        people = people @ matrix
    table = pd.DataFrame(rows, columns=states).rename_axis("year")
    return table.assign(cost=table.to_numpy() @ prices)


def savings(baseline: pd.DataFrame, treated: pd.DataFrame, horizon: float, cashable: float = 1.0) -> pd.DataFrame:
    """Avoided cost by year, and the share of it that falls inside a contract.

    Parameters
    ----------
    baseline, treated : DataFrame
        From `cohort_model`, for the same years.
    horizon : float
        Length of the contract in years; a part of a year counts in part (33 months are 2.75). Year 0 is
        the contract's first.
    cashable : float, optional
        Share of avoided cost that frees money.

    Returns
    -------
    DataFrame
        Index ``year``; ``saving`` (cashable), ``inside`` (the part within the horizon), ``cumulative`` and
        ``share_inside`` (all inside over all savings to that year; NaN while there are none).

    Examples
    --------
    >>> cost = lambda *values: pd.DataFrame({"cost": values}).rename_axis("year")
    >>> savings(cost(0, 10, 20, 30), cost(0, 5, 10, 15), horizon=2.5)["share_inside"].iloc[-1].round(3)
    np.float64(0.333)
    """
    for table, name in ((baseline, "baseline"), (treated, "treated")):
        if "cost" not in table.columns:
            raise ValueError(f"{name} has no column 'cost'; a table from cohort_model is needed")
    if not baseline.index.equals(treated.index):
        raise ValueError("baseline and treated cover different years; they must cover the same")
    horizon = check.number(horizon, "horizon", low=0)
    saving = check.number(cashable, "cashable", 0, 1) * (baseline["cost"] - treated["cost"])
    inside = saving * np.clip(horizon - saving.index.to_numpy(), 0, 1)
    cumulative = saving.cumsum()
    share = (inside.cumsum() / cumulative.where(cumulative != 0)).rename("share_inside")
    return pd.DataFrame({"saving": saving, "inside": inside, "cumulative": cumulative, "share_inside": share})


def _by_state(values: Mapping[Any, float] | pd.Series[Any], states: list[Any], name: str) -> Floats:
    given = dict(values)
    unknown = [state for state in given if state not in states]
    if unknown:
        raise ValueError(f"{name} has the states {unknown}; the states of transition are {states}")
    return check.numbers([given.get(state, 0.0) for state in states], name)


def _column(value_map: pd.DataFrame, name: str) -> Floats:
    values = check.numbers(value_map[name].to_numpy(), f"value_map column {name!r}")
    low, high = (1, np.inf) if name == "duration" else (0, 1) if name in SHARES else (-np.inf, np.inf)
    wrong = (values < low) | (values > high)
    if name == "duration":
        wrong |= values != np.round(values)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        allowed = "whole years, at least 1" if name == "duration" else "a share between 0 and 1"
        raise ValueError(
            f"value_map column {name!r}, row {row} ({value_map['outcome'].iloc[row]}) is {values[row]:g}; "
            f"it must be {allowed}"
        )
    return values
