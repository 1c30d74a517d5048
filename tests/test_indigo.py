"""INDIGO: every kind of defect of the publisher's files, what may never happen, and the extract that is shipped."""

import csv
import io
import math
import os
import subprocess
import sys
import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodels import indigo, tables
from sibmodels.indigo import COLUMNS, PAYMENTS, PLACES, PROJECTS, columns, extract
from sibmodels.indigo.__main__ import main
from sibmodels.indigo.columns import EXTRACTED, METRICS, PRICES, RESULTS

A, B, C = (f"INDIGO-POJ-000{n}" for n in (1, 2, 3))


def project(key=A, **cells):
    return {"id": key, "name": "One", "sector": "Health", "stage": "Complete", "service_start": "2018-04", **cells}


def payment(key=A, **cells):
    filled = {"kind": "Actual", "start": "2019-01", "end": "2019-03", "currency": "GBP", "amount": "100"}
    return {"id": key, **filled, **cells}


def place(key=A, country="GB"):
    return {"id": key, "country": country}


def as_csv(file, rows, encoding="utf-8", extra=True):
    """A file as published: its columns, one that nobody reads, and these rows."""
    columns = COLUMNS[file]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*columns.values(), *(["Sources"] if extra else [])])
    for n, row in enumerate(rows):
        cells = row if isinstance(row, list) else [row.get(key, "") for key in columns]
        # differs from row to row, so that only a row given twice is the same twice
        writer.writerow([*cells, *([str(row.get("sources", n))] if extra and isinstance(row, dict) else [])])
    return text.getvalue().encode(encoding)


def download(folder, projects=None, places=None, payments=None, metrics=None, prices=None, results=None):
    """A folder of the three files, and of those of the other three that are given."""
    folder.mkdir(exist_ok=True)
    more = {METRICS: metrics, PRICES: prices, RESULTS: results}
    for file, rows in (
        *[(file, rows) for file, rows in more.items() if rows is not None],
        (PROJECTS, [project()] if projects is None else projects),
        (PLACES, [place()] if places is None else places),
        (PAYMENTS, [payment()] if payments is None else payments),
    ):
        (folder / file).write_bytes(as_csv(file, rows))
    return folder


def zipped(folder, inside=""):
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, inside + file.name)
    return path


def same(one, other):
    for name in ("projects", "payments", "dropped"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def losses(world, file=None):
    """Dropped as (row, our name of the column, value, reason)."""
    ours = {name: {column: key for key, column in columns.items()} for name, columns in COLUMNS.items()}
    return [
        (loss.row, ours[loss.file].get(loss.column, ""), loss.value, loss.reason)
        for loss in world.dropped.itertuples()
        if file in (None, loss.file)
    ]


# what is taken


def test_good_files_are_taken_whole(tmp_path):
    filled = project(
        name=" Two\nlines ",
        signed="2017",
        all_signed="2018-03-31",
        investment="1000000.5",
        investment_currency="GBP",
        investment_usd="1350000",
        max_outcome_payment="2e6",
        max_outcome_currency="gbp",
        service_end="2020-03",
        months_planned="38.5",
        completion_planned="2021",
        investment_min="900000",
        paid="7",
        paid_currency="Swiss francs",
        target_users="600",
        actual_users="0",
    )
    paid = [payment(plan="Plan1", kind="Planned", covid="x"), payment(covid="a Covid claim", amount="0")]
    world = indigo.read(download(tmp_path / "x", [filled], payments=paid))
    assert world.projects.loc[A].to_dict() == {
        "name": "Two lines",
        "country": "GB",
        "sector": "Health",
        "stage": "Complete",
        "start_year": 2018,
        "start_from": "service_start",
        "signed": "2017",
        "all_signed": "2018-03-31",
        "service_start": "2018-04",
        "service_end": "2020-03",
        "service_end_planned": "",
        "months": pytest.approx(math.nan, nan_ok=True),
        "months_planned": 38.5,
        "completed": "",
        "completion_planned": "2021",
        "investment": 1000000.5,
        "investment_min": 900000,
        "investment_max": pytest.approx(math.nan, nan_ok=True),
        "investment_currency": "GBP",
        "investment_usd": 1350000,
        "max_outcome_payment": 2e6,
        "max_outcome_currency": "GBP",
        "paid": 7,
        "paid_currency": "CHF",
        "target_users": 600,
        "actual_users": 0,
    }
    assert world.payments.to_dict("list") == {
        "project_id": [A, A],
        "kind": ["planned", "actual"],
        "plan": ["plan1", ""],
        "start": ["2019-01"] * 2,
        "end": ["2019-03"] * 2,
        "currency": ["GBP"] * 2,
        "amount": [100.0, 0.0],
        "covid": [False, True],
    }
    assert world.dropped.empty


def test_folder_zip_and_folder_in_a_zip_are_read_alike(tmp_path):
    folder = download(tmp_path / "x", places=[place(country="XX")])
    expected = indigo.read(folder)
    same(indigo.read(zipped(folder)), expected)
    same(indigo.read(str(zipped(folder, "all public data/"))), expected)
    same(indigo.read(tmp_path), expected)  # one folder above
    with zipfile.ZipFile(folder.with_suffix(".zip"), "a") as archive:
        archive.writestr(f"__MACOSX/{PROJECTS}", "not it")
    same(indigo.read(folder.with_suffix(".zip")), expected)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_and_marks(tmp_path, encoding):
    folder = download(tmp_path / "x")
    (folder / PROJECTS).write_bytes(as_csv(PROJECTS, [project(name="Prävention – Señal")], encoding))
    world = indigo.read(folder)
    assert world.projects.loc[A, "name"] == "Prävention – Señal"
    assert world.dropped.empty


@pytest.mark.parametrize(
    ("dates", "year", "source"),
    [
        ({}, 2018, "service_start"),
        ({"service_start": "", "signed": "2016-05", "all_signed": "2017"}, 2016, "signed"),
        ({"service_start": "", "all_signed": "2017-02-28"}, 2017, "all_signed"),
        ({"service_start": "2018-13", "signed": "2019"}, 2019, "signed"),
    ],
)
def test_year_comes_from_the_first_date_there_is(tmp_path, dates, year, source):
    row = indigo.read(download(tmp_path / "x", [project(**dates)])).projects.loc[A]
    assert (row["start_year"], row["start_from"]) == (year, source)


@pytest.mark.parametrize(("words", "code"), [*columns.CURRENCY_NAMES.items(), ("Swiss Francs", "CHF"), ("gbp", "GBP")])
def test_currencies_in_words_become_codes(tmp_path, words, code):
    world = indigo.read(download(tmp_path / "x", [project(investment="5", investment_currency=words)]))
    assert world.projects.loc[A, "investment_currency"] == code
    assert world.dropped.empty


# what is not taken, and why


@pytest.mark.parametrize(
    ("key", "cell", "reason"),
    [
        *[
            (key, cell, "not a plain number")
            for key in ("investment", "investment_usd", "max_outcome_payment", "target_users", "actual_users")
            for cell in ("=M33", "GBP", "$", "$100", "1,000", "about 100", "10-20", "n/a", "１００", "1e999", "nan")
        ],
        ("investment", "-5", "below zero"),
        ("investment_min", "26 million", "not a plain number"),
        ("paid", "-1", "below zero"),
        ("months_planned", "two years", "not a plain number"),
        ("target_users", "10.5", "not a whole number"),
        ("actual_users", "1e300", "not a whole number"),
        ("investment_currency", "=M33", "not a currency"),
        ("investment_currency", "$", "not a currency"),
        ("max_outcome_currency", "TBC", "not a currency"),
        *[
            (key, cell, "not a date since 2000 as YYYY, YYYY-MM or YYYY-MM-DD")
            for key in (*indigo.DATES, *columns.ENDS)
            for cell in ("2018-13", "2018-02-30", "1018", "04/2018", "2018-4", "spring 2018", "2018-", "43191")
        ],
    ],
)
def test_cell_that_is_not_what_its_column_holds(tmp_path, key, cell, reason):
    filled = project(investment_currency="GBP", max_outcome_currency="GBP", paid_currency="GBP") | {key: cell}
    world = indigo.read(download(tmp_path / "x", [filled]))
    assert losses(world) == [(2, key, cell, reason)]
    if key in world.projects:
        value = world.projects.loc[A, key]
        assert value == "" if isinstance(value, str) else pd.isna(value)


@pytest.mark.parametrize(
    ("cells", "lost"),
    [
        ({"investment": "5"}, [("investment", "5", "no usable currency")]),
        (
            {"investment": "5", "investment_currency": "pounds"},
            [("investment", "5", "no usable currency"), ("investment_currency", "pounds", "not a currency")],
        ),
        ({"max_outcome_payment": "5"}, [("max_outcome_payment", "5", "no usable currency")]),
        ({"investment": "x"}, [("investment", "x", "not a plain number")]),
    ],
)
def test_amount_without_a_currency(tmp_path, cells, lost):
    world = indigo.read(download(tmp_path / "x", [project(**cells)]))
    assert losses(world) == [(2, *loss) for loss in lost]
    assert world.projects.loc[A, ["investment", "max_outcome_payment"]].isna().all()


@pytest.mark.parametrize(
    ("key", "cell", "why", "others"),
    [
        ("id", "", None, "the row has no usable project id"),
        ("id", "POJ-1", "not a project id", "the row has no usable project id"),
        ("kind", "", None, "the row has no usable type"),
        ("kind", "Forecast", "neither planned nor actual", "the row has no usable type"),
        ("currency", "", None, "the row has no usable currency"),
        ("currency", "=M33", "not a currency", "the row has no usable currency"),
        ("amount", "", None, "the row has no usable amount"),
        ("amount", "=M33", "not a plain number", "the row has no usable amount"),
        ("amount", "GBP", "not a plain number", "the row has no usable amount"),
        ("amount", "£10", "not a plain number", "the row has no usable amount"),
        ("amount", "-10", "below zero", "the row has no usable amount"),
        ("id", B, f"no project of this id in {PROJECTS}", f"no project of this id in {PROJECTS}"),
    ],
)
def test_payment_that_lacks_what_makes_it_one(tmp_path, key, cell, why, others):
    broken = payment(plan="plan1", covid="a note") | {key: cell}
    world = indigo.read(download(tmp_path / "x", payments=[broken, payment()]))
    expected = {name: others for name, text in broken.items() if text and name != "covid"}
    if why:
        expected[key] = why
    assert losses(world) == [(2, name, broken[name], expected[name]) for name in COLUMNS[PAYMENTS] if name in expected]
    assert world.payments["amount"].tolist() == [100.0]


def test_period_that_ends_before_it_starts_keeps_its_start(tmp_path):
    turned = [payment(start="2021-07", end="2021-03"), payment(start="2021", end="2021-03"), payment(start="")]
    world = indigo.read(download(tmp_path / "x", payments=turned))
    assert losses(world) == [(2, "end", "2021-03", "before the period starts")]
    assert world.payments["end"].tolist() == ["", "2021-03", "2019-03"]


def test_duplicated_rows_count_once(tmp_path):
    rows = [project(sources=1), project(sources=1), project(name="Other", sources=2)]
    paid = [payment(sources=1), payment(sources=1), payment(sources=2)]
    world = indigo.read(download(tmp_path / "x", rows, [place(), place(), place()], paid))
    assert world.projects["name"].tolist() == ["One"]
    assert world.payments["amount"].tolist() == [100.0, 100.0]  # the third differs in a column that is not read
    reasons = {(loss[0], loss[3]) for loss in losses(world)}
    assert reasons == {(3, "the same as row 2"), (4, "another project under the id of row 2")}
    assert (4, "name", "Other", "another project under the id of row 2") in losses(world, PROJECTS)


def test_project_in_several_countries_counts_in_the_first(tmp_path):
    places = [place(country=""), place(country="UK"), place(country="ke"), place(country="UG"), place(country="KE")]
    world = indigo.read(download(tmp_path / "x", places=[*places, place(B, "FR"), place("", "FR")]))
    assert world.projects.loc[A, "country"] == "KE"
    assert losses(world) == [
        (3, "country", "UK", "not an ISO 3166 alpha-2 code"),
        (5, "country", "UG", "the project's first place is in KE"),
        (7, "id", B, f"no project of this id in {PROJECTS}"),
        (7, "country", "FR", f"no project of this id in {PROJECTS}"),
        (8, "country", "FR", "the row has no usable project id"),
    ]


def test_project_without_an_id_or_a_place(tmp_path):
    world = indigo.read(download(tmp_path / "x", [project(""), project(B)]))
    assert world.projects["country"].to_dict() == {B: ""}
    assert (2, "name", "One", "the row has no usable project id") in losses(world, PROJECTS)
    assert len(losses(world, PROJECTS)) == 4


def test_rows_too_long_or_too_short(tmp_path):
    folder = download(tmp_path / "x")
    whole = [payment().get(key, "") for key in COLUMNS[PAYMENTS]]
    rows = [[*whole, ""], [*whole, "more"], whole[:6], ["", " "], [], whole]
    (folder / PAYMENTS).write_bytes(as_csv(PAYMENTS, rows, extra=False))
    world = indigo.read(folder)
    assert len(world.payments) == 1
    assert {(loss[0], loss[3]) for loss in losses(world)} == {
        (3, "the row has 9 cells, the header 8"),
        (4, "the row has 6 cells, the header 8"),
        (7, "the same as row 2"),
    }
    assert (3, "", "more", "the row has 9 cells, the header 8") in losses(world)


# what cannot be read at all


def test_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere: no such folder or zip file; .* holds projects.csv"):
        indigo.read(tmp_path / "nowhere")
    (tmp_path / "text.zip").write_text("no zip")
    with pytest.raises(ValueError, match=r"text.zip: neither a folder nor a zip file"):
        indigo.read(tmp_path / "text.zip")


@pytest.mark.parametrize("file", EXTRACTED)
@pytest.mark.parametrize("pack", [lambda folder: folder, zipped])
def test_missing_file_is_named(tmp_path, file, pack):
    folder = download(tmp_path / "x")
    (folder / file).unlink()
    with pytest.raises(FileNotFoundError, match=f"{file} is missing; .* which holds projects.csv, projects_d"):
        indigo.read(pack(folder))


def test_file_there_twice(tmp_path):
    download(tmp_path / "x")
    download(tmp_path / "y")
    with pytest.raises(ValueError, match=r"projects.csv is there 2 times \(.*x.*y.*\); one is needed"):
        indigo.read(tmp_path)


@pytest.mark.parametrize(("file", "key"), [(file, key) for file, columns in COLUMNS.items() for key in columns])
def test_missing_column_is_named_with_what_is_near(tmp_path, file, key):
    folder = download(tmp_path / "x", metrics=[], prices=[], results=[])
    column, near = COLUMNS[file][key], COLUMNS[file][key] + "s"
    lines = (folder / file).read_text(encoding="utf-8").replace(column, near, 1)
    (folder / file).write_text(lines, encoding="utf-8")
    with pytest.raises(ValueError, match=r"is missing \(did you mean") as error:
        indigo.read(folder)
    assert f"{file}: column {column!r} is missing (did you mean {near!r}?)" in str(error.value)
    assert "rename it in the file's first row, or add an empty column of that name" in str(error.value)


def test_column_there_twice_and_empty_file(tmp_path):
    folder = download(tmp_path / "x")
    (folder / PLACES).write_text("Project ID,Project ID,Location - Country - (Value)\n")
    with pytest.raises(ValueError, match=r"column 'Project ID' is there more than once"):
        indigo.read(folder)
    (folder / PLACES).write_text("")
    with pytest.raises(ValueError, match=r"projects_delivery_locations.csv: column 'Project ID' is missing; once each"):
        indigo.read(folder)


def test_not_text(tmp_path):
    folder = download(tmp_path / "x")
    (folder / PROJECTS).write_bytes(b"\x81\x8d\x8f\x90")
    with pytest.raises(ValueError, match=r"projects.csv: not text in UTF-8"):
        indigo.read(folder)
    (folder / PROJECTS).write_bytes(as_csv(PROJECTS, [project(name="x" * 200_000)]))
    before = csv.field_size_limit(131_072)  # Python's own, which other libraries raise for the whole process
    try:
        with pytest.raises(ValueError, match=r"projects.csv: not readable as CSV"):
            indigo.read(folder)
    finally:
        csv.field_size_limit(before)


def test_damaged_zip(tmp_path):
    path = zipped(download(tmp_path / "x", [project(name="unmistakable")]))
    path.write_bytes(path.read_bytes().replace(b"unmistakable", b"unmistakeble"))
    with pytest.raises(ValueError, match=r"x.zip: projects.csv cannot be unpacked"):
        indigo.read(path)


# whatever the files hold

text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6)
word = st.sampled_from(["", " ", "=M33", "GBP", "$", "pounds", "2018-13", "1,5", "-1", "covid", "plan1", "UK"])
keys = st.sampled_from([A, A, B, B, C, "", "POJ-1"])
GOOD = {
    **dict.fromkeys([*indigo.DATES, *columns.ENDS, "start", "end"], st.sampled_from(["2018", "2019-02", "2020-12-31"])),
    **dict.fromkeys([*columns.AMOUNTS, "amount", "investment_usd", "months"], st.integers(0, 999).map(str)),
    **dict.fromkeys(["target_users", "actual_users"], st.integers(0, 999).map(str)),
    **dict.fromkeys(
        ["currency", "investment_currency", "max_outcome_currency", "paid_currency"],
        st.sampled_from(["GBP", "EUR", "Swedish"]),
    ),
    "country": st.sampled_from(["GB", "JP"]),
    "kind": st.sampled_from(["Planned", "Actual"]),
    "plan": st.sampled_from(["", "plan1", "Plan2"]),
}


def rows_of(file):
    cells = {key: keys if key == "id" else GOOD.get(key, text) | GOOD.get(key, text) | word for key in COLUMNS[file]}
    return st.lists(st.fixed_dictionaries(cells).map(lambda row: {**row, "sources": ""}), max_size=6)


files = st.fixed_dictionaries({file: rows_of(file) for file in EXTRACTED})


def read_rows(folder, rows):
    return indigo.read(download(folder, rows[PROJECTS], rows[PLACES], rows[PAYMENTS]))


def plain(cell):
    return " ".join(cell.split())


@given(files)
def test_never_invents_a_row_or_a_value(tmp_path_factory, rows):
    world = read_rows(tmp_path_factory.mktemp("x"), rows)
    given = {file: [{key: plain(cell) for key, cell in row.items()} for row in rows[file]] for file in EXTRACTED}
    named = [(row["id"], row["name"], row["sector"], row["stage"]) for row in given[PROJECTS]]
    for found in world.projects.itertuples():
        assert (found.Index, found.name, found.sector, found.stage) in named
    assert world.projects.index.is_unique
    paid = [(row["id"], row["kind"].lower(), row["amount"]) for row in given[PAYMENTS]]
    for found in world.payments.itertuples():
        assert (found.project_id, found.kind, str(int(found.amount))) in paid
    assert len(world.payments) <= len({tuple(row.items()) for row in given[PAYMENTS]})
    assert set(world.payments["project_id"]) <= set(world.projects.index)


@given(files)
def test_every_filled_cell_is_taken_or_reported(tmp_path_factory, rows):
    """Each cell on its own: its row's lines in dropped, or the value in the table, is where it must be."""
    world = read_rows(tmp_path_factory.mktemp("x"), rows)
    lost = {(loss.file, loss.row, loss.column): loss.value for loss in world.dropped.itertuples()}
    assert len(lost) == len(world.dropped)
    payments = iter(world.payments.to_dict("records"))
    for file in EXTRACTED:
        read = COLUMNS[file]
        for number, row in enumerate(rows[file], start=2):
            filled = {key: plain(row[key]) for key in read if plain(row[key]) and key != "covid"}
            kept = {key for key in filled if (file, number, read[key]) not in lost}
            for key in filled.keys() - kept:
                assert lost[file, number, read[key]] == filled[key]
            if not kept:
                continue
            assert "id" in kept
            if file == PAYMENTS:
                table = next(payments)
                table["id"] = table["project_id"]
            else:
                table = {"id": filled["id"], **world.projects.loc[filled["id"]].to_dict()}
            for key in kept:
                assert taken(table[key], filled[key]), (key, table[key], filled[key])
    assert next(payments, None) is None


def taken(value, cell):
    if isinstance(value, str):
        return value.casefold() in (cell.casefold(), columns.CURRENCY_NAMES.get(cell.casefold(), "").casefold())
    return value == float(cell)


@given(files, st.data())
def test_duplicating_rows_changes_nothing(tmp_path_factory, rows, data):
    once = read_rows(tmp_path_factory.mktemp("x"), rows)
    again = {
        file: [*rows[file], *(data.draw(st.sampled_from(rows[file])) for _ in rows[file][:2])] for file in EXTRACTED
    }
    twice = read_rows(tmp_path_factory.mktemp("x"), again)
    pd.testing.assert_frame_equal(twice.projects, once.projects)
    pd.testing.assert_frame_equal(twice.payments, once.payments)
    assert len(twice.dropped) >= len(once.dropped)


@given(files.filter(lambda rows: any(row["id"].startswith("INDIGO") for row in rows[PROJECTS])))
def test_an_extract_is_read_as_it_was_written(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("x")
    world = read_rows(folder, rows)
    out = tmp_path_factory.mktemp("out")
    indigo.refresh(folder, out)
    same(extract._load(out), world)


# the command


def test_refresh_says_what_changed(tmp_path):
    out = tmp_path / "data"
    out.mkdir()
    first = indigo.refresh(download(tmp_path / "x", [project(), project(B)], payments=[payment(amount="=M33")]), out)
    assert first[:3] == [
        "projects: 2 (no earlier extract)",
        "payments: 0 (no earlier extract)",
        "dropped: 6 cells of 1 rows",
    ]
    assert "  5 the row has no usable amount" in first
    second = indigo.refresh(download(tmp_path / "x", [project(name="New"), project(C)]), out)
    assert second == ["projects: 2 (1 new, 1 gone, 1 changed)", "payments: 1 (0 before)", "dropped: 0 cells of 0 rows"]
    assert sorted(path.name for path in out.iterdir()) == sorted(f"{name}.csv" for name in extract.TABLES)
    assert extract._load(out).projects["name"].to_dict() == {A: "New", C: "One"}


def test_refresh_writes_all_or_nothing(tmp_path, monkeypatch):
    out = tmp_path / "data"
    out.mkdir()
    indigo.refresh(download(tmp_path / "x"), out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    replace, calls = os.replace, []

    def fails_later(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise PermissionError(f"{target} is locked")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fails_later)
    with pytest.raises(PermissionError):
        indigo.refresh(download(tmp_path / "x", [project(name="New"), project(B)]), out)
    assert len(calls) > 1
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_refresh_refuses_what_would_empty_the_extract(tmp_path):
    out = tmp_path / "data"
    out.mkdir()
    with pytest.raises(ValueError, match=r"projects.csv holds no project that can be read; the extract stays"):
        indigo.refresh(download(tmp_path / "x", []), out)
    with pytest.raises(FileNotFoundError, match=r"none: no such folder"):
        indigo.refresh(download(tmp_path / "x"), tmp_path / "none")
    assert not list(out.iterdir())


def test_exit_codes_and_messages(tmp_path, capsys):
    folder = download(tmp_path / "x")
    out = tmp_path / "data"
    out.mkdir()
    assert main([str(folder), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("projects: 1 (no earlier extract)\n")
    assert printed.err == ""
    (folder / PLACES).unlink()
    assert main([str(folder), "--out", str(out)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Nothing was written." in printed.err
    assert f"{PLACES} is missing" in printed.err
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2


def test_the_command_runs(tmp_path):
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "sibmodels.indigo", str(tmp_path / "none.zip")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert "none.zip: no such folder or zip file" in run.stderr


# what is measured, paid for and reached


def test_terms_are_read_where_they_are_there(tmp_path):
    metrics = [
        {"id": A, "metric": "m1", "definition": "In work. For a year", "target_users": "80"},
        {"id": B, "metric": "m1"},
    ]
    prices = [{"id": A, "metric": "m1", "currency": "GBP", "price": "250.5"}, {"id": A, "metric": "m2", "price": "=A1"}]
    results = [{"id": A, "metric": "m1", "achieved": "half of them", "positive": "40", "end": "2019-13"}]
    world = indigo.read(download(tmp_path / "x", metrics=metrics, prices=prices, results=results))
    assert world.metrics.to_dict("records") == [
        {"project_id": A, "metric": "m1", "definition": "In work. For a year", "target_users": 80}
    ]
    assert world.prices[["metric", "currency", "price"]].to_numpy().tolist() == [["m1", "GBP", 250.5]]
    assert world.results["positive"].tolist() == [40]
    assert {(loss[0], loss[1], loss[3]) for loss in losses(world)} == {
        (3, "id", f"no project of this id in {PROJECTS}"),
        (3, "metric", f"no project of this id in {PROJECTS}"),
        (3, "id", "the row has no usable currency"),
        (3, "metric", "the row has no usable currency"),
        (3, "price", "not a plain number"),
        (2, "achieved", "not a plain number"),
        (2, "end", "not a date since 2000 as YYYY, YYYY-MM or YYYY-MM-DD"),
    }
    bare = indigo.read(download(tmp_path / "y"))
    assert bare.metrics is bare.prices is bare.results is None


def test_no_words_of_the_publisher_s_come_into_the_extract(tmp_path):
    out = tmp_path / "data"
    out.mkdir()
    metrics = [{"id": A, "metric": "", "definition": "unmistakable"}]
    results = [{"id": A, "metric": "m1", "achieved": "unmistakable"}]
    indigo.refresh(download(tmp_path / "x", metrics=metrics, results=results), out)
    assert not any("unmistakable" in path.read_text(encoding="utf-8") for path in out.iterdir())


# comparisons


def payments_of(*rows, project_id=A):
    """(kind, plan, end, amount) and, where it matters, (currency, covid)."""
    records = []
    for kind, plan, end, amount, *rest in rows:
        currency, covid = (*rest, *("GBP", False)[len(rest) :])
        records.append((project_id, kind, plan, "", end, currency, float(amount), covid))
    columns = ["project_id", "kind", "plan", "start", "end", "currency", "amount", "covid"]
    return pd.DataFrame(records, columns=columns)


def test_promised_and_paid_compares_what_was_due():
    table = payments_of(
        ("planned", "plan10", "2019-03", 70),
        ("planned", "plan2", "2019-03", 1),
        ("planned", "plan1", "2019-03", 100),
        ("planned", "plan1", "2019", 50),
        ("planned", "plan1", "2020-01-31", 400),
        ("actual", "", "2019-03", 60),
        ("actual", "", "2019-12", 60, "GBP", True),
    )
    row = indigo.promised_and_paid(table).loc[A]
    assert row.to_dict() == {
        "currency": "GBP",
        "plans": 3,
        "replanned": True,
        "first_plan": 550,
        "latest_plan": 70,  # the tenth, not the second
        "paid_to": "2019-12",
        "first_due": 150,
        "latest_due": 70,
        "actual": 120,
        "covid": 60,
        "ratio": 0.8,
        "why_not": "",
    }


PLAN, PAID = ("planned", "plan1", "2019-03", 100), ("actual", "", "2019-03", 50)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([PLAN], "no payment is recorded as made"),
        ([PAID], "no plan is published"),
        ([PLAN, (*PAID, "USD")], "amounts are in several currencies"),
        ([PLAN, ("planned", "revised", "2019-03", 5), PAID], "the order of its plans is not known"),
        ([PLAN, ("planned", "plan 1", "2019-03", 5), PAID], "the order of its plans is not known"),
        ([PLAN, ("actual", "", "", 50)], "payments are not dated"),
        ([("planned", "plan1", "", 50), PAID], "payments are not dated"),
        ([("planned", "plan1", "2020-01", 50), PAID], "nothing was planned for the periods that were paid"),
        ([("planned", "plan1", "2019-01", 0), PAID], "nothing was planned for the periods that were paid"),
    ],
)
def test_why_a_project_cannot_be_compared(rows, why):
    row = indigo.promised_and_paid(payments_of(*rows)).loc[A]
    assert row["why_not"] == why
    assert math.isnan(row["ratio"])


@pytest.mark.parametrize("first", ["original plan", "plan1", ""])
def test_plans_are_ordered_by_what_they_are_called(first):
    table = payments_of(("planned", "latest plan", "2019-03", 1), ("planned", first, "2019-03", 100), PAID)
    row = indigo.promised_and_paid(table).loc[A]
    assert (row["first_plan"], row["latest_plan"], row["ratio"]) == (100, 1, 0.5)


def test_promised_and_paid_keeps_projects_apart():
    table = pd.concat([payments_of(PLAN, PAID), payments_of(PLAN, project_id=B)])
    assert indigo.promised_and_paid(table)["why_not"].to_dict() == {A: "", B: "no payment is recorded as made"}
    assert indigo.promised_and_paid(table.iloc[:0]).empty


def test_counts_by_period_and_date(tmp_path):
    rows = [
        project(A, signed="2020"),
        project(B, service_start="2009"),
        project(C, service_start="", sector="Education", all_signed="2021-06"),
    ]
    projects = indigo.read(download(tmp_path / "x", rows)).projects
    table = indigo.counts(projects, starts=[2010, 2019, 2020])
    assert table.columns.tolist() == ["2010–2018", "2019", "2020 on", "undated", "all"]
    assert table.loc["Health"].tolist() == [1, 0, 0, 1, 2]
    assert table.loc["Education"].tolist() == [0, 0, 1, 0, 1]
    assert table["all"].sum() == len(projects)
    signed = indigo.counts(projects, starts=[2010, 2019, 2020], dated=["signed"])
    assert signed.loc["Health"].tolist() == [0, 0, 1, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"by": "sectr"}, KeyError, "did you mean 'sector'"),
        ({"starts": []}, ValueError, "at least one year is needed"),
        ({"starts": [2015, 2010]}, ValueError, "each later than the one before"),
        ({"starts": [2015.5]}, ValueError, "starts is 2015.5; a whole number is needed"),
        ({"dated": "signed"}, ValueError, "dated is 'signed'; a list of dates is needed"),
        ({"dated": []}, ValueError, "a list of dates is needed"),
        ({"dated": ["launched"]}, ValueError, "dated 'launched' is unknown"),
    ],
)
def test_counts_refuses_what_it_cannot_count(arguments, error, message):
    with pytest.raises(error, match=message):
        indigo.counts(indigo.shipped().projects, **arguments)


def test_doubts_finds_copies_also_among_what_was_dropped(tmp_path):
    rows = [project(key) for key in (A, B, C)]
    paid = [
        payment(A, kind="", amount="1323670", sources=1),
        payment(A, kind="", amount="1323670", sources=1),
        payment(B, kind="", amount="1323670"),
        payment(C, amount="55500"),
        payment(A, amount="55500"),
    ]
    found = indigo.doubts(indigo.read(download(tmp_path / "x", rows, payments=paid)))
    assert found["project_id"].tolist() == [A, B]
    assert found["value"].tolist() == [1323670.0] * 2
    assert found["why"].tolist() == [f"the same total as {B}", f"the same total as {A}"]


def test_doubts_finds_a_conversion_turned_round(tmp_path):
    usd = {A: "110", B: "120", C: "85", "INDIGO-POJ-0004": "115"}
    rows = [
        project(key, investment="100", investment_currency="EUR", investment_usd=amount) for key, amount in usd.items()
    ]
    found = indigo.doubts(indigo.read(download(tmp_path / "x", rows)))
    assert found["project_id"].tolist() == [C]
    assert found["why"].tolist() == ["0.85 USD to 1 EUR; the median of such projects is 1.12"]
    assert indigo.doubts(indigo.read(download(tmp_path / "x", rows[1:]))).empty  # three are too few to tell


# the extract that is shipped


@pytest.fixture(scope="module")
def world():
    return indigo.shipped()


def test_shipped_tables_refer_to_each_other(world):
    assert len(world.projects) == 320
    assert world.projects.index.is_unique
    assert set(world.payments["project_id"]) <= set(world.projects.index)
    assert set(world.dropped["file"]) <= set(COLUMNS)
    for loss in world.dropped.itertuples():
        assert loss.column in COLUMNS[loss.file].values()


def test_shipped_codes_and_ranges(world):
    projects, payments = world.projects, world.payments
    assert set(projects["country"]) <= indigo.COUNTRIES
    assert (projects["name"] != "").all()
    assert projects["sector"].nunique() == 8
    assert set(projects["investment_currency"]) | set(projects["max_outcome_currency"]) <= {"", *indigo.CURRENCIES}
    assert set(payments["currency"]) <= indigo.CURRENCIES
    assert set(payments["kind"]) == {"planned", "actual"}
    assert projects["start_year"].dropna().between(2010, 2026).all()
    for amount, currency in (("investment", "investment_currency"), ("max_outcome_payment", "max_outcome_currency")):
        assert (projects.loc[projects[amount].notna(), currency] != "").all()
    assert projects["investment"].dropna().between(10_000, 1e11).all()
    assert projects["target_users"].dropna().between(1, 1e7).all()
    assert payments["amount"].between(0, 1e8).all()
    ended = payments[payments["end"] != ""]
    assert (ended["start"].str[:7] <= ended["end"].str[:7]).all()


def test_shipped_extract_holds_no_free_text(world):
    for table in (world.projects, world.payments, world.dropped):
        words = table.select_dtypes(exclude="number").astype(str)
        assert words.map(len).to_numpy().max() < 250  # the longest name
    assert world.projects["name"].str.len().median() < 60
    assert sum((tables.folder() / f"{name}.csv").stat().st_size for name in extract.TABLES) < 250_000


def test_japan_narrowed_no_further(world):
    """Two thirds of Japan's contracted bonds are in health in both periods, as facts.csv has it."""
    japan = world.projects[world.projects["country"] == "JP"]
    table = indigo.counts(japan, starts=(2015, 2018, 2021))
    facts = tables.read("facts").query("source == 'indigo2025'").set_index(["case", "key"])["value"].to_dict()
    for period, key in (("2015–2017", "health_share_2015_17"), ("2018–2020", "health_share_2018_20")):
        share = table.loc["Health", period] / table[period].sum()
        assert round(share, 2) == float(facts["japan", key])


def test_payments_of_the_analogues_are_those_of_the_facts(world):
    table = indigo.promised_and_paid(world.payments)
    facts = tables.read("facts").query("source == 'indigo2025'").set_index(["case", "key"])["value"].to_dict()
    commissioner, provider = table.loc["INDIGO-POJ-0167"], table.loc["INDIGO-POJ-0228"]
    assert commissioner["actual"] == float(facts["uk-commissioner-led", "analogue_paid"])
    assert commissioner["covid"] == float(facts["uk-commissioner-led", "analogue_covid_grants"])
    assert provider["actual"] == float(facts["uk-provider-led", "analogue_paid"])
    assert round(provider["first_due"]) == float(facts["uk-provider-led", "analogue_planned"])
    assert round(provider["first_plan"]) == float(facts["uk-provider-led", "analogue_planned_all"])


def test_ratios_of_the_projects_that_publish_both(world):
    table = indigo.promised_and_paid(world.payments).query("why_not == ''")
    assert (len(table), int(table["replanned"].sum()), int((table["covid"] > 0).sum())) == (29, 25, 13)
    assert table["ratio"].quantile([0, 0.25, 0.5, 0.75, 1]).round(2).tolist() == [0.09, 0.88, 1.01, 1.16, 3.35]


@pytest.mark.parametrize(("separator", "end"), [(";", "\r\n"), ("\t", "\n"), (",", "\r")])
def test_tables_as_spreadsheets_elsewhere_save_them_two_folders_down(tmp_path, separator, end):
    deep = tmp_path / "download/all public data"
    deep.mkdir(parents=True)
    for file, names in COLUMNS.items():
        row = {"id": "INDIGO-POJ-0001", "kind": "actual", "currency": "GBP", "amount": "5"}
        lines = [names.values(), [row.get(key, "") for key in names]]
        (deep / file).write_bytes(end.join(separator.join(cells) for cells in lines).encode())
    world = indigo.read(tmp_path)
    assert world.projects.index.tolist() == ["INDIGO-POJ-0001"]
    assert world.payments["amount"].tolist() == [5]


def test_a_zip_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("sibmodels.indigo.download.LARGEST", 1_000_000)
    with zipfile.ZipFile(tmp_path / "indigo.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(PROJECTS, b"0" * 2_000_000)
    with pytest.raises(ValueError, match=r"projects\.csv unpacks to 2 MB; at most 1 MB is read"):
        indigo.read(tmp_path / "indigo.zip")
