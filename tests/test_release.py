"""A release: one version, a licence for whatever is shipped, forms and workflows that ask for what exists."""

import ast
import json
import re
import runpy
import shutil
import subprocess
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import nbformat
import pybtex.database
import pytest
import yaml

import sibmodels

from .test_package import COPYLEFT

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build/html"
RELEASE = runpy.run_path(str(ROOT / "book/release.py"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
SHIPPED = tomllib.loads((ROOT / "book/shipped.toml").read_text(encoding="utf-8"))["part"]
READ = ("CHANGELOG.md", "CITATION.cff", "book/start.md", "sibmodels/__init__.py")


@pytest.fixture
def clone(tmp_path):
    """What a release is asked about, in a repository of its own."""
    for name in READ:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def git(folder, *command):
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True)


def commit(folder):
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "All")


def test_the_version_stands_in_one_place_and_is_said_alike_everywhere(clone):
    assert RELEASE["version"](ROOT) == sibmodels.__version__
    assert RELEASE["unready"](clone) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("CITATION.cff", "version: ", "version: 9", "CITATION.cff: version is 9"),
        ("CITATION.cff", "date-released: 20", "date-released: 19", "CHANGELOG.md: no line '## "),
        ("CHANGELOG.md", "## ", "## not ", "CHANGELOG.md: no line '## "),
        ("book/start.md", "version = {", "version = {9", "book/start.md"),
    ],
)
def test_what_does_not_fit_is_named(clone, name, old, new, said):
    text = (clone / name).read_text(encoding="utf-8")
    assert old in text
    (clone / name).write_text(text.replace(old, new), encoding="utf-8")
    assert any("1 files differ" in line and name in line for line in RELEASE["unready"](clone))
    commit(clone)
    (problem,) = RELEASE["unready"](clone)
    assert said in problem


def test_a_version_is_given_away_once(clone):
    git(clone, "tag", f"v{sibmodels.__version__}")
    assert RELEASE["unready"](clone) == []  # this very commit: made again
    (clone / "more").write_text("more", encoding="utf-8")
    commit(clone)
    (problem,) = RELEASE["unready"](clone)
    assert "is another commit: raise __version__" in problem


MADE = {"casebook.css", "search-index.js", "searchindex.js", "slides.css", "slides.js"}  # by the build, of our own


def test_each_file_of_others_on_the_site_has_a_licence():
    patterns = [pattern for part in SHIPPED for pattern in part["files"]]
    code = {path.relative_to(SITE).as_posix() for path in SITE.rglob("*") if path.suffix in (".js", ".css", ".woff2")}
    theme = {path.name for path in (ROOT / "book/_theme/casebook/static").iterdir()} - {"live-editor.js"}
    others = {
        name
        for name in code
        if not name.startswith("live/")  # named one by one in runtime.json, and listed on the page of data
        and Path(name).name not in theme | MADE
    }
    others -= {name for name in others if re.fullmatch(r"_static/words\.\w+\.js", name)}  # made of ours, too
    assert others
    assert not [name for name in others if not any(fnmatch(name, pattern) for pattern in patterns)]
    assert not [pattern for pattern in patterns if not list(SITE.glob(pattern))]
    assert (SITE / "_static/fonts/OFL.txt").is_file()


def test_no_part_is_without_a_licence_or_under_the_gpl():
    locked = json.loads((ROOT / "book/_theme/editor/package-lock.json").read_text(encoding="utf-8"))["packages"]
    runtime = json.loads((ROOT / "book/_ext/casebook/runtime.json").read_text(encoding="utf-8"))["core"]
    licences = [part["licence"] for part in SHIPPED + runtime]
    licences += [about["license"] for name, about in locked.items() if name]
    assert all(licences)
    assert not [licence for licence in licences if COPYLEFT.search(licence)]


def test_readers_are_told_whose_work_is_shipped():
    page = nbformat.read(ROOT / "book/reference/data.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in page.cells if cell.cell_type == "markdown")
    assert not [part["name"] for part in SHIPPED if not all(word in text for word in part["name"].split(" and "))]


def test_the_bill_of_materials_is_the_same_for_the_same_parts():
    found = [{"name": "b", "version": "1", "licence": "MIT", "kind": "npm"}]
    found += [{"name": "A", "version": "", "licence": "ISC", "kind": "site"}]
    bill = RELEASE["bill"](found, "1.0", 0, ["numpy>=2"])
    assert bill == RELEASE["bill"](found[::-1], "1.0", 0, ["numpy>=2"])
    assert [row["name"] for row in bill["components"]] == ["A", "b"]
    assert bill["components"][1]["purl"] == "pkg:npm/b@1"
    assert bill["metadata"]["timestamp"] == "1970-01-01T00:00:00Z"


def test_the_editor_s_lock_names_what_is_asked_for_and_no_host():
    folder = ROOT / "book/_theme/editor"
    text = (folder / "package-lock.json").read_text(encoding="utf-8")
    asked = json.loads((folder / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    packages = json.loads(text)["packages"]
    assert {name: packages[f"node_modules/{name}"]["version"] for name in asked} == asked
    assert all("integrity" in about for name, about in packages.items() if name)
    assert '"resolved"' not in text


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_have_limits_few_rights_and_ask_for_what_make_has(path):
    flow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert flow["permissions"] == {"contents": "read"}
    assert all(job["timeout-minutes"] <= 90 for job in flow["jobs"].values())
    steps = [step for job in flow["jobs"].values() for step in job["steps"]]
    # a version, which pinact can name by its commit, or that commit; never a branch
    assert all(re.search(r"@(v\d+(\.\d+)*|[0-9a-f]{40})$", step["uses"]) for step in steps if "uses" in step)
    for job in flow["jobs"].values():  # only what pushes a branch keeps the key to do it
        pushes = job.get("permissions", {}).get("contents") == "write" and "book/launch.py" in str(job["steps"])
        for step in job["steps"]:
            if "actions/checkout" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is pushes
    for step in steps:
        assert "${{" not in step.get("run", "")  # what comes from outside goes through env
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    asked = {word for step in steps for word in re.findall(r"^make ([\w-]+)", step.get("run", ""), re.M)}
    assert asked <= targets


def test_each_python_that_is_declared_is_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [line.rpartition(":: ")[2] for line in project["classifiers"] if "Python :: 3." in line]
    book = yaml.safe_load((ROOT / ".github/workflows/book.yml").read_text(encoding="utf-8"))
    assert book["jobs"]["package"]["strategy"]["matrix"]["python"] == named
    assert project["requires-python"] == f">={named[0]}"


def test_what_the_package_s_tests_share_needs_no_book():
    body = ast.parse((ROOT / "tests/conftest.py").read_text(encoding="utf-8")).body
    loaded = {alias.name for node in body if isinstance(node, ast.Import) for alias in node.names}
    loaded |= {node.module for node in body if isinstance(node, ast.ImportFrom)}
    needed = runpy.run_path(str(ROOT / "tests/package.py"))["NEEDED"]
    assert not {name.partition(".")[0] for name in loaded} - needed


def test_what_the_host_of_the_repository_reads_is_yaml():
    files = sorted((ROOT / ".github").rglob("*.y*ml"))
    assert len(files) >= 8
    assert all(isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict) for path in files)


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml")), ids=lambda path: path.stem
)
def test_forms_ask_for_something(path):
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= set(form)
    ids = [field["id"] for field in form["body"]]
    assert len(ids) == len(set(ids)) >= 2
    assert any(field.get("validations", {}).get("required") for field in form["body"])


def test_the_paper_cites_what_the_book_has_seen():
    paper = (ROOT / "paper.md").read_text(encoding="utf-8")
    own = pybtex.database.parse_file(ROOT / "paper.bib").entries
    book = pybtex.database.parse_file(ROOT / "book/references.bib").entries
    assert set(re.findall(r"@([a-z]+\d{4}[a-z]*)", paper)) == set(own)
    software = {"harris2020", "mckinney2010", "vanderplas2018"}
    assert all(own[key] == book[key] for key in set(own) - software)
    headings = ["Summary", "Statement of need", "Learning objectives", "Content", "Instructional design"]
    headings += ["Experience of use", "Story of the project"]
    assert [name for name in re.findall(r"^# (.+)$", paper, re.M) if name in headings] == headings
