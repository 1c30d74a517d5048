"""Where a chapter can be run on a machine elsewhere, by one click: Binder, Google Colab, a JupyterHub.

They open no site but a branch of a public repository. So what they open is the course pack, as a branch of the
repository that ``CITATION.cff`` names, with a cell in front of each notebook's code that installs the models where
they are missing. `book/launch.py` puts it there. Where no repository is named there are no links.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import nbformat
from sphinx.util import logging

from casebook import coursepack, editions, pages, plainbook
from casebook.words import word

BRANCH = "notebooks"
PYTHON = "python-3.12"  # what Binder has, and Colab
CELL = """# Google Colab and a JupyterHub do not have the book's models: this installs them, once.
try:
    import sibmodels
except ModuleNotFoundError:
    %pip install --quiet {wheel}"""


class Way(NamedTuple):
    """A service that runs a notebook: its name, what opens the notebook there, and what to expect."""

    name: str
    address: str
    expect: str


def ways(repository: str, path: str, hub: str = "") -> list[Way]:
    """The services that can open a notebook of the branch.

    Parameters
    ----------
    repository : str
        The address of the repository; none, no ways. Colab knows GitHub's alone.
    path : str
        Of the notebook on the branch.
    hub : str
        The address of a JupyterHub with nbgitpuller, if there is one for the readers.

    Examples
    --------
    >>> for way in ways("https://github.com/me/book", "chapters/kobe.ipynb", "https://hub.example.org"):
    ...     print(way.address)
    https://mybinder.org/v2/gh/me/book/notebooks?labpath=chapters%2Fkobe.ipynb
    https://colab.research.google.com/github/me/book/blob/notebooks/chapters/kobe.ipynb
    https://hub.example.org/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fme%2Fbook&urlpath=lab%2Ftree%2Fbook%2Fchapters%2Fkobe.ipynb&branch=notebooks
    """
    if not repository:
        return []
    home, name, github = _parts(repository)
    source = f"gh/{github}" if github else f"git/{quote(home, safe='')}"
    found = [
        Way(
            "Binder",
            f"https://mybinder.org/v2/{source}/{BRANCH}?labpath={quote(path, safe='')}",
            word("launch.binder"),
        )
    ]
    if github:
        found.append(
            Way(
                "Google Colab",
                f"https://colab.research.google.com/github/{github}/blob/{BRANCH}/{quote(path)}",
                word("launch.colab"),
            )
        )
    if hub:
        pull = {"repo": home, "urlpath": f"lab/tree/{name}/{path}", "branch": BRANCH}
        found.append(
            Way(
                "JupyterHub",
                f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(pull)}",
                word("launch.hub", host=urlsplit(hub).hostname),
            )
        )
    return found


def wheel_at(repository: str, wheel: str) -> str:
    """What a notebook on the branch installs: by its address, or, where no address is known, from beside it.

    >>> wheel_at("https://github.com/me/book/", "sibmodels-1-py3-none-any.whl")
    'https://raw.githubusercontent.com/me/book/notebooks/sibmodels-1-py3-none-any.whl'
    >>> wheel_at("https://codeberg.org/me/book", "sibmodels-1-py3-none-any.whl")
    '../sibmodels-1-py3-none-any.whl'
    """
    _, _, github = _parts(repository)
    return f"https://raw.githubusercontent.com/{github}/{BRANCH}/{wheel}" if github else f"../{wheel}"


def _parts(repository: str) -> tuple[str, str, str]:
    """The address of a repository without what may end it, its name, and owner and name if it is GitHub's."""
    home = repository.rstrip("/").removesuffix(".git")
    path = urlsplit(home).path.strip("/")
    return home, path.rpartition("/")[2], path if urlsplit(home).netloc == "github.com" else ""


def branch(pack: dict[str, bytes], repository: str) -> dict[str, bytes]:
    """The files of the branch: the course pack, with the cell that installs, and what Binder needs to know."""
    (wheel,) = (name for name in pack if name.endswith(".whl"))
    files = {**pack, "runtime.txt": f"{PYTHON}\n".encode()}
    for name in (name for name in pack if name.endswith(".ipynb")):
        notebook = nbformat.reads(pack[name].decode(), as_version=4)
        first = next((place for place, cell in enumerate(notebook.cells) if cell.cell_type == "code"), None)
        if first is not None:
            cell = nbformat.v4.new_code_cell(CELL.format(wheel=wheel_at(repository, wheel)), id="install")
            cell.metadata["jupyter"] = {"source_hidden": True}
            notebook.cells.insert(first, cell)
            files[name] = plainbook.written(notebook)
    return files


def _files(app) -> None:
    """The branch as a folder beside the site, from the course pack that has just been written."""
    folder = Path(app.outdir).parent / "launch"
    shutil.rmtree(folder, ignore_errors=True)
    repository = pages.citation(app.srcdir).get("repository-code", "")
    if app.builder.format != "html":
        return
    if not repository:
        log = logging.getLogger(__name__)
        log.info("no links to Binder, Colab or a JupyterHub: CITATION.cff names no repository-code")
        return
    packed = Path(app.doctreedir).parent / "downloads/downloads" / coursepack.PACK
    with zipfile.ZipFile(packed) as archive:
        pack = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    for name, content in branch(pack, repository).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@cache
def places(root: Path) -> dict[str, str]:
    """Where each notebook of the book stands on the branch, by its page."""
    book = plainbook.Plain(root)
    return {f"book/{name}": book.place(name) for name in editions.chapters(root)}


def _page(app, pagename, templatename, context, doctree) -> None:
    place = places(Path(app.srcdir)).get(pagename)
    if place and not app.tags.has("preview"):
        repository = pages.citation(app.srcdir).get("repository-code", "")
        context["ways"] = ways(repository, place, os.environ.get("HUB_URL", ""))


def setup(app):
    app.connect("html-page-context", _page)


def files(app):
    app.connect("builder-inited", _files, priority=620)
