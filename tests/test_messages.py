"""What checks say stands in one catalogue: every template is used, and given every field that it names."""

import ast
import re
import string
from dataclasses import fields
from pathlib import Path

import pytest

from sibmodels import capital, casefile, cases, cashflows, messages, reports
from sibmodels.rules import RULES
from tests.casefiles import HARBOUR

PACKAGE = Path(__file__).parents[1] / "sibmodels"
REPORTS = [PACKAGE / f"{name}.py" for name in ("casefile/model", "reports/page", "reports/tables", "rules")]
CHECKS = [
    PACKAGE / f"casefile/{name}.py" for name in ("language", "lay", "problems", "reading", "sense", "text", "workbook")
]
SPEAK = {"say", "halves", "note", "problem", "no"}  # functions that take a template's key


def templates() -> dict[str, set[str]]:
    """The fields of each template."""
    return {
        key: {name for _, name, _, _ in string.Formatter().parse(said) if name}
        for key, said in messages.catalogue().items()
    }


def spoken():
    """Each call that takes a key, with the strings it may be and the fields given."""
    for path in CHECKS + REPORTS:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "func", None) and (getattr(node.func, "attr", "") or getattr(node.func, "id", ""))
            if name in SPEAK:
                yield path, node


def called(node) -> list[str]:
    """Plain strings among a call's arguments, and the ends that a string put together may have."""
    return [one.value for one in ast.walk(ast.Module(body=[ast.Expr(arg) for arg in node.args], type_ignores=[]))
            if isinstance(one, ast.Constant) and isinstance(one.value, str)]  # fmt: skip


def test_every_template_is_used():
    """By its name in the code, or by one that is put together there and begins with a name."""
    said = "\n".join(path.read_text(encoding="utf-8") for path in CHECKS + REPORTS)
    made = re.findall(r'f"(\w+\.\w+_|(?:choices|rules)\.)\{', said)  # for the two whole sections, a test below
    ends = ("_in_cells", "_near", "_elsewhere")

    def used(key: str) -> bool:
        name = key.partition(".")[2]
        for end in ends:
            name = name.removesuffix(end)
        alone = f'"{name}"' in said or f'.{name}"' in said or key.startswith(tuple(made))
        return alone or name.startswith(("unknown_", "no_c", "at_least", "above"))

    assert not [key for key in templates() if key.partition(".")[0] != "heads" and not used(key)]


def test_every_rule_and_choice_has_its_words():
    """Of the choices, those that a report says; of the rules, what is paid and its words."""
    known = {key.partition(".")[2] for key in templates() if key.startswith(("rules.", "choices."))}
    periods = {period + end for period in casefile.PERIODS for end in ("", "s")}
    units = {"share", "people", "count", "score"}
    rules = {f"{rule}.{what}" for rule in RULES for what in ("pays", "words")} | {"none.pays", "floor", "cap"}
    assert known == {*periods, *units, *capital.DRAWN, *cashflows.DISTRIBUTIONS, *rules}


def test_a_call_gives_every_field_of_its_template():
    known = templates()
    for path, node in spoken():
        given = {one.arg for one in node.keywords}
        if None in given:  # a mapping: known only when it runs
            continue
        for key in called(node):
            for section in ("check.", ""):
                if section + key in known:
                    missing = known[section + key] - given
                    assert not missing, f"{path.name}, line {node.lineno}: {key} needs {missing}"


def test_a_twin_for_cells_names_no_field_that_the_other_lacks():
    known = templates()
    for key, named in known.items():
        if key.endswith("_in_cells") and key.removesuffix("_in_cells") in known:
            assert named <= known[key.removesuffix("_in_cells")], key


def test_no_check_has_a_sentence_of_its_own():
    """A string put together is a key or a place, never what is said."""
    for path, node in spoken():
        for one in node.args:
            if isinstance(one, ast.JoinedStr):
                words = "".join(str(part.value) for part in one.values if isinstance(part, ast.Constant))
                assert not re.search(r"[a-z] [a-z]", words), f"{path.name}, line {node.lineno}: {words}"


def test_what_is_wrong_and_what_mends_it():
    for key, said in messages.catalogue().items():
        if key.startswith("check.") and key.partition(".")[2] not in ("sample_in_cells", "at_least", "above", "huge"):
            assert "; " in said, key


@pytest.mark.parametrize("key", [key for key in messages.catalogue() if key.startswith("lay.")])
def test_a_remedy_is_a_sentence_without_its_end(key):
    assert not messages.catalogue()[key].endswith(".")


def test_another_language_needs_no_code(monkeypatch):
    """Every sentence of a page changes with the catalogue, and nothing else does."""
    english = messages.catalogue()
    marked = {
        key: f"«{said}»" if key.startswith(("report.", "gaps.", "heads.")) else said for key, said in english.items()
    }
    page = reports.html(casefile.loads(HARBOUR), pictures=False)
    monkeypatch.setattr(messages, "catalogue", lambda: marked)
    other = reports.html(casefile.loads(HARBOUR), pictures=False)
    assert other.replace("«", "").replace("»", "").lower() == page.lower()
    body = other[other.index("<body>") :]
    plain = re.findall(r"<(?:p|li|h2|caption)[^>]*>([^<«]*[a-z]{3}[^<«]*)<", body)
    assert not plain


# another language: every letter of every template becomes §, so that what is left comes from no template


@pytest.fixture
def foreign(monkeypatch):
    """A second catalogue, in which no template has a letter of its own."""

    def blank(said: str) -> str:
        parts = []
        for text, name, form, _ in string.Formatter().parse(said):
            parts.append(re.sub(r"[^\W\d_]", "§", text).replace("{", "{{").replace("}", "}}"))
            parts.append("" if name is None else "{" + name + (f":{form}" if form else "") + "}")
        return "".join(parts)

    blanked = {key: blank(said) for key, said in messages.catalogue().items()}
    monkeypatch.setattr(messages, "catalogue", lambda: blanked)


def words(said: object) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", str(said).casefold()))


def own(case) -> set[str]:
    """The words of a case file's own names and texts; what it chooses among is none of them."""
    kinds = {kind: {one.name: one.metadata["kind"] for one in fields(kind)} for kind in casefile.SECTIONS.values()}
    found = set()
    for section, tables in casefile.raw(case).items():
        for table in tables if isinstance(tables, list) else [tables]:
            for key, value in table.items():
                if kinds[casefile.SECTIONS[section]][key] != "choice" or key == "sector":
                    found |= words(value) if not isinstance(value, dict) or "low" not in value else set()
    return found


@pytest.mark.parametrize("name", [*cases.names(), *casefile.contracts()])
def test_a_term_sheet_in_another_language(name, foreign):
    case = casefile.example(name)
    for row in reports.term_sheet(case).itertuples(index=False):
        assert not words(row.term) - own(case), row.term
        assert not words(row.value) - own(case), row.value
