"""Every script in docs/examples runs, prints something and writes what it promises."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import sklearn
from sklearn.utils.fixes import parse_version

import skmlp

pytest.importorskip("matplotlib")
pytest.importorskip("pandas")

FOLDER = Path(__file__).parents[2] / "docs" / "examples"
SCRIPTS = sorted(FOLDER.glob("*.py"))
# As in the rest of the tests, warnings are errors where all versions are current.
CURRENT = parse_version(sklearn.__version__) >= parse_version("1.9")


def test_there_are_scripts():
    assert len(SCRIPTS) >= 7


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_script(script, tmp_path):
    text = script.read_text(encoding="utf-8")
    docstring = text.split('"""')[1]
    promised = set(re.findall(r"[\w-]+\.png", docstring))
    quick = ["--quick"] if '"--quick"' in text else []
    paths = [str(Path(skmlp.__file__).parent.parent), os.environ.get("PYTHONPATH")]
    done = subprocess.run(
        [
            sys.executable,
            *(["-W", "error"] if CURRENT else []),
            str(script),
            *("--out", str(tmp_path)),
            *quick,
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "MPLBACKEND": "Agg",
        },
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout.strip()
    assert {path.name for path in tmp_path.iterdir()} == promised
    assert all(path.stat().st_size > 5000 for path in tmp_path.iterdir())
