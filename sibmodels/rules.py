"""Payment rules: every way in which a term of a contract pays for one figure of performance.

`RULES` is the one place for a rule. Case files (keys, checks, template, page), workbooks, term sheets,
``contracts.csv`` and ``published_results.csv`` read it; a new rule is a new entry here, its words in
``sibmodels/messages`` and, in ``data/datapackage.json``, its name among those that the two tables allow.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sibmodels.contracts import PaymentSchedule
from sibmodels.messages import say

__all__ = ["RULES", "Rule", "pays", "words"]

Terms = Mapping[str, Any]
"""What a rule needs, by key: as numbers, as words, or as the names of a spreadsheet's cells."""


@dataclass(frozen=True)
class Rule:
    """A way to pay for one figure of performance.

    Attributes
    ----------
    needs, may : tuple of str
        The terms it needs and those it may have, out of ``target``, ``amount`` (in money, or a share of a
        maximum), ``floor``, ``price``, ``cap`` (in money) and ``points`` (pairs of performance and payment).
    make : function
        The `PaymentSchedule` of terms in numbers; ``count`` says whether performance is a count.
    formula : function
        Its payment as a spreadsheet's formula, of the cell of the performance and the cells of the terms. An
        optional term is a cell that may be empty, which MIN passes over and a comparison takes for 0. Points are
        the range of their performances, rising, and that of their payments: a table to look up, for formulas
        have at most 8,192 signs.
    most : function
        The most that it pays, as a formula; text where there is no limit.
    counts : bool
        Whether performance must be a count.
    """

    needs: tuple[str, ...]
    may: tuple[str, ...]
    make: Callable[[Terms], PaymentSchedule]
    formula: Callable[[str, Terms], str]
    most: Callable[[Terms], str]
    counts: bool = False


def _least(of: Terms) -> str:
    """The cell of a floor, or, where it is empty, less than any performance."""
    return f"IF(ISNUMBER({of['floor']}),{of['floor']},-1E+99)"


def _floored(x: str, of: Terms, above: str) -> str:
    return f"IF({x}<{_least(of)},0,{above})"


def _most(of: Terms, at: Callable[[str], str], least: str) -> str:
    """The largest payment of a rule of points; with a floor, of those that it leaves, of nothing, and at it."""
    xs, ys = of["points"]
    left = f"SUMPRODUCT(MAX(({xs}>={of['floor']})*{ys}))"  # nothing for the others, and nothing is allowed anyway
    return f"IF(ISNUMBER({of['floor']}),MAX(0,{at(of['floor'])},{left}),MAX({least}{ys}))"


def _along(x: str, of: Terms) -> str:
    xs, ys = of["points"]
    n, last = f"MATCH({x},{xs},1)", f"ROWS({xs})"
    rise = f"(INDEX({ys},{n}+1)-INDEX({ys},{n}))/(INDEX({xs},{n}+1)-INDEX({xs},{n}))"
    between = f"INDEX({ys},{n})+({x}-INDEX({xs},{n}))*{rise}"
    above = f"IF({x}>=INDEX({xs},{last}),INDEX({ys},{last}),{between})"
    return f"IF({x}<INDEX({xs},1),INDEX({ys},1),{above})"


def _reached(x: str, of: Terms) -> str:
    xs, ys = of["points"]
    return f"IF({x}<INDEX({xs},1),0,LOOKUP({x},{xs},{ys}))"


_NO_FLOOR = -math.inf


RULES: dict[str, Rule] = {
    "threshold": Rule(
        needs=("target", "amount"),
        may=(),
        make=lambda of: PaymentSchedule.threshold(of["target"], of["amount"]),
        formula=lambda x, of: f"IF({x}>={of['target']},{of['amount']},0)",
        most=lambda of: of["amount"],
    ),
    "proportional": Rule(
        needs=("target", "amount"),
        may=("floor",),
        make=lambda of: PaymentSchedule.proportional(of["target"], of["amount"], of.get("floor", 0.0)),
        formula=lambda x, of: f"IF({x}<{of['floor']},0,MIN({x}/{of['target']},1)*{of['amount']})",
        most=lambda of: of["amount"],
    ),
    "rate card": Rule(
        needs=("price",),
        may=("target", "cap"),
        make=lambda of: PaymentSchedule.rate_card(of["price"], of.get("cap")),
        formula=lambda x, of: f"MIN({x}*{of['price']},{of['cap']})",
        most=lambda of: f'IF({of["cap"]}="","{say("terms.no_limit")}",{of["cap"]})',
        counts=True,
    ),
    "linear": Rule(
        needs=("points",),
        may=("target", "floor"),
        make=lambda of: PaymentSchedule(of["points"], floor=of.get("floor", _NO_FLOOR), is_count=of["count"]),
        formula=lambda x, of: _floored(x, of, _along(x, of)),
        most=lambda of: _most(of, lambda x: _along(x, of), ""),
    ),
    "step": Rule(
        needs=("points",),
        may=("target", "floor"),
        make=lambda of: PaymentSchedule(of["points"], "step", of.get("floor", _NO_FLOOR), is_count=of["count"]),
        formula=lambda x, of: _floored(x, of, _reached(x, of)),
        most=lambda of: _most(of, lambda x: _reached(x, of), "0,"),
    ),
    "fixed": Rule(
        needs=("amount",),
        may=(),
        make=lambda of: PaymentSchedule([(0.0, of["amount"])]),
        formula=lambda x, of: of["amount"],
        most=lambda of: of["amount"],
    ),
}
"""The rules, by name."""


def pays(rule: str) -> str:
    """What a rule pays, in a few words."""
    return say(f"rules.{rule}.pays")


def words(rule: str, terms: Mapping[str, str]) -> str:
    """A rule as a term sheet has it, of its terms in words; ``unit`` is what performance is in.

    >>> words("threshold", {"amount": "GBP 100", "target": "40 %"})
    'GBP 100, all of it from 40 %'
    """
    may = {key: say(f"rules.{key}", **{key: terms[key]}) if key in terms else "" for key in ("floor", "cap")}
    return say(f"rules.{rule}.words", **{**terms, **may})
