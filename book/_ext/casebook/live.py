"""Live cells: a control on every page with code, and the Python that it loads, if the build can have it.

`runtime` assembles Python; ``live.js`` and ``live-worker.js`` in the theme run it; `inpage` is what runs a cell.
Where no runtime can be had the site is built without the control, and the build says what is missing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import zipfile
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from casebook import runtime

HERE = Path(__file__).parent
FIRST = ("engine.mjs", "loader.mjs", "python.wasm", "stdlib.zip", "numbers.tar", "casebook.tar")
BAR = """<div class="live-bar" role="group" aria-label="Live cells">
<button type="button" class="live-go" aria-describedby="live-help">Run this page</button>
<span class="live-help" id="live-help">Change the code and see what follows. Loads {size:.0f} MB, once.</span>
<progress hidden aria-label="Python loads"></progress><span class="live-progress" hidden></span>
<span class="live-said" role="status"></span>
</div>
"""
CELL = '<div class="cell '
log = logging.getLogger(__name__)


def own_modules(wheel: Path) -> dict[str, bytes]:
    """The book's own part of the runtime: the package with its data, and what runs a cell."""
    with zipfile.ZipFile(wheel) as archive:
        own = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    own = {name: content for name, content in own.items() if not name.endswith(("RECORD", "WHEEL", ".typed"))}
    own["casebook/__init__.py"] = b""
    for name in ("figure.py", "inpage.py"):
        own[f"casebook/{name}"] = (HERE / name).read_bytes()
    return own


def packages(archive: Path) -> list[str]:
    """What an archive lets a cell import."""
    with tarfile.open(archive) as tar:
        tops = {name.partition("/")[0].partition(".py")[0] for name in tar.getnames() if ".dist-info" not in name}
    return sorted(tops)


def place(archives: list[runtime.Archive], script: Path, site: Path) -> dict:
    """Put the runtime below ``site/live``; where the worker is, and what a first visit weighs."""
    folder = site / "live"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for archive in archives:
        shutil.copy(archive.path, folder / archive.path.name)
    tars = [archive for archive in archives if archive.name.endswith(".tar") and archive.name not in FIRST]
    about = {
        "info": runtime.lock()[0]["info"],
        "files": {archive.name: {"url": archive.path.name, "bytes": archive.bytes} for archive in archives},
        "groups": {archive.name.removesuffix(".tar"): packages(archive.path) for archive in tars},
    }
    text = f"const RUNTIME = {json.dumps(about)};\n{script.read_text(encoding='utf-8')}"
    name = f"worker-{hashlib.sha256(text.encode()).hexdigest()[:16]}.js"
    (folder / name).write_text(text, encoding="utf-8")
    return {"worker": f"live/{name}", "bytes": sum(archive.bytes for archive in archives if archive.name in FIRST)}


def _build(app) -> None:
    """Assemble before pages are written: they say what a visit weighs, and have no control without a runtime."""
    if app.builder.format != "html":
        return
    app.casebook_live = None
    folder = Path(app.doctreedir).parent / "live"
    shutil.rmtree(folder, ignore_errors=True)
    wheel = Path(app.doctreedir).parent / "downloads" / "downloads" / app.config.html_context["wheel"]
    try:
        archives, contents = runtime.assemble(own_modules(wheel), runtime.cache_folder(), log.info)
    except (runtime.MissingError, OSError) as error:
        log.info(
            "LIVE CELLS ARE LEFT OUT: Python for the page could not be assembled. %s\n"
            "The book is built without the controls; with a network, npm and pip, the next build has them.",
            error,
        )
        return
    app.casebook_live = place(archives, Path(app.srcdir) / "book/_theme/casebook/static/live-worker.js", folder)
    app.casebook_live["contents"] = contents
    app.config.html_extra_path.append(str(folder))


def _page(app, pagename, templatename, context, doctree) -> None:
    live, body = getattr(app, "casebook_live", None), context.get("body") or ""
    start = next((at for at in _cells(body) if "tag_remove-input" not in body[at : body.index(">", at)]), None)
    if live is None or start is None:
        return
    size = live["bytes"] / 1e6
    context["body"] = body[:start] + BAR.format(size=size) + body[start:]
    to = context["pathto"]
    data = {"worker": to(live["worker"], resource=True), "editor": to("_static/live-editor.js", resource=True)}
    data |= {"figure": to("_static/vegafigure.js", resource=True), "bundle": to("vega-bundle.js", resource=True)}
    data |= {"bytes": str(live["bytes"])}
    app.add_js_file("live.js", loading_method="defer", priority=910, **{f"data-{k}": v for k, v in data.items()})


def _cells(body: str):
    at = body.find(CELL)
    while at >= 0:
        yield at
        at = body.find(CELL, at + 1)


class RuntimeTable(nodes.General, nodes.Element):
    """Stands for the list of what the page's Python is made of."""


class Directive(SphinxDirective):
    """``{runtime-table}``: what a page loads to run its cells, and under which licences."""

    def run(self):
        return [RuntimeTable()]


def _fill(app, doctree, docname) -> None:
    live = getattr(app, "casebook_live", None)
    for node in list(doctree.findall(RuntimeTable)):
        text = "<p>This copy of the book was built without live cells.</p>"
        if live:
            rows = "\n".join(
                f'<tr><th scope="row">{escape(row["name"])}</th><td>{escape(row["version"])}</td>'
                f"<td>{escape(row['licence'])}</td></tr>"
                for row in live["contents"]
            )
            text = (
                '<div class="scroll"><table><caption>What a page loads to run its cells.</caption><thead><tr>'
                '<th scope="col">Package</th><th scope="col">Version</th><th scope="col">Licence</th></tr></thead>'
                f"<tbody>\n{rows}\n</tbody></table></div>\n"
            )
        node.replace_self(nodes.raw("", text, format="html"))


def setup(app):
    app.connect("builder-inited", _build, priority=600)  # after `takeaway` built the wheel
    app.connect("html-page-context", _page, priority=600)
    app.add_node(RuntimeTable)
    app.add_directive("runtime-table", Directive)
    app.connect("doctree-resolved", _fill)
