"""When chapters ran: stored runs count only for the code and data they ran with, and a page says so."""

from __future__ import annotations

import hashlib
import html
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.util.docutils import SphinxDirective

VERSIONS = ["sibmodels", "numpy", "pandas", "altair", "networkx", "krippendorff"]
VERSIONS += ["jupyter-book", "myst-nb", "sphinx", "vl-convert-python"]


def run_of(env, docname: str) -> dict | None:
    """When and for how long a chapter ran, or None for a page without code."""
    return NbMetadataCollector.get_doc_data(env)[docname].get("exec_data")


def day(moment: float) -> str:
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%Y-%m-%d")


def _key_cache(app, config) -> None:
    root = Path(app.srcdir)
    digest = hashlib.sha256((root / "requirements.txt").read_bytes())
    for path in sorted([*(root / "sibmodels").glob("*.py"), *(root / "data").glob("*")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    config.nb_execution_cache_path = str(Path(app.outdir).parent / "executed" / digest.hexdigest()[:16])


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
        packages = [("Python", platform.python_version())] + [(name, version(name)) for name in VERSIONS]
        text = _table("When each chapter last ran.", ("Chapter", "Ran (UTC)", "Seconds", "Result"), chapters)
        text += _table("What it ran with.", ("Package", "Version"), packages)
        node.replace_self(nodes.raw("", text, format="html"))


def _renew(app, env) -> list[str]:
    """The page of the table is written anew whenever a chapter ran."""
    return ["book/reference/runs"] if NbMetadataCollector.new_exec_data(env) else []


def _table(caption: str, columns, rows) -> str:
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in rest) + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="scroll"><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>\n{body}\n</tbody></table></div>\n"
    )


def setup(app):
    app.connect("config-inited", _key_cache, priority=900)
    app.add_node(Table)
    app.add_directive("execution-table", Directive)
    app.connect("doctree-resolved", _fill)
    app.connect("env-updated", _renew)
