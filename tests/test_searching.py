"""What can be searched: the index of the built site, and how it is made."""

import gzip
import json
import re

import pytest
from casebook import searching
from sphinx.errors import SphinxError

from .test_site import ROOT, SITE

PAGE = """<article><section id="kobe"><h1>Kobe<a class="headerlink" href="#kobe">#</a></h1><p>A city.</p>
<section id="paid"><h2>What was paid</h2><p>In <em>all</em> , 29.43.</p>
<table><caption>Paid.</caption><tbody><tr id="row"><th>cap</th><td>34.06</td><td></td><td>stated</td></tr>
</tbody></table>
<p>After it.</p><details class="folded"><summary>How</summary><pre>code()</pre></details></section>
</section></article>"""
GLOSSARY = """<article><section id="glossary"><h1>Glossary</h1><dl><dt id="term-bond">bond</dt>
<dd><p>A contract. Short: SIB. In Japanese <span lang="ja">債券</span>.</p></dd></dl></section></article>"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "a.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "b.html").write_text(GLOSSARY, encoding="utf-8")
    return tmp_path


def names(**changed):
    return {"same": [["Kobe", "神戸"]], "terms": {"bond": ["note"]}, "places": {"a#paid": ["payment"]}} | changed


def test_a_page_is_found_by_its_sections_rows_and_terms(site):
    made = searching.index(site, [("Part", ["a", "b"])], names())
    assert made["pages"] == [["Kobe", "a.html", "Part"], ["Glossary", "b.html", "Part"]]
    assert made["entries"] == [
        [0, "kobe", 0, "Kobe", [], "A city."],
        [0, "paid", 0, "What was paid", ["payment"], "In all, 29.43. Paid. · After it."],
        [0, "row", 2, "cap", [], "34.06 · stated"],
        [1, "glossary", 0, "Glossary", [], ""],
        [1, "term-bond", 1, "bond", ["債券", "SIB", "note"], "A contract. Short: SIB. In Japanese 債券."],
    ]
    assert made["same"] == [["bond", "債券", "SIB", "note"], ["Kobe", "神戸"]]


@pytest.mark.parametrize("changed", [{"terms": {"bnod": ["x"]}}, {"places": {"a#piad": ["x"]}}])
def test_a_name_for_nothing_is_an_error_that_says_which_and_where(site, changed):
    with pytest.raises(SphinxError, match=r"names.toml: '(bnod|a#piad)' is neither a term"):
        searching.index(site, [("", ["a", "b"])], names(**changed))


@pytest.fixture(scope="module")
def built() -> dict:
    text = (SITE / searching.FILE).read_text(encoding="utf-8")
    return json.loads(text.removeprefix("window.casebookIndex = ").removesuffix(";\n"))


def test_the_index_is_light_and_sphinx_s_own_is_gone(built):
    assert len(gzip.compress((SITE / searching.FILE).read_bytes())) < 450_000
    assert len(built["entries"]) > 1000
    for path in SITE.glob("book/**/*.html"):
        assert "searchindex.js" not in path.read_text(encoding="utf-8"), path


def test_every_result_leads_to_a_place_on_its_page(built):
    ids = {
        address: set(re.findall(r' id="([^"]+)"', (SITE / address).read_text("utf-8")))
        for _, address, _ in built["pages"]
    }
    gone = [(page, place) for page, place, *_ in built["entries"] if place not in ids[built["pages"][page][1]]]
    assert gone == []
    assert all(heading for _, _, _, heading, _, _ in built["entries"])


def test_every_page_and_every_term_is_in_it_and_cells_are_kept_apart(built):
    addresses = {address for _, address, _ in built["pages"]}
    pages = {path.relative_to(SITE).as_posix() for path in SITE.glob("book/**/*.html")}
    assert addresses == {page for page in pages if "<article>" in (SITE / page).read_text("utf-8")}
    terms = [entry for entry in built["entries"] if entry[2] == 1]
    assert len(terms) == (ROOT / searching.GLOSSARY).with_suffix(".md").read_text("utf-8").count("\n  ")
    rows = [entry[5] for entry in built["entries"] if entry[2] == 2]
    assert sum(" · " in text for text in rows) > 0.95 * len(rows)
    named = ("book/reference/models", "book/reference/tools")  # what entries are for: examples, too
    cells = [entry for entry in built["entries"] if not built["pages"][entry[0]][1].startswith(named)]
    assert not any("import sibmodels" in entry[5] for entry in cells)
