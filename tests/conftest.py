"""Hypothesis without a clock (a slow machine fails nothing), the same examples on every CI run; a reader's Python."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

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
    """Python of a clean environment with the pinned requirements and the wheel: what a reader has."""
    home = tmp_path_factory.mktemp("reader")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(home), str(ROOT)], check=True)
    (wheel,) = home.glob("sibmodels-*.whl")
    venv.create(home / "env", with_pip=True)
    python = home / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--requirement", ROOT / "requirements.txt", wheel]
    subprocess.run(list(map(str, install)), check=True)
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip()
    # a .pth file, because some systems' Python brings a sitecustomize of its own
    (Path(packages) / "no_network.py").write_text(NO_NETWORK, encoding="utf-8")
    (Path(packages) / "no_network.pth").write_text("import no_network\n", encoding="utf-8")
    return python


def outside(command, folder) -> subprocess.CompletedProcess:
    """Run in a folder of its own, without anything of the checkout in sight."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST"))}
    return subprocess.run(list(map(str, command)), cwd=folder, env=environment, capture_output=True, text=True)
