"""The panel *Assumptions*: a slider for each row of `assumptions.csv` that a page rests on and that has a range.

The rows name their chapters (`used_in`), so that a new chapter has its panel by itself. ``assume.js`` moves the
sliders, `stale` says which cells follow. `live` puts the panel where cells can run, for it is they that follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

from casebook import datatables, words
from casebook.words import word
from sibmodels import messages, tables
from sibmodels.display import amount, number

WHOLE = ("years", "people", "count")  # units in which a range of whole numbers has nothing between them
POSITIONS = 20  # that a slider has at least
TABLE = re.compile(r"<table.*?</table>", re.S)
CAPTION = re.compile(r"<caption[^>]*>(.*?)</caption>", re.S)

PANEL = """<section class="assume" aria-label="{title}" id="assume">
<details>
<summary>{title} <span class="assume-sum">{to_move}</span></summary>
<div class="assume-list">
<p class="assume-help" id="assume-help">{help}</p>
{groups}
</div>
<p class="assume-end"><button type="button" class="assume-more" hidden>{all}</button> \
<button type="button" class="assume-all" hidden>{all_published}</button> <span class="assume-said"></span></p>
</details>
</section>"""
ROW = """<div class="assume-row">
<label for="{id}">{label}</label> <span class="assume-value">{shown}</span>
<input type="range" id="{id}" min="{low}" max="{high}" step="{step}" value="{value}" data-name="{name}" \
data-unit="{unit}" data-currency="{currency}" aria-valuetext="{as_published}" aria-describedby="{id}-range">
<button type="button" hidden>{published}</button>
<small id="{id}-range">{range}</small>
</div>"""


def used(chapter: str) -> list[dict]:
    """The assumptions that a chapter, by its file's name, can move."""
    rows = tables.read("assumptions").to_dict("records")
    return [row for row in rows if chapter in row["used_in"].split() and row["low"] < row["high"]]


def step(low: float, high: float, value: float, unit: str) -> float:
    """The coarsest round step that reaches the ends and the published value, with twenty positions or more.

    Whole years, people and counts stay whole, however few.

    >>> step(0, 0.8, 0.3, "share"), step(3, 50, 10, "count"), step(1, 5, 2, "years"), step(0.896, 0.94, 0.918, "share")
    (0.02, 1.0, 1.0, 0.002)
    """
    digits = max(len(f"{number:.10f}".rstrip("0").partition(".")[2]) for number in (low, high, value))
    while (unit not in WHOLE or digits) and round((high - low) * 10**digits) < POSITIONS:
        digits += 1
    span, start = (round((number - low) * 10**digits) for number in (high, value))
    sizes = [size * 10**power for power in range(len(str(span))) for size in (1, 2, 5)]
    fits = [size for size in sizes if span >= POSITIONS * size and span % size == start % size == 0]
    return max(fits, default=1) / 10**digits


def groups(rows: list[dict], body: str) -> dict[str, list[dict]]:
    """The rows below the captions of the page's own tables that show them, in the page's order."""
    shown = TABLE.findall(body)
    at: dict[int, list[dict]] = {}
    for row in rows:
        places = (place for place, table in enumerate(shown) if escape(row["label"], quote=False) in table)
        at.setdefault(next(places, len(shown)), []).append(row)
    captions = [CAPTION.search(table) for table in shown]
    others = word("assume.others")
    titles = [unescape(re.sub("<[^>]*>", "", found.group(1)).strip()) if found else others for found in captions]
    found: dict[str, list[dict]] = {}
    for place in sorted(at):
        found.setdefault([*titles, others][place], []).extend(at[place])
    return found


def panel(chapter: str, body: str, home: str, say: Callable[[str], str] = str) -> str:
    """The HTML of a chapter's panel; nothing where there is nothing to move.

    `home` leads to the page of the tables; `say` says a label in the page's language.
    """
    rows = [row | {"label": say(row["label"])} for row in used(chapter)]
    if not rows:
        return ""
    sources = tables.read("sources").set_index("key")["label"]
    parts, count = [], 0
    for title, some in groups(rows, body).items():
        made = []
        for row in some:
            count += 1
            own = row["source"] == "casebook"
            made.append(_row(row, f"assume-{count}", home, word("assume.own") if own else sources[row["source"]]))
        parts.append(f"<fieldset>\n<legend>{escape(title)}</legend>\n" + "\n".join(made) + "\n</fieldset>")
    return PANEL.format(
        title=word("assume.title"),
        to_move=word("assume.to_move", count=count),
        help=word("assume.help"),
        all=word("assume.all", count=count),
        all_published=word("assume.all_published"),
        groups="\n".join(parts),
    )


def written(value: float, unit: str, currency: str) -> str:
    """A value of an assumption as people write it, in the language of the page.

    >>> written(31540000, "money", "JPY"), written(0.329, "share", ""), written(2.07, "ratio", "")
    ('JPY 31,540,000', '32.9 %', '2.07')
    """
    known = {"share": f"{100 * value:.4g}"}.get(unit, number(value))
    key = f"assume.js.{currency or unit}"
    return word(key, number=known) if key in words.catalogue(messages.language()) else amount(value, unit, currency)


def _row(row: dict, name: str, home: str, source: str) -> str:
    unit, currency = row["unit"], row["currency"]
    low, value, high = (row[end] for end in ("low", "value", "high"))
    said = {key: escape(written(at, unit, currency)) for key, at in zip(
        ("least", "shown", "most"), (low, value, high), strict=True)}  # fmt: skip
    shown = said["shown"]
    link = f'<a href="{home}#{datatables.anchor("assumptions", row)}">{escape(source)}</a>'
    return ROW.format(
        id=name, name=escape(f"{row['case']}.{row['key']}"), label=escape(row["label"]), unit=unit, currency=currency,
        low=f"{low:.10g}", high=f"{high:.10g}", value=f"{value:.10g}", step=f"{step(low, high, value, unit):.10g}",
        range=word("assume.range", least=said["least"], most=said["most"], source=link),
        as_published=word("assume.as_published", shown=shown), published=word("assume.published", shown=shown),
        shown=shown,
    )  # fmt: skip
