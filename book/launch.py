"""Put what Binder, Colab and a JupyterHub open where they look for it: `python book/launch.py [REMOTE]`.

`make publish` writes it into ``_build/launch``; here it becomes the branch `notebooks` of the remote, `origin` if none
is named, in place of what was there. Nothing else of the repository changes.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]

BRANCH = "notebooks"  # as casebook.launch has it, which needs the whole environment


def main(root: Path, remote: str) -> str:
    """What stopped it, or nothing."""
    folder = root / "_build/launch"
    if not folder.is_dir():
        return f"there is no {folder.relative_to(root)}: name repository-code in CITATION.cff, and build the site"
    with tempfile.TemporaryDirectory() as scratch:
        about = {"GIT_WORK_TREE": str(folder), "GIT_INDEX_FILE": f"{scratch}/index", "GIT_DIR": str(git_dir(root))}
        who = ["-c", "user.name=casebook", "-c", "user.email=casebook@localhost"]

        def git(*words: str) -> str:
            run = ["git", *who, *words]
            return subprocess.run(
                run, cwd=folder, env=os.environ | about, check=True, capture_output=True, text=True
            ).stdout.strip()

        git("add", "--all", "--force", ".")
        commit = git("commit-tree", git("write-tree"), "-m", f"The notebooks of {git('rev-parse', '--short', 'HEAD')}")
        git("push", "--quiet", "--force", remote, f"{commit}:refs/heads/{BRANCH}")
    return ""


def git_dir(root: Path) -> Path:
    found = subprocess.run(
        ["git", "rev-parse", "--absolute-git-dir"], cwd=root, check=True, capture_output=True, text=True
    )
    return Path(found.stdout.strip())


if __name__ == "__main__":
    sys.exit(main(ROOT, *(sys.argv[1:2] or ["origin"])) or None)
