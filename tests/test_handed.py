"""Sheets as classes hand them in: what can be taken is taken and said, what leaves doubt is refused with its place."""

import io
import zipfile

import numpy as np
import pandas as pd
import pytest

from sibmodels import coding_sheet, handed_in, read_codings
from sibmodels.teach import handed
from sibmodels.teach.negotiation import blank_sheet, example, read_sheets

SCORES = np.resize([-1.0, -0.5, 0.0, 0.5, 1.0], 24)


def sheet(score=SCORES, **more) -> pd.DataFrame:
    return coding_sheet(evidence=False).assign(score=score, **more)


def comma(text: str = "") -> bytes:
    return sheet(why=text).to_csv(index=False).encode()


def workbook(frame: pd.DataFrame, above: int = 0) -> bytes:
    into = io.BytesIO()
    with pd.ExcelWriter(into, engine="openpyxl") as book:
        pd.DataFrame({"a title": []}).to_excel(book, sheet_name="About", index=False)
        frame.to_excel(book, sheet_name="Sheet", index=False, startrow=above)
    return into.getvalue()


def written(values, minus="-", comma=".", wide=False) -> list[str]:
    text = [f"{value:g}".replace("-", minus).replace(".", comma) for value in values]
    return [one.translate({48 + digit: chr(0xFF10 + digit) for digit in range(10)}) if wide else one for one in text]


# what a class saves, and a word of what is said of it
TAKEN = {
    "plain": ("Ann.csv", comma(), ""),
    "upper case": ("Ann.CSV", comma(), ""),
    "text after all": ("Ann.csv.txt", comma(), ""),
    "only text": ("Ann.txt", comma(), ""),
    "a copy alone": ("Ann (1).csv", comma(), ""),
    "a copy on Windows": ("Ann - Copy.csv", comma(), ""),
    "a copy on a Mac": ("Copy of Ann.csv", comma(), ""),
    "a copy in Japan": ("Ann - コピー (2).csv", comma(), ""),
    "UTF-8 with a mark": ("Ann.csv", b"\xef\xbb\xbf" + comma("café"), ""),
    "UTF-16": ("Ann.csv", sheet(why="理由").to_csv(index=False, sep="\t").encode("utf-16"), "tabs"),
    "Japanese Excel": (
        "Ann.csv",
        comma("価値は財政だけではない").decode().encode("cp932"),
        "cp932",
    ),
    "Western Excel": ("Ann.csv", comma("état: “déjà” payé, coût élevé").decode().encode("cp1252"), "(cp1252)"),
    "Macintosh": ("Ann.csv", comma("état: “déjà” payé, coût élevé").decode().encode("mac_roman"), "mac_roman"),
    "German on a Macintosh": ("Ann.csv", comma("Größe über Maß").decode().encode("mac_roman"), "mac_roman"),
    "German on Windows": ("Ann.csv", comma("Größe über Maß").decode().encode("cp1252"), "(cp1252)"),
    "CR alone": ("Ann.csv", comma().replace(b"\n", b"\r"), "old Macintosh"),
    "CR and LF": ("Ann.csv", comma().replace(b"\n", b"\r\n"), ""),
    "semicolons and decimal commas": (
        "Ann.csv",
        sheet(written(SCORES, comma=",")).to_csv(index=False, sep=";").encode(),
        "semicolons",
    ),
    "Excel's own hint": ("Ann.csv", b"sep=;\r\n" + sheet().to_csv(index=False, sep=";").encode(), "semicolons"),
    "a tab": ("Ann.tsv", sheet().to_csv(index=False, sep="\t").encode(), "tabs"),
    "decimal commas unquoted": (
        "Ann.csv",
        comma().replace(b",-0.5,", b",-0,5,").replace(b",0.5,", b",0,5,"),
        "decimal commas in 10 rows",
    ),
    "full width": ("Ann.csv", sheet(written(SCORES, "－", "．", wide=True)).to_csv(index=False).encode(), ""),
    "another minus": ("Ann.csv", sheet(written(SCORES, "−")).to_csv(index=False).encode(), ""),
    "a long vowel for a minus": ("Ann.csv", sheet(written(SCORES, "ー", wide=True)).to_csv(index=False).encode(), ""),
    "blank lines": ("Ann.csv", b"\n\n" + comma().replace(b"\n", b"\n\n") + b",,,,,,,,\n", ""),
    "in one column": (
        "Ann.csv",
        "".join('"' + line.replace('"', '""') + '"\n' for line in comma().decode().splitlines()).encode(),
        "each row in one cell",
    ),
    "commas in the reasons": ("Ann.csv", comma("one").replace(b",one", b",one, two, three"), ""),
    "labels for names": (
        "Ann.csv",
        sheet(dimension=coding_sheet()["dimension"].replace("users", "Service users")).to_csv(index=False).encode(),
        "",
    ),
    "a header in capitals": ("Ann.csv", comma().replace(b"case,", b"Case,").replace(b",score", b", SCORE "), ""),
    "a column of its own": ("Ann.csv", sheet(mood="fine").to_csv(index=False).encode(), "columns not read: mood"),
    "a workbook": ("Ann.xlsx", workbook(sheet()), "workbook"),
    "a workbook with a title": ("Ann.XLSX", workbook(sheet(), above=3), "workbook"),
    "a workbook under another name": ("Ann.csv", workbook(sheet()), "workbook"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_can_be_taken_is_taken_whole_and_said(name, tmp_path):
    file, raw, said = TAKEN[name]
    (tmp_path / file).write_bytes(raw)
    codings, received = read_codings(tmp_path), handed_in(tmp_path)
    assert set(codings["coder"]) == {"Ann"}
    np.testing.assert_array_equal(codings["score"], SCORES)
    assert received["file"].tolist() == [file]
    assert received["scores"].tolist() == [24]
    assert said in received["understood"].iloc[0]
    assert said or not received["understood"].iloc[0], "something is said of a file that needed no understanding"


@pytest.mark.parametrize("encoding", ["cp932", "cp1252", "mac_roman", "utf-8", "utf-16"])
def test_reasons_survive_their_encoding(encoding, tmp_path):
    why = "価値は財政だけ、と読む" if encoding == "cp932" else "“état” – où l’élève paie"
    (tmp_path / "Ann.csv").write_bytes(sheet(why=why).to_csv(index=False).encode(encoding))
    assert set(read_codings(tmp_path)["why"]) == {why}


# what a class hands in that is refused: each file, and what is said of it
REFUSED = {
    "two rows short": (
        "Ann.csv",
        sheet().drop([1, 9]).to_csv(index=False).encode(),
        "Ann.csv has 22 of 24 rows; missing: yokohama, outcomes; kobe, relationship. Put them back",
    ),
    "between two steps": (
        "Ann.csv",
        comma().replace(b",-0.5,", b",-0.4,", 1),
        "Ann.csv, row 3, column 'score' is '-0.4'; it must be one of -1, -0.5, 0, 0.5, 1, or blank",
    ),
    "words": ("Ann.csv", sheet("n/a").to_csv(index=False).encode(), "Ann.csv, row 2, column 'score' is 'n/a'"),
    "a date that a spreadsheet made": (
        "Ann.csv",
        comma().replace(b",0.5,", b",May 00,", 1),
        "row 5, column 'score' is 'May 00'",
    ),
    "misspelt": (
        "Ann.csv",
        comma().replace(b"kobe,value", b"kobbe,value"),
        "row 10, column 'case': 'kobbe' is unknown",
    ),
    "twice": (
        "Ann.csv",
        comma() + b"kobe,value,a,b,,,,1,\n",
        "Ann.csv, row 26, column 'case': kobe, value is there twice",
    ),
    "beyond the header": (
        "Ann.csv",
        sheet()[["why", "case", "dimension", "score"]]
        .to_csv(index=False)
        .encode()
        .replace(b"value,0.0", b"value,0.0,5"),
        "column beyond the last: '5'",
    ),
    "another edition": (
        "Ann.csv",
        comma().replace(b"yokohama", b"peterborough").replace(b"uk-", b"us-"),
        "Ann.csv: 18 of 24 rows are of cases or dimensions that this edition does not code",
    ),
    "no header": ("Ann.csv", comma().partition(b"\n")[2], "row 1: the columns case, dimension, score are missing"),
    "empty": ("Ann.csv", b"", "Ann.csv is empty; the columns case, dimension, score are needed"),
    "blank": ("Ann.csv", coding_sheet().to_csv(index=False).encode(), "column 'score': no score yet"),
    "a document": ("Ann.docx", b"PK", "Ann.docx is a document; a sheet is needed, saved as .csv"),
    "an old workbook": ("Ann.xls", b"\xd0\xcf", "Ann.xls is a workbook; a sheet is needed, saved as .csv"),
    "Numbers": ("Ann.numbers", b"PK", "Ann.numbers is a workbook; a sheet is needed"),
    "a broken workbook": ("Ann.xlsx", b"PK\x03\x04", "Ann.xlsx is a workbook that cannot be read"),
    "a broken archive": ("class.zip", b"PK", "class.zip cannot be unpacked"),
    "too large": ("Ann.csv", comma() + b"\n" * 1_000_000, "a sheet holds less than 1,000,000"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_leaves_doubt_is_refused_with_its_place(name, tmp_path):
    file, raw, said = REFUSED[name]
    (tmp_path / file).write_bytes(raw)
    (tmp_path / "Ben.csv").write_bytes(comma())
    for read in (read_codings, handed_in):
        with pytest.raises(ValueError, match=r"Ann|class") as caught:
            read(tmp_path)
        assert said in str(caught.value)
        assert "Ben" not in str(caught.value)


def test_a_slip_in_one_row_is_one_line(tmp_path):
    (tmp_path / "Ann.csv").write_bytes(comma().replace(b"kobe,value", b"kobbe,value"))
    with pytest.raises(ValueError, match="kobbe") as caught:
        read_codings(tmp_path)
    assert len(str(caught.value).splitlines()) == 1


def test_what_computers_put_there_is_passed_over_and_other_files_are_named(tmp_path):
    (tmp_path / "Ann.csv").write_bytes(comma())
    for name in (".DS_Store", "~$Ann.xlsx", "desktop.ini", "Thumbs.db", "._Ann.csv"):
        (tmp_path / name).write_bytes(b"\0")
    (tmp_path / "list of names.txt").write_text("Ann\nBen\n", encoding="utf-8")
    (tmp_path / "marks.py").touch()
    received = handed_in(tmp_path)
    assert received["file"].tolist() == ["Ann.csv", "list of names.txt", "marks.py"]
    assert received["coder"].tolist() == ["Ann", "", ""]
    assert received["understood"].tolist()[1:] == [
        "left out: it is text, and no sheet",
        "left out: a sheet ends in .csv",
    ]
    assert set(read_codings(tmp_path)["coder"]) == {"Ann"}


def test_a_copy_counts_once_and_another_version_is_refused(tmp_path):
    for name in ("Ann.csv", "Ann (1).csv", "ANN - Copy.csv"):
        (tmp_path / name).write_bytes(comma())
    assert len(read_codings(tmp_path)) == 24
    received = handed_in(tmp_path)
    assert received["file"].iloc[0] == "Ann.csv"
    assert (received["understood"].iloc[1:] == "the same as Ann.csv: taken once").all()
    (tmp_path / "Ann (2).csv").write_bytes(comma("changed my mind"))
    with pytest.raises(ValueError, match=r"Ann \(2\).csv: a sheet of 'Ann' is there already, Ann.csv; keep one"):
        read_codings(tmp_path)


def archive(names: dict[str, bytes]) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as packed:
        for name, raw in names.items():
            packed.writestr(name, raw)
    return into.getvalue()


PLATFORMS = {
    "Moodle, in folders": {
        "Ann Lee_12345_assignsubmission_file_/sheet.csv": "Ann Lee",
        "Ben Ng_12346_assignsubmission_file_/coding-sheet-blind.csv": "Ben Ng",
    },
    "Moodle, flat": {
        "Ann Lee_12345_assignsubmission_file_my sheet.CSV": "Ann Lee",
        "Ben Ng_12346_assignsubmission_file_sheet.csv.txt": "Ben Ng",
    },
    "Moodle, without names": {
        "Participant_12345_assignsubmission_file_/sheet.csv": "Participant 12345",
        "Participant_12346_assignsubmission_file_/sheet.csv": "Participant 12346",
    },
    "two of one name": {
        "Ann Lee_12345_assignsubmission_file_/a.csv": "Ann Lee 12345",
        "Ann Lee_12346_assignsubmission_file_/a.csv": "Ann Lee 12346",
    },
    "Canvas": {"leeann_12345_678901_sheet.csv": "leeann", "ngben_LATE_12346_678902_sheet-1.csv": "ngben"},
    "folders by name": {"Ann/coding-sheet.csv": "Ann", "田中/coding-sheet.csv": "田中"},
    "names of their own": {"lab 3/Ann.csv": "Ann", "lab 3/Ben.csv": "Ben"},
}


@pytest.mark.parametrize("unpacked", [False, True])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_a_platform_packs_names_its_coders(platform, unpacked, tmp_path):
    names = PLATFORMS[platform]
    raw = {name: comma(f"as {name}") for name in names} | {"__MACOSX/._sheet.csv": b"\0", "x/.DS_Store": b"\0"}
    if unpacked:
        for name, content in raw.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
        given = tmp_path
    else:
        given = tmp_path / "submissions.zip"
        given.write_bytes(archive(raw))
        assert set(read_codings(tmp_path)["coder"]) == set(names.values()), "in a folder as well"
    codings = read_codings(given)
    assert set(codings["coder"]) == set(names.values())
    assert dict(zip(codings["coder"], codings["why"], strict=True)) == {
        who: f"as {name}" for name, who in names.items()
    }


def test_a_submission_that_is_no_sheet_is_named(tmp_path):
    (tmp_path / "all.zip").write_bytes(
        archive(
            {
                "Ann_1_assignsubmission_file_/sheet.csv": comma(),
                "Ben_2_assignsubmission_onlinetext_/onlinetext.html": b"<p>Sorry</p>",
                "Cho_3_assignsubmission_file_/mine.zip": b"PK",
            }
        )
    )
    with pytest.raises(ValueError, match=r"Ben_2.*is a document") as caught:
        read_codings(tmp_path)
    assert "mine.zip is an archive within one; unpack it" in str(caught.value)


def test_a_name_in_a_japanese_archive_is_read(tmp_path):
    raw = archive({"AAAA.csv": comma()})
    (tmp_path / "class.zip").write_bytes(raw.replace(b"AAAA", "田中".encode("cp932")))
    assert set(read_codings(tmp_path)["coder"]) == {"田中"}


def test_both_kinds_of_sheet_are_told_apart(tmp_path):
    sheet().to_csv(tmp_path / "Ann.csv", index=False)
    coding_sheet().assign(score=SCORES).to_csv(tmp_path / "Ben.csv", index=False)
    kinds = read_codings(tmp_path).groupby("coder")["sheet"].unique().str[0]
    assert kinds.to_dict() == {"Ann": "blind", "Ben": "evidence"}


def terms(**other) -> str:
    values = example() | {"name": '"A"', "evaluation": '"count"'} | other
    lines = [line for line in blank_sheet().splitlines() if not line.startswith("#")]
    return "\n".join(f"{key} = {values[key]}" for line in lines if (key := line.partition("=")[0].strip()))


def test_term_sheets_are_taken_as_a_class_hands_them_in(tmp_path):
    files = {
        "table 1.toml": terms(name='""').encode(),
        "table 1 (1).toml": terms(name='""').encode(),
        "Table2.TOML.txt": terms(name="“Tisch 2”", evaluation="“compare”", places="２０").encode(),
        "three.txt": terms(name='"卓３"').encode("cp932"),
        "minutes.txt": b"we agreed in good spirit",
        ".DS_Store": b"\0",
    }
    for name, raw in files.items():
        (tmp_path / name).write_bytes(raw)
    signed = {sheet.name: sheet for sheet in read_sheets(tmp_path)}
    assert set(signed) == {"table 1", "Tisch 2", "卓３"}
    assert signed["Tisch 2"].places == 20
    assert signed["Tisch 2"].evaluation == "compare"
    assert dict(handed.gather(tmp_path, ".toml").notes) == {
        "table 1 (1).toml": "the same as table 1.toml: taken once",
        "minutes.txt": "left out: it is text, and no sheet",
    }
    (tmp_path / "all.zip").write_bytes(
        archive({"Ann_1_assignsubmission_file_/term-sheet.toml": terms(name='""').encode()})
    )
    assert {sheet.name for sheet in read_sheets(tmp_path)} == {"table 1", "Tisch 2", "卓３", "Ann"}
    (tmp_path / "table 1 (2).toml").write_bytes(terms(name='""', places=30).encode())
    with pytest.raises(ValueError, match=r"a sheet of 'table 1' is there already, table 1.toml"):
        read_sheets(tmp_path)


def test_without_openpyxl_a_workbook_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    (tmp_path / "Ann.xlsx").write_bytes(b"PK")
    with pytest.raises(ValueError, match=r"Ann.xlsx is a workbook, and openpyxl is not installed to read it"):
        read_codings(tmp_path)
