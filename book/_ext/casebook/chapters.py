"""Running a chapter, and knowing whether its last run still holds.

A run holds as long as the chapter's code, the pinned packages, the modules it loaded and the files it read are
the same. A module is compared by its syntax tree without docstrings: a comment changes nothing.
"""

from __future__ import annotations

import ast
import difflib
import functools
import hashlib
import importlib.util
import os
import platform
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError

ROOT = Path(__file__).parents[3]
PARTS = ("sibmodels", "data")  # what chapters are made of, beside their own cells
TRACE = Path(__file__).with_name("trace.py")
TIMEOUT = 120  # seconds a cell


class ChapterError(Exception):
    """A chapter that is not there or did not run to its end, in a line that says what to do."""


@dataclass(frozen=True)
class Run:
    """A chapter with its outputs, the seconds it took, and what it used: digests by path below the root."""

    notebook: nbformat.NotebookNode
    seconds: float
    used: dict[str, str]


def pages(root: Path = ROOT) -> list[Path]:
    """The sources of every page: notebooks and text."""
    folders = (path for path in sorted((root / "book").rglob("*")) if path.suffix in (".ipynb", ".md"))
    return [path for path in folders if not any(part.startswith(("_", ".")) for part in path.relative_to(root).parts)]


def find(name: str, root: Path = ROOT) -> Path:
    """The source of a page by its name below ``book/``, as ``cases/kobe``; its file's name will do."""
    name = re.sub(r"^(\./)?book/|\.(ipynb|md|html)$", "", name)
    known = {path.relative_to(root / "book").with_suffix("").as_posix(): path for path in pages(root)}
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, 3, 0.4) or [page for page in known if page.endswith(f"/{name}")]
    which = f"did you mean {', '.join(close)}?" if close else f"the pages are {', '.join(known)}"
    raise ChapterError(f"there is no page {name!r}; {which}" if name else f"no page is named; {which}")


def kept(root: Path = ROOT) -> Path:
    """Where runs with the present Python and pinned packages are kept."""
    made_with = platform.python_version().encode() + (root / "requirements.txt").read_bytes()
    return root / "_build" / "executed" / hashlib.sha256(made_with).hexdigest()[:16]


def execute(path: Path, root: Path = ROOT) -> Run:
    """Run every cell of a notebook in a new kernel."""
    notebook = nbformat.read(path, as_version=4)
    startup = ["--IPKernelApp.exec_PYTHONSTARTUP=False", f"--IPKernelApp.exec_files={TRACE}"]
    startup += ["--IPKernelApp.log_level=40"]
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        record_timing=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=startup,
    )
    with tempfile.NamedTemporaryFile() as trace:
        start = time.perf_counter()
        try:
            client.execute(env=os.environ | {"CASEBOOK_TRACE": trace.name})
        except (CellExecutionError, CellTimeoutError, RuntimeError) as error:
            raise ChapterError(_where(path.relative_to(root), notebook, error)) from None
        seconds = time.perf_counter() - start
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs = merged(cell.outputs)
        return Run(notebook, seconds, used(trace.read().decode().splitlines(), root))


def merged(outputs: list) -> list:
    """Printed text in one piece: where it was cut is an accident of timing."""
    whole: list = []
    for output in outputs:
        same = whole and output.output_type == "stream" == whole[-1].output_type and output.name == whole[-1].name
        if same:
            whole[-1].text += output.text
        else:
            whole.append(output)
    return whole


def _where(path: Path, notebook, error: Exception) -> str:
    """The first cell without a count of its own is where a run stopped."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    stopped = next((cell for cell in code if any(o.output_type == "error" for o in cell.outputs)), None)
    cell = f", cell {stopped.id}" if stopped else ""
    why = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else str(error)
    return f"{path}{cell}: {why.strip().splitlines()[0]}. To see it whole, run the cells in Jupyter: jupyter lab {path}"


def used(opened: Iterable[str], root: Path = ROOT) -> dict[str, str]:
    """What of the package and its tables is among the files opened, with digests; all of it where that is unsure."""
    names = set()
    for name in opened:
        path = Path(name)
        if path.suffix == ".pyc":
            path = Path(importlib.util.source_from_cache(name))
        if path.is_relative_to(root) and path.relative_to(root).parts[0] in PARTS and path.is_file():
            names.add(path.relative_to(root).as_posix())
    if "*" in opened or "sibmodels/__init__.py" not in names:  # another program, or a package from elsewhere
        names = set(everything(root))
    return {name: digest(root / name) for name in sorted(names)}


def everything(root: Path = ROOT) -> list[str]:
    paths = (path for part in PARTS for path in (root / part).rglob("*") if "__pycache__" not in path.parts)
    return sorted(path.relative_to(root).as_posix() for path in paths if path.is_file())


def digest(path: Path) -> str:
    """What a file says, as a short hash; of a module, what it does."""
    if not path.is_file():
        return "gone"
    changed = path.stat()
    return _digest(path, changed.st_mtime_ns, changed.st_size)


@functools.cache
def _digest(path: Path, *_changed: int) -> str:
    content = path.read_bytes()
    if path.suffix == ".py":
        content = ast.dump(without_docstrings(ast.parse(content))).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
            isinstance(node.body[0], ast.Expr) if node.body else False
        ):
            first = node.body[0].value
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                node.body = node.body[1:]
    return tree


def record(path: Path, root: Path = ROOT):
    """The stored run of a chapter that still holds, or None."""
    try:
        found = get_cache(kept(root)).match_cache_notebook(nbformat.read(path, as_version=4))
    except KeyError:
        return None
    before = found.data.get("used", {})
    return found if before and all(digest(root / name) == was for name, was in before.items()) else None


def renew(paths: Iterable[Path], say: Callable[[str], None], root: Path = ROOT) -> None:
    """Run each chapter whose stored run no longer holds, on every core, and store it."""
    stale = [path for path in paths if record(path, root) is None]
    for path, run in executed(stale, root):
        store(path, run, root)
        say(f"ran {path.relative_to(root)} in {run.seconds:.1f} s")


def executed(paths: Iterable[Path], root: Path = ROOT) -> Iterator[tuple[Path, Run]]:
    """Chapters and their runs as they end, the longest files first."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        longest = sorted(paths, key=lambda path: -path.stat().st_size)
        runs = {pool.submit(execute, path, root): path for path in longest}
        try:
            for run in as_completed(runs):
                yield runs[run], run.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def store(path: Path, run: Run, root: Path = ROOT) -> None:
    data = {"execution_seconds": run.seconds, "used": run.used}
    bundle = CacheBundleIn(run.notebook, str(path), data=data)
    get_cache(kept(root)).cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
