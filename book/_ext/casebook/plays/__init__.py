"""Figures to play with: ``{play} NAME`` puts one into a page; its options are the terms to start from.

Each has a module here and a script of its own beside ``play.js``, which moves the sliders and keeps the address.
"""

from __future__ import annotations

import math
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from casebook import tongues
from casebook.plays import contract, grant, luck, payback, picked
from casebook.plays.frame import Play, Terms

PLAYS: dict[str, Play] = {one.PLAY.name: one.PLAY for one in (contract, luck, payback, grant, picked)}
MARK = 'class="play" data-play="'


class Directive(SphinxDirective):
    """``{play} NAME A title``."""

    required_arguments = 2
    final_argument_whitespace = True
    option_spec: ClassVar = dict.fromkeys(
        [name for one in PLAYS.values() for name in one.start()], directives.unchanged_required
    )

    def run(self) -> list[nodes.Node]:
        name, title = self.arguments
        if name not in PLAYS:
            raise self.error(f"play: {name!r} is unknown; there are: {', '.join(PLAYS)}")
        play = PLAYS[name]
        if any(f'{MARK}{name}"' in node.astext() for node in self.state.document.findall(nodes.raw)):
            raise self.error(f"play: {name} stands twice on this page; once is allowed")
        if unknown := [key for key in self.options if key not in play.start()]:
            raise self.error(f"play: {name} has no {unknown[0]}; it has: {', '.join(play.start())}")
        title = tongues.told(self.env, self.env.docname, title)
        return [nodes.raw("", play.html(self._terms(play), title), format="html")]

    def _terms(self, play: Play) -> Terms:
        terms = play.start()
        for key, text in self.options.items():
            if key in play.choices:
                if text not in play.choices[key].options:
                    allowed = ", ".join(play.choices[key].options)
                    raise self.error(f"play: {key} is {text!r}; it must be one of: {allowed}")
                terms[key] = text
            else:
                term, value = play.terms[key], _number(text)
                if not term.low <= value <= term.high:
                    raise self.error(f"play: {key} is {text!r}; a number from {term.low} to {term.high} is needed")
                terms[key] = value
        return terms


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _page(app, pagename, templatename, context, doctree) -> None:
    body = context.get("body") or ""
    shown = [name for name in PLAYS if f'{MARK}{name}"' in body]
    for script in ["play.js", *(f"play-{name}.js" for name in shown)] if shown else []:
        app.add_js_file(script, loading_method="defer")


def setup(app):
    app.connect("html-page-context", _page)
    app.add_directive("play", Directive)
