"""Of many faults in the models, how many do their tests notice? Survivors are printed: some change nothing seen."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from ..mutants import MODELS, sample, survives

COUNT = 12
LEAST = 0.6  # of a module; what survives is mostly a step of a search, or a width that only costs time


@pytest.mark.parametrize("module", MODELS)
def test_most_faults_are_noticed(module, tmp_path, record_property):
    faults = sample(module, COUNT, seed=20261125)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        lived = list(pool.map(lambda pair: survives(pair[1], tmp_path / f"{pair[0]}"), enumerate(faults)))
    survivors = [str(fault) for fault, alive in zip(faults, lived, strict=True) if alive]
    print(f"{module}: {COUNT - len(survivors)} of {COUNT} noticed; not noticed:", *survivors, sep="\n  ")
    assert len(survivors) <= (1 - LEAST) * COUNT, survivors
