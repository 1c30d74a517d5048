"""Value: social return on investment (SROI)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sibmodels import _checks as check

__all__ = ["SROI", "VALUE_MAP_COLUMNS", "sroi"]

SHARES = ("deadweight", "displacement", "attribution", "drop_off")
VALUE_MAP_COLUMNS = ("outcome", "stakeholder", "quantity", "proxy", "duration", *SHARES)


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


def sroi(value_map: pd.DataFrame, inputs: float, rate: float) -> SROI:
    """Social return on investment after the SROI Guide (Nicholls, Lawlor, Neitzert & Goodspeed 2012).

    Outcome j in year t = 0, 1, ... of its duration is worth::

        quantity * proxy * (1 - deadweight) * (1 - displacement) * (1 - attribution) * (1 - drop_off)**t

    divided by (1 + rate)**t, so the first year is neither dropped off nor discounted.

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

    Notes
    -----
    Left out: whether a proxy measures what the stakeholder feels, and any outcome that nobody listed.

    Examples
    --------
    >>> row = dict(outcome="Confidence", stakeholder="Pupils", quantity=100, proxy=5_100, duration=2,
    ...            deadweight=0.4, displacement=0.0, attribution=0.3, drop_off=0.3)
    >>> round(sroi(pd.DataFrame([row]), inputs=250_000, rate=0.035).ratio, 3)
    1.436
    """
    inputs = check.number(inputs, "inputs", above=0)
    rate = check.number(rate, "rate", above=-1)
    absent = [column for column in VALUE_MAP_COLUMNS if column not in value_map.columns]
    if absent:
        raise ValueError(f"value_map lacks the columns {absent}; it needs {list(VALUE_MAP_COLUMNS)}")
    if not len(value_map):
        raise ValueError("value_map is empty; at least one outcome is needed")
    if "currency" in value_map.columns and value_map["currency"].nunique() > 1:
        raise ValueError(f"value_map mixes the currencies {sorted(set(value_map['currency']))}; one is allowed")
    columns = {name: _column(value_map, name) for name in VALUE_MAP_COLUMNS[2:]}

    impact = columns["quantity"] * columns["proxy"]
    for share in ("deadweight", "displacement", "attribution"):
        impact = impact * (1 - columns[share])
    yearly = (1 - columns["drop_off"]) / (1 + rate)
    years = np.arange(int(columns["duration"].max()))
    lasting = years < columns["duration"][:, None]
    present = impact * np.where(lasting, yearly[:, None] ** years, 0.0).sum(axis=1)
    table = value_map[["outcome", "stakeholder"]].reset_index(drop=True)
    table = table.assign(impact=impact, present_value=present)
    total = float(present.sum())
    return SROI(total / inputs, total, inputs, table)


def _column(value_map: pd.DataFrame, name: str) -> np.ndarray:
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
