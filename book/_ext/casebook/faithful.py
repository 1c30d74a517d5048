"""Whether a translation keeps what is the same in every language: numbers, fields, sources, links, code, formulas."""

from __future__ import annotations

import re
from collections import Counter

from casebook.outputs import NUMBER

# English words that another language may write as a number
SAID = """
0 share
0.5 half
1 share one first once another a an each per every single January
2 two second half halves twice both February
3 three third thirds March
4 four fourth quarter quarters April
5 five fifth fifths May
6 six sixth June
7 seven seventh July
8 eight eighth August
9 nine ninth September
10 ten tenth tenths October
11 eleven November
12 twelve dozen December
13 thirteen
14 fourteen fortnight
15 fifteen
16 sixteen
18 eighteen
20 twenty
30 thirty
40 forty
50 fifty
60 sixty
80 eighty
90 ninety
100 hundred million
1000 thousand
"""
WORDS: dict[str, set[str]] = {}
for _number, *_words in (line.lower().split() for line in SAID.strip().splitlines()):
    for _word in _words:
        WORDS.setdefault(_word, set()).add(_number)
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
    words = {number for word in re.findall(r"[a-z]+", english.lower()) for number in WORDS.get(word, ())}
    gone, new = wanted - have, [one for one in have - wanted if one not in words]
    return [f"numbers that are {what}: {sorted(ones)}" for what, ones in (("gone", gone), ("new", new)) if ones]
