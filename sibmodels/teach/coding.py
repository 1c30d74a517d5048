"""Coding governance in class: a blank sheet, the sheets of a class read, and where coders disagree."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from sibmodels import _arguments as check
from sibmodels import files, tables

__all__ = ["coding_sheet", "compare_codings", "read_codings"]


STEPS = (-1.0, -0.5, 0.0, 0.5, 1.0)
SHEET = ("case", "dimension", "npm", "npg", "evidence", "source", "locator", "score", "why")


def coding_sheet(evidence: bool = True) -> pd.DataFrame:
    """A blank sheet for coding the four cases: a row for each case and dimension, and room for a score.

    Parameters
    ----------
    evidence : bool, optional
        Whether the sheet gives the evidence that the book's own scores rest on. Without it, coders go by
        what they read in the chapters.

    Returns
    -------
    DataFrame
        Columns ``case``, ``dimension``, ``npm`` and ``npg`` (the two ends), ``evidence``, ``source``,
        ``locator``, and the empty ``score`` and ``why``.

    Examples
    --------
    >>> sheet = coding_sheet()
    >>> len(sheet), set(sheet["score"])
    (24, {''})
    """
    ends = tables.read("dimensions")[["dimension", "npm", "npg"]]
    sheet = tables.read("governance").rename(columns={"note": "evidence"}).merge(ends, on="dimension", sort=False)
    sheet[["score", "why"]] = ""
    if not evidence:
        sheet["evidence"] = ""
    return sheet[list(SHEET)]


def read_codings(files: str | Path | Iterable[str | Path]) -> pd.DataFrame:
    """Scores of a class, from one file a coder.

    Parameters
    ----------
    files : path or iterable of paths
        CSV files as `coding_sheet` has them, or one folder that holds them. A coder is named as the file.
        Separators may be commas, semicolons or tabs, as spreadsheets save them. Only the columns ``case``,
        ``dimension`` and ``score`` are needed; ``why`` is read where it is there.

    Returns
    -------
    DataFrame
        Columns ``coder``, ``case``, ``dimension``, ``score`` (NaN where it was left blank), ``why``;
        every coder has every unit.

    Raises
    ------
    ValueError
        With every problem in every file: file, row (the header is row 1), column, and what is allowed.
    """
    paths = [Path(files)] if isinstance(files, str | Path) else [Path(path) for path in files]
    problems, tables_read = [], []
    if len(paths) == 1 and paths[0].is_dir():
        folder = paths[0]
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
        # a coder whose sheet is a workbook would be left out without a word
        other = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in (".xlsx", ".xls", ".ods"))
        problems += [f"{name} is a workbook; save its sheet as CSV, under the coder's name" for name in other]
        if not paths and not problems:
            raise ValueError(f"{folder} holds no .csv file; one for each coder is needed")
    missing = [str(path) for path in paths if not path.is_file()]
    if missing or not (paths or problems):
        raise FileNotFoundError(f"files: {missing or 'none given'}; each must be a CSV file")
    coders: dict[str, Path] = {}
    for path in paths:
        name = re.sub(r" ?(\(\d+\)|- copy( \(\d+\))?)$", "", path.stem.casefold())  # as saving twice names a file
        if name in coders:
            remedy = "keep one sheet of each, or rename it"
            problems.append(f"{path}: a coder named {name!r} is there already, in {coders[name]}; {remedy}")
            continue
        coders[name] = path
        rows, wrong = _read_sheet(path)
        problems += wrong
        tables_read.append(rows.assign(coder=path.stem))
    check.no_problems(problems)
    return pd.concat(tables_read, ignore_index=True)[["coder", "case", "dimension", "score", "why"]]


def compare_codings(codings: pd.DataFrame, book: pd.DataFrame | None = None) -> pd.DataFrame:
    """Where coders disagree with each other and with the book.

    Parameters
    ----------
    codings : DataFrame
        From `read_codings`.
    book : DataFrame, optional
        Columns ``case``, ``dimension``, ``score``; the book's own coding if None.

    Returns
    -------
    DataFrame
        A row a unit, columns ``case``, ``dimension``, ``coders`` (how many scored it), ``median``, ``low``,
        ``high``, ``apart`` (mean distance between two coders), ``book`` and ``gap`` (median less book); the
        most contested first.

    Examples
    --------
    >>> one = coding_sheet()[["case", "dimension"]].assign(score=0.0)
    >>> two = pd.concat([one.assign(coder="a"), one.assign(coder="b")])
    >>> compare_codings(two)["apart"].max()
    np.float64(0.0)
    """
    if book is None:
        book = tables.read("governance").rename(columns={"value": "score"})
    units = codings.groupby(["case", "dimension"], sort=False)["score"]
    result = units.agg(coders="count", median="median", low="min", high="max", apart=_apart).reset_index()
    result = result.merge(book[["case", "dimension", "score"]].rename(columns={"score": "book"}), how="left")
    result["gap"] = result["median"] - result["book"]
    return result.sort_values("apart", ascending=False, kind="stable", ignore_index=True)


def _apart(scores: pd.Series) -> float:
    """Mean distance between two different coders of a unit; NaN for fewer than two."""
    values = np.sort(scores.dropna().to_numpy())
    n = len(values)
    if n < 2:
        return math.nan
    ranks = np.arange(n)
    return float(((2 * ranks - n + 1) * values).sum() * 2 / (n * (n - 1)))


def _read_sheet(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """The units of one coder's file, and everything that is wrong with it."""
    empty = pd.DataFrame(columns=["case", "dimension", "score", "why"])
    if path.stat().st_size > 1_000_000:
        return empty, [f"{path.name} holds {path.stat().st_size:,} bytes; a coding sheet holds less than 1,000,000"]
    try:
        text, _ = files.decoded(path.read_bytes())  # scores are read in any encoding; notes may look odd
        first = (text.splitlines() or [""])[0]
        separator = max(",;\t", key=first.count)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        return empty, [f"{path.name} cannot be read as CSV: {error}"]
    header = [name.strip().lower() for name in rows[0]] if rows else []
    absent = [name for name in ("case", "dimension", "score") if name not in header]
    if absent:
        return empty, [
            f"{path.name}, row 1: the columns {', '.join(absent)} are missing; the sheet has {', '.join(SHEET)}"
        ]
    known = tables.read("governance")
    names = {"case": dict.fromkeys(known["case"]), "dimension": dict.fromkeys(known["dimension"])}
    found: dict[tuple[str, str], tuple[float, str]] = {}
    problems = []
    for number, cells in enumerate(rows[1:], start=2):
        cell = dict(zip(header, (text.strip() for text in cells), strict=False))
        if not any(cell.values()):
            continue
        where = f"{path.name}, row {number}, column"
        unit = cell.get("case", ""), cell.get("dimension", "")
        unknown = False
        for column, value in zip(("case", "dimension"), unit, strict=True):
            try:
                check.one_of(value, names[column], f"{where} {column!r}:")
            except ValueError as error:
                problems.append(str(error))
                unknown = True
        if unknown:
            continue
        if unit in found:
            problems.append(f"{where} 'case': {unit[0]}, {unit[1]} is there twice; each unit needs one row")
        score = _score(cell.get("score", ""))
        if score is None:
            allowed = ", ".join(f"{step:g}" for step in STEPS)
            problems.append(f"{where} 'score' is {cell['score']!r}; it must be one of {allowed}, or blank")
        found[unit] = (math.nan if score is None else score, cell.get("why", ""))
    units = list(known[["case", "dimension"]].itertuples(index=False, name=None))
    if not problems and all(math.isnan(found.get(unit, (math.nan,))[0]) for unit in units):
        problems.append(f"{path.name}, column 'score': no score yet; fill in at least one")
    coded = [(*unit, *found.get(unit, (math.nan, ""))) for unit in units]
    return pd.DataFrame(coded, columns=["case", "dimension", "score", "why"]), problems


def _score(cell: str) -> float | None:
    """A score as people and spreadsheets write it: NaN for a blank, None for what is no score."""
    if not cell:
        return math.nan
    try:
        value = float(cell.replace("−", "-").replace(",", "."))
    except ValueError:
        return None
    return value + 0.0 if value in STEPS else None
