"""Several files at once: all or none, and nothing replaced that should stay."""

import errno
import os
from pathlib import Path

import pytest

from sibmodels.files import write_all

PLACING = [name for name in ("replace", "link") if hasattr(os, name)]  # the page's Python has no links


def saying(text):
    return lambda path: path.write_text(text, encoding="utf-8")


def failing(path):
    path.write_text("half", encoding="utf-8")
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


def no_links(*places):
    raise OSError(errno.EPERM, "no links")


def held(folder) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


@pytest.fixture
def two(tmp_path):
    return tmp_path / "a.txt", tmp_path / "b.txt"


def test_all_are_written_and_named(two, tmp_path):
    assert write_all(dict(zip(two, map(saying, "ab"), strict=True))) == list(two)
    assert held(tmp_path) == {"a.txt": "a", "b.txt": "b"}


def test_a_writer_gets_a_name_with_the_file_s_ending_and_not_its_own(tmp_path):
    got = []
    write_all({tmp_path / "a.xlsx": lambda path: (got.append(path), path.touch())})
    assert got[0].suffix == ".xlsx"
    assert got[0] != tmp_path / "a.xlsx"


@pytest.mark.parametrize("before", [{}, {"a.txt": "old"}, {"a.txt": "old", "b.txt": "older"}])
def test_a_second_file_that_fails_leaves_everything_as_it_was(two, tmp_path, before):
    for name, text in before.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(OSError, match="No space left") as caught:
        write_all({two[0]: saying("a"), two[1]: failing}, replace=True)
    assert caught.value.filename == str(two[1])  # and not the draft's
    assert held(tmp_path) == before


@pytest.mark.parametrize("before", [{}, {"a.txt": "old", "b.txt": "older"}])
def test_a_second_file_that_finds_no_place_puts_the_first_one_back(two, tmp_path, monkeypatch, before):
    for name, text in before.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    def refusing(move):
        def moved(source, target):
            if target == two[1]:
                raise PermissionError(errno.EACCES, "Permission denied", str(target))
            move(source, target)

        return moved

    for name in PLACING:
        monkeypatch.setattr(os, name, refusing(getattr(os, name)))
    with pytest.raises(PermissionError):
        write_all(dict(zip(two, map(saying, "ab"), strict=True)), replace=bool(before))
    assert held(tmp_path) == before


def test_tidying_up_hides_no_error(two, monkeypatch):
    def read_only(path, **how):
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Path, "unlink", read_only)
    with pytest.raises(OSError, match="Read-only") as caught:
        write_all({two[0]: read_only})
    assert caught.value.filename == str(two[0])


def test_an_interruption_leaves_nothing(two, tmp_path):
    def interrupted(path):
        path.touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_all({two[0]: saying("a"), two[1]: interrupted})
    assert held(tmp_path) == {}


def test_what_is_there_stays_unless_it_may_be_replaced(two, tmp_path):
    for path in two:
        path.write_text("mine", encoding="utf-8")
    files = dict(zip((*two, tmp_path / "c.txt"), map(saying, "abc"), strict=True))
    with pytest.raises(FileExistsError) as caught:
        write_all(files)
    assert caught.value.filename == ", ".join(map(str, two))  # every one of them
    assert held(tmp_path) == {"a.txt": "mine", "b.txt": "mine"}
    write_all(files, replace=True)
    assert held(tmp_path) == {"a.txt": "a", "b.txt": "b", "c.txt": "c"}


@pytest.mark.parametrize("links", [True, False])
def test_one_that_appears_meanwhile_stays_too(two, tmp_path, monkeypatch, links):
    def slow(path):
        path.write_text("b", encoding="utf-8")
        two[1].write_text("somebody else's", encoding="utf-8")

    if not links:  # as on a FAT disk
        monkeypatch.setattr(os, "link", no_links, raising=False)
    with pytest.raises(FileExistsError, match=r"b\.txt"):
        write_all({two[0]: saying("a"), two[1]: slow})
    assert held(tmp_path) == {"b.txt": "somebody else's"}


def test_without_links_files_are_written_all_the_same(two, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", no_links, raising=False)
    write_all({two[0]: saying("a")})
    assert held(tmp_path) == {"a.txt": "a"}
    monkeypatch.delattr(os, "link", raising=False)  # as in a page
    write_all({two[1]: saying("b")})
    assert held(tmp_path) == {"a.txt": "a", "b.txt": "b"}


def test_a_folder_in_the_way_and_no_folder_at_all(tmp_path):
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write_all({tmp_path / "a.txt": saying("a")}, replace=True)
    with pytest.raises(NotADirectoryError, match="is no folder") as caught:
        write_all({tmp_path / "nowhere/a.txt": saying("a")})
    assert caught.value.filename == str(tmp_path / "nowhere")
