"""What a reader takes along: notebooks, wheel and requirements, and the whole book as a zip, an EPUB and a PDF."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

from sphinx.util import logging

from casebook import bound, epub, pdf

ZIP, EPUB, PDF = "casebook.zip", "casebook.epub", "casebook.pdf"
FIRST = (
    "Open index.html in a browser. Charts, search and everything else work without a network.\n"
    "To run the chapters' cells as well, serve this folder: python3 -m http.server, and open the address it prints.\n"
)


def _downloads(app) -> None:
    if app.builder.format != "html":
        return
    root = Path(app.srcdir)
    folder = Path(app.doctreedir).parent / "downloads"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "downloads").mkdir(parents=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder / "downloads"), str(root)], check=True)
    (wheel,) = (folder / "downloads").glob("*.whl")
    (folder / "downloads/requirements.txt").write_text(requirements(root, wheel), encoding="utf-8", newline="\n")
    for chapter in sorted((root / "book").glob("**/*.ipynb")):
        shutil.copy(chapter, folder / "downloads")
    app.config.html_extra_path.append(str(folder))
    app.config.html_context.update(wheel=wheel.name, archive=ZIP, epub=EPUB, pdf=PDF if pdf.chromium() else "")


def requirements(root: Path, wheel: Path) -> str:
    """A reader's environment, the book's own wheel beside the file: `pip install -r requirements.txt` there is all."""
    pins = (root / "requirements/read.txt").read_text(encoding="utf-8")
    return f"{pins}./{wheel.name} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def _whole(app, error) -> None:
    if error or app.builder.format != "html":
        return
    site = Path(app.outdir)
    made = {EPUB: epub.write} | ({PDF: pdf.write} if pdf.chromium() else {})
    bind(app, made)
    if PDF not in made:
        (site / "downloads" / PDF).unlink(missing_ok=True)
        logging.getLogger(__name__).info(
            "no PDF of the book: no Chromium found. Install Debian's chromium, or name one: CHROMIUM=/path/to/chromium"
        )
    pack(site, site / "downloads" / ZIP)


def bind(app, made: dict[str, Callable]) -> None:
    """The whole book in one file, in each of its forms, unless the same pages were bound before."""
    kept = Path(app.doctreedir).parent / "bound" / bound.digest(app)
    missing = [name for name in made if not (kept / name).is_file()]
    if not kept.is_dir():
        shutil.rmtree(kept.parent, ignore_errors=True)
        kept.mkdir(parents=True)
    texts = bound.texts(app) if missing else {}
    for name in missing:
        made[name](app, texts, kept / name)
    for name in made:
        shutil.copy(kept / name, Path(app.outdir) / "downloads" / name)


def pack(site: Path, target: Path) -> None:
    """The site as one zip; fonts inside the style sheet, for pages in a folder."""
    files = {"README.txt": FIRST.encode()}
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        name = path.relative_to(site).as_posix()
        if name == "_static/casebook.css":
            files[name] = _with_fonts(path).encode()
        elif (
            path.suffix not in (".zip", ".part")
            and not name.startswith(("_static/fonts/so", "."))
            and "cards/" not in name
        ):
            files[name] = path
    write_zip(target, "casebook", files)


def write_zip(target: Path, folder: str, files: dict[str, bytes | Path]) -> None:
    """Files below one folder as a zip: whole or not at all, and the same bytes for the same content."""
    with zipfile.ZipFile(target.with_suffix(".part"), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content.read_bytes() if isinstance(content, Path) else content)
    target.with_suffix(".part").replace(target)


def _with_fonts(style: Path) -> str:
    def inside(match: re.Match) -> str:
        return f"url(data:font/woff2;base64,{b64encode((style.parent / match[1]).read_bytes()).decode()})"

    return re.sub(r"url\((fonts/[^)]+)\)", inside, style.read_text(encoding="utf-8"))


def files(app):
    app.connect("builder-inited", _downloads)
    app.connect("build-finished", _whole, priority=700)
