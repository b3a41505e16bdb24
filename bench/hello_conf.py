"""The program's own gunicorn configuration, for the yardstick: all of it but the hook that belongs to the shop."""

import runpy
from pathlib import Path

globals().update(runpy.run_path(str(Path(__file__).resolve().parent.parent / "gunicorn.conf.py")))
del globals()["post_fork"]
