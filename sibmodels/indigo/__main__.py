"""`python -m sibmodels.indigo FOLDER_OR_ZIP`: the book's extract made anew."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from sibmodels.indigo.extract import refresh

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0 when the extract was written, 1 when nothing was, 2 when called wrongly."""
    parser = argparse.ArgumentParser(
        prog="python -m sibmodels.indigo",
        description="Make the book's extract of INDIGO anew from the publisher's download; nothing is fetched.",
        epilog='Download "all public data, one file per type" from the INDIGO pages of the GO Lab\'s site first.',
    )
    parser.add_argument("source", metavar="FOLDER_OR_ZIP", help="the download, unpacked or not")
    parser.add_argument("--out", help="folder to write into (the book's data)")
    given = parser.parse_args(arguments)
    try:
        lines = refresh(given.source, given.out)
    except (OSError, ValueError) as error:
        print(f"Nothing was written. {error}", file=sys.stderr)
        return 1
    print("\n".join(lines))
    print("If the download is newer, change the date of the copy in data/sources.csv and book/references.bib.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
