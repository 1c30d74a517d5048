"""Run chapters in place, so that what is stored is what they compute: `python book/rerun.py [CHAPTER ...]`.

Leaves out of the file what differs from run to run or machine to machine, so that a change in it is a
change in the chapter.
"""

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


def write(path: Path, book) -> None:
    for number, cell in enumerate(book.cells, start=1):
        cell.id = f"c{number:02d}"
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html")
            if html and "altair-viz-" in html:  # Altair's id is random
                output["data"]["text/html"] = re.sub(r"altair-viz-[0-9a-f]{32}", f"altair-viz-{cell.id}", html)
    book.metadata = METADATA
    nbformat.write(book, path)
    print(f"ran {path}")


if __name__ == "__main__":
    chosen = [Path(name).resolve() for name in sys.argv[1:]]
    try:
        for path, run in chapters.executed(chosen or [p for p in chapters.pages() if p.suffix == ".ipynb"]):
            write(path, run.notebook)
    except chapters.ChapterError as error:
        sys.exit(f"stopped: {error}")
