"""Files as classes hand them in: which of them are sheets, whose each is, and what stands in it.

A class saves under names such as ``Ann (1).CSV.txt``, in Excel's Japanese or German manner, from an old Macintosh,
or as a learning platform packs it. What can be read without a guess about its meaning is read, and what was
understood is noted; the rest is a problem with its file, row and column. Nothing is left out without a word but
what a computer put there by itself.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
import unicodedata
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sibmodels import files

__all__ = ["Pile", "Sheet", "Table", "gather", "one", "plain", "rows", "text", "value"]

LARGEST = 1_000_000  # bytes; a class's sheet holds a hundredth of it
MOST = 5_000  # files in an archive
OWN = {"desktop.ini", "thumbs.db", "__macosx"}  # what computers put into folders by themselves
SUFFIXES = {".csv": (".csv", ".tsv"), ".toml": (".toml",)}
WORKBOOKS = (".xlsx", ".xlsm")
OTHER = {
    **dict.fromkeys((".xls", ".xlsb", ".ods", ".numbers", *WORKBOOKS), "a workbook"),
    **dict.fromkeys((".pdf", ".doc", ".docx", ".odt", ".pages", ".rtf", ".html", ".htm"), "a document"),
    **dict.fromkeys((".png", ".jpg", ".jpeg", ".heic", ".gif"), "a picture"),
    **dict.fromkeys((".rar", ".7z", ".gz", ".tar"), "an archive"),
}
# how platforms name what they pack: a folder or a file for each person, with numbers of their own
MOODLE = re.compile(r"(?P<who>.+?)_(?P<id>\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)")
CANVAS = re.compile(r"(?P<who>[^_\d]+?)(?:_LATE)?_(?P<id>\d{2,})_\d{2,}_(?P<rest>.+\..+)")
COPY = re.compile(
    r"(?i)[ _]*(\(\d+\)|[-–] *(?:copy|kopie|copie|copia|コピー)(?: *\(\d+\))?)$|^(?:copy|kopie) (?:of|von) "
)
SEPARATORS = {",": "", ";": "separated by semicolons", "\t": "separated by tabs"}
NAMELESS = {"coding-sheet", "coding-sheet-blind", "term-sheet", "sheet", "coder"}  # as the book hands them out
MINUS = dict.fromkeys(map(ord, "−‐‑‒–—ー﹣"), "-")  # a full-width one becomes a plain one by itself
UNSEEN = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff"))
QUOTES = {ord(mark): plain for marks, plain in (("“”„«»", '"'), ("‘’‚", "'")) for mark in marks}


@dataclass(frozen=True)
class Sheet:
    """One file: where it lies, whose it is, what it holds."""

    file: str
    owner: str
    raw: bytes


@dataclass(frozen=True)
class Pile:
    """What a class handed in: the sheets, what is wrong, and what was understood, by file."""

    sheets: tuple[Sheet, ...]
    problems: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A sheet's cells: its header, and each row with its number, the first of the file being 1."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    notes: tuple[str, ...]


# ---------------------------------------------------------------- which files, and whose


def gather(given: str | Path | Iterable[str | Path], ending: str) -> Pile:
    """The sheets among files, folders and archives, each with the name of who handed it in.

    Parameters
    ----------
    given : path or iterable of paths
        Files, folders (with the folders in them) and ``.zip`` archives, as a learning platform makes them.
    ending : str
        ``.csv`` or ``.toml``. Either may be followed by ``.txt``; beside CSV, workbooks are sheets too.

    Returns
    -------
    Pile

    Raises
    ------
    FileNotFoundError
        If a path does not exist, or none is given.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("Ann.csv", "Ann (1).csv", "Ben.CSV.txt", ".DS_Store", "Cho.pdf"):
    ...     _ = (folder / name).write_text(name[:3])
    >>> pile = gather(folder, ".csv")
    >>> [(sheet.owner, sheet.file) for sheet in pile.sheets]
    [('Ann', 'Ann.csv'), ('Ben', 'Ben.CSV.txt')]
    >>> pile.problems
    ('Cho.pdf is a document; a sheet is needed, saved as .csv',)
    >>> pile.notes[0]
    ('Ann (1).csv', 'the same as Ann.csv: taken once')
    """
    paths = [Path(given)] if isinstance(given, str | Path) else [Path(path) for path in given]
    missing = [str(path) for path in paths if not path.exists()]
    if missing or not paths:
        raise FileNotFoundError(f"files: {missing or 'none given'}; each must be a file, a folder or a .zip")
    problems: list[str] = []
    notes: list[tuple[str, str]] = []
    found: list[tuple[PurePosixPath, bytes]] = []
    for path in paths:
        for file, size, read in _files(path, problems):
            kind = _kind(file, ending)
            if kind == "unlike":
                notes.append((str(file), f"left out: a sheet ends in {ending}"))
            elif kind and kind != "text":
                problems.append(f"{file} is {kind}; a sheet is needed, saved as {ending}")
            elif size > LARGEST:
                problems.append(f"{file} holds {size:,} bytes; a sheet holds less than {LARGEST:,}")
            else:
                raw = read()
                if kind == "text" and not _like(raw, ending):
                    notes.append((str(file), "left out: it is text, and no sheet"))
                else:
                    found.append((file, raw))
    owned = zip(_owners([file for file, _ in found]), found, strict=True)
    sheets: dict[str, Sheet] = {}
    for owner, (file, raw) in sorted(owned, key=lambda one: (one[0].casefold(), len(one[1][0].name))):
        first = sheets.setdefault(owner.casefold(), Sheet(str(file), owner, raw))
        if first.raw != raw:
            remedy = "keep one sheet of each, or rename it"
            problems.append(f"{file}: a sheet of {owner!r} is there already, {first.file}; {remedy}")
        elif first.file != str(file):
            notes.append((str(file), f"the same as {first.file}: taken once"))
    return Pile(tuple(sheets.values()), tuple(problems), tuple(notes))


def one(path: Path) -> Sheet:
    """A file by itself, under its own name."""
    file = PurePosixPath(unicodedata.normalize("NFC", path.name))
    return Sheet(str(file), _owner(file)[0], path.read_bytes())


def _files(path: Path, problems: list[str]) -> Iterator[tuple[PurePosixPath, int, Callable[[], bytes]]]:
    """Every file at or below a path that a person put there: its name, its size, and how to read it."""
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            inside = PurePosixPath(unicodedata.normalize("NFC", file.relative_to(path).as_posix()))
            if not file.is_file() or _by_itself(inside):
                continue
            if file.suffix.lower() == ".zip":
                yield from _packed(file, inside, problems)
            else:
                yield inside, file.stat().st_size, file.read_bytes
    elif path.suffix.lower() == ".zip":
        yield from _packed(path, PurePosixPath(path.name), problems)
    else:
        yield PurePosixPath(unicodedata.normalize("NFC", path.name)), path.stat().st_size, path.read_bytes


def _packed(
    path: Path, shown: PurePosixPath, problems: list[str]
) -> Iterator[tuple[PurePosixPath, int, Callable[[], bytes]]]:
    """The files of an archive; one that cannot be read is a problem."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MOST:
                problems.append(f"{shown} holds {len(entries):,} files; a class's archive holds at most {MOST:,}")
                return
            for entry in sorted(entries, key=_name):
                inside = PurePosixPath(unicodedata.normalize("NFC", _name(entry)))
                if _by_itself(inside):
                    continue
                if inside.suffix.lower() == ".zip":
                    problems.append(f"{shown}/{inside} is an archive within one; unpack it")
                elif entry.flag_bits & 1:
                    problems.append(f"{shown}/{inside} is locked with a password; unpack it")
                else:
                    yield inside, entry.file_size, lambda entry=entry: archive.read(entry)  # type: ignore[misc]
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        problems.append(f"{shown} cannot be unpacked: {error}")


def _name(entry: zipfile.ZipInfo) -> str:
    """A name in an archive; those that do not say their encoding are UTF-8 or Japanese."""
    if entry.flag_bits & 0x800:
        return entry.filename
    for encoding in ("utf-8", "cp932"):
        try:
            return entry.filename.encode("cp437").decode(encoding)
        except UnicodeError:
            continue
    return entry.filename


def _by_itself(file: PurePosixPath) -> bool:
    """Whether a computer made it, and nobody handed it in."""
    return any(part.startswith((".", "~$")) or part.casefold() in OWN for part in file.parts)


def _kind(file: PurePosixPath, ending: str) -> str:
    """Nothing for a sheet by its name, `text` for what may be one, `unlike`, or what it is instead."""
    suffixes = [suffix.lower() for suffix in file.suffixes]
    last = suffixes[-1] if suffixes else ""
    if last == ".txt":
        return "" if suffixes[-2:-1] and suffixes[-2] in SUFFIXES[ending] else "text"
    if last in SUFFIXES[ending] or (ending == ".csv" and last in WORKBOOKS):
        return ""
    return OTHER.get(last, "unlike")


def _like(raw: bytes, ending: str) -> bool:
    start = text(raw[:4_000])[0].casefold()
    return "dimension" in start if ending == ".csv" else "evaluation" in text(raw)[0]


def _owners(found: Sequence[PurePosixPath]) -> list[str]:
    """Whose each file is: by the platform's name for it, by its own, or by its folder's."""
    who = [_owner(file) for file in found]
    numbers = defaultdict(set)
    for name, number in who:
        numbers[name.casefold()].add(number)
    # two people of one name, or all of them nameless: the platform's number tells them apart
    return [f"{name} {number}" if number and len(numbers[name.casefold()]) > 1 else name for name, number in who]


def _owner(file: PurePosixPath) -> tuple[str, str]:
    for part in (*reversed(file.parts[:-1]), file.name):
        if packed := MOODLE.fullmatch(part) or CANVAS.fullmatch(part):
            return packed["who"].strip(), packed["id"]
    stem = file.name
    while PurePosixPath(stem).suffix.lower() in (".txt", ".csv", ".tsv", ".toml", *WORKBOOKS):
        stem = PurePosixPath(stem).stem
    while COPY.search(stem):
        stem = COPY.sub("", stem)
    stem = stem.strip()
    return (file.parent.name if stem.casefold() in NAMELESS and file.parent.name else stem), ""


# ---------------------------------------------------------------- what stands in one


def text(raw: bytes) -> tuple[str, str]:
    """The text of a file in whatever encoding a spreadsheet chose, and which that was if it had to be worked out.

    UTF-8 and UTF-16 say what they are. Of the others, Japanese is told by kana, or by characters that stand in
    groups: read in that way, a Western accent swallows the letter after it and stands alone. Windows and Macintosh
    differ in their accents, and the reading with fewer odd signs among its letters is taken.

    >>> text("理由".encode("cp932")), text("café".encode("cp1252")), text("café".encode("mac_roman"))
    (('理由', 'Japanese (cp932)'), ('café', 'Western (cp1252)'), ('café', 'Western, of a Macintosh (mac_roman)'))
    >>> text("état".encode())
    ('état', '')
    """
    found, error = files.decoded(raw)
    if error is None:
        return found, ""
    try:
        japanese = raw.decode("cp932")
    except UnicodeDecodeError:
        japanese = ""
    wide = re.findall(r"[\u3040-\u30ff\u3400-\u9fff々、。\uff01-\uff60]+", japanese)
    if re.search(r"[\u3041-\u30fa]", japanese) or 2 * sum(len(run) > 1 for run in wide) > len(wide):
        return japanese, "Japanese (cp932)"
    western = {encoding: raw.decode(encoding, errors="replace") for encoding in ("cp1252", "mac_roman")}
    if _odd(western["mac_roman"]) < _odd(western["cp1252"]):
        return western["mac_roman"], "Western, of a Macintosh (mac_roman)"
    return western["cp1252"], "Western (cp1252)"


def _odd(words: str) -> int:
    """How many signs stand where a writer of a Western language would not put them."""
    signs = re.findall(r"[^\x00-\x7f“”‘’–—…€£«»§°·¿¡\xa0½¼¾ºª]", words)
    odd = sum(not sign.isalpha() or sign in "ŠšŽžŸƒ" for sign in signs)
    odd += len(re.findall(r"(?<=[a-zß-ÿ])[À-ÞŒ]", words))  # a capital within a word
    return odd + len(re.findall(r"(?<=[A-Za-zß-ÿšž])[ªº‚„§°·«»…](?=[A-Za-z])", words))  # a sign within one


def plain(cell: str) -> str:
    """A cell without what keyboards and spreadsheets add: full-width letters, other minus signs, odd spaces and quotes.

    >>> plain(" −０．５\\u3000"), plain("“count”"), plain("Ｋｏｂｅ")
    ('-0.5', '"count"', 'Kobe')
    """
    return unicodedata.normalize("NFKC", cell.translate(UNSEEN)).translate(MINUS).translate(QUOTES).strip()


def value(written: str) -> object:
    """A value of TOML; full-width digits, other minus signs and curly quotes are taken for plain ones.

    >>> value("340000"), value("３４００００"), value("“count”  # agreed")
    (340000, 340000, 'count')
    """
    try:
        return tomllib.loads(f"value = {written}")["value"]
    except tomllib.TOMLDecodeError:
        return tomllib.loads(f"value = {plain(written)}")["value"]


def rows(sheet: Sheet, needed: Sequence[str]) -> tuple[Table | None, str]:
    """A sheet as a table, or what is wrong with it.

    Parameters
    ----------
    sheet : Sheet
        CSV with any usual separator, line end and encoding; or a workbook, where openpyxl is installed.
    needed : sequence of str
        Columns that its header has to have; it is the first row that has them all.

    Returns
    -------
    table : Table or None
    problem : str
        Empty where there is a table.

    Examples
    --------
    >>> table, _ = rows(Sheet("a.csv", "a", b"sep=;\\n\\ncase;score\\nkobe;0,5\\n"), ["case", "score"])
    >>> table.rows, table.notes
    (((4, ('kobe', '0,5')),), ('separated by semicolons',))
    """
    notes: list[str] = []
    if PurePosixPath(sheet.file).suffix.lower() in WORKBOOKS or sheet.raw[:4] == b"PK\x03\x04":
        grids, problem = _workbook(sheet)
        if problem:
            return None, problem
        notes.append("read from a workbook")
    else:
        grids, notes = _texts(sheet)
    best: list[str] = list(needed)
    for names, grid in grids.items():
        for number, cells in enumerate(grid[:20], start=1):
            header = [plain(cell).casefold() for cell in cells]
            absent = [name for name in needed if name not in header]
            if not absent:
                below = tuple((at, tuple(row)) for at, row in enumerate(grid[number:], start=number + 1) if any(row))
                return Table(tuple(header), below, (*notes, *([names] if names else []))), ""
            best = min(best, absent, key=len)
    if not any(any(row) for grid in grids.values() for row in grid):
        return None, f"{sheet.file} is empty; the columns {', '.join(needed)} are needed"
    return None, f"{sheet.file}, row 1: the columns {', '.join(best)} are missing"


def _texts(sheet: Sheet) -> tuple[dict[str, list[list[str]]], list[str]]:
    """A text as cells by each separator that it may have, and what had to be understood of it."""
    words, encoding = text(sheet.raw)
    notes = [f"read as {encoding}"] if encoding else []
    if "\r" in words and "\n" not in words:
        notes.append("line ends of an old Macintosh")
    blank = 0
    if first := re.match(r"\s*sep=(.)\r?\n?", words, flags=re.I):  # Excel's own hint, a row that holds nothing
        words, blank = words[first.end() :], 1
    words = words.replace("\0", "")
    grids: dict[str, list[list[str]]] = {}
    for separator, name in SEPARATORS.items():
        try:
            grids[name] = [[]] * blank + list(csv.reader(io.StringIO(words, newline=""), delimiter=separator))
        except csv.Error:  # a cell beyond all measure
            continue
    alone = grids.get("", [])
    if alone and all(len(row) <= 1 for row in alone):  # each row was saved as one cell
        for separator, name in SEPARATORS.items():
            apart = [next(csv.reader(row, delimiter=separator), []) for row in alone]
            grids.setdefault(f"each row in one cell, {name or 'separated by commas'}", apart)
    return grids, notes


def _workbook(sheet: Sheet) -> tuple[dict[str, list[list[str]]], str]:
    """The sheets of a workbook as cells."""
    try:
        import openpyxl
    except ModuleNotFoundError:
        return {}, f"{sheet.file} is a workbook, and openpyxl is not installed to read it; save its sheet as CSV"
    try:
        book = openpyxl.load_workbook(io.BytesIO(sheet.raw), data_only=True, read_only=True)
        grids = {one.title: [[_cell(value) for value in row] for row in one.values] for one in book.worksheets}
    except Exception as error:  # whatever a damaged file makes the reader say
        return {}, f"{sheet.file} is a workbook that cannot be read ({type(error).__name__}); save its sheet as CSV"
    return {f"sheet {name!r}" if len(grids) > 1 else "": grid for name, grid in grids.items()}, ""


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
