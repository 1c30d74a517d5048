"""Whether a translation keeps what is the same in every language: numbers, fields, sources, links, code, formulas."""

from __future__ import annotations

import re
from collections import Counter

from casebook.outputs import NUMBER

MONTHS = "January February March April May June July August September October November December".split()
# English words that another language may write as a number
WORDS = {
    **{word: n for n, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)},
    **{word: n for n, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)},
    **{month: n for n, month in enumerate(MONTHS, 1)},
    **{
        "half": 2,
        "halves": 2,
        "twice": 2,
        "both": 2,
        "quarter": 4,
        "thirds": 3,
        "once": 1,
        "another": 1,
        "a": 1,
        "an": 1,
    },
    **{"fifteen": 15, "sixteen": 16, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100},
    **{"thousand": 1000, "dozen": 12, "thirteen": 13, "fourteen": 14, "eighteen": 18, "million": 100, "each": 1},
    **{"fifths": 5, "tenths": 10, "quarters": 4, "eighty": 80, "ninety": 90, "per": 1, "every": 1, "single": 1},
}
KEPT = {
    "link": re.compile(r"\]\(([^)\s]+)\)"),
    "code": re.compile(r"`([^`]+)`"),
    "formula": re.compile(r"\$([^$]+)\$"),
    "tag": re.compile(r"<(/?[a-z]\w*[^>]*)>"),
}
SOURCE = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
TERM = re.compile(r"\{term\}`(?:[^`<]*<)?([^`>]+)>?`")
ROLE = re.compile(r"\{[a-z:]+\}`[^`]*`")
SPAN = re.compile(r"</?span[^>]*>")  # marks a language: another one needs other marks


def faults(english: str, said: str, context: str = "") -> list[str]:
    """What a translation lost, or added.

    >>> faults("In July 2017 {term}`cap` {cite}`a1` held 3 of 4", "2017年7月、{term}`上限 <cap>`は4のうち3 {cite}`a1`")
    []
    >>> faults("3 of 4", "4のうち5")
    ["numbers that are gone: ['3']", "numbers that are new: ['5']"]
    """
    if context == "output":
        return _lost("field", re.findall(r"\{\d+\}", english), re.findall(r"\{\d+\}", said)) + _numbers(
            re.sub(r"\{\d+\}", "", english), re.sub(r"\{\d+\}", "", said)
        )
    found = []
    english, said = SPAN.sub("", english), SPAN.sub("", said)
    for kind, pattern in {"term": TERM, "source": SOURCE}.items():
        found += _lost(kind, pattern.findall(english), pattern.findall(said))
    for kind, pattern in KEPT.items():
        found += _lost(kind, pattern.findall(ROLE.sub(" ", english)), pattern.findall(ROLE.sub(" ", said)))
    return found + _numbers(_plain(english), _plain(said))


def _plain(text: str) -> str:
    for pattern in (ROLE, *KEPT.values()):
        text = pattern.sub(" ", text)
    return text


def _lost(kind: str, english: list[str], said: list[str]) -> list[str]:
    gone, new = Counter(english) - Counter(said), Counter(said) - Counter(english)
    return [f"{kind} that is {what}: {sorted(ones)}" for what, ones in (("gone", gone), ("new", new)) if ones]


def _numbers(english: str, said: str) -> list[str]:
    wanted, have = (Counter(NUMBER.findall(text)) for text in (english, said))
    words = {str(WORDS[word]) for word in re.findall(r"[A-Za-z]+", english) if word in WORDS}
    words |= {str(WORDS[word.lower()]) for word in re.findall(r"[A-Za-z]+", english) if word.lower() in WORDS}
    gone, new = wanted - have, [one for one in have - wanted if one not in words]
    return [f"numbers that are {what}: {sorted(ones)}" for what, ones in (("gone", gone), ("new", new)) if ones]
