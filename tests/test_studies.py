"""Evidence is counted by SIB: papers on one SIB, and papers on the same data, are not independent."""

import pytest

from sibmodels import cases, tables

STUDIES = tables.read("studies")
COMPARED = ["randomised", "controlled"]


def test_a_study_is_of_one_sib():
    assert (STUDIES.groupby("study")["sib"].nunique() == 1).all()


def test_what_is_not_stated_says_why_and_is_not_called_published():
    assert (STUDIES.loc[STUDIES["identified"] != "stated", "note"] != "").all()
    probable = STUDIES["identified"] == "very probably"
    assert (STUDIES["confidence"] == "inferred").equals(probable)


def test_the_newcastle_papers_are_one_sib_with_one_controlled_study():
    papers = {"isrctn13880272", "wildman2021", "moffatt2023", "hulse2021", "pollard2023", "griffith2023"}
    papers |= {"moffatt2019", "french2023", "dayson2019", "irspm2018", "waystowellness2021"}
    rows = STUDIES[STUDIES["source"].isin(papers)]
    assert set(rows["source"]) == papers
    assert rows["sib"].unique().tolist() == ["Ways to Wellness, Newcastle"]
    assert rows.loc[rows["design"].isin(COMPARED), "study"].unique().tolist() == ["wtw-diabetes"]


def test_the_papers_on_kirklees_are_one_study():
    rows = STUDIES[STUDIES["source"].isin(["carter2025", "kirklees_final", "kbop2023"])]
    assert len(rows) == 3
    assert rows["study"].nunique() == 1


def test_papers_outnumber_studies_and_studies_outnumber_sibs():
    compared = STUDIES[STUDIES["design"].isin(COMPARED)]
    for table in (STUDIES, compared):
        assert len(table) > table["study"].nunique() >= table["sib"].nunique()


@pytest.mark.parametrize("sib", ["Educate Girls, Rajasthan", "Cuyahoga Partnering for Family Success"])
def test_a_trial_reported_by_its_payer_is_still_one_trial(sib):
    rows = STUDIES[(STUDIES["sib"] == sib) & (STUDIES["design"] == "randomised")]
    assert rows["study"].nunique() == 1


def test_british_contracts_with_a_comparison_group_are_counted_once():
    british = {"Ways to Wellness, Newcastle", "Peterborough One Service", "DWP Innovation Fund (ten contracts)"}
    british |= {"London rough sleepers (two contracts)"}
    compared = STUDIES[STUDIES["design"].isin(COMPARED) & STUDIES["sib"].isin(british)].drop_duplicates("sib")
    assert set(compared["sib"]) == british
    assert compared["contracts"].sum() == cases.fact("uk", "compared_contracts")
    assert (STUDIES.groupby("sib")["contracts"].nunique() == 1).all()
