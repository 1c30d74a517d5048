"""What stands in a page but is made from tables, models or chapters: made again when one of them changes."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from casebook import chapters


def sources(root: Path) -> list[Path]:
    """Every file that such a page may be made from: tables, package, chapters, plans and notes."""
    files = [root / name for name in chapters.everything(root)]
    return [*files, *chapters.pages(root), *sorted((root / "book/teach").glob("*.toml"))]


class Made(SphinxDirective):
    """A directive that stands for HTML, or for MyST text, made from the book's own files."""

    optional_arguments = 1

    def html(self, root: Path) -> str:
        """The HTML; a directive that makes text has `text` in its place."""
        raise NotImplementedError

    def text(self, root: Path) -> str | None:
        return None

    def run(self):
        root = Path(self.env.srcdir)
        for path in sources(root):
            self.env.note_dependency(str(path))
        text = self.text(root)
        if text is None:
            return [nodes.raw("", self.html(root), format="html")]
        holder = nodes.container()
        self.state.nested_parse(StringList(text.splitlines(), "casebook"), self.content_offset, holder)
        return holder.children
