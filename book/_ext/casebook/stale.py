"""Which cells of a page are out of date after an assumption or a cell has changed: no more than need be.

A cell reads names (those that its code loads, and those that functions made by earlier cells load when called) and
assumptions (noted while it runs). It is stale until it has run; if an assumption that it read has another value now;
or if an earlier cell made a name anew, and another value came out: where the same came out, nothing behind it runs.
A random generator is changed by whoever draws from it: it counts as made by each cell that reads it.
"""

from __future__ import annotations

import ast
import copy
import dis
import math
import types
from collections.abc import Iterable
from functools import partial

LOADS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}
STORES = {"STORE_NAME", "STORE_GLOBAL"}
SURE = (ast.Assign, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)  # store what they name, always
LEAVES = (ast.Break, ast.Continue)  # make no sense to the compiler without their loop
DEEP = 12


# ---------------------------------------------------------------- what code reads and makes


def names(code: types.CodeType, inner: bool = False) -> tuple[set, set, set]:
    """What compiled code loads, stores, and loads inside functions, which is when they are called."""
    loads, stores, later = set(), set(), set()
    for step in dis.get_instructions(code):
        if step.opname in LOADS:
            (later if inner else loads).add(step.argval)
        elif step.opname in STORES:
            stores.add(step.argval)
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            _, more, deep = names(part, True)
            stores |= more if inner else {name for name in more if name in code.co_names}
            later |= deep
    return loads, stores, later


def compiled(body: list[ast.stmt]) -> tuple[set, set, set]:
    tree = ast.fix_missing_locations(ast.Module(body, []))
    return names(compile(tree, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))


def wanted(body: list[ast.stmt], given: Iterable[str] = ()) -> set:
    """The names that statements read and have not surely stored before: `rows = {}` wants no earlier `rows`."""
    given, found = set(given), set()
    for part in body:
        if isinstance(part, ast.For) and not any(isinstance(node, LEAVES) for node in ast.walk(part)):
            start = [ast.Expr(part.iter), ast.Assign([part.target], ast.Constant(None))]
            found |= wanted(start, given) | wanted([*part.body, *part.orelse], given | compiled(start)[1])
            continue
        loads, stores, later = compiled([part])
        found |= (loads | later) - given
        if isinstance(part, SURE):
            given |= stores
    return found


def parts(tree: ast.Module) -> dict[str, set | None]:
    """Of the names in a cell, those read only by constant labels, as in `given["rho"]`, with these labels.

    A pair of labels is a slice, a label in a one-tuple the beginning of labels (from an f-string); None is all of it.
    """
    found: dict[str, set | None] = {}
    known = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            holder = node.value
            if isinstance(holder, ast.Attribute) and holder.attr == "loc":
                holder = holder.value
            first = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
            label = _label(first)
            if isinstance(holder, ast.Name) and label is not None:
                known.add(holder)
                found.setdefault(holder.id, set()).add(label)
    whole = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    return found | {node.id: None for node in whole if node not in known}


def _label(node: ast.expr | None):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.Slice) and node.step is None:
        ends = (_label(node.lower), _label(node.upper))
        return ends if all(isinstance(end, str) for end in ends) else None
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        return (node.values[0].value,)
    return None


# ---------------------------------------------------------------- whether values are the same


def same(a, b, depth: int = 0) -> bool:
    """Whether two values are certainly equal; what this does not know counts as different."""
    if a is b:
        return True
    if type(a) is not type(b) or depth > DEEP:
        return False
    deeper = partial(same, depth=depth + 1)
    if isinstance(a, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, int | str | bytes | range | frozenset | set | complex):
        return a == b
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(deeper, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(deeper(a[key], b[key]) for key in a)
    if isinstance(a, types.FunctionType):
        cells = [[cell.cell_contents for cell in function.__closure__ or ()] for function in (a, b)]
        defaults = [(function.__defaults__, function.__kwdefaults__) for function in (a, b)]
        return a.__code__ == b.__code__ and deeper(*defaults) and deeper(*cells)
    if isinstance(a, partial):
        return deeper((a.func, a.args, a.keywords), (b.func, b.args, b.keywords))
    if draws(a):
        return deeper(a.bit_generator.state, b.bit_generator.state)
    if hasattr(a, "equals"):  # pandas
        axes = [[(list(axis.names), axis) for axis in getattr(table, "axes", [])] for table in (a, b)]
        alike = all(one[0] == other[0] for one, other in zip(*axes, strict=True))
        return bool(a.equals(b)) and alike and (getattr(a, "ndim", 2) > 1 or a.name == b.name)
    if hasattr(a, "dtype") and hasattr(a, "tobytes"):  # numpy
        return a.shape == b.shape and a.dtype == b.dtype and a.dtype != object and a.tobytes() == b.tobytes()
    own = [vars(value) for value in (a, b) if hasattr(value, "__dict__") and not isinstance(value, type)]
    return len(own) == 2 and bool(own[0]) and deeper(*own)


def module(value) -> bool:
    """Whether a value is a module; one that waits to be loaded would be by anything else that is asked of it."""
    return issubclass(type(value), types.ModuleType)


def draws(value) -> bool:
    """Whether a value is a random generator."""
    return not module(value) and hasattr(value, "bit_generator") and not isinstance(value, type)


def fresh(made: dict) -> dict:
    """Values, with random generators as they stand: what is drawn from a copy leaves the first one alone."""
    return {name: copy.deepcopy(value) if draws(value) else value for name, value in made.items()}


def pick(value, label):
    """The part of a value under a label; all of it where there is no such part."""
    try:
        if isinstance(value, dict):
            return value[label] if isinstance(label, str) else value
        index = value.index
        if isinstance(label, str):
            if hasattr(value, "columns") and label in value.columns:
                return value if label in index else value[label]
            return value.loc[label]
        if len(label) == 2:
            return value.loc[label[0] : label[1]]
        return value[[str(entry).startswith(label[0]) for entry in index]]
    except (AttributeError, KeyError, TypeError, ValueError):
        return value


def calls(value, depth: int = 0) -> bool:
    """Whether a value is, or holds, something to call, so that names are read when it is used."""
    if module(value) or callable(value):
        return not module(value)
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return depth < 3 and any(calls(part, depth + 1) for part in inside)


# ---------------------------------------------------------------- the cells of a page


class Ran:
    """A cell as it ran last, or, with nothing made, as it will."""

    def __init__(self, source: str = ""):
        try:
            tree = ast.parse(source)
        except SyntaxError:
            tree = ast.Module([], [])
        self.parts = parts(tree)
        _, self.writes, self.later = compiled(tree.body)
        self.loads = wanted(tree.body)
        self.holds = self.writes if self.later else set()  # until it has run any name may hold what calls others
        self.made: dict = {}
        self.read: set = set()
        self.seconds, self.ok = 0.0, True


class Cells:
    """The cells of a page, by number from 1, and which of them are stale."""

    def __init__(self, sources: Iterable[str] = ()):
        self.ran = {number: Ran(source) for number, source in enumerate(sources, 1)}
        self.stale = set(self.ran)
        self.values: dict[tuple[str, str], float] = {}
        self._behind: dict[int, dict[str, int]] = {}
        self._before: dict = {}

    def behind(self, number: int) -> dict[str, int]:
        """The names that a cell reads, through functions too, and the cells that make them."""
        if number not in self._behind:
            found, left = {}, list(self.ran[number].loads)
            while left:
                name = left.pop()
                makers = [n for n, cell in self.ran.items() if n < number and name in cell.writes]
                if name in found or not makers:
                    continue
                found[name] = max(makers)
                if name in self.ran[found[name]].holds:
                    left += self.ran[found[name]].later
            self._behind[number] = found
        return self._behind[number]

    def prepare(self, number: int, space: dict) -> None:
        """Every name as the cells before this one left it: a later cell's `rows` is not this cell's `rows`."""
        for n in sorted(self.ran):
            if n < number:
                space.update(fresh(self.ran[n].made))
        self._before = dict(space)

    def finish(self, number: int, source: str, space: dict, read: set, seconds: float, ok: bool) -> None:
        """A cell has run: keep what it made, and say who is stale by that."""
        old, now = self.ran.get(number, Ran()), Ran(source)
        now.read, now.ok = read, ok
        now.seconds = min(seconds, old.seconds or seconds)  # the first run loads what later ones have
        self.ran[number] = now
        self._behind.pop(number, None)
        now.writes |= {name for name in self.behind(number) if draws(space.get(name))}
        now.made = fresh({name: space[name] for name in now.writes if name in space})
        if not ok:  # only what it made before it failed
            now.made = {name: value for name, value in now.made.items() if value is not self._before.get(name)}
        now.holds = {name for name, value in now.made.items() if calls(value)} if ok else old.holds
        if (old.loads, old.writes, old.later, old.holds) != (now.loads, now.writes, now.later, now.holds):
            self._behind.clear()
        self.stale.discard(number)
        gone = old.writes - now.writes
        new = gone | {name for name in now.writes if not _kept(name, old, now)}
        for n in self.ran:
            if n > number and any(
                maker == number and (name in gone or self._differs(n, name, old, now))
                for name, maker in self.behind(n).items()
                if name in new
            ):
                self.stale.add(n)
        for n in sorted(self.ran):  # a cell run by hand finds what the whole page left
            space.update(fresh(self.ran[n].made))

    def _differs(self, reader: int, name: str, old: Ran, now: Ran) -> bool:
        """Whether the parts of a name that a cell reads are others than before."""
        labels = self.ran[reader].parts.get(name)
        if labels is None or name not in old.made or name not in now.made:
            return True
        return not all(same(pick(old.made[name], label), pick(now.made[name], label)) for label in labels)

    def assume(self, values: dict[tuple[str, str], float]) -> None:
        """Other values of assumptions: stale is who read them."""
        for case, key in self.values.keys() | values.keys():
            if self.values.get((case, key)) != values.get((case, key)):
                self.stale |= {n for n, cell in self.ran.items() if cell.read & {(case, key), (case,), ()}}
        self.values = dict(values)

    def perhaps(self) -> dict[int, set[int]]:
        """Cells that are stale or may become so, with the stale cells that they wait for."""
        waits: dict[int, set[int]] = {}
        for n in sorted(self.ran):
            first = {n} & self.stale
            for maker in set(self.behind(n).values()):
                first |= waits.get(maker, set())
            if first:
                waits[n] = first
        return waits

    def first(self, source: str, number: int) -> list[int]:
        """The stale cells on which code that stands before cell `number` rests, in their order."""
        waits, found, seen = self.perhaps(), set(), set()
        left = list(Ran(source).loads)
        while left:
            name = left.pop()
            makers = [n for n, cell in self.ran.items() if n < number and name in cell.writes]
            if name in seen or not makers:
                continue
            seen.add(name)
            found |= waits.get(max(makers), set())
            if name in self.ran[max(makers)].holds:
                left += self.ran[max(makers)].later
        return sorted(found)

    def blocked(self, number: int) -> bool:
        """Whether a cell rests on what one that failed did not come to make."""
        return any(not self.ran[n].ok and name not in self.ran[n].made for name, n in self.behind(number).items())

    def stuck(self) -> set[int]:
        """Cells that stay stale: blocked, or waiting for one that is."""
        return {n for n, first in self.perhaps().items() if any(map(self.blocked, first))}

    def next(self, seen: set[int], closed: set[int], longest: float | None = None) -> int | None:
        """The stale cell to run now: first what the reader looks at waits for, the quickest first; then from the top.

        While a slider moves (`longest` is a number of seconds) only what is in view, and nothing that takes longer.
        What is `closed`, folded away, waits until it is opened.
        """
        waits = self.perhaps()
        most = math.inf if longest is None else longest
        ready = {n for n in self.stale if waits[n] == {n} and not self.blocked(n) and self.ran[n].seconds <= most}
        first = {n for k in seen - closed if k in waits for n in waits[k]} & ready
        if first:
            return min(first, key=lambda n: (self.ran[n].seconds, n))
        return min(ready - closed, default=None) if longest is None else None


def _kept(name: str, old: Ran, now: Ran) -> bool:
    """Whether a name has the value that it had before."""
    return name in old.made and name in now.made and same(old.made[name], now.made[name])
