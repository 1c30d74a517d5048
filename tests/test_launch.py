"""Links that run a chapter elsewhere: as the three services document them, to notebooks that are there and run."""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import jinja2
import nbformat
import pytest
from casebook import coursepack, launch, pages
from casebook.words import word
from IPython.core.interactiveshell import InteractiveShell

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build/html"
HOME = "https://github.com/example-org/sib.book"
HUB = "https://hub.example.edu/jupyter/"
PATH = "chapters/uk-provider-led.ipynb"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """The branch as the course pack of the built site makes it."""
    packed = SITE / "downloads" / coursepack.PACK
    assert packed.is_file(), "there is no course pack: run `make book` first (`make test` does)"
    with zipfile.ZipFile(packed) as archive:
        return launch.branch({name.partition("/")[2]: archive.read(name) for name in archive.namelist()}, HOME)


def test_the_addresses_are_those_that_the_services_document():
    """mybinder.org: /v2/gh/OWNER/REPO/REF?labpath=; Colab: /github/OWNER/REPO/blob/REF/PATH; nbgitpuller's options."""
    binder, colab, hub = (urlsplit(way.address) for way in launch.ways(HOME, PATH, HUB))
    assert (binder.netloc, binder.path) == ("mybinder.org", "/v2/gh/example-org/sib.book/notebooks")
    assert parse_qs(binder.query) == {"labpath": [PATH]}
    assert colab.geturl() == f"https://colab.research.google.com/github/example-org/sib.book/blob/notebooks/{PATH}"
    assert (hub.netloc, hub.path) == ("hub.example.edu", "/jupyter/hub/user-redirect/git-pull")
    # the folder that nbgitpuller clones into is a part of the path
    assert parse_qs(hub.query) == {"repo": [HOME], "branch": ["notebooks"], "urlpath": [f"lab/tree/sib.book/{PATH}"]}


@pytest.mark.parametrize("written", [HOME + "/", HOME + ".git", HOME])
def test_an_address_is_taken_as_people_write_it(written):
    assert launch.ways(written, PATH, HUB) == launch.ways(HOME, PATH, HUB.rstrip("/"))


def test_a_repository_elsewhere_has_no_colab():
    binder, hub = launch.ways("https://codeberg.org/me/book", PATH, HUB)
    assert binder.address.startswith("https://mybinder.org/v2/git/https%3A%2F%2Fcodeberg.org%2Fme%2Fbook/notebooks?")
    assert hub.name == "JupyterHub"


def test_without_an_address_there_are_no_links():
    assert launch.ways("", PATH, HUB) == []
    if not pages.citation(ROOT).get("repository-code"):
        for page in SITE.glob("book/**/*.html"):
            text = page.read_text(encoding="utf-8")
            assert 'class="ways"' not in text, page
            assert "mybinder.org" not in text, page


def test_each_chapter_of_the_site_that_runs_is_on_the_branch(files):
    for page, place in launch.places(ROOT).items():
        assert (SITE / f"{page}.html").is_file()
        assert place in files, page
        for way in launch.ways(HOME, place, HUB):
            assert unquote(way.address).partition("&branch")[0].endswith(place)


def test_the_branch_is_what_binder_needs(files):
    (wheel,) = (name for name in files if name.endswith(".whl"))
    assert f"./{wheel} --hash=" in files["requirements.txt"].decode()
    assert "/" not in wheel
    assert files["runtime.txt"] == b"python-3.12\n"


def test_the_models_are_installed_before_anything_asks_for_them(files):
    (wheel,) = (name for name in files if name.endswith(".whl"))
    for name in launch.places(ROOT).values():
        notebook = nbformat.reads(files[name].decode(), as_version=4)
        nbformat.validate(notebook)
        first = next(cell for cell in notebook.cells if cell.cell_type == "code")
        assert first.id == "install"
        assert f"https://raw.githubusercontent.com/example-org/sib.book/notebooks/{wheel}" in first.source
        assert sum("pip install" in cell.source for cell in notebook.cells if cell.cell_type == "code") == 1


@pytest.mark.parametrize("missing", [True, False])
def test_the_cell_installs_only_what_is_missing(missing, monkeypatch):
    asked = []
    shell = InteractiveShell.instance()
    monkeypatch.setattr(shell, "run_line_magic", lambda name, line, **about: asked.append(f"{name} {line}"))
    if missing:
        monkeypatch.setitem(sys.modules, "sibmodels", None)
    shell.run_cell(launch.CELL.format(wheel="the-wheel")).raise_error()
    assert asked == ["pip install --quiet the-wheel"] * missing


def test_a_page_says_of_each_link_what_it_does():
    layout = (ROOT / "book/_theme/casebook/layout.html").read_text(encoding="utf-8")
    block = re.search(r"\{%- if ways %\}.*?</details>\s*\{%- endif %\}", layout, flags=re.S)[0]
    ways = launch.ways(HOME, PATH, HUB)
    shown = jinja2.Environment(autoescape=False).from_string(block, {"word": word})
    assert shown.render(ways=[]) == ""
    text = shown.render(ways=ways)
    for way in ways:
        assert f'href="{way.address.replace("&", "&amp;")}"' in text
        assert way.expect in text
    assert not re.search("<(?:img|script|iframe|link)", text)  # nothing is asked of another host before a click


def test_the_branch_is_put_into_the_repository_and_nothing_else_changes(tmp_path):
    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@localhost", *words],
            cwd=tmp_path / "book",
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    (tmp_path / "book/book").mkdir(parents=True)
    (tmp_path / "book/book/launch.py").write_bytes((ROOT / "book/launch.py").read_bytes())
    (tmp_path / "book/.gitignore").write_text("_build\n*.whl\n")
    git("init", "--quiet", "--initial-branch", "main")
    git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    command = [sys.executable, str(tmp_path / "book/book/launch.py"), str(tmp_path / "remote.git")]
    none = subprocess.run(command, capture_output=True, text=True)
    assert none.returncode == 1
    assert "name repository-code in CITATION.cff" in none.stderr
    for content in ("one", "two"):
        (tmp_path / "book/_build/launch/chapters").mkdir(parents=True, exist_ok=True)
        (tmp_path / "book/_build/launch/chapters/kobe.ipynb").write_text(json.dumps(content))
        (tmp_path / "book/_build/launch/models.whl").write_text(content)
        subprocess.run(command, check=True)
        listed = git("--git-dir", str(tmp_path / "remote.git"), "ls-tree", "-r", "--name-only", launch.BRANCH)
        assert listed.split() == ["chapters/kobe.ipynb", "models.whl"]
        held = git("--git-dir", str(tmp_path / "remote.git"), "show", f"{launch.BRANCH}:models.whl")
        assert held == content
    assert git("status", "--short") == ""
    assert git("branch", "--format", "%(refname:short)") == "main"
