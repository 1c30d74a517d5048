"""The data package: valid, complete, sourced; shares that are parts of a whole add up to it."""

import csv
import itertools
import json
from pathlib import Path

import pandas as pd
import pybtex.database
import pytest
from frictionless import Package

from sibmodels import tables

ROOT = Path(__file__).parents[1]
CLAIM = ["value", "unit", "currency", "source", "locator", "confidence", "note"]
REFERENCE_LISTS = {"cases", "dimensions", "sources"}  # they name things; every other table claims something
EXTRACTS = {"indigo_projects", "indigo_payments", "indigo_dropped"}  # of one source, which the data package names
OF_PAGES = {"claims", "changes", "statements"}  # sentences of the pages, each with a test file of its own
SOURCED = sorted(set(tables.names()) - EXTRACTS - OF_PAGES - {"cases", "sources"})


def test_frictionless_finds_nothing_wrong():
    report = Package(str(ROOT / "data/datapackage.json")).validate()
    problems = report.flatten(["name", "rowNumber", "fieldName", "note"])
    assert len(report.tasks) == len(tables.names())
    assert report.valid, problems


def test_every_file_in_data_is_described():
    files = {path.name for path in (ROOT / "data").iterdir()}
    assert files == {f"{name}.csv" for name in tables.names()} | {"datapackage.json", "README.md", "contracts"}


@pytest.mark.parametrize("name", tables.names())
def test_every_column_is_described(name):
    assert all(field["description"].strip() for field in tables.schema(name))


@pytest.mark.parametrize("name", sorted(set(SOURCED) - REFERENCE_LISTS))
def test_every_claim_has_its_evidence(name):
    table = tables.read(name)
    assert table.columns[-len(CLAIM) :].tolist() == CLAIM
    assert (table[["unit", "source", "locator", "confidence"]] != "").all(axis=None)


def test_every_source_is_in_the_bibliography_and_the_other_way_round():
    keys = set(pybtex.database.parse_file(ROOT / "book/references.bib").entries)
    assert set(tables.read("sources")["key"]) == keys
    for name in SOURCED:
        assert set(tables.read(name)["source"]) <= keys, name


def test_what_rests_on_a_source_rests_on_one_that_was_seen():
    """A work known from general knowledge may be cited for its idea, never for a figure."""
    unseen = set(tables.read("sources").query("seen == 'not seen'")["key"])
    for name in SOURCED:
        assert not unseen & set(tables.read(name)["source"]), name


def test_an_extract_names_its_source_and_is_not_under_our_licence():
    resources = {r["name"]: r for r in json.loads((ROOT / "data/datapackage.json").read_text("utf-8"))["resources"]}
    keys = set(tables.read("sources").query("seen != 'not seen'")["key"])
    for name in EXTRACTS:
        (source,) = resources[name]["sources"]
        assert source["title"].partition(":")[0] in keys
        assert source["path"].startswith("https://")
        assert "no licence text was found" in resources[name]["licenses"][0]["title"]
    assert not [name for name in set(resources) - EXTRACTS if "sources" in resources[name]]


def test_assumptions_are_called_so_and_lie_in_their_range():
    table = tables.read("assumptions")
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    own = table["source"] == "casebook"
    assert (table["confidence"] == "assumption").equals(own)


def test_shares_of_a_whole_sum_to_one():
    contracts = tables.read("contracts")
    shares = contracts[contracts["unit"] == "share"].groupby("case")["value"].sum()
    assert len(shares) == 2
    assert shares.to_numpy() == pytest.approx(1, abs=1e-9)
    payers = tables.read("payers").groupby(["case", "outcome"])["value"].sum()
    assert payers.to_numpy() == pytest.approx(1, abs=1e-9)


def test_tables_agree_on_cases_outcomes_stakeholders_and_dimensions():
    contracts, payers = tables.read("contracts"), tables.read("payers")
    priced = contracts[~contracts["schedule"].isin(["fixed", "cap"])]
    assert set(zip(payers["case"], payers["outcome"], strict=True)) == set(
        zip(priced["case"], priced["outcome"], strict=True)
    )
    people = tables.read("stakeholders")
    known = set(zip(people["case"], people["stakeholder"], strict=True))
    ties = tables.read("ties")
    for end in ("giver", "receiver"):
        assert set(zip(ties["case"], ties[end], strict=True)) <= known
    cases, dimensions = tables.read("cases")["case"], tables.read("dimensions")["dimension"]
    scored = tables.read("governance")
    assert set(zip(scored["case"], scored["dimension"], strict=True)) == set(itertools.product(cases, dimensions))


def test_japanese_names_are_japanese_and_whole():
    """Each party of a Japanese case has one; a title is the title that the bibliography has of its source."""
    names = tables.read("names_ja")
    assert names["value"].str.contains("[\u3041-\u30ff\u4e00-\u9fff]").all()
    people = tables.read("stakeholders").query("case in ['yokohama', 'kobe'] and sector != 'people'")
    parties = set(people["stakeholder"]) - {"Individual investors"}
    assert not [party for party in parties if not names["english"].str.contains(party, regex=False).any()]
    works = names.query("kind == 'work' and locator == 'title'")
    entries = pybtex.database.parse_file(ROOT / "book/references.bib").entries
    titles = [entries[key].fields["title"].strip("{}") for key in works["source"]]
    assert len(works) >= 5
    assert works["value"].tolist() == titles


def test_observables_rest_on_facts_or_say_that_nothing_tells():
    facts = tables.read("facts")
    known = set(zip(facts["case"], facts["key"], strict=True))
    table = tables.read("observables")
    assert {(row.case, key) for row in table.itertuples() for key in row.evidence.split()} <= known
    silent = table["value"] == "cannot be told"
    assert (table["evidence"] == "").equals(silent)
    assert (table["source"] == "casebook").equals(silent)
    assert (table.groupby("observable")["case"].nunique() == len(tables.read("cases"))).all()


def test_building_blocks_compare_both_countries():
    blocks = tables.read("building_blocks").groupby("block")["country"].nunique()
    assert (blocks == 2).all()


def test_timelines_run_forward():
    table = tables.read("timelines")
    ended = table[table["end"] != ""]
    assert len(ended)
    assert (ended["start"].str[:4] <= ended["end"].str[:4]).all()


DERIVED = {  # how each derived figure of the cases is computed from others
    ("yokohama", "implied_rate"): lambda f: f["operating_cost"] / f["operating_cost_gbp"],
    ("yokohama", "cost_per_child"): lambda f: f["operating_cost"] / f["cohort"],
    ("yokohama", "cost_fy2019"): lambda f: f["benefit_fy2019"] - f["net_benefit_fy2019"],
    ("yokohama", "cost_fy2017_20"): lambda f: f["benefit_fy2017_20"] - f["net_benefit_fy2017_20"],
    ("yokohama", "average_cost"): lambda f: f["cost_fy2017_20"] / 4,
    ("kobe", "implied_rate"): lambda f: 31_540_000 / f["investment_gbp"],
    ("kobe", "investment_per_patient"): lambda f: 31_540_000 / f["cohort"],
    ("kobe", "evaluation_cost"): lambda f: 31_150_000 - f["interim_payment"],
    ("kobe", "cap_untaxed"): lambda f: f["cap"] / (1 + f["consumption_tax"]),
    ("uk-commissioner-led", "investment_per_patient"): lambda f: f["investment"] / f["cohort"],
    ("uk-provider-led", "investment_per_person"): lambda f: f["investment"] / f["cohort"],
}


@pytest.mark.parametrize(("case", "key"), DERIVED)
def test_derived_figures_follow_from_the_others(case, key):
    facts = tables.read("facts").query("case == @case and unit not in ['text', 'date']")
    facts = facts[facts["key"] != "investment"] if case == "kobe" else facts
    values = dict(zip(facts["key"], facts["value"].astype(float), strict=True))
    assert DERIVED[case, key](values) == pytest.approx(values[key], rel=1.1e-3)


def test_kobe_terms_add_up_to_its_cap():
    terms = tables.read("contracts").query("case == 'kobe'").set_index("outcome")["value"]
    assert terms.drop("cap").sum() == terms["cap"]
    facts = tables.read("facts").query("case == 'kobe'").set_index("key")["value"]
    parts = facts[["paid_fixed", "paid_first_two", "paid_renal"]].astype(float)
    assert parts.sum() == float(facts["paid_total"])


def test_csv_files_are_written_one_way():
    """UTF-8 without a mark, \\n line ends, quoted only where needed: a diff shows what changed."""
    for name in tables.names():
        path = ROOT / f"data/{name}.csv"
        raw = path.read_bytes().decode("utf-8")
        rows = list(csv.reader(raw.splitlines(keepends=True)))
        written = pd.DataFrame(rows[1:], columns=rows[0]).to_csv(index=False, lineterminator="\n")
        assert raw == written, name
