"""When chapters ran: stored runs count only for the code and data they ran with, and a page says so."""

from __future__ import annotations

import html
import json
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.errors import SphinxError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import sibmodels
from casebook import chapters
from casebook.markup import html_table

VERSIONS = ["numpy", "pandas", "altair", "networkx"]
VERSIONS += ["jupyter-book", "myst-nb", "sphinx", "vl-convert-python"]


def run_of(env, docname: str) -> dict | None:
    """When and for how long a chapter ran, or None for a page without code."""
    return NbMetadataCollector.get_doc_data(env)[docname].get("exec_data")


def day(moment: float) -> str:
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%Y-%m-%d")


class StoppedError(SphinxError):
    category = "A chapter did not run to its end"


def _keep(app, config) -> None:
    config.nb_execution_cache_path = str(chapters.kept(Path(app.srcdir)))


def _run(app, env, added, changed, removed) -> list[str]:
    """Run the chapters whose stored run no longer holds; read again those that a page does not show yet."""
    pages = [app.config.casebook_page] if app.config.casebook_page else sorted(env.found_docs)
    sources = {name: Path(env.doc2path(name)) for name in pages}
    notebooks = {name: path for name, path in sources.items() if path.suffix == ".ipynb"}
    try:
        chapters.renew(notebooks.values(), logging.getLogger(__name__).info, Path(app.srcdir))
    except chapters.ChapterError as error:
        raise StoppedError(str(error)) from None
    shown = {name: (run_of(env, name) or {}).get("mtime") for name in notebooks}
    runs = {name: chapters.record(path, Path(app.srcdir)) for name, path in notebooks.items()}
    return [name for name in notebooks if runs[name].created.timestamp() != shown[name]]


def _light(app, docname, source) -> None:
    """In a preview, the other chapters lend their titles and labels, and neither run nor show what they print."""
    if app.config.casebook_page not in ("", docname) and app.env.doc2path(docname).endswith(".ipynb"):
        notebook = json.loads(source[0])
        notebook["metadata"]["mystnb"] = {"execution_mode": "off"}
        for cell in notebook["cells"]:
            if cell["cell_type"] == "code":
                cell["outputs"] = []
        source[0] = json.dumps(notebook)


class Table(nodes.General, nodes.Element):
    """Stands for the table until every chapter has run."""


class Directive(SphinxDirective):
    """``{execution-table}``: when each chapter last ran, for how long, and with what versions."""

    def run(self):
        return [Table()]


def _fill(app, doctree, docname) -> None:
    for node in list(doctree.findall(Table)):
        ran = {name: run_of(app.env, name) for name in app.env.found_docs if run_of(app.env, name)}
        titles = {name: html.escape(app.env.titles[name].astext()) for name in ran}
        chapters = [
            (
                f'<a href="{app.builder.get_relative_uri(docname, name)}">{titles[name]}</a>',
                datetime.fromtimestamp(run["mtime"], tz=UTC).strftime("%Y-%m-%d %H:%M"),
                f"{run['runtime']:.1f}" if run["runtime"] is not None else "",
                "ran to its end" if run["succeeded"] else "stopped with an error",
            )
            for name, run in sorted(ran.items(), key=lambda pair: titles[pair[0]])
        ]
        packages = [("Python", platform.python_version()), ("sibmodels", sibmodels.__version__)]
        packages += [(name, version(name)) for name in VERSIONS]
        text = html_table("When each chapter last ran.", ("Chapter", "Ran (UTC)", "Seconds", "Result"), chapters)
        text += html_table("What it ran with.", ("Package", "Version"), packages)
        node.replace_self(nodes.raw("", text, format="html"))


def _renew(app, env) -> list[str]:
    """The page of the table is written anew whenever a chapter ran."""
    page = "book/reference/runs"
    return [page] if page in env.found_docs and NbMetadataCollector.new_exec_data(env) else []


def setup(app):
    app.add_config_value("casebook_page", "", "")  # the page that a preview shows; none: the book
    app.connect("config-inited", _keep, priority=900)
    app.connect("env-get-outdated", _run)
    app.connect("source-read", _light)
    app.add_node(Table)
    app.add_directive("execution-table", Directive)
    app.connect("doctree-resolved", _fill)
    app.connect("env-updated", _renew)
