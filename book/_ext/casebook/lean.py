"""What the theme's scripts and styles say to those who change them stays in the source: it is not sent to readers.

A comment that ends a line of code stays, and so does everything of others.
"""

from __future__ import annotations

import re
from pathlib import Path

OTHERS = ("live-editor.js",)


def script(text: str) -> str:
    """A script without the lines that are comments.

    >>> script("// why\\nlet a = 1; // one\\n  // and\\n  a++;\\n")
    'let a = 1; // one\\n  a++;\\n'
    """
    return re.sub(r"(?m)^[ \t]*//.*\n", "", text)


def style(text: str) -> str:
    """A style sheet without comments and indents.

    >>> style("a { /* red */\\n  color: red;\\n}\\n")
    'a {\\ncolor: red;\\n}\\n'
    """
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))


def _write(app, error) -> None:
    if error or app.builder.format != "html":
        return
    ours = {path.name for path in (Path(app.srcdir) / "book/_theme/casebook/static").glob("*.js")} - {*OTHERS}
    static = Path(app.outdir) / "_static"
    for path, lean in [(static / "casebook.css", style), *((static / name, script) for name in sorted(ours))]:
        path.write_text(lean(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


def files(app):
    app.connect("build-finished", _write, priority=590)  # before anything packs the site
