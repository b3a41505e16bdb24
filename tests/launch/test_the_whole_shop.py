"""`manage.py serve` as a newcomer starts it: an empty folder, no server named, and a shop at the end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from demo.cast import PASSWORD
from launch.processes import free_port
from tests.launch.running import PROJECT, family, read_until, still_alive

NAMED = ("DATABASE_URL", "REDIS_URL", "ENVIRONMENT", "FLASK_ENV", "TEST_DATABASE_URL", "TEST_REDIS_URL")


PEAS = '{ product(by: {slug: "garden-peas"}) { id } }'
ORDER = "mutation($id: String!) { createOrder(input: {items: [{productId: $id, quantity: 2}]}) { number status } }"


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The program as a person starts it; killed at the end if it still runs."""
    command = [sys.executable, "manage.py", "serve"]
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def post(address: str, sent: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with urlopen(Request(address, json.dumps(sent).encode(), headers), timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def test_from_an_empty_folder_to_an_order_and_nothing_is_left(tmp_path: Path) -> None:
    # given an empty folder
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name not in NAMED}
    environment |= {"PORT": str(port), "LOCAL_DATA_DIR": str(tmp_path), "WEB_CONCURRENCY": "1"}
    with serving(environment) as process:
        # when
        told = read_until(process, "dana@example.com     admin")
        children = family(process)
        base = f"http://127.0.0.1:{port}"
        # then
        assert f"The shop is open at {base} (Ctrl-C stops it)." in told
        assert f"{base}/graphql " in told
        with urlopen(f"{base}/health", timeout=10) as answer:
            assert json.load(answer)["status"] == "healthy"
        signed_in = post(f"{base}/auth/login", {"email": "alice@example.com", "password": PASSWORD})
        found = post(f"{base}/graphql", {"query": PEAS})["data"]["product"]
        sent = {"query": ORDER, "variables": {"id": found["id"]}}
        placed = post(f"{base}/graphql", sent, token=signed_in["access_token"])
        assert placed == {"data": {"createOrder": {"number": 10051, "status": "pending"}}}
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    assert still_alive(children, 10) == []
