"""The words of what cells print: found, so that they can be translated, and put in their places again.

Tables, charts and printed lines are computed once, in English. A catalogue holds their words with numbers as
fields, ``{1} of {2} outcomes``: a translation says where each number stands, and no number is computed, or typed,
again. The standard library alone: Python in the page uses it too.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?<!,)")
SIGN = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")  # Japanese
SPACED = re.compile(r"(?<=\d)[ \xa0](?=%)")  # as English has it, and Japanese does not
LETTER = re.compile(r"[A-Za-z]{2}|^[A-Za-z]$")
PIECE = re.compile(r"<(script|style|svg|code|pre)\b.*?</\1>|<[^>]+>|[^<]+", re.DOTALL)
ATTRIBUTE = re.compile(r'\b(aria-label|title|data-label)="([^"]*)"')
QUOTED = re.compile(r"datum\[[^\]]*\]|'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
# keys of a Vega-Lite specification whose strings name columns, forms and colours, never words to be read
FORM = frozenset(
    """
    $schema aggregate align anchor as autosize baseline bin clear color config contains cursor data dash
    dy dx empty encodings field fields fill font fontStyle fontWeight format formatType from groupby href
    id input interpolate key limit lineBreak mark name on op order orient overflow param point range
    resolve scheme select shape stroke strokeCap strokeDash strokeJoin timeUnit toggle type units url
    views window zero
    """.split()  # noqa: SIM905
)
PLACED = re.compile(r"(Align|Anchor|Baseline|Overlap|Color|Weight|Orient|Style)$|^(width|height|frame|bounds)$")
ORDERS = {"ascending", "descending"}
# thousands and millions on an axis, as Japanese counts: by ten thousands
COUNTED = "abs(datum.value) < 1e4 ? format(datum.value, ',~f') : format(datum.value / 1e4, ',~f') + '万'"
CODE = {"expr", "calculate", "labelExpr", "filter", "test", "signal"}  # expressions: their quoted words are read

Say = Callable[[str], str]


def pattern(text: str) -> tuple[str, list[str]]:
    """Words with their numbers as fields, and the numbers.

    >>> pattern("3.23 of 7.86 million yen")
    ('{1} of {2} million yen', ['3.23', '7.86'])
    """
    numbers: list[str] = []

    def field(match: re.Match) -> str:
        numbers.append(match[0])
        return f"{{{len(numbers)}}}"

    return NUMBER.sub(field, " ".join(text.split())), numbers


def filled(said: str, numbers: list[str]) -> str:
    """A translation with its numbers.

    >>> filled("{2}百万円のうち{1}百万円", ["3.23", "7.86"])
    '7.86百万円のうち3.23百万円'
    """
    return re.sub(r"\{(\d+)\}", lambda match: numbers[int(match[1]) - 1], said)


def speaker(catalogue: Mapping[str, str], missed: Callable[[str], None] = lambda words: None) -> Say:
    """What says a text in the catalogue's language; what it lacks is said as it is, and told to `missed`."""

    def say(text: str) -> str:
        words, numbers = pattern(text)
        if not LETTER.search(words):
            return SPACED.sub("", text)
        said = catalogue.get(words)
        if not said:
            missed(words)
            return text
        around = re.match(r"(\s*).*?(\s*)$", text, re.DOTALL)
        return around[1] + filled(said, numbers) + around[2]

    return say


def markup(text: str, say: Say, language: str = "en") -> str:
    """HTML with its text, and the attributes that are read out, said by `say`; not code, scripts and pictures.

    What stays as it was is marked as `language`.

    >>> markup("<td>paid</td><td>lost</td>", speaker({"paid": "支払"}))
    '<td>支払</td><td><span lang="en">lost</span></td>'
    """

    def piece(match: re.Match) -> str:
        whole = match[0]
        if match[1]:
            return whole
        if whole.startswith("<"):
            return ATTRIBUTE.sub(lambda found: f'{found[1]}="{html.escape(say(html.unescape(found[2])))}"', whole)
        text = html.unescape(whole)
        said = say(text)
        words = html.escape(said, quote=False)
        return f'<span lang="{language}">{words}</span>' if said == text and re.search("[A-Za-z]{2}", text) else words

    return PIECE.sub(piece, text)


SUMMARY = re.compile(r"(<summary>)(.*?)(?=</summary>)", re.DOTALL)


def summaries(text: str, say: Say) -> str:
    """HTML in a text, with the lines that open what is folded said by `say`.

    >>> summaries("<details><summary>More</summary>", speaker({"More": "続き"}))
    '<details><summary>続き</summary>'
    """
    return SUMMARY.sub(lambda found: found[1] + markup(found[2], say), text)


def lines(text: str, say: Say) -> str:
    """Printed text, line by line."""
    return "\n".join(say(line) if line.strip() else line for line in text.split("\n"))


def chart(spec: dict, say: Say) -> dict:
    """A Vega-Lite specification with its words said by `say`: titles, labels, categories and the rows they come from.

    Where an axis goes by the name of its column, it gets a title of its own.
    """

    def walk(node, key: str = "", within: str = ""):
        if PLACED.search(key) or (key in FORM and within != "encoding" and (key, within) != ("name", "bind")):
            return node
        if isinstance(node, dict):
            node = {name: walk(value, name, key) for name, value in node.items()}
            return _counted(node) if str(node.get("format", "")).endswith("s") else node
        if isinstance(node, list):
            return [walk(value, key, within) for value in node]
        if not isinstance(node, str) or node in ORDERS:
            return node
        if key in CODE:
            return QUOTED.sub(lambda found: _quoted(found, say), node.replace("'\\u00a0%'", "'%'"))
        return say(node)

    def told(row: dict) -> dict:
        return {column: say(value) if isinstance(value, str) else value for column, value in row.items()}

    said = walk({key: value for key, value in spec.items() if key != "datasets"})
    untitled = "title" in spec.get("config", {}).get("legend", {})
    _name_axes(said, say, PLACES if untitled else CHANNELS)
    return said | {"datasets": {name: [told(row) for row in rows] for name, rows in spec.get("datasets", {}).items()}}


def heads(figure: str, say: Say) -> str:
    """A chart's figure with the heads of the table below it said by `say`."""
    return re.sub(
        r'(<th scope="col">)([^<]+)', lambda found: found[1] + html.escape(say(html.unescape(found[2]))), figure
    )


def columns(spec: dict) -> list[str]:
    """What the columns of a chart's data are called."""
    return list(dict.fromkeys(column for rows in spec.get("datasets", {}).values() for column in rows[0]))


PLACES = ("x", "y", "row", "column")
CHANNELS = (*PLACES, "color", "size", "shape", "opacity", "strokeDash")


def _encodings(view: dict) -> list[dict]:
    """The encodings of what is drawn on the same axes."""
    return [view.get("encoding", {}), *(one for layer in view.get("layer", []) for one in _encodings(layer))]


def _counted(shown: dict) -> dict:
    """What shows 180k on an axis shows 18万, and in a tooltip the number whole."""
    if "labelExpr" in shown:
        return {**shown, "labelExpr": COUNTED}
    return {**shown, "format": ",.0f"}


def _name_axes(view: dict, say: Say, channels: tuple[str, ...]) -> None:
    """An axis or a legend that goes by the name of its column gets a title that says it."""
    for key in ("vconcat", "hconcat", "concat"):
        for part in view.get(key, []):
            _name_axes(part, say, channels)
    if "spec" in view:
        _name_axes(view["spec"], say, channels)
    drawn = _encodings(view)
    for channel in channels:
        shown = [one[channel] for one in drawn if "field" in one.get(channel, {})]
        guides = [one.get(guide, {}) for one in shown for guide in ("axis", "legend", "header")]
        if shown and not any("title" in one for one in [*shown, *filter(None, guides)]) and None not in guides:
            shown[0]["title"] = say(shown[0]["field"])
    for one in drawn:
        tips = one.get("tooltip", [])
        for tip in tips if isinstance(tips, list) else [tips]:
            if "field" in tip:
                tip.setdefault("title", say(tip["field"]))


def _quoted(found: re.Match, say: Say) -> str:
    if found[0].startswith("datum["):  # a column, which keeps its name
        return found[0]
    inner = found[1] if found[1] is not None else found[2]
    if "(?" in inner:  # a pattern
        return found[0]
    return found[0][0] + say(inner) + found[0][-1]


def heard(translate: Callable[[Say], object]) -> Iterator[str]:
    """The words that a translation would be asked for, each once."""
    seen: dict[str, None] = {}
    translate(speaker({}, lambda words: seen.setdefault(words)))
    yield from seen
