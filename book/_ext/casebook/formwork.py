"""What the form of one's own SIB asks of Python in the page: to check, to report, to read and to write a case file.

Loaded by ``live-worker.js`` when the form first asks. Questions and answers are JSON; an answer never is a traceback.
"""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path

from sibmodels import casefile, files, reports
from sibmodels.casefile import form, text, writing


def answer(what: str, asked: str) -> str:
    """The answer to a question, whatever happens."""
    try:
        return json.dumps(WORK[what](json.loads(asked)))
    except Exception as error:
        return json.dumps({"failed": form.failed(error)})


def check(typed: dict) -> dict:
    """What is wrong with what was typed."""
    return _said(form.checked(typed)[1])


def report(typed: dict) -> dict:
    """The report as ``python -m sibmodels report`` writes it, and what the page has to draw into it."""
    case, problems = form.checked(typed)
    if case is None:
        return _said(problems)
    specs: list[dict] = []

    def place(spec: dict) -> str:
        specs.append(spec)
        return f'<svg class="marks" data-picture="{len(specs)}"></svg>'

    return {"html": reports.html(case, place), "pictures": specs}


def toml(typed: dict) -> dict:
    """The case file, finished or not."""
    case, _ = form.checked(typed)
    tables = form.tables(typed, [])[0] if case is None else casefile.raw(case)
    return {"text": writing.written(writing.in_language(tables))}


def book(typed: dict) -> dict:
    """The workbook with live formulas."""
    case, problems = form.checked(typed)
    if case is None:
        return _said(problems)
    from sibmodels.reports import workbook as live

    with tempfile.TemporaryDirectory() as folder:
        live.write(case, Path(folder) / "case.xlsx")
        return {"base64": base64.b64encode((Path(folder) / "case.xlsx").read_bytes()).decode()}


def opened(given: dict) -> dict:
    """What a case file holds, as the form shows it; of a TOML file that is not right yet, all that can be read."""
    name, content = Path(given["name"]).name or "file", base64.b64decode(given["base64"])
    problems: list[casefile.Problem] = []

    def lines() -> list[str]:
        return [form.line(one) for one in problems]

    if not content.startswith(b"PK") and not name.lower().endswith(".xlsx") and not files.decoded(content)[1]:
        raw, _, _ = text.tables(text.decoded(content, name)[0], name, problems)
        if raw.keys() & casefile.SECTIONS.keys():
            return {"typed": form.entries(raw), "lines": lines()}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            case = casefile.read(path)
        except casefile.CaseFileError as error:
            problems = list(error.problems)
            return {"lines": lines()}
    return {"typed": form.entries(casefile.raw(case)), "lines": []}


def _said(problems) -> dict:
    return {"problems": [{"at": one.place, "what": one.what, "remedy": one.remedy} for one in problems]}


WORK = {"check": check, "report": report, "toml": toml, "workbook": book, "open": opened}
