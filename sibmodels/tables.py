"""The tables of ``data/``: the single home of every empirical figure.

Each table is a CSV file described, column by column, in ``data/datapackage.json``. Most of its tables
hold *claims*: keys that say what a row is about, then ``value``, ``unit``, ``currency``, ``source``,
``locator``, ``confidence`` and ``note``.
"""

from __future__ import annotations

import contextlib
import csv
import functools
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from sibmodels import _arguments as check

__all__ = ["NOT_A_NUMBER", "assuming", "folder", "names", "noting", "read", "rows", "schema"]

NOT_A_NUMBER = ("text", "date")
"""Units of a claim whose value is not a number."""


def folder() -> Path:
    """Where the tables are: inside an installed package, beside it in a checkout."""
    here = Path(__file__).resolve().parent
    return next(path for path in (here / "data", here.parent / "data") if path.is_dir())


def names() -> list[str]:
    """The tables' names."""
    return list(_package(folder()))


def schema(name: str) -> list[dict[str, Any]]:
    """The columns of a table, as its data package describes them."""
    package = _package(folder())
    fields: list[dict[str, Any]] = package[check.one_of(name, package, "table", KeyError)]["schema"]["fields"]
    return fields


def read(name: str, path: Path | None = None, about: tuple[str, ...] = ()) -> pd.DataFrame:
    """A table, checked against its description; numbers as floats, everything else as text.

    Parameters
    ----------
    name : str
        One of `names()`.
    path : Path, optional
        Another file with the same columns, such as a reader's own.
    about : tuple of str, optional
        For `noting`: the case, or the case and the key, that alone is wanted of the assumptions; none means all.

    Raises
    ------
    KeyError
        For an unknown table.
    ValueError
        For a malformed file; names the file, the row (the header is row 1) and the column.

    Examples
    --------
    >>> read("cases")["case"].tolist()
    ['yokohama', 'kobe', 'uk-commissioner-led', 'uk-provider-led']
    """
    schema(name)
    if path is not None:  # a reader's own file, which may change, is read each time; the shipped tables once
        return _table(name, Path(path))
    table = _read(name, folder()).copy()
    if name == "assumptions":
        for wanted in _noted:
            wanted.add(about)
        for (case, key), value in _assumed.items():
            table.loc[(table["case"] == case) & (table["key"] == key), "value"] = value
    return table


_assumed: dict[tuple[str, str], float] = {}
_noted: list[set[tuple[str, ...]]] = []


@contextlib.contextmanager
def assuming(values: Mapping[tuple[str, str], float]) -> Iterator[None]:
    """Whoever reads the assumptions meanwhile finds these values, by case and key; low and high stay.

    Raises
    ------
    KeyError
        For an assumption that is not in the table.
    ValueError
        For a value outside its range.

    Examples
    --------
    >>> with assuming({("kobe", "rho"): 0.5}):
    ...     moved = read("assumptions").set_index(["case", "key"])["value"]
    >>> float(moved["kobe", "rho"])
    0.5
    """
    global _assumed
    table = _read("assumptions", folder()).set_index(["case", "key"])
    for pair, value in values.items():
        row = table.loc[[check.one_of(pair, table.index.tolist(), "assumption", KeyError)]].iloc[0]
        if not row["low"] <= value <= row["high"]:
            raise ValueError(f"assumption {pair} is {value}; it must lie between {row['low']:g} and {row['high']:g}")
    before, _assumed = _assumed, _assumed | dict(values)
    try:
        yield
    finally:
        _assumed = before


@contextlib.contextmanager
def noting() -> Iterator[set[tuple[str, ...]]]:
    """Which assumptions are read meanwhile: a case and a key, a case alone for all of its rows, or () for all.

    >>> with noting() as wanted:
    ...     _ = read("assumptions", about=("kobe", "rho"))
    >>> wanted
    {('kobe', 'rho')}
    """
    wanted: set[tuple[str, ...]] = set()
    _noted.append(wanted)
    try:
        yield wanted
    finally:
        _noted.pop()


def rows(table: pd.DataFrame) -> Iterator[Any]:
    """The rows of a table, whose cells are attributes: ``row.case``.

    >>> [row.case for row in rows(read("cases"))][0]
    'yokohama'
    """
    yield from table.itertuples()


@functools.cache
def _package(root: Path) -> dict[str, dict[str, Any]]:
    package = json.loads((root / "datapackage.json").read_text(encoding="utf-8"))
    return {resource["name"]: resource for resource in package["resources"]}


@functools.cache
def _read(name: str, root: Path) -> pd.DataFrame:
    return _table(name, root / _package(root)[name]["path"])


def _table(name: str, path: Path) -> pd.DataFrame:
    resource = _package(folder())[name]
    fields = resource["schema"]["fields"]
    columns = [field["name"] for field in fields]
    subjects = [] if name == "cases" or "case" not in columns else _read("cases", folder())["case"].tolist()
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file, strict=True)) or [[]]
    if header != columns:
        raise ValueError(f"{path.name}, row 1: the columns are {header}; they must be {columns}")
    parsed = []
    for number, cells in enumerate(rows, start=2):
        if len(cells) != len(columns):
            raise ValueError(f"{path.name}, row {number}: {len(cells)} cells; {len(columns)} are needed")
        row = {}
        for field, cell in zip(fields, cells, strict=True):
            where = f"{path.name}, row {number}, column {field['name']!r}"
            row[field["name"]] = _parse(cell, field, where)
            if subjects and field["name"] == "case":  # one of the cases, or what else the table is about
                check.one_of(cell, [*subjects, *field.get("subjects", ())], f"{where}:")
        _check_claim(row, f"{path.name}, row {number}")
        parsed.append(row)
    table = pd.DataFrame(parsed, columns=columns)
    for field in fields:
        kind = float if field["type"] == "number" else str
        table[field["name"]] = table[field["name"]].astype(kind)
    key = resource["schema"].get("primaryKey")
    if key and table.duplicated(key).any():
        at = int(table.duplicated(key).to_numpy().nonzero()[0][0])
        raise ValueError(
            f"{path.name}, row {at + 2}, column {key[-1]!r}: {tuple(table.iloc[at][key])} is there twice; "
            f"{', '.join(key)} together must be unique"
        )
    return table


def _parse(cell: str, field: dict[str, Any], where: str) -> float | str:
    """One cell, as its field's type; empty numbers are NaN, which only an optional column may hold."""
    rules = field.get("constraints", {})
    if cell == "":
        if rules.get("required"):
            raise ValueError(f"{where} is empty; a {field['type']} is needed")
        return math.nan if field["type"] == "number" else ""
    if cell != cell.strip():
        raise ValueError(f"{where} is {cell!r}; no space before or after is allowed")
    if field["type"] == "number":
        value = _number(cell, where)
        low, high = rules.get("minimum", -math.inf), rules.get("maximum", math.inf)
        if not low <= value <= high:
            raise ValueError(f"{where} is {cell}; it must lie between {low} and {high}")
        return value
    if "enum" in rules and cell not in rules["enum"]:
        check.one_of(cell, rules["enum"], f"{where}:")
    if "pattern" in rules and not re.fullmatch(rules["pattern"], cell):
        raise ValueError(f"{where} is {cell!r}; it must match {rules['pattern']}")
    return cell


def _number(cell: str, where: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{where} is {cell!r}; a number such as 0.329 or 34060000 is needed")
    return value


def _check_claim(row: dict[str, Any], where: str) -> None:
    """What ties a claim's value, unit and currency together."""
    if not {"value", "unit", "currency"} <= row.keys():
        return
    if isinstance(row["value"], str) and row["unit"] not in NOT_A_NUMBER and row["value"]:
        _number(row["value"], f"{where}, column 'value'")
    money = row["unit"] == "money"
    if money != bool(row["currency"]):
        allowed = "money needs its ISO 4217 currency" if money else f"only money has one, not {row['unit']!r}"
        raise ValueError(f"{where}, column 'currency' is {row['currency']!r}; {allowed}")
