"""A contract to play with: sliders for its terms, and in words and a picture who pays what.

``{contract-play}`` puts it into a page; its options are the terms to start from. The build computes the start with
`sibmodels`, so that the page reads without scripts; ``contractplay.js`` has the same in closed formulas, and a test
compares the two on a grid.
"""

from __future__ import annotations

import math
from html import escape
from typing import NamedTuple

import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from sibmodels import Contract, Outcome, PaymentSchedule

MARK = 'class="play"'
PUT_IN = 100  # what investors put in: every amount is for 100 of it
PAYERS = ("first", "second")

RULES = {
    "proportional": "in proportion, up to the target",
    "floor": "the same, but nothing below half the target",
    "steps": "in two steps: half of it at half the target",
    "threshold": "all or nothing at the target",
    "price": "a price for each outcome, up to a ceiling",
}


class Term(NamedTuple):
    """One thing that a slider sets."""

    label: str
    low: float
    high: float
    step: float
    start: float
    unit: str = ""


TERMS = {
    "result": Term("Result reached", 0, 100, 1, 60, "\u00a0%"),
    "target": Term("Target", 5, 100, 1, 80, "\u00a0%"),
    "price": Term("Price of one outcome, where 100 can be reached", 0.1, 4, 0.1, 1),
    "most": Term("Most that results can earn", 10, 150, 1, 75),
    "fixed": Term("Paid in any case", 0, 120, 1, 35),
    "share": Term("A second payer\u2019s share of the bill", 0, 100, 1, 0, "\u00a0%"),
}
ONLY = {"price": "price", "target": "proportional floor steps threshold"}  # a term that some rules have


def schedule(rule: str, terms: dict[str, float]) -> PaymentSchedule:
    """What results earn, as a function of the result as a share (the number of outcomes, for a price)."""
    target, most = terms["target"] / 100, terms["most"]
    match rule:
        case "proportional":
            return PaymentSchedule.proportional(target, most)
        case "floor":
            return PaymentSchedule.proportional(target, most, floor=target / 2)
        case "steps":
            return PaymentSchedule([(target / 2, most / 2), (target, most)], "step")
        case "threshold":
            return PaymentSchedule.threshold(target, most)
    return PaymentSchedule.rate_card(terms["price"], cap=most)


def earned(rule: str, terms: dict[str, float], result):
    """What a result in per cent, or each of an array of them, earns."""
    return schedule(rule, terms)(result if rule == "price" else np.divide(result, 100))


def settled(rule: str, terms: dict[str, float]) -> dict[str, float]:
    """The bill, its parts, what each payer bears, and what investors gain or lose; rounded so that they add up."""
    paid, share = PaymentSchedule([(0, 0), (1, 1)], unlimited=True), terms["share"] / 100
    results = tenths(earned(rule, terms, terms["result"]))
    outcome = Outcome("results", paid, dict(zip(PAYERS, (1 - share, share), strict=True)))
    contract = Contract("Played", "XXX", [outcome], terms["fixed"])
    bill = tenths(contract.total({"results": results}))
    second = tenths(contract.by_payer({"results": results})["second"])
    return {
        "bill": bill,
        "fixed": terms["fixed"],
        "results": results,
        "first": tenths(bill - second),
        "second": second,
        "gain": tenths(bill - PUT_IN),
    }


def even(rule: str, terms: dict[str, float]) -> int | None:
    """The lowest result, in whole per cent, that pays investors back; None where no result does."""
    back = np.flatnonzero(terms["fixed"] + earned(rule, terms, np.arange(101)) >= PUT_IN - 1e-9)
    return int(back[0]) if back.size else None


def tenths(value: float) -> float:
    """Rounded as the page's script does it.

    >>> tenths(30.9375), tenths(0.25)
    (30.9, 0.3)
    """
    return math.floor(value * 10 + 0.5 + 1e-9) / 10


def said(rule: str, terms: dict[str, float]) -> tuple[str, str]:
    """Who pays what, in words: the verdict, and how it comes about.

    >>> terms = {name: term.start for name, term in TERMS.items()}
    >>> said("proportional", terms)[0]
    'Investors put in 100, get back 91.3, lose 8.7.'
    """
    sums, from_ = settled(rule, terms), even(rule, terms)
    bill, gain = f"{sums['bill']:g}", f"{abs(sums['gain']):g}"
    if sums["gain"] < 0:
        verdict = f"Investors put in 100, get back {bill}, lose {gain}."
    elif sums["gain"] > 0:
        verdict = f"Investors put in 100, get back {bill}, gain {gain}."
    else:
        verdict = "Investors put in 100 and get back 100."
    if from_ is None:
        how = "No result would pay them back."
    elif from_ == 0:
        how = "They bear no risk."
    else:
        how = f"They break even at a result of {from_}\u00a0%."
    how += f" The bill is {bill}: {sums['fixed']:g} in any case and {sums['results']:g} for results"
    if terms["share"]:
        how += f"; the first payer bears {sums['first']:g} of it, the second {sums['second']:g}"
    return verdict, how + "."


# the picture: results from left to right, money from bottom to top; the script draws in the same frame
LEFT, RIGHT, TOP, BOTTOM = 36, 352, 12, 176
ROOM = 25  # money below which the fixed part is too thin for its name


def picture(rule: str, terms: dict[str, float]) -> str:
    top = 125 if terms["fixed"] + terms["most"] <= 120 else 275

    def x(result: float) -> str:
        return f"{LEFT + (RIGHT - LEFT) * result / 100:.1f}"

    def y(money: float) -> str:
        return f"{BOTTOM - (BOTTOM - TOP) * money / top:.1f}"

    corners = [point * (1 if rule == "price" else 100) for point, _ in schedule(rule, terms).points]
    corners += [terms["target"] / 2] if rule == "floor" else []
    before = [corner - 1e-9 for corner in corners]  # where a step begins
    results = sorted(result for result in {0.0, 100.0, *corners, *before} if 0 <= result <= 100)
    points = (f"{x(result)},{y(terms['fixed'] + earned(rule, terms, result))}" for result in results)
    line = " ".join(dict.fromkeys(points))  # a corner without a step is one point
    sums, here = settled(rule, terms), x(terms["result"])
    side = "gain" if sums["gain"] > 0 else "loss"
    return (
        f'<svg class="play-picture" viewBox="0 0 360 200" role="img" aria-label="{escape(alternative(rule, terms))}">'
        f'<rect class="play-fixed" x="{LEFT}" width="{RIGHT - LEFT}" y="{y(terms["fixed"])}"'
        f' height="{float(y(0)) - float(y(terms["fixed"])):.1f}"/>'
        f'<polygon class="play-results" points="{LEFT},{y(terms["fixed"])} {line} {RIGHT},{y(terms["fixed"])}"/>'
        f'<polyline class="play-bill" points="{line}"/>'
        f'<path class="play-put" d="M{LEFT} {y(PUT_IN)}H{RIGHT}"/>'
        f'<text class="play-put-said" x="{LEFT + 4}" y="{float(y(PUT_IN)) - 5:.1f}">put in: {PUT_IN}</text>'
        f'<path class="play-side play-{side}" d="M{here} {y(sums["bill"])}V{y(PUT_IN)}"/>'
        f'<path class="play-here" d="M{here} {y(0)}V{y(sums["bill"])}"/>'
        f'<circle class="play-dot" cx="{here}" cy="{y(sums["bill"])}" r="5"/>'
        f'<text class="play-sum" x="{float(here) + (8 if terms["result"] < 80 else -8):.1f}" '
        f'y="{float(y(sums["bill"])) + 14:.1f}" text-anchor="{"start" if terms["result"] < 80 else "end"}">'
        f"{sums['bill']:g}</text>"
        f'<text class="play-results-said" x="{RIGHT - 5}" y="{float(y(terms["fixed"])) - 6:.1f}" text-anchor="end">'
        "for results</text>"
        f'<text class="play-fixed-said" x="{RIGHT - 5}" y="{BOTTOM - 6}" text-anchor="end"'
        f"{' visibility=' + chr(34) + 'hidden' + chr(34) if terms['fixed'] < ROOM else ''}>in any case</text>"
        f'<path class="play-axis" d="M{LEFT} {BOTTOM}H{RIGHT}"/>'
        f'<text x="{LEFT}" y="192">0\u00a0%</text>'
        f'<text x="{(LEFT + RIGHT) / 2:g}" y="192" text-anchor="middle">result</text>'
        f'<text x="{RIGHT}" y="192" text-anchor="end">100\u00a0%</text>'
        f'<text x="{LEFT - 6}" y="{BOTTOM}" text-anchor="end">0</text>'
        f'<text x="{LEFT - 6}" y="{TOP + 8}" text-anchor="end">bill</text></svg>'
    )


def alternative(rule: str, terms: dict[str, float]) -> str:
    """The picture in words."""
    low, high = (f"{tenths(terms['fixed'] + earned(rule, terms, r)):g}" for r in (0, 100))
    here = f"at {terms['result']:g}\u00a0% it is {settled(rule, terms)['bill']:g}"
    return f"The bill at 0\u00a0% is {low}, {here}, at 100\u00a0% {high}."


def html(rule: str, terms: dict[str, float], title: str) -> str:
    verdict, how = said(rule, terms)
    options = "".join(
        f'<option value="{name}"{" selected" if name == rule else ""}>{words}</option>' for name, words in RULES.items()
    )
    rows = [_slider(name, term, terms[name], rule) for name, term in TERMS.items()]
    choice = (
        '<p class="play-row"><label for="play-rule">Results are paid</label>'
        f'<select id="play-rule" name="rule">{options}</select></p>'
    )
    return (
        f'<form {MARK} id="contract" autocomplete="off" aria-labelledby="play-title">\n'
        f'<p class="play-title" id="play-title">{escape(title)}</p>\n'
        f'<div class="play-set"><fieldset class="play-first" disabled><legend class="unseen">Result</legend>{rows[0]}'
        f'</fieldset>\n<fieldset class="play-terms" disabled><legend class="unseen">Terms</legend>{choice}'
        f'{"".join(rows[1:])}<p class="play-end"><button type="reset">Start again</button>'
        '<span class="play-note" role="status"></span></p></fieldset></div>\n'
        f'<output class="play-said"><strong>{verdict}</strong> <span>{how}</span></output>\n'
        f"{picture(rule, terms)}\n"
        "<noscript><p>These are the terms of one example; with scripts each can be moved.</p></noscript>\n</form>"
    )


def _slider(name: str, term: Term, value: float, rule: str) -> str:
    only = f' data-rules="{ONLY[name]}"' if name in ONLY else ""
    hidden = " hidden" if name in ONLY and rule not in ONLY[name].split() else ""
    return (
        f'<p class="play-row"{only}{hidden}><label for="play-{name}">{term.label}</label>'
        f'<span class="play-value" aria-hidden="true">{value:g}{term.unit}</span>'
        f'<input type="range" id="play-{name}" name="{name}" min="{term.low}" max="{term.high}" step="{term.step}"'
        f' value="{value:g}" data-unit="{term.unit}" aria-valuetext="{value:g}{term.unit}"></p>'
    )


class Directive(SphinxDirective):
    """``{contract-play} A title``; its options are ``rule`` and the names of `TERMS`, with the values to start from."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = dict.fromkeys(["rule", *TERMS], directives.unchanged_required)

    def run(self):
        if any(MARK in node.astext() for node in self.state.document.findall(nodes.raw)):
            raise self.error("contract-play stands twice on this page; once is allowed")
        rule = self.options.get("rule", "proportional")
        if rule not in RULES:
            raise self.error(f"contract-play: rule is {rule!r}; it must be one of: {', '.join(RULES)}")
        terms = {name: self._value(name, term) for name, term in TERMS.items()}
        return [nodes.raw("", html(rule, terms, self.arguments[0]), format="html")]

    def _value(self, name: str, term: Term) -> float:
        text = self.options.get(name, f"{term.start:g}")
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not term.low <= value <= term.high:
            raise self.error(f"contract-play: {name} is {text!r}; a number from {term.low} to {term.high} is needed")
        return value


def _page(app, pagename, templatename, context, doctree) -> None:
    if MARK in (context.get("body") or ""):
        app.add_js_file("contractplay.js", loading_method="defer")


def setup(app):
    app.connect("html-page-context", _page)
    app.add_directive("contract-play", Directive)
