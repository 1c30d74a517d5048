"""Files with real defects end in a report, made whole, or in a list of problems that names each defect."""

import warnings

import pytest

from sibmodels import casefile, reports
from sibmodels.casefile import CaseFileError
from sibmodels.casefile.problems import Problem
from tests import defects


def ended(folder, file: defects.File, report: bool = True) -> tuple[Problem, ...]:
    """What reading a file ends in: no problem and a report, or every problem."""
    path = folder / "my.toml"
    path.write_bytes(file.content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            case = casefile.read(path)
        except CaseFileError as error:
            return error.problems
        if report:
            assert reports.html(case, pictures=False).endswith("</html>\n")
            assert reports.notebook(case)["cells"]
    return ()


def judged(folder, file: defects.File, report: bool = True) -> None:
    problems = ended(folder, file, report)
    for problem in problems:
        assert problem.place.startswith("my.toml"), problem
        assert problem.what, problem
        assert problem.remedy, problem
        assert len(str(problem)) < 700, problem
    assert bool(problems) == bool(file.planted), (str(file), [*map(str, problems)])
    for one in file.planted:
        named = [str(problem) for problem in problems if problem.key.strip("'").startswith(one.key)]
        unread = any("was not read" in str(problem) for problem in problems)
        assert named or unread, (str(file), [*map(str, problems)])
        assert unread or any(one.says in said for said in named), (str(file), named)


@pytest.mark.parametrize("file", defects.drawn(40, seed=20261126), ids=str)
def test_a_defect_is_named_and_never_passed_over(tmp_path, file):
    judged(tmp_path, file, report=False)


def test_what_has_no_defect_is_reported(tmp_path):
    whole = next(file for file in defects.drawn(1000, seed=1) if not file.planted)
    judged(tmp_path, whole)
