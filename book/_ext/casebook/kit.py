"""What a class holds in its hands: scripts by the minute, cards, a handout, rubrics and a marked sample.

Plans stand in ``book/teach/plans.toml``, the cards of the seminar in ``cards.toml``, what the module assesses in
``assessment.toml``. A figure is nowhere typed: ``{name}`` in their words, and in what a page puts into ``{filled}``,
stands for a row of ``data/`` or for what a model makes of it (`figures`). Each directive is one of `TEXTS`, which
makes Markdown.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from casebook.made import Made
from casebook.teaching import link, minutes, plans
from sibmodels import Contract, Outcome, PaymentSchedule, cases, tables
from sibmodels.display import amount

NAMED = re.compile(r"(?<![`:])\{(\w+)\}(?!`)")  # not the name of a role or a directive
TRY, BETWEEN = 0.40, 0.50  # results that the tasks ask about, beside the published one
STEP = 0.30  # where the example of a rule in steps has its first
CARDS_A_SHEET = 4
PARTS = {  # of a step, in the order in which they are read
    "say": "Say",
    "do": "They",
    "board": "Board",
    "expect": "Expect",
    "wrong": "Often wrong",
    "cut": "Late? Cut",
}


@cache
def figures() -> dict[str, str]:
    """Every figure of the seminar by its name: facts of Kobe, and what its contract pays; money in million yen."""
    facts = {key: cases.fact("kobe", key) for key in ("calls", "consultations", "service_months", "served")}
    facts |= {"term": cases.fact("kobe", "term")}
    contract, achieved = cases.contract("kobe"), cases.performance("kobe")
    completion, lifestyle, kidneys = (outcome.schedule for outcome in contract.outcomes)
    target, most = kidneys.points[-1]
    put_in = cases.fact("kobe", "investment", source="nikkei2018kobe")
    bold = PaymentSchedule.proportional(target, most + contract.fixed_payment)
    steps = PaymentSchedule([(STEP, kidneys(achieved["renal"])), (target, most)], "step")
    last = contract.outcomes[-1]
    moved = Contract("Kobe, nothing fixed", "JPY", [*contract.outcomes[:-1], Outcome(last.name, bold, last.payers)])
    # the two usual slips: no division by the target; no end at the most
    uncapped = sum(
        rule.points[-1][1] * achieved[outcome.name] / rule.points[-1][0]
        for outcome, rule in zip(contract.outcomes, (completion, lifestyle, kidneys), strict=True)
    )
    money = {
        "fixed": contract.fixed_payment,
        "most": most,
        "cap": contract.max_payment,
        "investment": put_in,
        "interim": cases.fact("kobe", "interim_payment"),
        "project": cases.fact("kobe", "investment", source="indigo2025"),
        "evaluation": cases.fact("kobe", "evaluation_cost"),
        "paid_renal": cases.fact("kobe", "paid_renal"),
        "paid_first_two": cases.fact("kobe", "paid_first_two"),
        "paid_total": cases.fact("kobe", "paid_total"),
        "loss": put_in - cases.fact("kobe", "paid_total"),
        "at_try": kidneys(TRY),
        "at_between": kidneys(BETWEEN),
        "at_result": kidneys(achieved["renal"]),
        "total": contract.total(achieved),
        "step_between": steps(BETWEEN),
        "step_target": steps(target),
        "cheap": most * achieved["renal"],
        "over": contract.fixed_payment + uncapped,
        "bold_most": bold.points[-1][1],
        "bold_try": bold(TRY),
        "bold_short": put_in - moved.total(achieved),
        "total_nothing": contract.total(achieved) - kidneys(achieved["renal"]),
        "bold_renal": bold(achieved["renal"]),
        "bold_between": bold(BETWEEN),
        "bold_total": moved.total(achieved),
        "less": contract.total(achieved) - moved.total(achieved),
        "free": kidneys(cases.assumption("kobe", "baseline_renal").value),
    }
    shares = {
        "try": TRY,
        "between": BETWEEN,
        "step": STEP,
        "target": target,
        "target_completion": completion.points[-1][0],
        "target_lifestyle": lifestyle.points[-1][0],
        "result": achieved["renal"],
        "result_completion": achieved["completion"],
        "result_lifestyle": achieved["lifestyle"],
        "offered": cases.fact("kobe", "return_offered"),
        "anyway": cases.assumption("kobe", "baseline_renal").value,
    }
    return (
        {key: f"{value:g}" for key, value in facts.items()}
        | {key: f"{round(float(value) / 1e6, 2):g}" for key, value in money.items()}
        | {key: f"{100 * value:.4g}" for key, value in shares.items()}
    )


def fill(text: str) -> str:
    """A text with its figures.

    >>> fill("{term}`cap`: {cap} million yen")
    '{term}`cap`: 34.06 million yen'
    """

    def figure(found: re.Match[str]) -> str:
        if found[1] not in figures():
            raise ValueError(f"figure {found[1]!r} is unknown; there are: {', '.join(sorted(figures()))}")
        return figures()[found[1]]

    return NAMED.sub(figure, text)


def _toml(root: Path, name: str) -> dict:
    return tomllib.loads((root / f"book/teach/{name}.toml").read_text(encoding="utf-8"))


def kit(root: Path) -> dict:
    """Cards and gaps of the seminar, as ``cards.toml`` has them."""
    return _toml(root, "cards")


def script(root: Path, argument: str, content: str = "") -> str:
    """One session of a plan by the minute: ``seminar 3``."""
    name, place = argument.split()
    sessions = plans(root)[name]["sessions"]
    start = sum(session["minutes"] for session in sessions[: int(place) - 1])
    session = sessions[int(place) - 1]
    blocks = [f"**Minutes {start} to {start + session['minutes']}.** {session['what']}."]
    for step in session["steps"]:
        end = start + step["minutes"]
        blocks.append(f"**{start} to {end}: {step['what']}**")
        blocks.append("\n".join(f"- *{head}*: {_ended(fill(step[key]))}" for key, head in PARTS.items() if key in step))
        start = end
    return "\n\n".join(blocks)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(("?", "!", ".")) else f"{sentence}."


def cuts(root: Path, argument: str, content: str = "") -> str:
    """What of a plan can be left out by a teacher who is late."""
    rows, start = [], 0
    for session in plans(root)[argument]["sessions"]:
        for step in session.get("steps", []):
            if "cut" in step:
                rows.append([f"{start} to {start + step['minutes']}", step["what"], fill(step["cut"])])
            start += step["minutes"]
        start += 0 if "steps" in session else session["minutes"]
    return table("What can be left out, from the first minute to the last.", ["Minutes", "Where", "Leave out"], rows)


def source(key: str) -> str:
    """A source by its label."""
    return str(tables.read("sources").set_index("key")["label"][key])


def fact(key: str, label: str | None = None) -> str:
    """A fact of Kobe with its source and how sure it is, as one line of Markdown; `label` in place of its own."""
    rows = cases.table("facts", "kobe")
    row = rows[rows["key"] == key]
    row = (row[row["source"] == "nikkei2018kobe"] if len(row) > 1 else row).iloc[0]
    if row["unit"] == "money":
        value = f"{float(row['value']) / 1e6:g} million yen"
    else:
        value = amount(row["value"], row["unit"], row["currency"])
    return f"{label or row['label']}: {value} (*{source(row['source'])}*, {row['confidence']})"


def party_card(root: Path, name: str) -> list[str]:
    """What stands on a party's card, paragraph by paragraph."""
    party = next(one for one in kit(root)["parties"] if one["stakeholder"] == name)
    rows = cases.table("stakeholders", "kobe").set_index("stakeholder")
    row = rows.loc[name]
    called = f" ({row['note']})" if row["note"] else ""
    return [
        f"**You are: {name}**{called}",
        f"*{'; '.join(part for part in (row['value'], row['sector']) if part != 'not stated')}*",
        f"**You were promised.** {fill(party['promised'])}",
        f"**You could lose.** {fill(party['lose'])}",
        "\n".join(f"- {fact(key, kit(root)['labels'].get(key))}" for key in party["facts"]),
        f"**Settle.** {fill(party['ask'])}",
    ]


def lens_card(root: Path, name: str) -> list[str]:
    """What stands on a lens's card, paragraph by paragraph."""
    lens = next(one for one in kit(root)["lenses"] if one["name"] == name)
    return [
        f"**{name}**",
        "\n".join(f"{number}. {words}" for number, words in enumerate(lens["says"], start=1)),
        "**Ask the other side.**",
        "\n".join(f"- {words}" for words in lens["argue"]),
        f"*After {'; '.join(map(source, lens['sources']))}. More in [](/book/{lens['chapter']}).*",
    ]


def boxed(kind: str, text: str) -> str:
    """Markdown in a box that a style sheet can cut out; without one it is the Markdown alone."""
    return f'<div class="{kind}">\n\n{text}\n\n</div>'


def _sheets(made: list[list[str]], a_sheet: int, kind: str) -> str:
    """Cards on sheets to cut."""
    boxes = [boxed("kit-card", "\n\n".join(card)) for card in made]
    sheets = ["\n\n".join(boxes[place : place + a_sheet]) for place in range(0, len(boxes), a_sheet)]
    return "\n\n".join(boxed(f"kit-sheet {kind}", sheet) for sheet in sheets)


def cards(root: Path, argument: str, content: str = "") -> str:
    """Every card of a kind: ``parties``, four a sheet, or ``lenses``, two."""
    if argument == "parties":
        made = [party_card(root, party["stakeholder"]) for party in kit(root)["parties"]]
        return _sheets(made, CARDS_A_SHEET, "quarters")
    return _sheets([lens_card(root, lens["name"]) for lens in kit(root)["lenses"]], 2, "halves")


def gaps(root: Path, argument: str = "", content: str = "") -> str:
    """What is not known, A to E."""
    return "\n".join(f"- **{gap['letter']}** {gap['says']}" for gap in kit(root)["gaps"])


def filled(root: Path, argument: str | None, content: str) -> str:
    """A page's own words, with the figures in them."""
    return fill(content)


def _row(cells) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def table(caption: str, head: list[str], rows: list[list[str]], numbers: int = 0) -> str:
    """A table as MyST; the first so many columns after the first hold numbers."""
    rule = ["---", *["---:"] * numbers, *["---"] * (len(head) - 1 - numbers)]
    return "\n".join([f"```{{table}} {caption}", _row(head), _row(rule), *map(_row, rows), "```"])


def readings(root: Path, argument: str, content: str = "") -> str:
    """Chapters with the minutes that their cards say, as a list."""
    return "\n".join(f"- {_reading(root, chapter)}" for chapter in argument.split())


def _reading(root: Path, chapter: str) -> str:
    whole, short = minutes(root, chapter)
    return f"{link(chapter)}: {whole} minutes" + (f", {short} without the code" if short < whole else "")


def _readings(root: Path, chapters: list[str]) -> str:
    return "; ".join(_reading(root, chapter) for chapter in chapters)


def week(root: Path, argument: str, content: str = "") -> str:
    """A week of the module: what is read, prepared and handed in, and the class in blocks of minutes."""
    session = plans(root)["module"]["sessions"][int(argument) - 1]
    lines = [
        f"**Core**: {_readings(root, session['chapters'])}.",
        f"**Optional**: {_readings(root, session['optional'])}." if "optional" in session else "",
        f"**The teacher prepares** {session['prepare']}.",
        f"**Handed in**: {session['hand_in']}.",
    ]
    blocks = [[step["minutes"], step["what"]] for step in session["steps"]]
    rows = "\n".join(_row(block) for block in blocks)
    listed = "\n".join(f"- {line}" for line in lines if line)
    caption = f"Week {argument} in class, {session['minutes']} minutes."
    return f"{listed}\n\n```{{table}} {caption}\n| Minutes | What |\n|---:|---|\n{rows}\n```"


def pieces(root: Path, argument: str, content: str = "") -> str:
    """What is handed in: by when, how long, for how much of the mark."""
    rows = [
        [one["name"], one["what"], f"{one['words']:,}", f"week {one['due']}", f"{one['share']} %"]
        for one in _toml(root, "assessment")[argument]["pieces"]
    ]
    return table("What is handed in, and what it counts.", ["Piece", "What", "Words", "Due", "Of the mark"], rows)


def aims(root: Path, argument: str, content: str = "") -> str:
    """Which piece of work shows which aim."""
    about = _toml(root, "assessment")[argument]
    names = [one["name"] for one in about["pieces"]]
    rows = [
        [words[0].upper() + words[1:], *("yes" if letter in one["aims"] else "" for one in about["pieces"])]
        for letter, words in about["aims"].items()
    ]
    return table("What each aim is shown by.", ["Afterwards they can", *names], rows)


def points(root: Path, argument: str, content: str = "") -> str:
    """Criteria and levels with their points."""
    about = _toml(root, "assessment")["rubrics"][argument]
    rows = [[one["name"], *(f"**{worth}** {words}" for worth, words in one["levels"])] for one in about["criteria"]]
    return table(about["caption"], ["Criterion", "Not yet", "Passes", "Better", "Best"], rows)


def marked(root: Path, argument: str = "", content: str = "") -> str:
    """The rubric as the marker filled it in for the sample, with comments."""
    about = _toml(root, "assessment")
    criteria = about["rubrics"][about["sample"]["rubric"]]["criteria"]
    rows, total = [], 0
    for one, mark in zip(criteria, about["sample"]["marks"], strict=True):
        worth, most = one["levels"][mark["level"]][0], one["levels"][-1][0]
        rows.append([one["name"], f"{worth} of {most}", mark["comment"]])
        total += worth
    rows.append(["In all", f"{total} of {sum(one['levels'][-1][0] for one in criteria)}", ""])
    return table("The rubric, filled in for the sample.", ["Criterion", "Points", "Comment"], rows, numbers=1)


def squared(root: Path, argument: str = "", content: str = "") -> str:
    """Paper to draw payment rules on: the result from left to right, million yen from bottom to top."""
    left, top, wide, high, ends = 46, 28, 560, 200, 8
    ways, words = [], []
    for tenth in range(11):
        x = left + wide * tenth / 10
        ways.append(f"M{x:g} {top}v{high}")
        words.append(f'<text x="{x:g}" y="{top + high + 18}">{10 * tenth}</text>')
    for money in range(ends + 1):
        y = top + high - high * money / ends
        ways.append(f"M{left} {y:g}h{wide}")
        words.append(f'<text x="{left - 14}" y="{y + 4:g}">{money}</text>')
    words.append(f'<text x="{left + wide / 2:g}" y="{top + high + 38}">Result for the kidneys, %</text>')
    words.append(f'<text x="{left - 18}" y="{top - 12}" text-anchor="start">Paid, million yen</text>')
    name = "Squared paper: the result from 0 to 100 %, payment from 0 to 8 million yen"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="kit-squared" '
        f'viewBox="0 0 {left + wide + 20} {top + high + 44}" role="img" aria-label="{name}">'
        f'<path d="{"".join(ways)}" fill="none" stroke="#999"/>'
        f'<g fill="currentColor" font-size="13" text-anchor="middle">{"".join(words)}</g></svg>'
    )


TEXTS = {
    "filled": filled,
    "script": script,
    "cuts": cuts,
    "readings": readings,
    "squared": squared,
    "cards": cards,
    "gaps": gaps,
    "week": week,
    "pieces": pieces,
    "aims": aims,
    "points": points,
    "marked": marked,
}


class Kit(Made):
    """A directive that stands for one of `TEXTS`."""

    final_argument_whitespace = True
    has_content = True

    def text(self, root):
        return TEXTS[self.name](root, self.arguments[0] if self.arguments else "", "\n".join(self.content))


def setup(app):
    for name in TEXTS:
        app.add_directive(name, Kit)
