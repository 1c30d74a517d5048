"""Workbooks of the older layout: everything on one sheet, a row a key, headed Section, Key, Value, Low, High, Note."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sibmodels.casefile.layout import figure
from sibmodels.casefile.sections import LISTS, MOST, Key

if TYPE_CHECKING:
    from sibmodels.casefile.workbook import Grid, Reader

__all__ = ["HEADER", "first_row", "read_rows"]

HEADER = ("Section", "Key")


def first_row(grid: Grid) -> int:
    """The row below the heading; 0 where there is none."""
    rows = range(1, min(grid.last, 100) + 1)
    return next((row + 1 for row in rows if (grid.plain(row, 1), grid.plain(row, 2)) == HEADER), 0)


def read_rows(reader: Reader, grid: Grid, first: int) -> None:
    """Every row into the reader's tables."""
    numbers: dict[tuple[str, int], int] = {}  # items are counted as they come, whatever number they bear
    for row in range(first, grid.last + 1):
        section, key = (str(grid.get(row, n) or "") for n in (1, 2))
        cells = [grid.get(row, n) for n in range(3, 7)]
        if not section and not key and any(cell is not None for cell in cells):
            reader.problem(grid.place(row, 1), f"row {row}", "value_without_key")
        if not section or not key:
            continue
        head, _, number = section.partition(" ")
        base: Key = (head,)
        if head in LISTS:
            item = int(number) if number.isdigit() else 1
            known = 1 + sum(name == head for name, _ in numbers)
            base = (head, numbers.setdefault((head, item), known))
        table = reader.table(base, grid.place(row, 1))
        if isinstance(cells[0], str):
            cells[0] = reader.structured(head, re.sub(r" \d+$", "", key), cells[0], grid.place(row, 3))
        name, part = _put(table, key, cells)
        if not name:
            continue
        cell = grid.place(row, 3)
        if (*base, name) in reader.places and name == key:
            reader.problem(cell, ".".join(map(str, (*base, key))), "row_twice")
        reader.places.setdefault((*base, name), cell)
        if part is not None:
            reader.places.setdefault((*base, name, part), cell)
        else:
            ends = enumerate(("value", "low", "high", "note"), start=3)
            reader.places |= {(*base, name, end): grid.place(row, column) for column, end in ends}
    _drop_empty(reader)


def _drop_empty(reader: Reader) -> None:
    """Leave out blocks that nobody filled in."""
    for head in (name for name in LISTS if name != "outcome"):
        filled = [any(value != "" for value in item.values()) for item in reader.raw.get(head, [])]
        if all(filled):
            continue
        kept = [n for n, full in enumerate(filled, start=1) if full]
        reader.raw[head] = [reader.raw[head][n - 1] for n in kept]
        moved: dict[str | int, int] = {old: new for new, old in enumerate(kept, start=1)}
        reader.places = {
            ((head, moved[at[1]], *at[2:]) if at[0] == head and len(at) > 1 else at): cell
            for at, cell in reader.places.items()
            if not (at[0] == head and len(at) > 1 and at[1] not in moved)
        }


def _put(table: dict[str, Any], key: str, cells: list[Any]) -> tuple[str | None, str | int | None]:
    """Put a row into its section; the key as the schema has it, and what part of it, or nothing for a blank row."""
    value, low, high, note = cells
    listed = re.fullmatch(r"(measured|fixed_paid)(?: (\d+))?", key)
    pair = re.fullmatch(r"points (\d+): (performance|payment)", key)
    dated = re.fullmatch(r"payers (\d{4}-\d\d): ?(.*)", key, flags=re.S)
    line = re.fullmatch(r"card (\d+)", key)
    foreign = re.fullmatch(r"(\w+) \(([A-Z]{3})\)", key)
    named = re.fullmatch(r"(payers|values): ?(.*)", key, flags=re.S)
    if value is None and low is None and high is None:
        if listed or pair or named or dated or line or foreign:
            return None, None
        table.setdefault(key, "")
        return key, None
    if dated:
        table.setdefault("payers", {}).setdefault(dated[1], {})[dated[2]] = value
        return "payers", None
    if line:
        table.setdefault("card", []).append(value)
        return "card", int(line[1])
    if foreign:
        given = {"value": value, "low": low, "high": high, "note": note, "in": foreign[2]}
        table[foreign[1]] = {part: content for part, content in given.items() if content is not None}
        return foreign[1], None
    if listed:
        table.setdefault(listed[1], []).append(value)
        return listed[1], len(table[listed[1]])
    if pair:
        points = table.setdefault("points", [])
        while len(points) < min(int(pair[1]), MOST + 1):
            points.append([None, None])
        if 0 < int(pair[1]) <= MOST + 1:
            points[int(pair[1]) - 1][pair[2] == "payment"] = value
        return "points", int(pair[1])
    if named:
        table.setdefault(named[1], {})[named[2]] = value
        return named[1], named[2]
    table[key] = figure({"value": value, "low": low, "high": high, "note": note})
    return key, None
