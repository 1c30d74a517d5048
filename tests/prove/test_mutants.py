"""Every fault in every model: do its tests notice it? Those that none could are listed, with the reason."""

from ..mutants import MODELS, surveys

LEAST = 0.95  # of those that are not equivalent


def test_faults_are_noticed():
    results = surveys(MODELS)
    print(*results, sep="\n\n\n")
    assert {result.module: result.share for result in results if result.share < LEAST} == {}
    assert [str(fault) for result in results for fault in result.mistaken] == []
