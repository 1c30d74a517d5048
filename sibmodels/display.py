"""Tables as a page shows them: a caption, header scopes, numbers as people write them."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence, Sized
from typing import Any

import pandas as pd

from sibmodels.messages import percent

__all__ = ["QUESTIONS", "Findings", "Table", "amount", "claims", "findings", "html_table", "number", "show"]

QUESTIONS = ("unit", "time", "whose", "coverage", "independence")
"""What is asked of every headline result; the columns of ``claims.csv``."""


def html_table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    marks: Sequence[str] = (),
    ids: Sequence[str] = (),
    kind: str = "",
) -> str:
    """A table of HTML cells that a screen reader can read: the first cell of a row heads it.

    Parameters
    ----------
    caption : str
    heads : sequence of str
    rows : iterable of sequences of str
    marks : sequence of str, optional
        The class of each column, such as ``number``.
    ids : sequence of str, optional
        The name of each row, by which one can link to it.
    kind : str, optional
        The class of the table.

    Examples
    --------
    >>> html_table("Two.", ["a", "b"], [["1", "2"]], marks=["", "number"], ids=["one"]).splitlines()[6]
    '<tr id="one"><th scope="row">1</th><td class="number">2</td></tr>'
    """

    def cell(tag: str, scope: str, mark: str, text: str) -> str:
        return f"<{tag}{_attribute('scope', scope)}{_attribute('class', mark)}>{text}</{tag}>"

    def row(name: str, cells: Iterable[str]) -> str:
        return f"<tr{_attribute('id', name)}>{''.join(cells)}</tr>"

    marks = marks or [""] * len(heads)
    head = row("", (cell("th", "col", mark, text) for mark, text in zip(marks, heads, strict=True)))
    body = []
    for name, (first, *rest) in zip(ids or itertools.repeat(""), rows, strict=False):
        others = [cell("td", "", mark, text) for mark, text in zip(marks[1:], rest, strict=True)]
        body.append(row(name, [cell("th", "row", marks[0], first), *others]))
    lines = "\n".join(body)
    return (
        f"<table{_attribute('class', kind)}>\n<caption>{caption}</caption>\n"
        f"<thead>\n{head}\n</thead>\n<tbody>\n{lines}\n</tbody>\n</table>"
    )


def _attribute(name: str, value: str) -> str:
    return f' {name}="{value}"' if value else ""


class Table:
    """A captioned table; what `show` returns. Notebooks display it as HTML, terminals as text."""

    def __init__(self, cells: pd.DataFrame, caption: str, numeric: list[bool]):
        self.cells, self.caption, self.numeric = cells, caption, numeric

    def __repr__(self) -> str:
        return f"{self.caption}\n\n{self.cells.to_string(index=False)}"

    def _repr_html_(self) -> str:
        rows = [[html.escape(str(cell)) for cell in row] for row in self.cells.itertuples(index=False, name=None)]
        heads = [html.escape(str(title)) for title in self.cells.columns]
        marks = ["number" if number else "" for number in self.numeric]
        return html_table(html.escape(self.caption), heads, rows, marks=marks, kind="dataframe claims")


class Findings:
    """Headline results by page, folded; what `findings` returns. HTML in a notebook, text in a terminal."""

    def __init__(self, pages: Mapping[str, list[dict[str, str]]]):
        self.pages = pages

    def __repr__(self) -> str:
        lines = []
        for page, results in self.pages.items():
            lines.append(f"{page}: {_counted(results)}")
            for result in results:
                said = [f"    {name}: {words}" for name, words in result.items() if name != "text"]
                lines += [f"  {result['text']}", *said]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return "\n".join(
            f'<details class="findings"><summary>{html.escape(page)}: {_counted(results)}</summary>\n'
            + "\n".join(map(self._result, results))
            + "\n</details>"
            for page, results in self.pages.items()
        )

    @staticmethod
    def _result(result: Mapping[str, str]) -> str:
        said = [
            f"<li><em>{html.escape(name)}</em>: {_breakable(words)}</li>"
            for name, words in result.items()
            if name != "text"
        ]
        return f"<p><strong>{html.escape(result['text'])}</strong></p>\n<ul>{''.join(said)}</ul>"


def findings(table: pd.DataFrame, pages: Mapping[str, str]) -> Findings:
    """Headline results as a page shows them: a list that folds by page, for a table of ten columns fits no phone.

    Parameters
    ----------
    table : DataFrame
        Rows of ``claims.csv``. An empty answer is left out, because its question does not bite.
    pages : mapping of str to str
        The name of each page, in the order of the list. A page without results is left out.

    Returns
    -------
    Findings
        Shown as HTML in a notebook, as text in a terminal.

    Raises
    ------
    ValueError
        Where the table has a page that is not among them.

    Examples
    --------
    >>> row = dict(page="cases/kobe", text="Three patients", unit="people", time="", whose="", coverage="",
    ...            independence="one source", proof="cell 05")
    >>> findings(pd.DataFrame([row]), {"cases/kobe": "Kobe"})
    Kobe: 1 result
      Three patients
        unit: people
        independence: one source
        shown by: cell 05
    """
    unknown = sorted(set(table["page"]) - set(pages))
    if unknown:
        raise ValueError(f"table has results of {', '.join(unknown)}; its pages must be among: {', '.join(pages)}")
    listed: dict[str, list[dict[str, str]]] = {page: [] for page in pages}
    for row in table.to_dict("records"):
        answers = {name: row[name] for name in QUESTIONS if row[name]}
        listed[row["page"]].append({"text": row["text"], **answers, "shown by": row["proof"]})
    return Findings({pages[page]: results for page, results in listed.items() if results})


def _breakable(words: str) -> str:
    """Names of tests may break after an underscore, so that they fit a phone."""
    return html.escape(words).replace("_", "_<wbr>")


def _counted(results: Sized) -> str:
    return "1 result" if len(results) == 1 else f"{len(results)} results"


def show(table: pd.DataFrame | pd.Series[Any], caption: str, formats: Mapping[str, str] | str = "{:,.2f}") -> Table:
    """A table to display, with a caption.

    Parameters
    ----------
    table : DataFrame or Series
        A named index becomes the first column.
    caption : str
        What the table shows, as a sentence.
    formats : str or mapping of column to str, optional
        How numbers are written, as `str.format` takes it: for all columns, or by column. Missing numbers
        are left blank.

    Returns
    -------
    Table
        Shown as HTML in a notebook, as text in a terminal.

    Examples
    --------
    >>> show(pd.Series({"city": 29_430_000.0}, name="JPY").rename_axis("payer"), "Who paid.", "{:,.0f}")
    Who paid.
    <BLANKLINE>
    Payer        JPY
     city 29,430,000
    """
    frame = table.to_frame() if isinstance(table, pd.Series) else table
    if any(frame.index.names):
        frame = frame.reset_index()
    headings = [_heading(name) for name in frame]
    twice = [str(name) for name, heading in zip(frame, headings, strict=True) if headings.count(heading) > 1]
    if twice:
        raise ValueError(f"table has the columns {twice}, which a page calls the same; give each its own name")
    numeric = [pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind) for kind in frame.dtypes]
    cells = pd.DataFrame(
        {
            _heading(name): [
                _cell(value, formats if isinstance(formats, str) else formats.get(str(name), "{:,.2f}"), number)
                for value in frame[name]
            ]
            for name, number in zip(frame, numeric, strict=True)
        }
    )
    return Table(cells, caption, numeric)


def claims(table: pd.DataFrame, caption: str, keys: list[str] | None = None, value: str = "Value") -> Table:
    """A table of claims as a page shows it: what, how much (with its note), from where, how sure.

    Parameters
    ----------
    table : DataFrame
        Rows of a table of ``data/`` with the columns value, unit, currency, source, locator, confidence, note.
    caption : str
    keys : list of str, optional
        The columns that say what a row is about; ``label`` if None.
    value : str, optional
        Heading of the column of values.

    Returns
    -------
    Table
        As `show` gives it.
    """
    from sibmodels import tables  # here, because the tables are read only when claims are shown

    sources = tables.read("sources").set_index("key")["label"]
    shown = pd.DataFrame({_heading(key): table[key] for key in keys or ["label"]})
    notes = [_named(note, sources) for note in table["note"]]
    shown[value] = [
        amount(row.value, row.unit, row.currency) + (f" ({note})" if note else "")
        for row, note in zip(tables.rows(table), notes, strict=True)
    ]
    shown["Source"] = [f"{sources[row.source]}, {row.locator}" for row in tables.rows(table)]
    shown["Confidence"] = table["confidence"]
    return show(shown.reset_index(drop=True), caption)


def _named(note: str, sources: pd.Series[str]) -> str:
    """A note with sources by their names, where it has their keys."""
    return re.sub(r"\b\w+\d{4}\w*\b|\b\w+_\w+\b", lambda word: sources.get(word[0], word[0]), note)


def number(value: float, share: bool = False) -> str:
    """A number as people write it: thousands apart, no needless digit, a share in per cent.

    >>> number(31_540_000), number(0.5), number(0.085, share=True)
    ('31,540,000', '0.5', '8.5 %')
    """
    return percent(f"{100 * value:,.6g}") if share else f"{value:,.10g}"


def amount(value: float | str, unit: str, currency: str = "") -> str:
    """A claim's value as people write it.

    >>> amount("31540000", "money", "JPY"), amount(0.329, "share"), amount("100", "people"), amount(2.07, "ratio")
    ('JPY 31,540,000', '32.9 %', '100 people', '2.07')
    """
    if unit in ("text", "date"):
        return str(value)
    figure = float(value)
    if unit == "share":
        return percent(f"{100 * figure:.4g}")
    text = number(figure)
    if unit == "money":
        return f"{currency} {text}"
    return text if unit in ("ratio", "count", "coefficient", "score") else f"{text} {unit}"


def _heading(name: object) -> str:
    text = str(name).replace("_", " ")
    if text == "sib":
        return "SIB"
    return text[:1].upper() + text[1:]


def _cell(value: Any, form: str, number: bool) -> str:
    if pd.isna(value):
        return ""
    if not number:
        return ("yes" if value else "no") if isinstance(value, bool) else str(value)
    text = form.format(value)
    return form.format(0) if text == form.format(-0.0) else text  # the sign of nothing is an accident of rounding
