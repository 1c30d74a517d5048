"""Tables for phones and paper: what a table's words and numbers need decides how it is shown where there is less room.

Rows of words become cards on a phone, each cell with its column's head; rows of numbers keep their first column in
sight. A table of words that no page is wide enough for is cards everywhere.
The build calls `fitted` and `together` on each page, and so does a page that a reader runs, on what its cells give:
nothing but the standard library.
"""

from __future__ import annotations

import re
from html import escape, unescape
from itertools import accumulate

PHONE, PAPER, DESK = 38, 118, 140  # letters of a table's text, and the space between columns, that fit side by side
WORDS, GAP = 15, 2  # what a column of words wants at least, and the space after each
LONG = 14  # letters: a longer name may break after a sign

SIGN = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uff60]")

# not the data of a chart, which have a box of their own
TABLE = re.compile(r'<div class="vega-data.*?</div>|(<table\b)([^>]*)(>.*?</table>)', re.DOTALL)
ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
CELL = re.compile(r"<(t[hd])\b([^>]*)>(.*?)</\1>", re.DOTALL)


def fitted(body: str) -> str:
    """HTML with its tables marked for a narrow page and for paper.

    >>> table = "<table><thead><tr><th>Case</th><th>What was seen</th><th>Value</th></tr></thead>"
    >>> table += f"<tbody><tr><th>Kobe City Council</th><td>{'words ' * 9}</td><td>3</td></tr></tbody></table>"
    >>> fitted(table)[:27], fitted(table).count("data-label")
    ('<table class="cards wordy">', 2)
    """
    return TABLE.sub(_marked, body)


def _marked(table: re.Match) -> str:
    if table[1] is None:
        return table[0]
    head, _, rest = table[3].partition("</thead>")
    names = [_text(cell[3]) for cell in CELL.finditer(head)]
    rows = [[_text(cell[3]) for cell in CELL.finditer(row)] for row in ROW.findall(rest)]
    if re.search(r"<t[dh][^>]* (?:col|row)span", table[3]) or {len(row) for row in rows} != {len(names)}:
        return table[0]
    marks = _marks(names, rows)
    if "cards" in marks:
        groups = accumulate((row[0] for row in rows), lambda last, name: name or last)
        rest = ROW.sub(lambda row: _labelled(row[0], names, next(groups)), rest)
    broken = "".join(_breakable(part) for part in re.split(r"(<[^>]*>)", f"{head}</thead>{rest}"))
    return f"{table[1]}{_with(table[2], marks)}{broken}"


def _text(cell: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", cell)).split())


def _marks(names: list[str], rows: list[list[str]]) -> list[str]:
    columns = list(zip(names, *rows, strict=True))
    least = [max(_piece(text) for text in column) for column in columns]
    most = [max(map(_letters, column[1:])) for column in columns]
    wants = sum(max(small, min(large, WORDS)) + GAP for small, large in zip(least, most, strict=True))
    words, needs = any(large > 2 * WORDS for large in most[1:]), sum(least) + GAP * len(least)
    marks = []
    if words and wants > PHONE:
        marks.append("cards")
    if words and needs > DESK:
        marks.append("deck")
    elif needs > PAPER:
        marks.append("tight")
    if any(len(row[0].split()) > 2 or (SIGN.search(row[0]) and _letters(row[0]) > WORDS - 5) for row in rows):
        marks.append("wordy")
    return marks


def _piece(text: str) -> int:
    """The letters of the longest piece that stays on one line: a number with its unit, a word, a part of a name."""
    whole = re.sub(r"(\d) (?=%)|\b([A-Z]{3}) (?=\d)", r"\1\2_", text)
    return max((_letters(piece) for word in whole.split() for piece in _pieces(word)), default=0)


def _letters(text: str) -> int:
    """How many letters wide a text is: a Japanese sign takes the room of two.

    >>> _letters("cap"), _letters("上限")
    (3, 4)
    """
    return len(text) + len(SIGN.findall(text))


def _pieces(word: str) -> list[str]:
    if SIGN.search(word):  # may break between any two
        return re.split(rf"(?<={SIGN.pattern})", word)
    return re.split(r"(?<=[-–—/_.,])(?!\d)|(?<=[=(])|(?<=[\w)])(?=[([])", word) if len(word) > LONG else [word]


def _breakable(text: str) -> str:
    """Names of the code may break after a sign, so that a column is no wider than a word.

    >>> _breakable("sibmodels.rate_card and 1,000,000,000.25")
    'sibmodels.<wbr>rate_<wbr>card and 1,000,000,000.25'
    """
    if text.startswith("<"):
        return text
    long = rf"\S{{{LONG + 1},}}"
    return re.sub(long, lambda word: word[0] if SIGN.search(word[0]) else "<wbr>".join(_pieces(word[0])), text)


def _labelled(row: str, names: list[str], group: str) -> str:
    """A row whose cells say what they are; one that leaves its first cell empty belongs to the group above."""
    heads = iter(names)

    def label(cell: re.Match) -> str:
        name, text = next(heads), _text(cell[3])
        if not text:
            first = f' data-group="{escape(group)}"' if name is names[0] and group else ""
            return f"<{cell[1]}{cell[2]}{first}></{cell[1]}>"
        said = f' data-label="{escape(name[:1].upper() + name[1:])}"' if cell[1] == "td" and name else ""
        return f"<{cell[1]}{cell[2]}{said}>{cell[3]}</{cell[1]}>"

    return CELL.sub(label, row)


def _with(attributes: str, marks: list[str]) -> str:
    if not marks:
        return attributes
    if 'class="' in attributes:
        return attributes.replace('class="', f'class="{" ".join(marks)} ', 1)
    return f'{attributes} class="{" ".join(marks)}"'


def together(body: str) -> str:
    """A number and its unit, or a date, on one line, and one minus sign, but in code, scripts and pictures.

    >>> together("<p>5 % of JPY 3,000</p><pre>5 %</pre>")
    '<p>5\\xa0% of JPY\\xa03,000</p><pre>5 %</pre>'
    >>> together("<p>from -0.5 (-1), after COVID-19</p>")
    '<p>from −0.5 (−1), after COVID-19</p>'
    """
    parts = re.split(r"(<(pre|script|style|textarea|code|svg)\b.*?</\2>|<[^>]*>)", body, flags=re.DOTALL)
    for i in range(0, len(parts), 3):  # the others are what must stay, and the name of its tag
        text = re.sub(r"(?<![^\s(\[])-(?=\d)", "\N{MINUS SIGN}", parts[i])  # as on the axes of the charts
        text = re.sub(r"(?<=\d) (?=%)", "\xa0", text)
        text = re.sub(r"\b(JPY|GBP|USD|AUD|EUR) (?=\d)", "\\1\xa0", text)
        parts[i] = re.sub(r"\b\d{4}-\d\d(-\d\d)?\b", r'<span class="whole">\g<0></span>', text)
    return "".join(part for i, part in enumerate(parts) if i % 3 != 2)
