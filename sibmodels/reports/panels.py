"""Small multiples: many payment curves as panels of one picture, each by its name instead of by a colour."""

from __future__ import annotations

import html as _html
from collections.abc import Mapping

import pandas as pd

__all__ = ["STYLE", "panels"]

WIDTH, HEIGHT, EDGE = 180, 64, 5  # of a panel's picture, in pixels
STYLE = """
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 1rem; max-width: 44rem; }
.panels > div { break-inside: avoid; font-size: 0.8125rem; line-height: 1.3; }
.panels span { color: var(--muted); } figure .panels svg { width: 100%; stroke: var(--link); fill: none; }
.panels svg line { stroke: var(--line); } .panels svg circle { fill: var(--link); }
"""
"""How they look: for a page that has the colours of the report's."""


def panels(curves: pd.DataFrame, expected: pd.DataFrame, notes: Mapping[str, str], title: str, words: str) -> str:
    """A figure with a panel an outcome.

    Parameters
    ----------
    curves, expected : DataFrame
        Columns ``outcome``, ``performance`` (a share) and ``payment``: the lines, and a dot on each.
    notes : mapping of str to str
        What stands below each panel.
    title, words : str
        The figure's caption, and its text alternative.
    """
    dots = expected.set_index("outcome")
    drawn = "".join(
        _panel(str(name), curve, dots.loc[[name]], notes[str(name)])
        for name, curve in curves.groupby("outcome", sort=False)
    )
    return (
        f"<figure><figcaption>{_html.escape(title)}</figcaption>"
        f'<div class="panels" role="img" aria-label="{_html.escape(words, quote=True)}">{drawn}</div></figure>'
    )


def _panel(name: str, curve: pd.DataFrame, dot: pd.DataFrame, note: str) -> str:
    """One outcome: nought is the grey line, the most that it pays the upper edge."""
    low, high = min(curve["payment"].min(), 0.0), max(curve["payment"].max(), 0.0)
    tall = high - low or 1.0

    def at(table: pd.DataFrame) -> list[tuple[str, str]]:
        across = EDGE + (WIDTH - 2 * EDGE) * table["performance"]
        down = EDGE + (HEIGHT - 2 * EDGE) * (high - table["payment"]) / tall
        return [(f"{x:.1f}", f"{y:.1f}") for x, y in zip(across, down, strict=True)]

    path = " ".join(f"{x},{y}" for x, y in at(curve))
    ((x, y),) = at(dot)
    ((_, nought),) = at(pd.DataFrame({"performance": [0.0], "payment": [0.0]}))
    return (
        f'<div><b>{_html.escape(name)}</b><svg viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">'
        f'<line x1="0" x2="{WIDTH}" y1="{nought}" y2="{nought}"/><polyline stroke-width="2" points="{path}"/>'
        f'<circle cx="{x}" cy="{y}" r="4"/></svg><span>{_html.escape(note)}</span></div>'
    )
