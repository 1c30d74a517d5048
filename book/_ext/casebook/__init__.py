"""What this book adds to Jupyter Book, a module an idea.

- `chapters`, `trace`, `execution`: run what changed, keep what holds; a table says when each chapter ran.
- `made`: what stands in a page but is made from tables, models or chapters.
- `markup`: HTML that a screen reader and a narrow page can use: header scopes, scrolling boxes, folded code.
- `fitting`: tables that a phone and a sheet of paper can hold.
- `mathml`, `vegafigure`: mathematics and charts without a script or a file from another host.
- `figurefiles`: a figure's picture to take along, and how to cite it.
- `words`: what the site itself says, in the language of the build.
- `pages`: what the theme in ``book/_theme`` needs to know of a page: contents, description, citation.
- `answers`: what a class is to find by itself, behind a click.
- `plays`: figures to play with, a module each: a contract, luck, payback, SIB or grant, who gets picked.
- `ownform`: a SIB of one's own in a form, and its report below it; `formwork` is what Python does for it.
- `cards`: the picture that stands for a page where it is shared.
- `editions`, `slides`, `teaching`: each chapter for readers, students and instructors; slides; plans.
- `coursepack`, `plainbook`, `charted`: the pack for a class, its pages as plain notebooks, their charts as pictures.
- `kit`: what a class holds in its hands: scripts by the minute, cards, rubrics.
- `datatables`: the tables as pages, each row with its address, and what rests on each source.
- `notes`: what a source or a term is, beside the words that name it.
- `reference`: the package name by name, from its docstrings; what each chapter uses of it.
- `addresses`: pages keep their address or leave a redirect; the sitemap.
- `live`, `runtime`, `inpage`: cells that a reader changes and runs in the page.
- `workcells`: a cell to work in under each exercise, and its check, in the page.
- `assume`, `stale`: a slider for each assumption of a page, and which cells follow when one moves.
- `searching`: what a reader can search, by section, as one file that is loaded when it is wanted.
- `lean`: scripts and styles without what they say to those who change them.
- `tongues`, `outputs`, `faithful`: pages in another language, from catalogues; what cells print; what must be kept.
- `launch`: links that run a chapter on Binder, Colab or a JupyterHub, and the branch of notebooks that they open.
- `takeaway`: notebooks, wheel and requirements to download, the book as a zip and (`bound`) as an `epub` and a `pdf`.
"""

import os

from casebook import (
    addresses,
    answers,
    cards,
    coursepack,
    datatables,
    execution,
    figurefiles,
    kit,
    launch,
    lean,
    live,
    markup,
    mathml,
    notes,
    ownform,
    pages,
    plays,
    reference,
    searching,
    takeaway,
    teaching,
    tongues,
    vegafigure,
    words,
    workcells,
)

# what a page needs, in this order
PAGE = (
    words,
    execution,
    answers,
    markup,
    mathml,
    vegafigure,
    pages,
    figurefiles,
    plays,
    searching,
    live,
    workcells,
    ownform,
    teaching,
    kit,
    datatables,
    notes,
    reference,
    launch,
    tongues,
)
# what only the whole site needs: files to take along, redirects, Python for the page
SITE = (cards, takeaway, ownform, searching, live, teaching, coursepack, launch, datatables, addresses, lean, tongues)


def setup(app):
    # Jupyter Book sets it for an extension that this book leaves out
    app.add_config_value("comments_config", {}, "")
    for part in PAGE:
        part.setup(app)
    if os.environ.get("CASEBOOK_LENT"):
        tongues.borrowed(app)  # the files that a language needs once are there already
        searching.files(app)
        cards.files(app)
    elif not app.tags.has("preview"):
        for part in SITE:
            part.files(app)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
