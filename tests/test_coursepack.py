"""The course pack as a class has it: whole, readable, every link followed, and run without a network."""

import json
import re
import shutil
import struct
import sys
import zipfile
import zlib
from base64 import b64decode
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import altair as alt
import nbformat
import numpy as np
import pytest
import vl_convert
from casebook import charted, coursepack, editions, moodle, plainbook, teaching
from casebook.made import Made
from docutils.parsers.rst import directives
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sibmodels import charts, negotiation

from .conftest import outside

ROOT = Path(__file__).parents[1]
CHAPTERS = {
    name: path for name, path in editions.chapters(ROOT).items() if name.rpartition("/")[2] not in editions.NO_EXERCISES
}
PARSER = MarkdownIt("commonmark").enable("table")
RAW = re.compile(r"\{[a-z][\w:+-]*\}`|^ *[`:]{3,}\{|^:{3,}|^\([\w-]+\)=$|\{\{", flags=re.M)


# ---------------------------------------------------------------- what is in it


def test_the_pack_has_all_that_it_promises(pack):
    start = (pack / "START-HERE.txt").read_text(encoding="utf-8")
    promised = re.search(r"What is here:\n\n(.*?)\n\n", start, flags=re.S)[1]
    for line in promised.splitlines():
        for name in re.split(r", *", re.split(r" {4,}", line.strip())[0]):
            assert (pack / name).exists(), name
    assert {path.name for path in (pack / "data").iterdir()} == {path.name for path in (ROOT / "data").iterdir()}
    for folder in (*coursepack.FOLDERS, "instructor"):
        names = {path.stem for path in (pack / folder).glob("*.ipynb")}
        assert names - {name.rpartition("/")[2] for name in plainbook.TEACHERS} == {
            path.stem for path in CHAPTERS.values()
        }
    taught = {path.relative_to(ROOT / "book").with_suffix("") for path in (ROOT / "book/teach").rglob("*.md")}
    assert {Path("teach/syllabus"), *(Path(f"teach/roles/{role}") for role in negotiation.ROLES)} <= taught
    for path in taught - set(map(Path, plainbook.TEACHERS)):
        assert (pack / path.with_suffix(".ipynb")).is_file(), path


def test_nothing_of_the_instructor_s_is_in_the_pack():
    with zipfile.ZipFile(ROOT / "_build/html/downloads" / coursepack.PACK) as archive:
        names = archive.namelist()
        assert not [name for name in names if "instructor" in name]
        text = "".join(archive.read(name).decode() for name in names if name.endswith((".ipynb", ".txt")))
    for about in editions.notes(ROOT).values():
        for words in [*about["mistakes"], *about["prompts"]]:
            assert json.dumps(words, ensure_ascii=False)[1:-1] not in text, words


def test_the_instructor_s_part_has_timings_mistakes_and_prompts(pack):
    for name, path in CHAPTERS.items():
        notebook = nbformat.read(pack / "instructor" / path.name, as_version=4)
        about = editions.notes(ROOT)[name]
        text = "\n".join(cell.source for cell in notebook.cells)
        assert all(words in text for words in [*about["mistakes"], *about["prompts"]])
        assert "**Common mistakes.**" in notebook.cells[1].source
        assert any("solution" in cell.metadata.get("tags", []) for cell in notebook.cells)


def test_the_instructor_s_part_has_the_answers_to_mark_by_and_the_questions_for_moodle(pack):
    assert (pack / "instructor/answers.toml").read_text(encoding="utf-8") == editions.answer_key(ROOT)
    assert (pack / "instructor/questions-moodle.xml").read_text(encoding="utf-8") == moodle.questions(ROOT)


def test_the_pack_runs_the_code_of_the_book(pack):
    """But for the cell that has charts drawn here."""
    for name, path in editions.chapters(ROOT).items():
        place = plainbook.Plain(ROOT).place(name)
        there, here = (nbformat.read(one, as_version=4).cells for one in (pack / place, path))
        kept = [cell for cell in there if "offline" not in cell.metadata.get("tags", [])]
        assert [cell.source for cell in kept if cell.cell_type == "code"] == [
            cell.source for cell in here if cell.cell_type == "code"
        ]


def test_a_role_sheet_and_the_timetables_are_there_as_text(pack):
    for role in negotiation.ROLES:
        text = prose(pack / f"teach/roles/{role}.ipynb")
        assert all(f"- {label}: **" in text for label in negotiation.secrets(role)["label"])
    syllabus = prose(pack / "teach/syllabus.ipynb")
    for name, plan in teaching.plans(ROOT).items():
        if name in ("seminar", "workshop", "module"):
            assert plan["caption"] in syllabus
            assert all(session["what"] in syllabus for session in plan["sessions"])


def test_what_is_taught_from_can_be_printed(pack):
    pages = [name for name in plainbook.Plain(ROOT).pages() if name.startswith("teach/")]
    assert {path.name for path in (pack / "print").iterdir()} == {Path(coursepack.sheet(name)).name for name in pages}
    for role in negotiation.ROLES:
        text = (pack / coursepack.sheet(f"teach/roles/{role}")).read_text(encoding="utf-8")
        assert all(f"<li>{label}: <strong>" in text for label in negotiation.secrets(role)["label"])
        assert not re.search(r"<a\b|src=|url\(|//", text)


# ---------------------------------------------------------------- how it reads


def documents(pack: Path) -> list[Path]:
    return sorted(path for path in pack.rglob("*") if path.suffix in (".ipynb", ".md"))


@cache
def prose(path: Path) -> str:
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@cache
def tokens(path: Path) -> list:
    return PARSER.parse(prose(path))


def test_notebooks_are_valid_and_no_role_or_directive_is_left(pack):
    raw = {}
    for path in documents(pack):
        if path.suffix == ".ipynb" and path.parent.name != "solutions":  # they have no cells of another kind
            nbformat.validate(nbformat.read(path, as_version=4))
        text = [token.content for token in tokens(path) if token.type in ("inline", "html_block")]
        text += [f"```{token.info}" for token in tokens(path) if token.type == "fence"]
        found = RAW.findall("\n".join(text))
        raw |= {path.relative_to(pack).as_posix(): found} if found else {}
    assert not raw


@cache
def anchors(path: Path) -> set[str]:
    """What JupyterLab and nbconvert call the headings and cells of a document."""
    heads = [token.children for before, token in pairwise(tokens(path)) if before.type == "heading_open"]
    cells = nbformat.read(path, as_version=4).cells if path.suffix == ".ipynb" else []
    headings = {"".join(part.content for part in parts).replace(" ", "-") for parts in heads}
    return headings | {f"cell-id={cell.id}" for cell in cells}


@cache
def links(path: Path) -> list[str]:
    inline = [part for token in tokens(path) for part in token.children or []]
    written = [part.attrs["href"] for part in inline if part.type == "link_open"]
    html = [part.content for part in [*inline, *tokens(path)] if part.type.startswith("html_")]
    return written + re.findall(r'href="([^"]*)"', " ".join(html))


def test_every_link_leads_somewhere(pack):
    dead, followed = [], 0
    for path in documents(pack):
        for link in links(path):
            if re.match(r"(https?|mailto):", link):
                continue
            name, _, place = link.partition("#")
            target = (path.parent / unquote(name)).resolve() if name else path
            followed += 1
            if not target.exists() or (place and unquote(place) not in anchors(target)):
                dead.append(f"{path.relative_to(pack)}: {link}")
    assert not dead
    assert followed > 5000


def test_links_go_on_working_when_a_class_gets_no_solutions(pack):
    """As START-HERE has it: without chapters/ and solutions/, and with student/ called chapters/."""
    gone = [pack / folder for folder in ("chapters", "solutions", "instructor")]
    for path in documents(pack):
        if path.name == "contents.ipynb" or path.parent in gone:
            continue
        for link in links(path):
            target = (path.parent / unquote(link.partition("#")[0])).resolve()
            if target.parent == gone[0]:
                target = pack / "student" / target.name
            assert "://" in link or (target.exists() and target.parent not in gone), f"{path.name}: {link}"


def test_what_is_cited_is_listed_at_the_end_with_its_whole_reference(pack):
    text = prose(pack / "chapters/kobe.ipynb")
    works = text.partition("## Works cited\n")[2]
    assert "[Kobe City 2020](../reference/bibliography.ipynb#cell-id=kobecity2020)" in text
    assert "最終評価の公表について" in works
    assert "[comparison group](../reference/glossary.ipynb#cell-id=comparison-group)" in text


# ---------------------------------------------------------------- charts


def test_every_chart_is_a_picture_before_anything_runs_and_asks_nothing_of_a_network(pack):
    for name, path in editions.chapters(ROOT).items():
        page = plainbook.Plain(ROOT).place(name)
        folders = (*coursepack.FOLDERS, "instructor") if page.startswith("chapters/") else [str(Path(page).parent)]
        stored = [output for output in outputs(path) if "altair-viz-" in output.get("data", {}).get("text/html", "")]
        for folder in folders:
            shown = outputs(pack / folder / path.name)
            assert not [output for output in shown if "<script" in output.get("data", {}).get("text/html", "")]
            drawn = [output for output in shown if charts.VEGA_LITE in output.get("data", {})]
            # in the student's edition the solutions' charts are gone
            assert len(drawn) == len(stored) or folder == "student", (name, folder)
            for output in drawn:
                png = b64decode(output.data["image/png"])
                assert struct.unpack(">I", png[16:20])[0] == charts.SCALE * charts.WIDE
                assert len(png) < 60_000
                assert '"url":' not in json.dumps(output.data[charts.VEGA_LITE])
                assert len(output.metadata["image/png"]["alt"]) > 60


def outputs(path: Path) -> list:
    return [output for cell in nbformat.read(path, as_version=4).cells for output in cell.get("outputs", [])]


@pytest.fixture(scope="module")
def chart() -> alt.Chart:
    rows = alt.Data(values=[{"a": "one", "b": 1}, {"a": "two", "b": 3}])
    title = "A finding that takes more than one line, because it has been written down in full, every word of it"
    return alt.Chart(rows, title=title, description="Two bars.", width="container").mark_bar().encode(y="a:N", x="b:Q")


def test_a_chart_is_drawn_the_same_in_the_vega_lite_that_viewers_have(chart):
    paper = charts.on_paper(chart.to_dict())
    older, newer = (vl_convert.vegalite_to_svg(paper, vl_version=version) for version in ("5.8", "6.4"))
    assert older == newer
    assert max(len(line) for line in paper["title"]["text"]) <= charts.WIDE // 8 < len(chart.title)


@pytest.mark.parametrize("pictures", [True, False])
def test_a_chart_that_runs_leaves_itself_and_a_picture_where_one_can_be_made(chart, pictures, monkeypatch):
    before = alt.renderers.active
    if not pictures:
        monkeypatch.setitem(sys.modules, "vl_convert", None)
    try:
        charts.offline()
        data, about = chart._repr_mimebundle_()
    finally:
        alt.renderers.enable(before)
    assert data["text/plain"] == "Two bars."
    assert data[charts.VEGA_LITE]["$schema"].endswith("/v5.json")
    assert ("image/png" in data) == pictures == bool(about)


def test_in_colab_altair_s_own_way_stays(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", charts)
    before = alt.renderers.active
    charts.offline()
    assert alt.renderers.active == before


def as_drawn(pixels: np.ndarray) -> bytes:
    """A picture as vl-convert writes it: four bytes a pixel, differences along each row."""
    height, width, _ = pixels.shape
    moved = np.diff(pixels, axis=1, prepend=np.zeros((height, 1, 4), np.uint8))
    body = np.concatenate([np.ones((height, 1), np.uint8), moved.reshape(height, -1)], axis=1).tobytes()
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(body)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(charted._chunk(*part) for part in parts)


def pixels_of(png: bytes) -> np.ndarray:
    parts = dict(charted._chunks(png))
    width, height = struct.unpack(">II", parts[b"IHDR"][:8])
    palette = np.frombuffer(parts[b"PLTE"], np.uint8).reshape(-1, 3)
    return palette[np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, width + 1)[:, 1:]]


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 30, 3_000]))
def test_a_packed_picture_shows_what_was_drawn(seed, shades):
    """Charts have a few colours, each in many shades towards white where edges are smoothed."""
    rng = np.random.default_rng(seed)
    inks = np.concatenate([rng.integers(0, 256, (3, 3)), [[0, 0, 0]]])
    towards = rng.integers(0, shades, (40, 30, 1)) / (shades - 1)
    colours = inks[rng.integers(0, 4, (40, 30))] * towards + 255 * (1 - towards)
    drawn = np.concatenate([colours.astype(np.uint8), np.full((40, 30, 1), 255, np.uint8)], axis=2)
    drawn[0, :5, :3], drawn[0, 5:9, :3] = 255, 0
    shown = pixels_of(charted.smaller(as_drawn(drawn)))
    exact = len(np.unique(drawn[..., :3].reshape(-1, 3), axis=0)) <= charted.COLOURS
    off = np.abs(shown.astype(int) - drawn[..., :3])
    assert off.max() <= (0 if exact else max(charted.STEPS) // 2)
    assert (shown[0, :5] == 255).all()
    assert (shown[0, 5:9] == 0).all()


def test_a_picture_of_too_many_colours_stays_as_it_is():
    noise = as_drawn(np.random.default_rng(1).integers(0, 256, (60, 60, 4), dtype=np.uint8))
    assert charted.smaller(noise) == noise


def test_a_picture_of_another_kind_is_refused():
    other = as_drawn(np.zeros((2, 2, 4), np.uint8)).replace(struct.pack(">BB", 8, 6), struct.pack(">BB", 8, 2), 1)
    with pytest.raises(ValueError, match="png: it must have four bytes a pixel"):
        charted.smaller(other)


def test_what_a_class_is_to_find_is_closed_and_not_in_the_student_s_edition():
    cell = nbformat.v4.new_code_cell("1", metadata={"tags": ["answers"]})
    cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "1"}, execution_count=1)]
    for folder, stays in (("chapters", 1), ("student", 0)):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.from_dict(cell)])
        made = plainbook.Plain(ROOT)._finished(notebook, plainbook.Page("x", f"{folder}/x.ipynb")).cells[0]
        assert len(made.outputs) == stays
        assert made.metadata["jupyter"] == {"source_hidden": True, "outputs_hidden": True}


# ---------------------------------------------------------------- MyST in plain Markdown

PLAIN = plainbook.Plain(ROOT, files=frozenset({"coding-sheet.csv", "slides/kobe.html"}))
AT_SITE = plainbook.Plain(ROOT, "https://example.org/book/")
HERE = plainbook.Page("cases/kobe", "chapters/kobe.ipynb")
BIBLIOGRAPHY, GLOSSARY = "../reference/bibliography.ipynb", "../reference/glossary.ipynb"
SAID = {
    "so {cite}`kobecity2020,sin2018`.": f"so ([Kobe City 2020]({BIBLIOGRAPHY}#cell-id=kobecity2020); "
    f"[Sin & Tsukamoto 2018]({BIBLIOGRAPHY}#cell-id=sin2018)).",
    "as {cite:t}`kobecity2020` says": f"as [Kobe City 2020]({BIBLIOGRAPHY}#cell-id=kobecity2020) says",
    "a {term}`proxy`": f"a [proxy]({GLOSSARY}#cell-id=proxy)",
    "two {term}`proxies\n<proxy>`": f"two [proxies]({GLOSSARY}#cell-id=proxy)",
    "`{term}` and ``a `b` {c}`` stay": "`{term}` and ``a `b` {c}`` stay",
    "see [NPG](../framing/npg)": "see [NPG](npg.ipynb)",
    "see [](../framing/npg)": "see [New Public Governance: who works with whom, and who answers for it](npg.ipynb)",
    "[`sib.irr`](../reference/models)": "[`sib.irr`](../reference/models.ipynb)",
    "[facts](../reference/facts), [it](../teach/syllabus)": "[facts](../data/facts.csv), [it](../teach/syllabus.ipynb)",
    "[runs](../reference/runs) and [notes](../teach/instructor)": "runs and notes",
    '<a href="../../downloads/coding-sheet.csv" download>the sheet</a>': "[the sheet](../coding-sheet.csv)",
    '<a href="../../slides/kobe.html">slides</a>': "[slides](../slides/kobe.html)",
    '<a href="../../downloads/casebook.zip" download>a zip</a>': "a zip",
    "[x](https://example.org/a_(b))": "[x](https://example.org/a_(b))",
    "```{admonition} This page\n:class: chapter-card\n**Asks** [x](kobe).\n```": "> **This page**\n>\n> **Asks** x.",
    "```{table} Two.\n| a |\n|---|\n| {term}`cap` |\n```": f"*Two.*\n\n| a |\n|---|\n| [cap]({GLOSSARY}#cell-id=cap) |",
    "```{list-table} T.\n:header-rows: 1\n\n* - A\n  - B\n* - c\n  - d\n    e\n```": (
        "*T.*\n\n| A | B |\n|---|---|\n| c | d e |"
    ),
    "::::{container} a\n:::{container} b\nIn *it*.\n:::\n::::": "In *it*.",
    ":::{answers} Mine\nSee [it](kobe).\n:::": "<details><summary>Mine</summary>\n\nSee it.\n\n</details>",
    "```python\nx = '{cite}`a`'\n```": "```python\nx = '{cite}`a`'\n```",
    "    {cite}`a`": "{cite}`a`",
    "$$a_{b}$$ and $x{y}$": "$$a_{b}$$ and $x{y}$",
    "```{something-new} x\nlost\n```": "*This part stands on the book's site.*",
}


@pytest.mark.parametrize("source", SAID)
def test_what_myst_says_is_said_in_plain_markdown(source):
    assert PLAIN.markdown(source, HERE).strip() == SAID[source]


def test_what_is_not_in_the_pack_leads_to_the_site_if_its_address_is_known():
    assert AT_SITE.markdown("[runs](../reference/runs#x)", HERE) == (
        "[runs](https://example.org/book/book/reference/runs.html#x)"
    )
    assert AT_SITE.markdown('<a href="../../downloads/casebook.zip">z</a>', HERE) == (
        "[z](https://example.org/book/downloads/casebook.zip)"
    )


class Shown(Made):
    """Made HTML: text that can be shown as it is, or more than that."""

    def html(self, root):
        return f'<p id="a">{self.name} <a href="../framing/npg.html">NPG</a></p>\n\n<{self.arguments[0]}>'


def test_html_that_a_directive_makes_is_shown_if_it_is_text():
    Adder().add_directive("shown", Shown)
    assert PLAIN.markdown("```{shown} hr\n```", HERE) == '<p>shown <a href="npg.ipynb">NPG</a></p>\n<hr>'
    assert PLAIN.markdown("```{shown} form\n```", HERE) == "*This part stands on the book's site.*"


def test_no_part_of_the_pack_s_pages_is_only_on_the_site(pack):
    """But for forms and figures to play with, which say so in their own words."""
    assert not [path for path in documents(pack) if "This part stands on" in prose(path)]


def test_text_that_a_directive_makes_is_written_as_well():
    teaching.setup(Adder())
    assert "| Minutes | What |" in PLAIN.markdown("```{plan} game\n```", HERE)
    assert "- [" not in PLAIN.markdown("```{role-sheet} provider\n```", HERE)
    assert "(../coding-sheet-blind.csv)" in PLAIN.markdown("```{coding-form}\n```", HERE)
    assert "(../coding-sheet.csv)" in PLAIN.markdown("```{coding-form} evidence\n```", HERE)


class Adder:
    """What of Sphinx the directives need to be known."""

    def add_directive(self, name, kind):
        directives.register_directive(name, kind)

    def connect(self, *_):
        pass


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{abbr}`SIB`", "cases/kobe: the role 'abbr' has no plain form; give it one in plainbook.py"),
        ("[x](../nowhere)", "cases/kobe: the link to ../nowhere leads to no page"),
    ],
)
def test_what_has_no_plain_form_stops_the_build_and_is_named(source, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        PLAIN.markdown(source, HERE)


# ---------------------------------------------------------------- and runs


@pytest.mark.long
def test_every_notebook_of_the_pack_runs_and_prints_what_is_stored_in_it(reader, pack, tmp_path):
    """As a class has it: the lean environment, the network cut."""
    folder = shutil.copytree(
        pack, tmp_path / "pack", ignore=shutil.ignore_patterns("student", "solutions", "instructor")
    )
    nbval = ["--nbval", "--nbval-current-env", "--numprocesses=auto", "--dist=loadfile", "-q", "-p", "no:cacheprovider"]
    run = outside([reader, "-m", "pytest", *nbval, "chapters", "reference", "teach"], folder)
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr[-2000:]
    paths = [path for part in ("chapters", "reference", "teach") for path in (folder / part).rglob("*.ipynb")]
    cells = [cell for path in paths for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert f"{len(cells)} passed" in run.stdout
    assert len(cells) > 400
