"""Walks through a page as a reader does: runs its documents and commands in order, and compares the answers shown."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.docs.answers import differences, taken
from tests.docs.reading import PROJECT, Block, blocks
from tests.support import token_of
from utils import clock
from wiring import Shop

ADDRESS = "http://127.0.0.1:5000"
# Targets that only call manage.py, and that a shop survives; the others are shown to exist (test_commands.py).
HARMLESS = {"check-stock", "replay-prices", "outbox", "migrate", "seed", "migrate_and_seed", "demo", "create-staff"}


@dataclass
class Tour:
    """A reader with a running shop at `address`; `saved` are the ids copied from answers, and a day."""

    shop: Shop
    address: str
    folder: Path
    saved: dict[str, str] = field(
        default_factory=lambda: {"A_MOMENT_TO_COME": (clock.now() + timedelta(days=7)).isoformat()}
    )

    def walk(self, page: Path) -> list[tuple[Block, list[str]]]:
        """Runs all blocks of the page that are to be run; each with what differs from what the page says."""
        done: list[tuple[Block, list[str]]] = []
        actual: Any = None
        for block in blocks(page):
            if "answer" in block.notes:
                done.append((block, differences(json.loads(block.text), actual)))
            elif block.language == "graphql":
                actual = self._ask(block)
                done.append((block, self._kept(block, actual)))
            elif block.language == "bash" and "run" in block.notes:
                printed, faults = self._run(block.text.replace(ADDRESS, self.address))
                actual = json.loads(printed) if printed.startswith("{") and printed.count("\n") == 0 else None
                done.append((block, faults))
            elif block.language == "bash":
                done.append((block, self._make(block)))
        return done

    def _ask(self, block: Block) -> Any:
        document = block.text
        for name, value in self.saved.items():
            document = document.replace(name, value)
        headers = {"Content-Type": "application/json"}
        if "as" in block.notes:
            headers["Authorization"] = f"Bearer {token_of(self.shop, block.notes['as'])}"
        body = json.dumps({"query": document}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{self.address}/graphql", body, headers)) as answer:
            return json.load(answer)

    def _kept(self, block: Block, actual: Any) -> list[str]:
        """Keeps the ids the block saves; a document without an answer shown must succeed."""
        for saving in filter(None, block.notes.get("saves", "").split(",")):
            name, _, path = saving.partition(":")
            self.saved[name] = taken(actual, path)
        shown = any("answer" in each.notes and each.line > block.line for each in _next(block))
        return [] if shown or "errors" not in actual else [json.dumps(actual["errors"])]

    def _run(self, script: str, standard_input: str = "") -> tuple[str, list[str]]:
        kept = self.folder / "environment"
        kept.touch()
        done = subprocess.run(
            ["sh", "-c", f". {kept}\nset -eua\n{script}\nexport -p > {kept}"],
            cwd=PROJECT,
            env=self.environment(),
            input=standard_input,
            capture_output=True,
            text=True,
            timeout=60,
            start_new_session=True,  # a command that asks for a password must find no terminal
        )
        return done.stdout.strip(), [] if done.returncode == 0 else [f"exit status {done.returncode}: {done.stderr}"]

    def _make(self, block: Block) -> list[str]:
        faults = []
        for command in block.commands:
            target = re.match(r"make ([a-z_-]+)", command)
            if target and target[1] in HARMLESS:
                faults += self._run(_recipe(command), "Market-Demo-2\nMarket-Demo-2\n")[1]
        return faults

    def environment(self) -> dict[str, str]:
        """What a reader's shell has who set the two URLs; curl fails there on 4xx and 5xx."""
        (self.folder / ".curlrc").write_text("fail\n")
        path = [str(Path(sys.executable).parent), os.environ["PATH"]]
        if shutil.which("curl") is None:
            stand_in = self.folder / "curl"
            stand_in.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).with_name("curl.py")} "$@"\n')
            stand_in.chmod(0o755)
            path.insert(0, str(self.folder))
        settings = self.shop.settings
        return {
            "PATH": os.pathsep.join(path),
            "CURL_HOME": str(self.folder),
            "ENVIRONMENT": "test",
            "DATABASE_URL": str(settings.database_url),
            "REDIS_URL": str(settings.redis_url),
        }


def _next(block: Block) -> list[Block]:
    """The block after this one, if there is one."""
    following = [each for each in blocks(block.page) if each.line > block.line]
    return following[:1]


def _recipe(command: str) -> str:
    """What make would run of manage.py, by this interpreter."""
    lines = [line for line in would_run(command).splitlines() if "manage.py" in line]
    return "\n".join(lines).replace(".venv/bin/python", sys.executable)


def would_run(command: str) -> str:
    """What make says it would run; told nothing by the make that runs the tests. Fails for an unknown target."""
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(["sh", "-c", f"{command} -n"], cwd=PROJECT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
