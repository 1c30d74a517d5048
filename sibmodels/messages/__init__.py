"""Everything that a check, a report, a workbook and the command say: templates with named fields, by key.

``en.toml`` holds them. Another language is another file with the same keys and the same fields; no code has
a sentence of its own. In the section ``check`` a template has two halves, what is wrong and what mends it,
with a semicolon between them.

Which language is spoken: the one asked for (`use`), else the case file's own (`file_in`), else what speaks in this
place (`choose`), which is English where nobody chose.
"""

from __future__ import annotations

import contextlib
import functools
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

__all__ = [
    "ENGLISH",
    "catalogue",
    "choose",
    "file_in",
    "halves",
    "head",
    "in_its_language",
    "known",
    "language",
    "languages",
    "listed",
    "month_said",
    "percent",
    "say",
    "use",
]

ENGLISH = "en"
_ASKED: ContextVar[str] = ContextVar("asked", default="")  # by --lang, or by who calls
_FILE: ContextVar[str] = ContextVar("file", default="")  # of the case file that is spoken of
_place = ENGLISH  # of a site, for instance

P = ParamSpec("P")
T = TypeVar("T")


@functools.cache
def languages() -> tuple[str, ...]:
    """The languages there are, English first.

    >>> languages()[0]
    'en'
    """
    there = sorted(path.stem for path in Path(__file__).parent.glob("*.toml"))
    return (ENGLISH, *(one for one in there if one != ENGLISH))


def language() -> str:
    """The language that is spoken."""
    return _ASKED.get() or _FILE.get() or _place


def choose(name: str) -> None:
    """Speak a language from now on wherever none is asked for and no case file has its own.

    Raises
    ------
    ValueError
        For a language that is not there; the message names those that are.
    """
    global _place
    _place = _there(name)


@contextlib.contextmanager
def use(name: str) -> Iterator[None]:
    """Speak a language, whatever a case file says of its own; "" asks for none.

    Raises
    ------
    ValueError
        For a language that is not there; the message names those that are.

    Examples
    --------
    >>> with use("en"):
    ...     say("report.contents")
    'Contents'
    """
    token = _ASKED.set(_there(name) if name else _ASKED.get())
    try:
        yield
    finally:
        _ASKED.reset(token)


@contextlib.contextmanager
def file_in(name: str) -> Iterator[None]:
    """Speak the language of a case file; of two, of the one that came first. "" is a file without one."""
    token = _FILE.set(_FILE.get() or (name if name in languages() else "") or _place)
    try:
        yield
    finally:
        _FILE.reset(token)


class _Spoken(Protocol):
    """A case, which may have a language."""

    @property
    def language(self) -> str: ...


C = TypeVar("C", bound=_Spoken)


def in_its_language(function: Callable[Concatenate[C, P], T]) -> Callable[Concatenate[C, P], T]:
    """A function of a case that speaks the case's language."""

    @functools.wraps(function)
    def spoken(case: C, /, *args: P.args, **given: P.kwargs) -> T:
        with file_in(case.language):
            return function(case, *args, **given)

    return spoken


def _there(name: str) -> str:
    if name in languages():
        return name
    there = ", ".join(f"{one} ({catalogue(one)['language.name']})" for one in languages())
    raise ValueError(say("language.unknown", value=name, known=there))


def catalogue(name: str = "") -> dict[str, str]:
    """Every template of a language, by section and key; of the one that is spoken, if none is named."""
    return _read(name or language())


@functools.cache
def _read(name: str) -> dict[str, str]:
    text = Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8")
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


def listed(parts: Iterable[object]) -> str:
    """Things in a row, with the language's comma between them.

    >>> listed(["a", "b", "c"])
    'a, b, c'
    """
    return say("language.comma").join(map(str, parts))


def percent(number: str) -> str:
    """A number of per cent.

    >>> percent("8.5")
    '8.5 %'
    """
    return say("language.percent", number=number)


def month_said(text: str) -> str:
    """A month of a case file as it is read, not typed.

    >>> month_said("2027-04")
    '2027-04'
    """
    year, _, number = text.partition("-")
    return say("language.month", year=year, number=int(number)) if number.isdigit() else text
