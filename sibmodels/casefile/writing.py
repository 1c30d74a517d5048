"""Case files as text: a case written out, and the template with a comment for every key."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence

from sibmodels.casefile.model import CaseFile, raw
from sibmodels.casefile.sections import LISTS, MORE, SECTIONS, Raw, meaning, option
from sibmodels.messages import ENGLISH, file_in, language, listed, say

__all__ = ["dumps", "in_language", "literal", "template", "written"]


def dumps(case: CaseFile) -> str:
    """The case as the text of a case file.

    >>> from sibmodels.casefile import example
    >>> print(dumps(example("kobe")).split("[contract]")[1].split("[investment]")[0].strip())
    fixed_payment = 10480000
    fixed_paid = ["2018-10"]
    cap = 34060000
    """
    return written(raw(case))


def written(tables: Raw) -> str:
    """Tables as the text of a case file, right or not."""
    return _text_of(tables, explain=False)


def template(given: Raw | None = None, notes: Sequence[str] = ()) -> str:
    """A case file to fill in: every key with its meaning, needed ones open, the others behind a #.

    Parameters
    ----------
    given : mapping, optional
        What is known already, as tables.
    notes : sequence of str, optional
        Comments for the top.
    """
    given = given or {}
    case = given.get("case") or {}
    with file_in(case.get("language", "")):
        return _template(in_language(given), notes)


def in_language(tables: Raw) -> Raw:
    """Tables of a case file that name the language which is spoken; a file in English need not."""
    if language() == ENGLISH:
        return tables
    return {**tables, "case": {**(tables.get("case") or {}), "language": language()}}


def _template(given: Raw, notes: Sequence[str]) -> str:
    head = [say(f"template.head_{number}") for number in range(1, 6)]
    lines = [f"# {line}" for line in [*head, *([""] if notes else []), *notes]]
    text = "\n".join(line.rstrip() for line in lines) + "\n\n" + _text_of(given, explain=True)
    return f"{text}\n# {say('template.further')}\n"


def _text_of(tables: Raw, explain: bool) -> str:
    parts = []
    for section, kind in SECTIONS.items():
        items = tables.get(section, [{}] if explain and section not in MORE else None)
        if items is None:
            continue
        for number, item in enumerate(items if isinstance(items, list) else [items]):
            head = f"[[{section}]]" if section in LISTS else f"[{section}]"
            optional = explain and section in LISTS and section != "outcome" and not item
            lines = [f"# {say(f'sections.{section}')}"] if explain and not number else []
            if explain and section in LISTS and not number:
                lines[0] += say("template.repeat", head=head)
            lines.append(f"# {head}" if optional else head)
            for one in dataclasses.fields(kind):
                about = one.metadata
                if one.name in item:
                    lines.append(f"{one.name} = {literal(item[one.name])}")
                elif number and not about["needed"]:
                    continue  # the first of its kind explains what may be left out
                elif explain and not about.get("more") and not any(item.get(key) for key in about.get("unless", ())):
                    open_ = about["needed"] and not optional
                    mark = "" if open_ else "# "
                    value = '""' if open_ else literal(about["sample"])
                    also = say("template.sample", sample=literal(about["sample"])) if open_ else ""
                    also += f" ({listed(map(option, about['allowed']))})" if "allowed" in about else ""
                    lines.append(f"{mark}{one.name} = {value}  # {meaning(section, one.name)}{also}")
            parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def literal(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
    if isinstance(value, Mapping):
        named = [
            f"{key if re.fullmatch(r'[A-Za-z0-9_-]+', key) else literal(key)} = {literal(part)}"
            for key, part in value.items()
        ]
        return "{ " + ", ".join(named) + " }"
    if isinstance(value, list | tuple) and value and all(isinstance(part, Mapping) for part in value):
        return "[\n" + "".join(f"  {literal(part)},\n" for part in value) + "]"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    return str(value)
