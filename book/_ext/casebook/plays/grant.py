"""SIB or grant: how many more outcomes a SIB must bring, by two rules, and whether those expected suffice."""

from __future__ import annotations

from casebook.plays.frame import Play, Term, Terms, plain
from casebook.words import word
from sibmodels import break_even_uplift

TERMS = {
    "uplift": Term(0, 100, 1, 20, "\u00a0%"),
    "set_up": Term(0, 60, 1, 20, "\u00a0%"),
    "gain": Term(0, 60, 0.25, 10.25, "\u00a0%"),
    "lag": Term(0, 8, 0.5, 2),
    "discount": Term(0, 10, 0.5, 3.5, "\u00a0%"),
    "worth": Term(0.5, 5, 0.1, 1.5),
}


def settled(terms: Terms) -> dict[str, float]:
    """The premium over a grant, its parts, and the break-even of each rule, all in per cent."""
    gain, discount = terms["gain"] / 100, terms["discount"] / 100
    later = (1 + gain) * ((1 + discount) ** -terms["lag"] - 1)
    given = {"lag": terms["lag"], "discount": discount}
    return {
        "set_up": terms["set_up"],
        "gain": terms["gain"],
        "later": 100 * later,
        "larger": 100 * break_even_uplift(1, terms["set_up"] / 100, gain, **given),
        "same": 100 * break_even_uplift(1, terms["set_up"] / 100, gain, **given, worth=terms["worth"]),
    }


def said(terms: Terms) -> tuple[str, str]:
    """Which is better by which rule, and why."""
    sums = settled(terms)
    larger, same = (terms["uplift"] >= sums[key] - 1e-9 for key in ("larger", "same"))
    which = "both" if larger and same else "same" if same else "larger" if larger else "none"
    given = {key: plain(value) for key, value in sums.items()}
    return word(f"play.js.grant_{which}", uplift=plain(terms["uplift"])), word("play.js.grant_how", **given)


def rows(terms: Terms) -> list[list[str]]:
    """The premium in parts, and both break-evens."""
    heads = [word("play.js.grant_part"), word("play.js.grant_cost")]
    return [heads, *([word(f"play.js.grant_row_{key}"), plain(value)] for key, value in settled(terms).items())]


PLAY = Play("grant", TERMS, {}, said, rows)
