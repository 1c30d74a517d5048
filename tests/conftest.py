"""Hypothesis without a clock (a slow machine fails nothing), the same examples on every CI run; a reader's Python."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from hypothesis import Phase, settings

settings.register_profile("here", deadline=None, max_examples=25)
settings.register_profile("ci", deadline=None, max_examples=25, derandomize=True)
settings.register_profile("prove", deadline=None, max_examples=300)
settings.register_profile(
    "mutants", deadline=None, max_examples=25, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile(os.environ.get("PROFILE") or ("ci" if os.environ.get("CI") else "here"))

ROOT = Path(__file__).parents[1]

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
    """Python of a clean environment with the pinned requirements and the wheel: what a reader has.

    This environment's packages, which are the pinned ones, come by hard links; the checkout does not.
    """
    home = tmp_path_factory.mktemp("reader")
    venv.create(home / "env", with_pip=False)
    python = home / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip())
    here = Path(sysconfig.get_path("purelib"))
    own = shutil.ignore_patterns("sibmodels*", "_sibmodels*", "_editable*", "__editable__*", "playwright")
    shutil.copytree(here, packages, ignore=own, copy_function=linked, dirs_exist_ok=True)
    shutil.copytree(Path(sys.prefix) / "share", home / "env/share", copy_function=linked)
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", str(ROOT)], check=True)
    # a .pth file, because some systems' Python brings a sitecustomize of its own
    (packages / "no_network.py").write_text(NO_NETWORK, encoding="utf-8")
    (packages / "no_network.pth").write_text("import no_network\n", encoding="utf-8")
    return python


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
