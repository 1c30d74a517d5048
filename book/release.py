"""Everything that a release gives away, in `dist/`, with checksums and a list of parts: `make release`.

`python book/release.py ready` asks first whether it may be made, and says in a line each what is missing. Nothing is
sent anywhere: the workflow that a tag starts does that (`.github/workflows/release.yml`).

The same commit gives the same bytes as long as the runs of its chapters are kept. From nothing, the packages, the packs
and the list of parts are the same, and so is each file of the site but those that say when its chapters ran and for how
long: the page `book/reference/runs`, the index of search and the EPUB that have its words, the PDF that has its words
and the time of its printing, and so the archive and `SHA256SUMS`.
"""

import datetime
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import uuid
import zipfile
from email.parser import HeaderParser
from importlib.metadata import version as installed
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
SITE = ROOT / "_build/html"
sys.path.insert(0, str(ROOT / "book/_ext"))

from casebook import coursepack, live, pages, runtime, takeaway  # noqa: E402

# what a release is called: what the site has
TAKEN = {
    "casebook-{}-site.zip": takeaway.ZIP,
    "casebook-{}.epub": takeaway.EPUB,
    "casebook-{}.pdf": takeaway.PDF,
    "casebook-{}-course-pack.zip": coursepack.PACK,
    "casebook-{}-instructor-edition.zip": coursepack.TAUGHT,
}


def version(root: Path = ROOT) -> str:
    return re.search(r'^__version__ = "(.+)"$', (root / "sibmodels/__init__.py").read_text(encoding="utf-8"), re.M)[1]


def git(*command: str, root: Path = ROOT) -> str:
    return subprocess.run(["git", *command], cwd=root, check=True, capture_output=True, text=True).stdout.rstrip("\n")


def unready(root: Path = ROOT) -> list[str]:
    """What stands in the way of a release, a line each."""
    here = version(root)
    book = pages.citation(root)
    day = datetime.date.fromisoformat(str(book["date-released"]))
    heading = f"## {here}, {pages.written_out(day)}"
    problems = []
    if changed := git("status", "--porcelain", root=root).splitlines():
        problems.append(f"{len(changed)} files differ from the last commit, {changed[0][3:]} first: commit them")
    tagged = git("tag", "--list", f"v{here}", root=root)
    if tagged and git("rev-list", "-1", tagged, root=root) != git("rev-parse", "HEAD", root=root):
        problems.append(f"{tagged} is another commit: raise __version__ in sibmodels/__init__.py")
    if str(book["version"]) != here:
        problems.append(f"CITATION.cff: version is {book['version']}, and the package's is {here}")
    if heading not in (root / "CHANGELOG.md").read_text(encoding="utf-8").splitlines():
        problems.append(f"CHANGELOG.md: no line '{heading}' (version and the date of CITATION.cff)")
    if f"version = {{{here}}}" not in (root / "book/start.md").read_text(encoding="utf-8"):
        problems.append(f"book/start.md: the BibTeX entry does not say version {here}")
    return problems


def packages(target: Path) -> list[Path]:
    """Wheel and source distribution; `hatchling` writes the same times each time."""
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(target)], cwd=ROOT, check=True)
    return sorted(target.iterdir())


def parts(wheel: Path) -> list[dict]:
    """Every work of others that is shipped: name, version, licence, and where it lies."""
    shipped = tomllib.loads((ROOT / "book/shipped.toml").read_text(encoding="utf-8"))["part"]
    found = [
        {**part, "version": installed(part["version"]) if "version" in part else "", "kind": "site"} for part in shipped
    ]
    locked = json.loads((ROOT / "book/_theme/editor/package-lock.json").read_text(encoding="utf-8"))["packages"]
    for place, about in locked.items():
        name = place.removeprefix("node_modules/")
        if name and "esbuild" not in name:  # the bundler is not in the bundle
            found.append({"name": name, "version": about["version"], "licence": about["license"], "kind": "npm"})
    _, contents = runtime.assemble(live.own_modules(wheel), runtime.cache_folder(), lambda line: None)
    found += [{"kind": "pypi", **row} for row in contents]
    return found


def needs(wheel: Path) -> list[str]:
    """What the package asks of whoever installs it."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode()).get_all("Requires-Dist")


def bill(found: list[dict], number: str, moment: int, asks: list[str]) -> dict:
    """A bill of materials in CycloneDX 1.6: what is shipped, and what the wheel needs (in the metadata's own words)."""

    def component(part: dict) -> dict:
        name = {"pypi": f"pkg:pypi/{part['name'].lower()}", "npm": f"pkg:npm/{part['name'].replace('@', '%40')}"}
        row = {"type": "library", "name": part["name"], "licenses": [{"license": {"name": part["licence"]}}]}
        row |= {"version": part["version"]} if part["version"] else {}
        row |= {"purl": f"{name[part['kind']]}@{part['version']}"} if part["kind"] in name else {}
        return row | {"scope": "required"}

    own = {"type": "application", "name": "sib-casebook", "version": number, "bom-ref": "sib-casebook"}
    own |= {"licenses": [{"expression": "BSD-3-Clause AND CC-BY-4.0"}]}
    own |= {"properties": [{"name": "sibmodels:requires", "value": line} for line in asks]}
    made = datetime.datetime.fromtimestamp(moment, tz=datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = sorted((component(part) for part in found), key=lambda row: (row["name"].lower(), row.get("version", "")))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'sib-casebook {number} {json.dumps(rows)}')}",
        "version": 1,
        "metadata": {"timestamp": made, "component": own},
        "components": rows,
    }


def make() -> str | None:
    """What stops it, or nothing."""
    number, moment = version(), int(git("log", "-1", "--format=%ct"))
    missing = [name for name in TAKEN.values() if not (SITE / "downloads" / name).is_file()]
    if missing:
        return f"the built site has no {', '.join(missing)}: run make book (the PDF needs a Chromium; see README.md)"
    with tempfile.TemporaryDirectory(dir=ROOT / "_build") as scratch:
        work = Path(scratch) / "dist"
        wheel, source = sorted(packages(work), key=lambda path: path.suffix, reverse=True)
        if wheel.read_bytes() != (SITE / "downloads" / wheel.name).read_bytes():
            return f"the site has another {wheel.name} than this commit makes: run make book"
        for name, taken in TAKEN.items():
            shutil.copy(SITE / "downloads" / taken, work / name.format(number))
        asks = needs(wheel)
        text = json.dumps(bill(parts(wheel), number, moment, asks), indent=1, ensure_ascii=False)
        (work / f"casebook-{number}-sbom.cdx.json").write_text(text + "\n", encoding="utf-8", newline="\n")
        with tarfile.open(source) as archive:
            if f"sibmodels-{number}/tests/package.py" not in archive.getnames():
                return f"{source.name} is without the package's tests"
        files = sorted(work.iterdir())
        sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
        (work / "SHA256SUMS").write_text(sums, encoding="utf-8", newline="\n")
        shutil.rmtree(DIST, ignore_errors=True)
        work.rename(DIST)
    print(sums, end="")
    print(f"dist/ has what version {number} gives away; git tag v{number} and git push --tags sends it")
    return None


if __name__ == "__main__":
    if problems := unready():
        sys.exit("no release yet:\n" + "\n".join(f"- {line}" for line in problems))
    sys.exit(None if "ready" in sys.argv[1:] else make())
