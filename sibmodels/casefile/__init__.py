"""Case files: one contract, filled in by whoever has it on the desk, as TOML or as a workbook.

A case file holds what a person knows or assumes of one SIB. Reading lists every problem at once, each with
its line, its key and a remedy, and never returns half of a case. Figures are kept to 15 significant
digits, as spreadsheets keep them.

The parts, a module each: `sections` (the keys), `text` (TOML with lines), `workbook` (the same in cells), `form` (and
in the fields of a page), `reading` (whichever it is), `problems` and `language` (what is wrong), `model` (the case and
its models), `savings` (what outcomes are worth), `actuals` and `results` (what came of it), `writing` (the file,
filled in or to fill in), `starts` (what the book knows), `imports` (what INDIGO knows).
"""

from sibmodels.casefile.imports import from_indigo
from sibmodels.casefile.model import CaseFile, raw
from sibmodels.casefile.problems import CaseFileError, Problem, build
from sibmodels.casefile.reading import loads, read
from sibmodels.casefile.results import blank, with_results
from sibmodels.casefile.sections import LISTS, MOST, PERIODS, SCHEDULES, SECTIONS, SECTORS, SINGLE, Figure, schema
from sibmodels.casefile.starts import contracts, example, published
from sibmodels.casefile.writing import dumps, template

__all__ = [
    "LISTS",
    "MOST",
    "PERIODS",
    "SCHEDULES",
    "SECTIONS",
    "SECTORS",
    "SINGLE",
    "CaseFile",
    "CaseFileError",
    "Figure",
    "Problem",
    "blank",
    "build",
    "contracts",
    "dumps",
    "example",
    "from_indigo",
    "loads",
    "published",
    "raw",
    "read",
    "schema",
    "template",
    "with_results",
]
