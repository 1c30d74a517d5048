"""The package as a whole: what it exports, and what importing it costs."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path

import pytest

import sibmodels

from .conftest import needed

PACKAGE = Path(sibmodels.__file__).parent


def test_everything_exported_exists_and_says_what_it_is():
    for name in sibmodels.__all__:
        assert getattr(sibmodels, name).__doc__.strip(), name


@pytest.mark.parametrize(
    ("use", "loaded"),
    [
        ("import sibmodels", set()),
        ("from sibmodels import irr; irr([-1, 2])", {"pandas"}),
        ("import sibmodels; sibmodels.stakeholder_network('kobe')", {"pandas", "networkx"}),
        ("from sibmodels import charts", {"pandas", "altair"}),
    ],
)
def test_what_is_heavy_loads_only_when_used(use, loaded):
    heavy = "{'altair', 'networkx', 'pandas'}"
    code = f"import sys; {use}; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(sorted(loaded))


def test_unknown_name_is_an_attribute_error():
    assert {"irr", "charts"} <= set(dir(sibmodels))
    with pytest.raises(AttributeError, match="no attribute 'irrr'"):
        sibmodels.irrr  # noqa: B018


def test_names_are_listed_in_the_module_that_defines_them():
    for module, names in sibmodels._HOME.items():
        home = import_module(f"sibmodels.{module}")
        assert set(names) <= set(home.__all__), module
        assert all(getattr(home, name) is getattr(sibmodels, name) for name in names)


COPYLEFT = re.compile(r"\b[AL]?GPL|GNU .*General Public", re.IGNORECASE)


def licence(name: str) -> str:
    about = distribution(name).metadata
    classified = [line for line in about.get_all("Classifier") or [] if line.startswith("License")]
    return " ".join([about.get("License-Expression") or "", *classified, (about.get("License") or "")[:200]])


def test_nothing_that_the_package_needs_is_under_the_gpl():
    found = needed("sibmodels")
    assert {"numpy", "pandas", "altair", "networkx"} < found
    assert all(licence(name).strip() for name in found)
    assert not [name for name in found if COPYLEFT.search(licence(name))]
    assert COPYLEFT.search("License :: OSI Approved :: GNU General Public License v3 (GPLv3)")  # it can tell


def public_functions():
    for path in sorted(PACKAGE.rglob("[a-z]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and "overload" not in map(ast.unparse, node.decorator_list):
                yield pytest.param(node, id=f"{path.relative_to(PACKAGE).with_suffix('').as_posix()}.{node.name}")


@pytest.mark.parametrize("node", list(public_functions()))
def test_every_public_thing_has_a_docstring(node):
    assert ast.get_docstring(node)


# fixed by what notebooks in print call, or one number for each letter of a formula
LONGER = {
    "evaluation": {"contract_mde", "contract_power", "doughnut_trial", "payment_errors"},
    "incentives": {"optimal_weights", "selection"},
    "isomorphism": {"imitation", "permutation_test"},
    "simulation": {"simulate"},
}


@pytest.mark.parametrize("module", sorted(set(sibmodels._HOME) - {"teach.coding"}))
def test_arguments_beyond_four_are_named(module):
    tree = ast.parse((PACKAGE / f"{module}.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]
    assert {node.name for node in functions if len(node.args.args) > 4} == LONGER.get(module, set())


@pytest.mark.parametrize(
    "module",
    ["contracts", "cashflows", "simulation", "value", "evaluation", "incentives", "options", "portfolio", "relations"],
)
def test_models_say_what_they_leave_out(module):
    assert "left out" in (PACKAGE / f"{module}.py").read_text(encoding="utf-8").lower()
