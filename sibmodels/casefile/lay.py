"""What people write where a case file wants a number, a month or a code, and what would mend it.

Each function gives the remedy as a sentence, or nothing where it has no idea what was meant.
"""

from __future__ import annotations

import math
import re
import unicodedata

from sibmodels.indigo.columns import COUNTRIES, CURRENCIES, CURRENCY_NAMES
from sibmodels.messages import say

__all__ = ["Written", "code_meant", "fold", "meant", "month_meant"]

TIMES = {"": 1.0, "k": 1e3, "thousand": 1e3, "千": 1e3, "万": 1e4, "m": 1e6, "mio": 1e6, "million": 1e6, "百万": 1e6}
TIMES |= {"億": 1e8, "bn": 1e9, "billion": 1e9}
SIGNS = r"[£$€¥円]|yen|pounds?|euros?|dollars?|[A-Z]{3}\b"
MONEY = re.compile(
    rf"(?P<before>{SIGNS})?\s*(?P<digits>\d[\d,. '’]*?)\s*(?P<times>{'|'.join(sorted(TIMES, key=len, reverse=True))})"
    rf"?\s*(?P<after>{SIGNS})?",
    re.IGNORECASE,
)
GROUPED = re.compile(r"\d{1,3}(?P<by>[,.'’ ])\d{3}((?P=by)\d{3})*(?P<rest>[.,]\d+)?")
ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
NAMED = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTHS = (  # ways to write one, with its year and its number
    re.compile(r"(?P<year>\d{4})\s*[年/.-]\s*(?P<month>\d{1,2})月?([日/.-]?\d{1,2}日?)?"),
    re.compile(r"(?P<month>\d{1,2})\s*[/.-]\s*(?P<year>\d{4})"),
    re.compile(r"(\d{1,2}\.? )?(?P<name>[a-z]{3})[a-z]*[ .,-]*(?P<year>\d{4})", re.IGNORECASE),
    re.compile(r"(?P<era>令和|平成|昭和|[RHS])\.?\s*(?P<of>元|\d{1,2})[年./-](?P<month>\d{1,2})月?.*"),
)
YEARS = (
    re.compile(r"(?P<year>\d{4})(年度?)?"),
    re.compile(r"(?P<era>令和|平成|昭和|[RHS])\.?\s*(?P<of>元|\d{1,2})(年度?)?"),
)
ELSEWHERE = {"UK": "GB", "United Kingdom": "GB", "Great Britain": "GB", "England": "GB", "Scotland": "GB"}
ELSEWHERE |= {"Wales": "GB", "EN": "GB", "USA": "US", "United States": "US", "America": "US", "EL": "GR", "JA": "JP"}
ELSEWHERE |= {"JPN": "JP", "Japan": "JP", "日本": "JP", "GBR": "GB", "Germany": "DE", "France": "FR", "India": "IN"}
ELSEWHERE |= {"Netherlands": "NL", "Portugal": "PT", "Australia": "AU", "Canada": "CA", "Ireland": "IE"}
MONEYS = CURRENCY_NAMES | {"yen": "JPY", "円": "JPY", "¥": "JPY", "£": "GBP", "pound": "GBP", "pounds": "GBP"}
MONEYS |= {"stg": "GBP", "ukp": "GBP", "€": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "us$": "USD"}
MONEYS |= {"dollar": "USD", "dollars": "USD", "rmb": "CNY", "rupee": "INR", "rupees": "INR"}
CODES = {  # the codes of ISO, and what people write for them
    "country": (COUNTRIES, {name.casefold(): code for name, code in ELSEWHERE.items()}),
    "currency": (CURRENCIES, MONEYS),
}


class Written(float):
    """A number with the digits that it was written in."""

    written: str

    def __new__(cls, written: str) -> Written:
        made = super().__new__(cls, written)
        made.written = written
        return made


def meant(value: str) -> str:
    """What would mend a number as people write it.

    >>> meant("40 %"), meant("1,500"), meant("£1.2m"), meant("２００")
    ('write a share without the sign: 0.4', 'write the number without separators: 1500', \
'write the amount alone: 1200000; the currency is case.currency', 'write plain digits: 200')
    >>> meant("300.000,00"), meant("▲5000"), meant("3割")
    ('write the number without separators: 300000', 'write a minus sign: -5000', 'write a share without the sign: 0.3')
    """
    plain = unicodedata.normalize("NFKC", value).strip()
    sign, bare = _signed(plain)
    if share := re.fullmatch(r"([\d.,]+)\s*(%|per ?cent|pct|パーセント|割)", bare, re.IGNORECASE):
        number = _number(share[1])
        tenths = 10 if share[2] == "割" else 100
        return "" if number is None else say("lay.share", number=f"{sign * number / tenths:.6g}")
    if near := re.fullmatch(r"(?:about|around|approx\.?|circa|ca\.?|c\.|~|≈|約)\s*(\d[\d,.']*)", bare, re.IGNORECASE):
        number = _number(near[1])
        return "" if number is None else say("lay.about", number=_digits(sign * number))
    if ends := re.fullmatch(r"(\d[\d,.]*)\s*(?:-|–|—|~|〜|to|から)\s*(\d[\d,.]*)", bare):
        low, high = _number(ends[1]), _number(ends[2])
        if low is not None and high is not None and low < high:
            return say("lay.range", low=_digits(low), high=_digits(high))
    if parts := re.fullmatch(r"(\d{1,9})\s*/\s*(\d{1,9})", bare):
        return say("lay.fraction", number=f"{sign * int(parts[1]) / int(parts[2]):.6g}") if int(parts[2]) else ""
    if re.fullmatch(r"\d+,\d{1,2}", bare):
        return say("lay.point", number=_digits(sign * (_number(bare) or 0)))
    grouped = GROUPED.fullmatch(bare)
    if grouped and not re.fullmatch(r"\d+\.\d+", bare):
        return say("lay.separators", number=_digits(sign * (_number(bare) or 0)))
    money = MONEY.fullmatch(bare)
    if money and (money["before"] or money["times"] or money["after"]):
        number = _number(money["digits"])
        if number is not None:
            return say("lay.money", number=_digits(sign * number * TIMES[(money["times"] or "").lower()]))
    if re.fullmatch(r"\d+(\.\d+)?", bare):
        if sign < 0 and not plain.startswith("-"):
            return say("lay.minus", number=_digits(-float(bare)))
        if unicodedata.normalize("NFKC", value) != value:
            return say("lay.digits", number=plain)
    return ""


def month_meant(value: str) -> str:
    """What would mend a month as people write it.

    >>> month_meant("令和6年4月"), month_meant("04/2027"), month_meant("令和6年"), month_meant("May 2027")
    ('write 2024-04', 'write 2027-04', 'write the Western year and the month, as 2024-04 for April', 'write 2027-05')
    """
    plain = unicodedata.normalize("NFKC", value).strip()
    for way in MONTHS:
        if found := way.fullmatch(plain):
            parts = found.groupdict()
            name = (parts.get("name") or "").lower()
            month = NAMED.index(name) + 1 if name in NAMED else int(parts.get("month") or 0)
            if 1 <= month <= 12:
                return say("lay.month", month=f"{_year(parts):04d}-{month:02d}")
    for way in YEARS:
        if found := way.fullmatch(plain):
            return say("lay.year", month=f"{_year(found.groupdict()):04d}-04")
    return ""


def code_meant(value: object, kind: str) -> str:
    """The code of a country or a currency that somebody may have meant; itself where it is one.

    >>> code_meant("UK", "country"), code_meant("yen", "currency"), code_meant("GPB", "currency")
    ('GB', 'JPY', 'GBP')
    """
    codes, names = CODES[kind]
    plain = unicodedata.normalize("NFKC", str(value)).strip()
    if plain.upper() in codes:
        return plain.upper()
    turned = [code for code in codes if sorted(code) == sorted(plain.upper())] if kind == "currency" else []
    return names.get(plain.casefold(), turned[0] if len(turned) == 1 else "")


def fold(name: str) -> str:
    """A name without what readers, files and tables do not tell apart: width, case, spaces, signs that join.

    >>> fold("In work") == fold("in_work"), fold("ｶﾞﾝ") == fold("ガン"), fold("cafe\\u0301") == fold("café")
    (True, True, True)
    """
    text = unicodedata.normalize("NFKC", name).casefold()
    kept = "".join(sign for sign in text if not re.match(r"[\s_‐-―-]", sign) and unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFKC", kept) or name


def _year(parts: dict[str, str]) -> int:
    """The Western year; the first of an era is called 元."""
    if parts.get("year"):
        return int(parts["year"])
    return ERAS[parts["era"].upper()] + (1 if parts["of"] == "元" else int(parts["of"]))


def _signed(plain: str) -> tuple[int, str]:
    """The sign of a number, however accountants write it, and what follows."""
    if found := re.fullmatch(r"[-−▲△]\s*(.+)|\(\s*(\d.*)\)", plain):
        return -1, (found[1] or found[2]).strip()
    return 1, plain


def _number(digits: str) -> float | None:
    """The number of digits with separators."""
    digits = digits.strip()
    if grouped := GROUPED.fullmatch(digits):
        by, rest = grouped["by"], grouped["rest"] or ""
        single = by == "." and not rest and digits.count(".") == 1  # 1.500 is one and a half
        if not single and not rest.startswith(by):
            whole = digits.removesuffix(rest).replace(by, "")
            return _finite(whole + rest.replace(",", "."))
    plain = digits.replace(",", "." if re.fullmatch(r"\d+,\d{1,2}", digits) else "")
    return _finite(plain.replace(" ", "")) if re.fullmatch(r"\d+(\.\d+)?", plain.replace(" ", "")) else None


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _digits(number: float) -> str:
    return f"{number:.15g}"
