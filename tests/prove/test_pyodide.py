"""The package's tests on the newest Python, 3.14, as it runs in the page: Pyodide, under node.

Two minutes of one core. Left out are the files that start processes or threads, which a page has none of (Jupyter's
too, so that reports as notebooks and pictures of charts are not among them), and what is marked long: one sweep over
every project of INDIGO, which takes longer there than all the rest.
"""

import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

from casebook import runtime

from tests.conftest import needed

ROOT = Path(__file__).parents[2]
PACKAGE = runpy.run_path(str(ROOT / "tests/package.py"))
STARTS = re.compile(r"^(import|from) (distributed|multiprocessing|nbclient|subprocess|threading|concurrent)", re.M)


def test_the_package_passes_on_the_page_s_python(tmp_path, capfd):
    home, packages, tests = (tmp_path / name for name in ("pyodide", "packages", "tests"))
    home.mkdir()
    (home / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    about, parts = runtime.lock()
    for part, path in runtime.fetch(parts, runtime.cache_folder()).items():
        if part.group == "pyodide":
            shutil.copy(path, home / part.file)
        elif part.file.endswith(".whl"):
            with zipfile.ZipFile(path) as wheel:
                wheel.extractall(packages)
    anywhere = ["--only-binary=:all:", "--platform", "any", "--implementation", "py", "--abi", "none"]
    download = ["download", "--quiet", "--no-deps", *anywhere, "--python-version", "3.14", "--dest", str(tmp_path)]
    # the newest without compiled parts
    subprocess.run([sys.executable, "-m", "pip", *download, "hypothesis"], check=True)
    names = needed("pytest") | needed("sortedcontainers") | needed("beautifulsoup4") | needed("openpyxl")
    for name in sorted(names):
        for file in distribution(name).files:
            source, target = Path(file.locate()), packages / file
            if source.is_file() and not target.exists() and ".." not in file.parts:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run([sys.executable, "-m", "pip", *build], check=True)
    for path in tmp_path.glob("*.whl"):
        with zipfile.ZipFile(path) as wheel:
            wheel.extractall(packages)
    shutil.copytree(ROOT / "tests", tests / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    files = [
        name for name in PACKAGE["own"]() if not STARTS.search((ROOT / "tests" / name).read_text(encoding="utf-8"))
    ]
    command = ["node", str(Path(__file__).with_name("pyodide.mjs")), str(home), str(packages), str(tests)]
    command += [f"tests/{name}" for name in files]
    said = ""
    with (
        capfd.disabled(),  # a line a file as it ends, so that what hangs is seen
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8") as run,
    ):
        for line in run.stdout:
            print(line, end="", file=sys.stderr, flush=True)
            said += line
    assert run.returncode == 0, said[-8000:]
    assert len(files) > 30
    (listed,) = (part["version"] for part in about["core"] if part["name"] == "Python")
    assert f"-- Python {listed}, " in said, "readers are told of another Python than they get"
    assert int(re.search(r"(\d+) passed", said)[1]) > 1600
