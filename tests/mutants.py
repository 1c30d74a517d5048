"""Small faults put into a model, to see whether its tests notice: `make mutants MODULE=contracts`.

A fault changes one comparison, one sign, one constant or one operator. `make prove` tries every one in every model,
`make test` a few. What is loaded once is loaded once: a process imports all that the tests need but the package, and
forks for each fault; the fork finds the module with the fault in its place, runs the module's tests and examples,
those first that are quick or have noticed much, and stops at the first that fails. A fault that changes nothing a
caller can see is in `equivalents.toml`, with the reason.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from importlib.machinery import PathFinder, SourceFileLoader
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODELS = (
    "contracts", "cashflows", "commissioning", "evaluation", "incentives", "isomorphism", "options", "portfolio",
    "pricing", "relations", "simulation", "unitcosts", "value",
)  # fmt: skip
SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
TESTS = {  # of modules whose tests are in several files
    "contracts": ("contracts", "people"),
    "simulation": ("simulation", "people", "ranges"),
    "value": ("value", "savings"),
}
SEED = 20261125


@dataclass(frozen=True)
class Mutant:
    """A module with one fault: the function and line it is in, how that line read and how it reads now."""

    module: str
    place: int
    function: str
    line: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.module}.py:{self.line} {self.function}\n      {self.before}\n  ->  {self.after}"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names it in `equivalents.toml`: no number of a line, which moves with every edit above it."""
        return self.module, self.function, self.before, self.after

    @property
    def source(self) -> str:
        """The whole module with its fault."""
        tree = ast.parse(_text(self.module))
        nodes = (node for part in tree.body for node in ast.walk(part))
        _change(next(islice(nodes, self.place, None)))
        return ast.unparse(tree)


@cache
def mutants(module: str) -> list[Mutant]:
    """Every fault that a module can have, but for words in messages and what is said to a checker of types alone."""
    tree = ast.parse(_text(module))
    words = {id(part) for word in ast.walk(tree) if _is_said(word) for part in ast.walk(word)}
    found, place = [], -1
    for part in tree.body:
        whole = ast.unparse(part).splitlines()
        for node in ast.walk(part):
            place, kept = place + 1, dict(vars(node))
            if id(node) in words or not _change(node):
                continue
            lines = zip(whole, ast.unparse(part).splitlines(), strict=True)
            before, after = next((one.strip(), other.strip()) for one, other in lines if one != other)
            at = next((spot for spot, sign in enumerate(before) if sign != after[spot : spot + 1]), len(before))
            inside = ".".join(outer.name for outer in ast.walk(part) if _holds(outer, node))
            found.append(Mutant(module, place, inside, node.lineno, _around(before, at), _around(after, at)))
            vars(node).update(kept)
    return sorted(found, key=lambda fault: fault.line)


def _text(module: str) -> str:
    return (ROOT / "sibmodels" / f"{module}.py").read_text(encoding="utf-8")


def _around(text: str, at: int, width: int = 50) -> str:
    """As much of a long line as one needs to see, or to find it again."""
    start, end = max(at - width, 0), at + width
    return ("… " if start else "") + text[start:end].strip() + (" …" if end < len(text) else "")


def _is_said(node: ast.AST) -> bool:
    overloads = isinstance(node, ast.FunctionDef) and any(ast.unparse(one) == "overload" for one in node.decorator_list)
    return overloads or isinstance(node, ast.JoinedStr | ast.Raise)


def _holds(part: ast.AST, node: ast.AST) -> bool:
    named = isinstance(part, ast.FunctionDef | ast.ClassDef)
    return named and part.lineno <= node.lineno <= part.end_lineno


def _change(node: ast.AST) -> bool:
    """Put a fault into a node, if it can have one."""
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in SWAPS:
        node.op = SWAPS[type(node.op)]()
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        node.ops = [SWAPS[type(node.ops[0])](), *node.ops[1:]]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node.op = ast.UAdd()
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value <= 10:
        node.value = node.value + 1  # a larger one is a number of steps or the size of a block
    else:
        return False
    return True


def sample(module: str, count: int | None = None, seed: int = SEED) -> list[Mutant]:
    """Some of a module's faults, or all, in the order of its lines."""
    every = mutants(module)
    chosen = every if count is None else random.Random(f"{seed} {module}").sample(every, min(count, len(every)))
    return sorted(chosen, key=lambda fault: fault.line)


def equivalents() -> dict[tuple[str, str, str, str], str]:
    """The faults that no caller can see, and why."""
    table = tomllib.loads((ROOT / "tests/equivalents.toml").read_text(encoding="utf-8"))
    return {
        (module, function, row["before"], row["after"]): row["why"]
        for module, functions in table.items()
        for function, rows in functions.items()
        for row in rows
    }


@dataclass
class Survey:
    """What became of a module's faults, or of a sample of them."""

    module: str
    noticed: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    equivalent: list[tuple[Mutant, str]] = field(default_factory=list)
    mistaken: list[Mutant] = field(default_factory=list)  # called equivalent, but noticed
    seconds: float = 0.0

    @property
    def share(self) -> float:
        """Noticed, of those that are not equivalent."""
        return self.noticed / max(self.noticed + len(self.survivors), 1)

    def __str__(self) -> str:
        apart, each = self.noticed + len(self.survivors), self.seconds / (self.noticed + len(self.survivors) or 1)
        rows = [
            f"{self.module}: {self.noticed} of {apart} faults noticed ({self.share:.1%}), {len(self.equivalent)} more "
            f"are equivalent; {1000 * each:.0f} ms each"
        ]
        rows += [f"not noticed: {fault}" for fault in self.survivors]
        rows += [f"equivalent: {fault}\n  {why}" for fault, why in self.equivalent]
        rows += [f"NOT EQUIVALENT, a test notices it: {fault}" for fault in self.mistaken]
        return "\n\n".join(rows)


def surveys(modules, count: int | None = None, seed: int = SEED) -> list[Survey]:
    """`survey` of each module in a fresh process, as many at once as there are processors."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), max_tasks_per_child=1) as pool:
        return list(pool.map(survey, modules, [count] * len(modules), [seed] * len(modules)))


def survey(module: str, count: int | None = None, seed: int = SEED) -> Survey:
    """Try a module's faults. Only in a process that has not imported the package."""
    for name in TESTS.get(module, (module,)):  # for what they import; the package and the tests go again
        importlib.import_module(f"tests.test_{name}")
    for name in [name for name in sys.modules if name.startswith(("sibmodels", "tests.test_"))]:
        del sys.modules[name]
    gc.freeze()
    result, known, noticed = Survey(module), equivalents(), Counter()
    plain = _run(module, None, {}, 600)
    if plain["failed"] or not plain["seconds"]:
        raise RuntimeError(f"the tests of {module} fail without a fault:\n{plain['output']}")
    start = time.perf_counter()
    for fault in sample(module, count, seed):
        order = {
            test: seconds / (1 + noticed[test]) / (1 + noticed[fault.function, test])
            for test, seconds in plain["seconds"].items()
        }
        failed = _run(module, fault.source, order, 10 + 10 * sum(plain["seconds"].values()))["failed"]
        noticed.update([failed, (fault.function, failed)])
        print("." if failed else f"\n{fault}\n", end="", file=sys.stderr, flush=True)
        result.noticed += bool(failed)
        if failed and fault.key in known:
            result.mistaken.append(fault)
        elif fault.key in known:
            result.equivalent.append((fault, known[fault.key]))
        elif not failed:
            result.survivors.append(fault)
    result.seconds = time.perf_counter() - start
    return result


class _Faulty(SourceFileLoader):
    """Loads one module from a given source; as an entry of `sys.meta_path` it finds no other."""

    def __init__(self, module: str, source: str):
        super().__init__(f"sibmodels.{module}", str(ROOT / f"sibmodels/{module}.py"))
        self.source = source

    def find_spec(self, name, path=None, target=None):
        spec = PathFinder.find_spec(name, path) if name == self.name else None
        if spec:
            spec.loader = self
        return spec

    def get_code(self, fullname):
        return compile(self.source, self.path, "exec", dont_inherit=True)


class _Watch:
    """Sorts tests, and notes how long each takes and which fails."""

    def __init__(self, order: dict[str, float]):
        self.order, self.seconds, self.failed = order, Counter(), ""

    def pytest_collection_modifyitems(self, items):
        items.sort(key=lambda item: self.order.get(item.nodeid, 0.0))

    def pytest_collectreport(self, report):
        self.failed = self.failed or ("collection" if report.failed else "")

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] += report.duration
        self.failed = self.failed or (report.nodeid if report.failed else "")


def _run(module: str, source: str | None, order: dict[str, float], limit: float) -> dict:
    """The module's tests and examples in a fork: which failed first, what each took, what was printed."""
    with tempfile.TemporaryDirectory() as folder:
        output, report = Path(folder, "output"), Path(folder, "report")
        child = os.fork()
        if not child:
            _child(module, source, order, limit, output, report)
        os.waitpid(child, 0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # what the tests started themselves
        failed = {"failed": "out of time", "seconds": {}}
        told = json.loads(report.read_text(encoding="utf-8")) if report.exists() else failed
        return told | {"output": output.read_text(encoding="utf-8", errors="replace")[-3000:]}


def _child(module, source, order, limit, output: Path, report: Path) -> None:
    try:
        os.setpgid(0, 0)
        # nothing catches either: a loop without an end is noticed, too, and so is a wait
        signal.setitimer(signal.ITIMER_PROF, limit)
        signal.alarm(20 * round(limit))
        with output.open("wb") as sink:
            os.dup2(sink.fileno(), 1)
            os.dup2(sink.fileno(), 2)
        os.environ |= {"PROFILE": "mutants", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        os.chdir(ROOT)
        if source:
            sys.meta_path.insert(0, _Faulty(module, source))
        watch = _Watch(order)
        # plain: asserts as they are, or pytest would load the module itself to rewrite them
        options = ["-x", "-q", "--tb=short" if source is None else "--tb=no", "--assert=plain"]
        options += ["-p", "no:cacheprovider", "--override-ini", "addopts=--doctest-modules"]
        files = [f"tests/test_{name}.py" for name in TESTS.get(module, (module,))]
        code = pytest.main([*options, *files, f"sibmodels/{module}.py"], plugins=[watch])
        failed = watch.failed or (f"exit {code}" if code else "")
        report.write_text(json.dumps({"failed": failed, "seconds": watch.seconds}), encoding="utf-8")
    finally:
        os._exit(0)


def main(module: str = "", count: str = "") -> None:
    if module not in MODELS:
        sys.exit(f"MODULE is {module!r}; it must be one of {', '.join(MODELS)}")
    if count and not (count.isdecimal() and int(count)):
        sys.exit(f"COUNT is {count!r}; it must be a whole number of at least 1, or left out to try all")
    print(survey(module, int(count) if count else None))


if __name__ == "__main__":
    main(*sys.argv[1:])
