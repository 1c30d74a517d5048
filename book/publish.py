"""May the site be published? In one line what is not set yet, and where: `make publish` asks before it builds."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book/_ext"))

from casebook import pages  # noqa: E402

if __name__ == "__main__":
    sys.exit(pages.unready(os.environ.get("BOOK_URL", ""), pages.citation(ROOT).get("repository-code", "")) or None)
