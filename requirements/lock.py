"""Pin every environment, with hashes, in versions that agree: `make requirements`.

What each is for stands in `pyproject.toml`; all are parts of the tests', so that a reader has what was tested.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# file: what uv is asked for
ENVIRONMENTS = {
    "requirements/test.txt": ["pyproject.toml", "--all-extras", "--group", "test"],
    "requirements.txt": ["pyproject.toml", "--extra", "excel", "--extra", "pictures", "--group", "book"],
    "requirements/read.txt": ["pyproject.toml", "--extra", "excel", "--group", "read"],
    "requirements/browser.txt": ["--group", "browser"],
    "requirements/prove.txt": ["--group", "prove"],
}
WITH_EXTRA = re.compile(r"^([\w.-]+)\[[^]]+\](==.*\\\n(?: .*\n)+)", re.M)


def without_extras(pins: str) -> str:
    """Beside each package with an extra the package alone: pip before 23.3 takes the one for no pin of the other."""
    return WITH_EXTRA.sub(r"\1\2\g<0>", pins)


def main(*options: str) -> None:
    for name, asked in ENVIRONMENTS.items():
        agree = [] if name == "requirements/test.txt" else ["--constraint", "requirements/test.txt"]
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-strip-extras", "--no-annotate", "--custom-compile-command"]
        command += ["make requirements", "--output-file", name, *agree, *asked, *options]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        pins = (ROOT / name).read_text(encoding="utf-8")
        (ROOT / name).write_text(without_extras(pins), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
