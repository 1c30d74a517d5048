"""The pins: of everything, with hashes, in versions that agree, from nowhere in particular."""

import re
import runpy
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCK = runpy.run_path(str(ROOT / "requirements/lock.py"))
FILES = list(LOCK["ENVIRONMENTS"])
PIN = re.compile(r"([\w.-]+)(\[[\w,-]+\])?==(\S+)( ; .+)? \\")


def pins(name: str) -> list[tuple[str, ...]]:
    """Each pin's package, extra, version and marker."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [PIN.fullmatch(line) for line in lines if not line.startswith(("#", "    --hash=sha256:"))]
    assert all(found), [line for line in lines if not line.startswith(("#", " ")) and not PIN.fullmatch(line)]
    return [match.groups(default="") for match in found]


@pytest.mark.parametrize("name", FILES)
def test_every_line_is_a_pin_with_its_hashes_and_names_no_host(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert pins(name)
    assert len(re.findall(r"\\\n    --hash=sha256:[0-9a-f]{64}", text)) >= len(pins(name))
    assert not re.search(r"://|^-", text, re.M)


@pytest.mark.parametrize("name", FILES[1:3])
def test_readers_and_builders_have_what_the_tests_run_with(name):
    here, tested = ({pin[:3] for pin in pins(file)} for file in (name, FILES[0]))
    assert here < tested


def test_readers_get_no_tools():
    """Under 300 MB: measured when the group changes."""
    packages = {package for package, *_ in pins("requirements/read.txt")}
    assert {"altair", "jupyterlab", "networkx", "numpy", "openpyxl", "pandas"} < packages
    assert not packages & {"dask", "hatchling", "jupyter-book", "mypy", "pytest", "sphinx", "vl-convert-python"}
    assert len(packages) < 110


def test_what_is_asked_for_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [project["dependency-groups"][group] for group in ("read", "book", "test")]
    asked = chain(project["project"]["dependencies"], *project["project"]["optional-dependencies"].values(), *groups)
    assert {re.match(r"[\w.-]+", line)[0] for line in asked if isinstance(line, str)} <= {
        package for package, *_ in pins(FILES[0])
    }


def test_a_package_with_an_extra_is_pinned_without_it_too():
    extra, other = "a[b]==1 \\\n    --hash=x\n", "c==2 \\\n    --hash=y\n"
    assert LOCK["without_extras"](extra + other) == extra.replace("[b]", "") + extra + other
    for name in FILES:
        alone = {(package, version) for package, extra, version, _ in pins(name) if not extra}
        assert {(package, version) for package, extra, version, _ in pins(name) if extra} <= alone
