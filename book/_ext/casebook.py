"""What this book adds to Jupyter Book: honest caching, things to download, and no request to another host."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from docutils import nodes


def _key_cache(app, config) -> None:
    """Stored runs of chapters count only for the code and data they ran with."""
    root = Path(app.srcdir)
    digest = hashlib.sha256((root / "requirements.txt").read_bytes())
    for path in sorted([*(root / "sibmodels").glob("*.py"), *(root / "data").glob("*")]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    config.nb_execution_cache_path = str(Path(app.outdir).parent / "executed" / digest.hexdigest()[:16])


def _downloads(app) -> None:
    """The wheel, the pinned requirements and every chapter, to take away and run."""
    if app.builder.format != "html":
        return
    root = Path(app.srcdir)
    folder = Path(app.doctreedir).parent / "downloads"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "downloads").mkdir(parents=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", str(folder / "downloads"), str(root)], check=True)
    shutil.copy(root / "requirements.txt", folder / "downloads")
    for chapter in sorted((root / "book").glob("**/*.ipynb")):
        shutil.copy(chapter, folder / "downloads")
    app.config.html_extra_path.append(str(folder))


def _page(app, pagename, templatename, context, doctree) -> None:
    """Drop scripts and styles of other hosts, and describe the page by its first paragraph of text."""
    for key in ("script_files", "css_files"):
        context[key][:] = [file for file in context.get(key, []) if not _remote(file)]
    if doctree is not None:
        found = (node for node in doctree.findall(nodes.paragraph) if isinstance(node.parent, nodes.section))
        paragraphs = (" ".join(node.astext().split()) for node in found)
        text = next((text for text in paragraphs if len(text) > 60), context.get("title", ""))
        short = text if len(text) <= 155 else text[:155].rsplit(" ", 1)[0] + " …"
        context["metatags"] = context.get("metatags", "") + f'\n<meta name="description" content="{_attribute(short)}">'


def _remote(file) -> bool:
    name = str(getattr(file, "filename", file) or "")
    body = (getattr(file, "attributes", None) or {}).get("body") or ""
    # Jupyter Book always adds Thebe, which names another host
    return name.startswith(("http:", "https:", "//")) or "thebe" in f"{name} {body}".lower()


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def setup(app):
    app.connect("config-inited", _key_cache, priority=900)
    app.connect("builder-inited", _downloads)
    app.connect("html-page-context", _page, priority=950)
    app.add_css_file("casebook.css")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
