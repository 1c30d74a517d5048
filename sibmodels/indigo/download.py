"""The publisher's download, unpacked or not, read row by row; what cannot be used is kept with its reason."""

from __future__ import annotations

import csv
import difflib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from sibmodels import files
from sibmodels.indigo.columns import (
    AMOUNTS,
    CALLED,
    COLUMNS,
    EXTRACTED,
    MARKS,
    NEEDED,
    PARSERS,
    PAYMENTS,
    PLACES,
    PROJECTS,
    TERMS,
    Loss,
    as_is,
    month,
)
from sibmodels.indigo.world import Indigo, dropped_table, payments_table, projects_table, terms_table

__all__ = ["read"]

LARGEST = 100_000_000  # bytes of one file, unpacked
WANTED = f"the publisher's download is needed, which holds {', '.join(EXTRACTED)}"


@dataclass(frozen=True)
class _Row:
    """One row of a file: its filled cells by our names, and what a parser made of them."""

    file: str
    number: int
    cells: dict[str, str]
    values: dict[str, Any]
    reasons: dict[str, str]  # why a cell was not taken

    def losses(self, why: str = "") -> list[Loss]:
        """Cells not taken; with `why`, the whole row is not."""
        lost = {**dict.fromkeys(self.cells, why), **self.reasons} if why else self.reasons
        columns = COLUMNS[self.file]
        return [
            (self.file, self.number, columns[key], self.cells[key], lost[key])
            for key in self.cells
            if key in lost and key not in MARKS
        ]


def read(folder_or_zip: str | Path) -> Indigo:
    """Read the publisher's download.

    Parameters
    ----------
    folder_or_zip : str or Path
        Holds ``projects.csv``, ``projects_delivery_locations.csv`` and ``projects_outcome_payments.csv``; perhaps
        also ``projects_outcome_metrics.csv``, ``projects_outcome_pricings.csv`` and ``projects_results.csv``.

    Returns
    -------
    Indigo
        Amounts are in the currency named, not rounded and not converted. Nothing is guessed: a cell that
        is not plainly an amount, a date, a currency or a country is in `Indigo.dropped`. So are payments of
        no stated type, and a project's second country. Left out are all other columns, among them the
        payments' dollar amounts, which many rows convert the wrong way round.

    Raises
    ------
    FileNotFoundError
        Without the folder, the zip file or one of the three files in it.
    ValueError
        For a file that is no CSV text or lacks a column; names both.

    Examples
    --------
    >>> read("indigo.zip")
    Traceback (most recent call last):
    FileNotFoundError: indigo.zip: no such folder or zip file; the publisher's download is needed, which holds ...
    """
    dropped: list[Loss] = []
    source = Path(folder_or_zip)
    there = [file for file in COLUMNS if file in EXTRACTED or _found(source, file)]
    rows = {file: list(_rows(source, file, dropped)) for file in there}
    projects = _first_of_each(rows[PROJECTS], dropped)
    countries = _countries(_known(rows[PLACES], projects, dropped), dropped)
    for row in projects.values():
        _need_currency(row)
        dropped += row.losses()
    payments = []
    for row in _known(rows[PAYMENTS], projects, dropped):
        if row.values["end"] and month(row.values["start"], "01") > month(row.values["end"], "12"):
            row.reasons["end"] = "before the period starts"
            row.values["end"] = ""
        dropped += row.losses()
        payments.append({"project_id": row.values["id"], **row.values})
    terms = {file: _taken(rows[file], projects, dropped) if file in rows else None for file in TERMS}
    order = [(file, column) for file, columns in COLUMNS.items() for column in ("", *columns.values())]
    places = {place: n for n, place in enumerate(order)}
    dropped.sort(key=lambda loss: (list(COLUMNS).index(loss[0]), loss[1], places[loss[0], loss[2]]))
    return Indigo(
        projects_table([{**row.values, "country": countries.get(key, "")} for key, row in projects.items()]),
        payments_table(payments),
        dropped_table(dropped),
        *(None if found is None else terms_table(file, found) for file, found in terms.items()),
    )


def _rows(source: Path, file: str, dropped: list[Loss]) -> Iterator[_Row]:
    """The rows of a file that can be used; what cannot is added to `dropped`."""
    try:
        text = _text(_bytes(source, file), file)
        separator = max(",;\t", key=(text.splitlines() or [""])[0].count)  # as spreadsheets of some countries save
        header, *records = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator)) or [[]]
    except csv.Error as error:
        raise ValueError(f"{file}: not readable as CSV ({error})") from error
    places = _places(file, [" ".join(cell.split()) for cell in header])
    seen: dict[tuple[str, ...], int] = {}
    for number, record in enumerate(records, start=2):
        cells = [" ".join(cell.split()) for cell in record]
        if not any(cells):
            continue
        row = _row(file, number, {key: cells[at] for key, at in places.items() if at < len(cells) and cells[at]})
        surplus = [cell for cell in cells[len(header) :] if cell]
        why = ""
        if len(cells) < len(header) or surplus:  # who knows which cell is missing or too many
            why = f"the row has {len(cells)} cells, the header {len(header)}"
            dropped += [(file, number, "", cell, why) for cell in surplus]
        elif (first := seen.setdefault(tuple(cells[: len(header)]), number)) != number:
            why = f"the same as row {first}"
        for key in NEEDED[file]:
            if not why and row.values[key] in ("", None):
                why = f"the row has no usable {CALLED[key]}"
        if why:
            dropped += row.losses(why)
        else:
            yield row


def _bytes(source: Path, file: str) -> bytes:
    """One file of the download."""
    found = _found(source, file)
    if not found:
        raise FileNotFoundError(f"{source}: {file} is missing; {WANTED}")
    if len(found) > 1:
        raise ValueError(f"{source}: {file} is there {len(found)} times ({', '.join(found)}); one is needed")
    return Path(found[0]).read_bytes() if source.is_dir() else _unzip(source, found[0])


def _found(source: Path, file: str) -> list[str]:
    """Where a file of the download is: at its top or up to two folders below."""
    if source.is_dir():
        below = [path for deep in ("", "*/", "*/*/") for path in source.glob(f"{deep}{file}")]
        found = [str(path) for path in below if "__MACOSX" not in path.parts]
    elif not source.exists():
        raise FileNotFoundError(f"{source}: no such folder or zip file; {WANTED}")
    elif not zipfile.is_zipfile(source):
        raise ValueError(f"{source}: neither a folder nor a zip file; {WANTED}")
    else:
        with zipfile.ZipFile(source) as archive:
            members = [PurePosixPath(name) for name in archive.namelist()]
        found = [str(name) for name in members if name.name == file and "__MACOSX" not in name.parts]
    return found


def _unzip(source: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(source) as archive:
            size = archive.getinfo(name).file_size
            if size > LARGEST:
                what = f"{name} unpacks to {size / 1e6:,.0f} MB; at most {LARGEST / 1e6:,.0f} MB is read"
                raise ValueError(f"{source}: {what}: is it the publisher's download?")
            return archive.read(name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # damaged, or locked by a password
        raise ValueError(f"{source}: {name} cannot be unpacked ({error})") from error


def _text(raw: bytes, file: str) -> str:
    """UTF-8 or, where marked, UTF-16; else Windows-1252, as spreadsheets save."""
    text, _ = files.decoded(raw, guesses=("cp1252",))
    if "\ufffd" in text:
        raise ValueError(f"{file}: not text in UTF-8, UTF-16 or Windows-1252")
    return text


def _places(file: str, header: list[str]) -> dict[str, int]:
    """Where each column that is read stands."""
    for column in COLUMNS[file].values():
        if header.count(column) != 1:
            near = difflib.get_close_matches(column, header, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near and near[0] != column else ""
            problem = "is there more than once" if column in header else f"is missing{hint}"
            raise ValueError(
                f"{file}: column {column!r} {problem}; once each are needed: {list(COLUMNS[file].values())}. "
                "A download of another year may name it otherwise: rename it in the file's first row, or add an "
                "empty column of that name"
            )
    return {key: header.index(column) for key, column in COLUMNS[file].items()}


def _row(file: str, number: int, cells: dict[str, str]) -> _Row:
    values: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    for key in COLUMNS[file]:
        values[key], reason = PARSERS.get(key, as_is)(cells.get(key, ""))
        if reason and key in cells:
            reasons[key] = reason
    return _Row(file, number, cells, values, reasons)


def _first_of_each(rows: list[_Row], dropped: list[Loss]) -> dict[str, _Row]:
    """One row a project; a second one under the same id is not taken."""
    first: dict[str, _Row] = {}
    for row in rows:
        kept = first.setdefault(row.values["id"], row)
        if kept is not row:
            dropped += row.losses(f"another project under the id of row {kept.number}")
    return first


def _known(rows: list[_Row], projects: dict[str, _Row], dropped: list[Loss]) -> Iterator[_Row]:
    for row in rows:
        if row.values["id"] in projects:
            yield row
        else:
            dropped += row.losses(f"no project of this id in {PROJECTS}")


def _taken(rows: list[_Row], projects: dict[str, _Row], dropped: list[Loss]) -> list[dict[str, Any]]:
    """What the rows of known projects say."""
    known = list(_known(rows, projects, dropped))
    dropped += [loss for row in known for loss in row.losses()]
    return [row.values for row in known]


def _countries(rows: Iterator[_Row], dropped: list[Loss]) -> dict[str, str]:
    """The first country named for each project."""
    first: dict[str, str] = {}
    for row in rows:
        project, country = row.values["id"], row.values["country"]
        if country and first.setdefault(project, country) != country:
            row.reasons["country"] = f"the project's first place is in {first[project]}"
        dropped += row.losses()
    return first


def _need_currency(row: _Row) -> None:
    """An amount is of no use without its currency."""
    for amount, currency in AMOUNTS.items():
        if amount in row.cells and amount not in row.reasons and not row.values[currency]:
            row.values[amount] = None
            row.reasons[amount] = "no usable currency"
