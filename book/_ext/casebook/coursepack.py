"""What a class takes along: the course pack, which runs and reads without a network, and the instructor's part.

Pages come from `plainbook`: every page of the book that is no table of the site goes in, those below ``book/teach``
by their place, but for the instructor's.
"""

from __future__ import annotations

from pathlib import Path

from casebook import editions, moodle, teaching
from casebook.plainbook import TEACHERS, Plain, printed, written
from casebook.takeaway import requirements, write_zip

PACK, TAUGHT = "course-pack.zip", "instructor-edition.zip"
FOLDER = "course-pack"  # of both: the second is unpacked over the first
OVER = """For teachers: each chapter with solutions, minutes, common mistakes and prompts, the notes on all of them, a
seminar by the minute (seminar.ipynb), the answers to mark by (answers.toml), and the exercises as questions for Moodle.

This folder belongs beside chapters/ in the course pack: unpack both in one place, and begin with instructor.ipynb.
"""
FOLDERS = {"chapters": "reader", "student": "student", "solutions": "solutions"}
START = """COURSE PACK of "An executable casebook of social impact bonds"

1. Install Python 3.11 or newer. In this folder, with a network, once (some 250 MB, a few minutes):

     python3 -m venv casebook
     casebook/bin/pip install -r requirements.txt

   On Windows:

     py -m venv casebook
     casebook\\Scripts\\pip install -r requirements.txt

2. From then on, without a network:

     casebook/bin/jupyter lab contents.ipynb

   On Windows:

     casebook\\Scripts\\jupyter lab contents.ipynb

What is here:

  contents.ipynb    where to begin: it leads to everything else
  chapters/         every chapter as a notebook, as the site shows it
  student/          the same with blanks in place of solutions, and cells that check an answer
  solutions/        the same with a cell for each solution
  teach/            syllabus with timetables, a seminar's sheets and cards, role sheets of the game
  print/            the same to print, from any browser
  reference/        glossary, bibliography, the models name by name
  slides/           to project from a browser
  data/             every table of the book, with datapackage.json, which describes the columns
  coding-sheet.csv, coding-sheet-blind.csv, term-sheet.toml    to fill in
  coding-dossier.csv    what the sources say of the four cases, to code from
  requirements.txt, {wheel}    what everything runs with

Charts show before anything is run, and JupyterLab and VS Code draw them anew without a network. For a viewer that
cannot, have pictures made: casebook/bin/pip install vl-convert-python. In Google Colab upload the notebook and
the wheel, and run first: %pip install {wheel}

Before the coding lab, hand out only print/coding-dossier.html and coding-sheet-blind.csv: chapters, slides and data/
have the scores that a class is to find. Before the negotiation game, hand out only print/negotiation-table.html and
to each player one role sheet: data/game.csv has what every seat hides. After them, the whole pack can be handed on;
the instructor's edition is left out. To give a class no solutions either,
delete chapters/ and solutions/ and call student/ chapters/: links to chapters then lead there.

Text and tables are under CC BY 4.0, code under the BSD 3-Clause licence (LICENSE files);
data/indigo_*.csv is an extract of its publisher's open data, without a licence text.
"""


def others(root: Path, folder: Path) -> dict[str, bytes]:
    """What is in the pack beside pages: instructions, the package and what it needs, tables, sheets, slides."""
    (wheel,) = (folder / "downloads").glob("*.whl")
    files = {"START-HERE.txt": START.format(wheel=wheel.name).encode(), wheel.name: wheel.read_bytes()}
    files["requirements.txt"] = requirements(root, wheel).encode()
    for name in ("LICENSE", "LICENSE-CC-BY-4.0"):
        files[name] = (root / name).read_bytes()
    for name, text in teaching.sheets().items():
        files[name] = text.encode()
    for path in sorted(path for path in (root / "data").rglob("*.*") if path.is_file()):
        files[path.relative_to(root).as_posix()] = path.read_bytes()
    for path in sorted((folder / "slides").iterdir()):
        files[f"slides/{path.name}"] = path.read_bytes()
    return files


def pack(book: Plain, others: dict[str, bytes]) -> dict[str, bytes]:
    """What the course pack holds, by path."""
    files = {**others, "contents.ipynb": written(book.contents())}
    for name in book.pages():
        made = book.page(name)
        files[book.place(name)] = written(made)
        if name.startswith("teach/"):
            files[sheet(name)] = printed(made, book.title(name), name)
    for name in filter(book.edited, book.sources):
        for folder, which in FOLDERS.items():
            files[book.place(name, folder)] = written(book.edition(name, which, folder))
    return files


def sheet(name: str) -> str:
    """Where a page to print stands.

    >>> sheet("teach/roles/provider")
    'print/roles-provider.html'
    """
    return f"print/{name.removeprefix('teach/').replace('/', '-')}.html"


def taught(book: Plain) -> dict[str, bytes]:
    """What the instructor has beside it: chapters with timings, mistakes and prompts, notes on all, and the answers."""
    names = filter(book.edited, book.sources)
    files = {"instructor/START-HERE.txt": OVER.encode()}
    files |= {book.place(name, "instructor"): written(book.edition(name, "instructor", "instructor")) for name in names}
    files |= {"instructor/answers.toml": editions.answer_key(book.root).encode()}
    files |= {"instructor/questions-moodle.xml": moodle.questions(book.root).encode()}
    return files | {book.place(name): written(book.page(name)) for name in sorted(TEACHERS)}


def _files(app) -> None:
    """Into the folder of what readers take along, when `teaching` has written sheets and slides there."""
    if app.builder.format != "html":
        return
    root, folder = Path(app.srcdir), Path(app.doctreedir).parent / "downloads"
    rest = others(root, folder)
    book = Plain(root, app.config.html_baseurl or "", frozenset(rest))
    write_zip(folder / "downloads" / PACK, FOLDER, pack(book, rest))
    write_zip(folder / "downloads" / TAUGHT, FOLDER, taught(book))


def files(app):
    app.connect("builder-inited", _files, priority=610)
