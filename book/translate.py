"""What a language lacks: catalogues made anew from the pages, and how much of each is said in it.

`python book/translate.py ja` brings ``book/locale/ja/LC_MESSAGES/book/*.po`` up to the English pages: what is new
stands there with nothing said, what has changed is marked ``fuzzy`` with what was said before, what is gone goes.
A page of the list `PAGES` without a catalogue gets one. Nothing said is lost but what no page has any more.

A catalogue has the page's passages, as MyST reads them, and with the context ``output`` the words that its cells
print, with numbers as fields: ``{1} of {2} outcomes``. What several pages print alike stands in ``shared.po``.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book/_ext"))

from casebook import assume, editions, faithful, outputs  # noqa: E402
from casebook.vegafigure import spec_of  # noqa: E402

PAGES = (ROOT / "book/locale/pages.txt").read_text(encoding="utf-8").split()
POT = ROOT / "_build/pot"
PLAY = re.compile(r"^`{3,}\{play\} \S+ (.+)$", re.M)
HANDS = ["# Translated by: The SIB casebook authors", "# Reviewed by: nobody yet"]
HEADERS = re.compile(r'^"(?!Language:|Content-Type:)[A-Z][A-Za-z-]+: [^"]*\\n"\n', re.M)


def passages() -> dict[str, Catalog]:
    """The passages of every page, as Sphinx's gettext builder finds them."""
    shutil.rmtree(POT, ignore_errors=True)
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(ROOT), "--builder", "custom"]
    command += ["--custom-builder", "gettext", "--path-output", str(POT)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-3000:])
    made = POT / "_build/gettext"
    return {name: _read(made / f"book/{name}.pot") for name in PAGES}


def words(name: str) -> dict[str, str]:
    """What a page's cells print: each pattern once, and where it stands."""
    path = ROOT / f"book/{name}.ipynb"
    found: dict[str, str] = {}
    if not path.is_file():
        text = path.with_suffix(".md").read_text(encoding="utf-8")
        return dict.fromkeys(outputs.heard(lambda say: outputs.summaries(text, say)), "summary")
    about = editions.notes(ROOT).get(name, {})
    asked = [*about.get("needs", []), *(check["ask"] for check in about.get("checks", {}).values())]
    found |= dict.fromkeys(outputs.heard(lambda say: [say(one) for one in asked]), "exercise")
    labels = [row["label"] for row in assume.used(path.stem)]
    found |= dict.fromkeys(outputs.heard(lambda say: [say(label) for label in labels]), "assumption")
    for cell in nbformat.read(path, as_version=4).cells:
        if "remove-cell" in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "markdown":
            folds = outputs.heard(lambda say, text=cell.source: outputs.summaries(text, say))
            found |= dict.fromkeys(folds, f"{cell.id} summary")
            plays = PLAY.findall(cell.source)
            found |= dict.fromkeys(outputs.heard(lambda say, plays=plays: [say(title) for title in plays]), "figure")
        for output in cell.get("outputs", []):
            shown = output.get("data", {}).get("text/html", "")
            if "altair-viz-" in shown:
                spec = spec_of(shown)
                heard = dict.fromkeys(outputs.heard(lambda say, spec=spec: outputs.chart(spec, say)), "chart")
                heard |= dict.fromkeys(
                    outputs.heard(lambda say, spec=spec: [*map(say, outputs.columns(spec))]), "column"
                )
            elif shown:
                said = lambda say, shown=shown: outputs.markup(shown, say)  # noqa: E731
                heard = dict.fromkeys(outputs.heard(said), "table")
            elif output.output_type == "stream":
                heard = dict.fromkeys(outputs.heard(lambda say, text=output.text: outputs.lines(text, say)), "line")
            else:
                heard = {}
            for one, kind in heard.items():
                found.setdefault(one, f"{cell.id} {kind}")
    return found


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def renew(path: Path, template: Catalog, language: str) -> tuple[int, int]:
    """A catalogue brought up to its template; how many messages it has, and how many are said."""
    known = _read(path) if path.is_file() else Catalog(locale=language)
    before = {(message.id, message.context): message for message in known if message.id}
    hands = [line for line in known.header_comment.splitlines() if line.startswith(("# Translated", "# Reviewed"))]
    head = "\n".join([f"# {path.stem}", *(hands or HANDS)])
    catalogue = Catalog(locale=language, fuzzy=False, header_comment=head)
    gone = [message for key, message in before.items() if not template.get(*key) and message.string]
    for message in (one for one in template if one.id):
        old = before.get((message.id, message.context))
        said, flags = (old.string, old.flags & {"fuzzy"}) if old else _near(message, gone)
        catalogue.add(
            message.id, said, locations=[], flags=flags, auto_comments=message.auto_comments, context=message.context
        )
    for message in catalogue:
        message.flags &= {"fuzzy"}  # Babel takes a role's braces for a format
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalogue, width=0, omit_header=False, include_lineno=False)
    text = path.read_text(encoding="utf-8")
    path.write_text(HEADERS.sub("", text, count=0), encoding="utf-8")  # that differ from run to run, or say nothing
    every = [message for message in catalogue if message.id]
    return len(every), sum(bool(message.string) and not message.fuzzy for message in every)


def _near(message, gone) -> tuple[str, tuple]:
    """What was said of a passage that has become this one."""
    import difflib

    texts = {one.id: one for one in gone if one.context == message.context}
    near = difflib.get_close_matches(message.id, texts, 1, 0.7)
    return (texts[near[0]].string, ("fuzzy",)) if near else ("", ())


def check(folder: Path) -> None:
    """Every message that is not said, or does not keep the numbers, links and fields of the English one."""
    every = said = wrong = 0
    for path in sorted(folder.rglob("*.po")):
        for message in (one for one in _read(path) if one.id):
            every += 1
            said += bool(message.string) and not message.fuzzy
            for fault in faithful.faults(message.id, message.string, message.context or "") if message.string else ():
                wrong += 1
                print(f"{path.relative_to(folder)}: {message.id[:70]!r}: {fault}")
    print(f"{said} of {every} said, {wrong} faults")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("language")
    parser.add_argument("--check", action="store_true", help="only look: what is not said, and what says another thing")
    asked = parser.parse_args()
    language = asked.language
    folder = ROOT / "book/locale" / language / "LC_MESSAGES"
    if asked.check:
        return check(folder)
    text = passages()
    printed = {name: words(name) for name in PAGES}
    seen: dict[str, int] = {}
    for page in printed.values():
        for one in page:
            seen[one] = seen.get(one, 0) + 1
    shared = Catalog(locale=language)
    for one, count in seen.items():
        if count > 1:
            shared.add(one, context="output", auto_comments=["of several pages"])
    total = [renew(folder / "shared.po", shared, language)]
    print(f"shared: {total[0][1]} of {total[0][0]}")
    for name in PAGES:
        template = Catalog(locale=language)
        for message in text[name]:
            if message.id:
                template.add(message.id, auto_comments=[Path(p).stem + " " + str(n) for p, n in message.locations][:1])
        path = folder / f"book/{name}.po"
        own = {message.id for message in _read(path) if message.context} if path.is_file() else set()
        for one, place in printed[name].items():
            if seen[one] == 1 or one in own:  # a page may say in its own way what others print too
                template.add(one, context="output", auto_comments=[place])
        total.append(renew(path, template, language))
        print(f"{name}: {total[-1][1]} of {total[-1][0]}")
    print(f"{sum(said for _, said in total) / sum(every for every, _ in total):.0%} is said")


if __name__ == "__main__":
    main()
