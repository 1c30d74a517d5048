"""Everything that a check, a report, a workbook and the command say: templates with named fields, by key.

``en.toml`` holds them. Another language is another file with the same keys and the same fields; no code has
a sentence of its own. In the section ``check`` a template has two halves, what is wrong and what mends it,
with a semicolon between them.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

__all__ = ["LANGUAGE", "catalogue", "halves", "head", "known", "say"]

LANGUAGE = "en"


@functools.cache
def catalogue(language: str = LANGUAGE) -> dict[str, str]:
    """Every template of a language, by section and key."""
    text = Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8")
    return {f"{section}.{key}": said for section, keys in tomllib.loads(text).items() for key, said in keys.items()}


def say(key: str, /, **fields: object) -> str:
    """A template with its fields filled in.

    >>> say("lay.point", number="0.4")
    'write a point for the decimals: 0.4'
    """
    return catalogue()[key].format(**fields)


def halves(key: str, /, **fields: object) -> tuple[str, str]:
    """What is wrong, and what mends it.

    >>> halves("check.twice", label="in work")
    ("'in work' is there twice", 'give each its own name')
    """
    what, remedy = catalogue()[key].split("; ", 1)
    return what.format(**fields), remedy.format(**fields)


def known(key: str) -> bool:
    """Whether there is such a template."""
    return key in catalogue()


def head(name: str) -> str:
    """What a column or a row is called on a page; names that a case file gave stay as they are."""
    said = catalogue().get(f"heads.{name}")
    if said is None and (small := catalogue().get(f"heads.{name[:1].lower()}{name[1:]}")):
        said = small[:1].upper() + small[1:]  # a column, which begins with a capital
    return name if said is None else said
