"""Payment rules: each is one entry, and everything that writes or reads rules covers it."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import casefile, replays, tables
from sibmodels.rules import RULES, pays, words
from tests import casefiles

AMOUNT, SHARE = st.integers(1, 10**6).map(float), st.integers(1, 100).map(lambda n: n / 100)
TERMS = {
    "target": SHARE,
    "amount": AMOUNT,
    "price": AMOUNT,
    "cap": AMOUNT,
    "points": st.lists(
        st.tuples(st.integers(0, 100), AMOUNT), min_size=1, max_size=5, unique_by=lambda pair: pair[0]
    ).map(lambda pairs: [(x / 100, y) for x, y in sorted(pairs)]),
    "count": st.just(False),
}


class Empty(float):
    """An empty cell, as spreadsheets have it: 0 where it is compared, and also no text at all."""

    def __eq__(self, other):
        return other in ("", 0.0)

    __hash__ = float.__hash__


CALC = {
    "IF": lambda test, yes, no: yes if test else no,
    "MIN": lambda *numbers: min(
        number for number in numbers if not isinstance(number, Empty)
    ),  # MIN passes over empty cells
    "MAX": lambda *numbers: max(number for one in numbers for number in np.ravel(one)),
    "ISNUMBER": lambda cell: not isinstance(cell, Empty),
    "ROWS": len,
    "MATCH": lambda x, cells, _: int(np.searchsorted(cells, x, side="right")),
    "INDEX": lambda cells, row: cells[min(max(row, 1), len(cells)) - 1],  # IF asks for both of its ways here
    "LOOKUP": lambda x, cells, of: of[max(np.searchsorted(cells, x, side="right"), 1) - 1],
    "SUMPRODUCT": np.sum,
}


@st.composite
def ruled(draw):
    """A rule with terms in numbers: the needed ones, and those it may have or not."""
    name = draw(st.sampled_from(list(RULES)))
    rule = RULES[name]
    keys = [*rule.needs, *(key for key in rule.may if draw(st.booleans()))]
    terms = {key: draw(TERMS[key]) for key in (*keys, "count") if key != "floor"}
    if "floor" in keys:
        terms["floor"] = terms.get("target", 1.0) * draw(SHARE)
    return name, terms


@given(ruled(), st.integers(0, 120))
def test_the_formula_of_a_rule_pays_what_its_schedule_pays(drawn, hundredths):
    name, terms = drawn
    rule = RULES[name]
    cells = {key: key for key in ("target", "amount", "floor", "price", "cap")}
    cells["points"] = ("xs", "ys")
    values = dict.fromkeys(("target", "floor", "cap"), Empty()) | terms
    values |= dict(zip(("xs", "ys"), np.transpose(terms.get("points", [(0.0, 0.0)])), strict=True))
    x = hundredths / 100
    asked = rule.formula("x", cells)
    with np.errstate(invalid="ignore", divide="ignore"):  # where IF does not go
        paid = eval(asked, {}, CALC | values | {"x": x})
    assert paid == pytest.approx(float(rule.make(terms)(x)), rel=1e-9, abs=1e-9)
    with np.errstate(invalid="ignore", divide="ignore"):
        most = eval(re.sub("(?<![<>])=", "==", rule.most(cells)), {}, CALC | values)
    assert (math.inf if most == "no limit" else most) == pytest.approx(rule.make(terms).max_payment)


@given(ruled())
def test_the_words_of_a_rule_say_every_term(drawn):
    name, terms = drawn
    rule = RULES[name]
    given = {key: f"<{key}>" for key in terms if key != "count"} | {"unit": "<unit>"}
    said = words(name, given)
    for key in ({*rule.needs, *rule.may} - ({"target"} - set(rule.needs))) & given.keys():
        assert given[key] in said
    assert pays(name)


def allowed(table: str, column: str) -> list[str]:
    return next(field["constraints"]["enum"] for field in tables.schema(table) if field["name"] == column)


@pytest.mark.parametrize("name", RULES)
def test_everything_that_reads_rules_has_each(name):
    for table, column in (("contracts", "schedule"), ("published_results", "rule")):
        message = f"data/datapackage.json, table {table}, field {column}: add {name!r} to its enum"
        assert name in allowed(table, column), message
    assert name in replays.RULES
    assert name in casefile.SCHEDULES
    for key in {*RULES[name].needs, *RULES[name].may} - {"amount"}:
        assert key in casefile.schema().query("section == 'outcome'")["key"].tolist(), (
            f"sibmodels/casefile/sections.py: Measure has no key {key!r}, which the rule {name!r} needs"
        )
    for key in {*RULES[name].needs, *RULES[name].may}:
        assert key in casefiles.TERMS, f"tests/casefiles.py: TERMS draws no {key!r}, which the rule {name!r} needs"


def test_the_tables_allow_no_rule_that_nobody_computes():
    assert set(allowed("contracts", "schedule")) == {"fixed", "cap", *RULES}
    assert set(allowed("published_results", "rule")) <= set(replays.RULES)


def test_a_floor_of_a_case_is_a_floor_of_its_case_file(monkeypatch):
    """What `contracts.csv` says of a rule reaches the case file, floor and all."""
    rows = tables.read("contracts")
    rows.loc[rows["outcome"] == "renal", "floor"] = 0.2
    read = tables._read
    monkeypatch.setattr(tables, "_read", lambda name, root: rows if name == "contracts" else read(name, root))
    contract = casefile.example("kobe").contract()
    assert contract.total({"completion": 0, "lifestyle": 0, "renal": 0.19}) == 10_480_000
    assert contract.total({"completion": 0, "lifestyle": 0, "renal": 0.2}) == pytest.approx(12_445_000)
