"""What students hand in, as one file each; and a teacher's command that marks a folder of them."""

import io
import json
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from casebook import editions
from nbclient import NotebookClient

from sibmodels.__main__ import main
from sibmodels.teach import exercises, marking
from sibmodels.teach.exercises import MARKER, check, hand_in, keep, seal
from sibmodels.teach.judging import Part

ROOT = Path(__file__).parents[1]
SLIP = ((0.25, "That is the part over the rest."),)
PARTS = {
    "uk 4": [Part(0.2, 2, slips=SLIP), Part(2.67, 2)],
    "kobe 4": [Part(20.0)],
    "kobe 10": [Part("Kobe", words=("Kobe", "Tenri"))],
}
KEY = marking.AnswerKey("0.2.0", {**PARTS, "kobe 5": []})


@pytest.fixture(autouse=True)
def session(monkeypatch, tmp_path):
    monkeypatch.setattr(exercises, "_given", {})
    monkeypatch.chdir(tmp_path)


def answered(**answers):
    exercises._given.clear()
    for name, answer in answers.items():
        check(name.replace("_", " "), answer, seal(PARTS[name.replace("_", " ")]))


def held(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


# handing in


def test_one_file_has_every_answer_as_it_was_given_over_all_chapters(tmp_path, capsys):
    answered(uk_4=np.array([0.25, 2.67]))
    keep("kobe 5", "  In words,\nof two lines. ")
    hand_in(" Aki  Sato ")
    answered(kobe_4=19.5, kobe_10="Tenri")  # another notebook, with a session of its own
    hand_in("Aki Sato")
    assert [path.name for path in tmp_path.iterdir()] == ["handed-in-Aki-Sato.json"]
    file = held("handed-in-Aki-Sato.json")
    assert (file["what"], file["name"], file["book"]) == (MARKER, "Aki Sato", "0.2.0")
    assert file["chapters"] == ["kobe", "uk"]
    assert {name: one["answer"] for name, one in file["answers"].items()} == {
        "uk 4": [0.25, 2.67],
        "kobe 4": 19.5,
        "kobe 5": "In words,\nof two lines.",
        "kobe 10": "Tenri",
    }
    assert "right" not in Path("handed-in-Aki-Sato.json").read_text(encoding="utf-8")  # answers, no marks
    assert "answered so far: 4, from kobe, uk." in capsys.readouterr().out


def test_the_latest_answer_counts_and_what_is_not_given_takes_nothing_away():
    answered(kobe_4=19)
    hand_in("a")
    answered(kobe_4=20)
    hand_in("a")
    answered(kobe_4=...)
    hand_in("a")
    assert held("handed-in-a.json")["answers"]["kobe 4"]["answer"] == 20


@pytest.mark.parametrize("name", [..., "", "  ", "..."])
def test_no_name_yet(name, capsys, tmp_path):
    answered(kobe_4=20)
    hand_in(name)
    assert "Put your name or number" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_nothing_to_hand_in_yet(capsys, tmp_path):
    hand_in("a")
    assert "nothing to hand in" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


NAMES = ["佐藤 秋", "O'Neil / B", "O'Neil : B", 'x<>:"|?*\\x', "CON", "a" * 300, "...x", "José", 12345, "=1+1", "../up"]


def test_every_name_has_a_file_of_its_own_that_every_system_can_have(tmp_path):
    for name in NAMES:
        answered(kobe_4=20)
        hand_in(name)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert len(files) == len(NAMES)
    for file in files:
        assert len(file.encode()) < 255
        assert not set(file) & set('<>:"/\\|?*')
        assert not file.removesuffix(".json").endswith((" ", "."))
    assert {held(file)["name"] for file in files} == {str(name) for name in NAMES}


@pytest.mark.parametrize(
    "there", ["", "{", '{"what": 1}', "[]", json.dumps({"what": MARKER, "name": "b", "answers": {}})]
)
def test_a_file_that_is_no_own_one_is_left_as_it_is(there, tmp_path):
    (tmp_path / "handed-in-a.json").write_text(there)
    answered(kobe_4=20)
    hand_in("a")
    hand_in("a")
    assert (tmp_path / "handed-in-a.json").read_text() == there
    assert held("handed-in-a-2.json")["answers"]["kobe 4"]["answer"] == 20
    assert len(list(tmp_path.iterdir())) == 2


def test_a_place_that_cannot_be_written_to_is_said(tmp_path, capsys):
    answered(kobe_4=20)
    hand_in("a", tmp_path / "none")
    assert "Nothing is lost" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [float("nan"), 1j, print, 10**400, None, [], {"a": [1, None]}, "\ud800"])
def test_any_answer_can_be_handed_in(answer):
    answered(kobe_4=answer)
    hand_in("a")
    assert "kobe 4" in held("handed-in-a.json")["answers"]


# marking


def file(name, answers, origin="", when="2026-10-01", book="0.2.0", **more):
    rows = {key: {"answer": value, "when": when, "check": ""} for key, value in answers.items()}
    head = {"what": MARKER, "name": name, "file": origin or name, "book": book, "chapters": []}
    return exercises._text({**head, **more}, rows)


@pytest.fixture
def put(tmp_path):
    folder = tmp_path / "class"

    def of(**files):
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder

    return of


def test_a_class_is_marked_part_by_part(put):
    folder = put(
        **{
            "a.json": file("A", {"uk 4": [0.25, 2.67], "kobe 4": 20, "kobe 5": "=words"}),
            "b.json": file("B", {"uk 4": [0.25, 2.6667], "kobe 4": 19, "kobe 10": "tenri"}),
            "c.json": file("C", {"uk 4": 0.2}),
        }
    )
    marks = marking.mark(folder, KEY)
    assert marks.notes == []
    rows = marks.parts.set_index(["student", "exercise", "part"])
    assert rows.loc[("A", "uk 4", 1), "says"] == "That is the part over the rest."
    assert rows.loc[("A", "uk 4", 2), "right"] == 1
    assert "It needs 2 numbers" in rows.loc[("C", "uk 4", 1), "says"]
    assert marks.parts.query("exercise == 'kobe 5'")["given"].tolist() == ["'=words"]
    assert marks.parts.query("exercise == 'kobe 5'")["right"].isna().all()
    assert marks.students.set_index("student")["right"].to_dict() == {"A": 2, "B": 1, "C": 0}
    assert marks.students["share"].tolist() == [2 / 4, 1 / 4, 0]
    assert marks.students["open"].tolist() == [1, 0, 0]
    table = marks.exercises.set_index(["exercise", "part"])
    assert list(table.index) == [("kobe 4", 1), ("kobe 10", 1), ("uk 4", 1), ("uk 4", 2)]
    assert table.loc[("uk 4", 1), ["answered", "right", "commonest", "times", "says"]].tolist() == [
        *(3, 0.0, "0.25", 2),
        "That is the part over the rest.",
    ]
    said = marking.sentences(marks)
    assert said[0] == "Students: 3. Answers: 7. Parts that are right, of those given: 33 %."
    assert said[2] == "  uk 4, part 1: 0 % of 3; 2 gave 0.25. That is the part over the rest."


@pytest.mark.parametrize("text", ["=1+1", "-1+cmd|' /C calc'!A0", "+x", "@x", "\t=x"])
def test_no_text_becomes_a_formula_and_numbers_stay_numbers(put, text):
    folder = put(**{"a.json": file(text, {"kobe 10": text, "kobe 4": -1.5})})
    marks = marking.mark(folder, KEY)
    assert marks.parts["given"].tolist() == ["-1.5", f"'{text}"]
    assert marks.students["student"][0] in (f"'{text}", f"'{text.strip()}")


def test_files_as_classes_hand_them_in(put):
    whole = file("Whole", {"kobe 4": 20, "uk 4": [0.2, 2.67]})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as inner:
        inner.writestr("Zed_123_assignsubmission_file/handed-in-Zed.json", file("Zed", {"kobe 4": 20}))
        inner.writestr("__MACOSX/._handed-in-Zed.json", b"\0\5")
    folder = put(
        **{
            "whole.json.txt": whole,
            "sub/folder/UTF16.JSON": file("Sixteen", {"kobe 4": 20}).encode("utf-16"),
            "bom.json": b"\xef\xbb\xbf" + file("佐藤", {"kobe 4": 20}).encode(),
            "all.zip": archive.getvalue(),
            "cut.json": file("Cut", {"kobe 4": 20, "uk 4": [0.2, 2.67]})[:-30],
            "empty.json": "",
            "notebook.ipynb": '{"cells": []}',
            "essay.docx": b"PK\3\4 no zip",
            "other.json": '{"a": 1}',
            "list.json": "[1]",
            "nameless.json": file("", {"kobe 4": 20}),
            "old.json": file("Old", {"kobe 4": 20}, book="0.1.0"),
            "strange.json": file("Strange", {"mars 1": 3, "kobe 4": 20}),
            ".DS_Store": "x",
            "Thumbs.db": "x",
        }
    )
    marks = marking.mark(folder, KEY)
    assert set(marks.students["student"]) == {
        *("Whole", "Sixteen", "佐藤", "Zed", "Cut", "nameless", "Old", "Strange"),
    }
    notes = "\n".join(marks.notes)
    for name in ("empty.json is empty", "notebook.ipynb is a notebook", "essay.docx holds no", "other.json holds no"):
        assert f"Left out: {name}" in notes
    assert "cut.json is damaged; 1 answers that are whole were taken" in notes
    assert "nameless.json names nobody" in notes
    assert "Old had version 0.1.0 of the book" in notes
    assert "Strange answered what these answers do not have, which is kept and not marked: mars 1" in notes
    assert marks.parts.query("exercise == 'mars 1'")["given"].tolist() == ["3"]
    assert "DS_Store" not in notes
    assert "Thumbs" not in notes
    assert len(marks.notes) == 9


def test_two_files_of_one_student_are_taken_together_and_the_latest_answer_counts(put):
    folder = put(
        **{
            "a (1).json": file("Aki Sato", {"kobe 4": 20}, "one", "2026-10-02"),
            "a.json": file("Aki Sato", {"kobe 4": 19, "kobe 10": "Kobe"}, "one", "2026-10-01"),
            "colab.json": file("aki  sato", {"uk 4": [0.2, 2.67]}, "two"),
        }
    )
    marks = marking.mark(folder, KEY)
    assert marks.students[["student", "exercises", "right"]].to_numpy().tolist() == [["Aki Sato", 3, 4]]
    assert "Aki Sato handed in several files" in marks.notes[-1]


def test_two_students_of_one_name_stay_two(put):
    folder = put(
        **{
            "x/a.json": file("Aki Sato", {"kobe 4": 20}, "one"),
            "y/a.json": file("Aki Sato", {"kobe 4": 20}, "two"),
        }
    )
    marks = marking.mark(folder, KEY)
    assert marks.students["student"].tolist() == ["Aki Sato (x/a.json)", "Aki Sato (y/a.json)"]
    assert "the name in several files" in marks.notes[0]


def test_a_copy_under_another_name_is_named_and_marked(put):
    folder = put(**{"a.json": file("A", {"kobe 4": 20}, "one"), "b.json": file("B", {"kobe 4": 20}, "one")})
    marks = marking.mark(folder, KEY)
    assert len(marks.students) == 2
    assert marks.notes == ["Note: the file of B began as a copy of that of A."]


def test_an_exercise_of_another_version_is_named(put):
    answered(kobe_4=19)
    hand_in("A")
    folder = put(**{"a.json": Path("handed-in-A.json").read_text(encoding="utf-8")})
    assert marking.mark(folder, KEY).notes == []
    other = marking.AnswerKey("0.2.0", {"kobe 4": [Part(19.0)]})
    marks = marking.mark(folder, other)
    assert marks.parts["right"].tolist() == [1]
    assert "A had another version of these exercises" in marks.notes[0]


def test_the_command_writes_three_tables_that_a_spreadsheet_reads(put, tmp_path, capsys):
    folder = put(**{"a.json": file("佐藤 秋", {"kobe 4": 20}), "b.json": file("=cmd()", {"kobe 4": 19}), "c.json": ""})
    (tmp_path / "answers.toml").write_text(editions.answer_key(ROOT), encoding="utf-8")
    line = ["mark", str(folder), "--answers", "answers.toml", "--out", "out"]
    assert main(line) == 0
    out = capsys.readouterr().out
    assert "Left out: c.json is empty; ask for it again." in out
    assert "Wrote out.csv" in out
    assert Path("out.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    read = pd.read_csv("out-by-student.csv", encoding="utf-8-sig")
    assert sorted(read["student"]) == ["'=cmd()", "佐藤 秋"]
    assert {"out.csv", "out-by-student.csv", "out-by-exercise.csv"} <= {path.name for path in tmp_path.iterdir()}
    assert main(line) == 3  # what is there is not replaced
    assert main([*line, "--force"]) == 0


@pytest.mark.parametrize(
    ("folder", "answers", "said"),
    [
        ("none", "answers.toml", "none: is not there"),
        ("class", "none.toml", "none.toml"),
        ("class", "class/a.json", "is no file of answers"),
        ("empty", "answers.toml", "holds nothing that exercises.hand_in wrote"),
    ],
)
def test_what_is_in_the_way_is_said(put, tmp_path, capsys, folder, answers, said):
    put(**{"a.json": file("A", {"kobe 4": 20})})
    (tmp_path / "empty").mkdir()
    (tmp_path / "answers.toml").write_text(editions.answer_key(ROOT), encoding="utf-8")
    assert main(["mark", folder, "--answers", answers]) == 3
    assert said in capsys.readouterr().err
    assert not list(tmp_path.glob("marks*"))


def test_the_answers_file_has_every_exercise_and_is_nothing_that_students_get(tmp_path):
    (tmp_path / "answers.toml").write_text(editions.answer_key(ROOT), encoding="utf-8")
    key = marking.read_key(tmp_path / "answers.toml")
    notes = editions.notes(ROOT)
    listed = {editions.title(name, number + 1): f"{number + 1}" in about["checks"]
              for name, about in notes.items() for number in range(len(about["minutes"]))}  # fmt: skip
    assert {name: bool(parts) for name, parts in key.parts.items()} == listed
    for name, path in editions.chapters(ROOT).items():
        if name in notes:
            notebook = nbformat.read(path, as_version=4)
            for number in notes[name]["checks"]:
                assert key.parts[editions.title(name, int(number))] == editions.parts(
                    notebook, notes[name], int(number)
                )
    assert not list((ROOT / "sibmodels").rglob("*answers*"))


# the whole way


@pytest.mark.long
def test_a_student_s_notebook_runs_to_its_end_with_wrong_answers_and_is_marked(tmp_path, monkeypatch):
    """*Run all*: no answers yet, then wrong ones of many kinds, and a file to hand in at the end."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notes = editions.notes(ROOT)["framing/between-organisations"]
    chapter = nbformat.read(ROOT / "book/framing/between-organisations.ipynb", as_version=4)
    student = editions.edition(chapter, "framing/between-organisations", "student", notes)
    wrong = {1: "[1, 2, 3]", 2: "55", 3: "'much'", 4: "[12.75, 5.75]"}
    for cell in student.cells:
        for number, answer in wrong.items():
            cell.source = cell.source.replace(f"answer_{number} = ...", f"answer_{number} = {answer}")
        cell.source = cell.source.replace("hand_in(...)", "hand_in('Aki')").replace('"""\n...', '"""\nIt says.')
    NotebookClient(student, resources={"metadata": {"path": str(tmp_path)}}).execute()
    said = [
        "".join(out.get("text", "") for out in cell.outputs)
        for cell in student.cells
        if "check" in cell.metadata.get("tags", [])
    ]
    assert [one.splitlines()[0].partition(": ")[2].partition(". ")[0] for one in said] == [
        *("not right", "not right", "not right", "0 of 2 parts right"),
    ]
    assert "another order" in said[3]
    (tmp_path / "class").mkdir()
    (tmp_path / "handed-in-Aki.json").rename(tmp_path / "class/a.json")
    (tmp_path / "answers.toml").write_text(editions.answer_key(ROOT), encoding="utf-8")
    marks = marking.mark(tmp_path / "class", marking.read_key(tmp_path / "answers.toml"))
    assert marks.students[["exercises", "right", "open"]].to_numpy().tolist() == [[5, 0, 1]]
    assert marks.notes == []
