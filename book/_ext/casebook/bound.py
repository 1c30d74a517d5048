"""The book as a book, to print or for a reading device: each page's text, without what only a screen can do."""

from __future__ import annotations

import hashlib
import html
import re
import textwrap
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

from casebook.pages import citation, contents, reading_order
from sibmodels.charts import CASE_COLOURS

GONE = ".headerlink, .vega-figure > details, .live-bar, .live-row, .live-other, .data-filter, .own-report, "
GONE += ".work, .work-help"
DRAWN = re.compile(r"<svg\b([^>]*)>.*?</svg>", re.DOTALL)
CHART = re.compile(r'<i (?:(aria-label="[^"]*") )?class="(chart-\d+)"></i>')
NOT_BOUND = ("style", "hidden", "for", "autocomplete", "download", "aria-describedby", "tabindex")
UNSEEN = re.compile(r"<script\b.*?</script>", re.DOTALL)
LEFT_OUT = "<p>This table is for looking things up: it stands on the site, and as a file in the course pack.</p>"
FORM = "<p>On the site a form stands here: it asks for a contract's terms, and makes the report in the page.</p>"
CODE = "practice-"  # where the code is what the page is about


def chapters(app) -> dict[str, Path]:
    """The file of each page in reading order, by the name that it has in the book."""
    site = Path(app.outdir).resolve()
    return {name.removeprefix("book/").replace("/", "-"): site / f"{name}.html" for name in reading_order(app.env)}


def parts(app) -> list[tuple[str, list[tuple[str, str]]]]:
    """The contents: the caption of each part, if it has one, with the names and titles of its chapters."""
    first, *others = contents(app.env)
    groups = [(first[0], [app.config.root_doc, *first[1]]), *others]
    return [
        (caption, [(name.removeprefix("book/").replace("/", "-"), app.env.titles[name].astext()) for name in names])
        for caption, names in groups
    ]


def texts(app) -> dict[str, str]:
    """The text of each page as XHTML; ids begin with the page's name, and links within the book lead to them."""
    files = chapters(app)
    read = {name: _read(path) for name, path in files.items()}
    for name, (article, _) in read.items():
        _clear(article, name)
    places = {name: {tag["id"] for tag in article.find_all(id=True)} for name, (article, _) in read.items()}
    for name, (article, _) in read.items():
        _lead(article, name, files, places)
    return {name: _whole(*body) for name, body in read.items()}


def digest(app) -> str:
    """The same for the same pages, bound in the same way."""
    here = Path(__file__)
    made_by = [path for name in ("bound", "epub", "pdf") for path in sorted(here.parent.glob(f"{name}.*"))]
    seen = [path.read_bytes() for path in made_by] + [_article(path).encode() for path in chapters(app).values()]
    seen.append(repr((about(app), parts(app))).encode())
    return hashlib.sha256(b"".join(seen)).hexdigest()[:16]


def _article(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return text[text.index("<article>") : text.index("</article>") + len("</article>")]


def _read(path: Path) -> tuple[BeautifulSoup, dict[str, str]]:
    """What a page says, and its charts apart: as XML, which a parser of HTML would spoil."""
    charts: dict[str, str] = {}

    def apart(svg: re.Match) -> str:
        if "vega-narrow" in svg[1]:
            return ""
        charts[f"chart-{len(charts)}"] = svg[0]
        return f'<i class="chart-{len(charts) - 1}"></i>'

    text = UNSEEN.sub("", DRAWN.sub(apart, _article(path)))  # else five times as long as what it says
    return BeautifulSoup(text, "html.parser").article, charts


def _whole(article: BeautifulSoup, charts: dict[str, str]) -> str:
    body = article.decode_contents()

    def chart(mark: re.Match) -> str:
        svg = charts[mark[2]]
        return svg.replace("<svg ", f'<svg role="img" {mark[1]} ', 1) if mark[1] else svg

    return CHART.sub(chart, body)


def _clear(article: BeautifulSoup, name: str) -> None:
    for gone in article.select(GONE):
        gone.decompose()
    for code in article.select("details.folded"):  # a solution's code is not in such a fold of its own
        if name.startswith(CODE):
            code.summary.decompose()
            code.unwrap()
        else:
            code.decompose()
    for play in article.select("form.play"):  # what it says before anybody moves a slider
        said = play.output
        said.name = "p"
        play.replace_with(said)
    for form in article.select("form.own"):
        form.replace_with(BeautifulSoup(FORM, "html.parser"))
    for cell in article.select(".cell"):
        if not cell.find(True):
            cell.decompose()
    for table in article.select(".data-table"):
        table.replace_with(BeautifulSoup(LEFT_OUT, "html.parser"))
    for solution in article.select("details"):
        solution["open"] = ""
    for blank in article.select("input, select, textarea"):
        blank.replace_with(" __________ ")  # to be filled in by hand
    for gone in article.select("button, progress, noscript"):
        gone.decompose()
    for form in article.select("form, fieldset, legend, label"):
        form.name = {"legend": "p", "label": "span"}.get(form.name, "div")
    for tag in article.find_all(True):
        for attribute in [name for name in tag.attrs if name.startswith("data-") or name in NOT_BOUND]:
            del tag[attribute]
    for view in article.select(".vega-view"):  # one text alternative, on the picture itself
        view.i["aria-label"] = view["aria-label"]
        del view["role"], view["aria-label"]
    for link in article.select(".citations a[href]"):
        link.string = unquote(link.get_text())  # letters and not their numbers: a line, and not half a page


def _lead(article: BeautifulSoup, name: str, files: dict[str, Path], places: dict[str, set[str]]) -> None:
    """Links lead to places in the book, or to the chapter of what is left out; those to other files are words."""
    names = {path: key for key, path in files.items()}
    for link in article.find_all("a", href=True):
        parts = urlsplit(link["href"])
        if parts.scheme in ("http", "https"):
            continue
        if parts.scheme:
            link.unwrap()
            continue
        target = names.get((files[name].parent / unquote(parts.path)).resolve() if parts.path else files[name])
        if target:
            place = unquote(parts.fragment)
            link["href"] = f"#{target}" + (f"--{place}" if place in places[target] else "")
        else:
            link.unwrap()
    for tag in article.find_all(id=True):
        tag["id"] = f"{name}--{tag['id']}"


def about(app) -> dict:
    """What the cover and the data of the file say."""
    book = citation(app.srcdir)
    return {
        "title": book["title"],
        "authors": [author["name"] for author in book["authors"]],
        "edition": f"Version {book['version']}",
        "date": str(book["date-released"]),
        "licence": "Text and tables under CC BY 4.0, code under BSD-3-Clause.",
        "subjects": book["keywords"],
    }


def cover(book: dict) -> str:
    """The first page as SVG: steps towards an outcome, in the colours of the four cases; no data."""
    steps = "".join(
        f'<rect x="{140 + (4 * i + j) * 82}" y="{1850 - 170 * j}" width="66" height="{140 + 170 * j}" fill="{colour}"/>'
        for i, colour in enumerate(CASE_COLOURS.values())
        for j in range(4)
    )
    fine = [", ".join(book["authors"]), f"{book['edition']}, {book['date']}", book["licence"]]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="2400" viewBox="0 0 1600 2400" '
        'font-family="Casebook Sans, sans-serif"><rect width="1600" height="2400" fill="#fdfcfa"/>'
        f'{steps}<path d="M140 1990H1436" stroke="#1f2328" stroke-width="5"/>'
        f'<g fill="#1f2328" font-size="118">{_lines(textwrap.wrap(book["title"], 24), 430, 150)}</g>'
        f'<g fill="#586069" font-size="44">{_lines(fine, 2130, 70)}</g></svg>'
    )


def _lines(lines: list[str], top: int, step: int) -> str:
    return "".join(f'<text x="140" y="{top + step * i}">{html.escape(line)}</text>' for i, line in enumerate(lines))
