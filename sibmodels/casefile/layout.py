"""Where a workbook has each key of a case file: one sheet of single keys, and tables with a row an item.

Made from the schema, so that a new section or key has its place by itself. Every place bears an id, the key
as messages name it, by which it is found again wherever somebody moves it: ``cohort.people`` beside a single
key; ``outcome.expected``, ``outcome.expected:low`` above the columns of a table of items; ``outcome.payers:of``,
``outcome.payers:name``, ``outcome.payers:share`` above the table of a key that is itself a list.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sibmodels.casefile.sections import FIGURES, SECTIONS, Raw, meaning
from sibmodels.messages import known, languages, say, use
from sibmodels.people import Line

__all__ = [
    "ID",
    "LISTED",
    "TABLES",
    "Column",
    "figure",
    "items_of",
    "kinds",
    "label",
    "lists",
    "rows",
    "tab",
    "tabs",
    "title",
]

LISTED = "lists"
ID = re.compile(r"([a-z_]+)\.([a-z_]+)(?::([a-z_]+|[A-Z]{3}))?")
RANGE = ("low", "high", "note", "in")
TABLES = {
    "months": ("month",),
    "points": ("performance", "payment"),
    "payers": ("name", "share", "since"),
    "shares": ("name", "share"),
    "weights": ("name", "weight"),
    "numbers": ("name", "number"),
    "card": tuple(one.name for one in dataclasses.fields(Line)),
}
"""Kinds of keys that are lists, and the columns of their tables."""
_PARTS = {
    **dict.fromkeys(("month", "since"), "month"),
    **dict.fromkeys(("share", "expected"), "share"),
    **dict.fromkeys(("performance", "number", "weight"), "number"),
    **dict.fromkeys(("payment", "price"), "money"),
}  # of what kind the columns of such tables are


@dataclass(frozen=True)
class Column:
    """A column of a table: a key of a section, or a part of one."""

    section: str
    key: str
    part: str = ""
    kind: str = "text"
    about: Any = dataclasses.field(default_factory=dict)
    rare: bool = False

    @property
    def id(self) -> str:
        return f"{self.section}.{self.key}" + (f":{self.part}" if self.part else "")

    @property
    def head(self) -> str:
        """What stands above it."""
        if self.part == "of":
            return label(self.section)
        own = label(self.section, self.key)
        if self.part in RANGE:
            return say("template.end_of", part=say(f"parts.{self.part}"), label=own)
        return say(f"parts.{self.part}") if self.part else own

    @property
    def said(self) -> str:
        """What it means."""
        return (
            say("template.which", label=label(self.section)) if self.part == "of" else meaning(self.section, self.key)
        )


def label(section: str, key: str = "") -> str:
    """What people call a key, or an item of a section.

    >>> label("outcome"), label("contract", "fixed_paid"), label("outcome", "target")
    ('Outcome', 'Fixed payment is due', 'Target')
    """
    name = f"labels.{section}.{key}" if key else f"labels.{section}"
    return say(name) if known(name) else (key or section).replace("_", " ").capitalize()


def tab(section: str, of: str = "") -> str:
    """The sheet of a section's items, or of a list, or lists, that they have.

    >>> tab("outcome"), tab("outcome", LISTED), tab("outcome", "card")
    ('Outcomes', 'Outcome lists', 'Outcome card')
    """
    if not of:
        return say("sheets.items", label=label(section))
    what = title(of) if known(f"sheets.{of}") else of
    return say("sheets.of", label=label(section), what=what)


def title(sheet: str) -> str:
    """What a sheet is called.

    >>> title("inputs")
    'Inputs'
    """
    return say(f"sheets.{sheet}")


def tabs(made: Callable[[], Iterable[str]]) -> set[str]:
    """Titles in every language, for a workbook may be read in another than it was written in."""
    found: set[str] = set()
    for one in languages():
        with use(one):
            found |= set(made())
    return found


def kinds(section: str) -> dict[str, str]:
    """The kind of each key of a section."""
    return {one.name: one.metadata["kind"] for one in dataclasses.fields(SECTIONS[section])}


def items_of(section: str, items: Sequence[Raw]) -> list[Column]:
    """The columns of a section's items, those that most contracts do without and none here has last."""
    made = []
    for one in dataclasses.fields(SECTIONS[section]):
        about, key = one.metadata, one.name
        if about["kind"] in TABLES or (about["kind"] == "parts" and "measured" in kinds(section)):
            continue
        rare = bool(about.get("more")) and not any(item.get(key) is not None for item in items)
        made.append(Column(section, key, "", about["kind"], about, rare))
        if about["kind"] in FIGURES and about.get("ranged", True):
            often = {"low", "high"} if about["needed"] or about["kind"] == "result" else set()
            often |= {"note"} if about["needed"] else set()
            for part in RANGE if about["kind"] == "money" else RANGE[:3]:
                used = any(isinstance(item.get(key), Mapping) and part in item[key] for item in items)
                kind = {"note": "text", "in": "currency"}.get(part, about["kind"])
                made.append(Column(section, key, part, kind, about, not used and (rare or part not in often)))
    return sorted(made, key=lambda column: column.rare)


def lists(section: str, items: Sequence[Raw]) -> Iterator[list[Column]]:
    """The columns of each key of a section that is a list, with the item it is of first."""
    fields = {one.name: one.metadata for one in dataclasses.fields(SECTIONS[section])}
    for key, about in fields.items():
        if about["kind"] not in TABLES:
            continue
        rare = bool(about.get("more")) and not any(item.get(key) for item in items)
        made = [Column(section, key, "of", "item", about, rare)]
        for part in TABLES[about["kind"]]:
            dated = part == "since" and not any(_dated(item.get(key)) for item in items)
            made.append(Column(section, key, part, _PARTS.get(part, "text"), about, rare or dated))
        if key == "measured" and "parts" in fields:
            unused = not any(item.get("parts") for item in items)
            made.append(Column(section, "parts", "", "share", fields["parts"], unused))
        yield made


def rows(columns: Sequence[Column], item: Raw) -> list[dict[str, Any]]:
    """The rows of an item in the table of a list, by id; one to fill in where it has none and most have some."""
    key, about = columns[0].key, columns[0].about
    value = item.get(key) or about["default"]
    ids = {column.part: column.id for column in columns if column.key == key}
    own = {"of": item.get("name", "")}
    made: list[dict[str, Any]] = []
    if isinstance(value, Mapping):
        for name, part in value.items():
            dated = part.items() if isinstance(part, Mapping) else [(name, part)]
            since = {"since": name} if isinstance(part, Mapping) else {}
            last = TABLES[about["kind"]][1]
            made += [own | {"name": who, last: share} | since for who, share in dated]
    else:
        for one in value or ():
            parts = one.values() if isinstance(one, Mapping) else one if isinstance(one, list | tuple) else [one]
            names = one.keys() if isinstance(one, Mapping) else TABLES[about["kind"]]
            made.append(own | dict(zip(names, parts, strict=False)))
    expected = about["kind"] == "months" or (key == "points" and item.get("schedule") in ("linear", "step"))
    if not made and item and expected and not columns[0].rare:
        made = [own]
    found = [{ids[part]: content for part, content in row.items()} for row in made]
    if any(column.key == "parts" for column in columns):
        for row, part in zip(found, item.get("parts", ()), strict=False):
            row[f"{columns[0].section}.parts"] = part
    return found


def figure(given: Mapping[str, Any]) -> Any:
    """What cells of a figure say: its value, or with its range as case files have it; empty if nothing is filled in.

    >>> figure({"value": 0.3, "low": None}), figure({"value": 0.3, "low": 0.2, "high": 0.4})
    (0.3, {'value': 0.3, 'low': 0.2, 'high': 0.4})
    """
    ranged = {part: content for part, content in given.items() if content is not None}
    if not {"value", "low", "high"} & ranged.keys():
        return ""
    remark = set(ranged) == {"value", "note"} and not isinstance(ranged["value"], int | float)  # beside a text
    return ranged["value"] if remark or set(ranged) == {"value"} else ranged


def _dated(term: Any) -> bool:
    return isinstance(term, Mapping) and any(isinstance(part, Mapping) for part in term.values())
