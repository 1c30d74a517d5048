"""Every assumption names the chapters that use it, and they do."""

import re
from pathlib import Path

import nbformat
import pytest

from sibmodels import cases, tables

ROOT = Path(__file__).parents[1]
ASSUMPTIONS = tables.read("assumptions")
LISTS = {"assumptions", "data"}  # these pages list the table as a whole
CODE = {
    path.stem: "\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")
    for path in sorted((ROOT / "book").glob("**/*.ipynb"))
    if path.stem not in LISTS
}
READS = r"cases\.(?:assumption|outlook)\(|table\(\s*[\"']assumptions[\"']|read\([\"']assumptions[\"']\)"


def names_case(code: str, case: str) -> bool:
    """Whether code is about a case: by its name, or by going through all of them."""
    return f'"{case}"' in code or "cases.names()" in code or "cases.contract(case)" in code


def uses(code: str, case: str, key: str) -> bool:
    """Whether a chapter's code reads an assumption: by its key, with its case's outlook, contract or whole table."""
    if not names_case(code, case):
        return False
    code = code.replace("CASE)", f'"{case}")') if f'CASE = "{case}"' in code else code
    literals = re.findall(r"\"([^\"\n{}]+)", code)
    # a key by name, or keys by how they begin: "paid_", "valued/"
    mentioned = any(key == text or (len(text) >= 5 and key.startswith(text)) for text in literals)
    outlook = "cases.outlook(" in code and (key.startswith("mean_") or key == "concentration")
    amounts = "cases.contract(" in code and (key == "maximum" or key.startswith("target_"))
    whole = case != "general" and f'table("assumptions", "{case}")' in code
    return mentioned or outlook or amounts or whole


@pytest.mark.parametrize("row", list(ASSUMPTIONS.itertuples()), ids=lambda row: f"{row.case}:{row.key}")
def test_chapters_named_use_the_assumption(row):
    chapters = row.used_in.split()
    assert chapters
    assert len(chapters) == len(set(chapters))
    for chapter in chapters:
        assert chapter in CODE, f"{chapter} is no chapter with code"
        assert uses(CODE[chapter], row.case, row.key), f"{chapter} does not use {row.key}"


def test_a_case_s_own_assumptions_are_used_in_its_chapter():
    own = ASSUMPTIONS[ASSUMPTIONS["case"].isin(cases.names())]
    assert [row.key for row in own.itertuples() if row.case not in row.used_in.split()] == []


def test_every_chapter_that_reads_assumptions_is_named():
    named = set(" ".join(ASSUMPTIONS["used_in"]).split())
    assert {chapter for chapter, code in CODE.items() if re.search(READS, code)} <= named


@pytest.mark.parametrize(
    ("chapter", "case", "key"),
    [("npm", "uk-provider-led", "ease"), ("replays", "kobe", "rho"), ("commissioning", "general", "paid_cut")],
)
def test_a_use_that_is_none_is_noticed(chapter, case, key):
    assert not uses(CODE[chapter], case, key)


def test_a_chapter_that_reads_every_key_of_a_case_by_outlook_is_named_with_each():
    """`cases.outlook` reads the expectations and how sure they are."""
    for chapter, code in CODE.items():
        for case in re.findall(r"cases\.outlook\(\"([a-z-]+)\"\)", code):
            rows = ASSUMPTIONS[ASSUMPTIONS["case"] == case]
            read = rows[rows["key"].str.startswith("mean_") | (rows["key"] == "concentration")]
            assert read["used_in"].str.split().map(lambda names, chapter=chapter: chapter in names).all(), chapter
        for case, key in re.findall(r"cases\.assumption\(\"([a-z-]+)\", \"([^\"]+)\"\)", code):
            row = ASSUMPTIONS[(ASSUMPTIONS["case"] == case) & (ASSUMPTIONS["key"] == key)].iloc[0]
            assert chapter in row["used_in"].split(), (chapter, key)
