"""The reference values that the page "How do we know it is right?" shows are the ones tested here."""

import networkx as nx
import pandas as pd
import pytest

import sibmodels
from sibmodels import Contract, Outcome, PaymentSchedule, tables
from sibmodels.evaluation import CELLS

from .test_governance import KRIPPENDORFF

CHECKS = tables.read("checks").set_index("check")


def outcome(name):
    return Outcome(name, PaymentSchedule.proportional(1, 100), unit="share")


def whole(proxy, duration=1, drop_off=0.0):
    """A value map of one outcome from which nothing is taken away."""
    row = dict(outcome="all", stakeholder="all", quantity=1, proxy=proxy, duration=duration, drop_off=drop_off)
    return pd.DataFrame([row | dict.fromkeys(("deadweight", "displacement", "attribution"), 0.0)])


NAMES = {name: getattr(sibmodels, name) for name in sibmodels.__all__} | {
    "CELLS": CELLS,
    "KRIPPENDORFF": KRIPPENDORFF,
    "nx": nx,
    "one": Contract("one", "GBP", [outcome("x")]),
    "two": Contract("two", "GBP", [outcome("x"), outcome("y")]),
    "steps": pd.DataFrame([[0.9, 0.1], [0.0, 1.0]], ["well", "ill"], ["well", "ill"]),
    "whole": whole,
}


@pytest.mark.parametrize("check", CHECKS.index)
def test_reference_value(check):
    row = CHECKS.loc[check]
    result = float(eval(row["call"], dict(NAMES)))
    assert abs(result - row["value"]) <= row["tolerance"] + 1e-15, f"{row['call']} gives {result}"


def test_every_model_has_a_check_of_its_own():
    models = {"cashflows", "commissioning", "contracts", "evaluation", "governance", "incentives"}
    models |= {
        "isomorphism",
        "networks",
        "options",
        "portfolio",
        "pricing",
        "relations",
        "samples",
        "simulation",
        "unitcosts",
        "value",
    }
    assert set(CHECKS["model"]) == models


def test_tolerances_are_tight():
    """A tolerance as wide as the value would check nothing."""
    size = CHECKS["value"].abs().where(CHECKS["value"] != 0, 1.0)
    assert (CHECKS["tolerance"] <= 0.03 * size).all()
