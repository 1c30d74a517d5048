"""A workbook's formulas, evaluated in Python: so much of a spreadsheet program as ours use, and no more.

LibreOffice is asked in ``tests/office``; this is quick, and needs no such program. A cell that depends on
itself, a function that is not here and a reference to nowhere are errors.
"""

from __future__ import annotations

import math
import operator
import re

import numpy as np
from openpyxl.formula import Tokenizer
from openpyxl.utils import range_boundaries

from sibmodels import irr


class Value:
    """A cell's content or a range of them, with a spreadsheet's operators."""

    def __init__(self, content):
        self.content = content.content if isinstance(content, Value) else content

    @property
    def number(self):
        if isinstance(self.content, np.ndarray):
            return np.array([0.0 if one is None else float(one) for one in self.content])
        return 0.0 if self.content is None else float(self.content)

    @property
    def text(self) -> str:
        one = self.content
        return "" if one is None else f"{one:.15g}" if isinstance(one, int | float) else str(one)

    def _with(self, other, operation):
        return Value(operation(self.number, Value(other).number))

    def __and__(self, other):  # &, which joins text
        return Value(self.text + Value(other).text)

    def __neg__(self):
        return Value(-self.number)

    def __pos__(self):
        return self

    def __bool__(self):
        return bool(self.number)

    def _compared(self, other, operation):
        other = Value(other)
        if isinstance(self.content, str) or isinstance(other.content, str):
            return Value(operation(self.text.casefold(), other.text.casefold()))
        return Value(operation(self.number, other.number))


def _arithmetic(operation):
    return lambda self, other: self._with(other, operation)


def _comparison(operation):
    return lambda self, other: self._compared(other, operation)


for _name in ("add", "sub", "mul", "truediv", "pow"):
    setattr(Value, f"__{_name}__", _arithmetic(getattr(operator, _name)))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(Value, f"__{_name}__", _comparison(getattr(operator, _name)))


def _numbers(parts) -> list[float]:
    """The numbers of some arguments; text and empty cells in ranges are passed over."""
    found = []
    for part in parts:
        content = part().content
        items = content if isinstance(content, np.ndarray) else [0.0 if content is None else content]
        found += [float(one) for one in items if isinstance(one, int | float | np.number | np.bool_)]
    return found


def _if_error(value, otherwise):
    try:
        got = value()
        numbers = got.number if not isinstance(got.content, str) else 0.0
        return got if np.isfinite(numbers).all() and not isinstance(numbers, complex) else otherwise()
    except (ArithmeticError, TypeError, ValueError):
        return otherwise()


def _sum_if(cells, rule):
    sign, bound = re.fullmatch(r"([<>])(\S+)", rule().text).groups()
    chosen = [one for one in _numbers([cells]) if (one > float(bound) if sign == ">" else one < float(bound))]
    return math.fsum(chosen)


FUNCTIONS = {
    "ABS": lambda x: np.abs(x().number),
    "AND": lambda *parts: all(bool(part()) for part in parts),
    "IF": lambda test, yes, no: (yes if test() else no)().content,
    "IFERROR": lambda value, otherwise: _if_error(value, otherwise).content,
    "INDEX": lambda cells, place: cells().content[int(place().number) - 1],
    "INT": lambda x: math.floor(x().number),
    "IRR": lambda cells, guess: irr(_numbers([cells])),
    "LEFT": lambda text, count: text().text[: int(count().number)],
    "MAX": lambda *parts: max(_numbers(parts)),
    "MID": lambda text, first, count: text().text[int(first().number) - 1 :][: int(count().number)],
    "MIN": lambda *parts: min(_numbers(parts)),
    "MOD": lambda x, y: x().number % y().number,
    "N": lambda x: 0.0 if isinstance(x().content, str) else x().number,
    "OR": lambda *parts: any(bool(part()) for part in parts),
    "RIGHT": lambda text, count: text().text[-int(count().number) :],
    "ROUND": lambda x, digits: round(x().number, int(digits().number)),
    "SUM": lambda *parts: math.fsum(_numbers(parts)),
    "SUMIF": _sum_if,
    "SUMPRODUCT": lambda x: float(np.sum(x().number)),
    "VALUE": lambda text: float(text().text),
}
SIGNS = {"=": "==", "<>": "!=", "^": "**"}


class Book:
    """A workbook of openpyxl with what its formulas give.

    >>> import openpyxl
    >>> book = openpyxl.Workbook()
    >>> book.active["A1"], book.active["A2"] = 3, '=IF(A1>2,A1^2&" m","none")'
    >>> Book(book)["Sheet", "A2"]
    '9 m'
    """

    def __init__(self, book):
        self.book, self.known, self.open = book, {}, set()

    def __getitem__(self, place: tuple[str, str]):
        if place in self.known:
            return self.known[place]
        if place in self.open:
            raise ValueError(f"{place} depends on itself")
        sheet, cell = place
        content = self.book[sheet][cell].value
        if isinstance(content, str) and self.book[sheet][cell].data_type == "f":
            self.open.add(place)
            content = Value(self._evaluated(content, sheet)).content
            self.open.discard(place)
        self.known[place] = content
        return content

    def rows(self, sheet: str) -> list[list]:
        """Every cell of a sheet, row by row."""
        size = self.book[sheet]
        return [[self[sheet, cell.coordinate] for cell in row] for row in size.iter_rows()]

    def _evaluated(self, formula: str, sheet: str):
        source = []
        for token in Tokenizer(formula).items:
            kind, part, value = token.type, token.subtype, token.value
            if kind == "OPERAND" and part == "NUMBER":
                source.append(f"V({float(value)!r})")
            elif kind == "OPERAND" and part == "TEXT":
                source.append(f"V({value[1:-1].replace(chr(34) * 2, chr(34))!r})")
            elif kind == "OPERAND":
                source.append(f"V(at({value!r}))")
            elif kind == "FUNC" and part == "OPEN":
                source.append(f"V(F[{value[:-1]!r}](lambda: ")
            elif kind == "FUNC":
                source.append("))")
            elif kind == "SEP":
                source.append(", lambda: ")
            else:
                source.append(SIGNS.get(value, value))
        names = {"V": Value, "F": FUNCTIONS, "at": lambda name: self._at(name, sheet)}
        return eval("".join(source).strip(), names)  # of formulas that this package wrote

    def _at(self, name: str, sheet: str):
        if name in self.book.defined_names:
            name = self.book.defined_names[name].attr_text
        if "!" in name:
            sheet, _, name = name.rpartition("!")
            sheet = sheet.strip("'")
        left, top, right, bottom = range_boundaries(name.replace("$", ""))
        cells = [
            self[sheet, self.book[sheet].cell(row, column).coordinate]
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]
        return np.array(cells, dtype=object) if ":" in name else cells[0]
