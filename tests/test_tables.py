"""Reading the tables: a good file is read whole, a bad one is refused with its place."""

import shutil

import pytest

from sibmodels import cases, tables


def edited(tmp_path, name, old, new, count=1):
    """A copy of a table with one change."""
    target = tmp_path / f"{name}.csv"
    text = (tables.folder() / f"{name}.csv").read_text(encoding="utf-8")
    assert old in text
    target.write_text(text.replace(old, new, count), encoding="utf-8")
    return target


@pytest.mark.parametrize("name", tables.names())
def test_reads_every_row_of_every_table(name):
    table = tables.read(name)
    assert table.columns.tolist() == [field["name"] for field in tables.schema(name)]
    assert len(table) > 0


def test_a_caller_cannot_change_what_the_next_one_reads():
    mine = tables.read("cases")
    mine.loc[0, "case"] = "nara"
    assert tables.read("cases")["case"].tolist() == cases.names()


def test_a_reader_s_own_file_is_read_again_when_it_has_changed(tmp_path):
    shipped = tables.read("assumptions")
    first = shipped["label"][0]
    mine = edited(tmp_path, "assumptions", first, "Mine")
    assert tables.read("assumptions", mine)["label"][0] == "Mine"
    mine.write_text(mine.read_text(encoding="utf-8").replace("Mine", "Mine again", 1), encoding="utf-8")
    assert tables.read("assumptions", mine)["label"][0] == "Mine again"
    assert tables.read("assumptions").equals(shipped)


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    target = tmp_path / "cases.csv"
    text = (tables.folder() / "cases.csv").read_text(encoding="utf-8")
    target.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    assert tables.read("cases", target).equals(tables.read("cases"))


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "facts",
            ",stated,",
            ",certain,",
            r"facts.csv, row 2, column 'confidence': 'certain' is unknown.*stated, published",
        ),
        ("facts", "JPY,tsukamoto2019", ",tsukamoto2019", r"facts.csv, row \d+, column 'currency' is ''; money needs"),
        ("facts", ",30,people,", ",thirty,people,", r"facts.csv, row \d+, column 'value' is 'thirty'; a number"),
        ("facts", ",30,people,", ",nan,people,", r"column 'value' is 'nan'"),
        ("facts", ",30,people,", ",30,people,JPY", r"facts.csv, row \d+"),
        ("facts", "yokohama,location", ",location", r"facts.csv, row 2, column 'case' is empty"),
        ("facts", "yokohama,location", "kyoto,location", r"row 2, column 'case': 'kyoto' is unknown"),
        ("facts", "yokohama,policy_area", "yokohama,location", r"row 3, column 'source': .* is there twice"),
        ("facts", "yokohama,policy_area", " yokohama,policy_area", r"row 3, column 'case' is ' yokohama'; no space"),
        ("facts", "case,key", "Case,key", r"facts.csv, row 1: the columns are \['Case'"),
        (
            "governance",
            ",1.0,score",
            ",3,score",
            r"governance.csv, row \d+, column 'value' is 3; it must lie between -1 and 1",
        ),
        (
            "governance",
            ",1,score",
            ",3,score",
            r"governance.csv, row 2, column 'value' is 3; it must lie between -1 and 1",
        ),
        ("timelines", "2016-10", "October", r"timelines.csv, row 2, column 'start' is 'October'; it must match"),
    ],
)
def test_malformed_file_names_file_row_and_column(tmp_path, name, old, new, message):
    if old not in (tables.folder() / f"{name}.csv").read_text(encoding="utf-8"):
        old = old.replace("1.0", "1")
    with pytest.raises(ValueError, match=message):
        tables.read(name, edited(tmp_path, name, old, new))


def test_empty_file_and_short_row(tmp_path):
    (tmp_path / "cases.csv").write_text("")
    with pytest.raises(ValueError, match=r"cases.csv, row 1: the columns are \[\]"):
        tables.read("cases", tmp_path / "cases.csv")
    with pytest.raises(ValueError, match=r"cases.csv, row 2: 9 cells; 10 are needed"):
        tables.read("cases", edited(tmp_path, "cases", ",JPY,pilot", ",pilot"))


def test_unknown_table_names_those_there_are():
    with pytest.raises(KeyError, match=r"table 'fact' is unknown \(did you mean 'facts'\?\)"):
        tables.read("fact")


def test_missing_rows_say_what_there_is():
    with pytest.raises(KeyError, match=r"facts.csv, case 'kobe': key 'servd' is unknown \(did you mean 'served'\?\)"):
        cases.fact("kobe", "servd")
    with pytest.raises(KeyError, match=r"assumptions.csv, case 'kobe': key 'rh' is unknown"):
        cases.assumption("kobe", "rh")
    with pytest.raises(ValueError, match=r"results.csv has no row for 'uk-provider-led'"):
        cases.performance("uk-provider-led")
    with pytest.raises(ValueError, match=r"Yokohama has no outcomes contract; the cases with one are kobe"):
        cases.contract("yokohama")


def test_conflicting_sources_are_never_settled_quietly():
    with pytest.raises(KeyError, match=r"sources disagree on 'investment': 31540000 \(tsukamoto2019\), 31150000"):
        cases.fact("kobe", "investment")
    assert cases.fact("kobe", "investment", source="indigo2025") == 26_200_000
    with pytest.raises(KeyError, match="source 'reuters' is unknown"):
        cases.fact("kobe", "investment", source="reuters")


@pytest.mark.parametrize("call", [cases.contract, cases.label, lambda case: cases.table("facts", case)])
def test_wrong_case_names_those_there_are(call):
    with pytest.raises(
        KeyError, match=r"case 'Kobe' is unknown \(did you mean 'kobe'\?\); it must be one of: yokohama"
    ):
        call("Kobe")


def test_table_that_is_not_about_cases():
    with pytest.raises(ValueError, match=r"table 'sources' is not about cases"):
        cases.table("sources", "kobe")


@pytest.fixture
def own_data(tmp_path, monkeypatch):
    """A copy of the data that a test may spoil."""
    folder = tmp_path / "data"
    shutil.copytree(tables.folder(), folder)
    monkeypatch.setattr(tables, "folder", lambda: folder)
    tables._read.cache_clear()
    yield folder
    tables._read.cache_clear()


def test_contract_in_two_currencies_is_refused(own_data):
    path = own_data / "contracts.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("10480000,money,JPY", "10480000,money,GBP"), encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"contracts.csv, case 'kobe': currency \['GBP'\] beside JPY"):
        cases.contract("kobe")


def test_outcome_without_a_payer_is_refused(own_data):
    path = own_data / "payers.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("kobe,renal")), encoding="utf-8")
    with pytest.raises(ValueError, match=r"payers.csv has no row for case 'kobe' and outcome 'renal'"):
        cases.contract("kobe")
