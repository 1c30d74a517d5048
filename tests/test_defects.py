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
    """Never half a case, silence, or a problem without its place, what is wrong and a remedy."""
    problems = ended(folder, file, report)
    for problem in problems:
        assert problem.place.startswith("my.toml"), problem
        assert problem.what, problem
        assert problem.remedy, problem
        assert len(str(problem)) < 700, problem
    assert bool(problems) == bool(file.planted), (str(file), [*map(str, problems)])
    named = [one for one in file.planted if any(names(problem, one) for problem in problems)]
    assert len(named) >= min(len(file.planted), 1), (str(file), [*map(str, problems)])


def names(problem: Problem, planted: defects.Defect) -> bool:
    """Whether a problem is of that key, with the remedy that it needs; or is that the file went unread from there."""
    key = problem.key.strip("'").startswith(planted.key)
    return (key and planted.says in str(problem)) or "was not read" in problem.what


@pytest.mark.parametrize("file", list(defects.drawn(40, seed=20261126)), ids=str)
def test_a_defect_is_named_and_never_passed_over(tmp_path, file):
    judged(tmp_path, file, report=False)


def test_what_has_no_defect_is_reported(tmp_path):
    whole = next(file for file in defects.drawn(1000, seed=1) if not file.planted)
    judged(tmp_path, whole)
