"""Slides for the four cases and the two lenses, by nbconvert's slides exporter, from the chapters themselves.

A deck is the chapter's title and question, its first words, every chart (the title, which says the finding, is the
heading), tables short enough to read on a wall, what is not known, and questions to discuss. Nothing is typed
anew. The template is the book's own: pages ask nothing of another host, and need no script to be read.
"""

from __future__ import annotations

import hashlib
import html
import itertools
import json
import re
import shutil
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter

from casebook import editions
from casebook.vegafigure import picture_of
from sibmodels import cases, tables

DECKS = (*(f"cases/{case}" for case in cases.names()), "framing/npm", "framing/npg")
TEMPLATE = Path(__file__).parent / "slides_template"
ROWS, WORDS = 7, 170  # what a wall can hold of a table
BRIEF = 110  # and of a chapter's first words


def write(root: Path, folder: Path, kept: Path) -> None:
    """Every deck as a page, with its style and script; decks that would come out the same are taken from `kept`."""
    for path in (folder, kept):
        path.mkdir(parents=True, exist_ok=True)
    for name in ("slides.css", "slides.js"):
        shutil.copy(TEMPLATE / name, folder)
    about, made_with = editions.notes(root), _made_with(root)
    for name in DECKS:
        chapter, prompts = root / "book" / f"{name}.ipynb", about[name]["prompts"]
        slug = name.rpartition("/")[2]
        key = hashlib.sha256(made_with + chapter.read_bytes() + json.dumps(prompts).encode()).hexdigest()[:16]
        page = kept / f"{slug}-{key}.html"
        if not page.is_file():
            for older in kept.glob(f"{slug}-*"):
                older.unlink()
            page.with_suffix(".part").write_text(_page(chapter, name, prompts), encoding="utf-8")
            page.with_suffix(".part").replace(page)
        shutil.copy(page, folder / f"{slug}.html")


def _made_with(root: Path) -> bytes:
    """A digest of what makes decks of chapters: code, template, the labels of sources, pinned packages."""
    files = [*Path(__file__).parent.rglob("*.py"), *TEMPLATE.rglob("*"), root / "requirements.txt"]
    text = tables.read("sources")["label"].to_json().encode()
    return hashlib.sha256(text + b"".join(path.read_bytes() for path in sorted(files) if path.is_file())).digest()


def _page(path: Path, name: str, prompts: list[str]) -> str:
    exporter = SlidesExporter(
        template_name="casebook", extra_template_basedirs=[str(TEMPLATE)], exclude_anchor_links=True
    )
    page, _ = exporter.from_notebook_node(deck(nbformat.read(path, as_version=4), name, prompts))
    return page


def deck(chapter, name: str, prompts: list[str]):
    """The slides of a chapter as a notebook, a slide a cell."""
    title = re.match(r"# (.+)", chapter.cells[0].source)[1]
    asks = re.search(r"\*\*Asks\*\* (.+?) \*\*Know first\*\*", chapter.cells[0].source, flags=re.S)[1]
    slides = [_text(f"# {title}\n\nIt asks {plain(asks)}")]
    slides.append(_text("## In brief\n\n" + bullets(fitting(sentences(first_words(chapter))))))
    section = ""
    for cell in chapter.cells:
        if cell.cell_type == "markdown":
            found = re.findall(r"^##+ (.+)$", cell.source, flags=re.M)
            section = found[-1] if found else section
            slides += [_text(text) for text in summaries(cell.source)]
        elif "hide-cell" not in cell.metadata.get("tags", []):
            slides += [_shown(shown) for output in cell.outputs if (shown := show(output, section))]
    slides.append(_text("## To discuss\n\n" + bullets(prompts)))
    notebook = nbformat.v4.new_notebook(cells=slides)
    for number, cell in enumerate(slides):
        cell.id = f"s{number:02d}"
    notebook.metadata["deck"] = {
        "title": title,
        "slug": name.rpartition("/")[2],
        "chapter": f"../book/{name}.html",
    }
    return notebook


def first_words(chapter) -> str:
    """The paragraph under the first heading of the text."""
    text = "\n\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")
    text = re.sub(r"```.*?```", "", text.partition("\n")[2], flags=re.S)
    return next(block for block in text.split("\n\n") if len(block) > 60 and not block.startswith("#"))


def summaries(source: str) -> list[str]:
    """Slides that stand for sections of words: the two lenses, and what is not known."""
    slides = []
    lenses = re.findall(r"^(\*\*New Public (?:Management|Governance)\*\* .+)$", source, flags=re.M)
    if lenses:
        slides.append("## Through two lenses\n\n" + "\n\n".join(" ".join(sentences(lens)[:2]) for lens in lenses))
    for heading, body in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", source, flags=re.M | re.S):
        if heading == "What we don't know":
            gaps = re.findall(r"^- \*\*(.+?)\.?\*\*", body, flags=re.M)
            slides.append(f"## {heading}\n\n" + bullets(gaps))
    return slides


def show(output, section: str) -> str | None:
    """A chart, or a table short enough for a wall, as HTML; None for anything else."""
    shown = output.get("data", {}).get("text/html", "")
    if "altair-viz-" in shown:
        spec, _ = json.JSONDecoder().raw_decode(shown, shown.rindex("\n  })(") + len("\n  })("))
        moves = any("bind" in parameter for parameter in spec.get("params", []))
        heading, words, pictures = picture_of(spec)
        aside = '<p class="aside">In the chapter this chart has sliders.</p>' * moves
        label = html.escape(words, quote=True)
        return f'<h2>{html.escape(heading)}</h2>\n<figure role="img" aria-label="{label}">{pictures}</figure>{aside}'
    words = len(re.sub(r"<[^>]+>", " ", shown).split())
    if '<table class="dataframe claims">' in shown and shown.count("<tr>") <= ROWS + 1 and words <= WORDS:
        caption = html.escape(html.unescape(re.search(r"<caption>(.*?)</caption>", shown)[1]), quote=True)
        box = f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">{shown}</div>'
        return f"<h2>{html.escape(plain(section))}</h2>\n{box}"
    return None


def sentences(text: str) -> list[str]:
    """A paragraph's sentences, in plain Markdown."""
    return re.split(r"(?<=[.?!])\s+(?=[A-Z*])", " ".join(plain(text).split()))


def fitting(lines: list[str]) -> list[str]:
    """The first sentences, as many as a wall can hold; the first in any case."""
    words = itertools.accumulate(len(line.split()) for line in lines)
    return [line for place, (line, count) in enumerate(zip(lines, words, strict=True)) if count <= BRIEF or not place]


def bullets(lines) -> str:
    return "\n".join(f"- {plain(line)}" for line in lines)


def plain(text: str) -> str:
    """MyST's roles and links as words."""
    label = tables.read("sources").set_index("key")["label"]

    def cited(match: re.Match) -> str:
        names = ", ".join(label[key.strip()] for key in match[2].split(","))
        return names if match[1] == ":t" else f"({names})"

    text = re.sub(r"\{cite(:t|:p)?\}`([^`]+)`", cited, text)
    text = re.sub(r"\{term\}`([^`<]+?)(?: <[^>]+>)?`", r"\1", text)
    return re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", text)


def _text(source: str):
    return nbformat.v4.new_markdown_cell(source, metadata={"slideshow": {"slide_type": "slide"}})


def _shown(content: str):
    output = nbformat.v4.new_output("display_data", {"text/html": content})
    return nbformat.v4.new_code_cell("", outputs=[output], metadata={"slideshow": {"slide_type": "slide"}})
