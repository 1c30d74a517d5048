"""Runs a page's cells inside the page (Pyodide), and says what came out, as the book would have printed it.

Loaded by ``live-worker.js``; the standard library alone, and of ours `figure` for charts, `fitting` for tables,
`stale` for which cells to run again when an assumption moves.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import importlib.abc
import importlib.util
import inspect
import io
import json
import linecache
import sys
import time
import traceback
import types

from casebook import outputs, stale
from casebook.words import word
from sibmodels import messages

PRINT_MOST = 200_000  # characters that one cell may print: more than anyone reads, less than stops a browser
TABLE_MOST = 2_000_000
SAID: dict[str, str] = {}  # how the page's language says what cells print; nothing where that is English
SAY = outputs.speaker(SAID)
LAZY = {"sibmodels.charts"}  # loads Altair, so only where a chart is drawn


class Lazily(importlib.abc.MetaPathFinder):
    """Modules that load when they are first used, not when they are first named."""

    def find_spec(self, name, path, target=None):
        if name not in LAZY:
            return None
        LAZY.discard(name)
        spec = importlib.util.find_spec(name)
        spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


class OnDemand(importlib.abc.MetaPathFinder):
    """Packages that are fetched when a cell first imports them."""

    def __init__(self, waiting, install):
        self.waiting, self.install = waiting, install

    def find_spec(self, name, path, target=None):
        archive = self.waiting.get(name)
        if archive is None:
            return None
        self.waiting = {package: home for package, home in self.waiting.items() if home != archive}
        self.install(archive)
        importlib.invalidate_caches()
        return importlib.util.find_spec(name)


class Printed(io.TextIOBase):
    """What a cell prints, sent to the page as it comes, up to a limit."""

    def __init__(self, stream: str, send):
        self.stream, self.send = stream, send
        self.kept, self.last, self.sent, self.dropped = [], 0.0, 0, 0

    def writable(self) -> bool:
        return True

    def write(self, text) -> int:
        if not isinstance(text, str):
            raise TypeError(f"only text can be printed, not {type(text).__name__}")
        room = PRINT_MOST - self.sent
        self.dropped += max(0, len(text) - room)
        if room > 0:
            self.kept.append(text[:room])
            self.sent += len(text[:room])
            if time.monotonic() - self.last > 0.1:
                self.flush()
        return len(text)

    def flush(self) -> None:
        if self.kept:
            text = "".join(self.kept)
            self.send({"kind": "stream", "name": self.stream, "text": outputs.lines(text, SAY) if SAID else text})
            self.kept, self.last = [], time.monotonic()

    def finish(self) -> None:
        self.flush()
        if self.dropped:
            text = word("cell.dropped", count=self.dropped)
            self.send({"kind": "note", "text": text})


def shown(value) -> dict | None:
    """A value as an output: a chart, a table, or text."""
    if value is None:
        return None
    if type(value).__module__.partition(".")[0] == "altair" and hasattr(value, "to_dict"):
        return _chart(value)
    html = getattr(value, "_repr_html_", None)
    if html is not None and not isinstance(value, type) and (text := html()):
        if len(text) > TABLE_MOST:
            about = word("cell.large", count=len(text))
            return {"kind": "note", "text": about}
        from casebook.fitting import fitted, together

        text = outputs.markup(text, SAY) if SAID else text
        return {"kind": "html", "html": together(fitted(text))}
    text = repr(value)
    if len(text) > PRINT_MOST:
        text = text[:PRINT_MOST] + word("cell.more", count=len(text) - PRINT_MOST)
    return {"kind": "text", "text": text}


def _chart(chart) -> dict:
    from casebook.figure import figure, slug
    from casebook.fitting import together

    spec = chart.to_dict()
    # a reader's own chart may have no title or words: the page still needs both
    spec.setdefault("title", word("cell.chart"))
    if isinstance(spec["title"], dict):
        spec["title"] = spec["title"].get("text", "")
    if isinstance(spec["title"], list):
        spec["title"] = " ".join(spec["title"])
    spec.setdefault("description", word("cell.undescribed", title=spec["title"]))
    spec.setdefault("config", {}).setdefault("legend", {})
    name = slug(spec["title"])
    made = figure(outputs.chart(spec, SAY) if SAID else spec, lambda shape, drawn, width: "", name)
    return {"kind": "chart", "html": together(outputs.heads(made, SAY) if SAID else made)}


class Session:
    """The names that the cells of a page share, and which cells are out of date."""

    def __init__(self, send, sources=()):
        self.send, self.language = send, messages.language()
        self.cells = stale.Cells(sources)
        self.names = {"__name__": "__main__", "__builtins__": builtins}
        sys.modules["__main__"].__dict__.update(self.names)
        self.names = sys.modules["__main__"].__dict__
        builtins.display = self.display

    def display(self, *values) -> None:
        """Show values, as the last line of a cell does."""
        sys.stdout.flush()
        for value in values:
            self.emit(value)

    def emit(self, value) -> None:
        with messages.use(self.language):
            output = shown(value)
        if output:
            self.send(output)

    async def run(self, code: str, number: int, values: str = "[]") -> bool:
        """Run a cell with other values of assumptions; whether it came to its end. Outputs are sent as they come.

        `values` are lists of case, key and value, as JSON. They are laid on only while a cell runs.
        """
        from sibmodels import tables

        self.cells.assume(assumed(values))
        self.cells.prepare(number, self.names)
        began = time.perf_counter()
        # in the language of the stored outputs, for whose words the page has its own (`SAID`)
        with messages.use(messages.ENGLISH), tables.assuming(self.cells.values), tables.noting() as read:
            ok = await self._run(code, f"cell {number}")
        self.cells.finish(number, code, self.names, read, time.perf_counter() - began, ok)
        return ok

    async def work(self, code: str, number: int, values: str = "[]") -> bool:
        """Run a reader's own code as if it stood before cell `number`: it leaves no cell out of date."""
        from sibmodels import tables

        self.cells.prepare(number, self.names)
        if "exercises.check(" not in code:  # a press answers anew: a blank that was emptied has no answer
            self.names |= {name: ... for name in self.names if name.startswith("answer_")}
        with tables.assuming(assumed(values)):
            return await self._run(code, "your work")

    def ask(self, request: str) -> str:
        """Which cell to run next, which may yet change and which cannot be had, at values that the page names.

        Or, where the page names code of a reader's own, which cells are to run before it.
        """
        asked = json.loads(request)
        self.cells.assume(assumed(json.dumps(asked["values"])))
        self.cells.stale |= set(asked["changed"])
        if "code" in asked:
            return json.dumps({"first": self.cells.first(asked["code"], asked["number"])})
        chosen = self.cells.next(set(asked["seen"]), set(asked["closed"]), asked["longest"])
        return json.dumps({"next": chosen, "perhaps": [*self.cells.perhaps()], "stuck": [*self.cells.stuck()]})

    async def _run(self, code: str, name: str) -> bool:
        out, err = Printed("stdout", self.send), Printed("stderr", self.send)
        file = f"<{name}>"
        linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                value = await self._value(code, file)
                out.flush()
                if value is not None:
                    self.names["_"] = value
                    self.emit(value)
                return True
            except BaseException as error:  # SystemExit and KeyboardInterrupt too: the page goes on
                out.flush()
                with messages.use(self.language):
                    self.send(problem(error, code, file))
                return False
            finally:
                out.finish()
                err.finish()

    async def _value(self, code: str, file: str):
        """What the last line of a cell comes to, if it is an expression and does not end in a semicolon."""
        tree = ast.parse(code, file)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not code.rstrip().endswith(";"):
            last = ast.Expression(tree.body.pop().value)
        wait = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        value = None
        for part, mode in ((tree, "exec"), (last, "eval")):
            if part is not None:
                made = compile(part, file, mode, flags=wait)
                value = eval(made, self.names)
                if made.co_flags & inspect.CO_COROUTINE and isinstance(value, types.CoroutineType):
                    value = await value
        return value if last is not None else None


def assumed(values: str) -> dict[tuple[str, str], float]:
    """
    >>> assumed('[["kobe", "rho", 0.5]]')
    {('kobe', 'rho'): 0.5}
    """
    return {(case, key): value for case, key, value in json.loads(values)}


HINTS = {
    "SyntaxError": "cell.syntax",
    "MemoryError": "cell.memory",
}


def problem(error: BaseException, code: str, file: str) -> dict:
    """An error in words: what it is, and the line of the cell where it happened."""
    name, lines = type(error).__name__, code.splitlines()
    try:
        words = str(error)
    except Exception:
        words = word("cell.silent")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    if isinstance(error, SyntaxError) and error.filename == file:
        line, words = error.lineno, error.msg
    else:
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == file), None)
    if isinstance(error, KeyError) and len(error.args) == 1 and isinstance(error.args[0], str):
        words = error.args[0]  # a sentence, not its repr
    known = HINTS.get("SyntaxError" if isinstance(error, SyntaxError) else name)
    hint = word(known) if known else ""
    if (
        isinstance(error, SyntaxError)
        and line
        and lines[line - 1 : line]
        and lines[line - 1].lstrip()[:1] in ("%", "!")
    ):
        hint = word("cell.magic")
    if isinstance(error, ModuleNotFoundError):
        hint = word("cell.missing")
    start = traceback.format_list(frames)
    trace = "".join(["Traceback (most recent call last):\n", *start] if start else [])
    trace += "".join(traceback.format_exception_only(error))
    source = lines[line - 1].strip() if line and line <= len(lines) else ""
    text = words[:2000] + (" …" if len(words) > 2000 else "")
    return {
        "kind": "error", "name": name, "text": text, "line": line, "source": source, "hint": hint,
        "trace": trace[-20_000:],
    }  # fmt: skip


def start(send, waiting, install, sources, said: str = "{}") -> Session:
    """A session for a page of these cells.

    `waiting` says which archive holds a package, `install` fetches it; `said` is how the page's language says what
    cells print, as JSON.
    """
    SAID.update(json.loads(said))
    sys.meta_path[:0] = [Lazily(), OnDemand(waiting.to_py() if hasattr(waiting, "to_py") else dict(waiting), install)]
    return Session(lambda output: send(json.dumps(output)), list(sources))
