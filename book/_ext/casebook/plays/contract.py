"""A contract: sliders for its terms, and in words and a picture who pays what."""

from __future__ import annotations

from html import escape

import numpy as np

from casebook.plays.frame import Choice, Play, Term, plain, tenths
from casebook.words import word
from sibmodels import Contract, Outcome, PaymentSchedule

PUT_IN = 100  # what investors put in: every amount is for 100 of it
PAYERS = ("first", "second")

RULES = ("proportional", "floor", "steps", "threshold", "price")

TERMS = {
    "result": Term(0, 100, 1, 60, "\u00a0%"),
    "target": Term(5, 100, 1, 80, "\u00a0%", only=("proportional", "floor", "steps", "threshold")),
    "price": Term(0.1, 4, 0.1, 1, only=("price",)),
    "most": Term(10, 150, 1, 75),
    "fixed": Term(0, 120, 1, 35),
    "share": Term(0, 100, 1, 0, "\u00a0%"),
}


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


def said(rule: str, terms: dict[str, float]) -> tuple[str, str]:
    """Who pays what, in words: the verdict, and how it comes about.

    >>> terms = {name: term.start for name, term in TERMS.items()}
    >>> said("proportional", terms)[0]
    'Investors put in 100, get back 91.3, lose 8.7.'
    """
    sums, result = settled(rule, terms), even(rule, terms)
    gain = sums["gain"]
    end = "even" if gain == 0 else "lose" if gain < 0 else "gain"
    verdict = word(f"play.js.contract_{end}", bill=f"{sums['bill']:g}", amount=f"{abs(gain):g}")
    back = "never" if result is None else "breaks" if result else "safe"
    given = {key: f"{value:g}" for key, value in sums.items()}
    how = word(f"play.js.contract_{back}", result=result)
    return verdict, word(f"play.js.contract_{'shared' if terms['share'] else 'bill'}", how=how, **given)


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
        f'<text class="play-put-said" x="{LEFT + 4}" y="{float(y(PUT_IN)) - 5:.1f}">'
        f"{word('play.contract_put', amount=PUT_IN)}</text>"
        f'<path class="play-side play-{side}" d="M{here} {y(sums["bill"])}V{y(PUT_IN)}"/>'
        f'<path class="play-here" d="M{here} {y(0)}V{y(sums["bill"])}"/>'
        f'<circle class="play-dot" cx="{here}" cy="{y(sums["bill"])}" r="5"/>'
        f'<text class="play-sum" x="{float(here) + (8 if terms["result"] < 80 else -8):.1f}" '
        f'y="{float(y(sums["bill"])) + 14:.1f}" text-anchor="{"start" if terms["result"] < 80 else "end"}">'
        f"{sums['bill']:g}</text>"
        f'<text class="play-results-said" x="{RIGHT - 5}" y="{float(y(terms["fixed"])) - 6:.1f}" text-anchor="end">'
        f"{word('play.contract_results')}</text>"
        f'<text class="play-fixed-said" x="{RIGHT - 5}" y="{BOTTOM - 6}" text-anchor="end"'
        f"{' visibility=' + chr(34) + 'hidden' + chr(34) if terms['fixed'] < ROOM else ''}>"
        f"{word('play.contract_fixed')}</text>"
        f'<path class="play-axis" d="M{LEFT} {BOTTOM}H{RIGHT}"/>'
        f'<text x="{LEFT}" y="192">0\u00a0%</text>'
        f'<text x="{(LEFT + RIGHT) / 2:g}" y="192" text-anchor="middle">{word("play.contract_axis")}</text>'
        f'<text x="{RIGHT}" y="192" text-anchor="end">100\u00a0%</text>'
        f'<text x="{LEFT - 6}" y="{BOTTOM}" text-anchor="end">0</text>'
        f'<text x="{LEFT - 6}" y="{TOP + 8}" text-anchor="end">{word("play.contract_scale")}</text></svg>'
    )


def alternative(rule: str, terms: dict[str, float]) -> str:
    """The picture in words."""
    low, high = (f"{tenths(terms['fixed'] + earned(rule, terms, r)):g}" for r in (0, 100))
    bill = f"{settled(rule, terms)['bill']:g}"
    return word("play.js.contract_picture", low=low, result=f"{terms['result']:g}", bill=bill, high=high)


def rows(rule: str, terms: dict[str, float]) -> list[list[str]]:
    """The bill and who bears it, at eleven results."""
    heads = ("result", "total", "first", "second", "investors")
    table = [[word(f"play.js.contract_{head}") for head in heads]]
    for result in range(0, 101, 10):
        sums = settled(rule, {**terms, "result": result})
        table.append([str(result), *(plain(sums[key]) for key in ("bill", "first", "second", "gain"))])
    return table


PLAY = Play(
    "contract",
    TERMS,
    {"rule": Choice(RULES, "proportional")},
    said=lambda terms: said(terms["rule"], terms),
    rows=lambda terms: rows(terms["rule"], terms),
    picture=lambda terms: picture(terms["rule"], terms),
    first=("result",),
)
