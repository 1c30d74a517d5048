"""The package, name by name: what each takes, gives and raises, from its own docstring; and links from the chapters.

``{reference} models`` shows the modules of a page. Docstrings are NumPy's: their words are read as reStructuredText,
their sections as lists, their examples as code. A chapter ends with the names that its code uses.
"""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import nbformat
from docutils import nodes
from docutils.core import publish_doctree

import sibmodels
from casebook.made import Made
from casebook.words import word
from sibmodels import messages

PAGES = {
    "models": "contracts people cashflows capital simulation value evaluation incentives relations commissioning "
    "pricing unitcosts portfolio options governance networks isomorphism samples",
    "tools": "tables cases replays indigo charts display casefile reports workbook negotiation exercises "
    "judging marking coding",
}
"""Which modules each page shows, in its order."""

SECTION = re.compile(r"^(Parameters|Attributes|Returns|Raises|Notes|Examples)\n-+\n", flags=re.M)
LISTS = ("Parameters", "Attributes", "Returns", "Raises")
WIDE = 60  # letters of a call in one line
LONG = 400  # of the code of a constant, which then is not shown
Assigned = ast.Assign | ast.AnnAssign | ast.AugAssign


@dataclass(frozen=True)
class Name:
    """One public name: what to type, where it stands, and what is said of it."""

    call: str  # as a chapter types it, but for `sib.`
    module: str
    page: str
    kind: str  # function, class, constant
    signature: str
    doc: str
    code: str
    file: str
    takes: tuple[str, ...] = ()
    parts: tuple[Name, ...] = ()  # of a class: what its instances can do

    @property
    def address(self) -> str:
        return f"{self.page}.html#{self.call}"


# ---------------------------------------------------------------- the package, read and not run


@functools.cache
def _parsed(path: Path, _changed: int) -> tuple[str, ast.Module]:
    text = path.read_text(encoding="utf-8")
    return text, ast.parse(text)


def parsed(path: Path) -> tuple[str, ast.Module]:
    return _parsed(path, path.stat().st_mtime_ns)


def home(root: Path, module: str) -> Path:
    """The file of a module, by the last part of its name."""
    known = {name.rpartition(".")[2]: name for name in sibmodels._MODULES.values()}
    path = root / "sibmodels" / known[module].replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def modules() -> dict[str, str]:
    """The page of each module."""
    return {module: page for page, names in PAGES.items() for module in names.split()}


def names(root: Path, module: str) -> list[Name]:
    """The public names of a module, in the order of the alphabet."""
    path, found = home(root, module), []
    _, tree = parsed(path)
    for name in sorted(_public(tree), key=str.casefold):
        source = _source(root, path, tree, name)
        top = any(name in names for names in sibmodels._HOME.values())
        about = {"call": name if top else f"{module}.{name}", "module": module, "page": modules()[module]}
        found.append(_name(source, name, about | {"file": source.relative_to(root).as_posix()}))
    return found


@functools.cache
def everything(root: Path) -> tuple[Name, ...]:
    return tuple(name for module in modules() for name in names(root, module))


def _public(tree: ast.Module) -> list[str]:
    listed = (node.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "__all__")
    return ast.literal_eval(next(listed))


def _source(root: Path, path: Path, tree: ast.Module, name: str) -> Path:
    """Where a name is written: here, or in the module that it is imported from."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and name in {alias.asname or alias.name for alias in node.names}:
            return (root / node.module.replace(".", "/")).with_suffix(".py")
    return path


def _name(path: Path, name: str, about: dict[str, str]) -> Name:
    text, tree = parsed(path)
    call = about["call"]
    typed = call if "." in call else f"sib.{call}"
    for place, node in reversed(list(enumerate(tree.body))):  # the last of several is no overload
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return Name(**about, **_function(text, node, typed))
        if isinstance(node, ast.ClassDef) and node.name == name:
            takes = _fields(text, node)
            parts = (Name(**about | {"call": f"{call}.{of.name}"}, **_method(text, node, of)) for of in _methods(node))
            what = {"kind": "class", "signature": _call(typed, takes), "doc": _doc(node), "code": _code(text, node)}
            return Name(**about, **what, takes=_bare(takes), parts=tuple(parts))
        if isinstance(node, Assigned) and name in _targets(node):
            after = tree.body[place + 1] if place + 1 < len(tree.body) else None
            doc = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
            code = "" if isinstance(node, ast.AugAssign) else ast.get_source_segment(text, node)
            return Name(**about, kind="constant", signature=typed, doc=inspect.cleandoc(doc), code=code)
    raise LookupError(f"{path}: {name} is in __all__ and is not written there")


def _targets(node: Assigned) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def _function(text: str, node: ast.FunctionDef, typed: str, skip: int = 0) -> dict:
    takes = _takes(text, node.args, skip)
    about = {"kind": "function", "signature": _call(typed, takes), "doc": _doc(node), "code": _code(text, node)}
    return about | {"takes": _bare(takes)}


def _bare(takes: list[str]) -> tuple[str, ...]:
    """Arguments without their defaults."""
    return tuple(part.partition("=")[0] for part in takes)


def _methods(node: ast.ClassDef) -> list[ast.FunctionDef]:
    each = [part for part in node.body if isinstance(part, ast.FunctionDef) and ast.get_docstring(part)]
    return [part for part in each if part.name == "__call__" or not part.name.startswith("_")]


def _method(text: str, owner: ast.ClassDef, node: ast.FunctionDef) -> dict:
    marks = {mark.id for mark in node.decorator_list if isinstance(mark, ast.Name)}
    instance = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", owner.name).lower()
    own = owner.name if "classmethod" in marks else instance
    about = _function(text, node, own if node.name == "__call__" else f"{own}.{node.name}", skip=1)
    return about | {"code": ""} | ({"signature": ""} if "property" in marks else {})


def _fields(text: str, node: ast.ClassDef) -> list[str]:
    """What makes an instance: the fields of a data class, or the arguments of `__init__`."""
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and part.name == "__init__":
            return _takes(text, part.args, 1)
    fields = [part for part in node.body if isinstance(part, ast.AnnAssign)]
    return [part.target.id + _default(text, part.value) for part in fields]


def _takes(text: str, arguments: ast.arguments, skip: int = 0) -> list[str]:
    """Arguments with their defaults as they are written, without types: the docstring has those."""
    plain = [*arguments.posonlyargs, *arguments.args][skip:]
    free = len(plain) - len(arguments.defaults)
    defaults = [None] * free + arguments.defaults
    parts = [one.arg + _default(text, value) for one, value in zip(plain, defaults, strict=True)]
    if arguments.vararg or arguments.kwonlyargs:
        parts.append(f"*{arguments.vararg.arg if arguments.vararg else ''}")
    only = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    parts += [one.arg + _default(text, value) for one, value in only]
    return parts + ([f"**{arguments.kwarg.arg}"] if arguments.kwarg else [])


def _default(text: str, value: ast.expr | None) -> str:
    made = isinstance(value, ast.Call)  # by a factory
    return "" if value is None else "=..." if made else f"={ast.get_source_segment(text, value)}"


def _call(typed: str, takes: Iterable[str]) -> str:
    """
    >>> print(_call("sib.irr", ["flows", "axis=-1"]))
    sib.irr(flows, axis=-1)
    """
    line = f"{typed}({', '.join(takes)})"
    return line if len(line) <= WIDE else f"{typed}(\n" + "".join(f"    {part},\n" for part in takes) + ")"


def _doc(node: ast.AST) -> str:
    return ast.get_docstring(node) or ""


def _code(text: str, node: ast.FunctionDef | ast.ClassDef) -> str:
    """The code of a definition without its docstring."""
    lines = text.splitlines()
    first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
    words = node.body[0] if ast.get_docstring(node) else None
    kept = [
        line
        for number, line in enumerate(lines[first - 1 : node.end_lineno], start=first)
        if not (words and words.lineno <= number <= words.end_lineno)
    ]
    return "\n".join(kept)


# ---------------------------------------------------------------- docstrings as a page shows them


class Source(nodes.General, nodes.Element):
    """Code to unfold; no text of the page, so that a search finds words and not code."""


def _show_source(self, node) -> None:
    self.body.append(
        f'<details class="folded"><summary>{word("used.source", file=escape(node["file"]))}</summary>\n'
        f'<div class="highlight"><pre tabindex="0">{escape(node["code"])}</pre></div></details>\n'
    )
    raise nodes.SkipNode


def words(text: str) -> list[nodes.Node]:
    """reStructuredText as nodes; what it cannot read is an error."""
    settings = {"report_level": 5, "halt_level": 5, "file_insertion_enabled": False, "_disable_config": True}
    tree = publish_doctree(text, settings_overrides=settings)
    wrong = [node.astext() for kind in (nodes.system_message, nodes.problematic) for node in tree.findall(kind)]
    if wrong:
        raise ValueError("; ".join(wrong))
    return tree.children


def listed(text: str) -> Iterator[tuple[str, str, str]]:
    """Each item of a section: what it is called, its type, and what is said of it.

    >>> list(listed("rate : float\\n    A share."))
    [('rate', 'float', 'A share.')]
    """
    for item in re.split(r"\n(?=\S)", text.strip("\n")):
        head, _, body = item.partition("\n")
        called, _, kind = head.partition(" : ")
        yield called, kind, inspect.cleandoc(body)


def sections(doc: str) -> Iterator[tuple[str, str]]:
    """A docstring's sections by their names; what comes before them has none."""
    before, *rest = SECTION.split(doc)
    yield "", before
    yield from zip(rest[::2], rest[1::2], strict=True)


class Writer:
    """Entries of one page; a name in backticks leads to its own entry, if it has one."""

    def __init__(self, root: Path, page: str):
        self.root, self.page = root, page
        self.known = {one: Name(one, one, modules()[one], "module", "", "", "", "") for one in modules()}
        for name in everything(root):
            for one in (name, *name.parts):
                self.known[one.call] = one
                last = one.call.removeprefix(f"{one.module}.")
                self.known.setdefault(f"{one.module}.{last}", one)

    def module(self, module: str) -> nodes.section:
        _, tree = parsed(home(self.root, module))
        found = names(self.root, module)
        part = _section(module, module)
        part["classes"] += ["no-book"]  # to be looked up, and not to be read from paper
        part += self.text(_doc(tree), module, module)
        part += _line(self.link(name.call, name) for name in found)
        part += [self.entry(name) for name in found]
        return part

    def entry(self, name: Name) -> nodes.section:
        part = _section(name.call, name.call)
        typed = name.signature if name.kind != "constant" else name.code if len(name.code) < LONG else ""
        if typed:
            part += nodes.literal_block(typed, typed, language="python")
        for title, text in sections(name.doc):
            if title:
                part += nodes.rubric(title, title)
            part += self.items(text, name) if title in LISTS else self.text(text, name.module, name.call, name.takes)
        if name.code and name.kind != "constant":
            part += Source(code=name.code, file=name.file)
        part += [self.entry(one) for one in name.parts]
        return part

    def items(self, text: str, name: Name) -> list[nodes.Node]:
        found = list(listed(text))
        if len(found) == 1 and not found[0][1] and not found[0][2]:  # a type, and nothing to say of it
            return self.text(found[0][0], name.module, name.call, name.takes)
        rows = nodes.definition_list()
        for called, kind, body in found:
            term = nodes.term("", "", nodes.literal(called, called), nodes.Text(" " if kind else ""))
            row = nodes.definition_list_item("", term)
            row.line = 1  # Sphinx counts on one
            if kind:
                (said,) = self.text(kind, name.module, name.call, name.takes)
                row += nodes.classifier("", "", *said.children)
            row += nodes.definition("", *self.text(body, name.module, name.call, name.takes))
            rows += row
        return [rows]

    def text(self, text: str, module: str, where: str, takes: tuple[str, ...] = ()) -> list[nodes.Node]:
        try:
            found = words(text)
        except ValueError as error:
            raise ValueError(f"the docstring of {where} cannot be shown: {error}") from None
        holder = nodes.container("", *found)
        for node in list(holder.findall(nodes.doctest_block)):
            node.replace_self(nodes.literal_block(node.rawsource, node.astext(), language="pycon"))
        for node in list(holder.findall(nodes.title_reference)):
            said = node.astext()
            other = None if said in takes else self.known.get(f"{module}.{said}") or self.known.get(said)
            same = other is None or other.call == where
            node.replace_self(nodes.literal(said, said) if same else self.link(said, other))
        return holder.children

    def link(self, said: str, name: Name) -> nodes.reference:
        to = name.address if name.page != self.page else f"#{name.call}"
        return nodes.reference("", "", nodes.literal(said, said), refuri=to, internal=True)


def _section(title: str, key: str) -> nodes.section:
    return nodes.section("", nodes.title("", "", nodes.literal(title, title)), ids=[key], names=[])


def _line(links: Iterable[nodes.Node]) -> nodes.paragraph:
    line = nodes.paragraph(classes=["names"])
    for place, link in enumerate(links):
        line += [nodes.Text(", "), link] if place else [link]
    return line


class Reference(Made):
    """The modules of a page, each with its names."""

    required_arguments, optional_arguments = 1, 0

    def run(self):
        super().run()  # for what it depends on
        if self.arguments[0] not in PAGES:
            raise self.error(f"reference needs one of: {', '.join(PAGES)}")
        writer = Writer(Path(self.env.srcdir), self.arguments[0])
        return [writer.module(module) for module in PAGES[self.arguments[0]].split()]

    def html(self, root):
        return ""


# ---------------------------------------------------------------- what a chapter's code uses


def used(sources: Iterable[str]) -> set[str]:
    """The names of the package in some cells, without `sibmodels` itself, as far as dots go.

    >>> sorted(used(["import sibmodels as sib", "from sibmodels import cases", "sib.irr(cases.fact('kobe', 'x'))"]))
    ['cases', 'cases.fact', 'irr']
    """
    trees = [ast.parse(source) for source in sources]
    called, found = {}, set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            called |= {one.asname or one.name: "" for one in node.names if one.name == "sibmodels"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sibmodels":
            inside = node.module.removeprefix("sibmodels").lstrip(".")
            called |= {one.asname or one.name: f"{inside}.{one.name}".lstrip(".") for one in node.names}
    for node in (node for tree in trees for node in ast.walk(tree)):
        dots, start = [], node
        while isinstance(start, ast.Attribute):
            dots, start = [start.attr, *dots], start.value
        if isinstance(start, ast.Name) and start.id in called:
            found.add(".".join([*filter(None, [called[start.id]]), *dots]))
    return found - {""}


def used_line(root: Path, path: Path, to: dict[str, str]) -> str:
    """What stands at the end of a chapter; nothing where its code uses nothing of the package."""
    named, lines = known_names(root, path)[0], []
    for page in PAGES:
        calls = sorted({name.call for name in named if name.page == page}, key=str.casefold)
        links = ", ".join(f'<a href="{to[page]}#{call}"><code>{call}</code></a>' for call in calls)
        lines += [f"<p>{word(f'used.{page}', links=links)}</p>"] if links else []
    return f'<div class="used no-book">{"".join(lines)}</div>\n' if lines else ""


def known_names(root: Path, path: Path) -> tuple[set[Name], set[str]]:
    """The names with an entry that a notebook's code uses, and what it uses without one; modules are no names."""
    known, found, without = Writer(root, "").known, set(), set()
    for name in used(_cells(nbformat.read(path, as_version=4))):
        one = known.get(name) or known.get(name.rpartition(".")[0])
        if one is None or (one.kind == "module" and name != one.call):
            without.add(name)
        elif one.kind != "module":
            found.add(one)
    return found, without


def _cells(notebook) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _page(app, pagename, templatename, context, doctree) -> None:
    path = Path(app.srcdir) / f"{pagename}.ipynb"
    if doctree is None or not path.is_file():
        return
    to = {}
    for page in PAGES:
        name = f"book/reference/{page}"
        there = name in app.env.found_docs or app.config.language != messages.ENGLISH
        to[page] = context["pathto"](name) if there else f"{page}.html"
    context["body"] += used_line(Path(app.srcdir), path, to)


def setup(app):
    app.add_node(Source, html=(_show_source, None))
    app.add_directive("reference", Reference)
    app.connect("html-page-context", _page)
