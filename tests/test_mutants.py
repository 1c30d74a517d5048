"""The tests of the models notice faults: a sample of what `make prove` tries."""

import ast

from .mutants import MODELS, ROOT, places, sample, survives


def test_a_mutant_is_the_module_with_one_fault():
    whole = ast.unparse(ast.parse((ROOT / "sibmodels/commissioning.py").read_text(encoding="utf-8")))
    for mutant in sample("commissioning", 20):
        lines = zip(whole.splitlines(), mutant.source.splitlines(), strict=True)
        assert sum(before != after for before, after in lines) == 1, str(mutant)
        assert mutant.before != mutant.after


def test_a_sample_is_the_same_for_the_same_seed():
    assert list(map(str, sample("value", 5))) == list(map(str, sample("value", 5)))
    assert list(map(str, sample("value", 5))) != list(map(str, sample("value", 5, seed=2)))
    assert all(len(places(module)) > 40 for module in MODELS)


def test_faults_are_noticed(tmp_path):
    """One may survive: what it changes may be nothing that a caller sees."""
    faults = [fault for module in ("contracts", "cashflows", "value") for fault in sample(module, 1, seed=7)]
    lived = [str(fault) for fault in faults if survives(fault, tmp_path / fault.module)]
    assert len(lived) <= 1, lived
