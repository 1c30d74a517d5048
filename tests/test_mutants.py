"""The tests of the models notice faults: a sample of what `make prove` tries."""

import ast
import os

import pytest

from .mutants import MODELS, ROOT, equivalents, mutants, sample, surveys


def test_a_mutant_is_the_module_with_one_fault():
    whole = ast.unparse(ast.parse((ROOT / "sibmodels/commissioning.py").read_text(encoding="utf-8")))
    for mutant in sample("commissioning", 20):
        lines = zip(whole.splitlines(), mutant.source.splitlines(), strict=True)
        assert sum(before != after for before, after in lines) == 1, str(mutant)
        assert mutant.before != mutant.after


def test_a_sample_is_the_same_for_the_same_seed():
    assert sample("value", 5) == sample("value", 5) != sample("value", 5, seed=2)
    assert sample("value") == mutants("value")
    assert all(len(mutants(module)) > 20 for module in MODELS)


def test_what_is_called_equivalent_is_a_fault_that_a_module_can_have():
    """The code has changed where one is not found: the list must, too."""
    keys = [fault.key for module in MODELS for fault in mutants(module)]
    assert [key for key, why in equivalents().items() if keys.count(key) != 1 or not why] == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="faults are tried in forks")
def test_faults_are_noticed():
    contracts, value = surveys(["contracts", "value"], 10, seed=7)
    assert contracts.noticed == 10, str(contracts)
    assert value.noticed == 10, str(value)
