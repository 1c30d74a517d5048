"""World data: INDIGO, the GO Lab's data set of impact bonds, read from the publisher's own CSV files.

The book ships a small extract of facts (`shipped`), made from a copy published in December 2025 by the
Government Outcomes Lab, Blavatnik School of Government, University of Oxford. Its publisher describes
INDIGO as open data; no licence text was found. To make the extract anew, download "all public data, one
file per type" from the INDIGO pages of the GO Lab's site and run, on the folder or the zip file::

    python -m sibmodels.indigo FOLDER_OR_ZIP

Nothing here opens a network connection. Projects choose whether to share data, so no count or ratio from
it is that of all impact bonds.

The parts: `columns` (the cells of the files), `download` (the files), `extract` (the book's own), `world`
(what they say).
"""

from sibmodels.indigo.columns import COLUMNS, COUNTRIES, CURRENCIES, DATES, PAYMENTS, PLACES, PROJECTS
from sibmodels.indigo.download import read
from sibmodels.indigo.extract import refresh, shipped
from sibmodels.indigo.world import Indigo, counts, doubts, promised_and_paid, years

__all__ = [
    "COLUMNS",
    "COUNTRIES",
    "CURRENCIES",
    "DATES",
    "PAYMENTS",
    "PLACES",
    "PROJECTS",
    "Indigo",
    "counts",
    "doubts",
    "promised_and_paid",
    "read",
    "refresh",
    "shipped",
    "years",
]
