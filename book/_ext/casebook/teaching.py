"""What the pages for teachers are made of: plans, pathways, role sheets, a coding form, notes by chapter.

Plans stand in ``book/teach/plans.toml``, notes in ``notes.toml``. Minutes of reading are added up from the cards
at the head of the chapters, so that they cannot differ from them.
"""

from __future__ import annotations

import re
import tomllib
from html import escape
from pathlib import Path

import sibmodels as sib
from casebook import editions, slides
from casebook.made import Made
from casebook.markup import html_table
from sibmodels import cases, negotiation, tables
from sibmodels.display import amount
from sibmodels.teach.coding import SLIDES, STEPS

TAKES = re.compile(r"\*\*Takes\*\* (?:about )?(\d+) minutes?(?:[^.]*?, (\d+) if you skip the code)?")
MARK = '<form class="coding"'
OTHER_FORM = "The form with the evidence beside each score, for the half that is given it"
DOSSIER = ("What", "What is said", "Where")


def minutes(root: Path, chapter: str) -> tuple[int, int]:
    """How long a chapter takes by its own card: with the code, and without."""
    (path,) = (path for path in (root / "book").glob(f"{chapter}.*") if path.suffix in (".md", ".ipynb"))
    found = TAKES.search(path.read_text(encoding="utf-8"))
    if not found:
        raise ValueError(f"{path.name}: the card does not say how many minutes the chapter takes")
    return int(found[1]), int(found[2] or found[1])


def plans(root: Path) -> dict:
    return tomllib.loads((root / "book/teach/plans.toml").read_text(encoding="utf-8"))


def plan_table(root: Path, name: str) -> str:
    """A plan as a MyST table."""
    plan = plans(root)[name]
    weekly = plan.get("weeks", False)
    columns = ["Week", "What", "Chapters", "To read, minutes"] if weekly else ["Minutes", "What", "With"]
    if not any("chapters" in session for session in plan["sessions"]):
        columns = columns[:2]
    rule = ["---:", *["---"] * (len(columns) - 1)]
    lines = [f"```{{table}} {plan['caption']}", _row(columns), _row(rule)]
    for week, session in enumerate(plan["sessions"], start=1):
        chapters = session.get("chapters", [])
        links = "; ".join(link(chapter) for chapter in chapters)
        if weekly:
            whole, short = (sum(part) for part in zip(*(minutes(root, chapter) for chapter in chapters), strict=True))
            lines.append(_row([week, session["what"], links, _span(whole, short)]))
        else:
            lines.append(_row([session["minutes"], session["what"], links][: len(columns)]))
    return "\n".join([*lines, "```"])


def pathway_tables(root: Path) -> str:
    """Every role's pathway as a MyST table."""
    blocks = []
    for path in plans(root)["pathways"].values():
        times = [minutes(root, chapter) for chapter in path["chapters"]]
        whole, short = (sum(part) for part in zip(*times, strict=True))
        lines = [f"```{{table}} {path['label']}: {path['why']}."]
        lines += ["| Step | Chapter | Minutes | Without the code |", "|---:|---|---:|---:|"]
        for step, (chapter, time) in enumerate(zip(path["chapters"], times, strict=True), start=1):
            lines.append(f"| {step} | {link(chapter)} | {time[0]} | {time[1]} |")
        lines += [f"| | In all | {whole} | {short} |", "```"]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def role_list(role: str) -> str:
    """What a role knows and wants, as a Markdown list."""
    return "\n".join(
        f"- {row.label}: **{amount(row.value, row.unit, row.currency)}** ({row.note})"
        for row in negotiation.secrets(role).itertuples()
    )


def term_sheet() -> str:
    """The game's term sheet to fill in by hand, as a MyST table."""
    lines = ["```{table} What is agreed; amounts in GBP.", "| Term | From | To | Agreed |", "|---|---:|---:|---|"]
    terms = tables.read("game").query("role == 'term sheet'")
    lines += [f"| {row.label} | {row.low:,.0f} | {row.high:,.0f} | |" for row in tables.rows(terms)]
    return "\n".join([*lines, "| Paid on those counted, or compared | count | compare | |", "```"])


def coding_form(evidence: bool = True) -> str:
    """The blank coding sheet as an HTML form, with the evidence or without; the page's own script makes the file."""
    labels = tables.read("dimensions").set_index("dimension")["label"]
    options = "".join(f'<option value="{step:g}">{step:g}</option>' for step in STEPS)
    name = "evidence" if evidence else "blind"
    parts, last = [], ""
    for place, row in enumerate(sib.coding_sheet(evidence).itertuples()):
        if row.case != last:
            parts.append("</fieldset>" * bool(last) + f"<fieldset><legend>{escape(cases.label(row.case))}</legend>")
            last = row.case
        seen = (
            f'<p class="evidence">{escape(row.evidence)} <span>({escape(row.locator)})</span></p>' if evidence else ""
        )
        parts.append(
            f'<div class="unit" data-case="{row.case}" data-dimension="{row.dimension}">'
            f"<p><strong>{escape(labels[row.dimension])}.</strong> -1: {escape(row.npm)}. 1: {escape(row.npg)}.</p>"
            f'{seen}<p><label for="{name}-score-{place}">Score</label> <select id="{name}-score-{place}">'
            f'<option value="">blank</option>{options}</select> '
            f'<label for="{name}-why-{place}">Why</label> <input id="{name}-why-{place}" maxlength="200"></p></div>'
        )
    return (
        f'{MARK} data-sheet="{name}" autocomplete="off">'
        f'<p><label for="{name}-coder">Your name, or a made-up one</label> '
        f'<input id="{name}-coder" class="coder" maxlength="40"></p>{"".join(parts)}</fieldset>'
        '<p class="send"><button type="submit" hidden>Save my sheet as CSV</button> '
        '<button type="reset" hidden>Empty the form</button> <span role="status"></span></p>'
        "<noscript><p>Without scripts the form cannot make a file: use the sheet above.</p></noscript></form>"
    )


def dossier(case: str) -> str:
    """What the sources say of a case, as a table; no score and no dimension."""
    labels = tables.read("sources").set_index("key")["label"]
    facts = sib.coding_dossier().query("case == @case")
    rows = [
        [
            escape(row.what),
            escape(row.says) + (f" <em>({escape(row.note)})</em>" if row.note else ""),
            escape(row.locator if row.source == SLIDES else f"{labels[row.source]}, {row.locator}"),
        ]
        for row in facts.itertuples()
    ]
    return html_table(f"What the sources say of {cases.label(case)}.", DOSSIER, rows)


def _row(cells) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def link(chapter: str) -> str:
    return f"[](/book/{chapter})"


def _span(whole: int, short: int) -> str:
    return f"{whole} ({short} without the code)" if short < whole else f"{whole}"


class Plan(Made):
    def text(self, root):
        return plan_table(root, self.arguments[0])


class Pathways(Made):
    def text(self, root):
        return pathway_tables(root)


class RoleSheet(Made):
    def text(self, root):
        return role_list(self.arguments[0])


class TermSheet(Made):
    def text(self, root):
        return term_sheet()


class Notes(Made):
    def text(self, root):
        about = editions.notes(root)[self.arguments[0]]
        return f"{editions.instructions(about)}\n\n{editions.model_answers(about)}"


class CodingForm(Made):
    """The blind form; that with the evidence stays folded, for the half of a class that is given it."""

    def html(self, root):
        if self.arguments != ["evidence"]:
            return coding_form(evidence=False)
        return f'<details class="coding-evidence"><summary>{OTHER_FORM}</summary>{coding_form()}</details>'


class Dossier(Made):
    def html(self, root):
        return dossier(self.arguments[0])


def _page(app, pagename, templatename, context, doctree) -> None:
    if MARK in (context.get("body") or ""):
        app.add_js_file("codingform.js", loading_method="defer", priority=900)


def _files(app) -> None:
    """Sheets and slides: into the folder of what readers take along, which `takeaway` has made."""
    if app.builder.format != "html":
        return
    root = Path(app.srcdir)
    folder = Path(app.doctreedir).parent / "downloads"
    for name, content in sheets().items():
        (folder / "downloads" / name).write_text(content, encoding="utf-8", newline="")
    slides.write(root, folder / "slides", Path(app.outdir).parent / "slides")


def sheets() -> dict[str, str]:
    """The blank sheets of lab and game by their file names."""
    return {
        "coding-sheet.csv": sib.coding_sheet().to_csv(index=False, lineterminator="\n"),
        "coding-sheet-blind.csv": sib.coding_sheet(evidence=False).to_csv(index=False, lineterminator="\n"),
        "coding-dossier.csv": sib.coding_dossier().to_csv(index=False, lineterminator="\n"),
        "term-sheet.toml": negotiation.blank_sheet(),
    }


def setup(app):
    app.add_directive("plan", Plan)
    app.add_directive("pathways", Pathways)
    app.add_directive("role-sheet", RoleSheet)
    app.add_directive("term-sheet", TermSheet)
    app.add_directive("instructor-notes", Notes)
    app.add_directive("coding-form", CodingForm)
    app.add_directive("coding-dossier", Dossier)
    app.connect("html-page-context", _page)


def files(app):
    app.connect("builder-inited", _files, priority=600)
