"""The chapters as files, and as a reader takes them away."""

import re
from pathlib import Path

import nbformat
import pybtex.database
import pytest
from casebook import chapters

from .conftest import outside

ROOT = Path(__file__).parents[1]
PAGES = chapters.pages(ROOT)
NOTEBOOKS = [path for path in PAGES if path.suffix == ".ipynb"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_outputs_are_stored_and_nothing_else_is(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    for cell in code:
        assert not [
            output for output in cell.outputs if output.output_type == "error" or output.get("name") == "stderr"
        ]
        drawn = any("altair-viz-" in output.get("data", {}).get("text/html", "") for output in cell.outputs)
        # only a chart may escape the comparison of stored with computed: its data are tested instead
        assert ("nbval-ignore-output" in cell.metadata.get("tags", [])) == drawn, cell.source[:80]
        assert "nbval-skip" not in cell.metadata.get("tags", [])


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_open_with_what_they_ask_what_to_know_and_how_long_they_take(path):
    first = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        first = nbformat.reads(first, as_version=4).cells[0].source
    assert re.match(r"# \S", first)
    card = first.partition(":class: chapter-card")[2]
    assert all(f"**{word}**" in card for word in ("Asks", "Know first", "Takes")), first[:300]


@pytest.mark.parametrize("path", sorted((ROOT / "book/cases").glob("*.ipynb")), ids=lambda path: path.stem)
def test_case_chapters_have_their_parts_in_order(path):
    text = "\n".join(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown")
    headings = re.findall(r"^## (.+)$", text, flags=re.M)
    assert headings == [
        "In brief",
        "What happened",
        "Who and how",
        "The contract as a model",
        "The question this case raises",
        "Through two lenses",
        "What we don't know",
        "Exercises",
        "Sources and further reading",
    ]


def test_cited_keys_exist():
    known = set(pybtex.database.parse_file(ROOT / "book/references.bib").entries)
    cited = set()
    for path in PAGES:
        for group in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", path.read_text(encoding="utf-8")):
            cited |= {key.strip() for key in group.split(",")}
    assert len(cited) > 20
    assert cited <= known


def test_reader_s_environment_has_the_data_and_no_network(reader, tmp_path):
    code = "from sibmodels import tables; print(tables.folder(), len(tables.read('facts')))"
    run = outside([reader, "-c", code], tmp_path)
    assert run.returncode == 0, run.stderr
    assert "site-packages" in run.stdout
    assert str(ROOT) not in run.stdout
    blocked = outside([reader, "-c", "import socket; socket.create_connection(('192.0.2.1', 80), 2)"], tmp_path)
    assert "no network in this test" in blocked.stderr


@pytest.mark.parametrize("page", ["README.md", "book/start.md"])
def test_examples_in_text_pages_run(page):
    examples = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), flags=re.M | re.S)
    assert examples
    for example in examples:
        exec(compile(example, page, "exec"), {})
