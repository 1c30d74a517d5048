"""Hypothesis without a clock (a slow machine fails nothing), the same examples on every CI run; a reader's Python."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

settings.register_profile("here", deadline=None, max_examples=25)
settings.register_profile("ci", deadline=None, max_examples=25, derandomize=True)
settings.register_profile("prove", deadline=None, max_examples=300)
settings.register_profile(
    "mutants", deadline=None, max_examples=25, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile(os.environ.get("PROFILE") or ("ci" if os.environ.get("CI") else "here"))

ROOT = Path(__file__).parents[1]


def pytest_configure(config):
    config.addinivalue_line("markers", "long: more than a few seconds; `make quick` and the page's Python leave it out")


# put into the reader's environment: anything but this machine is out of reach
NO_NETWORK = """
import socket

def refuse(self, address):
    host = address[0] if isinstance(address, tuple) else ""
    if self.family != getattr(socket, "AF_UNIX", None) and host not in ("127.0.0.1", "localhost", "::1"):
        raise OSError(f"no network in this test: {address}")
    return connect(self, address)

connect = socket.socket.connect
socket.socket.connect = refuse
"""


@pytest.fixture(scope="session")
def reader(tmp_path_factory) -> Path:
    """Python of a clean environment with the pins of `requirements/read.txt` and the wheel, which is what a reader has.

    With it what runs the tests. The packages come from this environment, which has the same pins, by hard links; the
    checkout does not.
    """
    import venv  # the page's Python has none

    home = tmp_path_factory.mktemp("reader")
    venv.create(home / "env", with_pip=False)
    python = home / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip())
    for name in sorted(pinned(ROOT / "requirements/read.txt") | needed("nbval") | needed("pytest-xdist")):
        for file in distribution(name).files:
            source = Path(os.path.realpath(file.locate()))
            target = home / "env" / source.relative_to(os.path.realpath(sys.prefix))
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_file() and not target.exists():
                linked(str(source), str(target))
    pip = [sys.executable, "-m", "pip"]
    build = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(home), str(ROOT)]
    subprocess.run([*pip, *build], check=True)
    wheels = map(str, home.glob("*.whl"))
    subprocess.run([*pip, "--python", str(python), "install", "--quiet", "--no-deps", *wheels], check=True)
    # a .pth file, because some systems' Python brings a sitecustomize of its own
    (packages / "no_network.py").write_text(NO_NETWORK, encoding="utf-8")
    (packages / "no_network.pth").write_text("import no_network\n", encoding="utf-8")
    return python


@pytest.fixture(scope="session")
def pack(tmp_path_factory) -> Path:
    """The course pack as somebody unpacks it who has nothing else of the book, the instructor's part over it."""
    from casebook import coursepack  # the package's tests are run without the book

    folder = tmp_path_factory.mktemp("pack")
    for name in (coursepack.PACK, coursepack.TAUGHT):
        path = ROOT / "_build/html/downloads" / name
        assert path.is_file(), f"there is no {name}: run `make book` first (`make test` does)"
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            archive.extractall(folder)
    return folder / coursepack.FOLDER


def pinned(path: Path) -> set[str]:
    """The packages of a file of pins that are for this Python and system."""
    lines = re.findall(r"^([\w.-]+)(?:\[.+\])?==[^ ]+(?: ; (.+))? \\$", path.read_text(encoding="utf-8"), re.M)
    return {name for name, marker in lines if not marker or Marker(marker).evaluate()}


def needed(name: str, found: set[str] | None = None) -> set[str]:
    """A package and all that is installed with it."""
    found = set() if found is None else found
    found.add(canonicalize_name(name))
    for one in map(Requirement, distribution(name).requires or []):
        if canonicalize_name(one.name) not in found and (one.marker is None or one.marker.evaluate({"extra": ""})):
            needed(one.name, found)
    return found


def linked(source: str, target: str) -> None:
    """A hard link, or a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def outside(command, folder) -> subprocess.CompletedProcess:
    """Run in a folder of its own, without anything of the checkout in sight."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST"))}
    return subprocess.run(list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True)
