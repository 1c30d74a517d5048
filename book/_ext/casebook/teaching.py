"""What the pages for teachers are made of: plans, pathways, role sheets, a coding form, notes by chapter; and the pack.

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
from casebook.takeaway import write_zip
from sibmodels import cases, negotiation, tables
from sibmodels.display import amount
from sibmodels.teach.coding import STEPS

TAKES = re.compile(r"\*\*Takes\*\* (?:about )?(\d+) minutes?(?:[^.]*?, (\d+) if you skip the code)?")
MARK = '<form class="coding"'
PACK, INSTRUCTOR = "course-pack.zip", "instructor-edition.zip"
START = """COURSE PACK of "An executable casebook of social impact bonds"

1. Install Python 3.11 or newer. In this folder, with a network, once:

     python3 -m venv casebook
     casebook/bin/pip install -r requirements.txt {wheel}

   (On Windows: py -m venv casebook, and casebook\\Scripts\\ in place of casebook/bin/.)

2. From then on, without a network:

     casebook/bin/jupyter lab

What is here:

  chapters/     every chapter as a notebook, as the site shows it
  student/      the same with blanks in place of solutions, and cells that check an answer
  solutions/    the same with a cell for each solution
  roles/        role sheets of the negotiation game: print one for each player
  data/         every table of the book, with datapackage.json, which describes the columns
  coding-sheet.csv, coding-sheet-blind.csv, term-sheet.toml    to fill in
  requirements.txt, {wheel}    what everything runs with

Left out is the instructor's edition, so that the pack can be handed to a class.
To give a class no solutions either, delete chapters/ and solutions/.

Text and tables are under CC BY 4.0, code under the BSD 3-Clause licence (LICENSE files);
data/indigo_*.csv is an extract of its publisher's open data, without a licence text.
"""


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


def coding_form() -> str:
    """The blank coding sheet as an HTML form; the page's own script makes the file."""
    labels = tables.read("dimensions").set_index("dimension")["label"]
    options = "".join(f'<option value="{step:g}">{step:g}</option>' for step in STEPS)
    parts, last = [], ""
    for place, row in enumerate(sib.coding_sheet().itertuples()):
        if row.case != last:
            parts.append("</fieldset>" * bool(last) + f"<fieldset><legend>{escape(cases.label(row.case))}</legend>")
            last = row.case
        parts.append(
            f'<div class="unit" data-case="{row.case}" data-dimension="{row.dimension}">'
            f"<p><strong>{escape(labels[row.dimension])}.</strong> -1: {escape(row.npm)}. 1: {escape(row.npg)}.</p>"
            f'<p class="evidence">{escape(row.evidence)} <span>({escape(row.locator)})</span></p>'
            f'<p><label for="score-{place}">Score</label> <select id="score-{place}"><option value="">blank</option>'
            f'{options}</select> <label for="why-{place}">Why</label> <input id="why-{place}" maxlength="200"></p>'
            "</div>"
        )
    return (
        f'{MARK} autocomplete="off"><p><label for="coder">Your name, or a made-up one</label> '
        f'<input id="coder" maxlength="40"></p>{"".join(parts)}</fieldset>'
        '<p class="send"><button type="submit" hidden>Save my sheet as CSV</button> '
        '<button type="reset" hidden>Empty the form</button> <span role="status"></span></p>'
        "<noscript><p>Without scripts the form cannot make a file: use the sheet above.</p></noscript></form>"
    )


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


class Notes(Made):
    def text(self, root):
        about = editions.notes(root)[self.arguments[0]]
        return f"{editions.instructions(about)}\n\n{editions.model_answers(about)}"


class CodingForm(Made):
    def html(self, root):
        return coding_form()


def _page(app, pagename, templatename, context, doctree) -> None:
    if MARK in (context.get("body") or ""):
        app.add_js_file("codingform.js", loading_method="defer", priority=900)


def _files(app) -> None:
    """Sheets, slides, packs: into the folder of what readers take along, which `takeaway` has made."""
    if app.builder.format != "html":
        return
    root = Path(app.srcdir)
    folder = Path(app.doctreedir).parent / "downloads"
    for name, content in sheets().items():
        (folder / "downloads" / name).write_text(content, encoding="utf-8", newline="")
    slides.write(root, folder / "slides", Path(app.outdir).parent / "slides")
    write_zip(folder / "downloads" / PACK, "course-pack", pack(root, folder / "downloads"))
    taught = {f"{name}": text.encode() for name, text in editions.build(root, "instructor").items()}
    write_zip(folder / "downloads" / INSTRUCTOR, "instructor-edition", taught)


def sheets() -> dict[str, str]:
    """The blank sheets of lab and game by their file names."""
    return {
        "coding-sheet.csv": sib.coding_sheet().to_csv(index=False, lineterminator="\n"),
        "coding-sheet-blind.csv": sib.coding_sheet(evidence=False).to_csv(index=False, lineterminator="\n"),
        "term-sheet.toml": negotiation.blank_sheet(),
    }


def pack(root: Path, downloads: Path) -> dict[str, bytes]:
    """What the course pack holds, by path."""
    (wheel,) = downloads.glob("*.whl")
    files = {"START-HERE.txt": START.format(wheel=wheel.name).encode(), wheel.name: wheel.read_bytes()}
    for name in ("requirements.txt", "LICENSE", "LICENSE-CC-BY-4.0"):
        files[name] = (root / name).read_bytes()
    for name, text in sheets().items():
        files[name] = text.encode()
    for path in sorted(path for path in (root / "data").rglob("*.*") if path.is_file()):
        files[path.relative_to(root).as_posix()] = path.read_bytes()
    for role in negotiation.ROLES:
        text = (root / f"book/teach/roles/{role}.md").read_text(encoding="utf-8")
        text = re.sub(r"```\{admonition\}.*?```\n\n", "", text, flags=re.S)
        text = text.replace(f"```{{role-sheet}} {role}\n```", role_list(role))
        files[f"roles/{role}.md"] = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", text).encode()
    for path in editions.chapters(root).values():
        files[f"chapters/{path.name}"] = path.read_bytes()
    for which in ("student", "solutions"):
        for name, text in editions.build(root, which).items():
            if Path(name).stem not in editions.NO_EXERCISES:
                files[f"{which}/{name}"] = text.encode()
    return files


def setup(app):
    app.add_directive("plan", Plan)
    app.add_directive("pathways", Pathways)
    app.add_directive("role-sheet", RoleSheet)
    app.add_directive("instructor-notes", Notes)
    app.add_directive("coding-form", CodingForm)
    app.connect("html-page-context", _page)


def files(app):
    app.connect("builder-inited", _files, priority=600)
