"""The package's own tests, of the package as it is installed: `python tests/package.py`.

They are those that need neither the book nor what builds it, so that they run where the book does not: on each
Python and system, with the oldest packages allowed, on a wheel. A new file of tests is among them if it imports
nothing else and does not look for the checkout.
"""

import ast
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
NEEDED = {"altair", "bs4", "distributed", "hypothesis", "nbclient", "nbformat", "networkx", "numpy", "openpyxl"}
NEEDED |= {"packaging", "pandas", "pytest", "sibmodels", *sys.stdlib_module_names}


def own() -> list[str]:
    """The names of the files."""
    return [path.name for path in sorted(HERE.glob("test_*.py")) if alone(path)]


def alone(path: Path) -> bool:
    """Whether a file needs the package and no more."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    if {"ROOT", "__file__"} & {node.id for node in nodes if isinstance(node, ast.Name)}:
        return False
    asked = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    asked |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    beside = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.level}
    beside |= {name.partition(".")[2] for name in asked if name.startswith("tests.")}
    others = {name.partition(".")[0] for name in asked} - NEEDED - {"tests"}
    return not others and all(alone(HERE / f"{name}.py") for name in beside - {"conftest"} if name)


def main(*options: str) -> int:
    with tempfile.TemporaryDirectory() as folder:  # where no checkout can be imported in the package's place
        shutil.copytree(HERE, Path(folder) / "tests", ignore=shutil.ignore_patterns("__pycache__"))
        command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider"]
        command += ["-W", "error::RuntimeWarning", "-W", "ignore:Proactor:RuntimeWarning"]  # Jupyter's, on Windows
        command += ["--doctest-modules", "--pyargs", "sibmodels", *(f"tests/{name}" for name in own())]
        return subprocess.run([*command, *options], cwd=folder).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
