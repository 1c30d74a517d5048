"""Run chapters, on every core.

`python book/run.py` runs those whose last run no longer holds; `jb build` takes the runs from there.
`python book/run.py --store [cases/kobe ...]` runs those named, or all, and stores what they print in the notebooks.
What differs from run to run or machine to machine is left out, so that a change in a file is a change in the chapter.
"""

import argparse
import re
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book/_ext"))

from casebook import chapters  # noqa: E402

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def store(path: Path, book) -> None:
    for number, cell in enumerate(book.cells, start=1):
        cell.id = f"c{number:02d}"
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html")
            if html and "altair-viz-" in html:  # Altair's id is random
                output["data"]["text/html"] = re.sub(r"altair-viz-[0-9a-f]{32}", f"altair-viz-{cell.id}", html)
    book.metadata = METADATA
    nbformat.write(book, path)
    print(f"ran {path.relative_to(ROOT)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", nargs="*", metavar="CHAPTER", help="store the outputs of these chapters, or of all")
    asked = parser.parse_args().store
    every = [path for path in chapters.pages() if path.suffix == ".ipynb"]
    try:
        if asked is None:
            chapters.renew(every, print)
        else:
            for path, run in chapters.executed([chapters.find(name) for name in asked] or every):
                store(path, run.notebook)
    except chapters.ChapterError as error:
        sys.exit(str(error))
