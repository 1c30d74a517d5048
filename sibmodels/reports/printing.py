"""A page as a PDF, printed by a Chromium: the one that CHROMIUM names, or that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["PrintingError", "chromium", "printed"]

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-pdf-header-footer"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


class PrintingError(RuntimeError):
    """A browser that printed nothing; its text is what it said of it, if anything."""


def chromium() -> str | None:
    """The browser that prints, or None where there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)


def printed(page: str, target: Path, browser: str, *flags: str) -> Path:
    """Print the text of a page to `target`, with further flags of the browser.

    Raises
    ------
    PrintingError
        Where the browser cannot be run, takes more than five minutes, or leaves no file.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        command = [browser, *FLAGS, *flags, f"--user-data-dir={folder}/profile"]
        command += [f"--print-to-pdf={target.resolve()}", source.as_uri()]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PrintingError(str(error)) from error
    if run.returncode or not target.is_file():
        raise PrintingError(run.stderr[-2000:].strip())
    return target
