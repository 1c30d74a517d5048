"""Run the chapters whose last run no longer holds, on every core; `jb build` takes the runs from there."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book/_ext"))

from casebook import chapters  # noqa: E402

if __name__ == "__main__":
    try:
        chapters.renew((path for path in chapters.pages() if path.suffix == ".ipynb"), print)
    except chapters.ChapterError as error:
        sys.exit(f"stopped: {error}")
