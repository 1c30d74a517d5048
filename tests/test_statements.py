"""Every statement of the founding documents has a home: a page of the contents that holds the words it names."""

import pytest
import yaml

from sibmodels import tables

from .test_claims import ROOT, plain, said

STATEMENTS = tables.read("statements")
SECTIONS = {
    "sin2018": [
        "introduction",
        "section 'Institutional weaknesses in Japan'",
        "section 'Problems measuring impact'",
        "section 'Building underdeveloped civil society'",
        "section 'Attractions of Asia Pacific model'",
    ],
    "carter2018blog": [
        "introduction",
        "section 'SIBs address 3 principles of public sector reform'",
        "section 'Principles largely untested by evaluations'",
        "section 'Collaboration is seen'",
        "section '\"Step-down services\", more than prevention'",
        "section 'Space for innovation'",
        "section 'Time to test public sector reform potential'",
    ],
    "tsukamoto2019": [
        "slide Introduction",
        "slide Japan, changes over time",
        "slides Yokohama",
        "slides Kobe",
        "slide UK, changes over time",
        "slides Commissioner-led",
        "slides Provider-led",
        "slide Conclusion",
    ],
}


@pytest.mark.parametrize("row", list(STATEMENTS.itertuples()), ids=STATEMENTS["statement"].tolist())
def test_its_words_stand_on_its_page(row):
    assert plain(row.words) in said(row.page), f"{row.page} does not say: {row.words}"
    assert len(row.words) >= 10


def test_its_page_is_in_the_contents():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = {toc["root"], *(one["file"] for part in toc["parts"] for one in part["chapters"])}
    assert {f"book/{page}" for page in STATEMENTS["page"]} <= listed


def test_every_section_of_the_documents_has_its_rows_in_order():
    for source, sections in SECTIONS.items():
        found = STATEMENTS.loc[STATEMENTS["source"] == source, "locator"]
        assert list(dict.fromkeys(found)) == sections
        assert (found != found.shift()).sum() == len(sections), "rows of one section stand together"
    assert set(STATEMENTS["source"]) == set(SECTIONS)


def test_a_statement_has_one_home_and_a_home_one_statement():
    assert not STATEMENTS.duplicated("statement").any()
    assert not STATEMENTS.duplicated("says").any()
    assert not STATEMENTS.duplicated(["page", "words"]).any()


def test_words_that_no_page_holds_are_noticed():
    row = next(STATEMENTS.itertuples())
    assert plain(row.words[::-1]) not in said(row.page)
