"""Slides for cases, lenses and two chapters more, by nbconvert's slides exporter, from the chapters themselves.

A deck is the chapter's title and question, its first words, every chart (the title, which says the finding, is the
heading) behind a question to the room, tables short enough to read on a wall, what is not known, and questions to
discuss; the book's own scores come last. Typed for the slides are the questions alone (``book/teach/slides.toml``).
Notes for the speaker are the chapter's: what a chart shows in words, what is claimed with it, what the text says
next. The template is the book's own: pages ask nothing of another host, and need no script to be read.
"""

from __future__ import annotations

import base64
import hashlib
import html
import itertools
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from markdown_it import MarkdownIt
from nbconvert import SlidesExporter

from casebook import editions
from casebook.figure import HEIGHT, narrowed, settings
from casebook.vegafigure import picture
from sibmodels import charts, tables
from sibmodels.charts import NARROW, WIDE

ROOT = Path(__file__).parents[3]
TEMPLATE = Path(__file__).parent / "slides_template"
STATIC = ROOT / "book/_theme/casebook/static"
LETTERS = (  # those of words, headings and charts
    ("Casebook Sans", 400, "source-sans-3-latin-400-normal.woff2"),
    ("Casebook Sans", 600, "source-sans-3-latin-600-normal.woff2"),
    ("Casebook Serif", 600, "source-serif-4-latin-600-normal.woff2"),
)
ROWS, CELLS = 7, 170  # what a wall can hold of a table: rows, and words
SHORT = 45  # words of a table that can be larger
BRIEF = 4  # slides of a chapter's first words
TERMS = r"(?i)assumptions|assumes|invented|happened when|the coding"  # in the captions of tables that answer nothing
GIVEN, CHART, ANSWER, WORDED = range(4)  # kinds of slides, as they follow each other in a section
LAST = 1000  # the section of the book's own scores
WORDS = 45  # and of a slide without one
ROOM = 1180, 470  # what a screen of 1366 x 768 leaves to a chart, in pixels
SMALLEST, LARGEST = 14 / 12, 1.8  # how much a chart is enlarged there: its smallest letters are 12 pixels
CLAIMED = ("unit", "time", "whose", "coverage", "independence")


def asked(root: Path) -> dict[str, dict]:
    """What ``slides.toml`` says, by chapter, and of ``scores``."""
    return tomllib.loads((root / "book/teach/slides.toml").read_text(encoding="utf-8"))


DECKS = tuple(name for name in asked(ROOT) if name != "scores")


def write(root: Path, folder: Path, kept: Path) -> None:
    """Every deck as a page, with its style and script; decks that would come out the same are taken from `kept`."""
    for path in (folder, kept):
        path.mkdir(parents=True, exist_ok=True)
    (folder / "slides.css").write_text(style(), encoding="utf-8")
    shutil.copy(TEMPLATE / "slides.js", folder)
    shutil.copy(STATIC / "favicon.svg", folder)
    about, asks, made_with = editions.notes(root), asked(root), _made_with(root)
    for name in DECKS:
        chapter = root / "book" / f"{name}.ipynb"
        slug = name.rpartition("/")[2]
        said = about[name], asks[name], asks["scores"]
        key = hashlib.sha256(made_with + chapter.read_bytes() + json.dumps(said).encode()).hexdigest()[:16]
        page = kept / f"{slug}-{key}.html"
        if not page.is_file():
            for older in kept.glob(f"{slug}-*"):
                older.unlink()
            page.with_suffix(".part").write_text(_page(chapter, name, *said), encoding="utf-8")
            page.with_suffix(".part").replace(page)
        shutil.copy(page, folder / f"{slug}.html")


def style() -> str:
    """One style sheet that needs nothing beside it: the book's own, but for its letters; letters; and the slides'."""
    book = jinja2.Template((STATIC / "casebook.css_t").read_text(encoding="utf-8"))
    lines = book.render(case_colours=charts.CASE_COLOURS, dark_colours=charts.DARK).splitlines()
    own = (TEMPLATE / "slides.css").read_text(encoding="utf-8")
    return "\n".join([*(line for line in lines if not line.startswith("@font-face")), faces(), own])


def faces() -> str:
    """The letters themselves, in the style sheet: a chart is never drawn in others than it was measured in."""
    rule = (
        '@font-face {{ font-family: "{}"; font-weight: {}; font-display: block; src: url(data:font/woff2;base64,{}); }}'
    )
    lines = [
        rule.format(family, weight, base64.b64encode((STATIC / "fonts" / name).read_bytes()).decode())
        for family, weight, name in LETTERS
    ]
    return "\n".join([*lines, ""])


def _made_with(root: Path) -> bytes:
    """A digest of what makes decks of chapters: code, template, tables that notes quote, pinned packages."""
    files = [*Path(__file__).parent.rglob("*.py"), *TEMPLATE.rglob("*"), root / "requirements.txt"]
    text = tables.read("sources")["label"].to_json().encode() + tables.read("claims").to_json().encode()
    return hashlib.sha256(text + b"".join(path.read_bytes() for path in sorted(files) if path.is_file())).digest()


def _page(path: Path, name: str, about: dict, asks: dict, scores: dict) -> str:
    exporter = SlidesExporter(
        template_name="casebook", extra_template_basedirs=[str(TEMPLATE)], exclude_anchor_links=True
    )
    page, _ = exporter.from_notebook_node(deck(nbformat.read(path, as_version=4), name, about, asks, scores))
    return page


def deck(chapter, name: str, about: dict, asks: dict, scores: dict):
    """The slides of a chapter as a notebook, a slide a cell.

    Parameters
    ----------
    chapter : NotebookNode
        With its outputs stored.
    name : str
        Its name below ``book/``.
    about, asks, scores : dict
        What ``notes.toml`` and ``slides.toml`` say of it, and ``slides.toml`` of all charts and tables of scores.
    """
    title = re.match(r"# (.+)", chapter.cells[0].source)[1]
    question = re.search(r"\*\*Asks\*\* (.+?) \*\*Know first\*\*", chapter.cells[0].source, flags=re.S)[1]
    mistakes = "**Common mistakes.**\n\n" + bullets(about["mistakes"])
    first = "Each chart comes behind a question: ask, wait, then turn. The book's own scores, if any, come last."
    placed = sorted(exhibits(chapter, name, asks, scores), key=lambda slide: slide[:2])
    story = [slide for section, _, slide in placed if section < LAST]
    own = [slide for section, _, slide in placed if section == LAST]
    words = first_words(chapter)
    *brief, end = paged("In brief", sentences(words))[:BRIEF]
    brief = [*(_text(text) for text in brief), _text(end, plain(words))]
    # a case begins with what it found: that is said when the questions have been asked, before the two lenses
    begun = 1 if "\n## In brief\n" in chapter.cells[0].source else len(brief)
    asked_by = next((place for place, (_, kind, _) in enumerate(placed) if kind == WORDED), len(story))
    slides = [_text(f"# {title}\n\nIt asks {plain(question)}", first), *brief[:begun]]
    slides += [*story[:asked_by], *brief[begun:], *story[asked_by:]]
    slides += [_text(f"## To discuss\n\n{plain(prompt)}", mistakes) for prompt in about["prompts"]]
    slides += [_text(f"## Score first\n\n{scores['ask']}"), *own] if own else []
    notebook = nbformat.v4.new_notebook(cells=slides)
    for number, cell in enumerate(slides, start=1):
        cell.id = f"s{number:02d}"
    notebook.metadata["deck"] = {
        "title": title,
        "slug": name.rpartition("/")[2],
        "chapter": f"../book/{name}.html",
    }
    return notebook


def exhibits(chapter, name: str, asks: dict, scores: dict) -> Iterator[tuple[int, int, Any]]:
    """The slides of a chapter's sections: the section, what kind of slide, and the slide.

    What goes into a chart stands before its question, what answers that behind the chart, and what shows the
    book's own scores behind everything.
    """
    section, heading, held = 0, "", tuple(asks.get("held", ()))
    for place, cell in enumerate(chapter.cells):
        if cell.cell_type == "markdown":
            if found := re.findall(r"^##+ (.+)$", cell.source, flags=re.M):
                section, heading = section + 1, found[-1]
            yield from ((section, WORDED, _text(*slide)) for slide in summaries(cell.source))
        elif "hide-cell" not in cell.metadata.get("tags", []):
            after = following(chapter.cells[place + 1 :])
            for shown in (output.get("data", {}).get("text/html", "") for output in cell.outputs):
                if "altair-viz-" in shown:
                    which = cell.metadata.get("name", "")
                    if which not in asks:
                        raise ValueError(f"slides.toml: {name} has no question for its chart {which!r}")
                    slide = chart(shown, name, which, asks, after)
                    yield LAST if which in scores["charts"] else section, CHART, slide
                elif caption := short_table(shown):
                    kind = GIVEN if re.search(TERMS, caption) else ANSWER
                    slide = table(shown, caption, heading, after)
                    if caption.startswith(tuple(scores["tables"])):
                        yield LAST, kind, slide
                    else:
                        yield section + (bool(held) and caption.startswith(held)), kind, slide


def first_words(chapter) -> str:
    """The paragraph under the first heading of the text."""
    text = "\n\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")
    text = re.sub(r"```.*?```", "", text.partition("\n")[2], flags=re.S)
    return next(block for block in text.split("\n\n") if len(block) > 60 and not block.startswith("#"))


def following(cells: list) -> str:
    """The paragraph that the text goes on with after a table or chart, if the next cell of words begins with one."""
    text = next((cell.source for cell in cells if cell.cell_type == "markdown"), "")
    block = text.partition("\n\n")[0]
    return "" if block.startswith(("#", "`", "|", "-", "$", "1.")) or "$" in block else plain(block)


def summaries(source: str) -> list[tuple[str, str]]:
    """Slides that stand for sections of words, each with its notes: the two lenses, and what is not known."""
    slides = []
    for lens in re.findall(r"^(\*\*New Public (?:Management|Governance)\*\* .+)$", source, flags=re.M):
        first = paged("Through two lenses", sentences(lens))[0].replace("\n- ", " ")
        slides.append((first, plain(lens)))
    for heading, body in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", source, flags=re.M | re.S):
        if heading == "What we don't know":
            gaps = re.findall(r"^- (\*\*(.+?)\.?\*\*.*)$", body, flags=re.M)
            more = {plain(gap): plain(line) for line, gap in gaps}
            for page in paged(heading, list(more)):
                slides.append((page, "\n\n".join(more[line] for line in more if line in page)))
    return slides


def paged(heading: str, lines: list[str]) -> list[str]:
    """Lines as slides under one heading, each with as many as a wall can hold, and at least one."""
    room: int = WORDS - len(heading.split())
    pages: list[list[str]] = []
    for line in itertools.chain.from_iterable(parts(sentence, room) for sentence in lines):
        if pages and sum(len(other.split()) for other in [*pages[-1], line]) <= room:
            pages[-1].append(line)
        else:
            pages.append([line])
    return [f"## {heading}\n\n{bullets(page) if len(page) > 1 else plain(page[0])}" for page in pages]


def chart(shown: str, name: str, which: str, asks: dict, after: str):
    """A chart behind its question, drawn for a wall and for a narrow page, in words that hold while nothing moves."""
    still = asks.get("still", {})
    for moving, standing in still.get("words", {}).items():
        shown = shown.replace(json.dumps(moving), json.dumps(standing))
    spec, _ = json.JSONDecoder().raw_decode(shown, shown.rindex("\n  })(") + len("\n  })("))
    title, words, data = spec.pop("title"), spec["description"], spec.pop("datasets", {})
    pictures = on_a_wall(spec, data) + picture("narrow", {**narrowed(spec), "datasets": data}, NARROW)
    set_at = html.escape("; ".join(f"{label}: {value}" for label, value in settings(spec).items()))
    aside = f'<p class="aside">Drawn at {set_at}. In the chapter a slider moves it.</p>' if set_at else ""
    label = html.escape(words, quote=True)
    figure = f'<figure class="vega-view" role="img" aria-label="{label}">{pictures}</figure>'
    notes = [f"**In words.** {words}", claimed(name, title), after]
    content = f"<h2>{html.escape(still.get(which, title))}</h2>\n{figure}{aside}"
    return _shown(content, "\n\n".join(note for note in notes if note), asks[which])


def on_a_wall(spec: dict, data: dict) -> str:
    """A chart as wide and as high as a slide, with letters that are read from the back of a room."""
    tall = float(re.search(HEIGHT, picture("wide", {**spec, "datasets": data}, WIDE))[1])
    scale = min(max(ROOM[1] / tall, SMALLEST), LARGEST)
    height = spec["height"] - max(0, tall - ROOM[1] / scale)  # rows nearer to each other, not letters smaller
    return picture("wide", {**spec, "height": height, "datasets": data}, round(ROOM[0] / scale))


def claimed(name: str, title: str) -> str:
    """What is said of a chart's finding in the table of claims."""
    claims = tables.read("claims")
    rows = claims[(claims["page"] == name) & (claims["text"] == title)]
    words = [text for row in rows[list(CLAIMED)].itertuples(index=False) for text in row if isinstance(text, str)]
    return f"**What it rests on.** {' '.join(words)}" if words else ""


def short_table(shown: str) -> str | None:
    """The caption of a table that a wall can hold; None of anything else."""
    words = len(re.sub(r"<[^>]+>", " ", shown).split())
    if '<table class="dataframe claims">' in shown and shown.count("<tr>") <= ROWS + 1 and words <= CELLS:
        return html.unescape(re.search(r"<caption>(.*?)</caption>", shown)[1])
    return None


def table(shown: str, caption: str, heading: str, after: str):
    size = " short" * (len(re.sub(r"<[^>]+>", " ", shown).split()) <= SHORT)
    label = html.escape(caption, quote=True)
    shown = re.sub(r">(\d{4}-\d\d(?:-\d\d)?)<", r'><span class="date">\1</span><', shown)
    box = f'<div class="scroll{size}" tabindex="0" role="region" aria-label="{label}">{shown}</div>'
    return _shown(f"<h2>{html.escape(plain(heading))}</h2>\n{box}", after)


def sentences(text: str) -> list[str]:
    """A paragraph's sentences, in plain Markdown."""
    return re.split(r"(?<=[.?!])\s+(?=[A-Z*])", " ".join(plain(text).split()))


def parts(sentence: str, room: int) -> list[str]:
    """A sentence of more words than there is room for, in two, or more.

    >>> parts("It is short; it stays.", room=5)
    ['It is short; it stays.']
    >>> parts("It is too long; it is cut, and goes on.", room=5)
    ['It is too long.', 'It is cut.', 'Goes on.']
    """
    if len(sentence.split()) > room:
        for mark in ("; ", ", and ", ": "):
            head, found, tail = sentence.partition(mark)
            if found:
                return [*parts(f"{head}.", room), *parts(tail[0].upper() + tail[1:], room)]
    return [sentence]


def bullets(lines) -> str:
    return "\n".join(f"- {plain(line)}" for line in lines)


def plain(text: str) -> str:
    """MyST's roles and links as words."""
    label = tables.read("sources").set_index("key")["label"]

    def cited(match: re.Match) -> str:
        names = ", ".join(label[key.strip()] for key in match[2].split(","))
        return names if match[1] == ":t" else f"({names.replace(' (', ', ').replace(')', '')})"

    text = re.sub(r"\{cite(:t|:p)?\}`([^`]+)`", cited, text)
    text = re.sub(r"\{term\}`([^`<]+?)(?: <[^>]+>)?`", r"\1", text)
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", text)


def _about(notes: str, ask: str = "") -> dict:
    said = {"ask": ask, "notes": MarkdownIt().render(notes)}
    return {"slideshow": {"slide_type": "slide"}, "deck": said}


def _text(source: str, notes: str = ""):
    return nbformat.v4.new_markdown_cell(source, metadata=_about(notes))


def _shown(content: str, notes: str, ask: str = ""):
    output = nbformat.v4.new_output("display_data", {"text/html": content})
    return nbformat.v4.new_code_cell("", outputs=[output], metadata=_about(notes, ask))
