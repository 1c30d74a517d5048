"""Case files from INDIGO: what is taken, from where, and what is said not to be there."""

import pytest

from sibmodels import casefile
from sibmodels.casefile import CaseFileError
from tests.test_indigo import download


def problems(text):
    try:
        casefile.loads(text)
    except CaseFileError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_indigo_gives_a_start_and_says_what_is_missing():
    known, missing = casefile.from_indigo("INDIGO-POJ-0002")
    assert known["contract"]["maximum"] == 11000000
    assert known["cohort"]["people"] == 600
    text = casefile.template(known, missing)
    assert all(f"# {one}" in text for one in missing)
    assert all("outcome.1" in one for one in problems(text))
    with pytest.raises(KeyError, match="did you mean"):
        casefile.from_indigo("INDIGO-POJ-42")
    with pytest.raises(KeyError, match="INDIGO-POJ-0042 Kobe City SIB"):
        casefile.from_indigo("kobe")
    with pytest.raises(KeyError, match=r"unknown; give an ID, or a word of the name"):
        casefile.from_indigo("(no such")


@pytest.mark.long
def test_every_project_of_indigo_starts_a_case_file_that_is_toml():
    from sibmodels import indigo

    for identifier in indigo.shipped().projects.index:
        text = casefile.template(*casefile.from_indigo(identifier))
        assert all("filled in" in one or "timing" in one for one in problems(text)), identifier


def world(tmp_path, **cells):
    """A download of one project with four outcomes, one of them twice priced."""
    row = {"id": "INDIGO-POJ-0001", "name": "One", "sector": "Health", "service_start": "2018-04", "target_users": "90"}
    row |= {"max_outcome_payment": "5000", "max_outcome_currency": "GBP", "investment_currency": "GBP"} | cells
    of = {"id": "INDIGO-POJ-0001"}
    names = ["In work. For a year", "in  Work", "total payment", "Ways " * 30]
    metrics = [of | {"metric": f"m{n}", "definition": name} for n, name in enumerate(names)]
    prices = [of | {"metric": f"m{n}", "currency": "GBP", "price": str(n * 10)} for n in (0, 1, 2, 2)]
    prices.append(of | {"metric": "m3", "currency": "EUR", "price": "7", "most": "700"})
    results = [of | {"metric": "m0", "end": f"201{n}", "positive": f"{n}", "engaged": "9"} for n in (9, 8)]
    return download(tmp_path / "x", [row], [{**of, "country": "GB"}], [], metrics, prices, results)


def test_a_download_of_indigo_fills_in_what_it_has(tmp_path):
    known, notes = casefile.from_indigo("INDIGO-POJ-0001", world(tmp_path, investment_min="10", investment_max="30"))
    assert known["outcome"] == [
        {"name": "In work"},
        {"name": "in Work 2", "unit": "people", "schedule": "rate card", "price": 10},
        {"name": "total payment 2"},
        {"name": "Ways Ways Ways Ways Ways Ways Ways Ways Ways …"},
    ]
    assert known["contract"] == {"cap": 5000}
    assert known["investment"] == {"amount": {"value": 20, "low": 10, "high": 30}}
    said = "\n".join(notes)
    assert "INDIGO has 2 prices; none was taken" in said
    assert "7 EUR is in another currency" in said
    assert "In work: 9 reached of 9 engaged, up to 2019 by INDIGO; 1 earlier" in said
    text = casefile.template(known, notes)
    assert [one.partition(": ")[2].partition(" ")[0] for one in problems(text)] == [
        "timing.end:",
        *[
            f"outcome.{n}.{key}:"
            for n in (1, 2, 3, 4)
            for key in ("schedule", "expected")
            if (n, key) != (2, "schedule")
        ],
    ]
    assert text.count("# payers = ") == 1  # the first outcome explains what the others may have, too


@pytest.mark.parametrize(
    ("cells", "timing", "why"),
    [
        ({}, {"start": "2018-04"}, "no date on which it ends"),
        ({"service_start": ""}, {}, "no date on which the service started"),
        ({"service_start": "2018", "completed": "2020"}, {"start": "2018-01", "end": "2020-12"}, "only the year 2020"),
        (
            {"months": "24", "months_planned": "36"},
            {"start": "2018-04", "end": "2020-03"},
            "24 months that the service took",
        ),
        ({"months_planned": "36"}, {"start": "2018-04", "end": "2021-03"}, "36 months that the service was to take"),
        (
            {"service_end": "2020-03", "completion_planned": "2021-03"},
            {"start": "2018-04", "end": "2021-03"},
            "the project was to be complete",
        ),
        ({"service_end_planned": "2020-02"}, {"start": "2018-04", "end": "2020-02"}, "the service was to end"),
        ({"service_end": "2019-03"}, {"start": "2018-04", "end": "2019-03"}, "the service ended"),
        ({"service_end": "2017-03", "months": "9"}, {"start": "2018-04"}, "before the start"),
    ],
)
def test_the_calendar_of_a_project_of_indigo(tmp_path, cells, timing, why):
    known, notes = casefile.from_indigo("INDIGO-POJ-0001", world(tmp_path, **cells))
    assert known.get("timing", {}) == timing
    assert any(why in note for note in notes)


def test_of_a_download_without_prices_it_is_said(tmp_path):
    folder = world(tmp_path)
    (folder / "projects_outcome_pricings.csv").unlink()
    known, notes = casefile.from_indigo("INDIGO-POJ-0001", folder)
    assert known["outcome"][0]["name"] == "In work"
    assert known["contract"] == {"maximum": 5000}
    assert "outcome: the download has no projects_outcome_pricings.csv, so no prices" in notes
