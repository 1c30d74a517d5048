"""Mathematics as MathML, made when the book is built: no script, no other host, readable offline."""

from __future__ import annotations

import html

from docutils import nodes
from latex2mathml.converter import convert


def _mathml(node, display: str) -> str:
    source = node.astext()
    # <math> carries its source, so that a formula can be copied
    return convert(source, display=display).replace("<math ", f'<math alttext="{html.escape(source)}" ', 1)


def _inline(self, node):
    self.body.append(f'<span class="math">{_mathml(node, "inline")}</span>')
    raise nodes.SkipNode


def _block(self, node):
    opening = '<div class="math scroll">'
    self.body.append(f"{opening}{_mathml(node, 'block')}</div>")
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
