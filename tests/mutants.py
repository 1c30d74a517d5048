"""Small faults put into a model, to see whether its tests notice: `make prove` many, `make test` a few.

A fault changes one comparison, one sign, one constant or one operator. The tests of the module run against a copy
of the package that has it.
"""

from __future__ import annotations

import ast
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODELS = ("contracts", "cashflows", "commissioning", "evaluation", "incentives", "isomorphism", "simulation", "value")
SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A module with one fault: where it is, what stood there and what stands there now, and the whole source."""

    module: str
    line: int
    before: str
    after: str
    source: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.before}  ->  {self.after}"


def places(module: str) -> list[int]:
    """Where a module can have a fault: places in a walk over its syntax tree, words in messages left out."""
    tree = ast.parse(_text(module))
    words = {
        id(part) for word in ast.walk(tree) if isinstance(word, ast.JoinedStr | ast.Raise) for part in ast.walk(word)
    }
    return [place for place, node in enumerate(ast.walk(tree)) if id(node) not in words and _change(node)]


def mutant(module: str, place: int) -> Mutant:
    tree = ast.parse(_text(module))
    node = next(islice(ast.walk(tree), place, None))
    before = ast.unparse(node)
    _change(node)
    return Mutant(module, node.lineno, before, ast.unparse(node), ast.unparse(tree))


def _text(module: str) -> str:
    return (ROOT / "sibmodels" / f"{module}.py").read_text(encoding="utf-8")


def _change(node: ast.AST) -> bool:
    """Put a fault into a node, if it can have one."""
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in SWAPS:
        node.op = SWAPS[type(node.op)]()
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        node.ops[0] = SWAPS[type(node.ops[0])]()
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value <= 10:
        node.value = node.value + 1  # a larger one is a number of steps or the size of a block
    else:
        return False
    return True


def sample(module: str, count: int, seed: int = 1) -> list[Mutant]:
    every = places(module)
    chosen = random.Random(f"{seed} {module}").sample(every, min(count, len(every)))
    return sorted((mutant(module, place) for place in chosen), key=lambda fault: fault.line)


def survives(mutant: Mutant, folder: Path) -> bool:
    """Whether the module's own tests and examples pass all the same."""
    shutil.copytree(ROOT / "sibmodels", folder / "sibmodels", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "data").symlink_to(ROOT / "data")
    (folder / "sibmodels" / f"{mutant.module}.py").write_text(mutant.source, encoding="utf-8")
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__", "prove"))
    (folder / "book").symlink_to(ROOT / "book")
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings =\n    error::RuntimeWarning\n")
    tests = [f"tests/test_{mutant.module}.py", f"sibmodels/{mutant.module}.py"]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--doctest-modules", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {
        "PYTHONPATH": f"{folder}{os.pathsep}{ROOT / 'book/_ext'}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    try:
        run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:  # a loop without an end is noticed, too
        return False
    if run.returncode not in (0, 1, 2):
        raise RuntimeError(run.stdout[-2000:] + run.stderr[-2000:])
    return run.returncode == 0
