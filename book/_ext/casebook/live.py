"""Live cells: a control on every page with code, and the Python that it loads, if the build can have it.

`runtime` assembles Python; ``live.js`` and ``live-worker.js`` in the theme run it; `inpage` is what runs a cell.
Where no runtime can be had the site is built without the control, and the build says what is missing.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import shutil
import tarfile
import zipfile
from html import escape
from pathlib import Path, PurePosixPath

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from casebook import assume, runtime, tongues, words
from casebook.markup import html_table
from casebook.words import word

HERE = Path(__file__).parent
FIRST = ("engine.mjs", "loader.mjs", "python.wasm", "stdlib.zip", "numbers.tar", "casebook.tar")
MORE = ("altair.tar", "networkx.tar", "openpyxl.tar")
BAR = """<div class="live-bar" id="run-this-page" role="group" aria-label="{cells}">
<button type="button" class="live-go" aria-describedby="live-help">{run}</button>
<span class="live-help" id="live-help">{help}</span>
<progress hidden aria-label="{loads}"></progress><span class="live-progress" hidden></span>
<span class="live-said" role="status"></span>
</div>
"""
SLIDER = re.compile(r"(<figure [^>]*data-live=sliders.*?)(\n</figure>)", re.S)
CHAPTERS = ("framing", "countries", "cases", "across")  # folders of what makes an argument
CELL = '<div class="cell '
log = logging.getLogger(__name__)


def own_modules(wheel: Path) -> dict[str, bytes]:
    """The book's own part of the runtime: the package with its data, and what runs a cell."""
    with zipfile.ZipFile(wheel) as archive:
        own = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    own = {name: content for name, content in own.items() if not name.endswith(("RECORD", "WHEEL", ".typed"))}
    own["casebook/__init__.py"] = b""
    names = ["figure.py", "fitting.py", "formwork.py", "inpage.py", "outputs.py", "stale.py", "words.py"]
    for name in [*names, *(f"words/{path.name}" for path in sorted(words.FOLDER.glob("*.toml")))]:
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
    (folder / "worker.js").write_text(text, encoding="utf-8")
    # one address, so that a page of an earlier build finds it too; its end renews what a browser has kept
    worker = f"live/worker.js?{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return {"worker": worker, "bytes": {archive.name: archive.bytes for archive in archives}}


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


def _tidy(app, error) -> None:
    """Leave no archive of an earlier build on the site."""
    if error or app.builder.format != "html":
        return
    folder = Path(app.doctreedir).parent / "live" / "live"
    for path in (Path(app.outdir) / "live").glob("*"):
        if not (folder / path.name).is_file():
            path.unlink()


def _page(app, pagename, templatename, context, doctree) -> None:
    live, body = getattr(app, "casebook_live", None), context.get("body") or ""
    start = next((at for at in _cells(body) if "tag_remove-input" not in body[at : body.index(">", at)]), None)
    if live is None or start is None:
        return
    size = sum(live["bytes"][name] for name in FIRST)
    to, place = context["pathto"], PurePosixPath(pagename)
    context["assume"] = assume.panel(
        place.name, body, to("book/reference/tables"), functools.partial(tongues.told, app.env, pagename)
    )
    more = word("live.sliders") if SLIDER.search(body) else ""
    if not context["assume"] and not more and place.parent.name in CHAPTERS:
        more = word("live.nothing")
    bar = BAR.format(
        cells=word("live.cells"),
        run=word("live.run"),
        help=word("live.help", size=size / 1e6, more=more),
        loads=word("live.loads"),
    )
    key, link = ("else", "#assume") if context["assume"] else ("other", "#run-this-page")
    other = word(f"live.{key}", link=f'<a href="{link}">', end="</a>")
    other = f'<p class="live-other">{other}</p>'
    context["body"] = SLIDER.sub(rf"\1{other}\2", body[:start] + bar + body[start:])
    data = {"worker": to(live["worker"], resource=True), "editor": to("_static/live-editor.js", resource=True)}
    data |= {"figure": to("_static/vegafigure.js", resource=True), "bundle": to("vega-bundle.js", resource=True)}
    data |= {"bytes": str(size), "said": tongues.said(app, pagename)}
    app.add_js_file("live.js", loading_method="defer", priority=910, **{f"data-{k}": v for k, v in data.items()})
    if context["assume"]:
        app.add_js_file("assume.js", loading_method="defer", priority=920)


def _cells(body: str):
    at = body.find(CELL)
    while at >= 0:
        yield at
        at = body.find(CELL, at + 1)


class LiveTable(nodes.General, nodes.Element):
    """Stands for a list that is known when Python for the page has been assembled."""


class Directive(SphinxDirective):
    """``{live-table} packages``: what a page loads to run its cells, under which licences; ``visit``: how much."""

    required_arguments = 1

    def run(self):
        if self.arguments[0] not in TABLES:
            raise self.error(f"live-table {self.arguments[0]!r} is unknown; it must be one of: {', '.join(TABLES)}")
        return [LiveTable(kind=self.arguments[0])]


def _packages(live: dict) -> tuple[str, list[tuple]]:
    rows = [tuple(word(f"live.{head}") for head in ("package", "version", "licence"))]
    for row in live["contents"]:
        name = escape(row["name"])
        name = f'<a href="{escape(row["source"])}">{name}</a>' if "source" in row else name
        rows.append((name, escape(row["version"]), escape(row["licence"])))
    return word("live.packages"), rows


def _visit(live: dict) -> tuple[str, list[tuple]]:
    size = live["bytes"]
    rows = [(word("live.what"), word("live.size")), (word("live.first"), _mb(sum(size[n] for n in FIRST)))]
    rows += [(word(f"live.{name}"), _mb(size[name])) for name in MORE]
    return word("live.visit"), rows


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f}" if size > 50_000 else f"{size / 1e6:.2f}"


TABLES = {"packages": _packages, "visit": _visit}


def _fill(app, doctree, docname) -> None:
    live = getattr(app, "casebook_live", None)
    for node in list(doctree.findall(LiveTable)):
        text = f"<p>{word('live.none')}</p>"
        if live:
            caption, (head, *rows) = TABLES[node["kind"]](live)
            text = html_table(caption, head, rows, kind="number" if node["kind"] == "visit" else "")
        node.replace_self(nodes.raw("", text, format="html"))


def _rewritten(app, env) -> list[str]:
    """The pages that say what was assembled are written with every build."""
    return ["book/reference/data", "book/start"]


def setup(app):
    app.connect("html-page-context", _page, priority=600)
    app.add_node(LiveTable)
    app.add_directive("live-table", Directive)
    app.connect("doctree-resolved", _fill)


def files(app):
    app.connect("builder-inited", _build, priority=600)  # after `takeaway` built the wheel
    app.connect("env-updated", _rewritten)
    app.connect("build-finished", _tidy, priority=600)  # before `takeaway` packs the site
