"""Every command of the pages is run by a test or held against the files it names; none may be neither."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from launch.processes import free_port
from manage import manage
from tests.docs.reading import PAGES, PROJECT, README, Block, blocks, prose
from tests.docs.touring import Tour, would_run
from utils.config import VARIABLES
from wiring import Shop

SHELLS = {"bash", "sh", "shell", "console", "zsh"}
COMMANDS = [
    (block, command)
    for page in PAGES
    for block in blocks(page)
    if block.language in SHELLS
    for command in block.commands
]
COMPOSE = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())

# What starts a server or the worker: each is started here, and waited for.
WEB_STARTS = ("python init_db.py && python app.py", "gunicorn app:app", "flask run --debug")
WORKER_START = "celery -A workers.celery_app:celery_app worker --beat --schedule .state/beat-schedule -Q default,mail"


def _is_toured(block: Block, _command: str) -> bool:
    """Run, and its answer compared, by test_tour.py."""
    return "run" in block.notes


def _is_make(_block: Block, command: str) -> bool:
    """A target of the Makefile; the harmless ones are run by test_tour.py."""
    return re.match(r"make [a-z_-]+", command) is not None


def _is_started(_block: Block, command: str) -> bool:
    """Started below."""
    return command in (*WEB_STARTS, WORKER_START)


def _is_preparation(_block: Block, command: str) -> bool:
    """A setting, or the folder that the worker's clock needs."""
    setting = re.fullmatch(r"export ([A-Z_]+)=\S+", command)
    return command == "mkdir -p .state" or (setting is not None and setting[1] in VARIABLES)


def _is_docker(_block: Block, command: str) -> bool:
    """Docker is not everywhere; what it is told is held against the files (tests/shipping holds these)."""
    return command.startswith("docker ")


def _is_console(block: Block, _command: str) -> bool:
    """Run below, and what it prints compared."""
    return block.language == "console"


KINDS: tuple[Callable[[Block, str], bool], ...] = (
    _is_toured,
    _is_make,
    _is_started,
    _is_preparation,
    _is_docker,
    _is_console,
)


@pytest.mark.parametrize(("block", "command"), COMMANDS, ids=str)
def test_every_command_is_tested_somewhere(block: Block, command: str) -> None:
    assert any(kind(block, command) for kind in KINDS), f"{block}: nothing tests `{command}`"


def test_every_start_tried_here_is_one_a_page_names() -> None:
    named = {command for _, command in COMMANDS}

    assert {*WEB_STARTS, WORKER_START} <= named


def _make_targets() -> set[str]:
    in_blocks = {command for block, command in COMMANDS if _is_make(block, command)}
    in_text = {each for page in PAGES for each in re.findall(r"`(?:[A-Z_]+=\S+ )*(make [a-z_-]+)", prose(page))}
    return {command.split()[1] for command in in_blocks | in_text}


@pytest.mark.parametrize("target", sorted(_make_targets()))
def test_every_make_target_is_there_and_explained(target: str) -> None:
    assert would_run(f"make {target} m=x")
    assert target == "help" or re.search(rf"^{target}:.*## \S", (PROJECT / "Makefile").read_text(), re.MULTILINE)


def test_every_command_of_manage_py_in_the_text_is_there() -> None:
    named = {each for page in PAGES for each in re.findall(r"`(?:\S+/)?python manage\.py ([a-z_-]+)", prose(page))}

    assert named
    for name in named:
        assert CliRunner().invoke(manage, [name, "--help"]).exit_code == 0, name


@pytest.mark.parametrize("start", WEB_STARTS)
def test_a_web_server_starts_as_the_page_says(start: str, committing_shop: Shop, tmp_path: Path) -> None:
    port = str(free_port())
    shown = {"PORT": port, "FLASK_RUN_PORT": port}
    with (tmp_path / "log").open("w+") as log:
        process = _started(start, committing_shop, tmp_path, shown, log.fileno())
        try:
            _wait_for(lambda: _status(f"http://127.0.0.1:{port}/health") == 200, process, tmp_path / "log")
        finally:
            _ended(process)


def test_the_worker_starts_as_the_page_says(committing_shop: Shop, tmp_path: Path) -> None:
    command = WORKER_START.replace(".state/", f"{tmp_path}/")
    with (tmp_path / "log").open("w+") as log:
        # Its log goes through the program's own, which tests keep quiet.
        process = _started(command, committing_shop, tmp_path, {"LOG_LEVEL": "INFO"}, log.fileno())
        try:
            _wait_for(lambda: " ready." in (tmp_path / "log").read_text(), process, tmp_path / "log")
        finally:
            _ended(process)


def _started(command: str, shop: Shop, folder: Path, more: dict[str, str], log: int) -> subprocess.Popen[bytes]:
    environment = Tour(shop, "", folder).environment() | more
    return subprocess.Popen(
        ["sh", "-c", command], cwd=PROJECT, env=environment, stdout=log, stderr=log, start_new_session=True
    )


def _wait_for(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while not ready():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return int(answer.status)
    except OSError:
        return 0


def _ended(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(20)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def test_the_refusal_of_a_wrong_setting_reads_as_shown() -> None:
    shown = [block for block in blocks(README) if block.language == "console"]

    assert len(shown) == 1
    first, _, expected = shown[0].text.partition("\n")
    assert first == "$ PORT=http make run"
    assert "manage.py serve" in would_run("make run")
    done = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "PORT": "http"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert done.stderr.strip() == expected.strip()


@pytest.mark.parametrize("command", [command for block, command in COMMANDS if _is_docker(block, command)])
def test_docker_is_told_of_files_and_services_that_are_there(command: str) -> None:
    words = shlex.split(command)
    if words[1] == "compose":
        rest = words[2:]
        if rest[0] == "-f":
            assert (PROJECT / rest[1]).is_file()
            rest = rest[2:]
        assert rest[0] in {"up", "down", "logs", "restart"}
        services = [word for word in rest[1:] if not word.startswith("-")]
        assert set(services) <= set(COMPOSE["services"])
    elif words[1] == "build":
        assert words[2:] == ["-t", "my-app", "."]
        assert (PROJECT / "Dockerfile").is_file()
    else:
        assert words[1:] == ["run", "-d", "-p", "5000:5000", "--env-file", ".env", "my-app"]
        assert "EXPOSE 5000" in (PROJECT / "Dockerfile").read_text()


def test_the_table_of_processes_shows_the_commands_of_the_shipping_files() -> None:
    shown = re.findall(r"^\| [^|`]+ \| `([^`]+)`", README.read_text(), re.MULTILINE)
    free = yaml.safe_load((PROJECT / "render-free.yaml").read_text())["services"][0]["dockerCommand"]
    image = re.findall(r"^CMD (\[.*\])$", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)[-1]

    assert shown == [
        " ".join(yaml.safe_load(image)),
        COMPOSE["services"]["migrate"]["command"],
        COMPOSE["services"]["worker"]["command"],
        free,
    ]
