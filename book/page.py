"""One page as the site shows it, and nothing else: `python book/page.py cases/kobe`, or `make page CHAPTER=cases/kobe`.

`python book/page.py cases/kobe ja` shows it in a language of ``book/locale``.

The chapter runs if its last run no longer holds. Other pages are read for their titles and links only.
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book/_ext"))

from casebook import chapters, tongues  # noqa: E402


def main(name: str, language: str = "en") -> int | str:
    try:
        source = chapters.find(name)
        if source.suffix == ".ipynb":
            chapters.renew([source], print)
    except chapters.ChapterError as error:
        return str(error)
    page = source.relative_to(ROOT).with_suffix("").as_posix()
    from jupyter_book.sphinx import build_sphinx  # slow to load: what can go wrong at once has by now

    folder = ROOT / "_build/page" / language
    folder.mkdir(parents=True, exist_ok=True)
    wrong = build_sphinx(
        ROOT,
        folder / "html",
        doctreedir=folder / "doctrees",
        noconfig=True,
        path_config=ROOT / "_config.yml",
        confoverrides={
            "casebook_page": page,
            "external_toc_path": str(ROOT / "_toc.yml" if language == "en" else tongues.contents_file(ROOT, folder)),
            "language": language,
            "latex_individualpages": False,  # asked for, whatever is built
        },
        filenames=[str(source)],
        tags=["preview"],
        quiet=True,
    )
    if wrong:
        return f"{os.path.relpath(source)}: the page was not built; what stopped it stands above"
    print((folder / f"html/{page}.html").as_uri())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3] or [""]))
