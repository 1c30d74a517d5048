"""The editor's bundle is what its lock file makes: needs npm, and a network or npm's cache."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_bundle_is_made_from_its_lock(tmp_path):
    folder = tmp_path / "theme" / "editor"
    shutil.copytree(ROOT / "book/_theme/editor", folder, ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "theme/casebook/static").mkdir(parents=True)
    for command in (["npm", "ci"], ["npm", "run", "build"]):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    made = tmp_path / "theme/casebook/static/live-editor.js"
    assert made.read_bytes() == (ROOT / "book/_theme/casebook/static/live-editor.js").read_bytes()
