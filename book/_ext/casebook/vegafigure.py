"""Altair charts as figures: a static picture at once, a live chart when a reader reaches for it, no other host.

A chart's title becomes the figure's caption (so that it wraps on a phone), its description the text
alternative, and its data a table and a CSV file one click away. The picture is drawn twice, for a wide
and for a narrow page, so that it can be read, and takes its place, before any script.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from pathlib import Path

import vl_convert
from docutils import nodes
from myst_nb.core import render

from casebook import tongues
from casebook.figure import MARK, drawn, figure, narrowed, slug

FONTS = Path(__file__).parent / "fonts"
KEPT = Path(__file__).parents[3] / "_build" / "pictures"  # drawn charts, by what they draw


class VegaFigure:
    """A myst-nb renderer for the HTML that Altair leaves in a notebook."""

    mime_priority_overrides = ()

    @staticmethod
    def handle_mime(renderer, data, inline):
        if inline or data.mime_type != "text/html" or "altair-viz-" not in data.content:
            return None
        env, spec = renderer.renderer.sphinx_env, spec_of(data.content)
        name = data.cell_metadata.get("name") or slug(spec["title"])
        made = figure(tongues.chart(env, env.docname, spec), picture, name)
        return [nodes.raw(text=tongues.heads(env, env.docname, made), format="html")]


def spec_of(shown: str) -> dict:
    """The specification in the HTML that Altair leaves."""
    spec, _ = json.JSONDecoder().raw_decode(shown, shown.rindex("\n  })(") + len("\n  })("))
    return spec


def picture_of(spec: dict) -> tuple[str, str, str]:
    """A chart's title, description and pictures, wide and narrow, for a page without live charts."""
    title, datasets = spec.pop("title"), spec.pop("datasets", {})
    pictures = drawn({"wide": spec, "narrow": narrowed(spec)}, datasets, picture)
    return title, spec["description"], "".join(pictures.values())


def picture(shape: str, spec: dict, width: int) -> str:
    """One shape of a chart as SVG, before any script; drawn once for page, slides and previews."""
    spec = {**spec, "width": width}
    key = hashlib.sha256(drawn_with() + json.dumps(spec, sort_keys=True).encode()).hexdigest()[:24]
    kept = KEPT / f"{key}.svg"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(f".{os.getpid()}")
        part.write_text(vl_convert.vegalite_to_svg(spec), encoding="utf-8")
        part.replace(kept)
    return kept.read_text(encoding="utf-8").replace('class="marks"', f'class="vega-{shape}"', 1)


@functools.cache
def drawn_with() -> bytes:
    fonts = b"".join(path.read_bytes() for path in sorted(FONTS.iterdir()))
    return f"{vl_convert.__version__} {hashlib.sha256(fonts).hexdigest()} ".encode()


def _assets(app) -> None:
    """The Vega bundle beside the book's own scripts: loaded from the page's own site, when a chart is near."""
    if app.builder.format == "html":
        kept = KEPT.parent / f"vega-{vl_convert.__version__}" / "vega-bundle.js"
        if not kept.is_file():
            kept.parent.mkdir(parents=True, exist_ok=True)
            # in a function of its own: the bundle and Sphinx's scripts both declare `_`
            kept.write_text("(function(){" + vl_convert.javascript_bundle() + "\n})();", encoding="utf-8")
        app.config.html_extra_path.append(str(kept.parent))


def _page(app, pagename, templatename, context, doctree) -> None:
    if MARK in (context.get("body") or ""):
        bundle = context["pathto"]("vega-bundle.js", resource=True)
        app.add_js_file("vegafigure.js", loading_method="defer", priority=900, **{"data-bundle": bundle})


def setup(app):
    # text is measured in the font that the page draws it in
    vl_convert.register_font_directory(str(FONTS))
    plugins = render.load_mime_renders()
    if VegaFigure not in plugins:
        plugins.append(VegaFigure)
    app.connect("builder-inited", _assets)
    app.connect("html-page-context", _page)
