"""Python for the page: what the build assembles so that a reader can run a chapter without installing anything.

`runtime.json` names every file by its sha256 and says where it can be had. Each is looked for in turn in the
cache, at Pyodide's own download, and in packages of npm and PyPI that carry the same file; a file with
another hash is refused, wherever it comes from. What is shipped is trimmed of what no page uses,
byte-compiled by the very Python that will run it, and packed into a few archives named by their contents.

The cache is ``~/.cache/casebook`` (or under ``XDG_CACHE_HOME``; ``CASEBOOK_CACHE`` names another folder), so
that it outlives ``_build``.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
LOCK = HERE / "runtime.json"
# what a page never imports: tests, headers, build tools, sources of compiled parts
LEFT_OUT = re.compile(
    r"(^|/)(tests?|testing/tests|_pyrepl|pydoc_data|idlelib|ensurepip|turtledemo|lib2to3|f2py|distutils|include|pkgconfig)/"
    r"|^numpy/(random/(lib|_examples)|_core/lib|_pyinstaller|typing/tests)/|^networkx/drawing/tests/|^altair/jupyter/js/"
    r"|_tests?\.[^/]*so$|_multiarray_tests|_(umath|operand_flag|struct_ufunc|rational|simd)_?tests?\.|_speedups\."
    r"|\.(pyi|pxd|pyx|c|h|a|hpp|exe|bat|cmake|typed)$|\.dist-info/(?!METADATA|licenses/|LICEN|NOTICE|COPYING|AUTHORS)"
)


class MissingError(Exception):
    """No source had a file; the message says which, and what was tried."""


@dataclass(frozen=True)
class Part:
    """One file that the runtime is made from."""

    file: str
    sha256: str
    group: str
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Archive:
    """One file that a reader's browser asks for."""

    name: str
    path: Path

    @property
    def bytes(self) -> int:
        return self.path.stat().st_size


def cache_folder() -> Path:
    """Where fetched and assembled files stay between builds."""
    if named := os.environ.get("CASEBOOK_CACHE"):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "casebook"


def lock(path: Path = LOCK) -> tuple[dict, tuple[Part, ...]]:
    """The versions and the files of the runtime.

    Raises
    ------
    ValueError
        For an entry without a sha256 or a known source; names the entry and what is allowed.
    """
    text = json.loads(path.read_text(encoding="utf-8"))
    parts = []
    for entry in text["files"]:
        kinds = {source.partition(":")[0] for source in entry.get("sources", [])}
        if not re.fullmatch("[0-9a-f]{64}", entry.get("sha256", "")):
            raise ValueError(f"{path.name}: {entry.get('file')} needs a sha256 of 64 hexadecimal digits")
        if not kinds or kinds - set(FETCH):
            raise ValueError(f"{path.name}: {entry['file']} has the sources {sorted(kinds)}; allowed: {sorted(FETCH)}")
        parts.append(Part(entry["file"], entry["sha256"], entry["group"], tuple(entry["sources"])))
    return text, tuple(parts)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- where files come from: each function yields the contents of candidates, the right one among them or not


def _url(source: str, folder: Path) -> Iterator[bytes]:
    with urllib.request.urlopen(source, timeout=15) as answer:
        yield answer.read()


def _npm(source: str, folder: Path) -> Iterator[bytes]:
    """``npm:pyodide@1.2.3#package/pyodide.mjs``: a file of a package."""
    package, _, member = source.partition("#")
    name = re.sub(r"[^\w.]+", "-", package.strip("@")) + ".tgz"
    if not (folder / name).is_file():
        _run([_tool("npm"), "pack", "--silent", "--pack-destination", str(folder), package])
    with tarfile.open(folder / name) as archive:
        yield archive.extractfile(member).read()


def _pip(source: str, folder: Path) -> Iterator[bytes]:
    """``pip:altair==6.3.0``: a wheel; with ``#folder/file`` a file inside it; with ``?platform`` one for there."""
    package, _, member = source.partition("#")
    package, _, platform = package.partition("?")
    target = folder / re.sub(r"\W+", "-", package)
    if not target.is_dir():
        form = ["--platform", platform, "--implementation", "cp", "--python-version", "3.14"] if platform else []
        form = form or ["--python-version", "3.14", "--platform", "any", "--implementation", "py", "--abi", "none"]
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        part = target.with_suffix(".part")
        _run([*command, *form, "--ignore-requires-python", "--dest", str(part), package])
        part.rename(target)
    for wheel in target.glob("*.whl"):
        if member:
            with zipfile.ZipFile(wheel) as archive:
                yield archive.read(member)
        else:
            yield wheel.read_bytes()


FETCH: dict[str, Callable[[str, Path], Iterator[bytes]]] = {"url": _url, "npm": _npm, "pip": _pip}


def _tool(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise FileNotFoundError(f"{name} is not installed")
    return found


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise OSError(f"{Path(command[0]).name} {command[-1]}: {done.stderr.strip().splitlines()[-1:] or 'failed'}")
    return done.stdout


def fetch(parts: tuple[Part, ...], cache: Path, say: Callable[[str], None] = print) -> dict[Part, Path]:
    """Every file, from the cache or the first source that has it.

    Raises
    ------
    MissingError
        When no source has a file with the right hash; says what was tried, and why each failed.
    """
    found, dead = {}, {}
    with tempfile.TemporaryDirectory() as scratch:
        for part in parts:
            kept = cache / "files" / part.sha256
            if not (kept.is_file() and digest(kept.read_bytes()) == part.sha256):
                say(f"live cells: fetching {part.file}")
                content = _first(part, Path(scratch), dead)
                kept.parent.mkdir(parents=True, exist_ok=True)
                _write(kept, content)
            found[part] = kept
    return found


def _official(files: dict[Part, Path]) -> None:
    """What Pyodide compiled is what Pyodide's own lock says.

    Raises
    ------
    ValueError
        For a compiled wheel that the official lock does not have, or has with another hash.
    """
    theirs = next(path for part, path in files.items() if part.file == "pyodide-lock.json")
    hashes = {entry["file_name"]: entry["sha256"] for entry in json.loads(theirs.read_text())["packages"].values()}
    for part in files:
        if part.file.endswith("wasm32.whl") and hashes.get(part.file) != part.sha256:
            raise ValueError(f"{LOCK.name}: {part.file} is not the file of that name in Pyodide's own lock")


def _first(part: Part, scratch: Path, dead: dict[str, str]) -> bytes:
    """The file from the first source that has it; `dead` remembers hosts and tools that do not answer."""
    tried = []
    for source in part.sources:
        kind, _, place = source.partition(":")
        # one host that does not answer is asked once, not once a file
        key = place.split("/")[2] if kind == "url" else source.partition("#")[0]
        if key in dead:
            tried.append(f"{source}: {dead[key]}")
            continue
        try:
            for content in FETCH[kind](place, scratch):
                if digest(content) == part.sha256:
                    return content
            tried.append(f"{source}: has another sha256")
        except (OSError, KeyError, tarfile.TarError, zipfile.BadZipFile, AttributeError) as error:
            dead[key] = f"{type(error).__name__}: {error}"
            tried.append(f"{source}: {dead[key]}")
    raise MissingError(f"{part.file} (sha256 {part.sha256[:12]}…) is in none of its sources: " + "; ".join(tried))


def _write(target: Path, content: bytes) -> None:
    """All of a file or nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
        part.write(content)
    os.replace(part.name, target)


# --- what is made of them


def assemble(
    own: dict[str, bytes], cache: Path, say: Callable[[str], None] = print
) -> tuple[list[Archive], list[dict]]:
    """The archives that a page asks for, and what is in them with its licence.

    Parameters
    ----------
    own : dict of str to bytes
        The book's own modules: path below site-packages, contents.

    Raises
    ------
    MissingError
        When a file cannot be had.
    """
    about, parts = lock()
    files = fetch(parts, cache, say)
    _official(files)
    groups = sorted({part.group for part in parts})
    recipe = digest(b"".join(path.read_bytes() for path in (HERE / "pyc.mjs", Path(__file__))))
    keys = {
        group: digest((recipe + "".join(part.sha256 for part in parts if part.group == group)).encode())
        for group in groups
    }
    keys["casebook"] = digest(
        (recipe + "".join(f"{name}:{digest(own[name])}" for name in sorted(own))).encode() + keys["pyodide"].encode()
    )
    kept = {group: cache / "assembled" / key[:24] for group, key in keys.items()}
    new = [group for group, folder in kept.items() if not (folder / "contents.json").is_file()]
    if new:
        _make(new, parts, files, own, kept, say)
    archives, contents = [], list(about["core"])
    for group in kept:
        archives += [Archive(path.name.rsplit("-", 1)[0], path) for path in sorted(kept[group].glob("*.bin"))]
        contents += json.loads((kept[group] / "contents.json").read_text(encoding="utf-8"))
    return archives, sorted(contents, key=lambda row: row["name"].lower())


def _make(new: list[str], parts, files, own, kept, say) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        contents = {group: [] for group in new}
        for group in new:
            (work / group).mkdir()
            if group == "pyodide":
                continue
            if group == "casebook":
                for name, content in own.items():
                    _write(work / group / name, content)
            for part in parts:
                if part.group == group:
                    contents[group].append(_unpack(files[part], work / group))
        core = {part.file: files[part] for part in parts if part.group == "pyodide"}
        if "pyodide" in new:
            with zipfile.ZipFile(core["python_stdlib.zip"]) as library:
                names = [name for name in library.namelist() if not LEFT_OUT.search(name) and not name.endswith("/")]
                library.extractall(work / "pyodide", names)
        say(f"live cells: byte-compiling {', '.join(new)}")
        _compile(core, new, work, say)
        for group in new:
            _pack(group, work / group, core, kept[group], contents[group])


def _unpack(wheel: Path, target: Path) -> dict:
    """A wheel without what is left out; what it is, and under which licence."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(target, [name for name in names if not LEFT_OUT.search(name) and not name.endswith("/")])
        about = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
    head = about.partition("\n\n")[0]
    field = dict(re.findall(r"^([\w-]+): (.*)$", head, re.M)[::-1])
    classified = re.findall(r"^Classifier: License :: (?:OSI Approved :: )?(.*)$", head, re.M)
    licence = field.get("License-Expression") or ", ".join(classified) or field.get("License", "")
    if not licence:
        raise ValueError(f"{field['Name']} does not say its licence: it cannot be shipped")
    return {"name": field["Name"], "version": field["Version"], "licence": licence}


def _compile(core: dict[str, Path], groups: list[str], work: Path, say) -> None:
    """Sources to byte code, by the Python that will run it; without node they stay sources, and start slower."""
    if not shutil.which("node"):
        say("live cells: node is not installed, so Python's files are not byte-compiled; pages start more slowly")
        return
    with tempfile.TemporaryDirectory() as scratch:
        for name, path in core.items():
            shutil.copy(path, Path(scratch) / name)
        (Path(scratch) / "package.json").write_text('{"type": "module"}')
        _run([_tool("node"), str(HERE / "pyc.mjs"), scratch, str(work), *groups])


def _pack(group: str, tree: Path, core: dict[str, Path], target: Path, contents: list[dict]) -> None:
    made = {}
    if group == "pyodide":
        made["engine.mjs"] = core["pyodide.asm.mjs"].read_bytes()
        made["loader.mjs"] = core["pyodide.mjs"].read_bytes()
        made["python.wasm"] = core["pyodide.asm.wasm"].read_bytes()
        made["stdlib.zip"] = _zip(tree)
    else:
        made[f"{group}.tar"] = _tar(tree)
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name, content in made.items():
        packed = gzip.compress(content, 9, mtime=0)
        # .bin: no server takes it for something that it should unpack itself
        (part / f"{name}-{digest(packed)[:16]}.bin").write_bytes(packed)
    (part / "contents.json").write_text(json.dumps(contents), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)


def _files(tree: Path) -> list[tuple[str, Path]]:
    return sorted((path.relative_to(tree).as_posix(), path) for path in tree.rglob("*") if path.is_file())


def _zip(tree: Path) -> bytes:
    """The standard library; stored, because the archive as a whole is compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, path in _files(tree):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), path.read_bytes())
    return out.getvalue()


def _tar(tree: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, path in _files(tree):
            entry = tarfile.TarInfo(name)
            entry.size = path.stat().st_size
            archive.addfile(entry, io.BytesIO(path.read_bytes()))
    return out.getvalue()
