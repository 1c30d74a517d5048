"""One page as the site shows it, and nothing else: `python book/page.py cases/kobe`, or `make page CHAPTER=cases/kobe`.

The chapter runs if its last run no longer holds. Other pages are read for their titles and links only.
"""

import difflib
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book/_ext"))

from casebook import chapters  # noqa: E402


def wanted(name: str) -> Path:
    """The source of a page by its name below ``book/``; an end with its message where there is none."""
    pages = {path.relative_to(ROOT / "book").with_suffix("").as_posix(): path for path in chapters.pages(ROOT)}
    if name not in pages:
        close = difflib.get_close_matches(name, pages, 3, 0.4) or [page for page in pages if page.endswith(f"/{name}")]
        asked = f"there is no page {name!r}" if name else "no page is named: make page CHAPTER=cases/kobe"
        sys.exit(f"{asked}; {'did you mean ' if close else 'the pages are '}{', '.join(close or pages)}?")
    return pages[name]


def main(name: str) -> int:
    source = wanted(name)
    try:
        if source.suffix == ".ipynb":
            chapters.renew([source], print)
    except chapters.ChapterError as error:
        return f"stopped: {error}"
    from jupyter_book.sphinx import build_sphinx  # slow to load: what can go wrong at once has by now

    wrong = build_sphinx(
        ROOT,
        ROOT / "_build/page/html",
        doctreedir=ROOT / "_build/page/doctrees",
        noconfig=True,
        path_config=ROOT / "_config.yml",
        confoverrides={
            "casebook_page": f"book/{name}",
            "external_toc_path": str(ROOT / "_toc.yml"),
            "latex_individualpages": False,  # asked for, whatever is built
        },
        filenames=[str(source)],
        tags=["preview"],
        quiet=True,
    )
    page = ROOT / f"_build/page/html/book/{name}.html"
    if wrong:
        return f"{os.path.relpath(source)}: the page was not built; what stopped it stands above"
    print(page.as_uri())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].removeprefix("book/").removesuffix(".ipynb").removesuffix(".md") if sys.argv[1:] else ""))
