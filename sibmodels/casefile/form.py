"""A case file as a form to fill in: its fields made from the schema, what stands in them, and the tables that follow.

An entry is what a person types, as text: ``"0.4"``, or of a figure ``{"value": "0.4", "low": "0.3"}``, or of what has
several parts a list: ``[["City", "0.7"]]``. What no field holds is text as TOML writes it, as in a workbook.
"""

from __future__ import annotations

import dataclasses
import html as _html
import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any, TypeAlias

from sibmodels import messages
from sibmodels.casefile import plain
from sibmodels.casefile.lay import Written
from sibmodels.casefile.layout import label
from sibmodels.casefile.model import CaseFile
from sibmodels.casefile.problems import CaseFileError, Problem, build, problem
from sibmodels.casefile.sections import FIGURES, LISTS, SCHEDULES, SECTIONS, STRUCTURED, Key, Raw, meaning, option
from sibmodels.casefile.writing import literal
from sibmodels.messages import head, known, say
from sibmodels.rules import RULES, pays

__all__ = ["checked", "entries", "failed", "html", "line", "spoken", "tables", "words"]

Entries: TypeAlias = Mapping[str, Any]  # by section, as JSON has them: what was typed, by key

STEPS = {
    "what": ("case",),
    "who": ("cohort",),
    "outcomes": ("outcome",),
    "costs": ("cost",),
    "money": ("contract", "investment"),
    "when": ("timing",),
    "worth": ("payer", "saving"),
    "valued": ("stakeholder",),
    "sure": ("uncertainty",),
}
"""As a person thinks: the step and its sections. Sections that no step has come last, for who needs them."""
FOLDED = ("worth", "valued", "sure", "further")  # steps that most begin without
EXPLAINED = ("worth", "further")  # steps whose sections say what they are
RARE = {
    "outcome": ("weight", "measured_on"),
    "contract": ("maximum", "fixed_paid"),
    "investment": ("guarantee",),
    "cohort": ("comparison",),
    "case": ("language",),
}
"""Keys that stand behind a fold, besides those that the schema marks as `more`."""
PAIRS = {
    "payers": ("named", "share"),
    "weights": ("named", "weight"),
    "numbers": ("named", "number"),
    "rates": ("currency", "rate"),
    "points": ("performance", "payment"),
}
"""Kinds of values that have a row of two fields for each part, and what the two are."""
SPLIT = ("months", "parts")  # kinds that are listed in one field, with commas
TOLD = ("share", "result", "card", "against")  # kinds that a sample alone does not explain
LONG = ("about",)  # keys with room for a sentence
SPOKEN = (
    "item_out", "range_open", "range_shut", "kept", "kept_from", "forgotten", "emptied", "shown_example", "opened",
    "opened_wrong", "undone", "starts", "loads", "stored", "busy", "right", "one_wrong", "many_wrong", "one_open",
    "many_open", "makes", "makes_workbook", "made", "no_python", "ended", "again", "missing_runtime", "saved", "large",
    "opened_partly", "not_opened",
)  # fmt: skip
CHECKED = (
    "text_for_number", "no_month", "far_month", "outside", "at_least", "above", "not_whole", "per_cent",
)  # fmt: skip
LISTED = "own."  # what the address of a field begins with


# --- from what was typed to tables, and back


def tables(typed: Entries, problems: list[Problem]) -> tuple[dict[str, Any], set[Key]]:
    """The tables of a case file, and the keys whose text cannot be read; these are noted among the problems.

    >>> tables({"cohort": {"people": "200"}, "outcome": [{"payers": [["City", "1"]]}]}, [])[0]
    {'cohort': {'people': 200}, 'outcome': [{'payers': {'City': 1}}]}
    """
    raw: dict[str, Any] = {}
    broken: set[Key] = set()
    for section, given in typed.items():
        if section in LISTS:
            raw[section] = [
                _table(section, item, (section, n), problems, broken) for n, item in enumerate(given, start=1)
            ]
        elif table := _table(section, given, (section,), problems, broken):
            raw[section] = table
    return plain.taken({section: part for section, part in raw.items() if part}), broken


def _table(section: str, given: Entries, path: Key, problems: list[Problem], broken: set[Key]) -> dict[str, Any]:
    kinds = {one.name: one.metadata["kind"] for one in dataclasses.fields(SECTIONS[section])}
    table = {}
    for key, entry in given.items():
        try:
            value = _value(kinds.get(key, "text"), entry)
        except tomllib.TOMLDecodeError as error:
            problems.append(problem(address((*path, key)), key, "unread_cell", error=error))
            broken.add((*path, key))
        except _TwiceError as error:
            problems.append(problem(address((*path, key)), key, "twice", label=str(error)))
            broken.add((*path, key))
        else:
            if value not in ("", {}, []):
                table[key] = value
    return table


class _TwiceError(Exception):
    """One name in two rows."""


def _value(kind: str, entry: Any) -> Any:
    """The value that an entry stands for; empty where nothing was typed."""
    if isinstance(entry, Mapping) and str(entry.get("value", "")).lstrip().startswith("{"):
        return _value(kind, entry["value"])
    if isinstance(entry, Mapping):
        parts = {part: text.strip() if part == "note" else plain.number(text) for part, text in entry.items()}
        parts = {part: content for part, content in parts.items() if content != ""}
        return parts.get("value", "") if set(parts) <= {"value"} else parts
    if isinstance(entry, list):
        rows = [(str(name).strip(), plain.number(number)) for name, number in entry]
        rows = [row for row in rows if row != ("", "")]
        if kind == "points":
            return [[plain.number(x), y] for x, y in rows]
        named: dict[str, Any] = {}
        for name, number in rows:
            if name in named:
                raise _TwiceError(name)
            named[name] = number
        return named
    text = str(entry).strip()
    if text.startswith(("[", "{")) and kind in (*FIGURES, *PAIRS, *SPLIT, *STRUCTURED):
        return tomllib.loads(f"value = {text}", parse_float=Written)["value"]
    if kind in SPLIT:
        if kind == "parts":
            return [plain.number(part) for part in re.split(r"[,;\s]+", text) if part]
        return plain.months(text)
    if kind == "flag":
        return {"true": True, "false": False}.get(text, text)
    return plain.number(text) if kind in (*FIGURES, "against", "term") else text


def entries(raw: Raw) -> dict[str, Any]:
    """What stands in the form for tables of a case file: the way back from `tables`.

    >>> entries({"cohort": {"people": 200}, "outcome": [{"expected": {"value": 0.4, "low": 0.3, "high": 0.5}}]})
    {'cohort': {'people': {'value': '200'}}, 'outcome': [{'expected': {'value': '0.4', 'low': '0.3', 'high': '0.5'}}]}
    """
    typed: dict[str, Any] = {}
    for section, part in raw.items():
        if section not in SECTIONS:
            continue
        kinds = {one.name: one.metadata for one in dataclasses.fields(SECTIONS[section])}
        items = part if isinstance(part, list) else [part]
        made = [
            {key: _entry(kinds[key], value) for key, value in item.items() if key in kinds}
            for item in items
            if isinstance(item, Mapping)
        ]
        if section in LISTS:
            typed[section] = made
        elif made:
            typed[section] = made[0]
    return typed


def _entry(about: Raw, value: Any) -> Any:
    kind = about["kind"]
    if kind in FIGURES and about.get("ranged", True):
        if isinstance(value, Mapping) and set(value) <= {"value", "low", "high", "note"}:
            return {part: _text(content) for part, content in value.items()}
        return {"value": _text(value)}
    if kind in PAIRS and isinstance(value, Mapping):
        if not any(isinstance(part, Mapping) for part in value.values()):
            return [[str(name), _text(part)] for name, part in value.items()]
    elif kind in PAIRS and isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        return [[_text(part) for part in pair] for pair in value]
    if kind in SPLIT and isinstance(value, list) and not any(isinstance(part, list | Mapping) for part in value):
        return ", ".join(_text(part) for part in value)
    return _text(value)


def _text(value: Any) -> str:
    """What a person would type for a value."""
    return value if isinstance(value, str) else value.written if isinstance(value, Written) else literal(value)


def address(path: Key) -> str:
    """Where a key stands in the form.

    >>> address(("outcome", 1, "expected", "low"))
    'own.outcome.1.expected.low'
    """
    return LISTED + ".".join(map(str, path))


def checked(typed: Entries) -> tuple[CaseFile | None, tuple[Problem, ...]]:
    """The case of what was typed, or every problem of it, each with the address of its field."""
    problems: list[Problem] = []
    raw, broken = tables(typed, problems)
    try:
        return build(raw, address, problems, broken, cells=True), ()
    except CaseFileError as error:
        return None, tuple(map(spoken, error.problems))


def spoken(found: Problem) -> Problem:
    """A problem whose words call fields by what stands above them, and not by their keys.

    >>> spoken(Problem("own.timing.end", "timing.end", "is before timing.start", "lower measured_on")).what
    'is before “First month”'
    """

    def field(match: re.Match[str]) -> str:
        section, key = match.groups()
        return say("form.called", label=titled(section, key)) if key in _keys(section) else match[0]

    def own(match: re.Match[str]) -> str:
        return say("form.called", label=titled(here, match[0])) if match[0] in _keys(here) else match[0]

    def whole(match: re.Match[str]) -> str:
        return say("form.called", label=label(match[1])) if match[1] in SECTIONS else match[0]

    def words(text: str) -> str:
        text = re.sub(r"\b([a-z]+)\.([a-z_]+)\b", field, text, flags=re.ASCII)
        return re.sub(r"\[?\[([a-z]+)\]\]?", whole, re.sub(r"\b[a-z]+_[a-z_]+\b", own, text, flags=re.ASCII))

    here = found.key.partition(".")[0]
    return dataclasses.replace(found, what=words(found.what), remedy=words(found.remedy))


def line(found: Problem) -> str:
    """A problem of a file in one line: where in it, in which field, what, and what mends it."""
    where = found.place.rpartition(", ")[2]
    section, *rest = found.key.split(".")
    key = next((one for one in rest if one in _keys(section)), "")
    named = titled(section, key) if key else found.key
    said = spoken(found)
    return say("form.line", where=where, label=named, what=said.what, remedy=said.remedy)


def _keys(section: str) -> list[str]:
    return [one.name for one in dataclasses.fields(SECTIONS[section])] if section in SECTIONS else []


def words() -> dict[str, str]:
    """What the form's script says, by key: its own sentences, and the checks that it makes before the package's."""
    said = messages.catalogue()
    cells = {key: said.get(f"check.{key}_in_cells", said[f"check.{key}"]) for key in CHECKED}
    return {key: said[f"form.{key}"] for key in SPOKEN} | cells | {"number": said["lay.number"]}


# --- the form as HTML

DONE = ("example", "empty", "open", "undo", "forget")  # what buttons above the fields do
SAVED = ("save_toml", "save_workbook")
REPORTED = ("save_html", "print", "back")


def html(typed: Entries, templates: Mapping[str, str]) -> str:
    """The form with what is typed in it already, the place of the report, and what its script says.

    Parameters
    ----------
    templates : mapping
        Where empty case files are, by kind, for who has no scripts.
    """

    def button(name: str, hidden: bool = False, kind: str = "") -> str:
        said = _e(say(f"form.do_{name}"))
        return (
            f'<button type="button" data-do="{name}"{f" class={kind}" * bool(kind)}{" hidden" * hidden}>{said}</button>'
        )

    read = {"patterns": plain.PATTERNS, "signs": plain.SIGNS, "months": plain.NAMES}
    data = json.dumps({"words": words(), "example": typed, "read": read}, ensure_ascii=False).replace("<", "\\u003c")
    links = " ".join(
        f'<a href="{_e(where)}" download>{_e(say("form.template", kind=kind))}</a>' for kind, where in templates.items()
    )
    bar = (
        f'{button("report", kind="own-main")}{button("stop", True)}<p class="own-status" role="status"></p>'
        f'{button("next", True)}<p class="own-progress" hidden>'
        f'<progress aria-label="{_e(say("form.progress"))}"></progress> <span></span></p>'
    )
    return f"""<form class="own" id="own" autocomplete="off" novalidate aria-label="{_e(say("form.title"))}">
<noscript><p>{_e(say("form.no_script"))} {links}</p></noscript>
<p class="own-private">{_e(say("form.private"))}</p>
<div class="own-top">{"".join(button(name, name == "undo") for name in DONE)}\
<input type="file" id="own-file" accept=".toml,.xlsx" aria-label="{_e(say("form.do_open"))}" hidden></div>
{fields(typed)}
<div class="own-summary" tabindex="-1" role="region" aria-labelledby="own-summary-title" hidden>
<p id="own-summary-title"></p><ul></ul></div>
<div class="own-saves">{"".join(map(button, SAVED))}</div>
<div class="own-bar">{bar}</div>
</form>
<section class="own-report" aria-labelledby="own-report-title" hidden>
<p class="own-report-title" id="own-report-title" tabindex="-1">{_e(say("form.report"))}</p>
<p class="own-stale" hidden>{_e(say("form.stale"))}</p>
<div class="own-saves">{"".join(map(button, REPORTED))}</div>
<iframe title="{_e(say("form.report"))}" sandbox="allow-same-origin allow-modals"></iframe>
</section>
<script type="application/json" id="own-data">{data}</script>"""


def failed(error: Exception) -> str:
    """What is said where a report cannot be made, though nothing was found wrong."""
    return say("form.failed", said=f"{type(error).__name__}: {error}"[:300])


def fields(typed: Entries) -> str:
    """The fields of every section, in steps, with what is typed in them."""
    placed = {section for sections in STEPS.values() for section in sections}
    steps = STEPS | {"further": tuple(section for section in SECTIONS if section not in placed)}
    made = []
    for number, (step, sections) in enumerate(steps.items(), start=1):
        inside = "\n".join(_section(section, typed.get(section), step in EXPLAINED) for section in sections)
        title = f'<span class="own-count" aria-hidden="true">{number}</span> {_e(say(f"form.step_{step}"))}'
        about = f'<p class="own-about">{_e(say(f"form.about_{step}"))}</p>'
        if step in FOLDED:
            made.append(
                f'<details class="own-step" data-step="{step}"><summary>{title}</summary>{about}{inside}</details>'
            )
        else:
            made.append(
                f'<fieldset class="own-step" data-step="{step}"><legend>{title}</legend>{about}{inside}</fieldset>'
            )
    return "\n".join(made)


def _section(section: str, typed: Any, explain: bool) -> str:
    """A section's fields; of a section that may repeat, those of each item and a blank for the next."""
    explained = f'<p class="own-about">{_e(say(f"sections.{section}"))}</p>' if explain else ""
    if section not in LISTS:
        inside = _fields(section, (section,), typed or {})
        return f'{explained}<div class="own-section" data-section="{section}">{inside}</div>'
    items = "\n".join(_item(section, n, item) for n, item in enumerate(typed or [], start=1))
    return (
        f'<div class="own-section" data-section="{section}" data-list>'
        f"{explained}"
        f'<div class="own-items">{items}</div>\n<template>{_item(section, 0, {})}</template>'
        f'<button type="button" class="own-add">{_e(say("form.add", what=head(section)))}</button></div>'
    )


def _item(section: str, number: int, item: Raw) -> str:
    name = f'{_e(head(section).capitalize())} <span class="own-number">{number}</span>'
    return (
        f'<fieldset class="own-item" id="{address((section, number))}" tabindex="-1"><legend>{name}</legend>'
        f"{_fields(section, (section, number), item)}"
        f'<button type="button" class="own-remove">{_e(say("form.remove", what=head(section)))} '
        f'<span class="own-number">{number}</span></button></fieldset>'
    )


def _fields(section: str, path: Key, item: Raw) -> str:
    often: list[str] = []
    rare: list[str] = []
    for one in dataclasses.fields(SECTIONS[section]):
        more = one.metadata.get("more") or one.name in RARE.get(section, ())
        (rare if more else often).append(_field(section, (*path, one.name), one.metadata, item.get(one.name)))
    fold = ""
    if rare:
        fold = f'<details class="own-more"><summary>{_e(say("form.more"))}</summary>{"".join(rare)}</details>'
    return "".join(often) + fold


def _field(section: str, path: Key, about: Raw, entry: Any) -> str:
    """A key: its name, what it means, and the fields for it."""
    key, kind, at = str(path[-1]), about["kind"], address(path)
    ranged = kind in FIGURES and about.get("ranged", True)
    hint = meaning(section, key)
    hint += f"; {say(f'kinds.{kind}')}" if kind in TOLD else ""
    label = f"{_e(titled(section, key))}{_needed(about)}"
    data = f' data-for="{" ".join(rules).replace("rate card", "rate-card")}"' if (rules := _rules(section, key)) else ""
    limits = "".join(f' data-{name}="{about[name]:g}"' for name in ("low", "high", "above") if name in about)
    limits += ' data-low="0" data-high="1"' if kind == "share" else ""
    limits += " data-wide" if isinstance(about["sample"], Mapping) and kind in FIGURES else ""
    what = "figure" if ranged else "pairs" if kind in PAIRS else "one"
    inside = {"figure": _figure, "pairs": _pairs, "one": _one}[what](at, kind, about, entry)
    name = (
        f'<label for="{at}">{label}</label>'
        if what == "one"
        else f'<span class="own-label" id="{at}-label">{label}</span>'
    )
    group = "" if what == "one" else f' role="group" aria-labelledby="{at}-label" aria-describedby="{at}-hint"'
    return (
        f'<div class="own-field" data-key="{key}" data-kind="{kind}" data-is="{what}"{data}{limits}{group}>{name}'
        f'<span class="own-hint" id="{at}-hint">{_e(hint)}</span>{inside}'
        f'<p class="own-error" id="{at}-error"></p></div>\n'
    )


def titled(section: str, key: str) -> str:
    """A key as the name of a field: a plainer one where the catalogue has it.

    >>> titled("contract", "fixed_payment"), titled("investment", "amount")
    ('Fixed payment', 'Investment committed')
    """
    if known(f"form.label_{section}.{key}"):
        return say(f"form.label_{section}.{key}")
    named = head(key.replace("_", " "))
    return named[:1].upper() + named[1:]


def _needed(about: Raw) -> str:
    return f' <small class="own-needed">{_e(say("form.needed"))}</small>' if about["needed"] else ""


def _rules(section: str, key: str) -> list[str]:
    """The schedules that use a key; none where all do."""
    if section != "outcome":
        return []
    used = {name: (*RULES[name].needs, *RULES[name].may) if name in RULES else ("target",) for name in SCHEDULES}
    term = "amount" if key in ("payment", "weight") else key
    if key in ("card", "person_cap"):
        return ["rate card"]
    if key == "expected":
        return [name for name in SCHEDULES if name != "fixed"]
    return [name for name, terms in used.items() if term in terms] if any(term in one for one in used.values()) else []


def _box(at: str, text: str, extra: str = "", described: str = "") -> str:
    about = described or at
    return (
        f'<input type="text" id="{at}" value="{_e(text)}" autocomplete="off" spellcheck="false"'
        f' aria-describedby="{about}-hint {about}-error"{extra}>'
    )


def _such(sample: Any) -> str:
    return f' placeholder="{_e(say("form.such_as", sample=_text(sample)))}"'


NUMERIC = ' inputmode="decimal"'


def _one(at: str, kind: str, about: Raw, entry: Any) -> str:
    """One field: a text, a number, a choice, or a value as TOML writes it."""
    text = str(entry or "")
    if kind in ("choice", "flag"):
        allowed = about["allowed"] if kind == "choice" else ("false", "true")
        blank = not about["default"] if kind == "choice" else False
        chosen = text or ("" if blank else str(about["default"]).lower() if kind == "flag" else about["default"])
        options = [
            f'<option value="{_e(one)}"{" selected" * (one == chosen)}{_says(at, one)}>{_e(option(one))}</option>'
            for one in (*([""] if blank else []), *allowed)
        ]
        tells = f'<span class="own-says" id="{at}-says"></span>' if at.endswith(".schedule") else ""
        described = f"{at}-hint {at}-error" + (f" {at}-says" if tells else "")
        default = _e(str(about["default"] or "").lower() if kind == "flag" else about["default"])
        attributes = f'id="{at}" data-default="{default}" aria-describedby="{described}"'
        return f"<select {attributes}>{''.join(options)}</select>{tells}"
    if at.rpartition(".")[2] in LONG:
        return (
            f'<textarea id="{at}" rows="2" aria-describedby="{at}-hint {at}-error"'
            f"{_such(about['sample'])}>{_e(text)}</textarea>"
        )
    sample = about["sample"]
    if kind in SPLIT and isinstance(sample, list):
        sample = ", ".join(_text(one) for one in sample)
    numeric = NUMERIC if kind in FIGURES else ""
    return _box(at, text, numeric + _such(sample))


def _says(at: str, rule: str) -> str:
    """What a way to pay pays, beside the choice of it."""
    return f' data-says="{_e(pays(rule).replace("`", ""))}"' if at.endswith(".schedule") and rule else ""


def _figure(at: str, kind: str, about: Raw, entry: Any) -> str:
    """A number and, where it is an assumption, its range: low, expected and high side by side."""
    typed = entry if isinstance(entry, Mapping) else {"value": entry or ""}
    sample = about["sample"]
    samples = sample if isinstance(sample, Mapping) else {"value": sample}
    shown = isinstance(sample, Mapping) or any(typed.get(part) for part in ("low", "high", "note"))
    parts = []
    for part in ("low", "value", "high", "note"):
        here = at if part == "value" else f"{at}.{part}"
        extra = (NUMERIC if part != "note" else "") + (_such(samples[part]) if part in samples else "")
        hidden = " hidden" if part != "value" and not shown else ""
        parts.append(
            f'<span class="own-part" data-part="{part}"{hidden}><label for="{here}">{_e(say(f"form.part_{part}"))}'
            f"</label>{_box(here, typed.get(part, ''), extra, at)}</span>"
        )
    button = (
        f'<button type="button" class="own-ranged" aria-expanded="{str(shown).lower()}">'
        f"{_e(say('form.range_shut' if shown else 'form.range_open'))}</button>"
    )
    return f'<span class="own-figure" {"data-open" if shown else ""}>{"".join(parts)}{button}</span>'


def _pairs(at: str, kind: str, about: Raw, entry: Any) -> str:
    """A row of two fields for each part, and one for what rows cannot hold."""
    names = [say(f"form.pair_{name}") for name in PAIRS[kind]]
    rows = entry if isinstance(entry, list) else []
    blank = f"<template>{_row(at, 0, names, kind, ('', ''))}</template>"
    made = "".join(_row(at, n, names, kind, row) for n, row in enumerate(rows or [("", "")], start=1))
    text = entry if isinstance(entry, str) else ""
    whole = _box(at, text, f' aria-labelledby="{at}-label"{"" if text else " hidden"}')
    add = f'<button type="button" class="own-row-add">{_e(say("form.row_add"))}</button>'
    return f'{whole}<span class="own-rows"{" hidden" if text else ""}>{made}</span>{blank}{add}'


def _row(at: str, number: int, names: list[str], kind: str, row: Any) -> str:
    cells = []
    for n, (name, text) in enumerate(zip(names, row, strict=True)):
        here = f"{at}.{number}.{n}"
        numeric = NUMERIC if n or kind == "points" else ""
        cells.append(
            f'<span class="own-part"><label for="{here}">{_e(name)}</label>{_box(here, text, numeric, at)}</span>'
        )
    out = f'<button type="button" class="own-row-out" aria-label="{_e(say("form.row_out", number=number))}">×</button>'
    return f'<span class="own-row">{"".join(cells)}{out}</span>'


def _e(text: str) -> str:
    return _html.escape(str(text), quote=True)
