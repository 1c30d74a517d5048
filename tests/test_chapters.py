"""A chapter's run holds as long as what it used is the same; and what a reader of the error is told."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from casebook import chapters

ROOT = Path(__file__).parents[1]
MODEL = '"""A model."""\n\n\ndef double(x):\n    """Twice."""\n    return 2 * x\n'


@pytest.fixture
def root(tmp_path):
    """A small book: a package of two modules, two tables, and a chapter that uses one of each."""
    (tmp_path / "requirements.txt").write_text("a==1\n")
    for part in ("sibmodels", "data", "book"):
        (tmp_path / part).mkdir()
    (tmp_path / "sibmodels/__init__.py").write_text("")
    (tmp_path / "sibmodels/model.py").write_text(MODEL)
    (tmp_path / "sibmodels/other.py").write_text("y = 1\n")
    (tmp_path / "data/facts.csv").write_text("x\n21\n")
    (tmp_path / "data/more.csv").write_text("x\n1\n")
    write(tmp_path, "from sibmodels import model", "print(model.double(int(open('../data/facts.csv').read()[2:])))")
    return tmp_path


def write(root: Path, *cells: str) -> Path:
    # the kernel of a small book finds its own package first
    first = "import sys; sys.path.insert(0, '..')\n" + cells[0]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (first, *cells[1:])])
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"c{number:02d}"
    path = root / "book/chapter.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.fixture
def ran(root, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    path, said = root / "book/chapter.ipynb", []
    chapters.renew([path], said.append, root)
    assert len(said) == 1
    return path


def test_a_run_knows_what_it_used_and_keeps_what_it_printed(root, ran):
    record = chapters.record(ran, root)
    assert set(record.data["used"]) == {"data/facts.csv", "sibmodels/__init__.py", "sibmodels/model.py"}
    stored = nbformat.read(next(chapters.kept(root).rglob("base.ipynb")), as_version=4)
    assert stored.cells[1].outputs[0].text == "42\n"


@pytest.mark.parametrize(
    ("file", "content", "holds"),
    [
        ("sibmodels/model.py", MODEL.replace("Twice", "Two times") + "# a comment\n", True),
        ("sibmodels/model.py", MODEL.replace("2 * x", "3 * x"), False),
        ("sibmodels/other.py", "y = 2\n", True),
        ("data/more.csv", "x\n2\n", True),
        ("data/facts.csv", "x\n22\n", False),
        ("requirements.txt", "a==2\n", False),
    ],
)
def test_only_what_a_chapter_used_makes_it_run_again(root, ran, file, content, holds):
    (root / file).write_text(content)
    assert (chapters.record(ran, root) is not None) == holds
    said = []
    chapters.renew([ran], said.append, root)
    assert bool(said) != holds
    assert chapters.record(ran, root) is not None


def test_a_chapter_that_starts_a_program_depends_on_everything(root):
    path = write(root, "from sibmodels import model", "import subprocess; subprocess.run(['true'])")
    assert set(chapters.execute(path, root).used) == set(chapters.everything(root))


def test_what_is_opened_elsewhere_is_not_the_book_s_and_a_package_from_elsewhere_means_all(root):
    own = [str(root / "sibmodels/__init__.py"), str(root / "data/facts.csv"), "/etc/hostname", "data/facts.csv"]
    assert set(chapters.used(own, root)) == {"sibmodels/__init__.py", "data/facts.csv"}
    assert set(chapters.used(own[1:], root)) == set(chapters.everything(root))


def test_a_chapter_that_stops_is_named_with_its_cell_and_what_to_do(root):
    path = write(root, "x = 1", "y = {}['renal']")
    with pytest.raises(chapters.ChapterError) as stopped:
        chapters.renew([path], print, root)
    assert str(stopped.value) == (
        "book/chapter.ipynb, cell c02: KeyError: 'renal'. "
        "To see it whole, run the cells in Jupyter: jupyter lab book/chapter.ipynb"
    )


def test_the_book_s_own_modules_have_digests_that_differ():
    digests = {name: chapters.digest(ROOT / name) for name in chapters.everything(ROOT)}
    assert {"sibmodels/contracts.py", "data/facts.csv", "data/datapackage.json"} <= set(digests)
    assert not any("__pycache__" in name for name in digests)
    assert len(set(digests.values())) == len(digests)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["cases/osaka"], "there is no page 'cases/osaka'; did you mean cases/"),
        (["kobe"], "there is no page 'kobe'; did you mean cases/kobe?"),
        ([], "no page is named; the pages are across/alike"),
    ],
)
def test_a_page_that_does_not_exist_is_said_at_once_in_a_line(asked, said):
    run = subprocess.run([sys.executable, "book/page.py", *asked], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 1
    assert run.stderr.startswith(said)
    assert run.stderr.count("\n") == 1
