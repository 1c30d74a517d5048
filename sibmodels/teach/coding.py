"""Coding governance in class: a blank sheet, the sheets of a class read, and where coders disagree."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from sibmodels import _arguments as check
from sibmodels import cases, display, tables
from sibmodels.teach import handed

__all__ = ["coding_dossier", "coding_sheet", "compare_codings", "handed_in", "read_codings"]


STEPS = (-1.0, -0.5, 0.0, 0.5, 1.0)
SLIDES = "tsukamoto2019"
BESIDE = ("metrics_designer", "co_designers", "review", "volunteers", "measures", "repayment", "interest", "funding")
"""What other sources say of who designed, paid and judged a case, beside the slides."""
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


def coding_dossier() -> pd.DataFrame:
    """What the sources say of the four cases, to code from: no score, and no dimension.

    Every fact that the slides state of a case, and what other sources add on who designed, ran and reviewed it;
    in the order of the sources. Where the slides' authors judge rather than report, the row says so.

    Returns
    -------
    DataFrame
        Columns ``case``, ``what``, ``says``, ``source``, ``locator``, ``note``.

    Examples
    --------
    >>> dossier = coding_dossier()
    >>> sorted(set(dossier["case"])), {"score", "dimension"} & set(dossier)
    (['kobe', 'uk-commissioner-led', 'uk-provider-led', 'yokohama'], set())
    """
    facts = tables.read("facts")
    slides = facts["source"].eq(SLIDES) & facts["confidence"].eq("stated") & ~facts["currency"].isin(["USD"])
    slides &= ~facts["key"].str.endswith("_gbp")
    facts = facts[facts["case"].isin(cases.names()) & (slides | facts["key"].isin(BESIDE) & facts["source"].ne(SLIDES))]
    facts = facts.assign(
        # by what the slides call it, and not by the name of a dimension
        what=facts["label"].mask(facts["key"].eq("relationship"), "What the slides call it"),
        says=[display.amount(row.value, row.unit, row.currency) for row in tables.rows(facts)],
        note=facts["note"].mask(facts["note"].str.contains(r"\brow"), ""),  # where else to look in the table
    )
    order = facts["case"].map(cases.names().index)
    facts = facts.iloc[np.argsort(order, kind="stable")]
    return facts[["case", "what", "says", "source", "locator", "note"]].reset_index(drop=True)


def read_codings(files: str | Path | Iterable[str | Path]) -> pd.DataFrame:
    """Scores of a class, from one file a coder.

    Parameters
    ----------
    files : path or iterable of paths
        Sheets as `coding_sheet` has them: CSV files or workbooks, a folder that holds them, or the ``.zip`` that
        a learning platform makes of them. A coder is named as the file, or as the platform says. Separators,
        encodings, minus signs and digits may be those of any spreadsheet (`handed_in` says what was understood).
        Only the columns ``case``, ``dimension`` and ``score`` are needed; ``why`` is read where it is there.

    Returns
    -------
    DataFrame
        Columns ``coder``, ``case``, ``dimension``, ``score`` (NaN where it was left blank), ``why``, and
        ``sheet``: whether the coder's had the ``evidence`` beside each score, or was ``blind``. Every coder has
        every unit.

    Raises
    ------
    ValueError
        With every problem in every file: file, row (the header is row 1), column, and what is allowed.
    """
    return _read_class(files)[0]


def handed_in(files: str | Path | Iterable[str | Path]) -> pd.DataFrame:
    """What `read_codings` found among the files of a class, and how it understood them.

    Returns
    -------
    DataFrame
        A row a file: ``coder`` (empty for a file that was left out), ``file``, ``scores`` and ``blank`` (how many),
        ``sheet`` (``evidence`` or ``blind``), ``understood`` (what had to be understood to read it).

    Raises
    ------
    ValueError
        As `read_codings` does.
    """
    return _read_class(files)[1]


def _read_class(given: str | Path | Iterable[str | Path]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The codings of a class, and what there is to say of its files."""
    pile = handed.gather(given, ".csv")
    if not pile.sheets and not pile.problems:
        raise ValueError(f"{given} holds no .csv file; one for each coder is needed")
    problems, parts, said = list(pile.problems), [], []
    for sheet in pile.sheets:
        part, notes, wrong = _read_sheet(sheet)
        problems += wrong
        parts.append(part.assign(coder=sheet.owner))
        scores = int(part["score"].notna().sum())
        kind = part["sheet"].iloc[0] if len(part) else ""
        said.append((sheet.owner, sheet.file, scores, len(part) - scores, kind, "; ".join(notes)))
    check.no_problems(problems)
    said += [("", file, 0, 0, "", note) for file, note in pile.notes]
    codings = pd.concat(parts, ignore_index=True)[["coder", "case", "dimension", "score", "why", "sheet"]]
    return codings, pd.DataFrame(said, columns=["coder", "file", "scores", "blank", "sheet", "understood"])


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


def _read_sheet(sheet: handed.Sheet) -> tuple[pd.DataFrame, list[str], list[str]]:
    """The units of one coder's file, what had to be understood, and everything that is wrong with it."""
    columns = ["case", "dimension", "score", "why", "sheet"]
    table, problem = handed.rows(sheet, ("case", "dimension", "score"))
    if table is None:
        return pd.DataFrame(columns=columns), [], [f"{problem}; the sheet has {', '.join(SHEET)}"]
    notes = list(table.notes)
    rows = [(number, *_cells(table.header, cells)) for number, cells in table.rows]
    rows = [(number, cell, split) for number, cell, split in rows if any(cell.values())]
    found, problems, strange = _units(sheet.file, rows)
    units = list(tables.read("governance")[["case", "dimension"]].itertuples(index=False, name=None))
    missing = [f"{case}, {dimension}" for case, dimension in units if (case, dimension) not in found]
    if strange and strange >= len(rows) / 2:  # and not a slip in each of them
        problems = [
            f"{sheet.file}: {strange} of {len(rows)} rows are of cases or dimensions that this edition does not code, "
            "as if it were another edition's sheet. This one codes "
            f"{', '.join(cases.names())} on {', '.join(_labels())}"
        ]
    elif missing and not strange:  # else they are the misspelt ones
        problems.append(
            f"{sheet.file} has {len(found)} of {len(units)} rows; missing: {'; '.join(missing)}. Put them back, with a "
            "blank score where there is none"
        )
    if not problems and all(math.isnan(score) for score, _ in found.values()):
        problems.append(f"{sheet.file}, column 'score': no score yet; fill in at least one")
    if commas := sum(split for *_, split in rows):
        notes.append(f"decimal commas in {commas} rows, put together")
    if other := [name for name in table.header if name and name not in (*SHEET, "coder")]:
        notes.append(f"columns not read: {', '.join(other)}")
    kind = "evidence" if any(cell.get("evidence", "").strip() for _, cell, _ in rows) else "blind"
    coded = [(*unit, *found.get(unit, (math.nan, "")), kind) for unit in units]
    return pd.DataFrame(coded, columns=columns), notes, problems


def _units(
    file: str, rows: Iterable[tuple[int, dict[str, str], bool]]
) -> tuple[dict[tuple[str, str], tuple[float, str]], list[str], int]:
    """Score and reason of each unit, what is wrong with the rows, and how many are of units that nobody knows."""
    names = {"case": _names(cases.names(), cases.label), "dimension": _names(_labels(), _labels().__getitem__)}
    found: dict[tuple[str, str], tuple[float, str]] = {}
    problems, strange = [], 0
    for number, cell, _ in rows:
        where = f"{file}, row {number}, column"
        if beyond := cell.get(""):
            problems.append(f"{where} beyond the last: {beyond!r}; put cells that hold separators in quotes")
        given = {column: handed.plain(cell.get(column, "")) for column in names}
        wrong = [
            _unknown(value, names[column], f"{where} {column!r}:")
            for column, value in given.items()
            if value.casefold() not in names[column]
        ]
        if wrong:
            problems, strange = problems + wrong, strange + 1
            continue
        case, dimension = (names[column][value.casefold()] for column, value in given.items())
        if (case, dimension) in found:
            problems.append(f"{where} 'case': {case}, {dimension} is there twice; each unit needs one row")
        score = _score(cell.get("score", ""))
        if score is None:
            allowed = ", ".join(f"{step:g}" for step in STEPS)
            problems.append(f"{where} 'score' is {cell['score']!r}; it must be one of {allowed}, or blank")
        found[case, dimension] = (math.nan if score is None else score, cell.get("why", "").strip())
    return found, problems, strange


def _labels() -> dict[str, str]:
    """What each dimension is called, by its name."""
    return {row.dimension: row.label for row in tables.rows(tables.read("dimensions"))}


def _names(keys: Iterable[str], label: Callable[[str], str]) -> dict[str, str]:
    """What a row may call a case or a dimension: by its name, or by its label."""
    return {name.casefold(): key for key in keys for name in (label(key), key)}


def _unknown(value: str, names: Mapping[str, str], where: str) -> str:
    """What is said of a name that is none."""
    try:
        check.one_of(value, dict.fromkeys(names.values()), where)
    except ValueError as error:
        return str(error)
    raise AssertionError(f"{value} is known")  # pragma: no cover


def _cells(header: tuple[str, ...], cells: tuple[str, ...]) -> tuple[dict[str, str], bool]:
    """A row's cells by column, those beyond the last under no name; whether a decimal comma had split the score.

    A comma of the last column's own, the reasons', belongs to it.
    """
    place, last = header.index("score"), len(header) - 1
    whole, half = (handed.plain(cell) for cell in (*cells[place : place + 2], "", "")[:2])
    split = len(cells) == len(header) + 1 and whole in ("0", "-0", "1", "-1") and half in ("0", "5")
    if split:
        cells = (*cells[:place], f"{whole}.{half}", *cells[place + 2 :])
    if header[last] == "why":
        cells = (*cells[:last], ",".join(cells[last:]))
    cell = {name: text.strip() for name, text in zip(header, cells, strict=False) if name}
    return cell | {"": "".join(cells[len(header) :]).strip()}, split


def _score(cell: str) -> float | None:
    """A score as people and spreadsheets write it: NaN for a blank, None for what is no score."""
    number = handed.plain(cell).replace(",", ".")
    if not number:
        return math.nan
    try:
        value = float(number)
    except ValueError:
        return None
    return value + 0.0 if value in STEPS else None
