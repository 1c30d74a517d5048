"""Numbers and months as people type them, where what they mean is beyond doubt: ``£1,500``, ``6%``, ``March 2029``.

A form and a workbook take these as what they mean; a case file as text has one way to write each. The patterns are
also the form's script's, so they say only what Python and JavaScript read alike. What could mean two things, such as
``1,5``, stays as it is, and the check says what would mend it.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Mapping
from typing import Any

from sibmodels.casefile.lay import Written
from sibmodels.casefile.sections import FIGURES, SECTIONS, Raw

__all__ = ["NAMES", "PATTERNS", "SIGNS", "month", "months", "number", "taken", "typed"]

NAMES = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
PATTERNS = {
    "per_cent": r"^([-+]?\d+(?:\.\d+)?)\s*%$",
    "grouped": r"^[-+]?[1-9]\d{0,2}(?:([,'’ \u00a0\u202f])\d{3})(?:\1\d{3})*(?:\.\d+)?$",
    "year_first": r"^(\d{4})\s*[-/.]\s*(\d{1,2})$",
    "year_last": r"^(\d{1,2})\s*[-/.]\s*(\d{4})$",
    "named": r"^([A-Za-z]{3,9})\.?,?\s*(\d{4})$",
}
"""Each way to write a number or a month, as regular expressions that Python and JavaScript share."""
SIGNS = {"GBP": "£", "EUR": "€", "JPY": "¥円", "CNY": "¥元", "INR": "₹", "KRW": "₩", "NGN": "₦", "ILS": "₪"}
SIGNS |= dict.fromkeys(("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN", "COP", "CLP", "ARS"), "$")
"""The sign of a currency, where it has one: taken off amounts in that currency alone."""
NAMED = ("payers", "weights", "numbers", "rates")  # kinds that are numbers by name


def number(text: str) -> Any:
    """The number of plain digits; what is none stays as it is, for the check to say what would mend it."""
    plain = str(text).strip()
    if re.fullmatch(r"[-+]?\d{1,300}", plain):
        return int(plain)
    if re.fullmatch(r"[-+]?\d*\.?\d+([eE][-+]?\d+)?", plain) and math.isfinite(float(plain)):
        return Written(plain)
    return plain


def typed(text: str, currency: str = "", money: bool = False) -> str:
    """The plain digits of a number as people type it; the text itself where that could mean two things.

    >>> typed("150,000"), typed("£1,500", "GBP", money=True), typed("6 %"), typed("1,5"), typed("1,50")
    ('150000', '1500', '0.06', '1,5', '1,50')
    """
    plain = text.strip()
    share = re.fullmatch(PATTERNS["per_cent"], plain)
    if share and not money:
        return f"{float(share[1]) / 100:.12g}"
    bare = plain
    for sign in (currency, *SIGNS.get(currency, "")) if money and currency else ():
        minus, rest = ("-", plain[1:].lstrip()) if plain.startswith("-") else ("", plain)
        if rest.startswith(sign):
            bare = minus + rest.removeprefix(sign).lstrip()
        elif rest.endswith(sign):
            bare = minus + rest.removesuffix(sign).rstrip()
    if grouped := re.fullmatch(PATTERNS["grouped"], bare):
        return bare.replace(grouped[1], "").lstrip("+")
    return bare if isinstance(number(bare), int | float) else text


def month(text: str) -> str:
    """Year-month of a month as people write it; the text itself where it is none.

    >>> month("March 2029"), month("03/2029"), month("2029-3"), month("Sept. 2029"), month("13/2029")
    ('2029-03', '2029-03', '2029-03', '2029-09', '13/2029')
    """
    plain = text.strip()
    if found := re.fullmatch(PATTERNS["year_first"], plain):
        year, which = found[1], int(found[2])
    elif found := re.fullmatch(PATTERNS["year_last"], plain):
        year, which = found[2], int(found[1])
    elif found := re.fullmatch(PATTERNS["named"], plain):
        year, which = found[2], 1 + next((n for n, one in enumerate(NAMES) if one.startswith(found[1].lower())), -1)
        which = 9 if found[1].lower() == "sept" else which
    else:
        return text
    return f"{year}-{which:02d}" if 1 <= which <= 12 else text


def months(text: str) -> list[str]:
    """The months of a list in one field, between commas or, where none is named, spaces.

    >>> months("March 2029, 03/2030"), months("2029-03 2030-03")
    (['2029-03', '2030-03'], ['2029-03', '2030-03'])
    """
    parts = [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]
    return [month(one) for part in parts for one in ([part] if month(part) != part else part.split())]


def taken(raw: Raw) -> dict[str, Any]:
    """The tables of a case file with every number and month in it that was typed as people write it.

    >>> taken({"case": {"currency": "GBP"}, "contract": {"cap": "£150,000"}, "timing": {"start": "April 2027"}})
    {'case': {'currency': 'GBP'}, 'contract': {'cap': 150000}, 'timing': {'start': '2027-04'}}
    """
    about = raw.get("case", {})
    currency = str(about.get("currency", "")) if isinstance(about, Mapping) else ""
    made: dict[str, Any] = {}
    for section, part in raw.items():
        kinds = {one.name: one.metadata["kind"] for one in dataclasses.fields(SECTIONS[section])} if (
            section in SECTIONS
        ) else {}  # fmt: skip
        tables = [
            {key: _taken(kinds.get(key, ""), value, currency) for key, value in table.items()}
            if isinstance(table, Mapping)
            else table
            for table in (part if isinstance(part, list) else [part])
        ]
        made[section] = tables if isinstance(part, list) else tables[0]
    return made


def _taken(kind: str, value: Any, currency: str) -> Any:
    """A value of a kind, its texts read."""
    if kind in ("month", "months"):
        return [_month(one) for one in value] if isinstance(value, list) else _month(value)
    if kind in FIGURES:
        if not isinstance(value, Mapping):
            return _number(value, currency, kind == "money")
        own = str(value.get("in") or currency)
        return {part: one if part in ("note", "in") else _number(one, own, kind == "money")
                for part, one in value.items()}  # fmt: skip
    if kind in NAMED and isinstance(value, Mapping):
        return {name: _taken(kind, one, currency) if isinstance(one, Mapping) else _number(one)
                for name, one in value.items()}  # fmt: skip
    if kind == "points" and isinstance(value, list):
        return [[_number(one, currency, n == 1) for n, one in enumerate(pair)] if isinstance(pair, list) else pair
                for pair in value]  # fmt: skip
    if kind == "parts" and isinstance(value, list):
        return [_number(one) for one in value]
    return value


def _number(value: Any, currency: str = "", money: bool = False) -> Any:
    if not isinstance(value, str):
        return value
    read = number(typed(value, currency, money))
    return value if isinstance(read, str) else read


def _month(value: Any) -> Any:
    return month(value) if isinstance(value, str) else value
