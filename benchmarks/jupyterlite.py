"""JupyterLite with the book's notebooks and packages, from this machine alone: the peer of live cells.

It gets what helps it most: the same Pyodide and the same wheels as the book's own pages, its kernel's packages
named in the lock so that they load while Python starts, and no request to another host. Built once into
``_build/jupyterlite``.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book/_ext"))

from casebook import runtime  # noqa: E402

TOOLS = ["jupyterlite-core==0.8.6", "jupyterlite-pyodide-kernel==0.8.6", "jupyterlab-server==2.28.1"]
KERNEL = ["ipython", "jedi", "micropip"]  # with what they need, in the versions of Pyodide's lock
FIRST = ["micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython"]


def site(target: Path) -> Path:
    """The folder of a built JupyterLite site; its Pyodide is in ``pyodide/`` beside the pages."""
    if (target / "ready").is_file():
        return target / "site"
    shutil.rmtree(target, ignore_errors=True)
    venv.create(target / "venv", with_pip=True)
    run = target / "venv/bin"
    subprocess.run([run / "pip", "install", "--quiet", *TOOLS], check=True)
    _, parts = runtime.lock()
    files = {part.file: path for part, path in runtime.fetch(parts, runtime.cache_folder()).items()}
    official = json.loads(files["pyodide-lock.json"].read_text())
    (target / "content").mkdir()
    for path in (ROOT / "book").glob("**/*.ipynb"):
        (target / "content" / path.name).write_text(_blank(path), encoding="utf-8")
    address = {"pyodideUrl": "./pyodide/pyodide.mjs", "disablePyPIFallback": True}
    address["loadPyodideOptions"] = {"lockFileURL": "./pyodide/pyodide-lock.json", "packages": FIRST}
    settings = {"litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": address}}
    (target / "jupyter-lite.json").write_text(
        json.dumps({"jupyter-lite-schema-version": 0, "jupyter-config-data": settings})
    )
    # all cells in the page, so that an output can be seen to come
    (target / "overrides.json").write_text(
        json.dumps({"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}})
    )
    command = [run / "jupyter", "lite", "build", "--contents", "content", "--output-dir", "site"]
    subprocess.run(command, cwd=target, check=True, capture_output=True)
    (kernel,) = (target / "site/extensions").glob("**/pypi")
    wheels = _wheels(target / "wheels", files, official, kernel)
    _pyodide(target / "site/pyodide", files, official, wheels)
    (target / "ready").touch()
    return target / "site"


def _blank(path: Path) -> str:
    """A chapter without its outputs, so that each can be seen to come."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return nbformat.writes(notebook)


def _wheels(folder: Path, files: dict[str, Path], official: dict, kernel: Path) -> list[Path]:
    """Every wheel that the notebooks or the kernel need."""
    folder.mkdir()
    wanted, queue = {"comm": "0.2.3"}, list(KERNEL)
    while queue:
        name = re.sub("_", "-", queue.pop())
        wanted[name] = official["packages"][name]["version"]
        queue += [need for need in official["packages"][name]["depends"] if re.sub("_", "-", need) not in wanted]
    have = {name.partition("-")[0].replace("_", "-") for name in files if name.endswith(".whl")}
    pins = [f"{name}=={version}" for name, version in wanted.items() if name not in have]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    form = ["--python-version", "3.14", "--platform", "any", "--implementation", "py", "--abi", "none"]
    subprocess.run([*command, *form, "--ignore-requires-python", "--dest", str(folder), *pins], check=True)
    for name, path in files.items():
        if name.endswith(".whl"):
            _copy(path, folder / re.sub(r"-cp314-cp314-manylinux.*", "-py3-none-any.whl", name))
    for path in (*kernel.glob("*.whl"), *(ROOT / "_build/html/downloads").glob("sibmodels-*.whl")):
        if not path.name.startswith("widgets"):
            shutil.copy(path, folder)
    return sorted(folder.glob("*.whl"))


def _copy(wheel: Path, target: Path) -> None:
    """A wheel without parts compiled for another machine."""
    if "any" not in target.name or "any" in wheel.name:
        shutil.copy(wheel, target)
        return
    with zipfile.ZipFile(wheel) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            if "_speedups" not in name:
                copy.writestr(name, source.read(name))


def _pyodide(folder: Path, files: dict[str, Path], official: dict, wheels: list[Path]) -> None:
    folder.mkdir()
    for name, path in files.items():
        if not name.endswith((".whl", ".json")):
            shutil.copy(path, folder / name)
    packages = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            about = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
        field = dict(re.findall(r"^(Name|Version): (.*)$", about.partition("\n\n")[0], re.M))
        key = re.sub(r"[-_.]+", "-", field["Name"]).lower()
        tops = {name.partition("/")[0].removesuffix(".py") for name in names if ".dist-info" not in name}
        needs = {
            re.sub(r"[-_.]+", "-", name).lower()
            for name in re.findall(r"^Requires-Dist: ([\w.-]+)(?![^\n]*extra)", about, re.M)
        }
        packages[key] = {
            "name": field["Name"],
            "version": field["Version"],
            "file_name": wheel.name,
            "install_dir": "site",
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            "package_type": "package",
            "imports": sorted(tops),
            "depends": sorted(needs),
            "unvendored_tests": False,
        }
        shutil.copy(wheel, folder)
    for package in packages.values():
        package["depends"] = [name for name in package["depends"] if name in packages]
    (folder / "pyodide-lock.json").write_text(json.dumps({"info": official["info"], "packages": packages}))


if __name__ == "__main__":
    print(site(ROOT / "_build/jupyterlite"))
