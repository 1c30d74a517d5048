"""What all figures to play with share: terms with sliders, the form, and how a number is rounded and written.

A figure has its terms, and says of them in words, and in rows, what follows. The build computes that with `sibmodels`
for the terms it starts from, so that the page reads without scripts; ``play-NAME.js`` has the same in closed formulas,
and a test in the browser compares the two on a grid.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, NamedTuple

from casebook.words import inside, word

Terms = dict[str, Any]


class Term(NamedTuple):
    """One thing that a slider sets, or, if `again`, a button counts on; the catalogue has what it is called."""

    low: float
    high: float
    step: float
    start: float
    unit: str = ""
    only: tuple[str, ...] = ()  # the options of a choice that have it, if not all
    again: bool = False


class Choice(NamedTuple):
    """One thing that is chosen from a list; the catalogue has what it and its options are called."""

    options: Sequence[str]
    start: str


@dataclass(frozen=True)
class Play:
    """A figure to play with."""

    name: str
    terms: Mapping[str, Term]
    choices: Mapping[str, Choice]
    said: Callable[[Terms], tuple[str, str]]
    """The verdict, and how it comes about."""
    rows: Callable[[Terms], list[list[str]]]
    """The numbers behind it: heads, then as many rows whatever the terms."""
    picture: Callable[[Terms], str] = lambda terms: EMPTY
    data: Callable[[], Any] = lambda: None
    """What the script needs beside the terms."""
    first: tuple[str, ...] = ()
    """Terms that stand above the picture where there is little room."""

    def start(self) -> Terms:
        """The terms that it starts from."""
        return {name: one.start for name, one in {**self.choices, **self.terms}.items()}

    def html(self, terms: Terms, title: str) -> str:
        """The form, with what follows from the terms."""
        verdict, how = self.said(terms)
        sliders = {name: self._slider(name, terms) for name in self.terms}
        chosen = [self._select(name, terms) for name in self.choices]
        rest = "".join(chosen) + "".join(row for name, row in sliders.items() if name not in self.first)
        first = "".join(sliders[name] for name in self.first)
        data = self.data()
        script = "" if data is None else f'<script type="application/json">{json.dumps(data)}</script>\n'
        return (
            f'<form class="play" data-play="{self.name}" id="{self.name}" autocomplete="off"'
            f' aria-labelledby="play-{self.name}-title">\n'
            f'<p class="play-title" id="play-{self.name}-title">{escape(title)}</p>\n'
            f'<div class="play-set"><fieldset class="play-first" disabled><legend class="unseen">'
            f"{self.called('name')}</legend>"
            f'{first}</fieldset>\n<fieldset class="play-terms" disabled><legend class="unseen">'
            f"{word('play.terms')}</legend>"
            f'{rest}<p class="play-end"><button type="reset">{word("play.again")}</button>'
            '<span class="play-note" role="status"></span></p></fieldset></div>\n'
            f'<output class="play-said"><strong>{escape(verdict)}</strong> <span>{escape(how)}</span></output>\n'
            f"{self.picture(terms)}\n{_table(self.rows(terms))}\n"
            f"<noscript><p>{word('play.no_script')}</p></noscript>\n"
            f"{script}{inside(self.name)}</form>"
        )

    def called(self, name: str) -> str:
        """What a term, or an option of a choice, is called."""
        return word(f"play.{self.name}.{name}")

    def _slider(self, name: str, terms: Terms) -> str:
        term, value, here = self.terms[name], terms[name], f"play-{self.name}-{name}"
        if term.again:
            return (
                f'<p class="play-row play-again"><input type="hidden" id="{here}" name="{name}" value="{value:g}"'
                f' min="{term.low:g}" max="{term.high:g}"><button type="button" data-next="{name}">{self.called(name)}'
                "</button></p>"
            )
        chosen = [terms[choice] for choice in self.choices]
        only = f' data-rules="{"|".join(term.only)}"' if term.only else ""
        hidden = " hidden" if term.only and not set(chosen) & set(term.only) else ""
        return (
            f'<p class="play-row"{only}{hidden}><label for="{here}">{self.called(name)}</label>'
            f'<span class="play-value" aria-hidden="true">{value:g}{term.unit}</span>'
            f'<input type="range" id="{here}" name="{name}" min="{term.low}" max="{term.high}" step="{term.step}"'
            f' value="{value:g}" data-unit="{term.unit}" aria-valuetext="{value:g}{term.unit}"></p>'
        )

    def _select(self, name: str, terms: Terms) -> str:
        choice, here = self.choices[name], f"play-{self.name}-{name}"
        options = "".join(
            f'<option value="{key}"{" selected" if key == terms[name] else ""}>'
            f"{escape(self.called(f'{name}.{key}'))}</option>"
            for key in choice.options
        )
        return (
            f'<p class="play-row"><label for="{here}">{self.called(name)}</label>'
            f'<select id="{here}" name="{name}">{options}</select></p>'
        )


EMPTY = '<svg class="play-picture" viewBox="0 0 360 200" role="img" aria-hidden="true"></svg>'
"""The picture of a figure that only its script draws: the words and the rows say the same."""


def _table(rows: list[list[str]]) -> str:
    """The numbers, folded away."""
    heads = "".join(f'<th scope="col">{escape(head)}</th>' for head in rows[0])
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in rows[1:]
    )
    return (
        f'<details class="play-numbers"><summary>{word("play.numbers")}</summary><div class="play-table"><table>'
        f'<caption class="unseen">{word("play.caption")}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )


def tenths(value: float) -> float:
    """Rounded as the scripts do it.

    >>> tenths(30.9375), tenths(0.25), tenths(-0.01)
    (30.9, 0.3, 0.0)
    """
    return math.floor(value * 10 + 0.5 + 1e-9) / 10 + 0.0


def plain(value: float) -> str:
    """In tenths, written as the scripts do it.

    >>> plain(12345.678), plain(3.0)
    ('12345.7', '3')
    """
    rounded = tenths(value)
    return f"{rounded:.0f}" if rounded == int(rounded) else f"{rounded:.1f}"
