"""Each chapter for readers, students, with solutions and for instructors: `python book/editions.py [FOLDER]`."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book/_ext"))

from casebook import editions  # noqa: E402

if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "_build/editions"
    for kind in editions.EDITIONS:
        (target / kind).mkdir(parents=True, exist_ok=True)
        for file, content in editions.build(ROOT, kind).items():
            (target / kind / file).write_text(content, encoding="utf-8")
    print(f"wrote {', '.join(editions.EDITIONS)} into {target}")
