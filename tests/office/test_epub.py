"""The EPUB, judged by epubcheck, which bookshops and libraries ask. `make test-office`."""

import shutil
import subprocess
from pathlib import Path

import pytest

BOOK = Path(__file__).parents[2] / "_build/html/downloads/casebook.epub"


@pytest.mark.skipif(not shutil.which("epubcheck"), reason="no epubcheck: install Debian's `epubcheck`")
def test_epubcheck_finds_nothing():
    # a Java archive that says how to run itself, which not every system heeds
    run = subprocess.run(["java", "-jar", shutil.which("epubcheck"), BOOK], capture_output=True, text=True, timeout=120)
    assert "No errors or warnings detected" in run.stdout + run.stderr, (run.stdout + run.stderr)[-3000:]
