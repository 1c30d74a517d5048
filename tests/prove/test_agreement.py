"""Agreement beside the library that Krippendorff's alpha has on PyPI, at all four levels."""

import krippendorff
import numpy as np
import pytest

from sibmodels import agreement

LEVELS = ("nominal", "ordinal", "interval", "ratio")


def tables(level: str, count: int = 100):
    """Codings with gaps: two to six coders, up to forty units, of which two at least can be paired and differ."""
    rng = np.random.default_rng(LEVELS.index(level))
    while count:
        shape = rng.integers(2, 7), rng.integers(3, 41)
        table = rng.choice([0.0, 0.5, 1.0, 2.0, 7.0], shape)
        table[rng.random(shape) < rng.choice([0.0, 0.2, 0.5])] = np.nan
        paired = table[:, np.isfinite(table).sum(axis=0) >= 2]
        if np.unique(paired[np.isfinite(paired)]).size > 1:
            count -= 1
            yield table


@pytest.mark.parametrize("level", LEVELS)
def test_alpha_is_the_library_s(level):
    for table in tables(level):
        theirs = krippendorff.alpha(reliability_data=table, level_of_measurement=level)
        assert agreement(table, level) == pytest.approx(theirs, abs=1e-12)


def test_words_are_the_library_s():
    rng = np.random.default_rng(5)
    for _ in range(50):
        table = rng.choice(["a", "b", "c"], (3, 20))
        theirs = krippendorff.alpha(reliability_data=table, level_of_measurement="nominal")
        assert agreement(table.tolist(), "nominal") == pytest.approx(theirs, abs=1e-12)
