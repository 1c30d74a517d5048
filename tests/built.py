"""The package as it is given away: `make package PYTHON=python3.12`, or where there is no make `python tests/built.py`.

From nothing, on the Python that runs this: an environment with the pins; wheel and source distribution built; what the
unpacked source gives in turn, which must be the same two files to the byte, so that one run of tests is of both; the
wheel installed, and the tests that the source brings along run on it.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main(*options: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        venv.create(work / "env", with_pip=True)
        python = work / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"

        def run(*command: str | Path, cwd: Path = ROOT) -> None:
            subprocess.run([python, "-m", *command], cwd=cwd, check=True)

        run("pip", "install", "--quiet", "--require-hashes", "-r", "requirements/test.txt")
        run("hatchling", "build", "-d", work / "dist")
        (wheel,), (source,) = ((work / "dist").glob(form) for form in ("*.whl", "*.tar.gz"))
        with tarfile.open(source) as archive:
            archive.extractall(work, filter="data")
        unpacked = work / source.name.removesuffix(".tar.gz")
        run("hatchling", "build", "-d", work / "again", cwd=unpacked)
        for made in (wheel, source):
            if (work / "again" / made.name).read_bytes() != made.read_bytes():
                sys.exit(f"the unpacked {source.name} gives another {made.name} than the checkout")
        run("pip", "install", "--quiet", "--no-deps", wheel)
        return subprocess.run([python, unpacked / "tests/package.py", *options], cwd=unpacked).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
