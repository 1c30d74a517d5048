"""What this book adds to Jupyter Book, a module an idea.

- `chapters`, `trace`, `execution`: run what changed, keep what holds; a table says when each chapter ran.
- `made`: what stands in a page but is made from tables, models or chapters.
- `markup`: HTML that a screen reader and a narrow page can use: header scopes, scrolling boxes, folded code.
- `mathml`, `vegafigure`: mathematics and charts without a script or a file from another host.
- `pages`: what the theme in ``book/_theme`` needs to know of a page: contents, description, citation.
- `cards`: the picture that stands for a page where it is shared.
- `editions`, `slides`, `teaching`: each chapter for readers, students and instructors; slides; plans and the pack.
- `datatables`: the tables as pages, each row with its address, and what rests on each source.
- `reference`: the package name by name, from its docstrings; what each chapter uses of it.
- `addresses`: pages keep their address or leave a redirect; the sitemap.
- `live`, `runtime`, `inpage`: cells that a reader changes and runs in the page.
- `takeaway`: notebooks, wheel and requirements to download, the book as a zip and (`pdf`) as a PDF.
"""

from casebook import (
    addresses,
    cards,
    datatables,
    execution,
    live,
    markup,
    mathml,
    pages,
    reference,
    takeaway,
    teaching,
    vegafigure,
)


def setup(app):
    # Jupyter Book sets it for an extension that this book leaves out
    app.add_config_value("comments_config", {}, "")
    for part in (execution, markup, mathml, vegafigure, pages, live, teaching, datatables, reference):
        part.setup(app)  # what a page needs
    if not app.tags.has("preview"):
        for part in (cards, takeaway, live, teaching, datatables, addresses):
            part.files(app)  # what only the whole site needs: files to take along, redirects, Python for the page
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
