"""Lint and the tests of what changed, in seconds: `make quick`.

What changed is what git shows, or, with nothing uncommitted, the last commit. A test file belongs to a module that
it imports, to a table that it names, and to itself; a chapter that changed is run again and compared. What takes
long is left out (`make test` has it).
"""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
EVERY_CHAPTER = ("test_book", "test_editions", "test_prose", "test_claims")  # what is asked of every chapter
EVERY_TABLE = ("test_data", "test_tables", "test_assumptions", "test_checks")


def changed() -> list[str]:
    def git(*command: str) -> list[str]:
        return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True).stdout.split("\n")

    names = git("diff", "--name-only", "HEAD") + git("ls-files", "--others", "--exclude-standard")
    names = [name for name in names if name] or git("diff", "--name-only", "HEAD~1", "HEAD")
    return sorted({name for name in names if name and (ROOT / name).is_file()})


def named(path: Path) -> set[str]:
    """The modules that a file of tests imports, and its short strings: tables are named so."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").rpartition(".")[2], *(alias.name for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 40:
            found.add(f"table {node.value}")
    return found


def about(name: str, tests: dict[str, set[str]]) -> set[str]:
    """The files to test for one that changed."""
    path = Path(name)
    folder, stem = path.parts[0], path.stem
    if name.startswith("tests/"):
        return {name} if path.parent == Path("tests") and stem.startswith("test_") else set()
    if path.suffix == ".ipynb":
        return {name, *(f"tests/{test}.py" for test in EVERY_CHAPTER)}
    if folder == "data":
        tables = {f"tests/{test}.py" for test in EVERY_TABLE}
        return tables | {test for test, names in tests.items() if f"table {stem}" in names}
    if path.suffix == ".py" and folder in ("sibmodels", "book"):
        return {name, *(test for test, names in tests.items() if stem in names or test == f"tests/test_{stem}.py")}
    if folder == "book" and path.suffix == ".md":
        return {f"tests/{test}.py" for test in EVERY_CHAPTER}
    return set()


def main() -> int:
    names = changed()
    tests = {f"tests/{path.name}": named(path) for path in sorted((ROOT / "tests").glob("test_*.py"))}
    chosen = sorted(path for path in set().union(*(about(name, tests) for name in names)) if (ROOT / path).is_file())
    code = [name for name in names if name.endswith((".py", ".ipynb"))]
    print(f"changed: {', '.join(names) or 'nothing'}")
    steps = [["ruff", "check", "--force-exclude", *code], ["ruff", "format", "--check", "--force-exclude", *code]]
    steps = steps if code else []
    if chosen:
        nbval = ["--nbval", "--nbval-current-env"] if any(name.endswith(".ipynb") for name in chosen) else []
        steps.append(["pytest", "-q", "-m", "not long", "--dist=loadfile", *nbval, *chosen])
    else:
        print("no test names it: `make test` runs all")
    return max((subprocess.run([sys.executable, "-m", *step], cwd=ROOT).returncode for step in steps), default=0)


if __name__ == "__main__":
    sys.exit(main())
