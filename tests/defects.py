"""Case files with a defect that people really make: each is a text or a workbook, and what must be said of it.

`drawn` gives as many as wanted from a seed. A defect is planted in a case that is right, so that whatever is said
is said of the defect. Of two in one file one may wait until the other is mended, for what asks two keys needs both.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from sibmodels.casefile.problems import TAKEN
from tests.casefiles import HARBOUR


@dataclass(frozen=True)
class Defect:
    """What stands in a line instead, and the key that must be named; ``key`` is empty where it is no defect."""

    line: str
    wrong: str
    key: str
    says: str = ""


def _each(line: str, key: str, wrong: dict[str, str], says: str = "{}") -> list[Defect]:
    """A line with one value after another, and what the remedy must hold."""
    name = line.partition(" = ")[0]
    return [Defect(line, f"{name} = {value}", key, says.format(mended)) for value, mended in wrong.items()]


COUNTRY, CURRENCY = 'country = "GB"', 'currency = "GBP"'
SECOND, VALUES = 'name = "qualified"', 'values = { "in work" = 1, "wellbeing" = 2 }'
PAYERS, POINTS = 'payers = { "Town council" = 1 }', "points = [[0.1, -5000], [0.3, 20000], [0.6, 80000]]"
SAVING = """\
[[saving]]
name = "benefits"
of = "in work"
to = "Ministry"
amount = 4000
kind = "cashable"
lasts = 3
drop_off = 0.3
deadweight = 0.4
"""
ACTUAL = """\
[[actual]]
of = "in work"
on = "2028-09"
result = 0.31
people = 180

[[actual]]
of = "in work"
on = "2029-09"
result = 0.36

[[actual]]
of = "qualified"
on = "2028-01"
result = 12
"""
DEFECTS = [
    *_each(COUNTRY, "case.country", {'"UK"': "'GB'", '"gb"': "'GB'", '"Japan"': "'JP'", '"ZZ"': "capital", "44": ""}),
    *_each(CURRENCY, "case.currency", {'"yen"': "'JPY'", '"£"': "'GBP'", '"ZZZ"': "capital", '"XXX"': "capital"}),
    *_each(CURRENCY, "case.currency", {'"GPB"': "'GBP'", '"EURO"': "'EUR'", "826": "capital"}),
    # names
    *[Defect(SECOND, f'name = "{name}"', "outcome.2.name", "another name") for name in sorted(TAKEN)],
    *_each(
        SECOND,
        "outcome.2.name",
        dict.fromkeys(('"In Work"', '"in_work"', '"ｉｎ　ｗｏｒｋ"', '"in\u200bwork"'), "alike"),
    ),
    *_each(
        SECOND, "outcome.2.name", {'"in work"': "its own name", '""': "name", "7": "quotes", '"a\\u0007b"': "U+0007"}
    ),
    *_each(
        PAYERS,
        "outcome.2.payers",
        {'{ "town council" = 1 }': "alike", '{ "A" = 60, "B" = 40 }': "0.6", '{ "A" = 0.6 }': "sum to 1", "{}": ""},
    ),
    *_each(VALUES, "stakeholder.1.values", {'{ "in wrok" = 1 }': "'in work'", '{ "In work" = 1 }': "'in work'"}),
    *_each(VALUES, "stakeholder.1.values", {'{ "in work" = 0 }': "above 0", '"in work"': "write"}),
    # units
    *_each("target = 0.4", "outcome.1.target", {"40": "0.4", "5000": "50", "0": "more than 0", "-0.4": "more than 0"}),
    *_each('unit = "people"', "outcome.2.unit", {'"share"': "piece", '"persons"': "people", "1": "allowed"}),
    *_each(POINTS, "outcome.3.points", {"[[20, 0], [60, 300000]]": "0.2", "[[-0.1, 0], [0.5, 9]]": "at 0"}),
    *_each(POINTS, "outcome.3.points", {"[[0.5, 1], [0.5, 2]]": "rising", "[0.5, 100]": "pairs", "[]": "pairs"}),
    Defect("price = 1500", "price = 1500\ntarget = 0.3", "outcome.2.target", "60"),
    Defect("price = 1500", "price = 1500\ntarget = 5000", "outcome.2.target", "200 are measured"),
    Defect("price = 1500", "price = 1500\nmeasured_on = 1e30", "outcome.2.measured_on", "at most"),
    # quantities out of any sense
    *_each("people = 200", "cohort.people", {"0": "at least 1", "-3": "at least 1", "2.5": "whole", "1e15": "at most"}),
    *_each(
        "people = 200", "cohort.people", {"1.200": "1200", "nan": "number", "true": "number", "10" * 200: "at most"}
    ),
    *_each("comparison = 150", "cohort.comparison", {"0": "at least 1", "1e300": "at most"}),
    *_each(
        "fee = 10000", "investment.fee", {"1e9": "1150000", "-1": "at least 0", "1e16": "at most", "12.500": "12500"}
    ),
    *_each("guarantee = 20000", "investment.guarantee", {"1e9": "amount"}),
    *_each("payment = 300000", "outcome.1.payment", {"1e-300": "meant", "1e308": "at most", "-inf": "number"}),
    *_each(
        "expected = 0.4", "outcome.3.expected", {"1e-100": "meant", "1e-309": "meant", "40": "0.4", "1.0000001": ""}
    ),
    *_each("expected = 0.4", "outcome.3.expected", {"{ value = 0.4, low = 0.5, high = 0.6 }": "low <= value <= high"}),
    *_each(
        "expected = 0.4", "outcome.3.expected", {"{ value = 0.4, low = 40, high = 60 }": "0.4", "{ low = 0.1 }": ""}
    ),
    *[
        Defect("fee = 10000", f"fee = 10000\n{more}", key, says)
        for more, key, says in (
            ("wanted = 5", "investment.wanted", "0.05"),
            ("\n[uncertainty]\nsureness = 1e-310", "uncertainty.sureness", "0.01"),
            ("\n[uncertainty]\nrho = 30", "uncertainty.rho", "0.3"),
            ("lagg = 1", "investment.lagg", "lag"),
        )
    ],
    # months
    *_each(
        'start = "2027-04"', "timing.start", {'"令和9年4月"': "2027-04", '"令和6年"': "2024-04", '"R9.4"': "2027-04"}
    ),
    *_each(
        'start = "2027-04"', "timing.start", {'"04/2027"': "2027-04", '"April 2027"': "2027-04", '"2027-13"': "month"}
    ),
    *_each('start = "2027-04"', "timing.start", {'"2027-04-99"': "2027-04", "2027": "2027-04", '"1027-04"': "1990"}),
    *_each('end = "2030-03"', "timing.end", {'"2030-02-30"': "2030-02", '"2020-03"': "in order", "10:00:00": "month"}),
    # what outcomes are worth, and results as they came
    *[
        Defect("guarantee = 20000", f"guarantee = 20000\n\n{SAVING.replace(*slip)}", f"saving.1.{key}", says)
        for slip, key, says in (
            (('"in work"', '"in wrok"'), "of", "'in work'"),
            (('"Ministry"', '"ministry"'), "to", "alike"),
            (('"Ministry"', '"Investors"'), "to", "another"),
            (("4000", "4.000"), "amount", "4000"),
            (("cashable", "cash"), "kind", "'cashable'"),
            (("lasts = 3", "lasts = 0"), "lasts", "more than 0"),
            (("lasts = 3", "years = 3"), "years", "lasts"),
            (("0.4", "40"), "deadweight", "0.4"),
            (("0.3", "-0.3"), "drop_off", "at least 0"),
        )
    ],
    *[
        Defect("guarantee = 20000", f"guarantee = 20000\n\n{ACTUAL.replace(*slip)}", f"actual.{number}.{key}", says)
        for slip, number, key, says in (
            (('of = "in work"', 'of = "in wrok"'), 1, "of", "'in work'"),
            (("2028-09", "2026-09"), 1, "on", "2027-04 to 2030-03"),
            (("2028-09", "2028-12"), 1, "on", "2028-09, 2029-09"),
            (("2029-09", "2028-09"), 2, "on", "number 1"),
            (("0.31", "31"), 1, "result", "0.31"),
            (("0.31", "-0.31"), 1, "result", "0 or more"),
            (("180", "1800"), 1, "people", "of 200"),
            (("result = 12", "result = 1200"), 3, "result", "among 200"),
            (("people = 180", "comparison = 0.2"), 1, "comparison", "take it out"),
            (("people = 180", 'group = "first year"'), 1, "group", "[[group]]"),
            (("people = 180", "paid = -1"), 1, "paid", "at least 0"),
        )
    ],
    # lines that are no TOML, and numbers as people write them
    *_each("payment = 300000", "payment", {"300.000,00": "300000", "300,000": "300000", "300'000": "300000"}),
    *_each("payment = 300000", "payment", {"£0.3m": "300000", "30万円": "300000", "about 300000": "300000"}),
    *_each("payment = 300000", "payment", {"300000;": "semicolon", "300000,": "comma", "３０００００": "300000"}),
    *_each("payment = 300000", "payment", {"250000-350000": "350000 as its high", "▲5000": "-5000", "": "a value"}),
    *_each("payment = 300000", "payment", {"\u00a0300000": "U+00A0", "300000\a": "U+0007", "300000\u200b": "U+200B"}),
    *_each("target = 0.4", "target", {"40 %": "0.4", "4割": "0.4", "0,4": "0.4", "2/5": "0.4", "40 per cent": "0.4"}),
    *_each(
        "target = 0.4", "target", {"{ value = 0.4, low = 0.3, high = 0.5, }": "comma", "[" * 300: "", "a." * 30: ""}
    ),
    *_each(COUNTRY, "country", {"“GB”": "straight", "GB": '"GB"', '"GB': "quote"}),
    Defect("people = 200", "people = 200\npeople = 300", "people", "once"),
    Defect("people = 200", "people: 200", "people", "key = value"),
    Defect("[cohort]", "[cohorts]", "cohorts", "'cohort'"),
    Defect("[timing]", "[[timing]]", "timing", "[timing]"),
]
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le")
ENDS = ("\n", "\r\n", "\r")


@dataclass(frozen=True)
class File:
    """A case file to read: its bytes, and what was planted in it."""

    content: bytes
    planted: tuple[Defect, ...]

    def __str__(self) -> str:
        return " and ".join(f"{one.line!r} -> {one.wrong[:60]!r}" for one in self.planted) or "nothing planted"


def drawn(count: int, seed: int) -> Iterator[File]:
    """Files with no, one or two defects, in an encoding and with line ends as people have them."""
    rng = random.Random(seed)
    for n in range(count):
        first = DEFECTS[n % len(DEFECTS)] if count >= len(DEFECTS) else rng.choice(DEFECTS)
        second = rng.choice([one for one in DEFECTS if one.line != first.line])
        planted = (first, second)[: rng.choices((0, 1, 2), (1, 6, 3))[0]] if n >= len(DEFECTS) else (first,)
        text = HARBOUR
        for one in planted:
            text = text.replace(one.line, one.wrong, 1)
        yield File(text.replace("\n", rng.choice(ENDS)).encode(rng.choice(ENCODINGS)), planted)
