"""The package as a whole: what it exports, and what importing it costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sibmodels

PACKAGE = Path(sibmodels.__file__).parent


def test_everything_exported_exists_and_says_what_it_is():
    for name in sibmodels.__all__:
        assert getattr(sibmodels, name).__doc__.strip(), name


def test_drawing_and_graphs_load_only_when_used():
    code = "import sys, sibmodels; print(sorted({'altair', 'networkx', 'krippendorff'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def public_functions():
    for path in sorted(PACKAGE.glob("[a-z]*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                yield pytest.param(node, id=f"{path.stem}.{node.name}")


@pytest.mark.parametrize("node", list(public_functions()))
def test_every_public_thing_has_a_docstring(node):
    assert ast.get_docstring(node)


@pytest.mark.parametrize("module", ["contracts", "cashflows", "simulation", "value", "evaluation", "incentives"])
def test_models_say_what_they_leave_out(module):
    assert "left out" in (PACKAGE / f"{module}.py").read_text(encoding="utf-8").lower()
