"""The built site as files: links lead somewhere, nothing comes from another host, pages are light and citable."""

import csv
import gzip
import hashlib
import io
import json
import os
import pickle
import re
import tarfile
import zipfile
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup
from casebook import addresses

from sibmodels import cases, charts, negotiation, tables

from .test_package import COPYLEFT

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build/html"
ASSETS = {"link": "href"} | dict.fromkeys(["script", "img", "iframe", "source", "video", "audio"], "src")
LINKS_ONLY = {"alternate", "canonical", "license", "prev", "next"}  # <link>s that load nothing


@pytest.fixture(scope="session")
def pages() -> dict[Path, BeautifulSoup]:
    """Every page of the site that `make book` built."""
    found = sorted(SITE.glob("**/*.html"))
    assert found, "there is no built site: run `make book` first (`make test` does)"
    return {path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser") for path in found}


@pytest.fixture(scope="session")
def chapters(pages) -> dict[Path, BeautifulSoup]:
    """The book's pages; those that have moved only lead on."""
    here = {path: page for path, page in pages.items() if "book" in path.relative_to(SITE).parts}
    return {path: page for path, page in here.items() if not page.select_one("meta[http-equiv=refresh]")}


@pytest.fixture(scope="session")
def english(chapters) -> dict[Path, BeautifulSoup]:
    """Those whose words are read here; the same in other languages: test_tongues.py."""
    return {path: page for path, page in chapters.items() if path.is_relative_to(SITE / "book")}


def local(page: Path, address: str) -> tuple[Path, str] | None:
    """The file and fragment that an address on a page means; None for another site's."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return (target / "index.html" if target.is_dir() else target), unquote(parts.fragment)


def assets(path: Path, page: BeautifulSoup) -> list[str]:
    """What a page loads."""
    found = []
    for tag in page.find_all(list(ASSETS)):
        address = tag.get(ASSETS[tag.name])
        if address and not address.startswith("data:") and not LINKS_ONLY & set(tag.get("rel", [])):
            found.append(address)
    return found


def test_every_address_is_listed_and_leads_to_a_page(pages):
    listed = addresses.read(ROOT)
    built = {path.relative_to(SITE).as_posix() for path in pages}
    assert built <= set(listed), "a new page: add it to book/addresses.txt"
    missing = set(listed.values()) - built
    assert not missing, f"these pages are gone: let their lines in book/addresses.txt lead to new ones: {missing}"
    for old, new in listed.items():
        if old != new:
            page = pages[SITE / old]
            way = page.select_one("meta[http-equiv=refresh]")["content"].partition("url=")[2]
            assert local(SITE / old, way)[0] == SITE / new
            assert page.a["href"] == way


def test_every_internal_link_leads_to_a_file_and_a_place_in_it(pages):
    ids = {path: {tag["id"] for tag in page.find_all(id=True)} for path, page in pages.items()}
    broken, followed = [], 0
    for path, page in pages.items():
        for link in page.find_all("a", href=True):
            target = local(path, link["href"])
            if target is None:
                continue
            file, fragment = target
            followed += 1
            if not file.is_file() or (fragment and file in ids and fragment not in ids[file]):
                broken.append(f"{path.relative_to(SITE)}: {link['href']}")
    assert followed > 500
    assert not broken, broken[:20]


def test_ids_are_unique_on_each_page(pages):
    for path, page in pages.items():
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert len(ids) == len(set(ids)), (path, [name for name in ids if ids.count(name) > 1][:5])


def test_every_script_and_style_is_the_site_s_own_and_exists(pages):
    wrong, seen = [], 0
    for path, page in pages.items():
        for address in assets(path, page):
            target = local(path, address)
            seen += 1
            if target is None or not target[0].is_file():
                wrong.append(f"{path.relative_to(SITE)}: {address}")
    assert seen > 50
    assert not wrong, wrong[:20]


def test_no_script_stands_in_a_page(pages):
    """A host with a strict Content-Security-Policy lets none run; data in a script element are none."""
    for path, page in pages.items():
        if path.name != "search.html":
            inside = [script.get("type", "") for script in page.find_all("script", src=False)]
            assert {kind.endswith("json") for kind in inside} <= {True}, path
            assert not [tag.name for tag in page.find_all(True) if any(name.startswith("on") for name in tag.attrs)]


def test_every_page_says_which_edition_it_is_and_takes_corrections(english):
    book = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    for path, page in english.items():
        edition = page.select_one("footer").find(string=re.compile("Version"))
        assert f"Version {book['version']}, " in edition
        way = edition.find_next("a")["href"]
        assert way.startswith(book.get("repository-code", "")), path
        assert "repository-code" in book or way.endswith("#report-a-mistake"), path


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


def test_pages_are_light(chapters):
    """At most 300 kB, 60 kB of it script, and 600 kB with a chart's library; fonts counted as if all were used."""
    fonts = sum(path.stat().st_size for path in (SITE / "_static/fonts").glob("*.woff2"))
    library = packed(SITE / "vega-bundle.js")
    for path, page in chapters.items():
        files = {local(path, address)[0] for address in assets(path, page)}
        script = sum(packed(file) for file in files if file.suffix == ".js")
        weight = packed(path) + sum(packed(file) for file in files) + fonts
        assert script < 60_000, path
        assert weight < 300_000, (path, weight)
        if page.select(".vega-figure"):
            assert weight + library < 600_000, (path, weight + library)


def test_every_chart_has_its_title_text_alternative_place_and_data(english):
    figures = [(path, figure) for path, page in english.items() for figure in page.select(".vega-figure")]
    assert len(figures) >= 20
    for path, figure in figures:
        view = figure.select_one(".vega-view")
        assert figure.figcaption.text.strip()
        assert figure["id"].startswith("figure-")
        assert figure.select_one(".headerlink")["href"] == f"#{figure['id']}"
        assert len(view["aria-label"]) > 60
        assert [svg["class"] for svg in view.find_all("svg")] == [["vega-wide"], ["vega-narrow"]]
        for svg in view.find_all("svg"):
            assert float(svg["width"]) > 100
            assert f"{svg['class'][0].removeprefix('vega-')}: {svg['height']}px" in figure["style"]
        cite = figure.select_one(".vega-cite").text
        assert figure.figcaption.text.removesuffix("#") in cite
        assert "Version" in cite
        for data in figure.select("details .vega-data"):
            link = data.find_next("a", download=True)["href"]
            rows = list(csv.reader(io.StringIO(local(path, link)[0].read_text(encoding="utf-8"))))
            shown = [[cell.text for cell in row.find_all(["th", "td"])] for row in data.find_all("tr")]
            assert shown[0] == rows[0]
            assert 1 < len(shown) <= len(rows)
            if not figure.get("data-live"):
                assert len(shown) == len(rows)


def test_every_figure_has_its_pictures_to_take_along_and_they_are_light(chapters):
    stems = set()
    for path, page in chapters.items():
        for figure in page.select(".vega-figure"):
            files = [
                local(path, link["href"])[0] for link in figure.select("a[download]") if "figures/" in link["href"]
            ]
            assert [file.suffix for file in files][-2:] == [".svg", ".png"], (path, figure["id"])
            assert all(file.stat().st_size < 200_000 for file in files), (path, files)
            stems |= {file.with_suffix("") for file in files}
    left = {file.with_suffix("") for file in (SITE / "figures").glob("*/*")} - stems
    assert not left, f"pictures of figures that are no more: {sorted(left)}"


def test_tables_have_captions_and_their_headers_say_what_they_head(chapters):
    tables = [(path, table) for path, page in chapters.items() for table in page.select("main table")]
    assert len(tables) > 100
    for path, table in tables:
        assert table.caption is not None, (path, str(table)[:200])
        assert table.caption.text.strip(), (path, str(table)[:200])
        assert table.find_all("th"), path
        assert all(head.get("scope") in ("col", "row") for head in table.find_all("th")), path


def test_tables_are_not_numbered(chapters):
    for path, page in chapters.items():
        assert not page.select(".caption-number"), path


def test_no_formula_is_left_as_tex(chapters):
    formulas = [tag for page in chapters.values() for tag in page.find_all("math")]
    assert len(formulas) >= 5
    assert all(tag.get("alttext") for tag in formulas)


def test_every_citation_and_term_has_a_card_that_is_on_the_page_once(chapters):
    found = 0
    for path, page in chapters.items():
        if page.select_one(".data-table"):
            continue
        words = {tag["id"]: tag.text for tag in page.select(".note > div[id]")}
        for link in page.select("article a"):
            place = link.get("href", "").partition("#")[2]
            if re.fullmatch(r"term-.+|id\d+", place) and not link["href"].startswith("#"):
                assert len(words[link["aria-describedby"]]) > 30, (path, link)
                found += 1
    assert found > 300


def test_the_mathematics_font_has_every_letter_and_sign_of_the_formulas(chapters):
    """A letter alone is set in italics; what a font lacks falls back on what a reader has (book/_theme/fonts.py)."""
    rule = re.search(r'"Casebook Math";[^}]*unicode-range: ([^;]*)', (SITE / "_static/casebook.css").read_text())[1]
    ends = [place.strip().removeprefix("U+").split("-") for place in rule.split(",")]
    has = {code for first, *last in ends for code in range(int(first, 16), int((last or [first])[0], 16) + 1)}
    slanted = {"h": 0x210E} | {chr(0x61 + i): 0x1D44E + i for i in range(26) if i != 7}
    slanted |= {chr(0x41 + i): 0x1D434 + i for i in range(26)} | {chr(0x3B1 + i): 0x1D6FC + i for i in range(25)}
    signs = [tag.text for page in chapters.values() for tag in page.select("math :is(mi, mo, mn)")]
    assert len(signs) > 500
    assert {sign for sign in signs if not {*map(ord, sign), slanted.get(sign, ord(sign[0]))} <= has} == set()


def test_every_page_says_what_it_is_to_people_search_engines_and_reference_managers(chapters):
    seen = set()
    for path, page in chapters.items():
        language = path.relative_to(SITE).parts[0]
        assert page.html["lang"] == ("en" if language == "book" else language)
        assert len(page.find_all("h1")) == 1, path
        named = {tag.get("name") or tag.get("property"): tag["content"] for tag in page.select("meta[content]")}
        assert named["description"].strip()
        assert named["citation_title"] == named["og:title"]
        assert named["citation_title"] in page.title.text
        assert named["citation_author"]
        card = local(path, named["og:image"])[0]
        assert card.read_bytes().startswith(b"\x89PNG")
        about = json.loads(page.select_one('script[type="application/ld+json"]').string)
        assert about["name"] == named["og:title"]
        seen.add((page.title.text, card))
    assert len(seen) == len(chapters)
    assert len({title for title, _ in seen}) == len(chapters)


def test_every_chapter_can_be_taken_run_and_cited(chapters):
    book = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    notebooks = 0
    for path, page in chapters.items():
        take = page.select_one("section.take")
        source = (ROOT / path.relative_to(SITE)).with_suffix(".ipynb")
        assert f"({str(book['date-released'])[:4]}). {page.h1.find(string=True)}" in take.select_one(".apa").text
        assert f"booktitle = {{{{{book['title']}}}}}" in take.find_all("pre")[-1].text
        if source.exists() and path.name != "index.html":
            notebooks += 1
            line = take.pre.text
            taken = [local(path, link["href"])[0] for link in take.find_all("a", download=True)]
            pins = (SITE / "downloads/requirements.txt").read_text(encoding="utf-8")
            assert all(file.name in line or f"./{file.name} --hash" in pins for file in taken), line
            assert nbformat.read(taken[0], as_version=4) == nbformat.read(source, as_version=4)
            assert pins.startswith((ROOT / "requirements/read.txt").read_text(encoding="utf-8"))
    assert notebooks >= 13


def test_pages_lead_on_in_the_order_of_the_contents(chapters):
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    order = [toc["root"], *(chapter["file"] for part in toc["parts"] for chapter in part["chapters"])]
    for here, after in pairwise(order):
        page = chapters[SITE / f"{here}.html"]
        assert local(SITE / f"{here}.html", page.select_one("nav.turn a.after")["href"])[0] == SITE / f"{after}.html"
        asks = chapters[SITE / f"{after}.html"].select_one(".chapter-card").text
        assert " ".join(page.select_one("nav.turn .asks").text.split()) in " ".join(asks.split())
    marked = [page.select("nav#contents [aria-current=page]") for page in chapters.values()]
    assert all(len(current) == 1 for current in marked)


def test_the_sitemap_lists_every_page(chapters):
    tree = ElementTree.parse(SITE / "sitemap.xml")
    places = [place.text for place in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    base = os.environ.get("BOOK_URL", "http://127.0.0.1:8000/").rstrip("/") + "/"
    assert sorted(places) == sorted(base + path.relative_to(SITE).as_posix() for path in chapters)


def test_the_whole_book_is_in_the_zip(pages):
    with zipfile.ZipFile(SITE / "downloads/casebook.zip") as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
        style = archive.read("casebook/_static/casebook.css").decode()
    assert "casebook/README.txt" in names
    assert "casebook/vega-bundle.js" in names
    assert {f"casebook/{path.relative_to(SITE).as_posix()}" for path in pages} <= names
    # a page opened from a folder may load no font file
    assert "url(fonts/" not in style
    assert style.count("url(data:font/woff2;base64,") == (SITE / "_static/casebook.css").read_text().count("url(fonts/")


def runtime() -> dict:
    """What a page is told of the Python that it can load; nothing, where the build had none."""
    worker = SITE / "live/worker.js"
    return (
        json.loads(worker.read_text().partition(";\n")[0].removeprefix("const RUNTIME = ")) if worker.exists() else {}
    )


def test_a_panel_stands_on_every_page_that_runs_and_rests_on_assumptions_with_a_range(chapters):
    used = set(" ".join(row["used_in"] for row in ranged()).split())
    having = {path.stem for path, page in chapters.items() if page.select("section.assume[aria-label=Assumptions]")}
    runs = {path.stem for path, page in chapters.items() if page.select(".live-bar")}
    assert having == used & runs
    for path, page in chapters.items():
        names = {slider["data-name"] for slider in page.select("#assume input[type=range]")}
        own = [row for row in ranged() if path.stem in runs and path.stem in row["used_in"].split()]
        assert names == {f"{row['case']}.{row['key']}" for row in own}


def ranged() -> list[dict]:
    return [row for row in tables.read("assumptions").to_dict("records") if row["low"] < row["high"]]


def test_pages_offer_to_run_where_there_is_something_to_run_and_something_to_run_it(english):
    shown = {path for path, page in english.items() if page.select("div.cell:not(.tag_remove-input) .cell_input")}
    offered = {path for path, page in english.items() if page.select(".live-bar button")}
    assert offered == (shown if runtime() else set())
    for page in english.values():
        way = "#assume" if page.select("#assume") else "#run-this-page"
        pointed = [figure.select_one(f"a[href='{way}']") for figure in page.select("figure[data-live=sliders]")]
        assert all(pointed) or not runtime()
        assert page.select("#run-this-page") or not any(pointed)
        assert bool(pointed) == ("sliders" in "".join(help.text for help in page.select(".live-help"))) or not runtime()


def test_python_for_the_page_is_whole_named_by_its_content_and_in_the_zip():
    files = {file["url"]: file["bytes"] for file in runtime().get("files", {}).values()}
    here = {path.name: path for path in (SITE / "live").glob("*.bin")}
    assert files == {name: path.stat().st_size for name, path in here.items()}
    for name, path in here.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest().startswith(path.stem.rpartition("-")[2]), name
    with zipfile.ZipFile(SITE / "downloads/casebook.zip") as archive:
        assert {f"casebook/live/{name}" for name in here} <= set(archive.namelist())


def test_what_a_page_loads_is_listed_with_its_licence_and_its_weight(chapters):
    listed = {
        row.th.text: [cell.text for cell in row("td")]
        for table in chapters[SITE / "book/reference/data.html"].select("main table")
        if table.caption and "loads to run" in table.caption.text
        for row in table.select("tbody tr")
    }
    packed = {}
    for path in (SITE / "live").glob("*.tar-*.bin"):
        with tarfile.open(path) as archive:
            for name in archive.getnames():
                if name.endswith(".dist-info/METADATA") and not name.startswith("sibmodels"):
                    about = archive.extractfile(name).read().decode()
                    packed[re.search("^Name: (.*)$", about, re.M)[1]] = re.search("^Version: (.*)$", about, re.M)[1]
    assert {name: row[0] for name, row in listed.items() if name not in ("Python", "Pyodide")} == packed
    assert all(row[1] and not COPYLEFT.search(row[1]) for row in listed.values())
    weights = [
        float(row.td.text)
        for table in chapters[SITE / "book/start.html"].select("main table")
        if table.caption and "first visit" in table.caption.text
        for row in table.select("tbody tr")
    ]
    total = sum(path.stat().st_size for path in (SITE / "live").glob("*.bin"))
    assert sum(weights) == pytest.approx(total / 1e6, abs=0.2)


def test_a_page_says_when_each_chapter_ran_and_with_what(chapters):
    ran, versions = chapters[SITE / "book/reference/runs.html"].select("main table")[:2]
    linked = {local(SITE / "book/reference/runs.html", link["href"])[0] for link in ran.find_all("a")}
    notebooks = {SITE / path.relative_to(ROOT).with_suffix(".html") for path in (ROOT / "book").glob("**/*.ipynb")}
    assert linked == notebooks
    assert {row.find_all("td")[-1].text for row in ran.select("tbody tr")} == {"ran to its end"}
    with_what = {row.th.text: row.td.text for row in versions.select("tbody tr")}
    assert with_what["altair"].startswith("6")
    assert {"Python", "sibmodels", "pandas", "numpy"} <= set(with_what)


def test_pages_made_from_tables_models_and_notes_are_made_again_when_one_changes():
    environment = SITE.parent / ".doctrees/environment.pickle"
    depends = pickle.loads(environment.read_bytes()).dependencies
    sheets = [f"book/teach/roles/{role}" for role in negotiation.ROLES]
    made = [*sheets, "book/teach/coding-lab", "book/teach/syllabus", "book/reference/facts", "book/reference/changes"]
    for page in made:
        names = {os.path.relpath(os.path.join(ROOT, name), ROOT) for name in depends[page]}
        game = {"data/game.csv", "sibmodels/teach/negotiation.py"}
        assert {*game, "book/teach/notes.toml", "book/cases/kobe.ipynb"} <= names


def test_the_style_sheet_has_the_colours_of_cases_and_charts():
    style = (SITE / "_static/casebook.css").read_text(encoding="utf-8")
    for case, colour in cases.colours().items():
        assert f".{case} {{ --accent: {colour}; }}" in style
    for light, dark in charts.DARK.items():
        for part in ("fill", "stroke"):
            assert f'.vega-view [{part}="{light}"] {{ {part}: light-dark({light}, {dark}); }}' in style
