"""What the site says beside the text of its chapters: buttons, headings, labels, by key, in the language of the build.

``words/en.toml`` holds it, a section for each part of the site; another language is another file with the same keys
and the same fields. A section named after a script (``live.js``) goes to that script: all of them are one file beside
it, ``words.en.js``, in which a script finds ``word("live.stop")``. What reports and forms say is `sibmodels.messages`.
"""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

from sibmodels import messages

FOLDER = Path(__file__).with_name("words")
IN_PAGE = "play."
FIGURES = ("contract", "grant", "luck", "payback", "picked")
SCRIPT = """// The words of this site's scripts, made from book/_ext/casebook/words.
(function (scope) {{
  "use strict";
  const said = {said};
  // words that only some pages need stand in those pages
  document.querySelectorAll("script.words").forEach((more) => Object.assign(said, JSON.parse(more.textContent)));
  // a key that ends in _one is for one thing, and its twin in _many for none or several
  scope.casebookWord = (key, fields) => said[key].replace(/\\{{(\\w+)\\}}/g, (_, name) => fields[name]);
  scope.casebookCounted = (key, count, fields) =>
    scope.casebookWord(key + (count === 1 ? "_one" : "_many"), Object.assign({{ count }}, fields));
}})(globalThis);
"""


@functools.cache
def catalogue(language: str) -> dict[str, str]:
    """Every template of a language, by section and key."""
    sections = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{key}": said for section, keys in sections.items() for key, said in keys.items()}


def word(key: str, /, **fields: object) -> str:
    """A template of the language that is spoken (`sibmodels.messages`), with its fields filled in.

    >>> word("page.search")
    'Search'
    """
    return catalogue(messages.language())[key].format(**fields)


def counted(key: str, count: int, /, **fields: object) -> str:
    """A template for one thing, or for none or several.

    >>> counted("workcells.js.to_go", 1), counted("workcells.js.to_go", 2)
    ('1 cell to go', '2 cells to go')
    """
    return word(f"{key}_one" if count == 1 else f"{key}_many", count=count, **fields)


def script(language: str) -> str:
    """The words of the scripts as a script."""
    return SCRIPT.format(said=_json(_of_scripts(language, lambda key: not key.startswith(IN_PAGE))))


def inside(name: str) -> str:
    """The words of a figure to play with, which stand in its page for ``play.js`` and the figure's own script."""
    other = tuple(f"{IN_PAGE}{one}_" for one in FIGURES if one != name)
    said = _of_scripts(messages.language(), lambda key: key.startswith(IN_PAGE) and not key.startswith(other))
    return f'<script type="application/json" class="words">{_json(said)}</script>'


def _of_scripts(language: str, wanted: Callable[[str], bool]) -> dict[str, str]:
    said = {key.replace(".js.", ".", 1): text for key, text in catalogue(language).items() if ".js." in key}
    return {key: text for key, text in said.items() if wanted(key)}


def _json(said: dict[str, str]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")


def file() -> str:
    """The name of the words' file: each language has its own, so that two may lie side by side."""
    return f"words.{messages.language()}.js"


def _speak(app, config) -> None:
    messages.choose(config.language or messages.ENGLISH)
    app.add_js_file(file(), loading_method="defer")


def _write(app) -> None:
    if app.builder.format == "html":
        static = Path(app.outdir) / "_static"
        static.mkdir(parents=True, exist_ok=True)
        (static / file()).write_text(script(messages.language()), encoding="utf-8")


def _page(app, pagename, templatename, context, doctree) -> None:
    context["word"] = word


def setup(app):
    app.connect("config-inited", _speak, priority=10)
    app.connect("builder-inited", _write)
    app.connect("html-page-context", _page, priority=100)
