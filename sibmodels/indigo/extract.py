"""The book's own extract: read from `data/`, and made anew from a download."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from sibmodels import files, tables
from sibmodels.indigo.columns import EXTRACTED, PROJECTS
from sibmodels.indigo.download import read
from sibmodels.indigo.world import Indigo, dropped_table, payments_table, projects_table

__all__ = ["refresh", "shipped"]

TABLES = ("indigo_projects", "indigo_payments", "indigo_dropped")


def shipped() -> Indigo:
    """The book's own extract: facts only, of the copy published in December 2025.

    Examples
    --------
    >>> world = shipped()
    >>> len(world.projects), world.projects["country"].nunique(), world.payments["project_id"].nunique()
    (320, 39, 33)
    """
    return _load(tables.folder())


def refresh(folder_or_zip: str | Path, out: str | Path | None = None) -> list[str]:
    """Write the extract anew from the publisher's download, whole or not at all.

    Parameters
    ----------
    folder_or_zip : str or Path
        See `read`.
    out : str or Path, optional
        Folder of the three files; the book's own ``data`` unless given.

    Returns
    -------
    list of str
        What changed, a line a table.

    Raises
    ------
    FileNotFoundError, ValueError
        As `read` does; also for a download without any project, or no folder `out`.
    """
    out = Path(out) if out is not None else tables.folder()
    if not out.is_dir():
        raise FileNotFoundError(f"{out}: no such folder; the extract needs one to be written into")
    new = read(folder_or_zip)
    new = replace(
        new, dropped=new.dropped[new.dropped["file"].isin(EXTRACTED)], metrics=None, prices=None, results=None
    )
    if new.projects.empty:
        raise ValueError(f"{folder_or_zip}: {PROJECTS} holds no project that can be read; the extract stays as it was")
    old = _load(out) if all((out / f"{name}.csv").exists() for name in TABLES) else None
    writers = {
        out / f"{name}.csv": partial(Path.write_text, data=text, encoding="utf-8", newline="")
        for name, text in _as_csv(new).items()
    }
    files.write_all(writers, replace=True)
    tables._read.cache_clear()
    return _changes(old, new)


def _load(folder: Path) -> Indigo:
    """An extract, from its three files."""
    projects, payments, dropped = (tables.read(name, folder / f"{name}.csv") for name in TABLES)
    payments["covid"] = payments["covid"] == "yes"
    return Indigo(
        projects_table(projects.to_dict("records")),
        payments_table(payments.to_dict("records")),
        dropped_table(list(dropped.itertuples(index=False, name=None))),
    )


def _as_csv(world: Indigo) -> dict[str, str]:
    payments = world.payments.assign(covid=world.payments["covid"].map({True: "yes", False: ""}))
    texts = {}
    for name, table in zip(TABLES, (world.projects.reset_index(), payments, world.dropped), strict=True):
        kept = table[[field["name"] for field in tables.schema(name)]]
        texts[name] = kept.map(_cell).to_csv(index=False, lineterminator="\n")
    return texts


def _cell(value: Any) -> str:
    """A number without a needless fraction, and with all of its digits."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _changes(old: Indigo | None, new: Indigo) -> list[str]:
    cells, lost_rows = len(new.dropped), len(new.dropped[["file", "row"]].drop_duplicates())
    common = {name: len(getattr(new, name)) for name in ("projects", "payments")}
    if old is None:
        changed = dict.fromkeys(common, "no earlier extract")
    else:
        was, now = old.projects.astype(object), new.projects.astype(object)
        both = was.index.intersection(now.index)
        same = (was.loc[both] == now.loc[both]) | (was.loc[both].isna() & now.loc[both].isna())
        changed = {
            "projects": f"{len(now.index.difference(was.index))} new, {len(was.index.difference(now.index))} gone, "
            f"{int((~same.all(axis=1)).sum())} changed",
            "payments": f"{len(old.payments)} before",
        }
    lines = [f"{name}: {common[name]} ({changed[name]})" for name in common]
    lines.append(f"dropped: {cells} cells of {lost_rows} rows")
    reasons = new.dropped["reason"].str.replace(r"row \d+", "an earlier row", regex=True).value_counts()
    return lines + [f"  {count} {reason}" for reason, count in reasons.head(5).items()]
