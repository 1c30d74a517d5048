"""Every edition of every chapter, run whole in the environment of a reader.

`make test` shows that their code is the chapter's, which it runs; here each is run as it is handed out.
"""

import pytest
from casebook import editions

from ..conftest import outside
from ..test_teaching import IN_ONE_PROCESS, ROOT


@pytest.mark.parametrize("which", ["student", "solutions", "instructor"])
def test_every_notebook_of_an_edition_runs_without_the_repository(which, reader, tmp_path):
    made = editions.build(ROOT, which)
    for name, text in made.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    run = outside([reader, "-c", IN_ONE_PROCESS], tmp_path)
    assert run.returncode == 0, run.stdout[-1500:] + run.stderr[-1500:]
    assert run.stdout.count("\nran ") + run.stdout.startswith("ran ") == len(made)
