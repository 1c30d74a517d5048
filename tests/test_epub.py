"""The book as an EPUB, as files: reading devices are strict about them; epubcheck, the judge, is in tests/office."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from casebook import bound, pdf
from pypdf import PdfReader

BOOK = Path(__file__).parents[1] / "_build/html/downloads/casebook.epub"
PACKAGE, PAGE = "{http://www.idpf.org/2007/opf}", "{http://www.w3.org/1999/xhtml}"
SVG, MATH = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1998/Math/MathML}"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    assert BOOK.is_file(), "there is no EPUB: run `make book` first (`make test` does)"
    with zipfile.ZipFile(BOOK) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}  # the same bytes for the same pages
        return {name.removeprefix("book/"): archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def pages(files) -> dict[str, ElementTree.Element]:
    """Well-formed, or this fails."""
    return {name: ElementTree.fromstring(text) for name, text in files.items() if name.endswith(".xhtml")}


def test_every_file_is_listed_with_what_it_holds_and_every_page_is_read_in_turn(files, pages):
    package = ElementTree.fromstring(files["package.opf"])
    items = {item.get("href"): item for item in package.iter(f"{PACKAGE}item")}
    assert set(items) == set(files) - {"mimetype", "META-INF/container.xml", "package.opf"}
    order = [reference.get("idref") for reference in package.iter(f"{PACKAGE}itemref")]
    assert sorted(order) == sorted(items[name].get("id") for name in pages)
    for name, page in pages.items():
        has = set((items[name].get("properties") or "").split())
        assert ("svg" in has) == (page.find(f".//{SVG}svg") is not None), name
        assert ("mathml" in has) == (page.find(f".//{MATH}math") is not None), name
    said = {tag.tag.rpartition("}")[2]: tag.text for tag in package.find(f"{PACKAGE}metadata")}
    assert said["title"] == "An executable casebook of social impact bonds"
    assert (said["language"], said["creator"]) == ("en", "The SIB casebook authors")


def test_every_link_leads_to_a_place_in_the_book_or_to_the_web(files, pages):
    ids = {name: {tag.get("id") for tag in page.iter() if tag.get("id")} for name, page in pages.items()}
    followed = 0
    for name, page in pages.items():
        every = [tag.get("id") for tag in page.iter() if tag.get("id")]
        assert len(every) == len(set(every)), name
        for link in page.iter(f"{PAGE}a"):
            target, _, place = (link.get("href") or "").partition("#")
            if not target or target.startswith(("http://", "https://")):
                continue
            followed += 1
            assert target in pages, (name, link.get("href"))
            assert not place or place in ids[target], (name, link.get("href"))
    assert followed > 500


def test_there_are_charts_with_words_formulas_tables_with_captions_and_no_script(pages):
    tags = [tag for page in pages.values() for tag in page.iter()]
    pictures = [tag for tag in tags if tag.tag in (f"{SVG}svg", f"{PAGE}img")]
    assert len(pictures) > 30
    assert all(len(tag.get("aria-label") or tag.get("alt")) > 20 for tag in pictures)
    assert len([tag for tag in tags if tag.tag == f"{MATH}math"]) > 100
    tables = [tag for tag in tags if tag.tag == f"{PAGE}table"]
    assert len(tables) > 150
    assert all(table.find(f"{PAGE}caption") is not None for table in tables)
    names = {tag.tag.rpartition("}")[2] for tag in tags}
    assert not names & {"script", "button", "input", "form", "iframe"}
    assert not [tag for tag in tags for name in tag.attrib if name.startswith("on")]


def test_its_contents_name_every_page(pages):
    nav = pages["nav.xhtml"].find(f".//{PAGE}nav")
    assert {link.get("href") for link in nav.iter(f"{PAGE}a")} == set(pages) - {"nav.xhtml", "cover.xhtml"}


def test_a_page_is_bound_without_what_only_a_screen_can_do():
    article = """<article><h2 id="a">T<a class="headerlink" href="#a">#</a></h2>
    <div class="cell"><details class="folded"><summary>How</summary><pre>code</pre></details></div>
    <details class="solution"><summary>Solution</summary><div class="cell">
    <div class="cell_input"><pre>answer</pre></div></div></details>
    <a href="other.html#b" aria-describedby="n">B</a> <a href="other.html#gone">C</a> <a href="x.csv" download>D</a>
    <div class="vega-view" role="img" aria-label="Up &amp; down"><i class="chart-0"></i></div></article>"""
    page = bound.BeautifulSoup(article, "html.parser").article
    bound._clear(page, "cases-here")
    files = {"cases-here": Path("/s/here.html"), "other": Path("/s/other.html")}
    bound._lead(page, "cases-here", files, {"cases-here": {"a"}, "other": {"b"}})
    text = bound._whole(page, {"chart-0": '<svg viewBox="0 0 1 1"/>'})
    assert "code" not in text
    assert "answer" in text
    assert '<h2 id="cases-here--a">T</h2>' in text
    assert '<a href="#other--b">B</a> <a href="#other">C</a> D' in text
    assert '<svg role="img" aria-label="Up &amp; down" viewBox="0 0 1 1"/>' in text


def test_a_pdf_is_told_who_wrote_it(tmp_path):
    target = tmp_path / "a.pdf"
    objects = (b"<</Type /Catalog /Pages 2 0 R /Outlines 4 0 R>>", b"<</Type /Pages /Kids [] /Count 0>>")
    objects += (b"<</Creator (x)>>", b"<</Type /Outlines>>")
    body = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%b\nendobj\n" % (i, said) for i, said in enumerate(objects, 1))
    places = [body.index(b"%d 0 obj" % number) for number in (1, 2, 3, 4)]
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 5\n0000000000 65535 f \n{table}trailer\n<</Size 5 /Root 1 0 R /Info 3 0 R>>\n"
    end += f"startxref\n{len(body)}\n%%EOF\n"
    target.write_bytes(body + end.encode())
    book = {"title": "Ü", "authors": ["A", "B"], "edition": "Version 1", "date": "2026-01-02", "licence": "L"}
    parts = [("", [("index", "Start")]), ("Cases", [("kobe", "Kobe: paid"), ("other", "Other")])]
    pdf.described(target, book | {"subjects": ["s"]}, parts)
    reader = PdfReader(target)
    assert (reader.metadata.title, reader.metadata.author, reader.metadata.creator) == ("Ü", "A, B", None)
    names = [[place.title for place in item] if isinstance(item, list) else item.title for item in reader.outline]
    assert names == ["Start", "Cases", ["Kobe: paid", "Other"]]
