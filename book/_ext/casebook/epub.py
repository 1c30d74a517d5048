"""The whole book as an EPUB, made from the pages of the site: text, tables, formulas and charts, and no script."""

from __future__ import annotations

import hashlib
import re
import uuid
import zipfile
from html import escape
from pathlib import Path

import vl_convert

from casebook import bound

FONTS = ("source-serif-4-latin-400-normal", "source-serif-4-latin-400-italic", "source-serif-4-latin-600-normal")
FONTS += ("source-sans-3-latin-400-normal", "source-sans-3-latin-600-normal", "stix-two-math")
KINDS = {".xhtml": "application/xhtml+xml", ".css": "text/css", ".png": "image/png", ".woff2": "font/woff2"}
KINDS |= {".txt": "text/plain"}
CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head><title>{title}</title><link rel="stylesheet" type="text/css" href="style.css"/></head>
<body>
{body}
</body>
</html>
"""
CHAPTER = '<section epub:type="chapter">{}</section>'
STYLE = Path(__file__).with_name("bound.css")


def write(app, texts: dict[str, str], target: Path) -> None:
    """One file, whole or not at all, and the same bytes for the same pages."""
    files = book(app, texts)
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w") as archive:
        for name, content in {"mimetype": "application/epub+zip", **files}.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            # the first says what the file is, and must be readable without unpacking
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    part.replace(target)


def book(app, texts: dict[str, str]) -> dict[str, str | bytes]:
    """Every file of the book by its name."""
    about = bound.about(app)
    titles = {name: title for _, group in bound.parts(app) for name, title in group}
    static = Path(app.outdir) / "_static/fonts"
    files = {
        "style.css": STYLE.read_text(encoding="utf-8"),
        "cover.png": _picture(bound.cover(about), Path(app.doctreedir).parent / "cards"),
        "cover.xhtml": _page("Cover", f'<img class="cover" src="cover.png" alt="{escape(about["title"])}"/>'),
        "nav.xhtml": _page("Contents", _contents(app)),
        **{f"{name}.xhtml": _page(titles[name], CHAPTER.format(_led(text))) for name, text in texts.items()},
        **{f"fonts/{name}.woff2": (static / f"{name}.woff2").read_bytes() for name in FONTS},
        "fonts/OFL.txt": (static / "OFL.txt").read_bytes(),
    }
    inside = {f"book/{name}": content for name, content in files.items()}
    return {"META-INF/container.xml": CONTAINER, "book/package.opf": _package(about, files, list(texts)), **inside}


def _led(text: str) -> str:
    """Each chapter is a file of its own.

    >>> _led('<a href="#cases-kobe--in-brief"> and <a href="#index">')
    '<a href="cases-kobe.xhtml#cases-kobe--in-brief"> and <a href="index.xhtml">'
    """
    text = re.sub(r'href="#([a-z0-9-]+?)--', r'href="\1.xhtml#\1--', text)
    return re.sub(r'href="#([a-z0-9-]+)"', r'href="\1.xhtml"', text)


def _page(title: str, body: str) -> str:
    return PAGE.format(title=escape(title), body=body)


def _contents(app) -> str:
    lines = []
    for caption, group in bound.parts(app):
        links = "".join(f'<li><a href="{name}.xhtml">{escape(title)}</a></li>' for name, title in group)
        lines.append(f"<li><span>{escape(caption)}</span><ol>{links}</ol></li>" if caption else links)
    return f'<nav epub:type="toc" id="toc"><h1>Contents</h1><ol>{"".join(lines)}</ol></nav>'


def _package(about: dict, files: dict[str, str | bytes], chapters: list[str]) -> str:
    items = []
    for name, content in files.items():
        has = {"nav": name == "nav.xhtml", "cover-image": name == "cover.png"}
        has |= {"svg": "<svg" in content, "mathml": "<math" in content} if isinstance(content, str) else {}
        properties = " ".join(key for key, true in has.items() if true)
        marked = f' properties="{properties}"' if properties else ""
        kind = KINDS[Path(name).suffix]
        items.append(f'<item id="{re.sub(r"[/.]", "-", name)}" href="{name}" media-type="{kind}"{marked}/>')
    order = ["cover", "nav", *chapters]
    spine = "".join(f'<itemref idref="{name}-xhtml"/>' for name in order)
    name = uuid.uuid5(uuid.NAMESPACE_URL, f"{about['title']} {about['edition']}")
    creators = "".join(f"<dc:creator>{escape(author)}</dc:creator>" for author in about["authors"])
    subjects = "".join(f"<dc:subject>{escape(subject)}</dc:subject>" for subject in about["subjects"])
    access = {
        "accessMode": ["textual", "visual"],
        "accessModeSufficient": ["textual"],
        "accessibilityFeature": ["alternativeText", "MathML", "structuralNavigation", "tableOfContents"],
        "accessibilityHazard": ["none"],
        "accessibilitySummary": ["Charts have text alternatives, formulas are MathML, tables have captions and heads."],
    }
    metas = "".join(
        f'<meta property="schema:{key}">{value}</meta>' for key, values in access.items() for value in values
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
        'unique-identifier="id" xml:lang="en"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:uuid:{name}</dc:identifier><dc:title>{escape(about["title"])}</dc:title>'
        f"{creators}<dc:language>en</dc:language><dc:date>{about['date']}</dc:date>{subjects}"
        f"<dc:rights>{escape(about['licence'])}</dc:rights>"
        f'<meta property="dcterms:modified">{about["date"]}T00:00:00Z</meta>{metas}</metadata>\n'
        f"<manifest>{''.join(items)}</manifest>\n<spine>{spine}</spine>\n</package>\n"
    )


def _picture(svg: str, folder: Path) -> bytes:
    kept = folder / f"cover-{hashlib.sha256(svg.encode()).hexdigest()[:16]}.png"
    if not kept.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(vl_convert.svg_to_png(svg))
    return kept.read_bytes()
