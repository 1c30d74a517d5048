"""A chapter's cells as the page runs them, outside a browser: one slider moved, and a full run to compare with."""

from __future__ import annotations

import asyncio
import builtins
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import nbformat
from casebook import assume, inpage

ROOT = Path(__file__).parents[1]
HIDDEN = {"remove-input", "remove-cell"}  # cells that a page does not run
Values = Mapping[tuple[str, str], float]


def chapters() -> dict[str, Path]:
    """The chapters that have something to move."""
    paths = sorted((ROOT / "book").glob("**/*.ipynb"))
    return {path.stem: path for path in paths if assume.used(path.stem) and sources(path)}


def sources(path: Path) -> list[str]:
    """The cells that a page runs, by their order from 1."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return [cell.source for cell in cells if not HIDDEN & set(cell.metadata.get("tags", []))]


def moves(chapter: str) -> Iterator[Values]:
    """Every slider of a chapter at each of its ends."""
    for row in assume.used(chapter):
        for end in (row["low"], row["high"]):
            if end != row["value"]:
                yield {(row["case"], row["key"]): end}


class Page:
    """Cells, their outputs and the session that runs them, at the values of sliders."""

    def __init__(self, cells: list[str]):
        self.cells = cells
        self.outputs: dict[int, list] = {}
        self.number = 0
        self.session = inpage.Session(lambda output: self.outputs[self.number].append(output), cells)
        self.session.names = {"__name__": "__main__", "__builtins__": __builtins__}

    def run(self, number: int, values: Values) -> None:
        builtins.display = self.session.display  # a page has one session, tests have several
        self.number, self.outputs[number] = number, []
        asyncio.run(self.session.run(self.cells[number - 1], number, _sent(values)))

    def run_all(self, values: Values) -> dict[int, list]:
        for number in range(1, len(self.cells) + 1):
            self.run(number, values)
        return self.shown()

    def settle(self, values: Values, seen: list[int] = ()) -> tuple[list[int], list[int]]:
        """Run what is out of date, as the page does: which cells ran, in this order, and which cannot be had."""
        ran = []
        while True:
            asked = {"values": json.loads(_sent(values)), "seen": list(seen), "closed": [], "changed": []}
            answer = json.loads(self.session.ask(json.dumps(asked | {"longest": None})))
            if answer["next"] is None:
                return ran, answer["stuck"]
            ran.append(answer["next"])
            self.run(ran[-1], values)

    def shown(self) -> dict[int, list]:
        return {number: _flat(outputs) for number, outputs in self.outputs.items()}


def _sent(values: Values) -> str:
    return json.dumps([[*pair, value] for pair, value in values.items()])


def _flat(outputs: list) -> list:
    """Printed text in one piece, and no warnings: where a text is cut is an accident of timing."""
    made: list = []
    for output in outputs:
        if output.get("name") == "stderr":
            continue
        if made and output["kind"] == "stream" == made[-1]["kind"]:
            made[-1] = made[-1] | {"text": made[-1]["text"] + output["text"]}
        else:
            made.append(output)
    return made


@contextmanager
def alone() -> Iterator[None]:
    """Cells are run in `__main__`, whose names come back afterwards."""
    names = sys.modules["__main__"].__dict__
    before = dict(names)
    try:
        yield
    finally:
        names.clear()
        names.update(before)


def answers(outputs: dict[int, list]) -> dict[int, str]:
    """What cells say in the place of an answer, by number."""
    return {number: made[-1]["text"] for number, made in outputs.items() if made and made[-1]["kind"] == "error"}


def wrong(page: Page, published: dict[int, list], values: Values) -> list[str]:
    """What is wrong after a slider moved and came back: outputs that are not those of a full run, and errors."""
    _, stuck = page.settle(values)
    mine = page.shown()
    full = Page(page.cells).run_all(values)
    failed = answers(full)
    found = [f"cell {n} is not what a full run gives" for n in full if n not in stuck and full[n] != mine[n]]
    found += [f"cell {n} has no answer: {why}" for n, why in failed.items()]
    page.settle({})
    back = page.shown()
    return found + [f"cell {n} did not come back" for n in published if back[n] != published[n]]
