"""The text of a case file: its tables, with the line of every key.

TOML's own reader stops at the first mistake and keeps no lines; here a line that is no TOML is noted with
what would mend it, taken out, and the rest is read.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections import Counter
from typing import Any

from sibmodels import files
from sibmodels.casefile.lay import Written, meant, month_meant
from sibmodels.casefile.problems import Problem, problem
from sibmodels.casefile.sections import LISTS, MOST, Key
from sibmodels.messages import say

__all__ = ["decoded", "tables"]


def decoded(raw: bytes, name: str) -> tuple[str, list[Problem]]:
    """Text of UTF-8 or UTF-16; other bytes are a problem, guessed at to go on."""
    text, error = files.decoded(raw)
    if error is None:
        return text, []
    line = raw[: error.start].count(b"\n") + 1
    byte = f"byte 0x{raw[error.start]:02X}" if error.start < len(raw) else "its end"
    return text, [problem(f"{name}:{line}", "encoding", "encoding", byte=byte, encoding=error.encoding.upper())]


_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")
_ASSIGNED = re.compile(r"""\s*("[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]+)\s*=(.*)""")
_DEEP = re.compile(r"[\w-]+(?:\s*\.\s*[\w-]+){15,}")  # tomllib takes time by the square of these
_HEADER = re.compile(r"""\s*(\[\[?)\s*([\w .'"-]*?)\s*\]*\s*(?:#.*)?$""")


def tables(text: str, name: str, problems: list[Problem]) -> tuple[dict[str, Any], set[Key], dict[Key, int]]:
    """The tables, the keys on lines that are no TOML, and the line of each key.

    TOML's reader stops at the first mistake. So a line with one is noted, taken out, and read on.
    """
    lines = re.sub("\r\n?", "\n", text).split("\n")
    broken: set[Key] = set()
    for n, line in enumerate(lines):
        if deep := _DEEP.search(_bare(line)):
            assigned = _ASSIGNED.match(line)
            problems.append(problem(f"{name}:{n + 1}", _shown(line), "key_deep", count=deep[0].count(".") + 1))
            broken.add((*_section(lines, n + 1), assigned[1].strip("\"'") if assigned else "*"))
            lines[n] = ""
    for _ in range(MOST):
        try:
            return tomllib.loads("\n".join(lines), parse_float=Written), broken, _places(lines)
        except tomllib.TOMLDecodeError as error:
            found, said = _LINE.search(str(error)), str(error).split(" (at")[0]
            number = min(int(found[1]), len(lines)) if found else len(lines)
            first = _opening(lines, number, str(error))
            line = lines[first - 1]
            head, assigned = _HEADER.match(line), _ASSIGNED.match(line)
            if head and head[2] in LISTS and _doubled(lines, head[2], name, problems):
                continue
            said = said[:1].lower() + said[1:]
            remedy = _remedy(line, said)
            problems.append(problem(f"{name}:{first}", _shown(line), "line_unreadable", said=said, remedy=remedy))
            if not head:  # whatever a line says that names no key, it may have meant any
                broken.add((*_section(lines, first), assigned[1].strip("\"'") if assigned else "*"))
            mended = f"[{head[2]}]" if head else ""
            if mended == line or (not mended and not line.strip()):  # nothing left to take out here
                break
            lines[first - 1] = mended
            if number > first:
                lines[first : number - 1] = [""] * (number - 1 - first)
        except (RecursionError, ValueError) as error:  # brackets in brackets without end, thousands of digits
            problems.append(problem(name, "file", "unreadable", said=str(error)[:60]))
            break
    problems.append(problem(name, "file", "rest_unread"))
    return {}, {()}, {}


def _opening(lines: list[str], number: int, error: str) -> int:
    """Where a mistake begins: for a bracket never closed, the line that opened it."""
    if re.search(r"[Uu]nclosed|[Uu]nterminated|at end of document", error):
        for start in range(number, 0, -1):
            assigned = _ASSIGNED.match(lines[start - 1])
            if assigned and re.match(r"""\s*(\[|\{|\"{3}|'{3})""", assigned[2]):
                return start
    while number > 1 and not lines[number - 1].strip():
        number -= 1
    return number


def _doubled(lines: list[str], section: str, name: str, problems: list[Problem]) -> bool:
    """Put every heading of a section that may repeat into double brackets; whether there was one to mend."""
    heads = [_HEADER.match(line) for line in lines]
    single = [n for n, head in enumerate(heads) if head and head[2] == section and "]]" not in lines[n]]
    for n in single:
        problems.append(problem(f"{name}:{n + 1}", section, "single_brackets", section=section))
        lines[n] = f"[[{section}]]"
    return bool(single)


def _section(lines: list[str], number: int) -> Key:
    """The table that a line stands in, as a path."""
    counts: Counter[str] = Counter()
    path: Key = ()
    for line in lines[: number - 1]:
        path = _headed(line, counts) or path
    return path


def _headed(line: str, counts: Counter[str]) -> Key:
    """The path that a header opens, counting those of its name; none for another line."""
    head = _HEADER.match(line)
    if not head:
        return ()
    key = head[2].strip("\"' ")
    counts[key] += 1
    return (key, counts[key]) if head[1] == "[[" else (key,)


def _places(lines: list[str]) -> dict[Key, int]:
    """The line of each section and key of a file that is TOML."""
    found: dict[Key, int] = {}
    counts: Counter[str] = Counter()
    path: Key = ()
    within, depth = "", 0  # a text of several lines, a list of several lines
    for number, line in enumerate(lines, start=1):
        if within:
            within = "" if within in line else within
            continue
        bare = _bare(line)
        if depth == 0:
            opened, assigned = _headed(line, counts), _ASSIGNED.match(line)
            if opened:
                path = opened
                found.setdefault(path[:1], number)
                found.setdefault(path, number)
                continue
            if assigned:
                found.setdefault((*path, assigned[1].strip("\"'")), number)
        for quotes in ('"""', "'''"):
            if bare.count(quotes) % 2:
                within = quotes
        depth += bare.count("[") + bare.count("{") - bare.count("]") - bare.count("}")
    return found


def _bare(line: str) -> str:
    """A line without what stands in quotes, and without its comment."""
    return re.sub(r"""(?<!")"(?!"")(?:[^"\\]|\\.)*"|(?<!')'(?!'')[^']*'""", '""', line).partition("#")[0]


def _shown(line: str) -> str:
    assigned = _ASSIGNED.match(line)
    return assigned[1] if assigned else repr(line.strip()[:40])


def _remedy(line: str, said: str) -> str:
    """What probably happened on a line that is no TOML."""
    assigned, bare = _ASSIGNED.match(line), _bare(line)
    value = (assigned[2] if assigned else line).partition("#")[0].strip()
    signs = [sign for sign in line if unicodedata.category(sign) in ("Cc", "Cf") and sign != "\t"]
    spaces = [sign for sign in bare if sign != " " and unicodedata.category(sign) == "Zs"]
    mended = value.rstrip(";,").strip()
    if signs:
        return say("lay.sign", code=ord(signs[0]))
    if spaces:
        return say("lay.space", code=ord(spaces[0]))
    if number := meant(value):
        return number
    if re.fullmatch(r"\d{4}-\d{2}", value):
        return say("lay.month_quotes", month=value)
    if re.search("[“”„‘’«»「」＂]", value):
        return say("lay.straight_quotes")
    if not value:
        return say("lay.value")
    if re.search(r",\s*\}", bare):
        return say("lay.comma")
    if value != mended and _is_toml(mended):
        return say("lay.semicolon" if value.endswith(";") else "lay.end_comma")
    if assigned and (month := month_meant(value)):
        return say("lay.in_quotes", remedy=month)
    if bare.count("{") > bare.count("}"):
        return say("lay.one_line")
    if re.match(r"\s*(//|--|;|%|/\*)", line):
        return say("lay.comment")
    if assigned and re.match(r"[^\W\d_]", value) and value not in ("true", "false"):
        return say("lay.text_quotes", text=json.dumps(value, ensure_ascii=False))
    if not assigned and not line.lstrip().startswith("["):
        return say("lay.assign")
    if re.search("twice|overwrite", said):
        return say("lay.once")
    if said == "invalid value":
        return say("lay.digits_or_quotes")
    return say("lay.close")


def _is_toml(value: str) -> bool:
    try:
        return bool(tomllib.loads(f"value = {value}"))
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return False
