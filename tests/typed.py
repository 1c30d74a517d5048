"""What a reader's own type checker is told of results: read by mypy (`make lint`), never run."""

from typing import Any, assert_type

import numpy as np
import pandas as pd

import sibmodels as sib
from sibmodels._arguments import Floats


def of_one_number_or_many(row: "pd.Series[float]", drawn: pd.DataFrame, array: Floats) -> None:
    """One course of events gives a number, several an array; an array may be either."""
    assert_type(sib.irr([-100, 110]), float)
    assert_type(sib.irr(row), float)
    assert_type(sib.irr([[-100, 110], [-100, 120]]), Floats)
    assert_type(sib.irr(array), Any)
    assert_type(sib.npv(0.1, [-100, 110]), float)
    assert_type(sib.npv(np.array([0.1, 0.2]), [-100, 110]), Any)
    assert_type(sib.money_multiple([-100, 110]), float)
    assert_type(sib.peak_draw([[-100, 110]]), Floats)
    assert_type(sib.is_conventional([-100, 110]), bool)
    assert_type(sib.annualise(0.01, 12), float)
    assert_type(sib.price([100, 0], [0, 10], 0.1), float)
    assert_type(sib.price([[100, 0]], [[0, 10]], 0.1), Floats)
    assert_type(sib.price(array, array, 0.1), Any)
    assert_type(sib.success_payment(1.0, 0.05, 3, 0.8), tuple[float, float])
    assert_type(sib.hill_number([5, 5], 1), float)
    assert_type(sib.discount_factors(30), "pd.Series[float]")

    schedule = sib.PaymentSchedule.threshold(0.5, 100.0)
    assert_type(schedule(0.4), float)
    assert_type(schedule([0.4, 0.6]), Floats)
    contract = sib.Contract("One", "GBP", [sib.Outcome("job", schedule)])
    assert_type(contract.total({"job": 0.6}), float)
    assert_type(contract.total(drawn), Floats)
    assert_type(contract.by_payer({"job": 0.6}), "pd.Series[float]")
    assert_type(contract.by_payer(drawn), pd.DataFrame)
    assert_type(sib.simulate(contract, {"job": (0.5, 20.0)}, 30), pd.DataFrame)
    assert_type(sib.patience_needed(0.5), float)
    assert_type(sib.least_patience(0.5), float)
