"""SIB or grant: how many more outcomes a SIB must bring, by two rules, and whether those expected suffice."""

from __future__ import annotations

from casebook.plays.frame import Play, Term, Terms, plain
from sibmodels import break_even_uplift

TERMS = {
    "uplift": Term("More outcomes than a grant would bring", 0, 100, 1, 20, "\u00a0%"),
    "set_up": Term("Setting up and running the SIB, of the cost", 0, 60, 1, 20, "\u00a0%"),
    "gain": Term("Investors’ return over the contract, of the cost", 0, 60, 0.25, 10.25, "\u00a0%"),
    "lag": Term("Years by which the payer pays later", 0, 8, 0.5, 2),
    "discount": Term("The payer’s discount rate a year", 0, 10, 0.5, 3.5, "\u00a0%"),
    "worth": Term("Worth of the outcomes, as a multiple of the cost", 0.5, 5, 0.1, 1.5),
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
    sums, uplift = settled(terms), plain(terms["uplift"])
    enough = [terms["uplift"] >= sums[key] - 1e-9 for key in ("larger", "same")]
    verdict = {
        (True, True): "SIB is worth its premium, by both rules.",
        (False, True): "SIB is worth its premium for the same people; a larger grant does more.",
        (True, False): "SIB beats a larger grant; for the same people it is too dear.",
        (False, False): "grant is better, by both rules.",
    }[enough[0], enough[1]]
    larger, same = (f"{plain(sums[key])}\u00a0%" for key in ("larger", "same"))
    how = (
        f"The SIB costs the payer {larger} of the cost more than a grant. A larger grant would bring as many more "
        f"outcomes, so the SIB must bring {larger}; if no more people can be served, {same} are worth the premium."
    )
    return f"With {uplift}\u00a0% more outcomes the {verdict}", how


def rows(terms: Terms) -> list[list[str]]:
    """The premium in parts, and both break-evens."""
    sums = settled(terms)
    names = {
        "set_up": "Setting up and running it",
        "gain": "Investors’ return",
        "later": "Paying later",
        "larger": "Premium: break-even beside a larger grant",
        "same": "Break-even for the same people",
    }
    return [["Part", "% of the cost"], *([words, plain(sums[key])] for key, words in names.items())]


PLAY = Play("grant", TERMS, {}, said, rows)
