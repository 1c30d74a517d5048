"""The house: arrows go one way, and what a new thing needs is said by name, file and line."""

import ast
import re
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from casebook import addresses, chapters

from sibmodels import cases, tables

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sibmodels"
FLOORS = (  # each may use those before it, and of its own line only what makes no circle
    {"_arguments", "_roots", "files", "messages"},
    {
        "contracts",
        "people",
        "cashflows",
        "capital",
        "simulation",
        "value",
        "evaluation",
        "incentives",
        "commissioning",
        "options",
        "portfolio",
        "pricing",
        "relations",
        "unitcosts",
        "isomorphism",
    },
    {"samples", "rules", "tables"},
    {"cases", "governance", "networks", "replays", "indigo", "display"},
    {"charts", "casefile", "teach"},
    {"reports"},
    {"__main__"},
)


def room(path: Path) -> str:
    """A module of the package, or the folder that it is in."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The rooms that a module takes from, also those that it takes late."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "sibmodels":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sibmodels."):
            found.add(node.module.split(".")[1])
    return found


def test_arrows_go_one_way():
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    rooms = {room(path) for path in PACKAGE.rglob("*.py")} - {"__init__"}
    assert rooms == set(floor), "tests/test_house.py: FLOORS says on which floor each module of sibmodels is"
    uses = {name: set() for name in rooms}
    for path in PACKAGE.rglob("*.py"):
        if path != PACKAGE / "__init__.py":
            uses[room(path)] |= imported(path) - {room(path)}
    up = [f"{name} uses {other}" for name in rooms for other in uses[name] if floor[other] > floor[name]]
    assert not up
    left = dict(uses)
    while left:  # a room that uses nothing that is left can be taken away, until none is
        free = [name for name, others in left.items() if not others & left.keys()]
        assert free, f"these use each other in a circle: {sorted(left)}"
        left = {name: others for name, others in left.items() if name not in free}


def test_the_guide_to_the_data_has_a_line_for_each_table():
    lines = (ROOT / "data/README.md").read_text(encoding="utf-8").splitlines()
    for name in tables.names():
        resource = tables._package(tables.folder())[name]
        line = f"| [`{resource['path']}`]({resource['path']}) | {resource['title']} |"
        assert line in lines, f"data/README.md lacks the line: {line}"
    folders = [path.name for path in (ROOT / "data").iterdir() if path.is_dir()]
    assert all(f"| [`{name}/`]({name}) |" in "\n".join(lines) for name in folders), "data/README.md: a line a folder"
    assert sum(line.startswith("| [`") for line in lines) == len(tables.names()) + len(folders)


@pytest.mark.parametrize("path", chapters.pages(ROOT), ids=lambda path: path.stem)
def test_what_a_page_needs(path):
    name = path.relative_to(ROOT).with_suffix("").as_posix()
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [toc["root"], *(one["file"] for part in toc["parts"] for one in part["chapters"])]
    missing = [] if name in listed else [f"_toc.yml: - file: {name}"]
    missing += [] if f"{name}.html" in addresses.read(ROOT) else [f"book/addresses.txt: {name}.html"]
    if path.suffix == ".ipynb":
        notebook = nbformat.read(path, as_version=4)
        if any(re.search("^## Exercises$", cell.source, re.M) for cell in notebook.cells):
            noted = tomllib.loads((ROOT / "book/teach/notes.toml").read_text(encoding="utf-8"))
            short = name.removeprefix("book/")
            missing += (
                [] if short in noted else [f'book/teach/notes.toml: ["{short}"], with minutes, mistakes, prompts']
            )
    assert not missing, f"{path.name} also needs a line in " + "; ".join(missing)


@pytest.mark.parametrize("case", cases.names())
def test_what_a_case_needs(case):
    missing = [] if (ROOT / f"book/cases/{case}.ipynb").is_file() else [f"book/cases/{case}.ipynb, its chapter"]
    for table in ("facts", "stakeholders", "ties", "governance", "assumptions"):
        missing += [] if len(cases.table(table, case)) else [f"data/{table}.csv, a row whose case is {case}"]
    known = cases.table("facts", case)["key"].tolist()
    missing += [f"data/facts.csv, {case},{key}" for key in ("location", "need", "cohort") if key not in known]
    assert not missing, "a case also needs " + "; ".join(missing)
