"""The book in another language: the same pages below a folder of its name, built from catalogues in ``book/locale``.

A page that ``book/locale/pages.txt`` names is read from the same notebook, with the same run. Sphinx puts passages in
place (gettext); `outputs` does so for what cells print. What a catalogue does not say stands in English and is marked.
A second build, begun when the first is done, writes the folder; scripts, fonts and Python lie once, beside it.
"""

from __future__ import annotations

import functools
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml
from babel.messages.pofile import read_po
from docutils import nodes
from sphinx import addnodes
from sphinx.errors import SphinxError
from sphinx.transforms import SphinxTransform

from casebook import chapters, datatables, outputs, words
from sibmodels.messages import ENGLISH

ROOT = Path(__file__).parents[3]
LOCALE = ROOT / "book/locale"
NAMES = {"en": "English", "ja": "日本語"}
BIBLIOGRAPHY = "bibliography.html#"
HERE = ("search",)  # pages that no source makes, and every language has
ADDRESS = re.compile(r'\b(href|src|action|data-[a-z]+)="((?!#|[a-z]+:|/)[^"?#]+)')


def languages(root: Path = ROOT) -> list[str]:
    """The languages that there are catalogues for."""
    return sorted(path.parent.name for path in (root / "book/locale").glob("*/LC_MESSAGES"))


def pages(root: Path = ROOT) -> list[str]:
    """The pages that other languages have."""
    return [f"book/{name}" for name in (root / "book/locale/pages.txt").read_text(encoding="utf-8").split()]


@functools.cache
def catalogue(language: str, page: str) -> dict[str, str]:
    """What a page's cells print, as a language says it: its own words, then those that pages share."""
    said: dict[str, str] = {}
    for name in ("shared", page):
        path = LOCALE / language / f"LC_MESSAGES/{name}.po"
        if path.is_file():
            with path.open("rb") as file:
                found = [one for one in read_po(file) if one.context == "output" and one.string and not one.fuzzy]
            said |= {one.id: one.string for one in found}
    return said


@functools.cache
def passages(language: str, page: str) -> dict[str, str]:
    """A page's passages, as a language says them."""
    with (LOCALE / language / f"LC_MESSAGES/{page}.po").open("rb") as file:
        return {one.id: one.string for one in read_po(file) if one.id and not one.context and one.string}


@functools.cache
def hands(language: str, page: str) -> dict[str, str]:
    """Who translated a page and who reviewed it, as the head of its catalogue says."""
    path = LOCALE / language / f"LC_MESSAGES/{page}.po"
    head = path.read_text(encoding="utf-8").partition("msgid")[0] if path.is_file() else ""
    return {role: name.strip() for role, name in re.findall(r"^# (Translated|Reviewed) by: (.+)$", head, re.M)}


def say(env, docname: str) -> outputs.Say | None:
    """What says a page's outputs in the language of the build; none where that is the language they are in."""
    if env.config.language == ENGLISH:
        return None
    return outputs.speaker(catalogue(env.config.language, docname))


def told(env, docname: str, text: str) -> str:
    """A text that is made from tables or a directive's words, in the language of the build."""
    speak = say(env, docname)
    return speak(text) if speak else text


def contents(toc: dict, kept: list[str]) -> dict:
    """The table of contents with the pages that are kept.

    >>> contents({"root": "a", "parts": [{"caption": "B", "chapters": [{"file": "b"}, {"file": "c"}]}]}, ["a", "c"])
    {'root': 'a', 'parts': [{'caption': 'B', 'chapters': [{'file': 'c'}]}]}
    """
    parts = [
        {**part, "chapters": [one for one in part["chapters"] if one["file"] in kept]} for part in toc.get("parts", [])
    ]
    return {**toc, "parts": [part for part in parts if part["chapters"]]}


def contents_file(root: Path, folder: Path) -> Path:
    """The table of contents of the pages that other languages have, as a file."""
    toc = contents(yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8")), pages(root))
    path = folder / "_toc.yml"
    path.write_text(yaml.safe_dump(toc, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def home(app) -> str:
    """Where the English pages are, seen from the root of this build."""
    return "" if app.config.language == ENGLISH else "../"


def _links(app, doctree) -> None:
    """A link to a page that this language lacks leads to the English one, and says so."""
    docname = app.env.docname
    if not home(app):
        return
    for link in list(doctree.findall(addnodes.pending_xref)):
        path, _, place = link["reftarget"].partition("#")
        name = posixpath.normpath(posixpath.join(posixpath.dirname(docname), path))
        if link["reftype"] != "myst" or name in app.env.found_docs or name not in sources(Path(app.srcdir)):
            continue
        uri = app.builder.get_relative_uri(docname, name) + (place and f"#{place}")  # `led` has the way
        made = nodes.reference("", "", *link.children, refuri=uri, internal=True, classes=["in-english"])
        link.replace_self(made)


@functools.cache
def sources(root: Path) -> set[str]:
    """The names of all pages."""
    return {path.relative_to(root).with_suffix("").as_posix() for path in chapters.pages(root)}


def _outputs(app, doctree) -> None:
    """What cells print, said in the language; code and what is not said stay English, and are marked."""
    env = app.env
    speak = say(env, env.docname)
    if speak is None:
        return
    to = app.builder.get_relative_uri(env.docname, datatables.SOURCES)
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") == "cell_code_output":
            for node in cell.findall(nodes.raw):
                if "vega-figure" in node.astext():
                    continue  # said before it was drawn: `chart`
                # sources are known by their English names, and are said with the place in them
                body = datatables.linked(node.astext(), to, whole=True)
                said = outputs.markup(body, speak)
                node.children, node.rawsource = [nodes.Text(said)], said
            for node in cell.findall(nodes.literal_block):
                said = outputs.lines(node.astext(), speak)
                node.children, node.rawsource = [nodes.Text(said)], said
        elif cell.get("nb_element") == "cell_code_source":
            cell["classes"].append(f"language-{ENGLISH}")
    for node in doctree.findall(nodes.Element):
        if isinstance(node, nodes.raw) and "<summary>" in node.astext():
            node.children = [nodes.Text(outputs.summaries(node.astext(), speak))]
        if isinstance(node, nodes.math_block):  # a formula is one in every language
            continue
        if node.get("translated") is False and node.astext().strip():
            node["classes"].append(f"language-{ENGLISH}")


def _sources(app, doctree, docname) -> None:
    """Sources are named as they are published, most of them in English."""
    if not home(app):
        return
    for node in doctree.findall(nodes.Element):
        entry = isinstance(node, nodes.citation)
        cited = "bibtex-citation" in node.get("classes", []) or BIBLIOGRAPHY in node.get("refuri", "")
        if entry or (cited and not outputs.SIGN.search(node.astext())):
            node["classes"].append(f"language-{ENGLISH}")


class Cells(SphinxTransform):
    """Gives the cells of MyST's tables the line that Sphinx's gettext asks of what can be translated."""

    default_priority = 5  # before messages are looked for

    def apply(self, **kwargs):
        for entry in self.document.findall(nodes.entry):
            for text in entry.findall(nodes.paragraph):
                if not text.source:
                    text.source, text.line = self.document["source"], 0
        # a formula is one in every language
        for formula in self.document.findall(nodes.math_block):
            formula["translatable"] = False


def _captions(app, doctree) -> None:
    """The parts of the book, whose captions come into the page after its passages were said."""
    if app.env.docname == app.config.root_doc and home(app):
        said = passages(app.config.language, app.env.docname)
        for toc in doctree.findall(addnodes.toctree):
            toc["caption"] = said.get(toc.get("caption"), toc.get("caption"))


def chart(env, docname: str, spec: dict) -> dict:
    """A chart with its words in the language of the build."""
    speak = say(env, docname)
    return outputs.chart(spec, speak) if speak else spec


def heads(env, docname: str, figure: str) -> str:
    """The names of the columns in the table under a chart."""
    speak = say(env, docname)
    return outputs.heads(figure, speak) if speak else figure


def _page(app, pagename, templatename, context, doctree) -> None:
    if home(app) and "body" in context:  # the book's title is cited as it is published
        title = f"<em>{context['book']['title']}</em>"
        body = context["body"].replace(title, title.replace("<em>", f'<em lang="{ENGLISH}">'))
        body = re.sub("(<h1>[^<]*：)([^<]+)", r'\1<span class="part">\2</span>', body)
        body = body.replace("\xa0%", "%")  # figures to play with have it as English does
        context["body"] = re.sub('title="Link to this [a-z]+"', f'title="{words.word("page.link")}"', body)
        context["hands"] = hands(app.config.language, pagename)
    _ways(app, pagename, context, doctree)


def _ways(app, pagename, context, doctree) -> None:
    """The same page in each language that has it, or where that language begins."""
    there = [*pages(), *HERE]
    ways = []
    for language in [ENGLISH, *languages()]:
        here = language == app.config.language
        to = pagename if pagename in there or language == ENGLISH else app.config.root_doc
        folder = "" if language == ENGLISH else f"{language}/"
        way = posixpath.basename(pagename) + ".html" if here else _up(pagename) + home(app) + folder + f"{to}.html"
        base = app.config.html_baseurl.removesuffix(f"{app.config.language}/" if home(app) else "")
        address = base and f"{base}{folder}{to}.html"
        ways.append(
            {"code": language, "name": NAMES.get(language, language), "href": way, "address": address, "here": here}
        )
        ways[-1]["twin"] = to == pagename
    context["languages"] = ways if (len(ways) > 1 and doctree is not None) or pagename in HERE else []


def said(app, pagename: str) -> str:
    """The file beside a page that says how its language says what cells print, for cells that run in the page."""
    name = f"{pagename}.said.json"
    if not home(app):
        return ""
    text = json.dumps(catalogue(app.config.language, pagename), ensure_ascii=False, separators=(",", ":"))
    target = Path(app.outdir) / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return posixpath.basename(name)


def _up(pagename: str) -> str:
    return "../" * pagename.count("/")


def lacking(root: Path, language: str) -> list[str]:
    """What a language needs beside its catalogues, and has not.

    >>> lacking(ROOT, "ja"), lacking(ROOT, "xx")
    ([], ['sibmodels/messages/xx.toml', 'book/_ext/casebook/words/xx.toml'])
    """
    needed = [f"{folder}/{language}.toml" for folder in ("sibmodels/messages", "book/_ext/casebook/words")]
    return [name for name in needed if not (root / name).is_file()]


def build(root: Path, work: Path, language: str, lent: dict) -> Path:
    """The pages of a language, and where they are; `lent` is what the English build made for all."""
    if missing := lacking(root, language):
        raise SphinxError(f"{language!r} has pages and lacks {' and '.join(missing)}: copy en.toml there")
    work.mkdir(parents=True, exist_ok=True)
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    config["sphinx"]["config"]["language"] = language
    # a path in it is read from where the file stands
    extensions = config["sphinx"]["local_extensions"]
    config["sphinx"]["local_extensions"] = {name: str(root / path) for name, path in extensions.items()}
    config["title"] = words.catalogue(language)["page.book"]
    (work / "_config.yml").write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
    (work / "lent.json").write_text(json.dumps(lent), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(root), "-W", "-n", "--keep-going"]
    command += [
        "--config",
        str(work / "_config.yml"),
        "--toc",
        str(contents_file(root, work)),
        "--path-output",
        str(work),
    ]
    environment = os.environ | {"CASEBOOK_LENT": str(work / "lent.json")}
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment)
    if done.returncode:
        said = done.stdout[-9000:] + done.stderr[-9000:]
        raise SphinxError(f"the pages in {NAMES.get(language, language)} were not built:\n{said}")
    return work / "_build/html"


def _lent(app) -> dict:
    """What the English build made for all: Python for the page, and the names of what there is to download."""
    names = ("wheel", "archive", "epub", "pdf")
    context = {name: app.config.html_context[name] for name in names if name in app.config.html_context}
    return {"live": getattr(app, "casebook_live", None), "context": context}


def place(made: Path, site: Path, language: str) -> None:
    """What was built, below its folder; what lies once, and pages that it lacks, are led to where they are."""
    shutil.rmtree(site / language, ignore_errors=True)
    names = (path.relative_to(made).as_posix() for path in sorted(made.rglob("*")) if path.is_file())
    own = {name for name in names if not name.startswith((".", "_static/", "_sources/", "vega-bundle", "objects.inv"))}
    for name in own:
        target = site / language / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith(".html"):
            target.write_text(
                led((made / name).read_text(encoding="utf-8"), name, own, site, language), encoding="utf-8"
            )
        else:
            shutil.copy(made / name, target)
    shutil.copy(made / f"_static/words.{language}.js", site / "_static")


def led(page: str, name: str, own: set[str], site: Path, language: str) -> str:
    """A page of a language whose addresses lead out of its folder to what only the English site has."""

    def lead(found: re.Match) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), found[2]))
        if target in own or not (site / target).is_file():
            return found[0]
        return f'{found[1]}="{posixpath.relpath(target, posixpath.dirname(f"{language}/{name}"))}'

    return ADDRESS.sub(lead, page)


def _borrow(app) -> None:
    """In a language's build: what the English one made."""
    lent = json.loads(Path(os.environ["CASEBOOK_LENT"]).read_text(encoding="utf-8"))
    app.casebook_live = lent["live"]
    app.config.html_context.update(lent["context"])


def _all(app, error) -> None:
    if not error and app.builder.format == "html":
        root = Path(app.srcdir)
        for language in languages(root):
            made = build(root, Path(app.doctreedir).parent / language, language, _lent(app))
            place(made, Path(app.outdir), language)


def setup(app):
    app.connect("doctree-resolved", _sources)
    app.add_transform(Cells)
    app.connect("doctree-read", _outputs)
    app.connect("doctree-read", _captions, priority=900)  # after the table of contents is in place
    app.connect("doctree-read", _links)
    app.connect("html-page-context", _page, priority=910)  # when scripts are known


def files(app):
    app.connect("build-finished", _all, priority=655)  # before `takeaway` packs the site


def borrowed(app):
    app.connect("builder-inited", _borrow, priority=900)
