"""The report of a case file as a chapter: a notebook that holds the case file and computes what it shows."""

from __future__ import annotations

import json
import re
from typing import Any

from sibmodels.casefile import CaseFile, raw
from sibmodels.casefile.writing import in_language, written
from sibmodels.messages import head, in_its_language, say
from sibmodels.reports.page import MANY
from sibmodels.reports.payers import counts
from sibmodels.reports.tables import alignment, cards, curves, flowing, ranges, sensitivity, steps, tranches

__all__ = ["notebook"]


@in_its_language
def notebook(case: CaseFile) -> dict[str, Any]:
    """The report as a chapter, a notebook (nbformat 4) that holds the case file and runs by itself."""
    text = written(in_language(raw(case)))  # so that its cells say the same
    cells = [("markdown", f"# {case.about.name}\n\n{say('chapter.preface')}")]
    cells.append(("code", "import sibmodels as sib\nfrom sibmodels import casefile, charts, reports"))
    cells.append(("code", f"case = casefile.loads({_quoted(text)})\nmoney = case.money"))
    for heading, sources in _CELLS:
        if heading in _PAID and not case.paid:
            continue
        made_of = [("code", _captioned(source)) for source, needs in sources if needs(case)]
        cells += [("markdown", f"## {head(heading)}"), *made_of] if made_of else []
    lines = "\n".join(f"- {gap}" for gap in case.gaps()) or say("chapter.nothing")
    cells.append(("markdown", f"## {say('chapter.gaps')}\n\n{lines}"))
    made: list[dict[str, Any]] = []
    for number, (kind, source) in enumerate(cells, start=1):
        cell = {"cell_type": kind, "id": f"c{number:02d}", "metadata": {}, "source": source}
        made.append(cell | ({"execution_count": None, "outputs": []} if kind == "code" else {}))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _quoted(text: str) -> str:
    """Text as Python source that keeps its lines."""
    if "'''" in text or "\\" in text or text.endswith("'"):
        lines = "\n".join(f"    {line!r}" for line in text.splitlines(keepends=True))
        return f"\n{lines}\n"
    return f"'''\n{text}'''"


def _captioned(source: str) -> str:
    """A cell's code with its captions: $terms is the template chapter.terms, as Python writes it."""

    def caption(found: re.Match[str]) -> str:
        return json.dumps(say(f"chapter.{found[1]}", money="{money}"), ensure_ascii=False)

    return re.sub(r"\$(\w+)", caption, source)


def _always(case: CaseFile) -> bool:
    return True


def _known(case: CaseFile) -> bool:
    return bool(case.actual) and case.has_calendar


_PAID = (
    "Payments against performance",
    "Cash flows",
    "Simulated outcomes",
    "Who bears the risk",
    "The payer's case",
    "Results and claims",
    "Incentives",
)
_CELLS = [
    ("Term sheet", [("sib.show(reports.term_sheet(case), $terms)", _always)]),
    (
        "Payments against performance",
        [
            (
                "charts.payment_curves(\n    reports.curves(case, 101),\n    money,\n"
                "    title=$curves,\n"
                "    description=$curves_described,\n)",
                lambda case: 0 < curves(case)["outcome"].nunique() <= MANY,
            ),
            (
                "sib.show(reports.own_points(case), f$own_points)",
                lambda case: len(curves(case)) > 0,
            ),
            (
                "sib.show(reports.steps(case), f$steps)",
                lambda case: len(steps(case)) > 0,
            ),
            (
                "sib.show(reports.cards(case), f$cards)",
                lambda case: len(cards(case)) > 0,
            ),
        ],
    ),
    (
        "Cash flows",
        [
            ("sib.show(reports.scenarios(case), f$scenarios, reports.FORMATS)", _always),
            ('sib.show(reports.flows(case), f$flows, "{:,.0f}")', flowing),
            ("sib.show(reports.tranches(case), f$tranches)", lambda case: len(tranches(case)) > 0),
        ],
    ),
    (
        "Simulated outcomes",
        [
            (
                'drawn = reports.draws(case)\nsib.show(drawn.describe().rename_axis("what"), $draws)',
                _always,
            ),
            ("sib.show(reports.ranges(case), $ranges)", lambda case: len(ranges(case)) > 0),
            (
                'charts.histogram(\n    sib.distribution(drawn["total_payment"]),\n    title=$histogram,\n'
                "    description=$histogram_described,\n    axis=f$histogram_axis,\n)",
                _always,
            ),
        ],
    ),
    (
        "Who bears the risk",
        [
            ("sib.show(reports.risk(case, drawn), f$risk, reports.FORMATS)", _always),
            (
                "sib.show(reports.sensitivity(case), $sensitivity)",
                lambda case: len(sensitivity(case)) > 0,
            ),
        ],
    ),
    (
        "The payer's case",
        [
            ("sib.show(reports.worth(case, drawn), f$worth, reports.VALUE_FORMS)", counts),
            ("sib.show(reports.bodies(case), f$bodies, reports.VALUE_FORMS)", counts),
            ("sib.show(reports.break_even(case), f$break_even, reports.VALUE_FORMS)", counts),
            (
                "sib.show(reports.exposure(case, drawn), f$exposure, reports.VALUE_FORMS)",
                lambda case: case.has_calendar,
            ),
        ],
    ),
    (
        "Results and claims",
        [
            ("sib.show(reports.claim(case), f$claim, reports.CLAIM_FORMS)", _known),
            ("sib.show(reports.results(case), f$results, reports.CLAIM_FORMS)", _known),
            ("sib.show(reports.to_come(case), f$still, reports.CLAIM_FORMS)", _known),
        ],
    ),
    (
        "What the evaluation could show",
        [("sib.show(reports.evaluated(case), $evaluated, reports.FORMATS)", _always)],
    ),
    (
        "Incentives",
        [
            ("sib.show(reports.pulls(case), $pulls, reports.FORMATS)", _always),
            ('sib.show(reports.alignment(case), $alignment, "{:.0f}")', lambda case: len(alignment(case)) > 0),
        ],
    ),
    (
        "Where it stands among the world's SIBs",
        [("sib.show(reports.world(case), $world, reports.FORMATS)", _always)],
    ),
]
