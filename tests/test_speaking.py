"""Which language is spoken: what is asked for, else the case file's own, else the place's; and all of it in each."""

import ast
import re
import string
import subprocess
import sys
import threading
from pathlib import Path

import openpyxl
import pytest
from casebook import words

from sibmodels import casefile, messages, reports
from sibmodels.__main__ import main
from sibmodels.casefile import form
from sibmodels.messages import say
from sibmodels.reports import workbook
from tests.casefiles import HARBOUR

ROOT = Path(__file__).parents[1]
JAPANESE = HARBOUR.replace("[case]\n", '[case]\nlanguage = "ja"\n', 1)
OTHERS = messages.languages()[1:]


@pytest.fixture(autouse=True)
def english_place():
    yield
    messages.choose("en")


def contents() -> str:
    return say("report.contents")


def test_what_is_asked_for_comes_before_the_file_and_the_file_before_the_place():
    english, japanese = (messages.catalogue(name)["report.contents"] for name in ("en", "ja"))
    assert contents() == english
    with messages.file_in("ja"):
        assert contents() == japanese
        with messages.use("en"):
            assert contents() == english
        with messages.use(""):  # none is asked for
            assert contents() == japanese
        with messages.file_in("en"):  # of two files the first
            assert contents() == japanese
    messages.choose("ja")
    assert contents() == japanese
    with messages.file_in(""):  # a file without one speaks as the place does
        assert contents() == japanese
    with messages.file_in("en"):
        assert contents() == english


def test_a_language_asked_for_in_one_thread_is_none_of_another():
    heard = []
    with messages.use("ja"):
        other = threading.Thread(target=lambda: heard.append(messages.language()))
        other.start()
        other.join()
        assert messages.language() == "ja"
    assert heard == ["en"]


@pytest.mark.parametrize("ask", [messages.choose, lambda name: messages.use(name).__enter__()])
def test_an_unknown_language_names_those_that_there_are(ask):
    with pytest.raises(ValueError, match=r"'fr' is unknown; there are: en \(English\), ja \(日本語\)"):
        ask("fr")
    assert messages.language() == "en"


def told() -> list[str]:
    """What a file, a report's tables, a form and a schema say."""
    case = casefile.loads(HARBOUR)
    texts = [casefile.template(), *case.gaps(), *case.notes(), form.html({}, {})]
    return [*texts, casefile.schema().to_csv(), reports.term_sheet(case).to_csv()]


def test_a_language_leaves_nothing_behind():
    """Nothing is said when a module is loaded, and nothing kept from one language to another."""
    first = told()
    with messages.use("ja"):
        japanese = told()
    assert told() == first
    code = (
        "import sys; sys.path[:0] = ['.', 'book/_ext']; from sibmodels import messages; messages.choose('ja');"
        "from tests.test_speaking import told; sys.stdout.buffer.write('\\0'.join(told()).encode())"
    )
    fresh = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert fresh.stdout.decode() == "\0".join(japanese)
    assert not set(first) & set(japanese)


def test_a_case_file_speaks_its_own_language():
    case = casefile.loads(JAPANESE)
    assert case.language == "ja"
    with messages.use("ja"):
        page = reports.html(casefile.loads(HARBOUR), pictures=False)
    assert reports.html(case, pictures=False) == page
    assert '<html lang="ja">' in page
    assert "2027年4月" in page
    assert casefile.loads(casefile.dumps(case)) == case
    with pytest.raises(casefile.CaseFileError) as wrong:
        casefile.loads(JAPANESE.replace("cap = 480000", 'cap = "x"'))
    with messages.use("ja"):
        assert (
            wrong.value.problems[0].what == messages.halves("check.text_for_number", what="", value="x", remedy="")[0]
        )


def test_an_unknown_language_of_a_file_is_a_problem_of_it():
    with pytest.raises(casefile.CaseFileError) as wrong:
        casefile.loads(JAPANESE.replace('"ja"', '"fr"', 1))
    assert [one.key for one in wrong.value.problems] == ["case.language"]
    assert "en, ja" in wrong.value.problems[0].remedy


@pytest.mark.parametrize("language", OTHERS)
def test_a_template_names_its_language_and_its_file_is_read_in_it(language):
    with messages.use(language):
        text = casefile.template(casefile.raw(casefile.loads(HARBOUR)))
        said = say("sections.case")
    assert f'language = "{language}"' in text
    assert f"# {said}" in text
    assert casefile.loads(text).language == language


@pytest.mark.parametrize("language", OTHERS)
def test_a_workbook_goes_there_and_back_in_another_language(language, tmp_path):
    case = casefile.loads(JAPANESE.replace('"ja"', f'"{language}"', 1))
    workbook.write(case, tmp_path / "case.xlsx")
    book = openpyxl.load_workbook(tmp_path / "case.xlsx")
    titles = messages.catalogue(language)
    assert {titles[f"sheets.{name}"] for name in ("summary", "inputs", "payments", "checks")} <= set(book.sheetnames)
    assert book.worksheets[0]["A1"].font.name == titles["language.excel_font"]
    assert workbook.read(tmp_path / "case.xlsx") == case  # in English, and in its own language
    with messages.use(language):
        assert workbook.read(tmp_path / "case.xlsx") == case


@pytest.mark.parametrize("language", messages.languages())
def test_excel_takes_the_names_of_sheets(language, tmp_path):
    with messages.use(language):
        workbook.write(casefile.example("newpin"), tmp_path / "case.xlsx")
    for title in openpyxl.load_workbook(tmp_path / "case.xlsx").sheetnames:
        assert 0 < len(title) <= 31, title
        assert not set(title) & set("[]:*?/\\'"), title


@pytest.mark.parametrize("words_", [("--lang", "ja", "check"), ("check", "--lang", "ja"), ("check", "--lang=ja")])
def test_the_command_takes_a_language_before_and_after_its_name(words_, tmp_path, capsys):
    (tmp_path / "case.toml").write_text(HARBOUR, encoding="utf-8")
    assert main([*words_, str(tmp_path / "case.toml")]) == 0
    with messages.use("ja"):
        assert say("command.right", file=tmp_path / "case.toml") in capsys.readouterr().out


def test_the_command_speaks_the_language_of_the_file_unless_asked(tmp_path, capsys):
    (tmp_path / "case.toml").write_text(JAPANESE.replace("cap = 480000", 'cap = "x"'), encoding="utf-8")
    assert main(["check", str(tmp_path / "case.toml")]) == 1
    assert messages.catalogue("ja")["command.one_problem"].format(count=1) in capsys.readouterr().err
    assert main(["check", "--lang", "en", str(tmp_path / "case.toml")]) == 1
    assert "1 problem." in capsys.readouterr().err


def test_the_command_says_how_it_is_called_in_that_language(capsys):
    with pytest.raises(SystemExit):
        main(["--lang", "ja", "--help"])
    said = messages.catalogue("ja")
    out = capsys.readouterr().out
    assert all(said[f"usage.{key}"] in out for key in ("usage", "positional", "options", "help"))
    with pytest.raises(SystemExit):
        main(["--lang", "fr", "check", "x"])
    assert "en (English), ja (日本語)" in capsys.readouterr().err


# what the site says


def named(said: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(said) if name}


@pytest.mark.parametrize("language", messages.languages())
def test_the_site_has_every_word_with_its_fields(language):
    english, other = words.catalogue("en"), words.catalogue(language)
    assert english.keys() == other.keys()
    for key, said in other.items():
        assert named(said) == named(english[key]), key


def test_every_word_of_the_site_is_used():
    own = [*(ROOT / "book/_ext/casebook").rglob("*.py"), *(ROOT / "book/_theme").rglob("*.html")]
    own += (ROOT / "book/_theme").rglob("*.js")
    said = "\n".join(path.read_text(encoding="utf-8") for path in own)
    made = tuple(re.findall(r"[`\"'](\w+(?:\.js)?\.\w*)(?:[{$]|\" \+)", said))  # a key that is put together begins so
    for key in words.catalogue("en"):
        short = key.replace(".js.", ".", 1)
        stems = {key, short, *(name.removesuffix(end) for name in (key, short) for end in ("_one", "_many"))}
        assert any(re.search(rf"[\"'`]{re.escape(stem)}[\"'`]", said) for stem in stems) or any(
            stem.startswith(made) for stem in stems
        ), key


def test_no_script_has_a_sentence_of_its_own():
    """Two words with a space between, within quotes and outside a comment: a sentence, or the start of one."""
    for path in sorted((ROOT / "book/_theme/casebook/static").glob("*.js")):
        if path.name in ("live-editor.js", "search.js"):  # of others; and the words that a search passes over
            continue
        code = re.sub(r"(?m)^\s*//.*$|\s//\s.*$|/\*.*?\*/", "", path.read_text(encoding="utf-8"))
        for said in re.findall(r"\"([A-Z][a-z]+ [a-z]+[^\"]*)\"|`([A-Z][a-z]+ [a-z]+[^`]*)`", code):
            assert not any(said), f"{path.name}: {said}"


def test_no_word_of_the_site_is_asked_for_that_is_not_there():
    known = words.catalogue("en")
    for path in (ROOT / "book/_ext/casebook").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if name in ("word", "counted") and isinstance(node.args[0], ast.Constant):
                keys = (
                    [node.args[0].value] if name == "word" else [f"{node.args[0].value}_{n}" for n in ("one", "many")]
                )
                assert set(keys) <= known.keys(), f"{path.name}, line {node.lineno}: {keys}"
