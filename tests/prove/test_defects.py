"""A thousand files with real defects, of which `make test` has a sample."""

import pytest

from .. import defects
from ..test_defects import judged

FILES = list(defects.drawn(1000, seed=1))


@pytest.mark.parametrize("hundred", range(10))
def test_a_thousand_files(tmp_path, hundred):
    for file in FILES[100 * hundred : 100 * (hundred + 1)]:
        judged(tmp_path, file)
