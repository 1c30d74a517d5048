"""All that is said stands in one catalogue: each template is used, has its fields, and may be in another language."""

import ast
import errno
import html
import os
import re
import string
from dataclasses import fields
from pathlib import Path

import openpyxl
import pytest
from bs4 import BeautifulSoup

from sibmodels import capital, casefile, cases, cashflows, messages, reports
from sibmodels.__main__ import main
from sibmodels.casefile import form as own_form
from sibmodels.casefile.layout import RANGE, TABLES, tab
from sibmodels.indigo.columns import COUNTRIES, CURRENCIES
from sibmodels.reports import workbook
from sibmodels.rules import RULES
from sibmodels.teach.exercises import MARKER
from tests.casefiles import HARBOUR
from tests.defects import ACTUAL, SAVING

PACKAGE = Path(__file__).parents[1] / "sibmodels"
SPEAKING = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if path.parent.name in ("casefile", "reports") or "messages import" in path.read_text(encoding="utf-8")
)
SPEAK = {"say", "halves", "note", "problem", "no"}  # functions that take a template's key


def named(said: str) -> set[str]:
    """The fields of a template."""
    return {name for _, name, _, _ in string.Formatter().parse(said) if name}


def templates() -> dict[str, set[str]]:
    return {key: named(said) for key, said in messages.catalogue().items()}


def spoken():
    """Each call that takes a key, with the strings it may be and the fields given."""
    for path in SPEAKING:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(node, "func", None) and (getattr(node.func, "attr", "") or getattr(node.func, "id", ""))
            if name in SPEAK:
                yield path, node


def called(node) -> list[str]:
    """Plain strings among a call's arguments, and the ends that a string put together may have."""
    return [one.value for one in ast.walk(ast.Module(body=[ast.Expr(arg) for arg in node.args], type_ignores=[]))
            if isinstance(one, ast.Constant) and isinstance(one.value, str)]  # fmt: skip


LANGUAGES = messages.languages()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_key_with_its_fields(language):
    english, other = messages.catalogue(), messages.catalogue(language)
    assert english.keys() == other.keys()
    for key, said in other.items():
        assert named(said) == named(english[key]), key
    for key in ("terms.none", "terms.no_limit", "book.holds", "book.does_not_hold", "book.differs"):
        assert '"' not in other[key], f"{key} stands in a formula, between double quotes"


def test_every_template_is_used():
    """By its name in the code, or by one that is put together there and begins with a name."""
    said = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    made = re.findall(r'f"(\w+\.\w+_)\{', said)
    made += [f"{section}." for section in (*WHOLE, *CALLED)]  # a test of each is below
    made.append("indigo.end_")  # by which date ends a project: tests/test_imports.py
    made += [f"heads.{one.name.replace('_', ' ')}" for _, one in KEYS]  # as assumptions are called
    ends = ("_in_cells", "_near", "_elsewhere")

    def used(key: str) -> bool:
        name = key.partition(".")[2]
        for end in ends:
            name = name.removesuffix(end)
        alone = (
            f'"{name}"' in said
            or f'"{name.replace(" ", "_")}"' in said
            or re.search(rf"[.$]{re.escape(name)}\b", said)
            or key.startswith(tuple(made))
        )
        return bool(alone) or name.startswith(("unknown_", "no_c", "at_least", "above"))

    assert not [key for key in templates() if not used(key)]


PERIODS = {period + end for period in casefile.PERIODS for end in ("", "s")}
KEYS = [(section, one) for section, kind in casefile.SECTIONS.items() for one in fields(kind)]
WHOLE = {  # sections of the catalogue that say something of each of a kind, and of nothing else
    "rules": {f"{rule}.{what}" for rule in RULES for what in ("pays", "words")} | {"none.pays", "floor", "cap"},
    "choices": {*PERIODS, "share", "people", "count", "score", *capital.DRAWN, *cashflows.DISTRIBUTIONS},
    "options": {value for _, one in KEYS for value in one.metadata.get("allowed", ())} | {"true", "false"},
    "sections": set(casefile.SECTIONS),
    "keys": {f"{section}.{one.name}" for section, one in KEYS},
    "kinds": {one.metadata["kind"] for _, one in KEYS},
}


PARTS = {part for parts in TABLES.values() for part in parts} | set(RANGE)
CALLED = {  # sections that call some of a kind by names of their own: others are called by their keys
    "labels": set(casefile.SECTIONS) | {f"{section}.{one.name}" for section, one in KEYS},
    "parts": PARTS,
}


@pytest.mark.parametrize("section", CALLED)
def test_a_section_calls_nothing_that_is_not_there(section):
    assert {key.partition(".")[2] for key in templates() if key.startswith(f"{section}.")} <= CALLED[section]


@pytest.mark.parametrize("section", WHOLE)
def test_a_section_has_what_it_speaks_of(section):
    known = {key.partition(".")[2] for key in templates() if key.startswith(f"{section}.")}
    assert known == WHOLE[section]


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
    for key, given in known.items():
        if key.endswith("_in_cells") and key.removesuffix("_in_cells") in known:
            assert given <= known[key.removesuffix("_in_cells")], key


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
    monkeypatch.setattr(messages, "catalogue", lambda name="": blanked)


def words(said: object) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", str(said).casefold()))


def own(case) -> set[str]:
    """The words of a case file's own names and texts; what it chooses among is none of them."""
    found = words("outcome payer")  # where a file names none
    for section, tables in casefile.raw(case).items():
        kinds = {one.name: one.metadata["kind"] for one in fields(casefile.SECTIONS[section])}
        for table in tables if isinstance(tables, list) else [tables]:
            for key, value in table.items():
                if isinstance(value, dict) and "value" in value:
                    found |= words(value.get("note", "")) | words(value.get("in", ""))
                elif kinds[key] != "choice" or key == "sector":
                    found |= words(value)
    return found


EXAMPLES = {name: casefile.example(name) for name in [*cases.names(), *casefile.contracts()]}
EXAMPLES["harbour"] = casefile.loads(HARBOUR)
EXAMPLES["harbour, valued and claimed"] = casefile.loads(f"{HARBOUR}\n{SAVING}\n{ACTUAL}")


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_term_sheet_in_another_language(name, foreign):
    case = EXAMPLES[name]
    for row in reports.term_sheet(case).itertuples(index=False):
        assert not words(row.term) - own(case), row.term
        assert not words(row.value) - own(case), row.value


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_page_in_another_language(name, foreign):
    """Every sentence and every cell of a table."""
    case = EXAMPLES[name]
    page = reports.html(case, pictures=False)
    body = re.sub(r"<(style|script).*?</\1>", "", page[page.index("<body>") :], flags=re.S)
    known = own(case) | words("html lang utf sibmodels")
    for said in re.findall(r">([^<>]+)<", body):
        assert not words(html.unescape(said)) - known, said
    assert all(f">{html.escape(one.name)}<" in body for one in case.tranche)  # such as one that is called note


# sections, keys, and what may be chosen or is shown as a sample are the same in every language
TYPED = words(casefile.schema()[["section", "key"]].to_csv()) | words("performance payment")
TYPED |= {
    word for _, one in KEYS for part in ("sample", "allowed", "default") for word in words(one.metadata.get(part))
}


TYPED |= words([*PARTS, "of", "yes", "no", *COUNTRIES, *CURRENCIES])
TYPED |= words([tab(section, of) for section in casefile.LISTS for of in ("", "lists", "card")])  # sheets


def test_a_template_in_another_language(foreign):
    assert not words(casefile.template()) - TYPED


def cells(path) -> list[str]:
    """Every text of a workbook, and every text in a formula that is no key's."""
    book = openpyxl.load_workbook(path)
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    formulas = [value for value in values if value.startswith("=")]
    return [*(set(values) - set(formulas)), *(said for one in formulas for said in re.findall(r'"([^"]*)"', one))]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_workbook_in_another_language(name, foreign, tmp_path):
    case = EXAMPLES[name]
    workbook.write(case, tmp_path / "case.xlsx")
    for said in cells(tmp_path / "case.xlsx"):
        assert not words(said) - TYPED - own(case), said


@pytest.mark.parametrize("name", ["harbour", "yokohama"])
def test_the_form_in_another_language(name, foreign):
    typed = own_form.entries(casefile.raw(EXAMPLES[name]))
    page = BeautifulSoup(own_form.html(typed, {}).replace("template>", "div>"), "html.parser")
    page.find("script").extract()  # what is typed, and the words that a test of their own reads
    said = [*page.stripped_strings, *(tag.get(part, "") for tag in page.find_all() for part in SAID)]
    shown = words("own").union(*(words(tag.get("value")) for tag in page.find_all("input")))
    for one in said:
        assert not words(one) - TYPED - own(EXAMPLES[name]) - shown, one
    spoken = words(" ".join(own_form.words().values()))
    assert not spoken - {name for said in own_form.words().values() for name in named(said)}


SAID = ("aria-label", "placeholder", "title", "data-says")


def test_a_template_of_a_workbook_in_another_language(foreign, tmp_path):
    workbook.write_template(tmp_path / "case.xlsx")
    for said in cells(tmp_path / "case.xlsx"):
        assert not words(said) - TYPED, said


def test_the_command_in_another_language(foreign, tmp_path, monkeypatch, capsys):
    """What it says: but for its own name, the words that are typed, and what the system says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "1000")
    typed = words("python -m sibmodels new check report claim --like --indigo --download --out --xlsx --pdf --force")
    typed |= words("--actuals --on --blank TABLE MONTH outcome month result group people comparison paid")
    typed |= words("--lang LANGUAGE en ja")
    typed |= words("solve compare --for --return --chance --average --fixed-cost TERM RATE SHARE price cap size target")
    typed |= words("investment.wanted mark --answers answers.toml marks -by-student.csv -by-exercise")
    typed |= words("b.json kobe None")
    (tmp_path / "class").mkdir()
    (tmp_path / "class/a.json").write_text(f'{{"what": "{MARKER}", "name": "Kobe", "answers": {{"kobe 1": {{}}}}}}')
    (tmp_path / "class/b.json").write_text("")
    (tmp_path / "answers.toml").write_text('book = "1"\n[exercises."kobe 1"]\nparts = [{ value = 1.0 }]\n')
    typed |= words("NAME CASE ID FILE FOLDER mine.toml mine-report.html .ipynb kobe none.toml nowhere")
    typed |= words("COMMAND -h, --help --lang LANGUAGE") | words(messages.languages())
    typed |= words(os.strerror(errno.ENOENT)) | own(EXAMPLES["kobe"])
    for line, code in (
        ("new mine --like kobe", 0),
        ("new mine --like kobe", 3),
        ("new mine --indigo nowhere", 3),
        ("check mine.toml", 0),
        ("report mine.toml", 0),
        ("claim mine.toml", 3),
        ("claim mine.toml --blank", 0),
        ("check none.toml", 3),
        ("solve mine.toml", 0),
        ("solve mine.toml --for price --chance 80%", 0),
        ("solve mine.toml --for cap", 1),
        ("solve mine.toml --for cap --return 5", None),
        ("compare mine.toml mine.toml", 0),
        ("mark class --answers answers.toml", 0),
        ("mark class --answers none.toml", 3),
        ("mark class --answers mine.toml", 3),
        ("--help", None),
        ("new --help", None),
        ("report --help", None),
        ("claim --help", None),
        ("solve --help", None),
        ("compare --help", None),
        ("mark --help", None),
    ):
        if code is None:
            with pytest.raises(SystemExit):
                main(line.split())
        else:
            assert main(line.split()) == code
        said = "".join(capsys.readouterr()).replace(str(tmp_path), "")
        assert not words(said) - typed, (line, said)
