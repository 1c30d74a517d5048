"""The built site: links and images lead somewhere, nothing comes from another host."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup

SITE = Path(__file__).parents[1] / "_build/html"
ASSETS = {
    "script": "src",
    "img": "src",
    "link": "href",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
}


@pytest.fixture(scope="session")
def pages() -> dict[Path, BeautifulSoup]:
    """Every page of the site that `make book` built."""
    found = sorted(SITE.glob("**/*.html"))
    assert found, "there is no built site: run `make book` first (`make test` does)"
    return {
        path: BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in found
        if "_static" not in path.parts
    }


def local(page: Path, address: str) -> tuple[Path, str] | None:
    """The file and fragment that an address on a page means; None for another site's."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return (target / "index.html" if target.is_dir() else target), unquote(parts.fragment)


def test_every_chapter_is_there(pages):
    assert len([path for path in pages if "book" in path.parts]) >= 12


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
    assert followed > 200
    assert not broken, broken[:20]


def test_every_image_script_and_style_is_the_site_s_own_and_exists(pages):
    wrong, seen = [], 0
    for path, page in pages.items():
        for tag in page.find_all(list(ASSETS)):
            address = tag.get(ASSETS[tag.name])
            if not address or address.startswith("data:") or (tag.name == "link" and "canonical" in tag.get("rel", [])):
                continue
            target = local(path, address)
            seen += 1
            if target is None or not target[0].is_file():
                wrong.append(f"{path.relative_to(SITE)}: {address}")
    assert seen > 50
    assert not wrong, wrong[:20]


def test_every_chart_has_its_title_text_alternative_and_data(pages):
    figures = [figure for page in pages.values() for figure in page.select(".vega-figure")]
    assert len(figures) >= 10
    for figure in figures:
        view = figure.select_one(".vega-view")
        assert figure.figcaption.text.strip()
        assert len(view["aria-label"]) > 60
        assert view.svg
        assert figure.select("details table td")
        assert figure.select_one("a[download]")["href"].startswith("data:text/csv")


def test_no_formula_is_left_as_tex(pages):
    formulas = [tag for page in pages.values() for tag in page.find_all("math")]
    assert len(formulas) >= 5
    assert all(tag.get("alttext") for tag in formulas)


def test_what_a_reader_takes_away_is_there(pages):
    downloads = {path.name for path in (SITE / "downloads").iterdir()}
    assert "requirements.txt" in downloads
    assert any(name.startswith("sibmodels-") and name.endswith(".whl") for name in downloads)
    assert "kobe.ipynb" in downloads


def test_every_page_has_one_main_heading_a_title_and_a_description(pages):
    for path, page in pages.items():
        if "book" in path.parts:
            assert page.title.text.strip(), path
            assert len(page.select("article h1")) == 1, path
            assert page.select_one("meta[name=description]")["content"].strip(), path
